"""The workbook that goes back to an organisation: its rows as it sent them, the points to review, its reports."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from rmrp_analysis import numbers
from rmrp_analysis.ledger import CORRECTED, GONE, LATE
from rmrp_analysis.page.formatter import WORDS_BY_KIND
from rmrp_analysis.page.quality_page import translate_by_template
from rmrp_analysis.page.workbook import Cell, Column, Origin, Worksheet, build_workbook
from rmrp_analysis.quality import CHECK_BY_NAME
from rmrp_analysis.quality.feedback import REPORT_STATES_TO_ANSWER, Doubt, RowsToReview, SentRow
from rmrp_analysis.vocabulary import labels
from rmrp_analysis.words import N_, Translator

SENTENCE_BY_REPORT_STATE = WORDS_BY_KIND["report state"]
"""The sentence on a report, by its state in the ledger."""

UNCHANGED_NUMBER_PATTERN = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,10})?")
"""A text that Excel keeps as a number without changing it."""
SENT_COLUMN_CHARACTERS = 18


def build_review_workbook(to_review: RowsToReview, *, language: str, origin: Origin) -> bytes:
    """Return the Excel file for an organisation with rows to review.

    A second worksheet counts the rows by finding, a third lists the organisation's reports. The rows have the order of
    ``to_review``, with most people first.
    """
    translate = Translator(language)
    title = translate("Rows to review: {organisation}", organisation=to_review.organisation)
    how_to = translate(
        "Please review the marked cells, correct them where you report, or write what is right under “{answer}” and "
        "send this file back.",
        answer=translate("Your answer"),
    )
    headers = list(dict.fromkeys(header for row in to_review.rows for header in row.cells))
    columns = [
        Column(translate("Line"), 8),
        Column(translate("File"), 24),
        Column(translate("What to review"), 60),
        Column(translate("What would be right"), 44),
        Column(translate("Your answer"), 30),
        *(Column(header, SENT_COLUMN_CHARACTERS) for header in headers),
    ]
    rows = [_build_row(row, headers, translate) for row in to_review.rows]
    above = (Cell(title, "heading"), Cell(how_to), Cell(None))
    uncounted, kinds = translate("Rows that cannot be counted"), Counter[str]()
    for row in to_review.rows:
        kinds.update({_say_doubt(doubt, translate) if doubt.check else uncounted for doubt in row.doubts})
    ranked = sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))
    summary = [[Cell(kind), Cell(number, "count")] for kind, number in ranked]
    headings = [Column(translate("What to review"), 90), Column(translate("Rows"))]
    sheets = [
        Worksheet(translate("Rows to review"), columns, rows, above=above, frozen_columns=2),
        Worksheet(translate("Summary"), headings, summary),
        Worksheet(translate("Your reports"), *_list_reports(to_review, translate), frozen_columns=1),
    ]
    return build_workbook(sheets, title=title, language=language, origin=origin)


def _list_reports(to_review: RowsToReview, translate: Translator) -> tuple[list[Column], list[list[Cell]]]:
    """Return the columns and rows of the organisation's reports, the last month first.

    A state that the organisation should answer is marked. A report that is gone since the last run also has a row.
    Reads the columns ``month``, ``country``, ``sector``, ``state``, ``assisted``, ``new``, ``rows`` and
    ``rows_left_out`` of the reports, and ``change`` and ``new_before`` of the changes.
    """
    headers = (
        *(N_("Month"), N_("Country"), N_("Sector"), N_("People assisted"), N_("New people"), N_("Rows")),
        *(N_("Rows that cannot be counted"), N_("What the report says"), N_("Since the last run")),
    )
    columns = [Column(translate(header)) for header in headers]
    keys, rows = ["month", "country", "sector"], []
    changes = to_review.changes.reindex(columns=[*keys, "change", "new_before", "new"])
    reports = to_review.reports.merge(changes, on=keys, how="outer", suffixes=("", "_now"))
    reports = reports.fillna({"state": "", "assisted": 0, "new": 0, "rows": 0, "rows_left_out": 0})
    for report in reports.sort_values(keys, ascending=[False, True, True]).to_dict("records"):
        state = str(report["state"])
        look = "marked" if report["state"] in REPORT_STATES_TO_ANSWER else ""
        counts = [Cell(report[name], "people") for name in ("assisted", "new")]
        counts += [Cell(report[name], "count") for name in ("rows", "rows_left_out")]
        country = Cell(labels.place(report["country"], translate.language))
        sector = Cell(labels.label(report["sector"], translate.language))
        mark = Cell(translate(SENTENCE_BY_REPORT_STATE[state]), look) if state else Cell("")
        rows.append([Cell(report["month"]), country, sector, *counts, mark, _say_change(report, translate)])
    return columns, rows


def _say_change(report: Mapping[Any, Any], translate: Translator) -> Cell:
    """Write the change of a report since the last run, marked if it is gone, or an empty cell."""
    people = numbers.count(report["new_before"], translate.language) if report["change"] in (CORRECTED, GONE) else ""
    sentences = {
        LATE: N_("late"),
        CORRECTED: N_("corrected: {people} new people before"),
        GONE: N_("taken back: {people} new people before"),
    }
    sentence = sentences.get(report["change"], "")
    if not sentence:
        return Cell("")
    return Cell(translate(sentence, people=people), "marked" if report["change"] == GONE else "")


def _build_row(row: SentRow, headers: list[str], translate: Translator) -> list[Cell]:
    """Return the cells of a row to review: line, file, faults, right content, and an empty answer.

    The cells that the organisation sent follow, under ``headers``. Numbers are numbers, and cells in doubt are marked.
    """
    wrong = dict.fromkeys(_say_doubt(doubt, translate) for doubt in row.doubts)
    right = dict.fromkeys(f"{doubt.header}: {_say_allowed(doubt, translate)}" for doubt in row.doubts)
    lists = (Cell("\u2022 " + "\n\u2022 ".join(sentences), "long") for sentences in (wrong, right))
    cells = [Cell(row.line), Cell(row.file), *lists, Cell(None)]
    in_doubt = {doubt.header for doubt in row.doubts}
    for header in headers:
        text = row.cells.get(header, "")
        value = float(text) if UNCHANGED_NUMBER_PATTERN.fullmatch(text) else text
        cells.append(Cell(value, "marked" if header in in_doubt else ""))
    return cells


def _say_allowed(doubt: Doubt, translate: Translator) -> str:
    """Write the right content of a cell that the organisation sent."""
    if doubt.check:
        return translate(doubt.allowed, expected=doubt.expected)
    return translate_by_template(doubt.allowed, (), translate)


def _say_doubt(doubt: Doubt, translate: Translator) -> str:
    """Write the fault of a cell that the organisation sent, by its check, or why its row is not counted."""
    if doubt.check:
        return translate(CHECK_BY_NAME[doubt.check].sentence)
    empty = N_("{column} is empty, so the row cannot be counted.")
    unusable = N_("{column}: “{value}” cannot be used, so the row is not counted.")
    return translate(unusable if doubt.value else empty, column=doubt.header, value=doubt.value)
