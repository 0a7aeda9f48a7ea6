"""The workbook that goes back to an organisation: its rows as it sent them, what to review in each, its reports."""

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
"""What a report says, by its state in the ledger."""

UNCHANGED_NUMBER_PATTERN = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,10})?")
"""A text that Excel keeps as a number without changing it."""
SENT_COLUMN_CHARACTERS = 18
"""The width, in characters, of a column that the organisation sent."""


def build_review_workbook(to_review: RowsToReview, *, language: str, origin: Origin) -> bytes:
    """Return the Excel file for an organisation with rows to review.

    A second worksheet counts the rows by what is to review, a third lists the organisation's reports. The rows have the
    order of ``to_review``: those with most people first.
    """
    translate = Translator(language)
    workbook_title = translate("Rows to review: {organisation}", organisation=to_review.organisation)
    request_text = translate(
        "Please review the marked cells, correct them where you report, or write what is right under “{answer}” and "
        "send this file back.",
        answer=translate("Your answer"),
    )
    sent_headers = list(dict.fromkeys(sent_header for sent_row in to_review.rows for sent_header in sent_row.cells))
    review_columns = [
        Column(translate("Line"), 8),
        Column(translate("File"), 24),
        Column(translate("What to review"), 60),
        Column(translate("What would be right"), 44),
        Column(translate("Your answer"), 30),
        *(Column(sent_header, SENT_COLUMN_CHARACTERS) for sent_header in sent_headers),
    ]
    review_rows = [_build_row(sent_row, sent_headers, translate) for sent_row in to_review.rows]
    cells_above_table = (Cell(workbook_title, "heading"), Cell(request_text), Cell(None))
    not_counted_label, row_count_by_problem = translate("Rows that cannot be counted"), Counter[str]()
    for sent_row in to_review.rows:
        row_count_by_problem.update(
            {
                _say_doubt(cell_doubt, translate) if cell_doubt.check else not_counted_label
                for cell_doubt in sent_row.doubts
            }
        )
    problem_count_pairs = sorted(row_count_by_problem.items(), key=lambda pair: (-pair[1], pair[0]))
    summary_rows = [
        [Cell(problem_sentence), Cell(row_count, "count")] for problem_sentence, row_count in problem_count_pairs
    ]
    summary_columns = [Column(translate("What to review"), 90), Column(translate("Rows"))]
    worksheets = [
        Worksheet(translate("Rows to review"), review_columns, review_rows, above=cells_above_table, frozen_columns=2),
        Worksheet(translate("Summary"), summary_columns, summary_rows),
        Worksheet(translate("Your reports"), *_list_reports(to_review, translate), frozen_columns=1),
    ]
    return build_workbook(worksheets, title=workbook_title, language=language, origin=origin)


def _list_reports(to_review: RowsToReview, translate: Translator) -> tuple[list[Column], list[list[Cell]]]:
    """Return the columns and rows of the organisation's reports, the last month first.

    A state that the organisation should answer is marked. A report that is gone since the last run has a row, too.
    Reads the columns ``month``, ``country``, ``sector``, ``state``, ``assisted``, ``new``, ``rows`` and
    ``rows_left_out`` of the reports, and ``change`` and ``new_before`` of the changes.
    """
    report_headers = (
        *(N_("Month"), N_("Country"), N_("Sector"), N_("People assisted"), N_("New people"), N_("Rows")),
        *(N_("Rows that cannot be counted"), N_("What the report says"), N_("Since the last run")),
    )
    report_columns = [Column(translate(report_header)) for report_header in report_headers]
    report_key_column_names, report_rows = ["month", "country", "sector"], []
    report_changes_table = to_review.changes.reindex(columns=[*report_key_column_names, "change", "new_before", "new"])
    report_table = to_review.reports.merge(
        report_changes_table, on=report_key_column_names, how="outer", suffixes=("", "_now")
    )
    report_table = report_table.fillna({"state": "", "assisted": 0, "new": 0, "rows": 0, "rows_left_out": 0})
    for report_record_dict in report_table.sort_values(report_key_column_names, ascending=[False, True, True]).to_dict(
        "records"
    ):
        report_state = str(report_record_dict["state"])
        state_look = "marked" if report_record_dict["state"] in REPORT_STATES_TO_ANSWER else ""
        count_cells = [
            Cell(report_record_dict[count_column_name], "people") for count_column_name in ("assisted", "new")
        ]
        count_cells += [
            Cell(report_record_dict[count_column_name], "count") for count_column_name in ("rows", "rows_left_out")
        ]
        country_cell = Cell(labels.place(report_record_dict["country"], translate.language))
        sector_cell = Cell(labels.label(report_record_dict["sector"], translate.language))
        state_cell = Cell(translate(SENTENCE_BY_REPORT_STATE[report_state]), state_look) if report_state else Cell("")
        report_rows.append(
            [
                Cell(report_record_dict["month"]),
                country_cell,
                sector_cell,
                *count_cells,
                state_cell,
                _say_change(report_record_dict, translate),
            ]
        )
    return report_columns, report_rows


