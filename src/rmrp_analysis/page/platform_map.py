"""Draws the map of a key-figures sheet: a circle of people reached for each platform."""

import json
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import cos, hypot, inf, radians, sin, sqrt
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.patches import Circle as Disc
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from numpy.typing import ArrayLike, NDArray

from rmrp_analysis.page import charts
from rmrp_analysis.page.charts import LAND, OTHER_LAND, REACHED, State

Side: TypeAlias = Literal["left", "right", "above", "below"]

WIDTH_MM, HEIGHT_MM = 72.7, 82.0
CENTRE_LONGITUDE, CENTRE_LATITUDE = -72.0, -12.0
CENTRE_MM = (36.1, 42.6)  # where the centre lies, from the bottom left
EARTH_RADIUS_MM = 51.0  # 6371 km at 1 : 125 million

LARGEST_RADIUS_MM, LEAST_RADIUS_MM = 6.5, 0.6
MARK_RADIUS_MM = 0.8  # the ring of a withheld number, half the dash of a zero
GAP_MM = 0.9  # between a circle and its label
LINE_MM, ASCENT_MM, DESCENT_MM, CAPITAL_MM = 4.0, 2.97, 0.98, 1.95  # of type of 8.4 pt
SPACE_MM = 0.9  # between name and value
DOUBT_MM = 2.0  # nearer than its own circle by more than this, another would seem meant
EDGE_MM = 0.8  # free along the frame
LONGEST_LINE = 18  # characters; a longer name breaks before its last word
VENEZUELA_MM = (46.9, 61.0)  # where its name begins
VENEZUELA_CORE = ((-70, -61.5), (4, 10.3))  # degrees of longitude and latitude no label should cover


@dataclass(frozen=True)
class Circle:
    """One platform: its canonical name, its name to print, people reached (None when not shown), their text."""

    platform: str
    label: str
    people: float | None
    text: str
    state: State


@dataclass(frozen=True)
class _Place:
    """Where a platform's circle stands (degrees), and which sides suit its label, the best first."""

    longitude: float
    latitude: float
    sides: tuple[Side, ...]


@dataclass(frozen=True)
class _Mark:
    """A circle as drawn, in millimetres."""

    circle: Circle
    sides: tuple[Side, ...]
    x: float
    y: float
    radius: float


class _Box(NamedTuple):
    """What a text fills, in millimetres."""

    x0: float
    y0: float
    x1: float
    y1: float

    def touches(self, other: "_Box") -> bool:
        gap = GAP_MM / 3
        beside = self.x1 + gap < other.x0 or other.x1 + gap < self.x0
        return not (beside or self.y1 + gap < other.y0 or other.y1 + gap < self.y0)


@dataclass(frozen=True)
class _Line:
    """One line of a label: a part of the name, then the value or nothing."""

    name: str
    value: str
    name_mm: float
    value_mm: float

    @property
    def width_mm(self) -> float:
        return self.name_mm + self.value_mm + (SPACE_MM if self.name and self.value else 0)


_DASHED = {"linewidth": 0.7, "linestyle": (0, (1.6, 1.2))}
_PLACES = {  # in the order their labels are placed
    "Central America & Mexico": _Place(-101.5, 22.3, ("below", "above", "right", "left")),
    "Colombia": _Place(-73.8, 3.5, ("left", "above", "right", "below")),
    "Ecuador": _Place(-79.3, -1.9, ("left", "below", "above", "right")),
    "Peru": _Place(-75.6, -10.5, ("left", "below", "right", "above")),
    "Chile": _Place(-71.9, -33.8, ("left", "below", "above", "right")),
    "Caribbean": _Place(-66.6, 16.2, ("right", "above", "left", "below")),
    "Brazil": _Place(-52.4, -10.5, ("below", "above", "right", "left")),
    "Southern Cone": _Place(-64.6, -31.7, ("right", "below", "above", "left")),
}


def platform_circles(circles: Sequence[Circle], *, caption: str, venezuela: str) -> Axes:
    """A map of the response countries with circles for platforms, 72.7 × 82 mm.

    A circle's area is its platform's people reached against the largest, of radius 6.5 mm; none
    is smaller than 0.6 mm. A withheld number is a small dashed ring, a reported zero a short
    dash, no report has no mark. `venezuela` is printed beside Venezuela, which is no response
    country; `caption` at the bottom left. Lambert azimuthal equal-area at 72° W 12° S, axes in mm.
    Labels keep clear of each other, of the circles, of the frame. Raises KeyError for a platform
    that has no place here, such as Regional.
    """
    with charts.sheet_style():
        axes = charts.blank_axes(WIDTH_MM, HEIGHT_MM)
        axes.set_axis_off()
        _draw_land(axes)
        taken = [*_draw_venezuela(axes, venezuela), _draw_caption(axes, caption)]
        marks = _marks(circles)
        for mark in sorted(marks, key=lambda mark: -mark.radius):
            _draw_mark(axes, mark)
        for mark in sorted(marks, key=lambda mark: list(_PLACES).index(mark.circle.platform)):
            taken.append(_draw_label(axes, mark, marks=marks, taken=taken))
    return axes


