"""A sheet's CSV file and workbook open as they should, hold nothing that runs, and are the same bytes each time."""

import csv
import datetime
import io
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from rmrp_analysis.publish.data_files import data_csv, data_workbook, figures_workbook

COLUMNS = {
    "start": {"header": "From", "tag": "#date+start"},
    "donor": {"header": "Donor", "tag": "#org+funder+name"},
    "value": {"header": "Value", "tag": "#indicator+value+num"},
    "reason": {"header": "Why there is no value", "tag": "#meta+reason+i_en"},
}


def tables(*rows: dict[str, Any]) -> dict[str, Any]:
    """Tables as a notebook leaves them: one of money by donor."""
    by_donor = {
        "name": "funding_usd_by_donor",
        "tab": "Funding by donor",
        "columns": ["donor", "value", "reason", "start"],
        "value": {"header": "Funding", "tag": "#value+funding+usd"},
        "shared": {"start": "2021-01-01"},
        "rows": [{"format": "usd", "value": None, "reason": "", **row} for row in rows],
    }
    about = {"tab": "About", "rows": [["Plan", "RMRP 2021"], ["", "=a note"]]}
    return {"language": "es", "title": "Health & more", "columns": COLUMNS, "tables": [by_donor], "about": about}


def opened(data: dict[str, Any]) -> openpyxl.Workbook:
    """The workbook as Excel would read it."""
    return openpyxl.load_workbook(io.BytesIO(data_workbook(data)))


def first_sheet(*rows: dict[str, Any]) -> Worksheet:
    """The worksheet of these rows."""
    return opened(tables(*rows))["Funding by donor"]


def test_tags_follow_the_header_and_both_stay_in_sight() -> None:
    sheet = first_sheet({"donor": "A", "value": 5})
    head = [[cell.value for cell in row] for row in sheet.iter_rows(max_row=2)]
    assert head == [
        ["Donor", "Funding", "Why there is no value", "From"],
        ["#org+funder+name", "#value+funding+usd", "#meta+reason+i_en", "#date+start"],
    ]
    assert sheet.freeze_panes == "A3"


def test_a_number_is_exact_and_a_date_is_a_date() -> None:
    sheet = first_sheet({"donor": "A", "value": 1234567.89}, {"donor": "B", "value": 0.5, "format": "share"})
    assert [(cell.value, cell.number_format) for cell in sheet["B"][2:]] == [(1234567.89, "#,##0"), (0.5, "0.0%")]
    assert sheet["D3"].value == datetime.datetime(2021, 1, 1)  # noqa: DTZ001 - Excel keeps no time zone
    assert sheet["D3"].number_format == "yyyy-mm-dd"


def test_what_is_withheld_is_an_empty_cell_with_its_reason_beside_it() -> None:
    sheet = first_sheet({"donor": "A", "reason": "withheld"})
    assert (sheet["B3"].value, sheet["C3"].value) == (None, "withheld")
    assert list(csv.reader(data_csv(tables({"donor": "A", "reason": "withheld"})).splitlines()))[2][2:] == [
        "",
        "withheld",
    ]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", '=HYPERLINK("x")'])
def test_no_text_can_be_taken_for_a_formula(name: str) -> None:
    cell: Cell = first_sheet({"donor": name, "value": -5})["A3"]
    assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", name, True)
    donor, value = list(csv.reader(io.StringIO(data_csv(tables({"donor": name, "value": -5})))))[2][1:3]
    assert (donor, value) == (f"'{name}", "-5")


def test_no_cell_of_the_workbook_is_a_formula() -> None:
    workbook = opened(tables({"donor": "=A1", "value": 5}))
    assert {cell.data_type for sheet in workbook for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}


def test_characters_that_no_workbook_may_hold_are_left_out() -> None:
    assert first_sheet({"donor": "Fund\x00 \x0bA", "value": 5})["A3"].value == "Fund A"


def test_the_last_worksheet_says_what_the_tables_are_about() -> None:
    workbook = opened(tables())
    assert workbook.sheetnames == ["Funding by donor", "About"]
    told = [[cell.value for cell in row] for row in workbook["About"].iter_rows()]
    assert told == [["About", "Health & more"], ["Plan", "RMRP 2021"], [None, "=a note"]]
    assert (workbook.properties.title, workbook.properties.language) == ("Health & more", "es")


def test_the_same_tables_give_the_same_bytes() -> None:
    data = tables({"donor": "A", "value": 5})
    assert data_workbook(data) == data_workbook(data)
    with ZipFile(io.BytesIO(data_workbook(data))) as archive:
        assert {part.date_time[0] for part in archive.infolist()} == {1980}
    assert opened(data).properties.modified.year == 2000


def test_csv_has_every_column_of_every_table_under_its_tag_and_the_mark_of_utf_8() -> None:
    text = data_csv(tables({"donor": "Perú", "value": 5}))
    assert text.startswith("\ufeff")
    assert text.removeprefix("\ufeff").splitlines() == [
        "From,Donor,Value,Why there is no value",
        "#date+start,#org+funder+name,#indicator+value+num,#meta+reason+i_en",
        "2021-01-01,Perú,5,",
    ]


def test_plain_figures_are_a_worksheet_of_texts_and_numbers() -> None:
    rows = [{"figure": "target", "value": 14_300}, {"figure": "=A1", "value": ""}]
    sheet = openpyxl.load_workbook(io.BytesIO(figures_workbook(("figure", "value", "month"), rows)))["figures"]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells == [["figure", "value", "month"], ["target", 14_300, None], ["=A1", None, None]]
    assert sheet["A3"].data_type == "s"
