"""Draws rows × columns as cells, the darker the more: who does what where."""

from collections.abc import Mapping, Sequence
from math import isnan, sqrt
from typing import Any

import numpy as np
from matplotlib import rcParams
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, LogNorm
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from rmrp_analysis.charts import sheet_axes, text_layout
from rmrp_analysis.charts.chart_tables import ChartFormatter, Order, Table, Unit, tidy
from rmrp_analysis.charts.matplotlib_style import hex_of, sheet_style
from rmrp_analysis.errors import in_sentences
from rmrp_analysis.vocabulary.labels import is_month

ROW_MM, CLOSE_ROW_MM, MANY_ROWS = 5.4, 4.2, 30
CELL_MM, LEAST_CELL_MM, WIDEST_CELL_MM = 9.0, 3.8, 24.0
CELL_PT, DASH_MM, STROKE_PT = 8.0, 1.6, 0.8
COLUMN_NAME_MM = 36.0  # the most height the names of columns take
PALEST = 32  # of 256 shades from white to the full colour, for the lowest value
DARK = 0.18  # luminance below which white is easier to read than black; either has at least 4.5 to 1
LEAST_RANGE = 10  # from the lowest to the highest value; in a smaller one all are dark


@in_sentences
def heatmap(
    table: Table,
    *,
    ax: Axes | None = None,
    order: Order = "value",
    title: str = "",
    axis_label: str | None = None,
    unit: Unit | None = None,
    decimals: int | None = None,
    language: str | None = None,
    labels: Mapping[str, str] | None = None,
    color: str = "",
    width_mm: float = text_layout.COLUMNS_12_MM,
) -> Axes:
    """Cells of rows × columns, the darker the more, on a logarithmic scale; up to 180 mm wide where that has room.

    Values stand in the cells where they have room, otherwise the key says what the shades mean. A zero and a dash
    for no report stand on white, so that they are never taken for the shade of a value.
    Rows and columns with most come first; months stay in order. What is not said here is an option of all charts.

    Args:
        table: Of rows × columns.

    >>> import pandas as pd
    >>> table = {"PER": [4_000, 0], "ECU": [300, float("nan")]}
    >>> table = pd.DataFrame(table, index=["UNHCR", "IOM"])
    >>> axes = rmrp.charts.heatmap(table)
    >>> [text.get_text() for text in axes.texts]
    ['4.00\u202fK', '300', '0']
    """
    import seaborn as sns  # brings much along, and a sheet has no such chart
    from seaborn.utils import relative_luminance

    with sheet_style():
        formatter = ChartFormatter.of(table, unit, language, labels, decimals, color=color)
        matrix = formatter.matrix(tidy(table, dimensions=2), order)
        rows, parts, count = matrix.rows, [part for row in matrix.rows for part in row], max(len(matrix.columns), 1)
        room_mm = sheet_axes.size_of(ax)[0] if ax else width_mm
        left_mm, row_names = text_layout.room_for(
            [row[0].label for row in rows], min(room_mm, text_layout.COLUMNS_8_MM)
        )
        valued = [part for part in parts if part.value > 0]
        widest = max((text_layout.width_of(part.text, size=CELL_PT) for part in valued), default=0) + 1.4
        cell_mm = (room_mm - left_mm) / count
        annotated, room_of_cell_mm = cell_mm >= widest, cell_mm
        if ax is None:
            usual_mm = min((text_layout.COLUMNS_6_MM - left_mm) / count, WIDEST_CELL_MM)
            cell_mm = min(cell_mm, max(widest, usual_mm)) if annotated else min(max(cell_mm, LEAST_CELL_MM), CELL_MM)
        column_names, turned, names_mm = _column_names(formatter, matrix.columns, cell_mm)
        if (
            turned and not (wide := _column_names(formatter, matrix.columns, room_of_cell_mm))[1]
        ):  # level names, so wider
            cell_mm, (column_names, turned, names_mm) = room_of_cell_mm, wide
        low, high = (end(part.value for part in valued) if valued else 1 for end in (min, max))
        norm = LogNorm(min(low, high / LEAST_RANGE), high)
        shades = ListedColormap(sns.light_palette(formatter.colour(), 256)[PALEST:])
        key: dict[str, Artist] = {}
        if any(part.state == "no_report" for part in parts):
            missing = (
                formatter.translate("no report") if formatter.unit == "people" else formatter.translate("not known")
            )
            key[missing] = Line2D([], [], color=hex_of("muted"), linewidth=STROKE_PT)
        if valued and not annotated:
            steps = (low, float(f"{sqrt(low * high):.1g}"), high)
            key |= {formatter.number(step): Patch(color=shades(norm(step))) for step in steps}
        height_mm = names_mm + max(len(rows), 1) * (ROW_MM if len(rows) <= MANY_ROWS else CLOSE_ROW_MM)
        label = formatter.unit_name if axis_label is None else axis_label
        around: dict[str, Any] = {"key": key, "rows": row_names, "left_mm": left_mm, "head_mm": names_mm}
        axes = sheet_axes.frame(ax, left_mm + cell_mm * count, height_mm, title=title, axis_label=label, **around)
        if valued:
            values = np.array([part.value if part.value > 0 else np.nan for part in parts]).reshape(len(rows), count)
            mesh = np.ma.masked_invalid(values)
            axes.pcolormesh(mesh, cmap=shades, norm=norm, edgecolors="white", linewidth=STROKE_PT)
        for place, part in enumerate(parts):
            down, across = divmod(place, count)
            middle, dash = (across + 0.5, down + 0.5), min(DASH_MM / cell_mm, 0.6) / 2
            if isnan(part.value):
                axes.hlines(middle[1], middle[0] - dash, middle[0] + dash, color=hex_of("muted"), linewidth=STROKE_PT)
            elif annotated or part.value <= 0:
                dark = part.value > 0 and relative_luminance(shades(norm(part.value))) < DARK
                colour = "white" if dark else "black" if part.value > 0 else rcParams["text.color"]
                sheet_axes.annotate(axes, middle, part.text, ha="center", va="center", size=CELL_PT, color=colour)
        axes.set(xlim=(0, count), ylim=(max(len(rows), 1), 0))
        axes.xaxis.tick_top()
        axes.set_xticks([place + 0.5 for place in range(len(column_names))], column_names, rotation=90 * turned)
        axes.tick_params(axis="x", pad=text_layout.points(text_layout.GAP_MM), labelsize=text_layout.TEXT_PT)
        return sheet_axes.finished(axes, matrix, formatter, within=ax)


def _column_names(formatter: ChartFormatter, keys: Sequence[str], cell_mm: float) -> tuple[list[str], bool, float]:
    """The names of columns as they fit, whether they are turned for want of room side by side, how high they are.

    Months have short names, which are never turned.
    """
    names = [formatter.name(key) for key in keys]
    if all(map(is_month, keys)) and not {*keys} & {*formatter.labels}:
        short = text_layout.month_ticks(keys, formatter.language, cell_mm)
        return (
            short,
            False,
            text_layout.LINE_MM * max((1 + name.count("\n") for name in short), default=0) + text_layout.GAP_MM,
        )
    for most_lines in (2, 3):
        shown = [text_layout.fitted(name, cell_mm - text_layout.GAP_MM, lines=most_lines) for name in names]
        if all(name.split() == fitted.split() for name, fitted in zip(names, shown, strict=True)):
            lines = max((1 + fitted.count("\n") for fitted in shown), default=0)
            return shown, False, text_layout.LINE_MM * lines + text_layout.GAP_MM
    shown = [text_layout.fitted(name, COLUMN_NAME_MM) for name in names]
    return shown, True, max(map(text_layout.width_of, shown)) + text_layout.GAP_MM
