"""What was planned: people in need, target and requirement of a sector in a scope."""

from collections.abc import Sequence
from itertools import count

import numpy as np
import pandas as pd

from rmrp_analysis.method import Method
from rmrp_analysis.metrics.contributions import AMOUNT, ROWS
from rmrp_analysis.metrics.sums import Cells
from rmrp_analysis.vocabulary import ALL, COUNTRIES, INTERSECTOR, PLATFORMS, POPULATION_GROUPS, REGION, WITHOUT_NEED

IN_TRANSIT = "in_transit"
Rows = list[int]
"""Places of planning rows among all of them."""

ByScope = dict[str, dict[str, Rows]]
"""By population group, the rows of each scope."""


class Planned:
    """The planning figures of a plan, to look up which rows make the figure of a sector in a scope.

    ``cells`` are the rows of whole scopes (``tables.Planning``), then those of first administrative levels
    (``PlacedPlanning``); what is looked up are their places among them.
    """

    def __init__(self, scopes: pd.DataFrame, places: pd.DataFrame | None = None) -> None:
        rows = scopes if places is None or places.empty else pd.concat([scopes, places], ignore_index=True)
        numbers = {AMOUNT: rows["value"].to_numpy("float64"), ROWS: np.ones(len(rows))}
        self.cells = Cells(rows).with_numbers(numbers)
        self.is_empty = scopes.empty
        self._scopes: dict[tuple[str, str], ByScope] = {}
        self._admin1: dict[tuple[str, str, str], list[tuple[int, str, str]]] = {}
        self._places: dict[int, tuple[str, str]] = {}
        keys = ["measure", "sector", "population_group", "scope"]
        for row, measure, sector, group, scope in zip(count(), *(scopes[key].to_list() for key in keys), strict=False):
            self._scopes.setdefault((measure, sector), {}).setdefault(group, {}).setdefault(scope, []).append(row)
        if places is not None:
            columns = (places[key].to_list() for key in (*keys, "place", "place_name"))
            for row, measure, sector, group, country, place, name in zip(count(len(scopes)), *columns, strict=False):
                self._admin1.setdefault((measure, sector, country), []).append((row, group, place))
                self._places[row] = place, name

    def rows(self, measure: str, sector: str, *, scope: str = REGION, method: Method) -> Rows:
        """The planning rows whose values add up to the planned figure; empty when the plan does not give it.

        A scope's own row comes first; without one, the rows of its countries when every country has one. People in
        transit are in the published totals of no scope: they are added only when the method says so. Nothing is ever
        derived across sectors. Source: R4V planning figures (totals exclude people in transit).
        """
        of_sector = self._of_sector(measure, sector)
        if measure == "requirement_usd":
            return _of_every([ALL], of_sector, scope)
        with_total, groups = _wanted(method)
        return _of_every(with_total, of_sector, scope) or _of_every(groups, of_sector, scope)

    def rows_by_admin1(self, measure: str, sector: str, *, country: str, method: Method) -> Rows:
        """The planning rows of the admin1 of a country whose values add up to the figure of each.

        As for other scopes: an admin1 without every population group, and without a total, is left out. They are parts
        of the country's own figure, and need not add up to it: a plan may give a group for the whole country alone.
        """
        if measure == "people_in_need" and sector in WITHOUT_NEED:
            return []
        rows = self._admin1.get((measure, ALL if sector == INTERSECTOR else sector, country), [])
        given: dict[str, set[str]] = {}
        for _, group, place in rows:
            given.setdefault(place, set()).add(group)
        with_total, groups = map(set, _wanted(method))
        wanted = {
            place: with_total if with_total <= of_place else groups if groups <= of_place else set()
            for place, of_place in given.items()
        }
        return [row for row, group, place in rows if group in wanted[place]]

    def rows_by_group(self, measure: str, sector: str, *, scope: str) -> Rows:
        """The planning rows of each population group that the plan gives for a scope; see ``rows``."""
        of_sector = self._of_sector(measure, sector)
        return [row for group in POPULATION_GROUPS for row in _of_every([group], of_sector, scope)]

    def place_of(self, row: int) -> tuple[str, str]:
        """The admin1 that a row is of: its key and its name."""
        return self._places[row]

    def _of_sector(self, measure: str, sector: str) -> ByScope:
        if measure == "people_in_need" and sector in WITHOUT_NEED:
            return {}
        return self._scopes.get((measure, ALL if sector == INTERSECTOR else sector), {})


def _wanted(method: Method) -> tuple[list[str], list[str]]:
    """The groups that make a planned figure of people: with its total row, and without one."""
    with_transit = method.in_transit_in_denominators
    groups = [group for group in POPULATION_GROUPS if with_transit or group != IN_TRANSIT]
    return [ALL, IN_TRANSIT] if with_transit else [ALL], groups


def _of_every(groups: Sequence[str], of_sector: ByScope, scope: str) -> Rows:
    """The rows of these groups, when the plan gives every one of them; none otherwise."""
    countries = COUNTRIES if scope == REGION else PLATFORMS.get(scope, (scope,))
    rows: Rows = []
    for group in groups:
        given = of_sector.get(group, {})
        if scope in given:
            rows += given[scope]
        elif all(country in given for country in countries):
            rows += sorted(row for country in countries for row in given[country])
        else:
            return []
    return rows
