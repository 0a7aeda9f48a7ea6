"""Requirement, funding, unmet and coverage from the totals that FTS itself gives.

Requirement rows of one grouping make the plan's requirement; rows of different groupings must not be added up.
"""

from typing import Literal

import pandas as pd

from rmrp_analysis.vocabulary import NOT_SPECIFIED, OVERLAP, PLATFORM_OF, SHARED

TotalsSplit = Literal["sector", "cluster", "country", "organisation", "platform"]
MEASURES = ("requirement_usd", "funding_usd", "pledges_usd")


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


def totals_by(totals: pd.DataFrame, split: TotalsSplit) -> pd.DataFrame:
    """One plan's requirement, funding, pledges, unmet (all USD) and coverage (a share) by part, in order of parts.

    A platform is the sum of its countries; what is of no country, or several, keeps its row, and so does what FTS
    counts in several rows. NA: a row without any report, a part without a requirement above 0. Unmet may be below 0.
    """
    rows = totals[totals["grouped_by"] == ("country" if split == "platform" else split)]
    part = rows["part"].map(lambda name: PLATFORM_OF.get(name, name)) if split == "platform" else rows["part"]
    measures = rows.assign(requirement_usd=requirements_usd(rows))[list(MEASURES)]
    sums = measures.groupby(part.rename(split)).sum(min_count=1)
    apart = sums.index.isin([NOT_SPECIFIED, SHARED, OVERLAP])  # money of no part or several has no requirement
    requirement = sums["requirement_usd"].where((sums["requirement_usd"] > 0) & ~apart)
    unmet = requirement - sums["funding_usd"].fillna(0)
    return sums.assign(unmet_usd=unmet, coverage=sums["funding_usd"] / requirement)
