"""What is counted: one sector, or all together, in one place and period of a plan, under one method."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from rmrp_analysis import figures, metrics
from rmrp_analysis.method import Method, Period
from rmrp_analysis.metrics import Contributions
from rmrp_analysis.metrics.sums import Inside
from rmrp_analysis.once import Once
from rmrp_analysis.vocabulary import INTERSECTOR, PLACES, PLATFORMS, POPULATION_GROUPS, REGION, REGIONAL, report_id

if TYPE_CHECKING:
    from rmrp_analysis.coded import CodedTable, Codes
    from rmrp_analysis.plan import Plan


@dataclass(frozen=True, eq=False, repr=False)
class Selection(Once):
    """A part of a plan: everything that can be counted of it follows from here.

    ``sector`` may be ``Intersector``, all sectors together; ``place`` is ``region``, one of the platforms, or a country
    (ISO 3166 alpha-3) that is not a platform of its own. With ``organisation`` only what that one reported counts.
    Made by ``Plan.select``, which takes any known spelling.
    """

    plan: "Plan"
    sector: str
    place: str
    period: Period
    method: Method
    organisation: str = ""

    @property
    def report(self) -> str:
        """What files about this selection are named after: ``health``, ``health.peru``, ``health.by-iom``."""
        return report_id(self.sector, self.place, self.organisation)

    @property
    def is_intersector(self) -> bool:
        """Whether these are all sectors together."""
        return self.sector == INTERSECTOR

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries of the place (ISO 3166 alpha-3); none for the region, which has no borders."""
        return PLACES[self.place]

    # ---- What is counted ----

    def within(self, cells: metrics.Cells) -> metrics.Cells:
        """The rows or cells of activities that belong to this selection."""
        return cells.take(self._inside(cells))

    def _inside(self, cells: metrics.Cells) -> Inside:
        inside = cells.has("month", self.period.months)
        if not self.is_intersector:
            inside &= cells.has("sector", (self.sector,))
        if self.place != REGION:
            inside &= cells.has("country", self.countries)
        if self.method.rmrp_activities_only:
            inside &= cells.has("rmrp_activity", ("Yes",))
        if self.organisation:
            inside &= cells.has("organisation", (self.organisation,))
        return inside

    @cached_property
    def cells(self) -> pd.DataFrame:
        """The cells of this selection's activities (see ``metrics.cells``), a row each."""
        return self.coded_cells.table

    @cached_property
    def coded_cells(self) -> metrics.Cells:
        """The cells by codes, from which figures are added up."""
        return self.within(self.plan.cells)

    @cached_property
    def measured_rows(self) -> metrics.Cells:
        """This selection's activities, each with what figures are counted by and from."""
        return self.within(self.plan.measured_rows)

    @cached_property
    def row_numbers(self) -> "Codes":
        """Which of the plan's activities are this selection's, by their numbers."""
        return np.flatnonzero(self._inside(self.plan.measured_rows))

    @property
    def reported(self) -> "CodedTable":
        """The activities by codes, as they were loaded."""
        return self.plan.reported.taken(self.row_numbers)

    @property
    def activities(self) -> pd.DataFrame:
        """The activities as they were loaded, with file and line."""
        return self.reported.table().set_axis(self.row_numbers)

    # ---- What it comes to ----

    def people_reached(self) -> Contributions:
        """The people reached, as contributions: ``.total``, ``.by("month")``, ``.by("organisation", "age_gender")``.

        Of one sector its new beneficiaries; of all sectors what the method's consolidation model keeps of them.

        >>> from rmrp_analysis import bundled_plan, load_plan
        >>> trafficking = load_plan(bundled_plan()).select("Human Trafficking & Smuggling")
        >>> trafficking.people_reached().total
        4910.0
        """
        return self._people(self.method.intersector_model if self.is_intersector else None)

    def people_by_sector(self) -> Contributions:
        """The people that each sector reached; sectors must not be added up, since some people are in several."""
        return self._people(None)

    def people_under(self, model: str) -> Contributions:
        """The people reached by all sectors under a consolidation model, whatever the method's own."""
        return self._people(model)

    def funding(self) -> Contributions:
        """The US$ designated to this selection, by donor, organisation, country …

        Where the source does not tell them apart, or there is none, it is empty and its ``reason`` says so.

        >>> from rmrp_analysis import bundled_plan, load_plan
        >>> trafficking = load_plan(bundled_plan()).select("Human Trafficking & Smuggling")
        >>> trafficking.funding().by("donor").idxmax()
        'Donor A (sample)'
        """
        money = figures.funding(self)
        return replace(money, reason=figures.REASONS[money.reason]) if money.reason else money

    def contributions(self, name: str) -> Contributions:
        """What is behind a figure, by its name: rows, total, and any breakdown. Raises ``RequestError``.

        >>> from rmrp_analysis import bundled_plan, load_plan
        >>> load_plan(bundled_plan()).select("Human Trafficking & Smuggling").contributions("donors").total
        3.0
        """
        return figures.contributions(self, name)

    def figures(self) -> pd.DataFrame:
        """Every figure by name, exact: ``value``, ``unit``, ``rows`` behind it, ``source``, ``reason`` for no value.

        Units are people, US$ (``usd``), ``count``, and ``share`` from 0 to 1. For others to see, make a page: small
        counts are withheld there.

        >>> from rmrp_analysis import bundled_plan, load_plan
        >>> figures = load_plan(bundled_plan()).select("Human Trafficking & Smuggling").figures()
        >>> figures.loc[["people_reached", "funding_usd"], ["value", "unit", "rows"]]
                          value    unit rows
        people_reached     4910  people  160
        funding_usd     1470000     usd    6
        """
        return figures.key_figures(self).table()

    def models(self) -> pd.Series:
        """The people reached by all sectors of this place and period under every consolidation model.

        ``lower_bound`` is the largest sector of each place over the whole period: no model can give less.

        >>> from rmrp_analysis import bundled_plan, load_plan
        >>> models = load_plan(bundled_plan()).select("All sectors", place="Peru").models()
        >>> models.index.to_list()
        ['sum', 'max_sector', 'max_age_gender', 'southern_cone', 'lower_bound']
        """
        method, year = self.method, self.plan.year
        taken = {
            model: found if found is None else self._in_place_and_months(found)
            for model in year.consolidation
            for found in [self.plan.taken(method, model, self.organisation, self._own_sector)]
        }
        return metrics.scenarios(self._new_by_sector, taken, year=year, level=method.intersector_level)

    @property
    def _own_sector(self) -> str:
        return "" if self.is_intersector else self.sector

    def _in_place_and_months(self, cells: metrics.Cells) -> metrics.Cells:
        inside = cells.has("month", self.period.months)
        return cells.take(inside if self.place == REGION else inside & cells.has("country", self.countries))

    @cached_property
    def _new_by_sector(self) -> metrics.Cells:
        return self._in_place_and_months(self.plan.new_by_sector(self.method, self.organisation, self._own_sector))

    def new_by_sector(self) -> pd.DataFrame:
        """New beneficiaries of every country, place, month and sector, as the consolidation models take them."""
        return self._new_by_sector.table.set_index(metrics.PLACE_MONTH_SECTOR)

    def people_unseen(self) -> metrics.Cells:
        """People whom the method's model cannot see for want of groups or proportions, by place, month and sector."""
        return self._in_place_and_months(self.plan.people_unseen(self.method, self.organisation, self._own_sector))

    def trace(self, figure: str) -> pd.DataFrame:
        """The source rows behind a figure or breakdown, each with what it contributes; see ``figures.trace``.

        >>> from rmrp_analysis import bundled_plan, load_plan
        >>> rows = load_plan(bundled_plan()).select("Human Trafficking & Smuggling").trace("people_reached")
        >>> len(rows), int(rows["contribution"].sum())
        (160, 4910)
        """
        return figures.trace(self, figure)

    # ---- People ----

    @cached_property
    def counted_cells(self) -> metrics.Cells:
        """The cells whose people count, by the type of their indicator."""
        return self.coded_cells.take(metrics.counted(self.coded_cells, method=self.method))

    def _people(self, model: str | None) -> Contributions:
        return self.once(("people", model), lambda: self._people_counted(model))

    def _people_counted(self, model: str | None) -> Contributions:
        cells = self.within(self.plan.people(self.method, model, self.organisation))
        unseen: tuple[str, ...] = ()
        if model is not None:  # countries of whose people it sees nobody: what they reached is not known, and not 0
            unseen = metrics.countries_unseen(self.counted_cells, cells, year=self.plan.year, model=model)

        def source_rows() -> pd.DataFrame:
            rows = self.measured_rows
            rows = rows.take(metrics.counted(rows, method=self.method))
            people = self.plan.people_of(rows, self.method, model, self.organisation)
            return _not_known(people, unseen).table.rename(columns={metrics.AMOUNT: "contribution"})

        return Contributions(
            name="people_reached",
            unit="people",
            cells=_not_known(cells, unseen),
            dimensions=metrics.DIMENSIONS,
            origin="activities",
            source_rows=source_rows,
            splits={"population_group": POPULATION_GROUPS, "age_gender": self.plan.year.age_gender_groups},
            parts=self.parts,
        )

    def largest_reports(self, *, by_sector: bool = False) -> metrics.Cells:
        """The largest reports among the people reached, or those of each sector; see ``metrics.largest_reports``."""
        model = self.method.intersector_model if self.is_intersector and not by_sector else None
        return self.within(self.plan.largest_reports(self.method, model, self.organisation))

    @property
    def parts(self) -> dict[str, Sequence[str]]:
        """The parts that a breakdown always shows, whether or not anything was reported of them."""
        countries = {"country": self.countries} if self.countries else {}
        return {"platform": (*PLATFORMS, REGIONAL), "month": self.period.months, **countries}

    def __repr__(self) -> str:
        period, rows = f"{self.period.start} to {self.period.end}", int(self.coded_cells.numbers(metrics.ROWS).sum())
        of = ", ".join(filter(None, (self.sector, self.place, self.organisation)))
        return f"{of}, {period}: {rows:,} activities of {self.plan.title}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>"


def _not_known(cells: metrics.Cells, countries: Sequence[str]) -> metrics.Cells:
    """The cells with no amount for these countries."""
    if not countries:
        return cells
    known = ~cells.has("country", countries)
    amounts = (metrics.AMOUNT, *metrics.PEOPLE)
    return cells.with_numbers({column: np.where(known, cells.numbers(column), np.nan) for column in amounts})
