"""Style charts of seaborn and Matplotlib like the charts of a sheet: names, months, numbers, highlights, size."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil, isnan, nan
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis, XAxis
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.colors import to_hex
from matplotlib.dates import AutoDateFormatter, ConciseDateFormatter, DateLocator
from matplotlib.legend import Legend
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, FuncFormatter, LogFormatter, MaxNLocator, NullFormatter, ScalarFormatter
from matplotlib.transforms import ScaledTranslation, Transform

from rmrp_analysis import numbers
from rmrp_analysis.arguments import in_sentences
from rmrp_analysis.charts import sheet_axes, text_layout
from rmrp_analysis.charts.chart_tables import WHOLE_NUMBER_UNITS, ChartFormatter, Unit
from rmrp_analysis.charts.matplotlib_style import hex_of
from rmrp_analysis.errors import check_allowed
from rmrp_analysis.theme.inline import FONT_FAMILY, add_fonts
from rmrp_analysis.vocabulary.labels import is_month

Drawn = TypeVar("Drawn")  # the type of styled objects: axes, a figure or a grid of seaborn
PLAIN_UNIT = "number"  # the unit of numbers that are printed without one
COLOUR_BAR_AXES_LABEL = "<colorbar>"  # as Matplotlib labels the axes of a colour bar
DATE_FORMATTER_CLASSES = (AutoDateFormatter, ConciseDateFormatter)
NUMBER_FORMATTER_CLASSES = (ScalarFormatter, LogFormatter)
MATPLOTLIB_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the day from which Matplotlib counts days
TARGET_LINE_DASHES = (0, (3, 2))  # offset, and lengths of dash and gap in widths of the line
MAX_NUMBER_TICK_STEPS = 9  # as in Matplotlib
HEADING_LINE_HEIGHT_PT = 14.0  # the height of a line of legend or title above the axes
AXIS_LABEL_GAP_PT = 2.5  # free below an axis label
TITLE_GAP_PT = 3.0  # free below the title


@in_sentences
def style_axes(
    drawn: Drawn,
    *,
    title: str = "",
    axis_label: str | None = None,
    unit: Unit = PLAIN_UNIT,
    language: str | None = None,
    labels: Mapping[str, str] | None = None,
    color: str = "",
    highlight: str | Sequence[str] = (),
    target: float | None = None,
    width_mm: float | None = None,
) -> Drawn:
    """Style a chart of seaborn or Matplotlib as the sheet does, and return it.

    Months (``YYYY-MM``, dates) get short names, codes and groups get their names in the language, numbers are printed
    in the ``unit``. All texts stand level. The legend is above. The label of the values is at the upper left:
    ``axis_label``, by default the unit, and without a unit the existing label. Values and data stay as they are. All
    other arguments are options of all charts.

    Args:
        drawn: Axes or a Figure of Matplotlib, or a grid of seaborn.
        highlight: Names of the legend or along the axis, before or after their translation. All others are pale.
        target: A value, marked by a dashed line in every panel.
        width_mm: The new width of the figure, which keeps its shape. By default its size stays.

    Raises:
        RequestError: The chart lacks a name to highlight, or a unit, colour or language is unknown.

    >>> import seaborn as sns
    >>> from matplotlib.figure import Figure
    >>> axes = sns.barplot(x=["COL", "PER"], y=[742_000, 296_000], ax=Figure().subplots())
    >>> axes = rmrp.charts.style_axes(axes, unit="people", language="es")
    >>> [label.get_text() for label in axes.get_xticklabels()], axes.get_yticklabels()[1].get_text()
    (['Colombia', 'Perú'], '100\u202fmil')
    """
    add_fonts()
    formatter = ChartFormatter.for_table(
        pd.Series(dtype="float64"), unit, language, labels, color=color, highlight=highlight
    )
    figure: Any = getattr(drawn, "figure", drawn)
    figure = figure.get_figure(root=True)
    if width_mm:
        wide, high = figure.get_size_inches()
        figure.set_size_inches(width_mm / 25.4, high * width_mm / 25.4 / wide)
    figure.tight_layout()
    figure.draw_without_rendering()  # ticks have their places and texts from now on
    panels = [axes for axes in figure.axes if axes.get_label() != COLOUR_BAR_AXES_LABEL]
    legends = [legend for legend in (*figure.legends, *(axes.get_legend() for axes in panels)) if legend]
    entries = {_read_colour(handle): text for legend in legends for handle, text in _read_legend(legend)}
    ticks = {axis: _read_tick_names(axis) for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)}
    names = [*entries.values(), *(text for texts in ticks.values() for text in texts.values())]
    allowed = list(dict.fromkeys([*names, *map(formatter.name, names)]))
    for name in formatter.highlight:
        check_allowed(name, allowed, "highlight: the chart has no")
    value_axes = {
        axes: axes.xaxis if ticks[axes.yaxis] and not ticks[axes.xaxis] else axes.yaxis for axes in figure.axes
    }
    plain = replace(formatter, unit=PLAIN_UNIT)
    for axis in sorted(ticks, key=lambda axis: bool(ticks[axis])):  # numbers first: they leave the room for names
        has_unit = axis is value_axes[axis.axes] or axis.axes not in panels  # a colour bar has the unit, too
        _name_ticks(axis, ticks[axis], formatter if has_unit else plain)
    label = axis_label if axis_label is not None or unit == PLAIN_UNIT else formatter.unit_name
    for axes in panels:
        value_axis = value_axes[axes]
        _repaint_marks(axes, entries, ticks, formatter)
        _label_axes(axes, value_axis, ticks, formatter, label if axes is panels[0] else "")
        if target is not None:
            _draw_target(axes, target, formatter, is_across=value_axis is axes.yaxis)
    _write_heading(panels, legends, value_axes[panels[0]].label, title, formatter)
    return drawn


def _write_heading(
    panels: Sequence[Axes], legends: Sequence[Legend], label: Text, title: str, formatter: ChartFormatter
) -> None:
    """Place title and legends above the label of the values, make room, and set the font of all texts."""
    axes, feet, texts = panels[0], list[tuple[Legend, float]](), [label]
    figure: Any = axes.get_figure(root=True)
    above_pt = HEADING_LINE_HEIGHT_PT + _title_height_pt(axes)
    for legend in legends:
        raised, height_pt = _move_legend_above(legend, axes, formatter, above_pt)
        feet.append((raised, above_pt))
        above_pt += height_pt
    head: dict[str, Any] = {"fontsize": sheet_axes.TITLE_TYPE_PT, "fontweight": 600, "color": hex_of("ink")}
    if title and len(panels) > 1:
        figure.suptitle(title, x=0, y=1, va="top", ha="left", **head)
    elif title:
        room_mm = sheet_axes.size_mm_of(figure)[0]
        heading = text_layout.fit_text(title, room_mm, max_lines=3, weight=600, size=sheet_axes.TITLE_TYPE_PT)
        texts.append(axes.set_title(heading, loc="left", pad=above_pt + TITLE_GAP_PT, **head))
    for text in figure.findobj(Text):
        text.set_family(FONT_FAMILY)
    free_pt = HEADING_LINE_HEIGHT_PT * (len(panels) > 1 and bool(title)) + HEADING_LINE_HEIGHT_PT / 2
    figure.tight_layout(pad=0.2, rect=(0, 0, 1, 1 - free_pt / 72 / figure.get_size_inches()[1]))
    if len(panels) == 1:  # all begin at the left edge of the figure
        box = axes.get_position()
        edge = -box.x0 / box.width
        for text in texts:
            text.set_x(edge)
        for raised, foot_pt in feet:
            raised.set_bbox_to_anchor((edge, 1), _transform_above(axes, foot_pt))


def _read_legend(legend: Legend) -> list[tuple[Any, str]]:
    """List the marks of a legend with their texts."""
    return [(handle, text.get_text()) for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=False)]


def _read_colour(artist: Any) -> str:
    """Return the (first) colour of a line, or of the face of another mark, as ``#rrggbb``."""
    colour = artist.get_color() if hasattr(artist, "get_color") else artist.get_facecolor()
    return str(to_hex(colour[0] if np.ndim(colour) > 1 else colour))


