"""A data folder says what lies in it, and is held to that."""

import hashlib
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


def test_a_folder_says_what_lies_in_it(tmp_path: Path) -> None:
    sources = load_sources(write_sources(tmp_path))
    assert (sources.title, sources.plan) == ("a small plan", 2021)
    assert [name for name, _ in sources.items()] == list(NAMES)
    assert sources.funding.as_of == "2021-06-01"


def test_several_files_are_one_source(tmp_path: Path) -> None:
    several = "{files: [activities.csv, planning.csv], producer: R4V, as_of: 2021-06-01}"
    assert load_sources(write_sources(tmp_path, activities=several)).activities.names == (
        "activities.csv",
        "planning.csv",
    )


def test_data_are_real_until_they_are_called_illustrative(tmp_path: Path) -> None:
    invented = "{file: funding.csv, producer: R4V, as_of: 2021, illustrative: true}"
    sources = load_sources(write_sources(tmp_path, funding=invented))
    assert (sources.activities.illustrative, sources.funding.illustrative) == (False, True)


def test_a_checksum_that_fits_is_accepted(tmp_path: Path) -> None:
    checksum = hashlib.sha256(b"funding").hexdigest()
    described = f"{{file: funding.csv, producer: OCHA, as_of: 2021, sha256: {checksum}}}"
    folder = write_sources(tmp_path, funding=described)
    assert load_sources(folder).funding.sha256 == sha256(folder / "funding.csv") == checksum


def test_a_file_that_is_not_the_one_described_is_refused_with_its_line_and_what_to_do(tmp_path: Path) -> None:
    described = f"{{file: funding.csv, producer: OCHA, as_of: 2021, sha256: {'0' * 64}}}"
    message = refusal(write_sources(tmp_path, funding=described))
    assert message.startswith(":6: funding.csv is not the file described here (its sha256 is ")
    assert message.endswith("put the right file back, or describe the new one")


def test_a_file_that_is_not_there_is_refused_with_its_line(tmp_path: Path) -> None:
    folder = write_sources(tmp_path, planning="{file: gone.csv, producer: R4V, as_of: 2021}")
    assert refusal(folder) == f":5: planning names gone.csv, but there is no such file in {folder}"


def test_a_folder_without_a_description_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path) == ": there is no such file"


def test_a_source_that_every_figure_needs_must_be_described(tmp_path: Path) -> None:
    message = refusal(write_sources(tmp_path, indicators=""))
    assert message.startswith(":1: the file: 'indicators' is missing")
    assert "reporting template of each year" in message


def test_a_relative_path_stays_in_the_data_folder_or_beside_it(tmp_path: Path) -> None:
    folder = write_sources(tmp_path, planning="{file: ../../../etc/hostname, producer: R4V, as_of: 2021}")
    assert "leaves" in refusal(folder)


def test_planning_and_funding_may_be_left_out(tmp_path: Path) -> None:
    sources = load_sources(write_sources(tmp_path, planning="", funding=""))
    assert [name for name, _ in sources.items()] == ["activities", "indicators"]


@pytest.mark.parametrize(
    "described", ["{producer: R4V, as_of: 2021}", "{file: a, files: [b], producer: R4V, as_of: 2021}"]
)
def test_a_source_names_its_files_in_one_way(tmp_path: Path, described: str) -> None:
    assert refusal(write_sources(tmp_path, activities=described)) == ":3: activities: name either 'file' or 'files'"


def test_a_source_names_what_a_published_sheet_prints_otherwise(tmp_path: Path) -> None:
    amount = "{sector: GBV, figure: unmet_usd, value: 17100000, source: a sheet}"
    described = f"{{file: funding.csv, producer: OCHA, as_of: 2021, published: [{amount}]}}"
    (published,) = load_sources(write_sources(tmp_path, funding=described)).funding.published
    assert (published.sector, published.scope, published.value) == ("Gender-Based Violence", "region", 17_100_000)


def test_a_published_amount_of_no_sector_or_figure_is_refused(tmp_path: Path) -> None:
    amount = "{sector: Helth, figure: unmet, value: 1, source: a sheet}"
    message = refusal(write_sources(tmp_path, funding=f"{{file: funding.csv, producer: OCHA, published: [{amount}]}}"))
    assert "unknown sector 'Helth'; did you mean 'Health'?" in message
    assert "'unmet_usd'" in message
