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
"""The values allowed in a column, by the name that ``columns.csv`` has for the list; empty for any value."""

_COLUMN_ROWS = pack.rows("columns.csv", pack.CsvColumn, within=Path(__file__).parent)
"""The description of each column of each published file, as in ``columns.csv``."""
COLUMNS_BY_FILE: Mapping[str, Mapping[str, pack.CsvColumn]] = {
    file: {column.name: column for column in _COLUMN_ROWS if column.file == file}
    for file in dict.fromkeys(column.file for column in _COLUMN_ROWS)
}
"""The columns that a file always has: by the name of the file, then by the header."""
FIGURE_COLUMNS = tuple(COLUMNS_BY_FILE["figures.csv"])
"""The columns of ``figures.csv``, in their order."""
ROW_KEY = ["report", "figure", "platform", "group", "month"]
"""The columns that identify a row of ``figures.csv``; a single figure has the last three empty."""
NEEDED_FIGURE_COLUMNS = (*ROW_KEY, "value", "unit")
"""The columns that ``figures.csv`` has in every version of this package."""
VALUE_COLUMNS = tuple(name for name in FIGURE_COLUMNS if name not in ROW_KEY)
"""The columns of ``figures.csv`` that do not identify the row."""

PLACES_FILE = "places.csv"
"""The file name of the list of places of a run."""
PLACE_KEY_COLUMNS = ("kind", "iso3", "key")
"""The columns that identify a place: a first administrative level of one country may be called as that of another."""


def count_figures(plan: Plan, reports: Iterable[ReportParams]) -> None:
    """Count at once the figures of these reports and of the sheets that they are compared with.

    Returns nothing: the plan caches the rows, so that each report then reads its own.
    """
    for period, method, _, report_selection_triples in _group_by_method(reports):
        compared_selection_triples = [
            compared_selection_triple
            for selection_triple in report_selection_triples
            for compared_selection_triple in list_compared_sheets(*selection_triple)
        ]
        plan.rows_of_sheets(compared_selection_triples, period=period, method=method)


def select_rows_by_report(plan: Plan, reports: Iterable[ReportParams]) -> dict[str, pd.DataFrame]:
    """Return the rows of the table of figures of each report, by its id without language, as its audience sees them."""
    row_table_by_report: dict[str, pd.DataFrame] = {}
    for period, method, audience, report_selection_triples in _group_by_method(reports):
        row_table_by_sheet = plan.rows_of_sheets(
            report_selection_triples, period=period, method=method, audience=audience
        )
        row_table_by_report |= {
            report_name: row_table_by_sheet[report_name]
            for report_name in (report_id(*selection_triple) for selection_triple in report_selection_triples)
        }
    return row_table_by_report


def _group_by_method(reports: Iterable[ReportParams]) -> Iterator[tuple[Period, Method, str, list[Selected]]]:
    """Yield period, method and audience of neighbouring reports that share them, and the selection of each report.

    A selection is sector, place and organisation. Reports that share the three but do not follow each other are in
    several groups.
    """
    for shared_settings, similar_reports in groupby(
        reports, key=lambda report: (report.period, report.method, report.audience)
    ):
        yield *shared_settings, [(report.sector, report.place, report.organisation) for report in similar_reports]


def select_published_figures(plan: Plan, report: ReportParams) -> KeyFigures:
    """Select the figures of one report as its audience may see them: rounded for the public."""
    return plan.select(**report.selected).key_figures(report.audience)


def make_run_table(plan: Plan, reports: Iterable[ReportParams]) -> pd.DataFrame:
    """Make the table of figures of these reports, with the column ``method``; each report once in all its languages.

    Rows of the kind ``UNPUBLISHED_KIND`` are left out. There must be at least one report. The plan caches what is
    counted.
    """
    report_by_id = {report_params.report: report_params for report_params in reports}
    count_figures(plan, report_by_id.values())
    method_text_by_report = {
        report_name: report_params.method.describe_for(
            plan.year.year, repairs=plan.repairs, audience=report_params.audience
        )
        for report_name, report_params in report_by_id.items()
    }
    figure_row_table = pd.concat(select_rows_by_report(plan, report_by_id.values()).values(), ignore_index=True)
    figure_row_table = figure_row_table[figure_row_table["kind"] != UNPUBLISHED_KIND].reset_index(drop=True)
    return figure_row_table.assign(method=figure_row_table["report"].map(method_text_by_report))


def trace_rows(params: RunParams, plan: Plan, report: ReportParams, figure: str) -> tuple[pd.DataFrame, bool]:
    """Return the rows that a figure is counted from, and whether they hold numbers of people.

    Raises ``RequestError`` where the figure has no value. The rows are exact, so it is also raised where they hold
    numbers of people and the run is public and rounds.
    """
    traced_row_table = plan.select(**report.selected).trace(figure)
    if reason := traced_row_table.attrs.get("reason"):
        raise RequestError(f"{figure} has no value here: {reason}")
    has_people_counts = "new_beneficiaries" in traced_row_table
    if has_people_counts and params.audience == "public" and any(params.method.bases):
        raise RequestError(
            f"the rows behind {figure} tell exact counts of people, which this run rounds; --audience internal shows "
            "them"
        )
    return traced_row_table, has_people_counts


