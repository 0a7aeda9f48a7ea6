"""Draw small multiples: a chart for each category of a dimension."""

from collections.abc import Callable
from dataclasses import replace
from math import ceil
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from rmrp_analysis.charts import sheet_axes, text_layout
from rmrp_analysis.charts.chart_tables import ChartFormatter
from rmrp_analysis.charts.matplotlib_style import sheet_style
from rmrp_analysis.errors import RequestError, did_you_mean

MIN_PANEL_MM, GAP_MM = 40.0, 5.0  # the width of a panel; between two


def draw_panels(
    draw: Callable[[ChartFormatter, Axes, str], Axes],
    formatter: ChartFormatter,
    dimension: str,
    *,
    height_mm: Callable[[ChartFormatter], float],
    width_mm: float,
    title: str,
    axis_label: str | None,
) -> Axes:
    """Draw a panel for each category of a dimension of the formatter's table, those with most first.

    ``draw`` draws a table of the other dimensions on axes, under a title; ``height_mm`` gives the height of its panel.
    Where categories of the dimension are highlighted, the other panels are pale.
    Returns the axes around the panels, which are ``axes.figure.axes[1:]``.
    Raises ``RequestError`` where the table has no such dimension.
    """
    table: Any = formatter.table
    if isinstance(table, pd.DataFrame) and "value" not in table:
        table = table.stack()
    names = [str(name) for name in table.index.names]
    if dimension not in names or len(names) < 2:
        raise RequestError(f"panels: the table has no dimension '{dimension}'; {did_you_mean(dimension, names)}")
    rows = table.to_frame("value") if isinstance(table, pd.Series) else table
    sums = rows["value"].astype("float64").groupby(level=dimension, sort=False).sum()
    panels: dict[str, ChartFormatter] = {}
    for key in sums.sort_values(ascending=False, kind="stable").index:
        category_rows = rows.xs(key, level=dimension)
        category_rows.attrs |= formatter.table.attrs
        name = formatter.name(str(key), dimension)
        panels[name] = replace(formatter, table=category_rows, color=formatter.colour(str(key), name), highlight=())
    if unknown_names := [name for name in formatter.highlight if name not in {*panels, *map(str, sums.index)}]:
        raise RequestError(
            f"highlight: there is no panel '{unknown_names[0]}'; {did_you_mean(unknown_names[0], panels)}"
        )
    columns = max(1, min(int((width_mm + GAP_MM) / (MIN_PANEL_MM + GAP_MM)), len(panels)))
    panel_mm = (width_mm + GAP_MM) / columns - GAP_MM
    high_mm = max(map(height_mm, panels.values()), default=0.0)
    all_mm = ceil(len(panels) / columns) * (high_mm + GAP_MM) - GAP_MM
    label = formatter.unit_name if axis_label is None else axis_label
    with sheet_style():
        frame_axes = sheet_axes.prepare_axes(None, width_mm, max(all_mm, high_mm), title=title, axis_label=label)
        frame_axes.set(xticks=[], yticks=[])
        figure: Any = frame_axes.get_figure(root=True)
        to_share = frame_axes.get_position().height / max(all_mm, 1.0)
        pairs: list[tuple[str, str]] = []
        for index, (name, panel) in enumerate(panels.items()):
            down, across = divmod(index, columns)
            foot = all_mm - down * (high_mm + GAP_MM) - high_mm
            left, size = across * (panel_mm + GAP_MM) / width_mm, (panel_mm / width_mm, high_mm * to_share)
            axes = figure.add_axes(sheet_axes.SheetAxes(figure, (left, foot * to_share, *size)))
            drawing = sheet_axes.drawing_of(draw(panel, axes, text_layout.fit_text(name, panel_mm, weight=600)))
            pairs += [(f"{name}, {category_rows}", text) for category_rows, text in drawing.parts] if drawing else []
    return sheet_axes.record_drawing(frame_axes, sheet_axes.Drawing(formatter.table, pairs, formatter.unit))