def _say_change(report: Mapping[Any, Any], translate: Translator) -> Cell:
    """Say how a report changed since the last run; mark one that is gone; an empty cell without a change."""
    previous_people_text = (
        numbers.count(report["new_before"], translate.language) if report["change"] in (CORRECTED, GONE) else ""
    )
    sentence_by_change = {
        LATE: N_("late"),
        CORRECTED: N_("corrected: {people} new people before"),
        GONE: N_("taken back: {people} new people before"),
    }
    change_sentence = sentence_by_change.get(report["change"], "")
    if not change_sentence:
        return Cell("")
    return Cell(translate(change_sentence, people=previous_people_text), "marked" if report["change"] == GONE else "")


def _build_row(row: SentRow, headers: list[str], translate: Translator) -> list[Cell]:
    """Return the cells of a row to review: line, file, what is wrong, what would be right, and an empty answer.

    The cells that the organisation sent follow, under ``headers``: numbers as numbers, cells in doubt marked.
    """
    problem_sentence_dict = dict.fromkeys(_say_doubt(doubt, translate) for doubt in row.doubts)
    correction_sentence_dict = dict.fromkeys(
        f"{doubt.header}: {_say_allowed(doubt, translate)}" for doubt in row.doubts
    )
    bullet_cell_generator = (
        Cell("\u2022 " + "\n\u2022 ".join(sentence_dict), "long")
        for sentence_dict in (problem_sentence_dict, correction_sentence_dict)
    )
    review_row_cells = [Cell(row.line), Cell(row.file), *bullet_cell_generator, Cell(None)]
    headers_in_doubt = {doubt.header for doubt in row.doubts}
    for sent_header in headers:
        sent_text = row.cells.get(sent_header, "")
        cell_number_or_text = float(sent_text) if UNCHANGED_NUMBER_PATTERN.fullmatch(sent_text) else sent_text
        review_row_cells.append(Cell(cell_number_or_text, "marked" if sent_header in headers_in_doubt else ""))
    return review_row_cells


def _say_allowed(doubt: Doubt, translate: Translator) -> str:
    """Say what would be right in a cell that the organisation sent."""
    if doubt.check:
        return translate(doubt.allowed, expected=doubt.expected)
    return translate_by_template(doubt.allowed, (), translate)


def _say_doubt(doubt: Doubt, translate: Translator) -> str:
    """Say what is wrong with a cell that the organisation sent: the sentence of its check, or why it is not counted."""
    if doubt.check:
        return translate(CHECK_BY_NAME[doubt.check].sentence)
    empty_sentence = N_("{column} is empty, so the row cannot be counted.")
    unusable_sentence = N_("{column}: “{value}” cannot be used, so the row is not counted.")
    return translate(unusable_sentence if doubt.value else empty_sentence, column=doubt.header, value=doubt.value)
