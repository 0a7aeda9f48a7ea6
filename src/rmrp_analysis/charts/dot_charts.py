"""Draw dots: categories along one measure, or between two measures."""

from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any, NamedTuple

import pandas as pd
from matplotlib import rcParams
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from rmrp_analysis import numbers
from rmrp_analysis.charts import sheet_axes, text_layout
from rmrp_analysis.charts.chart_tables import (
    WHOLE_NUMBER_UNITS,
    ChartFormatter,
    DataPoint,
    Matrix,
    Order,
    Table,
    Unit,
    count_dimensions,
    draws_table,
    tidy,
)
from rmrp_analysis.charts.matplotlib_style import hex_of, sheet_style
from rmrp_analysis.charts.svg_sketch import Box4, overlaps
from rmrp_analysis.errors import RequestError, check_allowed
from rmrp_analysis.theme import pictures

MAX_GROUPS = 6  # the most groups of dots that readers can distinguish
ROW_HEIGHT_MM = 5.6  # the height of a row of dots
DOT_DIAMETER_PT = 5.5  # the diameter of a dot
LINE_WIDTH_PT = 1.2  # the width of the line that joins the dots of a row
AXIS_TEXT_GAP_MM = 1.0  # between an axis and its text
DOT_TEXT_OFFSET_MM = 1.6  # between the middle of a dot and its text
SCATTER_HEIGHT_MM = 66.0  # the height of a scatter
SCATTER_FOOT_MM = 10.5  # the height below the axis of a scatter, for its numbers and label
MAX_AXIS_TICK_STEPS = 5  # the most steps between numbers along an axis of a scatter
PLAIN_UNIT = "number"  # the unit of numbers that are printed without one
VALUE_MARGIN_SHARE = 0.06  # the share of the range of values that stays free beyond the outermost dots


@draws_table
def dots(
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
    highlight: str | Sequence[str] = (),
    width_mm: float = text_layout.COLUMNS_6_WIDTH_MM,
) -> Axes:
    """Draw a row of dots for each category, the largest first, 88 mm wide; a line joins the dots of a row.

    A table of one dimension has lines from zero. The lowest and the highest dot of a row have their value, the lowest
    only where it has room. Only numbers above 0 have a dot; a row without one is the text of its first group. All other
    arguments are options of all charts.

    Args:
        table: Of categories, or of categories × up to six groups.

    Raises:
        RequestError: There are more than six groups.

    >>> import pandas as pd
    >>> ages = {"Women": [310, 120], "Men": [240, 130]}
    >>> ages = pd.DataFrame(ages, index=["PER", "ECU"])
    >>> axes = rmrp.charts.dots(ages)
    >>> [text.get_text() for text in axes.texts]
    ['240', '310', '120', '130']
    """
    import seaborn as sns  # brings much along, and a sheet has no such chart

    chart_formatter = ChartFormatter.for_table(
        table, unit, language, labels, decimals, color=color, highlight=highlight
    )
    point_matrix = chart_formatter.read_matrix(tidy(table, dimensions=min(count_dimensions(table), 2)), order)
    data_point_rows, group_count = point_matrix.rows, max(len(point_matrix.columns), 1)
    if group_count > MAX_GROUPS:
        fault_text = f"dots tell at most {MAX_GROUPS} groups apart, and the table has {group_count}"
        raise RequestError(f"{fault_text}: draw charts.heatmap(table), or exchange its rows and columns")
    group_colours = list(
        map(to_hex, sns.light_palette(chart_formatter.colour(), group_count + 1, reverse=True)[:group_count])
    )
    dot_options: dict[str, Any] = {"marker": "o", "linestyle": "", "markersize": DOT_DIAMETER_PT}
    legend_artist_by_name: dict[str, Artist] = {
        chart_formatter.name(group_key, point_matrix.column_dimension): Line2D(
            [], [], color=group_colour, **dot_options
        )
        for group_key, group_colour in zip(point_matrix.columns, group_colours, strict=False)
    }
    row_names_width_mm, row_names = text_layout.fit_row_names(
        [row_data_points[0].label for row_data_points in data_point_rows],
        sheet_axes.size_mm_of(ax)[0] if ax else width_mm,
        1,
    )
    axis_label_text = chart_formatter.unit_name if axis_label is None else axis_label
    axes_frame_options: dict[str, Any] = {
        "title": title,
        "axis_label": axis_label_text,
        "legend": legend_artist_by_name,
        "rows": row_names,
        "left_mm": row_names_width_mm,
    }
    with sheet_style():
        axes = sheet_axes.prepare_axes(ax, width_mm, ROW_HEIGHT_MM * max(len(data_point_rows), 1), **axes_frame_options)
        axes_width_mm = sheet_axes.size_mm_of(axes)[0]
        units_per_mm = _fit_dot_scale(
            [dot_data_point for row_data_points in data_point_rows for dot_data_point in row_data_points], axes_width_mm
        )
        axes.set(
            xlim=(-DOT_TEXT_OFFSET_MM * units_per_mm, (axes_width_mm - DOT_TEXT_OFFSET_MM) * units_per_mm), xticks=[]
        )
        axes.axvline(0, color=rcParams["text.color"], linewidth=0.8)
        for row_index, row_data_points in enumerate(data_point_rows):
            _draw_row(
                axes, row_index + 0.5, row_data_points, group_colours, point_matrix, chart_formatter, units_per_mm
            )
        return sheet_axes.finish_axes(axes, point_matrix, chart_formatter, given_axes=ax)


