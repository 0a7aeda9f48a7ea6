"""Makes the ``rmrp`` command, and the processes that it starts, import their libraries fast."""

import gc
import os
import sys

SKIPPED_LIBRARIES = ("rfc3987_syntax", "isoduration")
"""Libraries that JupyterLab installs, and that other libraries import if they can. For the first one jsonschema builds
a grammar of internationalised addresses in over a second. The second one, for durations, imports a library of dates.
The format of notebooks has neither."""
OBJECTS_BETWEEN_GC_RUNS = 1_000_000
"""The new objects that start a garbage collection. Importing libraries makes a million objects, without garbage."""


def begin_imports() -> None:
    """Set up this process for fast imports, before any library is imported.

    Sets environment variables that are not set yet, and the threshold of the garbage collector, and blocks
    ``SKIPPED_LIBRARIES``. Numbers are summed by one thread, since reports are made side by side and a fork has no other
    thread.
    """
    gc.set_threshold(OBJECTS_BETWEEN_GC_RUNS, 20, 100)
    for library in ("OPENBLAS", "OMP", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # Arrow's pool would keep freed memory
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # pydantic would look into every installed package
    for library in SKIPPED_LIBRARIES:
        sys.modules.setdefault(library, None)  # type: ignore[arg-type]  # None means "not installed" for imports


def begin_tables() -> None:
    """Import pandas, and let it keep new texts as objects of Python for the rest of this process.

    Its other storage, of pyarrow, is made for long columns. With tables of some thousand rows, counting takes half as
    long again. Results are the same.
    """
    import pandas as pd  # not with the commands, which answer a wrong request without it

    pd.set_option("mode.string_storage", "python")


def end_imports() -> None:
    """Let ``SKIPPED_LIBRARIES`` be imported again, since a notebook may need them."""
    for library in SKIPPED_LIBRARIES:
        if sys.modules.get(library, sys) is None:
            del sys.modules[library]
