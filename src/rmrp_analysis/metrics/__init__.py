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
from rmrp_analysis.metrics.contributions import EMPTY_SUMS, FIGURE, ROUNDED, Contributions, add_base
from rmrp_analysis.metrics.dataset import CACHE, Dataset, cached_and_sent, cached_by_args, repeat_by_organisation
from rmrp_analysis.metrics.funding import PASSED_ON, explode_organisations, funding_ledger, funding_usd_by
from rmrp_analysis.metrics.funding_totals import requirements_usd, totals_of_plan
from rmrp_analysis.metrics.keys import Secret, mix_keys, row_keys
from rmrp_analysis.metrics.models import (
    LOWER_BOUND,
    PARTS_NOT_MODELLED,
    PLACE_MONTH_SECTOR,
    apply_fractions,
    fractions,
    largest_of_period,
    new_by_sector,
)
from rmrp_analysis.metrics.planned import (
    IN_TRANSIT,
    select_planned_admin1,
    select_planned_groups,
    select_planned_rows,
    subtract_planned_admin1,
)
from rmrp_analysis.metrics.sheets import Sheets, countries_by_place, sheets_of

__all__ = [
    "AGE_GENDER_CELLS",
    "CACHE",
    "DECIMALS",
    "DIMENSIONS",
    "EMPTY_SUMS",
    "FIGURE",
    "IN_TRANSIT",
    "LOWER_BOUND",
    "NEW",
    "NOT_KNOWN",
    "PARTS_NOT_MODELLED",
    "PASSED_ON",
    "PEOPLE",
    "PLACE_MONTH_SECTOR",
    "ROUNDED",
    "SOURCE",
    "TOTAL_MONTHLY",
    "Contributions",
    "Dataset",
    "Secret",
    "Sheets",
    "add_base",
    "apply_fractions",
    "cached_and_sent",
    "cached_by_args",
    "countries_by_place",
    "explode_organisations",
    "fractions",
    "funding_ledger",
    "funding_usd_by",
    "largest_of_period",
    "mix_keys",
    "new_by_sector",
    "repeat_by_organisation",
    "requirements_usd",
    "row_keys",
    "select_planned_admin1",
    "select_planned_groups",
    "select_planned_rows",
    "sheets_of",
    "splits_of",
    "subtract_planned_admin1",
    "totals_of_plan",
]
