"""The registry: each figure and breakdown of a sheet, as ``figures.csv`` and ``breakdowns.csv`` declare them.

Rounding, trace, files, index, cards, placeholders and translations read names, units, labels and rules here.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rmrp_analysis.figures.counted import (
    Counted,
    activities,
    designated_funding,
    organisations_of_money,
    people_reached,
    planned,
)
from rmrp_analysis.packs import pack
from rmrp_analysis.vocabulary import ZERO_NAMES

Unit = Literal["people", "usd", "count", "share"]
Status = Literal["known", "few", "partly_counted", "not_counted", "not_reported", "not_planned", "not_known"]
"""What is known of a number.

``few``: there are people, and so few that their number is rounded down to 0. ``partly_counted``: some people are left
out, since their rows cannot be counted; where they are more than those counted, the number is not known.
``not_counted``: people were assisted, and the reports tell none of them as new, which cannot be right.
"""

FEW, PARTLY_COUNTED, NOT_COUNTED, KNOWN = "few", "partly_counted", "not_counted", "known"
NOBODY_NEW, SERVICES_ONLY = ZERO_NAMES
"""Reasons of a number that is known to be 0: all people assisted were counted before; no row counts people."""
ILLUSTRATIVE = "illustrative"
"""Whether what a row says is made up for illustration; the sources of such planning figures begin with it."""

NEW_NOT_KNOWN = "new_not_known"
"""The reason where no report tells how many people are new, and the cause for which those of some reports are lost."""


class Reason(pack.Row):
    """A row of ``reasons.csv``: why a number is not known.

    ``words`` say so, ``lost`` why people who were reported are not among the people reached.
    """

    reason: pack.Text
    status: Status
    words: str
    lost: str


_REASONS = pack.rows("reasons.csv", Reason, within=Path(__file__).parent, unique="reason")
REASONS: Mapping[str, str] = {row.reason: row.words for row in _REASONS if row.words}
REASONS_LOST: Mapping[str, str] = {row.reason: row.lost for row in _REASONS if row.lost}
STATUS: Mapping[str, str] = {"": "known"} | {row.reason: row.status for row in _REASONS}
"""The status of a number by the reason why it has no value."""


@dataclass(frozen=True)
class Definition:
    """A row of ``figures.csv``: a figure, its name in every file, its unit, how it is called, the rule it follows.

    ``counted`` gives what it is the sum of. A figure without it follows from two others: ``part`` by ``whole`` as a
    share, ``whole`` less ``part`` as an amount; ``compared`` gives of the part only what the whole counts, too. A
    figure in ``people`` counts persons, so it is rounded; what a plan foresees (``planned``) is not.
    """

    name: str
    unit: Unit
    label: str
    rule: str
    counted: Counted | None = None
    part: str = ""
    whole: str = ""
    compared: bool = False
    planned: bool = False

    @property
    def protected(self) -> bool:
        """Whether it is rounded for the public."""
        return self.unit == "people" and not self.planned

    @property
    def tells_of_people(self) -> bool:
        """Whether rows behind it say how many people they reached: it counts people, or is a share of such a count."""
        return self.protected or (self.part in FIGURES and FIGURES[self.part].protected)


@dataclass(frozen=True)
class BreakdownDefinition:
    """A figure by one dimension or several (``by``): a row of ``breakdowns.csv``.

    ``key`` is the name of its parts in ``figures.csv`` and JSON; ``tab`` names a worksheet (31 characters at most);
    one without stands in the readers' table alone.
    ``shown`` says on which sheets it stands (see ``parts.Counts.about``), ``if_any`` that one which has no part has no
    such breakdown. ``parts`` names the parts that are always shown, or the order of those that there are (see
    ``figures.parts``); ``missing`` is the reason of a part of which nothing is known.
    """

    figure: str
    by: tuple[str, ...]
    key: Literal["group", "platform", "month"]
    shown: str
    if_any: str
    parts: str
    missing: str
    label: str
    tab: str

    @property
    def name(self) -> str:
        """The breakdown's name in every file."""
        return f"{self.figure}_by_{'_and_'.join(self.by)}"

    @property
    def figure_definition(self) -> Definition:
        """The figure that it splits."""
        return FIGURES[self.figure.removeprefix("plan_")]


COUNTED: Mapping[str, Counted] = {
    "people_in_need": planned("people_in_need"),
    "target": planned("target"),
    "people_reached": people_reached,
    "reporting_partners": activities("reporting_partners", "organisation"),
    "partners_last_month": activities("partners_last_month", "organisation", last_month=True),
    "months_reported": activities("months_reported", "month"),
    "implementing_partners": activities("implementing_partners", "implementing_partner"),
    "activities": activities("activities"),
    "requirement_usd": planned("requirement_usd"),
    "funding_usd": designated_funding,
    "donors": organisations_of_money("donors", "donor"),
    "funded_organisations": organisations_of_money("funded_organisations", "recipient"),
}
"""What counts a figure; every other one follows from two of these."""


def _declared(file_name: str) -> list[dict[str, Any]]:
    text = (Path(__file__).parent / file_name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


FIGURES: Mapping[str, Definition] = {
    row["name"]: Definition(
        **{**row, "planned": row["planned"] == "yes"},
        counted=COUNTED.get(row["name"]),
        compared=row["part"] == "people_reached",
    )
    for row in _declared("figures.csv")
}
"""Every figure of a sheet, in its order."""

BREAKDOWNS: Mapping[str, BreakdownDefinition] = {
    breakdown.name: breakdown
    for row in _declared("breakdowns.csv")
    for breakdown in [BreakdownDefinition(**{**row, "by": tuple(row["by"].split())})]
}
"""Every breakdown that a sheet may state, in its order."""

COMPARED = "people_compared"
"""People whom need and target count, too: shares of them follow from it, and from its parts."""

DIFFERENCES = tuple(name for name, figure in FIGURES.items() if figure.part and figure.unit != "share")
"""Figures that are what a part leaves of a whole; others that follow from two are the part's share."""

OF_TARGET = tuple(name for name, figure in FIGURES.items() if figure.whole == "target")
"""What follows from people reached and their target, of a sheet and of each part that has a target."""

SHARES = (
    *((name, COMPARED if of.compared else of.part, of.whole) for name, of in FIGURES.items() if of.part),
    *(
        (name, f"{COMPARED}_by_{of.by[0]}", f"target_by_{of.by[0]}")
        for name, of in BREAKDOWNS.items()
        if of.figure in OF_TARGET
    ),
)
"""Figures that follow from two others of the same sheet and part: the part, and the whole."""


def figure_definition(name: str) -> Definition:
    """Give how a figure is declared, or the figure that a breakdown of this name splits."""
    return BREAKDOWNS[name].figure_definition if name in BREAKDOWNS else FIGURES[name]
