"""Draw columns by month: those of one series, or a row of small columns for each of several."""

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
from rmrp_analysis.theme import pictures
from rmrp_analysis.vocabulary.labels import is_month

CHART_HEIGHT_MM = 44.0  # the height of the columns of one series
MONTH_NAMES_HEIGHT_MM = 6.0  # the height below the axis, for the months' letters
PEAK_TEXT_ROOM_MM = 7.2  # the height above the highest column, for its value
COLUMN_WIDTH_SHARE = 0.7  # the width of a column as a share of its month
MAX_COLUMN_WIDTH_MM = 16.0  # the greatest width of a column
MIN_COLUMN_HEIGHT_MM = 0.8  # the least height of a column, so that it is seen and met by a pointer
MIN_STRIP_COLUMN_HEIGHT_MM = 0.5  # the least height of a small column, in a row of several
COLUMN_VALUE_GAP_MM = 0.9  # between a column and its value
MAX_TEXT_BELOW_TOP_MM = 0.8  # how far a text may reach down beside a column
MONTH_OUTLINE_HEIGHT_MM = 3.0  # the height of the outline of a month without a number
SIDE_MARGIN_MM = 0.5  # free at left and right, for a wide first or last value
MIN_TEXT_GAP_MM = 0.45  # the least gap between two texts
TEXT_LIFT_STEP_MM = 4.0  # how far a text without room is lifted over its neighbours at once
MAX_TEXT_LIFTS = 2  # how often a text is lifted at most
PEAK_TEXT_PT = 9.2  # the type size of the highest column's text
MONTH_LETTER_GAP_PT = 4.5  # between the axis and the letters of months, under rows of small columns
MONTH_LETTER_PT = 8.8  # the type size of the letters of months
MONTH_LETTER_DROP_MM = 4.7  # from the axis down to the base line of the letters of months
PACE_LINE_DASHES = (3, 2)  # lengths of dash and gap in widths of the line
STRIP_HEIGHT_MM = 9.4  # the height of a row of small columns
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
    """Draw a column for each month, from zero, 88 × 44 mm; for months × categories a row of columns for each category.

    A column is at least 0.8 mm high; the first of the highest has its text in bold. A reported zero is only its text. A
    month without a report, also one that the table lacks, or whose people are not counted, has an outline, and
    neighbours share one text; after the last report it is "not yet reported", or "no report" where
    ``table.attrs["all_reported"]`` says that every partner has reported for the last month. People assisted in months
    whose people are not counted stand over the outline. The share of a number that is in doubt is hatched (from
    ``MIN_HATCHED_SHARE`` on), and the axis label says what that means. Texts stand level: one without room over its
    column is lifted. Large counts are in thousands, and the axis label says so. All other arguments are options of all
    charts.

    Rows of columns are 118.7 mm wide, each with a scale of its own, so that small numbers are visible: compare rows by
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
    columns, unit_name, short = _fit_numbers([row_data_points[0] for row_data_points in matrix.rows], formatter)
    pace = (table.attrs.get("pace") if target is None else target) or 0.0
    assisted = [
        short(column.assisted) if column.state == "not_counted" and column.assisted else "" for column in columns
    ]
    month_columns = _MonthColumns(columns, formatter, pace, short(pace), assisted)
    axis_label_text = (
        formatter.explain_doubt(unit_name, (column.doubt for column in columns)) if axis_label is None else axis_label
    )
    size_mm = width_mm or text_layout.COLUMNS_6_WIDTH_MM, CHART_HEIGHT_MM
    return sheet_axes.draw_sketch(
        "months",
        month_columns.sketch,
        columns,
        formatter,
        ax=ax,
        size_mm=size_mm,
        title=title,
        axis_label=axis_label_text,
    )


def _fit_numbers(
    month_points: list[DataPoint], formatter: ChartFormatter
) -> tuple[list[DataPoint], str, Callable[[float], str]]:
    """Return the points with short texts, the unit of these in words, and the function that prints numbers.

    People and counts are printed in thousands where they are large, and the unit then says so. Months of people after
    the last report say "not yet reported", unless ``table.attrs["all_reported"]`` is true.
    """
    unit_name, short = formatter.unit_name, formatter.format_number
    if formatter.unit in ("people", "count"):
        digits = numbers.digits_of_thousands([column.value for column in month_points if not isnan(column.value)])
        short = partial(numbers.count, language=formatter.language)
        if digits is not None:
            unit_name = formatter.translate("{unit}, in thousands", unit=unit_name)
            short = partial(numbers.thousands, digits=digits, language=formatter.language)
            format_few = partial(numbers.less_than_thousands, digits=digits, language=formatter.language)
            month_points = [
                replace(column, text=format_few(column.few_base)) if column.state == "few" else column
                for column in month_points
            ]
        month_points = [
            replace(column, text=short(column.value)) if column.state == "value" and column.value > 0 else column
            for column in month_points
        ]
    if formatter.unit == "people" and not formatter.table.attrs.get("all_reported"):
        reported = max((month for month, column in enumerate(month_points) if column.state != "no_report"), default=-1)
        not_yet_reported_text = formatter.translate("not yet reported")
        month_points[reported + 1 :] = [
            replace(column, text=not_yet_reported_text) for column in month_points[reported + 1 :]
        ]
    return month_points, unit_name, short


def _name_months(keys: Sequence[str], formatter: ChartFormatter) -> list[str]:
    """Return the caller's label of each key, else the letter of a month, else the name in full."""
    names = {
        key: numbers.month_letter(key, formatter.language) if is_month(key) else formatter.name(key) for key in keys
    }
    return [formatter.labels.get(key, names[key]) for key in keys]


