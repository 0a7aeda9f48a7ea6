"""Draws months: the columns of one series, or a row of small columns for each of several."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from math import isnan
from typing import Any

import pandas as pd
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.text import Annotation

from rmrp_analysis import numbers
from rmrp_analysis.charts import paper
from rmrp_analysis.charts.look import LAND, MUTED, WITHHELD, colour_of, sheet_style
from rmrp_analysis.charts.parts import Part, Printing, Table, Unit, dimensions_of, tidy, unit_of
from rmrp_analysis.labels import is_month

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
LEAST_GAP_MM = 0.2  # between two texts
LINE_MM = 4.0  # how far a crowded peak value is lifted
WIDEST_SHARE = 1.1  # of a slot, for a value that lies flat
PEAK_PT, LETTER_PAD_PT = 9.2, 4.5
STRIP_MM, STRIP_PEAK_MM, STRIP_FOOT_MM = 9.4, 4.4, 0.4  # a row of small columns, the highest of them, below them


def months(
    table: Table,
    *,
    ax: Axes | None = None,
    title: str = "",
    axis_label: str | None = None,
    unit: Unit | None = None,
    language: str = "en",
    labels: Mapping[str, str] | None = None,
    small_count_threshold: int = 10,
) -> Axes:
    """Columns by month, 88 × 44 mm, from zero; for months × parts a row of columns for each part, 118.7 mm wide.

    A column lower than 0.5 mm is drawn 0.5 mm high so that it can be seen; the first highest one is named in bold.
    A withheld month is a hatched stub as high as the threshold, a reported zero is only its text, neighbouring months
    without a report share one text; a month that the table leaves out has no report. People are in thousands where
    they would not have room, and the axis says so. The rows of several parts have a scale each, so that small ones can
    be seen: compare them by the values in bold.

    >>> import pandas as pd
    >>> axes = months(pd.Series({"2021-01": 947, "2021-02": 388, "2021-04": 0}), title="A slow start")
    >>> [text.get_text() for text in axes.texts]
    ['388', '0', 'no report', '947']
    """
    with sheet_style():
        printed = Printing(unit_of(table, unit), language, labels or {}, small_count_threshold)
        if dimensions_of(table) > 1:
            return _strips(table, printed, ax, title, axis_label)
        columns, unit_name = printed.parts(_without_gaps(table)), printed.unit_name
        if printed.unit in ("people", "count"):
            digits = numbers.digits_of_thousands(column.value for column in columns if not isnan(column.value))
            if digits is not None:
                unit_name = printed.words("{unit}, in thousands", unit=unit_name)
            columns = [_without_unit(column, digits, language) if column.value > 0 else column for column in columns]
        label = unit_name if axis_label is None else axis_label
        head_mm = paper.AXIS_LABEL_MM if label else 0
        axes = paper.axes_for(ax, paper.COLUMNS_6_MM, HEIGHT_MM, title=title, head_mm=head_mm, foot_mm=FOOT_MM)
        _draw_columns(axes, columns, printed)
        _letter(axes, [column.key for column in columns], printed)
        paper.label_axis(axes.yaxis, label)
        return paper.finished(axes, columns, within=ax)


def _without_unit(column: Part, digits: int | None, language: str) -> Part:
    in_full = numbers.count(column.value, language)
    return replace(column, text=in_full if digits is None else numbers.thousands(column.value, digits, language))


def _letter(axes: Axes, keys: Sequence[str], printed: Printing) -> None:
    """Name each month by its letter, since more has no room; other keys in full."""
    names = {key: numbers.month_letter(key, printed.language) if is_month(key) else printed.name(key) for key in keys}
    axes.set_xticks(range(len(keys)), [printed.labels.get(key, names[key]) for key in keys])
    axes.tick_params(axis="x", pad=LETTER_PAD_PT)


def _draw_columns(axes: Axes, columns: Sequence[Part], printed: Printing) -> None:
    (width, height), threshold = paper.size_mm(axes), printed.small_count_threshold
    slot_mm = min((width - 2 * EDGE_MM) / max(len(columns), 1), SLOT_MM)
    valued = [month for month, column in enumerate(columns) if column.value > 0]
    withheld = [month for month, column in enumerate(columns) if column.state == "withheld"]
    peak = max(valued, key=lambda month: columns[month].value, default=None)
    highest = 10.0 * threshold if peak is None else columns[peak].value
    per_mm = highest / max(height - ABOVE_PEAK_MM, height / 2)
    stub, above_dash = max(threshold, LEAST_STUB_MM * per_mm), (DASH_MM + DESCENDER_MM) * per_mm
    first = -0.5 - EDGE_MM / slot_mm
    axes.set(xlim=(first, first + width / slot_mm), ylim=(0, height * per_mm), yticks=[])
    axes.spines["bottom"].set_visible(True)

    heights = [max(columns[month].value, LEAST_COLUMN_MM * per_mm) for month in valued]
    axes.bar(valued, heights, width=COLUMN_SHARE, color=colour_of(printed.unit), clip_on=False)
    axes.bar(withheld, stub, width=COLUMN_SHARE, **WITHHELD)
    texts: list[Annotation] = []
    for month, column in enumerate(columns):
        if column.state != "no_report" and month != peak:
            foot = stub if column.state == "withheld" else max(column.value, 0)
            texts.append(_text_above(axes, month, foot, column.text, room_mm=WIDEST_SHARE * slot_mm))
    for gap in _gaps(columns):
        _draw_dashes(axes, gap, DASH_MM * per_mm)
        middle, room_mm, words = sum(gap) / len(gap), len(gap) * slot_mm, columns[gap[0]].text
        texts.append(_text_above(axes, middle, above_dash, words, room_mm=room_mm, fontstyle="italic"))
    for place, text in enumerate(texts):
        if _is_crowded(text, texts[:place]):
            text.set(rotation=90, va="bottom")
    if peak is not None:
        bold = {"color": rcParams["text.color"], "weight": 700, "size": PEAK_PT}
        text = _text_above(axes, peak, highest, columns[peak].text, **bold)
        if _is_crowded(text, texts):
            text.xyann = (0, paper.points(GAP_MM + LINE_MM))


def _gaps(columns: Sequence[Part]) -> list[list[int]]:
    """Runs of months without a report."""
    runs = groupby(range(len(columns)), key=lambda month: columns[month].state)
    return [list(run) for state, run in runs if state == "no_report"]


def _draw_dashes(axes: Axes, gap: Sequence[int], height: float) -> None:
    starts, ends = ([month + side for month in gap] for side in (-DASH_SLOTS, DASH_SLOTS))
    axes.hlines([height] * len(gap), starts, ends, color=MUTED)


def _text_above(
    axes: Axes, month: float, foot: float, words: str, *, room_mm: float | None = None, **look: Any
) -> Annotation:
    """A text over the middle of a month; upright where it is wider than its room."""
    text = paper.written(axes, (month, foot), words, dy_mm=GAP_MM, ha="center", **look)
    if room_mm is not None and paper.width_mm(words, style=look.get("fontstyle", "normal")) > room_mm:
        text.set(rotation=90, va="bottom")
    return text


def _is_crowded(text: Annotation, beside: Sequence[Annotation]) -> bool:
    box = text.get_window_extent().padded(LEAST_GAP_MM / 25.4 * text.get_figure(root=True).dpi)  # type: ignore[union-attr]
    return any(box.overlaps(other.get_window_extent()) for other in beside)


def _without_gaps(table: Table) -> pd.DataFrame:
    """The table with every month between its first and its last; of two dimensions, months become the second."""
    rows = tidy(table, dimensions=dimensions_of(table))
    if rows.index.nlevels == 2 and not all(map(is_month, rows.index.unique(1).astype(str))):
        rows = rows.swaplevel()
    keys = rows.index.get_level_values(-1).astype(str)
    if rows.empty or not all(map(is_month, keys)):
        return rows
    every = pd.period_range(keys.min(), keys.max(), freq="M").strftime("%Y-%m")
    if rows.index.nlevels == 1:
        return rows if len(rows) == len(every) else rows.set_axis(keys).reindex(every)
    parts = rows.index.get_level_values(0)
    return rows.set_axis(pd.MultiIndex.from_arrays([parts, keys])).reindex(
        pd.MultiIndex.from_product([parts.unique(), every])
    )


def _strips(table: Table, printed: Printing, ax: Axes | None, title: str, axis_label: str | None) -> Axes:
    """A row of columns for each part, the highest of each as high as that of any other and named."""
    matrix = printed.matrix(_without_gaps(table), "value")
    rows, count = matrix.rows, len(matrix.columns)
    unit_name = printed.words("{unit}; each row to its own scale", unit=printed.unit_name)
    label = unit_name if axis_label is None else axis_label
    head_mm = paper.AXIS_LABEL_MM if label else 0
    room_mm = paper.size_mm(ax)[0] if ax else paper.COLUMNS_8_MM
    left_mm, names = paper.room_for([row[0].label for row in rows], room_mm)
    height_mm = head_mm + STRIP_MM * max(len(rows), 1) + FOOT_MM
    axes = paper.axes_for(
        ax, paper.COLUMNS_8_MM, height_mm, title=title, left_mm=left_mm, head_mm=head_mm, foot_mm=FOOT_MM
    )
    axes.set(xlim=(-0.5, max(count, 1) - 0.5), ylim=(0, max(len(rows), 1)))
    slot_mm, strip_mm = (
        size / max(parts, 1) for size, parts in zip(paper.size_mm(axes), (count, len(rows)), strict=True)
    )
    for row, foot in zip(rows, reversed(range(len(rows))), strict=True):
        axis, highest = foot + STRIP_FOOT_MM / strip_mm, max((part.value for part in row if part.value > 0), default=1)
        axes.hlines(axis, -0.5, count - 0.5, color=LAND)
        for month, part in enumerate(row):
            height = max(part.value / highest * STRIP_PEAK_MM, LEAST_COLUMN_MM) if part.value > 0 else LEAST_STUB_MM
            if part.state == "withheld" or part.value > 0:
                look = {"color": colour_of(printed.unit)} if part.value > 0 else WITHHELD
                axes.bar(month, height / strip_mm, bottom=axis, width=COLUMN_SHARE, **look)
            if part.state in ("withheld", "zero") and paper.width_mm(part.text) < slot_mm:
                _text_above(axes, month, axis + (height / strip_mm if part.state == "withheld" else 0), part.text)
        for gap in _gaps(row):
            _draw_dashes(axes, gap, axis + DASH_MM / strip_mm)
            if paper.width_mm(row[gap[0]].text, style="italic") < len(gap) * slot_mm:
                above_dash = axis + (DASH_MM + DESCENDER_MM) / strip_mm
                _text_above(axes, sum(gap) / len(gap), above_dash, row[gap[0]].text, fontstyle="italic")
        peak = next((month for month, part in enumerate(row) if part.value == highest), None)
        if peak is not None:
            half, top = paper.width_mm(row[peak].text, weight=700) / slot_mm / 2, axis + STRIP_PEAK_MM / strip_mm
            middle = min(max(peak, half - 0.5), count - 0.5 - half)
            _text_above(axes, middle, top, row[peak].text, color=rcParams["text.color"], weight=700)
    axes.set_yticks([place + 0.5 for place in range(len(rows))], reversed(names), va="center")
    axes.tick_params(axis="y", pad=paper.points(paper.GAP_MM))
    _letter(axes, matrix.columns, printed)
    paper.label_axis(axes.yaxis, label, left_mm=left_mm)
    return paper.finished(axes, printed.pairs(matrix), within=ax)
