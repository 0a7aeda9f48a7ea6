"""What a check is, and what it looks at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import pandas as pd

from rmrp_analysis.method import Method, Period
from rmrp_analysis.plan import Plan
from rmrp_analysis.vocabulary import PLAN_YEARS, UNKNOWN_INDICATOR, PlanYear, fold

Family = Literal["completeness", "consistency", "accuracy", "plausibility", "protection"]
Severity = Literal["error", "warning", "note"]
"""A figure is wrong as the row stands; ask the organisation; good to know."""

EVERY_YEAR = frozenset(PLAN_YEARS)
IN_2021 = frozenset({2021})
FROM_2022 = EVERY_YEAR - IN_2021

PEOPLE_IN_NEED, PEOPLE, OTHER = "people in need", "people", "other"
SERIES = ("appealing_organisation", "implementing_partner", "sector", "indicator", "country", "admin1")
WORTH_A_NUMBER = 1e-6
"""Below this a difference is only how a computer keeps fractions: 88.27 + 2.73 is 91."""


@dataclass(frozen=True)
class Reports:
    """The activities as checks see them; every column of theirs has the activities' index.

    ``references`` are the lists that a data folder may name beside the activities, by their name in ``sources.yml``.
    """

    activities: pd.DataFrame
    year: PlanYear
    period: Period
    method: Method
    references: Mapping[str, pd.DataFrame]

    @classmethod
    def of(cls, plan: Plan, *, period: Period, method: Method) -> "Reports":
        """The activities of a plan with its lists."""
        return cls(plan.activities, plan.year, period, method, plan.references)

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
        return self.activities.groupby(list(SERIES), sort=False).ngroup()

    @cached_property
    def months(self) -> pd.DataFrame:
        """The months of each series in their order: new and total people, and the ``step`` from the month before.

        Only months with people; the step of a series' first month is NA.
        """
        rows = self.people > 0
        people = {"series": self.series, "month": self.activities["month"], "new": self.people, "total": self.total}
        months = pd.DataFrame(people)[rows].groupby(["series", "month"], as_index=False, sort=True).sum()
        return months.assign(step=months.groupby("series")["new"].diff())

    def number(self, column: str) -> pd.Series:
        """A column of numbers with 0 for what is not reported."""
        return self.activities[column].fillna(0.0)

    def sum_of(self, columns: tuple[str, ...]) -> pd.Series:
        """The sum of columns of numbers; a cell that is not reported adds nothing."""
        return sum((self.number(column) for column in columns[1:]), start=self.number(columns[0]))

    def of_type(self, *types: str) -> pd.Series:
        """Which activities have an indicator of these types."""
        return self.activities["indicator_type"].isin(types).astype(bool)

    def says(self, column: str, content: str) -> pd.Series:
        """Where a column holds this text; an empty cell never does."""
        return (self.activities[column] == content).fillna(value=False).astype(bool)

    def empty(self, column: str) -> pd.Series:
        """Where nothing is reported."""
        cells = self.activities[column]
        return (cells.isna() | (cells == "").fillna(value=True)).astype(bool)

    def folded(self, column: str) -> pd.Series:
        """A column's texts as names are compared."""
        return folded(self.activities[column])

    def listed(self, reference: str, column: str) -> frozenset[str]:
        """The folded texts of a reference list; none when it is not given."""
        table = self.references.get(reference)
        return frozenset() if table is None else frozenset(map(fold, table[column].unique()))


Rows = Callable[[Reports], pd.Series]
Expected = Callable[[Reports, str], pd.Series]
"""What would be right in a column, for each activity."""


def affected_people(reports: Reports) -> pd.Series:
    """The people that a finding usually puts in doubt: the new beneficiaries that are counted."""
    return reports.people


def nobody(reports: Reports) -> pd.Series:
    """For findings that move no count of people."""
    return reports.people * 0.0


@dataclass(frozen=True)
class Check:
    """A rule that a good report keeps.

    ``fails`` tells for each activity whether it breaks the rule; with several ``columns`` it gives a table of them, a
    finding a cell. ``allowed`` says what would be right, with ``{expected}`` filled in for each row. ``people`` are
    those whose count the finding puts in doubt. ``r4v_2021`` and ``r4v_2022`` are the names under which R4V's own
    quality reports of RMRP 2021, and of 2022 and later, have the rule. A check is not run without the reference lists
    it ``needs``, nor where the files do not hold ``needs_column``.
    """

    name: str
    family: Family
    severity: Severity
    columns: tuple[str, ...]
    sentence: str
    allowed: str
    fails: Callable[[Reports], pd.Series | pd.DataFrame]
    years: frozenset[int] = EVERY_YEAR
    r4v_2021: str = ""
    r4v_2022: str = ""
    needs: tuple[str, ...] = ()
    needs_column: str = ""
    people: Rows = affected_people
    expected: Expected | None = None

    def r4v_name(self, year: int) -> str:
        """R4V's name for the rule in that year; empty when R4V does not check it."""
        return self.r4v_2021 if year in IN_2021 else self.r4v_2022

    def not_run_because(self, reports: Reports) -> str:
        """Why the check cannot be made; empty when it can."""
        absent = [name for name in self.needs if name not in reports.references]
        if absent:
            return f"sources.yml names no {' and no '.join(absent)}"
        if self.needs_column and len(reports.activities) and reports.empty(self.needs_column).all():
            return f"the files hold no {self.needs_column}"
        return ""


def folded(texts: pd.Series) -> pd.Series:
    """Texts as names are compared; each distinct one is folded once."""
    names = {text: fold(text) for text in texts.unique()}
    return texts.map(names).astype("str")
