"""What a sheet is held against by its findings: other sectors, the region, the year before, its largest partner."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rmrp_analysis.figures import parts
from rmrp_analysis.figures.cautions import people_in_doubt
from rmrp_analysis.vocabulary import INTERSECTOR, REGION, WITHOUT_PEOPLE

if TYPE_CHECKING:
    from rmrp_analysis.figures.table import KeyFigures
    from rmrp_analysis.selection import Selection


@dataclass(frozen=True)
class Comparisons:
    """Numbers beside those of a sheet; None, or no entry, where they are not known, in doubt or too small to be told.

    ``coverage_by_sector`` (reached of the target) and ``funding_by_sector`` (funded of the requirement) are of the
    sheet's own place; the people of ``sectors_in_doubt`` bear a caution on their own sheets. ``region_people`` and
    ``people_year_before`` are people reached by the same sector: in the whole region, and in the same months a year
    earlier. ``largest_partner`` is the people whom one organisation reported. ``rank`` is the place of the sheet's own
    organisation by people reached, and of how many.
    """

    coverage_by_sector: Mapping[str, float] = field(default_factory=dict)
    funding_by_sector: Mapping[str, float] = field(default_factory=dict)
    sectors_in_doubt: frozenset[str] = frozenset()
    region_people: float | None = None
    people_year_before: float | None = None
    largest_partner: float | None = None
    rank: tuple[int, int] | None = None


def comparisons(selection: "Selection", figures: "KeyFigures") -> Comparisons:
    """What the findings of a sheet with these exact figures may hold it against."""
    key = ("shares by sector", selection.place, selection.organisation, selection.period, selection.method)
    of_sectors = selection.plan.once(key, lambda: _of_sectors(selection))
    if selection.sector in WITHOUT_PEOPLE or not figures.value("people_reached"):
        return of_sectors
    if selection.organisation:
        return _of_organisation(of_sectors, selection, figures.value("people_reached") or 0.0)
    by_partner = selection.people_reached().parts_by("organisation").values()
    return replace(
        of_sectors,
        region_people=None if selection.place == REGION else _people(replace(selection, place=REGION)),
        people_year_before=_year_before(selection),
        largest_partner=_if_told(max(by_partner), selection),
    )


OTHERS_AT_LEAST = 3
"""An organisation is only compared with at least so many others that reached people."""

APART = 5
"""An organisation is ranked where no other one is within so many thresholds: no number is bounded closely."""


def _of_organisation(compared: Comparisons, selection: "Selection", people: float) -> Comparisons:
    """An organisation beside the other partners of its sector; of all sectors people are in several, so none is told.

    It is told where it shows nothing of one of the others: there are several, and for a rank each is far from it.
    """
    compared = replace(compared, people_year_before=_year_before(selection))
    if selection.is_intersector:
        return compared
    sector = replace(selection, organisation="")
    partners = sector.people_reached().parts_by("organisation")
    others = [reached for name, reached in partners.items() if reached > 0 and name != selection.organisation]
    if len(others) < OTHERS_AT_LEAST or people <= 0:
        return compared
    apart = APART * selection.method.threshold(selection.sector)
    ranked = people >= apart and all(abs(reached - people) >= apart for reached in others)
    rank = (sum(reached > people for reached in others) + 1, len(others) + 1)
    return replace(compared, region_people=_people(sector), rank=rank if ranked else None)


def _of_sectors(selection: "Selection") -> Comparisons:
    """The shares of target and requirement of the sectors whose people are neither in doubt nor too few."""
    together, limits = replace(selection, sector=INTERSECTOR), selection.method.cautions
    coverage, reached = parts.coverage_by("sector")(together).amounts, together.people_by_sector()
    people, reports = reached.parts_by("sector"), together.largest_reports(by_sector=True)
    in_doubt = {sector for sector, share in coverage.items() if share > limits.coverage_above}
    for sector in coverage.keys() & people.keys():
        of_sector = replace(reached, cells=reached.cells.where("sector", sector))
        if people_in_doubt(of_sector, reports.where("sector", sector), limits, of_all_sectors=False):
            in_doubt.add(sector)
    least = selection.method.threshold(selection.sector)
    enough = {sector for sector, reached_by in people.items() if reached_by == 0 or reached_by >= least}
    told = {
        sector: share for sector, share in coverage.items() if sector in enough - in_doubt and not math.isnan(share)
    }
    required = parts.amounts_of(parts.REQUIREMENTS["sector"])(together).amounts
    funded = {
        sector: amount / required[sector]
        for sector, amount in sorted(parts.money_by_sector(together).amounts.items())
        if required.get(sector, 0.0) > 0
    }
    return Comparisons(
        coverage_by_sector=told,
        funding_by_sector={sector: share for sector, share in funded.items() if share <= limits.coverage_above},
        sectors_in_doubt=frozenset(in_doubt),
    )


def _year_before(selection: "Selection") -> float | None:
    """The people reached in the same months of the year before, if something was reported in each of them."""
    earlier = replace(selection, period=selection.period.year_before)
    if not set(earlier.period.months) <= set(earlier.coded_cells.names("month")):
        return None
    return _people(earlier)


def _people(selection: "Selection") -> float | None:
    """The people reached where they are neither in doubt nor too few."""

    def people() -> float | None:
        reached, limits = selection.people_reached(), selection.method.cautions
        if not reached.total:
            return None
        reports, of_all = selection.largest_reports(), selection.is_intersector
        in_doubt = people_in_doubt(reached, reports, limits, of_all_sectors=of_all)
        return None if in_doubt else _if_told(reached.total, selection)

    key = ("people told", selection.report, selection.organisation, selection.period, selection.method)
    return selection.plan.once(key, people)


def _if_told(people: float, selection: "Selection") -> float | None:
    return None if math.isnan(people) or people < selection.method.threshold(selection.sector) else people
