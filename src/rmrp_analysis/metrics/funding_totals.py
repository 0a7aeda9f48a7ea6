"""Requirement, funding, unmet and coverage from the totals that FTS itself gives.

Requirement rows of one grouping make the plan's requirement; rows of different groupings must not be added up.
"""

import pandas as pd


def totals_of_plan(totals: pd.DataFrame, plan_id: int) -> pd.DataFrame:
    """The rows of one plan; a source that names no plan holds one plan alone."""
    unnamed = (totals["plan_id"] == "") & (totals["plan_name"] == "")
    return totals[(totals["plan_id"] == str(plan_id)) | unnamed]


def requirements_usd(totals: pd.DataFrame) -> pd.Series:
    """The requirement of each row: as revised, even if that is 0; as first published only where no revision is given.

    NA where neither is given, which is not 0. Source: FTS and HDX practice.
    """
    return totals["requirement_usd"].fillna(totals["original_requirement_usd"])


def coverage(funding_usd: float | None, requirement_usd: float | None) -> float | None:
    """Funding by requirement, as a share that is not clipped at 1; None without a requirement above 0."""
    unknown = funding_usd is None or requirement_usd is None or pd.isna(funding_usd) or pd.isna(requirement_usd)
    return None if unknown or not requirement_usd > 0 else funding_usd / requirement_usd  # type: ignore[operator]
