"""Processes that make tasks side by side, each one task after the other: forks of this one, or processes of their own.

A task has a time and a memory that it may take. Whatever a process started ends with it, and it ends with this one. A
task that nobody vouches for gets a fork of its process for itself (``make_in_fork``), which alone can break.
Whoever forks must have started no thread, and compiled nothing by Typst, which starts some: a fork has none of them,
and would wait for them.
"""

import ctypes
import gc
import os
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
from types import ModuleType
from typing import Any, TypeVar

import psutil

from rmrp_analysis.publish.engine import own_process

if sys.platform != "win32":
    import resource

Task = TypeVar("Task")

CAN_FORK = sys.platform == "linux"
"""macOS has fork, but its frameworks do not survive it."""
TRIES = 2
"""How often a task is begun whose process dies; perhaps the computer had too little memory for a moment."""
START_SECONDS = 60
"""How long a process that is started may take until it makes something."""
MESSAGE_SECONDS = 10
"""How long a message may pause that has begun. A notebook can write into a connection what looks like a beginning."""
STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
"""What Linux calls the signal that a process gets when its parent ends, and being the parent of all orphans below."""
M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES = -3, 2**18
"""What glibc calls the option for blocks that get memory of their own, and from how many bytes on they do."""
LOOK_SECONDS = 1
"""How often it is seen whether processes are alive: one that died is silent where what it started lives on."""


@dataclass(frozen=True)
class Limits:
    """What one task may take: seconds, and MiB of memory beside what its process has. No honest report comes near."""

    seconds: int = 900
    memory: int = 4096


USUAL_LIMITS = Limits()


@dataclass(frozen=True)
class Ended:
    """A task without a result: its process took too long, or it died, again and again."""

    too_long: bool = False


class Worker:
    """A process to which tasks are sent over a ``connection``; ``close`` it."""

    def __init__(self, method: str, target: Callable[..., object], *args: object, start_seconds: int = 0) -> None:
        """Start it by one of multiprocessing's methods; the target gets its end of the connection, and the others.

        Its first task may take so much longer.
        """
        self._start_seconds = start_seconds
        context: Any = get_context(method)
        self.connection, theirs = context.Pipe()
        if sys.platform != "win32":
            with socket.socket(fileno=os.dup(self.connection.fileno())) as ours:
                ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", MESSAGE_SECONDS, 0))
        self._process = context.Process(target=target, args=(theirs, *args), daemon=True)
        with _signals_held():
            self._process.start()
        theirs.close()

    def begin(self, task: Any, tries: int, seconds: float) -> None:
        """Have it make a task in so many seconds."""
        self.task, self.tries, self._until = task, tries, time.monotonic() + seconds + self._start_seconds
        self._start_seconds = 0
        with suppress(OSError):  # that it died is seen where its answer should be
            self.connection.send(task)

    @property
    def seconds_left(self) -> float:
        """How long it may go on."""
        return max(0.0, self._until - time.monotonic())

    def answer(self) -> tuple[Any, bool] | None:
        """What it made, and whether it makes more; ``Ended`` where nothing will come, None where something may."""
        is_alive = self._process.is_alive()  # asked first: it may answer and end at once
        try:
            if self.connection.poll():
                pid, made, goes_on = self.connection.recv()
                if pid == self._process.pid:
                    return made, goes_on
                is_alive = False
        except Exception:  # it ended, or something else than an answer was written there
            is_alive = False
        if is_alive and self.seconds_left:
            return None
        return Ended(too_long=is_alive), False

    def close(self) -> None:
        """End it, and whatever it started."""
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
    """End the processes below one but those that are ``spared``, until there is none.

    Linux has those there, too, that left its group, its session, or their parent (see ``adopt_orphans``).
    """
    while running := [each for each in process.children(recursive=True) if each not in spared and not _has_ended(each)]:
        for each in running:
            with suppress(psutil.Error):
                each.kill()
        if process.pid == os.getpid():
            psutil.wait_procs(running, timeout=LOOK_SECONDS)


@contextmanager
def no_process_left() -> Iterator[None]:
    """End at last what is started below this process meanwhile."""
    this = psutil.Process()
    spared = this.children(recursive=True)
    adopt_orphans()
    try:
        yield
    finally:
        end_descendants(this, spared)
        adopt_orphans(on=False)


