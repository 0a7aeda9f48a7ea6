"""The paper that charts are drawn on: axes measured in millimetres, texts that have room, a title, a key."""

import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from math import ceil
from typing import Any
from weakref import WeakKeyDictionary

from matplotlib import rcParams
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, FigureBase
from matplotlib.text import Annotation, Text
from matplotlib.transforms import BboxBase

from rmrp_analysis.charts.drawing import svg
from rmrp_analysis.charts.look import FAMILY
from rmrp_analysis.charts.parts import Part

COLUMNS_6_MM, COLUMNS_8_MM, COLUMNS_12_MM = 88.0, 118.7, 180.0  # the sheet's grid
TEXT_PT, TITLE_PT = 8.4, 10.5
LINE_MM, TITLE_LINE_MM, TITLE_GAP_MM = 3.5, 4.4, 1.6
NAMES_SHARE, GAP_MM, EDGE_MM = 0.42, 1.0, 1.2  # of the width for the names of rows; beside them; free at the edge
AXIS_LABEL_MM, KEY_LINE_MM = 5.0, 4.9
SWATCH_MM = 6.5
TOUCH_SHARE = 0.16  # of the type size: so much of their boxes may overlap before letters do

_SHOWN: WeakKeyDictionary[Axes, list[tuple[str, str]]] = WeakKeyDictionary()


class SheetFigure(Figure):
    """A figure that pyplot does not know; it or its axes as the last line of a cell show the drawing."""

    def _repr_svg_(self) -> str:
        return svg(self)


class SheetAxes(Axes):
    """The axes of such a figure."""

    def _repr_svg_(self) -> str:
        return svg(self)


