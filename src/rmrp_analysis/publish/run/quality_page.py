"""The page on the quality of a run's data, from its own notebook."""

from functools import partial
from pathlib import Path

from rmrp_analysis.errors import ReportFailed
from rmrp_analysis.files import write_whole
from rmrp_analysis.page.mending import REVIEW_FOLDER
from rmrp_analysis.params import NOTEBOOKS, QUALITY_NOTEBOOK, QUALITY_PAGE, QualityParams, RunParams, shipped_folder
from rmrp_analysis.publish.documents.html import html_page
from rmrp_analysis.publish.documents.outputs import read_document
from rmrp_analysis.publish.engine.execution import OWN, executed_notebook, failure, without_result
from rmrp_analysis.publish.engine.privacy import Seen, for_readers, seen_of
from rmrp_analysis.publish.engine.remote_paths import placed
from rmrp_analysis.publish.engine.ways import Way, Work, apart
from rmrp_analysis.publish.engine.workers import USUAL_LIMITS, Ended
from rmrp_analysis.publish.run.report import notebook_text
from rmrp_analysis.publish.run.review import TABLES, write_tables, write_workbooks

QUALITY_FILES = (QUALITY_PAGE, *TABLES)
"""What ``write_quality`` leaves."""


def write_quality(params: RunParams, folder: Path, way: Way, *, with_workbooks: bool = False) -> Path:
    """Write the page on the quality of a run's data with the tables that it leads to; returns the page.

    ``with_workbooks``, each partner with rows to review has a workbook of them in the folder ``review``. Raises
    ``ReportFailed`` when its notebook fails.
    """
    from rmrp_analysis.loaders import load_plan
    from rmrp_analysis.quality import review_plan

    plan = load_plan(params.data)
    review = review_plan(plan, period=params.period, method=params.method, repairs=params.repairs)
    write_tables(review, folder, params.languages[0])
    if with_workbooks:
        write_workbooks(review, params, folder / REVIEW_FOLDER)
    return render_quality_page(params.quality_page(), folder, way)


def render_quality_page(params: QualityParams, folder: Path, way: Way = apart) -> Path:
    """Write ``data_quality.html``, the page on the quality of a run's data, into a folder.

    Raises ``ReportFailed`` when its notebook fails; the notebook is then written in its place.
    """
    folder.mkdir(parents=True, exist_ok=True)
    notebooks = shipped_folder(NOTEBOOKS)
    make = partial(_quality_page, notebooks=notebooks, seen=seen_of(params, notebooks))
    ((_, made),) = way(Work(make, [params], Path(params.data), USUAL_LIMITS, folders=(notebooks,), is_shipped=True))
    if isinstance(made, Ended):
        raise without_result(made, USUAL_LIMITS)
    suffix, content, problem = made
    if content:
        write_whole(folder / f"{params.id}.{suffix}", content)
    if problem:
        raise problem
    return folder / f"{params.id}.{suffix}"


def _quality_page(
    params: QualityParams, notebooks: Path, seen: Seen, engine: str = OWN
) -> tuple[str, str, ReportFailed | None]:
    """The page (``html``) or, where a cell of it failed, the notebook (``ipynb``) and why."""
    try:
        ran = executed_notebook(params, notebooks / QUALITY_NOTEBOOK, engine)
    except ReportFailed as problem:
        return "", "", problem
    failed = failure(ran, params, USUAL_LIMITS)
    executed = for_readers(ran, params, notebooks, seen)
    if failed:
        return "ipynb", notebook_text(executed), failed
    return "html", html_page(read_document(executed, folder=placed(notebooks))), None
