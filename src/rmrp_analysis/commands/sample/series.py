"""Draw the series of a sample: who reports which indicator where, in which months, about how many people.

A series is an organisation, an implementing partner, a sector, an indicator, a country and an admin1, as they stand
together in a row of the bundled plan. A partner is an organisation in a country: when it is silent, all its series are.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from rmrp_analysis.params import BUNDLED_PLAN, find_shipped_folder
from rmrp_analysis.sources import load_sources

ORGANISATION_HEADER, COUNTRY_HEADER, MONTH_HEADER = "Appealing.Organization.Name", "Country", "Reporting.Month"
"""Headers of the columns with the appealing organisation, country and month of a report."""
SECTOR_HEADER, INDICATOR_HEADER = "Sector...Subsector...WG", "Indicator"
"""Headers of the columns with the sector and indicator of a report."""
NEW_PEOPLE_HEADER, TOTAL_PEOPLE_HEADER = "New.beneficiaries.of.the.month", "Total.monthly.beneficiaries"
"""Headers of the columns with the new people of a month, and with all people of a month."""
TRANSFER_USD_HEADER, QUANTITY_HEADER = "Value.of.Transfer.in.USD", "Quantity.of.unit.measured"
"""Headers of the columns with money given to people in US$, and with the quantity that an indicator counts."""
POPULATION_GROUP_HEADERS = [
    "Refugees.and.Migrants.IN.DESTINATION",
    "Refugees.and.Migrants.IN.TRANSIT",
    "Host.Communities.Beneficiaries",
    "Refugees.and.Migrants.PENDULARS",
    "Colombian.Returnees",
]
"""Headers of the columns with new people by population group."""
AGE_GENDER_HEADERS = ["Women.under.18", "Men.under.18", "Women.above.18", "Men.above.18"]
"""Headers of the columns with new people by age and gender."""
SERIES_KEY_HEADERS = [
    ORGANISATION_HEADER,
    "Implementing.partner.Name",
    SECTOR_HEADER,
    INDICATOR_HEADER,
    COUNTRY_HEADER,
    "Admin1",
]
"""Headers of the columns whose texts together identify a series."""

LATE_START_PERCENT, EARLY_END_PERCENT, IRREGULAR_PERCENT = 12, 8, 5
"""Percent of partners that begin after January, end before December, or report in some months; others always do."""
SILENT_PERCENT, SILENT_IRREGULAR_PERCENT, SILENT_SECTOR_PERCENT = 3, 50, 2
"""Percent of months without a report: of a usual partner, of an irregular one, of a partner in one sector."""
MIN_MONTHS_OF_SERIES = 4
"""The least months of a usual series: with fewer, one report could be more than half of the year's people."""
MAX_LEVEL_OF_SHORT_SERIES = 350
"""The most people in a usual month of a series with fewer months: with 40 % more none is half of 1,000 people."""
QUIET_SERIES_PERCENT, MIN_MONTHS_OF_QUIET_SERIES = 3, 8
"""Percent of series in which nobody is new in some months, and the least months of such a series."""
RETURNING_PER_MILLE_RANGE = (40, 200)
"""How many of a thousand people counted since January come again in a month: at least, and less than."""
UNUSABLE_ONE_IN = 1000
"""One of this many activity records cannot be used."""
UNUSABLE_KIND_COUNT = 4
"""How many kinds of unusable records ``spoil_records`` makes."""
NO_FAULT_CODE = NO_FAULT_ROW = -1
"""What ``unusable`` and ``fault_row`` of a series hold where nothing is wrong with it."""
COPY_FACTORS_IN_TENTHS = np.array([2, 3, 5, 7, 10, 14, 20, 28, 40])
"""Tenths by which the people of a record that is drawn again are multiplied, or it would look like another version."""
THOUSANDTHS_PER_UNIT = 1000
"""How many thousandths a whole has: people and factors are drawn in whole numbers of these."""
PARTNER_SECTOR_COLUMNS = ["organisation", "country", "sector"]
"""Columns that identify a partner in a sector and country."""
PLANTED_COLUMNS = ["fault", *PARTNER_SECTOR_COLUMNS, "month", "series", "added_people"]
"""Columns of ``Sample.planted``, a row for each planted fault."""