def equal_area_mm(longitude: ArrayLike, latitude: ArrayLike) -> NDArray[np.float64]:
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
    """Land in mm by ISO 3166 code, what is no response country under "other"."""
    rings = json.loads((charts.THEME / "boundaries.json").read_text(encoding="utf-8"))["rings"]
    return {
        code: Path.make_compound_path(*(Path(equal_area_mm(*np.transpose(ring)), closed=True) for ring in outlines))
        for code, outlines in rings.items()
    }


def _draw_land(axes: Axes) -> None:
    for code, outline in sorted(_land().items(), key=lambda land: land[0] != "other"):
        colour = OTHER_LAND if code == "other" else LAND
        if code != "VEN":
            axes.add_patch(PathPatch(outline, facecolor=colour, edgecolor="white", linewidth=0.5))
    axes.add_patch(PathPatch(_land()["VEN"], facecolor="white", edgecolor=rcParams["text.color"], **_DASHED))


def _draw_venezuela(axes: Axes, name: str) -> list[_Box]:
    x, y = VENEZUELA_MM
    text = axes.text(x, y, name, style="italic", color=rcParams["xtick.color"])
    (left, bottom), (right, top) = equal_area_mm(*VENEZUELA_CORE)
    return [_block(x, y + ASCENT_MM, charts.text_width_mm(text), 1), _Box(left, bottom, right, top)]


def _draw_caption(axes: Axes, caption: str) -> _Box:
    lines = _balanced_lines(caption)
    x, bottom = EDGE_MM, DESCENT_MM
    texts = [
        axes.text(x, bottom + LINE_MM * below, line, color=rcParams["xtick.color"], size=8)
        for below, line in enumerate(reversed(lines))
    ]
    top = bottom + LINE_MM * (len(lines) - 1) + ASCENT_MM
    return _block(x, top, max(map(charts.text_width_mm, texts), default=0), len(lines))


def _balanced_lines(caption: str) -> list[str]:
    """The caption's own lines or, if it has but one, two of about the same length."""
    if "\n" in caption:
        return caption.splitlines()
    narrowest = range(1, len(caption) + 2)
    wrapped = (textwrap.wrap(caption, width, break_long_words=False) for width in narrowest)
    return next(lines for lines in wrapped if len(lines) <= 2)


def _marks(circles: Sequence[Circle]) -> list[_Mark]:
    largest = max((circle.people or 0 for circle in circles), default=0)
    return [_mark(circle, largest) for circle in circles]


def _mark(circle: Circle, largest: float) -> _Mark:
    place = _PLACES[circle.platform]
    x, y = equal_area_mm(place.longitude, place.latitude)
    radius = MARK_RADIUS_MM
    if circle.state == "value" and circle.people:
        radius = max(LEAST_RADIUS_MM, LARGEST_RADIUS_MM * sqrt(circle.people / largest))
    return _Mark(circle, place.sides, float(x), float(y), radius)


def _draw_mark(axes: Axes, mark: _Mark) -> None:
    ink = rcParams["text.color"]
    if mark.circle.state == "value":
        axes.add_patch(Disc((mark.x, mark.y), mark.radius, facecolor=REACHED, edgecolor="white", linewidth=0.7))
    elif mark.circle.state == "withheld":
        axes.add_patch(Disc((mark.x, mark.y), mark.radius, facecolor="white", edgecolor=ink, **_DASHED))
    elif mark.circle.state == "zero":
        axes.plot([mark.x - mark.radius, mark.x + mark.radius], [mark.y, mark.y], color=ink, linewidth=1.4)


def _draw_label(axes: Axes, mark: _Mark, *, marks: Sequence[_Mark], taken: Sequence[_Box]) -> _Box:
    """Write the label at the first free place beside its circle; the box it fills."""
    one_line = [_line(axes, mark.circle.label, mark.circle.text)]
    two_lines = [_line(axes, *words) for words in _broken(mark.circle)]
    layouts = [two_lines] if len(mark.circle.label) > LONGEST_LINE else [one_line, two_lines]
    places = list(_label_places(mark, layouts))
    faults = (_faults(box, mark, marks, taken) for _, box in places)
    lines, box = places[_first_least(faults)]
    _write(axes, lines, box, align_right=box.x1 < mark.x)
    return box


