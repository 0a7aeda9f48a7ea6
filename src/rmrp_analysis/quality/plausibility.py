"""Checks for numbers and names that are possible but unlikely, compared with the other reports."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd

from rmrp_analysis.coded import Codes
from rmrp_analysis.quality.accents import mended, mis_decoded
from rmrp_analysis.quality.check import ORGANISATIONS, SERIES, TEXTS, WORTH_A_NUMBER, Check, Reports, nobody
from rmrp_analysis.vocabulary import UNKNOWN_INDICATOR, fold

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


def usual_limits(reports: Reports) -> pd.Series:
    """The most new beneficiaries that are still usual for each activity's indicator and country; NA where none are.

    On a logarithmic scale, the median and three robust standard deviations (from the median absolute deviation):
    outliers move neither. Where an indicator has fewer than ten reports in a country, the sector's reports there are
    taken, then the sector's in every country.
    """
    return reports.once(("usual limits",), lambda: _usual_limits(reports))


def _usual_limits(reports: Reports) -> pd.Series:
    people = reports.people[reports.people > 0]
    logs = np.log(people)
    limits = pd.Series(np.nan, index=people.index)
    for columns in COMPARED_WITH:
        groups = reports.alike(columns).loc[people.index]
        median = logs.groupby(groups).transform("median")
        spread = (logs - median).abs().groupby(groups).transform("median") * SCALE_OF_MAD
        highest = np.exp(median + SPREADS * spread.clip(lower=np.log(LEAST_SPREAD)))
        limits = limits.fillna(highest.where(logs.groupby(groups).transform("size") >= ENOUGH_REPORTS))
    return limits.reindex(reports.people.index)


@Check(
    "warning",
    ("new_beneficiaries",),
    allowed="usually at most {expected}",
    expected=lambda reports, _: usual_limits(reports).round(),
)
def outlier(reports: Reports) -> pd.Series:
    """Far more new beneficiaries than are usual for this indicator in this country: more than the median of its
    reports, multiplied three times by their usual spread.
    """
    return reports.people > usual_limits(reports)


def _in_series(of_months: pd.Series, months: pd.DataFrame, what: Literal["all", "sum", "size"]) -> pd.Series:
    """For each month, what the months of its whole series come to."""
    of_series: pd.Series = of_months.groupby(months["series"]).transform(what)
    return of_series


def _rows_of(reports: Reports, suspect: pd.Series) -> pd.Series:
    """The activities behind months of a series."""
    keys = reports.months.loc[suspect, ["series", "month"]]
    number, rows = reports.combinations((*SERIES, "month"))
    series = np.zeros(len(rows), dtype="int64")
    series[number] = reports.series
    found = pd.MultiIndex.from_arrays([series, rows["month"]]).isin(pd.MultiIndex.from_frame(keys))
    return pd.Series(found.take(number)) & (reports.people > 0)


@Check(
    "warning",
    ("new_beneficiaries",),
    allowed="only who was not reached before in the year; total of the month: {expected}",
    expected=lambda reports, _: reports.total,
)
def new_is_total_every_month(reports: Reports) -> pd.Series:
    """New beneficiaries are the total of the month, month after month, as if nobody ever came back."""
    months = reports.months
    alike = (months["new"] - months["total"]).abs() <= WORTH_A_NUMBER
    always = _in_series(alike, months, "all") & (_in_series(alike, months, "size") >= MONTHS_ALIKE)
    return _rows_of(reports, always & months["step"].notna())


@Check("note", ("new_beneficiaries",), allowed="new beneficiaries of the month alone")
def new_rises_every_month(reports: Reports) -> pd.Series:
    """New beneficiaries rise every month, as they do where they are added up since January."""
    months = reports.months
    rising = _in_series((months["step"] > 0) | months["step"].isna(), months, "all")
    long_enough = _in_series(rising, months, "size") >= MONTHS_OF_A_RISE
    return _rows_of(reports, rising & long_enough & months["step"].notna())


@Check("note", ("new_beneficiaries",), allowed="new beneficiaries of the month alone; a sum that never falls")
def cumulated_new_falls(reports: Reports) -> pd.Series:
    """New beneficiaries look as if added up since January, but fall in this month."""
    months = reports.months
    falls = _in_series(months["step"] < 0, months, "sum")
    rises = _in_series(months["step"] > 0, months, "sum")
    return _rows_of(reports, (falls == 1) & (rises >= MONTHS_OF_A_RISE - 1) & (months["step"] < 0))


@Check(
    "warning",
    ("month",),
    allowed="{expected}",
    expected=lambda reports, _: pd.Series(
        f"{reports.period.start} to {reports.period.end}; not counted", index=reports.people.index
    ),
)
def outside_period(reports: Reports) -> pd.Series:
    """The month is outside the period reported on, so the row is not counted."""
    return ~reports.where("month", lambda month: reports.period.start <= month <= reports.period.end)


def usual_spellings(names: pd.Series, keys: pd.Series, rows: Codes, listed: Mapping[str, str]) -> pd.Series:
    """How a list spells the name of each key, else as most rows do; of two equally usual ones the first by alphabet.

    ``rows`` says how many rows there are of each name and key.
    """
    named = pd.DataFrame({"key": keys, "name": names, "rows": rows})
    counts = named.groupby(["key", "name"], sort=False)[["rows"]].sum().reset_index()
    ranked = counts.sort_values(["rows", "name"], ascending=[False, True]).drop_duplicates("key")
    return keys.map(dict(zip(ranked["key"], ranked["name"], strict=True)) | dict(listed))


def _organisation_spelling(reports: Reports, column: str) -> pd.Series:
    listed = reports.plan.references.get(f"{column}s")
    spellings = {} if listed is None else {fold(name): name for name in listed["name"]}
    number, names = reports.combinations((column,))
    usual = usual_spellings(names[column], names[column].map(fold), np.bincount(number), spellings)
    return usual.take(number).reset_index(drop=True)


@Check("warning", ORGANISATIONS, allowed="{expected}", people=nobody, expected=_organisation_spelling)
def spelled_otherwise(reports: Reports) -> pd.DataFrame:
    """The organization's name is spelled in another way elsewhere, so it counts as two."""
    names = reports.plan.reported
    unlike = {name: (names[name] != _organisation_spelling(reports, name)).astype(bool) for name in ORGANISATIONS}
    return pd.DataFrame(unlike)


