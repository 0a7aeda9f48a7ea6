"""Cautions: which numbers of a sheet must not be printed as if they were well, by the named rules of the method.

A figure in doubt is printed with its caution. A breakdown in doubt is not printed for the public: its reason stands in
its place. No sentence is drawn from either. Nothing is corrected.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rmrp_analysis.metrics.cells import TOTAL_MONTHLY
from rmrp_analysis.vocabulary import NOT_SPECIFIED, WITHOUT_PEOPLE

if TYPE_CHECKING:
    from rmrp_analysis.figures.table import KeyFigures
    from rmrp_analysis.selection import Selection

REACHED = "people_reached"
GROUPINGS = ("people_reached_by_population_group", "people_reached_by_age_gender")
COVERAGES = ("target_coverage", "need_coverage", "funding_coverage")


@dataclass(frozen=True)
class Caution:
    """Why a figure or breakdown (``of``) is in doubt: the name of the rule, and what it found.

    ``share`` is of what the rule names (None where it must be withheld), ``month`` that of the report which makes most
    of the number, ``people`` how many the groups add up to.
    """

    rule: str
    of: str
    share: float | None
    month: str = ""
    people: float | None = None


Rule = Callable[["Selection", "KeyFigures"], Iterator[Caution]]


def cautions(selection: "Selection", figures: "KeyFigures") -> tuple[Caution, ...]:
    """Every caution of a sheet whose figures are exact, in the order of the rules."""
    return tuple(caution for rule in RULES for caution in rule(selection, figures))


def one_report(selection: "Selection", figures: "KeyFigures") -> Iterator[Caution]:
    """One row makes more than half of the people reached."""
    people, limits = figures.value(REACHED), figures.method.cautions
    if people and people >= limits.people_from:
        rows = selection.people_reached().rows
        largest = rows.nlargest(1, "contribution")
        share = float(largest["contribution"].iloc[0]) / people
        if share > limits.one_report:
            yield Caution("one_report", REACHED, share, month=str(largest["month"].iloc[0]))


def coverage_above(_: "Selection", figures: "KeyFigures") -> Iterator[Caution]:
    """Reach is far above target or need, or funding far above the requirement."""
    for name in COVERAGES:
        share = figures.value(name)
        if share is not None and share > figures.method.cautions.coverage_above:
            yield Caution("coverage_above", name, share)


def total_below_parts(_: "Selection", figures: "KeyFigures") -> Iterator[Caution]:
    """The people of the groups are more than the people reached."""
    people, limit = figures.value(REACHED), figures.method.cautions.groups_exceed_total
    if people is None or people < 0:
        return
    sums = [
        sum(people for group, people in figures.breakdowns[name].values().items() if group != NOT_SPECIFIED)
        for name in GROUPINGS
        if name in figures.breakdowns
    ]
    most = max(sums, default=0.0)
    if most > people * (1 + limit):
        yield Caution("total_below_parts", REACHED, most / people - 1 if people else None, people=most)


def new_is_total(selection: "Selection", figures: "KeyFigures") -> Iterator[Caution]:
    """In several months, every report says that all people of the month are new."""
    people = figures.value(REACHED)
    if selection.is_intersector or not people or people < figures.method.cautions.people_from:
        return
    rows = selection.people_reached().rows
    rows = rows[rows["contribution"] > 0]
    if rows["month"].nunique() > 1 and (rows["contribution"] == rows[TOTAL_MONTHLY]).all():
        yield Caution("new_is_total", REACHED, 1.0)


def groups_exceed_total(_: "Selection", figures: "KeyFigures") -> Iterator[Caution]:
    """The groups of a breakdown add up to more than the people reached."""
    limit = figures.method.cautions.groups_exceed_total
    for name, people, rest in _rests(figures):
        if -rest > limit * people:
            yield Caution("groups_exceed_total", name, -rest / people if people else None, people=people - rest)


def not_specified(_: "Selection", figures: "KeyFigures") -> Iterator[Caution]:
    """Of too many people a breakdown does not say to which group they belong."""
    limit = figures.method.cautions.not_specified
    for name, people, rest in _rests(figures):
        if people and limit * people < rest < people:  # where none is specified there is no breakdown to doubt
            yield Caution("not_specified", name, rest / people)


def _rests(figures: "KeyFigures") -> Iterator[tuple[str, float, float]]:
    """Each breakdown by group, with the people reached and how many of them are in no group."""
    people = figures.value(REACHED)
    for name in GROUPINGS if figures.sector not in WITHOUT_PEOPLE and people is not None else ():
        if name in figures.breakdowns:
            yield name, people or 0.0, figures.breakdowns[name].values().get(NOT_SPECIFIED, 0.0)


RULES: tuple[Rule, ...] = (
    one_report,
    coverage_above,
    total_below_parts,
    new_is_total,
    groups_exceed_total,
    not_specified,
)
"""The rules, the strongest first."""
