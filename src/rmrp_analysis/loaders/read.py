"""Any file becomes one table of texts; what they mean is told in ``table``.

Parquet is read by Arrow (``parquet``), workbooks by calamine (``workbook``). Of text, UTF-8 comes first, with or
without its mark, then UTF-16 by its mark. Text that is neither was most likely saved by a spreadsheet program on
Windows: it is read as Windows-1252, line by line where UTF-8 is mixed in, with a message. Where that would give letters
that no organisation of these countries writes, the file is refused: nothing is guessed twice.
"""

import codecs
import csv
import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import IO, Any

import numpy as np
from python_calamine import CalamineError

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.content import (
    PIECE_BYTES,
    WORKBOOK_SUFFIXES,
    check_content,
    open_content,
    refuse_damaged,
    suffix_by_name,
)
from rmrp_analysis.loaders.texts import (
    MAX_COLUMNS,
    MAX_DEPTH,
    MAX_HEADER_ROW,
    Fit,
    Texts,
    cell_of_field,
    header_cells,
    tables_of,
)
from rmrp_analysis.loaders.workbook import MAX_LINES_OF_SHEET, read_workbook
from rmrp_analysis.messages import N_, say
from rmrp_analysis.sources import Reading

FORMATS = (".csv", ".csv.gz", *WORKBOOK_SUFFIXES, ".parquet", ".json")
"""Suffixes of the files that are read."""
CSV_SEPARATORS = ",;\t|"
"""Marks that may separate the cells of a line, the likeliest first."""
WINDOWS_ENCODING = "cp1252"
"""The encoding of lines that are not UTF-8."""
ALLOWED_NON_ASCII_LETTERS = frozenset(
    "áéíóúüñçãõâêôîûàèìòùäöëïåøÁÉÍÓÚÜÑÇÃÕÂÊÔÎÛÀÈÌÒÙÄÖËÏÅØ¿¡ºª°«»–—‘’“”…€©®™·•´¨\u00a0\u00ad"
)
"""Beyond ASCII, what Spanish, Portuguese, French and English text holds."""

ALL_WINDOWS_1252_MESSAGE = "the text is not UTF-8; it was read as Windows-1252"
"""What is said of a file in which no line with accents is UTF-8."""
PARTLY_WINDOWS_1252_MESSAGE = "some lines are not UTF-8; these were read as Windows-1252"
"""What is said of a file with lines of both encodings."""
END_SENTINEL = "~"
"""A record that is added at the end: where it is not met, a quotation mark is open."""

PARQUET_NEEDS_MESSAGE = N_(
    "Parquet needs {library}, which is not installed: pip install {library}; or save the table as .csv or .xlsx"
)
"""What is said where the library for Parquet is missing."""

MAX_BYTES, MAX_JSON_CELLS = 512 * 2**20, 200_000_000
"""Bytes and cells of a list of JSON at most; it is read as a whole."""
READING_ERRORS = (
    *(OSError, EOFError, zipfile.BadZipFile, zlib.error, CalamineError, RecursionError, csv.Error, ValueError),
    *(OverflowError, MemoryError),
)
"""What reading a damaged file raises."""


def read(path: Path, fit: Fit = lambda _: 0.0, reading: Reading = Reading()) -> Texts:  # noqa: B008 - frozen
    """Read every cell of the file's table; lines of nothing are no records.

    ``fit`` finds the header where a workbook has several sheets, or a title stands above it; ``reading`` may name both.
    Raises ``InputRefused`` when the file is missing, damaged, empty or of a format that is not read, and when several
    sheets hold such a table.
    """
    return next(read_in_batches(path, fit, reading, rows=0))


