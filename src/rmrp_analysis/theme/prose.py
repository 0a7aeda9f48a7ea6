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
"""Returns the view of a chart for the address of a picture and its alternative text; None without the picture."""

SHEET_ADDRESS_START = "sheet:"
"""Begins the address of another sheet of the run; a page without that link shows its words only."""

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
"""Schemes of addresses to which a text may link; other links lose their address."""
_INVISIBLE_ELEMENTS = frozenset({"style", "head", "title", "template", "meta", "link"})
"""HTML elements that a browser never shows, left out in silence."""
_UNSUPPORTED_ELEMENT_PATTERN = re.compile(
    "script|iframe|object|embed|video|audio|canvas|svg|math|form|input|button|select|textarea"
)
"""HTML elements that a page cannot hold; they are left out and named."""
_BLOCK_ELEMENT_PATTERN = re.compile(
    "p|div|section|article|header|footer|main|pre|blockquote|ul|ol|table|hr|h[1-6]|dl|dt|dd"
)
"""HTML elements that begin on a line of their own."""
_CSS_RULE_PATTERN = re.compile(r"([^{}]+)\{([^{}]*)\}")
"""A rule of a style sheet: its selectors, and what it sets."""
_BACKGROUND_COLOUR_PATTERN = re.compile(r"background-color:\s*(#[0-9a-fA-F]{6})\b")
"""The background colour that a rule of a style sheet sets."""


def plain_nodes(text: str) -> list[Node]:
    """Return printed text as paragraphs, or as one code node where spaces align it; terminal codes are removed."""
    printed_text = _TERMINAL_CODES_PATTERN.sub("", text).expandtabs(8).strip("\n")
    if _ALIGNED_COLUMNS_PATTERN.search(printed_text):
        return [code_node(printed_text)]
    return [
        paragraph([run(paragraph_text.strip())])
        for paragraph_text in re.split(r"\n\s*\n", printed_text)
        if paragraph_text.strip()
    ]


def code_node(text: str) -> Node:
    """Return a ``code`` node, whose text is printed as it stands, line by line."""
    return {"kind": "code", "text": text}


def run(text: str, *, bold: bool = False) -> Node:
    """Return words of one style, bold or plain, as a run of a paragraph."""
    return PLAIN_TEXT_NODE | {"text": text, "bold": bold}


def words_of(nodes: Iterable[Node]) -> str:
    """Join the words of headings and paragraphs with blanks; other nodes are left out."""
    return " ".join(
        "".join(text_run_dict["text"] for text_run_dict in text_node_dict["runs"])
        for text_node_dict in nodes
        if "runs" in text_node_dict
    )


def headline_in(views: Iterable[Mapping[str, Any]]) -> str:
    """Return the sentence of the first headline among the views of blocks; empty without one."""
    return next(
        (words_of(block_view_dict["nodes"]) for block_view_dict in views if block_view_dict.get("look") == "headline"),
        "",
    )


def masthead(translate: Translator, name: str, *, title: str = "", **texts: Any) -> Node:
    """Return the view of a sheet's masthead: its name, a longer ``title``, and other texts.

    ``document`` is what the whole document is called, ``beside_name`` what stands at the right of its name on later
    pages. The other texts are period, scope, whom it is about, plan, publisher (lines), status, the mark of an internal
    sheet, and what a file says of itself: its author, and its last month, ``YYYY-MM``.
    """
    page_number_text = translate("Page {page} / {pages}", page="{page}", pages="{pages}")
    masthead_name_fields = {
        "span": 12,
        "sector": name,
        "title": title or name,
        "lang": translate.language,
        "page_number": page_number_text,
    }
    blank_text_by_field = dict.fromkeys(
        ("period", "scope", "whom", "plan", "status", "mark", "author", "last_month"), ""
    )
    masthead_view_dict = {**masthead_name_fields, **blank_text_by_field, "publisher": [], **texts}
    part_names_by_text_name = {"document": ("mark", "title", "status"), "beside_name": ("period", "scope")}
    return masthead_view_dict | {
        text_name: " · ".join(
            masthead_view_dict[part_name] for part_name in part_names if masthead_view_dict[part_name]
        )
        for text_name, part_names in part_names_by_text_name.items()
    }


def paragraph(runs: list[Node]) -> Node:
    """Return a paragraph of runs; a line end in a text is a line break."""
    return {"kind": "paragraph", "runs": runs}


def markdown_nodes(text: str, picture_of: PictureOf) -> tuple[list[Node], list[str]]:
    """Return a Markdown text as nodes, and what of it was left out, in words (see ``html_nodes``)."""
    return html_nodes(_MARKDOWN_PARSER.render(text), picture_of)


def html_nodes(html: str, picture_of: PictureOf) -> tuple[list[Node], list[str]]:
    """Return an HTML text as nodes, and what of it was left out, in words, each once.

    An HTML text with too many levels gives no node.
    """
    html_tree = BeautifulSoup(html, "html.parser")
    html_reader = _HtmlReader(picture_of)
    for style_element in html_tree("style"):
        html_reader.take_colours(style_element.get_text())
    try:
        return html_reader.nodes(html_tree.children), list(dict.fromkeys(html_reader.left_out))
    except RecursionError:
        return [], ["HTML with too many levels"]


