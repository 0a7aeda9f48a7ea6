"""The gate of each sheet: how many of its people stand in rows that a condition concerns.

It has the conditions of ``quality.gate`` that rows meet. They are measured by sheet with the group-by of figures: a row
concerns every sheet that it belongs to. A refused row counts with the people that it would have had.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from rmrp_analysis import numbers
from rmrp_analysis.arguments import Period
from rmrp_analysis.method import Limits, Method
from rmrp_analysis.metrics import add_base, cached_and_sent
from rmrp_analysis.plan import Plan, Selected
from rmrp_analysis.quality.checks import checks_of
from rmrp_analysis.quality.columns import ActivityColumns
from rmrp_analysis.vocabulary import INDICATOR_TYPES, REGION, UNKNOWN_INDICATOR_TYPE, report_id
from rmrp_analysis.words import N_, Translator

PEOPLE_REFUSED_CONDITION, LOST_BY_JOINS_CONDITION = "people_refused", "people_lost_by_joins"
"""Conditions that no check finds: people in refused rows, and in rows that a join loses."""
FILE_CONDITIONS = frozenset(
    {"no_usable_rows", "period_outside_data", "months_missing", "other_plan_year", "nobody_new", "people_with_errors"}
)
"""Conditions that are not measured by sheet: they concern files, or a doubt that the sheet's numbers show."""
ROW_CONDITIONS = tuple(name for name in Limits.model_fields if name not in FILE_CONDITIONS)
"""Conditions that are measured for each sheet."""
SAME_CONTENT_CONDITION = "same_content_twice"
"""The condition of reports that are sent twice."""
MIN_SHEET_SHARE_LIMIT, MIN_REGION_SHARE_LIMIT = 0.05, 0.03
"""No sheet of a place, or of the region, is refused for a smaller share of its people, however low the plan's limit is.

``MIN_SHARE_LIMIT_BY_CONDITION`` has exceptions.
"""
MIN_SHARE_LIMIT_BY_CONDITION = {
    SAME_CONTENT_CONDITION: 0.1,
    "negative_people": 0.0,
    "people_of_other_kinds": 1.0,
    "misspelt_places": 1.0,
}
"""Limits of single conditions: two true reports may be alike, and fewer than 0 people are always wrong.

The last two conditions move no number of people reached, so the sheet is published with them.
"""
MIN_ROWS_BY_CONDITION = {"people_of_other_kinds": 10, "nobody_new": 10}
"""With fewer rows, a condition is chance."""
MIN_PEOPLE_BY_CONDITION = {"people_of_another_column": 50, SAME_CONTENT_CONDITION: 50, "new_above_total": 50}
"""Fewer people are chance in a small file or sheet. ``benchmarks/false_stops.py`` measures how often."""
MIN_UNLISTED_ROW_SHARE, MIN_UNLISTED_ROWS = 0.9, 3
"""A sector needs another list if so large a share of its rows, and at least so many, have indicators in no list.

In a sheet, the share is of people, and any number of rows suffices.
"""
OTHER_LIST_MESSAGE = N_(
    "Nearly no indicator of {sectors} is in the list of indicators, so it is another list than that of the reports. "
    "Name the right one in sources.yml; this is never accepted."
)
"""The advice if nearly no indicator of a sector is in the list."""
AGGREGATION_BY_COLUMN = {"rows": "sum", "people": "sum", "more": "sum", "key": "sum", "base": "max"}
"""How each column is added up. One base holds for all rows, so it is the largest."""
SHEET_KEY_COLUMNS = ["sector", "country", "organisation", "month", "rmrp_activity"]
"""The columns that select the rows of a sheet."""
REFUSED_STATE, ACCEPTED_STATE, BELOW_LIMIT_STATE = "refused", "accepted", "below"
"""States of a condition in a sheet."""


def findings_of_condition(reports: ActivityColumns, condition: str) -> pd.DataFrame:
    """Return the findings of the checks of a condition (``FINDING_COLUMNS``), most people first.

    The index has a label of the activities for each finding. Checks that cannot be run find nothing. Without any
    finding, the columns are only ``people`` and ``check``.
    """
    checks = [check for check in checks_of(reports.plan.year) if check.condition == condition]
    tables = [table for check in checks if not check.not_run_because(reports.plan) for table in check.findings(reports)]
    findings = pd.concat(tables) if tables else pd.DataFrame(columns=["people", "check"])
    return findings.sort_values("people", ascending=False, kind="stable")


def reports_of_every_type(plan: Plan, period: Period, method: Method) -> ActivityColumns:
    """Return the reports of a plan with the people of all indicators. Uncounted indicators have figures, too."""
    return ActivityColumns(plan, period, method.model_copy(update={"counted_indicator_types": INDICATOR_TYPES}))


