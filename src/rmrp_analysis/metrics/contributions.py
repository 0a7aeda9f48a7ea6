"""Contributions: what each part of a table gives to a figure, so that any total is a grouping of them."""

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
from rmrp_analysis.metrics.dataset import SUM_DECIMALS, UNGROUPED_PART_BY_SPLIT, mix_keys
from rmrp_analysis.packs.pack import PACK_ATTRS_KEY, folder, use
from rmrp_analysis.vocabulary import NOT_SPECIFIED, fold, plan_lists

FIGURE_ATTR = "figure"
"""By this key in ``attrs``, a table knows which figure its exact numbers are of."""

EMPTY_SUM_BY_COLUMN: Mapping[str, Any] = {
    "amount": np.nan,
    "key": np.uint64(0),
    **dict.fromkeys(("in_doubt", "assisted", "assisted_not_counted", "people_left_out"), 0.0),
    "assisted_key": np.uint64(0),
    "doubt_key": np.uint64(0),
    "rows": 0,
    "rows_not_known": 0,
    "base": 0,
}
"""What is added up of a figure, and what there is of it where nothing is reported.

Of people reached: ``in_doubt`` (see ``figures.cautions``) with their rounding key (``doubt_key``), people ``assisted``,
those in reports that are not counted (``assisted_not_counted``) with theirs (``assisted_key``), and people whom no row
can count (``people_left_out``); see ``ledger.reports``. Of ``base`` (see ``add_base``) the largest is taken.
"""
DECIMALS_BY_COLUMN = dict.fromkeys(
    ("amount", "in_doubt", "assisted", "assisted_not_counted", "people_left_out"), SUM_DECIMALS
)
"""To how many decimals it is rounded, so that the order of rows never shows."""
UNCOUNTED_COLUMNS = ("assisted_not_counted", "assisted_key")
"""Sums of people in reports that are not counted, and of their rounding keys."""
MAX_LEFT_OUT_SHARE = 0.5
"""Where more than this share of the people is left out, a number of people is not known."""

Origin = Literal["activities", "planning", "funding"]


