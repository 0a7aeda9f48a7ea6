"""How a number is printed: one function a kind, so that 4.91 K is 4.91 K everywhere.

People and money have three significant digits and a short word for their power of ten; Spanish and Portuguese print
them in full below 10,000. Counts are printed in full, shares are rounded to whole percent (below 5 % to one decimal).
Babel gives each language its decimal sign; units, the space between thousands and the place of signs are set here.
"""

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from math import isnan

from babel.dates import format_date, get_month_names
from babel.lists import format_list
from babel.numbers import get_decimal_symbol

NARROW_SPACE = "\u202f"
NOTHING = "—"
SIGNIFICANT_DIGITS = 3
_POWERS = (9, 6, 3)
_LEAST_PERCENT = Decimal("0.1")
_IN_SENTENCES: Mapping[str, Mapping[re.Pattern[str], str]] = {
    "es": {re.compile(rf"(?<=\d{NARROW_SPACE})M(?=\s+personas\b)"): "millones de"},
    "pt": {
        # 1,57 is less than two, so the word is singular.
        re.compile(
            rf"(?:(?<=\b1{NARROW_SPACE})|(?<=\b1,\d{NARROW_SPACE})|(?<=\b1,\d\d{NARROW_SPACE}))mi(?=\s+pessoas\b)"
        ): "milhão de",
        re.compile(rf"(?<=\d{NARROW_SPACE})mi(?=\s+pessoas\b)"): "milhões de",
    },
}
_LOCALES = {"en": "en_GB"}
"""International English puts the day first, and no comma before the last of a list."""


@dataclass(frozen=True)
class _Policy:
    units: tuple[str, str, str]
    """For 10⁹, 10⁶ and 10³; where a language has no short word for one, the next smaller is used."""
    short_from: int
    """From here on people and money have a unit, and numbers in full have their thousands set apart."""
    thousands: str
    dollars: str
    percent: str
    month_of_year: str
    quotes: str


_POLICIES = {
    "en": _Policy(("B", "M", "K"), 1000, ",", "${}", "{}%", "{} {}", "“{}”"),
    "es": _Policy(
        ("", "M", "mil"), 10_000, NARROW_SPACE, f"USD{NARROW_SPACE}{{}}", f"{{}}{NARROW_SPACE}%", "{} de {}", "«{}»"
    ),
    "pt": _Policy(("bi", "mi", "mil"), 10_000, NARROW_SPACE, f"US${NARROW_SPACE}{{}}", "{}%", "{} de {}", "“{}”"),
}


@dataclass(frozen=True)
class _Voice:
    amount: str
    """A pattern of amounts: with a sign of dollars, with a unit, or with both."""
    units: Mapping[str, str]
    dollars: str
    of: str = ""
    """Stands between millions and what is counted."""
    of_one: Mapping[str, str] = field(default_factory=dict)
    less: str = ""
    """Stands before a number that is not reached."""


def _amount(dollars: str, units: str) -> str:
    number = rf"(?P<number>\d(?:[\d.,]|{NARROW_SPACE}(?=\d))*(?<![.,]))"
    return rf"(?P<dollars>{dollars})?{number}(?:{NARROW_SPACE}(?P<unit>{units})\b)?"


_VOICES = {
    "en": _Voice(
        _amount(r"\$", "K|M|B"), {"K": "thousand", "M": "million", "B": "billion"}, "US dollars", less="less than"
    ),
    "es": _Voice(
        _amount(f"USD{NARROW_SPACE}", "mil|M"), {"mil": "mil", "M": "millones"}, "dólares", "de", less="menos de"
    ),
    "pt": _Voice(
        _amount(rf"US\${NARROW_SPACE}", "mil|mi|bi"),
        {"mil": "mil", "mi": "milhões", "bi": "bilhões"},
        "dólares",
        "de",
        {"milhões": "milhão", "bilhões": "bilhão"},
        less="menos de",
    ),
}


def people(number: float | None, language: str) -> str:
    """People, as ``504 K``, ``14.3 K``, ``127``; in Spanish and Portuguese as ``504 mil``, ``4910``."""
    return NOTHING if number is None else _compact(number, language)


