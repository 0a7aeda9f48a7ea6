"""What an author wrote about a sector: Markdown with the names of figures, which are filled in from the sheet.

A file has the sections ``## Headline``, ``## Situation``, ``## Response`` and ``## Lessons learned``, named in English
or in the language of the file; each may be left out. Paragraphs may hold **bold** words. What stands between braces
is explained in ``placeholders``.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.page.placeholders import Piece, pieces
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.words import N_

HEADLINE = "Headline"
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
        text = unicodedata.normalize("NFC", path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        return Narrative(faults=(Fault(path, 1, "this is not UTF-8 text; save it as UTF-8"),))
    reading = _Reading(path, printed)
    for kind, token in _inlines(MarkdownIt("commonmark").parse(text)):
        reading.take(kind, token, line=(token.map or [0])[0] + 1)
    return Narrative(reading.sections, tuple(reading.pieces), tuple(reading.faults))


def _inlines(tokens: list[Token]) -> Iterator[tuple[str, Token]]:
    """Each heading and paragraph with its inline token."""
    for opening, token in pairwise(tokens):
        if token.type == "inline":
            yield ("heading" if opening.type == "heading_open" else "paragraph"), token


class _Reading:
    """One file being read: what was found so far."""

    def __init__(self, path: Path, printed: Printed) -> None:
        self.sections: dict[str, list[Runs]] = {}
        self.pieces: list[Piece] = []
        self.faults: list[Fault] = []
        self._path, self._printed = path, printed
        words = printed.words
        translated = {words("Headline"): HEADLINE, **{words(name): name for name in SECTIONS}}
        self._names = {name: name for name in (HEADLINE, *SECTIONS)} | translated

    def take(self, kind: str, token: Token, *, line: int) -> None:
        """Note a heading or a paragraph."""
        if kind == "heading":
            self._open(token.content, line)
        elif self.sections:
            self.sections[next(reversed(self.sections))].append(self._runs(token, line))
        else:
            first = self._printed.words(SECTIONS[0])
            self._fault(line, f"text before the first heading; begin with '## {first}'")

    def _open(self, heading: str, line: int) -> None:
        if heading not in self._names:
            self._fault(line, f"unknown section '{heading}'; {did_you_mean(heading, self._names)}")
        section = self._names.get(heading, heading)
        if section in self.sections:
            self._fault(line, f"the section '{heading}' stands here a second time")
        self.sections.setdefault(section, [])

    def _fault(self, line: int, message: str) -> None:
        self.faults.append(Fault(self._path, line, message))

    def _runs(self, token: Token, line: int) -> Runs:
        runs: Runs = []
        for bold, text in _by_weight(token):
            found = list(pieces(text, self._printed, line=line))
            self.pieces += found
            self.faults += [Fault(self._path, piece.line, piece.text) for piece in found if piece.kind == "fault"]
            filled = "".join(piece.text for piece in found if piece.kind != "fault")
            runs.append({"text": self._printed.sentence(filled.replace("\n", " ")), "bold": bold})
            line += text.count("\n")
        return runs


def _by_weight(token: Token) -> Iterator[tuple[bool, str]]:
    """The words of a paragraph as they follow each other: whether they are bold, and their text with line ends."""
    bold, words = False, ""
    for child in token.children or []:
        if child.type in ("strong_open", "strong_close"):
            if words:
                yield bold, words
            bold, words = child.type == "strong_open", ""
        else:
            words += "\n" if child.type in ("softbreak", "hardbreak") else child.content
    if words:
        yield bold, words
