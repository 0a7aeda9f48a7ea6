"""The process that kernels are forked from: ``python -m rmrp_analysis.publish.warm_parent FOLDER``.

It imports what reports need and reads the plan in the folder, then forks a kernel for each line on its standard input
and answers with its process id. It starts no thread and opens no socket itself, so that every fork starts clean. When
its input ends, it kills the kernels that are left, and ends. Should it be killed itself, its kernels end with it.
"""

import ctypes
import importlib
import json
import os
import signal
import sys
from contextlib import suppress

from rmrp_analysis.errors import RmrpError

LIBRARIES = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "matplotlib.backends.backend_svg",
    "rmrp_analysis.figures",
    "rmrp_analysis.inline",
    "rmrp_analysis.loaders",
    "rmrp_analysis.params",
    "rmrp_analysis.quality",
    "rmrp_analysis.page",
)
"""Whatever a notebook imports comes along by these; one that needs more imports the rest itself."""

PR_SET_PDEATHSIG = 1
"""What Linux calls the signal that a process gets when its parent ends."""


def main(folder: str) -> None:
    """Fork kernels until standard input closes."""
    at_end_of_parent(signal.SIGKILL)  # until it reads its input
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # as ipykernel would, had it come first
    for library in LIBRARIES:
        importlib.import_module(library)
    with suppress(RmrpError):  # a report that reads what cannot be used says so itself
        importlib.import_module("rmrp_analysis.loaders").read_ahead(folder)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended kernels leave no zombies
    kernels = []
    at_end_of_parent(0)  # from here on, the end of its input tells
    with suppress(BrokenPipeError):
        print("warm", flush=True)
    for line in sys.stdin:
        kernels.append(fork_kernel(**json.loads(line)))
        print(kernels[-1], flush=True)
    for kernel in kernels:
        with suppress(ChildProcessError, ProcessLookupError):  # one that ended is no child: leave its number alone
            os.waitpid(kernel, os.WNOHANG)
            os.killpg(kernel, signal.SIGKILL)


def fork_kernel(options: list[str], folder: str) -> int:
    """The process id of a kernel started with these options in this folder."""
    warm_parent = os.getpid()
    if child := os.fork():
        return child
    try:
        at_end_of_parent(signal.SIGKILL)
        if os.getppid() != warm_parent:
            os._exit(0)  # it ended before the line above
        os.setpgid(0, 0)  # signals to this kernel reach whatever it starts, and nobody else
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.chdir(folder)
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1):  # those of the protocol
            os.dup2(null, stream)
        options.append(f"--IPKernelApp.parent_handle={warm_parent}")  # where the system does not tell, ipykernel looks
        importlib.import_module("ipykernel.kernelapp").IPKernelApp.launch_instance(argv=options)
    finally:
        os._exit(0)  # whatever happened, this process is no second warm parent


def at_end_of_parent(number: int) -> None:
    """Get this signal when the parent ends, however it ends; 0 for none. Only Linux can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


if __name__ == "__main__":
    main(*sys.argv[1:])
