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
MAX_FULL_HEIGHT_ROWS = 30  # of more rows, each has one line, and they stand close together
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

    The chart is 88 mm wide, for rows × groups 118.7 mm. A category without a report is a dash; zeros and amounts below
    are only their text. ``grouped_bars`` is another name of this chart. All other arguments are options of all charts.

    Args:
        table: Of categories, or of categories × up to six groups.
        targets: What was planned for the same categories: a pale bar behind with a dark tick at its end; the share that
            was reached stands after the value.
        panels: The name of a dimension: each of its categories has a small chart of its own, all on one scale, 180 mm
            wide together. ``ax`` and ``targets`` are then not used.

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
    look: dict[str, Any] = {
        "width_mm": width_mm or text_layout.COLUMNS_12_WIDTH_MM,
        "title": title,
        "axis_label": axis_label,
    }
    around: Any = draw_panels(draw, formatter, panels, height_mm=_panel_height, **look)
    panel_axes = around.figure.axes[1:]
    per_mm = max((axes.get_xlim()[1] / sheet_axes.size_mm_of(axes)[0] for axes in panel_axes), default=1.0)
    for axes in panel_axes:
        axes.set_xlim(0, sheet_axes.size_mm_of(axes)[0] * per_mm)
    return cast(Axes, around)


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

    A category that only ``targets`` has gets a row without a report. ``axis_label`` None: the unit.
    Raises ``RequestError`` for more than six groups.
    """
    dimensions = min(count_dimensions(formatter.table), 2)
    with sheet_style():
        rows, goals = tidy(formatter.table, dimensions=dimensions), {}
        if targets is not None:
            wanted = tidy(targets, dimensions=dimensions)["value"].dropna()
            keys = wanted.index.to_frame().astype(str).itertuples(index=False, name=None)
            goals = dict(zip(keys, wanted, strict=True))
            rows = rows.reindex(rows.index.union(wanted.index, sort=False))
        matrix = formatter.read_matrix(rows, order)
        sheet_mm = width_mm or (text_layout.COLUMNS_6_WIDTH_MM if dimensions == 1 else text_layout.COLUMNS_8_WIDTH_MM)
        axes = _draw_rows(matrix, goals, formatter, ax, sheet_mm, title, axis_label)
        return sheet_axes.finish_axes(axes, matrix, formatter, given_axes=ax)


class _Bar(NamedTuple):
    """A bar to draw: how far it and its target reach, and the text beyond both.

    ``value`` and ``target`` are NaN where there is none; ``end`` is the larger of them. ``doubt`` is the share of the
    value that is hatched (0–1); a bar without a report is a stub of ``stub_mm``.
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
    """Draw rows of bars, one bar for each group, on ``ax`` or on axes that are as high as the rows need.

    ``targets`` are by the keys of row and group. Raises ``RequestError`` for more than six groups.
    """
    import seaborn as sns  # loads much, and a sheet has no such chart

    data_point_rows, group_count = matrix.rows, max(len(matrix.columns), 1)
    if group_count > MAX_GROUPS:
        fault_text = f"grouped bars tell at most {MAX_GROUPS} groups apart, and the table has {group_count}"
        raise RequestError(f"{fault_text}: draw charts.heatmap(table), or exchange its rows and columns")
    max_row_name_line_count, row_gap_mm = (
        (1, CLOSE_ROW_GAP_MM) if len(data_point_rows) > MAX_FULL_HEIGHT_ROWS else (2, ROW_GAP_MM)
    )
    available_width_mm = sheet_axes.size_mm_of(ax)[0] if ax else chart_width_mm
    row_names_width_mm, row_names = text_layout.fit_row_names(
        [row_data_points[0].label for row_data_points in data_point_rows], available_width_mm, max_row_name_line_count
    )
    row_name_height_mm = text_layout.TEXT_LINE_HEIGHT_MM * max(
        (1 + row_name.count("\n") for row_name in row_names), default=1
    )
    group_rgb_colours = sns.light_palette(formatter.colour(), group_count + 1, reverse=True)[:group_count]
    legend_artist_by_name: dict[str, Artist] = {
        formatter.name(group_key, matrix.column_dimension): Patch(color=group_rgb_colour)
        for group_key, group_rgb_colour in zip(matrix.columns, group_rgb_colours, strict=False)
    }
    if targets:
        target_tick_options = {"color": rcParams["text.color"], "marker": "|", "markersize": 8, "markeredgewidth": 1.2}
        legend_artist_by_name[formatter.translate("target")] = Line2D([], [], linestyle="", **target_tick_options)
    explained_axis_label = formatter.explain_doubt(
        formatter.unit_name,
        (bar_data_point.doubt for row_data_points in data_point_rows for bar_data_point in row_data_points),
    )
    axes = sheet_axes.prepare_axes(
        ax,
        chart_width_mm,
        max(len(data_point_rows), 1) * (max(group_count * BAR_SLOT_HEIGHT_MM, row_name_height_mm) + row_gap_mm),
        title=title,
        axis_label=explained_axis_label if axis_label is None else axis_label,
        legend=legend_artist_by_name,
        rows=row_names,
        left_mm=row_names_width_mm,
    )
    axes_width_mm, axes_height_mm = sheet_axes.size_mm_of(axes)
    row_height_mm = axes_height_mm / max(len(data_point_rows), 1)
    bar_height_share = min(BAR_SLOT_HEIGHT_MM, (row_height_mm - row_gap_mm) / group_count) / row_height_mm
    bars_to_draw = _measure_bars(matrix, targets, formatter, list(map(to_hex, group_rgb_colours)), bar_height_share)
    units_per_mm = (
        max((_units_per_mm(bar_to_draw, formatter, axes_width_mm) for bar_to_draw in bars_to_draw), default=0.0)
        or 1 / axes_width_mm
    )
    axes.set(xlim=(0, axes_width_mm * units_per_mm), xticks=[])
    axes.spines["left"].set_visible(True)
    _draw_marks(axes, bars_to_draw, formatter, bar_height_share, units_per_mm)
    return axes


