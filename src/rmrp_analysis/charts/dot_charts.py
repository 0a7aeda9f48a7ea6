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

MAX_GROUPS = 6
ROW_MM, DOT_PT, LINE_PT = 5.6, 5.5, 1.2  # the height of a row; the diameter of a dot; the width of a line
GAP_MM, TEXT_OFFSET_MM = 1.0, 1.6  # between an axis and its text; between the middle of a dot and its text
SCATTER_HEIGHT_MM, FOOT_MM, MAX_TICKS = 66.0, 10.5, 5
PLAIN_UNIT = "number"  # the unit of numbers that are printed without one
FREE_RANGE_SHARE = 0.06  # of the range of values, free beyond the outermost dots


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
    width_mm: float = text_layout.COLUMNS_6_MM,
) -> Axes:
    """Draw a row of dots for each category, the largest first, 88 mm wide; a line joins the dots of a row.

    The lowest and the highest dot of a row have their value. A row that is unknown, or 0 in all groups, is a text. All
    other arguments are options of all charts.

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
    dot_options: dict[str, Any] = {"marker": "o", "linestyle": "", "markersize": DOT_PT}
    legend: dict[str, Artist] = {
        formatter.name(name): Line2D([], [], color=colour, **dot_options)
        for name, colour in zip(matrix.columns, colours, strict=False)
    }
    left_mm, names = text_layout.fit_row_names(
        [row[0].label for row in rows], sheet_axes.size_mm_of(ax)[0] if ax else width_mm, 1
    )
    label = formatter.unit_name if axis_label is None else axis_label
    frame_options: dict[str, Any] = {
        "title": title,
        "axis_label": label,
        "legend": legend,
        "rows": names,
        "left_mm": left_mm,
    }
    texts = [point.text for row in rows for point in row]
    highest = max([point.value for row in rows for point in row if not isnan(point.value)], default=0.0) or 1.0
    with sheet_style():
        axes = sheet_axes.prepare_axes(ax, width_mm, ROW_MM * max(len(rows), 1), **frame_options)
        wide_mm = sheet_axes.size_mm_of(axes)[0]
        text_mm = max((text_layout.width_of(text, weight=600) for text in texts), default=0.0)
        units_per_mm = highest / max(wide_mm - text_mm - 3 * TEXT_OFFSET_MM, wide_mm / 3)
        axes.set(xlim=(-TEXT_OFFSET_MM * units_per_mm, (wide_mm - TEXT_OFFSET_MM) * units_per_mm), xticks=[])
        axes.axvline(0, color=rcParams["text.color"], linewidth=0.8)
        for row_number, row in enumerate(rows):
            _draw_row(axes, row_number + 0.5, row, colours, matrix, formatter, units_per_mm)
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
    """Draw the dots of a row, the line that joins them, and the texts at its ends."""
    by_group = list(zip(row, [*matrix.columns, ""], colours, strict=False))
    valued = [(point, group, colour) for point, group, colour in by_group if point.value > 0]
    if not valued:
        sheet_axes.annotate(axes, (0, y), row[0].text, dx_mm=GAP_MM, va="center", fontstyle="italic")
        return
    by_value = sorted((point for point, *_ in valued), key=lambda point: point.value)
    lowest, highest = by_value[0], by_value[-1]
    axes.hlines(
        y, lowest.value if matrix.columns else 0, highest.value, color=hex_of("land"), linewidth=LINE_PT, zorder=1
    )
    for point, group, colour in valued:
        is_pale = formatter.colour(point.key, point.label, group, formatter.name(group)) == hex_of("land")
        tip = pictures.tip(", ".join(filter(None, (point.label, formatter.name(group)))), point.text)
        dot_options: dict[str, Any] = {"color": hex_of("land") if is_pale else colour, "markersize": DOT_PT, "gid": tip}
        axes.plot(point.value, y, "o", **dot_options)
    value_options: dict[str, Any] = {"va": "center", "weight": 600, "color": rcParams["text.color"]}
    if (
        lowest.value < highest.value
        and lowest.value / units_per_mm > text_layout.width_of(lowest.text, weight=600) + TEXT_OFFSET_MM
    ):
        sheet_axes.annotate(axes, (lowest.value, y), lowest.text, dx_mm=-TEXT_OFFSET_MM, ha="right", **value_options)
    sheet_axes.annotate(axes, (highest.value, y), highest.text, dx_mm=TEXT_OFFSET_MM, **value_options)


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
    width_mm: float = text_layout.COLUMNS_6_MM,
) -> Axes:
    """Draw a dot for each row between two measures, 88 × 66 mm, with the name of the row where it has room.

    Names of highlighted rows come first, then those of the highest; none covers a dot or another name. All other
    arguments are options of all charts.

    Args:
        table: A row for each dot, a column for each measure.
        x: The column from left to right, by default the first.
        y: The column from below, by default the next one.
        units: How the numbers of ``x`` and ``y`` are printed.

    Raises:
        RequestError: The table lacks a column, or the column holds no numbers.

    >>> import pandas as pd
    >>> measures = {"Reached": [310, 120], "Money": [4e6, 2e6]}
    >>> places = pd.DataFrame(measures, index=["PER", "ECU"])
    >>> axes = rmrp.charts.scatter(places, units=("people", "usd"))
    >>> [text.get_text() for text in axes.texts], axes.get_xlabel()
    (['Peru', 'Ecuador'], 'Reached')
    """
    if not isinstance(table, pd.DataFrame) or len(table.columns) < 2:
        raise RequestError("a scatter draws a DataFrame with a column for each of two measures")
    columns = [str(column) for column in table.columns]
    measures = [x or columns[0], y or next(column for column in columns if column != (x or columns[0]))]
    for column in measures:
        check_allowed(column, columns, "the table has no column")
    x_formatter, y_formatter = (
        ChartFormatter.for_table(table[column], unit or PLAIN_UNIT, language, labels, color=color, highlight=highlight)
        for column, unit in zip(measures, units, strict=True)
    )
    pairs = zip(x_formatter.read_points(sign="changes"), y_formatter.read_points(sign="changes"), strict=True)
    point_pairs = [(x_point, y_point) for x_point, y_point in pairs if not isnan(x_point.value + y_point.value)]
    with sheet_style():
        x_scale = _choose_scale([x_point.value for x_point, _ in point_pairs], x_formatter)
        y_scale = _choose_scale([y_point.value for _, y_point in point_pairs], y_formatter)
        tick_gap_pt = text_layout.mm_to_points(GAP_MM) + DOT_PT / 2  # a dot on the axis covers no number
        ticks_mm = max(map(text_layout.width_of, y_scale.texts), default=0.0)
        axes = sheet_axes.prepare_axes(
            ax,
            width_mm,
            SCATTER_HEIGHT_MM,
            title=title,
            axis_label=_name_measure(measures[1], y_formatter),
            vertical=True,
            left_mm=ticks_mm + GAP_MM + tick_gap_pt / text_layout.mm_to_points(1),
            foot_mm=FOOT_MM,
        )
        axes.set(xlim=x_scale.limits, ylim=y_scale.limits)
        axes.set_xticks(x_scale.ticks, x_scale.texts)
        axes.set_yticks(y_scale.ticks, y_scale.texts)
        axes.tick_params(labelsize=text_layout.TEXT_PT, labelcolor=hex_of("muted"))
        axes.tick_params(axis="y", pad=tick_gap_pt)
        axes.set_xlabel(_name_measure(measures[0], x_formatter), loc="right", size=text_layout.TEXT_PT)
        axes.grid(color=hex_of("line"), linewidth=0.5)
        named_texts = [(x_point.label, f"{x_point.text}; {y_point.text}") for x_point, y_point in point_pairs]
        for (x_point, y_point), (name, text) in zip(point_pairs, named_texts, strict=True):
            colour, tip = x_formatter.colour(x_point.key, name), pictures.tip(name, text)
            options: dict[str, Any] = {"color": colour, "markersize": DOT_PT, "gid": tip}
            axes.plot(x_point.value, y_point.value, "o", clip_on=False, **options)
        _write_names(axes, sorted(point_pairs, key=lambda pair: -pair[1].value), x_formatter)
        return sheet_axes.record_drawing(axes, sheet_axes.Drawing(table[measures], named_texts, ""))


class _Scale(NamedTuple):
    """An axis of a scatter: where it begins and ends, its ticks, and the text of each."""

    limits: tuple[float, float]
    ticks: list[float]
    texts: list[str]


def _choose_scale(values: Sequence[float], formatter: ChartFormatter) -> _Scale:
    """Choose an axis that begins at zero, unless all values are far from it, and ends beyond the highest value."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    low = low if low < 0 or low > high / 2 else 0.0
    margin = (high - low or abs(high) or 1.0) * FREE_RANGE_SHARE
    start, end = low - margin * (low != 0), high + margin
    ticks = [tick for tick in MaxNLocator(MAX_TICKS).tick_values(start, end) if start <= tick <= end]
    texts = [numbers.format_round(tick, formatter.unit, formatter.language) if tick else "0" for tick in ticks]
    return _Scale((start, end), ticks, texts)


