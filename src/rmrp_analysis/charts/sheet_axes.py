"""The paper that charts are drawn on: axes measured in millimetres, texts that have room, a title, a key."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

from matplotlib import rcParams
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, FigureBase
from matplotlib.text import Annotation, Text
from matplotlib.transforms import BboxBase

from rmrp_analysis.charts.chart_tables import ChartFormatter, Matrix, Part, Table
from rmrp_analysis.charts.matplotlib_style import by_matplotlib, sheet_style
from rmrp_analysis.charts.svg_sketch import Sketch
from rmrp_analysis.charts.text_layout import GAP_MM, TEXT_PT, TOUCH_SHARE, fitted, points, warn_of, width_of
from rmrp_analysis.theme.inline import FAMILY

TITLE_PT = 10.5
AXIS_LABEL_MM, KEY_LINE_MM, TITLE_LINE_MM, TITLE_GAP_MM = 5.0, 4.9, 4.4, 1.6
SWATCH_MM = 6.5


@dataclass(frozen=True)
class Drawing:
    """What a chart of this room shows: each part by name with its value as printed.

    A chart that is sketched has a ``form`` (``months``, ``flows``, ``map`` …) and, until an analyst restyles it, a
    ``sketch`` that draws it anew in any size; its own is ``size_mm``. ``title`` and ``axis_label`` stand above it.
    ``left_out`` names parts that have no place on a map.

    >>> import pandas as pd
    >>> axes = rmrp.charts.months(pd.Series({"2021-01": 947}), title="A slow start")
    >>> rmrp.charts.drawing_of(axes).title
    'A slow start'
    """

    table: Table
    parts: list[tuple[str, str]]
    unit: str
    form: str = ""
    title: str = ""
    axis_label: str = ""
    left_out: tuple[str, ...] = ()
    size_mm: tuple[float, float] = (0.0, 0.0)
    sketch: Callable[[float, float], Sketch] | None = None

    def svg(self, prefix: str, *, size_mm: tuple[float, float] | None = None) -> str:
        """Give the sketch without what stands above it as an SVG element, in its own size or in this one."""
        assert self.sketch  # noqa: S101 - asked of charts that have one
        sketch = self.sketch(*(size_mm or self.size_mm))
        sketch.leave_out_overlapping()
        return sketch.svg(prefix)


_DRAWINGS: WeakKeyDictionary[Axes, Drawing] = WeakKeyDictionary()


class SheetFigure(Figure):
    """A figure that pyplot does not know; it or its axes as the last line of a cell show the drawing."""

    @property
    def drawn_table(self) -> Table | None:
        """The table that is drawn."""
        shown = drawing_of(self)
        return shown.table if shown else None

    def _repr_svg_(self) -> str:
        return svg(self)


class SheetAxes(Axes):
    """The axes of such a figure.

    Those of a sketch are made when they are first asked for anything but their SVG: that takes Matplotlib ten times as
    long as the sketch, and a report asks for nothing else.
    """

    @classmethod
    def of_sketch(cls, make: Callable[["SheetAxes"], object]) -> "SheetAxes":
        """Give axes that ``make`` sets up and draws on when they are needed."""
        axes = object.__new__(cls)
        axes.__dict__["_make"] = make
        return axes

    def __getattr__(self, name: str) -> Any:
        make = self.__dict__.pop("_make", None)
        if make is None:
            raise AttributeError(f"these axes have no '{name}'")
        make(self)
        return getattr(self, name)

    def _repr_svg_(self) -> str:
        return svg(self)


def frame(
    ax: Axes | None,
    width_mm: float,
    height_mm: float,
    *,
    title: str = "",
    axis_label: str = "",
    vertical: bool = False,
    key: Mapping[str, Artist] = MappingProxyType({}),
    rows: Sequence[str] | None = None,
    left_mm: float = 0,
    head_mm: float = 0,
    foot_mm: float = 0,
    new: Axes | None = None,
) -> Axes:
    """The axes to draw in: ``ax``, else new ones of this size, to which title, axis label and key add.

    ``new`` ones may be there already and wait to be set up.
    These three stand above the axes (and above ``head_mm``), the names of rows in ``left_mm`` beside them. All is taken
    from the rectangle of the axes, so that nothing runs into a neighbouring chart.
    """
    room_mm = size_of(ax)[0] if ax else width_mm
    heading = fitted(title, room_mm, lines=3, weight=600, size=TITLE_PT)
    names = [fitted(name, room_mm - SWATCH_MM) for name in key]
    key_columns = max(1, int(room_mm / (SWATCH_MM + max(map(width_of, names), default=0))))
    label_mm = head_mm + ceil(len(key) / key_columns) * KEY_LINE_MM
    title_mm = label_mm + (AXIS_LABEL_MM if axis_label else 0)
    top_mm = title_mm + ((1 + heading.count("\n")) * TITLE_LINE_MM + TITLE_GAP_MM if title else 0)
    if ax is None:
        figure = SheetFigure(figsize=(width_mm / 25.4, (height_mm + top_mm) / 25.4))
        FigureCanvasAgg(figure)  # a canvas that can measure text
        ax = new if new is not None else object.__new__(SheetAxes)
        SheetAxes.__init__(ax, figure, (0, 0, 1, 1))
        figure.add_axes(ax)
    placed = ax.get_figure(root=True).get_layout_engine() is None  # type: ignore[union-attr]
    if placed:  # else Matplotlib makes room
        box, (wide, high) = ax.get_position(), size_of(ax.figure)
        width, height = box.width - left_mm / wide, box.height - (top_mm + foot_mm) / high
        ax.set_position((box.x0 + left_mm / wide, box.y0 + foot_mm / high, width, height))
    ax.patch.set_visible(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(which="both", length=0)
    ax.tick_params(axis="x", labelcolor=rcParams["xtick.color"], labelsize=rcParams["xtick.labelsize"])
    ax.tick_params(axis="y", labelcolor=rcParams["ytick.labelcolor"], labelsize=TEXT_PT, pad=points(GAP_MM))
    if rows is not None:
        ax.set_ylim(len(rows) or 1, 0)
        ax.set_yticks([place + 0.5 for place in range(len(rows))], list(rows), va="center")

    width, height = size_of(ax)
    left = -left_mm / width if placed else 0.0
    if key:
        place = left, 1 + (head_mm + GAP_MM) / height
        ax.legend(list(key.values()), names, loc="lower left", bbox_to_anchor=place, ncols=key_columns)
    if axis_label:
        axis, look = ax.yaxis if vertical else ax.xaxis, {"color": rcParams["axes.labelcolor"], "size": TEXT_PT}
        axis.set_label_text(axis_label, rotation=0, ha="left", va="bottom", **look)
        axis.set_label_coords(left, 1 + (label_mm + GAP_MM) / height)
    if title:
        ax.set_title(heading, x=left, y=1, pad=points(title_mm + TITLE_GAP_MM), color=rcParams["text.color"])
    return ax


def size_of(artist: Axes | FigureBase) -> tuple[float, float]:
    """Width and height of axes or of a figure in millimetres."""
    box, mm = (artist.bbox, 25.4 / artist.get_figure(root=True).dpi)  # type: ignore[union-attr]
    return float(box.width * mm), float(box.height * mm)


def annotate(axes: Axes, place: tuple[float, float], translate: str, *, dx_mm: float = 0, **look: Any) -> Annotation:
    """A text so many millimetres beside the point that it belongs to."""
    look = {"color": rcParams["xtick.color"], "annotation_clip": False} | look
    return axes.annotate(translate, place, (points(dx_mm), 0), textcoords="offset points", **look)


def sketched(
    form: str,
    draw: Callable[[float, float], Sketch],
    parts: Sequence[Part | tuple[str, str]],
    formatter: ChartFormatter,
    *,
    ax: Axes | None,
    size_mm: tuple[float, float],
    title: str,
    axis_label: str = "",
    left_out: Sequence[str] = (),
) -> Axes:
    """Draw a sketch on ``ax`` or on axes of its own: ``draw`` makes it in the width and height that it is given.

    Until an analyst restyles its own axes, their SVG is that of the sketch.
    """

    def forget_sketch(*_: object) -> None:
        # A change of any artist makes a figure stale: from now on it is more than its sketch.
        _DRAWINGS[axes] = replace(_DRAWINGS[axes], sketch=None)

    def on_axes(new: Axes | None = None) -> Axes:
        with sheet_style():
            axes = frame(ax, *size_mm, title=title, axis_label=axis_label, vertical=True, new=new)
            sketch = draw(*size_of(axes))
            sketch.leave_out_overlapping()
            sketch.draw_on(axes)
        if new:
            figure: Any = axes.get_figure(root=True)
            figure.stale, figure.stale_callback = False, forget_sketch
        return axes

    axes = on_axes() if ax else SheetAxes.of_sketch(on_axes)
    named = [part if isinstance(part, tuple) else (part.label, part.text) for part in parts]
    shown = Drawing(formatter.table, named, formatter.unit, form, title, axis_label, tuple(left_out), size_mm)
    _DRAWINGS[axes] = shown if ax else replace(shown, sketch=draw)
    return axes


def remember(axes: Axes, drawing: Drawing) -> Axes:
    """Keep what the axes show."""
    _DRAWINGS[axes] = drawing
    return axes


def finished(axes: Axes, matrix: Matrix, formatter: ChartFormatter, *, within: Axes | None) -> Axes:
    """Keep what the axes show, and leave out texts that have no room in axes of the caller's size."""
    remember(axes, Drawing(formatter.table, formatter.pairs(matrix), formatter.unit))
    if within is None:
        return axes
    for text in axes.findobj(Text):
        text.set(family=FAMILY, parse_math=False)
    boxes: list[BboxBase] = []
    left_out = 0
    texts = [text for inside in (axes, *axes.child_axes) for text in inside.texts]
    texts += [*axes.get_yticklabels(), *axes.get_xticklabels()] if axes.axison else []
    for text in texts:
        box = text.get_window_extent()
        box = box.padded(-TOUCH_SHARE * float(text.get_fontsize()) / 72 * axes.figure.dpi)
        text.set_visible(not any(box.overlaps(other) for other in boxes))
        left_out += not text.get_visible()
        boxes += [box] if text.get_visible() and text.get_text() else []
    warn_of(left_out, size_of(axes))
    return axes


