"""What the month columns draw, of one series and of several."""

from math import nan

import pandas as pd
import pytest
from legible import counted, cut, overlapping, texts

from rmrp_analysis import charts
from rmrp_analysis.charts.svg_sketch import Box, Label

LESS, NO_REPORT = "few", nan
FEW = [LESS, LESS, 78, 38, 212, 498, 871, 640, 1105, 947, 388, 118]
STATES = [LESS, LESS, 78, NO_REPORT, NO_REPORT, 212, 0, 498, 871, 640, 388, 118]
WIDE = [998, 997, 999, 998, 990, 989, 998, 900, 998, 998, 998, 998]
GAPS = [4100, NO_REPORT, 4000, NO_REPORT, NO_REPORT, 3999, LESS, NO_REPORT, 0, *[NO_REPORT] * 3]
HUGE = [9_876_543, NO_REPORT, 12, 1, 0, LESS, 8_000_000, NO_REPORT, 7, 8, 9, 1e6]
SERIES = {"few": FEW, "states": STATES, "wide": WIDE, "gaps": GAPS, "huge": HUGE}


def table(people: list[object]) -> pd.DataFrame:
    months = [f"{2021 + at // 12}-{at % 12 + 1:02d}" for at in range(len(people))]
    return counted(dict(zip(months, people, strict=True)))


def test_a_column_is_as_high_as_its_people_from_zero_and_its_number_stands_right_over_it() -> None:
    axes = charts.months(table([78, 38]))
    assert [(bar.get_y(), bar.get_height()) for bar in axes.patches] == [(0, 78), (0, 38)]
    baseline = axes.lines[0].get_ydata()
    assert list(baseline) == [0, 0]
    axes = charts.months(table([0, 40]))
    assert "0" in texts(axes)
    assert len(axes.patches) == 1
    sketch = charts.drawing_of(charts.months(table([10.0, 1_100.0]))).sketch(88, 27)
    boxes = [sketch.rectangle_box_mm(mark) for mark in sketch.marks if isinstance(mark, Box)]
    numbers = [sketch.label_box_mm(mark) for mark in sketch.marks if isinstance(mark, Label) and mark.words == "10"]
    assert numbers[0][1] - boxes[0][3] < 0.5


def test_a_text_that_has_no_room_however_low_the_columns_are_leaves_them_high() -> None:
    heights = []
    for last in (990, NO_REPORT):  # beside high columns a month alone has no room for "not yet reported"
        axes = charts.months(table([*WIDE[:11], last]))
        bars = [patch for patch in axes.patches if patch.get_facecolor()[3]]
        heights.append(max(bar.get_height() for bar in bars) / axes.get_ylim()[1])
    assert "not yet reported" not in " ".join(texts(axes))
    assert heights[1] == pytest.approx(heights[0])


@pytest.mark.parametrize("language", ["en", "es", "pt"])
@pytest.mark.parametrize("series", SERIES)
def test_texts_are_level_and_neither_overlap_nor_leave_the_drawing(series: str, language: str) -> None:
    axes = charts.months(table(SERIES[series]), language=language, title="A finding " * 9)
    assert overlapping(axes) == cut(axes) == []
    assert {text.get_rotation() for text in axes.texts} == {0}


@pytest.mark.parametrize("months", range(1, 13))
def test_months_fill_the_width_and_a_column_is_never_wider_than_sixteen_millimetres(months: int) -> None:
    axes = charts.months(table([40] * months))
    (left, _), (right, _) = axes.transData.transform([(0, 0), (axes.patches[0].get_width(), 0)])
    assert 5 < (right - left) / axes.figure.dpi * 25.4 <= 16.01
    low, high = axes.get_xlim()
    assert (high - low) * (1 - 0.02) <= months


@pytest.mark.parametrize("people", [LESS, 0, NO_REPORT])
def test_a_year_without_people_is_drawn(people: object) -> None:
    assert charts.svg(charts.months(table([people] * 12))).startswith("<svg")


def test_no_months_are_empty_thousands_are_said_by_the_axis_and_money_as_money() -> None:
    assert texts(charts.months(pd.Series(dtype=float))) == []
    axes = charts.months(table([22_140, 7_690]), language="es")
    assert axes.get_ylabel() == "Personas, en miles"
    assert texts(axes)[2:] == ["7,7", "22,1"]
    assert texts(charts.months(table([1_000_000, 5_000]), unit="usd"))[2:] == ["$5.00\u202fK", "$1.00\u202fM"]


MONTHLY = pd.DataFrame({"COL": [500.0, 900, 0, nan], "CHL": [3, 1, 2, 9]}, index=[f"2021-0{m}" for m in range(1, 5)])


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_the_texts_of_rows_neither_overlap_nor_leave_the_drawing(language: str) -> None:
    parts = {f"{number} very long name of an organisation without acronym": table(HUGE)["value"] for number in range(9)}
    axes = charts.months(pd.DataFrame(parts), language=language)
    assert overlapping(axes) == cut(axes) == []


@pytest.mark.parametrize(("people", "expected"), [([900, 200], (200, 900)), ([900, NO_REPORT], None)])
def test_the_last_column_is_open_by_what_silent_partners_gave(
    people: list[object], expected: tuple[int, int] | None
) -> None:
    columns = table(people)
    columns.attrs["silent_people"] = 700.0
    axes = charts.months(columns)
    sides = [[*line.get_ydata()] for line in axes.lines if len({*line.get_xdata()}) == 1]
    assert sides == [[*expected]] * 2 if expected else sides == []
    assert overlapping(axes) == cut(axes) == []
