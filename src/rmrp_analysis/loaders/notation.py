"""How a column writes its numbers and its months. All of its cells decide, never one; what reads two ways is refused.

In Latin America a number is ``1.234,5`` or ``1,234.5``, ``1 234`` or ``1'234``, ``(12)`` for -12, ``12 personas``; a
month is ``01/02/2021``, ``1-feb-21``, ``enero 2021``. A cell that can be read in one way alone shows the way of its
column.
"""

import datetime
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from rmrp_analysis.vocabulary import MONTH_NUMBERS, MONTH_PATTERN, fold

POINT, COMMA = "1,234.5", "1.234,5"
"""The two notations of numbers, as ``sources.yml`` names them: with a decimal point, with a decimal comma."""

DAY_FIRST, MONTH_FIRST = "day first", "month first"
PEOPLE, USD, SHARE = "people", "USD", "share 0-1"
MIN_ALIKE = 3
"""So many different cells of one form make a custom; fewer may be chance."""

MONTHS, DAYS, CENTURY = 12, 31, 2000
EXCEL_DAY_0 = datetime.date(1899, 12, 30)
_UNITS: Mapping[str, re.Pattern[str]] = {
    unit: re.compile(rf"(?:{words})?\s*(?P<number>\(?[-+.,' \d]*\d[-+.,' \de]*\)?)\s*(?:(?:{words})\.?)?")
    for unit, words in {
        PEOPLE: "personas?|pers|pessoas?|people|persons?|beneficiari[oa]s?|individuos?|individuals?|p",
        USD: r"us ?\$|u\$[sd]|usd|\$|dolar(?:es)?|dollars?",
        SHARE: "%",
        "units": "unidad(?:es)?|unidades?|units?",
    }.items()
}
"""A number with the words that may stand at one of this unit; any other word makes it no number."""

_BLANKS = str.maketrans(dict.fromkeys("\u00a0\u2007\u2009\u202f\t", " "))
_GROUPING = re.compile(r"(?<=\d)[ '](?=\d{3}(?!\d))")
_FORM = {
    POINT: re.compile(r"(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+"),
    COMMA: re.compile(r"(?:[1-9]\d{0,2}(?:\.\d{3})+|\d+)(?:,\d*)?|,\d+"),
}
_OF_A_PROGRAM = re.compile(r"\d(?:\.\d+)?e-\d+|\de\+?\d+")
"""``1e+05`` and ``1.5e-07``, as R and Python write them; ``1.23E+05`` was cut by a spreadsheet and is no number."""

_YEAR_FIRST = re.compile(r"(\d{4})(?:[/.-](\d{1,2})(?:[/.-](\d{1,2}))?|(\d\d)(\d\d)?)(?:[t ][\d:.]+)?")
_YEAR_LAST = re.compile(r"(?:(\d{1,2})[/. -])?(\d{1,2})[/. -](\d{4}|\d{2})(?: [\d:.]+(?: ?[ap]\.? ?m\.?)?)?")
_SERIAL = re.compile(r"([34]\d{4})(?:\.\d+)?")


class TwoWays(Exception):
    """A column reads two ways: by what cells, and the two readings of each."""

    def __init__(self, kind: str, cells: Collection[str], readings: str) -> None:
        super().__init__(readings)
        self.kind, self.cells, self.readings = kind, cells, readings


class Number(NamedTuple):
    """A cell as a number with a decimal point, and with a decimal comma; None where it is no number so."""

    point: float | None
    comma: float | None

    @property
    def unsure(self) -> bool:
        """Whether the two readings differ."""
        return self.point is not None and self.comma is not None and self.point != self.comma

    @property
    def notation(self) -> str:
        """The only notation in which it is a number; empty where both or none will do."""
        if (self.point is None) == (self.comma is None):
            return ""
        return POINT if self.comma is None else COMMA


NO_NUMBER = Number(None, None)


def of_digits(text: str) -> bool:
    """Return whether a text is a number that reads in one way alone, as most are."""
    return text.isascii() and text.isdecimal()


