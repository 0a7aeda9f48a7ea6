"""Contributions: what each part of a table gives to a figure, so that any total is a grouping of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Any, Literal

import numpy as np
import pandas as pd

from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.metrics.cells import AMOUNT, DECIMALS, KEY, PART, ROWS, ROWS_NOT_KNOWN, rest_of
from rmrp_analysis.metrics.keys import mixed
from rmrp_analysis.vocabulary import NOT_SPECIFIED

FIGURE = "figure"
"""By this key in ``attrs``, a table knows which figure its exact numbers are of."""

SHEET = "sheet"
IN_DOUBT = "in_doubt"
"""How much of an amount is in doubt; see ``figures.doubt``."""

EMPTY_SUMS: Mapping[str, Any] = {AMOUNT: np.nan, KEY: np.uint64(0), IN_DOUBT: 0.0, ROWS: 0, ROWS_NOT_KNOWN: 0}
"""What is added up of a figure, and what there is of it where nothing is told."""

Origin = Literal["activities", "planning", "funding"]


@dataclass(frozen=True, eq=False, repr=False)
class Contributions:
    """What each row of a table gives to one figure of one sheet or of many.

    ``entries`` have a row each: ``sheet``, the columns of ``dimensions``, ``amount`` (NaN: not known), and what else of
    ``EMPTY_SUMS`` names: ``key`` (see ``keys``), the source ``rows`` behind it. People come in parts: the
    entries whose ``part`` is the figure's ``whole`` make it, and ``splits`` name dimensions that divide it; who is in
    no group of a split is ``not specified``. ``always`` lists by dimension the parts that a single sheet always shows,
    in order. With ``distinct`` the figure counts the different names in that column, and its parts must not be added
    up. ``source_rows`` gives the rows behind the figure, each with its ``contribution`` (to ``part``, where there are
    parts). ``reason`` says why nothing is known; then there are no entries.
    """

    name: str
    unit: str
    entries: pd.DataFrame
    dimensions: Sequence[str]
    origin: Origin
    source_rows: Callable[[], pd.DataFrame] = pd.DataFrame
    whole: str = ""
    splits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    always: Mapping[str, Sequence[str]] = field(default_factory=dict)
    distinct: str = ""
    reason: str = ""

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
        sums = self.sums(SHEET)
        return None if sums[AMOUNT].isna().all() else float(sums[AMOUNT].iloc[0])

    def by(self, *dimensions: str) -> pd.Series:
        """Give the figure by one dimension or several: a Series whose index holds the parts.

        Parts with rows but without people are 0; NaN means that nothing was reported, or that it is not known.
        Raises ``RequestError`` for a dimension that the figure does not have.

        >>> from rmrp_analysis import bundled_plan, load_plan
        >>> reached = load_plan(bundled_plan()).select("Human Trafficking & Smuggling").people_reached()
        >>> reached.by("organisation_type").to_dict()
        {'Faith Based Organizations': 1074.0, 'INGO': 2700.0, 'UN': 1136.0}
        >>> int(reached.by("platform", "age_gender")["Peru", "women"])
        2553
        """
        amounts = self.parts(*dimensions)["value"].rename(self.name)
        amounts.attrs[FIGURE] = self.name
        return amounts

    def parts(self, *dimensions: str) -> pd.DataFrame:
        """Give the figure as ``by`` does (``value``), with the ``key`` by which each part is rounded."""
        sums = self.sums(*dimensions)
        parts = sums[[AMOUNT, KEY]].rename(columns={AMOUNT: "value"})
        texts = parts.index.to_frame(index=False).astype("str")
        parts = parts.set_axis(pd.MultiIndex.from_frame(texts) if len(dimensions) > 1 else pd.Index(texts.iloc[:, 0]))
        if len(dimensions) > 1 or dimensions[0] not in self.always:
            return parts
        every = pd.Index(self.always[dimensions[0]], name=dimensions[0])
        keys = parts[KEY].reindex(every, fill_value=np.uint64(0))  # apart, since keys do not survive as floats
        return parts[["value"]].reindex(every).assign(**{KEY: keys})

    def sums(self, *dimensions: str) -> pd.DataFrame:
        """Add up by dimensions, of which ``sheet`` is one: the columns of ``EMPTY_SUMS`` by parts. Raises as ``by``."""
        allowed = (*self.dimensions, *self.splits, SHEET)
        for dimension in dimensions:
            if dimension not in allowed:
                raise RequestError(f"{self.name} has no '{dimension}'; {did_you_mean(dimension, allowed[:-1])}")
        split = [dimension for dimension in dimensions if dimension in self.splits]
        if len(split) > 1:
            raise RequestError(f"{self.name} can be split by one of {', '.join(split)} at a time")
        plain = [dimension for dimension in dimensions if dimension not in split]
        if split:
            sums = self._split(plain or [SHEET], split[0])
            sums = sums.reorder_levels(list(dimensions)) if plain else sums.droplevel(0)
            return sums.sort_index() if len(dimensions) > 1 and SHEET not in dimensions else sums
        entries = self._whole
        if self.distinct:
            named = entries[(entries[AMOUNT] > 0) & (entries[self.distinct] != "")]
            first = named.drop_duplicates([*plain, self.distinct]).index
            entries = entries.assign(**{AMOUNT: entries.index.isin(first).astype("float64")})
        return self._sums(entries, plain).round({AMOUNT: DECIMALS})

    @property
    def row_count(self) -> int:
        """How many source rows stand behind the figure."""
        return int(self._whole[ROWS].sum())

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
        rows = self.source_rows()
        rows = rows[rows[PART] == self.whole].drop(columns=PART) if self.whole else rows
        return rows.rename(columns={"source_file": "file", "source_line": "line"}).rename_axis(None)

    @cached_property
    def _whole(self) -> pd.DataFrame:
        return self.entries[self.entries[PART] == self.whole] if self.whole else self.entries

    def _sums(self, entries: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
        sums = entries.groupby([*by], observed=True)[[name for name in EMPTY_SUMS if name in entries]].sum(skipna=False)
        return with_empty_sums(sums)

    def _split(self, by: Sequence[str], split: str) -> pd.DataFrame:
        """Add up the groups of a split; what they leave of the whole is not specified."""
        groups, rest = list(self.splits[split]), rest_of(split)
        sums = self._sums(self.entries[self.entries[PART].isin([self.whole, *groups, rest])], [*by, PART])
        wide = {name: sums[name].unstack(PART, fill_value=0) for name in sums}
        every = [self.whole, *groups, rest]
        parts = {
            name: of.set_axis(of.columns.astype("str"), axis="columns").reindex(columns=every, fill_value=0)
            for name, of in wide.items()
        }
        amount = parts[AMOUNT]
        parts[KEY] = parts[KEY].apply(lambda keys: mixed(keys, str(keys.name)))
        parts[AMOUNT] = amount.assign(**{rest: amount[self.whole] - amount[groups].sum(axis="columns", skipna=False)})
        parts[AMOUNT] = parts[AMOUNT].where(amount[self.whole].notna())  # of an unknown whole no group is known
        named = {group: group for group in groups} | {rest: NOT_SPECIFIED}
        long = {name: of[list(named)].rename(columns=named).stack() for name, of in parts.items()}
        return pd.DataFrame(long).round({AMOUNT: DECIMALS}).rename_axis([*by, split])

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


def with_empty_sums(sums: pd.DataFrame) -> pd.DataFrame:
    """Give sums with every column of ``EMPTY_SUMS``."""
    return sums.assign(**{name: empty for name, empty in EMPTY_SUMS.items() if name not in sums})
