"""Any file becomes one table of texts; what they mean is told in ``table``.

Text tables and Parquet are read by Arrow, workbooks by calamine (``workbook``). Of text, UTF-8 comes first, with or
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
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.api.types import union_categoricals
from pyarrow.csv import ConvertOptions, InvalidRow, ParseOptions, ReadOptions, open_csv
from pyarrow.parquet import ParquetFile
from python_calamine import CalamineError

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.content import (
    PIECE,
    WORKBOOKS,
    check_content,
    check_size,
    damaged,
    opened,
    suffix_by_content,
    suffix_by_name,
)
from rmrp_analysis.loaders.texts import (
    HEADER_ROWS,
    Fit,
    Lines,
    Texts,
    cell_text,
    distinct,
    has_decimals,
    stripped,
    table_of,
)
from rmrp_analysis.loaders.workbook import LINES_OF_A_SHEET, read_workbook
from rmrp_analysis.sources import Reading

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

FORMATS = (".csv", ".csv.gz", *WORKBOOKS, ".parquet", ".json")
BATCH_ROWS, BLOCK = 2**17, 2**22
BYTES_A_CELL = 8
"""What a cell of Parquet takes in memory at least, however well its column was packed."""

SEPARATORS = ",;\t|"
WINDOWS = "cp1252"
WRITTEN = frozenset("áéíóúüñçãõâêôîûàèìòùäöëïåøÁÉÍÓÚÜÑÇÃÕÂÊÔÎÛÀÈÌÒÙÄÖËÏÅØ¿¡ºª°«»–—‘’“”…€©®™·•´¨\u00a0\u00ad")
"""Beyond ASCII, what Spanish, Portuguese, French and English text holds."""

READ_AS = {
    WINDOWS: "the text is not UTF-8; it was read as Windows-1252",
    "mixed": "some lines are not UTF-8; these were read as Windows-1252",
}
LAST = "~"
"""Stands in a record of one cell too many that is added at the end: where it is not met, a quotation mark is open."""

MOST_BYTES, MOST_COLUMNS, MOST_CELLS = 512 * 2**20, 500, 200_000_000
DEEPEST = 8
"""How many objects of JSON may lie within each other; forms of ActivityInfo refer to forms, two or three deep."""

PROBLEMS = (
    *(OSError, EOFError, zipfile.BadZipFile, zlib.error, CalamineError, RecursionError, csv.Error, ValueError),
    *(OverflowError, pa.ArrowException, MemoryError),
)


def read(path: Path, fit: Fit = lambda _: 0.0, reading: Reading = Reading()) -> Texts:  # noqa: B008 - frozen
    """Read every cell of the file's table; lines of nothing are no records.

    ``fit`` finds the header where a workbook has several sheets, or a title stands above it; ``reading`` may name both.
    Raises ``InputRefused`` when the file is missing, damaged, empty or of a format that is not read, and when several
    sheets hold such a table.
    """
    return next(read_in_batches(path, fit, reading, rows=0))


def read_in_batches(path: Path, fit: Fit, reading: Reading, *, rows: int) -> Iterator[Texts]:
    """Read a file as ``read`` does; where it is text or Parquet, some of its ``rows`` at a time (0: all at once)."""
    empty = True
    for texts in _texts(path, suffix_by_name(path), fit, reading, rows=rows):
        if len(texts.table):
            empty = False
            yield texts
    if empty:
        where = "" if suffix_by_name(path) == ".json" else " below its header"
        raise InputRefused(f"{path}: holds no rows{where}")


def read_of_any_name(path: Path, fit: Fit, reading: Reading, *, spare: int) -> Texts:
    """Read a file as ``read`` does, but one that its name says nothing of; it may have no rows.

    A row of text may have up to ``spare`` cells more than the header, in columns whose names are numbers.
    """
    return next(_texts(path, suffix_by_content(path), fit, reading, spare=spare))


def _texts(path: Path, suffix: str, fit: Fit, reading: Reading, *, rows: int = 0, spare: int = 0) -> Iterator[Texts]:
    check_content(path, suffix)
    if suffix not in FORMATS:
        raise InputRefused(f"{path}: the format is not read; allowed: {', '.join(FORMATS)}")
    try:
        if suffix == ".parquet":
            parts = _parquet(path, rows)
        elif suffix == ".json":
            parts = iter([_records(path)])
        elif suffix in WORKBOOKS:
            parts = iter([read_workbook(path, suffix, fit, reading)])
        else:
            parts = _delimited(path, fit, reading.header_row, rows, spare)
        for texts in parts:
            yield _without_blank_rows(texts)
    except PROBLEMS as problem:
        raise damaged(path, suffix, problem) from None
    except BaseException as problem:
        if type(problem).__name__ == "PanicException":  # calamine gave up: no Exception, and no other way to know it
            raise damaged(path, suffix, problem) from None
        raise


def _without_blank_rows(texts: Texts) -> Texts:
    table, cut = texts.table, "the table fills all {:,} lines of a worksheet; what came after them is lost"
    filled = np.zeros(len(table), dtype="bool")
    for name in table:
        filled |= (table[name].cat.categories != "")[table[name].cat.codes]
        if filled.all():
            break
    else:
        table = table[filled].apply(lambda column: column.cat.remove_unused_categories())
    full = len(table) and table.index[-1] == LINES_OF_A_SHEET
    messages = (*texts.messages, cut.format(LINES_OF_A_SHEET)) if full else texts.messages
    return replace(texts, table=table, messages=messages)


def _categorical(column: pa.ChunkedArray) -> pd.Categorical:
    """Give a column of Arrow's dictionaries of texts, of which each piece may have another one."""
    whole = column.unify_dictionaries().combine_chunks()
    return stripped(whole.indices.to_numpy(), whole.dictionary.to_pandas())


