"""One decision for a publication: what is withheld so that no count of few people can be worked out.

First every small count. Then, for each of them, the companions at the least loss that make its possible interval at
least as wide as its threshold, by a linear program: the cheapest change of printed cells under which the small count
would be larger by the threshold. Then companions that nobody needs (any more) are printed again. Last, ``audit`` looks
at the whole with the eyes of a reader who has all files, and what it finds is mended the same way.

The order is fixed, so the same publication always gives the same decision.
Source: the linear programming heuristic for complementary cell suppression (Robertson 1993; Fischetti and Salazar
2000 on the attacker's problem).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from rmrp_analysis.disclosure.audit import Interval, intervals
from rmrp_analysis.disclosure.equations import REACHED, Key, Numbers, Printed, System
from rmrp_analysis.disclosure.program import Program, movable
from rmrp_analysis.vocabulary import INTERSECTOR, REGION

LARGE = 1e-6
"""People; a smaller change in a solution is none."""

LITTLE = 0.001
"""What it costs to use a cell that is withheld already: a change of few cells is easier to keep."""

TOTAL_COST = 1000.0
"""A sheet's number of people reached costs as much more than other cells, so that it is a companion only at need."""

ROUNDS = 20
OF_REGION = "region_people"
"""What a report of a place compares its people with."""

RANGE = 5
"""A range is this many thresholds wide."""

Bounds = tuple[float, float]


@dataclass(frozen=True)
class Decision:
    """What is printed in place of exact numbers, and how wide the possible intervals of what is withheld are.

    ``withheld`` are the cells that are not printed, with the cells for whose sake; ``ranges`` the bounds that are
    printed of some of them; ``rounded`` the shares (their places in ``System.shares``) printed rounded, ``no_shares``
    those that are not printed. ``told`` are small cells that earlier publications tell by themselves. ``crossed`` are
    numbers, by report, that are never printed beside the others (see ``sheets``).
    """

    system: System
    withheld: Mapping[int, tuple[int, ...]]
    ranges: Mapping[int, Bounds]
    rounded: frozenset[int]
    no_shares: frozenset[int]
    intervals: Mapping[int, Interval]
    told: frozenset[int]
    crossed: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def failed(self) -> list[int]:
        """The withheld cells whose possible interval is narrower than their threshold."""
        return [cell for cell, interval in self.intervals.items() if interval.too_narrow]

    @property
    def summary(self) -> dict[str, float | int | None]:
        """The audit in numbers that tell nobody anything about a cell."""
        widths = [interval.width for interval in self.intervals.values() if np.isfinite(interval.width)]
        small = sum(is_small(self.system.people[cell], self.system.thresholds[cell]) for cell in self.withheld)
        return {
            "cells": sum(bool(names) for names in self.system.names),
            "withheld": len(self.withheld),
            "for_others": len(self.withheld) - small,
            "ranges": len(self.ranges),
            "narrowest_interval": round(min(widths), 2) if widths else None,
            "too_narrow": len(self.failed),
            "told_before": len(self.told),
        }

    def instead(self) -> dict[str, Printed]:
        """By report, what is printed in place of its cells: None for nothing, a range, or a rounded share."""
        printed: dict[str, Printed] = {}
        for cell in sorted(self.withheld):
            for report, name in self.system.names[cell]:
                printed.setdefault(report, {})[name] = self.ranges.get(cell)
        for place, share in enumerate(self.system.shares):
            if place in self.no_shares or place in self.rounded:
                value = share.rounded if place in self.rounded else None
                printed.setdefault(share.report, {})[share.name] = value
        for report, names in self.crossed.items():
            printed.setdefault(report, {}).update(dict.fromkeys(names))
        for report in self._beside_withheld_region():
            printed.setdefault(report, {})[OF_REGION] = None
        return printed

    def _beside_withheld_region(self) -> Iterator[str]:
        """The reports of sectors of which the people reached in the region are withheld.

        An organisation's report, too, where the run does not print the sector's number.
        """
        system = self.system
        of_region = [
            (cell, key.sector)
            for cell, key in enumerate(system.keys)
            if key._replace(sector="", period="", version="") == Key(REACHED, "", REGION)
        ]
        withheld = {sector for cell, sector in of_region if cell in self.withheld}
        printed = {sector for cell, sector in of_region if system.names[cell]} - withheld
        for key, names in zip(system.keys, system.names, strict=True):
            if key.sector in withheld or (key.organisation and key.sector not in printed):
                yield from (report for report, name in names if name == REACHED)


