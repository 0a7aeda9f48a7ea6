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
        return next(
            line_data_point.value for line_data_point in reversed(self.points) if not isnan(line_data_point.value)
        )


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
    chart_formatter = ChartFormatter.for_table(
        table, unit, language, labels, decimals, color=color, highlight=highlight
    )
    if not panels:
        return _draw_lines(
            chart_formatter, ax, title, axis_label, target=target, width_mm=width_mm or text_layout.COLUMNS_6_WIDTH_MM
        )
    tidy_table = tidy(table, dimensions=count_dimensions(table))
    keys_of_levels = [
        tidy_table.index.unique(index_level_number).astype(str)
        for index_level_number in range(tidy_table.index.nlevels)
    ]
    month_keys = [
        category_key for keys_of_level in keys_of_levels for category_key in keys_of_level if is_month(category_key)
    ]
    draw_panel = partial(_draw_lines, axis_label="", target=target, top=tidy_table["value"].max(), months=month_keys)
    panel_options: dict[str, Any] = {
        "width_mm": width_mm or text_layout.COLUMNS_8_WIDTH_MM,
        "title": title,
        "axis_label": axis_label,
        "explained_label": OPEN_LABEL,
    }
    return draw_panels(draw_panel, chart_formatter, panels, height_mm=lambda _: PANEL_HEIGHT_MM, **panel_options)


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
    point_matrix = formatter.read_matrix(fill_months(formatter.table, months), row_order_name)
    data_point_rows = (
        point_matrix.rows if point_matrix.columns else [[row_data_points[0] for row_data_points in point_matrix.rows]]
    )
    months = point_matrix.columns or [line_data_point.key for line_data_point in data_point_rows[0]]
    all_line_data_points = [
        line_data_point for row_data_points in data_point_rows for line_data_point in row_data_points
    ]
    known_point_values = [
        line_data_point.value for line_data_point in all_line_data_points if not isnan(line_data_point.value)
    ]
    highest_value = max(top, target or 0.0, *known_point_values) or 1
    tick_values, tick_texts = _choose_ticks(highest_value, formatter)
    available_width_mm = sheet_axes.size_mm_of(ax)[0] if ax else width_mm
    styled_line_name_pairs = [
        (styled_line, text_layout.fit_text(styled_line.label, MAX_NAMES_WIDTH_SHARE * available_width_mm, weight=600))
        for styled_line in _style_lines(data_point_rows, formatter, is_named=bool(point_matrix.columns))
    ]
    line_ends = [
        _LineEnd(styled_line.last_value, line_name, styled_line.colour)
        for styled_line, line_name in styled_line_name_pairs
        if line_name
    ]
    if target is not None:
        target_text = f"{formatter.translate('target')} {formatter.format_number(target)}"
        line_ends.append(_LineEnd(target, target_text, hex_of("ink")))
    ticks_width_mm = max(map(text_layout.width_of, tick_texts), default=0.0) + LINE_NAME_GAP_MM
    line_ends_width_mm = (
        max((text_layout.width_of(line_end.text, weight=600) for line_end in line_ends), default=0.0)
        + 2 * LINE_NAME_GAP_MM
    )
    line_doubts = (line_data_point.doubt for line_data_point in all_line_data_points)
    explained_axis_label = formatter.explain_doubt(formatter.unit_name, line_doubts, OPEN_LABEL)
    axis_label_text = explained_axis_label if axis_label is None else axis_label
    axes_frame_options: dict[str, Any] = {
        "left_mm": ticks_width_mm,
        "foot_mm": MONTH_NAMES_HEIGHT_MM,
        "title": title,
        "axis_label": axis_label_text,
    }
    with sheet_style():
        axes = sheet_axes.prepare_axes(ax, width_mm, CHART_HEIGHT_MM, vertical=True, **axes_frame_options)
        axes_width_mm = sheet_axes.size_mm_of(axes)[0]
        month_width_mm, last_month_x = (axes_width_mm - line_ends_width_mm) / max(len(months), 1), len(months) - 0.5
        axes.set(xlim=(-0.5, -0.5 + axes_width_mm / month_width_mm), ylim=(0, highest_value * AXIS_TOP_RATIO))
        axes.set_yticks(tick_values, tick_texts, color=hex_of("muted"))
        axes.set_xticks(range(len(months)), _fit_month_names(months, formatter, month_width_mm))
        _draw_level_lines(axes, tick_values[1:], target, last_month_x)
        for styled_line, _ in reversed(styled_line_name_pairs):
            _draw_line(axes, styled_line, list(map(formatter.name, months)) if point_matrix.columns else [])
        _write_line_ends(axes, line_ends, last_month_x)
        return sheet_axes.finish_axes(axes, point_matrix, formatter, given_axes=ax)


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
    is_line_pale = line.colour == hex_of("land")
    line_values = [line_data_point.value for line_data_point in line.points]
    axes.plot(
        line_values,
        color=line.colour,
        linestyle=line.style,
        linewidth=PALE_LINE_WIDTH_PT if is_line_pale else LINE_WIDTH_PT,
    )
    for month_index, line_data_point in enumerate(line.points):
        if not isnan(line_data_point.value) and not is_line_pale:
            dot_face_colour = "white" if line_data_point.doubt else line.colour
            dot_name = f"{line.points[0].label}, {month_names[month_index]}" if month_names else line_data_point.label
            dot_options: dict[str, Any] = {"markerfacecolor": dot_face_colour, "markersize": DOT_DIAMETER_PT}
            dot_options |= {"gid": pictures.tip(dot_name, line_data_point.text)}
            axes.plot(month_index, line_data_point.value, "o", color=line.colour, clip_on=False, **dot_options)


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
    line_colours = [formatter.color or hex_of("people"), hex_of("ink"), hex_of("muted")]
    colour_style_pairs: list[tuple[str, _LineStyle]] = [
        *zip(line_colours, ["-"] * 3, strict=True),
        *zip(line_colours, [DASHED_LINE_STYLE] * 3, strict=True),
    ]
    point_rows_with_value = [
        row_data_points
        for row_data_points in rows
        if any(not isnan(line_data_point.value) for line_data_point in row_data_points)
    ]
    is_pale_by_line = (
        [
            formatter.colour(row_data_points[0].key, row_data_points[0].label) == hex_of("land")
            for row_data_points in point_rows_with_value
        ]
        if is_named
        else [False]
    )
    if is_pale_by_line.count(False) > MAX_LINES:
        fault_text = f"{MAX_LINES} lines are told apart at most, and there are {is_pale_by_line.count(False)}"
        raise RequestError(f"{fault_text}: name some in highlight=, or give each its own chart by panels=")
    styled_lines, free_colours_with_styles = [], iter(colour_style_pairs)
    for row_data_points, is_pale_line in zip(point_rows_with_value, is_pale_by_line, strict=False):
        last_value_text = next(
            line_data_point.text for line_data_point in reversed(row_data_points) if not isnan(line_data_point.value)
        )
        line_colour, line_style = (hex_of("land"), "-") if is_pale_line else next(free_colours_with_styles)
        line_label = (
            "" if is_pale_line else f"{row_data_points[0].label} {last_value_text}" if is_named else last_value_text
        )
        styled_lines.append(_Line(row_data_points, line_label, line_colour, line_style))
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
    chart_formatter = ChartFormatter.for_table(
        table, unit, language, labels, decimals, color=color, highlight=highlight
    )
    point_matrix = chart_formatter.read_matrix(tidy(table, dimensions=2))
    if len(point_matrix.columns) != 2:
        fault_text = f"a slope joins two columns, and the table has {len(point_matrix.columns)}"
        raise RequestError(f"{fault_text}: take two of them, or draw charts.lines(table)")
    available_width_mm = sheet_axes.size_mm_of(ax)[0] if ax else width_mm
    slope_ends = _name_ends(point_matrix, available_width_mm * (1 - MIN_SLOPE_LINES_WIDTH_SHARE) / 2)
    axis_label_text = chart_formatter.unit_name if axis_label is None else axis_label
    chart_height_mm = max(MIN_SLOPE_HEIGHT_MM, SLOPE_ROW_HEIGHT_MM * len(point_matrix.rows))
    with sheet_style():
        axes = sheet_axes.prepare_axes(
            ax,
            width_mm,
            chart_height_mm,
            title=title,
            axis_label=axis_label_text,
            head_mm=LINE_NAME_HEIGHT_MM + LINE_NAME_GAP_MM,
        )
        _scale_between(axes, slope_ends)
        _write_end_titles(axes, point_matrix, chart_formatter, slope_ends[0].width_mm)
        axes.vlines([0, 1], *axes.get_ylim(), color=hex_of("line"), linewidth=0.8)
        for row_data_points in point_matrix.rows:
            line_colour = chart_formatter.colour(row_data_points[0].key, row_data_points[0].label)
            axes.plot(
                [0, 1],
                [line_data_point.value for line_data_point in row_data_points],
                "o-",
                color=line_colour,
                linewidth=LINE_WIDTH_PT,
                markersize=DOT_DIAMETER_PT,
            )
        for slope_end in slope_ends:
            slope_end.write_on(axes, chart_formatter)
        return sheet_axes.finish_axes(axes, point_matrix, chart_formatter, given_axes=ax)


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
        widest_end_text_mm = max((text_layout.width_of(end_text, weight=600) for end_text in self.texts), default=0.0)
        return widest_end_text_mm + LEADER_LENGTH_MM + 2 * LINE_NAME_GAP_MM

    def write_on(self, axes: Axes, formatter: ChartFormatter) -> None:
        """Write each text, and a leader to it, beside the end of its line or as near as the others let it."""
        (x_min, x_max) = axes.get_xlim()
        (y_min, y_max) = axes.get_ylim()
        (axes_width_mm, axes_height_mm) = sheet_axes.size_mm_of(axes)
        units_per_mm = (y_max - y_min) / axes_height_mm
        leader_length_x = LEADER_LENGTH_MM * (x_max - x_min) / axes_width_mm
        lowest_text_y = y_min + units_per_mm * LINE_NAME_HEIGHT_MM / 2
        text_ys_mm = text_layout.spread_apart(
            [(end_data_point.value - lowest_text_y) / units_per_mm for end_data_point in self.points],
            LINE_NAME_HEIGHT_MM,
            axes_height_mm - LINE_NAME_HEIGHT_MM,
        )
        for end_data_point, end_text, text_y_mm in zip(self.points, self.texts, text_ys_mm, strict=True):
            is_line_pale = formatter.colour(end_data_point.key, end_data_point.label) == hex_of("land")
            end_text_options: dict[str, Any] = {"va": "center", "ha": "left" if self.x else "right"}
            end_text_options |= (
                {"color": hex_of("muted")} if is_line_pale else {"color": rcParams["text.color"], "weight": 600}
            )
            end_text_position = (self.x + self.outwards * leader_length_x, lowest_text_y + text_y_mm * units_per_mm)
            axes.plot(
                *zip((self.x, end_data_point.value), end_text_position, strict=True),
                color=hex_of("muted"),
                linewidth=0.4,
            )
            sheet_axes.annotate(
                axes, end_text_position, end_text, dx_mm=self.outwards * LINE_NAME_GAP_MM, **end_text_options
            )


