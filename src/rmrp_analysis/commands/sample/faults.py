"""Choose where the faults of real files are planted in a sample: each fault has its own countries."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from rmrp_analysis.commands.sample.series import (
    COUNTRY_HEADER,
    NO_FAULT_CODE,
    NO_FAULT_ROW,
    ORGANISATION_HEADER,
    PARTNER_SECTOR_COLUMNS,
    PLANTED_COLUMNS,
    SECTOR_HEADER,
    THOUSANDTHS_PER_UNIT,
    Sample,
    find_active,
)
from rmrp_analysis.words import N_

NOT_FILLED, LATE_COUNTRY, LATE_PARTNERS = N_("column not filled"), N_("late country"), N_("late partners")
"""Faults: new beneficiaries are not filled in one month, or reports of a country, or of some partners, are late."""
EVERYBODY_NEW, LARGE_REPORT = N_("everybody as new"), N_("one report that makes most")
"""Faults: all people assisted are reported as new, or one report makes most of a sector's people."""
GROUPS_OF_ASSISTED, TWO_VERSIONS = N_("groups of the assisted"), N_("two versions")
"""Faults: groups add up to all people assisted instead of the new people, or a report is sent twice, with other
numbers."""
LATE_FAULTS = (LATE_COUNTRY, LATE_PARTNERS)
"""Faults that take reports of the last month away."""
PEOPLE_FAULTS = (NOT_FILLED, EVERYBODY_NEW, GROUPS_OF_ASSISTED, LARGE_REPORT)
"""Faults of rows that count people. The others are of whole reports."""

NOT_FILLED_MONTH_INDEX = 2
"""March is the month that is not filled: later most partners have counted more people than they assist in a month."""
MIN_PARTNERS_NOT_FILLED, MIN_PARTNERS_LATE = 3, 2
"""The fewest partners of a country that does not fill a column, and of a country with late reports."""
MIN_PEOPLE_OF_SECTOR, SMALL_SECTOR_PEOPLE_RANGE = 2000, (1000, 3000)
"""New people expected of a sector in a country: the fewest for a fault of all its reports, and the range of a small
sector."""
MIN_MONTHS_OF_SECTOR = 3
"""The fewest months in which a sector reports in a country, for a fault of all its reports."""
MIN_PEOPLE_OF_VERSION = 200
"""The fewest people of a report that is sent twice. Of fewer than 100, one person more is more than 1 %."""
MAX_SHARE_OF_PEOPLE = 0.01
"""The largest share of all people in a report that is sent twice, and in the sector of the large report."""
MAX_LATE_PARTNERS = 3
"""The most partners that are late, in a country with more partners than these."""


def plant_faults(sample: Sample, last_month: int, seed: int) -> Sample:
    """Return the sample with faults in months up to the number ``last_month``.

    Late reports are late in this last month. Fills ``planted``, and adds ``fault_row`` to
    ``series``. A fault that fits nowhere is not planted, since small samples have few countries. Columns of
    ``planted``:

    - ``fault``
    - ``organisation``, ``country``, ``sector``, ``month`` (its number) and ``series``: NA if the fault does not name it
    - ``added_people``: the people added to the large report, NA for other faults
    """
    chance = np.random.RandomState([seed, 2])
    reports = list_expected_reports(sample, last_month)
    planted = []
    for fault, find in PLACE_FINDER_BY_FAULT.items():
        places = find(reports).assign(fault=fault)
        count = MAX_LATE_PARTNERS if fault == LATE_PARTNERS else 1
        chosen = places.iloc[np.argsort(chance.random_sample(len(places)), kind="stable")[:count]]
        reports = reports[~reports["country"].isin(chosen["country"])]
        planted.append(chosen)
    table = pd.concat(planted, ignore_index=True).reindex(columns=PLANTED_COLUMNS)
    return replace(sample, planted=table, series=sample.series.assign(fault_row=find_fault_rows(sample, table)))


def list_expected_reports(sample: Sample, last_month: int) -> pd.DataFrame:
    """Return a row for each usable report up to a month, before anything is drawn.

    Columns:

    - ``series`` and ``month``: numbers
    - ``months_ago``: 0 in the last month
    - ``organisation``, ``country``, ``sector``
    - ``people``: the new people in need expected, 0 if the indicator counts no people in need
    - ``quiet``: true in a series without new people in some months
    """
    series = sample.series
    is_usable = (series["unusable"] == NO_FAULT_CODE).to_numpy()
    is_active = np.column_stack([find_active(sample, month) & is_usable for month in range(last_month + 1)])
    number, month = np.nonzero(is_active)
    texts = list_partner_sectors(sample).iloc[number].reset_index(drop=True)
    is_in_need = sample.pool.numbers["kind"].iloc[series["record"]].to_numpy()[number] == "Pin"
    people = np.where(is_in_need, series["level"].to_numpy()[number] / THOUSANDTHS_PER_UNIT, 0)
    quiet = series["quiet"].to_numpy()[number]
    return texts.assign(series=number, month=month, months_ago=last_month - month, people=people, quiet=quiet)


def list_partner_sectors(sample: Sample) -> pd.DataFrame:
    """Return the ``organisation``, ``country`` and ``sector`` of each series, a row each, as categories."""
    texts = sample.pool.texts[[ORGANISATION_HEADER, COUNTRY_HEADER, SECTOR_HEADER]].astype("category")
    return texts.set_axis(PARTNER_SECTOR_COLUMNS, axis="columns").iloc[sample.series["record"]].reset_index(drop=True)


