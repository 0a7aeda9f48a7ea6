"""Workbooks of every format that spreadsheet programs write give the same table, and what lies far off is refused."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders import load_table
from rmrp_analysis.loaders.read import read
from rmrp_analysis.loaders.recognised import recognised
from rmrp_analysis.tables import Admin1
from workbook_files import WRITERS, ods, xlsb

ROWS = (("Country", "PCODE", "Admin1"), ("Peru", 15.0, "Lima"), ("Perú", 1.5, "Huánuco – Ñaña"))


@pytest.fixture(params=WRITERS)
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"places{request.param}"
    WRITERS[request.param](path, ROWS)
    return path


def test_every_format_gives_the_same_table_and_says_what_it_cannot_tell(book: Path) -> None:
    texts = read(book)
    assert texts.table.to_dict("list") == {
        "Country": ["Peru", "Perú"],
        "PCODE": ["15", "1.5"],
        "Admin1": ["Lima", "Huánuco – Ñaña"],
    }
    assert (texts.sheet, list(texts.table.index)) == ("Data", [2, 3])
    assert {name: list(lines) for name, lines in texts.decimals.items()} == {"PCODE": [3]}
    assert load_table(book, Admin1, year=2021).table["country"].to_list() == ["PER", "PER"]
    assert [(sheet.sheet, sheet.name) for sheet in recognised(book)] == [("Data", "admin1")]
    said = "it cannot be told which empty cells are formulas without a value, or errors" in "".join(read(book).messages)
    assert said == (book.suffix in (".xlsb", ".ods", ".xls"))


def test_a_workbook_that_was_cut_off_is_refused_in_words(book: Path) -> None:
    book.write_bytes(book.read_bytes()[: book.stat().st_size // 2])
    with pytest.raises(InputRefused, match=f"cannot be read as {book.suffix}"):
        read(book)


def far_ods(path: Path) -> None:
    far = '<table:table-cell table:number-columns-repeated="16383"/>'
    far += '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
    blank = '<table:table-row table:number-rows-repeated="1048572"><table:table-cell/></table:table-row>'
    ods(path, ROWS, blanks=f"{blank}<table:table-row>{far}</table:table-row>")


COLUMNS = ["Country", *[""] * 299]


def wide_ods(path: Path) -> None:
    cell = '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16384"/>'
    ods(path, ROWS, blanks=f'<table:table-row table:number-rows-repeated="1048573">{cell}</table:table-row>')


@pytest.mark.parametrize(
    ("write", "name", "place"),
    [
        (wide_ods, "t.ods", "column XFD and line 1,048,576"),
        (far_ods, "t.ods", "column XFD and line 1,048,576"),
        (
            partial(xlsb, rows=[COLUMNS, ["x"]], first_line=1_048_575),
            "t.xlsb",
            "column KN and line 1,048,576",
        ),
    ],
)
def test_a_cell_far_off_takes_no_memory(write: Callable[[Path], None], name: str, place: str, tmp_path: Path) -> None:
    write(tmp_path / name)
    for reader in (read, recognised):
        with pytest.raises(InputRefused, match=place):
            reader(tmp_path / name)


def test_lines_of_nothing_in_an_open_document_take_no_memory_and_are_no_rows(tmp_path: Path) -> None:
    blank = '<table:table-row table:number-rows-repeated="1000"><table:table-cell table:number-columns-repeated="9"/>'
    ods(tmp_path / "t.ods", ROWS, blanks=f"{blank}</table:table-row>")
    assert list(read(tmp_path / "t.ods").table.index) == [1002, 1003]
