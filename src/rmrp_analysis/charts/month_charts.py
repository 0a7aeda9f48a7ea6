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

HEIGHT_MM = 44.0
FOOT_MM = 6.0  # below the axis, for the months' letters
PEAK_TEXT_MM = 7.2  # above the highest column, for its value
COLUMN_SHARE, MAX_COLUMN_MM = 0.7, 16.0  # the width of a column: its share of the month, but no more than this
MIN_COLUMN_MM, MIN_STRIP_COLUMN_MM = 0.8, 0.5  # the height of a column, so that it is seen and met by a pointer
GAP_MM, UNDER_TEXT_MM = 0.9, 0.8  # between a column and its value; how far a text may reach down beside a column
OUTLINE_MM = 3.0  # the height of the outline of a month without a number
EDGE_MM = 0.5  # free at left and right, for a wide first or last value
MIN_TEXT_GAP_MM = 0.45  # between two texts
LINE_MM, MAX_LIFTS = 4.0, 2  # how far a text is lifted over its neighbours, and how often
PEAK_PT, LETTER_PAD_PT = 9.2, 4.5  # the size of the highest column's text; between axis and letters
LETTER_PT, BELOW_AXIS_MM = 8.8, 4.7  # the letters of months, and how far their base line is below the axis
PACE_DASHES = (3, 2)
STRIP_MM = 9.4  # the height of a row of small columns
OUTLINED_STATES = ("not_counted", "no_report")  # of months that have an outline in place of a column


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

    Rows of columns are 118.7 mm wide. Each row has a scale of its own, so that small numbers are visible: compare rows
    by the values in bold. A column is at least 0.8 mm high; the first of the highest has its text in bold. A reported
    zero is only its text. A month without a report, also one that the table lacks, or whose people are not counted, has
    an outline, and neighbours share one text; after the last report it is "not yet reported". People assisted in months
    whose people are not counted stand over the outline. The share of a number that is in doubt is hatched (from
    ``DOUBT_DRAWN_FROM`` on), and the axis label says what that means. Texts stand level: one without room over its
    column is lifted. Large counts are in thousands, and the axis label says so. All other arguments are options of all
    charts.

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
            axes = _draw_strips(matrix, formatter, ax, title, axis_label, width_mm or text_layout.COLUMNS_8_MM)
            return sheet_axes.finish_axes(axes, matrix, formatter, given_axes=ax)
    columns, unit_name, format_number = _fit_numbers([row[0] for row in matrix.rows], formatter)
    pace = (table.attrs.get("pace") if target is None else target) or 0.0
    assisted = [
        format_number(column.assisted) if column.state == "not_counted" and column.assisted else ""
        for column in columns
    ]
    columns_of_months = _MonthColumns(columns, formatter, pace, format_number(pace), assisted)
    label = formatter.explain_hatching(unit_name, columns) if axis_label is None else axis_label
    size_mm = width_mm or text_layout.COLUMNS_6_MM, HEIGHT_MM
    return sheet_axes.draw_sketch(
        "months", columns_of_months.sketch, columns, formatter, ax=ax, size_mm=size_mm, title=title, axis_label=label
    )


def _fit_numbers(
    columns: list[DataPoint], formatter: ChartFormatter
) -> tuple[list[DataPoint], str, Callable[[float], str]]:
    """Return the columns with texts that have room, the unit of these in words, and the function that prints numbers.

    Counts lose their unit, in thousands where they are large. Months after the last report have another text.
    """
    unit_name, format_number = formatter.unit_name, formatter.format_number
    if formatter.unit in ("people", "count"):
        digits = numbers.digits_of_thousands([column.value for column in columns if not isnan(column.value)])
        format_number = partial(numbers.count, language=formatter.language)
        if digits is not None:
            unit_name = formatter.translate("{unit}, in thousands", unit=unit_name)
            format_number = partial(numbers.thousands, digits=digits, language=formatter.language)
        columns = [
            replace(column, text=format_number(column.value))
            if column.state == "value" and column.value > 0
            else column
            for column in columns
        ]
    if formatter.unit == "people":
        last_report = max((month for month, column in enumerate(columns) if column.state != "no_report"), default=-1)
        not_yet = formatter.translate("not yet reported")
        columns[last_report + 1 :] = [replace(column, text=not_yet) for column in columns[last_report + 1 :]]
    return columns, unit_name, format_number


def _name_months(keys: Sequence[str], formatter: ChartFormatter) -> list[str]:
    """Return the letter of each month, since more has no room; other keys in full."""
    names = {
        key: numbers.month_letter(key, formatter.language) if is_month(key) else formatter.name(key) for key in keys
    }
    return [formatter.labels.get(key, names[key]) for key in keys]


