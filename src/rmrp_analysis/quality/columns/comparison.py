"""Columns derived by comparing an activity with others: repeats, sums, usual numbers, months before."""

from functools import partial
from itertools import chain, combinations
from typing import Literal, TypeVar

import numpy as np
import pandas as pd

from rmrp_analysis.loaders.new_beneficiaries import MAX_FLOAT_ERROR
from rmrp_analysis.loaders.overlap import REPORT_COLUMNS
from rmrp_analysis.metrics import cached_and_sent
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality.columns.base import (
    COUNT_COLUMNS,
    DERIVATION_BY_COLUMN,
    ORGANISATION_COLUMNS,
    ActivityColumns,
    derives,
    matches,
)
from rmrp_analysis.tables import Activities
from rmrp_analysis.vocabulary import POPULATION_GROUPS

KEY_COLUMNS_BY_REPEAT = {
    "row": [name for name in Activities.columns if name not in ("source_file", "source_line", "record_id")],
    "key": [*ORGANISATION_COLUMNS, "month", "sector", "indicator", "activity_name", "country", "admin1"],
    "numbers": ["sector", "indicator", "country", "place", "month", *COUNT_COLUMNS],
    "another_month": ["appealing_organisation", "sector", "indicator", "country", "place", *COUNT_COLUMNS],
}
"""The columns that two rows have the same: of a row sent twice, of one report, of one that two organisations send, of
one of two months."""

VERSION_KEY_COLUMNS = ["appealing_organisation", "sector", "indicator", "country", "place", "month"]
"""What two versions of a report have the same, whatever else was corrected."""

MAX_VERSION_DIFFERENCE_SHARE = 0.01
"""The people of two versions of a report differ by such a share at most."""

MIN_REPEATED_REPORT_SHARE = 1 / 3
"""A report that is sent in two versions repeats half of its rows and people; a third is enough here. A smaller share
may be alike by chance."""

SUBTOTAL_KEY_COLUMNS = ("appealing_organisation", "sector", "country", "place", "month")
"""A subtotal sums the rows of a file that are alike in up to two of these columns; a total sums all its rows."""

SUM_TOLERANCE_SHARE = 0.002
"""A total may differ so much, as a share, from the sum of a file: its author rounded, or forgot a correction."""

MEAN_TOLERANCE_PEOPLE = 0.5
"""A mean of people is typed as a whole number."""

MIN_SUMMED_ROWS, MIN_ROWS_OF_SINGLE_SUM = 3, 10
"""A sum of two rows is found by chance everywhere: 10 + 20 = 30. A single sum of seven rows in a file is, too, where
its groups of people are no sums."""

MIN_SUMMED_COLUMNS = 3
"""New beneficiaries, the total of the month, and a group of people."""

SERIES_KEY_COLUMNS = [*ORGANISATION_COLUMNS, "sector", "indicator", "country", "admin1"]
"""The columns of what one organisation reports month after month."""

PEER_KEY_COLUMNS = (["sector", "country", "indicator"], ["sector", "country"], ["sector"])
"""Columns by which reports are compared with their like: the first that give enough of them."""
MIN_PEER_REPORTS = 10
"""So many reports are needed to know what is usual."""

MAX_USUAL_DEVIATIONS = 3
"""So many standard deviations above the median, on a logarithmic scale, people are still usual."""
MIN_SPREAD_FACTOR = 1.5
"""Reports that are all alike still differ by this factor, or the first unlike them would be an outlier."""

MAD_TO_STANDARD_DEVIATION = 1.4826
"""Makes the median absolute deviation of a normal distribution its standard deviation."""


@derives("in_period", "period_in_words")
def derive_in_period(activities: ActivityColumns) -> pd.DataFrame:
    """Mark months of the period that is reported on, and say what the period is.

    Columns: ``in_period``, ``period_in_words``.
    """
    start_month_text, end_month_text = activities.period.start, activities.period.end
    is_in_period = matches(activities["month"], lambda month: start_month_text <= month <= end_month_text)
    return pd.DataFrame({"in_period": is_in_period, "period_in_words": f"{start_month_text} – {end_month_text}"})


def is_repeat(activities: ActivityColumns, columns: list[str], keep: Literal["first", False]) -> pd.Series:
    """Mark rows that are like another in these columns; with ``keep="first"`` all but the first of them."""
    return activities.plan.activities.duplicated(columns, keep=keep)


def first_line(activities: ActivityColumns, columns: list[str]) -> pd.Series:
    """Return the line of the first row alike in ``columns``, which may be the row itself; NaN where a row is alone."""
    activity_rows = activities.plan.activities
    repeated_row_table = activity_rows[activity_rows.duplicated(columns, keep=False)]
    first_line_by_row = repeated_row_table.groupby(columns, observed=True, dropna=False, sort=False)[
        "source_line"
    ].transform("first")
    return first_line_by_row.reindex(activity_rows.index)


