"""Draw rows × columns as cells, darker for larger values."""

from collections.abc import Mapping, Sequence
from math import isnan, sqrt
from typing import NamedTuple

import numpy as np
from matplotlib import rcParams
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, LogNorm
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from rmrp_analysis.charts import sheet_axes, text_layout
from rmrp_analysis.charts.chart_tables import ChartFormatter, Matrix, Order, Table, Unit, draws_table, tidy
from rmrp_analysis.charts.matplotlib_style import hex_of, sheet_style
from rmrp_analysis.vocabulary.labels import is_month

ROW_MM, CLOSE_ROW_MM = 5.4, 4.2  # the height of a row; of one of many rows
MAX_FULL_HEIGHT_ROWS = 30  # more rows stand close together
MIN_CELL_MM, CELL_MM, MAX_CELL_MM = 3.8, 9.0, 24.0  # the width of a cell: narrowest, without texts, widest
CELL_PT, MAX_DASH_MM, STROKE_PT = 8.0, 1.6, 0.8
MAX_COLUMN_NAME_MM = 36.0  # the height of names that are turned
CELL_MARGINS_MM = 1.4  # beside a text in its cell, both sides together
PALEST_SHADE = 32  # of 256 shades from white to the full colour, for the lowest value
MAX_DARK_LUMINANCE = 0.18  # below it white is easier to read than black; both have a contrast of at least 4.5
MIN_VALUE_RATIO = 10  # of the highest to the lowest value on the scale; values that differ less are all dark


@draws_table
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
    """Draw a cell for each row and column, darker for larger values, up to 180 mm wide.

    The scale of shades is logarithmic. Values stand in the cells where they have room; otherwise the legend says what
    the shades mean. A zero and a dash for no report stand on white, so that nobody takes them for the shade of a value.
    The largest rows and columns come first; months stay in order. All other arguments are options of all charts.

    Args:
        table: Of rows × columns.

    >>> import pandas as pd
    >>> table = {"PER": [4_000, 0], "ECU": [300, float("nan")]}
    >>> table = pd.DataFrame(table, index=["UNHCR", "IOM"])
    >>> axes = rmrp.charts.heatmap(table)
    >>> [text.get_text() for text in axes.texts]
    ['4.00\u202fK', '300', '0']
    """
    import seaborn as sns  # loads much, and a sheet has no such chart

    with sheet_style():
        formatter = ChartFormatter.for_table(table, unit, language, labels, decimals, color=color)
        matrix = formatter.read_matrix(tidy(table, dimensions=2), order)
        room_mm = sheet_axes.size_mm_of(ax)[0] if ax else width_mm
        layout = _lay_out_cells(matrix, formatter, room_mm, fills_room=ax is not None)
        values = [point.value for row in matrix.rows for point in row if point.value > 0]
        low, high = min(values, default=1), max(values, default=1)
        norm = LogNorm(min(low, high / MIN_VALUE_RATIO), high)
        shades = ListedColormap(sns.light_palette(formatter.colour(), 256)[PALEST_SHADE:])
        legend = _explain_dashes(matrix, formatter)
        if values and not layout.has_texts:
            steps = (low, float(f"{sqrt(low * high):.1g}"), high)
            legend |= {formatter.format_number(step): Patch(color=shades(norm(step))) for step in steps}
        row_mm = ROW_MM if len(matrix.rows) <= MAX_FULL_HEIGHT_ROWS else CLOSE_ROW_MM
        chart_mm = layout.left_mm + layout.cell_mm * max(len(matrix.columns), 1)
        axes = sheet_axes.prepare_axes(
            ax,
            chart_mm,
            layout.columns.height_mm + max(len(matrix.rows), 1) * row_mm,
            title=title,
            axis_label=formatter.unit_name if axis_label is None else axis_label,
            legend=legend,
            rows=layout.row_names,
            left_mm=layout.left_mm,
            head_mm=layout.columns.height_mm,
        )
        _draw_cells(axes, matrix, layout, norm, shades)
        return sheet_axes.finish_axes(axes, matrix, formatter, given_axes=ax)


class _ColumnNames(NamedTuple):
    """The names of columns as they fit, whether they stand upright for want of room, and their height."""

    texts: list[str]
    is_turned: bool
    height_mm: float


class _CellLayout(NamedTuple):
    """The widths of names and cells, which must be known before there are axes; ``has_texts``: values fit in cells."""

    row_names: list[str]
    left_mm: float
    cell_mm: float
    has_texts: bool
    columns: _ColumnNames


