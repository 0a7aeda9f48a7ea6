"""Draws dots: parts along one measure, and parts between two measures."""

from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

import pandas as pd
from matplotlib import rcParams
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from rmrp_analysis import numbers
from rmrp_analysis.charts import sheet_axes, text_layout
from rmrp_analysis.charts.chart_tables import ChartFormatter, Matrix, Order, Part, Table, Unit, dimensions_of, tidy
from rmrp_analysis.charts.matplotlib_style import hex_of, sheet_style
from rmrp_analysis.charts.svg_sketch import Box4, overlaps
from rmrp_analysis.errors import RequestError, check_allowed, in_sentences
from rmrp_analysis.theme import pictures

MOST_GROUPS = 6
ROW_MM, DOT_PT, LINE_PT = 5.6, 5.5, 1.2
GAP_MM, BESIDE_DOT_MM = 1.0, 1.6  # between a dot and its text
SCATTER_MM, FOOT_MM, TICKS = 66.0, 10.5, 5
PLAIN = "number"  # a unit of which numbers are printed as they are
FREE_SHARE = 0.06  # of the axes, beyond the outermost dots


@in_sentences
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
    """Rows of dots from zero, those with most first, 88 mm wide; a line joins the dots of a row.

    The least and the most of a row have their value. What is not known, or 0 in all groups, is a text. What is not said
    here is an option of all charts.

    Args:
        table: Of parts, or of parts × up to six groups.

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

    formatter = ChartFormatter.of(table, unit, language, labels, decimals, color=color, highlight=highlight)
    matrix = formatter.matrix(tidy(table, dimensions=min(dimensions_of(table), 2)), order)
    rows, groups = matrix.rows, max(len(matrix.columns), 1)
    if groups > MOST_GROUPS:
        fault = f"dots tell at most {MOST_GROUPS} groups apart, and the table has {groups}"
        raise RequestError(f"{fault}: draw charts.heatmap(table), or exchange its rows and columns")
    colours = list(map(to_hex, sns.light_palette(formatter.colour(), groups + 1, reverse=True)[:groups]))
    dot: dict[str, Any] = {"marker": "o", "linestyle": "", "markersize": DOT_PT}
    key: dict[str, Artist] = {
        formatter.name(name): Line2D([], [], color=colour, **dot)
        for name, colour in zip(matrix.columns, colours, strict=False)
    }
    left_mm, names = text_layout.room_for(
        [row[0].label for row in rows], sheet_axes.size_of(ax)[0] if ax else width_mm, 1
    )
    label = formatter.unit_name if axis_label is None else axis_label
    around: dict[str, Any] = {"title": title, "axis_label": label, "key": key, "rows": names, "left_mm": left_mm}
    texts = [part.text for row in rows for part in row]
    most = max([part.value for row in rows for part in row if not isnan(part.value)], default=0.0) or 1.0
    with sheet_style():
        axes = sheet_axes.frame(ax, width_mm, ROW_MM * max(len(rows), 1), **around)
        wide_mm = sheet_axes.size_of(axes)[0]
        text_mm = max((text_layout.width_of(text, weight=600) for text in texts), default=0.0)
        per_mm = most / max(wide_mm - text_mm - 3 * BESIDE_DOT_MM, wide_mm / 3)
        axes.set(xlim=(-BESIDE_DOT_MM * per_mm, (wide_mm - BESIDE_DOT_MM) * per_mm), xticks=[])
        axes.axvline(0, color=rcParams["text.color"], linewidth=0.8)
        for number, row in enumerate(rows):
            _draw_row(axes, number + 0.5, row, colours, matrix, formatter, per_mm)
        return sheet_axes.finished(axes, matrix, formatter, within=ax)


def _draw_row(
    axes: Axes,
    y: float,
    row: Sequence[Part],
    colours: Sequence[str],
    matrix: Matrix,
    formatter: ChartFormatter,
    per_mm: float,
) -> None:
    """Draw the dots of a row, the line that joins them, and the texts at its ends."""
    by_group = list(zip(row, [*matrix.columns, ""], colours, strict=False))
    valued = [(part, group, colour) for part, group, colour in by_group if part.value > 0]
    if not valued:
        sheet_axes.annotate(axes, (0, y), row[0].text, dx_mm=GAP_MM, va="center", fontstyle="italic")
        return
    ordered = sorted((part for part, *_ in valued), key=lambda part: part.value)
    first, last = ordered[0], ordered[-1]
    axes.hlines(y, first.value if matrix.columns else 0, last.value, color=hex_of("land"), linewidth=LINE_PT, zorder=1)
    for part, group, colour in valued:
        is_pale = formatter.colour(part.key, part.label, group, formatter.name(group)) == hex_of("land")
        tip = pictures.tip(", ".join(filter(None, (part.label, formatter.name(group)))), part.text)
        look: dict[str, Any] = {"color": hex_of("land") if is_pale else colour, "markersize": DOT_PT, "gid": tip}
        axes.plot(part.value, y, "o", **look)
    number: dict[str, Any] = {"va": "center", "weight": 600, "color": rcParams["text.color"]}
    if first.value < last.value and first.value / per_mm > text_layout.width_of(first.text, weight=600) + BESIDE_DOT_MM:
        sheet_axes.annotate(axes, (first.value, y), first.text, dx_mm=-BESIDE_DOT_MM, ha="right", **number)
    sheet_axes.annotate(axes, (last.value, y), last.text, dx_mm=BESIDE_DOT_MM, **number)


@in_sentences
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
    """A dot for each row between two measures, 88 × 66 mm, with the name of the row where it has room.

    Names of highlighted rows come first, then those of the highest; none covers a dot or another name. What is not said
    here is an option of all charts.

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
    measured = [x or columns[0], y or next(column for column in columns if column != (x or columns[0]))]
    for column in measured:
        check_allowed(column, columns, "the table has no column")
    across, down = (
        ChartFormatter.of(table[column], unit or PLAIN, language, labels, color=color, highlight=highlight)
        for column, unit in zip(measured, units, strict=True)
    )
    pairs = zip(across.parts(sign="changes"), down.parts(sign="changes"), strict=True)
    parts = [(part, other) for part, other in pairs if not isnan(part.value + other.value)]
    names = [
        printing.name(column)
        if printing.unit in (PLAIN, "people", "count")
        else f"{printing.name(column)} ({printing.unit_name})"
        for printing, column in zip((across, down), measured, strict=True)
    ]
    with sheet_style():
        limits = [_ends([pair[place].value for pair in parts]) for place in range(2)]
        ticks = [
            [tick for tick in MaxNLocator(TICKS).tick_values(low, high) if low <= tick <= high] for low, high in limits
        ]
        texts = [[_tick(tick, printing) for tick in row] for row, printing in zip(ticks, (across, down), strict=True)]
        beside_pt = text_layout.points(GAP_MM) + DOT_PT / 2  # a dot on the axis covers no number
        room_mm = max(map(text_layout.width_of, texts[1]), default=0.0) + GAP_MM + beside_pt / text_layout.points(1)
        around: dict[str, Any] = {"title": title, "axis_label": names[1], "vertical": True}
        axes = sheet_axes.frame(ax, width_mm, SCATTER_MM, left_mm=room_mm, foot_mm=FOOT_MM, **around)
        axes.set(xlim=limits[0], ylim=limits[1])
        axes.set_xticks(ticks[0], texts[0])
        axes.set_yticks(ticks[1], texts[1])
        axes.tick_params(labelsize=text_layout.TEXT_PT, labelcolor=hex_of("muted"))
        axes.tick_params(axis="y", pad=beside_pt)
        axes.set_xlabel(names[0], loc="right", size=text_layout.TEXT_PT)
        axes.grid(color=hex_of("line"), linewidth=0.5)
        for part, other in parts:
            tip = pictures.tip(part.label, f"{part.text}; {other.text}")
            look: dict[str, Any] = {"color": across.colour(part.key, part.label), "markersize": DOT_PT, "gid": tip}
            axes.plot(part.value, other.value, "o", clip_on=False, **look)
        _write_names(axes, sorted(parts, key=lambda pair: -pair[1].value), across)
        named = [(part.label, f"{part.text}; {other.text}") for part, other in parts]
        return sheet_axes.remember(axes, sheet_axes.Drawing(table[measured], named, ""))


