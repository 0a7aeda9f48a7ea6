"""People reached by all sectors together: R4V's consolidation models, which do not count a person in every sector.

A model works within each country, place and month, on the new beneficiaries by sector. It says which *fraction* of each
part of a sector's people it keeps. These people are added up over places and months, which gives at most the sum of the
sectors. Applied to rows, the same fractions say how much each row contributes.

Sources: R4V consolidation of RMRP 2021 and RMRP 2022. The declaration of a plan year names the rule of that year.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from rmrp_analysis.method import Method
from rmrp_analysis.metrics.dataset import (
    AGE_GENDER_COLUMNS,
    BOUND_COLUMNS,
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
"""The keys within which a model compares sectors.

``sheet_organisation`` is empty for everybody, or one organisation alone.
"""
PLACE_MONTH_SECTOR_COLUMNS = [*PLACE_MONTH_COLUMNS, "sector"]

GROUPS_BY_PAIR = {f"{group}_{part}": (group, part) for group in POPULATION_GROUPS for part in AGE_GENDER_GROUPS}
"""The population group and the age-gender group of each pair in the proportions of a plan, by the column's name."""

Counting = Mapping[str, tuple[str, tuple[str, ...]]]
"""By the name of a fraction: the part of people that it multiplies, and the parts in which the result counts."""
PARTS_BY_FULL_FRACTION: Counting = {
    part: (part, (part,)) for part in (*PEOPLE_COLUMNS, *UNGROUPED_PART_BY_SPLIT.values())
}
"""Every part of people counts in itself."""
_PARTS_BY_CVA_FRACTION: Counting = {NEW_WITH_CVA: PARTS_BY_FULL_FRACTION[NEW_WITH_CVA]}
"""People who got cash or vouchers count only in this part, whatever fractions other people have."""
PARTS_BY_AGE_FRACTION: Counting = {
    **{cell: (cell, (NEW_BENEFICIARIES, cell)) for cell in AGE_GENDER_COLUMNS},
    **_PARTS_BY_CVA_FRACTION,
}
PARTS_BY_PAIR_FRACTION: Counting = {
    **{pair: (group, (NEW_BENEFICIARIES, group, part)) for pair, (group, part) in GROUPS_BY_PAIR.items()},
    **_PARTS_BY_CVA_FRACTION,
}
"""People count in the total, their population group, and their age and gender."""

Fractions = pd.DataFrame
"""The fractions that a model keeps: a row for each key, fraction, and part in which it counts.

Columns: ``PLACE_MONTH_SECTOR_COLUMNS``, ``name`` (of the fraction, see ``Counting``), ``fraction`` (0 to 1, of the
people of ``part``), ``part``, ``counts_in``. Fractions of 0 have no row.
"""


@cached_by_args
def count_new_by_sector(dataset: Dataset, method: Method, organisations: tuple[str, ...]) -> pd.DataFrame:
    """Return ``new_by_sector`` of the people that the method counts, of everybody and of each organisation. Cached."""
    return new_by_sector(people_by_sector(dataset, method, organisations), method.intersector_level)


@cached_by_args
def people_by_sector(dataset: Dataset, method: Method, organisations: tuple[str, ...]) -> pd.DataFrame:
    """Return ``sum_by_sector`` of counted people: of everybody, and again of each organisation. Cached."""
    return sum_by_sector(repeat_by_organisation(dataset.select_counted_people(dataset.people, method), organisations))


def sum_by_sector(people: pd.DataFrame) -> pd.DataFrame:
    """Return people by ``PLACE_MONTH_SECTOR_COLUMNS`` and ``part``: ``amount`` (never NaN), ``key``.

    ``BOUND_COLUMNS`` are added up, too, if ``people`` have them. Sectors that reach nobody by definition are left
    out.
    """
    people = people[people["sector"].isin(plan_lists().tie_order)]
    sums = people.groupby([*PLACE_MONTH_SECTOR_COLUMNS, "part"], observed=True)[
        [name for name in ("amount", "key", *BOUND_COLUMNS) if name in people]
    ].sum()
    return sums.reset_index().round({"amount": SUM_DECIMALS})


