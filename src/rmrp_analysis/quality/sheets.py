"""The gate of each sheet: how many of its people stand in rows that a condition concerns.

Conditions are those of ``quality.gate`` that rows meet. They are measured by sheet with the group-by of figures: a row
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
from rmrp_analysis.vocabulary import INDICATOR_TYPES, REGION, UNKNOWN_INDICATOR_TYPE
from rmrp_analysis.words import N_, Translator

PEOPLE_REFUSED_CONDITION, LOST_BY_JOINS_CONDITION = "people_refused", "people_lost_by_joins"
"""Conditions that no check finds: people in refused rows, and in rows that a join loses."""
FILE_CONDITIONS = frozenset(
    {"no_usable_rows", "period_outside_data", "months_missing", "other_plan_year", "nobody_new", "people_with_errors"}
)
"""Conditions that are not measured by sheet: of the files, or of doubt that the numbers of a sheet bear themselves."""
ROW_CONDITIONS = tuple(name for name in Limits.model_fields if name not in FILE_CONDITIONS)
"""Conditions that are measured for each sheet."""
SAME_CONTENT_CONDITION = "same_content_twice"
"""The condition of reports that are sent twice."""
MIN_SHEET_SHARE_LIMIT, MIN_REGION_SHARE_LIMIT = 0.05, 0.03
"""No sheet is refused for a smaller share of its people, however low the limit of the whole plan is: the first of a
place, the second of the region; ``MIN_SHARE_LIMIT_BY_CONDITION`` has exceptions."""
MIN_SHARE_LIMIT_BY_CONDITION = {
    SAME_CONTENT_CONDITION: 0.1,
    "negative_people": 0.0,
    "people_of_other_kinds": 1.0,
    "misspelt_places": 1.0,
}
"""Two true reports may be alike; fewer than 0 people are always wrong; the last two move no number of people reached,
so a sheet says them, and is published."""
MIN_ROWS_BY_CONDITION = {"people_of_other_kinds": 10, "nobody_new": 10}
"""A condition that fewer rows meet is chance."""
MIN_PEOPLE_BY_CONDITION = {"people_of_another_column": 50, SAME_CONTENT_CONDITION: 50, "new_above_total": 50}
"""Fewer are so by chance in a small file or sheet; ``benchmarks/false_stops.py`` measures how often."""
MIN_UNLISTED_ROW_SHARE, MIN_UNLISTED_ROWS = 0.9, 3
"""A sector of which such a share of rows (of a sheet: of people), and at least so many rows (of a sheet: any number),
have indicators that are in no list needs another list."""
OTHER_LIST_MESSAGE = N_(
    "Nearly no indicator of {sectors} is in the list of indicators, so it is another list than that of the reports. "
    "Name the right one in sources.yml; this is never accepted."
)
"""What to do where nearly no indicator of a sector is in the list."""
AGGREGATION_BY_COLUMN = {"rows": "sum", "people": "sum", "more": "sum", "key": "sum", "base": "max"}
"""How each column is added up: a base holds for all, so the largest stands."""
SHEET_KEY_COLUMNS = ["sector", "country", "organisation", "month", "rmrp_activity"]
"""What tells sheets apart."""
REFUSED_STATE, ACCEPTED_STATE, BELOW_LIMIT_STATE = "refused", "accepted", "below"
"""States of a condition in a sheet."""


def findings_of_condition(reports: ActivityColumns, condition: str) -> pd.DataFrame:
    """Return what the checks of a condition find (``FINDING_COLUMNS``), most people first.

    The index is that of the activities: a label stands once for each finding. Checks that cannot be run find nothing.
    Without any finding, the columns ``people`` and ``check`` alone.
    """
    condition_checks = [check for check in checks_of(reports.plan.year) if check.condition == condition]
    finding_tables = [
        finding_table
        for check in condition_checks
        if not check.not_run_because(reports.plan)
        for finding_table in check.findings(reports)
    ]
    all_finding_table = pd.concat(finding_tables) if finding_tables else pd.DataFrame(columns=["people", "check"])
    return all_finding_table.sort_values("people", ascending=False, kind="stable")


def reports_of_every_type(plan: Plan, period: Period, method: Method) -> ActivityColumns:
    """Return the reports of a plan with the people of all indicators: those that are not counted have figures, too."""
    return ActivityColumns(plan, period, method.model_copy(update={"counted_indicator_types": INDICATOR_TYPES}))


@cached_and_sent
def sum_people_by_condition(plan: Plan, period: Period, method: Method) -> pd.DataFrame:
    """Return the people of a plan, one row for ``SHEET_KEY_COLUMNS`` and ``condition``; cached in the plan.

    Other columns: ``rows``, ``people`` (that the condition concerns), ``more`` (of these, people that a finding adds to
    those of its row), ``key`` and ``base`` of their rounding. Of the condition "" are the people of all rows.
    Conditions of nobody are left out. People of every type of indicator count.
    """
    activity_series_by_column, plan_rows = reports_of_every_type(plan, period, method), plan.rows
    people_by_row = (activity_series_by_column["people"] + activity_series_by_column["not_known"]).abs()
    people_series_by_condition = {
        "": people_by_row,
        LOST_BY_JOINS_CONDITION: people_by_row[plan.activities["indicator_type"] == UNKNOWN_INDICATOR_TYPE],
    }
    for measured_condition_name in ROW_CONDITIONS:
        if measured_condition_name not in (PEOPLE_REFUSED_CONDITION, LOST_BY_JOINS_CONDITION):
            people_series_by_condition[measured_condition_name] = (
                findings_of_condition(activity_series_by_column, measured_condition_name)["people"]
                .groupby(level=0)
                .max()
            )
    people_tables_of_conditions = [
        plan_rows.loc[people_concerned.index, [*SHEET_KEY_COLUMNS, "rows", "key"]].assign(
            condition=condition_name,
            people=people_concerned,
            more=(people_concerned - people_by_row[people_concerned.index]).clip(lower=0),
        )
        for condition_name, people_concerned in people_series_by_condition.items()
    ]
    refused_rows = plan.refused_rows
    people_left_out_series = refused_rows["people_left_out"]
    people_tables_of_conditions.append(
        refused_rows[[*SHEET_KEY_COLUMNS, "rows", "key"]].assign(
            condition=PEOPLE_REFUSED_CONDITION, people=people_left_out_series, more=people_left_out_series
        )
    )
    rows_of_all_conditions = add_base(
        pd.concat(people_tables_of_conditions, ignore_index=True).assign(amount=lambda table: table["people"]), method
    )
    rows_of_all_conditions = rows_of_all_conditions.assign(
        key=rows_of_all_conditions["key"].where(rows_of_all_conditions["people"] > 0, 0)
    )
    sheet_condition_sums = (
        rows_of_all_conditions.groupby([*SHEET_KEY_COLUMNS, "condition"], observed=True)
        .agg(AGGREGATION_BY_COLUMN)
        .reset_index()
    )
    return sheet_condition_sums[sheet_condition_sums["people"].gt(0) | sheet_condition_sums["condition"].eq("")]


def shares_by(sums: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Return the ``share`` of people whom each condition concerns, from 0 to 1, with ``rows`` and ``people``.

    The share is 0 where there is nobody. ``of_all`` are the people of all rows, with those that the condition adds;
    ``key``, ``key_of_all`` and ``base`` are for the rounding of both. ``sums`` are those of
    ``sum_people_by_condition``; the condition "" gets no row. Index: ``by`` and ``condition``.
    """
    condition_total_table = sums.groupby([*by, "condition"], observed=True).agg(AGGREGATION_BY_COLUMN)
    condition_name_index = condition_total_table.index.get_level_values("condition")
    all_row_total_table = condition_total_table.loc[condition_name_index == "", ["people", "key", "base"]].droplevel(-1)
    concerned_total_table = condition_total_table[condition_name_index != ""]
    all_row_total_table = all_row_total_table.reindex(
        concerned_total_table.reset_index("condition").index, fill_value=0
    ).set_axis(concerned_total_table.index)
    all_people_series = all_row_total_table["people"] + concerned_total_table["more"]
    return concerned_total_table[["rows", "people", "key"]].assign(
        share=concerned_total_table["people"].div(all_people_series).where(all_people_series > 0, 0.0),
        of_all=all_people_series,
        key_of_all=all_row_total_table["key"]
        + concerned_total_table["key"].where(concerned_total_table["more"] > 0, 0),
        base=np.maximum(all_row_total_table["base"], concerned_total_table["base"]),
    )


