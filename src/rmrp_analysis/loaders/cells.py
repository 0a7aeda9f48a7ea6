"""The cells of a spreadsheet file as text, whatever its format, indexed by the line a spreadsheet would show."""

import csv
import zipfile
import zlib
from collections.abc import Hashable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import ArrowException
from pyarrow.parquet import ParquetFile
from python_calamine import CalamineError

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.content import check_content, check_size, damaged, suffix_by_content, suffix_by_name
from rmrp_analysis.loaders.delimited import read_delimited
from rmrp_analysis.loaders.gathered import Gathered, read_ahead, table_of
from rmrp_analysis.loaders.header import AS_NUMBERS, Fit, distinct
from rmrp_analysis.loaders.records import read_records
from rmrp_analysis.loaders.workbook import LINES_OF_A_SHEET, cell_text, has_decimals, read_workbook
from rmrp_analysis.sources import Reading

MESSAGES = "messages"
"""Key in ``DataFrame.attrs`` of what an analyst should know of how a file was read, as sentences."""

FORMATS = (".csv", ".csv.gz", ".xlsx", ".parquet", ".json")
BYTES_A_CELL = 8
"""What a cell takes in memory at least, however well its column was packed."""

BATCH_ROWS = 2**17

_PROBLEMS = (
    OSError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
    CalamineError,
    RecursionError,
    csv.Error,
    ValueError,
    OverflowError,
    ArrowException,
    MemoryError,
)


def read_cells(path: Path, fit: Fit = lambda _: 0.0, reading: Reading = Reading()) -> pd.DataFrame:  # noqa: B008
    """Every cell of the file's table as stripped text; an empty cell is ``""``.

    Returns one row a record and one column a header, indexed by spreadsheet line (usually the header is line 1), or by
    the number of the record in a list; a line of nothing is no record. ``fit`` finds the header where a workbook has
    several sheets, or a title stands above it; ``reading`` may name both. How the file was read stands in ``attrs``
    (``MESSAGES``, ``SHEET``, ``AS_NUMBERS``). Raises ``InputRefused`` when the file is missing, damaged, empty or of a
    format that is not read, and when several sheets hold such a table.
    """
    cells = _read(path, suffix_by_name(path), fit, reading)
    if cells.empty:
        where = "" if suffix_by_name(path) == ".json" else " below its header"
        raise InputRefused(f"{path}: holds no rows{where}")
    return cells


def read_cells_of_any_name(path: Path, fit: Fit, reading: Reading, *, spare: int) -> pd.DataFrame:
    """As ``read_cells``, of a file that its name says nothing of; it may have no rows.

    A row of text may have up to ``spare`` cells more than the header, in columns whose names are numbers.
    """
    return _read(path, suffix_by_content(path), fit, reading, spare)


def _read(path: Path, suffix: str, fit: Fit, reading: Reading, spare: int = 0) -> pd.DataFrame:
    check_content(path, suffix)
    if suffix not in FORMATS:
        raise InputRefused(f"{path}: the format is not read; allowed: {', '.join(FORMATS)}")
    try:
        if suffix == ".xlsx":
            cells, messages, noted = read_workbook(path, fit, reading)
        elif suffix == ".parquet":
            cells, messages, noted = _read_parquet(path)
        elif suffix == ".json":
            cells, messages, noted = read_records(path)
        else:
            cells, messages = read_delimited(path, fit, header_row=reading.header_row, spare=spare)
            noted = {}
    except _PROBLEMS as problem:
        raise damaged(path, suffix, problem) from None
    except BaseException as problem:
        if type(problem).__name__ == "PanicException":  # calamine gave up: no Exception, and no other way to know it
            raise damaged(path, suffix, problem) from None
        raise
    blank = (cells == "").all(axis="columns")
    cells = (cells[~blank] if blank.any() else cells).rename_axis("line")
    if len(cells) and cells.index[-1] >= LINES_OF_A_SHEET:
        messages.append(f"the table fills all {LINES_OF_A_SHEET:,} lines of a worksheet; what came after them is lost")
    cells.attrs = {MESSAGES: messages, **noted}
    return cells


def _read_parquet(path: Path) -> tuple[pd.DataFrame, list[str], dict[Hashable, Any]]:
    with ParquetFile(path) as file:
        names, schema = file.schema_arrow.names, file.schema
        groups = [file.metadata.row_group(group) for group in range(file.metadata.num_row_groups)]
        unpacked = file.metadata.num_rows * file.metadata.num_columns * BYTES_A_CELL
        check_size(path, max(unpacked, sum(group.total_byte_size for group in groups)))
        flat = [schema.column(number).path for number in range(len(schema))] == names and len(set(names)) == len(names)
    columns, decimals, headers = {}, {}, iter(distinct(names))
    together = [[name] for name in names] if flat else [names]  # one after the other takes less memory
    for gathered in read_ahead(_gathered_columns(path, each, flat) for each in together):
        for column in gathered:
            name, marked = next(headers), set[str]()
            columns[name] = column.cells(partial(_texts_of_parquet, marked=marked), in_order=False)
            typed = columns[name].categories.isin(marked).take(columns[name].codes) if marked else ()
            decimals[name] = tuple((np.flatnonzero(typed) + 2).tolist())
    return table_of(columns, 2), [], {AS_NUMBERS: decimals}


def _gathered_columns(path: Path, names: list[str], flat: bool) -> list[Gathered]:
    with ParquetFile(path, read_dictionary=names if flat else []) as file:
        gathered = [Gathered() for _ in names]
        for batch in file.iter_batches(BATCH_ROWS, columns=names if flat else None, use_threads=False):
            for column, cells in zip(gathered, batch.columns, strict=True):
                column.add(pa.array(_texts_of_parquet(cells, set())) if pa.types.is_nested(cells.type) else cells)
    return gathered


def _texts_of_parquet(contents: pa.Array, marked: set[str]) -> pd.Series:
    """The texts of contents; those of numbers with decimals are put into ``marked``."""
    if pa.types.is_string(contents.type) or pa.types.is_large_string(contents.type):
        return pd.Series([(text or "").strip() for text in contents.to_pylist()], dtype="str")
    values = pd.Series(contents.to_pandas())
    texts = values.astype("object").where(values.notna(), "").map(cell_text).astype("str")
    marked.update(texts[values.notna() & values.map(has_decimals).astype("bool")])
    return texts
