"""Work done in forks of this process: each task starts clean, with all that is imported and read, and ends for good.

A fork has a time and a memory that it may take. What it returns comes back over a pipe. Whatever it started ends with
it, and it ends with this process. Whoever forks must have started no thread, and compiled nothing by Typst, which
starts some: a fork has none of them, and would wait for them.
"""

import ctypes
import gc
import os
import pickle
import random
import selectors
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from rmrp_analysis.errors import InputRefused

if sys.platform != "win32":
    import fcntl
    import resource

Task = TypeVar("Task")
Result = TypeVar("Result")

CAN_FORK = sys.platform == "linux"
"""macOS has fork, but its frameworks do not survive it."""
PR_SET_PDEATHSIG = 1
"""What Linux calls the signal that a process gets when its parent ends."""
PIECE, LENGTH = 2**20, 8
WORTH_A_REHEARSAL = 4
"""How many tasks are worth that the parent does one for nothing first, so that forks find what it leaves in memory."""
TRIES = 2
"""How often a task is begun whose process dies; perhaps the computer had too little memory for a moment."""


@dataclass(frozen=True)
class Limits:
    """What one task may take: seconds, and MiB of memory beside what its parent has. No honest report comes near."""

    seconds: int = 900
    memory: int = 4096


USUAL_LIMITS = Limits()


@dataclass(frozen=True)
class Ended:
    """A task without a result: its process took too long, or it died, again and again."""

    too_long: bool = False


@dataclass(eq=False)
class _Fork(Generic[Task]):
    """A process at work on a task; over ``pipe`` comes the length of its result, then the result."""

    task: Task
    tries: int
    pid: int
    pipe: int
    handle: int
    until: float
    received: bytearray = field(default_factory=bytearray)
    has_ended: bool = False

    def receive(self) -> None:
        """Take what the pipe holds now."""
        with suppress(BlockingIOError):
            while not self.is_done and (piece := os.read(self.pipe, PIECE)):
                self.received += piece

    @property
    def is_done(self) -> bool:
        """Whether the whole result is here."""
        received = len(self.received) - LENGTH
        return received >= 0 and received == int.from_bytes(self.received[:LENGTH])


def in_forks(
    tasks: Iterable[Task], work: Callable[[Task], Result], *, jobs: int, limits: Limits
) -> Generator[tuple[Task, Result | Ended]]:
    """The tasks as they are done, each with what ``work`` returns for it in a fork; so many ``jobs`` at a time.

    Results must be of a kind that ``pickle`` takes. When the iterator is closed, the forks are killed.
    """
    waiting, at_work, ended = deque((task, 0) for task in tasks), set[_Fork[Task]](), list[_Fork[Task]]()
    gc.freeze()  # the memory of what is there stays shared with the forks
    with selectors.DefaultSelector() as selector:

        def begin() -> None:
            while waiting and len(at_work) < jobs:
                task, tries = waiting.popleft()
                fork = _start(task, tries + 1, work, limits)
                at_work.add(fork)
                selector.register(fork.pipe, selectors.EVENT_READ, fork)
                selector.register(fork.handle, selectors.EVENT_READ, fork)

        try:
            while waiting or at_work:
                begin()
                soonest = min(fork.until for fork in at_work)
                for key, _ in selector.select(max(0.0, soonest - time.monotonic())):
                    key.data.has_ended |= key.fd == key.data.handle
                    key.data.receive()
                now = time.monotonic()
                ended += [fork for fork in at_work if fork.is_done or fork.has_ended or now > fork.until]
                at_work.difference_update(ended)
                for fork in ended:
                    selector.unregister(fork.pipe)
                    selector.unregister(fork.handle)
                begin()  # the next ones are at work while what was made is taken up
                while ended:
                    fork = ended.pop()
                    _end(fork.pid, fork.pipe, fork.handle)
                    if fork.is_done:
                        (result,) = pickle.loads(fork.received[LENGTH:])  # noqa: S301 - our own fork wrote it
                        yield fork.task, result
                    elif now > fork.until or fork.tries == TRIES:
                        yield fork.task, Ended(too_long=now > fork.until)
                    else:
                        waiting.append((fork.task, fork.tries))
        finally:
            for fork in (*at_work, *ended):
                _end(fork.pid, fork.pipe, fork.handle)
            gc.unfreeze()


