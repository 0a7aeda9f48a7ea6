"""Cautions: which numbers of a sheet must not be printed as if they were well, by the named rules of the method.

A figure in doubt is printed with its caution. A breakdown in doubt is not printed for the public: its reason stands in
its place. No sentence is drawn from either. Nothing is corrected.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from rmrp_analysis.method import CautionLimits
from rmrp_analysis.metrics.cells import TOTAL_MONTHLY
from rmrp_analysis.vocabulary import NOT_SPECIFIED, WITHOUT_PEOPLE

if TYPE_CHECKING:
    from rmrp_analysis.figures.table import KeyFigures
    from rmrp_analysis.selection import Selection

REACHED, BY_MONTH = "people_reached", "people_reached_by_month"
GROUPINGS = ("people_reached_by_population_group", "people_reached_by_age_gender")
COVERAGES = ("target_coverage", "need_coverage", "funding_coverage")


@dataclass(frozen=True)
class Caution:
    """Why a figure or breakdown (``of``) is in doubt: the name of the rule, and what it found.

    ``share`` is of what the rule names (None where it must be withheld), ``month`` that of the report which makes most
    of the number, ``people`` how many the groups add up to. ``behind`` names what its numbers tell of: where a part of
    that is withheld, they are, too; without names, wherever anything is.
    """

    rule: str
    of: str
    share: float | None
    month: str = ""
    people: float | None = None
    behind: tuple[str, ...] = ()


def cautions(selection: "Selection", figures: "KeyFigures") -> tuple[Caution, ...]:
    """Every caution of a sheet whose figures are exact, the strongest first."""
    people, limits = figures.value(REACHED), figures.method.cautions
    rows = selection.people_reached().rows if people and people >= limits.people_from else None
    sums = (
        sum(people for group, people in figures.breakdowns[name].values().items() if group != NOT_SPECIFIED)
        for name in GROUPINGS
        if name in figures.breakdowns
    )
    return (
        *one_report(rows, people, limits),
        *coverage_above(figures),
        *total_below_parts(sums, people, limits),
        *(() if selection.is_intersector else new_is_total(rows, people, limits)),
        *groups_exceed_total(figures),
        *not_specified(figures),
    )


def people_in_doubt(
    rows: pd.DataFrame, splits: Mapping[str, Sequence[str]], limits: CautionLimits, *, of_all_sectors: bool
) -> bool:
    """Whether the people whom these rows add up to would bear a caution of their own, apart from coverage.

    ``rows`` and ``splits`` are those of ``Contributions``.
    """
    people = float(rows["contribution"].sum())
    sums = (float(rows[list(groups)].sum().sum()) for groups in splits.values())
    found = (
        one_report(rows, people, limits),
        total_below_parts(sums, people, limits),
        () if of_all_sectors else new_is_total(rows, people, limits),
    )
    return any(True for of_rule in found for _ in of_rule)


def one_report(rows: pd.DataFrame | None, people: float | None, limits: CautionLimits) -> Iterator[Caution]:
    """One row makes more than half of the people reached."""
    if rows is None or not people or people < limits.people_from:
        return
    largest = rows.nlargest(1, "contribution")
    share = float(largest["contribution"].iloc[0]) / people
    if share > limits.one_report:
        month = str(largest["month"].iloc[0])
        yield Caution("one_report", REACHED, share, month=month, behind=(REACHED, BY_MONTH))


def new_is_total(rows: pd.DataFrame | None, people: float | None, limits: CautionLimits) -> Iterator[Caution]:
    """In several months, every report says that all people of the month are new."""
    if rows is None or not people or people < limits.people_from:
        return
    counted = rows[rows["contribution"] > 0]
    if counted["month"].min() < counted["month"].max() and (counted["contribution"] == counted[TOTAL_MONTHLY]).all():
        yield Caution("new_is_total", REACHED, None)


def total_below_parts(sums: Iterable[float], people: float | None, limits: CautionLimits) -> Iterator[Caution]:
    """The people of the groups of a breakdown, whose ``sums`` these are, are more than the people reached."""
    most = max(sums, default=0.0)
    if people is not None and 0 <= people * (1 + limits.groups_exceed_total) < most:
        share = most / people - 1 if people else None
        yield Caution("total_below_parts", REACHED, share, people=most, behind=(REACHED, *GROUPINGS))


def coverage_above(figures: "KeyFigures") -> Iterator[Caution]:
    """Reach is far above target or need, or funding far above the requirement."""
    for name in COVERAGES:
        share = figures.value(name)
        if share is not None and share > figures.method.cautions.coverage_above:
            yield Caution("coverage_above", name, share, behind=(name,))


def groups_exceed_total(figures: "KeyFigures") -> Iterator[Caution]:
    """The groups of a breakdown add up to more than the people reached."""
    limit = figures.method.cautions.groups_exceed_total
    for name, people, rest in _rests(figures):
        if -rest > limit * people:
            share = -rest / people if people else None
            yield Caution("groups_exceed_total", name, share, people=people - rest, behind=(REACHED, name))


def not_specified(figures: "KeyFigures") -> Iterator[Caution]:
    """Of too many people a breakdown does not say to which group they belong."""
    limit = figures.method.cautions.not_specified
    for name, people, rest in _rests(figures):
        if people and limit * people < rest < people:  # where none is specified there is no breakdown to doubt
            yield Caution("not_specified", name, rest / people, behind=(REACHED, name))


def _rests(figures: "KeyFigures") -> Iterator[tuple[str, float, float]]:
    """Each breakdown by group, with the people reached and how many of them are in no group."""
    people = figures.value(REACHED)
    for name in GROUPINGS if figures.sector not in WITHOUT_PEOPLE and people is not None else ():
        if name in figures.breakdowns:
            yield name, people or 0.0, figures.breakdowns[name].values().get(NOT_SPECIFIED, 0.0)
