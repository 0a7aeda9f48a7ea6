"""Counts of so few people that one could be recognised are withheld, and do not follow from what is printed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Build
from rmrp_analysis.disclosure import withhold_small_counts
from rmrp_analysis.figures import Caution, Comparisons, KeyFigures
from rmrp_analysis.method import Method

BY_MONTH = "people_reached_by_month"
PARTS = st.lists(st.one_of(st.none(), st.integers(-12, 12), st.integers(0, 5000)), min_size=1, max_size=5)


def withheld(figures: KeyFigures, breakdown: str = BY_MONTH) -> list[str]:
    return [cell.key for cell in figures.breakdowns[breakdown].cells if cell.suppressed]


@pytest.mark.parametrize(("people", "printed"), [(0, True), (1, False), (9, False), (10, True), (11, True)])
def test_people_reached_from_one_up_to_the_threshold_are_withheld(sheet: Build, people: int, printed: bool) -> None:
    figure = withhold_small_counts(sheet(people_reached=people)).figures["people_reached"]
    assert (figure.value, figure.suppressed, figure.reason) == (
        (people, False, "") if printed else (None, True, "withheld")
    )


def test_the_threshold_is_that_of_the_method(sheet: Build) -> None:
    figures = sheet(
        {BY_MONTH: {"a": 30, "b": 40, "c": 500}}, people_reached=570, method=Method(small_count_threshold=50)
    )
    assert withheld(withhold_small_counts(figures)) == ["a", "b"]


def test_a_threshold_of_zero_withholds_nothing(sheet: Build) -> None:
    figures = sheet({BY_MONTH: {"a": 1, "b": 2}}, people_reached=3, method=Method(small_count_threshold=0))
    assert withhold_small_counts(figures).rows.equals(figures.rows)


def test_one_small_part_takes_the_next_smallest_with_it(sheet: Build) -> None:
    figures = sheet({BY_MONTH: {"a": 3, "b": 500, "c": 40, "d": 0}}, people_reached=3 + 500 + 40)
    assert withheld(withhold_small_counts(figures)) == ["a", "c"]


def test_two_small_parts_need_no_third(sheet: Build) -> None:
    figures = sheet({BY_MONTH: {"a": 3, "b": 4, "c": 500}}, people_reached=3 + 4 + 500)
    assert withheld(withhold_small_counts(figures)) == ["a", "b"]


def test_zero_and_no_report_are_never_withheld(sheet: Build) -> None:
    figures = withhold_small_counts(sheet({BY_MONTH: {"a": 0, "b": None, "c": 3, "d": 4}}, people_reached=7))
    assert withheld(figures) == ["c", "d"]
    assert [cell.value for cell in figures.breakdowns[BY_MONTH].cells] == [0, None, None, None]


@pytest.mark.parametrize("rest", [4, -4])
def test_people_of_no_group_are_withheld_but_take_none_with_them(sheet: Build, rest: int) -> None:
    figures = sheet({BY_MONTH: {"women": 50, "men": 60, "not specified": rest}}, people_reached=110 + rest)
    assert withheld(withhold_small_counts(figures)) == ["not specified"]


@pytest.mark.parametrize(
    ("girls", "boys", "parts_withheld"),
    [
        (1, 1, ["girls", "boys", "men"]),  # 2 in two parts are 1 and 1
        (9, 9, ["girls", "boys", "men"]),  # 18 are 9 and 9
        (2, 3, ["girls", "boys", "men"]),  # 5 leave 1 to 4
        (2, 4, ["girls", "boys"]),  # 6 leave 1 to 5
        (6, 8, ["girls", "boys"]),  # 14 leave 5 to 9
    ],
)
def test_small_parts_whose_sum_leaves_few_values_take_a_larger_one_with_them(
    sheet: Build, girls: int, boys: int, parts_withheld: list[str]
) -> None:
    parts = {"girls": girls, "boys": boys, "women": 500, "men": 60}
    hidden = withhold_small_counts(sheet({BY_MONTH: parts}, people_reached=sum(parts.values())))
    assert sorted(withheld(hidden)) == sorted(parts_withheld)
    reasons = {cell.reason for cell in hidden.breakdowns[BY_MONTH].cells if cell.suppressed}
    assert reasons == {"withheld_together" if "men" in parts_withheld else "withheld"}


def test_a_withheld_total_withholds_its_parts_and_its_shares(sheet: Build) -> None:
    figures = sheet(
        {BY_MONTH: {"a": 20, "b": -13}}, people_reached=7, target=700, target_coverage=7 / 700, need_coverage=0.001
    )
    hidden = withhold_small_counts(figures)
    assert withheld(hidden) == ["a", "b"]
    names = ("people_reached", "target_coverage", "need_coverage", "target")
    assert [hidden.figures[name].suppressed for name in names] == [True, True, True, False]


def test_planned_people_and_money_are_printed_however_small(sheet: Build) -> None:
    tables = {"target_by_population_group": {"women": 3}, "funding_usd_by_donor": {"USA": 5.0}}
    figures = sheet(tables, people_reached=500, people_in_need=4, funding_usd=5.0)
    assert withhold_small_counts(figures).rows.equals(figures.rows)


def test_the_exact_sheet_stays_as_it_was(sheet: Build) -> None:
    figures = sheet({BY_MONTH: {"a": 3, "b": 500}}, people_reached=503)
    withhold_small_counts(figures)
    assert figures.breakdowns[BY_MONTH].values() == {"a": 3, "b": 500}


@given(parts=PARTS)
def test_a_withheld_part_never_follows_from_the_others(parts: list[int | None], sheet: Build) -> None:
    by_month = {f"2021-{number:02d}": people for number, people in enumerate(parts, start=1)}
    total = sum(people for people in parts if people)
    hidden = withhold_small_counts(sheet({BY_MONTH: by_month}, people_reached=total))
    others = [cell.value for cell in hidden.breakdowns[BY_MONTH].cells if not cell.suppressed]
    assert len(withheld(hidden)) != 1 or (not any(others) and hidden.figures["people_reached"].suppressed)


@given(parts=st.lists(st.integers(0, 30), min_size=1, max_size=6))
def test_what_is_said_to_be_small_keeps_half_as_many_values_possible_as_the_threshold(
    parts: list[int], sheet: Build
) -> None:
    by_month = {f"2021-{number:02d}": people for number, people in enumerate(parts, start=1)}
    hidden = withhold_small_counts(sheet({BY_MONTH: by_month}, people_reached=sum(parts)))
    small = [cell for cell in hidden.breakdowns[BY_MONTH].cells if cell.reason == "withheld"]
    if small and not hidden.figures["people_reached"].suppressed:
        together = sum(parts) - sum(hidden.breakdowns[BY_MONTH].values().values())
        possible = [people for people in range(1, 10) if len(small) - 1 <= together - people <= 9 * (len(small) - 1)]
        assert len(possible) >= 5


@given(parts=PARTS)
def test_no_small_count_is_ever_printed(parts: list[int | None], sheet: Build) -> None:
    by_month = {f"2021-{number:02d}": people for number, people in enumerate(parts, start=1)}
    hidden = withhold_small_counts(
        sheet({BY_MONTH: by_month}, people_reached=sum(people for people in parts if people))
    )
    printed = [*hidden.breakdowns[BY_MONTH].values().values(), hidden.value("people_reached") or 0]
    assert not [people for people in printed if 0 < abs(people) < 10]


BY_SECTOR, BY_MODEL = "people_reached_by_sector", "people_reached_by_model"


@pytest.mark.parametrize(("small", "parts_withheld"), [(5, ["sum"]), (50, [])])
def test_the_sum_of_sectors_is_withheld_where_it_would_tell_of_a_small_one(
    sheet: Build, small: int, parts_withheld: list[str]
) -> None:
    figures = sheet(
        {BY_SECTOR: {"Health": 400, "WASH": small}, BY_MODEL: {"sum": 400 + small, "max_sector": 400}},
        sector="Intersector",
        people_reached=400,
    )
    assert withheld(withhold_small_counts(figures), BY_MODEL) == parts_withheld
    assert withheld(withhold_small_counts(figures), BY_SECTOR) == (["WASH"] if parts_withheld else [])


def test_where_sectors_make_the_figure_a_second_one_is_withheld(sheet: Build) -> None:
    figures = sheet(
        {BY_SECTOR: {"Health": 400, "WASH": 5, "Shelter": 60}, BY_MODEL: {"sum": 465}},
        method=Method(intersector_model="sum"),
        sector="Intersector",
        people_reached=465,
    )
    assert withheld(withhold_small_counts(figures), BY_SECTOR) == ["WASH", "Shelter"]


def test_few_people_who_are_in_no_figure_are_withheld_too(sheet: Build) -> None:
    figures = replace(sheet(people_reached=400), lost_people={"unknown_indicator": 3.0, "no_proportions": 30.0})
    assert withhold_small_counts(figures).lost_people == {"unknown_indicator": None, "no_proportions": 30}


@pytest.mark.parametrize(
    ("target", "share", "reason"),
    [(40_000, 0.12, ""), (900, None, "withheld_together")],  # a whole percent of 40,000 is 400 people, of 900 it is 9
)
def test_a_share_that_would_tell_few_people_in_transit_is_rounded_or_withheld(
    sheet: Build, target: int, share: float | None, reason: str
) -> None:
    groups = {"in_destination": 4_953, "in_transit": 4, "pendular": 43}
    exact = (5_000 - 4) / target
    figures = sheet(
        {"people_reached_by_population_group": groups}, people_reached=5_000, target=target, target_coverage=exact
    )
    coverage = withhold_small_counts(figures).figures["target_coverage"]
    assert (coverage.value, coverage.reason) == (share, reason)


def test_a_share_that_tells_of_nobody_in_transit_stays_exact(sheet: Build) -> None:
    groups = {"in_destination": 4_000, "in_transit": 1_000}
    figures = sheet(
        {"people_reached_by_population_group": groups}, people_reached=5_000, target=9_000, target_coverage=4 / 9
    )
    assert withhold_small_counts(figures).figures["target_coverage"].value == 4 / 9


def test_the_share_of_a_sector_that_is_withheld_is_withheld(sheet: Build) -> None:
    tables = {
        "people_reached_by_sector": {"Health": 400, "WASH": 5},
        "target_by_sector": {"Health": 1000, "WASH": 1000},
        "target_coverage_by_sector": {"Health": 0.4, "WASH": 0.005},
    }
    hidden = withhold_small_counts(sheet(tables, sector="Intersector", people_reached=400))
    assert hidden.breakdowns["target_coverage_by_sector"].values() == {"Health": 0.4}


def test_a_caution_tells_no_sum_from_which_a_withheld_group_follows(sheet: Build) -> None:
    ages = {"women": 120, "girls": 3, "not specified": -23}
    doubt = Caution("total_below_parts", "people_reached", 0.23, people=123)
    figures = replace(sheet({"people_reached_by_age_gender": ages}, people_reached=100), cautions=(doubt,))
    (hidden,) = withhold_small_counts(figures).cautions
    assert (hidden.share, hidden.people) == (None, None)


def test_a_caution_on_one_report_tells_no_share_that_leaves_few_people(sheet: Build) -> None:
    doubt = Caution("one_report", "people_reached", 1994 / 2000, "2021-01")
    figures = replace(sheet({BY_MONTH: {"2021-01": 1994, "2021-02": 6}}, people_reached=2000), cautions=(doubt,))
    (hidden,) = withhold_small_counts(figures).cautions
    assert hidden.share is None


def test_a_share_in_doubt_bears_its_caution_as_it_is_printed_and_none_where_it_is_withheld(sheet: Build) -> None:
    doubt = Caution("coverage_above", "target_coverage", 20_004 / 10_000)
    groups = {"people_reached_by_population_group": {"in_transit": 4, "in_destination": 20_004}}
    figures = sheet(groups, people_reached=20_008, target=10_000, target_coverage=20_004 / 10_000)
    (hidden,) = withhold_small_counts(replace(figures, cautions=(doubt,))).cautions
    assert hidden.share == 2.0
    few = replace(sheet(people_reached=9, target=5, target_coverage=9 / 5), cautions=(doubt,))
    assert withhold_small_counts(few).cautions == ()


def test_what_a_sheet_is_compared_with_tells_no_small_rest(sheet: Build) -> None:
    compared = Comparisons(region_people=800.0, largest_partner=790.0)
    figures = replace(sheet(people_reached=795), comparisons=compared)
    hidden = withhold_small_counts(figures).comparisons
    assert (hidden.region_people, hidden.largest_partner) == (None, None)


def test_of_all_sectors_only_printed_shares_are_compared(sheet: Build) -> None:
    shares = {"Health": 0.4, "WASH": 0.005, "Shelter": 0.6}
    tables = {
        "people_reached_by_sector": {"Health": 400, "WASH": 5, "Shelter": 600},
        "target_by_sector": dict.fromkeys(shares, 1000),
        "target_coverage_by_sector": shares,
    }
    figures = sheet(tables, sector="Intersector", people_reached=600)
    hidden = withhold_small_counts(replace(figures, comparisons=Comparisons(shares)))
    assert hidden.comparisons.coverage_by_sector == {"Health": 0.4, "Shelter": 0.6}
