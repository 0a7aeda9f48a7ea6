"""Sketch drawings in millimetres as plain marks, which become an SVG or artists on Matplotlib's axes.

Matplotlib takes ten times as long for the same SVG.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, PathPatch, Rectangle
from matplotlib.path import Path

from rmrp_analysis.charts.base_maps import Floats
from rmrp_analysis.charts.matplotlib_style import SVG_FONT_FAMILIES, hex_of
from rmrp_analysis.charts.text_layout import (
    ALLOWED_TEXT_OVERLAP_SHARE,
    ASCENT_MM,
    DESCENT_MM,
    TEXT_PT,
    mm_to_points,
    warn_of_left_out_texts,
    width_of,
)
from rmrp_analysis.theme import pictures

# The letter of an SVG path for each code of a Matplotlib path: move, line (relative), curve
SVG_COMMAND_BY_PATH_CODE: Mapping[Any, str] = {Path.MOVETO: "M", Path.LINETO: "l", Path.CURVE4: "C"}
WHITE = "#ffffff"  # the colour of paper and of lines between areas
TEXT_BACKGROUND_MARGIN_MM = 0.28  # how far the background of a text reaches beyond it
HATCH_LINE_GAP_PT = 5  # between the lines of a hatching, along an edge
HATCH_LINE_WIDTH_PT = 1.1  # the width of the lines of a hatching
HATCHING_ID_START = "hatched-"  # how the id of each SVG pattern of a hatching begins
MATPLOTLIB_HATCH = "///"  # Matplotlib's hatching that looks nearly as that of the SVG
# ``text-anchor`` by the ``align`` of a label
SVG_ANCHOR_BY_ALIGN = {
    "left": "start",
    "center": "middle",
    "right": "end",
}


class Look(NamedTuple):
    """The fill and outline of a mark. Colours are ``#rrggbb``, "" for none; ``width`` is in points.

    ``dashes`` are lengths of line and gap in widths of the line. ``is_hatched``: lines in the colour of the edge lie
    over the fill.
    """

    fill: str = ""
    edge: str = ""
    width: float = 0.0
    dashes: tuple[float, ...] = ()
    opacity: float = 1.0
    is_hatched: bool = False


def make_hatched_look(colour: str) -> Look:
    """Return the look of a number in doubt: hatched in its colour on the palest of people or money, else on paper."""
    pale_name_by_colour = {hex_of("people"): "people-pale", hex_of("money"): "money-tint"}
    return Look(hex_of(pale_name_by_colour.get(colour, "paper")), colour, 0.7, is_hatched=True)


class Disc(NamedTuple):
    """A circle; ``tip`` says what it shows, as ``pictures.tip`` writes it."""

    x: float
    y: float
    radius: float
    look: Look
    tip: str = ""


class Box(NamedTuple):
    """A rectangle; ``foot`` is its lower edge, ``tip`` as that of a ``Disc``."""

    left: float
    foot: float
    width: float
    height: float
    look: Look
    tip: str = ""


class Area(NamedTuple):
    """The area within an outline. ``is_cached``: the outline is the same in many drawings, and its SVG is cached."""

    path: Path
    look: Look
    tip: str = ""
    is_cached: bool = False


class Line(NamedTuple):
    """A line through points, an array of shape (n, 2); over areas, or behind them."""

    points: Sequence[Sequence[float]] | Floats
    look: Look
    is_behind: bool = False


class Label(NamedTuple):
    """A text on one line, whose left end, center or right end (``align``) is at ``x``.

    Its base line is ``above_mm`` over ``y``. ``background`` is a colour around the text, "" for none.
    """

    x: float
    y: float
    words: str
    colour: str
    align: str = "left"
    size: float = TEXT_PT
    weight: int = 400
    style: str = "normal"
    above_mm: float = 0.0
    background: str = ""


Box4: TypeAlias = tuple[float, float, float, float]  # left, foot, right and top in mm of the paper
Mark: TypeAlias = Disc | Box | Area | Line | Label  # what a sketch is made of


@dataclass(frozen=True)
class Sketch:
    """Marks on paper of this size. Lines lie over areas, and texts over all.

    Positions are in units of ``unit_mm`` (x, y): x counts from ``start`` at the left edge, y from ``foot_mm`` above the
    lower edge. By default these are millimetres from the lower left.
    """

    width_mm: float
    height_mm: float
    unit_mm: tuple[float, float] = (1.0, 1.0)
    start: float = 0.0
    foot_mm: float = 0.0
    marks: list[Mark] = field(default_factory=list)

    def add(self, *marks: Mark) -> None:
        """Add marks, each over those before it."""
        self.marks.extend(marks)

    def label_box_mm(self, label: Label) -> Box4:
        """Return what a text covers: left, foot, right and top in millimetres of the paper."""
        anchor_x_mm, anchor_y_mm = self._paper_mm(label.x, label.y)
        anchor_y_mm, type_size_ratio = anchor_y_mm + label.above_mm, label.size / TEXT_PT
        text_width_mm = width_of(label.words, weight=label.weight, size=label.size, style=label.style)
        text_left_mm = anchor_x_mm - text_width_mm * {"left": 0, "center": 0.5, "right": 1}[label.align]
        return (
            text_left_mm,
            anchor_y_mm - DESCENT_MM * type_size_ratio,
            text_left_mm + text_width_mm,
            anchor_y_mm + ASCENT_MM * type_size_ratio,
        )

    def rectangle_box_mm(self, box: Box) -> Box4:
        """Return what a rectangle covers: left, foot, right and top in millimetres of the paper."""
        return (*self._paper_mm(box.left, box.foot), *self._paper_mm(box.left + box.width, box.foot + box.height))

    def clamp_x(self, label: Label) -> float:
        """Return the ``x`` of a centred text, moved so that neither side of the paper cuts the text."""
        half_text_width = (
            width_of(label.words, weight=label.weight, size=label.size, style=label.style) / self.unit_mm[0] / 2
        )
        return min(
            max(label.x, self.start + half_text_width), self.start + self.width_mm / self.unit_mm[0] - half_text_width
        )

    def leave_out_overlapping(self) -> None:
        """Remove labels that overlap an earlier one, and warn how many; all other marks stay."""
        remaining_marks, text_boxes = list[Mark](), list[Box4]()
        for mark in self.marks:
            if isinstance(mark, Label):
                allowed_overlap_mm = ALLOWED_TEXT_OVERLAP_SHARE * mark.size / mm_to_points(1)
                text_left_mm, text_foot_mm, text_right_mm, text_top_mm = self.label_box_mm(mark)
                text_box = (
                    text_left_mm + allowed_overlap_mm,
                    text_foot_mm + allowed_overlap_mm,
                    text_right_mm - allowed_overlap_mm,
                    text_top_mm - allowed_overlap_mm,
                )
                if overlaps(text_box, text_boxes):
                    continue
                text_boxes.append(text_box)
            remaining_marks.append(mark)
        left_out_text_count = len(self.marks) - len(remaining_marks)
        self.marks[:] = remaining_marks
        warn_of_left_out_texts(left_out_text_count, (self.width_mm, self.height_mm))

    def draw_on(self, axes: Axes) -> None:
        """Draw each mark as an artist; the axes lose their lines and ticks, and have the units of the sketch."""
        unit_width_mm, unit_height_mm = self.unit_mm
        axes_right_x = self.start + self.width_mm / unit_width_mm
        axes_top_y = (self.height_mm - self.foot_mm) / unit_height_mm
        axes.set(
            xlim=(self.start, axes_right_x), ylim=(-self.foot_mm / unit_height_mm, axes_top_y), xticks=[], yticks=[]
        )
        axes.spines[:].set_visible(False)
        for mark in self.marks:
            match mark:
                case Line(points, look, is_behind):
                    line_x_array, line_y_array = np.transpose(points)
                    line_artist = Line2D(line_x_array, line_y_array, color=look.edge, linewidth=look.width)
                    line_artist.set_linestyle((0, look.dashes) if look.dashes else "-")
                    line_artist.set_zorder(0.5 if is_behind else line_artist.get_zorder())
                    axes.add_artist(line_artist)
                case Label():
                    text_offset_options: dict[str, Any] = {
                        "xytext": (0, mm_to_points(mark.above_mm)),
                        "textcoords": "offset points",
                    }
                    annotation_options = text_offset_options if mark.above_mm else {}
                    text_artist = axes.annotate(
                        mark.words, (mark.x, mark.y), annotation_clip=False, **annotation_options
                    )
                    text_artist.set(
                        ha=mark.align, size=mark.size, weight=mark.weight, fontstyle=mark.style, color=mark.colour
                    )
                    if mark.background:
                        text_artist.set_bbox(
                            {
                                "facecolor": mark.background,
                                "edgecolor": "none",
                                "pad": mm_to_points(TEXT_BACKGROUND_MARGIN_MM),
                            }
                        )
                case Disc(x, y, radius, look, tip):
                    axes.add_artist(Circle((x, y), radius, **patch_properties(look, tip)))
                case Box(left, foot, width, height, look, tip):
                    axes.add_artist(Rectangle((left, foot), width, height, **patch_properties(look, tip)))
                case Area(path, look, tip):
                    axes.add_artist(PathPatch(path, **patch_properties(look, tip)))

    def svg(self, prefix: str = "chart") -> str:
        """Return the drawing as an SVG element to embed; every id begins with ``prefix``.

        Lines lie over areas, texts over all; only texts may reach beyond the paper.
        """
        line_marks = [mark for mark in self.marks if isinstance(mark, Line)]
        text_marks = [mark for mark in self.marks if isinstance(mark, Label)]
        area_marks = [mark for mark in self.marks if not isinstance(mark, Line | Label)]
        lines_behind_areas, lines_over_areas = (
            [line_mark for line_mark in line_marks if line_mark.is_behind is is_behind] for is_behind in (True, False)
        )
        paper_width_text, paper_height_text = _points_text(self.width_mm), _points_text(self.height_mm)
        width_attribute_text, height_attribute_text = (
            f"{round(side_length_mm, 2):g}mm" for side_length_mm in (self.width_mm, self.height_mm)
        )
        size_attributes_text = (
            f'width="{width_attribute_text}" height="{height_attribute_text}" '
            f'viewBox="0 0 {paper_width_text} {paper_height_text}"'
        )
        svg_element_texts = [
            f'<svg {size_attributes_text} font-family="{SVG_FONT_FAMILIES}" stroke-linejoin="round" xmlns="http://www.w3.org/2000/svg">',
            f'<clipPath id="{prefix}-frame"><rect width="{paper_width_text}" height="{paper_height_text}"/></clipPath>',
            *dict.fromkeys(_hatching_element(mark.look) for mark in area_marks if mark.look.is_hatched),
            f'<g clip-path="url(#{prefix}-frame)">',
            *(self._element(mark) for mark in (*lines_behind_areas, *area_marks, *lines_over_areas)),
            "</g>",
            *(self._element(mark) for mark in text_marks),
            "</svg>",
        ]
        return pictures.with_tips(
            re.sub(rf"(?<=[\"#]){HATCHING_ID_START}", f"{prefix}-{HATCHING_ID_START}", "\n".join(svg_element_texts))
        )

    def _paper_mm(self, x: float, y: float) -> tuple[float, float]:
        """Return a position in millimetres of the paper."""
        return (x - self.start) * self.unit_mm[0], self.foot_mm + y * self.unit_mm[1]

    def _svg_point(self, x: float, y: float) -> tuple[str, str]:
        """Return a position as SVG writes it, in points from the upper left."""
        x_mm, y_mm = self._paper_mm(x, y)
        return _points_text(x_mm), _points_text(self.height_mm - y_mm)

    def _element(self, mark: Mark) -> str:
        """Return a mark as an SVG element; a label with a background follows the rectangle of it."""
        match mark:
            case Label():
                style_rules = [f"font-style: {mark.style}"] * (mark.style != "normal")
                style_rules += [f"font-weight: {mark.weight}"] * (mark.weight != 400) + [f"font-size: {mark.size:g}px"]
                style_rules += [f"text-anchor: {SVG_ANCHOR_BY_ALIGN[mark.align]}"] * (mark.align != "left")
                text_x_mm, text_y_mm = self._paper_mm(mark.x, mark.y)
                text_top_mm = self.height_mm - text_y_mm - mark.above_mm
                position_attributes_text = f'x="{_points_text(text_x_mm)}" y="{_points_text(text_top_mm)}"'
                style_text = "; ".join([*style_rules, f"fill: {mark.colour}"])
                text_element_svg = (
                    f'<text style="{style_text}" {position_attributes_text}>{escape(mark.words, quote=False)}</text>'
                )
                if not mark.background:
                    return text_element_svg
                margin_mm = TEXT_BACKGROUND_MARGIN_MM
                box_left, box_foot, box_right, box_top = self.label_box_mm(mark)
                corner_attributes_text = (
                    f'x="{_points_text(box_left - margin_mm)}" y="{_points_text(self.height_mm - box_top - margin_mm)}"'
                )
                background_width_text = _points_text(box_right - box_left + 2 * margin_mm)
                background_height_text = _points_text(box_top - box_foot + 2 * margin_mm)
                size_attributes_text = f'width="{background_width_text}" height="{background_height_text}"'
                attributes_text = f'{corner_attributes_text} {size_attributes_text} style="fill: {mark.background}"'
                return f"<rect {attributes_text}/>\n{text_element_svg}"
            case Line(points, look):
                first_point_text, *next_point_texts = (" ".join(self._svg_point(*point)) for point in points)
                return f'<path d="M{first_point_text}L{" ".join(next_point_texts)}" style="{_css_of(look)}"/>'
            case Disc(x, y, radius, look, tip):
                svg_x_text, svg_y_text = self._svg_point(x, y)
                position_attributes_text = f'cx="{svg_x_text}" cy="{svg_y_text}" r="{_points_text(radius)}"'
                return f'<circle{_id_attribute(tip)} {position_attributes_text} style="{_css_of(look)}"/>'
            case Box(box_left, box_foot, width, height, look, tip):
                svg_x_text, svg_y_text = self._svg_point(box_left, box_foot + height)
                size_attributes_text = (
                    f'width="{_points_text(width * self.unit_mm[0])}" height="{_points_text(height * self.unit_mm[1])}"'
                )
                place_attributes_text = f'x="{svg_x_text}" y="{svg_y_text}" {size_attributes_text}'
                return f'<rect{_id_attribute(tip)} {place_attributes_text} style="{_css_of(look)}"/>'
            case Area(path, look, tip, is_cached):
                path_data = (_cached_path_data if is_cached else _path_data)(path, self.height_mm)
                return f'<path{_id_attribute(tip)} d="{path_data}" style="{_css_of(look)}"/>'


def _id_attribute(tip: str) -> str:
    """Return a tip as the id of an SVG element; empty without a tip."""
    return f' id="{escape(tip)}"' if tip else ""


def overlaps(box: Box4, boxes: Iterable[Box4], gap_mm: float = 0.0) -> bool:
    """Tell whether a box is nearer than ``gap_mm`` to one of these boxes."""
    box_left, box_foot, box_right, box_top = box[0] - gap_mm, box[1] - gap_mm, box[2] + gap_mm, box[3] + gap_mm
    return any(
        box_left < near_box[2] and near_box[0] < box_right and box_foot < near_box[3] and near_box[1] < box_top
        for near_box in boxes
    )


def _hatching_element(look: Look) -> str:
    """Return the hatching of a look as an SVG pattern; strokes at two corners join the lines of neighbouring tiles."""
    tile_side_pt = HATCH_LINE_GAP_PT
    stroke_rules_text = f"fill: none; stroke: {look.edge}; stroke-width: {HATCH_LINE_WIDTH_PT}"
    stroke_path_data = (
        f"M0 {tile_side_pt}L{tile_side_pt} 0M-1 1L1 -1"
        f"M{tile_side_pt - 1} {tile_side_pt + 1}L{tile_side_pt + 1} {tile_side_pt - 1}"
    )
    tile_element_svg = f'<rect width="{tile_side_pt}" height="{tile_side_pt}" style="fill: {look.fill}"/>'
    stroke_element_svg = f'<path d="{stroke_path_data}" style="{stroke_rules_text}"/>'
    size_attributes_text = f'width="{tile_side_pt}" height="{tile_side_pt}" patternUnits="userSpaceOnUse"'
    return f'<pattern id="{_hatching_id(look)}" {size_attributes_text}>{tile_element_svg}{stroke_element_svg}</pattern>'


def _hatching_id(look: Look) -> str:
    """Return the id of the SVG pattern for the hatching of a look, made of its fill and edge colours."""
    return f"{HATCHING_ID_START}{look.fill[1:]}-{look.edge[1:]}"


def _css_of(look: Look) -> str:
    """Return a look as the CSS rules of an SVG element."""
    css_rules = [f"fill: url(#{_hatching_id(look)})" if look.is_hatched else f"fill: {look.fill or 'none'}"]
    if look.edge:
        css_rules += [f"stroke: {look.edge}", f"stroke-width: {look.width:g}"]
    if look.dashes:
        css_rules.append(
            f"stroke-dasharray: {','.join(f'{dash_length * look.width:.4g}' for dash_length in look.dashes)}"
        )
    if look.opacity < 1:
        css_rules.append(f"opacity: {look.opacity:g}")
    return "; ".join(css_rules)


def _path_data(path: Path, height_mm: float) -> str:
    """Return an outline as the ``d`` of an SVG path, in points with one decimal.

    Straight lines are relative to the previous corner and left out where they have no length; curves are absolute.
    """
    path_points: Floats = np.array(path.vertices, dtype=float)
    points_in_tenths = np.rint((path_points * (1, -1) + (0, height_mm)) * 10 * mm_to_points(1)).astype(int).tolist()
    path_codes: list[Any] = [Path.MOVETO, *[Path.LINETO] * (len(points_in_tenths) - 1)]
    path_codes = path_codes if path.codes is None else np.array(path.codes).tolist()
    svg_commands: list[str] = []
    last_command, last_point_x, last_point_y = "", 0, 0
    for (point_x, point_y), path_code in zip(points_in_tenths, path_codes, strict=True):
        if path_code == Path.CLOSEPOLY:
            last_command = "z"
            svg_commands.append(last_command)
        elif path_code != Path.LINETO or (point_x, point_y) != (last_point_x, last_point_y):
            next_command = SVG_COMMAND_BY_PATH_CODE[path_code]
            command_x, command_y = (
                (point_x - last_point_x, point_y - last_point_y) if path_code == Path.LINETO else (point_x, point_y)
            )
            svg_commands.append(
                f"{' ' if last_command == next_command else next_command}{command_x / 10:g} {command_y / 10:g}"
            )
            last_command, last_point_x, last_point_y = next_command, point_x, point_y
    return "".join(svg_commands)


_cached_path_data = cache(_path_data)


def _points_text(length_mm: float) -> str:
    """Return a length, given in mm, in points as text, with two decimals at most."""
    return f"{mm_to_points(length_mm):.2f}".rstrip("0").rstrip(".")


def patch_properties(look: Look, tip: str) -> dict[str, Any]:
    """Return a look, and a tip as id, as the properties of a Matplotlib patch."""
    return {
        "facecolor": look.fill or "none",
        "edgecolor": look.edge or "none",
        "linewidth": look.width,
        "linestyle": (0, look.dashes) if look.dashes else "-",
        "alpha": look.opacity if look.opacity < 1 else None,
        "hatch": MATPLOTLIB_HATCH if look.is_hatched else None,
        "gid": tip or None,
    }
