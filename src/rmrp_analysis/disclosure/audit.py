"""The audit: what a reader with all files of a publication can work out of each withheld cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rmrp_analysis.disclosure.equations import System
from rmrp_analysis.disclosure.program import Program, movable

ENOUGH = 1e-4
"""People by which an interval may miss its threshold, since solvers round."""


@dataclass(frozen=True)
class Interval:
    """The least and the most people that a cell may have, as far as a reader can tell."""

    least: float
    most: float
    threshold: int

    @property
    def width(self) -> float:
        """How far apart they are."""
        return self.most - self.least

    @property
    def too_narrow(self) -> bool:
        """Whether they are closer together than the threshold."""
        return self.width < self.threshold - ENOUGH


def intervals(
    system: System, unknown: set[int], bounds: Mapping[int, tuple[float, float]], cells: Sequence[int]
) -> dict[int, Interval]:
    """The possible interval of each of these cells, when all but the ``unknown`` ones are printed.

    ``bounds`` are those that are printed of unknown cells.
    """
    found: dict[int, Interval] = {}
    wanted = set(cells)
    while wanted:
        group = system.linked(min(wanted), unknown)
        of_group = [cell for cell in group if cell in wanted]
        wanted.difference_update(of_group)
        program = Program(system, group)
        program.limit(*movable(system, bounds, group))
        for cell in of_group:
            least, most = program.range_of(cell)
            value = system.people[cell]
            found[cell] = Interval(value + least, value + most, system.thresholds[cell])
    return found
