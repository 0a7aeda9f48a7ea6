"""What looks wrong with the rows that can be used: named checks, ranked by the people they put in doubt."""

from rmrp_analysis.quality.as_sent import RowsToReview, rows_to_review
from rmrp_analysis.quality.check import Check, Reports
from rmrp_analysis.quality.checks import CHECKS, FINDING_COLUMNS, findings, not_run, rows_by_r4v_check
from rmrp_analysis.quality.joins import join_audits, join_findings, told
from rmrp_analysis.quality.money import money_findings
from rmrp_analysis.quality.repaired import changes_of, repaired
from rmrp_analysis.quality.repairs import REPAIRS, Repair
from rmrp_analysis.quality.review import (
    Review,
    effects_of_repairs,
    people_in_doubt,
    reviewed,
    steps_to_people_reached,
)

__all__ = [
    "CHECKS",
    "FINDING_COLUMNS",
    "REPAIRS",
    "Check",
    "Repair",
    "Reports",
    "Review",
    "RowsToReview",
    "changes_of",
    "effects_of_repairs",
    "findings",
    "join_audits",
    "join_findings",
    "money_findings",
    "not_run",
    "people_in_doubt",
    "repaired",
    "reviewed",
    "rows_by_r4v_check",
    "rows_to_review",
    "steps_to_people_reached",
    "told",
]
