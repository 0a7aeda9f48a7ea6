"""An attack on a public run: with all its files in hand, between which values must each withheld count lie?

The attacker knows what the files say and how figures are made. Each count is an unknown quantity; what is printed, and
every rule that links counts, is an equation. A linear program then gives the least and the greatest value of each
withheld count. Nothing here knows how the run chose what to withhold.
"""

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain as joined
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import highspy
import numpy as np

ALL_SECTORS, REGION, REGIONAL, NOT_SPECIFIED = "Intersector", "region", "Regional", "not specified"
REACHED = "people_reached"
PLACES_OF_REGION, ADMIN1 = ("platform",), ("country", "admin1")
GROUPS = ("population_group", "age_gender")
COUNTRIES = {
    "Caribbean": ("ABW", "CUW", "DOM", "GUY", "TTO"),
    "Central America & Mexico": ("CRI", "MEX", "PAN"),
    "Southern Cone": ("ARG", "BOL", "PRY", "URY"),
}
"""The countries of the platforms that have several; another platform is its country."""
ISO_OF = {"Brazil": "BRA", "Chile": "CHL", "Colombia": "COL", "Ecuador": "ECU", "Peru": "PER"}
ISO_CODES = frozenset(country for countries in COUNTRIES.values() for country in countries)
PARTS = ("month", *GROUPS, *ADMIN1)
WHOLE = ""
"""The dimension of a sheet's people reached as a whole."""
LARGEST = "largest sector of"
"""The dimension of what no sheet prints: the people of the largest sector of a place."""

IN_TRANSIT_BY = "in transit by"
"""The dimension of what no sheet prints: the people in transit of a country or admin1 without groups of its own."""

ALTERNATIVES = ("Food Security", "Humanitarian Transportation", "Shelter", "WASH")
ADDED = ("Protection (General)", "Integration", "Multipurpose Cash Assistance", "Health", "Education")
"""The sectors of the Southern Cone model, as R4V has them."""

NO_REPORT = "no report"
EXACT = 1e-4
"""Some partners report fractions of people, which are published with six decimals."""


class Quantity(NamedTuple):
    """A count of people that one or several cells of a run print, or none: it is one number, wherever it stands."""

    sector: str
    place: str
    dimension: str = WHOLE
    part: str = ""
    run: int = 0

    def __str__(self) -> str:
        names = (self.sector, self.place, *(filter(None, (self.dimension, self.part))))
        return " · ".join(names) + (f" · run {self.run}" if self.run else "")


@dataclass(frozen=True)
class Equation:
    """``low`` ≤ the sum of ``terms`` (factors of quantities) ≤ ``high``, and what it follows from."""

    name: str
    terms: Mapping[Quantity, float]
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True)
class Finding:
    """What an attacker knows of a withheld count: it lies between ``low`` and ``high``; ``people`` is the truth.

    ``chain`` names the equations that bound it, from below and from above.
    """

    quantity: Quantity
    people: float
    low: float
    high: float
    small: bool
    chain: tuple[str, ...] = ()

    def __str__(self) -> str:
        chain = "; ".join(self.chain) or "what is printed of it alone"
        return f"{self.quantity} = {self.people:g} lies in [{self.low:g}, {self.high:g}]: {chain}"

    @property
    def width(self) -> float:
        """How far apart the least and the greatest possible values are."""
        return self.high - self.low

    @property
    def values(self) -> float:
        """How many whole numbers are possible."""
        if math.isinf(self.width):
            return math.inf
        return math.floor(self.high + EXACT) - math.ceil(self.low - EXACT) + 1

    def verdict(self, threshold: int) -> str:
        """``recovered``: one value is left; ``narrowed``: fewer than the threshold; else ``safe``."""
        return "recovered" if self.width < 1 else "narrowed" if self.width < threshold - EXACT else "safe"


def sheets_of(folder: Path) -> list[dict[str, Any]]:
    """The JSON files of a run's folder, one a report whatever its languages."""
    contents = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json")))
    sheets = (sheet for sheet in contents if "scope" in sheet)
    return list({(sheet["sector"], sheet["scope"], sheet.get("organisation", "")): sheet for sheet in sheets}.values())


