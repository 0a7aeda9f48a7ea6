"""What the platform map draws, and that its labels keep clear of everything."""

import json
from itertools import combinations, cycle, product
from math import hypot, nan

import numpy as np
import pandas as pd
import pytest
from legible import clearance, counted
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle as Disc

from rmrp_analysis import charts
from rmrp_analysis.charts import svg_sketch
from rmrp_analysis.charts.base_maps import MAP_WIDTH_MM, MAX_MAP_HEIGHT_MM, equal_area_mm
from rmrp_analysis.charts.circle_maps import LEGEND_LINE_SPACING_MM
from rmrp_analysis.errors import RequestError
from rmrp_analysis.packs import pack
from rmrp_analysis.vocabulary import plan_lists

PLATFORMS = ["Colombia", "Ecuador", "Peru", "Brazil", "Chile", "Caribbean", "Central America & Mexico", "Southern Cone"]
LANGUAGES = ("en", "es", "pt")
HEALTH = ["742 K", "318 K", "296 K", "121 K", "13.2 K", "28.6 K", "31.8 K", "19.4 K"]
TRAFFICKING = ["127", "42", "4.66 K", "16", "few", "58", "0", "few"]
SCENES = {
    "health": HEALTH, "trafficking": TRAFFICKING, "all few": ["few"] * 8, "all zero": ["0"] * 8, "no report": ["—"] * 8,
    "all equal": ["9.99 M"] * 8,
    **{f"{platform} largest": ["127"] * at + ["9.99 M"] + ["127"] * (7 - at) for at, platform in enumerate(PLATFORMS)},
}  # fmt: skip
COUNTRY_SCENES = {
    "all few": ["few"] * 17,
    "small": ["12.3 K"] * 17,
    **{
        f"{country} largest": ["1.23 K"] * at + ["1.8 M"] + ["1.23 K"] * (16 - at)
        for at, country in enumerate(plan_lists().countries)
        if country in ("COL", "CUW", "DOM", "GUY", "TTO")
    },
}
UNITS = {"K": 1_000, "M": 1_000_000}


def table(texts: list[str], keys: list[str] = PLATFORMS) -> pd.DataFrame:
    """What prints as these texts: numbers, few people or without a report (—)."""
    numbers = (text.partition(" ") for text in texts)
    people = [
        text if text == "few" else nan if text == "—" else float(digits) * UNITS.get(unit, 1)
        for text, (digits, _, unit) in zip(texts, numbers, strict=True)
    ]
    return counted(dict(zip(keys, people, strict=True)))


def drawn(texts: list[str], language: str = "en", keys: list[str] = PLATFORMS) -> Axes:
    return charts.circles_map(table(texts, keys), language=language)


def discs(axes: Axes) -> list[Disc]:
    """The circles of places; those of the key are open, the signs of the key stand left of the land."""
    circles = [patch for patch in axes.patches if isinstance(patch, Disc)]
    on_land = [circle for circle in circles if circle.center[0] >= 8 or circle.center[1] >= 20]
    return [circle for circle in on_land if circle.get_facecolor()[3]]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scene", SCENES)
def test_labels_keep_clear_of_each_other_of_circles_and_of_the_frame(scene: str, language: str) -> None:
    assert_clear(drawn(SCENES[scene], language))


LARGEST = [scene for scene in COUNTRY_SCENES if "largest" in scene]


@pytest.mark.parametrize(
    ("scene", "language"), [*product(["all few", "small"], LANGUAGES), *zip(LARGEST, cycle(LANGUAGES), strict=False)]
)
def test_labels_of_seventeen_countries_keep_clear_too(scene: str, language: str) -> None:
    assert_clear(drawn(COUNTRY_SCENES[scene], language, list(plan_lists().countries)))


def assert_clear(axes: Axes) -> None:
    to_mm = axes.transData.inverted()
    labels = [(text.get_text(), text.get_window_extent().transformed(to_mm)) for text in axes.texts]
    assert [(one, other) for (one, a), (other, b) in combinations(labels, 2) if a.overlaps(b)] == []
    assert [
        name for name, box in labels if any(clearance(box, *disc.center, disc.radius) < 0 for disc in discs(axes))
    ] == []
    assert [
        name for name, box in labels if min(box.p0) < 0 or box.x1 > MAP_WIDTH_MM or box.y1 > MAX_MAP_HEIGHT_MM
    ] == []


def test_area_shows_people_from_the_smallest_circle_on_top_to_the_largest() -> None:
    radii = [disc.radius for disc in discs(drawn(["400", "100", *["0"] * 6]))]
    assert radii == [6.5, 6.5 / 2]
    assert min(disc.radius for disc in discs(drawn(["9.99 M", "10", *["0"] * 6]))) == 0.6
    radii = [disc.radius for disc in discs(drawn(HEALTH))]
    assert radii == sorted(radii, reverse=True)


