"""A table held to be added up: its texts as codes of sorted names, its numbers as arrays, whole or a part of it."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from rmrp_analysis.coded import CodedTable, Column

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
"""Positions of rows."""

Inside = npt.NDArray[np.bool_]
"""Which rows are meant."""

MOST_COUNTED = 8
"""Groups are told apart by counting where so many are possible for each row; by sorting where there are more."""


class Coded(NamedTuple):
    """The texts of a column: for each row the place of its text among the sorted ``names``, and ``places`` by name."""

    codes: npt.NDArray[np.unsignedinteger[Any]]
    names: tuple[str, ...]
    places: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class Cells:
    """Rows of a table, or of other cells ``at`` these places, with some numbers ``changed`` (an array a column).

    Codes and arrays of a column are made when they are first used, and kept.
    """

    source: "pd.DataFrame | CodedTable | Cells"
    at: Places | None = None
    changed: Mapping[str, Numbers] = field(default_factory=dict)
    _coded: dict[str, Coded] = field(default_factory=dict)
    _numbers: dict[str, Numbers] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.source if self.at is None else self.at)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The rows as a table, with the index that they have in the table they are of."""
        return self._taken(None)

    def _taken(self, places: Places | None) -> pd.DataFrame:
        """The table of some of the rows, or of all."""
        at = places if self.at is None else self.at if places is None else self.at[places]
        source = self.source
        if isinstance(source, Cells):
            rows = source._taken(at)
        elif isinstance(source, CodedTable):
            rows = source.table() if at is None else source.taken(at).table().set_axis(at)
        else:
            rows = source if at is None else source.take(at)
        if not self.changed:
            return rows
        changed = {name: numbers if places is None else numbers[places] for name, numbers in self.changed.items()}
        types = rows.dtypes.to_dict()
        return rows.assign(**{name: numbers.astype(types.get(name, "float64")) for name, numbers in changed.items()})

    def numbers(self, column: str) -> Numbers:
        """A column of numbers."""
        if column in self.changed:
            return self.changed[column]
        if column not in self._numbers:
            source = self.source
            whole = source.numbers(column) if isinstance(source, Cells) else source[column].to_numpy(dtype="float64")
            self._numbers[column] = whole if self.at is None else whole[self.at]
        return self._numbers[column]

    def coded(self, column: str) -> Coded:
        """A column of texts."""
        if column not in self._coded:
            source = self.source
            if isinstance(source, Cells):
                whole = source.coded(column)
            else:
                whole = _coded(source.columns[column] if isinstance(source, CodedTable) else Column.of(source[column]))
            self._coded[column] = whole if self.at is None else whole._replace(codes=whole.codes[self.at])
        return self._coded[column]

    def names(self, column: str) -> list[str]:
        """The different texts of a column, sorted."""
        codes, names, _ = self.coded(column)
        return list(compress(names, np.bincount(codes, minlength=len(names)) > 0))

    def different(self, column: str) -> list[str]:
        """The different texts of a column, in the order of the rows."""
        codes, names, _ = self.coded(column)
        return [names[code] for code in dict.fromkeys(codes.tolist())]

    def has(self, column: str, texts: Iterable[str]) -> Inside:
        """In which rows a column has one of these texts."""
        codes, names, places = self.coded(column)
        found = [places[text] for text in texts if text in places]
        inside = np.zeros(len(names), dtype=bool)
        inside[found] = True
        rows: Inside = codes == found[0] if len(found) == 1 else inside[codes]
        return rows

    def take(self, inside: Inside | Places) -> "Cells":
        """Some of the rows."""
        return Cells(self, np.arange(len(self))[inside])

    def where(self, column: str, text: str) -> "Cells":
        """The rows in which a column has this text."""
        return self.take(self.has(column, (text,)))

    def with_numbers(self, changed: Mapping[str, Numbers]) -> "Cells":
        """The same rows with other numbers in these columns."""
        return Cells(self, changed=changed)

    def sums(self, column: str, groups: Places, count: int) -> Numbers:
        """What each of ``count`` groups adds up to; NaN where a part is. ``groups`` gives for each row its group.

        Whole numbers are added up apart from fractions, so that the order of rows does not show.
        """
        amounts = self.numbers(column)
        whole = np.floor(amounts)
        return np.add(np.bincount(groups, whole, count), np.bincount(groups, amounts - whole, count), dtype="float64")

    def groups(self, by: Sequence[str]) -> tuple[npt.NDArray[np.intp], list[tuple[str, ...]]]:
        """For each row the number of its group, and the groups in order: the texts of ``by`` that its rows have."""
        coded = [self.coded(column) for column in by]
        if not coded or not len(self):
            return np.zeros(len(self), dtype=np.intp), [] if coded else [()]
        shape = tuple(len(of_column.names) for of_column in coded)
        joint = coded[0].codes.astype(np.intp)
        for of_column in coded[1:]:
            joint = joint * len(of_column.names) + of_column.codes
        if math.prod(shape) > MOST_COUNTED * len(joint):
            present, numbers = np.unique(joint, return_inverse=True)
        else:
            counts = np.bincount(joint) > 0
            present, numbers = np.flatnonzero(counts), (np.cumsum(counts) - 1)[joint]
        places = (column.tolist() for column in np.unravel_index(present, shape))
        texts = ([each.names[place] for place in of_column] for each, of_column in zip(coded, places, strict=True))
        return numbers, list(zip(*texts, strict=True))


def _coded(texts: Column) -> Coded:
    contents = ["" if pd.isna(text) else str(text) for text in texts.contents]
    names = sorted(set(contents))
    places = {name: place for place, name in enumerate(names)}
    codes = np.array([places[text] for text in contents], dtype=np.min_scalar_type(len(names)))
    return Coded(codes[texts.codes], tuple(names), places)
