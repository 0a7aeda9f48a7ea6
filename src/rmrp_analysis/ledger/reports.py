"""The ledger: one tidy row for each organisation, country, sector and month, with what it says or why it is silent."""

import numpy as np
import pandas as pd

from rmrp_analysis.arguments import Period
from rmrp_analysis.ledger.causes import exceeding_groups, report_causes
from rmrp_analysis.ledger.presence import NOTHING_HERE, PARTNER_COLUMNS, REPORTED, presence_states
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import (
    DIMENSION_COLUMNS,
    MONTHLY_TOTAL_COLUMN,
    NEW_BENEFICIARIES,
    NOT_KNOWN_COLUMN,
    SOURCE_COLUMNS,
    Dataset,
    cached_by_args,
    row_keys,
)
from rmrp_analysis.tables import Activities, Reports
from rmrp_analysis.vocabulary import POPULATION_GROUPS, REPORT_STATES, UNKNOWN_INDICATOR_TYPE

SERIES_COLUMNS = ["organisation", "country", "sector"]
"""The columns that tell series of monthly reports apart."""
REPORT_KEY_COLUMNS = [*SERIES_COLUMNS, "month"]
"""The columns that tell reports apart: a series and its month."""
COUNTED, NOBODY_NEW, NOT_COUNTED, EMPTY, SERVICES, LEFT_OUT, *_ = REPORT_STATES
"""States of a report that is there, by what it says of people."""
CONTENT_COLUMNS = [name for name in Activities.columns if not name.startswith("source_") and name != "record_id"]
"""What a partner reported: where a row stands and what a list says of it are no part of it."""