Integers = npt.NDArray[np.int64]
"""An array of whole numbers."""
Booleans = npt.NDArray[np.bool_]
"""An array of yes and no: a mask."""


@dataclass(frozen=True)
class Pool:
    """Reports of the bundled plan, one a series, in the order of countries, sectors and organisations.

    ``texts`` has the columns of the file as they stand there. ``numbers`` has its counts (int64; 0 where none stands),
    TRANSFER in US$ a person (-1 where none stands), and ``kind``: Pin, People or Other. ``sectors`` has a row for each
    sector, the ``rows`` of the plan and their new ``people``; ``months`` are those of the plan.
    """

    texts: pd.DataFrame
    numbers: pd.DataFrame
    sectors: pd.DataFrame
    months: list[str]


@dataclass(frozen=True)
class Sample:
    """Series and their months: ``is_reporting`` has a row for each reporter (a partner in a sector), a column a month.

    Columns of ``series``: ``record``, its place in the pool; ``copy``, 0 or more, where a record is drawn again;
    ``reporter``; ``first`` and ``last``, the numbers of the months from and to which it reports; ``level``, thousandths
    of a person reached for the first time in a usual month; ``returning``, per mille of those counted before who come
    again; ``quiet``, true where nobody is new in every third report; ``unusable``, what makes its one report unusable,
    or ``NO_FAULT_CODE``; ``fault_row``, the row of ``planted`` that is about it, or ``NO_FAULT_ROW``.

    ``planted`` has a row for each fault and where it is (see ``plant_faults``); none in a sample of clean data.
    """

    pool: Pool
    series: pd.DataFrame
    is_reporting: Booleans
    planted: pd.DataFrame


