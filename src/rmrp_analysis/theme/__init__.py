"""Fill the files that give a sheet its look: style sheet, Typst components, templates, fonts, chart style.

The plan pack gives its colours.

Two rooms use this one: ``page`` fills the block templates, ``publish`` sets the page around them.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from rmrp_analysis.locale.languages import declared
from rmrp_analysis.packs import pack

THEME_FOLDER = Path(__file__).parent
"""The folder of the style sheet, the templates, the scripts and the fonts."""
FONTS_FOLDER = THEME_FOLDER / "fonts"
"""The folder of the font files: for PDF and drawings, and for pages."""
TYPST_COMPONENTS_FILE = THEME_FOLDER / "sheet.typ"
"""The Typst file with the components from which a PDF is set."""
BLOCKS_MIME = "application/vnd.rmrp.blocks+json"
"""Blocks as a notebook keeps them for the exporters: a list of ``{kind, view, uid}``."""

FIGURES_CELL_TAG = "injected-figures"
"""Tag of the cell that a run adds to a notebook to take the figures of its page."""
FIGURES_MIME = "application/vnd.rmrp.figures+json"
"""The figures of a page as a notebook keeps them for the JSON file beside the sheet."""
TABLES_MIME = "application/vnd.rmrp.tables+json"
"""The figures of a page as a notebook keeps them for the CSV and Excel files beside the sheet."""

_CSS_COLOUR_PATTERN = re.compile(r"(?<=: )#[0-9a-f]{6}\b")
"""A colour as the drawings write it, such as ``fill: #1a2b3c``."""
_FONT_WEIGHT_BY_STYLE = {"Regular": 400, "Semibold": 600, "Bold": 700}
"""The CSS weight of each font file by the style in its name."""


def render(template: str, **names: Any) -> str:
    """Fill in a template of this room, with every text escaped. Raises ``UndefinedError`` for a missing name."""
    return _environment().get_template(template).render(**names)


def keep_templates() -> None:
    """Cache every template, the style sheet and the script of a page for this process and its forks."""
    style_sheet()
    content_policy()
    for name in _environment().list_templates():
        _environment().get_template(name)


@pack.cached_by_pack
def style_sheet() -> str:
    """Return the style sheet with the fonts and the pack's colours, which needs no other file. Cached by pack."""
    faces = []
    for style, weight in _FONT_WEIGHT_BY_STYLE.items():
        font = base64.b64encode((FONTS_FOLDER / f"RMRPSans-{style}.woff2").read_bytes()).decode()
        source = f"url(data:font/woff2;base64,{font}) format('woff2')"
        faces.append(f"@font-face{{font-family:'RMRP Sans';font-weight:{weight};font-display:swap;src:{source}}}")
    sheet_css = (THEME_FOLDER / "sheet.css").read_text(encoding="utf-8")
    # Dark colours are on our own pages only, since a notebook has a background of its own.
    light = " ".join(f"--{name}: {colour.light};" for name, colour in pack.colours().items())
    dark = " ".join(f"--{name}: {colour.dark};" for name, colour in pack.colours().items())
    colours = f".rmrp {{ {light} }}\n@media screen and (prefers-color-scheme: dark) {{ body.rmrp {{ {dark} }} }}\n"
    return "\n".join((*faces, sheet_css, colours))


@pack.cached_by_pack
def script() -> str:
    """Return the script of a page, with the number formats of all languages and the pack's ink. Cached."""
    languages = [declared(code) for code in pack.languages()]
    powers = {unit: f"{unit}: 1e{power}" for language in languages for unit, power in language.units.items()}
    tests = [f'lang === "{language.code}"' for language in languages if language.decimal == "."]
    values = {
        "#ink": pack.colours()["ink"].light,
        "#factors": f"{{ {', '.join(sorted(powers.values(), key=lambda unit: unit[-1]))} }}",
        "#with_point": " || ".join(tests),
    }
    text = _join_scripts("sheet.js", "copy.js", "tables.js")
    return re.sub("|".join(values), lambda match: values[match[0]], text)


@pack.cached_by_pack
def content_policy() -> str:
    """Return the content security policy: a page runs ``script()`` only, and loads nothing from outside."""
    digest = base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()
    rule = f"script-src 'sha256-{digest}'"
    return f"default-src 'none'; {rule}; style-src 'unsafe-inline'; img-src data:; font-src data:"


