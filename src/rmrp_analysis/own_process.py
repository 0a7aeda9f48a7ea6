"""What a process of our own does so that it starts fast: the ``rmrp`` command, and the processes that it starts."""

import gc
import os
import sys

ADDRESS_GRAMMAR = "rfc3987_syntax"
"""A grammar of internationalised addresses that jsonschema builds as it is imported, for over a second. JupyterLab
brings it along; no notebook has such an address where its format is checked."""
OBJECTS_BETWEEN_COLLECTIONS = 200_000
"""Importing libraries makes a million objects, none of which is garbage."""


def begin() -> None:
    """Called before any library is imported.

    Numbers are added up by one thread, since reports are made side by side and a fork has no other thread.
    """
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 20, 100)
    for library in ("OPENBLAS", "OMP", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    if ADDRESS_GRAMMAR not in sys.modules:
        sys.modules[ADDRESS_GRAMMAR] = None  # type: ignore[assignment]  # the import system's own sign for "not there"


def end_of_imports() -> None:
    """From here on, notebooks may import whatever there is."""
    if sys.modules.get(ADDRESS_GRAMMAR, sys) is None:
        del sys.modules[ADDRESS_GRAMMAR]
