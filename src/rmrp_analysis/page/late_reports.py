"""Sentences of late reports: which countries and partners have not reported for the last month of a sheet."""

from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.vocabulary import plan_lists

MIN_LATE_PARTNER_SHARE = 0.25
"""The least share of the expected partners that must be late for a headline or a finding to name them."""


def has_no_reports(formatter: SheetFormatter) -> bool:
    """Tell whether partners or countries were expected for the last month and no partner reported.

    Never of the sheet of an organisation.
    """
    silence_record = formatter.key_figures.silence
    has_expected_reports = bool(silence_record.countries or silence_record.expected)
    has_reporting_partners = bool(formatter.key_figures.value("partners_last_month"))
    is_every_partner_late = silence_record.late == silence_record.expected and not has_reporting_partners
    return has_expected_reports and is_every_partner_late and not formatter.organisation


def format_late_reports(formatter: SheetFormatter) -> str:
    """Write who has not reported for the last month, and how many reported for other sectors alone.

    Empty without either, and on an organisation's own sheet, since the organisation reported.
    """
    silence = formatter.key_figures.silence
    if formatter.organisation:
        return ""
    sentences = [format_missing_reports(formatter, min_late_share=0.0)]
    reported = silence.expected - silence.late
    if silence.other_sectors and reported and not formatter.key_figures.is_intersector:
        sentences.append(
            formatter.translate(
                "{some} of {all} had no activity in {month}",
                some=formatter.format_claim("partners_of_other_sectors", silence.other_sectors, "count"),
                all=formatter.format_claim("partners_expected", reported, "count", part="less late"),
                month=formatter.month_name(formatter.key_figures.period.end),
            )
        )
    return formatter.join_texts([formatter.complete_sentence(text) for text in sentences if text], " ")


def format_missing_reports(formatter: SheetFormatter, min_late_share: float = MIN_LATE_PARTNER_SHARE) -> str:
    """Write as a clause who has not reported for the last month: countries first, then partners of other countries.

    Partners are counted where at least ``min_late_share`` of the expected ones (0 to 1) are late. On a sheet of several
    countries, some of these may have reported from one and not from another. If no partner reported, it says this
    alone. Empty where nobody is named, and on an organisation's own sheet.
    """
    silence_record, translate = formatter.key_figures.silence, formatter.translate
    last_month_name = formatter.month_name(formatter.key_figures.period.end)
    if formatter.organisation:
        return ""
    if has_no_reports(formatter):
        return translate("no partner has reported for {month} yet", month=last_month_name)
    text_by_placeholder = {
        "late": formatter.format_claim("partners_late", silence_record.late, "count"),
        "expected": formatter.format_claim("partners_expected", silence_record.expected, "count"),
        "month": last_month_name,
        "places": formatter.format_list([formatter.place_in_sentence(country) for country in silence_record.countries]),
    }
    has_late_partners = silence_record.late > 0 and silence_record.late >= min_late_share * silence_record.expected
    if silence_record.countries and has_late_partners:
        return translate.plural(
            "no report for {month} yet from {places}; elsewhere one of {expected} partners has not sent all reports",
            "no report for {month} yet from {places}; "
            "elsewhere {late} of {expected} partners have not sent all reports",
            silence_record.late,
            **text_by_placeholder,
        )
    if silence_record.countries:
        return translate("no report for {month} yet from {places}", **text_by_placeholder)
    if not has_late_partners:
        return ""
    if len(plan_lists().places[formatter.key_figures.place]) != 1:  # the region has no list
        return translate.plural(
            "one of {expected} partners has not sent all reports for {month}",
            "{late} of {expected} partners have not sent all reports for {month}",
            silence_record.late,
            **text_by_placeholder,
        )
    return translate.plural(
        "one of {expected} partners has not reported for {month}",
        "{late} of {expected} partners have not reported for {month}",
        silence_record.late,
        **text_by_placeholder,
    )
