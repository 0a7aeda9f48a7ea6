"""What a report says, and what its absence says: each rule on a table of a few rows."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from conftest import activities, plan
from rmrp_analysis.arguments import Period
from rmrp_analysis.ledger import row_states
from rmrp_analysis.ledger.reports import people_rows
from rmrp_analysis.method import Method
from rmrp_analysis.plan import Plan
from rmrp_analysis.tables import JoinedActivities, Reports

MONTHS = tuple(f"2021-{month:02d}" for month in range(1, 7))
NEW, TOTAL = "new_beneficiaries", "total_monthly_beneficiaries"


def ledger(period: Any = None, method: Method | None = None, **columns: Any) -> pd.DataFrame:
    """The ledger of a plan with these activities, by organisation, country, sector and month."""
    made: Plan = plan(activities(**columns))
    return made.reports(period=period, method=method).set_index(["organisation", "country", "sector", "month"])


def states(period: Any = None, **columns: Any) -> list[str]:
    """The states of a plan with one organisation, country and sector, in the order of months."""
    return ledger(period, **columns)["state"].to_list()


def test_months_end_with_those_of_the_project_else_with_the_last_report() -> None:
    made = plan(activities(month=["2021-01", "2021-03"]))
    of_project = replace(made, period=Period.parse("2021-01/2021-02"))
    assert [each.reports()["month"].max() for each in (of_project, made)] == ["2021-02", "2021-03"]


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ({NEW: [5], TOTAL: [9]}, "counted"),
        ({NEW: [0], TOTAL: [0]}, "empty"),
        ({NEW: [0], TOTAL: [9]}, "not counted"),  # nobody was ever told as new: somebody of nine is
        ({NEW: [None], TOTAL: [9]}, "not counted"),
        ({NEW: [0], TOTAL: [0], "in_destination": [9]}, "not counted"),  # the groups say that people were assisted
        ({NEW: [5], "indicator_type": ["other"]}, "services"),
        ({NEW: [1], "indicator_type": ["unknown"]}, "left out"),
        ({NEW: [None], "people_not_known": [5.0]}, "not counted"),
    ],
)
def test_a_report_says_one_thing(columns: dict[str, Any], state: str) -> None:
    assert states(**columns) == [state]


def test_nobody_is_new_where_all_who_were_assisted_may_have_been_counted_before() -> None:
    reports = {"month": MONTHS[:3], NEW: [9, 0, 0], TOTAL: [9, 9, 10]}
    assert states(**reports) == ["counted", "nobody new", "not counted"]  # 9 of 9 known people, 10 of 9
    another_year = {"month": ["2020-12", "2021-01"], NEW: [9, 0], TOTAL: [9, 9]}
    assert states(**another_year) == ["counted", "not counted"]  # a person is new once a year


def test_who_is_told_as_new_later_was_not_counted_before() -> None:
    reports = {"month": MONTHS[:2], NEW: [0, 9], TOTAL: [9, 9]}
    assert states(**reports) == ["not counted", "counted"]


def test_where_january_is_not_in_the_data_nobody_knows_who_was_told_before() -> None:
    assert states(month=["2021-02", "2021-03"], **{NEW: [3, 0], TOTAL: [3, 9]}) == ["counted", "nobody new"]


def test_a_column_was_not_filled_where_most_people_of_a_month_cannot_be_known_ones() -> None:
    partners = ["A", "A", "B", "C", "C"]
    of_two = {"appealing_organisation": partners, "month": [*MONTHS[:2], MONTHS[1], MONTHS[1], MONTHS[1]]}
    numbers = {NEW: [9, 0, 0, 0, 0], TOTAL: [9, 9, 5, 4, 1]}  # A could be right; B and C have 10 of 19 people
    assert ledger(**of_two, **numbers)["state"].xs(MONTHS[1], level="month").to_list() == ["not counted"] * 3
    fewer = {NEW: [9, 0, 0, 0, 0], TOTAL: [9, 9, 4, 3, 1]}  # 8 of 17
    by_partner = ledger(**of_two, **fewer)["state"].xs(MONTHS[1], level="month")
    assert by_partner.to_list() == ["nobody new", "not counted", "not counted"]


def test_a_form_without_monthly_totals_is_read_by_its_groups() -> None:
    reports = {"month": MONTHS[:2], NEW: [9, 0], TOTAL: [None, None], "in_destination": [9, 8]}
    assert states(**reports) == ["counted", "nobody new"]
    assert states(**{NEW: [0], TOTAL: [None]}) == ["empty"]  # nothing says that anybody was assisted


def test_numbers_of_a_report_are_added_up_from_its_rows() -> None:
    rows = {NEW: [5, 7, 9, 1], TOTAL: [6, 7, 9, 3], "indicator_type": ["people in need"] * 2 + ["other", "unknown"]}
    (report,) = ledger(**rows).reset_index().to_dict("records")
    told = {name: report[name] for name in ("rows", "rows_left_out", "people_left_out", "assisted", "new", "services")}
    assert told == {"rows": 4, "rows_left_out": 1, "people_left_out": 1, "assisted": 6 + 7, "new": 5 + 7, "services": 1}
    assert report["largest_row"] == 7
    assert report["cause"] == ""  # 1 of 13 people is left out


def test_a_row_that_counts_nobody_gives_its_report_no_people_and_no_groups() -> None:
    people = {NEW: [5, 7], TOTAL: [6, 9], "women": [4, 7], "in_destination": [3, 8]}
    rows = people_rows(plan(activities(**people, indicator_type=["people in need", "other"])), Method())
    numbers = rows[["new", "total", "age_gender", "population_group", "assisted"]].to_numpy().tolist()
    assert numbers == [[5, 6, 4, 3, max(5, 6, 3)], [0, 0, 0, 0, 0]]


def test_a_change_of_a_row_changes_the_content_and_nothing_else_does() -> None:
    rows = activities(appealing_organisation=["A", "A", "B"], **{NEW: [1, 2, 3]})
    before = plan(rows).reports().set_index("organisation")["content"]
    turned = plan(rows.iloc[::-1].assign(source_line=range(7, 10))).reports().set_index("organisation")["content"]
    corrected = plan(rows.assign(**{NEW: [1.0, 2.0, 4.0]})).reports().set_index("organisation")["content"]
    assert dict(before) == dict(turned)
    assert (before["A"] == corrected["A"], before["B"] == corrected["B"]) == (True, False)


def test_refused_rows_are_left_out_with_the_people_that_each_would_have_had() -> None:
    rows = activities(**{NEW: [10, 20], TOTAL: [10, 20]})
    refused = activities(**{NEW: [None, None, 7, None], TOTAL: [50, None, 9, None]}).assign(
        people_left_out=[50.0, 15.0, 7.0, 15.0], appealing_organisation=["IOM", "IOM", "New", "IOM"]
    )
    own, other = replace(plan(rows), refused_activities=refused).reports().to_dict("records")
    assert (own["rows"], own["rows_left_out"], own["people_left_out"], own["cause"]) == (2, 3, 50 + 15 + 15, "left_out")
    assert (other["organisation"], other["rows"], other["state"]) == ("New", 0, "left out")


def test_refused_rows_of_one_report_take_nothing_from_another() -> None:
    rows = activities(appealing_organisation=["A", "A", "B"], **{NEW: [10, 4, 20], TOTAL: [10, 4, 20]}).assign(
        indicator_type=pd.Categorical(["people in need", "unknown", "people in need"])
    )
    refused = activities(appealing_organisation="B", **{NEW: [None]}).assign(people_left_out=[3.0])
    reports = replace(plan(rows), refused_activities=refused).reports().set_index("organisation")
    assert reports["rows_left_out"].to_dict() == {"A": 1, "B": 1}
    assert reports["people_left_out"].to_dict() == {"A": 4, "B": 3}


def test_who_was_new_for_another_sector_country_or_partner_was_not_counted_before_here() -> None:
    here = {"sector": "Health", "country": "PER", "appealing_organisation": "A"}
    for other in ({"sector": "Education"}, {"country": "COL"}, {"appealing_organisation": "AA"}):
        rows = [here | other, here, here]
        columns = {name: [row[name] for row in rows] for name in here}
        months = {"month": ["2021-01", "2021-01", "2021-02"], NEW: [90, 5, 0], TOTAL: [90, 5, 9]}
        state = ledger(**columns, **months)["state"].loc[("A", "PER", "Health", "2021-02")]
        assert state == "not counted"  # 9 people assisted, 5 ever told as new here


@pytest.mark.parametrize(
    ("columns", "causes"),
    [
        ({NEW: [90, 11], "indicator_type": ["people in need", "unknown"]}, ["left_out"]),
        ({NEW: [4_000, 50], "month": MONTHS[:2]}, ["one_report", ""]),
        ({NEW: [800, 800], TOTAL: [800, 800], "month": MONTHS[:2]}, ["everybody_new"] * 2),
        ({NEW: [1_600, 1, 0], TOTAL: [1_600, 1, 70], "month": MONTHS[:3]}, ["everybody_new", "everybody_new", ""]),
        ({NEW: [100], TOTAL: [900], "women": [900]}, ["groups_of_assisted"]),
        ({NEW: [100], TOTAL: [900], "women": [500]}, ["groups_exceed"]),
        ({NEW: [0], TOTAL: [900], "women": [900]}, ["not_counted"]),
    ],
)
def test_a_report_has_one_cause_the_first_that_applies(columns: dict[str, Any], causes: list[str]) -> None:
    assert ledger(**columns)["cause"].to_list() == causes


def of_partners(period: str = "2021-06", **months: str) -> dict[str, list[str]]:
    """The states of partners of one country and sector; each reported in the months whose digits are named."""
    pairs = [(name, MONTHS[int(digit) - 1]) for name, digits in months.items() for digit in digits]
    names, reported = zip(*pairs, strict=True)
    table = ledger(period, appealing_organisation=list(names), month=list(reported), **{NEW: [1.0] * len(pairs)})
    return {name: table["state"].xs(name, level="organisation").to_list() for name in months}


def test_a_partner_is_not_yet_there_then_it_misses_months_and_then_it_is_late() -> None:
    found = of_partners(all="123456", some="245")
    assert found["all"] == ["counted"] * 6
    assert found["some"] == ["not yet", "counted", "missed", "counted", "counted", "late"]


def test_a_partner_has_ended_after_three_months_of_silence_or_two_where_it_reported_once() -> None:
    found = of_partners(all="123456", ended="123", once="4", twice="34")
    assert found["ended"][3:] == ["late", "late", "gone"]
    assert found["once"][4:] == ["late", "gone"]
    assert found["twice"][4:] == ["late", "late"]


def test_a_partner_that_reported_in_less_than_half_of_its_months_is_irregular() -> None:
    found = of_partners(all="123456", seldom="15")  # 2 of 5 months
    assert found["seldom"] == ["counted", "missed", "missed", "missed", "counted", "irregular"]
    assert of_partners(all="123456", half="135")["half"][5] == "late"  # 3 of 5


def test_nobody_is_late_while_the_country_is_not_in_and_its_silence_ends_nobody() -> None:
    found = of_partners(a="1235", b="123")
    assert found["a"] == ["counted"] * 3 + ["country not in", "counted", "country not in"]
    assert found["b"] == ["counted"] * 3 + ["country not in", "late", "country not in"]


def test_who_reported_other_sectors_is_not_silent() -> None:
    table = ledger(sector=["Health", "WASH", "WASH"], month=["2021-01", "2021-01", "2021-02"], **{NEW: [1, 1, 1]})
    assert table["state"].xs("Health", level="sector").to_list() == ["counted", "nothing here"]


def test_who_reported_from_another_country_is_late_here() -> None:
    rows = {"country": ["PER", "COL", "COL", "PER"], "month": ["2021-01", "2021-01", "2021-02", "2021-02"]}
    whose = {"appealing_organisation": ["A", "A", "A", "B"], NEW: [1, 1, 1, 1]}
    assert ledger(**rows, **whose)["state"].xs(("A", "PER"), level=("organisation", "country")).to_list() == [
        "counted",
        "late",
    ]


def test_months_begin_with_the_data_and_a_partner_of_a_list_is_not_expected() -> None:
    listed = {"appealing_organisations": pd.DataFrame({"name": ["A", "Never"], "organisation_type": ["NGO", "NGO"]})}
    rows = activities(appealing_organisation=["A", "A"], month=["2021-03", "2021-04"], **{NEW: [1, 1]})
    reports = plan(rows, references=listed).reports(period="2021-05")
    assert reports[["organisation", "month", "state"]].to_numpy().tolist() == [
        ["A", "2021-03", "counted"],
        ["A", "2021-04", "counted"],
        ["A", "2021-05", "country not in"],
    ]


def test_the_order_of_rows_does_not_matter_and_every_row_is_in_one_report() -> None:
    rows = activities(
        appealing_organisation=["A", "B", "A", "C", "B"],
        month=["2021-01", "2021-02", "2021-03", "2021-01", "2021-01"],
        **{NEW: [5, 0, 7, 9, 4], TOTAL: [5, 3, 9, 9, 4]},
    )
    reports = plan(rows).reports()
    pd.testing.assert_frame_equal(reports, plan(rows.iloc[[3, 1, 4, 0, 2]]).reports())
    assert (reports["rows"].sum(), reports["new"].sum()) == (len(rows), rows[NEW].sum())
    assert list(reports) == list(Reports.columns)
    assert set(JoinedActivities.columns) >= {NEW, TOTAL}


def test_one_person_is_enough_for_a_report_that_is_not_counted_or_left_out() -> None:
    assert states(**{NEW: [0], TOTAL: [1]}) == ["not counted"]
    (left_out,) = ledger(**{NEW: [None], TOTAL: [1], "people_not_known": [1.0]}).to_dict("records")
    assert (left_out["rows_left_out"], left_out["people_left_out"]) == (1, 1)


def test_people_who_were_assisted_and_not_counted_have_the_key_of_their_row_and_no_others() -> None:
    made: Plan = plan(activities(month=["2021-01", "2021-02"], **{NEW: [0, 5], TOTAL: [1, 5]}))
    keys = row_states(made, Method())["assisted_key"]
    assert keys.to_list() == [int(made.rows["key"].iloc[0]), 0]
