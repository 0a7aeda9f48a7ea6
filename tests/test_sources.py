"""A data folder says what lies in it, and is held to that."""

import hashlib
import re
from pathlib import Path

import pytest

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.sources import load_sources, sha256

NAMES = ("activities", "indicators", "planning", "funding")


def write_sources(folder: Path, **described: str) -> Path:
    for name in NAMES:
        (folder / f"{name}.csv").write_text(name, encoding="utf-8")
    entries = {name: f"{{file: {name}.csv, producer: R4V, as_of: 2021-06-01}}" for name in NAMES} | described
    lines = ["title: a small plan", "plan: 2021", *(f"{name}: {text}" for name, text in entries.items() if text)]
    (folder / "sources.yml").write_text("\n".join(lines), encoding="utf-8")
    return folder


def refusal(folder: Path) -> str:
    with pytest.raises(InputRefused) as refused:
        load_sources(folder)
    return str(refused.value).removeprefix(f"{folder / 'sources.yml'}")


def test_a_folder_says_what_lies_in_it_and_a_checksum_that_fits_is_accepted(tmp_path: Path) -> None:
    several = "{files: [activities.csv, planning.csv], producer: R4V, as_of: 2021-06-01, illustrative: true}"
    sources = load_sources(write_sources(tmp_path, activities=several))
    assert (sources.title, sources.plan) == ("a small plan", 2021)
    assert [name for name, _ in sources.items()] == list(NAMES)
    assert sources.activities.names == ("activities.csv", "planning.csv")
    assert (sources.activities.illustrative, sources.funding.illustrative) == (True, False)
    assert sources.funding.as_of == "2021-06-01"
    checksum = hashlib.sha256(b"funding").hexdigest()
    described = f"{{file: funding.csv, producer: OCHA, as_of: 2021-06-01, sha256: {checksum}}}"
    folder = write_sources(tmp_path, funding=described)
    assert load_sources(folder).funding.sha256 == sha256(folder / "funding.csv") == checksum
    amount = "{sector: GBV, figure: unmet_usd, value: 17100000, source: a sheet}"
    described = f"{{file: funding.csv, producer: OCHA, as_of: 2021-06-01, published: [{amount}]}}"
    (published,) = load_sources(write_sources(tmp_path, funding=described)).funding.published
    assert (published.sector, published.scope, published.value) == ("Gender-Based Violence", "region", 17_100_000)


OTHER_FILE = f"file: funding.csv, sha256: {'0' * 64}"
AMOUNT = "file: funding.csv, published: [{sector: Helth, figure: unmet, value: 1, source: a sheet}]"


@pytest.mark.parametrize(
    ("name", "described", "said"),
    [
        ("funding", OTHER_FILE, r"^:6: funding\.csv is not the file described here \(its sha256 is "),
        ("funding", OTHER_FILE, "; put the right file back, or describe the new one$"),
        ("planning", "file: gone.csv", r"^:5: planning names gone\.csv, but there is no such file in "),
        ("planning", "file: ../../../etc/hostname", "leaves"),
        ("activities", "licence: CC0", "^:3: activities: name either 'file' or 'files'$"),
        ("activities", "file: a, files: [b]", "^:3: activities: name either 'file' or 'files'$"),
        ("funding", AMOUNT, "unknown sector 'Helth'; did you mean 'Health'"),
        ("funding", AMOUNT, "'unmet_usd'"),
    ],
)
def test_what_does_not_hold_is_refused_with_its_line(tmp_path: Path, name: str, described: str, said: str) -> None:
    entry = f"{{{described}, producer: R4V, as_of: 2021-06-01}}" if described else ""
    assert re.search(said, refusal(write_sources(tmp_path, **{name: entry})), re.DOTALL)


def test_a_description_is_needed_but_not_of_planning_and_funding(tmp_path: Path) -> None:
    assert refusal(tmp_path).startswith(": there is no such file; ")
    sources = load_sources(write_sources(tmp_path, planning="", funding=""))
    assert [name for name, _ in sources.items()] == ["activities", "indicators"]
