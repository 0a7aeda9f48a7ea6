"""Excel workbooks: which sheet holds the table, where it begins, and its cells.

Rows and columns that are hidden are read like all others; hidden sheets are not, unless every sheet is. Of merged cells
the first holds the content, the others are empty, and a message says where. A formula counts by the value that was
stored with it; a workbook that holds formulas without one is refused, since their cells would be read as empty.
"""

import datetime
import re
import zipfile
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from functools import cache
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from defusedxml import ElementTree
from python_calamine import CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from rmrp_analysis.coded import Codes, smallest
from rmrp_analysis.errors import InputRefused, did_you_mean
from rmrp_analysis.loaders.content import MOST_UNPACKED, damaged, pieces
from rmrp_analysis.loaders.gathered import categories, table_of
from rmrp_analysis.loaders.header import AS_NUMBERS, ERROR, HEADER_ROWS, SHEET, Fit, distinct
from rmrp_analysis.sources import SOURCES_FILE, Reading

LINES_OF_A_SHEET = 2**20
"""A worksheet has no more: a table that fills it was probably cut off."""

MOST_PLACES_NAMED = 5
ROWS_AT_ONCE = 500
"""So few rows stay in the processor's cache while their cells are sorted by columns."""

BYTES_RESERVED_A_CELL = 32
"""What a cell takes in memory at least: the reader makes room for every cell up to the last line and column."""

_WITHOUT_VALUE = re.compile(rb"<f[^>]*(?:/>|>[^<]*</f>)\s*(?:</c>|<v\s*/>|<v></v>)")
_ERROR = re.compile(rb"<c (?=[^>]*\bt=\"e\")[^>]*\br=\"([A-Z]+)(\d+)\"")
_COLUMN, _LINE = re.compile(rb"r=[\"']([A-Z]{2,3})\d"), re.compile(rb"\sr=[\"'][A-Z]{0,3}(\d{1,7})[\"']")


def read_workbook(path: Path, fit: Fit, reading: Reading) -> tuple[pd.DataFrame, list[str], dict[Hashable, Any]]:
    """The cells below the header as text, by spreadsheet line; messages on sheets and merged cells; what was noted.

    The sheet that ``reading`` names is read, else the one visible sheet with rows and a header that fits; where none
    does, the one that comes nearest. Noted are the sheet's name and the lines, by column, of numbers with decimals.
    Raises ``InputRefused`` when several sheets fit, formulas have no stored values, or cells lie too far apart.
    """
    without_value, errors = _checked_sheets(path)
    if without_value:
        raise InputRefused(
            f"{path}: {without_value:,} formulas have no stored value; open and save it in a spreadsheet program"
        )
    messages = []
    with CalamineWorkbook.from_path(path) as workbook:
        sheets = workbook.sheets_metadata
        visible = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
        names = visible or [sheet.name for sheet in sheets]
        if reading.sheet and reading.sheet not in workbook.sheet_names:
            raise InputRefused(
                f"{path}: there is no sheet '{reading.sheet}'; {did_you_mean(reading.sheet, workbook.sheet_names)}"
            )
        sheet_of = cache(workbook.get_sheet_by_name)
        name, above = _table_place(path, sheet_of, [reading.sheet] if reading.sheet else names, fit, reading)
        sheet = sheet_of(name)
        others = [other for other in names if other != name and sheet_of(other).start is not None]
        if others:
            messages.append(f"the sheet '{name}' is read, and not {', '.join(others)}")
        merged = [area for area in getattr(sheet, "merged_cell_ranges", None) or [] if area[1][0] > above]
        if merged:
            places = ", ".join(f"lines {first[0] + 1}-{last[0] + 1}" for first, last in merged[:MOST_PLACES_NAMED])
            messages.append(f"{len(merged)} merged cells, of which only the first one holds the content ({places})")
        cells, as_numbers = _table(sheet, above, errors.get(name, ()))
        in_table = [(line, column) for line, column in errors.get(name, ()) if line in cells.index]
        if in_table:
            messages.append(f"{len(in_table):,} cells hold an error such as #REF!, the first on line {in_table[0][0]}")
        return cells, messages, {SHEET: name, AS_NUMBERS: as_numbers}


