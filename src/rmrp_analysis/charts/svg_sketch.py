"""Drawings in millimetres as plain marks, which become an SVG by themselves, or artists on Matplotlib's axes."""

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
from rmrp_analysis.charts.matplotlib_style import FAMILIES, hex_of
from rmrp_analysis.charts.text_layout import ASCENT_MM, DESCENT_MM, TEXT_PT, TOUCH_SHARE, points, warn_of, width_of
from rmrp_analysis.theme import pictures

COMMANDS: Mapping[Any, str] = {Path.MOVETO: "M", Path.LINETO: "l", Path.CURVE4: "C"}
WHITE = "#ffffff"
GROUND_MM = 0.28  # free around a text that has a ground
HATCH_PT, HATCH_LINE_PT = 5, 1.1  # from line to line of a hatching along the edge, and how thick they are
PATTERN = "hatched-"  # with which the id of a hatching begins
HATCH = "///"  # nearly the same in Matplotlib
ANCHORS = {"left": "start", "center": "middle", "right": "end"}


class Look(NamedTuple):
    """How a mark is filled and outlined. Colours are ``#rrggbb``, "" for none; widths are in points, dashes in them.

    ``is_hatched``: with lines in the colour of the edge over the fill.
    """

    fill: str = ""
    edge: str = ""
    width: float = 0.0
    dashes: tuple[float, ...] = ()
    opacity: float = 1.0
    is_hatched: bool = False


def look_of_doubt(colour: str) -> Look:
    """The look of what is in doubt: hatched in its colour, on the palest of people or money."""
    grounds = {hex_of("people"): "people-pale", hex_of("money"): "money-tint"}
    return Look(hex_of(grounds.get(colour, "paper")), colour, 0.7, is_hatched=True)


class Disc(NamedTuple):
    """A circle; its ``tip`` is what it stands for, as ``pictures.tip`` has it."""

    x: float
    y: float
    radius: float
    look: Look
    tip: str = ""


class Box(NamedTuple):
    """A rectangle."""

    left: float
    foot: float
    width: float
    height: float
    look: Look
    tip: str = ""


class Area(NamedTuple):
    """What an outline encloses. Outlines that stay the same from drawing to drawing are kept as SVG (``is_kept``)."""

    path: Path
    look: Look
    tip: str = ""
    is_kept: bool = False


class Line(NamedTuple):
    """A line through points, an array of shape (n, 2); over areas, or ``behind`` them."""

    points: Sequence[Sequence[float]] | Floats
    look: Look
    is_behind: bool = False


