"""Files as they really come: each is read right, or refused in a sentence that says what to do; none is read wrong."""

import gzip
import io
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from itertools import count
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from test_read import refusal, table_in

from data_folders import ACTIVITY
from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders import header as header_room
from rmrp_analysis.loaders import load_funding, load_table
from rmrp_analysis.loaders import read as reading_room
from rmrp_analysis.loaders.read import FORMATS, read, read_in_batches
from rmrp_analysis.loaders.sheet_inputs import recognise_sheets
from rmrp_analysis.loaders.texts import ERROR_CELL, ROWS_PER_BLOCK
from rmrp_analysis.sources import Reading
from rmrp_analysis.tables import Activities, Admin1

HEADER = "Country,PCODE,Admin1"
ROW = "Peru,PE15,Lima"
LAST_COLUMN = 2**14


def written(folder: Path, name: str, raw: bytes) -> Path:
    path = folder / name
    path.write_bytes(raw)
    return path


def workbook(
    folder: Path, *rows: str | Sequence[object], change: Callable[[openpyxl.Workbook], object] = lambda _: None
) -> Path:
    """A workbook whose first sheet has these rows (a text is cells between commas), and then what ``change`` makes."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row.split(",") if isinstance(row, str) else row)
    change(book)
    book.save(folder / "table.xlsx")
    return folder / "table.xlsx"


def reading_note(path: Path) -> str:
    """What is told of how the file was read."""
    faults = load_table(path, Admin1, year=2021).faults
    return "; ".join(faults.loc[faults["check"] == "how_it_was_read", "value"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_accents_are_read_right_in_every_usual_encoding(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, "table.csv", f"{HEADER}\nPeru,PE10,Huánuco – Ñaña\n".encode(encoding))
    assert table_in(path)["Admin1"].to_list() == ["Huánuco – Ñaña"]


@pytest.mark.parametrize(
    ("raw", "names", "note"),
    [
        ("Peru,PE10,Huánuco\n".encode(), ["Huánuco"], ""),
        ("Peru,PE10,Huánuco\n".encode("cp1252"), ["Huánuco"], "the text is not UTF-8; it was read as Windows-1252"),
        (
            "Peru,PE10,Huánuco\n".encode() + "Peru,PE13,Junín\n".encode("cp1252"),
            ["Huánuco", "Junín"],
            "some lines are not UTF-8; these were read as Windows-1252",
        ),
        ("Peru,PE13,Juní".encode()[:-1], ["JunÃ"], "the text is not UTF-8; it was read as Windows-1252"),  # it was cut
    ],
)
def test_an_encoding_that_is_not_utf_8_is_told_of(tmp_path: Path, raw: bytes, names: list[str], note: str) -> None:
    path = written(tmp_path, "table.csv", f"{HEADER}\n".encode() + raw)
    assert (table_in(path)["Admin1"].to_list(), reading_note(path)) == (names, note)


def test_a_comma_within_quotes_separates_nothing_and_500_columns_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", b'"Country, or region";PCODE\nPeru;PE15\n')
    assert list(table_in(path)) == ["Country, or region", "PCODE"]
    names = ",".join(f"c{number}" for number in range(500))
    assert table_in(written(tmp_path, "t.csv", f"{names}\n{names}\n".encode())).shape == (1, 500)


def test_a_table_as_long_as_a_worksheet_is_told_to_be_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_room, "MAX_LINES_OF_SHEET", 3)
    path = written(tmp_path, "t.csv", f"{HEADER}\n{ROW}\n{ROW}\n".encode())
    assert reading_note(path) == "the table fills all 3 lines of a worksheet; what came after them is lost"


def archive(name: str, content: bytes) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(name, content)
    return raw.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
PAGE = b"\xef\xbb\xbf\n<html><table><tr><td>Peru</td></tr></table></html>"
ACCENTS = "Admin1\nPerú, Huánuco, Bogotá\n"
LYING = archive("xl/workbook.xml", bytes(2**20)).replace((2**20).to_bytes(4, "little"), (2**10).to_bytes(4, "little"))


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("t.csv", f"{HEADER}\nPeru,\0,Lima\n".encode(), "holds NUL bytes"),
        (
            "t.csv",
            ACCENTS.encode("cp850"),
            "neither UTF-8 nor Windows-1252 (it would hold '£'); save it as 'CSV UTF-8'",
        ),
        ("t.csv", ACCENTS.encode("mac-roman"), "neither UTF-8 nor Windows-1252"),
        ("t.csv", "Admin1\nПеру\n".encode("cp1251"), "neither UTF-8 nor Windows-1252"),
        ("t.csv", gzip.compress(b"a\n1\n", mtime=0), "packed with gzip"),
        ("t.csv", b"PAR1", "Parquet"),
        ("t.csv", b"PK\x03\x04", "Excel workbook or a zip archive"),
        ("t.csv", PAGE, "it is a web page (HTML)"),
        ("t.xls", PAGE, "it is a web page (HTML)"),
        ("t.xlsx", PAGE, "it is a web page (HTML)"),
        ("t.xlsx", b"%PDF-1.7", "PDF document"),
        ("t.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "protected by a password; save it without one"),
        ("t.xlsx", OLE, "old format (.xls); its name should end in .xls"),
        ("t.xls", OLE, "cannot be read as .xls; it is damaged"),
        ("t.xlsx", archive("a.txt", b"hello"), "a zip archive without a workbook"),
        ("t.xlsx", LYING, "cannot be read as .xlsx"),
    ],
)
def test_what_is_no_table_or_belies_its_name_is_refused(tmp_path: Path, name: str, raw: bytes, said: str) -> None:
    assert said in refusal(written(tmp_path, name, raw))


def test_a_parquet_file_is_read_whatever_pandas_noted_in_it(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow.parquet import write_table

    table = pa.table({"Admin1": ["Lima"]}).replace_schema_metadata({"pandas": '{"columns": [{}], "index_columns": []}'})
    write_table(table, tmp_path / "t.parquet")
    assert table_in(tmp_path / "t.parquet")["Admin1"].to_list() == ["Lima"]


def test_the_visible_sheet_with_the_headers_is_read_and_the_others_are_told(tmp_path: Path) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.active.title = "Read me"
        book.active.append(["How to fill this in"])
        hidden = book.create_sheet("lists")
        hidden.sheet_state = "hidden"
        hidden.append(HEADER.split(","))
        hidden.append(["Chile", "CL", "Arica"])
        data = book.create_sheet("data")
        data.append(["Admin levels of the plan"])
        data.append(HEADER.split(","))
        data.append(ROW.split(","))

    path = workbook(tmp_path, change=fill)
    loaded = load_table(path, Admin1, year=2021)
    assert loaded.table[["source_line", "admin1"]].to_numpy().tolist() == [[3, "Lima"]]
    assert reading_note(path) == "the sheet 'data' is read, and not Read me"


def test_hidden_and_merged_cells_are_cells_and_a_book_of_empty_sheets_is_none(tmp_path: Path) -> None:
    def hide(book: openpyxl.Workbook) -> None:
        book.active.row_dimensions[2].hidden = True
        book.active.column_dimensions["B"].hidden = True

    cells = table_in(workbook(tmp_path, HEADER, ROW, "Peru,PE23,Tacna", change=hide))
    assert (list(cells), cells["Admin1"].to_list()) == (HEADER.split(","), ["Lima", "Tacna"])
    path = workbook(tmp_path, HEADER, ROW, ",PE23,Tacna", change=lambda book: book.active.merge_cells("A2:A3"))
    assert reading_note(path) == "1 merged cells, of which only the first one holds the content (lines 2-3)"
    assert load_table(path, Admin1, year=2021).refused["line"].to_list() == [3]
    assert "cannot be read as .xlsx" in refusal(workbook(tmp_path))


def test_formulas_without_a_value_are_refused_and_cells_with_an_error_told(tmp_path: Path) -> None:
    path = workbook(tmp_path, HEADER, ["Peru", '="PE" & 15', "Lima"])
    assert "1 formulas have no stored value" in refusal(path)
    path = workbook(
        tmp_path, f"{HEADER},ISO", f"{ROW},#REF!", change=lambda book: setattr(book.active["D2"], "data_type", "e")
    )
    assert reading_note(path) == "1 cells hold an error such as #REF!, the first on line 2"


@pytest.mark.parametrize("reader", [read, recognise_sheets])
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "docProps/app.xml"])
def test_a_part_that_is_not_what_the_archive_says_is_named(
    tmp_path: Path, part: str, reader: Callable[[Path], object]
) -> None:
    whole = workbook(tmp_path, HEADER, ROW)
    book = io.BytesIO()
    with zipfile.ZipFile(whole) as parts, zipfile.ZipFile(book, "w") as archive:
        for name in parts.namelist():
            archive.writestr(name, parts.read(name))
        first = archive.getinfo(part).header_offset + zipfile.sizeFileHeader + len(part)
    raw = bytearray(book.getvalue())
    raw[first] = ord(">")
    path = written(tmp_path, "damaged.xlsx", bytes(raw))
    with pytest.raises(InputRefused) as refused:
        reader(path)
    assert f"{path}: cannot be read as .xlsx" in str(refused.value)
    assert f"({part} is not what the archive says)" in str(refused.value)


@pytest.mark.parametrize("content", [None, b"<workbook", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
@pytest.mark.parametrize("part", ["xl/_rels/workbook.xml.rels", "xl/workbook.xml"])
def test_a_workbook_that_does_not_tell_its_sheets_is_refused(tmp_path: Path, part: str, content: bytes | None) -> None:
    whole = workbook(tmp_path, HEADER)
    broken = io.BytesIO()
    with zipfile.ZipFile(whole) as parts, zipfile.ZipFile(broken, "w") as archive:
        for name in parts.namelist():
            if name != part:
                archive.writestr(name, parts.read(name))
            elif content is not None:
                archive.writestr(name, content)
    assert "cannot be read as .xlsx" in refusal(written(tmp_path, "broken.xlsx", broken.getvalue()))


def test_errors_far_down_stand_on_their_own_lines(tmp_path: Path) -> None:
    last = ROWS_PER_BLOCK + 2

    def fail(book: openpyxl.Workbook) -> None:
        for place in (f"C{last}", "C3"):
            book.active[place] = "#N/A"

    cells = table_in(workbook(tmp_path, HEADER, *[ROW] * (last - 1), change=fail))
    assert list(cells.index[cells.iloc[:, 2] == ERROR_CELL]) == [3, last]


def test_a_date_is_its_month_also_as_a_number(tmp_path: Path, month_of: Callable[[object], list[str]]) -> None:
    assert [month_of(cell) for cell in (datetime(2021, 5, 1), 44317, "44317", 43952, 13)] == [  # noqa: DTZ001
        ["2021-05"],
        ["2021-05"],
        ["2021-05"],
        [],  # a day of 2020
        [],
    ]


@pytest.fixture
def month_of(tmp_path: Path) -> Callable[[object], list[str]]:
    """The months that are read from one cell of a workbook."""
    from rmrp_analysis.loaders.table import parse_cells
    from rmrp_analysis.tables import Activities

    def months(cell: object) -> list[str]:
        path = workbook(tmp_path, "month", [cell])
        parsed, refused = parse_cells(table_in(path)["month"], "month", Activities, year=2021)
        return parsed[~refused].to_list()

    return months


def test_empty_lines_are_no_rows_and_headers_alike_or_empty_are_told_apart(tmp_path: Path) -> None:
    path = workbook(tmp_path, HEADER, ROW, change=lambda book: book.active.cell(50_000, 1, " "))
    assert len(table_in(path)) == 1
    path = workbook(tmp_path, ["a", "a", None], [1, 2, 3])
    assert table_in(path).to_dict("list") == {"a": ["1"], "a (2)": ["2"], "column 3": ["3"]}


MOST_COMPARISONS = 500 * 150
"""How many pairs of headers may be compared: as many columns as a table may have, with all headers of its inputs."""

READERS: dict[str, Callable[[Path], object]] = {
    "read": read,
    "recognised": recognise_sheets,
    "table": lambda path: load_table(path, Activities, year=2021),
    "funding": lambda path: load_funding([path]),
}


@pytest.fixture
def few_comparisons(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test in which more than ``MOST_COMPARISONS`` pairs of headers are compared."""
    comparisons = count()

    class Matcher(SequenceMatcher[str]):
        def set_seq1(self, a: Sequence[str]) -> None:
            next(comparisons)
            super().set_seq1(a)

    monkeypatch.setattr(header_room, "SequenceMatcher", Matcher)
    yield
    assert next(comparisons) <= MOST_COMPARISONS