def usd(number: float | None, language: str) -> str:
    """Money, as ``$1.47 M``."""
    if number is None:
        return NOTHING
    printed = _POLICIES[language].dollars.format(_compact(abs(number), language))
    return f"−{printed}" if round(number) < 0 else printed


def printed(number: float | None, unit: str, language: str) -> str:
    """A number of a unit: ``people``, ``usd``, ``count`` or ``share``."""
    return {"people": people, "usd": usd, "count": count, "share": share}[unit](number, language)


def less_than(number: float, unit: str, language: str) -> str:
    """Fewer than a number of a unit: ``< 10``, ``< 2%``."""
    return f"<{NARROW_SPACE}{printed(number, unit, language)}"


def change(number: float, unit: str, language: str) -> str:
    """A difference with its sign, people in full: ``+1,204``, ``−$3.5 M``; nothing, or what is not known, is a dash."""
    if not number or isnan(number) or not round(number):
        return NOTHING
    amount = usd(abs(number), language) if unit == "usd" else count(abs(round(number)), language)
    return f"{'+' if number > 0 else '−'}{amount}"


def digits_of_thousands(values: Iterable[float]) -> int | None:
    """Give the decimals of a row of counts that has room for them in thousands alone; None where each stands in full.

    A column of a month has room for four digits.
    """
    most = max(values, default=0)
    if most < 10_000:
        return None
    return 0 if most >= 100_000 else 1


def thousands(number: float, digits: int, language: str) -> str:
    """Thousands of people without their unit, which the title says: ``22.3``."""
    least = Decimal(1).scaleb(-digits)
    shown = (Decimal(str(number)) / 1000).quantize(least, ROUND_HALF_UP)
    return _decimal(shown, digits, language) if shown else f"<{NARROW_SPACE}{_decimal(least, digits, language)}"


def count(number: float | None, language: str) -> str:
    """Things that are counted in full, as ``11,204``; in Spanish and Portuguese as ``4910``, ``11 204``."""
    if number is None:
        return NOTHING
    return _decimal(Decimal(str(number)).quantize(Decimal(1), ROUND_HALF_UP), 0, language)


def plain(number: float, language: str) -> str:
    """A number without a unit in up to four digits, such as an end of a chart's axis: ``0.125``, ``22,140``."""
    shown = Decimal(f"{number:.4g}")
    return _decimal(shown, max(-int(shown.as_tuple().exponent), 0), language)


def share(number: float | None, language: str) -> str:
    """A share (0–1) as percent: ``34%``, ``2.8%``, ``1%``."""
    if number is None:
        return NOTHING
    percent = Decimal(str(number)) * 100
    if 0 < percent < _LEAST_PERCENT / 2:
        return f"<{NARROW_SPACE}{_POLICIES[language].percent.format(_decimal(_LEAST_PERCENT, 1, language))}"
    rounded, digits = _rounded_percent(percent)
    if percent < 100 <= rounded:
        return f">{NARROW_SPACE}{_POLICIES[language].percent.format(_decimal(100 - _LEAST_PERCENT, 1, language))}"
    whole = rounded == rounded.to_integral_value()
    return _POLICIES[language].percent.format(_decimal(rounded, 0 if whole else digits, language))


def _rounded_percent(percent: Decimal) -> tuple[Decimal, int]:
    digits = 1 if abs(percent) < 5 or 99 < percent < 100 else 0
    return percent.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP), digits


def rounded(number: float, unit: str, language: str) -> str:
    """A round number of a figure's unit, without the zeros that would feign precision: ``5 K``, ``$1.5 M``, ``35%``."""
    if unit == "share":
        return share(number, language)
    if unit == "count":
        return count(number, language)
    exact = Decimal(str(number)).normalize()
    digits = min(len(exact.as_tuple().digits), SIGNIFICANT_DIGITS)
    round_number = exact.quantize(Decimal(1).scaleb(exact.adjusted() - digits + 1), ROUND_HALF_UP)
    printed = _compact(round_number, language, digits)
    return _POLICIES[language].dollars.format(printed) if unit == "usd" else printed


