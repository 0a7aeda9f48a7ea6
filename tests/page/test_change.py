"""What moved since the issue before, in words: each sentence from a revision of a few numbers."""

from typing import Any

import pytest

from rmrp_analysis.method import MovedReport, Movement, Revision
from rmrp_analysis.numbers import NARROW_SPACE
from rmrp_analysis.page.change import (
    format_card_note,
    format_changed_reports,
    format_changed_tables,
    format_difference,
    format_differences_by_kind,
    format_months_since,
    format_movement,
    format_revision_note,
)
from rmrp_analysis.words import Translator

EN, ES = Translator("en"), Translator("es")
NOW = {"people_reached": "120", "target": "900", "funding_usd": "$3"}.get


def revision(until: str = "", **more: Any) -> Revision:
    """A revision in which 100 people became 120: 15 in new months, 5 by late reports."""
    people = Movement(before="100", parts={"new_months": 15.0, "late": 5.0} if until else {"late": 20.0})
    return Revision(**{"until": until, "figures": {"people_reached": people}, **more})


def note(told: Revision | None, translate: Translator = EN) -> str:
    return format_revision_note(told, "2021-06", translate, lambda name: NOW(name, ""))


# ---- Amounts ----


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (500.0, "people", "+500"),
        (-50_000.0, "people", f"−50.0{NARROW_SPACE}K"),
        (-1_500_000.0, "usd", f"−$1.50{NARROW_SPACE}M"),
        (0.012, "share", "+1.2 points"),
        (-0.999, "share", "−99.9 points"),
        (1.0, "share", "+100 points"),
        (-1.234, "share", "−123 points"),
    ],
)
def test_a_difference_has_its_sign_and_shares_are_told_in_points(value: float, unit: str, text: str) -> None:
    assert format_difference(value, unit, EN) == text


def test_a_difference_in_full_has_all_its_digits() -> None:
    assert format_difference(-51_234.0, "people", EN, in_full=True) == "−51,234"
    assert format_difference(0.125, "share", ES) == "+12,5 puntos"


def test_parts_are_told_in_the_order_of_their_kinds_without_those_too_small_to_print() -> None:
    parts = {"gone": -3.0, "late": 5.0, "corrected": 0.0, "target": 0.2, "new_months": 7.0}
    assert format_differences_by_kind(parts, "people", EN, months="May") == {
        "new_months": "May +7",
        "late": "late reports +5",
        "gone": "reports taken back −3",
    }


@pytest.mark.parametrize(
    ("until", "end", "text"),
    [
        ("2021-04", "2021-05", "May"),
        ("2021-04", "2021-07", "May–July 2021"),
        ("2021-12", "2022-01", "January"),
        ("2021-11", "2022-01", "December 2021 – January 2022"),
        ("2021-12", "2022-03", "January–March 2022"),
    ],
)
def test_months_since_an_issue_begin_after_its_last_one_also_over_the_end_of_a_year(
    until: str, end: str, text: str
) -> None:
    assert format_months_since(until, end, "en") == text


# ---- On a card ----


def test_a_card_says_what_fewer_months_printed_and_what_else_moved_it() -> None:
    assert (
        format_card_note("people_reached", revision("2021-05"), "2021-06", EN)
        == "before: 100; June +15, late reports +5"
    )
    months = {"people_reached": Movement(before="100", parts={"new_months": 20.0})}
    assert format_card_note("people_reached", revision("2021-05", figures=months), "2021-06", EN) == "100 up to May"


def test_a_figure_whose_parts_are_not_known_has_what_it_was_alone() -> None:
    figures = {"people_reached": Movement(before="100")}
    assert format_card_note("people_reached", revision("2021-05", figures=figures), "2021-06", EN) == "before: 100"


def test_a_card_has_no_note_of_the_same_months_of_another_figure_or_of_one_not_known_before() -> None:
    unknown = {"people_reached": Movement(before="", parts={})}
    for name, told in (
        ("people_reached", None),
        ("people_reached", revision("")),
        ("target", revision("2021-05")),
        ("people_reached", revision("2021-05", figures=unknown)),
    ):
        assert format_card_note(name, told, "2021-06", EN) == ""


# ---- In a note ----


