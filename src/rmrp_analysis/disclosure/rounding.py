"""The other way to print small counts: every count of people rounded to a multiple of a base, so that totals add up.

Each number goes to one of the two multiples beside it, to the nearer one where the equations allow; a number that is a
multiple stays as it is. Rarely, a number must go further, so that all totals add up. Found by an integer
program for each sector, then for all sectors together.
Source: controlled rounding (Cox 1987; Salazar-González 2006).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import highspy
import numpy as np

from rmrp_analysis.disclosure.audit import Interval, intervals
from rmrp_analysis.disclosure.decision import is_small
from rmrp_analysis.disclosure.equations import TOLERANCE, Printed, System
from rmrp_analysis.disclosure.program import Solver
from rmrp_analysis.errors import NotSafe
from rmrp_analysis.vocabulary import INTERSECTOR

FURTHER = 100.0
"""What a step to a multiple further away costs, in bases: it is taken only where nothing else adds up."""


@dataclass(frozen=True)
class Rounding:
    """What is printed in place of exact numbers: the cells as multiples of ``base``."""

    system: System
    base: int
    rounded: Mapping[int, float]

    @property
    def furthest(self) -> int:
        """How far, less than that, a number is from its exact one: a base, or more where no smaller step adds up."""
        system = self.system
        off = [abs(number - system.people[cell]) for cell, number in self.rounded.items() if system.names[cell]]
        return self.base * (int(max(off, default=0) / self.base) + 1)

    @cached_property
    def intervals(self) -> dict[int, Interval]:
        """What a reader can tell of each small count, who knows how far numbers are from their exact ones at most."""
        system, off = self.system, self.furthest
        bounds = {cell: (number - off, number + off) for cell, number in self.rounded.items() if system.names[cell]}
        bounds = {
            cell: (least if system.people[cell] < 0 else max(least, 0.0), most)
            for cell, (least, most) in bounds.items()
        }
        cells = range(len(system.keys))
        small = [cell for cell in cells if is_small(system.people[cell], system.thresholds[cell])]
        return intervals(system, set(cells), bounds, small)

    @property
    def failed(self) -> list[int]:
        """The small counts whose possible interval is narrower than their threshold."""
        return [cell for cell, interval in self.intervals.items() if interval.too_narrow]

    @property
    def summary(self) -> dict[str, float | int | None]:
        """The audit in numbers that tell nobody anything about a cell."""
        widths = [interval.width for interval in self.intervals.values()]
        return {
            "cells": sum(bool(names) for names in self.system.names),
            "rounded_to": self.base,
            "narrowest_interval": round(min(widths), 2) if widths else None,
            "too_narrow": len(self.failed),
        }

    def instead(self) -> dict[str, Printed]:
        """By report, the rounded number of each cell, and the shares of rounded numbers."""
        printed: dict[str, Printed] = {}
        for cell, number in self.rounded.items():
            for report, name in self.system.names[cell]:
                printed.setdefault(report, {})[name] = number
        for share in self.system.shares:
            printed.setdefault(share.report, {})[share.name] = self.rounded[share.compared] / share.planned
        return printed


def rounded(system: System, base: int) -> Rounding:
    """Every cell of a publication as a multiple of the base."""
    numbers: dict[int, float] = {}
    for cells in _sectors(system):
        numbers |= _rounded_together(system, cells, numbers, base)
    return Rounding(system, base, numbers)


def _sectors(system: System) -> list[list[int]]:
    """The cells of each sector; those of all sectors together come last, since the others decide on their sum."""
    by_sector: dict[str, list[int]] = {}
    for cell, key in enumerate(system.keys):
        by_sector.setdefault(key.sector.partition(":")[0], []).append(cell)
    return [by_sector[sector] for sector in sorted(by_sector, key=lambda sector: (sector == INTERSECTOR, sector))]


def _rounded_together(system: System, cells: Sequence[int], known: Mapping[int, float], base: int) -> dict[int, float]:
    """The cells as multiples of the base for which every equation holds, with what is ``known``.

    Three columns a cell: the step to the multiple above, and steps further up and down.
    """
    count = len(cells)
    exact = np.array([system.people[cell] for cell in cells]) / base
    below = np.floor(exact + TOLERANCE)
    rest = exact - below
    between = rest > TOLERANCE
    hidden = np.array([not system.names[cell] for cell in cells])
    column = {cell: place for place, cell in enumerate(cells)}
    starts, columns, coefficients, sums = [0], [], [], []
    for equation in system.equations_of(cells):
        if equation.at_least or not all(cell in column or cell in known for cell in equation.cells):
            continue
        amount = 0.0
        for cell, coefficient in zip(equation.cells, equation.coefficients, strict=True):
            place = column.get(cell)
            if place is None:
                amount += coefficient * known[cell] / base
            else:
                amount += coefficient * below[place]
                columns += [place, place + count, place + 2 * count]
                coefficients += [coefficient, coefficient, -coefficient]
        starts.append(len(columns))
        sums.append(-amount)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = 3 * count, len(sums)
    further = np.where(hidden, 0.0, FURTHER)
    model.col_cost_ = np.concatenate([np.where(hidden, 0.0, 1 - 2 * rest), further, further])
    model.col_lower_ = np.zeros(3 * count)
    most = np.where(hidden & between, highspy.kHighsInf, 2.0)
    model.col_upper_ = np.concatenate([between.astype("float64"), most, np.minimum(most, np.maximum(below, 0.0))])
    model.row_lower_ = model.row_upper_ = np.array(sums, dtype="float64")
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.array(starts, dtype="int32")
    model.a_matrix_.index_ = np.array(columns, dtype="int32")
    model.a_matrix_.value_ = np.array(coefficients, dtype="float64")
    model.integrality_ = [highspy.HighsVarType.kInteger] * (3 * count)
    solver = Solver()
    solver.passModel(model)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise NotSafe(f"the counts of people cannot be rounded to multiples of {base} so that totals add up")
    steps = np.round(np.array(solver.getSolution().col_value))
    up = steps[:count] + steps[count : 2 * count] - steps[2 * count :]
    return {cell: float(number) for cell, number in zip(cells, (below + up) * base, strict=True)}
