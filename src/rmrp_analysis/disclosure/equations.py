"""The cells of a publication, and the equations by which a reader can work out one of them from others.

A cell is a count of people, whatever sheet it stands on: people reached in Chile by Health is one cell, on the sheet
"Health in Chile", in the region's table of platforms and in Chile's table of sectors. Each equation holds for the exact
numbers; a relation that they do not bear (parts of a total that do not add up in the reports) tells a reader nothing
that is true, and is left out.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise, product
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from rmrp_analysis import metrics, numbers
from rmrp_analysis.figures import BREAKDOWNS, figure_definition
from rmrp_analysis.method import Method, Period
from rmrp_analysis.vocabulary import (
    ADDED,
    ALTERNATIVES,
    INTERSECTOR,
    NOT_SPECIFIED,
    PARTS_OF,
    PLACES,
    PLATFORM_OF,
    REGION,
)

Numbers = npt.NDArray[np.float64]
Printed = dict[str, float | tuple[float, float] | None]
"""What a report prints in place of exact numbers, by the name of the cell: nothing, a range, or a rounded number."""

TOLERANCE = 1e-4
"""People; sums of fractions of people differ by less."""

REACHED, IN_TRANSIT, LARGEST_SECTOR = "people_reached", "in_transit", "largest sector"
BY_PLATFORM, BY_COUNTRY = "people_reached_by_platform", "people_reached_by_country"
NOT_OF_PARTS = frozenset({"platform", "country", "admin1", "sector"})
"""Dimensions by which a place is not the sum of the sheets of its parts, part by part."""
ADDED_UP_OVER_SECTORS = ("unknown_indicator", "new_not_known")
"""Causes for which people are not counted: of all sectors together they are the sum of the sectors' own."""

BY_MODEL, BY_SECTOR = "people_reached_by_model", "people_reached_by_sector"
BY_AGE_GENDER, BY_ADMIN1 = "people_reached_by_age_gender", "people_reached_by_admin1"
GROUPS = ("people_reached_by_population_group", BY_AGE_GENDER)
SUM, MAX_SECTOR, MAX_AGE_GENDER, SOUTHERN_CONE = metrics.MODELS
LARGEST_OF_ALL = frozenset({MAX_SECTOR, metrics.LOWER_BOUND})
"""Models that give at least the people of each sector."""


class Key(NamedTuple):
    """What a cell counts: people of a sector (or of a model of all) in a place, of one part of a dimension.

    ``period`` is that of a sum over months (a month's own cell has none); ``version`` tells apart what an earlier
    publication printed of older data. With an ``organisation`` it counts only what that one reported.
    """

    measure: str
    sector: str
    place: str
    dimension: str = ""
    part: str = ""
    period: str = ""
    version: str = ""
    organisation: str = ""


@dataclass(frozen=True)
class Sheet:
    """One report's counts of people, exact, and ``printed``: what an earlier publication has of it (None: not yet).

    ``rows`` are (figure or breakdown, part, value), the part empty for a single figure; ``shares`` those of the people
    reached in them, with the people planned.
    """

    report: str
    sector: str
    place: str
    period: Period
    method: Method
    rows: Sequence[tuple[str, str, float]]
    shares: Sequence[tuple[str, str, float, float]] = ()
    printed: frozenset[str] | None = None
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """What an earlier publication prints in place of some numbers, by the name of the cell."""
    organisation: str = ""


def cell_name(figure: str, part: str) -> str:
    """How a report names one of its cells: ``people_reached``, ``people_reached_by_month[2021-03]``."""
    return f"{figure}[{part}]" if part else figure


@dataclass
class Equation:
    """``sum(coefficients × cells)`` is 0, or at least 0."""

    cells: list[int]
    coefficients: list[float]
    at_least: bool = False


@dataclass(frozen=True)
class Arrays:
    """A system as arrays: what holds of its cells, and the terms of all its equations one after the other.

    ``equations`` gives for each term the number of its equation.
    """

    people: Numbers
    least: Numbers
    equations: npt.NDArray[np.intp]
    cells: npt.NDArray[np.intp]
    coefficients: Numbers
    at_least: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Share:
    """A share as a report prints it: of the cell ``people``, or of them without those in transit.

    ``compared`` is the cell of the people that it counts in either case, ``planned`` what it is a share of. Where it is
    printed ``rounded``, there are from ``least`` to ``most`` of them.
    """

    report: str
    name: str
    people: int
    compared: int
    planned: float
    rounded: float
    least: float
    most: float


