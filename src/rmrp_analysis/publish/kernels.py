"""A clean kernel for every report, forked from one warm process (see ``warm_parent``).

Starting Python, importing pandas, Matplotlib and the rest and reading the tables takes most of a report's time. The
warm process does it once; a fork of it has all that, and nothing that another report left behind. Where there is no
fork (Windows), kernels start in the ordinary way. Kernels talk over sockets in a private folder, not over TCP ports
that others on the machine could read.
"""

import json
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

CAN_FORK = hasattr(os, "fork") and sys.platform != "darwin"
"""macOS has fork, but its frameworks do not survive it."""

LAUNCHER = (sys.executable, "-m", "ipykernel_launcher")
KERNEL_OPTIONS = ("-f", "{connection_file}", "--log-level=50", "--ext=rmrp_analysis.inline")
"""How every kernel starts, forked or not; the extension shows figures as the exporters carry them."""


@contextmanager
def warm_kernels(tables: str | Path) -> Iterator[type[AsyncKernelManager]]:
    """A kernel manager class whose kernels start warm, for as long as the ``with`` block lasts.

    They have the libraries imported and the plan in the folder ``tables`` read. Those alive at the end are killed.
    """
    with tempfile.TemporaryDirectory(prefix="rmrp-") as sockets, ExitStack() as at_end:
        warm_parent: WarmParent | None = None
        if CAN_FORK:
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "rmrp_analysis.publish.warm_parent", str(tables)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for us: we tell it to end
            )
            at_end.callback(process.communicate)  # closes its input, at which it ends
            warm_parent = WarmParent(process)

        class KernelManager(AsyncKernelManager):
            def __init__(self, **settings: Any) -> None:
                super().__init__(**settings)
                self._kernel_spec = KernelSpec(argv=[*LAUNCHER, *KERNEL_OPTIONS], language="python")
                if os.name != "nt":
                    self.transport = "ipc"
                    self.ip = str(Path(sockets) / uuid.uuid4().hex[:8])
                if warm_parent:
                    self.provisioner = ForkingProvisioner(kernel_spec=self._kernel_spec, parent=self)
                    self.provisioner.warm_parent = warm_parent

        yield KernelManager


class WarmParent:
    """The process that kernels are forked from, one at a time."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        self._requests, self._answers, self._lock = process.stdin, process.stdout, Lock()
        self._answers.readline()  # it says when it is warm

    def fork(self, options: list[str], folder: str) -> int:
        """The process id of a new kernel with these options, at work in this folder."""
        with self._lock:
            with suppress(BrokenPipeError):  # the answer tells
                self._requests.write(json.dumps({"options": options, "folder": folder}).encode() + b"\n")
                self._requests.flush()
            answer = self._answers.readline()
        if not answer:
            raise RuntimeError("the process that kernels are forked from has ended")
        return int(answer)


class ForkedKernel:
    """A process that is not our child, with as much of ``Popen`` as ``LocalProvisioner`` needs."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        """None while the process runs. Its exit code is known to the warm process alone, so 0 stands for 'ended'."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def wait(self) -> int:
        """Called when the process has ended."""
        return 0

    def send_signal(self, number: int) -> None:
        """Called when the process has no group (any more)."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)


class ForkingProvisioner(LocalProvisioner):
    """Launches a kernel by asking the warm process for a fork."""

    warm_parent: WarmParent

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """The connection of a kernel with the options of ``cmd``; the command itself is not run."""
        self.cwd = kwargs.get("cwd") or Path.cwd()
        process: Any = ForkedKernel(self.warm_parent.fork(cmd[len(LAUNCHER) :], str(self.cwd)))
        self.process, self.pid, self.pgid = process, process.pid, process.pid
        return self.connection_info
