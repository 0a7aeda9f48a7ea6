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

MEASURE_OF_SHEET = {"pin country": "people_in_need", "target country": "target"}
HEADER_LINE = 1
PAIR = ["sector", "country"]


def load_planning(path: Path, *, year: int, reading: Reading = Reading()) -> Loaded:  # noqa: B008 - frozen
    """Return the planned figures of a file as ``Planning``; a wide sheet is known by its headers.

    ``admin1`` and ``pcode`` are empty in the rows of whole scopes, and those of an admin1 have its country as scope:
    they are parts of the country's figure, and never added to it. A wide sheet lists every country, so one that it does
    not list for a sector has 0 planned there; where it has admin1 rows and no ``Country level`` row, the country's
    figure is not known. People in transit stay a group of their own. Raises ``InputRefused`` as ``load_table`` does.
    """
    texts = read(path, lambda row: max(header_fit(row, table) for table in (Planning, PlanningSheet)), reading)
    headers = {header_key(str(header)) for header in texts.table.columns}
    measures = [measure for header, measure in MEASURE_OF_SHEET.items() if header in headers]
    table = PlanningSheet if measures else Planning
    ways = ways_written([texts], path, table, year=year, reading=reading)
    loaded = values(texts, path, table, year=year, ways=ways)
    if not measures:
        return _assign_places(loaded, texts.table, path)
    sheet, source = PlanningSheet.set_types(loaded.table), f"{pack.about().name} planning sheet {path.name}"
    keys = [place_key(*pair) for pair in zip(sheet["country"], sheet["admin1"], strict=True)]
    is_national = pd.Series(keys, sheet.index) == NATIONAL
    groups = list(POPULATION_GROUPS)
    of_country = _melt_groups(sheet[is_national]).dropna(subset="value").assign(admin1=NATIONAL, source=source)
    of_admin1 = sheet[~is_national].dropna(subset=groups, how="all").fillna(dict.fromkeys(groups, 0.0))
    # What the sheet does not list is 0, but not of a country whose admin1 it lists alone.
    sectors = [*(sector for sector in plan_lists().sectors if sector not in plan_lists().without_people), ALL]
    all_keys = pd.MultiIndex.from_product([sectors, plan_lists().countries, POPULATION_GROUPS])
    names = [*PAIR, "population_group"]
    unlisted = all_keys.difference(pd.MultiIndex.from_frame(of_country[names])).to_frame(index=False, name=names)
    countries_without_total = set(_pairs(sheet[~is_national])) - set(_pairs(sheet[is_national]))
    unlisted = unlisted[~_pairs(unlisted).isin(list(countries_without_total))].assign(
        source_file=path.name, source_line=HEADER_LINE, value=0.0, admin1=NATIONAL, source=f"{source}: not listed"
    )
    planned = pd.concat([of_country, _melt_groups(of_admin1).assign(source=source), unlisted], ignore_index=True)
    planned = planned.rename(columns={"country": "scope"}).assign(measure=measures[0], pcode="")
    return replace(loaded, table=Planning.set_types(planned), records={path.name: len(sheet)})


def _assign_places(loaded: Loaded, cells: pd.DataFrame, path: Path) -> Loaded:
    """Return the tidy table with the country as scope of each admin1; rows of what no admin1 can have are refused."""
    planning = Planning.set_types(loaded.table)
    country = planning["scope"].map(
        {name: codes[0] for name, codes in plan_lists().platforms.items() if len(codes) == 1}
    )
    country = country.astype("string").fillna(planning["scope"])
    country_and_admin1 = zip(country, planning["admin1"], strict=True)
    is_national = pd.Series([place_key(*pair) == NATIONAL for pair in country_and_admin1], planning.index, dtype="bool")
    is_of_place = ~is_national | (planning["pcode"] != "")
    planning = planning.assign(
        scope=planning["scope"].mask(is_of_place, country), admin1=planning["admin1"].mask(is_national, NATIONAL)
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
    """Return one row for each population group."""
    return sheet.melt(
        id_vars=["source_file", "source_line", *PAIR, "admin1"],
        value_vars=list(POPULATION_GROUPS),
        var_name="population_group",
    )


def _pairs(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[PAIR].astype("str"))
