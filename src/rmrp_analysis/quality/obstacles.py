"""What stands in the way of a sheet: the reports, and conditions of its gate, for which its number cannot be used."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from rmrp_analysis.ledger import COVERAGE, EVERYBODY_NEW, GROUPS_EXCEED, LEFT_OUT, NOT_COUNTED, ONE_REPORT, REPORT
from rmrp_analysis.metrics import NEW
from rmrp_analysis.plan import Selection
from rmrp_analysis.quality.sheets import REFUSED, rows_concerned, sheet_conditions
from rmrp_analysis.vocabulary import PLACES, fold

REACHED, LATE = "people_reached", "late"
LATE_STATES = ("late", "country not in")
OBSTACLES = ("cause", "people", "share", "rows", "organisations", "sectors", "countries", "months", "place")
"""The columns of ``obstacles``."""
MATTERS = 0.1
"""A cause of a smaller share of the people is named where it is the sheet's own alone."""
MOST_SINGLE_REPORTS = 3
"""So many reports are named that each make much of the people."""
PEOPLE_OF_CAUSE: Mapping[str, str] = {
    NOT_COUNTED: "assisted",
    LEFT_OUT: "people_left_out",
    EVERYBODY_NEW: "new",
    GROUPS_EXCEED: "new",
}
"""The column of the ledger that holds the people of a cause."""


def obstacles(selection: Selection) -> pd.DataFrame:
    """Return what stands in the way of the main number of one sheet, most people first.

    Columns ``OBSTACLES``: ``cause`` (of ``ledger.CAUSES``, ``late``, or a condition of the gate), ``people`` concerned
    (NaN: not known), their ``share`` of the people reached and of these, ``rows`` in the files; tuples of
    ``organisations``, ``sectors``, ``countries`` (ISO 3166 alpha-3) and ``months`` whose reports they are, those with
    most people first; and ``place`` (an admin1) of a single report.
    """
    figures = selection.key_figures()
    reports, reached = _reports_of(selection), figures.value(REACHED) or 0.0
    own = {caution.rule: caution.people for caution in figures.unusable}
    found = [_late(reports, selection.period.end)]
    for cause, column in PEOPLE_OF_CAUSE.items():
        is_left_out = cause == LEFT_OUT
        concerned = reports[reports[column] > 0 if is_left_out else reports["cause"] == cause]
        if concerned.empty and cause in own:  # the sheet has it as a whole, and none of its sectors and countries
            concerned = reports[reports["new"] > 0]
        people = float(concerned[column].sum())
        if column == "new":  # of all sectors, some are reached by several
            people = min(people, reached)
        share = people / (people + reached) if column != "new" and people else people / reached if reached else 0.0
        if len(concerned) and (cause in own or share >= MATTERS):
            rows = concerned["rows_left_out" if is_left_out else "rows"].sum()
            found.append(_obstacle(cause, people, share, rows, concerned, column))
    found += _single_reports(selection, reports, reached, is_own=ONE_REPORT in own)
    if COVERAGE in own:
        above = reached - (figures.value("target") or 0.0)
        found.append(_obstacle(COVERAGE, above, figures.value("target_coverage") or 0.0, 0, reports, "new"))
    found += _conditions(selection)
    table = pd.DataFrame([each for each in found if each], columns=list(OBSTACLES))
    return table.sort_values("people", ascending=False, na_position="last", kind="stable", ignore_index=True)


def is_refused(selection: Selection) -> bool:
    """Return whether the gate refuses the sheet of a selection."""
    return not _refused(selection).empty


def _refused(selection: Selection) -> pd.DataFrame:
    """The conditions over their limit, as ``sheet_conditions`` has them."""
    sheet, period, method = selection.sheets.selected[:1], selection.period, selection.method
    conditions = sheet_conditions(selection.plan, sheet, period=period, method=method)
    return conditions[conditions["state"] == REFUSED]


def _reports_of(selection: Selection) -> pd.DataFrame:
    """The ledger of one sheet in its period."""
    sector, place, organisation = selection.sheets.selected[0]
    reports = selection.plan.reports(period=selection.period, method=selection.method)
    reports = reports[reports["month"].isin(selection.period.months)]
    if not selection.sheets.has_all_sectors:
        reports = reports[reports["sector"] == sector]
    if countries := PLACES[place]:
        reports = reports[reports["country"].isin(countries)]
    if organisation:
        reports = reports[reports["organisation"].map(fold) == fold(organisation)]
    return reports


def _late(reports: pd.DataFrame, month: str) -> dict[str, Any]:
    """Who should have reported for the last month."""
    late = reports[(reports["month"] == month) & reports["state"].isin(LATE_STATES)]
    return _obstacle(LATE, float("nan"), 0.0, 0, late, "new") | {"sectors": ()} if len(late) else {}


def _single_reports(
    selection: Selection, reports: pd.DataFrame, reached: float, *, is_own: bool
) -> list[dict[str, Any]]:
    """The reports of which one row makes much of the people."""
    by_row = reports.sort_values("largest_row", ascending=False, kind="stable")
    is_single = (by_row["cause"] == ONE_REPORT) & (by_row["largest_row"] >= MATTERS * reached)
    single = by_row[is_single].head(MOST_SINGLE_REPORTS)
    if single.empty and is_own:
        single = by_row.head(1)
    rows: pd.DataFrame = selection.plan.rows.loc[selection.sheets.presence["row"].unique()]
    found = []
    for number, people in enumerate(single["largest_row"]):
        report = single.iloc[[number]]
        of_report = rows.astype(dict.fromkeys(REPORT, "str")).merge(report[REPORT], on=REPORT)
        share = min(people / reached, 1.0) if reached else 0.0
        largest = of_report.sort_values(NEW, kind="stable")["admin1"].tail(1)
        place = "".join(largest.astype("str"))
        found.append(_obstacle(ONE_REPORT, people, share, 1, report, "largest_row") | {"place": place})
    return found


def _conditions(selection: Selection) -> list[dict[str, Any]]:
    """What the gate of the sheet refuses."""
    refused = _refused(selection)
    if refused.empty:
        return []
    concerned = selection.sheets.belonging(rows_concerned(selection.plan, selection.period, selection.method))
    concerned = concerned.astype(dict.fromkeys(("organisation", "sector", "country", "month"), "str"))
    return [
        _obstacle(name, people, share, rows, concerned[concerned["condition"] == name], "people")
        for name, rows, people, share in refused[["condition", "rows", "people", "share"]].itertuples(index=False)
    ]


def _obstacle(
    cause: str, people: float, share: float, rows: float, reports: pd.DataFrame, column: str
) -> dict[str, Any]:
    def most_first(key: str) -> Sequence[str]:
        sums = reports[reports[key] != ""].groupby(key, observed=True)[column].sum()
        return tuple(sums.sort_values(ascending=False, kind="stable").index)

    names = {"organisations": "organisation", "sectors": "sector", "countries": "country"}
    parts = {name: most_first(key) for name, key in names.items()}
    months = tuple(sorted({*reports["month"]} - {""}))
    return {"cause": cause, "people": people, "share": share, "rows": int(rows), **parts, "months": months, "place": ""}