def _read_tick_names(axis: Axis) -> dict[float, str]:
    """Return the names along an axis by their position, or an empty mapping for numbers or dates."""
    formatter = axis.get_major_formatter()
    is_computed = isinstance(formatter, FuncFormatter) and not isinstance(axis.get_major_locator(), FixedLocator)
    if is_computed or isinstance(formatter, (*NUMBER_FORMATTER_CLASSES, *DATE_FORMATTER_CLASSES)):
        return {}
    places = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=False)
    return {float(place): text.get_text() for place, text in places if text.get_text()}


def _repaint_marks(
    axes: Axes,
    legend_text_by_colour: Mapping[str, str],
    tick_names_by_axis: Mapping[Axis, Mapping[float, str]],
    formatter: ChartFormatter,
) -> None:
    """Colour bars, lines and dots in the chart's colour. If names are highlighted, all others are pale.

    A mark has the name of its colour in the legend, or of its position along an axis. If the chart has no colour,
    highlighted marks keep theirs. Without highlights, nothing changes if the chart has no colour, or the legend has
    several.
    """
    if not formatter.highlight and (not formatter.color or len(legend_text_by_colour) > 1):
        return

    def pick_colour(colour: str, x: float = nan, y: float = nan) -> str:
        """Return the new colour of a mark with this colour and position, NaN without a position."""
        names = [legend_text_by_colour[colour]] if colour in legend_text_by_colour else []
        if not names and not isnan(x):
            places = ((axes.xaxis, round(x)), (axes.yaxis, round(y)))
            names = [tick_names_by_axis[axis].get(place, "") for axis, place in places]
        highlights = {*names, *map(formatter.name, names)} & {*formatter.highlight}
        return hex_of("land") if formatter.highlight and not highlights else formatter.color or colour

    for line in axes.lines:
        line.set_color(pick_colour(_read_colour(line)))
    for bar in axes.patches:
        if isinstance(bar, Rectangle):
            middle = (bar.get_x() + bar.get_width() / 2, bar.get_y() + bar.get_height() / 2)
            bar.set_facecolor(pick_colour(_read_colour(bar), *middle))
    for dots in axes.collections:
        if isinstance(dots, PathCollection):
            offsets = np.asarray(dots.get_offsets(), dtype=float)
            colours = np.broadcast_to(np.asarray(dots.get_facecolor()), (len(offsets), 4))
            pairs = zip(map(to_hex, colours), offsets, strict=True)
            dots.set_facecolor([pick_colour(str(colour), *place) for colour, place in pairs])


