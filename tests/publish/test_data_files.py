"""A sheet's CSV file and workbook open as they should, and hold nothing that runs."""

import csv
import datetime
import io
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from made_reports import PARAMS
from rmrp_analysis.arguments import Period
from rmrp_analysis.packs.pack import Publisher
from rmrp_analysis.page.workbook import Origin
from rmrp_analysis.publish.documents import data_files
from rmrp_analysis.publish.documents.data_files import format_data_csv, make_data_workbook, make_figures_workbook

COLUMNS = {"start": "From", "donor": "Donor", "value": "Value", "reason": "Why there is no value"}


def tables(*rows: dict[str, Any]) -> dict[str, Any]:
    """Tables as a notebook leaves them: one of money by donor, and its worksheet with a cover."""
    by_donor = {
        "name": "funding_usd_by_donor",
        "shared": {"start": "2021-01-01"},
        "rows": [{"value": None, "reason": "", **row} for row in rows],
    }
    worksheet = {
        "name": "funding_usd_by_donor",
        "tab": "Funding by donor",
        "above": ["Funding, by donor", "Health · Region"],
        "headers": ["Donor", "Funding", "From"],
        "rows": [
            [[row["donor"], ""], [row.get("value", "[c]"), row.get("format", "usd")], ["2021-01-01", "date"]]
            for row in rows
        ],
    }
    lines = [["Health", "", ""], ["Funding by donor", "Donors", "Funding by donor"], ["Plan", "=a note", ""]]
    return {
        "language": "es",
        "title": "Health & more",
        "mark": "Internal",
        "author": "Example office",
        "last_month": "2021-05",
        "columns": COLUMNS,
        "tables": [by_donor],
        "worksheets": [worksheet] if rows else [],
        "cover": {"tab": "Cover", "lines": lines},
    }


def book_of(*rows: dict[str, Any]) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(make_data_workbook(tables(*rows))))


def test_a_workbook_has_the_date_of_its_period_s_end_and_its_publisher_for_author() -> None:
    sheet, rows = book_of({"donor": "A", "value": 5}).properties, [{"figure": "target", "value": 14_300}]
    run = PARAMS.model_copy(
        update={"publisher": Publisher(name="R4V"), "period": Period(start="2021-01", end="2021-02")}
    )
    raw = make_figures_workbook(("figure", "value"), rows, data_files.make_origin(run))
    figures = openpyxl.load_workbook(io.BytesIO(raw)).properties
    assert [(each.creator, f"{each.created:%Y-%m-%d}") for each in (sheet, figures)] == [
        ("Example office", "2021-05-31"),
        ("R4V", "2021-02-28"),
    ]


def sheet_of(*rows: dict[str, Any]) -> Worksheet:
    return book_of(*rows)["Funding by donor"]


def test_a_worksheet_is_one_table_of_exact_numbers_and_dates_under_its_notes() -> None:
    sheet = sheet_of({"donor": "A", "value": 5})
    assert [[cell.value for cell in row][:2] for row in sheet.iter_rows()] == [
        ["Funding, by donor", None],
        ["Health · Region", None],
        ["Donor", "Funding"],
        ["A", 5],
    ]
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("B4", "$3:$3")
    (table,) = sheet.tables.values()
    assert (table.name, table.ref, table.autoFilter.ref) == ("funding_usd_by_donor", "A3:C4", "A3:C4")
    sheet = sheet_of({"donor": "A", "value": 1234567.89}, {"donor": "B", "value": 0.5, "format": "share"})
    assert [(cell.value, cell.number_format) for cell in sheet["B"][3:]] == [(1234567.89, "#,##0"), (0.5, "0.0%")]
    assert sheet["C4"].value == datetime.datetime(2021, 1, 1)  # noqa: DTZ001 - Excel keeps no time zone
    assert sheet["C4"].number_format == "yyyy-mm-dd"


def test_what_has_no_number_is_a_sign_and_nothing_else_in_excel_and_an_empty_cell_with_its_reason_in_csv() -> None:
    raw = make_data_workbook(tables({"donor": "A", "format": "shorthand"}))
    cell = openpyxl.load_workbook(io.BytesIO(raw))["Funding by donor"]["B4"]
    assert (cell.value, cell.data_type, cell.comment, cell.number_format) == ("[c]", "s", None, "General")
    with ZipFile(io.BytesIO(raw)) as archive:
        assert [name for name in archive.namelist() if "comment" in name or "hidden" in name] == []
        assert b"<f>" not in b"".join(archive.read(name) for name in archive.namelist())
    lines = list(csv.reader(format_data_csv(tables({"donor": "A", "reason": "no report"})).splitlines(), delimiter=";"))
    assert lines[1][2:] == ["", "no report"]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", '=HYPERLINK("x")'])
def test_no_text_can_be_taken_for_a_formula(name: str) -> None:
    cell = sheet_of({"donor": name, "value": -5})["A4"]
    assert (cell.data_type, cell.value) == ("s", f"'{name}")
    text = io.StringIO(format_data_csv(tables({"donor": name, "value": -5})))
    donor, value = list(csv.reader(text, delimiter=";"))[1][1:3]
    assert (donor, value) == (f"'{name}", "-5")


def test_the_cover_comes_first_and_leads_to_the_worksheets() -> None:
    book = book_of({"donor": "A", "value": 5})
    assert book.sheetnames == ["Cover", "Funding by donor"]
    assert {sheet.sheet_state for sheet in book} == {"visible"}
    lines = [[cell.value for cell in row] for row in book["Cover"].iter_rows()]
    assert lines == [["Health", None], ["Funding by donor", "Donors"], ["Plan", "'=a note"]]
    assert book["Cover"]["A2"].hyperlink.location == "'Funding by donor'!A1"
    properties = book.properties
    assert (properties.title, properties.contentStatus) == ("Health & more", "Internal")


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", '2021-01-01,"A; B, 1.5",0.25,'),
        ("es", '2021-01-01;"A; B, 1.5";0,25;'),
        ("pt", '2021-01-01;"A; B, 1.5";0,25;'),
    ],
)
def test_csv_is_in_the_dialect_of_the_readers_spreadsheet(language: str, line: str) -> None:
    text = format_data_csv(tables({"donor": "A; B, 1.5", "value": 0.25}) | {"language": language})
    assert text.splitlines()[1] == line


def test_csv_has_every_column_and_plain_figures_are_a_worksheet() -> None:
    text = format_data_csv(tables({"donor": "Perú", "value": 5}))
    assert text.startswith("\ufeff")
    assert text.removeprefix("\ufeff").splitlines() == ["From;Donor;Value;Why there is no value", "2021-01-01;Perú;5;"]
    rows = [{"figure": "target", "value": 14_300}, {"figure": "=A1", "value": ""}]
    sheet = openpyxl.load_workbook(io.BytesIO(make_figures_workbook(("figure", "value", "month"), rows, Origin())))[
        "figures"
    ]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells == [["figure", "value", "month"], ["target", 14_300, None], ["'=A1", None, None]]
