"""Contributions: what each part of a table gives to a figure, so that any total is a grouping of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Literal

import pandas as pd

from rmrp_analysis.errors import RequestError, did_you_mean
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

    ``table`` has a row a cell (source rows alike in every dimension, added up once): the columns of ``dimensions``,
    ``amount`` (NaN where it is not known) and ``rows`` (source rows behind it). ``splits`` name the dimensions that
    divide a cell's own amount: each is a group of further amount columns, and what they leave is ``not specified``.
    ``parts`` lists the parts of a dimension that are always shown, in order. With ``distinct`` the figure counts the
    different names in that column, and its parts must not be added up. ``origin`` is the table of the plan that the
    rows come from; ``source_rows`` gives each of them with ``source_file``, ``source_line``, its dimensions and its
    ``contribution``.
    """

    name: str
    unit: str
    table: pd.DataFrame
    dimensions: tuple[str, ...]
    origin: Literal["activities", "planning", "funding"]
    source_rows: Callable[[], pd.DataFrame]
    splits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    distinct: str = ""

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
        if self.table.empty:
            return None
        total = self._added([])[AMOUNT].iloc[0]
        return None if pd.isna(total) else round(float(total), DECIMALS)

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
        allowed = (*self.dimensions, *self.splits)
        for dimension in dimensions:
            if dimension not in allowed:
                raise RequestError(f"{self.name} has no '{dimension}'; {did_you_mean(dimension, allowed)}")
        plain = [dimension for dimension in dimensions if dimension not in self.splits]
        split = [dimension for dimension in dimensions if dimension in self.splits]
        if len(split) > 1:
            raise RequestError(f"{self.name} can be split by one of {', '.join(split)} at a time")
        sums = self._added(plain)
        if split:
            groups = sums[list(self.splits[split[0]])].round(DECIMALS)
            rest = sums[AMOUNT].round(DECIMALS) - groups.sum(axis="columns", skipna=False)
            long = groups.assign(**{NOT_SPECIFIED: rest}).melt(var_name=split[0], value_name=AMOUNT, ignore_index=False)
            parts = long.set_index(split[0], append=bool(plain))[AMOUNT]
        else:
            parts = sums[AMOUNT]
        if len(dimensions) == 1 and dimensions[0] in self.parts:
            parts = parts.reindex(list(self.parts[dimensions[0]]))
        if len(dimensions) > 1:
            parts = parts.reorder_levels([parts.index.names.index(dimension) for dimension in dimensions]).sort_index()
        parts = parts.round(DECIMALS).rename(self.name)
        parts.attrs[FIGURE] = self.name
        return parts

    @property
    def row_count(self) -> int:
        """How many source rows stand behind the figure."""
        return int(self.table[ROWS].sum())

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

    def _added(self, by: Sequence[str]) -> pd.DataFrame:
        """The amounts of each part (of everything: one row); NaN where one of its cells is not known."""
        columns = [AMOUNT, *(column for group in self.splits.values() for column in group)]
        keys = [self.table[column] for column in by]
        if self.distinct:
            names = self.table[self.distinct]
            named = names.where((names != "") & (self.table[AMOUNT] > 0))
            counts = named.groupby(keys).nunique() if by else pd.Series([named.nunique()])
            return counts.astype("float64").to_frame(AMOUNT)
        if not by:
            return self.table[columns].sum(skipna=False).to_frame().T
        return self.table[columns].groupby(keys).sum(skipna=False)

    def __repr__(self) -> str:
        total = "not known" if self.total is None else f"{self.total:,.12g}"
        by = ", ".join((*self.dimensions, *self.splits))
        return f"{self.name}: {total} {self.unit}, from {self.row_count:,} rows; by {by}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>"

    def _ipython_key_completions_(self) -> list[str]:
        return [*self.dimensions, *self.splits]
