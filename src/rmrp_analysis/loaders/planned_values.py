"""Refuse planned figures that cannot be right: negative, with decimals, given twice, or unlike the figures beside them.

A refused figure is not known. It is never replaced by the sum of its parts or of its countries.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from rmrp_analysis.loaders.table import REFUSED_SEVERITY, WARNING_SEVERITY, Loaded, fault_rows, list_refused_rows
from rmrp_analysis.tables import Planning
from rmrp_analysis.vocabulary import ALL, NATIONAL_PLACE_KEY, POPULATION_GROUPS, REGION, plan_lists
from rmrp_analysis.words import N_

PLACE_COLUMNS = ["scope", "admin1", "pcode"]
FIGURE_COLUMNS = [*PLACE_COLUMNS, "sector", "population_group", "measure"]
"""The columns that name a planned figure."""
MIN_DECIMALS = 1e-6
"""A smaller difference from a whole number comes from a spreadsheet's arithmetic."""
MAX_SUM_RATIO = 2.0
"""A figure may be so many times the sum of its countries or groups, or this sum so many times the figure."""
MAX_SECTOR_RATIO = 1.05
"""A sector may be so many times all sectors: both are rounded, and added up by different offices."""
MIN_TARGET_SHARE = 0.005
"""A smaller share of the people in need is no target, but a target in thousands. Published ones have 2 % or more."""
MIN_PERSON_USD, MAX_PERSON_USD = 0.5, 50_000.0
"""The least and the most money required for a person of the target. Published figures have 90 to 1,300 US$."""

ONE_VALUE_ALLOWED = N_("one value for each sector, place, group and measure")
Check = tuple[pd.Series, str, str]
"""The rows that a check refuses (a mask), its name, and what is allowed."""


def refuse_impossible(loaded: Loaded) -> Loaded:
    """Return planning (all files together) without the figures that cannot be right. Each is refused with a reason.

    A row that says the same again is left out with a warning. The checks run one after another, so that a figure which
    is refused for itself is not compared with others. Source: no check refuses a figure of the RMRP 2021 or 2022.
    """
    is_again = loaded.table.duplicated([*FIGURE_COLUMNS, "value"])
    if is_again.any():
        repeats = _faults_of(loaded.table[is_again], "repeated", ONE_VALUE_ALLOWED, WARNING_SEVERITY)
        faults = pd.concat([loaded.faults, repeats], ignore_index=True)
        loaded = replace(loaded, table=loaded.table[~is_again].reset_index(drop=True), faults=faults)
    for find in (_check_alone, _check_repeated, _check_need_and_target, _check_sums, _check_sectors, _check_money):
        loaded = _refuse(loaded, [*find(loaded.table)])
    return loaded


def unknown_figures(loaded: Loaded) -> pd.DataFrame:
    """Return the refused rows as figures that are not known: columns *Planning*, ``value`` is NaN.

    Rows whose sector, place, group or measure cannot be read are left out.
    """
    rows = loaded.refused_values
    if rows.empty:
        return Planning.empty()
    is_named = (rows[["sector", "scope", "population_group", "measure"]] != "").all(axis="columns")
    return Planning.set_types(rows[is_named].assign(value=np.nan)).drop_duplicates(FIGURE_COLUMNS)


def _check_alone(rows: pd.DataFrame) -> Iterable[Check]:
    """Check each figure for itself: at least 0, and whole."""
    yield rows["value"] < 0, "planned_negative", N_("0 or more")
    decimals = (rows["value"] - rows["value"].round()).abs()
    is_part = (decimals > MIN_DECIMALS) & (rows["value"] >= 0)
    yield is_part, "planned_decimals", N_("a whole number, not thousands or millions")


def _check_repeated(rows: pd.DataFrame) -> Iterable[Check]:
    """Check that each figure has one value. Of several values, all are refused: which one is right is not known."""
    values = rows.groupby(FIGURE_COLUMNS, observed=True)["value"].transform("nunique")
    yield values > 1, "second_value", ONE_VALUE_ALLOWED


def _check_need_and_target(rows: pd.DataFrame) -> Iterable[Check]:
    """Check that fewer people are targeted than are in need. Both figures are refused."""
    keys = [column for column in FIGURE_COLUMNS if column != "measure"]
    need, target = _side_by_side(rows, keys, "people_in_need"), _side_by_side(rows, keys, "target")
    is_people = rows["measure"].isin(["people_in_need", "target"]) & (need > 0)
    is_people &= ~rows["sector"].isin([*plan_lists().without_need])
    allowed = N_("a target of at most the people in need; need and target may be exchanged")
    is_above = is_people & (target > need)
    yield is_above, "target_above_need", allowed
    is_tiny = is_people & (target > 0) & (target < MIN_TARGET_SHARE * need) & (rows["measure"] == "target")
    is_whole = rows["population_group"] == ALL
    yield is_tiny & is_whole & ~is_above, "target_too_small", N_("people, not thousands of people")


