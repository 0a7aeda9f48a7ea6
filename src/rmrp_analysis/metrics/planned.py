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
"""The population group that a plan may leave out of need and target."""


def select_planned_rows(planned: pd.DataFrame, measure: str, method: Method) -> pd.DataFrame:
    """Return the planning rows that make the figure of each sector in each place (``sheet_place``).

    The total of all groups comes first, else every group (see ``_select_groups``). A place's own rows come first;
    without them, those of its countries when every country has one. People in transit are in the published totals of no
    scope: they are added only when the method says so. Nothing is ever derived across sectors. Source: R4V planning
    figures (totals exclude people in transit).
    """
    return _select_groups(select_planned_groups(planned, measure), ["sector", "sheet_place"], measure, method)


def select_planned_groups(planned: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return the planning rows of each sector, population group (with the total of all groups) and place.

    Columns: those of ``planned``, and ``sheet_place``. A place's own rows come first; without them, those of its
    countries when every country has one.
    """
    rows = _of(planned, measure)
    rows = rows[rows["place"] == NATIONAL_PLACE_KEY]
    direct = rows.assign(sheet_place=rows["scope"])
    keys = ["sector", "population_group", "sheet_place"]
    by_country = rows.merge(_countries_within(), on="scope")
    is_complete = by_country.groupby(keys)["scope"].transform("nunique") == by_country["countries"]
    by_country = by_country[is_complete & ~_are_in(by_country, direct, keys)]
    return pd.concat([direct, by_country.drop(columns="countries")], ignore_index=True)


def _countries_within() -> pd.DataFrame:
    """Return the countries (``scope``) of the region and of each platform (``sheet_place``), and how many they are."""
    country_codes_by_place = {REGION: tuple(plan_lists().countries), **plan_lists().platforms}
    return pd.DataFrame(
        [
            (place, country_code, len(country_codes))
            for place, country_codes in country_codes_by_place.items()
            for country_code in country_codes
        ],
        columns=["sheet_place", "scope", "countries"],
    )


def select_planned_admin1(planned: pd.DataFrame, measure: str, method: Method) -> pd.DataFrame:
    """Return the planning rows that make the figure of each sector in each admin1 of all countries, not added up.

    ``place`` is the admin1, ``scope`` its country. Of each sector and admin1, this is the row of all groups, else the
    row of every group if all are given, else none (see ``_select_groups``). ``sector`` is *Intersector* instead of
    *all*. The figures of a country's admin1 need not add up to its own figure: a plan may give a group for the whole
    country alone.
    """
    rows = _of(planned, measure)
    return _select_groups(rows[rows["place"] != NATIONAL_PLACE_KEY], ["sector", "scope", "place"], measure, method)


def subtract_planned_admin1(totals: pd.DataFrame, admin1_rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return rows whose sum is planned for no admin1: the rows of a total, and its admin1 with a minus sign.

    Their ``admin1`` is *not specified*. ``keys`` are the columns that name a total. A total without admin1, or of which
    nothing remains, has no rows.
    """
    subtracted = admin1_rows[_are_in(admin1_rows, totals, keys)].assign(amount=lambda rows: -rows["amount"])
    entries = pd.concat([totals[_are_in(totals, admin1_rows, keys)], subtracted])
    is_remaining = entries.groupby(list(keys))["amount"].transform("sum").round(6) != 0
    return entries[is_remaining].assign(admin1=NOT_SPECIFIED)


def _of(planned: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return the rows of a ``measure``; ``sector`` is ``Intersector`` instead of *all*.

    People in need of sectors for which the plan defines none are left out.
    """
    rows = planned[planned["measure"] == measure]
    rows = rows[~rows["sector"].isin(plan_lists().without_need)] if measure == "people_in_need" else rows
    return rows.assign(sector=rows["sector"].replace(ALL, INTERSECTOR))


def _select_groups(rows: pd.DataFrame, keys: list[str], measure: str, method: Method) -> pd.DataFrame:
    """Return the rows of the total of all groups where it is given, else of every group if all are given, else none.

    People in transit are left out, unless the method adds them: then they must be given, too. A requirement is never
    added up from groups. ``keys`` are the columns that name a total.
    """
    with_transit = method.in_transit_in_denominators
    groups = [group for group in POPULATION_GROUPS if with_transit or group != IN_TRANSIT]
    alternatives = [[ALL, IN_TRANSIT] if with_transit else [ALL], groups] if measure != "requirement_usd" else [[ALL]]
    selected = rows.iloc[:0]
    for alternative in alternatives:
        candidates = rows[rows["population_group"].isin(alternative) & ~_are_in(rows, selected, keys)]
        is_complete = candidates.groupby(keys)["population_group"].transform("nunique") == len(alternative)
        selected = pd.concat([selected, candidates[is_complete]])
    return selected.sort_index()


def _are_in(rows: pd.DataFrame, other_rows: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    """Return a mask of the rows whose cells in the columns ``keys`` are those of one of ``other_rows``."""
    other_keys = pd.MultiIndex.from_frame(other_rows[list(keys)])
    return pd.Series(pd.MultiIndex.from_frame(rows[list(keys)]).isin(other_keys), rows.index, dtype="bool")
