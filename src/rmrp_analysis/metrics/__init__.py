"""Numbers from tables: pure functions that read nothing, print nothing and change nothing they receive."""

from rmrp_analysis.metrics.funding import (
    boundary_usd,
    donors,
    funded_organisations,
    funding_by_donor,
    funding_by_donor_and_recipient,
    funding_ledger,
    funding_usd_by,
    in_platform,
    in_sector,
    touching,
)
from rmrp_analysis.metrics.funding_totals import coverage, requirements_usd, totals_by, totals_of_plan
from rmrp_analysis.metrics.planned import planned
from rmrp_analysis.metrics.presence import activities_reported, implementing_partners, reporting_partners
from rmrp_analysis.metrics.reached import (
    activities_in_scope,
    counts_people,
    people_reached,
    people_reached_by_age_gender,
    people_reached_by_month,
    people_reached_by_platform,
    people_reached_by_population_group,
)

__all__ = [
    "activities_in_scope",
    "activities_reported",
    "boundary_usd",
    "counts_people",
    "coverage",
    "donors",
    "funded_organisations",
    "funding_by_donor",
    "funding_by_donor_and_recipient",
    "funding_ledger",
    "funding_usd_by",
    "implementing_partners",
    "in_platform",
    "in_sector",
    "people_reached",
    "people_reached_by_age_gender",
    "people_reached_by_month",
    "people_reached_by_platform",
    "people_reached_by_population_group",
    "planned",
    "reporting_partners",
    "requirements_usd",
    "totals_by",
    "totals_of_plan",
    "touching",
]
