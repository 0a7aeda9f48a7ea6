"""Cautions: which numbers must be read with care, one cause a number, the first that applies (``ledger.CAUSES``).

A number has a cause of its own (people are left out; one report makes most of it; …), or half or more of it are people
of a sector in a country that has one. So doubt travels into sums and models, and a share has that of its people.
"""

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from rmrp_analysis import ledger, metrics
from rmrp_analysis.arguments import Period
from rmrp_analysis.figures.registry import COMPARED_FIGURE, PART_BY_DERIVED_FIGURE, SHARES_OF_PEOPLE, SHARES_OF_PLANNED
from rmrp_analysis.figures.shares import add_share_in_doubt, rows_behind
from rmrp_analysis.ledger import (
    COVERAGE_ABOVE,
    EVERYBODY_NEW,
    GROUPS_EXCEED,
    GROUPS_OF_ASSISTED,
    LEFT_OUT,
    MANY_IN_NO_GROUP,
    MOSTLY_IN_DOUBT,
    NOT_COUNTED,
    ONE_REPORT,
)
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import MONTHLY_TOTAL_COLUMN, NEW_BENEFICIARIES, Dataset, Sheets, cached_by_args
from rmrp_analysis.vocabulary import INTERSECTOR, NOT_SPECIFIED

if TYPE_CHECKING:
    from rmrp_analysis.figures.parts import FigureSums

Table = TypeVar("Table", pd.Series, pd.DataFrame)
MIN_DOUBTFUL_SHARE_OF_PEOPLE = 0.5
"""A sum of which so much is in doubt is in doubt."""

REACHED_FIGURE = "people_reached"
"""The figure whose cautions these are."""
_SUM_KEY_COLUMNS = ["sheet", "sector", "platform", "country", "part"]
_SUMMED_COLUMNS = ["amount", "assisted", "of_assisted"]
_REPORT_COLUMNS = ["sector", "platform", "country", "month", MONTHLY_TOTAL_COLUMN]
"""Columns of: the keys of an area whose people are in doubt or not, its sums, and each activity."""


def reports_of(people: pd.DataFrame, data: Dataset) -> pd.DataFrame:
    """Return the activities with new people, a row for each sheet and ``row``, with ``new`` and ``total``.

    ``people`` are entries of people reached. ``new`` are the people whom the activity adds to people reached, ``total``
    those assisted in the month, as it gives them. Other columns: ``sheet`` where ``people`` has it, ``row`` (the label
    of the activity), ``key``, ``sector``, ``platform``, ``country``, ``month``.
    """
    group_columns = ["sheet", "row"] if "sheet" in people else ["row"]
    # Under a model, a report may have several parts
    is_of_new_people = (people["part"] == NEW_BENEFICIARIES) & (people["amount"] > 0)
    new_people_rows = people.loc[is_of_new_people, [*group_columns, "amount", "key"]]
    report_sum_rows = (
        new_people_rows.groupby(group_columns, observed=True)[["amount", "key"]]
        .sum()
        .round(metrics.DECIMALS_BY_COLUMN)
        .reset_index()
    )
    report_field_table = data.rows.loc[report_sum_rows["row"], _REPORT_COLUMNS].reset_index(drop=True)
    return report_sum_rows.join(report_field_table).rename(columns={"amount": "new", MONTHLY_TOTAL_COLUMN: "total"})


def add_groups_of_assisted(people: pd.DataFrame, data: Dataset, method: Method) -> pd.DataFrame:
    """Add ``of_assisted``: the amount of entries whose report gives groups of the people assisted, else 0."""
    has_groups_of_assisted = people["row"].isin(ledger.rows_of_assisted(data, method))
    return people.assign(of_assisted=people["amount"].where(has_groups_of_assisted, 0.0))


