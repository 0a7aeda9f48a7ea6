"""The ledger: one tidy row for each organisation, country, sector and month, with what it says or why it is silent."""

import numpy as np
import pandas as pd

from rmrp_analysis.arguments import Period
from rmrp_analysis.ledger.causes import exceeding_groups, report_causes
from rmrp_analysis.ledger.presence import NOTHING_HERE, PARTNER, REPORTED, presence_states
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import (
    DIMENSIONS,
    NEW,
    NOT_KNOWN,
    SOURCE,
    TOTAL_MONTHLY,
    Dataset,
    cached_by_args,
    row_keys,
)
from rmrp_analysis.tables import Activities, Reports
from rmrp_analysis.vocabulary import POPULATION_GROUPS, REPORT_STATES, UNKNOWN_INDICATOR

SERIES = ["organisation", "country", "sector"]
REPORT = [*SERIES, "month"]
COUNTED, NOBODY_NEW, NOT_COUNTED, EMPTY, SERVICES, LEFT_OUT, *_ = REPORT_STATES
CONTENT = [name for name in Activities.columns if not name.startswith("source_") and name != "record_id"]
"""What a partner reported: where a row stands and what a list says of it are no part of it."""

MIN_UNFILLED_SHARE, MIN_UNFILLED_PARTNERS = 0.5, 3
"""A column was not filled in a country and month where so many partners or more assisted people, and at least such a
share of these people is in reports that cannot be right when they tell nobody as new."""


@cached_by_args
def people_rows(dataset: Dataset, method: Method) -> pd.DataFrame:
    """Return what each activity adds to its report: one row an activity, with the index of ``dataset.all_rows``.

    Columns: ``organisation``, ``country``, ``sector``, ``month``; ``rows`` (reports that the row stands for),
    ``people_rows``, ``services`` and ``rows_left_out`` (as many, or 0); people: ``new``, ``assisted``, ``total`` (of
    the month), ``people_left_out``, and the sum of each split (``population_group``, ``age_gender``). Only rows that
    the method counts have people. Refused rows leave people out and add nothing else; only those stand here whose
    people the method would count. No column has NaN.
    ``assisted`` is the largest of the monthly total, the population groups and the new beneficiaries, so that a column
    that was not filled hides nobody. Left out are rows whose indicator is in no list, and those of which it is not
    known how many people are new.
    """
    rows = dataset.all_rows
    is_of_people = rows["indicator_type"].isin([*method.counted_indicator_types, UNKNOWN_INDICATOR])
    if method.rmrp_activities_only:
        is_of_people &= rows["rmrp_activity"] == "Yes"
    is_refused = pd.Series(rows.index < 0, rows.index)
    rows = rows[is_of_people | ~is_refused]
    is_of_people, is_refused = is_of_people[rows.index], is_refused[rows.index]
    is_unlisted = is_of_people & (rows["indicator_type"] == UNKNOWN_INDICATOR) & ~is_refused
    is_counted = is_of_people & ~is_unlisted & ~is_refused
    groups = rows[list(POPULATION_GROUPS)].sum(axis="columns")
    assisted = np.maximum.reduce([rows[TOTAL_MONTHLY], groups, rows[NEW], rows[NOT_KNOWN]])
    is_left_out = is_refused | is_unlisted | (is_counted & (rows[NOT_KNOWN] > 0))
    people_left_out = rows[NEW].where(is_unlisted, 0.0) + rows[NOT_KNOWN].where(is_counted | is_unlisted, 0.0)
    sums = {
        split: rows[list(names)].sum(axis="columns").where(is_counted, 0.0) for split, names in dataset.splits.items()
    }
    return rows[REPORT].assign(
        rows=rows["rows"].where(~is_refused, 0),
        people_rows=rows["rows"].where(is_counted, 0),
        services=rows["rows"].where(~is_counted & ~is_unlisted & ~is_refused, 0),
        rows_left_out=rows["rows"].where(is_left_out, 0),
        new=rows[NEW].where(is_counted, 0.0),
        assisted=pd.Series(assisted, rows.index).where(is_counted, 0.0),
        people_left_out=people_left_out.mask(is_refused, rows["people_left_out"]),
        total=rows[TOTAL_MONTHLY].where(is_counted, 0.0),
        **sums,
    )


