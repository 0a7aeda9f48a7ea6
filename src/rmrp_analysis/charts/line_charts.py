"""Draws lines: parts over months, and parts between two points in time."""

from collections.abc import Mapping, Sequence
from functools import partial
from math import isnan
from typing import Any, NamedTuple, TypeAlias

from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from rmrp_analysis import numbers
from rmrp_analysis.charts import sheet_axes, text_layout
from rmrp_analysis.charts.chart_tables import ChartFormatter, Matrix, Part, Table, Unit, dimensions_of, tidy
from rmrp_analysis.charts.matplotlib_style import hex_of, sheet_style
from rmrp_analysis.charts.month_charts import fill_months
from rmrp_analysis.charts.panels import draw_panels
from rmrp_analysis.errors import RequestError, in_sentences
from rmrp_analysis.theme import pictures
from rmrp_analysis.vocabulary.labels import is_month

HEIGHT_MM, PANEL_MM = 50.0, 38.0
FOOT_MM, TICK_ROWS = 6.5, 4  # below the axis, for the months; about so many values along it
FREE_ABOVE = 1.08  # of the highest value
NAMES_SHARE = 0.36  # of the width, for the names at the end of lines
GAP_MM, LINE_MM = 1.2, 3.6
MOST_LINES = 6
LINE_PT, MARKER_PT, PALE_PT = 1.5, 3.2, 1.0
DASHED = (0, (3, 1.5))
SLOPE_ROW_MM, LEAST_SLOPE_MM = 6.0, 40.0
LEADER_MM = 3.0  # from the end of a line to its name
LEAST_SLOPE_SHARE = 0.24  # of the width, between the names at left and right


_Style: TypeAlias = str | tuple[float, tuple[float, ...]]


class _Line(NamedTuple):
    """The parts of a line in order, and how it is drawn; ``label`` is empty where it has no room for a name."""

    parts: Sequence[Part]
    label: str
    colour: str
    style: _Style

    @property
    def last(self) -> float:
        """Its last value."""
        return next(part.value for part in reversed(self.parts) if not isnan(part.value))


