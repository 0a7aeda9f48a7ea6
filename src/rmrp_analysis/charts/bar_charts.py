"""Draw categories as horizontal bars from zero: single, in groups, or in front of their targets."""

from collections.abc import Mapping, Sequence
from functools import partial
from math import isnan, nan
from typing import Any, NamedTuple, cast

import pandas as pd
from matplotlib import rcParams
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from rmrp_analysis import numbers
from rmrp_analysis.charts import sheet_axes, text_layout
from rmrp_analysis.charts.chart_tables import (
    DASHED_STATES,
    ChartFormatter,
    Matrix,
    Order,
    State,
    Table,
    Unit,
    count_dimensions,
    draws_table,
    tidy,
)
from rmrp_analysis.charts.matplotlib_style import hex_of, sheet_style
from rmrp_analysis.charts.panels import draw_panels
from rmrp_analysis.charts.svg_sketch import make_hatched_look, patch_properties
from rmrp_analysis.errors import RequestError
from rmrp_analysis.theme import pictures

MAX_GROUPS = 6  # the most groups of bars that readers can distinguish
BAR_SLOT_HEIGHT_MM = 3.7  # the height of a bar with its gap
BAR_FILL_SHARE = 0.76  # the share of ``BAR_SLOT_HEIGHT_MM`` that the bar fills
ROW_GAP_MM = 1.6  # free between two rows
CLOSE_ROW_GAP_MM = 0.5  # free between two of more than ``MAX_FULL_HEIGHT_ROWS`` rows
MAX_FULL_HEIGHT_ROWS = 30  # more rows have one line each and stand close together
NO_REPORT_DASH_MM = 1.5  # the length of the dash for no report
TEXT_GAP_MM = 0.9  # between a bar and its text
PANEL_TITLE_HEIGHT_MM = 7.0  # the height for the title above the bars of a panel


@draws_table
def bars(
    table: Table,
    *,
    targets: Table | None = None,
    panels: str = "",
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
    width_mm: float | None = None,
) -> Axes:
    """Draw a horizontal bar from zero for each category, the longest first, with its value.

    The chart is 88 mm wide, for rows × groups 118.7 mm. A category without a report is a dash. Zeros and amounts below
    0 are only their text. ``grouped_bars`` is another name of this chart. All other arguments are options of all
    charts.

    Args:
        table: Of categories, or of categories × up to six groups.
        targets: The planned numbers of the same categories: a pale bar behind with a dark tick.
            The share reached stands after the value.
        panels: The name of a dimension: each of its categories has a small chart of its own, all on one scale, 180 mm
            wide together. Then ``ax`` and ``targets`` are not used.

    Raises:
        RequestError: There are more than six groups.

    >>> import pandas as pd
    >>> people = pd.Series({"ECU": 318_000, "PER": 296_000, "COL": 742_000})
    >>> axes = rmrp.charts.bars(people, title="Most people are in Colombia")
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['Colombia', 'Ecuador', 'Peru']
    >>> rates = pd.Series({"PER": 12.34, "ECU": 4.5})
    >>> axes = rmrp.charts.bars(rates, unit="per 1,000 people", decimals=1)
    >>> [text.get_text() for text in axes.texts]
    ['12.3', '4.5']
    >>> target = pd.Series({"PER": 100, "ECU": 30})
    >>> axes = rmrp.charts.bars(pd.Series({"PER": 50, "ECU": 40}), targets=target)
    >>> [text.get_text() for text in axes.texts]
    ['50 · 50%', '40 · 133%']
    """
    formatter = ChartFormatter.for_table(table, unit, language, labels, decimals, color=color, highlight=highlight)
    if not panels:
        return _draw_bars(formatter, ax, title, axis_label, targets=targets, order=order, width_mm=width_mm)
    draw = partial(_draw_bars, axis_label="", order=order)
    width_mm = width_mm or text_layout.COLUMNS_12_WIDTH_MM
    options: dict[str, Any] = {"width_mm": width_mm, "title": title, "axis_label": axis_label}
    frame: Any = draw_panels(draw, formatter, panels, height_mm=_panel_height, **options)
    inner = frame.figure.axes[1:]
    per_mm = max((axes.get_xlim()[1] / sheet_axes.size_mm_of(axes)[0] for axes in inner), default=1.0)
    for axes in inner:
        axes.set_xlim(0, sheet_axes.size_mm_of(axes)[0] * per_mm)
    return cast(Axes, frame)


