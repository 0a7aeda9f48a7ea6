"""What a check is, and the reports that it looks at."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from rmrp_analysis.coded import CodedTable, Codes, Column
from rmrp_analysis.loaders.new_beneficiaries import WORTH_A_NUMBER as WORTH_A_NUMBER
from rmrp_analysis.method import Method, Period
from rmrp_analysis.once import Once
from rmrp_analysis.plan import Plan
from rmrp_analysis.vocabulary import (
    AGE_GENDER_GROUPS,
    INDICATOR_TYPES,
    OTHER_GENDER_GROUPS,
    POPULATION_GROUPS,
    UNKNOWN_INDICATOR,
    fold,
)

Severity = Literal["error", "warning", "note"]
"""A figure is wrong as the row stands; ask the organisation; good to know."""

EVERY_MONTH = Period(start="1900-01", end="2099-12")

PEOPLE_IN_NEED, PEOPLE, OTHER = INDICATOR_TYPES
ALL_AGE_GENDER = (*AGE_GENDER_GROUPS, *OTHER_GENDER_GROUPS)
COUNTS_OF_PEOPLE = ("total_monthly_beneficiaries", "new_beneficiaries", *POPULATION_GROUPS, *ALL_AGE_GENDER)
COUNTS = ("quantity", *COUNTS_OF_PEOPLE)
"""What a report can count; the value of a transfer alone makes no report."""

ORGANISATIONS = ("appealing_organisation", "implementing_partner")
FREE_TEXT = ("activity_name", "activity_description")
WITHHELD = "(withheld: free text)"
TEXTS = (*ORGANISATIONS, "indicator", *FREE_TEXT, "delivery_mechanism", "admin1", "admin2")
SERIES = (*ORGANISATIONS, "sector", "indicator", "country", "admin1")


@dataclass(frozen=True)
class Reports(Once):
    """The activities of a plan as checks see them; every column of theirs has the activities' index."""

    plan: Plan
    period: Period = EVERY_MONTH
    method: Method = Method()  # noqa: RUF009 - frozen

    @property
    def activities(self) -> CodedTable:
        """The plan's activities by codes."""
        return self.plan.reported

    def column(self, name: str) -> Column:
        """A column of the activities by codes."""
        return self.plan.reported.columns[name]

    def where(self, column: str, condition: Callable[[Any], bool]) -> pd.Series:
        """Where the content of a column fulfils a condition, which each different one is asked once."""
        return pd.Series(self.column(column).where(condition))

    def mapped(self, column: str, change: Callable[[Any], Any]) -> pd.Series:
        """A column with each different content changed to a text."""
        return self.column(column).mapped(change, "str").cells()

    def alike(self, columns: tuple[str, ...]) -> pd.Series:
        """A number for each activity; equal for those that hold the same in these columns."""
        return pd.Series(self.plan.reported.first_rows(columns)[0])

    def combinations(self, columns: tuple[str, ...]) -> tuple[Codes, pd.DataFrame]:
        """The number of each activity's combination of contents in these columns, and these."""
        return self.plan.reported.combinations(columns)

    def in_list(self, columns: tuple[str, str], listed: Collection[tuple[str, str]]) -> pd.Series:
        """Where the contents of two columns are a pair of a list."""
        number, pairs = self.combinations(columns)
        known = [pair in listed for pair in zip(pairs[columns[0]], pairs[columns[1]], strict=True)]
        return pd.Series(np.array(known, dtype="bool").take(number))

    @cached_property
    def new(self) -> pd.Series:
        """New beneficiaries; none reported is 0."""
        return self.number("new_beneficiaries")

    @cached_property
    def total(self) -> pd.Series:
        """Total monthly beneficiaries; none reported is 0."""
        return self.number("total_monthly_beneficiaries")

    @cached_property
    def people(self) -> pd.Series:
        """New beneficiaries that the method counts, or would if their indicator were known; else 0."""
        counted = self.of_type(*self.method.counted_indicator_types, UNKNOWN_INDICATOR)
        return self.new.where(counted, 0.0)

    @cached_property
    def series(self) -> pd.Series:
        """A number for what one organisation reports month after month: same indicator, partner and place."""
        return self.alike(SERIES)

    @cached_property
    def months(self) -> pd.DataFrame:
        """The months of each series in their order: new and total people, and the ``step`` from the month before.

        Only months with people; the step of a series' first month is NA.
        """
        counted = np.flatnonzero(self.people > 0)
        month = self.column("month")
        rows = pd.DataFrame(
            {
                "series": self.series.take(counted),
                "month": month.contents.take(month.codes.take(counted)),
                "new": self.people.take(counted),
                "total": self.total.take(counted),
            }
        )
        months = rows.groupby(["series", "month"], as_index=False, sort=True).sum()
        return months.assign(step=months.groupby("series")["new"].diff())

    def number(self, column: str) -> pd.Series:
        """A column of numbers with 0 for what is not reported."""
        return self.column(column).filled().cells()

    def numbers_where(self, column: str, condition: Callable[[Codes], Codes]) -> pd.Series:
        """Where the number of a column, 0 for what is not reported, fulfils a condition on an array of numbers."""
        numbers = self.column(column).filled()
        return pd.Series(condition(numbers.contents).take(numbers.codes))

    def sum_of(self, columns: tuple[str, ...]) -> pd.Series:
        """The sum of columns of numbers; a cell that is not reported adds nothing."""
        return sum((self.number(column) for column in columns[1:]), start=self.number(columns[0]))

    def of_type(self, *types: str) -> pd.Series:
        """Which activities have an indicator of these types, by the list; where it is in no list, by the report."""
        number, indicators = self._types
        wanted = indicators["indicator_type"].isin(types) | indicators["stated"].isin(types)
        return pd.Series(wanted.to_numpy(dtype="bool").take(number))

    @cached_property
    def _types(self) -> tuple[Codes, pd.DataFrame]:
        """The number of each activity's combination of types, and these: the listed one, and the ``stated`` one.

        The latter is what an indicator that is in no list counts, as the report says.
        """
        number, types = self.combinations(("indicator_type", "r4v_indicator_type"))
        stated = types["r4v_indicator_type"].map(dict(self.plan.year.indicator_types))
        return number, types.assign(stated=stated.where(types["indicator_type"] == UNKNOWN_INDICATOR))

    @property
    def of_unknown_type(self) -> pd.Series:
        """Which activities have an indicator that is in no list, and of which the report says nothing, either."""
        number, types = self._types
        unknown = (types["indicator_type"] == UNKNOWN_INDICATOR).astype("bool") & types["stated"].isna()
        return pd.Series(unknown.to_numpy(dtype="bool").take(number))

    @cached_property
    def not_known(self) -> pd.Series:
        """People of indicators that the method counts, or may, of whom it is not known how many are new; else 0."""
        counted = self.of_type(*self.method.counted_indicator_types, UNKNOWN_INDICATOR)
        return self.plan.reported["people_not_known"].where(counted, 0.0)

    def says(self, column: str, content: str) -> pd.Series:
        """Where a column holds this text; an empty cell never does."""
        return self.where(column, lambda text: pd.notna(text) and text == content)

    def empty(self, column: str) -> pd.Series:
        """Where nothing is reported."""
        contents = pd.Series(self.column(column).contents)
        nothing = contents.isna() | (contents == "").fillna(value=False)
        return pd.Series(nothing.to_numpy(dtype="bool").take(self.column(column).codes))

    def folded(self, column: str) -> pd.Series:
        """A column's texts as names are compared."""
        return self.mapped(column, fold)

    def listed(self, reference: str, column: str) -> frozenset[str]:
        """The folded texts of a reference list; none where the data folder has no such list."""
        table = self.plan.references.get(reference)
        return frozenset() if table is None else frozenset(map(fold, table[column].unique()))


