"""Runs tasks in processes side by side: in forks of this process, or in new processes.

Each process runs one task after the other. A task has limits of time and memory. A process ends with this one, and
everything that it started ends with it. A task that is not of the package gets its own fork (``run_task_in_fork``), so
that it can break nothing outside. A process that forks must have started no thread, and compiled nothing by Typst,
which starts threads: a fork would wait for them.
"""

import ctypes
import gc
import os
import re
import signal
import socket
import struct
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import current_process, get_context, parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import psutil

from rmrp_analysis.publish.engine import fast_start

if sys.platform != "win32":
    import resource

Task = TypeVar("Task")

CAN_FORK = sys.platform == "linux"
"""Whether this system can run tasks in forks. macOS has fork, but its frameworks do not survive a fork."""
MAX_TRIES = 2
"""The times that a task is begun if its process dies. Perhaps the computer had too little memory for a moment."""
MAX_START_SECONDS = 60
"""The seconds that a new process may take to start, added to the time of its first task."""
MAX_MESSAGE_PAUSE_SECONDS = 10
"""The seconds that a message may pause after its beginning, since a notebook can write only a beginning."""
STOP_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""The signals that stop a run, if the system has them."""
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
"""Options of Linux: the signal when the parent ends, and the adoption of orphans below this process."""
M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES = -3, 2**18
"""The option of glibc for the size from which a block gets its own memory, and this size."""
MADV_DONTNEED = 4
"""The advice to Linux that pages of memory are not needed for now."""
_UNWRITABLE_MAPPING_PATTERN = re.compile(r"^(\w+)-(\w+) r-.p \w+ \S+ [1-9].*$", re.MULTILINE)
"""A line of ``maps`` for a mapping of a file that cannot be written to. The groups are its addresses."""
_WRITTEN_KB_PATTERN = re.compile(
    _UNWRITABLE_MAPPING_PATTERN.pattern + r"\n(?:.*\n)+?Anonymous: +(\d+) kB", re.MULTILINE
)
"""The same line in ``smaps``, and the kB that were written to the mapping earlier."""
_is_written_by_mapping_line: dict[str, bool] = {}
"""Whether a mapping was written to before it became read-only, by its line. It is cached since ``smaps`` is slow."""
ALIVE_CHECK_SECONDS = 1
"""The seconds between checks of processes. A dead process is silent if processes that it started live on."""


@dataclass(frozen=True)
class Limits:
    """The limits of one task: seconds, and MiB of memory that it may add to its process.

    Usual reports need far less.
    """

    seconds: int = 900
    memory: int = 4096


USUAL_LIMITS = Limits()


@dataclass(frozen=True)
class TaskFailed:
    """The mark of a task without a result: its process took too long, or died ``MAX_TRIES`` times."""

    too_long: bool = False


class Worker:
    """A process that gets tasks over a ``connection``, one at a time, until ``close``.

    It exists since a pool of ``concurrent.futures`` breaks if one process dies, and cannot end a process that takes too
    long.
    """

    def __init__(self, method: str, target: Callable[..., object], *args: object, start_seconds: int = 0) -> None:
        """Start the process by a method of multiprocessing. It calls ``target(connection, *args)``.

        Its first task may take ``start_seconds`` longer.
        """
        self._start_seconds = start_seconds
        context: Any = get_context(method)
        self.connection, theirs = context.Pipe()
        if sys.platform != "win32":
            with socket.socket(fileno=os.dup(self.connection.fileno())) as ours:
                ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", MAX_MESSAGE_PAUSE_SECONDS, 0))
        self._process = context.Process(target=target, args=(theirs, *args), daemon=True)
        with _hold_signals():
            self._process.start()
        theirs.close()

    def begin(self, task: Any, tries: int, seconds: float) -> None:
        """Send a task to the process, and start its limit of time.

        ``tries`` counts how often the task was begun, including this time. Raises nothing if the process has died.
        ``poll`` then returns ``TaskFailed``.
        """
        self.task, self.tries = task, tries
        self._until = time.monotonic() + seconds + self._start_seconds
        self._start_seconds = 0
        with suppress(OSError):
            self.connection.send(task)

    @property
    def seconds_left(self) -> float:
        """The seconds that the task may still take, 0 after the limit."""
        return max(0.0, self._until - time.monotonic())

    def poll(self) -> tuple[Any, bool] | None:
        """Return the task's result and whether the process takes another task, or None while it works.

        The result is ``TaskFailed`` if the process died, took too long, or sent anything but a result.
        """
        is_alive = self._process.is_alive()  # asked first: it may answer and end at once
        try:
            if self.connection.poll():
                pid, result, goes_on = self.connection.recv()
                if pid == self._process.pid:
                    return result, goes_on
                is_alive = False
        except Exception:  # it ended, or something else was written to the connection
            is_alive = False
        if is_alive and self.seconds_left:
            return None
        return TaskFailed(too_long=is_alive), False

    def close(self) -> None:
        """Kill the process and all processes that it started, and close the connection."""
        with suppress(psutil.Error):
            process = psutil.Process(self._process.pid)
            process.suspend()  # it starts nothing more
            end_descendants(process)
        if sys.platform != "win32":
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.join()
        self._process.close()
        self.connection.close()


def end_descendants(process: psutil.Process, spared: Collection[psutil.Process] = ()) -> None:
    """Kill the processes below a process, except ``spared`` ones, until all have ended.

    On Linux this includes processes that left its group, its session, or their parent (see ``adopt_orphans``).
    """
    while running := [
        child for child in process.children(recursive=True) if child not in spared and not _has_ended(child)
    ]:
        for child in running:
            with suppress(psutil.Error):
                child.kill()
        if process.pid == os.getpid():
            psutil.wait_procs(running, timeout=ALIVE_CHECK_SECONDS)


@contextmanager
def end_started_processes() -> Iterator[None]:
    """Kill at the end of the block all processes that it started below this one.

    On Linux, this process adopts orphans within the block (see ``adopt_orphans``).
    """
    current = psutil.Process()
    spared = current.children(recursive=True)
    adopt_orphans()
    try:
        yield
    finally:
        end_descendants(current, spared)
        adopt_orphans(enabled=False)


def _has_ended(process: psutil.Process) -> bool:
    """Tell whether a process has ended, even if its parent has not yet asked for its result."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def start_worker(server: bytes, root: str = "", variables: Mapping[str, str] | None = None) -> Worker:
    """Start a new process that shares only the environment of this one, with ``variables`` added.

    ``server`` is a pickled function: the process calls it with the connection and the ``root`` (see ``remote_paths``).
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")  # otherwise the analyst's script would run once more there
    try:
        worker = Worker("spawn", _serve_in_new_process, root, variables or {}, start_seconds=MAX_START_SECONDS)
    finally:
        sys.modules["__main__"] = main
    with suppress(OSError):
        worker.connection.send_bytes(server)
    return worker


def run_tasks(
    tasks: Iterable[Task], start: Callable[[], Worker], *, jobs: int, limits: Limits, pool: list[Worker] | None = None
) -> Generator[tuple[Task, Any]]:
    """Run tasks in at most ``jobs`` processes, and yield each as it ends, with its result or ``TaskFailed``.

    ``start`` starts a process if no process is free. If its process dies, a task is run once more. When the generator
    is closed, the processes are killed. With a ``pool``, free processes are taken from it and put back.
    """
    waiting = deque((task, 1) for task in tasks)
    results: list[tuple[Task, Any]] = []
    free = [] if pool is None else pool
    busy: set[Worker] = set()
    try:
        while waiting or busy or results:
            while waiting and len(busy) < jobs:
                worker = None
                with suppress(IndexError):  # other threads take some of the pool
                    worker = free.pop()
                worker = worker or start()
                worker.begin(*waiting.popleft(), limits.seconds)
                busy.add(worker)
            yield from results  # while the next ones are at work
            results = []
            soonest = min((worker.seconds_left for worker in busy), default=0)
            wait([worker.connection for worker in busy], min(ALIVE_CHECK_SECONDS, soonest))
            for worker in list(busy):
                if not (response := worker.poll()):
                    continue
                busy.remove(worker)
                result, goes_on = response
                if goes_on and (waiting or pool is not None):
                    free.append(worker)
                else:
                    worker.close()
                if result == TaskFailed() and worker.tries < MAX_TRIES:
                    waiting.append((worker.task, worker.tries + 1))
                else:
                    results.append((worker.task, result))
    finally:
        for worker in (*busy, *(free if pool is None else ())):
            worker.close()


def run_tasks_in_forks(
    tasks: Iterable[Task], make: Callable[[Task], object], *, jobs: int, limits: Limits
) -> Generator[tuple[Task, Any]]:
    """Run tasks as ``run_tasks`` does, by forks of this process.

    The forks have everything that this process has imported and read.

    Until the generator ends, no garbage is collected among the objects that this process has now.
    """
    return_memory()
    gc.freeze()  # their memory stays shared with the forks
    try:
        yield from run_tasks(tasks, partial(Worker, "fork", _serve_in_fork, make, limits), jobs=jobs, limits=limits)
    finally:
        gc.unfreeze()


def _serve_in_fork(connection: Connection, make: Callable[[Any], object], limits: Limits) -> None:
    """Serve tasks in a fork, then exit at once, whatever happens.

    The files of the parent, except the connection, lead nowhere. Text that a notebook writes into one of these files is
    lost.
    """
    try:
        bind_to_parent()
        null = os.open(os.devnull, os.O_RDWR)
        for number in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208
            if number not in (null, connection.fileno()):
                os.dup2(null, number)
        serve_tasks(connection, make, limits)
    finally:
        os._exit(0)


def serve_tasks(connection: Connection, make: Callable[[Any], object], limits: Limits, *, once: bool = False) -> None:
    """Receive tasks and send their results. With ``once``, serve only one task.

    Limits the memory of each task. Raises ``EOFError`` when the other side closes the connection.
    """
    goes_on = True
    while goes_on:
        task = connection.recv()
        _limit_memory(limits)
        result = make(task)
        goes_on = not once
        connection.send((os.getpid(), result, goes_on))
        del task, result
        return_memory()


def run_task_in_fork(make: Callable[[Task], object], limits: Limits, task: Task) -> object:
    """Run a task in a fork of this process and return its result, or ``TaskFailed``.

    Then kill all processes below this one, so that a task changes nothing for the next one.
    """
    with closing(Worker("fork", _serve_in_fork, make, limits)) as worker:
        worker.begin(task, 1, limits.seconds)
        while not (response := worker.poll()):
            wait([worker.connection], min(ALIVE_CHECK_SECONDS, worker.seconds_left))
    end_descendants(psutil.Process())
    return response[0]


def _serve_in_new_process(connection: Connection, root: str, variables: Mapping[str, str]) -> None:
    """Receive a function, call it with the connection and the root, then exit at once.

    Also exits when the parent closes the connection. Sets ``variables`` of the environment, and redirects printed text
    to standard error.
    """
    bind_to_parent()
    os.environ.update(variables)
    fast_start.begin_imports()
    fast_start.begin_tables()
    os.dup2(2, 1)  # the parent's standard output is for results
    with suppress(EOFError, OSError):
        connection.recv()(connection, root)
    os._exit(0)


def bind_to_parent() -> None:
    """Make this process end with its parent. Only the parent gets Ctrl-C.

    Multiprocessing has just started this process. It exits at once if the parent has already ended. On Linux, the
    process adopts orphans (see ``adopt_orphans``).
    """
    current_process().daemon = False  # multiprocessing lets a daemon start nothing
    if sys.platform != "win32":
        os.setpgid(0, 0)
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN if sys.platform == "win32" else signal.SIG_DFL)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        adopt_orphans()
    else:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    if (parent := parent_process()) is None or not parent.is_alive():
        os._exit(1)  # it ended before the lines above


def adopt_orphans(*, enabled: bool = True) -> None:
    """Make this process the parent of the orphans below it, on Linux, so that it can end them.

    With ``enabled=False`` it no longer adopts orphans.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, int(enabled))


