"""Make pictures of any origin SVG that is safe in a page: it runs nothing, loads no file, styles only itself."""

import re
from base64 import b64decode, b64encode
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from mimetypes import guess_type
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote
from xml.etree.ElementTree import Element, tostring

from defusedxml import ElementTree
from PIL import Image

HALF_PAGE_WIDTH_MM = 88
"""The printed width of half a page. A wider picture takes the full width."""
SVG_MIME = "image/svg+xml"
PICTURE_MIMES = (SVG_MIME, "image/png", "image/jpeg", "image/gif", "image/webp")
"""The MIME types of all pictures that a page can embed."""
_SVG_NAMESPACE = "http://www.w3.org/2000/svg"
_ALLOWED_ELEMENT_PATTERN = re.compile(
    "svg|g|defs|symbol|use|path|rect|circle|ellipse|line|polyline|polygon|text|tspan|textPath|image|clipPath|mask"
    "|marker|pattern|linearGradient|radialGradient|stop"
)
"""The names of SVG elements that a safe picture keeps. All others are removed."""
_REMOVED_ROOT_ATTRIBUTES = frozenset({"class", "tabindex", "style", "x", "y"})
"""Attributes of the outermost element that would affect the page around the picture."""

_TIP_ID_START = "tip:"
"""Begins the id of a mark that shows a text under the pointer."""
_LENGTH_PATTERN = re.compile(r"\s*([\d.]+)\s*(mm|cm|in|pt|px)?\s*")
"""A length of SVG: its number and its unit."""
_MM_BY_UNIT = {"mm": 1.0, "cm": 10.0, "in": 25.4, "pt": 25.4 / 72, "px": 25.4 / 96, None: 25.4 / 96}
"""The millimetres of one unit of length of SVG. None is a length without a unit."""
_LOCAL_URL_PATTERN = re.compile(r"url\(\s*(['\"]?)#([^)'\"]+)\1\s*\)")
"""A reference of SVG to an id in the same picture."""
_EMBEDDED_IMAGE_PATTERN = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*")
"""An address that holds a picture of pixels itself, so that nothing is loaded."""

CHART_VIEW_DEFAULTS = {
    "kicker": "",
    "finding": "",
    "empty": None,
    "width_mm": None,
    "height_mm": None,
    "table": None,
    "form": "",
    "note": "",
}


class Picture(NamedTuple):
    """A picture to embed, and its size in print."""

    svg: str
    width_mm: float
    height_mm: float
    words: str = ""
    """The title and description in the picture, if it has them."""


def chart(picture: Picture, *, alt: str, alt_drafted: bool = False, **texts: str) -> dict[str, Any]:
    """Return the view of a ``chart`` block. A picture up to ``HALF_PAGE_WIDTH_MM`` takes half the page.

    ``texts`` are other fields of the view (``CHART_VIEW_DEFAULTS``).
    """
    size = {"width_mm": picture.width_mm, "height_mm": picture.height_mm}
    span = 6 if picture.width_mm <= HALF_PAGE_WIDTH_MM else 12
    view = {"span": span, "svg": picture.svg, "alt": alt, "alt_drafted": alt_drafted}
    return {**CHART_VIEW_DEFAULTS, **size, **view, **texts}


def tip(label: str, text: str) -> str:
    """Return the id of a mark with its label and text. ``with_tips`` makes it a tip for the pointer."""
    return f"{_TIP_ID_START}{label}: {text}"


def with_tips(svg: str) -> str:
    """Turn the ids of marks into ``data-tip``, which the script of a page shows under the pointer."""
    return re.sub(rf" id=([\"']){_TIP_ID_START}", r" data-tip=\1", svg)


