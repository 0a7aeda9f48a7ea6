"""The one writer of Excel files: plain tables become the bytes of a workbook that is safe to open.

No cell can run: every text is stored as text, and one that begins like a formula has an apostrophe before it, in Excel
and in what Excel saves as CSV. The same tables give the same bytes.
"""

import datetime
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import xlsxwriter

import rmrp_analysis
from rmrp_analysis.arguments import MONTH_OF_UNDATED_FILE, last_day
from rmrp_analysis.files import FORMULA_FIRST_CHARACTERS, harmless
from rmrp_analysis.yaml_text import escape_unprintable

Content = str | float | datetime.date | None
"""What a cell of Excel holds; None for an empty cell."""
CELL_LOOK_BY_NAME: Mapping[str, dict[str, Any]] = {
    "people": {"num_format": "#,##0"},
    "usd": {"num_format": "#,##0"},
    "count": {"num_format": "#,##0"},
    "share": {"num_format": "0.0%"},
    "title": {"bold": True, "font_size": 14},
    "shorthand": {"align": "right"},
    "link": {"font_color": "#0563C1", "underline": 1, "valign": "top"},
    "header": {"bold": True, "font_color": "#FFFFFF", "bg_color": "#132A3E"},
    "heading": {"bold": True, "valign": "top"},
    "long": {"text_wrap": True, "valign": "top"},
    "marked": {"bg_color": "#FFF3CC"},
}
"""How cells look, by the unit of their number or by what they are for."""

DATE_CELL_LOOK = {"num_format": "yyyy-mm-dd"}
"""How dates look in cells, besides the look that the cell has."""
MIN_COLUMN_CHARACTERS, MAX_COLUMN_CHARACTERS = 10, 48
"""The limits, in characters, of a column that is as wide as its cells."""
EXCEL_TABLE_STYLE = "Table Style Light 1"
"""The name of Excel for the style of its tables with filters."""
FILTER_BUTTON_CHARACTERS = 3
"""The characters of a header that the button of its filter hides."""
MAX_FOOTER_LETTERS = 200
"""The title in the printed footer is cut after this many letters."""
A4_PAPER_CODE = 9
"""The number of the A4 format in Excel."""


@dataclass(frozen=True)
class Origin:
    """The publisher of the numbers of a file, and their last month.

    It exists so that the same numbers are the same bytes, whenever they are written. Without a publisher a file names
    no author, and without a month (``YYYY-MM``) its date is the last day of ``MONTH_OF_UNDATED_FILE``.
    """

    publisher: str = ""
    last_month: str = ""


class Cell(NamedTuple):
    """A number, text or date with its look, or a link to a worksheet."""

    content: Content
    look: str = ""
    target: str = ""


@dataclass(frozen=True)
class Column:
    """A header and a width in characters; None is as wide as the cells."""

    header: str
    width: float | None = None


@dataclass(frozen=True)
class Worksheet:
    """A worksheet of rows under headers.

    It is plain data, so that only the writer knows Excel. The lines ``above`` the headers and the headers stay in
    sight, and so do the first ``frozen_columns``; each row has a cell for each column. If ``table`` is a name, the
    headers and rows are a table of Excel with this name, which has filters.
    """

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    above: Sequence[Cell] = ()
    frozen_columns: int = 0
    table: str = ""


@dataclass(frozen=True)
class TextWorksheet:
    """A worksheet of lines of text; ``widths`` are in characters."""

    name: str
    widths: Sequence[float]
    lines: Sequence[Sequence[Cell]]