@dataclass
class System:
    """The cells of a publication with their exact numbers (``people``), and the equations between them.

    ``least`` is what a reader holds possible of a cell. ``names`` say where it is printed, as report and name; a cell
    without any is never printed, but can be worked out. ``known`` are those that an earlier publication has printed,
    ``between`` the ranges that it printed of others. ``thresholds``: from how many people on a cell may be printed.
    ``of_all_sectors`` are the cells of all sectors together, under whatever model.
    """

    keys: list[Key] = field(default_factory=list)
    people: list[float] = field(default_factory=list)
    least: list[float] = field(default_factory=list)
    thresholds: list[int] = field(default_factory=list)
    names: list[list[tuple[str, str]]] = field(default_factory=list)
    known: set[int] = field(default_factory=set)
    between: dict[int, tuple[float, float]] = field(default_factory=dict)
    equations: list[Equation] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)
    of_all_sectors: list[int] = field(default_factory=list)
    _places: dict[Key, int] = field(default_factory=dict)
    _by_sector: dict[Key, dict[str, int]] = field(default_factory=dict)
    _touching: dict[int, list[int]] = field(default_factory=dict)
    _added: set[tuple[tuple[int, ...], tuple[float, ...], bool]] = field(default_factory=set)
    _arrays: Arrays | None = None

    def cell(self, key: Key, value: float, threshold: int, name: tuple[str, str] | None = None) -> int:
        """The number of a cell, which is added where it is new; ``name`` says where it is printed."""
        self._arrays = None
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = len(self.keys)
            self._by_sector.setdefault(key._replace(sector=""), {})[key.sector] = place
            if key.sector.partition(":")[0] == INTERSECTOR:
                self.of_all_sectors.append(place)
            self.keys.append(key)
            self.people.append(value)
            self.least.append(0.0 if value >= 0 else -np.inf)  # parts above their total: nobody knows by how much
            self.thresholds.append(threshold)
            self.names.append([])
        if name:
            self.names[place].append(name)
            if value > 0:
                self.least[place] = min(1.0, value)  # since zeros are printed, what is withheld is none
        return place

    def named(self, cell: int) -> str:
        """What a cell is called: where it is printed first, else what it counts."""
        key = self.keys[cell]
        stands = (f"{report}: {name}" for report, name in self.names[cell])
        return next(stands, ", ".join(filter(None, (key.measure, key.sector, key.place, key.part, key.period))))

    @property
    def arrays(self) -> Arrays:
        """The system as arrays; made anew where it has changed."""
        if self._arrays is None:
            equations = self.equations
            self._arrays = Arrays(
                people=np.array(self.people, dtype="float64"),
                least=np.array(self.least, dtype="float64"),
                equations=np.repeat(np.arange(len(equations)), [len(equation.cells) for equation in equations]),
                cells=np.array([cell for equation in equations for cell in equation.cells], dtype=np.intp),
                coefficients=np.array([each for equation in equations for each in equation.coefficients], "float64"),
                at_least=np.array([equation.at_least for equation in equations], dtype=bool),
            )
        return self._arrays

    def find(self, key: Key) -> int | None:
        """The number of a cell, or None."""
        return self._places.get(key)

    def by_sector(self, key: Key) -> Mapping[str, int]:
        """The cells that count the same of each sector."""
        return self._by_sector.get(key._replace(sector=""), {})

    def equal(self, whole: int, parts: Iterable[int]) -> None:
        """The parts make the whole."""
        parts = list(parts)
        self._add(Equation([whole, *parts], [1.0, *(-1.0 for _ in parts)]))

    def at_least(self, more: Iterable[int], less: Iterable[int]) -> None:
        """The sum of some cells is at least that of others."""
        more, less = list(more), list(less)
        self._add(Equation([*more, *less], [*(1.0 for _ in more), *(-1.0 for _ in less)], at_least=True))

    def _add(self, equation: Equation) -> None:
        same = tuple(equation.cells), tuple(equation.coefficients), equation.at_least
        if len(equation.cells) < 2 or same in self._added:
            return
        amounts = zip(equation.cells, equation.coefficients, strict=True)
        amount = sum(coefficient * self.people[cell] for cell, coefficient in amounts)
        holds = amount >= -TOLERANCE if equation.at_least else abs(amount) <= TOLERANCE
        if holds:
            self._added.add(same)
            self._arrays = None
            for cell in equation.cells:
                self._touching.setdefault(cell, []).append(len(self.equations))
            self.equations.append(equation)

    def equations_of(self, cells: Iterable[int]) -> list[Equation]:
        """The equations in which any of these cells stands, in their order."""
        return [
            self.equations[place] for place in sorted({at for cell in cells for at in self._touching.get(cell, ())})
        ]

    def linked(self, cell: int, unknown: set[int]) -> list[int]:
        """A cell with the unknown cells that equations link with it."""
        found, waiting = {cell}, [cell]
        while waiting:
            for place in self._touching.get(waiting.pop(), ()):
                new = [other for other in self.equations[place].cells if other in unknown and other not in found]
                found.update(new)
                waiting += new
        return sorted(found)


