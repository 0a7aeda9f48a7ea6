"""Draw how one total becomes another step by step: each bar begins where the previous one ended."""

from collections.abc import Mapping, Sequence
from functools import partial
from math import isnan
from typing import NamedTuple

from matplotlib.axes import Axes

from rmrp_analysis import numbers
from rmrp_analysis.charts import sheet_axes, text_layout
from rmrp_analysis.charts.chart_tables import ChartFormatter, Table, Unit, draws_table
from rmrp_analysis.charts.matplotlib_style import hex_of
from rmrp_analysis.charts.svg_sketch import Box, Label, Look, Sketch
from rmrp_analysis.theme import pictures

STEP_HEIGHT_MM = 9.0  # with its label and bar
BAR_HEIGHT_MM = 3.6
LABEL_HEIGHT_MM = 4.6
MIN_AMOUNT_WIDTH_MM = 14.0  # the least width for an amount beside its bar
AMOUNT_GAP_MM = 1.0  # between a bar and its amount
LABEL_BASE_LINE_DROP_MM = 3.6  # from the top of a step to the base line of its label
CAPITAL_HEIGHT_MM = 1.95
MIN_BAR_LENGTH_MM = 0.4  # so that a bar is seen


@draws_table
def waterfall(
    table: Table,
    *,
    total: str,
    ax: Axes | None = None,
    title: str = "",
    unit: Unit | None = None,
    decimals: int | None = None,
    language: str | None = None,
    labels: Mapping[str, str] | None = None,
    color: str = "",
    width_mm: float = text_layout.COLUMNS_6_WIDTH_MM,
) -> Axes:
    """Draw the steps from a first amount to a total as bars one below the other, 88 mm wide.

    All bars have one scale from zero. First amount and total are solid, changes pale. Each label stands above its bar,
    each amount beside it. An amount that is NaN adds nothing. A change of NaN or 0 is a dash. All other arguments are
    options of all charts.

    Args:
        table: The first amount, then the amount that each step adds or (below 0) takes away.
        total: The name of the last bar, the sum of all amounts.

    >>> import pandas as pd
    >>> axes = rmrp.charts.waterfall(pd.Series({"Sent": 10, "Refused": -4}), total="Counted")
    >>> [text.get_text() for text in axes.texts]
    ['Sent', '10', 'Refused', '−4', 'Counted', '6']
    """
    formatter = ChartFormatter.for_table(table, unit, language, labels, decimals, color=color)
    steps, level = list[_Step](), 0.0
    for number, point in enumerate(formatter.read_points(sign="changes")):
        amount = 0.0 if isnan(point.value) else point.value
        text = point.text if number == 0 else numbers.NO_NUMBER_TEXT
        if number and amount:
            text = f"{'+' if amount > 0 else '−'}{formatter.format_number(abs(amount))}"
        steps.append(_Step(point.label, text, level, level + amount))
        level += amount
    steps.append(_Step(total, formatter.format_number(level), 0.0, level))
    draw = partial(_sketch_steps, steps, formatter.colour())
    texts = [(step.name, step.text) for step in steps]
    size_mm = width_mm, STEP_HEIGHT_MM * len(steps)
    return sheet_axes.draw_sketch("waterfall", draw, texts, formatter, ax=ax, size_mm=size_mm, title=title)


class _Step(NamedTuple):
    """A bar of a waterfall: its name, the text of its amount, and the numbers at which it begins and ends."""

    name: str
    text: str
    start: float
    end: float


def _sketch_steps(steps: Sequence[_Step], colour: str, width_mm: float, height_mm: float) -> Sketch:
    """Sketch the steps from the top to the bottom. The first and the last are totals in full colour."""
    sketch, row_mm = Sketch(width_mm, height_mm), height_mm / len(steps)
    widths = [text_layout.width_of(step.text, weight=600) + AMOUNT_GAP_MM for step in steps]
    amount_mm = max(MIN_AMOUNT_WIDTH_MM, *widths)
    ends = [0.0, *(end for step in steps for end in (step.start, step.end))]
    low = min(ends)
    scale = (width_mm - amount_mm) / (max(ends) - low or 1)
    for number, step in enumerate(steps):
        left, right = sorted((end - low) * scale for end in (step.start, step.end))
        top = height_mm - row_mm * number
        length = max(right - left, MIN_BAR_LENGTH_MM)
        foot = top - LABEL_HEIGHT_MM - BAR_HEIGHT_MM
        is_total = number in (0, len(steps) - 1)
        look = Look(colour) if is_total else Look(hex_of("muted"), opacity=0.55)
        base_line = foot + (BAR_HEIGHT_MM - CAPITAL_HEIGHT_MM) / 2
        sketch.add(
            Box(left, foot, length, BAR_HEIGHT_MM, look, pictures.tip(step.name, step.text)),
            Label(0, top - LABEL_BASE_LINE_DROP_MM, text_layout.fit_text(step.name, width_mm), hex_of("ink")),
            Label(left + length + AMOUNT_GAP_MM, base_line, step.text, hex_of("ink"), weight=600),
        )
    return sketch