def _panel_height(formatter: ChartFormatter) -> float:
    """Return the height of the panel of a table in mm: its rows, each of one line, and a title."""
    rows = tidy(formatter.table, dimensions=count_dimensions(formatter.table)).index
    return len(rows) * (BAR_SLOT_HEIGHT_MM + ROW_GAP_MM) + PANEL_TITLE_HEIGHT_MM


def _draw_bars(
    formatter: ChartFormatter,
    ax: Axes | None,
    title: str,
    axis_label: str | None,
    *,
    order: Order,
    targets: Table | None = None,
    width_mm: float | None = None,
) -> Axes:
    """Draw the bars of one table on a scale of its own.

    A category that is only in ``targets`` gets a row without a report. If ``axis_label`` is None, it is the unit.
    Raises ``RequestError`` for more than six groups.
    """
    dimensions = min(count_dimensions(formatter.table), 2)
    with sheet_style():
        rows, goals = tidy(formatter.table, dimensions=dimensions), {}
        if targets is not None:
            planned = tidy(targets, dimensions=dimensions)["value"].dropna()
            keys = planned.index.to_frame().astype(str).itertuples(index=False, name=None)
            goals = dict(zip(keys, planned, strict=True))
            rows = rows.reindex(rows.index.union(planned.index, sort=False))
        matrix = formatter.read_matrix(rows, order)
        sheet_mm = width_mm or (text_layout.COLUMNS_6_WIDTH_MM if dimensions == 1 else text_layout.COLUMNS_8_WIDTH_MM)
        axes = _draw_rows(matrix, goals, formatter, ax, sheet_mm, title, axis_label)
        return sheet_axes.finish_axes(axes, matrix, formatter, given_axes=ax)


class _Bar(NamedTuple):
    """A bar to draw, with its target and the text beyond both.

    ``value`` and ``target`` are NaN if missing. ``end`` is the larger one. ``doubt`` is the share of the value that is
    hatched (0–1). A bar without a report is a stub of ``stub_mm``.
    """

    state: State
    value: float
    target: float
    end: float
    stub_mm: float
    text: str
    y: float
    colour: str
    tip: str
    doubt: float


def _draw_rows(
    matrix: Matrix,
    targets: Mapping[tuple[str, ...], float],
    formatter: ChartFormatter,
    ax: Axes | None,
    chart_width_mm: float,
    title: str,
    axis_label: str | None,
) -> Axes:
    """Draw rows of bars, one bar for each group, on ``ax`` or on new axes.

    New axes are as high as the rows need. The keys of ``targets`` are the keys of row and group. Raises
    ``RequestError`` for more than six groups.
    """
    import seaborn as sns  # loads much, and a sheet has no such chart

    rows, groups = matrix.rows, max(len(matrix.columns), 1)
    if groups > MAX_GROUPS:
        fault = f"grouped bars tell at most {MAX_GROUPS} groups apart, and the table has {groups}"
        raise RequestError(f"{fault}: draw charts.heatmap(table), or exchange its rows and columns")
    max_lines, gap_mm = (1, CLOSE_ROW_GAP_MM) if len(rows) > MAX_FULL_HEIGHT_ROWS else (2, ROW_GAP_MM)
    room_mm = sheet_axes.size_mm_of(ax)[0] if ax else chart_width_mm
    left_mm, names = text_layout.fit_row_names([row[0].label for row in rows], room_mm, max_lines)
    name_mm = text_layout.TEXT_LINE_HEIGHT_MM * max((1 + name.count("\n") for name in names), default=1)
    colours = sns.light_palette(formatter.colour(), groups + 1, reverse=True)[:groups]
    legend: dict[str, Artist] = {}
    for key, colour in zip(matrix.columns, colours, strict=False):
        legend[formatter.name(key, matrix.column_dimension)] = Patch(color=colour)
    if targets:
        look = {"color": rcParams["text.color"], "marker": "|", "markersize": 8, "markeredgewidth": 1.2}
        legend[formatter.translate("target")] = Line2D([], [], linestyle="", **look)
    if axis_label is None:
        axis_label = formatter.explain_doubt(formatter.unit_name, (point.doubt for row in rows for point in row))
    chart_mm = max(len(rows), 1) * (max(groups * BAR_SLOT_HEIGHT_MM, name_mm) + gap_mm)
    options: dict[str, Any] = {"title": title, "axis_label": axis_label, "rows": names, "left_mm": left_mm}
    axes = sheet_axes.prepare_axes(ax, chart_width_mm, chart_mm, legend=legend, **options)
    width_mm, height_mm = sheet_axes.size_mm_of(axes)
    row_mm = height_mm / max(len(rows), 1)
    share = min(BAR_SLOT_HEIGHT_MM, (row_mm - gap_mm) / groups) / row_mm
    marks = _measure_bars(matrix, targets, formatter, list(map(to_hex, colours)), share)
    per_mm = max((_units_per_mm(mark, formatter, width_mm) for mark in marks), default=0.0) or 1 / width_mm
    axes.set(xlim=(0, width_mm * per_mm), xticks=[])
    axes.spines["left"].set_visible(True)
    _draw_marks(axes, marks, formatter, share, per_mm)
    return axes