def _fit_dot_scale(points: Sequence[DataPoint], axes_width_mm: float) -> float:
    """Return how many units of the figure one mm stands for, so that the widest text fits beside the highest dot.

    The dots get at least a third of the width, even where the text then lacks room. A highest value of 0 counts as 1.
    """
    highest_value = (
        max([dot_data_point.value for dot_data_point in points if not isnan(dot_data_point.value)], default=0.0) or 1.0
    )
    widest_text_mm = max(
        (text_layout.width_of(dot_data_point.text, weight=600) for dot_data_point in points), default=0.0
    )
    return highest_value / max(axes_width_mm - widest_text_mm - 3 * DOT_TEXT_OFFSET_MM, axes_width_mm / 3)


def _draw_row(
    axes: Axes,
    y: float,
    row: Sequence[DataPoint],
    colours: Sequence[str],
    matrix: Matrix,
    formatter: ChartFormatter,
    units_per_mm: float,
) -> None:
    """Draw the dots of a row above 0, the line that joins them, and the values of the highest and the lowest.

    The lowest has no value where it lacks room. A row without such a dot is only the text of its first point. A table
    of one dimension has lines from zero.
    """
    point_group_triples = list(zip(row, [*matrix.columns, ""], colours, strict=False))
    drawn_point_triples = [
        (dot_data_point, group_key, dot_colour)
        for dot_data_point, group_key, dot_colour in point_group_triples
        if dot_data_point.value > 0
    ]
    if not drawn_point_triples:
        sheet_axes.annotate(axes, (0, y), row[0].text, dx_mm=AXIS_TEXT_GAP_MM, va="center", fontstyle="italic")
        return
    rising_data_points = sorted(
        (dot_data_point for dot_data_point, *_ in drawn_point_triples), key=lambda dot_data_point: dot_data_point.value
    )
    lowest_data_point, highest_data_point = rising_data_points[0], rising_data_points[-1]
    axes.hlines(
        y,
        lowest_data_point.value if matrix.columns else 0,
        highest_data_point.value,
        color=hex_of("land"),
        linewidth=LINE_WIDTH_PT,
        zorder=1,
    )
    for dot_data_point, group_key, dot_colour in drawn_point_triples:
        group_name = formatter.name(group_key, matrix.column_dimension)
        is_dot_pale = formatter.colour(dot_data_point.key, dot_data_point.label, group_key, group_name) == hex_of(
            "land"
        )
        tooltip = pictures.tip(", ".join(filter(None, (dot_data_point.label, group_name))), dot_data_point.text)
        dot_options: dict[str, Any] = {
            "color": hex_of("land") if is_dot_pale else dot_colour,
            "markersize": DOT_DIAMETER_PT,
            "gid": tooltip,
        }
        axes.plot(dot_data_point.value, y, "o", **dot_options)
    value_text_options: dict[str, Any] = {"va": "center", "weight": 600, "color": rcParams["text.color"]}
    if (
        lowest_data_point.value < highest_data_point.value
        and lowest_data_point.value / units_per_mm
        > text_layout.width_of(lowest_data_point.text, weight=600) + DOT_TEXT_OFFSET_MM
    ):
        sheet_axes.annotate(
            axes,
            (lowest_data_point.value, y),
            lowest_data_point.text,
            dx_mm=-DOT_TEXT_OFFSET_MM,
            ha="right",
            **value_text_options,
        )
    sheet_axes.annotate(
        axes, (highest_data_point.value, y), highest_data_point.text, dx_mm=DOT_TEXT_OFFSET_MM, **value_text_options
    )


