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

MAP_WIDTH_MM = 72.7
MAX_MAP_HEIGHT_MM = 82.0
LEGEND_FOOT_HEIGHT_MM = 13.0  # the height below the map of a platform or country, for its legend
LAND_MARGIN_MM = 3.0  # between the land of a platform or country and the frame
INSET_MARGIN_MM = 1.4  # between islands in an inset and its frame

Floats: TypeAlias = NDArray[np.float64]  # an array of numbers, such as positions or boxes in mm
Point: TypeAlias = tuple[float, float]  # longitude and latitude in degrees


@dataclass(frozen=True)
class PlaceLayout:
    """The position of a place's circle in mm, and the sides that suit its label, the best first.

    If ``at_sea``, the label covers no land.
    """

    x: float
    y: float
    sides: tuple[str, ...]
    at_sea: bool = False


class MapPlace(Row):
    """A row of ``map/places.csv``: the position of the circle of a platform or country (``key``) in degrees.

    ``sides`` suit its label, the best first. With ``label`` *sea* the label covers no land.
    """

    key: Text
    longitude: float
    latitude: float
    sides: Text = "right left above below"
    label: str = ""

    def project(self, to_mm: Callable[[float, float], Floats]) -> PlaceLayout:
        """Return the layout of the place on a map that ``to_mm`` projects."""
        x, y = map(float, to_mm(self.longitude, self.latitude))
        return PlaceLayout(x, y, tuple(self.sides.split()), self.label == "sea")


@dataclass(frozen=True)
class BaseMap:
    """The content of a map before any number, in millimetres: land, the layout of its places, insets.

    ``land`` has outlines with the name of their colour, from the bottom to the top: ``land``, ``other`` (outside the
    area of the map) and ``aside`` (a neighbour of the region that is no country of the plan). A map of one country has
    its code as ``country``, and finds its places in any spelling. ``insets`` are islands that were moved nearer to the
    coast, by place. No label stands on ``clear_boxes``. If ``has_foot``, there is room below the land for a legend.
    """

    height_mm: float
    land: Sequence[tuple[str, Path]]
    layouts: Mapping[str, PlaceLayout]
    country: str = ""
    insets: Mapping[str, Path] = field(default_factory=dict)
    clear_boxes: Sequence[Floats] = field(default_factory=list)
    has_foot: bool = True

    def is_land(self, points: Floats) -> NDArray[np.bool_]:
        """Return whether each point, shape (..., 2) in mm, lies on land, to the millimetre.

        A point outside the map counts as the nearest one at its edge.
        """
        east, north = np.moveaxis(points.astype(int), -1, 0)
        tall, wide = self._land_by_mm.shape
        is_land: NDArray[np.bool_] = self._land_by_mm[np.clip(north, 0, tall - 1), np.clip(east, 0, wide - 1)]
        return is_land

    @cached_property
    def _land_by_mm(self) -> NDArray[np.bool_]:
        """Whether the middle of each square mm is land: rows from the bottom, columns from the left."""
        middles = np.stack(np.meshgrid(np.arange(MAP_WIDTH_MM) + 0.5, np.arange(self.height_mm) + 0.5), axis=-1)
        inside = [path.contains_points(middles.reshape(-1, 2)) for _, path in self.land]
        land: NDArray[np.bool_] = np.any(inside, axis=0).reshape(middles.shape[:2])
        return land

    def find_layout(self, key: str) -> PlaceLayout | None:
        """Return the layout of a place, or None if it is not on the map."""
        return self.layouts.get(place_key(self.country, key) if self.country else key)

    def find_inset(self, key: str) -> Path | None:
        """Return the outline of a place that was moved nearer to the coast, or None for all other places."""
        return self.insets.get(place_key(self.country, key)) if self.country else None


