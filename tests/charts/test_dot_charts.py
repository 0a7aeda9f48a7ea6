"""What rows of dots and scatters draw."""

from itertools import combinations
from math import nan

import pandas as pd
import pytest
from legible import box_of, counted, cut, overlapping
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from rmrp_analysis import charts
from rmrp_analysis.charts.matplotlib_style import hex_of
from rmrp_analysis.errors import RequestError

AGES = pd.DataFrame({"Women": [310, 120, 0], "Men": [240, 130, 0]}, index=["PER", "ECU", "COL"])


def places(axes: Axes) -> list[tuple[float, float]]:
    return [(float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in axes.lines if line.get_marker() == "o"]


def test_each_part_is_a_dot_at_its_value_and_the_ends_of_a_row_have_their_numbers() -> None:
    axes = charts.dots(AGES, title="By age")
    assert places(axes) == [(310, 0.5), (240, 0.5), (120, 1.5), (130, 1.5)]
    assert [text.get_text() for text in axes.texts] == ["240", "310", "120", "130", "0"]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["Women", "Men"]
    assert overlapping(axes) == cut(axes) == []
    first_lines = [each.collections[0].get_segments()[0] for each in (axes, charts.dots(pd.Series({"PER": 5.0})))]
    assert [line[:, 0].tolist() for line in first_lines] == [[240, 310], [0, 5]]


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_few_people_zeros_and_no_report_have_their_words(language: str) -> None:
    axes = charts.dots(counted({"PER": 420_000, "ECU": "few", "COL": 0, "BRA": nan}), language=language)
    assert len(places(axes)) == 2
    assert len([text for text in axes.texts if text.get_text()]) == 4
    assert overlapping(axes) == cut(axes) == []


def test_a_scatter_has_a_dot_for_each_row_and_names_that_cover_nothing() -> None:
    crowd = pd.DataFrame({"People": range(100, 140), "Money": [amount % 7 * 1e5 for amount in range(40)]})
    crowd.index = [f"Organisation {number}" for number in range(100, 140)]
    axes = charts.scatter(crowd, units=("people", "usd"), highlight="Organisation 113", title="Forty")
    assert len(places(axes)) == 40
    boxes = [box_of(text) for text in axes.texts]
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    dots = axes.transData.transform(places(axes))
    assert not any(box.contains(*dot) for box in boxes for dot in dots)
    assert "Organisation 113" in [text.get_text() for text in axes.texts]
    assert cut(axes) == []
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("People", "Money (US dollars)")
    assert "$300\u202fK" in [text.get_text() for text in axes.get_yticklabels()]
    assert sum(to_hex(line.get_color()) == hex_of("people") for line in axes.lines) == 1


def test_a_dot_on_the_axis_covers_no_number_of_it() -> None:
    low = pd.DataFrame({"a": [0.0, 0, 0, 40], "b": [8.0, 16, 24, 32]}, index=list("wxyz"))
    axes = charts.scatter(low)
    axes.figure.draw_without_rendering()
    numbers = [label.get_window_extent() for label in axes.get_yticklabels()]
    dots = [line.get_window_extent().padded(line.get_markersize() / 2 / 72 * axes.figure.dpi) for line in axes.lines]
    assert [(dot, number) for dot in dots for number in numbers if dot.overlaps(number)] == []
    assert cut(axes) == []


def test_a_scatter_takes_two_columns_by_name_and_leaves_out_rows_that_lack_one() -> None:
    table = pd.DataFrame({"a": [1, 2, 3], "b": [4.5, nan, 6.25], "c": [7, 8, 9]}, index=["PER", "ECU", "COL"])
    axes = charts.scatter(table, x="c", y="b")
    assert places(axes) == [(7, 4.5), (9, 6.25)]
    assert charts.drawing_of(axes).parts == [("Peru", "7; 4.5"), ("Colombia", "9; 6.25")]
    assert (axes.get_xlim()[0] > 6, charts.scatter(table, x="a", y="c").get_xlim()[0]) == (True, 0)
    with pytest.raises(RequestError, match="the table has no column 'd'; allowed: a, b, c"):
        charts.scatter(table, x="d")
    with pytest.raises(RequestError, match="a scatter draws a DataFrame with a column for each of two measures"):
        charts.scatter(table["a"])
