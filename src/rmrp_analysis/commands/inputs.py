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

FUNDING_INPUT = "funding"
"""The name of the input on funding, from FTS."""
WORKBOOK_METADATA_FILES = ("docProps/core.xml", "meta.xml")
"""Files in a workbook of Excel or LibreOffice that say when it was last changed."""
INPUTS_OF_SEVERAL_FILES = (ACTIVITIES_INPUT, "planning", FUNDING_INPUT)
"""Inputs that several files make together; of any other input, such as a list, the first file is read."""


@dataclass(frozen=True)
class InputSheet:
    """A file with the sheet of it that an input is read from; ``alone``: no other sheet of it fits that input."""

    path: Path
    sheet: str
    spanish: bool
    alone: bool

    @property
    def place(self) -> str:
        """The file and its sheet in words."""
        return (
            translate("{file}, sheet '{sheet}'", file=self.path.name, sheet=self.sheet)
            if self.sheet
            else self.path.name
        )


@dataclass
class DataFolder:
    """What a project's data folder gets: entries of ``sources.yml``, files with their names, notes for its author."""

    entries: dict[str, Any] = field(default_factory=dict)
    copies: dict[Path, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def note(self, text: str, /, **values: object) -> None:
        """Add a note for the author of the project, in the language of messages."""
        self.notes.append(translate(text, **values))

    def copy(self, path: Path, used_names: Collection[str] = ()) -> str:
        """Have a file copied; return its name, with a number where it is in ``used_names`` or another file has it."""
        used_names = {*used_names, *self.copies.values()}
        suffix = path.name[len(path.name) - len(suffix_by_name(path)) :]
        numbered = (f"{path.name.removesuffix(suffix)}-{number}{suffix}" for number in count(2))
        self.copies[path] = next(name for name in chain([path.name], numbered) if name not in used_names)
        return self.copies[path]


def list_files(places: Iterable[Path]) -> list[Path]:
    """Return the files that are named, and those in folders that are named and their subfolders, each once.

    Of a folder these are files of formats that are read, in the order of names, without hidden ones and locks. Raises
    ``RequestError`` for a folder without a file that can be read.
    """
    all_file_paths: list[Path] = []
    for place in places:
        inside = [place]
        if place.is_dir():
            files = (path for path in place.rglob("*") if path.is_file() and suffix_by_name(path) in FORMATS)
            # Files that begin so are locks of open files
            inside = sorted(path for path in files if not path.name.startswith((".", "~$")))
        if not inside:
            raise RequestError(translate("{folder} holds no file that can be read", folder=place))
        all_file_paths += inside
    return list({path.resolve(): path for path in all_file_paths}.values())


def recognise_inputs(paths: Sequence[Path], note: Callable[..., None]) -> dict[str, list[InputSheet]]:
    """Return the sheets that hold each input, by the input's name; call ``note`` for what is not read.

    Of sheets of one file that fit the same input, that with most of its columns is read. Several files make one input
    only where it is of ``INPUTS_OF_SEVERAL_FILES``.
    """
    sheet_lists_by_input: dict[str, list[InputSheet]] = {}
    for path in paths:
        sheets = sorted(
            (file_sheet for file_sheet in _sheets(path) if file_sheet.name), key=lambda file_sheet: -file_sheet.columns
        )
        if not sheets:
            note("{file} is none of the inputs of a plan; it is not read", file=path)
        names = [file_sheet.name for file_sheet in sheets]
        for number, file_sheet in enumerate(sheets):
            input_sheet = InputSheet(path, file_sheet.sheet, file_sheet.spanish, names.count(file_sheet.name) == 1)
            of_input = sheet_lists_by_input.setdefault(file_sheet.name, [])
            if file_sheet.name in names[:number] or (of_input and file_sheet.name not in INPUTS_OF_SEVERAL_FILES):
                place = (
                    translate("the sheet '{sheet}'", sheet=file_sheet.sheet) if len(paths) == 1 else input_sheet.place
                )
                note(
                    "{input}: {place} fits, too, and is not read; change `sheet:` to read it",
                    input=file_sheet.name,
                    place=place,
                )
            else:
                of_input.append(input_sheet)
    return sheet_lists_by_input


def _sheets(path: Path) -> list[SheetInput]:
    """Return which input each sheet of a file holds; a file of FTS has no headers, and is known by its content.

    A sheet that is no input has an empty name. Raises ``InputRefused`` for a file that cannot be read.
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
    """Return an entry's ``file`` or ``files``, and any common ``sheet``; ``names`` are those in the data folder.

    Raises ``InputRefused`` where each file would need another sheet to be named.
    """
    file_names = [names.get(input_sheet.path, input_sheet.path.name) for input_sheet in sheets]
    files = {"file": file_names[0]} if len(file_names) == 1 else {"files": file_names}
    titles = {input_sheet.sheet for input_sheet in sheets}
    if len(titles) == 1:
        return files | ({"sheet": sheets[0].sheet} if sheets[0].sheet else {})
    if not all(input_sheet.alone for input_sheet in sheets):
        places = "; ".join(input_sheet.place for input_sheet in sheets)
        raise InputRefused(
            translate("one input has one name of its sheet; give these the same: {places}", places=places)
        )
    return files


def parse_replaces(text: str, names: Sequence[str]) -> dict[str, list[str]]:
    """Return which of these files replaces which, as ``--replaces`` says it: ``april.xlsx: [march.xlsx]``.

    Raises ``RequestError`` where it is not written so, or names another file.
    """
    try:
        source = Source.model_validate({"files": names, "producer": "—", "replaces": yaml.safe_load(f"{{{text}}}")})
    except (yaml.YAMLError, ValidationError) as problem:
        reason = problem.errors()[0]["msg"] if isinstance(problem, ValidationError) else "april.xlsx: [march.xlsx]"
        raise RequestError(f"--replaces '{text}': {reason.removeprefix('Value error, ')}") from None
    return {name: list(replaced) for name, replaced in source.replaces.items()}


def find_day(paths: Iterable[Path]) -> str:
    """Return the day on which the latest of these files was written.

    That is the day that the file itself names where it does, as a workbook and a .gz do: a copy has a later one.
    """
    return max(min(filter(None, (_day_inside(path), _day_on_disk(path)))) for path in paths)


def _day_on_disk(path: Path) -> str:
    """Return the day on which a file was last changed on this disk, today at the latest."""
    written = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    return min(written, datetime.now(UTC)).date().isoformat()


def _day_inside(path: Path) -> str:
    """Return the day that a file says of itself; empty where it says none."""
    with path.open("rb") as file:
        head = file.read(8)
    if head[:2] == b"\x1f\x8b":
        seconds = int.from_bytes(head[4:8], "little")
        return datetime.fromtimestamp(seconds, tz=UTC).date().isoformat() if seconds else ""
    if not is_zipfile(path):
        return ""
    with suppress(KeyError, OSError, BadZipFile), ZipFile(path) as archive:
        about = next(name for name in (*WORKBOOK_METADATA_FILES, "") if not name or name in archive.namelist())
        date_match = re.search(rb"<(?:dcterms:modified|dc:date)\b[^>]*>(\d{4}-\d\d-\d\d)T", archive.read(about))
        return date_match[1].decode() if date_match else ""
    return ""
