"""Show Matplotlib figures in a notebook as SVG, with an alternative text drafted from the axes where none is written.

An IPython extension: importing the package in a notebook loads it. Text in a figure stays text, in the sheet's font.
A cell that shows exact counts of people is marked, so that the exporters know it on a public page.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from io import StringIO
from math import isfinite
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from babel.lists import format_list

from rmrp_analysis import exact, numbers, theme
from rmrp_analysis.packs import pack
from rmrp_analysis.theme import pictures
from rmrp_analysis.words import N_, SOURCE_LANGUAGE, Translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FONT_FAMILY = "Source Sans 3"
"""The name of the sheet's font in Matplotlib."""
_FORMULA_SIGN_PATTERN = re.compile(r"\\[a-z]+|[${}]")
"""Signs of a formula in a text of Matplotlib, which an alternative text leaves out."""
MAX_NAMES_IN_LIST, MAX_DESCRIBED_PANELS = 12, 6
"""An alternative text lists at most this many names of an axis, and describes this many panels."""
Bundle = tuple[dict[str, str], dict[str, Any]]
"""An output of a notebook: its content by MIME type, and its metadata."""


def load_ipython_extension(shell: Any) -> None:
    """Let IPython show figures and last-line Axes as SVG, and mark cells that show exact counts of people.

    The inline backend adds no picture. DataFrames give other libraries their exact counts as plain numbers. Paths are
    shown with slashes, and a Series as an HTML table.
    """
    mime_bundle_formatter = shell.display_formatter.mimebundle_formatter
    mime_bundle_formatter.for_type_by_name("matplotlib.figure", "Figure", figure_bundle)
    mime_bundle_formatter.for_type_by_name("matplotlib.axes._axes", "Axes", axes_bundle)
    mime_bundle_formatter.for_type_by_name("pandas", "DataFrame", _note_table)
    mime_bundle_formatter.for_type_by_name("pandas", "Series", _series_bundle)
    text_formatter = shell.display_formatter.formatters["text/plain"]
    text_formatter.for_type(PurePath, lambda path, printer, _: printer.text(path.as_posix()))
    mime_bundle_formatter.for_type_by_name("pandas.io.formats.style", "Styler", lambda styler: _note_table(styler.data))
    shell.events.register("post_run_cell", lambda _: _mark_cell())
    _give_numbers_to_libraries()
    shell.config.InlineBackend.figure_formats = set()  # for when Matplotlib is imported
    if inline_config_module := sys.modules.get("matplotlib_inline.config"):
        inline_config_module.InlineBackend.instance(parent=shell).figure_formats = set()


def figure_bundle(figure: "Figure", alt: str = "") -> Bundle:
    """Return a figure as a notebook stores it: SVG and alternative text by MIME type, and metadata.

    Without ``alt``, the text is drafted from the axes. The metadata repeat it, and say whether it was drafted (never of
    a chart of ``charts``). Also notes whether the figure shows exact counts of people.
    """
    drawing_svg_text = figure_svg(figure)  # first: what is drawn has its texts
    exact.note(state_of_figure(figure))
    alt_text = alt or alternative_text(figure, Translator(notebook_language()))
    is_alt_drafted = not alt and not hasattr(figure, "_repr_svg_")  # a chart of ``charts`` says by itself what it shows
    return {"image/svg+xml": drawing_svg_text, "text/plain": alt_text}, {
        "rmrp": {"alt": alt_text, "alt_drafted": is_alt_drafted}
    }


def axes_bundle(axes: "Axes") -> Bundle | None:
    """Return the figure of Axes as ``figure_bundle`` does; None where pyplot shows it after the cell."""
    from matplotlib._pylab_helpers import Gcf  # the inline backend asks it, too

    root_figure = axes.get_figure(root=True)
    is_pyplot_figure = any(figure_manager.canvas.figure is root_figure for figure_manager in Gcf.get_all_fig_managers())
    return None if is_pyplot_figure or root_figure is None else figure_bundle(root_figure)


def state_of_figure(figure: Any) -> exact.State:
    """Return whether a figure, axes or a grid of any library shows exact counts of people."""
    figure_or_axes = getattr(figure, "figure", figure)  # Axes and grids have one
    figure_or_axes = figure_or_axes.get_figure(root=True) if hasattr(figure_or_axes, "get_figure") else figure_or_axes
    if (drawn_table := getattr(figure_or_axes, "drawn_table", None)) is not None:
        return exact.state_of(drawn_table)
    return exact.worst_of(
        exact.state_of_numbers(drawn_value for drawn_value, _ in _read_values(panel_axes))
        for panel_axes in figure_or_axes.axes
    )


def _note_table(table: Any) -> Any:
    """Note whether a table that a cell shows has exact counts; return None, since pandas shows it by itself."""
    exact.note(exact.state_of(table))


