"""Sentences of cautions: why a figure or a breakdown of a sheet must be read with care."""

from rmrp_analysis import numbers
from rmrp_analysis.figures import GROUPINGS, NOT_COUNTED, Caution
from rmrp_analysis.ledger import (
    COVERAGE_ABOVE,
    EVERYBODY_NEW,
    GROUPS_EXCEED,
    LEFT_OUT,
    MANY_IN_NO_GROUP,
    MOSTLY_IN_DOUBT,
    ONE_REPORT,
)
from rmrp_analysis.page.formatter import REACHED_FIGURE, WORDS_BY_KIND, SheetFormatter
from rmrp_analysis.vocabulary import NOT_SPECIFIED, plan_lists

RULES_THAT_NAME_MONTHS = frozenset({NOT_COUNTED, EVERYBODY_NEW, ONE_REPORT})
"""Rules whose sentences name months; where no month is known, they are said in short."""


def format_cautions(formatter: SheetFormatter, *names: str, text_above: str = "") -> str:
    """Write in one line how the figures or breakdowns of these names must be read; empty without a caution.

    Reasons that stand in ``text_above`` already, such as the headline, are left out.
    """
    caution_reasons_text = format_caution_reasons(formatter, *names, text_above=text_above)
    return (
        formatter.translate("Read with care: {reasons}.", reasons=caution_reasons_text) if caution_reasons_text else ""
    )


def format_caution_reasons(formatter: SheetFormatter, *names: str, text_above: str = "") -> str:
    """Write why the figures or breakdowns of these names are in doubt, each reason once; empty without a caution.

    Reasons that stand in ``text_above`` already are left out.
    """
    matching_cautions = [caution for caution in formatter.key_figures.cautions if caution.of in names]
    caution_reason_dict = dict.fromkeys(format_caution(formatter, caution) for caution in matching_cautions)
    return formatter.join_texts(
        [caution_reason for caution_reason in caution_reason_dict if caution_reason not in text_above]
    )


def format_caution(formatter: SheetFormatter, caution: Caution) -> str:
    """Write the reason of one caution as a clause, with the claims of its numbers."""
    place_names = [
        formatter.label(place_code) if place_code in plan_lists().sectors else formatter.place_in_sentence(place_code)
        for place_code in caution.places
    ]
    figure_name_by_rule = {
        NOT_COUNTED: "not_counted_people",
        MOSTLY_IN_DOUBT: "people_in_doubt",
        LEFT_OUT: "lost_people",
    }
    claim_part_by_rule = {MOSTLY_IN_DOUBT: "+".join(caution.places), GROUPS_EXCEED: "groups"}
    caution_people_text = ""
    if caution.people is not None:
        caution_people_text = formatter.format_claim(
            figure_name_by_rule.get(caution.rule, caution.of),
            caution.people,
            part=claim_part_by_rule.get(caution.rule, ""),
            months=caution.months,
        )
    row_count_text_by_placeholder = {
        placeholder: formatter.format_claim(count_figure_name, row_count, "count", months=caution.months)
        for placeholder, count_figure_name, row_count in (
            ("rows", "rows_of_everybody_new", caution.rows),
            ("all_rows", "rows_of_people", caution.all_rows),
        )
    }
    caution_months_text = formatter.format_months(caution.months)
    return formatter.translate(
        _choose_sentence(formatter, caution),
        share=_format_share(formatter, caution),
        people=caution_people_text,
        all=formatter.format_figure("people_reached"),
        months=caution_months_text,
        month=caution_months_text,
        places=formatter.format_list(place_names),
        **row_count_text_by_placeholder,
    )


def _choose_sentence(formatter: SheetFormatter, caution: Caution) -> str:
    """Return the English sentence of a caution, by its rule and by what is known of its numbers and months."""
    sentence_kind, key_figures = caution.rule, formatter.key_figures
    if caution.rule in RULES_THAT_NAME_MONTHS and not caution.months:  # no month of few people is named
        return WORDS_BY_KIND["caution in short"][caution.rule]
    if caution.rule == COVERAGE_ABOVE:
        sentence_kind = caution.of
    elif caution.rule == NOT_COUNTED and not caution.places:
        sentence_kind = "not_counted in part"
    elif caution.rule == NOT_COUNTED and len(plan_lists().places[key_figures.place]) == 1:
        sentence_kind = "not_counted here"
    elif caution.rule == GROUPS_EXCEED and caution.of in GROUPINGS:
        sentence_kind = "groups_exceed in a breakdown"
    elif caution.rule == EVERYBODY_NEW and caution.rows < caution.all_rows:
        sentence_kind = "nearly everybody_new"
    elif caution.rule == MOSTLY_IN_DOUBT and not key_figures.is_intersector:
        sentence_kind = "mostly_in_doubt by country"
    caution_sentence = WORDS_BY_KIND["caution"][sentence_kind]
    has_no_printed_number = caution.share is None and caution.people is None
    return (
        WORDS_BY_KIND["caution without numbers"].get(sentence_kind, caution_sentence)
        if has_no_printed_number
        else caution_sentence
    )


def _format_share(formatter: SheetFormatter, caution: Caution) -> str:
    """Write the share of a caution with its claim; empty where the caution has none."""
    if caution.share is None:
        return ""
    if caution.rule == COVERAGE_ABOVE:
        return formatter.format_claim(caution.of, caution.share, "share")
    people = formatter.key_figures.value("people_reached") or 0.0
    if caution.rule == MANY_IN_NO_GROUP:
        caution_people = caution.share * people
        return formatter.format_claim(
            caution.of, caution_people, "share", part=NOT_SPECIFIED, base=people, compared_with=REACHED_FIGURE
        )
    caution_people, share_denominator, denominator_name = caution.people or 0.0, people, REACHED_FIGURE
    if caution.rule == LEFT_OUT:
        share_denominator, denominator_name = people + caution_people, "people_reached+lost_people"
    figures = {ONE_REPORT: "largest_report", LEFT_OUT: "lost_people", MOSTLY_IN_DOUBT: "people_in_doubt"}
    return formatter.format_claim(
        figures.get(caution.rule, caution.of),
        caution_people,
        "share",
        part="+".join((*caution.places, *caution.months)),
        base=share_denominator,
        compared_with=denominator_name,
        text=numbers.share(caution.share, formatter.language),
    )
