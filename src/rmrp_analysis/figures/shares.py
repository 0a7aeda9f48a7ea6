"""Compute the rows of the table of figures that follow from two others: shares and differences."""

from collections.abc import Mapping

import pandas as pd

from rmrp_analysis.figures.registry import (
    DIFFERENCES,
    FEW,
    PARTLY_COUNTED,
    PARTS,
    REASONS_OF_SHARES,
    SHARES_OF_PEOPLE,
    WHOLES,
)


def copy_status_of_people(rows: pd.DataFrame) -> pd.DataFrame:
    """Give known shares the status *partly counted* or *few* of the people that they are shares of.

    Columns: those of the table of figures, of which ``status`` is changed.
    """
    shares = rows[rows["figure"].isin(PARTS) & ~rows["figure"].isin(DIFFERENCES) & rows["value"].notna()]
    status = rows_behind(shares, rows, PARTS)["status"]
    changed = status[status.isin([FEW, PARTLY_COUNTED])]
    return rows.assign(status=changed.reindex(rows.index).fillna(rows["status"]))


def add_share_in_doubt(rows: pd.DataFrame) -> pd.DataFrame:
    """Add ``share_in_doubt`` (0 to 1): how much of a number of people is in doubt; a share has that of its people."""
    share = (rows["in_doubt"] / rows["value"].where(rows["value"] > 0)).clip(0, 1).fillna(0.0)
    is_share = rows["figure"].isin(SHARES_OF_PEOPLE)
    share[is_share] = rows_behind(rows[is_share], rows.assign(share=share), PARTS)["share"].fillna(0.0)
    return rows.assign(share_in_doubt=share)


def fill_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Fill in the shares and differences of each sheet from the two rows that they follow from.

    Columns changed: ``value``, ``reason``, ``illustrative``. A share (0 to 1) is not clipped at 1; a difference is
    below 0 where the part exceeds the whole. Neither is known (NaN) without both of its parts. Shares of a target are
    of the people whom it counts.
    """
    shares = rows[rows["figure"].isin(PARTS)]
    part, whole = (rows_behind(shares, rows, names) for names in (PARTS, WHOLES))
    is_of_part = shares["part"] != ""
    value = part["value"] / whole["value"].where(whole["value"] != 0)
    value = value.where(~is_of_part | ((part["value"] >= 0) & (whole["value"] > 0)))
    value = value.mask(shares["figure"].isin(DIFFERENCES), whole["value"] - part["value"])
    has_reason = part["reason"].isin(REASONS_OF_SHARES) & whole["value"].notna()
    has_reason &= ~is_of_part | (part["reason"] != "in_transit_not_known")
    reason = part["reason"].where(has_reason, "no_denominator").where(value.isna(), "")
    columns = {"value": value, "reason": reason, "illustrative": shares["illustrative"] & (value.notna() | is_of_part)}
    return pd.concat([rows.drop(shares.index), shares.assign(**columns)]).sort_index()


def rows_behind(shares: pd.DataFrame, rows: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the row of this name from the same sheet and part for each share, with the index of the shares.

    Columns: those of ``rows``, the table of figures, but ``report``, ``figure`` and ``part``; all are NaN where there
    is no such row.
    """
    rows_by_key = rows[rows["figure"].isin([*names.values()])].set_index(["report", "figure", "part"])
    keys = pd.MultiIndex.from_arrays([shares["report"], shares["figure"].map(names), shares["part"]])
    return rows_by_key.reindex(keys).set_axis(shares.index)
