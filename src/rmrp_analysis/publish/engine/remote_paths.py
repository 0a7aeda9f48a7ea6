"""Maps paths of a run's files to another computer, where a root folder holds each file at its whole path.

Texts that are made on that computer name the paths of the computer that started the run. A process without a root runs
on the computer that started it.
"""

import os
from pathlib import Path

_root = ""
"""The root folder of this process, empty on the computer that started the run."""


def set_root(root: str) -> None:
    """Set the root folder of this process, until it ends."""
    global _root
    _root = root


def resolve_path(path: Path, root: str = "") -> Path:
    """Return the path of a file or folder of the run below a root, unchanged without a root.

    An empty ``root`` means the root of this process.

    >>> resolve_path(Path("/x/plan/data"), "/y").as_posix()
    '/y/x/plan/data'
    """
    root = root or _root
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - links stay as they are
    return Path(root, *absolute.parts[1:]) if root else path


def remove_root(text: str) -> str:
    """Remove the root of this process from a text, so that its paths are of the computer that started the run."""
    return text.replace(_root, "") if _root else text
