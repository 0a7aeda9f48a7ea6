"""The obstacles of a sheet: reports, and conditions of its gate, that make its main number unusable."""

from collections.abc import Mapping
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
"""States of the last month without a report. *country not in* is also the state of partners that ended before."""
OBSTACLE_COLUMNS = ("cause", "people", "share", "rows", "organisations", "sectors", "countries", "months", "place")
"""The columns of ``obstacles``."""
MIN_CAUSE_PEOPLE_SHARE = 0.1
"""A cause of a smaller share of the people is named only if it is the sheet's own."""
MAX_SINGLE_REPORTS_NAMED = 3
"""The most reports with many people that are named."""
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

    - ``cause``: a cause of ``ledger.CAUSES``, ``late``, or a condition of the gate
    - ``people`` concerned, or the people above the target. NaN: not known, as for late reports
    - ``share``: people left out or not counted by these and the people reached, new people by people reached, people of
      a condition by the sheet's people, or people reached by target (above 1). 0 for late reports
    - ``rows`` in the files. 0 for late reports and the target
    - ``organisations``, ``sectors``, ``countries`` (ISO 3166 alpha-3): tuples, with most people first
    - ``months``: a tuple, in order
    - ``place``: name of the admin1 of a single report, otherwise empty

    A cause with a share below ``MIN_CAUSE_PEOPLE_SHARE`` is returned only if the sheet itself has it. Raises
    ``RequestError`` for several sheets, or for an admin1.
    """
    figures = selection.key_figures()
    reports, reached = _reports_of(selection), figures.value(REACHED_FIGURE) or 0.0
    unusable = {caution.rule: caution.people for caution in figures.unusable}
    items = []
    late = reports[(reports["month"] == selection.period.end) & reports["state"].isin(LATE_REPORT_STATES)]
    if len(late):
        items.append(_obstacle(LATE_CAUSE, float("nan"), 0.0, 0, late, "new") | {"sectors": ()})
    for cause, column in PEOPLE_COLUMN_BY_CAUSE.items():
        is_left_out = cause == LEFT_OUT
        concerned = reports[reports[column] > 0 if is_left_out else reports["cause"] == cause]
        if concerned.empty and cause in unusable:
            # The whole sheet has it, but no sector and country alone
            concerned = reports[reports["new"] > 0]
        people = float(concerned[column].sum())
        if column == "new":  # several sectors reach some of the same people
            people = min(people, reached)
        total = people + reached if column != "new" and people else reached
        share = people / total if total else 0.0
        if len(concerned) and (cause in unusable or share >= MIN_CAUSE_PEOPLE_SHARE):
            rows = concerned["rows_left_out" if is_left_out else "rows"].sum()
            items.append(_obstacle(cause, people, share, rows, concerned, column))
    items += _single_reports(selection, reports, reached, is_own=ONE_REPORT in unusable)
    if COVERAGE_ABOVE in unusable:
        above = reached - (figures.value("target") or 0.0)
        items.append(_obstacle(COVERAGE_ABOVE, above, figures.value("target_coverage") or 0.0, 0, reports, "new"))
    items += _find_refused_conditions(selection)
    table = pd.DataFrame(items, columns=list(OBSTACLE_COLUMNS))
    return table.sort_values("people", ascending=False, na_position="last", kind="stable", ignore_index=True)


def is_refused(selection: Selection) -> bool:
    """Return whether the gate refuses the sheet of a selection."""
    return not _conditions_over_limit(selection).empty


def _conditions_over_limit(selection: Selection) -> pd.DataFrame:
    """Return the rows of ``sheet_conditions`` with the state *refused*, for the first sheet of a selection."""
    sheet, period, method = selection.sheets.selected[:1], selection.period, selection.method
    conditions = sheet_conditions(selection.plan, sheet, period=period, method=method)
    return conditions[conditions["state"] == REFUSED_STATE]


def _reports_of(selection: Selection) -> pd.DataFrame:
    """Return the rows of the ledger (``tables.Reports``) for the first sheet of a selection, in its period."""
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


def _single_reports(
    selection: Selection, reports: pd.DataFrame, reached: float, *, is_own: bool
) -> list[dict[str, Any]]:
    """Return the obstacles of at most three single rows with ``MIN_CAUSE_PEOPLE_SHARE`` or more of ``reached``.

    Only reports with the cause ``ONE_REPORT`` count. Without such a row, ``is_own`` gives the largest row of all.
    Columns read of ``reports``, the ledger: ``largest_row`` (people), ``cause``, and ``REPORT_KEY_COLUMNS``.
    """
    ranked = reports.sort_values("largest_row", ascending=False, kind="stable")
    is_single = (ranked["cause"] == ONE_REPORT) & (ranked["largest_row"] >= MIN_CAUSE_PEOPLE_SHARE * reached)
    single = ranked[is_single].head(MAX_SINGLE_REPORTS_NAMED)
    if single.empty and is_own:
        single = ranked.head(1)
    rows: pd.DataFrame = selection.plan.rows.loc[selection.sheets.presence["row"].unique()]
    rows = rows.astype(dict.fromkeys(REPORT_KEY_COLUMNS, "str"))
    items = []
    for number, people in enumerate(single["largest_row"]):
        report = single.iloc[[number]]
        lines = rows.merge(report[REPORT_KEY_COLUMNS], on=REPORT_KEY_COLUMNS)
        largest = lines.sort_values(NEW_BENEFICIARIES, kind="stable")["admin1"].tail(1)
        place = "".join(largest.astype("str"))
        share = min(people / reached, 1.0) if reached else 0.0
        items.append(_obstacle(ONE_REPORT, people, share, 1, report, "largest_row") | {"place": place})
    return items


def _find_refused_conditions(selection: Selection) -> list[dict[str, Any]]:
    """Return one obstacle for each condition that makes the gate refuse the sheet."""
    refused = _conditions_over_limit(selection)
    if refused.empty:
        return []
    sums = sum_people_by_condition(selection.plan, selection.period, selection.method)
    concerned = selection.sheets.rows_by_sheet(sums)
    concerned = concerned.astype(dict.fromkeys(("organisation", "sector", "country", "month"), "str"))
    return [
        _obstacle(name, people, share, rows, concerned[concerned["condition"] == name], "people")
        for name, rows, people, share in refused[["condition", "rows", "people", "share"]].itertuples(index=False)
    ]


def _obstacle(
    cause: str, people: float, share: float, rows: float, reports: pd.DataFrame, column: str
) -> dict[str, Any]:
    """Return an obstacle with the organisations, sectors and countries of these reports, most people first.

    ``column`` is the column of ``reports`` that counts their people.
    """
    names: dict[str, tuple[str, ...]] = {}
    for name, key in (("organisations", "organisation"), ("sectors", "sector"), ("countries", "country")):
        sums = reports[reports[key] != ""].groupby(key, observed=True)[column].sum()
        names[name] = tuple(sums.sort_values(ascending=False, kind="stable").index)
    months = tuple(sorted({*reports["month"]} - {""}))
    return {"cause": cause, "people": people, "share": share, "rows": int(rows), **names, "months": months, "place": ""}
