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
"""The largest distance of a typed number from a figure (a category) that it may mean, as a share of the figure.

A word of closeness allows the same distance from a figure. A sheet has many categories, so a wider limit would often
match one by chance."""

MIN_TYPED_CATEGORY_NUMBER = 10
"""A smaller typed number is compared with single figures alone, since it is typed for many other things."""


def find_unread_files(folder: Path, reports: Collection[str]) -> Iterator[Fault]:
    """Find the texts in a folder that no sheet of these reports reads, for example after a misspelt name."""
    names = [f"{report}.{language}.md" for report in reports for language in pack.languages()]
    for path in sorted(folder.glob("*.md")):
        if path.is_file() and path.name not in names:
            yield Fault(path, 1, f"no sheet reads this file; {did_you_mean(path.name, names)}")


def proofread(
    folder: Path, reports: Collection[str], find_figures: Callable[[str], KeyFigures | None]
) -> tuple[list[Fault], list[Fault]]:
    """Return the errors and the warnings in every narrative of a folder. An error fails its sheet.

    Warnings are files that no sheet reads, too many words, doubtful figures, and typed numbers and words that a
    placeholder would check. ``reports`` are all reports that a file may be about (``health``, ``health.peru``).
    ``find_figures`` returns the figures of a report as they may be published, or None to leave it out.
    """
    errors: list[Fault] = []
    warnings = list(find_unread_files(folder, reports))
    get_figures = cache(find_figures)
    for report, language in product(reports, pack.languages()):
        path = find_narrative(str(folder), report, language)
        if path and (figures := get_figures(report)):
            formatter = SheetFormatter(figures, Translator(language))
            narrative = parse_narrative(path, formatter)
            errors += narrative.faults
            warnings += _find_warnings(path, narrative.pieces, formatter)
            for section, budget in WORD_BUDGET_BY_SECTION.items():
                limit = round(budget * declared(language).longer)
                words = len(narrative.text(section).split())
                if words > limit:
                    message = f"{section} has {words} words; two printed pages have room for {limit}"
                    warnings.append(Fault(path, narrative.lines[section], message))
    errors.sort(key=lambda fault: fault.path)
    return errors, sorted(warnings, key=lambda fault: (fault.path, fault.line))


def _find_warnings(path: Path, pieces: tuple[Piece, ...], formatter: SheetFormatter) -> Iterator[Fault]:
    """Find figures that are in doubt, and typed numbers and words that a placeholder would check."""
    for piece in pieces:
        caution = format_cautions(formatter, piece.of.partition("[")[0])
        if caution:
            yield Fault(path, piece.line, f"{piece.of} ({piece.text}) is in doubt. {caution}")
    words = [piece for piece in pieces if piece.kind == "words"]
    yield from _find_typed_figures(path, words, formatter)
    yield from _find_typed_shares(path, words, formatter.language)
    yield from _find_unchecked_closeness(path, pieces, formatter.language)


def _find_typed_figures(path: Path, word_pieces: Sequence[Piece], formatter: SheetFormatter) -> Iterator[Fault]:
    """Find typed numbers that are a figure of the sheet, or nearly so. Possible years are left out."""
    for piece in word_pieces:
        for typed in find_typed_numbers(piece.text, formatter.language):
            quantity = None if typed.is_year else _find_nearest(typed, formatter)
            if quantity:
                message = (
                    f"'{typed.text}' may be {quantity.name} ({quantity.text}); write {{{{ {quantity.name} }}}}, "
                    f'or {{{{ "{typed.text}" }}}} if it is another number'
                )
                yield Fault(path, _find_line(piece, typed.start), message)


def _find_typed_shares(path: Path, word_pieces: Sequence[Piece], language: str) -> Iterator[Fault]:
    """Find words of shares, such as *most of them*, that the author typed outside a placeholder."""
    terms = declared(language)
    shares, of_them = _phrase_pattern(terms.shares), _phrase_pattern(terms.of_them)
    compared = re.compile(rf"(?<!\w)({shares})\s+(?:{of_them})(?!\w)", re.IGNORECASE)
    for piece in word_pieces:
        for match in compared.finditer(piece.text):
            example = f'{{{{ name["part"] | {"_".join(match[1].split())} }}}}'
            message = f"nothing checks '{' '.join(match[0].split())}'; write {example}, which holds or is an error"
            yield Fault(path, _find_line(piece, match.start()), message)


def _find_unchecked_closeness(path: Path, pieces: Sequence[Piece], language: str) -> Iterator[Fault]:
    """Find words of closeness, such as *almost*, that the author typed before an exact figure."""
    last_word = re.compile(rf"(?<!\w)(?:{_phrase_pattern(declared(language).closeness)})(?=\s+$)", re.IGNORECASE)
    for piece, figure in pairwise(pieces):
        match = last_word.search(piece.text) if piece.kind == "words" and figure.kind == "figure" else None
        if match:
            example = f'{{{{ name | {"_".join(match[0].split())}("…") }}}}'
            message = f"'{match[0]}' stands before an exact figure ({figure.text}); round it: {example}"
            yield Fault(path, figure.line, message)


def _find_line(piece: Piece, position: int) -> int:
    """Return the line of the file on which a position of a piece stands."""
    return piece.line + piece.text.count("\n", 0, position)


def _phrase_pattern(phrases: Iterable[str]) -> str:
    """Return the pattern of any of these phrases, with any spaces between their words."""
    return "|".join(re.sub("[_ ]", r"\\s+", phrase) for phrase in phrases)


def _find_nearest(typed_number: TypedNumber, formatter: SheetFormatter) -> Quantity | None:
    """Return the figure nearest to a typed number, single figures before categories, or None."""
    matches = []
    for quantity in formatter.quantities.values():
        if not quantity.value or not typed_number.is_of_unit(quantity.unit):
            continue
        if quantity.is_category and typed_number.number < MIN_TYPED_CATEGORY_NUMBER:
            continue
        distance = abs(typed_number.number - quantity.value)
        share = MAX_CATEGORY_DISTANCE_SHARE if quantity.is_category else MAX_FIGURE_DISTANCE_SHARE
        limit = abs(quantity.value) * share
        as_printed = read_number(quantity.text, formatter.language)
        if distance <= limit or (as_printed and as_printed.number == typed_number.number):
            matches.append((quantity.is_category, distance, quantity))
    return min(matches, key=lambda match: match[:2])[2] if matches else None
