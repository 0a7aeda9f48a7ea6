"""Reads every narrative of a run against the figures of its sheet, before a sheet is made."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

from rmrp_analysis.errors import did_you_mean
from rmrp_analysis.figures import KeyFigures
from rmrp_analysis.page.closeness import WITHIN, WORDS
from rmrp_analysis.page.narrative import Fault, look_through
from rmrp_analysis.page.placeholders import LANGUAGES, Piece
from rmrp_analysis.page.printed import Printed, Quantity
from rmrp_analysis.page.typed import TypedNumber, read_number, typed_numbers
from rmrp_analysis.words import Words

NEARLY_A_FIGURE, NEARLY_A_PART = WITHIN, 0.01
"""How far a typed number may lie from a figure (a part of a breakdown) and still be taken for it, as a share of it.

A word of closeness may stand as far from a figure; parts are many, and would be hit by chance.
"""

LEAST_PART = 10
"""Numbers below are typed for so much else that only the sheet's single figures are looked for."""


def proofread(
    folder: Path, reports: Iterable[str], sheet_of: Callable[[str], KeyFigures | None]
) -> tuple[list[Fault], list[Fault]]:
    """What fails a sheet, and what should be looked at, in every file of the folder.

    ``reports`` are all that a file may be about (``health``, ``health.peru``); ``sheet_of`` gives the figures of one as
    they may be published, None to pass it over.
    """
    errors: list[Fault] = []
    warnings: list[Fault] = []
    by_file = {f"{report}.{language}.md": (report, language) for report in reports for language in LANGUAGES}
    figures_of = cache(sheet_of)
    for path in sorted(folder.glob("*.md")):
        report, language = by_file.get(path.name, ("", ""))
        figures = figures_of(report) if report else None
        if not report:
            warnings.append(Fault(path, 1, f"no sheet reads this file; {did_you_mean(path.name, by_file)}"))
        elif figures:
            printed = Printed(figures, Words(language))
            narrative = look_through(path, printed)
            errors += narrative.faults
            warnings += _doubts(path, narrative.pieces, printed)
    return errors, sorted(warnings, key=lambda fault: (fault.path, fault.line))


def _doubts(path: Path, pieces: tuple[Piece, ...], printed: Printed) -> Iterator[Fault]:
    """Typed numbers that the sheet knows, and words of closeness that nothing checks."""
    for piece in pieces:
        if piece.kind == "words":
            yield from _typed_figures(path, piece, printed)
    for piece, after in pairwise(pieces):
        word = _unchecked_word(piece.text, printed.language) if piece.kind == "words" else ""
        if word and after.kind == "figure":
            message = f"'{word}' stands before an exact figure ({after.text}); round it: {_example(word)}"
            yield Fault(path, after.line, message)


def _unchecked_word(text: str, language: str) -> str:
    words = "|".join(word.replace("_", r"\s+") for word in WORDS[language])
    found = re.search(rf"(?<!\w)(?:{words})\s+$", text, re.IGNORECASE)
    return found[0].strip() if found else ""


def _example(word: str) -> str:
    return f'{{{{ name | {"_".join(word.split())}("…") }}}}'


def _typed_figures(path: Path, piece: Piece, printed: Printed) -> Iterator[Fault]:
    for typed in typed_numbers(piece.text, printed.language):
        quantity = None if typed.is_year else _nearest(typed, printed)
        if quantity:
            line = piece.line + piece.text.count("\n", 0, typed.start)
            yield Fault(
                path,
                line,
                f"'{typed.text}' may be {quantity.name} ({quantity.text}); write {{{{ {quantity.name} }}}}, "
                f'or {{{{ "{typed.text}" }}}} if it is another number',
            )


def _nearest(typed: TypedNumber, printed: Printed) -> Quantity | None:
    """The figure that a typed number states or nearly states; single figures before parts, the nearest first."""
    near = [quantity for quantity in printed.quantities.values() if _is_nearly(typed, quantity, printed.language)]
    return min(near, key=lambda quantity: (_is_part(quantity), abs((quantity.value or 0) - typed.number)), default=None)


def _is_nearly(typed: TypedNumber, quantity: Quantity, language: str) -> bool:
    number, part = quantity.value, _is_part(quantity)
    if not number or (part and typed.number < LEAST_PART):
        return False
    if typed.kind not in ("plain", quantity.unit) or (typed.kind == "plain" and quantity.unit == "share"):
        return False
    as_printed = read_number(quantity.text, language)
    within = abs(number) * (NEARLY_A_PART if part else NEARLY_A_FIGURE)
    return abs(typed.number - number) <= within or (as_printed is not None and typed.number == as_printed.number)


def _is_part(quantity: Quantity) -> bool:
    return "[" in quantity.name
