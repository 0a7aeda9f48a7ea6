"""Parquet becomes a table of texts, by Arrow: a library that is imported for such files alone, since it is large."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from rmrp_analysis.loaders.content import check_size, refuse_damaged
from rmrp_analysis.loaders.texts import Lines, Texts, cell_of_field, check_columns, table_of

PARQUET_BATCH_ROWS = 2**13
"""Rows of a Parquet file that are decoded at once."""
MIN_BYTES_OF_CELL = 8
"""The least memory of a cell of Parquet, however well its column was packed."""


def read_parquet(path: Path, rows: int) -> Iterator[Texts]:
    """Read a file, ``rows`` at a time (0: all at once). Raises ``InputRefused`` if it is damaged."""
    try:
        yield from _tables_of_texts(path, rows)
    except pa.ArrowException as problem:
        raise refuse_damaged(path, ".parquet", problem) from None


def _tables_of_texts(path: Path, rows: int) -> Iterator[Texts]:
    """Yield the content of a Parquet file as tables of texts with at most ``rows`` rows (0: all at once).

    Columns without header and content are left out. Raises ``InputRefused`` for too many columns or bytes.
    """
    texts = [
        column.name
        for column in pq.read_schema(path)
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    ]
    with pq.ParquetFile(path, read_dictionary=texts) as file:
        check_columns(path, file.metadata.num_columns)
        groups = [file.metadata.row_group(group) for group in range(file.metadata.num_row_groups)]
        unpacked = file.metadata.num_rows * file.metadata.num_columns * MIN_BYTES_OF_CELL
        check_size(path, max(unpacked, sum(group.total_byte_size for group in groups)))
        header, line = file.schema_arrow.names, 2
        for table in _tables(file, rows or file.metadata.num_rows):
            columns = {place: _different_cells(column) for place, column in enumerate(table.columns)}
            filled = {place: (codes, cells) for place, (codes, cells) in columns.items() if {*cells} != {""}}
            headed = {place: column for place, column in columns.items() if header[place].strip()}
            yield table_of(headed | filled, header, line, line + len(table))
            line += len(table)


def _tables(file: pq.ParquetFile, rows: int) -> Iterator[pa.Table]:
    """Yield a file as tables with this number of rows. The last may have fewer. An empty file is one table."""
    waiting = file.schema_arrow.empty_table()
    for batch in file.iter_batches(PARQUET_BATCH_ROWS, use_threads=False):
        waiting = pa.concat_tables([waiting, pa.Table.from_batches([batch])])
        while len(waiting) > rows:
            yield waiting.slice(0, rows)
            waiting = waiting.slice(rows)
    yield waiting


def _different_cells(column: pa.ChunkedArray) -> tuple[Lines, list[Any]]:
    """Return the number of each row's cell, and the different cells in the order of their first rows.

    Cells that the file lists but no row has are left out.
    """
    if pa.types.is_nested(column.type):
        numbers = defaultdict[Any, int](count().__next__)
        return np.array([numbers[cell_of_field(cell)] for cell in column.to_pylist()], dtype="int64"), [*numbers]
    encoded = column.combine_chunks().dictionary_encode()
    cells = [*encoded.dictionary.to_pylist(), None]
    codes, order = pd.factorize(encoded.indices.cast("int64").fill_null(len(cells) - 1).to_numpy())
    return codes.astype(np.min_scalar_type(len(cells))), [cell_of_field(cells[number]) for number in order]
