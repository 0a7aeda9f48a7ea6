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
"""The kind of change by which months were added, and no number of earlier months changed."""
MAX_REPORT_LINES, MAX_SECTORS_OF_LINE = 5, 3
"""A sheet has at most this many lines on changed reports, and one line names at most this many sectors."""


def format_difference(value: float, unit: str, translate: Translator, *, in_full: bool = False) -> str:
    """Format a difference with its sign: ``+5 K``; one of shares in percentage points: ``−1.2 points``.

    Points have at most one decimal. Other units are rounded as on a sheet, or printed ``in_full``. 0 has a minus sign.
    """
    difference_sign, difference_size = "+" if value > 0 else "−", abs(value)
    if unit == "share":
        points_text = numbers.plain(round(100 * difference_size, 1 if difference_size < 1 else 0), translate.language)
        return translate("{points} points", points=f"{difference_sign}{points_text}")
    format_amount = numbers.exactly if in_full else numbers.format_value
    return f"{difference_sign}{format_amount(difference_size, unit, translate.language)}"


def format_differences_by_kind(
    differences: Mapping[str, float], unit: str, translate: Translator, *, months: str = "", in_full: bool = False
) -> dict[str, str]:
    """Format the differences of each kind of change, by kind: ``corrected reports +5 K``.

    ``months`` are the names of the new months. A difference that would be printed as 0 is left out.
    """
    difference_text_by_kind = {
        change_kind: format_difference(differences[change_kind], unit, translate, in_full=in_full)
        for change_kind in WORDS_BY_CHANGE_KIND
        if differences.get(change_kind)
    }
    return {
        change_kind: f"{translate(WORDS_BY_CHANGE_KIND[change_kind], months=months)} {difference_text}"
        for change_kind, difference_text in difference_text_by_kind.items()
        if re.search("[1-9]", difference_text)
    }


def format_months_since(until: str, end: str, language: str) -> str:
    """Format the months after ``until`` up to ``end`` (``YYYY-MM``): ``May``, ``May–July 2021``."""
    first_year, month_index = divmod(int(until[:4]) * 12 + int(until[5:]), 12)
    first_month_text = f"{first_year}-{month_index + 1:02d}"
    return (
        numbers.month_name(end, language)
        if first_month_text >= end
        else numbers.months(first_month_text, end, language)
    )


def differences_in_same_months(movement: Movement) -> dict[str, float]:
    """Return the differences of a figure that do not come from new months, by the kind of change."""
    return {
        change_kind: difference_of_kind
        for change_kind, difference_of_kind in movement.parts.items()
        if change_kind != NEW_MONTHS_KIND
    }


def format_card_note(name: str, revision: Revision | None, end: str, translate: Translator) -> str:
    """Write for a figure's card what the issue with fewer months printed, and what changed it.

    Empty where no such issue printed the figure. ``end`` is the last month of the sheet.
    """
    figure_movement = revision.figures.get(name) if revision else None
    if not revision or not revision.until or not figure_movement or not figure_movement.before:
        return ""
    return _format_previous(figure_movement, revision, FIGURES[name].unit, end, translate)


def format_movement(name: str, now: str, revision: Revision, end: str, translate: Translator) -> str:
    """Write in one line what a figure is ``now``, what it was in the previous issue (if printed), and what changed it.

    Raises ``KeyError`` for a figure that the revision does not have.
    """
    figure_movement, figure_label = revision.figures[name], translate(FIGURES[name].label)
    if not figure_movement.before:
        return translate("{figure} {now}", figure=figure_label, now=now)
    previous_figure_text = _format_previous(figure_movement, revision, FIGURES[name].unit, end, translate)
    return translate("{figure} {now} ({before})", figure=figure_label, now=now, before=previous_figure_text)


def _format_previous(movement: Movement, revision: Revision, unit: str, end: str, translate: Translator) -> str:
    """Write what the previous issue printed of a figure, and the differences by kind of change.

    If only new months changed it, the last month of that issue stands in place of the differences.
    """
    new_months_text = format_months_since(revision.until, end, translate.language) if revision.until else ""
    if revision.until and movement.parts and not differences_in_same_months(movement):
        previous_last_month_name = numbers.month_name(revision.until, translate.language)
        return translate("{before} up to {month}", before=movement.before, month=previous_last_month_name)
    differences_text = ", ".join(
        format_differences_by_kind(movement.parts, unit, translate, months=new_months_text).values()
    )
    previous_figure_text = translate("before: {before}", before=movement.before)
    return f"{previous_figure_text}; {differences_text}" if differences_text else previous_figure_text


