"""The block that accounts for the figures: how they were counted, where the data came from, the small print."""

from collections.abc import Iterator

from rmrp_analysis import numbers
from rmrp_analysis.page.block import Block
from rmrp_analysis.page.cards import PLANNED, illustrative_status
from rmrp_analysis.page.place_maps import has_map
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.vocabulary import INTERSECTOR, NOT_SPECIFIED, SHARED, WITHOUT_PEOPLE, plan_year
from rmrp_analysis.words import N_

SHOWN_SOURCES = {
    "activities": N_("Activity reports: {producer}, {date}."),
    "planning": N_("Plan: {producer}, {date}."),
    "funding": N_("Funding: {producer}, {date}."),
}
LIMITS = {
    "no_usable_rows": N_("no activity can be used"),
    "people_refused": N_("people in rows that cannot be used"),
    "people_lost_by_joins": N_("people whose indicator is not in the list, or who have no proportions"),
    "same_content_twice": N_("rows that are there twice"),
    "period_outside_data": N_("no activity of the period"),
    "months_missing": N_("months without an activity"),
    "other_plan_year": N_("activities of other years"),
    "people_with_errors": N_("people in rows with errors"),
}
"""What the limits of the method measure, where a run accepts more than usual."""

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
WHOSE_MONEY = {
    (): N_("Donors and funded organizations: distinct, of money from outside the plan for this sector alone."),
    ("shared",): N_("Donors and funded organizations: distinct, also of money for several sectors."),
    ("internal",): N_("Donors and funded organizations: distinct, also of money passed on within the plan."),
    ("internal", "shared"): N_(
        "Donors and funded organizations: distinct, also of money for several sectors or passed on within the plan."
    ),
}
"""Whose money makes a donor or a funded organisation, by what is counted beside the money of the sector."""


def account(printed: Printed, title: str, report: str) -> Block:
    """The rules in words, the sources with their dates, the small print, and the files that lie beside the page."""
    words, sources = printed.words, source_lines(printed)
    funding_note = words(
        "* Funding as reported to the Financial Tracking Service (FTS). It may not show all money applied to "
        "this sector or to a country: unearmarked funds may carry no sector or country when partners receive them."
    )
    beside = f"{report}.{printed.language}"
    return Block.of(
        "account",
        method={
            "heading": words("How these figures were counted"),
            "lines": [{"name": name, "rule": rule} for name, rule in _rules(printed)],
        },
        sources={"heading": words("Sources"), "paragraphs": [*sources, funding_note]},
        notes=[
            [{"text": f"{funding_note} {undesignated(printed)}".strip(), "bold": False}],
            [{"text": words("Sources:") + " ", "bold": True}, {"text": " ".join(sources), "bold": False}],
        ],
        text=printed.document(title),
        status=words(illustrative_status(printed.key_figures)),
        data={
            "label": words("Data of this sheet"),
            "files": [{"name": "Excel", "href": f"{beside}.xlsx"}, {"name": "CSV", "href": f"{beside}.csv"}],
        },
    )


def source_lines(printed: Printed) -> list[str]:
    """The producers of the data with their dates; beside a map, the note on boundaries."""
    words, figures = printed.words, printed.key_figures
    planned = any(figures.value(name) is not None for name in PLANNED)
    lines = []
    for name, sentence in SHOWN_SOURCES.items():
        source = figures.sources.get(name)
        if source and (name != "planning" or planned):
            date = numbers.date(source.as_of, printed.language) if source.as_of else words("of an unknown date")
            lines.append(words(sentence, producer=words(source.producer), date=date))
    if not has_map(printed):
        return [" ".join(lines)]
    boundaries = words("Boundaries: Natural Earth. Boundaries and names do not imply official endorsement.")
    return [" ".join(lines), boundaries]


def undesignated(printed: Printed) -> str:
    """The plan's money that names no single sector (country): several, or none."""
    shares = {}
    for split in ("sector", "country"):
        usd = printed.breakdown(f"plan_funding_usd_by_{split}_named").values()
        unnamed = usd.get(SHARED, 0) + usd.get(NOT_SPECIFIED, 0)
        shares[split] = printed.share(unnamed, sum(usd.values()))
    if not shares["sector"]:
        return ""
    total = printed.usd(sum(printed.breakdown("plan_funding_usd_by_sector_named").values().values()))
    if shares["country"]:
        return printed.words(
            "Of the plan's {total}, {sector} names no single sector and {country} no single country.",
            total=total,
            **shares,
        )
    return printed.words("Of the plan's {total}, {sector} names no single sector.", total=total, **shares)


