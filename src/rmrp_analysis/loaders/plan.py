"""A whole data folder read by its ``sources.yml``."""

from pathlib import Path

import pandas as pd

from rmrp_analysis.loaders.fts import load_plan_funding
from rmrp_analysis.loaders.tabular import Loaded, load_table, merge
from rmrp_analysis.plan import InputFile, Plan
from rmrp_analysis.sources import Source, Sources, load_sources, sha256
from rmrp_analysis.tables import SOURCE_TABLES, ActivitiesWithIndicators
from rmrp_analysis.vocabulary import UNKNOWN_INDICATOR, PlanYear, fold, plan_year


def load_plan(folder: Path | str) -> Plan:
    """Every table of a data folder, valid, with activities joined to their indicators.

    Raises ``InputRefused`` when a file is missing, damaged, not the one described or lacks columns; a single row that
    cannot be used is refused alone and kept in ``Plan.refused``.
    """
    folder = Path(folder)
    sources = load_sources(folder)
    year = plan_year(sources.plan)
    funding = load_plan_funding([folder / name for name in sources.funding.names], plan_id=year.fts_plan_id)
    loaded = {
        name: funding.rows if name == "funding" else _load(name, source, folder, year)
        for name, source in sources.items()
    }
    return Plan(
        title=sources.title,
        year=year,
        activities=with_indicators(loaded["activities"].table, loaded["indicators"].table),
        planning=loaded["planning"].table,
        funding_flows=None if funding.flows is None else funding.flows.table,
        funding_totals=None if funding.totals is None else funding.totals.table,
        sources=dict(sources.items()),
        inputs=tuple(_inputs(folder, sources, loaded)),
        faults=pd.concat([part.faults for part in loaded.values()], ignore_index=True),
        refused={name: part.refused for name, part in loaded.items() if len(part.refused)},
    )


def with_indicators(activities: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """Each activity with the code and type of its indicator, by sector and folded text; no row is lost or doubled.

    An activity whose indicator is not in the table keeps an empty code and the type ``unknown``.
    """
    keyed = indicators.assign(key=_indicator_key(indicators)).drop_duplicates("key").set_index("key")
    keys = _indicator_key(activities)
    return ActivitiesWithIndicators.validate(
        activities.assign(
            indicator_code=keys.map(keyed["indicator_code"]).fillna("").astype("string[pyarrow]"),
            indicator_type=keys.map(keyed["indicator_type"]).fillna(UNKNOWN_INDICATOR).astype("string[pyarrow]"),
        )
    )


def _indicator_key(table: pd.DataFrame) -> pd.Series:
    folded = {text: fold(text) for text in table["indicator"].unique()}
    return table["sector"].astype("str") + "\n" + table["indicator"].map(folded).astype("str")


def _load(name: str, source: Source, folder: Path, year: PlanYear) -> Loaded:
    paths = [folder / file_name for file_name in source.names]
    model = SOURCE_TABLES[name]
    return merge([load_table(path, model, year=year.year, indicator_types=year.indicator_types) for path in paths])


def _inputs(folder: Path, sources: Sources, loaded: dict[str, Loaded]) -> list[InputFile]:
    return [
        InputFile(
            name=name,
            path=folder / file_name,
            sha256=sha256(folder / file_name),
            rows=int((loaded[name].table["source_file"] == Path(file_name).name).sum()),
            rows_refused=int((loaded[name].refused["file"] == Path(file_name).name).sum()),
        )
        for name, source in sources.items()
        for file_name in source.names
    ]
