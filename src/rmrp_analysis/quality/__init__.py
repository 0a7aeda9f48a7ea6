"""What looks wrong with the rows that can be used: named checks, ranked by the people they put in doubt."""

from rmrp_analysis.quality.check import Check, Reports
from rmrp_analysis.quality.checks import CHECKS, FINDING_COLUMNS, findings, not_run, rows_by_r4v_check
from rmrp_analysis.quality.joins import join_audits, join_findings, told

__all__ = [
    "CHECKS",
    "FINDING_COLUMNS",
    "Check",
    "Reports",
    "findings",
    "join_audits",
    "join_findings",
    "not_run",
    "rows_by_r4v_check",
    "told",
]
