"""Planned figures: the package's own tidy table, or R4V's wide sheets of people in need and targets."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from rmrp_analysis import pack
from rmrp_analysis.loaders.cells import read_cells
from rmrp_analysis.loaders.header import header_fit, header_key
from rmrp_analysis.loaders.tabular import Loaded, load_cells
from rmrp_analysis.sources import Reading
from rmrp_analysis.tables import Planning, PlanningSheet
from rmrp_analysis.vocabulary import ALL, COUNTRIES, NATIONAL, POPULATION_GROUPS, SECTORS, WITHOUT_PEOPLE, place_key

MEASURE_OF_SHEET = {"pin country": "people_in_need", "target country": "target"}
HEADER_LINE = 1


def load_planning(path: Path, *, year: int, reading: Reading = Reading()) -> Loaded:  # noqa: B008 - frozen
    """The planned figures of a file as ``Planning``; a wide sheet is known by its headers.

    Of a sheet only the ``Country level`` rows are figures: its admin1 rows are their parts and never added to them.
    A sheet lists every country, so one that it does not list for a sector has 0 planned there. People in transit stay a
    group of their own. Raises ``InputRefused`` as ``load_table`` does.
    """
    cells = read_cells(path, lambda row: max(header_fit(row, model) for model in (Planning, PlanningSheet)), reading)
    headers = {header_key(str(header)) for header in cells.columns}
    measures = [measure for header, measure in MEASURE_OF_SHEET.items() if header in headers]
    if not measures:
        return load_cells(cells, path, Planning, year=year, reading=reading)
    sheet = load_cells(cells, path, PlanningSheet, year=year, reading=reading)
    planning = Planning.validate(_tidy(sheet.table, measures[0], path), lazy=True)
    return replace(sheet, table=planning, records={path.name: len(sheet.table)})


def _tidy(sheet: pd.DataFrame, measure: str, path: Path) -> pd.DataFrame:
    keys = zip(sheet["country"], sheet["admin1"], strict=True)
    national = sheet[[place_key(country, admin1) == NATIONAL for country, admin1 in keys]]
    listed = national.melt(
        id_vars=["source_file", "source_line", "country", "sector"],
        value_vars=list(POPULATION_GROUPS),
        var_name="population_group",
    ).dropna(subset="value")
    planned = pd.concat(
        [listed.assign(source=f"{pack.about().name} planning sheet {path.name}"), _not_listed(listed, path)]
    )
    columns = list(Planning.to_schema().columns)
    texts = [column for column in columns if column not in ("source_line", "value")]
    tidy = planned.rename(columns={"country": "scope"}).assign(measure=measure)[columns]
    return tidy.astype(dict.fromkeys(texts, "string[pyarrow]")).reset_index(drop=True)


def _not_listed(listed: pd.DataFrame, path: Path) -> pd.DataFrame:
    sectors = [*(sector for sector in SECTORS if sector not in WITHOUT_PEOPLE), ALL]
    every = pd.MultiIndex.from_product([sectors, COUNTRIES, POPULATION_GROUPS])
    named = pd.MultiIndex.from_frame(listed[["sector", "country", "population_group"]])
    missing = every.difference(named).to_frame(index=False, name=["sector", "country", "population_group"])
    return missing.assign(
        source_file=path.name,
        source_line=HEADER_LINE,
        value=0.0,
        source=f"{pack.about().name} planning sheet {path.name}: not listed",
    )
