"""Partners are distinct organisations, activities are rows."""

import pytest

from conftest import Build


def count(plan: Build, figure: str, activities: object) -> float | None:
    """A count of the Health sector."""
    return plan(activities).select("Health")[figure].total


SPELLINGS = ["Cáritas Perú", "CARITAS PERU", "Caritas  Peru ", "Caritas Chile"]


@pytest.mark.parametrize(
    ("figure", "columns", "number"),
    [
        ("reporting_partners", {"appealing_organisation": ["IOM", "IOM", "UNHCR"]}, 2),
        ("reporting_partners", {"appealing_organisation": SPELLINGS}, 2),  # accents, case and blanks tell nobody apart
        ("implementing_partners", {"implementing_partner": ["", "Aldeas", " "]}, 1),  # none is nobody
        (
            "implementing_partners",  # whatever the set-up says
            {"implementation_setup": ["No", None], "implementing_partner": ["Aldeas", "Cáritas"]},
            2,
        ),
        ("activities", {"month": ["2021-01", "2021-01", "2021-02"]}, 3),  # rows, also where two are alike
    ],
)
def test_partners_are_distinct_organisations_and_activities_are_rows(
    plan: Build, activities: Build, figure: str, columns: dict[str, list[str | None]], number: int
) -> None:
    assert count(plan, figure, activities(**columns)) == number


def test_an_organisation_that_appeals_and_implements_is_in_both_counts(plan: Build, activities: Build) -> None:
    table = activities(appealing_organisation=["IOM", "NRC"], implementing_partner=["NRC", ""])
    assert (count(plan, "reporting_partners", table), count(plan, "implementing_partners", table)) == (2, 1)


def test_partners_by_country_count_in_each_of_theirs(plan: Build, activities: Build) -> None:
    table = activities(appealing_organisation=["IOM", "IOM", "NRC"], country=["PER", "COL", "COL"])
    by_country = plan(table).select("Health")["reporting_partners"].by("country")
    assert by_country.to_dict() == {"COL": 2, "PER": 1}


def test_nothing_reported_is_nobody_and_no_activity(plan: Build, activities: Build) -> None:
    figures = plan(activities().iloc[:0]).select("Health").figures()
    names = ["reporting_partners", "implementing_partners", "activities"]
    assert figures.loc[names, "value"].to_list() == [0, 0, 0]
