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
    INSET_MARGIN_MM,
    MAP_WIDTH_MM,
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

MAX_CIRCLE_RADIUS_MM = 6.5
MAX_COUNTRY_CIRCLE_RADIUS_MM = 4.5  # also on a map of admin1
MIN_CIRCLE_RADIUS_MM = 0.6  # so that the circle is seen
HATCHED_LEGEND_RADIUS_MM = 1.4  # the radius of the circle in the legend that explains hatching
LABEL_GAP_MM = 0.9  # between a circle and its label
LABEL_LINE_SPACING_MM = 4.0  # from the base line of one line of a label to that of the next
CAPITAL_HEIGHT_MM = 1.95  # the height of capitals in type of 8.4 pt
LINE_HEIGHT_MM = text_layout.ASCENT_MM + text_layout.DESCENT_MM
NAME_VALUE_GAP_MM = 0.9  # between the name and the value in a line of a label
MISTAKABLE_LABEL_DISTANCE_MM = 2.0  # a label seems to belong to a circle that is nearer than its own by more
LEGEND_TYPE_PT = 8.0
MAX_CAPTION_WIDTH_MM = 32.0  # of the legend
LEGEND_LINE_SPACING_MM = 4.0  # from one line of the legend to the next
LEGEND_GAP_MM = 3.5  # between parts of the legend that stand side by side
LEGEND_LEADER_BEND_WIDTH_MM = 1.4  # in this width a line of the legend rises or falls to its value
COVERING_FAULT_WEIGHT = 20  # how much worse it is to cover something than to cross it with a line
FRAME_MARGIN_MM = 0.8  # kept free of labels along the frame
MAX_NAME_LINE_LETTERS = 18  # a longer name breaks before its last word
MAX_PLACES_ALL_NAMED = 8  # on a map of more places, only a place with a value beside it has a name
FIRST_BOX_BATCH_SIZE = 60  # the boxes of a label that are tried first, with each next batch twice as large
CATEGORIES_WITHOUT_PLACE = (NOT_SPECIFIED, REGIONAL)  # a map leaves them out and does not say so
_UPPER_LABEL_LINE_SHARES = product(np.linspace(0.03, 0.95, 9), (0.6, 0.85))  # (x, y) in the upper half of a label's box
_LOWER_LABEL_LINE_SHARES = product(np.linspace(0.03, 0.5, 5), (0.15, 0.4))  # at the lower left: a short last line
LABEL_BOX_GRID_SHARES = np.array([*_UPPER_LABEL_LINE_SHARES, *_LOWER_LABEL_LINE_SHARES])
"""Points in the box of a label that may not lie on land, as shares of its width and height, shape (n, 2)."""
CIRCLE_MARGIN_MM = 0.15  # free beside the circle of another place, since letters can be a little wider than measured


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
    width_mm: float = MAP_WIDTH_MM,
) -> Axes:
    """Draw a map 72.7 mm wide with a circle for each place.

    Without ``within``, a table of ``Page.table`` is drawn on the map of its page. Categories without a place there are
    left out, and the page says so. If no other category has a value, the axes stay empty. In all other cases a category
    without a place is an error. ``map`` is another name of this chart. All other arguments are options of all charts.

    The area of a circle is proportional to its value. The largest circle has a radius of 6.5 mm (4.5 mm on a map of
    countries or admin1). No circle has less than 0.6 mm. A legend shows up to two circles. Few people are an open
    circle. A number that is not sure is hatched around its lower bound. The legend explains both. Zeros and
    categories without a report have no mark. Far islands with a value stand in a box nearer to the coast. A neighbour
    that is no country of the plan (at R4V Venezuela) is named unless a circle hides its name. Labels overlap no label,
    circle or frame. The axis label stands at the bottom left. The projection is Lambert azimuthal equal-area about the
    middle of the map. Axes are in millimetres. ``map/places.csv`` of the plan pack gives the position of each platform
    and country and the sides that suit its label, the best first. ``map/admin1.json`` gives the outlines of admin1.

    Args:
        table: Of platforms or countries (ISO 3166 alpha-3), or of the admin1 of one country, in any spelling.
        within: The map to draw: a platform of several countries, or one country (``Peru``, ``PER``), by default the
            map of the page, without a page the region.
        values: How many of the largest have their value beside them, by default all. Of more than eight places, only
            these have a name.

    Raises:
        RequestError: The pack has no such map, or a category has no place there.

    >>> import pandas as pd
    >>> axes = rmrp.charts.map(pd.Series({"Peru": 296_000, "Brazil": 121_000}))
    >>> circles = [patch for patch in axes.patches if hasattr(patch, "radius")]
    >>> [round(circle.radius, 2) for circle in circles][:2]
    [6.5, 4.16]
    """
    formatter = ChartFormatter.for_table(table, unit, language, labels, decimals, color=color, highlight=highlight)
    page_place = table.attrs.get("place", "")
    place = within or page_place or REGION
    points, left_out = formatter.read_points(), list[str]()
    if page_place and not within:
        mapped = [point for point in points if is_on_map(point.key, place)]
        left_out = [
            point.label
            for point in points
            if point not in mapped and point.key not in CATEGORIES_WITHOUT_PLACE and point.value > 0
        ]
        if not any(point.value > 0 for point in mapped):
            size_mm = MAP_WIDTH_MM, MAX_CIRCLE_RADIUS_MM
            return sheet_axes.draw_sketch("map", Sketch, [], formatter, ax=ax, size_mm=size_mm, title=title)
        points = mapped
    base_map = load_base_map(place)
    _check_places(points, base_map, place)
    caption = _write_caption(points, formatter) if axis_label is None else axis_label
    chart = _Map(points, base_map, place, values, caption, formatter)
    size_mm = width_mm, base_map.height_mm * width_mm / MAP_WIDTH_MM
    return sheet_axes.draw_sketch(
        "map", chart.sketch, points, formatter, ax=ax, size_mm=size_mm, title=title, left_out=left_out
    )


