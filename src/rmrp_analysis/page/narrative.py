"""What an author wrote about a sector: Markdown with the names of figures, which are filled in from the sheet.

A file has the sections ``## Headline``, ``## Situation``, ``## Response`` and ``## Lessons learned``, named in English
or in the language of the file; each may be left out. Paragraphs may hold **bold** words. What stands between braces
is explained in ``placeholders``.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.page.placeholders import Piece, pieces
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.vocabulary import printable
from rmrp_analysis.words import N_

HEADLINE = N_("Headline")
SECTIONS = (N_("Situation"), N_("Response"), N_("Lessons learned"))
Runs = list[dict[str, Any]]


@dataclass(frozen=True)
class Fault:
    """What is wrong in a narrative, and where."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Narrative:
    """A file as it reads with the sheet's figures: paragraphs by section, its pieces, and every fault."""

    sections: Mapping[str, list[Runs]] = field(default_factory=dict)
    pieces: tuple[Piece, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def headline(self) -> str:
        """The author's headline; empty when there is none."""
        return " ".join(run["text"] for runs in self.sections.get(HEADLINE, []) for run in runs)


def narrative_path(folder: str, report: str, language: str) -> Path | None:
    """Where the narrative of a report (``health``, ``health.peru``) lies; None when there is none in this language."""
    path = Path(folder) / f"{report}.{language}.md"
    return path if folder and path.is_file() else None


def read_narrative(path: Path, printed: Printed) -> Narrative:
    """The narrative with figures filled in. Raises ``RequestError`` that lists every fault with file and line."""
    narrative = look_through(path, printed)
    if narrative.faults:
        raise RequestError("\n".join(map(str, narrative.faults)))
    return narrative


def look_through(path: Path, printed: Printed) -> Narrative:
    """The narrative as far as it can be read, with its faults."""
    try:
        text = printable(unicodedata.normalize("NFC", path.read_text(encoding="utf-8-sig")))
    except UnicodeDecodeError:
        return Narrative(faults=(Fault(path, 1, "this is not UTF-8 text; save it as UTF-8"),))
    words = printed.words
    names = {written: name for name in (HEADLINE, *SECTIONS) for written in (name, words(name))}
    sections: dict[str, list[Runs]] = {}
    found: list[Piece] = []
    faults: list[Fault] = []
    for opening, token in pairwise(MarkdownIt("commonmark").parse(text)):
        line, heading = (token.map or [0])[0] + 1, token.content
        if token.type != "inline":
            continue
        if opening.type == "heading_open":
            section = names.get(heading, heading)
            if heading not in names:
                faults.append(Fault(path, line, f"unknown section '{heading}'; {did_you_mean(heading, names)}"))
            if section in sections:
                faults.append(Fault(path, line, f"the section '{heading}' stands here a second time"))
            sections.setdefault(section, [])
        elif sections:
            runs, of_paragraph = _paragraph(token, printed, line)
            sections[next(reversed(sections))].append(runs)
            found += of_paragraph
            faults += [Fault(path, piece.line, piece.text) for piece in of_paragraph if piece.kind == "fault"]
        else:
            advice = f"begin with '## {words(SECTIONS[0])}'"
            faults.append(Fault(path, line, f"text before the first heading; {advice}"))
    return Narrative(sections, tuple(found), tuple(faults))


def _paragraph(token: Token, printed: Printed, line: int) -> tuple[Runs, list[Piece]]:
    """The words of a paragraph, bold and plain as they follow each other, with figures filled in; and its pieces."""
    weights: list[tuple[bool, str]] = [(False, "")]
    for child in token.children or []:
        bold, text = weights[-1]
        if child.type in ("strong_open", "strong_close"):
            weights.append((child.type == "strong_open", ""))
        else:
            weights[-1] = bold, text + ("\n" if child.type in ("softbreak", "hardbreak") else child.content)
    runs: Runs = []
    found: list[Piece] = []
    for bold, text in weights:
        in_run = list(pieces(text, printed, line=line)) if text else []
        filled = "".join(piece.text for piece in in_run if piece.kind != "fault")
        if text:
            runs.append({"text": printed.sentence(filled.replace("\n", " ")), "bold": bold})
        found += in_run
        line += text.count("\n")
    return runs, found
