"""What a sheet says of the one that it replaces: which figures it names, and whose reports."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from conftest import activities, plan, sheet
from rmrp_analysis.arguments import Period
from rmrp_analysis.figures import KeyFigures
from rmrp_analysis.ledger import report_changes
from rmrp_analysis.method import Method
from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.params import ReportParams
from rmrp_analysis.publish.comparison.account import Account, make_account
from rmrp_analysis.publish.comparison.revision import (
    add_revision_note,
    is_continuation,
    keep_revision_note,
    list_selections,
    select_changed_reports,
)
from rmrp_analysis.publish.records.manifest import Months, SheetRecord
from rmrp_analysis.publish.records.publication import Publication
from rmrp_analysis.words import Translator

BY_AGE = "people_reached_by_age_gender"
NOTE = {"until": "", "figures": {"target": {"before": "7", "parts": {"target": 2.0}}}}


def report(months: str = "2021-01/2021-06", **choices: Any) -> ReportParams:
    about = {"sector": "Health", "place": "region", "language": "en", "audience": "public"} | choices
    paths = {"title": "Key figures", "plan": 2021, "data": "data", "narratives": ""}
    return ReportParams(**paths, **about, period=Period.parse(months), method=Method())


def issued(figures: KeyFigures, months: str = "2021-01/2021-06", **more: Any) -> SheetRecord:
    """What the published sheet of these figures states."""
    printed, (start, _, end) = SheetFormatter(figures, Translator("en")), months.partition("/")
    records = figures.as_records()
    return SheetRecord(
        period=Months(start=start, end=end),
        figures=records["figures"],
        tables=records["tables"],
        printed={name: printed.format_figure(name) for name in figures.figures},
        **more,
    )


def account(*steps: tuple[str, dict[str, float]], reports: pd.DataFrame | None = None) -> Account:
    """The account of figures of the sheet of Health: their amounts by kind of change, from 1,000 on."""
    names = dict.fromkeys(name for _, amounts in steps for name in amounts)
    index = pd.MultiIndex.from_tuples([("health", name, "") for name in names], names=["report", "figure", "part"])
    numbers = before = pd.Series(1_000.0, index)
    sides = []
    for kind, amounts in steps:
        numbers = numbers + [amounts.get(name, 0.0) for name in names]
        sides.append((kind, numbers))
    return make_account(before, numbers, sides, reports)


@pytest.fixture
def note_of(tmp_path: Path) -> Any:
    """The revision of a report whose published sheet is this, once its figures are these; None where it has none."""

    def noted(
        before: SheetRecord, after: KeyFigures, moved: Account, *, asked: ReportParams | None = None
    ) -> dict[str, Any] | None:
        asked = asked or report()
        (tmp_path / f"{asked.stem}.json").write_text(before.model_dump_json(), encoding="utf-8")
        found = add_revision_note(asked, Publication(tmp_path), lambda: after, moved).revision
        return found.model_dump() if found else None

    return noted


# ---- Which sheet takes the place of which ----


@pytest.mark.parametrize(
    ("before", "now", "does"),
    [
        ("2021-01/2021-06", "2021-01/2021-06", True),
        ("2021-01/2021-05", "2021-01/2021-06", True),
        ("2021-01/2021-07", "2021-01/2021-06", False),
        ("2021-02/2021-05", "2021-01/2021-06", False),
        ("2021-02/2021-06", "2021-01/2021-06", False),
    ],
)
def test_a_sheet_follows_one_of_its_months_or_of_its_first_ones(before: str, now: str, does: bool) -> None:
    assert is_continuation(report(now), issued(sheet(target=7.0), before)) is does


def test_a_sheet_follows_none_that_printed_nothing() -> None:
    assert not is_continuation(report(), None)
    assert not is_continuation(report(), SheetRecord(period=Months(start="2021-01", end="2021-06")))


@pytest.mark.parametrize(("months", "stays"), [("2021-01/2021-06", True), ("2021-01/2021-05", False)])
def test_a_note_stays_on_a_sheet_of_the_same_months(tmp_path: Path, months: str, stays: bool) -> None:
    before = issued(sheet(target=9.0), months, revision=NOTE)
    (tmp_path / f"{report().stem}.json").write_text(before.model_dump_json(), encoding="utf-8")
    revision = keep_revision_note(report(), Publication(tmp_path)).revision
    assert (revision.model_dump() if revision else None) == (NOTE | {"reports": (), "tables": ()} if stays else None)
    assert keep_revision_note(report(sector="WASH"), Publication(tmp_path)).revision is None


def test_each_sheet_is_selected_once_whatever_its_languages() -> None:
    sheets = [report(), report(language="es"), report(sector="WASH"), report(organisation="CARE")]
    assert list_selections(sheets) == [("Health", "region", ""), ("WASH", "region", ""), ("Health", "region", "CARE")]


# ---- Which figures a note names ----


def test_a_note_names_main_figures_in_their_order_with_what_they_printed(note_of: Any) -> None:
    before = sheet(target=900.0, people_reached=100.0, donors=3)
    after = sheet(target=950.0, people_reached=120.0, donors=4)
    moved = account(("late", {"people_reached": 20.0}), ("target", {"target": 50.0}))
    noted = note_of(issued(before), after, moved)
    assert [*noted["figures"].items()] == [
        ("people_reached", {"before": "100", "parts": {"late": 20.0}}),
        ("target", {"before": "900", "parts": {"target": 50.0}}),
    ]
    assert (noted["until"], noted["tables"]) == ("", ())


def test_three_other_figures_are_named_where_no_main_one_moved(note_of: Any) -> None:
    names = ("reporting_partners", "implementing_partners", "activities", "donors")
    before, after = (sheet(**dict.fromkeys(names, number)) for number in (3, 4))
    noted = note_of(issued(before), after, account(("late", {"donors": 1.0})))
    assert len(noted["figures"]) == 3
    longer = note_of(issued(before, "2021-01/2021-05"), after, account(("new_months", {"donors": 1.0})))
    assert (longer["until"], longer["figures"]) == ("2021-05", {})


@pytest.mark.parametrize(
    ("before", "after"),
    [(5_000_000.0, 5_000_003.0), (100.0, None), (100.0, 100.0)],
    ids=["printed alike", "not known now", "the same"],
)
def test_what_is_printed_alike_or_not_known_now_is_not_noted(note_of: Any, before: float, after: float | None) -> None:
    assert note_of(issued(sheet(target=before)), sheet(target=after), account(("target", {"target": 3.0}))) is None


def test_a_figure_that_was_not_known_has_no_before(note_of: Any) -> None:
    noted = note_of(issued(sheet(target=None)), sheet(target=90.0), account(("late", {"donors": 1.0})))
    assert noted["figures"] == {"target": {"before": "", "parts": {}}}


def test_tables_are_noted_where_they_alone_print_other_numbers(note_of: Any) -> None:
    first = sheet({BY_AGE: {"women": 60.0, "men": 40.0}}, people_reached=100.0)
    second = sheet({BY_AGE: {"women": 50.0, "men": 50.0}}, people_reached=100.0)
    moved = account(("rounding", {"donors": 0.0}), ("corrected", {"donors": 1.0}))
    assert note_of(issued(first), first, moved) is None
    assert note_of(issued(first), second, moved)["tables"] == ("corrected",)
    assert note_of(issued(first), second, account(("rounding", {"donors": 1.0})))["tables"] == ("rounding",)
    third = sheet({BY_AGE: {"women": 50.0, "men": 50.0}}, people_reached=110.0)
    noted = note_of(issued(first), third, moved)
    assert (noted["tables"], [*noted["figures"]]) == ((), ["people_reached"])
    assert note_of(issued(first, "2021-01/2021-05"), second, moved)["tables"] == ()


# ---- Whose reports ----

MONTHS = ("2021-01", "2021-02", "2021-03")


def changes(**people: tuple[float, float]) -> pd.DataFrame:
    """Corrected reports of WASH or Health in Peru or Colombia, by organisation: people before and now."""
    places = {"A": ("Health", "PER"), "B": ("Health", "COL"), "C": ("WASH", "PER"), "D": ("Health", "PER")}
    about = {name: [places[each][at] for each in people] for at, name in enumerate(("sector", "country"))}
    sides = [
        plan(
            activities(
                **about,
                appealing_organisation=[*people],
                month=[MONTHS[len(each) % 3] for each in people],
                new_beneficiaries=[numbers[side] for numbers in people.values()],
            )
        )
        for side in (0, 1)
    ]
    return report_changes(*sides, Method(), MONTHS)


ALL = changes(A=(5.0, 9.0), B=(5.0, 25.0), C=(7.0, 6.0), D=(4.0, 1.0))


@pytest.mark.parametrize(
    ("about", "organisations"),
    [
        ({}, ["B", "A", "D"]),
        ({"sector": "Intersector"}, ["B", "A", "D", "C"]),
        ({"place": "Peru"}, ["A", "D"]),
        ({"sector": "WASH"}, ["C"]),
        ({"organisation": "D"}, ["D"]),
    ],
)
def test_a_sheet_has_the_changed_reports_that_it_counts_most_people_first(
    about: dict[str, str], organisations: list[str]
) -> None:
    found = select_changed_reports(ALL, report(audience="internal", **about), ["corrected"])
    assert [each.organisation for each in found] == organisations
    assert select_changed_reports(ALL, report(audience="internal", **about), ["late", "gone"]) == []


def test_an_internal_sheet_names_people_and_a_public_one_only_where_and_when() -> None:
    (first, *_) = select_changed_reports(ALL, report(audience="internal"), ["corrected"])
    assert (first.organisation, first.people_before, first.people) == ("B", 5, 25)
    found = [
        (each.country, each.month, each.organisation, each.people)
        for each in select_changed_reports(ALL, report(), ["corrected"])
    ]
    assert found == [("COL", "2021-02", "", None), ("PER", "2021-02", "", None)]  # each once, in order


def test_a_report_with_as_many_people_as_before_moved_nothing() -> None:
    rows_alone = ALL.assign(new=ALL["new_before"], rows=ALL["rows_before"] + 1)
    assert select_changed_reports(rows_alone, report(), ["corrected"]) == []


def test_a_note_has_the_reports_of_the_kinds_that_moved_people_reached(note_of: Any) -> None:
    before, after = sheet(people_reached=100.0, target=9.0), sheet(people_reached=120.0, target=9.0)
    for kind, count in (("corrected", 2), ("late", 0)):
        noted = note_of(issued(before), after, account((kind, {"people_reached": 20.0}), reports=ALL))
        assert len(noted["reports"]) == count
    of_target = account(("target", {"target": 1.0}), reports=ALL)
    assert note_of(issued(before), sheet(people_reached=100.0, target=10.0), of_target)["reports"] == ()
