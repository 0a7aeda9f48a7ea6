"""The ledger: one row for each organisation, country, sector and month, with the report or why it is missing."""

import numpy as np
import pandas as pd

from rmrp_analysis.arguments import Period
from rmrp_analysis.ledger.bounds import find_outliers, find_repeated, missing_people
from rmrp_analysis.ledger.causes import exceeding_groups, report_causes
from rmrp_analysis.ledger.presence import (
    NOTHING_HERE,
    PARTNER_COLUMNS,
    REPORT_KEY_COLUMNS,
    REPORTED,
    SERIES_COLUMNS,
    presence_states,
)
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import (
    DIMENSION_COLUMNS,
    MONTHLY_TOTAL_COLUMN,
    NEW_BENEFICIARIES,
    NOT_KNOWN_COLUMN,
    SOURCE_COLUMNS,
    SUM_DECIMALS,
    Dataset,
    cached_by_args,
    row_keys,
)
from rmrp_analysis.tables import Activities, Reports
from rmrp_analysis.vocabulary import POPULATION_GROUPS, REPORT_STATES, UNKNOWN_INDICATOR_TYPE

COUNTED, NOBODY_NEW, NOT_COUNTED, EMPTY, SERVICES, LEFT_OUT, *_ = REPORT_STATES
"""States of an existing report, by its number of people."""
CONTENT_COLUMNS = [name for name in Activities.columns if not name.startswith("source_") and name != "record_id"]
"""The columns that a partner reported, without the place of the row in a file."""

MIN_UNFILLED_SHARE_OF_ASSISTED, MIN_UNFILLED_PARTNERS = 0.5, 3
"""New people were not filled in for a country and month if both limits are reached.

At least this share of the people assisted is in reports that cannot be right without new people, and at least so many
partners assisted people.
"""


@cached_by_args
def people_rows(dataset: Dataset, method: Method) -> pd.DataFrame:
    """Return the amounts that each activity adds to its report: one row an activity, as ``dataset.all_rows``. Cached.

    No column has NaN. Only rows that the method counts have people. A refused row is included if the method would count
    its people. It adds only ``rows_left_out`` and ``people_left_out``. Columns:

    - ``REPORT_KEY_COLUMNS``, and ``rows``: the number of reports that the activity stands for.
    - ``people_rows``, ``services``, ``rows_left_out``: the same number, or 0. Rows are left out if they are refused, if
      their indicator is in no list, or if it is not known how many people are new. ``services`` are used rows that are
      neither counted nor left out, so also rows outside the plan under ``rmrp_activities_only``.
    - ``new``, ``total`` (of the month), ``people_left_out``, and the sum of each split (``population_group``,
      ``age_gender``): people.
    - ``assisted``: the largest of the monthly total, the population groups, the new beneficiaries and
      ``people_not_known``. So an empty column hides nobody.
    """
    rows = dataset.all_rows
    is_people = rows["indicator_type"].isin([*method.counted_indicator_types, UNKNOWN_INDICATOR_TYPE])
    if method.rmrp_activities_only:
        is_people &= rows["rmrp_activity"] == "Yes"
    is_refused = pd.Series(rows.index < 0, rows.index)
    rows = rows[is_people | ~is_refused]
    is_people, is_refused = is_people[rows.index], is_refused[rows.index]
    is_unlisted = is_people & (rows["indicator_type"] == UNKNOWN_INDICATOR_TYPE) & ~is_refused
    is_counted = is_people & ~is_unlisted & ~is_refused
    groups = rows[list(POPULATION_GROUPS)].sum(axis="columns")
    assisted = np.maximum.reduce([rows[MONTHLY_TOTAL_COLUMN], groups, rows[NEW_BENEFICIARIES], rows[NOT_KNOWN_COLUMN]])
    is_left_out = is_refused | is_unlisted | (is_counted & (rows[NOT_KNOWN_COLUMN] > 0))
    left_out = rows[NOT_KNOWN_COLUMN].where(is_counted | is_unlisted, 0.0)
    left_out = rows[NEW_BENEFICIARIES].where(is_unlisted, 0.0) + left_out
    splits = {
        split: rows[list(names)].sum(axis="columns").where(is_counted, 0.0) for split, names in dataset.splits.items()
    }
    return rows[REPORT_KEY_COLUMNS].assign(
        rows=rows["rows"].where(~is_refused, 0),
        people_rows=rows["rows"].where(is_counted, 0),
        services=rows["rows"].where(~is_counted & ~is_unlisted & ~is_refused, 0),
        rows_left_out=rows["rows"].where(is_left_out, 0),
        new=rows[NEW_BENEFICIARIES].where(is_counted, 0.0),
        assisted=pd.Series(assisted, rows.index).where(is_counted, 0.0),
        people_left_out=left_out.mask(is_refused, rows["people_left_out"]),
        total=rows[MONTHLY_TOTAL_COLUMN].where(is_counted, 0.0),
        **splits,
    )


