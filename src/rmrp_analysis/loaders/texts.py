"""A file's table as it was sent: texts by header and spreadsheet line, whatever the format."""

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

ERROR = "#ERROR"
"""A cell that holds an error of a formula, such as ``#REF!``."""

HEADER_ROWS = 20
"""A title may stand above the header, but not a page of text."""

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


def table_of(columns: Mapping[Any, pd.Categorical], lines: Lines | range) -> pd.DataFrame:
    """Put columns side by side, by line."""
    index = pd.RangeIndex(lines.start, lines.stop, name="line") if isinstance(lines, range) else pd.Index(lines)
    return pd.DataFrame(dict(columns), index=index.rename("line"), columns=list(columns), copy=False)


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


def has_decimals(cell: Any) -> bool:
    """Whether a cell is a number, and not a text, that has decimals."""
    return isinstance(cell, float) and not cell.is_integer()


def cell_text(cell: Any) -> str:
    """Write a cell as text without outer blanks; a number keeps no decimals it does not need: 13.0 is the typed 13."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat(sep=" ") if isinstance(cell, datetime.datetime) else str(cell).strip()
