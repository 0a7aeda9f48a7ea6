"""Workbooks of every format that spreadsheet programs write give the same table, and what lies far off is refused."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders import load_table
from rmrp_analysis.loaders.content import WORKBOOK_SUFFIXES
from rmrp_analysis.loaders.read import read
from rmrp_analysis.loaders.sheet_inputs import recognise_sheets
from rmrp_analysis.tables import Admin1

BOOKS = Path(__file__).parents[1] / "data" / "workbooks"
"""The same places in every format; cells in the last line or column of a sheet; lines of nothing above the rows."""


@pytest.mark.parametrize("suffix", WORKBOOK_SUFFIXES)
def test_every_format_gives_the_same_table_and_says_what_it_cannot_tell(suffix: str) -> None:
    texts = read(book := BOOKS / f"places{suffix}")
    assert texts.table.to_dict("list") == {
        "Country": ["Peru", "Perú"],
        "PCODE": ["15", "1.5"],
        "Admin1": ["Lima", "Huánuco – Ñaña"],
    }
    assert (texts.sheet, list(texts.table.index)) == ("Data", [2, 3])
    assert {name: list(lines) for name, lines in texts.decimals.items()} == {"PCODE": [3]}
    assert load_table(book, Admin1, year=2021).table["country"].to_list() == ["PER", "PER"]
    assert [(sheet.sheet, sheet.name) for sheet in recognise_sheets(book)] == [("Data", "admin1")]
    said = "it cannot be told which empty cells are formulas without a value, or errors" in "".join(texts.messages)
    assert said == (suffix in (".xlsb", ".ods", ".xls"))


@pytest.mark.parametrize("suffix", WORKBOOK_SUFFIXES)
def test_a_workbook_that_was_cut_off_is_refused_in_words(suffix: str, tmp_path: Path) -> None:
    whole = (BOOKS / f"places{suffix}").read_bytes()
    (tmp_path / f"cut{suffix}").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputRefused, match=f"cannot be read as {suffix}"):
        read(tmp_path / f"cut{suffix}")


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("wide.ods", "column XFD and line 1,048,576"),
        ("far.ods", "column XFD and line 1,048,576"),
        ("far.xlsb", "column KN and line 1,048,576"),
    ],
)
def test_a_cell_far_off_takes_no_memory(name: str, place: str) -> None:
    for reader in (read, recognise_sheets):
        with pytest.raises(InputRefused, match=place):
            reader(BOOKS / name)


@pytest.mark.parametrize("reader", [read, recognise_sheets])
def test_a_workbook_whose_records_are_cut_off_is_refused(tmp_path: Path, reader: Callable[[Path], object]) -> None:
    path = tmp_path / "cut.xlsb"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.bin", b"")
        archive.writestr("xl/worksheets/sheet1.bin", b"\x00\x84")  # a record that has no size
    with pytest.raises(InputRefused, match="a record is cut off"):
        reader(path)


def test_lines_of_nothing_in_an_open_document_take_no_memory_and_are_no_rows() -> None:
    assert list(read(BOOKS / "blank_lines.ods").table.index) == [1002, 1003]
