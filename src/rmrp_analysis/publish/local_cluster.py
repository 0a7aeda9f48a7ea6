"""A Dask cluster on this computer, in a process of its own.

It ends when its input does, so that it outlives nobody; Ctrl-C is for the process that started it.
"""

import logging
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import dask
from distributed import LocalCluster

from rmrp_analysis.errors import InputRefused

COMMAND = "from rmrp_analysis.publish.local_cluster import main; main()"
ONE_AT_A_TIME = {"distributed.scheduler.worker-saturation": 1.0}
"""A worker has no task in store: one whose process dies would draw others into its fate."""


@contextmanager
def local_cluster(workers: int) -> Iterator[str]:
    """The address of a cluster with so many workers, a thread each; it ends with the block.

    Raises ``InputRefused`` where it does not start.
    """
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", COMMAND, str(workers)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        address = process.stdout.readline().strip()
        if not address:
            raise InputRefused("the cluster on this computer could not be started")
        yield address


def main() -> None:
    """Be the process: start the cluster, tell its address, and wait for the end of the input."""
    logging.getLogger("distributed").setLevel(logging.ERROR)
    with (
        tempfile.TemporaryDirectory(prefix="rmrp-", ignore_cleanup_errors=True) as folder,
        dask.config.set({"temporary-directory": folder, **ONE_AT_A_TIME}),
        LocalCluster(
            n_workers=int(sys.argv[1]),
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            memory_limit=0,  # a report has a limit of its own
            local_directory=folder,
            silence_logs=logging.ERROR,
        ) as cluster,
    ):
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