@dataclass(frozen=True)
class _MonthColumns:
    """Columns of months with what stands over them, which are sketched in any size.

    ``pace`` is the value of the dashed line (0: there is none). ``assisted`` are the texts of people assisted in months
    whose people are not counted, "" elsewhere. Small columns stand in a row of several: of numbers above 0 only the
    highest has its text, and nothing stands below.
    """

    columns: Sequence[DataPoint]
    formatter: ChartFormatter
    pace: float = 0.0
    pace_text: str = ""
    assisted: Sequence[str] = ()
    is_small: bool = False

    def sketch(self, width_mm: float, height_mm: float) -> Sketch:
        """Return a sketch of columns as high as leaves room for all texts above them.

        Columns are lowered step by step, to half the height at most; small ones are not. Where some texts never have
        room, the sketch is the one that leaves out fewest.
        """
        sketch, left_out_text_count = self._sketch_under(PEAK_TEXT_ROOM_MM, width_mm, height_mm)
        free_head_height_mm = PEAK_TEXT_ROOM_MM
        while (
            left_out_text_count and not self.is_small and free_head_height_mm < (height_mm - MONTH_NAMES_HEIGHT_MM) / 2
        ):
            free_head_height_mm += TEXT_LIFT_STEP_MM
            lower_sketch_and_count = self._sketch_under(free_head_height_mm, width_mm, height_mm)
            sketch, left_out_text_count = min((sketch, left_out_text_count), lower_sketch_and_count, key=itemgetter(1))
        return sketch

    def _sketch_under(
        self, head_mm: float, width_mm: float, height_mm: float, right_mm: float = 0
    ) -> tuple[Sketch, int]:
        """Return a sketch of columns with ``head_mm`` free above them, and how many texts have no room in it.

        ``right_mm`` stays free beside the columns, for a pace whose value has no room above or below its line.
        """
        columns, foot_mm = self.columns, 0 if self.is_small else MONTH_NAMES_HEIGHT_MM
        slot_mm = (width_mm - 2 * SIDE_MARGIN_MM - right_mm) / max(len(columns), 1)
        scale = max((column.value for column in columns if column.value > 0), default=1.0)
        scale = max(scale, *(self.formatter.base for column in columns if column.state == "few"), self.pace)
        room = height_mm - foot_mm
        per_mm = scale / max(room - head_mm, room / 2)
        sketch = Sketch(width_mm, height_mm, (slot_mm, 1 / per_mm), -0.5 - SIDE_MARGIN_MM / slot_mm, foot_mm)
        self._draw_axis(sketch)
        least = (MIN_STRIP_COLUMN_HEIGHT_MM if self.is_small else MIN_COLUMN_HEIGHT_MM) * per_mm
        highs = [max(column.value, least) if column.value > 0 else 0.0 for column in columns]
        column_width_share = min(COLUMN_WIDTH_SHARE, MAX_COLUMN_WIDTH_MM / slot_mm)
        filled = list(_list_boxes(columns, self.formatter, highs, column_width_share, per_mm))
        sketch.add(*filled)
        occupied_boxes = [
            (box_left, box_foot, box_right, box_top - MAX_TEXT_BELOW_TOP_MM)
            for box_left, box_foot, box_right, box_top in map(sketch.rectangle_box_mm, filled)
        ]
        label_marks = self._list_texts(highs, MONTH_OUTLINE_HEIGHT_MM * per_mm, slot_mm)
        left_out = self._write_texts(sketch, label_marks, occupied_boxes, foot_mm + self.pace / per_mm)
        if self.pace and not self._draw_pace(sketch, occupied_boxes, has_room_beside=right_mm > 0):
            right_mm = text_layout.width_of(self.pace_text) + 2 * COLUMN_VALUE_GAP_MM
            return self._sketch_under(head_mm, width_mm, height_mm, right_mm)
        return sketch, left_out

    def _draw_axis(self, sketch: Sketch) -> None:
        """Draw the line at zero and, but for small columns, the letters of the months below it."""
        axis_right_x = sketch.start + sketch.width_mm / sketch.unit_mm[0]
        sketch.add(Line([(sketch.start, 0), (axis_right_x, 0)], Look(edge=hex_of("ink"), width=0.8)))
        if not self.is_small:
            letter_mark_template = Label(
                0, 0, "", hex_of("muted"), "center", MONTH_LETTER_PT, above_mm=-MONTH_LETTER_DROP_MM
            )
            month_letters = _name_months([month_data_point.key for month_data_point in self.columns], self.formatter)
            sketch.add(
                *(
                    letter_mark_template._replace(x=month_index, words=month_letter)
                    for month_index, month_letter in enumerate(month_letters)
                )
            )

    def _list_texts(self, heights: Sequence[float], outline_height: float, month_mm: float) -> list[Label]:
        """List the texts over columns, zeros and outlines: that of the first highest column is bold and comes first.

        Then come people assisted, over outlines without counted people. Of small columns above 0, only the highest has
        its text.
        """
        month_data_points, translate = self.columns, self.formatter.translate
        label_mark_template = Label(0, 0, "", hex_of("muted"), "center", above_mm=COLUMN_VALUE_GAP_MM)
        month_indices_with_value = [
            month_index for month_index, month_data_point in enumerate(month_data_points) if month_data_point.value > 0
        ]
        label_marks = list(
            _list_labels(
                month_data_points,
                heights,
                [] if self.is_small else month_indices_with_value,
                label_mark_template,
                outline_height,
            )
        )
        if any(self.assisted):
            not_counted_text, assisted_follow_text = translate("not counted"), translate("not counted; assisted:")
            label_marks = [
                label_mark._replace(words=assisted_follow_text) if label_mark.words == not_counted_text else label_mark
                for label_mark in label_marks
            ]
            outline_mark_template = label_mark_template._replace(y=outline_height, style="italic")
            assisted_label_marks = [
                outline_mark_template._replace(x=assisted_month_index, words=assisted_text)
                for assisted_month_index, assisted_text in enumerate(self.assisted)
                if assisted_text
            ]
            label_marks = [*assisted_label_marks, *label_marks]
        if not month_indices_with_value:
            return label_marks
        peak_month_index = max(month_indices_with_value, key=lambda month_index: month_data_points[month_index].value)
        peak_label_mark = label_mark_template._replace(
            x=peak_month_index,
            y=heights[peak_month_index],
            words=month_data_points[peak_month_index].text,
            colour=hex_of("ink"),
            weight=700,
        )
        neighbour_data_points = month_data_points[max(peak_month_index - 1, 0) : peak_month_index + 2]
        widest_neighbour_text_mm = max(
            text_layout.width_of(month_data_point.text) for month_data_point in neighbour_data_points
        )
        peak_text_width_mm = text_layout.width_of(peak_label_mark.words, weight=700, size=PEAK_TEXT_PT)
        is_peak_text_large = (
            not self.is_small and (peak_text_width_mm + widest_neighbour_text_mm) / 2 + MIN_TEXT_GAP_MM <= month_mm
        )
        peak_label_mark = peak_label_mark._replace(
            size=PEAK_TEXT_PT if is_peak_text_large else label_mark_template.size
        )
        return [peak_label_mark, *(label_mark for label_mark in label_marks if label_mark.x != peak_month_index)]

    def _write_texts(self, sketch: Sketch, texts: Sequence[Label], filled_boxes: list[Box4], pace_mm: float) -> int:
        """Add each text that has room to the sketch, and its box to ``filled_boxes``; return how many have none.

        A text across the line of the pace, ``pace_mm`` above the lower edge, has a white background.
        """
        written_label_marks, left_out_text_count = list[Label](), 0
        for sketch_label in texts:
            line_label_marks = _place_text(sketch_label, sketch, filled_boxes, 0 if self.is_small else MAX_TEXT_LIFTS)
            left_out_text_count += not line_label_marks
            for line_label_mark in line_label_marks:
                text_line_box_mm = sketch.label_box_mm(line_label_mark)
                filled_boxes.append(text_line_box_mm)
                is_on_pace_line = self.pace and text_line_box_mm[1] < pace_mm < text_line_box_mm[3]
                written_label_marks.append(line_label_mark._replace(background=WHITE if is_on_pace_line else ""))
        sketch.add(*sorted(written_label_marks, key=lambda label: label.weight))
        return left_out_text_count

    def _draw_pace(self, sketch: Sketch, filled_boxes: Sequence[Box4], *, has_room_beside: bool) -> bool:
        """Draw the dashed line of the pace and its value above or below its end, where that has room.

        Returns False, and draws nothing, where the value has no room and none is kept beside the columns
        (``has_room_beside``). Where that is kept and too small, the line has no value.
        """
        axis_right_x = sketch.start + sketch.width_mm / sketch.unit_mm[0]
        value = Label(axis_right_x, self.pace, self.pace_text, hex_of("ink"), "right", background=WHITE)
        pace_mark_choices = [
            value._replace(above_mm=above)
            for above in (COLUMN_VALUE_GAP_MM, -COLUMN_VALUE_GAP_MM - text_layout.ASCENT_MM)
        ]
        free = [
            label
            for label in pace_mark_choices
            if not overlaps(sketch.label_box_mm(label), filled_boxes, MIN_TEXT_GAP_MM)
        ]
        if not free and not has_room_beside:
            return False
        pace_line_look = Look(edge=hex_of("ink"), width=0.8, dashes=PACE_LINE_DASHES)
        sketch.add(Line([(-0.5, self.pace), (axis_right_x, self.pace)], pace_line_look, is_behind=True), *free[:1])
        return True