def _measure_bars(
    matrix: Matrix,
    targets: Mapping[tuple[str, ...], float],
    formatter: ChartFormatter,
    colours: Sequence[str],
    slot: float,
) -> list[_Bar]:
    """List the bars of all rows, row by row; the text of one with a target ends with the share that was reached.

    Targets of 0 or below, and bars below 0 or without a number, have no share; few people have the most that it may be.
    ``slot`` is the height of a bar as a share of its row, ``colours`` those of groups.
    """
    marks, groups = list[_Bar](), max(len(matrix.columns), 1)
    for row_index, rows in enumerate(matrix.rows):
        for number, part in enumerate(rows):
            bar_group_keys = matrix.columns[number : number + 1]
            bar_group_names = [formatter.name(group_key, matrix.column_dimension) for group_key in bar_group_keys]
            goal = targets.get((part.key, *bar_group_keys), nan)
            text = part.text
            stub_mm = NO_REPORT_DASH_MM if part.state in DASHED_STATES else 0
            if goal > 0 and part.state == "few":  # the most that their share may be
                max_few_share = part.few_base / goal
                text += f" · {numbers.less_than(max_few_share, 'share', formatter.language)}"
            elif goal > 0 and part.value >= 0:
                text += f" · {numbers.share(part.value / goal, formatter.language)}"
            y = row_index + 0.5 + (number - (groups - 1) / 2) * slot
            end = max(amount for amount in (0.0, part.value, goal) if not isnan(amount))
            is_bar_pale = (
                formatter.colour(part.key, part.label, *bar_group_keys, *bar_group_names) != formatter.colour()
            )
            colour = hex_of("land") if is_bar_pale else colours[number]
            tip = pictures.tip(", ".join((part.label, *bar_group_names)), text)
            marks.append(_Bar(part.state, part.value, goal, end, stub_mm, text, y, colour, tip, part.doubt))
    return marks


def _units_per_mm(bar: _Bar, formatter: ChartFormatter, width_mm: float) -> float:
    """Return the scale, in units per mm, at which a bar leaves its text room, but has at least a fifth of the width."""
    stub_and_text_width_mm = (
        bar.stub_mm + TEXT_GAP_MM + text_layout.width_of(bar.text, weight=600) + text_layout.TEXT_EDGE_GAP_MM
    )
    bar_end_value = max(bar.end, formatter.base if bar.state == "few" else 0.0)
    return bar_end_value / max(width_mm - stub_and_text_width_mm, width_mm / 5)


def _draw_marks(axes: Axes, bars: Sequence[_Bar], formatter: ChartFormatter, slot: float, units_per_mm: float) -> None:
    """Draw targets, bars, stubs and hatching, and write each text beyond its bar or stub."""
    bar_table = pd.DataFrame(bars, columns=_Bar._fields)
    thick, no_report_stub_length = slot * BAR_FILL_SHARE, NO_REPORT_DASH_MM * units_per_mm
    target_bar_table = bar_table.dropna(subset="target")
    if len(target_bar_table):
        target_bar_y_series, target_value_series = target_bar_table["y"], target_bar_table["target"]
        axes.barh(
            target_bar_y_series,
            target_value_series,
            thick,
            facecolor=formatter.tint,
            edgecolor=target_bar_table["colour"],
            linewidth=0.5,
        )
        axes.vlines(
            target_value_series,
            target_bar_y_series - slot / 2,
            target_bar_y_series + slot / 2,
            color=rcParams["text.color"],
            linewidth=1.2,
        )
    value_bar_table = bar_table[bar_table["value"] > 0]
    bar_container = axes.barh(value_bar_table["y"], value_bar_table["value"], thick, color=value_bar_table["colour"])
    for bar_patch, tooltip in zip(bar_container, value_bar_table["tip"], strict=True):
        bar_patch.set_gid(tooltip)
    unreported_bar_y_series = bar_table.loc[bar_table["state"].isin(DASHED_STATES), "y"]
    axes.hlines(
        unreported_bar_y_series, no_report_stub_length / 4, no_report_stub_length, color=hex_of("muted"), linewidth=0.8
    )
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
