"""Draw rows × columns as cells, darker for larger values."""

from collections.abc import Mapping, Sequence
from math import isnan, sqrt
from typing import Any, NamedTuple

import numpy as np
from matplotlib import rcParams
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, LogNorm
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from rmrp_analysis import numbers
from rmrp_analysis.charts import sheet_axes, text_layout
from rmrp_analysis.charts.chart_tables import ChartFormatter, Matrix, Order, Table, Unit, draws_table, tidy
from rmrp_analysis.charts.matplotlib_style import hex_of, sheet_style
from rmrp_analysis.vocabulary.labels import is_month
from rmrp_analysis.words import N_

ROW_HEIGHT_MM = 5.4
CLOSE_ROW_HEIGHT_MM = 4.2  # the height of one of more than ``MAX_FULL_HEIGHT_ROWS`` rows
MAX_FULL_HEIGHT_ROWS = 30  # more rows stand close together
MIN_CELL_WIDTH_MM = 3.8
MAX_CELL_WIDTH_MM = 24.0  # unless the text of a cell needs more
TEXTLESS_CELL_WIDTH_MM = 9.0
CELL_TEXT_PT = 8.0  # the type size of texts in cells
MAX_DASH_LENGTH_MM = 1.6  # of the dash for no report
STROKE_WIDTH_PT = 0.8  # of that dash and of the white lines between cells
MAX_COLUMN_NAME_HEIGHT_MM = 36.0  # the greatest height of names of columns that are turned upright
CELL_TEXT_MARGINS_MM = 1.4  # beside a text in its cell, both sides together
PALEST_SHADE_INDEX = 32  # the shade of the lowest value: its index among 256 from white to the full colour
MAX_DARK_LUMINANCE = 0.18  # the luminance of a cell (0–1) below which its text is white, for a contrast of at least 4.5
MIN_SHADE_SCALE_RATIO = 10  # the least ratio of highest to lowest value on the scale, without which all cells are dark


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
    width_mm: float = text_layout.COLUMNS_12_WIDTH_MM,
) -> Axes:
    """Draw a cell for each row and column, darker for larger values, up to 180 mm wide.

    The scale of shades is logarithmic. Values stand in the cells if they have room. Otherwise the legend explains the
    shades. A zero and a dash for no report stand on white, so that they are not read as the shade of a value. The
    largest rows and columns come first. Months stay in order. All other arguments are options of all charts.

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
        norm = LogNorm(min(low, high / MIN_SHADE_SCALE_RATIO), high)
        shades = ListedColormap(sns.light_palette(formatter.colour(), 256)[PALEST_SHADE_INDEX:])
        legend = _explain_dashes(matrix, formatter)
        if values and not layout.has_texts:
            steps = (low, float(f"{sqrt(low * high):.1g}"), high)
            legend |= {formatter.format_number(step): Patch(color=shades(norm(step))) for step in steps}
        row_mm = ROW_HEIGHT_MM if len(matrix.rows) <= MAX_FULL_HEIGHT_ROWS else CLOSE_ROW_HEIGHT_MM
        chart_mm = layout.left_mm + layout.cell_mm * max(len(matrix.columns), 1)
        head_mm = layout.columns.height_mm
        height_mm = head_mm + max(len(matrix.rows), 1) * row_mm
        label = formatter.unit_name if axis_label is None else axis_label
        room: dict[str, Any] = {"rows": layout.row_names, "left_mm": layout.left_mm, "head_mm": head_mm}
        axes = sheet_axes.prepare_axes(ax, chart_mm, height_mm, title=title, axis_label=label, legend=legend, **room)
        _draw_cells(axes, matrix, layout, norm, shades)
        return sheet_axes.finish_axes(axes, matrix, formatter, given_axes=ax)


class _ColumnNames(NamedTuple):
    """The names of columns as they fit, whether they must stand upright, and their height."""

    texts: list[str]
    is_turned: bool
    height_mm: float


class _CellLayout(NamedTuple):
    """The widths of names and cells, needed before there are axes. If ``has_texts``, values fit in cells."""

    row_names: list[str]
    left_mm: float
    cell_mm: float
    has_texts: bool
    columns: _ColumnNames


def _lay_out_cells(matrix: Matrix, formatter: ChartFormatter, room_mm: float, *, fills_room: bool) -> _CellLayout:
    """Return the widths of names and cells: as their texts need, or (``fills_room``) as wide as the room."""
    labels, columns = [row[0].label for row in matrix.rows], max(len(matrix.columns), 1)
    left_mm, names = text_layout.fit_row_names(labels, min(room_mm, text_layout.COLUMNS_8_WIDTH_MM))
    texts = [point.text for row in matrix.rows for point in row if point.value > 0]
    text_mm = max((text_layout.width_of(text, size=CELL_TEXT_PT) for text in texts), default=0) + CELL_TEXT_MARGINS_MM
    max_mm = (room_mm - left_mm) / columns
    has_texts, cell_mm = max_mm >= text_mm, max_mm
    if not fills_room and has_texts:
        usual_mm = min((text_layout.COLUMNS_6_WIDTH_MM - left_mm) / columns, MAX_CELL_WIDTH_MM)
        cell_mm = min(max_mm, max(text_mm, usual_mm))
    elif not fills_room:
        cell_mm = min(max(max_mm, MIN_CELL_WIDTH_MM), TEXTLESS_CELL_WIDTH_MM)
    heads = _fit_column_names(formatter, matrix, cell_mm)
    if heads.is_turned:
        widest = _fit_column_names(formatter, matrix, max_mm)
        if not widest.is_turned:  # names that stand level are worth wider cells
            cell_mm, heads = max_mm, widest
    return _CellLayout(names, left_mm, cell_mm, has_texts, heads)


def _explain_dashes(matrix: Matrix, formatter: ChartFormatter) -> dict[str, Artist]:
    """Return the legend entry for dashes (*no report or not counted*), or nothing without dashes."""
    states = {point.state for row in matrix.rows for point in row}
    meanings = {"no_report": N_("no report"), "not_counted": N_("not counted"), "not_known": N_("not known")}
    words = [formatter.translate(text) for state, text in meanings.items() if state in states]
    if not words:
        return {}
    name = numbers.join_names(words, formatter.language, "or")
    return {name: Line2D([], [], color=hex_of("muted"), linewidth=STROKE_WIDTH_PT)}


def _draw_cells(axes: Axes, matrix: Matrix, layout: _CellLayout, norm: LogNorm, shades: ListedColormap) -> None:
    """Colour the cells above 0, write texts that fit, zeros and dashes, and name the columns above."""
    from seaborn.utils import relative_luminance

    points = [point for row in matrix.rows for point in row]
    columns = max(len(matrix.columns), 1)
    values = np.array([point.value if point.value > 0 else np.nan for point in points])
    if any(point.value > 0 for point in points):
        masked = np.ma.masked_invalid(values.reshape(len(matrix.rows), columns))
        axes.pcolormesh(masked, cmap=shades, norm=norm, edgecolors="white", linewidth=STROKE_WIDTH_PT)
    dash = min(MAX_DASH_LENGTH_MM / layout.cell_mm, 0.6) / 2
    for number, point in enumerate(points):
        row, column = divmod(number, columns)
        x, y = column + 0.5, row + 0.5
        if isnan(point.value):
            axes.hlines(y, x - dash, x + dash, color=hex_of("muted"), linewidth=STROKE_WIDTH_PT)
        elif layout.has_texts or point.value <= 0:
            is_dark = point.value > 0 and relative_luminance(shades(norm(point.value))) < MAX_DARK_LUMINANCE
            colour = "white" if is_dark else "black" if point.value > 0 else rcParams["text.color"]
            sheet_axes.annotate(axes, (x, y), point.text, ha="center", va="center", size=CELL_TEXT_PT, color=colour)
    axes.set(xlim=(0, columns), ylim=(max(len(matrix.rows), 1), 0))
    axes.xaxis.tick_top()
    heads = layout.columns
    axes.set_xticks([number + 0.5 for number in range(len(heads.texts))], heads.texts, rotation=90 * heads.is_turned)
    axes.tick_params(axis="x", pad=text_layout.mm_to_points(text_layout.TEXT_GAP_MM), labelsize=text_layout.TEXT_PT)


def _fit_column_names(formatter: ChartFormatter, matrix: Matrix, cell_mm: float) -> _ColumnNames:
    """Return the names of columns as they fit: in up to three lines uncut, or turned upright and cut."""
    gap_mm, keys = text_layout.TEXT_GAP_MM, matrix.columns
    if all(map(is_month, keys)) and not {*keys} & {*formatter.labels}:
        short = text_layout.name_months(keys, formatter.language, cell_mm)
        return _ColumnNames(short, False, _height_mm(short) + gap_mm)
    names = [formatter.name(key, matrix.column_dimension) for key in keys]
    for max_lines in (2, 3):
        texts = [text_layout.fit_text(name, cell_mm - gap_mm, max_lines=max_lines) for name in names]
        if all(name.split() == text.split() for name, text in zip(names, texts, strict=True)):
            return _ColumnNames(texts, False, _height_mm(texts) + gap_mm)
    texts = [text_layout.fit_text(name, MAX_COLUMN_NAME_HEIGHT_MM) for name in names]
    return _ColumnNames(texts, True, max(map(text_layout.width_of, texts)) + gap_mm)


def _height_mm(names: Sequence[str]) -> float:
    """Return the height of the name with most lines, in mm, or 0 without names."""
    return text_layout.TEXT_LINE_HEIGHT_MM * max((1 + name.count("\n") for name in names), default=0)
