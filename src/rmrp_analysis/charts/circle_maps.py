"""Draw the map of the region, a platform or a country with a circle for each place."""

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
from rmrp_analysis.charts.base_maps import (
    INSET_MM,
    WIDTH_MM,
    BaseMap,
    Floats,
    PlaceLayout,
    has_map_of,
    is_on_map,
    load_base_map,
)
from rmrp_analysis.charts.chart_tables import ChartFormatter, DataPoint, Table, Unit, draws_table
from rmrp_analysis.charts.matplotlib_style import hex_of
from rmrp_analysis.charts.svg_sketch import WHITE, Area, Box, Disc, Label, Line, Look, Sketch, make_hatched_look
from rmrp_analysis.errors import RequestError
from rmrp_analysis.packs import pack
from rmrp_analysis.theme import pictures
from rmrp_analysis.vocabulary import NOT_SPECIFIED, REGION, REGIONAL, plan_lists
from rmrp_analysis.words import N_

MAX_RADIUS_MM, MAX_COUNTRY_RADIUS_MM = 6.5, 4.5  # radius of the largest circle, where there are countries or admin1
MIN_RADIUS_MM = 0.6
HATCHED_RADIUS_MM = 1.4  # of the circle in the key that shows what is hatched
GAP_MM = 0.9  # between a circle and its label
LINE_MM, CAPITAL_MM = 4.0, 1.95  # of type of 8.4 pt
TEXT_HEIGHT_MM = text_layout.ASCENT_MM + text_layout.DESCENT_MM  # one line
SPACE_MM = 0.9  # between name and value
MISTAKABLE_MM = 2.0  # nearer than its own circle by more than this, another would seem meant
CAPTION_PT, CAPTION_MM = 8.0, 32.0
LEGEND_LINE_MM, LEGEND_GAP_MM = 4.0, 3.5  # between the lines of the key, and between what stands side by side
LEADER_BEND_MM = 1.4  # the way in which a line of the key may rise or fall to its value
COVERING_WEIGHT = 20  # how much worse it is to cover something than to cross it with a line
EDGE_MM = 0.8  # free along the frame
MAX_LINE_LETTERS = 18  # characters; a longer name breaks before its last word
MAX_PLACES_ALL_NAMED = 8  # of more places, only those have a name whose value is written
FIRST_BATCH_SIZE = 60
CATEGORIES_WITHOUT_PLACE = (NOT_SPECIFIED, REGIONAL)
_UPPER_LINE_GRID = product(np.linspace(0.03, 0.95, 9), (0.6, 0.85))
_LOWER_LINE_GRID = product(np.linspace(0.03, 0.5, 5), (0.15, 0.4))
LABEL_GRID = np.array([*_UPPER_LINE_GRID, *_LOWER_LINE_GRID])  # places in a label's box, as shares of it
CIRCLE_MARGIN_MM = 0.15  # kept free beside the circle of another place, for letters a little wider than measured