def list_figure_rows(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield the rows of ``figures.csv`` (``FIGURE_COLUMNS``) from a table of figures.

    A category stands in the column of its dimension. A value that is missing (NaN) is an empty text, and so is 0 in
    ``people_assisted``, the column ``assisted`` of the table. Whole numbers are ``int``.
    """
    shared_column_names = ("report", "figure", "unit", "status", "caution", "method", "source")
    column_value_list_generator = (
        table[column_name].to_list() for column_name in (*shared_column_names, "dimension", "part", "value", "assisted")
    )
    for *shared_column_values, dimension, category_name, figure_value, people_assisted in zip(
        *column_value_list_generator, strict=True
    ):
        value_or_empty_text: Any = (
            "" if isnan(figure_value) else int(figure_value) if figure_value.is_integer() else figure_value
        )
        assisted_or_empty_text: Any = (
            "" if not people_assisted else int(people_assisted) if people_assisted.is_integer() else people_assisted
        )
        category_by_dimension = {dimension: category_name} if dimension else {}
        yield {
            **dict(zip(shared_column_names, shared_column_values, strict=True)),
            **category_by_dimension,
            "value": value_or_empty_text,
            "people_assisted": assisted_or_empty_text,
        }


def read_figure_rows(file: Path | TextIO, columns: Sequence[str] = NEEDED_FIGURE_COLUMNS) -> pd.DataFrame:
    """Read ``figures.csv`` as texts: index ``ROW_KEY``, columns ``VALUE_COLUMNS``.

    A column that the file does not have is empty; others of the file are left out. Of rows with one key the first
    stays. Raises ``RequestError`` for a file without one of ``columns``, ``InputRefused`` for a line that is cut,
    broken or not in UTF-8.
    """
    file_text = _read_text(file) if isinstance(file, Path) else file.read()
    lines = csv.reader(io.StringIO(file_text, newline=""), strict=True)
    header = next(lines, [])
    if missing := [column_name for column_name in columns if column_name not in header]:
        raise RequestError(f"{file}:1: has no column '{missing[0]}'; it is not the table of figures that a run writes")
    try:
        for cells in lines:
            if len(cells) not in (0, len(header)):
                location = f"{file}:{lines.line_num}"
                raise InputRefused(f"{location}: has {len(cells)} cells instead of {len(header)}; {AS_WRITTEN}")
    except csv.Error:
        raise InputRefused(f"{file}:{lines.line_num}: has a quotation mark too many or too few; {AS_WRITTEN}") from None
    figure_row_table = pd.read_csv(io.StringIO(file_text), dtype="str", keep_default_na=False)
    return (
        figure_row_table.drop_duplicates(ROW_KEY).set_index(ROW_KEY).reindex(columns=list(VALUE_COLUMNS), fill_value="")
    )


def _read_text(file: Path) -> str:
    """Read a file as UTF-8, without byte order mark; raise ``InputRefused`` with the line that is not UTF-8."""
    file_content = file.read_bytes()
    try:
        return file_content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = file_content.count(b"\n", 0, problem.start) + 1
        raise InputRefused(f"{file}:{line}: is not written in UTF-8; {AS_WRITTEN}") from None


def list_place_rows(plan: Plan) -> Iterator[dict[str, str]]:
    """Yield the rows of ``places.csv``: the region under two keys, platforms, countries, then each admin1 once.

    The admin1 are those of the plan's list, in its order, with or without reports; none without a list. National
    levels, and names that hold a contact, are left out. A row has only the columns that its kind of place needs.
    """
    admin1_table = plan.references.get("admin1")
    admin1_triples = (
        [] if admin1_table is None else admin1_table[["country", "pcode", "admin1"]].astype("str").to_numpy().tolist()
    )
    pcode_by_country = {
        country: pcode
        for country, pcode, admin1_name in admin1_triples
        if place_key(country, admin1_name) == NATIONAL_PLACE_KEY
    }
    for region_key in (REGION, REGIONAL):
        yield {"key": region_key, "kind": "region", "name": region_key.capitalize()}
    for platform_key in plan_lists().platforms:
        yield {
            "key": platform_key,
            "kind": "platform",
            "name": platform_key,
            "platform": platform_key,
            "slug": slug(platform_key),
        }
    for country, country_name in plan_lists().countries.items():
        sheet_place_key = country if country in plan_lists().places else plan_lists().platform_of[country]
        place_facts = {
            "iso3": country,
            "pcode": pcode_by_country.get(country, ""),
            "platform": plan_lists().platform_of[country],
        }
        yield {
            "key": country,
            "kind": "country",
            "name": country_name,
            **place_facts,
            "slug": slug(plan_lists().countries.get(sheet_place_key, sheet_place_key)),
        }
    listed_admin1_pairs: set[tuple[str, str]] = set()
    for country, pcode, admin1_name in admin1_triples:
        if (
            place_key(country, admin1_name) == NATIONAL_PLACE_KEY
            or (country, admin1_name) in listed_admin1_pairs
            or holds_contact(admin1_name)
        ):
            continue
        listed_admin1_pairs.add((country, admin1_name))
        place_facts = {
            "iso3": country if country in plan_lists().countries else "",
            "pcode": pcode,
            "platform": plan_lists().platform_of[country],
        }
        place_facts["ocha_pcode"] = ocha_pcodes().get((country, place_key(country, admin1_name)), "")
        yield {"key": admin1_name, "kind": "admin1", "name": labels.place(admin1_name, "en"), **place_facts}