@cached_by_args
def people_outside_model(dataset: Dataset, method: Method, organisations: tuple[str, ...]) -> pd.Series:
    """Return the new beneficiaries whom the method's model cannot count, by ``PLACE_MONTH_SECTOR_COLUMNS``. Cached.

    They are in no population group, or in a group without shares. For the Southern Cone model, only the sectors
    ``alternatives`` are looked at. Empty if the model does not use shares. Raises ``RequestError`` for a model that the
    plan year does not have.
    """
    new = count_new_by_sector(dataset, method, organisations)
    rule = dataset.year.rule_of(method.intersector_model)
    if rule not in RULES_WITH_PROPORTIONS:
        return new[NEW_BENEFICIARIES].iloc[:0]
    if rule == "southern_cone_modelled":
        new = new[new.index.get_level_values("sector").isin(plan_lists().alternatives)]
    shares = shares_of(new, dataset.proportions.get(method.age_gender_proportions), method=method)
    pairs = {
        group: [pair for pair, (parent, _) in GROUPS_BY_PAIR.items() if parent == group] for group in POPULATION_GROUPS
    }
    modelled = sum(new[group].where(shares[pairs[group]].sum(axis="columns") > 0, 0.0) for group in pairs)
    return (new[NEW_BENEFICIARIES] - modelled).clip(lower=0).round(SUM_DECIMALS)


@cached_by_args
def find_fractions(dataset: Dataset, method: Method, model: str, organisations: tuple[str, ...]) -> Fractions | None:
    """Return the fractions that a model keeps, by the rule of the plan year and the method's proportions. Cached.

    None if the rule needs age-gender proportions (``RULES_WITH_PROPORTIONS``) and the dataset has none. Raises
    ``RequestError`` for a model that the plan year does not have.
    """
    proportions = dataset.proportions.get(method.age_gender_proportions)
    new, rule = count_new_by_sector(dataset, method, organisations), dataset.year.rule_of(model)
    return fractions(new, rule=rule, method=method, proportions=proportions)


@cached_by_args
def modelled_people(
    dataset: Dataset, method: Method, model: str, organisations: tuple[str, ...]
) -> pd.DataFrame | None:
    """Return the people of single activities that a model keeps: columns of ``Dataset.people``. Cached.

    None if the rule needs age-gender proportions (``RULES_WITH_PROPORTIONS``) and the dataset has none.
    """
    retained = find_fractions(dataset, method, model, organisations)
    if retained is None:
        return None
    people = repeat_by_organisation(dataset.select_counted_people(dataset.people, method), organisations)
    return apply_fractions(people, retained, method.intersector_level)


def repeat_by_organisation(people: pd.DataFrame, organisations: Sequence[str]) -> pd.DataFrame:
    """Return every row with an empty ``sheet_organisation``, and again with its organisation if that is listed.

    ``people`` has a column ``organisation``. Its columns stay. ``sheet_organisation`` is a Categorical.
    """
    dtype = pd.CategoricalDtype(["", *organisations])
    everybody = people.assign(sheet_organisation=pd.Categorical.from_codes(np.zeros(len(people), "int8"), dtype=dtype))
    partners = people[people["organisation"].isin(organisations)]
    partners = partners.assign(sheet_organisation=partners["organisation"].astype(dtype))
    return pd.concat([everybody, partners], ignore_index=True)


