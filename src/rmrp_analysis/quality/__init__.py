"""What looks wrong with the rows that can be used: named checks, ranked by the people they put in doubt."""

from rmrp_analysis.quality.check import Check, Reports
from rmrp_analysis.quality.checks import CHECKS, FINDING_COLUMNS, findings, not_run, rows_by_r4v_check
from rmrp_analysis.quality.joins import join_audits, join_findings, told
from rmrp_analysis.quality.repaired import changes_of, repaired
from rmrp_analysis.quality.repairs import REPAIRS, Repair
from rmrp_analysis.quality.review import Review, effects_of_repairs, reviewed, steps_to_people_reached

__all__ = [
    "CHECKS",
    "FINDING_COLUMNS",
    "REPAIRS",
    "Check",
    "Repair",
    "Reports",
    "Review",
    "changes_of",
    "effects_of_repairs",
    "findings",
    "join_audits",
    "join_findings",
    "not_run",
    "repaired",
    "reviewed",
    "rows_by_r4v_check",
    "steps_to_people_reached",
    "told",
]
