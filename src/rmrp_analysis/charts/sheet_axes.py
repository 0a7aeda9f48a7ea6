"""Prepare axes in millimetres with title, label and legend, and record their content."""

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

from rmrp_analysis.charts.chart_tables import ChartFormatter, DataPoint, Matrix, Table
from rmrp_analysis.charts.matplotlib_style import sheet_style, write_svg
from rmrp_analysis.charts.svg_sketch import Sketch
from rmrp_analysis.charts.text_layout import (
    ALLOWED_TEXT_OVERLAP_SHARE,
    TEXT_GAP_MM,
    TEXT_PT,
    fit_text,
    mm_to_points,
    warn_of_left_out_texts,
    width_of,
)
from rmrp_analysis.packs import pack
from rmrp_analysis.theme.inline import FONT_FAMILY

TITLE_TYPE_PT = 10.5
AXIS_LABEL_HEIGHT_MM = 5.0  # the height of an axis label above the axes
LEGEND_LINE_SPACING_MM = 4.9  # the height of a line of the legend
TITLE_LINE_HEIGHT_MM = 4.4  # the height of a line of the title
TITLE_GAP_MM = 1.6  # free below the title
LEGEND_SWATCH_WIDTH_MM = 6.5  # the width of the colour before a name in the legend, with its gaps