def system_of(sheets: Sequence[Sheet]) -> System:
    """The cells and equations of these reports: those to be published and, with them, what earlier runs printed.

    Their order does not matter: two publications of the same sheets that withheld other companions would tell both.
    """
    system = System()
    by_period: dict[tuple[str, bool], list[Sheet]] = {}
    for sheet in sorted(sheets, key=lambda sheet: sheet.report):
        by_period.setdefault((_named(sheet.period), sheet.printed is None), []).append(sheet)
    for (_, new), of_period in sorted(by_period.items(), key=lambda item: (not item[0][1], item[0][0])):
        version = "" if new else "earlier"
        _add_publication(system, of_period, version)
    if any(key.organisation for key in system.keys):
        _add_organisations(system, sheets[0].method.intersector_model)
    _add_differences(system)
    return system


def _named(period: Period) -> str:
    return f"{period.start}/{period.end}"


def _add_publication(system: System, sheets: Sequence[Sheet], version: str) -> None:
    """The cells of sheets of one period, and the equations within them."""
    of_report = {sheet.report: _cells_of(system, sheet, version) for sheet in sheets}
    for sheet in sheets:
        _add_breakdowns(system, sheet, of_report[sheet.report])
        _add_countries(system, of_report[sheet.report])
        _add_shares(system, sheet)
    for organisation in dict.fromkeys(sheet.organisation for sheet in sheets):
        own = [sheet for sheet in sheets if sheet.organisation == organisation]
        _add_scopes(system, own, of_report)


def _add_scopes(system: System, sheets: Sequence[Sheet], of_report: Mapping[str, "Cells"]) -> None:
    """The equations between sectors and places: of what all reported, or one organisation."""
    by_scope = {(sheet.sector, sheet.place): of_report[sheet.report] for sheet in sheets}
    told = {part: None for cells in by_scope.values() for figure, part in cells if figure == BY_SECTOR}
    for sector, place in product(dict.fromkeys(sheet.sector for sheet in sheets) | told, PARTS_OF):
        _add_parts_of_place(system, sector, place, by_scope)
    for sheet in sheets:
        if sheet.sector == INTERSECTOR:
            _add_models(system, sheet, by_scope)
    _add_models_without_sheet(system, sheets[0], by_scope)
    _add_largest_sectors(system, sheets[0].method, by_scope)


Cells = dict[tuple[str, str], int]
"""The cells of a sheet by figure or breakdown, and part."""

ByScope = Mapping[tuple[str, str], Cells]
"""The cells of the sheets of a publication, by sector and scope."""


def _cells_of(system: System, sheet: Sheet, version: str) -> Cells:
    """The cells of one sheet, which may be those of others already."""
    cells: Cells = {}
    for figure, part, value in sheet.rows:
        if np.isnan(value):
            continue
        key = key_of(sheet, figure, part)
        name = cell_name(figure, part)
        place = system.find(key)
        if place is not None and abs(system.people[place] - value) > TOLERANCE:
            key = key._replace(version=version or sheet.report)  # of older data, or told apart by its report
        new = sheet.printed is None
        threshold = sheet.method.threshold(key.sector.partition(":")[0])
        cells[figure, part] = system.cell(key, value, threshold, (sheet.report, name) if new else None)
        if not new and name in sheet.printed:  # type: ignore[operator]
            system.known.add(cells[figure, part])
        elif not new and name in sheet.ranges:
            least, most = sheet.ranges[name]
            if least <= value <= most:  # of the same data
                system.between[cells[figure, part]] = max(least, min(1.0, value)), most
    return cells


def key_of(sheet: Sheet, figure: str, part: str) -> Key:
    """What a cell of a sheet counts."""
    period = _named(sheet.period)
    breakdown = BREAKDOWNS.get(figure)
    if breakdown is None:
        return Key(figure, sheet.sector, sheet.place, "", part, period, organisation=sheet.organisation)
    own = Key(breakdown.figure, sheet.sector, sheet.place, period=period, organisation=sheet.organisation)
    dimension = "_and_".join(breakdown.by)
    if figure in (BY_PLATFORM, BY_COUNTRY):
        return own._replace(place=part if part in PLACES else PLATFORM_OF.get(part, part))
    if dimension == "sector":
        return own._replace(sector=part)
    if dimension == "model":
        model = "" if part == sheet.method.intersector_model else f":{part}"
        return own._replace(sector=sheet.sector + model)
    return own._replace(dimension=dimension, part=part, period="" if dimension == "month" else period)


def _add_breakdowns(system: System, sheet: Sheet, cells: Cells) -> None:
    """The parts of each breakdown make the figure."""
    for name, breakdown in BREAKDOWNS.items():
        total = cells.get((breakdown.figure, ""))
        parts = [cell for (figure, _), cell in cells.items() if figure == name]
        if total is not None and parts and breakdown.adds_up(sheet.method):
            system.equal(total, parts)


def _add_countries(system: System, cells: Cells) -> None:
    """On a sheet that tells both, the people of a platform are those of its countries."""
    for (figure, platform), whole in cells.items():
        if figure == BY_PLATFORM:
            countries = [cell for (name, part), cell in cells.items() if name == BY_COUNTRY and part in PLACES]
            own = [cell for cell in countries if PLATFORM_OF[system.keys[cell].place] == platform]
            if own:
                system.equal(whole, own)


