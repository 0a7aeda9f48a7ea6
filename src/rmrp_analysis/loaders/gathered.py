"""The cells of a column gathered piece by piece: which texts there are, and which of them stands in each row."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from rmrp_analysis.coded import Codes, numbered

Piece = TypeVar("Piece")
TextsOf = Callable[[pa.Array], pd.Series]
"""The texts of the contents of cells, without outer blanks."""


def stripped(texts: pa.Array) -> pd.Series:
    """Texts, or bytes of UTF-8, without outer blanks; raises what Arrow raises for other bytes."""
    return pd.Series(texts.cast(pa.large_string()).to_pandas(), dtype="str").str.strip()


class Gathered:
    """A column of a file while it is read. A piece whose cells are all alike takes no memory."""

    def __init__(self) -> None:
        self._contents: list[pa.Array] = []
        self._codes: list[Codes] = []

    def add(self, piece: pa.Array | pa.ChunkedArray) -> None:
        """Add the cells of the next rows."""
        if isinstance(piece, pa.ChunkedArray):
            piece = piece.combine_chunks()
        coded = piece if pa.types.is_dictionary(piece.type) else piece.dictionary_encode(null_encoding="encode")
        contents, codes = coded.dictionary, coded.indices
        if codes.null_count:
            codes = codes.fill_null(len(contents))
            contents = pa.concat_arrays([contents, pa.nulls(1, contents.type)])
        alike, fewest = len(contents) == 1, _fewest_bytes(len(contents))
        numbers = np.uint8(0) if alike else codes.cast(fewest, safe=False).to_numpy()  # in Arrow's memory
        self._contents.append(contents)
        self._codes.append(np.broadcast_to(numbers, len(codes)))

    def cells(self, texts_of: TextsOf = stripped, *, in_order: bool = True) -> pd.Categorical:
        """The texts of all rows; the categories are in the order in which they first stand in a row.

        Where the contents of pieces may be in another order, or stand in no row, they are not ``in_order``.
        """
        if not self._contents:
            return pd.Categorical.from_codes([], pd.Index([], dtype="str"))
        different = pa.concat_arrays(self._contents).dictionary_encode(null_encoding="encode")
        text_of, found = pd.factorize(texts_of(different.dictionary))
        text_of = text_of.astype(np.min_scalar_type(-max(len(found), 1)))
        numbers = text_of.take(different.indices.to_numpy())
        codes, row, content = np.empty(sum(map(len, self._codes)), dtype=numbers.dtype), 0, 0
        for piece, contents in zip(self._codes, self._contents, strict=True):
            codes[row : row + len(piece)] = numbers[content : content + len(contents)].take(piece)
            row, content = row + len(piece), content + len(contents)
        self._codes, self._contents = [], []
        pa.default_memory_pool().release_unused()  # a large file is not held twice
        if not in_order:
            number, first = numbered(codes, len(found))
            found, codes = found.take(codes.take(first)), number.astype(numbers.dtype)
        return pd.Categorical.from_codes(codes, pd.Index(found, dtype="str"), validate=False)


def read_ahead(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The pieces, each read by a thread while the one before is made use of."""
    with ThreadPoolExecutor(1) as thread:
        following = thread.submit(next, pieces, None)
        while (piece := following.result()) is not None:
            following = thread.submit(next, pieces, None)
            yield piece


def _fewest_bytes(count: int) -> pa.DataType:
    """The type of numbers below ``count``."""
    return pa.from_numpy_dtype(np.min_scalar_type(max(count - 1, 0)))


def categories(texts: Sequence[str]) -> pd.Categorical:
    """Texts that were stripped as cells of a column."""
    codes, found = pd.factorize(np.asarray(texts, dtype="object"))
    return pd.Categorical.from_codes(codes, pd.Index(found, dtype="str"))


def table_of(columns: Mapping[Any, pd.Categorical], first_line: int) -> pd.DataFrame:
    """Columns as a table by line."""
    rows = len(next(iter(columns.values()), ()))
    lines = pd.RangeIndex(first_line, first_line + rows)
    return pd.DataFrame(dict(columns), index=lines, columns=list(columns), copy=False)
