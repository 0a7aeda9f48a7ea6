"""Workbooks of Excel and OpenDocument: the sheet that holds the table, its header, and its cells.

Hidden rows and columns are read like all others. Hidden sheets are not read, unless every sheet is hidden. The first of
merged cells holds the content, the others are empty, and a message names their lines. A formula counts by its stored
value. A workbook with formulas without a stored value is refused, since their cells would be read as empty.
"""

import io
import re
import struct
import zipfile
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from defusedxml import ElementTree
from python_calamine import CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from rmrp_analysis.errors import InputRefused, did_you_mean
from rmrp_analysis.loaders.content import MAX_UNPACKED_BYTES, pieces, refuse_damaged
from rmrp_analysis.loaders.texts import ERROR_CELL, MAX_HEADER_ROW, Fit, Texts, cell_text, header_cells, tables_of
from rmrp_analysis.sources import SOURCES_FILE, Reading

MAX_LINES_OF_SHEET = 2**20
"""A worksheet has no more: a table that fills it was probably cut off."""

MAX_MERGED_CELLS_NAMED = 5
XML_WORKBOOK_SUFFIXES = (".xlsx", ".xlsm")
"""Formats in which errors and formulas without a value are found before calamine reads them as empty."""

BYTES_RESERVED_A_CELL = 32
"""The least memory of a cell. The reader makes room for every cell up to the last line and column."""

_VALUELESS_FORMULA_PATTERN = re.compile(rb"<f[^>]*(?:/>|>[^<]*</f>)\s*(?:</c>|<v\s*/>|<v></v>)")
"""A formula in the XML of a sheet without the value that it had."""
_ERROR_CELL_PATTERN = re.compile(rb"<c (?=[^>]*\bt=\"e\")[^>]*\br=\"([A-Z]+)(\d+)\"")
"""A cell with an error in the XML of a sheet: the letters of its column, its line."""
UNKNOWN_ERRORS_MESSAGE = (
    "of this format it cannot be told which empty cells are formulas without a value, or errors such as #REF!"
)

_COLUMN_LETTERS_PATTERN = re.compile(rb"r=[\"']([A-Z]{2,3})\d")
_LINE_NUMBER_PATTERN = re.compile(rb"\sr=[\"'][A-Z]{0,3}(\d{1,7})[\"']")
"""The letters of a column from AA on, and the number of a line, in the XML of a sheet."""


def read_workbook(path: Path, suffix: str, fit: Fit, reading: Reading) -> Texts:
    """Read the cells below the header as text, by spreadsheet line, with messages on sheets, merged cells and errors.

    The sheet that ``reading`` names is read, or the one visible sheet with rows and a header that fits, or the sheet
    with the nearest header. Raises ``InputRefused`` when several sheets fit, formulas have no stored values, cells lie
    too far apart, or the named sheet does not exist, and ``ValueError`` when all sheets are empty.
    """
    errors = _find_error_cells(path, suffix)
    messages = [] if suffix in XML_WORKBOOK_SUFFIXES else [UNKNOWN_ERRORS_MESSAGE]
    with CalamineWorkbook.from_path(path) as workbook:
        names = _sheets(workbook)
        if reading.sheet and reading.sheet not in workbook.sheet_names:
            raise InputRefused(
                f"{path}: there is no sheet '{reading.sheet}'; {did_you_mean(reading.sheet, workbook.sheet_names)}"
            )
        sheet_of = cache(workbook.get_sheet_by_name)
        name, above = _table_place(path, sheet_of, [reading.sheet] if reading.sheet else names, fit, reading)
        sheet = sheet_of(name)
        unread = [title for title in names if title != name and sheet_of(title).start is not None]
        if unread:
            messages.append(f"the sheet '{name}' is read, and not {', '.join(unread)}")
        merged = [area for area in getattr(sheet, "merged_cell_ranges", None) or [] if area[1][0] > above]
        if merged:
            places = ", ".join(f"lines {top[0] + 1}-{bottom[0] + 1}" for top, bottom in merged[:MAX_MERGED_CELLS_NAMED])
            messages.append(f"{len(merged)} merged cells, of which only the first one holds the content ({places})")
        rows, broken = _rows(sheet), defaultdict[int, list[int]](list)
        for line, column in errors.get(name, ()):
            broken[line].append(column)
        header = [*map(cell_text, next(islice(rows, above, None), []))]

        def below() -> Iterator[list[Any]]:
            """Yield the rows below the header, with ``ERROR_CELL`` where calamine reads an error as empty."""
            for line, row in enumerate(rows, start=above + 2):
                for column in broken.get(line, ()):
                    if column <= len(row):
                        row[column - 1] = ERROR_CELL
                yield row

        (texts,) = tables_of(path, below(), header, above + 2)
    lines = [line for line, _ in errors.get(name, ()) if line in texts.table.index]
    if lines:
        messages.append(f"{len(lines):,} cells hold an error such as #REF!, the first on line {lines[0]}")
    return Texts(texts.table, texts.decimals, name, tuple(messages))


