"""One report: its notebook run in a kernel of its own, and what it shows written to files."""

import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import nbformat
import papermill
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop
from nbconvert.exporters import get_exporter
from nbformat import NotebookNode
from papermill.exceptions import PapermillException, PapermillExecutionError

from rmrp_analysis.errors import ReportFailed
from rmrp_analysis.params import ReportParams
from rmrp_analysis.publish.files import write_json, write_whole

FIGURES_MIME = "application/vnd.rmrp.figures+json"
EXPORTERS: Mapping[str, str] = {"html": "rmrp-html", "pdf": "rmrp-pdf"}
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
    """Run the notebook with these parameters and write ``<id>.ipynb``, ``<id>.json`` and each format.

    A failure is a result, not an exception: it leaves the executed notebook with its error, and no older sheet that
    could be taken for this one.
    """
    started = time.perf_counter()
    try:
        executed = executed_notebook(params, notebook, folder, kernels)
        figures = {"id": params.id, "fingerprint": fingerprint, **_figures(executed)}
        exported = {name: export(executed, EXPORTERS[name]) for name in formats}
        write_whole(folder / f"{params.id}.ipynb", nbformat.writes(executed))
    except ReportFailed as problem:
        for suffix in (*EXPORTERS, "json"):
            (folder / f"{params.id}.{suffix}").unlink(missing_ok=True)
        return ReportResult(params, "failed", _seconds_since(started), error=str(problem))
    for name, content in exported.items():
        write_whole(folder / f"{params.id}.{name}", content)
    write_json(folder / f"{params.id}.json", figures)
    return ReportResult(params, "ok", _seconds_since(started), output_names(params, formats), figures=figures)


def output_names(params: ReportParams, formats: tuple[str, ...]) -> tuple[str, ...]:
    """The files a report consists of."""
    return tuple(f"{params.id}.{suffix}" for suffix in (*formats, "ipynb", "json"))


class NotebookParams(Protocol):
    """Parameters of a notebook, and the name its files go by."""

    @property
    def id(self) -> str: ...

    def model_dump(self, *, mode: str) -> dict[str, Any]: ...


def executed_notebook(
    params: NotebookParams, notebook: Path, folder: Path, kernels: type[AsyncKernelManager]
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
                progress_bar=False,
                start_timeout=START_SECONDS,
                kernel_manager_class=kernels,
                resources={"metadata": {"path": str(notebook.parent)}},  # papermill's own cwd would move every thread
            )
    except PapermillExecutionError as problem:
        unfinished.replace(folder / f"{params.id}.ipynb")
        raise ReportFailed(f"{problem.ename}: {problem.evalue}") from None
    except (PapermillException, RuntimeError, OSError) as problem:
        raise ReportFailed(f"the notebook could not be run ({type(problem).__name__}: {problem})") from None
    finally:
        unfinished.unlink(missing_ok=True)
    return executed


def _figures(executed: NotebookNode) -> dict[str, Any]:
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            if FIGURES_MIME in output.get("data", {}):
                return dict(output["data"][FIGURES_MIME])
    raise ReportFailed("the notebook shows no figures; its last cell should be `sheet.figures()`")


def export(executed: NotebookNode, exporter: str) -> str | bytes:
    """What an executed notebook shows, in an exporter's format."""
    content, _ = get_exporter(exporter)().from_notebook_node(executed)
    return content if isinstance(content, bytes) else str(content)


def _seconds_since(started: float) -> float:
    return round(time.perf_counter() - started, 2)
