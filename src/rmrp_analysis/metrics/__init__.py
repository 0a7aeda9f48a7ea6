"""Numbers from tables: pure functions that read nothing, print nothing and change nothing they receive."""
# ruff: noqa: I001 - one import for each module, in the order in which a figure passes them

from rmrp_analysis.metrics.cells import (
    DECIMALS as DECIMALS,
    DIMENSIONS as DIMENSIONS,
    NEW as NEW,
    NOT_KNOWN as NOT_KNOWN,
    PEOPLE as PEOPLE,
    TOTAL_MONTHLY as TOTAL_MONTHLY,
    rest_of as rest_of,
    splits_of as splits_of,
)
from rmrp_analysis.metrics.models import (
    PLACE_MONTH_SECTOR as PLACE_MONTH_SECTOR,
    LOWER_BOUND as LOWER_BOUND,
    MODELS as MODELS,
    NEEDS_PROPORTIONS as NEEDS_PROPORTIONS,
    NOT_KEPT as NOT_KEPT,
    fractions as fractions,
    kept as kept,
    largest_of_period as largest_of_period,
    new_by_sector as new_by_sector,
)
from rmrp_analysis.metrics.planned import (
    IN_TRANSIT as IN_TRANSIT,
    not_in_admin1 as not_in_admin1,
    planned_admin1 as planned_admin1,
    planned_groups as planned_groups,
    planned_rows as planned_rows,
)
from rmrp_analysis.metrics.funding import (
    PASSED_ON as PASSED_ON,
    funding_ledger as funding_ledger,
    funding_usd_by as funding_usd_by,
    named_organisations as named_organisations,
)
from rmrp_analysis.metrics.funding_totals import (
    coverage as coverage,
    requirements_usd as requirements_usd,
    totals_of_plan as totals_of_plan,
)
from rmrp_analysis.metrics.contributions import (
    FIGURE as FIGURE,
    EMPTY_SUMS as EMPTY_SUMS,
    Contributions as Contributions,
    with_empty_sums as with_empty_sums,
)
from rmrp_analysis.metrics.keys import mixed as mixed, row_keys as row_keys
from rmrp_analysis.metrics.dataset import (
    ILLUSTRATIVE as ILLUSTRATIVE,
    Dataset as Dataset,
    remembered as remembered,
    whose as whose,
)
from rmrp_analysis.metrics.sheets import Sheets as Sheets, sheets_of as sheets_of
