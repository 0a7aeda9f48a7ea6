"""Text tables: in which encoding and with which separator they were written, and their cells.

UTF-8 comes first, with or without its mark, then UTF-16 by its mark. Text that is neither was most likely saved by a
spreadsheet program on Windows: it is read as Windows-1252, line by line where UTF-8 is mixed in, and told of. Where
that would give letters that no organisation of these countries writes, the file is refused: nothing is guessed twice.
"""

import codecs
import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pandas as pd

from rmrp_analysis.errors import InputRefused

CHUNK_ROWS = 100_000
_CHUNK = 2**22
SEPARATORS = ",;\t|"
WINDOWS = "cp1252"
WRITTEN = frozenset("áéíóúüñçãõâêôîûàèìòùäöëïåøÁÉÍÓÚÜÑÇÃÕÂÊÔÎÛÀÈÌÒÙÄÖËÏÅØ¿¡ºª°«»–—‘’“”…€©®™·•´¨\u00a0\u00ad")
"""Beyond ASCII, what Spanish, Portuguese, French and English text holds."""

TOLD_AS_WINDOWS = "the text is not UTF-8; it was read as Windows-1252"
TOLD_AS_MIXED = "some lines are not UTF-8; these were read as Windows-1252"


def read_delimited(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """The cells of a .csv or .csv.gz below its header, as they were typed, and what is to be told of the encoding.

    Raises ``InputRefused`` for text in an unknown encoding or with NUL bytes, ``csv.Error`` or ``ValueError`` for rows
    that do not fit the header.
    """
    encoding = _encoding(path)
    if encoding in ("utf-8-sig", "utf-16"):
        with _opened(path) as file, io.TextIOWrapper(file, encoding=encoding, newline="") as text:
            return _cells(text), []
    with _opened(path) as file:
        lines = list(_as_windows(path, file.read().splitlines(keepends=True)))
    mixed = encoding == "mixed"
    return _cells(io.StringIO("".join(lines), newline="")), [TOLD_AS_MIXED if mixed else TOLD_AS_WINDOWS]


def _opened(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb")  # type: ignore[return-value]


def _encoding(path: Path) -> str:
    """``utf-8-sig``, ``utf-16``, ``mixed`` (UTF-8 in places) or ``cp1252``; the file is read once, in pieces."""
    with _opened(path) as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        file.seek(0)
        decoder, mixed = codecs.getincrementaldecoder("utf-8-sig")(), False
        while chunk := file.read(_CHUNK):
            if b"\x00" in chunk:
                raise InputRefused(f"{path}: holds NUL bytes; it is damaged, or not the text its name says it is")
            try:
                mixed |= not decoder.decode(chunk).isascii()
            except UnicodeDecodeError as problem:
                return "mixed" if mixed or _some_utf8(chunk[: problem.start] + chunk[problem.end :]) else WINDOWS
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return WINDOWS
    return "utf-8-sig"


def _some_utf8(raw: bytes) -> bool:
    return any(not line.isascii() and _is_utf8(line) for line in raw.splitlines())


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


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


def _cells(text: IO[str]) -> pd.DataFrame:
    """The table in pieces, so that only one piece at a time is made of single texts."""
    header = text.readline()
    separator = max(SEPARATORS, key=lambda mark: (_outside_quotes(header).count(mark), -SEPARATORS.index(mark)))
    again = io.StringIO(header, newline="") if header.strip() else None
    if again is None:
        raise csv.Error("its first line, which should name the columns, is empty")
    pieces = pd.read_csv(
        _Joined(header, text),
        sep=separator,
        dtype="str",
        keep_default_na=False,
        skip_blank_lines=False,
        on_bad_lines="error",
        chunksize=CHUNK_ROWS,
    )
    with pieces:
        read = [_whole(piece) for piece in pieces]
    return _joined(read) if read else pd.DataFrame()


def _joined(pieces: list[pd.DataFrame]) -> pd.DataFrame:
    """The pieces as one table, column by column, so that the whole is never in memory twice."""
    columns = {name: pd.concat([piece.pop(name) for piece in pieces], ignore_index=True) for name in list(pieces[0])}
    return pd.DataFrame(columns, copy=False)


class _Joined(io.TextIOBase):
    """A text whose first line was taken off it, with that line before it again."""

    def __init__(self, first: str, rest: IO[str]) -> None:
        self._first, self._rest = first, rest

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> str:
        first, self._first = self._first, ""
        return first or self._rest.read(-1 if size is None else size)

    def readline(self, size: int = -1) -> str:  # type: ignore[override]
        first, self._first = self._first, ""
        return first or self._rest.readline(size)

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]
        while line := self.readline():
            yield line


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _whole(piece: pd.DataFrame) -> pd.DataFrame:
    if not isinstance(piece.index, pd.RangeIndex):  # pandas took the first cell of each row for a name
        raise csv.Error("its rows have more cells than its header")
    return piece.apply(lambda cells: cells.str.strip())
