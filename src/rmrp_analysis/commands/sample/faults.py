"""Choose where the faults of real files are planted in a sample: each fault has countries of its own."""

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
"""Faults: new beneficiaries are not filled in one month; reports of a country, or of some partners, are late."""
EVERYBODY_NEW, LARGE_REPORT = N_("everybody as new"), N_("one report that makes most")
"""Faults: all people assisted are reported as new; one report makes most of a sector's people."""
GROUPS_OF_ASSISTED, TWO_VERSIONS = N_("groups of the assisted"), N_("two versions")
"""Faults: groups add up to all people assisted instead of the new; a report is sent twice, with other numbers."""
LATE_FAULTS = (LATE_COUNTRY, LATE_PARTNERS)
"""Faults that take reports of the last month away."""
PEOPLE_FAULTS = (NOT_FILLED, EVERYBODY_NEW, GROUPS_OF_ASSISTED, LARGE_REPORT)
"""Faults of rows that count people; the others are of whole reports."""

NOT_FILLED_MONTH_INDEX = 2
"""March, the month that is not filled: later most partners have counted more people than they assist in a month."""
MIN_PARTNERS_NOT_FILLED, MIN_PARTNERS_LATE = 3, 2
"""The least partners of a country that does not fill a column, or whose reports are late."""
MIN_PEOPLE_OF_SECTOR, SMALL_SECTOR_PEOPLE_RANGE = 2000, (1000, 3000)
"""Expected new people of a sector in a country: the least for a fault of all its reports; the range of a small one."""
MIN_MONTHS_OF_SECTOR = 3
"""The least months in which a sector reports in a country, for a fault of all its reports."""
MIN_PEOPLE_OF_VERSION = 200
"""The least people of a report that is sent twice: of fewer than 100, one person more is more than 1 %."""
MAX_SHARE_OF_PEOPLE = 0.01
"""The largest share of all people that is sent twice, or that is in the sector of the large report."""
MAX_LATE_PARTNERS = 3
"""How many partners are late at most, in a country with more partners than these."""


def plant_faults(sample: Sample, last_month: int, seed: int) -> Sample:
    """Return the sample with faults in months up to the number ``last_month``; what is late is so in this month.

    Fills ``planted``, and adds ``fault_row`` to ``series``. A fault that fits nowhere is not planted: small samples
    have few countries. Columns of ``planted``: ``fault``; ``organisation``, ``country``, ``sector``, ``month`` (its
    number) and ``series`` where the fault has one, else NA; ``added_people``, by how many the large report is larger,
    else NA.
    """
    random_state = np.random.RandomState([seed, 2])
    expected_report_rows = list_expected_reports(sample, last_month)
    planted_tables = []
    for fault_name, find_candidates in PLACE_FINDER_BY_FAULT.items():
        candidate_place_rows = find_candidates(expected_report_rows).assign(fault=fault_name)
        chosen_place_count = MAX_LATE_PARTNERS if fault_name == LATE_PARTNERS else 1
        chosen_place_rows = candidate_place_rows.iloc[
            np.argsort(random_state.random_sample(len(candidate_place_rows)), kind="stable")[:chosen_place_count]
        ]
        expected_report_rows = expected_report_rows[~expected_report_rows["country"].isin(chosen_place_rows["country"])]
        planted_tables.append(chosen_place_rows)
    planted_table = pd.concat(planted_tables, ignore_index=True).reindex(columns=PLANTED_COLUMNS)
    return replace(
        sample, planted=planted_table, series=sample.series.assign(fault_row=find_fault_rows(sample, planted_table))
    )


