"""Runners, which run a batch of notebooks side by side; all make the same reports, byte for byte.

- ``run_in_forks``: by forks of this process, which must have started no thread: the ``rmrp`` command on Linux;
- ``run_in_processes``: by new processes, which get the plan as it was read: from a notebook or a test, and where the
  system has no fork;
- ``open_cluster`` (see ``cluster``): by such processes on each worker.

A process makes one report after the other with a notebook of the package, which leaves nothing but its shell and its
figures. Any other notebook gets for each report a fork of such a process; where the system has none, a new process.
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
"""The fewest tasks for which one more process is started: to start it takes as long as to run so many."""


@dataclass(frozen=True)
class Batch:
    """Tasks that a runner runs, each by ``make(task)``, with what their processes must know.

    It exists so that every runner, on this computer or another one, gets the same in one piece that pickle takes:
    tasks, ``make`` and its results must be of such a kind. ``make`` runs a notebook in its process and does not raise.
    ``data`` is the folder of the plan that all tasks read, ``folders`` are those with their notebooks and texts.
    """

    make: Callable[..., Any]
    tasks: Sequence[Any]
    data: Path
    limits: Limits
    jobs: int = 1
    """How many tasks run at a time."""
    folders: Sequence[Path] = ()
    uses_seaborn: bool = False
    """Whether its notebooks draw by themselves (``uses_seaborn``): seaborn is then imported once for all tasks."""
    is_shipped: bool = False
    """Whether its notebooks are those of the package (``is_shipped``), which change nothing for the next task."""
    rehearse: Callable[[], object] | None = None
    """Imports and keeps what each fork would need; called once, by a process that forks for each task."""


_DRAWING_CODE_PATTERN = re.compile(r"matplotlib|seaborn|plot\b|plot\(|charts\.(?:bars|grouped_bars|heatmap)")
"""The code by which a notebook draws with Matplotlib or seaborn itself."""


def uses_seaborn(notebook: Path) -> bool:
    """Tell whether the text of a notebook mentions drawing by Matplotlib or seaborn (``_DRAWING_CODE_PATTERN``)."""
    return bool(_DRAWING_CODE_PATTERN.search(notebook.read_text(encoding="utf-8", errors="replace")))


def is_shipped(notebook: Path) -> bool:
    """Tell whether the code of a notebook is that of one of the package, whatever its texts and its parameters are.

    False for a file that cannot be read as a notebook.
    """
    code = _read_code(notebook)
    return code is not None and any(
        code == _read_code(path) for path in find_shipped_folder(NOTEBOOKS_FOLDER).glob("*.ipynb")
    )


def _read_code(notebook: Path) -> list[str] | None:
    """Return the source of each code cell; None for a file that is no notebook.

    A cell tagged ``parameters`` is left out if it sets plain values alone.
    """
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
    """Tell whether code does nothing but give names to literals; False for code that cannot be parsed."""
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
    """Run a batch by forks of this process; yield each task as it ends, with its result or ``TaskFailed``.

    The forks have the plan that this process keeps (``keep_plan``). At the end, all that they started is killed.
    """
    plan = kept_plan(batch.data)
    _prepare_process(batch, plan)
    with end_started_processes():
        run_task = _choose_task_function(batch, plan)
        yield from run_tasks_in_forks(batch.tasks, run_task, jobs=batch.jobs, limits=batch.limits)


def run_in_processes(batch: Batch) -> Generator[tuple[Any, Any]]:
    """Run a batch by new processes; yield each task as it ends, with its result or ``TaskFailed``.

    They get the plan that this process keeps. There are at most ``jobs``, each for ``MIN_TASKS_PER_PROCESS`` or more.
    """
    jobs = max(1, min(batch.jobs, len(batch.tasks) // MIN_TASKS_PER_PROCESS))
    yield from run_tasks(batch.tasks, partial(start_worker, pickle_server(batch)), jobs=jobs, limits=batch.limits)


def pickle_server(batch: Batch) -> bytes:
    """Pickle the function by which a new process serves tasks of a batch (see ``start_worker``), with the kept plan."""
    return pickle.dumps(partial(_serve_batch, replace(batch, tasks=()), kept_plan(batch.data)))


def _serve_batch(batch: Batch, plan: Plan | None, connection: Connection, root: str) -> None:
    """Serve tasks as a new process, until the connection is closed; ``root`` as ``remote_paths`` has it.

    It serves one task alone where the system cannot fork and the notebooks are not those of the package.
    """
    set_root(root)
    _prepare_process(batch, plan)
    is_for_one_task = not (batch.is_shipped or CAN_FORK)
    serve_tasks(connection, _choose_task_function(batch, plan), batch.limits, once=is_for_one_task)


def _prepare_process(batch: Batch, plan: Plan | None) -> None:
    """Import what the notebooks of a batch need, and start and leave a shell once.

    Where each task gets a fork, also keep the plan and call ``batch.rehearse``.
    """
    from rmrp_analysis.publish.engine.shell import leave_notebook, shell

    gc.freeze()  # what is there is no garbage, and need not be looked through after each task
    if batch.uses_seaborn:
        import seaborn  # noqa: F401 - with Matplotlib
    shell()
    leave_notebook()  # once for nothing: it imports something, too
    if batch.rehearse and CAN_FORK and not batch.is_shipped:
        if plan is not None:
            keep_plan(resolve_path(batch.data), as_new(plan))
        batch.rehearse()
    fast_start.end_imports()


def _choose_task_function(batch: Batch, plan: Plan | None) -> Callable[[Any], Any]:
    """Return what runs a task: a fork for each, or this process for the package's notebooks or without forks."""
    run_task = partial(_run_task, batch, plan)
    return run_task if batch.is_shipped or not CAN_FORK else partial(run_task_in_fork, run_task, batch.limits)


def _run_task(batch: Batch, plan: Plan | None, task: Any) -> Any:
    """Run a task in this process, with a copy of the plan and random numbers of its own."""
    if plan is not None:
        keep_plan(resolve_path(batch.data), as_new(plan))
    random.seed()  # forks have the state of their parent
    np.random.seed()
    return batch.make(task)


COMMAND_RUNNER = run_in_forks if CAN_FORK else run_in_processes
"""The runner of the ``rmrp`` command, which has started no thread; nobody knows that of another process."""


def choose_runner(engine: str) -> Runner:
    """Return the runner for a value of ``--engine``: ``run_in_processes`` for *workers*, else ``COMMAND_RUNNER``."""
    return run_in_processes if engine == "workers" else COMMAND_RUNNER
