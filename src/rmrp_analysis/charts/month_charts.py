"""Draws months: the columns of one series, or a row of small columns for each of several."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from math import isnan
from typing import TYPE_CHECKING

import pandas as pd

from rmrp_analysis import numbers
from rmrp_analysis.charts import measures
from rmrp_analysis.charts.look import hex_of, sheet_style
from rmrp_analysis.charts.parts import Matrix, Part, Printing, Table, Unit, dimensions_of, tidy
from rmrp_analysis.charts.sketches import WHITE, Box, Box4, Label, Line, Look, Sketch
from rmrp_analysis.labels import is_month
from rmrp_analysis.theme import pictures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HEIGHT_MM = 44.0
FOOT_MM = 6.0  # below the axis, for the months' letters
ABOVE_PEAK_MM = 7.2  # above the highest column, for its value
SLOT_MM = 11.0  # the most room one month takes
COLUMN_SHARE = 0.7  # of its slot
LEAST_COLUMN_MM = 0.5
GAP_MM = 0.9  # between a column and its value
DASH_MM, DASH_SLOTS = 1.2, 0.15  # where no report came in: how high above the axis, how far to either side
DESCENDER_MM = 0.5  # more room over a dash, for the p of report
EDGE_MM = 0.5  # free at left and right, for a wide first or last value
LEAST_GAP_MM = 0.45  # between two texts
LINE_MM = 4.0  # how far a crowded peak value is lifted
WIDEST_SHARE = 1.1  # of a slot, for a value that lies flat
PEAK_PT, LETTER_PAD_PT = 9.2, 4.5
LETTER_PT, BELOW_AXIS_MM = 8.8, 4.7  # the letters of months, and how far their base line is below the axis
PACE_DASHES = (3, 2)
STRIP_MM = 9.4  # a row of small columns


def months(
    table: Table,
    *,
    ax: "Axes | None" = None,
    title: str = "",
    axis_label: str | None = None,
    unit: Unit | None = None,
    language: str = "en",
    labels: Mapping[str, str] | None = None,
) -> "Axes":
    """Columns by month, 88 × 44 mm, from zero; for months × parts a row of columns for each part, 118.7 mm wide.

    A column lower than 0.5 mm is drawn 0.5 mm high so that it can be seen; the first highest one is named in bold.
    A reported zero is only its text, neighbouring months
    without a report share one text; a month that the table leaves out has no report. Numbers whose unit has no room
    (in English that of people has) are in thousands, and the axis says so. With ``table.attrs["pace"]``, a dashed line
    says how many a month would be needed. The rows of several parts have a scale each, so that small ones can be seen:
    compare them by the values in bold.

    >>> import pandas as pd
    >>> axes = months(pd.Series({"2021-01": 947, "2021-02": 388, "2021-04": 0}), title="A slow start")
    >>> [text.get_text() for text in axes.texts]
    ['388', '0', 'no report', '947']
    """
    from rmrp_analysis.charts import paper  # brings Matplotlib along, and a sheet has the sketch

    with sheet_style():
        printed = Printing.of(table, unit, language, labels)
        if dimensions_of(table) > 1:
            matrix = printed.matrix(_without_gaps(table), "value")
            axes = _draw_strips(matrix, printed, ax, title, axis_label)
            return paper.finished(axes, printed.pairs(matrix), within=ax, table=table)
        columns, unit_name = _columns(table, printed)
        label = unit_name if axis_label is None else axis_label
        size = measures.COLUMNS_6_MM, HEIGHT_MM
        axes = paper.frame(ax, *size, title=title, axis_label=label, vertical=True, foot_mm=FOOT_MM)
        _draw_columns(axes, columns, printed, pace=_pace(table))
        _name_months(axes, [column.key for column in columns], printed)
        return paper.finished(axes, columns, within=ax, table=table)


def months_sketch(
    table: Table,
    *,
    size_mm: tuple[float, float] = (measures.COLUMNS_6_MM, HEIGHT_MM),
    axis_label: str | None = None,
    unit: Unit | None = None,
    language: str = "en",
    labels: Mapping[str, str] | None = None,
) -> Sketch | None:
    """What ``months`` draws of one series, without title and axis label; None for what has more than that."""
    printed = Printing.of(table, unit, language, labels)
    if axis_label != "" or dimensions_of(table) > 1:
        return None
    columns, _ = _columns(table, printed)
    sketch = _sketch(columns, printed, *size_mm, foot_mm=FOOT_MM, pace=_pace(table))
    end = sketch.start + sketch.width_mm / sketch.unit_mm[0]
    axis = Line([(sketch.start, 0), (end, 0)], Look(edge=hex_of("ink"), width=0.8))
    letter = Label(0, 0, "", hex_of("muted"), "center", LETTER_PT, above_mm=-BELOW_AXIS_MM)
    names = _names([column.key for column in columns], printed)
    sketch.marks[:0] = [axis, *(letter._replace(x=month, words=name) for month, name in enumerate(names))]
    sketch.leave_out_overlapping()
    return sketch


def _columns(table: Table, printed: Printing) -> tuple[list[Part], str]:
    """The months of one series and their unit; numbers whose unit has no room are in thousands."""
    columns, unit_name = printed.parts(_without_gaps(table)), printed.unit_name
    if printed.unit in ("people", "count"):
        values = [column.value for column in columns if not isnan(column.value)]
        digits = numbers.digits_of_thousands(values, printed.unit, printed.language)
        if digits is not None:
            unit_name = printed.words("{unit}, in thousands", unit=unit_name)
            columns = [
                replace(column, text=numbers.thousands(column.value, digits, printed.language))
                if column.value > 0
                else column
                for column in columns
            ]
    return columns, unit_name


def _pace(table: Table) -> float:
    return getattr(table, "attrs", {}).get("pace") or 0.0


def _names(keys: Sequence[str], printed: Printing) -> list[str]:
    """The letter of each month, since more has no room; other keys in full."""
    names = {key: numbers.month_letter(key, printed.language) if is_month(key) else printed.name(key) for key in keys}
    return [printed.labels.get(key, names[key]) for key in keys]


def _name_months(axes: "Axes", keys: Sequence[str], printed: Printing) -> None:
    axes.set_xticks(range(len(keys)), _names(keys, printed))
    axes.tick_params(axis="x", pad=LETTER_PAD_PT)


def _draw_columns(
    axes: "Axes", columns: Sequence[Part], printed: Printing, *, small: bool = False, pace: float = 0
) -> None:
    """Columns with their texts on axes whose units are the number of a month, and people or money."""
    from matplotlib.container import BarContainer

    from rmrp_analysis.charts import artists, paper

    sketch = _sketch(columns, printed, *paper.size_mm(axes), small=small, pace=pace)
    right, top = (size / unit for size, unit in zip(paper.size_mm(axes), sketch.unit_mm, strict=True))
    axes.set(xlim=(sketch.start, sketch.start + right), ylim=(0, top), yticks=[])
    axes.spines[["top", "left", "right"]].set_visible(False)
    axes.spines["bottom"].set_visible(True)
    artists.draw_on(axes, sketch)
    axes.add_container(BarContainer(list(axes.patches), orientation="vertical"))  # type: ignore[arg-type]


def _sketch(
    columns: Sequence[Part],
    printed: Printing,
    width: float,
    height: float,
    *,
    foot_mm: float = 0,
    small: bool = False,
    pace: float = 0,
) -> Sketch:
    """Columns from zero with their texts; of ``small`` ones the highest is named, the others where they have room."""
    slot_mm = min((width - 2 * EDGE_MM) / max(len(columns), 1), SLOT_MM)
    valued = [month for month, column in enumerate(columns) if column.value > 0]
    peak = max(valued, key=lambda month: columns[month].value, default=None)
    highest = 1.0 if peak is None else columns[peak].value
    scale = max(highest, *(printed.base for column in columns if column.state == "few"), pace)
    room = height - foot_mm
    per_mm = scale / max(room - ABOVE_PEAK_MM, room / 2)
    above_dash = (DASH_MM + DESCENDER_MM) * per_mm
    first = -0.5 - EDGE_MM / slot_mm
    sketch = Sketch(width, height, (slot_mm, 1 / per_mm), first, foot_mm)

    colour = hex_of("money" if printed.unit == "usd" else "people")
    for month, column in enumerate(columns):
        if column.value > 0:
            high = max(column.value, LEAST_COLUMN_MM * per_mm)
            sketch.add(Box(month - COLUMN_SHARE / 2, 0, COLUMN_SHARE, high, Look(colour), _in_full(column, printed)))
        elif column.state == "no_report":
            ends = [(month + side, DASH_MM * per_mm) for side in (-DASH_SLOTS, DASH_SLOTS)]
            sketch.add(Line(ends, Look(edge=hex_of("muted"), width=0.8)))
    usual = Label(0, 0, "", hex_of("muted"), "center", above_mm=GAP_MM, ground=WHITE if pace else "")
    named = [] if small else [month for month in valued if month != peak]
    boxes: list[Box4] = []
    for label, slots in _texts(columns, named, usual, above_dash):
        is_wide = measures.width_of(label.words, style=label.style) > slots * slot_mm
        is_upright = is_wide or _is_crowded(sketch.box_mm(label), boxes)
        placed = label._replace(is_upright=is_upright)
        boxes.append(sketch.box_mm(placed))
        sketch.add(*[placed] * (not small or not is_upright))
    if peak is not None:
        bold = usual._replace(y=highest, words=columns[peak].text, colour=hex_of("ink"), weight=700)
        bold = bold if small else bold._replace(size=PEAK_PT)
        half = measures.width_of(bold.words, weight=700, size=bold.size) / slot_mm / 2
        bold = bold._replace(x=min(max(peak, first + half), first + width / slot_mm - half))
        is_crowded = not small and _is_crowded(sketch.box_mm(bold), boxes)
        sketch.add(bold._replace(above_mm=GAP_MM + LINE_MM * is_crowded))
    if pace:
        ends = [(-0.5, pace), (len(columns) - 0.5, pace)]
        sketch.add(Line(ends, Look(edge=hex_of("ink"), width=0.8, dashes=PACE_DASHES), is_behind=True))
    return sketch


def _texts(columns: Sequence[Part], named: Collection[int], usual: Label, foot: float) -> Iterator[tuple[Label, float]]:
    """The texts over these columns and over zeros, each with the slots that it may fill.

    Neighbouring months without a report share one text, over the dash of each of them.
    """
    for month, column in enumerate(columns):
        if month in named or column.state == "zero" or (column.state == "value" and column.value < 0):
            yield usual._replace(x=month, y=max(column.value, 0), words=column.text), WIDEST_SHARE
    for state, run in groupby(range(len(columns)), key=lambda month: columns[month].state):
        if state == "no_report":
            months = list(run)
            middle, words = sum(months) / len(months), columns[months[0]].text
            yield usual._replace(x=middle, y=foot, words=words, style="italic"), len(months)


def _in_full(column: Part, printed: Printing) -> str:
    """What a column stands for, also where its text is in thousands."""
    counts = column.state == "value" and printed.unit in ("people", "count")
    return pictures.tip(column.label, numbers.count(column.value, printed.language) if counts else column.text)


def _is_crowded(box: Box4, beside: Sequence[Box4]) -> bool:
    left, foot, right, top = box
    return any(
        left - LEAST_GAP_MM < other[2]
        and other[0] < right + LEAST_GAP_MM
        and foot - LEAST_GAP_MM < other[3]
        and other[1] < top + LEAST_GAP_MM
        for other in beside
    )


def _without_gaps(table: Table) -> pd.DataFrame:
    """The table with every month between its first and its last; of two dimensions, months become the second."""
    rows = tidy(table, dimensions=dimensions_of(table))
    if rows.index.nlevels == 2 and not all(map(is_month, rows.index.unique(1).astype(str))):
        rows = rows.swaplevel()
    months = rows.index.unique(-1).astype(str)
    if rows.empty or not all(map(is_month, months)):
        return rows
    missing = pd.period_range(months.min(), months.max(), freq="M").strftime("%Y-%m").difference(months)
    part = rows.index.unique(0)[:1]  # one row without a report is enough for a month to have its column
    more = missing if rows.index.nlevels == 1 else pd.MultiIndex.from_product([part, missing])
    return rows.reindex(rows.index.append(more)).sort_index(level=-1)


def _draw_strips(matrix: Matrix, printed: Printing, ax: "Axes | None", title: str, axis_label: str | None) -> "Axes":
    """A row of columns for each part, the highest of each as high as that of any other and named."""
    from rmrp_analysis.charts import paper

    sheet_mm, count = measures.COLUMNS_8_MM, max(len(matrix.rows), 1)
    left_mm, names = measures.room_for([row[0].label for row in matrix.rows], paper.size_mm(ax)[0] if ax else sheet_mm)
    unit_name = printed.words("{unit}; each row to its own scale", unit=printed.unit_name)
    axes = paper.frame(
        ax,
        sheet_mm,
        STRIP_MM * count + FOOT_MM,
        title=title,
        axis_label=unit_name if axis_label is None else axis_label,
        vertical=True,
        key=paper.key_to((part for row in matrix.rows for part in row), printed),
        rows=names,
        left_mm=left_mm,
        foot_mm=FOOT_MM,
    )
    for number, row in enumerate(matrix.rows):
        strip = axes.inset_axes((0, 1 - (number + 1) / count, 1, 1 / count))
        _draw_columns(strip, row, printed, small=True)
        strip.set_xticks([])
        axes.set_xlim(strip.get_xlim())
    _name_months(axes, matrix.columns, printed)
    return axes