def _series_bundle(series: Any) -> dict[str, str]:
    """Return a Series as a bundle of one HTML table, as pandas shows a DataFrame.

    Notes in ``exact`` whether it has exact counts of people, for ``_mark_cell``.
    """
    _note_table(series)
    return {"text/html": series.to_frame("" if series.name is None else series.name)._repr_html_()}


def _mark_cell() -> None:
    """Display an invisible output whose metadata say that the cell has shown exact counts of people, or may have.

    Nothing is displayed for other cells. What was noted of the cell is forgotten.
    """
    from IPython.display import display

    if exactness_state := exact.take_note():
        display({"text/html": ""}, raw=True, metadata={"rmrp": {"people": exactness_state}})  # type: ignore[no-untyped-call]


def _give_numbers_to_libraries() -> None:
    """Let libraries read exact counts of a DataFrame as numbers: seaborn's heat maps reject objects.

    Replaces ``values``, ``__array__``, ``to_numpy`` and ``to_markdown`` of ``pandas.DataFrame`` in this process, once.
    """
    import pandas as pd

    frame_class: Any = pd.DataFrame

    def as_numbers(give: Any) -> Any:
        """Return the method of a DataFrame, called on its exact counts as plain numbers."""
        return lambda table, *args, **options: give(exact.as_numbers(table), *args, **options)

    def as_text(write: Any) -> Any:
        """Return the method that writes a DataFrame, which also notes whether its counts are exact."""
        return lambda table, *args, **options: _note_table(table) or write(table, *args, **options)

    if not isinstance(vars(frame_class)["values"], _Numbers):
        frame_class.values = _Numbers(as_numbers(vars(frame_class)["values"].fget))
        frame_class.__array__, frame_class.to_numpy = (
            as_numbers(frame_class.__array__),
            as_numbers(frame_class.to_numpy),
        )
        frame_class.to_markdown = as_text(frame_class.to_markdown)  # by another library, which asks for numbers


class _Numbers(property):
    """The property ``DataFrame.values`` that gives plain numbers; its class says that it is already replaced."""


def figure_svg(figure: "Figure") -> str:
    """Return a figure as SVG, cut to what is drawn; a chart of ``charts`` in the size that it has on a page."""
    from matplotlib import style

    if write_svg := getattr(figure, "_repr_svg_", None):
        return str(write_svg())
    add_fonts()
    svg_buffer = StringIO()
    with style.context(theme.THEME_FOLDER / "inline.mplstyle"):
        figure.savefig(svg_buffer, format="svg", bbox_inches="tight", pad_inches=0, metadata={"Date": None})
    return pictures.with_tips(svg_buffer.getvalue())


@cache
def add_fonts() -> None:
    """Register the sheet's font in Matplotlib, in all its weights, once a process."""
    from matplotlib.font_manager import fontManager

    for font_path in sorted(theme.FONTS_FOLDER.glob("SourceSans3-*.ttf")):
        fontManager.addfont(font_path)


def notebook_language() -> str:
    """Return the notebook's parameter ``language``; English without one, or where sheets have no such language."""
    from IPython import get_ipython

    language = str(getattr(get_ipython(), "user_ns", {}).get("language"))
    return language if language in pack.languages() else SOURCE_LANGUAGE


def alternative_text(figure: "Figure", translate: Translator) -> str:
    """Describe a figure in words: titles, axes, groups, and the lowest and the highest value of each panel.

    Only the first ``MAX_DESCRIBED_PANELS`` visible panels, without colour bars; *Chart* where nothing can be said.
    """
    visible_panel_axes = [
        panel_axes for panel_axes in figure.axes if panel_axes.get_visible() and panel_axes.get_label() != "<colorbar>"
    ]
    alt_sentences = [str(figure.get_suptitle() or "")]
    for panel_axes in visible_panel_axes[:MAX_DESCRIBED_PANELS]:
        alt_sentences.append(
            " ".join(filter(None, (panel_axes.get_title(loc=title_side) for title_side in ("left", "center", "right"))))
        )
        axis_by_sentence = {
            N_("Horizontal axis: {label}"): panel_axes.xaxis,
            N_("Vertical axis: {label}"): panel_axes.yaxis,
        }
        for sentence_or_template, panel_axis in axis_by_sentence.items():
            axis_label = panel_axis.get_label_text()
            category_names_text = _join_names(list(_read_categories(panel_axis).values()), translate)
            if axis_label or category_names_text:
                alt_sentences.append(
                    translate(
                        sentence_or_template,
                        label=f"{axis_label} ({category_names_text})"
                        if axis_label and category_names_text
                        else axis_label or category_names_text,
                    )
                )
        alt_sentences += _describe_groups([panel_axes.get_legend()] if panel_axes.get_legend() else [], translate)
        panel_values_with_names = sorted(
            (drawn_value_pair for drawn_value_pair in _read_values(panel_axes) if isfinite(drawn_value_pair[0])),
            key=lambda drawn_value_pair: drawn_value_pair[0],
        )
        extreme_pair_lists_by_template = {
            N_("Lowest: {value}"): panel_values_with_names[:1],
            N_("Highest: {value}"): panel_values_with_names[-1:],
        }
        for sentence_or_template, extreme_value, position_name in (
            (sentence_or_template, *extreme_pair)
            for sentence_or_template, extreme_pairs in extreme_pair_lists_by_template.items()
            for extreme_pair in extreme_pairs
        ):
            number_text = numbers.plain(extreme_value, translate.language)
            alt_sentences.append(
                translate(
                    sentence_or_template, value=f"{number_text} ({position_name})" if position_name else number_text
                )
            )
    alt_sentences += _describe_groups(figure.legends, translate)
    cleaned_sentences = [
        _clean_text(sentence_or_template).rstrip(".")
        for sentence_or_template in alt_sentences
        if sentence_or_template.strip()
    ]
    return " ".join(
        f"{sentence_or_template}." for sentence_or_template in dict.fromkeys(cleaned_sentences or [translate("Chart")])
    )


