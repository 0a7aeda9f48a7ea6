"""Draw the series of a sample: who reports which indicator where, in which months, about how many people.

A series is an organisation, an implementing partner, a sector, an indicator, a country and an admin1 that stand
together in a row of the bundled plan. A partner is an organisation in a country: when it is silent, all its series are
silent.
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
"""Headers of the columns that together identify a series."""

LATE_START_PERCENT, EARLY_END_PERCENT, IRREGULAR_PERCENT = 12, 8, 5
"""Percent of partners that begin after January, end before December, or report in some months. Others always report."""
SILENT_PERCENT, SILENT_IRREGULAR_PERCENT, SILENT_SECTOR_PERCENT = 3, 50, 2
"""Percent of months without a report: of a usual partner, of an irregular one, of a partner in one sector."""
MIN_MONTHS_OF_SERIES = 4
"""The fewest months of a usual series: with fewer, one report could be more than half of the year's people."""
MAX_LEVEL_OF_SHORT_SERIES = 350
"""The most people in a usual month of a series with fewer months. With 40 % more, no series has half of 1,000
people."""
QUIET_SERIES_PERCENT, MIN_MONTHS_OF_QUIET_SERIES = 3, 8
"""Percent of series without new people in some months, and the fewest months of such a series."""
RETURNING_PER_MILLE_RANGE = (40, 200)
"""How many of a thousand people counted since January come again in a month: at least this, less than that."""
UNUSABLE_ONE_IN = 1000
"""One of so many activity records cannot be used."""
UNUSABLE_KIND_COUNT = 4
"""How many kinds of unusable records ``spoil_records`` makes."""
NO_FAULT_CODE = NO_FAULT_ROW = -1
"""The values of ``unusable`` and ``fault_row`` of a series without a fault."""
COPY_FACTORS_IN_TENTHS = np.array([2, 3, 5, 7, 10, 14, 20, 28, 40])
"""Tenths by which the people of a record that is drawn again are multiplied. Unchanged it would look like a version."""
THOUSANDTHS_PER_UNIT = 1000
"""People and factors are drawn in whole thousandths."""
PARTNER_SECTOR_COLUMNS = ["organisation", "country", "sector"]
"""Columns that identify a partner in a sector and country."""
PLANTED_COLUMNS = ["fault", *PARTNER_SECTOR_COLUMNS, "month", "series", "added_people"]
"""Columns of ``Sample.planted``, a row for each planted fault."""

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
"""A mask."""


@dataclass(frozen=True)
class Pool:
    """Reports of the bundled plan, one for each series, in the order of countries, sectors and organisations.

    ``texts`` has the columns of the file unchanged. ``numbers`` has its counts (int64, 0 if empty), TRANSFER in US$ a
    person (-1 if empty), and ``kind``: Pin, People or Other. ``sectors`` has a row for each sector, with the ``rows``
    of the plan and their new ``people``. ``months`` are the months of the plan.
    """

    texts: pd.DataFrame
    numbers: pd.DataFrame
    sectors: pd.DataFrame
    months: list[str]


@dataclass(frozen=True)
class Sample:
    """The series of a sample and their months.

    ``is_reporting`` has a row for each reporter (a partner in a sector) and a column for each month. Columns of
    ``series``:

    - ``record``: its place in the pool
    - ``copy``: more than 0 if a record is drawn again
    - ``reporter``
    - ``first`` and ``last``: the numbers of its first and last month
    - ``level``: thousandths of a person reached for the first time in a usual month
    - ``returning``: per mille of people counted before who come again
    - ``quiet``: true if every third report has no new people
    - ``unusable``: the kind of fault of its one unusable report, or ``NO_FAULT_CODE``
    - ``fault_row``: the row of ``planted`` on this series, or ``NO_FAULT_ROW``

    ``planted`` has a row for each fault and its place (see ``plant_faults``), and no row in a sample of clean data.
    """

    pool: Pool
    series: pd.DataFrame
    is_reporting: Booleans
    planted: pd.DataFrame


