"""Draw small multiples: a chart for each category of a dimension."""

from collections.abc import Callable
from dataclasses import replace
from math import ceil
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from rmrp_analysis.charts import sheet_axes, text_layout
from rmrp_analysis.charts.chart_tables import HATCHED_LABEL, ChartFormatter, count_dimensions, has_doubt, tidy
from rmrp_analysis.charts.matplotlib_style import sheet_style
from rmrp_analysis.errors import RequestError, did_you_mean

MIN_PANEL_WIDTH_MM = 40.0
PANEL_GAP_MM = 5.0  # between two panels, side by side or one below the other


def draw_panels(
    draw: Callable[[ChartFormatter, Axes, str], Axes],
    formatter: ChartFormatter,
    dimension: str,
    *,
    height_mm: Callable[[ChartFormatter], float],
    width_mm: float,
    title: str,
    axis_label: str | None,
    explained_label: str = HATCHED_LABEL,
) -> Axes:
    """Draw a panel for each category of a dimension of the formatter's table, the largest sum first.

    ``draw`` draws a table of the other dimensions on axes, under a title. ``height_mm`` gives the height of its panel.
    If categories of the dimension are highlighted, the other panels are pale. If ``axis_label`` is None, it is the
    unit, within ``explained_label`` if a number is in doubt. Returns new axes around the panels
    (``axes.figure.axes[1:]``) and records the content of all panels. Raises ``RequestError`` if the table lacks the
    dimension or has no other one, or a name to highlight is no panel.
    """
    panels = _split_formatter(formatter, dimension)
    columns = max(1, min(int((width_mm + PANEL_GAP_MM) / (MIN_PANEL_WIDTH_MM + PANEL_GAP_MM)), len(panels)))
    panel_mm = (width_mm + PANEL_GAP_MM) / columns - PANEL_GAP_MM
    high_mm = max((height_mm(panel) for _, panel in panels), default=0.0)
    all_mm = ceil(len(panels) / columns) * (high_mm + PANEL_GAP_MM) - PANEL_GAP_MM
    doubts = [has_doubt(tidy(formatter.table, dimensions=count_dimensions(formatter.table)))]
    if axis_label is None:
        axis_label = formatter.explain_doubt(formatter.unit_name, doubts, explained_label)
    with sheet_style():
        frame = sheet_axes.prepare_axes(None, width_mm, max(all_mm, high_mm), title=title, axis_label=axis_label)
        frame.set(xticks=[], yticks=[])
        figure: Any = frame.get_figure(root=True)
        to_share = frame.get_position().height / max(all_mm, 1.0)
        pairs: list[tuple[str, str]] = []
        for number, (name, panel) in enumerate(panels):
            down, across = divmod(number, columns)
            foot = all_mm - down * (high_mm + PANEL_GAP_MM) - high_mm
            left = across * (panel_mm + PANEL_GAP_MM) / width_mm
            size = (panel_mm / width_mm, high_mm * to_share)
            axes = figure.add_axes(sheet_axes.SheetAxes(figure, (left, foot * to_share, *size)))
            drawing = sheet_axes.drawing_of(draw(panel, axes, text_layout.fit_text(name, panel_mm, weight=600)))
            pairs += [(f"{name}, {category}", text) for category, text in drawing.parts] if drawing else []
    return sheet_axes.record_drawing(frame, sheet_axes.Drawing(formatter.table, pairs, formatter.unit))


def _split_formatter(formatter: ChartFormatter, dimension: str) -> list[tuple[str, ChartFormatter]]:
    """Return the printed name of each panel and a formatter with its rows and colour, the largest sum first.

    Raises ``RequestError`` if the table lacks the dimension or has no other one, or a name to highlight is no panel.
    """
    table: Any = formatter.table
    if isinstance(table, pd.DataFrame) and "value" not in table:
        table = table.stack()
    names = [str(name) for name in table.index.names]
    if names == [dimension]:
        raise RequestError(f"panels: '{dimension}' is the only dimension of the table, and a panel draws another one")
    if dimension not in names or len(names) < 2:
        raise RequestError(f"panels: the table has no dimension '{dimension}'; {did_you_mean(dimension, names)}")
    rows = table.to_frame("value") if isinstance(table, pd.Series) else table
    sums = rows["value"].astype("float64").groupby(level=dimension, sort=False).sum()
    panels: list[tuple[str, ChartFormatter]] = []
    for key in sums.sort_values(ascending=False, kind="stable").index:
        section = rows.xs(key, level=dimension)
        section.attrs |= formatter.table.attrs
        name = formatter.name(str(key), dimension)
        colour = formatter.colour(str(key), name)
        panels.append((name, replace(formatter, table=section, color=colour, highlight=())))
    titles = [name for name, _ in panels]
    allowed = {*titles, *map(str, sums.index)}
    if unknown := [name for name in formatter.highlight if name not in allowed]:
        raise RequestError(f"highlight: there is no panel '{unknown[0]}'; {did_you_mean(unknown[0], titles)}")
    return panels