def is_chance(condition: str, rows: int, people: float) -> bool:
    """Return whether so few rows, or people in them, meet a condition by chance.

    The limits are ``MIN_ROWS_BY_CONDITION`` and ``MIN_PEOPLE_BY_CONDITION``; without one, nothing is chance.
    """
    return rows < MIN_ROWS_BY_CONDITION.get(condition, 0) or people < MIN_PEOPLE_BY_CONDITION.get(condition, 0)


def limit_of_sheet(condition: str, limits: Limits, *, is_region: bool = False) -> float:
    """Return the share of people above which a condition refuses a sheet: the plan's limit, but at least a minimum.

    The minimum is that of the condition in ``MIN_SHARE_LIMIT_BY_CONDITION``, else that of a place or of the region.
    """
    usual_limit = MIN_REGION_SHARE_LIMIT if is_region else MIN_SHEET_SHARE_LIMIT
    return max(float(getattr(limits, condition)), MIN_SHARE_LIMIT_BY_CONDITION.get(condition, usual_limit))


def sheet_conditions(plan: Plan, selected: Iterable[Selected], *, period: Period, method: Method) -> pd.DataFrame:
    """Return what each sheet meets of ``ROW_CONDITIONS``: one row a sheet and condition, largest share first.

    Columns: ``report``, ``condition``, those of ``shares_by`` (``share`` is of the people of the sheet), ``state``:
    *refused* (over the limit of the method, or nearly all people have indicators in no list), *accepted* (over the
    usual limit, which the method accepts), *below* (also where so few rows or people are chance, see ``is_chance``).
    """
    selected_sheets = plan.sheets(selected, period=period, method=method)
    sheet_people_rows = selected_sheets.rows_by_sheet(sum_people_by_condition(plan, period, method)).rename(
        columns={"sheet": "report"}
    )
    sheet_condition_rows = shares_by(sheet_people_rows, ["report"]).reset_index().astype({"report": "str"})
    is_region_sheet = sheet_condition_rows["report"].map(selected_sheets.table["place"] == REGION)
    condition_count_triples = zip(
        sheet_condition_rows["condition"], sheet_condition_rows["rows"], sheet_condition_rows["people"], strict=True
    )
    is_beyond_chance = ~pd.Series(
        [is_chance(*condition_and_counts) for condition_and_counts in condition_count_triples],
        sheet_condition_rows.index,
        dtype="bool",
    )
    state_by_row = pd.Series(BELOW_LIMIT_STATE, sheet_condition_rows.index)
    for state_name, state_limits in ((ACCEPTED_STATE, Limits()), (REFUSED_STATE, method.limits)):
        conditions_with_region_flag = zip(sheet_condition_rows["condition"], is_region_sheet, strict=True)
        share_limit_by_row = pd.Series(
            [
                limit_of_sheet(condition_name, state_limits, is_region=is_of_region)
                for condition_name, is_of_region in conditions_with_region_flag
            ],
            sheet_condition_rows.index,
        )
        state_by_row = state_by_row.mask(
            is_beyond_chance & (sheet_condition_rows["share"].round(6) > share_limit_by_row), state_name
        )
    state_by_row = state_by_row.mask(
        (sheet_condition_rows["condition"] == LOST_BY_JOINS_CONDITION)
        & (sheet_condition_rows["share"] >= MIN_UNLISTED_ROW_SHARE),
        REFUSED_STATE,
    )
    sheet_condition_rows = sheet_condition_rows.assign(state=state_by_row.astype("str"))
    return sheet_condition_rows.sort_values(
        ["share", "report", "condition"], ascending=[False, True, True], ignore_index=True
    )


