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
    key_figures = selection.key_figures()
    sheet_report_table, people_reached = _reports_of(selection), key_figures.value(REACHED_FIGURE) or 0.0
    people_by_cause = {caution.rule: caution.people for caution in key_figures.unusable}
    obstacle_dicts = [_late_reports(sheet_report_table, selection.period.end)]
    for cause, people_column in PEOPLE_COLUMN_BY_CAUSE.items():
        cause_is_left_out = cause == LEFT_OUT
        concerned_report_table = sheet_report_table[
            sheet_report_table[people_column] > 0 if cause_is_left_out else sheet_report_table["cause"] == cause
        ]
        if concerned_report_table.empty and cause in people_by_cause:
            # The sheet has it as a whole, and none of its sectors and countries
            concerned_report_table = sheet_report_table[sheet_report_table["new"] > 0]
        concerned_people = float(concerned_report_table[people_column].sum())
        if people_column == "new":  # of all sectors, some are reached by several
            concerned_people = min(concerned_people, people_reached)
        people_share = (
            concerned_people / (concerned_people + people_reached)
            if people_column != "new" and concerned_people
            else concerned_people / people_reached
            if people_reached
            else 0.0
        )
        if len(concerned_report_table) and (cause in people_by_cause or people_share >= MIN_CAUSE_PEOPLE_SHARE):
            concerned_row_count = concerned_report_table["rows_left_out" if cause_is_left_out else "rows"].sum()
            obstacle_dicts.append(
                _obstacle(
                    cause, concerned_people, people_share, concerned_row_count, concerned_report_table, people_column
                )
            )
    obstacle_dicts += _single_reports(
        selection, sheet_report_table, people_reached, is_own=ONE_REPORT in people_by_cause
    )
    if COVERAGE_ABOVE in people_by_cause:
        people_above_target = people_reached - (key_figures.value("target") or 0.0)
        obstacle_dicts.append(
            _obstacle(
                COVERAGE_ABOVE,
                people_above_target,
                key_figures.value("target_coverage") or 0.0,
                0,
                sheet_report_table,
                "new",
            )
        )
    obstacle_dicts += _find_refused_conditions(selection)
    obstacle_table = pd.DataFrame(
        [obstacle_dict for obstacle_dict in obstacle_dicts if obstacle_dict], columns=list(OBSTACLE_COLUMNS)
    )
    return obstacle_table.sort_values("people", ascending=False, na_position="last", kind="stable", ignore_index=True)


def is_refused(selection: Selection) -> bool:
    """Return whether the gate refuses the sheet of a selection."""
    return not _conditions_over_limit(selection).empty


def _conditions_over_limit(selection: Selection) -> pd.DataFrame:
    """Return the rows of ``sheet_conditions`` whose state is *refused*, of the first sheet of a selection."""
    selected_sheet, period, method = selection.sheets.selected[:1], selection.period, selection.method
    condition_table = sheet_conditions(selection.plan, selected_sheet, period=period, method=method)
    return condition_table[condition_table["state"] == REFUSED_STATE]


def _reports_of(selection: Selection) -> pd.DataFrame:
    """Return the rows of the ledger (``tables.Reports``) of the first sheet of a selection, in its period."""
    sector, place_name, organisation = selection.sheets.selected[0]
    sheet_report_table = selection.plan.reports(period=selection.period, method=selection.method)
    sheet_report_table = sheet_report_table[sheet_report_table["month"].isin(selection.period.months)]
    if not selection.sheets.has_all_sectors:
        sheet_report_table = sheet_report_table[sheet_report_table["sector"] == sector]
    if country_codes := plan_lists().places[place_name]:
        sheet_report_table = sheet_report_table[sheet_report_table["country"].isin(country_codes)]
    if organisation:
        sheet_report_table = sheet_report_table[sheet_report_table["organisation"].map(fold) == fold(organisation)]
    return sheet_report_table


