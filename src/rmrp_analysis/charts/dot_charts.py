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
ROW_HEIGHT_MM = 5.6
DOT_DIAMETER_PT = 5.5
LINE_WIDTH_PT = 1.2  # the width of the line that joins the dots of a row
AXIS_TEXT_GAP_MM = 1.0  # between an axis and its text
DOT_TEXT_OFFSET_MM = 1.6  # between the middle of a dot and its text
SCATTER_HEIGHT_MM = 66.0
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
    """Draw a row of dots for each category, the largest first, 88 mm wide. A line joins the dots of a row.

    A table of one dimension has lines from zero. The highest dot of a row has its value. The lowest dot has its value
    if there is room. Only numbers above 0 have a dot. A row without a dot is the text of its first group. All other
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
    legend: dict[str, Artist] = {}
    for key, colour in zip(matrix.columns, colours, strict=False):
        legend[formatter.name(key, matrix.column_dimension)] = Line2D([], [], color=colour, **dot)
    room_mm = sheet_axes.size_mm_of(ax)[0] if ax else width_mm
    left_mm, names = text_layout.fit_row_names([row[0].label for row in rows], room_mm, 1)
    label = formatter.unit_name if axis_label is None else axis_label
    options: dict[str, Any] = {"title": title, "axis_label": label, "legend": legend, "rows": names, "left_mm": left_mm}
    with sheet_style():
        axes = sheet_axes.prepare_axes(ax, width_mm, ROW_HEIGHT_MM * max(len(rows), 1), **options)
        wide_mm = sheet_axes.size_mm_of(axes)[0]
        points = [point for row in rows for point in row]
        highest = max([point.value for point in points if not isnan(point.value)], default=0.0) or 1.0
        widest_mm = max((text_layout.width_of(point.text, weight=600) for point in points), default=0.0)
        # The widest text fits beside the highest dot, unless dots then have less than a third of the width
        per_mm = highest / max(wide_mm - widest_mm - 3 * DOT_TEXT_OFFSET_MM, wide_mm / 3)
        axes.set(xlim=(-DOT_TEXT_OFFSET_MM * per_mm, (wide_mm - DOT_TEXT_OFFSET_MM) * per_mm), xticks=[])
        axes.axvline(0, color=rcParams["text.color"], linewidth=0.8)
        for number, row in enumerate(rows):
            _draw_row(axes, number + 0.5, row, colours, matrix, formatter, per_mm)
        return sheet_axes.finish_axes(axes, matrix, formatter, given_axes=ax)


def _draw_row(
    axes: Axes,
    y: float,
    row: Sequence[DataPoint],
    colours: Sequence[str],
    matrix: Matrix,
    formatter: ChartFormatter,
    units_per_mm: float,
) -> None:
    """Draw the dots of a row above 0, the line that joins them, and the values of the highest and the lowest."""
    entries = list(zip(row, [*matrix.columns, ""], colours, strict=False))
    valued = [(point, group, colour) for point, group, colour in entries if point.value > 0]
    if not valued:
        sheet_axes.annotate(axes, (0, y), row[0].text, dx_mm=AXIS_TEXT_GAP_MM, va="center", fontstyle="italic")
        return
    ordered = sorted((point for point, *_ in valued), key=lambda point: point.value)
    lowest, highest = ordered[0], ordered[-1]
    start = lowest.value if matrix.columns else 0
    axes.hlines(y, start, highest.value, color=hex_of("land"), linewidth=LINE_WIDTH_PT, zorder=1)
    for point, group, colour in valued:
        name = formatter.name(group, matrix.column_dimension)
        is_pale = formatter.colour(point.key, point.label, group, name) == hex_of("land")
        tip = pictures.tip(", ".join(filter(None, (point.label, name))), point.text)
        colour = hex_of("land") if is_pale else colour
        axes.plot(point.value, y, "o", color=colour, markersize=DOT_DIAMETER_PT, gid=tip)
    style: dict[str, Any] = {"va": "center", "weight": 600, "color": rcParams["text.color"]}
    text_mm = text_layout.width_of(lowest.text, weight=600) + DOT_TEXT_OFFSET_MM
    if lowest.value < highest.value and lowest.value / units_per_mm > text_mm:
        sheet_axes.annotate(axes, (lowest.value, y), lowest.text, dx_mm=-DOT_TEXT_OFFSET_MM, ha="right", **style)
    sheet_axes.annotate(axes, (highest.value, y), highest.text, dx_mm=DOT_TEXT_OFFSET_MM, **style)


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
    """Draw a dot for each row between two measures, 88 × 66 mm, with the name of the row if it has room.

    Highlighted rows are named first, then the highest. No name covers a dot or another name. A row without one of its
    two numbers is left out. All other arguments are options of all charts.

    Args:
        table: A row for each dot, a column for each measure.
        x: The column from left to right, by default the first.
        y: The column from below, by default the first other than ``x``.
        units: The units of ``x`` and ``y`` in print. Empty means no unit, not people.

    Raises:
        RequestError: The table lacks a column, or the column holds no numbers.

    >>> import pandas as pd
    >>> measures = {"Reached": [310, 120], "Money": [4e6, 2e6]}
    >>> places = pd.DataFrame(measures, index=["PER", "ECU"])
    >>> axes = rmrp.charts.scatter(places, units=("people", "usd"))
    >>> [text.get_text() for text in axes.texts], axes.get_xlabel()
    (['Peru', 'Ecuador'], 'Reached')
    """
    measures = _choose_measures(table, x, y)
    across, down = (
        ChartFormatter.for_table(table[column], unit or PLAIN_UNIT, language, labels, color=color, highlight=highlight)
        for column, unit in zip(measures, units, strict=True)
    )
    pairs = zip(across.read_points(sign="changes"), down.read_points(sign="changes"), strict=True)
    marks = [(x_point, y_point) for x_point, y_point in pairs if not isnan(x_point.value + y_point.value)]
    with sheet_style():
        x_scale = _choose_scale([x_point.value for x_point, _ in marks], across)
        y_scale = _choose_scale([y_point.value for _, y_point in marks], down)
        axes = _prepare_scatter(ax, width_mm, title, x_scale, y_scale, _name_measure(measures[1], down))
        axes.set_xlabel(_name_measure(measures[0], across), loc="right", size=text_layout.TEXT_PT)
        texts = [(x_point.label, f"{x_point.text}; {y_point.text}") for x_point, y_point in marks]
        for (x_point, y_point), (name, text) in zip(marks, texts, strict=True):
            look: dict[str, Any] = {"color": across.colour(x_point.key, name), "gid": pictures.tip(name, text)}
            axes.plot(x_point.value, y_point.value, "o", clip_on=False, markersize=DOT_DIAMETER_PT, **look)
        _write_names(axes, sorted(marks, key=lambda pair: -pair[1].value), across)
        return sheet_axes.record_drawing(axes, sheet_axes.Drawing(table[measures], texts, ""))


def _choose_measures(table: pd.DataFrame, x: str, y: str) -> list[str]:
    """Return the columns ``x`` and ``y`` of a scatter, by default the first and the next.

    The default of ``y`` is the first column that is not ``x``. Raises ``RequestError`` if a column is missing, or
    ``table`` is no DataFrame with two columns.
    """
    if not isinstance(table, pd.DataFrame) or len(table.columns) < 2:
        raise RequestError("a scatter draws a DataFrame with a column for each of two measures")
    columns = [str(column) for column in table.columns]
    x = x or columns[0]
    measures = [x, y or next(column for column in columns if column != x)]
    for column in measures:
        check_allowed(column, columns, "the table has no column")
    return measures


class _Scale(NamedTuple):
    """An axis of a scatter: its limits, its ticks, and the text of each tick."""

    limits: tuple[float, float]
    ticks: list[float]
    texts: list[str]


def _choose_scale(values: Sequence[float], formatter: ChartFormatter) -> _Scale:
    """Return an axis that begins at zero and ends beyond the highest value, with round ticks."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    low = low if low < 0 or low > high / 2 else 0.0
    free = (high - low or abs(high) or 1.0) * VALUE_MARGIN_SHARE
    start, end = low - free * (low != 0), high + free
    locator = MaxNLocator(MAX_AXIS_TICK_STEPS, integer=formatter.unit in WHOLE_NUMBER_UNITS)
    ticks = [tick for tick in locator.tick_values(start, end) if start <= tick <= end]
    texts = [numbers.format_round(tick, formatter.unit, formatter.language) if tick else "0" for tick in ticks]
    return _Scale((start, end), ticks, texts)


