"""Read text of any origin (HTML, Markdown, plain) into nodes of a ``text`` block: words, tables and pictures.

Nothing of the HTML itself reaches a page.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement
from markdown_it import MarkdownIt

from rmrp_analysis.theme import tables
from rmrp_analysis.words import Translator

Node = dict[str, Any]
"""A piece of a text as templates read it: a heading, paragraph, list, table, picture or run."""
PictureOf = Callable[[str, str], Node | None]
"""Returns the view of a chart for the address and the alternative text of a picture, or None without the picture."""

SHEET_ADDRESS_START = "sheet:"
"""The beginning of the address of another sheet of the run. A page without that link only shows its words."""

PLAIN_TEXT_NODE: Node = {"text": "", "bold": False, "italic": False, "code": False, "href": ""}
"""A run of words without a style and without a link."""
_MARKDOWN_PARSER = MarkdownIt("commonmark").enable("table")
"""Reads Markdown as CommonMark has it, with tables."""
_ALIGNED_COLUMNS_PATTERN = re.compile(r"\S {2,}\S|\t|^ ", re.MULTILINE)
"""Spaces by which printed text stands in columns."""
_TERMINAL_CODES_PATTERN = re.compile(r"^(?:[^\n\r]*\r(?!\n))+|\x1b\[[0-9;?]*[A-Za-z]", re.MULTILINE)
"""Colours of a terminal, and text that a progress line overwrote."""


_STYLE_BY_ELEMENT = {"strong": "bold", "b": "bold", "em": "italic", "i": "italic", "code": "code"}
"""The style of a run by the HTML element around its words."""
_LINK_SCHEMES = ("http", "https", "mailto")
"""A text may link to addresses with these schemes. Other links lose their address."""
_INVISIBLE_ELEMENTS = frozenset({"style", "head", "title", "template", "meta", "link"})
"""HTML elements that a browser never shows, left out in silence."""
_UNSUPPORTED_ELEMENT_PATTERN = re.compile(
    "script|iframe|object|embed|video|audio|canvas|svg|math|form|input|button|select|textarea"
)
"""HTML elements that a page cannot hold. They are left out and named."""
_BLOCK_ELEMENT_PATTERN = re.compile(
    "p|div|section|article|header|footer|main|pre|blockquote|ul|ol|table|hr|h[1-6]|dl|dt|dd"
)
"""HTML elements that begin on a line of their own."""
_CSS_RULE_PATTERN = re.compile(r"([^{}]+)\{([^{}]*)\}")
"""A rule of a style sheet: its selectors and its properties."""
_BACKGROUND_COLOUR_PATTERN = re.compile(r"background-color:\s*(#[0-9a-fA-F]{6})\b")
"""The background colour that a rule of a style sheet sets."""


def plain_nodes(text: str) -> list[Node]:
    """Return printed text as paragraphs, or as one code node if spaces align it. Remove terminal codes."""
    plain = _TERMINAL_CODES_PATTERN.sub("", text).expandtabs(8).strip("\n")
    if _ALIGNED_COLUMNS_PATTERN.search(plain):
        return [code_node(plain)]
    return [paragraph([run(part.strip())]) for part in re.split(r"\n\s*\n", plain) if part.strip()]


def code_node(text: str) -> Node:
    """Return a ``code`` node: its text is printed as it stands, line by line."""
    return {"kind": "code", "text": text}


def run(text: str, *, bold: bool = False) -> Node:
    """Return words of one style, bold or plain, as a run of a paragraph."""
    return PLAIN_TEXT_NODE | {"text": text, "bold": bold}


def words_of(nodes: Iterable[Node]) -> str:
    """Join the words of headings and paragraphs with blanks. Leave out other nodes."""
    return " ".join("".join(run["text"] for run in node["runs"]) for node in nodes if "runs" in node)


def headline_in(views: Iterable[Mapping[str, Any]]) -> str:
    """Return the sentence of the first headline among the views of blocks, or an empty text."""
    return next((words_of(view["nodes"]) for view in views if view.get("look") == "headline"), "")


def masthead(translate: Translator, name: str, *, title: str = "", **texts: Any) -> Node:
    """Return the view of a sheet's masthead: its name, a longer ``title``, and other texts.

    The view adds ``document``, the title of the whole document, and ``beside_name``, which stands at the right of its
    name on later pages. The other texts are period, scope, whom (the people it is about), plan, publisher (lines),
    status, the mark of an internal sheet, and for the properties of a file author and last month (``YYYY-MM``).
    """
    page = translate("Page {page} / {pages}", page="{page}", pages="{pages}")
    names = {"span": 12, "sector": name, "title": title or name, "lang": translate.language, "page_number": page}
    blank = dict.fromkeys(("period", "scope", "whom", "plan", "status", "mark", "author", "last_month"), "")
    view = {**names, **blank, "publisher": [], **texts}
    joined = {"document": ("mark", "title", "status"), "beside_name": ("period", "scope")}
    return view | {field: " · ".join(view[part] for part in parts if view[part]) for field, parts in joined.items()}


def paragraph(runs: list[Node]) -> Node:
    """Return a paragraph of runs. A line end in a text is a line break."""
    return {"kind": "paragraph", "runs": runs}


def markdown_nodes(text: str, picture_of: PictureOf) -> tuple[list[Node], list[str]]:
    """Return a Markdown text as nodes, and the omissions in words (see ``html_nodes``)."""
    return html_nodes(_MARKDOWN_PARSER.render(text), picture_of)


def html_nodes(html: str, picture_of: PictureOf) -> tuple[list[Node], list[str]]:
    """Return an HTML text as nodes, and the omissions in words, each once.

    An HTML text with too many levels gives no node.
    """
    page = BeautifulSoup(html, "html.parser")
    reading = _HtmlReader(picture_of)
    for style in page("style"):
        reading.take_colours(style.get_text())
    try:
        return reading.nodes(page.children), list(dict.fromkeys(reading.left_out))
    except RecursionError:
        return [], ["HTML with too many levels"]


def _holds_block(element: PageElement) -> bool:
    """Tell whether an element is a block, such as a paragraph or a table, or has one within it."""
    return isinstance(element, Tag) and bool(
        _BLOCK_ELEMENT_PATTERN.fullmatch(element.name) or element.find(_holds_block)
    )


class _HtmlReader:
    """Reads one HTML text. Holds omissions, pictures for the end of their paragraph, and cell colours."""

    def __init__(self, picture_of: PictureOf) -> None:
        """Start without omissions. ``picture_of`` gives the view of each picture."""
        self.left_out: list[str] = []
        self._picture_of = picture_of
        self._pictures: list[Node] = []
        self._colour_by_cell_id: dict[str, str] = {}

    def take_colours(self, rules: str) -> None:
        """Record the colours that a pandas Styler gives to cells, by cell id. Note that bars in cells are left out."""
        for names, rule in _CSS_RULE_PATTERN.findall(rules):
            if ground := _BACKGROUND_COLOUR_PATTERN.search(rule):
                self._colour_by_cell_id |= dict.fromkeys(re.findall(r"#([\w-]+)", names), ground[1])
        if "gradient(" in rules:
            self.left_out.append("bars in the cells of a table")

    def nodes(self, elements: Iterable[PageElement]) -> list[Node]:
        """Return the nodes of elements in order. Text between blocks is a paragraph. Pictures follow it."""
        nodes: list[Node] = []
        for block, group in groupby(elements, key=_holds_block):
            if block:
                nodes += [node for element in group for node in self._block(element)]
            else:
                nodes += self._close_node(paragraph(self._runs(group, PLAIN_TEXT_NODE)))
        return nodes

    def _close_node(self, node: Node) -> list[Node]:
        """Return a heading or paragraph without white edges, if it has words, and then its pictures."""
        runs = [run for run in node["runs"] if run["text"]]
        if runs:
            runs[0]["text"], runs[-1]["text"] = runs[0]["text"].lstrip(), runs[-1]["text"].rstrip()
        pictures, self._pictures = self._pictures, []
        has_words = any(run["text"].strip() for run in runs)
        return [*([node | {"runs": runs}] if has_words else []), *pictures]

    def _block(self, element: Any) -> list[Node]:
        """Return an HTML block (heading, list, quote, code, table, rule) as a node, or its content as nodes."""
        match element.name:
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                runs = self._runs(element.children, PLAIN_TEXT_NODE)
                return self._close_node({"kind": "heading", "level": int(element.name[1]), "runs": runs})
            case "ul" | "ol":
                items = [self.nodes(item.children) for item in element("li", recursive=False)]
                start = re.match(r"\d+", str(element.get("start")))
                ordered = element.name == "ol"
                return [{"kind": "list", "ordered": ordered, "start": int(start[0]) if start else 1, "items": items}]
            case "blockquote":
                return [{"kind": "quote", "nodes": self.nodes(element.children)}]
            case "pre":
                return [code_node(element.get_text().rstrip("\n"))]
            case "table":
                return [{"kind": "table", "view": tables.html_table(element, self._colour_by_cell_id)}]
            case "hr":
                return [{"kind": "rule"}]
            case _:
                return self.nodes(element.children)

    def _runs(self, elements: Iterable[PageElement], style: Node) -> list[Node]:
        """Return the words of elements as runs in a style. Keep pictures for later, and note omissions."""
        runs: list[Node] = []
        for element in elements:
            if type(element) is NavigableString:  # comments are a kind of their own
                runs.append(style | {"text": re.sub(r"\s+", " ", element)})
            elif not isinstance(element, Tag) or element.name in _INVISIBLE_ELEMENTS:
                continue
            elif _UNSUPPORTED_ELEMENT_PATTERN.fullmatch(element.name):
                self.left_out.append("JavaScript" if element.name == "script" else f"HTML (<{element.name}>)")
            elif element.name == "br":
                runs.append(style | {"text": "\n"})
            elif element.name == "img":
                self._draw(str(element.get("src", "")), str(element.get("alt", "")))
            elif element.name == "a":
                href = str(element.get("href", ""))
                linked = {"href": href} if urlsplit(href).scheme in _LINK_SCHEMES else {}
                runs += self._runs(element.children, style | linked)
            else:
                mark = {_STYLE_BY_ELEMENT[element.name]: True} if element.name in _STYLE_BY_ELEMENT else {}
                runs += self._runs(element.children, style | mark)
        return runs

    def _draw(self, address: str, alt: str) -> None:
        """Keep a picture for the end of its paragraph, or note it as left out if it has no view."""
        view = self._picture_of(address, alt)
        if view:
            self._pictures.append({"kind": "picture", "view": view})
        else:
            self.left_out.append(f"a picture ({address[:40]}{'' if alt else ', without alternative text'})")