def drawing_of(axes: Any) -> Drawing | None:
    """Give what a chart of this room shows, also by its figure; None for a drawing of another kind.

    >>> import pandas as pd
    >>> rmrp.charts.drawing_of(rmrp.charts.bars(pd.Series({"PER": 296_000, "ECU": 318_000}))).parts
    [('Ecuador', '318\u202fK'), ('Peru', '296\u202fK')]
    """
    if isinstance(axes, SheetFigure):
        axes = axes.axes[0]
    return _DRAWINGS.get(axes) if isinstance(axes, Axes) else None


def svg(drawn: Axes | Figure, *, prefix: str = "chart") -> str:
    """Give the figure, or that of these axes, as an SVG element to embed, the same to the byte every time.

    Text stays text, sizes are in mm, every id begins with ``prefix`` so that several drawings may stand in one page;
    there is no XML prolog, no metadata, no date. A sketch that nobody restyled is written as it stands.

    Args:
        drawn: Axes or a Figure.
        prefix: How every id begins.

    >>> import pandas as pd
    >>> axes = rmrp.charts.bars(pd.Series({"PER": 296_000}))
    >>> rmrp.charts.svg(axes, prefix="a")[:25]
    '<svg width="88mm" height='
    """
    shown = drawing_of(drawn)
    if shown and shown.sketch and not shown.title and not shown.axis_label:
        return shown.svg(prefix)
    figure = drawn.get_figure(root=True)
    assert figure is not None  # noqa: S101 - axes that were drawn have one
    return by_matplotlib(figure, prefix)
