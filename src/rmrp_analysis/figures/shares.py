"""Compute the rows of the table of figures that follow from two others: shares and differences."""

from collections.abc import Mapping

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
    """Give known shares the status *partly_counted* or *few* of their people; unknown ones that of their ``reason``.

    Unknown differences get it, too. ``rows`` are those of the table of figures; other rows keep their ``status``.
    """
    derived_rows = rows[rows["figure"].isin(PART_BY_DERIVED_FIGURE)]
    shares = derived_rows[~derived_rows["figure"].isin(DIFFERENCE_FIGURES) & derived_rows["value"].notna()]
    status = rows_behind(shares, rows, PART_BY_DERIVED_FIGURE)["status"]
    changed = pd.concat(
        [
            status[status.isin([FEW, PARTLY_COUNTED])],
            derived_rows.loc[derived_rows["value"].isna(), "reason"].map(STATUS_BY_REASON),
        ]
    )
    return rows.assign(status=changed.reindex(rows.index).fillna(rows["status"]))


def add_share_in_doubt(rows: pd.DataFrame) -> pd.DataFrame:
    """Add ``share_in_doubt`` (0 to 1): how much of a number of people is in doubt; a share has that of its people.

    Columns read: ``in_doubt``, ``value``. It is 0 where ``value`` is NaN or not above 0.
    """
    share = (rows["in_doubt"] / rows["value"].where(rows["value"] > 0)).clip(0, 1).fillna(0.0)
    is_share = rows["figure"].isin(SHARES_OF_PEOPLE)
    share[is_share] = rows_behind(rows[is_share], rows.assign(share=share), PART_BY_DERIVED_FIGURE)["share"].fillna(0.0)
    return rows.assign(share_in_doubt=share)


def fill_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Fill in the shares and differences of each sheet from the two rows that they follow from.

    Columns changed: ``value``, ``reason``, ``illustrative``. A share (0 to 1) is not clipped at 1; a difference is
    below 0 where the part exceeds the whole. Neither is known (NaN) without both of its rows, nor is a share of a whole
    of 0, or in a breakdown one of which whole or part is below 0. Then ``reason`` is that of the part, if
    ``REASONS_OF_SHARES`` has it, or *no_denominator*; else it is empty. Shares of a target are of the people whom it
    counts.
    """
    shares = rows[rows["figure"].isin(PART_BY_DERIVED_FIGURE)]
    part, whole_rows = (rows_behind(shares, rows, names) for names in (PART_BY_DERIVED_FIGURE, WHOLE_BY_DERIVED_FIGURE))
    is_of_part = shares["part"] != ""
    value = part["value"] / whole_rows["value"].where(whole_rows["value"] != 0)
    value = value.where(~is_of_part | ((part["value"] >= 0) & (whole_rows["value"] > 0)))
    value = value.mask(shares["figure"].isin(DIFFERENCE_FIGURES), whole_rows["value"] - part["value"])
    has_reason = part["reason"].isin(REASONS_OF_SHARES) & whole_rows["value"].notna()
    has_reason &= ~is_of_part | (part["reason"] != "in_transit_not_known")
    reason = part["reason"].where(has_reason, "no_denominator").where(value.isna(), "")
    columns = {"value": value, "reason": reason, "illustrative": shares["illustrative"] & (value.notna() | is_of_part)}
    return pd.concat([rows.drop(shares.index), shares.assign(**columns)]).sort_index()


def rows_behind(shares: pd.DataFrame, rows: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return for each share the row of the figure that ``names`` gives for its own, of the same sheet and part.

    Columns: those of ``rows``, the table of figures, but ``report``, ``figure`` and ``part``; all are NaN where there
    is no such row. The index is that of ``shares``.
    """
    keyed_rows = rows[rows["figure"].isin([*names.values()])].set_index(["report", "figure", "part"])
    keys = pd.MultiIndex.from_arrays([shares["report"], shares["figure"].map(names), shares["part"]])
    return keyed_rows.reindex(keys).set_axis(shares.index)
