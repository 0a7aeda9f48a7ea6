"""What may be printed: counts of so few people that a person could be recognised are withheld.

A count from 1 up to the threshold is withheld. Where that leaves parts whose values would follow, exactly or nearly,
from the sum and the others, the next smallest part is withheld too; nothing then tells which of them is small. Zero is
printed: it tells of nobody. Sectors are parts of nothing but their sum: where one of them is withheld, so is that sum
among the models.
"""

from collections.abc import Mapping
from dataclasses import replace

from rmrp_analysis.key_figures import Breakdown, Cell, Figure, SectorKeyFigures
from rmrp_analysis.vocabulary import NOT_SPECIFIED

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
    return replace(key_figures, figures=figures, breakdowns=_without_telling_sum(breakdowns), lost_people=lost)


def _without_telling_sum(breakdowns: dict[str, Breakdown]) -> dict[str, Breakdown]:
    """The sum of sectors, less all but one of them, would tell of that one."""
    if BY_MODEL not in breakdowns or not any(cell.suppressed for cell in breakdowns[BY_SECTOR].cells):
        return breakdowns
    models = breakdowns[BY_MODEL]
    return {**breakdowns, BY_MODEL: _hidden(models, {"sum"}, "withheld_together")}


def _withhold(breakdown: Breakdown, threshold: int, *, everything: bool, parts: bool) -> Breakdown:
    """``parts``: the cells add up to a figure that is printed, so what is withheld of them follows from the others."""
    small = {cell.key: cell.value for cell in breakdown.cells if _is_small(cell.value, threshold)}
    if everything:
        told = {cell.key for cell in breakdown.cells if cell.value}
        return _hidden(breakdown, told, "withheld" if told <= set(small) else "withheld_together")
    if not parts or not _would_tell(small, threshold):
        return _hidden(breakdown, set(small), "withheld")
    others = [cell for cell in breakdown.cells if cell.value and cell.key not in small]
    companion = min(others, key=lambda cell: abs(cell.value or 0), default=None)
    return _hidden(breakdown, {*small, *([companion.key] if companion else [])}, "withheld_together")


def _would_tell(small: Mapping[str, float | None], threshold: int) -> bool:
    """Whether too few values are possible for a withheld part, since the sum of them follows from what is printed.

    Each is known to lie between 1 and the threshold, and their sum is known: 2 people in two parts are 1 and 1. At
    least half as many values as the threshold must stay possible. People of no specified group are in none that could
    be worked out.
    """
    if not set(small) - {NOT_SPECIFIED}:
        return False
    together, others = sum(abs(people or 0) for people in small.values()), len(small) - 1
    least, most = max(1, together - others * (threshold - 1)), min(threshold - 1, together - others)
    return most - least + 1 < threshold / 2


def _hidden(breakdown: Breakdown, keys: set[str], reason: str) -> Breakdown:
    """Without the values of these parts; one reason for all of them, so that it tells nothing of each."""
    blank = Cell("", None, reason=reason, suppressed=True)
    cells = tuple(replace(blank, key=cell.key) if cell.key in keys else cell for cell in breakdown.cells)
    return replace(breakdown, cells=cells)


def _is_small(value: float | None, threshold: int) -> bool:
    return value is not None and 0 < abs(value) < threshold


def _withheld_figure(figure: Figure) -> Figure:
    return replace(figure, value=None, suppressed=True, reason="withheld")
