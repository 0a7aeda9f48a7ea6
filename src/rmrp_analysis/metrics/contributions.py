"""Contributions: the amounts that the rows of a table give to a figure. Any total is a grouping."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from rmrp_analysis.arguments import Period, names_in
from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.exact import COUNTED_COLUMNS_ATTR, EXACT, ExactDtype, note
from rmrp_analysis.method import DEFAULT_BASE_KEY, Method
from rmrp_analysis.metrics.dataset import BOUND_COLUMNS, SUM_DECIMALS, UNGROUPED_PART_BY_SPLIT, mix_keys
from rmrp_analysis.packs.pack import PACK_ATTRS_KEY, folder, use
from rmrp_analysis.vocabulary import NOT_SPECIFIED, fold, plan_lists

FIGURE_ATTR = "figure"
"""The key in ``attrs`` under which a table holds the name of the figure of its exact numbers."""

EMPTY_SUM_BY_COLUMN: Mapping[str, Any] = {
    "amount": np.nan,
    "key": np.uint64(0),
    **dict.fromkeys(("low", "high"), np.nan),
    **dict.fromkeys(("low_key", "high_key"), np.uint64(0)),
    **dict.fromkeys(("in_doubt", "assisted", "assisted_not_counted", "people_left_out"), 0.0),
    "assisted_key": np.uint64(0),
    "doubt_key": np.uint64(0),
    "rows": 0,
    "rows_not_known": 0,
    "base": 0,
}
"""The columns of entries that are added up, with their values if nothing is reported.

