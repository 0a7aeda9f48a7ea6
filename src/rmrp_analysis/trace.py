"""From a figure back to its rows: every source row behind it, and what each contributed."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.counting import Method, Period
from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.key_figures import AllSectors, Reported, reported
from rmrp_analysis.metrics.intersector import ALTERNATIVES
from rmrp_analysis.plan import Plan
from rmrp_analysis.vocabulary import (
    AGE_GENDER_GROUPS,
    OTHER_GENDER_GROUPS,
    PLATFORM_OF,
    POPULATION_GROUPS,
    REGION,
    fold,
)

COLUMNS = ("figure", "file", "line", "contribution")
ACTIVITY_KEYS = (
    "month",
    "country",
    "admin1",
    "sector",
    "appealing_organisation",
    "implementing_partner",
    "indicator_code",
    "indicator_type",
    "new_beneficiaries",
)
PLANNING_KEYS = ("sector", "scope", "population_group", "measure", "value", "source")
MONEY_KEYS = ("flow_id", "amount_usd", "sector", "country", "donor", "recipient_id")
PLACE_MONTH_SECTOR = ["country", "place", "month", "sector"]
PARTS_OF_SHARES: Mapping[str, tuple[str, str]] = {
    "target_coverage": ("people_reached", "target"),
    "need_coverage": ("people_reached", "people_in_need"),
    "funding_coverage": ("funding_usd", "requirement_usd"),
}


def trace(
    plan: Plan, sector: str, figure: str, *, platform: str = REGION, period: Period, method: Method | None = None
) -> pd.DataFrame:
    """The source rows behind a figure: ``figure``, ``file``, ``line``, ``contribution``, then key columns of the row.

    The contributions add up to the figure. Of a share, the rows of the numerator contribute and those of the
    denominator stand beside them with 0. A count of organisations has 1 in the first row that names each of them. An
    intersector figure shows every row that could count, with 0 where the model took another sector's; where a model
    splits groups by proportions, a row's contribution is its part of what the model took of its place and sector.
    Raises ``RequestError`` for a figure that is unknown or has no value in this sector and scope.
    """
    rows = _Traced(reported(plan, sector, platform=platform, period=period, method=method or Method()))
    traced = rows.behind(figure)
    others = [column for column in traced.columns if column not in COLUMNS]
    return traced[[*COLUMNS, *others]].reset_index(drop=True)


class _Traced:
    """The rows of one sheet, by the figure that they make."""

    def __init__(self, of: Reported) -> None:
        self._of = of
        self._tracers: dict[str, Callable[[], pd.DataFrame]] = {
            **{name: partial(self._planned, name) for name in ("people_in_need", "target", "requirement_usd")},
            "people_reached": self._people_reached,
            "people_reached_by_platform": lambda: self._with_part(self._people_reached(), _platform),
            "people_reached_by_month": lambda: self._with_part(self._people_reached(), lambda rows: rows["month"]),
            "reporting_partners": lambda: self._organisations("appealing_organisation"),
            "implementing_partners": lambda: self._organisations("implementing_partner"),
            "activities": lambda: self._activities(pd.Series(1.0, index=self._of.activities.index)),
            "funding_usd": self._funding,
            "donors": lambda: self._givers("donor_ids"),
            "funded_organisations": lambda: self._givers("recipient_ids"),
            "unmet_usd": self._unmet,
            **{name: partial(self._share, *parts) for name, parts in PARTS_OF_SHARES.items()},
        }

    def behind(self, figure: str) -> pd.DataFrame:
        """The rows of a figure; see ``trace``."""
        if figure not in self._tracers:
            raise RequestError(f"unknown figure '{figure}'; {did_you_mean(figure, self._tracers)}")
        if self._of.value(figure.partition("_by_")[0]) is None:
            raise RequestError(f"{figure} has no value here: {self._of.reason(figure)}")
        return self._tracers[figure]().assign(figure=lambda rows: rows.get("figure", pd.Series(figure, rows.index)))

    def _planned(self, measure: str) -> pd.DataFrame:
        rows = self._of.planned_rows(measure)
        return _located(rows, PLANNING_KEYS).assign(contribution=rows["value"])

    def _activities(self, contributions: pd.Series) -> pd.DataFrame:
        rows = self._of.activities.loc[contributions.index]
        return _located(rows, ACTIVITY_KEYS).assign(contribution=contributions)

    def _people_reached(self) -> pd.DataFrame:
        activities = self._of.activities
        counted = activities[metrics.counts_people(activities, method=self._of.method)]
        if isinstance(self._of, AllSectors):
            return self._activities(_contributions(counted, self._of))
        return self._activities(counted["new_beneficiaries"].fillna(0.0))

    def _organisations(self, column: str) -> pd.DataFrame:
        names = self._of.activities[column].map({name: fold(name) for name in self._of.activities[column].unique()})
        named = names[names != ""]
        return self._activities((~named.duplicated()).astype("float64"))

    def _funding(self) -> pd.DataFrame:
        money = self._of.money_rows()
        return _located(money, [key for key in MONEY_KEYS if key in money]).assign(contribution=money["amount_usd"])

    def _givers(self, column: str) -> pd.DataFrame:
        named = self._of.organisation_rows().explode(column)
        giving = named[named[column].notna() & (named[column] != "")]
        return _located(giving, MONEY_KEYS).assign(contribution=(~giving[column].duplicated()).astype("float64"))

    def _unmet(self) -> pd.DataFrame:
        taken_off = self._funding().assign(figure="funding_usd", contribution=lambda rows: -rows["contribution"])
        return pd.concat([self._planned("requirement_usd").assign(figure="requirement_usd"), taken_off])

    def _share(self, part: str, whole: str) -> pd.DataFrame:
        denominator = self._of.value(whole)
        assert denominator  # noqa: S101 - a share without denominator has no value
        numerator = self._tracers[part]().assign(figure=part)
        numerator["contribution"] /= denominator
        return pd.concat([numerator, self._tracers[whole]().assign(figure=whole, contribution=0.0)])

    def _with_part(self, rows: pd.DataFrame, part: Callable[[pd.DataFrame], pd.Series]) -> pd.DataFrame:
        return rows.assign(part=part(rows))


def _platform(rows: pd.DataFrame) -> pd.Series:
    return rows["country"].map(PLATFORM_OF)


def _located(rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    located = rows.rename(columns={"source_file": "file", "source_line": "line"})
    return located[["file", "line", *keys]]


def _contributions(counted: pd.DataFrame, of: AllSectors) -> pd.Series:
    """What the model took of each place, month and sector, split over the rows reported there."""
    taken = of.taken
    assert taken is not None  # noqa: S101 - without proportions the figure has no value
    of_rows = counted.assign(place="") if of.method.intersector_level == "country" else counted
    keys = pd.MultiIndex.from_frame(of_rows[PLACE_MONTH_SECTOR].astype("str"))
    amounts = taken.reindex(keys).fillna(0.0)
    weights = _weights(counted, amounts, of.plan.year.consolidation[of.method.intersector_model])
    wholes = weights.groupby(keys).transform("sum")
    shares = (weights / wholes.where(wholes != 0)).fillna(0.0)
    contributions: pd.Series = shares * amounts["new_beneficiaries"].to_numpy()
    return contributions


def _weights(counted: pd.DataFrame, taken: pd.DataFrame, rule: str) -> pd.Series:
    """By what a model counts each row: its new people, those in the cells it took, or those in population groups."""
    new = counted["new_beneficiaries"].fillna(0.0)
    if rule == "largest_age_gender_cells":
        cells = [*AGE_GENDER_GROUPS, *OTHER_GENDER_GROUPS]
        return (counted[cells].fillna(0.0) * (taken[cells] != 0).to_numpy()).sum(axis="columns")
    in_groups = counted[list(POPULATION_GROUPS)].fillna(0.0).sum(axis="columns")
    if rule == "southern_cone_modelled":
        return in_groups.where(counted["sector"].isin(ALTERNATIVES), new)
    return in_groups if rule == "largest_modelled_cells" else new
