"""Draws months: the columns of one series, or a row of small columns for each of several."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from math import isnan
from operator import itemgetter
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from rmrp_analysis import numbers
from rmrp_analysis.charts import sheet_axes, text_layout
from rmrp_analysis.charts.chart_tables import ChartFormatter, Matrix, Part, Table, Unit, dimensions_of, tidy
from rmrp_analysis.charts.matplotlib_style import hex_of, sheet_style
from rmrp_analysis.charts.svg_sketch import WHITE, Box, Box4, Label, Line, Look, Sketch, look_of_doubt, overlaps
from rmrp_analysis.errors import in_sentences
from rmrp_analysis.theme import pictures
from rmrp_analysis.vocabulary.labels import is_month

HEIGHT_MM = 44.0
FOOT_MM = 6.0  # below the axis, for the months' letters
ABOVE_PEAK_MM = 7.2  # above the highest column, for its value
COLUMN_SHARE, WIDEST_COLUMN_MM = 0.7, 16.0  # of its slot; and no wider than this
LEAST_COLUMN_MM, LEAST_OF_STRIP_MM = 0.8, 0.5  # so that it can be seen, and met by a pointer
GAP_MM, UNDER_TEXT_MM = 0.9, 0.8  # between a column and its value; how far letters may reach down beside one
UNREPORTED_MM = 3.0  # how high the outline of a month without a report is
EDGE_MM = 0.5  # free at left and right, for a wide first or last value
LEAST_GAP_MM = 0.45  # between two texts
LINE_MM, MOST_LIFTED = 4.0, 2  # how far a text is lifted off its neighbours, and how often
PEAK_PT, LETTER_PAD_PT = 9.2, 4.5
LETTER_PT, BELOW_AXIS_MM = 8.8, 4.7  # the letters of months, and how far their base line is below the axis
PACE_DASHES = (3, 2)
STRIP_MM = 9.4  # a row of small columns
WITHOUT_NUMBER = ("not_counted", "no_report")  # states of months that have an outline


@in_sentences
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
    """Columns by month, 88 × 44 mm, from zero; for months × parts a row of columns for each part, 118.7 mm wide.

    A column lower than 0.8 mm is drawn 0.8 mm high so that it can be seen; the first highest one is named in bold.
    A reported zero is only its text. A month without a report, or whose people are not counted, has an outline, and
    neighbouring ones share one text: at the end, nobody has reported yet. A month that the table leaves out has no
    report. People assisted in months whose people are not counted stand over the outline. What is in doubt of a number
    is hatched (``DOUBT_DRAWN_FROM``), and the axis says what that means. Every text is level: one that has no room over
    its column is lifted. Numbers whose unit has no room (in English that of people has) are in thousands, and the axis
    says so. The rows of several parts have a scale each, so that small ones can be seen: compare them by the values in
    bold. What is not said here is an option of all charts.

    Args:
        table: Of months, or of months × parts.
        target: How many a month would be needed, by default ``table.attrs["pace"]``: a dashed line with its value.

    >>> import pandas as pd
    >>> people = pd.Series({"2021-01": 947, "2021-02": 388, "2021-04": 0})
    >>> axes = rmrp.charts.months(people, title="A slow start")
    >>> [text.get_text() for text in axes.texts]
    ['J', 'F', 'M', 'A', '388', '0', 'no report', '947']
    """
    formatter = ChartFormatter.of(table, unit, language, labels, decimals, color=color, highlight=highlight)
    several = dimensions_of(table) > 1
    matrix = formatter.matrix(fill_months(table), "value" if several else "table")
    if several:
        with sheet_style():
            axes = _draw_strips(matrix, formatter, ax, title, axis_label, width_mm or text_layout.COLUMNS_8_MM)
            return sheet_axes.finished(axes, matrix, formatter, within=ax)
    columns, unit_name, short = [row[0] for row in matrix.rows], formatter.unit_name, formatter.number
    if formatter.unit in ("people", "count"):
        digits = numbers.digits_of_thousands([column.value for column in columns if not isnan(column.value)])
        short = partial(numbers.count, language=formatter.language)
        if digits is not None:
            unit_name = formatter.translate("{unit}, in thousands", unit=unit_name)
            short = partial(numbers.thousands, digits=digits, language=formatter.language)
        for month, column in enumerate(columns):
            if column.state == "value" and column.value > 0:
                columns[month] = replace(column, text=short(column.value))
    if formatter.unit == "people":
        reported = max((month for month, column in enumerate(columns) if column.state != "no_report"), default=-1)
        columns[reported + 1 :] = [
            replace(column, text=formatter.translate("not yet reported")) for column in columns[reported + 1 :]
        ]
    pace = (table.attrs.get("pace") if target is None else target) or 0.0
    assisted = [
        short(column.assisted) if column.state == "not_counted" and column.assisted else "" for column in columns
    ]
    draw = partial(_sketch, columns, formatter, pace=pace, pace_text=short(pace), assisted=assisted)
    label = formatter.with_key_of_doubt(unit_name, columns) if axis_label is None else axis_label
    size_mm = width_mm or text_layout.COLUMNS_6_MM, HEIGHT_MM
    return sheet_axes.sketched(
        "months", draw, columns, formatter, ax=ax, size_mm=size_mm, title=title, axis_label=label
    )


def _names(keys: Sequence[str], formatter: ChartFormatter) -> list[str]:
    """The letter of each month, since more has no room; other keys in full."""
    names = {
        key: numbers.month_letter(key, formatter.language) if is_month(key) else formatter.name(key) for key in keys
    }
    return [formatter.labels.get(key, names[key]) for key in keys]


def _sketch(
    columns: Sequence[Part],
    formatter: ChartFormatter,
    width: float,
    height: float,
    *,
    small: bool = False,
    pace: float = 0,
    pace_text: str = "",
    assisted: Sequence[str] = (),
) -> Sketch:
    """Columns from zero with their texts; of ``small`` ones the highest is named, and nothing stands below.

    ``assisted`` are the texts of people assisted in months whose people are not counted. Above the columns as much
    stays free as its texts need; a text that has no room however low the columns are leaves them high.
    """
    around: dict[str, Any] = {"small": small, "pace": pace, "pace_text": pace_text, "assisted": assisted}
    draw = partial(_sketch_below, columns, formatter, width, height, **around)
    fewest, head_mm = draw(head_mm=ABOVE_PEAK_MM), ABOVE_PEAK_MM
    while fewest[1] and not small and head_mm < (height - FOOT_MM) / 2:
        head_mm += LINE_MM
        fewest = min(fewest, draw(head_mm=head_mm), key=itemgetter(1))
    return fewest[0]


def _sketch_below(
    columns: Sequence[Part],
    formatter: ChartFormatter,
    width: float,
    height: float,
    *,
    head_mm: float,
    small: bool,
    pace: float,
    pace_text: str,
    assisted: Sequence[str],
    right_mm: float = 0,
) -> tuple[Sketch, int]:
    """Give the sketch of ``_sketch`` with so much free above its columns, and how many texts have no room in it.

    ``right_mm`` stays free beside the columns, for a pace whose value has no room above or below its line.
    """
    foot_mm = 0 if small else FOOT_MM
    slot_mm = (width - 2 * EDGE_MM - right_mm) / max(len(columns), 1)
    valued = [month for month, column in enumerate(columns) if column.value > 0]
    peak = max(valued, key=lambda month: columns[month].value, default=None)
    highest = 1.0 if peak is None else columns[peak].value
    scale = max(highest, *(formatter.base for column in columns if column.state == "few"), pace)
    room = height - foot_mm
    per_mm = scale / max(room - head_mm, room / 2)
    least = (LEAST_OF_STRIP_MM if small else LEAST_COLUMN_MM) * per_mm
    highs = [max(column.value, least) if column.value > 0 else 0.0 for column in columns]
    sketch = Sketch(width, height, (slot_mm, 1 / per_mm), -0.5 - EDGE_MM / slot_mm, foot_mm)
    right = sketch.start + width / slot_mm
    ink, muted = hex_of("ink"), hex_of("muted")
    sketch.add(Line([(sketch.start, 0), (right, 0)], Look(edge=ink, width=0.8)))
    if not small:
        letter = Label(0, 0, "", muted, "center", LETTER_PT, above_mm=-BELOW_AXIS_MM)
        names = _names([column.key for column in columns], formatter)
        sketch.add(*(letter._replace(x=month, words=name) for month, name in enumerate(names)))
    filled = list(_boxes(columns, formatter, highs, min(COLUMN_SHARE, WIDEST_COLUMN_MM / slot_mm), per_mm))
    sketch.add(*filled)
    boxes = map(sketch.box_of, filled)
    taken = [(left, foot, end, top - UNDER_TEXT_MM) for left, foot, end, top in boxes]
    usual = Label(0, 0, "", muted, "center", above_mm=GAP_MM)
    texts = list(_texts(columns, highs, [] if small else valued, usual, UNREPORTED_MM * per_mm))
    if any(assisted):
        explained = formatter.translate("not counted; assisted:"), formatter.translate("not counted")
        texts = [text._replace(words=explained[0]) if text.words == explained[1] else text for text in texts]
        of_months = usual._replace(y=UNREPORTED_MM * per_mm, style="italic")
        texts = [*(of_months._replace(x=x, words=text) for x, text in enumerate(assisted) if text), *texts]
    if peak is not None:
        bold = usual._replace(x=peak, y=highs[peak], words=columns[peak].text, colour=ink, weight=700)
        widest = max(text_layout.width_of(column.text) for column in columns[max(peak - 1, 0) : peak + 2])
        length = text_layout.width_of(bold.words, weight=700, size=PEAK_PT)
        is_large = not small and (length + widest) / 2 + LEAST_GAP_MM <= slot_mm
        texts = [bold._replace(size=PEAK_PT if is_large else usual.size), *(text for text in texts if text.x != peak)]
    written, left_out = list[Label](), 0
    for text in texts:  # the peak first: it has its place before all others
        lines = _placed(text, sketch, taken, 0 if small else MOST_LIFTED)
        left_out += not lines
        taken += map(sketch.box_mm, lines)
        on_line = [foot < foot_mm + pace / per_mm < top for _, foot, _, top in map(sketch.box_mm, lines)]
        grounds = (WHITE if pace and hit else "" for hit in on_line)
        written += [line._replace(ground=ground) for line, ground in zip(lines, grounds, strict=True)]
    sketch.add(*sorted(written, key=lambda label: label.weight))
    if pace:
        value = Label(right, pace, pace_text, ink, "right", ground=WHITE)
        beside = [value._replace(above_mm=above) for above in (GAP_MM, -GAP_MM - text_layout.ASCENT_MM)]
        free = [label for label in beside if not overlaps(sketch.box_mm(label), taken, LEAST_GAP_MM)]
        if not free and not right_mm:
            around: dict[str, Any] = {"small": small, "pace": pace, "pace_text": pace_text, "assisted": assisted}
            right_mm = text_layout.width_of(pace_text) + 2 * GAP_MM
            return _sketch_below(columns, formatter, width, height, head_mm=head_mm, right_mm=right_mm, **around)
        dashed = Look(edge=ink, width=0.8, dashes=PACE_DASHES)
        sketch.add(Line([(-0.5, pace), (right, pace)], dashed, is_behind=True), *free[:1])
    return sketch, left_out


def _boxes(
    columns: Sequence[Part], formatter: ChartFormatter, highs: Sequence[float], share: float, per_mm: float
) -> Iterator[Box]:
    """The columns, which tell their numbers in full, also where texts are in thousands; outlines without a report."""
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
            yield Box(left, 0, share, highs[month], look_of_doubt(colour) if column.doubt else Look(colour), tip)
            if 0 < column.doubt < 1:  # what is not in doubt of it
                yield Box(left, 0, share, highs[month] * (1 - column.doubt), Look(colour), tip)
        elif column.state in WITHOUT_NUMBER:
            yield Box(month - share / 2, 0, share, UNREPORTED_MM * per_mm, outline)


def _texts(
    columns: Sequence[Part], highs: Sequence[float], named: Sequence[int], usual: Label, foot: float
) -> Iterator[Label]:
    """The texts over columns and zeros; neighbours that have the same words in place of a number share them."""
    for month, column in enumerate(columns):
        is_number = column.state == "zero" and column.text[-1:].isdecimal()
        if month in named or is_number or (column.state == "value" and column.value < 0):
            yield usual._replace(x=month, y=highs[month], words=column.text)
    for (state, text), run in groupby(
        range(len(columns)), key=lambda month: (columns[month].state, columns[month].text)
    ):
        if state in WITHOUT_NUMBER or (state == "zero" and not text[-1:].isdecimal()):
            months = list(run)
            height = foot if state in WITHOUT_NUMBER else 0.0
            yield usual._replace(x=sum(months) / len(months), y=height, words=text, style="italic")


def _placed(text: Label, sketch: Sketch, taken: Sequence[Box4], most_lifted: int) -> list[Label]:
    """A text in the first place that is free: on one line, on two lines, lifted; none where none is."""
    several = tuple(text.words.rsplit(" ", 1))
    moves = sketch.x_within(text) != text.x  # it would no longer stand over its column
    for lines in dict.fromkeys([several] if moves else [(text.words,), several]):
        for lifted in range(most_lifted + 1):
            stacked = [
                text._replace(words=line, above_mm=GAP_MM + LINE_MM * (lifted + number))
                for number, line in enumerate(reversed(lines))
            ]
            within = [label._replace(x=sketch.x_within(label)) for label in stacked]
            boxes = [sketch.box_mm(label) for label in within]
            if not any(overlaps(box, taken, LEAST_GAP_MM) for box in boxes) and boxes[-1][3] <= sketch.height_mm:
                return within
    return []


def fill_months(table: Table, months: Sequence[str] = ()) -> pd.DataFrame:
    """Add every month between the first and the last, of the table and of ``months``; months become the last level.

    Returns the tidy table of one or two dimensions (see ``tidy``).
    """
    rows = tidy(table, dimensions=dimensions_of(table))
    if rows.index.nlevels == 2 and not all(map(is_month, rows.index.unique(1).astype(str))):
        rows = rows.swaplevel()
    given = rows.index.unique(-1).astype(str)
    if rows.empty or not all(map(is_month, given)):
        return rows
    first, last = min([*given, *months]), max([*given, *months])
    missing = pd.period_range(first, last, freq="M").strftime("%Y-%m").difference(given)
    part = rows.index.unique(0)[:1]  # one row without a report is enough for a month to have its column
    more = missing if rows.index.nlevels == 1 else pd.MultiIndex.from_product([part, missing])
    return rows.reindex(rows.index.append(more)).sort_index(level=-1)


def _draw_strips(
    matrix: Matrix, formatter: ChartFormatter, ax: Axes | None, title: str, axis_label: str | None, width_mm: float
) -> Axes:
    """A row of columns for each part, the highest of each as high as that of any other and named."""
    count = max(len(matrix.rows), 1)
    left_mm, names = text_layout.room_for(
        [row[0].label for row in matrix.rows], sheet_axes.size_of(ax)[0] if ax else width_mm
    )
    unit_name = formatter.translate("{unit}; each row to its own scale", unit=formatter.unit_name)
    unit_name = formatter.with_key_of_doubt(unit_name, [part for row in matrix.rows for part in row])
    label, height_mm = unit_name if axis_label is None else axis_label, STRIP_MM * count + FOOT_MM
    around: dict[str, Any] = {"rows": names, "left_mm": left_mm, "foot_mm": FOOT_MM}
    axes = sheet_axes.frame(ax, width_mm, height_mm, title=title, axis_label=label, vertical=True, **around)
    for number, row in enumerate(matrix.rows):
        strip = axes.inset_axes((0, 1 - (number + 1) / count, 1, 1 / count))
        _sketch(row, formatter, *sheet_axes.size_of(strip), small=True).draw_on(strip)
        axes.set_xlim(strip.get_xlim())
    axes.set_xticks(range(len(matrix.columns)), _names(matrix.columns, formatter))
    axes.tick_params(axis="x", pad=LETTER_PAD_PT)
    return axes
