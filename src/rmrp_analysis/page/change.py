"""What moved since the issue before, in words: on cards, in notes, in the feed, in the news of a run."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from rmrp_analysis import numbers
from rmrp_analysis.figures import FIGURES
from rmrp_analysis.method import MovedReport, Movement, Revision
from rmrp_analysis.page.formatter import WORDS_OF
from rmrp_analysis.vocabulary import labels
from rmrp_analysis.words import N_, Translator

KIND_WORDS = WORDS_OF["change"]
NEW_MONTHS = "new_months"
MAX_REPORTS, MAX_SECTORS = 5, 3
"""So many lines on changed reports stand on a sheet, and so many sectors are named in one."""


def amount(value: float, unit: str, translate: Translator, *, in_full: bool = False) -> str:
    """Write a difference with its sign; one of shares in percentage points: ``+5 K``, ``−1.2 points``."""
    sign, size = "+" if value > 0 else "−", abs(value)
    if unit == "share":
        return translate(
            "{points} points", points=sign + numbers.plain(round(100 * size, 1 if size < 1 else 0), translate.language)
        )
    return sign + (numbers.exactly if in_full else numbers.format_value)(size, unit, translate.language)


def parts_in_words(
    parts: Mapping[str, float], unit: str, translate: Translator, *, months: str = "", in_full: bool = False
) -> dict[str, str]:
    """Write each part of a difference, by kind: ``corrected reports +5 K``; ``months`` are the new ones, in words.

    A part too small to be printed is left out.
    """
    amounts = {kind: amount(parts[kind], unit, translate, in_full=in_full) for kind in KIND_WORDS if parts.get(kind)}
    return {
        kind: f"{translate(KIND_WORDS[kind], months=months)} {text}"
        for kind, text in amounts.items()
        if re.search("[1-9]", text)
    }


def months_since(until: str, end: str, language: str) -> str:
    """Name the months after ``until`` up to ``end``: ``May``, ``May–July 2021``."""
    year, month = divmod(int(until[:4]) * 12 + int(until[5:]), 12)
    first = f"{year}-{month + 1:02d}"
    return numbers.month_name(end, language) if first >= end else numbers.months(first, end, language)


def news(movement: Movement) -> dict[str, float]:
    """Return the parts of a difference that are no new month."""
    return {kind: part for kind, part in movement.parts.items() if kind != NEW_MONTHS}


def card_note(name: str, revision: Revision | None, end: str, translate: Translator) -> str:
    """Say on a figure's card what the issue of fewer months printed, and what else than new months moved it."""
    movement = revision.figures.get(name) if revision else None
    if not revision or not revision.until or not movement or not movement.before:
        return ""
    return _before(movement, revision, FIGURES[name].unit, end, translate)


def movement_line(name: str, now: str, revision: Revision, end: str, translate: Translator) -> str:
    """Say what a figure is now, what it was before, and what moved it."""
    movement, figure = revision.figures[name], translate(FIGURES[name].label)
    if not movement.before:
        return translate("{figure} {now}", figure=figure, now=now)
    before = _before(movement, revision, FIGURES[name].unit, end, translate)
    return translate("{figure} {now} ({before})", figure=figure, now=now, before=before)


def _before(movement: Movement, revision: Revision, unit: str, end: str, translate: Translator) -> str:
    months = months_since(revision.until, end, translate.language) if revision.until else ""
    if revision.until and movement.parts and not news(movement):
        month = numbers.month_name(revision.until, translate.language)
        return translate("{before} up to {month}", before=movement.before, month=month)
    parts = ", ".join(parts_in_words(movement.parts, unit, translate, months=months).values())
    before = translate("before: {before}", before=movement.before)
    return f"{before}; {parts}" if parts else before


def revision_note(revision: Revision | None, end: str, translate: Translator, figure: Callable[[str], str]) -> str:
    """Say what moved since the issue before, and why; of an issue with more months only what else moved.

    ``figure`` gives by name what the sheet prints now, ``end`` is its last month.
    """
    if revision is None:
        return ""
    moved = [name for name, each in revision.figures.items() if not revision.until or news(each) or not each.parts]
    lines = [movement_line(name, figure(name), revision, end, translate) for name in moved if figure(name)]
    if not lines and not revision.tables:
        return ""
    what = "; ".join(lines) or tables_line(revision, translate)
    sentence = translate("Changed since the last publication: {what}.", what=what)
    reports = "; ".join(report_lines(revision.reports, translate, limit=MAX_REPORTS))
    return " ".join(filter(None, (sentence, reports and translate("Reports: {reports}.", reports=reports))))


def tables_line(revision: Revision, translate: Translator) -> str:
    """Say that numbers of a sheet's tables alone moved, and why."""
    why = ", ".join(translate(KIND_WORDS[kind], months="") for kind in revision.tables)
    tables = translate("numbers of its tables")
    return f"{tables} ({why})" if why else tables


def report_lines(reports: Iterable[MovedReport], translate: Translator, *, limit: int) -> list[str]:
    """Say of changed reports what they are, of whom, of which month and where, with their people where these are told.

    A line each change, organisation and month, at most ``limit`` of them.
    """
    lines: dict[tuple[str, str, str], list[MovedReport]] = {}
    for report in reports:
        lines.setdefault((report.change, report.organisation, report.month), []).append(report)
    texts = [_report_line(of_line, translate) for of_line in [*lines.values()][:limit]]
    rest = len(lines) - limit
    return texts + [translate("{count} more", count=numbers.count(rest, translate.language))] * (rest > 0)


def _report_line(reports: Sequence[MovedReport], translate: Translator) -> str:
    sentences = {
        "late": N_("late: {report}"),
        "corrected": N_("corrected: {report}"),
        "gone": N_("taken back: {report}"),
    }
    first, language = reports[0], translate.language
    places = []
    for report in reports:
        name, people = labels.place(report.country, language), [report.people_before, report.people]
        counts = [numbers.count(each, language) for each in people if each is not None]
        if report.people_before == report.people:  # other rows, which need not count anybody: their people are no news
            counts = []
        elif report.change != "corrected":
            counts = counts[report.change == "late" :][:1]
        places.append(f"{name} {' → '.join(counts)}".rstrip())
    named = [first.organisation, numbers.month_and_year(first.month, language), *places]
    sectors = sorted({labels.label(sector, language) for report in reports for sector in report.sectors})
    if len(sectors) > MAX_SECTORS:
        sectors = [translate("{count} sectors", count=numbers.count(len(sectors), language))]
    beside = f" ({', '.join(sectors)})" if sectors else ""
    return translate(sentences[first.change], report=", ".join(filter(None, named))) + beside
