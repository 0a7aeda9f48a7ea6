"""A Dask cluster on this computer, in a process of its own, so that Ctrl-C is for the process that started it."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from multiprocessing.connection import Connection

import dask
from distributed import LocalCluster

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.publish.engine.workers import Worker, leave_signals_to_parent

ONE_AT_A_TIME = {"distributed.scheduler.worker-saturation": 1.0}
"""A worker has no task in store: one whose process dies would draw others into its fate."""


@contextmanager
def local_cluster(workers: int) -> Iterator[str]:
    """The address of a cluster with so many workers, a thread each; it ends with the block.

    Raises ``InputRefused`` where it does not start.
    """
    with closing(Worker("spawn", _be_cluster, workers)) as cluster:
        try:
            try:
                address = cluster.connection.recv()
            except EOFError:
                raise InputRefused("the cluster on this computer could not be started") from None
            yield address
        finally:
            with suppress(EOFError, OSError):
                cluster.connection.send("end")
                while True:
                    cluster.connection.recv()  # until it has ended, once it has started


def _be_cluster(connection: Connection, workers: int) -> None:
    """Start the cluster, tell its address, and end it with the parent at the latest."""
    leave_signals_to_parent()
    logging.getLogger("distributed").setLevel(logging.ERROR)
    with (
        tempfile.TemporaryDirectory(prefix="rmrp-", ignore_cleanup_errors=True) as folder,
        dask.config.set({"temporary-directory": folder, **ONE_AT_A_TIME}),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            memory_limit=0,  # a report has a limit of its own
            local_directory=folder,
            silence_logs=logging.ERROR,
        ) as cluster,
    ):
        connection.send(cluster.scheduler_address)
        with suppress(EOFError):
            connection.recv()