def first_rows(path: Path, suffix: str) -> dict[str, list[list[str]]]:
    """Return the first ``MAX_HEADER_ROW`` rows of each visible sheet by its name, as texts of the filled cells.

    Raises ``InputRefused`` when formulas have no stored values, or cells lie too far apart.
    """
    _find_error_cells(path, suffix)
    with CalamineWorkbook.from_path(path) as workbook:
        heads = {name: islice(_rows(workbook.get_sheet_by_name(name)), MAX_HEADER_ROW) for name in _sheets(workbook)}
        return {name: [*map(header_cells, head)] for name, head in heads.items()}


def _sheets(workbook: CalamineWorkbook) -> list[str]:
    """Return the names of the visible sheets, or of all if none is visible."""
    sheets = workbook.sheets_metadata
    return [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible] or workbook.sheet_names


def _table_place(
    path: Path, sheet_of: Callable[[str], CalamineSheet], names: Sequence[str], fit: Fit, reading: Reading
) -> tuple[str, int]:
    """Return the name of the sheet with the best header, and how many rows stand above this header.

    A sheet without rows below its header counts half. Raises ``InputRefused`` if several fit completely, and
    ``ValueError`` if all are empty.
    """
    best: dict[str, tuple[float, int]] = {}  # by sheet that is not empty
    start = max(reading.header_row - 1, 0)
    for name in names:
        head = islice(_rows(sheet_of(name)), start, start + MAX_HEADER_ROW + 1)
        texts = [*map(header_cells, head)]
        if any(texts):
            fits = [float(fit(row)) for row in texts[: 1 if reading.header_row else MAX_HEADER_ROW]]
            above = fits.index(max(fits))
            has_rows = any(texts[above + 1 :])
            best[name] = (fits[above] if has_rows else fits[above] / 2, start + above)
    if not best:
        raise ValueError("its sheets are empty")
    complete = [name for name, (share, _) in best.items() if share == 1]
    if len(complete) > 1:
        listed = ", ".join(f"'{name}'" for name in complete)
        raise InputRefused(
            f"{path}: {len(complete)} sheets hold such a table: {listed}; name the one to read: "
            f"add `sheet: {complete[0]}` (or another) to this input in {SOURCES_FILE}"
        )
    name = max(best, key=lambda name: best[name][0])
    return name, best[name][1]


def _rows(sheet: CalamineSheet) -> Iterator[list[Any]]:
    """Yield every row from the first line on. Calamine begins with the first filled one."""
    if sheet.start is None:
        return
    width = sheet.start[1] + sheet.width
    yield from ([""] * width for _ in range(sheet.start[0]))
    for row in sheet.iter_rows():
        yield row if len(row) == width else [""] * (width - len(row)) + row


# ---- What calamine does not tell ----


def _find_error_cells(path: Path, suffix: str) -> dict[str, list[tuple[int, int]]]:
    """Return (line, column) of each cell with an error, by sheet. Empty if the format does not show errors.

    Raises ``InputRefused`` when formulas have no stored values, or cells lie too far apart.
    """
    if suffix == ".xls":  # its sheets have no more than 65,536 lines and 256 columns
        return {}
    valueless, errors = 0, dict[str, list[tuple[int, int]]]()
    with zipfile.ZipFile(path) as archive:
        for part in archive.namelist():
            is_sheet = part.startswith("xl/worksheets/") or (suffix == ".ods" and part == "content.xml")
            if is_sheet and suffix in XML_WORKBOOK_SUFFIXES and part.endswith(".xml"):
                valueless += _scan_sheet_xml(path, archive, part, errors.setdefault(part, []))
            elif is_sheet and suffix not in XML_WORKBOOK_SUFFIXES and part.endswith((".xml", ".bin")):
                _check_far_cells(path, suffix, b"".join(pieces(path, archive, part)))
            else:
                deque(pieces(path, archive, part), maxlen=0)
        names = _names_of_parts(path, archive) if suffix in XML_WORKBOOK_SUFFIXES else {}
    if valueless:
        raise InputRefused(
            f"{path}: {valueless:,} formulas have no stored value; open and save it in a spreadsheet program"
        )
    return {names.get(part, ""): cells for part, cells in errors.items()}