def _end_with_parent() -> None:
    """Wait until the parent of this process ends, then exit at once."""
    if parent := parent_process():
        parent.join()
    os._exit(1)


def return_memory() -> None:
    """Collect garbage, then give unused memory back to the system (see ``trim_memory``)."""
    gc.collect()
    trim_memory()


def trim_memory() -> None:
    """Give freed memory back to the system, if the C library can (glibc), and unmap files.

    Typst frees about 100 MB after each page. The library would keep this memory.
    """
    if trim := _find_c_function("malloc_trim"):
        trim(0)
    unmap_files()


def unmap_files() -> None:
    """Unmap the files of libraries that this process has read, on Linux.

    A file that is read again is mapped again. Importing the libraries maps 60 MB, mostly code that runs once. It stays
    in the system's cache, which shrinks if memory is short.
    """
    if not (advise := _find_c_function("madvise")):
        return
    with suppress(OSError):
        mappings = list(_UNWRITABLE_MAPPING_PATTERN.finditer(Path("/proc/self/maps").read_text("utf-8")))
        if not _is_written_by_mapping_line.keys() >= {mapping[0] for mapping in mappings}:
            for entry in _WRITTEN_KB_PATTERN.finditer(Path("/proc/self/smaps").read_text("utf-8")):
                line = entry[0].partition("\n")[0]
                _is_written_by_mapping_line.setdefault(line, entry[3] != "0")
        for mapping in mappings:
            if not _is_written_by_mapping_line.get(mapping[0], True):  # written content would be lost
                address = int(mapping[1], 16)
                size = int(mapping[2], 16) - address
                advise(ctypes.c_void_p(address), ctypes.c_size_t(size), MADV_DONTNEED)


def return_large_blocks() -> None:
    """Make the C library (glibc) give each large block back to the system as soon as it is freed.

    Counting figures makes and frees many columns, and the library would keep their memory. This costs time, so
    processes that draw do not use it.
    """
    if set_option := _find_c_function("mallopt"):
        set_option(M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES)


def _find_c_function(name: str) -> Callable[..., int] | None:
    """Return a function of the C library by its name, or None if it is missing or the system is not Linux."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None


def _limit_memory(limits: Limits) -> None:
    """Limit, on Linux, the memory that this process may add, and the size of files that it writes."""
    if sys.platform == "linux":
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
            current = int(file.read().split()[5]) * resource.getpagesize()
        size = limits.memory * 2**20
        for kind, limit in ((resource.RLIMIT_DATA, current + size), (resource.RLIMIT_FSIZE, size)):
            _, hard = resource.getrlimit(kind)
            soft = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(kind, (soft, hard))


@contextmanager
def _hold_signals() -> Iterator[None]:
    """Hold back the signals that stop a run, since a starting process is not ready for signals."""
    if sys.platform == "win32":
        yield
        return
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
