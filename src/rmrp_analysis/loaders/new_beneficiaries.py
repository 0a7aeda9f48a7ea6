"""New beneficiaries where a plan year's form asks for the groups of people, and no longer for their number."""

from collections.abc import Callable, Mapping

import pandas as pd

from rmrp_analysis.vocabulary import POPULATION_GROUPS, REPORTED, PlanYear

NEW = "new_beneficiaries"
WORTH_A_NUMBER = 1e-6
"""Below this a difference is only how a computer keeps fractions: 88.27 + 2.73 is 91."""


def sums_of_groups(activities: pd.DataFrame, year: PlanYear) -> tuple[pd.Series, pd.Series]:
    """The people of each activity by population group and by age and gender; an empty cell adds nothing."""
    groups, cells = (activities[list(columns)] for columns in (POPULATION_GROUPS, year.age_gender_groups))
    return groups.sum(axis="columns"), cells.sum(axis="columns")


def groups_that_agree(activities: pd.DataFrame, year: PlanYear) -> pd.Series:
    """The sum of the population groups where the age and gender groups add up to the same; else NA, which is not 0.

    Where none of all these cells is filled, nobody said anything, and that is NA, too. Source: R4V's form of 2026.
    """
    by_group, by_age_gender = sums_of_groups(activities, year)
    filled = activities[[*POPULATION_GROUPS, *year.age_gender_groups]].notna().any(axis="columns")
    return by_group.where(filled & ((by_group - by_age_gender).abs() <= WORTH_A_NUMBER))


RULES: Mapping[str, Callable[[pd.DataFrame, PlanYear], pd.Series]] = {
    REPORTED: lambda activities, _: activities[NEW],
    "groups_that_agree": groups_that_agree,
}
"""By the name that a plan year declares (``new_beneficiaries``): the new beneficiaries of each activity."""


def with_new_beneficiaries(activities: pd.DataFrame, year: PlanYear) -> pd.DataFrame:
    """The activities with their new beneficiaries by the plan year's rule, and the ``people_not_known`` of each.

    What stands there already, by a repair or a correction, stays. Not known are the people of the larger of the two
    sums; 0 where new beneficiaries are known, and in years that report them.
    """
    new = activities[NEW].fillna(RULES[year.new_beneficiaries](activities, year))
    if not year.derives_new:
        return activities.assign(**{NEW: new}, people_not_known=0.0)
    by_group, by_age_gender = sums_of_groups(activities, year)
    most = by_group.where(by_group > by_age_gender, by_age_gender)
    return activities.assign(**{NEW: new}, people_not_known=most.where(new.isna(), 0.0))
