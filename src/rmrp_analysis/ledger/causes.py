"""Causes of doubt: why a number of people must be read with care, one cause a number, the first that applies.

Nothing is corrected. Each rule says which reports or rows it speaks of, and how many people these have.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from rmrp_analysis.method import CautionLimits
from rmrp_analysis.vocabulary import REPORT_CAUSES

LEFT_OUT, NOT_COUNTED, EVERYBODY_NEW, ONE_REPORT, GROUPS_OF_ASSISTED, GROUPS_EXCEED = REPORT_CAUSES
"""Causes of doubt in one report, as ``REPORT_CAUSES`` names them."""
MOSTLY_IN_DOUBT, COVERAGE_ABOVE, MANY_IN_NO_GROUP = "mostly_in_doubt", "coverage_above", "not_specified"
"""Causes of doubt in a whole number: most people in doubt, coverage of need, target or requirement above the
limit, many people in no group."""
CAUSES = (*REPORT_CAUSES, MOSTLY_IN_DOUBT, COVERAGE_ABOVE, MANY_IN_NO_GROUP)
"""The causes of a number, the first that applies first."""

MIN_NEW_SHARE_OF_ASSISTED = 0.9
"""At least such a share of the people assisted must be new, where every row with new people gives all its people as
new: a few rows in which nobody is new do not change what the others do."""
MAX_GAP_SHARE_OF_TOTAL = 0.01
"""So near to the monthly total, groups are those of the people assisted."""


def exceeding_groups(reports: pd.DataFrame, splits: Iterable[str], limits: CautionLimits) -> pd.DataFrame:
    """Mark reports whose groups exceed their new beneficiaries over the limit: ``is_of_assisted`` and ``is_exceeded``.

    ``reports`` has ``new``, ``total`` and a column for the sum of each split; the index is that of ``reports``. Groups
    that add up to the monthly total are those of the people assisted (``is_of_assisted``), so they say nothing against
    the number of new people; others are ``is_exceeded``. A report with several splits may have both.
    """
    sums = reports[list(splits)]
    exceeds = sums.gt(reports["new"] * (1 + limits.groups_exceed_total), axis="index")
    equals_total = (
        sums.sub(reports["total"], axis="index").abs().le(MAX_GAP_SHARE_OF_TOTAL * reports["total"], axis="index")
    )
    return pd.DataFrame(
        {
            "is_of_assisted": (exceeds & equals_total).any(axis="columns"),
            "is_exceeded": (exceeds & ~equals_total).any(axis="columns"),
        }
    )


def row_facts(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return what the rows with new people say, by these columns: ``largest``, ``months``, ``has_others``.

    ``rows`` has ``new``, ``total`` (people assisted in the month) and ``month``. ``largest``: new beneficiaries of the
    row with most (people); ``months``: number of different months; ``has_others``: true where the monthly total of a
    row differs from its new beneficiaries, also where it is 0. Keys without new people have no row.
    """
    with_new = rows[rows["new"] > 0]
    is_other = with_new["new"] != with_new["total"]
    grouped = with_new.assign(is_other=is_other).groupby(keys, observed=True)
    return grouped.agg(largest=("new", "max"), months=("month", "nunique"), has_others=("is_other", "max"))


def area_causes(sums: pd.DataFrame, facts: pd.DataFrame, limits: CautionLimits) -> pd.DataFrame:
    """Mark the areas where everybody is told as new, or where one report makes most of the people.

    Columns (bool): *everybody_new* (over more than one month), *one_report*. Areas of fewer people than the limit have
    neither. ``sums`` has ``new`` and ``assisted``, ``facts`` is that of ``row_facts``; the index is that of ``sums``.
    """
    facts, is_large = facts.reindex(sums.index), sums["new"] >= limits.people_from
    is_nearly_everybody = sums["new"] >= MIN_NEW_SHARE_OF_ASSISTED * sums["assisted"]
    return pd.DataFrame(
        {
            EVERYBODY_NEW: is_large & is_nearly_everybody & (facts["months"] > 1) & facts["has_others"].eq(other=False),
            ONE_REPORT: is_large & (facts["largest"] > limits.one_report * sums["new"]),
        }
    )


def report_causes(rows: pd.DataFrame, reports: pd.DataFrame, limits: CautionLimits) -> pd.Series:
    """Return the first of ``REPORT_CAUSES`` that applies to each report (empty: none), from its rows and sums.

    ``rows`` are ``people_rows``, ``reports`` is ``report_sums`` joined with ``report_marks``. *Everybody new* and *one
    report* are facts of a sector and country, in all months of the data: the first is the cause of its reports with new
    people, the second of the report with the largest row.
    """
    area = ["sector", "country"]
    sums = rows.groupby(area, observed=True)[["new", "assisted"]].sum()
    marks = area_causes(sums, facts := row_facts(rows, area), limits)
    areas = pd.MultiIndex.from_arrays([reports.index.get_level_values(name) for name in area])
    area_marks = marks.reindex(areas, fill_value=False).set_axis(reports.index)
    is_largest = reports["largest_row"] == facts["largest"].reindex(areas).set_axis(reports.index)
    people_left_out = reports["people_left_out"]
    conditions = {
        LEFT_OUT: people_left_out > limits.left_out * (reports["new"] + people_left_out),
        NOT_COUNTED: reports["people_state"] == NOT_COUNTED.replace("_", " "),
        EVERYBODY_NEW: area_marks[EVERYBODY_NEW] & (reports["new"] > 0),
        ONE_REPORT: area_marks[ONE_REPORT] & is_largest,
        GROUPS_OF_ASSISTED: reports["is_of_assisted"],
        GROUPS_EXCEED: reports["is_exceeded"],
    }
    return pd.Series(np.select(list(conditions.values()), list(conditions), default=""), reports.index)
