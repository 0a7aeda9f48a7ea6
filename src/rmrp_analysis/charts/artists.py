"""Draws a sketch on Matplotlib's axes, so that ordinary calls restyle it."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, PathPatch, Rectangle

from rmrp_analysis.charts.measures import points
from rmrp_analysis.charts.sketches import GROUND_MM, Area, Box, Disc, Label, Line, Look, Sketch


def draw_on(axes: Axes, sketch: Sketch) -> Axes:
    """Draw each mark of a sketch as an artist, on axes without lines whose units are those of its places."""
    wide, high = sketch.unit_mm
    right, top = sketch.start + sketch.width_mm / wide, (sketch.height_mm - sketch.foot_mm) / high
    axes.set(xlim=(sketch.start, right), ylim=(-sketch.foot_mm / high, top), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    for mark in sketch.marks:
        match mark:
            case Line(places, look, is_behind):
                x, y = np.transpose(places)
                line = Line2D(x, y, color=look.edge, linewidth=look.width)
                line.set_linestyle((0, look.dashes) if look.dashes else "-")
                line.set_zorder(0.5 if is_behind else line.get_zorder())
                axes.add_artist(line)
            case Label():
                lift = (0, points(mark.above_mm))
                text = (
                    axes.annotate(mark.words, (mark.x, mark.y), lift, textcoords="offset points", annotation_clip=False)
                    if mark.above_mm
                    else axes.text(mark.x, mark.y, mark.words)
                )
                text.set(ha=mark.align, size=mark.size, weight=mark.weight, fontstyle=mark.style, color=mark.colour)
                if mark.ground:
                    text.set_bbox({"facecolor": mark.ground, "edgecolor": "none", "pad": points(GROUND_MM)})
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
