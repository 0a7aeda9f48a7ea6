"""Runs a batch on several computers, by the workers of a Dask cluster. This process is the driver.

A worker gets the plan as it was read, and the folders of the notebook and of the texts, but no data file. It sends
results as bytes, and only the driver writes files. Dask is imported only for a cluster.
"""

import logging
import pickle
import re
import socket
import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rmrp_analysis.errors import InputRefused, RequestError
from rmrp_analysis.packs import pack
from rmrp_analysis.publish.engine import fast_start
from rmrp_analysis.publish.engine.execution import describe_error
from rmrp_analysis.publish.engine.runners import Batch, Runner, pickle_server, run_in_processes
from rmrp_analysis.publish.engine.workers import TaskFailed
from rmrp_analysis.words import N_

if TYPE_CHECKING:
    from distributed import Client, Future

DASK_NEEDED_MESSAGE = N_("--cluster needs Dask, which is not installed: pip install distributed")
MAX_ANSWER_SECONDS = 10
"""The seconds that a cluster may take to answer."""
WORKER_CHECK_SECONDS, MAX_CHECKS_WITHOUT_WORKERS = 20, 3
"""The seconds without a result before workers are counted, and the counts in a row that may find no worker."""
MAX_FOLDER_BYTES = 64 * 2**20
"""The limit for all folders together, which each worker gets."""
LOCAL_ADDRESS_PATTERN = re.compile(r"local:([1-9]\d{0,2})")
"""An address that means a number of processes on this computer."""
SCHEDULER_URL_SCHEMES = ("tcp", "tls")


def check_address(address: str) -> None:
    """Raise ``RequestError`` if an address of ``--cluster`` cannot be used.

    The address ``local:N`` (1 to 999) can always be used. Any other address needs Dask, the form ``tcp://host:port`` or
    ``tls://host:port``, and a server that answers.
    """
    if LOCAL_ADDRESS_PATTERN.fullmatch(address):
        return
    if not find_spec("distributed"):
        raise RequestError(DASK_NEEDED_MESSAGE)
    parts = urlsplit(address)
    host = port = None
    with suppress(ValueError):  # a port that is no number
        host, port = parts.hostname, parts.port
    if parts.scheme not in SCHEDULER_URL_SCHEMES or not host or not port:
        raise RequestError(
            f"--cluster {address}: write the address of a Dask scheduler, such as tcp://host:8786, or local:N for N "
            "workers on this computer"
        )
    try:
        socket.create_connection((host, port), MAX_ANSWER_SECONDS / 2).close()
    except OSError as problem:
        raise _no_answer_error(address, problem) from None


@contextmanager
def open_cluster(address: str) -> Iterator[Runner]:
    """Connect to the workers at an address and yield their runner of batches.

    At the end of the block, disconnect. ``local:N`` means at most N processes of this computer, without Dask. Within
    the block, Dask logs only errors. Raises ``RequestError`` if no scheduler answers, there is no worker, or a worker
    has other code or libraries.
    """
    if local := LOCAL_ADDRESS_PATTERN.fullmatch(address):
        yield lambda batch: run_in_processes(replace(batch, jobs=int(local[1])))
        return
    fast_start.end_imports()  # Dask is needed now

    from distributed import Client

    from rmrp_analysis.publish.engine.cluster_worker import describe_computer

    with ExitStack() as stack:
        logger = logging.getLogger("distributed")
        stack.callback(logger.setLevel, logger.level)
        logger.setLevel(logging.ERROR)
        try:
            client = stack.enter_context(Client(address, timeout=MAX_ANSWER_SECONDS, set_as_default=False))
        except (OSError, TimeoutError) as problem:
            raise _no_answer_error(address, problem) from None
        _check_workers(client, address, describe_computer)
        yield partial(_run_on_cluster, client)


def _no_answer_error(address: str, problem: Exception) -> RequestError:
    """Make the error for an address where no scheduler answers, with the reason."""
    return RequestError(f"--cluster {address}: no Dask scheduler answers there ({problem or type(problem).__name__})")


