"""Draw an illustrative plan of any size from the bundled one."""

import io
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.files import write_whole
from rmrp_analysis.loaders.header import header_key, looks_spanish
from rmrp_analysis.params import BUNDLED_PLAN, shipped_folder
from rmrp_analysis.sources import SOURCES_FILE, load_sources, sha256
from rmrp_analysis.tables import Activities

MONTH = "Reporting.Month"
SECTOR, NAME, NEW = "Sector...Subsector...WG", "Activity.name", "New.beneficiaries.of.the.month"
GROUPS = (
    "Refugees.and.Migrants.IN.DESTINATION",
    "Refugees.and.Migrants.IN.TRANSIT",
    "Host.Communities.Beneficiaries",
    "Refugees.and.Migrants.PENDULARS",
    "Colombian.Returnees",
)
AGES = ("Women.under.18", "Men.under.18", "Women.above.18", "Men.above.18")
SHRUNK = ("Value.of.Transfer.in.USD", "Quantity.of.unit.measured", "Total.monthly.beneficiaries", NEW)
ADDED_UP = (*((measure,) for measure in SHRUNK), GROUPS, AGES)
"""Columns whose numbers are varied; those of one tuple together, so that they add up as before."""
LEAST, ONE, MOST = 750, 1000, 1250
"""What a record's numbers are multiplied by, in thousandths."""

ROWS_AT_ONCE = 100_000
GZIP_WITHOUT_TIME = 31
"""How zlib is told to write the format of gzip, with the time 0."""

NOTICE = {
    "en": "Every row is invented, by `rmrp sample`. Nothing of it happened.",
    "es": "Todas las filas son inventadas, por `rmrp sample`. Nada de esto ocurrió.",
}
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
    packer = zlib.compressobj(level=1, wbits=GZIP_WITHOUT_TIME)
    parts = drawn_records(rows, seed)
    packed = [
        packer.compress(part.to_csv(index=False, header=not number, lineterminator="\n").encode())
        for number, part in enumerate(parts)
    ]
    write_whole(out / activities, b"".join((*packed, packer.flush())))
    described = (bundled / SOURCES_FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    entries = "".join(line for line in described if not line.startswith("#"))
    entries = entries.replace(str(sources.activities.sha256), sha256(out / activities))
    write_whole(out / SOURCES_FILE, OPENING.format(rows=rows, seed=seed) + entries)


def write_workbook(out: Path, *, rows: int, seed: int, month: str, language: str) -> None:
    """Write the activities of a sample up to a month to a workbook, as ActivityInfo exports them in a language.

    The workbook of a later month holds the same activities, and those that were added.
    """
    records = pd.concat(drawn_records(rows, seed))
    if month not in (months := sorted(records[MONTH].unique())):
        raise RequestError(f"no activity is of '{month}'; {did_you_mean(month, months)}")
    records = records[records[MONTH] <= month].sort_values(MONTH, kind="stable")
    numbers = [column for columns in ADDED_UP for column in columns]
    records[numbers] = records[numbers].map(lambda text: int(text) if text.isdigit() else text)
    if language == "es":
        spanish = {
            header_key(header): next(filter(looks_spanish, column.headers), header)
            for column in Activities.source_columns.values()
            for header in column.headers
        }
        records = records.rename(columns=lambda header: spanish.get(header_key(header), header))
    raw = io.BytesIO()
    with pd.ExcelWriter(raw, engine="xlsxwriter") as book:
        records.to_excel(book, sheet_name="5W", index=False)
        pd.DataFrame([NOTICE[language]]).to_excel(book, sheet_name="README", header=False, index=False)
    write_whole(out, raw.getvalue())


def drawn_records(rows: int, seed: int) -> Iterator[pd.DataFrame]:
    """Draw ``rows`` records from the bundled plan and vary their numbers, some at a time."""
    bundled = shipped_folder(BUNDLED_PLAN)
    whole = pd.read_csv(bundled / load_sources(bundled).activities.file, dtype="str", keep_default_na=False)
    chance = np.random.RandomState(seed)  # its numbers are the same in every version of NumPy
    chosen = chosen_records(whole, rows, chance)
    factors = chance.randint(LEAST, MOST + 1, (rows, 1))
    roundings = chance.randint(0, ONE, (rows, 1))
    repeats = np.arange(rows) - np.searchsorted(chosen, chosen)
    for start in range(0, rows, ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        yield varied_records(whole, chosen[part], repeats[part], factors[part], roundings[part])


def chosen_records(activities: pd.DataFrame, rows: int, chance: np.random.RandomState) -> np.ndarray:
    """The numbers of ``rows`` of these records, in their order.

    The records are laid in a line by sector, which is cut into ``rows`` equal pieces; one is drawn from each piece.
    """
    by_sector = np.argsort(activities[SECTOR].to_numpy(), kind="stable")
    places = ((np.arange(rows) + chance.random_sample(rows)) * len(activities) / rows).astype(np.int64)
    return np.sort(by_sector.take(places, mode="clip"))


def varied_records(
    activities: pd.DataFrame, chosen: np.ndarray, repeats: np.ndarray, factors: np.ndarray, roundings: np.ndarray
) -> pd.DataFrame:
    """Vary the numbers of the chosen records; one that is drawn again gets a number after its activity's name.

    All numbers of each are multiplied by its factor near 1; what is no number stays. Rounding keeps what held: parts
    that added up to the new beneficiaries still do, and the total of the month is still no less than the new
    beneficiaries where it was not.
    """
    records = activities.iloc[chosen].reset_index(drop=True)
    numbered = records[NAME] + " " + pd.Series(repeats + 1).astype("str")
    records[NAME] = records[NAME].where(repeats == 0, numbered)
    for columns in map(list, ADDED_UP):
        numbers = activities[columns].apply(pd.to_numeric, errors="coerce").iloc[chosen].reset_index(drop=True)
        running = numbers.fillna(0).to_numpy(np.int64).cumsum(axis=1)
        parts = np.diff((running * factors + roundings) // ONE, axis=1, prepend=0)
        records[columns] = records[columns].mask(numbers.notna(), pd.DataFrame(parts, columns=columns).astype("str"))
    return records
