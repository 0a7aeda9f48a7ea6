"""New beneficiaries in plan years with a form that asks for groups of people, and no longer for their number."""

import pandas as pd

from rmrp_analysis.vocabulary import INDICATOR_TYPES, POPULATION_GROUPS, UNKNOWN_INDICATOR_TYPE, PlanYear

NEW_BENEFICIARIES_COLUMN = "new_beneficiaries"
PEOPLE_IN_NEED_TYPE, *_ = INDICATOR_TYPES
"""The type of indicators that count people in need."""
MAX_FLOAT_ERROR = 1e-6
"""A smaller difference comes from floats alone: 88.27 + 2.73 is 91."""


def with_new_beneficiaries(activities: pd.DataFrame, year: PlanYear) -> pd.DataFrame:
    """Return activities with the columns ``new_beneficiaries`` and ``people_not_known``, by the plan year's rule.

    In years that report new beneficiaries, these stay, and ``people_not_known`` is 0. In years that derive them
    (``groups_that_agree``), filled cells stay, too: they come from a repair or a correction. For indicators of people
    assisted, and for indicators in no list, empty cells become the sum of the population groups, if the age and gender
    groups have the same sum. The sum is 0 if no group is filled: all were supported before. If the sums differ, the
    cells stay NaN, and ``people_not_known`` is the larger sum. Otherwise it is 0. Empty cells of other indicators stay
    NaN. Source: R4V's form of 2026.
    """
    if not year.derives_new:
        return activities.assign(people_not_known=0.0)
    groups = activities[list(POPULATION_GROUPS)].sum(axis="columns")
    ages = activities[list(year.age_gender_groups)].sum(axis="columns")
    is_counted = activities["indicator_type"].isin([PEOPLE_IN_NEED_TYPE, UNKNOWN_INDICATOR_TYPE]).astype("bool")
    is_equal = (groups - ages).abs() <= MAX_FLOAT_ERROR
    new = activities[NEW_BENEFICIARIES_COLUMN].fillna(groups.where(is_equal & is_counted))
    larger = groups.where(groups > ages, ages)
    unknown = larger.where(new.isna() & is_counted, 0.0).clip(lower=0)
    return activities.assign(**{NEW_BENEFICIARIES_COLUMN: new}, people_not_known=unknown)