def group_causes(people: pd.DataFrame, keys: Sequence[str], data: Dataset, method: Method) -> pd.DataFrame:
    """Return why the groups of each split exceed the new people of each area: a row an area, a column a split.

    *groups_of_assisted* where only reports whose groups are the people assisted exceed them, which says nothing against
    the total; else *groups_exceed*. An empty text where they do not exceed the limit of the method, or new people are
    not known. ``people`` has ``keys`` (which name an area), ``part``, ``amount``, ``of_assisted``; the index is texts.
    """
    part_sum_table = people.groupby([*keys, "part"], observed=True)[["amount", "of_assisted"]].sum(skipna=False)
    part_name_index = part_sum_table.index.get_level_values("part")
    new_people_sum_table = _with_text_index(part_sum_table[part_name_index == NEW_BENEFICIARIES].droplevel("part"))
    cause_arrays_by_split = {}
    for split_name, group_names in data.splits.items():
        group_sum_table = _with_text_index(
            part_sum_table[part_name_index.isin(group_names)].groupby(level=list(keys), observed=True).sum()
        )
        group_sum_table = group_sum_table.reindex(new_people_sum_table.index, fill_value=0.0)
        max_group_people_series = new_people_sum_table["amount"] * (1 + method.cautions.groups_exceed_total)
        explained_excess_series = group_sum_table["of_assisted"] - new_people_sum_table["of_assisted"]
        exceeds_total = (new_people_sum_table["amount"] >= 0) & (group_sum_table["amount"] > max_group_people_series)
        is_excess_of_assisted = group_sum_table["amount"] - explained_excess_series <= max_group_people_series
        cause_arrays_by_split[split_name] = np.select(
            [exceeds_total & is_excess_of_assisted, exceeds_total], [GROUPS_OF_ASSISTED, GROUPS_EXCEED], default=""
        )
    return pd.DataFrame(cause_arrays_by_split, index=new_people_sum_table.index)


def area_marks(
    people: pd.DataFrame, reports: pd.DataFrame, keys: list[str], data: Dataset, method: Method
) -> pd.DataFrame:
    """Mark the causes of each area: bool columns *everybody_new*, *one_report*, *groups_exceed*; a row an area.

    ``keys`` are the columns that name an area; the index holds them as texts. ``people`` has ``keys``, ``part``,
    ``amount``, ``assisted`` and ``of_assisted``; ``reports`` (see ``reports_of``) has ``keys``, ``new``, ``total`` and
    ``month``.
    """
    is_of_new_people = people["part"] == NEW_BENEFICIARIES
    area_sum_table = people[is_of_new_people].groupby(keys, observed=True)[["amount", "assisted"]].sum(skipna=False)
    area_sum_table = _with_text_index(area_sum_table.rename(columns={"amount": "new"}))
    area_fact_table = _with_text_index(ledger.row_facts(reports, keys))
    cause_mark_table = ledger.area_causes(area_sum_table, area_fact_table, method.cautions)
    exceeds_total = (group_causes(people, keys, data, method) == GROUPS_EXCEED).any(axis="columns")
    return cause_mark_table.assign(**{GROUPS_EXCEED: exceeds_total.reindex(cause_mark_table.index, fill_value=False)})


def _with_text_index(sums: Table) -> Table:
    """Return a copy of sums whose index holds plain texts instead of categories."""
    index_text_table = sums.index.to_frame(index=False).astype("str")
    return sums.set_axis(
        pd.MultiIndex.from_frame(index_text_table)
        if index_text_table.shape[1] > 1
        else pd.Index(index_text_table.iloc[:, 0])
    )


@cached_by_args
def areas_in_doubt(data: Dataset, method: Method, period: Period) -> pd.DataFrame:
    """Return the pairs of ``sector`` and ``country`` (texts) whose people of the period have a cause of ``area_marks``.

    People left out or not counted put no pair in doubt: they are added up in columns of their own. Cached.
    """
    counted_people_rows = data.select_counted_people(data.people, method)
    counted_people_rows = counted_people_rows[counted_people_rows["month"].isin(period.months)]
    activity_rows = ledger.people_rows(data, method)
    assisted_rows = activity_rows.loc[activity_rows["month"].isin(period.months), ["sector", "country", "assisted"]]
    assisted_rows = assisted_rows.assign(part=NEW_BENEFICIARIES, amount=0.0).astype(
        {"part": counted_people_rows["part"].dtype}
    )
    people_entry_table = pd.concat(
        [counted_people_rows.assign(assisted=0.0), assisted_rows.assign(row=-1)], ignore_index=True
    )
    people_entry_table = add_groups_of_assisted(people_entry_table, data, method)
    cause_mark_table = area_marks(
        people_entry_table, reports_of(counted_people_rows, data), ["sector", "country"], data, method
    )
    return cause_mark_table.index[cause_mark_table.any(axis="columns")].to_frame(index=False)


