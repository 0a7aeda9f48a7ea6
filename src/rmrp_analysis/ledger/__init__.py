"""The ledger of reports: what each organisation says of a sector, country and month, and what its silence says."""

from rmrp_analysis.ledger.causes import (
    CAUSES,
    COVERAGE,
    EVERYBODY_NEW,
    GROUPS_EXCEED,
    GROUPS_OF_ASSISTED,
    LEFT_OUT,
    MANY_IN_NO_GROUP,
    MOSTLY,
    NOT_COUNTED,
    ONE_REPORT,
    area_causes,
    row_facts,
)
from rmrp_analysis.ledger.presence import late_partners
from rmrp_analysis.ledger.reports import (
    REPORT,
    ledger_of_reports,
    months_until,
    people_rows,
    presence_table,
    refused_people,
    report_sums,
    row_states,
)

__all__ = [
    "CAUSES",
    "COVERAGE",
    "EVERYBODY_NEW",
    "GROUPS_EXCEED",
    "GROUPS_OF_ASSISTED",
    "LEFT_OUT",
    "MANY_IN_NO_GROUP",
    "MOSTLY",
    "NOT_COUNTED",
    "ONE_REPORT",
    "REPORT",
    "area_causes",
    "late_partners",
    "ledger_of_reports",
    "months_until",
    "people_rows",
    "presence_table",
    "refused_people",
    "report_sums",
    "row_facts",
    "row_states",
]