def read_in_batches(path: Path, fit: Fit, reading: Reading, *, rows: int) -> Iterator[Texts]:
    """Read a file as ``read`` does; where it is text or Parquet, some of its ``rows`` at a time (0: all at once).

    Batches without rows are left out; where all are, ``InputRefused`` is raised.
    """
    is_file_empty = True
    for batch_texts in texts_of(path, suffix_by_name(path), fit, reading, rows=rows):
        if len(batch_texts.table):
            is_file_empty = False
            yield batch_texts
    if is_file_empty:
        location = "" if suffix_by_name(path) == ".json" else " below its header"
        raise InputRefused(f"{path}: holds no rows{location}")


def texts_of(path: Path, suffix: str, fit: Fit, reading: Reading, *, rows: int = 0, spare: int = 0) -> Iterator[Texts]:
    """Read a file that is what ``suffix`` says, whatever its name, ``rows`` at a time; it may have no rows.

    A row of text may have up to ``spare`` cells more than the header, in columns named by numbers (see ``tables_of``).
    Raises ``InputRefused`` as ``read`` does.
    """
    check_content(path, suffix)
    if suffix not in FORMATS:
        raise InputRefused(f"{path}: the format is not read; allowed: {', '.join(FORMATS)}")
    try:
        if suffix == ".parquet":
            text_batches = _parquet(path, rows)
        elif suffix == ".json":
            text_batches = iter([_records(path)])
        elif suffix in WORKBOOK_SUFFIXES:
            text_batches = iter([read_workbook(path, suffix, fit, reading)])
        else:
            text_batches = _read_delimited(path, fit, reading.header_row, rows, spare)
        for batch_texts in text_batches:
            yield _without_blank_rows(batch_texts)
    except READING_ERRORS as problem:
        raise refuse_damaged(path, suffix, problem) from None
    except BaseException as problem:
        if type(problem).__name__ == "PanicException":  # calamine gave up: no Exception, and no other way to know it
            raise refuse_damaged(path, suffix, problem) from None
        raise


def _parquet(path: Path, rows: int) -> Iterator[Texts]:
    """Read Parquet. Raises ``InputRefused`` where the library for it is not installed."""
    try:
        from rmrp_analysis.loaders.parquet import read_parquet
    except ModuleNotFoundError as missing_module:
        needed = say(PARQUET_NEEDS_MESSAGE, library=missing_module.name)
        raise InputRefused(f"{path}: {needed}") from None
    return read_parquet(path, rows)


def _without_blank_rows(texts: Texts) -> Texts:
    """Return a table without its rows of empty cells alone, with a message where it fills a whole worksheet."""
    cell_table = texts.table
    cut_message_template = "the table fills all {:,} lines of a worksheet; what came after them is lost"
    is_filled_row = np.zeros(len(cell_table), dtype="bool")
    for column_name in cell_table:
        is_filled_row |= (cell_table[column_name].cat.categories != "")[cell_table[column_name].cat.codes]
        if is_filled_row.all():
            break
    else:
        cell_table = cell_table[is_filled_row].apply(lambda column: column.cat.remove_unused_categories())
    is_full_sheet = len(cell_table) and cell_table.index[-1] == MAX_LINES_OF_SHEET
    reading_messages = (
        (*texts.messages, cut_message_template.format(MAX_LINES_OF_SHEET)) if is_full_sheet else texts.messages
    )
    return replace(texts, table=cell_table, messages=reading_messages)


# ---- Text ----


