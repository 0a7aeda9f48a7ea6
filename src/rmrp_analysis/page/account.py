"""The block that accounts for the figures: how they were counted, where the data came from."""

from collections.abc import Iterator

from rmrp_analysis import numbers
from rmrp_analysis.page.block import Block
from rmrp_analysis.page.cards import PLANNED, funding_note, undesignated
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.vocabulary import INTERSECTOR, REGION, WITHOUT_PEOPLE, plan_year
from rmrp_analysis.words import N_

SHOWN_SOURCES = {
    "activities": N_("Activity reports: {producer}, {date}."),
    "planning": N_("Plan: {producer}, {date}."),
    "funding": N_("Funding: {producer}, {date}."),
}


MODEL_RULES = {
    "sum_of_sectors": N_("this figure adds the sectors up, and so counts some people more than once"),
    "largest_sector": N_("in each month and place the sector that reached most people stands for all"),
    "largest_age_gender_cells": N_(
        "in each month and place the largest count of girls, boys, women and men over the sectors"
    ),
    "southern_cone_rows": N_(
        "the largest of Food Security, Humanitarian Transportation, Shelter and WASH, with "
        "Protection (General), Integration, Multipurpose Cash Assistance, Health and Education in full"
    ),
    "largest_modelled_cells": N_(
        "population groups are split by age and gender in the proportions of the plan, and the "
        "largest of each over the sectors stands for all"
    ),
    "southern_cone_modelled": N_(
        "the largest by population group, age and gender of Food Security, Humanitarian "
        "Transportation, Shelter and WASH, with Protection (General), Integration, Multipurpose Cash Assistance, "
        "Health and Education in full"
    ),
}
"""What each rule of the consolidation does, in words."""

LEVELS = {
    "admin1": N_("A place is a first administrative level."),
    "country": N_("A place is a whole country."),
}


def counted(printed: Printed) -> Block:
    """The rules in words, and the sources with their dates."""
    words = printed.words
    lines = [{"name": name, "rule": rule} for name, rule in _rules(printed)]
    view = {
        "block": "counted",
        "span": 12,
        "method": {"heading": words("How these figures were counted"), "lines": lines},
        "sources": {"heading": words("Sources"), "paragraphs": [*source_lines(printed), funding_note(printed)]},
    }
    return Block("counted", view)


def source_lines(printed: Printed) -> list[str]:
    """The producers of the data with their dates; beside a map, the note on boundaries."""
    words, figures = printed.words, printed.key_figures
    named = figures.sources
    data = [
        words(sentence, producer=words(named[name].producer), date=_date(named[name].as_of, printed))
        for name, sentence in SHOWN_SOURCES.items()
        if name in named and (name != "planning" or any(figures.value(planned) is not None for planned in PLANNED))
    ]
    if figures.platform != REGION or figures.sector in WITHOUT_PEOPLE:
        return [" ".join(data)]
    boundaries = words("Boundaries: Natural Earth. Boundaries and names do not imply official endorsement.")
    return [" ".join(data), boundaries]


def _date(as_of: str, printed: Printed) -> str:
    return numbers.date(as_of, printed.language) if as_of else printed.words("of an unknown date")


def _rules(printed: Printed) -> Iterator[tuple[str, str]]:
    figures, words = printed.key_figures, printed.words
    if figures.sector not in WITHOUT_PEOPLE:
        yield words("People reached"), _people_rule(printed)
        if figures.value("people_in_need") is not None or figures.value("target") is not None:
            yield words("Need and target"), _planned_rule(printed)
    if figures.repairs:
        yield words("Repairs"), _repairs_rule(printed)
    yield (
        words("Partners, activities"),
        words("Distinct organizations that report; distinct organizations named as implementing; rows reported."),
    )
    yield words("Funding"), _funding_rule(printed)
    if any(cell.suppressed for breakdown in figures.breakdowns.values() for cell in breakdown.cells):
        yield words("Small numbers"), _small_numbers_rule(printed)


