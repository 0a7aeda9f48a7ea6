"""Writes the page on the quality of a run's data, by the notebook ``data_quality``, and the tables beside it."""

from functools import partial
from pathlib import Path

from rmrp_analysis.errors import ReportFailed
from rmrp_analysis.files import write_whole
from rmrp_analysis.page.mending import REVIEW_FOLDER
from rmrp_analysis.params import (
    NOTEBOOKS_FOLDER,
    QUALITY_NOTEBOOK,
    QUALITY_PAGE_FILE,
    QualityParams,
    RunParams,
    find_shipped_folder,
)
from rmrp_analysis.publish.documents.html import render_html_page
from rmrp_analysis.publish.documents.outputs import read_document
from rmrp_analysis.publish.engine.execution import explain_missing_result, find_failure, run_notebook
from rmrp_analysis.publish.engine.privacy import VisiblePaths, find_visible_paths, prepare_for_readers
from rmrp_analysis.publish.engine.remote_paths import resolve_path
from rmrp_analysis.publish.engine.runners import Batch, Runner, run_in_processes
from rmrp_analysis.publish.engine.workers import USUAL_LIMITS, TaskFailed
from rmrp_analysis.publish.run.report import notebook_text
from rmrp_analysis.publish.run.review import QUALITY_CSV_FILES, write_tables, write_workbooks

QUALITY_FILES = (QUALITY_PAGE_FILE, *QUALITY_CSV_FILES)
"""The files that ``write_quality_files`` writes into a run's folder."""


def write_quality_files(params: RunParams, folder: Path, runner: Runner, *, with_workbooks: bool = False) -> Path:
    """Write the page on the quality of the run's data with the tables beside it, and return the page's path.

    ``with_workbooks`` also writes a workbook into the folder ``review`` for each partner with rows to review. Raises
    ``ReportFailed`` if the notebook fails.
    """
    from rmrp_analysis.loaders import load_plan
    from rmrp_analysis.quality import review_plan

    plan = load_plan(params.data)
    review = review_plan(plan, period=params.period, method=params.method, repairs=params.repairs)
    write_tables(review, folder, params.languages[0])
    if with_workbooks:
        write_workbooks(review, params, folder / REVIEW_FOLDER)
    return render_quality_page(params.quality_page(), folder, runner)


def render_quality_page(params: QualityParams, folder: Path, runner: Runner = run_in_processes) -> Path:
    """Write ``data_quality.html``, the page on the quality of a run's data, and return its path.

    Raises ``ReportFailed`` if its notebook fails. If a cell failed, the notebook is written into ``folder`` in place of
    the page.
    """
    folder.mkdir(parents=True, exist_ok=True)
    notebooks = find_shipped_folder(NOTEBOOKS_FOLDER)
    make = partial(_make_quality_page, notebooks=notebooks, visible=find_visible_paths(params, notebooks))
    batch = Batch(make, [params], Path(params.data), USUAL_LIMITS, folders=(notebooks,), is_shipped=True)
    ((_, result),) = runner(batch)
    if isinstance(result, TaskFailed):
        raise explain_missing_result(result, USUAL_LIMITS)
    suffix, content, problem = result
    if content:
        write_whole(folder / f"{params.id}.{suffix}", content)
    if problem:
        raise problem
    return folder / f"{params.id}.{suffix}"


def _make_quality_page(
    params: QualityParams, notebooks: Path, visible: VisiblePaths
) -> tuple[str, str, ReportFailed | None]:
    """Run the notebook and return suffix and content of the page, or of the failed notebook with its error.

    Suffix and content are empty if it could not be run at all.
    """
    try:
        ran = run_notebook(params, notebooks / QUALITY_NOTEBOOK)
    except ReportFailed as problem:
        return "", "", problem
    failed = find_failure(ran, params, USUAL_LIMITS)
    executed = prepare_for_readers(ran, params, notebooks, visible)
    if failed:
        return "ipynb", notebook_text(executed), failed
    return "html", render_html_page(read_document(executed, folder=resolve_path(notebooks))), None