def new_by_sector(people: pd.DataFrame, level: str) -> pd.DataFrame:
    """Return new beneficiaries by ``PLACE_MONTH_SECTOR_COLUMNS`` (index): ``PEOPLE_COLUMNS``, 0 without people.

    ``people`` are parts of people by sector (see ``people_by_sector``). Sectors are in ``tie_order``. Under the level
    *country*, a country is one place.
    """
    rank = pd.CategoricalDtype(list(plan_lists().tie_order), ordered=True)
    placed = people if level == "admin1" else people.assign(place=NATIONAL_PLACE_KEY)
    placed = placed.assign(sector=placed["sector"].astype(rank))
    sums = placed.groupby([*PLACE_MONTH_SECTOR_COLUMNS, "part"], observed=True)["amount"].sum().round(SUM_DECIMALS)
    return sums.unstack("part", fill_value=0).reindex(columns=list(PEOPLE_COLUMNS), fill_value=0.0)


PARTS_NOT_MODELLED_BY_RULE = {"largest_age_gender_cells": POPULATION_GROUPS}
"""The parts of people for which a rule gives no number."""


def fractions(
    new: pd.DataFrame, *, rule: str, method: Method, proportions: pd.DataFrame | None = None
) -> Fractions | None:
    """Return the fractions that a rule keeps of ``new_by_sector``. None if the rule needs proportions that are missing.

    - ``sum_of_sectors`` keeps everybody of every sector: the upper bound.
    - ``largest_sector`` (2021) keeps the whole row of the sector with most new beneficiaries, the first one on a tie.
      People with cash or vouchers are compared separately. A sector with no new beneficiaries gives no groups either.
    - ``largest_age_gender_cells`` (2021) keeps the largest of each age-gender cell and their sum. People without age
      and gender are in no cell.
    - ``largest_modelled_cells`` (2022 on) splits each population group by age-gender shares, rounds, and keeps the
      largest sector of each cell. People in no population group, or in a group without shares, are in no cell.
    - ``southern_cone_rows`` (2021) and ``southern_cone_modelled`` (2022 on) keep the largest of the sectors
      ``alternatives``, by row or by modelled cell, and everybody of the sectors ``added`` (see ``PlanLists``).
    """
    if rule in RULES_WITH_PROPORTIONS and proportions is None:
        return None
    if rule.startswith("southern_cone"):
        sector = new.index.get_level_values("sector")
        inner = "largest_sector" if rule == "southern_cone_rows" else "largest_modelled_cells"
        shared, added = new[sector.isin(plan_lists().alternatives)], new[sector.isin(plan_lists().added)]
        partial = fractions(shared, rule=inner, method=method, proportions=proportions)
        return pd.concat([partial, fractions(added, rule="sum_of_sectors", method=method)])
    largest = _is_largest(new)
    counting = PARTS_BY_FULL_FRACTION
    retained = pd.DataFrame(1.0, new.index, list(counting))
    if rule == "largest_sector":
        retained = pd.DataFrame(dict.fromkeys(counting, largest[NEW_BENEFICIARIES]), new.index)
    elif rule == "largest_age_gender_cells":
        counting = PARTS_BY_AGE_FRACTION
        retained = largest[list(counting)]
    elif rule == "largest_modelled_cells":
        reported = pd.DataFrame({pair: new[group] for pair, (group, _) in GROUPS_BY_PAIR.items()})
        modelled = (reported * shares_of(new, proportions, method=method)).round()
        retained = (modelled / reported.where(reported != 0)).where(_is_largest(modelled) > 0).fillna(0.0)
        counting = PARTS_BY_PAIR_FRACTION
    if rule != "sum_of_sectors":
        retained = retained.assign(**{NEW_WITH_CVA: largest[NEW_WITH_CVA]})
    # One row for each part in which people count
    links = [(name, part, total) for name, (part, counts_in) in counting.items() for total in counts_in]
    long: pd.Series = retained.rename_axis(columns="name").stack().rename("fraction")  # type: ignore[call-overload]
    return long[long != 0].reset_index().merge(pd.DataFrame(links, columns=["name", "part", "counts_in"]), on="name")


