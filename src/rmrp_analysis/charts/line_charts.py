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
    OPEN_LABEL,
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
from rmrp_analysis.charts.month_charts import fill_months
from rmrp_analysis.charts.panels import draw_panels
from rmrp_analysis.errors import RequestError
from rmrp_analysis.theme import pictures
from rmrp_analysis.vocabulary.labels import is_month

CHART_HEIGHT_MM = 50.0  # the height of a chart of lines
PANEL_HEIGHT_MM = 38.0  # the height of one of several panels of lines
MONTH_NAMES_HEIGHT_MM = 6.5  # the height below the axis, for the months
MAX_VALUE_TICK_STEPS = 4  # the most steps between numbers along the axis of values
AXIS_TOP_RATIO = 1.08  # the top of the axis of values, as a multiple of the highest value
MAX_NAMES_WIDTH_SHARE = 0.36  # the share of the width for the names at the end of lines
LINE_NAME_GAP_MM = 1.2  # between the end of a line and its name
LINE_NAME_HEIGHT_MM = 3.6
MAX_LINES = 6  # the most lines that readers can distinguish
LINE_WIDTH_PT = 1.5
DOT_DIAMETER_PT = 3.2  # the diameter of the dot for a value of a line
PALE_LINE_WIDTH_PT = 1.0  # the width of a line that is not highlighted
DASHED_LINE_STYLE = (0, (3, 1.5))  # offset, and lengths of dash and gap in widths of the line
SLOPE_ROW_HEIGHT_MM = 6.0  # the height that a slope has for each category
MIN_SLOPE_HEIGHT_MM = 40.0
LEADER_LENGTH_MM = 3.0  # from the end of a line to its name
MIN_SLOPE_LINES_WIDTH_SHARE = 0.24  # the share of the width for the lines of a slope, between the names


_LineStyle: TypeAlias = str | tuple[float, tuple[float, ...]]  # "-", or the dashes of a line as Matplotlib takes them


