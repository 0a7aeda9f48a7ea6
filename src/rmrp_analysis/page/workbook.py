"""The one writer of Excel files: plain tables become the bytes of a workbook that is safe to open.

No cell can run. Every text is stored as text. A text that begins like a formula gets an apostrophe in front, in Excel
and in CSV files that Excel saves. The same tables give the same bytes.
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
"""The content of a cell of Excel, or None for an empty cell."""
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
"""The look of cells, by the unit of their number or by their purpose."""

DATE_CELL_LOOK = {"num_format": "yyyy-mm-dd"}
"""The look of dates, besides the look of their cell."""
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

    It exists so that the same numbers are the same bytes at any time. Without a publisher a file names no author.
    Without a month (``YYYY-MM``) its date is the last day of ``MONTH_OF_UNDATED_FILE``.
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
    """A header and a width in characters. A width of None fits the cells."""

    header: str
    width: float | None = None


@dataclass(frozen=True)
class Worksheet:
    """A worksheet of rows under headers.

    It is plain data, so that only the writer knows Excel. Each row has a cell for each column. The lines ``above`` the
    headers, the headers and the first ``frozen_columns`` stay in sight. If ``table`` is a name, the headers and rows
    are a table of Excel with this name and filters.
    """

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    above: Sequence[Cell] = ()
    frozen_columns: int = 0
    table: str = ""


@dataclass(frozen=True)
class TextWorksheet:
    """A worksheet of lines of text. ``widths`` are in characters."""

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
    raw, title = io.BytesIO(), escape_unprintable(title)
    book = xlsxwriter.Workbook(raw, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties(
        {
            "title": title,
            "author": escape_unprintable(origin.publisher),
            "created": datetime.datetime.combine(last_day(origin.last_month or MONTH_OF_UNDATED_FILE), datetime.time()),
            "comments": f"rmrp-analysis {rmrp_analysis.__version__}",
            "status": status,
        }
    )
    book.set_custom_property("Language", language)
    writer = _Writer(book)
    for sheet in worksheets:
        page = book.add_worksheet(sheet.name)
        if isinstance(sheet, TextWorksheet):
            writer.write_text(page, sheet)
        else:
            writer.write_table(page, sheet)
        page.set_landscape()
        page.set_paper(A4_PAPER_CODE)
        page.fit_to_pages(1, 0)
        page.set_footer(f"&L{title[:MAX_FOOTER_LETTERS].replace('&', '&&')}&R&P / &N")
    book.close()
    return raw.getvalue()


class _Writer:
    """Writes worksheets into a workbook.

    It exists because a workbook has each format once, so the writer keeps the formats that it has added.
    """

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        """Prepare to write into a workbook that has no formats yet."""
        self._book = book
        self._formats: dict[str, Any] = {}

    def write_text(self, page: Any, sheet: TextWorksheet) -> None:
        """Write lines of text, and set the widths of the columns."""
        for row, line in enumerate(sheet.lines):
            for place, cell in enumerate(line):
                self._write_cell(page, row, place, cell)
        for place, width in enumerate(sheet.widths):
            page.set_column(place, place, width)

    def write_table(self, page: Any, sheet: Worksheet) -> None:
        """Write rows under headers that stay in sight, set column widths, and make a named ``table`` of Excel."""
        head = len(sheet.above)
        for line, cell in enumerate(sheet.above):
            self._write_cell(page, line, 0, cell)
        for place, column in enumerate(sheet.columns):
            cells = [Cell(column.header, "header"), *(row[place] for row in sheet.rows)]
            for line, cell in enumerate(cells, start=head):
                self._write_cell(page, line, place, cell)
            longest = max(len(str(cell.content or "")) for cell in cells)
            heading = len(column.header) + FILTER_BUTTON_CHARACTERS if sheet.table else 0
            width = min(max(longest + 2, heading, MIN_COLUMN_CHARACTERS), MAX_COLUMN_CHARACTERS)
            page.set_column(place, place, column.width or width)
        if sheet.table:
            header = self._add_format(CELL_LOOK_BY_NAME["header"])
            columns = [{"header": harmless(column.header), "header_format": header} for column in sheet.columns]
            options = {"name": sheet.table, "columns": columns, "style": EXCEL_TABLE_STYLE, "description": sheet.name}
            page.add_table(head, 0, head + len(sheet.rows), len(columns) - 1, options)
        page.freeze_panes(head + 1, sheet.frozen_columns)
        page.repeat_rows(head)

    def _write_cell(self, page: Any, row: int, column: int, cell: Cell) -> None:
        """Write a cell, as a link if it has a target, so that no text can run as a formula."""
        content, look = cell.content, CELL_LOOK_BY_NAME.get(cell.look, {})
        if isinstance(content, datetime.date):
            look = look | DATE_CELL_LOOK
        elif isinstance(content, str):
            text = re.sub("\r\n?", "\n", content)
            wrapped = CELL_LOOK_BY_NAME["long"] if "\n" in text else {}
            typed = {"quote_prefix": True} if text.startswith(FORMULA_FIRST_CHARACTERS) else {}
            content, look = harmless(text), look | wrapped | typed
        if cell.target:
            place = cell.target.replace("'", "''")
            page.write_url(row, column, f"internal:'{place}'!A1", self._add_format(look), content)
        else:
            page.write(row, column, content, self._add_format(look))

    def _add_format(self, properties: Mapping[str, Any]) -> Any:
        """Return the format with these properties, or None without properties."""
        key = repr(sorted(properties.items()))
        if properties and key not in self._formats:
            self._formats[key] = self._book.add_format(properties)
        return self._formats.get(key)
