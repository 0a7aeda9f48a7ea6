"""What was planned: people in need, target and requirement of a sector in a scope."""

import math

import pandas as pd

from rmrp_analysis.counting import Method
from rmrp_analysis.vocabulary import ALL, COUNTRIES, PLATFORMS, POPULATION_GROUPS, REGION

IN_TRANSIT = "in_transit"


def planned(planning: pd.DataFrame, measure: str, sector: str, *, scope: str = REGION, method: Method) -> pd.DataFrame:
    """The planning rows whose values add up to the planned figure; empty when the plan does not give it.

    A scope's own row comes first; without one, the rows of its countries when every country has one. People in transit
    are in the published totals of no scope: they are added only when the method says so. Nothing is ever derived
    across sectors. Source: R4V planning figures (totals exclude people in transit).
    """
    of_sector = planning[(planning["sector"] == sector) & (planning["measure"] == measure)]
    groups = [ALL] if measure == "requirement_usd" or not method.in_transit_in_denominators else [ALL, IN_TRANSIT]
    rows = [_rows_of_scope(of_sector[of_sector["population_group"] == group], scope) for group in groups]
    found = pd.concat(rows) if all(len(part) for part in rows) else of_sector.iloc[:0]
    return found if len(found) or measure == "requirement_usd" else _rows_of_groups(of_sector, scope, method)


def planned_by_population_group(planning: pd.DataFrame, measure: str, sector: str, *, scope: str) -> pd.Series:
    """The planned figure of each population group, NA where the plan gives none."""
    of_scope = planning[
        (planning["sector"] == sector) & (planning["measure"] == measure) & (planning["scope"] == scope)
    ]
    return of_scope.groupby("population_group")["value"].sum().reindex(list(POPULATION_GROUPS))


def total(rows: pd.DataFrame) -> float | None:
    """The planned figure, or None when there are no rows for it."""
    return math.fsum(rows["value"]) if len(rows) else None


def _rows_of_scope(rows: pd.DataFrame, scope: str) -> pd.DataFrame:
    own = rows[rows["scope"] == scope]
    countries = tuple(COUNTRIES) if scope == REGION else PLATFORMS.get(scope, ())
    of_countries = rows[rows["scope"].isin(countries)]
    if len(own):
        return own
    return of_countries if set(of_countries["scope"]) == set(countries) else rows.iloc[:0]


def _rows_of_groups(of_sector: pd.DataFrame, scope: str, method: Method) -> pd.DataFrame:
    """Without a total row: the groups' own rows, when the plan gives every one of them."""
    wanted = [group for group in POPULATION_GROUPS if method.in_transit_in_denominators or group != IN_TRANSIT]
    rows = of_sector[(of_sector["scope"] == scope) & of_sector["population_group"].isin(wanted)]
    return rows if set(rows["population_group"]) == set(wanted) else of_sector.iloc[:0]
