"""What looks wrong with the rows that can be used: named checks, ranked by the people they put in doubt."""

from rmrp_analysis.quality.checks import CHECKS, WORDS_OF, findings, not_run
from rmrp_analysis.quality.feedback import RowsToReview, rows_to_review
from rmrp_analysis.quality.gate import (
    MUCH_ACCEPTED,
    accept_line,
    after_period,
    check_trusted,
    conditions,
    shares_accepted,
)
from rmrp_analysis.quality.joins import join_audits, join_message
from rmrp_analysis.quality.money import money_findings
from rmrp_analysis.quality.repairs import REPAIRS, repaired
from rmrp_analysis.quality.review import (
    Review,
    effects_of_repairs,
    findings_of,
    people_in_doubt,
    people_to_review,
    reviewed,
    steps_to_people_reached,
)

__all__ = [
    "CHECKS",
    "MUCH_ACCEPTED",
    "REPAIRS",
    "WORDS_OF",
    "Review",
    "RowsToReview",
    "accept_line",
    "after_period",
    "check_trusted",
    "conditions",
    "effects_of_repairs",
    "findings",
    "findings_of",
    "join_audits",
    "join_message",
    "money_findings",
    "not_run",
    "people_in_doubt",
    "people_to_review",
    "repaired",
    "reviewed",
    "rows_to_review",
    "shares_accepted",
    "steps_to_people_reached",
]
