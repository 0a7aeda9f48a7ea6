"""What a run weighs before it publishes: how much of what was sent it could read, and whether that is what it names.

Each condition has a name, a share from 0 to 1, and a limit in the method; over the limit nothing is published, unless
the parameters accept it.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import NamedTuple

import pandas as pd

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.method import Limits, Method, Period
from rmrp_analysis.plan import Condition, Plan
from rmrp_analysis.quality.checks import CHECKS, checks_of, errors
from rmrp_analysis.quality.columns import Reports
from rmrp_analysis.quality.joins import join_audits, join_message
from rmrp_analysis.quality.review import refused_people
from rmrp_analysis.vocabulary import INDICATOR_TYPES
from rmrp_analysis.words import N_

MOST_NAMED = 5

MUCH = 0.25
MUCH_ACCEPTED = N_(
    "Accepting {name} means that up to {share} of what the sheets say may be wrong in this way. Better mend the data."
)
"""What is said of a condition of which more than ``MUCH`` is, or would be, accepted."""
NOT_PUBLISHED = N_("Nothing is published. Mend the data, or add this line to the parameter file:")


class Measure(NamedTuple):
    """How much of the data a condition concerns: a share from 0 to 1, and what that is, where, in a sentence."""

    share: float
    sentence: str


def conditions(plan: Plan, *, period: Period, method: Method) -> tuple[Condition, ...]:
    """What is over its usual limit, or the method's, in a plan whose repairs are made; in the order of ``Limits``."""
    usual, own = Limits(), method.limits
    measured = ((name, MEASURE_OF[name](plan, period, method)) for name in Limits.model_fields)
    return tuple(
        Condition(name, measure.share, getattr(own, name), measure.sentence)
        for name, measure in measured
        if measure.share > min(getattr(usual, name), getattr(own, name))
    )


def accept_line(refused: Sequence[Condition]) -> str:
    """The line of a parameter file that accepts these conditions."""
    shares = (f"{condition.name}: {ceil(round(condition.share * 1000, 6)) / 10:g} %" for condition in refused)
    return f"accept: [{', '.join(shares)}]"


def after_period(plan: Plan, period: Period) -> dict[str, int]:
    """How many rows and people are of months after the period: nobody asked for them, and no figure counts them."""
    later = plan.activities[plan.activities["month"].astype("str") > period.end]
    return {"rows": len(later), "people": round(_people(later))}


def shares_accepted(found: Sequence[Condition]) -> list[dict[str, str]]:
    """Name and share of each condition of more than ``MUCH``, to be filled into ``MUCH_ACCEPTED``."""
    return [{"name": each.name, "share": f"{each.share:.0%}"} for each in found if each.share > MUCH]


def check_trusted(found: Sequence[Condition]) -> None:
    """Raise ``InputRefused`` with every condition that is not accepted, and the line that would accept it."""
    refused = [condition for condition in found if not condition.accepted]
    if refused:
        lines = [f"{condition.name}: {condition.sentence}" for condition in refused]
        much = [MUCH_ACCEPTED.format(**share) for share in shares_accepted(refused)]
        raise InputRefused("\n".join([*lines, *much, NOT_PUBLISHED, accept_line(refused)]))


def no_usable_rows(plan: Plan, _: Period, __: Method) -> Measure:
    """No row of activities can be used."""
    refused = sum(file.rows_refused for file in plan.inputs if file.name == "activities")
    nothing = plan.activities.empty
    return Measure(float(nothing), f"none of the {refused:,} rows of activities can be used{_reasons(plan)}")


def people_refused(plan: Plan, _: Period, __: Method) -> Measure:
    """The people in rows that cannot be used, of all people sent."""
    used, refused = _people(plan.activities), float(refused_people(plan).sum())
    share = refused / (used + refused) if refused else 0.0
    sent = f"{refused:,.0f} of {used + refused:,.0f} people ({share:.1%})"
    return Measure(share, f"{sent} are in rows that cannot be used{_reasons(plan)}")


def people_lost_by_joins(plan: Plan, period: Period, method: Method) -> Measure:
    """The people whom a join does not find, of all; of several joins the largest share."""
    losses = [audit for audit in join_audits(plan, period=period, method=method) if audit.loses_people]
    shares = [audit.people_unmatched / (audit.people_matched + audit.people_unmatched) for audit in losses]
    return Measure(max(shares, default=0.0), "; ".join(map(join_message, losses)))


def same_content_twice(plan: Plan, period: Period, method: Method) -> Measure:
    """A file named or sent twice; else the people of rows that are there again, of all."""
    files = [file for file in plan.inputs if file.name == "activities"]
    first = {file.sha256: file.path.name for file in reversed(files)}
    twins = [f"{file.path.name} is {first[file.sha256]}" for file in files if first[file.sha256] != file.path.name]
    names = Counter(file.path.name for file in files)
    twins += [f"{name} is named {times} times" for name, times in names.items() if times > 1]
    if twins:
        return Measure(1.0, f"{'; '.join(twins)}; {_people(plan.activities):,.0f} people are sent")
    return people_found("same_content_twice")(plan, period, method)