@cached_by_args
def refused_people(dataset: Dataset, method: Method) -> pd.DataFrame:
    """Return the rows of ``dataset.refused_rows`` with people that the method would count. Cached.

    A text that could not be read is empty, so a sheet that selects rows by its column does not have the row.
    """
    rows = dataset.refused_rows
    is_people = rows["indicator_type"].isin([*method.counted_indicator_types, UNKNOWN_INDICATOR_TYPE])
    if method.rmrp_activities_only:
        is_people &= rows["rmrp_activity"] == "Yes"
    return rows[is_people]


@cached_by_args
def report_sums(dataset: Dataset, method: Method) -> pd.DataFrame:
    """Return the sums of each existing report, by ``REPORT_KEY_COLUMNS`` (index), sorted. Cached.

    Columns: the numbers of ``people_rows``, ``largest_row`` (new beneficiaries of its largest row), ``people_state``
    (see ``derive_people_states``). A refused row is in no report if its organisation, country, sector or month could
    not be read.
    """
    rows = people_rows(dataset, method)
    has_keys = (rows[REPORT_KEY_COLUMNS] != "").all(axis="columns")
    grouped = rows[(rows.index >= 0) | has_keys].groupby(REPORT_KEY_COLUMNS, observed=True)
    sums = grouped.sum(numeric_only=True).assign(largest_row=grouped["new"].max())
    sums = sums.set_axis(pd.MultiIndex.from_frame(sums.index.to_frame().astype("str")))
    return sums.assign(people_state=derive_people_states(sums))


@cached_by_args
def row_states(dataset: Dataset, method: Method) -> pd.DataFrame:
    """Return the ledger by activity: the rows of ``people_rows``, with their index. Cached.

    No column has NaN. Columns:

    - ``DIMENSION_COLUMNS``, ``SOURCE_COLUMNS``, ``row`` (the index).
    - People: ``assisted``, ``people_left_out``, ``assisted_not_counted`` (``assisted`` if the report is not counted,
      otherwise 0) with its rounding key ``assisted_key``.
    - ``missing``: people who may be missing (see ``row_bounds``), with their rounding key ``missing_key``.
    - ``rows``: the reports that count people. ``rows_not_known``: the same number if it is not known how many people
      are new, otherwise 0.
    """
    rows = people_rows(dataset, method)
    keys = pd.MultiIndex.from_frame(rows[REPORT_KEY_COLUMNS].astype("str"))
    states = report_sums(dataset, method)["people_state"].reindex(keys).set_axis(rows.index)
    not_counted = rows["assisted"].where(states == NOT_COUNTED, 0.0)
    missing = row_bounds(dataset, method)["missing"]
    activities = dataset.all_rows.loc[rows.index]
    return activities[[*DIMENSION_COLUMNS, *SOURCE_COLUMNS]].assign(
        row=rows.index,
        assisted=rows["assisted"],
        people_left_out=rows["people_left_out"],
        assisted_not_counted=not_counted,
        assisted_key=activities["key"].where(not_counted > 0, np.uint64(0)),
        missing=missing,
        missing_key=activities["key"].where(missing > 0, np.uint64(0)),
        rows=rows["people_rows"],
        rows_not_known=rows["people_rows"].where(activities[NOT_KNOWN_COLUMN] > 0, 0),
    )