@pytest.mark.usefixtures("few_comparisons")
@pytest.mark.parametrize("line", [1, 2, 50, 200])
def test_a_stray_cell_in_the_last_column_is_read_beside_the_table(tmp_path: Path, line: int) -> None:
    path = workbook(tmp_path, HEADER, *[ROW] * 100, change=lambda book: book.active.cell(line, LAST_COLUMN, "x"))
    loaded = load_table(path, Admin1, year=2021)
    assert (len(loaded.table), loaded.refused["line"].to_list()) == (100, [200] if line == 200 else [])
    stray = "x" if line == 1 else f"column {LAST_COLUMN}"
    assert list(table_in(path)) == [*HEADER.split(","), stray]
    assert [sheet.name for sheet in recognise_sheets(path)] == ["admin1"]


@pytest.mark.usefixtures("few_comparisons")
@pytest.mark.parametrize("above", ["", "Places of the plan\n"])
@pytest.mark.parametrize("reader", READERS)
def test_a_text_of_too_many_columns_is_refused_with_what_to_do(tmp_path: Path, above: str, reader: str) -> None:
    header = ",".join([*ACTIVITY, HEADER, *(f"New beneficiaries {number}" for number in range(200_000))])
    with pytest.raises(InputRefused) as refused:
        READERS[reader](written(tmp_path, "t.csv", f"{above}{header}\n{ROW}\n".encode()))
    assert str(refused.value).startswith(f"{tmp_path / 't.csv'}: ")
    if not above or reader in ("recognised", "table"):  # which know the header below a title
        assert "more than 500 columns have a header or hold anything" in str(refused.value)
        assert str(refused.value).endswith("delete what lies outside of the table")