def _people_rule(printed: Printed) -> str:
    figures, words, method = printed.key_figures, printed.words, printed.key_figures.method
    types = ", ".join(numbers.quoted(words(kind), printed.language) for kind in method.counted_indicator_types)
    rule = _intersector_rule(printed, types) if figures.sector == INTERSECTOR else _sector_rule(printed, types)
    scope = words("Only activities of the plan.") if method.rmrp_activities_only else words("All reported activities.")
    return f"{rule} {scope}"


def _sector_rule(printed: Printed, types: str) -> str:
    return printed.words(
        "New beneficiaries of each month, added up over the period; indicators of type {types} only. "
        "Partners report a person as new once; nobody else removes repeats within the sector.",
        types=types,
    )


def _intersector_rule(printed: Printed, types: str) -> str:
    words, method = printed.words, printed.key_figures.method
    rule = plan_year(printed.key_figures.plan_year).consolidation[method.intersector_model]
    counted = words(
        "New beneficiaries of each month; indicators of type {types} only. A person may be reached by several "
        "sectors: {model}.",
        types=types,
        model=words(MODEL_RULES[rule]),
    )
    return f"{counted} {words(LEVELS[method.intersector_level])}"


def _planned_rule(printed: Printed) -> str:
    words, figures = printed.words, printed.key_figures
    transit = (
        words("People in transit are in both, and in people reached.")
        if figures.method.in_transit_in_denominators
        else words("Neither has people in transit; people reached have.")
    )
    return words("Plan of {year}.", year=str(figures.plan_year)) + f" {transit}"


def _repairs_rule(printed: Printed) -> str:
    figures = printed.key_figures
    return printed.words(
        "Before counting, {cells} cells of the activity reports were changed by declared rules: {rules}.",
        cells=numbers.count(figures.cells_changed, printed.language),
        rules=", ".join(figures.repairs),
    )


def _small_numbers_rule(printed: Printed) -> str:
    return printed.words(
        "Counts of fewer than {few} people are withheld, and a next smallest one where the rest would give them away.",
        few=str(printed.key_figures.method.small_count_threshold),
    )


def _funding_rule(printed: Printed) -> str:
    words, year = printed.words, plan_year(printed.key_figures.plan_year)
    if "funding" not in printed.key_figures.sources:
        return words("No source of funding was given.")
    rule = words(
        "Paid and committed, not pledged; net of flows within the plan. FTS plan {plan}, {as_of}. "
        "Shares are taken before rounding; parts may not add up.",
        plan=str(year.fts_plan_id),
        as_of=printed.as_of("funding"),
    )
    return " ".join(part for part in (rule, *_organisations_rule(printed), undesignated(printed)) if part)


def _organisations_rule(printed: Printed) -> Iterator[str]:
    """Whose money makes a donor or a funded organisation, and what else is not counted as FTS counts it."""
    words, figures, method = printed.words, printed.key_figures, printed.key_figures.method
    labels = {
        (): N_("Donors and funded organizations: distinct, of money from outside the plan for this sector alone."),
        ("shared",): N_("Donors and funded organizations: distinct, also of money for several sectors."),
        ("internal",): N_("Donors and funded organizations: distinct, also of money passed on within the plan."),
        ("internal", "shared"): N_(
            "Donors and funded organizations: distinct, also of money for several sectors or passed on within the plan."
        ),
    }
    together = figures.sector == INTERSECTOR  # money for several sectors is money of all of them
    also_in = tuple(sorted(set(method.organisations_also_in) - ({"shared"} if together else set())))
    if figures.value("donors") is not None and together and not also_in:
        yield words("Donors and funded organizations: distinct, of money from outside the plan.")
    elif figures.value("donors") is not None:
        yield words(labels[also_in])
    if method.money_of_several_countries == "own_platform":
        yield words("Money for several countries of one platform is that platform's.")
