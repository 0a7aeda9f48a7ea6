"""The cells of a spreadsheet file as text, whatever its format, indexed by the line a spreadsheet would show."""

import csv
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd
from pyarrow import ArrowException
from pyarrow.parquet import ParquetFile
from python_calamine import CalamineError

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.content import MOST_UNPACKED, check_content
from rmrp_analysis.loaders.delimited import read_delimited
from rmrp_analysis.loaders.workbook import Wanted, read_workbook

FIRST_DATA_LINE = 2
LINES_OF_A_SHEET = 2**20
"""A worksheet has no more: a table that fills it was probably cut off."""

TOLD = "told"
"""Key in ``DataFrame.attrs`` of what an analyst should know of how a file was read, as sentences."""

_Read = tuple[pd.DataFrame, list[str]]
_PROBLEMS = (
    OSError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
    CalamineError,
    csv.Error,
    ValueError,
    OverflowError,
    ArrowException,
    MemoryError,
)


def read_cells(path: Path, wanted: Wanted = lambda _: False) -> pd.DataFrame:
    """Every cell of the file's table as stripped text; an empty cell is ``""``.

    Returns one row a record and one column a header, indexed by spreadsheet line (usually the header is line 1); lines
    of nothing at the end are left out. ``wanted`` recognises the header where a workbook has several sheets or a title.
    What should be known of how the file was read stands in ``attrs["told"]``.
    Raises ``InputRefused`` when the file is missing, damaged, empty or of a format that is not read.
    """
    if not path.is_file():
        raise InputRefused(f"{path}: there is no such file")
    reader = _reader_for(path, wanted)
    raw, told = _read(path, reader)
    cells = _filled(raw)
    if cells.empty:
        raise InputRefused(f"{path}: holds no rows below its header")
    if cells.index[-1] >= LINES_OF_A_SHEET:
        told.append(f"the table fills all {LINES_OF_A_SHEET:,} lines of a worksheet; what came after them is lost")
    cells.attrs[TOLD] = told
    return cells


def _read(path: Path, reader: Callable[[Path], _Read]) -> _Read:
    try:
        raw, told = reader(path)
    except _PROBLEMS as problem:
        raise _damaged(path, problem) from None
    except BaseException as problem:
        if type(problem).__name__ == "PanicException":  # calamine gave up: no Exception, and no other way to know it
            raise _damaged(path, problem) from None
        raise
    if isinstance(raw.index, pd.RangeIndex) and raw.index.start == 0:
        raw = raw.set_axis(pd.RangeIndex(FIRST_DATA_LINE, FIRST_DATA_LINE + len(raw)), axis="index")
    return raw.rename_axis("line"), told


def _stripped(read: _Read) -> _Read:
    return read[0].apply(lambda cells: cells.str.strip()), read[1]


def _damaged(path: Path, problem: BaseException) -> InputRefused:
    return InputRefused(f"{path}: cannot be read as {_suffix(path)}; it is damaged or something else ({problem})")


def _filled(cells: pd.DataFrame) -> pd.DataFrame:
    """The table without the lines at its end that hold nothing."""
    last = len(cells)
    while last and (cells.iloc[last - 1] == "").all():
        last -= 1
    return cells.iloc[:last]


def _suffix(path: Path) -> str:
    name = path.name.lower()
    return ".csv.gz" if name.endswith(".csv.gz") else path.suffix.lower()


def _reader_for(path: Path, wanted: Wanted) -> Callable[[Path], _Read]:
    readers: Mapping[str, Callable[[Path], _Read]] = {
        ".csv": read_delimited,
        ".csv.gz": read_delimited,
        ".xlsx": lambda file: _stripped(read_workbook(file, wanted)),
        ".parquet": lambda file: _stripped(_read_parquet(file)),
    }
    check_content(path, _suffix(path))
    if _suffix(path) not in readers:
        raise InputRefused(f"{path}: the format is not read; allowed: {', '.join(readers)}")
    return readers[_suffix(path)]


def _read_parquet(path: Path) -> _Read:
    with ParquetFile(path) as file:
        groups = range(file.metadata.num_row_groups)
        unpacked = sum(file.metadata.row_group(group).total_byte_size for group in groups)
        if unpacked > MOST_UNPACKED:
            raise ValueError(f"it unpacks to {unpacked:,} bytes")
        table = file.read().to_pandas(ignore_metadata=True)  # what pandas noted there may be damaged, too
    return _as_text(table), []


def _as_text(cells: pd.DataFrame) -> pd.DataFrame:
    named = cells.reset_index(drop=True).set_axis(_distinct(cells.columns), axis="columns")
    return named.astype("object").where(named.notna(), "").map(_cell_text).astype("str")


def _distinct(names: Sequence[object]) -> list[str]:
    given = [str(name) for name in names]
    return [name if name not in given[:number] else f"{name} ({number + 1})" for number, name in enumerate(given)]


def _cell_text(cell: object) -> str:
    """A number keeps no decimals it does not need: 13.0 in a table is the 13 that was meant."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
