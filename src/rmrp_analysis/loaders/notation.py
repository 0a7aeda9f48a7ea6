"""The notation of a column's numbers and months. All cells decide, never one. A column that reads two ways is refused.

In Latin America a number is ``1.234,5`` or ``1,234.5``, ``1 234`` or ``1'234``, ``(12)`` for -12, ``12 personas``. A
month is ``01/02/2021``, ``1-feb-21``, ``enero 2021``. A cell with only one reading shows the notation of its column.
"""

import datetime
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from rmrp_analysis.vocabulary import MONTH_NUMBER_BY_NAME, MONTH_PATTERN, fold

POINT, COMMA = "1,234.5", "1.234,5"
"""The two notations of numbers, as ``sources.yml`` names them: with a decimal point, with a decimal comma."""

DAY_FIRST, MONTH_FIRST = "day first", "month first"
"""The two orders of day and month, as ``sources.yml`` names them."""
PEOPLE_UNIT, USD_UNIT, SHARE_UNIT = "people", "USD", "share 0-1"
"""Units of columns of numbers, as ``columns.csv`` writes them."""
MIN_SIMILAR_CELLS = 3
"""Fewer different cells of the same form may be chance."""

MAX_MONTH_NUMBER, MAX_DAY_NUMBER, CENTURY_START = 12, 31, 2000
"""The largest numbers of a month and of a day, and the year that two digits are added to."""
EXCEL_DAY_0 = datetime.date(1899, 12, 30)
"""The day from which spreadsheets count the days of a date."""
_PATTERN_BY_UNIT: Mapping[str, re.Pattern[str]] = {
    unit: re.compile(rf"(?:{words})?\s*(?P<number>\(?[-+.,' \d]*\d[-+.,' \de]*\)?)\s*(?:(?:{words})\.?)?")
    for unit, words in {
        PEOPLE_UNIT: "personas?|pers|pessoas?|people|persons?|beneficiari[oa]s?|individuos?|individuals?|p",
        USD_UNIT: r"us ?\$|u\$[sd]|usd|\$|dolar(?:es)?|dollars?",
        SHARE_UNIT: "%",
        "units": "unidad(?:es)?|unidades?|units?",
    }.items()
}
"""A number with the words of its unit. With any other word it is no number."""

_BLANK_TRANSLATION_TABLE = str.maketrans(dict.fromkeys("\u00a0\u2007\u2009\u202f\t", " "))
"""Special blanks and tabs, each with the plain blank."""
_GROUPING_MARK_PATTERN = re.compile(r"(?<=\d)[ '](?=\d{3}(?!\d))")
"""A blank or apostrophe between thousands."""
_PATTERN_BY_NOTATION = {
    POINT: re.compile(r"(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+"),
    COMMA: re.compile(r"(?:[1-9]\d{0,2}(?:\.\d{3})+|\d+)(?:,\d*)?|,\d+"),
}
"""How a number without sign is written in each notation."""
_EXPONENT_PATTERN = re.compile(r"\d(?:\.\d+)?e-\d+|\de\+?\d+")
"""``1e+05`` and ``1.5e-07``, as R and Python write them. ``1.23E+05`` was cut by a spreadsheet and is no number."""

_YEAR_FIRST_PATTERN = re.compile(r"(\d{4})(?:[/.-](\d{1,2})(?:[/.-](\d{1,2}))?|(\d\d)(\d\d)?)(?:[t ][\d:.]+)?")
"""A date or month that begins with the year."""
_YEAR_LAST_PATTERN = re.compile(r"(?:(\d{1,2})[/. -])?(\d{1,2})[/. -](\d{4}|\d{2})(?: [\d:.]+(?: ?[ap]\.? ?m\.?)?)?")
"""A date or month in numbers that ends with the year."""
_EXCEL_DATE_PATTERN = re.compile(r"([34]\d{4})(?:\.\d+)?")
"""A date as the number of days that a spreadsheet keeps."""


class TwoWays(Exception):
    """A column reads two ways.

    ``kind`` is *numbers* or *dates*, and ``cells`` are the cells concerned. ``readings`` is a sentence with the two
    readings of a cell, or with two cells that contradict each other.
    """

    def __init__(self, kind: str, cells: Collection[str], readings: str) -> None:
        """Keep the cells that read two ways. ``readings`` is also the message."""
        super().__init__(readings)
        self.kind, self.cells, self.readings = kind, cells, readings


class Number(NamedTuple):
    """A cell as a number with a decimal point, and with a decimal comma. None if it is no such number."""

    point: float | None
    comma: float | None

    @property
    def unsure(self) -> bool:
        """Whether it is a number in both notations, but not the same one."""
        return self.point is not None and self.comma is not None and self.point != self.comma

    @property
    def notation(self) -> str:
        """The only notation in which it is a number. Empty if it is a number in both or in neither."""
        if (self.point is None) == (self.comma is None):
            return ""
        return POINT if self.comma is None else COMMA


NO_NUMBER = Number(None, None)
"""The readings of a cell that is no number in any notation."""


