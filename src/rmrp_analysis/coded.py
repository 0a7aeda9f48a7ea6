"""Tables held by the different contents of their columns: a million reports repeat a few thousand texts and numbers.

A column is ``codes``, one small number a row, and ``contents``, what each of them stands for. What is done to a text is
done once, and not for every row; rows are told apart by numbers.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import pandas as pd

from rmrp_analysis.once import Once

Codes = np.ndarray[Any, np.dtype[Any]]
MOST_LOOKED_UP, MOST_A_ROW = 2**22, 8
"""Up to so many combinations, and so many for each row, a look-up is faster than a hash table."""

ROWS_AT_ONCE, LOOKED_UP_AT_ONCE = 2**20, 2**16


@dataclass(frozen=True, eq=False)
class Column:
    """A column: row ``i`` holds ``contents[codes[i]]``; two codes may stand for the same, and some for no row.

    ``contents`` are a one-dimensional array or index of pandas, or a numpy array.
    """

    codes: Codes
    contents: Any

    @classmethod
    def of(cls, cells: pd.Series) -> "Column":
        """The column of these cells; an empty cell is a content, too."""
        codes, values = pd.factorize(cells.array, use_na_sentinel=False)
        return cls(smallest(codes, len(values)), values)

    @classmethod
    def constant(cls, content: object, rows: int, dtype: str) -> "Column":
        """The same content in every row, which takes no memory."""
        return cls(np.broadcast_to(np.zeros(1, dtype="uint8"), rows), pd.Series([content], dtype=dtype).array)

    def used(self) -> "Column":
        """The column without the contents that stand in no row."""
        seen = np.zeros(len(self.contents), dtype="bool")
        seen[self.codes] = True
        found = np.flatnonzero(seen)
        number = np.zeros(len(self.contents), dtype=np.min_scalar_type(max(len(found) - 1, 0)))
        number[found] = np.arange(len(found))
        return Column(number.take(self.codes), self.contents.take(found))

    def filled(self) -> "Column":
        """A column of numbers with 0 in its empty cells."""
        numbers = np.asarray(self.contents, dtype="float64")
        return Column(self.codes, np.where(np.isnan(numbers), 0.0, numbers))

    def cells(self) -> pd.Series:
        """Every cell."""
        return pd.Series(self.contents.take(self.codes))

    def mapped(self, change: Callable[[Any], Any] | Mapping[Any, Any], dtype: str) -> "Column":
        """The column with each content changed by a function, or by a look-up that has all of them."""
        change = change.__getitem__ if isinstance(change, Mapping) else change
        return Column(self.codes, pd.Series([change(content) for content in self.contents], dtype=dtype).array)

    def where(self, condition: Callable[[Any], bool]) -> Codes:
        """Whether each row's content fulfils a condition."""
        return np.array([bool(condition(value)) for value in self.contents], dtype="bool").take(self.codes)


