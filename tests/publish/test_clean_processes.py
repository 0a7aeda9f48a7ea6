"""Whatever the notebook of one report changes, the next sheets are those of a run in which nothing was changed."""

import json
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell

from published_run import small_plan, written_params
from ready_process import command
from rmrp_analysis.params import NOTEBOOKS_FOLDER, SHEET_NOTEBOOK, find_shipped_folder, load_run_params
from rmrp_analysis.publish.engine.runners import is_shipped
from rmrp_analysis.publish.engine.workers import CAN_FORK

SPOILS = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
"""What the notebooks of some reports change, by the sector of the report; each name is that of one change."""
LANGUAGES, SPOILT = ["en", "es", "pt"], "es"
"""The languages of the sheets, and that of those whose notebooks change something."""
needs_fork = pytest.mark.skipif(not CAN_FORK, reason="this system has no fork")


CHANGES = [pytest.param(number, id=", ".join(spoils)) for number, spoils in enumerate(SPOILS)]


OBEY = """
import json, os
if os.environ["SPOIL"] == "yes":
    with open({code!r}) as code, open({log!r}, "a", buffering=1) as log:
        for name, change in json.load(code).get(report.id, dict()).items():
            log.write(name + chr(10))
            exec(change, globals())
"""
"""The last cell of the notebook: it does what a file has for its report, and tells so in another file."""


def notebook_that_obeys(folder: Path) -> Path:
    """The package's notebook with one cell more."""
    notebook = nbformat.read(find_shipped_folder(NOTEBOOKS_FOLDER) / SHEET_NOTEBOOK, as_version=4)
    code = OBEY.format(code=str(folder / "code.json"), log=str(folder / "log"))
    notebook.cells.append(new_code_cell(code))
    nbformat.write(nbformat.v4.upgrade(notebook), folder / "own.ipynb")
    return folder / "own.ipynb"


@dataclass
class Runs:
    """Two runs of the same reports, of which the notebooks of one change things; a log of the changes."""

    spoilt: Path
    clean: Path
    log: Path
    ids: list[str]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Two runs by the command at the same time, each with one process for all of its reports."""
    folder = tmp_path_factory.mktemp("spoilt")
    small_plan(folder / "data", rows=400)
    notebook = notebook_that_obeys(folder)
    path = written_params(folder, notebook=str(notebook), languages=LANGUAGES, formats=["html"])
    reports = load_run_params(path).reports()
    spoiling = [report.id for report in reports if report.language == SPOILT]
    (folder / "code.json").write_text(json.dumps(dict(zip(spoiling, SPOILS, strict=True))), encoding="utf-8")
    processes = []
    for spoil in ("yes", "no"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SPOIL", spoil)
            processes.append(command(folder / f"said-{spoil}", "run", path, "--out", folder / spoil, "--jobs", 1))
    for process in processes:
        process.join(300)
    return Runs(folder / "yes" / "small", folder / "no" / "small", folder / "log", [report.id for report in reports])


@needs_fork
@pytest.mark.parametrize("number", CHANGES)
def test_what_a_notebook_changes_changes_no_other_sheet(runs: Runs, number: int) -> None:
    place = number * len(LANGUAGES) + LANGUAGES.index(SPOILT)
    for report in (*runs.ids[place - 1 : place], *runs.ids[place + 1 : place + 3]):
        for suffix in ("html", "json", "csv", "xlsx", "ipynb"):
            spoilt, clean = (folder / f"{report}.{suffix}" for folder in (runs.spoilt, runs.clean))
            assert spoilt.read_bytes() == clean.read_bytes(), spoilt.name


@needs_fork
def test_notebooks_made_each_change_and_the_run_without_them_is_whole(runs: Runs) -> None:
    assert set(runs.log.read_text("utf-8").splitlines()) == {name for spoils in SPOILS for name in spoils}
    reports = json.loads((runs.clean / "run.json").read_text("utf-8"))["reports"]
    assert [report["status"] for report in reports] == ["ok"] * len(runs.ids)
    assert len(runs.ids) == len(SPOILS) * len(LANGUAGES)


def notebook_of(folder: Path, *, parameters: str = "", code: str = "", text: str = "") -> Path:
    """The package's notebook with something added to its parameters, to its code, and to its first text."""
    notebook = nbformat.read(find_shipped_folder(NOTEBOOKS_FOLDER) / SHEET_NOTEBOOK, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    cells[0].source += f"\n{parameters}"
    cells[1].source += code
    next(cell for cell in notebook.cells if cell.cell_type == "markdown").source += text
    nbformat.write(notebook, folder / "any name.ipynb")
    return folder / "any name.ipynb"


def test_a_notebook_is_the_packages_by_its_code_whatever_its_name_texts_and_parameters(tmp_path: Path) -> None:
    assert all(is_shipped(path) for path in find_shipped_folder(NOTEBOOKS_FOLDER).glob("*.ipynb"))
    assert is_shipped(notebook_of(tmp_path, text=" More.", parameters="sector = 'Health'\nrepairs = ['x']"))


@pytest.mark.parametrize(
    "added",
    [{"code": "\nx = 1"}, {"parameters": "import os"}, {"parameters": "x = print()"}, {"parameters": "a.b = 1"}],
)
def test_a_notebook_with_other_code_is_not_the_packages(added: dict[str, str], tmp_path: Path) -> None:
    assert not is_shipped(notebook_of(tmp_path, **added))
    (tmp_path / "no.ipynb").write_text("no notebook", encoding="utf-8")
    assert not is_shipped(tmp_path / "no.ipynb")
