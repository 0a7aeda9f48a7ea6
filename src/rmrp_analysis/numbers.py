"""How a number is printed: one function a kind, so that 4.91 K is 4.91 K everywhere.

People and money have three significant digits and a short word for their power of ten; most languages print them in
full below 10,000. Counts are printed in full, shares are rounded to whole percent (below 5 % to one decimal).
``languages`` says what a language writes for signs, units and words.
"""

import datetime
import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from math import ceil, isnan

from babel.dates import format_date, format_skeleton, get_month_names
from babel.lists import format_list

from rmrp_analysis.locale.languages import NARROW_SPACE as NARROW_SPACE
from rmrp_analysis.locale.languages import declared

NOTHING = "—"
SIGNIFICANT_DIGITS = 3
_LEAST_PERCENT = Decimal("0.1")


def people(number: float | None, language: str) -> str:
    """People, as ``504 K``, ``14.3 K``, ``127``; in Spanish and Portuguese as ``504 mil``, ``4910``."""
    return NOTHING if number is None else _compact(number, language)


def usd(number: float | None, language: str) -> str:
    """Money, as ``$1.47 M``."""
    if number is None:
        return NOTHING
    amount = declared(language).dollars.format(_compact(abs(number), language))
    return f"−{amount}" if round(number) < 0 else amount


def format_value(number: float | None, unit: str, language: str, decimals: int | None = None) -> str:
    """A number of a unit: ``people``, ``usd``, ``count`` or ``share``; of any other unit, plain.

    With ``decimals``, in full with so many of them. Of the unit ``%``, numbers are percent already.

    >>> format_value(0.1234, "share", "en", 1), format_value(12.34, "%", "es", 1), format_value(7.25, "per 1,000", "en")
    ('12.3%', '12,3\u202f%', '7.25')
    """
    kinds = {"people": people, "usd": usd, "count": count, "share": share}
    if number is None or (decimals is None and unit in kinds):
        return kinds.get(unit, count)(number, language)
    exact, written = Decimal(str(number)) * (100 if unit == "share" else 1), declared(language)
    shown = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) if decimals is not None else None
    text = plain(number, language) if shown is None else _decimal(shown, decimals or 0, language)
    return {"usd": written.dollars, "share": written.percent, "%": written.percent}.get(unit, "{}").format(text)


def exactly(number: float, unit: str, language: str) -> str:
    """A number in full, since rounded ones would often look the same on both sides of a comparison."""
    if isnan(number):
        return NOTHING
    if unit == "share":
        return f"{plain(100 * number, language)}{NARROW_SPACE}%"
    return f"US${NARROW_SPACE}" * (unit == "usd") + count(number, language)


def less_than(number: float, unit: str, language: str) -> str:
    """Fewer than a number of a unit: ``< 10``, ``< 2%``; shares are rounded up, so that it holds."""
    if unit == "share":
        parts = 1000 if number < 0.05 else 100
        number = ceil(round(number * parts, 6)) / parts
    return f"<{NARROW_SPACE}{format_value(number, unit, language)}"


def change(people: float, language: str) -> str:
    """A difference of people with its sign, in full: ``+1,204``; nothing is a dash."""
    return f"{'+' if people > 0 else '−'}{count(abs(people), language)}" if round(people) else NOTHING


def digits_of_thousands(values: Iterable[float]) -> int | None:
    """Give the decimals of a row of counts that has room for them in thousands alone; None where each stands in full.

    A column of a month has room for four digits; of more than half a year, for four in some months alone.
    """
    counts = list(values)
    most, long = max(counts, default=0), sum(count >= 1_000 for count in counts)
    if most < 10_000 and (len(counts) <= 6 or 2 * long <= len(counts)):
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


def in_full(number: float, language: str) -> str:
    """A number with all its digits, up to twelve: ``4,660``, ``1,234.5``."""
    shown = Decimal(f"{number:.12g}")
    return _decimal(shown, max(-int(shown.as_tuple().exponent), 0), language)


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
        return f"<{NARROW_SPACE}{declared(language).percent.format(_decimal(_LEAST_PERCENT, 1, language))}"
    digits = 1 if abs(percent) < 5 or 99 < percent < 100 else 0
    rounded = percent.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    if percent < 100 <= rounded:
        return f">{NARROW_SPACE}{declared(language).percent.format(_decimal(100 - _LEAST_PERCENT, 1, language))}"
    whole = rounded == rounded.to_integral_value()
    return declared(language).percent.format(_decimal(rounded, 0 if whole else digits, language))


def rounded(number: float, unit: str, language: str) -> str:
    """A round number of a figure's unit, without the zeros that would feign precision: ``5 K``, ``$1.5 M``, ``35%``."""
    if unit not in ("people", "usd"):
        return format_value(number, unit, language)
    exact = Decimal(str(number)).normalize()
    digits = min(len(exact.as_tuple().digits), SIGNIFICANT_DIGITS)
    round_number = exact.quantize(Decimal(1).scaleb(exact.adjusted() - digits + 1), ROUND_HALF_UP)
    compact = _compact(round_number, language, digits)
    return declared(language).dollars.format(compact) if unit == "usd" else compact


