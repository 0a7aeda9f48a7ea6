"""What was fetched, written into a data folder with its entries in ``sources.yml``, whole or not at all."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.files import write_whole
from rmrp_analysis.sources import SOURCES_FILE
from rmrp_analysis.yaml_text import read_yaml, with_content

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Fetching:
    """What a folder gets: ``files`` by name, and the ``entries`` of ``sources.yml`` that name them, by input.

    ``title`` and plan ``year`` open the ``sources.yml`` of a folder that has none.
    """

    title: str
    year: int | None
    files: Mapping[str, bytes]
    entries: Mapping[str, Entry] = field(default_factory=dict)


def dated(about: Entry, fetched: datetime) -> dict[str, Any]:
    """An entry with its day and time."""
    return {**about, "as_of": f"{fetched:%Y-%m-%d}", "fetched": f"{fetched:%Y-%m-%dT%H:%M:%SZ}"}


def entries_of(folder: Path) -> dict[str, Any]:
    """What the ``sources.yml`` of a folder says, by key; nothing where there is none."""
    path = folder / SOURCES_FILE
    return dict(read_yaml(path, InputRefused).content) if path.is_file() else {}


def write_fetched(fetching: Fetching, folder: Path) -> Path:
    """Write every file, then the folder's ``sources.yml``, whose other entries stay. Returns its path.

    Where there is no entry it is not touched, and the folder of the files is returned.
    Each entry gets the sha256 of its files. Files of an earlier time stay, too: until the last step, ``sources.yml``
    names those, complete. Where a step fails, what was written is removed.
    """
    path = folder / SOURCES_FILE
    described = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    opening = {"title": fetching.title, **({"plan": fetching.year} if fetching.year else {})}
    entries = {}
    for name, entry in fetching.entries.items():
        named = entry.get("files") or [entry["file"]]
        checksums = [hashlib.sha256(fetching.files[file]).hexdigest() for file in named]
        entries[name] = {**entry, "sha256": checksums if "files" in entry else checksums[0], "illustrative": False}
    text = with_content(described, (entries_of(folder) or opening) | entries)
    written = [folder / name for name in fetching.files if not (folder / name).exists()]
    try:
        for name, content in fetching.files.items():
            write_whole(folder / name, content)
        if not fetching.entries:
            return (folder / next(iter(fetching.files))).parent
        return write_whole(path, text)
    except BaseException:
        for file in written:
            file.unlink(missing_ok=True)
        raise
