"""Starts processes as copies of one that has imported what a report needs: in a tenth of a second, not in four."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import current_process, forkserver, get_context, set_forkserver_preload
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import psutil
import pytest

from rmrp_analysis.publish.engine import fast_start, workers

READY = "READY_PROCESS"
MOST_SECONDS_TO_END = 60


class CopiedWorker(workers.Worker):
    """A worker that is a copy of the ready process, with this one's environment, where it would be started anew."""

    def __init__(self, method: str, target: Callable[..., object], *args: object, start_seconds: int = 0) -> None:
        if method == "spawn":
            method, args, target = "forkserver", (target, dict(os.environ), *args), begin
        super().__init__(method, target, *args, start_seconds=start_seconds)


def begin(connection: Connection, target: Callable[..., object], environment: dict[str, str], *args: object) -> None:
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    target(connection, *args)


def command(messages: Path, *arguments: object, folder: Path | None = None) -> BaseProcess:
    """``rmrp`` at work in a copy, in a folder, as a terminal starts it; it tells what it does in ``messages``."""
    asked = (messages, ["rmrp", *map(str, arguments)], folder or Path.cwd(), dict(os.environ))
    process = get_context("forkserver").Process(target=_be_the_command, args=asked, daemon=True)
    process.start()
    return process


def _be_the_command(messages: Path, argv: list[str], folder: Path, environment: dict[str, str]) -> None:
    from rmrp_analysis.commands.cli import main

    current_process().daemon = False  # a daemon may start no process
    os.setsid()
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # also where tests are started by nohup
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(os.open(messages, os.O_WRONLY | os.O_CREAT), 2)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = argv
    main()


def below(pid: int) -> list[psutil.Process]:
    """The processes that a process started, and those that they started."""
    return psutil.Process(pid).children(recursive=True)


def still_there(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Those of some processes that have not ended within ``MOST_SECONDS_TO_END``; on a quiet machine it is one."""
    until = time.monotonic() + MOST_SECONDS_TO_END
    while (running := list(filter(is_at_work, processes))) and time.monotonic() < until:
        time.sleep(0.1)
    return running


def is_at_work(process: psutil.Process) -> bool:
    """Whether a process has not ended; what waits to be collected has, and so has what ends while it is asked."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextmanager
def copied_processes() -> Iterator[None]:
    """Has workers be copies of a process that is made ready at once, beside the first tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]))
        patch.setenv(READY, "1")
        set_forkserver_preload([__name__])
        forkserver.ensure_running()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "Worker", CopiedWorker)
        yield


if os.environ.pop(READY, ""):  # this is the ready process
    fast_start.begin_imports()
    from rmrp_analysis.publish.engine import shell  # noqa: F401
    from rmrp_analysis.publish.run import batch, report  # noqa: F401

    report.warm_up()
