"""A sheet's numbers as a CSV file and an Excel workbook, from the tables that its notebook leaves.

Both are safe to open: no cell holds a formula, and no text can be taken for one. The same tables give the same bytes.
"""

import csv
import datetime
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

import rmrp_analysis
from rmrp_analysis.formulas import FORMULA_STARTS, harmless

FIXED_TIME = datetime.datetime(2000, 1, 1)  # noqa: DTZ001 - Excel keeps no time zone
FIRST_TIME_OF_ZIP = (1980, 1, 1, 0, 0, 0)
DATES = ("start", "end")
NUMBER_FORMATS: Mapping[str, str] = {"people": "#,##0", "usd": "#,##0", "count": "#,##0", "share": "0.0%"}
DATE_FORMAT = "yyyy-mm-dd"
HEADER = {"font": Font(bold=True, color="FFFFFF"), "fill": PatternFill("solid", fgColor="132A3E")}
TAG = {"font": Font(italic=True, color="4B5C6B"), "fill": PatternFill("solid", fgColor="EEF3F6")}
NARROWEST, WIDEST, TEXT_WIDTH = 10, 48, 100
"""Widths in characters: of a column, and of the text about the tables."""


def data_csv(data: Mapping[str, Any]) -> str:
    """Every number of a sheet, a row each: names of the columns, HXL tags, rows; UTF-8 with its mark.

    A text that a spreadsheet program could run gets an apostrophe before it.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(column["header"] for column in data["columns"].values())
    writer.writerow(column["tag"] for column in data["columns"].values())
    for table in data["tables"]:
        for row in _rows(table):
            writer.writerow(harmless(row.get(name)) for name in data["columns"])
    return "\ufeff" + text.getvalue()


def data_workbook(data: Mapping[str, Any]) -> bytes:
    """The tables of a sheet as an Excel file, a worksheet each; the last one says what they are about."""
    workbook = _empty_workbook(data["title"], data["language"])
    for table in data["tables"]:
        _write_table(workbook.create_sheet(table["tab"]), table, data)
    _write_about(workbook.create_sheet(data["about"]["tab"]), data)
    return _bytes(workbook)


def figures_workbook(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Plain rows as an Excel file of one worksheet, ``figures``."""
    workbook = _empty_workbook("Figures", "en")
    sheet = workbook.create_sheet("figures")
    for place, name in enumerate(columns, start=1):
        _write_text(sheet.cell(1, place), name, **HEADER)
    for line, row in enumerate(rows, start=2):
        for place, name in enumerate(columns, start=1):
            content = row.get(name, "")
            if isinstance(content, str):
                _write_text(sheet.cell(line, place), content)
            else:
                sheet.cell(line, place).value = content
    sheet.freeze_panes = "A2"
    return _bytes(workbook)


def _empty_workbook(title: str, language: str) -> Workbook:
    """A workbook without worksheets; nothing in it tells when it was written."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    workbook.properties = DocumentProperties(
        title=title,
        creator=f"rmrp-analysis {rmrp_analysis.__version__}",
        language=language,
        created=FIXED_TIME,
        modified=FIXED_TIME,
    )
    return workbook


def _rows(table: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    return ({**table["shared"], **row} for row in table["rows"])


def _write_table(sheet: Worksheet, table: Mapping[str, Any], data: Mapping[str, Any]) -> None:
    """Names of the columns, HXL tags, rows; the first two stay in sight."""
    heads = {**data["columns"], "value": table["value"]}
    for place, name in enumerate(table["columns"], start=1):
        _write_text(sheet.cell(1, place), heads[name]["header"], **HEADER)
        _write_text(sheet.cell(2, place), heads[name]["tag"], **TAG)
        for line, row in enumerate(_rows(table), start=3):
            _write(sheet.cell(line, place), name, row)
        _fit(sheet, place)
    sheet.freeze_panes = "A3"
    sheet.print_title_rows = "1:1"
    _lay_out(sheet, data)


def _write(cell: Cell, column: str, row: Mapping[str, Any]) -> None:
    content = row.get(column)
    if column == "value":
        cell.value = content
        cell.number_format = NUMBER_FORMATS[row["format"]]
    elif column in DATES:
        cell.value = datetime.date.fromisoformat(row[column])
        cell.number_format = DATE_FORMAT
    else:
        _write_text(cell, content or "")


def _write_text(cell: Cell, text: str, **look: Any) -> None:
    """The text as text, whatever it begins with, also after somebody edits the cell."""
    if text:
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
        cell.data_type = "s"
    for name, style in look.items():
        setattr(cell, name, style)
    cell.quotePrefix = text.startswith(FORMULA_STARTS)


def _fit(sheet: Worksheet, place: int) -> None:
    letter = get_column_letter(place)
    longest = max(len(str(cell.value or "")) for cell in sheet[letter])
    sheet.column_dimensions[letter].width = min(max(longest + 2, NARROWEST), WIDEST)


def _write_about(sheet: Worksheet, data: Mapping[str, Any]) -> None:
    """Pairs of a heading and a text, under the title of the document."""
    _write_text(sheet.cell(1, 1), data["about"]["tab"], **HEADER)
    _write_text(sheet.cell(1, 2), data["title"], **HEADER)
    for line, (heading, text) in enumerate(data["about"]["rows"], start=2):
        _write_text(sheet.cell(line, 1), heading, font=Font(bold=True), alignment=Alignment(vertical="top"))
        _write_text(sheet.cell(line, 2), text, alignment=Alignment(wrap_text=True, vertical="top"))
    _fit(sheet, 1)
    sheet.column_dimensions["B"].width = TEXT_WIDTH
    sheet.freeze_panes = "A2"
    _lay_out(sheet, data)


def _lay_out(sheet: Worksheet, data: Mapping[str, Any]) -> None:
    """On paper: across, as wide as the page, with the title of the document and the page's number at the foot."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = int(sheet.PAPERSIZE_A4)
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.left.text = data["title"].replace("&", "&&")
    sheet.oddFooter.right.text = "&P / &N"


def _bytes(workbook: Workbook) -> bytes:
    """The workbook's file, with one time for all its parts."""
    written, fixed = io.BytesIO(), io.BytesIO()
    with ZipFile(written, "w") as archive:
        ExcelWriter(workbook, archive).save()
    with ZipFile(written) as source, ZipFile(fixed, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = ZipInfo(name, FIRST_TIME_OF_ZIP)
            target.writestr(part, source.read(name), ZIP_DEFLATED)
    return fixed.getvalue()
