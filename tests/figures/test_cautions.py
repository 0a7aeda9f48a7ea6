"""What may not be printed as if it were well bears a caution, by the named rules of the method."""

from dataclasses import replace
from typing import Any

import pytest

from conftest import Build, sheet_of
from rmrp_analysis.figures import Caution, for_audience
from rmrp_analysis.method import CautionLimits, Method, Period
from rmrp_analysis.page import Page

YEAR = Period(start="2021-01", end="2021-12")
MONTHS = [f"2021-{month:02d}" for month in range(1, 6)]
BY_AGE, BY_GROUP = "people_reached_by_age_gender", "people_reached_by_population_group"


@pytest.fixture
def cautions(plan: Build, activities: Build) -> Any:
    """The cautions of a sheet of these activities, as rule and what is in doubt."""

    def of(method: Method | None = None, **columns: Any) -> list[tuple[str, str]]:
        figures = sheet_of(plan(activities(**columns)), "Health", period=YEAR, method=method)
        return [(caution.rule, caution.of) for caution in figures.cautions]

    return of


@pytest.mark.parametrize(("largest", "in_doubt"), [(5_000, True), (4_000, False)])
def test_one_report_that_makes_most_of_a_number_puts_it_in_doubt(cautions: Any, largest: int, in_doubt: bool) -> None:
    found = cautions(new_beneficiaries=[largest, 4_000], month=MONTHS[:2])
    assert (("one_report", "people_reached") in found) == in_doubt


def test_a_small_number_may_be_of_one_report(cautions: Any) -> None:
    assert cautions(new_beneficiaries=[999]) == []
    assert cautions(Method(cautions=CautionLimits(people_from=900)), new_beneficiaries=[999]) == [
        ("one_report", "people_reached")
    ]


@pytest.mark.parametrize(("women", "in_doubt"), [(105, False), (106, True)])
def test_groups_above_their_total_put_both_in_doubt(cautions: Any, women: int, in_doubt: bool) -> None:
    found = cautions(new_beneficiaries=[100], women=[women])
    assert found == ([("total_below_parts", "people_reached"), ("groups_exceed_total", BY_AGE)] if in_doubt else [])


def test_groups_of_nobody_reached_put_the_zero_in_doubt(cautions: Any) -> None:
    found = cautions(new_beneficiaries=[0], in_destination=[1_370])
    assert found == [("total_below_parts", "people_reached"), ("groups_exceed_total", BY_GROUP)]


@pytest.mark.parametrize(("women", "in_doubt"), [(70, False), (69, True), (0, False)])
def test_too_many_people_in_no_group_put_the_breakdown_in_doubt(cautions: Any, women: int, in_doubt: bool) -> None:
    found = cautions(new_beneficiaries=[100], women=[women])
    assert found == ([("not_specified", BY_AGE)] if in_doubt else [])


@pytest.mark.parametrize(("second_total", "in_doubt"), [(800, True), (900, False)])
def test_people_who_are_always_new_put_their_number_in_doubt(cautions: Any, second_total: int, in_doubt: bool) -> None:
    found = cautions(
        new_beneficiaries=[800, 800, 0], total_monthly_beneficiaries=[800, second_total, 70], month=MONTHS[:3]
    )
    assert found == ([("new_is_total", "people_reached")] if in_doubt else [])


def test_reach_far_above_the_target_bears_a_caution(plan: Build, activities: Build, planning: Build) -> None:
    planned = planning(("Health", "region", "all", "target", 100))
    of_151 = sheet_of(plan(activities(new_beneficiaries=[151]), planned), "Health", period=YEAR)
    of_150 = sheet_of(plan(activities(new_beneficiaries=[150]), planned), "Health", period=YEAR)
    assert of_151.cautions == (Caution("coverage_above", "target_coverage", 1.51),)
    assert of_150.cautions == ()


def views_of(exact: Any, audience: str) -> dict[str, Any]:
    """The blocks of people and of age and gender."""
    page = Page(exact, audience=audience)
    page.cards("people_in_need", "target", "people_reached")
    page.bars(page.table("people_reached", "age_gender"))
    return {block.uid or block.kind: block.view for block in page.blocks}


def test_the_number_bears_its_caution_and_the_breakdown_gives_way_to_it(plan: Build, activities: Build) -> None:
    reports = activities(new_beneficiaries=[4_000, 50], month=["2021-01", "2021-02"], women=[5_000, 50])
    exact = sheet_of(plan(reports), "Health", period=YEAR)
    public, internal = (views_of(exact, audience) for audience in ("public", "internal"))
    assert public["people"]["caution"] == (
        "Being checked: one report of January makes 99% of this number; "
        "one of its breakdowns adds up to 5.05\u202fK, which is more."
    )
    assert public[BY_AGE]["empty"]["reason"] == (
        "Being checked: these groups add up to 5.05\u202fK, more than the people reached."
    )
    assert public[BY_AGE]["rows"] == []
    assert internal[BY_AGE]["rows"]
    assert internal[BY_AGE]["caution"].startswith("Being checked: these groups add up to")


def test_a_public_caution_tells_what_follows_from_rounded_numbers(plan: Build, activities: Build) -> None:
    exact = sheet_of(plan(activities(new_beneficiaries=[102], women=[55])), "Health", period=YEAR)
    public = for_audience(exact, "public")
    (caution,) = public.cautions
    rest = public.breakdowns[BY_AGE].values()["not specified"]
    assert (caution.rule, caution.share) == ("not_specified", rest / (public.value("people_reached") or 0))
    assert {rest, public.value("people_reached")} <= {40, 50, 100, 110}


def test_a_caution_of_few_people_tells_no_number(plan: Build, activities: Build) -> None:
    exact = sheet_of(plan(activities(new_beneficiaries=[0], women=[5])), "Health", period=YEAR)
    public = for_audience(exact, "public")
    few = replace(public, cautions=tuple(replace(caution, people=None) for caution in public.cautions))
    assert {caution.people for caution in public.cautions} <= {None, 10}
    assert views_of(few, "public")["people"]["caution"] == "Being checked: one of its breakdowns adds up to more."