Rows = Callable[[Reports], pd.Series]
"""A value for each activity: whether it fails, or how many people."""

Fails = Callable[[Reports], pd.Series | pd.DataFrame]
Expected = Callable[[Reports, str], pd.Series]
"""What would be right in a column, for each activity."""


def nobody(reports: Reports) -> pd.Series:
    """For findings that move no count of people."""
    return reports.people * 0.0


@dataclass(frozen=True)
class Check:
    """A rule that a good report keeps, written as a decorator of the function that finds the rows breaking it.

    The function's name is the check's, its module the family; its docstring is the sentence that says what is wrong.
    The function says for each activity whether it breaks the rule; with several ``columns`` it gives a table of them,
    a finding a cell. ``allowed`` says what would be right, with ``{expected}`` filled in for each row. ``people`` are
    those whose count the finding puts in doubt. A check is not run without the reference list it ``needs``, nor where
    the files do not hold ``needs_column``. Some checks hold ``in_some_years``: those that name them. R4V's names stand
    in the files of the plan years; ``r4v`` tells which of the rows R4V's rule finds, where those are not all.
    """

    severity: Severity
    columns: tuple[str, ...]
    allowed: str
    fails: Fails = nobody  # until it decorates a function
    in_some_years: bool = False
    needs: str = ""
    needs_column: str = ""
    people: Rows = lambda reports: reports.people  # the new beneficiaries that are counted
    expected: Expected | None = None
    r4v: Rows | None = None

    def __call__(self, fails: Fails) -> Fails:
        """Add the check that this function makes to ``CHECKS``."""
        CHECKS[fails.__name__] = replace(self, fails=fails)
        return fails

    @property
    def name(self) -> str:
        """The name of the check in ``quality.csv``."""
        return self.fails.__name__

    @property
    def family(self) -> str:
        """Completeness, consistency, accuracy, plausibility or protection."""
        return self.fails.__module__.rpartition(".")[2]

    @property
    def sentence(self) -> str:
        """What is wrong, for an organisation to read; the key of its translation."""
        return " ".join((self.fails.__doc__ or "").split())

    def expected_in(self, allowed: str) -> str:
        """What a finding's ``allowed`` says beyond the check's own: the value that would be right in its row."""
        before, filled, after = self.allowed.partition("{expected}")
        return allowed[len(before) : len(allowed) - len(after)] if filled else ""

    def not_run_because(self, reports: Reports) -> str:
        """Why the check cannot be made; empty when it can."""
        if self.needs and self.needs not in reports.plan.references:
            return f"sources.yml names no {self.needs}"
        if self.needs_column and len(reports.plan.reported) and reports.empty(self.needs_column).all():
            return f"the files hold no {self.needs_column}"
        return ""

    def findings(self, reports: Reports) -> Iterator[pd.DataFrame]:
        """A table of findings for each column in which the check finds some; free text is not quoted."""
        failing = self.fails(reports)
        if not failing.to_numpy().any():
            return
        people = self.people(reports)
        r4v_name = reports.plan.year.checks.get(self.name, "")
        of_r4v = self.r4v(reports) if self.r4v else pd.Series(data=True, index=failing.index)
        for column in self.columns:
            fails = failing[column] if isinstance(failing, pd.DataFrame) else failing
            if not fails.any():
                continue
            rows = reports.plan.reported.only(("source_file", "source_line", column)).kept(fails.to_numpy()).table()
            rows = rows.set_axis(fails.index[fails])
            yield pd.DataFrame(
                {
                    "file": rows["source_file"].astype("str"),
                    "line": rows["source_line"],
                    "column": column,
                    "check": self.name,
                    "severity": self.severity,
                    "value": WITHHELD if column in FREE_TEXT else as_text(rows[column]),
                    "allowed": self._allowed(reports, column, fails),
                    "people": people[fails],
                    "family": self.family,
                    "r4v_check": np.where(of_r4v[fails], r4v_name, ""),
                }
            )

    def _allowed(self, reports: Reports, column: str, fails: pd.Series) -> pd.Series | str:
        if self.expected is None or column in FREE_TEXT:
            return self.allowed.replace("{expected}", "").rstrip(": ")
        before, after = self.allowed.split("{expected}")
        return before + as_text(self.expected(reports, column)[fails]) + after


CHECKS: dict[str, Check] = {}
"""Every check by its name; the modules of the five families fill it."""


def as_text(cells: pd.Series) -> pd.Series:
    """Cells as they are typed: 13 and not 13.0, without the decimals that computing added; an empty cell is empty."""
    if not pd.api.types.is_float_dtype(cells):
        return cells.astype("str").fillna("")
    texts = cells.map(lambda number: str(int(number)) if number.is_integer() else f"{number:.12g}", na_action="ignore")
    return texts.astype("str").where(cells.notna(), "")