@dataclass(frozen=True, eq=False)
class CodedTable(Once):
    """A table of columns of ``rows`` rows each, by name; the rows are numbered from 0."""

    columns: Mapping[str, Column]
    rows: int

    @classmethod
    def of(cls, table: pd.DataFrame) -> "CodedTable":
        """The table of these columns; its index is left out."""
        return cls({str(name): Column.of(cells) for name, cells in table.items()}, len(table))

    @classmethod
    def joined(cls, parts: Sequence["CodedTable"]) -> "CodedTable":
        """Tables of the same columns, one below the other."""
        if len(parts) == 1:
            return parts[0]
        columns = {}
        for name in parts[0].columns:
            values = pd.concat([pd.Series(part.columns[name].contents) for part in parts], ignore_index=True)
            number, distinct = pd.factorize(values.array, use_na_sentinel=False)
            ends = np.cumsum([len(part.columns[name].contents) for part in parts])
            pieces = zip(np.split(smallest(number, len(distinct)), ends[:-1]), parts, strict=True)
            codes = np.concatenate([numbers.take(part.columns[name].codes) for numbers, part in pieces])
            columns[name] = Column(codes, distinct)
        return cls(columns, sum(part.rows for part in parts))

    def __len__(self) -> int:
        return self.rows

    @overload
    def __getitem__(self, name: str) -> pd.Series: ...
    @overload
    def __getitem__(self, name: list[str]) -> pd.DataFrame: ...
    def __getitem__(self, name: str | list[str]) -> pd.Series | pd.DataFrame:
        if isinstance(name, str):
            return self.columns[name].cells().rename(name)
        return pd.DataFrame({each: self.columns[each].cells() for each in name}, copy=False)

    def table(self) -> pd.DataFrame:
        """Every row as it is."""
        return self[list(self.columns)]

    def assign(self, **columns: Column) -> "CodedTable":
        """The table with columns added, or in the place of those of the same name."""
        return CodedTable({**self.columns, **columns}, self.rows)

    def only(self, names: Iterable[str]) -> "CodedTable":
        """The table with these columns alone."""
        return CodedTable({name: self.columns[name] for name in names}, self.rows)

    def without(self, names: Iterable[str]) -> "CodedTable":
        """The table without these columns, as far as it has them."""
        left_out = frozenset(names)
        return CodedTable({name: each for name, each in self.columns.items() if name not in left_out}, self.rows)

    def kept(self, rows: Codes) -> "CodedTable":
        """The rows of which ``rows`` is true."""
        if rows.all():
            return self
        taken: dict[int, Codes] = {}
        columns, count = {}, int(np.count_nonzero(rows))
        for name, column in self.columns.items():
            key = id(column.codes)
            if key not in taken:
                same = column.codes.strides == (0,)
                taken[key] = np.broadcast_to(column.codes[:1], count) if same else column.codes[rows]
            columns[name] = Column(taken[key], column.contents)
        return CodedTable(columns, count)

    def taken(self, rows: Codes) -> "CodedTable":
        """The rows of these numbers."""
        columns = {name: Column(column.codes[rows], column.contents) for name, column in self.columns.items()}
        return CodedTable(columns, len(rows))

    def pieces(self) -> Iterator[tuple[int, "CodedTable"]]:
        """Some rows at a time, with the number of the first of them; nothing is copied."""
        for start in range(0, self.rows, LOOKED_UP_AT_ONCE):
            end = min(start + LOOKED_UP_AT_ONCE, self.rows)
            columns = {name: Column(column.codes[start:end], column.contents) for name, column in self.columns.items()}
            yield start, CodedTable(columns, end - start)

    def combinations(self, names: Sequence[str]) -> tuple[Codes, pd.DataFrame]:
        """The number of each row's combination of contents in these columns, and these, by their first rows."""
        numbers, first = self.first_rows(names)
        distinct = {name: self.columns[name].contents.take(self.columns[name].codes.take(first)) for name in names}
        return numbers, pd.DataFrame(distinct)

    def first_rows(self, names: Sequence[str]) -> tuple[Codes, Codes]:
        """The number of each row's combination of contents in these columns, and the first row of each; found once."""
        return self.once(("first rows", *names), lambda: self._numbered(names))

    def __getstate__(self) -> dict[str, Any]:
        """The columns alone: what was found of them is soon found again."""
        return {"columns": self.columns, "rows": self.rows}

    def _numbered(self, names: Sequence[str]) -> tuple[Codes, Codes]:
        key, most = np.zeros(self.rows, dtype="uint8"), 1
        for codes, count in self._told_apart(names):
            if most * count > _most_looked_up(self.rows):
                key, first = numbered(key, most)
                most = len(first)
            key = key.astype(np.min_scalar_type(max(most, 1) * count))
            key *= count
            key += codes
            most *= count
        return numbered(key, most)

    def _told_apart(self, names: Iterable[str]) -> Iterable[tuple[Codes, int]]:
        """Codes that differ where contents of these columns do, and how many there are."""
        alike: dict[int, list[str]] = {}
        for name in names:
            alike.setdefault(id(self.columns[name].codes), []).append(name)
        for together in alike.values():
            codes, number, count = self.columns[together[0]].codes, np.zeros(1, dtype="int64"), 1
            for name in together:
                numbers, found = pd.factorize(pd.Series(self.columns[name].contents), use_na_sentinel=False)
                number, kinds = pd.factorize(number * len(found) + numbers)
                count = len(kinds)
            if count > 1:
                yield smallest(number, count).take(codes), count


def coded(table: pd.DataFrame | CodedTable) -> CodedTable:
    """A table by codes."""
    return table if isinstance(table, CodedTable) else CodedTable.of(table)


def numbered(key: Codes, most: int) -> tuple[Codes, Codes]:
    """The different keys (all below ``most``) numbered as they first stand in a row, and these rows."""
    if most > _most_looked_up(len(key)):
        numbers, found = pd.factorize(key)
        first = np.full(len(found), -1)
        _note_first(first, numbers)
        return smallest(numbers, len(found)), first
    rows = np.full(most, -1)
    _note_first(rows, key)
    found = np.flatnonzero(rows >= 0)
    found = found[np.argsort(rows[found])]
    number = np.zeros(most, dtype=np.min_scalar_type(max(len(found) - 1, 0)))
    number[found] = np.arange(len(found))
    return number.take(key), rows[found]


def _most_looked_up(rows: int) -> int:
    return min(MOST_LOOKED_UP, MOST_A_ROW * rows)


def _note_first(rows: Codes, key: Codes) -> None:
    """Put into ``rows``, which are -1, the first row of each key."""
    for start in range(0, len(key), LOOKED_UP_AT_ONCE):
        piece = key[start : start + LOOKED_UP_AT_ONCE]
        new = np.flatnonzero(rows.take(piece) < 0)[::-1]  # of equal keys the first is put last
        rows[piece[new]] = start + new


def smallest(codes: Codes, count: int) -> Codes:
    """Codes below ``count`` in the fewest bytes that hold them."""
    return codes.astype(np.min_scalar_type(max(count - 1, 0)), copy=False)
