"""Recognises the input that each sheet of a producer's file is, and the reports and months in it."""

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
MIN_SHARE_OF_COLUMNS, MIN_COLUMNS_OF_INPUT = 0.35, 2
"""The share of its columns that makes a sheet activities, and the number of columns that any other input needs."""

_INPUT_AND_TABLE_PAIRS: Sequence[tuple[str, Table]] = (*TABLE_BY_INPUT.items(), ("planning", PlanningSheet))
"""The tables that a sheet may be, each with the name of its input. Planning has two tables."""
_YEAR_PATTERN = re.compile(r"20\d\d")


@dataclass(frozen=True)
class SheetInput:
    """The input that a sheet is: its ``name`` in ``sources.yml`` (empty: no input), and how many ``columns`` fit.

    ``sheet`` is empty if the file has no sheets. ``spanish`` is true for Spanish headers.
    """

    sheet: str
    name: str
    columns: int
    spanish: bool


def recognise_sheets(path: Path) -> list[SheetInput]:
    """Recognise which input each visible sheet of a workbook is, or the one table of another file.

    Raises ``InputRefused`` if the file is missing, damaged or of a format that is not read.
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

    A cell that cannot be read is NA. Absent columns are read as empty cells. Rows without a month are left out. A month
    without a year is in ``year``, or the year in the file's name, or the latest plan year.
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

    If an input has several sheets, the one with most known headers is named. Without a list of indicators, the list of
    the folder ``lists`` is named, but only for the folder's plan year. Raises ``InputRefused`` for a file without
    activities, and ``RequestError`` for an unknown year.
    """
    # The last sheet of an input counts: the fullest
    ranked = sorted(recognise_sheets(path), key=lambda sheet: sheet.columns)
    sheets = {sheet.name: sheet for sheet in ranked if sheet.name}
    if ACTIVITIES_INPUT not in sheets:
        listed = ", ".join(sheets) or "no table that is known"
        raise InputRefused(f"{path}: nothing in it has the headers of an activity report (5W); found: {listed}")
    years = Counter(reports_in(path, sheets[ACTIVITIES_INPUT].sheet)["month"].str[:4])
    year = int(years.most_common(1)[0][0]) if years else year_in(path.name) or max(plan_years())
    source = {"file": str(path.resolve()), "producer": f"{pack.about().name} partners"}
    inputs: dict[str, Any] = {name: source | {"sheet": sheet.sheet} for name, sheet in sheets.items()}
    if "indicators" not in inputs and (listing := load_sources(lists)).plan == year and listing.indicators:
        inputs["indicators"] = listing.indicators.model_copy(update={"file": str(lists / listing.indicators.file)})
    try:
        return Sources(title=f"{pack.about().plan} {year}: {path.name}", plan=plan_year(year).year, **inputs)
    except ValidationError as problem:
        raise InputRefused(f"{path}: {problem.errors()[0]['msg'].removeprefix('Value error, ')}") from None


def year_in(name: str) -> int | None:
    """Return the first plan year in a name. None without a year."""
    return next((int(year) for year in _YEAR_PATTERN.findall(name) if int(year) in plan_years()), None)


def _recognise_sheet(sheet: str, rows: Sequence[Sequence[str]]) -> SheetInput:
    """Recognise which input a sheet is, by the first row with most known headers.

    This row has every column that the input needs. If no row has, ``MIN_SHARE_OF_COLUMNS`` of the columns of activities
    are enough for activities. Otherwise the name is empty.
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
    """Return the headers of a row that belong to columns of ``model``."""
    keys = {header_key(header) for column in model.source_columns.values() for header in column.headers}
    return [header for header in row if header_key(header) in keys]
