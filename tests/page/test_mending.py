"""A sheet whose number is in doubt is a page to mend for the office, and a range for the public."""

from typing import Any

import pytest
from bs4 import BeautifulSoup

from conftest import activities, plan, planning
from notebook_page import page_of
from rmrp_analysis.figures import FigureValue
from rmrp_analysis.page import Page
from rmrp_analysis.page.page import Page as AnyPage
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality.obstacles import obstacles
from rmrp_analysis.theme.prose import headline_in


def one_report() -> Plan:
    """Of Peru 6,000 people, 4,000 of one report of UNICEF; of Chile 900 of three."""
    return plan(
        activities(
            country=["PER", "PER", "PER", "CHL", "CHL", "CHL"],
            appealing_organisation=["UNICEF", "IOM", "IOM", "IOM", "IOM", "IOM"],
            month=["2021-01", "2021-02", "2021-03", "2021-01", "2021-02", "2021-03"],
            new_beneficiaries=[4_000, 1_000, 1_000, 300, 300, 300],
            total_monthly_beneficiaries=[5_000, 2_000, 2_000, 400, 400, 400],
        )
    )


def everybody_new() -> Plan:
    """Of Peru 6,000 people in three months, of whom every report gives all as new; elsewhere some were known before."""
    return plan(
        activities(
            country=["PER", "PER", "PER", "CHL"],
            month=["2021-01", "2021-02", "2021-03", "2021-01"],
            new_beneficiaries=[4_000, 1_000, 1_000, 300],
            total_monthly_beneficiaries=[4_000, 1_000, 1_000, 400],
        )
    )


def views(page: Any) -> dict[str, Any]:
    return {block.name: block.view for block in page.blocks}


def test_the_number_stands_without_the_report_that_makes_it_and_the_rest_is_hatched() -> None:
    page = page_of(one_report().select("Health", place="Peru"), audience="internal")
    assert page.is_to_mend
    shown = views(page)
    assert shown["headline"]["stamp"] == "To be mended before publication"
    assert headline_in([shown["headline"]]).startswith("Not yet usable: one report for January accounts for 67%")
    (number,), (bar,) = shown["people"]["cards"], shown["people"]["bars"]
    assert (number["value"], bar["solid"], bar["doubt"]) == ("2.00\u202fK", 1.0, pytest.approx(4 / 6))
    first = [cell["text"] for cell in shown["obstacles"]["rows"][0]]
    assert first[0] == "One report gives 67% of the people"
    assert first[1:4] == ["January, National level", "UNICEF", "4.00\u202fK"]
    assert {"map", "people_reached_by_age_gender", "funding"}.isdisjoint(shown)


def test_each_obstacle_tells_its_people_and_those_with_most_stand_first() -> None:
    reports = activities(
        appealing_organisation=["A", "A", "B", "C", "D"],
        month=["2021-01", "2021-02", "2021-02", "2021-02", "2021-02"],
        new_beneficiaries=[50, 0, 0, 0, 0],
        total_monthly_beneficiaries=[50, 500, 400, 300, 200],
    )
    table = obstacles(plan(reports).select("Health", place="Colombia"))
    (not_counted,) = table[table["cause"] == "not_counted"].itertuples()
    assert not_counted.people == 500 + 400 + 300 + 200
    assert not_counted.organisations == ("A", "B", "C", "D")
    assert (not_counted.months, not_counted.rows) == (("2021-02",), 4)
    assert table["people"].dropna().is_monotonic_decreasing


@pytest.mark.parametrize(("partners", "told"), [("AB", "A and B"), ("ABC", "3 partners")])
def test_two_partners_with_something_to_mend_are_named_and_more_are_counted(partners: str, told: str) -> None:
    count = len(partners)
    reports = activities(
        sector="Protection (General)",
        appealing_organisation=["A", *partners],
        month=["2021-01", *["2021-02"] * count],
        new_beneficiaries=[50, *[0] * count],
        total_monthly_beneficiaries=[50, *[500] * count],
    )
    page = page_of(plan(reports).select("Intersector", place="Colombia"), audience="internal")
    row, *_ = [row for row in views(page)["obstacles"]["rows"] if row[2]["text"] == told]
    assert row[1]["text"].startswith("Protection (General), February")