# ---- Text ----


def _delimited(path: Path, fit: Fit, header_row: int, rows: int, spare: int) -> Iterator[Texts]:
    encoding = _encoding(path)
    messages = (READ_AS[encoding],) if encoding in READ_AS else ()
    with _text(path, encoding) as text:
        head = list(islice(text, max(HEADER_ROWS, header_row)))
        above, ends, header, separator = _header(head, fit, header_row)
        names, first = distinct(header), len(list(csv.reader(head[:above]))) + 2
        last = [LAST] * (len(names) + 1)
        odd, too_long = dict[int, list[str]](), list[InvalidRow]()

        def odd_row(row: InvalidRow) -> str:
            """Keep a record that has more or fewer cells than the header, or stop at one that has too many."""
            cells = next(csv.reader(io.StringIO(row.text, newline=""), delimiter=separator), [])
            if len(cells) > len(names) + spare and cells != last and any(map(str.strip, cells)):
                too_long.append(row)
                return "error"
            odd[row.number] = cells
            return "skip"

        def part(batches: Sequence[pa.RecordBatch], start: int, end: int = 0) -> tuple[Texts, int]:
            """Give the records from number ``start`` on (and before ``end``) as a table, and the next one's number."""
            regular = pa.Table.from_batches(batches, schema)
            numbers = np.arange(start, start + len(regular) + len(odd))
            numbers = (np.setdiff1d(numbers, list(odd)) if odd else numbers)[: len(regular)]
            following = end or int(numbers[-1]) + 1
            table = table_of({name: _categorical(regular[name]) for name in names}, numbers + first - 1)
            others = {number: odd.pop(number) for number in sorted(odd) if number < following}
            return Texts(_with_odd_rows(table, others, first - 1), messages=messages), following

        schema = pa.schema(dict.fromkeys(names, pa.dictionary(pa.int32(), pa.string())))
        pieces = _bytes(chain(head[ends:], iter(partial(text.read, PIECE), "")), separator.join(last))
        waiting, start = list[pa.RecordBatch](), 1
        try:
            for batch in open_csv(
                io.BufferedReader(_Stream(pieces), BLOCK),
                ReadOptions(column_names=names, block_size=BLOCK, use_threads=False),
                ParseOptions(
                    delimiter=separator, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=odd_row
                ),
                ConvertOptions(column_types=schema, null_values=[], strings_can_be_null=False),
            ):
                if rows and batch.num_rows and sum(map(len, waiting)) >= rows:
                    texts, start = part(waiting, start)
                    yield texts
                    messages, waiting = (), []
                waiting.append(batch)
        except pa.ArrowInvalid as problem:
            if too_long:
                row = too_long[0]
                where = f"expected {len(names)} fields in line {row.number + first - 1}, saw {row.actual_columns}"
                raise csv.Error(f"its rows have more cells than its header: {where}") from None
            if "straddl" not in str(problem):
                raise
        if odd.pop(end := max(odd, default=0), None) != last:
            raise csv.Error("a quotation mark is open at its end")
        yield part(waiting, start, end)[0]


