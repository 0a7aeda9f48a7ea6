"""Text of any origin (HTML, Markdown, plain) as nodes of a ``text`` block: words, tables and pictures alone."""

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
PictureOf = Callable[[str, str], Node | None]
"""From the address of a picture and its alternative text to the view of a chart; None where it cannot be had."""

SHEET = "sheet:"
"""Begins the address of another sheet of the run; a page that does not lead there shows its words alone."""

PLAIN: Node = {"text": "", "bold": False, "italic": False, "code": False, "href": ""}
_MARKDOWN = MarkdownIt("commonmark").enable("table")
_IN_COLUMNS = re.compile(r"\S {2,}\S|\t|^ ", re.MULTILINE)
_TERMINAL = re.compile(r"^(?:[^\n\r]*\r(?!\n))+|\x1b\[[0-9;?]*[A-Za-z]", re.MULTILINE)
"""Colours of a terminal, and what a line of progress wrote over."""


_MARKS = {"strong": "bold", "b": "bold", "em": "italic", "i": "italic", "code": "code"}
_ADDRESSES = ("http", "https", "mailto")
_UNSEEN = frozenset({"style", "head", "title", "template", "meta", "link"})
_LEFT_OUT = re.compile("script|iframe|object|embed|video|audio|canvas|svg|math|form|input|button|select|textarea")
_BLOCKS = re.compile("p|div|section|article|header|footer|main|pre|blockquote|ul|ol|table|hr|h[1-6]|dl|dt|dd")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_GROUND = re.compile(r"background-color:\s*(#[0-9a-fA-F]{6})\b")


def plain_nodes(text: str) -> list[Node]:
    """Printed text: in paragraphs, or as it stands where spaces set it in columns."""
    shown = _TERMINAL.sub("", text).expandtabs(8).strip("\n")
    if _IN_COLUMNS.search(shown):
        return [code_node(shown)]
    return [paragraph([run(part.strip())]) for part in re.split(r"\n\s*\n", shown) if part.strip()]


def code_node(text: str) -> Node:
    """Text as it stands, line by line."""
    return {"kind": "code", "text": text}


def run(text: str, *, bold: bool = False) -> Node:
    """Words of one look."""
    return PLAIN | {"text": text, "bold": bold}


def words_of(nodes: Iterable[Node]) -> str:
    """The words of headings and paragraphs, one after the other."""
    return " ".join("".join(run["text"] for run in node["runs"]) for node in nodes if "runs" in node)


def headline_in(views: Iterable[Mapping[str, Any]]) -> str:
    """The sentence of the first headline among the views of blocks; empty where there is none."""
    return next((words_of(view["nodes"]) for view in views if view.get("look") == "headline"), "")


def masthead(translate: Translator, name: str, *, title: str = "", **texts: Any) -> Node:
    """The view of what opens a sheet: its name, what it is called beyond that (``title``), and other texts.

    ``document`` is what the whole document is called, ``beside_name`` what stands at the right of its name on later
    pages. The other texts are period, scope, whom it is about, plan, publisher (lines), status, the mark of an internal
    sheet, and what a file says of itself: its author, and its last month, ``YYYY-MM``.
    """
    page = translate("Page {page} / {pages}", page="{page}", pages="{pages}")
    names = {"span": 12, "sector": name, "title": title or name, "lang": translate.language, "page_number": page}
    blank = dict.fromkeys(("period", "scope", "whom", "plan", "status", "mark", "author", "last_month"), "")
    view = {**names, **blank, "publisher": [], **texts}
    joined = {"document": ("mark", "title", "status"), "beside_name": ("period", "scope")}
    return view | {name: " · ".join(view[part] for part in parts if view[part]) for name, parts in joined.items()}


def paragraph(runs: list[Node]) -> Node:
    """Runs of text, with a line break where a text has a line end."""
    return {"kind": "paragraph", "runs": runs}


def markdown_nodes(text: str, picture_of: PictureOf) -> tuple[list[Node], list[str]]:
    """What a Markdown text says, and what of it cannot be carried, in words."""
    return html_nodes(_MARKDOWN.render(text), picture_of)


