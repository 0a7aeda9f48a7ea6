"""One report: its notebook run in a kernel of its own, and what it shows written to files.

Whatever becomes of it is a result. One that failed leaves a page that says why, and the last sheet that was good.
"""

import logging
import math
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import nbformat
import papermill
from babel.dates import format_date
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import CellTimeoutError
from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from papermill.execute import remove_error_markers

from rmrp_analysis import theme
from rmrp_analysis.disclosure import cell_name
from rmrp_analysis.errors import ReportFailed, RmrpError
from rmrp_analysis.files import json_text, write_whole
from rmrp_analysis.labels import sheet_name
from rmrp_analysis.params import NOTEBOOKS, QUALITY_NOTEBOOK, QualityParams, ReportParams, shipped_folder
from rmrp_analysis.publish.data_files import data_csv, data_workbook
from rmrp_analysis.publish.exporters import BAR, SheetHTMLExporter, SheetPDFExporter
from rmrp_analysis.publish.kernels import RunKernelManager, warm_kernels
from rmrp_analysis.publish.neighbours import neighbours, set_aside
from rmrp_analysis.publish.outputs import Document
from rmrp_analysis.publish.private import for_readers, without_folders
from rmrp_analysis.publish.publication import Publication
from rmrp_analysis.publish.row_headers import pages_of
from rmrp_analysis.vocabulary import REGION
from rmrp_analysis.words import INTERNAL_MARK, N_, Words

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


CELL = N_("A step of its notebook ended with an error.")
REFUSED = N_("Its texts or its data are not as they should be.")
NO_FIGURES = N_("Its notebook does not show the figures of the sheet.")
NOT_READ = N_("Its notebook could not be read or started.")
DIED = N_("The program that calculates it ended early, two times. Perhaps the computer has too little memory.")
TOO_LONG = N_("It took longer than {seconds} seconds, which is the limit for one report.")
TOO_LARGE = N_("It needed more memory than {memory} MiB, which is the limit for one report.")
NOT_PUBLIC = N_("Its notebook shows numbers that are not for publication.")
NO_LAYOUT = N_("Its text and figures could not be set as a page.")
NOT_WRITTEN = N_("Its files could not be written.")
"""Why a report fails, in words for every reader."""
LAST_GOOD = "last-good"
"""In the names of the files of a sheet that was made before its report failed."""
KEPT = (*EXPORTERS, "json")
"""What is kept of it: pages, and the figures, by which later runs know what readers know."""

for _name in ("papermill", "asyncio"):  # whatever they say of a kernel that ended, the result says, too
    logging.getLogger(_name).addHandler(logging.NullHandler())


@dataclass(frozen=True)
class ReportLimits:
    """What one report may take: seconds, and MiB of memory. No honest report comes near these."""

    seconds: int = 900
    memory: int = 4096


USUAL_LIMITS = ReportLimits()


@dataclass(frozen=True)
class Report:
    """A report before it is written: the ``contents`` of its files by suffix, or the ``problem`` it failed with."""

    params: ReportParams
    seconds: float
    contents: Mapping[str, str | bytes]
    warnings: tuple[str, ...] = ()
    figures: Mapping[str, Any] | None = None
    problem: ReportFailed | None = None


@dataclass(frozen=True)
class ReportResult:
    """What became of a report. ``figures`` is the content of its ``<id>.json``, None when it failed."""

    params: ReportParams
    status: Literal["ok", "unchanged", "failed", "empty"]
    """``empty``: nothing was reported, designated or planned, so that there is no sheet."""
    seconds: float
    outputs: tuple[str, ...] = ()
    error: str = ""
    """A sentence for every reader; ``detail`` is for the analyst's terminal."""
    warnings: tuple[str, ...] = ()
    """What the report could not carry, or carries otherwise than its author may expect."""
    figures: Mapping[str, Any] | None = None
    detail: str = ""
    made: str = ""
    """When the report ended, as a UTC time."""

    @property
    def cautions(self) -> Sequence[Mapping[str, Any]]:
        """What on the sheet is in doubt: of which figure or breakdown, by which rule, in words."""
        return (self.figures or {}).get("cautions", ())


