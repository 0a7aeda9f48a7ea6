"""What a file of a producer holds: which input each of its sheets is, and who reports of which months in it."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError
from python_calamine import CalamineError

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.content import WORKBOOK_SUFFIXES, check_content, refuse_damaged, suffix_by_name
from rmrp_analysis.loaders.header import header_fit, header_key, in_spanish
from rmrp_analysis.loaders.overlap import REPORT_COLUMNS
from rmrp_analysis.loaders.read import read
from rmrp_analysis.loaders.table import parse_cells
from rmrp_analysis.loaders.workbook import first_rows
from rmrp_analysis.packs import pack
from rmrp_analysis.sources import Reading, Sources, load_sources
from rmrp_analysis.tables import TABLE_BY_INPUT, Activities, PlanningSheet, Table
from rmrp_analysis.vocabulary import fold, plan_year, plan_years

ACTIVITIES_INPUT = "activities"
APPEALING_ORGANISATIONS_INPUT = "appealing_organisations"
IMPLEMENTING_PARTNERS_INPUT = "implementing_partners"
"""Names of inputs in ``sources.yml``."""
MIN_SHARE_OF_COLUMNS, MIN_COLUMNS_OF_INPUT = 0.35, 2
"""The share of its columns by which a sheet is taken for activities, and how many columns any other input needs."""

_INPUT_AND_TABLE_PAIRS: Sequence[tuple[str, Table]] = (*TABLE_BY_INPUT.items(), ("planning", PlanningSheet))
"""The tables that a sheet may be, each with the name of its input; planning has two."""
_YEAR_PATTERN = re.compile(r"20\d\d")
"""A year in the name of a file."""


@dataclass(frozen=True)
class SheetInput:
    """Which input a sheet is: its ``name`` in ``sources.yml`` (empty for none), and how many ``columns`` fit.

    ``sheet`` is empty where the file has no sheets; ``spanish`` is true for Spanish headers.
    """

    sheet: str
    name: str
    columns: int
    spanish: bool


def recognise_sheets(path: Path) -> list[SheetInput]:
    """Recognise which input each visible sheet of a workbook is, or the one table of another file.

    Raises ``InputRefused`` where the file is missing, damaged or of a format that is not read.
    """
    suffix = suffix_by_name(path)
    check_content(path, suffix)
    if suffix not in WORKBOOK_SUFFIXES:
        cells = read(path, lambda row: max(header_fit(row, model) for _, model in _INPUT_AND_TABLE_PAIRS)).table
        return [_recognise_sheet("", [list(map(str, cells.columns))])]
    try:
        return [_recognise_sheet(sheet, rows) for sheet, rows in first_rows(path, suffix).items()]
    except CalamineError as problem:
        raise refuse_damaged(path, suffix, problem) from None


def reports_in(path: Path, sheet: str, *, year: int | None = None) -> pd.DataFrame:
    """Return the columns ``REPORT_COLUMNS`` and ``stated_indicator_type`` of the rows of activities, by line.

    NA where a cell cannot be read; absent columns are read as empty cells. Rows without a month are left out.
    A month without a year is of ``year``, else of the year in the file's name, else of the latest plan year.
    """
    cells = read(path, lambda row: header_fit(row, Activities), Reading(sheet=sheet)).table
    headers = {header_key(name): name for name in reversed(list(map(str, cells.columns)))}
    year = year or year_in(path.name) or max(plan_years())
    columns = {}
    for name in (*REPORT_COLUMNS, "stated_indicator_type"):
        header = next(filter(None, map(headers.get, map(header_key, Activities.columns[name].headers))), None)
        texts = cells[header] if header else pd.Series("", cells.index, dtype="str")
        columns[name], _ = parse_cells(texts, name, Activities, year=year)
    return pd.DataFrame(columns).dropna(subset="month")


def sources_of(path: Path, lists: Path) -> Sources:
    """Describe a file without a ``sources.yml``: the sheet of each input, and the plan year of most of its reports.

    Of several sheets of an input, the one with most known headers is named. Where there is no list of indicators, that
    of the folder ``lists`` is named, if the folder is of the same year; else none. Raises ``InputRefused`` for a file
    without activities, ``RequestError`` for a year that is not known.
    """
    # Of one input, the fullest sheet
    sheet_inputs_fullest_last = sorted(recognise_sheets(path), key=lambda sheet: sheet.columns)
    sheets = {sheet.name: sheet for sheet in sheet_inputs_fullest_last if sheet.name}
    if ACTIVITIES_INPUT not in sheets:
        inputs_found = ", ".join(sheets) or "no table that is known"
        raise InputRefused(f"{path}: nothing in it has the headers of an activity report (5W); found: {inputs_found}")
    years = Counter(reports_in(path, sheets[ACTIVITIES_INPUT].sheet)["month"].str[:4])
    year = int(years.most_common(1)[0][0]) if years else year_in(path.name) or max(plan_years())
    source = {"file": str(path.resolve()), "producer": f"{pack.about().name} partners"}
    inputs: dict[str, Any] = {name: source | {"sheet": sheet.sheet} for name, sheet in sheets.items()}
    if (
        "indicators" not in inputs
        and (listed_sources := load_sources(lists)).plan == year
        and listed_sources.indicators
    ):
        inputs["indicators"] = listed_sources.indicators.model_copy(
            update={"file": str(lists / listed_sources.indicators.file)}
        )
    try:
        return Sources(title=f"{pack.about().plan} {year}: {path.name}", plan=plan_year(year).year, **inputs)
    except ValidationError as problem:
        raise InputRefused(f"{path}: {problem.errors()[0]['msg'].removeprefix('Value error, ')}") from None


def year_in(name: str) -> int | None:
    """Return the first plan year that stands in a name; None without one."""
    return next((int(year_text) for year_text in _YEAR_PATTERN.findall(name) if int(year_text) in plan_years()), None)


def _recognise_sheet(sheet: str, rows: Sequence[Sequence[str]]) -> SheetInput:
    """Recognise which input a sheet is, by the one of its first rows with most known headers.

    The row names every column that the input needs; where none does, ``MIN_SHARE_OF_COLUMNS`` of those of activities
    are enough for them. Else the name is empty.
    """
    matches = [
        (name, headers, row)
        for row in rows
        for name, model in _INPUT_AND_TABLE_PAIRS
        if header_fit(row, model) == 1 and len(headers := _known_headers(row, model)) >= MIN_COLUMNS_OF_INPUT
    ]
    if matches:
        name, headers, row = max(matches, key=lambda match: len(match[1]))
        if name == APPEALING_ORGANISATIONS_INPUT and ("idip" in map(header_key, row) or "impl" in fold(sheet)):
            name = IMPLEMENTING_PARTNERS_INPUT
        return SheetInput(sheet, name, len(headers), in_spanish(headers))
    best_row: Sequence[str] = max(rows, key=lambda row: header_fit(row, Activities), default=())
    headers = _known_headers(best_row, Activities) if header_fit(best_row, Activities) >= MIN_SHARE_OF_COLUMNS else []
    return SheetInput(sheet, ACTIVITIES_INPUT if headers else "", len(headers), in_spanish(headers))


def _known_headers(row: Sequence[str], model: Table) -> list[str]:
    """Return the headers of a row that columns of ``model`` go by."""
    known_keys = {header_key(header) for column in model.source_columns.values() for header in column.headers}
    return [header for header in row if header_key(header) in known_keys]
