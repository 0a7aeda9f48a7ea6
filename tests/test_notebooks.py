"""Notebooks are clean and thin, and their parameters are those of a report."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import papermill
import pytest

from conftest import Build
from rmrp_analysis.api import load_plan
from rmrp_analysis.arguments import Period
from rmrp_analysis.errors import InputRefused, RequestError
from rmrp_analysis.params import BUNDLED_PLAN, QualityParams, ReportParams, find_shipped_folder

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
DEFINES = (ast.FunctionDef, ast.ClassDef, ast.If, ast.For, ast.While, ast.Try, ast.Lambda, ast.With)


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def parameters(path: Path) -> dict[str, object]:
    (cell,) = [cell for cell in code_cells(path) if "parameters" in cell.metadata.get("tags", [])]
    names: dict[str, object] = {}
    exec(cell.source, names)  # noqa: S102 - our own notebook
    return {name: value for name, value in names.items() if not name.startswith("__")}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_short_defines_nothing_and_is_committed_without_outputs(path: Path) -> None:
    assert [cell.outputs for cell in code_cells(path) if cell.outputs or cell.execution_count] == []
    trees = [ast.parse(cell.source) for cell in code_cells(path)]
    assert len(trees) <= 15
    assert [node for tree in trees for node in ast.walk(tree) if isinstance(node, DEFINES)] == []


@pytest.mark.parametrize(
    ("notebook", "report"),
    [("sector_key_figures", "human-trafficking-and-smuggling.en"), ("sector_in_depth", "health.en")],
)
def test_parameters_are_those_of_a_report(notebook: str, report: str) -> None:
    params = parameters(FOLDER / f"{notebook}.ipynb")
    assert list(params) == list(ReportParams.model_fields)
    assert ReportParams.model_validate(params).id == report


@pytest.mark.parametrize("notebook", ["sector_key_figures", "sector_in_depth", "data_quality"])
def test_papermill_says_what_each_parameter_is(notebook: str) -> None:
    described = papermill.inspect_notebook(FOLDER / f"{notebook}.ipynb")
    assert list(described) == list(parameters(FOLDER / f"{notebook}.ipynb"))
    assert not [name for name, about in described.items() if about["inferred_type_name"] == "None" or not about["help"]]


@pytest.mark.parametrize("period", [2021, "2021", "2021-01/2021-12", {"start": "2021-01", "end": "2021-12"}])
def test_a_period_is_read_as_papermill_gives_it(period: object) -> None:
    params = parameters(FOLDER / "sector_key_figures.ipynb") | {"period": period}
    assert ReportParams.of(params).period == Period(start="2021-01", end="2021-12")


def test_explore_notebook_runs(monkeypatch: pytest.MonkeyPatch, papermill_here: Build) -> None:
    monkeypatch.chdir(FOLDER)
    executed = papermill_here("explore.ipynb", None)
    assert "text/html" in executed.cells[-1].outputs[0].data


def by_papermill(folder: Path, *parameters: str, notebook: Path = FOLDER / "sector_key_figures.ipynb") -> str:
    """What the command says that runs the notebook from another folder; it leaves ``out.ipynb``."""
    command = [sys.executable, "-m", "papermill", str(notebook), "out.ipynb", "--no-progress-bar", *parameters]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stderr


def test_paths_are_seen_from_the_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("notebooks", "figures", "elsewhere", "elsewhere/deeper"):
        (tmp_path / name).mkdir()
    elsewhere = tmp_path / "elsewhere" / "deeper"
    (tmp_path / "figures" / "sources.yml").write_text("title: own\n", encoding="utf-8")
    shutil.copy(FOLDER / "sector_key_figures.ipynb", tmp_path / "notebooks" / "own.ipynb")
    values = parameters(FOLDER / "sector_key_figures.ipynb") | {"narratives": "", "In": []}
    monkeypatch.chdir(elsewhere)
    waits = "print(flush=True); input()"  # a process that has printed has its command line, too
    starting = [sys.executable, "-c", waits, "../../notebooks/own.ipynb", "out.ipynb"]  # as papermill is called
    with subprocess.Popen(starting, cwd=elsewhere, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as started:
        started.stdout.readline()
        monkeypatch.setattr("os.getppid", lambda: started.pid)
        assert ReportParams.of(values | {"data": "../figures"}).data == str(tmp_path / "figures")
        assert ReportParams.of(values).data == str(find_shipped_folder(BUNDLED_PLAN))
        with pytest.raises(RequestError) as refused:
            ReportParams.of(values | {"data": "../none"})
        with pytest.raises(InputRefused) as read:
            load_plan("../figures")
    said = f"data: the folder '../none' is not there, seen from {tmp_path / 'notebooks'}"
    assert said in str(refused.value)
    assert f"{tmp_path / 'figures' / 'sources.yml'}:1: 'plan' is missing" in str(read.value)


def test_an_unknown_parameter_is_told_in_the_first_cell_and_its_own_are_known(tmp_path: Path) -> None:
    said = by_papermill(tmp_path, "-p", "sektor", "Health")
    assert "RequestError: unknown parameter 'sektor'; did you mean 'sector'?" in said
    executed = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    failed = [cell for cell in executed.cells if cell.metadata.get("papermill", {}).get("exception")]
    assert ["ReportParams.of" in cell.source for cell in failed] == [True]
    values = parameters(FOLDER / "sector_key_figures.ipynb") | {"data": str(FOLDER), "narratives": "", "most": 3}
    injected = '# Parameters\nmost = 3\nsector = "Health"\n'
    assert ReportParams.of(values | {"In": ["", "sector = ''\nmost = 5", injected, "%time"]}).sector != ""
    with pytest.raises(RequestError, match="unknown parameter 'most'"):
        ReportParams.of(values | {"In": ["", "sector = ''", injected]})
    params = parameters(FOLDER / "data_quality.ipynb")
    assert list(params) == list(QualityParams.model_fields)
    assert QualityParams.model_validate(params).id == "data_quality"
