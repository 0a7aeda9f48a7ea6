"""Where the files of a run lie on another computer: below a folder that is its ``root``, each at its own whole path.

What was made there says of its paths what it would say here. An empty root is this computer itself.
"""

import os
from pathlib import Path
from typing import TypeVar

from rmrp_analysis.params import QualityParams, ReportParams

Params = TypeVar("Params", ReportParams, QualityParams)


def placed(path: Path, root: str) -> Path:
    """Where a file or folder of this computer lies below the root.

    >>> placed(Path("/x/plan/data"), "/y").as_posix()
    '/y/x/plan/data'
    """
    whole = Path(os.path.abspath(path))  # noqa: PTH100 - links stay as they are
    return Path(root, *whole.parts[1:]) if root else path


def with_paths_placed(params: Params, root: str) -> Params:
    """The parameters of a notebook that runs below the root."""
    paths = {name: path for name in ("data", "narratives") if (path := getattr(params, name, ""))}
    return params.model_copy(update={name: str(placed(Path(path), root)) for name, path in paths.items()})


def as_here(text: str, root: str) -> str:
    """A text from below the root with the paths that the same files have here."""
    return text.replace(root, "") if root else text
