"""Changed rows explain the numbers of the cells that they are in, and no others."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from rmrp_analysis.method import Method, Period
from rmrp_analysis.plan import Plan
from rmrp_analysis.publish.comparison.changes import SELECTIONS, selected, with_facts
from rmrp_analysis.publish.comparison.rows import RowChanges, are_touched

Build = Callable[..., Any]
Explains = Callable[..., bool]
YEAR = Period(start="2021-01", end="2021-12")


@pytest.fixture(scope="module")
def explains(plan: Build) -> Callable[[pd.DataFrame, pd.DataFrame], Explains]:
    """Whether the rows that differ between two tables explain that a number changed."""

    def between(before: pd.DataFrame, after: pd.DataFrame, period: Period = YEAR) -> Explains:
        plans: tuple[Plan, ...] = plan(before), plan(after)
        reports = [*SELECTIONS, "health.by-iom", "health.peru.by-unhcr"]
        sheets = tuple(
            each.sheets((selected(report, each.organisations) for report in reports), period=period, method=Method())
            for each in plans
        )
        rows = RowChanges(plans, plans, sheets)
        touched = rows.touched(rows.table)

        def of(report: str, figure: str, part: str = "", kind: str = "changed") -> bool:
            change = pd.DataFrame([{"report": report, "figure": figure, "part": part, "kind": kind}])
            return bool(are_touched(with_facts(change), touched).item())

        return of

    return between


@pytest.fixture(scope="module")
def of_peru(activities: Build, explains: Callable[..., Explains]) -> Explains:
    """A row of Health in Lima in March says 7 women more; one of Ecuador stays as it is."""
    columns = {"country": ["PER", "ECU"], "admin1": ["Lima", "Pichincha"], "month": ["2021-03", "2021-04"]}
    columns |= {"place": ["PE15", "EC17"], "appealing_organisation": ["UNHCR", "IOM"]}
    before = activities(new_beneficiaries=[10, 20], women=[10, 20], in_destination=[10, 20], **columns)
    after = activities(new_beneficiaries=[17, 20], women=[17, 20], in_destination=[17, 20], **columns)
    return explains(before, after)


@pytest.mark.parametrize(
    ("report", "figure", "part", "explained"),
    [
        ("health", "people_reached", "", True),
        ("health.peru", "people_reached", "", True),
        ("health.ecuador", "people_reached", "", False),
        ("wash", "people_reached", "", False),
        ("intersector", "people_reached", "", True),
        ("intersector.ecuador", "people_reached", "", False),
        ("health", "people_reached_by_platform", "Peru", True),
        ("health", "people_reached_by_platform", "Ecuador", False),
        ("health", "target_coverage_by_country", "PER", True),
        ("health", "target_coverage_by_country", "ECU", False),
        ("health.peru", "people_reached_by_admin1", "Lima", True),
        ("health.peru", "people_reached_by_admin1", "Tacna", False),
        ("health", "people_reached_by_month", "2021-03", True),
        ("health", "people_reached_by_month", "2021-04", False),
        ("intersector", "people_reached_by_sector", "Health", True),
        ("intersector", "people_reached_by_sector", "WASH", False),
        ("intersector", "people_reached_by_model", "max_sector", True),
        ("health", "people_reached_by_age_gender", "women", True),
        ("health", "people_reached_by_age_gender", "men", False),
        ("health", "people_reached_by_population_group", "in_destination", True),
        ("health", "people_reached_by_population_group", "not specified", False),
        ("intersector", "people_reached_by_age_gender", "men", True),  # of the largest sector come all groups
        ("intersector.ecuador", "people_reached_by_age_gender", "men", False),
        ("health.peru.by-unhcr", "people_reached", "", True),
        ("health.by-iom", "people_reached", "", False),
        ("health.peru.by-unhcr", "activities_by_implementing_partner", "directly", True),
        ("health.peru.by-unhcr", "activities_by_implementing_partner", "Partner A", False),
    ],
)
def test_a_row_explains_the_numbers_of_its_own_cells(
    of_peru: Explains, report: str, figure: str, part: str, explained: bool
) -> None:
    assert of_peru(report, figure, part) is explained


def test_a_row_that_moved_explains_the_numbers_of_both_places(
    activities: Build, explains: Callable[..., Explains]
) -> None:
    of = explains(activities(country="PER", new_beneficiaries=5), activities(country="ECU", new_beneficiaries=5))
    assert [of(f"health.{place}", "people_reached") for place in ("peru", "ecuador", "colombia")] == [True, True, False]


def test_a_row_whose_people_do_not_count_explains_activities_and_that_something_is_reported_at_all(
    activities: Build, explains: Callable[..., Explains]
) -> None:
    before = activities(country="ECU", new_beneficiaries=5)
    more = activities(country=["ECU", "PER"], new_beneficiaries=[5, 5], indicator_type=["people in need", "other"])
    of = explains(before, more)
    assert of("health.peru", "activities")
    assert of("health.peru", "reporting_partners")
    assert not of("health.peru", "people_reached")
    assert of("health.peru", "people_reached", kind="new")
    assert of("health.peru", "people_reached_by_age_gender", "women", kind="new")


def test_a_row_outside_the_period_explains_nothing(activities: Build, explains: Callable[..., Explains]) -> None:
    months = {"month": ["2021-01", "2021-09"]}
    before, after = (activities(new_beneficiaries=[1, people], **months) for people in (2, 3))
    of = explains(before, after, Period(start="2021-01", end="2021-06"))
    assert not of("health", "people_reached")
    assert not of("health", "activities")
