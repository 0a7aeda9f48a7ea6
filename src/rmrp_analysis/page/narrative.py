"""What an author wrote about a sector: Markdown with the names of figures, which are filled in from the sheet.

A file has the sections ``## Headline``, ``## Situation``, ``## Response`` and ``## Lessons learned``, named in English
or in the language of the file; each may be left out. Paragraphs may hold **bold** words. What stands between braces
is explained in ``placeholders``. Above the first section, ``illustrative: true`` between two lines of ``---`` says that
the text is invented.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.page.placeholders import Piece, filled, pieces
from rmrp_analysis.theme import prose
from rmrp_analysis.vocabulary import contact_in
from rmrp_analysis.words import N_
from rmrp_analysis.yaml_text import printable

HEADLINE = N_("Headline")
SECTIONS = (N_("Situation"), N_("Response"), N_("Lessons learned"))
BUDGETS: Mapping[str, int] = {HEADLINE: 20, "Situation": 150, "Response": 250, "Lessons learned": 70}
"""How many words each section has room for on two printed pages, in English."""

NARROWEST, LETTERS_OF_A_LINE, LINES_OF_A_CHART = 3, 10.5, 8
"""The narrowest column of running text, in columns of twelve; how many letters a line has for each of them; how many
lines are as high as a chart."""

_ABOUT = re.compile(r"---[ \t]*\n(.*?\n)---[ \t]*(?=\n|\Z)", re.DOTALL)
_IS_ILLUSTRATIVE = re.compile(r"illustrative:\s*(true|false)\s*")


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
    """A file as it reads with the sheet's figures: paragraphs and charts by section, its pieces, and every fault.

    ``lines`` says where each section begins; ``illustrative``, whether its author says that the text is invented.
    """

    sections: Mapping[str, list[prose.Node]] = field(default_factory=dict)
    pieces: tuple[Piece, ...] = ()
    faults: tuple[Fault, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)
    illustrative: bool = False

    @property
    def headline(self) -> str:
        """The author's headline; empty when there is none."""
        return self.text(HEADLINE)

    def text(self, section: str) -> str:
        """The words of a section, without its charts."""
        return prose.words_of(self.sections.get(section, []))


def divided(columns: int, texts: Sequence[Sequence[prose.Node]]) -> Sequence[int]:
    """Divide columns among texts that stand beside each other, so that the highest is as low as can be.

    Each has ``NARROWEST`` columns at least; texts that have no room beside each other take all columns each.
    """
    letters = [len(prose.words_of(nodes)) for nodes in texts]
    charts = [sum(node["kind"] == "chart" for node in nodes) for nodes in texts]
    beside = [chart * LINES_OF_A_CHART + len(nodes) / 2 for chart, nodes in zip(charts, texts, strict=True)]

    def highest(widths: Sequence[int]) -> float:
        heights = (count / (LETTERS_OF_A_LINE * width) for count, width in zip(letters, widths, strict=True))
        return float(max(height + lines for height, lines in zip(heights, beside, strict=True)))

    widths = product(range(NARROWEST, columns + 1), repeat=len(texts))
    divisions = [each for each in widths if sum(each) == columns]
    return min(divisions, key=lambda each: (highest(each), max(each)), default=(columns,) * len(texts))


def narrative_path(folder: str, report: str, language: str) -> Path | None:
    """Where the narrative of a report (``health``, ``health.peru``) lies; None when there is none in this language."""
    path = Path(folder) / f"{report}.{language}.md"
    return path if folder and path.is_file() else None


def read_narrative(path: Path, formatter: SheetFormatter) -> Narrative:
    """The narrative with figures filled in. Raises ``RequestError`` that lists every fault with file and line."""
    narrative = look_through(path, formatter)
    if narrative.faults:
        raise RequestError("\n".join(map(str, narrative.faults)))
    return narrative


