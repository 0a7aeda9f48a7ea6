"""Reads the numbers that people type in a sentence, and checks the words of closeness and of share beside them.

*Almost* N: below N by at most 5 % of it. *Over* N: above N by at most 5 % of it. *About* N: at most 5 % of it away, on
either side. N itself is about N, and neither almost nor over it.
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
"""How far a figure may lie from the number beside a word of closeness, as a share of that number."""
MEANING_BY_CLOSENESS_WORD: Mapping[Closeness, str] = {
    "almost": "below it by at most 5%",
    "over": "above it by at most 5%",
    "about": "at most 5% away from it",
}
"""What each word of closeness means, for the message about a word that does not fit."""

SHARE_RANGE_BY_WORD: Mapping[Share, tuple[float, float]] = {
    "nearly all": (0.95, 1),
    "most": (0.5, 1),
    "half": (0.475, 0.525),
    "a third": (0.95 / 3, 1.05 / 3),
    "a quarter": (0.2375, 0.2625),
}
"""The smallest and the largest share of a total that a word fits.

Where the largest share is 1, the smallest is excluded: exactly a half is not *most*.
"""


@dataclass(frozen=True)
class TypedNumber:
    """A number in a text, with what is needed to compare it with a figure: its kind, its digits, its position.

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
        """Tell whether a value, rounded to the digits of this number, is this number; a half is rounded up."""
        half = self.step / 2
        return -half * (1 + 1e-9) <= value - self.number < half * (1 - 1e-9)


def find_typed_numbers(text: str, *languages: str) -> Iterator[TypedNumber]:
    """Find the numbers of a text that is in one of these languages, in the order of the text."""
    return (_read_match(number_match, languages) for number_match in _number_pattern(languages).finditer(text))


def read_number(text: str, language: str) -> TypedNumber | None:
    """Read a text that is one number, with or without white around it; return None for any other text."""
    number_match = _number_pattern((language,)).fullmatch(text.strip())
    return _read_match(number_match, (language,)) if number_match else None


@pack.cached_by_pack
def _number_pattern(codes: tuple[str, ...]) -> re.Pattern[str]:
    """Compile the pattern of a number in any of these languages.

    Both separators are accepted in every language: Mexico writes ``1,234`` where Colombia writes ``1.234``.
    """
    typed = [declared(language_code) for language_code in codes]
    names = {name for language in typed for name in (*language.typed_units, *language.percent_words)}
    units = "|".join(r"\s".join(map(re.escape, name.split())) for name in sorted(names, key=len, reverse=True))
    dollars = "|".join({language.spoken_dollars.split()[-1] for language in typed})
    blank = "" if all(language.thousands == "," for language in typed) else " "
    less_than_pattern_text = "|".join(
        {word for language in typed for word in (language.less_than, language.fewer_than) if word}
    )
    return re.compile(
        rf"(?:(?P<bound>[<>]|{less_than_pattern_text})\s?)?(?<![\w.,-])(?P<dollars>(?:US\$|USD|\$)\s?)?"
        rf"(?P<integer>\d{{1,3}}(?:(?P<separator>[.,\u00a0\u202f{blank}])\d{{3}}(?:(?P=separator)\d{{3}})*)(?!\d)|\d+)"
        rf"(?:[.,](?P<decimals>\d+))?"
        rf"(?:\s?(?P<unit>{units})(?!\w)|(?(dollars)(?=m)|(?(decimals)(?=m)|(?!)))(?P<million>m)(?!\w))?"
        rf"(?P<spoken>\s(?:de\s)?(?:US\s)?(?:USD|US\$|{dollars})(?!\s?\d))?(?!\w|[.,]\d)"
    )


def _read_match(match: re.Match[str], codes: tuple[str, ...]) -> TypedNumber:
    """Return the number that ``_number_pattern`` matched in a text of one of these languages."""
    unit = re.sub(r"\s", " ", match["unit"] or "")
    declared_languages = [declared(language_code) for language_code in codes]
    is_share = any(unit in language.percent_words for language in declared_languages)
    integer_digits = match["integer"]
    part = match["decimals"] or ""
    group = match["separator"] or ""
    if group in (".", ",") and integer_digits.count(group) == 1 and not part and (unit or match["million"]):
        # One group of three digits before a unit: ``1.234 M`` has decimals where the language's decimal sign says so.
        read_as = {language.decimal for language in declared_languages if unit in language.typed_units or is_share}
        if read_as == {group} or is_share:
            integer_digits, part = integer_digits.split(group)
    integer_digits = re.sub(r"\D", "", integer_digits)
    digits = Decimal(f"{integer_digits}.{part or 0}")
    unit_powers = (language.typed_units[unit] for language in declared_languages if unit in language.typed_units)
    power_of_ten = 6 if match["million"] else -2 if is_share else next(unit_powers, 0)
    kind: Kind = "share" if is_share else "usd" if match["dollars"] or match["spoken"] else "plain"
    number = digits.scaleb(power_of_ten)
    step = Decimal(1).scaleb(power_of_ten - len(part))
    text = match[0].removesuffix(match["spoken"] or "")
    return TypedNumber(text, match.start(), float(number), kind, float(step), match["bound"] or "")


def fits_closeness(closeness: Closeness, value: float, rounded: float) -> bool:
    """Tell whether a value is almost, over or about a rounded number, at most ``MAX_DISTANCE_SHARE`` away."""
    off, most = value - rounded, abs(rounded) * MAX_DISTANCE_SHARE
    if closeness == "almost":
        return -most <= off < 0
    if closeness == "over":
        return 0 < off <= most
    return abs(off) <= most


def fits_share(word: Share, amount: float, total: float) -> bool:
    """Tell whether an amount is most, half … of its total; False if the total is 0."""
    least, most = SHARE_RANGE_BY_WORD[word]
    share = amount / total if total else 0.0
    return share <= most and (share > least if most == 1 else share >= least)