@draws_table
def scatter(
    table: pd.DataFrame,
    *,
    x: str = "",
    y: str = "",
    units: tuple[Unit, Unit] = ("", ""),
    ax: Axes | None = None,
    title: str = "",
    language: str | None = None,
    labels: Mapping[str, str] | None = None,
    color: str = "",
    highlight: str | Sequence[str] = (),
    width_mm: float = text_layout.COLUMNS_6_WIDTH_MM,
) -> Axes:
    """Draw a dot for each row between two measures, 88 × 66 mm, with the name of the row where it has room.

    Names of highlighted rows come first, then those of the highest; none covers a dot or another name. A row without
    one of its two numbers is left out. All other arguments are options of all charts.

    Args:
        table: A row for each dot, a column for each measure.
        x: The column from left to right, by default the first.
        y: The column from below, by default the first other than ``x``.
        units: How the numbers of ``x`` and ``y`` are printed; empty: without a unit, not as people.

    Raises:
        RequestError: The table lacks a column, or the column holds no numbers.

    >>> import pandas as pd
    >>> measures = {"Reached": [310, 120], "Money": [4e6, 2e6]}
    >>> places = pd.DataFrame(measures, index=["PER", "ECU"])
    >>> axes = rmrp.charts.scatter(places, units=("people", "usd"))
    >>> [text.get_text() for text in axes.texts], axes.get_xlabel()
    (['Peru', 'Ecuador'], 'Reached')
    """
    measure_column_names = _choose_measures(table, x, y)
    x_chart_formatter, y_chart_formatter = (
        ChartFormatter.for_table(
            table[column_name], measure_unit or PLAIN_UNIT, language, labels, color=color, highlight=highlight
        )
        for column_name, measure_unit in zip(measure_column_names, units, strict=True)
    )
    point_pairs_of_rows = zip(
        x_chart_formatter.read_points(sign="changes"), y_chart_formatter.read_points(sign="changes"), strict=True
    )
    data_point_pairs = [
        (x_data_point, y_data_point)
        for x_data_point, y_data_point in point_pairs_of_rows
        if not isnan(x_data_point.value + y_data_point.value)
    ]
    with sheet_style():
        x_scale = _choose_scale([x_data_point.value for x_data_point, _ in data_point_pairs], x_chart_formatter)
        y_scale = _choose_scale([y_data_point.value for _, y_data_point in data_point_pairs], y_chart_formatter)
        axes = _prepare_scatter(
            ax, width_mm, title, x_scale, y_scale, _name_measure(measure_column_names[1], y_chart_formatter)
        )
        axes.set_xlabel(
            _name_measure(measure_column_names[0], x_chart_formatter), loc="right", size=text_layout.TEXT_PT
        )
        name_text_pairs = [
            (x_data_point.label, f"{x_data_point.text}; {y_data_point.text}")
            for x_data_point, y_data_point in data_point_pairs
        ]
        for (x_data_point, y_data_point), (row_name, dot_value_text) in zip(
            data_point_pairs, name_text_pairs, strict=True
        ):
            dot_colour, tooltip = (
                x_chart_formatter.colour(x_data_point.key, row_name),
                pictures.tip(row_name, dot_value_text),
            )
            dot_options: dict[str, Any] = {"color": dot_colour, "markersize": DOT_DIAMETER_PT, "gid": tooltip}
            axes.plot(x_data_point.value, y_data_point.value, "o", clip_on=False, **dot_options)
        _write_names(axes, sorted(data_point_pairs, key=lambda pair: -pair[1].value), x_chart_formatter)
        return sheet_axes.record_drawing(axes, sheet_axes.Drawing(table[measure_column_names], name_text_pairs, ""))