class _Line(NamedTuple):
    """A line over months: its points in order, its look, and its name (empty without a name)."""

    points: Sequence[DataPoint]
    label: str
    colour: str
    style: _LineStyle

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

    A single line has no name. A month without a report leaves a gap. A number in doubt is an open point, which the axis
    label explains (not with ``panels``). Readers can distinguish six lines. If there are more, ``highlight`` the lines
    to be named (all others are pale), or make ``panels``. All other arguments are options of all charts.

    Args:
        table: Of months, or of months × categories.
        panels: The name of a dimension: each of its categories has a small chart of its own, all on one scale, 118.7 mm
            wide together. Then ``highlight`` names panels, and ``ax`` is not used.
        target: A dashed line with its value.

    Raises:
        RequestError: There are more than six lines that are not pale.

    >>> import pandas as pd
    >>> months = {"PER": [310, 420], "ECU": [280, 190]}
    >>> months = pd.DataFrame(months, index=["2021-01", "2021-02"])
    >>> axes = rmrp.charts.lines(months, title="Peru is ahead", target=300)
    >>> [text.get_text() for text in axes.texts]
    ['Peru 420', 'Ecuador 190', 'target 300']
    """
    formatter = ChartFormatter.for_table(table, unit, language, labels, decimals, color=color, highlight=highlight)
    if not panels:
        width_mm = width_mm or text_layout.COLUMNS_6_WIDTH_MM
        return _draw_lines(formatter, ax, title, axis_label, target=target, width_mm=width_mm)
    rows = tidy(table, dimensions=count_dimensions(table))
    keys = [rows.index.unique(level).astype(str) for level in range(rows.index.nlevels)]
    months = [key for level in keys for key in level if is_month(key)]
    draw = partial(_draw_lines, axis_label="", target=target, top=rows["value"].max(), months=months)
    width_mm = width_mm or text_layout.COLUMNS_8_WIDTH_MM
    options: dict[str, Any] = {"title": title, "axis_label": axis_label, "explained_label": OPEN_LABEL}
    return draw_panels(draw, formatter, panels, height_mm=lambda _: PANEL_HEIGHT_MM, width_mm=width_mm, **options)


def _draw_lines(
    formatter: ChartFormatter,
    ax: Axes | None,
    title: str,
    axis_label: str | None,
    *,
    target: float | None = None,
    top: float = 0.0,
    months: Sequence[str] = (),
    width_mm: float = text_layout.COLUMNS_6_WIDTH_MM,
) -> Axes:
    """Draw lines over their months and ``months``, on a scale up to ``top`` or more, and name each at its end.

    If ``axis_label`` is None, it is the unit, and the meaning of open points. Raises ``RequestError`` for more than six
    coloured lines.
    """
    order: Order = "value" if count_dimensions(formatter.table) > 1 else "table"
    matrix = formatter.read_matrix(fill_months(formatter.table, months), order)
    rows = matrix.rows if matrix.columns else [[row[0] for row in matrix.rows]]
    months = matrix.columns or [point.key for point in rows[0]]
    points = [point for row in rows for point in row]
    values = [point.value for point in points if not isnan(point.value)]
    highest = max(top, target or 0.0, *values) or 1
    ticks, texts = _choose_ticks(highest, formatter)
    name_mm = MAX_NAMES_WIDTH_SHARE * (sheet_axes.size_mm_of(ax)[0] if ax else width_mm)
    styled = _style_lines(rows, formatter, is_named=bool(matrix.columns))
    names = [text_layout.fit_text(line.label, name_mm, weight=600) for line in styled]
    ends = [_LineEnd(line.last_value, name, line.colour) for line, name in zip(styled, names, strict=True) if name]
    if target is not None:
        text = f"{formatter.translate('target')} {formatter.format_number(target)}"
        ends.append(_LineEnd(target, text, hex_of("ink")))
    left_mm = max(map(text_layout.width_of, texts), default=0.0) + LINE_NAME_GAP_MM
    right_mm = max((text_layout.width_of(end.text, weight=600) for end in ends), default=0.0) + 2 * LINE_NAME_GAP_MM
    if axis_label is None:
        axis_label = formatter.explain_doubt(formatter.unit_name, (point.doubt for point in points), OPEN_LABEL)
    room: dict[str, Any] = {"left_mm": left_mm, "foot_mm": MONTH_NAMES_HEIGHT_MM, "vertical": True}
    with sheet_style():
        axes = sheet_axes.prepare_axes(ax, width_mm, CHART_HEIGHT_MM, title=title, axis_label=axis_label, **room)
        wide_mm = sheet_axes.size_mm_of(axes)[0]
        slot_mm, end_x = (wide_mm - right_mm) / max(len(months), 1), len(months) - 0.5
        axes.set(xlim=(-0.5, -0.5 + wide_mm / slot_mm), ylim=(0, highest * AXIS_TOP_RATIO))
        axes.set_yticks(ticks, texts, color=hex_of("muted"))
        labels = list(map(formatter.name, months))
        is_monthly = all(map(is_month, months))
        heads = text_layout.name_months(months, formatter.language, slot_mm) if is_monthly else labels
        axes.set_xticks(range(len(months)), heads)
        _draw_level_lines(axes, ticks[1:], target, end_x)
        for line in reversed(styled):
            _draw_line(axes, line, labels if matrix.columns else [])
        _write_line_ends(axes, ends, end_x)
        return sheet_axes.finish_axes(axes, matrix, formatter, given_axes=ax)


def _choose_ticks(highest_value: float, formatter: ChartFormatter) -> tuple[list[float], list[str]]:
    """Return round values from zero to the top of the axis, and their texts. People and counts are whole."""
    locator = MaxNLocator(MAX_VALUE_TICK_STEPS, integer=formatter.unit in WHOLE_NUMBER_UNITS)
    ticks = [tick for tick in locator.tick_values(0, highest_value) if 0 <= tick <= highest_value * AXIS_TOP_RATIO]
    texts = [numbers.format_round(tick, formatter.unit, formatter.language) if tick else "0" for tick in ticks]
    return ticks, texts


def _draw_level_lines(axes: Axes, grid_values: Sequence[float], target: float | None, last_x: float) -> None:
    """Draw level lines up to the last month: a pale grid, a line at zero, a dashed one at the target."""
    axes.hlines(grid_values, -0.5, last_x, color=hex_of("line"), linewidth=0.5, zorder=0.5)
    axes.hlines(0, -0.5, last_x, color=rcParams["text.color"], linewidth=0.8, zorder=3, clip_on=False)
    if target is not None:
        look: dict[str, Any] = {"color": rcParams["text.color"], "linestyle": DASHED_LINE_STYLE}
        axes.hlines(target, -0.5, last_x, linewidth=0.8, zorder=0.6, **look)


class _LineEnd(NamedTuple):
    """The end of a line: its value, which is the best place for the text, and the text in its colour."""

    value: float
    text: str
    colour: str


def _draw_line(axes: Axes, line: _Line, month_names: Sequence[str]) -> None:
    """Draw a line with a dot for each value, open if it is in doubt. A pale line has no dots."""
    is_pale = line.colour == hex_of("land")
    values = [point.value for point in line.points]
    width = PALE_LINE_WIDTH_PT if is_pale else LINE_WIDTH_PT
    axes.plot(values, color=line.colour, linestyle=line.style, linewidth=width)
    for x, point in enumerate(line.points):
        if not isnan(point.value) and not is_pale:
            face = "white" if point.doubt else line.colour
            name = f"{line.points[0].label}, {month_names[x]}" if month_names else point.label
            dot: dict[str, Any] = {"markerfacecolor": face, "markersize": DOT_DIAMETER_PT}
            dot |= {"gid": pictures.tip(name, point.text)}
            axes.plot(x, point.value, "o", color=line.colour, clip_on=False, **dot)


def _write_line_ends(axes: Axes, ends: Sequence[_LineEnd], x: float) -> None:
    """Write the texts at the ends of lines, each as near to its value as the others let it."""
    height_mm = sheet_axes.size_mm_of(axes)[1]
    per_mm = axes.get_ylim()[1] / height_mm
    heights = text_layout.spread_apart([end.value / per_mm for end in ends], LINE_NAME_HEIGHT_MM, height_mm)
    for end, height in zip(ends, heights, strict=True):
        colour = hex_of("muted") if end.colour == hex_of("land") else end.colour
        look: dict[str, Any] = {"va": "center", "weight": 600, "color": colour}
        sheet_axes.annotate(axes, (x, height * per_mm), end.text, dx_mm=LINE_NAME_GAP_MM, **look)


def _style_lines(rows: Sequence[Sequence[DataPoint]], formatter: ChartFormatter, *, is_named: bool) -> list[_Line]:
    """Return the lines that have a value, in order, each with its own colour or dashes, and its end text.

    The text is the last value, after the name if ``is_named``. Lines that are not highlighted are pale and have no
    text. Raises ``RequestError`` for more than six other lines.
    """
    colours = [formatter.color or hex_of("people"), hex_of("ink"), hex_of("muted")]
    styles: list[_LineStyle] = ["-", DASHED_LINE_STYLE]
    looks = iter([(colour, style) for style in styles for colour in colours])
    valued = [row for row in rows if any(not isnan(point.value) for point in row)]
    is_pale = [formatter.colour(row[0].key, row[0].label) == hex_of("land") for row in valued] if is_named else [False]
    if is_pale.count(False) > MAX_LINES:
        fault = f"{MAX_LINES} lines are told apart at most, and there are {is_pale.count(False)}"
        raise RequestError(f"{fault}: name some in highlight=, or give each its own chart by panels=")
    styled = []
    for row, pale in zip(valued, is_pale, strict=False):
        text = next(point.text for point in reversed(row) if not isnan(point.value))
        colour, style = (hex_of("land"), "-") if pale else next(looks)
        label = "" if pale else f"{row[0].label} {text}" if is_named else text
        styled.append(_Line(row, label, colour, style))
    return styled


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
    width_mm: float = text_layout.COLUMNS_6_WIDTH_MM,
) -> Axes:
    """Draw a line from a first to a second number of each category, 88 mm wide, with name and value at both ends.

    A category without one of the two numbers is named only at the end of the other. All other arguments are options of
    all charts.

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
    ends = _name_ends(matrix, room_mm * (1 - MIN_SLOPE_LINES_WIDTH_SHARE) / 2)
    label = formatter.unit_name if axis_label is None else axis_label
    height_mm = max(MIN_SLOPE_HEIGHT_MM, SLOPE_ROW_HEIGHT_MM * len(matrix.rows))
    head_mm = LINE_NAME_HEIGHT_MM + LINE_NAME_GAP_MM
    with sheet_style():
        axes = sheet_axes.prepare_axes(ax, width_mm, height_mm, title=title, axis_label=label, head_mm=head_mm)
        _scale_between(axes, ends)
        _write_end_titles(axes, matrix, formatter, ends[0].width_mm)
        axes.vlines([0, 1], *axes.get_ylim(), color=hex_of("line"), linewidth=0.8)
        for row in matrix.rows:
            colour = formatter.colour(row[0].key, row[0].label)
            values = [point.value for point in row]
            axes.plot([0, 1], values, "o-", color=colour, linewidth=LINE_WIDTH_PT, markersize=DOT_DIAMETER_PT)
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
        """The width of the texts, with the leaders from the lines to the texts."""
        widest = max((text_layout.width_of(text, weight=600) for text in self.texts), default=0.0)
        return widest + LEADER_LENGTH_MM + 2 * LINE_NAME_GAP_MM

    def write_on(self, axes: Axes, formatter: ChartFormatter) -> None:
        """Write each text with its leader beside the end of its line, or as near as the other texts allow."""
        x_min, x_max = axes.get_xlim()
        y_min, y_max = axes.get_ylim()
        wide_mm, high_mm = sheet_axes.size_mm_of(axes)
        per_mm = (y_max - y_min) / high_mm
        leader = LEADER_LENGTH_MM * (x_max - x_min) / wide_mm
        low = y_min + per_mm * LINE_NAME_HEIGHT_MM / 2
        places = [(point.value - low) / per_mm for point in self.points]
        heights = text_layout.spread_apart(places, LINE_NAME_HEIGHT_MM, high_mm - LINE_NAME_HEIGHT_MM)
        for point, text, height in zip(self.points, self.texts, heights, strict=True):
            is_pale = formatter.colour(point.key, point.label) == hex_of("land")
            look: dict[str, Any] = {"va": "center", "ha": "left" if self.x else "right"}
            look |= {"color": hex_of("muted")} if is_pale else {"color": rcParams["text.color"], "weight": 600}
            place = (self.x + self.outwards * leader, low + height * per_mm)
            axes.plot(*zip((self.x, point.value), place, strict=True), color=hex_of("muted"), linewidth=0.4)
            sheet_axes.annotate(axes, place, text, dx_mm=self.outwards * LINE_NAME_GAP_MM, **look)


