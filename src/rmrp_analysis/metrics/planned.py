"""Planned figures: people in need, target and requirement of every sector in every place, as planning rows."""

from collections.abc import Sequence

import pandas as pd

from rmrp_analysis.method import Method
from rmrp_analysis.vocabulary import (
    ALL,
    INTERSECTOR,
    NATIONAL_PLACE_KEY,
    NOT_SPECIFIED,
    POPULATION_GROUPS,
    REGION,
    plan_lists,
)

IN_TRANSIT = "in_transit"
"""A population group. A plan may leave it out of need and target."""


def select_planned_rows(planned: pd.DataFrame, measure: str, method: Method) -> pd.DataFrame:
    """Return the planning rows that make the figure of each sector in each place (``sheet_place``).

    The figure is the total of all groups, or every group without a total (see ``_select_groups``). It comes from the
    place itself, or from its countries if the place has no row and every country has one. No published total has people
    in transit: they are added only if the method says so. Nothing is ever derived from other sectors. Source: R4V
    planning figures (totals exclude people in transit).
    """
    return _select_groups(select_planned_groups(planned, measure), ["sector", "sheet_place"], measure, method)


def select_planned_groups(planned: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return the planning rows of each sector, population group (with the total of all groups) and place.

    Columns: the columns of ``planned``, and ``sheet_place``. The rows of a place are its own, or the rows of its
    countries if the place has none and every country has one.
    """
    rows = _of(planned, measure)
    rows = rows[rows["place"] == NATIONAL_PLACE_KEY]
    direct = rows.assign(sheet_place=rows["scope"])
    places = {REGION: tuple(plan_lists().countries), **plan_lists().platforms}
    members = [(place, code, len(codes)) for place, codes in places.items() for code in codes]
    joined = rows.merge(pd.DataFrame(members, columns=["sheet_place", "scope", "countries"]), on="scope")
    keys = ["sector", "population_group", "sheet_place"]
    is_complete = joined.groupby(keys)["scope"].transform("nunique") == joined["countries"]
    joined = joined[is_complete & ~_are_in(joined, direct, keys)]
    return pd.concat([direct, joined.drop(columns="countries")], ignore_index=True)


def select_planned_admin1(planned: pd.DataFrame, measure: str, method: Method) -> pd.DataFrame:
    """Return the planning rows that make the figure of each sector in each admin1 of all countries, not added up.

    ``place`` is the admin1, ``scope`` its country. ``_select_groups`` says which rows make a figure. ``sector`` is
    *Intersector* instead of *all*. The figures of a country's admin1 need not add up to the figure of the country: a
    plan may give a group only for the whole country.
    """
    rows = _of(planned, measure)
    return _select_groups(rows[rows["place"] != NATIONAL_PLACE_KEY], ["sector", "scope", "place"], measure, method)


def subtract_planned_admin1(totals: pd.DataFrame, admin1_rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return rows that add up to the plan for no admin1: the rows of a total, and its admin1 with a minus.

    Their ``admin1`` is *not specified*. ``keys`` are the columns that name a total. A total has no rows if it has no
    admin1, or if nothing remains.
    """
    subtracted = admin1_rows[_are_in(admin1_rows, totals, keys)].assign(amount=lambda rows: -rows["amount"])
    entries = pd.concat([totals[_are_in(totals, admin1_rows, keys)], subtracted])
    is_remaining = entries.groupby(list(keys))["amount"].transform("sum").round(6) != 0
    return entries[is_remaining].assign(admin1=NOT_SPECIFIED)


def _of(planned: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return the rows of a ``measure``, with ``sector`` *Intersector* instead of *all*.

    Need is left out for the sectors ``without_need`` (see ``PlanLists``).
    """
    rows = planned[planned["measure"] == measure]
    if measure == "people_in_need":
        rows = rows[~rows["sector"].isin(plan_lists().without_need)]
    return rows.assign(sector=rows["sector"].replace(ALL, INTERSECTOR))


def _select_groups(rows: pd.DataFrame, keys: list[str], measure: str, method: Method) -> pd.DataFrame:
    """Return for each total the row of all groups. Without this row, return every group, if all are given.

    A total with neither has no rows. People in transit are left out, unless the method adds them. Then they must be
    given, too. A requirement is never added up from groups. ``keys`` are the columns that name a total.
    """
    with_transit = method.in_transit_in_denominators
    groups = [group for group in POPULATION_GROUPS if with_transit or group != IN_TRANSIT]
    alternatives = [[ALL, IN_TRANSIT] if with_transit else [ALL], groups]
    if measure == "requirement_usd":
        alternatives = [[ALL]]
    selected = rows.iloc[:0]
    for alternative in alternatives:
        candidates = rows[rows["population_group"].isin(alternative) & ~_are_in(rows, selected, keys)]
        is_complete = candidates.groupby(keys)["population_group"].transform("nunique") == len(alternative)
        selected = pd.concat([selected, candidates[is_complete]])
    return selected.sort_index()


def _are_in(rows: pd.DataFrame, other_rows: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    """Mark the rows that have the same values in the columns ``keys`` as one of ``other_rows``."""
    other_keys = pd.MultiIndex.from_frame(other_rows[list(keys)])
    return pd.Series(pd.MultiIndex.from_frame(rows[list(keys)]).isin(other_keys), rows.index, dtype="bool")