def test_few_people_are_small_open_circles_and_nobody_has_no_mark() -> None:
    few = drawn(["few"] * 8)
    assert {disc.radius for disc in discs(few)} == {0.6}
    assert {disc.get_facecolor() for disc in discs(few)} == {(1, 1, 1, 1)}  # open, as the key explains
    assert [text.get_text() for text in few.texts].count("<\u202f10") == 8 + 1
    for nothing in (drawn(["0"] * 8), drawn(["—"] * 8)):
        assert (discs(nothing), [text.get_text() for text in nothing.texts]) == ([], ["Venezuela"])


def test_axis_label_and_scale_fit_the_axes_and_a_part_without_a_place_is_refused() -> None:
    with pytest.raises(
        RequestError, match=r"no place for 'Regional'.*with within='Peru' the admin1 of Peru: leave other parts out"
    ):
        drawn(["5", "6"], keys=["Regional", "Peru"])
    axes = charts.map(pd.Series(dtype=float), axis_label="Circle area =\nfunding")
    assert [text.get_text() for text in axes.texts] == ["Venezuela", "funding", "Circle area ="]
    axes = Figure(figsize=(5, 8)).add_axes((0, 0, 1, 1))
    assert charts.circles_map(table(HEALTH), ax=axes) is axes
    assert max(disc.radius for disc in discs(axes)) == pytest.approx(6.5 * 5 * 25.4 / MAP_WIDTH_MM)


def test_a_lower_map_stands_in_the_middle_with_its_labels_near() -> None:
    integration = ["21.1 K", "14.9 K", "1.31 K", "19.5 K", "620", "450", "720", "910"]
    axes = Figure(figsize=(MAP_WIDTH_MM / 25.4, 62 / 25.4)).add_axes((0, 0, 1, 1))
    charts.circles_map(table(integration), ax=axes, language="es")
    ways = [line.get_xydata()[[0, -1]] for line in axes.lines]
    assert max(hypot(*(end - start)) for start, end in ways) < 15
    usual = max(discs(charts.circles_map(table(integration))), key=lambda disc: disc.radius)
    largest = max(discs(axes), key=lambda disc: disc.radius)
    middle = MAP_WIDTH_MM / 2
    assert largest.center[0] - middle == pytest.approx((usual.center[0] - middle) * 62 / MAX_MAP_HEIGHT_MM)


def test_the_map_is_small_keeps_areas_alike_and_neighbours_share_their_boundaries() -> None:
    def square_mm(west: float, south: float) -> float:
        corners = equal_area_mm(
            [west, west + 0.1, west + 0.1, west], [south, south, south + 0.1, south + 0.1], (-72, -12), 51
        )
        x, y = corners.T
        return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)

    expected = np.cos(np.radians(-50.05)) / np.cos(np.radians(20.05))
    assert square_mm(-70, -50.1) / square_mm(-100, 20) == pytest.approx(expected, rel=1e-3)
    rings = json.loads((pack.R4V_FOLDER / "map" / "boundaries.json").read_text(encoding="utf-8"))["rings"]
    assert " ".join(sorted(rings)) == "ABW ARG BOL BRA CHL COL CRI CUW DOM ECU GUY MEX PAN PER PRY TTO URY VEN other"
    brazil, peru = ({tuple(point) for ring in rings[code] for point in ring} for code in ("BRA", "PER"))
    assert len(brazil & peru) > 20
    assert 'width="72.7mm" height="82mm"' in charts.svg(drawn(HEALTH))


@pytest.mark.parametrize("size_mm", [(72.7, 82.0), (72.7, 45.0), (57.3, 40.0)])
def test_the_two_circles_of_the_key_stand_in_each_other_and_their_values_apart(size_mm: tuple[float, float]) -> None:
    drawing = charts.drawing_of(charts.circles_map(counted({"Lima": 82_500, "Tumbes": 5_000}), within="Peru"))
    marks = drawing.sketch(*size_mm).marks
    larger, smaller = [mark for mark in marks if isinstance(mark, svg_sketch.Disc) and not mark.look.fill]
    assert larger.x == smaller.x
    assert larger.y - larger.radius == pytest.approx(smaller.y - smaller.radius)
    above, below = [
        mark for mark in marks if isinstance(mark, svg_sketch.Label) and mark.words in ("50\u202fK", "10\u202fK")
    ]
    assert above.y - below.y > LEGEND_LINE_SPACING_MM - 0.01
    assert below.y >= 0
    lines = [np.array(mark.points) for mark in marks if isinstance(mark, svg_sketch.Line)]
    for line, circle in zip(lines[::2], (larger, smaller), strict=True):
        (x, y), (side, level) = line  # level until it has left the larger circle
        assert (x, y) == pytest.approx((circle.x, circle.y + circle.radius))
        assert (side, level) == pytest.approx((larger.x + larger.radius, y))
