"""Give the base map of the region, a platform or a country: its land, and the position of each place's circle."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import cos, radians, sin
from typing import Any, TypeAlias

import numpy as np
from matplotlib.path import Path
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike, NDArray

from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.packs import pack
from rmrp_analysis.packs.pack import RegionMap, Row, Text
from rmrp_analysis.vocabulary import REGION, place_key, plan_lists

WIDTH_MM, HEIGHT_MM = 72.7, 82.0  # the width of every map, and the largest height
FOOT_MM = 13.0  # below the map of a platform or country, for its legend
MARGIN_MM = 3.0  # between its land and the frame
INSET_MM = 1.4  # between islands in an inset and its frame

Floats: TypeAlias = NDArray[np.float64]
Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True)
class PlaceLayout:
    """The position of a place's circle in mm, and the sides that suit its label, the best first.

    ``at_sea``: the label covers no land.
    """

    x: float
    y: float
    sides: tuple[str, ...]
    at_sea: bool = False


class MapPlace(Row):
    """A row of ``map/places.csv``: the position of the circle of a platform or country (``key``) in degrees.

    ``sides`` suit its label, the best first; with ``label`` *sea* the label covers no land.
    """

    key: Text
    longitude: float
    latitude: float
    sides: Text = "right left above below"
    label: str = ""

    def lay_out(self, to_mm: Callable[[float, float], Floats]) -> PlaceLayout:
        """Return the layout of the place on a map that ``to_mm`` projects."""
        x, y = map(float, to_mm(self.longitude, self.latitude))
        return PlaceLayout(x, y, tuple(self.sides.split()), self.label == "sea")


@dataclass(frozen=True)
class BaseMap:
    """What a map shows before any number: land, the layout of its places, insets; all in millimetres.

    ``land`` has outlines with the name of their colour, from the bottom to the top: ``land``, ``other`` (outside the
    area of the map) and ``aside`` (a neighbour of the region that is no country of the plan). ``country`` is the code
    of a map of one country, whose places are found in any spelling. ``insets`` are islands that were moved nearer to
    the coast, by place. No label stands on ``clear_boxes``. ``has_foot``: there is room below the land for a legend.
    """

    height_mm: float
    land: Sequence[tuple[str, Path]]
    layouts: Mapping[str, PlaceLayout]
    country: str = ""
    insets: Mapping[str, Path] = field(default_factory=dict)
    clear_boxes: Sequence[Floats] = field(default_factory=list)
    has_foot: bool = True

    def is_land(self, points: Floats) -> NDArray[np.bool_]:
        """Return which points, shape (..., 2) in mm, lie on land, to the millimetre."""
        east, north = np.moveaxis(points.astype(int), -1, 0)
        tall, wide = self._land_by_mm.shape
        is_on_land: NDArray[np.bool_] = self._land_by_mm[np.clip(north, 0, tall - 1), np.clip(east, 0, wide - 1)]
        return is_on_land

    @cached_property
    def _land_by_mm(self) -> NDArray[np.bool_]:
        """Whether the middle of each square mm is land: rows from the bottom, columns from the left."""
        middles = np.stack(np.meshgrid(np.arange(WIDTH_MM) + 0.5, np.arange(self.height_mm) + 0.5), axis=-1)
        is_inside = [path.contains_points(middles.reshape(-1, 2)) for _, path in self.land]
        is_land: NDArray[np.bool_] = np.any(is_inside, axis=0).reshape(middles.shape[:2])
        return is_land

    def find_layout(self, key: str) -> PlaceLayout | None:
        """Return the layout of a place; None for a place that is not on the map."""
        return self.layouts.get(place_key(self.country, key) if self.country else key)

    def find_inset(self, key: str) -> Path | None:
        """Return the outline of a place that was moved nearer to the coast; None for all others."""
        return self.insets.get(place_key(self.country, key)) if self.country else None


def load_base_map(within: str) -> BaseMap:
    """Return the base map of the region, a platform or a country (ISO 3166 alpha-3).

    Raises ``RequestError`` where the plan pack has no such map.
    """
    if not has_map_of(within):
        known = [place for place in (REGION, *plan_lists().platforms, *plan_lists().countries) if has_map_of(place)]
        which = did_you_mean(within, known) if known else "the plan pack has no map"
        raise RequestError(f"there is no map of '{within}'; {which}")
    scale = pack.about().map
    return _load_region_map(scale) if within == REGION and scale else _load_area_map(within)


def has_map_of(within: str) -> bool:
    """Tell whether the plan pack has a map of the region, a platform or a country.

    Args:
        within: The region, a platform or a country, by the key that tables have (``Peru``, ``CUW``).

    >>> rmrp.charts.has_map_of("Peru"), rmrp.charts.has_map_of("CUW")
    (True, False)
    """
    countries = _country_codes(within)
    if not countries or not (pack.folder() / "map" / "places.csv").is_file():
        return False
    if len(countries) == 1 and within != REGION:
        return countries[0] in _read_admin1()
    return within == REGION or all(code in _read_country_rings() and code in _read_map_places() for code in countries)


def _country_codes(area: str) -> tuple[str, ...]:
    """Return the codes of the countries of the region, a platform or a country; none of another area."""
    single_country = (area,) if area in plan_lists().countries else ()
    return tuple(plan_lists().countries) if area == REGION else plan_lists().platforms.get(area, single_country)


def is_on_map(key: str, within: str) -> bool:
    """Tell whether a place has a circle on the map of the region, a platform or a country.

    Args:
        key: A platform, a country or an admin1.
        within: The map, as that of ``has_map_of``.

    >>> rmrp.charts.is_on_map("Junin", "Peru")
    True
    >>> rmrp.charts.is_on_map("National level", "Peru")
    False
    """
    return has_map_of(within) and load_base_map(within).find_layout(key) is not None


def equal_area_mm(longitude: ArrayLike, latitude: ArrayLike, centre: Point, earth_mm: float) -> Floats:
    """Project degrees to mm, shape (..., 2): Lambert azimuthal equal-area about a centre (Snyder 1987, 24-2)."""
    east = np.radians(np.asarray(longitude) - centre[0])
    north = np.radians(np.asarray(latitude))
    sin0, cos0 = sin(radians(centre[1])), cos(radians(centre[1]))
    scale = earth_mm * np.sqrt(2 / (1 + sin0 * np.sin(north) + cos0 * np.cos(north) * np.cos(east)))
    x = scale * np.cos(north) * np.sin(east)
    y = scale * (cos0 * np.sin(north) - sin0 * np.cos(north) * np.cos(east))
    return np.stack([x, y], axis=-1)


@pack.cached_by_pack
def _load_region_map(scale: RegionMap) -> BaseMap:
    """Load the map of all countries of the plan in the pack's scale, with a neighbour that is none of them."""
    neighbour = pack.about().aside

    def to_mm(longitude: ArrayLike, latitude: ArrayLike) -> Floats:
        return equal_area_mm(longitude, latitude, scale.centre, scale.earth_radius_mm) + scale.centre_mm

    colour_names = {"other": "other"} | ({neighbour.code: "aside"} if neighbour else {})
    rings = _read_country_rings()
    order = sorted(rings, key=lambda code: (code != "other", colour_names.get(code) == "aside"))
    land = [
        (colour_names.get(code, "land"), _join_rings(to_mm(*np.transpose(ring)) for ring in rings[code]))
        for code in order
    ]
    clear_boxes = [to_mm(*neighbour.clear).ravel()] if neighbour else []
    layouts = {key: row.lay_out(to_mm) for key, row in _read_map_places().items()}
    return BaseMap(scale.height_mm, land, layouts, clear_boxes=clear_boxes, has_foot=False)


