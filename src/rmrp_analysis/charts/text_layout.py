"""Measure texts in millimetres without Matplotlib, and fit them into their room."""

import re
import warnings
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from fontTools.ttLib import TTFont

from rmrp_analysis import numbers, theme

COLUMNS_6_WIDTH_MM = 88.0  # the width of 6 of the 12 columns of the sheet
COLUMNS_8_WIDTH_MM = 118.7  # the width of 8 of the 12 columns of the sheet
COLUMNS_12_WIDTH_MM = 180.0  # the full width of the sheet
TEXT_PT = 8.4
FONT_FILE_END_BY_WEIGHT: Mapping[int | str, str] = {"normal": "Regular", 400: "Regular", 600: "Semibold", 700: "Bold"}
TEXT_LINE_HEIGHT_MM = 3.5
ASCENT_MM = 2.97  # the height of type of 8.4 pt above its base line
DESCENT_MM = 0.98  # the depth of type of 8.4 pt below its base line
MAX_NAMES_WIDTH_SHARE = 0.42  # the share of the width of a chart for the names of rows
TEXT_GAP_MM = 1.0  # between a text and its mark
TEXT_EDGE_GAP_MM = 1.2  # between a text and the edge of the chart
ALLOWED_TEXT_OVERLAP_SHARE = 0.16  # boxes of texts may overlap by this share of the type size before letters do


def mm_to_points(length_mm: float) -> float:
    """Return a length in points, the unit of Matplotlib."""
    return length_mm / 25.4 * 72


@lru_cache(maxsize=4096)
def width_of(text: str, *, weight: int | str = 400, size: float = TEXT_PT, style: str = "normal") -> float:
    """Return the printed width in millimetres of a text (of its widest line), without kerning.

    ``weight`` is one of ``FONT_FILE_END_BY_WEIGHT``, ``size`` is in points, ``style`` is *normal* or *italic* (of one
    weight). A letter that the font lacks is as wide as an em.
    """
    advances, em = _advances("It" if style == "italic" else FONT_FILE_END_BY_WEIGHT[weight])
    widths = (sum(advances.get(ord(letter), em) for letter in line) for line in text.split("\n"))
    return max(widths) / em * size / 72 * 25.4


@cache
def _advances(font_name: str) -> tuple[dict[int, int], int]:
    """Return the advance width of each letter of a font by its code, and the width of an em, in font units.

    ``font_name`` is the end of the name of the font file, such as *Bold*.
    """
    with TTFont(theme.FONTS_FOLDER / f"SourceSans3-{font_name}.ttf", lazy=True) as opened:
        widths = opened["hmtx"].metrics
        letters = {letter: widths[glyph][0] for letter, glyph in opened.getBestCmap().items()}
        return letters, opened["head"].unitsPerEm


def fit_text(text: str, room_mm: float, *, max_lines: int = 1, weight: int = 400, size: float = TEXT_PT) -> str:
    """Return a text on one line no wider than ``room_mm``, or shortened or broken between words.

    A text too wide for one line loses the acronym in brackets at its end, if the rest then fits on one line. Otherwise
    it is broken into at most ``max_lines``. If these are too wide, only its acronym stands there, unless that holds a
    digit. Without an acronym each line that is too wide is cut and ends in an ellipsis.
    """

    def fits(text_line: str) -> bool:
        return width_of(text_line, weight=weight, size=size) <= room_mm

    if fits(text):
        return text
    broken = [""]
    for word in text.split():
        longer = f"{broken[-1]} {word}".strip()
        if broken[-1] and len(broken) < max_lines and not fits(longer):
            broken.append(word)
        else:
            broken[-1] = longer
    shorter = re.sub(r"\s*\([^()]+\)$", "", text)
    if shorter and fits(shorter):
        return shorter
    acronym = re.search(r"\(([^()\d]+)\)$", text)  # with a numeral it would be a code, which is no name
    if acronym and not all(map(fits, broken)):
        return fit_text(acronym[1], room_mm, weight=weight, size=size)
    for number, line in enumerate(broken):
        while line and not fits(broken[number]):
            line = line[:-1].rstrip()
            broken[number] = f"{line}…"
    return "\n".join(broken)


def name_months(months: Sequence[str], language: str, room_mm: float) -> list[str]:
    """Return the short names of months (``YYYY-MM``), or the letters of all if one name is too wide.

    ``room_mm`` is the width for each month. If there are several years, the first month of each has the year on a
    second line.
    """
    names = [numbers.month_short(month, language) for month in months]
    if max(map(width_of, names), default=0.0) > room_mm - TEXT_GAP_MM:
        names = [numbers.month_letter(month, language) for month in months]
    years = [month[:4] for month in months]
    if len({*years}) < 2:
        return names
    is_first = [year not in years[:place] for place, year in enumerate(years)]
    return [f"{name}\n{year}" if first else name for name, year, first in zip(names, years, is_first, strict=True)]


def spread_apart(positions_mm: Sequence[float], gap_mm: float, top_mm: float) -> list[float]:
    """Return positions moved apart by at least ``gap_mm``, between 0 and ``top_mm``, in the same order.

    If the room is too small for all, the lowest are below 0.

    >>> spread_apart([1.0, 1.5, 9.0], 2.0, 10.0)
    [1.0, 3.0, 9.0]
    """
    order = sorted(range(len(positions_mm)), key=positions_mm.__getitem__)
    spots = list(positions_mm)
    lowest, highest = 0.0, top_mm
    for index in order:
        spots[index] = max(spots[index], lowest)
        lowest = spots[index] + gap_mm
    for index in reversed(order):
        spots[index] = min(spots[index], highest)
        highest = spots[index] - gap_mm
    return spots


def fit_row_names(names: Sequence[str], room_mm: float, max_lines: int = 1) -> tuple[float, list[str]]:
    """Return the width in mm of the widest row name with its gaps, and the names as they fit.

    A name takes at most ``MAX_NAMES_WIDTH_SHARE`` of ``room_mm``, the width of the chart.
    """
    texts = [fit_text(name, MAX_NAMES_WIDTH_SHARE * room_mm, max_lines=max_lines) for name in names]
    return max(map(width_of, texts), default=0) + TEXT_GAP_MM + TEXT_EDGE_GAP_MM, texts


def warn_of_left_out_texts(left_out_count: int, size_mm: tuple[float, float]) -> None:
    """Warn how many texts of a chart had no room in axes of ``size_mm`` and were left out, unless it is 0."""
    if left_out_count:
        size = " × ".join(f"{length:.0f}" for length in size_mm)
        subject, predicate = f"{left_out_count} texts of this chart have", "are left out"
        if left_out_count == 1:
            subject, predicate = "1 text of this chart has", "is left out"
        fault = f"{subject} no room in axes of {size} mm and {predicate}"
        warnings.warn(f"{fault}; draw it in larger axes, or without ax=", stacklevel=4)
