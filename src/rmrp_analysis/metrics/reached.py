"""People reached within one sector: the consolidated count and its breakdowns.

The consolidated count adds the *new* beneficiaries of every month, of indicators that count people in need. A partner
reports a person as new once a year under an indicator; within a sector nobody else removes repeats, so this is the
whole rule. Monthly totals are another thing and are never added. Source: R4V, RMRP 2021 activity repository.
"""

from collections.abc import Sequence

import pandas as pd

from rmrp_analysis.counting import Method, Period
from rmrp_analysis.vocabulary import (
    AGE_GENDER_GROUPS,
    INTERSECTOR,
    NATIONAL,
    NATIONAL_LEVEL,
    NOT_SPECIFIED,
    PLATFORM_OF,
    PLATFORMS,
    POPULATION_GROUPS,
    REGION,
    REGIONAL,
)

DECIMALS = 6
"""Some partners report fractions of people; sums are rounded here so that the order of rows never shows."""


def activities_in_scope(
    activities: pd.DataFrame, sector: str, *, platform: str = REGION, period: Period, method: Method
) -> pd.DataFrame:
    """The activities one sheet is about: of its sector (all of them for ``Intersector``), platform and months.

    Of these the ones that belong to the plan, if the method says so.
    """
    in_scope = activities[activities["month"].between(period.start, period.end)]
    if sector != INTERSECTOR:
        in_scope = in_scope[in_scope["sector"] == sector]
    if platform != REGION:
        in_scope = in_scope[in_scope["country"].map(PLATFORM_OF) == platform]
    if method.rmrp_activities_only:
        in_scope = in_scope[in_scope["rmrp_activity"] == "Yes"]
    return in_scope


def counts_people(activities: pd.DataFrame, *, method: Method) -> pd.Series:
    """Which activities count towards people reached, by the type of their indicator."""
    return activities["indicator_type"].isin(method.counted_indicator_types)


def people_reached(activities: pd.DataFrame, *, method: Method) -> float:
    """People reached by the activities of one sector (consolidated count).

    Never add it over sectors: whoever is reached by two sectors is in both. 0 when nobody was reached.
    """
    return round(float(activities.loc[counts_people(activities, method=method), "new_beneficiaries"].sum()), DECIMALS)


def people_reached_by_platform(activities: pd.DataFrame, *, method: Method) -> pd.Series:
    """People reached by platform, ``Regional`` last; NA where one has no activity, 0 where nobody was reached."""
    platforms = activities["country"].map(PLATFORM_OF)
    return _new_beneficiaries_by(platforms, activities, (*PLATFORMS, REGIONAL), method=method)


def people_reached_by_country(activities: pd.DataFrame, *, platform: str, method: Method) -> pd.Series:
    """People reached by country (ISO 3166 alpha-3) of a platform; NA where one has no activity."""
    return _new_beneficiaries_by(activities["country"], activities, PLATFORMS[platform], method=method)


def people_reached_by_admin1(activities: pd.DataFrame, *, method: Method) -> pd.Series:
    """People reached by the name of the admin1, as most rows spell it; ``national`` where none is named."""
    names = place_names(activities)
    by_place = _new_beneficiaries_by(activities["place"], activities, tuple(names), method=method)
    return by_place.rename(names)


def place_names(activities: pd.DataFrame) -> dict[str, str]:
    """The name of every place, as most rows spell it, in the order of the alphabet; ``national`` comes last."""
    spelled = activities.groupby("place")["admin1"].agg(lambda names: names.value_counts(sort=True).index[0])
    named = {str(place): NATIONAL_LEVEL if place == NATIONAL else str(name) for place, name in spelled.items()}
    return dict(sorted(named.items(), key=lambda item: (item[0] == NATIONAL, item[1])))


def people_reached_by_month(activities: pd.DataFrame, *, period: Period, method: Method) -> pd.Series:
    """People newly reached in each month of the period; NA for a month without any report.

    The months add up to the people reached in the period.
    """
    return _new_beneficiaries_by(activities["month"], activities, period.months, method=method)


def people_reached_by_population_group(activities: pd.DataFrame, *, method: Method) -> pd.Series:
    """People reached by population group, then ``not specified``: what is missing to the people reached.

    ``not specified`` is below 0 when partners report more people in groups than people reached.
    """
    return _split(activities, POPULATION_GROUPS, method=method)


def people_reached_by_age_gender(
    activities: pd.DataFrame, *, method: Method, groups: Sequence[str] = AGE_GENDER_GROUPS
) -> pd.Series:
    """People reached by the plan year's age and gender groups, then ``not specified`` (see the population groups)."""
    return _split(activities, groups, method=method)


def _new_beneficiaries_by(
    keys: pd.Series, activities: pd.DataFrame, order: Sequence[str], *, method: Method
) -> pd.Series:
    counted = activities["new_beneficiaries"].where(counts_people(activities, method=method), 0)
    return pd.Series(counted.groupby(keys).sum().round(DECIMALS), index=list(order))


def _split(activities: pd.DataFrame, groups: Sequence[str], *, method: Method) -> pd.Series:
    counted = activities[counts_people(activities, method=method)]
    parts = {group: round(float(counted[group].sum()), DECIMALS) for group in groups}
    remainder = people_reached(activities, method=method) - sum(parts.values())
    return pd.Series(parts | {NOT_SPECIFIED: round(remainder, DECIMALS)})
