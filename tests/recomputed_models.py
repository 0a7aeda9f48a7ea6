"""The people reached by all sectors under every consolidation model, worked out again in plain loops.

It is written from the rules as they are described, and nothing of the package is imported: where the two agree, two
readers of the rules do. A row is one activity, with the package's names of columns.
"""

import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

EVERYBODY = "new_beneficiaries"
GROUPS = ("in_destination", "in_transit", "host_communities", "pendular", "colombian_returnees")
AGES = ("girls", "boys", "women", "men", "other_under_18", "other_18_and_above")
PLANNED_AGES, NOT_IN_2021 = AGES[:4], AGES[4:]
DIMENSIONS = {"population_group": GROUPS, "age_gender": AGES}
PEOPLE = (EVERYBODY, *GROUPS, *AGES)
SECTORS = (
    *("Education", "Food Security", "Health", "Humanitarian Transportation", "Integration"),
    *("Multipurpose Cash Assistance", "Nutrition", "Child Protection", "Gender-Based Violence", "Protection (General)"),
    *("Human Trafficking & Smuggling", "Shelter", "WASH"),
)
"""Those that reach people, in the alphabet of R4V's own names ("Protection (GBV)"): the first of equal ones counts."""
ALTERNATIVES = ("Shelter", "Humanitarian Transportation", "WASH", "Food Security")
ADDED = ("Protection (General)", "Integration", "Multipurpose Cash Assistance", "Health", "Education")
WHOLE_COUNTRY = ""

Row = Mapping[Any, Any]
Place = tuple[str, str, str]
"""Country, place (``WHOLE_COUNTRY``: without first administrative levels) and month; for shares the sector."""
Reported = dict[Place, dict[str, dict[str, float]]]
"""The people of each sector in each country, place and month; no sector where the reports count nobody."""
Shares = Mapping[str, float]
"""The shares that a plan foresees of each group and age, as ``in_transit_girls``."""
Sectors = Mapping[str, tuple[Mapping[str, float], Shares]]
"""What each sector reported in a place and month, with its shares there; in the order of ``SECTORS``."""
Kept = tuple[str, str, str, float]
"""Sector, dimension (empty: everybody), part and people."""


def made_up_shares(rows: Iterable[Row]) -> dict[Place, dict[str, float]]:
    """Shares by country, place and sector, which follow from the names alone.

    Three in ten places have none, and two in ten countries; one group in five has none where the others have. Chile has
    some, but none of a place that it reports from: a model that uses those of the place alone sees nobody there.
    """
    named = {(row["country"], row["place"], row["sector"]) for row in rows if row["sector"] in SECTORS}
    shares: dict[Place, dict[str, float]] = {}
    for country, place, sector in sorted(named | {(country, WHOLE_COUNTRY, sector) for country, _, sector in named}):
        chance = random.Random(f"{country}, {place}, {sector}")  # noqa: S311 - it must be the same every time
        has_none = chance.random() < (0.2 if place == WHOLE_COUNTRY else 0.3)
        if has_none or (country == "CHL" and (country, place, sector) in named):
            continue
        shares[country, place, sector] = {}
        for group in GROUPS:
            some, parts = chance.random() < 0.8, [chance.random() for _ in PLANNED_AGES]
            for age, part in zip(PLANNED_AGES, parts, strict=True):
                shares[country, place, sector][f"{group}_{age}"] = round(part / sum(parts), 2) if some else 0.0
    return shares


def every_sector(sectors: Sectors) -> Iterator[Kept]:
    """Keep everybody of every sector."""
    for sector, (people, _) in sectors.items():
        yield sector, "", "", people[EVERYBODY]
        for group in GROUPS:
            yield sector, "population_group", group, people[group]
        for age in AGES:
            yield sector, "age_gender", age, people[age]


def largest_sector(sectors: Sectors) -> Iterator[Kept]:
    """Keep everybody of the sector with most people; where nobody was reached, nobody's groups count either (2021)."""
    largest = max(sectors, key=lambda sector: sectors[sector][0][EVERYBODY])
    if sectors[largest][0][EVERYBODY]:
        yield from every_sector({largest: sectors[largest]})


def largest_ages(sectors: Sectors) -> Iterator[Kept]:
    """Keep of each age and gender the sector with most, and their sum; of which group they are, nobody knows."""
    for age in AGES:
        cells = {sector: people[age] for sector, (people, _) in sectors.items()}
        largest = max(cells, key=cells.__getitem__)
        yield largest, "", "", cells[largest]
        yield largest, "age_gender", age, cells[largest]