@cached_and_sent
def sum_people_by_condition(plan: Plan, period: Period, method: Method) -> pd.DataFrame:
    """Return the people of a plan, one row for ``SHEET_KEY_COLUMNS`` and ``condition``. Cached in the plan.

    Other columns: ``rows``, ``people`` (that the condition concerns), ``more`` (the people among them that a finding
    adds to the people of its row), ``key`` and ``base`` of their rounding. The condition "" has the people of all rows.
    Conditions of nobody are left out. People of every type of indicator count.
    """
    reports, rows = reports_of_every_type(plan, period, method), plan.rows
    people = (reports["people"] + reports["not_known"]).abs()
    people_of = {
        "": people,
        LOST_BY_JOINS_CONDITION: people[plan.activities["indicator_type"] == UNKNOWN_INDICATOR_TYPE],
    }
    for condition in ROW_CONDITIONS:
        if condition not in (PEOPLE_REFUSED_CONDITION, LOST_BY_JOINS_CONDITION):
            people_of[condition] = findings_of_condition(reports, condition)["people"].groupby(level=0).max()
    columns = [*SHEET_KEY_COLUMNS, "rows", "key"]
    tables = []
    for name, concerned in people_of.items():
        extra = (concerned - people[concerned.index]).clip(lower=0)
        tables.append(rows.loc[concerned.index, columns].assign(condition=name, people=concerned, more=extra))
    left_out = plan.refused_rows["people_left_out"]
    refused = plan.refused_rows[columns]
    tables.append(refused.assign(condition=PEOPLE_REFUSED_CONDITION, people=left_out, more=left_out))
    all_rows = add_base(pd.concat(tables, ignore_index=True).assign(amount=lambda table: table["people"]), method)
    all_rows = all_rows.assign(key=all_rows["key"].where(all_rows["people"] > 0, 0))
    sums = all_rows.groupby([*SHEET_KEY_COLUMNS, "condition"], observed=True).agg(AGGREGATION_BY_COLUMN).reset_index()
    return sums[sums["people"].gt(0) | sums["condition"].eq("")]


