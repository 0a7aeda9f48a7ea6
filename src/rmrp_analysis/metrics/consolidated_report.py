"""R4V's consolidated report: for every country, sector and month the people attended and the people reached so far.

Three kinds of count look alike and must never be added to each other. *New* beneficiaries are counted once a year under
a partner and indicator: a flow, to be added over months and places. *Consolidated* is what they come to by the end of a
month: a stock, the figure that R4V publishes. *Monthly* is everybody attended in a month, repeats included.
Source: R4V, RMRP 2021 activity repository, description of the data.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import pandas as pd

from rmrp_analysis.method import Method, Period
from rmrp_analysis.metrics.cells import TOTAL_MONTHLY, measured_rows
from rmrp_analysis.metrics.consolidation import new_by_sector, taken_by_model
from rmrp_analysis.metrics.contributions import DECIMALS
from rmrp_analysis.metrics.reached import counts_people
from rmrp_analysis.metrics.sums import Cells
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
    rows = measured_rows(activities[activities["month"].between(period.start, period.end)])
    if method.rmrp_activities_only:
        rows = rows[rows["rmrp_activity"] == "Yes"]
    counted = rows[counts_people(rows, method=method) & rows["sector"].isin(TIE_ORDER)]
    scope = SCOPES[by]
    total = counted[TOTAL_MONTHLY]
    attended = (
        counted.assign(monthly_total=total, monthly_total_with_cva=total.where(counted["cva"] == "Yes", 0))
        .groupby([*scope, "sector", "month"])[["monthly_total", "monthly_total_with_cva"]]
        .sum()
        .round(DECIMALS)
    )
    attended_together = _as_intersector(attended.groupby(level=[*scope, "month"]).sum())
    monthly = _complete(pd.concat([attended, attended_together]), period)
    new = new_by_sector(Cells(counted))
    taken = taken_by_model(new, year=year, method=method, proportions=proportions)
    kept = new * float("nan") if taken is None else taken
    by_sector = new.groupby(level=[*scope, "sector", "month"]).sum()
    together = _as_intersector(kept.groupby(level=[*scope, "month"]).sum(min_count=1))
    reached = consolidated(_complete(pd.concat([by_sector, together]), period), period.months)
    return pd.concat([monthly, reached.add_prefix("consolidated_")], axis="columns").reset_index()


def consolidated(new: pd.DataFrame, months: Sequence[str]) -> pd.DataFrame:
    """New beneficiaries by ``month`` and other levels, added up to the end of each of these months.

    A month without a report carries the count forward; a column that a model does not keep is NA throughout.
    """
    others = [str(name) for name in new.index.names if name != "month"]
    groups = new.reset_index("month").index.unique()
    keys = [(*(group if isinstance(group, tuple) else (group,)), month) for group in groups for month in months]
    every_month = pd.MultiIndex.from_tuples(keys, names=[*others, "month"])
    flows = new.reorder_levels([*others, "month"]).reindex(every_month, fill_value=0.0)
    not_kept = flows.isna().groupby(level=others, sort=False).transform("any")
    return flows.groupby(level=others, sort=False).cumsum().mask(not_kept).round(DECIMALS)


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