def _has_ended(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def started(content: bytes, root: str = "", variables: Mapping[str, str] | None = None) -> Worker:
    """A process that starts with nothing of this one but its environment, with these variables beside it.

    ``content`` is a function, pickled: it is called with the connection and the ``root`` (see ``remote_paths``).
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")  # else the analyst's own script would run once more there
    try:
        worker = Worker("spawn", _serve, root, variables or {}, start_seconds=START_SECONDS)
    finally:
        sys.modules["__main__"] = main
    with suppress(OSError):
        worker.connection.send_bytes(content)
    return worker


def side_by_side(
    tasks: Iterable[Task], start: Callable[[], Worker], *, jobs: int, limits: Limits, kept: list[Worker] | None = None
) -> Generator[tuple[Task, Any]]:
    """The tasks as they are done, each with what a process made of it or ``Ended``; so many ``jobs`` at a time.

    Processes are started where none of those that go on is free. When the iterator is closed, they are ended, but for
    those that are ``kept`` for other tasks.
    """
    waiting, made = deque((task, 1) for task in tasks), list[tuple[Task, Any]]()
    free, at_work = [] if kept is None else kept, set[Worker]()
    try:
        while waiting or at_work or made:
            while waiting and len(at_work) < jobs:
                worker = None
                with suppress(IndexError):  # other threads take some of those that are kept
                    worker = free.pop()
                worker = worker or start()
                worker.begin(*waiting.popleft(), limits.seconds)
                at_work.add(worker)
            yield from made  # while the next ones are at work
            made = []
            soonest = min((worker.seconds_left for worker in at_work), default=0)
            wait([worker.connection for worker in at_work], min(LOOK_SECONDS, soonest))
            for worker in list(at_work):
                if not (answer := worker.answer()):
                    continue
                at_work.remove(worker)
                result, goes_on = answer
                if goes_on and (waiting or kept is not None):
                    free.append(worker)
                else:
                    worker.close()
                if result == Ended() and worker.tries < TRIES:
                    waiting.append((worker.task, worker.tries + 1))
                else:
                    made.append((worker.task, result))
    finally:
        for worker in (*at_work, *(free if kept is None else ())):
            worker.close()


def in_forks(
    tasks: Iterable[Task], make: Callable[[Task], object], *, jobs: int, limits: Limits
) -> Generator[tuple[Task, Any]]:
    """The same by forks, which begin with all that is imported and read here."""
    return_memory()
    gc.freeze()  # the memory of what is there stays shared with the forks
    try:
        yield from side_by_side(tasks, partial(Worker, "fork", _be_fork, make, limits), jobs=jobs, limits=limits)
    finally:
        gc.unfreeze()


def _be_fork(connection: Connection, make: Callable[[Any], object], limits: Limits) -> None:
    """Serve tasks in a fork, then exit at once, whatever happens.

    It has no file of its parent but the connection: what a notebook writes into all it finds reaches nobody else.
    """
    try:
        belong_to_parent()
        null = os.open(os.devnull, os.O_RDWR)
        for number in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208
            if number not in (null, connection.fileno()):
                os.dup2(null, number)
        make_each(connection, make, limits)
    finally:
        os._exit(0)


def make_each(connection: Connection, make: Callable[[Any], object], limits: Limits, *, once: bool = False) -> None:
    """Answer each task that comes with what is made of it, or the first one alone."""
    goes_on = True
    while goes_on:
        task = connection.recv()
        _limit_memory(limits)
        made = make(task)
        goes_on = not once
        connection.send((os.getpid(), made, goes_on))
        del task, made
        return_memory()


def make_in_fork(make: Callable[[Task], object], limits: Limits, task: Task) -> object:
    """Make a task in a fork of this process, which ends with whatever it started; ``Ended`` where it has no result.

    So nothing that a task changes is there for the next one, and this process alone answers for it.
    """
    with closing(Worker("fork", _be_fork, make, limits)) as worker:
        worker.begin(task, 1, limits.seconds)
        while not (answer := worker.answer()):
            wait([worker.connection], min(LOOK_SECONDS, worker.seconds_left))
    end_descendants(psutil.Process())
    return answer[0]


def _serve(connection: Connection, root: str, variables: Mapping[str, str]) -> None:
    """Be a process that is started; it ends where the parent wants nothing more."""
    belong_to_parent()
    os.environ.update(variables)
    own_process.begin()
    os.dup2(2, 1)  # results alone stand on the parent's standard output
    with suppress(EOFError, OSError):
        connection.recv()(connection, root)
    os._exit(0)


def belong_to_parent() -> None:
    """Have this process, which multiprocessing has just started, end with its parent, which alone hears of Ctrl-C."""
    current_process().daemon = False  # for multiprocessing, a daemon may start nothing
    if sys.platform != "win32":
        os.setpgid(0, 0)
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN if sys.platform == "win32" else signal.SIG_DFL)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        adopt_orphans()
    else:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    if (parent := parent_process()) is None or not parent.is_alive():
        os._exit(1)  # it ended before the lines above


def adopt_orphans(*, on: bool = True) -> None:
    """Have what loses its parent below this process be its child, on Linux, so that ``end_descendants`` sees it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, int(on))


def _end_with_parent() -> None:
    if parent := parent_process():
        parent.join()
    os._exit(1)


def return_memory() -> None:
    """Give the system back the memory that this process has freed, where its C library can (glibc).

    Typst frees some 100 MB after each page, which the library would keep.
    """
    gc.collect()
    if trim := _find_c_function("malloc_trim"):
        trim(0)


def return_large_blocks() -> None:
    """Have the C library (glibc) give each large block back to the system as soon as it is freed.

    Counting figures makes and frees many columns, and the library would keep their memory. It costs time, so that
    processes that draw do without it.
    """
    if set_option := _find_c_function("mallopt"):
        set_option(M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES)


def _find_c_function(name: str) -> Callable[..., int] | None:
    """Find a function of the C library by its name; None where it has none."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None


def _limit_memory(limits: Limits) -> None:
    """Let this process take so much memory more than it has, and write no file that is larger, on Linux."""
    if sys.platform == "linux":
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
            now = int(file.read().split()[5]) * resource.getpagesize()
        size = limits.memory * 2**20
        for kind, asked in ((resource.RLIMIT_DATA, now + size), (resource.RLIMIT_FSIZE, size)):
            _, most = resource.getrlimit(kind)
            resource.setrlimit(kind, (asked if most == resource.RLIM_INFINITY else min(asked, most), most))


@contextmanager
def _signals_held() -> Iterator[None]:
    """Have signals that stop a run wait: a process that starts here takes none before it is ready for them."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
