"""Every figure of every sheet leads back to rows whose contributions add up to it."""

from dataclasses import replace
from itertools import product

import pandas as pd
import pytest

from conftest import activities, count_at_once, flow, flows, plan, planning
from rmrp_analysis.errors import RequestError
from rmrp_analysis.figures import BREAKDOWNS, FIGURES
from rmrp_analysis.figures.trace import contributions
from rmrp_analysis.plan import Plan, Selection


def test_a_row_is_told_by_its_file_and_line_and_tracing_changes_nothing() -> None:
    rows = plan(activities(new_beneficiaries=[3.0, 4.0])).select("Health").trace("people_reached")
    assert rows[["file", "line", "contribution"]].to_numpy().tolist() == [
        ["activities.csv", 2, 3.0],
        ["activities.csv", 3, 4.0],
    ]
    reports = activities(new_beneficiaries=[3.0, 4.0])
    before = reports.copy()
    plan(reports).select("Intersector").trace("people_reached")
    pd.testing.assert_frame_equal(reports, before)


def test_an_organisation_or_a_place_counts_once_and_a_month_with_its_rows() -> None:
    reports = activities(appealing_organisation=["IOM", "UNHCR", "iom "])
    rows = plan(reports).select("Health").trace("reporting_partners")
    assert rows["contribution"].to_list() == [1, 1, 0]
    reports = activities(sector=["Health", "Shelter", "Health"], place="A", new_beneficiaries=[3.0, 5.0, 1.0])
    rows = plan(reports).select("Intersector").trace("people_reached")
    assert rows["contribution"].to_list() == [0, 5, 0]  # Shelter 5 against Health 3 + 1
    reports = activities(month=["2021-02", "2021-01"], new_beneficiaries=[3.0, 4.0])
    rows = plan(reports).select("Health").trace("people_reached_by_month")
    assert rows.groupby("part")["contribution"].sum().to_dict() == {"2021-01": 4, "2021-02": 3}


def test_what_is_unknown_or_has_no_value_has_no_rows_and_says_why() -> None:
    with pytest.raises(RequestError, match="unknown figure 'people_reach'; did you mean 'people_reached'"):
        plan().select("Health").trace("people_reach")
    rows = plan().select("Health").trace("target")
    assert (len(rows), rows.attrs["reason"]) == (0, "no planning file in this data folder")
    said = traced(plan().select("Health"), "people_reached_by_indicator")
    assert said == "sheets of this sector and place do not have it"


PLACES = ("region", "Southern Cone", "Peru", "Argentina")
"""The region, a platform of several countries, one of a single country, a country of another platform."""

SECTORS = ("Health", "All sectors", "Common Services")
"""One that reaches people, all together, one that reaches nobody directly."""

NOT_PLANNED = "the plan gives no figure for this sector here"


def traced(selection: Selection, name: str) -> pd.DataFrame | str:
    """The rows behind a figure or breakdown of a selection, or why there are none."""
    rows = selection.trace(name)
    return str(rows.attrs["reason"]) if "reason" in rows.attrs else rows


@pytest.mark.parametrize("place", PLACES[1:])
@pytest.mark.parametrize("sector", SECTORS)
def test_what_is_planned_for_no_sector_of_a_place_says_so(bundled: Plan, sector: str, place: str) -> None:
    selection = bundled.select(sector, place=place)
    for name in ("target_by_sector", "target_coverage_by_sector", "requirement_usd_by_sector"):
        nobody = sector == "Common Services" and name != "requirement_usd_by_sector"
        assert traced(selection, name) == ("this sector reaches nobody directly" if nobody else NOT_PLANNED)


OF_MONEY = {"donors", "funded_organisations", *(name for name in (*FIGURES, *BREAKDOWNS) if "fund" in name)}
OF_MONEY |= {name for name in (*FIGURES, *BREAKDOWNS) if "_usd" in name}
"""The others have the same rows whatever the money is."""


@pytest.mark.parametrize("money", ["flows", "totals", "none"])
def test_whatever_a_plan_does_not_hold_no_trace_of_it_fails(money: str) -> None:
    reports = activities(country=["PER", "ARG"], sector=["Health", "Common Services"], new_beneficiaries=3.0)
    small = plan(reports, funding_by_sector={"Health": 7.0} if money == "totals" else None)
    if money == "none":
        small = replace(small, sources={"activities": small.sources["activities"]}, funding_flows=None)
    sheets = [
        small.select(sector, place=place, organisation=who)
        for sector, (place, who) in product(SECTORS, [*((place, "") for place in PLACES), ("Peru", "IOM")])
    ]
    count_at_once(sheets)
    names = [name for name in (*FIGURES, *BREAKDOWNS) if money == "flows" or name in OF_MONEY]
    for selection, name in product(sheets, names):
        rows = traced(selection, name)
        assert rows if isinstance(rows, str) else "contribution" in rows, name


def test_the_parts_of_a_share_are_traced_to_their_people_by_their_own_target() -> None:
    planned = planning(
        *(("Health", place, "all", "target", people) for place, people in (("Peru", 100), ("Chile", 50)))
    )
    reports = activities(country=["PER", "PER", "CHL"], new_beneficiaries=[10.0, 20.0, 5.0])
    selection = plan(reports, planned).select("Health")
    shares = selection.trace("target_coverage_by_platform").groupby("part")["contribution"].sum().to_dict()
    assert shares == {"Chile": 5 / 50, "Peru": pytest.approx((10 + 20) / 100)}
    still_to_reach = selection.trace("people_to_reach_by_platform").groupby("part")["contribution"].sum().to_dict()
    assert still_to_reach == {"Chile": 50 - 5, "Peru": 100 - 10 - 20}


def test_a_row_has_what_identifies_it_in_its_own_table() -> None:
    selection = plan(activities(), planning(("Health", "region", "all", "target", 100))).select("Health")
    of_people, of_plan = (set(selection.trace(name)) for name in ("people_reached", "target"))
    assert ({"month", "indicator", "new_beneficiaries"} <= of_people, "measure" in of_people) == (True, False)
    assert ({"measure", "scope", "source"} <= of_plan, "indicator" in of_plan) == (True, False)
    money = flows(flow(7, destination_sectors=("Health",)))
    of_flows = plan(flows=money).select("Health").trace("funding_usd")
    assert of_flows[["flow_id", "amount_usd", "line"]].to_numpy().tolist() == [["f1", 7, 1]]
    of_totals = plan(funding_by_sector={"Health": 7.0}).select("Health").trace("funding_usd")
    assert of_totals[["sector", "amount_usd", "file"]].to_numpy().tolist() == [["Health", 7, "fts.csv"]]
    assert not {"indicator", "measure"} & {*of_flows, *of_totals}
    assert "record_id" not in of_people  # no report has one


def test_what_is_no_sum_of_rows_says_where_it_is_and_a_wrong_name_what_is_near() -> None:
    sheets = plan(activities(new_beneficiaries=[3.0])).select("Health").sheets
    with pytest.raises(RequestError, match=r"'target_coverage' is no figure .* rows; figures\(\) has it$"):
        contributions(sheets, "target_coverage")
    with pytest.raises(RequestError, match=r"'people_reach' is no figure .*; did you mean 'people_reached'\?$"):
        contributions(sheets, "people_reach")