def _check_places(points: Sequence[DataPoint], base_map: BaseMap, area: str) -> None:
    """Raise ``RequestError`` if the map of an area lacks the place of a point."""
    if missing := ", ".join(repr(point.key) for point in points if base_map.find_layout(point.key) is None):
        regional = "platforms and countries (ISO 3166 alpha-3), with within='Peru' the admin1 of Peru"
        places = regional if area == REGION else f"places in {area}"
        advice = f"it shows {places}: leave other parts out with table.drop([...])"
        raise RequestError(f"the map has no place for {missing}; {advice}")


def _write_caption(points: Sequence[DataPoint], formatter: ChartFormatter) -> str:
    """Return the meaning of a circle's area, or "" if no circle shows more than few people."""
    if not any(point.value > 0 and point.state != "few" for point in points):
        return ""
    caption = N_("Circle area =\npeople reached") if formatter.unit == "people" else N_("Circle area =\n{unit}")
    return formatter.translate(caption, unit=formatter.unit_name)


def keep_map(within: str) -> None:
    """Cache the common parts of all maps of an area, if it has a map, for this process and its forks."""
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
        """Return the vector from the middle of the circle to each box, shape (boxes, 2)."""
        return np.clip([self.x, self.y], boxes[:, :2], boxes[:, 2:]) - [self.x, self.y]

    def clearance_mm(self, boxes: Floats) -> Floats:
        """Return the distance from each box to the circle in mm, negative if they meet."""
        distance: Floats = np.linalg.norm(self.ways_to_boxes(boxes), axis=-1)
        return distance - self.radius

    def leader_points(self, boxes: Floats) -> Floats:
        """Return thirteen points on the line from the edge of the circle to each box, shape (boxes, 13, 2)."""
        vectors = self.ways_to_boxes(boxes)
        start = self.radius / np.maximum(np.linalg.norm(vectors, axis=-1), self.radius)[:, None, None]
        points: Floats = [self.x, self.y] + vectors[:, None] * (start + np.linspace(0, 1, 13)[:, None] * (1 - start))
        return points

    def label_boxes(self, sizes: Sequence[tuple[float, float]], choices: Floats, paper_mm: float) -> Floats:
        """Return the label's box for each row of ``choices``: left, foot, right, top in mm, shape (choices, 4).

        ``choices`` come from ``_label_choices``. ``sizes`` are the width and height of each line layout. Boxes above
        and below the circle stay within the width of the paper.
        """
        side, layout, away, along = choices.T
        sides = np.array(self.layout.sides)[side.astype(int)]
        reach = self.radius + away
        width, height = np.array(sizes)[layout.astype(int)].T
        # The middle of the capitals, from the top
        middle = (text_layout.ASCENT_MM - CAPITAL_HEIGHT_MM + height - text_layout.DESCENT_MM) / 2
        centred = np.clip(self.x - width / 2 + along, FRAME_MARGIN_MM, paper_mm - FRAME_MARGIN_MM - width)
        is_left, is_right, is_below = (sides == name for name in ("left", "right", "below"))
        edges = [self.x - reach - LABEL_GAP_MM - width, self.x + reach + LABEL_GAP_MM]
        left = np.select([is_left, is_right], edges, centred)
        tops = [self.y + middle + along, self.y - reach]
        top = np.select([is_left | is_right, is_below], tops, self.y + reach + height)
        return np.stack([left, top - height, left + width, top], axis=-1)


