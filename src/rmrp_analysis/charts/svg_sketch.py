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

# Move, line (relative), curve
SVG_COMMAND_BY_PATH_CODE: Mapping[Any, str] = {Path.MOVETO: "M", Path.LINETO: "l", Path.CURVE4: "C"}
WHITE = "#ffffff"  # of paper and of lines between areas
TEXT_BACKGROUND_MARGIN_MM = 0.28  # how far the background of a text reaches beyond it
HATCH_LINE_GAP_PT = 5  # between the lines of a hatching, along an edge
HATCH_LINE_WIDTH_PT = 1.1
HATCHING_ID_START = "hatched-"  # how the id of each SVG pattern of a hatching begins
MATPLOTLIB_HATCH = "///"  # Matplotlib's hatching that looks nearly as that of the SVG
# ``text-anchor`` by the ``align`` of a label
SVG_ANCHOR_BY_ALIGN = {"left": "start", "center": "middle", "right": "end"}


class Look(NamedTuple):
    """The fill and outline of a mark. Colours are ``#rrggbb``, or "" for no colour. ``width`` is in points.

    ``dashes`` are lengths of line and gap in widths of the line. If ``is_hatched``, lines in the colour of the edge lie
    over the fill.
    """

    fill: str = ""
    edge: str = ""
    width: float = 0.0
    dashes: tuple[float, ...] = ()
    opacity: float = 1.0
    is_hatched: bool = False


def make_hatched_look(colour: str) -> Look:
    """Return the look of a number in doubt: hatched in its colour, on a pale one of people or money or on paper."""
    grounds = {hex_of("people"): "people-pale", hex_of("money"): "money-tint"}
    return Look(hex_of(grounds.get(colour, "paper")), colour, 0.7, is_hatched=True)


class Disc(NamedTuple):
    """A circle. ``tip`` is its text for the pointer, as ``pictures.tip`` writes it."""

    x: float
    y: float
    radius: float
    look: Look
    tip: str = ""


class Box(NamedTuple):
    """A rectangle. ``foot`` is its lower edge, ``tip`` as in ``Disc``."""

    left: float
    foot: float
    width: float
    height: float
    look: Look
    tip: str = ""


class Area(NamedTuple):
    """The area within an outline. If ``is_cached``, the outline is the same in many drawings, and its SVG is cached."""

    path: Path
    look: Look
    tip: str = ""
    is_cached: bool = False


class Line(NamedTuple):
    """A line through points, an array of shape (n, 2), over areas or behind."""

    points: Sequence[Sequence[float]] | Floats
    look: Look
    is_behind: bool = False