def largest_modelled(sectors: Sectors) -> Iterator[Kept]:
    """Split each group by age as planned and round; keep of each such cell the sector with most (from 2022 on)."""
    for group in GROUPS:
        for age in AGES:
            cells = {
                sector: round(people[group] * shares.get(f"{group}_{age}", 0.0))
                for sector, (people, shares) in sectors.items()
            }
            largest = max(cells, key=cells.__getitem__)
            yield largest, "", "", cells[largest]
            yield largest, "population_group", group, cells[largest]
            yield largest, "age_gender", age, cells[largest]


MODELS: Mapping[int, Mapping[str, Mapping[Callable[[Sectors], Iterator[Kept]], tuple[str, ...]]]] = {
    2021: {
        "sum": {every_sector: SECTORS},
        "max_sector": {largest_sector: SECTORS},
        "max_age_gender": {largest_ages: SECTORS},
        "southern_cone": {largest_sector: ALTERNATIVES, every_sector: ADDED},
    },
    2022: {
        "sum": {every_sector: SECTORS},
        "max_sector": {largest_modelled: SECTORS},
        "max_age_gender": {largest_ages: SECTORS},
        "southern_cone": {largest_modelled: ALTERNATIVES, every_sector: ADDED},
    },
}
"""By plan year and model, what is kept of which sectors."""


def reported_by_place(rows: Iterable[Row], level: str) -> Reported:
    """The people reported by each sector, of indicators that count people in need, in admin1 or in whole countries."""
    reported: Reported = {}
    for row in rows:
        place = row["place"] if level == "admin1" else WHOLE_COUNTRY
        by_sector = reported.setdefault((row["country"], place, row["month"]), {})
        if row["sector"] in SECTORS and row["indicator_type"] == "people in need":
            people = by_sector.setdefault(row["sector"], dict.fromkeys(PEOPLE, 0.0))
            for name in PEOPLE:
                people[name] += row[name]
    return reported


def shares_in(shares: Mapping[Place, Shares], country: str, place: str, sector: str, rule: str) -> Shares:
    """The shares of a sector in a place; where it has none, a rule may take those of its country."""
    own = shares.get((country, place, sector), {})
    if rule == "country_proportions" and not any(own.values()):
        return shares.get((country, WHOLE_COUNTRY, sector), {})
    return own


def people_reached(
    reported: Reported, shares: Mapping[Place, Shares], months: Iterable[str], *, year: int, model: str, rule: str
) -> dict[tuple[str, str], float]:
    """The people reached by figure and part; NaN is not known, as are months without a report."""
    rules = MODELS[year][model]
    kept: list[tuple[str, str, str, str, str, float]] = []
    reached: dict[str, float] = defaultdict(float)
    seen: dict[str, float] = defaultdict(float)
    for (country, place, month), by_sector in reported.items():
        for keep, names in rules.items():
            sectors = {
                sector: (
                    {name: round(number, 6) for name, number in by_sector[sector].items()},
                    shares_in(shares, country, place, sector, rule),
                )
                for sector in SECTORS
                if sector in by_sector and sector in names
            }
            reached[country] += sum(people[EVERYBODY] for people, _ in sectors.values())
            for sector, dimension, part, number in keep(sectors) if sectors else ():
                kept.append((country, month, sector, dimension, part, number))
                seen[country] += 0.0 if dimension else number

    figures: dict[tuple[str, str], float] = defaultdict(float)
    with_reports = {month for _, _, month in reported}
    for month in months:
        figures["people_reached_by_month", month] = 0.0 if month in with_reports else math.nan
    for country, month, sector, dimension, part, number in kept:
        unseen = largest_modelled in rules and reached[country] and not seen[country]
        people = math.nan if unseen else number
        if dimension:
            figures[f"people_reached_by_{dimension}", part] += people
        else:
            figures["people_reached", ""] += people
            figures["people_reached_by_month", month] += people
            figures["people_reached_by_country_and_sector", f"{country}, {sector}"] += people
    for dimension, parts in DIMENSIONS.items():
        known = sum(figures[f"people_reached_by_{dimension}", part] for part in parts)
        figures[f"people_reached_by_{dimension}", "not specified"] = figures["people_reached", ""] - known
    if largest_ages in rules:
        for group in (*GROUPS, "not specified"):
            figures["people_reached_by_population_group", group] = math.nan
    return {key: people for key, people in figures.items() if year > 2021 or key[1] not in NOT_IN_2021}