def _scan_sheet_xml(path: Path, archive: zipfile.ZipFile, part: str, errors: list[tuple[int, int]]) -> int:
    """Count the formulas without a value in a sheet. Add (line, column) of cells with errors to ``errors``.

    Raises ``InputRefused`` if its cells reach so far that they would fill the memory.
    """
    valueless, columns = 0, {b"Z"}
    for piece in _pieces(path, archive, part):
        valueless += len(_VALUELESS_FORMULA_PATTERN.findall(piece))
        if b't="e"' in piece:
            errors += [(int(line), _number(column)) for column, line in _ERROR_CELL_PATTERN.findall(piece)]
        columns.update(_COLUMN_LETTERS_PATTERN.findall(piece))
    widest = max(map(_number, columns))
    if MAX_UNPACKED_BYTES // (widest * BYTES_RESERVED_A_CELL) < MAX_LINES_OF_SHEET:
        # A full sheet would take too much
        lines = (int(line) for piece in _pieces(path, archive, part) for line in _LINE_NUMBER_PATTERN.findall(piece))
        _check_extent(path, max(lines, default=0), widest)
    return valueless


def _check_far_cells(path: Path, suffix: str, content: bytes) -> None:
    """Raise ``InputRefused`` if a sheet of .xlsb or .ods is damaged, or reaches so far that it fills the memory."""
    if suffix == ".xlsb":
        try:
            extent = _extent_of_records(content)
        except ValueError as problem:
            raise refuse_damaged(path, suffix, problem) from None
        _check_extent(path, *extent)
        return
    sheets: list[tuple[int, int, int]] = []  # for each open sheet: its lines, the last filled line, its width
    try:
        for event, element in ElementTree.iterparse(io.BytesIO(content), events=("start", "end")):
            if element.tag.endswith("}table"):
                if event == "end":
                    _check_extent(path, *sheets.pop()[1:])
                else:
                    sheets.append((0, 0, 0))
            elif event == "end" and element.tag.endswith("}table-row"):
                (line, bottom, widest), column, filled = sheets.pop(), 0, 0
                line += _count_repeats(element, "rows")
                for cell in element:
                    column += _count_repeats(cell, "columns")
                    has_content = len(cell) or any(name.endswith(("value-type", "formula")) for name in cell.attrib)
                    filled = column if has_content else filled
                sheets.append((line, line if filled else bottom, max(widest, filled)))
                element.clear()
    except (ValueError, IndexError, ElementTree.ParseError) as problem:
        raise refuse_damaged(path, suffix, problem) from None


def _count_repeats(element: Any, what: str) -> int:
    """Return how often a row or cell of OpenDocument is repeated (``what`` is *rows* or *columns*)."""
    return next((int(times) for name, times in element.items() if name.endswith(f"number-{what}-repeated")), 1)


def _extent_of_records(content: bytes) -> tuple[int, int]:
    """Return the last line and column of a sheet of .xlsb. Raises ``ValueError`` if a record is cut off.

    Its records have a kind (0: a line, 1 to 11: cells), a size and a content.
    """
    line = column = place = 0  # source: [MS-XLSB] 2.1.4 and 2.5
    try:
        while place < len(content):
            kind = content[place]
            place += 2 if kind > 127 else 1
            size = shift = 0
            has_more = True
            while has_more:
                size |= (content[place] & 127) << shift
                has_more, shift, place = content[place] > 127, shift + 7, place + 1
            if kind <= 11 and size >= 4:
                (number,) = struct.unpack_from("<I", content, place)
                line, column = (max(line, number + 1), column) if kind == 0 else (line, max(column, number + 1))
            place += size
    except (IndexError, struct.error):
        raise ValueError("a record is cut off") from None
    return line, column


def _check_extent(path: Path, line: int, column: int) -> None:
    """Raise ``InputRefused`` if cells up to this line and column take too much memory."""
    if line * column * BYTES_RESERVED_A_CELL > MAX_UNPACKED_BYTES:
        from xlsxwriter.utility import xl_col_to_name

        location = f"column {xl_col_to_name(column - 1)} and line {line:,}"
        raise InputRefused(
            f"{path}: its cells reach to {location}, which takes more memory than a table needs; delete what lies "
            "outside of the table"
        )


def _names_of_parts(path: Path, archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the name of each sheet by its part of the archive. Raises ``InputRefused`` if it is damaged."""
    try:
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    except (KeyError, ValueError, ElementTree.ParseError) as problem:
        raise refuse_damaged(path, ".xlsx", problem) from None
    targets = {relation.get("Id"): relation.get("Target", "").lstrip("/") for relation in relations}
    names = {}
    for sheet in book.findall(".//{*}sheet"):
        identifier = next((value for key, value in sheet.items() if key.endswith("}id")), "")
        names["xl/" + targets.get(identifier, "").removeprefix("xl/")] = sheet.get("name", "")
    return names


def _number(letters: bytes) -> int:
    """Return the number of a column from its letters: A is 1."""
    return sum((letter - 64) * 26**power for power, letter in enumerate(reversed(letters)))


def _pieces(path: Path, archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Yield a part in pieces. Each piece ends with a whole cell."""
    rest = b""
    for piece in pieces(path, archive, part):
        cells, end, rest = (rest + piece).rpartition(b"</c>")
        yield cells + end
    yield rest
