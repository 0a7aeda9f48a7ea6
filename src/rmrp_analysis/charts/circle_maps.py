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

MAX_CIRCLE_RADIUS_MM = 6.5  # the radius of the largest circle
MAX_COUNTRY_CIRCLE_RADIUS_MM = 4.5  # the radius of the largest circle on a map of countries or admin1
MIN_CIRCLE_RADIUS_MM = 0.6  # the radius of the smallest circle, so that it is seen
HATCHED_LEGEND_RADIUS_MM = 1.4  # the radius of the circle in the legend that explains hatching
LABEL_GAP_MM = 0.9  # between a circle and its label
LABEL_LINE_SPACING_MM = 4.0  # from the base line of one line of a label to that of the next
CAPITAL_HEIGHT_MM = 1.95  # the height of capitals in type of 8.4 pt
LINE_HEIGHT_MM = text_layout.ASCENT_MM + text_layout.DESCENT_MM  # the height of one line of text
NAME_VALUE_GAP_MM = 0.9  # between the name and the value in a line of a label
MISTAKABLE_LABEL_DISTANCE_MM = 2.0  # nearer than its own circle by more than this, another would seem meant
LEGEND_TYPE_PT = 8.0  # the type size of the legend
MAX_CAPTION_WIDTH_MM = 32.0  # the greatest width of the caption of the legend
LEGEND_LINE_SPACING_MM = 4.0  # from one line of the legend to the next
LEGEND_GAP_MM = 3.5  # between parts of the legend that stand side by side
LEGEND_LEADER_BEND_WIDTH_MM = 1.4  # the width in which a line of the legend rises or falls to its value
COVERING_FAULT_WEIGHT = 20  # how much worse it is to cover something than to cross it with a line
FRAME_MARGIN_MM = 0.8  # kept free of labels along the frame
MAX_NAME_LINE_LETTERS = 18  # characters; a longer name breaks before its last word
MAX_PLACES_ALL_NAMED = 8  # of more places, only those have a name whose value is written
FIRST_BOX_BATCH_SIZE = 60  # how many boxes of a label are tried first; each next batch is twice as large
CATEGORIES_WITHOUT_PLACE = (NOT_SPECIFIED, REGIONAL)  # those that a map leaves out and does not name
_UPPER_LABEL_LINE_SHARES = product(np.linspace(0.03, 0.95, 9), (0.6, 0.85))  # (x, y) in the upper half of a label's box
_LOWER_LABEL_LINE_SHARES = product(np.linspace(0.03, 0.5, 5), (0.15, 0.4))  # at the lower left: a short last line
LABEL_BOX_GRID_SHARES = np.array([*_UPPER_LABEL_LINE_SHARES, *_LOWER_LABEL_LINE_SHARES])
"""Points in the box of a label, as shares of its width and height, of which none may lie on land; shape (n, 2)."""
CIRCLE_MARGIN_MM = 0.15  # free beside the circle of another place, for letters a little wider than measured


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

    Without ``within``, a table of ``Page.table`` is drawn on the map of its page: categories without a place there are
    left out, and the page says so; where no other has a value, the axes stay empty. In all other cases such a category
    is an error. ``map`` is another name of this chart. All other arguments are options of all charts.

    The area of a circle is proportional to its value; the largest has a radius of 6.5 mm (of countries and admin1 4.5
    mm), none has less than 0.6 mm. A legend shows up to two circles. Few people are an open circle; the share of a
    number that is in doubt is hatched around the rest; the legend explains both. Zeros and categories without a report
    have no mark. Far islands with a value stand in a box nearer to the coast. A neighbour that is no country of the
    plan (at R4V Venezuela) is named where no circle hides it. Labels overlap neither each other nor circles nor the
    frame; the axis label stands at the bottom left. The projection is Lambert azimuthal equal-area about the middle of
    the map; axes are in millimetres. ``map/places.csv`` of the plan pack gives the position of each platform and
    country and the sides that suit its label, the best first; ``map/admin1.json`` the outlines of admin1.

    Args:
        table: Of platforms or countries (ISO 3166 alpha-3); within one country, of its admin1 by name in any spelling.
        within: The map to draw: a platform of several countries, or one country (``Peru``, ``PER``); by default that
            of the page, else the region.
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
    of_page = table.attrs.get("place", "")
    place = within or of_page or REGION
    parts, left_out = formatter.read_points(), list[str]()
    if of_page and not within:
        placed = [part for part in parts if is_on_map(part.key, place)]
        left_out = [
            part.label
            for part in parts
            if part not in placed and part.key not in CATEGORIES_WITHOUT_PLACE and part.value > 0
        ]
        has_value_on_map = any(part.value > 0 for part in placed)
        if not has_value_on_map:
            return sheet_axes.draw_sketch(
                "map", Sketch, [], formatter, ax=ax, size_mm=(MAP_WIDTH_MM, MAX_CIRCLE_RADIUS_MM), title=title
            )
        parts = placed
    ground = load_base_map(place)
    _check_places(parts, ground, place)
    legend_caption = _write_caption(parts, formatter) if axis_label is None else axis_label
    drawn = _Map(parts, ground, place, values, legend_caption, formatter)
    size_mm = width_mm, ground.height_mm * width_mm / MAP_WIDTH_MM
    return sheet_axes.draw_sketch(
        "map", drawn.sketch, parts, formatter, ax=ax, size_mm=size_mm, title=title, left_out=left_out
    )


