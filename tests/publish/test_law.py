"""On a public page no exporter shows exact counts of people, whoever calls it; it names the cell and what to write."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from published_run import small_plan
from rmrp_analysis.errors import ReportFailed
from rmrp_analysis.publish.documents.exporters import SheetHTMLExporter

SETTING = """import rmrp_analysis as rmrp
import seaborn as sns
from IPython.display import HTML, Markdown, display
health = rmrp.load_plan("data").select("Health", place="Peru", method={{"rounding": {base}}})
reached = health.people_reached()
page = rmrp.Page(health, audience="{audience}")
page.opening()"""
STOPPED = (
    'display(reached.by("month"))',
    'reached.by("admin1", "month").unstack()',
    "reached",
    "health.figures()",
    'print(reached.by("admin1").reset_index())',
    'print(reached.by("admin1").to_string())',
    'HTML(reached.by("month").to_frame().to_html())',
    'Markdown(reached.by("month").to_frame().to_markdown())',
    'reached.by("month").to_frame().style',
    'sns.barplot(reached.by("admin1").reset_index(), x="people_reached", y="admin1")',
    'sns.heatmap(reached.by("admin1", "month").unstack())',
    'rmrp.charts.bars(reached.by("admin1"))',
    'health.activities.groupby("month", observed=True).agg(People=("new_beneficiaries", "sum"))',
    'health.plan.activities.groupby("country", observed=True)["new_beneficiaries"].sum()',
)
SHOWN = (
    'page.table("people_reached", "admin1").reset_index()',
    'page.table("people_reached", "admin1", "month")["value"].unstack()',
    'page.table("people_reached", "admin1").reset_index().sort_values("value")',
    'sns.barplot(page.table("people_reached", "admin1").reset_index(), x="value", y="admin1")',
    'page.table("people_reached", "platform")["value"] / page.table("target", "platform")["value"]',
    '(100 * reached.by("month") / reached.total).round()',
    'health.funding().by("organisation") / reached.by("organisation")',
    'reached.by("month").to_excel("own.xlsx")\nprint("43 people met")',
)


NOTEBOOKS = {
    "stopped": ("public", 10, STOPPED),
    "shown": ("public", 10, SHOWN),
    "internal": ("internal", 10, STOPPED[:1]),
    "exact": ("public", 0, STOPPED[:1]),
}
"""The audience, the base of rounding and the cells of each notebook."""


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of notebooks with a page and these cells, after JupyterLab's own program ran them."""
    folder = tmp_path_factory.mktemp("law")
    small_plan(folder / "data", rows=600)
    for name, (audience, base, cells) in NOTEBOOKS.items():
        codes = (SETTING.format(audience=audience, base=base), *cells)
        notebook = new_notebook(cells=[new_markdown_cell("# Health"), *map(new_code_cell, codes)])
        nbformat.write(notebook, folder / f"{name}.ipynb")
    files = [f"{name}.ipynb" for name in NOTEBOOKS]
    command = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", *files]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


def read(folder: Path, name: str) -> nbformat.NotebookNode:
    return nbformat.read(folder / f"{name}.ipynb", as_version=4)


def test_every_way_to_show_exact_counts_stops_the_export(executed: Path, tmp_path: Path) -> None:
    notebook = read(executed, "stopped")
    nbformat.write(notebook, tmp_path / "own.ipynb")
    with pytest.raises(ReportFailed, match=r"page\.table\(…\), which rounds them, or make the page for an int") as why:
        SheetHTMLExporter().from_notebook_node(notebook)
    assert re.findall(r"cell \[(\d+)\]", str(why.value)) == [str(number + 2) for number in range(len(STOPPED))]
    for format_ in ("rmrp_html", "rmrp_pdf"):
        command = [sys.executable, "-m", "nbconvert", "--to", format_, "own.ipynb"]
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ended.returncode == 1
        assert 'in cell [2] (display(reached.by("month")))' in ended.stderr.splitlines()[-1]
    assert not [*tmp_path.glob("*.html"), *tmp_path.glob("*.pdf")]
    for cell in notebook.cells[2:]:
        cell.metadata["tags"] = ["lab-only"]
    SheetHTMLExporter().from_notebook_node(notebook)
    notebook.cells[2].metadata["tags"] = []
    notebook.cells[2].execution_count = None
    with pytest.raises(ReportFailed, match=r"code cell 2 \(display"):
        SheetHTMLExporter().from_notebook_node(notebook)


def test_rounded_tables_and_rates_are_shown_without_a_word(executed: Path) -> None:
    _, resources = SheetHTMLExporter().from_notebook_node(read(executed, "shown"))
    assert [warning for warning in resources["rmrp"].warnings if "of its own" in warning] == []


@pytest.mark.parametrize("name", ["internal", "exact"])
def test_an_internal_page_and_one_of_exact_counts_show_them(executed: Path, name: str) -> None:
    html, _ = SheetHTMLExporter().from_notebook_node(read(executed, name))
    assert "2021-05" in html
