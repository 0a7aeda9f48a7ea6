"""Write the reports of a sample's series, month by month. Each series remembers the people counted since January."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from rmrp_analysis.commands.sample import faults
from rmrp_analysis.commands.sample.series import (
    AGE_GENDER_HEADERS,
    COUNTRY_HEADER,
    MONTH_HEADER,
    NEW_PEOPLE_HEADER,
    NO_FAULT_CODE,
    POPULATION_GROUP_HEADERS,
    QUANTITY_HEADER,
    SECTOR_HEADER,
    THOUSANDTHS_PER_UNIT,
    TOTAL_PEOPLE_HEADER,
    TRANSFER_USD_HEADER,
    Integers,
    Sample,
    find_active,
)

ACTIVITY_HEADER = "Activity.name"
MIN_PEOPLE_FACTOR, MAX_PEOPLE_FACTOR = 600, 1400
"""The range of factors, in thousandths, for the usual people of a series in a month."""
MIN_WEIGHT_FACTOR, MAX_WEIGHT_FACTOR = 800, 1200
"""The range of factors, in thousandths, for the weight of each population group and age group in a month."""
QUIET_REPORT_ONE_IN = 3
"""One of so many reports of a quiet series has no new people."""
NOT_FILLED_FACTOR = 4
"""The factor of usual people who are new in the month with the unfilled column, so that zero is not possible."""
PEOPLE_PER_ADDED_PERSON = 200
"""The second version of a report has one person more for each so many: 0.5 %."""
SERIES_PER_BATCH = 100_000
"""The series that are drawn at once, so that memory suffices."""


def draw_reports(
    sample: Sample, last_month: int, seed: int, first_month: int = 0
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Draw the records of the months up to a number, in the order of months, countries and sectors.

    Yields some records of a month at a time, with the columns of the activities, and the size of each planted fault in
    these records: ``rows`` and ``people`` as in ``list_planted``, by the fault's row of ``Sample.planted``. Months
    before ``first_month`` are drawn but not yielded. The records of a month do not depend on later months. Without a
    planted fault they are as in a sample without faults.
    """
    chance = np.random.RandomState([seed, 1])
    stock = np.zeros(len(sample.series), np.int64)
    reports = np.zeros(len(sample.series), np.int64)
    for month in range(last_month + 1):
        active = np.flatnonzero(find_active(sample, month))
        for start in range(0, len(active), SERIES_PER_BATCH):
            rows = active[start : start + SERIES_PER_BATCH]
            part = describe_series(sample, rows, month).assign(stock=stock[rows], reports=reports[rows])
            people = apply_faults(draw_people(part, chance), part)
            stock[rows] += people["joining"]
            reports[rows] += 1
            records = make_records(sample, part, people, month, chance)
            if month >= first_month:
                yield records


def describe_series(sample: Sample, rows: Integers, month: int) -> pd.DataFrame:
    """Return some series with the numbers of their records, and the ``fault`` that is planted in the month, or "".

    ``rows`` are the numbers of the series. Columns: the columns of ``Sample.series`` and ``Pool.numbers``, ``fault``,
    and ``added_people`` (0 without such people).
    """
    part = sample.series.iloc[rows].reset_index(drop=True)
    part = part.join(sample.pool.numbers.iloc[part["record"]].reset_index(drop=True))
    planted = sample.planted.reindex(part["fault_row"]).reset_index(drop=True)
    is_planted = planted["month"].isna() | (planted["month"] == month)
    return part.assign(
        fault=planted["fault"].where(is_planted).fillna("").to_numpy(),
        added_people=planted["added_people"].where(is_planted).fillna(0).astype(np.int64),
    )


def draw_people(part: pd.DataFrame, chance: np.random.RandomState) -> pd.DataFrame:
    """Draw the ``new`` people of a month, and the ``total`` with returning people of the stock, a row a series.

    ``part`` has the columns of ``describe_series``, ``stock`` and ``reports``. No person is new if the indicator counts
    other things, and in every third report of a quiet series. Otherwise at least one person is new.

    The stock has the people counted since January. Every assisted person was new once, so the total is at most the new
    people of all months so far.
    """
    counts_people, has_stock = part["kind"] != "Other", part["stock"] > 0
    level = part["level"].where(part["fault"] != faults.NOT_FILLED, NOT_FILLED_FACTOR * part["level"])
    new = draw_near(level, chance).clip(lower=1)
    returning = draw_near(part["stock"] * part["returning"], chance).clip(lower=has_stock.astype(np.int64))
    is_quiet = part["quiet"] & (part["reports"] % QUIET_REPORT_ONE_IN == QUIET_REPORT_ONE_IN - 1) & has_stock
    new = new.mask(is_quiet | ~counts_people, 0)
    return pd.DataFrame({"new": new, "total": new + returning})