def _clean_text(text: str) -> str:
    """Return the text on one line, without the signs of formulas."""
    return " ".join(_FORMULA_SIGN_PATTERN.sub("", text).split())


def _describe_groups(legends: Sequence[Any], translate: Translator) -> list[str]:
    """Return a list of one sentence with the names in the legends; empty without names."""
    legend_group_names = [
        legend_text_artist.get_text()
        for chart_legend in legends
        for legend_text_artist in chart_legend.get_texts()
        if legend_text_artist.get_text()
    ]
    return [translate("Groups: {list}", list=_join_names(legend_group_names, translate))] if legend_group_names else []


def _join_names(names: list[str], translate: Translator) -> str:
    """Join names to a list in words, each once, at most ``MAX_NAMES_IN_LIST`` of them and then ``…``."""
    unique_names = list(dict.fromkeys(names))
    listed_names = unique_names if len(unique_names) <= MAX_NAMES_IN_LIST else [*unique_names[:MAX_NAMES_IN_LIST], "…"]
    return format_list(listed_names, locale=translate.language)


def _read_categories(axis: Any) -> dict[int, str]:
    """Return the names along an axis by their position; none where its labels are numbers."""
    tick_positions_with_labels = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=False)
    text_by_position = {
        round(tick_position): _clean_text(tick_label_artist.get_text())
        for tick_position, tick_label_artist in tick_positions_with_labels
    }
    name_by_position = {
        tick_position: position_text for tick_position, position_text in text_by_position.items() if position_text
    }
    return (
        name_by_position
        if any(character.isalpha() for position_text in name_by_position.values() for character in position_text)
        else {}
    )


def _read_values(axes: "Axes") -> Iterator[tuple[float, str]]:
    """Yield each value drawn with the name of its position: of bars, else of lines and points, else of fields.

    Of points it is the vertical value. Some may be NaN. The name is that of the category on the axis; empty where there
    is none, and for fields (heat maps, images).
    """
    from matplotlib.collections import PathCollection
    from matplotlib.container import BarContainer
    from numpy.ma import masked

    x_category_by_position, y_category_by_position = _read_categories(axes.xaxis), _read_categories(axes.yaxis)
    bar_containers = [bar_container for bar_container in axes.containers if isinstance(bar_container, BarContainer)]
    for bar_container in bar_containers:
        for bar_patch in bar_container.patches:
            if bar_container.orientation == "horizontal":
                yield (
                    bar_patch.get_width(),
                    y_category_by_position.get(round(bar_patch.get_y() + bar_patch.get_height() / 2), ""),
                )
            else:
                yield (
                    bar_patch.get_height(),
                    x_category_by_position.get(round(bar_patch.get_x() + bar_patch.get_width() / 2), ""),
                )
    point_collections = [drawn_artist for drawn_artist in axes.collections if isinstance(drawn_artist, PathCollection)]
    coordinate_arrays: list[Any] = [
        *(drawn_line.get_xydata() for drawn_line in axes.lines),
        *(drawn_artist.get_offsets() for drawn_artist in point_collections),
    ]
    for point_x, point_y in (
        ()
        if bar_containers
        else (drawn_point for coordinate_array in coordinate_arrays for drawn_point in coordinate_array)
    ):
        yield float(point_y), x_category_by_position.get(round(point_x), "") if isfinite(point_x) else ""
    for drawn_artist in () if bar_containers or coordinate_arrays else (*axes.collections, *axes.images):
        if (heatmap_value_array := drawn_artist.get_array()) is not None:
            yield from (
                (float(heatmap_value), "") for heatmap_value in heatmap_value_array.flat if heatmap_value is not masked
            )
