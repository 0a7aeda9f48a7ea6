"""What a sheet is held against by its findings: other sectors, the region, the year before, its largest partner."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pandas as pd

from rmrp_analysis.figures import parts
from rmrp_analysis.vocabulary import INTERSECTOR, REGION, WITHOUT_PEOPLE

if TYPE_CHECKING:
    from rmrp_analysis.figures.table import KeyFigures
    from rmrp_analysis.selection import Selection


@dataclass(frozen=True)
class Comparisons:
    """Numbers beside those of a sheet; None, or no entry, where they are not known, in doubt or too small to be told.

    ``coverage_by_sector`` (reached of the target) and ``funding_by_sector`` (funded of the requirement) are of the
    sheet's own place. ``region_people`` and ``people_year_before`` are people reached by the same sector: in the whole
    region, and in the same months a year earlier. ``largest_partner`` is the people whom one organisation reported.
    """

    coverage_by_sector: Mapping[str, float] = field(default_factory=dict)
    funding_by_sector: Mapping[str, float] = field(default_factory=dict)
    region_people: float | None = None
    people_year_before: float | None = None
    largest_partner: float | None = None


def comparisons(selection: "Selection", figures: "KeyFigures") -> Comparisons:
    """What the findings of a sheet with these exact figures may hold it against."""
    key = ("shares by sector", selection.platform, selection.period, selection.method)
    coverage, funding = selection.plan.once(key, lambda: _shares_by_sector(selection))
    if selection.sector in WITHOUT_PEOPLE or not figures.value("people_reached"):
        return Comparisons(coverage, funding)
    by_partner = selection.people_reached().by("organisation")
    return Comparisons(
        coverage,
        funding,
        region_people=None if selection.platform == REGION else _people(replace(selection, platform=REGION)),
        people_year_before=_year_before(selection),
        largest_partner=_if_told(by_partner.max(), selection),
    )


def _shares_by_sector(selection: "Selection") -> tuple[dict[str, float], dict[str, float]]:
    """The shares of target and requirement of the sectors whose people are neither in doubt nor too few."""
    together = replace(selection, sector=INTERSECTOR)
    limits, coverage = selection.method.cautions, parts.coverage_by_sector(together).dropna()
    if len(coverage):
        rows = together.people_by_sector().rows.groupby("sector")["contribution"]
        people, largest = rows.sum(), rows.max()
        told = (people == 0) | (people >= selection.method.small_count_threshold)
        of_one_report = (people >= limits.people_from) & (largest > limits.one_report * people)
        sound = (told & ~of_one_report).reindex(coverage.index, fill_value=False)
        coverage = coverage[sound & (coverage <= limits.coverage_above)]
    required = parts.REQUIREMENTS_BY_SECTOR(together)
    funded = (parts.money_by_sector(together) / required[required > 0]).dropna()
    shares = coverage, funded[funded <= limits.coverage_above]
    by_sector, funded_by_sector = ({str(name): float(share) for name, share in of.items()} for of in shares)
    return by_sector, funded_by_sector


def _year_before(selection: "Selection") -> float | None:
    """The people reached in the same months of the year before, if there are activities of each of them."""
    earlier = selection.period.year_before
    if not set(earlier.months) <= set(selection.plan.activities["month"].unique()):
        return None
    return _people(replace(selection, period=earlier))


def _people(selection: "Selection") -> float | None:
    """The people reached where they are neither in doubt by one report nor too few."""
    reached, limits = selection.people_reached(), selection.method.cautions
    people = reached.total
    if people is None:
        return None
    if people >= limits.people_from and reached.rows["contribution"].max() > limits.one_report * people:
        return None
    return _if_told(people, selection)


def _if_told(people: float, selection: "Selection") -> float | None:
    return None if pd.isna(people) or people < selection.method.small_count_threshold else float(people)
