"""Every check on activities, and what all of them find: which rows look wrong; no row is changed or removed."""

from collections.abc import Iterator, Mapping

import pandas as pd

from rmrp_analysis.loaders.tabular import FAULT_COLUMNS
from rmrp_analysis.method import Method, Period
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality.accuracy import ACCURACY
from rmrp_analysis.quality.check import Check, Reports
from rmrp_analysis.quality.completeness import COMPLETENESS
from rmrp_analysis.quality.consistency import CONSISTENCY
from rmrp_analysis.quality.plausibility import PLAUSIBILITY
from rmrp_analysis.quality.protection import FREE_TEXT, PROTECTION

CHECKS: Mapping[str, Check] = {
    check.name: check for check in (*COMPLETENESS, *CONSISTENCY, *ACCURACY, *PLAUSIBILITY, *PROTECTION)
}
FINDING_COLUMNS = (*FAULT_COLUMNS, "people", "family", "r4v_check")
"""A file that others read: columns are only ever added at the end."""

REFUSED_BY_R4V: Mapping[str, tuple[str, str]] = {
    "appealing_organisation": ("Missing.Appealing.org.name", "miss_appeal_org"),
    "sector": ("Missing.Sector", "missing_what"),
    "month": ("Missing.Month", "miss_month"),
    "country": ("Missing.CountryAdmin1", "missingcountry"),
}
"""Columns in which an empty or unknown cell is refused when the file is read, with R4V's checks (2021, from 2022)."""

WITHHELD = "(withheld: free text)"


def findings(plan: Plan, *, period: Period, method: Method = Method()) -> pd.DataFrame:  # noqa: B008 - frozen
    """One row a fault found, as loaders tell of faults, with the ``people`` it puts in doubt; most people first.

    Checks of other plan years, and those whose reference list is not given (see ``not_run``), find nothing. Free text
    is not quoted. The people of different findings must not be added: one row may have several.
    """
    reports = Reports.of(plan, period=period, method=method)
    checks = [check for check in _of_year(plan) if not check.not_run_because(reports)]
    found = pd.concat([_empty_findings(), *(table for check in checks for table in _found_by(check, reports))])
    order = ["people", "file", "line", "check"]
    return found.sort_values(order, ascending=[False, True, True, True], ignore_index=True, kind="stable")


def not_run(plan: Plan, *, period: Period) -> dict[str, str]:
    """The checks of the year that cannot be made, each with the reason."""
    reports = Reports.of(plan, period=period, method=Method())
    reasons = {check.name: check.not_run_because(reports) for check in _of_year(plan)}
    return {name: reason for name, reason in reasons.items() if reason}


def rows_by_r4v_check(found: pd.DataFrame) -> pd.Series:
    """Rows that break each of R4V's own checks, by its name; ``any`` is the rows that break at least one."""
    of_r4v = found[found["r4v_check"] != ""].drop_duplicates(["file", "line", "r4v_check"])
    rows = of_r4v.groupby("r4v_check").size()
    rows["any"] = len(of_r4v.drop_duplicates(["file", "line"]))
    return rows


def _of_year(plan: Plan) -> list[Check]:
    return [check for check in CHECKS.values() if plan.year.year in check.years]


def _empty_findings() -> pd.DataFrame:
    types = {"line": "int64", "people": "float64"}
    return pd.DataFrame({name: pd.Series(dtype=types.get(name, "str")) for name in FINDING_COLUMNS})


def _found_by(check: Check, reports: Reports) -> Iterator[pd.DataFrame]:
    failing = check.fails(reports)
    people = check.people(reports) if failing.to_numpy().any() else None
    for column in check.columns:
        rows = failing[column] if isinstance(failing, pd.DataFrame) else failing
        if people is not None and rows.any():
            yield _findings_of(check, column, rows, people, reports)


def _findings_of(check: Check, column: str, failing: pd.Series, people: pd.Series, reports: Reports) -> pd.DataFrame:
    rows = reports.activities[failing]
    return pd.DataFrame(
        {
            "file": rows["source_file"].astype("str"),
            "line": rows["source_line"],
            "column": column,
            "check": check.name,
            "severity": check.severity,
            "value": _quoted(rows[column], column),
            "allowed": _allowed(check, column, failing, reports),
            "people": people[failing],
            "family": check.family,
            "r4v_check": check.r4v_name(reports.year.year),
        }
    )


def _quoted(cells: pd.Series, column: str) -> pd.Series:
    return pd.Series(WITHHELD, index=cells.index) if column in FREE_TEXT else as_text(cells)


def _allowed(check: Check, column: str, failing: pd.Series, reports: Reports) -> pd.Series | str:
    if check.expected is None or column in FREE_TEXT:
        return check.allowed.replace("{expected}", "").rstrip(": ")
    expected = as_text(check.expected(reports, column)[failing])
    before, after = check.allowed.split("{expected}")
    return before + expected + after


def as_text(cells: pd.Series) -> pd.Series:
    """Cells as they are typed: 13 and not 13.0; an empty cell is empty."""
    if not pd.api.types.is_float_dtype(cells):
        return cells.astype("str").fillna("")
    return cells.map(number_text, na_action="ignore").astype("str").where(cells.notna(), "")


def number_text(number: float) -> str:
    """A number as it is typed, without decimals that it does not need, nor those that computing added."""
    return str(int(number)) if float(number).is_integer() else f"{number:.12g}"