for _name, _keys in KEY_COLUMNS_BY_REPEAT.items():
    DERIVATION_BY_COLUMN[f"repeats_{_name}"] = partial(is_repeat, columns=_keys, keep="first")
    DERIVATION_BY_COLUMN[f"shares_{_name}"] = partial(is_repeat, columns=_keys, keep=False)
    DERIVATION_BY_COLUMN[f"first_line_of_{_name}"] = partial(first_line, columns=_keys)


@derives("repeats_people", "line_of_same_people", "repeats_report")
def derive_versions(activities: ActivityColumns) -> pd.DataFrame:
    """Mark rows that look like a version of another: as many new beneficiaries, or a few more; and give its line.

    ``repeats_people`` marks them; ``repeats_report`` only those that are a large part of what the organisation reports
    of the month, country and sector, in rows and in people. ``line_of_same_people``: line of the row with as many or
    the next fewer people of the group (``VERSION_KEY_COLUMNS``), also where it is no version; NaN for the first, and
    where nobody is new.
    """
    activity_rows, new_people_by_row = activities.plan.activities, activities["new"]
    version_number_by_row = activity_rows.groupby(VERSION_KEY_COLUMNS, observed=True, dropna=False, sort=False).ngroup()
    version_rows = pd.DataFrame(
        {"version": version_number_by_row, "new": new_people_by_row, "line": activity_rows["source_line"]}
    )[new_people_by_row > 0]
    version_rows = version_rows.sort_values(["version", "new"], kind="stable")
    previous_version_rows = version_rows.groupby("version").shift()
    is_people_repeat = (
        version_rows["new"] - previous_version_rows["new"] <= MAX_VERSION_DIFFERENCE_SHARE * version_rows["new"]
    )
    is_people_repeat = is_people_repeat.reindex(new_people_by_row.index, fill_value=False)
    row_and_people_table = pd.DataFrame(
        {"rows": (new_people_by_row > 0).astype("float64"), "people": new_people_by_row}
    )
    report_key_columns = [activity_rows[column_name] for column_name in REPORT_COLUMNS]
    report_sum_table, repeated_report_sum_table = (
        weight_table.groupby(report_key_columns, observed=True, dropna=False, sort=False).transform("sum")
        for weight_table in (row_and_people_table, row_and_people_table.where(is_people_repeat, 0.0))
    )
    is_repeated_report = (repeated_report_sum_table >= MIN_REPEATED_REPORT_SHARE * report_sum_table).all(axis="columns")
    return pd.DataFrame(
        {
            "repeats_people": is_people_repeat,
            "line_of_same_people": previous_version_rows["line"].reindex(new_people_by_row.index),
            "repeats_report": is_repeated_report & is_people_repeat,
        }
    )


@derives("sums_others")
def derive_sums_of_others(activities: ActivityColumns) -> pd.Series:
    """Mark subtotals and totals: rows whose people are the sum of the rows above, below, or of all others.

    These are at least three, of the same file and alike in up to two columns. The total of the month and each group are
    such sums, too, except where they do not fit the people of the row itself: many fill in one cell of a total.
    Subtotals are removed before their total is looked for, and so are reports that are repeated. A single sum of a plan
    without sums of groups needs ten rows. The result is cached in the plan.
    """
    return _find_sums_of_others(activities.plan)


@cached_and_sent
def _find_sums_of_others(plan: Plan) -> pd.Series:
    """Mark subtotals and totals among all activities of a plan, cached in it (see ``derive_sums_of_others``)."""
    activity_series_by_column = ActivityColumns(plan)
    columns_of_breakdowns = (POPULATION_GROUPS, activity_series_by_column.plan.year.age_gender_groups)
    people_count_table = activity_series_by_column.numbers(
        (
            "total_monthly_beneficiaries",
            *(group_name for group_names in columns_of_breakdowns for group_name in group_names),
        )
    )
    new_people_by_row = activity_series_by_column["new"]
    is_compared_cell = pd.DataFrame(
        {
            "rows": False,
            "new": True,
            "total_monthly_beneficiaries": activity_series_by_column["total"] >= new_people_by_row,
        }
    )
    for group_names in columns_of_breakdowns:
        is_complete_breakdown = (
            people_count_table[list(group_names)].sum(axis="columns") - new_people_by_row
        ).abs() <= MAX_FLOAT_ERROR
        is_compared_cell = is_compared_cell.assign(**dict.fromkeys(group_names, is_complete_breakdown))
    people_count_table = people_count_table.assign(rows=1.0, new=new_people_by_row)[
        list(is_compared_cell)
    ].copy()  # one block: one operation for all columns
    activity_rows = activity_series_by_column.plan.activities
    candidate_rows = activity_rows[
        (new_people_by_row > 0) & ~activity_rows.duplicated([*VERSION_KEY_COLUMNS, "new_beneficiaries"])
    ]
    rows_without_subtotals, sum_row_label_index = candidate_rows, new_people_by_row.index[:0]
    while len(subtotal_label_index := find_sums(rows_without_subtotals, people_count_table, is_compared_cell.copy())):
        rows_without_subtotals = rows_without_subtotals.drop(subtotal_label_index)
        sum_row_label_index = sum_row_label_index.union(subtotal_label_index)
    if len(sum_row_label_index) == 1:
        sum_row_label_index = find_sums(
            candidate_rows, people_count_table, is_compared_cell.copy(), min_rows_alone=MIN_ROWS_OF_SINGLE_SUM
        )
    return pd.Series(new_people_by_row.index.isin(sum_row_label_index), index=new_people_by_row.index)