def _measure_bars(
    matrix: Matrix,
    targets: Mapping[tuple[str, ...], float],
    formatter: ChartFormatter,
    colours: Sequence[str],
    slot: float,
) -> list[_Bar]:
    """List the bars of all rows. The text of a bar with a target ends with the share reached.

    There is no share if the target is 0 or below, or the bar is below 0 or has no number. The share of few people is
    the most that it may be. ``slot`` is the height of a bar as a share of its row. Each group has one of ``colours``.
    """
    marks, groups = list[_Bar](), max(len(matrix.columns), 1)
    for line, row in enumerate(matrix.rows):
        for column, point in enumerate(row):
            keys = matrix.columns[column : column + 1]
            names = [formatter.name(key, matrix.column_dimension) for key in keys]
            goal = targets.get((point.key, *keys), nan)
            text = point.text
            stub_mm = NO_REPORT_DASH_MM if point.state in DASHED_STATES else 0
            if goal > 0 and point.state == "few":  # the most that their share may be
                share = point.few_base / goal
                text += f" · {numbers.less_than(share, 'share', formatter.language)}"
            elif goal > 0 and point.value >= 0:
                text += f" · {numbers.share(point.value / goal, formatter.language)}"
            y = line + 0.5 + (column - (groups - 1) / 2) * slot
            end = max(amount for amount in (0.0, point.value, goal) if not isnan(amount))
            is_pale = formatter.colour(point.key, point.label, *keys, *names) != formatter.colour()
            colour = hex_of("land") if is_pale else colours[column]
            tip = pictures.tip(", ".join((point.label, *names)), text)
            marks.append(_Bar(point.state, point.value, goal, end, stub_mm, text, y, colour, tip, point.doubt))
    return marks


def _units_per_mm(bar: _Bar, formatter: ChartFormatter, width_mm: float) -> float:
    """Return the units per mm at which a bar leaves room for its text and has at least a fifth of the width."""
    beyond_mm = bar.stub_mm + TEXT_GAP_MM + text_layout.width_of(bar.text, weight=600) + text_layout.TEXT_EDGE_GAP_MM
    end = max(bar.end, formatter.base if bar.state == "few" else 0.0)
    return end / max(width_mm - beyond_mm, width_mm / 5)


def _draw_marks(axes: Axes, bars: Sequence[_Bar], formatter: ChartFormatter, slot: float, units_per_mm: float) -> None:
    """Draw targets, bars, stubs and hatching, and write each text beyond its bar or stub."""
    table = pd.DataFrame(bars, columns=_Bar._fields)
    thick, stub = slot * BAR_FILL_SHARE, NO_REPORT_DASH_MM * units_per_mm
    targets = table.dropna(subset="target")
    if len(targets):
        ys, goals = targets["y"], targets["target"]
        axes.barh(ys, goals, thick, facecolor=formatter.tint, edgecolor=targets["colour"], linewidth=0.5)
        axes.vlines(goals, ys - slot / 2, ys + slot / 2, color=rcParams["text.color"], linewidth=1.2)
    valued = table[table["value"] > 0]
    patches = axes.barh(valued["y"], valued["value"], thick, color=valued["colour"])
    for patch, tip in zip(patches, valued["tip"], strict=True):
        patch.set_gid(tip)
    blanks = table.loc[table["state"].isin(DASHED_STATES), "y"]
    axes.hlines(blanks, stub / 4, stub, color=hex_of("muted"), linewidth=0.8)
    for mark in bars:
        if mark.doubt:
            length = mark.value * mark.doubt
            hatched = patch_properties(make_hatched_look(mark.colour), "")
            axes.barh(mark.y, length, thick, left=mark.value - length, **hatched)
        is_number = mark.state in ("value", "few")
        look: dict[str, Any] = {"weight": 600, "color": rcParams["text.color"]} if is_number else {}
        style = "italic" if mark.state in DASHED_STATES else "normal"
        place = max(mark.end, mark.stub_mm * units_per_mm), mark.y
        sheet_axes.annotate(axes, place, mark.text, dx_mm=TEXT_GAP_MM, va="center", fontstyle=style, **look)
