"""Draws how a total becomes another step by step: bars that hang where the one before ended."""

from collections.abc import Mapping, Sequence
from functools import partial
from math import isnan

from matplotlib.axes import Axes

from rmrp_analysis import numbers
from rmrp_analysis.charts import sheet_axes, text_layout
from rmrp_analysis.charts.chart_tables import ChartFormatter, Table, Unit
from rmrp_analysis.charts.matplotlib_style import hex_of
from rmrp_analysis.charts.svg_sketch import Box, Label, Look, Sketch
from rmrp_analysis.errors import in_sentences
from rmrp_analysis.theme import pictures

ROW_MM, BAR_MM, LABEL_MM, VALUE_MM, GAP_MM = 9.0, 3.6, 4.6, 14.0, 1.0
LINE_MM, CAPITAL_MM = 3.6, 1.95  # from the top to the base line of a label; the height of capitals
MIN_BAR_MM = 0.4


@in_sentences
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
    width_mm: float = text_layout.COLUMNS_6_MM,
) -> Axes:
    """Bars one below the other, 88 mm wide, to one scale from zero: first amount and total solid, changes pale.

    Each label stands above its bar, each amount beside it. What is not said here is an option of all charts.

    Args:
        table: The amount to begin with, then what each step adds or (below 0) takes away.
        total: The name of what is left.

    >>> import pandas as pd
    >>> axes = rmrp.charts.waterfall(pd.Series({"Sent": 10, "Refused": -4}), total="Counted")
    >>> [text.get_text() for text in axes.texts]
    ['Sent', '10', 'Refused', '−4', 'Counted', '6']
    """
    formatter = ChartFormatter.for_table(table, unit, language, labels, decimals, color=color)
    steps, remaining = [], 0.0
    for number, point in enumerate(formatter.read_points(sign="changes")):
        amount = 0.0 if isnan(point.value) else point.value
        change = f"{'+' if amount > 0 else '−'}{formatter.format_number(abs(amount))}" if amount else numbers.NOTHING
        steps.append((point.label, change if number else point.text, remaining, remaining + amount))
        remaining += amount
    steps.append((total, formatter.format_number(remaining), 0.0, remaining))
    draw, named_texts = partial(_sketch, steps, formatter.colour()), [(name, text) for name, text, *_ in steps]
    size_mm = width_mm, ROW_MM * len(steps)
    return sheet_axes.draw_sketch("waterfall", draw, named_texts, formatter, ax=ax, size_mm=size_mm, title=title)


def _sketch(steps: Sequence[tuple[str, str, float, float]], colour: str, width: float, height: float) -> Sketch:
    sketch, row_mm = Sketch(width, height), height / len(steps)
    value_mm = max(VALUE_MM, *(text_layout.width_of(text, weight=600) + GAP_MM for _, text, *_ in steps))
    mm_per_unit = (width - value_mm) / (max(max(start, end) for *_, start, end in steps) or 1)
    for number, (name, text, start, end) in enumerate(steps):
        low, high = sorted((start * mm_per_unit, end * mm_per_unit))
        top, length = height - row_mm * number, max(high - low, MIN_BAR_MM)
        foot = top - LABEL_MM - BAR_MM
        is_total = number in (0, len(steps) - 1)
        look = Look(colour) if is_total else Look(hex_of("muted"), opacity=0.55)
        base_line = foot + (BAR_MM - CAPITAL_MM) / 2
        sketch.add(
            Box(low, foot, length, BAR_MM, look, pictures.tip(name, text)),
            Label(0, top - LINE_MM, text_layout.fit_text(name, width), hex_of("ink")),
            Label(low + length + GAP_MM, base_line, text, hex_of("ink"), weight=600),
        )
    return sketch
