"""The page that the sheet's own notebook makes, without a kernel: its cells are run on figures at hand."""

from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

import rmrp_analysis as rmrp
from rmrp_analysis.page import Page

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
NOTEBOOK = NOTEBOOKS / "sector_key_figures.ipynb"


@cache
def parts_of_the_sheet(notebook: str = NOTEBOOK.stem) -> list[str]:
    """The cells of the notebook after the one that makes the page."""
    path = NOTEBOOKS / f"{notebook}.ipynb"
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    making = next(number for number, source in enumerate(cells) if "rmrp.Page(" in source)
    return cells[making + 1 :]


def page_of(figures: Any, *, cell: str = "", notebook: str = NOTEBOOK.stem, **options: Any) -> Page:
    """The whole sheet of a selection, or of its figures; of one cell alone, the one with this text."""
    page, parts = Page(figures, **options), parts_of_the_sheet(notebook)
    source = next(each for each in parts if cell in each) if cell else "\n".join(parts)
    names = {"rmrp": rmrp, "charts": rmrp.charts, "page": page, "selection": figures, "report": page}
    exec(source, names)  # noqa: S102 - our own notebook
    return page


def add_cell(path: Path, code: str) -> None:
    """Put a cell into a notebook of a sheet where it has its parameters."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(4, new_code_cell(code))
    nbformat.write(notebook, path)


def showing(*shown: Any) -> NotebookNode:
    """A notebook that shows pages, blocks or figures, one a cell, as JupyterLab saves it."""
    outputs = [new_output("display_data", each._repr_mimebundle_()) for each in shown]
    return new_notebook(cells=[new_code_cell(outputs=[output]) for output in outputs])


def places_of(figures: Any, **options: Any) -> dict[str, dict[str, Any]]:
    """The views of sectors, places and their map, as far as a sheet has them."""
    blocks = page_of(figures, cell="page.place", **options).blocks
    return {block.uid: dict(block.view) for block in blocks}