@dataclass(frozen=True)
class _Map:
    """A map that is sketched in any size: points on their base map, and a legend under ``caption``.

    ``values`` is the number of largest places that have their value beside them, or None for all places.
    """

    points: Sequence[DataPoint]
    base_map: BaseMap
    area: str
    values: int | None
    caption: str
    formatter: ChartFormatter

    def sketch(self, width_mm: float, height_mm: float) -> Sketch:
        """Return the map on paper of this size: land, circles, legend and labels.

        If there are more than eight circles, only the ``values`` largest and the circles in insets have a name. Labels
        are placed by falling value on the map of a country, on other maps in the order of the base map.
        """
        sketch, base_map = Sketch(width_mm, height_mm), self.base_map
        scale = min(width_mm / MAP_WIDTH_MM, height_mm / base_map.height_mm)
        shift = (width_mm - MAP_WIDTH_MM * scale) / 2  # a smaller map has room for labels on both sides
        boxes = self.draw_land(sketch, scale, shift)
        marks = self.draw_marks(sketch, scale, shift)
        filled = [clear * scale + [shift, 0, shift, 0] for clear in base_map.clear_boxes]
        if self.area == REGION and (neighbour := pack.about().aside):
            position = np.multiply(neighbour.name_mm, scale) + np.array([shift, 0])
            filled.append(self.name_neighbour(sketch, neighbour.name, position, marks))
        filled += [*self.draw_legend(sketch, marks), *boxes.values()]
        largest = sorted(marks, key=lambda mark: -mark.point.value)[: self.values]
        keys = [mark.point.key for mark in largest] if base_map.country else list(base_map.layouts)
        order = {key: number for number, key in enumerate(keys)}
        for mark in sorted(marks, key=lambda mark: order.get(mark.point.key, len(order))):
            box = boxes.get(mark.point.key)
            if mark not in largest and len(marks) > MAX_PLACES_ALL_NAMED and box is None:
                continue
            labelled = mark if mark in largest else mark._replace(point=replace(mark.point, text=""))
            if box is not None:  # the label of an inset stands above or below its frame
                x, y = (box[:2] + box[2:]) / 2
                height = float(box[3] - box[1])
                layout = replace(mark.layout, sides=("above", "below"))
                labelled = labelled._replace(x=float(x), y=float(y), radius=height / 2, layout=layout)
            filled += self.draw_label(sketch, labelled, marks, filled, scale, shift)
        return sketch

    def name_neighbour(self, sketch: Sketch, name: str, position: Floats, marks: Sequence[_Mark]) -> Floats:
        """Write the name of a country outside the plan unless a circle meets its box, and return the box."""
        text, (x, y) = self.formatter.translate(name), position
        right = x + text_layout.width_of(text, style="italic")
        box = np.array([x, y - text_layout.DESCENT_MM, right, y + text_layout.ASCENT_MM])
        if all(mark.clearance_mm(box[None])[0] > 0 for mark in marks):
            sketch.add(Label(x, y, text, hex_of("muted"), style="italic"))
        return box

    def draw_land(self, sketch: Sketch, scale: float, shift: float) -> dict[str, Floats]:
        """Draw the land, and an inset for each far island with a value. Return the boxes of insets in mm, by place."""
        looks = {
            "land": Look(hex_of("land"), WHITE, 0.5),
            "other": Look(hex_of("other-land"), WHITE, 0.5),
            "aside": Look(WHITE, hex_of("ink"), 0.7, (1.6, 1.2)),
        }
        keys = [point.key for point in self.points if point.value > 0]
        insets = {key: path for key in keys if (path := self.base_map.find_inset(key))}
        for kind, outline in (*self.base_map.land, *(("land", path) for path in insets.values())):
            if np.size(outline.vertices):  # a place may be drawn within another
                is_same = scale == 1 and not shift
                shape = outline if is_same else outline.transformed(Affine2D().scale(scale).translate(shift, 0))
                sketch.add(Area(shape, looks[kind], is_cached=is_same))
        extents = {key: path.get_extents().padded(INSET_MARGIN_MM).extents for key, path in insets.items()}
        boxes = {key: np.multiply(extent, scale) + np.array([shift, 0, shift, 0]) for key, extent in extents.items()}
        for west, south, east, north in boxes.values():
            sketch.add(Box(west, south, east - west, north - south, _thin_line()))
        return boxes

    def draw_marks(self, sketch: Sketch, scale: float, shift: float) -> list[_Mark]:
        """Draw a circle for each place with a value above 0, the largest first.

        Returns the circles in the order of ``points``. The share without doubt is a second, smaller circle, unless that
        is too small or the circle is not highlighted.
        """
        points = [point for point in self.points if point.value > 0]
        largest = max((point.value for point in points), default=1)
        is_small = self.base_map.country or any(point.key in plan_lists().countries for point in self.points)
        widest_mm = (MAX_COUNTRY_CIRCLE_RADIUS_MM if is_small else MAX_CIRCLE_RADIUS_MM) * scale
        marks = []
        for point in points:
            layout = self.base_map.find_layout(point.key)
            assert layout is not None  # noqa: S101 - ``circles_map`` rejects points without a place
            radius_mm = 0 if point.state == "few" else widest_mm * sqrt(point.value / largest)
            marks.append(
                _Mark(point, layout, layout.x * scale + shift, layout.y * scale, max(radius_mm, MIN_CIRCLE_RADIUS_MM))
            )
        for mark in sorted(marks, key=lambda mark: -mark.radius):
            tip = pictures.tip(mark.point.label, mark.point.text)
            colour = self.formatter.colour(mark.point.key, mark.point.label)
            sketch.add(Disc(mark.x, mark.y, mark.radius, self.circle_look(mark.point, colour), tip))
            firm_mm = mark.radius * sqrt(1 - mark.point.doubt)
            if mark.point.doubt and colour != hex_of("land") and firm_mm >= MIN_CIRCLE_RADIUS_MM:
                sketch.add(Disc(mark.x, mark.y, firm_mm, Look(colour), tip))  # the share without doubt
        return marks

    def circle_look(self, point: DataPoint, colour: str) -> Look:
        """Return the look of a circle: pale (not highlighted), hatched (doubt), open (few) or solid."""
        if point.doubt and colour != hex_of("land"):
            return make_hatched_look(colour)
        if colour == hex_of("land"):  # not highlighted, and to be seen on land
            return Look(hex_of("muted"), WHITE, 0.7, opacity=0.5)
        return Look(WHITE, colour, 0.7) if point.state == "few" else Look(colour, WHITE, 0.7)

    def draw_legend(self, sketch: Sketch, marks: Sequence[_Mark]) -> list[Floats]:
        """Draw the legend at the lower left, and return the boxes that it fills.

        It holds the caption, up to two circles of round values and, if the map has any, an open circle (few people) and
        a hatched one (doubt). The circles of round values stand at the left of the texts, or above them if the map has
        no foot.
        """
        caption = text_layout.fit_text(self.caption, MAX_CAPTION_WIDTH_MM, max_lines=3, size=LEGEND_TYPE_PT)
        has_foot = self.base_map.has_foot
        rows: list[tuple[DataPoint | None, str]] = [(None, line) for line in caption.splitlines()]
        rows += [(mark.point, mark.point.text) for mark in marks if mark.point.state == "few"][:1]
        rows += [(mark.point, self.formatter.translate("not sure")) for mark in marks if mark.point.doubt][:1]
        height = text_layout.DESCENT_MM + LEGEND_LINE_SPACING_MM * len(rows)
        boxes = self.draw_legend_sizes(sketch, marks, text_layout.DESCENT_MM if has_foot else height + LABEL_GAP_MM)
        right = edge = max((box[2] + LEGEND_GAP_MM for box in boxes if has_foot), default=FRAME_MARGIN_MM)
        for above, (point, text) in enumerate(reversed(rows)):
            x, y = edge, text_layout.DESCENT_MM + LEGEND_LINE_SPACING_MM * above
            if point:
                radius = HATCHED_LEGEND_RADIUS_MM if point.doubt else MIN_CIRCLE_RADIUS_MM
                x += radius
                sketch.add(Disc(x, y + CAPITAL_HEIGHT_MM / 2, radius, self.circle_look(point, self.formatter.colour())))
                x += radius + LABEL_GAP_MM
            sketch.add(Label(x, y, text, hex_of("muted"), size=LEGEND_TYPE_PT))
            right = max(right, x + text_layout.width_of(text, size=LEGEND_TYPE_PT))
        return [*boxes, np.array([edge, 0, right, height])]

    def draw_legend_sizes(self, sketch: Sketch, marks: Sequence[_Mark], foot_mm: float) -> list[Floats]:
        """Draw up to two open circles of round values, one inside the other on one foot.

        Returns a list with the box that they fill, empty if no circle is drawn. A line leads from the top of each
        circle to its value. It runs level until it has left the larger circle.
        """
        sizes = self.choose_legend_circles(marks)
        if not sizes:
            return []
        colour, widest = hex_of("muted"), sizes[0][1]
        middle = FRAME_MARGIN_MM + widest
        side = FRAME_MARGIN_MM + 2 * widest
        end = side + LEGEND_LEADER_BEND_WIDTH_MM
        tops = [foot_mm + 2 * radius for _, radius in sizes]
        ends = _spread_legend_values(tops)
        for (text, radius), top, level in zip(sizes, tops, ends, strict=True):
            sketch.add(
                Disc(middle, foot_mm + radius, radius, Look(edge=colour, width=0.7)),
                Line([(middle, top), (side, top)], _thin_line()),
                Line([(side, top), (end, level)], _thin_line()),
                Label(end + LABEL_GAP_MM / 2, level - CAPITAL_HEIGHT_MM / 2, text, colour, size=LEGEND_TYPE_PT),
            )
        width = max(text_layout.width_of(text, size=LEGEND_TYPE_PT) for text, _ in sizes)
        return [np.array([FRAME_MARGIN_MM, 0, end + LABEL_GAP_MM + width, max(ends) + text_layout.ASCENT_MM])]

    def choose_legend_circles(self, marks: Sequence[_Mark]) -> list[tuple[str, float]]:
        """Return the text and the radius of up to two circles of round values, the larger first.

        The list is empty if the map has no circle, or only few people. The first value is at most the largest of the
        map, the second at most a quarter of the first. Neither is below the rounding base of people.
        """
        formatter, largest = self.formatter, max(marks, key=lambda mark: mark.point.value, default=None)
        if largest is None or largest.point.state == "few":
            return []
        top = _round_down(largest.point.value)
        values = [
            value for value in (top, _round_down(top / 4)) if formatter.unit != "people" or value >= formatter.base
        ]
        texts = [numbers.format_round(value, formatter.unit, formatter.language) for value in values]
        radii = [largest.radius * sqrt(value / largest.point.value) for value in values]
        return list(zip(texts, radii, strict=True))

    def draw_label(
        self,
        sketch: Sketch,
        mark: _Mark,
        marks: Sequence[_Mark],
        filled_boxes: Sequence[Floats],
        scale: float,
        shift: float,
    ) -> list[Floats]:
        """Write a label at the first free position beside its circle, or further away with a line to it.

        If no position is free, the label takes the far one with the fewest faults. Returns the boxes that the label and
        its line to the circle fill, one for each line of text and each point of the line.
        """
        layouts = _list_line_layouts(mark.point.label, mark.point.text)
        widths = [max(_label_line_mm(name, value) for name, value in layout) for layout in layouts]
        heights = [LINE_HEIGHT_MM + LABEL_LINE_SPACING_MM * (len(layout) - 1) for layout in layouts]
        sizes = list(zip(widths, heights, strict=True))

        def count_faults(some: Floats) -> NDArray[np.int_]:
            """Count the faults of each box, for a far label also of its line. ``at_sea`` makes land a fault."""
            leaders = mark.leader_points(some) if far else np.empty((len(some), 0, 2))
            faults = _count_faults(some, leaders, mark, marks, filled_boxes, (sketch.width_mm, sketch.height_mm))
            if mark.layout.at_sea:
                faults += COVERING_FAULT_WEIGHT * self.covers_land(some, scale, shift)
            return faults

        for far in (False, True):
            choices = _label_choices(len(mark.layout.sides), len(layouts), far)
            boxes = mark.label_boxes(sizes, choices, sketch.width_mm)
            order = np.argsort(mark.clearance_mm(boxes), kind="stable") if far else np.arange(len(boxes))
            best, faults = _find_free_box(boxes, order, count_faults)
            if not faults:
                break
        layout = layouts[int(choices[best][1])]
        filled = _write_label_lines(sketch, layout, boxes[best], mark)
        if not far and mark.clearance_mm(boxes)[best] < MISTAKABLE_LABEL_DISTANCE_MM:
            return filled
        (line,) = mark.leader_points(boxes[[best]])
        sketch.add(Line(line[[0, -1]], _thin_line()))
        return [*filled, *np.hstack([line, line])]

    def covers_land(self, boxes: Floats, scale: float, shift: float) -> NDArray[np.bool_]:
        """Return for each box on the paper whether a point of ``LABEL_BOX_GRID_SHARES`` lies on land."""
        low, high = ((boxes[:, None, corner] - [shift, 0]) / scale for corner in (slice(2), slice(2, 4)))
        is_land: NDArray[np.bool_] = np.any(self.base_map.is_land(low + LABEL_BOX_GRID_SHARES * (high - low)), axis=1)
        return is_land