def shares_by(sums: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Return the ``share`` of people whom each condition concerns, from 0 to 1, with ``rows`` and ``people``.

    The share is 0 without anybody. ``of_all`` are the people of all rows and the people that the condition adds.
    ``key``, ``key_of_all`` and ``base`` are for the rounding of both. ``sums`` come from ``sum_people_by_condition``.
    The condition "" gets no row. Index: ``by`` and ``condition``.
    """
    totals = sums.groupby([*by, "condition"], observed=True).agg(AGGREGATION_BY_COLUMN)
    conditions = totals.index.get_level_values("condition")
    all_people = totals.loc[conditions == "", ["people", "key", "base"]].droplevel(-1)
    concerned = totals[conditions != ""]
    all_people = all_people.reindex(concerned.reset_index("condition").index, fill_value=0).set_axis(concerned.index)
    of_all = all_people["people"] + concerned["more"]
    return concerned[["rows", "people", "key"]].assign(
        share=concerned["people"].div(of_all).where(of_all > 0, 0.0),
        of_all=of_all,
        key_of_all=all_people["key"] + concerned["key"].where(concerned["more"] > 0, 0),
        base=np.maximum(all_people["base"], concerned["base"]),
    )


def is_chance(condition: str, rows: int, people: float) -> bool:
    """Return whether so few rows, or people in them, meet a condition by chance.

    The limits are ``MIN_ROWS_BY_CONDITION`` and ``MIN_PEOPLE_BY_CONDITION``. Without a limit, nothing is chance.
    """
    return rows < MIN_ROWS_BY_CONDITION.get(condition, 0) or people < MIN_PEOPLE_BY_CONDITION.get(condition, 0)


def limit_of_sheet(condition: str, limits: Limits, *, is_region: bool = False) -> float:
    """Return the share of people above which a condition refuses a sheet: the plan's limit, but at least a minimum.

    The minimum stands in ``MIN_SHARE_LIMIT_BY_CONDITION``. Otherwise it is the usual one for a place or the region.
    """
    usual = MIN_REGION_SHARE_LIMIT if is_region else MIN_SHEET_SHARE_LIMIT
    return max(float(getattr(limits, condition)), MIN_SHARE_LIMIT_BY_CONDITION.get(condition, usual))


def sheet_conditions(plan: Plan, selected: Iterable[Selected], *, period: Period, method: Method) -> pd.DataFrame:
    """Return the ``ROW_CONDITIONS`` of each sheet: one row a sheet and condition, largest share first.

    Columns: ``report``, ``condition``, the columns of ``shares_by`` (``share`` is of the people of the sheet), and
    ``state``: *refused* (over the limit of the method, or nearly all people have indicators in no list), *accepted*
    (over the usual limit, and the method accepts it), *below* (also if so few rows or people are chance, see
    ``is_chance``). Sheets are measured at once, and cached in the plan.
    """
    reports = {report_id(*sheet): sheet for sheet in selected}
    tables = plan.cached_tables("sheet_conditions", period, method)
    if missing := [sheet for report, sheet in reports.items() if report not in tables]:
        table = _measure_conditions(plan, missing, period, method)
        tables |= {report_id(*sheet): table[table["report"] == report_id(*sheet)] for sheet in missing}
    table = (
        pd.concat([tables[report] for report in reports]) if reports else _measure_conditions(plan, [], period, method)
    )
    return table.sort_values(["share", "report", "condition"], ascending=[False, True, True], ignore_index=True)


def _measure_conditions(plan: Plan, selected: Iterable[Selected], period: Period, method: Method) -> pd.DataFrame:
    """Return the conditions of sheets, with the columns of ``sheet_conditions``, by report and condition."""
    sheets = plan.sheets(selected, period=period, method=method)
    sums = sheets.rows_by_sheet(sum_people_by_condition(plan, period, method)).rename(columns={"sheet": "report"})
    table = shares_by(sums, ["report"]).reset_index().astype({"report": "str"})
    is_region = table["report"].map(sheets.table["place"] == REGION)
    triples = zip(table["condition"], table["rows"], table["people"], strict=True)
    is_enough = ~pd.Series([is_chance(*counts) for counts in triples], table.index, dtype="bool")
    state = pd.Series(BELOW_LIMIT_STATE, table.index)
    for word, limits in ((ACCEPTED_STATE, Limits()), (REFUSED_STATE, method.limits)):
        pairs = zip(table["condition"], is_region, strict=True)
        limit = pd.Series([limit_of_sheet(name, limits, is_region=is_wide) for name, is_wide in pairs], table.index)
        state = state.mask(is_enough & (table["share"].round(6) > limit), word)
    is_unlisted = (table["condition"] == LOST_BY_JOINS_CONDITION) & (table["share"] >= MIN_UNLISTED_ROW_SHARE)
    return table.assign(state=state.mask(is_unlisted, REFUSED_STATE).astype("str"))


def shares_elsewhere(plan: Plan, *, period: Period, method: Method) -> dict[str, float]:
    """Return the smallest share of each condition, by its name: in all rows, without one sector, without one country.

    The sector or country with most people concerned is left out, unless it has half of all people or more. Its own
    faults are a matter of its sheets. The rest is a fault of the files. ``SAME_CONTENT_CONDITION`` always has the share
    in all rows, because a file may be present twice. Conditions of nobody, or not in ``ROW_CONDITIONS``, are left out.
    """
    sums = sum_people_by_condition(plan, period, method).assign(all="all")
    shares: dict[str, float] = {}
    for condition in {*sums["condition"]} - {""}:
        rows = sums[sums["condition"].isin(["", condition])]
        tables = [rows]
        for key in ("sector", "country") if condition != SAME_CONTENT_CONDITION else ():
            all_people, concerned = (
                rows[rows["condition"] == name].groupby(key, observed=True)["people"].sum() for name in ("", condition)
            )
            largest = concerned.idxmax()
            if largest != "" and all_people.get(largest, 0.0) * 2 < all_people.sum():
                tables.append(rows[rows[key] != largest])
        shares[condition] = min(shares_by(table, ["all"])["share"].sum() for table in tables)
    return shares


def sectors_not_listed(plan: Plan) -> list[str]:
    """Return the sectors that need another list of indicators (``MIN_UNLISTED_ROW_SHARE``), in alphabetical order."""
    is_unknown = plan.activities["indicator_type"] == UNKNOWN_INDICATOR_TYPE
    rows = is_unknown.groupby(plan.activities["sector"].astype("str")).agg(["mean", "size"])
    return [*rows.index[(rows["mean"] >= MIN_UNLISTED_ROW_SHARE) & (rows["size"] >= MIN_UNLISTED_ROWS)]]


def explain_refused_sheets(
    plan: Plan, selected: Iterable[Selected], *, period: Period, method: Method, language: str
) -> dict[str, str]:
    """Return why each refused sheet is refused, by report id. Other sheets are left out.

    The text has each condition with its rows, its people and their share, separated by semicolons.
    """
    table = sheet_conditions(plan, selected, period=period, method=method).query("state == @REFUSED_STATE")
    translate = Translator(language)
    messages = [
        translate.plural(
            "{name}: {people} people in {rows} row, {share}",
            "{name}: {people} people in {rows} rows, {share}",
            row["rows"],
            name=row["condition"],
            people=numbers.count(row["people"], language),
            rows=numbers.count(row["rows"], language),
            share=numbers.format_value(row["share"], "share", language),
        )
        for row in table.to_dict("records")
    ]
    sentences = table.assign(told=messages).groupby("report", sort=False)["told"].agg("; ".join)
    return {str(report): sentence for report, sentence in sentences.items()}
