"""The workbook that goes back to an organisation: its rows as it sent them, what to review in each, its reports."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from rmrp_analysis import numbers
from rmrp_analysis.ledger import CORRECTED, GONE, LATE
from rmrp_analysis.page.formatter import WORDS_OF
from rmrp_analysis.page.workbook import Cell, Column, Origin, Sheet, workbook
from rmrp_analysis.quality import CHECKS
from rmrp_analysis.quality.feedback import TO_ANSWER, Doubt, RowsToReview, SentRow
from rmrp_analysis.vocabulary import labels
from rmrp_analysis.words import N_, Translator

STATES = WORDS_OF["report state"]
"""What a report says, by its state in the ledger."""

A_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,10})?")
OWN_WIDTH = 18  # width in characters of a column of the organisation's own


def review_workbook(to_review: RowsToReview, *, language: str, origin: Origin) -> bytes:
    """The workbook as bytes: the rows to review, most people first, then how many there are of each kind."""
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
        *(Column(header, OWN_WIDTH) for header in headers),
    ]
    rows = [_row(row, headers, translate) for row in to_review.rows]
    above = (Cell(title, "heading"), Cell(how_to), Cell(None))
    not_counted, kinds = translate("Rows that cannot be counted"), Counter[str]()
    for row in to_review.rows:
        kinds.update({_sentence(doubt, translate) if doubt.check else not_counted for doubt in row.doubts})
    most_first = sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))
    summary = [[Cell(kind), Cell(number, "count")] for kind, number in most_first]
    sheets = [
        Sheet(translate("Rows to review"), columns, rows, above=above, frozen_columns=2),
        Sheet(translate("Summary"), [Column(translate("What to review"), 90), Column(translate("Rows"))], summary),
        Sheet(translate("Your reports"), *_reports(to_review, translate), frozen_columns=1),
    ]
    return workbook(sheets, title=title, language=language, origin=origin)


def _reports(to_review: RowsToReview, translate: Translator) -> tuple[list[Column], list[list[Cell]]]:
    """The organisation's part of the ledger, the last month first; what it should answer is marked.

    Reports that are gone since the last run have a row, too.
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
        state, look = str(report["state"]), "marked" if report["state"] in TO_ANSWER else ""
        counts = [Cell(report[name], "people") for name in ("assisted", "new")]
        counts += [Cell(report[name], "count") for name in ("rows", "rows_left_out")]
        where = labels.place(report["country"], translate.language), labels.label(report["sector"], translate.language)
        texts = [Cell(report["month"]), *map(Cell, where)]
        said = Cell(translate(STATES[state]), look) if state else Cell("")
        rows.append([*texts, *counts, said, _change(report, translate)])
    return columns, rows


def _change(report: Mapping[Any, Any], translate: Translator) -> Cell:
    """What became of a report since the last run; one that is gone is marked."""
    people = numbers.count(report["new_before"], translate.language) if report["change"] in (CORRECTED, GONE) else ""
    sentences = {
        LATE: N_("late"),
        CORRECTED: N_("corrected: {people} new people before"),
        GONE: N_("taken back: {people} new people before"),
    }
    sentence = sentences.get(report["change"], "")
    return (
        Cell(translate(sentence, people=people), "marked" if report["change"] == GONE else "") if sentence else Cell("")
    )


def _row(row: SentRow, headers: list[str], translate: Translator) -> list[Cell]:
    """Where the row stands, what to review and what would be right, room for the answer, and the row as it was sent.

    Numbers are numbers; cells in doubt are marked.
    """
    wrong = dict.fromkeys(_sentence(doubt, translate) for doubt in row.doubts)
    right = dict.fromkeys(
        f"{doubt.header}: {translate(doubt.allowed, expected=doubt.expected) if doubt.check else doubt.allowed}"
        for doubt in row.doubts
    )
    lists = (Cell("\u2022 " + "\n\u2022 ".join(sentences), "long") for sentences in (wrong, right))
    cells = [Cell(row.line), Cell(row.file), *lists, Cell(None)]
    in_doubt = {doubt.header for doubt in row.doubts}
    for header in headers:
        text = row.cells.get(header, "")
        value = float(text) if A_NUMBER.fullmatch(text) else text
        cells.append(Cell(value, "marked" if header in in_doubt else ""))
    return cells


def _sentence(doubt: Doubt, translate: Translator) -> str:
    """What is wrong with a cell."""
    if doubt.check:
        return translate(CHECKS[doubt.check].sentence)
    empty = N_("{column} is empty, so the row cannot be counted.")
    unusable = N_("{column}: “{value}” cannot be used, so the row is not counted.")
    return translate(unusable if doubt.value else empty, column=doubt.header, value=doubt.value)
