"""A worker of a Dask cluster: it has servers of its own make the reports, from files of the run that it keeps.

A worker has threads and must not fork; its servers, processes that it starts, have none.
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
from rmrp_analysis.provenance import PACKAGE, environment, package_digest
from rmrp_analysis.publish.engine.remote_paths import placed
from rmrp_analysis.publish.engine.workers import Limits, Worker, side_by_side, started


def identity() -> dict[str, str]:
    """What must be the same on all computers that make the reports of a run: code, libraries, system."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {PACKAGE: package_digest(), "Python": python, "system": sys.platform, **environment()}


def result_on_worker(name: str, task: bytes) -> bytes:
    """Have the ``Renderer`` of this name on this worker make a task; it comes pickled, and so does its result."""
    renderer = get_worker().plugins[name]
    assert isinstance(renderer, Renderer)  # noqa: S101
    return pickle.dumps(renderer.result(pickle.loads(task)))  # noqa: S301 - our own


class Renderer(WorkerPlugin):
    """Makes the tasks of some work on a worker, by one server for each of its threads."""

    def __init__(
        self, content: bytes, limits: Limits, files: Mapping[Path, bytes], folders: Sequence[Path], pack: Path | None
    ) -> None:
        """Take the ``content`` for servers, files and folders by their paths in the driver, and its pack if it has one.

        All of it is what a worker gets, once.
        """
        self._content, self._limits, self._files, self._folders, self._pack = content, limits, files, folders, pack

    def setup(self, worker: distributed.Worker) -> None:
        """Write the files into a folder of this worker."""
        self._root = str(Path(tempfile.mkdtemp(prefix="rmrp-", dir=worker.local_directory)).resolve())
        for folder in self._folders:
            placed(folder, self._root).mkdir(parents=True, exist_ok=True)
        for path, content in self._files.items():
            here = placed(path, self._root)
            here.parent.mkdir(parents=True, exist_ok=True)
            here.write_bytes(content)
        self._closed = False
        self._free: list[Worker] = []
        current_process().daemon = False  # a daemon may start no process

    def result(self, task: Any) -> Any:
        """What was made of a task; ``Ended`` where its server ends early again and again."""
        named = str(placed(self._pack, self._root)) if self._pack else ""
        start = partial(started, self._content, self._root, {pack.PACK_VARIABLE: named})
        (made,) = side_by_side([task], start, jobs=1, limits=self._limits, kept=self._free)
        if self._closed:
            self._end()
        return made[1]

    def teardown(self, worker: distributed.Worker) -> None:  # noqa: ARG002 - Dask gives it by its name
        """End the servers, one at work once it is done, and remove the files."""
        self._closed = True
        self._end()
        shutil.rmtree(self._root, ignore_errors=True)

    def _end(self) -> None:
        while self._free:
            self._free.pop().close()