def _spread_legend_values(circle_top_ys: Sequence[float]) -> list[float]:
    """Return the heights in mm of the values beside circles of the legend, at least a line of text apart.

    ``circle_top_ys`` are one or two, the larger circle first. If two tops are too near, both values move by the same
    length. Both move up if the lower one would reach below the paper.
    """
    shift_mm = 0.0
    if len(circle_top_ys) > 1:
        shift_mm = max(0.0, LEGEND_LINE_SPACING_MM - (circle_top_ys[0] - circle_top_ys[-1])) / 2
    lift = max(0.0, CAPITAL_HEIGHT_MM / 2 - (circle_top_ys[-1] - shift_mm))
    return [top + move + lift for top, move in zip(circle_top_ys, (shift_mm, -shift_mm), strict=False)]


def _list_line_layouts(place_name: str, value_text: str) -> list[list[tuple[str, str]]]:
    """List two layouts of a label, the better first, each with a pair (part of the name, value) for each line."""
    one_line, two_lines = [(place_name, value_text)], [(place_name, ""), ("", value_text)]
    if len(place_name) <= MAX_NAME_LINE_LETTERS:
        return [one_line, two_lines]
    words, _, last_word = place_name.rpartition(" ")
    return [[(words, ""), (last_word, value_text)] if words else two_lines, one_line]