@draws_table
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
    """Draw a map 72.7 mm wide with a circle for each place.

    A table of ``Page.table`` is drawn on the map of its page. Categories without a place there are left out, and the
    page says so. ``map`` is another name of this chart. All other arguments are options of all charts.

    The area of a circle is proportional to its value; the largest has a radius of 6.5 mm (of countries and admin1
    4.5 mm), none has less than 0.6 mm. A legend shows two circles. Few people are an open circle; the share of a number
    that is in doubt is hatched around the rest; the legend explains both. Zeros and categories without a report have no
    mark. Far islands with a value stand in a box nearer to the coast. A neighbour that is no country of the plan (at
    R4V Venezuela) is named where no circle hides it. Labels overlap neither each other nor circles nor the frame; the
    axis label stands at the bottom left. The projection is Lambert azimuthal equal-area about the middle of the map;
    axes are in millimetres. ``map/places.csv`` of the plan pack gives the position of each platform and country and the
    sides that suit its label, the best first; ``map/admin1.json`` the outlines of admin1.

    Args:
        table: Of platforms or countries (ISO 3166 alpha-3); within one country, of its admin1 by name in any spelling.
        within: The map to draw: a platform of several countries, or one country (``Peru``, ``PER``); by default the
            region.
        values: How many of the largest have their value beside them, by default all; of more than eight places only
            those are named.

    Raises:
        RequestError: The pack has no such map, or a category has no place there.

    >>> import pandas as pd
    >>> axes = rmrp.charts.map(pd.Series({"Peru": 296_000, "Brazil": 121_000}))
    >>> circles = [patch for patch in axes.patches if hasattr(patch, "radius")]
    >>> [round(circle.radius, 2) for circle in circles][:2]
    [6.5, 4.16]
    """
    formatter = ChartFormatter.for_table(table, unit, language, labels, decimals, color=color, highlight=highlight)
    page_area = table.attrs.get("place", "")
    area = within or page_area or REGION
    points, left_out = formatter.read_points(), list[str]()
    if page_area and not within:
        points_on_map = [point for point in points if is_on_map(point.key, area)]
        left_out = [
            point.label
            for point in points
            if point not in points_on_map and point.key not in CATEGORIES_WITHOUT_PLACE and point.value > 0
        ]
        if not any(point.value > 0 for point in points_on_map):  # there is nothing to show on it
            return sheet_axes.draw_sketch(
                "map", Sketch, [], formatter, ax=ax, size_mm=(WIDTH_MM, MAX_RADIUS_MM), title=title
            )
        points = points_on_map
    base_map = load_base_map(area)
    if places_missing := ", ".join(repr(point.key) for point in points if base_map.find_layout(point.key) is None):
        regional = "platforms and countries (ISO 3166 alpha-3), with within='Peru' the admin1 of Peru"
        shown = regional if area == REGION else f"places in {area}"
        advice = f"it shows {shown}: leave other parts out with table.drop([...])"
        raise RequestError(f"the map has no place for {places_missing}; {advice}")
    caption = N_("Circle area =\npeople reached") if formatter.unit == "people" else N_("Circle area =\n{unit}")
    caption = formatter.translate(caption, unit=formatter.unit_name)
    if not any(point.value > 0 and point.state != "few" for point in points):
        caption = ""  # there is no circle to explain
    circle_map = _Map(points, base_map, area, values, caption if axis_label is None else axis_label, formatter)
    size_mm = width_mm, base_map.height_mm * width_mm / WIDTH_MM
    return sheet_axes.draw_sketch(
        "map", circle_map.sketch, points, formatter, ax=ax, size_mm=size_mm, title=title, left_out=left_out
    )


def keep_map(within: str) -> None:
    """Cache what every map of an area needs, if there is one, for this process and its forks."""
    if has_map_of(within):
        load_base_map(within).is_land(np.zeros(2))
        sheet_axes.svg(circles_map(pd.Series(dtype=float), within=within))


class _Mark(NamedTuple):
    """A circle as drawn, in millimetres, with the distances that its label needs."""

    point: DataPoint
    layout: PlaceLayout
    x: float
    y: float
    radius: float

    def ways_to_boxes(self, boxes: Floats) -> Floats:
        """Return the vectors from the middle of the circle to the nearest point of each box."""
        return np.clip([self.x, self.y], boxes[:, :2], boxes[:, 2:]) - [self.x, self.y]

    def clearance_mm(self, boxes: Floats) -> Floats:
        """Return the distance from each box to the circle in mm, negative where they meet."""
        away: Floats = np.linalg.norm(self.ways_to_boxes(boxes), axis=-1)
        return away - self.radius

    def leader_points(self, boxes: Floats) -> Floats:
        """Return thirteen points on the line from the edge of the circle to each box, shape (boxes, 13, 2)."""
        ways = self.ways_to_boxes(boxes)
        edge = self.radius / np.maximum(np.linalg.norm(ways, axis=-1), self.radius)[:, None, None]
        points: Floats = [self.x, self.y] + ways[:, None] * (edge + np.linspace(0, 1, 13)[:, None] * (1 - edge))
        return points

    def label_boxes(self, sizes: Sequence[tuple[float, float]], choices: Floats, paper_mm: float) -> Floats:
        """Return the box of the label for each choice of ``_label_choices``: left, foot, right, top, a row each."""
        side, line_layout, away_mm, along_mm = choices.T
        sides, reach_mm = np.array(self.layout.sides)[side.astype(int)], self.radius + away_mm
        width, height = np.array(sizes)[line_layout.astype(int)].T
        middle = (
            text_layout.ASCENT_MM - CAPITAL_MM + height - text_layout.DESCENT_MM
        ) / 2  # of the capitals, from the top
        centred = np.clip(self.x - width / 2 + along_mm, EDGE_MM, paper_mm - EDGE_MM - width)
        is_left, is_right, is_below = (sides == name for name in ("left", "right", "below"))
        left = np.select([is_left, is_right], [self.x - reach_mm - GAP_MM - width, self.x + reach_mm + GAP_MM], centred)
        level_top, above = self.y + middle + along_mm, self.y + reach_mm + height
        top = np.select([is_left | is_right, is_below], [level_top, self.y - reach_mm], above)
        return np.stack([left, top - height, left + width, top], axis=-1)


