"""A data folder looked at as a whole: what was refused, what looks wrong before and after repairs, what it moves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan
from typing import Self

import pandas as pd

from rmrp_analysis.method import Method, Period
from rmrp_analysis.metrics import with_base
from rmrp_analysis.plan import CHANGE_COLUMNS, JoinAudit, Plan, Selected, Selection
from rmrp_analysis.quality import checks
from rmrp_analysis.quality.checks import CHECKS, FAULT, FREE_TEXT, WITHHELD, findings
from rmrp_analysis.quality.columns import Reports
from rmrp_analysis.quality.joins import join_audits, join_findings
from rmrp_analysis.quality.money import money_findings
from rmrp_analysis.quality.planning import PLANNING_CHECKS, planning_findings
from rmrp_analysis.quality.repairs import REPAIRS, repaired, repaired_by
from rmrp_analysis.vocabulary import INTERSECTOR, UNKNOWN_INDICATOR, report_id


@dataclass(frozen=True)
class Review:
    """What a check of a plan found. ``plan`` is as it was loaded, ``after`` with its corrections and repairs made.

    ``findings`` are those in the files as they were sent; ``remaining`` those that the repairs leave.
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
        """The content of ``quality.csv``: joins that lose rows, refused cells, findings, alarms for planning and money.

        In each of them most people first.
        """
        planning, money = (
            table(self.plan).assign(family="consistency") for table in (planning_findings, money_findings)
        )
        parts = [join_findings(self.joins), refused_faults(self.plan), self.findings, planning, money]
        filled = [part.reindex(columns=list(checks.FINDING_COLUMNS)) for part in parts if len(part)]
        table = pd.concat([self.findings.iloc[:0], *filled], ignore_index=True)
        return table.fillna({"people": 0.0, "family": "", "r4v_check": ""})

    def changes(self) -> pd.DataFrame:
        """The content of ``repairs.csv``: a line a changed cell; free text is not quoted."""
        log = self.after.changes[list(CHANGE_COLUMNS)]
        free = log["column"].isin(FREE_TEXT)
        return log.assign(before=log["before"].mask(free, WITHHELD), after=log["after"].mask(free, WITHHELD))

    def of_sectors(self, sectors: Sequence[str]) -> Self:
        """Give the review with the findings in activities of these sectors alone, or of all where they are named."""
        activities = self.plan.activities
        own = _places(activities if INTERSECTOR in sectors else activities[activities["sector"].isin(sectors)])
        as_sent, left = (table[_lines(table).isin(own)] for table in (self.findings, self.remaining))
        return replace(self, findings=as_sent, remaining=left)

    def by_check(self) -> pd.DataFrame:
        """Each check that found something: family, severity, rows, people (each row once), and rows left by repairs.

        Of planned figures the largest one in doubt stands: sectors, need and target are of the same people.
        """
        faults = self.faults().drop_duplicates(["check", "file", "line"])
        table = faults.groupby("check").agg(
            family=("family", "first"), severity=("severity", "first"), rows=("line", "size"), people=("people", "sum")
        )
        planned = faults[faults["check"].isin(PLANNING_CHECKS)].groupby("check")["people"].max()
        table["people"] = planned.reindex(table.index).fillna(table["people"])
        left = self.remaining.drop_duplicates(["check", "file", "line"]).groupby("check").size()
        of_rows = table.index.isin(list(CHECKS))
        table["rows_left"] = left.reindex(table.index).fillna(0).where(of_rows, table["rows"]).astype("int64")
        return table.sort_values(["people", "rows"], ascending=False, kind="stable")


def reviewed(plan: Plan, *, period: Period, method: Method, repairs: tuple[str, ...] = ()) -> Review:
    """The review of a plan as it was loaded. Raises as ``repaired`` does."""
    after = repaired(plan, repairs)
    as_sent = findings(plan, period=period, method=method)
    return Review(
        plan=plan,
        after=after,
        period=period,
        method=method,
        findings=as_sent,
        remaining=as_sent if after.changes.empty else findings(after, period=period, method=method),
        not_run=checks.not_run(plan),
        joins=join_audits(after, period=period, method=method),
    )