def apply_fractions(people: pd.DataFrame, kept_fractions: Fractions, level: str) -> pd.DataFrame:
    """Multiply people by the fractions of a model.

    A row of ``people`` is repeated for each fraction of its part and each part in which the fraction counts. Rows
    without a fraction are left out. The columns stay: people (``amount`` and bounds) are multiplied, ``part``
    becomes the part in which the row counts. By ``level``, the model is applied to each ``admin1`` or to whole
    countries.
    """
    place = people["place"] if level == "admin1" else pd.Categorical([NATIONAL_PLACE_KEY] * len(people))
    placed = people.assign(model_place=place)
    keys = ["sheet_organisation", "country", "model_place", "month", "sector", "part"]
    dtypes = {key: placed[key].dtype for key in keys}
    joined = placed.merge(kept_fractions.rename(columns={"place": "model_place"}).astype(dtypes), on=keys)
    numbers = {name: joined[name] * joined["fraction"] for name in ("amount", "low", "high") if name in joined}
    return joined.assign(**numbers, part=joined["counts_in"].astype(dtypes["part"]))[list(people)]


def shares_of(new: pd.DataFrame, proportions: pd.DataFrame | None, *, method: Method) -> pd.DataFrame:
    """Return age-gender shares (0 to 1, columns ``GROUPS_BY_PAIR``) for each row of ``new``, or 0 without shares.

    If the proportions do not list a sector in a place, the method's ``without_proportions`` decides:
    ``leave_sector_out`` leaves it out there, ``country_proportions`` uses the shares of the sector in the whole
    country. Under both, a population group with shares of 0 in a listed place stays at 0: the plan says that nobody of
    this group is there. A row of proportions that are all 0 counts as not listed. If rows have the same country, place
    and sector, the first one counts.
    """
    if proportions is None:
        return pd.DataFrame(0.0, new.index, list(GROUPS_BY_PAIR))
    keys = ["country", "place", "sector"]
    listed = proportions.astype(dict.fromkeys(keys, "str")).drop_duplicates(keys).set_index(keys)[list(GROUPS_BY_PAIR)]
    listed = listed.fillna(0.0)
    rows = new.index.to_frame(index=False)[keys].astype("str")
    shares = listed[(listed > 0).any(axis="columns")].reindex(pd.MultiIndex.from_frame(rows)).set_axis(new.index)
    if method.without_proportions == "country_proportions":
        countries = pd.MultiIndex.from_frame(rows.assign(place=NATIONAL_PLACE_KEY))
        shares = shares.fillna(listed.reindex(countries).set_axis(new.index))
    return shares.fillna(0.0)


def largest_of_period(people: pd.DataFrame, keys: Sequence[str], level: str) -> pd.DataFrame:
    """Return the new people of the largest sector of the whole period in each place: nobody is counted twice.

    ``people`` are parts of people by sector. ``keys`` are the columns that name a sheet. A place is an admin1, or under
    another ``level`` a country. On a tie the first sector counts, by its order in the column. Rows of other sectors and
    parts are left out. This is no model of R4V, but a lower bound.
    """
    place = [*keys, "country", "place"] if level == "admin1" else [*keys, "country"]
    new = people[(people["part"] == NEW_BENEFICIARIES) & people["sector"].isin(plan_lists().tie_order)]
    sums = new.groupby([*place, "sector"], observed=True)["amount"].sum()
    largest = sums[sums.groupby(level=place, observed=True).transform("max") == sums].reset_index()
    return new.merge(largest.drop_duplicates(place)[[*place, "sector"]], on=[*place, "sector"])


def _is_largest(amounts: pd.DataFrame) -> pd.DataFrame:
    """Mark with 1 the largest amount of each place and month in each column, on a tie only the first. Others have 0.

    An amount of 0 is never marked. The index has the levels ``PLACE_MONTH_COLUMNS``. Index and columns stay.
    """
    is_maximum = amounts.eq(amounts.groupby(level=PLACE_MONTH_COLUMNS, observed=True).transform("max")) & amounts.ne(0)
    return (is_maximum & is_maximum.groupby(level=PLACE_MONTH_COLUMNS, observed=True).cumsum().eq(1)).astype("float64")
