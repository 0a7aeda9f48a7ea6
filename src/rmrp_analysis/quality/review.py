"""The review of a data folder: refused rows, findings before and after repairs, and the people they move."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan, nan
from typing import Self

import pandas as pd

from rmrp_analysis.arguments import Period
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import add_base, cached_and_sent
from rmrp_analysis.plan import CHANGE_COLUMNS, JoinAudit, Plan, Selected, Selection
from rmrp_analysis.quality import checks
from rmrp_analysis.quality.checks import (
    CHECK_BY_NAME,
    FAULT_KEY_COLUMNS,
    FREE_TEXT_COLUMNS,
    FREE_TEXT_PLACEHOLDER,
    findings,
)
from rmrp_analysis.quality.columns import ActivityColumns
from rmrp_analysis.quality.joins import join_audits, join_findings
from rmrp_analysis.quality.money import money_findings
from rmrp_analysis.quality.planning import PLANNING_CHECK_NAMES, planning_findings
from rmrp_analysis.quality.repairs import STEPS_BY_REPAIR, apply_repair, join_again, repair_plan
from rmrp_analysis.tables import Activities
from rmrp_analysis.vocabulary import INTERSECTOR, UNKNOWN_INDICATOR_TYPE, report_id


@dataclass(frozen=True)
class Review:
    """The result of all checks of a plan. ``plan`` is as it was loaded, ``after`` with corrections and repairs made.

    ``findings`` are those in the files as they were sent, ``remaining`` those after the repairs. ``joins`` are the
    audits of ``after``; ``not_run``: why a check of the plan could not be run, by check.
    """

    plan: Plan
    after: Plan
    period: Period
    method: Method
    findings: pd.DataFrame
    remaining: pd.DataFrame
    not_run: dict[str, str]
    joins: tuple[JoinAudit, ...]

    def faults(self) -> pd.DataFrame:
        """Return the content of ``quality.csv`` (``FINDING_COLUMNS``), by origin.

        Origins: joins that lose rows, faults of the loaders, findings of checks, of planning, of money. Findings of
        checks and of planning stand with most people first, the others in the order of their own function. ``people``
        is 0, ``family`` and ``r4v_check`` empty where nothing is known.
        """
        planning_fault_table, money_fault_table = (
            find_faults(self.plan).assign(family="consistency") for find_faults in (planning_findings, money_findings)
        )
        finding_tables = [
            join_findings(self.joins),
            list_loader_faults(self.plan),
            self.findings,
            planning_fault_table,
            money_fault_table,
        ]
        filled_tables = [
            finding_table.reindex(columns=list(checks.FINDING_COLUMNS))
            for finding_table in finding_tables
            if len(finding_table)
        ]
        fault_table = pd.concat([self.findings.iloc[:0], *filled_tables], ignore_index=True)
        return fault_table.fillna({"people": 0.0, "family": "", "r4v_check": ""})

    def changes(self) -> pd.DataFrame:
        """Return the content of ``repairs.csv`` (``CHANGE_COLUMNS``), one row for each change of a cell.

        Free texts, and cells of columns that activities do not have, are not quoted: ``before`` and ``after`` are
        ``FREE_TEXT_PLACEHOLDER``.
        """
        change_table = self.after.changes[list(CHANGE_COLUMNS)]
        is_read_column = change_table["column"].isin(list(Activities.columns))
        is_free_text = change_table["column"].isin(FREE_TEXT_COLUMNS) | ~is_read_column
        return change_table.assign(
            before=change_table["before"].mask(is_free_text, FREE_TEXT_PLACEHOLDER),
            after=change_table["after"].mask(is_free_text, FREE_TEXT_PLACEHOLDER),
        )

    def of_sectors(self, sectors: Sequence[str]) -> Self:
        """Return the review with the findings of these sectors alone; of all where *Intersector* is one of them.

        ``findings`` and ``remaining`` are filtered by the sector of the row as loaded. Joins, refused cells, planning,
        money and changes stay those of all sectors.
        """
        activities = self.plan.activities
        sector_activity_line_index = _activity_lines(
            activities if INTERSECTOR in sectors else activities[activities["sector"].isin(sectors)]
        )
        sector_finding_table, remaining_finding_table = (
            findings_table[_finding_lines(findings_table).isin(sector_activity_line_index)]
            for findings_table in (self.findings, self.remaining)
        )
        return replace(self, findings=sector_finding_table, remaining=remaining_finding_table)

    def by_check(self) -> pd.DataFrame:
        """Return one row a check with findings: ``family``, ``severity``, ``rows``, ``people``, ``rows_left``.

        The index is the name of the check; most people first, then most rows. ``rows`` and ``people`` count each
        activity once a check. Of planned figures ``people`` is the largest one in doubt: sectors, need and target are
        of the same people. ``rows_left`` counts the activities after the repairs; it is as ``rows`` for joins, refused
        cells, planning and money, unless a check of activities has the same name.
        """
        distinct_fault_table = self.faults().drop_duplicates(["check", "file", "line"])
        check_total_table = distinct_fault_table.groupby("check").agg(
            family=("family", "first"), severity=("severity", "first"), rows=("line", "size"), people=("people", "sum")
        )
        max_planned_people_by_check = (
            distinct_fault_table[distinct_fault_table["check"].isin(PLANNING_CHECK_NAMES)]
            .groupby("check")["people"]
            .max()
        )
        check_total_table["people"] = max_planned_people_by_check.reindex(check_total_table.index).fillna(
            check_total_table["people"]
        )
        remaining_row_count_by_check = self.remaining.drop_duplicates(["check", "file", "line"]).groupby("check").size()
        is_check_of_rows = check_total_table.index.isin(list(CHECK_BY_NAME))
        check_total_table["rows_left"] = (
            remaining_row_count_by_check.reindex(check_total_table.index)
            .fillna(0)
            .where(is_check_of_rows, check_total_table["rows"])
            .astype("int64")
        )
        return check_total_table.sort_values(["people", "rows"], ascending=False, kind="stable")


def review_plan(plan: Plan, *, period: Period, method: Method, repairs: tuple[str, ...] = ()) -> Review:
    """Run all checks on a plan as it was loaded, and again after its corrections and these repairs.

    Raises as ``repair_plan`` and ``checks.checks_of`` do.
    """
    repaired_plan = repair_plan(plan, repairs)
    finding_table_before_repair = findings(plan, period=period, method=method)
    return Review(
        plan=plan,
        after=repaired_plan,
        period=period,
        method=method,
        findings=finding_table_before_repair,
        remaining=finding_table_before_repair
        if repaired_plan.changes.empty
        else findings(repaired_plan, period=period, method=method),
        not_run=checks.not_run(plan),
        joins=join_audits(repaired_plan, period=period, method=method),
    )


def list_loader_faults(plan: Plan) -> pd.DataFrame:
    """Return all faults of the loaders, refused or warned of: ``FINDING_COLUMNS`` and ``input``.

    ``input`` is the table that the file was read for. Without any fault, there are ``FAULT_COLUMNS`` and ``input``
    alone. ``people`` (float) are lost with the row of activities, and stand in each of its faults; 0 for other inputs.
    ``r4v_check`` is empty for warnings; a fault has a row for each name that R4V has for it.
    """
    loader_fault_table = plan.faults
    if loader_fault_table.empty:
        return loader_fault_table
    fault_location_index = pd.MultiIndex.from_frame(loader_fault_table[["file", "line"]])
    lost_people_by_fault = sum_refused_people(plan).reindex(fault_location_index).fillna(0.0).to_numpy()
    is_empty_cell = loader_fault_table["check"] == "empty"
    rule_name_by_fault = is_empty_cell.map({True: "empty_", False: "refused_"}) + loader_fault_table["column"]
    loader_fault_table = loader_fault_table.assign(
        people=lost_people_by_fault * (loader_fault_table["input"] == "activities"),
        family=is_empty_cell.map({True: "completeness", False: "accuracy"}),
        r4v_check=rule_name_by_fault.map(dict(plan.year.checks))
        .fillna("")
        .where(loader_fault_table["severity"] == "refused", ""),
    )
    return checks.split_by_r4v_name(loader_fault_table)


def sum_refused_people(plan: Plan) -> pd.Series:
    """Return the people left out with each refused activity (see ``loaders.refused``), by file and line."""
    refused_activity_table = plan.refused_activities
    if refused_activity_table.empty:
        return pd.Series(dtype="float64", index=pd.MultiIndex.from_arrays([[], []], names=["file", "line"]))
    return (
        refused_activity_table.groupby(["source_file", "source_line"])["people_left_out"]
        .sum()
        .rename_axis(["file", "line"])
    )


def steps_to_people_reached(review: Review) -> pd.DataFrame:
    """Return the steps from the people of the files to the people reached, in order.

    Columns: ``step``, ``people`` (that it adds or, below 0, takes), ``left`` (people after it). Steps: *sent*,
    *refused*, *repairs*, *new_not_known* (only in plan years that derive new beneficiaries), *outside_period*,
    *unknown_indicator*, *other_types*, *not_rmrp*, *several_sectors*. People of sectors are added up until the last,
    which gives all sectors together under the run's model; it is left out where the people reached are not known.
    """
    method, activities = review.method, review.after.activities
    new_people_by_row = activities["new_beneficiaries"]
    refused_people_count = float(sum_refused_people(review.plan).sum())
    used_row_people_count = float(review.plan.activities[["new_beneficiaries", "people_not_known"]].sum().sum())
    unknown_people_count = float(activities["people_not_known"].sum())
    step_names_and_people = [
        ("sent", used_row_people_count + refused_people_count),
        ("refused", -refused_people_count),
        ("repairs", float(new_people_by_row.sum()) + unknown_people_count - used_row_people_count),
    ]
    if review.plan.year.derives_new:
        step_names_and_people.append(("new_not_known", -unknown_people_count))
    is_retained_row = pd.Series(data=True, index=new_people_by_row.index)
    for step_name, is_retained_by_step in (
        ("outside_period", activities["month"].isin(review.period.months)),
        ("unknown_indicator", activities["indicator_type"] != UNKNOWN_INDICATOR_TYPE),
        ("other_types", activities["indicator_type"].isin(method.counted_indicator_types)),
        ("not_rmrp", (activities["rmrp_activity"] == "Yes") | (not method.rmrp_activities_only)),
    ):
        step_names_and_people.append(
            (step_name, -float(new_people_by_row[is_retained_row & ~is_retained_by_step].sum()))
        )
        is_retained_row &= is_retained_by_step
    reached_people_count = people_reached(review.after, period=review.period, method=method)
    if reached_people_count is not None:
        step_names_and_people.append(
            ("several_sectors", reached_people_count - sum(step_people for _, step_people in step_names_and_people))
        )
    step_table = pd.DataFrame(step_names_and_people, columns=["step", "people"])
    return step_table.assign(left=step_table["people"].cumsum())


def people_reached(plan: Plan, *, period: Period, method: Method) -> float | None:
    """Return the people reached by all sectors together in the region; None where the number is not known."""
    total_people = plan.select(INTERSECTOR, period=period, method=method).people_reached().total
    return None if isnan(total_people) else total_people


def effects_of_repairs(review: Review) -> pd.DataFrame:
    """Return the effect of each repair on its own: ``repair``, ``cells``, ``rows``, ``people``, ``findings``.

    Each is made on the plan as it was loaded. ``cells`` and ``rows`` are the numbers that it changes. ``people`` and
    ``findings`` are differences (after minus before): of the people reached (NaN where they are not known before or
    after), and of the number of faults. Repairs whose list is missing are left out.
    """
    plan, period, method = review.plan, review.period, review.method
    people_count_before_repair = people_reached(plan, period=period, method=method)
    fault_count_before_repair = len(review.findings.drop_duplicates(FAULT_KEY_COLUMNS))
    repair_effects = []
    for repair_name, (first_repair_step, *_) in STEPS_BY_REPAIR.items():
        if first_repair_step.needs and first_repair_step.needs not in plan.references:
            continue
        repaired_plan = apply_repair(plan, repair_name)
        people_count_change, fault_count_change = 0.0, 0
        if len(repaired_plan.changes):
            repaired_plan = join_again(repaired_plan)
            people_count_after_repair = people_reached(repaired_plan, period=period, method=method)
            people_count_change = (
                nan
                if people_count_before_repair is None or people_count_after_repair is None
                else people_count_after_repair - people_count_before_repair
            )
            remaining_finding_table = findings(repaired_plan, period=period, method=method).drop_duplicates(
                FAULT_KEY_COLUMNS
            )
            fault_count_change = len(remaining_finding_table) - fault_count_before_repair
        changed_row_count = len(repaired_plan.changes.drop_duplicates(["file", "line"]))
        repair_effects.append(
            (repair_name, len(repaired_plan.changes), changed_row_count, people_count_change, fault_count_change)
        )
    return pd.DataFrame(repair_effects, columns=["repair", "cells", "rows", "people", "findings"])


def people_to_review(selection: Selection) -> pd.DataFrame:
    """Return the people of a sheet's rows in which a check finds something to review, and the people of all its rows.

    The sheet is the first of the selection. Its rows are as they are counted, after repairs. People are those that the
    method counts, or would count if their indicator, or how many are new, were known; sectors are added up. Notes, and
    findings of 0 people, are left out. Index: ``to_review`` and ``all``; columns ``amount``, and ``key`` and ``base``
    of their rounding.
    """
    selected_name_triple = selection.sheets.selected[0]
    return review_of_sheets(selection.plan, [selected_name_triple], selection.period, selection.method)[
        report_id(*selected_name_triple)
    ]


def review_of_sheets(
    plan: Plan, selected: Iterable[Selected], period: Period, method: Method
) -> Mapping[str, pd.DataFrame]:
    """Return the tables of ``people_to_review`` of several sheets, by report id; added up at once, cached in the plan.

    The mapping is the cache: it also holds sheets that were asked for before.
    """
    people_sum_rows = _sum_to_review(plan, period, method)
    people_table_by_report = plan.cached_tables("people_to_review", period, method)
    if missing_sheets := [
        selected_name_triple
        for selected_name_triple in selected
        if report_id(*selected_name_triple) not in people_table_by_report
    ]:
        sheet_people_rows = plan.sheets(missing_sheets, period=period, method=method).rows_by_sheet(people_sum_rows)
        report_sum_table = sheet_people_rows.groupby(["sheet", "people"], observed=False).agg(
            {"amount": "sum", "key": "sum", "base": "max"}
        )
        people_table_by_report |= {
            str(report_name): review_sum_table.droplevel("sheet")
            for report_name, review_sum_table in report_sum_table.groupby("sheet", observed=False)
        }
    return people_table_by_report


@cached_and_sent
def _sum_to_review(plan: Plan, period: Period, method: Method) -> pd.DataFrame:
    """Sum the people of all activities, and of those in doubt, by the keys of sheets; cached in the plan.

    Columns: ``sector``, ``country``, ``organisation``, ``month``, ``rmrp_activity``, ``people`` (a Categorical:
    *to_review* or *all*), ``amount`` (of people), and ``key`` and ``base`` of their rounding.
    """
    activity_series_by_column, plan_finding_table = (
        ActivityColumns(plan, period, method),
        _cached_findings(plan, period, method),
    )
    is_doubtful_row = _activity_lines(plan.activities).isin(
        _finding_lines(
            plan_finding_table[(plan_finding_table["people"] > 0) & (plan_finding_table["severity"] != "note")]
        )
    )
    activity_people_rows = add_base(
        plan.rows.assign(amount=activity_series_by_column["people"] + activity_series_by_column["not_known"]), method
    )
    activity_people_rows = activity_people_rows.assign(
        key=activity_people_rows["key"].where(activity_people_rows["amount"] != 0, 0)
    )
    review_and_all_row_table = pd.concat(
        {"to_review": activity_people_rows[is_doubtful_row], "all": activity_people_rows}, names=["people"]
    ).reset_index("people")
    review_and_all_row_table = review_and_all_row_table.astype({"people": pd.CategoricalDtype(["to_review", "all"])})
    sheet_key_columns = ["sector", "country", "organisation", "month", "rmrp_activity", "people"]
    return (
        review_and_all_row_table.groupby(sheet_key_columns, observed=True)
        .agg({"amount": "sum", "key": "sum", "base": "max"})
        .reset_index()
    )


def findings_of(selection: Selection) -> pd.DataFrame:
    """Return the findings in a selection's rows as they are counted, after repairs; without notes.

    Columns: those of ``findings``; each fault has one row, also where R4V has several names for it. The findings are
    made for the whole plan and cached in it, then filtered.
    """
    finding_table = _cached_findings(selection.plan, selection.period, selection.method)
    is_in_selection = _finding_lines(finding_table).isin(_activity_lines(selection.activities))
    return finding_table[is_in_selection & (finding_table["severity"] != "note")].drop_duplicates(FAULT_KEY_COLUMNS)


@cached_and_sent
def _cached_findings(plan: Plan, period: Period, method: Method) -> pd.DataFrame:
    """Return the findings in all rows of a plan, cached in it; columns: those of ``findings``."""
    return findings(plan, period=period, method=method)


def _finding_lines(findings: pd.DataFrame) -> pd.MultiIndex:
    """Return ``file`` and ``line`` of each finding, as an index."""
    return pd.MultiIndex.from_frame(findings[FAULT_KEY_COLUMNS[:2]])


def _activity_lines(activities: pd.DataFrame) -> pd.MultiIndex:
    """Return ``source_file`` and ``source_line`` of each activity, as an index."""
    return pd.MultiIndex.from_arrays([activities["source_file"].astype("str"), activities["source_line"]])


def people_in_doubt(review: Review, column: str) -> pd.DataFrame:
    """Return ``rows`` to review, ``people`` in doubt and ``reports`` by a column of activities; most people first.

    The index is the text of the column. ``reports`` counts all activities, in doubt or not. Findings are those before
    repairs, without notes; of several in a row the one with most people counts, so that nobody is counted twice.
    """
    doubtful_finding_table = review.findings[review.findings["severity"] != "note"]
    people_by_row = doubtful_finding_table.groupby(["file", "line"])["people"].max()
    activities = review.plan.activities
    row_people_by_name = pd.Series(
        people_by_row.reindex(_activity_lines(activities)).to_numpy(), index=activities[column].astype("str")
    )
    people_grouped_by_name = row_people_by_name.groupby(level=0)
    doubt_sum_table = pd.DataFrame(
        {
            "rows": people_grouped_by_name.count(),
            "people": people_grouped_by_name.sum(),
            "reports": people_grouped_by_name.size(),
        }
    )
    return doubt_sum_table.sort_values(["people", "rows"], ascending=False, kind="stable")
