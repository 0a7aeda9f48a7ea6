"""Lists of records in JSON are read as CSV would be, and what would fill the memory or is damaged is refused."""

import json
from pathlib import Path

import pytest

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders import load_table
from rmrp_analysis.loaders import read as reading_room
from rmrp_analysis.loaders.read import read
from rmrp_analysis.tables import Indicators


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "records.json"


def test_a_nested_record_has_dotted_columns_and_its_number_as_line(file: Path) -> None:
    record = {
        "_id": "c1", "country": {"Country": "Peru", "admin1": {"Name": " Lima "}}, "rmrp": True, "cva": False,
        "value": 12.0, "share": 0.5, "people": 1234567, "note": None, "none": {}, "months": ["2026-01", 2, None],
        "parts": [{"a": 1}],
    }  # fmt: skip
    file.write_text(json.dumps([record]), encoding="utf-8")
    cells = read(file).table
    assert cells.loc[1].to_dict() == {
        "_id": "c1", "country.Country": "Peru", "country.admin1.Name": "Lima", "rmrp": "TRUE", "cva": "FALSE",
        "value": "12", "share": "0.5", "people": "1234567", "note": "", "none": "", "months": "2026-01, 2,",
        "parts": '{"a": 1}',
    }  # fmt: skip
    file.write_text(json.dumps([{"a": 1}, {"b": "x"}, {}, {"a": 2}]), encoding="utf-8")
    cells = read(file).table
    assert cells.to_dict("index") == {1: {"a": "1", "b": ""}, 2: {"a": "", "b": "x"}, 4: {"a": "2", "b": ""}}


def test_a_record_is_refused_by_its_number_and_a_file_by_its_size(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = {"CODE": "A", "Sector": "Health", "Indicator": "x", "Indicator_Type": "Pin"}
    file.write_text(json.dumps([good | {"Sector": "Weather"}, good]), encoding="utf-8")
    loaded = load_table(file, Indicators, year=2021)
    assert (loaded.refused["line"].to_list(), loaded.table["source_line"].to_list()) == ([1], [2])
    monkeypatch.setattr(reading_room, "MAX_BYTES", 10)
    file.write_text('[{"a": "a long text"}]', encoding="utf-8")
    with pytest.raises(InputRefused, match="22 bytes; up to 10 are read: split the list, or save it as CSV"):
        read(file)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is empty"), ("[]", "holds no rows"), ("[{}]", "holds no rows"),
        ('{"rows": []}', "expected a list of records"), ('"text"', "expected a list of records"),
        ('[{"a": 1}, 2]', "record 2 is no record"), ('[{"a": 1}', "is damaged or something else"),
        ('[{"a": NaN}]', "NaN is no number"), ('[{"a": 1, "a": 2}]', "the field 'a' is there twice"),
        ('[{"a.b": 1, "a": {"b": 2}}]', "the field 'a.b' is there twice"),
        ('[{"a": "\\ud800"}]', "is damaged or something else"),
        (f'[{{"a": {"9" * 5000}}}]', "is damaged or something else"), ("[" * 100_000, "is damaged or something else"),
        ('[{"a": ' + "[" * 900 + "]" * 900 + "}]", "more than 8 lists lie within each other"),
        ("[" + '{"a": ' * 9 + "1" + "}" * 9 + "]", "more than 8 records lie within each other"),
        (json.dumps([{f"field {number}": 1 for number in range(501)}]), "501 different fields"),
        (json.dumps([{f"field {number}": 1} for number in range(1000)]), "501 different fields"),
    ],
)  # fmt: skip
def test_what_is_no_list_of_records_is_refused(file: Path, text: str, problem: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputRefused, match=problem):
        read(file)


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04rest", b"\x1f\x8brest", b"\xff\xfe[\x00]\x00", b'[{"a": "\xe9"}]', b"<html>"]
)
def test_what_is_another_format_or_encoding_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(InputRefused, match=r"cannot be read as \.json"):
        read(file)
