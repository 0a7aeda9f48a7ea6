"""The mistakes of real reports, put into illustrative records at a low rate."""

import unicodedata

import numpy as np
import pandas as pd

from bundled_plan import profiles
from bundled_plan.activities import AGE_COLUMNS, GROUP_COLUMNS, NEW, TOTAL, reference
from bundled_plan.shares import Integers

SPARED = "Protection (Human Trafficking & Smuggling)"
SECTOR = "Sector...Subsector...WG"


def with_flaggable_faults(
    activities: pd.DataFrame, kept: np.ndarray, file_rows: int, rng: np.random.RandomState
) -> pd.DataFrame:
    """The records with the faults of ``FLAGGED_PER_MILLE``: all still usable; people, rows and partners unchanged.

    Human Trafficking & Smuggling and the rows in ``kept`` are spared, and no row has two faults.
    """
    faulty = activities.copy()
    counts = {fault: file_rows * per_mille // 1000 for fault, per_mille in profiles.FLAGGED_PER_MILLE.items()}
    free = ~kept & (activities[SECTOR] != SPARED).to_numpy()
    copied, originals = _twins(activities, free, counts.pop("duplicate"), rng)
    free[copied] = free[originals] = False
    for fault, count in counts.items():
        rows = _some(free & _open_to(activities, fault), count, rng)
        free[rows] = False
        _spoil(faulty, fault, rows)
    order = np.arange(len(faulty))
    order[copied] = originals
    return faulty.iloc[order].reset_index(drop=True)


def refused_activities(activities: pd.DataFrame, count: int, rng: np.random.RandomState) -> pd.DataFrame:
    """``count`` records as text that no one can use: no number, a misspelt sector, no month, a country that is none."""
    rows = _some((activities[SECTOR] != SPARED).to_numpy(), count, rng)
    refused = activities.iloc[rows].astype(object).reset_index(drop=True)
    kind = np.arange(len(rows)) % 4
    refused.loc[kind == 0, NEW] = "n/a"
    refused.loc[kind == 1, SECTOR] = refused[SECTOR].str[:2] + refused[SECTOR].str[3:]
    refused.loc[kind == 2, "Reporting.Month"] = ""
    refused.loc[kind == 3, "Country"] = "Atlantis"
    return refused


def _some(where: np.ndarray, count: int, rng: np.random.RandomState) -> Integers:
    """At most ``count`` of the marked rows, in order."""
    candidates = np.flatnonzero(where)
    chosen = np.argsort(rng.random_sample(len(candidates)), kind="stable")[:count]
    return np.sort(candidates[chosen]).astype(np.int64)


def _twins(
    activities: pd.DataFrame, free: np.ndarray, count: int, rng: np.random.RandomState
) -> tuple[Integers, Integers]:
    """Rows to overwrite and the rows to copy there: same indicator, country and new people, so that sums hold."""
    alike_in = [SECTOR, "Indicator", "Country", NEW]
    listed = list(reference("indicators.csv")["Indicator"])
    candidates = activities.loc[free & (activities[NEW] > 0).to_numpy(), alike_in]
    in_order = candidates.astype({"Indicator": pd.CategoricalDtype(listed, ordered=True)}).sort_values(
        alike_in, kind="stable"
    )
    alike = (in_order == in_order.shift()).all(axis=1).to_numpy()
    alternate = alike & ~np.roll(alike, 1)
    second = _some(alternate, count, rng)
    return in_order.index.to_numpy()[second], in_order.index.to_numpy()[second - 1]


def _open_to(activities: pd.DataFrame, fault: str) -> np.ndarray:
    """Where a fault can be made and seen."""
    many = activities[NEW] > 4
    conditions = {
        "age_gender": many,
        "population": many & (activities[GROUP_COLUMNS].sum(axis=1) > 0),
        "partner": activities["Implementation.Set.up"] == "Yes",
        "new_over_total": many,
        "value": activities["CVA"] == "Yes",
        "admin1": activities["Admin1"] != activities["Country"],
    }
    return conditions[fault].to_numpy(dtype=bool)


def _spoil(activities: pd.DataFrame, fault: str, rows: Integers) -> None:
    """Make one kind of fault in these rows of a table of our own."""
    if fault == "age_gender":
        _misadd(activities, rows, AGE_COLUMNS, "Women.above.18")
    elif fault == "population":
        _misadd(activities, rows, GROUP_COLUMNS, GROUP_COLUMNS[0])
    elif fault == "partner":
        activities.loc[rows, "Implementing.partner.Name"] = ""
    elif fault == "new_over_total":
        activities.loc[rows, TOTAL] = activities.loc[rows, NEW] * 4 // 5
    elif fault == "value":
        activities.loc[rows, "Value.of.Transfer.in.USD"] = pd.NA
    else:
        activities.loc[rows, "Admin1"] = [_variant(name) for name in activities.loc[rows, "Admin1"]]


def _misadd(activities: pd.DataFrame, rows: Integers, columns: list[str], inflated: str) -> None:
    """Half of the rows lose their breakdown, half report too many in one cell."""
    activities.loc[rows[::2], columns] = 0
    activities.loc[rows[1::2], inflated] += 1 + activities.loc[rows[1::2], NEW] // 6


def _variant(name: str) -> str:
    """Without accents if it has any, else in capitals."""
    plain = "".join(letter for letter in unicodedata.normalize("NFD", name) if not unicodedata.combining(letter))
    return plain if plain != name else name.upper()
