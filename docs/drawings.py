"""Puts the charts of the gallery into their page, in its colours, with small pictures that lead to them."""

import re
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from matplotlib.colors import to_rgb
from seaborn.utils import relative_luminance
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from rmrp_analysis import theme
from rmrp_analysis.charts.heat_maps import MAX_DARK_LUMINANCE
from rmrp_analysis.packs import pack
from rmrp_analysis.theme import pictures

PLAIN_TAG = "tag_plain"  # the class that myst-nb gives to a cell with the tag ``plain``: a chart without our style
SHADED = ("people", "money")
"""The colours of the plan of which charts draw shades: each a mix with white."""
MIX_TOLERANCE = 1.5 / 255  # how far the three channels of a shade may be from the same mix
DARKEST_GREY = 0.35  # of white: greys up to this one are seaborn's outlines, which are ink on a page
STYLE_SHEET = "drawings-dark.css"
_HATCH_GROUND = re.compile(r' fill="(#[0-9a-f]{6})"')  # Matplotlib writes all other colours as style
_COLOUR = re.compile(r"(?<=: )#[0-9a-f]{6}\b")


class thumbnails(nodes.General, nodes.Element):  # noqa: N801 - as docutils names its nodes
    """The place of the small pictures of a page's charts."""


class Thumbnails(SphinxDirective):
    """``{thumbnails}``: small pictures of the charts below, each with its name and when to use it."""

    def run(self) -> list[nodes.Node]:
        """Give their place, which ``InlineDrawings`` fills."""
        return [thumbnails()]


class InlineDrawings(SphinxPostTransform):
    """Put each drawing into its page above its code, where its texts have the page's font, with its words beside it."""

    default_priority = 3  # before one form of each output is chosen

    def run(self, **_: object) -> None:
        """Replace the outputs with a drawing, remove those that show nothing, and fill the place of thumbnails."""
        drawn = list[tuple[nodes.Element, str, str]]()  # the cell, the id of its drawing, width and height
        for cell in _elements(self.document, "cell_code"):
            is_plain = PLAIN_TAG in cell["classes"]
            for bundle in _elements(cell, "mime_bundle"):
                forms: dict[str, Any] = {form["mime_type"]: form for form in bundle.children}
                if drawing := forms.get("image/svg+xml"):
                    file = Path(self.env.srcdir, next(drawing.findall(nodes.image))["uri"])
                    name = f"drawing-{len(drawn) + 1}"
                    svg, size = _drawing(file.read_text("utf-8"), name, is_plain=is_plain)
                    words, kind = escape(forms["text/plain"].astext()), "plain drawing" if is_plain else "drawing"
                    html = f'<div class="{kind}"><div role="img" aria-label="{words}">{svg}</div></div>'
                    bundle.replace_self(nodes.raw("", html, format="html"))
                    drawn.append((cell, name, size))
                elif "text/html" in forms and not forms["text/html"].astext():  # the mark of a cell with exact counts
                    bundle.parent.remove(bundle)
        for cell in dict.fromkeys(cell for cell, *_ in drawn):
            cell.children.reverse()  # the drawing, then its code
        for place in list(self.document.findall(thumbnails)):
            pictures_by_section = dict[nodes.Element, str]()
            for cell, name, size in drawn:
                pictures_by_section.setdefault(section := _section_of(cell), _thumbnail(section, name, size))
            html = f'<ul class="thumbnails">{"".join(pictures_by_section.values())}</ul>'
            place.replace_self(nodes.raw("", html, format="html"))


def in_page_colours(svg: str) -> str:
    """Let the colours of a chart follow the custom properties of the page, also shades and seaborn's dark greys."""
    plan_colours = {colour.light.lower() for colour in pack.colours().values()}
    styled = _HATCH_GROUND.sub(r' style="fill: \1"', svg)
    return theme.in_page_colours(
        _COLOUR.sub(lambda found: found[0] if found[0] in plan_colours else _mixed_colour(found[0]), styled)
    )


def _mixed_colour(colour: str) -> str:
    """A colour that the plan does not name as CSS: a mix of two that it names, or as it is.

    A shade that carries dark text holds less of its colour where the page says so (``--pale-share``).
    """
    channels = to_rgb(colour)
    if max(channels) <= DARKEST_GREY and max(channels) - min(channels) <= MIX_TOLERANCE:
        return f"var(--ink, {colour})"
    for name in SHADED:
        full = pack.colours()[name].light.lower()
        shares = [(1 - part) / (1 - whole) for part, whole in zip(channels, to_rgb(full), strict=True)]
        share = sum(shares) / len(shares)
        if max(shares) - min(shares) <= MIX_TOLERANCE / (1 - max(to_rgb(full))) and share <= 1:
            amount = f"{share:.1%}"
            if relative_luminance(colour) >= MAX_DARK_LUMINANCE:
                amount = f"calc({amount} * var(--pale-share, 1))"
            return f"color-mix(in srgb, var(--{name}, {full}) {amount}, var(--paper, #ffffff))"
    return colour


def _drawing(svg: str, name: str, *, is_plain: bool) -> tuple[str, str]:
    """The drawing with this id and prefix of ids, and its width and height as the view box has them."""
    picture = pictures.safe_svg(svg, name)
    size = re.search(r'viewBox="0 0 ([\d. ]+)"', picture.svg)
    element = picture.svg if is_plain else in_page_colours(picture.svg)
    return element.replace("<svg", f'<svg id="{name}" class="drawn"', 1), size[1] if size else ""


def _thumbnail(section: nodes.Element, drawing: str, size: str) -> str:
    """A small picture that leads to a section, with the name in its title and its first paragraph."""
    title, text = next(section.findall(nodes.title)), next(section.findall(nodes.paragraph))
    name = next((literal.astext() for literal in title.findall(nodes.literal)), title.astext())
    width, height = size.split()
    picture = (
        f'<svg viewBox="0 0 {size}" aria-hidden="true"><use href="#{drawing}" width="{width}" height="{height}"/></svg>'
    )
    return (
        f'<li><a href="#{section["ids"][0]}">{picture}<strong>{escape(name)}</strong> {escape(text.astext())}</a></li>'
    )


def _section_of(node: nodes.Element) -> nodes.Element:
    """The section that a node stands in."""
    while not isinstance(node, nodes.section):
        node = node.parent
    return node


def _elements(within: nodes.Element, kind: str) -> list[nodes.Element]:
    """The containers that myst-nb has marked as this kind."""
    return [node for node in within.findall(nodes.container) if node.get("nb_element") == kind]


def write_dark_colours(app: Sphinx) -> None:
    """Write the plan's colours for the dark theme as custom properties of each drawing."""
    dark = {name: colour.dark for name, colour in pack.colours().items()} | {"paper": "var(--pst-color-background)"}
    rules = " ".join(f"--{name}: {colour};" for name, colour in dark.items())
    folder = Path(app.outdir, "_static")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / STYLE_SHEET).write_text(f'@media screen {{ html[data-theme="dark"] {{ {rules} }} }}\n', "utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the transform, its directive and its style sheets."""
    app.add_post_transform(InlineDrawings)
    app.add_directive("thumbnails", Thumbnails)
    app.connect("builder-inited", write_dark_colours)
    app.add_css_file("drawings.css")
    app.add_css_file(STYLE_SHEET)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