def _write_label_lines(
    sketch: Sketch, layout_lines: Sequence[tuple[str, str]], label_box: Floats, mark: _Mark
) -> list[Floats]:
    """Write the lines of a label into its box, on the side of the circle, and return the box of each line."""
    left, _, right, top = map(float, label_box)
    boxes: list[Floats] = []
    for number, (name, value) in enumerate(layout_lines):
        width = _label_line_mm(name, value)
        x = right - width if right < mark.x else left
        y = top - text_layout.ASCENT_MM - LABEL_LINE_SPACING_MM * number
        # Anchored where they meet, name and value keep apart in any font
        if name:
            name_x = x + text_layout.width_of(name, weight=600)
            sketch.add(Label(name_x, y, name, hex_of("ink"), "right", weight=600))
        if value:
            value_x = x + width - text_layout.width_of(value)
            sketch.add(Label(value_x, y, value, hex_of("muted")))
        boxes.append(np.array([x, y - text_layout.DESCENT_MM, x + width, y + text_layout.ASCENT_MM]))
    return boxes


def _thin_line() -> Look:
    """Return the look of leaders and frames."""
    return Look(edge=hex_of("muted"), width=0.5)


def _round_down(value: float) -> float:
    """Return the largest of … 0.5, 1, 2, 5, 10, 20 … that is not above a value, which is above 0."""
    power = 10.0 ** int(np.floor(log10(value)))
    return power * max(step for step in (1, 2, 5) if step * power <= value)