def of_digits(text: str) -> bool:
    """Return whether a text has only ASCII digits. Such a text reads only one way."""
    return text.isascii() and text.isdecimal()


def number(text: str, unit: str) -> Number:
    """Return a cell as a number: with a decimal point, and with a decimal comma.

    Words of its ``unit`` may stand next to it. A percent sign divides it by 100, brackets make it negative.

    >>> number("1.234", "people"), number("(1 234,5)", "USD"), number("12 de 15", "people")
    (Number(point=1.234, comma=1234.0), Number(point=None, comma=-1234.5), Number(point=None, comma=None))
    """
    if of_digits(text):
        return Number(value := float(text), value)
    if any(sign.isnumeric() and not sign.isdecimal() for sign in text):
        # The mark of a footnote: 120¹ is not 1201
        return NO_NUMBER
    plain = unicodedata.normalize("NFKC", text).translate(_BLANK_TRANSLATION_TABLE)
    plain = fold(plain.removeprefix("'").rstrip("*†‡ "))
    match = _PATTERN_BY_UNIT[unit if unit in _PATTERN_BY_UNIT else "units"].fullmatch(plain)
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
    if _EXPONENT_PATTERN.fullmatch(body):
        return Number(scale * float(body), None if "." in body else scale * float(body))
    digits = _GROUPING_MARK_PATTERN.sub("", body)
    marks = {POINT: (",", ""), COMMA: (".", "")}
    values = {
        notation: scale * float(digits.replace(*marks[notation]).replace(",", "."))
        for notation, form in _PATTERN_BY_NOTATION.items()
        if form.fullmatch(digits)
    }
    return Number(values.get(POINT), values.get(COMMA))


def notation_of(numbers: Mapping[str, Number], *, unit: str, elsewhere: str = "") -> str:
    """Return the notation of a column, from its different cells: ``POINT`` or ``COMMA``.

    If no cell shows it and none reads two ways, it is ``POINT``. If cells read two ways, a share is the smaller number,
    and any other unit has the notation of the file's other columns (``elsewhere``). Without that, three cells of people
    such as ``1.234`` are thousands, if no number from 1000 on is written without a mark. Raises ``TwoWays`` if cells
    contradict each other, leave it open, or would be fractions of people.
    """
    points = [text for text, cell in numbers.items() if cell.notation == POINT]
    commas = [text for text, cell in numbers.items() if cell.notation == COMMA]
    unsure = [text for text, cell in numbers.items() if cell.unsure]
    if points and commas:
        readings = f"'{points[0]}' has a decimal point, '{commas[0]}' a decimal comma"
        raise TwoWays("numbers", [*points, *commas, *unsure], readings)
    certain = POINT if points else COMMA if commas else ""
    if not unsure:
        return certain or POINT
    grouped = {COMMA if abs(numbers[text].comma or 0) > abs(numbers[text].point or 0) else POINT for text in unsure}
    has_plain = any((cell.point or 0.0) >= 1000 and text.isdecimal() for text, cell in numbers.items())
    is_custom = len(unsure) >= MIN_SIMILAR_CELLS and not has_plain and unit == PEOPLE_UNIT
    if unit == SHARE_UNIT and not certain and len(grouped) == 1:
        return POINT if grouped == {COMMA} else COMMA
    if len(grouped) == 1:
        (thousands,) = grouped
        agreed = certain or elsewhere or (thousands if is_custom else "")
        if agreed == thousands or (agreed and unit != PEOPLE_UNIT):
            return agreed
    example = numbers[unsure[0]]
    low, high = sorted((example.point or 0.0, example.comma or 0.0), key=abs)
    raise TwoWays("numbers", unsure, f"'{unsure[0]}' is {high:,.10g} or {low:.10g}")


def months(texts: Iterable[str], *, year: int, order: str = "") -> dict[str, str | None]:
    """Return the month ``YYYY-MM`` of each different cell. None if it is no month.

    A month without a year is in the plan year. ``order`` is the order of day and month in ``01/02/2021``. By default
    the column shows it (see ``order_of``). Raises ``TwoWays`` if it does not.

    >>> months(["ene-21", "1-feb-21", "marzo de 2021", "2021/4", "44320"], year=2021)
    {'ene-21': '2021-01', '1-feb-21': '2021-02', 'marzo de 2021': '2021-03', '2021/4': '2021-04', '44320': '2021-05'}
    """
    texts = list(texts)
    order = order or order_of(texts)
    result: dict[str, str | None] = {}
    for text in texts:
        match = _YEAR_LAST_PATTERN.fullmatch(cell := _without_mark(text))
        if match and match[1]:
            first, second, century = map(int, match.groups())
            day, month = (first, second) if order == DAY_FIRST else (second, first)
            result[text] = _month(century, month, day)
        else:
            result[text] = _one_way(cell, year)
    return result


def _without_mark(text: str) -> str:
    """Return a folded cell without the apostrophe by which Excel keeps it a text."""
    return fold(text).removeprefix("'").lstrip()


