"""The checks of ``checks.csv`` and what they find in the activities: which rows look wrong; no row is changed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from rmrp_analysis.errors import check_allowed
from rmrp_analysis.loaders.table import FAULT_COLUMNS
from rmrp_analysis.method import Method, Period
from rmrp_analysis.packs import pack
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality.columns import Reports, as_text
from rmrp_analysis.vocabulary import PlanYear
from rmrp_analysis.words import SOURCE_LANGUAGE, Words, words_of

Severity = Literal["error", "warning", "note"]
"""A figure is wrong as the row stands; ask the organisation; good to know."""

FREE_TEXT = ("activity_name", "activity_description")
WITHHELD = "(withheld: free text)"

REFUSALS = tuple(f"{fault}_{column}" for fault in ("empty", "refused") for column in ("sector", "month", "country"))
"""What loaders refuse a row for, as the files of plan years name it: an empty cell, or one that cannot be used."""

FAULT = ["file", "line", "column", "check"]
"""What a fault is known by; it stands once for each name that R4V has for it."""

FINDING_COLUMNS = (*FAULT_COLUMNS, "people", "family", "r4v_check")
"""A file that others read: columns are only ever added at the end."""


class Check(pack.Row):
    """A rule that a good report keeps: a row of ``checks.csv``.

    ``rule`` is a condition on the columns of ``Reports`` that a bad row fulfils; with several ``columns`` it is asked
    of each (``{column}``), a finding a cell. ``allowed`` says what would be right, with ``{expected}`` filled in for
    each row; ``value`` is what the cell holds, where the column does not. ``people`` are those whose count the finding
    puts in doubt. A check is not made without the reference list that it ``needs``, nor where the files do not hold
    ``needs_column``. One of ``some`` years holds in those that name it. R4V's names stand in the files of the plan
    years; ``r4v`` tells which of the rows R4V's rule finds, where those are not all. ``sentence`` says what is wrong,
    for an organisation to read; it is the key of its translation. ``condition`` is the limit of the method over which
    the people of the check stop a run (``quality.gate``).
    """

    check: str
    family: str
    severity: Severity
    columns: str
    rule: str
    people: str
    allowed: str
    expected: str
    value: str
    r4v: str
    years: Literal["all", "some"]
    needs: str
    needs_column: str
    sentence: str
    condition: str

    def expected_in(self, allowed: str) -> str:
        """What a finding's ``allowed`` says beyond the check's own: the value that would be right in its row."""
        before, filled, after = self.allowed.partition("{expected}")
        return allowed[len(before) : len(allowed) - len(after)] if filled else ""

    @property
    def allowed_in_general(self) -> str:
        """What the check allows in every row, without the value that would be right in one."""
        before, filled, _ = self.allowed.partition("{expected}")
        return (before.rpartition("; ")[0] or before.rstrip(": ")) if filled else before

    def not_run_because(self, plan: Plan, language: str = SOURCE_LANGUAGE) -> str:
        """Why the check cannot be made; empty when it can."""
        words, column = Words(language), self.needs_column
        if self.needs and self.needs not in plan.references:
            return words("sources.yml names no {list}", list=self.needs)
        if column and len(plan.activities) and plan.activities[column].isin(["", np.nan]).all():
            return words("the files hold no {column}", column=column)
        return ""

    def failing(self, reports: Reports) -> Iterator[tuple[str, pd.Series]]:
        """Each column of the check, and the rows that fail in it."""
        for column in self.columns.split():
            yield column, reports.fulfilling(self.rule, column)

    def findings(self, reports: Reports) -> Iterator[pd.DataFrame]:
        """A table of findings for each column in which the check finds some; free text is not quoted."""
        r4v_name = reports.plan.year.checks.get(self.check, "")
        for column, fails in self.failing(reports):
            if not fails.any():
                continue
            rows = reports.plan.activities.loc[fails, ["source_file", "source_line"]]
            value = reports.evaluated(self.value or column)[fails]
            before, filled, after = self.allowed.partition("{expected}")
            allowed: pd.Series | str = self.allowed_in_general
            if filled and column not in FREE_TEXT:
                allowed = before + as_text(reports.evaluated(self.expected, column)[fails]) + after
            of_r4v = reports.fulfilling(self.r4v)[fails] if self.r4v else True
            finding = {
                "file": rows["source_file"].astype("str"),
                "line": rows["source_line"],
                "column": column,
                "check": self.check,
                "severity": self.severity,
                "value": WITHHELD if column in FREE_TEXT else as_text(value),
                "allowed": allowed,
                "people": reports.evaluated(self.people)[fails] + 0.0,  # no -0
                "family": self.family,
                "r4v_check": np.where(of_r4v, r4v_name, ""),
            }
            yield pd.DataFrame(finding)


CHECKS = {check.check: check for check in pack.rows("checks.csv", Check, unique="check", within=Path(__file__).parent)}
"""Every check by its name, in the order in which a reader wants them."""


WORDS_OF = words_of(Path(__file__).parent)
"""The words for what is found, by kind. A ``rule`` is one of other rooms: loaders, joins, alarms for money."""


def check_sentence(name: str) -> str:
    """Return the English sentence of a check or of a rule of another room, for ``Words``; else its name."""
    return CHECKS[name].sentence if name in CHECKS else WORDS_OF["rule"].get(name, name)


def findings(plan: Plan, *, period: Period, method: Method = Method()) -> pd.DataFrame:  # noqa: B008 - frozen
    """One row a fault, in the columns of the loaders' faults, with the ``people`` it puts in doubt; most people first.

    Checks of other plan years, and those whose reference list is missing (see ``not_run``), find nothing. The people
    of different findings must not be added: one row may have several. A fault for which R4V has two names stands twice.
    """
    reports = Reports(plan, period, method)
    types = {"line": "int64", "people": "float64"}
    none = pd.DataFrame({name: pd.Series(dtype=types.get(name, "str")) for name in FINDING_COLUMNS})
    made = [check for check in checks_of(plan.year) if not check.not_run_because(plan)]
    table = by_r4v_name(pd.concat([none, *(part for check in made for part in check.findings(reports))]))
    order = ["people", "file", "line", "check"]
    return table.sort_values(order, ascending=[False, True, True, True], ignore_index=True, kind="stable")


def by_r4v_name(findings: pd.DataFrame) -> pd.DataFrame:
    """Findings with one row for each name in ``r4v_check``."""
    return findings.assign(r4v_check=findings["r4v_check"].str.split(", ")).explode("r4v_check", ignore_index=True)


def errors(reports: Reports) -> tuple[pd.Series, list[str]]:
    """Which activities have a finding of severity error, and the checks that found one, those of most rows first."""
    found = {
        check.check: np.logical_or.reduce([fails for _, fails in check.failing(reports)])
        for check in checks_of(reports.plan.year)
        if check.severity == "error" and not check.not_run_because(reports.plan)
    }
    rows = pd.DataFrame(found, index=reports.plan.activities.index)
    counts = rows.sum().sort_values(ascending=False, kind="stable")
    return rows.any(axis="columns"), [str(name) for name in counts.index[counts > 0]]


def not_run(plan: Plan) -> dict[str, str]:
    """The checks of the plan year that cannot be made, each with the reason."""
    reasons = {check.check: check.not_run_because(plan) for check in checks_of(plan.year)}
    return {name: reason for name, reason in reasons.items() if reason}


def checks_of(year: PlanYear) -> list[Check]:
    """The checks of a plan year. Raises ``RequestError`` where its file names one that there is not."""
    known = (*CHECKS, *REFUSALS)
    path = pack.folder() / "plan_years" / f"{year.year}.yml"
    for name in year.checks:
        check_allowed(name, known, f"{path}: checks: there is no check")
    return [check for check in CHECKS.values() if check.check in year.checks or check.years == "all"]
