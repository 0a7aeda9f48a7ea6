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

from rmrp_analysis import numbers
from rmrp_analysis.charts import sheet_axes, text_layout
from rmrp_analysis.charts.chart_tables import ChartFormatter, Matrix, Order, Table, Unit, draws_table, tidy
from rmrp_analysis.charts.matplotlib_style import hex_of, sheet_style
from rmrp_analysis.vocabulary.labels import is_month
from rmrp_analysis.words import N_

ROW_HEIGHT_MM = 5.4  # the height of a row
CLOSE_ROW_HEIGHT_MM = 4.2  # the height of one of more than ``MAX_FULL_HEIGHT_ROWS`` rows
MAX_FULL_HEIGHT_ROWS = 30  # more rows stand close together
MIN_CELL_WIDTH_MM = 3.8  # the least width of a cell
MAX_CELL_WIDTH_MM = 24.0  # the greatest width of a cell whose text needs no more
TEXTLESS_CELL_WIDTH_MM = 9.0  # the width of a cell without a text
CELL_TEXT_PT = 8.0  # the type size of texts in cells
MAX_DASH_LENGTH_MM = 1.6  # the greatest length of the dash for no report
STROKE_WIDTH_PT = 0.8  # the width of that dash and of the white lines between cells
MAX_COLUMN_NAME_HEIGHT_MM = 36.0  # the greatest height of names of columns that are turned upright
CELL_TEXT_MARGINS_MM = 1.4  # beside a text in its cell, both sides together
PALEST_SHADE_INDEX = 32  # the shade of the lowest value: its index among 256 from white to the full colour
MAX_DARK_LUMINANCE = 0.18  # the luminance of a cell (0–1) below which its text is white, for a contrast of at least 4.5
MIN_SHADE_SCALE_RATIO = 10  # the least ratio of highest to lowest value on the scale; else all are dark


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
        cell_layout = _lay_out_cells(matrix, formatter, room_mm, fills_room=ax is not None)
        positive_values = [
            cell_data_point.value
            for row_data_points in matrix.rows
            for cell_data_point in row_data_points
            if cell_data_point.value > 0
        ]
        low, high = min(positive_values, default=1), max(positive_values, default=1)
        norm = LogNorm(min(low, high / MIN_SHADE_SCALE_RATIO), high)
        shades = ListedColormap(sns.light_palette(formatter.colour(), 256)[PALEST_SHADE_INDEX:])
        key = _explain_dashes(matrix, formatter)
        if positive_values and not cell_layout.has_texts:
            steps = (low, float(f"{sqrt(low * high):.1g}"), high)
            key |= {formatter.format_number(step): Patch(color=shades(norm(step))) for step in steps}
        row_height_mm = ROW_HEIGHT_MM if len(matrix.rows) <= MAX_FULL_HEIGHT_ROWS else CLOSE_ROW_HEIGHT_MM
        chart_width_mm = cell_layout.left_mm + cell_layout.cell_mm * max(len(matrix.columns), 1)
        axes = sheet_axes.prepare_axes(
            ax,
            chart_width_mm,
            cell_layout.columns.height_mm + max(len(matrix.rows), 1) * row_height_mm,
            title=title,
            axis_label=formatter.unit_name if axis_label is None else axis_label,
            legend=key,
            rows=cell_layout.row_names,
            left_mm=cell_layout.left_mm,
            head_mm=cell_layout.columns.height_mm,
        )
        _draw_cells(axes, matrix, cell_layout, norm, shades)
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
    """Return the widths of names and cells: as their texts need, or (``fills_room``) as wide as there is room."""
    full_row_names, column_count = (
        [row_data_points[0].label for row_data_points in matrix.rows],
        max(len(matrix.columns), 1),
    )
    row_names_width_mm, fitted_row_names = text_layout.fit_row_names(
        full_row_names, min(room_mm, text_layout.COLUMNS_8_WIDTH_MM)
    )
    cell_texts = [
        cell_data_point.text
        for row_data_points in matrix.rows
        for cell_data_point in row_data_points
        if cell_data_point.value > 0
    ]
    cell_text_width_mm = (
        max((text_layout.width_of(cell_text, size=CELL_TEXT_PT) for cell_text in cell_texts), default=0)
        + CELL_TEXT_MARGINS_MM
    )
    max_cell_width_mm = (room_mm - row_names_width_mm) / column_count
    has_cell_texts, cell_width_mm = max_cell_width_mm >= cell_text_width_mm, max_cell_width_mm
    if not fills_room:
        usual_cell_width_mm = min(
            (text_layout.COLUMNS_6_WIDTH_MM - row_names_width_mm) / column_count, MAX_CELL_WIDTH_MM
        )
        cell_width_mm = (
            min(max_cell_width_mm, max(cell_text_width_mm, usual_cell_width_mm))
            if has_cell_texts
            else min(max(max_cell_width_mm, MIN_CELL_WIDTH_MM), TEXTLESS_CELL_WIDTH_MM)
        )
    column_names_layout = _fit_column_names(formatter, matrix, cell_width_mm)
    if column_names_layout.is_turned:
        widest_names_layout = _fit_column_names(formatter, matrix, max_cell_width_mm)
        if not widest_names_layout.is_turned:  # names that stand level are worth wider cells
            cell_width_mm, column_names_layout = max_cell_width_mm, widest_names_layout
    return _CellLayout(fitted_row_names, row_names_width_mm, cell_width_mm, has_cell_texts, column_names_layout)


