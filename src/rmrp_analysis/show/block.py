"""A block of a sheet: finished texts that a notebook shows as HTML and a PDF prints through Typst."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rmrp_analysis import theme

TYPST_MIME = "text/vnd.typst"
FIGURES_MIME = "application/vnd.rmrp.figures+json"
TABLES_MIME = "application/vnd.rmrp.tables+json"


@dataclass(frozen=True)
class Block:
    """One part of a sheet. ``view`` holds texts and lengths only: nothing is formatted or translated after it."""

    kind: str
    view: Mapping[str, Any]
    uid: str = ""
    document: Mapping[str, str] = field(default_factory=dict)
    """Title and language of the whole document, if this block carries them."""

    def html(self) -> str:
        """The block as an HTML element."""
        return theme.block_html(self.kind, self.view, self.uid or self.kind)

    def typst(self) -> str:
        """The block as a Typst expression, for use after importing the components."""
        view = json.dumps(self.view, ensure_ascii=False)
        return f"{self.kind}(json(bytes({_typst_string(theme.printable(view))})))"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        shown = {
            "text/html": theme.standing_alone(self.html()),
            TYPST_MIME: self.typst(),
            "text/plain": f"<{self.kind} of a sheet>",
        }
        return shown, {"rmrp": dict(self.document)} if self.document else {}


@dataclass(frozen=True)
class FigureFile:
    """The figures of a sheet as data, carried by the notebook to the files beside the sheet."""

    records: Mapping[str, Any]
    tables: Mapping[str, Any]
    """The same numbers in the reader's words, for spreadsheets."""

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        figures = len(self.records["figures"])
        return {
            FIGURES_MIME: self.records,
            TABLES_MIME: self.tables,
            "text/plain": f"{figures} figures and {len(self.records['tables'])} breakdowns",
        }


def _typst_string(text: str) -> str:
    """The text as a Typst string literal; JSON has no control characters, so only these two need escaping."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
