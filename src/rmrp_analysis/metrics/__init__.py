"""Numbers from tables: pure functions that read nothing, print nothing and change nothing they receive."""

from rmrp_analysis.metrics.activities import (
    AGE_GENDER_CELLS,
    DECIMALS,
    DIMENSIONS,
    NEW,
    NOT_KNOWN,
    PEOPLE,
    SOURCE,
    TOTAL_MONTHLY,
    splits_of,
)
from rmrp_analysis.metrics.contributions import EMPTY_SUMS, FIGURE, ROUNDED, Contributions, with_base, with_empty_sums
from rmrp_analysis.metrics.dataset import Dataset, remembered, whose
from rmrp_analysis.metrics.funding import PASSED_ON, funding_ledger, funding_usd_by, named_organisations
from rmrp_analysis.metrics.funding_totals import requirements_usd, totals_of_plan
from rmrp_analysis.metrics.keys import Secret, mixed, row_keys
from rmrp_analysis.metrics.models import (
    LOWER_BOUND,
    NOT_KEPT,
    PLACE_MONTH_SECTOR,
    fractions,
    kept,
    largest_of_period,
    new_by_sector,
)
from rmrp_analysis.metrics.planned import IN_TRANSIT, not_in_admin1, planned_admin1, planned_groups, planned_rows
from rmrp_analysis.metrics.sheets import MEMBERS, Sheets, sheets_of

__all__ = ["AGE_GENDER_CELLS", "DECIMALS", "DIMENSIONS", "EMPTY_SUMS", "FIGURE", "IN_TRANSIT", "LOWER_BOUND", "MEMBERS"]
__all__ += ["NEW", "NOT_KEPT", "NOT_KNOWN", "PASSED_ON", "PEOPLE", "PLACE_MONTH_SECTOR", "ROUNDED", "SOURCE"]
__all__ += ["TOTAL_MONTHLY", "Contributions", "Dataset", "Secret", "Sheets", "fractions", "funding_ledger"]
__all__ += ["funding_usd_by", "kept", "largest_of_period", "mixed", "named_organisations", "new_by_sector"]
__all__ += ["not_in_admin1", "planned_admin1", "planned_groups", "planned_rows", "remembered", "requirements_usd"]
__all__ += ["row_keys", "sheets_of", "splits_of", "totals_of_plan", "whose", "with_base", "with_empty_sums"]