def first_rows(path: Path) -> dict[str, list[list[str]]]:
    """The rows of each visible sheet, by name, in which its header may stand; as text.

    Raises ``InputRefused`` when cells lie too far apart.
    """
    _checked_sheets(path)
    with CalamineWorkbook.from_path(path) as workbook:
        visible = [sheet.name for sheet in workbook.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
        return {
            name: [
                [cell_text(cell) for cell in row]
                for row in islice(_rows(workbook.get_sheet_by_name(name)), HEADER_ROWS)
            ]
            for name in visible
        }


def has_decimals(cell: Any) -> bool:
    """Whether a cell is a number, and not a text, that has decimals."""
    return isinstance(cell, float) and not cell.is_integer()


def cell_text(cell: Any) -> str:
    """A cell as text without outer blanks; a number keeps no decimals it does not need: 13.0 is the typed 13."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat(sep=" ") if isinstance(cell, datetime.datetime) else str(cell).strip()


def _table_place(
    path: Path, sheet_of: Callable[[str], CalamineSheet], names: Sequence[str], fit: Fit, reading: Reading
) -> tuple[str, int]:
    """The sheet with the table, and how many rows stand above its header."""
    best: dict[str, tuple[float, int]] = {}  # by sheet that is not empty
    first = max(reading.header_row - 1, 0)
    for name in names:
        head = islice(_rows(sheet_of(name)), first, first + HEADER_ROWS + 1)
        texts = [[cell_text(cell) for cell in row] for row in head]
        if any(map(any, texts)):
            fits = [float(fit(row)) for row in texts[: 1 if reading.header_row else HEADER_ROWS]]
            above = fits.index(max(fits))
            has_rows = any(map(any, texts[above + 1 :]))
            best[name] = fits[above] if has_rows else fits[above] / 2, first + above
    if not best:
        raise ValueError("its sheets are empty")
    whole = [name for name, (of_header, _) in best.items() if of_header == 1]
    if len(whole) > 1:
        listed = ", ".join(f"'{name}'" for name in whole)
        raise InputRefused(
            f"{path}: {len(whole)} sheets hold such a table: {listed}; name the one to read: add `sheet: {whole[0]}` "
            f"(or another) to this input in {SOURCES_FILE}"
        )
    name = max(best, key=lambda name: best[name][0])
    return name, best[name][1]


def _rows(sheet: CalamineSheet) -> Iterator[list[Any]]:
    """Every row from the first line on; calamine begins with the first one that holds anything."""
    if sheet.start is None:
        return
    width = sheet.start[1] + sheet.width
    yield from ([""] * width for _ in range(sheet.start[0]))
    for row in sheet.iter_rows():
        yield row if len(row) == width else [""] * (width - len(row)) + row


def _table(
    sheet: CalamineSheet, above: int, errors: Collection[tuple[int, int]]
) -> tuple[pd.DataFrame, dict[str, tuple[int, ...]]]:
    """The cells below the header as text, and the lines, by column, of numbers with decimals."""
    rows = _rows(sheet)
    columns = {name: _Column() for name in distinct(map(cell_text, next(islice(rows, above, None), [])))}
    places = sorted((line, column) for line, column in errors if column <= len(columns))
    line = above + 2
    while piece := list(islice(rows, ROWS_AT_ONCE)):
        first, last = bisect_left(places, (line,)), bisect_left(places, (line + len(piece),))
        for line_of, number in places[first:last]:
            piece[line_of - line][number - 1] = ERROR
        for column, cells in zip(columns.values(), zip(*piece, strict=True), strict=True):
            column.add(cells)
        line += len(piece)
    decimals = {name: np.flatnonzero(column.where(has_decimals)) + above + 2 for name, column in columns.items()}
    table = table_of({name: column.cells() for name, column in columns.items()}, above + 2)
    return table, {name: tuple(lines.tolist()) for name, lines in decimals.items() if len(lines)}


class _Column:
    """A column of a sheet while it is read: its different cells, and the number of the one that stands in each row."""

    def __init__(self) -> None:
        self._numbers = defaultdict[Any, int](count().__next__)  # by cell, in the order in which they first come
        self._codes = [np.empty(0, dtype="uint8")]

    def add(self, cells: Sequence[Any]) -> None:
        """Add the cells of the next rows."""
        if bool in set(map(type, cells)):  # True is not 1 here
            cells = [str(cell) if isinstance(cell, bool) else cell for cell in cells]
        codes = np.fromiter(map(self._numbers.__getitem__, cells), dtype="int64", count=len(cells))
        self._codes.append(smallest(codes, len(self._numbers)))

    def where(self, condition: Callable[[Any], bool]) -> Codes:
        """Whether each row's cell fulfils a condition."""
        return np.array([*map(condition, self._numbers), False]).take(np.concatenate(self._codes))

    def cells(self) -> pd.Categorical:
        """The texts of all rows; the categories are in the order in which they first stand in a row."""
        different = categories([*map(cell_text, self._numbers)])
        codes = different.codes.take(np.concatenate(self._codes))
        return pd.Categorical.from_codes(codes, different.categories, validate=False)


def _checked_sheets(path: Path) -> tuple[int, dict[str, list[tuple[int, int]]]]:
    """How many formulas were never computed, and the lines and columns of cells with errors, by sheet.

    Reads every part. Raises ``InputRefused`` when one is damaged, and when cells lie too far apart.
    """
    without_value, errors = 0, {}
    with zipfile.ZipFile(path) as archive:
        for part in archive.namelist():
            if not (part.startswith("xl/worksheets/") and part.endswith(".xml")):
                deque(pieces(path, archive, part), maxlen=0)
                continue
            columns, errors[part] = {b"Z"}, list[tuple[int, int]]()
            for piece in _pieces(path, archive, part):
                without_value += len(_WITHOUT_VALUE.findall(piece))
                if b't="e"' in piece:
                    errors[part] += [(int(line), _number(column)) for column, line in _ERROR.findall(piece)]
                columns.update(_COLUMN.findall(piece))
            _check_extent(path, archive, part, max(columns, key=lambda letters: (len(letters), letters)))
        names = _names_of_parts(path, archive)
    return without_value, {names.get(part, ""): found for part, found in errors.items()}


def _names_of_parts(path: Path, archive: zipfile.ZipFile) -> dict[str, str]:
    """The name of each sheet, by its part of the archive."""
    try:
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    except (KeyError, ValueError, ElementTree.ParseError) as problem:
        raise damaged(path, ".xlsx", problem) from None
    targets = {relation.get("Id"): relation.get("Target", "").lstrip("/") for relation in relations}
    named = {}
    for sheet in book.findall(".//{*}sheet"):
        identifier = next((value for key, value in sheet.items() if key.endswith("}id")), "")
        named["xl/" + targets.get(identifier, "").removeprefix("xl/")] = sheet.get("name", "")
    return named


def _number(letters: bytes) -> int:
    """The number of a column from its letters: A is 1."""
    return sum((letter - 64) * 26**power for power, letter in enumerate(reversed(letters)))


def _check_extent(path: Path, archive: zipfile.ZipFile, part: str, last_column: bytes) -> None:
    """Lines are only looked at where the sheet is so wide that a full one would take too much memory."""
    most_lines = MOST_UNPACKED // (_number(last_column) * BYTES_RESERVED_A_CELL)
    if most_lines < LINES_OF_A_SHEET:
        last = max((int(line) for piece in _pieces(path, archive, part) for line in _LINE.findall(piece)), default=0)
        if last > most_lines:
            raise InputRefused(
                f"{path}: its cells reach to column {last_column.decode()} and line {last:,}, which takes more memory "
                "than a table needs; delete what lies outside of the table"
            )


def _pieces(path: Path, archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """A part in pieces that end with a cell, so that no cell is cut."""
    kept = b""
    for piece in pieces(path, archive, part):
        whole, end, kept = (kept + piece).rpartition(b"</c>")
        yield whole + end
    yield kept
