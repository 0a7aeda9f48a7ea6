"""What moved since the issue before, in words: on cards, in notes, in the feed, in the news of a run."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from rmrp_analysis import numbers
from rmrp_analysis.figures import FIGURES
from rmrp_analysis.method import MovedReport, Movement, Revision
from rmrp_analysis.page.printed import WORDS_OF
from rmrp_analysis.vocabulary import labels
from rmrp_analysis.words import N_, Words

KIND_WORDS = WORDS_OF["change"]
NEW_MONTHS = "new_months"
MAX_REPORTS, MAX_SECTORS = 5, 3
"""So many lines on changed reports stand on a sheet, and so many sectors are named in one."""


def amount(value: float, unit: str, words: Words, *, in_full: bool = False) -> str:
    """Write a difference with its sign; one of shares in percentage points: ``+5 K``, ``−1.2 points``."""
    sign, size = "+" if value > 0 else "−", abs(value)
    if unit == "share":
        return words(
            "{points} points", points=sign + numbers.plain(round(100 * size, 1 if size < 1 else 0), words.language)
        )
    return sign + (numbers.exactly if in_full else numbers.printed)(size, unit, words.language)


def parts_in_words(
    parts: Mapping[str, float], unit: str, words: Words, *, months: str = "", in_full: bool = False
) -> dict[str, str]:
    """Write each part of a difference, by kind: ``corrected reports +5 K``; ``months`` are the new ones, in words.

    A part too small to be printed is left out.
    """
    amounts = {kind: amount(parts[kind], unit, words, in_full=in_full) for kind in KIND_WORDS if parts.get(kind)}
    return {
        kind: f"{words(KIND_WORDS[kind], months=months)} {text}"
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


def card_note(name: str, revision: Revision | None, end: str, words: Words) -> str:
    """Say on a figure's card what the issue of fewer months printed, and what else than new months moved it."""
    movement = revision.figures.get(name) if revision else None
    if not revision or not revision.until or not movement or not movement.before:
        return ""
    return _before(movement, revision, FIGURES[name].unit, end, words)


def movement_line(name: str, now: str, revision: Revision, end: str, words: Words) -> str:
    """Say what a figure is now, what it was before, and what moved it."""
    movement, figure = revision.figures[name], words(FIGURES[name].label)
    if not movement.before:
        return words("{figure} {now}", figure=figure, now=now)
    before = _before(movement, revision, FIGURES[name].unit, end, words)
    return words("{figure} {now} ({before})", figure=figure, now=now, before=before)


def _before(movement: Movement, revision: Revision, unit: str, end: str, words: Words) -> str:
    months = months_since(revision.until, end, words.language) if revision.until else ""
    if revision.until and movement.parts and not news(movement):
        month = numbers.month_name(revision.until, words.language)
        return words("{before} up to {month}", before=movement.before, month=month)
    parts = ", ".join(parts_in_words(movement.parts, unit, words, months=months).values())
    before = words("before: {before}", before=movement.before)
    return f"{before}; {parts}" if parts else before


def revision_note(revision: Revision | None, end: str, words: Words, figure: Callable[[str], str]) -> str:
    """Say what moved since the issue before, and why; of an issue with more months only what else moved.

    ``figure`` gives by name what the sheet prints now, ``end`` is its last month.
    """
    if revision is None:
        return ""
    moved = [name for name, each in revision.figures.items() if not revision.until or news(each) or not each.parts]
    lines = [movement_line(name, figure(name), revision, end, words) for name in moved if figure(name)]
    if not lines and not revision.tables:
        return ""
    what = "; ".join(lines) or tables_line(revision, words)
    sentence = words("Changed since the last publication: {what}.", what=what)
    reports = "; ".join(report_lines(revision.reports, words, limit=MAX_REPORTS))
    return " ".join(filter(None, (sentence, reports and words("Reports: {reports}.", reports=reports))))


def tables_line(revision: Revision, words: Words) -> str:
    """Say that numbers of a sheet's tables alone moved, and why."""
    why = ", ".join(words(KIND_WORDS[kind], months="") for kind in revision.tables)
    tables = words("numbers of its tables")
    return f"{tables} ({why})" if why else tables


def report_lines(reports: Iterable[MovedReport], words: Words, *, limit: int) -> list[str]:
    """Say of changed reports what they are, of whom, of which month and where, with their people where these are told.

    A line each change, organisation and month, at most ``limit`` of them.
    """
    lines: dict[tuple[str, str, str], list[MovedReport]] = {}
    for report in reports:
        lines.setdefault((report.change, report.organisation, report.month), []).append(report)
    texts = [_report_line(of_line, words) for of_line in [*lines.values()][:limit]]
    rest = len(lines) - limit
    return texts + [words("{count} more", count=numbers.count(rest, words.language))] * (rest > 0)


def _report_line(reports: Sequence[MovedReport], words: Words) -> str:
    sentences = {
        "late": N_("late: {report}"),
        "corrected": N_("corrected: {report}"),
        "gone": N_("taken back: {report}"),
    }
    first, language = reports[0], words.language
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
        sectors = [words("{count} sectors", count=numbers.count(len(sectors), language))]
    beside = f" ({', '.join(sectors)})" if sectors else ""
    return words(sentences[first.change], report=", ".join(filter(None, named))) + beside