def make_report(
    params: ReportParams,
    *,
    notebook: Path,
    formats: tuple[str, ...],
    fingerprint: str,
    kernels: type[RunKernelManager],
    limits: ReportLimits,
    made: Sequence[ReportParams] = (),
) -> Report:
    """Run the notebook with these parameters and export what it shows; nothing is written.

    The page leads to the other reports of the run (``made``).

    Whatever goes wrong is a report with a problem, never an exception.
    """
    started = time.perf_counter()
    contents: dict[str, str | bytes] = {}
    try:
        ran = executed_notebook(params, notebook, kernels, limits)
        executed = for_readers(ran, params, notebook.parent)
        contents["ipynb"] = nbformat.writes(executed)
        _check_shown(ran, params, limits)
        figures, tables = _output(executed, theme.FIGURES_MIME), _output(executed, theme.TABLES_MIME)
        _check_withheld(params, figures)
        try:
            bar = neighbours(params, made, formats)
            exports = {name: export(executed, name, notebook.parent, bar) for name in formats}
            contents |= {name: content for name, (content, _) in exports.items()}
            contents |= {"xlsx": data_workbook(tables), "csv": data_csv(tables)}
        except Exception as problem:
            raise ReportFailed(NO_LAYOUT, detail=_named(problem)) from None
        _check_audience(params, [document for _, document in exports.values()])
    except ReportFailed as problem:
        internal = params.audience == "internal"  # what a notebook shows that failed is for its author alone
        kept = {"ipynb": contents["ipynb"]} if contents and internal else {}
        return Report(params, _since(started), kept, problem=problem)
    except Exception as problem:
        return Report(params, _since(started), {}, problem=ReportFailed(NOT_READ, detail=_named(problem)))
    warnings = [warning for _, shown in exports.values() for warning in shown.warnings]
    if "pdf" in exports and not any(shown.foreign for _, shown in exports.values()):
        warnings += length_warnings(exports["pdf"][0])
    warnings = list(dict.fromkeys(warnings))
    identity = {
        "id": params.id,
        "audience": params.audience,
        "fingerprint": fingerprint,
        "instead": params.instead,
    }
    figures = {**identity, **figures, "warnings": warnings}
    contents["json"] = json_text(figures)
    return Report(params, _since(started), contents, tuple(warnings), figures)


def _since(started: float) -> float:
    return round(time.perf_counter() - started, 2)


def _named(problem: Exception) -> str:
    return f"{type(problem).__name__}: {problem}".splitlines()[0]


def publish(report: Report, folder: Path, before: Publication) -> ReportResult:
    """Write a report's files into a folder that has none of them.

    A report that failed gets a page that says so, beside the last sheet that was good in the publication ``before``,
    and for an internal audience its notebook.
    """
    params, problem = report.params, report.problem
    if not problem:
        names = tuple(f"{params.stem}.{suffix}" for suffix in (*EXPORTERS, *BESIDE) if suffix in report.contents)
        try:
            for suffix, content in report.contents.items():
                write_whole(folder / f"{params.stem}.{suffix}", content)
            return ReportResult(
                params, "ok", report.seconds, names, warnings=report.warnings, figures=report.figures, made=utc_now()
            )
        except (OSError, ValueError) as unwritable:
            problem = ReportFailed(NOT_WRITTEN, detail=str(unwritable))
            for name in names:
                (folder / name).unlink(missing_ok=True)
    with suppress(OSError):  # where this cannot be written, the run itself says so
        _keep_last_good(params, folder, before)
        if "ipynb" in report.contents:
            write_whole(folder / f"{params.stem}.ipynb", report.contents["ipynb"])
        write_whole(folder / f"{params.stem}.html", _failure_page(params, problem, folder))
    names = tuple(name for name in failed_names(params) if (folder / name).is_file())
    error, seconds = str(problem), report.seconds
    return ReportResult(params, "failed", seconds, names, error=error, detail=problem.detail, made=utc_now())


def failed_names(params: ReportParams) -> tuple[str, ...]:
    """The files that a report which failed may have: its page, the last good sheet with its figures, the notebook."""
    kept = (f"{LAST_GOOD}.{suffix}" for suffix in KEPT)
    return tuple(f"{params.stem}.{suffix}" for suffix in ("html", *kept, "ipynb"))


