"""A notebook run with parameters by one of papermill's engines, or the reason why it failed.

The engine ``rmrp`` runs the cells in this process (see ``ways``). ``nbclient``, the ordinary engine of papermill,
starts a kernel for each notebook. Kernels talk over sockets in a private folder where they can, not over TCP ports that
others on the computer could read.
"""

import copy
import logging
import math
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import chdir, closing, contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from papermill.engines import papermill_engines
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from rmrp_analysis.errors import ReportFailed, RmrpError
from rmrp_analysis.params import QualityParams, ReportParams
from rmrp_analysis.publish.engine.cut_outputs import MOST_OF_ERROR, cut_outputs
from rmrp_analysis.publish.engine.privacy import without_folders
from rmrp_analysis.publish.engine.remote_paths import placed
from rmrp_analysis.publish.engine.workers import USUAL_LIMITS, Ended, Limits
from rmrp_analysis.theme import FIGURES_TAG
from rmrp_analysis.words import N_

OWN, ORDINARY = "rmrp", "nbclient"
KERNEL = "python3"
LIBRARIES = ("site-packages", "dist-packages")
START_SECONDS = 120
KERNEL_COMMAND = (
    *(sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"),
    *("--log-level=50", "--ext=rmrp_analysis.theme.inline", "--HistoryManager.enabled=False"),
)
"""How a kernel starts; the extension shows figures as the exporters carry them."""
TAKE_FIGURES = "import rmrp_analysis.page\n\nrmrp_analysis.page.figures_of(globals())"
"""The last cell that a run adds: the figures of the page, for the files beside it."""
SHORT_PLACE, LONGEST_PLACE = "/tmp", 60  # noqa: S108 - the folder in it is private
"""The path of a socket may have about 100 bytes only, so a long path for temporary files is not used."""

CELL = N_("A step of its notebook ended with an error.")
REFUSED = N_("Its texts or its data are not as they should be.")
NOT_READ = N_("Its notebook could not be read or started.")
DIED = N_("The program that calculates it ended early, two times. Perhaps the computer has too little memory.")
TOO_LONG = N_("It took longer than {seconds} seconds, which is the limit for one report.")
TOO_LARGE = N_("It needed more memory than {memory} MiB, which is the limit for one report.")
"""Why a notebook fails, in words for every reader."""

for _name in ("papermill", "asyncio"):  # whatever they say of a notebook that ended, the result says, too
    logging.getLogger(_name).addHandler(logging.NullHandler())


def executed_notebook(
    params: ReportParams | QualityParams, notebook: Path, engine: str = OWN, limits: Limits = USUAL_LIMITS
) -> NotebookNode:
    """The notebook after it ran with these parameters in its own folder, with the errors of its cells.

    On another computer, notebook and parameters are those that lie there (see ``remote_paths``). Raises
    ``ReportFailed`` when the notebook could not be run to its end. The engine ``rmrp`` leaves limits to its process.
    """
    content, notebook = params.model_dump(mode="json"), placed(notebook)
    content |= {name: str(placed(Path(content[name]))) for name in ("data", "narratives") if content.get(name)}
    try:
        source = load_notebook_node(str(notebook))
        written = parameterize_notebook(source, content, kernel_name=KERNEL, language="python")
        if isinstance(params, ReportParams):
            written.cells.append(new_code_cell(TAKE_FIGURES, id=FIGURES_TAG, metadata={"tags": [FIGURES_TAG]}))
    except Exception as problem:
        raise ReportFailed(NOT_READ, detail=named(problem)) from None
    if engine == OWN:
        paths = [*sys.path]
        libraries = [place for place, path in enumerate(paths) if Path(path).name in LIBRARIES]
        sys.path.insert(min(libraries, default=len(paths)), "")  # where a kernel has the folder of its notebook
        try:
            with chdir(notebook.parent):
                return cut_outputs(_executed(written, engine), params.language)
        finally:
            sys.path[:] = paths
    until = time.monotonic() + limits.seconds
    for last in (False, True):
        try:
            with _private_kernels() as kernels, closing(ensure_event_loop()):  # one in every thread stays open
                executed = _executed(
                    copy.deepcopy(written),
                    engine,
                    start_timeout=min(START_SECONDS, limits.seconds),
                    execution_timeout=limits.seconds,
                    timeout_func=lambda _: max(1, math.ceil(until - time.monotonic())),  # what is left for a cell
                    kernel_manager_class=kernels,
                    shutdown_kernel="immediate",  # nothing is left to tidy up
                    resources={"metadata": {"path": str(notebook.parent)}},
                )
                return cut_outputs(executed, params.language)
        except Exception as problem:
            if isinstance(problem, (CellTimeoutError, TimeoutError)) or time.monotonic() > until:
                raise ReportFailed(TOO_LONG, seconds=str(limits.seconds), detail=named(problem)) from None
            died = isinstance(problem, DeadKernelError) or "died" in str(problem)
            if last or not died:
                raise ReportFailed(DIED if died else NOT_READ, detail=named(problem)) from None
    raise AssertionError


def _executed(notebook: NotebookNode, engine: str, **options: Any) -> NotebookNode:
    executed: NotebookNode = papermill_engines.execute_notebook_with_engine(
        engine, notebook, kernel_name=KERNEL, progress_bar=False, **options
    )
    return executed


@contextmanager
def _private_kernels() -> Iterator[type[AsyncKernelManager]]:
    """A class of kernel managers whose kernels talk in a private folder, where the system has such sockets."""
    usual = tempfile.gettempdir()
    place = usual if len(os.fsencode(usual)) <= LONGEST_PLACE or os.name == "nt" else SHORT_PLACE
    with tempfile.TemporaryDirectory(prefix="rmrp-", dir=place, ignore_cleanup_errors=True) as folder:

        class PrivateKernel(AsyncKernelManager):
            def __init__(self, **settings: Any) -> None:
                super().__init__(**settings)
                self._kernel_spec = KernelSpec(argv=list(KERNEL_COMMAND), language="python")
                self.connection_file = str(Path(folder) / "kernel.json")
                if os.name != "nt":
                    self.transport, self.ip = "ipc", str(Path(folder) / "kernel")

        yield PrivateKernel


def without_result(ended: Ended, limits: Limits) -> ReportFailed:
    """Why there is nothing of a notebook whose process ended early."""
    return ReportFailed(TOO_LONG, seconds=str(limits.seconds)) if ended.too_long else ReportFailed(DIED)


def named(problem: Exception) -> str:
    """An error on one line."""
    return f"{type(problem).__name__}: {problem}".splitlines()[0][:MOST_OF_ERROR]


def failure(executed: NotebookNode, params: ReportParams | QualityParams, limits: Limits) -> ReportFailed | None:
    """The failure of a report with a cell that failed and is not tagged ``raises-exception``; None without one."""
    for number, cell in enumerate(executed.cells, start=1):
        if "raises-exception" in cell.metadata.get("tags", []):
            continue
        errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
        if not errors and not cell.metadata.get("papermill", {}).get("exception"):
            continue
        name, text = (errors[0].ename, errors[0].evalue) if errors else ("", "")
        detail = f"cell {number}: {name}: {text}"
        if "MemoryError" in name:
            return ReportFailed(TOO_LARGE, memory=str(limits.memory), detail=detail)
        if name in {kind.__name__ for kind in RmrpError.__subclasses__()}:
            known = (params.data, getattr(params, "narratives", ""))
            return ReportFailed(REFUSED, advice=without_folders(text, known), detail=detail)
        return ReportFailed(CELL, detail=detail)
    return None
