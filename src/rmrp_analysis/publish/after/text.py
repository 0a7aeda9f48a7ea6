"""Write a message as text: its sections, for mail and webhook alike, and the whole as plain text."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rmrp_analysis.publish.after.message import Fault, Message
from rmrp_analysis.words import Translator

MAX_SECTION_LINES = 12
"""The most lines of a section of the text; the JSON of a webhook has all of them."""
MAX_SHEET_NAMES_PER_FAULT = 6
"""The most sheets with one fault that the text names; the JSON of a webhook has all of them."""


@dataclass(frozen=True)
class Section:
    """A section of the text, in mail and webhook alike: a heading, and ``lines`` of text, smaller note and link."""

    heading: str
    lines: Sequence[tuple[str, str, str]]


def make_sections(message: Message) -> Iterator[Section]:
    """Yield the sections below the numbers: what changed, who is silent, what was not made, what to mend, the sheets.

    A section without lines is left out; so are the sheets where readers have no address.
    """
    translate, has_links = Translator(message.language), bool(message.index)
    sheet_line_triples = [(sheet_page.name, "", sheet_page.page) for sheet_page in message.pages] if has_links else []
    triple_lists_by_heading = {
        translate("What changed"): [(movement.text, "", "") for movement in message.moved],
        translate("Not yet reported"): [(silence_text, "", "") for silence_text in message.silent],
        translate("Could not be made"): _gather_by_cause(message.failed, translate, with_links=has_links),
        translate("To be mended before publication"): _gather_by_cause(
            message.to_mend, translate, with_links=has_links
        ),
        translate("Sheets"): sheet_line_triples,
    }
    yield from (
        make_section(section_heading, section_line_triples, message)
        for section_heading, section_line_triples in triple_lists_by_heading.items()
        if section_line_triples
    )


def make_section(heading: str, lines: Sequence[tuple[str, str, str]], message: Message) -> Section:
    """Make a section of at most ``MAX_SECTION_LINES``; the last one may say how many more, and lead to all sheets."""
    if len(lines) > MAX_SECTION_LINES:
        hidden_line_count = len(lines) - MAX_SECTION_LINES + 1
        hidden_line_count_text = (
            Translator(message.language)
            .plural("{count} more", "{count} more", hidden_line_count)
            .format(count=hidden_line_count)
        )
        lines = [*lines[: MAX_SECTION_LINES - 1], (hidden_line_count_text, "", message.index)]
    return Section(heading, lines)


def write_plain_text(message: Message, sections: Iterable[Section]) -> str:
    """Write a message as plain text without its subject: notices, sheet and months, headline, figures, the sections.

    With a problem, it is notices, ``count``, problem and what to do, then the sections.
    """
    sheet_heading = message.count if message.problem else f"{message.sheet} · {message.period['printed']}"
    paragraph_lines = [*message.notices, sheet_heading, message.headline or message.problem, message.to_do]
    paragraph_texts, paragraph_lines = ["\n".join(filter(None, paragraph_lines))], []
    for message_figure in message.figures:
        paragraph_lines += [
            f"{message_figure.label}: {message_figure.printed}",
            *(f"  {item_text}" for item_text in (message_figure.caution, message_figure.note) if item_text),
        ]
    paragraph_texts.append("\n".join(paragraph_lines))
    for section in sections:
        section_item_texts = ["\n  ".join(filter(None, section_line_triple)) for section_line_triple in section.lines]
        paragraph_texts.append(
            "\n".join([section.heading.upper(), *(f"- {item_text}" for item_text in section_item_texts)])
        )
    return "\n\n".join(filter(None, paragraph_texts)) + "\n"


def _gather_by_cause(faults: Sequence[Fault], translate: Translator, *, with_links: bool) -> list[tuple[str, str, str]]:
    """Return a line for each cause and remedy: the sheets, then cause and remedy, then a link where one sheet has it.

    It names at most ``MAX_SHEET_NAMES_PER_FAULT`` sheets, and says how many more there are.
    """
    faults_by_cause_and_remedy: dict[tuple[str, str], list[Fault]] = {}
    for sheet_fault in faults:
        faults_by_cause_and_remedy.setdefault((sheet_fault.cause, sheet_fault.to_do), []).append(sheet_fault)
    line_triples = []
    for (fault_cause_text, fault_remedy), faults_of_cause in faults_by_cause_and_remedy.items():
        sheet_names = [sheet_fault.name for sheet_fault in faults_of_cause]
        if len(sheet_names) > MAX_SHEET_NAMES_PER_FAULT:
            hidden_sheet_count_text = translate.plural(
                "{count} more", "{count} more", hidden_sheet_count := len(sheet_names) - MAX_SHEET_NAMES_PER_FAULT
            )
            sheet_names = [
                *sheet_names[:MAX_SHEET_NAMES_PER_FAULT],
                hidden_sheet_count_text.format(count=hidden_sheet_count),
            ]
        page_address = faults_of_cause[0].page if with_links and len(faults_of_cause) == 1 else ""
        line_triples.append(("; ".join(sheet_names), f"{fault_cause_text} {fault_remedy}", page_address))
    return line_triples