MIN_UNFILLED_SHARE_OF_ASSISTED, MIN_UNFILLED_PARTNERS = 0.5, 3
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
    ``assisted`` is the largest of the monthly total, the population groups, the new beneficiaries and
    ``people_not_known``, so that a column that was not filled hides nobody. Left out are refused rows, rows whose
    indicator is in no list, and those of which it is not known how many people are new. ``services`` are all used
    rows that are neither counted nor left out, so also rows outside the plan under ``rmrp_activities_only``.
    """
    rows = dataset.all_rows
    is_row_of_people = rows["indicator_type"].isin([*method.counted_indicator_types, UNKNOWN_INDICATOR_TYPE])
    if method.rmrp_activities_only:
        is_row_of_people &= rows["rmrp_activity"] == "Yes"
    is_refused_row = pd.Series(rows.index < 0, rows.index)
    rows = rows[is_row_of_people | ~is_refused_row]
    is_row_of_people, is_refused_row = is_row_of_people[rows.index], is_refused_row[rows.index]
    is_unlisted_indicator = is_row_of_people & (rows["indicator_type"] == UNKNOWN_INDICATOR_TYPE) & ~is_refused_row
    is_counted_row = is_row_of_people & ~is_unlisted_indicator & ~is_refused_row
    groups = rows[list(POPULATION_GROUPS)].sum(axis="columns")
    assisted = np.maximum.reduce([rows[MONTHLY_TOTAL_COLUMN], groups, rows[NEW_BENEFICIARIES], rows[NOT_KNOWN_COLUMN]])
    is_left_out_row = is_refused_row | is_unlisted_indicator | (is_counted_row & (rows[NOT_KNOWN_COLUMN] > 0))
    people_left_out = rows[NEW_BENEFICIARIES].where(is_unlisted_indicator, 0.0) + rows[NOT_KNOWN_COLUMN].where(
        is_counted_row | is_unlisted_indicator, 0.0
    )
    people_by_split = {
        split_name: rows[list(group_names)].sum(axis="columns").where(is_counted_row, 0.0)
        for split_name, group_names in dataset.splits.items()
    }
    return rows[REPORT_KEY_COLUMNS].assign(
        rows=rows["rows"].where(~is_refused_row, 0),
        people_rows=rows["rows"].where(is_counted_row, 0),
        services=rows["rows"].where(~is_counted_row & ~is_unlisted_indicator & ~is_refused_row, 0),
        rows_left_out=rows["rows"].where(is_left_out_row, 0),
        new=rows[NEW_BENEFICIARIES].where(is_counted_row, 0.0),
        assisted=pd.Series(assisted, rows.index).where(is_counted_row, 0.0),
        people_left_out=people_left_out.mask(is_refused_row, rows["people_left_out"]),
        total=rows[MONTHLY_TOTAL_COLUMN].where(is_counted_row, 0.0),
        **people_by_split,
    )


@cached_by_args
def refused_people(dataset: Dataset, method: Method) -> pd.DataFrame:
    """Return the refused activities whose people the method would count: as ``dataset.refused_rows``.

    A text that could not be read is empty: no sheet that selects rows by this column has such a row.
    """
    rows = dataset.refused_rows
    is_of_people = rows["indicator_type"].isin([*method.counted_indicator_types, UNKNOWN_INDICATOR_TYPE])
    if method.rmrp_activities_only:
        is_of_people &= rows["rmrp_activity"] == "Yes"
    return rows[is_of_people]


@cached_by_args
def report_sums(dataset: Dataset, method: Method) -> pd.DataFrame:
    """Return the reports that are there, added up from their rows: index ``REPORT_KEY_COLUMNS``, in order.

    Columns: those of ``people_rows`` that are numbers, ``largest_row`` (new beneficiaries of one row), ``people_state``
    (see ``derive_people_states``). A refused row whose organisation, country, sector or month could not be read is in
    no report.
    """
    rows = people_rows(dataset, method)
    by_report = rows[(rows.index >= 0) | (rows[REPORT_KEY_COLUMNS] != "").all(axis="columns")].groupby(
        REPORT_KEY_COLUMNS, observed=True
    )
    sums = by_report.sum(numeric_only=True).assign(largest_row=by_report["new"].max())
    sums = sums.set_axis(pd.MultiIndex.from_frame(sums.index.to_frame().astype("str")))
    return sums.assign(people_state=derive_people_states(sums))


@cached_by_args
def row_states(dataset: Dataset, method: Method) -> pd.DataFrame:
    """Return what the ledger says of each activity, used or refused: those of ``people_rows``, with their index.

    Columns: ``DIMENSION_COLUMNS``, ``SOURCE_COLUMNS``, ``row`` (the index); in people ``assisted``,
    ``people_left_out``, and ``assisted_not_counted`` (the people assisted, where the report is not counted) with
    ``assisted_key``, their rounding key; ``rows``, the reports that count people, and ``rows_not_known``, those that
    leave it unknown how many are new. No column has NaN.
    """
    rows = people_rows(dataset, method)
    keys = pd.MultiIndex.from_frame(rows[REPORT_KEY_COLUMNS].astype("str"))
    report_state_by_row = report_sums(dataset, method)["people_state"].reindex(keys).set_axis(rows.index)
    assisted_people_not_counted = rows["assisted"].where(report_state_by_row == NOT_COUNTED, 0.0)
    dataset_rows = dataset.all_rows.loc[rows.index]
    return dataset_rows[[*DIMENSION_COLUMNS, *SOURCE_COLUMNS]].assign(
        row=rows.index,
        assisted=rows["assisted"],
        people_left_out=rows["people_left_out"],
        assisted_not_counted=assisted_people_not_counted,
        assisted_key=dataset_rows["key"].where(assisted_people_not_counted > 0, np.uint64(0)),
        rows=rows["people_rows"],
        rows_not_known=rows["people_rows"].where(dataset_rows[NOT_KNOWN_COLUMN] > 0, 0),
    )


@cached_by_args
def report_marks(dataset: Dataset, method: Method) -> pd.DataFrame:
    """Mark the reports whose groups exceed their new people (``causes.exceeding_groups``); index of ``report_sums``."""
    return exceeding_groups(report_sums(dataset, method), dataset.splits, method.cautions)


@cached_by_args
def rows_of_assisted(dataset: Dataset, method: Method) -> pd.Index:
    """Return the labels of used activities whose report gives groups of the people assisted (``report_marks``)."""
    report_group_marks = report_marks(dataset, method)
    report_key_rows = dataset.rows[REPORT_KEY_COLUMNS].astype("str")
    assisted_report_index = report_group_marks.index[report_group_marks["is_of_assisted"]]
    return (
        report_key_rows.index[pd.MultiIndex.from_frame(report_key_rows).isin(assisted_report_index)]
        if len(assisted_report_index)
        else report_key_rows.index[:0]
    )


def derive_people_states(reports: pd.DataFrame) -> pd.Series:
    """Return the state of each report: what it says of people; ``reports`` are those of ``report_sums``.

    A person is new once a year. So where more people are assisted than this partner told as new in this country and
    sector so far this year, somebody must be new, and a report in which nobody is new is *not counted*. This holds
    where the data have the year from January on; else nobody knows who was told before. Where at least three partners
    assisted people in a country and month, and half or more of these people are in such reports, every report there in
    which nobody is new is not counted. Other states, the first that applies: *nobody new*; *left out* (nobody is new,
    and people are left out); *services* (no row counts people); *empty* (nobody was assisted); *counted*.
    """
    years = reports.index.get_level_values("month").str[:4]
    ever_new = (
        reports["new"].groupby([*(reports.index.get_level_values(name) for name in SERIES_COLUMNS), years]).cumsum()
    )
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
        months["impossible"] >= MIN_UNFILLED_SHARE_OF_ASSISTED * months["assisted"]
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
    """Return a row for each organisation and country, a column for each of ``months``: its state of presence. Cached.

    The states are those of ``presence_states``. Only who reported in one of ``months`` has a row. Refused activities
    count as reports, too; one whose organisation, country or month could not be read does not.
    """
    rows = pd.concat([dataset.rows[[*PARTNER_COLUMNS, "month"]], dataset.refused_rows[[*PARTNER_COLUMNS, "month"]]])
    reports = rows.drop_duplicates().astype("str")
    reports = reports[(reports != "").all(axis="columns")]
    return presence_states(reports[reports["month"].isin(months)], months)


@cached_by_args
def report_hashes(dataset: Dataset) -> pd.Series:
    """Return a hash (uint64) of each report's rows in any order, refused ones too: index ``REPORT_KEY_COLUMNS``."""
    tables = [(dataset.activities, dataset.rows)]
    if len(dataset.refused_activities):
        tables.append((dataset.refused_activities, dataset.refused_rows))
    hashes = pd.concat([row_keys(texts[CONTENT_COLUMNS], "").set_axis(rows.index) for texts, rows in tables])
    reports = pd.concat([rows[REPORT_KEY_COLUMNS].astype("str") for _, rows in tables])
    sums: pd.Series = hashes.groupby([reports[name] for name in REPORT_KEY_COLUMNS]).sum()
    return sums


