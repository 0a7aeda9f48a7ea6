"""The tables that figures are counted from, with what is added up of them once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

import numpy as np
import pandas as pd

from rmrp_analysis.method import Method
from rmrp_analysis.metrics.cells import AMOUNT, DIMENSIONS, ROWS, Cells, cells_of, measured, people_of
from rmrp_analysis.metrics.funding import funding_ledger, named_entries
from rmrp_analysis.metrics.funding_totals import totals_of_plan
from rmrp_analysis.metrics.keys import row_keys
from rmrp_analysis.metrics.models import OF, Fractions, fractions, kept, new_by_sector, people_by_sector
from rmrp_analysis.metrics.planned import planned_rows
from rmrp_analysis.sources import Source
from rmrp_analysis.vocabulary import NATIONAL, PlanYear

P = ParamSpec("P")
Result = TypeVar("Result")
ILLUSTRATIVE = "illustrative"
"""Whether what a row says is made up for illustration; the sources of such planning figures begin with it."""


def remembered(compute: Callable[Concatenate["Dataset", P], Result]) -> Callable[Concatenate["Dataset", P], Result]:
    """Have a method of ``Dataset`` compute what it gives once for the same arguments."""

    @wraps(compute)
    def answer(dataset: "Dataset", /, *args: P.args, **named: P.kwargs) -> Result:
        return dataset.once((compute.__name__, *args, *named.items()), lambda: compute(dataset, *args, **named))

    return answer


@dataclass(frozen=True, eq=False)
class Dataset:
    """The tables of a plan that figures follow from (columns: see ``tables``).

    From ``secret`` follow the keys of activities, by which the public sees counts rounded. What the source of money
    does not give is None.
    """

    year: PlanYear
    activities: pd.DataFrame
    secret: str
    planning: pd.DataFrame
    planned_places: pd.DataFrame
    flows: pd.DataFrame | None
    totals: pd.DataFrame | None
    proportions: Mapping[str, pd.DataFrame]
    organisations: pd.DataFrame | None
    sources: Mapping[str, Source]
    _made: dict[tuple[Any, ...], Any] = field(default_factory=dict, repr=False)

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Each activity with what figures are counted by and from."""
        return measured(self.activities, self.year, self.organisations, row_keys(self.activities, self.secret))

    @cached_property
    def cells(self) -> Cells:
        """Activities that are alike in every dimension, added up."""
        return cells_of(self.rows)

    @cached_property
    def people_of_rows(self) -> pd.DataFrame:
        """The parts of the people of each activity, as ``Cells.people`` has them of cells."""
        return people_of(self.rows).join(self.rows[DIMENSIONS], on="row")

    @cached_property
    def planned(self) -> pd.DataFrame:
        """What is planned for whole scopes (``place`` is empty) and for first administrative levels."""
        whole = self.planning.assign(place=NATIONAL, place_name="")
        planned = pd.concat([whole, self.planned_places], ignore_index=True) if len(self.planned_places) else whole
        texts = planned.select_dtypes(["category", "string"]).columns
        planned = planned.astype(dict.fromkeys(texts, "str")).rename(columns={"value": AMOUNT})
        invented = planned["source"].str.lower().str.startswith(ILLUSTRATIVE)
        facts: dict[str, Any] = {ROWS: 1, "origin": "planning", ILLUSTRATIVE: invented}
        return planned.assign(**facts)

    @cached_property
    def ledger(self) -> pd.DataFrame | None:
        """The entries of the whole plan's money, by name; None where only totals are known."""
        if self.flows is None:
            return None
        entries = named_entries(funding_ledger(self.flows, plan_id=self.year.fts_plan_id))
        columns: dict[str, Any] = {AMOUNT: entries["amount_usd"], ROWS: 1}
        return entries.assign(**columns)

    @cached_property
    def totals_by_sector(self) -> pd.DataFrame | None:
        """The plan's own rows of the source's totals by sector, where it gives them."""
        if self.totals is None:
            return None
        own = totals_of_plan(self.totals, self.year.fts_plan_id)
        rows = own[own["grouped_by"] == "sector"]
        return rows.assign(sector=rows["part"], **{ROWS: 1}) if len(rows) else None

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

    def once(self, key: tuple[Any, ...], compute: Callable[[], Result]) -> Result:
        """Give what was computed for a key before, or compute it now."""
        if key not in self._made:
            self._made[key] = compute()
        made: Result = self._made[key]
        return made

    @remembered
    def new_by_sector(self, method: Method, organisations: tuple[str, ...]) -> pd.DataFrame:
        """New beneficiaries as the models take them: of everybody, and of each of these organisations alone."""
        return new_by_sector(self.people_by_sector(method, organisations), method.intersector_level)

    @remembered
    def people_by_sector(self, method: Method, organisations: tuple[str, ...]) -> pd.DataFrame:
        """The parts of people who count, by place, month and sector, of everybody and of these organisations."""
        return people_by_sector(whose(self.counted(self.cells.people, method), organisations))

    @remembered
    def fractions(self, method: Method, model: str, organisations: tuple[str, ...]) -> Fractions | None:
        """What a model keeps; None where it lacks age-gender proportions."""
        proportions = self.proportions.get(method.age_gender_proportions)
        new, rule = self.new_by_sector(method, organisations), self.year.rule_of(model)
        return fractions(new, rule=rule, method=method, proportions=proportions)

    @remembered
    def people_under(
        self, method: Method, model: str, organisations: tuple[str, ...], of: Literal["cells", "rows", "sectors"]
    ) -> pd.DataFrame | None:
        """The parts of people that a model keeps of cells, of rows, or of what sectors reached in a place and month.

        None where it lacks age-gender proportions.
        """
        own = self.fractions(method, model, organisations)
        if own is None:
            return None
        if of == "sectors":
            every = self.people_by_sector(method, organisations)
        else:
            counted = self.counted(self.people_of_rows if of == "rows" else self.cells.people, method)
            every = whose(counted, organisations)
        return kept(every, own, method.intersector_level)

    @remembered
    def planned_rows(self, measure: str, method: Method) -> pd.DataFrame:
        """The planning rows that make the figure of each sector in each place; see ``metrics.planned``."""
        return planned_rows(self.planned, measure, method)


def whose(people: pd.DataFrame, organisations: Sequence[str]) -> pd.DataFrame:
    """Give the people of everybody (``of`` is empty), and once more those of each of these organisations."""
    kind = pd.CategoricalDtype(["", *organisations])
    everybody = people.assign(**{OF: pd.Categorical.from_codes(np.zeros(len(people), "int8"), dtype=kind)})
    own = people[people["organisation"].isin(organisations)]
    return pd.concat([everybody, own.assign(**{OF: own["organisation"].astype(kind)})], ignore_index=True)
