"""Excel workbooks: which sheet holds the table, where it begins, and its cells.

Rows and columns that are hidden are read like all others; hidden sheets are not, unless every sheet is. Of merged cells
the first holds the content, the others are empty, and it is told where they are. A formula counts by the value that was
stored with it; a workbook that holds formulas without one is refused, since their cells would be read as empty.
"""

import datetime
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
from python_calamine import CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from rmrp_analysis.errors import InputRefused

HEADER_ROWS = 20
"""A title may stand above the header, but not a page of text."""

CHUNK_ROWS = 50_000
MOST_MERGED_TOLD = 5
Wanted = Callable[[Sequence[str]], bool]
"""Whether a row of cells is the header of the table that is looked for."""

_WITHOUT_VALUE = re.compile(rb"<f[^>]*(?:/>|>[^<]*</f>)\s*(?:</c>|<v\s*/>|<v></v>)")
_ERROR = re.compile(rb"<c [^>]*t=\"e\"")
_PIECE = 2**22


def read_workbook(path: Path, wanted: Wanted) -> tuple[pd.DataFrame, list[str]]:
    """The cells below the header as text, by spreadsheet line, and what is to be told of sheets and merged cells.

    The first visible sheet with a header that is ``wanted`` is read; where there is none, the first that is not empty,
    from its first row. Raises ``InputRefused`` when formulas have no stored values.
    """
    told = _formulas_told(path)
    with CalamineWorkbook.from_path(path) as workbook:
        names = _visible(workbook)
        name, header = _table_place(workbook, names, wanted)
        sheet = workbook.get_sheet_by_name(name)
        others = [other for other in names if other != name and workbook.get_sheet_by_name(other).start is not None]
        if others:
            told.append(f"the sheet '{name}' is read, and not {', '.join(others)}")
        told.extend(_merged_told(sheet, header))
        return _table(sheet, header), told


def _visible(workbook: CalamineWorkbook) -> list[str]:
    sheets = workbook.sheets_metadata
    shown = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
    return shown or [sheet.name for sheet in sheets]


def _table_place(workbook: CalamineWorkbook, names: Sequence[str], wanted: Wanted) -> tuple[str, int]:
    """The sheet with the table, and the row of its header."""
    first = ""
    for name in names:
        for number, row in enumerate(islice(_rows(workbook.get_sheet_by_name(name)), HEADER_ROWS)):
            first = first or (name if any(row) else "")
            if wanted(row):
                return name, number
    if not first:
        raise ValueError("its sheets are empty")
    return first, 0


def _rows(sheet: CalamineSheet) -> Iterator[list[str]]:
    """Every row from the first line on, as text; calamine begins with the first one that holds anything."""
    if sheet.start is None:
        return
    blank: list[str] = [""] * (sheet.start[1] + sheet.width)
    yield from (list(blank) for _ in range(sheet.start[0]))
    for row in sheet.iter_rows():
        cells = [_cell_text(cell) for cell in row]
        yield [""] * (len(blank) - len(cells)) + cells


def _table(sheet: CalamineSheet, header: int) -> pd.DataFrame:
    rows = _rows(sheet)
    names = list(islice(rows, header, header + 1))
    columns = _distinct(names[0]) if names else []
    pieces = []
    line = header + 2
    while piece := list(islice(rows, CHUNK_ROWS)):
        lines = pd.RangeIndex(line, line + len(piece))
        pieces.append(pd.DataFrame(piece, columns=columns, index=lines, dtype="str"))
        line += len(piece)
    return pd.concat(pieces) if pieces else pd.DataFrame(columns=columns, dtype="str")


def _distinct(names: Sequence[str]) -> list[str]:
    """Headers that are told apart; one that is empty gets its column's number."""
    given = [name.strip() or f"column {number}" for number, name in enumerate(names, start=1)]
    return [name if name not in given[:number] else f"{name} ({number + 1})" for number, name in enumerate(given)]


def _cell_text(cell: Any) -> str:
    """A number keeps no decimals it does not need: 13.0 in a spreadsheet is the 13 that was typed."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(sep=" ")
    return str(cell)


def _merged_told(sheet: CalamineSheet, header: int) -> Iterator[str]:
    ranges = [area for area in getattr(sheet, "merged_cell_ranges", None) or [] if area[1][0] > header]
    if ranges:
        places = ", ".join(f"lines {first[0] + 1}-{last[0] + 1}" for first, last in ranges[:MOST_MERGED_TOLD])
        yield f"{len(ranges)} merged cells, of which only the first one holds the content ({places})"


def _formulas_told(path: Path) -> list[str]:
    """What formulas leave empty: a cell with an error is told, a formula that was never computed refused."""
    without_value = errors = 0
    with zipfile.ZipFile(path) as archive:
        for part in archive.namelist():
            if part.startswith("xl/worksheets/") and part.endswith(".xml"):
                for piece in _pieces(archive, part):
                    without_value += len(_WITHOUT_VALUE.findall(piece))
                    errors += len(_ERROR.findall(piece))
    if without_value:
        raise InputRefused(
            f"{path}: {without_value:,} formulas have no stored value; open and save it in a spreadsheet program"
        )
    return [f"{errors:,} cells hold an error such as #REF! and are read as empty"] if errors else []


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """A part in pieces that end with a cell, so that no cell is cut."""
    kept = b""
    with archive.open(part) as file:
        while chunk := file.read(_PIECE):
            whole, end, kept = (kept + chunk).rpartition(b"</c>")
            yield whole + end
    yield kept
