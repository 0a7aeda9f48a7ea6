"""A report made for nothing, so that the processes forked afterwards find fonts, words, maps, templates ready."""

import random
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
from matplotlib import rc_context
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from rmrp_analysis import theme
from rmrp_analysis.page.drawings import keep_map
from rmrp_analysis.params import EXECUTED, NOTEBOOKS, SHEET_NOTEBOOK, ReportParams, shipped_folder
from rmrp_analysis.publish.documents.data_files import data_csv, data_workbook
from rmrp_analysis.publish.documents.html import html_page
from rmrp_analysis.publish.documents.outputs import read_document
from rmrp_analysis.publish.documents.pdf import fonts
from rmrp_analysis.publish.engine.remote_paths import placed
from rmrp_analysis.vocabulary import INTERSECTOR, REGION, WITHOUT_PEOPLE

MANY = 4
"""Reports of a place that are worth a map made ahead."""


def rehearse(reports: Sequence[ReportParams]) -> None:
    """Run the code of the shipped notebook on one of these reports, here, and make all its files but the PDF.

    Nothing is kept but what libraries and this package remember, and the ground of the maps that many reports have.
    Typst compiles nothing and no thread is started, since a fork would wait for either for ever. The state of random
    numbers and the settings of Matplotlib are as before. Raises what the notebook raises.
    """
    report = next((each for each in reports if each.sector not in (INTERSECTOR, *WITHOUT_PEOPLE)), reports[0])
    states = random.getstate(), np.random.get_state()
    with rc_context(), ExitStack() as at_end:
        at_end.callback(random.setstate, states[0])
        at_end.callback(np.random.set_state, states[1])
        warm_up()
        cells = [cell for cell in _sheet_notebook().cells if cell.cell_type == "code"]
        lines = [cell.source for cell in cells if "parameters" not in cell.metadata.get("tags", ())]
        names = {**report.model_dump(mode="json"), "data": str(placed(Path(report.data))), EXECUTED: []}
        exec(compile("\n".join(lines), SHEET_NOTEBOOK, "exec"), names)  # noqa: S102 - our own
        page = names["page"]
        figures = page.figures()
        data_workbook(figures.tables)
        data_csv(figures.tables)
        shown = new_output("display_data", page._repr_mimebundle_())
        document = read_document(new_notebook(cells=[new_code_cell(outputs=[shown])]))
        html_page(document)
        theme.typst_source(document.sheets)
        places = Counter(each.place for each in reports)
        for place, count in places.items():
            if count >= MANY:
                keep_map(place)


def warm_up() -> None:
    """Make ready what every report needs, and no plan: what runs cells, templates, fonts, the map of the region."""
    from rmrp_analysis.publish.engine import shell  # noqa: F401

    theme.keep_templates()
    fonts()
    keep_map(REGION)
    _sheet_notebook()


@cache
def _sheet_notebook() -> NotebookNode:
    """The notebook of a sheet as the package has it; it is checked as it is read."""
    return nbformat.read(shipped_folder(NOTEBOOKS) / SHEET_NOTEBOOK, as_version=4)
