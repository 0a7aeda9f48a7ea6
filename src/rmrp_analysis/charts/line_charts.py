"""Draw lines: categories over months, or between two points in time."""

from collections.abc import Mapping, Sequence
from functools import partial
from math import isnan
from typing import Any, NamedTuple, TypeAlias

from matplotlib import rcParams
from matplotlib.axes import Axes
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
from rmrp_analysis.charts.month_charts import fill_months
from rmrp_analysis.charts.panels import draw_panels
from rmrp_analysis.errors import RequestError
from rmrp_analysis.theme import pictures
from rmrp_analysis.vocabulary.labels import is_month

HEIGHT_MM, PANEL_HEIGHT_MM = 50.0, 38.0
FOOT_MM = 6.5  # below the axis, for the months
MAX_TICKS = 4  # along the axis of values, about
AXIS_TOP_RATIO = 1.08  # of the highest value
MAX_NAMES_SHARE = 0.36  # of the width, for the names at the end of lines
GAP_MM, LINE_MM = 1.2, 3.6  # between a line and its name; the height of a name
MAX_LINES = 6
LINE_PT, MARKER_PT, PALE_PT = 1.5, 3.2, 1.0  # the width of a line, of a dot, and of a pale line
DASHED = (0, (3, 1.5))
SLOPE_ROW_MM, MIN_SLOPE_HEIGHT_MM = 6.0, 40.0
LEADER_MM = 3.0  # from the end of a line to its name
MIN_SLOPE_SHARE = 0.24  # of the width, between the names at left and right


_Style: TypeAlias = str | tuple[float, tuple[float, ...]]


class _Line(NamedTuple):
    """A line over months: its points in order, its look, and its name (empty: it has none)."""

    points: Sequence[DataPoint]
    label: str
    colour: str
    style: _Style

    @property
    def last_value(self) -> float:
        """The last value that is known."""
        return next(point.value for point in reversed(self.points) if not isnan(point.value))


@draws_table
def lines(
    table: Table,
    *,
    panels: str = "",
    target: float | None = None,
    ax: Axes | None = None,
    title: str = "",
    axis_label: str | None = None,
    unit: Unit | None = None,
    decimals: int | None = None,
    language: str | None = None,
    labels: Mapping[str, str] | None = None,
    color: str = "",
    highlight: str | Sequence[str] = (),
    width_mm: float | None = None,
) -> Axes:
    """Draw a line over months for each category, from zero, 88 × 50 mm, with its name and last value at its end.

    A month without a report leaves a gap; a number in doubt is an open point, which the axis label explains. Readers
    can distinguish six lines; of more, ``highlight`` those to be named, or make ``panels``. All other arguments are
    options of all charts.

    Args:
        table: Of months, or of months × categories.
        panels: The name of a dimension: each of its categories has a small chart of its own, all on one scale.
        target: A dashed line with its value.

    Raises:
        RequestError: There are more than six lines.

    >>> import pandas as pd
    >>> months = {"PER": [310, 420], "ECU": [280, 190]}
    >>> months = pd.DataFrame(months, index=["2021-01", "2021-02"])
    >>> axes = rmrp.charts.lines(months, title="Peru is ahead", target=300)
    >>> [text.get_text() for text in axes.texts]
    ['Peru 420', 'Ecuador 190', 'target 300']
    """
    formatter = ChartFormatter.for_table(table, unit, language, labels, decimals, color=color, highlight=highlight)
    if not panels:
        return _draw_lines(
            formatter, ax, title, axis_label, target=target, width_mm=width_mm or text_layout.COLUMNS_6_MM
        )
    rows = tidy(table, dimensions=count_dimensions(table))
    keys = [rows.index.unique(level).astype(str) for level in range(rows.index.nlevels)]
    months = [key for level in keys for key in level if is_month(key)]
    draw = partial(_draw_lines, axis_label="", target=target, top=rows["value"].max(), months=months)
    options: dict[str, Any] = {
        "width_mm": width_mm or text_layout.COLUMNS_8_MM,
        "title": title,
        "axis_label": axis_label,
    }
    return draw_panels(draw, formatter, panels, height_mm=lambda _: PANEL_HEIGHT_MM, **options)


