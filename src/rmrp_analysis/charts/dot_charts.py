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

    formatter = ChartFormatter.for_table(table, unit, language, labels, decimals, color=color, highlight=highlight)
    matrix = formatter.read_matrix(tidy(table, dimensions=min(count_dimensions(table), 2)), order)
    rows, groups = matrix.rows, max(len(matrix.columns), 1)
    if groups > MAX_GROUPS:
        fault = f"dots tell at most {MAX_GROUPS} groups apart, and the table has {groups}"
        raise RequestError(f"{fault}: draw charts.heatmap(table), or exchange its rows and columns")
    colours = list(map(to_hex, sns.light_palette(formatter.colour(), groups + 1, reverse=True)[:groups]))
    dot: dict[str, Any] = {"marker": "o", "linestyle": "", "markersize": DOT_DIAMETER_PT}
    legend_artist_by_name: dict[str, Artist] = {
        formatter.name(group_key, matrix.column_dimension): Line2D([], [], color=group_colour, **dot)
        for group_key, group_colour in zip(matrix.columns, colours, strict=False)
    }
    left_mm, names = text_layout.fit_row_names(
        [row[0].label for row in rows], sheet_axes.size_mm_of(ax)[0] if ax else width_mm, 1
    )
    label = formatter.unit_name if axis_label is None else axis_label
    around: dict[str, Any] = {
        "title": title,
        "axis_label": label,
        "legend": legend_artist_by_name,
        "rows": names,
        "left_mm": left_mm,
    }
    with sheet_style():
        axes = sheet_axes.prepare_axes(ax, width_mm, ROW_HEIGHT_MM * max(len(rows), 1), **around)
        wide_mm = sheet_axes.size_mm_of(axes)[0]
        per_mm = _fit_dot_scale([dot_data_point for row in rows for dot_data_point in row], wide_mm)
        axes.set(xlim=(-DOT_TEXT_OFFSET_MM * per_mm, (wide_mm - DOT_TEXT_OFFSET_MM) * per_mm), xticks=[])
        axes.axvline(0, color=rcParams["text.color"], linewidth=0.8)
        for number, row in enumerate(rows):
            _draw_row(axes, number + 0.5, row, colours, matrix, formatter, per_mm)
        return sheet_axes.finish_axes(axes, matrix, formatter, given_axes=ax)


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
    by_group = list(zip(row, [*matrix.columns, ""], colours, strict=False))
    valued = [(dot_data_point, group, colour) for dot_data_point, group, colour in by_group if dot_data_point.value > 0]
    if not valued:
        sheet_axes.annotate(axes, (0, y), row[0].text, dx_mm=AXIS_TEXT_GAP_MM, va="center", fontstyle="italic")
        return
    ordered = sorted((dot_data_point for dot_data_point, *_ in valued), key=lambda dot_data_point: dot_data_point.value)
    first, last = ordered[0], ordered[-1]
    axes.hlines(
        y, first.value if matrix.columns else 0, last.value, color=hex_of("land"), linewidth=LINE_WIDTH_PT, zorder=1
    )
    for dot_data_point, group, colour in valued:
        group_name = formatter.name(group, matrix.column_dimension)
        is_pale = formatter.colour(dot_data_point.key, dot_data_point.label, group, group_name) == hex_of("land")
        tip = pictures.tip(", ".join(filter(None, (dot_data_point.label, group_name))), dot_data_point.text)
        look: dict[str, Any] = {
            "color": hex_of("land") if is_pale else colour,
            "markersize": DOT_DIAMETER_PT,
            "gid": tip,
        }
        axes.plot(dot_data_point.value, y, "o", **look)
    number: dict[str, Any] = {"va": "center", "weight": 600, "color": rcParams["text.color"]}
    if (
        first.value < last.value
        and first.value / units_per_mm > text_layout.width_of(first.text, weight=600) + DOT_TEXT_OFFSET_MM
    ):
        sheet_axes.annotate(axes, (first.value, y), first.text, dx_mm=-DOT_TEXT_OFFSET_MM, ha="right", **number)
    sheet_axes.annotate(axes, (last.value, y), last.text, dx_mm=DOT_TEXT_OFFSET_MM, **number)


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
    measured = _choose_measures(table, x, y)
    across, down = (
        ChartFormatter.for_table(table[column], unit or PLAIN_UNIT, language, labels, color=color, highlight=highlight)
        for column, unit in zip(measured, units, strict=True)
    )
    pairs = zip(across.read_points(sign="changes"), down.read_points(sign="changes"), strict=True)
    parts = [(part, other) for part, other in pairs if not isnan(part.value + other.value)]
    with sheet_style():
        x_scale = _choose_scale([part.value for part, _ in parts], across)
        y_scale = _choose_scale([other.value for _, other in parts], down)
        axes = _prepare_scatter(ax, width_mm, title, x_scale, y_scale, _name_measure(measured[1], down))
        axes.set_xlabel(_name_measure(measured[0], across), loc="right", size=text_layout.TEXT_PT)
        name_text_pairs = [(part.label, f"{part.text}; {other.text}") for part, other in parts]
        for (part, other), (row_name, dot_value_text) in zip(parts, name_text_pairs, strict=True):
            dot_colour, tooltip = (across.colour(part.key, row_name), pictures.tip(row_name, dot_value_text))
            look: dict[str, Any] = {"color": dot_colour, "markersize": DOT_DIAMETER_PT, "gid": tooltip}
            axes.plot(part.value, other.value, "o", clip_on=False, **look)
        _write_names(axes, sorted(parts, key=lambda pair: -pair[1].value), across)
        return sheet_axes.record_drawing(axes, sheet_axes.Drawing(table[measured], name_text_pairs, ""))


