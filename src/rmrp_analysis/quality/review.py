"""The review of a data folder: refused rows, findings before and after repairs, and the people they move."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan
from typing import Self

import pandas as pd

from rmrp_analysis.arguments import Period
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import add_base, cached_and_sent
from rmrp_analysis.plan import CHANGE_COLUMNS, JoinAudit, Plan, Selected, Selection
from rmrp_analysis.quality import checks
from rmrp_analysis.quality.checks import CHECKS, FAULT_KEYS, FREE_TEXT, WITHHELD, findings
from rmrp_analysis.quality.columns import ActivityColumns
from rmrp_analysis.quality.joins import join_audits, join_findings
from rmrp_analysis.quality.money import money_findings
from rmrp_analysis.quality.planning import PLANNING_CHECKS, planning_findings
from rmrp_analysis.quality.repairs import REPAIRS, apply_repair, repair_plan
from rmrp_analysis.vocabulary import INTERSECTOR, UNKNOWN_INDICATOR, report_id


@dataclass(frozen=True)
class Review:
    """The result of all checks of a plan. ``plan`` is as it was loaded, ``after`` with corrections and repairs made.

    ``findings`` are those in the files as they were sent, ``remaining`` those after the repairs.
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
        """Return the content of ``quality.csv`` (``FINDING_COLUMNS``), by origin, in each most people first.

        Origins: joins that lose rows, refused cells, findings of checks, of planning, of money.
        """
        planning, money = (
            table(self.plan).assign(family="consistency") for table in (planning_findings, money_findings)
        )
        parts = [join_findings(self.joins), list_refused_faults(self.plan), self.findings, planning, money]
        filled = [part.reindex(columns=list(checks.FINDING_COLUMNS)) for part in parts if len(part)]
        table = pd.concat([self.findings.iloc[:0], *filled], ignore_index=True)
        return table.fillna({"people": 0.0, "family": "", "r4v_check": ""})

    def changes(self) -> pd.DataFrame:
        """Return the content of ``repairs.csv`` (``CHANGE_COLUMNS``), one row a changed cell; no free text."""
        log = self.after.changes[list(CHANGE_COLUMNS)]
        is_free_text = log["column"].isin(FREE_TEXT)
        return log.assign(
            before=log["before"].mask(is_free_text, WITHHELD), after=log["after"].mask(is_free_text, WITHHELD)
        )

    def of_sectors(self, sectors: Sequence[str]) -> Self:
        """Return the review with the findings of these sectors alone; of all where *Intersector* is one of them."""
        activities = self.plan.activities
        own_lines = _activity_lines(
            activities if INTERSECTOR in sectors else activities[activities["sector"].isin(sectors)]
        )
        findings_sent, remaining = (
            table[_finding_lines(table).isin(own_lines)] for table in (self.findings, self.remaining)
        )
        return replace(self, findings=findings_sent, remaining=remaining)

    def by_check(self) -> pd.DataFrame:
        """Return one row a check with findings: ``family``, ``severity``, ``rows``, ``people``, ``rows_left``.

        ``people`` counts each activity once, ``rows_left`` is after the repairs. Of planned figures ``people`` is the
        largest one in doubt: sectors, need and target are of the same people.
        """
        faults = self.faults().drop_duplicates(["check", "file", "line"])
        table = faults.groupby("check").agg(
            family=("family", "first"), severity=("severity", "first"), rows=("line", "size"), people=("people", "sum")
        )
        planned_people = faults[faults["check"].isin(PLANNING_CHECKS)].groupby("check")["people"].max()
        table["people"] = planned_people.reindex(table.index).fillna(table["people"])
        rows_remaining = self.remaining.drop_duplicates(["check", "file", "line"]).groupby("check").size()
        is_check_of_rows = table.index.isin(list(CHECKS))
        table["rows_left"] = (
            rows_remaining.reindex(table.index).fillna(0).where(is_check_of_rows, table["rows"]).astype("int64")
        )
        return table.sort_values(["people", "rows"], ascending=False, kind="stable")


def review_plan(plan: Plan, *, period: Period, method: Method, repairs: tuple[str, ...] = ()) -> Review:
    """Review a plan as it was loaded. Raises as ``repair_plan`` does."""
    repaired_plan = repair_plan(plan, repairs)
    findings_sent = findings(plan, period=period, method=method)
    return Review(
        plan=plan,
        after=repaired_plan,
        period=period,
        method=method,
        findings=findings_sent,
        remaining=findings_sent
        if repaired_plan.changes.empty
        else findings(repaired_plan, period=period, method=method),
        not_run=checks.not_run(plan),
        joins=join_audits(repaired_plan, period=period, method=method),
    )


