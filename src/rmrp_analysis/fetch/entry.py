"""Fetched files, written into a data folder with their entries in ``sources.yml``, whole or not at all."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.files import write_whole
from rmrp_analysis.sources import BY_HAND_MARK, SOURCES_FILE, Source, sha256
from rmrp_analysis.yaml_text import read_yaml, with_content

Entry = Mapping[str, Any]
"""An entry of ``sources.yml`` on one input, by field."""


@dataclass(frozen=True)
class Fetching:
    """New content of a folder: ``files`` by name, and the ``entries`` of ``sources.yml`` that name them, by input.

    ``title`` and plan ``year`` open the ``sources.yml`` of a folder that has none.
    """

    title: str
    year: int | None
    files: Mapping[str, bytes]
    entries: Mapping[str, Entry] = field(default_factory=dict)


def add_date(entry: Entry, fetched: datetime) -> dict[str, Any]:
    """Return an entry with the day of its fetch as ``as_of`` and the time as ``fetched``."""
    return {**entry, "as_of": f"{fetched:%Y-%m-%d}", "fetched": f"{fetched:%Y-%m-%dT%H:%M:%SZ}"}


def read_entries(folder: Path) -> dict[str, Any]:
    """Read a folder's ``sources.yml`` by key, with ``title`` and ``plan``. Empty without the file.

    Raises ``InputRefused`` for faulty YAML.
    """
    path = folder / SOURCES_FILE
    return dict(read_yaml(path, InputRefused).content) if path.is_file() else {}


def _is_same(entry: Entry, earlier_entry: Any, folder: Path) -> bool:
    """Return whether two entries name the same bytes from the same address, and these are in the folder."""
    if not isinstance(earlier_entry, dict):
        return False
    if any(entry.get(key) != earlier_entry.get(key) for key in ("sha256", "url")):
        return False
    checksums = [earlier_entry["sha256"]] if "file" in earlier_entry else earlier_entry["sha256"]
    return all(
        (folder / file).is_file() and sha256(folder / file) == checksum
        for file, checksum in zip(_list_files(earlier_entry), checksums, strict=True)
    )


def _list_files(entry: Entry) -> list[str]:
    """List the names of the files of an entry."""
    return list(entry.get("files") or [entry["file"]])


def _complete_entry(entry: Entry, earlier_entry: Any, content_by_file: Mapping[str, bytes]) -> dict[str, Any]:
    """Return an entry with the checksums of its files and ``illustrative`` false.

    If the earlier entry has the same address, its fields written by hand stay.
    """
    checksums = [hashlib.sha256(content_by_file[file]).hexdigest() for file in _list_files(entry)]
    by_hand = {}
    if isinstance(earlier_entry, Mapping) and earlier_entry.get("url") == entry.get("url"):
        names = [name for name, field in Source.model_fields.items() if BY_HAND_MARK in field.metadata]
        by_hand = {name: earlier_entry[name] for name in names if name in earlier_entry}
    digest = checksums if "files" in entry else checksums[0]
    return {**by_hand, **entry, "sha256": digest, "illustrative": False}


def write_fetched(fetching: Fetching, folder: Path) -> Path:
    """Write every file, then the folder's ``sources.yml``, with its other entries as they were. Return its path.

    Without entries ``sources.yml`` is not touched, and the folder of the files is returned. Each entry gets the sha256
    of its files, and keeps the fields written by hand about files from the same address. If the files of an entry hold
    the same bytes as before, the entry stays as it was, with its day. If all entries stay, nothing is written. Files of
    earlier fetches stay, since ``sources.yml`` names them until the last step. If a step fails, the new files are
    removed and the error is raised.
    """
    path = folder / SOURCES_FILE
    original = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    opening = {"title": fetching.title, **({"plan": fetching.year} if fetching.year else {})}
    earlier = read_entries(folder)
    entries = {
        name: _complete_entry(entry, earlier.get(name, {}), fetching.files) for name, entry in fetching.entries.items()
    }
    retained = {name: earlier[name] for name, entry in entries.items() if _is_same(entry, earlier.get(name), folder)}
    if entries and len(retained) == len(entries):
        return path
    text = with_content(original, (earlier or opening) | entries | retained)
    unchanged = {name for key in retained for name in _list_files(entries[key])}
    new_files = {name: content for name, content in fetching.files.items() if name not in unchanged}
    created = [folder / name for name in new_files if not (folder / name).exists()]
    try:
        for name, content in new_files.items():
            write_whole(folder / name, content)
        if not fetching.entries:
            return (folder / next(iter(fetching.files))).parent
        return write_whole(path, text)
    except BaseException:
        for file in created:
            file.unlink(missing_ok=True)
        raise
