"""The page that the sheet's own notebook makes, without a kernel: its cells are run on figures at hand."""

from functools import cache
from pathlib import Path
from typing import Any

import nbformat

import rmrp_analysis as rmrp
from rmrp_analysis.page import Page

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "sector_key_figures.ipynb"


@cache
def parts_of_the_sheet() -> str:
    """The cells of the notebook after the one that makes the page."""
    cells = [cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"]
    making = next(number for number, source in enumerate(cells) if "rmrp.Page(" in source)
    return "\n".join(cells[making + 1 :])


def page_of(figures: Any, **options: Any) -> Page:
    """The whole sheet of a selection, or of its figures."""
    page = Page(figures, **options)
    exec(parts_of_the_sheet(), {"page": page, "rmrp": rmrp})  # noqa: S102 - our own notebook
    return page
