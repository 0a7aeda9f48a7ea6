"""Contributions: what each part of a table gives to a figure, so that any total is a grouping of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal

import numpy as np
import pandas as pd

from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.metrics.cells import AMOUNT, DECIMALS, KEY, PART, ROWS, rest_of
from rmrp_analysis.metrics.keys import mixed
from rmrp_analysis.vocabulary import NOT_SPECIFIED

FIGURE = "figure"
"""By this key in ``attrs``, a table knows which figure its exact numbers are of."""

SHEET = "sheet"
IN_DOUBT = "in_doubt"
"""How much of an amount is in doubt; see ``figures.doubt``."""

NOTHING: Mapping[str, Any] = {AMOUNT: 0.0, KEY: np.uint64(0), IN_DOUBT: 0.0}
MEASURES, ROUND = [*NOTHING], {AMOUNT: DECIMALS}
Origin = Literal["activities", "planning", "funding"]


@dataclass(frozen=True, eq=False, repr=False)
class Contributions:
    """What each cell of a table gives to one figure of one sheet or of many.

    ``cells`` are what there is, a row each: ``sheet``, the columns of ``dimensions``, and ``rows`` (source rows behind
    it). ``amounts`` are what they give: the same columns, ``amount`` (NaN: not known), ``key`` (see ``keys``). People
    come in parts: the rows whose ``part`` is the figure's ``whole`` make it, and ``splits`` name dimensions that divide
    it; who is in no group of a split is ``not specified``. ``always`` lists by dimension what is always shown, in
    order: pairs of sheet and part. With ``distinct`` the figure counts the different names in that column, and its
    parts must not be added up. ``source_rows`` gives the rows behind the figure, each with its ``contribution`` (to
    ``part``, where there are parts). ``reason`` says why nothing is known; then there are no cells.
    """

    name: str
    unit: str
    cells: pd.DataFrame
    amounts: pd.DataFrame
    dimensions: Sequence[str]
    origin: Origin
    source_rows: Callable[[], pd.DataFrame] = pd.DataFrame
    whole: str = ""
    splits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    always: Mapping[str, pd.MultiIndex] = field(default_factory=dict)
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
        sums = self.sums(*dimensions)[[AMOUNT, KEY]].rename(columns={AMOUNT: "value"})
        texts = sums.index.to_frame(index=False).astype("str")
        return sums.set_axis(pd.MultiIndex.from_frame(texts) if len(dimensions) > 1 else pd.Index(texts.iloc[:, 0]))

    def sums(self, *dimensions: str) -> pd.DataFrame:
        """Give ``amount``, ``key`` and ``in_doubt`` by dimensions; the index holds the parts.

        ``sheet`` is a dimension, too. Raises as ``by`` does.
        """
        allowed = (*self.dimensions, *self.splits, SHEET)
        for dimension in dimensions:
            if dimension not in allowed:
                raise RequestError(f"{self.name} has no '{dimension}'; {did_you_mean(dimension, allowed[:-1])}")
        split = [dimension for dimension in dimensions if dimension in self.splits]
        if len(split) > 1:
            raise RequestError(f"{self.name} can be split by one of {', '.join(split)} at a time")
        plain = [dimension for dimension in dimensions if dimension not in split]
        if split:
            sums = self._split(plain, split[0])
            order = [(*plain, split[0]).index(dimension) for dimension in dimensions]
            sums = sums.reorder_levels(order) if plain else sums.droplevel(0)
            return sums.sort_index() if len(dimensions) > 1 and SHEET not in dimensions else sums
        if len(plain) == 1 and plain[0] in self.always:
            return self.sums(SHEET, *plain).droplevel(SHEET)
        sums = self._added(plain)
        if len(plain) != 2 or plain[0] != SHEET or plain[1] not in self.always:
            return sums
        sums = sums.set_axis(pd.MultiIndex.from_frame(sums.index.to_frame(index=False).astype("str")))
        always = self.always[plain[1]]
        others = sums.index[~sums.index.get_level_values(SHEET).isin(always.get_level_values(SHEET))]
        every = always.append(others) if len(others) else always
        known = {name: np.nan if name == AMOUNT else 0 for name in sums}
        return pd.DataFrame({name: sums[name].reindex(every, fill_value=fill) for name, fill in known.items()})

    @property
    def row_count(self) -> int:
        """How many source rows stand behind the figure."""
        return int(self.cells[ROWS].sum())

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

    def _added(self, by: Sequence[str]) -> pd.DataFrame:
        """Add up the amounts of each group of cells; one without amounts is 0."""
        amounts = self.amounts[self.amounts[PART] == self.whole] if self.whole else self.amounts
        if self.distinct:
            named = amounts[(amounts[AMOUNT] > 0) & (amounts[self.distinct] != "")]
            amounts = named.drop_duplicates([*by, self.distinct]).assign(**{AMOUNT: 1.0})
        return self._with_nothing(amounts, by).groupby([*by], observed=True)[MEASURES].sum(skipna=False).round(ROUND)

    def _split(self, plain: Sequence[str], split: str) -> pd.DataFrame:
        """Add up the groups of a split; what they leave of the whole is not specified."""
        by, groups, rest = [*plain] or [SHEET], list(self.splits[split]), rest_of(split)
        amounts = self.amounts[self.amounts[PART].isin([self.whole, *groups, rest])]
        every = self._with_nothing(amounts, by).fillna({PART: self.whole})
        sums = every.groupby([*by, PART], observed=True)[MEASURES].sum(skipna=False)
        parts = {}
        for name in MEASURES:
            wide = sums[name].unstack(PART, fill_value=0)
            wide = wide.set_axis(wide.columns.astype("str"), axis="columns")
            parts[name] = wide.reindex(columns=[self.whole, *groups, rest], fill_value=0)
        amount = parts[AMOUNT]
        parts[KEY] = parts[KEY].apply(lambda keys: mixed(keys, str(keys.name)))
        parts[AMOUNT] = amount.assign(**{rest: amount[self.whole] - amount[groups].sum(axis="columns", skipna=False)})
        parts[AMOUNT] = parts[AMOUNT].where(amount[self.whole].notna())  # of an unknown whole no group is known
        named = {group: group for group in groups} | {rest: NOT_SPECIFIED}
        long = {name: wide[list(named)].rename(columns=named).stack() for name, wide in parts.items()}
        return pd.DataFrame(long).round(ROUND).rename_axis([*by, split])

    def _with_nothing(self, amounts: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
        """The amounts, and nothing for each group of cells, so that one without amounts is 0 and not absent."""
        nothing = self.cells[[*by]].drop_duplicates().assign(**NOTHING)
        columns = [*by, *([PART] if PART in amounts else []), *MEASURES]
        return pd.concat([amounts.assign(**{IN_DOUBT: amounts.get(IN_DOUBT, 0.0)})[columns], nothing])

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