@dataclass(frozen=True)
class _Map:
    """A map that is sketched in any size: points on their base map, and a legend under ``caption``.

    ``values`` is how many of the largest have their value written; None: all.
    """

    points: Sequence[DataPoint]
    base_map: BaseMap
    area: str
    values: int | None
    caption: str
    formatter: ChartFormatter

    def sketch(self, width_mm: float, height_mm: float) -> Sketch:
        """Sketch the map on paper of this size, circles before labels, the largest label first."""
        sketch, base_map = Sketch(width_mm, height_mm), self.base_map
        scale = min(width_mm / WIDTH_MM, height_mm / base_map.height_mm)
        shift = (width_mm - WIDTH_MM * scale) / 2  # a smaller map has room for labels on both sides
        boxes = self.draw_land(sketch, scale, shift)
        marks = self.draw_marks(sketch, scale, shift)
        filled_boxes = [clear_box * scale + [shift, 0, shift, 0] for clear_box in base_map.clear_boxes]
        if self.area == REGION and (neighbour := pack.about().aside):
            name_mm = np.multiply(neighbour.name_mm, scale) + np.array([shift, 0])
            filled_boxes.append(self.name_neighbour(sketch, neighbour.name, name_mm, marks))
        filled_boxes += [*self.draw_legend(sketch, marks), *boxes.values()]
        largest_marks = sorted(marks, key=lambda mark: -mark.point.value)[: self.values]
        label_order = [mark.point.key for mark in largest_marks] if base_map.country else list(base_map.layouts)
        rank_by_key = {key: rank for rank, key in enumerate(label_order)}
        for mark in sorted(marks, key=lambda mark: rank_by_key.get(mark.point.key, len(rank_by_key))):
            box = boxes.get(mark.point.key)
            if mark in largest_marks or len(marks) <= MAX_PLACES_ALL_NAMED or box is not None:
                labelled = mark if mark in largest_marks else mark._replace(point=replace(mark.point, text=""))
                if box is not None:  # the label of an inset stands above or below its frame
                    (x, y), high = (box[:2] + box[2:]) / 2, float(box[3] - box[1])
                    layout = replace(mark.layout, sides=("above", "below"))
                    labelled = labelled._replace(x=float(x), y=float(y), radius=high / 2, layout=layout)
                filled_boxes += self.draw_label(sketch, labelled, marks, filled_boxes, scale, shift)
        return sketch

    def name_neighbour(self, sketch: Sketch, name: str, position: Floats, marks: Sequence[_Mark]) -> Floats:
        """Write the name of a country outside the plan where no circle hides it; return its box, free of labels."""
        text, (x, y) = self.formatter.translate(name), position
        right = x + text_layout.width_of(text, style="italic")
        box = np.array([x, y - text_layout.DESCENT_MM, right, y + text_layout.ASCENT_MM])
        if all(mark.clearance_mm(box[None])[0] > 0 for mark in marks):
            sketch.add(Label(x, y, text, hex_of("muted"), style="italic"))
        return box

    def draw_land(self, sketch: Sketch, scale: float, shift: float) -> dict[str, Floats]:
        """Draw the land, and insets of far islands that have a value; return the boxes of insets by place."""
        look_by_kind = {
            "land": Look(hex_of("land"), WHITE, 0.5),
            "other": Look(hex_of("other-land"), WHITE, 0.5),
            "aside": Look(WHITE, hex_of("ink"), 0.7, (1.6, 1.2)),
        }
        keys = [point.key for point in self.points if point.value > 0]
        insets = {key: path for key in keys if (path := self.base_map.find_inset(key))}
        for kind, outline in (*self.base_map.land, *(("land", path) for path in insets.values())):
            if np.size(outline.vertices):  # a place may be drawn within another
                is_cached = scale == 1 and not shift
                path = outline if is_cached else outline.transformed(Affine2D().scale(scale).translate(shift, 0))
                sketch.add(Area(path, look_by_kind[kind], is_cached=is_cached))
        extents = {key: path.get_extents().padded(INSET_MM).extents for key, path in insets.items()}
        inset_boxes = {
            key: np.multiply(extent, scale) + np.array([shift, 0, shift, 0]) for key, extent in extents.items()
        }
        for west, south, east, north in inset_boxes.values():
            sketch.add(Box(west, south, east - west, north - south, _thin_line()))
        return inset_boxes

    def draw_marks(self, sketch: Sketch, scale: float, shift: float) -> list[_Mark]:
        """Draw a circle for each place with a value, the largest first; return the circles as drawn."""
        valued = [point for point in self.points if point.value > 0]
        largest = max((point.value for point in valued), default=1)
        has_small_places = self.base_map.country or any(point.key in plan_lists().countries for point in self.points)
        max_radius_mm = (MAX_COUNTRY_RADIUS_MM if has_small_places else MAX_RADIUS_MM) * scale
        marks = []
        for point in valued:
            layout = self.base_map.find_layout(point.key)
            assert layout is not None  # noqa: S101 - ``circles_map`` rejects points without a place
            radius_mm = 0 if point.state == "few" else max_radius_mm * sqrt(point.value / largest)
            marks.append(
                _Mark(point, layout, layout.x * scale + shift, layout.y * scale, max(radius_mm, MIN_RADIUS_MM))
            )
        for mark in sorted(marks, key=lambda mark: -mark.radius):
            tip = pictures.tip(mark.point.label, mark.point.text)
            colour = self.formatter.colour(mark.point.key, mark.point.label)
            sketch.add(Disc(mark.x, mark.y, mark.radius, self.circle_look(mark.point, colour), tip))
            firm_mm = mark.radius * sqrt(1 - mark.point.doubt)
            if mark.point.doubt and colour != hex_of("land") and firm_mm >= MIN_RADIUS_MM:  # the share without doubt
                sketch.add(Disc(mark.x, mark.y, firm_mm, Look(colour), tip))
        return marks

    def circle_look(self, point: DataPoint, colour: str) -> Look:
        """Return the look of a circle: open for few people, hatched where the number is in doubt."""
        if point.doubt and colour != hex_of("land"):
            return make_hatched_look(colour)
        if colour == hex_of("land"):  # not highlighted, and to be seen on land
            return Look(hex_of("muted"), WHITE, 0.7, opacity=0.5)
        return Look(WHITE, colour, 0.7) if point.state == "few" else Look(colour, WHITE, 0.7)

    def draw_legend(self, sketch: Sketch, marks: Sequence[_Mark]) -> list[Floats]:
        """Draw the legend: the caption, two circles of known value, open and hatched circles; return the filled boxes.

        The parts stand one above the other in the sea at the left of the region, else side by side at the foot.
        """
        caption = text_layout.fit_text(self.caption, CAPTION_MM, max_lines=3, size=CAPTION_PT)
        has_foot = self.base_map.has_foot
        rows: list[tuple[DataPoint | None, str]] = [(None, line) for line in caption.splitlines()]
        rows += [(mark.point, mark.point.text) for mark in marks if mark.point.state == "few"][:1]
        rows += [(mark.point, self.formatter.translate("read with care")) for mark in marks if mark.point.doubt][:1]
        height = text_layout.DESCENT_MM + LEGEND_LINE_MM * len(rows)
        boxes = self.draw_legend_sizes(sketch, marks, text_layout.DESCENT_MM if has_foot else height + GAP_MM)
        right = left = max((box[2] + LEGEND_GAP_MM for box in boxes if has_foot), default=EDGE_MM)
        for line_number, (point, text) in enumerate(reversed(rows)):
            x, y = left, text_layout.DESCENT_MM + LEGEND_LINE_MM * line_number
            if point:
                radius = HATCHED_RADIUS_MM if point.doubt else MIN_RADIUS_MM
                x += radius
                sketch.add(Disc(x, y + CAPITAL_MM / 2, radius, self.circle_look(point, self.formatter.colour())))
                x += radius + GAP_MM
            sketch.add(Label(x, y, text, hex_of("muted"), size=CAPTION_PT))
            right = max(right, x + text_layout.width_of(text, size=CAPTION_PT))
        return [*boxes, np.array([left, 0, right, height])]

    def draw_legend_sizes(self, sketch: Sketch, marks: Sequence[_Mark], foot_mm: float) -> list[Floats]:
        """Draw two open circles of round values, one inside the other on one foot; return the box that they fill.

        A line leads from the top of each circle to its value. Lines run level until they have left the larger circle;
        where the tops are nearer to each other than two lines of text, both values move by the same length. The first
        value is at most the largest of the map, the second at most a quarter of the first, neither below the rounding
        base of people.
        """
        formatter, largest = self.formatter, max(marks, key=lambda mark: mark.point.value, default=None)
        if largest is None or largest.point.state == "few":
            return []
        first_value = _round_down(largest.point.value)
        values = [first_value, _round_down(first_value / 4)]
        circles = [
            (
                numbers.format_round(value, formatter.unit, formatter.language),
                largest.radius * sqrt(value / largest.point.value),
            )
            for value in values
            if formatter.unit != "people" or value >= formatter.base
        ]
        if not circles:
            return []
        colour, widest = hex_of("muted"), circles[0][1]
        middle, side = EDGE_MM + widest, EDGE_MM + 2 * widest
        text_left = side + LEADER_BEND_MM
        tops = [foot_mm + 2 * radius for _, radius in circles]
        shift_mm = max(0.0, LEGEND_LINE_MM - (tops[0] - tops[-1])) / 2 if len(tops) > 1 else 0.0
        lift_mm = max(0.0, CAPITAL_MM / 2 - (tops[-1] - shift_mm))
        text_levels = [top + text_shift + lift_mm for top, text_shift in zip(tops, (shift_mm, -shift_mm), strict=False)]
        for (text, radius), top, text_level in zip(circles, tops, text_levels, strict=True):
            sketch.add(
                Disc(middle, foot_mm + radius, radius, Look(edge=colour, width=0.7)),
                Line([(middle, top), (side, top)], _thin_line()),
                Line([(side, top), (text_left, text_level)], _thin_line()),
                Label(text_left + GAP_MM / 2, text_level - CAPITAL_MM / 2, text, colour, size=CAPTION_PT),
            )
        width = max(text_layout.width_of(text, size=CAPTION_PT) for text, _ in circles)
        return [np.array([EDGE_MM, 0, text_left + GAP_MM + width, max(text_levels) + text_layout.ASCENT_MM])]

    def draw_label(
        self,
        sketch: Sketch,
        mark: _Mark,
        marks: Sequence[_Mark],
        filled_boxes: Sequence[Floats],
        scale: float,
        shift: float,
    ) -> list[Floats]:
        """Write a label at the first free position beside its circle, else further away with a line to it.

        Returns the boxes that the label and its line fill.
        """
        label, text = mark.point.label, mark.point.text
        first_words, _, last_word = label.rpartition(" ")
        is_long = len(label) > MAX_LINE_LETTERS
        two_lines = [(first_words, ""), (last_word, text)] if is_long and first_words else [(label, ""), ("", text)]
        line_layouts = [two_lines, [(label, text)]] if is_long else [[(label, text)], two_lines]
        block_sizes = [
            (max(_label_line_mm(*line) for line in lines), TEXT_HEIGHT_MM + LINE_MM * (len(lines) - 1))
            for lines in line_layouts
        ]

        def count_faults(boxes: Floats) -> NDArray[np.int_]:
            lines = mark.leader_points(boxes) if is_far else np.empty((len(boxes), 0, 2))
            faults = _count_faults(boxes, lines, mark, marks, filled_boxes, (sketch.width_mm, sketch.height_mm))
            if (
                mark.layout.at_sea
            ):  # no point of a grid in its box lies on land; the last line of a label is a short one
                feet, tops = ((boxes[:, None, corner] - [shift, 0]) / scale for corner in (slice(2), slice(2, 4)))
                faults += COVERING_WEIGHT * self.base_map.is_land(feet + LABEL_GRID * (tops - feet)).any(axis=1)
            return faults

        for is_far in (False, True):
            choices = _label_choices(len(mark.layout.sides), len(line_layouts), is_far)
            boxes = mark.label_boxes(block_sizes, choices, sketch.width_mm)
            order = np.argsort(mark.clearance_mm(boxes), kind="stable") if is_far else np.arange(len(boxes))
            best, faults = _find_free_box(boxes, order, count_faults)
            if not faults:
                break
        left, _, right, top = map(float, boxes[best])
        muted, own_boxes = hex_of("muted"), []
        for line_number, (name, value) in enumerate(line_layouts[int(choices[best][1])]):
            width = _label_line_mm(name, value)
            x, y = right - width if right < mark.x else left, top - text_layout.ASCENT_MM - LINE_MM * line_number
            # Anchored where they meet, name and value keep apart in any font
            if name:
                sketch.add(
                    Label(x + text_layout.width_of(name, weight=600), y, name, hex_of("ink"), "right", weight=600)
                )
            if value:
                sketch.add(Label(x + width - text_layout.width_of(value), y, value, muted))
            own_boxes.append(np.array([x, y - text_layout.DESCENT_MM, x + width, y + text_layout.ASCENT_MM]))
        if not is_far and mark.clearance_mm(boxes)[best] < MISTAKABLE_MM:
            return own_boxes
        (line,) = mark.leader_points(boxes[[best]])
        sketch.add(Line(line[[0, -1]], _thin_line()))
        return [*own_boxes, *np.hstack([line, line])]


