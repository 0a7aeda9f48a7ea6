"""Notebooks are clean and thin, and their parameters are those of a report."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from rmrp_analysis import theme
from rmrp_analysis.errors import RequestError
from rmrp_analysis.params import QualityParams, ReportParams

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
DEFINES = (ast.FunctionDef, ast.ClassDef, ast.If, ast.For, ast.While, ast.Try, ast.Lambda, ast.With)


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    """The notebook's code cells."""
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def parameters(path: Path) -> dict[str, object]:
    """The values of the cell tagged ``parameters``."""
    (cell,) = [cell for cell in code_cells(path) if "parameters" in cell.metadata.get("tags", [])]
    names: dict[str, object] = {}
    exec(cell.source, names)  # noqa: S102 - our own notebook
    names.pop("__builtins__")
    return names


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook_is_committed_without_outputs(path: Path) -> None:
    assert [cell.outputs for cell in code_cells(path) if cell.outputs or cell.execution_count] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook_has_at_most_fifteen_code_cells_and_defines_nothing(path: Path) -> None:
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


def test_quality_notebook_parameters_are_its_own() -> None:
    params = parameters(FOLDER / "data_quality.ipynb")
    assert list(params) == list(QualityParams.model_fields)
    assert QualityParams.model_validate(params).id == "data_quality"


def test_explore_notebook_runs(tmp_path: Path) -> None:
    import papermill

    executed = papermill.execute_notebook(
        FOLDER / "explore.ipynb",
        tmp_path / "explore.ipynb",
        progress_bar=False,
        resources={"metadata": {"path": str(FOLDER)}},
    )
    assert "text/html" in executed.cells[-1].outputs[0].data


def by_papermill(folder: Path, *parameters: str, notebook: Path = FOLDER / "sector_key_figures.ipynb") -> str:
    """What the command says that runs the notebook from another folder; it leaves ``out.ipynb``."""
    command = [sys.executable, "-m", "papermill", str(notebook), "out.ipynb", "--no-progress-bar", *parameters]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stderr


def test_plain_papermill_runs_a_notebook_from_any_folder(tmp_path: Path) -> None:
    by_papermill(tmp_path, "-p", "sector", "Health")
    executed = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert executed.metadata.papermill.exception is None
    assert any(theme.FIGURES_MIME in output.get("data", {}) for output in executed.cells[-1].outputs)


def test_paths_are_seen_from_the_notebook(tmp_path: Path) -> None:
    for name in ("notebooks", "figures", "elsewhere", "elsewhere/deeper"):
        (tmp_path / name).mkdir()
    (tmp_path / "figures" / "sources.yml").write_text("title: own\n", encoding="utf-8")
    elsewhere = tmp_path / "elsewhere" / "deeper"
    own = shutil.copy(FOLDER / "sector_key_figures.ipynb", tmp_path / "notebooks")
    said = by_papermill(elsewhere, "-p", "data", "../figures", "-p", "narratives", "", notebook=Path(own))
    assert f"InputRefused: {tmp_path / 'figures' / 'sources.yml'}:1: 'plan' is missing" in said
    said = by_papermill(elsewhere, "-p", "data", "../none", notebook=Path(own))
    assert f"data: the data folder '../none' is not there, seen from {tmp_path / 'notebooks'}" in said


def test_an_unknown_parameter_is_told_in_the_first_cell(tmp_path: Path) -> None:
    said = by_papermill(tmp_path, "-p", "sektor", "Health")
    assert "RequestError: unknown parameter 'sektor'; did you mean 'sector'?" in said
    executed = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    failed = [cell for cell in executed.cells if cell.metadata.get("papermill", {}).get("exception")]
    assert ["ReportParams.of" in cell.source for cell in failed] == [True]


def test_a_parameter_of_the_notebook_itself_is_known() -> None:
    values = parameters(FOLDER / "sector_key_figures.ipynb") | {"data": str(FOLDER), "narratives": "", "most": 3}
    injected = '# Parameters\nmost = 3\nsector = "Health"\n'
    assert ReportParams.of(values | {"In": ["", "sector = ''\nmost = 5", injected, "%time"]}).sector != ""
    with pytest.raises(RequestError, match="unknown parameter 'most'"):
        ReportParams.of(values | {"In": ["", "sector = ''", injected]})