def number(text: str, unit: str) -> Number:
    """Return the two readings of a cell.

    >>> number("1.234", "people"), number("(1 234,5)", "USD"), number("12 de 15", "people")
    (Number(point=1.234, comma=1234.0), Number(point=None, comma=-1234.5), Number(point=None, comma=None))
    """
    if of_digits(text):
        return Number(whole := float(text), whole)
    if any(sign.isnumeric() and not sign.isdecimal() for sign in text):  # the mark of a footnote: 120¹ is not 1201
        return NO_NUMBER
    plain = fold(unicodedata.normalize("NFKC", text).translate(_BLANKS).removeprefix("'").rstrip("*†‡ "))
    match = _UNITS[unit if unit in _UNITS else "units"].fullmatch(plain)
    if not match:
        return NO_NUMBER
    body = match["number"].strip()
    in_brackets = body.startswith("(") and body.endswith(")")
    body = body[1:-1].strip() if in_brackets else body
    sign = body[0] if body[0] in "+-" else body[-1] if body[-1] in "+-" else ""
    body = body.removeprefix(sign).strip() if body.startswith(sign) else body.removesuffix(sign).strip()
    if sign and in_brackets:
        return NO_NUMBER
    scale = (-1.0 if in_brackets or sign == "-" else 1.0) / (100.0 if "%" in plain else 1.0)
    if _OF_A_PROGRAM.fullmatch(body):
        return Number(scale * float(body), None if "." in body else scale * float(body))
    digits = _GROUPING.sub("", body)
    marks = {POINT: (",", ""), COMMA: (".", "")}
    readings = {
        notation: scale * float(digits.replace(*marks[notation]).replace(",", "."))
        for notation, form in _FORM.items()
        if form.fullmatch(digits)
    }
    return Number(readings.get(POINT), readings.get(COMMA))


def notation_of(numbers: Mapping[str, Number], *, unit: str, elsewhere: str = "") -> str:
    """Return the notation of a column, from its different cells: ``POINT`` or ``COMMA``.

    ``elsewhere`` is the notation of the file's other columns. Where no cell shows it, people are whole: three cells
    such as ``1.234`` are thousands, if no number from 1000 on is written without a mark. Raises ``TwoWays``.
    """
    clear = {notation: [text for text, cell in numbers.items() if cell.notation == notation] for notation in _FORM}
    unsure = [text for text, cell in numbers.items() if cell.unsure]
    if clear[POINT] and clear[COMMA]:
        cells = [*clear[POINT], *clear[COMMA]]
        readings = f"'{clear[POINT][0]}' has a decimal point, '{clear[COMMA][0]}' a decimal comma"
        raise TwoWays("numbers", [*cells, *unsure], readings)
    clear_notation = POINT if clear[POINT] else COMMA if clear[COMMA] else ""
    if not unsure:
        return clear_notation or POINT
    grouped = {COMMA if abs(numbers[text].comma or 0) > abs(numbers[text].point or 0) else POINT for text in unsure}
    without_mark = any((cell.point or 0.0) >= 1000 and text.isdecimal() for text, cell in numbers.items())
    custom = len(unsure) >= MIN_ALIKE and not without_mark and unit == PEOPLE
    if unit == SHARE and not clear_notation and len(grouped) == 1:
        return POINT if grouped == {COMMA} else COMMA
    if len(grouped) == 1:
        (of_thousands,) = grouped
        agreed = clear_notation or elsewhere or (of_thousands if custom else "")
        if agreed == of_thousands or (agreed and unit != PEOPLE):
            return agreed
    example = numbers[unsure[0]]
    low, high = sorted((example.point or 0.0, example.comma or 0.0), key=abs)
    raise TwoWays("numbers", unsure, f"'{unsure[0]}' is {high:,.10g} or {low:.10g}")


def months(texts: Iterable[str], *, year: int, order: str = "") -> dict[str, str | None]:
    """Return the month ``YYYY-MM`` of each different cell; None where it is none.

    A name without a year is of the plan year.
    ``order`` is that of day and month in ``01/02/2021``; without it the column shows it: a part above 12 is the day,
    and so is one that never changes while the other has three values or more. Raises ``TwoWays``.

    >>> months(["ene-21", "1-feb-21", "marzo de 2021", "2021/4", "44320"], year=2021)
    {'ene-21': '2021-01', '1-feb-21': '2021-02', 'marzo de 2021': '2021-03', '2021/4': '2021-04', '44320': '2021-05'}
    """
    texts = list(texts)
    order = order or order_of(texts)
    month_by_text: dict[str, str | None] = {}
    for text in texts:
        match = _YEAR_LAST.fullmatch(cell := _without_mark(text))
        if match and match[1]:
            first_number, second_number, cell_year = map(int, match.groups())
            day, month = (first_number, second_number) if order == DAY_FIRST else (second_number, first_number)
            month_by_text[text] = _month(cell_year, month, day)
        else:
            month_by_text[text] = _one_way(cell, year)
    return month_by_text


