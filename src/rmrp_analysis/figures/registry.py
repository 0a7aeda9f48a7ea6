"""The registry: each figure and breakdown of a sheet, as ``figures.csv`` and ``breakdowns.csv`` declare them.

Rounding, trace, files, index, cards, placeholders and translations read names, units, labels and rules here.
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic.dataclasses import dataclass

from rmrp_analysis.figures.counting import (
    CountFunction,
    count_activities,
    count_designated_funding,
    count_organisations_of_money,
    count_planned,
    people_reached,
)
from rmrp_analysis.packs import pack
from rmrp_analysis.vocabulary import PLANNED_FIGURES, ZERO_NAME_BY_REASON

Unit = Literal["people", "usd", "count", "share"]
Parts = Literal[
    "areas",
    "platforms",
    "months",
    "population_groups",
    "planned_groups",
    "age_groups",
    "sectors",
    "sectors_with_people",
    "sectors_of_money",
    "models",
    "named",
    "countries",
    "targets",
    "largest first",
    "by name",
]
"""The parts of a breakdown that are always shown (see ``parts.list_fixed_parts_by_word``), or the order of the others.

``countries`` are the countries of the sheet's place, ``targets`` the parts that have a target.
"""
Status = Literal["known", "few", "partly_counted", "not_counted", "not_reported", "not_planned", "not_known"]
"""How far a number is known.

- ``few``: the number of people is not 0, but rounded down to 0.
- ``partly_counted``: some people are left out, since their rows cannot be counted. If more people are left out than
  counted, the number is not known.
