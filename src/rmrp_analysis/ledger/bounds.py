"""Bounds: how few and how many people a report can stand for, by the way in which each cause is wrong.

A cause that makes a number too large takes people off ``low``; a cause that makes it too small adds people to ``high``.
Both follow from single activities, so they are added up as the people are, and ``low <= new <= high`` in every sum.
"""

import pandas as pd

from rmrp_analysis.ledger.causes import EVERYBODY_NEW, MIN_NEW_SHARE_OF_ASSISTED, area_causes, row_facts
from rmrp_analysis.ledger.presence import REPORT_KEY_COLUMNS, SERIES_COLUMNS
from rmrp_analysis.method import CautionLimits
from rmrp_analysis.vocabulary import REPORT_STATES

COUNTED, NOT_COUNTED = REPORT_STATES[0], REPORT_STATES[2]
AREA_COLUMNS = ["sector", "country"]
"""The keys of an area: what is told of a sector in a country."""
MAX_TIMES_OTHER_MONTHS = 5
"""A row with this many times the new people of the largest other month of its series fails a test of its own."""


def find_repeated(rows: pd.DataFrame, limits: CautionLimits) -> pd.Series:
    """Mark the activities that may tell people again who were told as new in another month of their series.

    These are the activities of an area with *everybody new* (see ``area_causes``), except those of the month with most
    new people of each series and year: so many people are sure. It is no cause if the sector tells nearly everybody as
    new in the other countries, too, because then everybody is new by nature. If no other country has the sector, other
    sectors are compared. Returns a bool Series with the index of ``rows`` (see ``people_rows``).
    """
    sums = rows.groupby(AREA_COLUMNS, observed=True)[["new", "assisted"]].sum()
    marks = area_causes(sums, row_facts(rows, AREA_COLUMNS), limits)
    elsewhere = sums.groupby(level="sector", observed=True).transform("sum") - sums
    elsewhere = elsewhere.where(elsewhere["assisted"] > 0, sums.sum() - sums)
    is_usual = (elsewhere["assisted"] > 0) & (elsewhere["new"] >= MIN_NEW_SHARE_OF_ASSISTED * elsewhere["assisted"])
    areas = marks.index[marks[EVERYBODY_NEW] & ~is_usual]
    in_area = pd.Series(pd.MultiIndex.from_frame(rows[AREA_COLUMNS]).isin(areas), rows.index)
    doubtful = rows[in_area & (rows["new"] > 0)].astype(dict.fromkeys(REPORT_KEY_COLUMNS, "str"))
    months = doubtful.groupby(REPORT_KEY_COLUMNS)["new"].sum().reset_index()
    months = months.assign(year=months["month"].str[:4]).sort_values(["new", "month"], ascending=[False, True])
    largest = months.drop_duplicates([*SERIES_COLUMNS, "year"])
    is_largest = pd.MultiIndex.from_frame(doubtful[REPORT_KEY_COLUMNS]).isin(
        pd.MultiIndex.from_frame(largest[REPORT_KEY_COLUMNS])
    )
    return rows.index.to_series().isin(doubtful.index[~is_largest])


def find_outliers(rows: pd.DataFrame, splits: list[str], limits: CautionLimits) -> pd.Series:
    """Mark the activity that makes most of its area, if other partners assist people there and it fails a test.

    It fails one of two tests: the groups of one of the ``splits`` are filled in and do not add up to its new people
    within the ``limits``; or it has ``MAX_TIMES_OTHER_MONTHS`` times the new people of the largest other month of its
    series. Returns a bool Series with the index of ``rows`` (see ``people_rows``).
    """
    grouped = rows.groupby(AREA_COLUMNS, observed=True)["new"]
    area, largest = grouped.transform("sum"), grouped.transform("max")
    is_largest = (rows["new"] == largest) & (area >= limits.people_from) & (largest > limits.one_report * area)
    suspects = rows[is_largest]
    groups = suspects[splits]
    is_unlike = groups.gt(0) & groups.sub(suspects["new"], axis="index").abs().gt(
        limits.groups_exceed_total * suspects["new"], axis="index"
    )
    texts = rows.assign(**{name: rows[name].astype("str") for name in REPORT_KEY_COLUMNS})
    reports = texts[texts["assisted"] > 0].groupby(REPORT_KEY_COLUMNS)["new"].sum().reset_index()
    pairs = texts.loc[suspects.index, [*REPORT_KEY_COLUMNS, "new"]].reset_index()
    matches = pairs.merge(reports, on=AREA_COLUMNS, suffixes=("", "_other"))
    is_other_partner = matches["organisation_other"] != matches["organisation"]
    is_other_month = ~is_other_partner & (matches["month_other"] != matches["month"]) & (matches["new_other"] > 0)
    months = matches[is_other_month].groupby("index")["new_other"].max().reindex(suspects.index)
    is_jump = suspects["new"] >= MAX_TIMES_OTHER_MONTHS * months
    has_partners = suspects.index.isin(matches.loc[is_other_partner, "index"])
    outliers = suspects.index[has_partners & (is_unlike.any(axis="columns") | is_jump)]
    return rows.index.to_series().isin(outliers)


def missing_people(rows: pd.DataFrame, reports: pd.DataFrame) -> pd.Series:
    """Return how many more new people each activity may stand for, because its new people were not filled in.

    - In a report that is *not counted*: at most the people assisted beyond all people ever told as new before.
    - In a counted report with more people assisted than all people ever told as new, if some of its activities tell
      nobody as new: the people beyond, at most those whom these activities assisted, without the people who are missing
      in earlier months already. So a partner that fills in new people in some rows only lacks people once, however many
      months follow. This is known only if the data have the year from January on.

    The people of a report are divided among its activities as the people assisted are. ``rows`` are ``people_rows``,
    ``reports`` are ``report_sums``. Returns a Series of people with the index of ``rows``; 0 for other reports.
    """
    keys = [reports.index.get_level_values(name) for name in SERIES_COLUMNS]
    series = [*keys, reports.index.get_level_values("month").str[:4]]
    new = reports["new"].groupby(series).cumsum()
    beyond = (reports["assisted"] - new).clip(lower=0)
    months = reports.index.get_level_values("month").to_series()
    has_whole_year = months.groupby(series[-1]).transform("min").str.endswith("-01").to_numpy()
    is_counted = (reports["people_state"] == COUNTED) & has_whole_year
    texts = pd.MultiIndex.from_frame(rows[REPORT_KEY_COLUMNS].astype("str"))
    empty = rows["assisted"].where(rows["new"] == 0, 0.0).set_axis(texts).groupby(level=REPORT_KEY_COLUMNS).sum()
    unfilled = beyond.clip(upper=empty.reindex(reports.index).fillna(0.0))
    unfilled = unfilled.where(is_counted, 0.0).groupby(series).cummax()
    lacking = unfilled - unfilled.groupby(series).shift(fill_value=0.0)
    missing = lacking.mask(reports["people_state"] == NOT_COUNTED, beyond)
    share = (rows["assisted"] / reports["assisted"].reindex(texts).set_axis(rows.index)).fillna(0.0)
    return missing.reindex(texts).set_axis(rows.index).fillna(0.0) * share
