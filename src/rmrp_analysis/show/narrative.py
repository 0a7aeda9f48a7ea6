"""What an author wrote about a sector: Markdown with the names of figures, which are filled in from the sheet.

A file has the sections ``## Situation``, ``## Response`` and ``## Lessons learned``. ``{{ people_reached }}`` stands
for that figure as the sheet prints it, ``{{ people_reached_by_platform.Peru }}`` for a part of a breakdown; nothing
else is allowed between braces. Paragraphs may hold **bold** words.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.key_figures import SectorKeyFigures
from rmrp_analysis.show.printed import Printed
from rmrp_analysis.vocabulary import slug

SECTIONS = ("Situation", "Response", "Lessons learned")
_PLACEHOLDER = re.compile(r"\{\{\s*(.*?)\s*\}\}")
Runs = list[dict[str, Any]]


def narrative_path(folder: str, sector: str, language: str) -> Path | None:
    """Where the sector's narrative lies; None when the folder has none in this language."""
    path = Path(folder) / f"{slug(sector)}.{language}.md"
    return path if folder and path.is_file() else None


def read_narrative(path: Path, printed: Printed) -> dict[str, list[Runs]]:
    """The paragraphs of each section in the file's order, with figures filled in.

    Raises ``RequestError`` for a section or a figure that is not known, with file, line and suggestion.
    """
    sections: dict[str, list[Runs]] = {}
    tokens = MarkdownIt("commonmark").parse(path.read_text(encoding="utf-8-sig"))
    for kind, token in _inlines(tokens):
        line = (token.map or [0])[0] + 1
        if kind == "heading":
            sections[_section(token.content, path, line)] = []
        elif not sections:
            raise RequestError(f"{path}:{line}: text before the first heading; begin with '## {SECTIONS[0]}'")
        else:
            sections[next(reversed(sections))].append(_runs(token, printed, path, line))
    return sections


def _inlines(tokens: list[Token]) -> Iterator[tuple[str, Token]]:
    """Each heading and paragraph with its inline token."""
    for opening, token in pairwise(tokens):
        if token.type == "inline":
            yield ("heading" if opening.type == "heading_open" else "paragraph"), token


def _section(heading: str, path: Path, line: int) -> str:
    if heading not in SECTIONS:
        raise RequestError(f"{path}:{line}: unknown section '{heading}'; {did_you_mean(heading, SECTIONS)}")
    return heading


def _runs(token: Token, printed: Printed, path: Path, line: int) -> Runs:
    runs: Runs = []
    bold = False
    for child in token.children or []:
        if child.type in ("strong_open", "strong_close"):
            bold = child.type == "strong_open"
            continue
        text = " " if child.type in ("softbreak", "hardbreak") else child.content
        if runs and runs[-1]["bold"] == bold:
            runs[-1]["text"] += text
        elif text:
            runs.append({"text": text, "bold": bold})
    return [{**run, "text": _filled_in(run["text"], printed, path, line)} for run in runs]


def _filled_in(text: str, printed: Printed, path: Path, line: int) -> str:
    filled = _PLACEHOLDER.sub(lambda found: _value_of(found[1], printed, path, line), text)
    if "{{" in filled or "}}" in filled:
        raise RequestError(f"{path}:{line}: braces that do not enclose the name of one figure: '{text}'")
    return filled


def _value_of(name: str, printed: Printed, path: Path, line: int) -> str:
    figures = printed.key_figures
    if name in figures.figures:
        return printed.figure(name)
    breakdown, _, key = name.partition(".")
    if key and key in _keys(figures, breakdown):
        return printed.cell(breakdown, key)
    known = [*figures.figures, *(f"{table}.{part}" for table in figures.breakdowns for part in _keys(figures, table))]
    raise RequestError(f"{path}:{line}: this sheet has no figure '{name}'; {did_you_mean(name, known)}")


def _keys(figures: SectorKeyFigures, breakdown: str) -> list[str]:
    return [cell.key for cell in figures.breakdowns[breakdown].cells] if breakdown in figures.breakdowns else []
