"""The obstacles of a sheet: reports, and conditions of its gate, for which its main number cannot be used."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from rmrp_analysis.ledger import COVERAGE, EVERYBODY_NEW, GROUPS_EXCEED, LEFT_OUT, NOT_COUNTED, ONE_REPORT, REPORT
from rmrp_analysis.metrics import NEW
from rmrp_analysis.plan import Selection
from rmrp_analysis.quality.sheets import REFUSED, rows_concerned, sheet_conditions
from rmrp_analysis.vocabulary import fold, plan_lists

REACHED, LATE = "people_reached", "late"
LATE_STATES = ("late", "country not in")
OBSTACLES = ("cause", "people", "share", "rows", "organisations", "sectors", "countries", "months", "place")
"""The columns of ``obstacles``."""
MIN_SHARE = 0.1
"""A cause of a smaller share of the people is named where it is the sheet's own alone."""
MAX_SINGLE_REPORTS = 3
"""So many reports are named that each make much of the people."""
PEOPLE_OF_CAUSE: Mapping[str, str] = {
    NOT_COUNTED: "assisted",
    LEFT_OUT: "people_left_out",
    EVERYBODY_NEW: "new",
    GROUPS_EXCEED: "new",
}
"""The column of the ledger that holds the people of a cause."""


def obstacles(selection: Selection) -> pd.DataFrame:
    """Return the obstacles of the main number of one sheet, most people first.

    Columns ``OBSTACLES``: ``cause`` (of ``ledger.CAUSES``, ``late``, or a condition of the gate), ``people`` concerned
    (NaN: not known), their ``share`` of the people reached and of these, ``rows`` in the files; tuples of
    ``organisations``, ``sectors``, ``countries`` (ISO 3166 alpha-3) and ``months`` whose reports they are, those with
    most people first; and ``place`` (an admin1) of a single report.
    """
    figures = selection.key_figures()
    reports, reached = _reports_of(selection), figures.value(REACHED) or 0.0
    causes_of_sheet = {caution.rule: caution.people for caution in figures.unusable}
    rows_found = [_late_reports(reports, selection.period.end)]
    for cause, column in PEOPLE_OF_CAUSE.items():
        is_left_out = cause == LEFT_OUT
        concerned = reports[reports[column] > 0 if is_left_out else reports["cause"] == cause]
        if (
            concerned.empty and cause in causes_of_sheet
        ):  # the sheet has it as a whole, and none of its sectors and countries
            concerned = reports[reports["new"] > 0]
        people = float(concerned[column].sum())
        if column == "new":  # of all sectors, some are reached by several
            people = min(people, reached)
        share = people / (people + reached) if column != "new" and people else people / reached if reached else 0.0
        if len(concerned) and (cause in causes_of_sheet or share >= MIN_SHARE):
            rows = concerned["rows_left_out" if is_left_out else "rows"].sum()
            rows_found.append(_obstacle(cause, people, share, rows, concerned, column))
    rows_found += _single_reports(selection, reports, reached, is_own=ONE_REPORT in causes_of_sheet)
    if COVERAGE in causes_of_sheet:
        above = reached - (figures.value("target") or 0.0)
        rows_found.append(_obstacle(COVERAGE, above, figures.value("target_coverage") or 0.0, 0, reports, "new"))
    rows_found += _find_refused_conditions(selection)
    table = pd.DataFrame([row for row in rows_found if row], columns=list(OBSTACLES))
    return table.sort_values("people", ascending=False, na_position="last", kind="stable", ignore_index=True)


def is_refused(selection: Selection) -> bool:
    """Return whether the gate refuses the sheet of a selection."""
    return not _conditions_over_limit(selection).empty


def _conditions_over_limit(selection: Selection) -> pd.DataFrame:
    """Return the rows of ``sheet_conditions`` that are over the limit of one sheet."""
    sheet, period, method = selection.sheets.selected[:1], selection.period, selection.method
    conditions = sheet_conditions(selection.plan, sheet, period=period, method=method)
    return conditions[conditions["state"] == REFUSED]


def _reports_of(selection: Selection) -> pd.DataFrame:
    """Return the rows of the ledger (``tables.Reports``) of one sheet in its period."""
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
    """Return the obstacle of partners that should have reported for the last month; empty without any."""
    late = reports[(reports["month"] == month) & reports["state"].isin(LATE_STATES)]
    return _obstacle(LATE, float("nan"), 0.0, 0, late, "new") | {"sectors": ()} if len(late) else {}


def _single_reports(
    selection: Selection, reports: pd.DataFrame, reached: float, *, is_own: bool
) -> list[dict[str, Any]]:
    """Return the obstacles of single rows that hold a large share of the people."""
    by_row = reports.sort_values("largest_row", ascending=False, kind="stable")
    is_single = (by_row["cause"] == ONE_REPORT) & (by_row["largest_row"] >= MIN_SHARE * reached)
    single = by_row[is_single].head(MAX_SINGLE_REPORTS)
    if single.empty and is_own:
        single = by_row.head(1)
    rows: pd.DataFrame = selection.plan.rows.loc[selection.sheets.presence["row"].unique()]
    rows_found = []
    for number, people in enumerate(single["largest_row"]):
        report = single.iloc[[number]]
        of_report = rows.astype(dict.fromkeys(REPORT, "str")).merge(report[REPORT], on=REPORT)
        share = min(people / reached, 1.0) if reached else 0.0
        largest = of_report.sort_values(NEW, kind="stable")["admin1"].tail(1)
        place = "".join(largest.astype("str"))
        rows_found.append(_obstacle(ONE_REPORT, people, share, 1, report, "largest_row") | {"place": place})
    return rows_found


def _find_refused_conditions(selection: Selection) -> list[dict[str, Any]]:
    """Return the obstacles that the gate of the sheet names."""
    refused = _conditions_over_limit(selection)
    if refused.empty:
        return []
    concerned = selection.sheets.rows_by_sheet(rows_concerned(selection.plan, selection.period, selection.method))
    concerned = concerned.astype(dict.fromkeys(("organisation", "sector", "country", "month"), "str"))
    return [
        _obstacle(name, people, share, rows, concerned[concerned["condition"] == name], "people")
        for name, rows, people, share in refused[["condition", "rows", "people", "share"]].itertuples(index=False)
    ]


def _obstacle(
    cause: str, people: float, share: float, rows: float, reports: pd.DataFrame, column: str
) -> dict[str, Any]:
    def names_by_people(key: str) -> Sequence[str]:
        sums = reports[reports[key] != ""].groupby(key, observed=True)[column].sum()
        return tuple(sums.sort_values(ascending=False, kind="stable").index)

    names = {"organisations": "organisation", "sectors": "sector", "countries": "country"}
    parts = {name: names_by_people(key) for name, key in names.items()}
    months = tuple(sorted({*reports["month"]} - {""}))
    return {"cause": cause, "people": people, "share": share, "rows": int(rows), **parts, "months": months, "place": ""}
