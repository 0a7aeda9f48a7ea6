"""What a map is drawn on: the land, and where each place has its circle. The region, a platform, or one country."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from math import cos, radians, sin
from typing import Any, TypeAlias

import numpy as np
from matplotlib.path import Path
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike, NDArray

from rmrp_analysis import pack
from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.vocabulary import PLATFORMS, REGION, place_key
from rmrp_analysis.vocabulary.lists import read_list

WIDTH_MM, HEIGHT_MM = 72.7, 82.0
CENTRE = (-72.0, -12.0)  # of the region: longitude and latitude
CENTRE_MM = (36.1, 42.6)  # where it lies, from the bottom left
EARTH_RADIUS_MM = 51.0  # 6371 km at 1 : 125 million
VENEZUELA_CORE = ((-70, -61.5), (4, 10.3))  # degrees of longitude and latitude no label should cover
FOOT_MM = 13.0  # under the map of a platform or country, for its key
MARGIN_MM = 3.0  # between its land and the frame
INSET_MM = 1.4  # between islands that were moved and their frame

Floats: TypeAlias = NDArray[np.float64]
Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True)
class Spot:
    """Where a place has its circle, in millimetres, and the sides that suit its label, the best first.

    ``islands`` too small to be seen get a ring. With ``at_sea`` no land is covered by the label.
    """

    x: float
    y: float
    sides: tuple[str, ...]
    islands: tuple[Point, ...] = ()
    at_sea: bool = False

    @property
    def has_own_island(self) -> bool:
        """Whether the circle stands on the island itself."""
        return (self.x, self.y) in self.islands


@dataclass(frozen=True)
class Ground:
    """The land of a map in its own colours, from the bottom to the top, and its places.

    Colours are ``land``, ``other`` (no part of what the map is of) and ``aside`` (Venezuela, on the map of the region).
    ``country`` has places that are known by any spelling. Nothing is written on ``clear`` boxes.
    """

    height_mm: float
    land: Sequence[tuple[str, Path]]
    spots: Mapping[str, Spot]
    country: str = ""
    insets: Sequence[Bbox] = ()
    clear: Sequence[Floats] = field(default_factory=list)
    has_foot: bool = True

    def is_land(self, points: Floats) -> NDArray[np.bool_]:
        """Which points, shape (..., 2) in mm, lie on land, to the millimetre."""
        east, north = np.moveaxis(points.astype(int), -1, 0)
        tall, wide = self._land_by_mm.shape
        found: NDArray[np.bool_] = self._land_by_mm[np.clip(north, 0, tall - 1), np.clip(east, 0, wide - 1)]
        return found

    @cached_property
    def _land_by_mm(self) -> NDArray[np.bool_]:
        """Whether the middle of each square millimetre is land, by row from the bottom and column from the left."""
        middles = np.stack(np.meshgrid(np.arange(WIDTH_MM) + 0.5, np.arange(self.height_mm) + 0.5), axis=-1)
        within = [path.contains_points(middles.reshape(-1, 2)) for _, path in self.land]
        land: NDArray[np.bool_] = np.any(within, axis=0).reshape(middles.shape[:2])
        return land

    def spot(self, key: str) -> Spot | None:
        """Where a place has its circle; None for one that the map does not know."""
        return self.spots.get(place_key(self.country, key) if self.country else key)


def ground_of(within: str) -> Ground:
    """The ground of the map of the region, a platform or a country (ISO 3166 alpha-3). Raises ``RequestError``."""
    if within == REGION:
        return _region()
    known = (*PLATFORMS, *_admin1())
    if within not in known:
        raise RequestError(f"there is no map of '{within}'; {did_you_mean(within, (REGION, *known))}")
    return _part(within)


def is_on_map(key: str, within: str) -> bool:
    """Whether a place has a circle on the map of the region, a platform or a country.

    >>> is_on_map("Junin", "Peru"), is_on_map("National level", "Peru")
    (True, False)
    """
    return ground_of(within).spot(key) is not None


def equal_area_mm(
    longitude: ArrayLike, latitude: ArrayLike, centre: Point = CENTRE, earth_mm: float = EARTH_RADIUS_MM
) -> Floats:
    """Points in mm, shape (..., 2), from degrees: Lambert azimuthal equal-area (Snyder 1987, 24-2) about a centre."""
    east = np.radians(np.asarray(longitude) - centre[0])
    north = np.radians(np.asarray(latitude))
    sin0, cos0 = sin(radians(centre[1])), cos(radians(centre[1]))
    scale = earth_mm * np.sqrt(2 / (1 + sin0 * np.sin(north) + cos0 * np.cos(north) * np.cos(east)))
    x = scale * np.cos(north) * np.sin(east)
    y = scale * (cos0 * np.sin(north) - sin0 * np.cos(north) * np.cos(east))
    return np.stack([x, y], axis=-1)


@cache
def _region() -> Ground:
    """The response countries; Venezuela, which is none, stands aside."""
    looks = {"other": "other", "VEN": "aside"}
    rings = _countries()
    order = sorted(rings, key=lambda code: (code != "other", code == "VEN"))
    land = [
        (looks.get(code, "land"), _path(equal_area_mm(*np.transpose(ring)) + CENTRE_MM for ring in rings[code]))
        for code in order
    ]
    clear = (equal_area_mm(*VENEZUELA_CORE) + CENTRE_MM).ravel()
    spots = {key: _spot(row, lambda *at: equal_area_mm(*at) + CENTRE_MM) for key, row in _placed().items()}
    return Ground(HEIGHT_MM, land, spots, clear=[clear], has_foot=False)


@cache
def _part(within: str) -> Ground:
    """The countries of a platform, or the first administrative levels of a country, in the largest scale that fits."""
    countries = PLATFORMS.get(within, (within,))
    places = _admin1()[countries[0]] if len(countries) == 1 else {}
    own = [ring for place in places.values() for ring in place["rings"]]
    own = own or [ring for code in countries for ring in _countries()[code]]
    degrees = np.vstack(own)
    (west, south), (east, north) = degrees.min(axis=0), degrees.max(axis=0)
    centre = (float(west + east) / 2, float(south + north) / 2)
    flat = equal_area_mm(degrees[:, 0], degrees[:, 1], centre, 1.0)
    least, most = flat.min(axis=0), flat.max(axis=0)
    room = np.array([WIDTH_MM - 2 * MARGIN_MM, HEIGHT_MM - FOOT_MM - 2 * MARGIN_MM])
    earth_mm = float((room / (most - least)).min())
    height = float((most - least)[1] * earth_mm) + 2 * MARGIN_MM + FOOT_MM
    shift = [WIDTH_MM / 2, FOOT_MM + MARGIN_MM] - np.array([(least + most)[0] / 2, least[1]]) * earth_mm

    def to_mm(longitude: ArrayLike, latitude: ArrayLike) -> Floats:
        return equal_area_mm(longitude, latitude, centre, earth_mm) + shift

    def outline(rings: Iterable[Any]) -> Path:
        return _path(to_mm(*np.transpose(ring)) for ring in rings)

    frame = Bbox([[0, FOOT_MM], [WIDTH_MM, height]])
    around = [rings for code, rings in _countries().items() if places or code not in countries]
    land = [("other", path) for path in (_within(frame, outline([ring])) for rings in around for ring in rings) if path]
    if not places:
        land += [("land", outline(_countries()[code])) for code in countries]
        return Ground(height, land, {code: _spot(_placed()[code], to_mm) for code in countries})
    land += [("land", outline(place["rings"])) for place in places.values()]
    moved = [outline(place["rings"]) for place in places.values() if "moved" in place]
    insets = [path.get_extents().padded(INSET_MM) for path in moved]
    spots = {key: _in_place(*to_mm(*place["at"])) for key, place in places.items()}
    return Ground(height, land, spots, country=countries[0], insets=insets)


def _in_place(x: float, y: float) -> Spot:
    """A spot of a country's own map: its label stands towards the nearer edge."""
    sides = ("left", "right", "above", "below") if x < WIDTH_MM / 2 else ("right", "left", "above", "below")
    return Spot(float(x), float(y), sides)


