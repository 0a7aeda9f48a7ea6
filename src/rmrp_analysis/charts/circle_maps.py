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
    chart_formatter = ChartFormatter.for_table(
        table, unit, language, labels, decimals, color=color, highlight=highlight
    )
    page_area_key = table.attrs.get("place", "")
    map_area_key = within or page_area_key or REGION
    place_data_points, left_out_place_names = chart_formatter.read_points(), list[str]()
    if page_area_key and not within:
        data_points_on_map = [
            place_data_point for place_data_point in place_data_points if is_on_map(place_data_point.key, map_area_key)
        ]
        left_out_place_names = [
            place_data_point.label
            for place_data_point in place_data_points
            if place_data_point not in data_points_on_map
            and place_data_point.key not in CATEGORIES_WITHOUT_PLACE
            and place_data_point.value > 0
        ]
        has_value_on_map = any(place_data_point.value > 0 for place_data_point in data_points_on_map)
        if not has_value_on_map:
            return sheet_axes.draw_sketch(
                "map", Sketch, [], chart_formatter, ax=ax, size_mm=(MAP_WIDTH_MM, MAX_CIRCLE_RADIUS_MM), title=title
            )
        place_data_points = data_points_on_map
    base_map = load_base_map(map_area_key)
    _check_places(place_data_points, base_map, map_area_key)
    legend_caption = _write_caption(place_data_points, chart_formatter) if axis_label is None else axis_label
    circle_map = _Map(place_data_points, base_map, map_area_key, values, legend_caption, chart_formatter)
    chart_size_mm = width_mm, base_map.height_mm * width_mm / MAP_WIDTH_MM
    return sheet_axes.draw_sketch(
        "map",
        circle_map.sketch,
        place_data_points,
        chart_formatter,
        ax=ax,
        size_mm=chart_size_mm,
        title=title,
        left_out=left_out_place_names,
    )