def load_base_map(within: str) -> BaseMap:
    """Return the base map of the region, a platform or a country (ISO 3166 alpha-3).

    Raises ``RequestError`` if the plan pack has no such map.
    """
    if not has_map_of(within):
        areas = [area for area in (REGION, *plan_lists().platforms, *plan_lists().countries) if has_map_of(area)]
        suggestion = did_you_mean(within, areas) if areas else "the plan pack has no map"
        raise RequestError(f"there is no map of '{within}'; {suggestion}")
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
    """Return the countries of the region, a platform or a country, or an empty tuple for another area."""
    if area == REGION:
        return tuple(plan_lists().countries)
    return plan_lists().platforms.get(area, (area,) if area in plan_lists().countries else ())


def is_on_map(key: str, within: str) -> bool:
    """Tell whether a place has a position on a map. False without a map.

    Args:
        key: A platform, a country or an admin1.
        within: The map, as for ``has_map_of``.

    >>> rmrp.charts.is_on_map("Junin", "Peru")
    True
    >>> rmrp.charts.is_on_map("National level", "Peru")
    False
    """
    return has_map_of(within) and load_base_map(within).find_layout(key) is not None


def equal_area_mm(longitude: ArrayLike, latitude: ArrayLike, centre: Point, earth_mm: float) -> Floats:
    """Return degrees projected to mm from the centre, shape (..., 2): x to the east, y to the north.

    The projection is Lambert azimuthal equal-area about a centre (Snyder 1987, 24-2). ``earth_mm`` is the radius of the
    earth on the map.
    """
    east = np.radians(np.asarray(longitude) - centre[0])
    north = np.radians(np.asarray(latitude))
    sin0, cos0 = sin(radians(centre[1])), cos(radians(centre[1]))
    scale = earth_mm * np.sqrt(2 / (1 + sin0 * np.sin(north) + cos0 * np.cos(north) * np.cos(east)))
    x = scale * np.cos(north) * np.sin(east)
    y = scale * (cos0 * np.sin(north) - sin0 * np.cos(north) * np.cos(east))
    return np.stack([x, y], axis=-1)


@pack.cached_by_pack
def _load_region_map(scale: RegionMap) -> BaseMap:
    """Load the map of the region in the pack's scale, with its neighbour outside the plan, if any."""
    neighbour = pack.about().aside

    def to_mm(longitude: ArrayLike, latitude: ArrayLike) -> Floats:
        return equal_area_mm(longitude, latitude, scale.centre, scale.earth_radius_mm) + scale.centre_mm

    looks = {"other": "other"} | ({neighbour.code: "aside"} if neighbour else {})
    rings = _read_country_rings()
    order = sorted(rings, key=lambda code: (code != "other", looks.get(code) == "aside"))
    land = [
        (looks.get(code, "land"), _join_rings(to_mm(*np.transpose(ring)) for ring in rings[code])) for code in order
    ]
    clear = [to_mm(*neighbour.clear).ravel()] if neighbour else []
    spots = {key: row.project(to_mm) for key, row in _read_map_places().items()}
    return BaseMap(scale.height_mm, land, spots, clear_boxes=clear, has_foot=False)


@pack.cached_by_pack
def _load_area_map(area: str) -> BaseMap:
    """Load the map of the countries of an area, or of the admin1 of one country, as large as possible."""
    countries = _country_codes(area)
    places = _read_admin1()[countries[0]] if len(countries) == 1 and area != REGION else {}
    rings = [ring for place in places.values() for ring in place["rings"]]
    rings = rings or [ring for code in countries for ring in _read_country_rings()[code]]
    to_mm, height = _fit_area_projection(np.vstack(rings))

    def outline(rings: Iterable[Any]) -> Path:
        return _join_rings(to_mm(*np.transpose(ring)) for ring in rings)

    frame = Bbox([[0, LEGEND_FOOT_HEIGHT_MM], [MAP_WIDTH_MM, height]])
    outlines = [
        outline([ring])
        for code, shape in _read_country_rings().items()
        if places or code not in countries
        for ring in shape
    ]
    land = [("other", path.clip_to_bbox(frame)) for path in outlines if path.intersects_bbox(frame)]
    if not places:
        land += [("land", outline(_read_country_rings()[code])) for code in countries]
        keys = _read_map_places() if area == REGION else countries
        spots = {key: _read_map_places()[key].project(to_mm) for key in keys}
        return BaseMap(height, land, spots)
    land += [("land", outline(place["rings"])) for place in places.values() if "moved" not in place]
    insets = {key: outline(place["rings"]) for key, place in places.items() if "moved" in place}
    spots = {key: _lay_out_admin1(to_mm(*place["at"])) for key, place in places.items()}
    return BaseMap(height, land, spots, country=countries[0], insets=insets)