@dataclass(frozen=True)
class _MonthColumns:
    """Columns of months with what stands over them, which are sketched in any size.

    ``pace`` is the value of the dashed line (0: there is none). ``assisted`` are the texts of people assisted in months
    whose people are not counted, "" elsewhere. Small columns stand in a row of several: only the highest has a text,
    and nothing stands below.
    """

    columns: Sequence[DataPoint]
    formatter: ChartFormatter
    pace: float = 0.0
    pace_text: str = ""
    assisted: Sequence[str] = ()
    is_small: bool = False

    def sketch(self, width_mm: float, height_mm: float) -> Sketch:
        """Draw the columns as high as leaves room for all texts above them.

        Where a text has no room however low they are, they are as high as the fewest texts without room allow.
        """
        sketch, left_out_count = self._sketch_under(PEAK_TEXT_MM, width_mm, height_mm)
        head_mm = PEAK_TEXT_MM
        while left_out_count and not self.is_small and head_mm < (height_mm - FOOT_MM) / 2:
            head_mm += LINE_MM
            lower = self._sketch_under(head_mm, width_mm, height_mm)
            sketch, left_out_count = min((sketch, left_out_count), lower, key=itemgetter(1))
        return sketch

    def _sketch_under(
        self, head_mm: float, width_mm: float, height_mm: float, right_mm: float = 0
    ) -> tuple[Sketch, int]:
        """Draw columns with so much free above them; return the sketch and how many texts have no room in it.

        ``right_mm`` stays free beside the columns, for a pace whose value has no room above or below its line.
        """
        columns, foot_mm = self.columns, 0 if self.is_small else FOOT_MM
        month_mm = (width_mm - 2 * EDGE_MM - right_mm) / max(len(columns), 1)
        top_value = max((column.value for column in columns if column.value > 0), default=1.0)
        top_value = max(top_value, *(self.formatter.base for column in columns if column.state == "few"), self.pace)
        axes_mm = height_mm - foot_mm
        units_per_mm = top_value / max(axes_mm - head_mm, axes_mm / 2)
        sketch = Sketch(width_mm, height_mm, (month_mm, 1 / units_per_mm), -0.5 - EDGE_MM / month_mm, foot_mm)
        self._draw_axis(sketch)
        min_height = (MIN_STRIP_COLUMN_MM if self.is_small else MIN_COLUMN_MM) * units_per_mm
        heights = [max(column.value, min_height) if column.value > 0 else 0.0 for column in columns]
        share = min(COLUMN_SHARE, MAX_COLUMN_MM / month_mm)
        boxes = list(_list_boxes(columns, self.formatter, heights, share, units_per_mm))
        sketch.add(*boxes)
        filled_boxes = [
            (left, foot, right, top - UNDER_TEXT_MM) for left, foot, right, top in map(sketch.rectangle_box_mm, boxes)
        ]
        texts = self._list_texts(heights, OUTLINE_MM * units_per_mm, month_mm)
        left_out_count = self._write_texts(sketch, texts, filled_boxes, foot_mm + self.pace / units_per_mm)
        if self.pace and not self._draw_pace(sketch, filled_boxes, has_room_beside=right_mm > 0):
            right_mm = text_layout.width_of(self.pace_text) + 2 * GAP_MM
            return self._sketch_under(head_mm, width_mm, height_mm, right_mm)
        return sketch, left_out_count

    def _draw_axis(self, sketch: Sketch) -> None:
        """Draw the line at zero and, but for small columns, the letters of the months below it."""
        right = sketch.start + sketch.width_mm / sketch.unit_mm[0]
        sketch.add(Line([(sketch.start, 0), (right, 0)], Look(edge=hex_of("ink"), width=0.8)))
        if not self.is_small:
            letter = Label(0, 0, "", hex_of("muted"), "center", LETTER_PT, above_mm=-BELOW_AXIS_MM)
            names = _name_months([column.key for column in self.columns], self.formatter)
            sketch.add(*(letter._replace(x=month, words=name) for month, name in enumerate(names)))

    def _list_texts(self, heights: Sequence[float], outline_height: float, month_mm: float) -> list[Label]:
        """List the texts over columns, the highest column's first: it has its position before all others."""
        columns, translate = self.columns, self.formatter.translate
        label = Label(0, 0, "", hex_of("muted"), "center", above_mm=GAP_MM)
        valued = [month for month, column in enumerate(columns) if column.value > 0]
        texts = list(_list_labels(columns, heights, [] if self.is_small else valued, label, outline_height))
        if any(self.assisted):
            not_counted, assisted_follow = translate("not counted"), translate("not counted; assisted:")
            texts = [text._replace(words=assisted_follow) if text.words == not_counted else text for text in texts]
            over_outline = label._replace(y=outline_height, style="italic")
            assisted = [over_outline._replace(x=x, words=text) for x, text in enumerate(self.assisted) if text]
            texts = [*assisted, *texts]
        if not valued:
            return texts
        peak = max(valued, key=lambda month: columns[month].value)
        bold = label._replace(x=peak, y=heights[peak], words=columns[peak].text, colour=hex_of("ink"), weight=700)
        neighbours = columns[max(peak - 1, 0) : peak + 2]
        widest_mm = max(text_layout.width_of(column.text) for column in neighbours)
        peak_mm = text_layout.width_of(bold.words, weight=700, size=PEAK_PT)
        is_large = not self.is_small and (peak_mm + widest_mm) / 2 + MIN_TEXT_GAP_MM <= month_mm
        bold = bold._replace(size=PEAK_PT if is_large else label.size)
        return [bold, *(text for text in texts if text.x != peak)]

    def _write_texts(self, sketch: Sketch, texts: Sequence[Label], filled_boxes: list[Box4], pace_mm: float) -> int:
        """Write each text where it has room, add its box to ``filled_boxes``; return how many have no room.

        A text across the line of the pace, ``pace_mm`` above the lower edge, has a white background.
        """
        written, left_out_count = list[Label](), 0
        for text in texts:
            lines = _place_text(text, sketch, filled_boxes, 0 if self.is_small else MAX_LIFTS)
            left_out_count += not lines
            for line in lines:
                box = sketch.label_box_mm(line)
                filled_boxes.append(box)
                is_on_pace = self.pace and box[1] < pace_mm < box[3]
                written.append(line._replace(background=WHITE if is_on_pace else ""))
        sketch.add(*sorted(written, key=lambda label: label.weight))
        return left_out_count

    def _draw_pace(self, sketch: Sketch, filled_boxes: Sequence[Box4], *, has_room_beside: bool) -> bool:
        """Draw the dashed line of the pace and its value above or below its end, where that has room.

        Returns False, and draws nothing, where its value has no room and could still have some beside the columns.
        """
        right = sketch.start + sketch.width_mm / sketch.unit_mm[0]
        value = Label(right, self.pace, self.pace_text, hex_of("ink"), "right", background=WHITE)
        labels = [value._replace(above_mm=above) for above in (GAP_MM, -GAP_MM - text_layout.ASCENT_MM)]
        free = [label for label in labels if not overlaps(sketch.label_box_mm(label), filled_boxes, MIN_TEXT_GAP_MM)]
        if not free and not has_room_beside:
            return False
        dashed = Look(edge=hex_of("ink"), width=0.8, dashes=PACE_DASHES)
        sketch.add(Line([(-0.5, self.pace), (right, self.pace)], dashed, is_behind=True), *free[:1])
        return True


