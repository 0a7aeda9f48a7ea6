"""A block of a sheet: finished texts that a notebook shows as HTML and the exporters carry to HTML and PDF."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from rmrp_analysis import theme
from rmrp_analysis.errors import check_allowed
from rmrp_analysis.theme import prose

Width = Literal["full", "two thirds", "wide", "half", "narrow", "third"]
WIDTHS: Mapping[Width, int] = {"full": 12, "two thirds": 8, "wide": 7, "half": 6, "narrow": 5, "third": 4}
"""Columns of twelve that a part of a page takes; ``wide`` and ``narrow`` make a row, as two halves do."""


TEXT_WIDTH_MM, GUTTER_MM = 180.0, 4.0
"""Of a printed page: how wide its text is, and the white between two parts."""


def compute_width_mm(span: int) -> float:
    """Give the printed width of a part of so many columns of twelve."""
    return span * (TEXT_WIDTH_MM + GUTTER_MM) / 12 - GUTTER_MM


def count_columns(width: Width) -> int:
    """Give the columns of twelve that a width takes. Raises ``RequestError`` for another word."""
    check_allowed(width, WIDTHS, "a part has no width")
    return WIDTHS[width]


@dataclass(frozen=True)
class Block:
    """One part of a sheet. ``view`` holds texts and lengths only: nothing is formatted or translated after it."""

    kind: str
    view: Mapping[str, Any]
    uid: str = ""

    @classmethod
    def make(cls, kind: str, span: int = 12, /, *, uid: str = "", **texts: Any) -> "Block":
        """A block of these texts, ``span`` columns of twelve wide."""
        return cls(kind, {"span": span, **texts}, uid)

    @property
    def name(self) -> str:
        """What the block is called on its page."""
        return str(self.uid or self.view.get("name") or self.view.get("look") or self.kind)

    def html(self) -> str:
        """The block as an HTML element."""
        return theme.block_html(self.kind, self.view)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return shown((self,), theme.standing_alone(self.html()), f"<{self.name} of a sheet>")


def make_headline_block(text: str) -> Block:
    """The sheet in one sentence."""
    heading = {"kind": "heading", "level": 2, "name": "headline", "runs": [prose.run(text)]}
    return make_text_block([heading], "headline")


def make_notice_block(lead: str, text: str) -> Block:
    """What a reader has to know before the figures; in print it stands at the top of every page."""
    return make_text_block([prose.paragraph([prose.run(lead, bold=True), prose.run(f" {text}")])], "notice")


def make_text_block(nodes: list[prose.Node], look: str = "prose", span: int = 12, /, **texts: Any) -> Block:
    """Words, tables and pictures as they follow each other (see ``prose``).

    ``look`` is ``prose``, ``headline``, ``notice``, or ``narrative``: sections side by side.
    """
    return Block.make("text", span, look=look, nodes=nodes, **texts)


def shown(blocks: Iterable[Block], html: str, plain: str) -> dict[str, Any]:
    """What a notebook keeps of blocks: HTML for itself, their views for the exporters."""
    parts = [{"kind": block.kind, "view": block.view, "uid": block.name} for block in blocks]
    return {"text/html": html, theme.BLOCKS_MIME: parts, "text/plain": plain}


@dataclass(frozen=True)
class Absent:
    """Why a line of a notebook adds nothing to its page: a grey line there, which the exporters leave out."""

    reason: str

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        line = f'<p style="color: gray; margin: 0">{escape(self.reason)}</p>'
        return {"text/html": line, theme.BLOCKS_MIME: [], "text/plain": self.reason}


@dataclass(frozen=True)
class FigureFile:
    """The figures of a sheet as data, carried by the notebook to the files beside the sheet."""

    records: Mapping[str, Any]
    tables: Mapping[str, Any]
    """The same numbers in the reader's words, for spreadsheets."""

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        plain = f"{len(self.records['figures'])} figures and {len(self.records['tables'])} breakdowns"
        return {theme.FIGURES_MIME: self.records, theme.TABLES_MIME: self.tables, "text/plain": plain}