class Label(NamedTuple):
    """A text on one line, ``align`` left, center or right of ``x``; its base line is ``above_mm`` over ``y``.

    ``ground`` is a colour around the text.
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
    ground: str = ""


Box4: TypeAlias = tuple[float, float, float, float]
Mark: TypeAlias = Disc | Box | Area | Line | Label


@dataclass(frozen=True)
class Sketch:
    """Marks on a paper of this size. Lines lie over areas, and texts over all.

    Places are in millimetres from the lower left; or in units so many millimetres long, from ``start`` at the left and
    from ``foot_mm`` above the lower edge.
    """

    width_mm: float
    height_mm: float
    unit_mm: tuple[float, float] = (1.0, 1.0)
    start: float = 0.0
    foot_mm: float = 0.0
    marks: list[Mark] = field(default_factory=list)

    def add(self, *marks: Mark) -> None:
        """Draw marks, each over those before it."""
        self.marks.extend(marks)

    def box_mm(self, label: Label) -> Box4:
        """What a text covers: left, foot, right and top in millimetres of the paper."""
        x, y = self._mm(label.x, label.y)
        y, share = y + label.above_mm, label.size / TEXT_PT
        length = width_of(label.words, weight=label.weight, size=label.size, style=label.style)
        left = x - length * {"left": 0, "center": 0.5, "right": 1}[label.align]
        return left, y - DESCENT_MM * share, left + length, y + ASCENT_MM * share

    def box_of(self, box: Box) -> Box4:
        """Give what a rectangle covers, as ``box_mm`` does of a text."""
        return (*self._mm(box.left, box.foot), *self._mm(box.left + box.width, box.foot + box.height))

    def x_within(self, label: Label) -> float:
        """Give the place of a text in the middle of which ``x`` is, moved so that no edge of the paper cuts it."""
        half = width_of(label.words, weight=label.weight, size=label.size, style=label.style) / self.unit_mm[0] / 2
        return min(max(label.x, self.start + half), self.start + self.width_mm / self.unit_mm[0] - half)

    def leave_out_overlapping(self) -> None:
        """Leave out texts that run into one before them, and warn of it."""
        kept, boxes = list[Mark](), list[Box4]()
        for mark in self.marks:
            if isinstance(mark, Label):
                touching = TOUCH_SHARE * mark.size / points(1)
                left, foot, right, top = self.box_mm(mark)
                box = left + touching, foot + touching, right - touching, top - touching
                if overlaps(box, boxes):
                    continue
                boxes.append(box)
            kept.append(mark)
        left_out = len(self.marks) - len(kept)
        self.marks[:] = kept
        warn_of(left_out, (self.width_mm, self.height_mm))

    def draw_on(self, axes: Axes) -> None:
        """Draw each mark as an artist, on axes without lines whose units are those of its places."""
        wide, high = self.unit_mm
        right, top = self.start + self.width_mm / wide, (self.height_mm - self.foot_mm) / high
        axes.set(xlim=(self.start, right), ylim=(-self.foot_mm / high, top), xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        for mark in self.marks:
            match mark:
                case Line(places, look, is_behind):
                    x, y = np.transpose(places)
                    line = Line2D(x, y, color=look.edge, linewidth=look.width)
                    line.set_linestyle((0, look.dashes) if look.dashes else "-")
                    line.set_zorder(0.5 if is_behind else line.get_zorder())
                    axes.add_artist(line)
                case Label():
                    offset: dict[str, Any] = {"xytext": (0, points(mark.above_mm)), "textcoords": "offset points"}
                    lifted = offset if mark.above_mm else {}
                    text = axes.annotate(mark.words, (mark.x, mark.y), annotation_clip=False, **lifted)
                    text.set(ha=mark.align, size=mark.size, weight=mark.weight, fontstyle=mark.style, color=mark.colour)
                    if mark.ground:
                        text.set_bbox({"facecolor": mark.ground, "edgecolor": "none", "pad": points(GROUND_MM)})
                case Disc(x, y, radius, look, tip):
                    axes.add_artist(Circle((x, y), radius, **properties(look, tip)))
                case Box(left, foot, width, height, look, tip):
                    axes.add_artist(Rectangle((left, foot), width, height, **properties(look, tip)))
                case Area(path, look, tip):
                    axes.add_artist(PathPatch(path, **properties(look, tip)))

    def svg(self, prefix: str = "chart") -> str:
        """The drawing as an SVG element to embed, as ``charts.svg`` writes one."""
        lines = [mark for mark in self.marks if isinstance(mark, Line)]
        texts = [mark for mark in self.marks if isinstance(mark, Label)]
        areas = [mark for mark in self.marks if not isinstance(mark, Line | Label)]
        behind, over = ([line for line in lines if line.is_behind is is_behind] for is_behind in (True, False))
        width, height = _pt(self.width_mm), _pt(self.height_mm)
        width_mm, height_mm = (f"{round(length, 2):g}mm" for length in (self.width_mm, self.height_mm))
        size = f'width="{width_mm}" height="{height_mm}" viewBox="0 0 {width} {height}"'
        drawing = [
            f'<svg {size} font-family="{FAMILIES}" stroke-linejoin="round" xmlns="http://www.w3.org/2000/svg">',
            f'<clipPath id="{prefix}-frame"><rect width="{width}" height="{height}"/></clipPath>',
            *dict.fromkeys(_pattern(mark.look) for mark in areas if mark.look.is_hatched),
            f'<g clip-path="url(#{prefix}-frame)">',
            *(self._element(mark) for mark in (*behind, *areas, *over)),
            "</g>",
            *(self._element(mark) for mark in texts),
            "</svg>",
        ]
        return pictures.with_tips(re.sub(rf"(?<=[\"#]){PATTERN}", f"{prefix}-{PATTERN}", "\n".join(drawing)))

    def _mm(self, x: float, y: float) -> tuple[float, float]:
        """A place in millimetres of the paper."""
        return (x - self.start) * self.unit_mm[0], self.foot_mm + y * self.unit_mm[1]

    def _pt(self, x: float, y: float) -> tuple[str, str]:
        """A place as an SVG has it, in points from the upper left."""
        x_mm, y_mm = self._mm(x, y)
        return _pt(x_mm), _pt(self.height_mm - y_mm)

    def _element(self, mark: Mark) -> str:
        """A mark as an SVG element."""
        match mark:
            case Label():
                rules = [f"font-style: {mark.style}"] * (mark.style != "normal")
                rules += [f"font-weight: {mark.weight}"] * (mark.weight != 400) + [f"font-size: {mark.size:g}px"]
                rules += [f"text-anchor: {ANCHORS[mark.align]}"] * (mark.align != "left")
                left, foot, right, top = self.box_mm(mark)
                x, y = self._mm(mark.x, mark.y)
                place = f'x="{_pt(x)}" y="{_pt(self.height_mm - y - mark.above_mm)}"'
                style = "; ".join([*rules, f"fill: {mark.colour}"])
                text = f'<text style="{style}" {place}>{escape(mark.words, quote=False)}</text>'
                if not mark.ground:
                    return text
                corner = f'x="{_pt(left - GROUND_MM)}" y="{_pt(self.height_mm - top - GROUND_MM)}"'
                size = f'width="{_pt(right - left + 2 * GROUND_MM)}" height="{_pt(top - foot + 2 * GROUND_MM)}"'
                return f'<rect {corner} {size} style="fill: {mark.ground}"/>\n{text}'
            case Line(points, look):
                first, *others = (" ".join(self._pt(*point)) for point in points)
                return f'<path d="M{first}L{" ".join(others)}" style="{_rules(look)}"/>'
            case Disc(x, y, radius, look, tip):
                across, down = self._pt(x, y)
                place = f'cx="{across}" cy="{down}" r="{_pt(radius)}"'
                return f'<circle{_named(tip)} {place} style="{_rules(look)}"/>'
            case Box(left, foot, width, height, look, tip):
                across, down = self._pt(left, foot + height)
                size = f'width="{_pt(width * self.unit_mm[0])}" height="{_pt(height * self.unit_mm[1])}"'
                return f'<rect{_named(tip)} x="{across}" y="{down}" {size} style="{_rules(look)}"/>'
            case Area(path, look, tip, is_kept):
                outline = (_kept_outline if is_kept else _outline)(path, self.height_mm)
                return f'<path{_named(tip)} d="{outline}" style="{_rules(look)}"/>'


def _named(tip: str) -> str:
    return f' id="{escape(tip)}"' if tip else ""


def overlaps(box: Box4, others: Iterable[Box4], gap: float = 0.0) -> bool:
    """Whether a box and one of the others are nearer to each other than this gap."""
    left, foot, right, top = box[0] - gap, box[1] - gap, box[2] + gap, box[3] + gap
    return any(left < other[2] and other[0] < right and foot < other[3] and other[1] < top for other in others)


def _pattern(look: Look) -> str:
    """The hatching of a look as SVG has it: the strokes at two corners keep a line whole from tile to tile."""
    end, rules = HATCH_PT, f"fill: none; stroke: {look.edge}; stroke-width: {HATCH_LINE_PT}"
    tile = f'<rect width="{end}" height="{end}" style="fill: {look.fill}"/>'
    strokes = f'<path d="M0 {end}L{end} 0M-1 1L1 -1M{end - 1} {end + 1}L{end + 1} {end - 1}" style="{rules}"/>'
    size = f'width="{end}" height="{end}" patternUnits="userSpaceOnUse"'
    return f'<pattern id="{_pattern_id(look)}" {size}>{tile}{strokes}</pattern>'


def _pattern_id(look: Look) -> str:
    return f"{PATTERN}{look.fill[1:]}-{look.edge[1:]}"


def _rules(look: Look) -> str:
    """A look as SVG writes it."""
    rules = [f"fill: url(#{_pattern_id(look)})" if look.is_hatched else f"fill: {look.fill or 'none'}"]
    if look.edge:
        rules += [f"stroke: {look.edge}", f"stroke-width: {look.width:g}"]
    if look.dashes:
        rules.append(f"stroke-dasharray: {','.join(f'{dash * look.width:.4g}' for dash in look.dashes)}")
    if look.opacity < 1:
        rules.append(f"opacity: {look.opacity:g}")
    return "; ".join(rules)


def _outline(path: Path, height_mm: float) -> str:
    """An outline in tenths of points: straight lines from corner to corner, curves by their points."""
    places: Floats = np.array(path.vertices, dtype=float)
    tenths = np.rint((places * (1, -1) + (0, height_mm)) * 10 * points(1)).astype(int).tolist()
    codes: list[Any] = [Path.MOVETO, *[Path.LINETO] * (len(tenths) - 1)]
    codes = codes if path.codes is None else np.array(path.codes).tolist()
    written: list[str] = []
    command, east, south = "", 0, 0
    for (x, y), code in zip(tenths, codes, strict=True):
        if code == Path.CLOSEPOLY:
            command = "z"
            written.append(command)
        elif code != Path.LINETO or (x, y) != (east, south):
            next_command = COMMANDS[code]
            across, down = (x - east, y - south) if code == Path.LINETO else (x, y)
            written.append(f"{' ' if command == next_command else next_command}{across / 10:g} {down / 10:g}")
            command, east, south = next_command, x, y
    return "".join(written)


_kept_outline = cache(_outline)


def _pt(length_mm: float) -> str:
    """A length in points, with two decimals at most."""
    return f"{points(length_mm):.2f}".rstrip("0").rstrip(".")


def properties(look: Look, tip: str) -> dict[str, Any]:
    """A look as Matplotlib's patches have it."""
    return {
        "facecolor": look.fill or "none",
        "edgecolor": look.edge or "none",
        "linewidth": look.width,
        "linestyle": (0, look.dashes) if look.dashes else "-",
        "alpha": look.opacity if look.opacity < 1 else None,
        "hatch": HATCH if look.is_hatched else None,
        "gid": tip or None,
    }
