"""Writes a message as text: its sections, for mail and webhook alike, and the whole as plain text."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rmrp_analysis.publish.after.message import Fault, Message
from rmrp_analysis.words import Translator

MAX_SECTION_LINES = 12
"""The most lines of a section of the text. The JSON of a webhook has all lines."""
MAX_SHEET_NAMES_PER_FAULT = 6
"""The most sheets with one fault that the text names. The JSON of a webhook has all sheets."""


@dataclass(frozen=True)
class Section:
    """A section of the text, in mail and webhook alike: a heading, and ``lines`` of text, smaller note and link."""

    heading: str
    lines: Sequence[tuple[str, str, str]]


def make_sections(message: Message) -> Iterator[Section]:
    """Yield the sections below the numbers: changes, silent partners, failures, sheets to mend, sheets.

    A section without lines is left out. So are the sheets if readers have no address.
    """
    translate, links = Translator(message.language), bool(message.index)
    pages = [(page.name, "", page.page) for page in message.pages] if links else []
    headed = {
        translate("What changed"): [(movement.text, "", "") for movement in message.moved],
        translate("Not yet reported"): [(text, "", "") for text in message.silent],
        translate("Could not be made"): _gather_by_cause(message.failed, translate, with_links=links),
        translate("To be mended before publication"): _gather_by_cause(message.to_mend, translate, with_links=links),
        translate("Sheets"): pages,
    }
    yield from (make_section(heading, lines, message) for heading, lines in headed.items() if lines)


def make_section(heading: str, lines: Sequence[tuple[str, str, str]], message: Message) -> Section:
    """Make a section of at most ``MAX_SECTION_LINES``.

    The last line may say how many more there are, and lead to all sheets.
    """
    if len(lines) > MAX_SECTION_LINES:
        rest = len(lines) - MAX_SECTION_LINES + 1
        more = Translator(message.language).plural("{count} more", "{count} more", rest).format(count=rest)
        lines = [*lines[: MAX_SECTION_LINES - 1], (more, "", message.index)]
    return Section(heading, lines)


def write_plain_text(message: Message, sections: Iterable[Section]) -> str:
    """Write a message as plain text without its subject: notices, sheet and months, headline, figures, the sections.

    With a problem, it is notices, ``count``, problem and what to do, then the sections.
    """
    title = message.count if message.problem else f"{message.sheet} · {message.period['printed']}"
    opening = [*message.notices, title, message.headline or message.problem, message.to_do]
    lines = []
    for figure in message.figures:
        lines += [f"{figure.label}: {figure.printed}", *(f"  {text}" for text in (figure.caution, figure.note) if text)]
    paragraphs = ["\n".join(filter(None, opening)), "\n".join(lines)]
    for section in sections:
        texts = ["\n  ".join(filter(None, line)) for line in section.lines]
        paragraphs.append("\n".join([section.heading.upper(), *(f"- {text}" for text in texts)]))
    return "\n\n".join(filter(None, paragraphs)) + "\n"


def _gather_by_cause(faults: Sequence[Fault], translate: Translator, *, with_links: bool) -> list[tuple[str, str, str]]:
    """Return a line for each cause and remedy: the sheets, cause and remedy, and a link if there is one sheet."""
    groups: dict[tuple[str, str], list[Fault]] = {}
    for fault in faults:
        groups.setdefault((fault.cause, fault.to_do), []).append(fault)
    lines = []
    for (cause, to_do), group in groups.items():
        names = [fault.name for fault in group]
        if len(names) > MAX_SHEET_NAMES_PER_FAULT:
            more = translate.plural("{count} more", "{count} more", rest := len(names) - MAX_SHEET_NAMES_PER_FAULT)
            names = [*names[:MAX_SHEET_NAMES_PER_FAULT], more.format(count=rest)]
        page = group[0].page if with_links and len(group) == 1 else ""
        lines.append(("; ".join(names), f"{cause} {to_do}", page))
    return lines
