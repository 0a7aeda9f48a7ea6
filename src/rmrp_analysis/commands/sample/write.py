"""Write an illustrative plan of any size to a folder, or its activities to a workbook."""

import bisect
import io
import re
import zlib
from collections.abc import Mapping, Sequence
from itertools import compress
from pathlib import Path

import pandas as pd
from python_calamine import CalamineError

from rmrp_analysis.commands.sample.faults import plant_faults
from rmrp_analysis.commands.sample.reports import draw_reports
from rmrp_analysis.commands.sample.series import (
    MONTH_HEADER,
    PARTNER_SECTOR_COLUMNS,
    Sample,
    draw_sample,
    find_active,
    read_pool,
)
from rmrp_analysis.errors import InputRefused, RequestError, check_allowed
from rmrp_analysis.files import write_whole
from rmrp_analysis.loaders.header import header_key, looks_spanish
from rmrp_analysis.packs import pack
from rmrp_analysis.params import BUNDLED_PLAN, find_shipped_folder
from rmrp_analysis.sources import SOURCES_FILE, load_sources, sha256
from rmrp_analysis.tables import Activities
from rmrp_analysis.words import N_, Translator

UNDATED_GZIP_WBITS = 31
"""The ``wbits`` by which zlib writes the format of gzip with the time 0."""
PLANTED_FILE, PLANTED_SHEET, README_SHEET = "planted.csv", N_("Planted"), N_("README")
"""Names of the file and the worksheet with planted faults, and of the worksheet that says that all rows are
invented."""
PLANTED_LIST_COLUMNS = (
    N_("fault"),
    N_("organisation"),
    N_("country"),
    N_("sector"),
    N_("month"),
    N_("rows"),
    N_("people"),
)

INVENTED_NOTICE = N_("Every row is invented, by `rmrp sample`. Nothing of it happened.")
"""The notice in a workbook of a sample."""
HEADER_LANGUAGES = ("en", "es")
SOURCES_COMMENT_TEMPLATE = """\
# Written by `rmrp sample --rows {rows} --seed {seed}{faults}`: activities are drawn from those of the bundled plan and
# their numbers are invented. They tell of nothing that happened. All other files are those of the bundled plan.
"""


@pack.cached_by_pack
def headers_in(language: str) -> Mapping[str, str]:
    """Return the Spanish headers of activities by their keys if the language is ``es``, or nothing."""
    if language != "es":
        return {}
    return {
        header_key(header): next(filter(looks_spanish, column.headers), header)
        for column in Activities.source_columns.values()
        for header in column.headers
    }


