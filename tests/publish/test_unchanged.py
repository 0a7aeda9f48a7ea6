"""Nothing is made twice: runs that would make nothing new, reports that follow from nothing new."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from made_reports import unrun
from rmrp_analysis.commands.cli import main
from rmrp_analysis.commands.sample import write_sample
from rmrp_analysis.figures import rounding_key
from rmrp_analysis.params import NOTEBOOKS, SHEET_NOTEBOOK, ReportParams, shipped_folder
from rmrp_analysis.publish.engine import ways
from rmrp_analysis.publish.engine.ways import Work
from rmrp_analysis.publish.run import batch
from rmrp_analysis.publish.run.report import Report

PARAMS = """\
run: small
title: Key figures
plan: 2021
period: {start: 2021-01, end: 2021-12}
data: data
notebook: notebook.ipynb
narratives: narratives
sectors: [Health, WASH]
method: {}
"""
Run = Callable[..., dict[str, str]]


def sheets(work: Work) -> Iterator[tuple[ReportParams, Report]]:
    """Reports without notebooks: their fingerprints are all that they say."""
    fingerprints = work.make.keywords["rendering"].fingerprints
    for report in work.tasks:
        identity = {"id": report.id, "audience": report.audience}
        yield report, unrun(report, **identity, fingerprint=fingerprints[report.id], warnings=[])


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small plan, whose checksums are not checked."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder / "data", rows=60, seed=7)
    sources = folder / "data" / "sources.yml"
    kept = [line for line in sources.read_text("utf-8").splitlines() if "sha256:" not in line]
    sources.write_text("\n".join(kept), encoding="utf-8")
    return folder


@pytest.fixture
def project(sample: Path, tmp_path: Path) -> Path:
    """A project with two sheets, each with a text of its author."""
    shutil.copytree(sample / "data", tmp_path / "data")
    shutil.copy(shipped_folder(NOTEBOOKS) / SHEET_NOTEBOOK, tmp_path / "notebook.ipynb")
    (tmp_path / "narratives").mkdir()
    for sector in ("health", "wash"):
        (tmp_path / "narratives" / f"{sector}.en.md").write_text("# Situation\n\nA text.\n", encoding="utf-8")
    (tmp_path / "params.yml").write_text(PARAMS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(project: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the project by the command line; returns the status of each report."""
    monkeypatch.setattr(ways, "OWN_WAY", sheets)

    def status(*options: str) -> dict[str, str]:
        command = ["rmrp", "run", str(project / "params.yml"), "--out", str(project / "reports"), *options]
        monkeypatch.setattr(sys, "argv", command)
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
        reports = json.loads((project / "reports" / "small" / "run.json").read_text("utf-8"))["reports"]
        return {report["id"]: report["status"] for report in reports}

    return status


def not_prepared(*_: object, **__: object) -> None:
    """Takes the place of what must not be called."""
    pytest.fail("the data were read")


def contents(folder: Path) -> dict[str, bytes]:
    """The content of every file of a run but its account."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "run.json"}


def test_a_run_that_would_make_nothing_new_reads_no_data_and_changes_nothing_but_its_account(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run() == {"health.en": "ok", "wash.en": "ok"}
    before = contents(project / "reports" / "small")
    monkeypatch.setattr("rmrp_analysis.publish.run.preparation.started_run", not_prepared)
    for _ in range(2):
        assert run() == {"health.en": "unchanged", "wash.en": "unchanged"}
        assert contents(project / "reports" / "small") == before
    assert "unchanged: 2 of 2 reports" in capsys.readouterr().err


CHANGES: dict[str, tuple[Callable[[Path], object], set[str]]] = {
    "a text": (lambda folder: add(folder / "narratives" / "wash.en.md", "\nMore.\n"), {"wash.en"}),
    "a text of another report": (lambda folder: add(folder / "narratives" / "wash.es.md", "Más.\n"), set()),
    "a text of no report": (
        lambda folder: add(folder / "narratives" / "notes.md", "More.\n"),
        {"health.en", "wash.en"},
    ),
    "the notebook": (lambda folder: add(folder / "notebook.ipynb", "\n"), {"health.en", "wash.en"}),
    "the title": (lambda folder: change(folder / "params.yml", "Key figures", "Figures"), {"health.en", "wash.en"}),
    "an input": (lambda folder: add(folder / "data" / "implementing_partners.csv", "\n"), {"health.en", "wash.en"}),
    "the account of the data": (lambda folder: add(folder / "data" / "sources.yml", "\n# a remark\n"), set()),
    "a file of the run": (lambda folder: add(folder / "reports" / "small" / "wash.en.pdf", "x"), {"wash.en"}),
    "a file that is gone": (lambda folder: (folder / "reports" / "small" / "wash.en.csv").unlink(), {"wash.en"}),
    "a file that is new": (lambda folder: add(folder / "reports" / "small" / "mine.txt", "x"), set()),
    "the index": (lambda folder: add(folder / "reports" / "small" / "index.html", "x"), set()),
}
"""What may change, and the reports that are then made again."""


@pytest.mark.parametrize("what", CHANGES)
def test_what_changed_is_made_again_and_nothing_else(what: str, project: Path, run: Run) -> None:
    run()
    before = contents(project / "reports" / "small")
    change_it, made = CHANGES[what]
    change_it(project)
    statuses = run()
    assert {name for name, status in statuses.items() if status == "ok"} == made
    if what in ("a file of the run", "a file that is gone", "a file that is new", "the index"):
        assert set(contents(project / "reports" / "small")) == set(before)
    assert set(run().values()) == {"unchanged"}


def test_another_run_beside_it_changes_nothing(project: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    change(project / "params.yml", "run: small", "run: other")
    run()
    change(project / "params.yml", "run: other", "run: small")
    monkeypatch.setattr(batch, "render", not_prepared)
    assert set(run().values()) == {"unchanged"}


def test_another_rounding_key_makes_a_sheet_again(project: Path, run: Run) -> None:
    run()
    (project / rounding_key.KEY_FILE).write_text("another secret than the pack's name", encoding="utf-8")
    assert set(run().values()) == {"ok"}


def test_force_makes_everything_again(run: Run) -> None:
    run()
    assert run("--force") == {"health.en": "ok", "wash.en": "ok"}


def add(path: Path, text: str) -> None:
    """Write more into a file."""
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def change(path: Path, before: str, after: str) -> None:
    """Write something else into a file."""
    path.write_text(path.read_text("utf-8").replace(before, after), encoding="utf-8")
