"""Drawings in millimetres as plain marks, which become an SVG by themselves, or artists of Matplotlib's axes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, PathPatch, Rectangle
from matplotlib.path import Path

from rmrp_analysis.charts.look import FAMILIES
from rmrp_analysis.charts.paper import TEXT_PT, points
from rmrp_analysis.theme import pictures

COMMANDS = {Path.MOVETO: "M", Path.LINETO: "l", Path.CURVE4: "C"}
ANCHORS = {"left": "start", "center": "middle", "right": "end"}


class Look(NamedTuple):
    """How a mark is filled and outlined. Colours are ``#rrggbb``, "" for none; widths are in points, dashes in them."""

    fill: str = ""
    edge: str = ""
    width: float = 0.0
    dashes: tuple[float, ...] = ()
    opacity: float = 1.0


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
    """A line through points, an array of shape (n, 2)."""

    points: Sequence[tuple[float, float]]
    look: Look


class Label(NamedTuple):
    """A text on one line, ``align`` left, center or right of ``x``; ``y`` is its base line."""

    x: float
    y: float
    words: str
    colour: str
    align: str = "left"
    size: float = TEXT_PT
    weight: int = 400
    style: str = "normal"


Mark: TypeAlias = Disc | Box | Area | Line | Label


@dataclass(frozen=True)
class Sketch:
    """Marks on a paper of this size, x from the left and y from the foot. Lines lie over areas, and texts over all."""

    width_mm: float
    height_mm: float
    marks: list[Mark] = field(default_factory=list)

    def add(self, *marks: Mark) -> None:
        """Draw marks, each over those before it."""
        self.marks.extend(marks)

    def svg(self, prefix: str = "chart") -> str:
        """The drawing as an SVG element to embed, as ``charts.svg`` writes one."""
        lines, texts = ([mark for mark in self.marks if isinstance(mark, kind)] for kind in (Line, Label))
        areas = [mark for mark in self.marks if not isinstance(mark, Line | Label)]
        width, height = _pt(self.width_mm), _pt(self.height_mm)
        size = f'width="{self.width_mm:.2f}mm" height="{self.height_mm:.2f}mm" viewBox="0 0 {width} {height}"'
        within = [_element(mark, self.height_mm) for mark in (*areas, *lines)]
        drawing = [
            f'<svg {size} font-family="{FAMILIES}" stroke-linejoin="round" xmlns="http://www.w3.org/2000/svg">',
            f'<clipPath id="{prefix}-frame"><rect width="{width}" height="{height}"/></clipPath>',
            f'<g clip-path="url(#{prefix}-frame)">',
            *within,
            "</g>",
            *(_element(mark, self.height_mm) for mark in texts),
            "</svg>",
        ]
        return pictures.with_tips("\n".join(drawing))

    def draw_on(self, axes: Axes) -> Axes:
        """The axes, in millimetres, with an artist for each mark."""
        for mark in self.marks:
            match mark:
                case Line(points, look):
                    x, y = np.transpose(points)
                    axes.plot(x, y, color=look.edge, linewidth=look.width)
                case Label(x, y, words, colour, align, size, weight, style):
                    axes.text(x, y, words, color=colour, ha=align, size=size, weight=weight, fontstyle=style)
                case Disc(x, y, radius, look, tip):
                    axes.add_artist(Circle((x, y), radius, **_properties(look, tip)))
                case Box(left, foot, width, height, look, tip):
                    axes.add_artist(Rectangle((left, foot), width, height, **_properties(look, tip)))
                case Area(path, look, tip):
                    axes.add_artist(PathPatch(path, **_properties(look, tip)))
        return axes


def _properties(look: Look, tip: str) -> dict[str, Any]:
    """A look as Matplotlib's patches have it."""
    return {
        "facecolor": look.fill or "none",
        "edgecolor": look.edge or "none",
        "linewidth": look.width,
        "linestyle": (0, look.dashes) if look.dashes else "-",
        "alpha": look.opacity if look.opacity < 1 else None,
        "gid": tip or None,
    }


def _element(mark: Mark, height_mm: float) -> str:
    """A mark as an SVG element, in points from the upper left."""
    match mark:
        case Label(x, y, words, colour, align, size, weight, style):
            rules = [f"font-style: {style}"] * (style != "normal") + [f"font-weight: {weight}"] * (weight != 400)
            rules += [f"font-size: {size:g}px"] + [f"text-anchor: {ANCHORS[align]}"] * (align != "left")
            place = f'x="{_pt(x)}" y="{_pt(height_mm - y)}"'
            return f'<text style="{"; ".join([*rules, f"fill: {colour}"])}" {place}>{escape(words, quote=False)}</text>'
        case Line(points, look):
            first, *others = (f"{_pt(x)} {_pt(height_mm - y)}" for x, y in points)
            return f'<path d="M{first}L{" ".join(others)}" style="{_rules(look)}"/>'
        case Disc(x, y, radius, look, tip):
            place = f'cx="{_pt(x)}" cy="{_pt(height_mm - y)}" r="{_pt(radius)}"'
            return f'<circle{_named(tip)} {place} style="{_rules(look)}"/>'
        case Box(left, foot, width, height, look, tip):
            place = f'x="{_pt(left)}" y="{_pt(height_mm - foot - height)}" width="{_pt(width)}" height="{_pt(height)}"'
            return f'<rect{_named(tip)} {place} style="{_rules(look)}"/>'
        case Area(path, look, tip, is_kept):
            outline = (_kept_outline if is_kept else _outline)(path, height_mm)
            return f'<path{_named(tip)} d="{outline}" style="{_rules(look)}"/>'


def _named(tip: str) -> str:
    return f' id="{escape(tip)}"' if tip else ""


def _rules(look: Look) -> str:
    """A look as SVG writes it."""
    rules = [f"fill: {look.fill or 'none'}"]
    if look.edge:
        rules += [f"stroke: {look.edge}", f"stroke-width: {look.width:g}"]
    if look.dashes:
        rules.append(f"stroke-dasharray: {','.join(f'{dash * look.width:.4g}' for dash in look.dashes)}")
    if look.opacity < 1:
        rules.append(f"opacity: {look.opacity:g}")
    return "; ".join(rules)


def _outline(path: Path, height_mm: float) -> str:
    """An outline in tenths of points: straight lines from corner to corner, curves by their points."""
    tenths = np.rint((path.vertices * (1, -1) + (0, height_mm)) * 10 * points(1)).astype(int).tolist()
    codes = [Path.MOVETO, *[Path.LINETO] * (len(tenths) - 1)] if path.codes is None else path.codes.tolist()
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