def write_sample(out: Path, *, rows: int, seed: int, faults: bool = False) -> int:
    """Write a plan of ``rows`` activity records with its other inputs to ``out``. Return the number of records.

    Each sector has its share of the rows. One record in a thousand cannot be used. The same rows and seed give the same
    bytes. With ``faults``, some faults of real files are planted: late rows are left out, second versions are more
    rows, and PLANTED_FILE lists the faults (see ``list_planted``). It is no input of the plan. Without ``faults``, such
    a file of an earlier sample is removed. Raises ``ValueError`` below one row.
    """
    if rows < 1:
        raise ValueError(f"rows is {rows}: a plan needs at least one activity record")
    bundled = find_shipped_folder(BUNDLED_PLAN)
    sources = load_sources(bundled)
    activities = sources.activities.file
    for name in (name for _, source in sources.items() for name in source.names if name != activities):
        write_whole(out / name, (bundled / name).read_bytes())
    sample = draw_sample(rows, seed)
    last = len(sample.pool.months) - 1
    sample = plant_faults(sample, last, seed) if faults else sample
    packer = zlib.compressobj(level=1, wbits=UNDATED_GZIP_WBITS)
    packed, planted, count = [], [], 0
    for index, (records, sums) in enumerate(draw_reports(sample, last, seed)):
        text = records.to_csv(index=False, header=not index, lineterminator="\n")
        packed.append(packer.compress(text.encode()))
        planted.append(sums)
        count += len(records)
    write_whole(out / activities, b"".join((*packed, packer.flush())))
    if faults:
        write_whole(out / PLANTED_FILE, list_planted(sample, planted).to_csv(index=False, lineterminator="\n"))
    else:
        (out / PLANTED_FILE).unlink(missing_ok=True)
    lines = (bundled / SOURCES_FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    entries = "".join(line for line in lines if not line.startswith("#"))
    entries = entries.replace(str(sources.activities.sha256), sha256(out / activities))
    opening = SOURCES_COMMENT_TEMPLATE.format(rows=rows, seed=seed, faults=" --faults" if faults else "")
    write_whole(out / SOURCES_FILE, opening + entries)
    return count


def write_workbook(
    out: Path,
    *,
    rows: int,
    seed: int,
    month: str,
    language: str,
    faults: bool = False,
    earlier_workbook: Path | None = None,
) -> int:
    """Write the activities of a sample up to a month to a workbook, as ActivityInfo exports them in a language.

    Returns the number of activities. ``rows`` are the rows of a whole year. The workbook of a later month begins with
    the same activities, and added ones follow. With an ``earlier_workbook``, its activities come first, unchanged, and
    ``rows`` are all of the new workbook. With ``faults``, late rows are late in this month and are left out, and the
    worksheet PLANTED_SHEET says where each fault is (see ``list_planted``). Raises ``RequestError`` for a month that
    has no activities, and if nothing would be added to the earlier workbook.
    """
    pool, translate = read_pool(), Translator(language)
    check_allowed(month, pool.months, "no activity is of")
    first = 0
    last = pool.months.index(month)
    year = added = rows
    earlier = list[pd.DataFrame]()
    if earlier_workbook:
        records, end = read_earlier(earlier_workbook, language)
        earlier.append(records)
        first, added = bisect.bisect_right(pool.months, end), rows - len(records)
        if first > last:
            raise RequestError(f"{earlier_workbook}: holds activities up to {end}; name a later month by --month")
        if added < 1:
            raise RequestError(f"{earlier_workbook}: holds {len(records)} activities; name more by --rows")
        year = find_rows_of_year(added, seed, range(first, last + 1))
    sample = draw_sample(year, seed)
    is_active = [find_active(sample, number).any() for number in range(len(pool.months))]
    check_allowed(month, [*compress(pool.months, is_active)], "no activity is of")
    sample = plant_faults(sample, last, seed) if faults else sample
    parts, planted = zip(*draw_reports(sample, last, seed, first), strict=True)
    sampled = pd.concat(parts).rename(columns=lambda header: headers_in(language).get(header_key(header), header))
    records = pd.concat([*earlier, sampled[:added] if earlier_workbook else sampled])
    buffer = io.BytesIO()
    with pd.ExcelWriter(buffer, engine="xlsxwriter") as book:
        records.to_excel(book, sheet_name="5W", index=False)
        pd.DataFrame([translate(INVENTED_NOTICE)]).to_excel(
            book, sheet_name=translate(README_SHEET), header=False, index=False
        )
        if faults:
            listed = list_planted(sample, planted).rename(columns=translate)
            listed[translate("fault")] = listed[translate("fault")].map(translate)
            listed.to_excel(book, sheet_name=translate(PLANTED_SHEET), index=False)
    write_whole(out, buffer.getvalue())
    return len(records)


def read_earlier(path: Path, language: str) -> tuple[pd.DataFrame, str]:
    """Return the activities of a workbook that ``write_workbook`` wrote in this language, and its last month, or "".

    Raises ``InputRefused`` for another workbook.
    """
    month = headers_in(language).get(header_key(MONTH_HEADER), MONTH_HEADER)
    try:
        records = pd.read_excel(path, engine="calamine", na_filter=False)
    except (CalamineError, ValueError):
        records = pd.DataFrame()
    if month not in records:
        raise InputRefused(f"{path}: no workbook of `rmrp sample` whose headers are in the same --language")
    return records, max(filter(re.compile(r"\d{4}-\d\d").fullmatch, records[month].astype("str")), default="")


def find_rows_of_year(rows: int, seed: int, months: Sequence[int]) -> int:
    """Return how many rows a year needs to have at least ``rows`` in these months."""

    def count_rows(yearly_rows: int) -> int:
        """Count the rows of these months in a sample with ``yearly_rows`` rows in a year."""
        sample = draw_sample(yearly_rows, seed)
        return sum(int(find_active(sample, month).sum()) for month in months)

    highest = rows
    while count_rows(highest) < rows:
        highest *= 2
    year = 1 + bisect.bisect_left(range(1, highest), rows, key=count_rows)
    return next(size for size in range(year, highest + 1) if count_rows(size) >= rows)


def list_planted(sample: Sample, planted: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return a row for each place where a fault is planted and concerns rows.

    ``planted`` are the tables of batches. Columns: ``fault``, ``organisation``, ``country``, ``sector``, ``month``
    (YYYY-MM), each empty if the fault concerns all, and ``rows`` and new ``people`` that the fault hides, adds or
    concerns.
    """
    months = sample.planted["month"].map(dict(enumerate(sample.pool.months)))
    places = sample.planted[["fault", *PARTNER_SECTOR_COLUMNS, "month"]].assign(month=months).astype("str").fillna("")
    sums = pd.concat(planted).groupby(level=0).sum()
    return places.join(sums, how="inner")[[*PLANTED_LIST_COLUMNS]]