def _thin_line() -> Look:
    """Return the look of leaders and frames."""
    return Look(edge=hex_of("muted"), width=0.5)


def _round_down(value: float) -> float:
    """Return the largest of 1, 2, 5, 10, 20, 50 … that is not above a value."""
    power = 10.0 ** int(np.floor(log10(value)))
    return power * max(step for step in (1, 2, 5) if step * power <= value)


def _find_free_box(
    boxes: Floats, order: NDArray[np.int_], count_faults: Callable[[Floats], NDArray[np.int_]]
) -> tuple[int, int]:
    """Return the index of the first box in this order without a fault, else with fewest, and how many it has.

    Boxes are counted in growing batches, since most labels fit into one of the first boxes.
    """
    best, fewest_faults, start, batch_size = -1, -1, 0, FIRST_BATCH_SIZE
    while fewest_faults and start < len(order):
        batch = order[start : start + batch_size]
        faults = count_faults(boxes[batch])
        best_in_batch = int(np.argmin(faults))
        if best < 0 or faults[best_in_batch] < fewest_faults:
            best, fewest_faults = int(batch[best_in_batch]), int(faults[best_in_batch])
        start, batch_size = start + batch_size, 2 * batch_size
    return best, fewest_faults


def _label_line_mm(name: str, value: str) -> float:
    return text_layout.width_of(name, weight=600) + text_layout.width_of(value) + (SPACE_MM if name and value else 0)


