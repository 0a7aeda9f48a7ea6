"""The way to make reports on more than one computer: by the workers of a Dask cluster; this process is the driver.

A worker gets the plan as it was read, and the folders of the notebook and of the texts; no file of data. What it makes
comes back as bytes, and only the driver writes. Dask is imported when a cluster is asked for.
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
from rmrp_analysis.publish.engine import own_process
from rmrp_analysis.publish.engine.execution import named
from rmrp_analysis.publish.engine.ways import Way, Work, apart, served
from rmrp_analysis.publish.engine.workers import Ended
from rmrp_analysis.words import N_

if TYPE_CHECKING:
    from distributed import Client, Future

DASK_NEEDED = N_("--cluster needs Dask, which is not installed: pip install distributed")

ANSWER_SECONDS = 10
"""How long a cluster may take to answer."""
LOOK_SECONDS, LOOKS = 20, 3
"""How often it is seen whether there are workers while nothing comes back, and how often there may be none."""
MOST_BYTES = 64 * 2**20
"""Of the folders that go to each worker."""
LOCAL = re.compile(r"local:([1-9]\d{0,2})")
SCHEMES = ("tcp", "tls")


def check_address(address: str) -> None:
    """Raise ``RequestError`` where Dask is not installed, an address has another form, or nobody answers there."""
    if LOCAL.fullmatch(address):
        return
    if not find_spec("distributed"):
        raise RequestError(DASK_NEEDED)
    host, port, parts = None, None, urlsplit(address)
    with suppress(ValueError):  # a port that is no number
        host, port = parts.hostname, parts.port
    if parts.scheme not in SCHEMES or not host or not port:
        raise RequestError(
            f"--cluster {address}: write the address of a Dask scheduler, such as tcp://host:8786, or local:N for N "
            "workers on this computer"
        )
    try:
        socket.create_connection((host, port), ANSWER_SECONDS / 2).close()
    except OSError as problem:
        raise _no_answer(address, problem) from None


@contextmanager
def on_cluster(address: str) -> Iterator[Way]:
    """The way to do work on the workers at an address; ``local:N`` are processes of this computer, without Dask.

    Raises ``RequestError`` where nobody answers, where there is no worker, or where one has other code or libraries
    than this computer.
    """
    if local := LOCAL.fullmatch(address):
        yield lambda work: apart(replace(work, jobs=int(local[1])))
        return
    own_process.end_of_imports()  # Dask is needed now

    from distributed import Client

    from rmrp_analysis.publish.engine.cluster_worker import identity

    with ExitStack() as at_end:
        logger = logging.getLogger("distributed")
        at_end.callback(logger.setLevel, logger.level)
        logger.setLevel(logging.ERROR)
        try:
            client = at_end.enter_context(Client(address, timeout=ANSWER_SECONDS, set_as_default=False))
        except (OSError, TimeoutError) as problem:
            raise _no_answer(address, problem) from None
        _check_workers(client, address, identity)
        yield partial(_done, client)


def _no_answer(address: str, problem: Exception) -> RequestError:
    return RequestError(f"--cluster {address}: no Dask scheduler answers there ({problem or type(problem).__name__})")


def _check_workers(client: "Client", address: str, identity: Callable[[], dict[str, str]]) -> None:
    """Raise ``RequestError`` where there is no worker, or one that would not make the same bytes."""
    try:
        client.wait_for_workers(1, timeout=ANSWER_SECONDS)
        found: dict[str, dict[str, str]] = client.run(identity)
    except TimeoutError:
        raise RequestError(f"--cluster {address}: its scheduler has no workers") from None
    except Exception as problem:
        raise RequestError(
            f"--cluster {address}: its workers cannot run this version of rmrp-analysis ({problem}); install the same "
            "one on all computers"
        ) from None
    own = identity()
    for worker, other in found.items():
        if differing := [name for name in own if other.get(name) != own[name]]:
            raise RequestError(
                f"--cluster {address}: the worker {worker} would not make the same sheets as this computer, since it "
                f"differs in: {', '.join(differing)}; install the same versions on all computers"
            )


def _done(client: "Client", work: Work) -> Generator[tuple[Any, Any]]:
    """Each task as it is done, with what a worker made."""
    from concurrent.futures import CancelledError

    from distributed import wait

    from rmrp_analysis.publish.engine.cluster_worker import Renderer, result_on_worker

    own_pack = None if pack.folder() == pack.SHIPPED else pack.folder()
    folders = [path for path in (*work.folders, own_pack) if path and path.is_dir()]
    files = files_of(folders, without=work.data)
    name = f"rmrp-{uuid.uuid4().hex}"
    renderer = Renderer(served(work), work.limits, files, [work.data, *folders], own_pack)
    waiting: dict[Future[bytes], Any] = {}
    looks = 0
    try:
        client.register_plugin(renderer, name=name)
        keys, tasks = [f"{name}-{place}" for place in range(len(work.tasks))], map(pickle.dumps, work.tasks)
        futures = client.map(partial(result_on_worker, name), [*tasks], key=keys, pure=False)
        waiting = dict(zip(futures, work.tasks, strict=True))
        del futures
        while waiting and looks < LOOKS:
            try:
                with client.as_current():
                    done = wait(list(waiting), timeout=LOOK_SECONDS, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                looks = 0 if client.nthreads() else looks + 1
                continue
            for future in done:
                task = waiting.pop(future)
                made = pickle.loads(future.result()) if future.status == "finished" else Ended()  # noqa: S301
                future.release()
                yield task, made
        for task in waiting.values():
            yield task, Ended()
    except (OSError, CancelledError) as problem:  # of Dask: what the caller does in between raises nothing here
        raise InputRefused(
            f"the cluster cannot go on ({named(problem)}); the next run takes up what was made"
        ) from None
    finally:
        with suppress(OSError, LookupError, ValueError):  # where workers or the scheduler are gone, so is all of it
            client.cancel(list(waiting))
            client.unregister_worker_plugin(name)


def files_of(folders: Sequence[Path], without: Path) -> dict[Path, bytes]:
    """The files of some folders and of those in them, but for hidden ones and those of the folder ``without``.

    Raises ``RequestError`` where they are too large to go to each worker.
    """
    files: dict[Path, bytes] = {}
    size = 0
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            inner = path.relative_to(folder).parts
            hidden = any(part.startswith(".") or part == "__pycache__" for part in inner)
            if hidden or path in files or not path.is_file() or (without != folder and path.is_relative_to(without)):
                continue
            size += path.stat().st_size
            if size > MOST_BYTES:
                raise RequestError(
                    f"--cluster: the files in {folder} go to each worker with its notebook, and are over "
                    f"{MOST_BYTES // 2**20} MiB; put the notebook and what it needs into a folder of their own"
                )
            files[path] = path.read_bytes()
    return files
