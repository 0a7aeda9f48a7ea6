"""What looks wrong with the rows that can be used: named checks, ranked by the people they affect."""

from rmrp_analysis.quality.checks import CHECKS, Check, findings

__all__ = ["CHECKS", "Check", "findings"]
