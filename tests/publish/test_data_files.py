"""A sheet's CSV file and workbook open as they should, and hold nothing that runs."""

import csv
import datetime
import io
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from rmrp_analysis.publish.data_files import data_csv, data_workbook, figures_workbook

COLUMNS = {"start": "From", "donor": "Donor", "value": "Value", "reason": "Why there is no value"}


def tables(*rows: dict[str, Any]) -> dict[str, Any]:
    """Tables as a notebook leaves them: one of money by donor."""
    by_donor = {
        "name": "funding_usd_by_donor",
        "tab": "Funding by donor",
        "columns": ["donor", "value", "reason", "start"],
        "value": "Funding",
        "shared": {"start": "2021-01-01"},
        "rows": [{"format": "usd", "value": None, "reason": "", **row} for row in rows],
    }
    about = {"tab": "About", "rows": [["Plan", "RMRP 2021"], ["", "=a note"]]}
    return {"language": "es", "title": "Health & more", "columns": COLUMNS, "tables": [by_donor], "about": about}


def first_sheet(*rows: dict[str, Any]) -> Worksheet:
    """The worksheet of these rows, as Excel would read it."""
    return openpyxl.load_workbook(io.BytesIO(data_workbook(tables(*rows))))["Funding by donor"]


def test_every_row_follows_the_header_which_stays_in_sight() -> None:
    sheet = first_sheet({"donor": "A", "value": 5})
    assert [[cell.value for cell in row][:3] for row in sheet.iter_rows()] == [
        ["Donor", "Funding", "Why there is no value"],
        ["A", 5, None],
    ]
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("A2", "$1:$1")


def test_a_number_is_exact_and_a_date_is_a_date() -> None:
    sheet = first_sheet({"donor": "A", "value": 1234567.89}, {"donor": "B", "value": 0.5, "format": "share"})
    assert [(cell.value, cell.number_format) for cell in sheet["B"][1:]] == [(1234567.89, "#,##0"), (0.5, "0.0%")]
    assert sheet["D2"].value == datetime.datetime(2021, 1, 1)  # noqa: DTZ001 - Excel keeps no time zone
    assert sheet["D2"].number_format == "yyyy-mm-dd"


def test_what_is_withheld_is_an_empty_cell_with_its_reason_beside_it() -> None:
    sheet = first_sheet({"donor": "A", "reason": "withheld"})
    assert (sheet["B2"].value, sheet["C2"].value) == (None, "withheld")
    lines = list(csv.reader(data_csv(tables({"donor": "A", "reason": "withheld"})).splitlines()))
    assert lines[1][2:] == ["", "withheld"]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", '=HYPERLINK("x")'])
def test_no_text_can_be_taken_for_a_formula(name: str) -> None:
    cell = first_sheet({"donor": name, "value": -5})["A2"]
    assert (cell.data_type, cell.value) == ("s", f"'{name}")
    donor, value = list(csv.reader(io.StringIO(data_csv(tables({"donor": name, "value": -5})))))[1][1:3]
    assert (donor, value) == (f"'{name}", "-5")


def test_the_last_worksheet_says_what_the_tables_are_about() -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(data_workbook(tables())))
    assert workbook.sheetnames == ["Funding by donor", "About"]
    lines = [[cell.value for cell in row] for row in workbook["About"].iter_rows()]
    assert lines == [["About", "Health & more"], ["Plan", "RMRP 2021"], [None, "'=a note"]]


def test_csv_has_every_column_of_every_table_and_the_mark_of_utf_8() -> None:
    text = data_csv(tables({"donor": "Perú", "value": 5}))
    assert text.startswith("\ufeff")
    assert text.removeprefix("\ufeff").splitlines() == [
        "From,Donor,Value,Why there is no value",
        "2021-01-01,Perú,5,",
    ]


def test_plain_figures_are_a_worksheet_of_texts_and_numbers() -> None:
    rows = [{"figure": "target", "value": 14_300}, {"figure": "=A1", "value": ""}]
    sheet = openpyxl.load_workbook(io.BytesIO(figures_workbook(("figure", "value", "month"), rows)))["figures"]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells == [["figure", "value", "month"], ["target", 14_300, None], ["'=A1", None, None]]
