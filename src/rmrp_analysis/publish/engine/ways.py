"""The ways in which notebooks are run side by side, all of which make the same reports, byte for byte.

- ``here``: forks of this process, which must have started no thread: the ``rmrp`` command's own way on Linux;
- ``apart``: processes of their own that get the plan as it was read: from a notebook or a test, and where the system
  has no fork;
- ``on_cluster`` (see ``cluster``): such processes on each worker.

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

from rmrp_analysis.params import NOTEBOOKS, shipped_folder
from rmrp_analysis.plan import Plan, as_new, keep_plan, kept_plan
from rmrp_analysis.publish.engine import own_process
from rmrp_analysis.publish.engine.remote_paths import placed, settle
from rmrp_analysis.publish.engine.workers import (
    CAN_FORK,
    Limits,
    in_forks,
    make_each,
    make_in_fork,
    no_process_left,
    side_by_side,
    started,
)

WORTH_A_PROCESS = 6
"""How many tasks are worth that a process starts with nothing: to start it takes as long as to make them."""


@dataclass(frozen=True)
class Work:
    """What is to be done for each of some tasks: ``make(task)`` runs its notebook in this process.

    Tasks, ``make`` and what it returns must be of a kind that pickle takes, and ``make`` does not raise. ``data`` is
    the folder of the plan that all tasks look at, ``folders`` are those with their notebooks and texts.
    """

    make: Callable[..., Any]
    tasks: Sequence[Any]
    data: Path
    limits: Limits
    jobs: int = 1
    folders: Sequence[Path] = ()
    draws: bool = False
    """Whether its notebooks draw by themselves (``draws``), so that seaborn need not be imported for each."""
    is_shipped: bool = False
    """Whether its notebooks are those of the package (``is_shipped``), which change nothing for the next one."""
    rehearse: Callable[[], object] | None = None
    """Makes ready what forks would each make for themselves; called once, by a process that forks for each task."""


_DRAWING = re.compile(r"matplotlib|seaborn|plot\b|plot\(|charts\.(?:bars|grouped_bars|heatmap)")


def draws(notebook: Path) -> bool:
    """Whether a notebook looks as if it drew with seaborn; the sheet's own charts are sketches."""
    return bool(_DRAWING.search(notebook.read_text(encoding="utf-8", errors="replace")))


def is_shipped(notebook: Path) -> bool:
    """Whether the code of a notebook is that of one of the package, whatever its texts and its parameters are."""
    code = _code(notebook)
    return code is not None and any(code == _code(path) for path in shipped_folder(NOTEBOOKS).glob("*.ipynb"))


def _code(notebook: Path) -> list[str] | None:
    """The source of each code cell, without parameters that are plain values; None for what is no notebook."""
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
    """Whether code does nothing but give names to literals."""
    try:
        for statement in ast.parse(source).body:
            if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
                return False
            names = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if not all(isinstance(each, ast.Name) for each in names):
                return False
            ast.literal_eval(statement.value)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


Way = Callable[[Work], Generator[tuple[Any, Any]]]
"""A way to do work: yields the tasks as they are done, each with what was made, or ``Ended``."""


def here(work: Work) -> Generator[tuple[Any, Any]]:
    """By forks of this process, which keeps the plan (``keep_plan``)."""
    plan = kept_plan(work.data)
    _prepare(work, plan)
    with no_process_left():
        yield from in_forks(work.tasks, _maker(work, plan), jobs=work.jobs, limits=work.limits)


def apart(work: Work) -> Generator[tuple[Any, Any]]:
    """By processes of their own, to which the plan that this one keeps is given; one is started for some tasks each."""
    jobs = max(1, min(work.jobs, len(work.tasks) // WORTH_A_PROCESS))
    yield from side_by_side(work.tasks, partial(started, served(work)), jobs=jobs, limits=work.limits)


def served(work: Work) -> bytes:
    """What a process is ``started`` with that answers each task with what is made of it."""
    return pickle.dumps(partial(_serve, replace(work, tasks=()), kept_plan(work.data)))


def _serve(work: Work, plan: Plan | None, connection: Connection, root: str) -> None:
    settle(root)
    _prepare(work, plan)
    make_each(connection, _maker(work, plan), work.limits, once=not (work.is_shipped or CAN_FORK))


def _prepare(work: Work, plan: Plan | None) -> None:
    """Import what notebooks need, and have a shell for them."""
    from rmrp_analysis.publish.engine.shell import leave_notebook, shell

    gc.freeze()  # what is there is no garbage, and need not be looked through after each task
    if work.draws:
        import seaborn  # noqa: F401 - with Matplotlib
    shell()
    leave_notebook()  # once for nothing: it imports something, too
    if work.rehearse and CAN_FORK and not work.is_shipped:
        if plan is not None:
            keep_plan(placed(work.data), as_new(plan))
        work.rehearse()
        leave_notebook()
    own_process.end_of_imports()


def _maker(work: Work, plan: Plan | None) -> Callable[[Any], Any]:
    """What makes a task: this process, or a fork of it for each."""
    make = partial(_made, work, plan)
    return make if work.is_shipped or not CAN_FORK else partial(make_in_fork, make, work.limits)


def _made(work: Work, plan: Plan | None, task: Any) -> Any:
    from rmrp_analysis.publish.engine.shell import leave_notebook

    if plan is not None:
        keep_plan(placed(work.data), as_new(plan))
    random.seed()  # forks have the state of their parent
    np.random.seed()
    try:
        return work.make(task)
    finally:
        leave_notebook()


OWN_WAY = here if CAN_FORK else apart
"""The way of the ``rmrp`` command, which is a process of our own; of others nothing is known."""


def way_of(engine: str) -> Way:
    """The way in which the ``rmrp`` command runs notebooks by an engine that was asked for."""
    return apart if engine == "workers" else OWN_WAY
