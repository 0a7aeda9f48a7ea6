"""The page that the sheet's own notebook makes, without a kernel: its cells are run on figures at hand."""

from functools import cache
from pathlib import Path
from typing import Any

import nbformat

import rmrp_analysis as rmrp
from rmrp_analysis.page import Page

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "sector_key_figures.ipynb"


@cache
def parts_of_the_sheet() -> list[str]:
    """The cells of the notebook after the one that makes the page."""
    cells = [cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"]
    making = next(number for number, source in enumerate(cells) if "rmrp.Page(" in source)
    return cells[making + 1 :]


def page_of(figures: Any, *, cell: str = "", **options: Any) -> Page:
    """The whole sheet of a selection, or of its figures; of one cell alone, the one with this text."""
    page = Page(figures, **options)
    source = next(each for each in parts_of_the_sheet() if cell in each) if cell else "\n".join(parts_of_the_sheet())
    exec(source, {"page": page, "charts": rmrp.charts})  # noqa: S102 - our own notebook
    return page


def places_of(figures: Any, **options: Any) -> dict[str, dict[str, Any]]:
    """The views of sectors, places and their map, as far as a sheet has them."""
    blocks = page_of(figures, cell="page.place", **options).blocks
    return {block.uid: dict(block.view) for block in blocks}
