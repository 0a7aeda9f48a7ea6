"""What may be printed: counts of so few people that a person could be recognised are withheld.

A count from 1 up to the threshold is withheld. Where that leaves one withheld part in a breakdown, its value would
follow from the others, so the next smallest part is withheld too. Zero is printed: it tells of nobody.
"""

from dataclasses import replace

from rmrp_analysis.key_figures import Breakdown, Cell, Figure, SectorKeyFigures

DERIVED_FROM_PEOPLE_REACHED = ("target_coverage", "need_coverage")
REACHED_BREAKDOWNS = "people_reached_by_"


def withhold_small_counts(key_figures: SectorKeyFigures) -> SectorKeyFigures:
    """The same sheet with every small count of people reached withheld, by the threshold of its method.

    When the total itself is withheld, so is everything it follows from or that follows from it.
    """
    threshold = key_figures.method.small_count_threshold
    reached = key_figures.figures["people_reached"]
    total_withheld = _is_small(reached.value, threshold)
    hidden = ("people_reached", *DERIVED_FROM_PEOPLE_REACHED) if total_withheld else ()
    figures = {
        name: _withheld_figure(figure) if name in hidden else figure for name, figure in key_figures.figures.items()
    }
    breakdowns = {
        name: _withhold(breakdown, threshold, everything=total_withheld)
        if name.startswith(REACHED_BREAKDOWNS)
        else breakdown
        for name, breakdown in key_figures.breakdowns.items()
    }
    return replace(key_figures, figures=figures, breakdowns=breakdowns)


def _withhold(breakdown: Breakdown, threshold: int, *, everything: bool) -> Breakdown:
    small = {cell.key for cell in breakdown.cells if _is_small(cell.value, threshold) or (everything and cell.value)}
    if len(small) == 1:
        others = [cell for cell in breakdown.cells if cell.value and cell.key not in small]
        small |= {min(others, key=lambda cell: abs(cell.value or 0)).key} if others else set()
    cells = tuple(_withheld_cell(cell) if cell.key in small else cell for cell in breakdown.cells)
    return replace(breakdown, cells=cells)


def _is_small(value: float | None, threshold: int) -> bool:
    return value is not None and 0 < abs(value) < threshold


def _withheld_figure(figure: Figure) -> Figure:
    return replace(figure, value=None, suppressed=True, reason="withheld")


def _withheld_cell(cell: Cell) -> Cell:
    return replace(cell, value=None, suppressed=True, reason="withheld")
