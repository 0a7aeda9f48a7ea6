"""The cells of a spreadsheet file as text, whatever its format, indexed by the line a spreadsheet would show."""

import csv
import gzip
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
from python_calamine import CalamineError

from rmrp_analysis.errors import InputRefused

FIRST_DATA_LINE = 2


def read_cells(path: Path) -> pd.DataFrame:
    """Every cell of the file's (first) table as stripped text; an empty cell is ``""``.

    Returns one row a record and one column a header, indexed by spreadsheet line (the header is line 1).
    Raises ``InputRefused`` when the file is missing, damaged, empty or of a format that is not read.
    """
    if not path.is_file():
        raise InputRefused(f"{path}: there is no such file")
    reader = _reader_for(path)
    try:
        raw = reader(path)
    except (OSError, EOFError, zipfile.BadZipFile, CalamineError, csv.Error, ValueError) as problem:
        raise InputRefused(
            f"{path}: cannot be read as {_suffix(path)}; it is damaged or something else ({problem})"
        ) from None
    if raw.empty:
        raise InputRefused(f"{path}: holds no rows below its header")
    lines = pd.RangeIndex(FIRST_DATA_LINE, FIRST_DATA_LINE + len(raw), name="line")
    return pd.DataFrame({name: cells.str.strip() for name, cells in raw.set_axis(lines, axis="index").items()})


def _suffix(path: Path) -> str:
    name = path.name.lower()
    return ".csv.gz" if name.endswith(".csv.gz") else path.suffix.lower()


def _reader_for(path: Path) -> Callable[[Path], pd.DataFrame]:
    readers: Mapping[str, Callable[[Path], pd.DataFrame]] = {
        ".csv": _read_csv,
        ".csv.gz": _read_csv,
        ".xlsx": _read_excel,
        ".parquet": _read_parquet,
    }
    if _suffix(path) not in readers:
        raise InputRefused(f"{path}: the format is not read; allowed: {', '.join(readers)}")
    return readers[_suffix(path)]


def _read_csv(path: Path) -> pd.DataFrame:
    opened = gzip.open if path.name.lower().endswith(".gz") else open
    try:
        with opened(path, "rt", encoding="utf-8-sig", newline="") as text:
            cells = pd.read_csv(text, dtype="str", keep_default_na=False, skip_blank_lines=False, on_bad_lines="error")
    except UnicodeDecodeError:
        raise ValueError("the text is not UTF-8; save it as 'CSV UTF-8'") from None
    if not isinstance(cells.index, pd.RangeIndex):  # pandas took the first cell of each row for a name
        raise csv.Error("its rows have more cells than its header")
    return cells


def _read_excel(path: Path) -> pd.DataFrame:
    cells = pd.read_excel(path, engine="calamine", dtype="object", keep_default_na=False)
    return _as_text(cells.rename(columns=str))


def _read_parquet(path: Path) -> pd.DataFrame:
    return _as_text(pd.read_parquet(path))


def _as_text(cells: pd.DataFrame) -> pd.DataFrame:
    return cells.astype("object").where(cells.notna(), "").map(_cell_text).astype("str")


def _cell_text(cell: object) -> str:
    """A number keeps no decimals it does not need: 13.0 in a spreadsheet is the 13 that was typed."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
