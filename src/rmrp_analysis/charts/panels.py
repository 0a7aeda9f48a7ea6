"""Draw small multiples: a chart for each category of a dimension."""

from collections.abc import Callable
from dataclasses import replace
from math import ceil
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from rmrp_analysis.charts import sheet_axes, text_layout
from rmrp_analysis.charts.chart_tables import HATCHED_LABEL, ChartFormatter, count_dimensions, doubt_of, tidy
from rmrp_analysis.charts.matplotlib_style import sheet_style
from rmrp_analysis.errors import RequestError, did_you_mean

MIN_PANEL_WIDTH_MM = 40.0  # the least width of a panel
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

    ``draw`` draws a table of the other dimensions on axes, under a title; ``height_mm`` gives the height of its panel.
    Where categories of the dimension are highlighted, the other panels are pale. ``axis_label`` None: the unit, as
    ``explained_label`` where a number is in doubt.
    Returns new axes around the panels, which are ``axes.figure.axes[1:]``, and records what all of them show.
    Raises ``RequestError`` where the table lacks the dimension or has no other one, or a name to highlight is no panel.
    """
    panel_formatters = _split_formatter(formatter, dimension)
    panel_column_count = max(
        1, min(int((width_mm + PANEL_GAP_MM) / (MIN_PANEL_WIDTH_MM + PANEL_GAP_MM)), len(panel_formatters))
    )
    panel_width_mm = (width_mm + PANEL_GAP_MM) / panel_column_count - PANEL_GAP_MM
    panel_height_mm = max((height_mm(panel_formatter) for _, panel_formatter in panel_formatters), default=0.0)
    panels_height_mm = (
        ceil(len(panel_formatters) / panel_column_count) * (panel_height_mm + PANEL_GAP_MM) - PANEL_GAP_MM
    )
    doubt_series = doubt_of(tidy(formatter.table, dimensions=count_dimensions(formatter.table)))
    axis_label_text = (
        formatter.explain_doubt(formatter.unit_name, doubt_series, explained_label)
        if axis_label is None
        else axis_label
    )
    with sheet_style():
        outer_axes = sheet_axes.prepare_axes(
            None, width_mm, max(panels_height_mm, panel_height_mm), title=title, axis_label=axis_label_text
        )
        outer_axes.set(xticks=[], yticks=[])
        figure: Any = outer_axes.get_figure(root=True)
        figure_share_per_mm = outer_axes.get_position().height / max(panels_height_mm, 1.0)
        part_names_with_texts: list[tuple[str, str]] = []
        for panel_index, (panel_name, panel_chart_formatter) in enumerate(panel_formatters):
            panel_row_index, panel_column_index = divmod(panel_index, panel_column_count)
            panel_foot_mm = panels_height_mm - panel_row_index * (panel_height_mm + PANEL_GAP_MM) - panel_height_mm
            panel_left_share = panel_column_index * (panel_width_mm + PANEL_GAP_MM) / width_mm
            panel_size_share = (panel_width_mm / width_mm, panel_height_mm * figure_share_per_mm)
            panel_axes = figure.add_axes(
                sheet_axes.SheetAxes(figure, (panel_left_share, panel_foot_mm * figure_share_per_mm, *panel_size_share))
            )
            panel_drawing = sheet_axes.drawing_of(
                draw(panel_chart_formatter, panel_axes, text_layout.fit_text(panel_name, panel_width_mm, weight=600))
            )
            part_names_with_texts += (
                [(f"{panel_name}, {part_name}", value_text) for part_name, value_text in panel_drawing.parts]
                if panel_drawing
                else []
            )
    return sheet_axes.record_drawing(
        outer_axes, sheet_axes.Drawing(formatter.table, part_names_with_texts, formatter.unit)
    )


def _split_formatter(formatter: ChartFormatter, dimension: str) -> list[tuple[str, ChartFormatter]]:
    """Return the printed name of each panel and a formatter with its rows and colour, the largest sum first.

    Raises ``RequestError`` where the table lacks the dimension or has no other one, or a name to highlight is no panel.
    """
    stacked_table: Any = formatter.table
    if isinstance(stacked_table, pd.DataFrame) and "value" not in stacked_table:
        stacked_table = stacked_table.stack()
    dimension_names = [str(level_name) for level_name in stacked_table.index.names]
    if dimension_names == [dimension]:
        raise RequestError(f"panels: '{dimension}' is the only dimension of the table, and a panel draws another one")
    if dimension not in dimension_names or len(dimension_names) < 2:
        raise RequestError(
            f"panels: the table has no dimension '{dimension}'; {did_you_mean(dimension, dimension_names)}"
        )
    value_table = stacked_table.to_frame("value") if isinstance(stacked_table, pd.Series) else stacked_table
    category_sum_series = value_table["value"].astype("float64").groupby(level=dimension, sort=False).sum()
    panel_formatters: list[tuple[str, ChartFormatter]] = []
    for category in category_sum_series.sort_values(ascending=False, kind="stable").index:
        category_table = value_table.xs(category, level=dimension)
        category_table.attrs |= formatter.table.attrs
        panel_name = formatter.name(str(category), dimension)
        panel_colour = formatter.colour(str(category), panel_name)
        panel_formatters.append(
            (panel_name, replace(formatter, table=category_table, color=panel_colour, highlight=()))
        )
    panel_names = [panel_name for panel_name, _ in panel_formatters]
    valid_names = {*panel_names, *map(str, category_sum_series.index)}
    if unknown_names := [panel_name for panel_name in formatter.highlight if panel_name not in valid_names]:
        raise RequestError(
            f"highlight: there is no panel '{unknown_names[0]}'; {did_you_mean(unknown_names[0], panel_names)}"
        )
    return panel_formatters