def list_refused_faults(plan: Plan) -> pd.DataFrame:
    """Return the faults of the loaders with ``people`` (lost with the row), ``family``, ``r4v_check``."""
    faults = plan.faults
    if faults.empty:
        return faults
    places = pd.MultiIndex.from_frame(faults[["file", "line"]])
    is_empty = faults["check"] == "empty"
    rules = is_empty.map({True: "empty_", False: "refused_"}) + faults["column"]
    faults = faults.assign(
        people=sum_refused_people(plan).reindex(places).fillna(0.0).to_numpy(),
        family=is_empty.map({True: "completeness", False: "accuracy"}),
        r4v_check=rules.map(dict(plan.year.checks)).fillna("").where(faults["severity"] == "refused", ""),
    )
    return checks.split_by_r4v_name(faults)


def sum_refused_people(plan: Plan) -> pd.Series:
    """Return the people left out with each refused activity (see ``loaders.refused``), by file and line."""
    refused = plan.refused_activities
    if refused.empty:
        return pd.Series(dtype="float64", index=pd.MultiIndex.from_arrays([[], []], names=["file", "line"]))
    return refused.groupby(["source_file", "source_line"])["people_left_out"].sum().rename_axis(["file", "line"])


def steps_to_people_reached(review: Review) -> pd.DataFrame:
    """Return the steps from the people of the files to the people reached, in order.

    Columns: ``step``, ``people`` (that it adds or takes), ``left`` (after it). People of sectors are added up until the
    last step, which gives all sectors together under the run's model.
    """
    method, activities = review.method, review.after.activities
    new = activities["new_beneficiaries"]
    refused = float(sum_refused_people(review.plan).sum())
    people_used = float(review.plan.activities[["new_beneficiaries", "people_not_known"]].sum().sum())
    not_known = float(activities["people_not_known"].sum())
    steps = [
        ("sent", people_used + refused),
        ("refused", -refused),
        ("repairs", float(new.sum()) + not_known - people_used),
    ]
    if review.plan.year.derives_new:
        steps.append(("new_not_known", -not_known))
    is_retained = pd.Series(data=True, index=new.index)
    for step, retains in (
        ("outside_period", activities["month"].isin(review.period.months)),
        ("unknown_indicator", activities["indicator_type"] != UNKNOWN_INDICATOR),
        ("other_types", activities["indicator_type"].isin(method.counted_indicator_types)),
        ("not_rmrp", (activities["rmrp_activity"] == "Yes") | (not method.rmrp_activities_only)),
    ):
        steps.append((step, -float(new[is_retained & ~retains].sum())))
        is_retained &= retains
    reached = people_reached(review.after, period=review.period, method=method)
    if reached is not None:
        steps.append(("several_sectors", reached - sum(people for _, people in steps)))
    table = pd.DataFrame(steps, columns=["step", "people"])
    return table.assign(left=table["people"].cumsum())


def people_reached(plan: Plan, *, period: Period, method: Method) -> float | None:
    """Return the people reached by all sectors together in the region; None where the model's proportions miss."""
    total = plan.select(INTERSECTOR, period=period, method=method).people_reached().total
    return None if isnan(total) else total


def effects_of_repairs(review: Review) -> pd.DataFrame:
    """Return the effect of each repair on its own: ``repair``, ``cells``, ``rows``, ``people``, ``findings``.

    ``people`` and ``findings`` are differences: of the people reached, and of the number of faults. Repairs whose list
    is missing are left out.
    """
    plan, period, method = review.plan, review.period, review.method
    reached_before = people_reached(plan, period=period, method=method) or 0.0
    faults_before = len(review.findings.drop_duplicates(FAULT_KEYS))
    rows = []
    for name, (first_step, *_) in REPAIRS.items():
        if first_step.needs and first_step.needs not in plan.references:
            continue
        repaired_plan = apply_repair(plan, name)
        people, faults = 0.0, 0
        if len(repaired_plan.changes):
            people = (people_reached(repaired_plan, period=period, method=method) or 0.0) - reached_before
            remaining_findings = findings(repaired_plan, period=period, method=method).drop_duplicates(FAULT_KEYS)
            faults = len(remaining_findings) - faults_before
        changed_rows = len(repaired_plan.changes.drop_duplicates(["file", "line"]))
        rows.append((name, len(repaired_plan.changes), changed_rows, people, faults))
    return pd.DataFrame(rows, columns=["repair", "cells", "rows", "people", "findings"])


