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
HEADER_LINE = 1
SECTOR_COUNTRY_COLUMNS = ["sector", "country"]


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
    header_keys = {header_key(str(measure_header)) for measure_header in sheet_texts.table.columns}
    sheet_measures = [measure for measure_header, measure in MEASURE_BY_HEADER.items() if measure_header in header_keys]
    table_declaration = PlanningSheet if sheet_measures else Planning
    way_by_column = ways_written([sheet_texts], path, table_declaration, year=year, reading=reading)
    loaded_file = values(sheet_texts, path, table_declaration, year=year, ways=way_by_column)
    if not sheet_measures:
        return _assign_places(loaded_file, sheet_texts.table, path)
    planning_sheet, source_text = (
        PlanningSheet.set_types(loaded_file.table),
        f"{pack.about().name} planning sheet {path.name}",
    )
    place_keys = [
        place_key(*place_pair) for place_pair in zip(planning_sheet["country"], planning_sheet["admin1"], strict=True)
    ]
    is_national = pd.Series(place_keys, planning_sheet.index) == NATIONAL
    group_columns = list(POPULATION_GROUPS)
    country_rows = (
        _melt_groups(planning_sheet[is_national]).dropna(subset="value").assign(admin1=NATIONAL, source=source_text)
    )
    admin1_rows = (
        planning_sheet[~is_national].dropna(subset=group_columns, how="all").fillna(dict.fromkeys(group_columns, 0.0))
    )
    # What the sheet does not list is 0, but not of a country whose admin1 it lists alone.
    listed_sectors = [*(sector for sector in plan_lists().sectors if sector not in plan_lists().without_people), ALL]
    all_group_keys = pd.MultiIndex.from_product([listed_sectors, plan_lists().countries, POPULATION_GROUPS])
    key_columns = [*SECTOR_COUNTRY_COLUMNS, "population_group"]
    unlisted_rows = all_group_keys.difference(pd.MultiIndex.from_frame(country_rows[key_columns])).to_frame(
        index=False, name=key_columns
    )
    countries_without_total = set(_pairs(planning_sheet[~is_national])) - set(_pairs(planning_sheet[is_national]))
    unlisted_rows = unlisted_rows[~_pairs(unlisted_rows).isin(list(countries_without_total))].assign(
        source_file=path.name, source_line=HEADER_LINE, value=0.0, admin1=NATIONAL, source=f"{source_text}: not listed"
    )
    planned_rows = pd.concat(
        [country_rows, _melt_groups(admin1_rows).assign(source=source_text), unlisted_rows], ignore_index=True
    )
    planned_rows = planned_rows.rename(columns={"country": "scope"}).assign(measure=sheet_measures[0], pcode="")
    return replace(loaded_file, table=Planning.set_types(planned_rows), records={path.name: len(planning_sheet)})


def _assign_places(loaded: Loaded, cells: pd.DataFrame, path: Path) -> Loaded:
    """Return the tidy table with the country as scope of each admin1; rows of what no admin1 can have are refused."""
    planned_rows = Planning.set_types(loaded.table)
    country_codes = planned_rows["scope"].map(
        {
            platform_name: platform_countries[0]
            for platform_name, platform_countries in plan_lists().platforms.items()
            if len(platform_countries) == 1
        }
    )
    country_codes = country_codes.astype("string").fillna(planned_rows["scope"])
    place_pairs = zip(country_codes, planned_rows["admin1"], strict=True)
    is_national = pd.Series(
        [place_key(*place_pair) == NATIONAL for place_pair in place_pairs], planned_rows.index, dtype="bool"
    )
    is_of_place = ~is_national | (planned_rows["pcode"] != "")
    planned_rows = planned_rows.assign(
        scope=planned_rows["scope"].mask(is_of_place, country_codes),
        admin1=planned_rows["admin1"].mask(is_national, NATIONAL),
    )
    is_without_country = is_of_place & ~planned_rows["scope"].isin(list(plan_lists().countries))
    is_money = is_of_place & (planned_rows["measure"] == "requirement_usd")
    fault_tables = [
        fault_rows(
            path.name,
            planned_rows["source_line"][is_refused],
            column_name,
            check_name,
            planned_rows[column_name][is_refused],
            allowed_text,
        )
        for is_refused, column_name, check_name, allowed_text in (
            (is_without_country, "scope", "not_country", "the country of the admin1"),
            (is_money, "measure", "not_by_admin1", "people_in_need or target: money is planned for whole countries"),
        )
    ]
    all_faults = pd.concat(fault_tables, ignore_index=True)
    return replace(
        loaded,
        table=planned_rows[~(is_without_country | is_money)].reset_index(drop=True),
        refused=pd.concat([loaded.refused, list_refused_rows(all_faults, cells)], ignore_index=True),
        faults=pd.concat([loaded.faults, all_faults], ignore_index=True),
    )


def _melt_groups(sheet: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each population group."""
    return sheet.melt(
        id_vars=["source_file", "source_line", *SECTOR_COUNTRY_COLUMNS, "admin1"],
        value_vars=list(POPULATION_GROUPS),
        var_name="population_group",
    )


def _pairs(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[SECTOR_COUNTRY_COLUMNS].astype("str"))
