"""Donors and the organisations they fund are shown together where the source tells of both."""

from typing import Any

import pytest

from conftest import sheet
from notebook_page import page_of

PAIRS = "funding_usd_by_donor_and_organisation"


def view(pairs: dict[str, float], **figures: float) -> Any:
    """The block's content for these pairs; None where there is no block."""
    blocks = page_of(sheet({PAIRS: pairs}, **{"funding_usd": 100.0} | figures), cell="charts.flows").blocks
    return next((block.view for block in blocks if block.kind == "chart"), None)


FOUR = {
    f"{donor} → {organisation}": usd
    for donor, usd in {"A": 40, "B": 30, "C": 20, "D": 10}.items()
    for organisation in ("X", "Y")
}
"""Four donors who give to two organisations each."""


def test_every_pair_is_in_the_table_and_the_largest_in_a_short_alternative_text() -> None:
    rows = view(FOUR)["table"]["rows"]
    assert [f"{donor} → {organisation}" for donor, organisation, _ in rows] == list(FOUR)
    rows = view(FOUR | {"not specified → X": 5.0, "not specified": 3.0})["table"]["rows"]
    assert ["Not named", "X", "$5"] in rows
    assert ["Passed on within the plan", "Sub-grants", "$3"] in rows
    assert "Largest donors: A 40%; B 30%; C 20%. Largest organizations: X 50%; Y 50%." in view(FOUR)["alt"]
    long = {pair.replace("A", "A" * 60).replace("X", "X" * 60): usd for pair, usd in FOUR.items()}
    assert len(view(long)["alt"]) <= 400


def test_flows_are_drawn_of_four_donors_to_several_organisations_and_else_bars() -> None:
    three = {pair: usd for pair, usd in FOUR.items() if not pair.startswith("D")}
    assert view(three) is None
    assert view(three | {"D → X": 10.0}) is None  # D gives to one alone
    assert view(FOUR) is not None
    donors = {"funding_usd_by_donor": {"USA": 10.0, "not specified": 3.0}}
    (block,) = page_of(sheet(donors, funding_usd=13.0), cell="charts.flows").blocks
    assert (block.kind, block.view["kicker"]) == ("bars", "Funding, by donor*, of an unknown date")
    assert block.view["rows"][-1]["label"] == "Passed on within the plan"


@pytest.mark.parametrize("pairs", [{}, {"not specified": 10.0}, {"EU → IOM": -4.0}])
def test_without_a_named_gift_there_is_no_chart(pairs: dict[str, float]) -> None:
    assert view(pairs) is None
