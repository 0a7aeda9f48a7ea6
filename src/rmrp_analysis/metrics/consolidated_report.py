"""R4V's consolidated report: for every country, sector and month the people attended and the people reached so far."""

from collections.abc import Mapping
from typing import Literal

import pandas as pd

from rmrp_analysis.counting import Method, Period
from rmrp_analysis.metrics.counts import (
    Consolidated,
    MonthlyTotals,
    NewBeneficiaries,
    monthly_totals,
    new_by_sector,
)
from rmrp_analysis.metrics.intersector import taken_by_model
from rmrp_analysis.vocabulary import INTERSECTOR, TIE_ORDER, PlanYear

Level = Literal["country", "place"]
SCOPES: Mapping[Level, list[str]] = {"country": ["country"], "place": ["country", "place"]}


def consolidated_report(
    activities: pd.DataFrame,
    *,
    period: Period,
    method: Method,
    year: PlanYear,
    proportions: pd.DataFrame | None = None,
    by: Level = "country",
) -> pd.DataFrame:
    """People attended and people reached by ``country``, ``sector`` (with ``Intersector``) and ``month``, one row each.

    ``monthly_total`` and ``monthly_total_with_cva`` are of the month alone and must not be added over months; the
    intersector ones are the sum of the sectors under every model. The ``consolidated_`` columns run from the start of
    the period to the end of the month. Every sector and month is there; what a model does not keep is NA. With ``by``
    as ``place`` each ``place`` of a country has its rows: the country's are their sum, never to be added to them.
    """
    in_period = activities[activities["month"].between(period.start, period.end)]
    if method.rmrp_activities_only:
        in_period = in_period[in_period["rmrp_activity"] == "Yes"]
    scope = SCOPES[by]
    monthly = MonthlyTotals(_complete(_with_all(monthly_totals(in_period, method=method, scope=scope)), period))
    new = new_by_sector(in_period, method=method)
    taken = taken_by_model(new, year=year, method=method, proportions=proportions)
    reached = _consolidated(new, new * float("nan") if taken is None else taken, scope, period)
    return pd.concat([monthly.table, reached.table.add_prefix("consolidated_")], axis="columns").reset_index()


def _consolidated(new: pd.DataFrame, taken: pd.DataFrame, scope: list[str], period: Period) -> Consolidated:
    by_sector = new.groupby(level=[*scope, "sector", "month"]).sum()
    together = taken.groupby(level=[*scope, "month"]).sum(min_count=1)
    flows = pd.concat([by_sector, _as_intersector(together)])
    return NewBeneficiaries(_complete(flows, period)).consolidated(period.months)


def _with_all(monthly: MonthlyTotals) -> pd.DataFrame:
    together = monthly.table.groupby(level=[name for name in monthly.table.index.names if name != "sector"]).sum()
    return pd.concat([monthly.table, _as_intersector(together)])


def _as_intersector(table: pd.DataFrame) -> pd.DataFrame:
    *scope, month = (str(name) for name in table.index.names)
    return pd.concat({INTERSECTOR: table}, names=["sector"]).reorder_levels([*scope, "sector", month])


def _complete(table: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Every sector and month of every country (place) that reports; 0 where nobody was reported."""
    scopes = table.reset_index(["sector", "month"]).index.unique().sort_values()
    keys = [
        (*(scope if isinstance(scope, tuple) else (scope,)), sector, month)
        for scope in scopes
        for sector in (*TIE_ORDER, INTERSECTOR)
        for month in period.months
    ]
    return table.reindex(pd.MultiIndex.from_tuples(keys, names=table.index.names), fill_value=0.0)