def _keep_last_good(params: ReportParams, folder: Path, before: Publication) -> None:
    """Take over the sheet that was good, as it was set aside or is now; ``<id>.json`` tells that it was good itself."""
    good = before.is_intact([f"{params.stem}.json"])
    for suffix in KEPT:
        sheet, kept = f"{params.stem}.{suffix}", f"{params.stem}.{LAST_GOOD}.{suffix}"
        if not good and before.is_intact([kept]):
            before.give([kept], folder)
        elif good and before.is_intact([sheet]):
            page = before.folder / sheet
            content = page.read_bytes()
            if suffix == "html":
                content = set_aside(content.decode(), params, f"{params.stem}.{LAST_GOOD}").encode()
            made = page.stat().st_mtime_ns
            os.utime(write_whole(folder / kept, content), ns=(made, made))  # the day it was made is printed


def _failure_page(params: ReportParams, problem: ReportFailed, folder: Path) -> str:
    """The page in place of a sheet that failed, in its language; what to correct is for the log and ``run.json``."""
    words = Words(params.language)
    name, region = sheet_name(params.sector, params.place, words.language, params.organisation), words("Region")
    kept = {
        suffix: folder / f"{params.stem}.{LAST_GOOD}.{suffix}"
        for suffix in EXPORTERS
        if (folder / f"{params.stem}.{LAST_GOOD}.{suffix}").is_file()
    }
    days = {datetime.fromtimestamp(path.stat().st_mtime, UTC) for path in kept.values()}
    return theme.render(
        "_failed.html.j2",
        css=theme.index_style_sheet(),
        language=words.language,
        title=words(params.title),
        sheet=f"{name}, {region}" if params.place == REGION else name,
        reason=words(problem.reason, **problem.values),
        day=format_date(max(days), "long", locale=words.language) if days else "",
        kept=[(words("Page") if suffix == "html" else "PDF", path.name) for suffix, path in kept.items()],
        mark=words(INTERNAL_MARK) if params.audience == "internal" else "",
        words=words,
    )


def utc_now() -> str:
    """The time now, as ISO 8601 has it, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def length_warnings(pdf: bytes) -> list[str]:
    """A warning where the PDF of a sheet has more pages than it is designed for."""
    pages = pages_of(pdf)
    if pages <= PDF_PAGES:
        return []
    return [f"its PDF has {pages} pages in place of {PDF_PAGES}: the texts about it are too long"]


def output_names(params: ReportParams, formats: tuple[str, ...]) -> tuple[str, ...]:
    """The files a report consists of."""
    return tuple(f"{params.stem}.{suffix}" for suffix in (*formats, *BESIDE))


def render_quality_page(params: QualityParams, folder: Path) -> Path:
    """Write ``data_quality.html``, the page on the quality of a run's data, into a folder.

    Raises ``ReportFailed`` when its notebook fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    notebooks = shipped_folder(NOTEBOOKS)
    with warm_kernels(params.data) as kernels:
        ran = executed_notebook(params, notebooks / QUALITY_NOTEBOOK, kernels)
    executed = for_readers(ran, params, notebooks)
    try:
        _check_shown(ran, params, USUAL_LIMITS)
    except ReportFailed:
        write_whole(folder / f"{params.id}.ipynb", nbformat.writes(executed))
        raise
    content, _ = export(executed, "html", notebooks)
    return write_whole(folder / f"{params.id}.html", content)


def executed_notebook(
    params: ReportParams | QualityParams,
    notebook: Path,
    kernels: type[RunKernelManager],
    limits: ReportLimits = USUAL_LIMITS,
) -> NotebookNode:
    """The notebook after it ran with these parameters, with the errors of its cells.

    A kernel that died is tried once more. Raises ``ReportFailed`` when the notebook could not be run to its end.
    """
    try:
        return _executed_once(params, notebook, kernels, limits)
    except KernelDied:
        return _executed_once(params, notebook, kernels, limits)


class KernelDied(ReportFailed):
    """The kernel of a report ended before the notebook did."""


