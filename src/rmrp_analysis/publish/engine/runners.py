"""Runs batches of notebooks side by side. All runners make the same reports, byte for byte.

- ``run_in_forks``: by forks of this process, which must have started no thread, as the ``rmrp`` command on Linux.
- ``run_in_processes``: by new processes, which get the plan as it was read, for a notebook, a test, or a system without
  forks.
- ``open_cluster`` (see ``cluster``): by such processes on each worker.

With a notebook of the package, a process makes one report after the other, since it leaves only its shell and its
figures. For any other notebook, each report gets a fork of such a process, or a new process if the system has no fork.
"""

import ast
import gc
import json
import pickle
import random
import re
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from rmrp_analysis.params import NOTEBOOKS_FOLDER, find_shipped_folder
from rmrp_analysis.plan import Plan, as_new, keep_plan, kept_plan
from rmrp_analysis.publish.engine import fast_start
from rmrp_analysis.publish.engine.remote_paths import resolve_path, set_root
from rmrp_analysis.publish.engine.workers import (
    CAN_FORK,
    Limits,
    end_started_processes,
    run_task_in_fork,
    run_tasks,
    run_tasks_in_forks,
    serve_tasks,
    start_worker,
)

MIN_TASKS_PER_PROCESS = 6
"""The fewest tasks for which one more process starts: starting it takes as long as running so many."""


@dataclass(frozen=True)
class Batch:
    """Tasks that a runner runs, each by ``make(task)``, with the settings of their processes.

    It exists so that every runner, on this computer or another one, gets the same piece by pickle. Therefore tasks,
    ``make`` and its results must be picklable. ``make`` runs a notebook in its process and does not raise. ``data`` is
    the folder of the plan that all tasks read, ``folders`` hold their notebooks and texts.
    """

    make: Callable[..., Any]
    tasks: Sequence[Any]
    data: Path
    limits: Limits
    jobs: int = 1
    """How many tasks run at the same time."""
    folders: Sequence[Path] = ()
    uses_seaborn: bool = False
    """Whether its notebooks draw by themselves (see ``uses_seaborn``). If so, seaborn is imported once for all
    tasks."""
    is_shipped: bool = False
    """Whether its notebooks are from the package (see ``is_shipped``), so that they change nothing for the next
    task."""
    rehearse: Callable[[], object] | None = None
    """Imports and caches the needs of each fork. A process that forks for each task calls it once."""


_DRAWING_CODE_PATTERN = re.compile(r"matplotlib|seaborn|plot\b|plot\(|charts\.(?:bars|grouped_bars|heatmap)")
"""The code by which a notebook draws with Matplotlib or seaborn itself."""


def uses_seaborn(notebook: Path) -> bool:
    """Tell whether the text of a notebook mentions drawing by Matplotlib or seaborn (``_DRAWING_CODE_PATTERN``)."""
    return bool(_DRAWING_CODE_PATTERN.search(notebook.read_text(encoding="utf-8", errors="replace")))


def is_shipped(notebook: Path) -> bool:
    """Tell whether a notebook has the code of one of the package, whatever its texts and parameters are.

    False for a file that cannot be read as a notebook.
    """
    code = _read_code(notebook)
    shipped = find_shipped_folder(NOTEBOOKS_FOLDER).glob("*.ipynb")
    return code is not None and any(code == _read_code(path) for path in shipped)


