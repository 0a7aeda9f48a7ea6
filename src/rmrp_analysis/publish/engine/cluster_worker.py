"""Runs tasks on a worker of a Dask cluster, by processes (servers) that the worker starts.

The servers read the files of the run. A worker has threads and must not fork. Its servers have no threads.
"""

import pickle
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from multiprocessing import current_process
from pathlib import Path
from typing import Any

import distributed
from distributed import WorkerPlugin, get_worker

from rmrp_analysis.packs import pack
from rmrp_analysis.provenance import DISTRIBUTION_NAME, environment, package_digest
from rmrp_analysis.publish.engine.remote_paths import resolve_path
from rmrp_analysis.publish.engine.workers import Limits, Worker, run_tasks, start_worker


def describe_computer() -> dict[str, str]:
    """Return the facts that all computers of a run must share, by name: code, versions of libraries, system."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {DISTRIBUTION_NAME: package_digest(), "Python": python, "system": sys.platform, **environment()}


def run_on_worker(name: str, task: bytes) -> bytes:
    """Run a pickled task by this worker's ``Renderer`` of this name and return its pickled result."""
    renderer = get_worker().plugins[name]
    assert isinstance(renderer, Renderer)  # noqa: S101
    return pickle.dumps(renderer.run_task(pickle.loads(task)))  # noqa: S301 - our own


class Renderer(WorkerPlugin):
    """Runs the tasks of a batch on a worker, by one server for each of its threads.

    It is a plugin so that Dask sends plan and files once to each worker, also to a worker that joins later.
    """

    def __init__(
        self, server: bytes, limits: Limits, files: Mapping[Path, bytes], folders: Sequence[Path], pack: Path | None
    ) -> None:
        """Keep the function that serves tasks, the limits, files and folders by their driver's paths, and the pack."""
        self._server = server
        self._limits = limits
        self._files = files
        self._folders = folders
        self._pack = pack

    def setup(self, worker: distributed.Worker) -> None:
        """Write the files into a new temporary folder of this worker, and let its process start servers."""
        self._root = str(Path(tempfile.mkdtemp(prefix="rmrp-", dir=worker.local_directory)).resolve())
        for folder in self._folders:
            resolve_path(folder, self._root).mkdir(parents=True, exist_ok=True)
        for path, content in self._files.items():
            target = resolve_path(path, self._root)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        self._closed = False
        self._free: list[Worker] = []
        current_process().daemon = False  # a daemon may start no process

    def run_task(self, task: Any) -> Any:
        """Run a task by a free server or a new one and return its result, or ``TaskFailed``.

        The task fails if it takes too long, or if its servers die ``MAX_TRIES`` times. The server waits for the next
        task, unless the plugin is closed.
        """
        pack_folder = str(resolve_path(self._pack, self._root)) if self._pack else ""
        start = partial(start_worker, self._server, self._root, {pack.PACK_VARIABLE: pack_folder})
        ((_, result),) = run_tasks([task], start, jobs=1, limits=self._limits, pool=self._free)
        if self._closed:
            self._end_servers()
        return result

    def teardown(self, worker: distributed.Worker) -> None:  # noqa: ARG002 - Dask gives it by its name
        """End the free servers and remove the files. A busy server ends after its task."""
        self._closed = True
        self._end_servers()
        shutil.rmtree(self._root, ignore_errors=True)

    def _end_servers(self) -> None:
        while self._free:
            self._free.pop().close()
