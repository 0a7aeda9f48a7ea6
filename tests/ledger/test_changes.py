"""What became of reports between two editions of the data: each rule on a table of a few rows."""

from dataclasses import replace
from typing import Any

import pandas as pd

from conftest import activities, plan
from rmrp_analysis.ledger import changes_by_partner, report_changes
from rmrp_analysis.method import Method

NEW = "new_beneficiaries"
MONTHS = ("2021-01", "2021-02")
TWO = {"appealing_organisation": ["A", "B"], "month": [*MONTHS], NEW: [5.0, 7.0]}


def changes(before: dict[str, Any], after: dict[str, Any], months: tuple[str, ...] = MONTHS) -> pd.DataFrame:
    """What became of the reports of these activities, by organisation and month."""
    sides = (plan(activities(**columns)) for columns in (before, after))
    return report_changes(*sides, Method(), months).reset_index(["country", "sector"], drop=True)


def test_a_report_is_late_corrected_or_gone() -> None:
    after = {"appealing_organisation": ["B", "C"], "month": ["2021-02"] * 2, NEW: [8.0, 3.0]}
    found = changes(TWO, after)
    assert found["change"].to_dict() == {
        ("A", "2021-01"): "gone",
        ("B", "2021-02"): "corrected",
        ("C", "2021-02"): "late",
    }
    assert found[["new_before", "new"]].to_numpy().tolist() == [[5, 0], [7, 8], [0, 3]]


def test_months_that_are_not_asked_for_are_no_change() -> None:
    assert changes(TWO, {**TWO, NEW: [5.0, 8.0]}, months=MONTHS[:1]).empty


def test_the_order_of_rows_their_lines_and_their_ids_are_no_change() -> None:
    turned = {name: contents[::-1] for name, contents in TWO.items()}
    assert changes(TWO, {**turned, "source_line": [7, 9], "record_id": ["x", "y"]}).empty


def test_what_a_list_says_of_a_row_is_no_change_of_its_report() -> None:
    assert changes(TWO, {**TWO, "indicator_type": ["other", "people in need"]}).empty


def test_a_row_twice_is_a_correction() -> None:
    twice = {name: [contents[0], *contents] for name, contents in TWO.items()}
    assert changes(TWO, twice)[["change", "new_before", "new"]].to_numpy().tolist() == [["corrected", 5, 10]]


def test_a_refused_row_that_is_mended_is_a_correction() -> None:
    before, after = plan(activities(**{NEW: [5.0]})), plan(activities(**{NEW: [5.0, 4.0]}))
    refused = before.activities.assign(**{NEW: -4.0}, people_left_out=4.0)
    found = report_changes(replace(before, refused_activities=refused), after, Method(), MONTHS)
    assert found["change"].to_list() == ["corrected"]


def test_partners_are_told_once_a_month_and_country_with_most_people_first() -> None:
    before = {**TWO, "sector": ["Health", "Health"], "activity_name": ["a", "b"]}
    after = {
        "appealing_organisation": ["A", "A", "B"],
        "month": ["2021-01", "2021-01", "2021-02"],
        "sector": ["Health", "WASH", "Health"],
        "activity_name": ["a", "c", "b"],
        NEW: [6.0, 9.0, 7.0],
    }
    sides = [plan(activities(**columns)) for columns in (before, after)]
    partners = changes_by_partner(report_changes(*sides, Method(), MONTHS))
    assert partners[["change", "organisation", "people_before", "people", "sectors"]].to_numpy().tolist() == [
        ["late", "A", 0, 9, ("WASH",)],
        ["corrected", "A", 5, 6, ("Health",)],
    ]


def test_reports_with_other_texts_and_the_same_people_and_rows_are_not_told() -> None:
    found = report_changes(
        plan(activities(**TWO)), plan(activities(**TWO, activity_name=["another", "another"])), Method(), MONTHS
    )
    assert len(found) == 2
    assert changes_by_partner(found).empty


def test_partners_stand_by_the_people_that_moved_up_or_down_and_then_by_name() -> None:
    names = {"month": "2021-01"}
    before = activities(appealing_organisation=["A", "C", "B"], **{NEW: [50.0, 1.0, 1.0]}, **names)
    after = activities(appealing_organisation=["C", "B"], **{NEW: [9.0, 9.0]}, **names)
    partners = changes_by_partner(report_changes(plan(before), plan(after), Method(), MONTHS))
    assert partners[["organisation", "people"]].to_numpy().tolist() == [["A", 0], ["B", 9], ["C", 9]]


def test_a_row_of_nobody_that_was_added_moves_its_report() -> None:
    more = {name: [*contents, contents[0]] for name, contents in TWO.items()} | {NEW: [5.0, 7.0, 0.0]}
    partners = changes_by_partner(report_changes(plan(activities(**TWO)), plan(activities(**more)), Method(), MONTHS))
    numbers = ["organisation", "people_before", "people", "rows_before", "rows"]
    assert partners[numbers].to_numpy().tolist() == [["A", 5, 5, 1, 2]]
