"""New beneficiaries where a plan year's form asks for the groups of people, and no longer for their number."""

import pandas as pd

from rmrp_analysis.vocabulary import INDICATOR_TYPES, POPULATION_GROUPS, UNKNOWN_INDICATOR, PlanYear

NEW_BENEFICIARIES = "new_beneficiaries"
"""The column of new beneficiaries."""
PEOPLE_IN_NEED, *_ = INDICATOR_TYPES
"""The type of indicators whose beneficiaries are people in need."""
MAX_FLOAT_ERROR = 1e-6
"""Below this a difference is only how a computer keeps fractions: 88.27 + 2.73 is 91."""


def with_new_beneficiaries(activities: pd.DataFrame, year: PlanYear) -> pd.DataFrame:
    """Add the new beneficiaries by the plan year's rule, and ``people_not_known``, to typed activities.

    By ``groups_that_agree`` they are, of people assisted, the sum of the population groups where the age and gender
    groups add up to the same; else NA, which is not 0. Where no group is filled both sums are 0, and so are the new
    beneficiaries: all were supported before. What an indicator counts that is in no list is not known; its people are
    derived, too, so that they are seen to be lost. Indicators of other types have no new beneficiaries. What stands
    there already, by a repair or a correction, stays. Not known are the people of the larger of the two sums; 0 where
    new beneficiaries are known, and in years that report them. Source: R4V's form of 2026.
    """
    if not year.derives_new:
        return activities.assign(people_not_known=0.0)
    population_group_sum_by_row, age_gender_sum_by_row = (
        activities[list(group_columns)].sum(axis="columns")
        for group_columns in (POPULATION_GROUPS, year.age_gender_groups)
    )
    is_indicator_of_people = activities["indicator_type"].isin([PEOPLE_IN_NEED, UNKNOWN_INDICATOR]).astype("bool")
    has_equal_sums = (population_group_sum_by_row - age_gender_sum_by_row).abs() <= MAX_FLOAT_ERROR
    new_beneficiaries = activities[NEW_BENEFICIARIES].fillna(
        population_group_sum_by_row.where(has_equal_sums & is_indicator_of_people)
    )
    larger_sum_by_row = population_group_sum_by_row.where(
        population_group_sum_by_row > age_gender_sum_by_row, age_gender_sum_by_row
    )
    people_not_known = larger_sum_by_row.where(new_beneficiaries.isna() & is_indicator_of_people, 0.0).clip(lower=0)
    return activities.assign(**{NEW_BENEFICIARIES: new_beneficiaries}, people_not_known=people_not_known)
