"""People reached by all sectors together: the models by which R4V keeps a person from counting in each of them.

A model works within each country, place and month, on the new beneficiaries by sector. It says which *fraction* of
each part of a sector's people it keeps; what it keeps is added over places and months, which gives at most the sum of
the sectors. The same fractions, applied to rows or to cells, give what each of them contributes.

Sources: R4V consolidation of RMRP 2021 and RMRP 2022; the rule of each year is named in the plan year's declaration.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from rmrp_analysis.method import Method
from rmrp_analysis.metrics.activities import AGE_GENDER_CELLS, DECIMALS, NEW, NEW_WITH_CVA, PEOPLE, rest_of
from rmrp_analysis.vocabulary import (
    ADDED,
    AGE_GENDER_GROUPS,
    ALTERNATIVES,
    NATIONAL,
    NEEDS_PROPORTIONS,
    POPULATION_GROUPS,
    TIE_ORDER,
)

LOWER_BOUND = "lower_bound"
PLACE_MONTH = ["of", "country", "place", "month"]
PLACE_MONTH_SECTOR = [*PLACE_MONTH, "sector"]
"""``of`` is whose people a model compares: those of everybody (empty), or of one organisation alone."""

PAIRS = {f"{group}_{part}": (group, part) for group in POPULATION_GROUPS for part in AGE_GENDER_GROUPS}
"""People of a population group that are of an age and gender, as the proportions of a plan tell them."""

Counting = Mapping[str, tuple[str, tuple[str, ...]]]
WHOLE: Counting = {part: (part, (part,)) for part in (*PEOPLE, rest_of("population_group"), rest_of("age_gender"))}
_CVA: Counting = {NEW_WITH_CVA: WHOLE[NEW_WITH_CVA]}
BY_AGE: Counting = {**{cell: (cell, (NEW, cell)) for cell in AGE_GENDER_CELLS}, **_CVA}
BY_PAIR: Counting = {**{pair: (group, (NEW, group, part)) for pair, (group, part) in PAIRS.items()}, **_CVA}
"""What a fraction is of, and the parts that the people whom it keeps count in."""

Fractions = pd.DataFrame
"""What a model keeps: a row for each ``PLACE_MONTH_SECTOR``, part, and part that it ``counts_in``."""


def new_by_sector(people: pd.DataFrame, level: str) -> pd.DataFrame:
    """Give new beneficiaries by ``PLACE_MONTH_SECTOR``, a column for each of ``PEOPLE``; the first of equal ones first.

    ``people`` are parts of people by sector. Under the level *country*, a country is one place.
    """
    rank = pd.CategoricalDtype(list(TIE_ORDER), ordered=True)
    placed = people if level == "admin1" else people.assign(place=NATIONAL)
    placed = placed.assign(sector=placed["sector"].astype(rank))
    sums = placed.groupby([*PLACE_MONTH_SECTOR, "part"], observed=True)["amount"].sum().round(DECIMALS)
    return sums.unstack("part", fill_value=0).reindex(columns=list(PEOPLE), fill_value=0.0)


NOT_KEPT = {"largest_age_gender_cells": POPULATION_GROUPS}
"""The parts of people that a rule does not tell of."""


def fractions(
    new: pd.DataFrame, *, rule: str, method: Method, proportions: pd.DataFrame | None = None
) -> Fractions | None:
    """Give what a rule keeps of ``new_by_sector``; None where it works by age-gender proportions and there are none.

    - ``sum_of_sectors`` keeps everybody of every sector: the upper bound.
    - ``largest_sector`` (2021) keeps the whole row of the sector with most new beneficiaries, the first on a tie, and
      the maximum of cash and vouchers apart. A sector with no new beneficiaries gives no groups either.
    - ``largest_age_gender_cells`` (2021) keeps the largest of each age-gender cell and their sum; who has no age and
      gender is in none of them.
    - ``largest_modelled_cells`` (2022 on) splits each population group by age-gender shares, rounds, and keeps the
      largest of each of these cells. Who is in no population group, or in one without shares, is in no cell.
    - ``southern_cone_rows`` (2021) and ``southern_cone_modelled`` (2022 on) keep the largest of ``ALTERNATIVES`` by
      row or by modelled cell, and every one of ``ADDED``.
    """
    if rule in NEEDS_PROPORTIONS and proportions is None:
        return None
    if rule.startswith("southern_cone"):
        sector = new.index.get_level_values("sector")
        inner = "largest_sector" if rule == "southern_cone_rows" else "largest_modelled_cells"
        of_largest = fractions(new[sector.isin(ALTERNATIVES)], rule=inner, method=method, proportions=proportions)
        return pd.concat([of_largest, fractions(new[sector.isin(ADDED)], rule="sum_of_sectors", method=method)])
    largest = _is_largest(new)
    kept, counts = pd.DataFrame(1.0, new.index, list(WHOLE)), WHOLE
    if rule == "largest_sector":
        kept = pd.DataFrame(dict.fromkeys(WHOLE, largest[NEW]), new.index)
    elif rule == "largest_age_gender_cells":
        kept, counts = largest[list(BY_AGE)], BY_AGE
    elif rule == "largest_modelled_cells":
        reported = pd.DataFrame({pair: new[group] for pair, (group, _) in PAIRS.items()})
        modelled = (reported * shares_of(new, proportions, method=method)).round()
        kept = (modelled / reported.where(reported != 0)).where(_is_largest(modelled) > 0).fillna(0.0)
        counts = BY_PAIR
    if rule != "sum_of_sectors":
        kept = kept.assign(**{NEW_WITH_CVA: largest[NEW_WITH_CVA]})
    # One row for each part that people count in
    links = [(name, part, each) for name, (part, counts_in) in counts.items() for each in counts_in]
    long: pd.Series = kept.rename_axis(columns="name").stack().rename("fraction")  # type: ignore[call-overload]
    return long[long != 0].reset_index().merge(pd.DataFrame(links, columns=["name", "part", "counts_in"]), on="name")


def kept(people: pd.DataFrame, fractions: Fractions, level: str) -> pd.DataFrame:
    """Give what a model keeps of parts of people: the same columns, a row for each part that they count in."""
    place = people["place"] if level == "admin1" else pd.Categorical([NATIONAL] * len(people))
    placed = people.assign(in_place=place)
    by = ["of", "country", "in_place", "month", "sector", "part"]
    alike = {key: placed[key].dtype for key in by}
    joined = placed.merge(fractions.rename(columns={"place": "in_place"}).astype(alike), on=by)
    amounts = joined["amount"] * joined["fraction"]
    return joined.assign(amount=amounts, part=joined["counts_in"].astype(alike["part"]))[list(people)]


def shares_of(new: pd.DataFrame, proportions: pd.DataFrame | None, *, method: Method) -> pd.DataFrame:
    """Give the age-gender shares (columns ``PAIRS``) for each row of ``new``; 0 where there are none.

    Where the proportions do not list a sector in a place, ``leave_sector_out`` leaves it out there, and
    ``country_proportions`` uses those of the sector in the whole country. A population group whose shares are 0 in a
    listed place stays at 0 under both: the plan says that nobody of it is there.
    """
    if proportions is None:
        return pd.DataFrame(0.0, new.index, list(PAIRS))
    where = ["country", "place", "sector"]
    listed = proportions.astype(dict.fromkeys(where, "str")).drop_duplicates(where).set_index(where)[list(PAIRS)]
    listed = listed.fillna(0.0)
    rows = new.index.to_frame(index=False)[where].astype("str")
    shares = listed[(listed > 0).any(axis="columns")].reindex(pd.MultiIndex.from_frame(rows)).set_axis(new.index)
    if method.without_proportions == "country_proportions":
        whole = listed.reindex(pd.MultiIndex.from_frame(rows.assign(place=NATIONAL))).set_axis(new.index)
        shares = shares.fillna(whole)
    return shares.fillna(0.0)


def largest_of_period(people: pd.DataFrame, by: Sequence[str], level: str) -> pd.DataFrame:
    """Give the people of the largest sector of the whole period in each place: nobody is counted in two sectors.

    ``people`` are parts of people by sector; ``by`` tells sheets apart. No model of R4V: a lower bound.
    """
    place = [*by, "country", "place"] if level == "admin1" else [*by, "country"]
    new = people[(people["part"] == NEW) & people["sector"].isin(TIE_ORDER)]
    sums = new.groupby([*place, "sector"], observed=True)["amount"].sum()
    largest = sums[sums.groupby(level=place, observed=True).transform("max") == sums].reset_index()
    return new.merge(largest.drop_duplicates(place)[[*place, "sector"]], on=[*place, "sector"])


def _is_largest(amounts: pd.DataFrame) -> pd.DataFrame:
    """Mark with 1 the largest amount of each place and month in each column, the first on a tie; nobody is none."""
    top = amounts.eq(amounts.groupby(level=PLACE_MONTH, observed=True).transform("max")) & amounts.ne(0)
    return (top & top.groupby(level=PLACE_MONTH, observed=True).cumsum().eq(1)).astype("float64")
