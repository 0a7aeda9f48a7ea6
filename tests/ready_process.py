"""Starts processes as copies of one that has imported what a report needs: in a tenth of a second, not in four."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import forkserver, set_forkserver_preload
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from rmrp_analysis.publish.engine import own_process, workers

READY = "READY_PROCESS"


class CopiedWorker(workers.Worker):
    """A worker that is a copy of the ready process, with this one's environment, where it would be started anew."""

    def __init__(self, method: str, target: Callable[..., object], *args: object, start_seconds: int = 0) -> None:
        if method == "spawn":
            method, args, target = "forkserver", (target, dict(os.environ), *args), begin
        super().__init__(method, target, *args, start_seconds=start_seconds)


def begin(connection: Connection, target: Callable[..., object], environment: dict[str, str], *args: object) -> None:
    """Be a copy."""
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    target(connection, *args)


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
    own_process.begin()
    from rmrp_analysis.publish.engine import renewal, shell  # noqa: F401
    from rmrp_analysis.publish.run import batch, rehearsal  # noqa: F401

    rehearsal.warm_up()