def _admin1_spelling(reports: Reports, _: str = "") -> pd.Series:
    listed = reports.plan.references.get("admin1")
    spellings = {}
    if listed is not None:
        codes = listed["country"] + "\n" + listed["pcode"]
        spellings = dict(zip(codes[::-1], listed["admin1"][::-1], strict=True))  # of one code the first name stands
    number, places = reports.combinations(("country", "place", "admin1"))
    keys = (places["country"] + "\n" + places["place"]).astype("str")
    usual = usual_spellings(places["admin1"].astype("str"), keys, np.bincount(number), spellings)
    return usual.take(number).reset_index(drop=True)


def _as_listed(reports: Reports, column: str, reference: str, group: str) -> pd.Series:
    """Where a text stands letter by letter in a list, under the same country or sector."""
    table = reports.plan.references.get(reference)
    listed = set() if table is None else set(zip(table[group], table[column], strict=True))
    return reports.in_list((group, column), listed)


@Check(
    "note",
    ("indicator",),
    allowed="the text as the list of indicators has it",
    in_some_years=True,
    people=nobody,
)
def indicator_spelled_otherwise(reports: Reports) -> pd.Series:
    """The text of the indicator differs from the list by accents, case or language; the row still counts."""
    return ~reports.of_type(UNKNOWN_INDICATOR) & ~_as_listed(reports, "indicator", "indicators", "sector")


@Check(
    "note",
    ("admin1",),
    allowed="{expected}",
    people=nobody,
    expected=_admin1_spelling,
    r4v=lambda reports: ~_as_listed(reports, "admin1", "admin1", "country"),
)
def admin1_spelled_otherwise(reports: Reports) -> pd.Series:
    """The first administrative level is spelled in an unusual way; the row still counts in its place."""
    pcodes = reports.listed("admin1", "pcode")
    named = ~reports.empty("place") & ~reports.where("admin1", lambda text: fold(text) in pcodes)
    return named & (reports.plan.reported["admin1"] != _admin1_spelling(reports)).astype(bool)


@Check(
    "warning",
    TEXTS,
    allowed="{expected}",
    people=nobody,
    expected=lambda reports, column: reports.mapped(column, mended),
)
def mis_decoded_text(reports: Reports) -> pd.DataFrame:
    """Accented letters were read in the wrong encoding."""
    return pd.DataFrame({column: reports.where(column, mis_decoded) for column in TEXTS})
