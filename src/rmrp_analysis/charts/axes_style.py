"""Style charts of seaborn and Matplotlib as those of a sheet: names, months, numbers, highlights, size."""

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
from rmrp_analysis.charts.chart_tables import ChartFormatter, Unit
from rmrp_analysis.charts.matplotlib_style import hex_of
from rmrp_analysis.errors import check_allowed
from rmrp_analysis.theme.inline import FONT_FAMILY, add_fonts
from rmrp_analysis.vocabulary.labels import is_month

Drawn = TypeVar("Drawn")
PLAIN_UNIT = "number"  # the unit of numbers that are printed without one
COLOUR_BAR_AXES_LABEL = "<colorbar>"  # the label of its axes in Matplotlib
DATE_FORMATTERS = (AutoDateFormatter, ConciseDateFormatter)
NUMBER_FORMATTERS = (ScalarFormatter, LogFormatter)
MATPLOTLIB_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - from which Matplotlib counts days
TARGET_LINE_DASHES = (0, (3, 2))
MAX_TICK_STEPS = 9  # between the numbers along an axis; Matplotlib's own limit
HEADING_LINE_PT = 14.0  # the height of a line above the axes
AXIS_LABEL_GAP_PT, TITLE_GAP_PT = 2.5, 3.0  # below an axis label, and below the title


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

    Months (``YYYY-MM``, dates) have short names, codes and groups their names in the language, numbers are those of the
    ``unit``; they stand level. The legend is above, the label of the values at the upper left (``axis_label``, by
    default the unit). Values and data stay as they are. All other arguments are options of all charts.

    Args:
        drawn: Axes or a Figure of Matplotlib, or a grid of seaborn.
        highlight: Names of the legend or along the axis, before or after their translation; all else is pale.
        target: A dashed line with its value across the axis of the values.
        width_mm: How wide the figure is; it is as high as its shape wants.

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
    chart_formatter = ChartFormatter.for_table(
        pd.Series(dtype="float64"), unit, language, labels, color=color, highlight=highlight
    )
    figure: Any = getattr(drawn, "figure", drawn)
    figure = figure.get_figure(root=True)
    if width_mm:
        width_inches, height_inches = figure.get_size_inches()
        figure.set_size_inches(width_mm / 25.4, height_inches * width_mm / 25.4 / width_inches)
    figure.tight_layout()
    figure.draw_without_rendering()  # ticks have their places and texts from now on
    panel_axes = [axes for axes in figure.axes if axes.get_label() != COLOUR_BAR_AXES_LABEL]
    legends = [legend for legend in (*figure.legends, *(axes.get_legend() for axes in panel_axes)) if legend]
    name_by_colour = {
        _read_colour(legend_handle): legend_text
        for legend in legends
        for legend_handle, legend_text in _read_legend(legend)
    }
    tick_names_by_axis = {axis: _read_tick_names(axis) for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)}
    _check_highlight(
        [
            *name_by_colour.values(),
            *(
                tick_name
                for names_by_position in tick_names_by_axis.values()
                for tick_name in names_by_position.values()
            ),
        ],
        chart_formatter,
    )
    value_label = axis_label if axis_label is not None or unit == PLAIN_UNIT else chart_formatter.unit_name
    value_axes = [
        axes.xaxis if tick_names_by_axis[axes.yaxis] and not tick_names_by_axis[axes.xaxis] else axes.yaxis
        for axes in figure.axes
    ]
    for axis in sorted(
        tick_names_by_axis, key=lambda axis: bool(tick_names_by_axis[axis])
    ):  # the room of names is known when numbers are short
        is_value_axis = axis in value_axes or axis.axes not in panel_axes
        _name_ticks(
            axis,
            tick_names_by_axis[axis],
            chart_formatter if is_value_axis else replace(chart_formatter, unit=PLAIN_UNIT),
        )
    for axes, value_axis in zip(figure.axes, value_axes, strict=True):
        if axes in panel_axes:
            _repaint_marks(axes, name_by_colour, tick_names_by_axis, chart_formatter)
            _label_axes(
                axes, value_axis, tick_names_by_axis, chart_formatter, value_label if axes is panel_axes[0] else ""
            )
            if target is not None:
                _draw_target(axes, target, chart_formatter, is_across=value_axis is axes.yaxis)
    _write_heading(panel_axes, legends, value_axes[figure.axes.index(panel_axes[0])].label, title, chart_formatter)
    return drawn