def _rules(printed: Printed) -> Iterator[tuple[str, str]]:
    """Each rule by which the figures were counted, with its name."""
    figures, words, method = printed.key_figures, printed.words, printed.key_figures.method
    if figures.sector not in WITHOUT_PEOPLE:
        yield words("People reached"), _people_rule(printed)
        if figures.value("people_in_need") is not None or figures.value("target") is not None:
            transit = (
                words("People in transit are in both, and in people reached.")
                if method.in_transit_in_denominators
                else words("Neither has people in transit; people reached have.")
            )
            yield words("Need and target"), words("Plan of {year}.", year=str(figures.plan_year)) + f" {transit}"
    accepted = method.limits.accepted()
    if accepted:
        limits = (
            f"{words(LIMITS[name])} ({numbers.share(limit, printed.language)})" for name, limit in accepted.items()
        )
        yield (
            words("Accepted"),
            words("Limits above the usual ones were accepted: {limits}.", limits="; ".join(limits)),
        )
    if figures.repairs:
        yield (
            words("Repairs"),
            words(
                "Before counting, {cells} cells of the activity reports were changed by declared rules: {rules}.",
                cells=printed.count(figures.cells_changed),
                rules=", ".join(figures.repairs),
            ),
        )
    yield (
        words("Partners, activities"),
        words("Distinct organizations that report; distinct organizations named as implementing; rows reported."),
    )
    yield words("Funding"), " ".join(filter(None, _funding_rules(printed)))
    if any(cell.suppressed for breakdown in figures.breakdowns.values() for cell in breakdown.cells):
        withheld = words(
            "Counts of fewer than {few} people are withheld, and a next smallest one where the rest would give them "
            "away.",
            few=printed.few,
        )
        yield words("Small numbers"), withheld


def _people_rule(printed: Printed) -> str:
    figures, words, method = printed.key_figures, printed.words, printed.key_figures.method
    types = ", ".join(numbers.quoted(words(kind), printed.language) for kind in method.counted_indicator_types)
    if figures.sector == INTERSECTOR:
        model = plan_year(figures.plan_year).consolidation[method.intersector_model]
        rule = words(
            "New beneficiaries of each month; indicators of type {types} only. A person may be reached by several "
            "sectors: {model}.",
            types=types,
            model=words(MODEL_RULES[model]),
        )
        rule = f"{rule} {words(LEVELS[method.intersector_level])}"
    else:
        rule = words(
            "New beneficiaries of each month, added up over the period; indicators of type {types} only. "
            "Partners report a person as new once; nobody else removes repeats within the sector.",
            types=types,
        )
    scope = words("Only activities of the plan.") if method.rmrp_activities_only else words("All reported activities.")
    return f"{rule} {scope}"


def _funding_rules(printed: Printed) -> Iterator[str]:
    """What counts as funding, whose money makes a donor, and what is not counted as FTS counts it."""
    words, figures, method = printed.words, printed.key_figures, printed.key_figures.method
    if "funding" not in figures.sources:
        yield words("No source of funding was given.")
        return
    yield words(
        "Paid and committed, not pledged; net of flows within the plan. FTS plan {plan}, {as_of}. "
        "Shares are taken before rounding; parts may not add up.",
        plan=str(plan_year(figures.plan_year).fts_plan_id),
        as_of=printed.as_of("funding"),
    )
    if figures.value("donors") is not None:
        all_sectors = figures.sector == INTERSECTOR  # money for several sectors is money of all of them
        also_in = tuple(sorted(set(method.organisations_also_in) - ({"shared"} if all_sectors else set())))
        of_all = N_("Donors and funded organizations: distinct, of money from outside the plan.")
        yield words(of_all if all_sectors and not also_in else WHOSE_MONEY[also_in])
    if method.money_of_several_countries == "own_platform":
        yield words("Money for several countries of one platform is that platform's.")
    yield undesignated(printed)