def _check_year_first_dates(
    plain_cell_by_text: Mapping[str, str], date_by_text: Mapping[str, tuple[int, ...]], first_day_number: int
) -> None:
    """Raise ``TwoWays`` if only the dates up to the 12th begin with the year. A program then took days for months.

    ``date_by_text`` are the other dates. ``first_day_number`` is the smallest day of these dates.
    """
    matches = {text: _YEAR_FIRST_PATTERN.fullmatch(cell) for text, cell in plain_cell_by_text.items()}
    days = [int(match[3]) for match in matches.values() if match and match[3]]
    if days and max(days) <= MAX_MONTH_NUMBER < first_day_number:
        cells = [*date_by_text, *(text for text, match in matches.items() if match)]
        readings = (
            f"'{next(iter(date_by_text))}' is text, but dates up to the 12th are not: day and month changed places"
        )
        raise TwoWays("dates", cells, readings)


def order_of(texts: Iterable[str]) -> str:
    """Return ``DAY_FIRST`` or ``MONTH_FIRST``, as the dates of a column show.

    If it makes no difference, or there are no such dates, it is ``DAY_FIRST``. A number above 12 is the day. A number
    that never changes is also the day, if the other has three values or more. Raises ``TwoWays`` if dates contradict
    each other, or leave it open.
    """
    cells = {text: _without_mark(text) for text in texts}
    matches = {text: _YEAR_LAST_PATTERN.fullmatch(cell) for text, cell in cells.items()}
    dates = {text: tuple(map(int, match.groups())) for text, match in matches.items() if match and match[1]}
    first = {date[0] for date in dates.values()}
    second = {date[1] for date in dates.values()}
    # Days and months under each order.
    parts = {DAY_FIRST: (first, second), MONTH_FIRST: (second, first)}
    possible = [order for order, (_, months) in parts.items() if all(number <= MAX_MONTH_NUMBER for number in months)]
    unlike = {text: date for text, date in dates.items() if date[0] != date[1]}
    if not unlike:
        return DAY_FIRST
    if not possible:
        day, month = (next(text for text, date in dates.items() if date[part] > MAX_MONTH_NUMBER) for part in (0, 1))
        raise TwoWays("dates", list(dates), f"'{day}' begins with the day, '{month}' with the month")
    if len(possible) == 1:
        days, _ = parts[possible[0]]
        _check_year_first_dates(cells, dates, min(days))
        return possible[0]
    steady = [order for order, (days, months) in parts.items() if len(days) == 1 and len(months) >= MIN_SIMILAR_CELLS]
    if len(steady) == 1:
        return steady[0]
    text, (start, middle, _) = next(iter(unlike.items()))
    readings = f"'{text}' is day {start} of month {middle}, or day {middle} of month {start}"
    raise TwoWays("dates", list(unlike), readings)


def _one_way(cell: str, year: int) -> str | None:
    """Return the month of a cell that reads only one way. None for any other cell.

    A month without a year is in ``year``. A spreadsheet's number of days counts only for dates in ``year``.
    """
    if match := _YEAR_FIRST_PATTERN.fullmatch(cell):
        return _month(int(match[1]), int(match[2] or match[4]), int(match[3] or match[5] or 1))
    if match := _YEAR_LAST_PATTERN.fullmatch(cell):  # month and year
        return _month(int(match[3]), int(match[2]))
    if match := _EXCEL_DATE_PATTERN.fullmatch(cell):  # a date that lost its format: days since the end of 1899
        date = EXCEL_DAY_0 + datetime.timedelta(days=int(match[1]))
        return _month(date.year, date.month) if date.year == year else None
    words = [word for word in re.split(r"[\s/.,-]+", cell) if word and word not in ("de", "del", "of")]
    names = [word for word in words if word in MONTH_NUMBER_BY_NAME]
    numbers = [int(word) for word in words if word.isdecimal()]
    if len(names) != 1 or len(names) + len(numbers) != len(words):
        return _month(year, numbers[0]) if len(words) == len(numbers) == 1 else None
    # ``enero``, ``enero 2021``, ``ene-21``, ``1-feb``, ``5 de mayo de 2021``, ``May 5, 2021``
    month = int(MONTH_NUMBER_BY_NAME[names[0]])
    *days, final = numbers or [year]
    if len(numbers) == 1 and words[0] != names[0] and final <= MAX_DAY_NUMBER:
        return _month(year, month, final)
    years = (year - 1, year, year + 1)
    is_year = final in years or final + CENTURY_START in years or final > CENTURY_START
    return _month(final, month, *days) if is_year else None


def _month(year: int, month: int, day: int = 1, *_: int) -> str | None:
    """Return a month as ``YYYY-MM``, with year 21 as 2021. None for a month or day that no calendar has."""
    text = f"{year + CENTURY_START if year < 100 else year}-{month:02d}"
    return text if re.fullmatch(MONTH_PATTERN, text) and 1 <= day <= MAX_DAY_NUMBER else None