def _list_boxes(
    month_points: Sequence[DataPoint], formatter: ChartFormatter, highs: Sequence[float], share: float, per_mm: float
) -> Iterator[Box]:
    """Yield the boxes of months: a column, with the share without doubt over a hatched one, or an outline.

    A column is for a value above 0, an outline for a month in ``OUTLINED_STATES``; other months have no box. Tips have
    numbers in full, also where texts are in thousands. ``share`` is the width of a column as a share of its month,
    ``per_mm`` the value of one mm of height.
    """
    outline = Look(edge=hex_of("muted"), width=0.5, dashes=(1.6, 1.2))
    for month, column in enumerate(month_points):
        if column.value > 0:
            counts = column.state == "value" and formatter.unit in ("people", "count")
            in_full = numbers.count(column.value, formatter.language) if counts else column.text
            colour = formatter.colour(column.key, column.label)
            column_left_x = month - share / 2
            tip = pictures.tip(column.label, in_full)
            yield Box(
                column_left_x, 0, share, highs[month], make_hatched_look(colour) if column.doubt else Look(colour), tip
            )
            if 0 < column.doubt < 1:  # the share without doubt
                yield Box(column_left_x, 0, share, highs[month] * (1 - column.doubt), Look(colour), tip)
        elif column.state in OUTLINED_STATES:
            yield Box(month - share / 2, 0, share, MONTH_OUTLINE_HEIGHT_MM * per_mm, outline)


