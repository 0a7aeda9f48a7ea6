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
    """The result of all checks of a plan. ``plan`` is as it was loaded, ``after`` has its corrections and repairs.

    ``findings`` stand in the files as they were sent, ``remaining`` after the repairs. ``joins`` are the audits of
    ``after``. ``not_run`` says why a check of the plan could not be run, by check.
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

        The origins are joins that lose rows, faults of the loaders, and findings of checks, of planning and of money.
        Findings of checks and of planning stand with most people first, the others in the order of their own function.
        If nothing is known, ``people`` is 0, and ``family`` and ``r4v_check`` are empty.
        """
        planning, money = (find(self.plan).assign(family="consistency") for find in (planning_findings, money_findings))
        parts = [join_findings(self.joins), list_loader_faults(self.plan), self.findings, planning, money]
        filled = [part.reindex(columns=list(checks.FINDING_COLUMNS)) for part in parts if len(part)]
        table = pd.concat([self.findings.iloc[:0], *filled], ignore_index=True)
        return table.fillna({"people": 0.0, "family": "", "r4v_check": ""})

    def changes(self) -> pd.DataFrame:
        """Return the content of ``repairs.csv`` (``CHANGE_COLUMNS``), one row for each change of a cell.

        Free texts, and cells of columns that activities do not have, are not quoted: ``before`` and ``after`` are
        ``FREE_TEXT_PLACEHOLDER``.
        """
        log = self.after.changes[list(CHANGE_COLUMNS)]
        is_free = log["column"].isin(FREE_TEXT_COLUMNS) | ~log["column"].isin(list(Activities.columns))
        return log.assign(**{name: log[name].mask(is_free, FREE_TEXT_PLACEHOLDER) for name in ("before", "after")})

    def of_sectors(self, sectors: Sequence[str]) -> Self:
        """Return the review with only the findings of these sectors. *Intersector* stands for all sectors.

        ``findings`` and ``remaining`` are filtered by the sector of the row as loaded. Joins, refused cells, planning,
        money and changes stay as they are, of all sectors.
        """
        rows = self.plan.activities
        lines = _activity_lines(rows if INTERSECTOR in sectors else rows[rows["sector"].isin(sectors)])
        sent, remaining = (table[_finding_lines(table).isin(lines)] for table in (self.findings, self.remaining))
        return replace(self, findings=sent, remaining=remaining)

    def by_check(self) -> pd.DataFrame:
        """Return one row a check with findings: ``family``, ``severity``, ``rows``, ``people``, ``rows_left``.

        The index is the name of the check, most people first, then most rows. ``rows`` and ``people`` count each
        activity once a check. For planned figures ``people`` is the largest figure in doubt, because sectors, need and
        target have the same people. ``rows_left`` counts the activities after the repairs. It equals ``rows`` for
        joins, refused cells, planning and money, unless a check of activities has the same name.
        """
        lines = ["check", "file", "line"]
        faults = self.faults().drop_duplicates(lines)
        table = faults.groupby("check").agg(
            family=("family", "first"), severity=("severity", "first"), rows=("line", "size"), people=("people", "sum")
        )
        planned = faults[faults["check"].isin(PLANNING_CHECK_NAMES)].groupby("check")["people"].max()
        table["people"] = planned.reindex(table.index).fillna(table["people"])
        remaining = self.remaining.drop_duplicates(lines).groupby("check").size()
        is_of_rows = table.index.isin(list(CHECK_BY_NAME))
        table["rows_left"] = remaining.reindex(table.index).fillna(0).where(is_of_rows, table["rows"]).astype("int64")
        return table.sort_values(["people", "rows"], ascending=False, kind="stable")


def review_plan(plan: Plan, *, period: Period, method: Method, repairs: tuple[str, ...] = ()) -> Review:
    """Run all checks on a plan as it was loaded, and again after its corrections and these repairs.

    Raises as ``repair_plan`` and ``checks.checks_of`` do.
    """
    repaired = repair_plan(plan, repairs)
    sent = findings(plan, period=period, method=method)
    return Review(
        plan=plan,
        after=repaired,
        period=period,
        method=method,
        findings=sent,
        remaining=sent if repaired.changes.empty else findings(repaired, period=period, method=method),
        not_run=checks.not_run(plan),
        joins=join_audits(repaired, period=period, method=method),
    )


