"""Columns derived from the numbers of an activity alone."""

import pandas as pd

from rmrp_analysis.loaders.new_beneficiaries import MAX_FLOAT_ERROR
from rmrp_analysis.quality.columns.base import (
    ALL_AGE_GENDER_COLUMNS,
    COUNT_COLUMNS,
    DERIVATION_BY_COLUMN,
    ActivityColumns,
    as_text,
    derives,
    join_texts,
)
from rmrp_analysis.vocabulary import AGE_GENDER_GROUPS, POPULATION_GROUPS, UNKNOWN_INDICATOR_TYPE

DERIVATION_BY_COLUMN |= {
    "new": lambda activities: activities["new_beneficiaries"].fillna(0.0),
    "total": lambda activities: activities["total_monthly_beneficiaries"].fillna(0.0),
    "output": lambda activities: activities["quantity"].fillna(0.0),
    "year": lambda activities: activities["month"].astype("str").str[:4].astype("int64"),
    "groups": lambda activities: activities.numbers(POPULATION_GROUPS).sum(axis="columns"),
    "ages": lambda activities: activities.numbers(activities.plan.year.age_gender_groups).sum(axis="columns"),
    "all_ages": lambda activities: activities.numbers(ALL_AGE_GENDER_COLUMNS).sum(axis="columns"),
    "children": lambda activities: activities.numbers(("girls", "boys", "other_under_18")).sum(axis="columns"),
    "missing_in_groups": lambda activities: activities["new"] - activities["groups"],
    "missing_in_ages": lambda activities: activities["new"] - activities["ages"],
    "right_calculated_population_groups": lambda activities: activities["groups"],
    "right_calculated_age_gender": lambda activities: activities["ages"],
    "numbers_reported": lambda activities: (activities.numbers(COUNT_COLUMNS) != 0).sum(axis="columns"),
    # R4V finds a 0 under an indicator that counts no people, in the years with the check in their files.
    "zero_is_told": lambda activities: pd.Series(
        "new_of_other_indicators" in activities.plan.year.checks, activities["new"].index
    ),
    # R4V's scripts of 2021 read an empty number as 0, so that they compare it with the groups, too.
    "new_is_compared": lambda activities: activities["new_beneficiaries"].notna() | activities.plan.year.empty_is_0,
    "groups_beside_ages": lambda activities: as_text(activities["groups"]) + " ≠ " + as_text(activities["ages"]),
    "ages_beside_groups": lambda activities: as_text(activities["ages"]) + " ≠ " + as_text(activities["groups"]),
}


@derives("kind")
def derive_kind(activities: ActivityColumns) -> pd.Series:
    """Return the type of the indicator, by the list or otherwise by the report itself.

    The result is a Categorical of ``INDICATOR_TYPES``, with an empty text if neither gives a type.
    """
    listed = activities["indicator_type"].astype("str")
    reported = activities["r4v_indicator_type"].map(dict(activities.plan.year.indicator_types)).astype("str")
    return listed.where(listed != UNKNOWN_INDICATOR_TYPE, reported).fillna("").astype("category")


@derives("counted", "people", "not_known", "people_above_total", by_method=True)
def derive_people(activities: ActivityColumns) -> pd.DataFrame:
    """Return the people of each activity that the method counts, or would count if its indicator were known.

    ``counted`` (bool): the method counts the type, which the list or otherwise the report gives. ``people`` are new
    beneficiaries, ``not_known`` are people who may be new or not, and ``people_above_total`` is by how many ``people``
    exceed the total of the month. The three are 0 if the method does not count a known indicator.
    """
    is_counted = activities["kind"].isin(activities.method.counted_indicator_types)
    may_count = is_counted | (activities["indicator_type"] == UNKNOWN_INDICATOR_TYPE)
    people = activities["new"].where(may_count, 0.0)
    not_known = activities["people_not_known"].where(may_count, 0.0)
    excess = (people - activities["total"]).clip(lower=0.0)
    return pd.DataFrame({"counted": is_counted, "people": people, "not_known": not_known, "people_above_total": excess})


@derives("new_is_whole", "people_if_whole", by_method=True)
def derive_whole_numbers(activities: ActivityColumns) -> pd.DataFrame:
    """Mark new beneficiaries that are a whole number. For other numbers, estimate the people that were meant.

    Columns: ``new_is_whole``, ``people_if_whole`` (without meaning if the number is whole, and 0 if the method counts
    nobody). A number from 1 to below 1,000 with at most three decimals is read as thousands: 1.234 as 1,234, and 1.5 as
    1,500. Any other number, such as a share, becomes the mean of the whole numbers above 0, or 1 without such numbers.
    An empty cell is 0.
    """
    people = activities["people"]
    is_whole = (activities["new"] - activities["new"].round()).abs() <= MAX_FLOAT_ERROR
    thousands = people * 1000
    is_thousands = (people >= 1) & (people < 1000) & ((thousands - thousands.round()).abs() <= MAX_FLOAT_ERROR)
    mean = people[is_whole & (people > 0)].mean()
    estimate = thousands.where(is_thousands, 1.0 if pd.isna(mean) else mean).where(people != 0, 0.0)
    return pd.DataFrame({"new_is_whole": is_whole, "people_if_whole": estimate})


@derives("largest_group", "largest_age", "people_of_largest_group")
def derive_largest_groups(activities: ActivityColumns) -> pd.DataFrame:
    """Return the column names of the largest population group and of the largest age and gender, on a tie the first.

    Columns: ``largest_group``, ``largest_age``, ``people_of_largest_group``. An empty cell counts as 0.
    """
    groups = activities.numbers(POPULATION_GROUPS)
    ages = activities.numbers(activities.plan.year.age_gender_groups)
    return pd.DataFrame(
        {
            "largest_group": groups.idxmax(axis="columns"),
            "largest_age": ages.idxmax(axis="columns"),
            "people_of_largest_group": groups.max(axis="columns"),
        }
    )


@derives("can_be_split", *(f"split_{name}" for name in AGE_GENDER_GROUPS))
def derive_split(activities: ActivityColumns) -> pd.DataFrame:
    """Split new beneficiaries by the proportions of people in need of their country and sector, in whole people.

    Columns: ``split_…`` for each of ``AGE_GENDER_GROUPS`` (NaN without proportions), and ``can_be_split`` (bool), false
    without proportions, without new beneficiaries, or if these are no whole number. The people that remain after
    rounding down go to the groups that lost most by rounding. Raises ``KeyError`` without the list of proportions.
    """
    names = list(AGE_GENDER_GROUPS)
    table = activities.plan.references["age_gender_proportions"].drop_duplicates(["country", "sector"])
    shares = table.set_index(join_texts(table["country"], table["sector"]))[names]
    keys = join_texts(activities["country"], activities["sector"])
    shares = shares.reindex(keys).fillna(0.0).set_axis(activities["new"].index)
    sums = shares.sum(axis="columns")
    exact = shares.mul(activities["new"], axis="index").div(sums.where(sums > 0), axis="index")
    floor = exact // 1
    remaining = activities["new"] - floor.sum(axis="columns")
    rank = (floor - exact).rank(axis="columns", method="first")
    people = floor + rank.le(remaining, axis="index")
    can_be_split = (activities["new"] > 0) & (activities["new"] % 1 == 0) & (sums > 0)
    return people.add_prefix("split_").assign(can_be_split=can_be_split)