def _prepare_scatter(
    ax: Axes | None, width_mm: float, title: str, x_scale: _Scale, y_scale: _Scale, y_label: str
) -> Axes:
    """Prepare the axes of a scatter with both scales and a grid. No dot on an axis covers its numbers."""
    pad_pt = text_layout.mm_to_points(AXIS_TEXT_GAP_MM) + DOT_DIAMETER_PT / 2
    widest_mm = max(map(text_layout.width_of, y_scale.texts), default=0.0)
    left_mm = widest_mm + AXIS_TEXT_GAP_MM + pad_pt / text_layout.mm_to_points(1)
    options: dict[str, Any] = {"title": title, "axis_label": y_label, "left_mm": left_mm, "foot_mm": SCATTER_FOOT_MM}
    axes = sheet_axes.prepare_axes(ax, width_mm, SCATTER_HEIGHT_MM, vertical=True, **options)
    axes.set(xlim=x_scale.limits, ylim=y_scale.limits)
    axes.set_xticks(x_scale.ticks, x_scale.texts)
    axes.set_yticks(y_scale.ticks, y_scale.texts)
    axes.tick_params(labelsize=text_layout.TEXT_PT, labelcolor=hex_of("muted"))
    axes.tick_params(axis="y", pad=pad_pt)
    axes.grid(color=hex_of("line"), linewidth=0.5)
    return axes