def _write_heading(
    panels: Sequence[Axes], legends: Sequence[Legend], label: Text, title: str, formatter: ChartFormatter
) -> None:
    """Place title and legends above the label of the values, and make room for them.

    Over a single chart all of them begin at the left edge of the figure.
    """
    first_axes, moved_legends, heading_texts = panels[0], list[tuple[Legend, float]](), [label]
    figure: Any = first_axes.get_figure(root=True)
    legend_height_above_pt = HEADING_LINE_PT + _title_height_pt(first_axes)
    for legend in legends:
        moved_legend, legend_height_pt = _move_legend_above(legend, first_axes, formatter, legend_height_above_pt)
        moved_legends.append((moved_legend, legend_height_above_pt))
        legend_height_above_pt += legend_height_pt
    title_options: dict[str, Any] = {"fontsize": sheet_axes.TITLE_TYPE_PT, "fontweight": 600, "color": hex_of("ink")}
    if title and len(panels) > 1:
        figure.suptitle(title, x=0, y=1, va="top", ha="left", **title_options)
    elif title:
        title_text = text_layout.fit_text(
            title, sheet_axes.size_mm_of(figure)[0], max_lines=3, weight=600, size=sheet_axes.TITLE_TYPE_PT
        )
        heading_texts.append(
            first_axes.set_title(title_text, loc="left", pad=legend_height_above_pt + TITLE_GAP_PT, **title_options)
        )
    for text_artist in figure.findobj(Text):
        text_artist.set_family(FONT_FAMILY)
    free_top_pt = HEADING_LINE_PT * (len(panels) > 1 and bool(title)) + HEADING_LINE_PT / 2
    figure.tight_layout(pad=0.2, rect=(0, 0, 1, 1 - free_top_pt / 72 / figure.get_size_inches()[1]))
    if len(panels) == 1:
        axes_box = first_axes.get_position()
        figure_left = -axes_box.x0 / axes_box.width
        for text_artist in heading_texts:
            text_artist.set_x(figure_left)
        for moved_legend, legend_position_pt in moved_legends:
            moved_legend.set_bbox_to_anchor((figure_left, 1), _transform_above(first_axes, legend_position_pt))


def _check_highlight(names: Sequence[str], formatter: ChartFormatter) -> None:
    chart_names = list(dict.fromkeys([*names, *map(formatter.name, names)]))
    for highlighted_name in formatter.highlight:
        check_allowed(highlighted_name, chart_names, "highlight: the chart has no")


def _read_legend(legend: Legend) -> list[tuple[Any, str]]:
    """List the marks of a legend with their texts."""
    return [
        (legend_handle, legend_text.get_text())
        for legend_handle, legend_text in zip(legend.legend_handles, legend.get_texts(), strict=False)
    ]


def _read_colour(artist: Any) -> str:
    """Return the colour of a mark as ``#rrggbb``: that of a line, else of a face."""
    artist_colour = artist.get_color() if hasattr(artist, "get_color") else artist.get_facecolor()
    return str(to_hex(artist_colour[0] if np.ndim(artist_colour) > 1 else artist_colour))


def _read_tick_names(axis: Axis) -> dict[float, str]:
    """Return the names along an axis by their position; none where it has numbers or dates."""
    tick_formatter, has_fixed_ticks = axis.get_major_formatter(), isinstance(axis.get_major_locator(), FixedLocator)
    if isinstance(tick_formatter, (*NUMBER_FORMATTERS, *DATE_FORMATTERS)) or (
        isinstance(tick_formatter, FuncFormatter) and not has_fixed_ticks
    ):
        return {}
    ticks_with_labels = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=False)
    return {
        float(tick_position): tick_label.get_text()
        for tick_position, tick_label in ticks_with_labels
        if tick_label.get_text()
    }


def _repaint_marks(
    axes: Axes,
    name_by_colour: Mapping[str, str],
    tick_names: Mapping[Axis, Mapping[float, str]],
    formatter: ChartFormatter,
) -> None:
    """Colour bars, lines and dots; where names are highlighted, all others are pale.

    A mark has the name of its colour in the legend, else that of its position along an axis.
    """
    if not formatter.highlight and (not formatter.color or len(name_by_colour) > 1):
        return

    def pick_colour(colour: str, x: float = nan, y: float = nan) -> str:
        axis_positions = [] if isnan(x) else [(axes.xaxis, round(x)), (axes.yaxis, round(y))]
        mark_names = (
            [name_by_colour[colour]]
            if colour in name_by_colour
            else [tick_names[axis].get(mark_position, "") for axis, mark_position in axis_positions]
        )
        is_highlighted = {*mark_names, *map(formatter.name, mark_names)} & {*formatter.highlight}
        return hex_of("land") if formatter.highlight and not is_highlighted else formatter.color or colour

    for line in axes.lines:
        line.set_color(pick_colour(_read_colour(line)))
    for bar in axes.patches:
        if isinstance(bar, Rectangle):
            bar_middle = bar.get_x() + bar.get_width() / 2, bar.get_y() + bar.get_height() / 2
            bar.set_facecolor(pick_colour(_read_colour(bar), *bar_middle))
    for dot_collection in axes.collections:
        if isinstance(dot_collection, PathCollection):
            dot_positions = np.asarray(dot_collection.get_offsets(), dtype=float)
            dot_colours = np.broadcast_to(np.asarray(dot_collection.get_facecolor()), (len(dot_positions), 4))
            dot_collection.set_facecolor(
                [
                    pick_colour(str(to_hex(dot_colour)), *mark_position)
                    for dot_colour, mark_position in zip(dot_colours, dot_positions, strict=True)
                ]
            )