def ledger_of_reports(dataset: Dataset, method: Method, months: tuple[str, ...]) -> pd.DataFrame:
    """Return the ledger: the table ``Reports``, a row for each organisation, country and sector in each of ``months``.

    Series are those that were reported in one of ``months``. Numbers are 0 where there is no report. ``state`` is what
    a report says of people, or why it is missing: ``nothing here`` (the organisation reported other sectors from the
    country) or a state of presence.
    """
    sums = report_sums(dataset, method)
    sums_with_group_marks = sums.join(report_marks(dataset, method))
    sums = sums.assign(cause=report_causes(people_rows(dataset, method), sums_with_group_marks, method.cautions))
    sums = sums[sums.index.get_level_values("month").isin(months)]
    series = sums.reset_index()[SERIES_COLUMNS].drop_duplicates().itertuples(index=False, name=None)
    all_reports = pd.MultiIndex.from_tuples(
        [(*series_key, month) for series_key in series for month in months], names=REPORT_KEY_COLUMNS
    )
    presence = presence_table(dataset, months).stack().replace(REPORTED, NOTHING_HERE)
    partner_keys = pd.MultiIndex.from_arrays(
        [all_reports.get_level_values(name) for name in (*PARTNER_COLUMNS, "month")]
    )
    absent = presence.reindex(partner_keys).set_axis(all_reports)
    numbers = sums.rename(columns={"people_state": "state"}).reindex(all_reports)
    numbers = numbers.assign(
        state=numbers["state"].fillna(absent),
        cause=numbers["cause"].fillna(""),
        content=report_hashes(dataset).map("{:016x}".format).reindex(all_reports).fillna(""),
    )
    return Reports.set_types(numbers.fillna(0).reset_index())
