"""A block of a sheet: finished texts that a notebook shows as HTML and the exporters carry to HTML and PDF."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rmrp_analysis import theme
from rmrp_analysis.words import INTERNAL_MARK, Words


@dataclass(frozen=True)
class Block:
    """One part of a sheet. ``view`` holds texts and lengths only: nothing is formatted or translated after it."""

    kind: str
    view: Mapping[str, Any]
    uid: str = ""

    @classmethod
    def of(cls, kind: str, span: int = 12, /, *, uid: str = "", **texts: Any) -> "Block":
        """A block of these texts, ``span`` columns of twelve wide."""
        return cls(kind, {"span": span, **texts}, uid)

    def html(self) -> str:
        """The block as an HTML element."""
        return theme.block_html(self.kind, self.view)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return shown((self,), theme.standing_alone(self.html()), f"<{self.kind} of a sheet>")


def masthead_of(words: Words, name: str, *, title: str = "", audience: str = "public", **texts: Any) -> Block:
    """What opens a sheet: its name, and what the whole document is called (``title``).

    Other texts are period, scope, plan and status.
    """
    mark = words(INTERNAL_MARK) if audience == "internal" else ""
    view = {"period": "", "scope": "", "plan": "", "status": "", "mark": mark, **texts}
    page = words("Page {page} / {pages}", page="{page}", pages="{pages}")
    names = {"span": 12, "sector": name, "title": title or name, "lang": words.language}
    return Block("masthead", {**names, "page_number": page, **view})


def shown(blocks: Iterable[Block], html: str, plain: str) -> dict[str, Any]:
    """What a notebook keeps of blocks: HTML for itself, their views for the exporters."""
    parts = [{"kind": block.kind, "view": block.view, "uid": block.uid or block.kind} for block in blocks]
    return {"text/html": html, theme.BLOCKS_MIME: parts, "text/plain": plain}


@dataclass(frozen=True)
class FigureFile:
    """The figures of a sheet as data, carried by the notebook to the files beside the sheet."""

    records: Mapping[str, Any]
    tables: Mapping[str, Any]
    """The same numbers in the reader's words, for spreadsheets."""

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        plain = f"{len(self.records['figures'])} figures and {len(self.records['tables'])} breakdowns"
        return {theme.FIGURES_MIME: self.records, theme.TABLES_MIME: self.tables, "text/plain": plain}
