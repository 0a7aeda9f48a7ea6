"""A small linear program over cells: how far can they be from their values, given what is printed? Solved by HiGHS."""

from collections.abc import Iterable, Mapping, Sequence

import highspy
import numpy as np
import numpy.typing as npt

from rmrp_analysis.disclosure.equations import Arrays, Numbers, System

Places = npt.NDArray[np.intp]


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
        self._solver = Solver()
        self._pass(system.arrays)

    def _pass(self, arrays: Arrays) -> None:
        """The equations of the cells. Each cell has two columns: what it goes up by, and what it goes down by."""
        count = len(self.cells)
        columns = np.full(len(arrays.people), -1)
        columns[self.cells] = np.arange(count)
        column_of = columns[arrays.cells]
        moved = column_of >= 0
        kept, rows = np.unique(arrays.equations[moved], return_inverse=True)
        row_of, row_columns, amounts = _merged(rows, column_of[moved], arrays.coefficients[moved])
        starts = np.searchsorted(row_of, np.arange(len(kept) + 1))
        places = np.arange(len(row_of)) + starts[row_of]  # of a row first what goes up, then what goes down
        below = places + (starts[1:] - starts[:-1])[row_of]
        index, values = np.empty(2 * len(row_of), dtype="int32"), np.empty(2 * len(row_of))
        index[places], index[below] = row_columns, row_columns + count
        values[places], values[below] = amounts, -amounts
        exact = np.bincount(arrays.equations, arrays.coefficients * arrays.people[arrays.cells], len(arrays.at_least))
        at_least = arrays.at_least[kept]
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = 2 * count, len(kept)
        model.col_cost_ = np.zeros(2 * count)
        model.col_lower_, model.col_upper_ = np.zeros(2 * count), np.zeros(2 * count)
        model.row_lower_ = np.where(at_least, -np.maximum(exact[kept], 0.0), 0.0)
        model.row_upper_ = np.where(at_least, highspy.kHighsInf, 0.0)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = (2 * starts).astype("int32")
        model.a_matrix_.index_ = index
        model.a_matrix_.value_ = values
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


def _merged(rows: Places, columns: Places, amounts: Numbers) -> tuple[Places, Places, Numbers]:
    """The terms of each row, in their order; where a column stands in a row twice, once with its sum."""
    cells = rows * (columns.max(initial=0) + 1) + columns
    _, first, numbers = np.unique(cells, return_index=True, return_inverse=True)
    if len(first) == len(cells):
        return rows, columns, amounts
    order = np.sort(first)
    sums: Numbers = np.bincount(numbers, amounts).astype("float64")
    return rows[order], columns[order], sums[numbers[order]]


def movable(system: System, bounds: Mapping[int, tuple[float, float]], cells: Sequence[int]) -> tuple[Numbers, Numbers]:
    """How far up and down each cell may go: as far as it is possible, or within the ``bounds`` that are printed."""
    arrays = system.arrays
    least, most = arrays.least.copy(), np.full(len(arrays.least), np.inf)
    for cell, ends in bounds.items():
        least[cell], most[cell] = ends
    values = arrays.people[cells]
    return np.maximum(most[cells] - values, 0.0), np.maximum(values - least[cells], 0.0)
