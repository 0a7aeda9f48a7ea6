"""The least loss that protects the small counts of a run, as a solver finds it: what withholding is measured by.

Which counts to withhold is a mixed-integer program. What an attacker then knows of a small count is a linear program
(``disclosure_attack``). As long as that leaves fewer values than the threshold, its dual says which counts would widen
it, and this becomes a condition of the first (the method of Benders, for cells by Fischetti and Salazar).
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import highspy
import numpy as np

from disclosure_attack import EXACT, NOT_SPECIFIED, Equation, Quantity

TINY = 1e-7
MOST = 1e5
"""How far above the truth a withheld count may seem to lie."""


@dataclass(frozen=True)
class Optimum:
    """What to withhold: the counts, their loss, and a bound below which no choice can be."""

    withheld: frozenset[Quantity]
    loss: float
    bound: float


def least_loss(
    truth: Mapping[Quantity, float],
    equations: Iterable[Equation],
    losses: Mapping[Quantity, float],
    *,
    threshold: int = 10,
    rounds: int = 200,
) -> Optimum:
    """The choice of counts to withhold that costs least, so that each small one keeps an interval of the threshold.

    ``losses`` has every count that is printed; what stands in equations alone is always unknown. A count of 0 is
    printed. Raises ``AssertionError`` where no choice protects all.
    """
    system = _System(truth, [equation for equation in equations if len(equation.terms) > 1], losses)
    small = [quantity for quantity in losses if 0 < abs(truth.get(quantity, 0.0)) < threshold]
    choice = _Choice(system, small)
    for _ in range(rounds):
        withheld, bound = choice.best()
        cuts = [cut for quantity in small if (cut := system.cut(quantity, withheld, threshold))]
        if not cuts:
            chosen = frozenset(quantity for quantity, yes in zip(system.printed, withheld, strict=True) if yes)
            return Optimum(chosen, sum(losses[quantity] for quantity in chosen), bound)
        for cut in cuts:
            choice.add(*cut)
    raise AssertionError(f"no choice was found in {rounds} rounds; the loss is at least {bound}")


class _System:
    """What an attacker knows, as a linear program whose bounds follow what is withheld."""

    def __init__(
        self, truth: Mapping[Quantity, float], equations: list[Equation], losses: Mapping[Quantity, float]
    ) -> None:
        quantities = dict.fromkeys([*losses, *(quantity for each in equations for quantity in each.terms)])
        self.columns = {quantity: number for number, quantity in enumerate(quantities)}
        self.printed = list(losses)
        self.losses = np.array([losses[quantity] for quantity in self.printed])
        self.truth = np.array([truth.get(quantity, 0.0) for quantity in self.columns])
        free = np.array([quantity.part == NOT_SPECIFIED for quantity in self.columns])
        self.down = np.where(free | (self.truth < 0), MOST, np.maximum(self.truth - 1, 0))
        self.down[len(self.printed) :] = np.where(free, MOST, self.truth)[len(self.printed) :]
        self.up = np.full(len(self.columns), MOST)
        self._solver = _quiet()
        for _ in self.columns:
            self._solver.addVar(0, 0)
        for equation in equations:
            indices = np.array([self.columns[quantity] for quantity in equation.terms], dtype=np.int32)
            low, high = _endless(equation.low), _endless(equation.high)
            self._solver.addRow(low, high, len(indices), indices, np.array(list(equation.terms.values())))

    def cut(self, quantity: Quantity, withheld: np.ndarray, threshold: int) -> tuple[np.ndarray, float] | None:
        """Factors of the printed counts whose sum must be at least a number, or None where the count is protected."""
        unknown = np.concatenate([withheld, np.ones(len(self.columns) - len(withheld))])
        lows, highs = self.truth - self.down * unknown, self.truth + self.up * unknown
        every = np.arange(len(self.columns), dtype=np.int32)
        self._solver.changeColsBounds(len(every), every, lows, highs)
        column, width, factors = self.columns[quantity], 0.0, np.zeros(len(self.columns))
        self._solver.changeColCost(column, 1.0)
        for sense, sign in ((highspy.ObjSense.kMinimize, -1), (highspy.ObjSense.kMaximize, 1)):
            self._solver.changeObjectiveSense(sense)
            self._solver.run()
            assert self._solver.getModelStatus() == highspy.HighsModelStatus.kOptimal, self._solver.getModelStatus()
            width += sign * self._solver.getObjectiveValue()
            gains = sign * np.array(self._solver.getSolution().col_dual)
            factors += np.where(gains > TINY, gains * self.up, np.where(gains < -TINY, -gains * self.down, 0.0))
        self._solver.changeColCost(column, 0.0)
        if width >= threshold - 10 * EXACT:
            return None
        known = width - float(factors @ unknown)  # what inequalities leave open, whatever is withheld
        needed = threshold - known - float(factors[len(withheld) :].sum())
        return np.minimum(factors[: len(withheld)], needed), needed


class _Choice:
    """Which printed counts to withhold at the least loss, by the conditions so far."""

    def __init__(self, system: _System, small: Iterable[Quantity]) -> None:
        must = {system.columns[quantity] for quantity in small}
        self._solver = _quiet()
        for number, loss in enumerate(system.losses):
            self._solver.addVar(1 if number in must else 0, 0 if system.truth[number] == 0 else 1)
            self._solver.changeColIntegrality(number, highspy.HighsVarType.kInteger)
            self._solver.changeColCost(number, loss)

    def add(self, factors: np.ndarray, needed: float) -> None:
        """A condition on what is withheld."""
        (indices,) = factors.nonzero()
        self._solver.addRow(needed, highspy.kHighsInf, len(indices), indices.astype(np.int32), factors[indices])

    def best(self) -> tuple[np.ndarray, float]:
        """1 for each count that is withheld, and the least loss there can be."""
        self._solver.run()
        assert self._solver.getModelStatus() == highspy.HighsModelStatus.kOptimal, (
            f"no choice protects every small count: {self._solver.getModelStatus()}"
        )
        return np.round(self._solver.getSolution().col_value), self._solver.getInfo().mip_dual_bound


def _quiet() -> highspy.Highs:
    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("threads", 1)
    return solver


def _endless(bound: float) -> float:
    return math.copysign(highspy.kHighsInf, bound) if math.isinf(bound) else bound