def _add_parts_of_place(system: System, sector: str, place: str, by_scope: ByScope) -> None:
    """A place is its parts, and what is in none that has a sheet, for each month, group, model and cause of loss, too.

    The region is its platforms and the regional level, a platform its countries; where a part has no sheet, those of
    its own parts stand for it. What belongs to none of them is printed nowhere.
    """
    made = list(_made(sector, place, by_scope))
    own = by_scope.get((sector, place))
    if own is None:
        _add_told_elsewhere(system, sector, place, by_scope)
        return
    if not made:
        return
    rests: dict[str, list[int]] = {}
    for (figure, part), cell in own.items():
        breakdown = BREAKDOWNS.get(figure)
        if figure == REACHED or (breakdown and NOT_OF_PARTS.intersection(breakdown.by)):
            continue
        parts = [cells[figure, part] for cells in (by_scope[sector, each] for each in made) if (figure, part) in cells]
        rest = system.people[cell] - sum(system.people[each] for each in parts)
        elsewhere = []
        if abs(rest) > TOLERANCE or len(made) < len(PARTS_OF[place]):
            key = system.keys[cell]._replace(place=f"elsewhere in {place}")
            elsewhere = [system.cell(key, round(rest, metrics.DECIMALS), 0)]
        system.equal(cell, [*parts, *elsewhere])
        if breakdown and breakdown.figure == REACHED:
            rests.setdefault(breakdown.name, []).extend(elsewhere)
    others = [cell for part in PARTS_OF[place] for cell in _without_sheet(system, sector, part, by_scope)]
    for of_breakdown in rests.values():
        _add_sums(system, others, of_breakdown)


def _add_told_elsewhere(system: System, sector: str, place: str, by_scope: ByScope) -> None:
    """The people of a place without a sheet, who stand on others, are those of its parts and the rest.

    The parts are those with sheets; where there are none, those of which the sheets of all sectors tell.
    """
    total, made = _total(sector, place, by_scope), list(_made(sector, place, by_scope))
    if total is None:
        return
    if made:
        system.equal(total, [*_totals(sector, made, by_scope), *_rest_of(system, sector, place, by_scope)])
    elif told := _totals(sector, PARTS_OF[place], by_scope):
        if len(told) < len(PARTS_OF[place]):
            rest = system.people[total] - sum(system.people[cell] for cell in told)
            key = system.keys[total]._replace(place=f"elsewhere in {place}")
            told.append(system.cell(key, round(rest, metrics.DECIMALS), system.thresholds[total]))
        system.equal(total, told)


def _made(sector: str, place: str, by_scope: ByScope) -> Iterator[str]:
    """The parts of a place that have a sheet; in place of those without one, their own parts that have."""
    for part in PARTS_OF.get(place, ()):
        if (sector, part) in by_scope:
            yield part
        else:
            yield from _made(sector, part, by_scope)


def _total(sector: str, place: str, by_scope: ByScope) -> int | None:
    """The people of a sector in a place, on whatever sheet they stand; None where they stand on none."""
    stands = (
        (sector, place, REACHED, ""),
        (sector, PLATFORM_OF.get(place, ""), BY_COUNTRY, place),
        (sector, REGION, BY_PLATFORM, place),
        (sector, REGION, BY_COUNTRY, place),
        (INTERSECTOR, place, BY_SECTOR, sector),
    )
    found = (by_scope.get((of_sector, scope), {}).get((figure, part)) for of_sector, scope, figure, part in stands)
    return next((cell for cell in found if cell is not None), None)


def _totals(sector: str, places: Iterable[str], by_scope: ByScope) -> list[int]:
    """The people of a sector in each of these places, as far as they stand on a sheet."""
    return [cell for place in places if (cell := _total(sector, place, by_scope)) is not None]


def _without_sheet(system: System, sector: str, place: str, by_scope: ByScope) -> Iterable[int]:
    """The people of a place who stand on no sheet of it or its parts; all of them where there is none."""
    if (sector, place) in by_scope:
        return []
    if any(_made(sector, place, by_scope)):
        return _rest_of(system, sector, place, by_scope)
    return _totals(sector, [place], by_scope)


def _rest_of(system: System, sector: str, place: str, by_scope: ByScope) -> list[int]:
    """The people of a place without a sheet beyond those of its parts with one: a count that a reader can work out."""
    total, made = _total(sector, place, by_scope), list(_made(sector, place, by_scope))
    if total is None or len(made) == len(PARTS_OF[place]):
        return []
    people = system.people[total] - sum(system.people[cell] for cell in _totals(sector, made, by_scope))
    key = system.keys[total]._replace(place=f"elsewhere in {place}")
    return [system.cell(key, round(people, metrics.DECIMALS), system.thresholds[total])]


