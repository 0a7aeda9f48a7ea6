"""Gives each notebook of a process that runs many what a new process would have."""

import builtins
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
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import psutil
from matplotlib._pylab_helpers import Gcf

from rmrp_analysis.publish.engine import forget_shell

LIBRARIES = tuple(sysconfig.get_paths().values())


@contextmanager
def renewed() -> Iterator[None]:
    """Take back what a notebook does to its process: settings of libraries, names, modules, programs that it started.

    Its variables go with its shell, and modules of its own are imported anew by the next one. What it changes within a
    library (``pandas.DataFrame.head = …``) stays.
    """
    places: list[MutableMapping[Any, Any]] = [os.environ, vars(builtins), sys.modules]
    before = [dict(place) for place in places]
    paths, log, formats = [*sys.path], (logging.root.level, [*logging.root.handlers]), locale.setlocale(locale.LC_ALL)
    try:
        with (
            chdir(Path.cwd()),
            warnings.catch_warnings(),
            matplotlib.rc_context(),
            np.printoptions(),
            np.errstate(),
        ):
            yield
    finally:
        forget_shell()
        Gcf.destroy_all()
        with warnings.catch_warnings(action="ignore"):  # some options are on their way out
            pd.reset_option("all")
        before[-1] |= {name: module for name, module in sys.modules.items() if _is_library(name, module)}
        for place, content in zip(places, before, strict=True):
            for name in place.keys() - content.keys():
                del place[name]
            place.update(content)
        sys.path[:] = paths
        locale.setlocale(locale.LC_ALL, formats)
        logging.root.setLevel(log[0])
        logging.root.handlers[:] = log[1]
        random.seed()


def _is_library(name: str, module: Any) -> bool:
    """Whether a module is no notebook's own."""
    file = getattr(module, "__file__", None)
    return not file or file.startswith(LIBRARIES) or name.startswith("rmrp_analysis")


def end_children() -> None:
    """End the programs that this process has started."""
    for process in (started := psutil.Process().children(recursive=True)):
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(started, timeout=1)