@cached_by_args
def row_bounds(dataset: Dataset, method: Method) -> pd.DataFrame:
    """Return how sure the people of each activity are: the rows of ``people_rows``, with their index. Cached.

    Columns:

    - ``is_sure`` (bool): whether ``low`` has its new people. It does not if they may be told again (see
      ``find_repeated``), or if the activity is an outlier (see ``find_outliers``).
    - ``missing`` (people): the people that ``high`` has on top: people left out, and ``missing_people``.
    """
    rows = people_rows(dataset, method)
    is_doubtful = find_repeated(rows, method.cautions) | find_outliers(rows, [*dataset.splits], method.cautions)
    missing = missing_people(rows, report_sums(dataset, method)) + rows["people_left_out"]
    return pd.DataFrame({"is_sure": ~is_doubtful, "missing": missing})


@cached_by_args
def report_marks(dataset: Dataset, method: Method) -> pd.DataFrame:
    """Return ``causes.exceeding_groups`` of the reports of ``report_sums``, with their index. Cached."""
    return exceeding_groups(report_sums(dataset, method), dataset.splits, method.cautions)


@cached_by_args
def rows_of_assisted(dataset: Dataset, method: Method) -> pd.Index:
    """Return the labels of used activities of reports with groups of the people assisted (``report_marks``). Cached."""
    marks = report_marks(dataset, method)
    keys = dataset.rows[REPORT_KEY_COLUMNS].astype("str")
    reports = marks.index[marks["is_of_assisted"]]
    return keys.index[pd.MultiIndex.from_frame(keys).isin(reports)] if len(reports) else keys.index[:0]


def derive_people_states(reports: pd.DataFrame) -> pd.Series:
    """Return the state of each report of ``report_sums``, by its number of people. The first that applies counts:

    - *not counted*: people were assisted and nobody is new, although somebody must be new. A person is new once a year.
      So somebody must be new if a partner assisted more people than it reported as new in this country and sector so
      far this year. This is known only if the data have the year from January on.
    - *not counted*, too: people were assisted and nobody is new, in a country and month in which at least three
      partners assisted people, and half or more of these people are in reports in which somebody must be new.
    - *nobody new*: people were assisted and nobody is new.
    - *left out*: nobody is new, and people are left out.
    - *services*: no row counts people.
    - *empty*: nobody was assisted.
    - *counted*: all other reports.
    """
    months = reports.index.get_level_values("month")
    years = months.str[:4]
    series = [reports.index.get_level_values(name) for name in SERIES_COLUMNS]
    ever_new = reports["new"].groupby([*series, years]).cumsum()
    has_people = reports["people_rows"] > 0
    is_nobody_new = has_people & (reports["new"] == 0) & (reports["assisted"] > 0)
    has_whole_year = months.to_series().groupby(years).transform("min").str.endswith("-01").to_numpy()
    is_impossible = is_nobody_new & (reports["assisted"] > ever_new) & has_whole_year
    with_people = reports.assign(impossible=reports["assisted"].where(is_impossible, 0.0))[reports["assisted"] > 0]
    grouped = with_people.reset_index().groupby(["country", "month"])
    areas = grouped.agg(
        partners=("organisation", "nunique"), assisted=("assisted", "sum"), impossible=("impossible", "sum")
    )
    is_unfilled = areas["impossible"] >= MIN_UNFILLED_SHARE_OF_ASSISTED * areas["assisted"]
    is_unfilled &= areas["partners"] >= MIN_UNFILLED_PARTNERS
    keys = pd.MultiIndex.from_arrays([reports.index.get_level_values("country"), months])
    in_unfilled = keys.isin(areas.index[is_unfilled])
    conditions = {
        NOT_COUNTED: is_impossible | (is_nobody_new & in_unfilled),
        NOBODY_NEW: is_nobody_new,
        LEFT_OUT: (reports["rows_left_out"] > 0) & (reports["new"] == 0) & (reports["people_left_out"] > 0),
        SERVICES: ~has_people,
        EMPTY: (reports["assisted"] == 0) & (reports["new"] == 0),
    }
    return pd.Series(np.select(list(conditions.values()), list(conditions), default=COUNTED), reports.index)