@cached_by_args
def refused_people(dataset: Dataset, method: Method) -> pd.DataFrame:
    """Return the refused activities whose people the method would count: as ``dataset.refused_rows``.

    A text that could not be read is empty: such a row belongs to no sheet that asks for it.
    """
    rows = dataset.refused_rows
    is_of_people = rows["indicator_type"].isin([*method.counted_indicator_types, UNKNOWN_INDICATOR])
    if method.rmrp_activities_only:
        is_of_people &= rows["rmrp_activity"] == "Yes"
    return rows[is_of_people]


@cached_by_args
def report_sums(dataset: Dataset, method: Method) -> pd.DataFrame:
    """Return the reports that are there, added up from their rows: index ``REPORT``, in order.

    Columns: those of ``people_rows`` that are numbers, ``largest_row`` (new beneficiaries of one row), ``content`` (see
    ``report_contents``). A refused row whose organisation, country, sector or month could not be read is in no report.
    """
    rows = people_rows(dataset, method)
    by_report = rows[(rows.index >= 0) | (rows[REPORT] != "").all(axis="columns")].groupby(REPORT, observed=True)
    sums = by_report.sum(numeric_only=True).assign(largest_row=by_report["new"].max())
    sums = sums.set_axis(pd.MultiIndex.from_frame(sums.index.to_frame(index=False).astype("str")))
    return sums.assign(content=report_contents(sums))


@cached_by_args
def row_states(dataset: Dataset, method: Method) -> pd.DataFrame:
    """Return what the ledger says of each activity, used or refused: those of ``people_rows``, with their index.

    Columns: ``DIMENSIONS``, ``SOURCE``, ``row`` (the index); in people ``assisted``, ``people_left_out``, and
    ``assisted_not_counted`` (the people assisted, where the report is not counted) with ``assisted_key``, their
    rounding key; ``rows``, the reports that count people, and ``rows_not_known``, those that leave it unknown how many
    are new. No column has NaN.
    """
    rows = people_rows(dataset, method)
    keys = pd.MultiIndex.from_frame(rows[REPORT].astype("str"))
    contents = report_sums(dataset, method)["content"].reindex(keys).set_axis(rows.index)
    not_counted = rows["assisted"].where(contents == NOT_COUNTED, 0.0)
    measured = dataset.all_rows.loc[rows.index]
    return measured[[*DIMENSIONS, *SOURCE]].assign(
        row=rows.index,
        assisted=rows["assisted"],
        people_left_out=rows["people_left_out"],
        assisted_not_counted=not_counted,
        assisted_key=measured["key"].where(not_counted > 0, np.uint64(0)),
        rows=rows["people_rows"],
        rows_not_known=rows["people_rows"].where(measured[NOT_KNOWN] > 0, 0),
    )


@cached_by_args
def report_marks(dataset: Dataset, method: Method) -> pd.DataFrame:
    """Mark the reports whose groups exceed their new people (``causes.exceeding_groups``); index of ``report_sums``."""
    return exceeding_groups(report_sums(dataset, method), dataset.splits, method.cautions)


@cached_by_args
def rows_of_assisted(dataset: Dataset, method: Method) -> pd.Index:
    """Return the used activities whose report gives groups of the people assisted; see ``causes.exceeding_groups``."""
    marks, rows = report_marks(dataset, method), dataset.rows[REPORT].astype("str")
    reports = marks.index[marks["is_of_assisted"]]
    return rows.index[pd.MultiIndex.from_frame(rows).isin(reports)] if len(reports) else rows.index[:0]


