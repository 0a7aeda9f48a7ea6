"""What a process of our own does so that it starts fast: the ``rmrp`` command, and the processes that it starts."""

import gc
import os
import sys

NOT_NEEDED = ("rfc3987_syntax", "isoduration")
"""What libraries import only because it is there. JupyterLab brings along a grammar of internationalised addresses,
which jsonschema builds in over a second, and durations, which bring a library of dates; no notebook has either where
its format is checked."""
OBJECTS_BETWEEN_COLLECTIONS = 1_000_000
"""Importing libraries makes a million objects, none of which is garbage."""


def begin() -> None:
    """Called before any library is imported.

    Numbers are added up by one thread, since reports are made side by side and a fork has no other thread.
    """
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 20, 100)
    for library in ("OPENBLAS", "OMP", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # its own keeps what is freed, for each process
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # it looks into every package that is installed
    for library in NOT_NEEDED:
        sys.modules.setdefault(library, None)  # type: ignore[arg-type]  # the import system's own sign for "not there"


def end_of_imports() -> None:
    """From here on, notebooks may import whatever there is."""
    for library in NOT_NEEDED:
        if sys.modules.get(library, sys) is None:
            del sys.modules[library]