def _find_free_box(
    boxes: Floats, order: NDArray[np.int_], count_faults: Callable[[Floats], NDArray[np.int_]]
) -> tuple[int, int]:
    """Return the index of the first box in this order with the fewest faults, and how many it has.

    Both are -1 if there are no boxes. Boxes are counted in growing batches until one has no fault, since most labels
    fit into one of the first boxes.
    """
    best, fewest, start, count = -1, -1, 0, FIRST_BOX_BATCH_SIZE
    while fewest and start < len(order):
        batch = order[start : start + count]
        faults = count_faults(boxes[batch])
        lowest = int(np.argmin(faults))
        if best < 0 or faults[lowest] < fewest:
            best, fewest = int(batch[lowest]), int(faults[lowest])
        start, count = start + count, 2 * count
    return best, fewest


def _label_line_mm(name: str, value: str) -> float:
    """Return the width in mm of a line of a label with this part of the name and this value."""
    gap = NAME_VALUE_GAP_MM if name and value else 0
    return text_layout.width_of(name, weight=600) + text_layout.width_of(value) + gap


@cache
def _label_choices(sides: int, layouts: int, is_far: bool) -> Floats:
    """Return positions to try for a label, the best first, shape (positions, 4).

    Columns: index of the side, index of the line layout, mm from the circle (far: 3 and more), mm along the circle.
    """
    away, along = (range(3, 60), range(-40, 41, 4)) if is_far else (range(9), range(-7, 8))
    choices = product(range(sides), range(layouts), away, along)
    return np.array(sorted(choices, key=lambda row: 4 * row[0] + 3 * row[1] + 1.5 * row[2] + abs(row[3])))


