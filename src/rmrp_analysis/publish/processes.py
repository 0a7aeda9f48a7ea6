"""The processes in which notebooks are run, side by side.

- ``here``: forks of this process, which must have started no thread: the ``rmrp`` command's own way on Linux;
- ``apart``: forks of a process that is started for it, and that gets the plan as it was read: from a notebook, a test,
  or a worker of a cluster;
- ``in_threads``: a kernel for each notebook, where the system has no fork, or for papermill's ordinary engine.

All make the same reports, and the same bytes.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

from rmrp_analysis import loaders, own_process
from rmrp_analysis.publish.execution import ORDINARY, OWN
from rmrp_analysis.publish.forks import CAN_FORK, Ended, Limits, Result, begun, end_with_parent, in_forks

LENGTH = 8
"""Bytes that say how long a message between processes is."""


SERVER = f"from rmrp_analysis import own_process as own; own.begin(); from {__name__} import main; main()"
WORTH_A_REHEARSAL = 4
"""Tasks."""


@dataclass(frozen=True)
class Work:
    """What is to be done for each of some tasks: ``make(task, engine=…)`` runs its notebook by an engine of papermill.

    Tasks, ``make`` and what it returns must be of a kind that pickle takes, and ``make`` does not raise. ``data`` is
    the folder of the plan that all tasks look at.
    """

    make: Callable[..., Any]
    tasks: Sequence[Any]
    data: Path
    limits: Limits
    jobs: int = 1
    rehearse: Callable[[Any], object] | None = None
    """Called with a task before many are done, so that what it leaves in memory need not be made for each."""


Way = Callable[[Work], Generator[tuple[Any, Any]]]
"""A way to do work: yields the tasks as they are done, each with what was made, or ``Ended``."""


def here(work: Work) -> Generator[tuple[Any, Any]]:
    """By forks of this process, which keeps the plan (``loaders.keep_plan``)."""
    from rmrp_analysis.publish.engine import shell

    if work.rehearse and len(work.tasks) >= WORTH_A_REHEARSAL:
        with suppress(Exception):  # the task itself will tell
            work.rehearse(work.tasks[0])
    shell()
    own_process.end_of_imports()
    yield from in_forks(work.tasks, partial(work.make, engine=OWN), jobs=work.jobs, limits=work.limits)


def apart(work: Work) -> Generator[tuple[Any, Any]]:
    """By forks of a process of their own, to which the plan that this one keeps is given."""
    server = subprocess.Popen(  # noqa: S603
        [
            sys.executable,
            "-c",
            f"from rmrp_analysis import own_process; own_process.begin(); from {__name__} import main; main()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for us: it ends with us
    )
    assert server.stdin is not None  # noqa: S101 - both are pipes
    assert server.stdout is not None  # noqa: S101
    left = list(work.tasks)
    try:
        with suppress(BrokenPipeError):  # the answers tell
            _send(server.stdin, (loaders.kept_plan(work.data), work))
        while left and (answer := _receive(server.stdout)):
            place, made = answer
            yield work.tasks[place], made
            left.remove(work.tasks[place])
    finally:
        server.kill()  # its forks end with it
        server.wait()
        server.stdout.close()
        with suppress(BrokenPipeError):
            server.stdin.close()
    for task in left:
        yield task, Ended()


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


@contextmanager
def ahead(work: Callable[[], Result]) -> Iterator[Callable[[], Result]]:
    """Work done beside what the block does, where ``OWN_WAY`` has forks; else when the block asks for its result."""
    if OWN_WAY is here:
        with begun(work) as result:
            yield result
    else:
        yield work


def _send(file: IO[bytes], message: Any) -> None:
    content = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    file.write(len(content).to_bytes(LENGTH) + content)
    file.flush()


def _receive(file: IO[bytes]) -> Any:
    """The next message; None where there is none any more."""
    length = file.read(LENGTH)
    content = file.read(int.from_bytes(length))
    return pickle.loads(content) if len(length) == LENGTH and content else None  # noqa: S301 - from our own process


def main() -> None:
    """Be the process that ``apart`` starts: read what is to be done, answer with each result by its task's place."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever is printed must not stand between answers
    end_with_parent()
    plan, work = _receive(sys.stdin.buffer)
    if plan is not None:
        loaders.keep_plan(work.data, plan)
    for task, made in here(work):
        _send(answers, (work.tasks.index(task), made))