def find_fault_rows(sample: Sample, planted: pd.DataFrame) -> pd.Series:
    """Return the row number of ``planted`` for each series, or ``NO_FAULT_ROW``.

    An unusable report may only be late.
    """
    keys = list_partner_sectors(sample).assign(series=sample.series.index)
    is_usable = sample.series["unusable"] == NO_FAULT_CODE
    rows = pd.Series(NO_FAULT_ROW, keys.index)
    for number, (_, fault) in enumerate(planted.iterrows()):
        place = fault[keys.columns].dropna()
        is_inside = (keys[place.index] == place).all(axis=1)
        rows = rows.mask(is_inside & (is_usable | (fault["fault"] in LATE_FAULTS)), number)
    return rows


def find_countries_to_leave_empty(reports: pd.DataFrame) -> pd.DataFrame:
    """Return countries where at least three partners report people in March, or in the last month if that is earlier.

    Columns: ``country``, ``month``. ``reports`` is the table of ``list_expected_reports``.
    """
    month = min(NOT_FILLED_MONTH_INDEX, reports["month"].max())
    rows = reports[(reports["month"] == month) & (reports["people"] > 0)]
    countries: pd.DataFrame = rows.groupby("country", observed=True)["organisation"].nunique().reset_index()
    return countries.loc[countries["organisation"] >= MIN_PARTNERS_NOT_FILLED, ["country"]].assign(month=month)


def find_countries_to_delay(reports: pd.DataFrame) -> pd.DataFrame:
    """Return countries with at least two partners in the last month and in the month before.

    Columns: ``country``, ``month`` (the last). ``reports`` is the table of ``list_expected_reports``.
    """
    recent = reports[reports["months_ago"] <= 1].groupby(["country", "month"], observed=True)
    months = recent.agg(partners=("organisation", "nunique")).query("partners >= @MIN_PARTNERS_LATE").reset_index()
    countries = months.groupby("country", observed=True).agg(months=("month", "size"), month=("month", "max"))
    return countries.query("months == 2").reset_index()[["country", "month"]]


def find_partners_to_delay(reports: pd.DataFrame) -> pd.DataFrame:
    """Return partners that report in each of two or more months, in countries with more than three partners.

    Columns: ``organisation``, ``country``, ``month`` (the last). ``reports`` is the table of ``list_expected_reports``.
    """
    partners = reports.groupby(["organisation", "country"], observed=True).agg(
        months=("month", "nunique"), month=("month", "max"), months_ago=("months_ago", "min")
    )
    punctual = partners.query("months > 1 and months == month + 1 and months_ago == 0").reset_index()
    counts = reports[reports["months_ago"] == 0].groupby("country", observed=True)["organisation"].nunique()
    large = counts.index[counts > MAX_LATE_PARTNERS]
    return punctual[punctual["country"].isin(large)][["organisation", "country", "month"]]


def find_sectors(reports: pd.DataFrame) -> pd.DataFrame:
    """Return the sectors of countries that have at least 2,000 people and three months.

    Columns: ``country``, ``sector``. ``reports`` is the table of ``list_expected_reports``.
    """
    sectors = sum_sectors(reports)
    is_fit = (sectors["people"] >= MIN_PEOPLE_OF_SECTOR) & (sectors["months"] >= MIN_MONTHS_OF_SECTOR)
    return sectors[is_fit][["country", "sector"]]


def find_reports_to_enlarge(reports: pd.DataFrame) -> pd.DataFrame:
    """Return reports of people in small sectors of countries, with the people that make them most of the sector's.

    ``reports`` is the table of ``list_expected_reports``. The columns are the columns of ``reports`` without
    ``people``, and ``added_people``, twice the people expected of the whole sector in the country.
    """
    sectors, (low, high) = sum_sectors(reports), SMALL_SECTOR_PEOPLE_RANGE
    is_small = sectors["people"].between(low, max(high, MAX_SHARE_OF_PEOPLE * reports["people"].sum()))
    small = sectors[is_small].drop(columns="months")
    small = small.assign(added_people=2 * small["people"]).drop(columns="people")
    return reports[reports["people"] > 0].drop(columns="people").merge(small, on=["country", "sector"])


def find_reports_to_repeat(reports: pd.DataFrame) -> pd.DataFrame:
    """Return the months of partners in sectors that have many people in each row, but few of all people.

    Partners with a quiet series are left out. Columns: ``organisation``, ``country``, ``sector``, ``month``.
    ``reports`` is the table of ``list_expected_reports``.
    """
    keys = ["organisation", "country", "sector", "month"]
    groups = reports.groupby(keys, observed=True)
    people = groups.agg(least=("people", "min"), people=("people", "sum"), quiet=("quiet", "any")).reset_index()
    is_large = people["least"] >= MIN_PEOPLE_OF_VERSION
    is_small = people["people"] <= MAX_SHARE_OF_PEOPLE * reports["people"].sum()
    return people[is_large & is_small & ~people["quiet"]][keys]


def sum_sectors(reports: pd.DataFrame) -> pd.DataFrame:
    """Return the ``people`` of each ``sector`` in each ``country``, and in how many ``months`` it reports."""
    groups = reports.groupby(["country", "sector"], observed=True)
    return groups.agg(people=("people", "sum"), months=("month", "nunique")).reset_index()


PLACE_FINDER_BY_FAULT: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    NOT_FILLED: find_countries_to_leave_empty,
    LATE_COUNTRY: find_countries_to_delay,
    EVERYBODY_NEW: find_sectors,
    GROUPS_OF_ASSISTED: find_sectors,
    LARGE_REPORT: find_reports_to_enlarge,
    TWO_VERSIONS: find_reports_to_repeat,
    LATE_PARTNERS: find_partners_to_delay,
}
"""The function for each fault that returns from ``list_expected_reports`` where the fault can be planted."""
