"""A clean kernel for every report, forked from one parent that has imported the libraries and read the tables.

Starting an interpreter, importing pandas, Matplotlib and the rest and reading the data takes most of a report's time.
The parent does it once; each kernel is a fork of it, so it has what the parent has and nothing that another report left
behind, and the tables lie in memory once. Where
there is no fork (Windows), kernels start in the ordinary way. Kernels talk over Unix sockets in a private folder, not
over TCP ports that others on the machine could read.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Unicode

CAN_FORK = hasattr(os, "fork") and hasattr(socket, "AF_UNIX") and sys.platform != "darwin"
"""macOS has fork, but its frameworks do not survive it."""

PROVISIONER = "rmrp-forked"
START_SECONDS = 120


class ForkingProvisioner(LocalProvisioner):
    """Launches a kernel by asking the warm parent at ``address`` for a fork."""

    address = Unicode(config=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:  # noqa: ARG002
        """The connection of a kernel that runs in a fork of the warm parent; ``cmd`` is not run."""
        assert self.parent is not None  # noqa: S101 - a provisioner belongs to its kernel manager
        connection_file = str(Path(self.parent.connection_file).resolve())
        kernel: Any = ForkedKernel(_fork(self.address, connection_file, str(kwargs.get("cwd") or Path.cwd())))
        self.process, self.pid, self.pgid = kernel, kernel.pid, kernel.pid
        self.cwd = kwargs.get("cwd")
        return self.connection_info


class ForkedKernel:
    """A process that is not our child, with as much of ``Popen`` as a kernel manager needs."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        """None while the process runs. Its exit code is known to the warm parent alone, so 0 stands for 'ended'."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def wait(self) -> int:
        """Returns when the process has ended."""
        while self.poll() is None:
            time.sleep(0.01)
        return 0

    def send_signal(self, number: int) -> None:
        """Signal the process, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask the process to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process."""
        self.send_signal(signal.SIGKILL)


@contextmanager
def warm_kernels(data: str | Path) -> Iterator[type[AsyncKernelManager]]:
    """A kernel manager class whose kernels start warm, for as long as the ``with`` block lasts.

    They have the libraries imported and the tables of the folder ``data`` read.
    """
    with tempfile.TemporaryDirectory(prefix="rmrp-") as folder:
        if not CAN_FORK:
            yield _private_manager(Path(folder))
            return
        address = str(Path(folder) / "fork")
        parent = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "rmrp_analysis.publish.warm_parent", address, str(data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        try:
            assert parent.stdout is not None  # noqa: S101 - a pipe was asked for
            parent.stdout.readline()  # it says so when it listens
            yield _warm_manager(_private_manager(Path(folder)), address)
        finally:
            parent.communicate()  # closes its input, at which it ends


def _private_manager(folder: Path) -> type[AsyncKernelManager]:
    """A manager of kernels that are reached over sockets in a folder of our own, where the system has such."""

    class PrivateKernelManager(AsyncKernelManager):
        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            if os.name != "nt":
                self.transport = "ipc"
                self.ip = str(folder / uuid.uuid4().hex[:8])

    return PrivateKernelManager


def _warm_manager(manager: type[AsyncKernelManager], address: str) -> type[AsyncKernelManager]:
    class WarmKernelManager(manager):  # type: ignore[misc, valid-type]
        @property
        def kernel_spec(self) -> KernelSpec:
            spec = super().kernel_spec
            warm = {"provisioner_name": PROVISIONER, "config": {"address": address}}
            return KernelSpec(**{**spec.to_dict(), "metadata": {**spec.metadata, "kernel_provisioner": warm}})

    return WarmKernelManager


def _fork(address: str, connection_file: str, folder: str) -> int:
    """The process id of a new kernel."""
    with socket.socket(socket.AF_UNIX) as asked:
        asked.settimeout(START_SECONDS)
        asked.connect(address)
        asked.sendall(json.dumps({"connection_file": connection_file, "folder": folder}).encode() + b"\n")
        with asked.makefile() as answer:
            return int(answer.readline())
