"""Sentences of late reports: which countries and partners have not reported for the last month of a sheet."""

from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.vocabulary import plan_lists

MIN_LATE_PARTNER_SHARE = 0.25
"""The least share of the expected partners that must be late for a headline or a finding to name them."""


def has_no_reports(formatter: SheetFormatter) -> bool:
    """Tell whether partners or countries were expected for the last month and no partner reported.

    It is False on the sheet of an organisation.
    """
    silence, reporting = formatter.key_figures.silence, formatter.key_figures.value("partners_last_month")
    is_expected = bool(silence.countries or silence.expected)
    return is_expected and silence.late == silence.expected and not reporting and not formatter.organisation


def format_late_reports(formatter: SheetFormatter) -> str:
    """Write who has not reported for the last month, and how many reported only for other sectors.

    It is empty without either, and on the sheet of an organisation, which has reported.
    """
    silence = formatter.key_figures.silence
    if formatter.organisation:
        return ""
    missing, busy = format_missing_reports(formatter, min_late_share=0.0), ""
    reported = silence.expected - silence.late
    if silence.other_sectors and reported and not formatter.key_figures.is_intersector:
        busy = formatter.translate(
            "{some} of {all} had no activity in {month}",
            some=formatter.format_claim("partners_of_other_sectors", silence.other_sectors, "count"),
            all=formatter.format_claim("partners_expected", reported, "count", part="less late"),
            month=formatter.month_name(formatter.key_figures.period.end),
        )
    return formatter.join_texts([formatter.complete_sentence(text) for text in (missing, busy) if text], " ")


def format_missing_reports(formatter: SheetFormatter, min_late_share: float = MIN_LATE_PARTNER_SHARE) -> str:
    """Write as a clause the missing reports for the last month: countries first, then partners elsewhere.

    Partners are counted if at least ``min_late_share`` of the expected ones (0 to 1) are late. On a sheet of several
    countries, a late partner may have reported from one country and not from another. If no partner reported, the
    clause says only this. It is empty if no report is missing, and on the sheet of an organisation.
    """
    silence, translate = formatter.key_figures.silence, formatter.translate
    month = formatter.month_name(formatter.key_figures.period.end)
    if formatter.organisation:
        return ""
    if has_no_reports(formatter):
        return translate("no partner has reported for {month} yet", month=month)
    texts = {
        "late": formatter.format_claim("partners_late", silence.late, "count"),
        "expected": formatter.format_claim("partners_expected", silence.expected, "count"),
        "month": month,
        "places": formatter.format_list([formatter.place_in_sentence(country) for country in silence.countries]),
    }
    if not silence.late or silence.late < min_late_share * silence.expected:
        return translate("no report for {month} yet from {places}", **texts) if silence.countries else ""
    if silence.countries:
        return translate.plural(
            "no report for {month} yet from {places}; elsewhere one of {expected} partners has not sent all reports",
            "no report for {month} yet from {places}; "
            "elsewhere {late} of {expected} partners have not sent all reports",
            silence.late,
            **texts,
        )
    if len(plan_lists().places[formatter.key_figures.place]) != 1:  # the region has no list
        return translate.plural(
            "one of {expected} partners has not sent all reports for {month}",
            "{late} of {expected} partners have not sent all reports for {month}",
            silence.late,
            **texts,
        )
    return translate.plural(
        "one of {expected} partners has not reported for {month}",
        "{late} of {expected} partners have not reported for {month}",
        silence.late,
        **texts,
    )