def build_workbook(
    worksheets: Sequence[Worksheet | TextWorksheet], *, title: str, language: str, origin: Origin, status: str = ""
) -> bytes:
    """Return the Excel file of these worksheets.

    It prints in landscape, with the title in its footer. Its date is the end of its period and its author the
    publisher. ``status`` stands in its properties, such as that it is not for publication.
    """
    file_buffer, title = io.BytesIO(), escape_unprintable(title)
    excel_workbook = xlsxwriter.Workbook(
        file_buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    excel_workbook.set_properties(
        {
            "title": title,
            "author": escape_unprintable(origin.publisher),
            "created": datetime.datetime.combine(last_day(origin.last_month or MONTH_OF_UNDATED_FILE), datetime.time()),
            "comments": f"rmrp-analysis {rmrp_analysis.__version__}",
            "status": status,
        }
    )
    excel_workbook.set_custom_property("Language", language)
    worksheet_writer = _Writer(excel_workbook)
    for worksheet in worksheets:
        excel_sheet = excel_workbook.add_worksheet(worksheet.name)
        if isinstance(worksheet, TextWorksheet):
            worksheet_writer.write_text(excel_sheet, worksheet)
        else:
            worksheet_writer.write_table(excel_sheet, worksheet)
        excel_sheet.set_landscape()
        excel_sheet.set_paper(A4_PAPER_CODE)
        excel_sheet.fit_to_pages(1, 0)
        excel_sheet.set_footer(f"&L{title[:MAX_FOOTER_LETTERS].replace('&', '&&')}&R&P / &N")
    excel_workbook.close()
    return file_buffer.getvalue()


class _Writer:
    """Writes worksheets into a workbook.

    It exists since a workbook has each format once: the writer keeps those that it has added.
    """

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        """Prepare to write into a workbook that has no formats yet."""
        self._book = book
        self._formats: dict[str, Any] = {}

    def write_text(self, page: Any, sheet: TextWorksheet) -> None:
        """Write lines of text, and set the widths of the columns."""
        for row_index, line_cells in enumerate(sheet.lines):
            for column_index, line_cell in enumerate(line_cells):
                self._write_cell(page, row_index, column_index, line_cell)
        for column_index, column_width in enumerate(sheet.widths):
            page.set_column(column_index, column_index, column_width)

    def write_table(self, page: Any, sheet: Worksheet) -> None:
        """Write rows under headers, which stay in sight; set column widths; make a named ``table`` of Excel."""
        header_row_index = len(sheet.above)
        for row_index, cell in enumerate(sheet.above):
            self._write_cell(page, row_index, 0, cell)
        for column_index, sheet_column in enumerate(sheet.columns):
            column_cells = [Cell(sheet_column.header, "header"), *(row_cells[column_index] for row_cells in sheet.rows)]
            for row_index, cell in enumerate(column_cells, start=header_row_index):
                self._write_cell(page, row_index, column_index, cell)
            longest_cell_character_count = max(len(str(cell.content or "")) for cell in column_cells)
            header_character_count = len(sheet_column.header) + FILTER_BUTTON_CHARACTERS if sheet.table else 0
            column_character_count = min(
                max(longest_cell_character_count + 2, header_character_count, MIN_COLUMN_CHARACTERS),
                MAX_COLUMN_CHARACTERS,
            )
            page.set_column(column_index, column_index, sheet_column.width or column_character_count)
        if sheet.table:
            header_format = self._add_format(CELL_LOOK_BY_NAME["header"])
            table_column_dicts = [
                {"header": harmless(sheet_column.header), "header_format": header_format}
                for sheet_column in sheet.columns
            ]
            table_options = {
                "name": sheet.table,
                "columns": table_column_dicts,
                "style": EXCEL_TABLE_STYLE,
                "description": sheet.name,
            }
            page.add_table(
                header_row_index, 0, header_row_index + len(sheet.rows), len(table_column_dicts) - 1, table_options
            )
        page.freeze_panes(header_row_index + 1, sheet.frozen_columns)
        page.repeat_rows(header_row_index)

    def _write_cell(self, page: Any, row: int, column: int, cell: Cell) -> None:
        """Write a cell, as a link if it has a target; no text of it can run as a formula."""
        cell_content, cell_format_dict = cell.content, CELL_LOOK_BY_NAME.get(cell.look, {})
        if isinstance(cell_content, datetime.date):
            cell_format_dict = cell_format_dict | DATE_CELL_LOOK
        elif isinstance(cell_content, str):
            unix_newline_text = re.sub("\r\n?", "\n", cell_content)
            wrap_format_dict = CELL_LOOK_BY_NAME["long"] if "\n" in unix_newline_text else {}
            apostrophe_format_dict = (
                {"quote_prefix": True} if unix_newline_text.startswith(FORMULA_FIRST_CHARACTERS) else {}
            )
            cell_content, cell_format_dict = (
                harmless(unix_newline_text),
                cell_format_dict | wrap_format_dict | apostrophe_format_dict,
            )
        if cell.target:
            worksheet_name = cell.target.replace("'", "''")
            page.write_url(
                row, column, f"internal:'{worksheet_name}'!A1", self._add_format(cell_format_dict), cell_content
            )
        else:
            page.write(row, column, cell_content, self._add_format(cell_format_dict))

    def _add_format(self, properties: Mapping[str, Any]) -> Any:
        """Return the format with these properties, added to the workbook at its first use; None without properties."""
        format_key_text = repr(sorted(properties.items()))
        if properties and format_key_text not in self._formats:
            self._formats[format_key_text] = self._book.add_format(properties)
        return self._formats.get(format_key_text)
