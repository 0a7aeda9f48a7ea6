"""Workbooks of Excel and OpenDocument: which sheet holds the table, where it begins, and its cells.

Rows and columns that are hidden are read like all others; hidden sheets are not, unless every sheet is. Of merged cells
the first holds the content, the others are empty, and a message says where. A formula counts by the value that was
stored with it; a workbook that holds formulas without one is refused, since their cells would be read as empty.
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
"""So many merged cells are named in a message."""
XML_WORKBOOK_SUFFIXES = (".xlsx", ".xlsm")
"""Formats whose errors and formulas without a value are found before calamine reads them as empty."""

BYTES_RESERVED_A_CELL = 32
"""What a cell takes in memory at least: the reader makes room for every cell up to the last line and column."""

_VALUELESS_FORMULA_PATTERN = re.compile(rb"<f[^>]*(?:/>|>[^<]*</f>)\s*(?:</c>|<v\s*/>|<v></v>)")
"""A formula in the XML of a sheet without the value that it had."""
_ERROR_CELL_PATTERN = re.compile(rb"<c (?=[^>]*\bt=\"e\")[^>]*\br=\"([A-Z]+)(\d+)\"")
"""A cell with an error in the XML of a sheet: the letters of its column, its line."""
UNKNOWN_ERRORS_MESSAGE = (
    "of this format it cannot be told which empty cells are formulas without a value, or errors such as #REF!"
)
"""What is said of workbooks whose errors cannot be found."""
_COLUMN_LETTERS_PATTERN = re.compile(rb"r=[\"']([A-Z]{2,3})\d")
_LINE_NUMBER_PATTERN = re.compile(rb"\sr=[\"'][A-Z]{0,3}(\d{1,7})[\"']")
"""The letters of a column from AA on, and the number of a line, in the XML of a sheet."""


def read_workbook(path: Path, suffix: str, fit: Fit, reading: Reading) -> Texts:
    """Read the cells below the header as text, by spreadsheet line, with messages on sheets, merged cells and errors.

    The sheet that ``reading`` names is read, else the one visible sheet with rows and a header that fits; where none
    does, the one that comes nearest. Raises ``InputRefused`` when several sheets fit, formulas have no stored values,
    cells lie too far apart, or the named sheet does not exist; ``ValueError`` where all sheets are empty.
    """
    error_positions_by_sheet = _find_error_cells(path, suffix)
    reading_messages = [] if suffix in XML_WORKBOOK_SUFFIXES else [UNKNOWN_ERRORS_MESSAGE]
    with CalamineWorkbook.from_path(path) as workbook:
        visible_sheet_names = _sheets(workbook)
        if reading.sheet and reading.sheet not in workbook.sheet_names:
            raise InputRefused(
                f"{path}: there is no sheet '{reading.sheet}'; {did_you_mean(reading.sheet, workbook.sheet_names)}"
            )
        sheet_reader_function = cache(workbook.get_sheet_by_name)
        name, row_count_above_header = _table_place(
            path, sheet_reader_function, [reading.sheet] if reading.sheet else visible_sheet_names, fit, reading
        )
        calamine_sheet = sheet_reader_function(name)
        other_sheets = [
            sheet_title
            for sheet_title in visible_sheet_names
            if sheet_title != name and sheet_reader_function(sheet_title).start is not None
        ]
        if other_sheets:
            reading_messages.append(f"the sheet '{name}' is read, and not {', '.join(other_sheets)}")
        merged = [
            merged_area
            for merged_area in getattr(calamine_sheet, "merged_cell_ranges", None) or []
            if merged_area[1][0] > row_count_above_header
        ]
        if merged:
            places = ", ".join(f"lines {top[0] + 1}-{bottom[0] + 1}" for top, bottom in merged[:MAX_MERGED_CELLS_NAMED])
            reading_messages.append(
                f"{len(merged)} merged cells, of which only the first one holds the content ({places})"
            )
        sheet_rows, error_columns_by_line = _rows(calamine_sheet), defaultdict[int, list[int]](list)
        for line_number, error_column in error_positions_by_sheet.get(name, ()):
            error_columns_by_line[line_number].append(error_column)
        header_texts = [*map(cell_text, next(islice(sheet_rows, row_count_above_header, None), []))]

        def below() -> Iterator[list[Any]]:
            """Give the rows below the header; a cell that calamine reads as empty because of an error says so."""
            for line_number, sheet_row in enumerate(sheet_rows, start=row_count_above_header + 2):
                for error_column in error_columns_by_line.get(line_number, ()):
                    if error_column <= len(sheet_row):
                        sheet_row[error_column - 1] = ERROR_CELL
                yield sheet_row

        (table_texts,) = tables_of(path, below(), header_texts, row_count_above_header + 2)
    in_table = [
        line_number
        for line_number, _ in error_positions_by_sheet.get(name, ())
        if line_number in table_texts.table.index
    ]
    if in_table:
        reading_messages.append(f"{len(in_table):,} cells hold an error such as #REF!, the first on line {in_table[0]}")
    return Texts(table_texts.table, table_texts.decimals, name, tuple(reading_messages))


def first_rows(path: Path, suffix: str) -> dict[str, list[list[str]]]:
    """Return the first ``MAX_HEADER_ROW`` rows of each visible sheet, by name, as texts of their filled cells.

    Raises ``InputRefused`` when formulas have no stored values, or cells lie too far apart.
    """
    _find_error_cells(path, suffix)
    with CalamineWorkbook.from_path(path) as workbook:
        rows_by_sheet = {
            sheet_name: islice(_rows(workbook.get_sheet_by_name(sheet_name)), MAX_HEADER_ROW)
            for sheet_name in _sheets(workbook)
        }
        return {
            sheet_name: [*map(header_cells, first_rows_of_sheet)]
            for sheet_name, first_rows_of_sheet in rows_by_sheet.items()
        }


def _sheets(workbook: CalamineWorkbook) -> list[str]:
    """Return the names of the visible sheets; of all where none is visible."""
    sheet_metadata = workbook.sheets_metadata
    return [
        sheet_facts.name for sheet_facts in sheet_metadata if sheet_facts.visible == SheetVisibleEnum.Visible
    ] or workbook.sheet_names


def _table_place(
    path: Path, sheet_of: Callable[[str], CalamineSheet], names: Sequence[str], fit: Fit, reading: Reading
) -> tuple[str, int]:
    """Return the name of the sheet whose header fits best, and how many rows stand above its header.

    A sheet without rows below its header counts half. Raises ``InputRefused`` where several fit completely,
    ``ValueError`` where all are empty.
    """
    fit_and_row_count_by_sheet: dict[str, tuple[float, int]] = {}  # by sheet that is not empty
    first_row_index = max(reading.header_row - 1, 0)
    for name in names:
        first_rows_of_sheet = islice(_rows(sheet_of(name)), first_row_index, first_row_index + MAX_HEADER_ROW + 1)
        first_row_texts = [*map(header_cells, first_rows_of_sheet)]
        if any(first_row_texts):
            header_fits = [
                float(fit(texts_of_row))
                for texts_of_row in first_row_texts[: 1 if reading.header_row else MAX_HEADER_ROW]
            ]
            row_count_above_header = header_fits.index(max(header_fits))
            has_rows_below = any(first_row_texts[row_count_above_header + 1 :])
            fit_and_row_count_by_sheet[name] = (
                header_fits[row_count_above_header] if has_rows_below else header_fits[row_count_above_header] / 2,
                first_row_index + row_count_above_header,
            )
    if not fit_and_row_count_by_sheet:
        raise ValueError("its sheets are empty")
    whole = [name for name, (sheet_fit, _) in fit_and_row_count_by_sheet.items() if sheet_fit == 1]
    if len(whole) > 1:
        listed = ", ".join(f"'{name}'" for name in whole)
        raise InputRefused(
            f"{path}: {len(whole)} sheets hold such a table: {listed}; name the one to read: add `sheet: {whole[0]}` "
            f"(or another) to this input in {SOURCES_FILE}"
        )
    name = max(fit_and_row_count_by_sheet, key=lambda name: fit_and_row_count_by_sheet[name][0])
    return name, fit_and_row_count_by_sheet[name][1]


def _rows(sheet: CalamineSheet) -> Iterator[list[Any]]:
    """Yield every row from the first line on; calamine begins with the first one that holds anything."""
    if sheet.start is None:
        return
    row_width = sheet.start[1] + sheet.width
    yield from ([""] * row_width for _ in range(sheet.start[0]))
    for sheet_row in sheet.iter_rows():
        yield sheet_row if len(sheet_row) == row_width else [""] * (row_width - len(sheet_row)) + sheet_row


# ---- What calamine does not tell ----


def _find_error_cells(path: Path, suffix: str) -> dict[str, list[tuple[int, int]]]:
    """Return (line, column) of each cell with an error, by sheet; none where the format does not tell.

    Raises ``InputRefused`` when formulas have no stored values, or cells lie too far apart.
    """
    if suffix == ".xls":  # its sheets have no more than 65,536 lines and 256 columns
        return {}
    without_value, error_positions_by_part = 0, dict[str, list[tuple[int, int]]]()
    with zipfile.ZipFile(path) as archive:
        for archive_part_name in archive.namelist():
            is_sheet_part = archive_part_name.startswith("xl/worksheets/") or (
                suffix == ".ods" and archive_part_name == "content.xml"
            )
            if is_sheet_part and suffix in XML_WORKBOOK_SUFFIXES and archive_part_name.endswith(".xml"):
                without_value += _scan_sheet_xml(
                    path, archive, archive_part_name, error_positions_by_part.setdefault(archive_part_name, [])
                )
            elif is_sheet_part and suffix not in XML_WORKBOOK_SUFFIXES and archive_part_name.endswith((".xml", ".bin")):
                _check_far_cells(path, suffix, b"".join(pieces(path, archive, archive_part_name)))
            else:
                deque(pieces(path, archive, archive_part_name), maxlen=0)
        sheet_by_part = _names_of_parts(path, archive) if suffix in XML_WORKBOOK_SUFFIXES else {}
    if without_value:
        raise InputRefused(
            f"{path}: {without_value:,} formulas have no stored value; open and save it in a spreadsheet program"
        )
    return {
        sheet_by_part.get(archive_part_name, ""): error_positions
        for archive_part_name, error_positions in error_positions_by_part.items()
    }


def _scan_sheet_xml(path: Path, archive: zipfile.ZipFile, part: str, errors: list[tuple[int, int]]) -> int:
    """Count the formulas without a value in a sheet; add (line, column) of cells with errors to ``errors``.

    Raises ``InputRefused`` where its cells reach so far that they would fill the memory.
    """
    valueless_formula_count, column_letters = 0, {b"Z"}
    for part_piece in _pieces(path, archive, part):
        valueless_formula_count += len(_VALUELESS_FORMULA_PATTERN.findall(part_piece))
        if b't="e"' in part_piece:
            errors += [
                (int(cell_line_bytes), _number(cell_column_bytes))
                for cell_column_bytes, cell_line_bytes in _ERROR_CELL_PATTERN.findall(part_piece)
            ]
        column_letters.update(_COLUMN_LETTERS_PATTERN.findall(part_piece))
    last_column_number = max(map(_number, column_letters))
    if MAX_UNPACKED_BYTES // (last_column_number * BYTES_RESERVED_A_CELL) < MAX_LINES_OF_SHEET:
        # A full sheet would take too much
        line_numbers = (
            int(cell_line_bytes)
            for part_piece in _pieces(path, archive, part)
            for cell_line_bytes in _LINE_NUMBER_PATTERN.findall(part_piece)
        )
        _check_extent(path, max(line_numbers, default=0), last_column_number)
    return valueless_formula_count


def _check_far_cells(path: Path, suffix: str, content: bytes) -> None:
    """Raise ``InputRefused`` where the last line and column of a sheet of .xlsb, or .ods, take too much memory.

    It is raised for a damaged sheet, too.
    """
    if suffix == ".xlsb":
        try:
            last_line_and_column = _extent_of_records(content)
        except ValueError as problem:
            raise refuse_damaged(path, suffix, problem) from None
        _check_extent(path, *last_line_and_column)
        return
    open_sheet_extents: list[
        tuple[int, int, int]
    ] = []  # of each that is open: its lines, the last one with a content, its width
    try:
        for xml_event, xml_element in ElementTree.iterparse(io.BytesIO(content), events=("start", "end")):
            if xml_element.tag.endswith("}table"):
                if xml_event == "end":
                    _check_extent(path, *open_sheet_extents.pop()[1:])
                else:
                    open_sheet_extents.append((0, 0, 0))
            elif xml_event == "end" and xml_element.tag.endswith("}table-row"):
                (line_count, last_line, sheet_width), column_number, last_filled_column = open_sheet_extents.pop(), 0, 0
                line_count += _count_repeats(xml_element, "rows")
                for row_cell in xml_element:
                    column_number += _count_repeats(row_cell, "columns")
                    has_cell_content = len(row_cell) or any(
                        attribute_name.endswith(("value-type", "formula")) for attribute_name in row_cell.attrib
                    )
                    last_filled_column = column_number if has_cell_content else last_filled_column
                open_sheet_extents.append(
                    (line_count, line_count if last_filled_column else last_line, max(sheet_width, last_filled_column))
                )
                xml_element.clear()
    except (ValueError, IndexError, ElementTree.ParseError) as problem:
        raise refuse_damaged(path, suffix, problem) from None


def _count_repeats(element: Any, what: str) -> int:
    """Return how often a row or cell of OpenDocument is repeated (``what``: *rows* or *columns*); 1 by default."""
    return next(
        (
            int(repeat_count_text)
            for attribute_name, repeat_count_text in element.items()
            if attribute_name.endswith(f"number-{what}-repeated")
        ),
        1,
    )


def _extent_of_records(content: bytes) -> tuple[int, int]:
    """Return the last line and column of a sheet of .xlsb. Raises ``ValueError`` where a record is cut off.

    Its records have a kind (0: a line, 1 to 11: cells), a size and a content.
    """
    last_line = last_column = byte_offset = 0  # source: [MS-XLSB] 2.1.4 and 2.5
    try:
        while byte_offset < len(content):
            record_type = content[byte_offset]
            byte_offset += 2 if record_type > 127 else 1
            record_size = bit_shift = 0
            has_more_bytes = True
            while has_more_bytes:
                record_size |= (content[byte_offset] & 127) << bit_shift
                has_more_bytes, bit_shift, byte_offset = content[byte_offset] > 127, bit_shift + 7, byte_offset + 1
            if record_type <= 11 and record_size >= 4:
                (line_or_column_index,) = struct.unpack_from("<I", content, byte_offset)
                last_line, last_column = (
                    (max(last_line, line_or_column_index + 1), last_column)
                    if record_type == 0
                    else (last_line, max(last_column, line_or_column_index + 1))
                )
            byte_offset += record_size
    except (IndexError, struct.error):
        raise ValueError("a record is cut off") from None
    return last_line, last_column


def _check_extent(path: Path, line: int, column: int) -> None:
    """Raise ``InputRefused`` where cells up to this line and column take too much memory."""
    if line * column * BYTES_RESERVED_A_CELL > MAX_UNPACKED_BYTES:
        from xlsxwriter.utility import xl_col_to_name

        last_cell = f"column {xl_col_to_name(column - 1)} and line {line:,}"
        raise InputRefused(
            f"{path}: its cells reach to {last_cell}, which takes more memory than a table needs; delete what lies "
            "outside of the table"
        )


def _names_of_parts(path: Path, archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the name of each sheet, by its part of the archive. Raises ``InputRefused`` where it is damaged."""
    try:
        relations_root_element = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        workbook_root_element = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    except (KeyError, ValueError, ElementTree.ParseError) as problem:
        raise refuse_damaged(path, ".xlsx", problem) from None
    part_by_relation_id = {
        relation_element.get("Id"): relation_element.get("Target", "").lstrip("/")
        for relation_element in relations_root_element
    }
    sheet_name_by_member = {}
    for sheet_element in workbook_root_element.findall(".//{*}sheet"):
        relation_id = next(
            (
                attribute_value
                for attribute_name, attribute_value in sheet_element.items()
                if attribute_name.endswith("}id")
            ),
            "",
        )
        sheet_name_by_member["xl/" + part_by_relation_id.get(relation_id, "").removeprefix("xl/")] = sheet_element.get(
            "name", ""
        )
    return sheet_name_by_member


def _number(letters: bytes) -> int:
    """Return the number of a column from its letters: A is 1."""
    return sum((letter_code - 64) * 26**letter_index for letter_index, letter_code in enumerate(reversed(letters)))


def _pieces(path: Path, archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Yield a part in pieces that end with a cell, so that no cell is cut."""
    unfinished_cell_bytes = b""
    for part_piece in pieces(path, archive, part):
        whole_cell_bytes, cell_end_bytes, unfinished_cell_bytes = (unfinished_cell_bytes + part_piece).rpartition(
            b"</c>"
        )
        yield whole_cell_bytes + cell_end_bytes
    yield unfinished_cell_bytes
