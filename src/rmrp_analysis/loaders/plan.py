"""A whole data folder read by its ``sources.yml``."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd

from rmrp_analysis.coded import coded
from rmrp_analysis.loaders.fts import Funding, load_plan_funding
from rmrp_analysis.loaders.joins import join_activities, join_planning, join_proportions
from rmrp_analysis.loaders.planning import load_planning
from rmrp_analysis.loaders.tabular import Loaded, load_table, merge
from rmrp_analysis.plan import InputFile, Plan, categorical, kept_plan
from rmrp_analysis.sources import Source, Sources, load_sources, sha256
from rmrp_analysis.tables import OPTIONAL_ACTIVITY_COLUMNS, SOURCE_TABLES, Planning
from rmrp_analysis.vocabulary import NATIONAL, PlanYear, plan_year

REFERENCES = (
    "indicators",
    "admin1",
    "admin2",
    "appealing_organisations",
    "implementing_partners",
    "age_gender_proportions",
    "corrections",
)
"""Lists that figures are not made from, but that activities are checked and repaired by."""


def load_plan(folder: Path | str, sources: Sources | None = None) -> Plan:
    """Every table of a data folder, valid, with activities joined to their indicators and places.

    ``sources`` say what lies there in place of its ``sources.yml``.
    Raises ``InputRefused`` when a file is missing, damaged, not the one described or lacks columns; a single row that
    cannot be used is refused alone and kept in ``Plan.refused``. A folder without planning or funding gives a plan
    whose figures of that kind are not known.
    """
    if sources:
        return _read(Path(folder), sources)
    return kept_plan(folder) or _read(Path(folder), load_sources(Path(folder)))


def _read(folder: Path, sources: Sources) -> Plan:
    year = plan_year(sources.plan)
    files = [(name, folder / file_name) for name, source in sources.items() for file_name in source.names]
    with ThreadPoolExecutor(1) as thread:
        checksums = thread.map(sha256, [path for _, path in files])  # while the files are read
        funding = Funding(None, None)
        if sources.funding:
            funding = load_plan_funding(
                [folder / name for name in sources.funding.names], plan_id=year.fts_plan_id, reading=sources.funding
            )
        loaded = {
            name: funding.rows if name == "funding" else _load(name, source, folder, year)
            for name, source in sources.items()
        }
    tables = {name: part.table for name, part in loaded.items() if name != "activities"}
    activities, joins = join_activities(
        coded(loaded["activities"].held), tables["indicators"], tables.get("admin1"), year=year
    )
    planning = tables.get("planning", Planning.empty())
    whole = (planning["admin1"] == NATIONAL) & (planning["pcode"] == "")
    return Plan(
        title=sources.title,
        year=year,
        activities=categorical(activities.table()),
        planning=planning[whole].reset_index(drop=True),
        planned_places=join_planning(planning[~whole].reset_index(drop=True), tables.get("admin1")),
        funding_flows=None if funding.flows is None else funding.flows.table,
        funding_totals=None if funding.totals is None else funding.totals.table,
        proportions={
            made_from: join_proportions(tables[f"{made_from}_proportions"], tables.get("admin1"))
            for made_from in ("people_in_need", "target")
            if f"{made_from}_proportions" in tables
        },
        joins=joins,
        sources=dict(sources.items()),
        inputs=tuple(
            InputFile(
                name=name,
                path=path,
                sha256=checksum,
                rows=loaded[name].used(path.name),
                rows_refused=int((loaded[name].refused["file"] == path.name).sum()),
                sheet=loaded[name].sheets.get(path.name, ""),
            )
            for (name, path), checksum in zip(files, checksums, strict=True)
        ),
        faults=pd.concat([part.faults for part in loaded.values()], ignore_index=True),
        refused={name: part.refused for name, part in loaded.items() if len(part.refused)},
        references={name: tables[name] for name in REFERENCES if name in tables},
    )


def _load(name: str, source: Source, folder: Path, year: PlanYear) -> Loaded:
    paths = [folder / file_name for file_name in source.names]
    if name == "planning":
        return merge([load_planning(path, year=year.year, reading=source) for path in paths])
    of_activities = name == "activities"
    layout = sorted(OPTIONAL_ACTIVITY_COLUMNS - year.columns_not_reported) if of_activities else ()
    words = {spelling: year.indicator_types[word] for spelling, word in year.indicator_words.items()}
    return merge(
        [
            load_table(
                path,
                SOURCE_TABLES[name],
                year=year.year,
                reading=source,
                indicator_types=words,
                expected=layout,
                not_reported=sorted(year.columns_not_reported) if of_activities else (),
            )
            for path in paths
        ]
    )