@lru_cache(maxsize=32)
def safe_svg(svg: str, prefix: str = "") -> Picture:
    """Return a drawing without unsafe content. Every id begins with ``prefix``, by default with a hash.

    A drawing without a size gets the size of its ``viewBox``, without that 100 mm. Cached. Raises ``ValueError`` if
    ``svg`` is no SVG.
    """
    prefix = prefix or f"c{sha256(svg.encode()).hexdigest()[:8]}"
    try:
        root = ElementTree.fromstring(svg)
    except Exception as problem:  # defusedxml and expat have no error in common
        raise ValueError(f"this is no SVG: {problem}") from None
    words = [(child.text or "").strip() for child in root if _local_name(child.tag) in ("title", "desc")]
    is_round = "stroke-linejoin: round" in svg  # Matplotlib's only rule of style, which would apply to the page
    box = [float(number) for number in re.findall(r"-?[\d.]+(?:[eE][-+]?\d+)?", root.get("viewBox", ""))]
    width, height = _length_mm(root.get("width", "")), _length_mm(root.get("height", ""))
    if len(box) != 4 or min(box[2:]) <= 0:
        box = [0, 0, (width or 100) / _MM_BY_UNIT[None], (height or 100) / _MM_BY_UNIT[None]]
    width = width or (height * box[2] / box[3] if height else box[2] * _MM_BY_UNIT[None])
    height = height or width * box[3] / box[2]
    _clean(root, prefix)
    for name in _REMOVED_ROOT_ATTRIBUTES & set(root.attrib):
        del root.attrib[name]
    root.attrib |= {
        "xmlns": _SVG_NAMESPACE,
        "viewBox": " ".join(f"{number:g}" for number in box),
        "width": f"{width:.2f}mm",
        "height": f"{height:.2f}mm",
        **({"stroke-linejoin": "round"} if is_round else {}),
    }
    return Picture(tostring(root, encoding="unicode"), width, height, " ".join(word for word in words if word))


def picture(content: str, mime: str, prefix: str) -> Picture:
    """Return a picture of a notebook as a safe SVG.

    ``content`` is the text of an SVG, or pixels in base64.

    An SVG loses its unsafe content, and its ids begin with ``prefix`` (see ``safe_svg``). Pixels are embedded in an
    SVG, 96 to the inch. Raises ``ValueError`` if it is no picture.
    """
    if mime == SVG_MIME:
        return safe_svg(content, prefix)
    try:
        with Image.open(BytesIO(b64decode(content))) as image:
            across, down = image.size
    except (OSError, ValueError, Image.DecompressionBombError) as problem:
        raise ValueError(f"this is no picture: {problem}") from None
    width, height = across * _MM_BY_UNIT["px"], down * _MM_BY_UNIT["px"]
    href = f"data:{mime};base64,{''.join(content.split())}"
    size = f'width="{width:.2f}mm" height="{height:.2f}mm"'
    pixels = f'<image width="{across}" height="{down}" href="{href}"/>'
    svg = f'<svg xmlns="{_SVG_NAMESPACE}" viewBox="0 0 {across} {down}" {size}>{pixels}</svg>'
    return Picture(svg, width, height)


def read(folder: Path, address: str) -> dict[str, str]:
    """Read a picture in a folder or below as notebooks store it: its MIME type, and SVG or base64.

    Raises ``ValueError`` if there is no such picture, or the address leads out of the folder.
    """
    path = (folder / unquote(address)).resolve()
    mime = guess_type(path.name)[0]
    if mime not in PICTURE_MIMES or not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise ValueError(f"there is no picture {address}")
    return {str(mime): path.read_text("utf-8") if mime == SVG_MIME else b64encode(path.read_bytes()).decode()}


def _clean(element: Element, prefix: str) -> None:
    """Remove code, addresses and styles from an element and its children, and give ids the prefix.

    Changes the element itself: children with a name that is not allowed are removed, and names lose their namespace.
    """
    element.tag = _local_name(element.tag)
    for name, text in list(element.attrib.items()):
        del element.attrib[name]
        plain = _local_name(name)
        if plain == "id":
            element.set("id", f"{prefix}-{text}")
        elif plain == "href" and text.startswith("#"):
            element.set("href", f"#{prefix}-{text[1:]}")
        elif plain == "href" and not _EMBEDDED_IMAGE_PATTERN.fullmatch(text):
            continue
        elif not plain.startswith("on") and plain not in ("class", "tabindex"):
            local = _LOCAL_URL_PATTERN.sub(rf"url(#{prefix}-\2)", text)
            if "url(" not in local.replace("url(#", ""):
                element.set(plain, local)
    for child in list(element):
        is_svg = isinstance(child.tag, str) and child.tag.startswith(f"{{{_SVG_NAMESPACE}}}")
        if is_svg and _ALLOWED_ELEMENT_PATTERN.fullmatch(_local_name(child.tag)):
            _clean(child, prefix)
        else:
            element.remove(child)


def _local_name(tag: str) -> str:
    """Return a name without its namespace."""
    return str(tag).rpartition("}")[2]


def _length_mm(length: str) -> float | None:
    """Return a length of SVG in mm, or None if it is no length. A length without a unit is in pixels."""
    match = _LENGTH_PATTERN.fullmatch(length)
    return float(match[1]) * _MM_BY_UNIT[match[2]] if match else None
