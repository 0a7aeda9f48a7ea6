"""The obstacles of a sheet: reports, and conditions of its gate, for which its main number cannot be used."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from rmrp_analysis.ledger import (
    COVERAGE_ABOVE,
    EVERYBODY_NEW,
    GROUPS_EXCEED,
    LEFT_OUT,
    NOT_COUNTED,
    ONE_REPORT,
    REPORT_KEY_COLUMNS,
)
from rmrp_analysis.metrics import NEW_BENEFICIARIES
from rmrp_analysis.plan import Selection
from rmrp_analysis.quality.sheets import REFUSED_STATE, sheet_conditions, sum_people_by_condition
from rmrp_analysis.vocabulary import fold, plan_lists

REACHED_FIGURE, LATE_CAUSE = "people_reached", "late"
"""The name of the main figure, and the cause of reports that are late."""
LATE_REPORT_STATES = ("late", "country not in")
"""States of the last month without a report; *country not in* also holds for partners that ended before."""
OBSTACLE_COLUMNS = ("cause", "people", "share", "rows", "organisations", "sectors", "countries", "months", "place")
"""The columns of ``obstacles``."""
MIN_CAUSE_PEOPLE_SHARE = 0.1
"""A cause of a smaller share of the people is named where it is the sheet's own alone."""
MAX_SINGLE_REPORTS_NAMED = 3
"""So many reports are named that each make much of the people."""
PEOPLE_COLUMN_BY_CAUSE: Mapping[str, str] = {
    NOT_COUNTED: "assisted",
    LEFT_OUT: "people_left_out",
    EVERYBODY_NEW: "new",
    GROUPS_EXCEED: "new",
}
"""The column of the ledger that holds the people of a cause."""


def obstacles(selection: Selection) -> pd.DataFrame:
    """Return the obstacles of the main number of one sheet, most people first.

    Columns ``OBSTACLE_COLUMNS``:

    - ``cause``: of ``ledger.CAUSES``, ``late``, or a condition of the gate
    - ``people`` concerned, for the target those above it; NaN where that is not known, as for late reports
    - ``share``: of left-out or not counted people, of these and the people reached; of new people, of the people
      reached; of a condition, of the sheet's people; of the target, reached by target (above 1); 0 for late reports
    - ``rows`` in the files; 0 for late reports and the target
    - ``organisations``, ``sectors``, ``countries`` (ISO 3166 alpha-3): tuples, those with most people first
    - ``months``: a tuple, in order
    - ``place``: name of the admin1 of a single report, else empty

    A cause of a share below ``MIN_CAUSE_PEOPLE_SHARE`` stands only where the sheet itself has it. Raises
    ``RequestError`` for several sheets, or of an admin1.
    """
    figures = selection.key_figures()
    reports, reached = _reports_of(selection), figures.value(REACHED_FIGURE) or 0.0
    people_by_cause = {caution.rule: caution.people for caution in figures.unusable}
    rows_found = [_late_reports(reports, selection.period.end)]
    for cause, column in PEOPLE_COLUMN_BY_CAUSE.items():
        is_left_out = cause == LEFT_OUT
        concerned = reports[reports[column] > 0 if is_left_out else reports["cause"] == cause]
        if concerned.empty and cause in people_by_cause:
            # The sheet has it as a whole, and none of its sectors and countries
            concerned = reports[reports["new"] > 0]
        people = float(concerned[column].sum())
        if column == "new":  # of all sectors, some are reached by several
            people = min(people, reached)
        share = people / (people + reached) if column != "new" and people else people / reached if reached else 0.0
        if len(concerned) and (cause in people_by_cause or share >= MIN_CAUSE_PEOPLE_SHARE):
            rows = concerned["rows_left_out" if is_left_out else "rows"].sum()
            rows_found.append(_obstacle(cause, people, share, rows, concerned, column))
    rows_found += _single_reports(selection, reports, reached, is_own=ONE_REPORT in people_by_cause)
    if COVERAGE_ABOVE in people_by_cause:
        above = reached - (figures.value("target") or 0.0)
        rows_found.append(_obstacle(COVERAGE_ABOVE, above, figures.value("target_coverage") or 0.0, 0, reports, "new"))
    rows_found += _find_refused_conditions(selection)
    table = pd.DataFrame([row for row in rows_found if row], columns=list(OBSTACLE_COLUMNS))
    return table.sort_values("people", ascending=False, na_position="last", kind="stable", ignore_index=True)


def is_refused(selection: Selection) -> bool:
    """Return whether the gate refuses the sheet of a selection."""
    return not _conditions_over_limit(selection).empty


def _conditions_over_limit(selection: Selection) -> pd.DataFrame:
    """Return the rows of ``sheet_conditions`` whose state is *refused*, of the first sheet of a selection."""
    sheet, period, method = selection.sheets.selected[:1], selection.period, selection.method
    conditions = sheet_conditions(selection.plan, sheet, period=period, method=method)
    return conditions[conditions["state"] == REFUSED_STATE]


