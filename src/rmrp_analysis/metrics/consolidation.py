"""People reached by all sectors together: the models by which R4V keeps a person from counting in each of them.

A model works within each country, place and month, on the new beneficiaries by sector. It says which *fraction* of
each count it keeps; what it keeps is added over places and months, which gives more than the largest sector of the
whole period (``lower_bound``) and at most the sum of the sectors. The same fractions, applied to rows or to cells, give
what each of them contributes.

Sources: R4V consolidation of RMRP 2021 and RMRP 2022; the rule of each year is named in the plan year's declaration.
"""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TypedDict

import numpy as np
import pandas as pd

from rmrp_analysis.method import IntersectorLevel, IntersectorModel, Method
from rmrp_analysis.metrics.cells import AGE_GENDER_CELLS, NEW, NEW_WITH_CVA, PEOPLE
from rmrp_analysis.metrics.contributions import DECIMALS
from rmrp_analysis.metrics.sums import Cells, Numbers, Places
from rmrp_analysis.vocabulary import (
    ADDED,
    AGE_GENDER_GROUPS,
    ALTERNATIVES,
    NATIONAL,
    POPULATION_GROUPS,
    TIE_ORDER,
    PlanYear,
)

MODELS = ("sum", "max_sector", "max_age_gender", "southern_cone")
LOWER_BOUND = "lower_bound"
PLACE_MONTH = ["country", "place", "month"]
PLACE_MONTH_SECTOR = [*PLACE_MONTH, "sector"]
_RANKS = {sector: rank for rank, sector in enumerate(TIE_ORDER)}
SHARES = tuple(f"{group}_{part}" for group in POPULATION_GROUPS for part in AGE_GENDER_GROUPS)


class ModelRules(TypedDict):
    """What the models work by, beside the people: plan year, method, age-gender shares (None: there are none)."""

    year: PlanYear
    method: Method
    proportions: pd.DataFrame | None


@dataclass(frozen=True)
class Kept:
    """What a model keeps of each place, month and sector.

    ``fractions`` has a column for each part that the model decides on: a column of ``PEOPLE``, or of ``SHARES`` (a
    population group of one age and gender). ``adds_to`` names the columns of ``PEOPLE`` that a part adds to; a column
    that none adds to is not kept (NA), but 0 if it is among ``nobody``. Under ``level`` *country* places are not told
    apart.
    """

    fractions: pd.DataFrame
    adds_to: Mapping[str, tuple[str, ...]]
    nobody: tuple[str, ...] = ()
    level: IntersectorLevel = "admin1"

    def of(self, people: Cells, columns: Collection[str] = PEOPLE) -> dict[str, Numbers]:
        """What is kept of rows or cells that hold ``PLACE_MONTH_SECTOR`` and ``PEOPLE``: by column, if it is kept."""
        return self.share_of(people, *self.shares(people), columns)

    def shares(self, cells: Cells) -> tuple[Numbers, Places]:
        """Rows of ``fractions``, and which of them holds for each row or cell that holds ``PLACE_MONTH_SECTOR``."""
        placed = PLACE_MONTH_SECTOR if self.level == "admin1" else [key for key in PLACE_MONTH_SECTOR if key != "place"]
        numbers, groups = cells.groups(placed)
        keys = groups if self.level == "admin1" else [(country, NATIONAL, *rest) for country, *rest in groups]
        places = {key: place for place, key in enumerate(self.fractions.index.to_list())}
        nothing = np.zeros(len(self.fractions.columns))  # for places of -1: what the model does not know
        of_groups = np.vstack([self.fractions.to_numpy(dtype="float64"), nothing])
        return of_groups[[places.get(key, -1) for key in keys]], numbers

    def taken(self, new: Cells, columns: Collection[str] = PEOPLE) -> Cells:
        """What is kept of the new beneficiaries that the model was made for: the same rows with other ``columns``."""
        fractions = self.fractions.to_numpy(dtype="float64")
        amounts = self.share_of(new, fractions, np.arange(len(new)), columns)
        nothing: Numbers = np.full(len(new), np.nan)
        return new.with_numbers({column: amounts.get(column, nothing).round(DECIMALS) for column in columns})

    def share_of(self, people: Cells, fractions: Numbers, rows: Places, columns: Collection[str]) -> dict[str, Numbers]:
        """What is kept of people by the row of ``fractions`` that each of them has."""
        amounts = {column: np.zeros(len(people)) for column in self.nobody if column in columns}
        for position, (part, added_to) in enumerate(self.adds_to.items()):
            if columns_of_part := [column for column in added_to if column in columns]:
                kept = people.numbers(_counted_by(part)) * fractions[rows, position]
                for column in columns_of_part:
                    amounts[column] = amounts[column] + kept if column in amounts else kept
        return amounts


