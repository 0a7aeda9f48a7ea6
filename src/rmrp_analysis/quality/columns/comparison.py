"""Columns that compare an activity with others: repeats, sums, usual numbers, months before."""

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
"""The columns that are equal in two rows: a row sent twice, one report, a report of two organisations or two months."""

VERSION_KEY_COLUMNS = ["appealing_organisation", "sector", "indicator", "country", "place", "month"]
"""The columns that are equal in two versions of a report, whatever else was corrected."""

MAX_VERSION_DIFFERENCE_SHARE = 0.01
"""The largest share by which the people of two versions of a report differ."""

MIN_REPEATED_REPORT_SHARE = 1 / 3
"""A report that is sent in two versions repeats half of its rows and people. A third is enough here.

A smaller share may be chance.
"""

SUBTOTAL_KEY_COLUMNS = ("appealing_organisation", "sector", "country", "place", "month")
"""A subtotal sums rows of a file with equal values in up to two of these columns. A total sums all rows."""

SUM_TOLERANCE_SHARE = 0.002
"""The share by which a total may differ from the sum of a file: its author rounded, or forgot a correction."""

MEAN_TOLERANCE_PEOPLE = 0.5
"""A mean of people is typed as a whole number, so it may differ by this amount."""

MIN_SUMMED_ROWS, MIN_ROWS_OF_SINGLE_SUM = 3, 10
"""The least rows of a sum, and of a single sum in a file without sums of groups.

A sum of two rows is chance everywhere: 10 + 20 = 30. A single sum of seven rows is chance, too, if the groups of people
of the file are no sums.
"""

MIN_SUMMED_COLUMNS = 3
"""New beneficiaries, the total of the month, and a group of people."""

SERIES_KEY_COLUMNS = [*ORGANISATION_COLUMNS, "sector", "indicator", "country", "admin1"]
"""The columns of a monthly series of one organisation."""

PEER_KEY_COLUMNS = (["sector", "country", "indicator"], ["sector", "country"], ["sector"])
"""Columns by which reports are compared with similar ones. The first that give enough reports are used."""
MIN_PEER_REPORTS = 10
"""The least number of reports that shows a usual number."""

MAX_USUAL_DEVIATIONS = 3
"""The most standard deviations above the median, on a logarithmic scale, that are usual."""
MIN_SPREAD_FACTOR = 1.5
"""Equal reports still differ by this factor. Otherwise the first other number would be an outlier."""

MAD_TO_STANDARD_DEVIATION = 1.4826
"""The factor from the median absolute deviation of a normal distribution to its standard deviation."""


@derives("in_period", "period_in_words", by_method=True)
def derive_in_period(activities: ActivityColumns) -> pd.DataFrame:
    """Mark activities in the period, and write the period: columns ``in_period`` and ``period_in_words``."""
    start, end = activities.period.start, activities.period.end
    is_within = matches(activities["month"], lambda month: start <= month <= end)
    return pd.DataFrame({"in_period": is_within, "period_in_words": f"{start} – {end}"})


def is_repeat(activities: ActivityColumns, columns: list[str], keep: Literal["first", False]) -> pd.Series:
    """Mark rows that equal another row in these columns, with ``keep="first"`` all but the first."""
    return activities.plan.activities.duplicated(columns, keep=keep)


def first_line(activities: ActivityColumns, columns: list[str]) -> pd.Series:
    """Return the line of the first equal row in ``columns``, maybe the row itself. NaN if no other row is equal."""
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
    """Mark rows that look like a version of another row, with as many new beneficiaries or a few more.

    ``repeats_people`` marks them. ``repeats_report`` marks them only if they are a large part of the organisation's
    report for the month, country and sector, in rows and in people. ``line_of_same_people`` is the line of the row in
    the group (``VERSION_KEY_COLUMNS``) with as many or the next fewer people, even if it is no version. It is NaN for
    the first row and without new beneficiaries.
    """
    table, new = activities.plan.activities, activities["new"]
    version = table.groupby(VERSION_KEY_COLUMNS, observed=True, dropna=False, sort=False).ngroup()
    rows = pd.DataFrame({"version": version, "new": new, "line": table["source_line"]})[new > 0]
    rows = rows.sort_values(["version", "new"], kind="stable")
    previous = rows.groupby("version").shift()
    is_version = rows["new"] - previous["new"] <= MAX_VERSION_DIFFERENCE_SHARE * rows["new"]
    is_version = is_version.reindex(new.index, fill_value=False)
    weights = pd.DataFrame({"rows": (new > 0).astype("float64"), "people": new})
    keys = [table[name] for name in REPORT_COLUMNS]
    in_report = weights.groupby(keys, observed=True, dropna=False, sort=False).transform("sum")
    repeated = weights.where(is_version, 0.0).groupby(keys, observed=True, dropna=False, sort=False).transform("sum")
    is_report = (repeated >= MIN_REPEATED_REPORT_SHARE * in_report).all(axis="columns")
    return pd.DataFrame(
        {
            "repeats_people": is_version,
            "line_of_same_people": previous["line"].reindex(new.index),
            "repeats_report": is_report & is_version,
        }
    )


@derives("sums_others")
def derive_sums_of_others(activities: ActivityColumns) -> pd.Series:
    """Mark subtotals and totals: their people are the sum of the rows above, below, or of all others.

    The summed rows are at least three, of the same file, and equal in up to two columns. The total of the month and
    each group must be such sums, too, unless they do not fit the people of the row itself: many people fill in only one
    cell of a total. Subtotals and repeated reports are removed before a total is searched. A single sum of a plan
    without sums of groups needs ten rows. The result is cached in the plan.
    """
    return _find_sums_of_others(activities.plan)