def _list_labels(
    month_points: Sequence[DataPoint],
    highs: Sequence[float],
    numbered_months: Sequence[int],
    label: Label,
    outline_height: float,
) -> Iterator[Label]:
    """Yield the texts over columns, zeros and outlines; neighbours with the same words in place of a number share them.

    Of columns, those whose index is in ``numbered_months`` have their number; values below 0 and zeros always have.
    ``label`` is the look of all texts.
    """
    for month_index, column in enumerate(month_points):
        is_number = column.state == "zero" and column.text[-1:].isdecimal()
        if month_index in numbered_months or is_number or (column.state == "value" and column.value < 0):
            yield label._replace(x=month_index, y=highs[month_index], words=column.text)
    for (state, text), run in groupby(
        range(len(month_points)),
        key=lambda month_index: (month_points[month_index].state, month_points[month_index].text),
    ):
        if state in OUTLINED_STATES or (state == "zero" and not text[-1:].isdecimal()):
            months = list(run)
            height = outline_height if state in OUTLINED_STATES else 0.0
            yield label._replace(x=sum(months) / len(months), y=height, words=text, style="italic")


def _place_text(text: Label, sketch: Sketch, filled_boxes: Sequence[Box4], max_lifts: int) -> list[Label]:
    """Return the lines of a text where it meets no filled box; an empty list where it has no room.

    It stands on one line, lifted up to ``max_lifts`` times, else on two lines; at once on two at the edge of the paper.
    """
    several = tuple(text.words.rsplit(" ", 1))
    moves = sketch.clamp_x(text) != text.x  # it would no longer stand over its column
    for lines in dict.fromkeys([several] if moves else [(text.words,), several]):
        for lifted in range(max_lifts + 1):
            stacked = [
                text._replace(words=line, above_mm=COLUMN_VALUE_GAP_MM + TEXT_LIFT_STEP_MM * (lifted + number))
                for number, line in enumerate(reversed(lines))
            ]
            within = [label._replace(x=sketch.clamp_x(label)) for label in stacked]
            boxes = [sketch.label_box_mm(label) for label in within]
            if (
                not any(overlaps(box, filled_boxes, MIN_TEXT_GAP_MM) for box in boxes)
                and boxes[-1][3] <= sketch.height_mm
            ):
                return within
    return []


