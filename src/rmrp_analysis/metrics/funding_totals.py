"""The requirement and the rows of a plan in the totals that FTS itself gives.

Requirement rows of one grouping make the plan's requirement. Rows of different groupings must not be added up.
"""

import pandas as pd


def totals_of_plan(totals: pd.DataFrame, plan_id: int) -> pd.DataFrame:
    """Return the rows of one plan, and rows without a plan: a source that names no plan holds one plan alone.

    Columns: see the table ``FundingTotals``. Columns read: ``plan_id``, ``plan_name``.
    """
    is_unnamed = (totals["plan_id"] == "") & (totals["plan_name"] == "")
    return totals[(totals["plan_id"] == str(plan_id)) | is_unnamed]


def requirements_usd(totals: pd.DataFrame) -> pd.Series:
    """Return the requirement (US$) of each row: the revised one, even if 0, otherwise the original one.

    NaN, not 0, if the row gives neither. Columns read: ``requirement_usd``, ``original_requirement_usd``. Source: FTS
    and HDX practice.
    """
    return totals["requirement_usd"].fillna(totals["original_requirement_usd"])