def axes_for(
    ax: Axes | None,
    width_mm: float,
    height_mm: float,
    *,
    title: str = "",
    left_mm: float = 0,
    head_mm: float = 0,
    foot_mm: float = 0,
) -> Axes:
    """The axes to draw in: ``ax``, else new ones of this size, to which the title adds.

    The title, and what stands outside the axes at left, head and foot, are taken from that rectangle, so that nothing
    runs into a neighbouring chart.
    """
    heading = fitted(title, size_mm(ax)[0] if ax else width_mm, lines=3, weight=600, size=TITLE_PT)
    title_mm = (1 + heading.count("\n")) * TITLE_LINE_MM + TITLE_GAP_MM if title else 0
    if ax is None:
        figure = SheetFigure(figsize=(width_mm / 25.4, (height_mm + title_mm) / 25.4))
        FigureCanvasAgg(figure)  # a canvas that can measure text
        ax = figure.add_axes(SheetAxes(figure, (0, 0, 1, 1)))
    if ax.get_figure(root=True).get_layout_engine() is None:  # type: ignore[union-attr]
        box, (wide, high) = ax.get_position(), size_mm(ax.figure)
        width, height = box.width - left_mm / wide, box.height - (head_mm + title_mm + foot_mm) / high
        ax.set_position((box.x0 + left_mm / wide, box.y0 + foot_mm / high, width, height))
    ax.patch.set_visible(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(which="both", length=0)
    ax.tick_params(axis="x", labelcolor=rcParams["xtick.color"], labelsize=rcParams["xtick.labelsize"])
    ax.tick_params(axis="y", labelcolor=rcParams["ytick.labelcolor"], labelsize=rcParams["ytick.labelsize"])
    if title:
        ax.set_title(heading, x=-left_mm / size_mm(ax)[0], y=1, pad=points(head_mm + TITLE_GAP_MM))
    return ax


def in_millimetres(axes: Axes) -> Axes:
    """The axes as plain paper: no lines of their own, and a unit is a millimetre."""
    width, height = size_mm(axes)
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.set_axis_off()
    return axes


def size_mm(drawn: Axes | FigureBase) -> tuple[float, float]:
    """Width and height of axes or of a figure in millimetres."""
    box, mm = (drawn.bbox, 25.4 / drawn.get_figure(root=True).dpi)  # type: ignore[union-attr]
    return float(box.width * mm), float(box.height * mm)


def points(length_mm: float) -> float:
    """A length in points, in which Matplotlib measures."""
    return length_mm / 25.4 * 72


def written(
    axes: Axes, place: tuple[float, float], words: str, *, dx_mm: float = 0, dy_mm: float = 0, **look: Any
) -> Annotation:
    """A text so many millimetres beside the point that it belongs to."""
    look = {"color": rcParams["xtick.color"], "annotation_clip": False} | look
    return axes.annotate(words, place, (points(dx_mm), points(dy_mm)), textcoords="offset points", **look)


@cache
def _ruler() -> Text:
    figure = Figure()
    FigureCanvasAgg(figure)
    return figure.text(0, 0, "")


@lru_cache(maxsize=4096)
def width_mm(words: str, *, weight: int = 400, size: float = TEXT_PT, style: str = "normal") -> float:
    """The printed width of a text in millimetres; within ``sheet_style`` alone."""
    ruler = _ruler()
    ruler.set(text=words, weight=weight, size=size, style=style)
    return float(ruler.get_window_extent().width / rcParams["figure.dpi"] * 25.4)


def fitted(words: str, room_mm: float, *, lines: int = 1, weight: int = 400, size: float = TEXT_PT) -> str:
    """The text broken between words into lines that have room.

    Where that takes more than ``lines``, its acronym if it ends in one; else as many letters as fit, with an ellipsis.
    """

    def fits(line: str) -> bool:
        return width_mm(line, weight=weight, size=size) <= room_mm

    if fits(words):
        return words
    broken = [""]
    for word in words.split():
        longer = f"{broken[-1]} {word}".strip()
        if broken[-1] and len(broken) < lines and not fits(longer):
            broken.append(word)
        else:
            broken[-1] = longer
    acronym = re.search(r"\(([^()]+)\)$", words)
    if acronym and not all(map(fits, broken)):
        return fitted(acronym[1], room_mm, weight=weight, size=size)
    for number, line in enumerate(broken):
        while line and not fits(broken[number]):
            line = line[:-1].rstrip()
            broken[number] = f"{line}…"
    return "\n".join(broken)


def room_for(names: Sequence[str], room_mm: float, *, lines: int = 1) -> tuple[float, list[str]]:
    """How many millimetres the names of rows take at left, and the names as they fit there."""
    shown = [fitted(name, NAMES_SHARE * room_mm, lines=lines) for name in names]
    return max(map(width_mm, shown), default=0) + GAP_MM + EDGE_MM, shown


def label_axis(axis: Axis, words: str, *, left_mm: float = 0, above_mm: float = 0) -> None:
    """What an axis measures, above the axes, from the left edge of what stands beside them."""
    (width, height), look = size_mm(axis.axes), {"color": rcParams["axes.labelcolor"], "size": TEXT_PT}
    axis.set_label_text(words, rotation=0, ha="left", va="bottom", **look)
    axis.set_label_coords(-left_mm / width, 1 + (above_mm + GAP_MM) / height)


def key_mm(names: Sequence[str], room_mm: float) -> float:
    """The height of a key with these names."""
    return ceil(len(names) / _key_columns(names, room_mm)) * KEY_LINE_MM if names else 0


def draw_key(axes: Axes, key: Mapping[str, Artist], *, left_mm: float, above_mm: float = 0) -> None:
    """A key above the axes, from the left edge of what stands beside them."""
    if key:
        (width, height), ncols = size_mm(axes), _key_columns(list(key), size_mm(axes)[0] + left_mm)
        names = [fitted(name, width + left_mm - SWATCH_MM) for name in key]
        place = -left_mm / width, 1 + (above_mm + GAP_MM) / height
        axes.legend(list(key.values()), names, loc="lower left", bbox_to_anchor=place, ncols=ncols)


def _key_columns(names: Sequence[str], room_mm: float) -> int:
    return max(1, int(room_mm / (SWATCH_MM + max(map(width_mm, names)))))


def finished(axes: Axes, parts: Iterable[Part | tuple[str, str]], *, within: Axes | None) -> Axes:
    """The axes, with what they show remembered; texts that have no room in axes of the caller's size are left out."""
    _SHOWN[axes] = [part if isinstance(part, tuple) else (part.label, part.text) for part in parts]
    if within is None:
        return axes
    for text in axes.findobj(Text):
        text.set(family=FAMILY, parse_math=False)
    boxes: list[BboxBase] = []
    left_out = 0
    names = [*axes.get_yticklabels(), *axes.get_xticklabels()] if axes.axison else []
    for text in (*axes.texts, *names):
        box = text.get_window_extent()
        box = box.padded(-TOUCH_SHARE * text.get_fontsize() / 72 * axes.figure.dpi)
        text.set_visible(not any(box.overlaps(other) for other in boxes))
        left_out += not text.get_visible()
        boxes += [box] if text.get_visible() and text.get_text() else []
    if left_out:
        size = " × ".join(f"{length:.0f}" for length in size_mm(axes))
        warnings.warn(
            f"{left_out} texts of this chart have no room in axes of {size} mm and are left out; "
            "draw it in larger axes, or without ax=",
            stacklevel=3,
        )
    return axes


def shown_by(axes: Any) -> list[tuple[str, str]] | None:
    """What a chart of this room shows, each part with its value as printed; None for a drawing of another kind.

    >>> import pandas as pd
    >>> from rmrp_analysis import charts
    >>> charts.shown_by(charts.bars(pd.Series({"PER": 296_000, "ECU": 318_000})))
    [('Ecuador', '318\u202fK'), ('Peru', '296\u202fK')]
    """
    return _SHOWN.get(axes) if isinstance(axes, Axes) else None