@dataclass
class _State:
    """What is decided so far."""

    system: System
    printed: frozenset[int]
    """What would be printed: cells that stand on a sheet, and those that a share tells."""
    withheld: dict[int, set[int]] = field(default_factory=dict)
    ranges: dict[int, Bounds] = field(default_factory=dict)
    useless: set[int] = field(default_factory=set)
    """Cells that cannot hide another one: whatever else is withheld, a reader knows nearly what they are."""
    flows: dict[int, dict[int, float]] = field(default_factory=dict)
    """For each protected cell the change of others under which it would be larger by its threshold."""
    told: set[int] = field(default_factory=set)
    """Small counts that earlier publications tell by themselves: nothing can be done about them any more."""
    wholly: set[str] = field(default_factory=set)
    """Sectors of which what is withheld is withheld wholly: with no range and no rounded share."""

    @cached_property
    def hidden(self) -> set[int]:
        """What stands nowhere."""
        return set(range(len(self.system.keys))) - self.printed

    @cached_property
    def costs(self) -> Numbers:
        """What it costs to withhold each cell, by person; nothing where it is not printed."""
        people = np.maximum(np.abs(self.system.arrays.people), 1.0)
        total = np.array([_is_total(self.system, cell) for cell in range(len(people))])
        printed = np.array([cell in self.printed for cell in range(len(people))])
        return np.where(printed, people + np.where(total, TOTAL_COST * (1 + people), 0.0), 0.0)

    def withhold(self, cell: int, sake: int) -> None:
        """Withhold a cell for the sake of another or its own.

        A sum over months and groups gets a range, be it small or not: else those without a range would be the small.
        """
        key, people = self.system.keys[cell], self.system.people[cell]
        has_range = key.measure == REACHED and not key.dimension and people > 0
        if has_range and cell not in self.withheld and key.sector not in self.wholly:
            self.ranges[cell] = range_around(people, self.system.thresholds[cell])
        self.withheld.setdefault(cell, set()).add(sake)

    def withhold_wholly(self, sector: str) -> None:
        """Print no ranges and no rounded shares of a sector any more."""
        self.wholly.add(sector)
        self.ranges = {cell: ends for cell, ends in self.ranges.items() if self.system.keys[cell].sector != sector}

    def unknown(self) -> set[int]:
        """What a reader does not know: what is withheld, and what stands nowhere."""
        return (self.hidden | self.withheld.keys()) - self.system.known


def decide(system: System) -> Decision:
    """What is withheld of a publication with these cells and equations."""
    compared = {share.compared for share in system.shares}
    printed = {cell for cell, names in enumerate(system.names) if names} | compared | system.known
    state = _State(system, frozenset(printed))
    small = [cell for cell in range(len(system.keys)) if is_small(system.people[cell], system.thresholds[cell])]
    for cell in small:
        if cell in printed:
            state.withhold(cell, cell)
    targets = [cell for cell in small if cell not in system.known]
    programs: dict[str, Program] = {}
    for cell in targets:
        _protect(state, cell, programs)
    _print_again(state, small)
    decision = _audited(state)
    for _ in range(ROUNDS):
        if not decision.failed:
            break
        for cell in decision.failed:
            interval = decision.intervals[cell]
            if cell not in small and cell in state.withheld and interval.width < LARGE:
                del state.withheld[cell]  # everybody knows it
                state.ranges.pop(cell, None)
            else:
                _protect(state, cell, programs, whole=True)
        decision = _audited(state)
    return decision


def _told_before(system: System, cells: Sequence[int]) -> set[int]:
    """The cells that earlier publications tell by themselves: nothing can be done about them any more."""
    if not system.known:
        return set()
    unknown = set(range(len(system.keys))) - system.known
    return {cell for cell, interval in intervals(system, unknown, system.between, cells).items() if interval.too_narrow}


