"""Planned figures: the package's own tidy table, or R4V's wide sheets of people in need and targets."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from rmrp_analysis.loaders.header import header_fit, header_key
from rmrp_analysis.loaders.read import read
from rmrp_analysis.loaders.table import Loaded, fault_rows, list_refused_rows, values, ways_written
from rmrp_analysis.packs import pack
from rmrp_analysis.sources import Reading
from rmrp_analysis.tables import Planning, PlanningSheet
from rmrp_analysis.vocabulary import ALL, NATIONAL_PLACE_KEY, POPULATION_GROUPS, place_key, plan_lists

MEASURE_BY_HEADER = {"pin country": "people_in_need", "target country": "target"}
"""The measure of a wide planning sheet, by the header that shows it (see ``header_key``)."""
HEADER_LINE_NUMBER = 1
"""The source line of figures that a sheet does not list."""
SECTOR_COUNTRY_COLUMNS = ["sector", "country"]


def _find_unlisted_figures(country_figure_rows: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each figure of a country that a sheet does not list.

    The result and ``country_figure_rows`` have the columns ``sector``, ``country`` and ``population_group``.
    """
    sectors = [*(sector for sector in plan_lists().sectors if sector not in plan_lists().without_people), ALL]
    figures = pd.MultiIndex.from_product([sectors, plan_lists().countries, POPULATION_GROUPS])
    columns = [*SECTOR_COUNTRY_COLUMNS, "population_group"]
    listed = pd.MultiIndex.from_frame(country_figure_rows[columns])
    return figures.difference(listed).to_frame(index=False, name=columns)


def load_planning(path: Path, *, year: int, reading: Reading = Reading()) -> Loaded:  # noqa: B008 - frozen
    """Return the planned figures of a file as ``Planning``. A wide sheet is recognised by its headers.

    ``admin1`` and ``pcode`` are empty in the rows of whole scopes. The scope of an admin1's row is its country: it is
    part of the country's figure, and never added to it. A wide sheet lists every country. A figure of a country that it
    does not list, or leaves empty, is 0 (``source`` ends with "not listed"). An empty cell of an admin1 is also 0, if
    its row has a number. If a sector and country has no ``Country level`` row, but rows of admin1 or a refused one, the
    country's figure is not known. People in transit stay a separate group. Raises ``InputRefused`` as ``load_table``
    does.
    """
    texts = read(path, lambda row: max(header_fit(row, table) for table in (Planning, PlanningSheet)), reading)
    headers = {header_key(str(header)) for header in texts.table.columns}
    measures = [measure for header, measure in MEASURE_BY_HEADER.items() if header in headers]
    table = PlanningSheet if measures else Planning
    ways = ways_written([texts], path, table, year=year, reading=reading)
    loaded = values(texts, path, table, year=year, ways=ways)
    if not measures:
        return _assign_places(loaded, texts.table, path)
    sheet = PlanningSheet.set_types(loaded.table)
    source = f"{pack.about().name} planning sheet {path.name}"
    keys = [place_key(*pair) for pair in zip(sheet["country"], sheet["admin1"], strict=True)]
    is_national = pd.Series(keys, sheet.index) == NATIONAL_PLACE_KEY
    groups = list(POPULATION_GROUPS)
    national = _melt_groups(sheet[is_national]).dropna(subset="value").assign(admin1=NATIONAL_PLACE_KEY, source=source)
    places = sheet[~is_national].dropna(subset=groups, how="all").fillna(dict.fromkeys(groups, 0.0))
    # A figure that is not listed is 0, unless the sheet lists admin1 of its country, or the country's row is refused
    unknown = {*_pairs(sheet[~is_national]), *_pairs(loaded.refused_values)} - {*_pairs(sheet[is_national])}
    unlisted = _find_unlisted_figures(national)
    unlisted = unlisted[~_pairs(unlisted).isin(list(unknown))].assign(
        source_file=path.name,
        source_line=HEADER_LINE_NUMBER,
        value=0.0,
        admin1=NATIONAL_PLACE_KEY,
        source=f"{source}: not listed",
    )
    planned = pd.concat([national, _melt_groups(places).assign(source=source), unlisted], ignore_index=True)
    planned, refused = (
        Planning.set_types(rows.rename(columns={"country": "scope"}).assign(measure=measures[0], pcode=""))
        for rows in (planned, _list_refused_groups(loaded.refused_values, source))
    )
    return replace(loaded, table=planned, refused_values=refused, records={path.name: len(sheet)})


