"""The requirement and the rows of a plan in the totals that FTS itself gives.

Requirement rows of one grouping make the plan's requirement; rows of different groupings must not be added up.
"""

import pandas as pd


def totals_of_plan(totals: pd.DataFrame, plan_id: int) -> pd.DataFrame:
    """Return the rows of one plan; a source that names no plan holds one plan alone.

    Columns: those of the table ``FundingTotals``, of which ``plan_id`` and ``plan_name`` are read.
    """
    is_unnamed = (totals["plan_id"] == "") & (totals["plan_name"] == "")
    return totals[(totals["plan_id"] == str(plan_id)) | is_unnamed]


def requirements_usd(totals: pd.DataFrame) -> pd.Series:
    """Return the requirement (US$) of each row: the revised one, even if 0; the original only without a revision.

    Columns read: ``requirement_usd``, ``original_requirement_usd``. NaN where neither is given, which is not 0. Source:
    FTS and HDX practice.
    """
    return totals["requirement_usd"].fillna(totals["original_requirement_usd"])
