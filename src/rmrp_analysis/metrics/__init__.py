"""Numbers from tables: pure functions that read nothing, print nothing and change nothing they receive."""

from rmrp_analysis.metrics.consolidated_report import consolidated_report
from rmrp_analysis.metrics.counts import new_by_sector
from rmrp_analysis.metrics.funding import (
    boundary_usd,
    donors,
    funded_organisations,
    funding_by_donor,
    funding_by_donor_and_recipient,
    funding_ledger,
    funding_usd_by,
    giving,
    in_platform,
    in_sector,
    touching,
)
from rmrp_analysis.metrics.funding_totals import coverage, requirements_usd, totals_by, totals_of_plan
from rmrp_analysis.metrics.intersector import lower_bound, people_unseen, scenarios, taken_by_model
from rmrp_analysis.metrics.planned import planned
from rmrp_analysis.metrics.presence import activities_reported, implementing_partners, reporting_partners
from rmrp_analysis.metrics.reached import (
    DECIMALS,
    activities_in_scope,
    counts_people,
    people_reached,
    people_reached_by_admin1,
    people_reached_by_age_gender,
    people_reached_by_country,
    people_reached_by_month,
    people_reached_by_platform,
    people_reached_by_population_group,
    place_names,
)

__all__ = [
    "DECIMALS",
    "activities_in_scope",
    "activities_reported",
    "boundary_usd",
    "consolidated_report",
    "counts_people",
    "coverage",
    "donors",
    "funded_organisations",
    "funding_by_donor",
    "funding_by_donor_and_recipient",
    "funding_ledger",
    "funding_usd_by",
    "giving",
    "implementing_partners",
    "in_platform",
    "in_sector",
    "lower_bound",
    "new_by_sector",
    "people_reached",
    "people_reached_by_admin1",
    "people_reached_by_age_gender",
    "people_reached_by_country",
    "people_reached_by_month",
    "people_reached_by_platform",
    "people_reached_by_population_group",
    "people_unseen",
    "place_names",
    "planned",
    "reporting_partners",
    "requirements_usd",
    "scenarios",
    "taken_by_model",
    "totals_by",
    "totals_of_plan",
    "touching",
]