def _name_ticks(axis: Axis, names: Mapping[float, str], formatter: ChartFormatter) -> None:
    """Write the ticks of an axis: numbers in the unit, dates as short months, keys by their names.

    The x axis has only as many numbers as have room. People and counts are whole.
    """
    current, is_x = axis.get_major_formatter(), isinstance(axis, XAxis)
    colour = hex_of("ink" if names else "muted")
    axis.set_tick_params(length=0, which="both", labelsize=text_layout.TEXT_PT, labelcolor=colour)
    if isinstance(current, DATE_FORMATTER_CLASSES):
        axis.set_major_formatter(FuncFormatter(lambda day, _: _name_month(day, formatter.language)))
    elif isinstance(current, NUMBER_FORMATTER_CLASSES):
        axis.set_major_formatter(FuncFormatter(lambda number, _: _format_number(number, formatter)))
        axis.set_minor_formatter(NullFormatter())  # a logarithmic axis of a short range names its small ticks, too
        locator, wide_mm = axis.get_major_locator(), sheet_axes.size_mm_of(axis.axes)[0]
        if isinstance(locator, MaxNLocator) and formatter.unit in WHOLE_NUMBER_UNITS:
            locator.set_params(integer=True)
        if is_x and isinstance(locator, MaxNLocator):
            texts = [_format_number(place, formatter) for place in axis.get_ticklocs()]
            slot_mm = max(map(text_layout.width_of, texts), default=0.0) + 2 * text_layout.TEXT_GAP_MM
            locator.set_params(nbins=max(1, min(MAX_NUMBER_TICK_STEPS, int(wide_mm / slot_mm) - 1)))
    elif names:
        figure: Any = axis.get_figure(root=True)
        figure.tight_layout()
        axis.set_ticks(list(names), _fit_tick_names(axis, list(names.values()), formatter), rotation=0)
        for text in axis.get_ticklabels():
            text.set_horizontalalignment("center" if is_x else "right")


