"""Find the secret of a project by which public counts of people are rounded. No output shows this secret."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from rmrp_analysis.errors import RequestError
from rmrp_analysis.packs import pack

KEY_VARIABLE = "RMRP_ROUNDING_KEY"
"""The variable of the environment that may hold the secret."""
KEY_FILE = ".rounding-key"
"""The file in a project's folder, above its parameters or its data. ``rmrp new`` makes it."""
MIN_KEY_LENGTH = 16
"""Characters of the secret: a shorter one could be found by trying."""


@dataclass(frozen=True)
class Secret:
    """The text that makes the keys of rows, never shown, and whether it is the project's ``own``."""

    text: str = field(default="", repr=False)
    own: bool = True


def secret_of(data: Path, project: Path | None = None) -> Secret:
    """Find the secret for a data folder: in the environment, otherwise in ``secret_file``.

    Without either, it is the pack's name, which anybody knows (``own`` is false). Raises ``RequestError`` if the secret
    is shorter than ``MIN_KEY_LENGTH``, also for an empty file.
    """
    text, path = os.environ.get(KEY_VARIABLE, "").strip(), None
    if not text and (path := secret_file(data, project)):
        text = path.read_text(encoding="utf-8-sig").strip()
    if not text and not path:
        return Secret(pack.about().name, own=False)
    if len(text) < MIN_KEY_LENGTH:
        raise RequestError(
            f"{path or KEY_VARIABLE}: the rounding key is too short; write {MIN_KEY_LENGTH} characters or more that "
            "nobody can guess"
        )
    return Secret(text)


def secret_file(data: Path, project: Path | None = None) -> Path | None:
    """Return the file with the secret, or None.

    It is searched in ``project`` (the folder of a parameter file) and the folders above, nearest first, then in the
    data folder and the folders above.
    """
    folders = [folder.resolve() for folder in (project, data) if folder]
    places = [parent for folder in folders for parent in (folder, *folder.parents)]
    return next((path for folder in places if (path := folder / KEY_FILE).is_file()), None)