def is_small(people: float, threshold: int) -> bool:
    """Whether so few people may not be told."""
    return LARGE < abs(people) < threshold


def _protect(state: _State, cell: int, programs: dict[str, Program], *, whole: bool = False) -> None:
    """Withhold what lets a cell be larger by its threshold; ``whole``: whatever sector that belongs to."""
    system = state.system
    sector = "" if whole else system.keys[cell].sector.partition(":")[0]
    if sector == INTERSECTOR:
        sector = ""
    if sector not in programs:
        programs[sector] = Program(system, _of_sector(state, sector))
    program = programs[sector]
    bounds = _bounds(state) | {cell: (system.people[cell], system.people[cell]) for cell in state.useless}
    program.limit(*movable(system, bounds, program.cells))
    costs = _costs(state)[program.cells]
    threshold = max(system.thresholds[cell], 1)
    flow = _cheapest(program, costs, cell, threshold)
    if flow is not None:
        state.flows[cell] = flow
        for other in flow:
            if other in state.printed and other not in system.known:
                state.withhold(other, cell)
    elif not whole:
        _protect(state, cell, programs, whole=True)
    else:
        _protect_otherwise(state, cell, programs)


def _protect_otherwise(state: _State, cell: int, programs: dict[str, Program]) -> None:
    """What remains to be done where nothing lets a cell be larger or smaller by its threshold."""
    system = state.system
    if cell in state.withheld and not is_small(system.people[cell], system.thresholds[cell]):
        state.useless.add(cell)
        state.ranges.pop(cell, None)
        for other in state.withheld.pop(cell):
            _protect(state, other, programs, whole=True)
    elif told := _told_before(system, [cell]):
        state.told |= told
    elif (own := system.keys[cell].sector) not in state.wholly:
        state.withhold_wholly(own)
        _protect(state, cell, programs, whole=True)


def _cheapest(program: Program, costs: Numbers, cell: int, threshold: float) -> dict[int, float] | None:
    """The cheapest change of cells under which one is larger by the threshold, or smaller, or some of both."""
    for change in (threshold, -threshold):
        found = program.least_cost(costs, cell, change)
        if found is not None:
            return _changes(program, found)
    least, most = program.range_of(cell)
    if most - least < threshold:
        return None
    ends = [program.least_cost(costs, cell, change) for change in (most - LARGE, most - LARGE - threshold)]
    changes = [_changes(program, found) for found in ends if found is not None]
    return changes[0] | changes[1] if len(changes) == len(ends) else None


def _of_sector(state: _State, sector: str) -> list[int]:
    """The cells that may move: of one sector and of all sectors together, without zeros that are printed."""
    system = state.system
    return [
        cell
        for cell, key in enumerate(system.keys)
        if (not sector or key.sector == sector or key.sector.startswith(INTERSECTOR))
        and cell not in system.known
        and (system.people[cell] != 0 or cell not in state.printed)
    ]


def _costs(state: _State) -> Numbers:
    """What it costs to change each cell by one person."""
    costs = state.costs.copy()
    costs[[cell for cell in state.withheld if cell in state.printed]] = LITTLE
    return costs


def _is_total(system: System, cell: int) -> bool:
    """Whether this is the number of people reached of a sheet."""
    return any(name == REACHED for _, name in system.names[cell])


def range_around(people: float, threshold: int) -> Bounds:
    """A range to print in place of a number: it stands on a grid, and the number in the middle half of it.

    The first range has the small numbers, and larger ones too.

    >>> range_around(103, 10), range_around(4, 10), range_around(37, 10)
    ((75.0, 125.0), (0.0, 50.0), (0.0, 50.0))
    """
    width = RANGE * max(threshold, 1)
    step = width / 2
    start = max(step * float(np.floor((people - width / 4) / step)), 0.0)
    return start, start + width


