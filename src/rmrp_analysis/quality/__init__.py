"""What looks wrong with the rows that can be used: named checks, ranked by the people they affect."""

from rmrp_analysis.quality.checks import CHECKS, Check, findings
from rmrp_analysis.quality.joins import join_audits, join_findings, told
from rmrp_analysis.quality.money import money_findings

__all__ = ["CHECKS", "Check", "findings", "join_audits", "join_findings", "money_findings", "told"]
