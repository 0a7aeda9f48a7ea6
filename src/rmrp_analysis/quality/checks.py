"""What all checks find in the activities: which rows look wrong; no row is changed or removed."""

import pandas as pd

from rmrp_analysis import pack
from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.loaders.tabular import FAULT_COLUMNS
from rmrp_analysis.method import Method, Period
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality import accuracy, completeness, consistency, plausibility, protection
from rmrp_analysis.quality.check import CHECKS, Check, Reports
from rmrp_analysis.vocabulary import PlanYear

FAMILIES = (completeness, consistency, accuracy, plausibility, protection)
"""The modules that declare the checks, in the order in which a reader wants them."""

REFUSALS = ("refused_sector", "refused_month", "refused_country")
"""What loaders refuse a row for, as the files of plan years name it."""

FINDING_COLUMNS = (*FAULT_COLUMNS, "people", "family", "r4v_check")
"""A file that others read: columns are only ever added at the end."""


def findings(plan: Plan, *, period: Period, method: Method = Method()) -> pd.DataFrame:  # noqa: B008 - frozen
    """One row a fault, in the columns of the loaders' faults, with the ``people`` it puts in doubt; most people first.

    Checks of other plan years, and those whose reference list is missing (see ``not_run``), find nothing. The people
    of different findings must not be added: one row may have several.
    """
    reports = Reports(plan, period, method)
    types = {"line": "int64", "people": "float64"}
    none = pd.DataFrame({name: pd.Series(dtype=types.get(name, "str")) for name in FINDING_COLUMNS})
    made = [check for check in _of_year(plan.year) if not check.not_run_because(reports)]
    table = pd.concat([none, *(part for check in made for part in check.findings(reports))])
    order = ["people", "file", "line", "check"]
    return table.sort_values(order, ascending=[False, True, True, True], ignore_index=True, kind="stable")


def errors(reports: Reports) -> tuple[pd.Series, list[str]]:
    """Which activities have a finding of severity error, and the checks that found one, those of most rows first."""
    found = {}
    for check in _of_year(reports.plan.year):
        if check.severity == "error" and not check.not_run_because(reports):
            fails = check.fails(reports)
            found[check.name] = fails.any(axis="columns") if isinstance(fails, pd.DataFrame) else fails.astype("bool")
    rows = pd.DataFrame(found, index=reports.new.index)
    counts = rows.sum().sort_values(ascending=False, kind="stable")
    return rows.any(axis="columns"), [str(name) for name in counts.index[counts > 0]]


def not_run(plan: Plan) -> dict[str, str]:
    """The checks of the plan year that cannot be made, each with the reason."""
    reasons = {check.name: check.not_run_because(Reports(plan)) for check in _of_year(plan.year)}
    return {name: reason for name, reason in reasons.items() if reason}


def rows_by_r4v_check(table: pd.DataFrame) -> pd.Series:
    """Rows that break each of R4V's own checks, by its name; ``any`` is the rows that break at least one."""
    of_r4v = table[table["r4v_check"] != ""].drop_duplicates(["file", "line", "r4v_check"])
    rows = of_r4v.groupby("r4v_check").size()
    rows["any"] = len(of_r4v.drop_duplicates(["file", "line"]))
    return rows


def _of_year(year: PlanYear) -> list[Check]:
    """The checks of a plan year. Raises ``RequestError`` where its file names one that there is not."""
    for name in year.checks:
        if name not in (*CHECKS, *REFUSALS):
            path = pack.folder() / "plan_years" / f"{year.year}.yml"
            raise RequestError(
                f"{path}: checks: there is no check '{name}'; {did_you_mean(name, (*CHECKS, *REFUSALS))}"
            )
    ordered = (check for family in FAMILIES for check in CHECKS.values() if check.fails.__module__ == family.__name__)
    return [check for check in ordered if check.name in year.checks or not check.in_some_years]
