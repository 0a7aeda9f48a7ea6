"""Files appear whole, and open as they should in editors and spreadsheet programs."""

import csv
import io
import json
from pathlib import Path

import pytest

from rmrp_analysis.files import csv_text, json_text, write_csv, write_json, write_whole


def test_a_file_is_written_whole_in_place_of_the_one_before(tmp_path: Path) -> None:
    write_whole(tmp_path / "sheet.html", "a long text from before")
    write_whole(tmp_path / "sheet.html", "new")
    assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == [("sheet.html", "new")]
    path = write_whole(tmp_path / "sheet.html", "old")
    with path.open(encoding="utf-8") as opened:
        write_whole(path, "new")
        assert opened.read() == "old"
    assert write_whole(tmp_path / "sheet.html", "x").stat().st_mode & 0o777 == 0o644
    path = write_whole(tmp_path / "a" / "b" / "sheet.html", "Perú")
    assert path == tmp_path / "a" / "b" / "sheet.html"
    assert path.read_bytes() == "Perú".encode()


@pytest.mark.parametrize("content", ["two\r\nlines\n", b"%PDF-1.7\r\n\x00"])
def test_not_one_byte_is_changed(tmp_path: Path, content: str | bytes) -> None:
    raw = content if isinstance(content, bytes) else content.encode()
    assert write_whole(tmp_path / "file", content).read_bytes() == raw


def test_json_and_csv_open_as_they_should_and_know_their_columns(tmp_path: Path) -> None:
    path = write_json(tmp_path / "figures.json", {"platform": "Perú", "value": None})
    text = path.read_text(encoding="utf-8")
    assert text == '{\n  "platform": "Perú",\n  "value": null\n}\n'
    assert json.loads(text) == {"platform": "Perú", "value": None}
    path = write_csv(tmp_path / "figures.csv", ("platform", "value"), [{"platform": "Perú", "value": 5}])
    assert path.read_bytes() == b"\xef\xbb\xbf" + "platform,value\nPerú,5\n".encode()
    assert csv_text(("a", "b", "c"), [{"b": 0, "c": None}]) == "a,b,c\n,0,\n"
    text = csv_text(("a", "b"), [{"a": 'one, "two"\nthree', "b": "x"}])
    assert list(csv.reader(io.StringIO(text))) == [["a", "b"], ['one, "two"\nthree', "x"]]
    assert csv_text(("a", "b"), [{"a": "=1+1", "b": -5}]) == "a,b\n'=1+1,-5\n"
    assert csv_text(("a",), [{"a": "5\x1b[31m\u202e"}]) == "a\n5\\u001b[31m\\u202e\n"
    assert json_text({"a": "5\x1b\x9b\u202e"}, 0) == '{\n"a": "5\\u001b\\u009b\\u202e"\n}\n'
    assert csv_text(("a", "b"), []) == "a,b\n"
    with pytest.raises(ValueError, match="fields not in fieldnames: 'colour'"):
        csv_text(("a",), [{"a": 1, "colour": "red"}])
