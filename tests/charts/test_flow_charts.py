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
from rmrp_analysis.charts.flow_charts import LABEL_LINE_SPACING_MM, LABEL_SLOT_HEIGHT_MM

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


@given(usd=AMOUNTS)
def test_labels_stand_a_slot_apart_and_within_the_drawing(usd: dict[tuple[str, str], float]) -> None:
    axes = charts.flows(pd.Series(usd))
    for align in ("left", "right"):
        places = [text.get_position()[1] for text in axes.texts if text.get_ha() == align]
        assert all(upper - lower >= LABEL_SLOT_HEIGHT_MM - 0.01 for upper, lower in pairwise(places[::2]))
        assert min(places) > 0
        assert max(places) < axes.get_ylim()[1]


def test_in_low_axes_a_long_name_is_cut_and_nothing_overlaps() -> None:
    axes = Figure(figsize=(88 / 25.4, 2 * LABEL_SLOT_HEIGHT_MM / 25.4)).add_axes((0, 0, 1, 1))
    name = "Sample network of faith-based organisations of the coast"
    charts.flows(pd.Series({(name, "X"): 1.0, ("USA", "X"): 2.0}), ax=axes, width_mm=88)
    assert any(text.get_text().endswith("…") for text in axes.texts)
    levels = [text.get_position()[1] for text in axes.texts if text.get_ha() == "right"]
    assert all(upper - lower > LABEL_LINE_SPACING_MM - 0.01 for upper, lower in pairwise(levels))


def test_a_band_has_no_straight_edge() -> None:
    element = charts.svg(charts.flows(pd.Series({("A", "X"): 3.0})), prefix="flows")
    band = next(line for line in element.splitlines() if "<path" in line and "C" in line)
    assert "L" not in band.partition('d="')[2].partition('"')[0]
