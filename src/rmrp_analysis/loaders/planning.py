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
"""The measure of a wide planning sheet, by the header that tells it (see ``header_key``)."""
HEADER_LINE_NUMBER = 1
"""The source line of figures that a sheet does not list: that of its header."""
SECTOR_COUNTRY_COLUMNS = ["sector", "country"]
"""The columns of a planning sheet with the sector and country of a row."""


def _find_unlisted_figures(country_figure_rows: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each figure of a country that a sheet does not list.

    Columns: ``sector``, ``country``, ``population_group``; the rows of countries of a sheet have them, too.
    """
    listed_sectors = [*(sector for sector in plan_lists().sectors if sector not in plan_lists().without_people), ALL]
    figure_key_index = pd.MultiIndex.from_product([listed_sectors, plan_lists().countries, POPULATION_GROUPS])
    figure_key_columns = [*SECTOR_COUNTRY_COLUMNS, "population_group"]
    listed_key_index = pd.MultiIndex.from_frame(country_figure_rows[figure_key_columns])
    return figure_key_index.difference(listed_key_index).to_frame(index=False, name=figure_key_columns)


def load_planning(path: Path, *, year: int, reading: Reading = Reading()) -> Loaded:  # noqa: B008 - frozen
    """Return the planned figures of a file as ``Planning``; a wide sheet is known by its headers.

    ``admin1`` and ``pcode`` are empty in the rows of whole scopes, and those of an admin1 have its country as scope:
    they are parts of the country's figure, and never added to it. A wide sheet lists every country: what it does not
    list of a country, or leaves empty, is 0 (``source`` ends with "not listed"), and so is an empty cell of an admin1
    that has a number. Where a sector and country has no ``Country level`` row, but rows of admin1 or a refused one, the
    country's figure is not known. People in transit stay a group of their own. Raises ``InputRefused`` as
    ``load_table`` does.
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
    of_country = (
        _melt_groups(sheet[is_national]).dropna(subset="value").assign(admin1=NATIONAL_PLACE_KEY, source=source)
    )
    of_admin1 = sheet[~is_national].dropna(subset=groups, how="all").fillna(dict.fromkeys(groups, 0.0))
    # What the sheet does not list is 0, but not of a country whose admin1 it lists alone, or whose row is refused
    pairs_without_total = {*_pairs(sheet[~is_national]), *_pairs(loaded.refused_values)} - {*_pairs(sheet[is_national])}
    unlisted = _find_unlisted_figures(of_country)
    unlisted = unlisted[~_pairs(unlisted).isin(list(pairs_without_total))].assign(
        source_file=path.name,
        source_line=HEADER_LINE_NUMBER,
        value=0.0,
        admin1=NATIONAL_PLACE_KEY,
        source=f"{source}: not listed",
    )
    planned = pd.concat([of_country, _melt_groups(of_admin1).assign(source=source), unlisted], ignore_index=True)
    planned = planned.rename(columns={"country": "scope"}).assign(measure=measures[0], pcode="")
    return replace(loaded, table=Planning.set_types(planned), records={path.name: len(sheet)})


def _assign_places(loaded: Loaded, cells: pd.DataFrame, path: Path) -> Loaded:
    """Return the tidy table with each admin1's country as scope, and ``NATIONAL_PLACE_KEY`` as admin1 of whole scopes.

    Rows of an admin1 without a country, or with money, are refused.
    """
    planning = Planning.set_types(loaded.table)
    country = planning["scope"].map(
        {
            platform_name: platform_countries[0]
            for platform_name, platform_countries in plan_lists().platforms.items()
            if len(platform_countries) == 1
        }
    )
    country = country.astype("string").fillna(planning["scope"])
    country_and_admin1 = zip(country, planning["admin1"], strict=True)
    is_national = pd.Series(
        [place_key(*pair) == NATIONAL_PLACE_KEY for pair in country_and_admin1], planning.index, dtype="bool"
    )
    is_of_place = ~is_national | (planning["pcode"] != "")
    planning = planning.assign(
        scope=planning["scope"].mask(is_of_place, country),
        admin1=planning["admin1"].mask(is_national, NATIONAL_PLACE_KEY),
    )
    is_without_country = is_of_place & ~planning["scope"].isin(list(plan_lists().countries))
    is_money = is_of_place & (planning["measure"] == "requirement_usd")
    faults = [
        fault_rows(path.name, planning["source_line"][is_bad], column, check, planning[column][is_bad], allowed)
        for is_bad, column, check, allowed in (
            (is_without_country, "scope", "not_country", "the country of the admin1"),
            (is_money, "measure", "not_by_admin1", "people_in_need or target: money is planned for whole countries"),
        )
    ]
    all_faults = pd.concat(faults, ignore_index=True)
    return replace(
        loaded,
        table=planning[~(is_without_country | is_money)].reset_index(drop=True),
        refused=pd.concat([loaded.refused, list_refused_rows(all_faults, cells)], ignore_index=True),
        faults=pd.concat([loaded.faults, all_faults], ignore_index=True),
    )


def _melt_groups(sheet: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each row and population group of a wide sheet; new columns: ``population_group``, ``value``."""
    return sheet.melt(
        id_vars=["source_file", "source_line", *SECTOR_COUNTRY_COLUMNS, "admin1"],
        value_vars=list(POPULATION_GROUPS),
        var_name="population_group",
    )


def _pairs(rows: pd.DataFrame) -> pd.MultiIndex:
    """Return sector and country of each row, as an index."""
    return pd.MultiIndex.from_frame(rows[SECTOR_COUNTRY_COLUMNS].astype("str"))