- ``not_counted``: people were assisted, but the reports give nobody as new, which cannot be right.
"""

FEW, PARTLY_COUNTED, NOT_COUNTED, KNOWN = "few", "partly_counted", "not_counted", "known"
NOBODY_NEW, SERVICES_ONLY = ZERO_NAME_BY_REASON
"""Reasons of a number that is known to be 0: all people assisted were counted earlier, or no row counts people."""
UNPUBLISHED_KIND = "unpublished"
"""The kind of rows of the table of figures that no file has: only sentences and shares need them."""
ILLUSTRATIVE_MARK = "illustrative"
"""The column for rows that are made up for illustration. The sources of such planning figures begin with it."""

NEW_NOT_KNOWN_REASON = "new_not_known"
"""The reason if no report says how many people are new, and the cause for which the people of such reports are lost."""


class Reason(pack.Row):
    """A row of ``reasons.csv``: why a number is not known, or is known to be 0.

    ``words`` say this reason in words. ``lost`` says why people who were reported are not among the people reached.
    ``of_shares`` (yes or empty): whether a share of unknown people has the reason of these people.
    """

    reason: pack.Text
    status: Status
    words: str
    lost: str
    of_shares: Literal["", "yes"]


_REASONS = pack.rows("reasons.csv", Reason, within=Path(__file__).parent, unique="reason")
WORDS_BY_REASON: Mapping[str, str] = {row.reason: row.words for row in _REASONS if row.words}
LOST_WORDS_BY_REASON: Mapping[str, str] = {row.reason: row.lost for row in _REASONS if row.lost}
REASONS_OF_SHARES = frozenset(row.reason for row in _REASONS if row.of_shares)
"""Columns of ``Reason``: words and words for lost people by reason, and the reasons that shares take over."""
STATUS_BY_REASON: Mapping[str, str] = {"": "known"} | {row.reason: row.status for row in _REASONS}
"""The status of a number, by the reason why it is not known or is 0. Without a reason it is known."""


@dataclass(frozen=True)
class Definition:
    """A row of ``figures.csv``: a figure, its name in every file, its unit, its label and its rule.

    ``count`` gives its contributions. A figure without ``count`` follows from two others: a share is ``part`` divided
    by ``whole``, an amount is ``whole`` minus ``part``. If the part is people reached, only people whom the whole
    counts, too, are compared (``COMPARED_FIGURE``). A figure in ``people`` is rounded, unless a plan foresees it
    (``planned``). A figure ``by_any_dimension`` can be added up by any dimension of breakdowns, even if the sheet has
    no such breakdown.
    """

    name: str
    unit: Unit
    label: str
    rule: str
    count: CountFunction | None = None
    part: str = ""
    whole: str = ""
    planned: bool = False
    by_any_dimension: bool = False

    @property
    def protected(self) -> bool:
        """Whether it is rounded for the public."""
        return self.unit == "people" and not self.planned

    @property
    def tells_of_people(self) -> bool:
        """Whether its source rows say how many people they reached: it counts people, or is a share of such a count."""
        return self.protected or (self.part in FIGURES and FIGURES[self.part].protected)


@dataclass(frozen=True)
class BreakdownDefinition:
    """A figure by one dimension or several (``by``): a row of ``breakdowns.csv``.

    ``sum_of`` names the figure (or ``people_compared``) that is added up. ``special`` names the function for parts that
    are more than sums by the dimension (see ``parts.SUM_FUNCTION_BY_SPECIAL``). ``key`` is the name of the parts in
    ``figures.csv`` and JSON. ``tab`` names a worksheet (31 characters at most). A breakdown without a worksheet stands
    only in the readers' table. ``shown`` says which sheets have it (see ``parts.FigureSums.sheet_facts``). With
    ``if_any``, a sheet without a part does not have it. ``parts`` names the parts that are always shown, or the order
    of the others (see ``Parts``). ``missing`` is the reason of a part that is not known.
    """

    figure: str
    by: tuple[str, ...]
    sum_of: str
    special: str
    key: Literal["group", "platform", "month"]
    shown: str
    if_any: Literal["", "yes"]
    parts: Parts
    missing: str
    label: str
    tab: str

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for several dimensions without ``special``, or for an unknown reason in ``missing``."""
        if len(self.by) > 1 and not self.special:
            raise ValueError(f"breakdowns.csv: {self.name}: two dimensions need a 'special', which names their parts")
        if self.missing not in STATUS_BY_REASON:
            raise ValueError(f"breakdowns.csv: {self.name}: reasons.csv has no '{self.missing}'")

    @property
    def name(self) -> str:
        """The breakdown's name in every file."""
        return breakdown_name(self.figure, *self.by)

    @property
    def figure_definition(self) -> Definition:
        """The figure that it splits: ``figure``, or ``sum_of`` if that is no figure, such as money of the plan."""
        return FIGURES[self.figure if self.figure in FIGURES else self.sum_of]


def breakdown_name(figure: str, *by: str) -> str:
    """Return the name of a figure by these dimensions, or of the figure itself without any."""
    return f"{figure}_by_{'_and_'.join(by)}" if by else figure


COUNT_FUNCTION_BY_FIGURE: Mapping[str, CountFunction] = {
    "people_in_need": count_planned("people_in_need"),
    "target": count_planned("target"),
    "people_reached": people_reached,
    "reporting_partners": count_activities("reporting_partners", "organisation"),
    "partners_last_month": count_activities("partners_last_month", "organisation", last_month=True),
    "months_reported": count_activities("months_reported", "month"),
    "implementing_partners": count_activities("implementing_partners", "implementing_partner"),
    "activities": count_activities("activities"),
    "requirement_usd": count_planned("requirement_usd"),
    "funding_usd": count_designated_funding,
    "donors": count_organisations_of_money("donors", "donor"),
    "funded_organisations": count_organisations_of_money("funded_organisations", "recipient"),
}
"""The function that counts a figure. Every other figure follows from two of these."""