def fill_months(table: Table, months: Sequence[str] = ()) -> pd.DataFrame:
    """Return a table as ``tidy`` does, by month, with rows for missing months between the first and the last.

    First and last are those of the table and of ``months`` together. Months (``YYYY-MM``) are the last level of the
    index; ``value`` of an added row is NaN. Of two dimensions a missing month gets a row of the first category alone.
    The first level becomes the last where the last holds other keys. A table without months gets no rows.
    """
    rows = tidy(table, dimensions=count_dimensions(table))
    if rows.index.nlevels == 2 and not all(map(is_month, rows.index.unique(1).astype(str))):
        rows = rows.swaplevel()
    table_month_keys = rows.index.unique(-1).astype(str)
    if rows.empty or not all(map(is_month, table_month_keys)):
        return rows
    first, last = min([*table_month_keys, *months]), max([*table_month_keys, *months])
    missing_month_keys = pd.period_range(first, last, freq="M").strftime("%Y-%m").difference(table_month_keys)
    part = rows.index.unique(0)[:1]  # one row without a report is enough for a month to have its column
    more = missing_month_keys if rows.index.nlevels == 1 else pd.MultiIndex.from_product([part, missing_month_keys])
    return rows.reindex(rows.index.append(more)).sort_index(level=-1)


def _draw_strips(
    matrix: Matrix, formatter: ChartFormatter, ax: Axes | None, title: str, axis_label: str | None, width_mm: float
) -> Axes:
    """Draw a row of columns for each category, each to its own scale, with the number of its highest column.

    ``axis_label`` None: the unit, and what scale and hatching mean. Returns the axes around the rows.
    """
    count = max(len(matrix.rows), 1)
    left_mm, names = text_layout.fit_row_names(
        [row[0].label for row in matrix.rows], sheet_axes.size_mm_of(ax)[0] if ax else width_mm
    )
    unit_name = formatter.translate("{unit}; each row to its own scale", unit=formatter.unit_name)
    unit_name = formatter.explain_doubt(
        unit_name, (month_data_point.doubt for row in matrix.rows for month_data_point in row)
    )
    label = unit_name if axis_label is None else axis_label
    height_mm = STRIP_HEIGHT_MM * count + MONTH_NAMES_HEIGHT_MM
    around: dict[str, Any] = {"rows": names, "left_mm": left_mm, "foot_mm": MONTH_NAMES_HEIGHT_MM}
    axes = sheet_axes.prepare_axes(ax, width_mm, height_mm, title=title, axis_label=label, vertical=True, **around)
    for number, row in enumerate(matrix.rows):
        strip = axes.inset_axes((0, 1 - (number + 1) / count, 1, 1 / count))
        strip_sketch = _MonthColumns(row, formatter, is_small=True).sketch(*sheet_axes.size_mm_of(strip))
        strip_sketch.draw_on(strip)
        axes.set_xlim(strip.get_xlim())
    axes.set_xticks(range(len(matrix.columns)), _name_months(matrix.columns, formatter))
    axes.tick_params(axis="x", pad=MONTH_LETTER_GAP_PT)
    return axes
