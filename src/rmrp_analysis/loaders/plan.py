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
from rmrp_analysis.loaders.planned_values import refuse_impossible, unknown_figures
from rmrp_analysis.loaders.planning import load_planning
from rmrp_analysis.loaders.refused import list_refused_activities
from rmrp_analysis.loaders.table import Loaded, batches, load_table, merge, whole
from rmrp_analysis.metrics.rounding_key import secret_of
from rmrp_analysis.packs import pack
from rmrp_analysis.plan import InputFile, Plan, kept_plan
from rmrp_analysis.sources import Source, Sources, load_sources, sha256
from rmrp_analysis.tables import TABLE_BY_INPUT, Planning
from rmrp_analysis.vocabulary import NATIONAL_PLACE_KEY, PlanYear, plan_year

REFERENCE_TABLE_NAMES = (
    *("indicators", "admin1", "admin2", "appealing_organisations", "implementing_partners"),
    *("age_gender_proportions", "corrections"),
)
"""Lists that activities are joined to, checked or repaired by."""
NO_INDICATOR_LIST_MESSAGE = (
    "'indicators' is missing: the list says whose beneficiaries count, and the activities do not say it themselves. "
    "{name} gives it with the reporting template of each year (code, sector, indicator, type); save it in this folder "
    "and name it in sources.yml"
)
"""The message if neither a list nor the activities say which beneficiaries count."""


def load_plan(folder: Path | str, sources: Sources | None = None, *, project: Path | None = None) -> Plan:
    """Load every table of a data folder, valid, with activities joined to their indicators and places.

    ``sources`` replace the folder's ``sources.yml``. Without them, a cached plan is returned as long as the files of
    the folder do not change. The rounding key is searched first above ``project``, the folder of a parameter file, then
    above the data. ``project`` is not used with ``sources``. Raises ``InputRefused`` when a file is missing, damaged,
    not the one described or lacks columns, and ``RequestError`` for an unknown plan year. A single row that cannot be
    used is kept in ``Plan.refused``. Without planning or funding, the plan's figures of that kind are not known.
    """
    if sources:
        return _read(Path(folder), sources)
    plan = kept_plan(folder) or _read(Path(folder), load_sources(Path(folder)))
    secret = secret_of(Path(folder), project) if project else plan.secret
    return plan if secret == plan.secret else replace(plan, secret=secret)


def _read(folder: Path, sources: Sources) -> Plan:
    """Read every file that ``sources`` name, join activities to their lists, and make the plan."""
    year, inputs = plan_year(sources.plan), dict(sources.items())
    files = [(name, folder / file) for name, source in inputs.items() for file in source.names]
    with ThreadPoolExecutor(1) as thread:
        # While the files are read
        checksums = thread.map(sha256, [path for _, path in files])
        loaded, funding = _load_inputs(folder, sources, year)
    tables = {
        name: TABLE_BY_INPUT[name].set_types(result.table)
        for name, result in loaded.items()
        if name not in ("activities", "funding")
    }
    rows = loaded["activities"].table
    tables["indicators"] = _indicators(sources, tables, rows, year)
    indicators, admin1 = tables["indicators"], tables.get("admin1")
    activities, audits = join_activities(rows, indicators, admin1, year=year)
    planning = tables.get("planning", Planning.empty())
    if "planning" in loaded:
        planning = pd.concat([planning, unknown_figures(loaded["planning"])], ignore_index=True)
    is_scope = (planning["admin1"] == NATIONAL_PLACE_KEY) & (planning["pcode"] == "")
    return Plan(
        title=sources.title,
        year=year,
        activities=activities,
        refused_activities=list_refused_activities(loaded["activities"], activities, indicators, admin1, year=year),
        planning=planning[is_scope].reset_index(drop=True),
        planned_places=join_planning(planning[~is_scope].reset_index(drop=True), admin1),
        funding_flows=None if funding.flows is None else funding.flows.table,
        funding_totals=None if funding.totals is None else funding.totals.table,
        proportions={
            basis: join_proportions(tables[f"{basis}_proportions"], admin1)
            for basis in ("people_in_need", "target")
            if f"{basis}_proportions" in tables
        },
        joins=audits,
        sources=inputs,
        inputs=_input_files(files, checksums, loaded, funding, inputs),
        faults=pd.concat([result.faults.assign(input=name) for name, result in loaded.items()], ignore_index=True),
        refused={name: result.not_used for name, result in loaded.items() if len(result.not_used)},
        references={name: tables[name] for name in REFERENCE_TABLE_NAMES if name in tables},
        secret=secret_of(folder),
        period=Period.parse(year.year),
    )


