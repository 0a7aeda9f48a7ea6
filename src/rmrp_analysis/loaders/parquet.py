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
"""What a cell of Parquet takes in memory at least, however well its column was packed."""


def read_parquet(path: Path, rows: int) -> Iterator[Texts]:
    """Read a file, ``rows`` at a time (0: all at once). Raises ``InputRefused`` where it is damaged."""
    try:
        yield from _tables_of_texts(path, rows)
    except pa.ArrowException as problem:
        raise refuse_damaged(path, ".parquet", problem) from None


def _tables_of_texts(path: Path, rows: int) -> Iterator[Texts]:
    """Yield the content of a Parquet file as tables of texts of at most so many rows (0: all at once).

    Columns that have neither a header nor content are left out. Raises ``InputRefused`` for too many columns or bytes.
    """
    text_column_names = [
        arrow_column.name
        for arrow_column in pq.read_schema(path)
        if pa.types.is_string(arrow_column.type) or pa.types.is_large_string(arrow_column.type)
    ]
    with pq.ParquetFile(path, read_dictionary=text_column_names) as parquet_file:
        check_columns(path, parquet_file.metadata.num_columns)
        row_group_metadata = [
            parquet_file.metadata.row_group(row_group) for row_group in range(parquet_file.metadata.num_row_groups)
        ]
        min_unpacked_bytes = parquet_file.metadata.num_rows * parquet_file.metadata.num_columns * MIN_BYTES_OF_CELL
        check_size(path, max(min_unpacked_bytes, sum(row_group.total_byte_size for row_group in row_group_metadata)))
        column_headers, first_line_number = parquet_file.schema_arrow.names, 2
        for arrow_table in _tables(parquet_file, rows or parquet_file.metadata.num_rows):
            codes_and_cells_by_index = {
                column_index: _different_cells(arrow_column)
                for column_index, arrow_column in enumerate(arrow_table.columns)
            }
            filled_column_pairs_by_index = {
                column_index: (cell_codes, different_cells)
                for column_index, (cell_codes, different_cells) in codes_and_cells_by_index.items()
                if {*different_cells} != {""}
            }
            headed_column_pairs_by_index = {
                column_index: codes_and_cells
                for column_index, codes_and_cells in codes_and_cells_by_index.items()
                if column_headers[column_index].strip()
            }
            yield table_of(
                headed_column_pairs_by_index | filled_column_pairs_by_index,
                column_headers,
                first_line_number,
                first_line_number + len(arrow_table),
            )
            first_line_number += len(arrow_table)


def _tables(file: pq.ParquetFile, rows: int) -> Iterator[pa.Table]:
    """Give a file as tables of so many rows; the last one may have fewer. One without rows is one table."""
    waiting_arrow_table = file.schema_arrow.empty_table()
    for record_batch in file.iter_batches(PARQUET_BATCH_ROWS, use_threads=False):
        waiting_arrow_table = pa.concat_tables([waiting_arrow_table, pa.Table.from_batches([record_batch])])
        while len(waiting_arrow_table) > rows:
            yield waiting_arrow_table.slice(0, rows)
            waiting_arrow_table = waiting_arrow_table.slice(rows)
    yield waiting_arrow_table


def _different_cells(column: pa.ChunkedArray) -> tuple[Lines, list[Any]]:
    """Give for each row the number of its cell, and the different cells in the order in which they come.

    A file may list cells that no row has; they are left out.
    """
    if pa.types.is_nested(column.type):
        ordinal_by_cell = defaultdict[Any, int](count().__next__)
        return np.array(
            [ordinal_by_cell[cell_of_field(nested_cell_value)] for nested_cell_value in column.to_pylist()],
            dtype="int64",
        ), [*ordinal_by_cell]
    encoded_column = column.combine_chunks().dictionary_encode()
    dictionary_cells = [*encoded_column.dictionary.to_pylist(), None]
    cell_number_by_row, dictionary_numbers_used = pd.factorize(
        encoded_column.indices.cast("int64").fill_null(len(dictionary_cells) - 1).to_numpy()
    )
    return cell_number_by_row.astype(np.min_scalar_type(len(dictionary_cells))), [
        cell_of_field(dictionary_cells[dictionary_number]) for dictionary_number in dictionary_numbers_used
    ]