def _fit_tick_names(axis: Axis, keys: Sequence[str], formatter: ChartFormatter) -> list[str]:
    """Return the names of ticks as they fit, in up to two lines. Months along the x axis are short."""
    wide_mm = sheet_axes.size_mm_of(axis.axes)[0]
    names = [formatter.name(key) for key in keys]
    if not isinstance(axis, XAxis):
        return [text_layout.fit_text(name, wide_mm * text_layout.MAX_NAMES_WIDTH_SHARE, max_lines=2) for name in names]
    room_mm = wide_mm / len(names)
    if all(map(is_month, keys)):
        return text_layout.name_months(keys, formatter.language, room_mm)
    texts = [text_layout.fit_text(name, room_mm - text_layout.TEXT_GAP_MM, max_lines=2) for name in names]
    if all(text.split() == name.split() for text, name in zip(texts, names, strict=True)):
        return texts
    # Every second name is a line lower
    return ["\n" * (place % 2) + text_layout.fit_text(name, 2 * room_mm) for place, name in enumerate(names)]


def _name_month(day: float, language: str) -> str:
    """Return the short name of the month of a day as Matplotlib counts days. January has its year."""
    month = f"{MATPLOTLIB_EPOCH + timedelta(days=day):%Y-%m}"
    return numbers.month_short(month, language) + (f"\n{month[:4]}" if month.endswith("-01") else "")


def _format_number(number: float, formatter: ChartFormatter) -> str:
    """Return a number of an axis as ``numbers.format_round`` prints it in the unit, but "0" for 0."""
    return numbers.format_round(number, formatter.unit, formatter.language) if number else "0"


def _label_axes(
    axes: Axes,
    value_axis: Axis,
    tick_names_by_axis: Mapping[Axis, Mapping[float, str]],
    formatter: ChartFormatter,
    label: str | None,
) -> None:
    """Write the label of the values at the upper left, translate titles, draw the grid, clear the frame.

    Only the foot of the frame stays. If ``label`` is None, the axis of the values keeps its own text, translated. The
    other axis loses its label if it has names or dates. The title of a panel (``platform = Peru``) becomes the name of
    its category. Heat maps get no grid.
    """
    for place in ("left", "center", "right"):
        if text := axes.get_title(loc=place):
            axes.set_title("", loc=place)
            name = formatter.name(text.rpartition(" = ")[2])  # seaborn: "platform = Peru"
            axes.set_title(name, loc="left", fontsize=text_layout.TEXT_PT, fontweight=600, color=hex_of("ink"))
    for axis in (axes.xaxis, axes.yaxis):
        text = axis.get_label_text()
        translated = formatter.translate.known(text.replace("_", " ").capitalize() if text.islower() else text)
        says_more = not tick_names_by_axis[axis] and not isinstance(axis.get_major_locator(), DateLocator)
        axis.set_label_text(translated if says_more else "", size=text_layout.TEXT_PT, color=hex_of("muted"))
        if axis is value_axis:
            axis.set_label_text(translated if label is None else label, rotation=0, ha="left", va="bottom")
            axis.set_label_coords(0, 1, transform=_transform_above(axes, AXIS_LABEL_GAP_PT + _title_height_pt(axes)))
            if not any(isinstance(artist, QuadMesh) for artist in axes.collections):
                axis.grid(visible=True, color=hex_of("line"), linewidth=0.5)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set(color=hex_of("ink"), linewidth=0.8)


