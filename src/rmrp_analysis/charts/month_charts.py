"""Draws months: the columns of one series, or a row of small columns for each of several."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from math import inf, isnan
from typing import Any, TypeAlias

import pandas as pd
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.text import Annotation

from rmrp_analysis import numbers
from rmrp_analysis.charts import paper
from rmrp_analysis.charts.look import MUTED, WITHHELD, colour_of, sheet_style
from rmrp_analysis.charts.parts import Matrix, Part, Printing, Table, Unit, dimensions_of, tidy
from rmrp_analysis.labels import is_month
from rmrp_analysis.theme import pictures

HEIGHT_MM = 44.0
FOOT_MM = 6.0  # below the axis, for the months' letters
ABOVE_PEAK_MM = 7.2  # above the highest column, for its value
SLOT_MM = 11.0  # the most room one month takes
COLUMN_SHARE = 0.7  # of its slot
LEAST_COLUMN_MM, LEAST_STUB_MM = 0.5, 0.8
GAP_MM = 0.9  # between a column and its value
DASH_MM, DASH_SLOTS = 1.2, 0.15  # where no report came in: how high above the axis, how far to either side
DESCENDER_MM = 0.5  # more room over a dash, for the p of report
EDGE_MM = 0.5  # free at left and right, for a wide first or last value
LEAST_GAP_MM = 0.45  # between two texts
LINE_MM = 4.0  # how far a crowded peak value is lifted
WIDEST_SHARE = 1.1  # of a slot, for a value that lies flat
PEAK_PT, LETTER_PAD_PT = 9.2, 4.5
PACE_DASH = (0, (3, 2))
PACE_CLEAR_PT = 0.8  # kept free of the pace around each text
STRIP_MM = 9.4  # a row of small columns
Box: TypeAlias = tuple[float, float, float, float]
"""Left, foot, right and top, in millimetres."""


def months(
    table: Table,
    *,
    ax: Axes | None = None,
    title: str = "",
    axis_label: str | None = None,
    unit: Unit | None = None,
    language: str = "en",
    labels: Mapping[str, str] | None = None,
) -> Axes:
    """Columns by month, 88 × 44 mm, from zero; for months × parts a row of columns for each part, 118.7 mm wide.

    A column lower than 0.5 mm is drawn 0.5 mm high so that it can be seen; the first highest one is named in bold.
    A withheld month is a hatched stub as high as the threshold, a reported zero is only its text, neighbouring months
    without a report share one text; a month that the table leaves out has no report. Numbers whose unit has no room
    (in English that of people has) are in thousands, and the axis says so. With ``table.attrs["pace"]``, a dashed line
    says how many a month would be needed. The rows of several parts have a scale each, so that small ones can be seen:
    compare them by the values in bold.

    >>> import pandas as pd
    >>> axes = months(pd.Series({"2021-01": 947, "2021-02": 388, "2021-04": 0}), title="A slow start")
    >>> [text.get_text() for text in axes.texts]
    ['388', '0', 'no report', '947']
    """
    with sheet_style():
        printed = Printing.of(table, unit, language, labels)
        if dimensions_of(table) > 1:
            matrix = printed.matrix(_without_gaps(table), "value")
            axes = _draw_strips(matrix, printed, ax, title, axis_label)
            return paper.finished(axes, printed.pairs(matrix), within=ax, table=table)
        columns, unit_name = printed.parts(_without_gaps(table)), printed.unit_name
        if printed.unit in ("people", "count"):
            values = [column.value for column in columns if not isnan(column.value)]
            digits = numbers.digits_of_thousands(values, printed.unit, language)
            if digits is not None:
                unit_name = printed.words("{unit}, in thousands", unit=unit_name)
                columns = [
                    replace(column, text=numbers.thousands(column.value, digits, language))
                    if column.value > 0
                    else column
                    for column in columns
                ]
        label = unit_name if axis_label is None else axis_label
        size = paper.COLUMNS_6_MM, HEIGHT_MM
        axes = paper.frame(ax, *size, title=title, axis_label=label, vertical=True, foot_mm=FOOT_MM)
        pace = getattr(table, "attrs", {}).get("pace") or 0.0
        _draw_columns(axes, columns, printed, least_top=pace)
        if pace:
            _draw_pace(axes, pace, len(columns))
        _name_months(axes, [column.key for column in columns], printed)
        return paper.finished(axes, columns, within=ax, table=table)


def _name_months(axes: Axes, keys: Sequence[str], printed: Printing) -> None:
    """Name each month by its letter, since more has no room; other keys in full."""
    names = {key: numbers.month_letter(key, printed.language) if is_month(key) else printed.name(key) for key in keys}
    axes.set_xticks(range(len(keys)), [printed.labels.get(key, names[key]) for key in keys])
    axes.tick_params(axis="x", pad=LETTER_PAD_PT)


def _draw_columns(
    axes: Axes, columns: Sequence[Part], printed: Printing, *, small: bool = False, least_top: float = 0.0
) -> None:
    """Columns from zero with their texts; of ``small`` ones the highest is named, the others where they have room."""
    (width, height), threshold = paper.size_mm(axes), printed.small_count_threshold
    slot_mm = min((width - 2 * EDGE_MM) / max(len(columns), 1), SLOT_MM)
    valued = [month for month, column in enumerate(columns) if column.value > 0]
    withheld = [month for month, column in enumerate(columns) if column.state == "withheld"]
    peak = max(valued, key=lambda month: columns[month].value, default=None)
    highest = 10.0 * threshold if peak is None else columns[peak].value
    per_mm = max(highest, least_top) / max(height - ABOVE_PEAK_MM, height / 2)
    stub, above_dash = max(threshold, LEAST_STUB_MM * per_mm), (DASH_MM + DESCENDER_MM) * per_mm
    first = -0.5 - EDGE_MM / slot_mm
    axes.set(xlim=(first, first + width / slot_mm), ylim=(0, height * per_mm), yticks=[])
    axes.spines[["top", "left", "right"]].set_visible(False)
    axes.spines["bottom"].set_visible(True)

    heights = [max(columns[month].value, LEAST_COLUMN_MM * per_mm) for month in valued]
    drawn = [
        *axes.bar(valued, heights, width=COLUMN_SHARE, color=colour_of(printed.unit), clip_on=False),
        *axes.bar(withheld, stub, width=COLUMN_SHARE, **WITHHELD),
    ]
    for bar, month in zip(drawn, (*valued, *withheld), strict=True):
        bar.set(gid=_in_full(columns[month], printed), zorder=bar.get_zorder() + month / 1000)  # in the order of months
    texts: list[Annotation] = []
    for month, column in enumerate(columns):
        if column.state in ("value", "zero") and month != peak and not (small and column.value > 0):
            texts.append(_text_above(axes, month, max(column.value, 0), column.text, WIDEST_SHARE * slot_mm))
    texts += _name_runs(axes, columns, slot_mm, {"withheld": stub, "no_report": above_dash}, DASH_MM * per_mm)
    boxes: list[Box] = []
    for text in texts:
        box = _box(text, slot_mm, per_mm)
        if _is_crowded(box, boxes):
            text.set(rotation=90, va="bottom")
            box = _box(text, slot_mm, per_mm)
        boxes.append(box)
        text.set_visible(not (small and text.get_rotation()))
    if peak is not None:
        bold = {"weight": 700, "size": paper.TEXT_PT if small else PEAK_PT}
        half = paper.width_of(columns[peak].text, **bold) / slot_mm / 2
        middle = min(max(peak, first + half), first + width / slot_mm - half)
        text = _text_above(axes, middle, highest, columns[peak].text, color=rcParams["text.color"], **bold)
        if not small and _is_crowded(_box(text, slot_mm, per_mm), boxes):
            text.xyann = (0, paper.points(GAP_MM + LINE_MM))


def _name_runs(
    axes: Axes, columns: Sequence[Part], slot_mm: float, feet: Mapping[str, float], dash: float
) -> Iterator[Annotation]:
    """One text for neighbouring months without a value, over a foot by their state; a dash for each without report."""
    for state, run in groupby(range(len(columns)), key=lambda month: columns[month].state):
        if state not in feet:
            continue
        months, style = list(run), "normal"
        if state == "no_report":
            style = "italic"
            starts, ends = ([month + side for month in months] for side in (-DASH_SLOTS, DASH_SLOTS))
            axes.hlines([dash] * len(months), starts, ends, color=to_hex(MUTED))
        middle, words = sum(months) / len(months), columns[months[0]].text
        yield _text_above(axes, middle, feet[state], words, len(months) * slot_mm, fontstyle=style)


def _draw_pace(axes: Axes, pace: float, months: int) -> None:
    """A dashed line at what each month would need, behind columns and texts."""
    axes.hlines(pace, -0.5, months - 0.5, color=rcParams["text.color"], linestyle=PACE_DASH, zorder=0.5)
    for text in axes.texts:
        text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": PACE_CLEAR_PT})


def _in_full(column: Part, printed: Printing) -> str:
    """What a column stands for, also where its text is in thousands."""
    counts = column.state == "value" and printed.unit in ("people", "count")
    return pictures.tip(column.label, numbers.count(column.value, printed.language) if counts else column.text)


def _text_above(axes: Axes, month: float, foot: float, words: str, room_mm: float = inf, **look: Any) -> Annotation:
    """A text over the middle of a month; upright where it is wider than its room."""
    text = paper.annotate(axes, (month, foot), words, dy_mm=GAP_MM, ha="center", **look)
    if paper.width_of(words, style=look.get("fontstyle", "normal")) > room_mm:
        text.set(rotation=90, va="bottom")
    return text


def _box(text: Annotation, slot_mm: float, per_mm: float) -> Box:
    """What a text over a month covers, in millimetres from the middle of the first month on the axis."""
    (month, foot), size, words = text.xy, float(text.get_fontsize()), text.get_text()
    x, y, share = month * slot_mm, foot / per_mm + GAP_MM, size / paper.TEXT_PT
    length = paper.width_of(words, weight=text.get_fontweight(), size=size, style=text.get_fontstyle())
    line = (paper.ASCENT_MM + paper.DESCENT_MM) * share
    if text.get_rotation():
        return x - line / 2, y, x + line / 2, y + length
    return x - length / 2, y - paper.DESCENT_MM * share, x + length / 2, y + paper.ASCENT_MM * share


def _is_crowded(box: Box, beside: Sequence[Box]) -> bool:
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


def _draw_strips(matrix: Matrix, printed: Printing, ax: Axes | None, title: str, axis_label: str | None) -> Axes:
    """A row of columns for each part, the highest of each as high as that of any other and named."""
    sheet_mm, count = paper.COLUMNS_8_MM, max(len(matrix.rows), 1)
    left_mm, names = paper.room_for([row[0].label for row in matrix.rows], paper.size_mm(ax)[0] if ax else sheet_mm)
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
