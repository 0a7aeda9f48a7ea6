"""A sheet's numbers as CSV or as an Excel workbook, from the tables that its notebook leaves."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rmrp_analysis.files import csv_text
from rmrp_analysis.locale.languages import declared
from rmrp_analysis.page.workbook import Cell, Column, Origin, TextWorksheet, Worksheet, build_workbook
from rmrp_analysis.params import RunParams

COVER_WIDTHS = (34, 100)
"""Widths of the columns of the cover, in characters."""


def make_origin(params: RunParams) -> Origin:
    """Return who publishes the files of a run, and the last month of its period."""
    return Origin(params.issued_by.name if params.issued_by else "", params.period.end)


def format_data_csv(data: Mapping[str, Any]) -> str:
    """Every number of a sheet, a row each, under the names of the columns; UTF-8 with its mark.

    Delimiter and decimals are those that a spreadsheet program has in the sheet's language; ``datapackage.json`` says
    which. A text that a spreadsheet program could run gets an apostrophe before it.
    """
    headers = data["columns"]
    rows = (table["shared"] | row for table in data["tables"] for row in table["rows"])
    cells_by_header = ({header: row.get(name) for name, header in headers.items()} for row in rows)
    return "\ufeff" + csv_text(list(headers.values()), cells_by_header, decimal=declared(data["language"]).decimal)


def make_data_workbook(data: Mapping[str, Any]) -> bytes:
    """The numbers of a sheet as an Excel file: a cover that leads to all others, then a worksheet for each table."""

    def cell(content: Any, look: str) -> Cell:
        return Cell(datetime.date.fromisoformat(content)) if look == "date" else Cell(content, look)

    sheets = [
        Worksheet(
            sheet["tab"],
            [Column(header) for header in sheet["headers"]],
            [[cell(*content) for content in row] for row in sheet["rows"]],
            above=[Cell(line, "" if row else "title") for row, line in enumerate(sheet["above"])],
            frozen_columns=1,
            table=sheet["name"],
        )
        for sheet in data["worksheets"]
    ]
    cover = data["cover"]
    (title, *_), *lines = cover["lines"]
    texts = [[Cell(heading, "link" if tab else "heading", tab), Cell(text, "long")] for heading, text, tab in lines]
    cover_sheet = TextWorksheet(cover["tab"], COVER_WIDTHS, [[Cell(title, "title")], *texts])
    origin = Origin(data["author"], data["last_month"])
    properties = {"title": data["title"], "language": data["language"], "status": data["mark"]}
    return build_workbook([cover_sheet, *sheets], **properties, origin=origin)


def make_figures_workbook(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], origin: Origin) -> bytes:
    """Plain rows as an Excel file of one worksheet, ``figures``."""
    cells = [[Cell(row.get(name)) for name in columns] for row in rows]
    sheet = Worksheet("figures", [Column(name) for name in columns], cells)
    return build_workbook([sheet], title="Figures", language="en", origin=origin)
