"""A data folder looked at as a whole: what was refused, what looks wrong before and after repairs, what it moves."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.loaders.tabular import matched_headers
from rmrp_analysis.method import Method, Period
from rmrp_analysis.plan import CHANGE_COLUMNS, JoinAudit, Plan
from rmrp_analysis.quality.check import IN_2021
from rmrp_analysis.quality.checks import CHECKS, FINDING_COLUMNS, REFUSED_BY_R4V, WITHHELD, findings, not_run
from rmrp_analysis.quality.joins import join_audits, join_findings
from rmrp_analysis.quality.money import money_findings
from rmrp_analysis.quality.protection import FREE_TEXT
from rmrp_analysis.quality.repaired import LEADING, changes_of, repaired
from rmrp_analysis.quality.repairs import REPAIRS
from rmrp_analysis.tables import Activities
from rmrp_analysis.vocabulary import INTERSECTOR, UNKNOWN_INDICATOR

FAMILY_OF_REFUSALS = {"empty": "completeness"}


@dataclass(frozen=True)
class Review:
    """What a check of a plan found. ``plan`` is as it was loaded, ``after`` with its corrections and repairs made.

    ``found`` are the findings in the files as they were sent; ``remaining`` those that the repairs leave.
    """

    plan: Plan
    after: Plan
    period: Period
    method: Method
    found: pd.DataFrame
    remaining: pd.DataFrame
    not_run: dict[str, str]
    joins: tuple[JoinAudit, ...]

    def faults(self) -> pd.DataFrame:
        """The content of ``quality.csv``: joins that lose rows, refused cells, findings, alarms for money.

        In each of them most people first.
        """
        money = money_findings(self.plan).assign(family="consistency")
        parts = [join_findings(self.joins), refused_faults(self.plan), self.found, money]
        filled = [part.reindex(columns=list(FINDING_COLUMNS)) for part in parts if len(part)]
        table = pd.concat([self.found.iloc[:0], *filled], ignore_index=True)
        return table.fillna({"people": 0.0, "family": "", "r4v_check": ""})

    def changes(self) -> pd.DataFrame:
        """The content of ``repairs.csv``: a line a changed cell; free text is not quoted."""
        log = self.after.changes[list(CHANGE_COLUMNS)]
        free = log["column"].isin(FREE_TEXT)
        return log.assign(before=log["before"].mask(free, WITHHELD), after=log["after"].mask(free, WITHHELD))

    def by_check(self) -> pd.DataFrame:
        """Each check that found something: family, severity, rows, people (each row once), and rows left by repairs."""
        faults = self.faults().drop_duplicates(["check", "file", "line"])
        table = faults.groupby("check").agg(
            family=("family", "first"), severity=("severity", "first"), rows=("line", "size"), people=("people", "sum")
        )
        left = self.remaining.drop_duplicates(["check", "file", "line"]).groupby("check").size()
        of_rows = table.index.isin(list(CHECKS))
        table["rows_left"] = left.reindex(table.index).fillna(0).where(of_rows, table["rows"]).astype("int64")
        return table.sort_values(["people", "rows"], ascending=False, kind="stable")


def reviewed(plan: Plan, *, period: Period, method: Method, repairs: tuple[str, ...] = ()) -> Review:
    """The review of a plan as it was loaded. Raises as ``repaired`` does."""
    after = repaired(plan, repairs)
    found = findings(plan, period=period, method=method)
    unchanged = after.changes.empty
    return Review(
        plan=plan,
        after=after,
        period=period,
        method=method,
        found=found,
        remaining=found if unchanged else findings(after, period=period, method=method),
        not_run=not_run(plan, period=period),
        joins=join_audits(after, period=period, method=method),
    )


def refused_faults(plan: Plan) -> pd.DataFrame:
    """What loaders refused, with the new beneficiaries that are lost with each row, and R4V's name for the rule."""
    faults = plan.faults
    if faults.empty:
        return faults
    lost = refused_people(plan)
    places = pd.MultiIndex.from_frame(faults[["file", "line"]])
    of_year = 0 if plan.year.year in IN_2021 else 1
    names = {column: names[of_year] for column, names in REFUSED_BY_R4V.items()}
    return faults.assign(
        people=lost.reindex(places).fillna(0.0).to_numpy(),
        family=faults["check"].map(FAMILY_OF_REFUSALS).fillna("accuracy"),
        r4v_check=faults["column"].map(names).fillna("").where(faults["severity"] == "refused", ""),
    )