Model = Callable[[pd.DataFrame, pd.DataFrame], Kept]
WHOLE_ROWS = {column: (column,) for column in PEOPLE}
MODELLED_CELLS = {f"{group}_{part}": (NEW, group, part) for group in POPULATION_GROUPS for part in AGE_GENDER_GROUPS}


def sum_of_sectors(new: pd.DataFrame, _: pd.DataFrame) -> Kept:
    """Keep everybody of every sector: the upper bound."""
    return Kept(pd.DataFrame(1.0, index=new.index, columns=list(PEOPLE)), WHOLE_ROWS)


def largest_sector(new: pd.DataFrame, _: pd.DataFrame) -> Kept:
    """Keep the whole row of the sector with most new beneficiaries, the first on a tie; the CVA maximum apart (2021).

    A sector with no new beneficiaries gives no groups either.
    """
    largest = _is_largest(new[NEW])
    fractions = pd.DataFrame(dict.fromkeys(PEOPLE, largest), index=new.index)
    return Kept(fractions.assign(**{NEW_WITH_CVA: _is_largest(new[NEW_WITH_CVA])}), WHOLE_ROWS)


def largest_age_gender_cells(new: pd.DataFrame, _: pd.DataFrame) -> Kept:
    """Keep the largest of each age-gender cell and their sum; who has no age and gender is in none of them (2021)."""
    columns = (*AGE_GENDER_CELLS, NEW_WITH_CVA)
    fractions = pd.DataFrame({column: _is_largest(new[column]) for column in columns})
    adds_to = {cell: (NEW, cell) for cell in AGE_GENDER_CELLS} | {NEW_WITH_CVA: (NEW_WITH_CVA,)}
    return Kept(fractions, adds_to)


def southern_cone_rows(new: pd.DataFrame, shares: pd.DataFrame) -> Kept:
    """Keep the largest of ``ALTERNATIVES`` as in ``largest_sector``, and every one of ``ADDED`` (2021)."""
    return _largest_and_added(new, shares, largest_sector)


def largest_modelled_cells(new: pd.DataFrame, shares: pd.DataFrame) -> Kept:
    """Split each population group by age-gender shares, round, and keep the largest of each of these cells (2022 on).

    New beneficiaries in no population group, and groups without shares, are in no cell.
    """
    modelled = modelled_cells(new, shares)
    reported = {part: new[_counted_by(part)] for part in SHARES}
    fractions = pd.DataFrame(
        {
            part: (modelled[part] / reported[part].where(reported[part] != 0)).where(_is_largest(modelled[part]) > 0)
            for part in SHARES
        }
    ).fillna(0.0)
    return Kept(
        fractions.assign(**{NEW_WITH_CVA: _is_largest(new[NEW_WITH_CVA])}),
        {**MODELLED_CELLS, NEW_WITH_CVA: (NEW_WITH_CVA,)},
        nobody=PEOPLE,
    )


def southern_cone_modelled(new: pd.DataFrame, shares: pd.DataFrame) -> Kept:
    """Keep the largest of ``ALTERNATIVES`` as in ``largest_modelled_cells``, and every one of ``ADDED`` (2022 on)."""
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
"""The rules that a plan year may name."""

NEEDS_PROPORTIONS = frozenset({"largest_modelled_cells", "southern_cone_modelled"})


def kept_by_model(
    new: pd.DataFrame,
    *,
    year: PlanYear,
    method: Method,
    proportions: pd.DataFrame | None = None,
    model: str | None = None,
) -> Kept | None:
    """What a model (the method's own unless named) keeps of new beneficiaries by country, place, month and sector.

    None when the year's rule for it works by age-gender proportions (``PlacedProportions``) and there are none.
    """
    rule = year.rule_of(model or method.intersector_model)
    if rule in NEEDS_PROPORTIONS and proportions is None:
        return None
    placed = at_level(new, method.intersector_level)
    kept = RULES[rule](placed, shares_of(placed, proportions, method=method))
    return replace(kept, level=method.intersector_level)