def _read_delimited(path: Path, fit: Fit, header_row: int, rows: int, spare: int) -> Iterator[Texts]:
    """Read a text with separated cells, ``rows`` at a time; a record has at most ``spare`` cells beyond the header.

    Raises ``csv.Error`` where one has more, a quotation mark stays open, or there is no header.
    """
    with _text(path) as (text_file, encoding_messages):
        first_lines = list(islice(text_file, max(MAX_HEADER_ROW, header_row)))
        line_count_above, header_end_index, header, separator = _header(first_lines, fit, header_row)
        first_line_number = len(list(csv.reader(first_lines[:line_count_above]))) + 2
        max_cell_count = len(header) + spare

        def records() -> Iterator[list[str]]:
            """Yield each record, at most as wide as the header and ``spare``.

            Raises ``csv.Error`` where one has more cells, or a quotation mark is open at the end.
            """
            csv_reader = csv.reader(
                chain(first_lines[header_end_index:], text_file, [END_SENTINEL]), delimiter=separator
            )
            next_record = first_record = next(csv_reader)
            record_pairs = pairwise(chain([first_record], csv_reader))
            for line, (record, next_record) in enumerate(record_pairs, first_line_number):  # noqa: B007
                if len(record) > max_cell_count and any(map(str.strip, record)):
                    field_counts = f"expected {len(header)} fields in line {line}, saw {len(record)}"
                    raise csv.Error(f"its rows have more cells than its header: {field_counts}")
                yield record[:max_cell_count]
            if next_record != [END_SENTINEL]:
                raise csv.Error("a quotation mark is open at its end")

        for batch_texts in tables_of(path, records(), header, first_line_number, at_once=rows):
            yield replace(
                batch_texts,
                messages=encoding_messages if batch_texts.table.index[:1].isin([first_line_number]).any() else (),
            )


def _header(lines: list[str], fit: Fit, header_row: int) -> tuple[int, int, list[str], str]:
    """Return how many lines stand above the header, after how many it ends, its cells, and what separates them.

    The header is on line ``header_row``, if it is not 0, else the first line that ``fit`` likes best, else the first.
    Raises ``csv.Error`` where there is none.
    """
    if header_row > len(lines):
        raise csv.Error(f"it has no line {header_row}, which should name the columns")
    if header_row:
        return _record(lines, header_row - 1)
    best_header_reading, best_header_fit = None, 0.0
    for line_count_above in range(len(lines)):
        candidate_header_reading = _record(lines, line_count_above)
        if (
            best_header_fit < 1
            and (row_header_fit := float(fit(header_cells(candidate_header_reading[2])))) > best_header_fit
        ):
            best_header_reading, best_header_fit = candidate_header_reading, row_header_fit
    if not best_header_reading and (not lines or not lines[0].strip()):
        raise csv.Error("its first line, which should name the columns, is empty")
    return best_header_reading or _record(lines, 0)


def _record(lines: list[str], above: int) -> tuple[int, int, list[str], str]:
    """Return the record below so many lines, as ``_header`` does; the commonest mark outside quotes separates cells."""
    text_outside_quotes = "".join(lines[above].split('"')[::2])
    separator = max(CSV_SEPARATORS, key=lambda mark: (text_outside_quotes.count(mark), -CSV_SEPARATORS.index(mark)))
    csv_reader = csv.reader(lines[above:], delimiter=separator)
    record_cells = next(csv_reader, [])
    return above, above + csv_reader.line_num, record_cells, separator


@contextmanager
def _text(path: Path) -> Iterator[tuple[IO[str], tuple[str, ...]]]:
    """Open a file as text, with a message where it is not all UTF-8.

    A line that is not UTF-8 is read as Windows-1252; UTF-16 is known by its mark, and has no message.
    Raises ``InputRefused`` where that would give letters that are not written here, or for text with NUL bytes.
    """
    with open_content(path) as opened_file:
        text_encoding = "utf-16" if opened_file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
        opened_file.seek(0)
        if text_encoding == "utf-16" or _is_utf8(path, opened_file):
            opened_file.seek(0)
            with io.TextIOWrapper(opened_file, encoding=text_encoding) as text_file:
                yield text_file, ()
            return
        opened_file.seek(0)
        decoded_lines, encoding_message = [], ALL_WINDOWS_1252_MESSAGE
        for number, line_bytes in enumerate(opened_file.read().splitlines(keepends=True), start=1):
            try:
                decoded_lines.append(line_bytes.decode("utf-8-sig"))
                encoding_message = encoding_message if line_bytes.isascii() else PARTLY_WINDOWS_1252_MESSAGE
            except UnicodeDecodeError:
                decoded_lines.append(line_bytes.decode(WINDOWS_ENCODING, errors="replace"))
                if strange := sorted(
                    {letter for letter in decoded_lines[-1] if not letter.isascii()} - ALLOWED_NON_ASCII_LETTERS
                ):
                    raise InputRefused(
                        f"{path}: text line {number} is neither UTF-8 nor Windows-1252 (it would hold {strange[0]!r}); "
                        "save it as 'CSV UTF-8'"
                    ) from None
        yield io.StringIO("".join(decoded_lines), newline=None), (encoding_message,)


