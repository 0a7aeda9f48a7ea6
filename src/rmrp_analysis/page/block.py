"""A block of a sheet: finished texts that a notebook shows as HTML and the exporters carry to HTML and PDF."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any, Literal

from rmrp_analysis import theme
from rmrp_analysis.errors import check_allowed
from rmrp_analysis.packs.pack import folder, use
from rmrp_analysis.theme import prose

Width = Literal["full", "two thirds", "wide", "half", "narrow", "third"]
"""The name of the width of a block, as an author writes it."""
PAGE_COLUMN_COUNT = 12
"""Columns of equal width that a page is divided into."""
COLUMN_COUNT_BY_WIDTH: Mapping[Width, int]
COLUMN_COUNT_BY_WIDTH = {"full": 12, "two thirds": 8, "wide": 7, "half": 6, "narrow": 5, "third": 4}
"""The columns of ``PAGE_COLUMN_COUNT`` that a block takes. ``wide`` and ``narrow`` make a row, as two halves do."""

PAGE_TEXT_WIDTH_MM = 180.0
"""The printed width of the text on a page."""
BLOCK_GAP_MM = 4.0
"""The printed white between two blocks of a row."""


def compute_width_mm(span: int) -> float:
    """Return the printed width of a block of ``span`` columns, in millimetres."""
    return span * (PAGE_TEXT_WIDTH_MM + BLOCK_GAP_MM) / PAGE_COLUMN_COUNT - BLOCK_GAP_MM


def count_columns(width: Width) -> int:
    """Return how many of ``PAGE_COLUMN_COUNT`` a width takes, or raise ``RequestError`` for another word."""
    check_allowed(width, COLUMN_COUNT_BY_WIDTH, "a part has no width")
    return COLUMN_COUNT_BY_WIDTH[width]


@dataclass(frozen=True)
class Block:
    """One part of a sheet.

    ``view`` holds finished texts and lengths. HTML and PDF lay out the same view, and neither formats or translates.
    """

    kind: str
    view: Mapping[str, Any]
    uid: str = ""
    pack: Path = field(default_factory=folder, repr=False, compare=False)
    """The folder of the plan pack that gives the colours."""

    @classmethod
    def build(cls, kind: str, span: int = PAGE_COLUMN_COUNT, /, *, uid: str = "", **texts: Any) -> "Block":
        """Return a block with these texts as its view, ``span`` columns wide."""
        return cls(kind, {"span": span, **texts}, uid)

    @property
    def name(self) -> str:
        """The name of the block on its page: ``uid``, otherwise name, look or kind."""
        return str(self.uid or self.view.get("name") or self.view.get("look") or self.kind)

    @cached_property
    def html(self) -> str:
        """The block as an HTML element, rendered once."""
        with use(self.pack):
            return theme.block_html(self.kind, self.view)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the block by MIME type: as HTML, as its view for the exporters, and as a line of text."""
        return {
            "text/html": theme.wrap_in_theme(self.html),
            **bundle_views([self]),
            "text/plain": f"<{self.name} of a sheet>",
        }


def build_headline_block(text: str) -> Block:
    """Return the block with the sheet in one sentence."""
    heading = {"kind": "heading", "level": 2, "name": "headline", "runs": [prose.run(text)]}
    return build_text_block([heading], "headline")


def build_notice_block(lead: str, text: str) -> Block:
    """Return the notice that a reader needs before the figures.

    ``lead`` is bold.

    In print it stands at the top of every page.
    """
    return build_text_block([prose.paragraph([prose.run(lead, bold=True), prose.run(f" {text}")])], "notice")


def build_text_block(
    nodes: list[prose.Node], look: str = "prose", span: int = PAGE_COLUMN_COUNT, /, **texts: Any
) -> Block:
    """Return a block of words, tables and pictures in their order (see ``prose``).

    ``look`` is ``prose``, ``headline``, ``notice``, or ``narrative`` for sections side by side.
    """
    return Block.build("text", span, look=look, nodes=nodes, **texts)


def bundle_views(blocks: Iterable[Block]) -> dict[str, Any]:
    """Return the views of blocks by MIME type, as exporters read them."""
    return {theme.BLOCKS_MIME: [{"kind": block.kind, "view": block.view, "uid": block.name} for block in blocks]}


@dataclass(frozen=True)
class LeftOutLine:
    """Why a line of a notebook adds nothing to its page.

    The notebook shows it in grey. The exporters leave it out.
    """

    reason: str

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the reason by MIME type: as grey HTML, as no block at all for the exporters, and as text."""
        html = f'<p style="color: gray; margin: 0">{escape(self.reason)}</p>'
        return {"text/html": html, **bundle_views([]), "text/plain": self.reason}


@dataclass(frozen=True)
class FigureFile:
    """The figures of a sheet as data, for the files beside the sheet.

    ``records`` become its JSON file. ``tables`` are the same numbers in the reader's words, for CSV and Excel.
    """

    records: Mapping[str, Any]
    tables: Mapping[str, Any]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the records and the tables by the MIME types that exporters read, and their numbers as text."""
        plain = f"{len(self.records['figures'])} figures and {len(self.records['tables'])} breakdowns"
        return {theme.FIGURES_MIME: self.records, theme.TABLES_MIME: self.tables, "text/plain": plain}
