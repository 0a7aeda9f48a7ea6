"""Checks for numbers and names that are possible but unlikely, compared with the other reports."""

import numpy as np
import pandas as pd

from rmrp_analysis.quality.accents import mended_cells, mis_decoded
from rmrp_analysis.quality.check import WORTH_A_NUMBER, Check, Reports, folded, nobody
from rmrp_analysis.vocabulary import fold

ENOUGH_REPORTS = 10
"""As many reports are needed to know what is usual."""

SPREADS = 3
LEAST_SPREAD = 1.5
"""Reports that are all alike still differ by this factor, or the first unlike them would be an outlier."""

SCALE_OF_MAD = 1.4826
"""Makes the median absolute deviation of a bell curve its standard deviation."""

COMPARED_WITH: tuple[tuple[str, ...], ...] = (("sector", "country", "indicator"), ("sector", "country"), ("sector",))
MONTHS_ALIKE = 3
MONTHS_OF_A_RISE = 4
NAMES = ("appealing_organisation", "implementing_partner")
TEXTS = (*NAMES, "indicator", "activity_name", "activity_description", "delivery_mechanism", "admin1", "admin2")


def usual_limits(reports: Reports) -> pd.Series:
    """The most new beneficiaries that are still usual for each activity's indicator and country; NA where none are.

    On a logarithmic scale, the median and three robust standard deviations (from the median absolute deviation):
    outliers move neither. Where an indicator has fewer than ten reports in a country, the sector's reports there are
    taken, then the sector's in every country.
    """
    rows = reports.activities[reports.people > 0]
    logs = np.log(reports.people.loc[rows.index])
    limits = pd.Series(np.nan, index=rows.index)
    for columns in COMPARED_WITH:
        limits = limits.fillna(_limits_within(logs, rows.groupby(list(columns), sort=False).ngroup()))
    return limits.reindex(reports.activities.index)


def _limits_within(logs: pd.Series, groups: pd.Series) -> pd.Series:
    median = logs.groupby(groups).transform("median")
    spread = (logs - median).abs().groupby(groups).transform("median") * SCALE_OF_MAD
    limits = np.exp(median + SPREADS * spread.clip(lower=np.log(LEAST_SPREAD)))
    return limits.where(logs.groupby(groups).transform("size") >= ENOUGH_REPORTS)


def _outlier(reports: Reports) -> pd.Series:
    return reports.people > usual_limits(reports)


def _whole_limits(reports: Reports, _: str) -> pd.Series:
    return usual_limits(reports).round()


def _total_month_after_month(reports: Reports) -> pd.Series:
    """The months after the first of a series whose new beneficiaries are the total of every month."""
    months = reports.months
    alike = (months["new"] - months["total"]).abs() <= WORTH_A_NUMBER
    always = _in_series(alike, months, "all") & (_in_series(alike, months, "size") >= MONTHS_ALIKE)
    return _rows_of(reports, always & (months["step"].notna()))


def _falls_though_cumulated(reports: Reports) -> pd.Series:
    """The one month of a series in which new beneficiaries are fewer than before, though they rise in all others."""
    months = reports.months
    falls = _in_series(months["step"] < 0, months, "sum")
    rises = _in_series(months["step"] > 0, months, "sum")
    return _rows_of(reports, (falls == 1) & (rises >= MONTHS_OF_A_RISE - 1) & (months["step"] < 0))


def _rises_every_month(reports: Reports) -> pd.Series:
    """The months after the first of a series whose new beneficiaries rise every month."""
    months = reports.months
    rising = _in_series((months["step"] > 0) | months["step"].isna(), months, "all")
    long_enough = _in_series(rising, months, "size") >= MONTHS_OF_A_RISE
    return _rows_of(reports, rising & long_enough & months["step"].notna())


def _in_series(of_months: pd.Series, months: pd.DataFrame, what: str) -> pd.Series:
    return of_months.groupby(months["series"]).transform(what)


def _rows_of(reports: Reports, suspect: pd.Series) -> pd.Series:
    """The activities behind months of a series."""
    keys = reports.months.loc[suspect, ["series", "month"]]
    rows = pd.MultiIndex.from_arrays([reports.series, reports.activities["month"]])
    found = pd.Series(rows.isin(pd.MultiIndex.from_frame(keys)), index=reports.activities.index)
    return found & (reports.people > 0)


def _outside(reports: Reports) -> pd.Series:
    return ~reports.activities["month"].between(reports.period.start, reports.period.end).astype(bool)


def _usual_spellings(reports: Reports, column: str) -> pd.Series:
    """Each name as the list of organisations spells it, else as most rows do."""
    names = reports.activities[column]
    counts = names.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    spelling = {fold(name): name for name in reversed(counts.index)}
    listed = reports.references.get(f"{column}s")
    spelling |= {} if listed is None else {fold(name): name for name in listed["name"]}
    return folded(names).map(spelling)


def _spelled_otherwise(reports: Reports) -> pd.DataFrame:
    names = reports.activities[list(NAMES)]
    return pd.DataFrame({name: (names[name] != _usual_spellings(reports, name)).astype(bool) for name in NAMES})


def _mis_decoded(reports: Reports) -> pd.DataFrame:
    return pd.DataFrame({column: mis_decoded(reports.activities[column]) for column in TEXTS})


PLAUSIBILITY = (
    Check(
        name="outlier",
        family="plausibility",
        severity="warning",
        columns=("new_beneficiaries",),
        sentence="Far more new beneficiaries than are usual for this indicator in this country: more than the median "
        "of its reports, multiplied three times by their usual spread.",
        allowed="usually at most {expected}",
        fails=_outlier,
        expected=_whole_limits,
    ),
    Check(
        name="new_is_total_every_month",
        family="plausibility",
        severity="warning",
        columns=("new_beneficiaries",),
        sentence="New beneficiaries are the total of the month, month after month, as if nobody ever came back.",
        allowed="only who was not reached before in the year; total of the month: {expected}",
        fails=_total_month_after_month,
        expected=lambda reports, _: reports.total,
    ),
    Check(
        name="new_rises_every_month",
        family="plausibility",
        severity="note",
        columns=("new_beneficiaries",),
        sentence="New beneficiaries rise every month, as they do where they are added up since January.",
        allowed="new beneficiaries of the month alone",
        fails=_rises_every_month,
    ),
    Check(
        name="cumulated_new_falls",
        family="plausibility",
        severity="note",
        columns=("new_beneficiaries",),
        sentence="New beneficiaries look as if added up since January, but fall in this month.",
        allowed="new beneficiaries of the month alone; a sum that never falls",
        fails=_falls_though_cumulated,
    ),
    Check(
        name="outside_period",
        family="plausibility",
        severity="warning",
        columns=("month",),
        sentence="The month is outside the period reported on, so the row is not counted.",
        allowed="{expected}",
        fails=_outside,
        expected=lambda reports, _: pd.Series(
            f"{reports.period.start} to {reports.period.end}; not counted", index=reports.activities.index
        ),
    ),
    Check(
        name="spelled_otherwise",
        family="plausibility",
        severity="warning",
        columns=NAMES,
        sentence="The organization's name is spelled in another way elsewhere, so it counts as two.",
        allowed="{expected}",
        fails=_spelled_otherwise,
        people=nobody,
        expected=_usual_spellings,
    ),
    Check(
        name="mis_decoded_text",
        family="plausibility",
        severity="warning",
        columns=TEXTS,
        sentence="Accented letters were read in the wrong encoding.",
        allowed="{expected}",
        fails=_mis_decoded,
        people=nobody,
        expected=lambda reports, column: mended_cells(reports.activities[column]),
    ),
)