def _check_sums(rows: pd.DataFrame) -> Iterable[Check]:
    """Check that a figure is of the size of its countries and groups.

    A total may leave people in transit out. It is not above its groups while one of them is not listed.
    """
    is_all = rows["population_group"] == ALL
    is_national = rows["admin1"] == NATIONAL_PLACE_KEY
    keys = ["sector", "population_group", "measure"]
    allowed = N_("about the sum of its countries")
    for place, countries in {REGION: tuple(plan_lists().countries), **plan_lists().platforms}.items():
        if len(countries) > 1:
            parts = rows[is_national & rows["scope"].isin(list(countries))].groupby(keys, observed=True)["value"]
            sums = parts.sum()[parts.size() == len(countries)]
            yield (rows["scope"] == place) & _is_unlike(rows, sums, sums, keys), "unlike_countries", allowed
    keys = [*PLACE_COLUMNS, "sector", "measure"]
    groups = rows[rows["population_group"].isin(list(POPULATION_GROUPS))].groupby(keys, observed=True)["value"]
    stays = rows[rows["population_group"].isin([group for group in POPULATION_GROUPS if group != "in_transit"])]
    fewest = stays.groupby(keys, observed=True)["value"].sum()
    most = groups.sum()[groups.size() == len(POPULATION_GROUPS)]
    yield is_all & _is_unlike(rows, fewest, most, keys), "unlike_groups", N_("about the sum of its groups")


def _check_sectors(rows: pd.DataFrame) -> Iterable[Check]:
    """Check that no sector has more people or money than all sectors. Of two sectors that do, all sectors is wrong.

    Totals are compared, else sums of groups: groups alone are above by little in published plans (in 2022: 4).
    """
    keys = [*PLACE_COLUMNS, "measure", "is_total"]
    totals = rows.assign(is_total=rows["population_group"] == ALL)
    sums = totals.groupby([*keys, "sector"], observed=True)["value"].agg(["sum", "size"]).reset_index("sector")
    limits = sums[(sums["sector"] == ALL) & (sums["sum"] > 0)].drop(columns="sector").add_suffix("_limit")
    sectors = sums[sums["sector"] != ALL].join(limits)
    is_above = (sectors["sum"] > MAX_SECTOR_RATIO * sectors["sum_limit"]) & (sectors["size"] <= sectors["size_limit"])
    excess = sectors[is_above].set_index("sector", append=True)["sum"]
    counts = _values_at(totals, excess.groupby(level=keys, observed=True).size(), keys)
    is_single = (counts == 1) & _values_at(totals, excess, [*keys, "sector"]).notna()
    yield is_single, "above_all_sectors", N_("at most the figure of all sectors")
    yield (rows["sector"] == ALL) & (counts > 1), "below_sectors", N_("at least the figure of each sector")


def _check_money(rows: pd.DataFrame) -> Iterable[Check]:
    """Check that the money required for a person of the target is neither cents nor a fortune."""
    is_money = rows["measure"] == "requirement_usd"
    keys = [*PLACE_COLUMNS, "sector", "population_group"]
    by_person = rows["value"] / _side_by_side(rows, keys, "target").where(lambda people: people > 0)
    is_unlikely = (by_person < MIN_PERSON_USD) | (by_person > MAX_PERSON_USD)
    yield is_money & (rows["value"] > 0) & is_unlikely, "unlike_target", N_("US$, not thousands or millions of US$")


def _is_unlike(rows: pd.DataFrame, fewest: pd.Series, most: pd.Series, keys: list[str]) -> pd.Series:
    """Mark rows far below ``fewest`` or above ``most``, two sums (see ``MAX_SUM_RATIO``). Sums of 0 say nothing."""
    least, limit = (_values_at(rows, sums[sums > 0], keys) for sums in (fewest, most))
    return (rows["value"] * MAX_SUM_RATIO < least) | (rows["value"] > MAX_SUM_RATIO * limit)


def _side_by_side(rows: pd.DataFrame, keys: list[str], measure: str) -> pd.Series:
    """Return for each row the figure of a measure that has the same ``keys``. NaN without one."""
    return _values_at(rows, rows[rows["measure"] == measure].groupby(keys, observed=True)["value"].first(), keys)


def _values_at(rows: pd.DataFrame, values: pd.Series, keys: list[str]) -> pd.Series:
    """Return the value of each row's ``keys`` in ``values``, a Series with these keys as index. NaN without one."""
    return rows[keys].join(values.rename("found"), on=keys)["found"].astype("float64")


def _refuse(loaded: Loaded, checks: Sequence[Check]) -> Loaded:
    """Move the rows of checks from ``table`` to the refused rows, with a fault for each."""
    rows = loaded.table
    is_bad = np.logical_or.reduce([mask.to_numpy() for mask, *_ in checks])
    if not is_bad.any():
        return loaded
    faults = pd.concat([_faults_of(rows[mask], check, allowed) for mask, check, allowed in checks], ignore_index=True)
    refused = pd.concat([loaded.refused, list_refused_rows(faults)]).drop_duplicates(
        ["file", "line"], ignore_index=True
    )
    lost = refused["file"].iloc[len(loaded.refused) :].value_counts()
    return replace(
        loaded,
        table=rows[~is_bad].reset_index(drop=True),
        refused=refused,
        records={file: count - int(lost.get(file, 0)) for file, count in loaded.records.items()},
        faults=pd.concat([loaded.faults, faults], ignore_index=True),
        refused_values=pd.concat([loaded.refused_values, rows[is_bad]], ignore_index=True),
    )


def _faults_of(rows: pd.DataFrame, check: str, allowed: str, severity: str = REFUSED_SEVERITY) -> pd.DataFrame:
    """Return a fault for each row, at its value."""
    values = rows["value"].map("{:.12g}".format).astype("str")
    return fault_rows(rows["source_file"], rows["source_line"], "value", check, values, allowed, severity=severity)
