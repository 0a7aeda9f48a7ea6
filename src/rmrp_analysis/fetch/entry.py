"""What was fetched, written into a data folder with its entries in ``sources.yml``, whole or not at all."""

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
    """What a folder gets: ``files`` by name, and the ``entries`` of ``sources.yml`` that name them, by input.

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
    """Read a folder's ``sources.yml``, by key, ``title`` and ``plan`` among them; empty where there is none.

    Raises ``InputRefused`` for faulty YAML.
    """
    path = folder / SOURCES_FILE
    return dict(read_yaml(path, InputRefused).content) if path.is_file() else {}


def _is_same(entry: Entry, earlier_entry: Any, folder: Path) -> bool:
    """Return whether an entry names the same bytes from the same address as the earlier one, and they are there."""
    if not isinstance(earlier_entry, dict) or any(
        entry.get(key) != earlier_entry.get(key) for key in ("sha256", "url")
    ):
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

    What a person wrote in the earlier entry stays, where it has the same address.
    """
    file_checksums = [hashlib.sha256(content_by_file[file_name]).hexdigest() for file_name in _list_files(entry)]
    is_same_address = isinstance(earlier_entry, Mapping) and earlier_entry.get("url") == entry.get("url")
    fields_by_hand = {
        field_name: earlier_entry[field_name]
        for field_name, model_field in Source.model_fields.items()
        if BY_HAND_MARK in model_field.metadata and is_same_address and field_name in earlier_entry
    }
    checksum_field_value = file_checksums if "files" in entry else file_checksums[0]
    return {**fields_by_hand, **entry, "sha256": checksum_field_value, "illustrative": False}


def write_fetched(fetching: Fetching, folder: Path) -> Path:
    """Write every file, then the folder's ``sources.yml``, whose other entries stay. Returns its path.

    Without entries ``sources.yml`` is not touched, and the folder of the files is returned. Each entry gets the sha256
    of its files, and keeps what a person wrote of files from the same address. An entry whose files hold the same bytes
    as before stays as it was, with its day; where all do, nothing is written. Files of earlier fetches stay: until the
    last step, ``sources.yml`` names them. Where a step fails, the new files are removed and the error is raised.
    """
    path = folder / SOURCES_FILE
    described = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    opening = {"title": fetching.title, **({"plan": fetching.year} if fetching.year else {})}
    earlier_entry_by_input = read_entries(folder)
    entries = {
        input_name: _complete_entry(entry, earlier_entry_by_input.get(input_name, {}), fetching.files)
        for input_name, entry in fetching.entries.items()
    }
    same = {
        input_name: earlier_entry_by_input[input_name]
        for input_name, entry in entries.items()
        if _is_same(entry, earlier_entry_by_input.get(input_name), folder)
    }
    if entries and len(same) == len(entries):
        return path
    text = with_content(described, (earlier_entry_by_input or opening) | entries | same)
    unchanged_file_names = {name for input_name in same for name in _list_files(entries[input_name])}
    new_files = {name: content for name, content in fetching.files.items() if name not in unchanged_file_names}
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
