"""What was fetched, written into a data folder with its entries in ``sources.yml``, whole or not at all."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.files import write_whole
from rmrp_analysis.sources import SOURCES_FILE
from rmrp_analysis.yaml_text import read_yaml

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
    names those, complete. Where a step fails, what was written is removed. Raises ``InputRefused`` for a
    ``sources.yml`` that cannot be changed without a loss.
    """
    path = folder / SOURCES_FILE
    before = entries_of(folder)
    opening = f"title: {fetching.title}\n" + (f"plan: {fetching.year}\n" if fetching.year else "")
    described = path.read_text(encoding="utf-8-sig") if path.is_file() else opening
    for name, entry in fetching.entries.items():
        described = with_entry(described, name, entry_text(name, entry, fetching.files))
    written = [folder / name for name in fetching.files if not (folder / name).exists()]
    try:
        for name, content in fetching.files.items():
            write_whole(folder / name, content)
        if not fetching.entries:
            return (folder / next(iter(fetching.files))).parent
        checked = write_whole(folder / f".{SOURCES_FILE}.next", described)
        written.append(checked)
        _check_nothing_lost(before, checked, fetching.entries, path)
        checked.replace(path)
    except BaseException:
        for file in written:
            file.unlink(missing_ok=True)
        raise
    return path


def _check_nothing_lost(before: Entry, checked: Path, entries: Mapping[str, Entry], path: Path) -> None:
    after = read_yaml(checked, InputRefused).content
    others = {name: entry for name, entry in before.items() if name not in entries}
    if any(after.get(name) != entry for name, entry in others.items()) or not set(entries) <= set(after):
        raise InputRefused(f"{path}: cannot be changed as it is written; give each input a line of its own")


def entry_text(name: str, entry: Entry, files: Mapping[str, bytes]) -> str:
    """An entry as YAML, with the sha256 of its files."""
    named = [entry["file"]] if "file" in entry else entry["files"]
    checksums = [hashlib.sha256(files[file]).hexdigest() for file in named]
    whole = {**entry, "sha256": checksums if "files" in entry else checksums[0], "illustrative": False}
    return yaml.safe_dump({name: whole}, allow_unicode=True, sort_keys=False, width=1_000)


def with_entry(described: str, name: str, text: str) -> str:
    """The text of a ``sources.yml`` with this entry in place of the one of its name, or at its end."""
    entry = re.compile(rf"^{re.escape(name)}[ ]*:.*\n(?:(?:[ \t#-].*)?\n)*", re.MULTILINE)
    ended = described if described.endswith("\n") or not described else described + "\n"
    replaced, entries = entry.subn(lambda _: text, ended, count=1)
    return replaced if entries else ended + text
