"""A sheet's numbers as a CSV file and an Excel workbook, from the tables that its notebook leaves."""

import csv
import datetime
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rmrp_analysis.files import harmless
from rmrp_analysis.workbook import Cell, Column, Sheet, workbook

DATES = ("start", "end")
TEXT_WIDTH = 100
"""Width in characters of the text about the tables."""


def data_csv(data: Mapping[str, Any]) -> str:
    """Every number of a sheet, a row each, under the names of the columns; UTF-8 with its mark.

    A text that a spreadsheet program could run gets an apostrophe before it.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(data["columns"].values())
    for table in data["tables"]:
        for row in _rows(table):
            writer.writerow(harmless(row.get(name)) for name in data["columns"])
    return "\ufeff" + text.getvalue()


def data_workbook(data: Mapping[str, Any]) -> bytes:
    """The tables of a sheet as an Excel file, a worksheet each; the last one says what they are about."""
    sheets = []
    for table in data["tables"]:
        headers = {**data["columns"], "value": table["value"]}
        rows = [[_cell(name, row) for name in table["columns"]] for row in _rows(table)]
        sheets.append(Sheet(table["tab"], [Column(headers[name]) for name in table["columns"]], rows))
    about = data["about"]
    lines = [(Cell(heading, "heading"), Cell(text, "long")) for heading, text in about["rows"]]
    sheets.append(Sheet(about["tab"], (Column(about["tab"]), Column(data["title"], TEXT_WIDTH)), lines))
    return workbook(sheets, title=data["title"], language=data["language"])


def figures_workbook(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Plain rows as an Excel file of one worksheet, ``figures``."""
    cells = [[Cell(row.get(name)) for name in columns] for row in rows]
    return workbook([Sheet("figures", [Column(name) for name in columns], cells)], title="Figures", language="en")


def _rows(table: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    return ({**table["shared"], **row} for row in table["rows"])


def _cell(column: str, row: Mapping[str, Any]) -> Cell:
    if column == "value":
        return Cell(row["value"], row["format"])
    if column in DATES:
        return Cell(datetime.date.fromisoformat(row[column]))
    return Cell(row.get(column))