def shares_elsewhere(plan: Plan, *, period: Period, method: Method) -> dict[str, float]:
    """Return the smallest share of each condition, by its name: of all, without one sector, without one country.

    The one left out is that with most people concerned; it stays where it has half of all people or more. What it holds
    is a matter of its sheets; the rest is a fault of the files. Of ``SAME_CONTENT_CONDITION`` the share is always that
    of all: a file may be there twice. Conditions of nobody, or not in ``ROW_CONDITIONS``, are left out.
    """
    sheet_condition_sum_table = sum_people_by_condition(plan, period, method).assign(all="all")
    share_by_condition: dict[str, float] = {}
    for measured_condition_name in {*sheet_condition_sum_table["condition"]} - {""}:
        condition_rows = sheet_condition_sum_table[
            sheet_condition_sum_table["condition"].isin(["", measured_condition_name])
        ]
        candidate_tables = [condition_rows]
        for group_column in ("sector", "country") if measured_condition_name != SAME_CONTENT_CONDITION else ():
            all_people_by_group, concerned_people_by_group = (
                condition_rows[condition_rows["condition"] == condition_name]
                .groupby(group_column, observed=True)["people"]
                .sum()
                for condition_name in ("", measured_condition_name)
            )
            most_concerned_group_name = concerned_people_by_group.idxmax()
            if (
                most_concerned_group_name != ""
                and all_people_by_group.get(most_concerned_group_name, 0.0) * 2 < all_people_by_group.sum()
            ):
                candidate_tables.append(condition_rows[condition_rows[group_column] != most_concerned_group_name])
        share_by_condition[measured_condition_name] = min(
            shares_by(candidate_table, ["all"])["share"].sum() for candidate_table in candidate_tables
        )
    return share_by_condition


