"""The workbook that goes back to an organisation: its rows as it sent them, and in words what to review in each.

No cell can run as a formula: every text is stored as text, and one that begins like a formula has an apostrophe first.
"""

import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from rmrp_analysis.formulas import harmless
from rmrp_analysis.quality import CHECKS, RowsToReview
from rmrp_analysis.quality.as_sent import Doubt, SentRow
from rmrp_analysis.words import Words

A_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,10})?")
MOST_LETTERS = 32_000
"""A cell of a workbook holds little more."""

IN_DOUBT = PatternFill("solid", fgColor="FFF3CC")
HEADING = PatternFill("solid", fgColor="EEF3F6")
BOLD, WRAPPED = Font(bold=True), Alignment(wrap_text=True, vertical="top")
WIDTHS = (8, 24, 60, 44, 30)
OWN_WIDTH = 18
HEADER_LINE = 4


def review_workbook(asked: RowsToReview, *, language: str) -> bytes:
    """The workbook as bytes: the rows to review, most people first, then how many there are of each kind."""
    words = Words(language)
    book = Workbook(write_only=True)
    _write_rows(book.create_sheet(words("Rows to review")), asked, words)
    _write_summary(book.create_sheet(words("Summary")), asked, words)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def safe_text(text: str) -> str:
    """A text that no spreadsheet program takes for a formula, without characters that a workbook cannot hold."""
    return str(harmless(ILLEGAL_CHARACTERS_RE.sub("", text)[:MOST_LETTERS]))


def _write_rows(sheet: Any, asked: RowsToReview, words: Words) -> None:
    headers = list(dict.fromkeys(header for row in asked.rows for header in row.cells))
    own = [words("Line"), words("File"), words("What to review"), words("What would be right"), words("Your answer")]
    for number in range(1, len(own) + len(headers) + 1):
        width = WIDTHS[number - 1] if number <= len(WIDTHS) else OWN_WIDTH
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = f"C{HEADER_LINE + 1}"
    sheet.append([_cell(sheet, words("Rows to review: {organisation}", organisation=asked.organisation), font=BOLD)])
    sheet.append([_cell(sheet, _how_to(words))])
    sheet.append([])
    sheet.append([_cell(sheet, header, font=BOLD, fill=HEADING) for header in (*own, *headers)])
    for row in asked.rows:
        sheet.append(list(_row_cells(sheet, row, headers, words)))


def _how_to(words: Words) -> str:
    return words(
        "Please review the marked cells, correct them where you report, or write what is right under “{answer}” and "
        "send this file back.",
        answer=words("Your answer"),
    )


def _row_cells(sheet: Any, row: SentRow, headers: Sequence[str], words: Words) -> Iterator[Any]:
    in_doubt = {doubt.header for doubt in row.doubts}
    told = dict.fromkeys(_told(doubt, words) for doubt in row.doubts)
    right = dict.fromkeys(_right(doubt, words) for doubt in row.doubts)
    yield _cell(sheet, str(row.line))
    yield _cell(sheet, row.file)
    yield _cell(sheet, "\u2022 " + "\n\u2022 ".join(told))
    yield _cell(sheet, "\u2022 " + "\n\u2022 ".join(right))
    yield _cell(sheet, "")
    for header in headers:
        yield _cell(sheet, row.cells.get(header, ""), fill=IN_DOUBT if header in in_doubt else None)


def _told(doubt: Doubt, words: Words) -> str:
    if doubt.check:
        return words(CHECKS[doubt.check].sentence)
    if not doubt.value:
        return words("{column} is empty, so the row cannot be counted.", column=doubt.header)
    return words(
        "{column}: “{value}” cannot be used, so the row is not counted.", column=doubt.header, value=doubt.value
    )


def _right(doubt: Doubt, words: Words) -> str:
    right = words(doubt.allowed, expected=doubt.expected) if doubt.check else doubt.allowed
    return f"{doubt.header}: {right}"


def _write_summary(sheet: Any, asked: RowsToReview, words: Words) -> None:
    sheet.column_dimensions["A"].width = 90
    counts: dict[str, int] = {}
    for row in asked.rows:
        for sentence in dict.fromkeys(_kind(doubt, words) for doubt in row.doubts):
            counts[sentence] = counts.get(sentence, 0) + 1
    sheet.append([_cell(sheet, words("What to review"), font=BOLD), _cell(sheet, words("Rows"), font=BOLD)])
    for sentence, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        sheet.append([_cell(sheet, sentence), _cell(sheet, str(count))])


def _kind(doubt: Doubt, words: Words) -> str:
    return words(CHECKS[doubt.check].sentence) if doubt.check else words("Rows that cannot be counted")


def _cell(sheet: Any, text: str, *, font: Font | None = None, fill: PatternFill | None = None) -> Any:
    """A number as a number, any other content as text that stays text."""
    number = A_NUMBER.fullmatch(text) is not None
    content = (float(text) if "." in text else int(text)) if number else safe_text(text) or None
    if not (font or fill or "\n" in text):
        return content
    cell = WriteOnlyCell(sheet, content)
    if "\n" in text:
        cell.alignment = WRAPPED
    if font:
        cell.font = font
    if fill:
        cell.fill = fill
    return cell
