"""The row of a table that names its columns."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path

import pandas as pd

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.tables import Table, source_columns
from rmrp_analysis.vocabulary import fold

ERROR = "#ERROR"
"""A cell that holds an error of a formula, such as ``#REF!``."""

SHEET = "sheet"
"""Key in ``DataFrame.attrs`` of the name of the sheet that was read."""

ABOVE = "above"
"""Key in ``DataFrame.attrs`` of the line that what is said of a whole file stands on, where that is not the first."""

AS_NUMBERS = "as_numbers"
"""Key in ``DataFrame.attrs`` of the lines, by column, whose cells the file itself holds as numbers with decimals."""

_SPANISH = re.compile(r"\b(de|del|la|en|mes|nombre|socio|nuevos|valor|sector(?=sp)|cantidad|retornados|pendulares)\b")
_NUMBERED = re.compile(r" \(\d+\)$")
MOST_NEAREST, NEAR = 5, 0.6
HEADER_ROWS = 20
"""A title may stand above the header, but not a page of text."""

Fit = Callable[[Sequence[str]], float]
"""How much of the header that is looked for a row of cells holds: 1 for all of it, 0 for nothing."""


def distinct(names: Iterable[object]) -> list[str]:
    """The names of columns, no two alike; one that is empty gets its column's number."""
    found = dict[str, None]()
    for number, header in enumerate(names, start=1):
        name = str(header).strip() or f"column {number}"
        while name in found:
            name = f"{name} ({number})"
        found[name] = None
    return list(found)


@lru_cache(maxsize=4096)
def header_key(header: str) -> str:
    """A header as it is compared: ``Value of Transfer (in USD)``, as typed or as R mangles it, is one key."""
    return " ".join(re.findall(r"[0-9a-z]+", fold(header)))


def header_fit(row: Sequence[str], model: type[Table]) -> float:
    """The share of the columns that a file of ``model`` must have which a row names."""
    keys = set(map(header_key, row))
    needed = [about["headers"] for about in source_columns(model).values() if not about["may_be_absent"]]
    return sum(not keys.isdisjoint(map(header_key, headers)) for headers in needed) / len(needed)


def matched_headers(
    cells: pd.DataFrame,
    model: type[Table],
    path: Path,
    *,
    not_reported: Collection[str] = (),
    expected: Collection[str] = (),
) -> dict[str, pd.Series]:
    """The file's column for each column of ``model``; one that may be absent and is, is left out.

    Where a file has several headers of a column, the one listed first is read, or the one that says more of the same:
    ``indicator`` refers to a record, and ``indicator.indicator_simplified`` is its text. ``not_reported`` are columns
    that the plan year's layout does not have; one of the ``expected`` may be absent, but not stand under another name.
    Raises ``InputRefused`` that names every column missing, in the file's language, and the header that may be meant;
    also where one header stands over columns that differ.
    """
    by_key = {header_key(header): header for header in reversed(list(map(str, cells.columns)))}
    found, missing = {}, []
    for name, about in source_columns(model).items():
        keys = [key for key in map(header_key, about["headers"]) if key in by_key]
        if keys:
            same = [key for key in keys if f"{key} ".startswith(f"{keys[0]} ")]
            found[name] = cells[by_key[max(same, key=len)]]
        elif not about["may_be_absent"] and name not in not_reported:
            missing.append(about["headers"][:-1] or about["headers"])
    taken = {str(column.name) for column in found.values()}
    free = [header for header in map(str, cells.columns) if header not in taken]
    missing += [
        about["headers"][:-1]
        for name, about in source_columns(model).items()
        if name in expected
        and name not in {*found, *not_reported}
        and any(_likeness(header, known) >= NEAR for header in free for known in about["headers"])
    ]
    for column in found.values():
        key = header_key(str(column.name))
        others = (header for header in map(str, cells.columns) if header != column.name)
        again = [header for header in others if header_key(_NUMBERED.sub("", header)) == key]
        if any(not cells[header].equals(column.rename(header)) for header in again):
            columns = f"{len(again) + 1} columns that differ"
            raise InputRefused(f"{path}: the header `{column.name}` stands over {columns}; keep the one to read")
    if missing:
        raise InputRefused(_columns_missing(cells, missing, [str(column.name) for column in found.values()], path))
    return found


def _columns_missing(cells: pd.DataFrame, missing: Sequence[Sequence[str]], found: Sequence[str], path: Path) -> str:
    """What columns a file lacks, and the headers of the file that come near."""
    spanish = sum(map(looks_spanish, found)) > len(found) / 2
    named = [next((name for name in names if looks_spanish(name) == spanish), names[0]) for names in missing]
    others = [header for header in map(str, cells.columns) if header not in found]
    near = [(_likeness(header, known), header, known) for header in others for headers in missing for known in headers]
    meant: dict[str, str] = {}
    for likeness, header, known in sorted(near, reverse=True):
        if likeness >= NEAR and header not in meant and known not in meant.values():
            meant[header] = known
    nearest = [header for _, header, _ in sorted(near, reverse=True) if header not in meant]
    sheet = f", sheet '{cells.attrs[SHEET]}'" if cells.attrs.get(SHEET) else ""
    word = "the column is missing" if len(missing) == 1 else "columns are missing"
    parts = [f"{path}{sheet}: {word}: {', '.join(f'`{name}`' for name in named)}"]
    parts += [f"`{header}`: did you mean `{known}`?" for header, known in meant.items()]
    if nearest and len(meant) < len(missing):
        parts.append(f"the nearest headers: {', '.join(list(dict.fromkeys(nearest))[:MOST_NEAREST])}")
    return "; ".join(parts)


def _likeness(header: str, known: str) -> float:
    """From 0 to 1; the order of the words does not matter."""
    one, other = (" ".join(sorted(header_key(text).split())) for text in (header, known))
    return SequenceMatcher(None, one, other).ratio()


def looks_spanish(header: str) -> bool:
    """Whether a header is written in Spanish, as far as its words show."""
    return not header.isascii() or bool(_SPANISH.search(header.lower()))
