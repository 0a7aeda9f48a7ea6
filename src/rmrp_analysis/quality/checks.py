"""The checks of ``checks.csv`` and what they find in the activities: which rows look wrong; no row is changed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from rmrp_analysis.arguments import Period
from rmrp_analysis.errors import check_allowed
from rmrp_analysis.loaders.table import FAULT_COLUMNS
from rmrp_analysis.method import Method
from rmrp_analysis.packs import pack
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality.columns import ActivityColumns, as_text
from rmrp_analysis.vocabulary import PlanYear
from rmrp_analysis.words import SOURCE_LANGUAGE, Translator, words_of

Severity = Literal["error", "warning", "note"]
"""A figure is wrong as the row stands; ask the organisation; good to know."""

FREE_TEXT_COLUMNS = ("activity_name", "activity_description")
"""Columns of free text, which findings do not quote."""
FREE_TEXT_PLACEHOLDER = "(withheld: free text)"
"""What stands in the place of a free text."""

REFUSAL_CHECK_NAMES = tuple(
    f"{fault}_{column}" for fault in ("empty", "refused") for column in ("sector", "month", "country")
)
"""What loaders refuse a row for, as the files of plan years name it: an empty cell, or one that cannot be used."""

FAULT_KEY_COLUMNS = ["file", "line", "column", "check"]
"""What a fault is known by; it stands once for each name that R4V has for it."""

FINDING_COLUMNS = (*FAULT_COLUMNS, "people", "family", "r4v_check")
"""Columns of findings: ``FAULT_COLUMNS``, ``people`` in doubt (float), ``family`` (kind of check) and ``r4v_check``
(R4V's name, empty for none). Others read them as a file: columns are only ever added at the end."""


class Check(pack.Row):
    """A rule that a good report keeps: a row of ``checks.csv``.

    ``rule``: the condition, on the columns of ``quality.columns``, that a bad row meets; with several ``columns`` it is
    evaluated for each (``{column}``), and every cell that meets it is a finding.
    ``allowed``: what would be right; ``{expected}`` in it is the right value of the row.
    ``value``: what the finding quotes, where that is not the cell itself.
    ``people``: how many people the finding puts in doubt.
    ``needs``, ``needs_column``: the reference list or column without which the check is not run.
    ``years``: *some* means only the plan years whose file names the check. R4V's names stand in these files.
    ``r4v``: the condition of R4V's own rule, where that finds fewer rows.
    ``sentence``: what is wrong, for an organisation to read; the key of its translation.
    ``condition``: the limit of the method over which the people of the check stop a run (``quality.gate``).
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

    def read_expected(self, allowed: str) -> str:
        """Return the right value of one row from the ``allowed`` of its finding; empty where the check names none."""
        allowed_prefix, filled, allowed_suffix = self.allowed.partition("{expected}")
        return allowed[len(allowed_prefix) : len(allowed) - len(allowed_suffix)] if filled else ""

    @property
    def allowed_in_general(self) -> str:
        """The text ``allowed`` up to the clause that differs from row to row; all of it without one."""
        allowed_prefix, filled, _ = self.allowed.partition("{expected}")
        return (allowed_prefix.rpartition("; ")[0] or allowed_prefix.rstrip(": ")) if filled else allowed_prefix

    def not_run_because(self, plan: Plan, language: str = SOURCE_LANGUAGE) -> str:
        """Return why the check cannot be run (its list, or every cell of its column, is missing); empty when it can."""
        translate, column = Translator(language), self.needs_column
        # Where no list is given, the indicators that reports state make one, which has no file with spellings
        lists_of_plan = plan.sources if "sent_" in self.rule else plan.references
        if self.needs and self.needs not in lists_of_plan:
            return translate("sources.yml names no {list}", list=self.needs)
        if column and len(plan.activities) and plan.activities[column].isin(["", np.nan]).all():
            return translate("the files hold no {column}", column=column)
        return ""

    def failing(self, reports: ActivityColumns) -> Iterator[tuple[str, pd.Series]]:
        """Yield each column of the check with the mask of the rows that fail in it.

        A mask has the index of ``plan.activities``; a missing value fails in no rule.
        """
        for column in self.columns.split():
            yield column, reports.meets(self.rule, column)

    def findings(self, reports: ActivityColumns) -> Iterator[pd.DataFrame]:
        """Yield a table of findings (``FINDING_COLUMNS``) for each column that has some; free text is not quoted.

        The index is that of the failing rows of ``plan.activities``; ``r4v_check`` may hold two names with a comma.
        Only for a check that can be run (``not_run_because``).
        """
        r4v_name = reports.plan.year.checks.get(self.check, "")
        for column, is_failing in self.failing(reports):
            if not is_failing.any():
                continue
            rows = reports.plan.activities.loc[is_failing, ["source_file", "source_line"]]
            value = reports.evaluate(self.value or column)[is_failing]
            allowed_prefix, filled, allowed_suffix = self.allowed.partition("{expected}")
            allowed: pd.Series | str = self.allowed_in_general
            if filled and column not in FREE_TEXT_COLUMNS:
                allowed = allowed_prefix + as_text(reports.evaluate(self.expected, column)[is_failing]) + allowed_suffix
            is_of_r4v = reports.meets(self.r4v)[is_failing] if self.r4v else True
            finding = {
                "file": rows["source_file"].astype("str"),
                "line": rows["source_line"],
                "column": column,
                "check": self.check,
                "severity": self.severity,
                "value": FREE_TEXT_PLACEHOLDER if column in FREE_TEXT_COLUMNS else as_text(value),
                "allowed": allowed,
                "people": reports.evaluate(self.people)[is_failing] + 0.0,  # no -0
                "family": self.family,
                "r4v_check": np.where(is_of_r4v, r4v_name, ""),
            }
            yield pd.DataFrame(finding)


CHECK_BY_NAME = {
    check.check: check for check in pack.rows("checks.csv", Check, unique="check", within=Path(__file__).parent)
}
"""Every check by its name, in the order in which a reader wants them."""


SENTENCES_BY_KIND = words_of(Path(__file__).parent)
"""The texts of ``words.csv`` by kind. A ``rule`` belongs to another room: loaders, joins, checks of money."""


def check_sentence(name: str) -> str:
    """Return the English sentence of a check, or of a rule of ``words.csv``, for ``Translator``; else the name."""
    return CHECK_BY_NAME[name].sentence if name in CHECK_BY_NAME else SENTENCES_BY_KIND["rule"].get(name, name)


def findings(plan: Plan, *, period: Period, method: Method = Method()) -> pd.DataFrame:  # noqa: B008 - frozen
    """Run every check of the plan year; return one row a fault (``FINDING_COLUMNS``), most ``people`` first.

    ``people`` (float) are those that the fault puts in doubt. Never add them up: one activity may have several faults,
    and a fault for which R4V has two names has two rows. Checks that cannot be run (see ``not_run``) find nothing.
    Raises as ``checks_of`` does.
    """
    reports = ActivityColumns(plan, period, method)
    types = {"line": "int64", "people": "float64"}
    empty = pd.DataFrame({name: pd.Series(dtype=types.get(name, "str")) for name in FINDING_COLUMNS})
    checks = [check for check in checks_of(plan.year) if not check.not_run_because(plan)]
    table = split_by_r4v_name(pd.concat([empty, *(part for check in checks for part in check.findings(reports))]))
    order = ["people", "file", "line", "check"]
    return table.sort_values(order, ascending=[False, True, True, True], ignore_index=True, kind="stable")


def split_by_r4v_name(findings: pd.DataFrame) -> pd.DataFrame:
    """Return findings with one row for each name in ``r4v_check``, where names are separated by commas."""
    return findings.assign(r4v_check=findings["r4v_check"].str.split(", ")).explode("r4v_check", ignore_index=True)


def find_errors(reports: ActivityColumns) -> tuple[pd.Series, list[str]]:
    """Return the mask of activities with a finding of severity *error*, and the names of the checks that found one.

    The mask has the index of ``plan.activities``. Names of checks that find most activities come first.
    """
    fails_by_check = {
        check.check: np.logical_or.reduce([fails for _, fails in check.failing(reports)])
        for check in checks_of(reports.plan.year)
        if check.severity == "error" and not check.not_run_because(reports.plan)
    }
    rows = pd.DataFrame(fails_by_check, index=reports.plan.activities.index)
    counts = rows.sum().sort_values(ascending=False, kind="stable")
    return rows.any(axis="columns"), [str(name) for name in counts.index[counts > 0]]


def not_run(plan: Plan) -> dict[str, str]:
    """Return the checks of the plan year that cannot be run, each with the reason."""
    reasons = {check.check: check.not_run_because(plan) for check in checks_of(plan.year)}
    return {name: reason for name, reason in reasons.items() if reason}


def checks_of(year: PlanYear) -> list[Check]:
    """Return the checks of a plan year, in the order of ``checks.csv``: those for all years, and those its file names.

    The file may also name what loaders refuse a row for (``REFUSAL_CHECK_NAMES``); these are not returned. Raises
    ``RequestError`` where it names a check that does not exist.
    """
    names = (*CHECK_BY_NAME, *REFUSAL_CHECK_NAMES)
    path = pack.folder() / "plan_years" / f"{year.year}.yml"
    for name in year.checks:
        check_allowed(name, names, f"{path}: checks: there is no check")
    return [check for check in CHECK_BY_NAME.values() if check.check in year.checks or check.years == "all"]
