"""The tables that a run publishes as CSV: their columns, its figures as its audience may see them, its places."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from math import isnan
from pathlib import Path
from typing import Any, TextIO, get_args

import pandas as pd

from rmrp_analysis.arguments import Period
from rmrp_analysis.errors import InputRefused, RequestError
from rmrp_analysis.figures import UNPUBLISHED, KeyFigures, Status, Unit
from rmrp_analysis.method import Method
from rmrp_analysis.packs import pack
from rmrp_analysis.params import ReportParams, RunParams
from rmrp_analysis.plan import Plan, Selected, list_compared_sheets
from rmrp_analysis.publish.records.manifest import AS_WRITTEN
from rmrp_analysis.vocabulary import (
    NATIONAL,
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

ALLOWED: Mapping[str, tuple[str, ...]] = {
    "": (),
    "unit": get_args(Unit),
    "status": get_args(Status),
    "kind of place": ("region", "platform", "country", "admin1"),
}
"""The values allowed in a column, by the name that ``columns.csv`` has for the list."""

_COLUMNS = pack.rows("columns.csv", pack.CsvColumn, within=Path(__file__).parent)
COLUMNS: Mapping[str, Mapping[str, pack.CsvColumn]] = {
    file: {column.name: column for column in _COLUMNS if column.file == file}
    for file in dict.fromkeys(column.file for column in _COLUMNS)
}
"""The columns that a file always has: by the name of the file, then by the header."""
FIGURE_COLUMNS = tuple(COLUMNS["figures.csv"])
KEY = ["report", "figure", "platform", "group", "month"]
"""The columns that identify a row of ``figures.csv``; a single figure has the last three empty."""
NEEDED_COLUMNS = (*KEY, "value", "unit")
"""The columns that ``figures.csv`` has in every version of this package."""
VALUE_COLUMNS = tuple(name for name in FIGURE_COLUMNS if name not in KEY)

PLACES_FILE = "places.csv"
PLACE_KEY = ("kind", "iso3", "key")
"""The columns that identify a place: a first administrative level of one country may be called as that of another."""


def count_figures(plan: Plan, reports: Iterable[ReportParams]) -> None:
    """Count at once the figures of these reports and of the sheets that they are compared with.

    Returns nothing: the plan caches the rows, so that each report then reads its own.
    """
    for period, method, _, selected in _group_by_method(reports):
        sheets = [compared_sheet for sheet in selected for compared_sheet in list_compared_sheets(*sheet)]
        plan.rows_of_sheets(sheets, period=period, method=method)


def select_rows_by_report(plan: Plan, reports: Iterable[ReportParams]) -> dict[str, pd.DataFrame]:
    """Select the rows of the table of figures by the id of the report, as its audience sees them."""
    rows: dict[str, pd.DataFrame] = {}
    for period, method, audience, selected in _group_by_method(reports):
        rows_by_sheet = plan.rows_of_sheets(selected, period=period, method=method, audience=audience)
        rows |= {name: rows_by_sheet[name] for name in (report_id(*sheet) for sheet in selected)}
    return rows


def _group_by_method(reports: Iterable[ReportParams]) -> Iterator[tuple[Period, Method, str, list[Selected]]]:
    """Yield period, method, audience and selections of neighbouring reports that share these three."""
    for settings, alike in groupby(reports, key=lambda report: (report.period, report.method, report.audience)):
        yield *settings, [(report.sector, report.place, report.organisation) for report in alike]


def select_published_figures(plan: Plan, report: ReportParams) -> KeyFigures:
    """Select the figures of one report as its audience may see them: rounded for the public."""
    return plan.select(**report.selected).key_figures(report.audience)


def make_run_table(plan: Plan, reports: Iterable[ReportParams]) -> pd.DataFrame:
    """Make the table of figures of these reports, with the column ``method``; each report once in all its languages."""
    by_report = {report.report: report for report in reports}
    count_figures(plan, by_report.values())
    rules = {
        name: report.method.describe_for(plan.year.year, repairs=plan.repairs, audience=report.audience)
        for name, report in by_report.items()
    }
    rows = pd.concat(select_rows_by_report(plan, by_report.values()).values(), ignore_index=True)
    rows = rows[rows["kind"] != UNPUBLISHED].reset_index(drop=True)
    return rows.assign(method=rows["report"].map(rules))


def trace_rows(params: RunParams, plan: Plan, report: ReportParams, figure: str) -> tuple[pd.DataFrame, bool]:
    """Return the rows that a figure is counted from, and whether they hold numbers of people.

    The rows are exact: raises ``RequestError`` where they hold numbers of people and the run is public and rounds.
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

    A category stands in the column of its dimension. A number that is missing, NaN in the table, is an empty text.
    """
    shared_columns = ("report", "figure", "unit", "status", "caution", "method", "source")
    columns = (table[column].to_list() for column in (*shared_columns, "dimension", "part", "value", "assisted"))
    for *contents, dimension, part, value, people in zip(*columns, strict=True):
        number: Any = "" if isnan(value) else int(value) if value.is_integer() else value
        assisted: Any = "" if not people else int(people) if people.is_integer() else people
        category = {dimension: part} if dimension else {}
        yield {
            **dict(zip(shared_columns, contents, strict=True)),
            **category,
            "value": number,
            "people_assisted": assisted,
        }


def read_figure_rows(file: Path | TextIO, columns: Sequence[str] = NEEDED_COLUMNS) -> pd.DataFrame:
    """Read a ``figures.csv`` as texts: index ``KEY``, columns ``VALUE_COLUMNS``; columns of later versions are empty.

    Raises ``RequestError`` for a file without one of these columns, ``InputRefused`` for a line that is cut or broken.
    """
    text = _read_text(file) if isinstance(file, Path) else file.read()
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = next(lines, [])
    if missing := [name for name in columns if name not in header]:
        raise RequestError(f"{file}:1: has no column '{missing[0]}'; it is not the table of figures that a run writes")
    try:
        for cells in lines:
            if len(cells) not in (0, len(header)):
                location = f"{file}:{lines.line_num}"
                raise InputRefused(f"{location}: has {len(cells)} cells instead of {len(header)}; {AS_WRITTEN}")
    except csv.Error:
        raise InputRefused(f"{file}:{lines.line_num}: has a quotation mark too many or too few; {AS_WRITTEN}") from None
    rows = pd.read_csv(io.StringIO(text), dtype="str", keep_default_na=False)
    return rows.drop_duplicates(KEY).set_index(KEY).reindex(columns=list(VALUE_COLUMNS), fill_value="")


def _read_text(file: Path) -> str:
    content = file.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise InputRefused(f"{file}:{line}: is not written in UTF-8; {AS_WRITTEN}") from None


def list_place_rows(plan: Plan) -> Iterator[dict[str, str]]:
    """Yield the rows of ``places.csv``: the region, platforms, countries, then every admin1 in the plan's list.

    The list is the plan's, in its order, and not that of the places with reports.
    """
    admin1_list = plan.references.get("admin1")
    rows = [] if admin1_list is None else admin1_list[["country", "pcode", "admin1"]].astype("str").to_numpy().tolist()
    national_pcodes = {country: pcode for country, pcode, name in rows if place_key(country, name) == NATIONAL}
    for key in (REGION, REGIONAL):
        yield {"key": key, "kind": "region", "name": key.capitalize()}
    for platform in plan_lists().platforms:
        yield {"key": platform, "kind": "platform", "name": platform, "platform": platform, "slug": slug(platform)}
    for country, name in plan_lists().countries.items():
        place = country if country in plan_lists().places else plan_lists().platform_of[country]
        place_facts = {
            "iso3": country,
            "pcode": national_pcodes.get(country, ""),
            "platform": plan_lists().platform_of[country],
        }
        yield {
            "key": country,
            "kind": "country",
            "name": name,
            **place_facts,
            "slug": slug(plan_lists().countries.get(place, place)),
        }
    listed_places: set[tuple[str, str]] = set()
    for country, pcode, name in rows:
        if place_key(country, name) == NATIONAL or (country, name) in listed_places or holds_contact(name):
            continue
        listed_places.add((country, name))
        place_facts = {
            "iso3": country if country in plan_lists().countries else "",
            "pcode": pcode,
            "platform": plan_lists().platform_of[country],
        }
        place_facts["ocha_pcode"] = ocha_pcodes().get((country, place_key(country, name)), "")
        yield {"key": name, "kind": "admin1", "name": labels.place(name, "en"), **place_facts}