def list_loader_faults(plan: Plan) -> pd.DataFrame:
    """Return all faults of the loaders, refused cells or warnings: ``FINDING_COLUMNS`` and ``input``.

    ``input`` is the table that the file was read for. Without any fault, the columns are only ``FAULT_COLUMNS`` and
    ``input``. ``people`` (float) are lost with the row of activities, and stand in each fault of the row. Other inputs
    have 0. ``r4v_check`` is empty for warnings. A fault has a row for each name that R4V gives it.
    """
    faults = plan.faults
    if faults.empty:
        return faults
    places = pd.MultiIndex.from_frame(faults[["file", "line"]])
    people = sum_refused_people(plan).reindex(places).fillna(0.0).to_numpy()
    is_empty = faults["check"] == "empty"
    rules = is_empty.map({True: "empty_", False: "refused_"}) + faults["column"]
    faults = faults.assign(
        people=people * (faults["input"] == "activities"),
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

    Columns: ``step``, ``people`` (that it adds or, below 0, takes), ``left`` (people after it). Steps: *sent*,
    *refused*, *repairs*, *new_not_known* (only in plan years that derive new beneficiaries), *outside_period*,
    *unknown_indicator*, *other_types*, *not_rmrp*, *several_sectors*. People of sectors are added up until the last
    step, which gives all sectors together under the run's model. That step is left out if the people reached are not
    known.
    """
    method, activities = review.method, review.after.activities
    new = activities["new_beneficiaries"]
    refused = float(sum_refused_people(review.plan).sum())
    usable = float(review.plan.activities[["new_beneficiaries", "people_not_known"]].sum().sum())
    not_known = float(activities["people_not_known"].sum())
    steps = [("sent", usable + refused), ("refused", -refused), ("repairs", float(new.sum()) + not_known - usable)]
    if review.plan.year.derives_new:
        steps.append(("new_not_known", -not_known))
    is_left = pd.Series(data=True, index=new.index)
    for step, retains in (
        ("outside_period", activities["month"].isin(review.period.months)),
        ("unknown_indicator", activities["indicator_type"] != UNKNOWN_INDICATOR_TYPE),
        ("other_types", activities["indicator_type"].isin(method.counted_indicator_types)),
        ("not_rmrp", (activities["rmrp_activity"] == "Yes") | (not method.rmrp_activities_only)),
    ):
        steps.append((step, -float(new[is_left & ~retains].sum())))
        is_left &= retains
    reached = people_reached(review.after, period=review.period, method=method)
    if reached is not None:
        steps.append(("several_sectors", reached - sum(people for _, people in steps)))
    table = pd.DataFrame(steps, columns=["step", "people"])
    return table.assign(left=table["people"].cumsum())


def people_reached(plan: Plan, *, period: Period, method: Method) -> float | None:
    """Return the people reached by all sectors together in the region. None if the number is not known."""
    total = plan.select(INTERSECTOR, period=period, method=method).people_reached().total
    return None if isnan(total) else total


def effects_of_repairs(review: Review) -> pd.DataFrame:
    """Return the effect of each repair on its own: ``repair``, ``cells``, ``rows``, ``people``, ``findings``.

    Each is made on the plan as it was loaded. ``cells`` and ``rows`` are the numbers that it changes. ``people`` is the
    difference (after minus before) in people reached, NaN if they are not known before or after. ``findings`` is the
    difference in the number of faults. Repairs without their list are left out.
    """
    plan, period, method = review.plan, review.period, review.method
    old_people = people_reached(plan, period=period, method=method)
    old_faults = len(review.findings.drop_duplicates(FAULT_KEY_COLUMNS))
    rows = []
    for name, (step, *_) in STEPS_BY_REPAIR.items():
        if step.needs and step.needs not in plan.references:
            continue
        repaired = apply_repair(plan, name)
        people, faults = 0.0, 0
        if len(repaired.changes):
            repaired = join_again(repaired)
            new_people = people_reached(repaired, period=period, method=method)
            people = nan if old_people is None or new_people is None else new_people - old_people
            remaining = findings(repaired, period=period, method=method).drop_duplicates(FAULT_KEY_COLUMNS)
            faults = len(remaining) - old_faults
        lines = len(repaired.changes.drop_duplicates(["file", "line"]))
        rows.append((name, len(repaired.changes), lines, people, faults))
    return pd.DataFrame(rows, columns=["repair", "cells", "rows", "people", "findings"])


def people_to_review(selection: Selection) -> pd.DataFrame:
    """Return the people in the rows of a sheet with something to review, and the people in all its rows.

    The sheet is the first of the selection. Its rows are as they are counted, after repairs. People count if the method
    counts them, or would count them if their indicator, or how many are new, were known. Sectors are added up. Notes,
    and findings of 0 people, are left out. Index: ``to_review`` and ``all``. Columns: ``amount``, and ``key`` and
    ``base`` of their rounding.
    """
    sheet = selection.sheets.selected[0]
    return review_of_sheets(selection.plan, [sheet], selection.period, selection.method)[report_id(*sheet)]


def review_of_sheets(
    plan: Plan, selected: Iterable[Selected], period: Period, method: Method
) -> Mapping[str, pd.DataFrame]:
    """Return the tables of ``people_to_review`` of several sheets, by report id, added up at once.

    They are cached in the plan. The mapping is the cache, which also holds earlier sheets.
    """
    added = _sum_to_review(plan, period, method)
    tables = plan.cached_tables("people_to_review", period, method)
    if missing := [sheet for sheet in selected if report_id(*sheet) not in tables]:
        rows = plan.sheets(missing, period=period, method=method).rows_by_sheet(added)
        sums = rows.groupby(["sheet", "people"], observed=False).agg({"amount": "sum", "key": "sum", "base": "max"})
        tables |= {str(report): people.droplevel("sheet") for report, people in sums.groupby("sheet", observed=False)}
    return tables


@cached_and_sent
def _sum_to_review(plan: Plan, period: Period, method: Method) -> pd.DataFrame:
    """Sum the people of all activities, and of activities in doubt, by the keys of sheets. Cached in the plan.

    Columns: ``sector``, ``country``, ``organisation``, ``month``, ``rmrp_activity``, ``people`` (a Categorical:
    *to_review* or *all*), ``amount`` (of people), and ``key`` and ``base`` of their rounding.
    """
    reports, faults = ActivityColumns(plan, period, method), _cached_findings(plan, period, method)
    faults = faults[(faults["people"] > 0) & (faults["severity"] != "note")]
    is_doubtful = _activity_lines(plan.activities).isin(_finding_lines(faults))
    rows = add_base(plan.rows.assign(amount=reports["people"] + reports["not_known"]), method)
    rows = rows.assign(key=rows["key"].where(rows["amount"] != 0, 0))
    sides = pd.concat({"to_review": rows[is_doubtful], "all": rows}, names=["people"]).reset_index("people")
    sides = sides.astype({"people": pd.CategoricalDtype(["to_review", "all"])})
    keys = ["sector", "country", "organisation", "month", "rmrp_activity", "people"]
    return sides.groupby(keys, observed=True).agg({"amount": "sum", "key": "sum", "base": "max"}).reset_index()


def findings_of(selection: Selection) -> pd.DataFrame:
    """Return the findings in a selection's rows as they are counted, after repairs, without notes.

    Columns are as in ``findings``. Each fault has one row, even if R4V has several names for it. The findings are made
    for the whole plan and cached in it, then filtered.
    """
    table = _cached_findings(selection.plan, selection.period, selection.method)
    is_within = _finding_lines(table).isin(_activity_lines(selection.activities))
    return table[is_within & (table["severity"] != "note")].drop_duplicates(FAULT_KEY_COLUMNS)


@cached_and_sent
def _cached_findings(plan: Plan, period: Period, method: Method) -> pd.DataFrame:
    """Return the ``findings`` in all rows of a plan. Cached in the plan."""
    return findings(plan, period=period, method=method)


def _finding_lines(findings: pd.DataFrame) -> pd.MultiIndex:
    """Return ``file`` and ``line`` of each finding, as an index."""
    return pd.MultiIndex.from_frame(findings[FAULT_KEY_COLUMNS[:2]])


def _activity_lines(activities: pd.DataFrame) -> pd.MultiIndex:
    """Return ``source_file`` and ``source_line`` of each activity, as an index."""
    return pd.MultiIndex.from_arrays([activities["source_file"].astype("str"), activities["source_line"]])


def people_in_doubt(review: Review, column: str) -> pd.DataFrame:
    """Return ``rows`` to review, ``people`` in doubt and ``reports`` by a column of activities, most people first.

    The index is the text of the column. ``reports`` counts all activities, in doubt or not. Findings before repairs
    count, without notes. If a row has several, the one with most people counts, so nobody is counted twice.
    """
    doubtful = review.findings[review.findings["severity"] != "note"]
    by_row = doubtful.groupby(["file", "line"])["people"].max()
    activities = review.plan.activities
    people = pd.Series(by_row.reindex(_activity_lines(activities)).to_numpy(), index=activities[column].astype("str"))
    groups = people.groupby(level=0)
    table = pd.DataFrame({"rows": groups.count(), "people": groups.sum(), "reports": groups.size()})
    return table.sort_values(["people", "rows"], ascending=False, kind="stable")
