"""Reads the narrative of a sheet: an author's Markdown with names of figures, filled in from the sheet.

A file has the sections ``## Headline``, ``## Situation``, ``## Response`` and ``## Lessons learned``, named in English
or in the language of the file. Each may be left out. Paragraphs may hold **bold** words, and placeholders between
braces (see ``placeholders``). Above the first section, ``illustrative: true`` between two lines of ``---`` says that
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
from rmrp_analysis.page.placeholders import Piece, join_pieces, read_pieces
from rmrp_analysis.theme import prose
from rmrp_analysis.vocabulary import contact_in
from rmrp_analysis.words import N_
from rmrp_analysis.yaml_text import printable

HEADLINE_HEADING = N_("Headline")
"""The heading of the section that becomes the headline of the sheet."""
SECTION_HEADINGS = (N_("Situation"), N_("Response"), N_("Lessons learned"))
"""The headings of the sections that stand side by side on the page, in their order."""
WORD_BUDGET_BY_SECTION: Mapping[str, int] = {
    HEADLINE_HEADING: 20,
    "Situation": 150,
    "Response": 250,
    "Lessons learned": 70,
}
"""The number of English words for which each section has room on two printed pages."""

MIN_TEXT_COLUMNS = 3
"""Running text is at least this wide, in columns of twelve."""
LETTERS_OF_LINE_PER_COLUMN, LINES_PER_CHART = 10.5, 8
"""The letters of a line for each column of its width, and the height of a chart in lines."""

_HEAD_PATTERN = re.compile(r"---[ \t]*\n(.*?\n)---[ \t]*(?=\n|\Z)", re.DOTALL)
"""The head of a narrative: the lines between two lines of dashes at its beginning."""
_ILLUSTRATIVE_PATTERN = re.compile(r"illustrative:\s*(true|false)\s*")
"""The line of a head that says whether the text is invented."""


@dataclass(frozen=True)
class Fault:
    """An error of a narrative with its file and line, so that all errors can be listed at once."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        """Return ``path:line: message``."""
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Narrative:
    """A narrative with the sheet's figures filled in, and its faults.

    ``sections`` has the paragraphs and charts of each section, ``pieces`` all pieces of text, ``lines`` the first line
    of each section. ``illustrative`` says whether the author marks the text as invented.
    """

    sections: Mapping[str, list[prose.Node]] = field(default_factory=dict)
    pieces: tuple[Piece, ...] = ()
    faults: tuple[Fault, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)
    illustrative: bool = False

    @property
    def headline(self) -> str:
        """The author's headline, or an empty text."""
        return self.text(HEADLINE_HEADING)

    def text(self, section: str) -> str:
        """Return the words of a section, without its charts, or an empty text without the section."""
        return prose.words_of(self.sections.get(section, []))


def divide_columns(columns: int, texts: Sequence[Sequence[prose.Node]]) -> Sequence[int]:
    """Divide columns among texts next to each other, so that the highest text is as low as possible.

    Each text has at least ``MIN_TEXT_COLUMNS``. If there is not enough room, each text takes all columns.
    """
    letters = [len(prose.words_of(nodes)) for nodes in texts]
    charts: list[int] = [sum(node["kind"] == "chart" for node in nodes) for nodes in texts]
    gaps = [len(nodes) / 2 for nodes in texts]

    def max_lines(widths: Sequence[int]) -> float:
        """Return the height of the highest text in lines, if the texts have these widths in columns."""
        return max(
            letter / (LETTERS_OF_LINE_PER_COLUMN * width) + (chart * LINES_PER_CHART + gap)
            for letter, width, chart, gap in zip(letters, widths, charts, gaps, strict=True)
        )

    options = product(range(MIN_TEXT_COLUMNS, columns + 1), repeat=len(texts))
    divisions = [widths for widths in options if sum(widths) == columns]
    return min(divisions, key=lambda widths: (max_lines(widths), max(widths)), default=(columns,) * len(texts))


def find_narrative(folder: str, report: str, language: str) -> Path | None:
    """Return the path of the narrative of a report (``health.peru``) in this language, or None."""
    path = Path(folder) / f"{report}.{language}.md"
    return path if folder and path.is_file() else None


