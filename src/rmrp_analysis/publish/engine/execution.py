"""Runs a notebook with parameters in this process, by papermill's engine ``rmrp``, and says why it failed."""

import logging
import sys
from contextlib import chdir
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from papermill.engines import papermill_engines
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from rmrp_analysis.errors import ReportFailed, RmrpError
from rmrp_analysis.params import QualityParams, ReportParams
from rmrp_analysis.plan import drop_results
from rmrp_analysis.publish.engine.output_limits import MAX_ERROR_CHARACTERS, cut_outputs
from rmrp_analysis.publish.engine.privacy import remove_folders
from rmrp_analysis.publish.engine.remote_paths import resolve_path
from rmrp_analysis.publish.engine.workers import Limits, TaskFailed
from rmrp_analysis.theme import FIGURES_CELL_TAG
from rmrp_analysis.words import N_

PAPERMILL_ENGINE_NAME = "rmrp"
"""The papermill engine that runs the cells (see ``papermill_engine``)."""
KERNEL_NAME = "python3"
"""The kernel that an executed notebook names, though no kernel was started."""
LIBRARY_FOLDER_NAMES = ("site-packages", "dist-packages")
"""The names of folders on ``sys.path`` that hold installed libraries."""
FIGURES_CELL_CODE = "import rmrp_analysis.page\n\nrmrp_analysis.page.figures_of(globals())"
"""The code of the last cell, which a run adds. It shows the figures for the files beside the page."""

CELL_FAILED_REASON = N_("A step of its notebook ended with an error.")
CONTENT_REFUSED_REASON = N_("Its texts or its data are not as they should be.")
"""For errors of this package in texts or data."""
NOTEBOOK_UNREADABLE_REASON = N_("Its notebook could not be read or started.")
PROCESS_DIED_REASON = N_(
    "The program that calculates it ended early, two times. Perhaps the computer has too little memory."
)
TOO_LONG_REASON = N_("It took longer than {seconds} seconds, which is the limit for one report.")
TOO_LARGE_REASON = N_("It needed more memory than {memory} MiB, which is the limit for one report.")

for _name in ("papermill", "asyncio"):  # the result already has their messages on a failed notebook
    logging.getLogger(_name).addHandler(logging.NullHandler())


def run_notebook(params: ReportParams | QualityParams, notebook: Path) -> NotebookNode:
    """Run a notebook with these parameters in its own folder and return it with outputs and errors.

    A report gets a last cell that shows its figures. Outputs are cut to the limits (see ``output_limits``). An error in
    a cell raises nothing. While it runs, its folder is the current one and stands on ``sys.path``. Afterwards its
    variables, figures and the results computed from its plan are dropped. On another computer, its parameters get the
    paths of that computer (see ``remote_paths``). Raises ``ReportFailed`` if the notebook cannot be read or prepared.
    """
    from rmrp_analysis.publish.engine.shell import leave_notebook

    content, notebook = params.model_dump(mode="json"), resolve_path(notebook)
    content |= {name: str(resolve_path(Path(content[name]))) for name in ("data", "narratives") if content.get(name)}
    try:
        source = load_notebook_node(str(notebook))
        prepared = parameterize_notebook(source, content, kernel_name=KERNEL_NAME, language="python")
        if isinstance(params, ReportParams):
            prepared.cells.append(
                new_code_cell(FIGURES_CELL_CODE, id=FIGURES_CELL_TAG, metadata={"tags": [FIGURES_CELL_TAG]})
            )
    except Exception as problem:
        raise ReportFailed(NOTEBOOK_UNREADABLE_REASON, detail=describe_error(problem)) from None
    folders = [*sys.path]
    libraries = [index for index, path in enumerate(folders) if Path(path).name in LIBRARY_FOLDER_NAMES]
    sys.path.insert(min(libraries, default=len(folders)), "")  # where a kernel has the folder of its notebook
    try:
        with chdir(notebook.parent):
            executed: NotebookNode = papermill_engines.execute_notebook_with_engine(
                PAPERMILL_ENGINE_NAME, prepared, kernel_name=KERNEL_NAME, progress_bar=False
            )
        return cut_outputs(executed, params.language)
    finally:
        sys.path[:] = folders
        leave_notebook()
        drop_results()


def explain_missing_result(failed_task: TaskFailed, limits: Limits) -> ReportFailed:
    """Make the error of a notebook without a result: its process took too long, or died."""
    if failed_task.too_long:
        return ReportFailed(TOO_LONG_REASON, seconds=str(limits.seconds))
    return ReportFailed(PROCESS_DIED_REASON)


def describe_error(problem: Exception) -> str:
    """Return class and message of an exception: its first line, cut at ``MAX_ERROR_CHARACTERS``."""
    return f"{type(problem).__name__}: {problem}".splitlines()[0][:MAX_ERROR_CHARACTERS]


def find_failure(executed: NotebookNode, params: ReportParams | QualityParams, limits: Limits) -> ReportFailed | None:
    """Return the error of the first failed cell, or None if no cell failed.

    Cells tagged ``raises-exception`` are ignored.

    The reason is too much memory (``MemoryError``), refused texts or data (an error of this package, with its message
    as advice), or a failed step of the notebook.
    """
    for number, cell in enumerate(executed.cells, start=1):
        if "raises-exception" in cell.metadata.get("tags", []):
            continue
        errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
        if not errors and not cell.metadata.get("papermill", {}).get("exception"):
            continue
        name, text = (errors[0].ename, errors[0].evalue) if errors else ("", "")
        detail = f"cell {number}: {name}: {text}"
        if "MemoryError" in name:
            return ReportFailed(TOO_LARGE_REASON, memory=str(limits.memory), detail=detail)
        if name in {kind.__name__ for kind in RmrpError.__subclasses__()}:
            folders = (params.data, getattr(params, "narratives", ""))
            return ReportFailed(CONTENT_REFUSED_REASON, advice=remove_folders(text, folders), detail=detail)
        return ReportFailed(CELL_FAILED_REASON, detail=detail)
    return None