def refused_people(plan: Plan) -> pd.Series:
    """New beneficiaries in the refused activities, by file and line; what is no number counts as 0."""
    refused = plan.refused.get("activities")
    if refused is None:
        nowhere = pd.MultiIndex.from_arrays([[], []], names=["file", "line"])
        return pd.Series(dtype="float64", index=nowhere)
    cells = refused.drop(columns=LEADING).fillna("")
    new = matched_headers(cells, Activities, Path("refused rows"))["new_beneficiaries"]
    numbers = pd.to_numeric(new, errors="coerce").fillna(0.0)
    people = pd.Series(numbers.to_numpy(), index=pd.MultiIndex.from_frame(refused[["file", "line"]]))
    return people.groupby(level=[0, 1]).sum()


def steps_to_people_reached(review: Review) -> pd.DataFrame:
    """How the people of the files become the people reached: ``step``, ``people`` it adds or takes, ``left`` after it.

    From every row that was sent to all sectors together under the run's model. Sectors are added until the last step.
    """
    plan, after = review.plan, review.after
    refused = float(refused_people(plan).sum())
    used = float(plan.activities["new_beneficiaries"].sum())
    mended = after.activities
    inside = mended["month"].between(review.period.start, review.period.end)
    known = mended["indicator_type"] != UNKNOWN_INDICATOR
    counted = metrics.counts_people(mended, method=review.method)
    part = (mended["rmrp_activity"] == "Yes").fillna(value=False) | (not review.method.rmrp_activities_only)
    kept = pd.Series(data=True, index=mended.index)
    rows = [("sent", used + refused), ("refused", -refused)]
    rows.append(("repairs", float(mended["new_beneficiaries"].sum()) - used))
    for step, keeps in (
        ("outside_period", inside),
        ("unknown_indicator", known),
        ("other_types", counted),
        ("not_rmrp", part),
    ):
        rows.append((step, -float(mended.loc[kept & ~keeps, "new_beneficiaries"].sum())))
        kept &= keeps
    reached = people_reached(after, period=review.period, method=review.method)
    if reached is not None:
        rows.append(("several_sectors", reached - sum(people for _, people in rows)))
    steps = pd.DataFrame(rows, columns=["step", "people"])
    return steps.assign(left=steps["people"].cumsum())


def people_reached(plan: Plan, *, period: Period, method: Method) -> float | None:
    """People reached by all sectors together in the region, under the method's model; None without its proportions."""
    return plan.select(INTERSECTOR, period=period, method=method).people_reached().total


def effects_of_repairs(review: Review) -> pd.DataFrame:
    """What each repair would change on its own: ``cells``, ``rows``, ``people`` reached more (or fewer), and faults.

    ``findings`` is by how many faults the repair changes what the checks find. Repairs whose list is not given are
    left out.
    """
    plan, rules = review.plan, {"period": review.period, "method": review.method}
    before = people_reached(plan, **rules) or 0.0  # type: ignore[arg-type]
    rows = []
    for name, repair in REPAIRS.items():
        if not repair.needs or repair.needs in plan.references:
            after = changes_of(plan, name)
            changed = len(after.changes) > 0
            people = (people_reached(after, **rules) or 0.0) - before if changed else 0.0  # type: ignore[arg-type]
            faults = len(findings(after, **rules)) - len(review.found) if changed else 0  # type: ignore[arg-type]
            places = after.changes.drop_duplicates(["file", "line"])
            rows.append((name, len(after.changes), len(places), people, faults))
    return pd.DataFrame(rows, columns=["repair", "cells", "rows", "people", "findings"])


def people_in_doubt(review: Review, column: str) -> pd.DataFrame:
    """Rows to review and the people in doubt, by a column of activities; most people first.

    Of several findings in a row the one with most people counts, so that nobody is in it twice.
    """
    found = review.found[review.found["severity"] != "note"]
    by_row = found.groupby(["file", "line"])["people"].max()
    activities = review.plan.activities
    places = pd.MultiIndex.from_arrays([activities["source_file"].astype("str"), activities["source_line"]])
    people = pd.Series(by_row.reindex(places).to_numpy(), index=activities[column].astype("str"))
    groups = people.groupby(level=0)
    table = pd.DataFrame({"rows": groups.count(), "people": groups.sum(), "reports": groups.size()})
    return table.sort_values(["people", "rows"], ascending=False, kind="stable")
