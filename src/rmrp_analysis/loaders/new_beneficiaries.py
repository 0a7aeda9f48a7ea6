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
    by_group, by_age_gender = (
        activities[list(columns)].sum(axis="columns") for columns in (POPULATION_GROUPS, year.age_gender_groups)
    )
    of_people = activities["indicator_type"].isin([PEOPLE_IN_NEED_TYPE, UNKNOWN_INDICATOR_TYPE]).astype("bool")
    agree = (by_group - by_age_gender).abs() <= MAX_FLOAT_ERROR
    new = activities[NEW_BENEFICIARIES_COLUMN].fillna(by_group.where(agree & of_people))
    most = by_group.where(by_group > by_age_gender, by_age_gender)
    not_known = most.where(new.isna() & of_people, 0.0).clip(lower=0)
    return activities.assign(**{NEW_BENEFICIARIES_COLUMN: new}, people_not_known=not_known)
