"""Prepares a run by two processes: one reads and counts its data, the other imports the drawing libraries."""

import gc
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.params import RunParams
from rmrp_analysis.plan import Plan, as_new, keep_plan
from rmrp_analysis.publish.engine import workers
from rmrp_analysis.publish.run.preparation import Preparation, Run, prepare_run


def prepare_run_in_parallel(
    params_path: Path, params: RunParams, *, when_read: Callable[[Plan], object] = lambda _: None, **overrides: Any
) -> Run:
    """Prepare a run as ``prepare_run`` does, while a fork reads and counts.

    This process imports the drawing libraries and judges the plan. It calls ``when_read`` with the plan before judging.
    Counting takes the most memory, and the fork gives it back when it ends. This process keeps the plan for its other
    forks. If something ends the fork, another fork is started, once. Without forks this is ``prepare_run``. Raises the
    errors of ``prepare_run``, and ``InputRefused`` if the second fork is ended, too.
    """
    if not workers.CAN_FORK:
        return prepare_run(params_path, params, when_read=when_read, **overrides)
    for _ in range(workers.MAX_TRIES):
        with suppress(_LostProcess):
            return _prepare_beside_fork(params_path, params, when_read, **overrides)
    advice = "perhaps the computer has too little memory"
    raise InputRefused(f"the process that reads the data was ended from outside, two times; {advice}")


class _LostProcess(Exception):
    """A process ended before it had sent all results."""


def _prepare_beside_fork(
    params_path: Path, params: RunParams, when_read: Callable[[Plan], object], **overrides: Any
) -> Run:
    """Prepare a run beside a fork that reads and counts. Raise ``_LostProcess`` if the fork ends early."""
    from rmrp_analysis import loaders, quality  # noqa: F401 - before the fork, so that both processes have them

    preparation = Preparation(params_path, params, **overrides)
    with closing(workers.Worker("fork", _send_steps, preparation.read_and_count)) as reader:
        from rmrp_analysis.publish.run import batch, report  # noqa: F401 - takes a second, in which the fork reads

        with suppress(Exception):  # each report will state the error
            report.warm_up()
        workers.unmap_files()
        raw, plan = _receive(reader)
        keep_plan(params.data, raw)
        when_read(plan)
        copy = as_new(plan)  # figures that are counted to judge it are not kept
        judgement = preparation.judge(copy)
        plan.add_results(copy.results_to_send | _receive(reader))
    return preparation.build_run(plan, judgement)


def _send_steps(connection: Connection, steps: Callable[[], Iterator[object]]) -> None:
    """Send the result of each step while the next one runs, or the exception that ends them."""
    workers.bind_to_parent()
    gc.freeze()  # to look through existing objects would copy their memory
    workers.return_large_blocks()
    with ThreadPoolExecutor(1) as sender:
        try:
            for result in steps():
                sender.submit(connection.send_bytes, pickle.dumps(result))
                workers.return_memory()
        except Exception as problem:
            sender.submit(connection.send, problem)


def _receive(worker: workers.Worker) -> Any:
    """Return the next result of a process, or raise the exception that it sent, or ``_LostProcess``."""
    wait([worker.connection])
    try:
        result = worker.connection.recv()
    except (EOFError, OSError):  # before a message, or within one
        raise _LostProcess from None
    if isinstance(result, Exception):
        raise result
    return result
