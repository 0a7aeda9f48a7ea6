"""Checks for numbers that do not add up, cannot be counts, or are counted twice."""

from collections.abc import Callable

import pandas as pd

from rmrp_analysis.quality.check import (
    IN_2021,
    PEOPLE,
    PEOPLE_IN_NEED,
    WORTH_A_NUMBER,
    Check,
    Expected,
    Reports,
    Rows,
    nobody,
)
from rmrp_analysis.tables import Activities
from rmrp_analysis.vocabulary import AGE_GENDER_GROUPS, OTHER_GENDER_GROUPS, POPULATION_GROUPS

COUNTS_OF_PEOPLE = (
    "total_monthly_beneficiaries",
    "new_beneficiaries",
    *POPULATION_GROUPS,
    *AGE_GENDER_GROUPS,
    *OTHER_GENDER_GROUPS,
)
COUNTS = ("quantity", *COUNTS_OF_PEOPLE)
REPORTED = tuple(name for name in Activities.to_schema().columns if name not in ("source_file", "source_line"))
KEY = (
    "appealing_organisation",
    "implementing_partner",
    "month",
    "sector",
    "indicator",
    "activity_name",
    "country",
    "admin1",
)
"""What one report is known by."""


def _by_population_group(reports: Reports) -> pd.Series:
    return reports.sum_of(POPULATION_GROUPS)


def _by_age_and_gender(reports: Reports) -> pd.Series:
    return reports.sum_of(reports.year.age_gender_groups)


def _difference(parts: Rows) -> Rows:
    """How far new beneficiaries are from what their parts add up to."""
    return lambda reports: (reports.new - parts(reports)).abs()


def _unlike(parts: Rows, indicator_type: str) -> Rows:
    return lambda reports: reports.of_type(indicator_type) & (_difference(parts)(reports) > WORTH_A_NUMBER)


def _counted_difference(parts: Rows) -> Rows:
    return lambda reports: _difference(parts)(reports).where(
        reports.of_type(*reports.method.counted_indicator_types), 0.0
    )


def _cells(
    columns: tuple[str, ...], faulty: Callable[[pd.DataFrame], pd.DataFrame]
) -> Callable[[Reports], pd.DataFrame]:
    return lambda reports: faulty(reports.activities[list(columns)].fillna(0.0))


def _repeated(reports: Reports) -> pd.Series:
    return reports.activities.duplicated(list(REPORTED))


def _first_alike(columns: tuple[str, ...]) -> Expected:
    """The line of the first row that is alike."""

    def first(reports: Reports, _: str) -> pd.Series:
        alike = reports.activities.duplicated(list(columns), keep=False)
        rows = reports.activities[alike]
        lines = rows["source_line"].groupby([rows[column] for column in columns], dropna=False).transform("first")
        return lines.reindex(reports.activities.index, fill_value=0)

    return first


def _shares_key(reports: Reports) -> pd.Series:
    return reports.activities.duplicated(list(KEY), keep=False)


def _after_the_first(reports: Reports) -> pd.Series:
    return reports.people.where(reports.activities.duplicated(list(KEY)), 0.0)


ACCURACY = (
    Check(
        name="population_groups_unlike_new",
        family="accuracy",
        severity="warning",
        columns=("new_beneficiaries",),
        sentence="New beneficiaries differ from the sum of the five population groups.",
        allowed="the sum of the five population groups: {expected}",
        fails=_unlike(_by_population_group, PEOPLE_IN_NEED),
        r4v_2021="Pin.Beneficiaries.vs.pop.type",
        r4v_2022="PopTypeBreakdown",
        people=_counted_difference(_by_population_group),
        expected=lambda reports, _: _by_population_group(reports),
    ),
    Check(
        name="age_gender_unlike_new",
        family="accuracy",
        severity="warning",
        columns=("new_beneficiaries",),
        sentence="New beneficiaries differ from the sum of the age and gender groups.",
        allowed="the sum of the age and gender groups: {expected}",
        fails=_unlike(_by_age_and_gender, PEOPLE_IN_NEED),
        r4v_2021="Pin.Beneficiaries.vs.AGbreakdown",
        r4v_2022="AGDBreakdown",
        people=_counted_difference(_by_age_and_gender),
        expected=lambda reports, _: _by_age_and_gender(reports),
    ),
    Check(
        name="age_gender_unlike_new_trained",
        family="accuracy",
        severity="warning",
        columns=("new_beneficiaries",),
        sentence="New people trained or informed differ from the sum of the age and gender groups.",
        allowed="the sum of the age and gender groups: {expected}",
        fails=_unlike(_by_age_and_gender, PEOPLE),
        years=IN_2021,
        r4v_2021="People.Beneficiaries.vs.AGbreakdown",
        people=_counted_difference(_by_age_and_gender),
        expected=lambda reports, _: _by_age_and_gender(reports),
    ),
    Check(
        name="full_duplicate",
        family="accuracy",
        severity="error",
        columns=("new_beneficiaries",),
        sentence="The row repeats an earlier one in every column, so its people count twice.",
        allowed="each row once; the first is on line {expected}",
        fails=_repeated,
        expected=_first_alike(REPORTED),
    ),
    Check(
        name="shared_key",
        family="accuracy",
        severity="warning",
        columns=("activity_name",),
        sentence="Another row has the same organizations, month, sector, indicator, activity and place.",
        allowed="one row each; the first is on line {expected}",
        fails=_shares_key,
        needs_column="activity_name",
        people=_after_the_first,
        expected=_first_alike(KEY),
    ),
    Check(
        name="not_whole",
        family="accuracy",
        severity="note",
        columns=COUNTS_OF_PEOPLE,
        sentence="A number of people is not a whole number.",
        allowed="a whole number",
        fails=_cells(COUNTS_OF_PEOPLE, lambda cells: cells.round() != cells),
        people=nobody,
    ),
    Check(
        name="negative",
        family="accuracy",
        severity="error",
        columns=(*COUNTS, "transfer_value_usd"),
        sentence="A number is below 0.",
        allowed="0 or more",
        fails=_cells((*COUNTS, "transfer_value_usd"), lambda cells: cells < 0),
        people=lambda reports: reports.people.abs(),
    ),
)
