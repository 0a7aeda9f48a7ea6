"""The checks of ``checks.csv`` and their findings: the rows of activities that look wrong. No row is changed."""

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
"""An error makes a figure wrong. A warning is a question to the organisation. A note is good to know."""

FREE_TEXT_COLUMNS = ("activity_name", "activity_description")
"""Columns of free text, which no finding quotes."""
FREE_TEXT_PLACEHOLDER = "(withheld: free text)"

REFUSAL_CHECK_NAMES = tuple(
    f"{fault}_{column}" for fault in ("empty", "refused") for column in ("sector", "month", "country")
)
"""Why loaders refuse a row, as the files of plan years name it: a cell is empty or cannot be used."""

FAULT_KEY_COLUMNS = ["file", "line", "column", "check"]
"""The columns that identify a fault. A fault has a row for each name that R4V gives it."""

FINDING_COLUMNS = (*FAULT_COLUMNS, "people", "family", "r4v_check")
"""Columns of findings: ``FAULT_COLUMNS``, ``people`` in doubt (float), ``family`` (kind of check) and ``r4v_check``
(R4V's name, empty for none). Other programs read them as a file, so columns are only added at the end."""


class Check(pack.Row):
    """A rule that a good report keeps: a row of ``checks.csv``.

    - ``rule``: the condition, on the columns of ``quality.columns``, that a bad row meets. With several ``columns`` it
      is evaluated for each (``{column}``), and every cell that meets it is a finding.
    - ``allowed``: the right content of the cell. ``{expected}`` in it is the right value of the row.
    - ``value``: the content that the finding quotes, if not the cell itself.
    - ``people``: how many people the finding puts in doubt.
    - ``needs``, ``needs_column``: the reference list or column that the check needs. Without it the check is not run.
    - ``years``: *some* means only the plan years with the check in their file. R4V's names stand in these files.
    - ``r4v``: the condition of R4V's own rule, if that finds fewer rows.
    - ``sentence``: the fault, for an organisation to read. It is the key of its translation.
    - ``condition``: the limit of the method over which the people of the check stop a run (``quality.gate``).
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
        """Return the right value of a row from the ``allowed`` of its finding. Empty if the check has none."""
        prefix, filled, suffix = self.allowed.partition("{expected}")
        return allowed[len(prefix) : len(allowed) - len(suffix)] if filled else ""

    @property
    def allowed_in_general(self) -> str:
        """The text ``allowed`` up to the clause that differs from row to row, or all of it without such a clause."""
        prefix, filled, _ = self.allowed.partition("{expected}")
        return (prefix.rpartition("; ")[0] or prefix.rstrip(": ")) if filled else prefix

    def not_run_because(self, plan: Plan, language: str = SOURCE_LANGUAGE) -> str:
        """Return why the check cannot be run: its list, or every cell of its column, is missing. Empty if it can."""
        translate, column = Translator(language), self.needs_column
        # Without a list, the indicators that reports state make one, which has no file with spellings
        lists = plan.sources if "sent_" in self.rule else plan.references
        if self.needs and self.needs not in lists:
            return translate("sources.yml names no {list}", list=self.needs)
        if column and len(plan.activities) and plan.activities[column].isin(["", np.nan]).all():
            return translate("the files hold no {column}", column=column)
        return ""

    def failing(self, reports: ActivityColumns) -> Iterator[tuple[str, pd.Series]]:
        """Yield each column of the check with the mask of the rows that fail in it.

        A mask has the index of ``plan.activities``. A missing value fails no rule.
        """
        for column in self.columns.split():
            yield column, reports.meets(self.rule, column)

    def findings(self, reports: ActivityColumns) -> Iterator[pd.DataFrame]:
        """Yield a table of findings (``FINDING_COLUMNS``) for each column with findings. Free text is not quoted.

        The index holds the failing rows of ``plan.activities``. ``r4v_check`` may hold two names with a comma. The
        check must be one that can be run (``not_run_because``).
        """
        r4v_name = reports.plan.year.checks.get(self.check, "")
        for column, is_bad in self.failing(reports):
            if not is_bad.any():
                continue
            rows = reports.plan.activities.loc[is_bad, ["source_file", "source_line"]]
            value = reports.evaluate(self.value or column)[is_bad]
            prefix, filled, suffix = self.allowed.partition("{expected}")
            allowed: pd.Series | str = self.allowed_in_general
            if filled and column not in FREE_TEXT_COLUMNS:
                allowed = prefix + as_text(reports.evaluate(self.expected, column)[is_bad]) + suffix
            is_theirs = reports.meets(self.r4v)[is_bad] if self.r4v else True
            finding = {
                "file": rows["source_file"].astype("str"),
                "line": rows["source_line"],
                "column": column,
                "check": self.check,
                "severity": self.severity,
                "value": FREE_TEXT_PLACEHOLDER if column in FREE_TEXT_COLUMNS else as_text(value),
                "allowed": allowed,
                "people": reports.evaluate(self.people)[is_bad] + 0.0,  # no -0
                "family": self.family,
                "r4v_check": np.where(is_theirs, r4v_name, ""),
            }
            yield pd.DataFrame(finding)


CHECK_BY_NAME = {
    check.check: check for check in pack.rows("checks.csv", Check, unique="check", within=Path(__file__).parent)
}
"""Every check by its name, in the order for a reader."""


SENTENCES_BY_KIND = words_of(Path(__file__).parent)
"""The texts of ``words.csv`` by kind. A ``rule`` is of loaders, joins or checks of money."""


def check_sentence(name: str) -> str:
    """Return the English sentence of a check or of a rule of ``words.csv``, for ``Translator``. Otherwise the name."""
    return CHECK_BY_NAME[name].sentence if name in CHECK_BY_NAME else SENTENCES_BY_KIND["rule"].get(name, name)


def findings(plan: Plan, *, period: Period, method: Method = Method()) -> pd.DataFrame:  # noqa: B008 - frozen
    """Run every check of the plan year. Return one row a fault (``FINDING_COLUMNS``), most ``people`` first.

    The fault puts ``people`` (float) in doubt. Never add them up: one activity may have several faults, and a fault
    with two names of R4V has two rows. Checks that cannot be run (see ``not_run``) find nothing. Raises as
    ``checks_of`` does.
    """
    reports = ActivityColumns(plan, period, method)
    types = {"line": "int64", "people": "float64"}
    empty = pd.DataFrame({name: pd.Series(dtype=types.get(name, "str")) for name in FINDING_COLUMNS})
    checks = [check for check in checks_of(plan.year) if not check.not_run_because(plan)]
    table = split_by_r4v_name(pd.concat([empty, *(part for check in checks for part in check.findings(reports))]))
    order = ["people", "file", "line", "check"]
    return table.sort_values(order, ascending=[False, True, True, True], ignore_index=True, kind="stable")


def split_by_r4v_name(findings: pd.DataFrame) -> pd.DataFrame:
    """Return findings with one row for each name in ``r4v_check``, which commas separate."""
    return findings.assign(r4v_check=findings["r4v_check"].str.split(", ")).explode("r4v_check", ignore_index=True)


def find_errors(reports: ActivityColumns) -> tuple[pd.Series, list[str]]:
    """Return the mask of activities with a finding of severity *error*, and the names of its checks.

    The mask has the index of ``plan.activities``. The check that finds most activities comes first.
    """
    masks = {
        check.check: np.logical_or.reduce([is_bad for _, is_bad in check.failing(reports)])
        for check in checks_of(reports.plan.year)
        if check.severity == "error" and not check.not_run_because(reports.plan)
    }
    rows = pd.DataFrame(masks, index=reports.plan.activities.index)
    counts = rows.sum().sort_values(ascending=False, kind="stable")
    return rows.any(axis="columns"), [str(name) for name in counts.index[counts > 0]]


def not_run(plan: Plan) -> dict[str, str]:
    """Return the checks of the plan year that cannot be run, each with the reason."""
    reasons = {check.check: check.not_run_because(plan) for check in checks_of(plan.year)}
    return {name: reason for name, reason in reasons.items() if reason}


def checks_of(year: PlanYear) -> list[Check]:
    """Return the checks of a plan year, for all years or named in its file, in the order of ``checks.csv``.

    The file may also name why loaders refuse a row (``REFUSAL_CHECK_NAMES``). These names are not returned. Raises
    ``RequestError`` when the file names a check that does not exist.
    """
    names = (*CHECK_BY_NAME, *REFUSAL_CHECK_NAMES)
    path = pack.folder() / "plan_years" / f"{year.year}.yml"
    for name in year.checks:
        check_allowed(name, names, f"{path}: checks: there is no check")
    return [check for check in CHECK_BY_NAME.values() if check.check in year.checks or check.years == "all"]
