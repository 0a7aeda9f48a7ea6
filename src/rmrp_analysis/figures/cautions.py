"""Cautions: which numbers of a sheet must not be printed as if they were well, by the named rules of the method.

A figure in doubt is printed with its caution. A breakdown in doubt is not printed for the public: its reason stands in
its place. No sentence is drawn from either. Nothing is corrected.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rmrp_analysis.method import CautionLimits
from rmrp_analysis.metrics import AMOUNT, NOT_ALL_NEW, ROW, Cells, Contributions
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
    reports = selection.largest_reports() if people and people >= limits.people_from else None
    sums = (
        sum(people for group, people in figures.breakdowns[name].values().items() if group != NOT_SPECIFIED)
        for name in GROUPINGS
        if name in figures.breakdowns
    )
    return (
        *one_report(reports, people, limits),
        *coverage_above(figures),
        *total_below_parts(sums, people, limits),
        *(() if selection.is_intersector else new_is_total(reports, people, limits)),
        *groups_exceed_total(figures),
        *not_specified(figures),
    )


def people_in_doubt(reached: Contributions, reports: Cells, limits: CautionLimits, *, of_all_sectors: bool) -> bool:
    """Whether people reached would bear a caution of their own, apart from coverage; ``reports`` are the largest."""
    people = reached.total
    sums = (
        float(sum(np.nansum(reached.cells.numbers(group)) for group in groups)) for groups in reached.splits.values()
    )
    found = (
        one_report(reports, people, limits),
        total_below_parts(sums, people, limits),
        () if of_all_sectors else new_is_total(reports, people, limits),
    )
    return any(True for of_rule in found for _ in of_rule)


def one_report(reports: Cells | None, people: float | None, limits: CautionLimits) -> Iterator[Caution]:
    """One row makes more than half of the people reached; ``reports`` are the largest (see ``metrics``)."""
    if reports is None or not people or people < limits.people_from:
        return
    amounts = reports.numbers(AMOUNT)
    largest = np.flatnonzero(amounts == amounts.max())
    first = largest[reports.numbers(ROW)[largest].argmin()]
    share = float(amounts[first]) / people
    if share > limits.one_report:
        codes, months, _ = reports.coded("month")
        yield Caution("one_report", REACHED, share, month=months[codes[first]], behind=(REACHED, BY_MONTH))


def new_is_total(reports: Cells | None, people: float | None, limits: CautionLimits) -> Iterator[Caution]:
    """In several months, every report says that all people of the month are new."""
    if reports is None or not people or people < limits.people_from:
        return
    if len(reports.names("month")) > 1 and not reports.numbers(NOT_ALL_NEW).any():
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
