"""Text tables: in which encoding and with which separator they were written, and their cells.

UTF-8 comes first, with or without its mark, then UTF-16 by its mark. Text that is neither was most likely saved by a
spreadsheet program on Windows: it is read as Windows-1252, line by line where UTF-8 is mixed in, with a message. Where
that would give letters that no organisation of these countries writes, the file is refused: nothing is guessed twice.

What cells are is what pandas' reader says. Arrow reads the same, and distinct texts alone, where a table is plain.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO

import pandas as pd
import pyarrow as pa
from pyarrow.csv import ConvertOptions, ParseOptions, ReadOptions, open_csv

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.content import PIECE, opened
from rmrp_analysis.loaders.gathered import Gathered, read_ahead, table_of
from rmrp_analysis.loaders.header import HEADER_ROWS, Fit, distinct

CHUNK_ROWS = 100_000
BLOCK, BLOCKS_AT_ONCE = 2**19, 32
"""Arrow reads up to 32 blocks ahead; the cells of as many are gathered together."""

SEPARATORS = ",;\t|"
WINDOWS = "cp1252"
WRITTEN = frozenset("áéíóúüñçãõâêôîûàèìòùäöëïåøÁÉÍÓÚÜÑÇÃÕÂÊÔÎÛÀÈÌÒÙÄÖËÏÅØ¿¡ºª°«»–—‘’“”…€©®™·•´¨\u00a0\u00ad")
"""Beyond ASCII, what Spanish, Portuguese, French and English text holds."""

READ_AS = {
    WINDOWS: "the text is not UTF-8; it was read as Windows-1252",
    "mixed": "some lines are not UTF-8; these were read as Windows-1252",
}
_LAST = b"~"
"""Stands in each cell of a record that is added at the end: where it is not found there, a quotation mark is open."""


class NotPlain(Exception):
    """A text that pandas reads, since Arrow might read it otherwise."""


def read_delimited(path: Path, fit: Fit, *, header_row: int, spare: int) -> tuple[pd.DataFrame, list[str]]:
    """The cells of a text table below its header, stripped, by spreadsheet line, and messages.

    The header is on line ``header_row``, or, where that is 0, the best of the first lines by ``fit``. A row may have up
    to ``spare`` cells more than the header; they stand in columns whose names are numbers. Raises ``InputRefused`` for
    text in an unknown encoding or with NUL bytes, ``csv.Error`` or ``ValueError`` for rows that do not fit the header.
    """
    if not spare:
        try:
            return _read_plain(path, fit, header_row), []
        except (NotPlain, pa.ArrowException, csv.Error, ValueError):
            pass
    encoding = _encoding(path)
    messages = [READ_AS[encoding]] if encoding in READ_AS else []
    try:
        return _read_text(path, encoding, fit, header_row, spare), messages
    except (csv.Error, ValueError):  # perhaps a line of separators alone is longer than the header
        return _read_text(path, encoding, fit, header_row, spare, without_long_blanks=True), messages


def _read_text(
    path: Path, encoding: str, fit: Fit, header_row: int, spare: int, *, without_long_blanks: bool = False
) -> pd.DataFrame:
    """The cells of any text table, as pandas reads them."""
    with _text(path, encoding) as text:
        above, header, separator = _header(list(islice(text, max(HEADER_ROWS, header_row))), fit, header_row)
        gathered = {name: Gathered() for name in (*distinct(header), *range(spare))}
        text.seek(0)
        pieces = pd.read_csv(
            _WithoutLongBlanks(text, separator, len(gathered)) if without_long_blanks else text,
            sep=separator,
            header=None,
            names=list(gathered),
            skiprows=above + 1,
            dtype="str",
            keep_default_na=False,
            skip_blank_lines=False,
            on_bad_lines="error",
            chunksize=CHUNK_ROWS,
        )
        with pieces:
            for piece in pieces:
                if not isinstance(piece.index, pd.RangeIndex):  # pandas took the first cell of each row for a name
                    raise csv.Error("its rows have more cells than its header")
                for name, column in gathered.items():
                    column.add(pa.Array.from_pandas(piece[name]))
    return table_of({name: column.cells() for name, column in gathered.items()}, above + 2)


class _WithoutLongBlanks(io.TextIOBase):
    """A text whose lines of ``width`` separators or more, and of nothing else, are empty lines."""

    def __init__(self, text: IO[str], separator: str, width: int) -> None:
        self._text, self._separator, self._width = text, separator, width

    def read(self, size: int | None = -1) -> str:
        """The next lines, of ``size`` characters or a few more."""
        lines = self._text.readlines(-1 if size is None else size)
        ends = [line.lstrip(f"{self._separator} \t") for line in lines]
        return "".join(
            line if end.strip("\r\n") or line.count(self._separator) < self._width else end
            for line, end in zip(lines, ends, strict=True)
        )


def _read_plain(path: Path, fit: Fit, header_row: int) -> pd.DataFrame:
    """The cells of a table in UTF-8 whose records all have as many as the header, which is what most tables are.

    Raises ``NotPlain``, or what Arrow raises, where it is another, or may be.
    """
    with opened(path) as file, io.TextIOWrapper(file, encoding="utf-8", newline="") as text:
        lines = list(islice(text, max(HEADER_ROWS, header_row)))
    opening = "".join(lines)
    mark, lines = opening[:1] == "\ufeff", [*io.StringIO(opening.removeprefix("\ufeff"), newline="")]
    above, header, separator = _header(lines, fit, header_row)
    if any(not _is_whole(line, separator) for line in lines[: above + 1]):
        raise NotPlain
    gathered = {name: Gathered() for name in distinct(header)}
    with opened(path) as file:
        file.read(len(codecs.BOM_UTF8) * mark + len("".join(lines[: above + 1]).encode()))
        batches = open_csv(
            _Plain(file, end=separator.encode().join([_LAST] * len(gathered))),
            read_options=ReadOptions(column_names=list(gathered), block_size=BLOCK, use_threads=False),
            parse_options=ParseOptions(delimiter=separator, newlines_in_values=True, ignore_empty_lines=False),
            convert_options=ConvertOptions(
                column_types=dict.fromkeys(gathered, pa.binary()), null_values=[], strings_can_be_null=False
            ),
        )
        pending: list[pa.ChunkedArray] = []
        for rows in read_ahead(_groups(batch for batch in batches if batch.num_rows)):
            for column, cells in zip(gathered.values(), pending, strict=False):
                column.add(cells)
            pending = rows.columns
    if not pending or any(cells[-1].as_py() != _LAST for cells in pending):
        raise NotPlain
    for column, cells in zip(gathered.values(), pending, strict=True):
        column.add(cells[:-1])
    return table_of({name: column.cells() for name, column in gathered.items()}, above + 2)


def _groups(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The batches, some at a time."""
    while some := list(islice(batches, BLOCKS_AT_ONCE)):
        yield pa.Table.from_batches(some)