def _assign_places(loaded: Loaded, cells: pd.DataFrame, path: Path) -> Loaded:
    """Return the tidy table with each admin1's country as scope, and ``NATIONAL_PLACE_KEY`` as admin1 of whole scopes.

    Rows of an admin1 without a country, or with money, are refused.
    """
    planning, refused = _name_places(loaded.table), _name_places(loaded.refused_values)
    is_local = (planning["admin1"] != NATIONAL_PLACE_KEY) | (planning["pcode"] != "")
    is_unplaced = is_local & ~planning["scope"].isin(list(plan_lists().countries))
    is_money = is_local & (planning["measure"] == "requirement_usd")
    checks = (
        (is_unplaced, "scope", "not_country", "the country of the admin1"),
        (is_money, "measure", "not_by_admin1", "people_in_need or target: money is planned for whole countries"),
    )
    tables = [
        fault_rows(path.name, planning["source_line"][is_bad], column, check, planning[column][is_bad], allowed)
        for is_bad, column, check, allowed in checks
    ]
    faults = pd.concat(tables, ignore_index=True)
    return replace(
        loaded,
        table=planning[~(is_unplaced | is_money)].reset_index(drop=True),
        refused=pd.concat([loaded.refused, list_refused_rows(faults, cells)], ignore_index=True),
        refused_values=refused,
        faults=pd.concat([loaded.faults, faults], ignore_index=True),
    )


def _name_places(table: pd.DataFrame) -> pd.DataFrame:
    """Return planning with each admin1's country as scope, and ``NATIONAL_PLACE_KEY`` as admin1 of whole scopes."""
    if table.empty:
        return Planning.empty()
    planning = Planning.set_types(table)
    single = {name: countries[0] for name, countries in plan_lists().platforms.items() if len(countries) == 1}
    country = planning["scope"].map(single).astype("string").fillna(planning["scope"])
    pairs = zip(country, planning["admin1"], strict=True)
    is_national = pd.Series([place_key(*pair) == NATIONAL_PLACE_KEY for pair in pairs], planning.index, dtype="bool")
    is_local = ~is_national | (planning["pcode"] != "")
    return planning.assign(
        scope=planning["scope"].mask(is_local, country), admin1=planning["admin1"].mask(is_national, NATIONAL_PLACE_KEY)
    )


def _list_refused_groups(rows: pd.DataFrame, source: str) -> pd.DataFrame:
    """Return the rows of a wide sheet that are refused as ``_melt_groups`` does, with places named."""
    if rows.empty:
        return _melt_groups(PlanningSheet.empty()).assign(source=source)
    sheet = PlanningSheet.set_types(rows)
    keys = [place_key(*pair) for pair in zip(sheet["country"], sheet["admin1"], strict=True)]
    is_national = pd.Series(keys, sheet.index) == NATIONAL_PLACE_KEY
    return _melt_groups(sheet.assign(admin1=sheet["admin1"].mask(is_national, NATIONAL_PLACE_KEY), source=source))


def _melt_groups(sheet: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each row and population group of a wide sheet, in ``population_group`` and ``value``."""
    return sheet.melt(
        id_vars=[column for column in sheet if column not in POPULATION_GROUPS],
        value_vars=list(POPULATION_GROUPS),
        var_name="population_group",
    )


def _pairs(rows: pd.DataFrame) -> pd.MultiIndex:
    """Return the sector and country of each row as an index."""
    return pd.MultiIndex.from_frame(rows[SECTOR_COUNTRY_COLUMNS].astype("str"))
