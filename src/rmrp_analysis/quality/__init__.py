"""Checks, repairs and corrections of the rows that were sent, and the gate that stops a run or a sheet."""

from rmrp_analysis.quality.checks import CHECK_BY_NAME, findings, not_run
from rmrp_analysis.quality.gate import LARGE_SHARE_WARNING, check_trusted, conditions, secret_condition, shares_accepted
from rmrp_analysis.quality.joins import join_audits
from rmrp_analysis.quality.repairs import STEPS_BY_REPAIR, repair_plan
from rmrp_analysis.quality.review import Review, review_of_sheets, review_plan
from rmrp_analysis.quality.sheets import explain_refused_sheets

__all__ = [
    "CHECK_BY_NAME",
    "LARGE_SHARE_WARNING",
    "STEPS_BY_REPAIR",
    "Review",
    "check_trusted",
    "conditions",
    "explain_refused_sheets",
    "findings",
    "join_audits",
    "not_run",
    "repair_plan",
    "review_of_sheets",
    "review_plan",
    "reviewed",
    "secret_condition",
    "shares_accepted",
]

reviewed = review_plan
"""The earlier name of ``review_plan``."""
