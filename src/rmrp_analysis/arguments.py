"""Arguments as people write them, names or months. A sentence refuses an argument that cannot be read."""

import inspect
import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import wraps
from typing import Annotated, Any, ParamSpec, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, model_validator

from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.messages import say
from rmrp_analysis.vocabulary import MONTH_NUMBER_BY_NAME, MONTH_PATTERN, fold

P = ParamSpec("P")
Result = TypeVar("Result")


def names_in(argument: Any, what: str) -> list[str]:
    """Return a name, or a list of names, as a list.

    Raises ``RequestError`` for anything else, with ``what`` as the name of the argument.
    """
    names = [argument] if isinstance(argument, str) or not isinstance(argument, Iterable) else [*argument]
    for name in names:
        if not isinstance(name, str):
            raise RequestError(say("{what}: write a name or a list of names, not {given}", what=what, given=repr(name)))
    return names


def in_sentences(function: Callable[P, Result], name: str = "") -> Callable[P, Result]:
    """Make a function raise ``RequestError`` for arguments that it does not take, without calling it.

    The sentence names the function by its public ``name``, by default the function's own name.

    >>> @in_sentences
    ... def select(sector, *, place=""): ...
    >>> select("Health", palce="Peru")
    Traceback (most recent call last):
    ...
    rmrp_analysis.errors.RequestError: select() has no 'palce'; did you mean 'place'?
    """
    signature = inspect.signature(function)

    @wraps(function)
    def call(*args: P.args, **options: P.kwargs) -> Result:
        """Call the function. Raise ``RequestError`` if it does not take these arguments."""
        try:
            signature.bind(*args, **options)
        except TypeError as problem:
            allowed = [key for key in signature.parameters if key != "self"]
            unknown = [key for key in options if key not in allowed]
            fault = f"has no '{unknown[0]}'; {did_you_mean(unknown[0], allowed)}" if unknown else ""
            fault = fault or f"cannot be called so: {problem}. It takes: {', '.join(allowed)}"
            raise RequestError(f"{name or function.__name__}() {fault}") from None
        return function(*args, **options)

    return call


class ModelInSentences(type(BaseModel)):  # type: ignore[misc]
    """A metaclass of models that raise their faults as a sentence for the caller.

    A model within another model tells its faults to pydantic.
    """

    def __call__(cls, *args: Any, **choices: Any) -> Any:
        """Make a model. Raise ``RequestError`` that lists every fault."""
        try:
            return super().__call__(*args, **choices)
        except ValidationError as problem:
            faults = []
            for error in problem.errors():
                name, fault = ".".join(map(str, error["loc"])), error["msg"].removeprefix("Value error, ")
                if error["type"] == "extra_forbidden":
                    fault = say("there is no such choice; {advice}", advice=did_you_mean(name, cls.model_fields))
                faults.append(f"{name}: {fault}" if name else fault)
            raise RequestError(f"{cls.__name__}: {'; '.join(faults)}") from None


# ---- Months ----

EXAMPLE_MONTH = "2021-05"


def _read_month(text: str) -> str:
    """Read ``Nov 2026``, ``2026-11-29`` or ``29/11/2026`` as ``2026-11``. Raise ``ValueError`` if it is no month."""
    if re.fullmatch(MONTH_PATTERN, text):
        return text
    start, end = _span(fold(text)) or ("", "-")
    if start != end or not re.fullmatch(MONTH_PATTERN, start):
        advice = say(
            "'{month}' is no month; write year and month, for example {example}", month=text, example=EXAMPLE_MONTH
        )
        raise ValueError(advice)
    return start


Month = Annotated[str, AfterValidator(_read_month)]

MONTH_OF_UNDATED_FILE = "1999-12"
"""The last month of a document without a period."""


def last_day(month: str) -> date:
    """Return the last day of a month that is written ``YYYY-MM``.

    >>> last_day("2024-02").isoformat()
    '2024-02-29'
    """
    year, number = map(int, month.split("-"))
    return date(year, number, monthrange(year, number)[1])


