"""Money on its way is drawn to scale: bars for both sides, a band for every pair, labels that never touch."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle

from rmrp_analysis.page.charts import sheet_style, svg, text_width_mm
from rmrp_analysis.page.flow_chart import SLOT_MM, End, flow_bands

AMOUNTS = st.dictionaries(st.tuples(st.integers(0, 5), st.integers(0, 5)), st.floats(1, 1e9), min_size=1, max_size=20)


def ends(*names: str) -> list[End]:
    return [End(name, "$1 M · 50%") for name in names]


def drawn(givers: list[End], takers: list[End], usd: dict[tuple[int, int], float]) -> Axes:
    return flow_bands(givers, takers, usd, width_mm=88)


def heights(axes: Axes, left_half: bool) -> list[float]:
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    return [bar.get_height() for bar in bars if (bar.get_x() < 44) is left_half]


def test_bars_are_as_high_as_their_money() -> None:
    axes = drawn(ends("A", "B"), ends("X"), {(0, 0): 30.0, (1, 0): 10.0})
    first, second = heights(axes, left_half=True)
    assert first / second == pytest.approx(30 / 10)
    assert heights(axes, left_half=False) == [pytest.approx(first + second)]


def test_every_pair_has_its_band() -> None:
    axes = drawn(ends("A", "B"), ends("X", "Y"), {(0, 0): 3.0, (0, 1): 1.0, (1, 1): 2.0})
    assert len([patch for patch in axes.patches if isinstance(patch, PathPatch)]) == 3


@given(usd=AMOUNTS)
def test_labels_stand_a_slot_apart_and_within_the_drawing(usd: dict[tuple[int, int], float]) -> None:
    axes = drawn(ends(*"ABCDEF"), ends(*"UVWXYZ"), usd)
    for align in ("left", "right"):
        places = [text.get_position()[1] for text in axes.texts if text.get_ha() == align]
        assert all(upper - lower >= SLOT_MM - 0.01 for upper, lower in pairwise(places[::2]))
        assert min(places) > 0
        assert max(places) < axes.get_ylim()[1]


@pytest.mark.parametrize(
    ("name", "shown"),
    [("UNHCR", "UNHCR"), ("Sample organisation for everything (SOE)", "SOE"), ("A" * 80, "…")],
)
def test_a_name_that_is_too_long_gives_its_acronym_or_is_cut(name: str, shown: str) -> None:
    text = drawn(ends(name), ends("X"), {(0, 0): 1.0}).texts[0]
    assert text.get_text().endswith(shown)
    with sheet_style():
        assert text_width_mm(text) <= 88 * 0.36


def test_the_drawing_is_the_same_every_time() -> None:
    told: Any = (ends("A"), ends("X", "Y"), {(0, 0): 3.0, (0, 1): 1.0})
    assert svg(drawn(*told), prefix="flows") == svg(drawn(*told), prefix="flows")


def test_a_band_has_no_straight_edge_that_the_shortened_svg_would_bend() -> None:
    element = svg(drawn(ends("A"), ends("X"), {(0, 0): 3.0}), prefix="flows")
    band = next(line for line in element.splitlines() if "<path" in line and "C" in line)
    assert "L" not in band.partition('d="')[2].partition('"')[0]