@dataclass(frozen=True, eq=False, repr=False)
class Contributions:
    """What each row of a table gives to one figure of one sheet or of many.

    A grouping of a DataFrame would not do: people of a split leave some who are in no group, organisations count once
    in each part, and what is not known is NaN rather than 0.

    Attributes:
        name: The figure.
        unit: ``people``, ``usd`` or ``count``.
        entries: What each row gives: ``sheet``, the columns of ``dimensions``, ``amount`` (NaN: not known), and what
            else ``EMPTY_SUM_BY_COLUMN`` names, such as the source ``rows`` behind it.
        dimensions: What it can be told by.
        origin: The table that the rows are of: ``activities``, ``planning`` or ``funding``.
        whole: People come in parts: the entries whose ``part`` is this one make the figure.
        splits: More dimensions, which divide people into groups; who is in none of them is ``not specified``.
        always: By dimension, the parts that a single sheet always shows, in order.
        distinct: The column whose different names are counted; then parts must not be added up.
        reason: Why nothing is known: there are no entries, or no amount is known.
        differing_keys: A row each of several sheets, with the columns in which they differ (sector, place,
            organisation); the figure is never added over them.
        pack: The folder of the plan pack.
        group_of: Of one group of a split, the figure of everybody and the split; None of everybody.

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
        """Whether it counts people who were reached, whose numbers a public page rounds."""
        return self.unit == "people" and self.origin == "activities"

    @property
    def total(self) -> float:
        """The figure; NaN when there is nothing to add up, or a part of it is not known.

        Raises ``RequestError`` where sectors, places or organisations were selected together, which must not be added
        up.

        >>> plan.select("Human Trafficking & Smuggling").people_reached().total
        4910.0
        >>> plan.select("Common Services").people_reached().total
        0.0
        """
        if not self.differing_keys.empty:
            differing_names = ", ".join(map(str, self.differing_keys))
            raise RequestError(f"{self.name} is told by {differing_names} here, which must not be added up: take .by()")
        sheet_sum_table = self.sums("sheet")
        return float(sheet_sum_table["amount"].iloc[0]) if len(sheet_sum_table) else np.nan

    def by(self, *dimensions: str | Iterable[str]) -> pd.Series:
        """Give the figure by one dimension or several: a Series whose index holds the parts.

        Args:
            *dimensions: Names of ``dimensions`` and ``splits``, of which one split at a time. None: by the sectors,
                places and organisations that were selected together, which always come first.

        Returns:
            The figure in its ``unit``; counts of people have the type ``exact``. Parts with rows but without people are
            0; NaN means that nothing was reported, or that it is not known. ``attrs`` holds ``figure``, ``unit``,
            ``reason`` (why nothing is known) and ``pack``, the folder of the plan pack.

        Raises:
            RequestError: The figure does not have such a dimension; none is named for a single sheet; two are splits.

        >>> trafficking = plan.select("Human Trafficking & Smuggling").people_reached()
        >>> trafficking.by("organisation_type").to_dict()
        {'Faith Based Organizations': 1074.0, 'INGO': 2700.0, 'UN': 1136.0}
        >>> int(trafficking.by(["platform", "age_gender"])["Peru", "women"])
        2553
        >>> several = plan.select(["Health", "WASH"], place="Peru", period="2021Q1")
        >>> several.people_reached().by().to_dict()
        {'Health': 66718.0, 'WASH': 21636.0}
        """
        dimension_names = [
            dimension_name
            for dimension_name_or_names in dimensions
            for dimension_name in names_in(dimension_name_or_names, "dimension")
        ]
        part_amount_series = self.parts(*dimension_names)["value"].rename(self.name)
        if self.counts_people and not self.reason:
            part_amount_series = part_amount_series.astype(ExactDtype())
        part_amount_series.attrs |= {
            FIGURE_ATTR: self.name,
            "unit": self.unit,
            "reason": self.reason,
            PACK_ATTRS_KEY: str(self.pack),
        }
        return part_amount_series

    def where(self, **parts: str | Iterable[str]) -> "Contributions":
        """Keep what is of these parts of dimensions alone: ``where(admin1="Tumbes", month="2021Q1")``.

        Args:
            **parts: By dimension, a name or several in any spelling; of groups of people, one. ``month`` is one period:
                two months are the first and the last one. Months without entries are no error.

        Raises:
            RequestError: The figure does not have such a dimension, or does not hold such a part.

        >>> reached.where(admin1="tumbes", month="2021Q1").by("month").to_dict()
        {'2021-01': 629.0, '2021-02': 3855.0, '2021-03': 5904.0}
        """
        kept_contributions = self
        for dimension, typed_name_or_names in parts.items():
            kept_contributions = kept_contributions._where(dimension, typed_name_or_names)
        return kept_contributions

    def _where(self, dimension: str, categories: Any) -> "Contributions":
        """Keep what is of these categories of one dimension; of a split, of one group. Raises as ``where``."""
        if dimension not in (*self.dimensions, *self.splits):
            raise self._unknown_dimension(dimension)
        if dimension in self.splits:
            group_names = self._find_categories(dimension, categories, self.splits[dimension])
            if len(group_names) > 1:
                raise RequestError(f"{self.name}: name one {dimension}, or take .by('{dimension}')")
            empty_entry_rows = self._whole.assign(
                part=group_names[0], amount=self._whole["amount"] * 0, key=np.uint64(0)
            )
            kept_entry_rows = pd.concat(
                [self.entries[self.entries["part"] == group_names[0]], empty_entry_rows], ignore_index=True
            )
            return replace(self, whole=group_names[0], splits={}, entries=kept_entry_rows, group_of=(self, dimension))
        reported_part_names = [str(part_name) for part_name in self.entries[dimension].unique()]
        part_names = self._find_categories(
            dimension, categories, [*reported_part_names, *self.always.get(dimension, ())]
        )

        everybody, split = self.group_of or (None, "")
        return replace(
            self,
            entries=self.entries[self.entries[dimension].isin(part_names)],
            always={**self.always, dimension: part_names} if dimension in self.always else self.always,
            group_of=(everybody._where(dimension, categories), split) if everybody else None,
        )

    def _find_categories(self, dimension: str, categories: Any, allowed: Sequence[str]) -> list[str]:
        """Return those of the ``allowed`` parts of a dimension that these names mean, in any spelling.

        Of ``month``, those in the period. Raises ``RequestError`` for another name.
        """
        if dimension == "month":
            period_months = Period.parse(categories).months
            return [month for month in period_months if month in allowed]
        name_by_folded_name, found_part_names = {fold(part_name): part_name for part_name in allowed}, []
        with use(self.pack):
            name_by_spelling = plan_lists().spellings_by_kind.get(dimension, {})
        for typed_name in names_in(categories, dimension):
            part_name = name_by_spelling.get(fold(typed_name), typed_name)
            if fold(part_name) not in name_by_folded_name:
                raise RequestError(
                    f"{self.name} holds no {dimension} '{typed_name}'; {did_you_mean(typed_name, allowed)}"
                )
            found_part_names.append(name_by_folded_name[fold(part_name)])
        return found_part_names

    def to_excel(self, path: Path | str, *dimensions: str | Iterable[str]) -> Path:
        """Write the figure by these dimensions as a workbook, and return its path. The numbers are exact.

        Without a dimension it holds the rows behind the figure, or of several sheets the figure by sheet.

        Args:
            path: The file, which ends in ``.xlsx``; it is written anew.
            *dimensions: As those of ``by``.

        >>> reached.to_excel("health.xlsx", "admin1", "month").name
        'health.xlsx'
        """
        written_table = (
            self.by(*dimensions).to_frame().reset_index() if dimensions or not self.differing_keys.empty else self.rows
        )
        written_table.to_excel(path, index=False, freeze_panes=(1, 0))
        return Path(path)

    def parts(self, *dimensions: str) -> pd.DataFrame:
        """Give the figure as ``by`` does (``value``), with the ``key`` by which each part is rounded.

        ``assisted`` and ``assisted_key`` are of the people assisted in reports that are not counted, and ``base`` is
        what each part is rounded to. One dimension of a single sheet has exactly the parts that ``always`` names for
        it, if any. Raises as ``by``.
        """
        if not dimensions and self.differing_keys.empty:
            raise RequestError(f"name a dimension: {', '.join((*self.dimensions, *self.splits))}")
        sheet_key_columns = [str(column_name) for column_name in self.differing_keys]
        part_sum_table = self.sums(
            *["sheet"][: len(sheet_key_columns)],
            *(column_name for column_name in dimensions if column_name not in sheet_key_columns),
        )
        part_name_table = part_sum_table.index.to_frame(index=False).astype("str")
        if sheet_key_columns:
            part_name_table = part_name_table.join(self.differing_keys, on="sheet")
            part_name_table = part_name_table[
                [*(column_name for column_name in sheet_key_columns if column_name not in dimensions), *dimensions]
            ]
        has_several_levels = part_name_table.shape[1] > 1
        shown_name_by_column = {"amount": "value", "assisted_not_counted": "assisted"}
        part_figure_table = part_sum_table[["amount", "key", "assisted_not_counted", "assisted_key", "base"]].rename(
            columns=shown_name_by_column
        )
        part_figure_table = part_figure_table.set_axis(
            pd.MultiIndex.from_frame(part_name_table) if has_several_levels else pd.Index(part_name_table.iloc[:, 0])
        )
        if sheet_key_columns or has_several_levels or dimensions[0] not in self.always:
            return (
                part_figure_table.sort_index()
                if sheet_key_columns and has_several_levels and dimensions
                else part_figure_table
            )
        fixed_part_index = pd.Index(self.always[dimensions[0]], name=dimensions[0])
        empty_value_by_column: dict[str, Any] = {
            "assisted": 0.0,
            "key": np.uint64(0),
            "assisted_key": np.uint64(0),
            "base": 0,
        }
        filled_column_by_name = {
            column_name: part_figure_table[column_name].reindex(fixed_part_index, fill_value=empty_value)
            for column_name, empty_value in empty_value_by_column.items()
        }
        # One column at a time: keys do not survive as floats
        return part_figure_table[["value"]].reindex(fixed_part_index).assign(**filled_column_by_name)

    def _unknown_dimension(self, dimension: str) -> RequestError:
        """Return the error for a dimension that the figure does not have, with a suggestion."""
        advice = did_you_mean(dimension, (*self.dimensions, *self.splits))
        return RequestError(f"{self.name} has no '{dimension}'; {advice}")

    def sums(self, *dimensions: str) -> pd.DataFrame:
        """Add up by dimensions and, where it is named, by ``sheet`` (index): the columns of ``EMPTY_SUM_BY_COLUMN``.

        With ``distinct``, each name counts once in each part. Raises as ``by``.
        """
        for dimension in dimensions:
            if dimension not in ("sheet", *self.dimensions, *self.splits):
                raise self._unknown_dimension(dimension)
        if self.group_of:
            everybody, split = self.group_of
            return pd.DataFrame(everybody.sums(*dimensions, split).xs(self.whole, level=split))
        split_names = [dimension for dimension in dimensions if dimension in self.splits]
        if len(split_names) > 1:
            raise RequestError(f"{self.name} can be split by one of {', '.join(split_names)} at a time")
        group_columns = [dimension for dimension in dimensions if dimension not in split_names]
        if split_names:
            group_sum_table = self._split(group_columns or ["sheet"], split_names[0])
            group_sum_table = (
                group_sum_table.reorder_levels(list(dimensions)) if group_columns else group_sum_table.droplevel(0)
            )
            return group_sum_table if "sheet" in dimensions else group_sum_table.sort_index()
        whole_entry_rows = self._whole
        if self.distinct:
            named_entry_rows = whole_entry_rows[
                (whole_entry_rows["amount"] > 0) & (whole_entry_rows[self.distinct] != "")
            ]
            first_rows_index = named_entry_rows.drop_duplicates([*group_columns, self.distinct]).index
            whole_entry_rows = whole_entry_rows.assign(
                amount=whole_entry_rows.index.isin(first_rows_index).astype("float64")
            )
        return sum_entries(whole_entry_rows, group_columns).round(DECIMALS_BY_COLUMN)

    @property
    def rows(self) -> pd.DataFrame:
        """The source rows behind the figure, each with its ``file``, ``line`` and ``contribution``.

        Contributions are in the figure's unit, and add up to it on each sheet; ``dimensions`` are columns, too. The
        index is that of ``Plan.activities``; of money and plans it is a running number. ``attrs`` say whether
        contributions count people.

        >>> trafficking = plan.select("Human Trafficking & Smuggling").people_reached()
        >>> trafficking.rows[["file", "line", "contribution"]].head(2)
                           file  line  contribution
        681   activities.csv.gz   683           2.0
        1005  activities.csv.gz  1007           1.0
        """
        source_rows = self.rows_of_parts()
        source_rows = source_rows[source_rows["part"] == self.whole].drop(columns="part") if self.whole else source_rows
        if self.distinct:
            source_rows = source_rows.assign(contribution=_first(source_rows, "sheet", self.distinct))
        source_rows = source_rows.rename(columns={"source_file": "file", "source_line": "line"}).rename_axis(None)
        source_rows.attrs[COUNTED_COLUMNS_ATTR] = ("contribution",) if self.counts_people else ()
        return source_rows

    def rows_by(self, dimension: str) -> pd.DataFrame:
        """Give the source rows by ``part``; a row stands once for each part to which it contributes.

        Of a split, who is in no group is *not specified*, and rows that contribute 0 are left out.

        >>> by_age = reached.rows_by("age_gender")
        >>> float(by_age.loc[by_age["part"] == "girls", "contribution"].sum())
        25461.0
        """
        if dimension not in self.splits:
            rows = self.rows.assign(part=lambda rows: rows[dimension].astype("str"))
            return rows.assign(contribution=_first(rows, "sheet", "part", self.distinct)) if self.distinct else rows
        rows = self.rows_of_parts().rename(columns={"source_file": "file", "source_line": "line"})
        total_rows = rows[rows["part"] == self.whole]
        group_rows = rows[rows["part"].isin(self.splits[dimension])]
        grouped_people_series = (
            group_rows.set_index("sheet", append=True).groupby(level=[0, 1], observed=True)["contribution"].sum()
        )
        total_row_index = total_rows.set_index("sheet", append=True).index
        ungrouped_people_series = (
            total_rows["contribution"] - grouped_people_series.reindex(total_row_index, fill_value=0.0).to_numpy()
        )
        all_part_rows = pd.concat(
            [
                group_rows,
                total_rows.assign(part=NOT_SPECIFIED, contribution=ungrouped_people_series.round(SUM_DECIMALS)),
            ]
        )
        return all_part_rows[all_part_rows["contribution"] != 0]

    def rows_of_parts(self) -> pd.DataFrame:
        """Give the source rows, each with its ``contribution``; of people each once for every part.

        Rows of activities have their label as index; those with no report behind them (``rows`` is 0) are left out.
        """
        if "row" not in self.entries:
            return self.entries.assign(contribution=self.entries["amount"])
        key_columns = ["sheet", "row", *["part"][: len(self.whole)]]
        source_row_count_series = self.entries.groupby(key_columns[:2], observed=True)["rows"].transform("sum")
        entry_rows_with_source = self.entries[source_row_count_series > 0]
        row_contribution_table = (
            entry_rows_with_source.groupby(key_columns, observed=True)["amount"]
            .sum(skipna=False)
            .rename("contribution")
            .reset_index()
        )
        row_fact_table = entry_rows_with_source.drop_duplicates(key_columns[:2]).drop(
            columns=["part", "amount", "key"], errors="ignore"
        )
        return (
            row_contribution_table.merge(row_fact_table, on=key_columns[:2]).set_index("row").sort_index(kind="stable")
        )

    @cached_property
    def _whole(self) -> pd.DataFrame:
        """The entries that make the figure: all of them, or of people those whose ``part`` is ``whole``."""
        if not self.whole:
            return self.entries
        is_whole_entry = self.entries["part"] == self.whole
        return self.entries if is_whole_entry.all() else self.entries[is_whole_entry]

    def _split(self, keys: Sequence[str], split: str) -> pd.DataFrame:
        """Add up the groups of a split; what they leave of the whole (below 0 if they exceed it) is not specified.

        The columns of ``EMPTY_SUM_BY_COLUMN`` by ``keys`` and ``split`` (index). A group that everybody is in has the
        key of the whole, so both are rounded alike. Of an unknown whole (``amount`` is NaN) no group is known.
        """
        group_names, rest_name = list(self.splits[split]), UNGROUPED_PART_BY_SPLIT[split]
        has_part_of_split = self.entries["part"].isin([self.whole, *group_names, rest_name])
        needed_columns = self.entries.columns.intersection([*keys, "part", "month", "sector", *EMPTY_SUM_BY_COLUMN])
        part_sum_table = sum_entries(self.entries.loc[has_part_of_split, needed_columns], [*keys, "part"])
        sum_table_by_column = {
            column_name: part_sum_table[column_name].unstack("part", fill_value=0) for column_name in part_sum_table
        }
        part_names = [self.whole, *group_names, rest_name]
        part_table_by_column = {
            column_name: column_sum_table.set_axis(column_sum_table.columns.astype("str"), axis="columns").reindex(
                columns=part_names, fill_value=0
            )
            for column_name, column_sum_table in sum_table_by_column.items()
        }
        group_people_table = part_table_by_column["amount"]
        group_people_table = group_people_table.assign(
            **{
                rest_name: group_people_table[self.whole]
                - group_people_table[group_names].sum(axis="columns", skipna=False)
            }
        )
        # Of an unknown whole no group is known
        part_table_by_column["amount"] = group_people_table = group_people_table.where(
            group_people_table[self.whole].notna()
        )
        group_people_table = group_people_table.round(SUM_DECIMALS)
        part_table_by_column["base"][rest_name] = part_table_by_column["base"][self.whole]
        has_only_one_group = (group_people_table[[*group_names, rest_name]] != 0).sum(axis="columns") == 1
        is_group_of_everybody = group_people_table.eq(group_people_table[self.whole], axis="index").mul(
            has_only_one_group, axis="index"
        )
        total_rounding_key_series = part_table_by_column["key"][self.whole]
        part_table_by_column["key"] = part_table_by_column["key"].apply(
            lambda of_part: mix_keys(of_part, str(of_part.name)).mask(
                is_group_of_everybody[of_part.name], total_rounding_key_series
            )
        )
        label_by_part = {group_name: group_name for group_name in group_names} | {rest_name: NOT_SPECIFIED}
        sum_series_by_column = {
            column_name: column_sum_table[list(label_by_part)].rename(columns=label_by_part).stack()
            for column_name, column_sum_table in part_table_by_column.items()
        }
        return pd.DataFrame(sum_series_by_column).round(DECIMALS_BY_COLUMN).rename_axis([*keys, split])

    def __repr__(self) -> str:
        """Return the total or why it is not known, the rows and the dimensions; note that people are exact."""
        if self.reason:
            return f"{self.name}: not known; {self.reason}"
        dimension_text, row_count = ", ".join((*self.dimensions, *self.splits)), int(self._whole["rows"].sum())
        if not self.differing_keys.empty:
            return f"{self.name} of {len(self.differing_keys)} sheets, from {row_count:,} rows; by {dimension_text}"
        if self.counts_people:
            note(EXACT)
        total_text = "not known" if np.isnan(self.total) else f"{self.total:,.12g} {self.unit}"
        return f"{self.name}: {total_text}, from {row_count:,} rows; by {dimension_text}"

    def _repr_html_(self) -> str:
        """Return ``repr`` as a paragraph of HTML."""
        return f"<p>{escape(repr(self))}</p>"


def _first(rows: pd.DataFrame, *columns: str) -> pd.Series:
    """Mark with 1 the first row of each different name in the last column, within the same parts.

    A Series of 1.0 and 0.0 with the index of ``rows``; an empty name is never marked.
    """
    return ((rows[columns[-1]] != "") & ~rows.duplicated([*columns])).astype("float64")


def sum_entries(entries: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Add up entries by these columns (index): the columns of ``EMPTY_SUM_BY_COLUMN``; a sum with NaN is NaN.

    ``amount`` of people reached is NaN, too, where it would be 0 but people were assisted in reports that are not
    counted, or where most of the people are left out. People assisted are never added over months or sectors:
    ``assisted_not_counted`` is the largest sum of a month and sector, ``assisted_key`` its key.
    """
    grouped_entries = entries.groupby([*keys], observed=True)
    sum_columns = [column_name for column_name in EMPTY_SUM_BY_COLUMN if column_name in entries]
    key_sum_table = grouped_entries[sum_columns].sum(skipna=False)
    if "base" in sum_columns:
        key_sum_table = key_sum_table.assign(base=grouped_entries["base"].max())
    key_sum_table = key_sum_table.assign(**{**EMPTY_SUM_BY_COLUMN, **key_sum_table})
    if "assisted_not_counted" not in sum_columns:
        return key_sum_table
    is_mostly_left_out = key_sum_table["people_left_out"] > MAX_LEFT_OUT_SHARE * (
        key_sum_table["amount"] + key_sum_table["people_left_out"]
    )
    key_sum_table = key_sum_table.assign(amount=key_sum_table["amount"].mask(is_mostly_left_out))
    uncounted_entry_rows = entries[entries["assisted_not_counted"] > 0]
    if uncounted_entry_rows.empty:
        return key_sum_table
    month_key_columns = list(dict.fromkeys([*keys, "month", "sector"]))
    month_sum_table = (
        uncounted_entry_rows.groupby(month_key_columns, observed=True)[[*UNCOUNTED_COLUMNS]].sum().reset_index()
    )
    largest_month_sum_table = month_sum_table.sort_values(["assisted_not_counted", "month", "sector"]).drop_duplicates(
        [*keys], keep="last"
    )
    largest_month_sum_table = largest_month_sum_table.set_index([*keys])
    largest_series_by_column = {
        column_name: largest_month_sum_table[column_name].reindex(
            key_sum_table.index, fill_value=EMPTY_SUM_BY_COLUMN[column_name]
        )
        for column_name in UNCOUNTED_COLUMNS
    }
    is_not_counted = (key_sum_table["amount"].round(SUM_DECIMALS) == 0) & (
        largest_series_by_column["assisted_not_counted"] > 0
    )
    return key_sum_table.assign(amount=key_sum_table["amount"].mask(is_not_counted), **largest_series_by_column)


def add_base(entries: pd.DataFrame, method: Method) -> pd.DataFrame:
    """Add ``base``, to which the people of an entry are rounded: that of its sector; 0 for an entry without people."""
    rounding_base_by_sector = dict(method.rounding)
    rounding_base_series = (
        entries["sector"].astype("str").map(rounding_base_by_sector).fillna(rounding_base_by_sector[DEFAULT_BASE_KEY])
        if len(rounding_base_by_sector) > 1
        else rounding_base_by_sector[DEFAULT_BASE_KEY]
    )
    has_people = entries["amount"] != 0
    if "assisted_not_counted" in entries:
        has_people |= entries["assisted_not_counted"] > 0
    return entries.assign(base=np.where(has_people, rounding_base_series, 0))
