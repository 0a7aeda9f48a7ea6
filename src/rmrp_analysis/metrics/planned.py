"""What was planned: people in need, target and requirement of every sector in every place, as planning rows."""

from collections.abc import Sequence

import pandas as pd

from rmrp_analysis.method import Method
from rmrp_analysis.vocabulary import (
    ALL,
    COUNTRIES,
    INTERSECTOR,
    NATIONAL,
    NOT_SPECIFIED,
    PLATFORMS,
    POPULATION_GROUPS,
    REGION,
    WITHOUT_NEED,
)

IN_TRANSIT = "in_transit"
_COUNTRIES_OF = {REGION: tuple(COUNTRIES), **PLATFORMS}
_THROUGH = pd.DataFrame(
    [(place, country, len(of)) for place, of in _COUNTRIES_OF.items() for country in of],
    columns=["in_place", "scope", "countries"],
)


def planned_rows(planned: pd.DataFrame, measure: str, method: Method) -> pd.DataFrame:
    """Give the planning rows that make the figure of each sector in each place (``in_place``).

    A place's own rows come first; without them, those of its countries when every country has one. People in transit
    are in the published totals of no scope: they are added only when the method says so. Nothing is ever derived across
    sectors. Source: R4V planning figures (totals exclude people in transit).
    """
    return _wanted(planned_groups(planned, measure), ["sector", "in_place"], measure, method)


def planned_groups(planned: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Give the planning rows of each sector, population group (with the total of all groups) and place."""
    rows = _of(planned, measure)
    rows = rows[rows["place"] == NATIONAL]
    direct = rows.assign(in_place=rows["scope"])
    keys = ["sector", "population_group", "in_place"]
    through = rows.merge(_THROUGH, on="scope")
    complete = through.groupby(keys)["scope"].transform("nunique") == through["countries"]
    through = through[complete & ~_are_in(through, direct, keys)]
    return pd.concat([direct, through.drop(columns="countries")], ignore_index=True)


def planned_admin1(planned: pd.DataFrame, measure: str, method: Method) -> pd.DataFrame:
    """Give the planning rows that make the figure of each first administrative level of a country (``scope``).

    They are parts of the country's own figure, and need not add up to it: a plan may give a group for the whole country
    alone.
    """
    rows = _of(planned, measure)
    return _wanted(rows[rows["place"] != NATIONAL], ["sector", "scope", "place"], measure, method)


def not_in_admin1(whole: pd.DataFrame, of_admin1: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Give the rows whose sum is planned for no admin1: those of the whole, less those of its admin1.

    ``keys`` tell the wholes apart; those that have no admin1, and those of which nothing is left, have no rows.
    """
    less = of_admin1[_are_in(of_admin1, whole, keys)].assign(amount=lambda rows: -rows["amount"])
    both = pd.concat([whole[_are_in(whole, of_admin1, keys)], less], ignore_index=True)
    left = both.groupby(list(keys))["amount"].transform("sum").round(6) != 0
    return both[left].assign(admin1=NOT_SPECIFIED)


def _of(planned: pd.DataFrame, measure: str) -> pd.DataFrame:
    rows = planned[planned["measure"] == measure]
    rows = rows[~rows["sector"].isin(WITHOUT_NEED)] if measure == "people_in_need" else rows
    return rows.assign(sector=rows["sector"].replace(ALL, INTERSECTOR))


def _wanted(rows: pd.DataFrame, keys: list[str], measure: str, method: Method) -> pd.DataFrame:
    """Take the total of all groups where it is given, else every group, else nothing."""
    transit = method.in_transit_in_denominators
    groups = [group for group in POPULATION_GROUPS if transit or group != IN_TRANSIT]
    alternatives = [[ALL, IN_TRANSIT] if transit else [ALL], groups] if measure != "requirement_usd" else [[ALL]]
    wanted = rows.iloc[:0]
    for alternative in alternatives:
        given = rows[rows["population_group"].isin(alternative) & ~_are_in(rows, wanted, keys)]
        complete = given.groupby(keys)["population_group"].transform("nunique") == len(alternative)
        wanted = pd.concat([wanted, given[complete]])
    return wanted.sort_index()


def _are_in(rows: pd.DataFrame, others: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    known = pd.MultiIndex.from_frame(others[list(keys)])
    return pd.Series(pd.MultiIndex.from_frame(rows[list(keys)]).isin(known), rows.index, dtype="bool")
