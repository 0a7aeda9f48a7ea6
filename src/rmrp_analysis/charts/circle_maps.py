"""Draws the map of the response countries with a circle for each platform or country."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import product
from math import cos, inf, radians, sin, sqrt
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.patches import Circle, PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from numpy.typing import ArrayLike, NDArray

from rmrp_analysis import numbers, theme
from rmrp_analysis.charts import paper
from rmrp_analysis.charts.look import LAND, OTHER_LAND, colour_of, sheet_style
from rmrp_analysis.charts.parts import Part, Printing, Table, Unit
from rmrp_analysis.errors import RequestError
from rmrp_analysis.theme import pictures
from rmrp_analysis.vocabulary import COUNTRIES

WIDTH_MM, HEIGHT_MM = 72.7, 82.0
CENTRE_LONGITUDE, CENTRE_LATITUDE = -72.0, -12.0
CENTRE_MM = (36.1, 42.6)  # where the centre lies, from the bottom left
EARTH_RADIUS_MM = 51.0  # 6371 km at 1 : 125 million

LARGEST_RADIUS_MM, LARGEST_COUNTRY_MM = 6.5, 4.5  # radius of the largest circle, where there are countries
LEAST_RADIUS_MM = 0.6
MARK_RADIUS_MM = 0.8  # the ring of a withheld number, half the dash of a zero
GAP_MM = 0.9  # between a circle and its label
LINE_MM, ASCENT_MM, DESCENT_MM, CAPITAL_MM = 4.0, 2.97, 0.98, 1.95  # of type of 8.4 pt
BLOCK_MM = ASCENT_MM + DESCENT_MM  # one line
SPACE_MM = 0.9  # between name and value
DOUBT_MM = 2.0  # nearer than its own circle by more than this, another would seem meant
CAPTION_PT, CAPTION_MM = 8.0, 32.0
WORSE = 20  # how much worse it is to cover something than to cross it with a line
EDGE_MM = 0.8  # free along the frame
LONGEST_LINE = 18  # characters; a longer name breaks before its last word
VENEZUELA_MM = (46.9, 61.0)  # where its name begins
VENEZUELA_CORE = ((-70, -61.5), (4, 10.3))  # degrees of longitude and latitude no label should cover
_DASHED = {"linewidth": 0.7, "linestyle": (0, (1.6, 1.2))}

Floats: TypeAlias = NDArray[np.float64]
"""Boxes of texts are rows of left, foot, right and top, in millimetres."""


def circles_map(
    table: Table,
    *,
    ax: Axes | None = None,
    title: str = "",
    axis_label: str | None = None,
    unit: Unit | None = None,
    language: str = "en",
    labels: Mapping[str, str] | None = None,
) -> Axes:
    """A map of the response countries, 72.7 × 82 mm, with a circle for each platform or country (ISO 3166 alpha-3).

    A circle's area is its part's value against the largest, of radius 6.5 mm (with countries 4.5 mm); none is smaller
    than 0.6 mm. A withheld part is a small dashed ring, a zero a short dash, a part without a report has no mark.
    Venezuela, which is no response country, is named where no circle hides it. Labels keep clear of each other, of the
    circles and of the frame; the axis label stands at the bottom left. Lambert azimuthal equal-area at 72° W 12° S,
    axes in millimetres. ``theme/map_places.csv`` says where a part has its circle and which sides suit its label, the
    best first. Raises ``RequestError`` for a part that has no place there.

    >>> import pandas as pd
    >>> axes = circles_map(pd.Series({"Peru": 296_000, "Brazil": 121_000}))
    >>> [round(circle.radius, 2) for circle in axes.patches if hasattr(circle, "radius")]
    [6.5, 4.16]
    """
    with sheet_style():
        printed = Printing.of(table, unit, language, labels)
        parts = [
            replace(part, text=numbers.NOTHING) if part.state == "no_report" else part for part in printed.parts(table)
        ]
        without_place = ", ".join(repr(part.key) for part in parts if part.key not in _places())
        if without_place:
            raise RequestError(
                f"the map has no place for {without_place}; it shows platforms and countries (ISO 3166 alpha-3): "
                "leave other parts out with table.drop([...])"
            )
        if axis_label is None:
            area = printed.words("Circle area =\n{unit}", unit=printed.unit_name)
            axis_label = printed.words("Circle area =\npeople reached") if printed.unit == "people" else area
        axes = paper.in_millimetres(paper.frame(ax, WIDTH_MM, HEIGHT_MM, title=title))
        size, look = paper.size_mm(axes), {"color": rcParams["xtick.color"]}
        scale = min(size[0] / WIDTH_MM, size[1] / HEIGHT_MM)
        _draw_land(axes, scale)
        marks = _draw_marks(axes, parts, colour_of(printed.unit), scale)

        name, (x, y) = printed.words("Venezuela"), np.multiply(VENEZUELA_MM, scale)
        box = np.array([x, y - DESCENT_MM, x + paper.width_of(name, style="italic"), y + ASCENT_MM])
        if all(_clearance(box[None], mark)[0] > 0 for mark in marks):
            axes.text(x, y, name, style="italic", **look)
        lines = paper.fitted(axis_label, CAPTION_MM, lines=3, size=CAPTION_PT).splitlines()
        for below, line in enumerate(reversed(lines)):
            axes.text(EDGE_MM, DESCENT_MM + LINE_MM * below, line, size=CAPTION_PT, **look)
        width = max((paper.width_of(line, size=CAPTION_PT) for line in lines), default=0)
        caption = np.array([EDGE_MM, 0, EDGE_MM + width, BLOCK_MM + DESCENT_MM + LINE_MM * (len(lines) - 1)])
        taken = [box, (equal_area_mm(*VENEZUELA_CORE) * scale).ravel(), caption]
        for mark in sorted(marks, key=lambda mark: list(_places()).index(mark.part.key)):
            taken += _draw_label(axes, mark, marks=marks, taken=taken)
        return paper.finished(axes, parts, within=ax)


class _Mark(NamedTuple):
    """A circle as drawn, in millimetres, and the sides that suit its label, the best first."""

    part: Part
    sides: list[str]
    x: float
    y: float
    radius: float


@cache
def _places() -> dict[str, tuple[float, float, list[str]]]:
    """Longitude, latitude and the best sides for a label, in the order in which labels are placed."""
    with (theme.FOLDER / "map_places.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["key"]: (float(row["longitude"]), float(row["latitude"]), row["sides"].split()) for row in rows}


def equal_area_mm(longitude: ArrayLike, latitude: ArrayLike) -> Floats:
    """Points of the drawing in mm, shape (..., 2), from degrees: Lambert azimuthal equal-area (Snyder 1987, 24-2)."""
    east = np.radians(np.asarray(longitude) - CENTRE_LONGITUDE)
    north = np.radians(np.asarray(latitude))
    sin0, cos0 = sin(radians(CENTRE_LATITUDE)), cos(radians(CENTRE_LATITUDE))
    scale = EARTH_RADIUS_MM * np.sqrt(2 / (1 + sin0 * np.sin(north) + cos0 * np.cos(north) * np.cos(east)))
    x = scale * np.cos(north) * np.sin(east)
    y = scale * (cos0 * np.sin(north) - sin0 * np.cos(north) * np.cos(east))
    return np.stack([x, y], axis=-1) + CENTRE_MM


@cache
def _land() -> dict[str, Path]:
    """Land in mm by ISO 3166 code, what is no response country under "other"; the last is drawn over the others."""
    rings = json.loads((theme.FOLDER / "boundaries.json").read_text(encoding="utf-8"))["rings"]
    return {
        code: Path.make_compound_path(*(Path(equal_area_mm(*np.transpose(ring)), closed=True) for ring in rings[code]))
        for code in sorted(rings, key=lambda code: (code != "other", code == "VEN"))
    }


def _draw_land(axes: Axes, scale: float) -> None:
    usual: dict[str, Any] = {"facecolor": LAND, "edgecolor": "white", "linewidth": 0.5}
    venezuela = {"facecolor": "white", "edgecolor": rcParams["text.color"], **_DASHED}
    looks = {"other": usual | {"facecolor": OTHER_LAND}, "VEN": venezuela}
    for code, outline in _land().items():
        axes.add_patch(PathPatch(outline.transformed(Affine2D().scale(scale)), **looks.get(code, usual)))


def _draw_marks(axes: Axes, parts: Sequence[Part], colour: str, scale: float) -> list[_Mark]:
    """Draw the circles, the largest first, and what stands for those without a value."""
    largest = max((part.value for part in parts if part.value > 0), default=1)
    widest_mm = LARGEST_COUNTRY_MM if any(part.key in COUNTRIES for part in parts) else LARGEST_RADIUS_MM
    marks = []
    for part in parts:
        longitude, latitude, sides = _places()[part.key]
        x, y = equal_area_mm(longitude, latitude) * scale
        radius = MARK_RADIUS_MM
        if part.value > 0:
            radius = max(widest_mm * scale * sqrt(part.value / largest), LEAST_RADIUS_MM)
        marks.append(_Mark(part, sides, float(x), float(y), radius))
    ink = rcParams["text.color"]
    for part, _, x, y, radius in sorted(marks, key=lambda mark: -mark.radius):
        if part.value > 0:
            look: dict[str, Any] = {"facecolor": colour, "edgecolor": "white", "linewidth": 0.7}
            axes.add_patch(Circle((x, y), radius, gid=pictures.tip(part.label, part.text), **look))
        elif part.state == "withheld":
            axes.add_patch(Circle((x, y), radius, facecolor="white", edgecolor=ink, **_DASHED))
        elif part.state != "no_report":
            axes.plot([x - radius, x + radius], [y, y], color=ink, linewidth=1.4)
    return marks


def _draw_label(axes: Axes, mark: _Mark, *, marks: Sequence[_Mark], taken: Sequence[Floats]) -> list[Floats]:
    """Write the label at the first free place beside its circle, else further off with a line; the boxes they fill."""
    label, text = mark.part.label, mark.part.text
    first, _, last = label.rpartition(" ")
    is_long = len(label) > LONGEST_LINE
    two_lines = [(first, ""), (last, text)] if is_long and first else [(label, ""), ("", text)]
    layouts = [two_lines] if is_long else [[(label, text)], two_lines]
    sizes = [(max(_line_mm(*line) for line in lines), BLOCK_MM + LINE_MM * (len(lines) - 1)) for lines in layouts]
    for far in (False, True):
        choices = _choices(len(mark.sides), len(layouts), far)
        boxes = _boxes(mark, sizes, choices, paper.size_mm(axes)[0])
        lines = _lines(boxes, mark) if far else np.empty((len(boxes), 0, 2))
        faults = _faults(boxes, lines, mark, marks, taken, paper.size_mm(axes))
        best = int(np.argmin(faults + _clearance(boxes, mark) / 1000 if far else faults))  # of those, the nearest
        if not faults[best]:
            break
    left, _, right, top = boxes[best]
    look = {"color": rcParams["xtick.color"]}
    for number, (name, value) in enumerate(layouts[int(choices[best][1])]):
        width = _line_mm(name, value)
        x, y = right - width if right < mark.x else left, top - ASCENT_MM - LINE_MM * number
        # Anchored where they meet, name and value keep apart in any font
        if name:
            axes.text(x + paper.width_of(name, weight=600), y, name, weight=600, ha="right")
        if value:
            axes.text(x + width - paper.width_of(value), y, value, **look)
    if not far:
        return [boxes[best]]
    axes.plot(*lines[best][[0, -1]].T, linewidth=0.5, **look)
    return [boxes[best], *np.hstack([lines[best], lines[best]])]


def _line_mm(name: str, value: str) -> float:
    return paper.width_of(name, weight=600) + paper.width_of(value) + (SPACE_MM if name and value else 0)


@cache
def _choices(sides: int, layouts: int, far: bool) -> Floats:
    """Side, layout, mm away from the circle, mm along it: the least effort first."""
    away, along = (range(3, 60), range(-40, 41, 4)) if far else (range(9), range(-7, 8))
    every = product(range(sides), range(layouts), away, along)
    return np.array(sorted(every, key=lambda choice: 4 * choice[0] + 3 * choice[1] + 1.5 * choice[2] + abs(choice[3])))


def _boxes(mark: _Mark, sizes: Sequence[tuple[float, float]], choices: Floats, paper_mm: float) -> Floats:
    """The box of the label for every choice, a row each: left, foot, right, top."""
    side, layout, away, along = choices.T
    sides, reach = np.array(mark.sides)[side.astype(int)], mark.radius + away
    width, height = np.array(sizes)[layout.astype(int)].T
    middle = (ASCENT_MM - CAPITAL_MM + height - DESCENT_MM) / 2  # of the capitals, from the top
    centred = np.clip(mark.x - width / 2 + along, EDGE_MM, paper_mm - EDGE_MM - width)
    is_left, is_right, is_below = (sides == name for name in ("left", "right", "below"))
    left = np.select([is_left, is_right], [mark.x - reach - GAP_MM - width, mark.x + reach + GAP_MM], centred)
    top = np.select([is_left | is_right, is_below], [mark.y + middle + along, mark.y - reach], mark.y + reach + height)
    return np.stack([left, top - height, left + width, top], axis=-1)


def _nearest(boxes: Floats, mark: _Mark) -> Floats:
    """The way from the middle of a circle to the nearest point of each box."""
    return np.clip([mark.x, mark.y], boxes[:, :2], boxes[:, 2:]) - [mark.x, mark.y]


def _clearance(boxes: Floats, mark: _Mark) -> Floats:
    """The way from each box to the circle in mm, negative where they meet."""
    away: Floats = np.linalg.norm(_nearest(boxes, mark), axis=-1)
    return away - mark.radius


def _lines(boxes: Floats, mark: _Mark) -> Floats:
    """Points on the way from the edge of the circle to each box."""
    ways = _nearest(boxes, mark)
    edge = mark.radius / np.maximum(np.linalg.norm(ways, axis=-1), mark.radius)[:, None, None]
    points: Floats = [mark.x, mark.y] + ways[:, None] * (edge + np.linspace(0, 1, 13)[:, None] * (1 - edge))
    return points


def _faults(
    boxes: Floats,
    lines: Floats,
    mark: _Mark,
    marks: Sequence[_Mark],
    taken: Sequence[Floats],
    size: tuple[float, float],
) -> NDArray[np.int_]:
    """How many things each box, and the line to one that is far off, would run into, or be mistaken for."""
    feet, tops, gap = boxes[:, :2], boxes[:, 2:], GAP_MM / 3
    outside = (feet < EDGE_MM) | (tops > np.array(size) - EDGE_MM)
    faults = np.array(WORSE * outside.any(axis=1), dtype=int)
    own, doubt_mm = _clearance(boxes, mark), inf if lines.size else DOUBT_MM
    for box in taken:
        apart = (feet > box[2:] + gap) | (tops < box[:2] - gap)
        crossed = np.all((lines > box[:2]) & (lines < box[2:]), axis=2)
        faults += WORSE * ~apart.any(axis=1) + crossed.any(axis=1)
    for other in marks:
        clearance = _clearance(boxes, other)
        radius = other.radius if other is not mark else 0
        crossed = np.linalg.norm(lines - [other.x, other.y], axis=-1) < radius
        faults += WORSE * (clearance < 0) + (crossed.any(axis=1) | (own > clearance + doubt_mm))
    return faults
