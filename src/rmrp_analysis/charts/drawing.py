"""Prints a drawing as small, repeatable SVG, with its text as text."""

import re
from io import StringIO

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rmrp_analysis.charts.look import FAMILY, sheet_style


def svg(drawn: Axes | Figure, *, prefix: str = "chart") -> str:
    """The figure, or that of these axes, as an SVG element to embed, the same to the byte every time.

    Text stays text, sizes are in mm, every id begins with ``prefix`` so that several drawings may stand in one page;
    there is no XML prolog, no metadata, no date.

    >>> from rmrp_analysis import charts
    >>> import pandas as pd
    >>> charts.svg(charts.bars(pd.Series({"PER": 296_000})), prefix="a")[:25]
    '<svg width="88mm" height='
    """
    written = StringIO()
    with sheet_style():
        drawn.get_figure(root=True).savefig(written, format="svg", metadata={"Date": None})  # type: ignore[union-attr]
    return _tidied(written.getvalue(), prefix)


_FAMILIES = f"'{FAMILY}', 'RMRP Sans', sans-serif"  # the PDF's name for the font, then the page's
_LEFT_OUT = re.compile(
    r"<metadata>.*?</metadata>"
    r"|<defs>\s*<style.*?</style>\s*</defs>"  # would apply to the whole page around it
    r'|<path d="[^"]*" style="fill: none"/>'  # backgrounds
    r'|<g id="[^"]*"/>'
    r'| transform="rotate\(-0 [^"]*"'
    r'|font-family: [^;"]*;? ?'
    r"|^\s+",
    re.DOTALL | re.MULTILINE,
)
_EMPTY_GROUP = re.compile(r'<g id="[^"]*">\s*</g>\n?')
_ID = re.compile(r'(?<= id=")|(?<=href="#)|(?<=url\(#)')
_DECIMAL = re.compile(r"-?\d+\.\d{3,}")
_SIZE = re.compile(r'width="([\d.]+)pt" height="([\d.]+)pt"')


def _tidied(drawn: str, prefix: str) -> str:
    element = _EMPTY_GROUP.sub("", _LEFT_OUT.sub("", drawn[drawn.index("<svg") :]))
    element = _SIZE.sub(_root_attributes, element, count=1)
    element = element.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "", "xlink:" not in element)
    element = re.sub(r">\n+<", ">\n<", _ID.sub(f"{prefix}-", element))
    return re.sub(r"<[^>]*>", _short_tag, element)


def _root_attributes(size: re.Match[str]) -> str:
    width_mm, height_mm = (round(float(points) / 72 * 25.4, 2) for points in size.groups())
    return f'width="{width_mm:g}mm" height="{height_mm:g}mm" font-family="{_FAMILIES}" stroke-linejoin="round"'


def _short_tag(tag: re.Match[str]) -> str:
    rounded = _DECIMAL.sub(lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), tag[0])
    return rounded.replace(" \nL ", " ").replace(" \n", "").replace("\n", "")