class Label(NamedTuple):
    """A text on one line with its left end, center or right end (``align``) at ``x``.

    Its base line is ``above_mm`` over ``y``. ``background`` is a colour around the text, or "".
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
Mark: TypeAlias = Disc | Box | Area | Line | Label  # the marks of a sketch


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
        """Add marks, each over the earlier marks."""
        self.marks.extend(marks)

    def label_box_mm(self, label: Label) -> Box4:
        """Return the box of a text: left, foot, right and top in millimetres of the paper."""
        x, y = self._paper_mm(label.x, label.y)
        y += label.above_mm
        share = label.size / TEXT_PT
        length = width_of(label.words, weight=label.weight, size=label.size, style=label.style)
        left = x - length * {"left": 0, "center": 0.5, "right": 1}[label.align]
        return (left, y - DESCENT_MM * share, left + length, y + ASCENT_MM * share)

    def rectangle_box_mm(self, box: Box) -> Box4:
        """Return the box of a rectangle: left, foot, right and top in millimetres of the paper."""
        return (*self._paper_mm(box.left, box.foot), *self._paper_mm(box.left + box.width, box.foot + box.height))

    def clamp_x(self, label: Label) -> float:
        """Return the ``x`` of a centred text, moved so that neither side of the paper cuts the text."""
        half = width_of(label.words, weight=label.weight, size=label.size, style=label.style) / self.unit_mm[0] / 2
        return min(max(label.x, self.start + half), self.start + self.width_mm / self.unit_mm[0] - half)

    def leave_out_overlapping(self) -> None:
        """Remove labels that overlap an earlier one, and warn how many. All other marks stay."""
        marks, boxes = list[Mark](), list[Box4]()
        for mark in self.marks:
            if isinstance(mark, Label):
                margin = ALLOWED_TEXT_OVERLAP_SHARE * mark.size / mm_to_points(1)
                left, foot, right, top = self.label_box_mm(mark)
                box = (left + margin, foot + margin, right - margin, top - margin)
                if overlaps(box, boxes):
                    continue
                boxes.append(box)
            marks.append(mark)
        left_out = len(self.marks) - len(marks)
        self.marks[:] = marks
        warn_of_left_out_texts(left_out, (self.width_mm, self.height_mm))

    def draw_on(self, axes: Axes) -> None:
        """Draw each mark as an artist. The axes lose their lines and ticks, and have the units of the sketch."""
        wide, high = self.unit_mm
        right = self.start + self.width_mm / wide
        top = (self.height_mm - self.foot_mm) / high
        axes.set(xlim=(self.start, right), ylim=(-self.foot_mm / high, top), xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        for mark in self.marks:
            match mark:
                case Line(points, look, is_behind):
                    xs, ys = np.transpose(points)
                    line = Line2D(xs, ys, color=look.edge, linewidth=look.width)
                    line.set_linestyle((0, look.dashes) if look.dashes else "-")
                    line.set_zorder(0.5 if is_behind else line.get_zorder())
                    axes.add_artist(line)
                case Label():
                    offset: dict[str, Any] = {}
                    if mark.above_mm:
                        offset = {"xytext": (0, mm_to_points(mark.above_mm)), "textcoords": "offset points"}
                    text = axes.annotate(mark.words, (mark.x, mark.y), annotation_clip=False, **offset)
                    text.set(ha=mark.align, size=mark.size, weight=mark.weight, fontstyle=mark.style, color=mark.colour)
                    if mark.background:
                        pad = mm_to_points(TEXT_BACKGROUND_MARGIN_MM)
                        text.set_bbox({"facecolor": mark.background, "edgecolor": "none", "pad": pad})
                case Disc(x, y, radius, look, tip):
                    axes.add_artist(Circle((x, y), radius, **patch_properties(look, tip)))
                case Box(left, foot, width, height, look, tip):
                    axes.add_artist(Rectangle((left, foot), width, height, **patch_properties(look, tip)))
                case Area(path, look, tip):
                    axes.add_artist(PathPatch(path, **patch_properties(look, tip)))

    def svg(self, prefix: str = "chart") -> str:
        """Return the drawing as an SVG element to embed, with ``prefix`` before every id.

        Lines lie over areas, texts over all marks. Only texts may reach beyond the paper.
        """
        lines = [mark for mark in self.marks if isinstance(mark, Line)]
        texts = [mark for mark in self.marks if isinstance(mark, Label)]
        areas = [mark for mark in self.marks if not isinstance(mark, Line | Label)]
        behind, over = ([line for line in lines if line.is_behind is is_behind] for is_behind in (True, False))
        width, height = _points_text(self.width_mm), _points_text(self.height_mm)
        width_mm, height_mm = (f"{round(length, 2):g}mm" for length in (self.width_mm, self.height_mm))
        size = f'width="{width_mm}" height="{height_mm}" viewBox="0 0 {width} {height}"'
        drawing = [
            f'<svg {size} font-family="{SVG_FONT_FAMILIES}" stroke-linejoin="round" xmlns="http://www.w3.org/2000/svg">',
            f'<clipPath id="{prefix}-frame"><rect width="{width}" height="{height}"/></clipPath>',
            *dict.fromkeys(_hatching_element(mark.look) for mark in areas if mark.look.is_hatched),
            f'<g clip-path="url(#{prefix}-frame)">',
            *(self._element(mark) for mark in (*behind, *areas, *over)),
            "</g>",
            *(self._element(mark) for mark in texts),
            "</svg>",
        ]
        text = re.sub(rf"(?<=[\"#]){HATCHING_ID_START}", f"{prefix}-{HATCHING_ID_START}", "\n".join(drawing))
        return pictures.with_tips(text)

    def _paper_mm(self, x: float, y: float) -> tuple[float, float]:
        """Return a position in millimetres of the paper."""
        return (x - self.start) * self.unit_mm[0], self.foot_mm + y * self.unit_mm[1]

    def _svg_point(self, x: float, y: float) -> tuple[str, str]:
        """Return a position as SVG writes it, in points from the upper left."""
        x_mm, y_mm = self._paper_mm(x, y)
        return _points_text(x_mm), _points_text(self.height_mm - y_mm)

    def _element(self, mark: Mark) -> str:
        """Return a mark as an SVG element. The rectangle of a background stands before its label."""
        match mark:
            case Label():
                rules = [f"font-style: {mark.style}"] * (mark.style != "normal")
                rules += [f"font-weight: {mark.weight}"] * (mark.weight != 400) + [f"font-size: {mark.size:g}px"]
                rules += [f"text-anchor: {SVG_ANCHOR_BY_ALIGN[mark.align]}"] * (mark.align != "left")
                style = "; ".join([*rules, f"fill: {mark.colour}"])
                x_mm, y_mm = self._paper_mm(mark.x, mark.y)
                place = f'x="{_points_text(x_mm)}" y="{_points_text(self.height_mm - y_mm - mark.above_mm)}"'
                element = f'<text style="{style}" {place}>{escape(mark.words, quote=False)}</text>'
                if not mark.background:
                    return element
                margin = TEXT_BACKGROUND_MARGIN_MM
                left, foot, right, top = self.label_box_mm(mark)
                place = f'x="{_points_text(left - margin)}" y="{_points_text(self.height_mm - top - margin)}"'
                wide, high = _points_text(right - left + 2 * margin), _points_text(top - foot + 2 * margin)
                return f'<rect {place} width="{wide}" height="{high}" style="fill: {mark.background}"/>\n{element}'
            case Line(points, look):
                start, *rest = (" ".join(self._svg_point(*point)) for point in points)
                return f'<path d="M{start}L{" ".join(rest)}" style="{_css_of(look)}"/>'
            case Disc(x, y, radius, look, tip):
                svg_x, svg_y = self._svg_point(x, y)
                place = f'cx="{svg_x}" cy="{svg_y}" r="{_points_text(radius)}"'
                return f'<circle{_id_attribute(tip)} {place} style="{_css_of(look)}"/>'
            case Box(left, foot, width, height, look, tip):
                svg_x, svg_y = self._svg_point(left, foot + height)
                wide, high = _points_text(width * self.unit_mm[0]), _points_text(height * self.unit_mm[1])
                place = f'x="{svg_x}" y="{svg_y}" width="{wide}" height="{high}"'
                return f'<rect{_id_attribute(tip)} {place} style="{_css_of(look)}"/>'
            case Area(path, look, tip, is_cached):
                data = (_cached_path_data if is_cached else _path_data)(path, self.height_mm)
                return f'<path{_id_attribute(tip)} d="{data}" style="{_css_of(look)}"/>'


def _id_attribute(tip: str) -> str:
    """Return a tip as the id of an SVG element, or an empty text without a tip."""
    return f' id="{escape(tip)}"' if tip else ""


def overlaps(box: Box4, boxes: Iterable[Box4], gap_mm: float = 0.0) -> bool:
    """Tell whether a box is nearer than ``gap_mm`` to one of these boxes."""
    left, foot, right, top = box[0] - gap_mm, box[1] - gap_mm, box[2] + gap_mm, box[3] + gap_mm
    return any(left < other[2] and other[0] < right and foot < other[3] and other[1] < top for other in boxes)


def _hatching_element(look: Look) -> str:
    """Return the hatching of a look as an SVG pattern."""
    end = HATCH_LINE_GAP_PT
    rules = f"fill: none; stroke: {look.edge}; stroke-width: {HATCH_LINE_WIDTH_PT}"
    # Strokes at two corners join the lines of neighbouring tiles
    lines = f"M0 {end}L{end} 0M-1 1L1 -1M{end - 1} {end + 1}L{end + 1} {end - 1}"
    tile = f'<rect width="{end}" height="{end}" style="fill: {look.fill}"/>'
    strokes = f'<path d="{lines}" style="{rules}"/>'
    size = f'width="{end}" height="{end}" patternUnits="userSpaceOnUse"'
    return f'<pattern id="{_hatching_id(look)}" {size}>{tile}{strokes}</pattern>'


def _hatching_id(look: Look) -> str:
    """Return the id of the SVG pattern for the hatching of a look, made of its fill and edge colours."""
    return f"{HATCHING_ID_START}{look.fill[1:]}-{look.edge[1:]}"


def _css_of(look: Look) -> str:
    """Return a look as the CSS rules of an SVG element."""
    rules = [f"fill: url(#{_hatching_id(look)})" if look.is_hatched else f"fill: {look.fill or 'none'}"]
    if look.edge:
        rules += [f"stroke: {look.edge}", f"stroke-width: {look.width:g}"]
    if look.dashes:
        rules.append(f"stroke-dasharray: {','.join(f'{dash * look.width:.4g}' for dash in look.dashes)}")
    if look.opacity < 1:
        rules.append(f"opacity: {look.opacity:g}")
    return "; ".join(rules)


def _path_data(path: Path, height_mm: float) -> str:
    """Return an outline as the ``d`` of an SVG path, in points with one decimal."""
    points: Floats = np.array(path.vertices, dtype=float)
    tenths = np.rint((points * (1, -1) + (0, height_mm)) * 10 * mm_to_points(1)).astype(int).tolist()
    codes: list[Any] = [Path.MOVETO, *[Path.LINETO] * (len(tenths) - 1)]
    codes = codes if path.codes is None else np.array(path.codes).tolist()
    pieces: list[str] = []
    command, east, south = "", 0, 0
    for (x, y), code in zip(tenths, codes, strict=True):
        if code == Path.CLOSEPOLY:
            command = "z"
            pieces.append(command)
        elif code != Path.LINETO or (x, y) != (east, south):
            letter = SVG_COMMAND_BY_PATH_CODE[code]
            across, down = (x - east, y - south) if code == Path.LINETO else (x, y)
            pieces.append(f"{' ' if command == letter else letter}{across / 10:g} {down / 10:g}")
            command, east, south = letter, x, y
    return "".join(pieces)


_cached_path_data = cache(_path_data)


def _points_text(length_mm: float) -> str:
    """Return a length in points as text, with two decimals at most."""
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
