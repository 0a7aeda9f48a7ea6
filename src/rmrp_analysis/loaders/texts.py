"""A file's table as it was sent: texts by header and spreadsheet line, whatever the format."""

import datetime
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, islice, zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rmrp_analysis.errors import InputRefused

ERROR_CELL = "#ERROR"
"""A cell that holds an error of a formula, such as ``#REF!``."""

MAX_HEADER_ROW = 20
"""The last line of a header. A title may stand above, but not a page of text."""

MAX_COLUMNS = 500
"""An activity report (5W) has fewer than 120 columns. Any of the 16,384 columns of a sheet may hold a stray cell."""

MAX_DEPTH = 8
"""How many objects of JSON may lie within each other. Forms of ActivityInfo refer to forms, two or three deep."""

ROWS_PER_BLOCK = 500
"""Few enough to stay in the processor's cache while their cells are sorted by columns."""

Lines = np.ndarray[Any, np.dtype[Any]]
"""Numbers of lines, codes of cells, or a mask: one for each row."""
Fit = Callable[[Sequence[str]], float]
"""The share of the wanted header that a row of cells holds: 1 for all, 0 for nothing."""


@dataclass(frozen=True)
class Texts:
    """A file's table, or a part: Categoricals of stripped texts by header. An empty cell is "".

    The index, ``line``, is the record's line in a spreadsheet (usually the header is line 1), or its number in a list
    of JSON. ``decimals`` are, by header, the lines where the file itself holds a number with decimals, and no text.
    ``messages`` tell an analyst how it was read. They belong to the line ``top``.
    """

    table: pd.DataFrame
    decimals: Mapping[str, Lines] = field(default_factory=dict)
    sheet: str = ""
    messages: tuple[str, ...] = ()
    top: int = 1


def tables_of(
    path: Path, rows: Iterable[Sequence[Any]], header: Sequence[Any], first_line: int, *, at_once: int = 0
) -> Iterator[Texts]:
    """Convert rows into tables of ``at_once`` rows (0: all in one). The first row is line ``first_line``.

    Each different cell of a column is written as text once. A column without a header is kept if it has any content. It
    is named ``column 3`` by its place. Beyond the end of the header its name is its place, a number. Raises
    ``InputRefused`` for more than ``MAX_COLUMNS`` columns.
    """
    names = column_names(header)
    check_columns(path, len(names))
    remaining, has_more = iter(rows), True
    while has_more:
        # Different cells are numbered in the order in which they first come
        numbers = {place: defaultdict[Any, int](count().__next__) for place in names}
        codes: dict[int, list[Lines]] = {place: [np.empty(0, dtype="int8")] for place in names}
        part, end = islice(remaining, at_once or None), first_line
        while piece := list(islice(part, ROWS_PER_BLOCK)):
            piece[0] = [*piece[0], *[""] * (max(names, default=-1) + 1 - len(piece[0]))]
            for place, cells in enumerate(zip_longest(*piece, fillvalue="")):
                if place not in numbers:
                    if cells.count("") == len(cells):
                        continue
                    check_columns(path, len(numbers) + 1)
                    numbers[place] = defaultdict(count(1).__next__, {"": 0})
                    codes[place] = [np.zeros(end - first_line, dtype="int8")]
                if bool in set(map(type, cells)):  # True is not 1 here
                    cells = tuple(str(cell) if isinstance(cell, bool) else cell for cell in cells)
                block = np.fromiter(map(numbers[place].__getitem__, cells), dtype="int64", count=len(cells))
                codes[place].append(block.astype(np.min_scalar_type(len(numbers[place]))))
            end += len(piece)
        columns = {place: (np.concatenate(codes[place]), numbers[place]) for place in numbers}
        yield table_of(columns, header, first_line, end)
        has_more, first_line = end - first_line == at_once > 0, end


def table_of(
    columns: Mapping[int, tuple[Lines, Collection[Any]]], header: Sequence[Any], first_line: int, end_line: int
) -> Texts:
    """Return the lines from ``first_line`` to before ``end_line`` as a table, from the columns by their place.

    A column is given as the number of each line's cell, and the different cells.
    """
    names = column_names(header)
    table, decimals = dict[Any, pd.Categorical](), {}
    for place, (codes, cells) in sorted(columns.items()):
        name: Any = names.get(place, place)
        if place not in names and place < len(header):
            name = make_name_unique(f"column {place + 1}", place, names.values())
        table[name] = strip_texts(codes, map(cell_text, cells))
        is_decimal = np.array([isinstance(cell, float) and not cell.is_integer() for cell in (*cells, "")])
        if is_decimal.any():
            decimals[name] = np.flatnonzero(is_decimal[codes]) + first_line
    return Texts(pd.DataFrame(table, pd.RangeIndex(first_line, end_line, name="line"), [*table], copy=False), decimals)


def check_columns(path: Path, columns: int) -> None:
    """Raise ``InputRefused`` for more than ``MAX_COLUMNS`` columns."""
    if columns > MAX_COLUMNS:
        raise InputRefused(
            f"{path}: more than {MAX_COLUMNS} columns have a header or hold anything, which is more than a form has; "
            "delete what lies outside of the table"
        )


def strip_texts(codes: Lines, texts: Iterable[str]) -> pd.Categorical:
    """Return a Categorical from each row's position in ``texts`` (``codes``). Outer blanks are removed."""
    numbers, different = pd.factorize(pd.Series(texts, dtype="str").str.strip())
    return pd.Categorical.from_codes(numbers.take(codes), pd.Index(different, dtype="str"), validate=False)


def column_names(header: Iterable[object]) -> dict[int, str]:
    """Return the stripped name of each column with a header, by its place. A repeated name gets a number."""
    names = dict[int, str]()
    unique = set[str]()
    for place, cell in enumerate(header):
        if name := str(cell).strip():
            names[place] = make_name_unique(name, place, unique)
            unique.add(names[place])
    return names


def make_name_unique(name: str, place: int, names_taken: Collection[str]) -> str:
    """Return a column's name. While it is in ``names_taken``, add the column's number (from 1)."""
    while name in names_taken:
        name = f"{name} ({place + 1})"
    return name


def header_cells(row: Iterable[Any]) -> list[str]:
    """Return the first ``MAX_COLUMNS`` filled cells of a row as texts."""
    return list(islice(filter(None, map(cell_text, row)), MAX_COLUMNS))


def cell_text(cell: Any) -> str:
    """Write a cell as text without outer blanks. A number has no needless decimals (13.0 is 13), a date is ISO."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat(sep=" ") if isinstance(cell, datetime.datetime) else str(cell).strip()


def cell_of_field(content: Any, deepest: int = MAX_DEPTH) -> Any:
    """Convert a field of JSON into a cell.

    A number stays a number, a boolean is ``TRUE`` or ``FALSE``, null and NaN are empty, a list is joined by commas, an
    object becomes JSON. Raises ``ValueError`` if lists lie deeper than ``deepest``.
    """
    if isinstance(content, str):
        return content
    if isinstance(content, bool):
        return str(content).upper()
    if content is None or content == {} or content != content:  # NaN is no content, either
        return ""
    if not deepest:
        raise ValueError(f"more than {MAX_DEPTH} lists lie within each other")
    if isinstance(content, list):
        return ", ".join(cell_text(cell_of_field(part, deepest - 1)) for part in content)
    return json.dumps(content, ensure_ascii=False) if isinstance(content, dict) else content
