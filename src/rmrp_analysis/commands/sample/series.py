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
    pool, chance = read_pool(), np.random.RandomState([seed, 0])
    reporters = pool.texts.groupby([ORGANISATION_HEADER, COUNTRY_HEADER, SECTOR_HEADER]).ngroup().to_numpy()
    is_reporting = draw_months(pool.texts, len(pool.months), chance)
    rows_of_sectors = split_rows(rows, pool.sectors["rows"])
    unusable = split_rows((rows + UNUSABLE_ONE_IN // 2) // UNUSABLE_ONE_IN, pool.sectors["rows"])
    unusable = np.minimum(unusable, rows_of_sectors)
    drawn = []
    for number, sector in enumerate(pool.sectors.index):
        records = np.flatnonzero(pool.texts[SECTOR_HEADER] == sector)
        months = is_reporting[reporters[records]].sum(axis=1)
        order = spread_over_countries(pool.texts[COUNTRY_HEADER].iloc[records], chance)
        usable = fill_rows(records[order], months[order], rows_of_sectors[number] - unusable[number])
        spoiled = pd.DataFrame({"record": records[chance.randint(0, len(records), unusable[number])], "months": 1})
        spoiled = spoiled.assign(copy=0, unusable=chance.randint(0, UNUSABLE_KIND_COUNT, len(spoiled)))
        series = pd.concat([usable.assign(unusable=NO_FAULT_CODE), spoiled], ignore_index=True)
        people = pool.sectors.loc[sector, "people"] * rows_of_sectors[number] // pool.sectors.loc[sector, "rows"]
        drawn.append(series.assign(level=draw_levels(series, pool.numbers[NEW_PEOPLE_HEADER], people, chance)))
    series = pd.concat(drawn).sort_values(["record", "copy"], kind="stable", ignore_index=True)
    series = series.assign(
        reporter=reporters[series["record"]],
        fault_row=NO_FAULT_ROW,
        returning=chance.randint(*RETURNING_PER_MILLE_RANGE, len(series)),
        quiet=(chance.randint(0, 100, len(series)) < QUIET_SERIES_PERCENT)
        & (series["months"] >= MIN_MONTHS_OF_QUIET_SERIES),
    )
    planted = pd.DataFrame(columns=PLANTED_COLUMNS)
    return Sample(pool, choose_months(series, is_reporting, chance), is_reporting, planted)


@cache
def read_pool() -> Pool:
    """Read the bundled plan: of each series the first usable report whose counts of people, if any, fit one another."""
    bundled = find_shipped_folder(BUNDLED_PLAN)
    files = {name: bundled / source.file for name, source in load_sources(bundled).items()}
    activities, indicators, places = (
        pd.read_csv(files[name], dtype="str", keep_default_na=False) for name in ("activities", "indicators", "admin1")
    )
    kinds = activities[[SECTOR_HEADER, INDICATOR_HEADER]].merge(
        indicators, how="left", on=[SECTOR_HEADER, INDICATOR_HEADER]
    )["Indicator_Type"]
    numbers = activities[
        [
            QUANTITY_HEADER,
            TRANSFER_USD_HEADER,
            TOTAL_PEOPLE_HEADER,
            NEW_PEOPLE_HEADER,
            *POPULATION_GROUP_HEADERS,
            *AGE_GENDER_HEADERS,
        ]
    ].apply(pd.to_numeric, errors="coerce")
    is_usable = (
        kinds.notna() & numbers[NEW_PEOPLE_HEADER].notna() & activities[COUNTRY_HEADER].isin(places[COUNTRY_HEADER])
    )
    is_usable &= activities[MONTH_HEADER] != ""
    counts_people = kinds.isin(["Pin", "People"])
    fits = _find_consistent(numbers, kinds)
    sectors = (
        numbers[is_usable].groupby(activities[SECTOR_HEADER])[NEW_PEOPLE_HEADER].agg(["size", "sum"]).astype(np.int64)
    )
    numbers[TRANSFER_USD_HEADER] = (numbers[TRANSFER_USD_HEADER] / numbers[TOTAL_PEOPLE_HEADER]).round().fillna(-1)
    texts = activities[is_usable & (fits | ~counts_people)].drop_duplicates(SERIES_KEY_HEADERS)
    listed = pd.CategoricalDtype(list(indicators[INDICATOR_HEADER]), ordered=True)
    texts = texts.astype({INDICATOR_HEADER: listed}).sort_values(
        [COUNTRY_HEADER, SECTOR_HEADER, *SERIES_KEY_HEADERS], kind="stable"
    )
    texts = texts.astype({INDICATOR_HEADER: "str"})
    return Pool(
        texts=texts.reset_index(drop=True),
        numbers=numbers.loc[texts.index].astype(np.int64).assign(kind=kinds).reset_index(drop=True),
        sectors=sectors.set_axis(["rows", "people"], axis="columns"),
        months=sorted(activities.loc[is_usable, MONTH_HEADER].unique()),
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
    running = weights.to_numpy(np.int64).cumsum()
    shares: Integers = np.diff((2 * running * rows + running[-1]) // (2 * running[-1]), prepend=0)
    return shares


def draw_months(texts: pd.DataFrame, months: int, chance: np.random.RandomState) -> Booleans:
    """Draw in which months each organisation in each country and sector reports: a row each, in the order of names.

    Each has at least ``MIN_MONTHS_OF_SERIES``.
    """
    reporters = (
        texts[[ORGANISATION_HEADER, COUNTRY_HEADER, SECTOR_HEADER]]
        .drop_duplicates()
        .sort_values([ORGANISATION_HEADER, COUNTRY_HEADER, SECTOR_HEADER])
    )
    partners = reporters.groupby([ORGANISATION_HEADER, COUNTRY_HEADER]).ngroup().to_numpy()
    number = partners.max() + 1
    percent = chance.randint(0, 100, (number, 1))
    starts_late = percent < LATE_START_PERCENT
    ends_early = (percent >= LATE_START_PERCENT) & (percent < LATE_START_PERCENT + EARLY_END_PERCENT)
    first = np.where(starts_late, chance.randint(1, months - MIN_MONTHS_OF_SERIES + 1, (number, 1)), 0)
    last = np.where(ends_early, chance.randint(MIN_MONTHS_OF_SERIES - 1, months - 1, (number, 1)), months - 1)
    silent = np.where(percent >= 100 - IRREGULAR_PERCENT, SILENT_IRREGULAR_PERCENT, SILENT_PERCENT)
    is_working = (np.arange(months) >= first) & (np.arange(months) <= last)
    is_reporting = add_silence(is_working, silent, chance)[partners]
    return add_silence(is_reporting, np.full((len(reporters), 1), SILENT_SECTOR_PERCENT), chance)


def add_silence(is_reporting: Booleans, percent: Integers, chance: np.random.RandomState) -> Booleans:
    """Take away months that chance makes silent, but from nobody who would keep fewer than ``MIN_MONTHS_OF_SERIES``."""
    remaining = is_reporting & (chance.randint(0, 100, is_reporting.shape) >= percent)
    return np.where(remaining.sum(axis=1, keepdims=True) >= MIN_MONTHS_OF_SERIES, remaining, is_reporting)


def spread_over_countries(countries: pd.Series, chance: np.random.RandomState) -> Integers:
    """Return an order of records: by chance, but the first ones, however many, hold each country by its share."""
    records = pd.DataFrame({"country": countries.to_numpy(), "lot": chance.random_sample(len(countries))})
    by_country = records.groupby("country")["lot"]
    offset = records.groupby("country").ngroup().map(pd.Series(chance.random_sample(by_country.ngroups)))
    position = (by_country.rank(method="first") - offset) / by_country.transform("size")
    return np.argsort(position.to_numpy(), kind="stable")


def fill_rows(records: Integers, months: Integers, rows: int) -> pd.DataFrame:
    """Take records in their order, and again, until their months are ``rows``; the last series may be shorter.

    Columns: ``record``, ``copy``, ``months``. Where the last one would have too few months, the longest gives it some.
    """
    numbers = np.arange(rows // MIN_MONTHS_OF_SERIES + 1 if rows else 0)
    series = pd.DataFrame({"record": records[numbers % len(records)], "copy": numbers // len(records)})
    lengths = months[numbers % len(records)]
    series = series[: np.searchsorted(lengths.cumsum(), rows) + 1]
    lengths = lengths[: len(series)].copy()
    if rows:
        lengths[-1] -= lengths.sum() - rows
        longest = lengths.argmax()
        moved = max(min(MIN_MONTHS_OF_SERIES - lengths[-1], lengths[longest] - MIN_MONTHS_OF_SERIES), 0)
        lengths[longest] -= moved
        lengths[-1] += moved
    return series.assign(months=lengths)


def draw_levels(series: pd.DataFrame, people: pd.Series, expected: int, chance: np.random.RandomState) -> Integers:
    """Draw thousandths of people for a usual month of each series; usable reports have ``expected`` people together.

    ``series`` has ``record``, ``copy``, ``months`` and ``unusable``; ``people`` are those of the records. A series of
    few months has ``MAX_LEVEL_OF_SHORT_SERIES`` people at most, so that the total may be smaller.
    """
    factors = np.where(
        series["copy"] > 0, COPY_FACTORS_IN_TENTHS[chance.randint(0, len(COPY_FACTORS_IN_TENTHS), len(series))], 10
    )
    sizes = people.to_numpy()[series["record"]] * factors
    is_usable = series["unusable"] == NO_FAULT_CODE
    everybody = int((sizes * series["months"])[is_usable].sum())
    levels: Integers = sizes * (expected * THOUSANDTHS_PER_UNIT) // max(everybody, 1)
    is_short = (series["months"] < MIN_MONTHS_OF_SERIES).to_numpy()
    levels[is_short] = levels[is_short].clip(max=MAX_LEVEL_OF_SHORT_SERIES * THOUSANDTHS_PER_UNIT)
    return levels


def choose_months(series: pd.DataFrame, is_reporting: Booleans, chance: np.random.RandomState) -> pd.DataFrame:
    """Add ``first`` and ``last``: of the months of its reporter, a series has as many in a row as ``months`` says.

    They are the last ones, as of work that began later; those of a series with fewer than ``MIN_MONTHS_OF_SERIES``
    may be any.
    """
    months_in_order = np.argsort(~is_reporting, axis=1, kind="stable")
    reporters, months = series["reporter"].to_numpy(), series["months"].to_numpy()
    spare = is_reporting.sum(axis=1)[reporters] - months
    random_start = (chance.random_sample(len(series)) * (spare + 1)).astype(np.int64)
    start = np.where(months < MIN_MONTHS_OF_SERIES, random_start, spare)
    return series.assign(first=months_in_order[reporters, start], last=months_in_order[reporters, start + months - 1])


def find_active(sample: Sample, month: int) -> Booleans:
    """Return which series report in the month of this number."""
    series = sample.series
    has_work = (series["first"] <= month) & (month <= series["last"])
    is_active: Booleans = has_work.to_numpy() & sample.is_reporting[series["reporter"], month]
    return is_active