def _executed_once(
    params: ReportParams | QualityParams, notebook: Path, kernels: type[RunKernelManager], limits: ReportLimits
) -> NotebookNode:
    written = kernels.scratch / f"{params.id}.ipynb"
    until = time.monotonic() + limits.seconds
    try:
        with closing(ensure_event_loop()):  # papermill opens one in every thread and leaves it open
            return papermill.execute_notebook(
                notebook,
                written,
                parameters=params.model_dump(mode="json"),
                kernel_name=KERNEL,
                language="python",
                progress_bar=False,
                start_timeout=min(START_SECONDS, limits.seconds),
                execution_timeout=limits.seconds,
                timeout_func=lambda _: max(1, math.ceil(until - time.monotonic())),  # what is left for a cell
                kernel_manager_class=kernels,
                shutdown_kernel="immediate",  # nothing is left to tidy up, and a polite end takes as long as the sheet
                resources={"metadata": {"path": str(notebook.parent)}},  # papermill's own cwd would move every thread
            )
    except PapermillExecutionError:
        return remove_error_markers(nbformat.read(written, as_version=4))
    except (CellTimeoutError, TimeoutError) as problem:
        raise ReportFailed(TOO_LONG, seconds=str(limits.seconds), detail=_named(problem)) from None
    except Exception as problem:
        if isinstance(problem, RuntimeError) and "died" in str(problem):
            raise KernelDied(DIED, detail=_named(problem)) from None
        if time.monotonic() > until:
            raise ReportFailed(TOO_LONG, seconds=str(limits.seconds), detail=_named(problem)) from None
        raise ReportFailed(NOT_READ, detail=_named(problem)) from None
    finally:
        written.unlink(missing_ok=True)


def _check_shown(executed: NotebookNode, params: ReportParams | QualityParams, limits: ReportLimits) -> None:
    """Raise ``ReportFailed`` for a cell that failed and is not tagged ``raises-exception``.

    papermill does not ask for the tag.
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
            raise ReportFailed(TOO_LARGE, memory=str(limits.memory), detail=detail)
        if name in {kind.__name__ for kind in RmrpError.__subclasses__()}:
            known = (params.data, getattr(params, "narratives", ""))
            raise ReportFailed(REFUSED, advice=without_folders(text, known), detail=detail)
        raise ReportFailed(CELL, detail=detail)


def _check_withheld(params: ReportParams, figures: Mapping[str, Any]) -> None:
    """Raise ``ReportFailed`` where a notebook shows other numbers than its run prints in place of exact ones."""
    shown = {figure["name"]: figure["value"] for figure in figures["figures"]}
    for name, parts in figures["tables"].items():
        shown |= {cell_name(name, str(next(iter(part.values())))): part["value"] for part in parts}
    printed = {name: number if isinstance(number, float) else None for name, number in (params.instead or {}).items()}
    if told := sorted(name for name, number in printed.items() if name in shown and shown[name] != number):
        advice = "give its page `instead=report.instead`, as sector_key_figures.ipynb does"
        raise ReportFailed(NOT_PUBLIC, detail=f"it shows what the run withholds ({', '.join(told[:3])}); {advice}")


def _check_audience(params: ReportParams, documents: Sequence[Document]) -> None:
    """Raise ``ReportFailed`` for a public report whose notebook makes an internal page."""
    if params.audience == "public" and any(document.internal for document in documents):
        raise ReportFailed(NOT_PUBLIC, detail="its notebook makes a page with audience='internal'")


def _output(executed: NotebookNode, mime: str) -> dict[str, Any]:
    """What the notebook left for the files beside the sheet."""
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            if mime in output.get("data", {}):
                return dict(output["data"][mime])
    raise ReportFailed(NO_FIGURES, detail="its last cell should be `sheet.figures()`")


def export(
    executed: NotebookNode, name: str, folder: Path, bar: Mapping[str, Any] | None = None
) -> tuple[Any, Document]:
    """An executed notebook of this folder in a format, and what it shows; ``bar`` is what its page leads to."""
    known = {"metadata": {"path": str(folder)}, BAR: bar}
    content, resources = EXPORTERS[name]().from_notebook_node(executed, known)
    return content, resources["rmrp"]
