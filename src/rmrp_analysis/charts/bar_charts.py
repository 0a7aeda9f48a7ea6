"""Draws parts as horizontal bars from zero, each with its value; in groups, and as bullet bars with their targets."""

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
from rmrp_analysis.charts.chart_tables import ChartFormatter, Matrix, Order, State, Table, Unit, dimensions_of, tidy
from rmrp_analysis.charts.matplotlib_style import hex_of, sheet_style
from rmrp_analysis.charts.panels import draw_panels
from rmrp_analysis.charts.svg_sketch import look_of_doubt, properties
from rmrp_analysis.errors import RequestError, in_sentences
from rmrp_analysis.theme import pictures

MOST_GROUPS = 6
BAR_MM, BAR_SHARE = 3.7, 0.76  # the room of a bar, and what it fills of that
ROW_GAP_MM, CLOSE_MM = 1.6, 0.5  # between two rows of bars; between many
MANY_ROWS = 30  # more have one line each, close together
STUB_MM, GAP_MM = 1.5, 0.9
PANEL_HEAD_MM = 7.0  # above the bars of a panel, for its title


@in_sentences
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
    """Horizontal bars from zero, the longest first, each with its value; 88 mm wide, for rows × groups 118.7 mm.

    A part without a report is a dash; zeros and amounts below are only their text. ``grouped_bars`` is another name of
    this chart. What is not said here is an option of all charts.

    Args:
        table: Of parts, or of parts × up to six groups.
        targets: What was planned of the same parts: a pale bar behind with a tick of ink at its end, and the share of
            it after the value.
        panels: The name of a dimension, of which each part has a small chart of its own, all to one scale.

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
    formatter = ChartFormatter.of(table, unit, language, labels, decimals, color=color, highlight=highlight)
    if not panels:
        return _draw_bars(formatter, ax, title, axis_label, targets=targets, order=order, width_mm=width_mm)
    draw = partial(_draw_bars, axis_label="", order=order)
    look: dict[str, Any] = {"width_mm": width_mm or text_layout.COLUMNS_12_MM, "title": title, "axis_label": axis_label}
    around: Any = draw_panels(draw, formatter, panels, height_mm=_panel_height, **look)
    panel_axes = around.figure.axes[1:]
    per_mm = max((axes.get_xlim()[1] / sheet_axes.size_of(axes)[0] for axes in panel_axes), default=1.0)
    for axes in panel_axes:
        axes.set_xlim(0, sheet_axes.size_of(axes)[0] * per_mm)
    return cast(Axes, around)


def _panel_height(formatter: ChartFormatter) -> float:
    """How high the panel of a table is: its rows, each of one line, and a title."""
    rows = tidy(formatter.table, dimensions=dimensions_of(formatter.table)).index
    return len(rows) * (BAR_MM + ROW_GAP_MM) + PANEL_HEAD_MM


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
    """Draw the bars of a table to a scale of its own."""
    dimensions = min(dimensions_of(formatter.table), 2)
    with sheet_style():
        rows, goals = tidy(formatter.table, dimensions=dimensions), {}
        if targets is not None:
            wanted = tidy(targets, dimensions=dimensions)["value"].dropna()
            keys = wanted.index.to_frame().astype(str).itertuples(index=False, name=None)
            goals = dict(zip(keys, wanted, strict=True))
            rows = rows.reindex(rows.index.union(wanted.index, sort=False))
        matrix = formatter.matrix(rows, order)
        sheet_mm = width_mm or (text_layout.COLUMNS_6_MM if dimensions == 1 else text_layout.COLUMNS_8_MM)
        axes = _draw(matrix, goals, formatter, ax, sheet_mm, title, axis_label)
        return sheet_axes.finished(axes, matrix, formatter, within=ax)


class _Bar(NamedTuple):
    """A bar, how far it and its target reach (NaN where it has none), and the text beyond that and its stub."""

    state: State
    value: float
    goal: float
    end: float
    stub_mm: float
    text: str
    y: float
    colour: str
    tip: str
    doubt: float


def _draw(
    matrix: Matrix,
    goals: Mapping[tuple[str, ...], float],
    formatter: ChartFormatter,
    ax: Axes | None,
    sheet_mm: float,
    title: str,
    axis_label: str | None,
) -> Axes:
    import seaborn as sns  # brings much along, and a sheet has no such chart

    (rows, columns), groups = matrix, max(len(matrix.columns), 1)
    if groups > MOST_GROUPS:
        fault = f"grouped bars tell at most {MOST_GROUPS} groups apart, and the table has {groups}"
        raise RequestError(f"{fault}: draw charts.heatmap(table), or exchange its rows and columns")
    lines, gap_mm = (1, CLOSE_MM) if len(rows) > MANY_ROWS else (2, ROW_GAP_MM)
    left_mm, names = text_layout.room_for(
        [row[0].label for row in rows], sheet_axes.size_of(ax)[0] if ax else sheet_mm, lines
    )
    names_mm = text_layout.LINE_MM * max((1 + name.count("\n") for name in names), default=1)
    colours, ink = sns.light_palette(formatter.colour(), groups + 1, reverse=True), rcParams["text.color"]
    key: dict[str, Artist] = {formatter.name(name): Patch(color=colours[place]) for place, name in enumerate(columns)}
    if goals:
        tick = {"color": ink, "marker": "|", "markersize": 8, "markeredgewidth": 1.2, "linestyle": ""}
        key[formatter.translate("target")] = Line2D([], [], **tick)
    height_mm = max(len(rows), 1) * (max(groups * BAR_MM, names_mm) + gap_mm)
    usual_label = formatter.with_key_of_doubt(formatter.unit_name, [part for row in rows for part in row])
    label = usual_label if axis_label is None else axis_label
    axes = sheet_axes.frame(
        ax, sheet_mm, height_mm, title=title, axis_label=label, key=key, rows=names, left_mm=left_mm
    )

    width, row_mm = sheet_axes.size_of(axes)[0], sheet_axes.size_of(axes)[1] / max(len(rows), 1)
    bar = min(BAR_MM, (row_mm - gap_mm) / groups) / row_mm
    per_mm, marks = 0.0, list[_Bar]()
    for number, row in enumerate(rows):
        for group, part in enumerate(row):
            goal = goals.get((part.key, *columns[group : group + 1]), nan)
            text, stub_mm = part.text, STUB_MM if part.state == "no_report" else 0
            if goal > 0 and part.state == "few":  # the most that their share may be
                text += f" · {numbers.less_than(formatter.base / goal, 'share', formatter.language)}"
            elif goal > 0 and part.value >= 0:
                text += f" · {numbers.share(part.value / goal, formatter.language)}"
            y = number + 0.5 + (group - (groups - 1) / 2) * bar
            end = max(amount for amount in (0.0, part.value, goal) if not isnan(amount))
            beside_mm = stub_mm + GAP_MM + text_layout.width_of(text, weight=600) + text_layout.EDGE_MM
            widest = max(end, formatter.base if part.state == "few" else 0.0)
            per_mm = max(per_mm, widest / max(width - beside_mm, width / 5))
            name = ", ".join((part.label, *map(formatter.name, columns[group : group + 1])))
            group_names = [each for key in columns[group : group + 1] for each in (key, formatter.name(key))]
            pale = formatter.colour(part.key, part.label, *group_names) != formatter.colour()
            colour, tip = hex_of("land") if pale else to_hex(colours[group]), pictures.tip(name, text)
            marks.append(_Bar(part.state, part.value, goal, end, stub_mm, text, y, colour, tip, part.doubt))
    per_mm = per_mm or 1 / width
    axes.set(xlim=(0, width * per_mm), xticks=[])
    axes.spines["left"].set_visible(True)

    bar_table = pd.DataFrame(marks, columns=_Bar._fields)
    thick, stub = bar * BAR_SHARE, STUB_MM * per_mm
    if goals:
        aims = bar_table.dropna(subset="goal")
        axes.barh(aims["y"], aims["goal"], thick, facecolor=formatter.tint, edgecolor=aims["colour"], linewidth=0.5)
        axes.vlines(aims["goal"], aims["y"] - bar / 2, aims["y"] + bar / 2, color=ink, linewidth=1.2)
    valued = bar_table[bar_table["value"] > 0]
    missing = bar_table.loc[bar_table["state"] == "no_report", "y"]
    drawn = axes.barh(valued["y"], valued["value"], thick, color=valued["colour"])
    for patch, tip in zip(drawn, valued["tip"], strict=True):
        patch.set_gid(tip)
    axes.hlines(missing, stub / 4, stub, color=hex_of("muted"), linewidth=0.8)
    _write_doubt_and_texts(axes, marks, thick, per_mm)
    return axes


def _write_doubt_and_texts(axes: Axes, marks: Sequence[_Bar], thick: float, per_mm: float) -> None:
    """Hatch the end of each bar that is in doubt, and write each text beyond its bar or stub."""
    for mark in marks:
        if mark.doubt:
            length = mark.value * mark.doubt
            hatched = properties(look_of_doubt(mark.colour), "")
            axes.barh(mark.y, length, thick, left=mark.value - length, **hatched)
        is_number = mark.state in ("value", "few")
        look: dict[str, Any] = {"weight": 600, "color": rcParams["text.color"]} if is_number else {}
        style = "italic" if mark.state == "no_report" else "normal"
        place = max(mark.end, mark.stub_mm * per_mm), mark.y
        sheet_axes.annotate(axes, place, mark.text, dx_mm=GAP_MM, va="center", fontstyle=style, **look)