def report_contents(reports: pd.DataFrame) -> pd.Series:
    """Return what each report says of people, a state; ``reports`` are those of ``report_sums``.

    A person is new once a year. So where more people are assisted than this partner ever told as new here, somebody
    must be new, and a report in which nobody is new is *not counted*. This holds where the data have the year from
    January on; else nobody knows who was told before. Of a country and month most of whose people are in such reports
    of several partners, every report in which nobody is new is not counted.
    """
    years = reports.index.get_level_values("month").str[:4]
    ever_new = reports["new"].groupby([*(reports.index.get_level_values(name) for name in SERIES), years]).cumsum()
    has_people = reports["people_rows"] > 0
    is_nobody_new = has_people & (reports["new"] == 0) & (reports["assisted"] > 0)
    first_months = reports.index.get_level_values("month").to_series().groupby(years).transform("min")
    has_whole_year = first_months.str.endswith("-01").to_numpy()
    is_impossible = is_nobody_new & (reports["assisted"] > ever_new) & has_whole_year
    with_people = reports.assign(impossible=reports["assisted"].where(is_impossible, 0.0))[reports["assisted"] > 0]
    by_month = with_people.reset_index().groupby(["country", "month"])
    months = by_month.agg(
        partners=("organisation", "nunique"), assisted=("assisted", "sum"), impossible=("impossible", "sum")
    )
    is_unfilled = (months["partners"] >= MIN_UNFILLED_PARTNERS) & (
        months["impossible"] >= MIN_UNFILLED_SHARE * months["assisted"]
    )
    month_keys = pd.MultiIndex.from_arrays([reports.index.get_level_values(name) for name in ("country", "month")])
    in_unfilled_month = month_keys.isin(months.index[is_unfilled])
    conditions = {
        NOT_COUNTED: is_impossible | (is_nobody_new & in_unfilled_month),
        NOBODY_NEW: is_nobody_new,
        LEFT_OUT: (reports["rows_left_out"] > 0) & (reports["new"] == 0) & (reports["people_left_out"] > 0),
        SERVICES: ~has_people,
        EMPTY: (reports["assisted"] == 0) & (reports["new"] == 0),
    }
    return pd.Series(np.select(list(conditions.values()), list(conditions), default=COUNTED), reports.index)


def months_until(dataset: Dataset, end: str) -> tuple[str, ...]:
    """Return every month from the first of which there are activities to ``end``; ``end`` alone without any before."""
    return Period(start=min([*dataset.months_reported[:1], end]), end=end).months


@cached_by_args
def presence_table(dataset: Dataset, months: tuple[str, ...]) -> pd.DataFrame:
    """Return the state of presence of each organisation and country in each month (see ``presence_states``)."""
    rows = pd.concat([dataset.rows[[*PARTNER, "month"]], dataset.refused_rows[[*PARTNER, "month"]]])
    reports = rows.drop_duplicates().astype("str")
    reports = reports[(reports != "").all(axis="columns")]
    return presence_states(reports[reports["month"].isin(months)], months)


@cached_by_args
def report_hashes(dataset: Dataset) -> pd.Series:
    """Return a hash of the rows of each report, refused ones too: index ``REPORT``, whatever the order of rows."""
    tables = [(dataset.activities, dataset.rows)]
    if len(dataset.refused_activities):
        tables.append((dataset.refused_activities, dataset.refused_rows))
    hashes = pd.concat([row_keys(texts[CONTENT], "").set_axis(rows.index) for texts, rows in tables])
    reports = pd.concat([rows[REPORT].astype("str") for _, rows in tables])
    sums: pd.Series = hashes.groupby([reports[name] for name in REPORT]).sum()
    return sums


def ledger_of_reports(dataset: Dataset, method: Method, months: tuple[str, ...]) -> pd.DataFrame:
    """Return the ledger: the table ``Reports``, a row for each organisation, country and sector in each of ``months``.

    Series are those that were ever reported. Numbers are 0 where there is no report. ``state`` is what a report says of
    people, or why it is missing: ``nothing here`` (the organisation reported other sectors from the country) or a state
    of presence.
    """
    sums = report_sums(dataset, method)
    marked_sums = sums.join(report_marks(dataset, method))
    sums = sums.assign(cause=report_causes(people_rows(dataset, method), marked_sums, method.cautions))
    sums = sums[sums.index.get_level_values("month").isin(months)]
    series = sums.reset_index()[SERIES].drop_duplicates().itertuples(index=False, name=None)
    all_reports = pd.MultiIndex.from_tuples(
        [(*series_keys, month) for series_keys in series for month in months], names=REPORT
    )
    presence = presence_table(dataset, months).stack().replace(REPORTED, NOTHING_HERE)
    partner_keys = pd.MultiIndex.from_arrays([all_reports.get_level_values(name) for name in (*PARTNER, "month")])
    absent = presence.reindex(partner_keys).set_axis(all_reports)
    numbers = (
        sums.drop(columns="content")
        .reindex(all_reports)
        .assign(
            state=sums["content"].reindex(all_reports).fillna(absent),
            cause=sums["cause"].reindex(all_reports).fillna(""),
            content=report_hashes(dataset).map("{:016x}".format).reindex(all_reports).fillna(""),
        )
    )
    return Reports.set_types(numbers.fillna(0).reset_index())