For people reached: how few (``low``) and how many people (``high``) the number stands for, with their rounding keys
(``low_key``, ``high_key``; see ``ledger.row_bounds``). People ``in_doubt`` (see ``figures.doubt``) with their rounding
key (``doubt_key``), people ``assisted``, people assisted in reports that are not counted
(``assisted_not_counted``) with their rounding key (``assisted_key``), and people whom no row can count
(``people_left_out``). See ``ledger.reports``. ``base`` (see ``add_base``) is not added up: the largest counts.
"""
DECIMALS_BY_COLUMN = dict.fromkeys(
    ("amount", "low", "high", "in_doubt", "assisted", "assisted_not_counted", "people_left_out"), SUM_DECIMALS
)
"""Decimals to which sums are rounded. Without rounding, the order of rows would show."""
UNCOUNTED_COLUMNS = ("assisted_not_counted", "assisted_key")
"""Sums of people in reports that are not counted, and of their rounding keys."""
MAX_LEFT_OUT_SHARE = 0.5
"""A number of people is not known if more than this share of the people is left out."""

Origin = Literal["activities", "planning", "funding"]


@dataclass(frozen=True, eq=False, repr=False)
class Contributions:
    """The amounts that the rows of a table give to one figure, on one sheet or on many.

    A grouping of a DataFrame is not enough: a split leaves people who are in no group, organisations count once in each
    part, and a number that is not known is NaN rather than 0.

    Attributes:
        name: The figure.
        unit: ``people``, ``usd`` or ``count``.
        entries: The amount of each row. Columns: ``sheet``, the ``dimensions``, ``amount`` (NaN: not known), and other
            columns of ``EMPTY_SUM_BY_COLUMN``, such as the number of source ``rows``.
        dimensions: The columns of entries by which the figure can be grouped.
        origin: The table of the rows: ``activities``, ``planning`` or ``funding``.
        whole: People come in parts. The entries with this ``part`` make the figure.
        splits: More dimensions, which divide people into groups. People in no group are ``not specified``.
        always: By dimension, the parts that a single sheet always shows, in order.
        distinct: The column of names, if different names are counted. Such parts must not be added up.
        reason: Why nothing is known: there are no entries, or no amount is known.
        differing_keys: A row for each of several sheets, with the columns in which they differ (sector, place,
            organisation). The figure is never added up over these.
        pack: The folder of the plan pack.
        group_of: For one group of a split, the figure of everybody and the split. None for everybody.

    >>> reached.unit, [*reached.splits]
    ('people', ['population_group', 'age_gender'])
    """

    name: str
    unit: str
    entries: pd.DataFrame
    dimensions: Sequence[str]
    origin: Origin
    whole: str = ""
    splits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    always: Mapping[str, Sequence[str]] = field(default_factory=dict)
    distinct: str = ""
    reason: str = ""
    differing_keys: pd.DataFrame = field(default_factory=pd.DataFrame)
    pack: Path = field(default_factory=folder)
    group_of: "tuple[Contributions, str] | None" = None

    @property
    def counts_people(self) -> bool:
        """Whether the figure counts people reached. A public page rounds their numbers."""
        return self.unit == "people" and self.origin == "activities"

    @property
    def total(self) -> float:
        """The figure. NaN if there is nothing to add up, or if one part is not known.

        Raises ``RequestError`` if several sectors, places or organisations were selected: they must not be added up.

        >>> plan.select("Human Trafficking & Smuggling").people_reached().total
        4910.0
        >>> plan.select("Common Services").people_reached().total
        0.0
        """
        if not self.differing_keys.empty:
            names = ", ".join(map(str, self.differing_keys))
            raise RequestError(f"{self.name} is told by {names} here, which must not be added up: take .by()")
        sums = self.sums("sheet")
        return float(sums["amount"].iloc[0]) if len(sums) else np.nan

    def by(self, *dimensions: str | Iterable[str]) -> pd.Series:
        """Give the figure by one dimension or several, as a Series with the parts as index.

        Args:
            *dimensions: Names of ``dimensions`` and ``splits``, with one split at most. Sectors, places and
                organisations that were selected together always come first. They stand alone if no dimension is named.

        Returns:
            The figure in its ``unit``. Counts of people have the type ``exact``. Parts with rows but without people are
            0. NaN means that nothing was reported, or that it is not known. ``attrs`` holds ``figure``, ``unit``,
            ``reason`` (why nothing is known) and ``pack``, the folder of the plan pack.

        Raises:
            RequestError: The figure does not have such a dimension, a single sheet is given no dimension, or two splits
                are named.

        >>> trafficking = plan.select("Human Trafficking & Smuggling").people_reached()
        >>> trafficking.by("organisation_type").to_dict()
        {'Faith Based Organizations': 1074.0, 'INGO': 2700.0, 'UN': 1136.0}
        >>> int(trafficking.by(["platform", "age_gender"])["Peru", "women"])
        2553
        >>> several = plan.select(["Health", "WASH"], place="Peru", period="2021Q1")
        >>> several.people_reached().by().to_dict()
        {'Health': 66718.0, 'WASH': 21636.0}
        """
        names = [name for dimension in dimensions for name in names_in(dimension, "dimension")]
        amounts = self.parts(*names)["value"].rename(self.name)
        if self.counts_people and not self.reason:
            amounts = amounts.astype(ExactDtype())
        amounts.attrs |= {
            FIGURE_ATTR: self.name,
            "unit": self.unit,
            "reason": self.reason,
            PACK_ATTRS_KEY: str(self.pack),
        }
        return amounts

    def where(self, **parts: str | Iterable[str]) -> "Contributions":
        """Keep only these parts of dimensions: ``where(admin1="Tumbes", month="2021Q1")``.

        Args:
            **parts: By dimension, one name or several in any spelling. Only one name for groups of people. ``month``
                takes a period, or two months as its ends. Months without entries are no error.

        Raises:
            RequestError: The figure does not have such a dimension, or such a part.

        >>> reached.where(admin1="tumbes", month="2021Q1").by("month").to_dict()
        {'2021-01': 629.0, '2021-02': 3855.0, '2021-03': 5904.0}
        """
        narrowed = self
        for dimension, categories in parts.items():
            narrowed = narrowed._where(dimension, categories)
        return narrowed

    def _where(self, dimension: str, categories: Any) -> "Contributions":
        """Keep these categories of one dimension, or one group of a split. Raises as ``where``."""
        if dimension not in (*self.dimensions, *self.splits):
            raise self._unknown_dimension(dimension)
        if dimension in self.splits:
            groups = self._find_categories(dimension, categories, self.splits[dimension])
            if len(groups) > 1:
                raise RequestError(f"{self.name}: name one {dimension}, or take .by('{dimension}')")
            nobody = dict.fromkeys(["key", *set(BOUND_COLUMNS).intersection(self.entries)], np.uint64(0))
            empty = self._whole.assign(part=groups[0], amount=self._whole["amount"] * 0, **nobody)
            entries = pd.concat([self.entries[self.entries["part"] == groups[0]], empty], ignore_index=True)
            return replace(self, whole=groups[0], splits={}, entries=entries, group_of=(self, dimension))
        reported = [str(name) for name in self.entries[dimension].unique()]
        names = self._find_categories(dimension, categories, [*reported, *self.always.get(dimension, ())])

        everybody, split = self.group_of or (None, "")
        return replace(
            self,
            entries=self.entries[self.entries[dimension].isin(names)],
            always={**self.always, dimension: names} if dimension in self.always else self.always,
            group_of=(everybody._where(dimension, categories), split) if everybody else None,
        )

    def _find_categories(self, dimension: str, categories: Any, allowed: Sequence[str]) -> list[str]:
        """Return the ``allowed`` parts of a dimension with these names, in any spelling, or the months of the period.

        Raises ``RequestError`` for another name.
        """
        if dimension == "month":
            months = Period.parse(categories).months
            return [month for month in months if month in allowed]
        names, matches = {fold(name): name for name in allowed}, []
        with use(self.pack):
            spellings = plan_lists().spellings_by_kind.get(dimension, {})
        for text in names_in(categories, dimension):
            name = spellings.get(fold(text), text)
            if fold(name) not in names:
                raise RequestError(f"{self.name} holds no {dimension} '{text}'; {did_you_mean(text, allowed)}")
            matches.append(names[fold(name)])
        return matches

    def to_excel(self, path: Path | str, *dimensions: str | Iterable[str]) -> Path:
        """Write the figure by these dimensions as a workbook, and return its path. The numbers are exact.

        Without a dimension, the workbook holds the rows behind the figure, or for several sheets the figure by sheet.

        Args:
            path: The file, which ends in ``.xlsx``. An existing file is replaced.
            *dimensions: As in ``by``.

        >>> reached.to_excel("health.xlsx", "admin1", "month").name
        'health.xlsx'
        """
        has_parts = bool(dimensions) or not self.differing_keys.empty
        table = self.by(*dimensions).to_frame().reset_index() if has_parts else self.rows
        table.to_excel(path, index=False, freeze_panes=(1, 0))
        return Path(path)

    def parts(self, *dimensions: str) -> pd.DataFrame:
        """Give the figure as ``by`` does (``value``), with the ``key`` and the ``base`` by which each part is rounded.

        ``low`` and ``high`` say how few and how many people each part stands for, with rounding keys of their own.
        ``assisted`` are people assisted in reports that are not counted, ``assisted_key`` is their rounding key. If
        ``always`` names parts for the only dimension of a single sheet, the result has exactly these parts. Raises as
        ``by``.
        """
        if not dimensions and self.differing_keys.empty:
            raise RequestError(f"name a dimension: {', '.join((*self.dimensions, *self.splits))}")
        keys = [str(name) for name in self.differing_keys]
        sums = self.sums(*["sheet"][: len(keys)], *(name for name in dimensions if name not in keys))
        texts = sums.index.to_frame(index=False).astype("str")
        if keys:
            texts = texts.join(self.differing_keys, on="sheet")
            texts = texts[[*(name for name in keys if name not in dimensions), *dimensions]]
        has_levels = texts.shape[1] > 1
        names = {"amount": "value", "assisted_not_counted": "assisted"}
        columns = ["amount", "key", *BOUND_COLUMNS, "assisted_not_counted", "assisted_key", "base"]
        table = sums[columns].rename(columns=names)
        table = table.set_axis(pd.MultiIndex.from_frame(texts) if has_levels else pd.Index(texts.iloc[:, 0]))
        if keys or has_levels or dimensions[0] not in self.always:
            return table.sort_index() if keys and has_levels and dimensions else table
        always = pd.Index(self.always[dimensions[0]], name=dimensions[0])
        # One column at a time: keys do not survive as floats
        empty = {name: EMPTY_SUM_BY_COLUMN.get(str(name), np.nan) for name in table} | {"assisted": 0.0}
        parts = {name: table[name].reindex(always, fill_value=nothing) for name, nothing in empty.items()}
        return pd.DataFrame(parts)

    def _unknown_dimension(self, dimension: str) -> RequestError:
        """Return the error for a dimension that the figure does not have, with a suggestion."""
        advice = did_you_mean(dimension, (*self.dimensions, *self.splits))
        return RequestError(f"{self.name} has no '{dimension}'; {advice}")

    def sums(self, *dimensions: str) -> pd.DataFrame:
        """Add up the columns of ``EMPTY_SUM_BY_COLUMN`` by dimensions (index). One may be ``sheet``.

        With ``distinct``, each name counts once in each part. Raises as ``by``.
        """
        for dimension in dimensions:
            if dimension not in ("sheet", *self.dimensions, *self.splits):
                raise self._unknown_dimension(dimension)
        if self.group_of:
            everybody, split = self.group_of
            return pd.DataFrame(everybody.sums(*dimensions, split).xs(self.whole, level=split))
        splits = [dimension for dimension in dimensions if dimension in self.splits]
        if len(splits) > 1:
            raise RequestError(f"{self.name} can be split by one of {', '.join(splits)} at a time")
        keys = [dimension for dimension in dimensions if dimension not in splits]
        if splits:
            sums = self._split(keys or ["sheet"], splits[0])
            sums = sums.reorder_levels(list(dimensions)) if keys else sums.droplevel(0)
            return sums if "sheet" in dimensions else sums.sort_index()
        entries = self._whole
        if self.distinct:
            filled = entries[(entries["amount"] > 0) & (entries[self.distinct] != "")]
            firsts = filled.drop_duplicates([*keys, self.distinct]).index
            entries = entries.assign(amount=entries.index.isin(firsts).astype("float64"))
        return order_bounds(sum_entries(entries, keys).round(DECIMALS_BY_COLUMN))

    @property
    def rows(self) -> pd.DataFrame:
        """The source rows behind the figure, each with its ``file``, ``line`` and ``contribution``.

        Contributions are in the figure's unit, and add up to the figure on each sheet. ``dimensions`` are columns, too.
        The index is the index of ``Plan.activities``, or a running number for money and plans. ``attrs`` say whether
        contributions count people.

        >>> trafficking = plan.select("Human Trafficking & Smuggling").people_reached()
        >>> trafficking.rows[["file", "line", "contribution"]].head(2)
                           file  line  contribution
        681   activities.csv.gz   683           2.0
        1005  activities.csv.gz  1007           1.0
        """
        rows = self.rows_of_parts()
        rows = rows[rows["part"] == self.whole].drop(columns="part") if self.whole else rows
        if self.distinct:
            rows = rows.assign(contribution=_first(rows, "sheet", self.distinct))
        rows = rows.rename(columns={"source_file": "file", "source_line": "line"}).rename_axis(None)
        rows.attrs[COUNTED_COLUMNS_ATTR] = ("contribution",) if self.counts_people else ()
        return rows

    def rows_by(self, dimension: str) -> pd.DataFrame:
        """Give the source rows by ``part``. A row is repeated for each part to which it contributes.

        In a split, people in no group are *not specified*, and rows that contribute 0 are left out.

        >>> by_age = reached.rows_by("age_gender")
        >>> float(by_age.loc[by_age["part"] == "girls", "contribution"].sum())
        25461.0
        """
        if dimension not in self.splits:
            rows = self.rows.assign(part=lambda rows: rows[dimension].astype("str"))
            return rows.assign(contribution=_first(rows, "sheet", "part", self.distinct)) if self.distinct else rows
        rows = self.rows_of_parts().rename(columns={"source_file": "file", "source_line": "line"})
        totals = rows[rows["part"] == self.whole]
        groups = rows[rows["part"].isin(self.splits[dimension])]
        sums = groups.set_index("sheet", append=True).groupby(level=[0, 1], observed=True)["contribution"].sum()
        index = totals.set_index("sheet", append=True).index
        remaining = totals["contribution"] - sums.reindex(index, fill_value=0.0).to_numpy()
        all_rows = pd.concat([groups, totals.assign(part=NOT_SPECIFIED, contribution=remaining.round(SUM_DECIMALS))])
        return all_rows[all_rows["contribution"] != 0]

    def rows_of_parts(self) -> pd.DataFrame:
        """Give the source rows, each with its ``contribution``. Rows of people are repeated for every part.

        Rows of activities have their label as index. An activity without reports (``rows`` is 0) is left out.
        """
        if "row" not in self.entries:
            return self.entries.assign(contribution=self.entries["amount"])
        keys = ["sheet", "row", *["part"][: len(self.whole)]]
        counts = self.entries.groupby(keys[:2], observed=True)["rows"].transform("sum")
        entries = self.entries[counts > 0]
        sums = entries.groupby(keys, observed=True)["amount"].sum(skipna=False).rename("contribution").reset_index()
        facts = entries.drop_duplicates(keys[:2]).drop(columns=["part", "amount", "key"], errors="ignore")
        return sums.merge(facts, on=keys[:2]).set_index("row").sort_index(kind="stable")

    @cached_property
    def _whole(self) -> pd.DataFrame:
        """The entries that make the figure: for people, the entries of the part ``whole``, otherwise all entries."""
        if not self.whole:
            return self.entries
        is_whole = self.entries["part"] == self.whole
        return self.entries if is_whole.all() else self.entries[is_whole]

    def _split(self, keys: Sequence[str], split: str) -> pd.DataFrame:
        """Add up the groups of a split. The rest of the whole (below 0 if groups exceed it) is *not specified*.

        Returns the columns of ``EMPTY_SUM_BY_COLUMN`` by ``keys`` and ``split`` (index). A group with everybody has the
        key of the whole, so both are rounded alike. If the whole is not known (``amount`` is NaN), no group is known.
        """
        groups, rest = list(self.splits[split]), UNGROUPED_PART_BY_SPLIT[split]
        is_part = self.entries["part"].isin([self.whole, *groups, rest])
        columns = self.entries.columns.intersection([*keys, "part", "month", "sector", *EMPTY_SUM_BY_COLUMN])
        sums = sum_entries(self.entries.loc[is_part, columns], [*keys, "part"])
        wide = {name: sums[name].unstack("part", fill_value=0) for name in sums}
        all_parts = [self.whole, *groups, rest]
        parts = {
            name: table.set_axis(table.columns.astype("str"), axis="columns")
            .reindex(columns=all_parts, fill_value=0)
            .astype(sums[name].dtype)  # keys do not survive as floats
            for name, table in wide.items()
        }
        amount = parts["amount"]
        missing = parts["high"][self.whole] - amount[self.whole]
        missing_key = parts["high_key"][self.whole] - parts["key"][self.whole]
        amount = amount.assign(**{rest: amount[self.whole] - amount[groups].sum(axis="columns", skipna=False)})
        # People who may be missing may be of any group
        parts["high"] = amount.add(missing, axis="index")
        parts["high_key"] = parts["key"].add(missing_key, axis="index")
        low = parts["low"]
        parts["low"] = low.assign(**{rest: low[self.whole] - low[groups].sum(axis="columns", skipna=False)})
        # If the whole is not known, no group is known
        parts["amount"] = amount = amount.where(amount[self.whole].notna())
        amount = amount.round(SUM_DECIMALS)
        base = parts["base"]
        # People who may be missing of a group without people are rounded as all people are
        parts["base"] = base.assign(**{rest: 0}).mask(base.assign(**{rest: 0}) == 0, base[self.whole], axis="index")
        is_alone = (amount[[*groups, rest]] != 0).sum(axis="columns") == 1
        is_everybody = amount.eq(amount[self.whole], axis="index").mul(is_alone, axis="index")
        for name in ("key", "low_key", "high_key"):
            total = parts[name][self.whole]
            parts[name] = parts[name].apply(
                lambda column, total=total: mix_keys(column, str(column.name)).mask(is_everybody[column.name], total)
            )
        labels = {group: group for group in groups} | {rest: NOT_SPECIFIED}
        stacked = {name: table[list(labels)].rename(columns=labels).stack() for name, table in parts.items()}
        return order_bounds(pd.DataFrame(stacked).round(DECIMALS_BY_COLUMN)).rename_axis([*keys, split])

    def __repr__(self) -> str:
        """Return the total (or why it is not known), the rows and the dimensions. Note that people are exact."""
        if self.reason:
            return f"{self.name}: not known; {self.reason}"
        dimensions, rows = ", ".join((*self.dimensions, *self.splits)), int(self._whole["rows"].sum())
        if not self.differing_keys.empty:
            return f"{self.name} of {len(self.differing_keys)} sheets, from {rows:,} rows; by {dimensions}"
        if self.counts_people:
            note(EXACT)
        total = "not known" if np.isnan(self.total) else f"{self.total:,.12g} {self.unit}"
        return f"{self.name}: {total}, from {rows:,} rows; by {dimensions}"

    def _repr_html_(self) -> str:
        """Return ``repr`` as a paragraph of HTML."""
        return f"<p>{escape(repr(self))}</p>"


def _first(rows: pd.DataFrame, *columns: str) -> pd.Series:
    """Mark with 1.0 the first row of each name in the last column, within equal values of the other columns.

    Other rows, and rows with an empty name, have 0.0. The index stays.
    """
    return ((rows[columns[-1]] != "") & ~rows.duplicated([*columns])).astype("float64")


def sum_entries(entries: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Add up the columns of ``EMPTY_SUM_BY_COLUMN`` by ``keys`` (index). A sum with NaN is NaN.

    The ``amount`` of people reached is also NaN if most of the people are left out, or if it would be 0 although people
    were assisted in reports that are not counted. People assisted are never added up over months or sectors.
    ``assisted_not_counted`` is the largest sum of a month and sector. ``assisted_key`` is the key of this sum.
    """
    grouped = entries.groupby([*keys], observed=True)
    columns = [name for name in EMPTY_SUM_BY_COLUMN if name in entries]
    sums = grouped[columns].sum(skipna=False)
    if "base" in columns:
        sums = sums.assign(base=grouped["base"].max())
    sums = sums.assign(**{**EMPTY_SUM_BY_COLUMN, **sums})
    if "assisted_not_counted" not in columns:
        return sums
    is_left_out = sums["people_left_out"] > MAX_LEFT_OUT_SHARE * (sums["amount"] + sums["people_left_out"])
    sums = sums.assign(amount=sums["amount"].mask(is_left_out))
    not_counted = entries[entries["assisted_not_counted"] > 0]
    if not_counted.empty:
        return sums
    dimensions = list(dict.fromkeys([*keys, "month", "sector"]))
    months = not_counted.groupby(dimensions, observed=True)[[*UNCOUNTED_COLUMNS]].sum().reset_index()
    largest = months.sort_values(["assisted_not_counted", "month", "sector"]).drop_duplicates([*keys], keep="last")
    largest = largest.set_index([*keys])
    peaks = {
        name: largest[name].reindex(sums.index, fill_value=EMPTY_SUM_BY_COLUMN[name]) for name in UNCOUNTED_COLUMNS
    }
    is_not_counted = (sums["amount"].round(SUM_DECIMALS) == 0) & (peaks["assisted_not_counted"] > 0)
    return sums.assign(amount=sums["amount"].mask(is_not_counted), **peaks)


def order_bounds(sums: pd.DataFrame) -> pd.DataFrame:
    """Return sums with ``low <= amount <= high``: groups and models may keep other people than the bounds do.

    The bounds stay if the amount is not known.
    """
    low, amount, high = sums["low"], sums["amount"], sums["high"]
    is_above = low.fillna(-np.inf) > amount.fillna(np.inf)
    is_below = high.fillna(np.inf) < amount.fillna(-np.inf)
    return sums.assign(low=low.mask(is_above, amount), high=high.mask(is_below, amount))


def add_base(entries: pd.DataFrame, method: Method) -> pd.DataFrame:
    """Add ``base``, the base of rounding for the sector of an entry. It is 0 for an entry without people.

    People assisted who are not counted, and people who may be missing, count as people.
    """
    bases = dict(method.rounding)
    base: int | pd.Series = bases[DEFAULT_BASE_KEY]
    if len(bases) > 1:
        base = entries["sector"].astype("str").map(bases).fillna(base)
    has_people = entries["amount"] != 0
    for name in {"assisted_not_counted", "high"}.intersection(entries):
        has_people |= entries[name] > 0
    return entries.assign(base=np.where(has_people, base, 0))
