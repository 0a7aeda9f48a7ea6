"""A small linear program over cells: how far can they be from their values, given what is printed? Solved by HiGHS."""

from collections.abc import Iterable, Mapping, Sequence

import highspy
import numpy as np
import numpy.typing as npt

from rmrp_analysis.disclosure.equations import Equation, System

Numbers = npt.NDArray[np.float64]


class Solver(highspy.Highs):
    """HiGHS, silent: without callbacks, whose set-up prints a banner on standard output; on one core."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.silent()
        self.setOptionValue("threads", 1)

    def enableCallbacks(self) -> None:  # noqa: N802 - its name in the library
        """Nothing to set up."""


class Program:
    """The differences that some ``cells`` may have from their exact values, so that every equation holds.

    All other cells keep their values. ``up`` and ``down`` bound how far each cell may move, by the number of the cell.
    """

    def __init__(self, system: System, cells: Sequence[int]) -> None:
        self.cells = list(cells)
        self._column = {cell: column for column, cell in enumerate(self.cells)}
        rows = [self._row(system, equation) for equation in system.equations_of(self.cells)]
        kept = [row for row in rows if row is not None]
        self._solver = Solver()
        self._pass(kept)

    def _row(self, system: System, equation: Equation) -> tuple[list[int], list[float], float, float] | None:
        """The columns of an equation, their coefficients, and the bounds of its sum; None where no cell is in it."""
        terms: dict[int, float] = {}
        amount = 0.0
        for cell, coefficient in zip(equation.cells, equation.coefficients, strict=True):
            amount += coefficient * system.people[cell]
            column = self._column.get(cell)
            if column is not None:
                terms[column] = terms.get(column, 0.0) + coefficient
        if not terms:
            return None
        least = -max(amount, 0.0) if equation.at_least else 0.0
        return list(terms), list(terms.values()), least, highspy.kHighsInf if equation.at_least else 0.0

    def _pass(self, rows: Sequence[tuple[list[int], list[float], float, float]]) -> None:
        """Each cell has two columns: what it goes up by, and what it goes down by."""
        count = len(self.cells)
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = 2 * count, len(rows)
        model.col_cost_ = np.zeros(2 * count)
        model.col_lower_, model.col_upper_ = np.zeros(2 * count), np.zeros(2 * count)
        model.row_lower_ = np.array([row[2] for row in rows], dtype="float64")
        model.row_upper_ = np.array([row[3] for row in rows], dtype="float64")
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        starts, columns, coefficients = [0], [], []
        for places, amounts, _, _ in rows:
            columns += [*places, *(place + count for place in places)]
            coefficients += [*amounts, *(-amount for amount in amounts)]
            starts.append(len(columns))
        model.a_matrix_.start_ = np.array(starts, dtype="int32")
        model.a_matrix_.index_ = np.array(columns, dtype="int32")
        model.a_matrix_.value_ = np.array(coefficients, dtype="float64")
        self._solver.passModel(model)

    def limit(self, up: Numbers, down: Numbers) -> None:
        """Bound what each cell may go up and down by."""
        upper = np.concatenate([up, down])
        places = np.arange(len(upper), dtype="int32")
        self._solver.changeColsBounds(len(upper), places, np.zeros(len(upper)), upper)

    def least_cost(self, costs: Numbers, cell: int, change: float) -> Numbers | None:
        """The cheapest differences in which one cell changes by this much; None where there are none.

        ``costs`` are what each cell costs by unit of change.
        """
        count, column = len(self.cells), self._column[cell]
        self._solver.changeObjectiveSense(highspy.ObjSense.kMinimize)
        self._solver.changeColsCost(
            2 * count, np.arange(2 * count, dtype="int32"), np.concatenate([costs, costs]).astype("float64")
        )
        moved, other = (column, column + count) if change > 0 else (column + count, column)
        bounds = self._bounds((moved, other))
        if abs(change) > bounds[0][1]:
            return None
        self._solver.changeColBounds(moved, abs(change), bounds[0][1])
        self._solver.changeColBounds(other, 0.0, 0.0)
        self._solver.run()
        found = self._solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        values = np.array(self._solver.getSolution().col_value) if found else None
        for place, (lower, upper) in zip((moved, other), bounds, strict=True):
            self._solver.changeColBounds(place, lower, upper)
        return None if values is None else values[:count] - values[count:]

    def range_of(self, cell: int) -> tuple[float, float]:
        """The least and the most that one cell may change by."""
        count, column = len(self.cells), self._column[cell]
        self._solver.changeColsCost(2 * count, np.arange(2 * count, dtype="int32"), np.zeros(2 * count))
        self._solver.changeColCost(column, 1.0)
        self._solver.changeColCost(column + count, -1.0)
        ends = []
        for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
            self._solver.changeObjectiveSense(sense)
            self._solver.run()
            unbounded = self._solver.getModelStatus() in (
                highspy.HighsModelStatus.kUnbounded,
                highspy.HighsModelStatus.kUnboundedOrInfeasible,
            )
            sign = -1.0 if sense == highspy.ObjSense.kMinimize else 1.0
            ends.append(sign * np.inf if unbounded else self._solver.getInfo().objective_function_value)
        return ends[0], ends[1]

    def _bounds(self, columns: Iterable[int]) -> list[tuple[float, float]]:
        found = (self._solver.getCol(column) for column in columns)
        return [(float(lower), float(upper)) for _, _, lower, upper, _ in found]


def movable(system: System, bounds: Mapping[int, tuple[float, float]], cells: Sequence[int]) -> tuple[Numbers, Numbers]:
    """How far up and down each cell may go: as far as it is possible, or within the ``bounds`` that are printed."""
    possible = [bounds.get(cell, (system.least[cell], np.inf)) for cell in cells]
    least = np.array([ends[0] for ends in possible], dtype="float64")
    most = np.array([ends[1] for ends in possible], dtype="float64")
    values = np.array([system.people[cell] for cell in cells], dtype="float64")
    return np.maximum(most - values, 0.0), np.maximum(values - least, 0.0)