def _with_odd_rows(table: pd.DataFrame, records: Mapping[int, list[str]], above: int) -> pd.DataFrame:
    """Put records that are shorter or longer than the header among the others; columns beyond it go by numbers."""
    if not records:
        return table
    filled = (place + 1 for row in records.values() for place, cell in enumerate(row) if cell.strip())
    width = max(len(table.columns), *filled, 0)
    names = [*table.columns, *range(width - len(table.columns))]
    others = pd.DataFrame([[*row, *[""] * width][:width] for row in records.values()], columns=names)
    lines = np.concatenate([table.index, np.array([*records]) + above])
    order, columns = np.argsort(lines), {}
    for name in names:
        column = table[name].array if name in table else stripped(np.zeros(len(table), dtype="int8"), [""])
        more = stripped(np.arange(len(others)), others[name])
        columns[name] = union_categoricals([column, more]).take(order)
    return table_of(columns, lines[order])


def _header(lines: list[str], fit: Fit, header_row: int) -> tuple[int, int, list[str], str]:
    """How many lines stand above the header, after how many it ends, its cells, and what separates them."""
    if header_row > len(lines):
        raise csv.Error(f"it has no line {header_row}, which should name the columns")
    if header_row:
        return _record(lines, header_row - 1)
    best, most = None, 0.0
    for above in range(len(lines)):
        record = _record(lines, above)
        if most < 1 and (fits := float(fit(record[2]))) > most:
            best, most = record, fits
    if not best and (not lines or not lines[0].strip()):
        raise csv.Error("its first line, which should name the columns, is empty")
    return best or _record(lines, 0)


def _record(lines: list[str], above: int) -> tuple[int, int, list[str], str]:
    """The first record from a line on: its cells are separated by the commonest mark outside quotes."""
    outside_quotes = "".join(lines[above].split('"')[::2])
    separator = max(SEPARATORS, key=lambda mark: (outside_quotes.count(mark), -SEPARATORS.index(mark)))
    reader = csv.reader(lines[above:], delimiter=separator)
    cells = next(reader, [])
    return above, above + reader.line_num, cells, separator


def _encoding(path: Path) -> str:
    """``utf-8-sig``, ``utf-16``, ``mixed`` (UTF-8 in places) or ``cp1252``; the file is read once, in pieces."""
    with opened(path) as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        file.seek(0)
        decoder, beyond_ascii, piece = codecs.getincrementaldecoder("utf-8-sig")(), False, b" "
        while piece:
            piece = file.read(PIECE)
            if b"\x00" in piece:
                deque(iter(partial(file.read, PIECE), b""), maxlen=0)  # a file that unpacks to too much is told first
                raise InputRefused(f"{path}: holds NUL bytes; it is damaged, or not the text its name says it is")
            try:
                beyond_ascii |= not decoder.decode(piece, final=not piece).isascii()
            except UnicodeDecodeError as problem:
                others = (piece[: problem.start] + piece[problem.end :]).splitlines()
                mixed = beyond_ascii or any(not line.isascii() and _is_utf8(line) for line in others)
                return "mixed" if mixed else WINDOWS
    return "utf-8-sig"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@contextmanager
def _text(path: Path, encoding: str) -> Iterator[IO[str]]:
    """A file as text, whose lines end with a line feed alone.

    Where it is not all UTF-8, a line that is none is Windows-1252, if that gives letters that are written here.
    """
    with opened(path) as file:
        if encoding not in READ_AS:
            with io.TextIOWrapper(file, encoding=encoding) as text:
                yield text
            return
        lines = []
        for number, line in enumerate(file.read().splitlines(keepends=True), start=1):
            if _is_utf8(line):
                lines.append(line.decode("utf-8-sig"))
                continue
            lines.append(line.decode(WINDOWS, errors="replace"))
            strange = sorted({letter for letter in lines[-1] if not letter.isascii()} - WRITTEN)
            if strange:
                raise InputRefused(
                    f"{path}: text line {number} is neither UTF-8 nor Windows-1252 (it would hold {strange[0]!r}); "
                    "save it as 'CSV UTF-8'"
                )
        yield io.StringIO("".join(lines), newline=None)


def _bytes(pieces: Iterable[str], last_record: str) -> Iterator[bytes]:
    """A text in UTF-8, with one record more at its end."""
    ends = "\n"
    for piece in pieces:
        ends = piece[-1:] or ends
        yield piece.encode()
    yield (last_record if ends == "\n" else f"\n{last_record}").encode()


