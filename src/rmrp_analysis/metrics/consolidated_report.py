"""R4V's consolidated report: for every country, sector and month the people attended and the people reached so far."""

import pandas as pd

from rmrp_analysis.counting import Method, Period
from rmrp_analysis.metrics.counts import (
    PEOPLE,
    Consolidated,
    MonthlyTotals,
    NewBeneficiaries,
    monthly_totals,
    new_by_sector,
)
from rmrp_analysis.metrics.intersector import taken_by_model
from rmrp_analysis.vocabulary import INTERSECTOR, TIE_ORDER, PlanYear

ROWS = ["country", "sector", "month"]


def consolidated_report(
    activities: pd.DataFrame,
    *,
    period: Period,
    method: Method,
    year: PlanYear,
    proportions: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """People attended and people reached by ``country``, ``sector`` (with ``Intersector``) and ``month``, one row each.

    ``monthly_total`` and ``monthly_total_with_cva`` are of the month alone and must not be added over months; the
    intersector ones are the sum of the sectors under every model. The ``consolidated_`` columns run from the start of
    the period to the end of the month. Every sector and month is there; what a model does not keep is NA.
    """
    in_period = activities[activities["month"].between(period.start, period.end)]
    if method.rmrp_activities_only:
        in_period = in_period[in_period["rmrp_activity"] == "Yes"]
    monthly = _monthly_with_all(in_period, period, method)
    reached = consolidated_by_country(in_period, period=period, method=method, year=year, proportions=proportions)
    return pd.concat(
        [
            monthly.table.rename(columns={"total": "monthly_total", "total_with_cva": "monthly_total_with_cva"}),
            reached.table[[*PEOPLE]].add_prefix("consolidated_"),
        ],
        axis="columns",
    ).reset_index()


def consolidated_by_country(
    activities: pd.DataFrame,
    *,
    period: Period,
    method: Method,
    year: PlanYear,
    proportions: pd.DataFrame | None = None,
) -> Consolidated:
    """People reached from the start of the period to the end of each of its months, by country and sector."""
    new = new_by_sector(activities, method=method)
    by_sector = new.groupby(level=["country", "sector", "month"]).sum()
    taken = taken_by_model(new, year=year, method=method, proportions=proportions)
    together = new.assign(**dict.fromkeys(PEOPLE, float("nan"))) if taken is None else taken
    intersector = together.groupby(level=["country", "month"]).sum(min_count=1)
    flows = pd.concat([by_sector, _as_sector(INTERSECTOR, intersector)])
    return NewBeneficiaries(_complete(flows, period)).consolidated(period.months)


def _monthly_with_all(activities: pd.DataFrame, period: Period, method: Method) -> MonthlyTotals:
    by_sector = monthly_totals(activities, method=method).table
    together = _as_sector(INTERSECTOR, by_sector.groupby(level=["country", "month"]).sum())
    return MonthlyTotals(_complete(pd.concat([by_sector, together]), period))


def _as_sector(name: str, table: pd.DataFrame) -> pd.DataFrame:
    return pd.concat({name: table}, names=["sector"]).reorder_levels(ROWS)


def _complete(table: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Every sector and month of every country that reports; 0 where nobody was reported."""
    countries = sorted(table.index.unique("country"))
    rows = pd.MultiIndex.from_product([countries, [*TIE_ORDER, INTERSECTOR], period.months], names=ROWS)
    return table.reindex(rows, fill_value=0.0)
