"""The tables that figures are counted from, with what is added up of them once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from rmrp_analysis.method import Method
from rmrp_analysis.metrics.activities import DECIMALS, DIMENSIONS, NEW, NOT_KNOWN, SOURCE, measured, people_of
from rmrp_analysis.metrics.funding import funding_ledger, named_entries
from rmrp_analysis.metrics.funding_totals import totals_of_plan
from rmrp_analysis.metrics.keys import Secret, row_keys
from rmrp_analysis.metrics.models import (
    PAIRS,
    PLACE_MONTH_SECTOR,
    Fractions,
    fractions,
    kept,
    new_by_sector,
    shares_of,
)
from rmrp_analysis.metrics.planned import planned_rows
from rmrp_analysis.sources import Source
from rmrp_analysis.vocabulary import ALTERNATIVES, NATIONAL, NEEDS_PROPORTIONS, POPULATION_GROUPS, TIE_ORDER, PlanYear

NO_FLOWS = pd.DataFrame({name: pd.Series(dtype="str") for name in ("flow_id", "status", "destination_plans", *SOURCE)})
P = ParamSpec("P")
Result = TypeVar("Result")


def remembered(compute: Callable[Concatenate[Any, P], Result]) -> Callable[Concatenate[Any, P], Result]:
    """Have what is computed of a dataset (and of hashable choices) computed once."""

    @wraps(compute)
    def answer(dataset: "Dataset", /, *args: P.args, **named: P.kwargs) -> Result:
        made, key = dataset.__dict__.setdefault("_remembered", {}), (compute, *args, *named.items())
        if key not in made:
            made[key] = compute(dataset, *args, **named)
        result: Result = made[key]
        return result

    return answer


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Dataset:
    """The tables of a plan that figures follow from (columns: see ``tables``).

    ``activities`` are ``JoinedActivities``, texts as Categoricals; ``refused_activities`` those that loaders refused,
    with ``people_left_out`` (see ``loaders.refused``). ``planning`` has the figures of whole scopes,
    ``planned_places`` those of first administrative levels (``PlacedPlanning``), which are never added to them. Money
    comes as ``funding_flows``, as ``funding_totals``, or both; what the source does not give is None, and totals may
    hold rows of other plans. ``proportions`` holds age-gender shares by what they were made from (``people_in_need``,
    ``target``). ``references`` are the folder's lists (indicators, places, organisations) by their name in
    ``sources.yml``. From ``secret`` follow the keys of activities, by which public counts of people are rounded.
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

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Each activity with what figures are counted by and from."""
        return self._measured.iloc[: len(self.activities)]

    @cached_property
    def refused_rows(self) -> pd.DataFrame:
        """The refused activities like ``rows``, with ``people_left_out``; they have numbers below 0."""
        refused = self._measured.iloc[len(self.activities) :]
        people = self.refused_activities["people_left_out"].to_numpy() if len(refused) else 0.0
        return refused.assign(people_left_out=people)

    @cached_property
    def _measured(self) -> pd.DataFrame:
        """Used and refused activities as ``measured`` gives them: the same names, so that they can be joined."""
        used, refused = self.activities, self.refused_activities
        if len(refused):
            index = [*used.index, *range(-1, -len(refused) - 1, -1)]
            used = pd.DataFrame({name: _joined(used[name], refused[name]) for name in used}).set_axis(index)
        organisations = self.references.get("appealing_organisations")
        return measured(used, self.year, organisations, row_keys(used, self.secret.text))

    @cached_property
    def presence(self) -> pd.DataFrame:
        """Each activity by its number (``row``): ``DIMENSIONS``, file and line, the ``rows`` reported.

        ``rows_not_known`` of them leave it unknown how many people are new.
        """
        not_known = self.rows["rows"].where(self.rows[NOT_KNOWN] > 0, 0)
        return self.rows[[*DIMENSIONS, *SOURCE, "rows"]].assign(rows_not_known=not_known, row=self.rows.index)

    @cached_property
    def months_reported(self) -> tuple[str, ...]:
        """The months of which there are activities, in order."""
        return tuple(sorted(self.rows["month"].unique()))

    @cached_property
    def people(self) -> pd.DataFrame:
        """The people of each activity by ``part``: of ``PEOPLE``, of whom no group tells, or ``people_not_known``."""
        return people_of(self.rows).join(self.rows[[*DIMENSIONS, *SOURCE]], on="row")

    @cached_property
    def planned(self) -> pd.DataFrame:
        """What is planned for whole scopes (``place`` is empty) and for first administrative levels."""
        whole = self.planning.assign(place=NATIONAL, place_name="")
        planned = pd.concat([whole, self.planned_places], ignore_index=True) if len(self.planned_places) else whole
        texts = planned.select_dtypes(["category", "string"]).columns
        planned = planned.astype(dict.fromkeys(texts, "str"))
        invented = planned["source"].str.lower().str.startswith("illustrative")
        return planned.assign(amount=planned["value"], rows=1, origin="planning", illustrative=invented)

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """The entries of the whole plan's money, by name; none where only totals are known."""
        flows = NO_FLOWS if self.funding_flows is None else self.funding_flows
        entries = named_entries(funding_ledger(flows, plan_id=self.year.fts_plan_id))
        entries = entries.merge(flows[["flow_id", *SOURCE]].drop_duplicates("flow_id"), on="flow_id", how="left")
        return entries.assign(amount=entries["amount_usd"], rows=1)

    @cached_property
    def totals_by_sector(self) -> pd.DataFrame | None:
        """The plan's own rows of the source's totals by sector, where it gives them."""
        if self.funding_totals is None:
            return None
        own = totals_of_plan(self.funding_totals, self.year.fts_plan_id)
        rows = own[own["grouped_by"] == "sector"]
        return rows.assign(sector=rows["part"], rows=1) if len(rows) else None

    def source(self, name: str) -> str:
        """Name the producer of a table and the day it is of; empty where there is no such table."""
        source = self.sources.get(name)
        return f"{source.producer}, {source.as_of or 'no date'}" if source else ""

    def is_illustrative(self, name: str) -> bool:
        """Tell whether a table is made up for illustration."""
        return name in self.sources and self.sources[name].illustrative

    def counted(self, people: pd.DataFrame, method: Method) -> pd.DataFrame:
        """The parts of people that count towards people reached, by the type of their indicator."""
        counts = people["indicator_type"].isin(method.counted_indicator_types)
        return people[counts & people["rmrp_activity"].eq("Yes")] if method.rmrp_activities_only else people[counts]

    @remembered
    def new_by_sector(self, method: Method, organisations: tuple[str, ...]) -> pd.DataFrame:
        """New beneficiaries as the models take them: of everybody, and of each of these organisations alone."""
        return new_by_sector(self.people_by_sector(method, organisations), method.intersector_level)

    @remembered
    def people_by_sector(self, method: Method, organisations: tuple[str, ...]) -> pd.DataFrame:
        """The parts of people who count by ``PLACE_MONTH_SECTOR``, of everybody and of these organisations.

        Sectors that reach nobody are left out.
        """
        people = whose(self.counted(self.people, method), organisations)
        sums = people[people["sector"].isin(TIE_ORDER)].groupby([*PLACE_MONTH_SECTOR, "part"], observed=True)
        return sums[["amount", "key"]].sum().reset_index().round({"amount": DECIMALS})

    @remembered
    def people_unseen(self, method: Method, organisations: tuple[str, ...]) -> pd.Series:
        """New beneficiaries whom the method's model cannot see: in no group, or in a group without shares.

        Empty where the model does not work by shares.
        """
        new, rule = self.new_by_sector(method, organisations), self.year.rule_of(method.intersector_model)
        if rule not in NEEDS_PROPORTIONS:
            return new[NEW].iloc[:0]
        if rule == "southern_cone_modelled":
            new = new[new.index.get_level_values("sector").isin(ALTERNATIVES)]
        shares = shares_of(new, self.proportions.get(method.age_gender_proportions), method=method)
        pairs = {group: [pair for pair, (of, _) in PAIRS.items() if of == group] for group in POPULATION_GROUPS}
        seen = sum(new[group].where(shares[pairs[group]].sum(axis="columns") > 0, 0.0) for group in pairs)
        return (new[NEW] - seen).clip(lower=0).round(DECIMALS)

    @remembered
    def fractions(self, method: Method, model: str, organisations: tuple[str, ...]) -> Fractions | None:
        """What a model keeps; None where it lacks age-gender proportions."""
        proportions = self.proportions.get(method.age_gender_proportions)
        new, rule = self.new_by_sector(method, organisations), self.year.rule_of(model)
        return fractions(new, rule=rule, method=method, proportions=proportions)

    @remembered
    def people_under(
        self, method: Method, model: str, organisations: tuple[str, ...], of: Literal["activities", "sectors"]
    ) -> pd.DataFrame | None:
        """The parts of people that a model keeps of activities, or of what sectors reached in a place and month.

        None where it lacks age-gender proportions.
        """
        own = self.fractions(method, model, organisations)
        if own is None:
            return None
        if of == "sectors":
            every = self.people_by_sector(method, organisations)
        else:
            every = whose(self.counted(self.people, method), organisations)
        return kept(every, own, method.intersector_level)

    @remembered
    def planned_rows(self, measure: str, method: Method) -> pd.DataFrame:
        """The planning rows that make the figure of each sector in each place; see ``metrics.planned``."""
        return planned_rows(self.planned, measure, method)


def _joined(used: pd.Series, refused: pd.Series) -> Any:
    """A column of used and of refused rows; texts stay Categoricals."""
    if isinstance(used.dtype, pd.CategoricalDtype):
        texts = refused.astype(used.cat.categories.dtype).astype("category")
        return union_categoricals([used, texts], sort_categories=True)
    return pd.concat([used, refused], ignore_index=True)


def whose(people: pd.DataFrame, organisations: Sequence[str]) -> pd.DataFrame:
    """Give the people of everybody (``of`` is empty), and once more those of each of these organisations."""
    kind = pd.CategoricalDtype(["", *organisations])
    everybody = people.assign(of=pd.Categorical.from_codes(np.zeros(len(people), "int8"), dtype=kind))
    own = people[people["organisation"].isin(organisations)]
    return pd.concat([everybody, own.assign(of=own["organisation"].astype(kind))], ignore_index=True)