def _check_workers(client: "Client", address: str, describe: Callable[[], dict[str, str]]) -> None:
    """Raise ``RequestError`` if no worker joins in time, or ``describe`` gives another result on a worker."""
    try:
        client.wait_for_workers(1, timeout=MAX_ANSWER_SECONDS)
        computers: dict[str, dict[str, str]] = client.run(describe)
    except TimeoutError:
        raise RequestError(f"--cluster {address}: its scheduler has no workers") from None
    except Exception as problem:
        raise RequestError(
            f"--cluster {address}: its workers cannot run this version of rmrp-analysis ({problem}); install the same "
            "one on all computers"
        ) from None
    driver = describe()
    for worker, computer in computers.items():
        if differing := [name for name in driver if computer.get(name) != driver[name]]:
            raise RequestError(
                f"--cluster {address}: the worker {worker} would not make the same sheets as this computer, since it "
                f"differs in: {', '.join(differing)}; install the same versions on all computers"
            )


def _run_on_cluster(client: "Client", batch: Batch) -> Generator[tuple[Any, Any]]:
    """Run a batch by the workers of a cluster and yield each task with its result as it ends.

    The workers get the files of the batch's folders and of the plan pack, and remove them at the end. If
    ``MAX_CHECKS_WITHOUT_WORKERS`` checks in a row find no workers, the remaining tasks get ``TaskFailed``. Raises
    ``InputRefused`` if the cluster fails, and ``RequestError`` if the files are too large.
    """
    from concurrent.futures import CancelledError

    from distributed import wait

    from rmrp_analysis.publish.engine.cluster_worker import Renderer, run_on_worker

    pack_folder = None if pack.folder() == pack.R4V_FOLDER else pack.folder()
    folders = [path for path in (*batch.folders, pack_folder) if path and path.is_dir()]
    files = read_files(folders, excluded=batch.data)
    name = f"rmrp-{uuid.uuid4().hex}"
    renderer = Renderer(pickle_server(batch), batch.limits, files, [batch.data, *folders], pack_folder)
    waiting: dict[Future[bytes], Any] = {}
    misses = 0
    try:
        client.register_plugin(renderer, name=name)
        keys = [f"{name}-{index}" for index in range(len(batch.tasks))]
        tasks = map(pickle.dumps, batch.tasks)
        futures = client.map(partial(run_on_worker, name), [*tasks], key=keys, pure=False)
        waiting = dict(zip(futures, batch.tasks, strict=True))
        del futures
        while waiting and misses < MAX_CHECKS_WITHOUT_WORKERS:
            try:
                with client.as_current():
                    ended = wait(list(waiting), timeout=WORKER_CHECK_SECONDS, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                misses = 0 if client.nthreads() else misses + 1
                continue
            for future in ended:
                task = waiting.pop(future)
                result = pickle.loads(future.result()) if future.status == "finished" else TaskFailed()  # noqa: S301
                future.release()
                yield task, result
        for task in waiting.values():
            yield task, TaskFailed()
    except (OSError, CancelledError) as problem:  # from Dask: the caller of this generator raises nothing here
        reason = describe_error(problem)
        raise InputRefused(f"the cluster cannot go on ({reason}); the next run takes up what was made") from None
    finally:
        with suppress(OSError, LookupError, ValueError):  # workers or scheduler may be gone
            client.cancel(list(waiting))
            client.unregister_worker_plugin(name)


def read_files(folders: Sequence[Path], excluded: Path) -> dict[Path, bytes]:
    """Read all files of some folders and return their content by path.

    Hidden files, ``__pycache__`` and files in the folder ``excluded`` are left out. If ``excluded`` is one of the
    folders, its files are read. Raises ``RequestError`` if all files together are larger than ``MAX_FOLDER_BYTES``.
    """
    files: dict[Path, bytes] = {}
    size = 0
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            parts = path.relative_to(folder).parts
            is_hidden = any(name.startswith(".") or name == "__pycache__" for name in parts)
            is_excluded = excluded != folder and path.is_relative_to(excluded)
            if is_hidden or is_excluded or path in files or not path.is_file():
                continue
            size += path.stat().st_size
            if size > MAX_FOLDER_BYTES:
                raise RequestError(
                    f"--cluster: the files in {folder} go to each worker with its notebook, and are over "
                    f"{MAX_FOLDER_BYTES // 2**20} MiB; put the notebook and what it needs into a folder of their own"
                )
            files[path] = path.read_bytes()
    return files