def taken_by_model(
    new: pd.DataFrame,
    *,
    year: PlanYear,
    method: Method,
    proportions: pd.DataFrame | None = None,
    model: str | None = None,
) -> pd.DataFrame | None:
    """What a model takes of each country, place, month and sector, in the shape of ``new``; see ``kept_by_model``."""
    kept = kept_by_model(new, year=year, method=method, proportions=proportions, model=model)
    if kept is None:
        return None
    placed = at_level(new, method.intersector_level)
    return kept.taken(Cells(placed.reset_index())).table.set_index(PLACE_MONTH_SECTOR)


def new_by_sector(counted: Cells) -> pd.DataFrame:
    """New beneficiaries of every country, place, month and sector: the columns ``PEOPLE``.

    ``counted`` are the rows or cells whose people count; sectors that reach nobody are left out. Rows stand by country,
    place and month, sectors in the order in which the first of equal ones stands (``TIE_ORDER``).
    """
    peopled = counted.take(counted.has("sector", TIE_ORDER))
    numbers, groups = peopled.groups(PLACE_MONTH_SECTOR)
    sums = {column: np.round(peopled.sums(column, numbers, len(groups)), DECIMALS) for column in PEOPLE}
    order = sorted(range(len(groups)), key=lambda group: (*groups[group][:-1], _RANKS[groups[group][-1]]))
    keys = [groups[group] for group in order]
    index = pd.MultiIndex.from_tuples(keys, names=PLACE_MONTH_SECTOR)
    return pd.DataFrame({column: amounts[order] for column, amounts in sums.items()}, index=index)


def at_level(new: pd.DataFrame, level: IntersectorLevel) -> pd.DataFrame:
    """The same people by admin1, or without their places when models are to be applied to whole countries."""
    return new if level == "admin1" else new_by_sector(Cells(new.reset_index().assign(place=NATIONAL)))


def shares_of(new: pd.DataFrame, proportions: pd.DataFrame | None, *, method: Method) -> pd.DataFrame:
    """The age-gender shares (columns ``SHARES``) for each row of ``new``; 0 where there are none.

    Where the proportions do not list a sector in a place, ``leave_sector_out`` leaves it out there, and
    ``country_proportions`` uses those of the sector in the whole country. A population group whose shares are 0 in a
    listed place stays at 0 under both: the plan says that nobody of it is there.
    """
    if proportions is None:
        return pd.DataFrame(0.0, index=new.index, columns=list(SHARES))
    listed = proportions.drop_duplicates(["country", "place", "sector"]).set_index(["country", "place", "sector"])
    listed = listed[list(SHARES)].fillna(0.0)
    rows = new.index.to_frame(index=False)
    own = _rows_for(listed[(listed > 0).any(axis="columns")], rows)
    if method.without_proportions == "country_proportions":
        own = own.where(own.notna(), _rows_for(listed, rows.assign(place=NATIONAL)))
    return own.fillna(0.0).set_axis(new.index)


