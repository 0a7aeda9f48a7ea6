"""Compute the rows of the table of figures that follow from two others: shares and differences."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rmrp_analysis.figures.registry import (
    DIFFERENCE_FIGURES,
    FEW,
    PART_BY_DERIVED_FIGURE,
    PARTLY_COUNTED,
    REASONS_OF_SHARES,
    SHARES_OF_PEOPLE,
    STATUS_BY_REASON,
    WHOLE_BY_DERIVED_FIGURE,
)


def copy_status_of_people(rows: pd.DataFrame) -> pd.DataFrame:
    """Set the status of shares and differences in the table of figures. The status of other rows stays.

    A known share gets the status *partly_counted* or *few* if its people have it. An unknown share or difference gets
    the status of its ``reason``.
    """
    derived = rows[rows["figure"].isin(PART_BY_DERIVED_FIGURE)]
    shares = derived[~derived["figure"].isin(DIFFERENCE_FIGURES) & derived["value"].notna()]
    statuses = rows_behind(shares, rows, PART_BY_DERIVED_FIGURE)["status"]
    statuses = statuses[statuses.isin([FEW, PARTLY_COUNTED])]
    unknown = derived.loc[derived["value"].isna(), "reason"].map(STATUS_BY_REASON)
    status = pd.concat([statuses, unknown]).reindex(rows.index)
    return rows.assign(status=status.fillna(rows["status"]))


def add_share_in_doubt(rows: pd.DataFrame) -> pd.DataFrame:
    """Add ``share_in_doubt`` (0 to 1): how much of a number of people is in doubt. A share takes it from its people.

    It is 0 if ``value`` is NaN or not above 0. Columns read: ``in_doubt``, ``value``.
    """
    share = (rows["in_doubt"] / rows["value"].where(rows["value"] > 0)).clip(0, 1).fillna(0.0)
    is_share = rows["figure"].isin(SHARES_OF_PEOPLE)
    share[is_share] = rows_behind(rows[is_share], rows.assign(share=share), PART_BY_DERIVED_FIGURE)["share"].fillna(0.0)
    return rows.assign(share_in_doubt=share)


def fill_bounds(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with whole people in ``low`` and ``high``; a number without bounds is its own bound.

    Doubt is a matter of people reached. So ``low`` and ``high`` of plans, money and other counts are the value. Both
    are NaN if nothing is known, or if groups of people exceed their total so far that nobody can be in no group.
    """
    value, has_bounds = rows["value"], rows["high"].notna() & (rows["origin"] == "activities")
    low = np.floor(rows["low"]).where(has_bounds & (rows["low"] != value), value)
    high = np.ceil(rows["high"]).where(has_bounds & (rows["high"] != value), value)
    is_impossible = value.isna() & ~(high > 0)
    return rows.assign(
        low=low.where(value.notna(), low.clip(lower=0)).mask(is_impossible), high=high.mask(is_impossible)
    )


def fill_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Fill in the shares and differences of each sheet from the two rows that they follow from.

    Columns changed: ``value``, ``low``, ``high``, ``reason``, ``illustrative``. A share may be above 1. A
    difference is below 0 if the part exceeds the whole. A share of a target counts only people whom the target counts,
    too.

    ``value`` is NaN if one of the two rows is not known. A share is also NaN if the whole is 0, and in a breakdown if
    the part is below 0 or the whole is not above 0. Then ``reason`` is the reason of the part, if ``REASONS_OF_SHARES``
    has it, otherwise *no_denominator*. The reason of a known value is empty.
    """
    shares = rows[rows["figure"].isin(PART_BY_DERIVED_FIGURE)]
    part = rows_behind(shares, rows, PART_BY_DERIVED_FIGURE)
    totals = rows_behind(shares, rows, WHOLE_BY_DERIVED_FIGURE)
    is_of_part = shares["part"] != ""
    is_difference = shares["figure"].isin(DIFFERENCE_FIGURES)
    numbers = {}
    for name, bound in (("value", "value"), ("low", "high"), ("high", "low")):
        share = part[name] / totals["value"].where(totals["value"] != 0)
        share = share.where(~is_of_part | ((part[name] >= 0) & (totals["value"] > 0)))
        numbers[name] = share.mask(is_difference, totals["value"] - part[bound])
    value = numbers["value"]
    has_reason = part["reason"].isin(REASONS_OF_SHARES) & totals["value"].notna()
    has_reason &= ~is_of_part | (part["reason"] != "in_transit_not_known")
    reason = part["reason"].where(has_reason, "no_denominator").where(value.isna(), "")
    columns = {**numbers, "reason": reason, "illustrative": shares["illustrative"] & (value.notna() | is_of_part)}
    return pd.concat([rows.drop(shares.index), shares.assign(**columns)]).sort_index()


def rows_behind(shares: pd.DataFrame, rows: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return for each share the row of another figure, of the same sheet and part.

    ``names`` gives the other figure by the share's own. The result has the index of ``shares``, and the columns of
    ``rows`` (the table of figures) except ``report``, ``figure`` and ``part``. All are NaN without such a row.
    """
    indexed = rows[rows["figure"].isin([*names.values()])].set_index(["report", "figure", "part"])
    keys = pd.MultiIndex.from_arrays([shares["report"], shares["figure"].map(names), shares["part"]])
    return indexed.reindex(keys).set_axis(shares.index)
