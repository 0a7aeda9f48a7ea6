"""Reads the numbers that people type in a sentence, and checks words of closeness and of share beside numbers.

*Almost* N: below N by at most 5 % of N. *Over* N: above N by at most 5 % of N. *About* N: at most 5 % of N away, on
either side. N itself is about N, and neither almost nor over N.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from rmrp_analysis.locale.languages import Closeness, Share, declared
from rmrp_analysis.packs import pack

Kind = Literal["share", "usd", "plain"]
"""By the sign of the number: ``share`` has a percent sign, ``usd`` a sign of dollars, ``plain`` neither."""

MAX_DISTANCE_SHARE = 0.05
"""The largest distance of a figure from the number next to a word of closeness, as a share of that number."""
MEANING_BY_CLOSENESS_WORD: Mapping[Closeness, str] = {
    "almost": "below it by at most 5%",
    "over": "above it by at most 5%",
    "about": "at most 5% away from it",
}
"""The meaning of each word of closeness, for the message about a word that does not fit."""

SHARE_RANGE_BY_WORD: Mapping[Share, tuple[float, float]] = {
    "nearly all": (0.95, 1),
    "most": (0.5, 1),
    "half": (0.475, 0.525),
    "a third": (0.95 / 3, 1.05 / 3),
    "a quarter": (0.2375, 0.2625),
}
"""The smallest and the largest share of a total that a word fits.

If the largest share is 1, the smallest is excluded: exactly a half is not *most*."""


@dataclass(frozen=True)
class TypedNumber:
    """A number in a text, with its kind, digits and position, to compare it with a figure.

    ``text`` is the number as typed and ``start`` the index of its first character. ``number`` is its value (shares are
    0 to 1), ``step`` the value of one unit of its last digit, ``bound`` the sign of a mere limit: ``<`` or ``>``.
    """

    text: str
    start: int
    number: float
    kind: Kind
    step: float = 1.0
    bound: str = ""

    @property
    def end(self) -> int:
        """The index of the first character after the number."""
        return self.start + len(self.text)

    @property
    def is_year(self) -> bool:
        """Whether it may be a year from 1900 to 2099: four digits without separator, sign or unit."""
        return self.text.isdigit() and len(self.text) == 4 and 1900 <= self.number < 2100

    def is_of_unit(self, unit: str) -> bool:
        """Tell whether the number may be a figure of this unit.

        Only a share has a percent sign, and only money has a sign of dollars.
        """
        return self.kind == unit or (self.kind == "plain" and unit != "share")

    def matches(self, value: float) -> bool:
        """Tell whether a value, rounded to the digits of this number, is this number. A half is rounded up."""
        half = self.step / 2
        return -half * (1 + 1e-9) <= value - self.number < half * (1 - 1e-9)


def find_typed_numbers(text: str, *languages: str) -> Iterator[TypedNumber]:
    """Find the numbers of a text that is in one of these languages, in the order of the text."""
    return (_read_match(match, languages) for match in _number_pattern(languages).finditer(text))


def read_number(text: str, language: str) -> TypedNumber | None:
    """Read a text that is one number, with or without outer blanks. Return None for any other text."""
    match = _number_pattern((language,)).fullmatch(text.strip())
    return _read_match(match, (language,)) if match else None


@pack.cached_by_pack
def _number_pattern(codes: tuple[str, ...]) -> re.Pattern[str]:
    """Compile the pattern of a number in any of these languages.

    Both separators are accepted in every language: Mexico writes ``1,234``, and Colombia writes ``1.234``.
    """
    languages = [declared(code) for code in codes]
    names = {name for language in languages for name in (*language.typed_units, *language.percent_words)}
    units = "|".join(r"\s".join(map(re.escape, name.split())) for name in sorted(names, key=len, reverse=True))
    dollars = "|".join({language.spoken_dollars.split()[-1] for language in languages})
    blank = "" if all(language.thousands == "," for language in languages) else " "
    limits = "|".join({word for language in languages for word in (language.less_than, language.fewer_than) if word})
    return re.compile(
        rf"(?:(?P<bound>[<>]|{limits})\s?)?(?<![\w.,-])(?P<dollars>(?:US\$|USD|\$)\s?)?"
        rf"(?P<integer>\d{{1,3}}(?:(?P<separator>[.,\u00a0\u202f{blank}])\d{{3}}(?:(?P=separator)\d{{3}})*)(?!\d)|\d+)"
        rf"(?:[.,](?P<decimals>\d+))?"
        rf"(?:\s?(?P<unit>{units})(?!\w)|(?(dollars)(?=m)|(?(decimals)(?=m)|(?!)))(?P<million>m)(?!\w))?"
        rf"(?P<spoken>\s(?:de\s)?(?:US\s)?(?:USD|US\$|{dollars})(?!\s?\d))?(?!\w|[.,]\d)"
    )


def _read_match(match: re.Match[str], codes: tuple[str, ...]) -> TypedNumber:
    """Return the number that ``_number_pattern`` matched in a text of one of these languages."""
    unit = re.sub(r"\s", " ", match["unit"] or "")
    languages = [declared(code) for code in codes]
    is_share = any(unit in language.percent_words for language in languages)
    integer = match["integer"]
    decimals = match["decimals"] or ""
    group = match["separator"] or ""
    if group in (".", ",") and integer.count(group) == 1 and not decimals and (unit or match["million"]):
        # One group of three digits before a unit: ``1.234 M`` has decimals where the language's decimal sign says so.
        read_as = {language.decimal for language in languages if unit in language.typed_units or is_share}
        if read_as == {group} or is_share:
            integer, decimals = integer.split(group)
    integer = re.sub(r"\D", "", integer)
    digits = Decimal(f"{integer}.{decimals or 0}")
    powers = (language.typed_units[unit] for language in languages if unit in language.typed_units)
    power = 6 if match["million"] else -2 if is_share else next(powers, 0)
    kind: Kind = "share" if is_share else "usd" if match["dollars"] or match["spoken"] else "plain"
    number = digits.scaleb(power)
    step = Decimal(1).scaleb(power - len(decimals))
    text = match[0].removesuffix(match["spoken"] or "")
    return TypedNumber(text, match.start(), float(number), kind, float(step), match["bound"] or "")


def fits_closeness(closeness: Closeness, value: float, rounded: float) -> bool:
    """Tell whether a value is almost, over or about a rounded number, at most ``MAX_DISTANCE_SHARE`` away."""
    distance, limit = value - rounded, abs(rounded) * MAX_DISTANCE_SHARE
    if closeness == "almost":
        return -limit <= distance < 0
    if closeness == "over":
        return 0 < distance <= limit
    return abs(distance) <= limit


def fits_share(word: Share, amount: float, total: float) -> bool:
    """Tell whether an amount is most, half … of its total. False if the total is 0."""
    low, high = SHARE_RANGE_BY_WORD[word]
    share = amount / total if total else 0.0
    return share <= high and (share > low if high == 1 else share >= low)