class Period(BaseModel, metaclass=ModelInSentences):
    """The months a run covers, first and last included, written ``YYYY-MM``.

    >>> rmrp.Period.parse("2021-11/2022-01").months
    ('2021-11', '2021-12', '2022-01')
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    start: Month
    """The first month."""
    end: Month
    """The last month."""

    @model_validator(mode="before")
    @classmethod
    def _read_as_people_write_it(cls, months: Any) -> Any:
        """Return the ``start`` and ``end`` of a year, a quarter or a month. Leave a mapping or a period as it is.

        A file or ``papermill -p period 2021`` may give them. Raises ``RequestError`` for anything else.
        """
        return months if isinstance(months, Mapping | cls) else _read_ends(months)

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> "Period":
        """Raise ``ValueError`` if the period ends before it starts."""
        if self.end < self.start:
            raise ValueError(
                say(
                    "the period ends ({end}) before it starts ({start}); write {end}/{start}",
                    start=self.start,
                    end=self.end,
                )
            )
        return self

    @classmethod
    def parse(cls, months: Any) -> "Period":
        """Read a period as people write it, in any language, or as pandas has it.

        A list of two periods is a span.

        Args:
            months: A text, a year, a date, a ``pandas.Period`` or ``Timestamp``, or a list of two.

        Raises:
            RequestError: It is anything else.

        >>> for text in ("2021", "2021Q1", "2021-03", "enero de 2021", "January to March 2021"):
        ...     print(*rmrp.Period.parse(text).months[:4])
        2021-01 2021-02 2021-03 2021-04
        2021-01 2021-02 2021-03
        2021-03
        2021-01
        2021-01 2021-02 2021-03
        """
        return months if isinstance(months, cls) else cls(**_read_ends(months))

    @property
    def months(self) -> tuple[str, ...]:
        """Every month of the period in order, as ``YYYY-MM``.

        >>> rmrp.Period.parse("2021Q1").months
        ('2021-01', '2021-02', '2021-03')
        """
        start, end = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (self.start, self.end))
        return tuple(f"{number // 12}-{number % 12 + 1:02d}" for number in range(start, end + 1))

    @property
    def to_date(self) -> "Period":
        """The year so far: from January of the last month's year, or from the period's first month if that is earlier.

        >>> rmrp.Period.parse("2021-05").to_date.months[0]
        '2021-01'
        >>> rmrp.Period.parse("2020-11/2021-02").to_date.months[0]
        '2020-11'
        """
        return Period(start=min(self.start, f"{self.end[:4]}-01"), end=self.end)

    @property
    def year_before(self) -> "Period":
        """The same months of the year before.

        >>> rmrp.Period.parse("2021-05").year_before.months
        ('2020-05',)
        """
        start, end = (f"{int(month[:4]) - 1}{month[4:]}" for month in (self.start, self.end))
        return Period(start=start, end=end)


_YEAR_PATTERN = r"(?<!\d)(?P<year>\d{4})(?!\d)"
_PART_OF_YEAR_PATTERN = rf"(?P<month>0?[1-9]|1[0-2]|{'|'.join(MONTH_NUMBER_BY_NAME)})|(?P<part>[qths])(?P<number>[1-4])"
_SEPARATOR_PATTERN = r"(?: ?(?:del?|of|[-/,.]) ?| )?"
_MONTH_PATTERNS = (
    rf"{_YEAR_PATTERN}(?:{_SEPARATOR_PATTERN}(?:{_PART_OF_YEAR_PATTERN})(?:[-/.]\d\d)?)?",
    rf"(?:\d\d? (?:de )?(?=[a-z]))?(?:{_PART_OF_YEAR_PATTERN})\.?(?:{_SEPARATOR_PATTERN}{_YEAR_PATTERN})?",
)
_DAY_PATTERN = re.compile(r"(?<!\d)(\d\d?)([/.-])(\d\d?)\2(\d{4})(?!\d)")
"""A day as 29/11/2026. The day or the month may be first, so one number must be above 12, or both must be equal."""
_MONTH_COUNT_BY_LETTER = {"q": 3, "t": 3, "h": 6, "s": 6}
"""How many months a quarter (trimestre) or a half (semestre) has."""


def _read_ends(months: Any) -> dict[str, str]:
    """Return the ``start`` and ``end`` of a period (see ``Period.parse``), or raise ``RequestError``."""
    if isinstance(months, Period):
        return months.model_dump()
    start = getattr(months, "start_time", months)  # of a pandas.Period
    end = getattr(months, "end_time", months)
    if isinstance(start, date):  # so is a Timestamp
        return {"start": f"{start:%Y-%m}", "end": f"{end:%Y-%m}"}
    if isinstance(months, list | tuple) and len(months) == 2:
        return {"start": _read_ends(months[0])["start"], "end": _read_ends(months[1])["end"]}
    if span := _span(fold(str(months))):
        return {"start": span[0], "end": span[1]}
    raise RequestError(
        say(
            "the period '{months}' cannot be used; write it like 2021, 2021Q1, 2021-03, 2021-01/2021-06 or March 2021",
            months=months,
        )
    )


def _month_of_day(day: re.Match[str]) -> str:
    """Return the month of a day as ``2026-11``, or ``?`` if the month is ambiguous or impossible."""
    months = {int(number) for number in (day[1], day[3]) if int(number) <= 12}
    return f"{day[4]}-{months.pop():02d}" if len(months) == 1 else "?"


def _span(text: str) -> tuple[str, str] | None:
    """Return the first and the last month that a folded text names by one or two names. Otherwise None."""
    text = _DAY_PATTERN.sub(_month_of_day, text)
    if months := _months_of_name(text):
        return months
    ends = re.fullmatch(r"(.+?)(?: ?/ ?| to | a | ate | until | - |(?<=[a-z.])-(?=[a-z]))(.+)", text)
    end = _months_of_name(ends[2]) if ends else None
    start = _months_of_name(ends[1], end[0][:4]) if ends and end else None
    return (start[0], end[1]) if start and end else None


def _months_of_name(text: str, year: str = "") -> tuple[str, str] | None:
    """Return the first and the last month of a year, a half, a quarter or a month. None for any other text.

    A text without a year has this ``year``. None if both lack it.
    """
    for pattern in _MONTH_PATTERNS:
        if match := re.fullmatch(pattern, text):
            of_year = match["year"] or year
            month = MONTH_NUMBER_BY_NAME.get(match["month"] or "", match["month"])
            length = 1 if month else _MONTH_COUNT_BY_LETTER.get(match["part"] or "", 12)
            end = int(month or int(match["number"] or 1) * length)
            return (f"{of_year}-{end - length + 1:02d}", f"{of_year}-{end:02d}") if of_year and end <= 12 else None
    return None
