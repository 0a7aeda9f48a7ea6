"""What looks wrong with the rows that can be used: named checks, ranked by the people they put in doubt."""

from rmrp_analysis.quality.checks import CHECKS as CHECKS
from rmrp_analysis.quality.checks import WORDS_OF as WORDS_OF
from rmrp_analysis.quality.checks import findings as findings
from rmrp_analysis.quality.checks import not_run as not_run
from rmrp_analysis.quality.feedback import RowsToReview as RowsToReview
from rmrp_analysis.quality.feedback import rows_to_review as rows_to_review
from rmrp_analysis.quality.gate import MUCH_ACCEPTED as MUCH_ACCEPTED
from rmrp_analysis.quality.gate import accept_line as accept_line
from rmrp_analysis.quality.gate import after_period as after_period
from rmrp_analysis.quality.gate import check_trusted as check_trusted
from rmrp_analysis.quality.gate import conditions as conditions
from rmrp_analysis.quality.gate import shares_accepted as shares_accepted
from rmrp_analysis.quality.joins import join_audits as join_audits
from rmrp_analysis.quality.joins import join_message as join_message
from rmrp_analysis.quality.money import money_findings as money_findings
from rmrp_analysis.quality.repairs import REPAIRS as REPAIRS
from rmrp_analysis.quality.repairs import repaired as repaired
from rmrp_analysis.quality.review import Review as Review
from rmrp_analysis.quality.review import effects_of_repairs as effects_of_repairs
from rmrp_analysis.quality.review import findings_of as findings_of
from rmrp_analysis.quality.review import people_in_doubt as people_in_doubt
from rmrp_analysis.quality.review import people_to_review as people_to_review
from rmrp_analysis.quality.review import review_of_sheets as review_of_sheets
from rmrp_analysis.quality.review import reviewed as reviewed
from rmrp_analysis.quality.review import steps_to_people_reached as steps_to_people_reached
