"""The process that kernels are forked from: ``python -m rmrp_analysis.publish.warm_parent FOLDER``.

It imports what reports need and reads the plan in the folder, then forks a kernel for each line on its standard input
and answers with its process id. It starts no thread and opens no socket itself, so that every fork starts clean. When
its input ends, it kills the kernels that are left, and ends.
"""

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


def main(folder: str) -> None:
    """Fork kernels until standard input closes."""
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # as ipykernel would, had it come first
    for library in LIBRARIES:
        importlib.import_module(library)
    with suppress(RmrpError):  # a report that reads what cannot be used says so itself
        importlib.import_module("rmrp_analysis.loaders").read_ahead(folder)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended kernels leave no zombies
    kernels = []
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
    if child := os.fork():
        return child
    try:
        os.setpgid(0, 0)  # signals to this kernel reach whatever it starts, and nobody else
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.chdir(folder)
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1):  # those of the protocol
            os.dup2(null, stream)
        os.environ["JPY_PARENT_PID"] = str(os.getppid())
        importlib.import_module("ipykernel.kernelapp").IPKernelApp.launch_instance(argv=options)
    finally:
        os._exit(0)  # whatever happened, this process is no second warm parent


if __name__ == "__main__":
    main(*sys.argv[1:])
