"""Causes of doubt: why a number of people must be read with care, one cause a number, the first that applies.

Nothing is corrected. Each rule says which reports or rows it concerns, and how many people these have.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from rmrp_analysis.method import CautionLimits
from rmrp_analysis.vocabulary import REPORT_CAUSES

LEFT_OUT, NOT_COUNTED, EVERYBODY_NEW, ONE_REPORT, GROUPS_OF_ASSISTED, GROUPS_EXCEED = REPORT_CAUSES
"""Causes of doubt in one report."""
MOSTLY_IN_DOUBT, COVERAGE_ABOVE, MANY_IN_NO_GROUP = "mostly_in_doubt", "coverage_above", "not_specified"
"""Causes of doubt in a whole number: most of its people in doubt, coverage above the limit, many people in no group."""
CAUSES = (*REPORT_CAUSES, MOSTLY_IN_DOUBT, COVERAGE_ABOVE, MANY_IN_NO_GROUP)
"""All causes of doubt in a number, in the order in which they are tried."""

MIN_NEW_SHARE_OF_ASSISTED = 0.9
"""The least share of new people among the people assisted for *everybody new*.

A few rows without new people do not change the meaning of the other rows.
"""
MAX_GAP_SHARE_OF_TOTAL = 0.01
"""Groups are of the people assisted if they differ from the monthly total by at most this share."""


def exceeding_groups(reports: pd.DataFrame, splits: Iterable[str], limits: CautionLimits) -> pd.DataFrame:
    """Mark reports with groups that exceed their new beneficiaries: columns ``is_of_assisted`` and ``is_exceeded``.

    ``reports`` has ``new``, ``total`` and a column for the sum of each split. Its index stays. If groups over the limit
    add up to the monthly total, they are groups of the people assisted (``is_of_assisted``), which says nothing against
    the number of new people. Other groups over the limit are ``is_exceeded``. A report with several splits may have
    both marks.
    """
    sums, total = reports[list(splits)], reports["total"]
    exceeds = sums.gt(reports["new"] * (1 + limits.groups_exceed_total), axis="index")
    equals = sums.sub(total, axis="index").abs().le(MAX_GAP_SHARE_OF_TOTAL * total, axis="index")
    marks = {"is_of_assisted": exceeds & equals, "is_exceeded": exceeds & ~equals}
    return pd.DataFrame({name: mark.any(axis="columns") for name, mark in marks.items()})


def row_facts(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return facts of the rows with new people, by ``keys`` (index): ``largest``, ``months``, ``has_others``.

    ``rows`` has ``new``, ``total`` (people assisted in the month), ``month`` and ``keys``. ``largest`` are the new
    beneficiaries of the row with most people. ``months`` is the number of different months. ``has_others`` is true if a
    row assisted more people than it tells as new, or tells nobody as assisted. Keys without new people have no row.
    """
    with_new = rows[rows["new"] > 0]
    is_other = (with_new["new"] < with_new["total"]) | (with_new["total"] == 0)
    grouped = with_new.assign(is_other=is_other).groupby(keys, observed=True)
    return grouped.agg(largest=("new", "max"), months=("month", "nunique"), has_others=("is_other", "max"))


def area_causes(sums: pd.DataFrame, facts: pd.DataFrame, limits: CautionLimits) -> pd.DataFrame:
    """Mark the areas where everybody is reported as new, or where one report has most of the people.

    Columns (bool): *everybody_new* (over more than one month), *one_report*. Areas of fewer people than the limit have
    neither. ``sums`` has ``new`` and ``assisted``. ``facts`` comes from ``row_facts``. The index of ``sums`` stays.
    """
    facts, is_large = facts.reindex(sums.index), sums["new"] >= limits.people_from
    is_everybody = sums["new"] >= MIN_NEW_SHARE_OF_ASSISTED * sums["assisted"]
    return pd.DataFrame(
        {
            EVERYBODY_NEW: is_large & is_everybody & (facts["months"] > 1) & facts["has_others"].eq(other=False),
            ONE_REPORT: is_large & (facts["largest"] > limits.one_report * sums["new"]),
        }
    )


def report_causes(rows: pd.DataFrame, reports: pd.DataFrame, limits: CautionLimits) -> pd.Series:
    """Return the first of ``REPORT_CAUSES`` that applies to each report. Empty if no cause applies.

    ``rows`` are ``people_rows``. ``reports`` is ``report_sums`` joined with ``report_marks``. Its index stays.
    *Everybody new* and *one report* are facts of a sector and country, in all months of the data. Then *everybody new*
    is the cause of its reports with new people, and *one report* is the cause of the report with the largest row.
    """
    area = ["sector", "country"]
    sums, facts = rows.groupby(area, observed=True)[["new", "assisted"]].sum(), row_facts(rows, area)
    marks = area_causes(sums, facts, limits)
    areas = pd.MultiIndex.from_arrays([reports.index.get_level_values(name) for name in area])
    area_marks = marks.reindex(areas, fill_value=False).set_axis(reports.index)
    is_largest = reports["largest_row"] == facts["largest"].reindex(areas).set_axis(reports.index)
    left_out = reports["people_left_out"]
    conditions = {
        LEFT_OUT: left_out > limits.left_out * (reports["new"] + left_out),
        NOT_COUNTED: reports["people_state"] == NOT_COUNTED.replace("_", " "),
        EVERYBODY_NEW: area_marks[EVERYBODY_NEW] & (reports["new"] > 0),
        ONE_REPORT: area_marks[ONE_REPORT] & is_largest,
        GROUPS_OF_ASSISTED: reports["is_of_assisted"],
        GROUPS_EXCEED: reports["is_exceeded"],
    }
    return pd.Series(np.select(list(conditions.values()), list(conditions), default=""), reports.index)
