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
"""What is said where neither a list nor the activities tell whose beneficiaries count."""


def load_plan(folder: Path | str, sources: Sources | None = None, *, project: Path | None = None) -> Plan:
    """Load every table of a data folder, valid, with activities joined to their indicators and places.

    ``sources`` say what lies there in place of its ``sources.yml``; without them, a plan kept for the folder is
    returned while its files are as they were. The rounding key is looked for above ``project`` first, the folder of a
    parameter file, then above the data; ``project`` is not used with ``sources``.
    Raises ``InputRefused`` when a file is missing, damaged, not the one described or lacks columns, ``RequestError``
    for an unknown plan year; a single row that cannot be used is refused alone and kept in ``Plan.refused``. A folder
    without planning or funding gives a plan whose figures of that kind are not known.
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
        # While the files are read
        checksums = thread.map(sha256, [path for _, path in files])
        loaded, funding = _load_inputs(folder, sources, year)
    tables = {
        name: TABLE_BY_INPUT[name].set_types(loaded_input.table)
        for name, loaded_input in loaded.items()
        if name not in ("activities", "funding")
    }
    sent_activities = loaded["activities"].table
    tables["indicators"] = _indicators(sources, tables, sent_activities, year)
    indicator_table, admin1_table = tables["indicators"], tables.get("admin1")
    joined_activities, join_audits = join_activities(sent_activities, indicator_table, admin1_table, year=year)
    planning = tables.get("planning", Planning.empty())
    is_of_scope = (planning["admin1"] == NATIONAL_PLACE_KEY) & (planning["pcode"] == "")
    return Plan(
        title=sources.title,
        year=year,
        activities=joined_activities,
        refused_activities=list_refused_activities(
            loaded["activities"], joined_activities, indicator_table, admin1_table, year=year
        ),
        planning=planning[is_of_scope].reset_index(drop=True),
        planned_places=join_planning(planning[~is_of_scope].reset_index(drop=True), admin1_table),
        funding_flows=None if funding.flows is None else funding.flows.table,
        funding_totals=None if funding.totals is None else funding.totals.table,
        proportions={
            share_basis: join_proportions(tables[f"{share_basis}_proportions"], admin1_table)
            for share_basis in ("people_in_need", "target")
            if f"{share_basis}_proportions" in tables
        },
        joins=join_audits,
        sources=sources_of,
        inputs=_input_files(files, checksums, loaded, funding, sources_of),
        faults=_list_faults(loaded),
        refused={name: loaded_input.not_used for name, loaded_input in loaded.items() if len(loaded_input.not_used)},
        references={name: tables[name] for name in REFERENCE_TABLE_NAMES if name in tables},
        secret=secret_of(folder),
        period=Period.parse(year.year),
    )


def _list_faults(loaded_inputs: Mapping[str, Loaded]) -> pd.DataFrame:
    """Return the faults of all inputs: ``FAULT_COLUMNS``, and ``input``, the name of the input in ``sources.yml``."""
    fault_tables = [loaded_input.faults.assign(input=input_name) for input_name, loaded_input in loaded_inputs.items()]
    return pd.concat(fault_tables, ignore_index=True)


def _load_inputs(folder: Path, sources: Sources, year: PlanYear) -> tuple[dict[str, Loaded], Funding]:
    """Return the files of every input as loaded tables, by its name in ``sources.yml``, and the funding apart."""
    funding = Funding(None, None)
    if sources.funding:
        funding_paths = [folder / file_name for file_name in sources.funding.names]
        funding = load_plan_funding(funding_paths, plan_id=year.fts_plan_id, reading=sources.funding)
    loaded_table_by_input = {
        input_name: funding.rows if input_name == "funding" else _load_input(input_name, input_source, folder, year)
        for input_name, input_source in sources.items()
    }
    return loaded_table_by_input, funding


def _load_input(name: str, source: Source, folder: Path, year: PlanYear) -> Loaded:
    """Load all files of one input of ``sources.yml``; of activities, without the reports that another file replaces."""
    paths = [folder / file_name for file_name in source.names]
    if name == "activities":
        table_declaration = TABLE_BY_INPUT[name]
        loaded_table_by_file = {
            file_path.name: whole(batches(file_path, table_declaration, year=year.year, reading=source), year)
            for file_path in paths
        }
        return merge(without_replaced(loaded_table_by_file, source))
    load = load_planning if name == "planning" else partial(load_table, table=TABLE_BY_INPUT[name])
    return merge([load(file_path, year=year.year, reading=source) for file_path in paths])


def _indicators(
    sources: Sources, tables: Mapping[str, pd.DataFrame], activities: pd.DataFrame, year: PlanYear
) -> pd.DataFrame:
    """Return the list of indicators: that of the folder with ``other_names``, else what the activities say of them.

    Raises ``InputRefused`` where neither is there.
    """
    if sources.indicators:
        return with_other_names(tables["indicators"], sources.indicators.other_names)
    stated_indicator_rows = list_stated_indicators(activities, year)
    if stated_indicator_rows.empty:
        raise InputRefused(NO_INDICATOR_LIST_MESSAGE.format(name=pack.about().name))
    return stated_indicator_rows


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
    tables_by_input = {input_name: [loaded_input.table] for input_name, loaded_input in loaded.items()}
    tables_by_input["funding"] = [
        loaded_input.table for loaded_input in (funding.flows, funding.totals) if loaded_input
    ]
    input_count_by_path = Counter(file_path for _, file_path in files)
    return tuple(
        InputFile(
            name=input_name,
            path=file_path,
            sha256=checksum,
            rows=loaded[input_name].count_used(file_path.name),
            rows_refused=int((loaded[input_name].not_used["file"] == file_path.name).sum()),
            sheet=loaded[input_name].sheets.get(file_path.name, sources_of[input_name].sheet),
            content=_content(tables_by_input[input_name], file_path.name) if input_count_by_path[file_path] > 1 else "",
        )
        for (input_name, file_path), checksum in zip(files, checksums, strict=True)
    )


def _content(tables: Sequence[pd.DataFrame], file: str) -> str:
    """Return the sha256 of the rows that a file gives."""
    rows = [table[table["source_file"] == file].astype("str") for table in tables]
    hashes = [pd.util.hash_pandas_object(part, index=False).to_numpy() for part in rows]
    return hashlib.sha256(b"".join(row_hashes.tobytes() for row_hashes in hashes)).hexdigest()
