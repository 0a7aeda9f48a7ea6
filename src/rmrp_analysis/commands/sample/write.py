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
"""Names of the file and worksheet that list planted faults, and of the worksheet that says that all is invented."""
PLANTED_LIST_COLUMNS = (
    N_("fault"),
    N_("organisation"),
    N_("country"),
    N_("sector"),
    N_("month"),
    N_("rows"),
    N_("people"),
)
"""Columns of the list of planted faults."""

INVENTED_NOTICE = N_("Every row is invented, by `rmrp sample`. Nothing of it happened.")
"""What a workbook of a sample says of itself."""
HEADER_LANGUAGES = ("en", "es")
"""The languages that a workbook's headers can be in."""
SOURCES_COMMENT_TEMPLATE = """\
# Written by `rmrp sample --rows {rows} --seed {seed}{faults}`: activities are drawn from those of the bundled plan and
# their numbers are invented. They tell of nothing that happened. All other files are those of the bundled plan.
"""
"""The comment at the top of ``sources.yml`` in a sample."""


@pack.cached_by_pack
def headers_in(language: str) -> Mapping[str, str]:
    """Return what headers of activities are called in Spanish (``es``), by their keys; empty for any other language."""
    if language != "es":
        return {}
    return {
        header_key(known_header): next(filter(looks_spanish, declared_column.headers), known_header)
        for declared_column in Activities.source_columns.values()
        for known_header in declared_column.headers
    }


