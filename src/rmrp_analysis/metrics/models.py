"""People reached by all sectors together: R4V's consolidation models, which count nobody once in every sector.

A model works within each country, place and month, on the new beneficiaries by sector. It says which *fraction* of
each part of a sector's people it keeps; what it keeps is added over places and months, which gives at most the sum of
the sectors. The same fractions, applied to rows or to cells, give what each of them contributes.

Sources: R4V consolidation of RMRP 2021 and RMRP 2022; the rule of each year is named in the plan year's declaration.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from rmrp_analysis.method import Method
from rmrp_analysis.metrics.dataset import (
    AGE_GENDER_COLUMNS,
    NEW_BENEFICIARIES,
    NEW_WITH_CVA,
    PEOPLE_COLUMNS,
    SUM_DECIMALS,
    UNGROUPED_PART_BY_SPLIT,
    Dataset,
    cached_by_args,
)
from rmrp_analysis.vocabulary import (
    AGE_GENDER_GROUPS,
    NATIONAL_PLACE_KEY,
    POPULATION_GROUPS,
    RULES_WITH_PROPORTIONS,
    plan_lists,
)

LOWER_BOUND_MODEL = "lower_bound"
"""The name of the model that counts the largest sector of each place over the whole period."""
PLACE_MONTH_COLUMNS = ["sheet_organisation", "country", "place", "month"]
"""Keys of the people whom a model compares: whose sheet, where, when."""
PLACE_MONTH_SECTOR_COLUMNS = [*PLACE_MONTH_COLUMNS, "sector"]
"""``sheet_organisation`` is whose people a model compares: those of everybody (empty), or of one organisation alone."""

GROUPS_BY_PAIR = {f"{group}_{part}": (group, part) for group in POPULATION_GROUPS for part in AGE_GENDER_GROUPS}
"""People of a population group that are of an age and gender, as the proportions of a plan tell them."""

Counting = Mapping[str, tuple[str, tuple[str, ...]]]
"""By the name of a fraction: the part that it is of, and the parts in which the people whom it keeps count."""
PARTS_BY_FULL_FRACTION: Counting = {
    part: (part, (part,)) for part in (*PEOPLE_COLUMNS, *UNGROUPED_PART_BY_SPLIT.values())
}
"""Every part of people counts in itself."""
_PARTS_BY_CVA_FRACTION: Counting = {NEW_WITH_CVA: PARTS_BY_FULL_FRACTION[NEW_WITH_CVA]}
"""People who got cash or vouchers count among these alone, in whatever fractions the others count."""
PARTS_BY_AGE_FRACTION: Counting = {
    **{cell: (cell, (NEW_BENEFICIARIES, cell)) for cell in AGE_GENDER_COLUMNS},
    **_PARTS_BY_CVA_FRACTION,
}
PARTS_BY_PAIR_FRACTION: Counting = {
    **{pair: (group, (NEW_BENEFICIARIES, group, part)) for pair, (group, part) in GROUPS_BY_PAIR.items()},
    **_PARTS_BY_CVA_FRACTION,
}
"""People of an age and gender count in it and in all; of a population group by age and gender in these and in all."""

Fractions = pd.DataFrame
"""What a model keeps: a row for each ``PLACE_MONTH_SECTOR_COLUMNS``, fraction, and part that it counts in.