def _name_ticks(axis: Axis, names: Mapping[float, str], formatter: ChartFormatter) -> None:
    """Write the ticks of an axis: numbers in the unit, short months, names of codes."""
    tick_formatter, is_x_axis = axis.get_major_formatter(), isinstance(axis, XAxis)
    label_colour = hex_of("ink" if names else "muted")
    axis.set_tick_params(length=0, which="both", labelsize=text_layout.TEXT_PT, labelcolor=label_colour)
    if isinstance(tick_formatter, DATE_FORMATTERS):
        axis.set_major_formatter(FuncFormatter(lambda day, _: _name_month(day, formatter.language)))
    elif isinstance(tick_formatter, NUMBER_FORMATTERS):
        axis.set_major_formatter(FuncFormatter(lambda number, _: _format_number(number, formatter)))
        axis.set_minor_formatter(NullFormatter())  # a logarithmic axis of a short range names its small ticks, too
        tick_locator, axes_width_mm = axis.get_major_locator(), sheet_axes.size_mm_of(axis.axes)[0]
        if is_x_axis and isinstance(tick_locator, MaxNLocator):
            widest_number_mm = max(
                (
                    text_layout.width_of(_format_number(tick_position, formatter))
                    for tick_position in axis.get_ticklocs()
                ),
                default=0.0,
            )
            tick_locator.set_params(
                nbins=max(
                    1, min(MAX_TICK_STEPS, int(axes_width_mm / (widest_number_mm + 2 * text_layout.TEXT_GAP_MM)) - 1)
                )
            )
    elif names:
        figure: Any = axis.get_figure(root=True)
        figure.tight_layout()
        axis.set_ticks(list(names), _fit_tick_names(axis, list(names.values()), formatter), rotation=0)
        for tick_label in axis.get_ticklabels():
            tick_label.set_horizontalalignment("center" if is_x_axis else "right")


def _fit_tick_names(axis: Axis, keys: Sequence[str], formatter: ChartFormatter) -> list[str]:
    """Shorten the names of ticks to their room, in two lines; below the axes, every other one may be a line lower."""
    axes_width_mm, full_names = sheet_axes.size_mm_of(axis.axes)[0], [formatter.name(tick_key) for tick_key in keys]
    if not isinstance(axis, XAxis):
        return [
            text_layout.fit_text(full_name, axes_width_mm * text_layout.MAX_NAMES_WIDTH_SHARE, max_lines=2)
            for full_name in full_names
        ]
    room_per_tick_mm = axes_width_mm / len(full_names)
    if all(map(is_month, keys)):
        return text_layout.name_months(keys, formatter.language, room_per_tick_mm)
    fitted_names = [
        text_layout.fit_text(full_name, room_per_tick_mm - text_layout.TEXT_GAP_MM, max_lines=2)
        for full_name in full_names
    ]
    if all(
        fitted_name.split() == full_name.split()
        for fitted_name, full_name in zip(fitted_names, full_names, strict=True)
    ):
        return fitted_names
    return [
        "\n" * (tick_index % 2) + text_layout.fit_text(full_name, 2 * room_per_tick_mm)
        for tick_index, full_name in enumerate(full_names)
    ]


def _name_month(day: float, language: str) -> str:
    """Return the short name of the month of a day as Matplotlib counts them; January has its year."""
    month = f"{MATPLOTLIB_EPOCH + timedelta(days=day):%Y-%m}"
    return numbers.month_short(month, language) + (f"\n{month[:4]}" if month.endswith("-01") else "")


def _format_number(number: float, formatter: ChartFormatter) -> str:
    return numbers.format_round(number, formatter.unit, formatter.language) if number else "0"