def _is_utf8(path: Path, file: IO[bytes]) -> bool:
    """Return whether a file is UTF-8; raise ``InputRefused`` where it holds NUL bytes."""
    utf8_decoder, file_piece = codecs.getincrementaldecoder("utf-8")(), b" "
    try:
        while file_piece:
            file_piece = file.read(PIECE_BYTES)
            if b"\x00" in file_piece:
                raise InputRefused(f"{path}: holds NUL bytes; it is damaged, or not the text its name says it is")
            utf8_decoder.decode(file_piece, final=not file_piece)
    except UnicodeDecodeError:
        return False
    return True


# ---- JSON ----


def _records(path: Path) -> Texts:
    """Return a list of records as ActivityInfo's query API gives it, by their numbers: nested ones have dotted names.

    ``{"country": {"Admin1": "Lima"}}`` is the column ``country.Admin1``. Null is an empty cell, a list its contents
    with commas between them, a boolean ``TRUE`` or ``FALSE``. Raises ``InputRefused`` where the file is no list of
    records, or would fill the memory; ``ValueError`` where it is damaged or names a thing twice.
    """
    if path.stat().st_size > MAX_BYTES:
        raise InputRefused(
            f"{path}: {path.stat().st_size:,} bytes; up to {MAX_BYTES:,} are read: split the list, or save it as CSV"
        )
    json_records = json.loads(
        path.read_text(encoding="utf-8-sig"), parse_constant=no_number, object_pairs_hook=_build_unique_dict
    )
    if not isinstance(json_records, list):
        raise InputRefused(f"{path}: expected a list of records ([{{…}}, {{…}}]), as ActivityInfo's query API gives it")
    fields_of_records, names = [], dict[str, None]()
    for number, record in enumerate(json_records, start=1):
        if not isinstance(record, Mapping):
            raise InputRefused(f"{path}: record {number} is no record ({{…}}) with named fields")
        fields_of_records.append(_build_unique_dict(list(fields(record))))
        names.update(dict.fromkeys(fields_of_records[-1]))
        if len(names) > MAX_COLUMNS or len(names) * len(json_records) > MAX_JSON_CELLS:
            raise InputRefused(
                f"{path}: its first {number:,} records have {len(names):,} different fields, which is more than a form "
                "has"
            )
    (record_texts,) = tables_of(
        path,
        ([cell_of_field(field_dict.get(field_name)) for field_name in names] for field_dict in fields_of_records),
        list(names),
        1,
    )
    return replace(record_texts, top=0)


def fields(record: Mapping[str, Any], deepest: int = MAX_DEPTH, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each field of a record by its dotted name, those of the records within it, too.

    Raises ``ValueError`` where records lie deeper than ``deepest``.
    """
    if not deepest:
        raise ValueError(f"more than {MAX_DEPTH} records lie within each other at {prefix[:100]}")
    for field_name, field_content in record.items():
        if isinstance(field_content, dict) and field_content:
            yield from fields(field_content, deepest - 1, f"{prefix}{field_name}.")
        else:
            yield f"{prefix}{field_name}".strip(), field_content


def _build_unique_dict(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return fields by name. Raises ``ValueError`` where a name stands twice."""
    field_by_name = dict(pairs)
    if len(field_by_name) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the field {next(name for name in names if names.count(name) > 1)[:100]!r} is there twice")
    return field_by_name


def no_number(text: str) -> float:
    """Raise ``ValueError`` for what JSON has no number for, such as NaN."""
    raise ValueError(f"{text} is no number")
