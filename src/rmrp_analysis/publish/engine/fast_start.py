"""Makes the ``rmrp`` command, and the processes that it starts, import their libraries fast."""

import gc
import os
import sys

SKIPPED_LIBRARIES = ("rfc3987_syntax", "isoduration")
"""Libraries that others import only where they are installed. JupyterLab brings along a grammar of internationalised
addresses, which jsonschema builds in over a second, and durations, which bring a library of dates; no notebook has
either where its format is checked."""
OBJECTS_BETWEEN_GC_RUNS = 1_000_000
"""How many new objects start a garbage collection. Importing libraries makes a million, none of which is garbage."""


def begin_imports() -> None:
    """Set up this process for fast imports; to be called before any library is imported.

    Sets environment variables that are not set yet, and the garbage collector's threshold; blocks
    ``SKIPPED_LIBRARIES``. Numbers are added up by one thread, since reports are made side by side and a fork has no
    other thread.
    """
    gc.set_threshold(OBJECTS_BETWEEN_GC_RUNS, 20, 100)
    for library in ("OPENBLAS", "OMP", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # its own keeps what is freed, for each process
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # it looks into every package that is installed
    for library in SKIPPED_LIBRARIES:
        sys.modules.setdefault(library, None)  # type: ignore[arg-type]  # the import system's own sign for "not there"


def end_imports() -> None:
    """Let ``SKIPPED_LIBRARIES`` be imported again, as a notebook may want to."""
    for library in SKIPPED_LIBRARIES:
        if sys.modules.get(library, sys) is None:
            del sys.modules[library]
