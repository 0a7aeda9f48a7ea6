"""Named checks on activities: each says which rows look wrong, and never changes or removes one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from rmrp_analysis.counting import Period
from rmrp_analysis.vocabulary import AGE_GENDER_GROUPS, OTHER_GENDER_GROUPS, POPULATION_GROUPS, UNKNOWN_INDICATOR

PEOPLE_IN_NEED = "people in need"


@dataclass(frozen=True)
class Check:
    """A rule that a good row keeps. ``fails`` tells for each activity whether it does not."""

    column: str
    severity: str
    allowed: str
    fails: Callable[[pd.DataFrame], pd.Series]


def _through_nobody(activities: pd.DataFrame) -> pd.Series:
    return (activities["implementation_setup"] == "Yes") & (activities["implementing_partner"] == "")


def _new_above_total(activities: pd.DataFrame) -> pd.Series:
    return activities["new_beneficiaries"] > activities["total_monthly_beneficiaries"]


def _unlike_sum_of(groups: tuple[str, ...]) -> Callable[[pd.DataFrame], pd.Series]:
    def fails(activities: pd.DataFrame) -> pd.Series:
        counted = activities["indicator_type"] == PEOPLE_IN_NEED
        difference = activities["new_beneficiaries"] - activities[list(groups)].sum(axis="columns")
        return counted & (difference.abs() > 1e-6)

    return fails


def _unknown_indicator(activities: pd.DataFrame) -> pd.Series:
    return activities["indicator_type"] == UNKNOWN_INDICATOR


CHECKS: Mapping[str, Check] = {
    "unknown_indicator": Check(
        "indicator", "error", "an indicator of the plan year; its people are not counted", _unknown_indicator
    ),
    "missing_implementing_partner": Check(
        "implementing_partner", "warning", "a name, since the set-up is Yes", _through_nobody
    ),
    "new_above_total": Check(
        "new_beneficiaries", "warning", "at most the total monthly beneficiaries", _new_above_total
    ),
    "population_groups_unlike_new": Check(
        "new_beneficiaries", "warning", "the sum of the five population groups", _unlike_sum_of(POPULATION_GROUPS)
    ),
    "age_gender_unlike_new": Check(
        "new_beneficiaries",
        "warning",
        "the sum of girls, boys, women, men and other",
        _unlike_sum_of((*AGE_GENDER_GROUPS, *OTHER_GENDER_GROUPS)),
    ),
}


def findings(activities: pd.DataFrame, *, period: Period) -> pd.DataFrame:
    """One row a fault found, as loaders tell of faults, with the ``people`` newly reached by it; most people first."""
    outside = Check("month", "warning", f"{period.start} to {period.end}; not counted", _outside(period))
    checks = {**CHECKS, "outside_period": outside}
    found = pd.concat([_findings_of(name, check, activities) for name, check in checks.items()], ignore_index=True)
    return found.sort_values(
        ["people", "file", "line", "check"], ascending=[False, True, True, True], ignore_index=True
    )


def _outside(period: Period) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda activities: ~activities["month"].between(period.start, period.end)


def _findings_of(name: str, check: Check, activities: pd.DataFrame) -> pd.DataFrame:
    rows = activities[check.fails(activities)]
    return pd.DataFrame(
        {
            "file": rows["source_file"].astype("str"),
            "line": rows["source_line"],
            "column": check.column,
            "check": name,
            "severity": check.severity,
            "value": rows[check.column].astype("str"),
            "allowed": check.allowed,
            "people": rows["new_beneficiaries"].fillna(0),
        }
    )
