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
        file_suffix = path.name[len(path.name) - len(suffix_by_name(path)) :]
        numbered_file_names = (
            f"{path.name.removesuffix(file_suffix)}-{copy_number}{file_suffix}" for copy_number in count(2)
        )
        self.copies[path] = next(
            free_file_name
            for free_file_name in chain([path.name], numbered_file_names)
            if free_file_name not in used_names
        )
        return self.copies[path]


def list_files(places: Iterable[Path]) -> list[Path]:
    """Return the files that are named, and those in folders that are named and their subfolders, each once.

    Of a folder these are files of formats that are read, in the order of names, without hidden ones and locks. Raises
    ``RequestError`` for a folder without a file that can be read.
    """
    all_file_paths: list[Path] = []
    for given_path in places:
        given_file_paths = [given_path]
        if given_path.is_dir():
            readable_paths = (
                file_path
                for file_path in given_path.rglob("*")
                if file_path.is_file() and suffix_by_name(file_path) in FORMATS
            )
            # Files that begin so are locks of open files
            given_file_paths = sorted(
                file_path for file_path in readable_paths if not file_path.name.startswith((".", "~$"))
            )
        if not given_file_paths:
            raise RequestError(translate("{folder} holds no file that can be read", folder=given_path))
        all_file_paths += given_file_paths
    return list({file_path.resolve(): file_path for file_path in all_file_paths}.values())


def recognise_inputs(paths: Sequence[Path], note: Callable[..., None]) -> dict[str, list[InputSheet]]:
    """Return the sheets that hold each input, by the input's name; call ``note`` for what is not read.

    Of sheets of one file that fit the same input, that with most of its columns is read. Several files make one input
    only where it is of ``INPUTS_OF_SEVERAL_FILES``.
    """
    sheet_lists_by_input: dict[str, list[InputSheet]] = {}
    for file_path in paths:
        recognised_sheets = sorted(
            (file_sheet for file_sheet in _sheets(file_path) if file_sheet.name),
            key=lambda file_sheet: -file_sheet.columns,
        )
        if not recognised_sheets:
            note("{file} is none of the inputs of a plan; it is not read", file=file_path)
        input_names_of_sheets = [file_sheet.name for file_sheet in recognised_sheets]
        for sheet_index, file_sheet in enumerate(recognised_sheets):
            input_sheet = InputSheet(
                file_path, file_sheet.sheet, file_sheet.spanish, input_names_of_sheets.count(file_sheet.name) == 1
            )
            sheets_of_input = sheet_lists_by_input.setdefault(file_sheet.name, [])
            if file_sheet.name in input_names_of_sheets[:sheet_index] or (
                sheets_of_input and file_sheet.name not in INPUTS_OF_SEVERAL_FILES
            ):
                sheet_location_text = (
                    translate("the sheet '{sheet}'", sheet=file_sheet.sheet) if len(paths) == 1 else input_sheet.place
                )
                note(
                    "{input}: {place} fits, too, and is not read; change `sheet:` to read it",
                    input=file_sheet.name,
                    place=sheet_location_text,
                )
            else:
                sheets_of_input.append(input_sheet)
    return sheet_lists_by_input


def _sheets(path: Path) -> list[SheetInput]:
    """Return which input each sheet of a file holds; a file of FTS has no headers, and is known by its content.

    A sheet that is no input has an empty name. Raises ``InputRefused`` for a file that cannot be read.
    """
    try:
        recognised_sheets = recognise_sheets(path)
    except InputRefused:
        if suffix_by_name(path) != ".json":
            raise
        recognised_sheets = []
    if not any(recognised_sheet.name for recognised_sheet in recognised_sheets):
        try:
            load_funding([path])
        except InputRefused:
            return recognised_sheets
        return [SheetInput("", FUNDING_INPUT, 1, spanish=False)]
    return recognised_sheets


def name_files(sheets: Sequence[InputSheet], names: Mapping[Path, str]) -> dict[str, Any]:
    """Return an entry's ``file`` or ``files``, and any common ``sheet``; ``names`` are those in the data folder.

    Raises ``InputRefused`` where each file would need another sheet to be named.
    """
    file_names = [names.get(input_sheet.path, input_sheet.path.name) for input_sheet in sheets]
    file_fields = {"file": file_names[0]} if len(file_names) == 1 else {"files": file_names}
    sheet_names = {input_sheet.sheet for input_sheet in sheets}
    if len(sheet_names) == 1:
        return file_fields | ({"sheet": sheets[0].sheet} if sheets[0].sheet else {})
    if not all(input_sheet.alone for input_sheet in sheets):
        sheet_places_text = "; ".join(input_sheet.place for input_sheet in sheets)
        raise InputRefused(
            translate("one input has one name of its sheet; give these the same: {places}", places=sheet_places_text)
        )
    return file_fields


def parse_replaces(text: str, names: Sequence[str]) -> dict[str, list[str]]:
    """Return which of these files replaces which, as ``--replaces`` says it: ``april.xlsx: [march.xlsx]``.

    Raises ``RequestError`` where it is not written so, or names another file.
    """
    try:
        source_with_replaces = Source.model_validate(
            {"files": names, "producer": "—", "replaces": yaml.safe_load(f"{{{text}}}")}
        )
    except (yaml.YAMLError, ValidationError) as problem:
        reason = problem.errors()[0]["msg"] if isinstance(problem, ValidationError) else "april.xlsx: [march.xlsx]"
        raise RequestError(f"--replaces '{text}': {reason.removeprefix('Value error, ')}") from None
    return {file_name: list(replaced_names) for file_name, replaced_names in source_with_replaces.replaces.items()}


def find_day(paths: Iterable[Path]) -> str:
    """Return the day on which the latest of these files was written.

    That is the day that the file itself names where it does, as a workbook and a .gz do: a copy has a later one.
    """
    return max(min(filter(None, (_day_inside(file_path), _day_on_disk(file_path)))) for file_path in paths)


def _day_on_disk(path: Path) -> str:
    """Return the day on which a file was last changed on this disk, today at the latest."""
    modification_datetime = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    return min(modification_datetime, datetime.now(UTC)).date().isoformat()


def _day_inside(path: Path) -> str:
    """Return the day that a file says of itself; empty where it says none."""
    with path.open("rb") as opened_data_file:
        header_bytes = opened_data_file.read(8)
    if header_bytes[:2] == b"\x1f\x8b":
        gzip_unix_seconds = int.from_bytes(header_bytes[4:8], "little")
        return datetime.fromtimestamp(gzip_unix_seconds, tz=UTC).date().isoformat() if gzip_unix_seconds else ""
    if not is_zipfile(path):
        return ""
    with suppress(KeyError, OSError, BadZipFile), ZipFile(path) as workbook_archive:
        metadata_member_name = next(
            member_name
            for member_name in (*WORKBOOK_METADATA_FILES, "")
            if not member_name or member_name in workbook_archive.namelist()
        )
        date_match = re.search(
            rb"<(?:dcterms:modified|dc:date)\b[^>]*>(\d{4}-\d\d-\d\d)T", workbook_archive.read(metadata_member_name)
        )
        return date_match[1].decode() if date_match else ""
    return ""
