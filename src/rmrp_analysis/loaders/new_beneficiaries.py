"""New beneficiaries where a plan year's form asks for the groups of people, and no longer for their number."""

import pandas as pd

from rmrp_analysis.vocabulary import INDICATOR_TYPES, POPULATION_GROUPS, UNKNOWN_INDICATOR_TYPE, PlanYear

NEW_BENEFICIARIES_COLUMN = "new_beneficiaries"
"""The column of new beneficiaries."""
PEOPLE_IN_NEED_TYPE, *_ = INDICATOR_TYPES
"""The type of indicators whose beneficiaries are people in need."""
MAX_FLOAT_ERROR = 1e-6
"""Below this a difference is only how a computer keeps fractions: 88.27 + 2.73 is 91."""


def with_new_beneficiaries(activities: pd.DataFrame, year: PlanYear) -> pd.DataFrame:
    """Return activities with the columns ``new_beneficiaries`` and ``people_not_known``, by the plan year's rule.

    In years that report new beneficiaries, these stay, and ``people_not_known`` is 0. By ``groups_that_agree``, filled
    ones stay, too: they come from a repair or a correction. Empty ones of indicators of people assisted, and of those
    in no list, become the sum of the population groups where the age and gender groups add up to the same (0 where no
    group is filled: all were supported before). Where the sums differ they stay NaN, and ``people_not_known`` is the
    larger sum; else it is 0. Empty ones of other indicators stay NaN. Source: R4V's form of 2026.
    """
    if not year.derives_new:
        return activities.assign(people_not_known=0.0)
    population_group_sum_by_row, age_gender_sum_by_row = (
        activities[list(group_columns)].sum(axis="columns")
        for group_columns in (POPULATION_GROUPS, year.age_gender_groups)
    )
    is_indicator_of_people = (
        activities["indicator_type"].isin([PEOPLE_IN_NEED_TYPE, UNKNOWN_INDICATOR_TYPE]).astype("bool")
    )
    has_equal_sums = (population_group_sum_by_row - age_gender_sum_by_row).abs() <= MAX_FLOAT_ERROR
    new_beneficiaries = activities[NEW_BENEFICIARIES_COLUMN].fillna(
        population_group_sum_by_row.where(has_equal_sums & is_indicator_of_people)
    )
    larger_sum_by_row = population_group_sum_by_row.where(
        population_group_sum_by_row > age_gender_sum_by_row, age_gender_sum_by_row
    )
    people_not_known = larger_sum_by_row.where(new_beneficiaries.isna() & is_indicator_of_people, 0.0).clip(lower=0)
    return activities.assign(**{NEW_BENEFICIARIES_COLUMN: new_beneficiaries}, people_not_known=people_not_known)