def _label_axes(
    axes: Axes,
    value_axis: Axis,
    tick_names: Mapping[Axis, Mapping[float, str]],
    formatter: ChartFormatter,
    label: str | None,
) -> None:
    """Write the label of the values at the upper left, and draw grid lines.

    Another axis keeps its label where that says more than its ticks; ``label`` None: the axis keeps its own text.
    """
    for title_side in ("left", "center", "right"):
        if title_text := axes.get_title(loc=title_side):
            axes.set_title("", loc=title_side)
            panel_name = formatter.name(title_text.rpartition(" = ")[2])  # seaborn: "platform = Peru"
            axes.set_title(panel_name, loc="left", fontsize=text_layout.TEXT_PT, fontweight=600, color=hex_of("ink"))
    for axis in (axes.xaxis, axes.yaxis):
        label_text = axis.get_label_text()
        label_in_language = formatter.translate.known(
            label_text.replace("_", " ").capitalize() if label_text.islower() else label_text
        )
        is_label_needed = not tick_names[axis] and not isinstance(axis.get_major_locator(), DateLocator)
        axis.set_label_text(
            label_in_language if is_label_needed else "", size=text_layout.TEXT_PT, color=hex_of("muted")
        )
        if axis is value_axis:
            axis.set_label_text(label_in_language if label is None else label, rotation=0, ha="left", va="bottom")
            axis.set_label_coords(0, 1, transform=_transform_above(axes, AXIS_LABEL_GAP_PT + _title_height_pt(axes)))
            if not any(isinstance(collection, QuadMesh) for collection in axes.collections):
                axis.grid(visible=True, color=hex_of("line"), linewidth=0.5)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set(color=hex_of("ink"), linewidth=0.8)


def _title_height_pt(axes: Axes) -> float:
    """Return the height that a title of the axes takes above them, in points."""
    return HEADING_LINE_PT if axes.get_title(loc="left") else 0.0


def _transform_above(axes: Axes, length_pt: float) -> Transform:
    """Return the transform from shares of the axes to the figure, moved up by so many points."""
    figure: Any = axes.get_figure(root=True)
    return axes.transAxes + ScaledTranslation(0, length_pt / 72, figure.dpi_scale_trans)


def _draw_target(axes: Axes, target: float, formatter: ChartFormatter, *, is_across: bool) -> None:
    """Draw a dashed line at the target with its value at the right end, or at the foot of an upright line."""
    line_options: dict[str, Any] = {"color": hex_of("ink"), "linewidth": 0.8, "linestyle": TARGET_LINE_DASHES}
    (axes.axhline if is_across else axes.axvline)(target, **line_options)
    text_position, vertical_alignment = ((1.0, target), "center") if is_across else ((target, 0.0), "bottom")
    coordinate_systems: Any = ("axes fraction", "data") if is_across else ("data", "axes fraction")
    text_options: dict[str, Any] = {
        "ha": "left",
        "va": vertical_alignment,
        "size": text_layout.TEXT_PT,
        "color": hex_of("ink"),
        "xycoords": coordinate_systems,
    }
    target_text = f"{formatter.translate('target')} {_format_number(target, formatter)}"
    text_offset_pt = 0 if is_across else 1
    axes.annotate(
        target_text,
        text_position,
        (AXIS_LABEL_GAP_PT, text_offset_pt),
        textcoords="offset points",
        annotation_clip=False,
        **text_options,
    )


def _move_legend_above(legend: Legend, axes: Axes, formatter: ChartFormatter, above_pt: float) -> tuple[Legend, float]:
    """Replace a legend by one above the axes, in as many columns as have room; return it and its height in points."""
    legend_entries = _read_legend(legend)
    entry_names = [formatter.name(entry_text) for _, entry_text in legend_entries]
    for (legend_handle, entry_text), entry_name in zip(legend_entries, entry_names, strict=True):
        is_entry_pale = bool(formatter.highlight) and not {entry_text, entry_name} & {*formatter.highlight}
        mark_colour = hex_of("land") if is_entry_pale else formatter.color if formatter.highlight else ""
        if mark_colour:
            legend_handle.set_color(mark_colour)
    legend.remove()
    widest_entry_mm = max(map(text_layout.width_of, entry_names), default=0.0) + sheet_axes.SWATCH_WIDTH_MM
    line_count = ceil(len(entry_names) / max(1, int(sheet_axes.size_mm_of(axes)[0] / widest_entry_mm)))
    column_count = max(1, ceil(len(entry_names) / max(1, line_count)))  # as few as these lines take
    legend_options: dict[str, Any] = {"fontsize": text_layout.TEXT_PT, "labelcolor": hex_of("ink"), "frameon": False}
    legend_options |= {"borderpad": 0, "borderaxespad": 0}
    legend_options |= {
        "handlelength": 1,
        "handletextpad": 0.5,
        "columnspacing": 1.5,
        "labelspacing": 0.3,
        "ncols": column_count,
    }
    legend_options |= {
        "bbox_to_anchor": (0, 1),
        "bbox_transform": _transform_above(axes, above_pt),
        "loc": "lower left",
    }
    return axes.legend(
        [legend_handle for legend_handle, _ in legend_entries], entry_names, **legend_options
    ), HEADING_LINE_PT * line_count
