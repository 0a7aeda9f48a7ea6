"""Makes and reads the tables that a run publishes as CSV: their columns, its figures for its audience, its places."""

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, TextIO, get_args

import pandas as pd

from rmrp_analysis.arguments import Period
from rmrp_analysis.errors import InputRefused, RequestError
from rmrp_analysis.figures import UNPUBLISHED_KIND, KeyFigures, Status, Unit
from rmrp_analysis.method import Method
from rmrp_analysis.packs import pack
from rmrp_analysis.params import ReportParams, RunParams
from rmrp_analysis.plan import Plan, Selected, list_compared_sheets
from rmrp_analysis.publish.records.manifest import AS_WRITTEN
from rmrp_analysis.vocabulary import (
    NATIONAL_PLACE_KEY,
    REGION,
    REGIONAL,
    holds_contact,
    labels,
    ocha_pcodes,
    place_key,
    plan_lists,
    report_id,
    slug,
)

ALLOWED_VALUES_BY_LIST: Mapping[str, tuple[str, ...]] = {
    "": (),
    "unit": get_args(Unit),
    "status": get_args(Status),
    "kind of place": ("region", "platform", "country", "admin1"),
}
"""The allowed values of a column, by the name of the list in ``columns.csv``. An empty tuple allows any value."""

_COLUMN_ROWS = pack.rows("columns.csv", pack.CsvColumn, within=Path(__file__).parent)
"""The columns of all published files."""
COLUMNS_BY_FILE: Mapping[str, Mapping[str, pack.CsvColumn]] = {
    file: {column.name: column for column in _COLUMN_ROWS if column.file == file}
    for file in dict.fromkeys(column.file for column in _COLUMN_ROWS)
}
"""The columns that a file always has, by file name and header."""
FIGURE_COLUMNS = tuple(COLUMNS_BY_FILE["figures.csv"])
ROW_KEY = ["report", "figure", "platform", "group", "month"]
"""The columns that identify a row of ``figures.csv``. For a single figure the last three are empty."""
NEEDED_FIGURE_COLUMNS = (*ROW_KEY, "value", "unit")
"""The columns that ``figures.csv`` has in every version of this package."""
VALUE_COLUMNS = tuple(name for name in FIGURE_COLUMNS if name not in ROW_KEY)
"""The columns of ``figures.csv`` that do not identify the row."""

PLACES_FILE = "places.csv"
PLACE_KEY_COLUMNS = ("kind", "iso3", "key")
"""The columns that identify a place: first administrative levels of two countries may have the same name."""


def count_figures(plan: Plan, reports: Iterable[ReportParams]) -> None:
    """Count the figures of these reports and of the sheets for comparison. The plan caches the rows."""
    for period, method, _, selected in _group_by_method(reports):
        sheets = [compared for sheet in selected for compared in list_compared_sheets(*sheet)]
        plan.rows_of_sheets(sheets, period=period, method=method)


def select_rows_by_report(plan: Plan, reports: Iterable[ReportParams]) -> dict[str, pd.DataFrame]:
    """Return the rows of figures of each report as its audience sees them, by report id without language."""
    rows: dict[str, pd.DataFrame] = {}
    for period, method, audience, selected in _group_by_method(reports):
        tables = plan.rows_of_sheets(selected, period=period, method=method, audience=audience)
        rows |= {name: tables[name] for name in (report_id(*sheet) for sheet in selected)}
    return rows


def _group_by_method(reports: Iterable[ReportParams]) -> Iterator[tuple[Period, Method, str, list[Selected]]]:
    """Yield period, method and audience shared by neighbouring reports, and the selection of each report.

    A selection is sector, place and organisation. Reports that are not neighbours are in several groups.
    """
    for shared, alike in groupby(reports, key=lambda report: (report.period, report.method, report.audience)):
        yield *shared, [(report.sector, report.place, report.organisation) for report in alike]


def select_published_figures(plan: Plan, report: ReportParams) -> KeyFigures:
    """Select the figures of one report as its audience may see them: rounded for the public."""
    return plan.select(**report.selected).key_figures(report.audience)


def make_run_table(plan: Plan, reports: Iterable[ReportParams]) -> pd.DataFrame:
    """Make the table of figures of these reports, with the column ``method``.

    A report has its rows once for all its languages. Rows of the kind ``UNPUBLISHED_KIND`` are left out. There must be
    at least one report. The plan caches the counts.
    """
    distinct = {report.report: report for report in reports}
    count_figures(plan, distinct.values())
    rules = {
        name: report.method.describe_for(plan.year.year, repairs=plan.repairs, audience=report.audience)
        for name, report in distinct.items()
    }
    rows = pd.concat(select_rows_by_report(plan, distinct.values()).values(), ignore_index=True)
    rows = rows[rows["kind"] != UNPUBLISHED_KIND].reset_index(drop=True)
    return rows.assign(method=rows["report"].map(rules))