def add_doubt(amounts: pd.DataFrame, sheets: Sheets) -> pd.DataFrame:
    """Add ``in_doubt`` and ``doubt_key``: ``amount`` and ``key`` of rows whose sector and country are in doubt, else 0.

    Columns read: ``sector``, ``country``, ``amount``, ``key``. See ``areas_in_doubt``.
    """
    doubtful_area_table, area_columns = (
        areas_in_doubt(sheets.dataset, sheets.method, sheets.period),
        ["sector", "country"],
    )
    marked_area_table = doubtful_area_table.assign(is_doubtful=True).astype(
        {area_column: amounts[area_column].dtype for area_column in area_columns}
    )
    is_area_in_doubt = (
        amounts[area_columns].merge(marked_area_table, on=area_columns, how="left")["is_doubtful"].notna().to_numpy()
    )
    rounding_key_series = amounts["key"].where(is_area_in_doubt, np.uint64(0))
    return amounts.assign(in_doubt=amounts["amount"].where(is_area_in_doubt, 0.0), doubt_key=rounding_key_series)


def number_causes(figure_sums: "FigureSums") -> pd.Series:
    """Return the first cause of ``area_marks`` (empty: none) of people reached, by sheet, platform, country and sector.

    A Series with the index ``sheet``, ``by`` (the dimension; empty: everybody), ``name`` (of the part). Only sheets of
    all sectors have parts by sector; only in these parts can such a sheet have *everybody_new*.
    """
    sheets = figure_sums.sheets
    area_tables, report_tables = list[pd.DataFrame](), list[pd.DataFrame]()
    for is_by_sector, dimensions in ((False, ("", "platform", "country")), (True, ("sector",))):
        if sheets.has_all_sectors or not is_by_sector:
            people_contributions = figure_sums.people(by_sector=is_by_sector)
            people_entry_table = add_groups_of_assisted(people_contributions.entries, sheets.dataset, sheets.method)
            area_sum_table = (
                people_entry_table.groupby(_SUM_KEY_COLUMNS, observed=True)[_SUMMED_COLUMNS]
                .sum(skipna=False)
                .reset_index()
            )
            report_rows = reports_of(people_entry_table, sheets.dataset)
            for dimension, (people_rows, collected_tables) in product(
                dimensions, ((area_sum_table, area_tables), (report_rows, report_tables))
            ):
                collected_tables.append(
                    people_rows.assign(by=dimension, name=people_rows[dimension].astype("str") if dimension else "")
                )
    area_sum_table, report_rows = (
        pd.concat(collected_tables, ignore_index=True) for collected_tables in (area_tables, report_tables)
    )
    cause_mark_table = area_marks(area_sum_table, report_rows, ["sheet", "by", "name"], sheets.dataset, sheets.method)
    is_all_sectors = cause_mark_table.index.get_level_values("sheet").isin(
        sheets.table.index[sheets.table["sector"] == INTERSECTOR]
    )
    cause_mark_table[EVERYBODY_NEW] &= ~is_all_sectors | (cause_mark_table.index.get_level_values("by") == "sector")
    return first_cause(cause_mark_table)


