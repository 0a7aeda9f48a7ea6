"""Enter files of producers in the ``sources.yml`` of a project, each under the input that it is recognised as."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, is_zipfile

import yaml
from pydantic import ValidationError

from rmrp_analysis.commands.terminal import translate
from rmrp_analysis.errors import InputRefused, RequestError
from rmrp_analysis.loaders.content import suffix_by_name
from rmrp_analysis.loaders.fts import load_funding
from rmrp_analysis.loaders.read import FORMATS
from rmrp_analysis.loaders.sheet_inputs import ACTIVITIES_INPUT, SheetInput, recognise_sheets
from rmrp_analysis.sources import Source
from rmrp_analysis.words import N_

FUNDING_INPUT = "funding"
WORKBOOK_METADATA_FILES = ("docProps/core.xml", "meta.xml")
"""Files inside a workbook of Excel or LibreOffice that say when it was last changed."""
INPUTS_OF_SEVERAL_FILES = (ACTIVITIES_INPUT, "planning", FUNDING_INPUT)
"""Inputs that several files can make together. Of any other input, such as a list, only the first file is read."""


@dataclass(frozen=True)
class InputSheet:
    """A file and its sheet that an input is read from. If ``alone``, no other sheet of the file fits that input."""

    path: Path
    sheet: str
    spanish: bool
    alone: bool

    @property
    def place(self) -> str:
        """The file and its sheet in words."""
        if not self.sheet:
            return self.path.name
        return translate("{file}, sheet '{sheet}'", file=self.path.name, sheet=self.sheet)


@dataclass
class DataFolder:
    """The content for a project's data folder.

    It has entries of ``sources.yml``, copies of files by name, and notes for the author.
    """

    entries: dict[str, Any] = field(default_factory=dict)
    copies: dict[Path, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def note(self, text: str, /, **values: object) -> None:
        """Add a note for the author of the project, in the language of messages."""
        self.notes.append(translate(text, **values))

    def copy(self, path: Path, used_names: Collection[str] = ()) -> str:
        """Plan to copy a file. Return its name, with a number if ``used_names`` or another copy has the name."""
        used_names = {*used_names, *self.copies.values()}
        suffix = path.name[len(path.name) - len(suffix_by_name(path)) :]
        numbered = (f"{path.name.removesuffix(suffix)}-{number}{suffix}" for number in count(2))
        self.copies[path] = next(name for name in chain([path.name], numbered) if name not in used_names)
        return self.copies[path]


def list_files(places: Iterable[Path]) -> list[Path]:
    """Return the named files, and the readable files in named folders and their subfolders, each once.

    Files of a folder come in the order of their names, without hidden files and locks. Raises ``RequestError`` for a
    folder without a file that can be read.
    """
    paths: list[Path] = []
    for place in places:
        inside = [place]
        if place.is_dir():
            files = (path for path in place.rglob("*") if path.is_file() and suffix_by_name(path) in FORMATS)
            # Files that begin with ~$ are locks of open files
            inside = sorted(path for path in files if not path.name.startswith((".", "~$")))
        if not inside:
            raise RequestError(translate("{folder} holds no file that can be read", folder=place))
        paths += inside
    return list({path.resolve(): path for path in paths}.values())


def recognise_inputs(paths: Sequence[Path], note: Callable[..., None]) -> dict[str, list[InputSheet]]:
    """Return the sheets of each input by its name, and call ``note`` for files and sheets that are not read.

    If several sheets of a file fit one input, the sheet with most of its columns is read. Several files make one input
    only if it is of ``INPUTS_OF_SEVERAL_FILES``.
    """
    inputs: dict[str, list[InputSheet]] = {}
    for path in paths:
        sheets = sorted((sheet for sheet in _sheets(path) if sheet.name), key=lambda sheet: -sheet.columns)
        if not sheets:
            note("{file} is none of the inputs of a plan; it is not read", file=path)
        names = [sheet.name for sheet in sheets]
        for index, sheet in enumerate(sheets):
            choice = InputSheet(path, sheet.sheet, sheet.spanish, names.count(sheet.name) == 1)
            group = inputs.setdefault(sheet.name, [])
            if sheet.name in names[:index] or (group and sheet.name not in INPUTS_OF_SEVERAL_FILES):
                place = translate("the sheet '{sheet}'", sheet=sheet.sheet) if len(paths) == 1 else choice.place
                text = N_("{input}: {place} fits, too, and is not read; change `sheet:` to read it")
                note(text, input=sheet.name, place=place)
            else:
                group.append(choice)
    return inputs


def _sheets(path: Path) -> list[SheetInput]:
    """Return the input of each sheet of a file, with an empty name for a sheet that is no input.

    A file of FTS has no headers and is recognised by its content. Raises ``InputRefused`` if a file cannot be read.
    """
    try:
        sheets = recognise_sheets(path)
    except InputRefused:
        if suffix_by_name(path) != ".json":
            raise
        sheets = []
    if not any(sheet.name for sheet in sheets):
        try:
            load_funding([path])
        except InputRefused:
            return sheets
        return [SheetInput("", FUNDING_INPUT, 1, spanish=False)]
    return sheets


def name_files(sheets: Sequence[InputSheet], names: Mapping[Path, str]) -> dict[str, Any]:
    """Return an entry's ``file`` or ``files``, and the ``sheet`` if all have the same.

    ``names`` are the names of files in the data folder. Raises ``InputRefused`` if each file needs another sheet name.
    """
    copies = [names.get(sheet.path, sheet.path.name) for sheet in sheets]
    files = {"file": copies[0]} if len(copies) == 1 else {"files": copies}
    titles = {sheet.sheet for sheet in sheets}
    if len(titles) == 1:
        return files | ({"sheet": sheets[0].sheet} if sheets[0].sheet else {})
    if not all(sheet.alone for sheet in sheets):
        places = "; ".join(sheet.place for sheet in sheets)
        raise InputRefused(
            translate("one input has one name of its sheet; give these the same: {places}", places=places)
        )
    return files


def parse_replaces(text: str, names: Sequence[str]) -> dict[str, list[str]]:
    """Return the files that each file replaces, from a text of ``--replaces``: ``april.xlsx: [march.xlsx]``.

    Raises ``RequestError`` if it is written in another way, or names a file that is not in ``names``.
    """
    try:
        source = Source.model_validate({"files": names, "producer": "—", "replaces": yaml.safe_load(f"{{{text}}}")})
    except (yaml.YAMLError, ValidationError) as problem:
        reason = problem.errors()[0]["msg"] if isinstance(problem, ValidationError) else "april.xlsx: [march.xlsx]"
        raise RequestError(f"--replaces '{text}': {reason.removeprefix('Value error, ')}") from None
    return {name: list(replaced) for name, replaced in source.replaces.items()}


def find_day(paths: Iterable[Path]) -> str:
    """Return the day (YYYY-MM-DD) on which the latest of these files was written.

    The day that a workbook or a .gz itself names counts if it is earlier than the day on disk, since a copy has a later
    day.
    """
    days = []
    for path in paths:
        changed = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
        day = min(changed, datetime.now(UTC)).date().isoformat()
        days.append(min(day, _day_inside(path) or day))
    return max(days)


def _day_inside(path: Path) -> str:
    """Return the day that a file itself names, or an empty text."""
    with path.open("rb") as file:
        head = file.read(8)
    if head[:2] == b"\x1f\x8b":
        seconds = int.from_bytes(head[4:8], "little")
        return datetime.fromtimestamp(seconds, tz=UTC).date().isoformat() if seconds else ""
    if not is_zipfile(path):
        return ""
    with suppress(KeyError, OSError, BadZipFile), ZipFile(path) as archive:
        member = next(name for name in (*WORKBOOK_METADATA_FILES, "") if not name or name in archive.namelist())
        match = re.search(rb"<(?:dcterms:modified|dc:date)\b[^>]*>(\d{4}-\d\d-\d\d)T", archive.read(member))
        return match[1].decode() if match else ""
    return ""