def _check_places(points: Sequence[DataPoint], base_map: BaseMap, area: str) -> None:
    """Raise ``RequestError`` where the map of an area has no place for one of the points."""
    if without_place := ", ".join(repr(part.key) for part in points if base_map.find_layout(part.key) is None):
        regional = "platforms and countries (ISO 3166 alpha-3), with within='Peru' the admin1 of Peru"
        shown_places = regional if area == REGION else f"places in {area}"
        advice = f"it shows {shown_places}: leave other parts out with table.drop([...])"
        raise RequestError(f"the map has no place for {without_place}; {advice}")


def _write_caption(points: Sequence[DataPoint], formatter: ChartFormatter) -> str:
    """Return what the area of a circle means, for the legend; "" where no circle shows more than few people."""
    if not any(data_point.value > 0 and data_point.state != "few" for data_point in points):
        return ""
    caption = N_("Circle area =\npeople reached") if formatter.unit == "people" else N_("Circle area =\n{unit}")
    return formatter.translate(caption, unit=formatter.unit_name)


def keep_map(within: str) -> None:
    """Cache what every map of an area needs, for this process and its forks; do nothing for an area without a map."""
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
        """Return the vectors from the middle of the circle to the nearest point of each box, shape (boxes, 2)."""
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
        """Return the box of the label for each row of ``choices``: left, foot, right, top in mm, shape (choices, 4).

        ``choices`` are those of ``_label_choices``; ``sizes`` are the width and height of each line layout. Boxes above
        and below the circle stay within the width of the paper.
        """
        side, layout, away, along = choices.T
        sides = np.array(self.layout.sides)[side.astype(int)]
        reach = self.radius + away
        width, height = np.array(sizes)[layout.astype(int)].T
        middle = (
            text_layout.ASCENT_MM - CAPITAL_HEIGHT_MM + height - text_layout.DESCENT_MM
        ) / 2  # of the capitals, from the top
        centred = np.clip(self.x - width / 2 + along, FRAME_MARGIN_MM, paper_mm - FRAME_MARGIN_MM - width)
        is_left, is_right, is_below = (sides == name for name in ("left", "right", "below"))
        box_lefts = np.select(
            [is_left, is_right], [self.x - reach - LABEL_GAP_MM - width, self.x + reach + LABEL_GAP_MM], centred
        )
        box_tops_beside = self.y + middle + along
        above = self.y + reach + height
        top = np.select([is_left | is_right, is_below], [box_tops_beside, self.y - reach], above)
        return np.stack([box_lefts, top - height, box_lefts + width, top], axis=-1)


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
        """Return the map on paper of this size: land, circles, legend and labels.

        Of more than eight circles, only the ``values`` largest and those in insets have a name. Labels are placed by
        falling value on the map of a country, else in the order of the base map.
        """
        sketch, ground = Sketch(width_mm, height_mm), self.base_map
        scale = min(width_mm / MAP_WIDTH_MM, height_mm / ground.height_mm)
        shift = (width_mm - MAP_WIDTH_MM * scale) / 2  # a smaller map has room for labels on both sides
        boxes = self.draw_land(sketch, scale, shift)
        marks = self.draw_marks(sketch, scale, shift)
        taken = [clear * scale + [shift, 0, shift, 0] for clear in ground.clear_boxes]
        if self.area == REGION and (neighbour_country := pack.about().aside):
            neighbour_name_position_mm = np.multiply(neighbour_country.name_mm, scale) + np.array([shift, 0])
            taken.append(self.name_neighbour(sketch, neighbour_country.name, neighbour_name_position_mm, marks))
        taken += [*self.draw_legend(sketch, marks), *boxes.values()]
        largest = sorted(marks, key=lambda place_mark: -place_mark.point.value)[: self.values]
        first = [place_mark.point.key for place_mark in largest] if ground.country else list(ground.layouts)
        order = {key: number for number, key in enumerate(first)}
        for place_mark in sorted(marks, key=lambda place_mark: order.get(place_mark.point.key, len(order))):
            box = boxes.get(place_mark.point.key)
            if place_mark in largest or len(marks) <= MAX_PLACES_ALL_NAMED or box is not None:
                labelled_mark = (
                    place_mark
                    if place_mark in largest
                    else place_mark._replace(point=replace(place_mark.point, text=""))
                )
                if box is not None:  # the label of an inset stands above or below its frame
                    (x, y) = (box[:2] + box[2:]) / 2
                    high = float(box[3] - box[1])
                    spot = replace(place_mark.layout, sides=("above", "below"))
                    labelled_mark = labelled_mark._replace(x=float(x), y=float(y), radius=high / 2, layout=spot)
                taken += self.draw_label(sketch, labelled_mark, marks, taken, scale, shift)
        return sketch

    def name_neighbour(self, sketch: Sketch, name: str, position: Floats, marks: Sequence[_Mark]) -> Floats:
        """Write the name of a country outside the plan, unless a circle meets its box; return the box in any case."""
        translated_name, (x, y) = self.formatter.translate(name), position
        right = x + text_layout.width_of(translated_name, style="italic")
        name_box = np.array([x, y - text_layout.DESCENT_MM, right, y + text_layout.ASCENT_MM])
        if all(place_mark.clearance_mm(name_box[None])[0] > 0 for place_mark in marks):
            sketch.add(Label(x, y, translated_name, hex_of("muted"), style="italic"))
        return name_box

    def draw_land(self, sketch: Sketch, scale: float, shift: float) -> dict[str, Floats]:
        """Draw the land, and insets of far islands that have a value; return the boxes of insets in mm, by place."""
        looks = {
            "land": Look(hex_of("land"), WHITE, 0.5),
            "other": Look(hex_of("other-land"), WHITE, 0.5),
            "aside": Look(WHITE, hex_of("ink"), 0.7, (1.6, 1.2)),
        }
        keys = [part.key for part in self.points if part.value > 0]
        moved = {key: path for key in keys if (path := self.base_map.find_inset(key))}
        for kind, outline in (*self.base_map.land, *(("land", path) for path in moved.values())):
            if np.size(outline.vertices):  # a place may be drawn within another
                is_kept = scale == 1 and not shift
                scaled_outline_path = (
                    outline if is_kept else outline.transformed(Affine2D().scale(scale).translate(shift, 0))
                )
                sketch.add(Area(scaled_outline_path, looks[kind], is_cached=is_kept))
        extents = {key: path.get_extents().padded(INSET_MARGIN_MM).extents for key, path in moved.items()}
        boxes = {key: np.multiply(extent, scale) + np.array([shift, 0, shift, 0]) for key, extent in extents.items()}
        for west, south, east, north in boxes.values():
            sketch.add(Box(west, south, east - west, north - south, _thin_line()))
        return boxes

    def draw_marks(self, sketch: Sketch, scale: float, shift: float) -> list[_Mark]:
        """Draw a circle for each place with a value above 0, the largest first; return them in the order of ``points``.

        The share without doubt is a second, smaller circle, unless that is too small or the circle is not highlighted.
        """
        data_points_with_value = [part for part in self.points if part.value > 0]
        largest = max((part.value for part in data_points_with_value), default=1)
        small = self.base_map.country or any(part.key in plan_lists().countries for part in self.points)
        widest_mm = (MAX_COUNTRY_CIRCLE_RADIUS_MM if small else MAX_CIRCLE_RADIUS_MM) * scale
        marks = []
        for part in data_points_with_value:
            spot = self.base_map.find_layout(part.key)
            assert spot is not None  # noqa: S101 - ``circles_map`` rejects points without a place
            radius_mm = 0 if part.state == "few" else widest_mm * sqrt(part.value / largest)
            marks.append(
                _Mark(part, spot, spot.x * scale + shift, spot.y * scale, max(radius_mm, MIN_CIRCLE_RADIUS_MM))
            )
        for place_mark in sorted(marks, key=lambda place_mark: -place_mark.radius):
            tip = pictures.tip(place_mark.point.label, place_mark.point.text)
            colour = self.formatter.colour(place_mark.point.key, place_mark.point.label)
            sketch.add(
                Disc(place_mark.x, place_mark.y, place_mark.radius, self.circle_look(place_mark.point, colour), tip)
            )
            firm_mm = place_mark.radius * sqrt(1 - place_mark.point.doubt)
            if place_mark.point.doubt and colour != hex_of("land") and firm_mm >= MIN_CIRCLE_RADIUS_MM:
                # The share without doubt
                sketch.add(Disc(place_mark.x, place_mark.y, firm_mm, Look(colour), tip))
        return marks

    def circle_look(self, point: DataPoint, colour: str) -> Look:
        """Return the look of a circle: grey if not highlighted, else hatched in doubt, open for few people, solid."""
        if point.doubt and colour != hex_of("land"):
            return make_hatched_look(colour)
        if colour == hex_of("land"):  # not highlighted, and to be seen on land
            return Look(hex_of("muted"), WHITE, 0.7, opacity=0.5)
        return Look(WHITE, colour, 0.7) if point.state == "few" else Look(colour, WHITE, 0.7)

    def draw_legend(self, sketch: Sketch, marks: Sequence[_Mark]) -> list[Floats]:
        """Draw the legend at the lower left; return the boxes that it fills.

        It holds the caption, up to two circles of round values and, where the map has any, an open circle (few people)
        and a hatched one (doubt). The circles of round values stand above the texts where
        the map has no foot for them, else at their left.
        """
        caption = text_layout.fit_text(self.caption, MAX_CAPTION_WIDTH_MM, max_lines=3, size=LEGEND_TYPE_PT)
        has_foot = self.base_map.has_foot
        rows: list[tuple[DataPoint | None, str]] = [(None, line) for line in caption.splitlines()]
        rows += [(mark.point, mark.point.text) for mark in marks if mark.point.state == "few"][:1]
        rows += [(mark.point, self.formatter.translate("read with care")) for mark in marks if mark.point.doubt][:1]
        height = text_layout.DESCENT_MM + LEGEND_LINE_SPACING_MM * len(rows)
        boxes = self.draw_legend_sizes(sketch, marks, text_layout.DESCENT_MM if has_foot else height + LABEL_GAP_MM)
        right = legend_left_x = max((box[2] + LEGEND_GAP_MM for box in boxes if has_foot), default=FRAME_MARGIN_MM)
        for above, (part, text) in enumerate(reversed(rows)):
            x, y = legend_left_x, text_layout.DESCENT_MM + LEGEND_LINE_SPACING_MM * above
            if part:
                radius = HATCHED_LEGEND_RADIUS_MM if part.doubt else MIN_CIRCLE_RADIUS_MM
                x += radius
                sketch.add(Disc(x, y + CAPITAL_HEIGHT_MM / 2, radius, self.circle_look(part, self.formatter.colour())))
                x += radius + LABEL_GAP_MM
            sketch.add(Label(x, y, text, hex_of("muted"), size=LEGEND_TYPE_PT))
            right = max(right, x + text_layout.width_of(text, size=LEGEND_TYPE_PT))
        return [*boxes, np.array([legend_left_x, 0, right, height])]

    def draw_legend_sizes(self, sketch: Sketch, marks: Sequence[_Mark], foot_mm: float) -> list[Floats]:
        """Draw up to two open circles of round values, one inside the other on one foot; return the box that they fill.

        The list is empty where no circle is drawn.
        A line leads from the top of each circle to its value. Lines run level until they have left the larger circle.
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

        The list is empty where the map has no circle, or only few people.

        The first value is at most the largest of the map, the second at most a quarter of the first, neither below the
        rounding base of people.
        """
        formatter, largest = self.formatter, max(marks, key=lambda mark: mark.point.value, default=None)
        if largest is None or largest.point.state == "few":
            return []
        first = _round_down(largest.point.value)
        return [
            (
                numbers.format_round(circle_value, formatter.unit, formatter.language),
                largest.radius * sqrt(circle_value / largest.point.value),
            )
            for circle_value in (first, _round_down(first / 4))
            if formatter.unit != "people" or circle_value >= formatter.base
        ]

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

        Where none is free, the label takes the far one with the fewest faults. Returns the boxes that the lines of the
        label and points of its line to the circle fill.
        """
        layouts = _list_line_layouts(mark.point.label, mark.point.text)
        sizes = [_measure_layout(name_value_pairs) for name_value_pairs in layouts]

        def count_faults(label_boxes: Floats) -> NDArray[np.int_]:
            """Return the faults of each box and, for far ones, of its line; with ``at_sea`` land is a fault, too."""
            leader_lines = mark.leader_points(label_boxes) if far else np.empty((len(label_boxes), 0, 2))
            fault_counts = _count_faults(
                label_boxes, leader_lines, mark, marks, filled_boxes, (sketch.width_mm, sketch.height_mm)
            )
            if mark.layout.at_sea:
                fault_counts += COVERING_FAULT_WEIGHT * self.covers_land(label_boxes, scale, shift)
            return fault_counts

        for far in (False, True):
            choices = _label_choices(len(mark.layout.sides), len(layouts), far)
            label_boxes = mark.label_boxes(sizes, choices, sketch.width_mm)
            order = np.argsort(mark.clearance_mm(label_boxes), kind="stable") if far else np.arange(len(label_boxes))
            best, faults = _find_free_box(label_boxes, order, count_faults)
            if not faults:
                break
        name_value_pairs = layouts[int(choices[best][1])]
        filled = _write_label_lines(sketch, name_value_pairs, label_boxes[best], mark)
        if not far and mark.clearance_mm(label_boxes)[best] < MISTAKABLE_LABEL_DISTANCE_MM:
            return filled
        (line,) = mark.leader_points(label_boxes[[best]])
        sketch.add(Line(line[[0, -1]], _thin_line()))
        return [*filled, *np.hstack([line, line])]

    def covers_land(self, boxes: Floats, scale: float, shift: float) -> NDArray[np.bool_]:
        """Return which boxes on the paper cover land at a point of ``LABEL_BOX_GRID_SHARES``, as booleans."""
        lower_box_corners, upper_box_corners = (
            (boxes[:, None, corner_slice] - [shift, 0]) / scale for corner_slice in (slice(2), slice(2, 4))
        )
        is_land_point = self.base_map.is_land(
            lower_box_corners + LABEL_BOX_GRID_SHARES * (upper_box_corners - lower_box_corners)
        )
        is_land_covered: NDArray[np.bool_] = np.any(is_land_point, axis=1)
        return is_land_covered


def _spread_legend_values(circle_top_ys: Sequence[float]) -> list[float]:
    """Return the heights in mm of the values beside circles of the legend: at their tops, a line of text apart or more.

    ``circle_top_ys`` are one or two, the larger circle first. Where two tops are nearer, both values move by the same
    length; both move up where the lower one would reach below the paper.
    """
    value_shift_mm = (
        max(0.0, LEGEND_LINE_SPACING_MM - (circle_top_ys[0] - circle_top_ys[-1])) / 2 if len(circle_top_ys) > 1 else 0.0
    )
    lowest = max(0.0, CAPITAL_HEIGHT_MM / 2 - (circle_top_ys[-1] - value_shift_mm))
    return [
        circle_top_y + signed_shift_mm + lowest
        for circle_top_y, signed_shift_mm in zip(circle_top_ys, (value_shift_mm, -value_shift_mm), strict=False)
    ]


def _list_line_layouts(place_name: str, value_text: str) -> list[list[tuple[str, str]]]:
    """List two layouts of a label, the better first, each with a pair (part of the name, value) for each line.

    A name of more than ``MAX_NAME_LINE_LETTERS`` first breaks before its last word, a shorter one stands on one line.
    """
    first_words_text, _, last_word = place_name.rpartition(" ")
    if len(place_name) <= MAX_NAME_LINE_LETTERS:
        return [[(place_name, value_text)], [(place_name, ""), ("", value_text)]]
    two_line_pairs = (
        [(first_words_text, ""), (last_word, value_text)] if first_words_text else [(place_name, ""), ("", value_text)]
    )
    return [two_line_pairs, [(place_name, value_text)]]


def _measure_layout(layout_lines: Sequence[tuple[str, str]]) -> tuple[float, float]:
    """Return the width and the height of the lines of a label in mm."""
    return (
        max(_label_line_mm(line_name_text, line_value_text) for line_name_text, line_value_text in layout_lines),
        LINE_HEIGHT_MM + LABEL_LINE_SPACING_MM * (len(layout_lines) - 1),
    )


def _write_label_lines(
    sketch: Sketch, layout_lines: Sequence[tuple[str, str]], label_box: Floats, mark: _Mark
) -> list[Floats]:
    """Write the lines of a label into its box, on the side of the circle; return the box that each line fills."""
    label_left_x, _, label_right_x, label_top_y = map(float, label_box)
    line_boxes: list[Floats] = []
    for line_index, (line_name_text, line_value_text) in enumerate(layout_lines):
        line_width_mm = _label_line_mm(line_name_text, line_value_text)
        line_left_x = label_right_x - line_width_mm if label_right_x < mark.x else label_left_x
        line_base_y = label_top_y - text_layout.ASCENT_MM - LABEL_LINE_SPACING_MM * line_index
        # Anchored where they meet, name and value keep apart in any font
        if line_name_text:
            name_right_x = line_left_x + text_layout.width_of(line_name_text, weight=600)
            sketch.add(Label(name_right_x, line_base_y, line_name_text, hex_of("ink"), "right", weight=600))
        if line_value_text:
            value_left_x = line_left_x + line_width_mm - text_layout.width_of(line_value_text)
            sketch.add(Label(value_left_x, line_base_y, line_value_text, hex_of("muted")))
        line_boxes.append(
            np.array(
                [
                    line_left_x,
                    line_base_y - text_layout.DESCENT_MM,
                    line_left_x + line_width_mm,
                    line_base_y + text_layout.ASCENT_MM,
                ]
            )
        )
    return line_boxes


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
    """Return the index of the first box in this order without a fault, else with fewest, and how many it has.

    Both are -1 where there are no boxes.

    Boxes are counted in growing batches, since most labels fit into one of the first boxes.
    """
    best, fewest, start, count = -1, -1, 0, FIRST_BOX_BATCH_SIZE
    while fewest and start < len(order):
        some = order[start : start + count]
        faults = count_faults(boxes[some])
        least = int(np.argmin(faults))
        if best < 0 or faults[least] < fewest:
            best = int(some[least])
            fewest = int(faults[least])
        start, count = start + count, 2 * count
    return best, fewest


def _label_line_mm(name: str, value: str) -> float:
    """Return the width of a line of a label with this part of the name and this value in mm."""
    return (
        text_layout.width_of(name, weight=600)
        + text_layout.width_of(value)
        + (NAME_VALUE_GAP_MM if name and value else 0)
    )


@cache
def _label_choices(sides: int, layouts: int, is_far: bool) -> Floats:
    """Return positions to try for a label with so many sides and line layouts, the best first, shape (positions, 4).

    Columns: index of the side, index of the line layout, mm from the circle (far: 3 and more), mm along it.
    """
    away, along = (range(3, 60), range(-40, 41, 4)) if is_far else (range(9), range(-7, 8))
    every = product(range(sides), range(layouts), away, along)
    return np.array(sorted(every, key=lambda choice: 4 * choice[0] + 3 * choice[1] + 1.5 * choice[2] + abs(choice[3])))


def _count_faults(
    boxes: Floats,
    lines: Floats,
    mark: _Mark,
    marks: Sequence[_Mark],
    filled_boxes: Sequence[Floats],
    size: tuple[float, float],
) -> NDArray[np.int_]:
    """Count the faults of each box for the label of a mark, and of the line to it.

    ``boxes`` are left, bottom, right and top in mm, shape (n, 4); ``lines`` are the points of each line, shape (n,
    points, 2), without points where labels need no line. A box outside the frame, and each filled box or circle (the
    mark's own, too) that a box covers, count ``COVERING_FAULT_WEIGHT``. Each one that the line crosses counts 1;
    without lines, so does each nearer circle that the label could be mistaken for.
    """
    (box_lefts, bottom, right, top), (width, height), gap = (boxes.T, size, LABEL_GAP_MM / 3)
    x, y = lines[..., 0], lines[..., 1]
    outside = (
        (np.minimum(box_lefts, bottom) < FRAME_MARGIN_MM)
        | (right > width - FRAME_MARGIN_MM)
        | (top > height - FRAME_MARGIN_MM)
    )
    faults = np.array(COVERING_FAULT_WEIGHT * outside, dtype=int)
    own_circle_clearances_mm = mark.clearance_mm(boxes)
    doubt_mm = inf if lines.size else MISTAKABLE_LABEL_DISTANCE_MM
    for x0, y0, x1, y1 in filled_boxes:
        is_apart_from_box = (box_lefts > x1 + gap) | (bottom > y1 + gap) | (right < x0 - gap) | (top < y0 - gap)
        crossed = (x > x0) & (x < x1) & (y > y0) & (y < y1)
        faults += COVERING_FAULT_WEIGHT * ~is_apart_from_box + crossed.any(axis=1)
    for other in marks:
        clearance = other.clearance_mm(boxes)
        radius, circle_margin_mm = (other.radius, CIRCLE_MARGIN_MM) if other is not mark else (0, 0)
        crossed = np.hypot(x - other.x, y - other.y) < radius
        faults += COVERING_FAULT_WEIGHT * (clearance < circle_margin_mm) + (
            crossed.any(axis=1) | (own_circle_clearances_mm > clearance + doubt_mm)
        )
    return faults
