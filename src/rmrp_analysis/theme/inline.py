"""Show Matplotlib figures in a notebook as SVG, with an alternative text, by default drafted from the axes.

An IPython extension: importing the package in a notebook loads it. Text in a figure stays text, in the sheet's font. A
cell that shows exact counts of people is marked, so that the exporters recognise it on a public page.
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
    bundles = shell.display_formatter.mimebundle_formatter
    bundles.for_type_by_name("matplotlib.figure", "Figure", figure_bundle)
    bundles.for_type_by_name("matplotlib.axes._axes", "Axes", axes_bundle)
    bundles.for_type_by_name("pandas", "DataFrame", _note_table)
    bundles.for_type_by_name("pandas", "Series", _series_bundle)
    plain = shell.display_formatter.formatters["text/plain"]
    plain.for_type(PurePath, lambda path, printer, _: printer.text(path.as_posix()))
    bundles.for_type_by_name("pandas.io.formats.style", "Styler", lambda styler: _note_table(styler.data))
    shell.events.register("post_run_cell", lambda _: _mark_cell())
    _give_numbers_to_libraries()
    shell.config.InlineBackend.figure_formats = set()  # for when Matplotlib is imported
    if loaded := sys.modules.get("matplotlib_inline.config"):
        loaded.InlineBackend.instance(parent=shell).figure_formats = set()


def figure_bundle(figure: "Figure", alt: str = "") -> Bundle:
    """Return a figure as a notebook stores it: SVG and alternative text by MIME type, and metadata.

    Without ``alt``, the text is drafted from the axes. The metadata repeat it, and say whether it was drafted. A chart
    of ``charts`` never has a draft. Also notes whether the figure shows exact counts of people.
    """
    svg = figure_svg(figure)  # first: drawn axes have their texts
    exact.note(state_of_figure(figure))
    text = alt or alternative_text(figure, Translator(notebook_language()))
    drafted = not alt and not hasattr(figure, "_repr_svg_")  # a chart of ``charts`` describes itself
    return {"image/svg+xml": svg, "text/plain": text}, {"rmrp": {"alt": text, "alt_drafted": drafted}}


def axes_bundle(axes: "Axes") -> Bundle | None:
    """Return the figure of Axes as ``figure_bundle`` does, or None if pyplot shows it after the cell."""
    from matplotlib._pylab_helpers import Gcf  # the inline backend asks it, too

    figure = axes.get_figure(root=True)
    is_open = any(manager.canvas.figure is figure for manager in Gcf.get_all_fig_managers())
    return None if is_open or figure is None else figure_bundle(figure)


def state_of_figure(figure: Any) -> exact.State:
    """Return whether a figure, axes or a grid of any library shows exact counts of people."""
    root = getattr(figure, "figure", figure)  # Axes and grids have one
    root = root.get_figure(root=True) if hasattr(root, "get_figure") else root
    if (table := getattr(root, "drawn_table", None)) is not None:
        return exact.state_of(table)
    return exact.worst_of(exact.state_of_numbers(value for value, _ in _read_values(axes)) for axes in root.axes)


def _note_table(table: Any) -> Any:
    """Note whether a table that a cell shows has exact counts. Return None, since pandas shows the table."""
    exact.note(exact.state_of(table))


def _series_bundle(series: Any) -> dict[str, str]:
    """Return a Series as a bundle of one HTML table, as pandas shows a DataFrame.

    Notes in ``exact`` whether it has exact counts of people, for ``_mark_cell``.
    """
    _note_table(series)
    return {"text/html": series.to_frame("" if series.name is None else series.name)._repr_html_()}


def _mark_cell() -> None:
    """Display an invisible output with the metadata that the cell has shown exact counts, or may have.

    For other cells nothing is displayed. The note on the cell is removed.
    """
    from IPython.display import display

    if state := exact.take_note():
        display({"text/html": ""}, raw=True, metadata={"rmrp": {"people": state}})  # type: ignore[no-untyped-call]


def _give_numbers_to_libraries() -> None:
    """Let libraries read exact counts of a DataFrame as numbers, since seaborn's heat maps reject objects.

    Replaces ``values``, ``__array__``, ``to_numpy`` and ``to_markdown`` of ``pandas.DataFrame`` in this process, once.
    """
    import pandas as pd

    frame: Any = pd.DataFrame

    def as_numbers(give: Any) -> Any:
        """Return the method of a DataFrame, called on its exact counts as plain numbers."""
        return lambda table, *args, **options: give(exact.as_numbers(table), *args, **options)

    def as_text(write: Any) -> Any:
        """Return the method that writes a DataFrame, which also notes whether its counts are exact."""
        return lambda table, *args, **options: _note_table(table) or write(table, *args, **options)

    if not isinstance(vars(frame)["values"], _Numbers):
        frame.values = _Numbers(as_numbers(vars(frame)["values"].fget))
        frame.__array__, frame.to_numpy = as_numbers(frame.__array__), as_numbers(frame.to_numpy)
        frame.to_markdown = as_text(frame.to_markdown)  # another library writes it, and asks for numbers


class _Numbers(property):
    """The property ``DataFrame.values`` that gives plain numbers. Its class shows that it is already replaced."""


def figure_svg(figure: "Figure") -> str:
    """Return a figure as SVG, cut to its drawing, or a chart of ``charts`` in its size on a page."""
    from matplotlib import style

    if write_svg := getattr(figure, "_repr_svg_", None):
        return str(write_svg())
    add_fonts()
    file = StringIO()
    with style.context(theme.THEME_FOLDER / "inline.mplstyle"):
        figure.savefig(file, format="svg", bbox_inches="tight", pad_inches=0, metadata={"Date": None})
    return pictures.with_tips(file.getvalue())


@cache
def add_fonts() -> None:
    """Register the sheet's font in Matplotlib, in all its weights, once a process."""
    from matplotlib.font_manager import fontManager

    for path in sorted(theme.FONTS_FOLDER.glob("SourceSans3-*.ttf")):
        fontManager.addfont(path)


