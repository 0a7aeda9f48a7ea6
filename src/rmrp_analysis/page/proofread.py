"""Reads every narrative of a run against the figures of its sheet, before a sheet is made."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache
from itertools import pairwise, product
from pathlib import Path

from rmrp_analysis.errors import did_you_mean
from rmrp_analysis.figures import KeyFigures
from rmrp_analysis.locale.languages import declared
from rmrp_analysis.packs import pack
from rmrp_analysis.page.cautions import format_cautions
from rmrp_analysis.page.formatter import Quantity, SheetFormatter
from rmrp_analysis.page.narrative import BUDGETS, Fault, look_through, narrative_path
from rmrp_analysis.page.placeholders import Piece
from rmrp_analysis.page.typed_numbers import MAX_DISTANCE, TypedNumber, find_typed_numbers, read_number
from rmrp_analysis.words import Translator

NEAR_FIGURE, NEAR_CATEGORY = MAX_DISTANCE, 0.01
"""How far a typed number may lie from a figure (a category) and still be taken for it, as a share of the figure.

A word of closeness may stand as far from a figure. A sheet has many categories, so a wider limit would often match one
by chance.
"""

MIN_CATEGORY_NUMBER = 10
"""A smaller typed number is compared with single figures alone, since it is typed for many other things."""


def unread(folder: Path, reports: Collection[str]) -> Iterator[Fault]:
    """Find the texts in a folder that are about none of these reports, since their names are misspelt."""
    names = [f"{report}.{language}.md" for report in reports for language in pack.languages()]
    for path in sorted(folder.glob("*.md")):
        if path.is_file() and path.name not in names:
            yield Fault(path, 1, f"no sheet reads this file; {did_you_mean(path.name, names)}")


def proofread(
    folder: Path, reports: Collection[str], sheet_of: Callable[[str], KeyFigures | None]
) -> tuple[list[Fault], list[Fault]]:
    """What fails a sheet, and what should be looked at, in every file of the folder.

    ``reports`` are all that a file may be about (``health``, ``health.peru``); ``sheet_of`` gives the figures of one as
    they may be published, None to pass it over.
    """
    errors: list[Fault] = []
    warnings = list(unread(folder, reports))
    figures_of = cache(sheet_of)
    for report, language in product(reports, pack.languages()):
        path = narrative_path(str(folder), report, language)
        if path and (figures := figures_of(report)):
            formatter = SheetFormatter(figures, Translator(language))
            narrative = look_through(path, formatter)
            errors += narrative.faults
            warnings += _doubts(path, narrative.pieces, formatter)
            for section, budget in BUDGETS.items():
                most, words = round(budget * declared(language).longer), len(narrative.text(section).split())
                if words > most:
                    message = f"{section} has {words} words; two printed pages have room for {most}"
                    warnings.append(Fault(path, narrative.lines[section], message))
    errors.sort(key=lambda fault: fault.path)
    return errors, sorted(warnings, key=lambda fault: (fault.path, fault.line))


def _doubts(path: Path, pieces: tuple[Piece, ...], formatter: SheetFormatter) -> Iterator[Fault]:
    """Typed numbers that the sheet knows, words of closeness that nothing checks, and figures that are in doubt."""
    language, own = formatter.language, declared(formatter.language)
    for piece in pieces:
        caution = format_cautions(formatter, piece.of.partition("[")[0])
        if caution:
            yield Fault(path, piece.line, f"{piece.of} ({piece.text}) is in doubt. {caution}")
    texts = [text for text in pieces if text.kind == "words"]
    for piece, typed in [(text, number) for text in texts for number in find_typed_numbers(text.text, language)]:
        quantity = None if typed.is_year else _nearest(typed, formatter)
        if quantity:
            message = (
                f"'{typed.text}' may be {quantity.name} ({quantity.text}); write {{{{ {quantity.name} }}}}, "
                f'or {{{{ "{typed.text}" }}}} if it is another number'
            )
            yield Fault(path, piece.line + piece.text.count("\n", 0, typed.start), message)
    shares, of_them = _any_of(own.shares), _any_of(own.of_them)
    compared = re.compile(rf"(?<!\w)({shares})\s+(?:{of_them})(?!\w)", re.IGNORECASE)
    for piece, found in [(text, found) for text in texts for found in compared.finditer(text.text)]:
        example = f'{{{{ name["part"] | {"_".join(found[1].split())} }}}}'
        message = f"nothing checks '{' '.join(found[0].split())}'; write {example}, which holds or is an error"
        yield Fault(path, piece.line + piece.text.count("\n", 0, found.start()), message)
    last_word = re.compile(rf"(?<!\w)(?:{_any_of(own.closeness)})(?=\s+$)", re.IGNORECASE)
    for piece, after in pairwise(pieces):
        unchecked = last_word.search(piece.text) if piece.kind == "words" and after.kind == "figure" else None
        if unchecked:
            example = f'{{{{ name | {"_".join(unchecked[0].split())}("…") }}}}'
            message = f"'{unchecked[0]}' stands before an exact figure ({after.text}); round it: {example}"
            yield Fault(path, after.line, message)


def _any_of(phrases: Iterable[str]) -> str:
    """A pattern of phrases, whatever blanks are in them."""
    return "|".join(re.sub("[_ ]", r"\\s+", phrase) for phrase in phrases)


def _nearest(typed: TypedNumber, formatter: SheetFormatter) -> Quantity | None:
    """The figure that a typed number states or nearly states; single figures before parts, the nearest first."""
    candidates = []
    for quantity in formatter.quantities.values():
        if not quantity.value or not typed.is_of_unit(quantity.unit):
            continue
        if quantity.is_category and typed.number < MIN_CATEGORY_NUMBER:
            continue
        distance = abs(typed.number - quantity.value)
        max_distance = abs(quantity.value) * (NEAR_CATEGORY if quantity.is_category else NEAR_FIGURE)
        printed = read_number(quantity.text, formatter.language)
        if distance <= max_distance or (printed and printed.number == typed.number):
            candidates.append((quantity.is_category, distance, quantity))
    return min(candidates, key=lambda candidate: candidate[:2])[2] if candidates else None
