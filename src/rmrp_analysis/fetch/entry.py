"""What was fetched, written into a data folder with its entries in ``sources.yml``, whole or not at all."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.files import write_whole
from rmrp_analysis.sources import BY_HAND, SOURCES_FILE, Source, sha256
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


def _is_same(entry: Entry, before: Any, folder: Path) -> bool:
    """Whether an entry names the bytes that the one before names, from the same place, and these are there."""
    if not isinstance(before, dict) or any(entry.get(key) != before.get(key) for key in ("sha256", "url")):
        return False
    checksums = [before["sha256"]] if "file" in before else before["sha256"]
    return all(
        (folder / file).is_file() and sha256(folder / file) == checksum
        for file, checksum in zip(_files_of(before), checksums, strict=True)
    )


def _files_of(entry: Entry) -> list[str]:
    """The files that an entry names."""
    return list(entry.get("files") or [entry["file"]])


def write_fetched(fetching: Fetching, folder: Path) -> Path:
    """Write every file, then the folder's ``sources.yml``, whose other entries stay. Returns its path.

    Where there is no entry it is not touched, and the folder of the files is returned.
    Each entry gets the sha256 of its files, and keeps what a person wrote of files from the same place. One whose files
    hold the bytes of before stays as it was, with its day: where all do, nothing is written. Files of an earlier time
    stay, too: until the last step, ``sources.yml`` names those, complete. Where a step fails, what was written is
    removed.
    """
    path = folder / SOURCES_FILE
    described = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    opening = {"title": fetching.title, **({"plan": fetching.year} if fetching.year else {})}
    by_hand = [name for name, key in Source.model_fields.items() if BY_HAND in key.metadata]
    entries, before = {}, entries_of(folder)
    for name, entry in fetching.entries.items():
        checksums = [hashlib.sha256(fetching.files[file]).hexdigest() for file in _files_of(entry)]
        last = before.get(name, {})
        is_same_place = bool(last) and last.get("url") == entry.get("url")
        kept = {key: last[key] for key in by_hand if is_same_place and key in last}
        checksum = checksums if "files" in entry else checksums[0]
        entries[name] = {**kept, **entry, "sha256": checksum, "illustrative": False}
    same = {name: before[name] for name, entry in entries.items() if _is_same(entry, before.get(name), folder)}
    if entries and len(same) == len(entries):
        return path
    text = with_content(described, (before or opening) | entries | same)
    there = {file for name in same for file in _files_of(entries[name])}
    new_files = {name: content for name, content in fetching.files.items() if name not in there}
    written = [folder / name for name in new_files if not (folder / name).exists()]
    try:
        for name, content in new_files.items():
            write_whole(folder / name, content)
        if not fetching.entries:
            return (folder / next(iter(fetching.files))).parent
        return write_whole(path, text)
    except BaseException:
        for file in written:
            file.unlink(missing_ok=True)
        raise
