"""The maps of platforms and countries: every place is found, and their texts can be read."""

import csv
import json
from itertools import cycle, product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from legible import counted, cut, overlapping, texts
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

from rmrp_analysis import charts
from rmrp_analysis.charts.base_maps import LEGEND_FOOT_HEIGHT_MM, MAP_WIDTH_MM, is_on_map, load_base_map
from rmrp_analysis.errors import RequestError
from rmrp_analysis.packs import pack
from rmrp_analysis.vocabulary import NATIONAL_PLACE_KEY, fold, labels, place_key, plan_lists

LISTED = Path(__file__).parents[2] / "data" / "rmrp-2021" / "admin1.csv"
WITHOUT_PLACE = {("BOL", "Ingavi"), ("BOL", "Cuerpo de agua"), ("ECU", "Zona No Delimitada"), ("URY", "Chuy")}
"""Names of R4V's list that are no first administrative level: waters, towns, land between borders."""

LANGUAGES = ("en", "es", "pt")
OF_ONE_COUNTRY = [name for name, countries in plan_lists().platforms.items() if len(countries) == 1]


def listed(path: Path = LISTED) -> list[tuple[str, str]]:
    """Countries and admin1 of a list, without those that stand for a whole country."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [
            (plan_lists().country_spellings.get(fold(row["Country"]), ""), row["Admin1"])
            for row in csv.DictReader(file)
        ]
    return [row for row in rows if row[0] in plan_lists().countries and place_key(*row) != NATIONAL_PLACE_KEY]


def places_of(platform: str) -> list[str]:
    (country,) = plan_lists().platforms[platform]
    return [name for code, name in listed() if code == country and is_on_map(name, platform)]


def drawn(platform: str, values: list[float], language: str = "en", few: tuple[int, ...] = ()) -> Axes:
    """The map of a platform as on its sheet."""
    keys = places_of(platform) if platform in OF_ONE_COUNTRY else list(plan_lists().platforms[platform])
    table = counted(
        {key: "few" if at in few else value for at, (key, value) in enumerate(zip(keys, values, strict=True))}
    )
    names = {key: labels.place(key, language) for key in keys}
    return charts.circles_map(table, within=platform, values=3, language=language, labels=names)


def scenes(platform: str) -> list[list[float]]:
    """Few people in many places, and the largest values that a sheet has, in other places each time."""
    count = len(places_of(platform)) if platform in OF_ONE_COUNTRY else len(plan_lists().platforms[platform])
    random = np.random.default_rng(7)
    wide = [random.lognormal(8, 2, count).round() for _ in range(3)]
    return [list(each) for each in (*wide, np.full(count, 9.99e6), random.permutation(count) * 1e5 + 9e6)]


@pytest.mark.parametrize("platform", plan_lists().platforms)
def test_texts_keep_clear_of_each_other_and_of_the_frame_in_every_language(platform: str) -> None:
    """Names of admin1 are the same in each language: there one follows another from scene to scene."""
    of_several = product(scenes(platform), LANGUAGES)
    of_one = zip(scenes(platform), cycle(LANGUAGES), strict=False)
    for values, language in of_one if platform in OF_ONE_COUNTRY else of_several:
        axes = drawn(platform, values, language, few=(1,))
        assert (overlapping(axes), cut(axes)) == ([], [])


def test_every_admin1_of_the_list_has_a_place_on_the_map_or_is_known_to_have_none() -> None:
    assert {(code, name) for code, name in listed() if not is_on_map(name, code)} == WITHOUT_PLACE


def test_every_admin1_of_r4vs_own_list_has_a_place_too(shared_data: Path) -> None:
    missing = {(code, name) for code, name in listed(shared_data / "r4v-2021" / "admin1.csv")}
    assert {(code, name) for code, name in missing if not is_on_map(name, code)} == WITHOUT_PLACE


@pytest.mark.parametrize("spelling", ["Aysen Del Gen.D.C. (Xi)", "AYSÉN DEL GRAL. CARLOS IBÁÑEZ DEL CAMPO", "Aysén"])
def test_a_place_is_found_by_any_spelling_that_joins_know(spelling: str) -> None:
    assert is_on_map(spelling, "Chile") is (spelling != "Aysén")


@pytest.mark.parametrize("platform", OF_ONE_COUNTRY)
def test_every_place_lies_in_its_own_outline(platform: str) -> None:
    base_map, (country,) = load_base_map(platform), plan_lists().platforms[platform]
    countries = json.loads((pack.R4V_FOLDER / "map" / "admin1.json").read_text(encoding="utf-8"))["countries"]
    near = (path for look, path in base_map.land if look == "land")
    outlines = {key: base_map.insets[key] if key in base_map.insets else next(near) for key in countries[country]}
    for key, outline in outlines.items():
        layout = base_map.layouts[key]
        if len(outline.vertices):  # Ñuble is drawn within Biobío
            # an island may be smaller than its rounding
            near_mm = np.hypot(*(outline.vertices - [layout.x, layout.y]).T).min()
            assert outline.contains_point((layout.x, layout.y)) or near_mm < 0.5, key


def test_few_places_are_all_named_and_of_many_the_three_largest() -> None:
    count = len(places_of("Peru"))
    axes = drawn("Peru", [float(number) for number in range(100, 100 + count)])
    named = [text for text in texts(axes) if text in {labels.place(name, "en") for name in places_of("Peru")}]
    assert sorted(named) == sorted(labels.place(name, "en") for name in places_of("Peru")[-3:])
    shown = texts(drawn("Southern Cone", [500.0, 40.0, 3_000.0, 20.0]))
    assert {"Argentina", "Bolivia", "Paraguay", "Uruguay", "500", "40", "3.00\u202fK"} <= set(shown)
    assert "20" not in shown


def test_a_key_tells_the_size_of_circles_that_are_drawn_and_of_few_people() -> None:
    axes = drawn("Southern Cone", [500.0, 40.0, 3_700.0, 20.0])
    open_circles = [
        patch.radius for patch in axes.patches if isinstance(patch, Circle) and not patch.get_facecolor()[3]
    ]
    assert {"2\u202fK", "500"} <= set(texts(axes))
    assert open_circles == pytest.approx([4.5 * (2_000 / 3_700) ** 0.5, 4.5 * (500 / 3_700) ** 0.5])
    axes = drawn("Southern Cone", [0.0, 0.0, 3_700.0, 20.0], few=(0, 1))
    assert len([patch for patch in axes.patches if isinstance(patch, Circle)]) >= 4
    assert "<\u202f10" in texts(axes)  # in the key
    assert texts(drawn("Southern Cone", [0.0] * 4)) == []
    for axes in (drawn("Caribbean", [50.0, 60.0, 70.0, 80.0, 90.0]), charts.map(pd.Series({"Caribbean": 5_000.0}))):
        assert [line for line in axes.lines if len(line.get_xdata()) > 2] == []


@pytest.mark.parametrize(("platform", "place"), [("Ecuador", "Galápagos"), ("Colombia", "Archipielago De San Andrés")])
def test_far_islands_stand_in_a_frame_nearer_to_the_coast(platform: str, place: str) -> None:
    axes = drawn(platform, scenes(platform)[0])
    (frame,) = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    layout = load_base_map(platform).find_layout(place)
    assert frame.get_bbox().contains(layout.x, layout.y)
    assert 0 < frame.get_x() < MAP_WIDTH_MM
    assert frame.get_y() > LEGEND_FOOT_HEIGHT_MM
    assert labels.place(place, "en").split()[-1] in " ".join(texts(axes))  # whatever its rank
    nobody = charts.circles_map(
        pd.Series({place: 0.0, labels.place(places_of(platform)[0], "en"): 9.0}), within=platform
    )
    assert [patch for patch in nobody.patches if isinstance(patch, Rectangle)] == []


def test_any_country_of_the_list_has_a_map_and_others_are_refused() -> None:
    with pytest.raises(RequestError, match="there is no map of 'Spain'"):
        charts.map(pd.Series({"Madrid": 1.0}), within="Spain")
    with pytest.raises(RequestError, match="no place for 'Madrid'; it shows places in Peru"):
        charts.map(pd.Series({"Madrid": 1.0}), within="Peru")
    axes = charts.map(pd.Series({"Salta": 100.0, "Jujuy": 50.0}), within="ARG")
    assert {"Salta", "Jujuy"} <= set(texts(axes))


def test_a_map_is_small_the_same_every_time_and_says_where_it_comes_from() -> None:
    files = [pack.R4V_FOLDER / "map" / name for name in ("boundaries.json", "admin1.json")]
    assert sum(path.stat().st_size for path in files) <= 150_000
    content: list[dict[str, Any]] = [json.loads(path.read_text(encoding="utf-8")) for path in files]
    assert all("Natural Earth" in each["source"] and "public domain" in each["source"] for each in content)
    first, second = (charts.svg(drawn("Colombia", scenes("Colombia")[0])) for _ in range(2))
    assert first == second
    assert len(first.encode()) < 60_000
