"""What follows from the rows of one sheet: cautions with their numbers, what it lacks, what it is compared with."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from conftest import activities, plan, sheet
from rmrp_analysis.figures import Caution, KeyFigures, Silence
from rmrp_analysis.figures.sheet import (
    FigureValue,
    fill_context,
    plain_number,
    reason_for_no_sheet,
    select_published_rows,
)
from rmrp_analysis.method import Method

BY_AGE, BY_GROUP = "people_reached_by_age_gender", "people_reached_by_population_group"
Extra = tuple[str, str, str, float]
"""A row that sentences need: figure, part, month, value."""


def rows_of(figures: KeyFigures, *extra: Extra, status: str = "known") -> pd.DataFrame:
    names = ["figure", "part", "month", "value"]
    first = figures.rows.iloc[0]
    more = [first.to_dict() | dict(zip(names, row, strict=True)) | {"kind": "unpublished"} for row in extra]
    return pd.concat([figures.rows, pd.DataFrame(more, columns=figures.rows.columns).assign(status=status)])


def read(
    *extra: Extra,
    cautions: Mapping[str, str] | None = None,
    breakdowns: Mapping[str, Mapping[str, float | None]] | None = None,
    **figures: float | None,
) -> KeyFigures:
    """A sheet of these figures with rows that sentences need, and the causes of doubt by figure or breakdown."""
    made = sheet(breakdowns, **figures)
    rows = rows_of(made, *extra)
    causes = rows["figure"].map(lambda name: (cautions or {}).get(name, ""))
    return fill_context(replace(made, rows=rows.assign(caution=causes)))


def caution(rule: str, *extra: Extra, of: str = "people_reached", **about: Any) -> Caution:
    (found,) = read(*extra, cautions={of: rule}, **about).cautions
    return found


def test_a_caution_of_few_rows_names_what_it_concerns_and_nothing_else() -> None:
    found = caution("coverage_above", of="target_coverage", target_coverage=1.8)
    assert (found.share, found.people, found.rows, found.all_rows, found.months, found.places) == (
        *(1.8, None, 0, 0),
        *((), ()),
    )
    few = sheet(target_coverage=1.8)
    few = replace(
        few,
        rows=few.rows.assign(
            caution=few.rows["figure"].eq("target_coverage").map({True: "coverage_above", False: ""}), status="few"
        ),
    )
    assert [each.share for each in fill_context(few).cautions] == [None]


def test_people_left_out_are_a_share_of_these_and_the_people_reached_without_those_of_no_proportions() -> None:
    lost: list[Extra] = [("lost_people", cause, "", n) for cause, n in (("unknown", 10.0), ("left_out", 15.0))]
    found = caution("left_out", *lost, ("lost_people", "no_proportions", "", 99.0), people_reached=75.0)
    assert (found.share, found.people) == (25 / 100, 25)
    nothing = caution("left_out", people_reached=75.0)
    assert (nothing.share, nothing.people) == (None, None)


def in_doubt(**people: float) -> list[Extra]:
    return [("people_in_doubt", place, "", number) for place, number in people.items()]


@pytest.mark.parametrize(
    ("doubtful", "places", "people"),
    [
        ({"PER": 49.0, "COL": 20.0}, ("PER", "COL"), 69),
        ({"PER": 20.0, "COL": 50.0}, ("COL",), 50),  # one of half the people is enough
        ({"PER": 20.0, "COL": 20.0, "CHL": 5.0, "BRA": 20.0}, ("BRA", "COL", "PER"), 60),  # three, equal ones by name
    ],
)
def test_what_is_mostly_in_doubt_names_the_largest_places(
    doubtful: dict[str, float], places: tuple[str, ...], people: float
) -> None:
    found = caution("mostly_in_doubt", *in_doubt(**doubtful), people_reached=100.0)
    assert (found.places, found.people, found.share) == (places, people, people / 100)


def test_no_share_is_above_the_whole() -> None:
    assert caution("mostly_in_doubt", *in_doubt(PER=130.0), people_reached=100.0).share == 1
    assert caution("one_report", ("largest_report", "2021-03", "", 130.0), people_reached=100.0).share == 1


def test_one_report_is_told_with_its_month_and_its_share() -> None:
    found = caution("one_report", ("largest_report", "2021-03", "", 60.0), people_reached=100.0)
    assert (found.months, found.people, found.share) == (("2021-03",), 60, 60 / 100)
    few = caution("one_report", people_reached=100.0)  # its people are few, so that no reader may know them
    assert (few.months, few.people, few.share) == ((), None, None)
    assert caution("one_report", ("largest_report", "2021-03", "", 60.0), people_reached=None).share is None


def test_rows_of_everybody_new_are_told_with_all_rows_and_their_months() -> None:
    rows: list[Extra] = [("rows_of_everybody_new", month, "", 2.0) for month in ("2021-02", "2021-01")]
    every: list[Extra] = [("rows_of_people", month, "", 3.0) for month in ("2021-01", "2021-02")]
    found = caution("everybody_new", *rows, *every, people_reached=100.0)
    assert (found.rows, found.all_rows, found.months) == (2 + 2, 3 + 3, ("2021-01", "2021-02"))


def test_people_in_no_group_and_groups_above_the_total_are_shares_of_the_people_reached() -> None:
    groups = {BY_AGE: {"women": 60.0, "not specified": 40.0}, BY_GROUP: {"in_destination": 130.0}}
    none = caution("not_specified", of=BY_AGE, breakdowns=groups, people_reached=100.0)
    assert none.share == 40 / 100
    own = caution("groups_exceed", of=BY_AGE, breakdowns={**groups, BY_AGE: {"women": 110.0}}, people_reached=100.0)
    assert (own.people, own.share) == (110, pytest.approx(0.1))
    most = caution("groups_exceed", breakdowns=groups, people_reached=100.0)
    assert (most.people, most.share) == (130, pytest.approx(0.3))  # of the groups with most people


def test_a_share_is_not_said_to_have_the_cause_of_its_people_and_causes_stand_in_their_order() -> None:
    causes = {"people_reached": "one_report", "target_coverage": "one_report", BY_AGE: "not_specified"}
    found = read(cautions=causes, breakdowns={BY_AGE: {"women": 9.0}}, people_reached=10.0, target=20.0)
    assert [(each.rule, each.of) for each in found.cautions] == [
        ("one_report", "people_reached"),
        ("not_specified", BY_AGE),
    ]
    doubtful = {"people_reached": "mostly_in_doubt", BY_AGE: "mostly_in_doubt"}
    found = read(cautions=doubtful, breakdowns={BY_AGE: {"women": 9.0}}, people_reached=10.0)
    assert [each.of for each in found.cautions] == ["people_reached"]


def cells(figure: str, *people: tuple[str, str, float]) -> list[Extra]:
    return [(f"not_counted_{figure}", country, month, number) for country, month, number in people]


@pytest.mark.parametrize(("people", "months"), [(10.0, ("2021-01", "2021-02")), (9.0, ("2021-01",))])
def test_months_with_a_tenth_of_the_most_people_not_counted_are_named(people: float, months: tuple[str, ...]) -> None:
    found = caution("not_counted", *cells("people", ("PER", "2021-01", 100.0), ("PER", "2021-02", people)))
    assert (found.months, found.people, found.places) == (months, 100, ())


def test_countries_of_which_nobody_is_counted_go_before_reports_that_are_not() -> None:
    areas = cells("areas", ("PER", "2021-02", 40.0), ("COL", "2021-02", 30.0), ("CHL", "2021-02", 3.0))
    found = caution("not_counted", *areas, *cells("people", ("BRA", "2021-01", 500.0)))
    assert (found.places, found.months, found.people) == (("COL", "PER"), ("2021-02",), 40 + 30 + 3)
    assert caution("not_counted") == Caution("not_counted", "people_reached")


@pytest.mark.parametrize(("not_counted", "is_told"), [(9.0, False), (10.0, True), (11.0, True)])
def test_from_one_hundredth_on_it_is_told_whom_a_number_lacks(not_counted: float, is_told: bool) -> None:
    lacks = read(*cells("areas", ("PER", "2021-02", not_counted)), people_reached=990.0).lacks
    assert (lacks is not None) == is_told


def test_a_number_lacks_nobody_where_it_is_not_known_or_in_doubt_for_it() -> None:
    areas = cells("areas", ("PER", "2021-02", 500.0))
    assert read(*areas, people_reached=None).lacks is None
    assert read(*areas, people_reached=100.0, cautions={"people_reached": "not_counted"}).lacks is None
    assert read(*cells("people", ("PER", "2021-02", 500.0)), people_reached=100.0).lacks is None  # of no whole country


def test_silence_is_of_the_rows_of_partners() -> None:
    rows: list[Extra] = [("partners_of_country_not_in", country, "", 1.0) for country in ("PER", "", "COL")]
    found = read(*rows, ("partners_of_other_sectors", "", "", 4.0), reporting_partners=7.0, partners_last_month=5.0)
    assert found.silence == Silence(("COL", "PER"), expected=7, late=2, other_sectors=4)
    assert (read().silence.other_sectors, Silence().other_sectors) == (0, 0)


def by_sector(**values: tuple[float | None, float, str]) -> pd.DataFrame:
    """The shares of sectors in a place: coverage, and how few its people (1) may be, with their status."""
    coverage = {sector: number for sector, (number, _, _) in values.items()}
    rows = sheet({"target_coverage_by_sector": coverage, "people_reached_by_sector": dict.fromkeys(values, 1.0)}).rows
    is_people = rows["figure"] == "people_reached_by_sector"
    facts = {at: {sector: each[at] for sector, each in values.items()} for at in (1, 2)}
    return rows.assign(
        low=rows["part"].map(facts[1]).where(is_people, rows["low"]),
        status=rows["part"].map(facts[2]).where(is_people, "known"),
    )


def test_sectors_in_doubt_of_few_people_or_far_above_their_target_are_not_compared() -> None:
    sectors = by_sector(
        Health=(1.5, 1.0, "known"),
        WASH=(1.51, 1.0, "known"),
        Shelter=(0.4, 0.5, "known"),
        Nutrition=(0.2, 1.0, "few"),
    )
    compared = fill_context(replace(sheet(people_reached=10.0), of_sectors=sectors)).comparisons
    assert compared.coverage_by_sector == {"Health": 1.5}
    assert compared.sectors_in_doubt == {"WASH", "Shelter"}


def test_funding_of_sectors_is_a_share_of_what_they_require() -> None:
    rows = sheet(
        {
            "requirement_usd_by_sector": {"Health": 10.0, "WASH": 0.0, "Shelter": 10.0},
            "funding_usd_by_sector": {"Health": 15.0, "WASH": 5.0, "Shelter": 16.0, "Nutrition": 1.0},
        }
    ).rows
    compared = fill_context(replace(sheet(people_reached=10.0), of_sectors=rows)).comparisons
    assert compared.funding_by_sector == {"Health": 1.5}
    assert compared.money_by_sector["funded"]["Shelter"] == 16


def test_a_place_is_compared_with_the_region_unless_that_is_in_doubt() -> None:
    region = sheet(people_reached=500.0).rows
    of_peru = replace(sheet(people_reached=10.0), place="Peru", region=region)
    assert fill_context(of_peru).comparisons.region_people == 500
    doubtful = replace(of_peru, region=region.assign(low=400.0))
    assert fill_context(doubtful).comparisons.region_people is None
    assert fill_context(replace(of_peru, place="region")).comparisons.region_people is None
    nobody = replace(of_peru, rows=sheet(people_reached=0.0).rows)
    assert fill_context(nobody).comparisons.region_people is None


def test_the_year_before_and_the_largest_partner_are_compared_where_they_are_known() -> None:
    found = read(
        ("people_year_before", "", "", 88.0),
        ("people_of_both_years", "2020", "", 80.0),
        ("people_of_both_years", "2021", "", 9.0),
        ("people_by_partner", "CARE", "", 5.0),
        ("people_by_partner", "IOM", "", 6.0),
        people_reached=10.0,
    ).comparisons
    assert (found.of_both_years, found.largest_partner) == ((80, 9), 6)
    of_both = (("people_of_both_years", "2020", "", 80.0), ("people_of_both_years", "2021", "", 9.0))
    found = read(("people_year_before", "", "", 89.0), *of_both, people_reached=10.0).comparisons
    assert (found.of_both_years, found.largest_partner) == (None, None)  # who gave 9 of 89 people is silent


def test_two_months_are_compared_by_partners_of_both_unless_silent_ones_gave_much() -> None:
    of_both = (("people_of_both_months", "2021-11", "", 91.0), ("people_of_both_months", "2021-12", "", 0.0))
    total = ("people_reached_by_month", "2021-11", "month")
    assert read(*of_both, (*total, 100.0), people_reached=10.0).comparisons.of_both_months == (91, 0)
    assert read(*of_both, (*total, 102.0), people_reached=10.0).comparisons.of_both_months is None
    assert read(of_both[0], (*total, 91.0), people_reached=10.0).comparisons.of_both_months is None  # of few people


def test_few_people_are_no_number_that_a_reader_may_compare() -> None:
    made = sheet(people_reached=10.0)
    rows = rows_of(made, ("people_year_before", "", "", 80.0)).assign(status="few")
    assert fill_context(replace(made, rows=rows)).comparisons.of_both_years is None


def test_a_cell_is_present_with_a_number_other_than_none_or_few_people() -> None:
    present = [FigureValue("a", value, status=status).present for value, status in ((3.0, "known"), (0.0, "few"))]
    absent = [FigureValue("a", value, status=status).present for value, status in ((0.0, "known"), (None, "not_known"))]
    assert (present, absent) == ([True] * 2, [False] * 2)


def test_nothing_is_known_where_nothing_was_reported_designated_or_planned() -> None:
    assert reason_for_no_sheet(sheet(activities=0, donors=4, target=None).rows) == "empty"
    for name in ("activities", "people_in_need", "target", "requirement_usd", "funding_usd"):
        assert reason_for_no_sheet(sheet(**{name: 1.0}).rows) != "empty"


def test_readers_see_no_row_that_only_sentences_need_and_why_a_number_is_not_known() -> None:
    made = sheet(target=None, reasons={"target": "not_in_plan"})
    rows = select_published_rows(rows_of(made, ("people_year_before", "", "", 80.0)))
    assert "people_year_before" not in set(rows["figure"])
    reasons = rows.set_index("figure")["reason"]
    assert (bool(reasons["target"]), reasons["people_reached"]) == (True, "")


@pytest.mark.parametrize(("value", "plain"), [(3.0, "3"), (3.5, "3.5"), (0.0, "0"), (None, "None")])
def test_a_whole_number_is_written_without_a_point(value: float | None, plain: str) -> None:
    assert str(plain_number(value)) == plain


def test_the_base_of_a_sheet_is_that_of_its_sector_and_of_its_audience() -> None:
    method = Method.model_validate({"rounding": {"default": 10, "Health": 20}})
    made = plan(activities(sector=["Health", "WASH"], new_beneficiaries=[30, 30]))
    sheets = [made.select(sector, method=method).key_figures("public") for sector in ("Health", "WASH", "Shelter")]
    assert [each.base for each in sheets] == [20, 10, 10]
    assert made.select("Intersector", method=method).key_figures("public").base == 20
    assert replace(sheets[0], audience="internal").base == 0


def test_of_a_sheet_nobody_is_silent_and_nothing_was_changed_until_it_is_said() -> None:
    assert Silence() == Silence(countries=(), expected=0, late=0, other_sectors=0)
    plain = sheet()
    assert (plain.cells_changed, plain.repairs, plain.organisation, plain.year_in_data) == (0, (), "", True)


def test_people_who_are_lost_are_told_by_cause_and_one_is_enough() -> None:
    reports = activities(new_beneficiaries=[50, 1, None], people_not_known=[0.0, 0.0, 7.0],
                         indicator_type=["people in need", "unknown", "people in need"])  # fmt: skip
    lost = plan(reports).select("Health").key_figures().lost_people
    assert lost == {"unknown_indicator": 1, "new_not_known": 7}