@cached_and_sent
def _find_sums_of_others(plan: Plan) -> pd.Series:
    """Do the work of ``derive_sums_of_others``. Cached in the plan."""
    activities = ActivityColumns(plan)
    groupings = (POPULATION_GROUPS, activities.plan.year.age_gender_groups)
    counts = activities.numbers(("total_monthly_beneficiaries", *(name for names in groupings for name in names)))
    new = activities["new"]
    is_compared = pd.DataFrame({"rows": False, "new": True, "total_monthly_beneficiaries": activities["total"] >= new})
    for names in groupings:
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
    """Return the labels of ``rows`` that are the sums of at least ``MIN_SUMMED_ROWS`` others of a file.

    The others are the rows above, below, or both, with equal values in up to two of ``SUBTOTAL_KEY_COLUMNS``.
    ``counts`` (people, and ``rows`` of 1) and the masks ``is_compared`` have the same columns. A row is a sum if each
    of its compared columns is a sum. If fewer than ``MIN_SUMMED_COLUMNS`` columns are not 0, it must sum
    ``min_rows_alone`` rows.
    """
    labels = rows.index[:0]
    for keys in chain.from_iterable(combinations(SUBTOTAL_KEY_COLUMNS, size) for size in range(3)):
        groups = rows.groupby(["source_file", *keys], observed=True, sort=False).ngroup()
        new = counts.loc[rows.index, "new"]
        tolerance = 0.0 if keys else SUM_TOLERANCE_SHARE
        has_sum = [(sums - new).abs() <= MAX_FLOAT_ERROR + tolerance * sums for sums in sums_of_neighbours(new, groups)]
        may_be_sum = has_sum[0] | has_sum[1] | has_sum[2]
        if not may_be_sum.any():
            continue
        # These are few, so all columns are added up only for them
        groups = groups[groups.isin(groups[may_be_sum])]
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
    """Return three sums for each row: the rows above in its group, the rows below, and both together.

    The sums have the index (and columns) of ``amounts``. ``groups`` holds the number of each row's group.
    """
    groupby = amounts.groupby(groups)
    above, all_others = groupby.cumsum() - amounts, groupby.transform("sum") - amounts
    return above, all_others - above, all_others


@derives("mean_of_others")
def derive_mean_of_others(activities: ActivityColumns) -> pd.Series:
    """Mark rows with new beneficiaries and a total of the month that are both the mean of all other rows of the file.

    Both may differ by ``MEAN_TOLERANCE_PEOPLE``. At least three others have a number, and the numbers of the file are
    not all equal. Columns read: ``new_beneficiaries``, ``total_monthly_beneficiaries``, ``source_file``. An empty cell
    (NaN) does not count in the mean.
    """
    amounts = activities.plan.activities[["new_beneficiaries", "total_monthly_beneficiaries"]]
    groupby = amounts.groupby(activities["source_file"], observed=True)
    counts = groupby.transform("count") - amounts.notna()
    means = (groupby.transform("sum") - amounts.fillna(0.0)) / counts
    is_mean = ((means - amounts).abs() <= MEAN_TOLERANCE_PEOPLE) & (groupby.transform("nunique") > 1)
    return (is_mean & (counts >= MIN_SUMMED_ROWS)).all(axis="columns")


@derives("usual_limit", by_method=True)
def derive_usual_limit(activities: ActivityColumns) -> pd.Series:
    """Return the most new beneficiaries that are still usual for the indicator in the country.

    This is, on a logarithmic scale, the median and three robust standard deviations (from the median absolute
    deviation). Outliers move neither. If an indicator has fewer than ten reports in a country, the sector's reports
    there are taken, then the sector's in every country. NaN if these are fewer than ten, too, or if the row has no
    people.
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


@derives("months", "step", "months_of_total", "months_of_rise", "months_of_fall", by_method=True)
def derive_months(activities: ActivityColumns) -> pd.DataFrame:
    """Return facts of the monthly series (``SERIES_KEY_COLUMNS``) of each activity. NaN without new beneficiaries.

    ``months`` counts its months with people. ``months_of_total``, ``months_of_rise`` and ``months_of_fall`` count the
    months with as many new beneficiaries as the total of the month, with more or with fewer than before. ``step`` is
    the change of new beneficiaries from the last earlier month with people to the activity's own, NaN in the first.
    """
    has_people = activities["people"] > 0
    series = activities.plan.activities.groupby(SERIES_KEY_COLUMNS, observed=True, sort=False).ngroup()
    people = {"new": activities["people"], "total": activities["total"]}
    rows = pd.DataFrame({"series": series, "month": activities["month"].astype("str"), **people})[has_people]
    months = rows.groupby(["series", "month"])[["new", "total"]].sum()
    step = months.groupby("series")["new"].diff()
    is_total = (months["new"] - months["total"]).abs() <= MAX_FLOAT_ERROR
    marks = pd.DataFrame({"months_of_total": is_total, "months_of_rise": step > 0, "months_of_fall": step < 0})
    facts = marks.groupby("series").transform("sum")
    facts = facts.assign(months=step.groupby("series").transform("size"), step=step)
    keys = ["series", "month"]
    return rows[keys].join(facts, on=keys).drop(columns=keys).reindex(has_people.index)