def refused_faults(plan: Plan) -> pd.DataFrame:
    """What loaders refused, with the new beneficiaries that are lost with each row, and R4V's name for the rule."""
    faults = plan.faults
    if faults.empty:
        return faults
    places = pd.MultiIndex.from_frame(faults[["file", "line"]])
    is_empty = faults["check"] == "empty"
    rules = is_empty.map({True: "empty_", False: "refused_"}) + faults["column"]
    faults = faults.assign(
        people=refused_people(plan).reindex(places).fillna(0.0).to_numpy(),
        family=is_empty.map({True: "completeness", False: "accuracy"}),
        r4v_check=rules.map(dict(plan.year.checks)).fillna("").where(faults["severity"] == "refused", ""),
    )
    return checks.by_r4v_name(faults)


def refused_people(plan: Plan) -> pd.Series:
    """Return the people left out with each refused activity (see ``loaders.refused``), by file and line."""
    refused = plan.refused_activities
    if refused.empty:
        return pd.Series(dtype="float64", index=pd.MultiIndex.from_arrays([[], []], names=["file", "line"]))
    return refused.groupby(["source_file", "source_line"])["people_left_out"].sum().rename_axis(["file", "line"])


def steps_to_people_reached(review: Review) -> pd.DataFrame:
    """How the people of the files become the people reached: ``step``, ``people`` it adds or takes, ``left`` after it.

    From every row that was sent to all sectors together under the run's model. Sectors are added until the last step.
    """
    method, activities = review.method, review.after.activities
    new = activities["new_beneficiaries"]
    refused = float(refused_people(review.plan).sum())
    used = float(review.plan.activities[["new_beneficiaries", "people_not_known"]].sum().sum())
    not_known = float(activities["people_not_known"].sum())
    steps = [("sent", used + refused), ("refused", -refused), ("repairs", float(new.sum()) + not_known - used)]
    if review.plan.year.derives_new:
        steps.append(("new_not_known", -not_known))
    kept = pd.Series(data=True, index=new.index)
    for step, keeps in (
        ("outside_period", activities["month"].isin(review.period.months)),
        ("unknown_indicator", activities["indicator_type"] != UNKNOWN_INDICATOR),
        ("other_types", activities["indicator_type"].isin(method.counted_indicator_types)),
        ("not_rmrp", (activities["rmrp_activity"] == "Yes") | (not method.rmrp_activities_only)),
    ):
        steps.append((step, -float(new[kept & ~keeps].sum())))
        kept &= keeps
    reached = people_reached(review.after, period=review.period, method=method)
    if reached is not None:
        steps.append(("several_sectors", reached - sum(people for _, people in steps)))
    table = pd.DataFrame(steps, columns=["step", "people"])
    return table.assign(left=table["people"].cumsum())


def people_reached(plan: Plan, *, period: Period, method: Method) -> float | None:
    """People reached by all sectors together in the region, under the method's model; None without its proportions."""
    total = plan.select(INTERSECTOR, period=period, method=method).people_reached().total
    return None if isnan(total) else total