def _name_measure(column: str, formatter: ChartFormatter) -> str:
    """Name a measure, with its unit where its numbers do not show it."""
    name = formatter.name(column)
    return name if formatter.unit in (PLAIN_UNIT, "people", "count") else f"{name} ({formatter.unit_name})"


def _write_names(axes: Axes, point_pairs: Sequence[tuple[DataPoint, DataPoint]], formatter: ChartFormatter) -> None:
    """Write names beside their dots, on the first side where they cover no dot and no other name.

    A name without such a side is left out.
    """
    (left, right), (low, high), (wide_mm, high_mm) = axes.get_xlim(), axes.get_ylim(), sheet_axes.size_mm_of(axes)
    positions = [
        ((x_point.value - left) / (right - left) * wide_mm, (y_point.value - low) / (high - low) * high_mm)
        for x_point, y_point in point_pairs
    ]
    radius = DOT_PT / text_layout.mm_to_points(1) / 2
    filled_boxes: list[Box4] = [(x - radius, y - radius, x + radius, y + radius) for x, y in positions]
    pale = hex_of("land")
    is_pale = [formatter.colour(x_point.key, x_point.label) == pale for x_point, _ in point_pairs]
    for index in sorted(range(len(point_pairs)), key=is_pale.__getitem__):
        (x_point, y_point), (x, y) = point_pairs[index], positions[index]
        width_mm, half_mm = text_layout.width_of(x_point.label), text_layout.LINE_MM / 2
        sides: dict[str, Box4] = {
            "left": (x + TEXT_OFFSET_MM, y - half_mm, x + TEXT_OFFSET_MM + width_mm, y + half_mm),
            "right": (x - TEXT_OFFSET_MM - width_mm, y - half_mm, x - TEXT_OFFSET_MM, y + half_mm),
            "above": (x - width_mm / 2, y + radius, x + width_mm / 2, y + radius + 2 * half_mm),
            "below": (x - width_mm / 2, y - radius - 2 * half_mm, x + width_mm / 2, y - radius),
        }
        inside = {
            side: box
            for side, box in sides.items()
            if box[0] >= 0 and box[2] <= wide_mm and box[1] >= 0 and box[3] <= high_mm
        }
        free_sides = [side for side, box in inside.items() if not overlaps(box, filled_boxes)]
        if not free_sides:
            continue
        box = sides[free_sides[0]]
        filled_boxes.append(box)
        offset_mm = ((box[0] + box[2]) / 2 - x, (box[1] + box[3]) / 2 - y)
        colour = hex_of("muted") if is_pale[index] else rcParams["text.color"]
        text_options: dict[str, Any] = {"ha": "center", "va": "center", "color": colour, "annotation_clip": False}
        offset = (text_layout.mm_to_points(offset_mm[0]), text_layout.mm_to_points(offset_mm[1]))
        axes.annotate(x_point.label, (x_point.value, y_point.value), offset, textcoords="offset points", **text_options)