def draw_sample(rows: int, seed: int) -> Sample:
    """Draw series whose reports are ``rows`` together; each sector has its share of them.

    The same rows and seed give the same series: the numbers of ``RandomState`` are the same in every version of NumPy.
    """
    report_pool, random_state = read_pool(), np.random.RandomState([seed, 0])
    reporter_number_array = (
        report_pool.texts.groupby([ORGANISATION_HEADER, COUNTRY_HEADER, SECTOR_HEADER]).ngroup().to_numpy()
    )
    is_reporting_month = draw_months(report_pool.texts, len(report_pool.months), random_state)
    sector_row_count_array = split_rows(rows, report_pool.sectors["rows"])
    unusable_row_count_array = split_rows((rows + UNUSABLE_ONE_IN // 2) // UNUSABLE_ONE_IN, report_pool.sectors["rows"])
    unusable_row_count_array = np.minimum(unusable_row_count_array, sector_row_count_array)
    sector_series_tables = []
    for sector_index, sector_name in enumerate(report_pool.sectors.index):
        record_indexes = np.flatnonzero(report_pool.texts[SECTOR_HEADER] == sector_name)
        record_month_count_array = is_reporting_month[reporter_number_array[record_indexes]].sum(axis=1)
        record_order = spread_over_countries(report_pool.texts[COUNTRY_HEADER].iloc[record_indexes], random_state)
        usable_series_table = fill_rows(
            record_indexes[record_order],
            record_month_count_array[record_order],
            sector_row_count_array[sector_index] - unusable_row_count_array[sector_index],
        )
        unusable_series_table = pd.DataFrame(
            {
                "record": record_indexes[
                    random_state.randint(0, len(record_indexes), unusable_row_count_array[sector_index])
                ],
                "months": 1,
            }
        )
        unusable_series_table = unusable_series_table.assign(
            copy=0, unusable=random_state.randint(0, UNUSABLE_KIND_COUNT, len(unusable_series_table))
        )
        report_series_table = pd.concat(
            [usable_series_table.assign(unusable=NO_FAULT_CODE), unusable_series_table], ignore_index=True
        )
        sector_people_count = (
            report_pool.sectors.loc[sector_name, "people"]
            * sector_row_count_array[sector_index]
            // report_pool.sectors.loc[sector_name, "rows"]
        )
        sector_series_tables.append(
            report_series_table.assign(
                level=draw_levels(
                    report_series_table, report_pool.numbers[NEW_PEOPLE_HEADER], sector_people_count, random_state
                )
            )
        )
    report_series_table = pd.concat(sector_series_tables).sort_values(
        ["record", "copy"], kind="stable", ignore_index=True
    )
    report_series_table = report_series_table.assign(
        reporter=reporter_number_array[report_series_table["record"]],
        fault_row=NO_FAULT_ROW,
        returning=random_state.randint(*RETURNING_PER_MILLE_RANGE, len(report_series_table)),
        quiet=(random_state.randint(0, 100, len(report_series_table)) < QUIET_SERIES_PERCENT)
        & (report_series_table["months"] >= MIN_MONTHS_OF_QUIET_SERIES),
    )
    planted_table = pd.DataFrame(columns=PLANTED_COLUMNS)
    return Sample(
        report_pool,
        choose_months(report_series_table, is_reporting_month, random_state),
        is_reporting_month,
        planted_table,
    )


@cache
def read_pool() -> Pool:
    """Read the bundled plan: of each series the first usable report whose counts of people, if any, fit one another."""
    bundled_plan_folder = find_shipped_folder(BUNDLED_PLAN)
    path_by_input = {
        input_name: bundled_plan_folder / input_source.file
        for input_name, input_source in load_sources(bundled_plan_folder).items()
    }
    activity_table, indicator_table, admin1_table = (
        pd.read_csv(path_by_input[input_name], dtype="str", keep_default_na=False)
        for input_name in ("activities", "indicators", "admin1")
    )
    indicator_kind_series = activity_table[[SECTOR_HEADER, INDICATOR_HEADER]].merge(
        indicator_table, how="left", on=[SECTOR_HEADER, INDICATOR_HEADER]
    )["Indicator_Type"]
    activity_quantity_table = activity_table[
        [
            QUANTITY_HEADER,
            TRANSFER_USD_HEADER,
            TOTAL_PEOPLE_HEADER,
            NEW_PEOPLE_HEADER,
            *POPULATION_GROUP_HEADERS,
            *AGE_GENDER_HEADERS,
        ]
    ].apply(pd.to_numeric, errors="coerce")
    is_usable_activity = (
        indicator_kind_series.notna()
        & activity_quantity_table[NEW_PEOPLE_HEADER].notna()
        & activity_table[COUNTRY_HEADER].isin(admin1_table[COUNTRY_HEADER])
    )
    is_usable_activity &= activity_table[MONTH_HEADER] != ""
    is_people_activity = indicator_kind_series.isin(["Pin", "People"])
    is_consistent_activity = _find_consistent(activity_quantity_table, indicator_kind_series)
    sector_total_table = (
        activity_quantity_table[is_usable_activity]
        .groupby(activity_table[SECTOR_HEADER])[NEW_PEOPLE_HEADER]
        .agg(["size", "sum"])
        .astype(np.int64)
    )
    activity_quantity_table[TRANSFER_USD_HEADER] = (
        (activity_quantity_table[TRANSFER_USD_HEADER] / activity_quantity_table[TOTAL_PEOPLE_HEADER]).round().fillna(-1)
    )
    pool_text_table = activity_table[
        is_usable_activity & (is_consistent_activity | ~is_people_activity)
    ].drop_duplicates(SERIES_KEY_HEADERS)
    indicator_order_dtype = pd.CategoricalDtype(list(indicator_table[INDICATOR_HEADER]), ordered=True)
    pool_text_table = pool_text_table.astype({INDICATOR_HEADER: indicator_order_dtype}).sort_values(
        [COUNTRY_HEADER, SECTOR_HEADER, *SERIES_KEY_HEADERS], kind="stable"
    )
    pool_text_table = pool_text_table.astype({INDICATOR_HEADER: "str"})
    return Pool(
        texts=pool_text_table.reset_index(drop=True),
        numbers=activity_quantity_table.loc[pool_text_table.index]
        .astype(np.int64)
        .assign(kind=indicator_kind_series)
        .reset_index(drop=True),
        sectors=sector_total_table.set_axis(["rows", "people"], axis="columns"),
        months=sorted(activity_table.loc[is_usable_activity, MONTH_HEADER].unique()),
    )


def _find_consistent(numbers: pd.DataFrame, kinds: pd.Series) -> pd.Series:
    """Return which reports have new people, at most the total, who are the sum of population and of age groups.

    Population groups of the kind ``People`` need not add up. ``numbers`` has the columns of counts of ``Pool.numbers``;
    ``kinds`` are those of the reports' indicators.
    """
    new_people_series = numbers[NEW_PEOPLE_HEADER]
    has_right_groups = (numbers[POPULATION_GROUP_HEADERS].sum(axis=1) == new_people_series) | (kinds == "People")
    has_right_ages = numbers[AGE_GENDER_HEADERS].sum(axis=1) == new_people_series
    return has_right_groups & has_right_ages & new_people_series.between(1, numbers[TOTAL_PEOPLE_HEADER])


def split_rows(rows: int, weights: pd.Series) -> Integers:
    """Share whole rows by weight: no share is wrong by one or more, and together they are ``rows``."""
    cumulative_weights = weights.to_numpy(np.int64).cumsum()
    row_count_array: Integers = np.diff(
        (2 * cumulative_weights * rows + cumulative_weights[-1]) // (2 * cumulative_weights[-1]), prepend=0
    )
    return row_count_array


def draw_months(texts: pd.DataFrame, months: int, chance: np.random.RandomState) -> Booleans:
    """Draw in which months each organisation in each country and sector reports: a row each, in the order of names.

    Each has at least ``MIN_MONTHS_OF_SERIES``.
    """
    reporter_table = (
        texts[[ORGANISATION_HEADER, COUNTRY_HEADER, SECTOR_HEADER]]
        .drop_duplicates()
        .sort_values([ORGANISATION_HEADER, COUNTRY_HEADER, SECTOR_HEADER])
    )
    partner_number_array = reporter_table.groupby([ORGANISATION_HEADER, COUNTRY_HEADER]).ngroup().to_numpy()
    partner_count = partner_number_array.max() + 1
    random_percent_array = chance.randint(0, 100, (partner_count, 1))
    is_late_partner = random_percent_array < LATE_START_PERCENT
    is_early_leaver = (random_percent_array >= LATE_START_PERCENT) & (
        random_percent_array < LATE_START_PERCENT + EARLY_END_PERCENT
    )
    first_month_index_array = np.where(
        is_late_partner, chance.randint(1, months - MIN_MONTHS_OF_SERIES + 1, (partner_count, 1)), 0
    )
    last_month_index_array = np.where(
        is_early_leaver, chance.randint(MIN_MONTHS_OF_SERIES - 1, months - 1, (partner_count, 1)), months - 1
    )
    silent_percent_array = np.where(
        random_percent_array >= 100 - IRREGULAR_PERCENT, SILENT_IRREGULAR_PERCENT, SILENT_PERCENT
    )
    is_working_month = (np.arange(months) >= first_month_index_array) & (np.arange(months) <= last_month_index_array)
    is_reporting_month = add_silence(is_working_month, silent_percent_array, chance)[partner_number_array]
    return add_silence(is_reporting_month, np.full((len(reporter_table), 1), SILENT_SECTOR_PERCENT), chance)


def add_silence(is_reporting: Booleans, percent: Integers, chance: np.random.RandomState) -> Booleans:
    """Take away months that chance makes silent, but from nobody who would keep fewer than ``MIN_MONTHS_OF_SERIES``."""
    is_still_reporting = is_reporting & (chance.randint(0, 100, is_reporting.shape) >= percent)
    return np.where(
        is_still_reporting.sum(axis=1, keepdims=True) >= MIN_MONTHS_OF_SERIES, is_still_reporting, is_reporting
    )


def spread_over_countries(countries: pd.Series, chance: np.random.RandomState) -> Integers:
    """Return an order of records: by chance, but the first ones, however many, hold each country by its share."""
    record_lot_table = pd.DataFrame({"country": countries.to_numpy(), "lot": chance.random_sample(len(countries))})
    lots_grouped_by_country = record_lot_table.groupby("country")["lot"]
    random_offset_series = (
        record_lot_table.groupby("country")
        .ngroup()
        .map(pd.Series(chance.random_sample(lots_grouped_by_country.ngroups)))
    )
    relative_position_series = (
        lots_grouped_by_country.rank(method="first") - random_offset_series
    ) / lots_grouped_by_country.transform("size")
    return np.argsort(relative_position_series.to_numpy(), kind="stable")


def fill_rows(records: Integers, months: Integers, rows: int) -> pd.DataFrame:
    """Take records in their order, and again, until their months are ``rows``; the last series may be shorter.

    Columns: ``record``, ``copy``, ``months``. Where the last one would have too few months, the longest gives it some.
    """
    series_numbers = np.arange(rows // MIN_MONTHS_OF_SERIES + 1 if rows else 0)
    series_table = pd.DataFrame(
        {"record": records[series_numbers % len(records)], "copy": series_numbers // len(records)}
    )
    month_count_array = months[series_numbers % len(records)]
    series_table = series_table[: np.searchsorted(month_count_array.cumsum(), rows) + 1]
    month_count_array = month_count_array[: len(series_table)].copy()
    if rows:
        month_count_array[-1] -= month_count_array.sum() - rows
        longest_series_index = month_count_array.argmax()
        moved_month_count = max(
            min(
                MIN_MONTHS_OF_SERIES - month_count_array[-1],
                month_count_array[longest_series_index] - MIN_MONTHS_OF_SERIES,
            ),
            0,
        )
        month_count_array[longest_series_index] -= moved_month_count
        month_count_array[-1] += moved_month_count
    return series_table.assign(months=month_count_array)


def draw_levels(series: pd.DataFrame, people: pd.Series, expected: int, chance: np.random.RandomState) -> Integers:
    """Draw thousandths of people for a usual month of each series; usable reports have ``expected`` people together.

    ``series`` has ``record``, ``copy``, ``months`` and ``unusable``; ``people`` are those of the records. A series of
    few months has ``MAX_LEVEL_OF_SHORT_SERIES`` people at most, so that the total may be smaller.
    """
    size_factor_array = np.where(
        series["copy"] > 0, COPY_FACTORS_IN_TENTHS[chance.randint(0, len(COPY_FACTORS_IN_TENTHS), len(series))], 10
    )
    series_people_array = people.to_numpy()[series["record"]] * size_factor_array
    is_usable_series = series["unusable"] == NO_FAULT_CODE
    total_people = int((series_people_array * series["months"])[is_usable_series].sum())
    series_level_array: Integers = series_people_array * (expected * THOUSANDTHS_PER_UNIT) // max(total_people, 1)
    is_short_series = (series["months"] < MIN_MONTHS_OF_SERIES).to_numpy()
    series_level_array[is_short_series] = series_level_array[is_short_series].clip(
        max=MAX_LEVEL_OF_SHORT_SERIES * THOUSANDTHS_PER_UNIT
    )
    return series_level_array


def choose_months(series: pd.DataFrame, is_reporting: Booleans, chance: np.random.RandomState) -> pd.DataFrame:
    """Add ``first`` and ``last``: of the months of its reporter, a series has as many in a row as ``months`` says.

    They are the last ones, as of work that began later; those of a series with fewer than ``MIN_MONTHS_OF_SERIES``
    may be any.
    """
    month_order_array = np.argsort(~is_reporting, axis=1, kind="stable")
    reporter_number_array, month_count_array = series["reporter"].to_numpy(), series["months"].to_numpy()
    spare_month_count_array = is_reporting.sum(axis=1)[reporter_number_array] - month_count_array
    random_start_index_array = (chance.random_sample(len(series)) * (spare_month_count_array + 1)).astype(np.int64)
    start_index_array = np.where(
        month_count_array < MIN_MONTHS_OF_SERIES, random_start_index_array, spare_month_count_array
    )
    return series.assign(
        first=month_order_array[reporter_number_array, start_index_array],
        last=month_order_array[reporter_number_array, start_index_array + month_count_array - 1],
    )


def find_active(sample: Sample, month: int) -> Booleans:
    """Return which series report in the month of this number."""
    series_table = sample.series
    is_working_series = (series_table["first"] <= month) & (month <= series_table["last"])
    is_active_series: Booleans = is_working_series.to_numpy() & sample.is_reporting[series_table["reporter"], month]
    return is_active_series