def index_style_sheet() -> str:
    """Return the style sheet of a run's index: the style sheet of the sheets, with rules for the list."""
    return style_sheet() + (THEME_FOLDER / "index.css").read_text(encoding="utf-8")


def index_script() -> str:
    """Return the script of a run's index (search, sorting, the choices in the page's address), without comments."""
    return _join_scripts("index.js", "tables.js")


def _join_scripts(*names: str) -> str:
    """Join scripts of this room, without their comments."""
    text = "".join((THEME_FOLDER / name).read_text(encoding="utf-8") for name in names)
    return re.sub(r"^\s*// .*\n", "", text, flags=re.MULTILINE)


@pack.cached_by_pack
def _environment() -> Environment:
    """Return the Jinja environment of the block templates, with the colours of the plan pack. Cached by pack."""
    templates = FileSystemLoader(THEME_FOLDER / "templates")
    jinja = Environment(
        loader=templates, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    jinja.filters |= {"in_page_colours": in_page_colours, "css_text": css_text}
    jinja.globals["colours"] = {name: colour.light for name, colour in pack.colours().items()}
    return jinja


def in_page_colours(svg: str) -> str:
    """Replace the pack's colours in a drawing by CSS variables of the page, so that they follow its dark mode."""
    # If one colour has two names, the first counts
    names = {colour.light.lower(): f"--{name}" for name, colour in reversed(list(pack.colours().items()))}
    return _CSS_COLOUR_PATTERN.sub(
        lambda match: f"var({names[match[0]]}, {match[0]})" if match[0] in names else match[0], svg
    )


def css_text(text: str) -> str:
    """Write a text as a CSS string for a page's margin, with the browser's counters for ``{page}``, ``{pages}``.

    Signs that would end the string or its style sheet are escaped for CSS.
    """
    safe = re.sub(r"[\"\\\\<>&\n]", lambda match: f"\\{ord(match[0]):x} ", text)
    return '"' + re.sub(r"{(pages?)}", r'" counter(\1) "', safe) + '"'


def wrap_in_theme(html: str) -> str:
    """Wrap a block in the element to which the sheet's styles apply, without the styles."""
    return f'<div class="rmrp">{html}</div>'


def typst_source(sheets: Sequence[Sequence[Mapping[str, Any]]]) -> str:
    """Return the Typst document of these sheets, each a list of blocks ``{kind, view}``.

    Texts are ``printable``.
    """
    views = printable(json.dumps(sheets, ensure_ascii=False)).replace("\\", "\\\\").replace('"', '\\"')
    colours = "\n".join(f'#let {name}-colour = rgb("{colour.light}")' for name, colour in pack.colours().items())
    components = TYPST_COMPONENTS_FILE.read_text(encoding="utf-8")
    return f'{colours}\n{components}\n#document-of(json(bytes("{views}")))\n'


def printable(text: str) -> str:
    """Replace characters that the fonts lack by question marks, since PDF/UA needs a glyph for each."""
    return text.translate(dict.fromkeys(set(map(ord, set(text))) - _letters(), "?"))


@cache
def _letters() -> frozenset[int]:
    """Return the code points of the characters that the font of PDF has."""
    with TTFont(FONTS_FOLDER / "SourceSans3-Regular.ttf", lazy=True) as font:
        return frozenset(font.getBestCmap())


@cache
def kinds() -> frozenset[str]:
    """Return the kinds of block: all that have a template, without whole pages (page, index, mail)."""
    names = (path.name.removesuffix(".html.j2") for path in (THEME_FOLDER / "templates").glob("[a-z]*.html.j2"))
    return frozenset(names) - {"page", "index", "mail"}


def block_html(kind: str, view: Mapping[str, Any], name: str = "", anchor: Callable[[str], str] = lambda _: "") -> str:
    """Return one block of a sheet as HTML, from its finished texts (``view``).

    On a page, ``anchor`` gives an id to the block (``name``) and to its headings, for links. By default they have no
    id.
    """
    return render(f"{kind}.html.j2", view=view, name=name, place=lambda name: {"id": anchor(name) or None})
