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
from rmrp_analysis.ranges import is_sure
from rmrp_analysis.vocabulary import NOT_SPECIFIED, labels, plan_lists
from rmrp_analysis.words import N_, Statement, claims_of

CAUSES_OF_DOUBT = (LEFT_OUT, NOT_COUNTED, EVERYBODY_NEW, ONE_REPORT)
"""Causes that move a bound of the people reached, and are said as the reason of its range."""
MAX_UNSURE_PLACES_NAMED = 3
MIN_SHARE_OF_WIDEST_RANGE = 0.1
"""A place with a narrower range than this share of the widest one is not named."""
RULES_THAT_NAME_MONTHS = frozenset({NOT_COUNTED, EVERYBODY_NEW, ONE_REPORT})
"""Rules with sentences that name months. Without a known month they have a short sentence."""


def format_cautions(formatter: SheetFormatter, *names: str) -> str:
    """Write in one line why these figures or breakdowns must be read with care, or an empty text without a caution."""
    reasons = format_caution_reasons(formatter, *names)
    return formatter.translate("Read with care: {reasons}.", reasons=reasons) if reasons else ""


def format_caution_reasons(formatter: SheetFormatter, *names: str) -> str:
    """Write why these figures or breakdowns are in doubt, each reason once, or an empty text."""
    cautions = [caution for caution in formatter.key_figures.cautions if caution.of in names]
    reasons = dict.fromkeys(format_caution(formatter, caution) for caution in cautions)
    return formatter.join_texts([*reasons])


def format_doubt(formatter: SheetFormatter) -> str:
    """Write how many of the people reached are sure and who has to correct what, or an empty text if all are sure.

    It says how many people are sure, how many more may be missing, the places with the widest ranges, and why.
    """
    figures, translate = formatter.key_figures, formatter.translate
    reached = figures.figures[REACHED_FIGURE]
    if reached.value is None or reached.is_sure:
        return ""
    low, high = reached.bounds
    is_low_sure = is_sure(reached.value, low, reached.value, reached.base)
    is_high_sure = is_sure(reached.value, reached.value, high, reached.base)
    sure = formatter.format_claim(REACHED_FIGURE, max(low, 0.0), part="low")
    missing = formatter.format_claim(REACHED_FIGURE, high - reached.value, part="high less value")
    template = N_("{sure} of these people are sure.")
    if is_low_sure:
        template = N_("Up to {missing} more people may have been reached.")
    elif not is_high_sure:
        template = N_("{sure} of these people are sure, and up to {missing} more may be missing.")
    places = formatter.format_list(_list_unsure_places(formatter))
    cautions = [*figures.cautions, *([figures.lacks] if figures.lacks and not is_high_sure else [])]
    reasons = [format_caution(formatter, caution) for caution in cautions if caution.rule in CAUSES_OF_DOUBT]
    if not reasons and not is_low_sure:
        reasons.append(translate("they may count people twice, or too many"))
    if not reasons:
        reasons.append(translate("they leave people out"))
    correction = N_("Reports of {places} have to be corrected: {reasons}.")
    if not places:
        correction = N_("Reports have to be corrected: {reasons}.")
    correction = translate(correction, places=places, reasons=formatter.join_texts(reasons))
    sentences = (
        translate(template, sure=sure, missing=missing),
        Statement(labels.contract(correction, formatter.language), claims_of(correction)),
    )
    return formatter.join_texts(sentences, " ")


def _list_unsure_places(formatter: SheetFormatter) -> list[str]:
    """Name the countries, or else the sectors, whose people reached have the widest ranges, the widest first.

    At most ``MAX_UNSURE_PLACES_NAMED``, each with at least ``MIN_SHARE_OF_WIDEST_RANGE`` of the widest range. On the
    sheet of one sector in one country, none.
    """
    for dimension in ("country", "platform", "sector"):
        cells = formatter.breakdown(f"{REACHED_FIGURE}_by_{dimension}").cells
        widths = {cell.key: cell.bounds[1] - cell.bounds[0] for cell in cells if not cell.is_sure}
        widest = sorted(widths, key=lambda key: (-widths[key], key))[:MAX_UNSURE_PLACES_NAMED]
        names = [key for key in widest if widths[key] >= MIN_SHARE_OF_WIDEST_RANGE * widths[widest[0]]]
        if names:
            return [
                formatter.label(key) if dimension == "sector" else formatter.place_in_sentence(key) for key in names
            ]
    return []