def _reports_of(selection: Selection) -> pd.DataFrame:
    """Return the rows of the ledger (``tables.Reports``) of the first sheet of a selection, in its period."""
    sector, place, organisation = selection.sheets.selected[0]
    reports = selection.plan.reports(period=selection.period, method=selection.method)
    reports = reports[reports["month"].isin(selection.period.months)]
    if not selection.sheets.has_all_sectors:
        reports = reports[reports["sector"] == sector]
    if countries := plan_lists().places[place]:
        reports = reports[reports["country"].isin(countries)]
    if organisation:
        reports = reports[reports["organisation"].map(fold) == fold(organisation)]
    return reports


def _late_reports(reports: pd.DataFrame, month: str) -> dict[str, Any]:
    """Return the obstacle of reports of the last month that are not there (``LATE_REPORT_STATES``); empty without any.

    ``sectors`` is empty, ``people`` NaN, ``rows`` and ``share`` 0.
    Columns read of ``reports``, the ledger: ``month``, ``state``, and those of ``_obstacle``.
    """
    late = reports[(reports["month"] == month) & reports["state"].isin(LATE_REPORT_STATES)]
    return _obstacle(LATE_CAUSE, float("nan"), 0.0, 0, late, "new") | {"sectors": ()} if len(late) else {}


def _single_reports(
    selection: Selection, reports: pd.DataFrame, reached: float, *, is_own: bool
) -> list[dict[str, Any]]:
    """Return the obstacles of single rows with ``MIN_CAUSE_PEOPLE_SHARE`` or more of ``reached``, at most three.

    Only reports whose cause is ``ONE_REPORT``; with ``is_own`` and without such a row, the largest of all. Columns read
    of ``reports``, the ledger: ``largest_row`` (people), ``cause``, and those of ``REPORT_KEY_COLUMNS``.
    """
    by_row = reports.sort_values("largest_row", ascending=False, kind="stable")
    is_single = (by_row["cause"] == ONE_REPORT) & (by_row["largest_row"] >= MIN_CAUSE_PEOPLE_SHARE * reached)
    single = by_row[is_single].head(MAX_SINGLE_REPORTS_NAMED)
    if single.empty and is_own:
        single = by_row.head(1)
    rows: pd.DataFrame = selection.plan.rows.loc[selection.sheets.presence["row"].unique()]
    rows_found = []
    for number, people in enumerate(single["largest_row"]):
        report = single.iloc[[number]]
        of_report = rows.astype(dict.fromkeys(REPORT_KEY_COLUMNS, "str")).merge(
            report[REPORT_KEY_COLUMNS], on=REPORT_KEY_COLUMNS
        )
        share = min(people / reached, 1.0) if reached else 0.0
        largest = of_report.sort_values(NEW_BENEFICIARIES, kind="stable")["admin1"].tail(1)
        place = "".join(largest.astype("str"))
        rows_found.append(_obstacle(ONE_REPORT, people, share, 1, report, "largest_row") | {"place": place})
    return rows_found


def _find_refused_conditions(selection: Selection) -> list[dict[str, Any]]:
    """Return one obstacle for each condition for which the gate refuses the sheet; empty without any."""
    refused = _conditions_over_limit(selection)
    if refused.empty:
        return []
    concerned = selection.sheets.rows_by_sheet(
        sum_people_by_condition(selection.plan, selection.period, selection.method)
    )
    concerned = concerned.astype(dict.fromkeys(("organisation", "sector", "country", "month"), "str"))
    return [
        _obstacle(name, people, share, rows, concerned[concerned["condition"] == name], "people")
        for name, rows, people, share in refused[["condition", "rows", "people", "share"]].itertuples(index=False)
    ]


def _obstacle(
    cause: str, people: float, share: float, rows: float, reports: pd.DataFrame, column: str
) -> dict[str, Any]:
    """Return an obstacle with the organisations, sectors and countries of these reports, those with most people first.

    ``column`` is the column of ``reports`` that counts their people.
    """

    def names_by_people(name_column: str) -> Sequence[str]:
        """Return the names in a column of the reports, those with most people first."""
        people_by_name = reports[reports[name_column] != ""].groupby(name_column, observed=True)[column].sum()
        return tuple(people_by_name.sort_values(ascending=False, kind="stable").index)

    names = {"organisations": "organisation", "sectors": "sector", "countries": "country"}
    parts = {name: names_by_people(name_column) for name, name_column in names.items()}
    months = tuple(sorted({*reports["month"]} - {""}))
    return {"cause": cause, "people": people, "share": share, "rows": int(rows), **parts, "months": months, "place": ""}
