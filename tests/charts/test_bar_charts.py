"""What bars draw: from zero, the longest first, what is not known never as a value, targets as ticks."""

from math import nan

import pandas as pd
import pytest
from legible import cut, overlapping
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from rmrp_analysis import charts


def widths(axes: Axes) -> list[float]:
    return [bar.get_width() for bar in axes.patches if isinstance(bar, Rectangle)]


def names(axes: Axes) -> list[str]:
    return [label.get_text() for label in axes.get_yticklabels()]


def test_bars_start_at_zero_and_are_as_long_as_their_values_the_longest_first() -> None:
    axes = charts.bars(pd.Series({"ECU": 30, "COL": 70, "PER": 50}))
    assert [bar.get_x() for bar in axes.patches] == [0, 0, 0]
    assert widths(axes) == [70, 50, 30]
    assert names(axes) == ["Colombia", "Peru", "Ecuador"]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # the first is on top


@pytest.mark.parametrize(("unit", "told"), [("people", ["—"] + ["no report"] * 2), ("usd", ["—"] * 3)])
def test_a_number_that_is_not_known_is_no_missing_report(unit: str, told: list[str]) -> None:
    unknown = pd.DataFrame({"value": nan, "reason": ["", "no_report", "left_out"]}, index=list("abc"))
    assert [text for _, text in charts.drawing_of(charts.bars(unknown, unit=unit)).parts] == told
    with pytest.warns(UserWarning, match="people below 0 are drawn as not known: a, b, c; give"):
        charts.bars(pd.Series(-1, index=list("abcd")))


LONG = "Organisation for the very long names of things that never end, in several places at once"


@pytest.mark.parametrize(("parts", "language"), [(1, "en"), (5, "pt"), (60, "es")])
def test_texts_neither_overlap_nor_are_cut(parts: int, language: str) -> None:
    table = pd.Series({f"{number} {LONG * (number % 2)}": 10.0 ** (number % 10) for number in range(parts)})
    axes = charts.bars(table, title=f"A finding {LONG}", language=language)
    assert overlapping(axes) == cut(axes) == []
    assert len(axes.get_yticklabels()) == parts


def test_a_long_name_breaks_or_is_shortened_and_nothing_is_an_empty_chart() -> None:
    table = pd.Series({"Norwegian Refugee Council and others": 3, f"{LONG} (LONG)": 2, LONG: 1})
    assert names(charts.bars(table)) == ["Norwegian Refugee Council\nand others", "LONG", names(charts.bars(table))[2]]
    assert names(charts.bars(table))[2].endswith("…")
    assert charts.svg(charts.bars(pd.Series(dtype=float))).startswith("<svg")


@pytest.mark.parametrize(("rows", "language"), [(1, "en"), (40, "es"), (2, "pt")])
def test_the_texts_of_groups_neither_overlap_nor_are_cut(rows: int, language: str) -> None:
    columns = ["girls", "boys", "other_under_18", "other_18_and_above", LONG, f"{LONG}!"]
    table = pd.DataFrame(
        {c: [10.0 ** (n % 10) for n in range(rows)] for c in columns}, index=[LONG + str(n) for n in range(rows)]
    )
    axes = charts.grouped_bars(table, targets=table * 3, language=language, title=LONG)
    assert overlapping(axes) == cut(axes) == []


def test_existing_axes_are_drawn_in_and_nothing_leaves_their_rectangle() -> None:
    figure = Figure(figsize=(8, 4))
    left, right = figure.subplots(1, 2)
    before = [axes.get_position().frozen() for axes in (left, right)]
    assert charts.bars(pd.Series({LONG: 5, "b": 3}), ax=left, title=LONG) is left
    charts.bars(pd.Series({"c": 1}), ax=right)
    assert overlapping(left) == cut(left) == []
    for axes, box in zip((left, right), before, strict=True):
        tight = axes.get_tightbbox().transformed(figure.transFigure.inverted())
        assert tight.x0 > box.x0 - 0.01
        assert tight.x1 < box.x1 + 0.01
        assert tight.y1 < box.y1 + 0.01


def test_small_axes_lose_what_has_no_room_and_a_figure_may_make_room() -> None:
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = charts.bars(pd.Series({LONG: 5, "b": 3}), ax=figure.subplots(1, 2)[0], title=LONG)
    assert cut(axes) == overlapping(axes) == []
    axes = Figure(figsize=(3, 1)).subplots()
    with pytest.warns(UserWarning, match=r"texts of this chart have no room in axes of \d+ × \d+ mm"):
        charts.bars(pd.Series({f"part {number}": number for number in range(40)}), ax=axes)
    assert overlapping(axes) == []


def test_colours_stay_those_of_the_style_and_ordinary_calls_restyle_a_chart() -> None:
    axes = Figure().subplots()
    charts.bars(pd.Series({"a": nan, "b": 1}), ax=axes)
    axes.figure.draw_without_rendering()
    assert [to_hex(colour) for line in axes.collections for colour in line.get_colors()] == ["#4b5c6b"]
    axes = charts.bars(pd.Series({"PER": 5, "COL": 3}))
    axes.patches[0].set_facecolor("black")
    axes.set_title("Another finding")
    axes.set_xlabel("")
    assert ">Another finding</text>" in charts.svg(axes)
    assert ">People</text>" not in charts.svg(axes)
