"""Small publications, and a reader who works out from what is printed what is withheld: with his own equations."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import highspy
import numpy as np

from rmrp_analysis.disclosure import Decision, Sheet, cell_name
from rmrp_analysis.method import Method, Period
from rmrp_analysis.vocabulary import report_id

YEAR = Period(start="2021-01", end="2021-12")
PEOPLE, BY_MONTH, BY_PLATFORM = "people_reached", "people_reached_by_month", "people_reached_by_platform"
BY_COUNTRY, BY_GROUP, BY_SECTOR, BY_MODEL = (
    f"people_reached_by_{dimension}" for dimension in ("country", "population_group", "sector", "model")
)
Name = tuple[str, str]
"""A cell as it is published: report and name."""


def sheet(
    people: float | None,
    tables: Mapping[str, Mapping[str, float]] | None = None,
    *,
    sector: str = "Health",
    platform: str = "region",
    period: Period = YEAR,
    method: Method | None = None,
    shares: Sequence[tuple[str, str, float, float]] = (),
    **more: Any,
) -> Sheet:
    """A sheet with these people reached and breakdowns; all of it was printed before where ``printed`` says so."""
    whole = [] if people is None else [(PEOPLE, "", float(people))]
    rows = [(name, part, float(number)) for name, parts in (tables or {}).items() for part, number in parts.items()]
    if more.get("printed") == "all":
        more["printed"] = frozenset(cell_name(name, part) for name, part, _ in (*whole, *rows))
    report = report_id(sector, platform, more.get("organisation", ""))
    return Sheet(report, sector, platform, period, method or Method(), [*whole, *rows], shares, **more)


def withheld(decision: Decision) -> set[Name]:
    """The counts of people that are not printed exactly, wherever they stand."""
    return {name for cell in decision.withheld for name in decision.system.names[cell]}


def worked_out(
    equations: Iterable[tuple[Sequence[Any], Sequence[Any]]],
    people: Mapping[Any, float],
    unknown: Iterable[Any],
    ranges: Mapping[Any, tuple[float, float]],
) -> dict[Any, tuple[float, float]]:
    """The least and the most that each unknown cell may have, in equations of two sides with the same sum.

    Everything else is known. Since zeros are printed, nothing unknown is less than one person.
    """
    places = {cell: place for place, cell in enumerate(unknown)}
    solver = highspy.Highs()
    solver.silent()
    for cell in places:
        least, most = ranges.get(cell, (0.0, highspy.kHighsInf))
        solver.addVar(max(least, 1.0), most)
    for left, right in equations:
        signs = [(cell, 1.0) for cell in left] + [(cell, -1.0) for cell in right]
        known = sum(sign * people[cell] for cell, sign in signs if cell not in places)
        terms = [(places[cell], sign) for cell, sign in signs if cell in places]
        if terms:
            columns, factors = zip(*terms, strict=True)
            solver.addRow(-known, -known, len(terms), np.array(columns), np.array(factors))
    return {cell: (_end(solver, place, 1.0), -_end(solver, place, -1.0)) for cell, place in places.items()}


def _end(solver: highspy.Highs, place: int, sign: float) -> float:
    """The least of a cell with this sign."""
    solver.changeColCost(place, sign)
    solver.run()
    bounded = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    least = solver.getInfo().objective_function_value if bounded else -np.inf
    solver.changeColCost(place, 0.0)
    return float(least)
