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
    known_share_rows = derived_rows[~derived_rows["figure"].isin(DIFFERENCE_FIGURES) & derived_rows["value"].notna()]
    people_status_by_share = rows_behind(known_share_rows, rows, PART_BY_DERIVED_FIGURE)["status"]
    new_statuses = pd.concat(
        [
            people_status_by_share[people_status_by_share.isin([FEW, PARTLY_COUNTED])],
            derived_rows.loc[derived_rows["value"].isna(), "reason"].map(STATUS_BY_REASON),
        ]
    )
    return rows.assign(status=new_statuses.reindex(rows.index).fillna(rows["status"]))


def add_share_in_doubt(rows: pd.DataFrame) -> pd.DataFrame:
    """Add ``share_in_doubt`` (0 to 1): how much of a number of people is in doubt; a share has that of its people.

    Columns read: ``in_doubt``, ``value``. It is 0 where ``value`` is NaN or not above 0.
    """
    share_in_doubt_by_row = (rows["in_doubt"] / rows["value"].where(rows["value"] > 0)).clip(0, 1).fillna(0.0)
    is_share_of_people = rows["figure"].isin(SHARES_OF_PEOPLE)
    share_in_doubt_by_row[is_share_of_people] = rows_behind(
        rows[is_share_of_people], rows.assign(share=share_in_doubt_by_row), PART_BY_DERIVED_FIGURE
    )["share"].fillna(0.0)
    return rows.assign(share_in_doubt=share_in_doubt_by_row)


def fill_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Fill in the shares and differences of each sheet from the two rows that they follow from.

    Columns changed: ``value``, ``reason``, ``illustrative``. A share (0 to 1) is not clipped at 1; a difference is
    below 0 where the part exceeds the whole. Neither is known (NaN) without both of its rows, nor is a share of a whole
    of 0, or in a breakdown one of which whole or part is below 0. Then ``reason`` is that of the part, if
    ``REASONS_OF_SHARES`` has it, or *no_denominator*; else it is empty. Shares of a target are of the people whom it
    counts.
    """
    share_rows = rows[rows["figure"].isin(PART_BY_DERIVED_FIGURE)]
    part_rows, whole_rows = (
        rows_behind(share_rows, rows, figure_name_by_share_name)
        for figure_name_by_share_name in (PART_BY_DERIVED_FIGURE, WHOLE_BY_DERIVED_FIGURE)
    )
    is_share_of_part = share_rows["part"] != ""
    share_values = part_rows["value"] / whole_rows["value"].where(whole_rows["value"] != 0)
    share_values = share_values.where(~is_share_of_part | ((part_rows["value"] >= 0) & (whole_rows["value"] > 0)))
    share_values = share_values.mask(
        share_rows["figure"].isin(DIFFERENCE_FIGURES), whole_rows["value"] - part_rows["value"]
    )
    has_reason_of_part = part_rows["reason"].isin(REASONS_OF_SHARES) & whole_rows["value"].notna()
    has_reason_of_part &= ~is_share_of_part | (part_rows["reason"] != "in_transit_not_known")
    share_reasons = part_rows["reason"].where(has_reason_of_part, "no_denominator").where(share_values.isna(), "")
    filled_column_by_name = {
        "value": share_values,
        "reason": share_reasons,
        "illustrative": share_rows["illustrative"] & (share_values.notna() | is_share_of_part),
    }
    return pd.concat([rows.drop(share_rows.index), share_rows.assign(**filled_column_by_name)]).sort_index()


def rows_behind(shares: pd.DataFrame, rows: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return for each share the row of the figure that ``names`` gives for its own, of the same sheet and part.

    Columns: those of ``rows``, the table of figures, but ``report``, ``figure`` and ``part``; all are NaN where there
    is no such row. The index is that of ``shares``.
    """
    keyed_rows = rows[rows["figure"].isin([*names.values()])].set_index(["report", "figure", "part"])
    wanted_key_index = pd.MultiIndex.from_arrays([shares["report"], shares["figure"].map(names), shares["part"]])
    return keyed_rows.reindex(wanted_key_index).set_axis(shares.index)
