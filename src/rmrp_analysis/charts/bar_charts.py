"""Draws parts as horizontal bars from zero, each with its value; in groups, and as bullet bars with their targets."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan, nan

import seaborn as sns
from matplotlib import rcParams
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from rmrp_analysis import numbers
from rmrp_analysis.charts import paper
from rmrp_analysis.charts.look import MUTED, WITHHELD, colour_of, sheet_style, wanted_of
from rmrp_analysis.charts.parts import Matrix, Order, Part, Printing, Table, Unit, dimensions_of, tidy, unit_of
from rmrp_analysis.errors import RequestError

MOST_GROUPS = 6
BAR_MM, BAR_SHARE = 3.7, 0.76  # the room of a bar, and what it fills of that
ROW_GAP_MM, CLOSE_MM = 1.6, 0.5  # between two rows of bars; between many
MANY_ROWS = 30  # more have one line each, close together
STUB_MM, DASH_MM, GAP_MM = 1.2, 1.6, 0.9


def bars(
    table: Table,
    *,
    ax: Axes | None = None,
    order: Order = "value",
    title: str = "",
    axis_label: str | None = None,
    unit: Unit | None = None,
    language: str = "en",
    labels: Mapping[str, str] | None = None,
    small_count_threshold: int = 10,
) -> Axes:
    """Horizontal bars from zero, the longest first, each with its value; 88 mm wide.

    A withheld part is a hatched stub, a zero is only its text, a part without a report a dash.

    >>> import pandas as pd
    >>> axes = bars(pd.Series({"ECU": 318_000, "PER": 296_000, "COL": 742_000}), title="Most people are in Colombia")
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['Colombia', 'Ecuador', 'Peru']
    """
    with sheet_style():
        printed = Printing(unit_of(table, unit), language, labels or {}, small_count_threshold)
        parts = printed.parts(table, order)
        axes = _draw(Matrix([[part] for part in parts], []), {}, printed, ax, paper.COLUMNS_6_MM, title, axis_label)
        return paper.finished(axes, parts, within=ax)


def grouped_bars(
    table: Table,
    *,
    targets: Table | None = None,
    ax: Axes | None = None,
    order: Order = "value",
    title: str = "",
    axis_label: str | None = None,
    unit: Unit | None = None,
    language: str = "en",
    labels: Mapping[str, str] | None = None,
    small_count_threshold: int = 10,
) -> Axes:
    """Horizontal bars from zero for rows × groups, 118.7 mm wide; with targets of the same parts, bullet bars.

    A target is a pale bar behind with a tick of ink at its end, and the value is followed by its share of the target.
    A table of one dimension with targets has one bar a part. Raises ``RequestError`` for more than six groups.

    >>> import pandas as pd
    >>> axes = grouped_bars(pd.Series({"PER": 50, "ECU": 40}), targets=pd.Series({"PER": 100, "ECU": 30}))
    >>> [text.get_text() for text in axes.texts]
    ['50 · 50%', '40 · 133%']
    """
    with sheet_style():
        printed = Printing(unit_of(table, unit), language, labels or {}, small_count_threshold)
        dimensions, goals = dimensions_of(table), {}
        rows = tidy(table, dimensions=dimensions)
        if targets is not None:
            wanted = tidy(targets, dimensions=dimensions)["value"].dropna()
            keys = wanted.index.to_frame().astype(str).itertuples(index=False, name=None)
            goals = dict(zip(keys, wanted, strict=True))
            rows = rows.reindex(rows.index.union(wanted.index, sort=False))
        if dimensions == 1:
            parts = printed.parts(rows, order)
            matrix, shown = Matrix([[part] for part in parts], []), [(part.label, part.text) for part in parts]
        else:
            matrix = printed.matrix(rows, order)
            shown = printed.pairs(matrix)
        axes = _draw(matrix, goals, printed, ax, paper.COLUMNS_8_MM, title, axis_label)
        return paper.finished(axes, shown, within=ax)


@dataclass(frozen=True)
class _Bar:
    """A bar: its part, its target (NaN where it has none), its text, where it stands in the rows, its colour."""

    part: Part
    goal: float
    text: str
    y: float
    colour: str

    @property
    def end(self) -> float:
        """How far it and its target reach."""
        return max(amount for amount in (0.0, self.part.value, self.goal) if not isnan(amount))

    @property
    def stub_mm(self) -> float:
        """How far what stands for a missing value reaches."""
        return {"withheld": STUB_MM, "no_report": DASH_MM}.get(self.part.state, 0)


def _draw(
    matrix: Matrix,
    goals: Mapping[tuple[str, ...], float],
    printed: Printing,
    ax: Axes | None,
    sheet_mm: float,
    title: str,
    axis_label: str | None,
) -> Axes:
    (rows, columns), groups = matrix, max(len(matrix.columns), 1)
    if groups > MOST_GROUPS:
        raise RequestError(
            f"grouped bars tell at most {MOST_GROUPS} groups apart, and the table has {groups}: "
            "draw charts.heatmap(table), or exchange its rows and columns"
        )
    lines, gap_mm = (1, CLOSE_MM) if len(rows) > MANY_ROWS else (2, ROW_GAP_MM)
    room_mm = paper.size_mm(ax)[0] if ax else sheet_mm
    left_mm, names = paper.room_for([row[0].label for row in rows], room_mm, lines=lines)
    names_mm = paper.LINE_MM * max((1 + name.count("\n") for name in names), default=1)
    key = [*map(printed.name, columns), *([printed.words("target")] if goals else [])]
    label, above_mm = printed.unit_name if axis_label is None else axis_label, paper.key_mm(key, room_mm)
    head_mm = above_mm + (paper.AXIS_LABEL_MM if label else 0)
    height_mm = head_mm + max(len(rows), 1) * (max(groups * BAR_MM, names_mm) + gap_mm)
    axes = paper.axes_for(ax, sheet_mm, height_mm, title=title, left_mm=left_mm, head_mm=head_mm)

    row_mm = paper.size_mm(axes)[1] / max(len(rows), 1)
    bar = min(BAR_MM, (row_mm - gap_mm) / groups) / row_mm
    colours, ink = sns.light_palette(to_hex(colour_of(printed.unit)), groups + 1, reverse=True), rcParams["text.color"]
    marks = []
    for number, row in enumerate(rows):
        for group, part in enumerate(row):
            goal = goals.get((part.key, *columns[group : group + 1]), nan)
            share = f" · {numbers.share(part.value / goal, printed.language)}" if goal > 0 and part.value >= 0 else ""
            y = number + (group - (groups - 1) / 2) * bar
            marks.append(_Bar(part, goal, f"{part.text}{share}", y, to_hex(colours[group])))
    axes.set(ylim=(max(len(rows), 1) - 0.5, -0.5), xticks=[])
    axes.set_yticks(range(len(rows)), names, va="center")
    axes.tick_params(axis="y", pad=paper.points(paper.GAP_MM))
    per_mm = _scale(axes, marks)
    for mark in marks:
        _draw_bar(axes, mark, bar, per_mm, wanted_of(printed.unit))
    axes.axvline(0, color=ink, linewidth=rcParams["axes.linewidth"])
    paper.label_axis(axes.xaxis, label, left_mm=left_mm, above_mm=above_mm)
    swatches: list[Artist] = [Patch(facecolor=colours[group]) for group in range(len(columns))]
    tick = Line2D([], [], color=ink, marker="|", linestyle="", markersize=8, markeredgewidth=1.2)
    paper.draw_key(axes, dict(zip(key, [*swatches, tick], strict=False)), left_mm=left_mm)
    return axes


def _scale(axes: Axes, marks: list[_Bar]) -> float:
    """Set the axis so that every bar has room for its text beyond its end; what one millimetre is worth."""
    widths = [paper.width_mm(mark.text, weight=600) + GAP_MM for mark in marks]
    lowest = min((mark.part.value for mark in marks if mark.part.value < 0), default=0.0)
    beside_mm = max((width for mark, width in zip(marks, widths, strict=True) if mark.part.value < 0), default=0.0)
    beside_mm += paper.EDGE_MM if beside_mm else 0
    room_mm, per_mm = paper.size_mm(axes)[0] - beside_mm, 0.0
    for mark, width in zip(marks, widths, strict=True):
        text_mm = 0 if mark.part.value < 0 else width + mark.stub_mm + paper.EDGE_MM
        per_mm = max(per_mm, (mark.end - lowest) / max(room_mm - text_mm, room_mm / 5))
    per_mm = per_mm or 1 / room_mm
    axes.set_xlim(lowest - beside_mm * per_mm, lowest + room_mm * per_mm)
    return per_mm


def _draw_bar(axes: Axes, mark: _Bar, bar: float, per_mm: float, wanted: str) -> None:
    part, thick, ink, end = mark.part, bar * BAR_SHARE, rcParams["text.color"], max(mark.end, mark.stub_mm * per_mm)
    if not isnan(mark.goal):
        axes.barh(mark.y, mark.goal, thick, facecolor=wanted, edgecolor=mark.colour, linewidth=0.5)
        axes.vlines(mark.goal, mark.y - bar / 2, mark.y + bar / 2, color=ink, linewidth=1.2)
    if part.state == "withheld":
        axes.barh(mark.y, STUB_MM * per_mm, thick, **WITHHELD)
    elif part.state == "no_report":
        axes.hlines(mark.y, 0.4 * per_mm, DASH_MM * per_mm, color=MUTED)
    else:
        axes.barh(mark.y, part.value, thick, color=mark.colour)
    look = {"weight": 600, "color": ink} if part.state == "value" else {}
    if part.value < 0:
        paper.written(axes, (part.value, mark.y), mark.text, dx_mm=-GAP_MM, ha="right", va="center", **look)
    else:
        style = "italic" if part.state == "no_report" else "normal"
        paper.written(axes, (end, mark.y), mark.text, dx_mm=GAP_MM, va="center", fontstyle=style, **look)