def effects_of_repairs(review: Review) -> pd.DataFrame:
    """What each repair would change on its own: ``cells``, ``rows``, ``people`` reached more (or fewer), ``findings``.

    ``findings`` is by how many faults the repair changes what the checks find. Repairs whose list is missing are left
    out.
    """
    plan, period, method = review.plan, review.period, review.method
    before = people_reached(plan, period=period, method=method) or 0.0
    faults_before = len(review.findings.drop_duplicates(FAULT))
    rows = []
    for name, (first, *_) in REPAIRS.items():
        if first.needs and first.needs not in plan.references:
            continue
        after = repaired_by(plan, name)
        people, faults = 0.0, 0
        if len(after.changes):
            people = (people_reached(after, period=period, method=method) or 0.0) - before
            found = findings(after, period=period, method=method).drop_duplicates(FAULT)
            faults = len(found) - faults_before
        changed_rows = len(after.changes.drop_duplicates(["file", "line"]))
        rows.append((name, len(after.changes), changed_rows, people, faults))
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
    """Return the same of these sheets by report, and of those asked for before: all are added up at once."""
    added_up = plan.once(("to review", period, method), lambda: _to_review(plan, period, method))
    made = plan.once(("review of sheets", period, method), dict[str, pd.DataFrame])
    if missing := [sheet for sheet in selected if report_id(*sheet) not in made]:
        rows = plan.sheets(missing, period=period, method=method).belonging(added_up)
        sums = rows.groupby(["sheet", "people"], observed=False).agg({"amount": "sum", "key": "sum", "base": "max"})
        made |= {str(report): of.droplevel("sheet") for report, of in sums.groupby("sheet", observed=False)}
    return made


def _to_review(plan: Plan, period: Period, method: Method) -> pd.DataFrame:
    """The people of all activities (``people``: *all*) and of those in doubt (*to_review*), by what tells sheets apart.

    Columns: ``amount``, ``key``, ``base``.
    """
    reports, found = Reports(plan, period, method), _findings(plan, period, method)
    doubtful = _places(plan.activities).isin(_lines(found[(found["people"] > 0) & (found["severity"] != "note")]))
    rows = with_base(plan.rows.assign(amount=reports["people"] + reports["not_known"]), method)
    rows = rows.assign(key=rows["key"].where(rows["amount"] != 0, 0))
    sides = pd.concat({"to_review": rows[doubtful], "all": rows}, names=["people"]).reset_index("people")
    sides = sides.astype({"people": pd.CategoricalDtype(["to_review", "all"])})
    keys = ["sector", "country", "organisation", "month", "rmrp_activity", "people"]
    return sides.groupby(keys, observed=True).agg({"amount": "sum", "key": "sum", "base": "max"}).reset_index()


def findings_of(selection: Selection) -> pd.DataFrame:
    """The findings in a selection's rows as they are counted, with their repairs; without notes."""
    found = _findings(selection.plan, selection.period, selection.method)
    in_rows = _lines(found).isin(_places(selection.activities))
    return found[in_rows & (found["severity"] != "note")].drop_duplicates(FAULT)


def _findings(plan: Plan, period: Period, method: Method) -> pd.DataFrame:
    """What the checks find in all rows, looked for once."""
    return plan.once(("findings", period, method), lambda: findings(plan, period=period, method=method))


def _lines(findings: pd.DataFrame) -> pd.MultiIndex:
    """File and line of each finding."""
    return pd.MultiIndex.from_frame(findings[FAULT[:2]])


def _places(activities: pd.DataFrame) -> pd.MultiIndex:
    """File and line of each activity."""
    return pd.MultiIndex.from_arrays([activities["source_file"].astype("str"), activities["source_line"]])


def people_in_doubt(review: Review, column: str) -> pd.DataFrame:
    """Rows to review and the people in doubt, by a column of activities; most people first.

    Of several findings in a row the one with most people counts, so that nobody is in it twice.
    """
    doubtful = review.findings[review.findings["severity"] != "note"]
    by_row = doubtful.groupby(["file", "line"])["people"].max()
    activities = review.plan.activities
    people = pd.Series(by_row.reindex(_places(activities)).to_numpy(), index=activities[column].astype("str"))
    groups = people.groupby(level=0)
    table = pd.DataFrame({"rows": groups.count(), "people": groups.sum(), "reports": groups.size()})
    return table.sort_values(["people", "rows"], ascending=False, kind="stable")