def _fit_area_projection(outline_degrees: Floats) -> tuple[Callable[[ArrayLike, ArrayLike], Floats], float]:
    """Return the projection to mm in the largest scale at which outlines fit, and the map's height.

    ``outline_degrees`` are points of the outlines in degrees, shape (n, 2): longitude and latitude.
    """
    (west, south), (east, north) = outline_degrees.min(axis=0), outline_degrees.max(axis=0)
    centre = (float(west + east) / 2, float(south + north) / 2)
    flat = equal_area_mm(outline_degrees[:, 0], outline_degrees[:, 1], centre, 1.0)
    low, high = flat.min(axis=0), flat.max(axis=0)
    room = np.array([MAP_WIDTH_MM - 2 * LAND_MARGIN_MM, MAX_MAP_HEIGHT_MM - LEGEND_FOOT_HEIGHT_MM - 2 * LAND_MARGIN_MM])
    earth_mm = float((room / (high - low)).min())
    height = float((high - low)[1] * earth_mm) + 2 * LAND_MARGIN_MM + LEGEND_FOOT_HEIGHT_MM
    foot = np.array([(low + high)[0] / 2, low[1]])
    shift = [MAP_WIDTH_MM / 2, LEGEND_FOOT_HEIGHT_MM + LAND_MARGIN_MM] - foot * earth_mm

    def to_mm(longitude: ArrayLike, latitude: ArrayLike) -> Floats:
        return equal_area_mm(longitude, latitude, centre, earth_mm) + shift

    return to_mm, height


def _lay_out_admin1(position_mm: Floats) -> PlaceLayout:
    """Return the layout of an admin1. Its label stands best towards the nearer edge of the map."""
    x_mm, y_mm = map(float, position_mm)
    sides = ("left", "right") if x_mm < MAP_WIDTH_MM / 2 else ("right", "left")
    return PlaceLayout(x_mm, y_mm, (*sides, "above", "below"))


def _join_rings(rings: Iterable[Floats]) -> Path:
    """Return one outline made of several closed rings of points."""
    return Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))


@pack.cached_by_pack
def _read_map_places() -> dict[str, MapPlace]:
    """Read ``map/places.csv`` of the plan pack by key, in the order in which labels are placed."""
    return {row.key: row for row in pack.rows("map/places.csv", MapPlace, unique="key")}


@pack.cached_by_pack
def _read_country_rings() -> dict[str, Any]:
    """Read ``map/boundaries.json`` of the plan pack: rings of longitude and latitude by ISO 3166 code.

    ``other`` is all land outside response countries. Raises ``RequestError`` without such a file.
    """
    rings: dict[str, Any] = pack.read_json("map/boundaries.json", "rings")
    return rings


@pack.cached_by_pack
def _read_admin1() -> dict[str, Any]:
    """Read ``map/admin1.json`` of the plan pack: each admin1 by country and normalised name, if the file exists.

    An admin1 has ``rings`` of its outline and ``at`` for its circle, in degrees, and ``moved`` if it stands nearer to
    the coast.
    """
    countries: dict[str, Any] = pack.read_json("map/admin1.json", "countries", optional=True)
    return countries