def write_sample(out: Path, *, rows: int, seed: int, faults: bool = False) -> int:
    """Write a plan of ``rows`` activity records, and all that goes with them, to the folder ``out``; return how many.

    Each sector has its share of the rows; records that cannot be used are among them, one in a thousand. The same rows
    and seed give the same bytes. With ``faults``, some of real files are planted: rows that are late are not there,
    second versions are more rows, and PLANTED_FILE says where (see ``list_planted``); it is no input of the plan.
    Without them, such a file of an earlier sample is removed. Raises ``ValueError`` below one row.
    """
    if rows < 1:
        raise ValueError(f"rows is {rows}: a plan needs at least one activity record")
    bundled_plan_folder = find_shipped_folder(BUNDLED_PLAN)
    bundled_sources = load_sources(bundled_plan_folder)
    activities_file_name = bundled_sources.activities.file
    for file_name in (
        file_name
        for _, input_source in bundled_sources.items()
        for file_name in input_source.names
        if file_name != activities_file_name
    ):
        write_whole(out / file_name, (bundled_plan_folder / file_name).read_bytes())
    drawn_sample = draw_sample(rows, seed)
    last_month_index = len(drawn_sample.pool.months) - 1
    drawn_sample = plant_faults(drawn_sample, last_month_index, seed) if faults else drawn_sample
    gzip_packer = zlib.compressobj(level=1, wbits=UNDATED_GZIP_WBITS)
    compressed_batches, planted_tables, activity_count = [], [], 0
    for batch_number, (batch_record_table, planted_batch_table) in enumerate(
        draw_reports(drawn_sample, last_month_index, seed)
    ):
        records_csv = batch_record_table.to_csv(index=False, header=not batch_number, lineterminator="\n")
        compressed_batches.append(gzip_packer.compress(records_csv.encode()))
        planted_tables.append(planted_batch_table)
        activity_count += len(batch_record_table)
    write_whole(out / activities_file_name, b"".join((*compressed_batches, gzip_packer.flush())))
    if faults:
        write_whole(
            out / PLANTED_FILE, list_planted(drawn_sample, planted_tables).to_csv(index=False, lineterminator="\n")
        )
    else:
        (out / PLANTED_FILE).unlink(missing_ok=True)
    sources_lines = (bundled_plan_folder / SOURCES_FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    sources_text = "".join(sources_line for sources_line in sources_lines if not sources_line.startswith("#"))
    sources_text = sources_text.replace(str(bundled_sources.activities.sha256), sha256(out / activities_file_name))
    sources_opening = SOURCES_COMMENT_TEMPLATE.format(rows=rows, seed=seed, faults=" --faults" if faults else "")
    write_whole(out / SOURCES_FILE, sources_opening + sources_text)
    return activity_count


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

    Returns how many: ``rows`` are those of a whole year. The workbook of a later month begins with the same activities;
    then come those that were added. With an ``earlier_workbook``, its activities come first, as they stand
    there, and ``rows`` are all of the new workbook. With ``faults``, what is late is so in this month, and is not among
    the rows; the worksheet PLANTED_SHEET says where each is (see ``list_planted``). Raises ``RequestError`` for a month
    that has no activities, and where nothing would be added to the earlier workbook.
    """
    report_pool, translate = read_pool(), Translator(language)
    check_allowed(month, report_pool.months, "no activity is of")
    first_month_index = 0
    end_month_index = report_pool.months.index(month)
    yearly_row_count = rows
    added_row_count = rows
    earlier_record_tables = list[pd.DataFrame]()
    if earlier_workbook:
        records, last_month = read_earlier(earlier_workbook, language)
        earlier_record_tables.append(records)
        first_month_index, added_row_count = bisect.bisect_right(report_pool.months, last_month), rows - len(records)
        if first_month_index > end_month_index:
            raise RequestError(
                f"{earlier_workbook}: holds activities up to {last_month}; name a later month by --month"
            )
        if added_row_count < 1:
            raise RequestError(f"{earlier_workbook}: holds {len(records)} activities; name more by --rows")
        yearly_row_count = find_rows_of_year(added_row_count, seed, range(first_month_index, end_month_index + 1))
    drawn_sample = draw_sample(yearly_row_count, seed)
    is_active_month = [find_active(drawn_sample, month_index).any() for month_index in range(len(report_pool.months))]
    check_allowed(month, [*compress(report_pool.months, is_active_month)], "no activity is of")
    drawn_sample = plant_faults(drawn_sample, end_month_index, seed) if faults else drawn_sample
    record_batch_tables, planted_tables = zip(
        *draw_reports(drawn_sample, end_month_index, seed, first_month_index), strict=True
    )
    new_record_table = pd.concat(record_batch_tables).rename(
        columns=lambda header: headers_in(language).get(header_key(header), header)
    )
    records = pd.concat(
        [*earlier_record_tables, new_record_table[:added_row_count] if earlier_workbook else new_record_table]
    )
    workbook_buffer = io.BytesIO()
    with pd.ExcelWriter(workbook_buffer, engine="xlsxwriter") as excel_writer:
        records.to_excel(excel_writer, sheet_name="5W", index=False)
        pd.DataFrame([translate(INVENTED_NOTICE)]).to_excel(
            excel_writer, sheet_name=translate(README_SHEET), header=False, index=False
        )
        if faults:
            planted_table = list_planted(drawn_sample, planted_tables).rename(columns=translate)
            planted_table[translate("fault")] = planted_table[translate("fault")].map(translate)
            planted_table.to_excel(excel_writer, sheet_name=translate(PLANTED_SHEET), index=False)
    write_whole(out, workbook_buffer.getvalue())
    return len(records)


def read_earlier(path: Path, language: str) -> tuple[pd.DataFrame, str]:
    """Return the activities of a workbook that ``write_workbook`` wrote in this language, and the last month, or "".

    Raises ``InputRefused`` for another workbook.
    """
    month_header = headers_in(language).get(header_key(MONTH_HEADER), MONTH_HEADER)
    try:
        earlier_activity_table = pd.read_excel(path, engine="calamine", na_filter=False)
    except (CalamineError, ValueError):
        earlier_activity_table = pd.DataFrame()
    if month_header not in earlier_activity_table:
        raise InputRefused(f"{path}: no workbook of `rmrp sample` whose headers are in the same --language")
    return earlier_activity_table, max(
        filter(re.compile(r"\d{4}-\d\d").fullmatch, earlier_activity_table[month_header].astype("str")), default=""
    )


def find_rows_of_year(rows: int, seed: int, months: Sequence[int]) -> int:
    """Return of how many rows in a year at least ``rows`` are of these months."""

    def count_rows(yearly_rows: int) -> int:
        """Count the rows of these months in a sample with ``yearly_rows`` rows in a year."""
        yearly_sample = draw_sample(yearly_rows, seed)
        return sum(int(find_active(yearly_sample, month_index).sum()) for month_index in months)

    max_yearly_row_count = rows
    while count_rows(max_yearly_row_count) < rows:
        max_yearly_row_count *= 2
    min_yearly_row_count = 1 + bisect.bisect_left(range(1, max_yearly_row_count), rows, key=count_rows)
    return next(
        yearly_rows
        for yearly_rows in range(min_yearly_row_count, max_yearly_row_count + 1)
        if count_rows(yearly_rows) >= rows
    )


def list_planted(sample: Sample, planted: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return a row for each place where a fault is planted and concerns a row; ``planted`` are those of batches.

    Columns: ``fault``, ``organisation``, ``country``, ``sector``, ``month`` (YYYY-MM), each empty where the fault is of
    all of them; ``rows`` and new ``people`` that the fault hides, adds or concerns.
    """
    planted_month_series = sample.planted["month"].map(dict(enumerate(sample.pool.months)))
    planted_place_table = (
        sample.planted[["fault", *PARTNER_SECTOR_COLUMNS, "month"]]
        .assign(month=planted_month_series)
        .astype("str")
        .fillna("")
    )
    planted_sum_table = pd.concat(planted).groupby(level=0).sum()
    return planted_place_table.join(planted_sum_table, how="inner")[[*PLANTED_LIST_COLUMNS]]
