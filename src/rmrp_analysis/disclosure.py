"""What may be printed: counts of so few people that a person could be recognised are withheld.

A count from 1 up to the threshold is withheld. Where that leaves one withheld part in a breakdown, its value would
follow from the others, so the next smallest part is withheld too; nothing then tells which of the two is small. Zero is
printed: it tells of nobody. Sectors are parts of nothing but their sum: where one of them is withheld, so is that sum
among the models.
"""

from dataclasses import replace

from rmrp_analysis.key_figures import Breakdown, Cell, Figure, SectorKeyFigures

DERIVED_FROM_PEOPLE_REACHED = ("target_coverage", "need_coverage")
REACHED_BREAKDOWNS = "people_reached_by_"
BY_SECTOR, BY_MODEL = "people_reached_by_sector", "people_reached_by_model"


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
    apart = set() if key_figures.method.intersector_model == "sum" else {BY_SECTOR}
    breakdowns = {
        name: _withhold(breakdown, threshold, everything=total_withheld, parts=name not in {BY_MODEL, *apart})
        if name.startswith(REACHED_BREAKDOWNS)
        else breakdown
        for name, breakdown in key_figures.breakdowns.items()
    }
    lost = {
        cause: None if _is_small(people, threshold) else people for cause, people in key_figures.lost_people.items()
    }
    return replace(
        key_figures, figures=figures, breakdowns=_without_telling_sum(breakdowns, threshold), lost_people=lost
    )


def _without_telling_sum(breakdowns: dict[str, Breakdown], threshold: int) -> dict[str, Breakdown]:
    """The sum of sectors, less all but one of them, would tell of that one."""
    if BY_MODEL not in breakdowns or not any(cell.suppressed for cell in breakdowns[BY_SECTOR].cells):
        return breakdowns
    models = breakdowns[BY_MODEL]
    return {**breakdowns, BY_MODEL: _hidden(models, {"sum"}, threshold)}


def _withhold(breakdown: Breakdown, threshold: int, *, everything: bool, parts: bool) -> Breakdown:
    """``parts``: the cells add up to a figure that is printed, so one of them alone cannot be withheld."""
    small = {cell.key for cell in breakdown.cells if _is_small(cell.value, threshold) or (everything and cell.value)}
    if parts and len(small) == 1:
        others = [cell for cell in breakdown.cells if cell.value and cell.key not in small]
        small |= {min(others, key=lambda cell: abs(cell.value or 0)).key} if others else set()
    return _hidden(breakdown, small, threshold)


def _hidden(breakdown: Breakdown, keys: set[str], threshold: int) -> Breakdown:
    """Without the values of these parts; one reason for all of them, so that it tells nothing of each."""
    all_small = all(_is_small(cell.value, threshold) for cell in breakdown.cells if cell.key in keys)
    blank = Cell("", None, reason="withheld" if all_small else "withheld_together", suppressed=True)
    cells = tuple(replace(blank, key=cell.key) if cell.key in keys else cell for cell in breakdown.cells)
    return replace(breakdown, cells=cells)


def _is_small(value: float | None, threshold: int) -> bool:
    return value is not None and 0 < abs(value) < threshold


def _withheld_figure(figure: Figure) -> Figure:
    return replace(figure, value=None, suppressed=True, reason="withheld")
