"""One report: its notebook run in a kernel of its own, and what it shows written to files."""

import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import nbformat
import papermill
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop
from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from papermill.exceptions import PapermillException, PapermillExecutionError
from papermill.execute import remove_error_markers

from rmrp_analysis import theme
from rmrp_analysis.errors import ReportFailed
from rmrp_analysis.files import write_json, write_whole
from rmrp_analysis.params import NOTEBOOKS, QUALITY_NOTEBOOK, QualityParams, ReportParams, shipped_folder
from rmrp_analysis.publish.data_files import data_csv, data_workbook
from rmrp_analysis.publish.exporters import SheetHTMLExporter, SheetPDFExporter
from rmrp_analysis.publish.kernels import warm_kernels
from rmrp_analysis.publish.outputs import Document
from rmrp_analysis.publish.row_headers import pages_of

EXPORTERS: Mapping[str, type[Exporter]] = {
    "html": SheetHTMLExporter,
    "pdf": SheetPDFExporter,
}
BESIDE = ("xlsx", "csv", "ipynb", "json")
"""What every report leaves beside its formats."""
PDF_PAGES = 2
"""What a sheet is designed for; one with longer texts runs on."""
KERNEL = "python3"
START_SECONDS = 120


@dataclass(frozen=True)
class ReportResult:
    """What became of a report. ``figures`` is the content of its ``<id>.json``, None when it failed."""

    params: ReportParams
    status: Literal["ok", "unchanged", "failed"]
    seconds: float
    outputs: tuple[str, ...] = ()
    error: str = ""
    warnings: tuple[str, ...] = ()
    """What the report could not carry, or carries otherwise than its author may expect."""
    figures: Mapping[str, Any] | None = None


def render_report(
    params: ReportParams,
    *,
    notebook: Path,
    folder: Path,
    formats: tuple[str, ...],
    fingerprint: str,
    kernels: type[AsyncKernelManager],
) -> ReportResult:
    """Run the notebook with these parameters and write each format, the data files, the figures and the notebook.

    A failure is a result, not an exception: it leaves the executed notebook with its error, and no older sheet that
    could be taken for this one.
    """
    started = time.perf_counter()
    try:
        executed = executed_notebook(params, notebook, folder, kernels)
        figures, tables = _output(executed, theme.FIGURES_MIME), _output(executed, theme.TABLES_MIME)
        exports = {name: export(executed, name, notebook.parent) for name in formats}
        contents = {name: content for name, (content, _) in exports.items()}
        contents |= {"xlsx": data_workbook(tables), "csv": data_csv(tables)}
        write_whole(folder / f"{params.id}.ipynb", nbformat.writes(executed))
    except ReportFailed as problem:
        for suffix in (*EXPORTERS, *(kind for kind in BESIDE if kind != "ipynb")):
            (folder / f"{params.id}.{suffix}").unlink(missing_ok=True)
        return ReportResult(params, "failed", round(time.perf_counter() - started, 2), error=str(problem))
    for name, content in contents.items():
        write_whole(folder / f"{params.id}.{name}", content)
    warnings = [warning for _, shown in exports.values() for warning in shown.warnings]
    if "pdf" in exports and not any(shown.foreign for _, shown in exports.values()):
        warnings += length_warnings(exports["pdf"][0])
    warnings = list(dict.fromkeys(warnings))
    figures = {"id": params.id, "fingerprint": fingerprint, **figures, "warnings": warnings}
    write_json(folder / f"{params.id}.json", figures)
    seconds, outputs = round(time.perf_counter() - started, 2), output_names(params, formats)
    return ReportResult(params, "ok", seconds, outputs, warnings=tuple(warnings), figures=figures)


def length_warnings(pdf: bytes) -> list[str]:
    """A warning where the PDF of a sheet has more pages than it is designed for."""
    pages = pages_of(pdf)
    if pages <= PDF_PAGES:
        return []
    return [f"its PDF has {pages} pages in place of {PDF_PAGES}: the texts about it are too long"]


def output_names(params: ReportParams, formats: tuple[str, ...]) -> tuple[str, ...]:
    """The files a report consists of."""
    return tuple(f"{params.id}.{suffix}" for suffix in (*formats, *BESIDE))


def render_quality_page(params: QualityParams, folder: Path) -> Path:
    """Write ``data_quality.html``, the page on the quality of a run's data, into a folder.

    Raises ``ReportFailed`` when its notebook fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    notebooks = shipped_folder(NOTEBOOKS)
    with warm_kernels(params.data) as kernels:
        executed = executed_notebook(params, notebooks / QUALITY_NOTEBOOK, folder, kernels)
    content, _ = export(executed, "html", notebooks)
    return write_whole(folder / f"{params.id}.html", content)


def executed_notebook(
    params: ReportParams | QualityParams, notebook: Path, folder: Path, kernels: type[AsyncKernelManager]
) -> NotebookNode:
    """The notebook after it ran with these parameters. Raises ``ReportFailed``, and leaves it with its error."""
    unfinished = folder.resolve() / f".{params.id}.running.ipynb"
    try:
        with closing(ensure_event_loop()):  # papermill opens one in every thread and leaves it open
            executed = papermill.execute_notebook(
                notebook,
                unfinished,
                parameters=params.model_dump(mode="json"),
                kernel_name=KERNEL,
                language="python",
                progress_bar=False,
                start_timeout=START_SECONDS,
                kernel_manager_class=kernels,
                shutdown_kernel="immediate",  # nothing is left to tidy up, and a polite end takes as long as the sheet
                resources={"metadata": {"path": str(notebook.parent)}},  # papermill's own cwd would move every thread
            )
    except PapermillExecutionError as problem:
        executed = remove_error_markers(nbformat.read(unfinished, as_version=4))
        if not _unexpected_errors(executed):
            return executed
        unfinished.replace(folder / f"{params.id}.ipynb")
        raise ReportFailed(f"{problem.ename}: {problem.evalue}") from None
    except (PapermillException, RuntimeError, OSError, ValueError) as problem:
        raise ReportFailed(f"the notebook could not be run ({type(problem).__name__}: {problem})") from None
    finally:
        unfinished.unlink(missing_ok=True)
    return executed


def _unexpected_errors(executed: NotebookNode) -> bool:
    """Whether a cell failed that is not tagged ``raises-exception``; papermill does not ask for the tag."""
    return any(
        cell.metadata.get("papermill", {}).get("exception")
        or any(output.output_type == "error" for output in cell.get("outputs", []))
        for cell in executed.cells
        if "raises-exception" not in cell.metadata.get("tags", [])
    )


def _output(executed: NotebookNode, mime: str) -> dict[str, Any]:
    """What the notebook left for the files beside the sheet."""
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            if mime in output.get("data", {}):
                return dict(output["data"][mime])
    raise ReportFailed("the notebook shows no figures; its last cell should be `sheet.figures()`")


def export(executed: NotebookNode, name: str, folder: Path) -> tuple[Any, Document]:
    """An executed notebook of this folder in a format, and what it shows."""
    content, resources = EXPORTERS[name]().from_notebook_node(executed, {"metadata": {"path": str(folder)}})
    return content, resources["rmrp"]
