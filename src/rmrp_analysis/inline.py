"""Shows Matplotlib figures in a notebook as SVG, with an alternative text drafted from the axes where none is written.

An IPython extension: importing the package in a notebook loads it. Text in a figure stays text, in the sheet's font.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from io import StringIO
from math import isfinite
from typing import TYPE_CHECKING, Any

from babel.lists import format_list
from babel.numbers import format_decimal

from rmrp_analysis import theme
from rmrp_analysis.words import LANGUAGE_NAMES, SOURCE_LANGUAGE, Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FAMILY = "Source Sans 3"
STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "rmrp-analysis",
    "font.sans-serif": [FAMILY, "DejaVu Sans"],
    "mathtext.fontset": "custom",
    "mathtext.rm": FAMILY,
    "mathtext.it": f"{FAMILY}:italic",
    "mathtext.bf": f"{FAMILY}:bold",
}
"""For the moment of drawing: the figure's own style stays."""

_FORMULA = re.compile(r"\\[a-z]+|[${}]")
MOST_NAMES, MOST_PANELS = 12, 6
Bundle = tuple[dict[str, str], dict[str, Any]]


def load_ipython_extension(shell: Any) -> None:
    """Show figures, and Axes that are the last line of a cell, in this way; the inline backend adds no picture."""
    from matplotlib_inline.config import InlineBackend

    bundles = shell.display_formatter.mimebundle_formatter
    bundles.for_type_by_name("matplotlib.figure", "Figure", figure_bundle)
    bundles.for_type_by_name("matplotlib.axes._axes", "Axes", _axes_bundle)
    InlineBackend.instance(parent=shell).figure_formats = set()


def figure_bundle(figure: "Figure", alt: str = "") -> Bundle:
    """The figure as a notebook keeps it: drawing, alternative text, and whether that was drafted."""
    drawn = figure_svg(figure)
    words = alt or alternative_text(figure, Words(notebook_language()))
    return {"image/svg+xml": drawn, "text/plain": words}, {"rmrp": {"alt": words, "alt_drafted": not alt}}


def _axes_bundle(axes: "Axes") -> Bundle | None:
    """Axes of a figure that pyplot does not show at the end of the cell; None for those that it does."""
    from matplotlib._pylab_helpers import Gcf  # the inline backend asks it, too

    figure = axes.get_figure(root=True)
    shown = any(manager.canvas.figure is figure for manager in Gcf.get_all_fig_managers())
    return None if shown or figure is None else figure_bundle(figure)


def figure_svg(figure: "Figure") -> str:
    """The figure with all it holds, cut to what is drawn."""
    from matplotlib import rc_context

    _add_fonts()
    drawn = StringIO()
    with rc_context(STYLE):
        figure.savefig(drawn, format="svg", bbox_inches="tight", metadata={"Date": None})
    return drawn.getvalue()


@cache
def _add_fonts() -> None:
    from matplotlib import font_manager

    for path in sorted(theme.FONTS.glob("SourceSans3-*.ttf")):
        font_manager.fontManager.addfont(path)


def notebook_language() -> str:
    """The notebook's parameter ``language``; English without one."""
    from IPython import get_ipython

    language = getattr(get_ipython(), "user_ns", {}).get("language")
    return language if language in LANGUAGE_NAMES else SOURCE_LANGUAGE


def alternative_text(figure: "Figure", words: Words) -> str:
    """What a figure shows, in words: titles, axes, groups, and the lowest and the highest value of each panel."""
    panels = [axes for axes in figure.axes if axes.get_visible() and axes.get_label() != "<colorbar>"]
    legends = [name for legend in figure.legends for name in _legend_names(legend)]
    said = [figure.get_suptitle(), *(part for axes in panels[:MOST_PANELS] for part in _panel(axes, words))]
    if legends:
        said.append(_groups(legends, words))
    sentences = [_plain(part).rstrip(".") for part in said if part.strip()]
    return " ".join(f"{sentence}." for sentence in dict.fromkeys(sentences or [words("Chart")]))


def _panel(axes: "Axes", words: Words) -> Iterator[str]:
    titles = [axes.get_title(place) for place in ("left", "center", "right")]
    yield " ".join(title for title in titles if title)
    if axes.get_xlabel():
        yield words("Horizontal axis: {label}", label=axes.get_xlabel())
    if axes.get_ylabel():
        yield words("Vertical axis: {label}", label=axes.get_ylabel())
    legend = axes.get_legend()
    if legend and (names := _legend_names(legend)):
        yield _groups(names, words)
    for axis in (axes.xaxis, axes.yaxis):
        if names := list(_categories(axis).values()):
            yield _groups(names, words)
    values = [(value, name) for value, name in _values(axes) if isfinite(value)]
    if values:
        yield words("Lowest: {value}", value=_value(*min(values, key=lambda each: each[0]), words))
        yield words("Highest: {value}", value=_value(*max(values, key=lambda each: each[0]), words))


def _plain(text: str) -> str:
    """The text on one line, without the signs of formulas."""
    return " ".join(_FORMULA.sub("", text).split())


def _legend_names(legend: Any) -> list[str]:
    return [text.get_text() for text in legend.get_texts() if text.get_text()]


def _groups(names: list[str], words: Words) -> str:
    shown = names if len(names) <= MOST_NAMES else [*names[:MOST_NAMES], "…"]
    return words("Groups: {list}", list=format_list(shown, locale=words.language))


def _value(value: float, name: str, words: Words) -> str:
    printed = format_decimal(Decimal(f"{value:.4g}"), locale=words.language)
    return f"{printed} ({name})" if name else printed


def _categories(axis: Any) -> dict[int, str]:
    """The names along an axis by their place, where its labels are names and not numbers."""
    ticks = {round(place): _plain(label.get_text()) for place, label in zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=False)}
    names = {place: text for place, text in ticks.items() if text}
    return names if any(character.isalpha() for text in names.values() for character in text) else {}


def _values(axes: "Axes") -> Iterator[tuple[float, str]]:
    """Each value drawn, with the name of its place: of bars, else of lines and points, else of coloured fields."""
    from matplotlib.container import BarContainer

    across, down = _categories(axes.xaxis), _categories(axes.yaxis)
    bars = [container for container in axes.containers if isinstance(container, BarContainer)]
    for container in bars:
        for bar in container.patches:
            if container.orientation == "horizontal":
                yield bar.get_width(), down.get(round(bar.get_y() + bar.get_height() / 2), "")
            else:
                yield bar.get_height(), across.get(round(bar.get_x() + bar.get_width() / 2), "")
    if bars:
        return
    points = [point for line in axes.lines for point in zip(*line.get_data(orig=False), strict=True)]
    points += [point for dots in axes.collections if len(dots.get_paths()) == 1 for point in dots.get_offsets()]
    for x, y in points:
        yield float(y), across.get(round(x), "") if isfinite(x) else ""
    if not points:
        for drawn in (*axes.collections, *axes.images):
            if (fields := drawn.get_array()) is not None and fields.size:
                yield float(fields.min()), ""
                yield float(fields.max()), ""