def _draw_lines(
    formatter: ChartFormatter,
    ax: Axes | None,
    title: str,
    axis_label: str | None,
    *,
    target: float | None = None,
    top: float = 0.0,
    months: Sequence[str] = (),
    width_mm: float = text_layout.COLUMNS_6_MM,
) -> Axes:
    """Draw lines over their months and ``months``, on a scale that reaches ``top`` or more; name each at its end."""
    order: Order = "value" if count_dimensions(formatter.table) > 1 else "table"
    matrix = formatter.read_matrix(fill_months(formatter.table, months), order)
    rows = matrix.rows if matrix.columns else [[row[0] for row in matrix.rows]]
    months = matrix.columns or [point.key for point in rows[0]]
    points = [point for row in rows for point in row]
    highest = max([top, target or 0.0, *(point.value for point in points if not isnan(point.value))], default=0) or 1
    ticks = [tick for tick in MaxNLocator(MAX_TICKS).tick_values(0, highest) if 0 <= tick <= highest * AXIS_TOP_RATIO]
    tick_texts = [numbers.format_round(tick, formatter.unit, formatter.language) if tick else "0" for tick in ticks]
    room_mm = sheet_axes.size_mm_of(ax)[0] if ax else width_mm
    named_lines = [
        (line, text_layout.fit_text(line.label, MAX_NAMES_SHARE * room_mm, weight=600) if line.label else "")
        for line in _style_lines(rows, formatter, is_named=bool(matrix.columns))
    ]
    ends = [_LineEnd(line.last_value, name, line.colour) for line, name in named_lines if name]
    if target is not None:
        text = f"{formatter.translate('target')} {formatter.format_number(target)}"
        ends.append(_LineEnd(target, text, hex_of("ink")))
    left_mm = max(map(text_layout.width_of, tick_texts), default=0.0) + GAP_MM
    right_mm = max((text_layout.width_of(end.text, weight=600) for end in ends), default=0.0) + 2 * GAP_MM
    label = formatter.unit_name if axis_label is None else axis_label
    if any(point.doubt for point in points) and axis_label is None:
        label = formatter.translate("{label}; open: read with care", label=label)
    frame_options: dict[str, Any] = {"left_mm": left_mm, "foot_mm": FOOT_MM, "title": title, "axis_label": label}
    with sheet_style():
        axes = sheet_axes.prepare_axes(ax, width_mm, HEIGHT_MM, vertical=True, **frame_options)
        axes_mm = sheet_axes.size_mm_of(axes)[0]
        month_mm, last_x = (axes_mm - right_mm) / max(len(months), 1), len(months) - 0.5
        axes.set(xlim=(-0.5, -0.5 + axes_mm / month_mm), ylim=(0, highest * AXIS_TOP_RATIO))
        axes.set_yticks(ticks, tick_texts, color=hex_of("muted"))
        axes.set_xticks(range(len(months)), _fit_month_names(months, formatter, month_mm))
        axes.hlines(ticks[1:], -0.5, last_x, color=hex_of("line"), linewidth=0.5, zorder=0.5)
        axes.hlines(0, -0.5, last_x, color=rcParams["text.color"], linewidth=0.8, zorder=3, clip_on=False)
        for line, _ in reversed(named_lines):
            _draw_line(axes, line, list(map(formatter.name, months)) if matrix.columns else [])
        if target is not None:
            dashes: dict[str, Any] = {"color": rcParams["text.color"], "linewidth": 0.8, "linestyle": DASHED}
            axes.hlines(target, -0.5, last_x, zorder=0.6, **dashes)
        _write_line_ends(axes, ends, last_x)
        return sheet_axes.finish_axes(axes, matrix, formatter, given_axes=ax)


class _LineEnd(NamedTuple):
    """What stands at the end of a line: its value, where the text would stand best, and the text in its colour."""

    value: float
    text: str
    colour: str


def _fit_month_names(months: Sequence[str], formatter: ChartFormatter, month_mm: float) -> list[str]:
    """Name months as shortly as their room wants; other categories along the axis in full."""
    if all(map(is_month, months)):
        return text_layout.name_months(months, formatter.language, month_mm)
    return list(map(formatter.name, months))


def _draw_line(axes: Axes, line: _Line, month_names: Sequence[str]) -> None:
    """Draw a line with a dot for each value, open where it is in doubt; a pale line has no dots.

    The tip of a dot names the line and, of ``month_names``, its month; without these, the point itself.
    """
    is_pale = line.colour == hex_of("land")
    values = [point.value for point in line.points]
    axes.plot(values, color=line.colour, linestyle=line.style, linewidth=PALE_PT if is_pale else LINE_PT)
    for x, point in enumerate(line.points):
        if not isnan(point.value) and not is_pale:
            face = "white" if point.doubt else line.colour
            name = f"{line.points[0].label}, {month_names[x]}" if month_names else point.label
            options: dict[str, Any] = {"markerfacecolor": face, "markersize": MARKER_PT}
            options |= {"gid": pictures.tip(name, point.text)}
            axes.plot(x, point.value, "o", color=line.colour, clip_on=False, **options)