def _lay_out_cells(matrix: Matrix, formatter: ChartFormatter, room_mm: float, *, fills_room: bool) -> _CellLayout:
    """Choose how wide names and cells are: as their texts need, or (``fills_room``) as wide as there is room."""
    row_labels, count = [row[0].label for row in matrix.rows], max(len(matrix.columns), 1)
    left_mm, row_names = text_layout.fit_row_names(row_labels, min(room_mm, text_layout.COLUMNS_8_MM))
    texts = [point.text for row in matrix.rows for point in row if point.value > 0]
    text_mm = max((text_layout.width_of(text, size=CELL_PT) for text in texts), default=0) + CELL_MARGINS_MM
    widest_mm = (room_mm - left_mm) / count
    has_texts, cell_mm = widest_mm >= text_mm, widest_mm
    if not fills_room:
        usual_mm = min((text_layout.COLUMNS_6_MM - left_mm) / count, MAX_CELL_MM)
        cell_mm = min(widest_mm, max(text_mm, usual_mm)) if has_texts else min(max(widest_mm, MIN_CELL_MM), CELL_MM)
    names = _fit_column_names(formatter, matrix.columns, cell_mm)
    if names.is_turned:
        wide_names = _fit_column_names(formatter, matrix.columns, widest_mm)
        if not wide_names.is_turned:  # names that stand level are worth wider cells
            cell_mm, names = widest_mm, wide_names
    return _CellLayout(row_names, left_mm, cell_mm, has_texts, names)


def _explain_dashes(matrix: Matrix, formatter: ChartFormatter) -> dict[str, Artist]:
    """Return the entry of the legend for cells with a dash; empty where no cell has one."""
    if not any(point.state == "no_report" for row in matrix.rows for point in row):
        return {}
    translate = formatter.translate
    meaning = translate("no report") if formatter.unit == "people" else translate("not known")
    return {meaning: Line2D([], [], color=hex_of("muted"), linewidth=STROKE_PT)}


def _draw_cells(axes: Axes, matrix: Matrix, layout: _CellLayout, norm: LogNorm, shades: ListedColormap) -> None:
    """Colour the cells by their value, write their texts and dashes, and name the columns above them."""
    from seaborn.utils import relative_luminance

    points, count = [point for row in matrix.rows for point in row], max(len(matrix.columns), 1)
    values = np.array([point.value if point.value > 0 else np.nan for point in points])
    if any(point.value > 0 for point in points):
        mesh = np.ma.masked_invalid(values.reshape(len(matrix.rows), count))
        axes.pcolormesh(mesh, cmap=shades, norm=norm, edgecolors="white", linewidth=STROKE_PT)
    half_dash = min(MAX_DASH_MM / layout.cell_mm, 0.6) / 2
    for index, point in enumerate(points):
        row, column = divmod(index, count)
        x, y = column + 0.5, row + 0.5
        if isnan(point.value):
            axes.hlines(y, x - half_dash, x + half_dash, color=hex_of("muted"), linewidth=STROKE_PT)
        elif layout.has_texts or point.value <= 0:
            is_dark = point.value > 0 and relative_luminance(shades(norm(point.value))) < MAX_DARK_LUMINANCE
            colour = "white" if is_dark else "black" if point.value > 0 else rcParams["text.color"]
            sheet_axes.annotate(axes, (x, y), point.text, ha="center", va="center", size=CELL_PT, color=colour)
    axes.set(xlim=(0, count), ylim=(max(len(matrix.rows), 1), 0))
    axes.xaxis.tick_top()
    names = layout.columns
    axes.set_xticks([index + 0.5 for index in range(len(names.texts))], names.texts, rotation=90 * names.is_turned)
    axes.tick_params(axis="x", pad=text_layout.mm_to_points(text_layout.GAP_MM), labelsize=text_layout.TEXT_PT)


def _fit_column_names(formatter: ChartFormatter, keys: Sequence[str], cell_mm: float) -> _ColumnNames:
    """Shorten or turn the names of columns so that they fit side by side; months are shortened only."""
    gap_mm = text_layout.GAP_MM
    if all(map(is_month, keys)) and not {*keys} & {*formatter.labels}:
        months = text_layout.name_months(keys, formatter.language, cell_mm)
        return _ColumnNames(months, False, _height_mm(months) + gap_mm)
    names = [formatter.name(key) for key in keys]
    for max_lines in (2, 3):
        fitted_names = [text_layout.fit_text(name, cell_mm - gap_mm, max_lines=max_lines) for name in names]
        if all(name.split() == fitted_name.split() for name, fitted_name in zip(names, fitted_names, strict=True)):
            return _ColumnNames(fitted_names, False, _height_mm(fitted_names) + gap_mm)
    fitted_names = [text_layout.fit_text(name, MAX_COLUMN_NAME_MM) for name in names]
    return _ColumnNames(fitted_names, True, max(map(text_layout.width_of, fitted_names)) + gap_mm)


def _height_mm(names: Sequence[str]) -> float:
    """Return the height of the name with most lines."""
    return text_layout.LINE_MM * max((1 + name.count("\n") for name in names), default=0)