def _check_places(points: Sequence[DataPoint], base_map: BaseMap, area: str) -> None:
    """Raise ``RequestError`` where the map of an area has no place for one of the points."""
    if places_missing := ", ".join(
        repr(data_point.key) for data_point in points if base_map.find_layout(data_point.key) is None
    ):
        region_places_text = "platforms and countries (ISO 3166 alpha-3), with within='Peru' the admin1 of Peru"
        shown_places = region_places_text if area == REGION else f"places in {area}"
        advice = f"it shows {shown_places}: leave other parts out with table.drop([...])"
        raise RequestError(f"the map has no place for {places_missing}; {advice}")


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
        distances_from_middle_mm: Floats = np.linalg.norm(self.ways_to_boxes(boxes), axis=-1)
        return distances_from_middle_mm - self.radius

    def leader_points(self, boxes: Floats) -> Floats:
        """Return thirteen points on the line from the edge of the circle to each box, shape (boxes, 13, 2)."""
        vectors_to_boxes = self.ways_to_boxes(boxes)
        circle_edge_share = (
            self.radius / np.maximum(np.linalg.norm(vectors_to_boxes, axis=-1), self.radius)[:, None, None]
        )
        leader_points_mm: Floats = [self.x, self.y] + vectors_to_boxes[:, None] * (
            circle_edge_share + np.linspace(0, 1, 13)[:, None] * (1 - circle_edge_share)
        )
        return leader_points_mm

    def label_boxes(self, sizes: Sequence[tuple[float, float]], choices: Floats, paper_mm: float) -> Floats:
        """Return the box of the label for each row of ``choices``: left, foot, right, top in mm, shape (choices, 4).

        ``choices`` are those of ``_label_choices``; ``sizes`` are the width and height of each line layout. Boxes above
        and below the circle stay within the width of the paper.
        """
        side_indices, line_layout_indices, circle_distances_mm, shifts_along_mm = choices.T
        label_side_array = np.array(self.layout.sides)[side_indices.astype(int)]
        middle_label_distances_mm = self.radius + circle_distances_mm
        box_widths, box_heights = np.array(sizes)[line_layout_indices.astype(int)].T
        capital_middles_mm = (
            text_layout.ASCENT_MM - CAPITAL_HEIGHT_MM + box_heights - text_layout.DESCENT_MM
        ) / 2  # of the capitals, from the top
        centred_box_lefts = np.clip(
            self.x - box_widths / 2 + shifts_along_mm, FRAME_MARGIN_MM, paper_mm - FRAME_MARGIN_MM - box_widths
        )
        is_left_side, is_right_side, is_below_side = (
            label_side_array == side_name for side_name in ("left", "right", "below")
        )
        box_lefts = np.select(
            [is_left_side, is_right_side],
            [
                self.x - middle_label_distances_mm - LABEL_GAP_MM - box_widths,
                self.x + middle_label_distances_mm + LABEL_GAP_MM,
            ],
            centred_box_lefts,
        )
        box_tops_beside = self.y + capital_middles_mm + shifts_along_mm
        box_tops_above = self.y + middle_label_distances_mm + box_heights
        box_tops = np.select(
            [is_left_side | is_right_side, is_below_side],
            [box_tops_beside, self.y - middle_label_distances_mm],
            box_tops_above,
        )
        return np.stack([box_lefts, box_tops - box_heights, box_lefts + box_widths, box_tops], axis=-1)


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
        sketch, base_map = Sketch(width_mm, height_mm), self.base_map
        map_scale = min(width_mm / MAP_WIDTH_MM, height_mm / base_map.height_mm)
        map_x_shift_mm = (width_mm - MAP_WIDTH_MM * map_scale) / 2  # a smaller map has room for labels on both sides
        inset_box_by_place = self.draw_land(sketch, map_scale, map_x_shift_mm)
        place_marks = self.draw_marks(sketch, map_scale, map_x_shift_mm)
        occupied_boxes = [
            clear_box * map_scale + [map_x_shift_mm, 0, map_x_shift_mm, 0] for clear_box in base_map.clear_boxes
        ]
        if self.area == REGION and (neighbour_country := pack.about().aside):
            neighbour_name_position_mm = np.multiply(neighbour_country.name_mm, map_scale) + np.array(
                [map_x_shift_mm, 0]
            )
            occupied_boxes.append(
                self.name_neighbour(sketch, neighbour_country.name, neighbour_name_position_mm, place_marks)
            )
        occupied_boxes += [*self.draw_legend(sketch, place_marks), *inset_box_by_place.values()]
        largest_marks = sorted(place_marks, key=lambda place_mark: -place_mark.point.value)[: self.values]
        ordered_place_keys = (
            [place_mark.point.key for place_mark in largest_marks] if base_map.country else list(base_map.layouts)
        )
        label_rank_by_place = {place_key: label_rank for label_rank, place_key in enumerate(ordered_place_keys)}
        for place_mark in sorted(
            place_marks, key=lambda place_mark: label_rank_by_place.get(place_mark.point.key, len(label_rank_by_place))
        ):
            inset_box = inset_box_by_place.get(place_mark.point.key)
            if place_mark in largest_marks or len(place_marks) <= MAX_PLACES_ALL_NAMED or inset_box is not None:
                labelled_mark = (
                    place_mark
                    if place_mark in largest_marks
                    else place_mark._replace(point=replace(place_mark.point, text=""))
                )
                if inset_box is not None:  # the label of an inset stands above or below its frame
                    (inset_middle_x, inset_middle_y) = (inset_box[:2] + inset_box[2:]) / 2
                    inset_height_mm = float(inset_box[3] - inset_box[1])
                    inset_label_layout = replace(place_mark.layout, sides=("above", "below"))
                    labelled_mark = labelled_mark._replace(
                        x=float(inset_middle_x),
                        y=float(inset_middle_y),
                        radius=inset_height_mm / 2,
                        layout=inset_label_layout,
                    )
                occupied_boxes += self.draw_label(
                    sketch, labelled_mark, place_marks, occupied_boxes, map_scale, map_x_shift_mm
                )
        return sketch

    def name_neighbour(self, sketch: Sketch, name: str, position: Floats, marks: Sequence[_Mark]) -> Floats:
        """Write the name of a country outside the plan, unless a circle meets its box; return the box in any case."""
        translated_name, (name_x, name_y) = self.formatter.translate(name), position
        name_right_x = name_x + text_layout.width_of(translated_name, style="italic")
        name_box = np.array([name_x, name_y - text_layout.DESCENT_MM, name_right_x, name_y + text_layout.ASCENT_MM])
        if all(place_mark.clearance_mm(name_box[None])[0] > 0 for place_mark in marks):
            sketch.add(Label(name_x, name_y, translated_name, hex_of("muted"), style="italic"))
        return name_box

    def draw_land(self, sketch: Sketch, scale: float, shift: float) -> dict[str, Floats]:
        """Draw the land, and insets of far islands that have a value; return the boxes of insets in mm, by place."""
        look_by_land_kind = {
            "land": Look(hex_of("land"), WHITE, 0.5),
            "other": Look(hex_of("other-land"), WHITE, 0.5),
            "aside": Look(WHITE, hex_of("ink"), 0.7, (1.6, 1.2)),
        }
        place_keys_with_value = [place_data_point.key for place_data_point in self.points if place_data_point.value > 0]
        inset_path_by_place = {
            place_key: inset_outline_path
            for place_key in place_keys_with_value
            if (inset_outline_path := self.base_map.find_inset(place_key))
        }
        for land_kind, land_outline_path in (
            *self.base_map.land,
            *(("land", inset_outline_path) for inset_outline_path in inset_path_by_place.values()),
        ):
            if np.size(land_outline_path.vertices):  # a place may be drawn within another
                is_outline_cached = scale == 1 and not shift
                scaled_outline_path = (
                    land_outline_path
                    if is_outline_cached
                    else land_outline_path.transformed(Affine2D().scale(scale).translate(shift, 0))
                )
                sketch.add(Area(scaled_outline_path, look_by_land_kind[land_kind], is_cached=is_outline_cached))
        inset_extent_by_place = {
            place_key: inset_outline_path.get_extents().padded(INSET_MARGIN_MM).extents
            for place_key, inset_outline_path in inset_path_by_place.items()
        }
        inset_box_by_place = {
            place_key: np.multiply(inset_extent, scale) + np.array([shift, 0, shift, 0])
            for place_key, inset_extent in inset_extent_by_place.items()
        }
        for inset_left_mm, inset_foot_mm, inset_right_mm, inset_top_mm in inset_box_by_place.values():
            sketch.add(
                Box(
                    inset_left_mm,
                    inset_foot_mm,
                    inset_right_mm - inset_left_mm,
                    inset_top_mm - inset_foot_mm,
                    _thin_line(),
                )
            )
        return inset_box_by_place

    def draw_marks(self, sketch: Sketch, scale: float, shift: float) -> list[_Mark]:
        """Draw a circle for each place with a value above 0, the largest first; return them in the order of ``points``.

        The share without doubt is a second, smaller circle, unless that is too small or the circle is not highlighted.
        """
        data_points_with_value = [place_data_point for place_data_point in self.points if place_data_point.value > 0]
        largest_value = max((place_data_point.value for place_data_point in data_points_with_value), default=1)
        has_small_places = self.base_map.country or any(
            place_data_point.key in plan_lists().countries for place_data_point in self.points
        )
        max_circle_radius_mm = (MAX_COUNTRY_CIRCLE_RADIUS_MM if has_small_places else MAX_CIRCLE_RADIUS_MM) * scale
        place_marks = []
        for place_data_point in data_points_with_value:
            place_layout = self.base_map.find_layout(place_data_point.key)
            assert place_layout is not None  # noqa: S101 - ``circles_map`` rejects points without a place
            circle_radius_mm = (
                0
                if place_data_point.state == "few"
                else max_circle_radius_mm * sqrt(place_data_point.value / largest_value)
            )
            place_marks.append(
                _Mark(
                    place_data_point,
                    place_layout,
                    place_layout.x * scale + shift,
                    place_layout.y * scale,
                    max(circle_radius_mm, MIN_CIRCLE_RADIUS_MM),
                )
            )
        for place_mark in sorted(place_marks, key=lambda place_mark: -place_mark.radius):
            tooltip = pictures.tip(place_mark.point.label, place_mark.point.text)
            circle_colour = self.formatter.colour(place_mark.point.key, place_mark.point.label)
            sketch.add(
                Disc(
                    place_mark.x,
                    place_mark.y,
                    place_mark.radius,
                    self.circle_look(place_mark.point, circle_colour),
                    tooltip,
                )
            )
            firm_circle_radius_mm = place_mark.radius * sqrt(1 - place_mark.point.doubt)
            if (
                place_mark.point.doubt
                and circle_colour != hex_of("land")
                and firm_circle_radius_mm >= MIN_CIRCLE_RADIUS_MM
            ):
                # The share without doubt
                sketch.add(Disc(place_mark.x, place_mark.y, firm_circle_radius_mm, Look(circle_colour), tooltip))
        return place_marks

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
        fitted_caption_text = text_layout.fit_text(self.caption, MAX_CAPTION_WIDTH_MM, max_lines=3, size=LEGEND_TYPE_PT)
        has_map_foot = self.base_map.has_foot
        legend_point_text_pairs: list[tuple[DataPoint | None, str]] = [
            (None, caption_line) for caption_line in fitted_caption_text.splitlines()
        ]
        legend_point_text_pairs += [
            (place_mark.point, place_mark.point.text) for place_mark in marks if place_mark.point.state == "few"
        ][:1]
        legend_point_text_pairs += [
            (place_mark.point, self.formatter.translate("read with care"))
            for place_mark in marks
            if place_mark.point.doubt
        ][:1]
        legend_height_mm = text_layout.DESCENT_MM + LEGEND_LINE_SPACING_MM * len(legend_point_text_pairs)
        occupied_boxes = self.draw_legend_sizes(
            sketch, marks, text_layout.DESCENT_MM if has_map_foot else legend_height_mm + LABEL_GAP_MM
        )
        legend_right_x = legend_left_x = max(
            (occupied_box[2] + LEGEND_GAP_MM for occupied_box in occupied_boxes if has_map_foot),
            default=FRAME_MARGIN_MM,
        )
        for legend_row_index, (legend_data_point, legend_row_text) in enumerate(reversed(legend_point_text_pairs)):
            row_left_x, row_base_y = legend_left_x, text_layout.DESCENT_MM + LEGEND_LINE_SPACING_MM * legend_row_index
            if legend_data_point:
                circle_radius = HATCHED_LEGEND_RADIUS_MM if legend_data_point.doubt else MIN_CIRCLE_RADIUS_MM
                row_left_x += circle_radius
                sketch.add(
                    Disc(
                        row_left_x,
                        row_base_y + CAPITAL_HEIGHT_MM / 2,
                        circle_radius,
                        self.circle_look(legend_data_point, self.formatter.colour()),
                    )
                )
                row_left_x += circle_radius + LABEL_GAP_MM
            sketch.add(Label(row_left_x, row_base_y, legend_row_text, hex_of("muted"), size=LEGEND_TYPE_PT))
            legend_right_x = max(
                legend_right_x, row_left_x + text_layout.width_of(legend_row_text, size=LEGEND_TYPE_PT)
            )
        return [*occupied_boxes, np.array([legend_left_x, 0, legend_right_x, legend_height_mm])]

    def draw_legend_sizes(self, sketch: Sketch, marks: Sequence[_Mark], foot_mm: float) -> list[Floats]:
        """Draw up to two open circles of round values, one inside the other on one foot; return the box that they fill.

        The list is empty where no circle is drawn.
        A line leads from the top of each circle to its value. Lines run level until they have left the larger circle.
        """
        legend_texts_with_radii = self.choose_legend_circles(marks)
        if not legend_texts_with_radii:
            return []
        line_colour, larger_circle_radius = hex_of("muted"), legend_texts_with_radii[0][1]
        circle_middle_x = FRAME_MARGIN_MM + larger_circle_radius
        circle_right_x = FRAME_MARGIN_MM + 2 * larger_circle_radius
        value_text_left_x = circle_right_x + LEGEND_LEADER_BEND_WIDTH_MM
        circle_top_ys = [foot_mm + 2 * circle_radius for _, circle_radius in legend_texts_with_radii]
        value_text_ys = _spread_legend_values(circle_top_ys)
        for (value_text, circle_radius), circle_top_y, value_text_y in zip(
            legend_texts_with_radii, circle_top_ys, value_text_ys, strict=True
        ):
            sketch.add(
                Disc(circle_middle_x, foot_mm + circle_radius, circle_radius, Look(edge=line_colour, width=0.7)),
                Line([(circle_middle_x, circle_top_y), (circle_right_x, circle_top_y)], _thin_line()),
                Line([(circle_right_x, circle_top_y), (value_text_left_x, value_text_y)], _thin_line()),
                Label(
                    value_text_left_x + LABEL_GAP_MM / 2,
                    value_text_y - CAPITAL_HEIGHT_MM / 2,
                    value_text,
                    line_colour,
                    size=LEGEND_TYPE_PT,
                ),
            )
        widest_value_text_mm = max(
            text_layout.width_of(value_text, size=LEGEND_TYPE_PT) for value_text, _ in legend_texts_with_radii
        )
        return [
            np.array(
                [
                    FRAME_MARGIN_MM,
                    0,
                    value_text_left_x + LABEL_GAP_MM + widest_value_text_mm,
                    max(value_text_ys) + text_layout.ASCENT_MM,
                ]
            )
        ]

    def choose_legend_circles(self, marks: Sequence[_Mark]) -> list[tuple[str, float]]:
        """Return the text and the radius of up to two circles of round values, the larger first.

        The list is empty where the map has no circle, or only few people.

        The first value is at most the largest of the map, the second at most a quarter of the first, neither below the
        rounding base of people.
        """
        chart_formatter, largest_mark = self.formatter, max(marks, key=lambda mark: mark.point.value, default=None)
        if largest_mark is None or largest_mark.point.state == "few":
            return []
        larger_circle_value = _round_down(largest_mark.point.value)
        return [
            (
                numbers.format_round(circle_value, chart_formatter.unit, chart_formatter.language),
                largest_mark.radius * sqrt(circle_value / largest_mark.point.value),
            )
            for circle_value in (larger_circle_value, _round_down(larger_circle_value / 4))
            if chart_formatter.unit != "people" or circle_value >= chart_formatter.base
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
        line_layouts = _list_line_layouts(mark.point.label, mark.point.text)
        layout_size_pairs_mm = [_measure_layout(name_value_pairs) for name_value_pairs in line_layouts]

        def count_faults(label_boxes: Floats) -> NDArray[np.int_]:
            """Return the faults of each box and, for far ones, of its line; with ``at_sea`` land is a fault, too."""
            leader_lines = mark.leader_points(label_boxes) if is_label_far else np.empty((len(label_boxes), 0, 2))
            fault_counts = _count_faults(
                label_boxes, leader_lines, mark, marks, filled_boxes, (sketch.width_mm, sketch.height_mm)
            )
            if mark.layout.at_sea:
                fault_counts += COVERING_FAULT_WEIGHT * self.covers_land(label_boxes, scale, shift)
            return fault_counts

        for is_label_far in (False, True):
            placement_choice_array = _label_choices(len(mark.layout.sides), len(line_layouts), is_label_far)
            label_boxes = mark.label_boxes(layout_size_pairs_mm, placement_choice_array, sketch.width_mm)
            box_index_order = (
                np.argsort(mark.clearance_mm(label_boxes), kind="stable")
                if is_label_far
                else np.arange(len(label_boxes))
            )
            best_box_index, fault_count = _find_free_box(label_boxes, box_index_order, count_faults)
            if not fault_count:
                break
        name_value_pairs = line_layouts[int(placement_choice_array[best_box_index][1])]
        line_boxes = _write_label_lines(sketch, name_value_pairs, label_boxes[best_box_index], mark)
        if not is_label_far and mark.clearance_mm(label_boxes)[best_box_index] < MISTAKABLE_LABEL_DISTANCE_MM:
            return line_boxes
        (leader_line,) = mark.leader_points(label_boxes[[best_box_index]])
        sketch.add(Line(leader_line[[0, -1]], _thin_line()))
        return [*line_boxes, *np.hstack([leader_line, leader_line])]

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
    value_lift_mm = max(0.0, CAPITAL_HEIGHT_MM / 2 - (circle_top_ys[-1] - value_shift_mm))
    return [
        circle_top_y + signed_shift_mm + value_lift_mm
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
    power_of_ten = 10.0 ** int(np.floor(log10(value)))
    return power_of_ten * max(leading_digit for leading_digit in (1, 2, 5) if leading_digit * power_of_ten <= value)


def _find_free_box(
    boxes: Floats, order: NDArray[np.int_], count_faults: Callable[[Floats], NDArray[np.int_]]
) -> tuple[int, int]:
    """Return the index of the first box in this order without a fault, else with fewest, and how many it has.

    Both are -1 where there are no boxes.

    Boxes are counted in growing batches, since most labels fit into one of the first boxes.
    """
    best_box_index, fewest_fault_count, batch_start_index, batch_size = -1, -1, 0, FIRST_BOX_BATCH_SIZE
    while fewest_fault_count and batch_start_index < len(order):
        batch_box_indices = order[batch_start_index : batch_start_index + batch_size]
        fault_counts = count_faults(boxes[batch_box_indices])
        best_index_in_batch = int(np.argmin(fault_counts))
        if best_box_index < 0 or fault_counts[best_index_in_batch] < fewest_fault_count:
            best_box_index = int(batch_box_indices[best_index_in_batch])
            fewest_fault_count = int(fault_counts[best_index_in_batch])
        batch_start_index, batch_size = batch_start_index + batch_size, 2 * batch_size
    return best_box_index, fewest_fault_count


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
    circle_distance_range_mm, shift_along_range_mm = (
        (range(3, 60), range(-40, 41, 4)) if is_far else (range(9), range(-7, 8))
    )
    placement_choices = product(range(sides), range(layouts), circle_distance_range_mm, shift_along_range_mm)
    return np.array(
        sorted(placement_choices, key=lambda choice: 4 * choice[0] + 3 * choice[1] + 1.5 * choice[2] + abs(choice[3]))
    )


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
    (box_lefts, box_bottoms, box_rights, box_tops), (paper_width_mm, paper_height_mm), box_gap_mm = (
        boxes.T,
        size,
        LABEL_GAP_MM / 3,
    )
    leader_xs, leader_ys = lines[..., 0], lines[..., 1]
    is_outside_frame = (
        (np.minimum(box_lefts, box_bottoms) < FRAME_MARGIN_MM)
        | (box_rights > paper_width_mm - FRAME_MARGIN_MM)
        | (box_tops > paper_height_mm - FRAME_MARGIN_MM)
    )
    fault_counts = np.array(COVERING_FAULT_WEIGHT * is_outside_frame, dtype=int)
    own_circle_clearances_mm = mark.clearance_mm(boxes)
    mistakable_distance_mm = inf if lines.size else MISTAKABLE_LABEL_DISTANCE_MM
    for occupied_left_x, occupied_bottom_y, occupied_right_x, occupied_top_y in filled_boxes:
        is_apart_from_box = (
            (box_lefts > occupied_right_x + box_gap_mm)
            | (box_bottoms > occupied_top_y + box_gap_mm)
            | (box_rights < occupied_left_x - box_gap_mm)
            | (box_tops < occupied_bottom_y - box_gap_mm)
        )
        is_crossed_by_leader = (
            (leader_xs > occupied_left_x)
            & (leader_xs < occupied_right_x)
            & (leader_ys > occupied_bottom_y)
            & (leader_ys < occupied_top_y)
        )
        fault_counts += COVERING_FAULT_WEIGHT * ~is_apart_from_box + is_crossed_by_leader.any(axis=1)
    for other_mark in marks:
        other_circle_clearances_mm = other_mark.clearance_mm(boxes)
        other_radius_mm, circle_margin_mm = (other_mark.radius, CIRCLE_MARGIN_MM) if other_mark is not mark else (0, 0)
        is_crossed_by_leader = np.hypot(leader_xs - other_mark.x, leader_ys - other_mark.y) < other_radius_mm
        fault_counts += COVERING_FAULT_WEIGHT * (other_circle_clearances_mm < circle_margin_mm) + (
            is_crossed_by_leader.any(axis=1)
            | (own_circle_clearances_mm > other_circle_clearances_mm + mistakable_distance_mm)
        )
    return fault_counts
