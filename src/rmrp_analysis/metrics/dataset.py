"""The tables that figures are counted from, with what is added up of them once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, wraps
from pathlib import Path
from typing import Any, Concatenate, Literal, NamedTuple, ParamSpec, TypeVar

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from rmrp_analysis.method import Method
from rmrp_analysis.metrics.activities import (
    DECIMALS,
    DIMENSIONS,
    NEW,
    NOT_KNOWN,
    PEOPLE,
    SOURCE,
    UNGROUPED,
    measure_activities,
)
from rmrp_analysis.metrics.funding import funding_ledger, name_entries
from rmrp_analysis.metrics.funding_totals import totals_of_plan
from rmrp_analysis.metrics.keys import Secret, row_keys
from rmrp_analysis.metrics.models import (
    PAIRS,
    PLACE_MONTH_SECTOR,
    Fractions,
    apply_fractions,
    fractions,
    new_by_sector,
    shares_of,
)
from rmrp_analysis.metrics.planned import select_planned_rows
from rmrp_analysis.packs.pack import folder
from rmrp_analysis.sources import Source
from rmrp_analysis.vocabulary import NATIONAL, NEEDS_PROPORTIONS, POPULATION_GROUPS, PlanYear, plan_lists

NO_FLOWS = pd.DataFrame({name: pd.Series(dtype="str") for name in ("flow_id", "status", "destination_plans", *SOURCE)})
P = ParamSpec("P")
Result = TypeVar("Result")


CACHE = "cached_results"
"""The attribute of a dataset that holds the results of functions, by ``CacheKey``."""


class CacheKey(NamedTuple):
    """Which function was called with which arguments, and whether its result is sent to other processes."""

    is_sent: bool
    function: str
    args: tuple[Any, ...]


def cached_by_args(compute: Callable[Concatenate[Any, P], Result]) -> Callable[Concatenate[Any, P], Result]:
    """Cache the results of a function in the dataset that is its first argument, by its other, hashable arguments.

    The cache ends with the dataset; ``functools.cache`` would keep every dataset of a process alive. Copies of the
    dataset, and processes to which it is sent, begin without these results.
    """
    return _cached(compute, is_sent=False)


def cached_and_sent(compute: Callable[Concatenate[Any, P], Result]) -> Callable[Concatenate[Any, P], Result]:
    """Cache as ``cached_by_args`` does; copies and processes to which the dataset is sent have these results, too.

    For small results that take long to compute.
    """
    return _cached(compute, is_sent=True)


def _cached(compute: Callable[Concatenate[Any, P], Result], *, is_sent: bool) -> Callable[Concatenate[Any, P], Result]:
    name = f"{compute.__module__}.{compute.__qualname__}"

    @wraps(compute)
    def compute_once(dataset: Any, /, *args: P.args, **kwargs: P.kwargs) -> Result:
        results, key = vars(dataset).setdefault(CACHE, {}), CacheKey(is_sent, name, (*args, *kwargs.items()))
        if key not in results:
            results[key] = compute(dataset, *args, **kwargs)
        result: Result = results[key]
        return result

    return compute_once


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Dataset:
    """The tables of a plan that figures are computed from (columns: see ``tables``).

    ``activities`` are ``JoinedActivities``, texts as Categoricals; ``refused_activities`` those that loaders refused,
    with ``people_left_out`` (see ``loaders.refused``). ``planning`` has the figures of whole scopes,
    ``planned_places`` those of first administrative levels (``PlacedPlanning``), which are never added to them. Money
    comes as ``funding_flows``, as ``funding_totals``, or both; what the source does not give is None, and totals may
    hold rows of other plans. ``proportions`` holds age-gender shares by what they were made from (``people_in_need``,
    ``target``). ``references`` are the folder's lists (indicators, places, organisations) by their name in
    ``sources.yml``. From ``secret`` follow the keys of activities, by which public counts of people are rounded.
    ``pack`` is the folder of the plan pack that the tables were read with.
    """

    year: PlanYear
    activities: pd.DataFrame
    planning: pd.DataFrame
    planned_places: pd.DataFrame
    funding_flows: pd.DataFrame | None
    funding_totals: pd.DataFrame | None
    proportions: Mapping[str, pd.DataFrame]
    sources: Mapping[str, Source]
    references: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    refused_activities: pd.DataFrame = field(default_factory=pd.DataFrame)
    secret: Secret = field(default_factory=Secret, repr=False)
    pack: Path = field(default_factory=folder)

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Each activity that is used: the rows of ``all_rows`` with a label of 0 or more."""
        return self.all_rows.iloc[: len(self.activities)]

    @cached_property
    def refused_rows(self) -> pd.DataFrame:
        """Return each refused activity: the rows of ``all_rows`` with a label below 0."""
        return self.all_rows.iloc[len(self.activities) :]

    @cached_property
    def all_rows(self) -> pd.DataFrame:
        """Used and refused activities, as ``measure_activities`` gives them, with the same categories.

        ``people_left_out`` are the people that a refused activity would have had, 0 for a used one.
        """
        rows, refused = self.activities, self.refused_activities
        people_left_out = np.zeros(len(rows))
        if len(refused):
            columns: dict[Any, Any] = {}
            for name, used_cells in rows.items():
                if isinstance(used_cells.dtype, pd.CategoricalDtype):
                    texts = refused[name].astype(used_cells.cat.categories.dtype).astype("category")
                    columns[name] = union_categoricals([used_cells, texts], sort_categories=True)
                else:
                    columns[name] = pd.concat([used_cells, refused[name]], ignore_index=True)
            rows = pd.DataFrame(columns).set_axis([*rows.index, *range(-1, -len(refused) - 1, -1)])
            people_left_out = np.append(people_left_out, refused["people_left_out"])
        organisations = self.references.get("appealing_organisations")
        measured = measure_activities(rows, self.year, organisations, row_keys(rows, self.secret.text))
        return measured.assign(people_left_out=people_left_out)

    @cached_property
    def presence(self) -> pd.DataFrame:
        """Each activity by its label (``row``): ``DIMENSIONS``, file and line, ``rows``, ``rows_not_known``.

        ``rows`` counts the reports, ``rows_not_known`` those of them that leave it unknown how many people are new.
        """
        not_known = self.rows["rows"].where(self.rows[NOT_KNOWN] > 0, 0)
        return self.rows[[*DIMENSIONS, *SOURCE, "rows"]].assign(rows_not_known=not_known, row=self.rows.index)

    @cached_property
    def months_reported(self) -> tuple[str, ...]:
        """The months of which there are activities, in order."""
        return tuple(sorted(self.rows["month"].unique()))

    @cached_property
    def people(self) -> pd.DataFrame:
        """The people of each used activity (``row``), a row each for every ``part`` that is not 0.

        Parts are ``PEOPLE``, those in no group of a split (``UNGROUPED``) and ``people_not_known``. Columns: ``part``,
        ``row``, ``amount`` (people), ``key`` (for rounding), ``DIMENSIONS``, ``SOURCE``. No column has NaN.
        """
        rows = self.rows
        parts = [*PEOPLE, *UNGROUPED.values(), NOT_KNOWN]
        tables = {
            part: rows.loc[rows[part] != 0, [part, "key"]].set_axis(["amount", "key"], axis="columns") for part in parts
        }
        people = pd.concat(tables, names=["part", "row"]).reset_index().astype({"part": pd.CategoricalDtype(parts)})
        return people.join(rows[[*DIMENSIONS, *SOURCE]], on="row")

    @cached_property
    def planned(self) -> pd.DataFrame:
        """What is planned for whole scopes (``place`` is empty) and for first administrative levels."""
        scopes = self.planning.assign(place=NATIONAL, place_name="")
        planned = pd.concat([scopes, self.planned_places], ignore_index=True) if len(self.planned_places) else scopes
        texts = planned.select_dtypes(["category", "string"]).columns
        planned = planned.astype(dict.fromkeys(texts, "str"))
        is_illustrative = planned["source"].str.lower().str.startswith("illustrative")
        return planned.assign(amount=planned["value"], rows=1, origin="planning", illustrative=is_illustrative)

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """The entries of the whole plan's money, by name; none where only totals are known.

        Columns: those of ``name_entries``, ``SOURCE``, ``amount`` (US$), ``rows`` (1).
        """
        flows = NO_FLOWS if self.funding_flows is None else self.funding_flows
        entries = name_entries(funding_ledger(flows, plan_id=self.year.fts_plan_id))
        entries = entries.merge(flows[["flow_id", *SOURCE]].drop_duplicates("flow_id"), on="flow_id", how="left")
        return entries.assign(amount=entries["amount_usd"], rows=1)

    @cached_property
    def totals_by_sector(self) -> pd.DataFrame | None:
        """The plan's own rows of the source's totals by sector, where it gives them.

        Columns: those of the table ``FundingTotals``, ``sector``, ``rows`` (1).
        """
        if self.funding_totals is None:
            return None
        totals = totals_of_plan(self.funding_totals, self.year.fts_plan_id)
        rows = totals[totals["grouped_by"] == "sector"]
        return rows.assign(sector=rows["part"], rows=1) if len(rows) else None

    def cached_tables(self, name: str, *args: Any) -> dict[str, pd.DataFrame]:
        """Return the dict of tables, by report, that is cached and sent under a name and arguments; at first empty.

        For tables that are computed for many reports at once, and never twice for one of them.
        """
        tables: dict[str, pd.DataFrame] = vars(self).setdefault(CACHE, {}).setdefault(CacheKey(True, name, args), {})
        return tables

    @property
    def results_to_send(self) -> dict[CacheKey, Any]:
        """The results that go along where the dataset is copied or pickled (``cached_and_sent``)."""
        return {key: result for key, result in vars(self).get(CACHE, {}).items() if key.is_sent}

    def add_results(self, results: Mapping[CacheKey, Any]) -> None:
        """Add results that another process, or a copy of the dataset, computed; they replace those that are there."""
        vars(self).setdefault(CACHE, {}).update(results)

    def source(self, name: str) -> str:
        """Return the producer of a table and its date as a text; empty where there is no such table."""
        source = self.sources.get(name)
        return f"{source.producer}, {source.as_of or 'no date'}" if source else ""

    def is_illustrative(self, name: str) -> bool:
        """Return whether a table is made up for illustration."""
        return name in self.sources and self.sources[name].illustrative

    def select_counted_people(self, people: pd.DataFrame, method: Method) -> pd.DataFrame:
        """Return the rows of ``people`` whose indicator type the method counts, of the plan's activities alone where
        the method says so.
        """
        is_counted = people["indicator_type"].isin(method.counted_indicator_types)
        return (
            people[is_counted & people["rmrp_activity"].eq("Yes")]
            if method.rmrp_activities_only
            else people[is_counted]
        )

    @cached_by_args
    def new_by_sector(self, method: Method, organisations: tuple[str, ...]) -> pd.DataFrame:
        """Return new beneficiaries by ``PLACE_MONTH_SECTOR``: of everybody, and of each of these organisations."""
        return new_by_sector(self.people_by_sector(method, organisations), method.intersector_level)

    @cached_by_args
    def people_by_sector(self, method: Method, organisations: tuple[str, ...]) -> pd.DataFrame:
        """Return counted people by ``PLACE_MONTH_SECTOR`` and ``part``: ``amount``, ``key``.

        Of everybody (``sheet_organisation`` is empty) and of each of these organisations; ``amount`` is never NaN.
        Sectors that reach nobody are left out.
        """
        people = repeat_by_organisation(self.select_counted_people(self.people, method), organisations)
        sums = people[people["sector"].isin(plan_lists().tie_order)].groupby(
            [*PLACE_MONTH_SECTOR, "part"], observed=True
        )
        return sums[["amount", "key"]].sum().reset_index().round({"amount": DECIMALS})

    @cached_by_args
    def people_outside_model(self, method: Method, organisations: tuple[str, ...]) -> pd.Series:
        """Return the new beneficiaries whom the method's model cannot count, by ``PLACE_MONTH_SECTOR``.

        They are in no population group, or in one without shares. Empty where the model does not work by shares.
        """
        new, rule = self.new_by_sector(method, organisations), self.year.rule_of(method.intersector_model)
        if rule not in NEEDS_PROPORTIONS:
            return new[NEW].iloc[:0]
        if rule == "southern_cone_modelled":
            new = new[new.index.get_level_values("sector").isin(plan_lists().alternatives)]
        shares = shares_of(new, self.proportions.get(method.age_gender_proportions), method=method)
        pairs = {
            group: [pair for pair, (pair_group, _) in PAIRS.items() if pair_group == group]
            for group in POPULATION_GROUPS
        }
        modelled = sum(new[group].where(shares[pairs[group]].sum(axis="columns") > 0, 0.0) for group in pairs)
        return (new[NEW] - modelled).clip(lower=0).round(DECIMALS)

    @cached_by_args
    def fractions(self, method: Method, model: str, organisations: tuple[str, ...]) -> Fractions | None:
        """Return the fractions that a model keeps; None where age-gender proportions are missing."""
        proportions = self.proportions.get(method.age_gender_proportions)
        new, rule = self.new_by_sector(method, organisations), self.year.rule_of(model)
        return fractions(new, rule=rule, method=method, proportions=proportions)

    @cached_by_args
    def modelled_people(
        self, method: Method, model: str, organisations: tuple[str, ...], source: Literal["activities", "sectors"]
    ) -> pd.DataFrame | None:
        """Return the people that a model keeps: of single activities, or of sectors in a place and month.

        Columns: those of ``people`` (activities) or of ``people_by_sector`` (sectors). None where age-gender
        proportions are missing.
        """
        fractions = self.fractions(method, model, organisations)
        if fractions is None:
            return None
        if source == "sectors":
            people = self.people_by_sector(method, organisations)
        else:
            people = repeat_by_organisation(self.select_counted_people(self.people, method), organisations)
        return apply_fractions(people, fractions, method.intersector_level)

    @cached_by_args
    def select_planned_rows(self, measure: str, method: Method) -> pd.DataFrame:
        """Return the planning rows that make the figure of each sector in each place; see ``metrics.planned``."""
        return select_planned_rows(self.planned, measure, method)


def repeat_by_organisation(people: pd.DataFrame, organisations: Sequence[str]) -> pd.DataFrame:
    """Return every row once with an empty ``sheet_organisation``, and once more with its own, if that is listed.

    ``people`` has a column ``organisation``; the columns stay, and ``sheet_organisation`` is a Categorical.
    """
    dtype = pd.CategoricalDtype(["", *organisations])
    everybody = people.assign(sheet_organisation=pd.Categorical.from_codes(np.zeros(len(people), "int8"), dtype=dtype))
    people_of_listed = people[people["organisation"].isin(organisations)]
    return pd.concat(
        [everybody, people_of_listed.assign(sheet_organisation=people_of_listed["organisation"].astype(dtype))],
        ignore_index=True,
    )