def _choose_measures(table: pd.DataFrame, x: str, y: str) -> list[str]:
    """Return the columns ``x`` and ``y`` of a scatter, by default the first column and the first other than ``x``.

    Raises ``RequestError`` for a column that is missing, and for what is no DataFrame with two columns.
    """
    if not isinstance(table, pd.DataFrame) or len(table.columns) < 2:
        raise RequestError("a scatter draws a DataFrame with a column for each of two measures")
    column_names = [str(column_name) for column_name in table.columns]
    x = x or column_names[0]
    measure_column_names = [x, y or next(column_name for column_name in column_names if column_name != x)]
    for column_name in measure_column_names:
        check_allowed(column_name, column_names, "the table has no column")
    return measure_column_names


class _Scale(NamedTuple):
    """An axis of a scatter: where it begins and ends, its ticks, and the text of each."""

    limits: tuple[float, float]
    ticks: list[float]
    texts: list[str]


def _choose_scale(values: Sequence[float], formatter: ChartFormatter) -> _Scale:
    """Return an axis that begins at zero and ends beyond the highest value, with round ticks.

    It begins below the lowest value instead where that is negative, or above half of the highest.
    """
    lowest_value, highest_value = min(values, default=0.0), max(values, default=1.0)
    lowest_value = lowest_value if lowest_value < 0 or lowest_value > highest_value / 2 else 0.0
    value_margin = (highest_value - lowest_value or abs(highest_value) or 1.0) * VALUE_MARGIN_SHARE
    axis_start, axis_end = lowest_value - value_margin * (lowest_value != 0), highest_value + value_margin
    tick_locator = MaxNLocator(MAX_AXIS_TICK_STEPS, integer=formatter.unit in WHOLE_NUMBER_UNITS)
    tick_values = [
        tick_value
        for tick_value in tick_locator.tick_values(axis_start, axis_end)
        if axis_start <= tick_value <= axis_end
    ]
    tick_texts = [
        numbers.format_round(tick_value, formatter.unit, formatter.language) if tick_value else "0"
        for tick_value in tick_values
    ]
    return _Scale((axis_start, axis_end), tick_values, tick_texts)


def _prepare_scatter(
    ax: Axes | None, width_mm: float, title: str, x_scale: _Scale, y_scale: _Scale, y_label: str
) -> Axes:
    """Prepare the axes of a scatter with both scales and a grid; no dot on an axis covers its numbers."""
    axis_text_gap_pt = text_layout.mm_to_points(AXIS_TEXT_GAP_MM) + DOT_DIAMETER_PT / 2
    widest_y_tick_mm = max(map(text_layout.width_of, y_scale.texts), default=0.0)
    axes = sheet_axes.prepare_axes(
        ax,
        width_mm,
        SCATTER_HEIGHT_MM,
        title=title,
        axis_label=y_label,
        vertical=True,
        left_mm=widest_y_tick_mm + AXIS_TEXT_GAP_MM + axis_text_gap_pt / text_layout.mm_to_points(1),
        foot_mm=SCATTER_FOOT_MM,
    )
    axes.set(xlim=x_scale.limits, ylim=y_scale.limits)
    axes.set_xticks(x_scale.ticks, x_scale.texts)
    axes.set_yticks(y_scale.ticks, y_scale.texts)
    axes.tick_params(labelsize=text_layout.TEXT_PT, labelcolor=hex_of("muted"))
    axes.tick_params(axis="y", pad=axis_text_gap_pt)
    axes.grid(color=hex_of("line"), linewidth=0.5)
    return axes


def _name_measure(column: str, formatter: ChartFormatter) -> str:
    """Return the name of a measure, with its unit in brackets, but not for plain numbers, people and counts."""
    measure_name = formatter.name(column)
    return (
        measure_name if formatter.unit in (PLAIN_UNIT, "people", "count") else f"{measure_name} ({formatter.unit_name})"
    )


