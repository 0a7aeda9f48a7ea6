"""Markdown and plain text as the view of a ``prose`` block; no HTML of an author's goes through."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from rmrp_analysis.theme.tables import table

Node = dict[str, Any]
PLAIN: Node = {"text": "", "bold": False, "italic": False, "code": False, "href": ""}
ADDRESSES = ("http", "https", "mailto")
_MARKDOWN = MarkdownIt("commonmark").enable("table")
_IN_COLUMNS = re.compile(r"\S {2,}\S|\t|^ ", re.MULTILINE)
_TERMINAL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[^\n\r]*\r(?!\n)")
"""Colours of a terminal, and what a line of progress wrote over."""

PictureOf = Callable[[str, str], Node | None]
"""From the address of a picture and its alternative text to a node; None where it cannot be had."""


def prose(nodes: list[Node]) -> Node:
    """The view of a block of these nodes."""
    return {"block": "prose", "span": 12, "nodes": nodes}


def plain_nodes(text: str) -> list[Node]:
    """Printed text: in paragraphs, or as it stands where spaces set it in columns."""
    shown = _TERMINAL.sub("", text).expandtabs(8).strip("\n")
    if _IN_COLUMNS.search(shown):
        return [code_node(shown)]
    return [paragraph([PLAIN | {"text": part.strip()}]) for part in re.split(r"\n\s*\n", shown) if part.strip()]


def code_node(text: str) -> Node:
    """Text as it stands, line by line."""
    return {"kind": "code", "text": text}


def paragraph(runs: list[Node]) -> Node:
    """Runs of text, a line break where one has a line end."""
    return {"kind": "paragraph", "runs": runs}


def markdown_nodes(text: str, picture_of: PictureOf) -> tuple[list[Node], list[str]]:
    """What a Markdown text says, and what of it cannot be carried, in words."""
    reading = _Reading(picture_of)
    return reading.nodes(SyntaxTreeNode(_MARKDOWN.parse(text)).children), reading.left_out


class _Reading:
    """One text being read: what could not be carried so far."""

    def __init__(self, picture_of: PictureOf) -> None:
        self.left_out: list[str] = []
        self._picture_of = picture_of
        self._pictures: list[Node] = []

    def nodes(self, found: list[SyntaxTreeNode]) -> list[Node]:
        """Each element as a node; pictures follow the paragraph they stand in."""
        nodes = []
        for element in found:
            if node := self._node(element):
                nodes.append(node)
            nodes += self._pictures
            self._pictures = []
        return nodes

    def _node(self, element: SyntaxTreeNode) -> Node | None:
        match element.type:
            case "heading":
                return {"kind": "heading", "level": int(element.tag[1]), "runs": self._runs(element)}
            case "paragraph":
                runs = self._runs(element)
                return paragraph(runs) if any(run["text"].strip() for run in runs) else None
            case "bullet_list" | "ordered_list":
                items = [self.nodes(item.children) for item in element.children]
                start = int(element.attrs.get("start", 1))
                return {"kind": "list", "ordered": element.type == "ordered_list", "start": start, "items": items}
            case "blockquote":
                return {"kind": "quote", "nodes": self.nodes(element.children)}
            case "fence" | "code_block":
                return code_node(element.content.rstrip("\n"))
            case "hr":
                return {"kind": "rule"}
            case "table":
                head, *body = [self._row(row) for part in element.children for row in part.children]
                return {"kind": "table", "view": table([head], body)}
            case _:
                self._leave_html(element.content)
                return None

    def _row(self, row: SyntaxTreeNode) -> list[str]:
        return ["".join(run["text"] for run in self._runs(cell)) for cell in row.children]

    def _runs(self, element: SyntaxTreeNode, style: Node = PLAIN) -> list[Node]:
        runs = []
        for child in element.children:
            match child.type:
                case "softbreak":
                    runs.append(style | {"text": " "})
                case "hardbreak":
                    runs.append(style | {"text": "\n"})
                case "code_inline":
                    runs.append(style | {"text": child.content, "code": True})
                case "html_inline" if child.content.startswith("<br"):
                    runs.append(style | {"text": "\n"})
                case "html_inline":
                    self._leave_html(child.content)
                case "image":
                    self._draw(str(child.attrs["src"]), child.content)
                case "link":
                    href = str(child.attrs["href"])
                    runs += self._runs(child, style | {"href": href if urlsplit(href).scheme in ADDRESSES else ""})
                case "strong" | "em" | "inline":
                    mark = {"strong": {"bold": True}, "em": {"italic": True}}.get(child.type, {})
                    runs += self._runs(child, style | mark)
                case _:
                    runs.append(style | {"text": child.content})
        return runs

    def _leave_html(self, html: str) -> None:
        if not html.startswith(("<!--", "</")):
            self.left_out.append(f"HTML in Markdown ({html.strip()[:40]})")

    def _draw(self, address: str, alt: str) -> None:
        node = self._picture_of(address, alt)
        if node:
            self._pictures.append(node)
        else:
            self.left_out.append(f"a picture in Markdown ({address[:40]})")