def _list_boxes(
    columns: Sequence[DataPoint], formatter: ChartFormatter, highs: Sequence[float], share: float, per_mm: float
) -> Iterator[Box]:
    """Draw a box for each month: a column, with the firm rest of one in doubt over it, or an outline without a number.

    Tips have numbers in full, also where texts are in thousands. ``share`` is the width of a column as a share of its
    month.
    """
    outline = Look(edge=hex_of("muted"), width=0.5, dashes=(1.6, 1.2))
    for month, column in enumerate(columns):
        if column.value > 0:
            counts = column.state == "value" and formatter.unit in ("people", "count")
            in_full = numbers.count(column.value, formatter.language) if counts else column.text
            colour, left, tip = (
                formatter.colour(column.key, column.label),
                month - share / 2,
                pictures.tip(column.label, in_full),
            )
            yield Box(left, 0, share, highs[month], make_hatched_look(colour) if column.doubt else Look(colour), tip)
            if 0 < column.doubt < 1:  # the share without doubt
                yield Box(left, 0, share, highs[month] * (1 - column.doubt), Look(colour), tip)
        elif column.state in OUTLINED_STATES:
            yield Box(month - share / 2, 0, share, OUTLINE_MM * per_mm, outline)


def _list_labels(
    columns: Sequence[DataPoint],
    highs: Sequence[float],
    numbered_months: Sequence[int],
    label: Label,
    outline_height: float,
) -> Iterator[Label]:
    """Write the texts over columns and zeros; neighbours with the same words in place of a number share them.

    Of columns, ``numbered_months`` have their number. ``label`` is the look of all texts.
    """
    for month, column in enumerate(columns):
        is_number = column.state == "zero" and column.text[-1:].isdecimal()
        if month in numbered_months or is_number or (column.state == "value" and column.value < 0):
            yield label._replace(x=month, y=highs[month], words=column.text)
    for (state, text), run in groupby(
        range(len(columns)), key=lambda month: (columns[month].state, columns[month].text)
    ):
        if state in OUTLINED_STATES or (state == "zero" and not text[-1:].isdecimal()):
            months = list(run)
            height = outline_height if state in OUTLINED_STATES else 0.0
            yield label._replace(x=sum(months) / len(months), y=height, words=text, style="italic")


