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
    """Make the properties of a run's workbooks: its publisher, empty without one, and the last month of the period."""
    return Origin(params.issued_by.name if params.issued_by else "", params.period.end)


def format_data_csv(data: Mapping[str, Any]) -> str:
    """Format the numbers of a sheet as CSV text with a byte order mark: a row each, under headers in its language.

    ``data`` is what its notebook leaves as ``theme.TABLES_MIME``. Delimiter and decimals are those of spreadsheet
    programs in the sheet's language; ``datapackage.json`` says which. A text that such a program could run as a formula
    gets an apostrophe before it.
    """
    header_by_column = data["columns"]
    number_rows = (
        table_data_dict["shared"] | number_row_dict
        for table_data_dict in data["tables"]
        for number_row_dict in table_data_dict["rows"]
    )
    csv_rows = (
        {header: number_row_dict.get(column_name) for column_name, header in header_by_column.items()}
        for number_row_dict in number_rows
    )
    return "\ufeff" + csv_text(list(header_by_column.values()), csv_rows, decimal=declared(data["language"]).decimal)


def make_data_workbook(data: Mapping[str, Any]) -> bytes:
    """Make the Excel file of a sheet: a cover with links to all worksheets, then a worksheet for each table.

    ``data`` is what its notebook leaves as ``theme.TABLES_MIME``.
    """

    def cell(cell_content: Any, look: str) -> Cell:
        """Make a cell of a worksheet; a day, which stands as text in the tables, becomes a date."""
        return Cell(datetime.date.fromisoformat(cell_content)) if look == "date" else Cell(cell_content, look)

    worksheets = [
        Worksheet(
            worksheet_data_dict["tab"],
            [Column(header) for header in worksheet_data_dict["headers"]],
            [
                [cell(*cell_content) for cell_content in cell_content_pairs]
                for cell_content_pairs in worksheet_data_dict["rows"]
            ],
            above=[
                Cell(line_text, "" if line_index else "title")
                for line_index, line_text in enumerate(worksheet_data_dict["above"])
            ],
            frozen_columns=1,
            table=worksheet_data_dict["name"],
        )
        for worksheet_data_dict in data["worksheets"]
    ]
    cover_data_dict = data["cover"]
    (cover_title, *_), *cover_line_triples = cover_data_dict["lines"]
    cover_rows = [
        [Cell(heading, "link" if tab_name else "heading", tab_name), Cell(cover_text, "long")]
        for heading, cover_text, tab_name in cover_line_triples
    ]
    cover_worksheet = TextWorksheet(
        cover_data_dict["tab"], COVER_COLUMN_WIDTHS, [[Cell(cover_title, "title")], *cover_rows]
    )
    workbook_origin = Origin(data["author"], data["last_month"])
    workbook_properties = {"title": data["title"], "language": data["language"], "status": data["mark"]}
    return build_workbook([cover_worksheet, *worksheets], **workbook_properties, origin=workbook_origin)


def make_figures_workbook(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], origin: Origin) -> bytes:
    """Make an Excel file of one worksheet, ``figures``, with these columns; what a row does not have is empty."""
    cell_rows = [[Cell(figure_row_dict.get(column_name)) for column_name in columns] for figure_row_dict in rows]
    figures_worksheet = Worksheet("figures", [Column(column_name) for column_name in columns], cell_rows)
    return build_workbook([figures_worksheet], title="Figures", language="en", origin=origin)