def _read_declarations(file_name: str) -> list[dict[str, Any]]:
    """Read the rows of a CSV file in this folder, as texts by column."""
    text = (Path(__file__).parent / file_name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


FIGURES: Mapping[str, Definition] = {
    row["name"]: Definition(
        **{**row, **{column: row[column] == "yes" for column in ("planned", "by_any_dimension")}},
        count=COUNT_FUNCTION_BY_FIGURE.get(row["name"]),
    )
    for row in _read_declarations("figures.csv")
}
"""Every figure of a sheet, in its order."""

BREAKDOWNS: Mapping[str, BreakdownDefinition] = {
    breakdown.name: breakdown
    for row in _read_declarations("breakdowns.csv")
    for breakdown in [BreakdownDefinition(**{**row, "by": tuple(row["by"].split())})]
}
"""Every breakdown that a sheet may state, in its order."""

COMPARED_FIGURE = "people_compared"
"""The people reached whom need and target count, too. Shares of need and target follow from them."""


def figure_definition(name: str) -> Definition:
    """Return the declaration of a figure, or of the figure that a breakdown splits. Raises ``KeyError`` for others."""
    return BREAKDOWNS[name].figure_definition if name in BREAKDOWNS else FIGURES[name]


_DIMENSIONS_BY_DERIVED_FIGURE = {name: tuple[str, ...]() for name, figure in FIGURES.items() if figure.part}
_DIMENSIONS_BY_DERIVED_FIGURE |= {
    name: breakdown.by for name, breakdown in BREAKDOWNS.items() if breakdown.figure_definition.part
}
PART_BY_DERIVED_FIGURE: Mapping[str, str] = {
    name: breakdown_name(COMPARED_FIGURE if part == "people_reached" else part, *by)
    for name, by in _DIMENSIONS_BY_DERIVED_FIGURE.items()
    for part in [figure_definition(name).part]
}
WHOLE_BY_DERIVED_FIGURE: Mapping[str, str] = {
    name: breakdown_name(figure_definition(name).whole, *by) for name, by in _DIMENSIONS_BY_DERIVED_FIGURE.items()
}
"""The part, and the whole, of figures and breakdowns that follow from two others of the same sheet and part."""

DIFFERENCE_FIGURES = tuple(name for name in PART_BY_DERIVED_FIGURE if figure_definition(name).unit != "share")
"""Figures and breakdowns that are a whole minus a part. All others that follow from two are shares."""

SHARES_OF_PEOPLE = tuple(name for name in PART_BY_DERIVED_FIGURE if figure_definition(name).part == "people_reached")
"""Shares and differences that follow from the people compared."""

SHARES_OF_PLANNED = tuple(
    name
    for name in PART_BY_DERIVED_FIGURE
    if figure_definition(name).whole in PLANNED_FIGURES and name not in DIFFERENCE_FIGURES
)
"""Shares of planned figures. Above 1, more was reached or given than was planned."""


def row_facts() -> pd.DataFrame:
    """Return the facts that all rows of a figure or breakdown (or of people compared) share, by its name (index).

    Columns: ``total`` (the figure that a breakdown splits), ``by`` (its first dimension), ``dimension`` (its ``key``),
    ``unit``, ``kind`` (see ``table``), ``missing`` (the reason of a part without any known number).
    """
    rows = {name: (name, "", "", figure.unit, "figure", "") for name, figure in FIGURES.items()}
    rows[COMPARED_FIGURE] = (COMPARED_FIGURE, "", "", "people", UNPUBLISHED_KIND, "")
    for name, breakdown in BREAKDOWNS.items():
        figure, facts = breakdown.figure_definition, (breakdown.by[0], breakdown.key)
        if part := PART_BY_DERIVED_FIGURE.get(name):
            rows[part] = (COMPARED_FIGURE, *facts, "people", UNPUBLISHED_KIND, breakdown.missing)
        rows[name] = (figure.name, *facts, figure.unit, "part", breakdown.missing)
    return pd.DataFrame.from_dict(rows, "index", columns=["total", "by", "dimension", "unit", "kind", "missing"])
