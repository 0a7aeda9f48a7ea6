"""What a person wrote of an input stays where the input is fetched anew, and nothing else of the entry before."""

from pathlib import Path
from typing import Any

import pytest

from rmrp_analysis.fetch.entry import Fetching, read_entries, write_fetched
from rmrp_analysis.sources import BY_HAND_MARK, Source

WRITTEN: dict[str, Any] = {
    "header_row": "2",
    "numbers": "1.234,5",
    "dates": "day first",
    "empty": "0",
    "published": [{"sector": "Health", "figure": "funding_usd", "value": "5", "source": "a sheet"}],
    "other_names": {"Consultas": "H1"},
}


def fetched(content: bytes, url: str = "https://example.org/form/1") -> Fetching:
    entry = {"file": "5W.csv", "producer": "an office", "url": url, "licence": "CC0-1.0"}
    return Fetching("A plan", 2021, {"5W.csv": content}, {"activities": entry})


@pytest.mark.parametrize("key", [name for name, field in Source.model_fields.items() if BY_HAND_MARK in field.metadata])
def test_what_a_person_alone_writes_stays_as_long_as_the_place_is_the_same(key: str, tmp_path: Path) -> None:
    sources = write_fetched(fetched(b"a\n1\n"), tmp_path)
    text = sources.read_text("utf-8")
    assert f"\n  {key}:" not in text
    sources.write_text(f"{text.rstrip()}\n  {key}: {WRITTEN[key]}\n  form: of another time\n", encoding="utf-8")
    write_fetched(fetched(b"a\n2\n"), tmp_path)
    entry = read_entries(tmp_path)["activities"]
    assert (entry[key], "form" in entry) == (WRITTEN[key], False)
    write_fetched(fetched(b"a\n3\n", url="https://example.org/form/2"), tmp_path)
    assert key not in read_entries(tmp_path)["activities"]


def test_an_entry_that_is_a_text_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "sources.yml").write_text("activities: 5W.csv\n", encoding="utf-8")
    write_fetched(fetched(b"a\n1\n"), tmp_path)
    assert read_entries(tmp_path)["activities"]["file"] == "5W.csv"