def _title_height_pt(axes: Axes) -> float:
    """Return the height of the left title above the axes in points, or 0 without a title."""
    return HEADING_LINE_HEIGHT_PT if axes.get_title(loc="left") else 0.0


def _transform_above(axes: Axes, length_pt: float) -> Transform:
    """Return the transform from shares of the axes to the figure, moved up by so many points."""
    figure: Any = axes.get_figure(root=True)
    return axes.transAxes + ScaledTranslation(0, length_pt / 72, figure.dpi_scale_trans)


def _draw_target(axes: Axes, target: float, formatter: ChartFormatter, *, is_across: bool) -> None:
    """Draw a dashed line at the target, level or upright, with its value at its end."""
    look: dict[str, Any] = {"color": hex_of("ink"), "linewidth": 0.8, "linestyle": TARGET_LINE_DASHES}
    (axes.axhline if is_across else axes.axvline)(target, **look)
    style: dict[str, Any] = {"ha": "left", "size": text_layout.TEXT_PT, "color": hex_of("ink")}
    style |= {"textcoords": "offset points", "annotation_clip": False}
    if is_across:
        place, above_pt = (1.0, target), 0
        style |= {"va": "center", "xycoords": ("axes fraction", "data")}
    else:
        place, above_pt = (target, 0.0), 1
        style |= {"va": "bottom", "xycoords": ("data", "axes fraction")}
    text = f"{formatter.translate('target')} {_format_number(target, formatter)}"
    axes.annotate(text, place, (AXIS_LABEL_GAP_PT, above_pt), **style)


def _move_legend_above(legend: Legend, axes: Axes, formatter: ChartFormatter, above_pt: float) -> tuple[Legend, float]:
    """Replace a legend by one above the axes, and return it and its height in points.

    It has as many columns as have room. Its names are translated. If names are highlighted, their marks have the colour
    of the chart, all others are pale. ``above_pt`` is from the top of the axes to the foot of the legend.
    """
    entries = _read_legend(legend)
    names = [formatter.name(text) for _, text in entries]
    for (handle, text), name in zip(entries, names, strict=True):
        is_pale = bool(formatter.highlight) and not {text, name} & {*formatter.highlight}
        colour = hex_of("land") if is_pale else formatter.color if formatter.highlight else ""
        if colour:
            handle.set_color(colour)
    legend.remove()
    widest_mm = max(map(text_layout.width_of, names), default=0.0) + sheet_axes.LEGEND_SWATCH_WIDTH_MM
    lines = ceil(len(names) / max(1, int(sheet_axes.size_mm_of(axes)[0] / widest_mm)))
    columns = max(1, ceil(len(names) / max(1, lines)))  # as few as these lines take
    look: dict[str, Any] = {"fontsize": text_layout.TEXT_PT, "labelcolor": hex_of("ink"), "frameon": False}
    look |= {"borderpad": 0, "borderaxespad": 0}
    look |= {"handlelength": 1, "handletextpad": 0.5, "columnspacing": 1.5, "labelspacing": 0.3, "ncols": columns}
    look |= {"bbox_to_anchor": (0, 1), "bbox_transform": _transform_above(axes, above_pt), "loc": "lower left"}
    return axes.legend([handle for handle, _ in entries], names, **look), HEADING_LINE_HEIGHT_PT * lines
