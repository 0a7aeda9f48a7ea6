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
from rmrp_analysis.vocabulary import ALL, NATIONAL, POPULATION_GROUPS, place_key, plan_lists

MEASURE_BY_HEADER = {"pin country": "people_in_need", "target country": "target"}
"""The measure of a wide planning sheet, by the header that tells it (see ``header_key``)."""
HEADER_LINE_NUMBER = 1
"""The source line of figures that a sheet does not list: that of its header."""
SECTOR_COUNTRY_COLUMNS = ["sector", "country"]
"""The columns of a planning sheet with the sector and country of a row."""


def load_planning(path: Path, *, year: int, reading: Reading = Reading()) -> Loaded:  # noqa: B008 - frozen
    """Return the planned figures of a file as ``Planning``; a wide sheet is known by its headers.

    ``admin1`` and ``pcode`` are empty in the rows of whole scopes, and those of an admin1 have its country as scope:
    they are parts of the country's figure, and never added to it. A wide sheet lists every country, so one that it does
    not list for a sector has 0 planned there; where it has admin1 rows and no ``Country level`` row, the country's
    figure is not known. People in transit stay a group of their own. Raises ``InputRefused`` as ``load_table`` does.
    """
    sheet_texts = read(
        path,
        lambda row: max(header_fit(row, table_declaration) for table_declaration in (Planning, PlanningSheet)),
        reading,
    )
    sheet_header_keys = {header_key(str(measure_header)) for measure_header in sheet_texts.table.columns}
    wide_sheet_measures = [
        measure for measure_header, measure in MEASURE_BY_HEADER.items() if measure_header in sheet_header_keys
    ]
    table_declaration = PlanningSheet if wide_sheet_measures else Planning
    notation_by_column = ways_written([sheet_texts], path, table_declaration, year=year, reading=reading)
    loaded_figures = values(sheet_texts, path, table_declaration, year=year, ways=notation_by_column)
    if not wide_sheet_measures:
        return _assign_places(loaded_figures, sheet_texts.table, path)
    wide_planning_rows = PlanningSheet.set_types(loaded_figures.table)
    source_text = f"{pack.about().name} planning sheet {path.name}"
    place_key_by_row = [
        place_key(*country_and_admin1)
        for country_and_admin1 in zip(wide_planning_rows["country"], wide_planning_rows["admin1"], strict=True)
    ]
    is_national_row = pd.Series(place_key_by_row, wide_planning_rows.index) == NATIONAL
    population_group_columns = list(POPULATION_GROUPS)
    country_figures = (
        _melt_groups(wide_planning_rows[is_national_row])
        .dropna(subset="value")
        .assign(admin1=NATIONAL, source=source_text)
    )
    admin1_planning_rows = (
        wide_planning_rows[~is_national_row]
        .dropna(subset=population_group_columns, how="all")
        .fillna(dict.fromkeys(population_group_columns, 0.0))
    )
    # What the sheet does not list is 0, but not of a country whose admin1 it lists alone.
    listed_sectors = [*(sector for sector in plan_lists().sectors if sector not in plan_lists().without_people), ALL]
    all_group_keys = pd.MultiIndex.from_product([listed_sectors, plan_lists().countries, POPULATION_GROUPS])
    figure_key_columns = [*SECTOR_COUNTRY_COLUMNS, "population_group"]
    unlisted_figures = all_group_keys.difference(
        pd.MultiIndex.from_frame(country_figures[figure_key_columns])
    ).to_frame(index=False, name=figure_key_columns)
    sector_country_pairs_without_total = set(_pairs(wide_planning_rows[~is_national_row])) - set(
        _pairs(wide_planning_rows[is_national_row])
    )
    unlisted_figures = unlisted_figures[
        ~_pairs(unlisted_figures).isin(list(sector_country_pairs_without_total))
    ].assign(
        source_file=path.name,
        source_line=HEADER_LINE_NUMBER,
        value=0.0,
        admin1=NATIONAL,
        source=f"{source_text}: not listed",
    )
    planned_figures = pd.concat(
        [country_figures, _melt_groups(admin1_planning_rows).assign(source=source_text), unlisted_figures],
        ignore_index=True,
    )
    planned_figures = planned_figures.rename(columns={"country": "scope"}).assign(
        measure=wide_sheet_measures[0], pcode=""
    )
    return replace(
        loaded_figures, table=Planning.set_types(planned_figures), records={path.name: len(wide_planning_rows)}
    )


def _assign_places(loaded: Loaded, cells: pd.DataFrame, path: Path) -> Loaded:
    """Return the tidy table with the country as scope of each admin1; rows of what no admin1 can have are refused."""
    planned_figures = Planning.set_types(loaded.table)
    country_code_by_row = planned_figures["scope"].map(
        {
            platform_name: platform_countries[0]
            for platform_name, platform_countries in plan_lists().platforms.items()
            if len(platform_countries) == 1
        }
    )
    country_code_by_row = country_code_by_row.astype("string").fillna(planned_figures["scope"])
    country_admin1_pairs = zip(country_code_by_row, planned_figures["admin1"], strict=True)
    is_national_row = pd.Series(
        [place_key(*country_and_admin1) == NATIONAL for country_and_admin1 in country_admin1_pairs],
        planned_figures.index,
        dtype="bool",
    )
    is_of_admin1 = ~is_national_row | (planned_figures["pcode"] != "")
    planned_figures = planned_figures.assign(
        scope=planned_figures["scope"].mask(is_of_admin1, country_code_by_row),
        admin1=planned_figures["admin1"].mask(is_national_row, NATIONAL),
    )
    is_without_country = is_of_admin1 & ~planned_figures["scope"].isin(list(plan_lists().countries))
    is_money_by_admin1 = is_of_admin1 & (planned_figures["measure"] == "requirement_usd")
    fault_tables = [
        fault_rows(
            path.name,
            planned_figures["source_line"][is_refused],
            column_name,
            check_name,
            planned_figures[column_name][is_refused],
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
        table=planned_figures[~(is_without_country | is_money_by_admin1)].reset_index(drop=True),
        refused=pd.concat([loaded.refused, list_refused_rows(all_faults, cells)], ignore_index=True),
        faults=pd.concat([loaded.faults, all_faults], ignore_index=True),
    )


def _melt_groups(sheet: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a wide sheet with one row for each of their population groups, as ``value``."""
    return sheet.melt(
        id_vars=["source_file", "source_line", *SECTOR_COUNTRY_COLUMNS, "admin1"],
        value_vars=list(POPULATION_GROUPS),
        var_name="population_group",
    )


def _pairs(rows: pd.DataFrame) -> pd.MultiIndex:
    """Return sector and country of each row, as an index."""
    return pd.MultiIndex.from_frame(rows[SECTOR_COUNTRY_COLUMNS].astype("str"))
