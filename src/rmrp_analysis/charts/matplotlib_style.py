"""Set the sheet's style in Matplotlib, with its fonts and colours, and write figures as SVG in that style."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from threading import RLock
from typing import TYPE_CHECKING, Any

from rmrp_analysis import theme
from rmrp_analysis.packs import pack
from rmrp_analysis.theme import pictures
from rmrp_analysis.theme.inline import FONT_FAMILY, add_fonts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CYCLE_COLOUR_NAMES = ("people", "ink", "brand-light", "muted", "money", "money-hatch")
"""The plan's colours that Matplotlib gives to one series after the other. Each is visible on white, also as a line. The
pale colour of marks that are not highlighted is not among these."""


def hex_of(name: str) -> str:
    """Return a colour of the plan by its name, as ``#rrggbb``, or raise ``KeyError`` for another name."""
    return pack.colours()[name].light.lower()


def colour_of(unit: str, tint: str = "") -> str:
    """Return the colour of money for ``usd``, or of people. ``tint="-tint"`` gives the pale one of targets."""
    return hex_of(f"{'money' if unit == 'usd' else 'people'}{tint}")


_STYLE_LOCK = RLock()  # held while Matplotlib has the settings of the sheet


@contextmanager
def sheet_style() -> Iterator[None]:
    """Let Matplotlib and seaborn draw in the sheet's style within the block, one thread at a time.

    After the block, the earlier settings hold again.

    >>> import seaborn as sns
    >>> with rmrp.charts.sheet_style():
    ...     axes = sns.barplot(x=["Colombia", "Peru"], y=[742_000, 296_000])
    >>> float(axes.patches[0].get_height())
    742000.0
    """
    from matplotlib import rc_context, rcParams

    with _STYLE_LOCK, rc_context():
        for name, setting in _style_settings().items():
            rcParams._set(name, setting)  # it was checked when the style was read
        yield


def use_style() -> None:
    """Set the sheet's style for all charts of this process, also of seaborn and Matplotlib.

    A chart of the usual size is then half a page wide, so that two stand side by side. ``style_axes`` then writes
    months, numbers and names as the sheet does.

    >>> import seaborn as sns
    >>> from matplotlib import rc_context
    >>> with rc_context():
    ...     rmrp.charts.use_style()
    ...     axes = sns.barplot(x=["Colombia", "Peru"], y=[742_000, 296_000])
    >>> axes.figure.get_size_inches().round(2).tolist()
    [3.46, 2.17]
    """
    from matplotlib import rcParams

    rcParams.update({name: setting for name, setting in _style_settings().items() if name != "figure.dpi"})


@pack.cached_by_pack
def _style_settings() -> dict[Any, Any]:
    """Return every setting of Matplotlib but the backend, in the sheet's style. Add the fonts to Matplotlib."""
    from matplotlib import rcParams, style

    add_fonts()
    with style.context([theme.THEME_FOLDER / "rmrp.mplstyle", colour_settings()], after_reset=True):
        return {name: rcParams[name] for name in rcParams if name != "backend"}


@pack.cached_by_pack
def colour_settings() -> dict[str, Any]:
    """Return the plan's colours as settings of Matplotlib, with ``CYCLE_COLOUR_NAMES`` as its cycle."""
    colours = {name: colour.light for name, colour in pack.colours().items()}
    text = dict.fromkeys(("text.color", "axes.edgecolor", "ytick.labelcolor"), colours["ink"])
    muted = dict.fromkeys(("axes.labelcolor", "xtick.color", "ytick.color"), colours["muted"])
    return text | muted | {"axes.prop_cycle": f"cycler('color', {[colours[name] for name in CYCLE_COLOUR_NAMES]})"}


SVG_FONT_FAMILIES = f"'{FONT_FAMILY}', 'RMRP Sans', sans-serif"  # the PDF's name for the font, then the page's
# What Matplotlib writes into an SVG and a page does not need
_UNWANTED_SVG_PATTERN = re.compile(
    r"<defs>\s*<style.*?</style>\s*</defs>"  # would apply to the whole page around it
    r'|<path d="[^"]*" style="fill: none"/>'  # backgrounds
    r'|<g id="[^"]*"/>'
    r'| transform="rotate\(-0 [^"]*"'
    r'|font-family: [^;"]*;? ?'
    r"|^\s+",
    re.DOTALL | re.MULTILINE,
)
_EMPTY_GROUP_PATTERN = re.compile(r'<g id="[^"]*">\s*</g>\n?')  # an SVG group without content
# Points after M or L are lines. Points after a curve are more curve
_STRAIGHT_LINES_PATTERN = re.compile(r"[ML] [-\d. \n]+(?:L [-\d. \n]+)+")
_SVG_ID_START_PATTERN = re.compile(r'(?<= id=")|(?<=href="#)|(?<=url\(#)')  # the start of an SVG id, or of a reference


def write_svg(figure: "Figure", prefix: str) -> str:
    """Return a figure as an SVG element to embed that does not style the page around it.

    Every id begins with the prefix. Sizes are in mm. Numbers have at most two decimals, so that files are small.
    """
    file = StringIO()
    with sheet_style():
        figure.savefig(
            file, format="svg", facecolor="none", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type"))
        )
    text = pictures.with_tips(file.getvalue())
    text = _EMPTY_GROUP_PATTERN.sub("", _UNWANTED_SVG_PATTERN.sub("", text[text.index("<svg") :]))
    width_mm, height_mm = (round(float(inches) * 25.4, 2) for inches in figure.get_size_inches())
    size = f'width="{width_mm:g}mm" height="{height_mm:g}mm"'
    root = f'{size} font-family="{SVG_FONT_FAMILIES}" stroke-linejoin="round"'
    text = re.sub(r'width="[\d.]+pt" height="[\d.]+pt"', root, text, count=1)
    text = text.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "", "xlink:" not in text)
    text = re.sub(r">\n+<", ">\n<", _SVG_ID_START_PATTERN.sub(f"{prefix}-", text))

    def round_numbers(tag: re.Match[str]) -> str:
        """Return a tag on one line, its numbers with at most two decimals."""
        rounded = re.sub(r"-?\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), tag[0])
        return rounded.replace(" \n", "").replace("\n", "")

    def join_lines(path: re.Match[str]) -> str:
        """Return the data of a path with one command for a run of straight lines."""
        return _STRAIGHT_LINES_PATTERN.sub(lambda line: line[0][0] + line[0][1:].replace("\nL ", ""), path[0])

    return re.sub(r"<[^>]*>", round_numbers, re.sub(r' d="[^"]*"', join_lines, text))