def _without_mark(text: str) -> str:
    """Return a cell folded, without the apostrophe by which Excel keeps it a text."""
    return fold(text).removeprefix("'").lstrip()


def order_of(texts: Iterable[str]) -> str:
    """Return which of day and month comes first in the dates of a column. Raises ``TwoWays``."""
    cells = {text: _without_mark(text) for text in texts}
    matches = {text: _YEAR_LAST.fullmatch(cell) for text, cell in cells.items()}
    dates = {text: tuple(map(int, match.groups())) for text, match in matches.items() if match and match[1]}
    first_numbers, second_numbers = {date[0] for date in dates.values()}, {date[1] for date in dates.values()}
    # Days and months under each order.
    parts = {DAY_FIRST: (first_numbers, second_numbers), MONTH_FIRST: (second_numbers, first_numbers)}
    possible = [order for order, (_, of_months) in parts.items() if max(of_months, default=0) <= MONTHS]
    unlike = {text: date for text, date in dates.items() if date[0] != date[1]}
    if not unlike:
        return DAY_FIRST
    if not possible:
        day, month = (next(text for text, date in dates.items() if date[part] > MONTHS) for part in (0, 1))
        raise TwoWays("dates", list(dates), f"'{day}' begins with the day, '{month}' with the month")
    if len(possible) == 1:
        days, _ = parts[possible[0]]
        years = {text: _YEAR_FIRST.fullmatch(cell) for text, cell in cells.items()}
        of_dates = [int(match[3]) for match in years.values() if match and match[3]]
        if of_dates and max(of_dates) <= MONTHS < min(days):
            readings = f"'{next(iter(dates))}' is text, but dates up to the 12th are not: day and month changed places"
            raise TwoWays("dates", [*dates, *(text for text, match in years.items() if match)], readings)
        return possible[0]
    steady = [order for order, (days, of_months) in parts.items() if len(days) == 1 and len(of_months) >= MIN_ALIKE]
    if len(steady) == 1:
        return steady[0]
    text, (first_number, second_number, _) = next(iter(unlike.items()))
    readings = (
        f"'{text}' is day {first_number} of month {second_number}, or day {second_number} of month {first_number}"
    )
    raise TwoWays("dates", list(unlike), readings)


def _one_way(cell: str, year: int) -> str | None:
    """Return the month of a cell whose order of day and month is plain, or that names no day."""
    if match := _YEAR_FIRST.fullmatch(cell):
        return _month(int(match[1]), int(match[2] or match[4]), int(match[3] or match[5] or 1))
    if match := _YEAR_LAST.fullmatch(cell):  # month and year
        return _month(int(match[3]), int(match[2]))
    if match := _SERIAL.fullmatch(cell):  # a date that lost its format: days since the end of 1899
        date = EXCEL_DAY_0 + datetime.timedelta(days=int(match[1]))
        return _month(date.year, date.month) if date.year == year else None
    words = [word for word in re.split(r"[\s/.,-]+", cell) if word and word not in ("de", "del", "of")]
    month_words = [word for word in words if word in MONTH_NUMBERS]
    numbers = [int(word) for word in words if word.isdecimal()]
    if len(month_words) != 1 or len(month_words) + len(numbers) != len(words):
        return _month(year, numbers[0]) if len(words) == len(numbers) == 1 else None
    # ``enero``, ``enero 2021``, ``ene-21``, ``1-feb``, ``5 de mayo de 2021``, ``May 5, 2021``
    month = int(MONTH_NUMBERS[month_words[0]])
    *days, last_number = numbers or [year]
    if len(numbers) == 1 and words[0] != month_words[0] and last_number <= DAYS:
        return _month(year, month, last_number)
    years = (year - 1, year, year + 1)
    is_year = last_number in years or last_number + CENTURY in years or last_number > CENTURY
    return _month(last_number, month, *days) if is_year else None


def _month(year: int, month: int, day: int = 1, *_: int) -> str | None:
    """Return a month as tables hold it; None for a month or day that no calendar has."""
    text = f"{year + CENTURY if year < 100 else year}-{month:02d}"
    return text if re.fullmatch(MONTH_PATTERN, text) and 1 <= day <= DAYS else None