def month_name(month: str, language: str) -> str:
    """The name of a month given as ``YYYY-MM``."""
    return str(get_month_names("wide", context="stand-alone", locale=language)[int(month[5:])])


def month_letter(month: str, language: str) -> str:
    """The one letter a month goes by under a column."""
    return str(get_month_names("narrow", context="stand-alone", locale=language)[int(month[5:])])


def month_short(month: str, language: str) -> str:
    """The short name of a month given as ``YYYY-MM``, without a point: ``Jan``, ``ene``."""
    names = get_month_names("abbreviated", context="stand-alone", locale=language)
    return str(names[int(month[5:])]).rstrip(".")


@cache
def month_and_year(month: str, language: str) -> str:
    """A month given as ``YYYY-MM`` with its year: ``May 2021``, ``mayo de 2021``."""
    return str(format_skeleton("yMMMM", datetime.date.fromisoformat(f"{month}-01"), locale=language))


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
        day = datetime.date.fromisoformat(iso)
        written = str(format_date(day, format="long", locale=declared(language).regional or language))
        return re.sub(r"^1(?= )", declared(language).first_day, written)
    except ValueError:
        return iso


def in_sentence(text: str, language: str) -> str:
    """The text with millions of people as Spanish and Portuguese say them: ``1,57 millones de personas``."""
    spoken = declared(language)
    if not spoken.millions_of:
        return text

    def in_words(found: re.Match[str]) -> str:
        unit = _unit_in_words(found, language) if spoken.units.get(found["unit"], 0) >= 6 else ""
        return f"{found['number']}{NARROW_SPACE}{unit} {spoken.millions_of}" if unit else found[0]

    return re.sub(rf"{_amount(language).pattern}(?=\s+{spoken.people}\b)", in_words, text)


def to_spoken(text: str, language: str) -> str:
    """The text with its numbers as a person says them: ``1.47 million US dollars``, ``1,57 millones``."""
    voice = declared(language)

    def said(found: re.Match[str]) -> str:
        words = [found["number"], _unit_in_words(found, language)]
        words += [voice.millions_of] if voice.units.get(found["unit"], 0) >= 6 and found["dollars"] else []
        return " ".join(filter(None, [*words, voice.spoken_dollars if found["dollars"] else ""]))

    return re.sub(_amount(language), said, text.replace(f"<{NARROW_SPACE}", f"{voice.less_than} "))


def join_names(texts: Sequence[str], language: str) -> str:
    """Texts as a list in words: ``a, b and c``."""
    return str(format_list(texts, locale=declared(language).regional or language))


@lru_cache(maxsize=4096)
def _compact(number: float | Decimal, language: str, significant: int = SIGNIFICANT_DIGITS) -> str:
    """A number in full where it is small, else with so many digits and the short word for its power of ten."""
    exact, least_unit = Decimal(str(number)), declared(language).in_full_below
    least = exact.adjusted() - significant + 1 if abs(exact) >= least_unit else 0
    shown = exact.quantize(Decimal(1).scaleb(least), ROUND_HALF_UP)
    units = declared(language).units.items() if abs(shown) >= least_unit else ()
    unit, power = next(((unit, power) for unit, power in units if abs(shown) >= Decimal(10) ** power), ("", 0))
    if not unit:
        return _decimal(shown, 0, language)
    scaled = shown.scaleb(-power)
    digits = max(significant - 1 - scaled.adjusted(), 0)
    return f"{_decimal(scaled, digits, language)}{NARROW_SPACE}{unit}"


def _decimal(number: Decimal, digits: int, language: str) -> str:
    written = declared(language)
    printed = f"{number + 0:,.{digits}f}" if abs(number) >= written.in_full_below else f"{number + 0:.{digits}f}"
    return printed.translate(written.signs)


@cache
def _amount(language: str) -> re.Pattern[str]:
    """Amounts as they are printed: with a sign of dollars, with a unit, or with both."""
    number = rf"(?P<number>\d(?:[\d.,]|{NARROW_SPACE}(?=\d))*(?<![.,]))"
    units, dollars = "|".join(map(re.escape, declared(language).units)), declared(language).dollars.partition("{}")[0]
    return re.compile(rf"(?P<dollars>{re.escape(dollars)})?{number}(?:{NARROW_SPACE}(?P<unit>{units})\b)?")


def _unit_in_words(found: re.Match[str], language: str) -> str:
    written = declared(language)
    number = found["number"].replace(written.thousands, "").replace(written.decimal, ".")
    return written.spoken_unit(written.units[found["unit"]], float(number)) if found["unit"] else ""