def _name_ends(matrix: Matrix, max_mm: float) -> list[_End]:
    """Return both ends of the lines, without rows that have no number there. Texts fit into ``max_mm``."""
    names = []
    for row in matrix.rows:
        value_mm = max(text_layout.width_of(f" {point.text}", weight=600) for point in row)
        names.append(text_layout.fit_text(row[0].label, max_mm - value_mm))
    ends = []
    for x, column in enumerate(zip(*matrix.rows, strict=True)):
        pairs = [(point, name) for point, name in zip(column, names, strict=True) if not isnan(point.value)]
        texts = [f"{point.text} {name}" if x else f"{name} {point.text}" for point, name in pairs]
        ends.append(_End(x, [point for point, _ in pairs], texts))
    return ends or [_End(0, [], []), _End(1, [], [])]


def _scale_between(axes: Axes, ends: Sequence[_End]) -> None:
    """Set the scales: lines fill the width between the ends, values from 0 or below fill the height."""
    wide_mm, high_mm = sheet_axes.size_mm_of(axes)
    left_mm, right_mm = (end.width_mm for end in ends)
    unit_mm = wide_mm - left_mm - right_mm
    values = [point.value for end in ends for point in end.points]
    low, high = min([*values, 0.0]), max(values, default=0.0) or 1.0
    margin = (high - low) / (high_mm - LINE_NAME_HEIGHT_MM) * LINE_NAME_HEIGHT_MM / 2
    axes.set(xlim=(-left_mm / unit_mm, 1 + right_mm / unit_mm), ylim=(low - margin, high + margin), yticks=[])


def _write_end_titles(axes: Axes, matrix: Matrix, formatter: ChartFormatter, room_mm: float) -> None:
    """Write the name of the column above each end. Months are as short as their room needs."""
    heads = [formatter.name(key, matrix.column_dimension) for key in matrix.columns]
    if all(map(is_month, matrix.columns)):
        heads = text_layout.name_months(matrix.columns, formatter.language, room_mm)
    axes.xaxis.tick_top()
    axes.set_xticks([0, 1], [name.replace("\n", " ") for name in heads])
    start, end = axes.get_xticklabels()
    start.set_horizontalalignment("right")
    end.set_horizontalalignment("left")
