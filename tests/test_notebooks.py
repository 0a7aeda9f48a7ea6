"""Notebooks are clean and thin, and their parameters are those of a report."""

import ast
from pathlib import Path

import nbformat
import pytest

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
