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
LINE_NAME_HEIGHT_MM = 3.6  # the height of the name of a line
MAX_LINES = 6  # the most lines that readers can distinguish
LINE_WIDTH_PT = 1.5  # the width of a line
DOT_DIAMETER_PT = 3.2  # the diameter of the dot for a value of a line
PALE_LINE_WIDTH_PT = 1.0  # the width of a line that is not highlighted
DASHED_LINE_STYLE = (0, (3, 1.5))  # offset, and lengths of dash and gap in widths of the line
SLOPE_ROW_HEIGHT_MM = 6.0  # the height that a slope has for each category
MIN_SLOPE_HEIGHT_MM = 40.0  # the least height of a slope
LEADER_LENGTH_MM = 3.0  # from the end of a line to its name
MIN_SLOPE_LINES_WIDTH_SHARE = 0.24  # the share of the width for the lines of a slope, between the names


_LineStyle: TypeAlias = str | tuple[float, tuple[float, ...]]  # "-", or the dashes of a line as Matplotlib takes them


class _Line(NamedTuple):
    """A line over months: its points in order, its look, and its name (empty: it has none)."""

    points: Sequence[DataPoint]
    label: str
    colour: str
    style: _LineStyle

    @property
    def last_value(self) -> float:
        """The last value that is known."""
        return next(part.value for part in reversed(self.points) if not isnan(part.value))


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

    A single line has no name. A month without a report leaves a gap; a number in doubt is an open point, which the axis
    label explains (not with ``panels``). Readers can distinguish six lines; of more, ``highlight`` those to be named
    (all others are pale), or make ``panels``. All other arguments are options of all charts.

    Args:
        table: Of months, or of months × categories.
        panels: The name of a dimension: each of its categories has a small chart of its own, all on one scale, 118.7 mm
            wide together; ``highlight`` then names panels, and ``ax`` is not used.
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
        return _draw_lines(
            formatter, ax, title, axis_label, target=target, width_mm=width_mm or text_layout.COLUMNS_6_WIDTH_MM
        )
    rows = tidy(table, dimensions=count_dimensions(table))
    keys = [rows.index.unique(level).astype(str) for level in range(rows.index.nlevels)]
    months = [key for keys_of_level in keys for key in keys_of_level if is_month(key)]
    draw = partial(_draw_lines, axis_label="", target=target, top=rows["value"].max(), months=months)
    look: dict[str, Any] = {
        "width_mm": width_mm or text_layout.COLUMNS_8_WIDTH_MM,
        "title": title,
        "axis_label": axis_label,
        "explained_label": OPEN_LABEL,
    }
    return draw_panels(draw, formatter, panels, height_mm=lambda _: PANEL_HEIGHT_MM, **look)


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
    """Draw lines over their months and ``months``, on a scale that reaches ``top`` or more; name each at its end.

    ``axis_label`` None: the unit, and what open points mean. Raises ``RequestError`` for more than six coloured lines.
    """
    row_order_name: Order = "value" if count_dimensions(formatter.table) > 1 else "table"
    matrix = formatter.read_matrix(fill_months(formatter.table, months), row_order_name)
    rows = matrix.rows if matrix.columns else [[row[0] for row in matrix.rows]]
    months = matrix.columns or [part.key for part in rows[0]]
    all_line_data_points = [part for row in rows for part in row]
    known_point_values = [part.value for part in all_line_data_points if not isnan(part.value)]
    most = max(top, target or 0.0, *known_point_values) or 1
    ticks, tick_texts = _choose_ticks(most, formatter)
    room_mm = sheet_axes.size_mm_of(ax)[0] if ax else width_mm
    styled_line_name_pairs = [
        (styled_line, text_layout.fit_text(styled_line.label, MAX_NAMES_WIDTH_SHARE * room_mm, weight=600))
        for styled_line in _style_lines(rows, formatter, is_named=bool(matrix.columns))
    ]
    line_ends = [
        _LineEnd(styled_line.last_value, line_name, styled_line.colour)
        for styled_line, line_name in styled_line_name_pairs
        if line_name
    ]
    if target is not None:
        target_text = f"{formatter.translate('target')} {formatter.format_number(target)}"
        line_ends.append(_LineEnd(target, target_text, hex_of("ink")))
    left_mm = max(map(text_layout.width_of, tick_texts), default=0.0) + LINE_NAME_GAP_MM
    line_ends_width_mm = (
        max((text_layout.width_of(line_end.text, weight=600) for line_end in line_ends), default=0.0)
        + 2 * LINE_NAME_GAP_MM
    )
    line_doubts = (part.doubt for part in all_line_data_points)
    explained_axis_label = formatter.explain_doubt(formatter.unit_name, line_doubts, OPEN_LABEL)
    label = explained_axis_label if axis_label is None else axis_label
    around: dict[str, Any] = {"left_mm": left_mm, "foot_mm": MONTH_NAMES_HEIGHT_MM, "title": title, "axis_label": label}
    with sheet_style():
        axes = sheet_axes.prepare_axes(ax, width_mm, CHART_HEIGHT_MM, vertical=True, **around)
        wide_mm = sheet_axes.size_mm_of(axes)[0]
        slot_mm, last_month_x = (wide_mm - line_ends_width_mm) / max(len(months), 1), len(months) - 0.5
        axes.set(xlim=(-0.5, -0.5 + wide_mm / slot_mm), ylim=(0, most * AXIS_TOP_RATIO))
        axes.set_yticks(ticks, tick_texts, color=hex_of("muted"))
        axes.set_xticks(range(len(months)), _fit_month_names(months, formatter, slot_mm))
        _draw_level_lines(axes, ticks[1:], target, last_month_x)
        for styled_line, _ in reversed(styled_line_name_pairs):
            _draw_line(axes, styled_line, list(map(formatter.name, months)) if matrix.columns else [])
        _write_line_ends(axes, line_ends, last_month_x)
        return sheet_axes.finish_axes(axes, matrix, formatter, given_axes=ax)


