"""People reached by all sectors together: the models by which R4V keeps a person from counting in each of them.

Every model is a pure function from the new beneficiaries by country, place, month and sector (see ``counts``) to what
it *takes* of each of them, in a table of the same shape: the intersector figure is the sum of what is taken, and its
rows can be told. A model works within each month and place; what it takes is then added over places and months, which
gives more than the largest sector of the whole period (``lower_bound``) and at most the sum of the sectors.

A cell that a model does not keep is NA. Sources: R4V consolidation of RMRP 2021 and RMRP 2022, the rules of each year
named in ``vocabulary.PLAN_YEARS``.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from rmrp_analysis.counting import Method
from rmrp_analysis.metrics.counts import AGE_GENDER_CELLS, NEW, NEW_WITH_CVA, PLACE_MONTH
from rmrp_analysis.vocabulary import AGE_GENDER_GROUPS, NATIONAL, POPULATION_GROUPS, PlanYear

MODELS = ("sum", "max_sector", "max_age_gender", "southern_cone")
LOWER_BOUND = "lower_bound"
SHARES = tuple(f"{group}_{part}" for group in POPULATION_GROUPS for part in AGE_GENDER_GROUPS)
ALTERNATIVES = ("Food Security", "Humanitarian Transportation", "Shelter", "WASH")
"""Sectors of the Southern Cone model that help the same people: the largest stands for all."""

ADDED = ("Protection (General)", "Integration", "Multipurpose Cash Assistance", "Health", "Education")
"""Sectors of the Southern Cone model that count in full; the ones in neither list do not count."""

Model = Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame]


def sum_of_sectors(new: pd.DataFrame, _: pd.DataFrame) -> pd.DataFrame:
    """Everybody of every sector: the upper bound."""
    return new


def largest_sector(new: pd.DataFrame, _: pd.DataFrame) -> pd.DataFrame:
    """The whole row of the sector with most new beneficiaries, the first on a tie; the CVA maximum apart (2021)."""
    taken = _kept(new, _is_largest(new[NEW]))
    return taken.assign(new_with_cva=_largest_cva(new))


def largest_age_gender_cells(new: pd.DataFrame, _: pd.DataFrame) -> pd.DataFrame:
    """The largest of each age-gender cell and their sum; people without age and gender are in none of them (2021)."""
    taken = pd.DataFrame({cell: new[cell].where(_is_largest(new[cell]), 0.0) for cell in AGE_GENDER_CELLS})
    return taken.assign(new_beneficiaries=taken.sum(axis="columns")).reindex(columns=new.columns)


def southern_cone_rows(new: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """The largest of ``ALTERNATIVES`` as in ``largest_sector``, and every one of ``ADDED`` (2021)."""
    return _largest_and_added(new, shares, largest_sector)


def largest_modelled_cells(new: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """Each population group split by age-gender shares and rounded; the largest of each of these cells (2022 on).

    New beneficiaries in no population group, and groups without shares, are in no cell.
    """
    modelled = modelled_cells(new, shares)
    taken = pd.DataFrame({cell: modelled[cell].where(_is_largest(modelled[cell]), 0.0) for cell in modelled})
    sums = {group: taken[_cells_of(group)].sum(axis="columns") for group in (*POPULATION_GROUPS, *AGE_GENDER_GROUPS)}
    columns = {NEW: taken.sum(axis="columns"), **sums, NEW_WITH_CVA: _largest_cva(new)}
    return pd.DataFrame(columns, index=new.index).reindex(columns=new.columns, fill_value=0.0)


def southern_cone_modelled(new: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """The largest of ``ALTERNATIVES`` as in ``largest_modelled_cells``, and every one of ``ADDED`` (2022 on)."""
    return _largest_and_added(new, shares, largest_modelled_cells)


RULES: Mapping[str, Model] = {
    rule.__name__: rule
    for rule in (
        sum_of_sectors,
        largest_sector,
        largest_age_gender_cells,
        southern_cone_rows,
        largest_modelled_cells,
        southern_cone_modelled,
    )
}
NEEDS_PROPORTIONS = frozenset({"largest_modelled_cells", "southern_cone_modelled"})


def taken_by_model(
    new: pd.DataFrame, *, year: PlanYear, method: Method, proportions: pd.DataFrame | None = None, model: str = ""
) -> pd.DataFrame | None:
    """What the year's rule for ``model`` (default: the method's) takes of the new beneficiaries of each sector.

    None when the rule splits groups by age and gender and there are no ``proportions`` (``PlacedProportions``).
    """
    rule = year.consolidation[model or method.intersector_model]
    if rule in NEEDS_PROPORTIONS and proportions is None:
        return None
    placed = at_level(new, method.intersector_level)
    return RULES[rule](placed, shares_of(placed, proportions, method=method))


def at_level(new: pd.DataFrame, level: str) -> pd.DataFrame:
    """The same people by admin1, or without their places when models are to be applied to whole countries."""
    if level == "admin1":
        return new
    by_country = new.reset_index().assign(place=NATIONAL)
    return by_country.groupby(list(new.index.names), sort=False).sum()


def shares_of(new: pd.DataFrame, proportions: pd.DataFrame | None, *, method: Method) -> pd.DataFrame:
    """The age-gender shares (columns ``SHARES``) for each row of ``new``; 0 where there are none.

    A group without shares in its place and sector has those of its country when the method says
    ``country_proportions``; otherwise the sector is left out there for that group.
    """
    if proportions is None:
        return pd.DataFrame(0.0, index=new.index, columns=list(SHARES))
    given = proportions.drop_duplicates(["country", "place", "sector"]).set_index(["country", "place", "sector"])
    rows = new.index.to_frame(index=False)
    own = _rows_for(given, rows)
    if method.without_proportions == "country_proportions":
        of_country = _rows_for(given, rows.assign(place=NATIONAL))
        for group in POPULATION_GROUPS:
            cells = _cells_of(group)
            own[cells] = own[cells].where(own[cells].sum(axis="columns") > 0, of_country[cells])
    return own.set_axis(new.index)


def modelled_cells(new: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """People of each population group by age and gender (columns ``SHARES``), rounded half to even."""
    cells = {
        f"{group}_{part}": np.round(new[group] * shares[f"{group}_{part}"])
        for group in POPULATION_GROUPS
        for part in AGE_GENDER_GROUPS
    }
    return pd.DataFrame(cells, index=new.index)


def people_without_shares(new: pd.DataFrame, shares: pd.DataFrame) -> pd.Series:
    """People of each row of ``new`` whom a modelled rule cannot see: in no group, or in a group without shares."""
    seen = sum(new[group].where(shares[_cells_of(group)].sum(axis="columns") > 0, 0) for group in POPULATION_GROUPS)
    return (new[NEW] - seen).clip(lower=0)


def people_unseen(
    new: pd.DataFrame, *, year: PlanYear, method: Method, proportions: pd.DataFrame | None = None
) -> pd.Series:
    """People whom the method's model cannot see for want of population groups or shares, by the index of ``new``.

    Empty when the year's rule for the model does not work by shares.
    """
    if year.consolidation[method.intersector_model] not in NEEDS_PROPORTIONS:
        return new[NEW].iloc[:0]
    placed = at_level(new, method.intersector_level)
    if method.intersector_model == "southern_cone":
        placed = placed[placed.index.get_level_values("sector").isin(ALTERNATIVES)]
    return people_without_shares(placed, shares_of(placed, proportions, method=method))


def lower_bound(new: pd.DataFrame) -> float:
    """The largest sector of the whole period in each place, added over places: no model of R4V, a diagnostic."""
    by_sector = new[NEW].groupby(level=["country", "place", "sector"]).sum()
    return float(by_sector.groupby(level=["country", "place"]).max().sum())


def scenarios(
    new: pd.DataFrame, *, year: PlanYear, method: Method, proportions: pd.DataFrame | None = None
) -> pd.Series:
    """The intersector people reached under every model, then the lower bound; NA where proportions are missing."""
    people: dict[str, float] = {}
    for model in MODELS:
        taken = taken_by_model(new, year=year, method=method, proportions=proportions, model=model)
        people[model] = np.nan if taken is None else float(taken[NEW].sum())
    return pd.Series(people | {LOWER_BOUND: lower_bound(at_level(new, method.intersector_level))})


def _is_largest(amounts: pd.Series) -> pd.Series:
    """Which row holds the largest amount of its place and month: one each, the first on a tie."""
    places = amounts.groupby(level=PLACE_MONTH, sort=False)
    largest = amounts == places.transform("max")
    return largest & (largest.groupby(level=PLACE_MONTH, sort=False).cumsum() == 1)


def _largest_cva(new: pd.DataFrame) -> pd.Series:
    return new[NEW_WITH_CVA].where(_is_largest(new[NEW_WITH_CVA]), 0.0)


def _cells_of(group: str) -> list[str]:
    """The cells of ``SHARES`` of a population group, or of an age-gender group."""
    return [cell for cell in SHARES if cell.startswith(f"{group}_") or cell.endswith(f"_{group}")]


def _kept(new: pd.DataFrame, rows: pd.Series) -> pd.DataFrame:
    return new.mul(rows.astype("float64"), axis="index")


def _largest_and_added(new: pd.DataFrame, shares: pd.DataFrame, largest: Model) -> pd.DataFrame:
    sector = new.index.get_level_values("sector")
    alternatives, added = sector.isin(ALTERNATIVES), sector.isin(ADDED)
    taken = pd.concat([largest(new[alternatives], shares[alternatives]), new[added]])
    return taken.reindex(new.index, fill_value=0.0)


def _rows_for(given: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    keys: Sequence[str] = ["country", "place", "sector"]
    return given.reindex(pd.MultiIndex.from_frame(rows[keys]))[list(SHARES)].fillna(0.0).reset_index(drop=True)
