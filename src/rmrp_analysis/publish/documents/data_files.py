"""Write a sheet's numbers as CSV or as an Excel workbook, from the tables that its notebook leaves."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rmrp_analysis.files import csv_text
from rmrp_analysis.locale.languages import declared
from rmrp_analysis.page.workbook import Cell, Column, Origin, TextWorksheet, Worksheet, build_workbook
from rmrp_analysis.params import RunParams

COVER_COLUMN_WIDTHS = (34, 100)
"""The widths of the columns of the cover worksheet, in characters."""


def make_origin(params: RunParams) -> Origin:
    """Make the properties of a run's workbooks: its publisher, if it has one, and the last month of the period."""
    return Origin(params.issued_by.name if params.issued_by else "", params.period.end)


def format_data_csv(data: Mapping[str, Any]) -> str:
    """Format the numbers of a sheet as CSV text with a byte order mark, and headers in its language.

    ``data`` is the notebook's output of the type ``theme.TABLES_MIME``. Each number has a row. Delimiter and decimals
    follow the custom of spreadsheet programs in the sheet's language (see ``datapackage.json``). A text that such a
    program could run as a formula gets an apostrophe before it.
    """
    headers = data["columns"]
    rows = (table["shared"] | row for table in data["tables"] for row in table["rows"])
    lines = ({header: row.get(name) for name, header in headers.items()} for row in rows)
    return "\ufeff" + csv_text(list(headers.values()), lines, decimal=declared(data["language"]).decimal)


def make_data_workbook(data: Mapping[str, Any]) -> bytes:
    """Make the Excel file of a sheet: a cover with links to all worksheets, then a worksheet for each table.

    ``data`` is the notebook's output of the type ``theme.TABLES_MIME``.
    """

    def cell(content: Any, look: str) -> Cell:
        """Make a cell of a worksheet. A day, which is a text in the tables, becomes a date."""
        return Cell(datetime.date.fromisoformat(content)) if look == "date" else Cell(content, look)

    sheets = [
        Worksheet(
            sheet["tab"],
            [Column(header) for header in sheet["headers"]],
            [[cell(*content) for content in row] for row in sheet["rows"]],
            above=[Cell(line, "" if index else "title") for index, line in enumerate(sheet["above"])],
            frozen_columns=1,
            table=sheet["name"],
        )
        for sheet in data["worksheets"]
    ]
    cover = data["cover"]
    (title, *_), *lines = cover["lines"]
    texts = [[Cell(heading, "link" if tab else "heading", tab), Cell(text, "long")] for heading, text, tab in lines]
    front = TextWorksheet(cover["tab"], COVER_COLUMN_WIDTHS, [[Cell(title, "title")], *texts])
    origin = Origin(data["author"], data["last_month"])
    facts = {"title": data["title"], "language": data["language"], "status": data["mark"]}
    return build_workbook([front, *sheets], **facts, origin=origin)


def make_figures_workbook(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], origin: Origin) -> bytes:
    """Make an Excel file of one worksheet, ``figures``, with these columns.

    If a row has no value for a column, its cell is empty.
    """
    cells = [[Cell(row.get(name)) for name in columns] for row in rows]
    sheet = Worksheet("figures", [Column(name) for name in columns], cells)
    return build_workbook([sheet], title="Figures", language="en", origin=origin)
