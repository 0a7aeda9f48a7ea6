"""Draw columns by month: of one series, or a row of small columns for each of several."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from math import isnan
from operator import itemgetter
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from rmrp_analysis import numbers
from rmrp_analysis.charts import sheet_axes, text_layout
from rmrp_analysis.charts.chart_tables import (
    DASHED_STATES,
    ChartFormatter,
    DataPoint,
    Matrix,
    Table,
    Unit,
    count_dimensions,
    draws_table,
    tidy,
)
from rmrp_analysis.charts.matplotlib_style import hex_of, sheet_style
from rmrp_analysis.charts.svg_sketch import WHITE, Box, Box4, Label, Line, Look, Sketch, make_hatched_look, overlaps
from rmrp_analysis.ranges import AT_LEAST, AT_MOST, BETWEEN
from rmrp_analysis.theme import pictures
from rmrp_analysis.vocabulary.labels import is_month

CHART_HEIGHT_MM = 44.0  # the height of the columns of one series
MONTH_NAMES_HEIGHT_MM = 6.0  # the height below the axis, for the months' letters
PEAK_TEXT_ROOM_MM = 7.2  # above the highest column, for its value
COLUMN_WIDTH_SHARE = 0.7  # the width of a column as a share of its month
MAX_COLUMN_WIDTH_MM = 16.0
MIN_COLUMN_HEIGHT_MM = 0.8  # so that a column is seen and met by a pointer
MIN_STRIP_COLUMN_HEIGHT_MM = 0.5  # of a small column, in a row of several
COLUMN_VALUE_GAP_MM = 0.9  # between a column and its value
MAX_TEXT_BELOW_TOP_MM = 0.8  # how far a text may reach down beside a column
MONTH_OUTLINE_HEIGHT_MM = 3.0  # the height of the outline of a month without a number
SIDE_MARGIN_MM = 0.5  # free at left and right, for a wide first or last value
MIN_TEXT_GAP_MM = 0.45
TEXT_LIFT_STEP_MM = 4.0  # how far a text without room is lifted over its neighbours at once
MAX_TEXT_LIFTS = 2
PEAK_TEXT_PT = 9.2  # the type size of the highest column's text
MONTH_LETTER_GAP_PT = 4.5  # between the axis and the letters of months, under rows of small columns
MONTH_LETTER_PT = 8.8
MONTH_LETTER_DROP_MM = 4.7  # from the axis down to the base line of the letters of months
PACE_LINE_DASHES = (3, 2)  # lengths of dash and gap in widths of the line
STRIP_HEIGHT_MM = 9.4  # the height of a row of small columns
SIGN_BY_SHAPE = {AT_LEAST: "≥ {low}", AT_MOST: "≤ {high}", BETWEEN: "{low}–{high}"}
"""The range of a number that is not sure, by its shape, where words have no room."""
OUTLINED_STATES = ("not_counted", *DASHED_STATES)  # the states of months that have an outline in place of a column


@draws_table
def months(
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
    target: float | None = None,
    width_mm: float | None = None,
) -> Axes:
    """Draw a column for each month, from zero, 88 × 44 mm, or a row of columns for each category.

    A column is at least 0.8 mm high. The first of the highest has its text in bold. A reported zero is only its text.
    An outline stands for a month without a report (also if the table lacks the month) or without counted people.
    Neighbouring outlines share one text. After the last report it is "not yet reported", or "no report" if
    ``table.attrs["all_reported"]`` says that every partner has reported for the last month. People assisted in months
    without counted people stand over the outline. A number that is not sure is hatched from its lower to
    its upper bound, and the axis label explains this. A text without room over its column is lifted. Large counts are
    in thousands, and the axis label says so. If partners have not reported for the last month, its column is open at
    its top: dashed sides go up by ``table.attrs["silent_people"]``. All other arguments are options of all charts.

    Rows of columns are 118.7 mm wide. Each has a scale of its own, so that small numbers are visible: compare rows by
    the values in bold. They have no target, no people assisted, no thousands and no "not yet reported".

    Args:
        table: Of months, or of months × categories.
        target: The number needed each month, by default ``table.attrs["pace"]``: a dashed line with its value.

    >>> import pandas as pd
    >>> people = pd.Series({"2021-01": 947, "2021-02": 388, "2021-04": 0})
    >>> axes = rmrp.charts.months(people, title="A slow start")
    >>> [text.get_text() for text in axes.texts]
    ['J', 'F', 'M', 'A', '388', '0', 'no report', '947']
    """
    formatter = ChartFormatter.for_table(table, unit, language, labels, decimals, color=color, highlight=highlight)
    several = count_dimensions(table) > 1
    matrix = formatter.read_matrix(fill_months(table), "value" if several else "table")
    if several:
        with sheet_style():
            axes = _draw_strips(matrix, formatter, ax, title, axis_label, width_mm or text_layout.COLUMNS_8_WIDTH_MM)
            return sheet_axes.finish_axes(axes, matrix, formatter, given_axes=ax)
    columns, unit_name, short = _fit_numbers([row[0] for row in matrix.rows], formatter)
    pace = (table.attrs.get("pace") if target is None else target) or 0.0
    assisted = [short(month.assisted) if month.state == "not_counted" and month.assisted else "" for month in columns]
    silent = float(table.attrs.get("silent_people", 0.0)) if columns and columns[-1].value > 0 else 0.0
    chart = _MonthColumns(columns, formatter, pace, short(pace), assisted, silent)
    if axis_label is None:
        axis_label = formatter.explain_doubt(unit_name, (month.doubt for month in columns))
    size_mm = width_mm or text_layout.COLUMNS_6_WIDTH_MM, CHART_HEIGHT_MM
    return sheet_axes.draw_sketch(
        "months", chart.sketch, columns, formatter, ax=ax, size_mm=size_mm, title=title, axis_label=axis_label
    )


def _fit_numbers(
    month_points: list[DataPoint], formatter: ChartFormatter
) -> tuple[list[DataPoint], str, Callable[[float], str]]:
    """Return the points with short texts, the unit of the texts in words, and the function that prints numbers.

    Large numbers of people and counts are printed in thousands, and the unit then says so. Months of people after the
    last report say "not yet reported", unless ``table.attrs["all_reported"]`` is true.
    """
    unit_name, short = formatter.unit_name, formatter.format_number
    if formatter.unit in ("people", "count"):
        digits = numbers.digits_of_thousands([column.value for column in month_points if not isnan(column.value)])
        short = partial(numbers.count, language=formatter.language)
        if digits is not None:
            unit_name = formatter.translate("{unit}, in thousands", unit=unit_name)
            short = partial(numbers.thousands, digits=digits, language=formatter.language)
            write_few = partial(numbers.less_than_thousands, digits=digits, language=formatter.language)
            month_points = [
                replace(column, text=write_few(column.few_base)) if column.state == "few" else column
                for column in month_points
            ]
        month_points = [
            replace(column, text=_shorten(column, short)) if column.state == "value" and column.value > 0 else column
            for column in month_points
        ]
    if formatter.unit == "people" and not formatter.table.attrs.get("all_reported"):
        reported = max((month for month, column in enumerate(month_points) if column.state != "no_report"), default=-1)
        waiting = formatter.translate("not yet reported")
        month_points[reported + 1 :] = [replace(column, text=waiting) for column in month_points[reported + 1 :]]
    return month_points, unit_name, short


def _shorten(column: DataPoint, short: Callable[[float], str]) -> str:
    """Return the number of a month, or its range with signs in place of words, which have no room."""
    low, high = short(column.value * (1 - column.doubt)), short(column.value)
    if not column.shape or low == high:
        return high
    return SIGN_BY_SHAPE[column.shape].format(low=low, high=high)


def _name_months(keys: Sequence[str], formatter: ChartFormatter) -> list[str]:
    """Return the caller's label of each key, or the letter of a month, or another key's name."""
    names = [numbers.month_letter(key, formatter.language) if is_month(key) else formatter.name(key) for key in keys]
    return [formatter.labels.get(key, name) for key, name in zip(keys, names, strict=True)]


@dataclass(frozen=True)
class _MonthColumns:
    """Columns of months with their texts, which are sketched in any size.

    ``pace`` is the value of the dashed line, or 0 without a line. ``assisted`` has a text for each month: the people
    assisted if they are not counted, or "". ``silent_people`` are the height of the open top of the last column. Small
    columns stand in a row of several: only the highest number above 0 has its text, and nothing stands below.
    """

    columns: Sequence[DataPoint]
    formatter: ChartFormatter
    pace: float = 0.0
    pace_text: str = ""
    assisted: Sequence[str] = ()
    silent_people: float = 0.0
    is_small: bool = False

    def sketch(self, width_mm: float, height_mm: float) -> Sketch:
        """Return a sketch of columns that are low enough for all texts above them.

        Columns are lowered step by step, to half the height at most. Small columns are not lowered. If some texts never
        have room, the sketch leaves out as few as possible.
        """
        sketch, left_out = self._sketch_under(PEAK_TEXT_ROOM_MM, width_mm, height_mm)
        head_mm = PEAK_TEXT_ROOM_MM
        while left_out and not self.is_small and head_mm < (height_mm - MONTH_NAMES_HEIGHT_MM) / 2:
            head_mm += TEXT_LIFT_STEP_MM
            lower = self._sketch_under(head_mm, width_mm, height_mm)
            sketch, left_out = min((sketch, left_out), lower, key=itemgetter(1))
        return sketch

    def _sketch_under(
        self, head_mm: float, width_mm: float, height_mm: float, right_mm: float = 0
    ) -> tuple[Sketch, int]:
        """Return a sketch of columns with ``head_mm`` free above, and the number of texts without room.

        ``right_mm`` stays free beside the columns, for the value of a pace that has no room above or below its line.
        """
        columns = self.columns
        foot_mm = 0 if self.is_small else MONTH_NAMES_HEIGHT_MM
        slot_mm = (width_mm - 2 * SIDE_MARGIN_MM - right_mm) / max(len(columns), 1)
        scale = max((column.value for column in columns if column.value > 0), default=1.0)
        scale = max(scale, *(self.formatter.base for column in columns if column.state == "few"), self.pace)
        if self.silent_people:
            scale = max(scale, columns[-1].value + self.silent_people)
        room = height_mm - foot_mm
        per_mm = scale / max(room - head_mm, room / 2)
        sketch = Sketch(width_mm, height_mm, (slot_mm, 1 / per_mm), -0.5 - SIDE_MARGIN_MM / slot_mm, foot_mm)
        self._draw_axis(sketch)
        floor = (MIN_STRIP_COLUMN_HEIGHT_MM if self.is_small else MIN_COLUMN_HEIGHT_MM) * per_mm
        heights = [max(column.value, floor) if column.value > 0 else 0.0 for column in columns]
        share = min(COLUMN_WIDTH_SHARE, MAX_COLUMN_WIDTH_MM / slot_mm)
        bars = list(_list_boxes(columns, self.formatter, heights, share, per_mm))
        sketch.add(*bars)
        boxes = map(sketch.rectangle_box_mm, bars)
        filled = [(left, foot, right, top - MAX_TEXT_BELOW_TOP_MM) for left, foot, right, top in boxes]
        texts = self._list_texts(heights, MONTH_OUTLINE_HEIGHT_MM * per_mm, slot_mm)
        sides = [*self._list_open_sides(heights, share)]
        sketch.add(*sides)
        lines = [
            sketch.rectangle_box_mm(Box(side.points[0][0], side.points[0][1], 0, self.silent_people, side.look))
            for side in sides
        ]
        if self.pace:
            lines.append((0.0, foot_mm + self.pace / per_mm, width_mm, foot_mm + self.pace / per_mm))
        left_out = self._write_texts(sketch, texts, filled, lines)
        if self.pace and not self._draw_pace(sketch, filled, has_room_beside=right_mm > 0):
            right_mm = text_layout.width_of(self.pace_text) + 2 * COLUMN_VALUE_GAP_MM
            return self._sketch_under(head_mm, width_mm, height_mm, right_mm)
        return sketch, left_out

    def _list_open_sides(self, heights: Sequence[float], share: float) -> Iterator[Line]:
        """Yield the dashed sides over the last column, for the partners that have not reported yet."""
        if self.silent_people:
            look = Look(edge=hex_of("muted"), width=0.7, dashes=(1.6, 1.2))
            for x in (len(heights) - 1 - share / 2, len(heights) - 1 + share / 2):
                yield Line([(x, heights[-1]), (x, heights[-1] + self.silent_people)], look, is_behind=True)

    def _draw_axis(self, sketch: Sketch) -> None:
        """Draw the line at zero and the letters of the months below. Small columns have no letters."""
        end = sketch.start + sketch.width_mm / sketch.unit_mm[0]
        sketch.add(Line([(sketch.start, 0), (end, 0)], Look(edge=hex_of("ink"), width=0.8)))
        if not self.is_small:
            letter = Label(0, 0, "", hex_of("muted"), "center", MONTH_LETTER_PT, above_mm=-MONTH_LETTER_DROP_MM)
            letters = _name_months([column.key for column in self.columns], self.formatter)
            sketch.add(*(letter._replace(x=month, words=text) for month, text in enumerate(letters)))

    def _list_texts(self, heights: Sequence[float], outline_height: float, month_mm: float) -> list[Label]:
        """List the texts over columns, zeros and outlines, first the bold text of the first highest column.

        Then come people assisted, over outlines without counted people. Among small columns above 0, only the highest
        has its text.
        """
        columns, translate = self.columns, self.formatter.translate
        template = Label(0, 0, "", hex_of("muted"), "center", above_mm=COLUMN_VALUE_GAP_MM)
        valued = [month for month, column in enumerate(columns) if column.value > 0]
        labels = list(_list_labels(columns, heights, [] if self.is_small else valued, template, outline_height))
        if any(self.assisted):
            uncounted, follow = translate("not counted"), translate("not counted; assisted:")
            labels = [label._replace(words=follow) if label.words == uncounted else label for label in labels]
            outline = template._replace(y=outline_height, style="italic")
            assisted = [outline._replace(x=month, words=text) for month, text in enumerate(self.assisted) if text]
            labels = [*assisted, *labels]
        if not valued:
            return labels
        peak = max(valued, key=lambda month: columns[month].value)
        text = columns[peak].text
        widest_mm = max(text_layout.width_of(column.text) for column in columns[max(peak - 1, 0) : peak + 2])
        width_mm = text_layout.width_of(text, weight=700, size=PEAK_TEXT_PT)
        is_large = not self.is_small and (width_mm + widest_mm) / 2 + MIN_TEXT_GAP_MM <= month_mm
        size = PEAK_TEXT_PT if is_large else template.size
        bold = template._replace(x=peak, y=heights[peak], words=text, colour=hex_of("ink"), size=size, weight=700)
        return [bold, *(label for label in labels if label.x != peak)]

    def _write_texts(
        self, sketch: Sketch, texts: Sequence[Label], filled_boxes: list[Box4], line_boxes: Sequence[Box4]
    ) -> int:
        """Add each text with room to the sketch, and its box to ``filled_boxes``. Return how many have no room.

        A text across a line has a white background.
        """
        labels, left_out = list[Label](), 0
        for label in texts:
            lines = _place_text(label, sketch, filled_boxes, 0 if self.is_small else MAX_TEXT_LIFTS)
            left_out += not lines
            for line in lines:
                box = sketch.label_box_mm(line)
                filled_boxes.append(box)
                labels.append(line._replace(background=WHITE if overlaps(box, line_boxes) else ""))
        sketch.add(*sorted(labels, key=lambda text: text.weight))
        return left_out

    def _draw_pace(self, sketch: Sketch, filled_boxes: Sequence[Box4], *, has_room_beside: bool) -> bool:
        """Draw the dashed line of the pace, and its value above or below its end if that has room.

        Without room for the value, the line is drawn without a value if it ``has_room_beside`` the columns. Otherwise
        nothing is drawn. Returns whether the line was drawn.
        """
        end = sketch.start + sketch.width_mm / sketch.unit_mm[0]
        text = Label(end, self.pace, self.pace_text, hex_of("ink"), "right", background=WHITE)
        heights = (COLUMN_VALUE_GAP_MM, -COLUMN_VALUE_GAP_MM - text_layout.ASCENT_MM)
        choices = [text._replace(above_mm=height) for height in heights]
        free = [label for label in choices if not overlaps(sketch.label_box_mm(label), filled_boxes, MIN_TEXT_GAP_MM)]
        if not free and not has_room_beside:
            return False
        look = Look(edge=hex_of("ink"), width=0.8, dashes=PACE_LINE_DASHES)
        sketch.add(Line([(-0.5, self.pace), (end, self.pace)], look, is_behind=True), *free[:1])
        return True


def _list_boxes(
    month_points: Sequence[DataPoint], formatter: ChartFormatter, highs: Sequence[float], share: float, per_mm: float
) -> Iterator[Box]:
    """Yield the boxes of months: a column, with the share without doubt over a hatched one, or an outline.

    A column is for a value above 0, an outline for a month in ``OUTLINED_STATES``. Other months have no box. Tips have
    numbers in full, also if texts are in thousands. ``share`` is the width of a column as a share of its month,
    ``per_mm`` is the value of one mm of height.
    """
    outline = Look(edge=hex_of("muted"), width=0.5, dashes=(1.6, 1.2))
    for month, column in enumerate(month_points):
        if column.value > 0:
            is_count = column.state == "value" and not column.doubt and formatter.unit in ("people", "count")
            in_full = numbers.count(column.value, formatter.language) if is_count else column.text
            colour = formatter.colour(column.key, column.label)
            x = month - share / 2
            tip = pictures.tip(column.label, in_full)
            yield Box(x, 0, share, highs[month], make_hatched_look(colour) if column.doubt else Look(colour), tip)
            if 0 < column.doubt < 1:  # the share without doubt
                yield Box(x, 0, share, highs[month] * (1 - column.doubt), Look(colour), tip)
        elif column.state in OUTLINED_STATES:
            yield Box(month - share / 2, 0, share, MONTH_OUTLINE_HEIGHT_MM * per_mm, outline)


def _list_labels(
    month_points: Sequence[DataPoint],
    highs: Sequence[float],
    numbered_months: Sequence[int],
    label: Label,
    outline_height: float,
) -> Iterator[Label]:
    """Yield the texts over columns, zeros and outlines.

    Neighbours with the same words and no number share one text. A column has its number if its index is in
    ``numbered_months``. Values below 0 and zeros always have their number. ``label`` is the look of all texts.
    """
    for month, column in enumerate(month_points):
        is_number = column.state == "zero" and column.text[-1:].isdecimal()
        if month in numbered_months or is_number or (column.state == "value" and column.value < 0):
            yield label._replace(x=month, y=highs[month], words=column.text)
    for (state, text), run in groupby(enumerate(month_points), key=lambda pair: (pair[1].state, pair[1].text)):
        if state in OUTLINED_STATES or (state == "zero" and not text[-1:].isdecimal()):
            months = [month for month, _ in run]
            height = outline_height if state in OUTLINED_STATES else 0.0
            yield label._replace(x=sum(months) / len(months), y=height, words=text, style="italic")


def _place_text(text: Label, sketch: Sketch, filled_boxes: Sequence[Box4], max_lifts: int) -> list[Label]:
    """Return the lines of a text at a place without filled boxes, or an empty list if it has no room.

    The text stands on one line, lifted up to ``max_lifts`` times. Without room there, and always at the edge of the
    paper, it stands on two lines.
    """
    several = tuple(text.words.rsplit(" ", 1))
    is_at_edge = sketch.clamp_x(text) != text.x  # it would no longer stand over its column
    for lines in dict.fromkeys([several] if is_at_edge else [(text.words,), several]):
        for lift in range(max_lifts + 1):
            stacked = [
                text._replace(words=line, above_mm=COLUMN_VALUE_GAP_MM + TEXT_LIFT_STEP_MM * (lift + number))
                for number, line in enumerate(reversed(lines))
            ]
            clamped = [label._replace(x=sketch.clamp_x(label)) for label in stacked]
            boxes = [sketch.label_box_mm(label) for label in clamped]
            is_free = not any(overlaps(box, filled_boxes, MIN_TEXT_GAP_MM) for box in boxes)
            if is_free and boxes[-1][3] <= sketch.height_mm:
                return clamped
    return []


def fill_months(table: Table, months: Sequence[str] = ()) -> pd.DataFrame:
    """Return a table as ``tidy`` does, by month, with rows for missing months between the first and the last.

    The first and the last month are taken from the table and from ``months`` together. Months (``YYYY-MM``) are the
    last level of the index. If another level holds the months, it becomes the last. ``value`` of an added row is NaN.
    In a table of two dimensions a missing month gets a row of the first category only. A table without months gets no
    rows.
    """
    rows = tidy(table, dimensions=count_dimensions(table))
    if rows.index.nlevels == 2 and not all(map(is_month, rows.index.unique(1).astype(str))):
        rows = rows.swaplevel()
    keys = rows.index.unique(-1).astype(str)
    if rows.empty or not all(map(is_month, keys)):
        return rows
    start, end = min([*keys, *months]), max([*keys, *months])
    missing = pd.period_range(start, end, freq="M").strftime("%Y-%m").difference(keys)
    category = rows.index.unique(0)[:1]  # one row without a report is enough for a month to have its column
    added = missing if rows.index.nlevels == 1 else pd.MultiIndex.from_product([category, missing])
    return rows.reindex(rows.index.append(added)).sort_index(level=-1)


def _draw_strips(
    matrix: Matrix, formatter: ChartFormatter, ax: Axes | None, title: str, axis_label: str | None, width_mm: float
) -> Axes:
    """Draw a row of columns for each category, each to its own scale, with the number of its highest column.

    If ``axis_label`` is None, it is the unit, and the meaning of scale and hatching. Returns the axes around the rows.
    """
    count = max(len(matrix.rows), 1)
    room_mm = sheet_axes.size_mm_of(ax)[0] if ax else width_mm
    left_mm, names = text_layout.fit_row_names([row[0].label for row in matrix.rows], room_mm)
    if axis_label is None:
        label = formatter.translate("{unit}; each row to its own scale", unit=formatter.unit_name)
        axis_label = formatter.explain_doubt(label, (column.doubt for row in matrix.rows for column in row))
    height_mm = STRIP_HEIGHT_MM * count + MONTH_NAMES_HEIGHT_MM
    room: dict[str, Any] = {"rows": names, "left_mm": left_mm, "foot_mm": MONTH_NAMES_HEIGHT_MM}
    axes = sheet_axes.prepare_axes(ax, width_mm, height_mm, title=title, axis_label=axis_label, vertical=True, **room)
    for number, row in enumerate(matrix.rows):
        strip = axes.inset_axes((0, 1 - (number + 1) / count, 1, 1 / count))
        sketch = _MonthColumns(row, formatter, is_small=True).sketch(*sheet_axes.size_mm_of(strip))
        sketch.draw_on(strip)
        axes.set_xlim(strip.get_xlim())
    axes.set_xticks(range(len(matrix.columns)), _name_months(matrix.columns, formatter))
    axes.tick_params(axis="x", pad=MONTH_LETTER_GAP_PT)
    return axes
