"""Contributions: what each part of a table gives to a figure, so that any total is a grouping of them."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal

import numpy as np
import pandas as pd

from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.metrics.sums import Cells, Numbers
from rmrp_analysis.vocabulary import NOT_SPECIFIED

AMOUNT = "amount"
FIGURE = "figure"
"""By this key in ``attrs``, a table knows which figure its exact numbers are of."""

ROWS = "rows"
DECIMALS = 6
"""Some partners report fractions of people; sums are rounded here so that the order of rows never shows."""


@dataclass(frozen=True, eq=False, repr=False)
class Contributions:
    """What each cell of a table gives to one figure, with its dimensions.

    ``cells`` are source rows alike in every dimension, added up once: the columns of ``dimensions``, ``amount`` (NaN
    where it is not known) and ``rows`` (source rows behind it). ``splits`` name the dimensions that divide a cell's own
    amount: each is a group of further amount columns, and what they leave is ``not specified``.
    ``parts`` lists the parts of a dimension that are always shown, in order. With ``distinct`` the figure counts the
    different names in that column, and its parts must not be added up. ``origin`` is the table of the plan that the
    rows come from; ``source_rows`` gives each of them with ``source_file``, ``source_line``, its dimensions and its
    ``contribution``. ``reason`` says why nothing is known of the figure; then there are no cells.
    """

    name: str
    unit: str
    cells: Cells
    dimensions: tuple[str, ...]
    origin: Literal["activities", "planning", "funding"]
    source_rows: Callable[[], pd.DataFrame]
    splits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    distinct: str = ""
    reason: str = ""

    @property
    def table(self) -> pd.DataFrame:
        """The cells as a table: their dimensions, amounts and source rows."""
        return self.cells.table

    @property
    def total(self) -> float | None:
        """The figure; None when there is nothing to add up, or a part of it is not known.

        >>> from rmrp_analysis import bundled_plan, load_plan
        >>> plan = load_plan(bundled_plan())
        >>> plan.select("Human Trafficking & Smuggling").people_reached().total
        4910.0
        >>> plan.select("Common Services").people_reached().total
        0.0
        """
        if not len(self.cells):
            return None
        total = float(self._added([])[1][AMOUNT][0])
        return None if math.isnan(total) else round(total, DECIMALS)

    def by(self, *dimensions: str) -> pd.Series:
        """The figure by one dimension or several: a Series whose index holds the parts.

        Parts with rows but without people are 0; NaN means that nothing was reported, or that it is not known.
        Raises ``RequestError`` for a dimension that the figure does not have.

        >>> from rmrp_analysis import bundled_plan, load_plan
        >>> reached = load_plan(bundled_plan()).select("Human Trafficking & Smuggling").people_reached()
        >>> reached.by("organisation_type").to_dict()
        {'Faith Based Organizations': 1074.0, 'INGO': 2700.0, 'UN': 1136.0}
        >>> int(reached.by("platform", "age_gender")["Peru", "women"])
        2553
        """
        parts = self.parts_by(*dimensions)
        if len(dimensions) == 1:
            index = pd.Index(list(parts), dtype="str", name=dimensions[0])
        else:
            index = pd.MultiIndex.from_tuples(list(parts), names=dimensions)
        series = pd.Series(list(parts.values()), index=index, dtype="float64", name=self.name)
        series.attrs[FIGURE] = self.name
        return series

    def parts_by(self, *dimensions: str) -> dict[Any, float]:
        """As ``by``, as a dictionary: the key is the part, or a tuple of parts where there are several dimensions."""
        allowed = (*self.dimensions, *self.splits)
        for dimension in dimensions:
            if dimension not in allowed:
                raise RequestError(f"{self.name} has no '{dimension}'; {did_you_mean(dimension, allowed)}")
        split = [dimension for dimension in dimensions if dimension in self.splits]
        if len(split) > 1:
            raise RequestError(f"{self.name} can be split by one of {', '.join(split)} at a time")
        keys, sums = self._added([dimension for dimension in dimensions if dimension not in split], *split)
        total = np.round(sums[AMOUNT], DECIMALS)
        if split:
            place, names = dimensions.index(split[0]), self.splits[split[0]]
            groups = np.round([sums[name] for name in names], DECIMALS)
            rest = np.round(total - groups.sum(axis=0), DECIMALS)
            by_group = list(zip((*names, NOT_SPECIFIED), (*groups.tolist(), rest.tolist()), strict=True))
            found = {
                (*key[:place], name, *key[place:]): amounts[number]
                for number, key in enumerate(keys)
                for name, amounts in by_group
            }
        else:
            found = dict(zip(keys, total.tolist(), strict=True))
        if len(dimensions) > 1:
            return dict(sorted(found.items()))
        parts = {part: amount for (part,), amount in found.items()}
        always = self.parts.get(dimensions[0])
        return {part: parts.get(part, math.nan) for part in always} if always else parts

    @property
    def row_count(self) -> int:
        """How many source rows stand behind the figure."""
        return int(self.cells.numbers(ROWS).sum())

    @property
    def rows(self) -> pd.DataFrame:
        """The source rows behind the figure, each with its ``file``, ``line`` and ``contribution``.

        >>> from rmrp_analysis import bundled_plan, load_plan
        >>> reached = load_plan(bundled_plan()).select("Human Trafficking & Smuggling").people_reached()
        >>> reached.rows[["file", "line", "contribution"]].head(2)
                           file  line  contribution
        681   activities.csv.gz   683           2.0
        1005  activities.csv.gz  1007           1.0
        """
        return self.source_rows().rename(columns={"source_file": "file", "source_line": "line"})

    def _added(self, by: Sequence[str], split: str = "") -> tuple[list[tuple[str, ...]], dict[str, Numbers]]:
        """The groups of cells, in order (of everything: one), and what each of them has; NaN where a cell has it.

        That is ``amount`` and, with a ``split``, its columns.
        """
        cells = self.cells
        numbers, groups = cells.groups(by)
        if self.distinct:
            codes, names, _ = cells.coded(self.distinct)
            named = (cells.numbers(AMOUNT) > 0) & ~cells.has(self.distinct, ("",))
            different = np.unique(numbers[named] * max(len(names), 1) + codes[named]) // max(len(names), 1)
            return groups, {AMOUNT: np.bincount(different, minlength=len(groups)).astype("float64")}
        columns = (AMOUNT, *self.splits.get(split, ()))
        return groups, {column: cells.sums(column, numbers, len(groups)) for column in columns}

    def __repr__(self) -> str:
        if self.reason:
            return f"{self.name}: not known; {self.reason}"
        total = "not known" if self.total is None else f"{self.total:,.12g}"
        by = ", ".join((*self.dimensions, *self.splits))
        return f"{self.name}: {total} {self.unit}, from {self.row_count:,} rows; by {by}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>"

    def _ipython_key_completions_(self) -> list[str]:
        return [*self.dimensions, *self.splits]