def read_narrative(path: Path, formatter: SheetFormatter) -> Narrative:
    """Read a narrative and fill in its figures. Raises ``RequestError`` that lists every fault with file and line."""
    narrative = parse_narrative(path, formatter)
    if narrative.faults:
        raise RequestError("\n".join(map(str, narrative.faults)))
    return narrative


def parse_narrative(path: Path, formatter: SheetFormatter) -> Narrative:
    """Parse a narrative as far as possible, and return it with its faults.

    A file that is not UTF-8 has no other fault.
    """
    try:
        text = printable(unicodedata.normalize("NFC", path.read_text(encoding="utf-8-sig")))
    except UnicodeDecodeError:
        return Narrative(faults=(Fault(path, 1, "this is not UTF-8 text; save it as UTF-8"),))
    translate = formatter.translate
    text, illustrative, faults = _read_head(text, path)
    names = {heading: name for name in (HEADLINE_HEADING, *SECTION_HEADINGS) for heading in (name, translate(name))}
    sections: dict[str, list[prose.Node]] = {}
    lines: dict[str, int] = {}
    pieces: list[Piece] = []
    for opening, token in pairwise(MarkdownIt("commonmark").parse(text)):
        if token.type != "inline":
            continue
        line, heading = (token.map or [0])[0] + 1, token.content
        faults += _find_contacts(path, line, heading)
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
            runs, new = _read_paragraph(token, formatter, line)
            sections[section] += runs
            pieces += new
            if section == HEADLINE_HEADING:
                charts = [piece for piece in new if piece.chart]
                faults += [Fault(path, piece.line, "a headline has no room for a chart") for piece in charts]
            faults += [Fault(path, piece.line, piece.text) for piece in new if piece.kind == "fault"]
        else:
            advice = f"begin with '## {translate(SECTION_HEADINGS[0])}'"
            faults.append(Fault(path, line, f"text before the first heading; {advice}"))
    return Narrative(sections, tuple(pieces), tuple(faults), lines, illustrative)


def _find_contacts(path: Path, line: int, paragraph: str) -> Iterator[Fault]:
    """Yield a fault for contact details in a paragraph from ``line`` on, without repeating them."""
    contacts = {line + number: contact_in(text) for number, text in enumerate(paragraph.split("\n"))}
    reported = contacts if any(contacts.values()) else {line: contact_in(paragraph.replace("\n", " "))}
    for number, contact in reported.items():
        if contact:
            message = f"{contact} stands here; a sheet tells nobody's contact details: take it out"
            yield Fault(path, number, message)


def _read_head(text: str, path: Path) -> tuple[str, bool, list[Fault]]:
    """Return the text with empty lines for its head, whether it is illustrative, and the faults of the head."""
    head = _HEAD_PATTERN.match(text)
    if not head:
        return text, False, []
    allowed = "allowed: illustrative: true, or illustrative: false"
    illustrative, faults = False, list[Fault]()
    for number, line in enumerate(head[1].splitlines(), start=2):
        if match := _ILLUSTRATIVE_PATTERN.fullmatch(line):
            illustrative |= match[1] == "true"
        elif line.strip():
            faults.append(Fault(path, number, f"'{line.strip()}' says nothing that is known of a text; {allowed}"))
    return "\n" * head[0].count("\n") + text[head.end() :], illustrative, faults


def _read_paragraph(token: Token, formatter: SheetFormatter, line: int) -> tuple[list[prose.Node], list[Piece]]:
    """Return a paragraph with figures filled in and its charts after it, and its pieces."""
    weights: list[tuple[bool, str]] = [(False, "")]
    for child in token.children or []:
        bold, text = weights[-1]
        if child.type in ("strong_open", "strong_close"):
            weights.append((child.type == "strong_open", ""))
        else:
            weights[-1] = (bold, text + ("\n" if child.type in ("softbreak", "hardbreak") else child.content))
    runs = []
    pieces: list[Piece] = []
    for bold, text in weights:
        if text:
            new = list(read_pieces(text, formatter, line=line))
            words = join_pieces(new, formatter.language).replace("\n", " ")
            runs.append(prose.run(formatter.format_sentence(words), bold=bold))
            pieces += new
            line += text.count("\n")
    charts = [{"kind": "chart", "view": piece.chart} for piece in pieces if piece.chart]
    has_words = not charts or any(run["text"].strip() for run in runs)
    return [prose.paragraph(runs)] * has_words + charts, pieces
