"""What a drawing measures without Matplotlib: the columns of a sheet, the room that texts take, how they fit."""

import re
import warnings
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from fontTools.ttLib import TTFont

from rmrp_analysis import numbers, theme

COLUMNS_6_MM, COLUMNS_8_MM, COLUMNS_12_MM = 88.0, 118.7, 180.0  # the sheet's grid
TEXT_PT = 8.4
FONTS: Mapping[int | str, str] = {"normal": "Regular", 400: "Regular", 600: "Semibold", 700: "Bold"}  # by weight
LINE_MM = 3.5
ASCENT_MM, DESCENT_MM = 2.97, 0.98  # of type of 8.4 pt, above and below its base line
NAMES_SHARE = 0.42  # of the width, for the names of rows
GAP_MM, EDGE_MM = 1.0, 1.2  # between a text and what it names; free at the edge
TOUCH_SHARE = 0.16  # of the type size: so much of their boxes may overlap before letters do


def points(length_mm: float) -> float:
    """A length in points, in which Matplotlib measures."""
    return length_mm / 25.4 * 72


@lru_cache(maxsize=4096)
def width_of(translate: str, *, weight: int | str = 400, size: float = TEXT_PT, style: str = "normal") -> float:
    """The printed width of a text in millimetres, that of its widest line; pairs of letters do not move together."""
    advances, em = _advances("It" if style == "italic" else FONTS[weight])
    widths = (sum(advances.get(ord(letter), em) for letter in line) for line in translate.split("\n"))
    return max(widths) / em * size / 72 * 25.4


@cache
def _advances(font: str) -> tuple[dict[int, int], int]:
    """How far each letter of a font moves the next one on, and how much a whole em is."""
    with TTFont(theme.FONTS / f"SourceSans3-{font}.ttf", lazy=True) as opened:
        widths = opened["hmtx"].metrics
        letters = {letter: widths[glyph][0] for letter, glyph in opened.getBestCmap().items()}
        return letters, opened["head"].unitsPerEm


def fitted(translate: str, room_mm: float, *, lines: int = 1, weight: int = 400, size: float = TEXT_PT) -> str:
    """The text broken between words into lines that have room.

    Where that takes more than ``lines``, the name without its acronym, or the acronym; else as many letters as fit.
    """

    def fits(line: str) -> bool:
        return width_of(line, weight=weight, size=size) <= room_mm

    if fits(translate):
        return translate
    broken = [""]
    for word in translate.split():
        longer = f"{broken[-1]} {word}".strip()
        if broken[-1] and len(broken) < lines and not fits(longer):
            broken.append(word)
        else:
            broken[-1] = longer
    without = re.sub(r"\s*\([^()]+\)$", "", translate)
    if without and fits(without):
        return without
    acronym = re.search(r"\(([^()\d]+)\)$", translate)  # with a numeral it would be a code, which is no name
    if acronym and not all(map(fits, broken)):
        return fitted(acronym[1], room_mm, weight=weight, size=size)
    for number, line in enumerate(broken):
        while line and not fits(broken[number]):
            line = line[:-1].rstrip()
            broken[number] = f"{line}…"
    return "\n".join(broken)


def month_ticks(months: Sequence[str], language: str, room_mm: float) -> list[str]:
    """Give the short name of each month (``YYYY-MM``), its letter where so much room is too little for one of them.

    Of several years, the first month of each has the year below it.
    """
    names = [numbers.month_short(month, language) for month in months]
    if max(map(width_of, names), default=0.0) > room_mm - GAP_MM:
        names = [numbers.month_letter(month, language) for month in months]
    years = [month[:4] for month in months]
    if len({*years}) < 2:
        return names
    is_first = [year not in years[:place] for place, year in enumerate(years)]
    return [f"{name}\n{year}" if first else name for name, year, first in zip(names, years, is_first, strict=True)]


def spread(places_mm: Sequence[float], gap_mm: float, top_mm: float) -> list[float]:
    """Move places apart, so that they are so far from each other and between 0 and the top, in their order.

    >>> spread([1.0, 1.5, 9.0], 2.0, 10.0)
    [1.0, 3.0, 9.0]
    """
    order = sorted(range(len(places_mm)), key=places_mm.__getitem__)
    moved = dict[int, float]()
    for rank, place in enumerate(order):
        lowest = moved[order[rank - 1]] + gap_mm if rank else 0.0
        moved[place] = max(places_mm[place], lowest)
    highest = top_mm
    for place in reversed(order):
        moved[place] = min(moved[place], highest)
        highest = moved[place] - gap_mm
    return [moved[place] for place in range(len(places_mm))]


def room_for(names: Sequence[str], room_mm: float, lines: int = 1) -> tuple[float, list[str]]:
    """How many millimetres the names of rows take at left, and the names as they fit there."""
    shown = [fitted(name, NAMES_SHARE * room_mm, lines=lines) for name in names]
    return max(map(width_of, shown), default=0) + GAP_MM + EDGE_MM, shown


def warn_of(left_out: int, size_mm: tuple[float, float]) -> None:
    """Warn where texts of a chart were left out, since they have no room in axes of the caller's size."""
    if left_out:
        size = " × ".join(f"{length:.0f}" for length in size_mm)
        fault = f"{left_out} texts of this chart have no room in axes of {size} mm and are left out"
        warnings.warn(f"{fault}; draw it in larger axes, or without ax=", stacklevel=4)
