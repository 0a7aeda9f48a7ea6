"""The process that kernels are forked from: ``python -m rmrp_analysis.publish.warm_parent SOCKET DATA``.

It imports what reports need, reads the data folder, listens on the socket and forks a kernel for each request. It
starts no thread and opens no kernel socket itself, so that every fork starts clean. It ends when whoever started it
does.
"""

import contextlib
import importlib
import json
import os
import select
import signal
import socket
import sys

from rmrp_analysis.errors import RmrpError

LIBRARIES = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "matplotlib.backends.backend_svg",
    "rmrp_analysis.inline",
    "rmrp_analysis.key_figures",
    "rmrp_analysis.loaders",
    "rmrp_analysis.params",
    "rmrp_analysis.quality",
    "rmrp_analysis.show",
)
"""Whatever a notebook imports comes along by these; one that needs more imports the rest itself."""


def main(address: str, data: str) -> None:
    """Serve forks until standard input closes."""
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # as ipykernel would, had it come first
    for library in LIBRARIES:
        importlib.import_module(library)
    with contextlib.suppress(RmrpError):  # a report that reads what cannot be used says so itself
        importlib.import_module("rmrp_analysis.loaders").read_ahead(data)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended kernels leave no zombies
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen()
        sys.stdout.write("listening\n")
        sys.stdout.flush()
        kernels = []
        while sys.stdin not in select.select([server, sys.stdin], [], [])[0]:
            kernels.append(_serve(server))
    for kernel in kernels:
        with contextlib.suppress(
            ChildProcessError, ProcessLookupError
        ):  # one that ended is no child: leave its number alone
            os.waitpid(kernel, os.WNOHANG)
            os.killpg(kernel, signal.SIGKILL)


def _serve(server: socket.socket) -> int:
    """The process id of the kernel asked for."""
    connection, _ = server.accept()
    with connection:
        with connection.makefile() as lines:
            request = json.loads(lines.readline())
        child = os.fork()
        if child == 0:
            server.close()
            connection.close()
            os.setpgid(0, 0)  # signals to this kernel reach whatever it starts, and nobody else
            _become_kernel(request["connection_file"], request["folder"])
        connection.sendall(f"{child}\n".encode())
    return child


def _become_kernel(connection_file: str, folder: str) -> None:
    """Never returns: the process ends with its kernel."""
    from ipykernel.kernelapp import IPKernelApp

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(folder)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(null, stream)
    os.environ["JPY_PARENT_PID"] = str(os.getppid())
    try:
        IPKernelApp.launch_instance(argv=["-f", connection_file, "--log-level=50", "--ext=rmrp_analysis.inline"])
    finally:
        os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
