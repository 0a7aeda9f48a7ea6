"""Text tables: in which encoding and with which separator they were written, and their cells.

UTF-8 comes first, with or without its mark, then UTF-16 by its mark. Text that is neither was most likely saved by a
spreadsheet program on Windows: it is read as Windows-1252, line by line where UTF-8 is mixed in, with a message. Where
that would give letters that no organisation of these countries writes, the file is refused: nothing is guessed twice.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO

import pandas as pd

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.content import PIECE, opened
from rmrp_analysis.loaders.header import HEADER_ROWS, Fit, distinct

CHUNK_ROWS = 100_000
SEPARATORS = ",;\t|"
WINDOWS = "cp1252"
WRITTEN = frozenset("áéíóúüñçãõâêôîûàèìòùäöëïåøÁÉÍÓÚÜÑÇÃÕÂÊÔÎÛÀÈÌÒÙÄÖËÏÅØ¿¡ºª°«»–—‘’“”…€©®™·•´¨\u00a0\u00ad")
"""Beyond ASCII, what Spanish, Portuguese, French and English text holds."""

READ_AS = {
    WINDOWS: "the text is not UTF-8; it was read as Windows-1252",
    "mixed": "some lines are not UTF-8; these were read as Windows-1252",
}


def read_delimited(path: Path, fit: Fit, *, header_row: int, spare: int) -> tuple[pd.DataFrame, list[str]]:
    """The cells of a text table below its header as they were typed, by spreadsheet line, and messages.

    The header is on line ``header_row``, or, where that is 0, the best of the first lines by ``fit``. A row may have up
    to ``spare`` cells more than the header; they stand in columns whose names are numbers. Raises ``InputRefused`` for
    text in an unknown encoding or with NUL bytes, ``csv.Error`` or ``ValueError`` for rows that do not fit the header.
    """
    encoding = _encoding(path)
    with _text(path, encoding) as text:
        above, header, separator = _header(list(islice(text, max(HEADER_ROWS, header_row))), fit, header_row)
        names = [*distinct(header), *range(spare)]
        text.seek(0)
        pieces = pd.read_csv(
            text,
            sep=separator,
            header=None,
            names=names,
            skiprows=above + 1,
            dtype="str",
            keep_default_na=False,
            skip_blank_lines=False,
            on_bad_lines="error",
            chunksize=CHUNK_ROWS,
        )
        with pieces:
            read = [_stripped(piece) for piece in pieces] or [pd.DataFrame(columns=names, dtype="str")]
    # Column by column, so that the whole is never in memory twice.
    columns = {name: pd.concat([piece.pop(name) for piece in read], ignore_index=True) for name in names}
    cells = pd.DataFrame(columns, copy=False)
    first = above + 2
    return cells.set_axis(pd.RangeIndex(first, first + len(cells))), [READ_AS[encoding]] if encoding in READ_AS else []


def _stripped(piece: pd.DataFrame) -> pd.DataFrame:
    if not isinstance(piece.index, pd.RangeIndex):  # pandas took the first cell of each row for a name
        raise csv.Error("its rows have more cells than its header")
    return pd.DataFrame({name: cells.str.strip() for name, cells in piece.items()})


def _header(lines: list[str], fit: Fit, header_row: int) -> tuple[int, list[str], str]:
    """How many lines stand above the header, its cells, and what separates them."""
    if header_row > len(lines):
        raise csv.Error(f"it has no line {header_row}, which should name the columns")
    if header_row:
        return header_row - 1, *_first_record(lines[header_row - 1 :])
    records = [(above, *_first_record(lines[above:])) for above in range(len(lines))]
    best = max(records, key=lambda record: fit(record[1]), default=None)
    if best and fit(best[1]):
        return best
    if not lines or not lines[0].strip():
        raise csv.Error("its first line, which should name the columns, is empty")
    return records[0]


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