def _choose_ticks(highest_value: float, formatter: ChartFormatter) -> tuple[list[float], list[str]]:
    """Return round values from zero to the top of the axis, and the text of each; people and counts are whole."""
    tick_locator = MaxNLocator(MAX_VALUE_TICK_STEPS, integer=formatter.unit in WHOLE_NUMBER_UNITS)
    tick_values = [
        tick_value
        for tick_value in tick_locator.tick_values(0, highest_value)
        if 0 <= tick_value <= highest_value * AXIS_TOP_RATIO
    ]
    tick_texts = [
        numbers.format_round(tick_value, formatter.unit, formatter.language) if tick_value else "0"
        for tick_value in tick_values
    ]
    return tick_values, tick_texts


def _draw_level_lines(axes: Axes, grid_values: Sequence[float], target: float | None, last_x: float) -> None:
    """Draw level lines up to the last month: pale ones of a grid, that at zero, and a dashed one at the target."""
    axes.hlines(grid_values, -0.5, last_x, color=hex_of("line"), linewidth=0.5, zorder=0.5)
    axes.hlines(0, -0.5, last_x, color=rcParams["text.color"], linewidth=0.8, zorder=3, clip_on=False)
    if target is not None:
        target_line_options: dict[str, Any] = {"color": rcParams["text.color"], "linestyle": DASHED_LINE_STYLE}
        axes.hlines(target, -0.5, last_x, linewidth=0.8, zorder=0.6, **target_line_options)


class _LineEnd(NamedTuple):
    """What stands at the end of a line: its value, where the text would stand best, and the text in its colour."""

    value: float
    text: str
    colour: str


def _fit_month_names(months: Sequence[str], formatter: ChartFormatter, month_mm: float) -> list[str]:
    """Return the names of months as short as their room wants; if one key is no month, all names in full."""
    if all(map(is_month, months)):
        return text_layout.name_months(months, formatter.language, month_mm)
    return list(map(formatter.name, months))