def modelled_cells(new: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """People of each population group by age and gender (columns ``SHARES``), rounded half to even."""
    return pd.DataFrame({part: np.round(new[_counted_by(part)] * shares[part]) for part in SHARES}, index=new.index)


def people_unseen(
    new: pd.DataFrame, *, year: PlanYear, method: Method, proportions: pd.DataFrame | None = None
) -> pd.Series:
    """People whom the method's model cannot see, by place, month and sector: no group, or a group without shares.

    Empty where the year's rule for the model does not work by shares.
    """
    rule = year.rule_of(method.intersector_model)
    if rule not in NEEDS_PROPORTIONS:
        return new[NEW].iloc[:0]
    placed = at_level(new, method.intersector_level)
    if rule == "southern_cone_modelled":
        placed = placed[placed.index.get_level_values("sector").isin(ALTERNATIVES)]
    shares = shares_of(placed, proportions, method=method)
    seen = pd.Series(0.0, index=placed.index)
    for group in POPULATION_GROUPS:
        has_shares = shares[[f"{group}_{part}" for part in AGE_GENDER_GROUPS]].sum(axis="columns") > 0
        seen += placed[group].where(has_shares, 0.0)
    return (placed[NEW] - seen).clip(lower=0).round(DECIMALS).rename(NEW)


def largest_of_period(people: Cells, *, level: IntersectorLevel = "admin1") -> float:
    """The largest sector of the whole period in each place, added over places: nobody is counted in two sectors.

    ``people`` are by country, place, month and sector, as ``new_by_sector`` gives them. No model of R4V: a diagnostic.
    """
    place = ["country", "place"] if level == "admin1" else ["country"]
    numbers, groups = people.groups([*place, "sector"])
    largest: dict[tuple[str, ...], float] = {}
    for (*where, _), amount in zip(groups, people.sums(NEW, numbers, len(groups)).tolist(), strict=True):
        largest[tuple(where)] = max(largest.get(tuple(where), -math.inf), amount)
    return round(math.fsum(largest.values()), DECIMALS)


def scenarios(
    new: Cells, taken: Mapping[IntersectorModel, Cells | None], *, year: PlanYear, level: IntersectorLevel
) -> pd.Series:
    """The people reached by all sectors under every model, then the lower bound (see ``largest_of_period``).

    ``taken`` is what each model takes of the ``new`` beneficiaries (see ``taken_by_model``). A model is NaN where it
    lacks proportions, or sees nobody of a country. The lower bound is never more than a model gives: models that work
    by groups or proportions do not see people who are reported without them.
    """
    people: dict[str, float] = {}
    for model, kept in taken.items():
        known = kept is not None and not countries_unseen(new, kept, year=year, model=model)
        people[model] = round(math.fsum(kept.numbers(NEW)), DECIMALS) if kept is not None and known else np.nan
    bound = largest_of_period(new, level=level)
    return pd.Series(people | {LOWER_BOUND: np.nanmin([bound, *people.values()])})


def countries_unseen(new: Cells, taken: Cells, *, year: PlanYear, model: str) -> tuple[str, ...]:
    """Countries of whose people a model that works by proportions sees nobody, though some were reached.

    ``new`` are the counted people and ``taken`` what the model takes of them, both with ``country`` and ``PEOPLE``.
    """
    rule = year.rule_of(model)
    if rule not in NEEDS_PROPORTIONS:
        return ()
    if rule == "southern_cone_modelled":
        new = new.take(new.has("sector", (*ALTERNATIVES, *ADDED)))
    people, seen = _by_country(new), _by_country(taken)
    return tuple(country for country, number in people.items() if number > 0 and seen.get(country, 0.0) == 0)


def _by_country(people: Cells) -> dict[str, float]:
    numbers, groups = people.groups(["country"])
    sums = people.sums(NEW, numbers, len(groups)).tolist()
    return {country: amount for (country,), amount in zip(groups, sums, strict=True)}


def _counted_by(part: str) -> str:
    """The column of ``PEOPLE`` that a part is a fraction of: a modelled cell is a part of its population group."""
    return MODELLED_CELLS[part][1] if part in MODELLED_CELLS else part


def _is_largest(amounts: pd.Series) -> pd.Series:
    """1 for the row with the largest amount of its place and month, the first on a tie; 0 elsewhere and for nobody.

    Rows of a place and month stand together, as ``new_by_sector`` has them.
    """
    assert isinstance(amounts.index, pd.MultiIndex)  # noqa: S101 - PLACE_MONTH_SECTOR
    codes, people = np.array(amounts.index.codes[: len(PLACE_MONTH)]), amounts.to_numpy(dtype="float64")
    starts = np.flatnonzero(np.diff(codes, axis=1, prepend=-2).any(axis=0))
    places = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(people)))
    largest = np.flatnonzero((people == np.maximum.reduceat(people, starts)[places]) & (people != 0))
    first = largest[np.unique(places[largest], return_index=True)[1]]
    return pd.Series(np.isin(np.arange(len(people)), first).astype("float64"), index=amounts.index, name=amounts.name)


def _largest_and_added(new: pd.DataFrame, shares: pd.DataFrame, largest: Model) -> Kept:
    sector = new.index.get_level_values("sector")
    alternatives, added = sector.isin(ALTERNATIVES), sector.isin(ADDED)
    of_largest = largest(new[alternatives], shares[alternatives])
    whole = pd.DataFrame(1.0, index=new.index[added], columns=list(PEOPLE))
    fractions = pd.concat([of_largest.fractions, whole]).reindex(new.index).fillna(0.0)
    adds_to = {**of_largest.adds_to, **WHOLE_ROWS}
    return Kept(fractions[list(adds_to)], adds_to, nobody=PEOPLE)


def _rows_for(listed: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    keys = pd.MultiIndex.from_frame(rows[["country", "place", "sector"]])
    return listed.reindex(keys)[list(SHARES)].reset_index(drop=True)