def look_through(path: Path, formatter: SheetFormatter) -> Narrative:
    """The narrative as far as it can be read, with its faults."""
    try:
        text = printable(unicodedata.normalize("NFC", path.read_text(encoding="utf-8-sig")))
    except UnicodeDecodeError:
        return Narrative(faults=(Fault(path, 1, "this is not UTF-8 text; save it as UTF-8"),))
    translate = formatter.translate
    text, illustrative, faults = _without_head(text, path)
    names = {written: name for name in (HEADLINE, *SECTIONS) for written in (name, translate(name))}
    sections: dict[str, list[prose.Node]] = {}
    lines: dict[str, int] = {}
    found: list[Piece] = []
    for opening, token in pairwise(MarkdownIt("commonmark").parse(text)):
        line, heading = (token.map or [0])[0] + 1, token.content
        if token.type != "inline":
            continue
        faults += _contacts(path, line, heading)
        if opening.type == "heading_open":
            section = names.get(heading, heading)
            if heading not in names:
                faults.append(Fault(path, line, f"unknown section '{heading}'; {did_you_mean(heading, names)}"))
            if section in sections:
                faults.append(Fault(path, line, f"the section '{heading}' stands here a second time"))
            sections.setdefault(section, [])
            lines.setdefault(section, line)
        elif sections:
            section = next(reversed(sections))
            runs, of_paragraph = _paragraph(token, formatter, line)
            charts = [piece for piece in of_paragraph if piece.chart]
            if section == HEADLINE:
                faults += [Fault(path, piece.line, "a headline has no room for a chart") for piece in charts]
            if not charts or any(run["text"].strip() for run in runs):
                sections[section].append(prose.paragraph(runs))
            sections[section] += [{"kind": "chart", "view": piece.chart} for piece in charts]
            found += of_paragraph
            faults += [Fault(path, piece.line, piece.text) for piece in of_paragraph if piece.kind == "fault"]
        else:
            advice = f"begin with '## {translate(SECTIONS[0])}'"
            faults.append(Fault(path, line, f"text before the first heading; {advice}"))
    return Narrative(sections, tuple(found), tuple(faults), lines, illustrative)


def _contacts(path: Path, line: int, paragraph: str) -> Iterator[Fault]:
    """Where a paragraph, as it is written, tells how to reach somebody; what it says is not repeated."""
    by_line = {line + number: contact_in(text) for number, text in enumerate(paragraph.split("\n"))}
    found = by_line if any(by_line.values()) else {line: contact_in(paragraph.replace("\n", " "))}
    for at, contact in found.items():
        if contact:
            yield Fault(path, at, f"{contact} stands here; a sheet tells nobody's contact details: take it out")


def _without_head(text: str, path: Path) -> tuple[str, bool, list[Fault]]:
    """The text with empty lines in place of what it says of itself; whether it is illustrative; what is wrong there."""
    head = _ABOUT.match(text)
    if not head:
        return text, False, []
    allowed, illustrative, faults = "allowed: illustrative: true, or illustrative: false", False, list[Fault]()
    for number, line in enumerate(head[1].splitlines(), start=2):
        if known := _IS_ILLUSTRATIVE.fullmatch(line):
            illustrative |= known[1] == "true"
        elif line.strip():
            faults.append(Fault(path, number, f"'{line.strip()}' says nothing that is known of a text; {allowed}"))
    return "\n" * head[0].count("\n") + text[head.end() :], illustrative, faults


def _paragraph(token: Token, formatter: SheetFormatter, line: int) -> tuple[list[prose.Node], list[Piece]]:
    """The words of a paragraph, bold and plain as they follow each other, with figures filled in; and its pieces."""
    weights: list[tuple[bool, str]] = [(False, "")]
    for child in token.children or []:
        bold, text = weights[-1]
        if child.type in ("strong_open", "strong_close"):
            weights.append((child.type == "strong_open", ""))
        else:
            weights[-1] = bold, text + ("\n" if child.type in ("softbreak", "hardbreak") else child.content)
    runs = []
    found: list[Piece] = []
    for bold, text in weights:
        in_run = list(pieces(text, formatter, line=line)) if text else []
        words = filled(in_run, formatter.language).replace("\n", " ")
        if text:
            runs.append(prose.run(formatter.format_sentence(words), bold=bold))
        found += in_run
        line += text.count("\n")
    return runs, found