def _draw_line(axes: Axes, line: _Line, month_names: Sequence[str]) -> None:
    """Draw a line with a dot for each value, open where it is in doubt; a pale line has no dots.

    The tip of a dot names the line and, of ``month_names``, its month; without these, the point itself.
    """
    is_pale = line.colour == hex_of("land")
    values = [part.value for part in line.points]
    axes.plot(
        values, color=line.colour, linestyle=line.style, linewidth=PALE_LINE_WIDTH_PT if is_pale else LINE_WIDTH_PT
    )
    for x, part in enumerate(line.points):
        if not isnan(part.value) and not is_pale:
            face = "white" if part.doubt else line.colour
            dot_name = f"{line.points[0].label}, {month_names[x]}" if month_names else part.label
            dot: dict[str, Any] = {"markerfacecolor": face, "markersize": DOT_DIAMETER_PT}
            dot |= {"gid": pictures.tip(dot_name, part.text)}
            axes.plot(x, part.value, "o", color=line.colour, clip_on=False, **dot)


def _write_line_ends(axes: Axes, ends: Sequence[_LineEnd], x: float) -> None:
    """Write the texts at the ends of lines, each as near to its value as the others let it."""
    axes_height_mm = sheet_axes.size_mm_of(axes)[1]
    units_per_mm = axes.get_ylim()[1] / axes_height_mm
    text_ys_mm = text_layout.spread_apart(
        [named_line_end.value / units_per_mm for named_line_end in ends], LINE_NAME_HEIGHT_MM, axes_height_mm
    )
    for named_line_end, text_y_mm in zip(ends, text_ys_mm, strict=True):
        end_text_colour = hex_of("muted") if named_line_end.colour == hex_of("land") else named_line_end.colour
        end_text_options: dict[str, Any] = {"va": "center", "weight": 600, "color": end_text_colour}
        sheet_axes.annotate(
            axes, (x, text_y_mm * units_per_mm), named_line_end.text, dx_mm=LINE_NAME_GAP_MM, **end_text_options
        )


