"""What a command costs, with all that comes from it: seconds of the clock and of the processors, memory (Linux)."""

import ctypes
import os
import resource
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

PR_SET_CHILD_SUBREAPER = 36
"""What Linux calls it that processes whose parent ended become our own, so that their time is counted."""
BETWEEN_SAMPLES = 0.02
"""Seconds."""
Command = Sequence[str | Path]


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock, and seconds of all processors (user and system)."""

    wall: float
    cpu: float

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.wall + other.wall, self.cpu + other.cpu)

    def __sub__(self, other: "Cost") -> "Cost":
        return self + other * -1

    def __mul__(self, times: float) -> "Cost":
        return Cost(self.wall * times, self.cpu * times)


def median_of(costs: Sequence[Cost]) -> Cost:
    """The median of each of the two."""
    return Cost(median(cost.wall for cost in costs), median(cost.cpu for cost in costs))


def adopt() -> None:
    """Have this process wait for all that comes from it, as programs do not that start a browser."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def cost_of(work: Callable[[], object]) -> Cost:
    """What some work costs this process and the processes that it starts, until all have ended."""
    started, before = time.perf_counter(), _spent()
    work()
    wall = time.perf_counter() - started
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    return Cost(wall, _spent() - before)


def run(command: Command, variables: Mapping[str, str]) -> str:
    """What a command writes to its output; raises ``SystemExit`` with its errors where it fails."""
    done = subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stderr[-2000:]}")
    return done.stdout


def peak_of(command: Command, variables: Mapping[str, str]) -> int:
    """The most bytes of memory that a command and all that comes from it have at a time; shared pages count once."""
    most = 0
    with subprocess.Popen(
        command, env={**os.environ, **variables}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:

        def watch() -> None:
            nonlocal most
            while process.poll() is None:
                family = _family(process.pid)
                shares = sum(map(_share, family))
                if family == _family(process.pid):  # else pages count twice whose other owner ended meanwhile
                    most = max(most, shares)
                time.sleep(BETWEEN_SAMPLES)

        watcher = threading.Thread(target=watch)
        watcher.start()
        watcher.join()
    return most


def _spent() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _family(pid: int) -> set[int]:
    """The process and its descendants."""
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with suppress(OSError), open(f"/proc/{entry.name}/stat", "rb") as file:  # noqa: PTH123 - many times a second
                parent = int(file.read().rpartition(b")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    known, new = {pid}, [pid]
    while new:
        new = [child for parent in new for child in children.get(parent, ())]
        known |= set(new)
    return known


def _share(pid: int) -> int:
    """Bytes of memory that are a process's own share: pages shared with a fork are divided between the two."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