def _write_line_ends(axes: Axes, ends: Sequence[_LineEnd], x: float) -> None:
    """Write the texts at the ends of lines, each as near to its value as the others let it."""
    height_mm = sheet_axes.size_mm_of(axes)[1]
    units_per_mm = axes.get_ylim()[1] / height_mm
    heights_mm = text_layout.spread_apart([end.value / units_per_mm for end in ends], LINE_MM, height_mm)
    for end, y_mm in zip(ends, heights_mm, strict=True):
        colour = hex_of("muted") if end.colour == hex_of("land") else end.colour
        options: dict[str, Any] = {"va": "center", "weight": 600, "color": colour}
        sheet_axes.annotate(axes, (x, y_mm * units_per_mm), end.text, dx_mm=GAP_MM, **options)


def _style_lines(rows: Sequence[Sequence[DataPoint]], formatter: ChartFormatter, *, is_named: bool) -> list[_Line]:
    """Return the lines that have a value, each with a colour or dashes of its own, and the text at its end.

    Raises ``RequestError`` for more than six of them.
    """
    colours = [formatter.color or hex_of("people"), hex_of("ink"), hex_of("muted")]
    styles: list[tuple[str, _Style]] = [*zip(colours, ["-"] * 3, strict=True), *zip(colours, [DASHED] * 3, strict=True)]
    valued = [row for row in rows if any(not isnan(point.value) for point in row)]
    is_pale = [formatter.colour(row[0].key, row[0].label) == hex_of("land") for row in valued] if is_named else [False]
    if is_pale.count(False) > MAX_LINES:
        fault = f"{MAX_LINES} lines are told apart at most, and there are {is_pale.count(False)}"
        raise RequestError(f"{fault}: name some in highlight=, or give each its own chart by panels=")
    styled_lines, free_styles = [], iter(styles)
    for row, is_pale_line in zip(valued, is_pale, strict=False):
        last_text = next(point.text for point in reversed(row) if not isnan(point.value))
        colour, style = (hex_of("land"), "-") if is_pale_line else next(free_styles)
        label = "" if is_pale_line else f"{row[0].label} {last_text}" if is_named else last_text
        styled_lines.append(_Line(row, label, colour, style))
    return styled_lines


