"""Text of any origin (HTML, Markdown, plain) as nodes of a ``text`` block: words, tables and pictures alone."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from markdown_it import MarkdownIt

Node = dict[str, Any]
PictureOf = Callable[[str, str], Node | None]
"""From the address of a picture and its alternative text to the view of a chart; None where it cannot be had."""

SHEET = "sheet:"
"""Begins the address of another sheet of the run; a page that does not lead there shows its words alone."""

PLAIN: Node = {"text": "", "bold": False, "italic": False, "code": False, "href": ""}
_MARKDOWN = MarkdownIt("commonmark").enable("table")
_IN_COLUMNS = re.compile(r"\S {2,}\S|\t|^ ", re.MULTILINE)
_TERMINAL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[^\n\r]*\r(?!\n)")
"""Colours of a terminal, and what a line of progress wrote over."""


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


def paragraph(runs: list[Node]) -> Node:
    """Runs of text, with a line break where a text has a line end."""
    return {"kind": "paragraph", "runs": runs}


def markdown_nodes(text: str, picture_of: PictureOf) -> tuple[list[Node], list[str]]:
    """What a Markdown text says, and what of it cannot be carried, in words."""
    return html_nodes(_MARKDOWN.render(text), picture_of)


def html_nodes(html: str, picture_of: PictureOf) -> tuple[list[Node], list[str]]:
    """What an HTML text says, and what of it cannot be carried, in words. Nothing of the HTML itself goes through."""
    from rmrp_analysis.theme.html_prose import read  # brings along what reads any HTML, which sheets do without

    return read(html, picture_of)
