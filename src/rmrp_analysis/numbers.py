"""Print numbers, months and lists: one function for each kind, so 4.91 K is 4.91 K everywhere.

People and money have three significant digits and a short word for their power of ten. Most languages print them in
full below 10,000. Counts are printed in full, shares are rounded to whole percent (below 5 % to one decimal).
``locale.languages`` gives the signs, units and words of a language.
"""

import datetime
import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from math import ceil, isnan
from typing import Literal

from babel.dates import format_date, format_skeleton, get_month_names
from babel.lists import format_list

from rmrp_analysis.locale.languages import NARROW_SPACE as NARROW_SPACE
from rmrp_analysis.locale.languages import declared
from rmrp_analysis.packs import pack

NO_NUMBER_TEXT = "—"
SIGNIFICANT_DIGITS = 3
_FEWER_PATTERN = re.compile(rf"<{NARROW_SPACE}(?=\d[\d.,]*(?![\d.,]|{NARROW_SPACE}?%))")
"""The sign before a limit of people, not before a share or an amount of money: people are counted."""
_MIN_PERCENT = Decimal("0.1")
"""The smallest share in print, in percent. A smaller one is printed as less than this."""


def people(number: float | None, language: str) -> str:
    """Print people in three digits, as ``504 K``, ``14.3 K``, ``127``, in Spanish as ``504 mil``. None is a dash."""
    return NO_NUMBER_TEXT if number is None else _write_compact(number, language)


def usd(number: float | None, language: str) -> str:
    """Print US dollars in three digits, as ``$1.47 M``, ``−$2 M``. None is a dash."""
    if number is None:
        return NO_NUMBER_TEXT
    amount = declared(language).dollars.format(_write_compact(abs(number), language))
    return f"−{amount}" if round(number) < 0 else amount


def format_value(number: float | None, unit: str, language: str, decimals: int | None = None) -> str:
    """Print a number of a unit: ``people``, ``usd``, ``count`` or ``share``, and any other unit as ``plain`` does.

    With ``decimals``, the number is in full with that many decimals. Numbers of the unit ``%`` are percent already.
    None is a dash.

    >>> format_value(0.1234, "share", "en", 1), format_value(12.34, "%", "es", 1), format_value(7.25, "per 1,000", "en")
    ('12.3%', '12,3\u202f%', '7.25')
    """
    kinds = {"people": people, "usd": usd, "count": count, "share": share}
    if number is None or (decimals is None and unit in kinds):
        return kinds.get(unit, count)(number, language)
    if decimals is None:
        text = plain(number, language)
    else:
        exact = Decimal(str(number)) * (100 if unit == "share" else 1)
        text = _write_decimal(exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP), decimals, language)
    if unit == "usd":
        return _write_dollars(text, language)
    return declared(language).percent.format(text) if unit in ("share", "%") else text


def exactly(number: float, unit: str, language: str) -> str:
    """Print a number in full, for comparisons: shares as percent in four digits, others whole. NaN is a dash."""
    if isnan(number):
        return NO_NUMBER_TEXT
    if unit == "share":
        return declared(language).percent.format(plain(100 * number, language))
    return _write_dollars(count(number, language), language) if unit == "usd" else count(number, language)


def less_than(number: float, unit: str, language: str) -> str:
    """Print "fewer than" a number of a unit: ``< 10``, ``< 2%``. Shares are rounded up, so the text is true."""
    if unit == "share":
        parts = 1000 if number < 0.05 else 100
        number = ceil(round(number * parts, 6)) / parts
    return f"<{NARROW_SPACE}{format_value(number, unit, language)}"


def change(people: float, language: str) -> str:
    """Print a difference of people in full with its sign: ``+1,204``. A dash for 0 or NaN."""
    if isnan(people) or not round(people):
        return NO_NUMBER_TEXT
    return f"{'+' if people > 0 else '−'}{count(abs(people), language)}"


def digits_of_thousands(values: Iterable[float]) -> int | None:
    """Return the decimals, 0 or 1, of counts that have room only in thousands. None if they have room in full.

    They have one decimal if all are below 100,000. They have room in full if all are below 10,000, and if at most half
    of more than six values have four digits.
    """
    counts = list(values)
    largest, long = max(counts, default=0), sum(count >= 1_000 for count in counts)
    if largest < 10_000 and (len(counts) <= 6 or 2 * long <= len(counts)):
        return None
    return 0 if largest >= 100_000 else 1


def thousands(number: float, digits: int, language: str) -> str:
    """Print a count in thousands without its unit: ``22.3``. Instead of 0, print ``less_than_thousands``."""
    rounded = (Decimal(str(number)) / 1000).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return _write_decimal(rounded, digits, language) if rounded else less_than_thousands(number, digits, language)