@pack.cached_by_pack
def _load_area_map(area: str) -> BaseMap:
    """Load the map of a platform's countries, or of a country's admin1, in the largest scale that fits."""
    countries = _country_codes(area)
    places = _read_admin1()[countries[0]] if len(countries) == 1 and area != REGION else {}
    rings = [ring for place in places.values() for ring in place["rings"]]
    rings = rings or [ring for code in countries for ring in _read_country_rings()[code]]
    degrees = np.vstack(rings)
    (west, south), (east, north) = degrees.min(axis=0), degrees.max(axis=0)
    centre = (float(west + east) / 2, float(south + north) / 2)
    flat = equal_area_mm(degrees[:, 0], degrees[:, 1], centre, 1.0)
    lowest, highest = flat.min(axis=0), flat.max(axis=0)
    room_mm = np.array([WIDTH_MM - 2 * MARGIN_MM, HEIGHT_MM - FOOT_MM - 2 * MARGIN_MM])
    earth_mm = float((room_mm / (highest - lowest)).min())
    height_mm = float((highest - lowest)[1] * earth_mm) + 2 * MARGIN_MM + FOOT_MM
    shift = [WIDTH_MM / 2, FOOT_MM + MARGIN_MM] - np.array([(lowest + highest)[0] / 2, lowest[1]]) * earth_mm

    def to_mm(longitude: ArrayLike, latitude: ArrayLike) -> Floats:
        return equal_area_mm(longitude, latitude, centre, earth_mm) + shift

    def outline(rings: Iterable[Any]) -> Path:
        return _join_rings(to_mm(*np.transpose(ring)) for ring in rings)

    map_box = Bbox([[0, FOOT_MM], [WIDTH_MM, height_mm]])
    rings_around = [rings for code, rings in _read_country_rings().items() if places or code not in countries]
    outlines = [outline([ring]) for rings in rings_around for ring in rings]
    land = [("other", path.clip_to_bbox(map_box)) for path in outlines if path.intersects_bbox(map_box)]
    if not places:
        land += [("land", outline(_read_country_rings()[code])) for code in countries]
        place_keys = _read_map_places() if area == REGION else countries
        return BaseMap(height_mm, land, {key: _read_map_places()[key].lay_out(to_mm) for key in place_keys})
    land += [("land", outline(place["rings"])) for place in places.values() if "moved" not in place]
    insets = {key: outline(place["rings"]) for key, place in places.items() if "moved" in place}
    layouts = {}
    for key, place in places.items():
        x, y = map(float, to_mm(*place["at"]))
        towards_edge = ("left", "right") if x < WIDTH_MM / 2 else ("right", "left")
        layouts[key] = PlaceLayout(x, y, (*towards_edge, "above", "below"))
    return BaseMap(height_mm, land, layouts, country=countries[0], insets=insets)


def _join_rings(rings: Iterable[Floats]) -> Path:
    return Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))


@pack.cached_by_pack
def _read_map_places() -> dict[str, MapPlace]:
    """Read ``map/places.csv`` of the plan pack by key, in the order in which labels are placed."""
    return {row.key: row for row in pack.rows("map/places.csv", MapPlace, unique="key")}


@pack.cached_by_pack
def _read_country_rings() -> dict[str, Any]:
    """Read rings of longitude and latitude by ISO 3166 code; ``other`` is all land outside response countries."""
    rings: dict[str, Any] = pack.read_json("map/boundaries.json", "rings")
    return rings


@pack.cached_by_pack
def _read_admin1() -> dict[str, Any]:
    """Read the first administrative levels by country and normalised name."""
    countries: dict[str, Any] = pack.read_json("map/admin1.json", "countries", optional=True)
    return countries
