"""The ways in which notebooks are run side by side, all of which make the same reports, byte for byte.

- ``here``: forks of this process, which must have started no thread: the ``rmrp`` command's own way on Linux;
- ``apart``: processes of their own that get the plan as it was read: from a notebook or a test, and where the system
  has no fork;
- ``on_cluster`` (see ``cluster``): such processes on each worker;
- ``in_threads``: a kernel for each notebook, by papermill's ordinary engine.

A process makes one report after the other, each as if it were new to it (see ``renewal``).
"""

import gc
import pickle
import re
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from rmrp_analysis.plan import Plan, as_new, keep_plan, kept_plan
from rmrp_analysis.publish.engine import own_process
from rmrp_analysis.publish.engine.execution import ORDINARY, OWN
from rmrp_analysis.publish.engine.remote_paths import placed, settle
from rmrp_analysis.publish.engine.workers import CAN_FORK, Limits, in_forks, make_each, side_by_side, started

WORTH_A_PROCESS = 6
"""How many tasks are worth that a process starts with nothing: to start it takes as long as to make them."""


@dataclass(frozen=True)
class Work:
    """What is to be done for each of some tasks: ``make(task, engine=…)`` runs its notebook by an engine of papermill.

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


_DRAWING = re.compile(r"matplotlib|seaborn|plot\b|plot\(|charts\.(?:bars|grouped_bars|heatmap)")


def draws(notebook: Path) -> bool:
    """Whether a notebook looks as if it drew with seaborn; the sheet's own charts are sketches."""
    return bool(_DRAWING.search(notebook.read_text(encoding="utf-8", errors="replace")))


Way = Callable[[Work], Generator[tuple[Any, Any]]]
"""A way to do work: yields the tasks as they are done, each with what was made, or ``Ended``."""


def here(work: Work) -> Generator[tuple[Any, Any]]:
    """By forks of this process, which keeps the plan (``keep_plan``)."""
    _prepare(work)
    make = partial(_made, work, kept_plan(work.data))
    yield from in_forks(work.tasks, make, jobs=work.jobs, limits=work.limits)


def apart(work: Work) -> Generator[tuple[Any, Any]]:
    """By processes of their own, to which the plan that this one keeps is given; one is started for some tasks each."""
    jobs = max(1, min(work.jobs, len(work.tasks) // WORTH_A_PROCESS))
    yield from side_by_side(work.tasks, partial(started, served(work)), jobs=jobs, limits=work.limits)


def served(work: Work) -> bytes:
    """What a process is ``started`` with that answers each task with what is made of it."""
    return pickle.dumps(partial(_serve, replace(work, tasks=()), kept_plan(work.data)))


def _serve(work: Work, plan: Plan | None, connection: Connection, root: str) -> None:
    settle(root)
    _prepare(work)
    make_each(connection, partial(_made, work, plan), work.limits)


def _prepare(work: Work) -> None:
    """Import what notebooks need, and have a shell for them."""
    from rmrp_analysis.publish.engine.renewal import renewed
    from rmrp_analysis.publish.engine.shell import shell

    gc.freeze()  # what is there is no garbage, and need not be looked through after each task
    if work.draws:
        import seaborn  # noqa: F401 - with Matplotlib
    shell()
    with renewed():  # once for nothing: it imports something, too
        pass
    own_process.end_of_imports()


def _made(work: Work, plan: Plan | None, task: Any) -> Any:
    from rmrp_analysis.publish.engine.renewal import renewed

    with renewed():
        if plan is not None:
            keep_plan(placed(work.data), as_new(plan))
        return work.make(task, engine=OWN)


def in_threads(work: Work) -> Generator[tuple[Any, Any]]:
    """By kernels that papermill's ordinary engine starts, one each."""
    pool = ThreadPoolExecutor(max_workers=work.jobs)
    try:
        futures = {pool.submit(work.make, task, engine=ORDINARY): task for task in work.tasks}
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # kernels end by themselves when this process does


OWN_WAY = here if CAN_FORK else apart
"""The way of the ``rmrp`` command, which is a process of our own; of others nothing is known."""


def way_of(engine: str) -> Way:
    """The way in which the ``rmrp`` command runs notebooks by an engine that was asked for."""
    return {"workers": apart, "nbclient": in_threads}.get(engine, OWN_WAY)