def _style_lines(rows: Sequence[Sequence[DataPoint]], formatter: ChartFormatter, *, is_named: bool) -> list[_Line]:
    """Return the lines that have a value, in order, each with a colour or dashes of its own, and the text at its end.

    The text is name and last value, or (not ``is_named``) the last value. Lines that are not highlighted are pale and
    have no text. Raises ``RequestError`` for more than six others.
    """
    colours = [formatter.color or hex_of("people"), hex_of("ink"), hex_of("muted")]
    looks: list[tuple[str, _LineStyle]] = [
        *zip(colours, ["-"] * 3, strict=True),
        *zip(colours, [DASHED_LINE_STYLE] * 3, strict=True),
    ]
    valued = [row for row in rows if any(not isnan(part.value) for part in row)]
    is_pale = [formatter.colour(row[0].key, row[0].label) == hex_of("land") for row in valued] if is_named else [False]
    if is_pale.count(False) > MAX_LINES:
        fault = f"{MAX_LINES} lines are told apart at most, and there are {is_pale.count(False)}"
        raise RequestError(f"{fault}: name some in highlight=, or give each its own chart by panels=")
    styled_lines, free = [], iter(looks)
    for row, pale in zip(valued, is_pale, strict=False):
        last = next(part.text for part in reversed(row) if not isnan(part.value))
        colour, style = (hex_of("land"), "-") if pale else next(free)
        label = "" if pale else f"{row[0].label} {last}" if is_named else last
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
    width_mm: float = text_layout.COLUMNS_6_WIDTH_MM,
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
    ends = _name_ends(matrix, room_mm * (1 - MIN_SLOPE_LINES_WIDTH_SHARE) / 2)
    label = formatter.unit_name if axis_label is None else axis_label
    height_mm = max(MIN_SLOPE_HEIGHT_MM, SLOPE_ROW_HEIGHT_MM * len(matrix.rows))
    with sheet_style():
        axes = sheet_axes.prepare_axes(
            ax, width_mm, height_mm, title=title, axis_label=label, head_mm=LINE_NAME_HEIGHT_MM + LINE_NAME_GAP_MM
        )
        _scale_between(axes, ends)
        _write_end_titles(axes, matrix, formatter, ends[0].width_mm)
        axes.vlines([0, 1], *axes.get_ylim(), color=hex_of("line"), linewidth=0.8)
        for row in matrix.rows:
            colour = formatter.colour(row[0].key, row[0].label)
            axes.plot(
                [0, 1],
                [part.value for part in row],
                "o-",
                color=colour,
                linewidth=LINE_WIDTH_PT,
                markersize=DOT_DIAMETER_PT,
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
        return widest + LEADER_LENGTH_MM + 2 * LINE_NAME_GAP_MM

    def write_on(self, axes: Axes, formatter: ChartFormatter) -> None:
        """Write each text, and a leader to it, beside the end of its line or as near as the others let it."""
        (x_min, x_max) = axes.get_xlim()
        (y_min, y_max) = axes.get_ylim()
        (axes_width_mm, high_mm) = sheet_axes.size_mm_of(axes)
        per_mm = (y_max - y_min) / high_mm
        leader = LEADER_LENGTH_MM * (x_max - x_min) / axes_width_mm
        low = y_min + per_mm * LINE_NAME_HEIGHT_MM / 2
        heights = text_layout.spread_apart(
            [(part.value - low) / per_mm for part in self.points], LINE_NAME_HEIGHT_MM, high_mm - LINE_NAME_HEIGHT_MM
        )
        for part, text, height in zip(self.points, self.texts, heights, strict=True):
            is_pale = formatter.colour(part.key, part.label) == hex_of("land")
            look: dict[str, Any] = {"va": "center", "ha": "left" if self.x else "right"}
            look |= {"color": hex_of("muted")} if is_pale else {"color": rcParams["text.color"], "weight": 600}
            place = (self.x + self.outwards * leader, low + height * per_mm)
            axes.plot(*zip((self.x, part.value), place, strict=True), color=hex_of("muted"), linewidth=0.4)
            sheet_axes.annotate(axes, place, text, dx_mm=self.outwards * LINE_NAME_GAP_MM, **look)


def _name_ends(matrix: Matrix, max_mm: float) -> list[_End]:
    """Return both ends of the lines, with names shortened so that name and longer value fit into ``max_mm``.

    An end leaves out rows without a number in its column.
    """
    names = []
    for row_data_points in matrix.rows:
        value_width_mm = max(text_layout.width_of(f" {point.text}", weight=600) for point in row_data_points)
        names.append(text_layout.fit_text(row_data_points[0].label, max_mm - value_width_mm))
    ends = []
    for x, column in enumerate(zip(*matrix.rows, strict=True)):
        end_point_name_pairs = [(part, name) for part, name in zip(column, names, strict=True) if not isnan(part.value)]
        texts = [f"{part.text} {name}" if x else f"{name} {part.text}" for part, name in end_point_name_pairs]
        ends.append(_End(x, [part for part, _ in end_point_name_pairs], texts))
    return ends or [_End(0, [], []), _End(1, [], [])]


def _scale_between(axes: Axes, ends: Sequence[_End]) -> None:
    """Set the scales: lines fill the width between the ends, values from 0 or below the height less a line of text."""
    wide_mm, high_mm = sheet_axes.size_mm_of(axes)
    left_mm, right_mm = (end.width_mm for end in ends)
    unit_mm = wide_mm - left_mm - right_mm
    values = [part.value for end in ends for part in end.points]
    low, high = min([*values, 0.0]), max(values, default=0.0) or 1.0
    margin = (high - low) / (high_mm - LINE_NAME_HEIGHT_MM) * LINE_NAME_HEIGHT_MM / 2
    axes.set(xlim=(-left_mm / unit_mm, 1 + right_mm / unit_mm), ylim=(low - margin, high + margin), yticks=[])


def _write_end_titles(axes: Axes, matrix: Matrix, formatter: ChartFormatter, room_mm: float) -> None:
    """Write the name of the column above each end; months as shortly as their room wants."""
    has_month_columns = all(map(is_month, matrix.columns))
    heads = (
        text_layout.name_months(matrix.columns, formatter.language, room_mm)
        if has_month_columns
        else [formatter.name(column_key, matrix.column_dimension) for column_key in matrix.columns]
    )
    axes.xaxis.tick_top()
    axes.set_xticks([0, 1], [name.replace("\n", " ") for name in heads])
    first, second = axes.get_xticklabels()
    first.set_horizontalalignment("right")
    second.set_horizontalalignment("left")