def _add_sums(system: System, left: Sequence[int], right: Sequence[int]) -> None:
    """Two lists of cells add up to the same number."""
    if left and right:
        amount = sum(system.people[cell] for cell in left)
        first = system.keys[left[0]]
        together = system.cell(first._replace(place=f"together {first.place}"), amount, 0)
        system.equal(together, left)
        system.equal(together, right)


def _add_shares(system: System, sheet: Sheet) -> None:
    """The people whom a share of target or need is of: those reached, without those in transit as the method says."""
    in_transit_of: dict[str, dict[str, int]] = {}
    for name, part, share, planned in sheet.shares:
        _, by, dimension = name.partition("_by_")
        key = key_of(sheet, f"{REACHED}{by}{dimension}", part)
        group = key._replace(dimension="population_group", part=IN_TRANSIT)
        if key.dimension:  # an admin1 has no groups on any sheet
            group = key._replace(measure="people in transit")
        people = system.find(key)
        if people is None:
            continue
        compared = people
        if not sheet.method.in_transit_in_denominators:
            in_transit = system.find(group)
            threshold = system.thresholds[people]
            if in_transit is None:  # of a sheet that is not made: printed nowhere, and yet told by the share
                in_transit = system.cell(group, round(system.people[people] - share * planned, 6), threshold)
            compared = system.cell(
                key._replace(measure="people compared"), system.people[people] - system.people[in_transit], 0
            )
            system.equal(people, [compared, in_transit])
            in_transit_of.setdefault(dimension, {})[part] = in_transit
        printed, width = numbers.share_as_printed(share)
        least, most = (printed - width / 2) * planned, (printed + width / 2) * planned
        system.shares.append(
            Share(sheet.report, cell_name(name, part), people, compared, planned, printed, least, most)
        )
    for dimension in ("platform", "country", "admin1"):
        _add_in_transit(system, sheet, dimension, in_transit_of.get(dimension, {}))


def _add_in_transit(system: System, sheet: Sheet, dimension: str, in_transit: Mapping[str, int]) -> None:
    """The people in transit of a sheet are those of its places with shares, and those of the others."""
    whole = system.find(key_of(sheet, "people_reached_by_population_group", IN_TRANSIT))
    if whole is None or not in_transit:
        return
    name = f"{REACHED}_by_{dimension}"
    parts = {part: system.find(key_of(sheet, name, part)) for figure, part, _ in sheet.rows if figure == name}
    others = [cell for part, cell in parts.items() if part not in in_transit and cell is not None]
    rest = system.people[whole] - sum(system.people[cell] for cell in in_transit.values())
    elsewhere = []
    if any(system.people[cell] for cell in others):
        key = system.keys[whole]._replace(measure=f"people in transit of other {dimension}")
        elsewhere = [system.cell(key, round(rest, metrics.DECIMALS), 0)]
        system.at_least(others, elsewhere)
    system.equal(whole, [*in_transit.values(), *elsewhere])


def _add_models(system: System, sheet: Sheet, by_scope: ByScope) -> None:
    """All sectors together against each sector: exact for the sum, and between bounds for the other models."""
    own = by_scope[sheet.sector, sheet.place]
    used = sheet.method.intersector_model
    by_sector = {part: cell for (figure, part), cell in own.items() if figure == BY_SECTOR}
    models = {part: cell for (figure, part), cell in own.items() if figure == BY_MODEL}
    if (REACHED, "") in own:
        models[used] = own[REACHED, ""]
    for model, cell in models.items():
        _bound(system, model, cell, by_sector, whole=True)
    people = [sector for sector, cell in by_sector.items() if system.people[cell]]
    sectors = {sector: by_scope[sector, sheet.place] for sector in people if (sector, sheet.place) in by_scope}
    whole = len(sectors) == len(people)
    for (figure, part), cell in own.items():
        if figure in (BY_SECTOR, BY_MODEL) or not figure.startswith(f"{REACHED}_by_"):
            continue
        parts = {sector: cells[figure, part] for sector, cells in sectors.items() if (figure, part) in cells}
        _bound(system, used, cell, parts, whole=whole, of_group=figure in GROUPS)
        if used == MAX_AGE_GENDER and figure == BY_AGE_GENDER:
            for of_sector in parts.values():
                system.at_least([cell], [of_sector])
    of_place = [cells for (_, place), cells in by_scope.items() if place == sheet.place and cells is not own]
    for lost in (("lost_people", cause) for cause in ADDED_UP_OVER_SECTORS):
        if lost in own:
            system.equal(own[lost], [cells[lost] for cells in of_place if lost in cells])
    if MAX_AGE_GENDER in models:
        _bound_cells_of_age_and_gender(system, models[MAX_AGE_GENDER], sectors, whole=whole)


