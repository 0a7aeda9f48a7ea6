"""A whole data folder read by its ``sources.yml``."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from rmrp_analysis.arguments import Period
from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.fts import Funding, load_plan_funding
from rmrp_analysis.loaders.indicators import list_stated_indicators, with_other_names
from rmrp_analysis.loaders.joins import join_activities, join_planning, join_proportions
from rmrp_analysis.loaders.overlap import without_replaced
from rmrp_analysis.loaders.planning import load_planning
from rmrp_analysis.loaders.refused import list_refused_activities
from rmrp_analysis.loaders.table import Loaded, batches, load_table, merge, whole
from rmrp_analysis.metrics.rounding_key import secret_of
from rmrp_analysis.packs import pack
from rmrp_analysis.plan import InputFile, Plan, kept_plan
from rmrp_analysis.sources import Source, Sources, load_sources, sha256
from rmrp_analysis.tables import SOURCE_TABLES, Planning
from rmrp_analysis.vocabulary import NATIONAL, PlanYear, plan_year

REFERENCES = (
    *("indicators", "admin1", "admin2", "appealing_organisations", "implementing_partners"),
    *("age_gender_proportions", "corrections"),
)
"""Lists that figures are not made from, but that activities are checked and repaired by."""
NO_LIST = (
    "'indicators' is missing: the list says whose beneficiaries count, and the activities do not say it themselves. "
    "{name} gives it with the reporting template of each year (code, sector, indicator, type); save it in this folder "
    "and name it in sources.yml"
)


def load_plan(folder: Path | str, sources: Sources | None = None, *, project: Path | None = None) -> Plan:
    """Load every table of a data folder, valid, with activities joined to their indicators and places.

    ``sources`` say what lies there in place of its ``sources.yml``. The rounding key is looked for above ``project``
    first, the folder of a parameter file, then above the data.
    Raises ``InputRefused`` when a file is missing, damaged, not the one described or lacks columns; a single row that
    cannot be used is refused alone and kept in ``Plan.refused``. A folder without planning or funding gives a plan
    whose figures of that kind are not known.
    """
    if sources:
        return _read(Path(folder), sources)
    plan = kept_plan(folder) or _read(Path(folder), load_sources(Path(folder)))
    secret = secret_of(Path(folder), project) if project else plan.secret
    return plan if secret == plan.secret else replace(plan, secret=secret)


def _read(folder: Path, sources: Sources) -> Plan:
    """Read every file that ``sources`` name, join activities to their lists, and make the plan."""
    year, sources_of = plan_year(sources.plan), dict(sources.items())
    files = [(name, folder / file_name) for name, source in sources_of.items() for file_name in source.names]
    with ThreadPoolExecutor(1) as thread:
        checksums = thread.map(sha256, [path for _, path in files])  # while the files are read
        funding = Funding(None, None)
        if sources.funding:
            paths = [folder / name for name in sources.funding.names]
            funding = load_plan_funding(paths, plan_id=year.fts_plan_id, reading=sources.funding)
        loaded = {
            name: funding.rows if name == "funding" else _load_input(name, source, folder, year)
            for name, source in sources_of.items()
        }
    tables = {
        name: SOURCE_TABLES[name].set_types(part.table)
        for name, part in loaded.items()
        if name not in ("activities", "funding")
    }
    tables["indicators"] = _indicators(sources, tables, loaded["activities"].table, year)
    indicators, admin1 = tables["indicators"], tables.get("admin1")
    activities, joins = join_activities(loaded["activities"].table, indicators, admin1, year=year)
    funding_tables = [part.table for part in (funding.flows, funding.totals) if part]
    tables_read = {name: funding_tables if name == "funding" else [part.table] for name, part in loaded.items()}
    planning = tables.get("planning", Planning.empty())
    is_of_scope = (planning["admin1"] == NATIONAL) & (planning["pcode"] == "")
    return Plan(
        title=sources.title,
        year=year,
        activities=activities,
        refused_activities=list_refused_activities(loaded["activities"], activities, indicators, admin1, year=year),
        planning=planning[is_of_scope].reset_index(drop=True),
        planned_places=join_planning(planning[~is_of_scope].reset_index(drop=True), admin1),
        funding_flows=None if funding.flows is None else funding.flows.table,
        funding_totals=None if funding.totals is None else funding.totals.table,
        proportions={
            made_from: join_proportions(tables[f"{made_from}_proportions"], admin1)
            for made_from in ("people_in_need", "target")
            if f"{made_from}_proportions" in tables
        },
        joins=joins,
        sources=sources_of,
        inputs=_input_files(files, checksums, loaded, tables_read, sources_of),
        faults=pd.concat([part.faults for part in loaded.values()], ignore_index=True),
        refused={name: part.not_used for name, part in loaded.items() if len(part.not_used)},
        references={name: tables[name] for name in REFERENCES if name in tables},
        secret=secret_of(folder),
        period=Period.parse(year.year),
    )


def _load_input(name: str, source: Source, folder: Path, year: PlanYear) -> Loaded:
    """Load all files of one input of ``sources.yml``; of activities, without the reports that another file replaces."""
    paths = [folder / file_name for file_name in source.names]
    if name == "activities":
        table = SOURCE_TABLES[name]
        parts = {path.name: whole(batches(path, table, year=year.year, reading=source), year) for path in paths}
        return merge(without_replaced(parts, source))
    load = load_planning if name == "planning" else partial(load_table, table=SOURCE_TABLES[name])
    return merge([load(path, year=year.year, reading=source) for path in paths])


def _indicators(
    sources: Sources, tables: Mapping[str, pd.DataFrame], activities: pd.DataFrame, year: PlanYear
) -> pd.DataFrame:
    """Return the list of indicators: that of the folder, else what the activities themselves say of them.

    Raises ``InputRefused`` where neither is there.
    """
    if sources.indicators:
        return with_other_names(tables["indicators"], sources.indicators.other_names)
    indicators = list_stated_indicators(activities, year)
    if indicators.empty:
        raise InputRefused(NO_LIST.format(name=pack.about().name))
    return indicators


def _input_files(
    files: Sequence[tuple[str, Path]],
    checksums: Iterable[str],
    loaded: Mapping[str, Loaded],
    tables_read: Mapping[str, Sequence[pd.DataFrame]],
    sources_of: Mapping[str, Source],
) -> tuple[InputFile, ...]:
    """Return what is known of each file that was read; ``files`` are the names of inputs with their paths."""
    inputs_of = Counter(path for _, path in files)
    return tuple(
        InputFile(
            name=name,
            path=path,
            sha256=checksum,
            rows=loaded[name].count_used(path.name),
            rows_refused=int((loaded[name].not_used["file"] == path.name).sum()),
            sheet=loaded[name].sheets.get(path.name, sources_of[name].sheet),
            content=_content(tables_read[name], path.name) if inputs_of[path] > 1 else "",
        )
        for (name, path), checksum in zip(files, checksums, strict=True)
    )


def _content(tables: Sequence[pd.DataFrame], file: str) -> str:
    """Return the sha256 of the rows that a file gives."""
    rows = [table[table["source_file"] == file].astype("str") for table in tables]
    hashes = [pd.util.hash_pandas_object(part, index=False).to_numpy() for part in rows]
    return hashlib.sha256(b"".join(part.tobytes() for part in hashes)).hexdigest()