def months_until(dataset: Dataset, end: str) -> tuple[str, ...]:
    """Return every month from the first month with activities to ``end``, or only ``end`` if no month is earlier."""
    return Period(start=min([*dataset.months_reported[:1], end]), end=end).months


@cached_by_args
def presence_table(dataset: Dataset, months: tuple[str, ...]) -> pd.DataFrame:
    """Return a row for each organisation and country, a column for each of ``months``: its state of presence. Cached.

    States: see ``presence_states``. An organisation has a row for a country if it reported in one of ``months``.
    Refused activities count as reports, too, except if their organisation, country or month could not be read.
    """
    rows = pd.concat([dataset.rows[[*PARTNER_COLUMNS, "month"]], dataset.refused_rows[[*PARTNER_COLUMNS, "month"]]])
    reports = rows.drop_duplicates().astype("str")
    reports = reports[(reports != "").all(axis="columns")]
    return presence_states(reports[reports["month"].isin(months)], months)


@cached_by_args
def report_hashes(dataset: Dataset) -> pd.Series:
    """Return a hash (uint64) of the rows of each report, also refused rows, by ``REPORT_KEY_COLUMNS`` (index). Cached.

    The order of rows does not matter.
    """
    tables = [(dataset.activities, dataset.rows)]
    if len(dataset.refused_activities):
        tables.append((dataset.refused_activities, dataset.refused_rows))
    hashes = pd.concat([row_keys(texts[CONTENT_COLUMNS], "").set_axis(rows.index) for texts, rows in tables])
    reports = pd.concat([rows[REPORT_KEY_COLUMNS].astype("str") for _, rows in tables])
    sums: pd.Series = hashes.groupby([reports[name] for name in REPORT_KEY_COLUMNS]).sum()
    return sums


def ledger_of_reports(dataset: Dataset, method: Method, months: tuple[str, ...]) -> pd.DataFrame:
    """Return the ledger: the table ``Reports``, a row for each organisation, country and sector in each of ``months``.

    A series has rows if it was reported in one of ``months``. Numbers are 0 without a report. ``state`` is the state of
    the report's people, or why the report is missing: ``nothing here`` (the organisation reported other sectors from
    the country) or a state of presence.
    """
    sums = report_sums(dataset, method)
    marked = sums.join(report_marks(dataset, method))
    rows, bounds = people_rows(dataset, method), row_bounds(dataset, method)
    low = rows[REPORT_KEY_COLUMNS].assign(low=rows["new"].where(bounds["is_sure"], 0.0), missing=bounds["missing"])
    by_report = low.groupby([low[name].astype("str") for name in REPORT_KEY_COLUMNS])[["low", "missing"]].sum()
    by_report = by_report.reindex(sums.index).round(SUM_DECIMALS)
    sums = sums.assign(
        cause=report_causes(rows, marked, method.cautions),
        low=by_report["low"],
        high=sums["new"] + by_report["missing"],
    )
    sums = sums[sums.index.get_level_values("month").isin(months)]
    series = sums.reset_index()[SERIES_COLUMNS].drop_duplicates().itertuples(index=False, name=None)
    reports = pd.MultiIndex.from_tuples([(*key, month) for key in series for month in months], names=REPORT_KEY_COLUMNS)
    presence = presence_table(dataset, months).stack().replace(REPORTED, NOTHING_HERE)
    partners = pd.MultiIndex.from_arrays([reports.get_level_values(name) for name in (*PARTNER_COLUMNS, "month")])
    absent = presence.reindex(partners).set_axis(reports)
    numbers = sums.rename(columns={"people_state": "state"}).reindex(reports)
    numbers = numbers.assign(
        state=numbers["state"].fillna(absent),
        cause=numbers["cause"].fillna(""),
        content=report_hashes(dataset).map("{:016x}".format).reindex(reports).fillna(""),
    )
    return Reports.set_types(numbers.fillna(0).reset_index())
