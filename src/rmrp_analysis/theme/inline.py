"""Shows Matplotlib figures in a notebook as SVG, with an alternative text drafted from the axes where none is written.

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

FAMILY = "Source Sans 3"
_FORMULA = re.compile(r"\\[a-z]+|[${}]")
MOST_NAMES, MOST_PANELS = 12, 6
Bundle = tuple[dict[str, str], dict[str, Any]]


def load_ipython_extension(shell: Any) -> None:
    """Show figures, and Axes that are the last line of a cell, in this way; the inline backend adds no picture."""
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
    """The figure as a notebook keeps it: drawing, alternative text, and whether that was drafted."""
    svg = figure_svg(figure)  # first: what is drawn has its texts
    exact.note(state_of_figure(figure))
    translate = alt or alternative_text(figure, Translator(notebook_language()))
    drafted = not alt and not hasattr(figure, "_repr_svg_")  # a chart of ``charts`` says by itself what it shows
    return {"image/svg+xml": svg, "text/plain": translate}, {"rmrp": {"alt": translate, "alt_drafted": drafted}}


def axes_bundle(axes: "Axes") -> Bundle | None:
    """Axes of a figure that pyplot does not show at the end of the cell; None for those that it does."""
    from matplotlib._pylab_helpers import Gcf  # the inline backend asks it, too

    figure = axes.get_figure(root=True)
    shown = any(manager.canvas.figure is figure for manager in Gcf.get_all_fig_managers())
    return None if shown or figure is None else figure_bundle(figure)


def state_of_figure(figure: Any) -> exact.State:
    """Say what is known of the numbers that a figure, axes or a grid of any library shows."""
    drawn = getattr(figure, "figure", figure)  # Axes and grids have one
    drawn = drawn.get_figure(root=True) if hasattr(drawn, "get_figure") else drawn
    if (table := getattr(drawn, "drawn_table", None)) is not None:
        return exact.state_of(table)
    return exact.worst_of(exact.state_of_numbers(value for value, _ in _values(axes)) for axes in drawn.axes)


def _note_table(table: Any) -> Any:
    """Note what a table has that is shown; pandas shows it by itself."""
    exact.note(exact.state_of(table))


def _series_bundle(series: Any) -> dict[str, str]:
    """Give a Series as a table, as pandas shows a DataFrame, without the line of its type."""
    _note_table(series)
    return {"text/html": series.to_frame("" if series.name is None else series.name)._repr_html_()}


def _mark_cell() -> None:
    """Leave a mark in the notebook, which nobody sees, when the cell has shown exact counts of people."""
    from IPython.display import display

    if state := exact.noted():
        display({"text/html": ""}, raw=True, metadata={"rmrp": {"people": state}})  # type: ignore[no-untyped-call]


def _give_numbers_to_libraries() -> None:
    """Let libraries take tables of exact counts as numbers, not as objects: heat maps of seaborn refuse these."""
    import pandas as pd

    frame: Any = pd.DataFrame

    def as_numbers(give: Any) -> Any:
        return lambda table, *args, **options: give(exact.as_numbers(table), *args, **options)

    def as_text(write: Any) -> Any:
        return lambda table, *args, **options: _note_table(table) or write(table, *args, **options)

    if not isinstance(vars(frame)["values"], _Numbers):
        frame.values = _Numbers(as_numbers(vars(frame)["values"].fget))
        frame.__array__, frame.to_numpy = as_numbers(frame.__array__), as_numbers(frame.to_numpy)
        frame.to_markdown = as_text(frame.to_markdown)  # by another library, which asks for numbers


class _Numbers(property):
    """The numbers of a table, as other libraries take them."""


def figure_svg(figure: "Figure") -> str:
    """The figure with all it holds, cut to what is drawn; one of ``charts`` in the size that it has on a page."""
    from matplotlib import style

    if own := getattr(figure, "_repr_svg_", None):
        return str(own())
    add_fonts()
    file = StringIO()
    with style.context(theme.FOLDER / "inline.mplstyle"):
        figure.savefig(file, format="svg", bbox_inches="tight", pad_inches=0, metadata={"Date": None})
    return pictures.with_tips(file.getvalue())


@cache
def add_fonts() -> None:
    """Make the sheet's font known to Matplotlib, in its three weights."""
    from matplotlib.font_manager import fontManager

    for path in sorted(theme.FONTS.glob("SourceSans3-*.ttf")):
        fontManager.addfont(path)