def list_expected_reports(sample: Sample, last_month: int) -> pd.DataFrame:
    """Return a row for each usable report up to a month, before anything is drawn.

    Columns: ``series`` and ``month``, their numbers; ``months_ago``, 0 in the last month; ``organisation``,
    ``country``, ``sector``; ``people`` in need expected to be new, 0 where the indicator counts others, or none;
    ``quiet``, true in a series where nobody is new in some months.
    """
    series_table = sample.series
    is_usable_series = (series_table["unusable"] == NO_FAULT_CODE).to_numpy()
    is_active_by_month = np.column_stack(
        [find_active(sample, month_index) & is_usable_series for month_index in range(last_month + 1)]
    )
    series_number_array, month_index = np.nonzero(is_active_by_month)
    partner_sector_table = list_partner_sectors(sample).iloc[series_number_array].reset_index(drop=True)
    is_people_in_need = (
        sample.pool.numbers["kind"].iloc[series_table["record"]].to_numpy()[series_number_array] == "Pin"
    )
    expected_people_array = np.where(
        is_people_in_need, series_table["level"].to_numpy()[series_number_array] / THOUSANDTHS_PER_UNIT, 0
    )
    is_quiet_series = series_table["quiet"].to_numpy()[series_number_array]
    return partner_sector_table.assign(
        series=series_number_array,
        month=month_index,
        months_ago=last_month - month_index,
        people=expected_people_array,
        quiet=is_quiet_series,
    )


def list_partner_sectors(sample: Sample) -> pd.DataFrame:
    """Return the ``organisation``, ``country`` and ``sector`` of each series, a row each, as categories."""
    partner_text_table = sample.pool.texts[[ORGANISATION_HEADER, COUNTRY_HEADER, SECTOR_HEADER]].astype("category")
    return (
        partner_text_table.set_axis(PARTNER_SECTOR_COLUMNS, axis="columns")
        .iloc[sample.series["record"]]
        .reset_index(drop=True)
    )


def find_fault_rows(sample: Sample, planted: pd.DataFrame) -> pd.Series:
    """Return the number of the row of ``planted`` that is about each series; ``NO_FAULT_ROW`` where none is.

    An unusable report may only be late.
    """
    series_key_rows = list_partner_sectors(sample).assign(series=sample.series.index)
    is_usable_series = sample.series["unusable"] == NO_FAULT_CODE
    fault_row_number_series = pd.Series(NO_FAULT_ROW, series_key_rows.index)
    for fault_row_number, (_, planted_fault_row) in enumerate(planted.iterrows()):
        planted_key_series = planted_fault_row[series_key_rows.columns].dropna()
        is_in_planted_place = (series_key_rows[planted_key_series.index] == planted_key_series).all(axis=1)
        fault_row_number_series = fault_row_number_series.mask(
            is_in_planted_place & (is_usable_series | (planted_fault_row["fault"] in LATE_FAULTS)), fault_row_number
        )
    return fault_row_number_series


def find_countries_to_leave_empty(reports: pd.DataFrame) -> pd.DataFrame:
    """Return countries where at least three partners report people in March, or in the last month before it.

    Columns: ``country``, ``month``. ``reports`` is the table of ``list_expected_reports``.
    """
    empty_month_index = min(NOT_FILLED_MONTH_INDEX, reports["month"].max())
    month_report_rows = reports[(reports["month"] == empty_month_index) & (reports["people"] > 0)]
    country_partner_table: pd.DataFrame = (
        month_report_rows.groupby("country", observed=True)["organisation"].nunique().reset_index()
    )
    return country_partner_table.loc[
        country_partner_table["organisation"] >= MIN_PARTNERS_NOT_FILLED, ["country"]
    ].assign(month=empty_month_index)


def find_countries_to_delay(reports: pd.DataFrame) -> pd.DataFrame:
    """Return countries with at least two partners in the last month, and in the one before.

    Columns: ``country``, ``month`` (the last). ``reports`` is the table of ``list_expected_reports``.
    """
    grouped_recent_reports = reports[reports["months_ago"] <= 1].groupby(["country", "month"], observed=True)
    partner_count_table = (
        grouped_recent_reports.agg(partners=("organisation", "nunique"))
        .query("partners >= @MIN_PARTNERS_LATE")
        .reset_index()
    )
    month_count_table = partner_count_table.groupby("country", observed=True).agg(
        months=("month", "size"), month=("month", "max")
    )
    return month_count_table.query("months == 2").reset_index()[["country", "month"]]


