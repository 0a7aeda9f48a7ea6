"""Files of very many reports: they are added up as they are read, so that memory does not grow with them."""

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from itertools import chain, islice

import pandas as pd

from rmrp_analysis.loaders.table import Loaded, merge
from rmrp_analysis.tables import Activities
from rmrp_analysis.vocabulary import PlanYear

ROWS = "rows"
NUMBERS = [name for name, column in Activities.columns.items() if column.kind == "number"]
OF_ONE_REPORT = [name for name, column in Activities.columns.items() if column.of_one_report]
COUNTED_BY = [name for name in Activities.source_columns if name not in (*NUMBERS, *OF_ONE_REPORT)]


def whole(parts: Iterator[Loaded], year: PlanYear) -> Loaded:
    """Put the parts of a file together; ``rows`` says how many reports each row of the table stands for.

    It is one, but of a file of several parts: there reports alike in all they are counted by are one row, with the line
    of the first. Plan years that derive new beneficiaries from the groups of each report keep every report.
    """
    counted = (replace(part, table=part.table.assign(**{ROWS: 1})) for part in parts)
    beginning = list(islice(counted, 2))
    if len(beginning) == 1 or year.derives_new:
        return merge([*beginning, *counted])
    (file,) = beginning[0].table["source_file"].cat.categories
    added = reduce(lambda before, part: added_up(merge([before, part])), chain(beginning, counted))
    return replace(added, records={file: int(added.table[ROWS].sum())})


def added_up(loaded: Loaded) -> Loaded:
    """Make reports that are alike in everything they are counted by one row, with the sums of their numbers."""
    alike = loaded.table.groupby(COUNTED_BY, observed=True, sort=False, dropna=False)
    sums = alike[NUMBERS].sum(min_count=1)
    first = alike[["source_file", "source_line"]].first()
    table = sums.assign(**first, **{ROWS: alike[ROWS].sum()}).reset_index()
    nothing = pd.Series("", table.index, dtype="category")
    return replace(loaded, table=table.assign(**dict.fromkeys(OF_ONE_REPORT, nothing))[list(loaded.table)])
