"""Gives each notebook of a process that runs many what a new process would have."""

import locale
import logging
import os
import random
import sys
import sysconfig
import warnings
from collections.abc import Iterator, MutableMapping
from contextlib import chdir, contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import psutil
from matplotlib._pylab_helpers import Gcf

from rmrp_analysis.publish.engine.shell import forget_shell

LIBRARIES = tuple(sysconfig.get_paths().values())
NAMESPACES = ("builtins", "matplotlib", "numpy", "pandas", "rmrp_analysis", "seaborn")
"""Modules into which notebooks write names, to have them at hand everywhere."""


@contextmanager
def renewed() -> Iterator[None]:
    """Take back what a notebook does to its process: settings of libraries, names, modules, programs that it started.

    Its variables go with its shell, and modules of its own are imported anew by the next one. What it changes within a
    class of a library (``pandas.DataFrame.head = …``) stays.
    """
    known = [vars(sys.modules[name]) for name in NAMESPACES if name in sys.modules]
    places: list[MutableMapping[Any, Any]] = [os.environ, sys.modules, *known]
    before = [dict(place) for place in places]
    paths, log, formats = [*sys.path], (logging.root.level, [*logging.root.handlers]), locale.setlocale(locale.LC_ALL)
    random.seed()
    np.random.seed()
    try:
        with chdir(Path.cwd()), warnings.catch_warnings(), mpl.rc_context(), np.printoptions(), np.errstate():
            yield
    finally:
        for process in (started := psutil.Process().children(recursive=True)):
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(started, timeout=1)
        forget_shell()
        Gcf.destroy_all()
        with warnings.catch_warnings(action="ignore"):  # some options are on their way out
            pd.reset_option("all")
        for place, content in zip(places, before, strict=True):
            for name in place.keys() - content.keys():
                if not _is_library(place[name]):
                    del place[name]
            place.update(content)
        sys.path[:] = paths
        locale.setlocale(locale.LC_ALL, formats)
        logging.root.setLevel(log[0])
        logging.root.handlers[:] = log[1]


def _is_library(content: Any) -> bool:
    """Whether it is a module, and no notebook's own."""
    file = getattr(content, "__file__", None)
    ours = file is None or content.__name__.startswith("rmrp_analysis") or file.startswith(LIBRARIES)
    return isinstance(content, ModuleType) and ours
