"""The block that accounts for the figures: how they were counted, where the data came from."""

from collections.abc import Iterator

from rmrp_analysis.show import numbers
from rmrp_analysis.show.block import Block
from rmrp_analysis.show.cards import funding_note, undesignated
from rmrp_analysis.show.printed import Printed
from rmrp_analysis.vocabulary import WITHOUT_PEOPLE, plan_year

SHOWN_SOURCES = {
    "activities": "Activity reports: {producer}, {date}.",
    "planning": "Plan: {producer}, {date}.",
    "funding": "Funding: {producer}, {date}.",
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
    """The producers of the data with their dates, and the note on boundaries."""
    words = printed.words
    named = printed.key_figures.sources
    data = [
        words(sentence, producer=words(named[name].producer), date=_date(named[name].as_of, printed))
        for name, sentence in SHOWN_SOURCES.items()
    ]
    return [
        " ".join(data),
        words("Boundaries: Natural Earth. Boundaries and names do not imply official endorsement."),
    ]


def _date(as_of: str, printed: Printed) -> str:
    return numbers.date(as_of, printed.language) if as_of else printed.words("of an unknown date")


def _rules(printed: Printed) -> Iterator[tuple[str, str]]:
    figures, words, method = printed.key_figures, printed.words, printed.key_figures.method
    with_people = figures.sector not in WITHOUT_PEOPLE
    if with_people:
        types = ", ".join(f"“{words(kind)}”" for kind in method.counted_indicator_types)
        rule = words(
            "New beneficiaries of each month, added up over the period; indicators of type {types} only. "
            "Partners report a person as new once; nobody else removes repeats within the sector.",
            types=types,
        )
        scope = (
            words("Only activities of the plan.") if method.rmrp_activities_only else words("All reported activities.")
        )
        yield words("People reached"), f"{rule} {scope}"
        transit = (
            words("People in transit are in these totals.")
            if method.in_transit_in_denominators
            else words("People in transit are not in these totals.")
        )
        yield words("Need and target"), f"{words('Plan of {year}.', year=str(figures.plan_year))} {transit}"
    yield (
        words("Partners, activities"),
        words("Distinct organizations that report; distinct organizations named as implementing; rows reported."),
    )
    yield words("Funding"), _funding_rule(printed)
    if (
        with_people
        and method.small_count_threshold > 1
        and any(cell.suppressed for breakdown in figures.breakdowns.values() for cell in breakdown.cells)
    ):
        yield (
            words("Small numbers"),
            words(
                "Counts of fewer than {few} people are withheld, "
                "and a next smallest one where the rest would give them away.",
                few=str(method.small_count_threshold),
            ),
        )


def _funding_rule(printed: Printed) -> str:
    words, year = printed.words, plan_year(printed.key_figures.plan_year)
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
        (): "Donors and funded organizations: distinct, of money from outside the plan for this sector alone.",
        ("shared",): "Donors and funded organizations: distinct, also of money for several sectors.",
        ("internal",): "Donors and funded organizations: distinct, also of money passed on within the plan.",
        ("internal", "shared"): "Donors and funded organizations: distinct, also of money for several sectors or "
        "passed on within the plan.",
    }
    if figures.value("donors") is not None:
        yield words(labels[tuple(sorted(set(method.organisations_also_in)))])
    if method.money_of_several_countries == "own_platform":
        yield words("Money for several countries of one platform is that platform's.")