def add_cautions(rows: pd.DataFrame, figure_sums: "FigureSums") -> pd.DataFrame:
    """Add ``caution`` (why a number is in doubt) and ``share_in_doubt`` (0 to 1) to rows of the table of figures.

    ``caution`` is the first of ``ledger.CAUSES`` that applies; empty for none, or for a number that is not known. A
    share has the caution of its people; without one, *coverage_above* where it is over the limit. The cause of a whole
    split (see ``_causes_of_splits``) replaces that of its parts.
    """
    caution_limits, key_columns = figure_sums.sheets.method.cautions, ["report", "total", "by", "part"]
    cause_series_by_figure_sums = {
        figure_sums: number_causes(figure_sums) for figure_sums in {figure_sums, figure_sums.to_date}
    }
    cause_series_by_figure = {
        REACHED_FIGURE: cause_series_by_figure_sums[figure_sums],
        COMPARED_FIGURE: cause_series_by_figure_sums[figure_sums.to_date],
    }
    number_cause_series = pd.concat(cause_series_by_figure, names=["total"]).rename("own")
    number_cause_series.index = number_cause_series.index.set_names({"sheet": "report", "name": "part"})
    number_cause_series = rows[key_columns].join(number_cause_series.reorder_levels(key_columns), on=key_columns)["own"]
    rows = add_share_in_doubt(rows)
    counted_people = rows["value"].clip(lower=0)  # money and people to reach may be below 0
    cause_mark_table = pd.DataFrame(
        {
            LEFT_OUT: rows["people_left_out"] > caution_limits.left_out * (counted_people + rows["people_left_out"]),
            NOT_COUNTED: rows["assisted_not_counted"]
            > caution_limits.left_out * (counted_people + rows["assisted_not_counted"]),
            **{cause: number_cause_series == cause for cause in (EVERYBODY_NEW, ONE_REPORT, GROUPS_EXCEED)},
            MOSTLY_IN_DOUBT: rows["unit"].eq("people") & (rows["share_in_doubt"] >= MIN_DOUBTFUL_SHARE_OF_PEOPLE),
        }
    )
    rows_with_caution = rows.assign(caution=first_cause(cause_mark_table).where(rows["value"].notna(), ""))
    is_share_of_people = rows["figure"].isin(SHARES_OF_PEOPLE)  # a share has the doubt of its people
    rows_with_caution.loc[is_share_of_people, "caution"] = rows_behind(
        rows_with_caution[is_share_of_people], rows_with_caution, PART_BY_DERIVED_FIGURE
    )["caution"].fillna("")
    is_share_above_limit = rows["figure"].isin(SHARES_OF_PLANNED) & (rows["value"] > caution_limits.coverage_above)
    row_caution_series = rows_with_caution["caution"].mask(
        (rows_with_caution["caution"] == "") & is_share_above_limit, COVERAGE_ABOVE
    )
    split_cause_series = _causes_of_splits(rows, figure_sums)
    return rows_with_caution.assign(caution=row_caution_series.where(split_cause_series == "", split_cause_series))


def _causes_of_splits(rows: pd.DataFrame, figure_sums: "FigureSums") -> pd.Series:
    """Return the cause that all parts of a split of people reached have: groups exceed it, or many are in no group.

    A Series with the index of ``rows`` (see ``figure_rows``); empty for other rows, for splits without a cause, where
    people reached are not known, and where everybody is in no group.
    """
    sheets, caution_limits = figure_sums.sheets, figure_sums.sheets.method.cautions
    people_entry_table = add_groups_of_assisted(
        figure_sums.people(by_sector=False).entries, sheets.dataset, sheets.method
    )
    sheet_cause_table = group_causes(people_entry_table, ["sheet"], sheets.dataset, sheets.method).rename_axis(
        columns="by"
    )
    split_cause_series: pd.Series = sheet_cause_table.stack()  # type: ignore[assignment]
    split_rows = rows[(rows["total"] == REACHED_FIGURE) & rows["by"].isin(sheet_cause_table.columns)]
    split_key_index = pd.MultiIndex.from_frame(split_rows[["report", "by"]])
    exceeding_cause_series = split_cause_series.reindex(split_key_index).set_axis(split_rows.index)
    people_in_no_group_series = (
        split_rows["value"].where(split_rows["part"] == NOT_SPECIFIED).groupby(split_key_index).transform("first")
    )
    people_reached_series = split_rows["report"].map(
        rows[rows["figure"] == REACHED_FIGURE].set_index("report")["value"]
    )
    has_many_in_no_group = (
        (exceeding_cause_series == "")
        & (people_reached_series != 0)
        & (people_in_no_group_series > caution_limits.not_specified * people_reached_series)
        & (people_in_no_group_series < people_reached_series)
    )
    part_cause_series = exceeding_cause_series.where(people_reached_series.notna(), "").mask(
        has_many_in_no_group, MANY_IN_NO_GROUP
    )
    return part_cause_series.reindex(rows.index, fill_value="")


def first_cause(marks: pd.DataFrame) -> pd.Series:
    """Return the first cause (column) that is marked in each row; empty where none is.

    The columns of ``marks`` are of ``ledger.CAUSES``, whose order counts; a missing mark is none.
    """
    ordered_causes = [cause for cause in ledger.CAUSES if cause in marks]
    first_cause_array = np.select(
        [marks[cause].fillna(value=False) for cause in ordered_causes], ordered_causes, default=""
    )
    return pd.Series(first_cause_array, marks.index, dtype="str")