@pytest.mark.parametrize(("sector", "most"), [("Health", 7), ("Intersector", 3)])
def test_on_a_sheet_to_mend_places_with_most_people_have_a_row(sector: str, most: int) -> None:
    countries = ["PER", "CHL", "COL", "ECU", "BRA", "BOL", "DOM", "MEX"]  # of eight platforms
    people = [9_000, *(100 * number for number in range(1, 8))]
    reports = activities(country=countries, new_beneficiaries=people, total_monthly_beneficiaries=people)
    view = views(page_of(plan(reports).select(sector), audience="internal"))["places"]
    assert view["kicker"].endswith(f" ({most} largest)")
    assert len(view["rows"]) == most
    assert view["span"] == (4 if sector == "Intersector" else 7)


def test_the_public_sees_a_number_that_is_not_sure_as_its_range() -> None:
    page = page_of(everybody_new().select("Health", place="Peru"))
    assert not page.is_to_mend
    shown = views(page)
    (number, *_), (bar,) = shown["people"]["cards"], shown["people"]["bars"]
    assert number["value"] == "4.00\u202fK to 6.00\u202fK"  # the largest month is sure
    assert bar["doubt"] == pytest.approx(2_000 / 6_000)
    assert shown["people"]["caution"] == (
        "4.00\u202fK of these people are sure. Reports have to be corrected: all 3 reports of January to March give "
        "everybody assisted as new. Hatched: not sure."
    )
    assert "stamp" not in shown["headline"]


@pytest.mark.parametrize(
    ("low", "high", "base", "end", "doubt"),
    [
        (95.0, 105.0, 0, 100.0, 0.0),
        (94.0, 100.0, 0, 100.0, 0.06),
        (100.0, 200.0, 0, 200.0, 0.5),
        (90.0, 100.0, 10, 100.0, 0.0),  # as far as rounding may move it
        (None, None, 0, 100.0, 0.0),
    ],
)
def test_a_bar_is_solid_to_the_lower_bound_and_hatched_to_the_upper(
    low: float | None, high: float | None, base: int, end: float, doubt: float
) -> None:
    value = FigureValue("", 100.0, base=base, low=low, high=high)
    assert (value.is_sure, value.end, value.doubt) == (doubt == 0, end, pytest.approx(doubt))
    assert (FigureValue("", None, low=0.0, high=9.0).doubt, FigureValue("", 0.0, low=0.0, high=50.0).doubt) == (0, 1)


def test_a_region_hatches_the_people_of_a_country_in_doubt_in_its_bar_and_its_rows() -> None:
    rows = activities(
        country=["PER", "PER", *["CHL"] * 9],
        appealing_organisation=["UNICEF", "UNICEF", *["IOM"] * 9],
        month=["2021-01", "2021-02", *(f"2021-0{number}" for number in range(1, 10))],
        new_beneficiaries=[4_000, 1_000, *[1_500] * 9],
        total_monthly_beneficiaries=[4_000, 1_000, *(1_500 * month for month in range(1, 10))],
    )
    planned = planning(*(("Health", "region", "all", kind, 40_000) for kind in ("people_in_need", "target")))
    page = page_of(plan(rows, planned).select("Health"))
    shown = views(page)
    assert [bar["doubt"] for bar in shown["people"]["bars"]] == [pytest.approx(1_000 / 18_500)] * 2
    doubts = {row["label"]: row["people"]["doubt"] for row in shown["places"]["rows"] if row["people"]["bar"]}
    assert doubts == {"Chile": 0.0, "Peru": pytest.approx(1_000 / 5_000)}
    words = BeautifulSoup("".join(block.html for block in page.blocks), "html.parser").get_text(" ")
    assert words.lower().count("hatched") == 1  # the key stands once on the page


@pytest.mark.parametrize(("monthly", "is_to_mend"), [(500, True), (510, False)])
def test_a_region_is_to_mend_where_half_of_its_people_are_in_doubt(monthly: int, is_to_mend: bool) -> None:
    rows = activities(
        country=["PER", "PER", *["CHL"] * 10],
        month=["2021-01", "2021-02", *(f"2021-{number:02d}" for number in range(1, 11))],
        new_beneficiaries=[4_000, 1_000, *[monthly] * 10],  # 5,000 are half of 5,000 + 10 * 500
        total_monthly_beneficiaries=[5_000, 2_000, *[2_000] * 10],
    )
    assert Page(plan(rows).select("Health"), audience="internal").is_to_mend == is_to_mend


def test_figures_alone_make_no_sheet_to_mend() -> None:
    figures = one_report().select("Health", place="Peru").key_figures("internal")
    page: AnyPage = Page(figures, audience="internal")
    page.cards("people_reached")
    assert not page.is_to_mend
    assert [*views(page)] == ["people"]
