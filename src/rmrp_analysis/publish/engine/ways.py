"""The ways in which notebooks are run side by side, all of which make the same reports, byte for byte.

- ``here``: forks of this process, which must have started no thread: the ``rmrp`` command's own way on Linux;
- ``in_turn``: a few processes that get the plan as it was read, and make one report after the other: from a notebook or
  a test, and where the system has no fork;
- ``on_cluster`` (see ``cluster``): such processes on each worker;
- ``in_threads``: a kernel for each notebook, by papermill's ordinary engine.
"""

import pickle
import re
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from rmrp_analysis.plan import keep_plan, kept_plan
from rmrp_analysis.publish.engine import own_process
from rmrp_analysis.publish.engine.execution import ORDINARY, OWN
from rmrp_analysis.publish.engine.remote_paths import placed, settle
from rmrp_analysis.publish.engine.workers import CAN_FORK, Ended, Limits, begin_task, in_forks, side_by_side, started

WORTH_A_REHEARSAL = 4
"""How many tasks are worth that the parent does one for nothing first, so that forks find what it leaves in memory."""
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
    rehearse: Callable[..., object] | None = None
    """Called with the tasks before many are done, so that what it leaves in memory need not be made for each."""
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
    if work.rehearse and len(work.tasks) >= WORTH_A_REHEARSAL:
        with suppress(Exception):  # the task itself will tell
            work.rehearse(work.tasks)
    _prepare(work)
    yield from in_forks(work.tasks, partial(work.make, engine=OWN), jobs=work.jobs, limits=work.limits)


def _prepare(work: Work) -> None:
    """Import what notebooks need, and have a shell for them."""
    from rmrp_analysis.publish.engine.shell import shell

    if work.draws:
        import seaborn  # noqa: F401 - with Matplotlib
    shell()
    own_process.end_of_imports()


def in_turn(work: Work) -> Generator[tuple[Any, Any]]:
    """By processes of their own, to which the plan that this one keeps is given; one is started for some tasks each."""
    start = partial(started, served(work))
    jobs = max(1, min(work.jobs, len(work.tasks) // WORTH_A_PROCESS))
    for place, made in side_by_side(range(len(work.tasks)), start, jobs=jobs, limits=work.limits):
        yield work.tasks[place], made if isinstance(made, Ended) else pickle.loads(made)  # noqa: S301 - our own


def served(work: Work) -> bytes:
    """What a process is ``started`` with that gets places of tasks, and answers each with what was made, pickled.

    It makes each as if it were new to it (see ``renewal``).
    """
    return pickle.dumps(partial(_serve, pickle.dumps(kept_plan(work.data)), replace(work, rehearse=None)))


def _serve(plan: bytes, work: Work, connection: Connection, root: str) -> None:
    from rmrp_analysis.publish.engine.renewal import renewed

    settle(root)
    _prepare(work)
    threads = threading.active_count()
    while True:
        task = work.tasks[connection.recv()]
        begin_task(work.limits)
        with renewed():
            if (read := pickle.loads(plan)) is not None:  # noqa: S301 - anew, since an earlier notebook may have changed it
                keep_plan(placed(work.data), read)
            made = work.make(task, engine=OWN)
        goes_on = threading.active_count() == threads  # what a notebook's own thread does cannot be taken back
        connection.send((pickle.dumps(made), goes_on))


def in_threads(work: Work) -> Generator[tuple[Any, Any]]:
    """By kernels that papermill's ordinary engine starts, one each."""
    pool = ThreadPoolExecutor(max_workers=work.jobs)
    try:
        futures = {pool.submit(work.make, task, engine=ORDINARY): task for task in work.tasks}
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # kernels end by themselves when this process does


OWN_WAY = here if CAN_FORK else in_turn
"""The way of the ``rmrp`` command, which is a process of our own; of others nothing is known."""


def way_of(engine: str) -> Way:
    """The way in which the ``rmrp`` command runs notebooks by an engine that was asked for."""
    return {"workers": in_turn, "nbclient": in_threads}.get(engine, OWN_WAY)