class _Stream(io.RawIOBase):
    """Pieces of bytes as a file that Arrow reads."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill the buffer with what comes next."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        target = memoryview(buffer).cast("B")
        size = min(len(target), len(self._rest))
        target[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


# ---- Parquet and JSON ----


def _parquet(path: Path, rows: int) -> Iterator[Texts]:
    kind, first = pa.dictionary(pa.int32(), pa.string()), 2
    with ParquetFile(path) as file:
        names = distinct(file.schema_arrow.names)
        groups = [file.metadata.row_group(group) for group in range(file.metadata.num_row_groups)]
        unpacked = file.metadata.num_rows * file.metadata.num_columns * BYTES_A_CELL
        check_size(path, max(unpacked, sum(group.total_byte_size for group in groups)))
        batches = file.iter_batches(rows or BATCH_ROWS, use_threads=False)
        for together in ([batch] for batch in batches) if rows else [batches]:
            read = [[_parquet_texts(cells) for cells in batch.columns] for batch in together]
            columns, decimals, last = {}, {}, first
            for name, parts in zip(names, zip(*read, strict=True) if read else [()] * len(names), strict=True):
                columns[name] = _categorical(pa.chunked_array([texts for texts, _ in parts], kind))
                decimals[name] = np.flatnonzero(np.concatenate([np.zeros(0, "bool"), *(typed for _, typed in parts)]))
                decimals[name] += first
                last = first + len(columns[name])
            yield Texts(table_of(columns, range(first, last)), decimals)
            first = last


def _parquet_texts(cells: pa.Array) -> tuple[pa.Array, Lines]:
    """The texts of cells, and which of these are numbers with decimals."""
    if pa.types.is_nested(cells.type):
        cells = pa.array(pd.Series(cells.to_pandas()).map(str, na_action="ignore"), pa.string())
    elif pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    coded = cells.dictionary_encode(null_encoding="encode")
    contents = pd.Series(coded.dictionary.to_pandas()).astype("object")
    texts = contents.where(contents.notna(), "").map(cell_text)
    typed = (contents.notna() & contents.map(has_decimals).astype("bool")).to_numpy()
    return pa.DictionaryArray.from_arrays(coded.indices, pa.array(texts, pa.string())), typed[coded.indices.to_numpy()]


def _records(path: Path) -> Texts:
    """A list of records as ActivityInfo's query API gives it, by their numbers: nested ones have dotted names.

    ``{"country": {"Admin1": "Lima"}}`` is the column ``country.Admin1``. Null is an empty cell, a list its contents
    with commas between them, a boolean ``TRUE`` or ``FALSE``. Raises ``InputRefused`` where the file is no list of
    records, or would fill the memory; ``ValueError`` where it is damaged or names a thing twice.
    """
    if path.stat().st_size > MOST_BYTES:
        raise InputRefused(
            f"{path}: {path.stat().st_size:,} bytes; up to {MOST_BYTES:,} are read: split the list, or save it as CSV"
        )
    records = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_no_number, object_pairs_hook=_once)
    if not isinstance(records, list):
        raise InputRefused(f"{path}: expected a list of records ([{{…}}, {{…}}]), as ActivityInfo's query API gives it")
    rows, names = [], dict[str, None]()
    for number, record in enumerate(records, start=1):
        if not isinstance(record, Mapping):
            raise InputRefused(f"{path}: record {number} is no record ({{…}}) with named fields")
        rows.append(_once(list(fields(record))))
        names.update(dict.fromkeys(rows[-1]))
        if len(names) > MOST_COLUMNS or len(names) * len(records) > MOST_CELLS:
            raise InputRefused(
                f"{path}: its first {number:,} records have {len(names):,} different fields, which is more than a form "
                "has"
            )
    every = np.arange(len(rows))
    columns = {name: stripped(every, [_field_text(row.get(name)) for row in rows]) for name in names}
    decimals = {name: np.flatnonzero([has_decimals(row.get(name)) for row in rows]) + 1 for name in names}
    return Texts(table_of(columns, range(1, len(rows) + 1)), decimals, top=0)


def fields(record: Mapping[str, Any], deepest: int = DEEPEST, within: str = "") -> Iterator[tuple[str, Any]]:
    """Give each field of a record by its dotted name, those of the records within it, too."""
    if not deepest:
        raise ValueError(f"more than {DEEPEST} records lie within each other at {within[:100]}")
    for name, content in record.items():
        if isinstance(content, Mapping) and content:
            yield from fields(content, deepest - 1, f"{within}{name}.")
        else:
            yield f"{within}{name}".strip(), content


def _field_text(content: Any, deepest: int = DEEPEST) -> str:
    """Write a field as a cell of a CSV file would have it."""
    if not deepest:
        raise ValueError(f"more than {DEEPEST} lists lie within each other")
    if content is None or content == {}:
        return ""
    if isinstance(content, bool):
        return str(content).upper()
    if isinstance(content, Sequence) and not isinstance(content, str):
        return ", ".join(_field_text(part, deepest - 1) for part in content)
    return json.dumps(content, ensure_ascii=False) if isinstance(content, Mapping) else cell_text(content)


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Fields by name, none twice."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the field {next(name for name in names if names.count(name) > 1)[:100]!r} is there twice")
    return fields


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")
