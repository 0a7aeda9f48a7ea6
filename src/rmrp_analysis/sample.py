"""An illustrative plan of any size, drawn from the bundled one."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd

from rmrp_analysis.files import write_whole
from rmrp_analysis.params import shipped_folder
from rmrp_analysis.sources import SOURCES_FILE, load_sources, sha256

BUNDLED_PLAN = "data/rmrp-2021"
SECTOR, NAME, NEW = "Sector...Subsector...WG", "Activity.name", "New.beneficiaries.of.the.month"
GROUPS = (
    "Refugees.and.Migrants.IN.DESTINATION",
    "Refugees.and.Migrants.IN.TRANSIT",
    "Host.Communities.Beneficiaries",
    "Refugees.and.Migrants.PENDULARS",
    "Colombian.Returnees",
)
AGES = ("Women.under.18", "Men.under.18", "Women.above.18", "Men.above.18")
MEASURES = ("Value.of.Transfer.in.USD", "Quantity.of.unit.measured", "Total.monthly.beneficiaries", NEW)
ADDED_UP = (*((measure,) for measure in MEASURES), GROUPS, AGES)
"""Columns whose numbers are varied; those of one tuple together, so that they add up as before."""
LEAST, ONE, MOST = 750, 1000, 1250
"""What a record's numbers are multiplied by, in thousandths."""

OPENING = """\
# Written by `rmrp sample --rows {rows} --seed {seed}`: activities are drawn from those of the bundled plan and their
# numbers varied. They tell of nothing that happened. All other files are those of the bundled plan.
"""


def write_sample(out: Path, *, rows: int, seed: int) -> None:
    """Write a plan of ``rows`` activity records, and all that goes with them, to the folder ``out``.

    Each sector and month has its share of the rows; records that cannot be used are among them, one in a thousand.
    The same rows and seed give the same bytes. Raises ``ValueError`` below one row.
    """
    if rows < 1:
        raise ValueError(f"rows is {rows}: a plan needs at least one activity record")
    bundled = shipped_folder(BUNDLED_PLAN)
    sources = load_sources(bundled)
    activities = sources.activities.file
    for name in (name for _, source in sources.items() for name in source.names if name != activities):
        write_whole(out / name, (bundled / name).read_bytes())
    chance = np.random.RandomState(seed)  # its numbers are the same in every version of NumPy
    records = chosen_records(pd.read_csv(bundled / activities, dtype="str", keep_default_na=False), rows, chance)
    text = with_varied_numbers(records, chance).to_csv(index=False, lineterminator="\n").encode()
    write_whole(out / activities, gzip.compress(text, compresslevel=1, mtime=0))
    lines = (bundled / SOURCES_FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    entries = "".join(line for line in lines if not line.startswith("#"))
    entries = entries.replace(str(sources.activities.sha256), sha256(out / activities))
    write_whole(out / SOURCES_FILE, OPENING.format(rows=rows, seed=seed) + entries)


def chosen_records(activities: pd.DataFrame, rows: int, chance: np.random.RandomState) -> pd.DataFrame:
    """``rows`` of these records, in their order; one that is drawn again gets a number after its activity's name.

    The records are laid in a line by sector, which is cut into ``rows`` equal pieces; one is drawn from each piece.
    """
    by_sector = np.argsort(activities[SECTOR].to_numpy(), kind="stable")
    places = ((np.arange(rows) + chance.random_sample(rows)) * len(activities) / rows).astype(np.int64)
    chosen = np.sort(by_sector.take(places, mode="clip"))
    repeat = pd.Series(np.arange(rows) - np.searchsorted(chosen, chosen))
    sample = activities.iloc[chosen].reset_index(drop=True)
    number = (" " + (repeat + 1).astype("str")).where(repeat > 0, "")
    return sample.assign(**{NAME: sample[NAME] + number})


def with_varied_numbers(activities: pd.DataFrame, chance: np.random.RandomState) -> pd.DataFrame:
    """The records with all numbers of each multiplied by one factor near 1; what is no number stays.

    Rounding keeps what held: parts that added up to the new beneficiaries still do, and the total of the month is
    still no less than the new beneficiaries where it was not.
    """
    factors = chance.randint(LEAST, MOST + 1, (len(activities), 1))
    roundings = chance.randint(0, ONE, (len(activities), 1))
    texts = {}
    for columns in map(list, ADDED_UP):
        numbers = activities[columns].apply(pd.to_numeric, errors="coerce")
        running = numbers.fillna(0).to_numpy(np.int64).cumsum(axis=1)
        parts = np.diff((running * factors + roundings) // ONE, axis=1, prepend=0)
        for column, part in zip(columns, parts.T, strict=True):
            texts[column] = pd.Series(part).astype("str").where(numbers[column].notna(), activities[column])
    return activities.assign(**texts)
