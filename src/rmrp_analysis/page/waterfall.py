"""How a total becomes another step by step, drawn as bars that hang where the one before ended."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from rmrp_analysis.page.charts import MUTED, REACHED, WIDTH_MM, blank_axes, sheet_style

ROW_MM, BAR_MM, LABEL_MM, VALUE_MM = 9.0, 3.6, 4.6, 14.0
LEAST_BAR_MM = 0.4


@dataclass(frozen=True)
class Step:
    """One step: its label and text, the amounts before and after it; a ``total`` is drawn from zero."""

    label: str
    text: str
    before: float
    after: float
    total: bool = False


def waterfall(steps: Sequence[Step]) -> Axes:
    """Bars one below the other, 88 mm wide, to one scale from zero: totals solid, what is taken or added pale.

    Each label stands above its bar, each amount beside it.
    """
    with sheet_style():
        axes = blank_axes(WIDTH_MM, ROW_MM * len(steps))
        axes.set_axis_off()
        most = max((max(step.before, step.after) for step in steps), default=0) or 1
        for number, step in enumerate(steps):
            _draw(axes, step, top=ROW_MM * (len(steps) - number), mm_per_unit=(WIDTH_MM - VALUE_MM) / most)
    return axes


def _draw(axes: Axes, step: Step, *, top: float, mm_per_unit: float) -> None:
    low, high = (0.0, step.after) if step.total else sorted((step.before, step.after))
    left, width = low * mm_per_unit, max((high - low) * mm_per_unit, LEAST_BAR_MM)
    middle = top - LABEL_MM - BAR_MM / 2
    axes.text(0, top - 0.6, step.label, va="top", fontsize=8.4)
    colour = REACHED if step.total else MUTED
    axes.barh(middle, width, BAR_MM, left=left, color=colour, alpha=1 if step.total else 0.55, linewidth=0)
    axes.text(left + width + 1, middle, step.text, va="center", fontsize=8.4, weight=600)
