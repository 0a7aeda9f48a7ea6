"""Reads numbers as people type them in a sentence, with the words of closeness or share that hold of them or do not.

*Almost* N: below N by at most 5 % of it. *Over* N: above N by at most 5 % of it. *About* N: at most 5 % of it away, on
either side. N itself is about N, and neither almost nor over it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal

from rmrp_analysis.locale.languages import Closeness, Share, declared

Kind = Literal["share", "usd", "plain"]
"""What the number's sign tells: a percent sign, a sign of dollars, or neither."""

WITHIN = 0.05
"""How far from the rounded figure the true one may lie, as a share of the rounded one."""

MEANINGS: Mapping[Closeness, str] = {
    "almost": "below it by at most 5%",
    "over": "above it by at most 5%",
    "about": "at most 5% away from it",
}

SHARES: Mapping[Share, tuple[float, float]] = {
    "nearly all": (0.95, 1),
    "most": (0.5, 1),
    "half": (0.475, 0.525),
    "a third": (0.95 / 3, 1.05 / 3),
    "a quarter": (0.2375, 0.2625),
}
"""Between which shares of the whole a part lies for a word to hold; the lower bound of what is more than it is open."""


@dataclass(frozen=True)
class TypedNumber:
    """A number in a text: as it stands there, where it begins, its value (a share from 0 to 1)."""

    text: str
    start: int
    number: float
    kind: Kind

    @property
    def is_year(self) -> bool:
        """Whether it may be a year: four digits that no separator, sign or unit makes a quantity."""
        return self.text.isdigit() and len(self.text) == 4 and 1900 <= self.number < 2100

    def is_of(self, unit: str) -> bool:
        """Whether it may state a figure of this unit: only a share has a percent sign, only money a sign of dollars."""
        return self.kind == unit or (self.kind == "plain" and unit != "share")


def typed_numbers(text: str, language: str) -> Iterator[TypedNumber]:
    """Every number of a text, in its order."""
    for found in _pattern(language).finditer(text):
        yield _typed(found, language)


def read_number(text: str, language: str) -> TypedNumber | None:
    """The one number that the whole text is; None when it is something else."""
    found = _pattern(language).fullmatch(text.strip())
    return _typed(found, language) if found else None


@cache
def _pattern(language: str) -> re.Pattern[str]:
    typed = declared(language)
    group = typed.group + ("" if typed.thousands == "," else " ")
    names = sorted((*typed.typed_units, *typed.percent_words), key=len, reverse=True)
    units = "|".join(r"\s".join(map(re.escape, name.split())) for name in names)
    return re.compile(
        rf"(?<![\w.,-])(?P<dollars>(?:US\$|USD|\$)\s?)?"
        rf"(?P<whole>\d{{1,3}}(?:[{group}\u00a0\u202f]\d{{3}})+|\d+)(?:[{typed.decimal}](?P<part>\d+))?"
        rf"(?:\s?(?P<unit>{units}))?(?!\w|[.,]\d)"
    )


def _typed(found: re.Match[str], language: str) -> TypedNumber:
    unit = re.sub(r"\s", " ", found["unit"] or "")
    whole = re.sub(r"\D", "", found["whole"])
    digits = Decimal(f"{whole}.{found['part'] or 0}")
    if unit in declared(language).percent_words:
        return TypedNumber(found[0], found.start(), float(digits / 100), "share")
    number = float(digits.scaleb(declared(language).typed_units.get(unit, 0)))
    return TypedNumber(found[0], found.start(), number, "usd" if found["dollars"] else "plain")


def closeness_of(word: str, language: str) -> Closeness | None:
    """What a word of the language says; None when it is not one of its words of closeness."""
    return declared(language).closeness.get(word[:1].lower() + word[1:])


def holds(closeness: Closeness, number: float, rounded: float) -> bool:
    """Whether a true number is almost, over or about a rounded one."""
    off, most = number - rounded, abs(rounded) * WITHIN
    if closeness == "almost":
        return -most <= off < 0
    return 0 < off <= most if closeness == "over" else abs(off) <= most


def share_word_of(word: str, language: str) -> Share | None:
    """What a word of the language says of a part and its whole; None when it says nothing of them."""
    return declared(language).shares.get(word[:1].lower() + word[1:])


def is_share(word: Share, part: float, whole: float) -> bool:
    """Whether a part is most, half … of its whole."""
    least, most = SHARES[word]
    share = part / whole if whole else 0.0
    return share <= most and (share > least if most == 1 else share >= least)