@in_sentences
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
    """Lines over months from zero, 88 × 50 mm, each with its name and last value at its end.

    A month without a report leaves a gap; a number in doubt is an open point, which the axis label explains. At most
    six lines are told apart; of more, ``highlight`` those to be named, or make ``panels``. What is not said here is an
    option of all charts.

    Args:
        table: Of months, or of months × parts.
        panels: The name of a dimension, of which each part has a small chart of its own, all to one scale.
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
    formatter = ChartFormatter.of(table, unit, language, labels, decimals, color=color, highlight=highlight)
    if not panels:
        return _draw_lines(
            formatter, ax, title, axis_label, target=target, width_mm=width_mm or text_layout.COLUMNS_6_MM
        )
    rows = tidy(table, dimensions=dimensions_of(table))
    keys = [rows.index.unique(level).astype(str) for level in range(rows.index.nlevels)]
    months = [key for level in keys for key in level if is_month(key)]
    draw = partial(_draw_lines, axis_label="", target=target, top=rows["value"].max(), months=months)
    look: dict[str, Any] = {"width_mm": width_mm or text_layout.COLUMNS_8_MM, "title": title, "axis_label": axis_label}
    return draw_panels(draw, formatter, panels, height_mm=lambda _: PANEL_MM, **look)


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
    """Draw lines over their months and ``months``, to a scale that holds ``top``, too; each name is beside its end."""
    matrix = formatter.matrix(
        fill_months(formatter.table, months), "value" if dimensions_of(formatter.table) > 1 else "table"
    )
    rows = matrix.rows if matrix.columns else [[row[0] for row in matrix.rows]]
    keys = matrix.columns or [part.key for part in rows[0]]
    shown = _lines_of(rows, formatter, is_named=bool(matrix.columns))
    most = (
        max([top, target or 0.0, *(part.value for row in rows for part in row if not isnan(part.value))], default=0)
        or 1
    )
    ticks = [tick for tick in MaxNLocator(TICK_ROWS).tick_values(0, most) if 0 <= tick <= most * FREE_ABOVE]
    tick_names = [numbers.rounded(tick, formatter.unit, formatter.language) if tick else "0" for tick in ticks]
    room_mm = sheet_axes.size_of(ax)[0] if ax else width_mm
    names = [text_layout.fitted(line.label, NAMES_SHARE * room_mm, weight=600) if line.label else "" for line in shown]
    left_mm = max(map(text_layout.width_of, tick_names), default=0.0) + GAP_MM
    target_name = "" if target is None else f"{formatter.translate('target')} {formatter.number(target)}"
    right_mm = max(text_layout.width_of(name, weight=600) for name in (*names, target_name)) + 2 * GAP_MM
    label = formatter.unit_name if axis_label is None else axis_label
    if any(part.doubt for row in rows for part in row) and axis_label is None:
        label = formatter.translate("{label}; open: read with care", label=label)
    look: dict[str, Any]
    around: dict[str, Any] = {"left_mm": left_mm, "foot_mm": FOOT_MM, "title": title, "axis_label": label}
    with sheet_style():
        axes = sheet_axes.frame(ax, width_mm, HEIGHT_MM, vertical=True, **around)
        wide_mm, high_mm = sheet_axes.size_of(axes)
        slot_mm = (wide_mm - right_mm) / max(len(keys), 1)
        axes.set(xlim=(-0.5, -0.5 + wide_mm / slot_mm), ylim=(0, most * FREE_ABOVE))
        axes.set_yticks(ticks, tick_names, color=hex_of("muted"))
        is_of_months = all(map(is_month, keys))
        month_names = (
            text_layout.month_ticks(keys, formatter.language, slot_mm)
            if is_of_months
            else list(map(formatter.name, keys))
        )
        axes.set_xticks(range(len(keys)), month_names)
        axes.hlines(ticks[1:], -0.5, len(keys) - 0.5, color=hex_of("line"), linewidth=0.5, zorder=0.5)
        axes.hlines(0, -0.5, len(keys) - 0.5, color=rcParams["text.color"], linewidth=0.8, zorder=3, clip_on=False)
        for line in reversed(shown):
            values = [part.value for part in line.parts]
            is_pale = line.colour == hex_of("land")
            axes.plot(values, color=line.colour, linestyle=line.style, linewidth=PALE_PT if is_pale else LINE_PT)
            for x, part in enumerate(line.parts):
                if not isnan(part.value) and not is_pale:
                    face = "white" if part.doubt else line.colour
                    name = f"{line.parts[0].label}, {formatter.name(keys[x])}" if matrix.columns else part.label
                    dot: dict[str, Any] = {
                        "markerfacecolor": face,
                        "markersize": MARKER_PT,
                        "gid": pictures.tip(name, part.text),
                    }
                    axes.plot(x, part.value, "o", color=line.colour, clip_on=False, **dot)
        ends = [(line.colour, name, line.last) for line, name in zip(shown, names, strict=True) if name]
        if target is not None:
            look = {"color": rcParams["text.color"], "linewidth": 0.8, "linestyle": DASHED}
            axes.hlines(target, -0.5, len(keys) - 0.5, zorder=0.6, **look)
            ends.append((rcParams["text.color"], target_name, target))
        per_mm = most * FREE_ABOVE / high_mm
        heights = text_layout.spread([value / per_mm for *_, value in ends], LINE_MM, high_mm)
        for (colour, name, _), height in zip(ends, heights, strict=True):
            look = {"weight": 600, "color": hex_of("muted") if colour == hex_of("land") else colour}
            sheet_axes.annotate(axes, (len(keys) - 0.5, height * per_mm), name, dx_mm=GAP_MM, va="center", **look)
        return sheet_axes.finished(axes, matrix, formatter, within=ax)


def _lines_of(rows: Sequence[Sequence[Part]], formatter: ChartFormatter, *, is_named: bool) -> list[_Line]:
    """The lines that have a value, each told from the others by its colour or dashes, and what stands at its end.

    Raises ``RequestError`` for more than six of them.
    """
    colours = [formatter.color or hex_of("people"), hex_of("ink"), hex_of("muted")]
    looks: list[tuple[str, _Style]] = [*zip(colours, ["-"] * 3, strict=True), *zip(colours, [DASHED] * 3, strict=True)]
    valued = [row for row in rows if any(not isnan(part.value) for part in row)]
    is_pale = [formatter.colour(row[0].key, row[0].label) == hex_of("land") for row in valued] if is_named else [False]
    if is_pale.count(False) > MOST_LINES:
        fault = f"{MOST_LINES} lines are told apart at most, and there are {is_pale.count(False)}"
        raise RequestError(f"{fault}: name some in highlight=, or give each its own chart by panels=")
    shown, free = [], iter(looks)
    for row, pale in zip(valued, is_pale, strict=False):
        last = next(part.text for part in reversed(row) if not isnan(part.value))
        colour, style = (hex_of("land"), "-") if pale else next(free)
        label = "" if pale else f"{row[0].label} {last}" if is_named else last
        shown.append(_Line(row, label, colour, style))
    return shown


@in_sentences
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
    """Lines from a first to a second number of each part, 88 mm wide, with name and value at both ends.

    A part without one of the two is only named where it has a number. What is not said here is an option of all charts.

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
    formatter = ChartFormatter.of(table, unit, language, labels, decimals, color=color, highlight=highlight)
    matrix = formatter.matrix(tidy(table, dimensions=2))
    if len(matrix.columns) != 2:
        fault = f"a slope joins two columns, and the table has {len(matrix.columns)}"
        raise RequestError(f"{fault}: take two of them, or draw charts.lines(table)")
    room_mm = sheet_axes.size_of(ax)[0] if ax else width_mm
    ends = _ends_of(matrix, room_mm * (1 - LEAST_SLOPE_SHARE) / 2)
    label = formatter.unit_name if axis_label is None else axis_label
    height_mm = max(LEAST_SLOPE_MM, SLOPE_ROW_MM * len(matrix.rows))
    with sheet_style():
        axes = sheet_axes.frame(ax, width_mm, height_mm, title=title, axis_label=label, head_mm=LINE_MM + GAP_MM)
        _scale_between(axes, ends)
        _head_ends(axes, matrix.columns, formatter, ends[0].width_mm)
        axes.vlines([0, 1], *axes.get_ylim(), color=hex_of("line"), linewidth=0.8)
        for row in matrix.rows:
            colour = formatter.colour(row[0].key, row[0].label)
            axes.plot([0, 1], [part.value for part in row], "o-", color=colour, linewidth=LINE_PT, markersize=MARKER_PT)
        for end in ends:
            end.write_on(axes, formatter)
        return sheet_axes.finished(axes, matrix, formatter, within=ax)