def _place_text(text: Label, sketch: Sketch, filled_boxes: Sequence[Box4], max_lifts: int) -> list[Label]:
    """Place a text where it is free: on one line, else on two, else lifted; return its lines, none without room."""
    two_lines = tuple(text.words.rsplit(" ", 1))
    is_moved = sketch.clamp_x(text) != text.x  # it would no longer stand over its column
    for lines in dict.fromkeys([two_lines] if is_moved else [(text.words,), two_lines]):
        for lifts in range(max_lifts + 1):
            labels = [
                text._replace(words=line, above_mm=GAP_MM + LINE_MM * (lifts + index))
                for index, line in enumerate(reversed(lines))
            ]
            clamped = [label._replace(x=sketch.clamp_x(label)) for label in labels]
            boxes = [sketch.label_box_mm(label) for label in clamped]
            if (
                not any(overlaps(box, filled_boxes, MIN_TEXT_GAP_MM) for box in boxes)
                and boxes[-1][3] <= sketch.height_mm
            ):
                return clamped
    return []


def fill_months(table: Table, months: Sequence[str] = ()) -> pd.DataFrame:
    """Add rows for missing months between the first and the last of the table and of ``months``.

    Returns the table as ``tidy`` does, with months as the last level of its index; an added row has no number. Of two
    dimensions a missing month gets a row of the first category alone, so that the month has its column.
    """
    rows = tidy(table, dimensions=count_dimensions(table))
    if rows.index.nlevels == 2 and not all(map(is_month, rows.index.unique(1).astype(str))):
        rows = rows.swaplevel()
    table_months = rows.index.unique(-1).astype(str)
    if rows.empty or not all(map(is_month, table_months)):
        return rows
    first, last = min([*table_months, *months]), max([*table_months, *months])
    missing_months = pd.period_range(first, last, freq="M").strftime("%Y-%m").difference(table_months)
    first_key = rows.index.unique(0)[:1]  # one row without a report is enough for a month to have its column
    missing_index = (
        missing_months if rows.index.nlevels == 1 else pd.MultiIndex.from_product([first_key, missing_months])
    )
    return rows.reindex(rows.index.append(missing_index)).sort_index(level=-1)


def _draw_strips(
    matrix: Matrix, formatter: ChartFormatter, ax: Axes | None, title: str, axis_label: str | None, width_mm: float
) -> Axes:
    """Draw a row of columns for each category, each to its own scale, with the number of its highest column."""
    count = max(len(matrix.rows), 1)
    left_mm, names = text_layout.fit_row_names(
        [row[0].label for row in matrix.rows], sheet_axes.size_mm_of(ax)[0] if ax else width_mm
    )
    unit_name = formatter.translate("{unit}; each row to its own scale", unit=formatter.unit_name)
    unit_name = formatter.explain_hatching(unit_name, [point for row in matrix.rows for point in row])
    label, height_mm = unit_name if axis_label is None else axis_label, STRIP_MM * count + FOOT_MM
    frame_options: dict[str, Any] = {"rows": names, "left_mm": left_mm, "foot_mm": FOOT_MM}
    axes = sheet_axes.prepare_axes(
        ax, width_mm, height_mm, title=title, axis_label=label, vertical=True, **frame_options
    )
    for row_number, row in enumerate(matrix.rows):
        strip = axes.inset_axes((0, 1 - (row_number + 1) / count, 1, 1 / count))
        sketch = _MonthColumns(row, formatter, is_small=True).sketch(*sheet_axes.size_mm_of(strip))
        sketch.draw_on(strip)
        axes.set_xlim(strip.get_xlim())
    axes.set_xticks(range(len(matrix.columns)), _name_months(matrix.columns, formatter))
    axes.tick_params(axis="x", pad=LETTER_PAD_PT)
    return axes