def format_caution(formatter: SheetFormatter, caution: Caution) -> str:
    """Write the reason of one caution as a clause, with the claims of its numbers."""
    places = [
        formatter.label(place) if place in plan_lists().sectors else formatter.place_in_sentence(place)
        for place in caution.places
    ]
    figures = {NOT_COUNTED: "not_counted_people", MOSTLY_IN_DOUBT: "people_in_doubt", LEFT_OUT: "lost_people"}
    parts = {MOSTLY_IN_DOUBT: "+".join(caution.places), GROUPS_EXCEED: "groups"}
    people = ""
    if caution.people is not None:
        figure, part = figures.get(caution.rule, caution.of), parts.get(caution.rule, "")
        people = formatter.format_claim(figure, caution.people, part=part, months=caution.months)
    months = formatter.format_months(caution.months)
    return formatter.translate(
        _choose_sentence(formatter, caution),
        share=_format_share(formatter, caution),
        people=people,
        all=formatter.format_figure("people_reached"),
        months=months,
        month=months,
        places=formatter.format_list(places),
        rows=formatter.format_claim("rows_of_everybody_new", caution.rows, "count", months=caution.months),
        all_rows=formatter.format_claim("rows_of_people", caution.all_rows, "count", months=caution.months),
    )


def _choose_sentence(formatter: SheetFormatter, caution: Caution) -> str:
    """Return the English sentence of a caution, by its rule and by its known numbers and months."""
    kind, figures = caution.rule, formatter.key_figures
    if caution.rule in RULES_THAT_NAME_MONTHS and not caution.months:  # no month of few people is named
        return WORDS_BY_KIND["caution in short"][caution.rule]
    if caution.rule == COVERAGE_ABOVE:
        kind = caution.of
    elif caution.rule == NOT_COUNTED and not caution.places:
        kind = "not_counted in part"
    elif caution.rule == NOT_COUNTED and len(plan_lists().places[figures.place]) == 1:
        kind = "not_counted here"
    elif caution.rule == GROUPS_EXCEED and caution.of in GROUPINGS:
        kind = "groups_exceed in a breakdown"
    elif caution.rule == EVERYBODY_NEW and caution.rows < caution.all_rows:
        kind = "nearly everybody_new"
    elif caution.rule == MOSTLY_IN_DOUBT and not figures.is_intersector:
        kind = "mostly_in_doubt by country"
    sentence = WORDS_BY_KIND["caution"][kind]
    is_bare = caution.share is None and caution.people is None
    return WORDS_BY_KIND["caution without numbers"].get(kind, sentence) if is_bare else sentence


def _format_share(formatter: SheetFormatter, caution: Caution) -> str:
    """Write the share of a caution with its claim, or an empty text without a share."""
    if caution.share is None:
        return ""
    if caution.rule == COVERAGE_ABOVE:
        return formatter.format_claim(caution.of, caution.share, "share")
    people = formatter.key_figures.value("people_reached") or 0.0
    if caution.rule == MANY_IN_NO_GROUP:
        amount = caution.share * people
        return formatter.format_claim(
            caution.of, amount, "share", part=NOT_SPECIFIED, base=people, compared_with=REACHED_FIGURE
        )
    amount = caution.people or 0.0
    base, total = people, REACHED_FIGURE
    if caution.rule == LEFT_OUT:
        base, total = people + amount, "people_reached+lost_people"
    figures = {ONE_REPORT: "largest_report", LEFT_OUT: "lost_people", MOSTLY_IN_DOUBT: "people_in_doubt"}
    return formatter.format_claim(
        figures.get(caution.rule, caution.of),
        amount,
        "share",
        part="+".join((*caution.places, *caution.months)),
        base=base,
        compared_with=total,
        text=numbers.share(caution.share, formatter.language),
    )
