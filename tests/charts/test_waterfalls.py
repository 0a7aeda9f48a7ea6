"""A total becomes another step by step."""

import pandas as pd
import pytest
from legible import cut, overlapping

from rmrp_analysis import charts


def test_a_bar_hangs_where_the_one_before_ended_and_says_its_sign() -> None:
    axes = charts.waterfall(pd.Series({"sent": 10, "refused": -4}), total="counted")
    sent, refused, counted = axes.patches
    assert sent.get_x() == counted.get_x() == 0
    assert refused.get_x() + refused.get_width() == pytest.approx(sent.get_width())
    assert refused.get_width() == pytest.approx(0.4 * sent.get_width())
    assert counted.get_width() == pytest.approx(0.6 * sent.get_width())
    axes = charts.waterfall(pd.Series({"a": 1_500_000, "b": 12_345, "c": -5, "d": 0}), total="left", language="es")
    assert [text for _, text in charts.drawing_of(axes).parts] == [
        "1,50\u202fM",
        "+12,3\u202fmil",
        "−5",
        "—",
        "1,51\u202fM",
    ]


def test_texts_neither_overlap_nor_leave_the_drawing() -> None:
    steps = {
        "A very long name of a step that has no room in one line of the drawing, alas": 987_654_321,
        "b": -9_876_543,
    }
    axes = charts.waterfall(pd.Series(steps), total="left")
    assert overlapping(axes) == cut(axes) == []


def test_nothing_is_an_empty_total() -> None:
    assert charts.drawing_of(charts.waterfall(pd.Series(dtype=float), total="left")).parts == [("left", "0")]