@dataclass(frozen=True)
class Attack:
    """A run under attack: the ``sheets`` are the content of its JSON files, ``truth`` the exact counts.

    ``truth`` is read for two things: to say which cells were small, and which counts are below 0 in the data.
    """

    sheets: Sequence[Mapping[str, Any]]
    truth: Mapping[Quantity, float]
    threshold: int = 10
    run: int = 0
    zeros_printed: bool = True
    """Whether the attacker knows that a count of 0 is never withheld."""

    # ---- What is printed ----

    @cached_property
    def withheld(self) -> dict[Quantity, str]:
        """The withheld counts, with the names of the tables that withhold them."""
        places: dict[Quantity, list[str]] = defaultdict(list)
        for sheet in self.sheets:
            for cell in _cells(sheet, self.run):
                if cell.withheld:
                    places[cell.quantity].append(cell.table)
        return {quantity: ", ".join(dict.fromkeys(tables)) for quantity, tables in places.items()}

    @cached_property
    def known(self) -> dict[Quantity, tuple[float, float]]:
        """Between which values each count lies by what is printed of it alone, in any place."""
        known: dict[Quantity, tuple[float, float]] = {}
        printed = [cell for sheet in self.sheets for cell in _cells(sheet, self.run)]
        for cell in printed:
            low, high = known.get(cell.quantity, (-math.inf, math.inf))
            known[cell.quantity] = max(low, cell.low), min(high, cell.high)
        return known

    @cached_property
    def idle(self) -> frozenset[tuple[str, str]]:
        """The sectors and places of which nothing at all was reported."""
        return frozenset(
            (cell.quantity.sector, place)
            for sheet in self.sheets
            for cell in _cells(sheet, self.run)
            for place in (cell.quantity.part if cell.quantity.dimension == "country" else cell.quantity.place,)
            if cell.quantity.dimension in (WHOLE, "country") and cell.nothing
        )

    def bounds(self, quantity: Quantity) -> tuple[float, float]:
        """Between which values a count lies before any equation is used."""
        floor = self.floor(quantity)
        if (quantity.sector, quantity.place) in self.idle:
            return 0.0, 0.0
        if quantity in self.known:
            low, high = self.known[quantity]
            some = self.zeros_printed and quantity in self.withheld and floor == 0
            return max(low, floor, min(1.0, self.true(quantity)) if some else floor), high
        if quantity.dimension == "lost" and (quantity.sector, quantity.place) in self.by_name:
            return 0.0, 0.0
        if quantity.dimension in ADMIN1 and self._split(quantity.sector, quantity.place, quantity.dimension):
            return 0.0, 0.0
        return floor, math.inf

    def floor(self, quantity: Quantity) -> float:
        """Counts are not below 0, but where the data are (an attacker may know)."""
        return -math.inf if self.true(quantity) < 0 else 0.0

    def true(self, quantity: Quantity) -> float:
        """The exact count; of the regional level what the region has beyond its platforms."""
        if quantity not in self.truth and quantity.place == REGIONAL:
            of_places = (self.truth.get(quantity._replace(place=place), 0.0) for place in self.platforms)
            return round(self.truth.get(quantity._replace(place=REGION), 0.0) - sum(of_places), 6) + 0.0
        return self.truth.get(quantity, 0.0)

    def is_unknown(self, quantity: Quantity) -> bool:
        """Whether the truth does not have a count, since no sheet of the run does."""
        split = quantity.dimension not in ADMIN1 or self._split(quantity.sector, quantity.place, quantity.dimension)
        if quantity.dimension == LARGEST or quantity.dimension.startswith(IN_TRANSIT_BY) or not split:
            return True
        places = self.platforms if quantity.place == REGIONAL else (quantity.place,)
        made = all((quantity.sector, place) in {*self.by_name, *self.idle} for place in places)
        return quantity not in self.truth and not made

    # ---- Who stands on the sheets ----

    @cached_property
    def by_name(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        """The sheets by sector and place."""
        return {(sheet["sector"], sheet["scope"]): sheet for sheet in self.sheets}

    @cached_property
    def platforms(self) -> tuple[str, ...]:
        """The platforms that the sheets of the region name."""
        names = {
            quantity.place
            for sheet in self.sheets
            for quantity in (cell.quantity for cell in _cells(sheet, self.run))
            if quantity.place not in (REGION, REGIONAL, *ISO_CODES)
        }
        return tuple(sorted(names))

    @cached_property
    def countries(self) -> Mapping[str, Sequence[str]]:
        """The countries of each platform that has several, where any of them has a sheet."""
        made = {place for _, place in self.by_name}
        return {platform: names for platform, names in COUNTRIES.items() if made & {*names}}

    @cached_property
    def places(self) -> tuple[str, ...]:
        """Every place that may have a sheet, and the regional level."""
        countries = (country for names in self.countries.values() for country in names)
        return (REGION, *self.platforms, *countries, REGIONAL)

    @cached_property
    def sectors(self) -> tuple[str, ...]:
        """The sectors, without all together."""
        quantities = (cell.quantity for sheet in self.sheets for cell in _cells(sheet, self.run))
        return tuple(sorted({quantity.sector for quantity in quantities} - {ALL_SECTORS}))

    def parts(self, dimension: str) -> tuple[str, ...]:
        """Every part of a dimension that any sheet has."""
        return self._parts.get(dimension, ())

    @cached_property
    def _parts(self) -> dict[str, tuple[str, ...]]:
        parts: dict[str, dict[str, None]] = defaultdict(dict)
        for sheet in self.sheets:
            for cell in _cells(sheet, self.run):
                parts[cell.quantity.dimension][cell.quantity.part] = None
        return {dimension: tuple(names) for dimension, names in parts.items()}

    # ---- What links the counts ----

    def q(self, sector: str, place: str, dimension: str = WHOLE, part: str = "") -> Quantity:
        """A quantity of this run."""
        return Quantity(sector, place, dimension, part, self.run)

    def equations(self) -> Iterator[Equation]:
        """Every rule that an attacker knows."""
        yield from self._parts_make_the_whole()
        yield from self._places_make_larger_ones()
        yield from self._sectors_bound_all_sectors()
        yield from self._models()
        yield from self._shares()
        yield from self._cautions()

    def _parts_make_the_whole(self) -> Iterator[Equation]:
        """The parts of a breakdown, with *not specified*, make the people reached of its sheet."""
        for (sector, place), sheet in self.by_name.items():
            for dimension in ("platform", *PARTS, "indicator"):
                table = sheet["tables"].get(f"{REACHED}_by_{dimension}")
                if table and all(_is_count(row) for row in table):
                    parts = [cell.quantity for cell in _cells_of_table(sheet, f"{REACHED}_by_{dimension}", self.run)]
                    yield _sum(f"{sector}, {place}: by {dimension}", parts, self.q(sector, place))
        for sector in self._with_people:
            for dimension in ("month", *GROUPS):
                if self._keeps(sector, dimension):
                    parts = [self.q(sector, REGIONAL, dimension, part) for part in self.parts(dimension)]
                    yield _sum(f"{sector}, {REGIONAL}: by {dimension}", parts, self.q(sector, REGIONAL))

    def _places_make_larger_ones(self) -> Iterator[Equation]:
        """Month by month and group by group, the platforms and the regional level make the region, and the countries
        their platform; a country's sheet says what its platform's says of the country.
        """
        if all((sector, REGION) in self.by_name for sector in self._with_people):
            for sector in self._with_people:
                yield from self._sum_of_places(sector, REGION, (*self.platforms, REGIONAL))
        for (platform, countries), sector in product(self.countries.items(), self._with_people):
            yield from self._sum_of_places(sector, platform, countries)
            own = [self.q(sector, country) for country in countries]
            yield _sum(f"{sector}: {platform} = countries", own, self.q(sector, platform))
            for country in countries:
                stated = self.q(sector, platform, "country", country)
                if stated in self.known:
                    yield _sum(f"{sector}, {country}: as {platform} states", [self.q(sector, country)], stated)

        for sector in self._with_people:
            yield from self._countries_of_the_region(sector)

    def _countries_of_the_region(self, sector: str) -> Iterator[Equation]:
        """A sheet of the region that has countries beside platforms."""
        if self._split(sector, REGION, "country"):
            for platform in self.platforms:
                names = COUNTRIES.get(platform) or tuple(set(self.parts("country")) & {ISO_OF[platform]})
                own = [self.q(sector, REGION, "country", country) for country in names]
                yield _sum(f"{sector}: {platform} = countries of the region", own, self.q(sector, platform))

    def _sum_of_places(self, sector: str, larger: str, places: Sequence[str]) -> Iterator[Equation]:
        made = {(sector, larger), *((sector, place) for place in places if place not in self.platforms)}
        if larger == REGION:
            made = {(sector, place) for place in places if place != REGIONAL}
            made |= {(sector, country) for countries in self.countries.values() for country in countries}
        if not made & set(self.by_name):
            return
        for dimension in ("month", *GROUPS, "model", "lost"):
            if sector != ALL_SECTORS and dimension == "model":
                continue
            for part in self.parts(dimension):
                if part != "lower_bound" and self._keeps(sector, dimension, part):
                    parts = [self.q(sector, place, dimension, part) for place in places]
                    whole = self.q(sector, larger, dimension, part)
                    yield _sum(f"{sector}, {dimension} {part}: {larger} = its places", parts, whole)

    def _sectors_bound_all_sectors(self) -> Iterator[Equation]:
        """What all sectors together can be: at least each sector, at most their sum; under ``sum``, the sum."""
        if ALL_SECTORS not in self._with_people:
            return
        for place, dimension in product(self.places, (WHOLE, *PARTS, "lost")):
            for part in self.parts(dimension):
                if dimension in ADMIN1 and (part == NOT_SPECIFIED or not self._split(ALL_SECTORS, place, dimension)):
                    continue
                whole = self.q(ALL_SECTORS, place, dimension, part)
                if dimension in ADMIN1 and whole not in self.known:
                    continue
                parts = [self.q(sector, place, dimension, part) for sector in self._peopled]
                name = f"{place}, {' '.join((dimension, part)).strip() or 'total'}: all sectors"
                if (self.model == "sum" and dimension != "lost") or part == "unknown_indicator":
                    yield _sum(f"{name} = sum of sectors", parts, whole)
                    continue
                if dimension != "lost" and (dimension not in GROUPS or part != NOT_SPECIFIED):
                    yield from self._by_the_model(name, whole, parts, dimension)

    def _by_the_model(
        self, name: str, whole: Quantity, parts: Sequence[Quantity], dimension: str
    ) -> Iterator[Equation]:
        """What the model keeps of the sectors; the largest sector need not have most of each group."""
        if self.model == "southern_cone":
            yield from self._southern_cone(name, whole, parts, alone=dimension not in GROUPS)
        elif self.model == "max_sector" or (self.model, dimension) == ("max_age_gender", "age_gender"):
            yield from _at_most_sum(name, whole, parts)
            if self.model != "max_sector" or dimension not in GROUPS:
                yield from _at_least_each(name, whole, parts)

    def _models(self) -> Iterator[Equation]:
        """The table of models: their sum, and the bounds of each."""
        if not self.parts("model"):
            return
        for place in self.places:
            models = {model: self.q(ALL_SECTORS, place, "model", model) for model in self.parts("model")}
            if place == REGIONAL:
                models.pop("lower_bound", None)
            elif (ALL_SECTORS, place) not in self.by_name:
                continue
            every = [self.q(sector, place) for sector in self._peopled]
            yield _sum(f"{place}: model sum", every, models["sum"])
            yield _sum(f"{place}: {self.model} is the method", [models[self.model]], self.q(ALL_SECTORS, place))
            yield from _at_most_sum(f"{place}: model max_sector", models["max_sector"], every)
            yield from _at_least_each(f"{place}: model max_sector", models["max_sector"], every)
            yield from self._southern_cone(f"{place}: model southern_cone", models["southern_cone"], every)
            yield from self._cells_of_age_and_gender(place, models["max_age_gender"])
            yield from self._lower_bound(place, models, every)

    def _southern_cone(
        self, name: str, whole: Quantity, parts: Sequence[Quantity], *, alone: bool = True
    ) -> Iterator[Equation]:
        """``alone``: it is no less than the added sectors with any one of the alternatives, not without it alone."""
        added = {part: -1.0 for part in parts if part.sector in ADDED}
        others = {part: -1.0 for part in parts if part.sector in ALTERNATIVES}
        yield Equation(f"{name} ≤ sum", {whole: 1, **added, **others}, -math.inf, EXACT)
        yield Equation(f"{name} ≥ added", {whole: 1, **added}, -EXACT, math.inf)
        for part in others if alone else ():
            yield Equation(f"{name} ≥ added and {part.sector}", {whole: 1, **added, part: -1}, -EXACT, math.inf)

    def _cells_of_age_and_gender(self, place: str, model: Quantity) -> Iterator[Equation]:
        cells = [part for part in self.parts("age_gender") if part != NOT_SPECIFIED]
        name = f"{place}: model max_age_gender"
        every = [self.q(sector, place, "age_gender", cell) for sector in self._peopled for cell in cells]
        yield from _at_most_sum(name, model, every)
        for sector in self._peopled:
            own = {self.q(sector, place, "age_gender", cell): -1.0 for cell in cells}
            yield Equation(f"{name} ≥ {sector}", {model: 1, **own}, 0, math.inf)

    def _lower_bound(self, place: str, models: Mapping[str, Quantity], every: Sequence[Quantity]) -> Iterator[Equation]:
        """The largest sector of each place, added up; of it or of the models what is least is printed."""
        largest = self.q(ALL_SECTORS, place, LARGEST)
        name = f"{place}: largest sectors"
        yield from _at_most_sum(name, largest, every)
        yield from _at_least_each(name, largest, every)
        yield Equation(f"{name} ≤ max_sector", {models["max_sector"]: 1, largest: -1}, -EXACT, math.inf)
        others = {model: quantity for model, quantity in models.items() if model != "lower_bound"}
        if bound := models.get("lower_bound"):
            yield Equation(f"{place}: lower_bound ≤ largest sectors", {largest: 1, bound: -1}, -EXACT, math.inf)
            for model, quantity in others.items():
                yield Equation(f"{place}: lower_bound ≤ {model}", {quantity: 1, bound: -1}, -EXACT, math.inf)
            most = self.known.get(bound, (0, math.inf))[1]
            if all(self.known.get(quantity, (math.inf,))[0] > most for quantity in others.values()):
                yield _sum(f"{place}: lower_bound = largest sectors", [largest], bound)
        if place == REGION:
            places = [self.q(ALL_SECTORS, each, LARGEST) for each in (*self.platforms, REGIONAL)]
            yield _sum("largest sectors: region = platforms", places, largest)
        if place in self.countries:
            places = [self.q(ALL_SECTORS, each, LARGEST) for each in self.countries[place]]
            yield _sum(f"largest sectors: {place} = countries", places, largest)
        for dimension in ADMIN1:
            if self._split(ALL_SECTORS, place, dimension) and (dimension, "by country") != ("admin1", self.level):
                yield from self._largest_of_each_place(place, dimension, largest)

    def _largest_of_each_place(self, place: str, dimension: str, whole: Quantity) -> Iterator[Equation]:
        """The sheets of one country have its places, those of several have the countries."""
        by_place = {part: self.q(ALL_SECTORS, place, LARGEST, part) for part in self.parts(dimension)}
        yield _sum(f"{place}: largest sectors by {dimension}", list(by_place.values()), whole)
        for part, largest in by_place.items():
            own = [self.q(sector, place, dimension, part) for sector in self._peopled]
            name = f"{place}: largest sector of {part}"
            if self.model == "max_sector":
                of_all = self.q(ALL_SECTORS, place, dimension, part)
                yield Equation(f"{name} ≤ all sectors", {of_all: 1, largest: -1}, -EXACT, math.inf)
            yield from _at_least_each(name, largest, own)
            yield from _at_most_sum(name, largest, own)

    def _shares(self) -> Iterator[Equation]:
        """Shares of target and need: of the people reached, less those in transit unless the method counts them."""
        for (sector, place), sheet in self.by_name.items():
            figures = {figure["name"]: figure["value"] for figure in sheet["figures"]}
            stated = [
                (*self._people_and_in_transit(sector, place), name, figures.get(name), figures.get(planned))
                for name, planned in (("target_coverage", "target"), ("need_coverage", "people_in_need"))
            ]
            in_transit_of: dict[str, list[Quantity]] = defaultdict(list)
            for dimension in ("platform", "sector", *ADMIN1):
                table = f"target_coverage_by_{dimension}"
                planned = {row[_key(row)]: row["value"] for row in sheet["tables"].get(f"target_by_{dimension}", ())}
                for row in sheet["tables"].get(table, ()):
                    part = row[_key(row)]
                    if dimension in ADMIN1:  # whose groups stand nowhere
                        people, in_transit = (
                            self.q(sector, place, kind, part) for kind in (dimension, f"{IN_TRANSIT_BY} {dimension}")
                        )
                        in_transit_of[dimension].append(in_transit)
                        yield Equation(f"{part}: in transit", {people: 1, in_transit: -1}, -EXACT, math.inf)
                    else:
                        where = (part, place) if dimension == "sector" else (sector, part)
                        people, in_transit = self._people_and_in_transit(*where)
                    stated.append((people, in_transit, f"{table}[{part}]", row["value"], planned.get(part)))
            _, everybody = self._people_and_in_transit(sector, place)
            for dimension, parts in in_transit_of.items():
                if self._split(sector, place, "population_group"):
                    terms = {everybody: 1.0, **dict.fromkeys(parts, -1.0)}
                    yield Equation(f"{sector}, {place}: in transit by {dimension}", terms, -EXACT, math.inf)
            for people, in_transit, cell, share, whole in stated:
                if share is None or not whole or "rounded_to" in sheet:
                    continue
                terms = {people: 1.0}
                if "in transit not in denominators" in sheet["method"]:
                    terms[in_transit] = -1.0
                half = _half_step(share) if cell in sheet.get("instead", ()) else 0.0
                name = f"{people}: share {share:.6g} of {whole:g}"
                yield Equation(name, terms, (share - half) * whole - EXACT, (share + half) * whole + EXACT)

    def _people_and_in_transit(self, sector: str, place: str) -> tuple[Quantity, Quantity]:
        return self.q(sector, place), self.q(sector, place, "population_group", "in_transit")

    def _cautions(self) -> Iterator[Equation]:
        """What the numbers of a caution say."""
        for (sector, place), sheet in self.by_name.items():
            whole = self.q(sector, place)
            for caution in sheet.get("cautions", ()):
                name = f"{sector}, {place}: caution {caution['rule']}"
                share, people = caution["share"], caution["people"]
                dimension = str(caution["of"]).removeprefix(f"{REACHED}_by_")
                if caution["rule"] == "one_report" and share is not None:
                    month = self.q(sector, place, "month", caution["month"])
                    yield Equation(name, {month: 1, whole: -share}, -EXACT, math.inf)
                elif caution["rule"] == "groups_exceed_total" and people is not None:
                    rest = self.q(sector, place, dimension, NOT_SPECIFIED)
                    yield Equation(name, {whole: 1, rest: -1}, people - EXACT, people + EXACT)
                elif caution["rule"] == "not_specified" and share is not None:
                    rest = self.q(sector, place, dimension, NOT_SPECIFIED)
                    yield Equation(name, {rest: 1, whole: -share}, -EXACT, EXACT)
                elif caution["rule"] == "total_below_parts" and people is not None:
                    for groups in GROUPS:
                        rest = self.q(sector, place, groups, NOT_SPECIFIED)
                        yield Equation(f"{name}, {groups}", {whole: 1, rest: -1}, -math.inf, people + EXACT)

    # ---- Small questions ----

    @cached_property
    def model(self) -> str:
        """The model of all sectors, as every sheet names it."""
        return self._model[1]

    @property
    def level(self) -> str:
        """The places that the model works by: ``by admin1`` or ``by country``."""
        return self._model[2]

    @cached_property
    def _model(self) -> re.Match[str]:
        found = re.search(r"intersector: (\w+) (by \w+)", self.sheets[0]["method"])
        assert found, self.sheets[0]["method"]
        return found

    @cached_property
    def _with_people(self) -> tuple[str, ...]:
        """The sectors (and all together) whose sheets count people."""
        named = {cell.quantity.sector for sheet in self.sheets for cell in _cells(sheet, self.run)}
        return tuple(sorted(named))

    @cached_property
    def _peopled(self) -> tuple[str, ...]:
        return tuple(sector for sector in self._with_people if sector != ALL_SECTORS)

    def _has(self, sector: str, place: str, dimension: str, part: str) -> bool:
        return self.q(sector, place, dimension, part) in self.known

    def _split(self, sector: str, place: str, dimension: str) -> bool:
        """Whether a sheet has a breakdown whose parts are known or withheld."""
        table = self.by_name.get((sector, place), {"tables": {}})["tables"].get(f"{REACHED}_by_{dimension}", ())
        return bool(table) and all(_is_count(row) for row in table)

    def _keeps(self, sector: str, dimension: str, part: str = "") -> bool:
        """Whether the sheet of the region has this breakdown (of all sectors, whether the model keeps it)."""
        if dimension == "lost":
            return True
        sheet = self.by_name.get((sector, REGION))
        table = (sheet or {"tables": {}})["tables"].get(f"{REACHED}_by_{dimension}", ())
        rows = [row for row in table if not part or row[_key(row)] == part]
        return bool(rows) and all(_is_count(row) for row in rows)


# ---- Reading the files ----


def exact_counts(sheets: Iterable[Mapping[str, Any]], run: int = 0) -> dict[Quantity, float]:
    """Every count that sheets without protection print."""
    cells = (cell for sheet in sheets for cell in _cells({**sheet, "rounded_to": 0}, run))
    return {cell.quantity: cell.low for cell in cells}


class _Cell(NamedTuple):
    quantity: Quantity
    table: str
    low: float
    high: float
    withheld: bool
    nothing: bool = False


def _cells(sheet: Mapping[str, Any], run: int) -> Iterator[_Cell]:
    """Every count of people on a sheet."""
    sector, place, base = sheet["sector"], sheet["scope"], sheet.get("rounded_to", 0)
    for figure in sheet["figures"]:
        if figure["name"] == REACHED and _is_count(figure):
            quantity = Quantity(sector, place, run=run)
            yield _Cell(quantity, REACHED, *_range(figure, base), *_states(figure))
    for name in sheet["tables"]:
        if name.startswith(f"{REACHED}_by_"):
            yield from _cells_of_table(sheet, name, run)
    for cause, people in sheet["lost_people"].items():
        quantity = Quantity(sector, place, "lost", cause, run)
        if people is None:
            yield _Cell(quantity, "lost_people", -math.inf, math.inf, True)
        else:
            yield _Cell(quantity, "lost_people", people - base, people + base, False)


def _cells_of_table(sheet: Mapping[str, Any], name: str, run: int) -> Iterator[_Cell]:
    sector, place, dimension = sheet["sector"], sheet["scope"], name.removeprefix(f"{REACHED}_by_")
    base = sheet.get("rounded_to", 0)
    for row in sheet["tables"][name]:
        if not _is_count(row):
            continue
        part = row[_key(row)]
        if dimension == "platform":
            quantity = Quantity(sector, part, run=run)
        elif dimension == "sector":
            quantity = Quantity(part, place, run=run)
        else:
            quantity = Quantity(sector, place, dimension, part, run)
        yield _Cell(quantity, name, *_range(row, base), *_states(row))


def _range(row: Mapping[str, Any], base: int) -> tuple[float, float]:
    """What a cell says of its count; a rounded one is less than a ``base`` away."""
    number, stated = row["value"], row.get("range")
    if stated is not None:
        return stated[0], stated[1]
    if number is not None:
        return number - base, number + base
    if not row["suppressed"]:  # nothing was reported
        return 0.0, 0.0
    return -math.inf, math.inf


def _states(row: Mapping[str, Any]) -> tuple[bool, bool]:
    """Whether a cell is withheld, and whether nothing was reported of it."""
    return row["suppressed"], not row["suppressed"] and row["value"] is None


def _is_count(row: Mapping[str, Any]) -> bool:
    """Whether a cell has a count, withholds one, or says that nothing was reported."""
    return row["value"] is not None or row["suppressed"] or row["reason"] == NO_REPORT


def _key(row: Mapping[str, Any]) -> str:
    return next(name for name in ("group", "platform", "month") if name in row)


def _half_step(share: float) -> float:
    """Half of the last digit of a rounded share: of whole percent at least, where it is small of one decimal more."""
    digits = max(len(f"{share:.3f}".rstrip("0").partition(".")[2]), 3 if abs(share) < 0.05 else 2)
    return 0.5 * 10.0**-digits


# ---- The equations ----


def _sum(name: str, parts: Sequence[Quantity], whole: Quantity) -> Equation:
    terms: dict[Quantity, float] = defaultdict(float)
    for part in parts:
        terms[part] += 1
    terms[whole] -= 1
    return Equation(name, terms, -EXACT, EXACT)


def _at_most_sum(name: str, whole: Quantity, parts: Sequence[Quantity]) -> Iterator[Equation]:
    yield Equation(f"{name} ≤ sum of sectors", {whole: 1, **dict.fromkeys(parts, -1.0)}, -math.inf, EXACT)


def _at_least_each(name: str, whole: Quantity, parts: Sequence[Quantity]) -> Iterator[Equation]:
    for part in parts:
        yield Equation(f"{name} ≥ {part.sector}", {whole: 1, part: -1}, -EXACT, math.inf)


# ---- The linear program ----


class Program:
    """The equations as one linear program, of which only the objective changes.

    Counts that are printed are put into the equations as numbers; each rest is split into blocks that share no count.
    """

    def __init__(self, equations: Iterable[Equation], bounds: Callable[[Quantity], tuple[float, float]]) -> None:
        self._bounds = cache(bounds)
        open_ones = [rest for rest in map(self._rest, equations) if rest.terms]
        self._blocks = {quantity: block for block in _blocks(open_ones) for quantity in block.columns}
        for block in dict.fromkeys(self._blocks.values()):
            block.build(self._bounds)

    def range(self, terms: Mapping[Quantity, float], enough: float = math.inf) -> tuple[float, float, tuple[str, ...]]:
        """The least and the greatest value of a sum of counts, and the equations that bound it.

        Two possible values that are ``enough`` apart will do: they are then given without looking further.
        """
        low, free = self._split(terms)
        high: float = low
        chain: tuple[str, ...] = ()
        by_block: dict[_Block | None, dict[Quantity, float]] = defaultdict(dict)
        for quantity, factor in free.items():
            by_block[self._blocks.get(quantity)][quantity] = factor
        for block, own in by_block.items():  # blocks share no count, so that their ends add up
            if block is None:  # in no equation
                least, most = np.sum([_scaled(self._bounds(quantity), own[quantity]) for quantity in own], axis=0)
                names: tuple[str, ...] = ()
            else:
                least, most, names = block.range(own, enough)
            low, high, chain = low + least, high + most, (*chain, *names)
        return low, high, chain

    def _split(self, terms: Mapping[Quantity, float]) -> tuple[float, dict[Quantity, float]]:
        fixed, free = 0.0, {}
        for quantity, factor in terms.items():
            low, high = self._bounds(quantity)
            if high - low <= EXACT:
                fixed += factor * (low + high) / 2
            else:
                free[quantity] = factor
        return fixed, free

    def _rest(self, equation: Equation) -> Equation:
        fixed, free = self._split(equation.terms)
        return Equation(equation.name, free, equation.low - fixed, equation.high - fixed)


class _Block:
    """Equations that share counts with each other and with no others."""

    def __init__(self) -> None:
        self.equations: list[Equation] = []
        self.columns: dict[Quantity, int] = {}
        self._points: list[np.ndarray] = []

    def build(self, bounds: Callable[[Quantity], tuple[float, float]]) -> None:
        for equation in self.equations:
            for quantity in equation.terms:
                self.columns.setdefault(quantity, len(self.columns))
        self._solver = highspy.Highs()
        self._solver.setOptionValue("output_flag", False)
        self._solver.setOptionValue("threads", 1)
        self._solver.setOptionValue("presolve", "off")
        self._solver.setOptionValue("simplex_strategy", 4)  # primal: the last answer stays possible, the aim changes
        self._bounds = [bounds(quantity) for quantity in self.columns]
        for low, high in self._bounds:
            self._solver.addVar(_endless(low), _endless(high))
        for equation in self.equations:
            indices = np.array([self.columns[quantity] for quantity in equation.terms], dtype=np.int32)
            factors = np.array(list(equation.terms.values()))
            low, high = _endless(equation.low), _endless(equation.high)
            self._solver.addRow(low, high, len(indices), indices, factors)

    def range(self, terms: Mapping[Quantity, float], enough: float) -> tuple[float, float, tuple[str, ...]]:
        """See ``Program.range``; all of these counts are in this block."""
        indices, factors = [self.columns[quantity] for quantity in terms], np.array(list(terms.values()))
        seen = [float(factors @ point[indices]) for point in self._points]
        if seen and max(seen) - min(seen) >= enough:
            return min(seen), max(seen), ()
        for index, factor in zip(indices, factors, strict=True):
            self._solver.changeColCost(index, factor)
        ends = [_scaled(self._bounds[index], factor) for index, factor in zip(indices, factors, strict=True)]
        low, high = np.sum(ends, axis=0)
        least: list[str] = []
        most: list[str] = []
        if low < min(seen, default=math.inf) - EXACT:
            low, least = self._end(highspy.ObjSense.kMinimize)
        if high > max(seen, default=-math.inf) + EXACT:
            high, most = self._end(highspy.ObjSense.kMaximize)
        for index in indices:
            self._solver.changeColCost(index, 0.0)
        return low, high, tuple(dict.fromkeys([*least, *most]))

    def _end(self, sense: highspy.ObjSense) -> tuple[float, list[str]]:
        self._solver.changeObjectiveSense(sense)
        self._solver.run()
        status, solution = self._solver.getModelStatus(), self._solver.getSolution()
        if status in UNBOUNDED:
            return (math.inf if sense == highspy.ObjSense.kMaximize else -math.inf), []
        if status != highspy.HighsModelStatus.kOptimal:
            raise AssertionError(f"the attack contradicts itself ({status}): {self.equations[0].name} …")
        self._points.append(np.array(solution.col_value))
        duals = zip(self.equations, solution.row_dual, strict=True)
        return self._solver.getObjectiveValue(), [equation.name for equation, dual in duals if abs(dual) > EXACT]


UNBOUNDED = (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible)


def _blocks(equations: Sequence[Equation]) -> list[_Block]:
    """The equations in blocks that share no count."""
    parent: dict[Quantity, Quantity] = {}

    def root(quantity: Quantity) -> Quantity:
        parent.setdefault(quantity, quantity)
        while parent[quantity] != quantity:
            parent[quantity] = parent[parent[quantity]]
            quantity = parent[quantity]
        return quantity

    for equation in equations:
        first, *others = map(root, equation.terms)
        for other in others:
            parent[root(other)] = root(first)
    blocks: dict[Quantity, _Block] = defaultdict(_Block)
    for equation in equations:
        blocks[root(next(iter(equation.terms)))].equations.append(equation)
    for quantity in parent:
        block = blocks[root(quantity)]
        block.columns.setdefault(quantity, len(block.columns))
    return list(blocks.values())


def _scaled(bounds: tuple[float, float], factor: float) -> tuple[float, float]:
    low, high = sorted(factor * bound for bound in bounds)
    return low, high


def _endless(bound: float) -> float:
    return math.copysign(highspy.kHighsInf, bound) if math.isinf(bound) else bound


# ---- What is found ----


def findings(attack: Attack) -> list[Finding]:
    """What is known of each withheld count, the narrowest first; of a safe one, that its width is the threshold's."""
    program = Program(attack.equations(), attack.bounds)
    return _narrowest_first(_finding(program, attack, quantity) for quantity in attack.withheld)


def _finding(program: Program, attack: Attack, quantity: Quantity) -> Finding:
    low, high, chain = program.range({quantity: 1.0}, attack.threshold)
    people = attack.true(quantity)
    return Finding(quantity, people, low, high, 0 < abs(people) < attack.threshold, chain)


def findings_together(earlier: Attack, later: Attack) -> list[Finding]:
    """What two runs of one plan tell together, whose periods begin in the same month: of the counts that either
    withholds, and of those small ones by which the later run exceeds the earlier.

    A month in both is one count; nothing that is added up over months falls.
    """
    attacks = {attack.run: attack for attack in (earlier, later)}
    shared = {
        quantity: quantity._replace(run=later.run)
        for quantity in {*earlier.known, *earlier.truth}
        if quantity.part != NOT_SPECIFIED and quantity._replace(run=later.run) in {*later.known, *later.truth}
    }

    def links() -> Iterator[Equation]:
        yield from earlier.equations()
        yield from later.equations()
        for before, after in shared.items():
            high = EXACT if before.dimension == "month" else math.inf
            if earlier.true(before) <= later.true(after):
                yield Equation(f"{after}: at least that of the earlier run", {after: 1, before: -1}, -EXACT, high)

    program = Program(links(), lambda quantity: attacks[quantity.run].bounds(quantity))
    found = [_finding(program, attack, quantity) for attack in attacks.values() for quantity in attack.withheld]
    for before, after in shared.items():
        people = later.true(after) - earlier.true(before)
        if 0 < people < later.threshold and before.dimension != "month":
            low, high, chain = program.range({after: 1.0, before: -1.0}, later.threshold)
            found.append(Finding(after._replace(run=-1), people, low, high, True, chain))
    return _narrowest_first(found)


def findings_of_organisations(whole: Attack, own: Sequence[Attack], *, all_have_sheets: bool) -> list[Finding]:
    """What the sheets of organisations tell beside those of all of them: of each withheld count, and of the others.

    Each of ``own`` is the attack on the sheets of one organisation, with a run's number of its own. The organisations
    and the others together make a sector; where all have sheets there are no others. Without a sheet of a sector an
    organisation reported nothing of it.
    """
    attacks = {attack.run: attack for attack in (whole, *own)}

    def bounds(quantity: Quantity) -> tuple[float, float]:
        if quantity.run == OTHERS:
            return (0.0, 0.0) if all_have_sheets else (0.0, math.inf)
        if quantity.run != whole.run and quantity.place != REGION and quantity.part == NOT_SPECIFIED:
            return -math.inf, math.inf  # on no sheet; groups may add up to more than the people reached
        low, high = attacks[quantity.run].bounds(quantity)
        crossed = quantity.run != whole.run and quantity.dimension in ("month", *GROUPS) and beside_places
        return (min(low, 0.0), high) if crossed and quantity in attacks[quantity.run].withheld else (low, high)

    # Beside sheets of places those of organisations print no months and groups, and zeros of them neither.
    beside_places = any(place != REGION for _, place in whole.by_name)
    links = (organisations_make_the_whole(whole, own), organisations_in_places(whole, own))
    program = Program(joined(*(attack.equations() for attack in attacks.values()), *links), bounds)
    found = [_finding(program, attack, quantity) for attack in attacks.values() for quantity in attack.withheld]
    for quantity in whole.truth if not all_have_sheets else ():
        people = _people_of_others(whole, own, quantity)
        if quantity.sector != ALL_SECTORS and quantity.dimension in ADDED_UP and 0 < people < whole.threshold:
            others = quantity._replace(run=OTHERS)
            low, high, names = program.range({others: 1.0}, whole.threshold)
            found.append(Finding(others, people, low, high, True, names))
    return _narrowest_first(found)


OTHERS = -2
"""The run of what the organisations without sheets reported together."""
ADDED_UP = (WHOLE, "month", *GROUPS)


def organisations_make_the_whole(whole: Attack, own: Sequence[Attack]) -> Iterator[Equation]:
    """A sector is its organisations; all sectors together are no less than those of each, and no more than of all.

    The sheets of organisations are of the region; there they may have countries.
    """
    every = {known._replace(run=whole.run) for attack in (whole, *own) for known in attack.known}
    for quantity in sorted(every):
        sector, place, dimension, part, _ = quantity
        summed = dimension in ADDED_UP if sector != ALL_SECTORS or whole.model == "sum" else part == "sum"
        if dimension == "country" and place == REGION:
            total = whole.q(sector, next((name for name, iso in ISO_OF.items() if iso == part), part))
            summed = sector != ALL_SECTORS or whole.model == "sum"
        elif place == REGION or dimension == WHOLE:
            total = quantity
        else:
            continue
        parts = [
            mine
            for attack in own
            if (mine := quantity._replace(run=attack.run)) in attack.known or attack.q(sector, REGION) in attack.known
        ]
        name = " ".join(filter(None, (sector, place, dimension, part)))
        others = total._replace(run=OTHERS)
        if summed:
            yield _sum(f"{name} = organisations", [*parts, others], total)
        elif sector == ALL_SECTORS and dimension in (WHOLE, "month", "model", "country") and part != "lower_bound":
            less = dict.fromkeys([*parts, others], -1.0)
            yield Equation(f"{name} ≤ organisations", {total: 1, **less}, -math.inf, EXACT)
            for one in parts:
                yield Equation(f"{name} ≥ organisation {one.run}", {total: 1, one: -1}, -EXACT, math.inf)


def organisations_in_places(whole: Attack, own: Sequence[Attack]) -> Iterator[Equation]:
    """What no sheet prints: an organisation's people by place and month, and by place and group.

    They make its sheet's months and groups, its places, and with those of the other organisations the place's sheet.
    """
    parts = [(dimension, part) for dimension in ("month", *GROUPS) for part in whole.parts(dimension)]
    for sector in whole.sectors:
        active: dict[str, list[Attack]] = defaultdict(list)
        for attack in own:
            places = [place for place in (*whole.platforms, REGIONAL) if (sector, place) not in attack.idle]
            if (sector, REGION) not in attack.by_name:
                continue
            for place in places:
                active[place].append(attack)
            for dimension, part in parts:
                of_places = [attack.q(sector, place, dimension, part) for place in places]
                yield _sum(
                    f"{sector}, {attack.run}, {part}: places", of_places, attack.q(sector, REGION, dimension, part)
                )
            for place, dimension in product(places, ("month", *GROUPS)):
                of_parts = [attack.q(sector, place, dimension, part) for part in whole.parts(dimension)]
                yield _sum(f"{sector}, {attack.run}, {place}: by {dimension}", of_parts, attack.q(sector, place))
        for place, attacks in active.items():
            for dimension, part in parts if (sector, place) in whole.by_name else ():
                total = whole.q(sector, place, dimension, part)
                mine = [attack.q(sector, place, dimension, part) for attack in attacks]
                others = total._replace(run=OTHERS)
                yield _sum(f"{sector}, {place}, {dimension} {part} = organisations", [*mine, others], total)


def _people_of_others(whole: Attack, own: Sequence[Attack], quantity: Quantity) -> float:
    return whole.true(quantity) - sum(attack.true(quantity._replace(run=attack.run)) for attack in own)


def wrong_links(whole: Attack, own: Sequence[Attack]) -> list[str]:
    """What the attacker believes of a run with sheets of all organisations though the exact counts say otherwise."""
    attacks = {attack.run: attack for attack in (whole, *own)}
    wrong = []
    for equation in organisations_make_the_whole(whole, own):
        terms = [(quantity, factor) for quantity, factor in equation.terms.items() if quantity.run != OTHERS]
        if any(attacks[quantity.run].is_unknown(quantity) for quantity, _ in terms):
            continue
        amount = sum(factor * attacks[quantity.run].true(quantity) for quantity, factor in terms)
        if not equation.low - 2 * EXACT <= amount <= equation.high + 2 * EXACT:
            wrong.append(f"{equation.name}: {amount} is not from {equation.low} to {equation.high}")
    return wrong


def _narrowest_first(found: Iterable[Finding]) -> list[Finding]:
    return sorted(found, key=lambda finding: (finding.width, finding.quantity))


def report(found: Sequence[Finding], threshold: int = 10) -> str:
    """How many counts are recovered, narrowed and safe, by what they split; then each that is not safe, with why."""
    counts = Counter(
        (finding.quantity.dimension or "total", "small" if finding.small else "companion", finding.verdict(threshold))
        for finding in found
    )
    lines = [f"{' '.join(key)}: {count}" for key, count in sorted(counts.items())]
    told = (finding for finding in found if finding.verdict(threshold) != "safe")
    lines += map(str, told)
    return "\n".join(lines)


def wrong_equations(attack: Attack) -> list[str]:
    """What the attacker believes though the exact counts say otherwise: there should be nothing."""
    wrong = []
    for equation in attack.equations():
        if any(attack.is_unknown(quantity) for quantity in equation.terms):
            continue
        amount = sum(factor * attack.true(quantity) for quantity, factor in equation.terms.items())
        if not equation.low - 2 * EXACT <= amount <= equation.high + 2 * EXACT:
            wrong.append(f"{equation.name}: {amount} is not from {equation.low} to {equation.high}")
    for quantity in set(attack.known):
        low, high = attack.bounds(quantity)
        if not low - EXACT <= attack.true(quantity) <= high + EXACT:
            wrong.append(f"{quantity}: {attack.true(quantity)} is not from {low} to {high}")
    return wrong
