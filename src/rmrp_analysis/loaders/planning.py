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
    sheet_texts = read(
        path,
        lambda row: max(header_fit(row, table_declaration) for table_declaration in (Planning, PlanningSheet)),
        reading,
    )
    sheet_header_keys = {header_key(str(measure_header)) for measure_header in sheet_texts.table.columns}
    wide_measure_names = [
        measure for measure_header, measure in MEASURE_BY_HEADER.items() if measure_header in sheet_header_keys
    ]
    table_declaration = PlanningSheet if wide_measure_names else Planning
    notation_by_column = ways_written([sheet_texts], path, table_declaration, year=year, reading=reading)
    loaded_figures = values(sheet_texts, path, table_declaration, year=year, ways=notation_by_column)
    if not wide_measure_names:
        return _assign_places(loaded_figures, sheet_texts.table, path)
    wide_planning_rows = PlanningSheet.set_types(loaded_figures.table)
    source_text = f"{pack.about().name} planning sheet {path.name}"
    place_key_by_row = [
        place_key(*country_admin1_pair)
        for country_admin1_pair in zip(wide_planning_rows["country"], wide_planning_rows["admin1"], strict=True)
    ]
    is_national_row = pd.Series(place_key_by_row, wide_planning_rows.index) == NATIONAL_PLACE_KEY
    population_group_columns = list(POPULATION_GROUPS)
    country_figure_rows = (
        _melt_groups(wide_planning_rows[is_national_row])
        .dropna(subset="value")
        .assign(admin1=NATIONAL_PLACE_KEY, source=source_text)
    )
    admin1_planning_rows = (
        wide_planning_rows[~is_national_row]
        .dropna(subset=population_group_columns, how="all")
        .fillna(dict.fromkeys(population_group_columns, 0.0))
    )
    # What the sheet does not list is 0, but not of a country whose admin1 it lists alone, or whose row is refused
    pairs_without_total = {
        *_pairs(wide_planning_rows[~is_national_row]),
        *_pairs(loaded_figures.refused_values),
    } - {*_pairs(wide_planning_rows[is_national_row])}
    unlisted_figure_rows = _find_unlisted_figures(country_figure_rows)
    unlisted_figure_rows = unlisted_figure_rows[~_pairs(unlisted_figure_rows).isin(list(pairs_without_total))].assign(
        source_file=path.name,
        source_line=HEADER_LINE_NUMBER,
        value=0.0,
        admin1=NATIONAL_PLACE_KEY,
        source=f"{source_text}: not listed",
    )
    planned_figure_rows = pd.concat(
        [country_figure_rows, _melt_groups(admin1_planning_rows).assign(source=source_text), unlisted_figure_rows],
        ignore_index=True,
    )
    planned_figure_rows = planned_figure_rows.rename(columns={"country": "scope"}).assign(
        measure=wide_measure_names[0], pcode=""
    )
    return replace(
        loaded_figures, table=Planning.set_types(planned_figure_rows), records={path.name: len(wide_planning_rows)}
    )


def _assign_places(loaded: Loaded, cells: pd.DataFrame, path: Path) -> Loaded:
    """Return the tidy table with each admin1's country as scope, and ``NATIONAL_PLACE_KEY`` as admin1 of whole scopes.

    Rows of an admin1 without a country, or with money, are refused.
    """
    planned_figure_rows = Planning.set_types(loaded.table)
    country_code_by_row = planned_figure_rows["scope"].map(
        {
            platform_name: platform_countries[0]
            for platform_name, platform_countries in plan_lists().platforms.items()
            if len(platform_countries) == 1
        }
    )
    country_code_by_row = country_code_by_row.astype("string").fillna(planned_figure_rows["scope"])
    country_admin1_pairs = zip(country_code_by_row, planned_figure_rows["admin1"], strict=True)
    is_national_row = pd.Series(
        [place_key(*country_admin1_pair) == NATIONAL_PLACE_KEY for country_admin1_pair in country_admin1_pairs],
        planned_figure_rows.index,
        dtype="bool",
    )
    is_of_admin1 = ~is_national_row | (planned_figure_rows["pcode"] != "")
    planned_figure_rows = planned_figure_rows.assign(
        scope=planned_figure_rows["scope"].mask(is_of_admin1, country_code_by_row),
        admin1=planned_figure_rows["admin1"].mask(is_national_row, NATIONAL_PLACE_KEY),
    )
    is_without_country = is_of_admin1 & ~planned_figure_rows["scope"].isin(list(plan_lists().countries))
    is_money_by_admin1 = is_of_admin1 & (planned_figure_rows["measure"] == "requirement_usd")
    fault_tables = [
        fault_rows(
            path.name,
            planned_figure_rows["source_line"][is_refused],
            column_name,
            check_name,
            planned_figure_rows[column_name][is_refused],
            allowed_text,
        )
        for is_refused, column_name, check_name, allowed_text in (
            (is_without_country, "scope", "not_country", "the country of the admin1"),
            (
                is_money_by_admin1,
                "measure",
                "not_by_admin1",
                "people_in_need or target: money is planned for whole countries",
            ),
        )
    ]
    all_faults = pd.concat(fault_tables, ignore_index=True)
    return replace(
        loaded,
        table=planned_figure_rows[~(is_without_country | is_money_by_admin1)].reset_index(drop=True),
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
