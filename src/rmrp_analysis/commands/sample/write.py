"""Write an illustrative plan of any size to a folder, or its activities to a workbook."""

import io
import zlib
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from rmrp_analysis.commands.sample.faults import plant_faults
from rmrp_analysis.commands.sample.reports import draw_reports
from rmrp_analysis.commands.sample.series import PARTNER_SECTOR, Sample, draw_sample, find_active
from rmrp_analysis.errors import check_allowed
from rmrp_analysis.files import write_whole
from rmrp_analysis.loaders.header import header_key, looks_spanish
from rmrp_analysis.params import BUNDLED_PLAN, shipped_folder
from rmrp_analysis.sources import SOURCES_FILE, load_sources, sha256
from rmrp_analysis.tables import Activities

GZIP_WITHOUT_TIME = 31
"""How zlib is told to write the format of gzip, with the time 0."""
PLANTED_FILE, PLANTED_SHEET = "planted.csv", "Planted"

NOTICE = {
    "en": "Every row is invented, by `rmrp sample`. Nothing of it happened.",
    "es": "Todas las filas son inventadas, por `rmrp sample`. Nada de esto ocurrió.",
}
OPENING = """\
# Written by `rmrp sample --rows {rows} --seed {seed}{faults}`: activities are drawn from those of the bundled plan and
# their numbers are invented. They tell of nothing that happened. All other files are those of the bundled plan.
"""


def write_sample(out: Path, *, rows: int, seed: int, faults: bool = False) -> int:
    """Write a plan of ``rows`` activity records, and all that goes with them, to the folder ``out``; return how many.

    Each sector has its share of the rows; records that cannot be used are among them, one in a thousand. The same rows
    and seed give the same bytes. With ``faults``, some of real files are planted: rows that are late are not there,
    second versions are more rows, and PLANTED_FILE says where (see ``list_planted``); it is no input of the plan.
    Without them, such a file of an earlier sample is removed. Raises ``ValueError`` below one row.
    """
    if rows < 1:
        raise ValueError(f"rows is {rows}: a plan needs at least one activity record")
    bundled = shipped_folder(BUNDLED_PLAN)
    sources = load_sources(bundled)
    activities = sources.activities.file
    for name in (name for _, source in sources.items() for name in source.names if name != activities):
        write_whole(out / name, (bundled / name).read_bytes())
    sample = draw_sample(rows, seed)
    last = len(sample.pool.months) - 1
    sample = plant_faults(sample, last, seed) if faults else sample
    packer = zlib.compressobj(level=1, wbits=GZIP_WITHOUT_TIME)
    packed, planted, written = [], [], 0
    for number, (records, planted_in_part) in enumerate(draw_reports(sample, last, seed)):
        text = records.to_csv(index=False, header=not number, lineterminator="\n")
        packed.append(packer.compress(text.encode()))
        planted.append(planted_in_part)
        written += len(records)
    write_whole(out / activities, b"".join((*packed, packer.flush())))
    if faults:
        write_whole(out / PLANTED_FILE, list_planted(sample, planted).to_csv(index=False, lineterminator="\n"))
    else:
        (out / PLANTED_FILE).unlink(missing_ok=True)
    described = (bundled / SOURCES_FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    entries = "".join(line for line in described if not line.startswith("#"))
    entries = entries.replace(str(sources.activities.sha256), sha256(out / activities))
    opening = OPENING.format(rows=rows, seed=seed, faults=" --faults" if faults else "")
    write_whole(out / SOURCES_FILE, opening + entries)
    return written


def write_workbook(out: Path, *, rows: int, seed: int, month: str, language: str, faults: bool = False) -> int:
    """Write the activities of a sample up to a month to a workbook, as ActivityInfo exports them in a language.

    Returns how many: ``rows`` are those of a whole year. The workbook of a later month begins with the same activities;
    then come those that were added. With ``faults``,
    what is late is so in this month, and the worksheet PLANTED_SHEET says where each is (see ``list_planted``).
    """
    sample = draw_sample(rows, seed)
    months = {name: number for number, name in enumerate(sample.pool.months) if find_active(sample, number).any()}
    check_allowed(month, months, "no activity is of")
    last = months[month]
    sample = plant_faults(sample, last, seed) if faults else sample
    parts, planted = zip(*draw_reports(sample, last, seed), strict=True)
    records = pd.concat(parts)
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
        if faults:
            list_planted(sample, planted).to_excel(book, sheet_name=PLANTED_SHEET, index=False)
    write_whole(out, raw.getvalue())
    return len(records)


def list_planted(sample: Sample, planted: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return a row for each place where a fault is planted.

    Columns: ``fault``, ``organisation``, ``country``, ``sector``, ``month`` (YYYY-MM), each empty where the fault is of
    all of them; ``rows`` and new ``people`` that the fault hides, adds or concerns.
    """
    months = sample.planted["month"].map(dict(enumerate(sample.pool.months)))
    places = sample.planted[["fault", *PARTNER_SECTOR, "month"]].assign(month=months).astype("str").fillna("")
    return places.join(pd.concat(planted).groupby(level=0).sum())