def month_name(month: str, language: str) -> str:
    """The name of a month given as ``YYYY-MM``."""
    return str(get_month_names("wide", context="stand-alone", locale=language)[int(month[5:])])


def month_letter(month: str, language: str) -> str:
    """The one letter a month goes by under a column."""
    return str(get_month_names("narrow", context="stand-alone", locale=language)[int(month[5:])])


def month_and_year(month: str, language: str) -> str:
    """A month given as ``YYYY-MM`` with its year: ``May 2021``, ``mayo de 2021``."""
    return _POLICIES[language].month_of_year.format(month_name(month, language), month[:4])


def months(first: str, last: str, language: str) -> str:
    """A period in words: ``January–December 2021``, ``enero–diciembre de 2021``."""
    end = month_and_year(last, language)
    if first == last:
        return end
    if first[:4] == last[:4]:
        return f"{month_name(first, language)}–{end}"
    return f"{month_and_year(first, language)} – {end}"


def date(iso: str, language: str) -> str:
    """A day given as ``YYYY-MM-DD`` in words; other texts stay as they are."""
    try:
        return str(
            format_date(datetime.date.fromisoformat(iso), format="long", locale=_LOCALES.get(language, language))
        )
    except ValueError:
        return iso


def in_sentence(text: str, language: str) -> str:
    """The text with millions of people as Spanish and Portuguese say them: ``1,57 millones de personas``."""
    for short, spoken in _IN_SENTENCES.get(language, {}).items():
        text = short.sub(spoken, text)
    return text


def aloud(text: str, language: str) -> str:
    """The text with its numbers as a person says them: ``1.47 million US dollars``, ``1,57 millones``."""
    voice = _VOICES[language]

    def said(found: re.Match[str]) -> str:
        unit = voice.units.get(found["unit"] or "", "")
        few = language == "pt" and found["number"].startswith("1") and found["number"][1:2] in ("", ",")
        number = f"{found['number']} {voice.of_one.get(unit, unit) if few else unit}".rstrip()
        joint = f" {voice.of}" if voice.of and found["unit"] in ("M", "mi", "bi") else ""
        return f"{number}{joint} {voice.dollars}" if found["dollars"] else number

    return re.sub(voice.amount, said, text.replace(f"<{NARROW_SPACE}", f"{voice.less} "))


def listed(texts: Sequence[str], language: str) -> str:
    """Texts as a list in words: ``a, b and c``."""
    return str(format_list(texts, locale=_LOCALES.get(language, language)))


def quoted(text: str, language: str) -> str:
    """A text between the quotation marks of the language."""
    return _POLICIES[language].quotes.format(text)


@lru_cache(maxsize=4096)
def _compact(number: float | Decimal, language: str, significant: int = SIGNIFICANT_DIGITS) -> str:
    """A number in full where it is small, else with so many digits and the short word for its power of ten."""
    exact, policy = Decimal(str(number)), _POLICIES[language]
    least = exact.adjusted() - significant + 1 if abs(exact) >= policy.short_from else 0
    shown = exact.quantize(Decimal(1).scaleb(least), ROUND_HALF_UP)
    if abs(shown) < policy.short_from:
        return _decimal(shown, 0, language)
    power, unit = next(
        (power, unit)
        for power, unit in zip(_POWERS, policy.units, strict=True)
        if unit and abs(shown) >= Decimal(10) ** power
    )
    scaled = shown.scaleb(-power)
    digits = max(significant - 1 - scaled.adjusted(), 0)
    return f"{_decimal(scaled, digits, language)}{NARROW_SPACE}{unit}"


def _decimal(number: Decimal, digits: int, language: str) -> str:
    policy = _POLICIES[language]
    printed = f"{number + 0:,.{digits}f}" if abs(number) >= policy.short_from else f"{number + 0:.{digits}f}"
    return printed.translate(_signs(language))


@cache
def _signs(language: str) -> dict[int, str]:
    """What a language writes for the signs that Python writes."""
    return str.maketrans({",": _POLICIES[language].thousands, ".": get_decimal_symbol(language), "-": "−"})
