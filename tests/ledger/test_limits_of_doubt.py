"""Every limit of doubt at itself, just below and just above."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from conftest import activities, plan
from rmrp_analysis.ledger.causes import EVERYBODY_NEW, ONE_REPORT, area_causes, exceeding_groups, row_facts
from rmrp_analysis.ledger.presence import late_partners, presence_states
from rmrp_analysis.ledger.reports import presence_table, row_states
from rmrp_analysis.method import CautionLimits, Method

NEW, TOTAL = "new_beneficiaries", "total_monthly_beneficiaries"
LIMITS = CautionLimits(people_from=1_000, one_report=0.5, groups_exceed_total=0.5, left_out=0.5)
"""Halves, which a computer holds exactly."""


@pytest.mark.parametrize(
    ("groups", "total", "of_assisted", "exceeded"),
    [
        (149.0, 0.0, False, False), (150.0, 0.0, False, False), (151.0, 0.0, False, True),  # 100 + 50 %
        (198.0, 200.0, True, False), (197.0, 200.0, False, True), (202.0, 200.0, True, False),  # 200 ± 1 %
        (203.0, 200.0, False, True),
    ],
)  # fmt: skip
def test_groups_exceed_above_their_limit_and_are_of_the_assisted_up_to_one_hundredth(
    groups: float, total: float, of_assisted: bool, exceeded: bool
) -> None:
    reports = pd.DataFrame({"new": [100.0], "total": [total], "age_gender": [groups], "population_group": [100.0]})
    marks = exceeding_groups(reports, ["age_gender", "population_group"], LIMITS)
    assert marks.to_numpy().tolist() == [[of_assisted, exceeded]]


def causes_of_area(rows: list[tuple[str, float, float]], nobody_new: float = 0.0) -> list[bool]:
    """Whether everybody of an area is new, and whether one report makes it: from rows of month, new and total."""
    table = pd.DataFrame(rows, columns=["month", "new", "total"]).assign(area="A")
    sums = table.groupby("area").agg(new=("new", "sum"), assisted=("total", "sum"))
    marks = area_causes(sums.assign(assisted=sums["assisted"] + nobody_new), row_facts(table, ["area"]), LIMITS)
    return marks.loc["A", [EVERYBODY_NEW, ONE_REPORT]].to_list()


@pytest.mark.parametrize(
    ("rows", "nobody_new", "everybody_new", "one_report"),
    [
        ([("01", 500.0, 500.0), ("02", 500.0, 500.0)], 0.0, True, False),  # from 1,000 people; 500 are half of them
        ([("01", 500.0, 500.0), ("02", 499.0, 499.0)], 0.0, False, False),
        ([("01", 501.0, 501.0), ("02", 499.0, 499.0)], 0.0, True, True),
        ([("01", 450.0, 450.0), ("02", 450.0, 450.0), ("02", 100.0, 101.0)], 0.0, False, False),  # one was known
        ([("01", 500.0, 500.0), ("01", 500.0, 500.0)], 0.0, False, False),  # one month says nothing
        ([("01", 900.0, 900.0), ("02", 900.0, 900.0), ("02", 0.0, 7.0)], 193.0, True, False),  # 1,800 of 2,000
        ([("01", 900.0, 900.0), ("02", 900.0, 900.0), ("02", 0.0, 7.0)], 194.0, False, False),  # of 2,001
    ],
)
def test_everybody_is_new_or_one_report_makes_an_area(
    rows: list[tuple[str, float, float]], nobody_new: float, everybody_new: bool, one_report: bool
) -> None:
    assert causes_of_area(rows, nobody_new) == [everybody_new, one_report]


@pytest.mark.parametrize(("left_out", "cause"), [(99, ""), (100, ""), (101, "left_out")])
def test_people_are_left_out_where_they_are_more_than_their_share_of_all(left_out: int, cause: str) -> None:
    rows = activities(**{NEW: [900, left_out]}, indicator_type=["people in need", "unknown"])
    (report,) = plan(rows).reports().to_dict("records")
    assert (report["cause"], report["people_left_out"]) == (cause, left_out)  # 100 are a tenth of 1,000


@pytest.mark.parametrize(
    ("assisted", "partners", "state"),
    [
        ([9, 5, 4], "ABC", "not counted"),  # 9 of 18 people cannot be known ones: half of them
        ([9, 5, 3], "ABC", "nobody new"),  # 8 of 17
        ([9, 9, 0], "ABC", "nobody new"),  # two of the partners assisted nobody else
        ([9, 5, 4], "ABB", "nobody new"),
    ],
)
def test_a_month_of_a_country_is_not_counted_from_half_of_its_people_and_three_partners(
    assisted: list[int], partners: str, state: str
) -> None:
    names, months = ["A", *partners], ["2021-01", *["2021-02"] * 3]
    rows = activities(appealing_organisation=names, month=months, **{NEW: [9, 0, 0, 0], TOTAL: [9, *assisted]})
    reports = plan(rows).reports().set_index(["organisation", "month"])
    assert reports.loc[("A", "2021-02"), "state"] == state


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ({NEW: [0, 5], "indicator_type": ["people in need", "unknown"]}, "left out"),
        ({NEW: [1, 5], "indicator_type": ["people in need", "unknown"]}, "counted"),
        ({NEW: [0, 0], TOTAL: [0, 0], "indicator_type": ["people in need", "other"]}, "empty"),
        ({NEW: [0, 0], TOTAL: [0, 0], "indicator_type": ["people in need", "unknown"]}, "empty"),
        ({NEW: [0, 8], TOTAL: [0, 8], "indicator_type": ["other", "other"]}, "services"),
    ],
)
def test_rows_left_out_speak_where_no_other_row_has_people(columns: dict[str, Any], state: str) -> None:
    assert plan(activities(**columns)).reports()["state"].to_list() == [state]


def states_in(months: str, *partners: str) -> list[list[str]]:
    """The states of partners of one country, each reported in the months whose digits are named."""
    rows = [(f"P{number}", "PER", digit) for number, digits in enumerate(partners) for digit in digits]
    table = pd.DataFrame(rows, columns=["organisation", "country", "month"])
    return presence_states(table, list(months)).to_numpy().tolist()


def test_a_partner_is_irregular_below_half_of_the_months_between_its_first_and_last() -> None:
    _, of_four, of_five = states_in("123456", "123456", "25", "15")
    assert (of_four[-1], of_five[-1]) == ("late", "irregular")  # 2 of the 4 months from 2 to 5; 2 of 5
    assert of_four[:1] == ["not yet"]


def test_late_is_who_reported_for_the_month_before_and_not_for_the_last() -> None:
    table = pd.DataFrame(
        [("A", "PER", "1"), ("A", "PER", "2"), ("B", "PER", "1"), ("C", "CHL", "1"), ("D", "PER", "2")],
        columns=["organisation", "country", "month"],
    )
    partners = late_partners(presence_states(table, ["1", "2"])).droplevel("country")
    assert partners["is_expected"].to_dict() == {"A": True, "B": True, "C": True, "D": True}
    assert partners["is_late"].to_dict() == {"A": False, "B": True, "C": True, "D": False}
    assert partners["is_country_in"].to_dict() == {"A": True, "B": True, "C": False, "D": True}


def test_a_silence_of_two_months_is_no_news() -> None:
    table = pd.DataFrame(
        [("A", "PER", "1"), ("B", "PER", "1"), ("B", "PER", "2"), ("C", "PER", "3")],
        columns=["organisation", "country", "month"],
    )
    partners = late_partners(presence_states(table, ["1", "2", "3"])).droplevel("country")
    assert partners["is_late"].to_dict() == {"A": False, "B": True, "C": False}
    assert partners["is_expected"].to_dict() == {"A": False, "B": True, "C": True}


def test_who_sent_a_report_that_was_refused_is_not_silent_and_nobody_is_no_partner() -> None:
    reports = plan(activities(appealing_organisation=["A", "B"], month="2021-01", **{NEW: 5}))
    refused = activities(
        appealing_organisation=["A", ""], month=["2021-02", "2021-02"], sector=["WASH", "Health"], **{NEW: [None, 4]}
    ).assign(people_left_out=[3.0, 4.0])
    states = presence_table(replace(reports, refused_activities=refused), ("2021-01", "2021-02"))
    assert states.droplevel("country").T.to_dict("list") == {"A": ["reported"] * 2, "B": ["reported", "late"]}
    every = replace(reports, refused_activities=refused).reports(period="2021-02")
    assert set(every["organisation"]) == {"A", "B"}


def test_a_partner_of_two_sectors_is_one_of_three_partners() -> None:
    rows = activities(
        appealing_organisation=["A", "A", "B", "B"], sector=["Health", "Health", "Health", "WASH"],
        month=["2021-01", *["2021-02"] * 3], **{NEW: [9, 0, 0, 0], TOTAL: [9, 9, 5, 4]},
    )  # fmt: skip
    assert plan(rows).reports().set_index(["organisation", "month"]).loc[("A", "2021-02"), "state"] == "nobody new"


def test_under_a_method_of_plan_activities_no_other_row_speaks() -> None:
    only_plan = Method(rmrp_activities_only=True)
    rows = activities(
        **{NEW: [10, 20, 30], TOTAL: [10, 20, 30]}, rmrp_activity=["Yes", "No", "No"],
        indicator_type=["people in need", "people in need", "unknown"],
    )  # fmt: skip
    refused = activities(**{NEW: [None, None]}, rmrp_activity=["Yes", "No"]).assign(people_left_out=[3.0, 50.0])
    (report,) = replace(plan(rows), refused_activities=refused).reports(method=only_plan).to_dict("records")
    told = {name: report[name] for name in ("new", "assisted", "rows_left_out", "people_left_out")}
    assert told == {"new": 10, "assisted": 10, "rows_left_out": 1, "people_left_out": 3}
    (every,) = replace(plan(rows), refused_activities=refused).reports().to_dict("records")
    assert (every["new"], every["rows_left_out"], every["people_left_out"]) == (10 + 20, 1 + 2, 30 + 3 + 50)


def test_a_row_says_who_was_assisted_and_not_counted_and_who_is_left_out() -> None:
    rows = activities(
        month=["2021-01", "2021-02", "2021-02"], **{NEW: [5, 0, None], TOTAL: [5, 9, 7]},
        people_not_known=[0.0, 0.0, 3.0], indicator_type=["people in need", "people in need", "other"],
    )  # fmt: skip
    states = row_states(plan(rows), Method())
    assert states["assisted_not_counted"].to_list() == [0, 9, 0]  # 9 people assisted, 5 ever told as new
    assert states["people_left_out"].to_list() == [0, 0, 0]  # an indicator that does not count leaves nobody out
    counted = activities(**{NEW: [None]}, people_not_known=[3.0])
    assert row_states(plan(counted), Method())["people_left_out"].to_list() == [3]
