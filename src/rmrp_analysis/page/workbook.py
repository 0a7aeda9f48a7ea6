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
from rmrp_analysis.files import FORMULA_STARTS, harmless
from rmrp_analysis.method import NO_MONTH, last_day
from rmrp_analysis.yaml_text import escape_unprintable

Content = str | float | datetime.date | None
CELL_LOOKS: Mapping[str, dict[str, Any]] = {
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

DATE = {"num_format": "yyyy-mm-dd"}
NARROWEST, WIDEST = 10, 48  # widths in characters of a column that is as wide as its cells
TABLE_STYLE = "Table Style Light 1"
FILTER_WIDTH = 3  # what the button of a filter takes of a header
LONGEST_FOOTER = 200


@dataclass(frozen=True)
class Origin:
    """Who publishes the numbers of a file, and the last month of their period (``YYYY-MM``).

    A file without a publisher names no author; one without a month has the date of the last day of ``NO_MONTH``.
    """

    publisher: str = ""
    last_month: str = ""


class Cell(NamedTuple):
    """A number, text or date, one of ``CELL_LOOKS``, and the worksheet that a text leads to."""

    content: Content
    look: str = ""
    leads_to: str = ""


@dataclass(frozen=True)
class Column:
    """The header of a column and its width in characters; None is as wide as its cells."""

    header: str
    width: float | None = None


@dataclass(frozen=True)
class Sheet:
    """A worksheet: lines ``above`` the headers, the headers, and rows with a cell for each column.

    Everything down to the headers stays in sight, and so do the first ``frozen_columns``. With a name, the headers and
    rows are a ``table`` of Excel, with filters.
    """

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    above: Sequence[Cell] = ()
    frozen_columns: int = 0
    table: str = ""


@dataclass(frozen=True)
class TextSheet:
    """A worksheet of lines of text, with the width of each column in characters."""

    name: str
    widths: Sequence[float]
    lines: Sequence[Sequence[Cell]]


def workbook(
    sheets: Sequence[Sheet | TextSheet], *, title: str, language: str, origin: Origin, status: str = ""
) -> bytes:
    """The Excel file of these worksheets, printed across the page with the title at its foot.

    As a PDF does, it has the date of its period's end, and for an author who publishes it. ``status`` is what its
    properties say of it, such as that it is not for publication.
    """
    raw, title = io.BytesIO(), escape_unprintable(title)
    book = xlsxwriter.Workbook(raw, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties(
        {
            "title": title,
            "author": escape_unprintable(origin.publisher),
            "created": datetime.datetime.combine(last_day(origin.last_month or NO_MONTH), datetime.time()),
            "comments": f"rmrp-analysis {rmrp_analysis.__version__}",
            "status": status,
        }
    )
    book.set_custom_property("Language", language)
    writer = _Writer(book)
    for sheet in sheets:
        page = book.add_worksheet(sheet.name)
        if isinstance(sheet, TextSheet):
            writer.write_text(page, sheet)
        else:
            writer.write_table(page, sheet)
        page.set_landscape()
        page.set_paper(9)  # A4
        page.fit_to_pages(1, 0)
        page.set_footer(f"&L{title[:LONGEST_FOOTER].replace('&', '&&')}&R&P / &N")
    book.close()
    return raw.getvalue()


class _Writer:
    """Writes worksheets into a workbook that knows each format once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._formats: dict[str, Any] = {}

    def write_text(self, page: Any, sheet: TextSheet) -> None:
        """A worksheet of lines of text."""
        for row, line in enumerate(sheet.lines):
            for place, cell in enumerate(line):
                self._write_cell(page, row, place, cell)
        for place, width in enumerate(sheet.widths):
            page.set_column(place, place, width)

    def write_table(self, page: Any, sheet: Sheet) -> None:
        """A worksheet of rows under headers."""
        head = len(sheet.above)
        for row, cell in enumerate(sheet.above):
            self._write_cell(page, row, 0, cell)
        for place, column in enumerate(sheet.columns):
            cells = [Cell(column.header, "header"), *(row[place] for row in sheet.rows)]
            for row, cell in enumerate(cells, start=head):
                self._write_cell(page, row, place, cell)
            longest = max(len(str(cell.content or "")) for cell in cells)
            room = max(longest + 2, len(column.header) + FILTER_WIDTH if sheet.table else 0, NARROWEST)
            page.set_column(place, place, column.width or min(room, WIDEST))
        if sheet.table:
            header = self._format(CELL_LOOKS["header"])
            columns = [{"header": harmless(column.header), "header_format": header} for column in sheet.columns]
            options = {"name": sheet.table, "columns": columns, "style": TABLE_STYLE, "description": sheet.name}
            page.add_table(head, 0, head + len(sheet.rows), len(columns) - 1, options)
        page.freeze_panes(head + 1, sheet.frozen_columns)
        page.repeat_rows(head)

    def _write_cell(self, page: Any, row: int, place: int, cell: Cell) -> None:
        content, look = cell.content, CELL_LOOKS.get(cell.look, {})
        if isinstance(content, datetime.date):
            look = look | DATE
        elif isinstance(content, str):
            text = re.sub("\r\n?", "\n", content)
            wrapped = CELL_LOOKS["long"] if "\n" in text else {}
            typed = {"quote_prefix": True} if text.startswith(FORMULA_STARTS) else {}  # also after somebody edits it
            content, look = harmless(text), look | wrapped | typed
        if cell.leads_to:
            place_in_book = cell.leads_to.replace("'", "''")
            page.write_url(row, place, f"internal:'{place_in_book}'!A1", self._format(look), content)
        else:
            page.write(row, place, content, self._format(look))

    def _format(self, properties: Mapping[str, Any]) -> Any:
        key = repr(sorted(properties.items()))
        if properties and key not in self._formats:
            self._formats[key] = self._book.add_format(properties)
        return self._formats.get(key)
