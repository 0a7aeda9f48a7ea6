"""Reads the narrative of a sheet: an author's Markdown with names of figures, which get their values from the sheet.

A file has the sections ``## Headline``, ``## Situation``, ``## Response`` and ``## Lessons learned``, named in English
or in the language of the file; each may be left out. Paragraphs may hold **bold** words, and placeholders between
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
"""The heading of the section whose text becomes the headline of the sheet."""
SECTION_HEADINGS = (N_("Situation"), N_("Response"), N_("Lessons learned"))
"""The headings of the sections that stand side by side on the page, in their order."""
WORD_BUDGET_BY_SECTION: Mapping[str, int] = {
    HEADLINE_HEADING: 20,
    "Situation": 150,
    "Response": 250,
    "Lessons learned": 70,
}
"""The number of English words that each section has room for on two printed pages."""

MIN_TEXT_COLUMNS = 3
"""Running text is at least this wide, in columns of twelve."""
LETTERS_OF_LINE_PER_COLUMN, LINES_PER_CHART = 10.5, 8
"""The letters of a line of text for each column of its width, and the lines that are as high as a chart."""

_HEAD_PATTERN = re.compile(r"---[ \t]*\n(.*?\n)---[ \t]*(?=\n|\Z)", re.DOTALL)
"""The head of a narrative: all lines between two lines of dashes, at its beginning."""
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
    """A narrative with the sheet's figures filled in, and with its faults: what a page prints and a check reports.

    ``sections`` has the paragraphs and charts of each section, ``pieces`` all pieces of text, ``lines`` the line on
    which each section begins. ``illustrative`` says whether the author marks the text as invented.
    """

    sections: Mapping[str, list[prose.Node]] = field(default_factory=dict)
    pieces: tuple[Piece, ...] = ()
    faults: tuple[Fault, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)
    illustrative: bool = False

    @property
    def headline(self) -> str:
        """The author's headline; empty when there is none."""
        return self.text(HEADLINE_HEADING)

    def text(self, section: str) -> str:
        """Return the words of a section, without its charts; empty without the section."""
        return prose.words_of(self.sections.get(section, []))


def divide_columns(columns: int, texts: Sequence[Sequence[prose.Node]]) -> Sequence[int]:
    """Divide columns among texts that stand next to each other, so that the highest text is as low as possible.

    Each has at least ``MIN_TEXT_COLUMNS``; texts without enough room next to each other take all columns each.
    """
    letter_counts = [len(prose.words_of(text_node_dicts)) for text_node_dicts in texts]
    chart_counts = [
        sum(text_node_dict["kind"] == "chart" for text_node_dict in text_node_dicts) for text_node_dicts in texts
    ]
    chart_and_gap_line_counts = [
        chart_count * LINES_PER_CHART + len(text_node_dicts) / 2
        for chart_count, text_node_dicts in zip(chart_counts, texts, strict=True)
    ]

    def max_lines(widths: Sequence[int]) -> float:
        """Return the lines of the highest text if the texts have these widths, in columns."""
        text_line_counts = (
            letter_count / (LETTERS_OF_LINE_PER_COLUMN * text_width)
            for letter_count, text_width in zip(letter_counts, widths, strict=True)
        )
        return float(
            max(
                line_count + chart_and_gap_line_count
                for line_count, chart_and_gap_line_count in zip(
                    text_line_counts, chart_and_gap_line_counts, strict=True
                )
            )
        )

    possible_widths = product(range(MIN_TEXT_COLUMNS, columns + 1), repeat=len(texts))
    column_divisions = [widths for widths in possible_widths if sum(widths) == columns]
    return min(column_divisions, key=lambda widths: (max_lines(widths), max(widths)), default=(columns,) * len(texts))


def find_narrative(folder: str, report: str, language: str) -> Path | None:
    """Return the path of the narrative of a report (``health``, ``health.peru``); None without one in this language."""
    narrative_path = Path(folder) / f"{report}.{language}.md"
    return narrative_path if folder and narrative_path.is_file() else None


def read_narrative(path: Path, formatter: SheetFormatter) -> Narrative:
    """Read a narrative and fill in its figures. Raises ``RequestError`` that lists every fault with file and line."""
    parsed_narrative = parse_narrative(path, formatter)
    if parsed_narrative.faults:
        raise RequestError("\n".join(map(str, parsed_narrative.faults)))
    return parsed_narrative