def _read_code(notebook: Path) -> list[str] | None:
    """Return the source of each code cell except plain parameters, or None if the file is no notebook."""
    try:
        cells: list[dict[str, Any]] = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        code = [
            (cell["metadata"].get("tags", []), "".join(cell["source"]).strip())
            for cell in cells
            if cell["cell_type"] == "code"
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return [source for tags, source in code if "parameters" not in tags or not _sets_plain_values(source)]


def _sets_plain_values(source: str) -> bool:
    """Tell whether code only gives names to literals, and can be parsed."""
    try:
        for statement in ast.parse(source).body:
            if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
                return False
            names = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if not all(isinstance(name, ast.Name) for name in names):
                return False
            ast.literal_eval(statement.value)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


Runner = Callable[[Batch], Generator[tuple[Any, Any]]]
"""Runs a batch: yields each task as it ends, with its result, or ``TaskFailed``."""


def run_in_forks(batch: Batch) -> Generator[tuple[Any, Any]]:
    """Run a batch by forks of this process, and yield each task as it ends, with its result or ``TaskFailed``.

    The forks have the plan that this process keeps (``keep_plan``). At the end, all processes that they started are
    killed.
    """
    plan = kept_plan(batch.data)
    _prepare_process(batch, plan)
    with end_started_processes():
        run_task = _choose_task_function(batch, plan)
        yield from run_tasks_in_forks(batch.tasks, run_task, jobs=batch.jobs, limits=batch.limits)


def run_in_processes(batch: Batch) -> Generator[tuple[Any, Any]]:
    """Run a batch by new processes, and yield each task as it ends, with its result or ``TaskFailed``.

    They get the plan that this process keeps. There are at most ``jobs`` processes. A second one starts only if each
    has at least ``MIN_TASKS_PER_PROCESS`` tasks.
    """
    jobs = max(1, min(batch.jobs, len(batch.tasks) // MIN_TASKS_PER_PROCESS))
    yield from run_tasks(batch.tasks, partial(start_worker, pickle_server(batch)), jobs=jobs, limits=batch.limits)


def pickle_server(batch: Batch) -> bytes:
    """Pickle the function by which a new process serves tasks of a batch (see ``start_worker``), with the kept plan."""
    return pickle.dumps(partial(_serve_batch, replace(batch, tasks=()), kept_plan(batch.data)))


def _serve_batch(batch: Batch, plan: Plan | None, connection: Connection, root: str) -> None:
    """Serve tasks as a new process until the connection closes, or one task if forks would be needed."""
    set_root(root)
    _prepare_process(batch, plan)
    is_single = not (batch.is_shipped or CAN_FORK)
    serve_tasks(connection, _choose_task_function(batch, plan), batch.limits, once=is_single)


def _prepare_process(batch: Batch, plan: Plan | None) -> None:
    """Import the libraries of notebooks. If tasks get forks, also keep the plan and rehearse."""
    from rmrp_analysis.publish.engine.shell import leave_notebook, shell

    gc.freeze()  # these objects are no garbage: do not look through them after each task
    if batch.uses_seaborn:
        import seaborn  # noqa: F401 - with Matplotlib
    shell()
    leave_notebook()  # only for its imports
    if batch.rehearse and CAN_FORK and not batch.is_shipped:
        if plan is not None:
            keep_plan(resolve_path(batch.data), as_new(plan))
        batch.rehearse()
    fast_start.end_imports()


def _choose_task_function(batch: Batch, plan: Plan | None) -> Callable[[Any], Any]:
    """Return the function that runs a task: in a fork, or in this process."""
    run_task = partial(_run_task, batch, plan)
    return run_task if batch.is_shipped or not CAN_FORK else partial(run_task_in_fork, run_task, batch.limits)


def _run_task(batch: Batch, plan: Plan | None, task: Any) -> Any:
    """Run a task in this process, with its own copy of the plan and its own random numbers."""
    if plan is not None:
        keep_plan(resolve_path(batch.data), as_new(plan))
    random.seed()  # forks have the state of their parent
    np.random.seed()
    return batch.make(task)


COMMAND_RUNNER = run_in_forks if CAN_FORK else run_in_processes
"""The runner of the ``rmrp`` command, which has started no thread."""


def choose_runner(engine: str) -> Runner:
    """Return the runner for a value of ``--engine``: ``run_in_processes`` for *workers*, or ``COMMAND_RUNNER``."""
    return run_in_processes if engine == "workers" else COMMAND_RUNNER