Columns: those of ``PLACE_MONTH_SECTOR_COLUMNS``, ``name`` (of the fraction; see ``Counting``), ``fraction`` (of the
people of ``part``), ``part``, ``counts_in``. Fractions of 0 have no row.
"""


@cached_by_args
def count_new_by_sector(dataset: Dataset, method: Method, organisations: tuple[str, ...]) -> pd.DataFrame:
    """Return ``new_by_sector`` of the people that the method counts: of everybody, and of each of these organisations.

    Cached.
    """
    return new_by_sector(people_by_sector(dataset, method, organisations), method.intersector_level)


@cached_by_args
def people_by_sector(dataset: Dataset, method: Method, organisations: tuple[str, ...]) -> pd.DataFrame:
    """Return counted people by ``PLACE_MONTH_SECTOR_COLUMNS`` and ``part``: ``amount``, ``key``.

    Of everybody (``sheet_organisation`` is empty) and of each of these organisations; ``amount`` is never NaN.
    Sectors that reach nobody are left out.
    """
    people = repeat_by_organisation(dataset.select_counted_people(dataset.people, method), organisations)
    sums = people[people["sector"].isin(plan_lists().tie_order)].groupby(
        [*PLACE_MONTH_SECTOR_COLUMNS, "part"], observed=True
    )
    return sums[["amount", "key"]].sum().reset_index().round({"amount": SUM_DECIMALS})


@cached_by_args
def people_outside_model(dataset: Dataset, method: Method, organisations: tuple[str, ...]) -> pd.Series:
    """Return the new beneficiaries whom the method's model cannot count, by ``PLACE_MONTH_SECTOR_COLUMNS``.

    They are in no population group, or in one without shares; of the Southern Cone model only ``alternatives`` are
    looked at. Empty where the model does not work by shares. Raises ``RequestError`` for a model that the plan year
    does not have.
    """
    new = count_new_by_sector(dataset, method, organisations)
    rule = dataset.year.rule_of(method.intersector_model)
    if rule not in RULES_WITH_PROPORTIONS:
        return new[NEW_BENEFICIARIES].iloc[:0]
    if rule == "southern_cone_modelled":
        new = new[new.index.get_level_values("sector").isin(plan_lists().alternatives)]
    shares = shares_of(new, dataset.proportions.get(method.age_gender_proportions), method=method)
    pairs = {
        group: [pair for pair, (pair_group, _) in GROUPS_BY_PAIR.items() if pair_group == group]
        for group in POPULATION_GROUPS
    }
    modelled = sum(new[group].where(shares[pairs[group]].sum(axis="columns") > 0, 0.0) for group in pairs)
    return (new[NEW_BENEFICIARIES] - modelled).clip(lower=0).round(SUM_DECIMALS)


@cached_by_args
def find_fractions(dataset: Dataset, method: Method, model: str, organisations: tuple[str, ...]) -> Fractions | None:
    """Return the fractions that a model keeps, by the rule of the plan year and the method's proportions.

    None where the model's rule needs age-gender proportions (``RULES_WITH_PROPORTIONS``) and the dataset has none.
    Raises ``RequestError`` for a model that the plan year does not have.
    """
    proportions = dataset.proportions.get(method.age_gender_proportions)
    new, rule = count_new_by_sector(dataset, method, organisations), dataset.year.rule_of(model)
    return fractions(new, rule=rule, method=method, proportions=proportions)


@cached_by_args
def modelled_people(
    dataset: Dataset,
    method: Method,
    model: str,
    organisations: tuple[str, ...],
    source: Literal["activities", "sectors"],
) -> pd.DataFrame | None:
    """Return the people that a model keeps: of single activities, or of sectors in a place and month.

    Columns: those of ``people`` (activities) or of ``people_by_sector`` (sectors). None where the model's
    rule needs age-gender proportions (``RULES_WITH_PROPORTIONS``) and the dataset has none.
    """
    kept_fraction_table = find_fractions(dataset, method, model, organisations)
    if kept_fraction_table is None:
        return None
    if source == "sectors":
        people_rows_to_model = people_by_sector(dataset, method, organisations)
    else:
        people_rows_to_model = repeat_by_organisation(
            dataset.select_counted_people(dataset.people, method), organisations
        )
    return apply_fractions(people_rows_to_model, kept_fraction_table, method.intersector_level)


def repeat_by_organisation(people: pd.DataFrame, organisations: Sequence[str]) -> pd.DataFrame:
    """Return every row once with an empty ``sheet_organisation``, and once more with its own, if that is listed.

    ``people`` has a column ``organisation``; the columns stay, and ``sheet_organisation`` is a Categorical.
    """
    dtype = pd.CategoricalDtype(["", *organisations])
    everybody = people.assign(sheet_organisation=pd.Categorical.from_codes(np.zeros(len(people), "int8"), dtype=dtype))
    of_organisations = people[people["organisation"].isin(organisations)]
    return pd.concat(
        [everybody, of_organisations.assign(sheet_organisation=of_organisations["organisation"].astype(dtype))],
        ignore_index=True,
    )


def new_by_sector(people: pd.DataFrame, level: str) -> pd.DataFrame:
    """Return new beneficiaries by ``PLACE_MONTH_SECTOR_COLUMNS`` (index): ``PEOPLE_COLUMNS``, 0 where there are none.

    Sectors are in ``tie_order``; ``people`` are parts of people by sector. Under the level *country*, a country is one
    place.
    """
    rank = pd.CategoricalDtype(list(plan_lists().tie_order), ordered=True)
    placed = people if level == "admin1" else people.assign(place=NATIONAL_PLACE_KEY)
    placed = placed.assign(sector=placed["sector"].astype(rank))
    sums = placed.groupby([*PLACE_MONTH_SECTOR_COLUMNS, "part"], observed=True)["amount"].sum().round(SUM_DECIMALS)
    return sums.unstack("part", fill_value=0).reindex(columns=list(PEOPLE_COLUMNS), fill_value=0.0)


PARTS_NOT_MODELLED_BY_RULE = {"largest_age_gender_cells": POPULATION_GROUPS}
"""The parts of people that a rule gives no number for."""


def fractions(
    new: pd.DataFrame, *, rule: str, method: Method, proportions: pd.DataFrame | None = None
) -> Fractions | None:
    """Return the fractions that a rule keeps of ``new_by_sector``; None where it needs proportions that are missing.

    - ``sum_of_sectors`` keeps everybody of every sector: the upper bound.
    - ``largest_sector`` (2021) keeps the whole row of the sector with most new beneficiaries, the first on a tie, and
      the maximum of cash and vouchers apart. A sector with no new beneficiaries gives no groups either.
    - ``largest_age_gender_cells`` (2021) keeps the largest of each age-gender cell and their sum; who has no age and
      gender is in none of them.
    - ``largest_modelled_cells`` (2022 on) splits each population group by age-gender shares, rounds, and keeps the
      largest of each of these cells. Who is in no population group, or in one without shares, is in no cell.
    - ``southern_cone_rows`` (2021) and ``southern_cone_modelled`` (2022 on) keep the largest of ``alternatives`` by
      row or by modelled cell, and every one of ``added`` (see ``PlanLists``).
    """
    if rule in RULES_WITH_PROPORTIONS and proportions is None:
        return None
    if rule.startswith("southern_cone"):
        sector = new.index.get_level_values("sector")
        inner = "largest_sector" if rule == "southern_cone_rows" else "largest_modelled_cells"
        alternatives_fraction_table = fractions(
            new[sector.isin(plan_lists().alternatives)], rule=inner, method=method, proportions=proportions
        )
        return pd.concat(
            [
                alternatives_fraction_table,
                fractions(new[sector.isin(plan_lists().added)], rule="sum_of_sectors", method=method),
            ]
        )
    largest = _is_largest(new)
    retained, counting = (pd.DataFrame(1.0, new.index, list(PARTS_BY_FULL_FRACTION)), PARTS_BY_FULL_FRACTION)
    if rule == "largest_sector":
        retained = pd.DataFrame(dict.fromkeys(PARTS_BY_FULL_FRACTION, largest[NEW_BENEFICIARIES]), new.index)
    elif rule == "largest_age_gender_cells":
        retained, counting = (largest[list(PARTS_BY_AGE_FRACTION)], PARTS_BY_AGE_FRACTION)
    elif rule == "largest_modelled_cells":
        reported = pd.DataFrame({pair: new[group] for pair, (group, _) in GROUPS_BY_PAIR.items()})
        modelled = (reported * shares_of(new, proportions, method=method)).round()
        retained = (modelled / reported.where(reported != 0)).where(_is_largest(modelled) > 0).fillna(0.0)
        counting = PARTS_BY_PAIR_FRACTION
    if rule != "sum_of_sectors":
        retained = retained.assign(**{NEW_WITH_CVA: largest[NEW_WITH_CVA]})
    # One row for each part that people count in
    links = [(name, part, counted_part) for name, (part, counts_in) in counting.items() for counted_part in counts_in]
    long: pd.Series = retained.rename_axis(columns="name").stack().rename("fraction")  # type: ignore[call-overload]
    return long[long != 0].reset_index().merge(pd.DataFrame(links, columns=["name", "part", "counts_in"]), on="name")


def apply_fractions(people: pd.DataFrame, kept_fractions: Fractions, level: str) -> pd.DataFrame:
    """Multiply people by the fractions of a model.

    There is a row for each fraction of the row's part and each part that it counts in; rows without a fraction are left
    out. The columns are those of ``people``; ``amount`` (people) is multiplied, ``part`` is the one that the row counts
    in. By ``level`` the model is applied to each ``admin1`` or to whole countries.
    """
    place = people["place"] if level == "admin1" else pd.Categorical([NATIONAL_PLACE_KEY] * len(people))
    placed = people.assign(model_place=place)
    keys = ["sheet_organisation", "country", "model_place", "month", "sector", "part"]
    dtypes = {key: placed[key].dtype for key in keys}
    joined = placed.merge(kept_fractions.rename(columns={"place": "model_place"}).astype(dtypes), on=keys)
    amounts = joined["amount"] * joined["fraction"]
    return joined.assign(amount=amounts, part=joined["counts_in"].astype(dtypes["part"]))[list(people)]


def shares_of(new: pd.DataFrame, proportions: pd.DataFrame | None, *, method: Method) -> pd.DataFrame:
    """Return age-gender shares (0 to 1; columns ``GROUPS_BY_PAIR``) for each row of ``new``; 0 where there are none.

    Where the proportions do not list a sector in a place, ``leave_sector_out`` leaves it out there, and
    ``country_proportions`` uses those of the sector in the whole country. A population group whose shares are 0 in a
    listed place stays at 0 under both: the plan says that nobody of it is there. A row of proportions that are all 0
    counts as not listed; of rows with the same country, place and sector the first counts.
    """
    if proportions is None:
        return pd.DataFrame(0.0, new.index, list(GROUPS_BY_PAIR))
    keys = ["country", "place", "sector"]
    listed = proportions.astype(dict.fromkeys(keys, "str")).drop_duplicates(keys).set_index(keys)[list(GROUPS_BY_PAIR)]
    listed = listed.fillna(0.0)
    rows = new.index.to_frame(index=False)[keys].astype("str")
    shares = listed[(listed > 0).any(axis="columns")].reindex(pd.MultiIndex.from_frame(rows)).set_axis(new.index)
    if method.without_proportions == "country_proportions":
        country_shares = listed.reindex(pd.MultiIndex.from_frame(rows.assign(place=NATIONAL_PLACE_KEY))).set_axis(
            new.index
        )
        shares = shares.fillna(country_shares)
    return shares.fillna(0.0)


def largest_of_period(people: pd.DataFrame, keys: Sequence[str], level: str) -> pd.DataFrame:
    """Return the new people of the largest sector of the whole period in each place: nobody is counted twice.

    ``people`` are parts of people by sector; ``keys`` are the columns that name a sheet. A place is an admin1, or under
    another ``level`` a country; on a tie the first sector counts, by its order in the column. Rows of other sectors and
    parts are left out. No model of R4V: a lower bound.
    """
    place = [*keys, "country", "place"] if level == "admin1" else [*keys, "country"]
    new = people[(people["part"] == NEW_BENEFICIARIES) & people["sector"].isin(plan_lists().tie_order)]
    sums = new.groupby([*place, "sector"], observed=True)["amount"].sum()
    largest = sums[sums.groupby(level=place, observed=True).transform("max") == sums].reset_index()
    return new.merge(largest.drop_duplicates(place)[[*place, "sector"]], on=[*place, "sector"])


def _is_largest(amounts: pd.DataFrame) -> pd.DataFrame:
    """Return 1 for the largest amount (not 0) of each place and month in each column, on a tie the first; else 0.

    The index of ``amounts`` has the levels ``PLACE_MONTH_COLUMNS``; the result has its index and columns.
    """
    is_maximum = amounts.eq(amounts.groupby(level=PLACE_MONTH_COLUMNS, observed=True).transform("max")) & amounts.ne(0)
    return (is_maximum & is_maximum.groupby(level=PLACE_MONTH_COLUMNS, observed=True).cumsum().eq(1)).astype("float64")
