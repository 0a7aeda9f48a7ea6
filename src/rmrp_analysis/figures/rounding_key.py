"""Find the secret of a project by which public counts of people are rounded; no output holds it or follows from it."""

import os
from pathlib import Path

from rmrp_analysis.errors import RequestError
from rmrp_analysis.metrics.keys import Secret
from rmrp_analysis.packs import pack

KEY_VARIABLE = "RMRP_ROUNDING_KEY"
KEY_FILE = ".rounding-key"
"""In a project's folder, above its data; ``rmrp new`` makes it."""
LEAST_LENGTH = 16
"""A shorter text could be found by trying."""


def secret_of(data: Path) -> Secret:
    """The secret for a data folder: of the environment, of the nearest project above it, else the pack's name.

    Raises ``RequestError`` where it could be found by trying.
    """
    path = None if os.environ.get(KEY_VARIABLE) else secret_file(data)
    text = path.read_text(encoding="utf-8-sig") if path else os.environ.get(KEY_VARIABLE, "")
    if not text and not path:
        return Secret(pack.about().name, own=False)
    if len(text.strip()) < LEAST_LENGTH:
        raise RequestError(
            f"{path or KEY_VARIABLE}: the rounding key is too short; write {LEAST_LENGTH} characters or more that "
            "nobody can guess"
        )
    return Secret(text.strip())


def secret_file(data: Path) -> Path | None:
    """The file with the secret of the nearest project above a data folder; None where there is none."""
    folder = data.resolve()
    return next((path for above in (folder, *folder.parents) if (path := above / KEY_FILE).is_file()), None)