def less_than_thousands(number: float, digits: int, language: str) -> str:
    """Print "fewer than" a count in thousands without its unit: ``< 0.1``. It is rounded up, so the text is true."""
    step = Decimal(1).scaleb(-digits)
    raised = max((Decimal(str(number)) / 1000).quantize(step, ROUND_CEILING), step)
    return f"<{NARROW_SPACE}{_write_decimal(raised, digits, language)}"


def count(number: float | None, language: str) -> str:
    """Print a count as a whole number in full: ``11,204``, in Spanish ``4910``, ``11 204``. None is a dash."""
    if number is None:
        return NO_NUMBER_TEXT
    return _write_decimal(Decimal(str(number)).quantize(Decimal(1), ROUND_HALF_UP), 0, language)


def in_full(number: float, language: str) -> str:
    """Print a number with all its digits, up to twelve: ``4,660``, ``1,234.5``."""
    rounded = Decimal(f"{number:.12g}")
    return _write_decimal(rounded, max(-int(rounded.as_tuple().exponent), 0), language)


def plain(number: float, language: str) -> str:
    """Print a number without a unit, rounded to four significant digits: ``0.125``, ``22,140``."""
    rounded = Decimal(f"{number:.4g}")
    return _write_decimal(rounded, max(-int(rounded.as_tuple().exponent), 0), language)


def share(number: float | None, language: str) -> str:
    """Print a share (0–1) as percent: ``34%``, ``2.8%``, ``<0.1%``, ``>99.9%``. None is a dash.

    It has one decimal below 5 % and between 99 % and 100 %, unless that is 0.
    """
    if number is None:
        return NO_NUMBER_TEXT
    percent = Decimal(str(number)) * 100
    if 0 < percent < _MIN_PERCENT / 2:
        return f"<{NARROW_SPACE}{declared(language).percent.format(_write_decimal(_MIN_PERCENT, 1, language))}"
    digits = 1 if abs(percent) < 5 or 99 < percent < 100 else 0
    rounded = percent.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    if percent < 100 <= rounded:
        return f">{NARROW_SPACE}{declared(language).percent.format(_write_decimal(100 - _MIN_PERCENT, 1, language))}"
    is_whole = rounded == rounded.to_integral_value()
    return declared(language).percent.format(_write_decimal(rounded, 0 if is_whole else digits, language))


def format_round(number: float, unit: str, language: str) -> str:
    """Print a round number of people or US dollars without zeros that would suggest precision: ``5 K``, ``$1.5 M``.

    Numbers of other units are printed as ``format_value`` does.
    """
    if unit not in ("people", "usd"):
        return format_value(number, unit, language)
    exact = Decimal(str(number)).normalize()
    digits = min(len(exact.as_tuple().digits), SIGNIFICANT_DIGITS)
    rounded = exact.quantize(Decimal(1).scaleb(exact.adjusted() - digits + 1), ROUND_HALF_UP)
    compact = _write_compact(rounded, language, digits)
    return _write_dollars(compact, language) if unit == "usd" else compact


def month_name(month: str, language: str) -> str:
    """Return the name of a month given as ``YYYY-MM``, without its year."""
    return str(get_month_names("wide", context="stand-alone", locale=language)[int(month[5:])])


def month_letter(month: str, language: str) -> str:
    """Return the letter of a month given as ``YYYY-MM``, to stand below a column."""
    return str(get_month_names("narrow", context="stand-alone", locale=language)[int(month[5:])])


def month_short(month: str, language: str) -> str:
    """Return the short name of a month given as ``YYYY-MM``, without a point: ``Jan``, ``ene``."""
    names = get_month_names("abbreviated", context="stand-alone", locale=language)
    return str(names[int(month[5:])]).rstrip(".")


@pack.cached_by_pack
def month_and_year(month: str, language: str) -> str:
    """Print a month given as ``YYYY-MM`` with its year: ``May 2021``, ``mayo de 2021``."""
    return str(format_skeleton("yMMMM", datetime.date.fromisoformat(f"{month}-01"), locale=language))


def months(first: str, last: str, language: str) -> str:
    """Print a period in words: ``January–December 2021``, ``enero–diciembre de 2021``, or one month as ``May 2021``."""
    end = month_and_year(last, language)
    if first == last:
        return end
    if first[:4] == last[:4]:
        return f"{month_name(first, language)}–{end}"
    return f"{month_and_year(first, language)} – {end}"