def _write_names(axes: Axes, point_pairs: Sequence[tuple[DataPoint, DataPoint]], formatter: ChartFormatter) -> None:
    """Write names beside their dots, on the first side where they cover no dot and no other name.

    Highlighted names come first, then the order of ``point_pairs``. A name without such a side within the axes is left
    out.
    """
    (x_min, x_max) = axes.get_xlim()
    (y_min, y_max) = axes.get_ylim()
    (axes_width_mm, axes_height_mm) = sheet_axes.size_mm_of(axes)
    dot_positions_mm = [
        (
            (x_data_point.value - x_min) / (x_max - x_min) * axes_width_mm,
            (y_data_point.value - y_min) / (y_max - y_min) * axes_height_mm,
        )
        for x_data_point, y_data_point in point_pairs
    ]
    dot_radius_mm = DOT_DIAMETER_PT / text_layout.mm_to_points(1) / 2
    occupied_boxes: list[Box4] = [
        (dot_x_mm - dot_radius_mm, dot_y_mm - dot_radius_mm, dot_x_mm + dot_radius_mm, dot_y_mm + dot_radius_mm)
        for dot_x_mm, dot_y_mm in dot_positions_mm
    ]
    pale_colour = hex_of("land")
    is_dot_pale = [
        formatter.colour(x_data_point.key, x_data_point.label) == pale_colour for x_data_point, _ in point_pairs
    ]
    for point_pair_index in sorted(range(len(point_pairs)), key=is_dot_pale.__getitem__):
        (x_data_point, y_data_point), (dot_x_mm, dot_y_mm) = (
            point_pairs[point_pair_index],
            dot_positions_mm[point_pair_index],
        )
        possible_boxes = _list_name_boxes(dot_x_mm, dot_y_mm, dot_radius_mm, text_layout.width_of(x_data_point.label))
        free_boxes = [
            name_box
            for name_box in possible_boxes
            if name_box[0] >= 0
            and name_box[2] <= axes_width_mm
            and name_box[1] >= 0
            and name_box[3] <= axes_height_mm
            and not overlaps(name_box, occupied_boxes)
        ]
        if not free_boxes:
            continue
        name_box = free_boxes[0]
        occupied_boxes.append(name_box)
        name_offset_xy_mm = ((name_box[0] + name_box[2]) / 2 - dot_x_mm, (name_box[1] + name_box[3]) / 2 - dot_y_mm)
        name_colour = hex_of("muted") if is_dot_pale[point_pair_index] else rcParams["text.color"]
        name_text_options: dict[str, Any] = {"ha": "center", "va": "center", "color": name_colour}
        name_offset_xy_pt = (
            text_layout.mm_to_points(name_offset_xy_mm[0]),
            text_layout.mm_to_points(name_offset_xy_mm[1]),
        )
        axes.annotate(
            x_data_point.label,
            (x_data_point.value, y_data_point.value),
            name_offset_xy_pt,
            textcoords="offset points",
            annotation_clip=False,
            **name_text_options,
        )


def _list_name_boxes(dot_x_mm: float, dot_y_mm: float, dot_radius_mm: float, name_width_mm: float) -> list[Box4]:
    """List the boxes that a name may fill beside its dot, the best first: right, left, above, below."""
    half_line_height_mm, half_name_width_mm = text_layout.TEXT_LINE_HEIGHT_MM / 2, name_width_mm / 2
    right_box = (
        dot_x_mm + DOT_TEXT_OFFSET_MM,
        dot_y_mm - half_line_height_mm,
        dot_x_mm + DOT_TEXT_OFFSET_MM + name_width_mm,
        dot_y_mm + half_line_height_mm,
    )
    left_box = (
        dot_x_mm - DOT_TEXT_OFFSET_MM - name_width_mm,
        dot_y_mm - half_line_height_mm,
        dot_x_mm - DOT_TEXT_OFFSET_MM,
        dot_y_mm + half_line_height_mm,
    )
    box_above = (
        dot_x_mm - half_name_width_mm,
        dot_y_mm + dot_radius_mm,
        dot_x_mm + half_name_width_mm,
        dot_y_mm + dot_radius_mm + 2 * half_line_height_mm,
    )
    box_below = (
        dot_x_mm - half_name_width_mm,
        dot_y_mm - dot_radius_mm - 2 * half_line_height_mm,
        dot_x_mm + half_name_width_mm,
        dot_y_mm - dot_radius_mm,
    )
    return [right_box, left_box, box_above, box_below]
