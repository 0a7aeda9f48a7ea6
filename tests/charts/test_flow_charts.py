"""Money on its way is drawn to scale: bars for both sides, a band for every pair, labels that never touch."""

from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle

from rmrp_analysis import charts
from rmrp_analysis.charts.flow_charts import LABEL_LINE_MM, LABEL_SLOT_MM, PASSED_ON, largest_flows
from rmrp_analysis.charts.matplotlib_style import sheet_style
from rmrp_analysis.charts.text_layout import width_of

AMOUNTS = st.dictionaries(
    st.tuples(st.sampled_from("ABCDEFGH"), st.sampled_from("STUVWXYZ")), st.floats(1, 1e9), min_size=1, max_size=20
)


def heights(axes: Axes, left_half: bool) -> list[float]:
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    return [bar.get_height() for bar in bars if (bar.get_x() < 44) is left_half]


def test_bars_are_as_high_as_their_money_and_every_pair_has_its_band() -> None:
    axes = charts.flows(pd.Series({("A", "X"): 30.0, ("B", "X"): 10.0}))
    first, second = heights(axes, left_half=True)
    assert first / second == pytest.approx(30 / 10)
    assert heights(axes, left_half=False) == [pytest.approx(first + second)]
    axes = charts.flows(pd.DataFrame({"X": [3.0, 0], "Y": [1.0, 2]}, index=["A", "B"]))
    assert len([patch for patch in axes.patches if isinstance(patch, PathPatch)]) == 3


def test_the_largest_are_named_as_far_as_there_is_room() -> None:
    usd = {f"D{number}": 9.0 - number for number in range(6)} | {"not specified": 50, PASSED_ON: 60}
    givers = largest_flows(pd.Series({(name, "X"): amount for name, amount in usd.items()}), shown=3).givers
    assert givers == {"D0": 9, "D1": 8, "D2": 7, "4 other donors": 6 + 5 + 4 + 50, "Passed on within the plan": 60}
    one_more = {(name, "X"): 1.0 for name in ("E", PASSED_ON, "C", "D", "not specified", "A")}
    named = ["A", "C", "D", "E", "Not named", "Passed on within the plan"]
    assert list(largest_flows(pd.Series(one_more), shown=4).givers) == named
    axes = Figure(figsize=(5, 1.2)).add_axes((0, 0, 1, 1))
    charts.flows(pd.Series({(name, "X"): 1.0 for name in "ABCDEF"}), ax=axes)
    assert [label for label, _ in charts.drawing_of(axes).parts] == ["A", "5 other donors", "X"]


@given(usd=AMOUNTS)
def test_labels_stand_a_slot_apart_and_within_the_drawing(usd: dict[tuple[str, str], float]) -> None:
    axes = charts.flows(pd.Series(usd))
    for align in ("left", "right"):
        places = [text.get_position()[1] for text in axes.texts if text.get_ha() == align]
        assert all(upper - lower >= LABEL_SLOT_MM - 0.01 for upper, lower in pairwise(places[::2]))
        assert min(places) > 0
        assert max(places) < axes.get_ylim()[1]


@pytest.mark.parametrize(
    ("name", "shown"), [("UNHCR", "UNHCR"), ("Sample organisation for everything (SOE)", "SOE"), ("A" * 80, "…")]
)
def test_a_name_that_is_too_long_gives_its_acronym_or_is_cut(name: str, shown: str) -> None:
    text = charts.flows(pd.Series({(name, "X"): 1.0})).texts[0].get_text()
    assert text.endswith(shown)
    with sheet_style():
        assert width_of(text) <= 88 * 0.36


def test_a_long_name_without_an_acronym_stands_whole_on_its_lines() -> None:
    name = "Sample network of faith-based organisations of the coast"
    axes = charts.flows(pd.Series({(name, "X"): 1.0, ("USA", "X"): 2.0}))
    texts = [text for text in axes.texts if text.get_ha() == "right"]
    *lines, amount = [text.get_text() for text in texts if text.get_text() not in ("USA", "$2 · 67%")]
    assert (" ".join(lines), amount) == (name, "$1 · 33%")
    assert len(lines) in (2, 3)
    levels = [text.get_position()[1] for text in texts]
    assert all(upper - lower > LABEL_LINE_MM - 0.01 for upper, lower in pairwise(levels))


def test_in_low_axes_a_long_name_is_cut_and_nothing_overlaps() -> None:
    axes = Figure(figsize=(88 / 25.4, 2 * LABEL_SLOT_MM / 25.4)).add_axes((0, 0, 1, 1))
    name = "Sample network of faith-based organisations of the coast"
    charts.flows(pd.Series({(name, "X"): 1.0, ("USA", "X"): 2.0}), ax=axes, width_mm=88)
    assert any(text.get_text().endswith("…") for text in axes.texts)
    levels = [text.get_position()[1] for text in axes.texts if text.get_ha() == "right"]
    assert all(upper - lower > LABEL_LINE_MM - 0.01 for upper, lower in pairwise(levels))


def test_a_band_has_no_straight_edge() -> None:
    element = charts.svg(charts.flows(pd.Series({("A", "X"): 3.0})), prefix="flows")
    band = next(line for line in element.splitlines() if "<path" in line and "C" in line)
    assert "L" not in band.partition('d="')[2].partition('"')[0]
