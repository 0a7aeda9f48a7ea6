"""Money is counted once, net of internal flows, shared and unspecified money apart; the unknown stays so."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import flow, flows
from rmrp_analysis.metrics.funding import explode_organisations, funding_ledger, funding_usd_by, name_entries
from rmrp_analysis.metrics.funding_totals import requirements_usd, totals_of_plan

PLAN = ("1021",)
SIDE = st.lists(st.sampled_from(["Health", "WASH", "Education"]), max_size=3, unique=True).map(tuple)
PLACES = st.lists(st.sampled_from(["COL", "PER", "ARG", "BOL", "Spain"]), max_size=3, unique=True).map(tuple)
PLANS = st.sampled_from([(), PLAN, ("944",), ("944", "1021")])
FLOW = st.fixed_dictionaries(
    {
        "amount_usd": st.integers(-1000, 10**9), "status": st.sampled_from(["paid", "commitment", "pledge"]),
        "source_plans": PLANS, "destination_plans": PLANS, "source_sectors": SIDE, "destination_sectors": SIDE,
        "source_countries": PLACES, "destination_countries": PLACES,
        "destination_overlaps": st.sampled_from([(), ("locations",), ("global_clusters", "locations")]),
        "source_organisations": st.sampled_from([(), ("1",), ("1", "2")]),
        "destination_organisations": st.sampled_from([(), ("3",), ("4",)]),
    }
)  # fmt: skip
PAID = {"amount_usd": 7, "status": "paid", "source_plans": (), "destination_plans": PLAN}
SOME_FLOWS = st.lists(FLOW, max_size=4).map(lambda some: [PAID, *some])


def donors(ledger: pd.DataFrame) -> int:
    """The different organisations that give incoming money above 0."""
    return explode_organisations(name_entries(ledger), "donor")["id"].replace("", None).nunique()


def funded_organisations(ledger: pd.DataFrame) -> int:
    """The different organisations that receive incoming money above 0."""
    return explode_organisations(name_entries(ledger), "recipient")["id"].replace("", None).nunique()


def from_to(donor: str, recipient: str) -> dict[str, tuple[str, ...]]:
    return {
        "source_organisations": (donor,),
        "source_organisation_names": (donor,),
        "destination_organisations": (recipient,),
        "destination_organisation_names": (recipient,),
    }


def into(*sectors: str, countries: tuple[str, ...] = ()) -> dict[str, tuple[str, ...]]:
    return {"destination_sectors": sectors, "destination_countries": countries}


FIVE_FLOWS = flows(
    flow(10, **from_to("USA", "UNHCR"), **into("Health", countries=("COL",))),
    flow(20, **from_to("CAN", "HumFund")),
    flow(5, source_plans=PLAN, **from_to("HumFund", "NGO"), **into("WASH", countries=("COL",))),
    flow(8, status="commitment", **from_to("EU", "IOM"), **into("Health", "WASH", countries=("COL", "PER"))),
    flow(9, status="pledge", **from_to("ESP", "WFP"), **into("Health")),
)
"""The worked example of the FTS rules: two flows in, one inside the plan, one for two sectors, one pledge."""


LEDGER = funding_ledger(FIVE_FLOWS, plan_id=1021)


@pytest.mark.parametrize(
    ("split", "dollars"),
    [
        ("sector", {"Health": 10, "WASH": 5, "not specified": 20 - 5, "shared": 8}),
        ("country", {"COL": 10 + 5, "not specified": 20 - 5, "shared": 8}),
        ("platform", {"Colombia": 10 + 5, "not specified": 20 - 5, "shared": 8}),
    ],
)
def test_five_flows_leave_the_shared_one_apart(split: str, dollars: dict[str, float]) -> None:
    assert funding_usd_by(LEDGER, split).to_dict() == dollars


def test_five_flows_fund_the_plan_net_of_the_internal_one() -> None:
    naive = FIVE_FLOWS[FIVE_FLOWS["status"] != "pledge"].explode("destination_sectors")["amount_usd"].sum()
    assert (LEDGER["amount_usd"].sum(), naive) == (10 + 20 + (5 - 5) + 8, 10 + 20 + 5 + 8 + 8)
    pledges = funding_ledger(FIVE_FLOWS, plan_id=1021, standing="pledged")
    assert funding_usd_by(pledges, "sector").to_dict() == {"Health": 9}


def test_five_flows_name_donors_and_funded_organisations_and_their_pairs() -> None:
    health = LEDGER[LEDGER["sector"] == "Health"]
    assert (donors(health), funded_organisations(health)) == (len({"USA"}), len({"UNHCR"}))
    gave, received = {"USA", "CAN", "EU"}, {"UNHCR", "HumFund", "IOM"}
    assert (donors(LEDGER), funded_organisations(LEDGER)) == (len(gave), len(received))
    pairs = name_entries(LEDGER).groupby(["donor", "organisation"])["amount_usd"].sum()
    assert pairs.to_dict() == {
        ("CAN", "HumFund"): 20,
        ("USA", "UNHCR"): 10,
        ("EU", "IOM"): 8,
        ("passed on within the plan", "passed on within the plan"): 5 - 5,
    }


def by_donor(ledger: pd.DataFrame) -> dict[str, float]:
    return name_entries(ledger).groupby("donor")["amount_usd"].sum().to_dict()


def test_money_passed_on_inside_the_plan_moves_never_grows_and_may_be_below_zero() -> None:
    entries = funding_ledger(
        flows(flow(20, **into("Health")), flow(20, source_plans=PLAN, source_sectors=("Health",), **into("WASH"))),
        plan_id=1021,
    )
    assert funding_usd_by(entries, "sector").to_dict() == {"Health": 20 - 20, "WASH": 20}
    entries = funding_ledger(flows(flow(5, source_plans=PLAN, **into("WASH"))), plan_id=1021)
    assert funding_usd_by(entries, "sector").to_dict() == {"WASH": 5, "not specified": -5}


def test_money_of_other_plans_is_not_counted_nor_a_plan_without_flows() -> None:
    elsewhere = flow(7, destination_plans=("944",))
    leaving = flow(9, source_plans=PLAN, destination_plans=("944",))
    assert funding_ledger(flows(elsewhere, leaving), plan_id=1021).empty
    ledger = funding_ledger(flows(), plan_id=1021)
    assert (len(ledger), donors(ledger), funded_organisations(ledger)) == (0, 0, 0)


def test_donors_are_known_by_id_two_of_a_flow_are_two_and_nobody_gives_zero() -> None:
    named = [
        {"source_organisations": ("4306",), "source_organisation_names": (name,)}
        for name in ("Germany", "Germany, Government of")
    ]
    assert donors(funding_ledger(flows(flow(1, **named[0]), flow(2, **named[1])), plan_id=1021)) == 1
    entries = funding_ledger(flows(flow(5), flow(0, **from_to("USA", "UNHCR"))), plan_id=1021)
    assert (donors(entries), funded_organisations(entries)) == (0, 0)
    entries = funding_ledger(
        flows(flow(10, **from_to("USA", "UNHCR")), flow(-4, **from_to("USA", "IOM"))), plan_id=1021
    )
    assert by_donor(entries) == {"USA": 10 - 4}
    assert funded_organisations(entries) == len({"UNHCR"})
    both = {"source_organisations": ("1", "2"), "source_organisation_names": ("A", "B")}
    entries = funding_ledger(flows(flow(10, **both)), plan_id=1021)
    assert donors(entries) == 2
    assert by_donor(entries) == {"not specified": 10}


@given(some=SOME_FLOWS)
def test_all_rows_make_the_plans_total(some: list[dict[str, Any]]) -> None:
    into_plan = [f for f in some if f["status"] != "pledge" and "1021" in f["destination_plans"]]
    inside = [f for f in into_plan if "1021" in f["source_plans"]]
    total = sum(f["amount_usd"] for f in into_plan) - sum(f["amount_usd"] for f in inside)
    entries = funding_ledger(flows(*(flow(**f) for f in some)), plan_id=1021)
    for split in ("sector", "country", "platform", "organisation"):
        assert funding_usd_by(entries, split).sum() == pytest.approx(total)


@given(orders=SOME_FLOWS.flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_the_order_of_flows_changes_no_dollar(orders: tuple[list[dict[str, Any]], ...]) -> None:
    one, other = (funding_ledger(flows(*(flow(**f) for f in some)), plan_id=1021) for some in orders)
    pd.testing.assert_series_equal(funding_usd_by(one, "sector"), funding_usd_by(other, "sector"))
    assert (donors(one), funded_organisations(one)) == (donors(other), funded_organisations(other))


def test_money_of_several_countries_or_of_none_of_the_plan_is_no_platforms() -> None:
    money = flows(flow(8, destination_countries=("ARG", "BOL")), flow(5, destination_countries=("ARG", "PER")))
    entries = funding_ledger(money, plan_id=1021)
    assert funding_usd_by(entries, "platform").to_dict() == {"shared": 8 + 5}
    assert funding_usd_by(entries, "country").to_dict() == {"shared": 8 + 5}
    entries = funding_ledger(flows(flow(3, destination_countries=("Spain",))), plan_id=1021)
    assert funding_usd_by(entries, "platform").to_dict() == {"Spain": 3}


def test_overlaps_come_off_once_and_groupings_of_fts_go_by_its_ids() -> None:
    both = flow(10, destination_countries=("COL", "PER"), destination_overlaps=("locations",))
    entries = funding_ledger(flows(both), plan_id=1021)
    assert funding_usd_by(entries, "country").to_dict() == {"COL": 10, "PER": 10, "counted more than once": -10}
    assert entries["amount_usd"].sum() == 10
    assert funding_usd_by(entries, "sector").to_dict() == {"not specified": 10}
    joined = flow(7, destination_sectors=("Multipurpose Cash Assistance",), destination_global_clusters=("16", "26479"))
    entries = funding_ledger(flows(joined), plan_id=1021)
    assert funding_usd_by(entries, "sector").to_dict() == {"Multipurpose Cash Assistance": 7}
    assert funding_usd_by(entries, "global_cluster").to_dict() == {"shared": 7}


def test_requirements_and_rows_of_a_plan_are_its_own() -> None:
    rows = pd.DataFrame(
        {"requirement_usd": [0, None, 5, None], "original_requirement_usd": [2_010_000_000, 7, 6, None]},
        dtype="float64",
    )
    assert requirements_usd(rows).to_list()[:3] == [0, 7, 5]
    assert requirements_usd(rows).isna().to_list() == [False, False, False, True]
    rows = pd.DataFrame({"plan_id": ["1021", "", "944", ""], "plan_name": ["a", "", "b", "Not specified"]})
    assert totals_of_plan(rows, 1021).index.to_list() == [0, 1]