def format_revision_note(
    revision: Revision | None, end: str, translate: Translator, format_figure: Callable[[str], str]
) -> str:
    """Write which figures changed since the previous issue, why, and which reports; empty where no number changed.

    Where the sheet has more months than that issue, figures that only new months changed are left out. Where no figure
    changed, it says that numbers in tables did. ``format_figure`` returns what the sheet prints of a figure now,
    ``end`` is the last month of the sheet.
    """
    if revision is None:
        return ""
    changed_figure_names = [
        figure_name
        for figure_name, figure_movement in revision.figures.items()
        if not revision.until or differences_in_same_months(figure_movement) or not figure_movement.parts
    ]
    printed_text_by_figure = {figure_name: format_figure(figure_name) for figure_name in changed_figure_names}
    movement_lines = [
        format_movement(figure_name, figure_text, revision, end, translate)
        for figure_name, figure_text in printed_text_by_figure.items()
        if figure_text
    ]
    if not movement_lines and not revision.tables:
        return ""
    figure_changes_text = "; ".join(movement_lines) or format_changed_tables(revision, translate)
    change_sentence = translate("Changed since the last publication: {what}.", what=figure_changes_text)
    changed_reports_text = "; ".join(format_changed_reports(revision.reports, translate, limit=MAX_REPORT_LINES))
    return " ".join(
        filter(
            None,
            (change_sentence, changed_reports_text and translate("Reports: {reports}.", reports=changed_reports_text)),
        )
    )


def format_changed_tables(revision: Revision, translate: Translator) -> str:
    """Write that only numbers in the tables of a sheet changed, and why."""
    change_reasons_text = ", ".join(
        translate(WORDS_BY_CHANGE_KIND[change_kind], months="") for change_kind in revision.tables
    )
    changed_tables_text = translate("numbers of its tables")
    return f"{changed_tables_text} ({change_reasons_text})" if change_reasons_text else changed_tables_text


def format_changed_reports(reports: Iterable[MovedReport], translate: Translator, *, limit: int) -> list[str]:
    """Write one line for each change, organisation and month of reports, with their places and people.

    After ``limit`` lines, one more line counts the rest. People are given where the report has their number.
    """
    reports_by_line: dict[tuple[str, str, str], list[MovedReport]] = {}
    for moved_report in reports:
        reports_by_line.setdefault((moved_report.change, moved_report.organisation, moved_report.month), []).append(
            moved_report
        )
    line_texts = [_format_report_line(line_reports, translate) for line_reports in [*reports_by_line.values()][:limit]]
    hidden_line_count = len(reports_by_line) - limit
    return line_texts + [translate("{count} more", count=numbers.count(hidden_line_count, translate.language))] * (
        hidden_line_count > 0
    )


def _format_report_line(reports: Sequence[MovedReport], translate: Translator) -> str:
    """Write a line for reports that have the same kind of change, organisation and month.

    It has the people of each place, of corrected reports before and now (unless they are the same), and the sectors, or
    only their number if there are more than ``MAX_SECTORS_OF_LINE``.
    """
    sentence_by_change = {
        "late": N_("late: {report}"),
        "corrected": N_("corrected: {report}"),
        "gone": N_("taken back: {report}"),
    }
    first_report, language_code = reports[0], translate.language
    place_texts = []
    for moved_report in reports:
        country_name = labels.place(moved_report.country, language_code)
        people_before_and_now = [moved_report.people_before, moved_report.people]
        people_count_texts = [
            numbers.count(people_count, language_code)
            for people_count in people_before_and_now
            if people_count is not None
        ]
        if moved_report.people_before == moved_report.people:
            # Only rows that may count nobody changed, so people are not printed
            people_count_texts = []
        elif moved_report.change != "corrected":
            people_count_texts = people_count_texts[moved_report.change == "late" :][:1]
        place_texts.append(f"{country_name} {' → '.join(people_count_texts)}".rstrip())
    line_fact_texts = [
        first_report.organisation and labels.label(first_report.organisation, language_code),
        numbers.month_and_year(first_report.month, language_code),
        *place_texts,
    ]
    sector_names = sorted(
        {labels.label(sector, language_code) for moved_report in reports for sector in moved_report.sectors}
    )
    if len(sector_names) > MAX_SECTORS_OF_LINE:
        sector_names = [translate("{count} sectors", count=numbers.count(len(sector_names), language_code))]
    sector_text = f" ({', '.join(sector_names)})" if sector_names else ""
    return (
        translate(sentence_by_change[first_report.change], report=", ".join(filter(None, line_fact_texts)))
        + sector_text
    )
