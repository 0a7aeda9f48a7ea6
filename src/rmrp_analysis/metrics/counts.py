"""Three kinds of count that look alike and must never be added to each other: new, consolidated and monthly.

*New* beneficiaries are counted once a year under a partner and indicator: a flow, to be added over months and places.
*Consolidated* is what they come to by the end of a month: a stock, the figure that R4V publishes. *Monthly* is
everybody attended in a month, repeats included. Each is a type of its own that knows no addition.
Source: R4V, RMRP 2021 activity repository, description of the data.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from rmrp_analysis.counting import Method
from rmrp_analysis.metrics.reached import DECIMALS, counts_people
from rmrp_analysis.vocabulary import AGE_GENDER_GROUPS, OTHER_GENDER_GROUPS, POPULATION_GROUPS, TIE_ORDER

PLACE_MONTH = ["country", "place", "month"]
NEW = "new_beneficiaries"
NEW_WITH_CVA = "new_with_cva"
AGE_GENDER_CELLS = (*AGE_GENDER_GROUPS, *OTHER_GENDER_GROUPS)
PEOPLE = (NEW, *POPULATION_GROUPS, *AGE_GENDER_CELLS, NEW_WITH_CVA)


@dataclass(frozen=True)
class Consolidated:
    """People reached by the end of each month, without double counting as far as the method goes (a stock)."""

    table: pd.DataFrame


@dataclass(frozen=True)
class MonthlyTotals:
    """People attended in each month (``monthly_total``, ``monthly_total_with_cva``); who comes again counts again."""

    table: pd.DataFrame


@dataclass(frozen=True)
class NewBeneficiaries:
    """People counted for the first time this year, by ``month`` and at least one other level of its index (a flow).

    The columns are ``PEOPLE``; one that a model does not keep is NA throughout.
    """

    table: pd.DataFrame

    def consolidated(self, months: Sequence[str]) -> Consolidated:
        """The count by the end of each of these months; a month without a report carries the count forward."""
        others = [str(name) for name in self.table.index.names if name != "month"]
        groups = self.table.reset_index("month").index.unique()
        keys = [(*(group if isinstance(group, tuple) else (group,)), month) for group in groups for month in months]
        every_month = pd.MultiIndex.from_tuples(keys, names=[*others, "month"])
        flows = self.table.reorder_levels([*others, "month"]).reindex(every_month, fill_value=0.0)
        not_kept = flows.isna().groupby(level=others, sort=False).transform("any")
        return Consolidated(flows.groupby(level=others, sort=False).cumsum().mask(not_kept).round(DECIMALS))


def new_by_sector(activities: pd.DataFrame, *, method: Method) -> pd.DataFrame:
    """New beneficiaries of every country, place, month and sector (in ``TIE_ORDER``): the columns ``PEOPLE``.

    Only of indicators that count people, and of sectors that reach people.
    """
    counted = activities[counts_people(activities, method=method) & activities["sector"].isin(TIE_ORDER)]
    with_cva = counted[NEW].where(counted["cva"] == "Yes", 0)
    sums = counted.assign(new_with_cva=with_cva).groupby([*PLACE_MONTH, "sector"])[list(PEOPLE)].sum()
    ranked = sums.reset_index().sort_values(
        [*PLACE_MONTH, "sector"], key=lambda keys: keys.map(TIE_ORDER.index) if keys.name == "sector" else keys
    )
    return (
        ranked.astype(dict.fromkeys([*PLACE_MONTH, "sector"], "str"))
        .set_index([*PLACE_MONTH, "sector"])
        .round(DECIMALS)
    )


def monthly_totals(activities: pd.DataFrame, *, method: Method, scope: Sequence[str] = ("country",)) -> MonthlyTotals:
    """People attended by ``scope``, sector and month, and those among them who got cash or vouchers."""
    counted = activities[counts_people(activities, method=method) & activities["sector"].isin(TIE_ORDER)]
    total = counted["total_monthly_beneficiaries"]
    sums = (
        counted.assign(monthly_total=total, monthly_total_with_cva=total.where(counted["cva"] == "Yes", 0))
        .groupby([*scope, "sector", "month"])[["monthly_total", "monthly_total_with_cva"]]
        .sum()
    )
    return MonthlyTotals(sums.round(DECIMALS))
