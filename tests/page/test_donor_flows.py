"""Donors and the organisations they fund are shown together where the source tells of both."""

from typing import Any

import pytest

from conftest import Build
from rmrp_analysis import charts
from rmrp_analysis.page.bar_tables import donors
from rmrp_analysis.page.drawings import donor_flows
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.words import Words

PAIRS = "funding_usd_by_donor_and_organisation"


@pytest.fixture
def view(sheet: Build) -> Any:
    """The block's content for these pairs; None where there is no block."""

    def of(pairs: dict[str, float], **figures: float) -> Any:
        block = donor_flows(Printed(sheet({PAIRS: pairs}, **figures), Words("en")), charts.flows, span=6)
        return None if block is None else block.view

    return of


def test_every_pair_is_in_the_table(view: Any) -> None:
    rows = view({"USA → UNHCR": 10e6, "EU → IOM": 8e6})["table"]["rows"]
    assert [[donor, organisation] for donor, organisation, _ in rows] == [["USA", "UNHCR"], ["EU", "IOM"]]


def test_the_alternative_text_says_what_each_gives_and_gets(view: Any) -> None:
    text = view({"USA → UNHCR": 30.0, "EU → UNHCR": 10.0})["alt_printed"]
    assert "Donors: USA: 30 US dollars, 75%; EU: 10 US dollars, 25%. Organizations: UNHCR: 40 US dollars, 100%." in text


def test_above_a_table_the_alternative_text_names_the_largest_alone(view: Any) -> None:
    text = view({"USA → UNHCR": 30.0, "EU → UNHCR": 10.0})["alt"]
    assert (
        "Largest donor: USA: 30 US dollars, 75%. Largest recipient: UNHCR: 40 US dollars, 100%. All values are" in text
    )


def test_a_fifth_donor_is_shown_and_more_are_put_together(view: Any) -> None:
    five, six = ({f"D{number} → X": 100.0 - number for number in range(count)} for count in (5, 6))
    assert "D4: 96 US dollars" in view(five)["alt_printed"]
    assert "2 other donors: 191 US dollars" in view(six)["alt_printed"]


def test_who_is_not_named_is_last_and_said_to_be_so(view: Any) -> None:
    text = view({"not specified → UNHCR": 30.0, "EU → not specified": 10.0})["alt_printed"]
    assert "Donors: EU: 10 US dollars, 25%; Not named: 30 US dollars, 75%. " in text
    assert "Organizations: UNHCR: 30 US dollars, 75%; Not named: 10 US dollars, 25%." in text


def test_money_passed_on_within_the_plan_has_ends_of_its_own(view: Any) -> None:
    chart = view({"EU → IOM": 30.0, "not specified": 10.0})
    assert "Passed on within the plan: 10 US dollars, 25%" in chart["alt_printed"]
    assert chart["table"]["rows"][1][:2] == ["Passed on within the plan", "Sub-grants"]


@pytest.mark.parametrize("pairs", [{}, {"not specified": 10.0}, {"EU → IOM": -4.0}])
def test_without_a_named_gift_there_is_no_chart(view: Any, pairs: dict[str, float]) -> None:
    assert view(pairs) is None


def test_donors_alone_are_bars(sheet: Build) -> None:
    printed = Printed(sheet({"funding_usd_by_donor": {"USA": 10.0}}, funding_usd=10.0), Words("en"))
    assert donor_flows(printed, charts.flows) is None
    assert donors(printed).view["kicker"] == "Funding, by donor*, of an unknown date"