def notebook_language() -> str:
    """The notebook's parameter ``language``; English without one."""
    from IPython import get_ipython

    language = str(getattr(get_ipython(), "user_ns", {}).get("language"))
    return language if language in pack.languages() else SOURCE_LANGUAGE


def alternative_text(figure: "Figure", translate: Translator) -> str:
    """What a figure shows, in words: titles, axes, groups, and the lowest and the highest value of each panel."""
    panels = [axes for axes in figure.axes if axes.get_visible() and axes.get_label() != "<colorbar>"]
    parts = [str(figure.get_suptitle() or "")]
    for axes in panels[:MOST_PANELS]:
        parts.append(" ".join(filter(None, (axes.get_title(loc=place) for place in ("left", "center", "right")))))
        named = {N_("Horizontal axis: {label}"): axes.xaxis, N_("Vertical axis: {label}"): axes.yaxis}
        for sentence, axis in named.items():
            label, names = axis.get_label_text(), _listed(list(_categories(axis).values()), translate)
            if label or names:
                parts.append(translate(sentence, label=f"{label} ({names})" if label and names else label or names))
        parts += _groups([axes.get_legend()] if axes.get_legend() else [], translate)
        values = sorted((each for each in _values(axes) if isfinite(each[0])), key=lambda each: each[0])
        ends = {N_("Lowest: {value}"): values[:1], N_("Highest: {value}"): values[-1:]}
        for sentence, value, name in ((sentence, *end) for sentence, found in ends.items() for end in found):
            number = numbers.plain(value, translate.language)
            parts.append(translate(sentence, value=f"{number} ({name})" if name else number))
    parts += _groups(figure.legends, translate)
    sentences = [_plain(part).rstrip(".") for part in parts if part.strip()]
    return " ".join(f"{sentence}." for sentence in dict.fromkeys(sentences or [translate("Chart")]))


def _plain(text: str) -> str:
    """The text on one line, without the signs of formulas."""
    return " ".join(_FORMULA.sub("", text).split())


def _groups(legends: Sequence[Any], translate: Translator) -> list[str]:
    names = [text.get_text() for legend in legends for text in legend.get_texts() if text.get_text()]
    return [translate("Groups: {list}", list=_listed(names, translate))] if names else []


def _listed(names: list[str], translate: Translator) -> str:
    several = list(dict.fromkeys(names))
    shown = several if len(several) <= MOST_NAMES else [*several[:MOST_NAMES], "…"]
    return format_list(shown, locale=translate.language)


def _categories(axis: Any) -> dict[int, str]:
    """The names along an axis by their place, where its labels are names and not numbers."""
    labels = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=False)
    ticks = {round(place): _plain(label.get_text()) for place, label in labels}
    names = {place: text for place, text in ticks.items() if text}
    return names if any(character.isalpha() for text in names.values() for character in text) else {}


def _values(axes: "Axes") -> Iterator[tuple[float, str]]:
    """Each value drawn, with the name of its place: of bars, else of lines and points, else of coloured fields."""
    from matplotlib.collections import PathCollection
    from matplotlib.container import BarContainer
    from numpy.ma import masked

    across, down = _categories(axes.xaxis), _categories(axes.yaxis)
    bars = [container for container in axes.containers if isinstance(container, BarContainer)]
    for container in bars:
        for bar in container.patches:
            if container.orientation == "horizontal":
                yield bar.get_width(), down.get(round(bar.get_y() + bar.get_height() / 2), "")
            else:
                yield bar.get_height(), across.get(round(bar.get_x() + bar.get_width() / 2), "")
    dots = [artist for artist in axes.collections if isinstance(artist, PathCollection)]
    paths: list[Any] = [*(line.get_xydata() for line in axes.lines), *(artist.get_offsets() for artist in dots)]
    for x, y in () if bars else (point for path in paths for point in path):
        yield float(y), across.get(round(x), "") if isfinite(x) else ""
    for artist in () if bars or paths else (*axes.collections, *axes.images):
        if (fields := artist.get_array()) is not None:
            yield from ((float(value), "") for value in fields.flat if value is not masked)