def _explain_dashes(matrix: Matrix, formatter: ChartFormatter) -> dict[str, Artist]:
    """Return the legend entry for dashes, by what they mean (*no report or not counted*); empty without any."""
    cell_states = {cell_data_point.state for row_data_points in matrix.rows for cell_data_point in row_data_points}
    meaning_by_state = {"no_report": N_("no report"), "not_counted": N_("not counted"), "not_known": N_("not known")}
    dash_meanings = [formatter.translate(text) for state, text in meaning_by_state.items() if state in cell_states]
    if not dash_meanings:
        return {}
    dash_text = numbers.join_names(dash_meanings, formatter.language, "or")
    return {dash_text: Line2D([], [], color=hex_of("muted"), linewidth=STROKE_WIDTH_PT)}


def _draw_cells(axes: Axes, matrix: Matrix, layout: _CellLayout, norm: LogNorm, shades: ListedColormap) -> None:
    """Colour the cells above 0, write their texts if these fit, all zeros and dashes, and name the columns above."""
    from seaborn.utils import relative_luminance

    cell_data_points = [cell_data_point for row_data_points in matrix.rows for cell_data_point in row_data_points]
    column_count = max(len(matrix.columns), 1)
    cell_values = np.array(
        [cell_data_point.value if cell_data_point.value > 0 else np.nan for cell_data_point in cell_data_points]
    )
    if any(cell_data_point.value > 0 for cell_data_point in cell_data_points):
        masked_cell_values = np.ma.masked_invalid(cell_values.reshape(len(matrix.rows), column_count))
        axes.pcolormesh(masked_cell_values, cmap=shades, norm=norm, edgecolors="white", linewidth=STROKE_WIDTH_PT)
    half_dash_length = min(MAX_DASH_LENGTH_MM / layout.cell_mm, 0.6) / 2
    for cell_index, cell_data_point in enumerate(cell_data_points):
        row_index, column_index = divmod(cell_index, column_count)
        cell_x, cell_y = column_index + 0.5, row_index + 0.5
        if isnan(cell_data_point.value):
            axes.hlines(
                cell_y,
                cell_x - half_dash_length,
                cell_x + half_dash_length,
                color=hex_of("muted"),
                linewidth=STROKE_WIDTH_PT,
            )
        elif layout.has_texts or cell_data_point.value <= 0:
            is_cell_dark = (
                cell_data_point.value > 0
                and relative_luminance(shades(norm(cell_data_point.value))) < MAX_DARK_LUMINANCE
            )
            cell_text_colour = (
                "white" if is_cell_dark else "black" if cell_data_point.value > 0 else rcParams["text.color"]
            )
            sheet_axes.annotate(
                axes,
                (cell_x, cell_y),
                cell_data_point.text,
                ha="center",
                va="center",
                size=CELL_TEXT_PT,
                color=cell_text_colour,
            )
    axes.set(xlim=(0, column_count), ylim=(max(len(matrix.rows), 1), 0))
    axes.xaxis.tick_top()
    column_names_layout = layout.columns
    axes.set_xticks(
        [cell_index + 0.5 for cell_index in range(len(column_names_layout.texts))],
        column_names_layout.texts,
        rotation=90 * column_names_layout.is_turned,
    )
    axes.tick_params(axis="x", pad=text_layout.mm_to_points(text_layout.TEXT_GAP_MM), labelsize=text_layout.TEXT_PT)


def _fit_column_names(formatter: ChartFormatter, matrix: Matrix, cell_mm: float) -> _ColumnNames:
    """Return the names of columns as they fit side by side: in up to three lines uncut, else turned upright and cut.

    Months without a label of the caller are never turned.
    """
    name_gap_mm, keys = text_layout.TEXT_GAP_MM, matrix.columns
    if all(map(is_month, keys)) and not {*keys} & {*formatter.labels}:
        short = text_layout.name_months(keys, formatter.language, cell_mm)
        return _ColumnNames(short, False, _height_mm(short) + name_gap_mm)
    names = [formatter.name(column_key, matrix.column_dimension) for column_key in keys]
    for most_lines in (2, 3):
        fitted_column_names = [
            text_layout.fit_text(name, cell_mm - name_gap_mm, max_lines=most_lines) for name in names
        ]
        if all(name.split() == fitted.split() for name, fitted in zip(names, fitted_column_names, strict=True)):
            return _ColumnNames(fitted_column_names, False, _height_mm(fitted_column_names) + name_gap_mm)
    fitted_column_names = [text_layout.fit_text(name, MAX_COLUMN_NAME_HEIGHT_MM) for name in names]
    return _ColumnNames(fitted_column_names, True, max(map(text_layout.width_of, fitted_column_names)) + name_gap_mm)


def _height_mm(names: Sequence[str]) -> float:
    """Return the height of the name with most lines, in mm; 0 without names."""
    return text_layout.TEXT_LINE_HEIGHT_MM * max((1 + column_name.count("\n") for column_name in names), default=0)