def date(iso: str, language: str) -> str:
    """Print a day given as ``YYYY-MM-DD`` in words. Other texts stay as they are."""
    try:
        day = datetime.date.fromisoformat(iso)
        text = str(format_date(day, format="long", locale=declared(language).regional or language))
        return re.sub(r"^1(?= )", declared(language).first_day, text)
    except ValueError:
        return iso


def in_sentence(text: str, language: str) -> str:
    """Write millions of people in a text in words: ``1,57 millones de personas``.

    A text stays as it is in a language without this form, such as English.
    """
    spoken = declared(language)
    if not spoken.millions_of:
        return text

    def write_unit_in_words(amount: re.Match[str]) -> str:
        """Return an amount with the word for its millions. A smaller amount stays as it is."""
        unit = _unit_in_words(amount, language) if spoken.units.get(amount["unit"], 0) >= 6 else ""
        return f"{amount['number']}{NARROW_SPACE}{unit} {spoken.millions_of}" if unit else amount[0]

    return re.sub(rf"{_amount_pattern(language).pattern}(?=\s+{spoken.people}\b)", write_unit_in_words, text)


def to_spoken(text: str, language: str) -> str:
    """Write the numbers of a text as a person says them: ``1.47 million US dollars``, ``fewer than 10``."""
    spoken = declared(language)

    def say_amount(amount: re.Match[str]) -> str:
        """Return an amount with its unit and its dollars in words."""
        words = [amount["number"], _unit_in_words(amount, language)]
        if amount["dollars"]:
            words += [spoken.millions_of if spoken.units.get(amount["unit"], 0) >= 6 else "", spoken.spoken_dollars]
        return " ".join(filter(None, words))

    fewer_than = spoken.fewer_than or spoken.less_than
    text = _FEWER_PATTERN.sub(f"{fewer_than} ", text).replace(f"<{NARROW_SPACE}", f"{spoken.less_than} ")
    return re.sub(_amount_pattern(language), say_amount, text)


def join_names(texts: Sequence[str], language: str, style: Literal["standard", "or"] = "standard") -> str:
    """Join texts to a list in words: ``a, b and c``, or with the style *or* ``a, b or c``."""
    return str(format_list(texts, style, declared(language).regional or language))


@pack.cached_by_pack
def _write_compact(number: float | Decimal, language: str, significant: int = SIGNIFICANT_DIGITS) -> str:
    """Print a small number in full, others in ``significant`` digits with the short word for the power of ten."""
    exact, limit = Decimal(str(number)), declared(language).in_full_below
    exponent = exact.adjusted() - significant + 1 if abs(exact) >= limit else 0
    rounded = exact.quantize(Decimal(1).scaleb(exponent), ROUND_HALF_UP)
    units = declared(language).units.items() if abs(rounded) >= limit else ()
    unit, power = next(((unit, power) for unit, power in units if abs(rounded) >= Decimal(10) ** power), ("", 0))
    if not unit:
        return _write_decimal(rounded, 0, language)
    scaled = rounded.scaleb(-power)
    digits = max(significant - 1 - scaled.adjusted(), 0)
    return f"{_write_decimal(scaled, digits, language)}{NARROW_SPACE}{unit}"


def _write_dollars(number_text: str, language: str) -> str:
    """Print an amount with the sign of dollars, which follows a minus."""
    sign = "−" if number_text.startswith("−") else ""
    return sign + declared(language).dollars.format(number_text.removeprefix(sign))


def _write_decimal(number: Decimal, digits: int, language: str) -> str:
    """Print a number with ``digits`` decimals and the signs of the language.

    Numbers below ``in_full_below`` of the language have no sign between thousands.
    """
    signs = declared(language)
    text = f"{number + 0:,.{digits}f}" if abs(number) >= signs.in_full_below else f"{number + 0:.{digits}f}"
    return text.translate(signs.signs)


@pack.cached_by_pack
def _amount_pattern(language: str) -> re.Pattern[str]:
    """Return the pattern of numbers in print: groups ``number``, and ``dollars`` and ``unit`` if they are there."""
    number = rf"(?P<number>\d(?:[\d.,]|{NARROW_SPACE}(?=\d))*(?<![.,]))"
    units = "|".join(map(re.escape, declared(language).units))
    dollars = declared(language).dollars.partition("{}")[0]
    return re.compile(rf"(?P<dollars>{re.escape(dollars)})?{number}(?:{NARROW_SPACE}(?P<unit>{units})\b)?")


def _unit_in_words(amount: re.Match[str], language: str) -> str:
    """Return the word for the unit of an amount. Empty without a unit."""
    words = declared(language)
    number = amount["number"].replace(words.thousands, "").replace(words.decimal, ".")
    return words.spoken_unit(words.units[amount["unit"]], float(number)) if amount["unit"] else ""