def test_a_note_of_the_same_months_names_figures_and_reports() -> None:
    report = MovedReport(change="late", country="PER", month="2021-02")
    assert note(revision(reports=(report,))) == (
        "Changed since the last publication: People reached 120 (before: 100; late reports +20). "
        "Reports: late: February 2021, Peru."
    )


def test_a_note_of_more_months_leaves_out_what_new_months_alone_moved() -> None:
    months = Movement(before="800", parts={"new_months": 100.0})
    figures = {"target": months, "people_reached": revision("2021-05").figures["people_reached"]}
    told = note(revision("2021-05", figures=figures))
    assert told == ("Changed since the last publication: People reached 120 (before: 100; June +15, late reports +5).")
    assert note(revision("2021-05", figures={"target": months})) == ""
    assert "People targeted 900 (before: 800; June +100)" not in told
    assert "People targeted" in note(revision("2021-05", figures={"target": Movement(before="800")}))


def test_a_figure_that_was_not_known_is_told_without_a_before() -> None:
    told = revision(figures={"target": Movement()})
    assert format_movement("target", "900", told, "2021-06", EN) == "People targeted 900"


def test_tables_alone_are_told_with_their_reasons_and_figures_go_before_them() -> None:
    tables = Revision(tables=("rounding", "late"))
    assert format_changed_tables(tables, EN) == "numbers of its tables (rounded anew, late reports)"
    assert format_changed_tables(Revision(), EN) == "numbers of its tables"
    assert note(tables) == ("Changed since the last publication: numbers of its tables (rounded anew, late reports).")
    assert "tables" not in note(revision(tables=("late",)))


def test_nothing_is_noted_without_a_revision_or_of_a_figure_that_is_not_printed() -> None:
    assert note(None) == note(Revision()) == ""
    assert note(revision(figures={"unmet_usd": Movement(before="4")})) == ""


# ---- Reports ----


def report(**cells: Any) -> MovedReport:
    return MovedReport(**{"change": "corrected", "country": "PER", "month": "2021-02", **cells})


def lines(*reports: MovedReport, limit: int = 5) -> list[str]:
    return format_changed_reports(reports, EN, limit=limit)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ("corrected", "corrected: CARE, February 2021, Peru 5 → 1,200"),
        ("late", "late: CARE, February 2021, Peru 1,200"),
        ("gone", "taken back: CARE, February 2021, Peru 5"),
    ],
)
def test_a_report_is_told_with_the_people_that_came_or_went(change: str, text: str) -> None:
    assert lines(report(change=change, organisation="CARE", people_before=5.0, people=1_200.0)) == [text]


def test_countries_of_one_organisation_and_month_share_a_line() -> None:
    two = report(organisation="CARE"), report(organisation="CARE", country="COL")
    assert lines(*two) == ["corrected: CARE, February 2021, Peru, Colombia"]
    others = (report(organisation="IOM"), report(organisation="CARE", month="2021-03"), report(change="late"))
    assert len(lines(*two, *others)) == 1 + len(others)


@pytest.mark.parametrize(("count", "shown"), [(2, 2), (3, 2), (12, 2)])
def test_more_lines_than_a_limit_are_counted(count: int, shown: int) -> None:
    told = lines(*(report(month=f"2021-{month:02d}") for month in range(1, count + 1)), limit=2)
    assert told[:shown] == ["corrected: January 2021, Peru", "corrected: February 2021, Peru"]
    assert told[shown:] == ([f"{count - 2} more"] if count > 2 else [])


def test_up_to_three_sectors_are_named_once_each_in_order_and_more_are_counted() -> None:
    assert lines(
        report(organisation="CARE", sectors=("WASH", "Health")),
        report(organisation="CARE", country="COL", sectors=("Health", "Shelter")),
    ) == ["corrected: CARE, February 2021, Peru, Colombia (Health, Shelter, WASH)"]
    four = ("WASH", "Health", "Shelter", "Nutrition")
    assert lines(report(sectors=four)) == ["corrected: February 2021, Peru (4 sectors)"]


def test_a_report_with_other_rows_and_as_many_people_is_told_without_a_number() -> None:
    services = MovedReport(change="late", country="PER", month="2021-03", organisation="A", people_before=0, people=0)
    rows = services.model_copy(update={"change": "corrected", "people_before": 50.0, "people": 50.0})
    lines = format_changed_reports([services, rows], Translator("en"), limit=5)
    assert lines == ["late: A, March 2021, Peru", "corrected: A, March 2021, Peru"]