def _name_ends(matrix: Matrix, max_mm: float) -> list[_End]:
    """Return both ends of the lines, with names shortened so that name and longer value fit into ``max_mm``.

    An end leaves out rows without a number in its column.
    """
    fitted_row_names = []
    for row_data_points in matrix.rows:
        value_width_mm = max(text_layout.width_of(f" {point.text}", weight=600) for point in row_data_points)
        fitted_row_names.append(text_layout.fit_text(row_data_points[0].label, max_mm - value_width_mm))
    slope_ends = []
    for end_x, column_data_points in enumerate(zip(*matrix.rows, strict=True)):
        end_point_name_pairs = [
            (end_data_point, fitted_row_name)
            for end_data_point, fitted_row_name in zip(column_data_points, fitted_row_names, strict=True)
            if not isnan(end_data_point.value)
        ]
        end_texts = [
            f"{end_data_point.text} {fitted_row_name}" if end_x else f"{fitted_row_name} {end_data_point.text}"
            for end_data_point, fitted_row_name in end_point_name_pairs
        ]
        slope_ends.append(_End(end_x, [end_data_point for end_data_point, _ in end_point_name_pairs], end_texts))
    return slope_ends or [_End(0, [], []), _End(1, [], [])]


def _scale_between(axes: Axes, ends: Sequence[_End]) -> None:
    """Set the scales: lines fill the width between the ends, values from 0 or below the height less a line of text."""
    axes_width_mm, axes_height_mm = sheet_axes.size_mm_of(axes)
    left_end_width_mm, right_end_width_mm = (labelled_slope_end.width_mm for labelled_slope_end in ends)
    lines_width_mm = axes_width_mm - left_end_width_mm - right_end_width_mm
    point_values = [end_data_point.value for labelled_slope_end in ends for end_data_point in labelled_slope_end.points]
    lowest_value, highest_value = min([*point_values, 0.0]), max(point_values, default=0.0) or 1.0
    value_margin = (highest_value - lowest_value) / (axes_height_mm - LINE_NAME_HEIGHT_MM) * LINE_NAME_HEIGHT_MM / 2
    axes.set(
        xlim=(-left_end_width_mm / lines_width_mm, 1 + right_end_width_mm / lines_width_mm),
        ylim=(lowest_value - value_margin, highest_value + value_margin),
        yticks=[],
    )


def _write_end_titles(axes: Axes, matrix: Matrix, formatter: ChartFormatter, room_mm: float) -> None:
    """Write the name of the column above each end; months as shortly as their room wants."""
    has_month_columns = all(map(is_month, matrix.columns))
    printed_column_names = (
        text_layout.name_months(matrix.columns, formatter.language, room_mm)
        if has_month_columns
        else [formatter.name(column_key, matrix.column_dimension) for column_key in matrix.columns]
    )
    axes.xaxis.tick_top()
    axes.set_xticks([0, 1], [printed_column_name.replace("\n", " ") for printed_column_name in printed_column_names])
    left_title_artist, right_title_artist = axes.get_xticklabels()
    left_title_artist.set_horizontalalignment("right")
    right_title_artist.set_horizontalalignment("left")
