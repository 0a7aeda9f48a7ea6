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
    of_sector = _of_sector(planning, measure, sector)
    if measure == "requirement_usd":
        return _rows_of_every([ALL], of_sector, scope)
    with_total, groups = _wanted(method)
    found = _rows_of_every(with_total, of_sector, scope)
    return found if len(found) else _rows_of_every(groups, of_sector, scope)


def planned_by_admin1(places: pd.DataFrame, measure: str, sector: str, *, country: str, method: Method) -> pd.DataFrame:
    """The planning rows of the admin1 of a country (``PlacedPlanning``) whose values add up to the figure of each.

    As for other scopes: an admin1 without every population group, and without a total, is left out. They are parts of
    the country's own figure, and need not add up to it: a plan may give a group for the whole country alone.
    """
    if measure == "people_in_need" and sector in WITHOUT_NEED:
        return places.iloc[:0]
    rows = _of_sector(places, measure, sector)
    rows = rows[rows["scope"] == country]
    with_total, groups = map(set, _wanted(method))
    wanted = {
        place: with_total if with_total <= set(given) else groups if groups <= set(given) else set()
        for place, given in rows.groupby("place")["population_group"]
    }
    kept = [group in wanted[place] for place, group in zip(rows["place"], rows["population_group"], strict=True)]
    return rows[pd.Series(kept, rows.index, dtype="bool")]


def planned_groups(planning: pd.DataFrame, measure: str, sector: str, *, scope: str) -> pd.DataFrame:
    """The planning rows of each population group that the plan gives for a scope; see ``planned``."""
    of_sector = _of_sector(planning, measure, sector)
    return pd.concat([_rows_of_every([group], of_sector, scope) for group in POPULATION_GROUPS])


def total(rows: pd.DataFrame) -> float | None:
    """The planned figure, or None when there are no rows for it."""
    return math.fsum(rows["value"]) if len(rows) else None


def _of_sector(planning: pd.DataFrame, measure: str, sector: str) -> pd.DataFrame:
    name = ALL if sector == INTERSECTOR else sector
    return planning[(planning["sector"] == name) & (planning["measure"] == measure)]


def _wanted(method: Method) -> tuple[list[str], list[str]]:
    """The groups that make a planned figure of people: with its total row, and without one."""
    with_transit = method.in_transit_in_denominators
    groups = [group for group in POPULATION_GROUPS if with_transit or group != IN_TRANSIT]
    return [ALL, IN_TRANSIT] if with_transit else [ALL], groups


def _rows_of_every(groups: Sequence[str], of_sector: pd.DataFrame, scope: str) -> pd.DataFrame:
    """The rows of these groups, when the plan gives every one of them; none otherwise."""
    countries = tuple(COUNTRIES) if scope == REGION else PLATFORMS.get(scope, (scope,))
    parts = []
    for group in groups:
        rows = of_sector[of_sector["population_group"] == group]
        own, of_countries = rows[rows["scope"] == scope], rows[rows["scope"].isin(countries)]
        if own.empty and set(of_countries["scope"]) != set(countries):
            return of_sector.iloc[:0]
        parts.append(of_countries if own.empty else own)
    return pd.concat(parts)
