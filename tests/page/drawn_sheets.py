"""Sheets whose numbers are drawn from those at and around the limits of sentences; a number always draws the same."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

from conftest import sheet, with_few
from rmrp_analysis.arguments import Period
from rmrp_analysis.figures import Caution, Comparisons, KeyFigures, Silence
from rmrp_analysis.ledger import CAUSES, COVERAGE_ABOVE
from rmrp_analysis.method import Method, MovedReport, Movement, Revision
from rmrp_analysis.sources import Source
from rmrp_analysis.vocabulary import AGE_GENDER_GROUPS, INTERSECTOR, NOT_SPECIFIED, POPULATION_GROUPS, plan_lists

SECTORS = plan_lists().sectors[:9]
PEOPLE = (None, 0, 10, 90, 100, 110, 9_990, 10_000, 50_000, 66_000, 100_000, 1_500_000)
MONEY = (None, 0.0, 0.4, 100.0, 400.0, 500.0, 99_999.0, 1_000_000.0, 1_470_000.0)
DAYS = ("2021-12-31", "2022-03-01")
OF = ("Health", INTERSECTOR, INTERSECTOR, "Common Services")
COUNTS = (None, 0, 1, 2, 3, 4, 12)
PLACES = ("Peru", "Chile", "Colombia", "Brazil", "Southern Cone", "Regional", NOT_SPECIFIED)
MONTHS = [f"2021-{month:02}" for month in range(1, 13)]
DONORS = ("USA", "Canada", "ECHO", "CERF", NOT_SPECIFIED)
CATEGORIES = {
    "platform": PLACES, "sector": SECTORS, "donor": DONORS,
    "population_group": (*POPULATION_GROUPS, NOT_SPECIFIED), "age_gender": (*AGE_GENDER_GROUPS, NOT_SPECIFIED),
    "indicator": ("# of people", "Distribution of kits"), "model": ("sum", "max_sector", "max_age_gender"),
}  # fmt: skip
DRAWN = {
    "people_reached": ("platform", "month", "population_group", "age_gender", "sector", "model"),
    "target": ("platform", "sector", "population_group"), "people_to_reach": ("platform",),
    "funding_usd": ("platform", "sector", "donor"), "requirement_usd": ("platform", "sector"),
    "activities": ("indicator",),
}  # fmt: skip
"""Figures of a drawn sheet with the dimensions of their breakdowns."""


def parts_drawn(chance: Random, whole: float, categories: Sequence[str]) -> dict[str, float | None]:
    """Some categories; most of the whole, all of it, or more lies in them, or no number is known of one."""
    some = [each for each in categories if chance.random() < 0.8] or list(categories[:1])
    weights = [chance.choice((0, 1, 1, 2, 6)) for _ in some]
    amount = whole * chance.choice((0.9, 1, 1, 1.02)) / (sum(weights) or 1)
    return {
        each: None if chance.random() < 0.04 else round(amount * weight, -1)
        for each, weight in zip(some, weights, strict=True)
    }


def part_of(chance: Random, whole: float) -> float | None:
    share = chance.choice((None, 0, 0.0004, 0.05, 0.08, 0.34, 0.5, 0.6, 0.9, 0.949, 0.95, 0.9996, 1, 1.004, 1.2, 4))
    return None if share is None else float(round(whole * share, -1))


def drawn_sheet(chance: Random, rounding: int = 10) -> KeyFigures:
    """A sheet with numbers at and around the limits of sentences, and what a run says of it.

    A page of a rounded sheet says what follows from its rows, in place of the silence, cautions and comparisons drawn.
    """
    need, required = chance.choice(PEOPLE), chance.choice(MONEY)
    target = need and round(need * chance.choice((0.1, 0.5, 1)), -1)
    people = part_of(chance, target or 100_000)
    money = part_of(chance, required or 500.0)
    partners, end, sector = chance.choice(COUNTS), chance.choice((12, 12, 5, 1)), chance.choice(OF)
    stated: dict[str, Any] = {"people_reached": people, "target": target, "people_in_need": need}
    stated |= {"funding_usd": money, "requirement_usd": required, "reporting_partners": partners}
    for share, part, whole in (
        ("target_coverage", people, target), ("need_coverage", people, need), ("funding_coverage", money, required),
    ):  # fmt: skip
        stated[share] = part / whole if part is not None and whole else None
    stated["people_to_reach"] = target - people if None not in (people, target) else None
    stated["unmet_usd"] = max(required - money, 0.0) if None not in (money, required) else None
    stated["partners_last_month"] = chance.randint(0, partners or 0)
    for name in ("activities", "implementing_partners", "donors", "months_reported"):
        stated[name] = chance.choice(COUNTS)
    breakdowns = {}
    for figure, dimensions in DRAWN.items():
        for by in dimensions if (stated[figure] or 0) > 0 else ():
            categories = MONTHS[:end] if by == "month" else CATEGORIES[by]
            if by == "platform" and figure in ("target", "people_to_reach", "requirement_usd"):
                categories = PLACES[:5]
            if chance.random() < 0.8 and (sector == INTERSECTOR or by not in ("sector", "model")):
                breakdowns[f"{figure}_by_{by}"] = parts = parts_drawn(chance, stated[figure], categories)
                if figure == "people_to_reach" and len(parts) > 2:  # more were reached there than were targeted
                    parts |= {categories[0]: -40.0}
    reasons = {
        name: chance.choice(("", "nobody_new", "services_only", "no_report")) for name in stated if not stated[name]
    }
    figures = sheet(breakdowns, sector=sector, method=Method(rounding=rounding), reasons=reasons, **stated)
    figures = replace(figures, period=Period(start="2021-01", end=MONTHS[end - 1]))
    if chance.random() < 0.3:
        figures = with_few(figures, *chance.sample(("people_to_reach", "Peru", "girls", "in_transit", "2021-03"), 2))
    if chance.random() < 0.4:
        of = chance.choice((*breakdowns, "people_reached", "people_in_need", "people_reached"))
        names = SECTORS if sector == INTERSECTOR else ("PER", "CHL", "COL")
        months, places = tuple(MONTHS[: chance.randint(0, 3)]), names[: chance.randint(0, 3)]
        share, concerned, all_rows = chance.choice((0.05, 0.67, 1.0)), chance.choice((90, 4_000)), chance.choice((2, 3))
        cause = chance.choice(CAUSES)
        of = {COVERAGE_ABOVE: "target_coverage"}.get(cause, of)
        figures = replace(figures, cautions=(Caution(cause, of, share, concerned, 2, all_rows, months, places),))
    silence = Silence(("PER", "CHL")[: chance.choice((0, 0, 1, 2))], 4, chance.randint(0, 4), chance.randint(0, 1))
    comparisons = Comparisons(
        coverage_by_sector={each: chance.choice((0.05, 0.34, 0.5, 1.2)) for each in SECTORS},
        funding_by_sector={each: chance.choice((0.0, 0.08, 0.5)) for each in SECTORS},
        money_by_sector={
            kind: {each: chance.choice((10.0, 100.0)) for each in SECTORS} for kind in ("funded", "required")
        },
        region_people=chance.choice((None, 100_000, 1_500_000)),
        of_both_years=chance.choice((None, (90, 40), (10_000, 66_000), (66_000, 10_000))),
        of_both_months=chance.choice((None, (90, 40), (1_000, 0), (2_000, 9_000), (9_000, 2_000))) if end > 1 else None,
        largest_partner=chance.choice((None, 10, 66_000)),
    )
    sources = {
        name: Source(file="f.csv", producer="P", as_of=chance.choice(days), illustrative=chance.random() < 0.3)
        for name, days in (("activities", DAYS[:1]), ("planning", DAYS[:1]), ("funding", DAYS))
    }
    context: dict[str, Any] = {"silence": silence, "comparisons": comparisons, "sources": sources}
    context |= {"year_in_data": chance.random() < 0.8, "people_to_date": chance.choice((None, people, 100_000))}
    context |= chance.choice(({}, {}, {}, {"place": "Peru"}, {"place": "Southern Cone"}, {"organisation": "IOM"}))
    return replace(figures, **context)


def drawn_revision(chance: Random) -> Revision:
    """What moved since the sheet before, which was of the same months or of fewer."""
    until = chance.choice(("", "2021-01", "2021-04"))
    kinds = ("late", "corrected", "gone", *(("new_months",) if until else ()))
    moved = {
        name: Movement(
            before=chance.choice(("", "100", "12.0 K")),
            parts={kind: float(chance.choice((-3_000, 0, 15, 20_000))) for kind in chance.sample(kinds, 2)},
        )
        for name in ("people_reached", "target", "funding_usd")
        if chance.random() < 0.6
    }
    reports = [
        MovedReport(
            change=change, country=country, month="2021-03", organisation=partner, sectors=("Health",), people=20.0
        )
        for change, country, partner in (("late", "PER", ""), ("corrected", "CHL", "IOM"), ("gone", "PER", "NRC"))
        if chance.random() < 0.5
    ]
    return Revision(until=until, figures=moved, reports=tuple(reports), tables=("late",)[: chance.randint(0, 1)])