def find_sums(
    rows: pd.DataFrame, counts: pd.DataFrame, is_compared: pd.DataFrame, *, min_rows_alone: int = MIN_SUMMED_ROWS
) -> pd.Index:
    """Return the labels of the rows of ``rows`` that are the sums of at least ``MIN_SUMMED_ROWS`` others of a file.

    These are the rows above, below, or both, alike in up to two of ``SUBTOTAL_KEY_COLUMNS``. ``counts`` (people;
    ``rows``: 1 each) and the masks ``is_compared`` have the same columns: a row is a sum where each of its compared
    columns is. With fewer than ``MIN_SUMMED_COLUMNS`` of these other than 0, it must sum ``min_rows_alone`` rows.
    """
    sum_row_label_index = rows.index[:0]
    for group_key_columns in chain.from_iterable(
        combinations(SUBTOTAL_KEY_COLUMNS, key_count) for key_count in range(3)
    ):
        group_number_by_row = rows.groupby(["source_file", *group_key_columns], observed=True, sort=False).ngroup()
        new_people_by_row = counts.loc[rows.index, "new"]
        sum_tolerance = 0.0 if group_key_columns else SUM_TOLERANCE_SHARE
        neighbour_sum_masks = [
            (neighbour_sums - new_people_by_row).abs() <= MAX_FLOAT_ERROR + sum_tolerance * neighbour_sums
            for neighbour_sums in sums_of_neighbours(new_people_by_row, group_number_by_row)
        ]
        is_candidate_row = neighbour_sum_masks[0] | neighbour_sum_masks[1] | neighbour_sum_masks[2]
        if not is_candidate_row.any():
            continue
        # These are few, so all columns are added up for them alone
        group_number_by_row = group_number_by_row[group_number_by_row.isin(group_number_by_row[is_candidate_row])]
        row_amount_table = counts.loc[group_number_by_row.index]
        is_compared_cell = is_compared.loc[group_number_by_row.index]
        has_enough_columns = (is_compared_cell & (row_amount_table != 0)).sum(axis="columns") >= MIN_SUMMED_COLUMNS
        min_summed_count_by_row = has_enough_columns.map({True: MIN_SUMMED_ROWS, False: min_rows_alone})
        for neighbour_sums in sums_of_neighbours(row_amount_table, group_number_by_row):
            is_sum_row = (
                ((neighbour_sums - row_amount_table).abs() <= MAX_FLOAT_ERROR + sum_tolerance * neighbour_sums)
                | ~is_compared_cell
            ).all(axis="columns")
            sum_row_label_index = sum_row_label_index.union(
                group_number_by_row.index[is_sum_row & (neighbour_sums["rows"] >= min_summed_count_by_row)]
            )
    return sum_row_label_index


Amounts = TypeVar("Amounts", pd.Series, pd.DataFrame)


def sums_of_neighbours(amounts: Amounts, groups: pd.Series) -> tuple[Amounts, Amounts, Amounts]:
    """Return three sums for each row: of the rows above it in its group, of those below it, and of both.

    Each has the index and, of a table, the columns of ``amounts``. ``groups`` holds the number of each row's group.
    """
    grouped_amounts = amounts.groupby(groups)
    sums_of_rows_above, sums_of_others = grouped_amounts.cumsum() - amounts, grouped_amounts.transform("sum") - amounts
    return sums_of_rows_above, sums_of_others - sums_of_rows_above, sums_of_others