def people_found(condition: str) -> Callable[[Plan, Period, Method], Measure]:
    """What measures the people in rows with findings of the checks that are of a condition, of all people.

    Those that the method does not count, such as people trained, are weighed, too: they have figures of their own.
    """

    def measure(plan: Plan, period: Period, method: Method) -> Measure:
        reports = Reports(plan, period, method.model_copy(update={"counted_indicator_types": INDICATOR_TYPES}))
        checks = [check for check in checks_of(plan.year) if check.condition == condition]
        found = [part for check in checks if not check.not_run_because(plan) for part in check.findings(reports)]
        if not found:
            return Measure(0.0, "")
        faults = pd.concat(found).sort_values("people", ascending=False, kind="stable")
        by_row = faults["people"].groupby(level=0).max()
        at_stake = float(by_row.sum())
        everybody = float(pd.concat([reports["people"].abs(), by_row]).groupby(level=0).max().sum())
        share, most = at_stake / everybody if everybody else 0.0, faults.iloc[0]
        sent = f"{at_stake:,.0f} of {everybody:,.0f} people ({share:.1%}) are in {len(by_row):,} rows"
        why = " ".join(check.sentence for check in checks if check.check in set(faults["check"]))
        where = (
            f"line {most['line']} of {most['file']}: {most['column']} is {most['value']}; right is {most['allowed']}"
        )
        return Measure(share, f"{sent}. {why} Most are in {where}")

    return measure


def period_outside_data(plan: Plan, period: Period, _: Method) -> Measure:
    """No activity is of the period."""
    months = plan.activities["month"].unique()
    outside = len(months) > 0 and not any(period.start <= month <= period.end for month in months)
    there = f"{min(months)} to {max(months)}" if len(months) else ""
    people = _people(plan.activities)
    return Measure(
        float(outside),
        f"no activity is of the period {period.start} to {period.end}; the data are of {there} ({people:,.0f} people)",
    )


def months_missing(plan: Plan, period: Period, _: Method) -> Measure:
    """The months of the period without an activity; see ``period_outside_data`` where all are."""
    there = set(plan.activities["month"].unique())
    missing = [month for month in period.months if month not in there]
    if len(missing) == len(period.months):  # said by period_outside_data
        return Measure(0.0, "")
    share = len(missing) / len(period.months)
    return Measure(share, f"no activity is of {_named(missing)}; the period is {period.start} to {period.end}")


def other_plan_year(plan: Plan, _: Period, __: Method) -> Measure:
    """The people of rows of other years than the plan's, of all."""
    years = plan.activities["month"].astype("str").str[:4]
    other = years != str(plan.year.year)
    people, everybody = _people(plan.activities[other]), _people(plan.activities)
    share = people / everybody if everybody else float(other.any())
    named = _named(sorted(years[other].unique()))
    sentence = f"{other.sum():,} rows ({people:,.0f} of {everybody:,.0f} people) are of {named}"
    return Measure(share, f"{sentence}, and the plan is of {plan.year.year}")


def people_with_errors(plan: Plan, period: Period, method: Method) -> Measure:
    """The people in rows with findings of severity error."""
    reports = Reports(plan, period, method)
    in_error, names = errors(reports)
    people = float(reports["people"].sum())
    of_errors = float(reports["people"][in_error].sum())
    share = of_errors / people if people else 0.0
    return Measure(
        share, f"{of_errors:,.0f} of {people:,.0f} people ({share:.0%}) are in rows with errors: {_named(names)}"
    )


OF_CHECKS = dict.fromkeys(check.condition for check in CHECKS.values() if check.condition)
MEASURE_OF: Mapping[str, Callable[[Plan, Period, Method], Measure]] = {
    name: people_found(name) for name in OF_CHECKS
} | {
    measure.__name__: measure
    for measure in (
        no_usable_rows,
        people_refused,
        people_lost_by_joins,
        same_content_twice,
        period_outside_data,
        months_missing,
        other_plan_year,
        people_with_errors,
    )
}
"""What each limit of the method is held against."""


def _people(activities: pd.DataFrame) -> float:
    return float(activities["new_beneficiaries"].sum())


def _reasons(plan: Plan) -> str:
    """Where rows of activities were refused: file, column, rows, and an example."""
    names = {file.path.name for file in plan.inputs if file.name == "activities"}
    faults = plan.faults[(plan.faults["severity"] == "refused") & plan.faults["file"].isin(names)]
    groups = faults.groupby(["file", "column"], sort=False)
    first = groups.first().assign(rows=groups.size()).sort_values("rows", ascending=False, kind="stable")
    named = first.head(MOST_NAMED).reset_index()[["file", "column", "rows", "line", "value"]]
    return "".join(
        f"; {file}, {column}: {rows:,} rows, line {line} is {repr(value) if value else 'empty'}"
        for file, column, rows, line, value in named.itertuples(index=False)
    )


def _named(items: Sequence[str]) -> str:
    more = len(items) - MOST_NAMED
    return ", ".join(items[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
