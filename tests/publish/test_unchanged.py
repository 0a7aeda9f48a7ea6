"""Nothing is made twice: runs that would make nothing new, reports that follow from nothing new."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from made_reports import without_notebooks
from published_run import rmrp, small_plan, written_params
from rmrp_analysis.metrics import rounding_key
from rmrp_analysis.params import NOTEBOOKS_FOLDER, SHEET_NOTEBOOK, find_shipped_folder
from rmrp_analysis.publish.engine import runners
from rmrp_analysis.publish.run import batch

BOTH = {"health.en", "wash.en"}
Run = Callable[..., dict[str, str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small plan, whose checksums are not checked, with two sheets, each with a text of its author."""
    small_plan(tmp_path / "data", rows=60)
    shutil.copy(find_shipped_folder(NOTEBOOKS_FOLDER) / SHEET_NOTEBOOK, tmp_path / "notebook.ipynb")
    (tmp_path / "narratives").mkdir()
    for sector in ("health", "wash"):
        (tmp_path / "narratives" / f"{sector}.en.md").write_text("# Situation\n\nA text.\n", encoding="utf-8")
    written_params(tmp_path, notebook="notebook.ipynb", narratives="narratives", sectors=["Health", "WASH"])
    return tmp_path


@pytest.fixture
def run(project: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the project by the command line; returns the status of each report."""
    monkeypatch.setattr(runners, "COMMAND_RUNNER", without_notebooks)

    def status(*options: str) -> dict[str, str]:
        assert rmrp("run", project / "params.yml", "--out", project / "reports", *options) == 0
        reports = json.loads((project / "reports" / "small" / "run.json").read_text("utf-8"))["reports"]
        return {report["id"]: report["status"] for report in reports}

    return status


def not_prepared(*_: object, **__: object) -> None:
    pytest.fail("the data were read")


def contents(project: Path) -> dict[str, bytes]:
    """The content of every file of a run but its account."""
    return {path.name: path.read_bytes() for path in (project / "reports" / "small").iterdir() if path.stem != "run"}


def test_a_run_that_would_make_nothing_new_reads_no_data_and_changes_nothing_but_its_account(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run() == dict.fromkeys(BOTH, "ok")
    before = contents(project)
    with monkeypatch.context() as patch:
        patch.setattr("rmrp_analysis.publish.run.parallel_preparation.prepare_run_in_parallel", not_prepared)
        for _ in range(2):
            assert run() == dict.fromkeys(BOTH, "unchanged")
            assert contents(project) == before
    assert "sheets unchanged: 2\n" in capsys.readouterr().err
    change(project / "params.yml", "run: small", "run: other")
    assert rmrp("run", project / "params.yml", "--out", project / "reports") == 0
    change(project / "params.yml", "run: other", "run: small")
    with monkeypatch.context() as patch:
        patch.setattr(batch, "render", not_prepared)
        assert run() == dict.fromkeys(BOTH, "unchanged")  # another run beside it changes nothing
    assert run("--force") == dict.fromkeys(BOTH, "ok")


CHANGES: dict[str, tuple[Callable[[Path], object], set[str]]] = {
    "a text": (lambda folder: add(folder / "narratives" / "wash.en.md", "\nMore.\n"), {"wash.en"}),
    "a text of another report": (lambda folder: add(folder / "narratives" / "wash.es.md", "Más.\n"), set()),
    "a text of no report": (lambda folder: add(folder / "narratives" / "notes.md", "More.\n"), BOTH),
    "the notebook": (lambda folder: add(folder / "notebook.ipynb", "\n"), BOTH),
    "the title": (lambda folder: change(folder / "params.yml", "Key figures", "Figures"), BOTH),
    "an input": (lambda folder: add(folder / "data" / "implementing_partners.csv", "\n"), BOTH),
    "the account of the data": (lambda folder: add(folder / "data" / "sources.yml", "\n# a remark\n"), set()),
    "a file of the run": (lambda folder: add(folder / "reports" / "small" / "wash.en.pdf", "x"), {"wash.en"}),
    "a file that is gone": (lambda folder: (folder / "reports" / "small" / "wash.en.csv").unlink(), {"wash.en"}),
    "a file that is new": (lambda folder: add(folder / "reports" / "small" / "mine.txt", "x"), set()),
    "the index": (lambda folder: add(folder / "reports" / "small" / "index.html", "x"), set()),
    "the rounding key": (lambda folder: add(folder / rounding_key.KEY_FILE, "a secret, not the pack's name"), BOTH),
}
"""What may change, and the reports that are then made again."""


def test_what_changed_is_made_again_and_nothing_else(project: Path, run: Run) -> None:
    run()
    files = set(contents(project))
    made = {}
    for what, (change_it, _) in CHANGES.items():
        change_it(project)
        made[what] = {name for name, status in run().items() if status == "ok"}
        assert set(contents(project)) == files, what
        assert set(run().values()) == {"unchanged"}, what
    assert made == {what: reports for what, (_, reports) in CHANGES.items()}


def add(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def change(path: Path, before: str, after: str) -> None:
    path.write_text(path.read_text("utf-8").replace(before, after), encoding="utf-8")