def _count_faults(
    boxes: Floats,
    lines: Floats,
    mark: _Mark,
    marks: Sequence[_Mark],
    filled_boxes: Sequence[Floats],
    size: tuple[float, float],
) -> NDArray[np.int_]:
    """Count the faults of each box for the label of a mark, and of the line to it.

    ``boxes`` are left, bottom, right and top in mm, shape (n, 4). ``lines`` are the points of each line, shape (n,
    points, 2), without points if labels need no line. Each filled box or circle (also the mark's own) that a box covers
    counts ``COVERING_FAULT_WEIGHT``, and so does a box outside the frame. Each filled box or circle that the line
    crosses counts 1. Without lines, each nearer circle to which the label could seem to belong counts 1.
    """
    left, bottom, right, top = boxes.T
    x, y, gap = lines[..., 0], lines[..., 1], LABEL_GAP_MM / 3
    width, height = size[0] - FRAME_MARGIN_MM, size[1] - FRAME_MARGIN_MM
    is_outside = (np.minimum(left, bottom) < FRAME_MARGIN_MM) | (right > width) | (top > height)
    faults = np.array(COVERING_FAULT_WEIGHT * is_outside, dtype=int)
    own_clearance = mark.clearance_mm(boxes)
    doubt_mm = inf if lines.size else MISTAKABLE_LABEL_DISTANCE_MM
    for x0, y0, x1, y1 in filled_boxes:
        is_apart = (left > x1 + gap) | (bottom > y1 + gap) | (right < x0 - gap) | (top < y0 - gap)
        crossed = (x > x0) & (x < x1) & (y > y0) & (y < y1)
        faults += COVERING_FAULT_WEIGHT * ~is_apart + crossed.any(axis=1)
    for circle in marks:
        clearance = circle.clearance_mm(boxes)
        radius, margin_mm = (circle.radius, CIRCLE_MARGIN_MM) if circle is not mark else (0, 0)
        crossed = np.hypot(x - circle.x, y - circle.y) < radius
        faults += COVERING_FAULT_WEIGHT * (clearance < margin_mm)
        faults += crossed.any(axis=1) | (own_clearance > clearance + doubt_mm)
    return faults