def _load_inputs(folder: Path, sources: Sources, year: PlanYear) -> tuple[dict[str, Loaded], Funding]:
    """Return the loaded files of every input by its name in ``sources.yml``, and the funding."""
    funding = Funding(None, None)
    if sources.funding:
        paths = [folder / file for file in sources.funding.names]
        funding = load_plan_funding(paths, plan_id=year.fts_plan_id, reading=sources.funding)
    loaded = {
        name: funding.rows if name == "funding" else _load_input(name, source, folder, year)
        for name, source in sources.items()
    }
    return loaded, funding


def _load_input(name: str, source: Source, folder: Path, year: PlanYear) -> Loaded:
    """Load all files of one input of ``sources.yml``, without the activities that another file replaces."""
    paths = [folder / file for file in source.names]
    if name == "activities":
        table = TABLE_BY_INPUT[name]
        parts = {path.name: whole(batches(path, table, year=year.year, reading=source), year) for path in paths}
        return merge(without_replaced(parts, source))
    load = load_planning if name == "planning" else partial(load_table, table=TABLE_BY_INPUT[name])
    merged = merge([load(path, year=year.year, reading=source) for path in paths])
    return refuse_impossible(merged) if name == "planning" else merged


def _indicators(
    sources: Sources, tables: Mapping[str, pd.DataFrame], activities: pd.DataFrame, year: PlanYear
) -> pd.DataFrame:
    """Return the folder's list of indicators with ``other_names``, or the indicators that activities state.

    Raises ``InputRefused`` without either.
    """
    if sources.indicators:
        return with_other_names(tables["indicators"], sources.indicators.other_names)
    rows = list_stated_indicators(activities, year)
    if rows.empty:
        raise InputRefused(NO_INDICATOR_LIST_MESSAGE.format(name=pack.about().name))
    return rows


def _input_files(
    files: Sequence[tuple[str, Path]],
    checksums: Iterable[str],
    loaded: Mapping[str, Loaded],
    funding: Funding,
    sources_of: Mapping[str, Source],
) -> tuple[InputFile, ...]:
    """Return each file that was read with its checksum, sheet, and counts of used and refused rows.

    ``files`` are the names of inputs with their paths. ``content`` is set for files that several inputs share.
    """
    tables = {name: [result.table] for name, result in loaded.items()}
    tables["funding"] = [result.table for result in (funding.flows, funding.totals) if result]
    uses = Counter(path for _, path in files)
    return tuple(
        InputFile(
            name=name,
            path=path,
            sha256=checksum,
            rows=loaded[name].count_used(path.name),
            rows_refused=int((loaded[name].not_used["file"] == path.name).sum()),
            sheet=loaded[name].sheets.get(path.name, sources_of[name].sheet),
            content=_content(tables[name], path.name) if uses[path] > 1 else "",
        )
        for (name, path), checksum in zip(files, checksums, strict=True)
    )


def _content(tables: Sequence[pd.DataFrame], file: str) -> str:
    """Return the sha256 of a file's rows."""
    rows = [table[table["source_file"] == file].astype("str") for table in tables]
    hashes = [pd.util.hash_pandas_object(part, index=False).to_numpy() for part in rows]
    return hashlib.sha256(b"".join(part.tobytes() for part in hashes)).hexdigest()