def find_partners_to_delay(reports: pd.DataFrame) -> pd.DataFrame:
    """Return partners that report in every one of two or more months, in countries with more than three partners.

    Columns: ``organisation``, ``country``, ``month`` (the last). ``reports`` is the table of ``list_expected_reports``.
    """
    partner_month_table = reports.groupby(["organisation", "country"], observed=True).agg(
        months=("month", "nunique"), month=("month", "max"), months_ago=("months_ago", "min")
    )
    punctual_partner_rows = partner_month_table.query(
        "months > 1 and months == month + 1 and months_ago == 0"
    ).reset_index()
    partner_count_series = (
        reports[reports["months_ago"] == 0].groupby("country", observed=True)["organisation"].nunique()
    )
    large_country_index = partner_count_series.index[partner_count_series > MAX_LATE_PARTNERS]
    return punctual_partner_rows[punctual_partner_rows["country"].isin(large_country_index)][
        ["organisation", "country", "month"]
    ]


def find_sectors(reports: pd.DataFrame) -> pd.DataFrame:
    """Return the sectors of countries that have at least 2,000 people and three months.

    Columns: ``country``, ``sector``. ``reports`` is the table of ``list_expected_reports``.
    """
    sector_total_table = sum_sectors(reports)
    is_large_sector = (sector_total_table["people"] >= MIN_PEOPLE_OF_SECTOR) & (
        sector_total_table["months"] >= MIN_MONTHS_OF_SECTOR
    )
    return sector_total_table[is_large_sector][["country", "sector"]]


def find_reports_to_enlarge(reports: pd.DataFrame) -> pd.DataFrame:
    """Return reports of people in small sectors of countries, with the people that make them most of the sector's.

    ``reports`` is the table of ``list_expected_reports``, and the columns are its own without ``people``; added is
    ``added_people``: twice as many as the whole sector is expected to have there.
    """
    sector_total_table, (min_sector_people, max_sector_people) = sum_sectors(reports), SMALL_SECTOR_PEOPLE_RANGE
    is_small_sector = sector_total_table["people"].between(
        min_sector_people, max(max_sector_people, MAX_SHARE_OF_PEOPLE * reports["people"].sum())
    )
    small_sector_rows = sector_total_table[is_small_sector].drop(columns="months")
    small_sector_rows = small_sector_rows.assign(added_people=2 * small_sector_rows["people"]).drop(columns="people")
    return reports[reports["people"] > 0].drop(columns="people").merge(small_sector_rows, on=["country", "sector"])


def find_reports_to_repeat(reports: pd.DataFrame) -> pd.DataFrame:
    """Return the months of partners in sectors that have many people in each row, but few of all people.

    Partners with a quiet series are left out. Columns: ``organisation``, ``country``, ``sector``, ``month``.
    ``reports`` is the table of ``list_expected_reports``.
    """
    repeated_key_columns = ["organisation", "country", "sector", "month"]
    reports_grouped_by_partner = reports.groupby(repeated_key_columns, observed=True)
    partner_people_table = reports_grouped_by_partner.agg(
        least=("people", "min"), people=("people", "sum"), quiet=("quiet", "any")
    ).reset_index()
    is_repeatable_partner = (partner_people_table["least"] >= MIN_PEOPLE_OF_VERSION) & (
        partner_people_table["people"] <= MAX_SHARE_OF_PEOPLE * reports["people"].sum()
    )
    return partner_people_table[is_repeatable_partner & ~partner_people_table["quiet"]][repeated_key_columns]


def sum_sectors(reports: pd.DataFrame) -> pd.DataFrame:
    """Return the ``people`` of each ``sector`` in each ``country``, and in how many ``months`` it reports."""
    reports_grouped_by_sector = reports.groupby(["country", "sector"], observed=True)
    return reports_grouped_by_sector.agg(people=("people", "sum"), months=("month", "nunique")).reset_index()


PLACE_FINDER_BY_FAULT: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    NOT_FILLED: find_countries_to_leave_empty,
    LATE_COUNTRY: find_countries_to_delay,
    EVERYBODY_NEW: find_sectors,
    GROUPS_OF_ASSISTED: find_sectors,
    LARGE_REPORT: find_reports_to_enlarge,
    TWO_VERSIONS: find_reports_to_repeat,
    LATE_PARTNERS: find_partners_to_delay,
}
"""Each fault, with the function that returns from ``list_expected_reports`` where it could be planted."""
