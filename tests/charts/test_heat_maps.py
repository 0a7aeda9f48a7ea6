"""What heat maps draw, the darker the more, and waterfalls, where a total becomes another step by step."""

from math import nan

import numpy as np
import pandas as pd
import pytest
from legible import cut, overlapping
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from seaborn.utils import relative_luminance

from rmrp_analysis import charts
from rmrp_analysis.errors import RequestError

TABLE = pd.DataFrame({"PER": [4_000.0, 0], "COL": [300_000, 20]}, index=["UNHCR", "IOM"])


def shades(axes: Axes) -> list[float]:
    """The luminance of the cells that have a value, row by row."""
    mesh = axes.collections[0]
    mesh.update_scalarmappable()
    drawn = ~np.ma.getmaskarray(mesh.get_array()).ravel()
    return [relative_luminance(colour) for colour, shown in zip(mesh.get_facecolors(), drawn, strict=True) if shown]


def table() -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples([("UNHCR", "PER"), ("UNHCR", "COL"), ("IOM", "PER")])
    return pd.DataFrame({"value": [500.0, 0.0, 0.0], "status": ["known", "few", "known"]}, index=index)


def test_the_more_the_darker_few_people_are_lightest_and_zero_and_missing_have_no_shade() -> None:
    most, middle, least = shades(charts.heatmap(TABLE))
    assert most < middle < least < 0.8
    axes = charts.heatmap(pd.DataFrame([[1, 1e6]], index=["a"], columns=["x", "y"]))
    assert [text.get_color() == "white" for text in axes.texts] == [True, False]
    axes = charts.heatmap(table())
    most, few = shades(axes)
    assert most < few
    assert [text.get_text() for text in axes.texts] == ["500", "<\u202f10", "0"]
    assert {text.get_text() for text in axes.get_legend().get_texts()} == {"no report"}
    axes = charts.heatmap(pd.DataFrame([[nan, 1]], columns=["x", "y"]), unit="usd")
    assert {text.get_text() for text in axes.get_legend().get_texts()} == {"not known"}


def test_every_value_is_readable_on_its_shade() -> None:
    axes = charts.heatmap(pd.DataFrame([np.geomspace(1, 1e6, 12)], index=["a"], columns=[f"c{n}" for n in range(12)]))
    texts = [relative_luminance(text.get_color()) for text in axes.texts]
    pairs = [sorted(pair) for pair in zip(texts, shades(axes), strict=True)]
    assert min((light + 0.05) / (dark + 0.05) for dark, light in pairs) >= 4.5
    assert {*texts} == {0, 1}


def test_rows_and_columns_with_most_come_first_and_months_stay_in_order() -> None:
    axes = charts.heatmap(TABLE)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["Colombia", "Peru"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["UNHCR", "IOM"]
    assert axes.get_xlabel() == "People"
    months = pd.DataFrame({"2021-02": [9], "2021-01": [1]}, index=["IOM"])
    assert [label.get_text() for label in charts.heatmap(months).get_xticklabels()] == ["Jan", "Feb"]


def test_without_room_for_values_the_key_says_what_the_shades_mean() -> None:
    wide = pd.DataFrame(
        np.arange(1, 241).reshape(4, 60) * 1_000, index=list("abcd"), columns=[f"c{n}" for n in range(60)]
    )
    axes = charts.heatmap(wide)
    assert not axes.texts
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["1.00\u202fK", "20.0\u202fK", "240\u202fK"]
    assert overlapping(axes) == cut(axes) == []


@pytest.mark.parametrize(("rows", "columns", "language"), [(1, 1, "en"), (60, 8, "es"), (5, 40, "pt")])
def test_texts_neither_overlap_nor_are_cut(rows: int, columns: int, language: str) -> None:
    name = "Organisation for the very long names of things that never end"
    values = [[10.0 ** ((row + column) % 9) for column in range(columns)] for row in range(rows)]
    long = pd.DataFrame(
        values, index=[f"{name} {n}" for n in range(rows)], columns=[f"{name} {n}" for n in range(columns)]
    )
    long.iloc[0, 0] = nan
    axes = charts.heatmap(long, title=name * 3, language=language)
    assert overlapping(axes) == cut(axes) == []


@pytest.mark.parametrize("nothing", [pd.DataFrame({"a": [nan, 0]}), pd.DataFrame({"a": []})])
def test_a_table_without_values_is_drawn(nothing: pd.DataFrame) -> None:
    assert charts.svg(charts.heatmap(nothing)).startswith("<svg")


def test_one_dimension_is_refused_and_existing_axes_are_drawn_in() -> None:
    with pytest.raises(RequestError, match="tables of 2 dimensions, and this table has 1"):
        charts.heatmap(pd.Series({"a": 1}))
    axes = Figure(figsize=(6, 4)).subplots()
    assert charts.heatmap(TABLE, ax=axes) is axes
    assert overlapping(axes) == cut(axes) == []


# ---- Waterfalls ----


def test_a_bar_hangs_where_the_one_before_ended_and_says_its_sign() -> None:
    axes = charts.waterfall(pd.Series({"sent": 10, "refused": -4}), total="counted")
    sent, refused, counted = axes.patches
    assert sent.get_x() == counted.get_x() == 0
    assert refused.get_x() + refused.get_width() == pytest.approx(sent.get_width())
    assert refused.get_width() == pytest.approx(0.4 * sent.get_width())
    assert counted.get_width() == pytest.approx(0.6 * sent.get_width())
    assert sent.get_facecolor() == counted.get_facecolor() != refused.get_facecolor()
    axes = charts.waterfall(pd.Series({"a": 1_500_000, "b": 12_345, "c": -5, "d": 0}), total="left", language="es")
    assert [text for _, text in charts.drawing_of(axes).parts] == [
        "1,50\u202fM",
        "+12,3\u202fmil",
        "−5",
        "—",
        "1,51\u202fM",
    ]
    assert axes.patches[3].get_width() == 0.4  # nothing is still seen


def test_no_text_of_a_waterfall_overlaps_and_nothing_is_an_empty_total() -> None:
    steps = {
        "A very long name of a step that has no room in one line of the drawing, alas": 987_654_321,
        "b": -9_876_543,
    }
    axes = charts.waterfall(pd.Series(steps), total="left")
    assert overlapping(axes) == cut(axes) == []
    assert charts.drawing_of(charts.waterfall(pd.Series(dtype=float), total="left")).parts == [("left", "0")]


@pytest.mark.parametrize("language", ["en", "es", "pt"])
@pytest.mark.parametrize("width_mm", [180, 118.7, 88])
def test_the_names_of_months_are_short_and_never_turned(width_mm: float, language: str) -> None:
    months = pd.period_range("2021-07", "2022-06", freq="M").strftime("%Y-%m")
    table = pd.DataFrame(123_456, index=["PER", "Central America & Mexico"], columns=months)
    axes = charts.heatmap(table, width_mm=width_mm, language=language)
    assert {text.get_rotation() for text in axes.get_xticklabels()} == {0}
    names = [text.get_text() for text in axes.get_xticklabels()]
    assert [name.endswith(("\n2021", "\n2022")) for name in names] == [place in (0, 6) for place in range(12)]
    assert overlapping(axes) == cut(axes) == []
