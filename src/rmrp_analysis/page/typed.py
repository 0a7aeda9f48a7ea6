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

WITHIN = 0.05  # how far from the rounded figure the true one may lie, as a share of the rounded one
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
    """A number in a text: as it stands there, where it begins, its value (a share from 0 to 1).

    ``step`` is what its last digit counts, ``bound`` the sign before a number that is only a limit: ``<``, ``>``.
    """

    text: str
    start: int
    number: float
    kind: Kind
    step: float = 1.0
    bound: str = ""

    @property
    def end(self) -> int:
        """Where the text goes on."""
        return self.start + len(self.text)

    @property
    def is_year(self) -> bool:
        """Whether it may be a year: four digits that no separator, sign or unit makes a quantity."""
        return self.text.isdigit() and len(self.text) == 4 and 1900 <= self.number < 2100

    def is_of(self, unit: str) -> bool:
        """Whether it may state a figure of this unit: only a share has a percent sign, only money a sign of dollars."""
        return self.kind == unit or (self.kind == "plain" and unit != "share")

    def states(self, number: float) -> bool:
        """Whether it is this number, rounded to the digits that the text gives: a half is rounded up."""
        half = self.step / 2
        return -half * (1 + 1e-9) <= number - self.number < half * (1 - 1e-9)


def typed_numbers(text: str, *languages: str) -> Iterator[TypedNumber]:
    """Every number of a text in one of these languages, in its order."""
    return (_typed(found, languages) for found in _pattern(languages).finditer(text))


def read_number(text: str, language: str) -> TypedNumber | None:
    """The one number that the whole text is; None when it is something else."""
    found = _pattern((language,)).fullmatch(text.strip())
    return _typed(found, (language,)) if found else None


@cache
def _pattern(languages: tuple[str, ...]) -> re.Pattern[str]:
    """Numbers with separators of any country: Mexico writes ``1,234`` where Colombia writes ``1.234``."""
    typed = [declared(language) for language in languages]
    names = {name for of in typed for name in (*of.typed_units, *of.percent_words)}
    units = "|".join(r"\s".join(map(re.escape, name.split())) for name in sorted(names, key=len, reverse=True))
    dollars = "|".join({of.spoken_dollars.split()[-1] for of in typed})
    blank = "" if all(of.thousands == "," for of in typed) else " "
    less = "|".join({of.less_than for of in typed})
    return re.compile(
        rf"(?:(?P<bound>[<>]|{less})\s?)?(?<![\w.,-])(?P<dollars>(?:US\$|USD|\$)\s?)?"
        rf"(?P<whole>\d{{1,3}}(?:(?P<group>[.,\u00a0\u202f{blank}])\d{{3}}(?:(?P=group)\d{{3}})*)(?!\d)|\d+)"
        rf"(?:[.,](?P<part>\d+))?(?:\s?(?P<unit>{units})(?!\w)|(?(dollars)(?=m)|(?(part)(?=m)|(?!)))(?P<million>m)(?!\w))?"
        rf"(?P<spoken>\s(?:de\s)?(?:US\s)?(?:USD|US\$|{dollars})(?!\s?\d))?(?!\w|[.,]\d)"
    )


def _typed(found: re.Match[str], languages: tuple[str, ...]) -> TypedNumber:
    unit, of = re.sub(r"\s", " ", found["unit"] or ""), [declared(language) for language in languages]
    is_share = any(unit in language.percent_words for language in of)
    whole, part, group = found["whole"], found["part"] or "", found["group"] or ""
    if group in (".", ",") and whole.count(group) == 1 and not part and (unit or found["million"]):
        read_as = {language.decimal for language in of if unit in language.typed_units or is_share}
        if read_as == {group} or is_share:
            whole, part = whole.split(group)
    whole = re.sub(r"\D", "", whole)
    digits = Decimal(f"{whole}.{part or 0}")
    power = -2 if is_share else next((language.typed_units[unit] for language in of if unit in language.typed_units), 0)
    power = 6 if found["million"] else power
    kind: Kind = "share" if is_share else "usd" if found["dollars"] or found["spoken"] else "plain"
    number, step = digits.scaleb(power), Decimal(1).scaleb(power - len(part))
    text = found[0].removesuffix(found["spoken"] or "")
    return TypedNumber(text, found.start(), float(number), kind, float(step), found["bound"] or "")


def holds(closeness: Closeness, number: float, rounded: float) -> bool:
    """Whether a true number is almost, over or about a rounded one."""
    off, most = number - rounded, abs(rounded) * WITHIN
    if closeness == "almost":
        return -most <= off < 0
    return 0 < off <= most if closeness == "over" else abs(off) <= most


def is_share(word: Share, part: float, whole: float) -> bool:
    """Whether a part is most, half … of its whole."""
    least, most = SHARES[word]
    share = part / whole if whole else 0.0
    return share <= most and (share > least if most == 1 else share >= least)