def draw_near(thousandths: pd.Series, chance: np.random.RandomState) -> pd.Series:
    """Draw whole numbers near these thousandths, by up to 40 % less or more."""
    factors = chance.randint(MIN_PEOPLE_FACTOR, MAX_PEOPLE_FACTOR + 1, len(thousandths))
    rounding = chance.randint(0, THOUSANDTHS_PER_UNIT, len(thousandths))
    return (thousandths * factors // THOUSANDTHS_PER_UNIT + rounding) // THOUSANDTHS_PER_UNIT


def apply_faults(people: pd.DataFrame, part: pd.DataFrame) -> pd.DataFrame:
    """Return the reported people of a month, with its planted faults.

    Columns:

    - ``new`` and ``total``
    - ``grouped`` and ``aged``: the sums of the population groups and of the age groups
    - ``joining``: people who join the stock
    - ``planted``: new people whom a fault hides, adds or concerns
    """
    fault, new, total = part["fault"], people["new"], people["total"]
    is_hidden = fault == faults.NOT_FILLED
    reported = new.mask(fault == faults.EVERYBODY_NEW, total).mask(is_hidden, 0) + part["added_people"]
    return pd.DataFrame(
        {
            "new": reported,
            "total": total + part["added_people"],
            "grouped": reported.mask(fault == faults.GROUPS_OF_ASSISTED, total),
            "aged": reported,
            "joining": new.mask(is_hidden, 0),
            "planted": reported.mask(is_hidden, new),
        }
    )


def make_records(
    sample: Sample, part: pd.DataFrame, people: pd.DataFrame, month: int, chance: np.random.RandomState
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the records of some series in a month, and the rows and people of each fault. Write nothing.

    ``part`` has the columns of ``describe_series``, ``people`` the columns of ``apply_faults``. Late records are left
    out, unusable ones spoilt, and second versions come last, with a few more people. The other table has ``rows`` and
    ``people`` by ``fault_row``.
    """
    quantity, transfer = part[QUANTITY_HEADER], part[TRANSFER_USD_HEADER]
    cells = pd.DataFrame(
        {
            QUANTITY_HEADER: draw_near(quantity * THOUSANDTHS_PER_UNIT, chance).clip(lower=quantity.clip(upper=1)),
            TRANSFER_USD_HEADER: (transfer * people["total"]).astype("Int64").mask(transfer < 0),
            TOTAL_PEOPLE_HEADER: people["total"],
            NEW_PEOPLE_HEADER: people["new"],
            **split_people(people["grouped"], part[POPULATION_GROUP_HEADERS], chance),
            **split_people(people["aged"], part[AGE_GENDER_HEADERS], chance),
        }
    )
    records = sample.pool.texts.iloc[part["record"]].reset_index(drop=True)
    records[cells.columns] = cells
    records[MONTH_HEADER] = sample.pool.months[month]
    names = records[ACTIVITY_HEADER]
    records[ACTIVITY_HEADER] = names.mask(part["copy"] > 0, names + " " + (part["copy"] + 1).astype("str"))
    versions = records[part["fault"] == faults.TWO_VERSIONS]
    extra = (versions[NEW_PEOPLE_HEADER] // PEOPLE_PER_ADDED_PERSON).clip(lower=1)
    women_in_destination = (AGE_GENDER_HEADERS[2], POPULATION_GROUP_HEADERS[0])
    headers = (NEW_PEOPLE_HEADER, TOTAL_PEOPLE_HEADER, *women_in_destination)
    versions = versions.assign(**{header: versions[header] + extra for header in headers})
    planted = part[["fault_row"]].assign(rows=1, people=people["planted"])
    planted.loc[versions.index, "people"] = versions[NEW_PEOPLE_HEADER]
    has_fault = (part["fault"] != "") & ((people["total"] > 0) | ~part["fault"].isin(faults.PEOPLE_FAULTS))
    records = spoil_records(records, part["unusable"])[~part["fault"].isin(faults.LATE_FAULTS)]
    return pd.concat([records, versions], ignore_index=True), planted[has_fault].groupby("fault_row").sum()


def split_people(people: pd.Series, weights: pd.DataFrame, chance: np.random.RandomState) -> dict[str, Integers]:
    """Split people into whole parts by weights that vary a little. If all weights are 0, the parts are 0.

    ``weights`` has a column for each part, which is the key of its people.
    """
    factors = chance.randint(MIN_WEIGHT_FACTOR, MAX_WEIGHT_FACTOR + 1, weights.shape)
    running = (weights.to_numpy() * factors).cumsum(axis=1)
    totals = running[:, -1:].clip(min=1)
    rounding = chance.randint(0, THOUSANDTHS_PER_UNIT, totals.shape) * totals // THOUSANDTHS_PER_UNIT
    parts = np.diff((running * people.to_numpy()[:, np.newaxis] + rounding) // totals, axis=1, prepend=0)
    return dict(zip(weights.columns, parts.T, strict=True))


def spoil_records(records: pd.DataFrame, kinds: pd.Series) -> pd.DataFrame:
    """Return records, made unusable unless ``kinds`` is ``NO_FAULT_CODE``.

    Kind 0 has new people that are no number, 1 a misspelt sector, 2 no month, 3 an unknown country.
    """
    if (kinds == NO_FAULT_CODE).all():
        return records
    sectors = records[SECTOR_HEADER]
    return records.assign(
        **{
            NEW_PEOPLE_HEADER: records[NEW_PEOPLE_HEADER].astype("object").mask(kinds == 0, "n/a"),
            SECTOR_HEADER: sectors.mask(kinds == 1, sectors.str[:2] + sectors.str[3:]),
            MONTH_HEADER: records[MONTH_HEADER].mask(kinds == 2, ""),
            COUNTRY_HEADER: records[COUNTRY_HEADER].mask(kinds == 3, "Atlantis"),
        }
    )
