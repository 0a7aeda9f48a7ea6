"""The words for what the page on data quality names: rules, families, severities, steps, joins, columns, lists."""

from collections.abc import Mapping

from rmrp_analysis.labels import GROUP_NAMES
from rmrp_analysis.quality import CHECKS
from rmrp_analysis.words import N_, Words

FAMILIES: Mapping[str, str] = {
    "completeness": N_("Completeness"),
    "consistency": N_("Consistency"),
    "accuracy": N_("Accuracy"),
    "plausibility": N_("Plausibility"),
    "protection": N_("Protection"),
}
SEVERITIES: Mapping[str, str] = {
    "refused": N_("Refused"),
    "error": N_("Error"),
    "warning": N_("Warning"),
    "note": N_("Note"),
}
STEPS: Mapping[str, str] = {
    "sent": N_("New beneficiaries as sent"),
    "refused": N_("Rows that cannot be used"),
    "repairs": N_("Corrections and repairs"),
    "new_not_known": N_("People of whom it is not known how many are new"),
    "outside_period": N_("Months outside the period"),
    "unknown_indicator": N_("Indicators that are not known"),
    "other_types": N_("Indicators that do not count people in need"),
    "not_rmrp": N_("Activities that are not part of the plan"),
    "several_sectors": N_("People counted in several sectors"),
}
LISTS: Mapping[str, str] = {
    "indicators": N_("Indicators"),
    "admin1": N_("First administrative levels"),
    "admin2": N_("Second administrative levels"),
    "proportions": N_("Age and gender proportions"),
    "planning": N_("Planning by first administrative level"),
    "planned_places": N_("Reports with planning by first administrative level"),
    "appealing_organisations": N_("Appealing organizations"),
    "implementing_partners": N_("Implementing partners"),
}
OTHER_RULES: Mapping[str, str] = {
    "empty": N_("A cell that must not be empty is empty, so the row is not used."),
    "not_number": N_("A number is expected, and the cell holds none."),
    "not_month": N_("A month is expected, and the cell holds none."),
    "not_yes_no": N_("Yes or No is expected, and the cell holds neither."),
    "not_sector": N_("The sector is not one of the plan's."),
    "not_country": N_("The country is not one of the plan's."),
    "absent_column": N_("A column of the plan year is not in the file."),
    "column_not_read": N_("A column that the plan year derives is in the file; it was not read."),
    "how_it_was_read": N_("The file could only be read with a reservation."),
    "text_mended": N_("Texts with control characters, or longer than is usual, were mended."),
    "join_indicators": N_("The indicator is not in the plan year's list."),
    "join_admin1": N_("The first administrative level is not in the list."),
    "join_proportions": N_("There are no age and gender proportions for the sector in this place."),
    "join_planning": N_("The plan gives figures of a first administrative level that is not in the list."),
    "join_planned_places": N_("The plan has no figures of the first administrative level."),
    "not_by_admin1": N_("Money is planned for whole countries, and the row gives it for an admin1."),
    "planned_without_admin1": N_(
        "People are planned for a country alone, or its first administrative levels are rounded."
    ),
    "admin1_unlike_country": N_("Planned figures by first administrative level do not add up to those of the country."),
    "as_of_missing": N_("The source of money or of the plan has no date."),
    "same_requirement_repeated": N_("Several countries have one and the same requirement, or that of the whole plan."),
    "requirements_unlike_plan": N_("Requirements of the parts do not add up to that of the plan."),
    "coverage_above_150": N_("Funding is far above the requirement."),
    "unknown_sector": N_("Money of a sector that the plan does not have; it is on no sheet."),
    "flow_of_several_plans": N_("Money for several plans; it counts in full in each."),
    "totals_unlike_flows": N_("A total of FTS is not the sum of its flows."),
}
"""What other rooms than the checks find: loaders, joins, alarms for money."""

COLUMNS: Mapping[str, str] = {
    **LISTS,
    "appealing_organisation": N_("Appealing organization"),
    "implementation_setup": N_("Implementation set-up"),
    "implementing_partner": N_("Implementing partner"),
    "month": N_("Month"),
    "sector": N_("Sector"),
    "indicator": N_("Indicator"),
    "activity_name": N_("Activity name"),
    "activity_description": N_("Activity description"),
    "covid19": N_("COVID-19"),
    "rmrp_activity": N_("Part of the plan"),
    "support_space": N_("Support Space"),
    "cva": N_("Cash or vouchers (CVA)"),
    "transfer_value_usd": N_("Value transferred (US$)"),
    "delivery_mechanism": N_("Delivery mechanism"),
    "stated_indicator_type": N_("Type of the indicator"),
    "platform_as_reported": N_("Area"),
    "calculated_population_groups": N_("Sum of the population groups"),
    "calculated_age_gender": N_("Sum of the age and gender groups"),
    "country": N_("Country"),
    "admin1": N_("First administrative level"),
    "admin2": N_("Second administrative level"),
    "quantity": N_("Quantity"),
    "total_monthly_beneficiaries": N_("Total monthly beneficiaries"),
    "new_beneficiaries": N_("New beneficiaries"),
    **GROUP_NAMES,
    "people_in_need": N_("People in need"),
    "target": N_("People targeted"),
    "requirement_usd": N_("Requirement (US$)"),
    "funding_usd": N_("Funding (US$)"),
    "part": N_("Part"),
    "destination_plans": N_("Plans of the flow"),
    "destination_sectors": N_("Sectors of the flow"),
    "funding.as_of": N_("Date of the funding"),
    "planning.as_of": N_("Date of the planning figures"),
}
"""The columns in which something is found."""

NOT_QUOTED = N_("free text, not shown")
"""What stands for the text of a cell that may name people."""


def rule_sentence(rule: str, words: Words) -> str:
    """What is wrong, for a reader; a rule that has no sentence keeps its name."""
    return words(CHECKS[rule].sentence if rule in CHECKS else OTHER_RULES.get(rule, rule))


def what_is_right(rule: str, allowed: str, words: Words) -> str:
    """What would be right, from a finding's ``allowed``; empty where the rule says it, or free text would."""
    if rule not in CHECKS:
        return "" if rule == "empty" or rule.startswith("not_") else words(allowed)
    check = CHECKS[rule]
    expected = check.expected_in(allowed)
    return "" if "{expected}" in check.allowed and not expected else words(check.allowed, expected=expected)
