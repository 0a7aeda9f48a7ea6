"""Files of very many reports: they are added up as they are read, so that memory does not grow with them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

import pandas as pd

from rmrp_analysis.loaders.table import Loaded, merge
from rmrp_analysis.tables import Activities
from rmrp_analysis.vocabulary import PlanYear

ROWS = "rows"
"""How many reports a row of activities stands for; the column is there where a file was added up."""

NOT_COUNTED_BY = ("admin2", "activity_name", "activity_description", "record_id", "platform_as_reported", "source_file")
"""Texts that no figure is counted by: a row of several reports has none of them, but the file."""

COUNTED_BY = [
    name
    for name, column in Activities.columns.items()
    if column.kind not in ("number", "whole number") and name not in NOT_COUNTED_BY
]


def whole(parts: Iterator[Loaded], year: PlanYear) -> Loaded:
    """Put the parts of a file together; where there are several, reports alike in all they are counted by are one row.

    A row of several reports has the line of the first. Plan years that derive new beneficiaries from the groups of each
    report keep every report.
    """
    first = next(parts)
    second = next(parts, None)
    if second is None or year.derives_new:
        return merge([first, *([second] if second else []), *parts])
    (file,) = first.table["source_file"].cat.categories
    records, added = 0, list[Loaded]()
    for part in chain([first, second], parts):
        records += len(part.table)
        added = [added_up(merge([*added, replace(part, table=part.table.assign(**{ROWS: 1}))]))]
    return replace(added[0], records={file: records})


def counted_alike(files: Sequence[Loaded]) -> list[Loaded]:
    """Files of which each says how many reports a row stands for, where one does."""
    if not any(ROWS in file.table for file in files):
        return list(files)
    return [replace(file, table=file.table.assign(**{ROWS: file.table.get(ROWS, 1)})) for file in files]


def added_up(loaded: Loaded) -> Loaded:
    """Make reports that are alike in everything they are counted by one row, with the sums of their numbers."""
    alike = loaded.table.groupby(COUNTED_BY, observed=True, sort=False, dropna=False)
    numbers = [name for name, column in Activities.columns.items() if column.kind == "number"]
    sums = alike[numbers].sum(min_count=1)
    first = alike[["source_file", "source_line"]].first()
    table = sums.assign(**first, **{ROWS: alike[ROWS].sum()}).reset_index()
    nothing = pd.Series("", table.index, dtype="category")
    others = {name: nothing for name in NOT_COUNTED_BY if name in loaded.table and name != "source_file"}
    return replace(loaded, table=table.assign(**others)[list(loaded.table)])