def _is_whole(line: str, separator: str) -> bool:
    """Whether a line is a record by itself, each of its cells between quotation marks or without any."""
    cell = rf'(?:[^"\r\n{re.escape(separator)}]*|"[^"\r\n]*")'
    return bool(re.fullmatch(rf"{cell}(?:{re.escape(separator)}{cell})*\r?\n", line))


class _Plain(io.RawIOBase):
    """A stream of bytes, with a record at its ``end``, that Arrow reads as pandas does; raises ``NotPlain`` if not."""

    def __init__(self, file: IO[bytes], end: bytes) -> None:
        self._file, self._end, self._last = file, end, b"\n"

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes; line feeds are not parted from the carriage returns before them."""
        piece = self._file.read(max(size - 2, 1))
        if piece.endswith(b"\r"):
            piece += self._file.read(1)
        if b"\x00" in piece or (b"\r" in piece and piece.count(b"\r") != piece.count(b"\r\n")):
            raise NotPlain
        if piece:
            self._last = piece[-1:]
            return piece
        piece, self._end = self._end, b""
        return piece if self._last == b"\n" or not piece else b"\n" + piece


def _header(lines: list[str], fit: Fit, header_row: int) -> tuple[int, list[str], str]:
    """How many lines stand above the header, its cells, and what separates them."""
    if header_row > len(lines):
        raise csv.Error(f"it has no line {header_row}, which should name the columns")
    if header_row:
        return header_row - 1, *_first_record(lines[header_row - 1 :])
    best, most = None, 0.0
    for above in range(len(lines)):
        record = (above, *_first_record(lines[above:]))
        if most < 1 and (fits := float(fit(record[1]))) > most:
            best, most = record, fits
    if best:
        return best
    if not lines or not lines[0].strip():
        raise csv.Error("its first line, which should name the columns, is empty")
    return 0, *_first_record(lines)


def _first_record(lines: list[str]) -> tuple[list[str], str]:
    """The cells of the first record, and the mark that separates them: the commonest outside quotes."""
    outside_quotes = "".join(lines[0].split('"')[::2])
    separator = max(SEPARATORS, key=lambda mark: (outside_quotes.count(mark), -SEPARATORS.index(mark)))
    return next(csv.reader(lines, delimiter=separator), []), separator


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
    with opened(path) as file:
        if encoding in READ_AS:
            lines = _as_windows(path, file.read().splitlines(keepends=True))
            yield io.StringIO("".join(lines), newline="")
        else:
            with io.TextIOWrapper(file, encoding=encoding, newline="") as text:
                yield text


def _as_windows(path: Path, lines: list[bytes]) -> Iterator[str]:
    """Each line as UTF-8 if it is, else as Windows-1252 if that gives letters that are written here."""
    for number, line in enumerate(lines, start=1):
        if _is_utf8(line):
            yield line.decode("utf-8-sig")
            continue
        text = line.decode(WINDOWS, errors="replace")
        strange = sorted({letter for letter in text if not letter.isascii()} - WRITTEN)
        if strange:
            raise InputRefused(
                f"{path}: text line {number} is neither UTF-8 nor Windows-1252 (it would hold {strange[0]!r}); save it "
                "as 'CSV UTF-8'"
            )
        yield text
