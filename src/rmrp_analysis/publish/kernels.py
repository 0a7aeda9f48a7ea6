"""A clean kernel for every report, forked from one warm process (see ``warm_parent``).

Starting Python, importing pandas, Matplotlib and the rest and reading the tables takes most of a report's time. The
warm process does it once; a fork of it has all that, and nothing that another report left behind. Where there is no
fork (Windows), kernels start in the ordinary way. Kernels talk over sockets in a private folder, not over TCP ports
that others on the machine could read.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from rmrp_analysis.files import lock_of

if sys.platform != "win32":
    import resource

    PAGE = resource.getpagesize()

CAN_FORK = hasattr(os, "fork") and sys.platform != "darwin"
"""macOS has fork, but its frameworks do not survive it."""

LAUNCHER = (sys.executable, "-m", "ipykernel_launcher")
KERNEL_OPTIONS = ("-f", "{connection_file}", "--log-level=50", "--ext=rmrp_analysis.inline")
"""How every kernel starts, forked or not; the extension shows figures as the exporters carry them."""

SCRATCH = "rmrp"
SHORT_PLACE = "/tmp"  # noqa: S108 - the folder in it is private
LONGEST_PLACE = 60
"""Bytes of a folder's path that leave room for the names of sockets in it."""
END_SECONDS = 0.5
"""What the warm process gets to end by itself."""


class RunKernelManager(AsyncKernelManager):
    """A kernel manager of one run; its notebooks are written in the folder ``scratch`` while they run."""

    scratch: Path


@contextmanager
def warm_kernels(tables: str | Path, *, memory: int | None = None) -> Iterator[type[RunKernelManager]]:
    """A kernel manager class whose kernels start warm, for as long as the ``with`` block lasts.

    They have the libraries imported and the plan in the folder ``tables`` read, and each may take as many MiB of
    ``memory`` beyond that (on Linux). Those alive at the end are killed.
    """
    with scratch_folder() as folder, ExitStack() as at_end:
        warm_parent: WarmParent | None = None
        if CAN_FORK:
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "rmrp_analysis.publish.warm_parent", str(tables)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for us: we tell it to end
            )
            warm_parent = WarmParent(process)
            at_end.callback(warm_parent.end)
            warm_parent.wait_until_warm()
        started: list[RunProvisioner] = []
        at_end.callback(_end_all, started)

        class KernelManager(RunKernelManager):
            scratch = folder

            def __init__(self, **settings: Any) -> None:
                super().__init__(**settings)
                self._kernel_spec = KernelSpec(argv=[*LAUNCHER, *KERNEL_OPTIONS], language="python")
                name = uuid.uuid4().hex[:8]
                self.connection_file = str(folder / f"{name}.json")
                if os.name != "nt":
                    self.transport = "ipc"
                    self.ip = str(folder / name)
                self.provisioner = RunProvisioner(kernel_spec=self._kernel_spec, parent=self)
                self.provisioner.warm_parent, self.provisioner.memory = warm_parent, memory
                started.append(self.provisioner)

        yield KernelManager


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder for the sockets of a run, named after its process; those of runs that were killed are removed.

    The path of a socket may have about 100 bytes only, so a long path for temporary files is not used.
    """
    usual = tempfile.gettempdir()
    place = usual if len(os.fsencode(usual)) <= LONGEST_PLACE or os.name == "nt" else SHORT_PLACE
    for left in Path(place).glob(f"{SCRATCH}-*-*"):
        if not runs(left.name.split("-")[1]):
            with suppress(OSError), lock_of(left) as abandoned:  # a run in another container may share the place
                if abandoned:
                    shutil.rmtree(left, ignore_errors=True)
    with (
        tempfile.TemporaryDirectory(
            prefix=f"{SCRATCH}-{os.getpid()}-", dir=place, ignore_cleanup_errors=True
        ) as folder,
        lock_of(Path(folder)),
    ):
        yield Path(folder)


def runs(pid: str | int) -> bool:
    """Whether a process runs. One that has ended and waits to be collected does not."""
    try:
        os.kill(int(pid), 0)
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except PermissionError:  # of another user
        return True
    except FileNotFoundError:  # a system without /proc
        return not Path("/proc/self/stat").exists()
    except (ProcessLookupError, ValueError):
        return False
    return state.rpartition(")")[2].split()[0] not in ("Z", "X")


class WarmParent:
    """The process that kernels are forked from, one at a time."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        self._process, self._lock, self._ending = process, Lock(), False
        self._requests, self._answers = process.stdin, process.stdout

    def wait_until_warm(self) -> None:
        """It says so, or has ended."""
        self._answers.readline()

    def fork(self, options: list[str], folder: str) -> int | None:
        """The process id of a new kernel with these options, at work in this folder; None when there is no fork."""
        if self._ending:
            raise RuntimeError("the run has ended")
        with self._lock:
            with suppress(BrokenPipeError, ValueError):  # the answer tells
                self._requests.write(json.dumps({"options": options, "folder": folder}).encode() + b"\n")
                self._requests.flush()
            answer = self._answers.readline()
        return int(answer) if answer else None

    def end(self) -> None:
        """Close its input, at which it kills its kernels and ends; one that does not is killed."""
        self._ending = True
        with suppress(BrokenPipeError):
            self._requests.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._answers.close()


class ForkedKernel:
    """A process that is not our child, with as much of ``Popen`` as ``LocalProvisioner`` needs."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        """None while the process runs. Its exit code is known to the warm process alone, so 0 stands for 'ended'."""
        return None if runs(self.pid) else 0

    def wait(self) -> int:
        """Called when the process has ended."""
        return 0

    def send_signal(self, number: int) -> None:
        """Called when the process has no group (any more)."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)


class RunProvisioner(LocalProvisioner):
    """Launches a kernel by asking the warm process for a fork, or in the ordinary way where there is none."""

    warm_parent: WarmParent | None
    memory: int | None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """The connection of a new kernel; the command itself is run only where there is no warm process (any more)."""
        self.cwd = kwargs.get("cwd") or Path.cwd()
        pid = self.warm_parent and self.warm_parent.fork(cmd[len(LAUNCHER) :], str(self.cwd))
        if pid:
            process: Any = ForkedKernel(pid)
            self.process, self.pid, self.pgid = process, pid, pid
        else:
            await super().launch_kernel(cmd, **kwargs)
        if self.memory and self.pid and sys.platform == "linux":
            with suppress(OSError):  # it has ended, which others will notice
                at_start = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[5]) * PAGE
                limit = at_start + self.memory * 2**20
                resource.prlimit(self.pid, resource.RLIMIT_DATA, (limit, limit))
        return self.connection_info

    def end(self) -> None:
        """Kill an ordinary kernel that still runs; the warm process kills those it forked."""
        process: Any = self.process
        if process and not isinstance(process, ForkedKernel) and process.poll() is None:
            process.kill()


def _end_all(provisioners: Sequence[RunProvisioner]) -> None:
    for provisioner in provisioners:
        provisioner.end()
