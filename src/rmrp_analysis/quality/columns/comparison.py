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
    start, end = activities.period.start, activities.period.end
    is_in_period = matches(activities["month"], lambda month: start <= month <= end)
    return pd.DataFrame({"in_period": is_in_period, "period_in_words": f"{start} – {end}"})


def is_repeat(activities: ActivityColumns, columns: list[str], keep: Literal["first", False]) -> pd.Series:
    """Mark rows that are like another in these columns; with ``keep="first"`` all but the first of them."""
    return activities.plan.activities.duplicated(columns, keep=keep)


def first_line(activities: ActivityColumns, columns: list[str]) -> pd.Series:
    """Return the line of the first row alike in ``columns``, which may be the row itself; NaN where a row is alone."""
    rows = activities.plan.activities
    repeated = rows[rows.duplicated(columns, keep=False)]
    lines = repeated.groupby(columns, observed=True, dropna=False, sort=False)["source_line"].transform("first")
    return lines.reindex(rows.index)


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
    table, new = activities.plan.activities, activities["new"]
    version = table.groupby(VERSION_KEY_COLUMNS, observed=True, dropna=False, sort=False).ngroup()
    rows = pd.DataFrame({"version": version, "new": new, "line": table["source_line"]})[new > 0]
    rows = rows.sort_values(["version", "new"], kind="stable")
    previous = rows.groupby("version").shift()
    repeats_people = rows["new"] - previous["new"] <= MAX_VERSION_DIFFERENCE_SHARE * rows["new"]
    repeats_people = repeats_people.reindex(new.index, fill_value=False)
    weights = pd.DataFrame({"rows": (new > 0).astype("float64"), "people": new})
    report_keys = [table[name] for name in REPORT_COLUMNS]
    in_report, repeated_in_report = (
        sums.groupby(report_keys, observed=True, dropna=False, sort=False).transform("sum")
        for sums in (weights, weights.where(repeats_people, 0.0))
    )
    is_repeated_report = (repeated_in_report >= MIN_REPEATED_REPORT_SHARE * in_report).all(axis="columns")
    return pd.DataFrame(
        {
            "repeats_people": repeats_people,
            "line_of_same_people": previous["line"].reindex(new.index),
            "repeats_report": is_repeated_report & repeats_people,
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
    activities = ActivityColumns(plan)
    breakdowns = (POPULATION_GROUPS, activities.plan.year.age_gender_groups)
    counts = activities.numbers(("total_monthly_beneficiaries", *(name for names in breakdowns for name in names)))
    new = activities["new"]
    is_compared = pd.DataFrame({"rows": False, "new": True, "total_monthly_beneficiaries": activities["total"] >= new})
    for names in breakdowns:
        fits = (counts[list(names)].sum(axis="columns") - new).abs() <= MAX_FLOAT_ERROR
        is_compared = is_compared.assign(**dict.fromkeys(names, fits))
    counts = counts.assign(rows=1.0, new=new)[list(is_compared)].copy()  # one block: one operation for all columns
    table = activities.plan.activities
    candidates = table[(new > 0) & ~table.duplicated([*VERSION_KEY_COLUMNS, "new_beneficiaries"])]
    remaining, sums = candidates, new.index[:0]
    while len(subtotals := find_sums(remaining, counts, is_compared.copy())):
        remaining = remaining.drop(subtotals)
        sums = sums.union(subtotals)
    if len(sums) == 1:
        sums = find_sums(candidates, counts, is_compared.copy(), min_rows_alone=MIN_ROWS_OF_SINGLE_SUM)
    return pd.Series(new.index.isin(sums), index=new.index)


def find_sums(
    rows: pd.DataFrame, counts: pd.DataFrame, is_compared: pd.DataFrame, *, min_rows_alone: int = MIN_SUMMED_ROWS
) -> pd.Index:
    """Return the labels of the rows of ``rows`` that are the sums of at least ``MIN_SUMMED_ROWS`` others of a file.

    These are the rows above, below, or both, alike in up to two of ``SUBTOTAL_KEY_COLUMNS``. ``counts`` (people;
    ``rows``: 1 each) and the masks ``is_compared`` have the same columns: a row is a sum where each of its compared
    columns is. With fewer than ``MIN_SUMMED_COLUMNS`` of these other than 0, it must sum ``min_rows_alone`` rows.
    """
    labels = rows.index[:0]
    for keys in chain.from_iterable(combinations(SUBTOTAL_KEY_COLUMNS, size) for size in range(3)):
        groups = rows.groupby(["source_file", *keys], observed=True, sort=False).ngroup()
        new = counts.loc[rows.index, "new"]
        tolerance = 0.0 if keys else SUM_TOLERANCE_SHARE
        has_sum = [(sums - new).abs() <= MAX_FLOAT_ERROR + tolerance * sums for sums in sums_of_neighbours(new, groups)]
        is_candidate = has_sum[0] | has_sum[1] | has_sum[2]
        if not is_candidate.any():
            continue
        # These are few, so all columns are added up for them alone
        groups = groups[groups.isin(groups[is_candidate])]
        amounts = counts.loc[groups.index]
        is_asked = is_compared.loc[groups.index]
        has_groups = (is_asked & (amounts != 0)).sum(axis="columns") >= MIN_SUMMED_COLUMNS
        min_rows = has_groups.map({True: MIN_SUMMED_ROWS, False: min_rows_alone})
        for sums in sums_of_neighbours(amounts, groups):
            is_sum = (((sums - amounts).abs() <= MAX_FLOAT_ERROR + tolerance * sums) | ~is_asked).all(axis="columns")
            labels = labels.union(groups.index[is_sum & (sums["rows"] >= min_rows)])
    return labels


Amounts = TypeVar("Amounts", pd.Series, pd.DataFrame)


def sums_of_neighbours(amounts: Amounts, groups: pd.Series) -> tuple[Amounts, Amounts, Amounts]:
    """Return three sums for each row: of the rows above it in its group, of those below it, and of both.

    Each has the index and, of a table, the columns of ``amounts``. ``groups`` holds the number of each row's group.
    """
    by_group = amounts.groupby(groups)
    above, all_others = by_group.cumsum() - amounts, by_group.transform("sum") - amounts
    return above, all_others - above, all_others


@derives("mean_of_others")
def derive_mean_of_others(activities: ActivityColumns) -> pd.Series:
    """Mark rows whose new beneficiaries and total of the month are both the mean of all other rows of the file.

    Both may differ by ``MEAN_TOLERANCE_PEOPLE``. At least three others have a number, and the numbers of the file are
    not all the same. Columns read: ``new_beneficiaries``, ``total_monthly_beneficiaries``, ``source_file``; an empty
    cell (NaN) does not count in the mean.
    """
    amounts = activities.plan.activities[["new_beneficiaries", "total_monthly_beneficiaries"]]
    by_file = amounts.groupby(activities["source_file"], observed=True)
    count_of_others = by_file.transform("count") - amounts.notna()
    mean_of_others = (by_file.transform("sum") - amounts.fillna(0.0)) / count_of_others
    is_mean = ((mean_of_others - amounts).abs() <= MEAN_TOLERANCE_PEOPLE) & (by_file.transform("nunique") > 1)
    return (is_mean & (count_of_others >= MIN_SUMMED_ROWS)).all(axis="columns")


@derives("usual_limit")
def derive_usual_limit(activities: ActivityColumns) -> pd.Series:
    """Return the most new beneficiaries that are still usual for the indicator in the country.

    On a logarithmic scale, the median and three robust standard deviations (from the median absolute deviation):
    outliers move neither. Where an indicator has fewer than ten reports in a country, the sector's reports there are
    taken, then the sector's in every country. NaN where these are fewer than ten, too, or where the row has no people.
    """
    has_people = activities["people"] > 0
    rows = activities.plan.activities[has_people]
    logs = np.log(activities["people"][has_people])
    limits = pd.Series(np.nan, index=logs.index)
    for keys in PEER_KEY_COLUMNS:
        peers = rows.groupby(keys, observed=True, sort=False).ngroup()
        median = logs.groupby(peers).transform("median")
        spread = (logs - median).abs().groupby(peers).transform("median") * MAD_TO_STANDARD_DEVIATION
        highest = np.exp(median + MAX_USUAL_DEVIATIONS * spread.clip(lower=np.log(MIN_SPREAD_FACTOR)))
        limits = limits.fillna(highest.where(logs.groupby(peers).transform("size") >= MIN_PEER_REPORTS))
    return limits.reindex(has_people.index)


@derives("months", "step", "months_of_total", "months_of_rise", "months_of_fall")
def derive_months(activities: ActivityColumns) -> pd.DataFrame:
    """Return facts of the monthly series (``SERIES_KEY_COLUMNS``) of each activity; NaN where nobody is new.

    ``months`` counts its months with people; ``months_of_total``, ``months_of_rise`` and ``months_of_fall`` count those
    in which the new beneficiaries are the total of the month, rise or fall. ``step`` is the change of new beneficiaries
    from the last earlier month with people to the activity's own, NaN in the first.
    """
    has_people = activities["people"] > 0
    series = activities.plan.activities.groupby(SERIES_KEY_COLUMNS, observed=True, sort=False).ngroup()
    people = {"new": activities["people"], "total": activities["total"]}
    rows = pd.DataFrame({"series": series, "month": activities["month"].astype("str"), **people})[has_people]
    months = rows.groupby(["series", "month"])[["new", "total"]].sum()
    step = months.groupby("series")["new"].diff()
    is_total = (months["new"] - months["total"]).abs() <= MAX_FLOAT_ERROR
    marks = pd.DataFrame({"months_of_total": is_total, "months_of_rise": step > 0, "months_of_fall": step < 0})
    series_stats = marks.groupby("series").transform("sum")
    series_stats = series_stats.assign(months=step.groupby("series").transform("size"), step=step)
    keys = ["series", "month"]
    return rows[keys].join(series_stats, on=keys).drop(columns=keys).reindex(has_people.index)
