"""Lists of records in JSON, as ActivityInfo's query API gives them: one record a row, nested ones with dotted names."""

import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.gathered import categories, table_of
from rmrp_analysis.loaders.header import ABOVE, AS_NUMBERS
from rmrp_analysis.loaders.workbook import cell_text, has_decimals

MOST_BYTES = 512 * 2**20
MOST_COLUMNS = 500
MOST_CELLS = 200_000_000
DEEPEST = 8
"""How many objects may lie within each other; forms of ActivityInfo refer to forms, two or three deep."""


def read_records(path: Path) -> tuple[pd.DataFrame, list[str], dict[Hashable, Any]]:
    """The records as text, indexed by their number from 1; no message; which cells are numbers with decimals.

    ``{"country": {"Admin1": "Lima"}}`` is the column ``country.Admin1``. Null is an empty cell, a list its contents
    with commas between them, a boolean ``TRUE`` or ``FALSE``. Raises ``InputRefused`` where the file is no list of
    records, or would fill the memory; ``ValueError`` where it is damaged or names a thing twice.
    """
    if path.stat().st_size > MOST_BYTES:
        raise InputRefused(
            f"{path}: {path.stat().st_size:,} bytes; up to {MOST_BYTES:,} are read: split the list, or save it as CSV"
        )
    records = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_no_number, object_pairs_hook=_once)
    if not isinstance(records, list):
        raise InputRefused(f"{path}: expected a list of records ([{{…}}, {{…}}]), as ActivityInfo's query API gives it")
    rows, names = [], dict[str, None]()
    for number, record in enumerate(records, start=1):
        if not isinstance(record, Mapping):
            raise InputRefused(f"{path}: record {number} is no record ({{…}}) with named fields")
        rows.append(_once(list(fields(record))))
        names.update(dict.fromkeys(rows[-1]))
        if len(names) > MOST_COLUMNS or len(names) * len(records) > MOST_CELLS:
            raise InputRefused(
                f"{path}: its first {number:,} records have {len(names):,} different fields, which is more than a form "
                "has"
            )
    texts = {name: categories([_text(row.get(name)) for row in rows]) for name in names}
    decimals = {
        name: tuple(line for line, row in enumerate(rows, start=1) if has_decimals(row.get(name))) for name in names
    }
    return table_of(texts, 1), [], {AS_NUMBERS: decimals, ABOVE: 0}


def fields(record: Mapping[str, Any], deepest: int = DEEPEST, within: str = "") -> Iterator[tuple[str, Any]]:
    """Each field of a record by its dotted name, those of the records within it, too."""
    if not deepest:
        raise ValueError(f"more than {DEEPEST} records lie within each other at {within[:100]}")
    for name, content in record.items():
        if isinstance(content, Mapping) and content:
            yield from fields(content, deepest - 1, f"{within}{name}.")
        else:
            yield f"{within}{name}".strip(), content


def _text(content: Any, deepest: int = DEEPEST) -> str:
    """A field as a cell of a CSV file would have it."""
    if not deepest:
        raise ValueError(f"more than {DEEPEST} lists lie within each other")
    if content is None or content == {}:
        return ""
    if isinstance(content, bool):
        return str(content).upper()
    if isinstance(content, Sequence) and not isinstance(content, str):
        return ", ".join(_text(part, deepest - 1) for part in content)
    return json.dumps(content, ensure_ascii=False) if isinstance(content, Mapping) else cell_text(content)


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Fields by name, none twice."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the field {next(name for name in names if names.count(name) > 1)[:100]!r} is there twice")
    return fields


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")