def people_to_review(selection: Selection) -> pd.DataFrame:
    """Return the people of a sheet's rows in which a check finds something to review, and the people of all its rows.

    Of the rows as they are counted, with their repairs. People are those that the method counts, or would if their
    indicator, or how many are new, were known, sectors added up. Notes, and findings that move no count of people, are
    left out. Rows ``to_review`` and ``all``; columns ``amount``, and ``key`` and ``base`` of their rounding.
    """
    sheet = selection.sheets.selected[0]
    return review_of_sheets(selection.plan, [sheet], selection.period, selection.method)[report_id(*sheet)]


def review_of_sheets(
    plan: Plan, selected: Iterable[Selected], period: Period, method: Method
) -> Mapping[str, pd.DataFrame]:
    """Return ``people_to_review`` of several sheets, by report id; added up at once and cached in the plan."""
    added_up = _sum_to_review(plan, period, method)
    by_report = plan.cached_tables("people_to_review", period, method)
    if missing := [sheet for sheet in selected if report_id(*sheet) not in by_report]:
        rows = plan.sheets(missing, period=period, method=method).rows_by_sheet(added_up)
        sums = rows.groupby(["sheet", "people"], observed=False).agg({"amount": "sum", "key": "sum", "base": "max"})
        by_report |= {
            str(report): people.droplevel("sheet") for report, people in sums.groupby("sheet", observed=False)
        }
    return by_report


@cached_and_sent
def _sum_to_review(plan: Plan, period: Period, method: Method) -> pd.DataFrame:
    """Sum the people of all activities (``people``: *all*) and of those in doubt (*to_review*) by the keys of sheets.

    Columns: the keys, ``people``, ``amount``, ``key``, ``base``.
    """
    reports, found_findings = ActivityColumns(plan, period, method), _cached_findings(plan, period, method)
    is_doubtful = _activity_lines(plan.activities).isin(
        _finding_lines(found_findings[(found_findings["people"] > 0) & (found_findings["severity"] != "note")])
    )
    rows = add_base(plan.rows.assign(amount=reports["people"] + reports["not_known"]), method)
    rows = rows.assign(key=rows["key"].where(rows["amount"] != 0, 0))
    sides = pd.concat({"to_review": rows[is_doubtful], "all": rows}, names=["people"]).reset_index("people")
    sides = sides.astype({"people": pd.CategoricalDtype(["to_review", "all"])})
    keys = ["sector", "country", "organisation", "month", "rmrp_activity", "people"]
    return sides.groupby(keys, observed=True).agg({"amount": "sum", "key": "sum", "base": "max"}).reset_index()


def findings_of(selection: Selection) -> pd.DataFrame:
    """Return the findings in a selection's rows as they are counted, after repairs; without notes."""
    all_findings = _cached_findings(selection.plan, selection.period, selection.method)
    is_in_rows = _finding_lines(all_findings).isin(_activity_lines(selection.activities))
    return all_findings[is_in_rows & (all_findings["severity"] != "note")].drop_duplicates(FAULT_KEYS)


@cached_and_sent
def _cached_findings(plan: Plan, period: Period, method: Method) -> pd.DataFrame:
    """Return the findings in all rows, cached in the plan."""
    return findings(plan, period=period, method=method)


def _finding_lines(findings: pd.DataFrame) -> pd.MultiIndex:
    """Return file and line of each finding."""
    return pd.MultiIndex.from_frame(findings[FAULT_KEYS[:2]])


def _activity_lines(activities: pd.DataFrame) -> pd.MultiIndex:
    """Return file and line of each activity."""
    return pd.MultiIndex.from_arrays([activities["source_file"].astype("str"), activities["source_line"]])


def people_in_doubt(review: Review, column: str) -> pd.DataFrame:
    """Return ``rows`` to review, ``people`` in doubt and ``reports`` by a column of activities; most people first.

    Of several findings in a row the one with most people counts, so that nobody is counted twice.
    """
    doubtful = review.findings[review.findings["severity"] != "note"]
    by_row = doubtful.groupby(["file", "line"])["people"].max()
    activities = review.plan.activities
    people = pd.Series(by_row.reindex(_activity_lines(activities)).to_numpy(), index=activities[column].astype("str"))
    groups = people.groupby(level=0)
    table = pd.DataFrame({"rows": groups.count(), "people": groups.sum(), "reports": groups.size()})
    return table.sort_values(["people", "rows"], ascending=False, kind="stable")