@pytest.mark.usefixtures("few_comparisons")
@pytest.mark.parametrize("line", [1, 2])
def test_a_workbook_or_parquet_of_too_many_columns_is_refused(tmp_path: Path, line: int) -> None:
    import pyarrow as pa
    from pyarrow.parquet import write_table

    def fill(book: openpyxl.Workbook) -> None:
        for column in range(4, 2_000):
            book.active.cell(line, column, f"Admin{column}")

    assert "more than 500 columns" in refusal(workbook(tmp_path, HEADER, ROW, change=fill))
    write_table(pa.table({f"Admin{number}": ["Lima"] for number in range(2_000)}), tmp_path / "t.parquet")
    assert "more than 500 columns" in refusal(tmp_path / "t.parquet")


@pytest.mark.usefixtures("few_comparisons")
def test_columns_without_header_and_content_are_none_and_take_no_memory(tmp_path: Path) -> None:
    commas = "," * 200_000
    raw = f"{HEADER}{commas}\n{ROW}{commas}\n" + f"{ROW}\n" * 20_000
    tracemalloc.start()
    cells = table_in(written(tmp_path, "t.csv", raw.encode()))
    assert (list(cells), len(cells)) == (HEADER.split(","), 20_001)
    assert tracemalloc.get_traced_memory()[1] < 512 * 2**20
    tracemalloc.stop()


