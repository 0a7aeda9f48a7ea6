"""A decision applied to a sheet: its numbers, ranges, shares, cautions and comparisons."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Build
from rmrp_analysis.disclosure import decided, for_audience
from rmrp_analysis.figures import Caution, Comparisons, KeyFigures
from rmrp_analysis.method import Method

BY_MONTH = "people_reached_by_month"
PARTS = st.lists(st.one_of(st.none(), st.integers(-12, 12), st.integers(0, 5000)), min_size=1, max_size=5)


def withheld(figures: KeyFigures, breakdown: str = BY_MONTH) -> list[str]:
    return [cell.key for cell in figures.breakdowns[breakdown].cells if cell.suppressed]


@pytest.mark.parametrize(("people", "printed"), [(0, True), (1, False), (9, False), (10, True), (11, True)])
def test_people_reached_from_one_up_to_the_threshold_are_withheld(sheet: Build, people: int, printed: bool) -> None:
    figure = for_audience(sheet(people_reached=people), "public").figures["people_reached"]
    assert (figure.value, figure.suppressed, figure.reason) == (
        (people, False, "") if printed else (None, True, "withheld")
    )


def test_a_threshold_of_zero_withholds_nothing(sheet: Build) -> None:
    figures = sheet({BY_MONTH: {"a": 1, "b": 2}}, people_reached=3, method=Method(small_count_threshold=0))
    assert for_audience(figures, "public").rows.equals(figures.rows)


def test_zero_and_no_report_are_never_withheld(sheet: Build) -> None:
    figures = for_audience(sheet({BY_MONTH: {"a": 0, "b": None, "c": 3, "d": 4}}, people_reached=7), "public")
    assert withheld(figures) == ["c", "d"]
    assert [cell.value for cell in figures.breakdowns[BY_MONTH].cells] == [0, None, None, None]


@pytest.mark.parametrize("rest", [4, -4])
def test_people_of_no_group_are_a_part_like_the_others(sheet: Build, rest: int) -> None:
    figures = sheet({BY_MONTH: {"women": 50, "men": 60, "not specified": rest}}, people_reached=110 + rest)
    assert withheld(for_audience(figures, "public")) == ["women", "not specified"]


def test_a_withheld_total_follows_neither_from_its_parts_nor_from_its_shares(sheet: Build) -> None:
    figures = sheet(
        {BY_MONTH: {"a": 20, "b": -13}},
        people_reached=7,
        people_in_need=7_000,
        target=700,
        target_coverage=0.01,
        need_coverage=0.001,
    )
    hidden = for_audience(figures, "public")
    assert withheld(hidden) == ["b"]
    names = ("people_reached", "target_coverage", "need_coverage", "target")
    assert [hidden.figures[name].suppressed for name in names] == [True, True, True, False]


def test_planned_people_and_money_are_printed_however_small(sheet: Build) -> None:
    tables = {"target_by_population_group": {"women": 3}, "funding_usd_by_donor": {"USA": 5.0}}
    figures = sheet(tables, people_reached=500, people_in_need=4, funding_usd=5.0)
    assert for_audience(figures, "public").rows.equals(figures.rows)


def test_the_exact_sheet_stays_as_it_was(sheet: Build) -> None:
    figures = sheet({BY_MONTH: {"a": 3, "b": 500}}, people_reached=503)
    for_audience(figures, "public")
    assert figures.breakdowns[BY_MONTH].values() == {"a": 3, "b": 500}


def test_what_the_publication_prints_instead_stands_in_place_of_each_number(sheet: Build) -> None:
    exact = sheet({BY_MONTH: {"a": 103, "b": 500}}, people_reached=603, target=6_000, target_coverage=0.1005)
    instead = {f"{BY_MONTH}[a]": [75, 125], "people_reached": None, "target_coverage": 0.1}
    hidden = for_audience(exact, "public", instead)
    (first, second), total = hidden.breakdowns[BY_MONTH].cells, hidden.figures["people_reached"]
    assert (first.value, first.suppressed, first.reason, first.range) == (None, True, "withheld", (75, 125))
    assert (second.value, second.suppressed, second.range) == (500, False, None)
    assert (total.value, total.suppressed, total.range) == (None, True, None)
    assert (hidden.value("target_coverage"), hidden.figures["target_coverage"].suppressed) == (0.1, False)
    records = hidden.as_records()
    assert [cell.get("range") for cell in records["tables"][BY_MONTH]] == [[75, 125], None]


def test_where_the_publication_withholds_nothing_a_sheet_keeps_its_small_rest(sheet: Build) -> None:
    exact = sheet({BY_MONTH: {"a": 30, "b": 500}}, people_reached=530)
    assert for_audience(exact, "public", {}).rows.equals(exact.rows)


def test_an_internal_sheet_shows_all(sheet: Build) -> None:
    exact = sheet({BY_MONTH: {"a": 3, "b": 500}}, people_reached=503)
    shown = for_audience(exact, "internal", {"people_reached": None})
    assert (shown.audience, shown.rows.equals(exact.rows), shown.ranges) == ("internal", True, {})


@given(parts=PARTS)
def test_a_withheld_part_never_follows_from_the_others(parts: list[int | None], sheet: Build) -> None:
    by_month = {f"2021-{number:02d}": people for number, people in enumerate(parts, start=1)}
    total = sum(people for people in parts if people)
    hidden = for_audience(sheet({BY_MONTH: by_month}, people_reached=total), "public")
    assert len(withheld(hidden)) + hidden.figures["people_reached"].suppressed != 1


@given(parts=PARTS)
def test_no_small_count_is_ever_printed(parts: list[int | None], sheet: Build) -> None:
    by_month = {f"2021-{number:02d}": people for number, people in enumerate(parts, start=1)}
    hidden = for_audience(
        sheet({BY_MONTH: by_month}, people_reached=sum(people for people in parts if people)), "public"
    )
    printed = [*hidden.breakdowns[BY_MONTH].values().values(), hidden.value("people_reached") or 0]
    assert not [people for people in printed if 0 < abs(people) < 10]


def test_few_people_who_are_in_no_figure_are_withheld_too(sheet: Build) -> None:
    figures = replace(sheet(people_reached=400), lost_people={"unknown_indicator": 3.0, "no_proportions": 30.0})
    assert for_audience(figures, "public").lost_people == {"unknown_indicator": None, "no_proportions": 30}


def test_a_share_that_tells_of_nobody_in_transit_stays_exact(sheet: Build) -> None:
    groups = {"in_destination": 4_000, "in_transit": 1_000}
    figures = sheet(
        {"people_reached_by_population_group": groups}, people_reached=5_000, target=9_000, target_coverage=4 / 9
    )
    assert for_audience(figures, "public").figures["target_coverage"].value == 4 / 9


def test_the_share_of_a_sector_that_is_withheld_is_withheld(sheet: Build) -> None:
    tables = {
        "people_reached_by_sector": {"Health": 400, "WASH": 5},
        "target_by_sector": {"Health": 1000, "WASH": 1000},
        "target_coverage_by_sector": {"Health": 0.4, "WASH": 0.005},
    }
    hidden = for_audience(sheet(tables, sector="Intersector", people_reached=400), "public")
    assert hidden.breakdowns["target_coverage_by_sector"].values() == {"Health": 0.4}


def test_a_caution_tells_no_sum_from_which_a_withheld_group_follows(sheet: Build) -> None:
    ages = {"women": 120, "girls": 3, "not specified": -23}
    doubt = Caution("total_below_parts", "people_reached", 0.23, people=123)
    figures = replace(sheet({"people_reached_by_age_gender": ages}, people_reached=100), cautions=(doubt,))
    (hidden,) = for_audience(figures, "public").cautions
    assert (hidden.share, hidden.people) == (None, None)


def test_a_caution_on_one_report_tells_no_share_that_leaves_few_people(sheet: Build) -> None:
    doubt = Caution("one_report", "people_reached", 1994 / 2000, "2021-01")
    figures = replace(sheet({BY_MONTH: {"2021-01": 1994, "2021-02": 6}}, people_reached=2000), cautions=(doubt,))
    (hidden,) = for_audience(figures, "public").cautions
    assert hidden.share is None


def test_a_share_in_doubt_bears_its_caution_as_it_is_printed_and_none_where_it_is_withheld(sheet: Build) -> None:
    doubt = Caution("coverage_above", "target_coverage", 20_004 / 10_000)
    groups = {"people_reached_by_population_group": {"in_transit": 4, "in_destination": 20_004}}
    figures = sheet(groups, people_reached=20_008, target=10_000, target_coverage=20_004 / 10_000)
    (hidden,) = for_audience(replace(figures, cautions=(doubt,)), "public").cautions
    assert hidden.share == 2.0
    few = replace(sheet(people_reached=9, target=5, target_coverage=9 / 5), cautions=(doubt,))
    assert for_audience(few, "public").cautions == ()


def test_what_a_sheet_is_compared_with_tells_no_small_rest(sheet: Build) -> None:
    compared = Comparisons(region_people=800.0, largest_partner=790.0)
    figures = replace(sheet(people_reached=795), comparisons=compared)
    hidden = for_audience(figures, "public").comparisons
    assert (hidden.region_people, hidden.largest_partner) == (None, None)


def test_of_all_sectors_only_printed_shares_are_compared(sheet: Build) -> None:
    shares = {"Health": 0.4, "WASH": 0.005, "Shelter": 0.6}
    tables = {
        "people_reached_by_sector": {"Health": 400, "WASH": 5, "Shelter": 600},
        "target_by_sector": dict.fromkeys(shares, 1000),
        "target_coverage_by_sector": shares,
    }
    figures = sheet(tables, sector="Intersector", people_reached=600)
    hidden = for_audience(replace(figures, comparisons=Comparisons(shares)), "public")
    assert hidden.comparisons.coverage_by_sector == {"Health": 0.4, "Shelter": 0.6}


def of_iom(sheet: Build) -> KeyFigures:
    """An organisation's sheet: 60 people in January, and no report in February."""
    iom: KeyFigures = sheet({BY_MONTH: {"2021-01": 60, "2021-02": None}}, people_reached=60)
    no_report = (iom.rows["figure"] == BY_MONTH) & iom.rows["value"].isna()
    return replace(
        iom, organisation="IOM", rows=iom.rows.assign(reason=iom.rows["reason"].mask(no_report, "no_report"))
    )


@pytest.mark.parametrize("places", [[], ["Peru"]])
def test_beside_sheets_of_places_an_organisation_has_no_months_reported_or_not(sheet: Build, places: list[str]) -> None:
    of_all = sheet({BY_MONTH: {"2021-01": 100, "2021-02": 400}}, people_reached=500)
    beside = [replace(of_all, place=place) for place in places]
    instead = decided([of_all, of_iom(sheet), *beside]).instead().get("health.by-iom", {})
    assert instead == (dict.fromkeys((f"{BY_MONTH}[2021-01]", f"{BY_MONTH}[2021-02]")) if places else {})


def test_a_month_that_is_withheld_does_not_say_that_there_was_no_report(sheet: Build) -> None:
    months = dict.fromkeys((f"{BY_MONTH}[2021-01]", f"{BY_MONTH}[2021-02]"))
    printed = for_audience(of_iom(sheet), "public", months)
    assert [(cell.reason, cell.suppressed) for cell in printed.breakdowns[BY_MONTH].cells] == [("withheld", True)] * 2
