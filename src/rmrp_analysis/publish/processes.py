"""The processes in which notebooks are run, side by side.

- ``here``: forks of this process, which must have started no thread: the ``rmrp`` command's own way on Linux;
- ``apart``: forks of a process that is started for it, and that gets the plan as it was read: from a notebook or
  a test;
- ``on_cluster`` (see ``cluster``): such a process on each worker;
- ``in_threads``: a kernel for each notebook, where the system has no fork, or for papermill's ordinary engine.

All make the same reports, and the same bytes.
"""

import os
import pickle
import re
import sys
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from rmrp_analysis import own_process
from rmrp_analysis.plan import keep_plan, kept_plan
from rmrp_analysis.publish.elsewhere import placed
from rmrp_analysis.publish.execution import ORDINARY, OWN
from rmrp_analysis.publish.forks import CAN_FORK, WORTH_A_REHEARSAL, Ended, Limits, end_with_parent, in_forks
from rmrp_analysis.publish.server import Server, read_message, send_message


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

    def below(self, root: str) -> "Work":
        """The same work where its files lie below a root (see ``elsewhere``); its functions take one, too."""
        rehearse = self.rehearse and partial(self.rehearse, root=root)
        return replace(self, make=partial(self.make, root=root), rehearse=rehearse, data=placed(self.data, root))


_DRAWING = re.compile(r"matplotlib|seaborn|plot|chart\(")


def draws(notebook: Path) -> bool:
    """Whether a notebook looks as if it drew with Matplotlib; the sheet's own charts do not need it."""
    return bool(_DRAWING.search(notebook.read_text(encoding="utf-8", errors="replace")))


Way = Callable[[Work], Generator[tuple[Any, Any]]]
"""A way to do work: yields the tasks as they are done, each with what was made, or ``Ended``."""


def here(work: Work) -> Generator[tuple[Any, Any]]:
    """By forks of this process, which keeps the plan (``keep_plan``)."""
    _prepare(work)
    yield from in_forks(work.tasks, partial(work.make, engine=OWN), jobs=work.jobs, limits=work.limits)


def _prepare(work: Work) -> None:
    """Leave in this process what its forks need for each task."""
    from rmrp_analysis.publish.engine import shell

    if work.draws:
        import seaborn  # noqa: F401 - with Matplotlib
    if work.rehearse and len(work.tasks) >= WORTH_A_REHEARSAL:
        with suppress(Exception):  # the task itself will tell
            work.rehearse(work.tasks)
    shell()
    own_process.end_of_imports()


def apart(work: Work) -> Generator[tuple[Any, Any]]:
    """By forks of a process of their own, to which the plan that this one keeps is given."""
    left = list(range(len(work.tasks)))
    server = Server(content_of(work))
    try:
        for result in server.results(tuple(left)):
            place, made = pickle.loads(result)  # noqa: S301 - from our own process
            yield work.tasks[place], made
            left.remove(place)
    finally:
        server.close()
    for place in left:
        yield work.tasks[place], Ended()


def content_of(work: Work) -> bytes:
    """The plan that this process keeps for some work, with the work, as a ``Server`` takes them."""
    return pickle.dumps((kept_plan(work.data), work), protocol=pickle.HIGHEST_PROTOCOL)


def in_threads(work: Work) -> Generator[tuple[Any, Any]]:
    """By kernels that papermill's ordinary engine starts, one each."""
    pool = ThreadPoolExecutor(max_workers=work.jobs)
    try:
        futures = {pool.submit(work.make, task, engine=ORDINARY): task for task in work.tasks}
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # kernels end by themselves when this process does


USUAL_WAY = apart if CAN_FORK else in_threads
"""The way of a process of which nothing is known, such as a notebook's kernel."""
OWN_WAY = here if CAN_FORK else in_threads
"""The way of the ``rmrp`` command, which is a process of our own."""


def main() -> None:
    """Be the process of a ``Server``: keep the plan, then answer for each task with its place and what was made."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever is printed must not stand between answers
    end_with_parent()
    content, root = pickle.loads(read_message(sys.stdin.buffer))  # noqa: S301 - from our own process
    plan, work = pickle.loads(content)  # noqa: S301
    work = work.below(root) if root else work
    if plan is not None:
        keep_plan(work.data, plan)
    _prepare(work)
    make = partial(work.make, engine=OWN)
    while message := read_message(sys.stdin.buffer):
        places = pickle.loads(message)  # noqa: S301
        for place, made in in_forks(places, lambda place: make(work.tasks[place]), jobs=work.jobs, limits=work.limits):
            send_message(answers, pickle.dumps((place, made), protocol=pickle.HIGHEST_PROTOCOL))