def _add_models_without_sheet(system: System, sheet: Sheet, by_scope: ByScope) -> None:
    """All sectors together against each sector where they have no sheet: on those of larger places, or elsewhere."""
    made = dict.fromkeys(place for sector, place in by_scope if sector == INTERSECTOR)
    peopled = [
        {
            part
            for (figure, part), cell in by_scope[INTERSECTOR, place].items()
            if figure == BY_SECTOR and system.people[cell]
        }
        for place in made
    ]
    sectors = dict.fromkeys(sector for sector, _ in by_scope if sector != INTERSECTOR)
    known, period = set().union(*peopled), _named(sheet.period)
    for cell in system.of_all_sectors[:]:
        key = system.keys[cell]
        if key.measure != REACHED or key.place in made or key.period not in ("", period):
            continue
        found = system.by_sector(key)
        parts = {sector: found[sector] for sector in sectors if sector in found}
        whole = bool(made) and known <= parts.keys()
        model = key.sector.partition(":")[2]
        of_group = f"{REACHED}_by_{key.dimension}" in GROUPS
        _bound(system, model or sheet.method.intersector_model, cell, parts, whole=whole, of_group=of_group)


def _bound_cells_of_age_and_gender(system: System, model: int, sectors: Mapping[str, Cells], *, whole: bool) -> None:
    """The model keeps the largest of each age-gender cell: no less than the cells of a sector, no more than all."""
    by_sector = [
        [cell for (figure, part), cell in cells.items() if figure == BY_AGE_GENDER and part != NOT_SPECIFIED]
        for cells in sectors.values()
    ]
    for cells in by_sector:
        system.at_least([model], cells)
    if whole:
        system.at_least(chain.from_iterable(by_sector), [model])


def _add_largest_sectors(system: System, method: Method, by_scope: ByScope) -> None:
    """The lower bound adds up the largest sector of each place, which is printed nowhere, if no model is below that.

    The region has its platforms, a platform its countries, a country its first administrative levels. Where a number is
    not known, only its limits are told: the cell has any number between them.
    """
    of_all = {place: cells for (sector, place), cells in by_scope.items() if sector == INTERSECTOR}
    if not any((BY_MODEL, metrics.LOWER_BOUND) in own for own in of_all.values()):
        return
    for own in of_all.values():
        models = {model: cell for (figure, model), cell in own.items() if figure == BY_MODEL}
        for cell in models.values() if metrics.LOWER_BOUND in models else ():
            system.at_least([cell], [models[metrics.LOWER_BOUND]])
    found = _Largest.of(system, method, by_scope, REGION)
    region = of_all.get(REGION, {}).get((BY_MODEL, metrics.LOWER_BOUND))
    if region is not None and found:
        (people,) = _between([(found.least, found.most)], system.people[region])
        found.add(system, method, of_all, people)
    elif found:  # each by itself
        for part in found.places:
            part.add(system, method, of_all, part.least)


def _between(limits: Sequence[tuple[float, float]], total: float) -> list[float]:
    """Numbers between these limits that add up to a total, if there are any."""
    rest, numbers = total - sum(least for least, _ in limits), []
    for least, most in limits:
        more = min(max(rest, 0.0), max(most - least, 0.0))
        rest -= more
        numbers.append(round(least + more, metrics.DECIMALS))
    return numbers


