"""Whatever the format, a file's cells come as text by spreadsheet line."""

import gzip
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders import content
from rmrp_analysis.loaders.read import read, read_in_batches
from rmrp_analysis.loaders.texts import ROWS_PER_BLOCK, Fit
from rmrp_analysis.sources import Reading


def csv_file(folder: Path, text: str) -> Path:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return path


def table_in(path: Path, fit: Fit = lambda _: 0.0, reading: Reading = Reading()) -> pd.DataFrame:  # noqa: B008 - frozen
    return read(path, fit, reading).table


def refusal(path: Path) -> str:
    with pytest.raises(InputRefused) as refused:
        read(path)
    assert str(path) in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("word", ["NA", "n/a", "null", "None", "-"])
def test_a_word_that_looks_missing_stays_text(tmp_path: Path, word: str) -> None:
    assert table_in(csv_file(tmp_path, f"new,month\n{word},May\n"))["new"].to_list() == [word]


def test_headers_may_be_alike_and_stand_on_any_line_that_is_named(tmp_path: Path) -> None:
    assert list(table_in(csv_file(tmp_path, "new,new,new (2)\n1,2,3\n"))) == ["new", "new (2)", "new (2) (3)"]
    path = workbook(tmp_path / "t.xlsx", Data=[["country", "new"], ["Atlantis", 9], *TABLE])
    assert table_in(path, fit, Reading(header_row=3))["country"].to_list() == ["Peru", "Chile"]
    text = csv_file(tmp_path, "country,new\nAtlantis,9\ncountry,new\nPeru,1\n")
    assert table_in(text, fit, Reading(header_row=3))["country"].to_list() == ["Peru"]


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".xlsx", ".parquet"])
def test_every_format_gives_the_same_cells(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"table{suffix}"
    table = pd.DataFrame({"country": ["Peru", "Chile"], "new": [13, None], "share": [0.5, 1.25]})
    write = {".xlsx": table.to_excel, ".parquet": table.to_parquet}.get(suffix, table.astype({"new": "Int64"}).to_csv)
    write(path, index=False)
    assert table_in(path).to_dict("list") == {"country": ["Peru", "Chile"], "new": ["13", ""], "share": ["0.5", "1.25"]}


def test_a_file_that_is_not_there_and_a_format_that_is_not_read_are_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone.csv") == f"{tmp_path / 'gone.csv'}: there is no such file"
    (tmp_path / "old.wk1").write_bytes(b"x")
    allowed = ".csv, .csv.gz, .xlsx, .xlsm, .xlsb, .ods, .xls, .parquet, .json"
    assert refusal(tmp_path / "old.wk1").endswith(f"the format is not read; allowed: {allowed}")


def test_a_table_without_rows_cut_off_or_with_a_record_too_long_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(gzip.compress(b"country\nPeru\n" * 1000)[:-20])
    assert "cannot be read as .csv.gz" in refusal(path)
    assert refusal(csv_file(tmp_path, "country,new\n")).endswith("holds no rows below its header")
    assert refusal(csv_file(tmp_path, "")).endswith("table.csv: is empty")
    assert "line 3" in refusal(csv_file(tmp_path, "country,new\nPeru,1\nChile,2,3\n"))


def workbook(path: Path, **sheets: Sequence[Sequence[object]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


def fit(row: Sequence[str]) -> float:
    return len({"country", "new"} & set(row)) / 2


TABLE = (("country", "new"), ("Peru", 1.234), ("Chile", 5))


def test_a_sheet_must_fit_alone_hold_rows_and_be_there(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", Borrador=TABLE, Notes=[["seen"]], Final=TABLE)
    with pytest.raises(InputRefused, match=r"2 sheets hold such a table: 'Borrador', 'Final'.*`sheet: Borrador`"):
        read(path, fit)
    assert read(path, fit, Reading(sheet="Final")).sheet == "Final"
    path = workbook(tmp_path / "t.xlsx", Template=TABLE[:1], Data=TABLE)
    assert read(path, fit).sheet == "Data"
    with pytest.raises(InputRefused, match="no sheet 'Dato'; did you mean 'Data'"):
        read(workbook(tmp_path / "t.xlsx", Data=TABLE), fit, Reading(sheet="Dato"))


def test_a_number_is_known_from_a_text_and_from_a_truth_value(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", Data=[*TABLE, ("Brazil", "1.234")])
    assert {name: list(lines) for name, lines in read(path, fit).decimals.items()} == {"new": [2]}
    path = workbook(tmp_path / "t.xlsx", Data=[("country", "new"), ("Peru", True), ("Chile", 1), ("Brazil", "1")])
    assert table_in(path)["new"].to_list() == ["True", "1", "1"]


def test_texts_and_the_cells_of_a_long_workbook_keep_their_order(tmp_path: Path) -> None:
    rows = 2 * ROWS_PER_BLOCK
    path = workbook(tmp_path / "t.xlsx", Data=[TABLE[0], *(("Peru", n / 2) for n in range(rows))])
    texts = read(path, fit)
    assert texts.table["new"].to_list() == [f"{n / 2:g}" for n in range(rows)]
    assert list(texts.decimals["new"]) == list(range(3, rows + 2, 2))
    path = tmp_path / "t.parquet"
    column = pd.Categorical(["b", "a", "b"], categories=["z", "a", "b"])
    pd.DataFrame({"name": column}).to_parquet(path, index=False)
    assert list(table_in(path)["name"].array.categories) == ["b", "a"]


def test_of_a_parquet_file_that_lists_its_words_only_those_that_it_uses_are_read(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    names = [f"name {number}" for number in range(127)]  # so many that the place of an empty cell needs a larger number
    column = pd.Categorical(["name 5", None, "name 2", " name 5"], [*names, " name 5"])
    pd.DataFrame({"name": column, "kind": ["a", "b", "a", "b"]}).to_parquet(path, index=False, row_group_size=2)

    read_whole = table_in(path)["name"]
    in_parts = [texts.table["name"] for texts in read_in_batches(path, lambda _: 0.0, Reading(), rows=3)]

    assert read_whole.to_list() == ["name 5", "", "name 2", "name 5"]
    assert list(read_whole.cat.categories) == ["name 5", "", "name 2"]
    assert [list(part.cat.categories) for part in in_parts] == [["name 5", "", "name 2"], ["name 5"]]
    assert [list(part.index) for part in in_parts] == [[2, 3, 4], [5]]


def test_a_parquet_file_of_any_types_gives_texts(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    table = pa.table(
        {
            "count": pa.array([1, None, 3]), "share": pa.array([0.5, 2.0, None]), "yes": [True, None, False],
            "day": [date(2021, 1, 31)] * 3, "name": pa.array(["b ", None, "a"]).dictionary_encode(),
            "nothing": pa.nulls(3), "several": [[1, 2], None, []],
        }
    )  # fmt: skip
    pq.write_table(table, path, row_group_size=2)
    texts = read(path)
    assert texts.table.to_dict("list") == {
        "count": ["1", "", "3"],
        "share": ["0.5", "2", ""],
        "yes": ["TRUE", "", "FALSE"],
        "day": ["2021-01-31"] * 3,
        "name": ["b", "", "a"],
        "nothing": [""] * 3,
        "several": ["1, 2", "", ""],
    }
    assert {name: list(lines) for name, lines in texts.decimals.items() if len(lines)} == {"share": [2]}


@pytest.mark.parametrize("names", [["a", "a"], ["a.b", "a"], ["", "b"]])
def test_columns_of_a_parquet_file_may_have_any_names(names: list[str], tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array(["1", "2"]), pa.array(["3", "3"])], names=names), path)
    assert [list(column) for _, column in table_in(path).items()] == [["1", "2"], ["3", "3"]]


def test_a_file_of_any_size_may_shrink_to_a_thirtieth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.csv.gz"
    rows = "".join(f"{number},{number % 7}\n" for number in range(20_000))
    path.write_bytes(gzip.compress(b"country,new\n" + rows.encode()))
    monkeypatch.setattr(content, "MAX_UNPACKED_BYTES", 1000)
    assert len(table_in(path)) == 20_000
    path.write_bytes(gzip.compress(b"country,new\n" + b"1,1\n" * 20_000))
    assert "it is not unpacked" in refusal(path)