@derives("mean_of_others")
def derive_mean_of_others(activities: ActivityColumns) -> pd.Series:
    """Mark rows whose new beneficiaries and total of the month are both the mean of all other rows of the file.

    Both may differ by ``MEAN_TOLERANCE_PEOPLE``. At least three others have a number, and the numbers of the file are
    not all the same. Columns read: ``new_beneficiaries``, ``total_monthly_beneficiaries``, ``source_file``; an empty
    cell (NaN) does not count in the mean.
    """
    row_amount_table = activities.plan.activities[["new_beneficiaries", "total_monthly_beneficiaries"]]
    amounts_grouped_by_file = row_amount_table.groupby(activities["source_file"], observed=True)
    other_row_count_table = amounts_grouped_by_file.transform("count") - row_amount_table.notna()
    other_mean_table = (amounts_grouped_by_file.transform("sum") - row_amount_table.fillna(0.0)) / other_row_count_table
    is_cell_mean_of_others = ((other_mean_table - row_amount_table).abs() <= MEAN_TOLERANCE_PEOPLE) & (
        amounts_grouped_by_file.transform("nunique") > 1
    )
    return (is_cell_mean_of_others & (other_row_count_table >= MIN_SUMMED_ROWS)).all(axis="columns")


@derives("usual_limit")
def derive_usual_limit(activities: ActivityColumns) -> pd.Series:
    """Return the most new beneficiaries that are still usual for the indicator in the country.

    On a logarithmic scale, the median and three robust standard deviations (from the median absolute deviation):
    outliers move neither. Where an indicator has fewer than ten reports in a country, the sector's reports there are
    taken, then the sector's in every country. NaN where these are fewer than ten, too, or where the row has no people.
    """
    has_people = activities["people"] > 0
    rows_with_people = activities.plan.activities[has_people]
    log_people_by_row = np.log(activities["people"][has_people])
    usual_limit_by_row = pd.Series(np.nan, index=log_people_by_row.index)
    for peer_key_columns in PEER_KEY_COLUMNS:
        peer_group_by_row = rows_with_people.groupby(peer_key_columns, observed=True, sort=False).ngroup()
        median_log_by_row = log_people_by_row.groupby(peer_group_by_row).transform("median")
        log_spread_by_row = (log_people_by_row - median_log_by_row).abs().groupby(peer_group_by_row).transform(
            "median"
        ) * MAD_TO_STANDARD_DEVIATION
        highest_usual_by_row = np.exp(
            median_log_by_row + MAX_USUAL_DEVIATIONS * log_spread_by_row.clip(lower=np.log(MIN_SPREAD_FACTOR))
        )
        usual_limit_by_row = usual_limit_by_row.fillna(
            highest_usual_by_row.where(
                log_people_by_row.groupby(peer_group_by_row).transform("size") >= MIN_PEER_REPORTS
            )
        )
    return usual_limit_by_row.reindex(has_people.index)


@derives("months", "step", "months_of_total", "months_of_rise", "months_of_fall")
def derive_months(activities: ActivityColumns) -> pd.DataFrame:
    """Return facts of the monthly series (``SERIES_KEY_COLUMNS``) of each activity; NaN where nobody is new.

    ``months`` counts its months with people; ``months_of_total``, ``months_of_rise`` and ``months_of_fall`` count those
    in which the new beneficiaries are the total of the month, rise or fall. ``step`` is the change of new beneficiaries
    from the last earlier month with people to the activity's own, NaN in the first.
    """
    has_people = activities["people"] > 0
    series_number_by_row = activities.plan.activities.groupby(SERIES_KEY_COLUMNS, observed=True, sort=False).ngroup()
    people_by_column = {"new": activities["people"], "total": activities["total"]}
    series_rows = pd.DataFrame(
        {"series": series_number_by_row, "month": activities["month"].astype("str"), **people_by_column}
    )[has_people]
    series_month_sums = series_rows.groupby(["series", "month"])[["new", "total"]].sum()
    people_change_series = series_month_sums.groupby("series")["new"].diff()
    is_month_total = (series_month_sums["new"] - series_month_sums["total"]).abs() <= MAX_FLOAT_ERROR
    series_month_mask_table = pd.DataFrame(
        {
            "months_of_total": is_month_total,
            "months_of_rise": people_change_series > 0,
            "months_of_fall": people_change_series < 0,
        }
    )
    series_month_count_table = series_month_mask_table.groupby("series").transform("sum")
    series_month_count_table = series_month_count_table.assign(
        months=people_change_series.groupby("series").transform("size"), step=people_change_series
    )
    series_month_columns = ["series", "month"]
    return (
        series_rows[series_month_columns]
        .join(series_month_count_table, on=series_month_columns)
        .drop(columns=series_month_columns)
        .reindex(has_people.index)
    )