def trace_rows(params: RunParams, plan: Plan, report: ReportParams, figure: str) -> tuple[pd.DataFrame, bool]:
    """Return the rows that a figure is counted from, and whether they hold numbers of people.

    Raises ``RequestError`` if the figure has no value. The rows are exact, so it also raises if they hold numbers of
    people and the run is public and rounds.
    """
    rows = plan.select(**report.selected).trace(figure)
    if reason := rows.attrs.get("reason"):
        raise RequestError(f"{figure} has no value here: {reason}")
    has_people = "new_beneficiaries" in rows
    if has_people and params.audience == "public" and any(params.method.bases):
        raise RequestError(
            f"the rows behind {figure} tell exact counts of people, which this run rounds; --audience internal shows "
            "them"
        )
    return rows, has_people


def list_figure_rows(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield the rows of ``figures.csv`` (``FIGURE_COLUMNS``) from a table of figures.

    A category is in the column of its dimension. A missing value (NaN) is an empty text, and so is 0 in
    ``people_assisted``, which is the column ``assisted`` of the table. Whole numbers are ``int``.
    """
    copied = ("report", "figure", "unit", "status", "caution", "method", "source")
    numbers = ("value", "low", "high", "people_assisted")
    rows = table.rename(columns={"assisted": "people_assisted"}).replace({"people_assisted": {0.0: math.nan}})
    columns = (rows[column].to_list() for column in (*copied, "dimension", "part", *numbers))
    for row in zip(*columns, strict=True):
        dimension, part = row[len(copied) : len(copied) + 2]
        contents = [*row[: len(copied)], *map(_plain_cell, row[-len(numbers) :])]
        yield {**dict(zip((*copied, *numbers), contents, strict=True)), **({dimension: part} if dimension else {})}


def _plain_cell(number: float) -> float | int | str:
    """Return a number as a cell of a CSV file: whole numbers as ``int``, NaN as an empty text."""
    return "" if math.isnan(number) else int(number) if number.is_integer() else number


def read_figure_rows(file: Path | TextIO, columns: Sequence[str] = NEEDED_FIGURE_COLUMNS) -> pd.DataFrame:
    """Read ``figures.csv`` as texts: index ``ROW_KEY``, columns ``VALUE_COLUMNS``.

    A column that the file does not have is empty, and its other columns are left out. The first of several rows with
    one key stays. Raises ``RequestError`` if one of ``columns`` is missing, and ``InputRefused`` for a line that is
    cut, broken or not in UTF-8.
    """
    text = _read_text(file) if isinstance(file, Path) else file.read()
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = next(lines, [])
    if missing := [name for name in columns if name not in header]:
        raise RequestError(f"{file}:1: has no column '{missing[0]}'; it is not the table of figures that a run writes")
    try:
        for cells in lines:
            if len(cells) not in (0, len(header)):
                position = f"{file}:{lines.line_num}"
                raise InputRefused(f"{position}: has {len(cells)} cells instead of {len(header)}; {AS_WRITTEN}")
    except csv.Error:
        raise InputRefused(f"{file}:{lines.line_num}: has a quotation mark too many or too few; {AS_WRITTEN}") from None
    rows = pd.read_csv(io.StringIO(text), dtype="str", keep_default_na=False)
    return rows.drop_duplicates(ROW_KEY).set_index(ROW_KEY).reindex(columns=list(VALUE_COLUMNS), fill_value="")


def _read_text(file: Path) -> str:
    """Read a file as UTF-8, without byte order mark, or raise ``InputRefused`` with the wrong line."""
    content = file.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise InputRefused(f"{file}:{line}: is not written in UTF-8; {AS_WRITTEN}") from None


def list_place_rows(plan: Plan) -> Iterator[dict[str, str]]:
    """Yield the rows of ``places.csv``: the region under two keys, platforms, countries, then each admin1 once.

    The admin1 come from the plan's list, if it has one, in its order, with or without reports. National levels and
    names that hold a contact are left out. A row has only the columns that its kind of place needs.
    """
    lists, listed = plan_lists(), plan.references.get("admin1")
    rows = [] if listed is None else listed[["country", "pcode", "admin1"]].astype("str").to_numpy().tolist()
    national = {country: pcode for country, pcode, name in rows if place_key(country, name) == NATIONAL_PLACE_KEY}
    for key in (REGION, REGIONAL):
        yield {"key": key, "kind": "region", "name": key.capitalize()}
    for platform in lists.platforms:
        yield {"key": platform, "kind": "platform", "name": platform, "platform": platform, "slug": slug(platform)}
    for country, name in lists.countries.items():
        sheet = country if country in lists.places else lists.platform_of[country]
        facts = {"iso3": country, "pcode": national.get(country, ""), "platform": lists.platform_of[country]}
        facts["slug"] = slug(lists.countries.get(sheet, sheet))
        yield {"key": country, "kind": "country", "name": name, **facts}
    pairs: set[tuple[str, str]] = set()
    for country, pcode, name in rows:
        if place_key(country, name) == NATIONAL_PLACE_KEY or (country, name) in pairs or holds_contact(name):
            continue
        pairs.add((country, name))
        iso3 = country if country in lists.countries else ""
        facts = {"iso3": iso3, "pcode": pcode, "platform": lists.platform_of[country]}
        facts["ocha_pcode"] = ocha_pcodes().get((country, place_key(country, name)), "")
        yield {"key": name, "kind": "admin1", "name": labels.place(name, "en"), **facts}