def _spot(row: Mapping[str, str], to_mm: Any) -> Spot:
    x, y = to_mm(float(row["longitude"]), float(row["latitude"]))
    islands = [_placed()[code] for code in row["islands"].split()]
    rings = (to_mm(float(island["longitude"]), float(island["latitude"])) for island in islands)
    points = tuple((float(east), float(north)) for east, north in rings)
    return Spot(float(x), float(y), tuple(row["sides"].split()), points, row["label"] == "sea")


def _path(rings: Iterable[Floats]) -> Path:
    return Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))


def _within(frame: Bbox, land: Path) -> Path | None:
    """What of some land is seen in the frame."""
    return land.clip_to_bbox(frame) if land.intersects_bbox(frame) else None


@cache
def _placed() -> dict[str, dict[str, str]]:
    """``map/places.csv`` of the plan pack by key, in the order in which labels are placed."""
    return {row["key"]: row for row in read_list("map/places.csv")}


@cache
def _countries() -> dict[str, Any]:
    """Rings of longitude and latitude by ISO 3166 code, of what is no response country under "other"."""
    rings: dict[str, Any] = json.loads((pack.FOLDER / "map" / "boundaries.json").read_text(encoding="utf-8"))["rings"]
    return rings


@cache
def _admin1() -> dict[str, Any]:
    """First administrative levels by country and folded name."""
    countries: dict[str, Any] = json.loads((pack.FOLDER / "map" / "admin1.json").read_text(encoding="utf-8"))[
        "countries"
    ]
    return countries