def _bounds(state: _State) -> dict[int, Bounds]:
    """What is printed of cells that are not printed exactly: their range, or what a rounded share leaves."""
    least = state.system.least
    bounds = dict(state.system.between)
    for cell, ends in state.ranges.items():
        earlier = bounds.get(cell, (least[cell], np.inf))
        bounds[cell] = max(ends[0], earlier[0]), min(ends[1], earlier[1])
    for place in _roundable(state):
        share = state.system.shares[place]
        if share.people not in state.withheld:
            of_cell = bounds.get(share.compared, (least[share.compared], np.inf))
            bounds[share.compared] = max(of_cell[0], share.least), min(of_cell[1], share.most)
    return bounds


def _roundable(state: _State) -> list[int]:
    """The shares that, rounded as they are printed, leave room enough on both sides of the people they are of."""
    system, found = state.system, []
    for place, share in enumerate(system.shares):
        if system.keys[share.people].sector in state.wholly:
            continue
        people, threshold = system.people[share.compared], system.thresholds[share.people]
        if share.compared != share.people and share.least + threshold <= people <= share.most - threshold:
            found.append(place)
    return found


def _print_again(state: _State, small: Iterable[int]) -> None:
    """Print the companions, the dearest first, without which every protected cell is still protected."""
    primary = set(small)
    companions = [cell for cell in state.withheld if cell not in primary]
    programs = _Programs(state.system, state.unknown())
    for companion in sorted(companions, key=lambda cell: (-_loss(state.system, cell), cell)):
        sakes, bounds = state.withheld.pop(companion), state.ranges.pop(companion, None)
        flows = _flows_without(state, companion, programs)
        if flows is None:
            state.withheld[companion] = sakes
            state.ranges |= {companion: bounds} if bounds else {}
        else:
            state.flows |= flows
            state.flows.pop(companion, None)


@dataclass
class _Programs:
    """A program for each group of linked cells that were unknown at first; each is made once."""

    system: System
    unknown: set[int]
    made: dict[int, Program] = field(default_factory=dict)

    def of(self, cell: int) -> Program:
        """The program that has this cell."""
        if cell not in self.made:
            program = Program(self.system, self.system.linked(cell, self.unknown))
            self.made |= dict.fromkeys(program.cells, program)
        return self.made[cell]


def _flows_without(state: _State, companion: int, programs: _Programs) -> dict[int, dict[int, float]] | None:
    """Other changes for all cells that a companion protects, which is printed now; None where one has none."""
    system, unknown = state.system, state.unknown()
    bounds = _bounds(state) | {cell: (system.people[cell],) * 2 for cell in programs.unknown - unknown}
    flows: dict[int, dict[int, float]] = {}
    limited: list[Program] = []
    for cell in [cell for cell, flow in state.flows.items() if companion in flow and cell != companion]:
        program = programs.of(cell)
        if program not in limited:
            program.limit(*movable(system, bounds, program.cells))
            limited.append(program)
        found = program.least_cost(np.ones(len(program.cells)), cell, max(system.thresholds[cell], 1))
        if found is None:
            return None
        flows[cell] = _changes(program, found)
    return flows


def _changes(program: Program, amounts: Numbers) -> dict[int, float]:
    return {program.cells[column]: float(amounts[column]) for column in np.flatnonzero(np.abs(amounts) > LARGE)}


def _loss(system: System, cell: int) -> float:
    people = abs(system.people[cell])
    return people * TOTAL_COST if _is_total(system, cell) else people


def _audited(state: _State) -> Decision:
    """The decision so far, with the possible interval of everything withheld."""
    system = state.system
    rounded: set[int] = set()
    none: set[int] = set()
    roundable = set(_roundable(state))
    for place, share in enumerate(system.shares):
        if share.people in state.withheld:
            none.add(place)
        elif share.compared in state.withheld:
            (rounded if place in roundable else none).add(place)
    protected = [cell for cell in state.withheld if cell not in system.known and cell not in state.told]
    protected += [
        cell
        for cell, names in enumerate(system.names)
        if not names
        and cell not in state.withheld
        and cell not in state.told
        and is_small(system.people[cell], system.thresholds[cell])
    ]
    found = intervals(system, state.unknown(), _bounds(state), protected)
    withheld = {cell: tuple(sorted(sakes)) for cell, sakes in state.withheld.items()}
    return Decision(
        system, withheld, dict(state.ranges), frozenset(rounded), frozenset(none), found, frozenset(state.told)
    )
