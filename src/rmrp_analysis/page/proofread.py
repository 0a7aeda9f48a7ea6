"""Checks every narrative of a run against the figures of its sheet, before a sheet is made."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise, product
from pathlib import Path

from rmrp_analysis.errors import did_you_mean
from rmrp_analysis.figures import KeyFigures
from rmrp_analysis.locale.languages import declared
from rmrp_analysis.packs import pack
from rmrp_analysis.page.cautions import format_cautions
from rmrp_analysis.page.formatter import Quantity, SheetFormatter
from rmrp_analysis.page.narrative import WORD_BUDGET_BY_SECTION, Fault, find_narrative, parse_narrative
from rmrp_analysis.page.placeholders import Piece
from rmrp_analysis.page.typed_numbers import MAX_DISTANCE_SHARE, TypedNumber, find_typed_numbers, read_number
from rmrp_analysis.words import Translator

MAX_FIGURE_DISTANCE_SHARE, MAX_CATEGORY_DISTANCE_SHARE = MAX_DISTANCE_SHARE, 0.01
"""How far a typed number may lie from a figure (a category) and still be taken for it, as a share of the figure.

A word of closeness may stand as far from a figure. A sheet has many categories, so a wider limit would often match one
by chance.
"""

MIN_TYPED_CATEGORY_NUMBER = 10
"""A smaller typed number is compared with single figures alone, since it is typed for many other things."""


def find_unread_files(folder: Path, reports: Collection[str]) -> Iterator[Fault]:
    """Find the texts in a folder that no sheet of these reports reads, as a misspelt name would cause."""
    file_names = [f"{report_id}.{language}.md" for report_id in reports for language in pack.languages()]
    for path in sorted(folder.glob("*.md")):
        if path.is_file() and path.name not in file_names:
            yield Fault(path, 1, f"no sheet reads this file; {did_you_mean(path.name, file_names)}")


def proofread(
    folder: Path, reports: Collection[str], find_figures: Callable[[str], KeyFigures | None]
) -> tuple[list[Fault], list[Fault]]:
    """Return the faults that fail a sheet, and those that an author should look at, in every narrative of a folder.

    The second list has files that no sheet reads, too many words, doubtful figures, and typed numbers and words that a
    placeholder would check. ``reports`` are all that a file may be about (``health``, ``health.peru``).
    ``find_figures`` returns the figures of one as they may be published, None to leave it out.
    """
    sheet_faults: list[Fault] = []
    warning_faults = list(find_unread_files(folder, reports))
    find_cached_figures = cache(find_figures)
    for report_id, language in product(reports, pack.languages()):
        narrative_path = find_narrative(str(folder), report_id, language)
        if narrative_path and (key_figures := find_cached_figures(report_id)):
            formatter = SheetFormatter(key_figures, Translator(language))
            narrative = parse_narrative(narrative_path, formatter)
            sheet_faults += narrative.faults
            warning_faults += _find_warnings(narrative_path, narrative.pieces, formatter)
            for section, max_english_words in WORD_BUDGET_BY_SECTION.items():
                max_words, words = (
                    round(max_english_words * declared(language).longer),
                    len(narrative.text(section).split()),
                )
                if words > max_words:
                    warning_message = f"{section} has {words} words; two printed pages have room for {max_words}"
                    warning_faults.append(Fault(narrative_path, narrative.lines[section], warning_message))
    sheet_faults.sort(key=lambda fault: fault.path)
    return sheet_faults, sorted(warning_faults, key=lambda fault: (fault.path, fault.line))


def _find_warnings(path: Path, pieces: tuple[Piece, ...], formatter: SheetFormatter) -> Iterator[Fault]:
    """Find figures that are in doubt, and what the author typed where a placeholder would be checked."""
    for piece in pieces:
        caution = format_cautions(formatter, piece.of.partition("[")[0])
        if caution:
            yield Fault(path, piece.line, f"{piece.of} ({piece.text}) is in doubt. {caution}")
    word_pieces = [piece for piece in pieces if piece.kind == "words"]
    yield from _find_typed_figures(path, word_pieces, formatter)
    yield from _find_typed_shares(path, word_pieces, formatter.language)
    yield from _find_unchecked_closeness(path, pieces, formatter.language)


def _find_typed_figures(path: Path, word_pieces: Sequence[Piece], formatter: SheetFormatter) -> Iterator[Fault]:
    """Find typed numbers that are a figure of the sheet, or nearly one; what may be a year is left out."""
    for piece in word_pieces:
        for typed in find_typed_numbers(piece.text, formatter.language):
            quantity = None if typed.is_year else _find_nearest(typed, formatter)
            if quantity:
                warning_message = (
                    f"'{typed.text}' may be {quantity.name} ({quantity.text}); write {{{{ {quantity.name} }}}}, "
                    f'or {{{{ "{typed.text}" }}}} if it is another number'
                )
                yield Fault(path, _find_line(piece, typed.start), warning_message)


def _find_typed_shares(path: Path, word_pieces: Sequence[Piece], language: str) -> Iterator[Fault]:
    """Find words of shares, such as *most of them*, that the author typed outside a placeholder."""
    declared_language = declared(language)
    share_pattern_text, noun_pattern_text = (
        _phrase_pattern(declared_language.shares),
        _phrase_pattern(declared_language.of_them),
    )
    typed_share_pattern = re.compile(rf"(?<!\w)({share_pattern_text})\s+(?:{noun_pattern_text})(?!\w)", re.IGNORECASE)
    for word_piece in word_pieces:
        for match in typed_share_pattern.finditer(word_piece.text):
            example = f'{{{{ name["part"] | {"_".join(match[1].split())} }}}}'
            message = f"nothing checks '{' '.join(match[0].split())}'; write {example}, which holds or is an error"
            yield Fault(path, _find_line(word_piece, match.start()), message)


def _find_unchecked_closeness(path: Path, pieces: Sequence[Piece], language: str) -> Iterator[Fault]:
    """Find words of closeness, such as *almost*, that the author typed before an exact figure."""
    closeness_pattern = re.compile(
        rf"(?<!\w)(?:{_phrase_pattern(declared(language).closeness)})(?=\s+$)", re.IGNORECASE
    )
    for word_piece, figure in pairwise(pieces):
        match = (
            closeness_pattern.search(word_piece.text)
            if word_piece.kind == "words" and figure.kind == "figure"
            else None
        )
        if match:
            example = f'{{{{ name | {"_".join(match[0].split())}("…") }}}}'
            warning_message = f"'{match[0]}' stands before an exact figure ({figure.text}); round it: {example}"
            yield Fault(path, figure.line, warning_message)


def _find_line(piece: Piece, position: int) -> int:
    """Return the line of the file on which a position of a piece stands."""
    return piece.line + piece.text.count("\n", 0, position)


def _phrase_pattern(phrases: Iterable[str]) -> str:
    """Return the pattern of any of these phrases, with any spaces between their words."""
    return "|".join(re.sub("[_ ]", r"\\s+", language_phrase) for language_phrase in phrases)


def _find_nearest(typed_number: TypedNumber, formatter: SheetFormatter) -> Quantity | None:
    """Return the figure nearest to a typed number, single figures before categories; None where none is near."""
    near_quantity_triples = []
    for sheet_quantity in formatter.quantities.values():
        if not sheet_quantity.value or not typed_number.is_of_unit(sheet_quantity.unit):
            continue
        if sheet_quantity.is_category and typed_number.number < MIN_TYPED_CATEGORY_NUMBER:
            continue
        number_distance = abs(typed_number.number - sheet_quantity.value)
        max_distance = abs(sheet_quantity.value) * (
            MAX_CATEGORY_DISTANCE_SHARE if sheet_quantity.is_category else MAX_FIGURE_DISTANCE_SHARE
        )
        printed_number = read_number(sheet_quantity.text, formatter.language)
        if number_distance <= max_distance or (printed_number and printed_number.number == typed_number.number):
            near_quantity_triples.append((sheet_quantity.is_category, number_distance, sheet_quantity))
    return min(near_quantity_triples, key=lambda candidate: candidate[:2])[2] if near_quantity_triples else None
