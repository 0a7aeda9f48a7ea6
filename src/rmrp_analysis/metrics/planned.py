"""What was planned: people in need, target and requirement of a sector in a scope."""

import math
from collections.abc import Sequence

import pandas as pd

from rmrp_analysis.method import Method
from rmrp_analysis.vocabulary import ALL, COUNTRIES, INTERSECTOR, PLATFORMS, POPULATION_GROUPS, REGION, WITHOUT_NEED

IN_TRANSIT = "in_transit"


def planned(planning: pd.DataFrame, measure: str, sector: str, *, scope: str = REGION, method: Method) -> pd.DataFrame:
    """The planning rows whose values add up to the planned figure; empty when the plan does not give it.

    A scope's own row comes first; without one, the rows of its countries when every country has one. People in transit
    are in the published totals of no scope: they are added only when the method says so. Nothing is ever derived
    across sectors. Source: R4V planning figures (totals exclude people in transit).
    """
    if measure == "people_in_need" and sector in WITHOUT_NEED:
        return planning.iloc[:0]
    name = ALL if sector == INTERSECTOR else sector
    of_sector = planning[(planning["sector"] == name) & (planning["measure"] == measure)]
    groups = [ALL] if measure == "requirement_usd" or not method.in_transit_in_denominators else [ALL, IN_TRANSIT]
    found = _rows_of_every(groups, of_sector, scope)
    if len(found) or measure == "requirement_usd":
        return found
    wanted = [group for group in POPULATION_GROUPS if method.in_transit_in_denominators or group != IN_TRANSIT]
    return _rows_of_every(wanted, of_sector, scope)


def planned_groups(planning: pd.DataFrame, measure: str, sector: str, *, scope: str) -> pd.DataFrame:
    """The planning rows of each population group that the plan gives for a scope; see ``planned``."""
    name = ALL if sector == INTERSECTOR else sector
    of_sector = planning[(planning["sector"] == name) & (planning["measure"] == measure)]
    return pd.concat([_rows_of_every([group], of_sector, scope) for group in POPULATION_GROUPS])


def total(rows: pd.DataFrame) -> float | None:
    """The planned figure, or None when there are no rows for it."""
    return math.fsum(rows["value"]) if len(rows) else None


def _rows_of_every(groups: Sequence[str], of_sector: pd.DataFrame, scope: str) -> pd.DataFrame:
    """The rows of these groups, when the plan gives every one of them; none otherwise."""
    countries = tuple(COUNTRIES) if scope == REGION else PLATFORMS.get(scope, ())
    parts = []
    for group in groups:
        rows = of_sector[of_sector["population_group"] == group]
        own, of_countries = rows[rows["scope"] == scope], rows[rows["scope"].isin(countries)]
        if own.empty and set(of_countries["scope"]) != set(countries):
            return of_sector.iloc[:0]
        parts.append(of_countries if own.empty else own)
    return pd.concat(parts)
