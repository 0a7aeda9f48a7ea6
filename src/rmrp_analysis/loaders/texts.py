"""A file's table as it was sent: texts by header and spreadsheet line, whatever the format."""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any

import numpy as np
import pandas as pd

ERROR = "#ERROR"
"""A cell that holds an error of a formula, such as ``#REF!``."""

HEADER_ROWS = 20
"""A title may stand above the header, but not a page of text."""

ROWS_AT_ONCE = 500
"""So few rows stay in the processor's cache while their cells are sorted by columns."""

Lines = np.ndarray[Any, np.dtype[Any]]
Fit = Callable[[Sequence[str]], float]
"""How much of the header that is looked for a row of cells holds: 1 for all of it, 0 for nothing."""


@dataclass(frozen=True)
class Texts:
    """A file's table, or a part of it: Categoricals of stripped texts by header; an empty cell is "".

    The index, ``line``, is that of each record in a spreadsheet (usually the header is line 1), or the number of a
    record in a list of JSON. ``decimals`` are the lines, by header, of what the file itself holds as a number with
    decimals, and not as text. ``messages`` say what an analyst should know of how it was read; they stand on the line
    ``top``.
    """

    table: pd.DataFrame
    decimals: Mapping[str, Lines] = field(default_factory=dict)
    sheet: str = ""
    messages: tuple[str, ...] = ()
    top: int = 1


def tables_of(rows: Iterable[Sequence[Any]], names: Sequence[Any], first: int, *, at_once: int = 0) -> Iterator[Texts]:
    """Sort the cells of rows by columns: ``at_once`` rows a table, or (0) all in one, from line ``first`` on.

    Each different cell of a column is written as text once.
    """
    remaining, more = iter(rows), True
    while more:
        numbers = [defaultdict[Any, int](count().__next__) for _ in names]  # of different cells, as they first come
        codes: list[list[Lines]] = [[np.empty(0, dtype="int8")] for _ in names]
        part = islice(remaining, at_once or None)
        while piece := list(islice(part, ROWS_AT_ONCE)):
            for number, coded, cells in zip(numbers, codes, zip(*piece, strict=True), strict=True):
                if bool in set(map(type, cells)):  # True is not 1 here
                    cells = tuple(str(cell) if isinstance(cell, bool) else cell for cell in cells)
                of_cells = np.fromiter(map(number.__getitem__, cells), dtype="int64", count=len(cells))
                coded.append(of_cells.astype(np.min_scalar_type(len(number))))
        columns, decimals, last = {}, {}, first
        for name, number, parts in zip(names, numbers, codes, strict=True):
            of_rows, last = np.concatenate(parts), first + sum(map(len, parts))
            columns[name] = stripped(of_rows, map(cell_text, number))
            typed = np.array([isinstance(cell, float) and not cell.is_integer() for cell in (*number, "")])
            if typed.any():
                decimals[name] = np.flatnonzero(typed[of_rows]) + first
        table = pd.DataFrame(columns, pd.RangeIndex(first, last, name="line"), [*names], copy=False)
        yield Texts(table, decimals)
        more, first = last - first == at_once > 0, last


def stripped(codes: Lines, texts: Iterable[str]) -> pd.Categorical:
    """Give a column by the number of each row's text; texts that are alike without outer blanks are one."""
    number, different = pd.factorize(pd.Series(texts, dtype="str").str.strip())
    return pd.Categorical.from_codes(number.take(codes), pd.Index(different, dtype="str"), validate=False)


def distinct(names: Iterable[object]) -> list[str]:
    """Name columns so that no two are alike; one that is empty gets its column's number."""
    found = dict[str, None]()
    for number, header in enumerate(names, start=1):
        name = str(header).strip() or f"column {number}"
        while name in found:
            name = f"{name} ({number})"
        found[name] = None
    return list(found)


def cell_text(cell: Any) -> str:
    """Write a cell as text without outer blanks; a number keeps no decimals it does not need: 13.0 is the typed 13."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat(sep=" ") if isinstance(cell, datetime.datetime) else str(cell).strip()
