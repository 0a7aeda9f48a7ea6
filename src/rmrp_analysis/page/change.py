"""Sentences of changes since the previous issue: for cards, notes, the feed and the message about a run."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from rmrp_analysis import numbers
from rmrp_analysis.figures import FIGURES
from rmrp_analysis.method import MovedReport, Movement, Revision
from rmrp_analysis.page.formatter import WORDS_BY_KIND
from rmrp_analysis.vocabulary import labels
from rmrp_analysis.words import N_, Translator

WORDS_BY_CHANGE_KIND = WORDS_BY_KIND["change"]
"""The English words for each kind of change: new months, corrected reports …"""
NEW_MONTHS_KIND = "new_months"
"""The kind of change that adds months and leaves the numbers of earlier months as they were."""
MAX_REPORT_LINES, MAX_SECTORS_OF_LINE = 5, 3
"""A sheet has at most this many lines on changed reports, and one line names at most this many sectors."""


def format_difference(value: float, unit: str, translate: Translator, *, in_full: bool = False) -> str:
    """Format a difference with its sign: ``+5 K``, or for shares in percentage points ``−1.2 points``.

    Points have at most one decimal. Other units are rounded as on a sheet, or printed ``in_full``. 0 has a minus sign.
    """
    sign, size = "+" if value > 0 else "−", abs(value)
    if unit == "share":
        points = numbers.plain(round(100 * size, 1 if size < 1 else 0), translate.language)
        return translate("{points} points", points=f"{sign}{points}")
    write = numbers.exactly if in_full else numbers.format_value
    return f"{sign}{write(size, unit, translate.language)}"


def format_differences_by_kind(
    differences: Mapping[str, float], unit: str, translate: Translator, *, months: str = "", in_full: bool = False
) -> dict[str, str]:
    """Format the differences of each kind of change, by kind: ``corrected reports +5 K``.

    ``months`` are the names of the new months. A difference that would be printed as 0 is left out.
    """
    amounts = {
        kind: format_difference(differences[kind], unit, translate, in_full=in_full)
        for kind in WORDS_BY_CHANGE_KIND
        if differences.get(kind)
    }
    return {
        kind: f"{translate(WORDS_BY_CHANGE_KIND[kind], months=months)} {text}"
        for kind, text in amounts.items()
        if re.search("[1-9]", text)
    }


def format_months_since(until: str, end: str, language: str) -> str:
    """Format the months after ``until`` up to ``end`` (``YYYY-MM``): ``May``, ``May–July 2021``."""
    year, month = divmod(int(until[:4]) * 12 + int(until[5:]), 12)
    start = f"{year}-{month + 1:02d}"
    return numbers.month_name(end, language) if start >= end else numbers.months(start, end, language)


def differences_in_same_months(movement: Movement) -> dict[str, float]:
    """Return the differences of a figure that do not come from new months, by the kind of change."""
    return {kind: part for kind, part in movement.parts.items() if kind != NEW_MONTHS_KIND}


def format_card_note(name: str, revision: Revision | None, end: str, translate: Translator) -> str:
    """Write for a figure's card the number of the issue with fewer months, and the cause of the change.

    It is empty if no such issue printed the figure. ``end`` is the last month of the sheet.
    """
    movement = revision.figures.get(name) if revision else None
    if not revision or not revision.until or not movement or not movement.before:
        return ""
    return _format_previous(movement, revision, FIGURES[name].unit, end, translate)


def format_movement(name: str, now: str, revision: Revision, end: str, translate: Translator) -> str:
    """Write in one line a figure ``now``, its previous printed number (if any), and the causes of the change.

    Raises ``KeyError`` for a figure that the revision does not have.
    """
    movement, figure = revision.figures[name], translate(FIGURES[name].label)
    if not movement.before:
        return translate("{figure} {now}", figure=figure, now=now)
    previous = _format_previous(movement, revision, FIGURES[name].unit, end, translate)
    return translate("{figure} {now} ({before})", figure=figure, now=now, before=previous)


def _format_previous(movement: Movement, revision: Revision, unit: str, end: str, translate: Translator) -> str:
    """Write the previous printed number of a figure, and the differences by kind of change."""
    months = format_months_since(revision.until, end, translate.language) if revision.until else ""
    if revision.until and movement.parts and not differences_in_same_months(movement):
        month = numbers.month_name(revision.until, translate.language)
        return translate("{before} up to {month}", before=movement.before, month=month)
    parts = ", ".join(format_differences_by_kind(movement.parts, unit, translate, months=months).values())
    text = translate("before: {before}", before=movement.before)
    return f"{text}; {parts}" if parts else text


def format_revision_note(
    revision: Revision | None, end: str, translate: Translator, format_figure: Callable[[str], str]
) -> str:
    """Write the changes of figures and reports since the previous issue, or an empty text without changes.

    If the sheet has more months than that issue, figures that only new months changed are left out. If no figure
    changed, it says that numbers in tables did. ``format_figure`` returns the figure that the sheet prints now, and
    ``end`` is the last month of the sheet.
    """
    if revision is None:
        return ""
    lines = []
    for name, movement in revision.figures.items():
        is_of_new_months = revision.until and movement.parts and not differences_in_same_months(movement)
        if not is_of_new_months and (text := format_figure(name)):
            lines.append(format_movement(name, text, revision, end, translate))
    if not lines and not revision.tables:
        return ""
    what = "; ".join(lines) or format_changed_tables(revision, translate)
    sentence = translate("Changed since the last publication: {what}.", what=what)
    reports = "; ".join(format_changed_reports(revision.reports, translate, limit=MAX_REPORT_LINES))
    return " ".join(filter(None, (sentence, reports and translate("Reports: {reports}.", reports=reports))))


def format_changed_tables(revision: Revision, translate: Translator) -> str:
    """Write that only numbers in the tables of a sheet changed, and why."""
    why = ", ".join(translate(WORDS_BY_CHANGE_KIND[kind], months="") for kind in revision.tables)
    tables = translate("numbers of its tables")
    return f"{tables} ({why})" if why else tables


def format_changed_reports(reports: Iterable[MovedReport], translate: Translator, *, limit: int) -> list[str]:
    """Write one line for each change, organisation and month of reports, with their places and people.

    After ``limit`` lines, one more line counts the rest. A line has people if the report has their number.
    """
    lines: dict[tuple[str, str, str], list[MovedReport]] = {}
    for report in reports:
        lines.setdefault((report.change, report.organisation, report.month), []).append(report)
    texts = [_format_report_line(group, translate) for group in [*lines.values()][:limit]]
    rest = len(lines) - limit
    return texts + [translate("{count} more", count=numbers.count(rest, translate.language))] * (rest > 0)


def _format_report_line(reports: Sequence[MovedReport], translate: Translator) -> str:
    """Write a line for reports that have the same kind of change, organisation and month.

    It has the people of each place (before and now, if a correction changed them) and the sectors, or only the number
    of sectors if there are more than ``MAX_SECTORS_OF_LINE``.
    """
    sentences = {
        "late": N_("late: {report}"),
        "corrected": N_("corrected: {report}"),
        "gone": N_("taken back: {report}"),
    }
    first, language = reports[0], translate.language
    places = []
    for report in reports:
        name = labels.place(report.country, language)
        people = [report.people_before, report.people]
        counts = [numbers.count(count, language) for count in people if count is not None]
        if report.people_before == report.people:
            # Only rows that may count no people changed, and people are not printed
            counts = []
        elif report.change != "corrected":
            counts = counts[report.change == "late" :][:1]
        places.append(f"{name} {' → '.join(counts)}".rstrip())
    organisation = first.organisation and labels.label(first.organisation, language)
    facts = [organisation, numbers.month_and_year(first.month, language), *places]
    sectors = sorted({labels.label(sector, language) for report in reports for sector in report.sectors})
    if len(sectors) > MAX_SECTORS_OF_LINE:
        sectors = [translate("{count} sectors", count=numbers.count(len(sectors), language))]
    ending = f" ({', '.join(sectors)})" if sectors else ""
    return translate(sentences[first.change], report=", ".join(filter(None, facts))) + ending
