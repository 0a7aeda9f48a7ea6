"""Measure texts in millimetres without Matplotlib, and fit them into their room."""

import re
import warnings
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from fontTools.ttLib import TTFont

from rmrp_analysis import numbers, theme

COLUMNS_6_MM, COLUMNS_8_MM, COLUMNS_12_MM = 88.0, 118.7, 180.0  # the sheet's grid
TEXT_PT = 8.4  # the type size of texts
FONT_BY_WEIGHT: Mapping[int | str, str] = {"normal": "Regular", 400: "Regular", 600: "Semibold", 700: "Bold"}
LINE_MM = 3.5  # the height of a line of text
ASCENT_MM, DESCENT_MM = 2.97, 0.98  # of type of 8.4 pt, above and below its base line
MAX_NAMES_SHARE = 0.42  # of the width of a chart, for the names of rows
GAP_MM, EDGE_MM = 1.0, 1.2  # between a text and what it names; between a text and the edge
ALLOWED_OVERLAP_SHARE = 0.16  # of the type size: boxes of texts may overlap by this before letters do


def mm_to_points(length_mm: float) -> float:
    """Convert a length to points, the unit of Matplotlib."""
    return length_mm / 25.4 * 72


@lru_cache(maxsize=4096)
def width_of(text: str, *, weight: int | str = 400, size: float = TEXT_PT, style: str = "normal") -> float:
    """Return the printed width of a text, that of its widest line, in millimetres; without kerning.

    ``weight`` is one of ``FONT_BY_WEIGHT``, ``size`` is in points, ``style`` is *normal* or *italic*.
    """
    advances, em = _advances("It" if style == "italic" else FONT_BY_WEIGHT[weight])
    widths = (sum(advances.get(ord(letter), em) for letter in line) for line in text.split("\n"))
    return max(widths) / em * size / 72 * 25.4


@cache
def _advances(font_name: str) -> tuple[dict[int, int], int]:
    """Return the advance width of each letter of a font by its code, and the width of an em, in font units."""
    with TTFont(theme.FONTS_FOLDER / f"SourceSans3-{font_name}.ttf", lazy=True) as font_file:
        widths = font_file["hmtx"].metrics
        letters = {letter: widths[glyph][0] for letter, glyph in font_file.getBestCmap().items()}
        return letters, font_file["head"].unitsPerEm


def fit_text(text: str, room_mm: float, *, max_lines: int = 1, weight: int = 400, size: float = TEXT_PT) -> str:
    """Break a text between words into lines no wider than ``room_mm``.

    Where that takes more than ``max_lines``: the name without its acronym, or the acronym; else as many letters as fit
    and an ellipsis.
    """

    def fits(line: str) -> bool:
        return width_of(line, weight=weight, size=size) <= room_mm

    if fits(text):
        return text
    text_lines = [""]
    for word in text.split():
        longer = f"{text_lines[-1]} {word}".strip()
        if text_lines[-1] and len(text_lines) < max_lines and not fits(longer):
            text_lines.append(word)
        else:
            text_lines[-1] = longer
    without_acronym = re.sub(r"\s*\([^()]+\)$", "", text)
    if without_acronym and fits(without_acronym):
        return without_acronym
    acronym = re.search(r"\(([^()\d]+)\)$", text)  # with a numeral it would be a code, which is no name
    if acronym and not all(map(fits, text_lines)):
        return fit_text(acronym[1], room_mm, weight=weight, size=size)
    for index, line in enumerate(text_lines):
        while line and not fits(text_lines[index]):
            line = line[:-1].rstrip()
            text_lines[index] = f"{line}…"
    return "\n".join(text_lines)


def name_months(months: Sequence[str], language: str, room_mm: float) -> list[str]:
    """Return the short name of each month (``YYYY-MM``), or its letter where one of the names has no room.

    Of several years, the first month of each has the year below it.
    """
    names = [numbers.month_short(month, language) for month in months]
    if max(map(width_of, names), default=0.0) > room_mm - GAP_MM:
        names = [numbers.month_letter(month, language) for month in months]
    years = [month[:4] for month in months]
    if len({*years}) < 2:
        return names
    is_first = [year not in years[:index] for index, year in enumerate(years)]
    return [
        f"{name}\n{year}" if is_first_of_year else name
        for name, year, is_first_of_year in zip(names, years, is_first, strict=True)
    ]


def spread_apart(positions_mm: Sequence[float], gap_mm: float, top_mm: float) -> list[float]:
    """Move positions apart by at least ``gap_mm``, between 0 and ``top_mm``; they keep their order.

    >>> spread_apart([1.0, 1.5, 9.0], 2.0, 10.0)
    [1.0, 3.0, 9.0]
    """
    order = sorted(range(len(positions_mm)), key=positions_mm.__getitem__)
    moved_mm = dict[int, float]()
    for rank, index in enumerate(order):
        lowest = moved_mm[order[rank - 1]] + gap_mm if rank else 0.0
        moved_mm[index] = max(positions_mm[index], lowest)
    highest = top_mm
    for index in reversed(order):
        moved_mm[index] = min(moved_mm[index], highest)
        highest = moved_mm[index] - gap_mm
    return [moved_mm[index] for index in range(len(positions_mm))]


def fit_row_names(names: Sequence[str], room_mm: float, max_lines: int = 1) -> tuple[float, list[str]]:
    """Return the width in mm that the names of rows take at the left, and the names as they fit there."""
    fitted_names = [fit_text(name, MAX_NAMES_SHARE * room_mm, max_lines=max_lines) for name in names]
    return max(map(width_of, fitted_names), default=0) + GAP_MM + EDGE_MM, fitted_names


def warn_of_left_out_texts(left_out_count: int, size_mm: tuple[float, float]) -> None:
    """Warn where texts of a chart were left out for want of room in axes of ``size_mm``."""
    if left_out_count:
        size = " × ".join(f"{length:.0f}" for length in size_mm)
        fault = f"{left_out_count} texts of this chart have no room in axes of {size} mm and are left out"
        warnings.warn(f"{fault}; draw it in larger axes, or without ax=", stacklevel=4)