def draw_sample(rows: int, seed: int) -> Sample:
    """Draw series that have ``rows`` reports together, each sector with its share.

    The same rows and seed give the same series, since ``RandomState`` draws the same numbers in every version of NumPy.
    """
    pool, chance = read_pool(), np.random.RandomState([seed, 0])
    reporters = pool.texts.groupby([ORGANISATION_HEADER, COUNTRY_HEADER, SECTOR_HEADER]).ngroup().to_numpy()
    is_reporting = draw_months(pool.texts, len(pool.months), chance)
    quotas = split_rows(rows, pool.sectors["rows"])
    unusable = split_rows((rows + UNUSABLE_ONE_IN // 2) // UNUSABLE_ONE_IN, pool.sectors["rows"])
    unusable = np.minimum(unusable, quotas)
    parts = []
    for number, sector in enumerate(pool.sectors.index):
        records = np.flatnonzero(pool.texts[SECTOR_HEADER] == sector)
        months = is_reporting[reporters[records]].sum(axis=1)
        order = spread_over_countries(pool.texts[COUNTRY_HEADER].iloc[records], chance)
        usable = fill_rows(records[order], months[order], quotas[number] - unusable[number])
        spoiled = pd.DataFrame({"record": records[chance.randint(0, len(records), unusable[number])], "months": 1})
        spoiled = spoiled.assign(copy=0, unusable=chance.randint(0, UNUSABLE_KIND_COUNT, len(spoiled)))
        series = pd.concat([usable.assign(unusable=NO_FAULT_CODE), spoiled], ignore_index=True)
        people = pool.sectors.loc[sector, "people"] * quotas[number] // pool.sectors.loc[sector, "rows"]
        parts.append(series.assign(level=draw_levels(series, pool.numbers[NEW_PEOPLE_HEADER], people, chance)))
    series = pd.concat(parts).sort_values(["record", "copy"], kind="stable", ignore_index=True)
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
    """Read from the bundled plan the first usable report of each series with consistent counts of people.

    A report without counts of people is consistent, too. New people are at most the total, and equal to the sum of the
    population groups and of the age groups. Population groups of the kind ``People`` need not add up.
    """
    bundled = find_shipped_folder(BUNDLED_PLAN)
    files = {name: bundled / source.file for name, source in load_sources(bundled).items()}
    activities, indicators, places = (
        pd.read_csv(files[name], dtype="str", keep_default_na=False) for name in ("activities", "indicators", "admin1")
    )
    keys = [SECTOR_HEADER, INDICATOR_HEADER]
    kinds = activities[keys].merge(indicators, how="left", on=keys)["Indicator_Type"]
    counts = [QUANTITY_HEADER, TRANSFER_USD_HEADER, TOTAL_PEOPLE_HEADER, NEW_PEOPLE_HEADER]
    counts += [*POPULATION_GROUP_HEADERS, *AGE_GENDER_HEADERS]
    numbers = activities[counts].apply(pd.to_numeric, errors="coerce")
    people, total = numbers[NEW_PEOPLE_HEADER], numbers[TOTAL_PEOPLE_HEADER]
    is_usable = kinds.notna() & people.notna() & activities[COUNTRY_HEADER].isin(places[COUNTRY_HEADER])
    is_usable &= activities[MONTH_HEADER] != ""
    sectors = people[is_usable].groupby(activities[SECTOR_HEADER]).agg(["size", "sum"]).astype(np.int64)

    has_groups = (numbers[POPULATION_GROUP_HEADERS].sum(axis=1) == people) | (kinds == "People")
    has_ages = numbers[AGE_GENDER_HEADERS].sum(axis=1) == people
    is_consistent = has_groups & has_ages & people.between(1, total)
    is_consistent |= ~kinds.isin(["Pin", "People"])  # these count no people
    numbers[TRANSFER_USD_HEADER] = (numbers[TRANSFER_USD_HEADER] / total).round().fillna(-1)
    texts = activities[is_usable & is_consistent].drop_duplicates(SERIES_KEY_HEADERS)
    listed = pd.CategoricalDtype(list(indicators[INDICATOR_HEADER]), ordered=True)
    order = [COUNTRY_HEADER, SECTOR_HEADER, *SERIES_KEY_HEADERS]
    texts = texts.astype({INDICATOR_HEADER: listed}).sort_values(order, kind="stable").astype({INDICATOR_HEADER: "str"})
    return Pool(
        texts=texts.reset_index(drop=True),
        numbers=numbers.loc[texts.index].astype(np.int64).assign(kind=kinds).reset_index(drop=True),
        sectors=sectors.set_axis(["rows", "people"], axis="columns"),
        months=sorted(activities.loc[is_usable, MONTH_HEADER].unique()),
    )


def split_rows(rows: int, weights: pd.Series) -> Integers:
    """Share whole rows by weight: each share is wrong by less than one, and together they are ``rows``."""
    running = weights.to_numpy(np.int64).cumsum()
    shares: Integers = np.diff((2 * running * rows + running[-1]) // (2 * running[-1]), prepend=0)
    return shares


def draw_months(texts: pd.DataFrame, months: int, chance: np.random.RandomState) -> Booleans:
    """Draw the months in which each organisation in each country and sector reports, a row each, by name.

    Each reports in at least ``MIN_MONTHS_OF_SERIES``.
    """
    keys = [ORGANISATION_HEADER, COUNTRY_HEADER, SECTOR_HEADER]
    reporters = texts[keys].drop_duplicates().sort_values(keys)
    partners = reporters.groupby([ORGANISATION_HEADER, COUNTRY_HEADER]).ngroup().to_numpy()
    count = partners.max() + 1
    percent = chance.randint(0, 100, (count, 1))
    is_late = percent < LATE_START_PERCENT
    is_early = (percent >= LATE_START_PERCENT) & (percent < LATE_START_PERCENT + EARLY_END_PERCENT)
    start = np.where(is_late, chance.randint(1, months - MIN_MONTHS_OF_SERIES + 1, (count, 1)), 0)
    end = np.where(is_early, chance.randint(MIN_MONTHS_OF_SERIES - 1, months - 1, (count, 1)), months - 1)
    silent = np.where(percent >= 100 - IRREGULAR_PERCENT, SILENT_IRREGULAR_PERCENT, SILENT_PERCENT)
    is_working = (np.arange(months) >= start) & (np.arange(months) <= end)
    is_reporting = add_silence(is_working, silent, chance)[partners]
    return add_silence(is_reporting, np.full((len(reporters), 1), SILENT_SECTOR_PERCENT), chance)


def add_silence(is_reporting: Booleans, percent: Integers, chance: np.random.RandomState) -> Booleans:
    """Take away months by chance, except from rows that would have fewer than ``MIN_MONTHS_OF_SERIES``."""
    remaining = is_reporting & (chance.randint(0, 100, is_reporting.shape) >= percent)
    return np.where(remaining.sum(axis=1, keepdims=True) >= MIN_MONTHS_OF_SERIES, remaining, is_reporting)


def spread_over_countries(countries: pd.Series, chance: np.random.RandomState) -> Integers:
    """Return a random order of records in which the first ones, however many, have each country by its share."""
    records = pd.DataFrame({"country": countries.to_numpy(), "lot": chance.random_sample(len(countries))})
    groups = records.groupby("country")["lot"]
    offset = records.groupby("country").ngroup().map(pd.Series(chance.random_sample(groups.ngroups)))
    position = (groups.rank(method="first") - offset) / groups.transform("size")
    return np.argsort(position.to_numpy(), kind="stable")


def fill_rows(records: Integers, months: Integers, rows: int) -> pd.DataFrame:
    """Take records in their order, and again, until their months are ``rows``. The last series may be shorter.

    Columns: ``record``, ``copy``, ``months``. If the last series has too few months, the longest one gives it some
    months.
    """
    numbers = np.arange(rows // MIN_MONTHS_OF_SERIES + 1 if rows else 0)
    series = pd.DataFrame({"record": records[numbers % len(records)], "copy": numbers // len(records)})
    lengths = months[numbers % len(records)]
    series = series[: np.searchsorted(lengths.cumsum(), rows) + 1]
    lengths = lengths[: len(series)].copy()
    if rows:
        lengths[-1] -= lengths.sum() - rows
        longest = lengths.argmax()
        extra = max(min(MIN_MONTHS_OF_SERIES - lengths[-1], lengths[longest] - MIN_MONTHS_OF_SERIES), 0)
        lengths[longest] -= extra
        lengths[-1] += extra
    return series.assign(months=lengths)


def draw_levels(series: pd.DataFrame, people: pd.Series, expected: int, chance: np.random.RandomState) -> Integers:
    """Draw thousandths of people for a usual month of each series, with ``expected`` people in usable reports.

    ``series`` has ``record``, ``copy``, ``months`` and ``unusable``. ``people`` are the people of the records. A series
    of few months has at most ``MAX_LEVEL_OF_SHORT_SERIES`` people, so the total may be smaller.
    """
    factors = COPY_FACTORS_IN_TENTHS[chance.randint(0, len(COPY_FACTORS_IN_TENTHS), len(series))]
    factors = np.where(series["copy"] > 0, factors, 10)
    sizes = people.to_numpy()[series["record"]] * factors
    is_usable = series["unusable"] == NO_FAULT_CODE
    total = int((sizes * series["months"])[is_usable].sum())
    levels: Integers = sizes * (expected * THOUSANDTHS_PER_UNIT) // max(total, 1)
    is_short = (series["months"] < MIN_MONTHS_OF_SERIES).to_numpy()
    levels[is_short] = levels[is_short].clip(max=MAX_LEVEL_OF_SHORT_SERIES * THOUSANDTHS_PER_UNIT)
    return levels


def choose_months(series: pd.DataFrame, is_reporting: Booleans, chance: np.random.RandomState) -> pd.DataFrame:
    """Add ``first`` and ``last`` to series: ``months`` neighbouring months of its reporter.

    They are the last months, as if the work began later. A series of fewer than ``MIN_MONTHS_OF_SERIES`` may have any
    months.
    """
    order = np.argsort(~is_reporting, axis=1, kind="stable")
    reporters, months = series["reporter"].to_numpy(), series["months"].to_numpy()
    spare = is_reporting.sum(axis=1)[reporters] - months
    random = (chance.random_sample(len(series)) * (spare + 1)).astype(np.int64)
    start = np.where(months < MIN_MONTHS_OF_SERIES, random, spare)
    return series.assign(first=order[reporters, start], last=order[reporters, start + months - 1])


def find_active(sample: Sample, month: int) -> Booleans:
    """Return which series report in the month of this number."""
    series = sample.series
    has_work = (series["first"] <= month) & (month <= series["last"])
    is_active: Booleans = has_work.to_numpy() & sample.is_reporting[series["reporter"], month]
    return is_active