def _choose_measures(table: pd.DataFrame, x: str, y: str) -> list[str]:
    """Return the columns ``x`` and ``y`` of a scatter, by default the first column and the first other than ``x``.

    Raises ``RequestError`` for a column that is missing, and for what is no DataFrame with two columns.
    """
    if not isinstance(table, pd.DataFrame) or len(table.columns) < 2:
        raise RequestError("a scatter draws a DataFrame with a column for each of two measures")
    columns = [str(column) for column in table.columns]
    x = x or columns[0]
    measured = [x, y or next(column for column in columns if column != x)]
    for column in measured:
        check_allowed(column, columns, "the table has no column")
    return measured


class _Scale(NamedTuple):
    """An axis of a scatter: where it begins and ends, its ticks, and the text of each."""

    limits: tuple[float, float]
    ticks: list[float]
    texts: list[str]


def _choose_scale(values: Sequence[float], formatter: ChartFormatter) -> _Scale:
    """Return an axis that begins at zero and ends beyond the highest value, with round ticks.

    It begins below the lowest value instead where that is negative, or above half of the highest.
    """
    low, high = min(values, default=0.0), max(values, default=1.0)
    low = low if low < 0 or low > high / 2 else 0.0
    free = (high - low or abs(high) or 1.0) * VALUE_MARGIN_SHARE
    axis_start, axis_end = low - free * (low != 0), high + free
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
    beside_pt = text_layout.mm_to_points(AXIS_TEXT_GAP_MM) + DOT_DIAMETER_PT / 2
    widest_y_tick_mm = max(map(text_layout.width_of, y_scale.texts), default=0.0)
    axes = sheet_axes.prepare_axes(
        ax,
        width_mm,
        SCATTER_HEIGHT_MM,
        title=title,
        axis_label=y_label,
        vertical=True,
        left_mm=widest_y_tick_mm + AXIS_TEXT_GAP_MM + beside_pt / text_layout.mm_to_points(1),
        foot_mm=SCATTER_FOOT_MM,
    )
    axes.set(xlim=x_scale.limits, ylim=y_scale.limits)
    axes.set_xticks(x_scale.ticks, x_scale.texts)
    axes.set_yticks(y_scale.ticks, y_scale.texts)
    axes.tick_params(labelsize=text_layout.TEXT_PT, labelcolor=hex_of("muted"))
    axes.tick_params(axis="y", pad=beside_pt)
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
    (low, high) = axes.get_ylim()
    (wide_mm, high_mm) = sheet_axes.size_mm_of(axes)
    places = [
        ((part.value - x_min) / (x_max - x_min) * wide_mm, (other.value - low) / (high - low) * high_mm)
        for part, other in point_pairs
    ]
    radius = DOT_DIAMETER_PT / text_layout.mm_to_points(1) / 2
    taken: list[Box4] = [(x - radius, y - radius, x + radius, y + radius) for x, y in places]
    pale = hex_of("land")
    is_pale = [formatter.colour(part.key, part.label) == pale for part, _ in point_pairs]
    for place in sorted(range(len(point_pairs)), key=is_pale.__getitem__):
        (part, other), (x, y) = (point_pairs[place], places[place])
        possible_boxes = _list_name_boxes(x, y, radius, text_layout.width_of(part.label))
        free = [
            box
            for box in possible_boxes
            if box[0] >= 0 and box[2] <= wide_mm and box[1] >= 0 and box[3] <= high_mm and not overlaps(box, taken)
        ]
        if not free:
            continue
        box = free[0]
        taken.append(box)
        away = ((box[0] + box[2]) / 2 - x, (box[1] + box[3]) / 2 - y)
        colour = hex_of("muted") if is_pale[place] else rcParams["text.color"]
        name_text_options: dict[str, Any] = {"ha": "center", "va": "center", "color": colour}
        offset = (text_layout.mm_to_points(away[0]), text_layout.mm_to_points(away[1]))
        axes.annotate(
            part.label,
            (part.value, other.value),
            offset,
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