def sectors_not_listed(plan: Plan) -> list[str]:
    """Return the sectors that need another list of indicators (``MIN_UNLISTED_ROW_SHARE``), in alphabetical order."""
    is_unknown_indicator = plan.activities["indicator_type"] == UNKNOWN_INDICATOR_TYPE
    unlisted_sector_stat_table = is_unknown_indicator.groupby(plan.activities["sector"].astype("str")).agg(
        ["mean", "size"]
    )
    return [
        *unlisted_sector_stat_table.index[
            (unlisted_sector_stat_table["mean"] >= MIN_UNLISTED_ROW_SHARE)
            & (unlisted_sector_stat_table["size"] >= MIN_UNLISTED_ROWS)
        ]
    ]


def explain_refused_sheets(
    plan: Plan, selected: Iterable[Selected], *, period: Period, method: Method, language: str
) -> dict[str, str]:
    """Return why each refused sheet is refused, by report id; other sheets are left out.

    The text has each condition with its rows, its people and their share, separated by semicolons.
    """
    refused_condition_table = sheet_conditions(plan, selected, period=period, method=method).query(
        "state == @REFUSED_STATE"
    )
    translate = Translator(language)
    condition_messages = [
        translate.plural(
            "{name}: {people} people in {rows} row, {share}",
            "{name}: {people} people in {rows} rows, {share}",
            condition_row["rows"],
            name=condition_row["condition"],
            people=numbers.count(condition_row["people"], language),
            rows=numbers.count(condition_row["rows"], language),
            share=numbers.format_value(condition_row["share"], "share", language),
        )
        for condition_row in refused_condition_table.to_dict("records")
    ]
    sentence_series_by_report = (
        refused_condition_table.assign(told=condition_messages).groupby("report", sort=False)["told"].agg("; ".join)
    )
    return {str(report_name): sheet_sentence for report_name, sheet_sentence in sentence_series_by_report.items()}