def _late_reports(reports: pd.DataFrame, month: str) -> dict[str, Any]:
    """Return the obstacle of reports of the last month that are not there (``LATE_REPORT_STATES``); empty without any.

    ``sectors`` is empty, ``people`` NaN, ``rows`` and ``share`` 0.
    Columns read of ``reports``, the ledger: ``month``, ``state``, and those of ``_obstacle``.
    """
    late_report_table = reports[(reports["month"] == month) & reports["state"].isin(LATE_REPORT_STATES)]
    return (
        _obstacle(LATE_CAUSE, float("nan"), 0.0, 0, late_report_table, "new") | {"sectors": ()}
        if len(late_report_table)
        else {}
    )


def _single_reports(
    selection: Selection, reports: pd.DataFrame, reached: float, *, is_own: bool
) -> list[dict[str, Any]]:
    """Return the obstacles of single rows with ``MIN_CAUSE_PEOPLE_SHARE`` or more of ``reached``, at most three.

    Only reports whose cause is ``ONE_REPORT``; with ``is_own`` and without such a row, the largest of all. Columns read
    of ``reports``, the ledger: ``largest_row`` (people), ``cause``, and those of ``REPORT_KEY_COLUMNS``.
    """
    sorted_report_table = reports.sort_values("largest_row", ascending=False, kind="stable")
    is_large_report = (sorted_report_table["cause"] == ONE_REPORT) & (
        sorted_report_table["largest_row"] >= MIN_CAUSE_PEOPLE_SHARE * reached
    )
    large_report_table = sorted_report_table[is_large_report].head(MAX_SINGLE_REPORTS_NAMED)
    if large_report_table.empty and is_own:
        large_report_table = sorted_report_table.head(1)
    sheet_row_table: pd.DataFrame = selection.plan.rows.loc[selection.sheets.presence["row"].unique()]
    obstacle_dicts = []
    for report_position, people_of_largest_row in enumerate(large_report_table["largest_row"]):
        single_report_table = large_report_table.iloc[[report_position]]
        rows_of_report = sheet_row_table.astype(dict.fromkeys(REPORT_KEY_COLUMNS, "str")).merge(
            single_report_table[REPORT_KEY_COLUMNS], on=REPORT_KEY_COLUMNS
        )
        people_share = min(people_of_largest_row / reached, 1.0) if reached else 0.0
        single_admin1_series = rows_of_report.sort_values(NEW_BENEFICIARIES, kind="stable")["admin1"].tail(1)
        place_name = "".join(single_admin1_series.astype("str"))
        obstacle_dicts.append(
            _obstacle(ONE_REPORT, people_of_largest_row, people_share, 1, single_report_table, "largest_row")
            | {"place": place_name}
        )
    return obstacle_dicts


def _find_refused_conditions(selection: Selection) -> list[dict[str, Any]]:
    """Return one obstacle for each condition for which the gate refuses the sheet; empty without any."""
    refused_condition_table = _conditions_over_limit(selection)
    if refused_condition_table.empty:
        return []
    concerned_rows = selection.sheets.rows_by_sheet(
        sum_people_by_condition(selection.plan, selection.period, selection.method)
    )
    concerned_rows = concerned_rows.astype(dict.fromkeys(("organisation", "sector", "country", "month"), "str"))
    return [
        _obstacle(
            condition_name,
            people_count,
            people_share,
            concerned_row_count,
            concerned_rows[concerned_rows["condition"] == condition_name],
            "people",
        )
        for condition_name, concerned_row_count, people_count, people_share in refused_condition_table[
            ["condition", "rows", "people", "share"]
        ].itertuples(index=False)
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

    column_by_field = {"organisations": "organisation", "sectors": "sector", "countries": "country"}
    names_by_field = {
        obstacle_field_name: names_by_people(name_column)
        for obstacle_field_name, name_column in column_by_field.items()
    }
    report_months = tuple(sorted({*reports["month"]} - {""}))
    return {
        "cause": cause,
        "people": people,
        "share": share,
        "rows": int(rows),
        **names_by_field,
        "months": report_months,
        "place": "",
    }