def _first_least(faults: Iterable[int]) -> int:
    """The position of the first zero or, if there is none, of the first least number."""
    least, position = inf, 0
    for at, number in enumerate(faults):
        if number < least:
            least, position = number, at
        if not number:
            break
    return position


def _broken(circle: Circle) -> list[tuple[str, str]]:
    first, _, last = circle.label.rpartition(" ")
    if len(circle.label) > LONGEST_LINE and first:
        return [(first, ""), (last, circle.text)]
    return [(circle.label, ""), ("", circle.text)]


def _line(axes: Axes, name: str, value: str) -> _Line:
    return _Line(name, value, _width_mm(axes, name, weight=600), _width_mm(axes, value, weight=400))


def _width_mm(axes: Axes, words: str, *, weight: int) -> float:
    text = axes.text(0, 0, words, weight=weight)
    width = charts.text_width_mm(text)
    text.remove()
    return width


def _label_places(mark: _Mark, layouts: Sequence[Sequence[_Line]]) -> Iterator[tuple[Sequence[_Line], _Box]]:
    """Boxes beside the circle, the best first: its best side, on one line, close by."""
    for side, layout, away, along in _choices(len(mark.sides), len(layouts)):
        lines = layouts[layout]
        width = max(line.width_mm for line in lines)
        yield lines, _beside(mark, mark.sides[side], width, len(lines), away, along)


@cache
def _choices(sides: int, layouts: int) -> list[tuple[int, int, int, int]]:
    """Side, layout, mm away from the circle, mm along it: the least effort first."""
    return sorted(product(range(sides), range(layouts), range(9), range(-7, 8)), key=_effort)


def _effort(choice: tuple[int, int, int, int]) -> float:
    side, layout, away, along = choice
    return 4 * side + 3 * layout + 1.5 * away + abs(along)


def _beside(mark: _Mark, side: Side, width: float, lines: int, away: float, along: float) -> _Box:
    height = ASCENT_MM + DESCENT_MM + LINE_MM * (lines - 1)
    reach = mark.radius + away
    if side in ("left", "right"):
        x = mark.x - reach - GAP_MM - width if side == "left" else mark.x + reach + GAP_MM
        middle = (ASCENT_MM - CAPITAL_MM + height - DESCENT_MM) / 2  # of the capitals, from the top
        return _block(x, mark.y + middle + along, width, lines)
    x = min(max(mark.x - width / 2 + along, EDGE_MM), WIDTH_MM - EDGE_MM - width)
    return _block(x, mark.y - reach if side == "below" else mark.y + reach + height, width, lines)


def _block(x: float, top: float, width: float, lines: int) -> _Box:
    return _Box(x, top - ASCENT_MM - DESCENT_MM - LINE_MM * (lines - 1), x + width, top)


def _faults(box: _Box, mark: _Mark, marks: Sequence[_Mark], taken: Sequence[_Box]) -> int:
    """How many things the label would run into, or be mistaken for."""
    cut = min(box) < EDGE_MM or box.x1 > WIDTH_MM - EDGE_MM or box.y1 > HEIGHT_MM - EDGE_MM
    own = _clearance(box, mark)
    return (
        2 * cut
        + sum(2 * box.touches(other) for other in taken)
        + sum(_clearance(box, other) < 0 or own > _clearance(box, other) + DOUBT_MM for other in marks)
    )


def _clearance(box: _Box, mark: _Mark) -> float:
    """The way from the box to the circle in mm, negative where they meet."""
    beside = max(box.x0 - mark.x, mark.x - box.x1, 0)
    above = max(box.y0 - mark.y, mark.y - box.y1, 0)
    return hypot(beside, above) - mark.radius


def _write(axes: Axes, lines: Sequence[_Line], box: _Box, *, align_right: bool) -> None:
    for number, line in enumerate(lines):
        x = box.x1 - line.width_mm if align_right else box.x0
        y = box.y1 - ASCENT_MM - LINE_MM * number
        # Anchored where they meet, name and value keep apart in any font
        if line.name:
            axes.text(x + line.name_mm, y, line.name, weight=600, ha="right")
        if line.value:
            axes.text(x + line.width_mm - line.value_mm, y, line.value, color=rcParams["xtick.color"])