def html_nodes(html: str, picture_of: PictureOf) -> tuple[list[Node], list[str]]:
    """What an HTML text says, and what of it cannot be carried, in words. Nothing of the HTML itself goes through."""
    page = BeautifulSoup(html, "html.parser")
    reading = _Reading(picture_of)
    for style in page("style"):
        reading.take_colours(style.get_text())
    try:
        return reading.nodes(page.children), list(dict.fromkeys(reading.left_out))
    except RecursionError:
        return [], ["HTML with too many levels"]


def _holds_block(element: PageElement) -> bool:
    """Whether this is a paragraph, a table and the like, or has one within it."""
    return isinstance(element, Tag) and bool(_BLOCKS.fullmatch(element.name) or element.find(_holds_block))


class _Reading:
    """One text being read: what could not be carried so far."""

    def __init__(self, picture_of: PictureOf) -> None:
        self.left_out: list[str] = []
        self._picture_of = picture_of
        self._pictures: list[Node] = []
        self._grounds: dict[str, str] = {}

    def take_colours(self, rules: str) -> None:
        """Note the colours that a Styler gives to cells, by their id."""
        for names, rule in _RULE.findall(rules):
            if ground := _GROUND.search(rule):
                self._grounds |= dict.fromkeys(re.findall(r"#([\w-]+)", names), ground[1])
        if "gradient(" in rules:
            self.left_out.append("bars in the cells of a table")

    def nodes(self, elements: Iterable[PageElement]) -> list[Node]:
        """Blocks as they follow each other; what stands between them is a paragraph, pictures follow theirs."""
        nodes: list[Node] = []
        for block, group in groupby(elements, key=_holds_block):
            if block:
                nodes += [node for element in group for node in self._block(element)]
            else:
                nodes += self._closed(paragraph(self._runs(group, PLAIN)))
        return nodes

    def _closed(self, node: Node) -> list[Node]:
        """A heading or paragraph without white edges, if it has words, and the pictures that stood in it."""
        runs = [run for run in node["runs"] if run["text"]]
        if runs:
            runs[0]["text"], runs[-1]["text"] = runs[0]["text"].lstrip(), runs[-1]["text"].rstrip()
        pictures, self._pictures = self._pictures, []
        has_words = any(run["text"].strip() for run in runs)
        return [*([node | {"runs": runs}] if has_words else []), *pictures]

    def _block(self, element: Any) -> list[Node]:
        match element.name:
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                runs = self._runs(element.children, PLAIN)
                return self._closed({"kind": "heading", "level": int(element.name[1]), "runs": runs})
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
                return [{"kind": "table", "view": tables.html_table(element, self._grounds)}]
            case "hr":
                return [{"kind": "rule"}]
            case _:
                return self.nodes(element.children)

    def _runs(self, elements: Iterable[PageElement], style: Node) -> list[Node]:
        runs: list[Node] = []
        for element in elements:
            if type(element) is NavigableString:  # comments are a kind of their own
                runs.append(style | {"text": re.sub(r"\s+", " ", element)})
            elif not isinstance(element, Tag) or element.name in _UNSEEN:
                continue
            elif _LEFT_OUT.fullmatch(element.name):
                self.left_out.append("JavaScript" if element.name == "script" else f"HTML (<{element.name}>)")
            elif element.name == "br":
                runs.append(style | {"text": "\n"})
            elif element.name == "img":
                self._draw(str(element.get("src", "")), str(element.get("alt", "")))
            elif element.name == "a":
                href = str(element.get("href", ""))
                linked = {"href": href} if urlsplit(href).scheme in _ADDRESSES else {}
                runs += self._runs(element.children, style | linked)
            else:
                mark = {_MARKS[element.name]: True} if element.name in _MARKS else {}
                runs += self._runs(element.children, style | mark)
        return runs

    def _draw(self, address: str, alt: str) -> None:
        view = self._picture_of(address, alt)
        if view:
            self._pictures.append({"kind": "picture", "view": view})
        else:
            self.left_out.append(f"a picture ({address[:40]}{'' if alt else ', without alternative text'})")