def _tick(number: float, printing: ChartFormatter) -> str:
    return numbers.rounded(number, printing.unit, printing.language) if number else "0"


def _ends(values: Sequence[float]) -> tuple[float, float]:
    """Where an axis begins and ends: at zero, unless all values are far from it."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    low = low if low < 0 or low > high / 2 else 0.0
    free = (high - low or abs(high) or 1.0) * FREE_SHARE
    return low - free * (low != 0), high + free


def _write_names(axes: Axes, parts: Sequence[tuple[Part, Part]], formatter: ChartFormatter) -> None:
    """Write names beside their dots: right, left, above or below, where they cover no dot and no other name."""
    (left, right), (low, high), (wide_mm, high_mm) = axes.get_xlim(), axes.get_ylim(), sheet_axes.size_of(axes)
    places = [
        ((part.value - left) / (right - left) * wide_mm, (other.value - low) / (high - low) * high_mm)
        for part, other in parts
    ]
    radius = DOT_PT / text_layout.points(1) / 2
    taken: list[Box4] = [(x - radius, y - radius, x + radius, y + radius) for x, y in places]
    pale = hex_of("land")
    is_pale = [formatter.colour(part.key, part.label) == pale for part, _ in parts]
    for place in sorted(range(len(parts)), key=is_pale.__getitem__):
        (part, other), (x, y) = parts[place], places[place]
        long, half = text_layout.width_of(part.label), text_layout.LINE_MM / 2
        sides: dict[str, Box4] = {
            "left": (x + BESIDE_DOT_MM, y - half, x + BESIDE_DOT_MM + long, y + half),
            "right": (x - BESIDE_DOT_MM - long, y - half, x - BESIDE_DOT_MM, y + half),
            "above": (x - long / 2, y + radius, x + long / 2, y + radius + 2 * half),
            "below": (x - long / 2, y - radius - 2 * half, x + long / 2, y - radius),
        }
        within = {
            side: box
            for side, box in sides.items()
            if box[0] >= 0 and box[2] <= wide_mm and box[1] >= 0 and box[3] <= high_mm
        }
        free = [side for side, box in within.items() if not overlaps(box, taken)]
        if not free:
            continue
        box = sides[free[0]]
        taken.append(box)
        away = ((box[0] + box[2]) / 2 - x, (box[1] + box[3]) / 2 - y)
        colour = hex_of("muted") if is_pale[place] else rcParams["text.color"]
        look: dict[str, Any] = {"ha": "center", "va": "center", "color": colour, "annotation_clip": False}
        offset = (text_layout.points(away[0]), text_layout.points(away[1]))
        axes.annotate(part.label, (part.value, other.value), offset, textcoords="offset points", **look)
