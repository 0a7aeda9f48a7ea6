"""Draws the map of the response countries, of a platform or of a country, with a circle for each of its places."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from math import inf, log10, sqrt
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from rmrp_analysis import numbers
from rmrp_analysis.charts import sheet_axes, text_layout
from rmrp_analysis.charts.base_maps import INSET_MM, WIDTH_MM, Floats, Ground, Spot, ground_of, has_map_of, is_on_map
from rmrp_analysis.charts.chart_tables import ChartFormatter, Part, Table, Unit
from rmrp_analysis.charts.matplotlib_style import hex_of
from rmrp_analysis.charts.svg_sketch import WHITE, Area, Box, Disc, Label, Line, Look, Sketch, look_of_doubt
from rmrp_analysis.errors import RequestError, in_sentences
from rmrp_analysis.packs import pack
from rmrp_analysis.theme import pictures
from rmrp_analysis.vocabulary import COUNTRIES, NOT_SPECIFIED, REGION, REGIONAL
from rmrp_analysis.words import N_

LARGEST_RADIUS_MM, LARGEST_COUNTRY_MM = 6.5, 4.5  # radius of the largest circle, where there are countries or admin1
LEAST_RADIUS_MM = 0.6
HATCHED_RADIUS_MM = 1.4  # of the circle in the key that shows what is hatched
GAP_MM = 0.9  # between a circle and its label
LINE_MM, CAPITAL_MM = 4.0, 1.95  # of type of 8.4 pt
BLOCK_MM = text_layout.ASCENT_MM + text_layout.DESCENT_MM  # one line
SPACE_MM = 0.9  # between name and value
DOUBT_MM = 2.0  # nearer than its own circle by more than this, another would seem meant
CAPTION_PT, CAPTION_MM = 8.0, 32.0
KEY_ROW_MM, BESIDE_KEY_MM = 4.0, 3.5  # between the lines of the key, and between what stands side by side
BEND_MM = 1.4  # the way in which a line of the key may rise or fall to its value
WORSE = 20  # how much worse it is to cover something than to cross it with a line
EDGE_MM = 0.8  # free along the frame
LONGEST_LINE = 18  # characters; a longer name breaks before its last word
MOST_NAMES = 8  # of more places, only those have a name whose value is written
FIRST_CHOICES = 60
NO_PLACE = (NOT_SPECIFIED, REGIONAL)
_UPPER = product(np.linspace(0.03, 0.95, 9), (0.6, 0.85))
_LOWER = product(np.linspace(0.03, 0.5, 5), (0.15, 0.4))
GRID_OF_LABEL = np.array([*_UPPER, *_LOWER])  # places in a label's box, as shares of it
BESIDE_CIRCLE_MM = 0.15  # kept free beside the circle of another place, for letters a little wider than measured


@in_sentences
def circles_map(
    table: Table,
    *,
    within: str = "",
    values: int | None = None,
    ax: Axes | None = None,
    title: str = "",
    axis_label: str | None = None,
    unit: Unit | None = None,
    decimals: int | None = None,
    language: str | None = None,
    labels: Mapping[str, str] | None = None,
    color: str = "",
    highlight: str | Sequence[str] = (),
    width_mm: float = WIDTH_MM,
) -> Axes:
    """A map 72.7 mm wide with a circle for each place: platforms or countries (ISO 3166 alpha-3) of the region.

    A table of ``Page.table`` is drawn within the place of its page, and what has no place there is left out, which the
    page says. ``map`` is another name of this chart. What is not said here is an option of all charts.

    A circle's area is its part's value against the largest, of radius 6.5 mm (of countries and admin1 4.5 mm); none is
    smaller than 0.6 mm. A key shows two circles. Few people are an open circle, which the key explains; what is in
    doubt of a number is hatched around the rest, which the key explains, too; a zero and a part without a report have
    no mark. Far islands stand in a box nearer to the coast, where there is something on them. A country aside, which is
    none of the plan's (at R4V Venezuela), is named where no circle hides it. Labels keep clear of each other, of the
    circles and of the frame; the axis label stands at the bottom left. Lambert azimuthal equal-area about the middle of
    the map, axes in millimetres. ``map/places.csv`` of the plan pack says where platforms and countries have their
    circle and which sides suit the label, the best first; ``map/admin1.json`` holds the outlines of admin1.

    Args:
        table: Of platforms or countries (ISO 3166 alpha-3); within one country, of its admin1 by name in any spelling.
        within: A platform of several countries, which it then shows; or one country (``Peru``, ``PER``).
        values: How many of the largest have their value beside them, by default all; of more than eight places only
            those are named.

    Raises:
        RequestError: The pack has no such map, or a part has no place there.

    >>> import pandas as pd
    >>> axes = rmrp.charts.map(pd.Series({"Peru": 296_000, "Brazil": 121_000}))
    >>> circles = [each for each in axes.patches if hasattr(each, "radius")]
    >>> [round(circle.radius, 2) for circle in circles][:2]
    [6.5, 4.16]
    """
    formatter = ChartFormatter.of(table, unit, language, labels, decimals, color=color, highlight=highlight)
    of_page = table.attrs.get("place", "")
    place = within or of_page or REGION
    parts, left_out = formatter.parts(), list[str]()
    if of_page and not within:
        placed = [part for part in parts if is_on_map(part.key, place)]
        left_out = [part.label for part in parts if part not in placed and part.key not in NO_PLACE and part.value > 0]
        if not any(part.value > 0 for part in placed):  # there is nothing to show on it
            return sheet_axes.sketched(
                "map", Sketch, [], formatter, ax=ax, size_mm=(WIDTH_MM, LARGEST_RADIUS_MM), title=title
            )
        parts = placed
    ground = ground_of(place)
    if without_place := ", ".join(repr(part.key) for part in parts if ground.spot(part.key) is None):
        regional = "platforms and countries (ISO 3166 alpha-3), with within='Peru' the admin1 of Peru"
        shown = regional if place == REGION else f"places in {place}"
        advice = f"it shows {shown}: leave other parts out with table.drop([...])"
        raise RequestError(f"the map has no place for {without_place}; {advice}")
    caption = N_("Circle area =\npeople reached") if formatter.unit == "people" else N_("Circle area =\n{unit}")
    caption = formatter.translate(caption, unit=formatter.unit_name)
    if not any(part.value > 0 and part.state != "few" for part in parts):
        caption = ""  # there is no circle to explain
    drawn = _Map(parts, ground, place, values, caption if axis_label is None else axis_label, formatter)
    size_mm = width_mm, ground.height_mm * width_mm / WIDTH_MM
    return sheet_axes.sketched(
        "map", drawn.sketch, parts, formatter, ax=ax, size_mm=size_mm, title=title, left_out=left_out
    )


def keep_map(within: str) -> None:
    """Make what every map of a place has, if there is one; this process and its forks keep it."""
    if has_map_of(within):
        ground_of(within).is_land(np.zeros(2))
        sheet_axes.svg(circles_map(pd.Series(dtype=float), within=within))


class _Mark(NamedTuple):
    """A circle as drawn, in millimetres, and where it stands."""

    part: Part
    spot: Spot
    x: float
    y: float
    radius: float

    def ways(self, boxes: Floats) -> Floats:
        """The way from the middle of the circle to the nearest point of each box."""
        return np.clip([self.x, self.y], boxes[:, :2], boxes[:, 2:]) - [self.x, self.y]

    def clearance(self, boxes: Floats) -> Floats:
        """The way from each box to the circle in mm, negative where they meet."""
        away: Floats = np.linalg.norm(self.ways(boxes), axis=-1)
        return away - self.radius

    def lines(self, boxes: Floats) -> Floats:
        """Points on the way from the edge of the circle to each box."""
        ways = self.ways(boxes)
        edge = self.radius / np.maximum(np.linalg.norm(ways, axis=-1), self.radius)[:, None, None]
        points: Floats = [self.x, self.y] + ways[:, None] * (edge + np.linspace(0, 1, 13)[:, None] * (1 - edge))
        return points

    def label_boxes(self, sizes: Sequence[tuple[float, float]], choices: Floats, paper_mm: float) -> Floats:
        """The box of the label for every choice, a row each: left, foot, right, top."""
        side, layout, away, along = choices.T
        sides, reach = np.array(self.spot.sides)[side.astype(int)], self.radius + away
        width, height = np.array(sizes)[layout.astype(int)].T
        middle = (
            text_layout.ASCENT_MM - CAPITAL_MM + height - text_layout.DESCENT_MM
        ) / 2  # of the capitals, from the top
        centred = np.clip(self.x - width / 2 + along, EDGE_MM, paper_mm - EDGE_MM - width)
        is_left, is_right, is_below = (sides == name for name in ("left", "right", "below"))
        left = np.select([is_left, is_right], [self.x - reach - GAP_MM - width, self.x + reach + GAP_MM], centred)
        beside, above = self.y + middle + along, self.y + reach + height
        top = np.select([is_left | is_right, is_below], [beside, self.y - reach], above)
        return np.stack([left, top - height, left + width, top], axis=-1)


@dataclass(frozen=True)
class _Map:
    """The map of a place: its parts on their ground, so many ``values`` written, and what its circles mean."""

    parts: Sequence[Part]
    ground: Ground
    within: str
    values: int | None
    caption: str
    formatter: ChartFormatter

    def sketch(self, width_mm: float, height_mm: float) -> Sketch:
        """The map on a paper of this size."""
        sketch, ground = Sketch(width_mm, height_mm), self.ground
        scale = min(width_mm / WIDTH_MM, height_mm / ground.height_mm)
        shift = (width_mm - WIDTH_MM * scale) / 2  # a smaller map has room for labels on both sides
        boxes = self.draw_land(sketch, scale, shift)
        marks = self.draw_marks(sketch, scale, shift)
        taken = [clear * scale + [shift, 0, shift, 0] for clear in ground.clear]
        if self.within == REGION and (aside := pack.about().aside):
            # Its name stands where no circle hides it, and no label ever.
            name, (x, y) = (
                self.formatter.translate(aside.name),
                np.multiply(aside.name_mm, scale) + np.array([shift, 0]),
            )
            right = x + text_layout.width_of(name, style="italic")
            taken.append(np.array([x, y - text_layout.DESCENT_MM, right, y + text_layout.ASCENT_MM]))
            if all(mark.clearance(taken[-1][None])[0] > 0 for mark in marks):
                sketch.add(Label(x, y, name, hex_of("muted"), style="italic"))
        taken += [*self.draw_key(sketch, marks), *boxes.values()]
        largest = sorted(marks, key=lambda mark: -mark.part.value)[: self.values]
        first = [mark.part.key for mark in largest] if ground.country else list(ground.spots)
        order = {key: number for number, key in enumerate(first)}
        for mark in sorted(marks, key=lambda mark: order.get(mark.part.key, len(order))):
            box = boxes.get(mark.part.key)
            if mark in largest or len(marks) <= MOST_NAMES or box is not None:
                named = mark if mark in largest else mark._replace(part=replace(mark.part, text=""))
                if box is not None:  # its name tells what the box is
                    (x, y), high = (box[:2] + box[2:]) / 2, float(box[3] - box[1])
                    spot = replace(mark.spot, sides=("above", "below"))
                    named = named._replace(x=float(x), y=float(y), radius=high / 2, spot=spot)
                taken += self.draw_label(sketch, named, marks, taken, scale, shift)
        return sketch

    def draw_land(self, sketch: Sketch, scale: float, shift: float) -> dict[str, Floats]:
        """Draw the land, and boxes around far islands where they were moved and have something; the boxes by place."""
        looks = {
            "land": Look(hex_of("land"), WHITE, 0.5),
            "other": Look(hex_of("other-land"), WHITE, 0.5),
            "aside": Look(WHITE, hex_of("ink"), 0.7, (1.6, 1.2)),
        }
        keys = [part.key for part in self.parts if part.value > 0]
        moved = {key: path for key in keys if (path := self.ground.moved(key))}
        for kind, outline in (*self.ground.land, *(("land", path) for path in moved.values())):
            if np.size(outline.vertices):  # a place may be drawn within another
                is_kept = scale == 1 and not shift
                path = outline if is_kept else outline.transformed(Affine2D().scale(scale).translate(shift, 0))
                sketch.add(Area(path, looks[kind], is_kept=is_kept))
        extents = {key: path.get_extents().padded(INSET_MM).extents for key, path in moved.items()}
        boxes = {key: np.multiply(extent, scale) + np.array([shift, 0, shift, 0]) for key, extent in extents.items()}
        for west, south, east, north in boxes.values():
            sketch.add(Box(west, south, east - west, north - south, _thin()))
        return boxes

    def draw_marks(self, sketch: Sketch, scale: float, shift: float) -> list[_Mark]:
        """Draw the circles of places where there is something, the largest first."""
        shown = [part for part in self.parts if part.value > 0]
        largest = max((part.value for part in shown), default=1)
        small = self.ground.country or any(part.key in COUNTRIES for part in self.parts)
        widest_mm = (LARGEST_COUNTRY_MM if small else LARGEST_RADIUS_MM) * scale
        marks = []
        for part in shown:
            spot = self.ground.spot(part.key)
            assert spot is not None  # noqa: S101 - parts without a place are refused before
            radius_mm = 0 if part.state == "few" else widest_mm * sqrt(part.value / largest)
            marks.append(_Mark(part, spot, spot.x * scale + shift, spot.y * scale, max(radius_mm, LEAST_RADIUS_MM)))
        for mark in sorted(marks, key=lambda mark: -mark.radius):
            tip = pictures.tip(mark.part.label, mark.part.text)
            colour = self.formatter.colour(mark.part.key, mark.part.label)
            sketch.add(Disc(mark.x, mark.y, mark.radius, self.look_of(mark.part, colour), tip))
            firm_mm = mark.radius * sqrt(1 - mark.part.doubt)
            if (
                mark.part.doubt and colour != hex_of("land") and firm_mm >= LEAST_RADIUS_MM
            ):  # what is not in doubt of it
                sketch.add(Disc(mark.x, mark.y, firm_mm, Look(colour), tip))
        return marks

    def look_of(self, part: Part, colour: str) -> Look:
        """How a circle looks: that of few people is open, that of people in doubt hatched."""
        if part.doubt and colour != hex_of("land"):
            return look_of_doubt(colour)
        if colour == hex_of("land"):  # not highlighted, and to be seen on land
            return Look(hex_of("muted"), WHITE, 0.7, opacity=0.5)
        return Look(WHITE, colour, 0.7) if part.state == "few" else Look(colour, WHITE, 0.7)

    def draw_key(self, sketch: Sketch, marks: Sequence[_Mark]) -> list[Floats]:
        """What the circles mean, two of them in size, and the open one of few people; the boxes they fill.

        In the sea at the left of the region one above the other, else side by side at the foot.
        """
        caption, has_foot = text_layout.fitted(self.caption, CAPTION_MM, lines=3, size=CAPTION_PT), self.ground.has_foot
        rows: list[tuple[Part | None, str]] = [(None, line) for line in caption.splitlines()]
        rows += [(mark.part, mark.part.text) for mark in marks if mark.part.state == "few"][:1]
        rows += [(mark.part, self.formatter.translate("read with care")) for mark in marks if mark.part.doubt][:1]
        height = text_layout.DESCENT_MM + KEY_ROW_MM * len(rows)
        boxes = self.draw_sizes(sketch, marks, text_layout.DESCENT_MM if has_foot else height + GAP_MM)
        right = left = max((box[2] + BESIDE_KEY_MM for box in boxes if has_foot), default=EDGE_MM)
        for above, (part, text) in enumerate(reversed(rows)):
            x, y = left, text_layout.DESCENT_MM + KEY_ROW_MM * above
            if part:
                radius = HATCHED_RADIUS_MM if part.doubt else LEAST_RADIUS_MM
                x += radius
                sketch.add(Disc(x, y + CAPITAL_MM / 2, radius, self.look_of(part, self.formatter.colour())))
                x += radius + GAP_MM
            sketch.add(Label(x, y, text, hex_of("muted"), size=CAPTION_PT))
            right = max(right, x + text_layout.width_of(text, size=CAPTION_PT))
        return [*boxes, np.array([left, 0, right, height])]

    def draw_sizes(self, sketch: Sketch, marks: Sequence[_Mark], beneath: float) -> list[Floats]:
        """Two open circles that stand in each other on one foot, each with a line from its top to its value.

        Lines run level until they have left the larger circle; where the tops are nearer to each other than two lines
        of text, both values give way alike. Returns the box that all of it fills.

        Their values are round: at most the largest, and at most a quarter of that; none is of fewer people than counts
        are rounded to.
        """
        formatter, largest = self.formatter, max(marks, key=lambda mark: mark.part.value, default=None)
        if largest is None or largest.part.state == "few":
            return []
        first = _round_below(largest.part.value)
        values = [first, _round_below(first / 4)]
        sizes = [
            (
                numbers.rounded(value, formatter.unit, formatter.language),
                largest.radius * sqrt(value / largest.part.value),
            )
            for value in values
            if formatter.unit != "people" or value >= formatter.base
        ]
        if not sizes:
            return []
        colour, widest = hex_of("muted"), sizes[0][1]
        middle, side = EDGE_MM + widest, EDGE_MM + 2 * widest
        end = side + BEND_MM
        tops = [beneath + 2 * radius for _, radius in sizes]
        apart = max(0.0, KEY_ROW_MM - (tops[0] - tops[-1])) / 2 if len(tops) > 1 else 0.0
        lowest = max(0.0, CAPITAL_MM / 2 - (tops[-1] - apart))
        ends = [top + shift + lowest for top, shift in zip(tops, (apart, -apart), strict=False)]
        for (text, radius), top, level in zip(sizes, tops, ends, strict=True):
            sketch.add(
                Disc(middle, beneath + radius, radius, Look(edge=colour, width=0.7)),
                Line([(middle, top), (side, top)], _thin()),
                Line([(side, top), (end, level)], _thin()),
                Label(end + GAP_MM / 2, level - CAPITAL_MM / 2, text, colour, size=CAPTION_PT),
            )
        width = max(text_layout.width_of(text, size=CAPTION_PT) for text, _ in sizes)
        return [np.array([EDGE_MM, 0, end + GAP_MM + width, max(ends) + text_layout.ASCENT_MM])]

    def draw_label(
        self, sketch: Sketch, mark: _Mark, marks: Sequence[_Mark], taken: Sequence[Floats], scale: float, shift: float
    ) -> list[Floats]:
        """Write the label at the first free place beside its circle, else further off with a line; what it fills."""
        label, text = mark.part.label, mark.part.text
        first, _, last = label.rpartition(" ")
        is_long = len(label) > LONGEST_LINE
        two_lines = [(first, ""), (last, text)] if is_long and first else [(label, ""), ("", text)]
        layouts = [two_lines, [(label, text)]] if is_long else [[(label, text)], two_lines]
        sizes = [(max(_line_mm(*line) for line in lines), BLOCK_MM + LINE_MM * (len(lines) - 1)) for lines in layouts]

        def faults_of(boxes: Floats) -> NDArray[np.int_]:
            lines = mark.lines(boxes) if far else np.empty((len(boxes), 0, 2))
            faults = _faults(boxes, lines, mark, marks, taken, (sketch.width_mm, sketch.height_mm))
            if mark.spot.at_sea:  # no point of a grid in its box lies on land; the last line of a label is a short one
                feet, tops = ((boxes[:, None, each] - [shift, 0]) / scale for each in (slice(2), slice(2, 4)))
                faults += WORSE * self.ground.is_land(feet + GRID_OF_LABEL * (tops - feet)).any(axis=1)
            return faults

        for far in (False, True):
            choices = _choices(len(mark.spot.sides), len(layouts), far)
            boxes = mark.label_boxes(sizes, choices, sketch.width_mm)
            order = np.argsort(mark.clearance(boxes), kind="stable") if far else np.arange(len(boxes))
            best, faults = _first_free(boxes, order, faults_of)
            if not faults:
                break
        left, _, right, top = map(float, boxes[best])
        muted, filled = hex_of("muted"), []
        for number, (name, value) in enumerate(layouts[int(choices[best][1])]):
            width = _line_mm(name, value)
            x, y = right - width if right < mark.x else left, top - text_layout.ASCENT_MM - LINE_MM * number
            # Anchored where they meet, name and value keep apart in any font
            if name:
                sketch.add(
                    Label(x + text_layout.width_of(name, weight=600), y, name, hex_of("ink"), "right", weight=600)
                )
            if value:
                sketch.add(Label(x + width - text_layout.width_of(value), y, value, muted))
            filled.append(np.array([x, y - text_layout.DESCENT_MM, x + width, y + text_layout.ASCENT_MM]))
        if not far and mark.clearance(boxes)[best] < DOUBT_MM:
            return filled
        (line,) = mark.lines(boxes[[best]])
        sketch.add(Line(line[[0, -1]], _thin()))
        return [*filled, *np.hstack([line, line])]


def _thin() -> Look:
    return Look(edge=hex_of("muted"), width=0.5)


def _round_below(value: float) -> float:
    """The largest of 1, 2, 5, 10, 20, 50 … that is not above a value."""
    power = 10.0 ** int(np.floor(log10(value)))
    return power * max(step for step in (1, 2, 5) if step * power <= value)


def _first_free(
    boxes: Floats, order: NDArray[np.int_], faults_of: Callable[[Floats], NDArray[np.int_]]
) -> tuple[int, int]:
    """The first box in this order without a fault, else with fewest, and its faults; most have one of the first."""
    best, fewest, start, count = -1, -1, 0, FIRST_CHOICES
    while fewest and start < len(order):
        some = order[start : start + count]
        faults = faults_of(boxes[some])
        least = int(np.argmin(faults))
        if best < 0 or faults[least] < fewest:
            best, fewest = int(some[least]), int(faults[least])
        start, count = start + count, 2 * count
    return best, fewest


def _line_mm(name: str, value: str) -> float:
    return text_layout.width_of(name, weight=600) + text_layout.width_of(value) + (SPACE_MM if name and value else 0)


@cache
def _choices(sides: int, layouts: int, far: bool) -> Floats:
    """Side, layout, mm away from the circle, mm along it: the least effort first."""
    away, along = (range(3, 60), range(-40, 41, 4)) if far else (range(9), range(-7, 8))
    every = product(range(sides), range(layouts), away, along)
    return np.array(sorted(every, key=lambda choice: 4 * choice[0] + 3 * choice[1] + 1.5 * choice[2] + abs(choice[3])))


def _faults(
    boxes: Floats,
    lines: Floats,
    mark: _Mark,
    marks: Sequence[_Mark],
    taken: Sequence[Floats],
    size: tuple[float, float],
) -> NDArray[np.int_]:
    """How many things each box, and the line to one that is far off, would run into, or be mistaken for."""
    (left, bottom, right, top), (width, height), gap = boxes.T, size, GAP_MM / 3
    x, y = lines[..., 0], lines[..., 1]
    outside = (np.minimum(left, bottom) < EDGE_MM) | (right > width - EDGE_MM) | (top > height - EDGE_MM)
    faults = np.array(WORSE * outside, dtype=int)
    own, doubt_mm = mark.clearance(boxes), inf if lines.size else DOUBT_MM
    for x0, y0, x1, y1 in taken:
        apart = (left > x1 + gap) | (bottom > y1 + gap) | (right < x0 - gap) | (top < y0 - gap)
        crossed = (x > x0) & (x < x1) & (y > y0) & (y < y1)
        faults += WORSE * ~apart + crossed.any(axis=1)
    for other in marks:
        clearance = other.clearance(boxes)
        radius, beside = (other.radius, BESIDE_CIRCLE_MM) if other is not mark else (0, 0)
        crossed = np.hypot(x - other.x, y - other.y) < radius
        faults += WORSE * (clearance < beside) + (crossed.any(axis=1) | (own > clearance + doubt_mm))
    return faults