def _name_measure(column: str, formatter: ChartFormatter) -> str:
    """Return the name of a measure, with its unit except for plain numbers, people and counts."""
    name = formatter.name(column)
    return name if formatter.unit in (PLAIN_UNIT, "people", "count") else f"{name} ({formatter.unit_name})"


def _write_names(axes: Axes, point_pairs: Sequence[tuple[DataPoint, DataPoint]], formatter: ChartFormatter) -> None:
    """Write names beside their dots, on the first side where they cover no dot and no other name.

    Highlighted names come first, then the order of ``point_pairs``. A name is left out if it has no such side within
    the axes.
    """
    x_min, x_max = axes.get_xlim()
    y_min, y_max = axes.get_ylim()
    wide_mm, high_mm = sheet_axes.size_mm_of(axes)
    places = [
        ((x_point.value - x_min) / (x_max - x_min) * wide_mm, (y_point.value - y_min) / (y_max - y_min) * high_mm)
        for x_point, y_point in point_pairs
    ]
    radius = DOT_DIAMETER_PT / text_layout.mm_to_points(1) / 2
    filled: list[Box4] = [(x - radius, y - radius, x + radius, y + radius) for x, y in places]
    pale = hex_of("land")
    is_pale = [formatter.colour(x_point.key, x_point.label) == pale for x_point, _ in point_pairs]
    for place in sorted(range(len(point_pairs)), key=is_pale.__getitem__):
        x_point, y_point = point_pairs[place]
        x, y = places[place]
        for box in _list_name_boxes(x, y, radius, text_layout.width_of(x_point.label)):
            left, foot, right, top = box
            if min(left, foot) >= 0 and right <= wide_mm and top <= high_mm and not overlaps(box, filled):
                break
        else:
            continue
        filled.append(box)
        right_pt = text_layout.mm_to_points((left + right) / 2 - x)
        up_pt = text_layout.mm_to_points((foot + top) / 2 - y)
        look: dict[str, Any] = {"color": hex_of("muted") if is_pale[place] else rcParams["text.color"]}
        look |= {"ha": "center", "va": "center", "textcoords": "offset points", "annotation_clip": False}
        axes.annotate(x_point.label, (x_point.value, y_point.value), (right_pt, up_pt), **look)


def _list_name_boxes(dot_x_mm: float, dot_y_mm: float, dot_radius_mm: float, name_width_mm: float) -> list[Box4]:
    """List the boxes that a name may fill beside its dot, the best first: right, left, above, below."""
    high, wide = text_layout.TEXT_LINE_HEIGHT_MM / 2, name_width_mm / 2
    left, right = dot_x_mm - DOT_TEXT_OFFSET_MM, dot_x_mm + DOT_TEXT_OFFSET_MM
    foot, top = dot_y_mm - dot_radius_mm, dot_y_mm + dot_radius_mm
    return [
        (right, dot_y_mm - high, right + name_width_mm, dot_y_mm + high),
        (left - name_width_mm, dot_y_mm - high, left, dot_y_mm + high),
        (dot_x_mm - wide, top, dot_x_mm + wide, top + 2 * high),
        (dot_x_mm - wide, foot - 2 * high, dot_x_mm + wide, foot),
    ]
