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

ORGANISATION, COUNTRY, MONTH = "Appealing.Organization.Name", "Country", "Reporting.Month"
SECTOR, INDICATOR = "Sector...Subsector...WG", "Indicator"
NEW, TOTAL = "New.beneficiaries.of.the.month", "Total.monthly.beneficiaries"
TRANSFER, QUANTITY = "Value.of.Transfer.in.USD", "Quantity.of.unit.measured"
GROUPS = [
    "Refugees.and.Migrants.IN.DESTINATION",
    "Refugees.and.Migrants.IN.TRANSIT",
    "Host.Communities.Beneficiaries",
    "Refugees.and.Migrants.PENDULARS",
    "Colombian.Returnees",
]
AGES = ["Women.under.18", "Men.under.18", "Women.above.18", "Men.above.18"]
SERIES = [ORGANISATION, "Implementing.partner.Name", SECTOR, INDICATOR, COUNTRY, "Admin1"]

LATE_START_PERCENT, EARLY_END_PERCENT, IRREGULAR_PERCENT = 12, 8, 5
"""How many partners begin after January, end before December, or report in some months only; all others always do."""
SILENT_PERCENT, SILENT_IRREGULAR_PERCENT, SILENT_SECTOR_PERCENT = 3, 50, 2
"""In how many months a partner is silent all the same, one that is irregular, or a partner in one of its sectors."""
MIN_MONTHS = 4
"""Of a series with fewer months one report could be more than half of the year's people."""
MAX_LEVEL_OF_SHORT_SERIES = 350
"""Reports of a series with fewer months vary by up to 40 % around this: none is half of 1,000 people."""
QUIET_PERCENT, MIN_MONTHS_OF_QUIET_SERIES = 3, 8
RETURNING_PER_MILLE = (40, 200)
"""How many of the people counted since January come again in a month: at least, and less than."""
UNUSABLE_ONE_IN = 1000
KINDS_OF_UNUSABLE = 4
USABLE = NOT_PLANTED = -1
COPY_FACTORS = np.array([2, 3, 5, 7, 10, 14, 20, 28, 40])
"""A record that is drawn again is a series of another size, or the two would look like versions of one report."""
THOUSANDTHS = 1000
PARTNER_SECTOR = ["organisation", "country", "sector"]
PLANTED_COLUMNS = ["fault", *PARTNER_SECTOR, "month", "series", "added_people"]

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]


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
    or ``USABLE``; ``fault_row``, the row of ``planted`` that is about it, or ``NOT_PLANTED``.

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
    reporters = pool.texts.groupby([ORGANISATION, COUNTRY, SECTOR]).ngroup().to_numpy()
    is_reporting = draw_months(pool.texts, len(pool.months), chance)
    rows_of_sectors = split_rows(rows, pool.sectors["rows"])
    unusable = split_rows((rows + UNUSABLE_ONE_IN // 2) // UNUSABLE_ONE_IN, pool.sectors["rows"])
    unusable = np.minimum(unusable, rows_of_sectors)
    series_of_sectors = []
    for number, sector in enumerate(pool.sectors.index):
        records = np.flatnonzero(pool.texts[SECTOR] == sector)
        months = is_reporting[reporters[records]].sum(axis=1)
        order = spread_over_countries(pool.texts[COUNTRY].iloc[records], chance)
        usable = fill_rows(records[order], months[order], rows_of_sectors[number] - unusable[number])
        spoiled = pd.DataFrame({"record": records[chance.randint(0, len(records), unusable[number])], "months": 1})
        spoiled = spoiled.assign(copy=0, unusable=chance.randint(0, KINDS_OF_UNUSABLE, len(spoiled)))
        series = pd.concat([usable.assign(unusable=USABLE), spoiled], ignore_index=True)
        people = pool.sectors.loc[sector, "people"] * rows_of_sectors[number] // pool.sectors.loc[sector, "rows"]
        series_of_sectors.append(series.assign(level=draw_levels(series, pool.numbers[NEW], people, chance)))
    series = pd.concat(series_of_sectors).sort_values(["record", "copy"], kind="stable", ignore_index=True)
    series = series.assign(
        reporter=reporters[series["record"]],
        fault_row=NOT_PLANTED,
        returning=chance.randint(*RETURNING_PER_MILLE, len(series)),
        quiet=(chance.randint(0, 100, len(series)) < QUIET_PERCENT) & (series["months"] >= MIN_MONTHS_OF_QUIET_SERIES),
    )
    planted = pd.DataFrame(columns=PLANTED_COLUMNS)
    return Sample(pool, choose_months(series, is_reporting, chance), is_reporting, planted)


@cache
def read_pool() -> Pool:
    """Read the reports of the bundled plan whose numbers fit one another; of each series the first."""
    bundled = find_shipped_folder(BUNDLED_PLAN)
    files = {name: bundled / source.file for name, source in load_sources(bundled).items()}
    activities, indicators, places = (
        pd.read_csv(files[name], dtype="str", keep_default_na=False) for name in ("activities", "indicators", "admin1")
    )
    kinds = activities[[SECTOR, INDICATOR]].merge(indicators, how="left", on=[SECTOR, INDICATOR])["Indicator_Type"]
    numbers = activities[[QUANTITY, TRANSFER, TOTAL, NEW, *GROUPS, *AGES]].apply(pd.to_numeric, errors="coerce")
    is_usable = kinds.notna() & numbers[NEW].notna() & activities[COUNTRY].isin(places[COUNTRY])
    is_usable &= activities[MONTH] != ""
    counts_people = kinds.isin(["Pin", "People"])
    groups_fit = (numbers[GROUPS].sum(axis=1) == numbers[NEW]) | (kinds == "People")
    fits = groups_fit & (numbers[AGES].sum(axis=1) == numbers[NEW]) & numbers[NEW].between(1, numbers[TOTAL])
    sectors = numbers[is_usable].groupby(activities[SECTOR])[NEW].agg(["size", "sum"]).astype(np.int64)
    numbers[TRANSFER] = (numbers[TRANSFER] / numbers[TOTAL]).round().fillna(-1)
    texts = activities[is_usable & (fits | ~counts_people)].drop_duplicates(SERIES)
    listed = pd.CategoricalDtype(list(indicators[INDICATOR]), ordered=True)
    texts = texts.astype({INDICATOR: listed}).sort_values([COUNTRY, SECTOR, *SERIES], kind="stable")
    texts = texts.astype({INDICATOR: "str"})
    return Pool(
        texts=texts.reset_index(drop=True),
        numbers=numbers.loc[texts.index].astype(np.int64).assign(kind=kinds).reset_index(drop=True),
        sectors=sectors.set_axis(["rows", "people"], axis="columns"),
        months=sorted(activities.loc[is_usable, MONTH].unique()),
    )


def split_rows(rows: int, weights: pd.Series) -> Integers:
    """Share whole rows by weight: no share is wrong by one or more, and together they are ``rows``."""
    running = weights.to_numpy(np.int64).cumsum()
    shares: Integers = np.diff((2 * running * rows + running[-1]) // (2 * running[-1]), prepend=0)
    return shares


def draw_months(texts: pd.DataFrame, months: int, chance: np.random.RandomState) -> Booleans:
    """Draw in which months each organisation in each country and sector reports: a row each, in the order of names.

    Each has at least ``MIN_MONTHS``.
    """
    reporters = texts[[ORGANISATION, COUNTRY, SECTOR]].drop_duplicates().sort_values([ORGANISATION, COUNTRY, SECTOR])
    partners = reporters.groupby([ORGANISATION, COUNTRY]).ngroup().to_numpy()
    number = partners.max() + 1
    percent = chance.randint(0, 100, (number, 1))
    starts_late = percent < LATE_START_PERCENT
    ends_early = (percent >= LATE_START_PERCENT) & (percent < LATE_START_PERCENT + EARLY_END_PERCENT)
    first_months = np.where(starts_late, chance.randint(1, months - MIN_MONTHS + 1, (number, 1)), 0)
    last_months = np.where(ends_early, chance.randint(MIN_MONTHS - 1, months - 1, (number, 1)), months - 1)
    silent = np.where(percent >= 100 - IRREGULAR_PERCENT, SILENT_IRREGULAR_PERCENT, SILENT_PERCENT)
    is_working = (np.arange(months) >= first_months) & (np.arange(months) <= last_months)
    is_reporting = add_silence(is_working, silent, chance)[partners]
    return add_silence(is_reporting, np.full((len(reporters), 1), SILENT_SECTOR_PERCENT), chance)


def add_silence(is_reporting: Booleans, percent: Integers, chance: np.random.RandomState) -> Booleans:
    """Take away the months that chance makes silent, but from nobody to whom fewer than ``MIN_MONTHS`` were left."""
    remaining = is_reporting & (chance.randint(0, 100, is_reporting.shape) >= percent)
    return np.where(remaining.sum(axis=1, keepdims=True) >= MIN_MONTHS, remaining, is_reporting)


def spread_over_countries(countries: pd.Series, chance: np.random.RandomState) -> Integers:
    """Order records by chance so that the first ones, however many, hold each country by its share."""
    records = pd.DataFrame({"country": countries.to_numpy(), "lot": chance.random_sample(len(countries))})
    by_country = records.groupby("country")["lot"]
    offset = records.groupby("country").ngroup().map(pd.Series(chance.random_sample(by_country.ngroups)))
    position = (by_country.rank(method="first") - offset) / by_country.transform("size")
    return np.argsort(position.to_numpy(), kind="stable")


def fill_rows(records: Integers, months: Integers, rows: int) -> pd.DataFrame:
    """Take records in their order, and again, until their months are ``rows``; the last series may be shorter.

    Columns: ``record``, ``copy``, ``months``. Where the last one would have too few months, the longest gives it some.
    """
    numbers = np.arange(rows // MIN_MONTHS + 1 if rows else 0)
    series = pd.DataFrame({"record": records[numbers % len(records)], "copy": numbers // len(records)})
    lengths = months[numbers % len(records)]
    series = series[: np.searchsorted(lengths.cumsum(), rows) + 1]
    lengths = lengths[: len(series)].copy()
    if rows:
        lengths[-1] -= lengths.sum() - rows
        longest = lengths.argmax()
        moved_months = max(min(MIN_MONTHS - lengths[-1], lengths[longest] - MIN_MONTHS), 0)
        lengths[longest] -= moved_months
        lengths[-1] += moved_months
    return series.assign(months=lengths)


def draw_levels(series: pd.DataFrame, people: pd.Series, expected: int, chance: np.random.RandomState) -> Integers:
    """Draw thousandths of people for a usual month of each series; all usable reports have ``expected`` people."""
    factors = np.where(series["copy"] > 0, COPY_FACTORS[chance.randint(0, len(COPY_FACTORS), len(series))], 10)
    sizes = people.to_numpy()[series["record"]] * factors
    is_usable = series["unusable"] == USABLE
    everybody = int((sizes * series["months"])[is_usable].sum())
    levels: Integers = sizes * (expected * THOUSANDTHS) // max(everybody, 1)
    is_short = (series["months"] < MIN_MONTHS).to_numpy()
    levels[is_short] = levels[is_short].clip(max=MAX_LEVEL_OF_SHORT_SERIES * THOUSANDTHS)
    return levels


def choose_months(series: pd.DataFrame, is_reporting: Booleans, chance: np.random.RandomState) -> pd.DataFrame:
    """Add ``first`` and ``last``: of the months of its reporter, a series has as many in a row as ``months`` says.

    They are the last ones, as of work that began later; those of a series with fewer than ``MIN_MONTHS`` may be any.
    """
    months_in_order = np.argsort(~is_reporting, axis=1, kind="stable")
    reporters, months = series["reporter"].to_numpy(), series["months"].to_numpy()
    spare = is_reporting.sum(axis=1)[reporters] - months
    random_start = (chance.random_sample(len(series)) * (spare + 1)).astype(np.int64)
    start = np.where(months < MIN_MONTHS, random_start, spare)
    return series.assign(first=months_in_order[reporters, start], last=months_in_order[reporters, start + months - 1])


def find_active(sample: Sample, month: int) -> Booleans:
    """Return which series report in the month of this number."""
    series = sample.series
    has_work = (series["first"] <= month) & (month <= series["last"])
    is_active: Booleans = has_work.to_numpy() & sample.is_reporting[series["reporter"], month]
    return is_active