@cache
def _label_choices(sides: int, layouts: int, is_far: bool) -> Floats:
    """List choices of a label, the best first: side, line layout, mm away from the circle, mm along it."""
    away_mm, along_mm = (range(3, 60), range(-40, 41, 4)) if is_far else (range(9), range(-7, 8))
    choices = product(range(sides), range(layouts), away_mm, along_mm)
    return np.array(
        sorted(choices, key=lambda choice: 4 * choice[0] + 3 * choice[1] + 1.5 * choice[2] + abs(choice[3]))
    )


def _count_faults(
    boxes: Floats,
    lines: Floats,
    mark: _Mark,
    marks: Sequence[_Mark],
    filled_boxes: Sequence[Floats],
    size: tuple[float, float],
) -> NDArray[np.int_]:
    """Count the faults of each box and of the line to it: what it covers, crosses, or could be mistaken for.

    What a box covers counts ``COVERING_WEIGHT`` times as much as what its line crosses.
    """
    (left, bottom, right, top), (width, height), gap = boxes.T, size, GAP_MM / 3
    x, y = lines[..., 0], lines[..., 1]
    is_outside = (np.minimum(left, bottom) < EDGE_MM) | (right > width - EDGE_MM) | (top > height - EDGE_MM)
    faults = np.array(COVERING_WEIGHT * is_outside, dtype=int)
    own_clearance_mm, mistakable_mm = mark.clearance_mm(boxes), inf if lines.size else MISTAKABLE_MM
    for x0, y0, x1, y1 in filled_boxes:
        is_apart = (left > x1 + gap) | (bottom > y1 + gap) | (right < x0 - gap) | (top < y0 - gap)
        is_crossed = (x > x0) & (x < x1) & (y > y0) & (y < y1)
        faults += COVERING_WEIGHT * ~is_apart + is_crossed.any(axis=1)
    for other_mark in marks:
        clearance_mm = other_mark.clearance_mm(boxes)
        radius, margin_mm = (other_mark.radius, CIRCLE_MARGIN_MM) if other_mark is not mark else (0, 0)
        is_crossed = np.hypot(x - other_mark.x, y - other_mark.y) < radius
        faults += COVERING_WEIGHT * (clearance_mm < margin_mm) + (
            is_crossed.any(axis=1) | (own_clearance_mm > clearance_mm + mistakable_mm)
        )
    return faults