@pytest.mark.usefixtures("few_comparisons")
def test_five_hundred_headers_that_come_near_are_compared_once(tmp_path: Path) -> None:
    path = workbook(tmp_path, [f"New beneficiaries of months {number}" for number in range(490)], ["1"])
    with pytest.raises(InputRefused) as refused:
        load_table(path, Activities, year=2021)
    assert "did you mean `New beneficiaries of the month`?" in str(refused.value)


def test_a_column_without_header_is_one_in_batches_where_it_holds_anything(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", f"{HEADER},\n{ROW}\n{ROW},x\n{ROW}\n".encode())
    tables = [texts.table for texts in read_in_batches(path, lambda _: 0.0, Reading(), rows=2)]
    assert [table.iloc[:, 3:].to_dict("list") for table in tables] == [{"column 4": ["", "x"]}, {}]


@pytest.mark.parametrize("suffix", FORMATS)
@given(raw=st.binary(max_size=400))
@example(raw=b'"')
@example(raw=b"a,b\n1,2,3\n")
@example(raw=b"\xff\xfe")
@example(raw=b"\xff\xfea")
@example(raw=b"\r")
@example(raw=b"\n\n")
@example(raw=b"PK\x05\x06" + bytes(18))
@example(raw=gzip.compress(b"", mtime=0))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused_in_words(tmp_path: Path, suffix: str, raw: bytes) -> None:
    try:
        cells = table_in(written(tmp_path, f"any{suffix}", raw))
    except InputRefused as refused:
        assert "Traceback" not in str(refused)  # noqa: PT017 - either end is right
    else:
        assert len(cells) > 0
        assert cells.map(lambda cell: isinstance(cell, str)).all(axis=None)


@given(cut=st.integers(0, 4000), flipped=st.integers(0, 4000), bit=st.integers(0, 7))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_workbook_is_read_or_refused_in_words(tmp_path: Path, cut: int, flipped: int, bit: int) -> None:
    path = workbook(tmp_path, HEADER, ROW)
    raw = bytearray(path.read_bytes())
    raw[flipped % len(raw)] ^= 1 << bit
    try:
        read(written(tmp_path, "damaged.xlsx", bytes(raw[: len(raw) - cut % len(raw)])))
    except InputRefused as refused:
        assert "Traceback" not in str(refused)  # noqa: PT017
