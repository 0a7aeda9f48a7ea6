"""A computer without pyarrow makes the same sheets; only a Parquet file needs it, and says so."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from published_run import files_of, small_plan, written_params
from rmrp_analysis.loaders.editions import list_editions

COMMAND = "import sys; sys.modules['pyarrow'] = None\nfrom rmrp_analysis.commands.cli import main; main()"
"""The command in a process in which nothing can import pyarrow."""


def run_without_pyarrow(params: Path, out: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", COMMAND, "run", str(params), "--out", str(out)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_sheets_and_editions_without_pyarrow_are_the_same_bytes(tmp_path: Path) -> None:
    small_plan(tmp_path / "data", rows=300)
    path = written_params(tmp_path, sectors=["Health", "Intersector"])
    command = [sys.executable, "-m", "rmrp_analysis", "run", str(path), "--out", str(tmp_path / "with")]
    subprocess.run(command, check=True, capture_output=True)
    (edition,) = list_editions(tmp_path / "data").values()
    tables = {each.name: each.read_bytes() for each in edition.iterdir()}
    shutil.rmtree(edition.parent)
    ended = run_without_pyarrow(path, tmp_path / "without")
    assert ended.returncode == 0, ended.stderr
    (edition,) = list_editions(tmp_path / "data").values()
    assert {each.name: each.read_bytes() for each in edition.iterdir()} == tables
    made, again = (files_of(tmp_path / name / "small") for name in ("with", "without"))
    assert {"health.en.html", "health.en.pdf", "intersector.en.xlsx"} <= set(made)
    assert {name for name in made | again if made.get(name) != again.get(name)} == set()


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Parquet needs pyarrow, which is not installed: pip install"),
        ("es", "Parquet necesita pyarrow, que no está instalado: pip install"),
    ],
)
def test_a_parquet_file_without_pyarrow_says_in_ones_language_what_to_install(
    language: str, sentence: str, tmp_path: Path
) -> None:
    small_plan(tmp_path / "data", rows=10)
    (tmp_path / "data" / "activities.parquet").write_bytes(b"PAR1" + bytes(100))
    sources = tmp_path / "data" / "sources.yml"
    entries = yaml.safe_load(sources.read_text("utf-8"))
    entries["activities"]["file"] = "activities.parquet"
    sources.write_text(yaml.safe_dump(entries, allow_unicode=True), encoding="utf-8")
    path = written_params(tmp_path, sectors=["Health"], languages=[language])
    ended = run_without_pyarrow(path, tmp_path / "out")
    assert ended.returncode == 3
    assert sentence in " ".join(ended.stderr.split())
    assert "pip install pyarrow" in ended.stderr