def parse_narrative(path: Path, formatter: SheetFormatter) -> Narrative:
    """Parse a narrative as far as possible, and return it with its faults; a file that is not UTF-8 has this one."""
    try:
        narrative_text = printable(unicodedata.normalize("NFC", path.read_text(encoding="utf-8-sig")))
    except UnicodeDecodeError:
        return Narrative(faults=(Fault(path, 1, "this is not UTF-8 text; save it as UTF-8"),))
    translate = formatter.translate
    narrative_text, is_illustrative, narrative_faults = _read_head(narrative_text, path)
    section_by_heading = {
        heading: section_name
        for section_name in (HEADLINE_HEADING, *SECTION_HEADINGS)
        for heading in (section_name, translate(section_name))
    }
    node_lists_by_section: dict[str, list[prose.Node]] = {}
    line_number_by_section: dict[str, int] = {}
    narrative_pieces: list[Piece] = []
    for opening_token, markdown_token in pairwise(MarkdownIt("commonmark").parse(narrative_text)):
        if markdown_token.type != "inline":
            continue
        line_number, heading = (markdown_token.map or [0])[0] + 1, markdown_token.content
        narrative_faults += _find_contacts(path, line_number, heading)
        if opening_token.type == "heading_open":
            current_section = section_by_heading.get(heading, heading)
            if heading not in section_by_heading:
                narrative_faults.append(
                    Fault(
                        path, line_number, f"unknown section '{heading}'; {did_you_mean(heading, section_by_heading)}"
                    )
                )
            if current_section in node_lists_by_section:
                narrative_faults.append(Fault(path, line_number, f"the section '{heading}' stands here a second time"))
            node_lists_by_section.setdefault(current_section, [])
            line_number_by_section.setdefault(current_section, line_number)
        elif node_lists_by_section:
            current_section = next(reversed(node_lists_by_section))
            paragraph_node_dicts, paragraph_pieces = _read_paragraph(markdown_token, formatter, line_number)
            node_lists_by_section[current_section] += paragraph_node_dicts
            narrative_pieces += paragraph_pieces
            if current_section == HEADLINE_HEADING:
                chart_pieces = [paragraph_piece for paragraph_piece in paragraph_pieces if paragraph_piece.chart]
                narrative_faults += [
                    Fault(path, paragraph_piece.line, "a headline has no room for a chart")
                    for paragraph_piece in chart_pieces
                ]
            narrative_faults += [
                Fault(path, paragraph_piece.line, paragraph_piece.text)
                for paragraph_piece in paragraph_pieces
                if paragraph_piece.kind == "fault"
            ]
        else:
            advice = f"begin with '## {translate(SECTION_HEADINGS[0])}'"
            narrative_faults.append(Fault(path, line_number, f"text before the first heading; {advice}"))
    return Narrative(
        node_lists_by_section, tuple(narrative_pieces), tuple(narrative_faults), line_number_by_section, is_illustrative
    )


def _find_contacts(path: Path, line: int, paragraph: str) -> Iterator[Fault]:
    """Find contact details in a paragraph that begins on a line; the fault does not repeat them."""
    contact_kind_by_line = {
        line + line_offset: contact_in(line_text) for line_offset, line_text in enumerate(paragraph.split("\n"))
    }
    contact_kind_by_reported_line = (
        contact_kind_by_line if any(contact_kind_by_line.values()) else {line: contact_in(paragraph.replace("\n", " "))}
    )
    for contact_line_number, contact in contact_kind_by_reported_line.items():
        if contact:
            fault_message = f"{contact} stands here; a sheet tells nobody's contact details: take it out"
            yield Fault(path, contact_line_number, fault_message)


def _read_head(text: str, path: Path) -> tuple[str, bool, list[Fault]]:
    """Return the text with its head replaced by empty lines, whether it is illustrative, and the faults of the head."""
    head_match = _HEAD_PATTERN.match(text)
    if not head_match:
        return text, False, []
    allowed, is_illustrative, head_faults = "allowed: illustrative: true, or illustrative: false", False, list[Fault]()
    for line_number, line in enumerate(head_match[1].splitlines(), start=2):
        if illustrative_match := _ILLUSTRATIVE_PATTERN.fullmatch(line):
            is_illustrative |= illustrative_match[1] == "true"
        elif line.strip():
            head_faults.append(
                Fault(path, line_number, f"'{line.strip()}' says nothing that is known of a text; {allowed}")
            )
    return "\n" * head_match[0].count("\n") + text[head_match.end() :], is_illustrative, head_faults


def _read_paragraph(token: Token, formatter: SheetFormatter, line: int) -> tuple[list[prose.Node], list[Piece]]:
    """Return a paragraph with figures filled in, bold and plain words in order, its charts after it; and its pieces."""
    bold_and_text_pairs: list[tuple[bool, str]] = [(False, "")]
    for inline_token in token.children or []:
        is_bold, run_text = bold_and_text_pairs[-1]
        if inline_token.type in ("strong_open", "strong_close"):
            bold_and_text_pairs.append((inline_token.type == "strong_open", ""))
        else:
            bold_and_text_pairs[-1] = (
                is_bold,
                run_text + ("\n" if inline_token.type in ("softbreak", "hardbreak") else inline_token.content),
            )
    text_run_dicts = []
    paragraph_pieces: list[Piece] = []
    for is_bold, run_text in bold_and_text_pairs:
        if run_text:
            run_pieces = list(read_pieces(run_text, formatter, line=line))
            filled_run_text = join_pieces(run_pieces, formatter.language).replace("\n", " ")
            text_run_dicts.append(prose.run(formatter.format_sentence(filled_run_text), bold=is_bold))
            paragraph_pieces += run_pieces
            line += run_text.count("\n")
    chart_node_dicts = [
        {"kind": "chart", "view": paragraph_piece.chart}
        for paragraph_piece in paragraph_pieces
        if paragraph_piece.chart
    ]
    has_words_or_no_chart = not chart_node_dicts or any(
        text_run_dict["text"].strip() for text_run_dict in text_run_dicts
    )
    return [prose.paragraph(text_run_dicts)] * has_words_or_no_chart + chart_node_dicts, paragraph_pieces
