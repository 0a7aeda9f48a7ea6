"""Where the parameter file of a published run is found again: near the run, or near the current folder.

``run.json`` holds no folder of a computer, so that the file is known again by its sha256.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from rmrp_analysis.publish.records.manifest import Manifest

LEVELS = 4
"""How many folders above a run, and above the current folder, may hold its parameter file."""


def params_file(manifest: Manifest, run_folder: Path) -> Path | None:
    """The parameter file that a run was made from: the one with its sha256, near the current folder or near the run.

    Looked for in these folders, in those above them, and in a folder ``params`` of each; None where it is in none.
    """
    for place in places_near(run_folder):
        for path in sorted(path for path in (*place.glob("*.yml"), *place.glob("*.yaml")) if path.is_file()):
            if hashlib.sha256(path.read_bytes()).hexdigest() == manifest.params_sha256:
                return path
    return None


def places_near(run_folder: Path) -> Iterator[Path]:
    """The folders in which the parameter file of a run may lie."""
    starts = (Path.cwd(), run_folder.resolve())
    folders = dict.fromkeys(folder for start in starts for folder in (start, *list(start.parents)[:LEVELS]))
    for folder in folders:
        yield from (folder, folder / "params")