@dataclass(frozen=True)
class _Largest:
    """What the largest sectors of a place may be: from ``least`` to ``most`` people.

    ``sectors`` are the cells of each sector's people, ``places`` the parts of the place, ``admin1`` the cells of each
    sector's people in the first administrative levels of a country; ``whole`` says whether every sector is known.
    """

    place: str
    sectors: Sequence[int]
    places: Sequence["_Largest"]
    admin1: Mapping[str, Sequence[int]]
    least: float
    most: float
    whole: bool

    @classmethod
    def of(cls, system: System, method: Method, by_scope: ByScope, place: str) -> "_Largest | None":
        """The largest sectors of a place; None where nothing is known of it."""
        named = dict.fromkeys(sector for sector, _ in by_scope if sector != INTERSECTOR)
        of_all = by_scope.get((INTERSECTOR, place), {})
        named |= dict.fromkeys(part for figure, part in of_all if figure == BY_SECTOR)
        totals = {sector: _total(sector, place, by_scope) for sector in named}
        sectors = {sector: cell for sector, cell in totals.items() if cell is not None and system.people[cell]}
        places = [found for part in PARTS_OF.get(place, ()) if (found := cls.of(system, method, by_scope, part))]
        if not sectors and not places:
            return None
        known = {sector for sector, cell in totals.items() if cell is not None}
        whole = any(
            {part for (figure, part), cell in cells.items() if figure == BY_SECTOR and system.people[cell]} <= known
            for scope in (place, PLATFORM_OF.get(place, ""), REGION)
            if (cells := by_scope.get((INTERSECTOR, scope)))
        )
        rests = [cell for sector in sectors for cell in _without_sheet(system, sector, place, by_scope)]
        if places and (people := [system.people[cell] for cell in rests if system.people[cell]]):
            most = sum(people) if whole else np.inf
            places.append(cls(f"elsewhere in {place}", rests, [], {}, max(people), most, whole))
        admin1: dict[str, list[int]] = {}
        if len(PLACES.get(place, ())) == 1 and method.intersector_level == "admin1":
            for sector in sectors:
                for (figure, part), cell in by_scope.get((sector, place), {}).items():
                    if figure == BY_ADMIN1:
                        admin1.setdefault(part, []).append(cell)
        people = [system.people[cell] for cell in sectors.values()]
        models = {part: system.people[cell] for (figure, part), cell in of_all.items() if figure == BY_MODEL}
        bound = models.get(metrics.LOWER_BOUND, 0.0)
        by_admin1 = sum(max(system.people[cell] for cell in cells) for cells in admin1.values())
        least = max(bound, by_admin1, sum(part.least for part in places), *people)
        most = sum(people) if whole else np.inf
        if method.intersector_model == MAX_SECTOR and (total := _total(INTERSECTOR, place, by_scope)) is not None:
            most = min(most, system.people[total])
        most = min(most, models.get(MAX_SECTOR, np.inf))
        if places and whole and all(part.whole for part in places):
            most = min(most, sum(part.most for part in places))
        if all(bound < models[model] for model in models if model in (MAX_AGE_GENDER, SOUTHERN_CONE)) and bound:
            most = bound
        return cls(place, list(sectors.values()), places, admin1, least, most, whole)

    def add(self, system: System, method: Method, of_all: Mapping[str, Cells], number: float) -> int:
        """The cell of the largest sectors of the place, which are this number, with all that limits it."""
        first, own = system.keys[next(self._known())], of_all.get(self.place, {})
        key = first._replace(measure=LARGEST_SECTOR, sector=INTERSECTOR, place=self.place)
        cell = system.cell(key, number, 0)
        _bound(system, MAX_SECTOR, cell, dict(enumerate(self.sectors)), whole=self.whole)
        bound = own.get((BY_MODEL, metrics.LOWER_BOUND))
        if bound is not None:
            system.equal(bound, [cell])
            system.at_least([cell], [bound])
            if (BY_MODEL, MAX_SECTOR) in own:  # else it lacks proportions
                system.at_least([own[BY_MODEL, MAX_SECTOR]], [cell])
        limits = [(part.least, part.most) for part in self.places]
        parts = zip(self.places, _between(limits, number), strict=True)
        system.equal(cell, [part.add(system, method, of_all, people) for part, people in parts])
        self._add_admin1(system, method, own, cell)
        return cell

    def _add_admin1(self, system: System, method: Method, own: Cells, cell: int) -> None:
        """The largest sector of each first administrative level."""
        limits = []
        for part, cells in self.admin1.items():
            counts, of_part = [system.people[each] for each in cells], own.get((BY_ADMIN1, part))
            limits.append((max(counts), min(sum(counts), np.inf if of_part is None else system.people[of_part])))
        levels = []
        for (part, cells), people in zip(self.admin1.items(), _between(limits, system.people[cell]), strict=True):
            key = system.keys[cell]._replace(dimension=BY_ADMIN1, part=part)
            levels.append(system.cell(key, people, 0))
            _bound(system, MAX_SECTOR, levels[-1], dict(enumerate(cells)), whole=self.whole)
            if method.intersector_model == MAX_SECTOR and (BY_ADMIN1, part) in own:
                system.at_least([own[BY_ADMIN1, part]], [levels[-1]])
        system.equal(cell, levels)

    def _known(self) -> Iterator[int]:
        """The cells that the largest sectors are limited by."""
        yield from self.sectors
        for part in self.places:
            yield from part._known()


def _bound(
    system: System, model: str, cell: int, parts: Mapping[Any, int], *, whole: bool, of_group: bool = False
) -> None:
    """What a model gives against the sectors; ``whole``: all of them are there.

    ``of_group``: of a group there may be fewer than in one sector, since the largest sector need not have most of it.
    """
    everything = list(parts.values())
    if model == SUM and whole:
        system.equal(cell, everything)
    if model == SOUTHERN_CONE:
        alternatives = [parts[sector] for sector in ALTERNATIVES if sector in parts]
        added = [parts[sector] for sector in ADDED if sector in parts]
        for alternative in ([], *([each] for each in alternatives if not of_group)):
            system.at_least([cell], [*alternative, *added])
        everything = [*alternatives, *added]
    if model != SUM and whole:
        system.at_least(everything, [cell])
    for part in everything if model in LARGEST_OF_ALL and not of_group else ():
        system.at_least([cell], [part])


