"""Files appear whole, and open as they should in editors and spreadsheet programs."""

import csv
import io
import json
from pathlib import Path

import pytest

from rmrp_analysis.files import csv_text, write_csv, write_json, write_whole


def test_a_file_is_written_with_the_folders_above_it(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "a" / "b" / "sheet.html", "Perú")
    assert path == tmp_path / "a" / "b" / "sheet.html"
    assert path.read_bytes() == "Perú".encode()


@pytest.mark.parametrize("content", ["two\r\nlines\n", b"%PDF-1.7\r\n\x00"])
def test_not_one_byte_is_changed(tmp_path: Path, content: str | bytes) -> None:
    raw = content if isinstance(content, bytes) else content.encode()
    assert write_whole(tmp_path / "file", content).read_bytes() == raw


def test_a_file_takes_the_place_of_the_one_before_and_leaves_nothing_beside(tmp_path: Path) -> None:
    write_whole(tmp_path / "sheet.html", "a long text from before")
    write_whole(tmp_path / "sheet.html", "new")
    assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == [("sheet.html", "new")]


def test_a_reader_who_has_the_old_file_open_still_reads_the_whole_of_it(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "sheet.html", "old")
    with path.open(encoding="utf-8") as opened:
        write_whole(path, "new")
        assert opened.read() == "old"


def test_everybody_may_read_a_published_file(tmp_path: Path) -> None:
    assert write_whole(tmp_path / "sheet.html", "x").stat().st_mode & 0o777 == 0o644


def test_json_is_text_that_people_can_read(tmp_path: Path) -> None:
    path = write_json(tmp_path / "figures.json", {"platform": "Perú", "value": None})
    text = path.read_text(encoding="utf-8")
    assert text == '{\n  "platform": "Perú",\n  "value": null\n}\n'
    assert json.loads(text) == {"platform": "Perú", "value": None}


def test_csv_carries_the_mark_by_which_spreadsheet_programs_know_utf_8(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "figures.csv", ("platform", "value"), [{"platform": "Perú", "value": 5}])
    assert path.read_bytes() == b"\xef\xbb\xbf" + "platform,value\nPerú,5\n".encode()


def test_what_is_unknown_is_an_empty_cell() -> None:
    assert csv_text(("a", "b", "c"), [{"b": 0, "c": None}]) == "a,b,c\n,0,\n"


def test_a_cell_may_hold_commas_quotes_and_lines() -> None:
    text = csv_text(("a", "b"), [{"a": 'one, "two"\nthree', "b": "x"}])
    assert list(csv.reader(io.StringIO(text))) == [["a", "b"], ['one, "two"\nthree', "x"]]


def test_a_column_that_was_not_announced_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="fields not in fieldnames: 'colour'"):
        csv_text(("a",), [{"a": 1, "colour": "red"}])


def test_no_text_can_be_taken_for_a_formula_and_a_number_below_zero_is_one() -> None:
    assert csv_text(("a", "b"), [{"a": "=1+1", "b": -5}]) == "a,b\n'=1+1,-5\n"


def test_no_rows_are_a_header_alone() -> None:
    assert csv_text(("a", "b"), []) == "a,b\n"
