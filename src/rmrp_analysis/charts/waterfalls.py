"""Draws how a total becomes another step by step: bars that hang where the one before ended."""

from collections.abc import Mapping
from math import isnan

from matplotlib.axes import Axes

from rmrp_analysis import numbers
from rmrp_analysis.charts import measures, paper
from rmrp_analysis.charts.look import MUTED, colour_of, sheet_style
from rmrp_analysis.charts.parts import Printing, Table, Unit

ROW_MM, BAR_MM, LABEL_MM, VALUE_MM, GAP_MM = 9.0, 3.6, 4.6, 14.0, 1.0
LEAST_BAR_MM = 0.4


def waterfall(
    table: Table,
    *,
    total: str,
    ax: Axes | None = None,
    title: str = "",
    unit: Unit | None = None,
    language: str = "en",
    labels: Mapping[str, str] | None = None,
) -> Axes:
    """Bars one below the other, 88 mm wide, to one scale from zero: first amount and total solid, changes pale.

    The table has the amount to begin with, then what each step adds or (below 0) takes away; ``total`` names what is
    left. Each label stands above its bar, each amount beside it.

    >>> import pandas as pd
    >>> axes = waterfall(pd.Series({"Sent": 10, "Refused": -4}), total="Counted")
    >>> [text.get_text() for text in axes.texts]
    ['Sent', '10', 'Refused', '−4', 'Counted', '6']
    """
    with sheet_style():
        printed = Printing.of(table, unit, language, labels)
        steps, left = [], 0.0
        for number, part in enumerate(printed.parts(table)):
            before, left = left, left + (0 if isnan(part.value) else part.value)
            text = numbers.change(part.value, printed.unit, language) if number else part.text
            steps.append((part.label, text, before, left))
        steps.append((total, printed.number(left), 0.0, left))

        axes = paper.in_millimetres(paper.frame(ax, measures.COLUMNS_6_MM, ROW_MM * len(steps), title=title))
        width, height = paper.size_mm(axes)
        value_mm = max(VALUE_MM, *(measures.width_of(text, weight=600) + GAP_MM for _, text, *_ in steps))
        mm_per_unit = (width - value_mm) / (max(max(before, after) for *_, before, after in steps) or 1)
        for number, (name, text, before, after) in enumerate(steps):
            solid, top = number in (0, len(steps) - 1), height - height / len(steps) * number
            low, high = sorted((before * mm_per_unit, after * mm_per_unit))
            middle, length = top - LABEL_MM - BAR_MM / 2, max(high - low, LEAST_BAR_MM)
            look = {"color": colour_of(printed.unit)} if solid else {"color": MUTED, "alpha": 0.55}
            axes.text(0, top - 0.6, measures.fitted(name, width), va="top")
            axes.barh(middle, length, BAR_MM, left=low, linewidth=0, **look)
            axes.text(low + length + GAP_MM, middle, text, va="center", weight=600)
        return paper.finished(axes, [(name, text) for name, text, *_ in steps], within=ax, table=table)
