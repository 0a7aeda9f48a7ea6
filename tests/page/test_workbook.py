"""Workbooks open as they should, hold nothing that runs, and are the same bytes each time."""

import datetime
import io
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rmrp_analysis.files import FORMULA_FIRST_CHARACTERS
from rmrp_analysis.page.workbook import Cell, Column, Origin, TextWorksheet, Worksheet, build_workbook

ORIGIN = Origin("Example office", "2021-05")


def write(sheet: Worksheet | TextWorksheet, title: str = "t", language: str = "en", status: str = "") -> io.BytesIO:
    return io.BytesIO(build_workbook([sheet], title=title, language=language, origin=ORIGIN, status=status))


def opened(*rows: tuple[Cell, ...], above: tuple[Cell, ...] = ()) -> openpyxl.Workbook:
    columns = [Column("=Name"), *(Column("n", 30) for _ in rows[0][1:])]
    sheet = Worksheet("Sheet", columns, rows, above=above, frozen_columns=1)
    return openpyxl.load_workbook(write(sheet, "Health & more", "es"))


@pytest.mark.parametrize("start", [*FORMULA_FIRST_CHARACTERS, "=cmd|'/c calc'!A1", '=HYPERLINK("x")'])
def test_no_text_can_run_in_excel_nor_after_it_is_saved_as_csv_nor_after_somebody_edits_it(start: str) -> None:
    book = opened((Cell(f"{start}1+1"), Cell(-5), Cell(f"{start}1", "marked")), above=(Cell(f"{start}2"),))
    cells = [cell for row in book["Sheet"].iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    texts = [cell for cell in cells if cell.data_type == "s" and cell.value != "n"]
    assert [cell.value for cell in texts if not cell.value.startswith("'")] == []
    assert {cell.quotePrefix for cell in texts} == {True}


@given(text=st.text(max_size=20))
def test_any_text_can_stand_in_a_cell(text: str) -> None:
    assert opened((Cell(text),))["Sheet"].max_row <= 2


@pytest.mark.parametrize("text", ["_x0041_", " a ", "a\nb", "https://example.org", "007", "Perú 🇵🇪", "<b>&amp;"])
def test_a_text_stays_as_it_was(text: str) -> None:
    cell = opened((Cell(text),))["Sheet"]["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_cells_are_texts_cut_to_size_numbers_and_dates_by_their_kind() -> None:
    text = opened((Cell("Fund\x00 \x0bA\ud800\u202e"),))["Sheet"]["A2"].value
    assert text == r"Fund\u0000 \u000bA\ud800\u202e"
    assert len(opened((Cell("a" * 40_000),))["Sheet"]["A2"].value) == 32_767
    row = opened((Cell(14_300, "people"), Cell(0.5, "share"), Cell(datetime.date(2021, 1, 31)), Cell(None, "marked")))
    cells = row["Sheet"][2]
    assert [cell.number_format for cell in cells[:3]] == ["#,##0", "0.0%", "yyyy-mm-dd"]
    assert [cell.value for cell in cells] == [14_300, 0.5, datetime.datetime(2021, 1, 31), None]  # noqa: DTZ001
    assert cells[3].fill.fgColor.rgb == "FFFFF3CC"


def test_rows_are_a_table_with_its_headers_in_sight_and_columns_wide_enough() -> None:
    columns, rows = [Column("=Name"), Column("n")], [(Cell("a"), Cell(1))]
    page = openpyxl.load_workbook(write(Worksheet("Sheet", columns, rows, (Cell("t"),), table="by_name")))["Sheet"]
    table = page.tables["by_name"]
    assert table.ref == "A2:B3"
    assert [column.name for column in table.tableColumns] == [cell.value for cell in page[2]] == ["'=Name", "n"]
    assert page["A2"].data_type == "s"
    assert not page.merged_cells.ranges
    sheet = opened((Cell("a"), Cell(1)), above=(Cell("title"), Cell(None)))["Sheet"]
    assert [cell.value for cell in sheet[3]] == ["'=Name", "n"]
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("B4", "$3:$3")
    page = sheet.page_setup
    assert (page.orientation, page.paperSize, page.fitToHeight) == ("landscape", 9, 0)
    assert sheet.oddFooter.left.text == "Health && more"
    sheet = opened((Cell("a" * 20), Cell(1)), (Cell("b"), Cell(2)))["Sheet"]
    assert [round(sheet.column_dimensions[letter].width) for letter in "AB"] == [23, 31]


def test_lines_of_text_lead_to_worksheets() -> None:
    lines = [(Cell("=It's", "link", "It's"), Cell("long", "long"))]
    book = openpyxl.load_workbook(write(TextWorksheet("First", (20, 60), lines), status="draft"))
    cell = book["First"]["A1"]
    assert (cell.value, cell.data_type, cell.hyperlink.location) == ("'=It's", "s", "'It''s'!A1")
    assert [round(book["First"].column_dimensions[letter].width) for letter in "AB"] == [21, 61]
    assert book.properties.contentStatus == "draft"


def test_the_same_tables_give_the_same_bytes_which_say_who_publishes_them_and_the_end_of_their_period() -> None:
    book = opened((Cell("a"),))
    assert (book.properties.title, book.properties.creator) == ("Health & more", "Example office")
    assert book.properties.description.split()[0] == "rmrp-analysis"
    assert book.properties.created == book.properties.modified == datetime.datetime(2021, 5, 31)  # noqa: DTZ001
    assert book.custom_doc_props["Language"].value == "es"
    sheet = Worksheet("Sheet", [Column("a")], [(Cell("=1"),), (Cell(5, "usd"),)])
    first, again = (write(sheet).getvalue() for _ in range(2))
    assert first == again
    with ZipFile(io.BytesIO(first)) as archive:
        assert {part.date_time[0] for part in archive.infolist()} == {1980}