def _add_organisations(system: System, used_model: str) -> None:
    """What all reported is what organisations with sheets reported, and what the others did, which stands nowhere.

    So it is for each sector and place, month by month and group by group. Where the others have nobody, a reader is
    taken to know that. Of all sectors this holds for their sum alone; with more reports any other model gives no less,
    and no more than it gives for each organisation and all that the others reported.
    """
    by_total: dict[Key, list[int]] = {}
    of_sectors: dict[Key, list[int]] = {}
    only = _only_places(system)
    for cell, key in enumerate(system.keys):
        if key.organisation and key.measure != LARGEST_SECTOR:
            places = only.get((key.sector.partition(":")[0], key.organisation), set()) if key.place == REGION else set()
            more = [place for place in sorted(places) if system.find(key._replace(place=place)) is None]
            for place in (key.place, *more):
                by_total.setdefault(key._replace(place=place, organisation=""), []).append(cell)
        elif key.measure == REACHED and key.dimension in ("", "month") and not _model(key, used_model):
            of_sectors.setdefault(key._replace(sector=""), []).append(cell)
    found = {key: (total, cells) for key, cells in by_total.items() if (total := system.find(key)) is not None}
    exact = dict.fromkeys(key for key in found if _model(key, used_model) in ("", SUM))
    others = {system.find(key): _others(system, *found[key]) for key in exact}
    for key, (total, cells) in found.items():
        if key in exact:
            system.equal(total, [*cells, *others[total]])
            continue
        by_age = _model(key, used_model) == MAX_AGE_GENDER and key.dimension == "age_gender"
        if key.dimension in ("", "month") or by_age:
            for cell in cells:
                system.at_least([total], [cell])
        if key.measure == REACHED and key.dimension in ("", "month"):
            rests = (others.get(cell, [cell]) for cell in of_sectors.get(key._replace(sector=""), ()))
            system.at_least([*cells, *chain.from_iterable(rests)], [total])


def _model(key: Key, used_model: str) -> str:
    """The model of all sectors by which a cell counts; of a single sector none."""
    sector, _, model = key.sector.partition(":")
    return "" if sector != INTERSECTOR else model or used_model


def _others(system: System, total: int, cells: Sequence[int]) -> list[int]:
    """What others than these organisations reported of a total: one cell, or none where it is nothing."""
    rest = round(system.people[total] - sum(system.people[cell] for cell in cells), metrics.DECIMALS)
    names = "; ".join(sorted(system.keys[cell].organisation for cell in cells))
    key = system.keys[total]._replace(organisation=f"others than {names}")
    return [system.cell(key, rest, system.thresholds[total])] if abs(rest) > TOLERANCE else []


def _only_places(system: System) -> dict[tuple[str, str], set[str]]:
    """By sector and organisation, the places that hold all of the people whom it reached, as its sheets tell.

    Each month and group of its people is then one of such a place.
    """
    people: dict[tuple[str, str, str], dict[str, float]] = {}
    for key, number in zip(system.keys, system.people, strict=True):
        if key.organisation and (key.measure, key.dimension) == (REACHED, ""):
            people.setdefault((key.sector, key.organisation, key.period), {})[key.place] = number
    only: dict[tuple[str, str], set[str]] = {}
    for (sector, organisation, _), by_place in people.items():
        total = by_place.get(REGION, 0.0)
        whole = {place for place, number in by_place.items() if place != REGION and 0 < total <= number + TOLERANCE}
        only.setdefault((sector, organisation), whole).intersection_update(whole)
    return only


def _add_differences(system: System) -> None:
    """What was added between two publications of nested periods: printed nowhere, and yet a difference of two cells."""
    by_subject: dict[Key, list[int]] = {}
    for place, key in enumerate(system.keys):
        if key.period and system.thresholds[place]:
            by_subject.setdefault(key._replace(period="", version=""), []).append(place)
    for subject, places in by_subject.items():
        for first, second in pairwise(sorted(places, key=lambda place: system.keys[place].period.partition("/")[2])):
            (start, end), (start2, end2) = (system.keys[place].period.split("/") for place in (first, second))
            if start == start2 and end < end2:
                key = subject._replace(period=f"{end} to {end2}", version="difference")
                added = system.people[second] - system.people[first]
                system.equal(second, [first, system.cell(key, added, system.thresholds[second])])


def people_rows(rows: pd.DataFrame, lost: Mapping[str, float | None]) -> list[tuple[str, str, float]]:
    """The counts of people in a report's rows of the table of figures, and whom no figure counts, by cause."""
    protected = {name for name in rows["figure"].unique() if figure_definition(name).protected}
    counts = [(figure, part, value) for figure, part, value in _numbers(rows) if figure in protected]
    return [*counts, *(("lost_people", cause, float(people)) for cause, people in lost.items() if people)]


def share_rows(rows: pd.DataFrame) -> Iterator[tuple[str, str, float, float]]:
    """The shares of people reached in a report's rows: name, part, share, and the people planned that it is of."""
    values = {(figure, part): value for figure, part, value in _numbers(rows) if not math.isnan(value)}
    for (name, part), share in values.items():
        definition = figure_definition(name)
        if definition.compared and definition.part == REACHED:
            planned = values.get((definition.whole + name.removeprefix(definition.name), part))
            if planned:
                yield name, part, share, planned


def _numbers(rows: pd.DataFrame) -> Iterator[tuple[str, str, float]]:
    return zip(*(rows[column].to_list() for column in ("figure", "part", "value")), strict=True)