@contextmanager
def begun(work: Callable[[], Iterator[Any]]) -> Iterator[Iterator[Any]]:
    """The results of work that a fork begins at once, beside what the block does; the fork is killed with the block.

    What several results have in common is one object here, too. Where there is no fork, the work is done as its results
    are asked for. They raise what the work raised, and ``InputRefused`` where the fork died.
    """
    if not CAN_FORK:
        yield work()
        return
    place = os.memfd_create("rmrp")  # a pipe would have the fork wait for its reader

    def write(done: int) -> None:
        with open(place, "wb", closefd=False) as file:
            pickler = pickle.Pickler(file, protocol=pickle.HIGHEST_PROTOCOL)
            try:
                for result in work():
                    pickler.dump((result, None))
                    file.flush()
                    os.write(done, b"r")
            except Exception as problem:
                pickle.dump((None, problem), file)
                file.flush()
                os.write(done, b"r")

    pid, done, handle = _forked(write, None)

    def results() -> Iterator[Any]:
        with Path(f"/proc/self/fd/{place}").open("rb") as file:
            unpickler = pickle.Unpickler(file)  # noqa: S301 - our own fork wrote it
            while os.read(done, 1):
                result, problem = unpickler.load()
                if problem:
                    raise problem
                yield result
        raise InputRefused("the data could not be read to their end; perhaps the computer has too little memory")

    try:
        yield results()
    finally:
        _end(pid, done, handle)
        os.close(place)


def _start(task: Task, tries: int, work: Callable[[Task], Result], limits: Limits) -> _Fork[Task]:
    def write(pipe: int) -> None:
        result = pickle.dumps((work(task),), protocol=pickle.HIGHEST_PROTOCOL)
        view = memoryview(len(result).to_bytes(LENGTH) + result)
        while view:
            view = view[os.write(pipe, view) :]

    pid, pipe, handle = _forked(write, limits)
    os.set_blocking(pipe, False)
    return _Fork(task, tries, pid, pipe, handle, time.monotonic() + limits.seconds)


def _forked(write: Callable[[int], None], limits: Limits | None) -> tuple[int, int, int]:
    """Fork a process that writes into a pipe: its number, the pipe's end to read from, and what tells of its end."""
    parent = os.getpid()
    reading, writing = os.pipe()
    with suppress(OSError):  # the user may have many pipes
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIECE)  # has room for a report, so that no fork waits for its reader
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading, os.pidfd_open(pid)
    code = 1
    try:
        end_with_parent()
        if os.getppid() != parent:
            os._exit(1)  # it ended before the line above
        os.close(reading)
        os.setpgid(0, 0)  # signals to this process reach whatever it starts, and nobody else
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        if limits:
            _limit_memory(limits.memory)
        _draw_other_numbers()
        write(writing)
        code = 0
    finally:
        os._exit(code)  # whatever happened, this process is no second parent


def end_with_parent() -> None:
    """Have this process killed when its parent ends, however it ends; only Linux can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _draw_other_numbers() -> None:
    """Have this process draw other random numbers than its parent's other forks."""
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()


def _limit_memory(mebibytes: int) -> None:
    """Let this process take so much memory more than it has, and no more."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        now = int(file.read().split()[5]) * resource.getpagesize()
    limit = now + mebibytes * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _end(pid: int, pipe: int, handle: int) -> None:
    """End a process and whatever it started."""
    for kill in (os.killpg, os.kill):  # one that has just begun has no group of its own yet
        with suppress(ProcessLookupError):
            kill(pid, signal.SIGKILL)  # before it is collected: its number is still its own
    os.waitpid(pid, 0)
    os.close(pipe)
    os.close(handle)
