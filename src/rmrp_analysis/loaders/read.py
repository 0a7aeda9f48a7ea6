"""Any file becomes one table of texts. ``table`` reads their meaning.

Parquet is read by Arrow (``parquet``), workbooks by calamine (``workbook``). Text is UTF-8, with or without its mark,
or UTF-16 with its mark. Other text was most likely saved by a spreadsheet program on Windows. It is read as
Windows-1252, with a message, or line by line if UTF-8 is mixed in. If this would give letters that no organisation of
these countries writes, the file is refused: nothing is guessed twice.
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
"""Marks that may separate cells, the likeliest first."""
WINDOWS_ENCODING = "cp1252"
"""The encoding of lines that are not UTF-8."""
ALLOWED_NON_ASCII_LETTERS = frozenset(
    "áéíóúüñçãõâêôîûàèìòùäöëïåøÁÉÍÓÚÜÑÇÃÕÂÊÔÎÛÀÈÌÒÙÄÖËÏÅØ¿¡ºª°«»–—‘’“”…€©®™·•´¨\u00a0\u00ad"
)
"""The letters beyond ASCII in Spanish, Portuguese, French and English text."""

ALL_WINDOWS_1252_MESSAGE = "the text is not UTF-8; it was read as Windows-1252"
PARTLY_WINDOWS_1252_MESSAGE = "some lines are not UTF-8; these were read as Windows-1252"
END_SENTINEL = "~"
"""A record that is added at the end. If the reader does not meet it, a quotation mark is open."""

PARQUET_NEEDS_MESSAGE = N_(
    "Parquet needs {library}, which is not installed: pip install {library}; or save the table as .csv or .xlsx"
)

MAX_BYTES, MAX_JSON_CELLS = 512 * 2**20, 200_000_000
"""Limits for a list of JSON, which is read at once."""
READING_ERRORS = (
    *(OSError, EOFError, zipfile.BadZipFile, zlib.error, CalamineError, RecursionError, csv.Error, ValueError),
    *(OverflowError, MemoryError),
)


def read(path: Path, fit: Fit = lambda _: 0.0, reading: Reading = Reading()) -> Texts:  # noqa: B008 - frozen
    """Read every cell of the file's table. Empty lines are no records.

    ``fit`` finds the sheet of a workbook, and the header below a title. ``reading`` may name both. Raises
    ``InputRefused`` when the file is missing, damaged, empty or of a format that is not read, and when several sheets
    hold such a table.
    """
    return next(read_in_batches(path, fit, reading, rows=0))


def read_in_batches(path: Path, fit: Fit, reading: Reading, *, rows: int) -> Iterator[Texts]:
    """Read a file as ``read`` does, but text and Parquet ``rows`` at a time (0: all at once).

    Batches without rows are left out. Raises ``InputRefused`` also when no batch has rows.
    """
    empty = True
    for texts in texts_of(path, suffix_by_name(path), fit, reading, rows=rows):
        if len(texts.table):
            empty = False
            yield texts
    if empty:
        position = "" if suffix_by_name(path) == ".json" else " below its header"
        raise InputRefused(f"{path}: holds no rows{position}")


def texts_of(path: Path, suffix: str, fit: Fit, reading: Reading, *, rows: int = 0, spare: int = 0) -> Iterator[Texts]:
    """Read a file in the format of ``suffix``, whatever its name, ``rows`` at a time. It may have no rows.

    A row of text may have up to ``spare`` cells more than the header. Their columns are named by numbers (see
    ``tables_of``). Raises ``InputRefused`` as ``read`` does.
    """
    check_content(path, suffix)
    if suffix not in FORMATS:
        raise InputRefused(f"{path}: the format is not read; allowed: {', '.join(FORMATS)}")
    try:
        if suffix == ".parquet":
            parts = _parquet(path, rows)
        elif suffix == ".json":
            parts = iter([_records(path)])
        elif suffix in WORKBOOK_SUFFIXES:
            parts = iter([read_workbook(path, suffix, fit, reading)])
        else:
            parts = _read_delimited(path, fit, reading.header_row, rows, spare)
        for texts in parts:
            yield _without_blank_rows(texts)
    except READING_ERRORS as problem:
        raise refuse_damaged(path, suffix, problem) from None
    except BaseException as problem:
        if type(problem).__name__ == "PanicException":  # calamine gave up: no Exception, and no other way to know it
            raise refuse_damaged(path, suffix, problem) from None
        raise


def _parquet(path: Path, rows: int) -> Iterator[Texts]:
    """Read Parquet. Raises ``InputRefused`` if its library is not installed."""
    try:
        from rmrp_analysis.loaders.parquet import read_parquet
    except ModuleNotFoundError as problem:
        needed = say(PARQUET_NEEDS_MESSAGE, library=problem.name)
        raise InputRefused(f"{path}: {needed}") from None
    return read_parquet(path, rows)


def _without_blank_rows(texts: Texts) -> Texts:
    """Return a table without its empty rows, with a message if it fills a whole worksheet."""
    table = texts.table
    cut = "the table fills all {:,} lines of a worksheet; what came after them is lost"
    is_filled = np.zeros(len(table), dtype="bool")
    for name in table:
        is_filled |= (table[name].cat.categories != "")[table[name].cat.codes]
        if is_filled.all():
            break
    else:
        table = table[is_filled].apply(lambda column: column.cat.remove_unused_categories())
    is_full = len(table) and table.index[-1] == MAX_LINES_OF_SHEET
    messages = (*texts.messages, cut.format(MAX_LINES_OF_SHEET)) if is_full else texts.messages
    return replace(texts, table=table, messages=messages)


# ---- Text ----


def _read_delimited(path: Path, fit: Fit, header_row: int, rows: int, spare: int) -> Iterator[Texts]:
    """Read a text with separated cells, ``rows`` at a time.

    Raises ``csv.Error`` if a record has more than ``spare`` cells beyond the header, a quotation mark stays open, or
    there is no header.
    """
    with _text(path) as (text, messages):
        head = list(islice(text, max(MAX_HEADER_ROW, header_row)))
        above, ends, header, separator = _header(head, fit, header_row)
        start = len(list(csv.reader(head[:above]))) + 2
        widest = len(header) + spare

        def records() -> Iterator[list[str]]:
            """Yield each record. Raises ``csv.Error`` if one is too wide, or a quotation mark stays open."""
            reader = csv.reader(chain(head[ends:], text, [END_SENTINEL]), delimiter=separator)
            following = opening = next(reader)
            pairs = pairwise(chain([opening], reader))
            for line, (record, following) in enumerate(pairs, start):  # noqa: B007
                if len(record) > widest and any(map(str.strip, record)):
                    widths = f"expected {len(header)} fields in line {line}, saw {len(record)}"
                    raise csv.Error(f"its rows have more cells than its header: {widths}")
                yield record[:widest]
            if following != [END_SENTINEL]:
                raise csv.Error("a quotation mark is open at its end")

        for texts in tables_of(path, records(), header, start, at_once=rows):
            yield replace(texts, messages=messages if texts.table.index[:1].isin([start]).any() else ())


def _header(lines: list[str], fit: Fit, header_row: int) -> tuple[int, int, list[str], str]:
    """Return the number of lines above the header, the number up to its end, its cells, and their separator.

    The header is line ``header_row``, or, if that is 0, the first line that fits best, or the first line of all. Raises
    ``csv.Error`` without a header.
    """
    if header_row > len(lines):
        raise csv.Error(f"it has no line {header_row}, which should name the columns")
    if header_row:
        return _record(lines, header_row - 1)
    best, best_fit = None, 0.0
    for above in range(len(lines)):
        record = _record(lines, above)
        if best_fit < 1 and (score := float(fit(header_cells(record[2])))) > best_fit:
            best, best_fit = record, score
    if not best and (not lines or not lines[0].strip()):
        raise csv.Error("its first line, which should name the columns, is empty")
    return best or _record(lines, 0)


def _record(lines: list[str], above: int) -> tuple[int, int, list[str], str]:
    """Return the record below ``above`` lines, as ``_header`` does, split at the commonest mark outside quotes."""
    unquoted = "".join(lines[above].split('"')[::2])
    separator = max(CSV_SEPARATORS, key=lambda mark: (unquoted.count(mark), -CSV_SEPARATORS.index(mark)))
    reader = csv.reader(lines[above:], delimiter=separator)
    cells = next(reader, [])
    return above, above + reader.line_num, cells, separator


@contextmanager
def _text(path: Path) -> Iterator[tuple[IO[str], tuple[str, ...]]]:
    """Open a file as text, with a message if it is not all UTF-8.

    A line that is not UTF-8 is read as Windows-1252. UTF-16 is known by its mark, and has no message. Raises
    ``InputRefused`` if Windows-1252 would give letters that are not written here, and for NUL bytes.
    """
    with open_content(path) as file:
        encoding = "utf-16" if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
        file.seek(0)
        if encoding == "utf-16" or _is_utf8(path, file):
            file.seek(0)
            with io.TextIOWrapper(file, encoding=encoding) as text:
                yield text, ()
            return
        file.seek(0)
        lines, message = [], ALL_WINDOWS_1252_MESSAGE
        for number, line in enumerate(file.read().splitlines(keepends=True), start=1):
            try:
                lines.append(line.decode("utf-8-sig"))
                message = message if line.isascii() else PARTLY_WINDOWS_1252_MESSAGE
            except UnicodeDecodeError:
                lines.append(line.decode(WINDOWS_ENCODING, errors="replace"))
                letters = {letter for letter in lines[-1] if not letter.isascii()}
                if strange := sorted(letters - ALLOWED_NON_ASCII_LETTERS):
                    raise InputRefused(
                        f"{path}: text line {number} is neither UTF-8 nor Windows-1252 (it would hold {strange[0]!r}); "
                        "save it as 'CSV UTF-8'"
                    ) from None
        yield io.StringIO("".join(lines), newline=None), (message,)


def _is_utf8(path: Path, file: IO[bytes]) -> bool:
    """Return whether a file is UTF-8. Raises ``InputRefused`` for NUL bytes."""
    decoder, piece = codecs.getincrementaldecoder("utf-8")(), b" "
    try:
        while piece:
            piece = file.read(PIECE_BYTES)
            if b"\x00" in piece:
                raise InputRefused(f"{path}: holds NUL bytes; it is damaged, or not the text its name says it is")
            decoder.decode(piece, final=not piece)
    except UnicodeDecodeError:
        return False
    return True


# ---- JSON ----


def _records(path: Path) -> Texts:
    """Return a list of JSON records as a table, as ActivityInfo's query API gives it. A line is a record's number.

    ``{"country": {"Admin1": "Lima"}}`` is the column ``country.Admin1``. Null is an empty cell. A list becomes its
    contents with commas between them, a boolean ``TRUE`` or ``FALSE``. Raises ``InputRefused`` if the file is no list
    of records, or would fill the memory, and ``ValueError`` if it is damaged or names a field twice.
    """
    if path.stat().st_size > MAX_BYTES:
        raise InputRefused(
            f"{path}: {path.stat().st_size:,} bytes; up to {MAX_BYTES:,} are read: split the list, or save it as CSV"
        )
    text = path.read_text(encoding="utf-8-sig")
    records = json.loads(text, parse_constant=no_number, object_pairs_hook=_build_unique_dict)
    if "\\ud" in text or "\\uD" in text:
        json.dumps(records, ensure_ascii=False).encode()  # raises ValueError for one half of a character
    if not isinstance(records, list):
        raise InputRefused(f"{path}: expected a list of records ([{{…}}, {{…}}]), as ActivityInfo's query API gives it")
    rows, names = [], dict[str, None]()
    for number, record in enumerate(records, start=1):
        if not isinstance(record, Mapping):
            raise InputRefused(f"{path}: record {number} is no record ({{…}}) with named fields")
        rows.append(_build_unique_dict(list(fields(record))))
        names.update(dict.fromkeys(rows[-1]))
        if len(names) > MAX_COLUMNS or len(names) * len(records) > MAX_JSON_CELLS:
            raise InputRefused(
                f"{path}: its first {number:,} records have {len(names):,} different fields, which is more than a form "
                "has"
            )
    (texts,) = tables_of(path, ([cell_of_field(row.get(name)) for name in names] for row in rows), list(names), 1)
    return replace(texts, top=0)


def fields(record: Mapping[str, Any], deepest: int = MAX_DEPTH, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each field of a record and of the records in it, by its dotted name.

    Raises ``ValueError`` if records lie deeper than ``deepest``.
    """
    if not deepest:
        raise ValueError(f"more than {MAX_DEPTH} records lie within each other at {prefix[:100]}")
    for name, content in record.items():
        if isinstance(content, dict) and content:
            yield from fields(content, deepest - 1, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}".strip(), content


def _build_unique_dict(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return fields by name. Raises ``ValueError`` for a repeated name."""
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the field {next(name for name in names if names.count(name) > 1)[:100]!r} is there twice")
    return record


def no_number(text: str) -> float:
    """Raise ``ValueError`` for a constant that is no JSON number, such as NaN."""
    raise ValueError(f"{text} is no number")