def _holds_block(element: PageElement) -> bool:
    """Tell whether an element is a block, such as a paragraph or a table, or has one within it."""
    return isinstance(element, Tag) and bool(
        _BLOCK_ELEMENT_PATTERN.fullmatch(element.name) or element.find(_holds_block)
    )


class _HtmlReader:
    """Reads one HTML text; holds what was left out, pictures that wait for the end of their paragraph, cell colours."""

    def __init__(self, picture_of: PictureOf) -> None:
        """Start with nothing left out; ``picture_of`` gives the view of each picture."""
        self.left_out: list[str] = []
        self._picture_of = picture_of
        self._pictures: list[Node] = []
        self._colour_by_cell_id: dict[str, str] = {}

    def take_colours(self, rules: str) -> None:
        """Record the colours that a pandas Styler gives to cells, by their id; note bars in cells as left out."""
        for selector_text, css_declarations_text in _CSS_RULE_PATTERN.findall(rules):
            if background_match := _BACKGROUND_COLOUR_PATTERN.search(css_declarations_text):
                self._colour_by_cell_id |= dict.fromkeys(re.findall(r"#([\w-]+)", selector_text), background_match[1])
        if "gradient(" in rules:
            self.left_out.append("bars in the cells of a table")

    def nodes(self, elements: Iterable[PageElement]) -> list[Node]:
        """Return the nodes of elements in order; text between blocks is a paragraph, pictures follow theirs."""
        block_nodes: list[Node] = []
        for is_block, element_group in groupby(elements, key=_holds_block):
            if is_block:
                block_nodes += [
                    block_node for page_element in element_group for block_node in self._block(page_element)
                ]
            else:
                block_nodes += self._close_node(paragraph(self._runs(element_group, PLAIN_TEXT_NODE)))
        return block_nodes

    def _close_node(self, node: Node) -> list[Node]:
        """Return a heading or paragraph without white edges, if it has words, and the pictures that stood in it."""
        text_runs = [text_run for text_run in node["runs"] if text_run["text"]]
        if text_runs:
            text_runs[0]["text"], text_runs[-1]["text"] = text_runs[0]["text"].lstrip(), text_runs[-1]["text"].rstrip()
        waiting_picture_nodes, self._pictures = self._pictures, []
        has_words = any(text_run["text"].strip() for text_run in text_runs)
        return [*([node | {"runs": text_runs}] if has_words else []), *waiting_picture_nodes]

    def _block(self, element: Any) -> list[Node]:
        """Return the nodes of one HTML block: a heading, list, quote, code, table or rule, else of what is in it."""
        match element.name:
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                heading_runs = self._runs(element.children, PLAIN_TEXT_NODE)
                return self._close_node({"kind": "heading", "level": int(element.name[1]), "runs": heading_runs})
            case "ul" | "ol":
                nodes_of_list_items = [self.nodes(list_item.children) for list_item in element("li", recursive=False)]
                start_match = re.match(r"\d+", str(element.get("start")))
                is_ordered = element.name == "ol"
                return [
                    {
                        "kind": "list",
                        "ordered": is_ordered,
                        "start": int(start_match[0]) if start_match else 1,
                        "items": nodes_of_list_items,
                    }
                ]
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
        """Return the words of elements as runs in a style; keep pictures for later, and note what is left out."""
        text_runs: list[Node] = []
        for html_element in elements:
            if type(html_element) is NavigableString:  # comments are a kind of their own
                text_runs.append(style | {"text": re.sub(r"\s+", " ", html_element)})
            elif not isinstance(html_element, Tag) or html_element.name in _INVISIBLE_ELEMENTS:
                continue
            elif _UNSUPPORTED_ELEMENT_PATTERN.fullmatch(html_element.name):
                self.left_out.append("JavaScript" if html_element.name == "script" else f"HTML (<{html_element.name}>)")
            elif html_element.name == "br":
                text_runs.append(style | {"text": "\n"})
            elif html_element.name == "img":
                self._draw(str(html_element.get("src", "")), str(html_element.get("alt", "")))
            elif html_element.name == "a":
                link_address = str(html_element.get("href", ""))
                link_style_fields = {"href": link_address} if urlsplit(link_address).scheme in _LINK_SCHEMES else {}
                text_runs += self._runs(html_element.children, style | link_style_fields)
            else:
                element_style_fields = (
                    {_STYLE_BY_ELEMENT[html_element.name]: True} if html_element.name in _STYLE_BY_ELEMENT else {}
                )
                text_runs += self._runs(html_element.children, style | element_style_fields)
        return text_runs

    def _draw(self, address: str, alt: str) -> None:
        """Keep a picture for the end of its paragraph; note it as left out if there is none at the address."""
        picture_view_dict = self._picture_of(address, alt)
        if picture_view_dict:
            self._pictures.append({"kind": "picture", "view": picture_view_dict})
        else:
            self.left_out.append(f"a picture ({address[:40]}{'' if alt else ', without alternative text'})")