@dataclass(frozen=True)
class Drawing:
    """The content of a chart, for its alternative text and for a new drawing: each category with its printed value.

    Matplotlib's axes hold artists but not the table behind them, so ``_DRAWING_BY_AXES`` keeps a drawing for each axes.
    A sketched chart has a ``form`` (``months``, ``flows``, ``map`` …) and its size, ``size_mm``. Until an analyst
    restyles it, its ``sketch`` draws it again in any size. ``title`` and ``axis_label`` stand above it. ``left_out``
    names categories that have no place on a map.

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
        """Return the sketch as an SVG element, without title and axis label, in its own size or in ``size_mm``.

        Texts that overlap are left out, with a warning. A chart without a sketch raises ``AssertionError``.
        """
        assert self.sketch  # noqa: S101 - asked of charts that have one
        sketch = self.sketch(*(size_mm or self.size_mm))
        sketch.leave_out_overlapping()
        return sketch.svg(prefix)


_DRAWING_BY_AXES: WeakKeyDictionary[Axes, Drawing] = WeakKeyDictionary()  # the drawing of each axes of this process


class SheetFigure(Figure):
    """A figure outside pyplot, so that no figure stays open. A notebook shows it, or its axes, as SVG."""

    @property
    def drawn_table(self) -> Table | None:
        """The table of the chart, or None if the figure shows no chart of this package."""
        drawing = drawing_of(self)
        return drawing.table if drawing else None

    def _repr_svg_(self) -> str:
        """Return the figure as SVG, for a notebook."""
        return svg(self)


class SheetAxes(Axes):
    """Axes of a ``SheetFigure``. The axes of a sketch are set up late.

    Matplotlib takes ten times as long as a sketch, and a report only needs the SVG. So the axes of a sketch are set up
    when one of their attributes is first read.
    """

    @classmethod
    def create_lazy(cls, set_up: Callable[["SheetAxes"], object]) -> "SheetAxes":
        """Return axes that ``set_up`` will set up and draw on when an attribute is first read."""
        axes = object.__new__(cls)
        axes.__dict__["_make"] = set_up
        return axes

    def __getattr__(self, name: str) -> Any:
        """Set the axes up if this was not done yet, and return the attribute, or raise ``AttributeError``."""
        make = self.__dict__.pop("_make", None)
        if make is None:
            raise AttributeError(f"these axes have no '{name}'")
        make(self)
        return getattr(self, name)

    def _repr_svg_(self) -> str:
        """Return the figure of the axes as SVG, for a notebook."""
        return svg(self)


def prepare_axes(
    ax: Axes | None,
    width_mm: float,
    height_mm: float,
    *,
    title: str = "",
    axis_label: str = "",
    vertical: bool = False,
    legend: Mapping[str, Artist] = MappingProxyType({}),
    rows: Sequence[str] | None = None,
    left_mm: float = 0,
    head_mm: float = 0,
    foot_mm: float = 0,
    lazy_axes: Axes | None = None,
) -> Axes:
    """Set up ``ax``, or new axes of this size, for a chart, and return the axes.

    Title, axis label and legend stand above the axes (and above ``head_mm``), the names of rows in ``left_mm`` beside
    the axes. ``foot_mm`` stays free below. The height of the texts above is added to new axes. It is taken from the
    rectangle of ``ax``, so that nothing reaches into a neighbouring chart. Row *i* of ``rows``, from the top, has its
    middle at y = *i* + 0.5. ``legend`` has artists by name. If ``vertical``, values run upwards, and the y axis has the
    axis label. ``lazy_axes`` are new axes that exist and wait to be set up.
    """
    room_mm = size_mm_of(ax)[0] if ax else width_mm
    heading = fit_text(title, room_mm, max_lines=3, weight=600, size=TITLE_TYPE_PT)
    names = [fit_text(name, room_mm - LEGEND_SWATCH_WIDTH_MM) for name in legend]
    columns = max(1, int(room_mm / (LEGEND_SWATCH_WIDTH_MM + max(map(width_of, names), default=0))))
    label_mm = head_mm + ceil(len(legend) / columns) * LEGEND_LINE_SPACING_MM
    title_mm = label_mm + (AXIS_LABEL_HEIGHT_MM if axis_label else 0)
    top_mm = title_mm + ((1 + heading.count("\n")) * TITLE_LINE_HEIGHT_MM + TITLE_GAP_MM if title else 0)
    if ax is None:
        figure = SheetFigure(figsize=(width_mm / 25.4, (height_mm + top_mm) / 25.4))
        FigureCanvasAgg(figure)  # a canvas that can measure text
        ax = lazy_axes if lazy_axes is not None else object.__new__(SheetAxes)
        SheetAxes.__init__(ax, figure, (0, 0, 1, 1))
        figure.add_axes(ax)
    has_room = _reserve_room(ax, left_mm, top_mm, foot_mm)
    _clear_frame(ax)
    if rows is not None:
        ax.set_ylim(len(rows) or 1, 0)
        ax.set_yticks([row + 0.5 for row in range(len(rows))], list(rows), va="center")

    width, height = size_mm_of(ax)
    edge = -left_mm / width if has_room else 0.0
    if legend:
        place = (edge, 1 + (head_mm + TEXT_GAP_MM) / height)
        ax.legend(list(legend.values()), names, loc="lower left", bbox_to_anchor=place, ncols=columns)
    if axis_label:
        axis = ax.yaxis if vertical else ax.xaxis
        look = {"color": rcParams["axes.labelcolor"], "size": TEXT_PT}
        axis.set_label_text(axis_label, rotation=0, ha="left", va="bottom", **look)
        axis.set_label_coords(edge, 1 + (label_mm + TEXT_GAP_MM) / height)
    if title:
        gap_pt = mm_to_points(title_mm + TITLE_GAP_MM)
        ax.set_title(heading, x=edge, y=1, pad=gap_pt, color=rcParams["text.color"])
    return ax


def _reserve_room(ax: Axes, left_mm: float, head_mm: float, foot_mm: float) -> bool:
    """Move the edges of axes inwards. Return False, without a move, if the figure has a layout engine."""
    if ax.get_figure(root=True).get_layout_engine() is not None:  # type: ignore[union-attr]
        return False
    box, (width_mm, height_mm) = ax.get_position(), size_mm_of(ax.figure)
    width = box.width - left_mm / width_mm
    height = box.height - (head_mm + foot_mm) / height_mm
    ax.set_position((box.x0 + left_mm / width_mm, box.y0 + foot_mm / height_mm, width, height))
    return True


def _clear_frame(ax: Axes) -> None:
    """Hide the background, the frame and the ticks of axes, and set the type of the texts along them."""
    ax.patch.set_visible(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(which="both", length=0)
    ax.tick_params(axis="x", labelcolor=rcParams["xtick.color"], labelsize=rcParams["xtick.labelsize"])
    ax.tick_params(axis="y", labelcolor=rcParams["ytick.labelcolor"], labelsize=TEXT_PT, pad=mm_to_points(TEXT_GAP_MM))


def size_mm_of(artist: Axes | FigureBase) -> tuple[float, float]:
    """Return width and height of axes or of a figure in millimetres."""
    box, mm = artist.bbox, 25.4 / artist.get_figure(root=True).dpi  # type: ignore[union-attr]
    return float(box.width * mm), float(box.height * mm)


def annotate(axes: Axes, position: tuple[float, float], text: str, *, dx_mm: float = 0, **look: Any) -> Annotation:
    """Write a text ``dx_mm`` to the right of a position in the units of the axes.

    ``look`` are options of Matplotlib.
    """
    look = {"color": rcParams["xtick.color"], "annotation_clip": False} | look
    return axes.annotate(text, position, (mm_to_points(dx_mm), 0), textcoords="offset points", **look)


def draw_sketch(
    form: str,
    draw: Callable[[float, float], Sketch],
    points: Sequence[DataPoint | tuple[str, str]],
    formatter: ChartFormatter,
    *,
    ax: Axes | None,
    size_mm: tuple[float, float],
    title: str,
    axis_label: str = "",
    left_out: Sequence[str] = (),
) -> Axes:
    """Draw a sketch on ``ax`` or on axes of its own, record its content, and return the axes.

    ``draw`` makes the sketch from a width and a height in mm. Texts that overlap are left out, with a warning.
    ``points`` are the drawn points, or pairs of name and text. Axes of its own are drawn when they are first used. They
    have the SVG of the sketch until an analyst restyles them.
    """
    folder = pack.folder()  # axes of its own are drawn later, perhaps in another pack

    def forget_sketch(*_: object) -> None:
        """Record that the axes have no sketch any more."""
        # A change of any artist makes a figure stale: from now on it is more than its sketch.
        _DRAWING_BY_AXES[axes] = replace(_DRAWING_BY_AXES[axes], sketch=None)

    def draw_axes(lazy_axes: Axes | None = None) -> Axes:
        """Draw the sketch on ``ax`` or ``lazy_axes``. Later changes of ``lazy_axes`` call ``forget_sketch``."""
        with pack.use(folder), sheet_style():
            axes = prepare_axes(ax, *size_mm, title=title, axis_label=axis_label, vertical=True, lazy_axes=lazy_axes)
            sketch = draw(*size_mm_of(axes))
            sketch.leave_out_overlapping()
            sketch.draw_on(axes)
        if lazy_axes:
            figure: Any = axes.get_figure(root=True)
            figure.stale, figure.stale_callback = False, forget_sketch
        return axes

    axes = draw_axes() if ax else SheetAxes.create_lazy(draw_axes)
    parts = [point if isinstance(point, tuple) else (point.label, point.text) for point in points]
    drawing = Drawing(formatter.table, parts, formatter.unit, form, title, axis_label, tuple(left_out), size_mm)
    _DRAWING_BY_AXES[axes] = drawing if ax else replace(drawing, sketch=draw)
    return axes


def record_drawing(axes: Axes, drawing: Drawing) -> Axes:
    """Record the content of the axes for ``drawing_of``, and return the axes."""
    _DRAWING_BY_AXES[axes] = drawing
    return axes


def finish_axes(axes: Axes, matrix: Matrix, formatter: ChartFormatter, *, given_axes: Axes | None) -> Axes:
    """Record the content of the axes, and return the axes.

    If ``given_axes`` is not None, also set the sheet's font and hide texts that overlap others, with a warning.
    """
    record_drawing(axes, Drawing(formatter.table, formatter.name_points(matrix), formatter.unit))
    if given_axes is None:
        return axes
    for text in axes.findobj(Text):
        text.set(family=FONT_FAMILY, parse_math=False)
    boxes: list[BboxBase] = []
    left_out = 0
    texts = [text for panel in (axes, *axes.child_axes) for text in panel.texts]
    texts += [*axes.get_yticklabels(), *axes.get_xticklabels()] if axes.axison else []
    for text in texts:
        box = text.get_window_extent()
        box = box.padded(-ALLOWED_TEXT_OVERLAP_SHARE * float(text.get_fontsize()) / 72 * axes.figure.dpi)
        text.set_visible(not any(box.overlaps(earlier) for earlier in boxes))
        left_out += not text.get_visible()
        boxes += [box] if text.get_visible() and text.get_text() else []
    warn_of_left_out_texts(left_out, size_mm_of(axes))
    return axes


def drawing_of(axes: Any) -> Drawing | None:
    """Return the drawing of a chart of this package by its axes or its own figure, or None for other charts.

    A figure that was made elsewhere gives None, even if it has such a chart. In that case give the axes.

    >>> import pandas as pd
    >>> rmrp.charts.drawing_of(rmrp.charts.bars(pd.Series({"PER": 296_000, "ECU": 318_000}))).parts
    [('Ecuador', '318\u202fK'), ('Peru', '296\u202fK')]
    """
    if isinstance(axes, SheetFigure):
        axes = axes.axes[0]
    return _DRAWING_BY_AXES.get(axes) if isinstance(axes, Axes) else None


def svg(drawn: Axes | Figure, *, prefix: str = "chart") -> str:
    """Return a figure, or the figure of axes, as an SVG element to embed, the same to the byte every time.

    Text stays text and sizes are in mm. Every id begins with ``prefix``, so that several drawings may stand in one
    page. There is no XML prolog, no metadata, no date. A sketch without title and axis label that was not restyled is
    written without Matplotlib.

    Args:
        drawn: Axes or a Figure.
        prefix: The beginning of every id.

    >>> import pandas as pd
    >>> axes = rmrp.charts.bars(pd.Series({"PER": 296_000}))
    >>> rmrp.charts.svg(axes, prefix="a")[:25]
    '<svg width="88mm" height='
    """
    drawing = drawing_of(drawn)
    if drawing and drawing.sketch and not drawing.title and not drawing.axis_label:
        return drawing.svg(prefix)
    figure = drawn.get_figure(root=True)
    assert figure is not None  # noqa: S101 - axes that were drawn have one
    return write_svg(figure, prefix)