@draws_table
def slope(
    table: Table,
    *,
    ax: Axes | None = None,
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
    """Draw a line from a first to a second number of each category, 88 mm wide, with name and value at both ends.

    A category without one of the two numbers is named at the other end only. All other arguments are options of all
    charts.

    Args:
        table: Of rows × two columns: two months, two years, target and reached.

    Raises:
        RequestError: There are more or fewer columns.

    >>> import pandas as pd
    >>> change = {"2020": [310, 120], "2021": [420, 80]}
    >>> change = pd.DataFrame(change, index=["PER", "ECU"])
    >>> axes = rmrp.charts.slope(change)
    >>> [text.get_text() for text in axes.texts]
    ['Peru 310', 'Ecuador 120', '420 Peru', '80 Ecuador']
    """
    formatter = ChartFormatter.for_table(table, unit, language, labels, decimals, color=color, highlight=highlight)
    matrix = formatter.read_matrix(tidy(table, dimensions=2))
    if len(matrix.columns) != 2:
        fault = f"a slope joins two columns, and the table has {len(matrix.columns)}"
        raise RequestError(f"{fault}: take two of them, or draw charts.lines(table)")
    room_mm = sheet_axes.size_mm_of(ax)[0] if ax else width_mm
    ends = _name_ends(matrix, room_mm * (1 - MIN_SLOPE_SHARE) / 2)
    label = formatter.unit_name if axis_label is None else axis_label
    height_mm = max(MIN_SLOPE_HEIGHT_MM, SLOPE_ROW_MM * len(matrix.rows))
    with sheet_style():
        axes = sheet_axes.prepare_axes(ax, width_mm, height_mm, title=title, axis_label=label, head_mm=LINE_MM + GAP_MM)
        _scale_between(axes, ends)
        _write_end_titles(axes, matrix.columns, formatter, ends[0].width_mm)
        axes.vlines([0, 1], *axes.get_ylim(), color=hex_of("line"), linewidth=0.8)
        for row in matrix.rows:
            colour = formatter.colour(row[0].key, row[0].label)
            axes.plot(
                [0, 1], [point.value for point in row], "o-", color=colour, linewidth=LINE_PT, markersize=MARKER_PT
            )
        for end in ends:
            end.write_on(axes, formatter)
        return sheet_axes.finish_axes(axes, matrix, formatter, given_axes=ax)


class _End(NamedTuple):
    """One end of all lines of a slope: at ``x`` 0 or 1, the points that have a number, and the text of each."""

    x: int
    points: Sequence[DataPoint]
    texts: Sequence[str]

    @property
    def outwards(self) -> int:
        """The direction away from the lines: -1 is to the left."""
        return 1 if self.x else -1

    @property
    def width_mm(self) -> float:
        """The width of the texts, with the leaders from the lines to them."""
        widest = max((text_layout.width_of(text, weight=600) for text in self.texts), default=0.0)
        return widest + LEADER_MM + 2 * GAP_MM

    def write_on(self, axes: Axes, formatter: ChartFormatter) -> None:
        """Write each text beside the end of its line, or as near to it as the others let it."""
        (left, right), (bottom, top), (wide_mm, high_mm) = axes.get_xlim(), axes.get_ylim(), sheet_axes.size_mm_of(axes)
        units_per_mm, leader = (top - bottom) / high_mm, LEADER_MM * (right - left) / wide_mm
        low = bottom + units_per_mm * LINE_MM / 2
        heights = text_layout.spread_apart(
            [(point.value - low) / units_per_mm for point in self.points], LINE_MM, high_mm - LINE_MM
        )
        for point, text, height in zip(self.points, self.texts, heights, strict=True):
            is_pale = formatter.colour(point.key, point.label) == hex_of("land")
            text_options: dict[str, Any] = {"va": "center", "ha": "left" if self.x else "right"}
            text_options |= {"color": hex_of("muted")} if is_pale else {"color": rcParams["text.color"], "weight": 600}
            position = (self.x + self.outwards * leader, low + height * units_per_mm)
            axes.plot(*zip((self.x, point.value), position, strict=True), color=hex_of("muted"), linewidth=0.4)
            sheet_axes.annotate(axes, position, text, dx_mm=self.outwards * GAP_MM, **text_options)


def _name_ends(matrix: Matrix, max_mm: float) -> list[_End]:
    """Return both ends of the lines, with names shortened so that name and value fit into ``max_mm``."""
    names = [
        text_layout.fit_text(row[0].label, max_mm - text_layout.width_of(f" {row[0].text}", weight=600))
        for row in matrix.rows
    ]
    ends = []
    for x, column in enumerate(zip(*matrix.rows, strict=True)):
        named_points = [(point, name) for point, name in zip(column, names, strict=True) if not isnan(point.value)]
        texts = [f"{point.text} {name}" if x else f"{name} {point.text}" for point, name in named_points]
        ends.append(_End(x, [point for point, _ in named_points], texts))
    return ends or [_End(0, [], []), _End(1, [], [])]


def _scale_between(axes: Axes, ends: Sequence[_End]) -> None:
    """Set the scales: the lines have the width between both ends, values from 0 on the height less a line of text."""
    wide_mm, high_mm = sheet_axes.size_mm_of(axes)
    left_mm, right_mm = (end.width_mm for end in ends)
    unit_mm = wide_mm - left_mm - right_mm
    values = [point.value for end in ends for point in end.points]
    low, high = min([*values, 0.0]), max(values, default=0.0) or 1.0
    margin = (high - low) / (high_mm - LINE_MM) * LINE_MM / 2
    axes.set(xlim=(-left_mm / unit_mm, 1 + right_mm / unit_mm), ylim=(low - margin, high + margin), yticks=[])


def _write_end_titles(axes: Axes, columns: Sequence[str], formatter: ChartFormatter, room_mm: float) -> None:
    """Write the name of the column above each end; months as shortly as their room wants."""
    is_of_months = all(map(is_month, columns))
    end_names = (
        text_layout.name_months(columns, formatter.language, room_mm) if is_of_months else map(formatter.name, columns)
    )
    axes.xaxis.tick_top()
    axes.set_xticks([0, 1], [name.replace("\n", " ") for name in end_names])
    first, second = axes.get_xticklabels()
    first.set_horizontalalignment("right")
    second.set_horizontalalignment("left")