def notebook_language() -> str:
    """Return the notebook's parameter ``language``, by default, or for an unknown language, English."""
    from IPython import get_ipython

    language = str(getattr(get_ipython(), "user_ns", {}).get("language"))
    return language if language in pack.languages() else SOURCE_LANGUAGE


def alternative_text(figure: "Figure", translate: Translator) -> str:
    """Describe a figure in words: titles, axes, groups, and the lowest and the highest value of each panel.

    Only the first ``MAX_DESCRIBED_PANELS`` visible panels are described, without colour bars. Without any description
    the text is *Chart*.
    """
    panels = [axes for axes in figure.axes if axes.get_visible() and axes.get_label() != "<colorbar>"]
    parts = [str(figure.get_suptitle() or "")]
    for axes in panels[:MAX_DESCRIBED_PANELS]:
        parts.append(" ".join(filter(None, (axes.get_title(loc=place) for place in ("left", "center", "right")))))
        directions = {N_("Horizontal axis: {label}"): axes.xaxis, N_("Vertical axis: {label}"): axes.yaxis}
        for sentence, axis in directions.items():
            label = axis.get_label_text()
            names = _join_names(list(_read_categories(axis).values()), translate)
            if label or names:
                parts.append(translate(sentence, label=f"{label} ({names})" if label and names else label or names))
        parts += _describe_groups([axes.get_legend()] if axes.get_legend() else [], translate)
        values = sorted((pair for pair in _read_values(axes) if isfinite(pair[0])), key=lambda pair: pair[0])
        ends = {N_("Lowest: {value}"): values[:1], N_("Highest: {value}"): values[-1:]}
        for sentence, value, name in ((sentence, *end) for sentence, pairs in ends.items() for end in pairs):
            number = numbers.plain(value, translate.language)
            parts.append(translate(sentence, value=f"{number} ({name})" if name else number))
    parts += _describe_groups(figure.legends, translate)
    sentences = [_clean_text(sentence).rstrip(".") for sentence in parts if sentence.strip()]
    return " ".join(f"{sentence}." for sentence in dict.fromkeys(sentences or [translate("Chart")]))


def _clean_text(text: str) -> str:
    """Return the text on one line, without the signs of formulas."""
    return " ".join(_FORMULA_SIGN_PATTERN.sub("", text).split())


def _describe_groups(legends: Sequence[Any], translate: Translator) -> list[str]:
    """Return a list of one sentence with the names in the legends, or an empty list."""
    names = [text.get_text() for legend in legends for text in legend.get_texts() if text.get_text()]
    return [translate("Groups: {list}", list=_join_names(names, translate))] if names else []


def _join_names(names: list[str], translate: Translator) -> str:
    """Join names to a list in words, each once, with ``…`` after ``MAX_NAMES_IN_LIST`` names."""
    unique = list(dict.fromkeys(names))
    visible = unique if len(unique) <= MAX_NAMES_IN_LIST else [*unique[:MAX_NAMES_IN_LIST], "…"]
    return format_list(visible, locale=translate.language)


def _read_categories(axis: Any) -> dict[int, str]:
    """Return the names along an axis by their position, or an empty dict if its labels are numbers."""
    labels = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=False)
    ticks = {round(place): _clean_text(label.get_text()) for place, label in labels}
    names = {place: text for place, text in ticks.items() if text}
    return names if any(character.isalpha() for text in names.values() for character in text) else {}


def _read_values(axes: "Axes") -> Iterator[tuple[float, str]]:
    """Yield each drawn value with the name of its position: bars, or lines and points, or fields.

    Lines and points count if there are no bars. Fields (heat maps, images) count if there are no other marks. A point
    has its vertical value. Values may be NaN. The name is the category on the axis. It is empty without a category, and
    for fields.
    """
    from matplotlib.collections import PathCollection
    from matplotlib.container import BarContainer
    from numpy.ma import masked

    across, down = _read_categories(axes.xaxis), _read_categories(axes.yaxis)
    bars = [container for container in axes.containers if isinstance(container, BarContainer)]
    for container in bars:
        for bar in container.patches:
            if container.orientation == "horizontal":
                yield (bar.get_width(), down.get(round(bar.get_y() + bar.get_height() / 2), ""))
            else:
                yield (bar.get_height(), across.get(round(bar.get_x() + bar.get_width() / 2), ""))
    dots = [artist for artist in axes.collections if isinstance(artist, PathCollection)]
    paths: list[Any] = [*(line.get_xydata() for line in axes.lines), *(artist.get_offsets() for artist in dots)]
    for x, y in () if bars else (point for path in paths for point in path):
        yield float(y), across.get(round(x), "") if isfinite(x) else ""
    for artist in () if bars or paths else (*axes.collections, *axes.images):
        if (fields := artist.get_array()) is not None:
            yield from ((float(value), "") for value in fields.flat if value is not masked)