class _End(NamedTuple):
    """One end of all lines of a slope: at ``x`` 0 or 1, the parts that have a number, and the text of each."""

    x: int
    parts: Sequence[Part]
    texts: Sequence[str]

    @property
    def outwards(self) -> int:
        """The direction away from the lines: -1 is to the left."""
        return 1 if self.x else -1

    @property
    def width_mm(self) -> float:
        """What the texts take, with the leaders from the lines to them."""
        widest = max((text_layout.width_of(text, weight=600) for text in self.texts), default=0.0)
        return widest + LEADER_MM + 2 * GAP_MM

    def write_on(self, axes: Axes, formatter: ChartFormatter) -> None:
        """Write each text beside the end of its line, or as near to it as the others let it."""
        (left, right), (bottom, top), (wide_mm, high_mm) = axes.get_xlim(), axes.get_ylim(), sheet_axes.size_of(axes)
        per_mm, leader = (top - bottom) / high_mm, LEADER_MM * (right - left) / wide_mm
        low = bottom + per_mm * LINE_MM / 2
        heights = text_layout.spread([(part.value - low) / per_mm for part in self.parts], LINE_MM, high_mm - LINE_MM)
        for part, text, height in zip(self.parts, self.texts, heights, strict=True):
            is_pale = formatter.colour(part.key, part.label) == hex_of("land")
            look: dict[str, Any] = {"va": "center", "ha": "left" if self.x else "right"}
            look |= {"color": hex_of("muted")} if is_pale else {"color": rcParams["text.color"], "weight": 600}
            place = (self.x + self.outwards * leader, low + height * per_mm)
            axes.plot(*zip((self.x, part.value), place, strict=True), color=hex_of("muted"), linewidth=0.4)
            sheet_axes.annotate(axes, place, text, dx_mm=self.outwards * GAP_MM, **look)


def _ends_of(matrix: Matrix, most_mm: float) -> list[_End]:
    """The ends of the lines, with names shortened to what leaves room for their value in ``most_mm``."""
    names = [
        text_layout.fitted(row[0].label, most_mm - text_layout.width_of(f" {row[0].text}", weight=600))
        for row in matrix.rows
    ]
    ends = []
    for x, column in enumerate(zip(*matrix.rows, strict=True)):
        named = [(part, name) for part, name in zip(column, names, strict=True) if not isnan(part.value)]
        texts = [f"{part.text} {name}" if x else f"{name} {part.text}" for part, name in named]
        ends.append(_End(x, [part for part, _ in named], texts))
    return ends or [_End(0, [], []), _End(1, [], [])]


def _scale_between(axes: Axes, ends: Sequence[_End]) -> None:
    """Give the lines the width that both ends leave, and all values from 0 on the height, with half a line over."""
    wide_mm, high_mm = sheet_axes.size_of(axes)
    left_mm, right_mm = (end.width_mm for end in ends)
    unit_mm = wide_mm - left_mm - right_mm
    values = [part.value for end in ends for part in end.parts]
    low, high = min([*values, 0.0]), max(values, default=0.0) or 1.0
    margin = (high - low) / (high_mm - LINE_MM) * LINE_MM / 2
    axes.set(xlim=(-left_mm / unit_mm, 1 + right_mm / unit_mm), ylim=(low - margin, high + margin), yticks=[])


def _head_ends(axes: Axes, columns: Sequence[str], formatter: ChartFormatter, room_mm: float) -> None:
    """Write what each end stands for above it, outwards; months as shortly as the room wants."""
    is_of_months = all(map(is_month, columns))
    heads = (
        text_layout.month_ticks(columns, formatter.language, room_mm) if is_of_months else map(formatter.name, columns)
    )
    axes.xaxis.tick_top()
    axes.set_xticks([0, 1], [name.replace("\n", " ") for name in heads])
    first, second = axes.get_xticklabels()
    first.set_horizontalalignment("right")
    second.set_horizontalalignment("left")
