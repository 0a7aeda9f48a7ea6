"""Checks for numbers that do not add up, cannot be counts, or are counted twice."""

from collections.abc import Mapping

import pandas as pd

from rmrp_analysis.quality.check import (
    COUNTS,
    COUNTS_OF_PEOPLE,
    ORGANISATIONS,
    PEOPLE,
    PEOPLE_IN_NEED,
    WORTH_A_NUMBER,
    Check,
    Expected,
    Reports,
    as_text,
    nobody,
)
from rmrp_analysis.tables import Activities
from rmrp_analysis.vocabulary import POPULATION_GROUPS

OF_THE_RECORD = ("source_file", "source_line", "record_id")
REPORTED = tuple(name for name in Activities.to_schema().columns if name not in OF_THE_RECORD)
KEY = (*ORGANISATIONS, "month", "sector", "indicator", "activity_name", "country", "admin1")
"""What one report is known by."""


def by_population_group(reports: Reports, _: str = "") -> pd.Series:
    """The people of the five population groups."""
    return reports.sum_of(POPULATION_GROUPS)


def by_age_and_gender(reports: Reports, _: str = "") -> pd.Series:
    """The people of the plan year's age and gender groups."""
    return reports.sum_of(reports.plan.year.age_gender_groups)


def _unlike_new(reports: Reports, parts: pd.Series, indicator_type: str) -> pd.Series:
    return reports.of_type(indicator_type) & ((reports.new - parts).abs() > WORTH_A_NUMBER)


def _counted_difference(reports: Reports, parts: pd.Series) -> pd.Series:
    """How far new beneficiaries that are counted are from what their parts add up to."""
    counted = reports.of_type(*reports.method.counted_indicator_types)
    return (reports.new - parts).abs().where(counted, 0.0)


def _new_reported(reports: Reports) -> pd.Series:
    """Where R4V has two numbers to compare."""
    return ~reports.empty("new_beneficiaries")


@Check(
    "warning",
    ("new_beneficiaries",),
    allowed="the sum of the five population groups: {expected}",
    in_some_years=True,
    people=lambda reports: _counted_difference(reports, by_population_group(reports)),
    expected=by_population_group,
    r4v=_new_reported,
)
def population_groups_unlike_new(reports: Reports) -> pd.Series:
    """New beneficiaries differ from the sum of the five population groups."""
    return _unlike_new(reports, by_population_group(reports), PEOPLE_IN_NEED)


@Check(
    "warning",
    ("new_beneficiaries",),
    allowed="the sum of the age and gender groups: {expected}",
    in_some_years=True,
    people=lambda reports: _counted_difference(reports, by_age_and_gender(reports)),
    expected=by_age_and_gender,
    r4v=_new_reported,
)
def age_gender_unlike_new(reports: Reports) -> pd.Series:
    """New beneficiaries differ from the sum of the age and gender groups."""
    return _unlike_new(reports, by_age_and_gender(reports), PEOPLE_IN_NEED)


@Check(
    "warning",
    ("new_beneficiaries",),
    allowed="the sum of the age and gender groups: {expected}",
    in_some_years=True,
    people=lambda reports: _counted_difference(reports, by_age_and_gender(reports)),
    expected=by_age_and_gender,
)
def age_gender_unlike_new_trained(reports: Reports) -> pd.Series:
    """New people trained or informed differ from the sum of the age and gender groups."""
    return _unlike_new(reports, by_age_and_gender(reports), PEOPLE)


def _sums_differ(reports: Reports) -> pd.Series:
    difference = by_population_group(reports) - by_age_and_gender(reports)
    return reports.of_type(PEOPLE_IN_NEED) & (difference.abs() > WORTH_A_NUMBER)


def _sum_beside(counted: Expected, other: Expected) -> Expected:
    """The sum that a breakdown comes to, beside that of the other."""

    def both(reports: Reports, column: str) -> pd.Series:
        return as_text(counted(reports, column)) + " ≠ " + as_text(other(reports, column))

    return both


@Check(
    "warning",
    ("in_destination",),
    allowed="population groups that add up to the same as the age and gender groups: {expected}",
    in_some_years=True,
    people=lambda reports: reports.not_known,
    expected=_sum_beside(by_population_group, by_age_and_gender),
)
def population_groups_unlike_age_gender(reports: Reports) -> pd.Series:
    """The population groups add up to another number than the age and gender groups, so it is not known how many people
    are new, and none is counted.
    """
    return _sums_differ(reports)


@Check(
    "warning",
    ("women",),
    allowed="age and gender groups that add up to the same as the population groups: {expected}",
    in_some_years=True,
    people=lambda reports: reports.not_known,
    expected=_sum_beside(by_age_and_gender, by_population_group),
)
def age_gender_unlike_population_groups(reports: Reports) -> pd.Series:
    """The age and gender groups add up to another number than the population groups, so it is not known how many people
    are new, and none is counted.
    """
    return _sums_differ(reports)


CALCULATED: Mapping[str, Expected] = {
    "calculated_population_groups": by_population_group,
    "calculated_age_gender": by_age_and_gender,
}
"""What each sum of ActivityInfo's should be."""


@Check(
    "warning",
    tuple(CALCULATED),
    allowed="the sum of its groups: {expected}",
    people=nobody,
    expected=lambda reports, column: CALCULATED[column](reports, column),
)
def calculated_sum_unlike_groups(reports: Reports) -> pd.DataFrame:
    """A sum that ActivityInfo calculated is not that of its groups; it is not used."""
    return pd.DataFrame(
        {
            column: ~reports.empty(column) & ((reports.number(column) - sums(reports, column)).abs() > WORTH_A_NUMBER)
            for column, sums in CALCULATED.items()
        }
    )


def _first_line(columns: tuple[str, ...]) -> Expected:
    """The line of the first row that is alike in these columns."""

    def line(reports: Reports, _: str) -> pd.Series:
        number, first = reports.plan.reported.first_rows(columns)
        return reports.plan.reported["source_line"].take(first.take(number)).reset_index(drop=True)

    return line


@Check(
    "error",
    ("new_beneficiaries",),
    allowed="each row once; the first is on line {expected}",
    expected=_first_line(REPORTED),
)
def full_duplicate(reports: Reports) -> pd.Series:
    """The row repeats an earlier one in every column, so its people count twice."""
    return reports.alike(REPORTED).duplicated()


@Check(
    "warning",
    ("activity_name",),
    allowed="one row each; the first is on line {expected}",
    needs_column="activity_name",
    people=lambda reports: reports.people.where(reports.alike(KEY).duplicated(), 0.0),
    expected=_first_line(KEY),
)
def shared_key(reports: Reports) -> pd.Series:
    """Another row has the same organizations, month, sector, indicator, activity and place."""
    return reports.alike(KEY).duplicated(keep=False)


@Check("note", COUNTS_OF_PEOPLE, allowed="a whole number", people=nobody)
def not_whole(reports: Reports) -> pd.DataFrame:
    """A number of people is not a whole number."""
    return pd.DataFrame(
        {name: reports.numbers_where(name, lambda numbers: numbers != numbers.round()) for name in COUNTS_OF_PEOPLE}
    )


@Check("error", (*COUNTS, "transfer_value_usd"), allowed="0 or more", people=lambda reports: reports.people.abs())
def negative(reports: Reports) -> pd.DataFrame:
    """A number is below 0."""
    counts = (*COUNTS, "transfer_value_usd")
    return pd.DataFrame({name: reports.numbers_where(name, lambda numbers: numbers < 0) for name in counts})
