"""Where the files of a run lie on another computer: below a folder that is its root, each at its own whole path.

What was made there says of its paths what it would say here. A process without a root is on this computer itself.
"""

import os
from pathlib import Path

_root = ""


def settle(root: str) -> None:
    """Tell this process its root, for good."""
    global _root
    _root = root


def placed(path: Path, root: str = "") -> Path:
    """Where a file or folder of the run lies for this process, or below another root.

    >>> placed(Path("/x/plan/data"), "/y").as_posix()
    '/y/x/plan/data'
    """
    root = root or _root
    whole = Path(os.path.abspath(path))  # noqa: PTH100 - links stay as they are
    return Path(root, *whole.parts[1:]) if root else path


def as_here(text: str) -> str:
    """A text of this process with the paths that the same files have where the run is asked for."""
    return text.replace(_root, "") if _root else text
