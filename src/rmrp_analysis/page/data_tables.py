"""A sheet's numbers as tables for data files, in the language of the sheet.

Countries are ISO 3166 alpha-3 codes, several in one cell separated by ``|``; dates are ISO 8601.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rmrp_analysis.arguments import last_day
from rmrp_analysis.figures import (
    BREAKDOWNS,
    DONOR_ARROW,
    FEW,
    FIGURES,
    ILLUSTRATIVE_MARK,
    Breakdown,
    Figure,
    FigureValue,
    KeyFigures,
    plain_number,
)
from rmrp_analysis.packs import pack
from rmrp_analysis.page import cards
from rmrp_analysis.page.formatter import WORDS_BY_KIND, SheetFormatter
from rmrp_analysis.vocabulary import INTERSECTOR, NOT_SPECIFIED, REGION, REGIONAL, plan_lists

REPORTER_COLUMN = "reported_by"
"""The column that names the organisation, in the files of its sheet alone."""
NOT_AVAILABLE_SIGN, NOT_APPLICABLE_SIGN = WORDS_BY_KIND["sign"]
"""The signs in a cell of a worksheet without a value, after the conventions of official statistics."""
NOT_APPLICABLE_REASONS = frozenset({"no_need_defined", "no_people"})
"""Reasons for which a figure can never have a number."""
CATEGORY_COLUMN_BY_DIMENSION: Mapping[str, str] = {
    "population_group": "group",
    "age_gender": "group",
    "sector": "sector",
}
"""The column that names the categories of a dimension; those of other dimensions stand in ``part``."""

COUNTRY_CODE_SEPARATOR = "|"
"""The sign between several country codes in one cell."""


DATA_COLUMN_BY_NAME = {row.name: row for row in pack.rows("columns.csv", pack.CsvColumn, within=Path(__file__).parent)}
"""The columns of every table and of the CSV file, in its order; only files of an organisation have ``reported_by``."""

Row = dict[str, Any]
"""A row of a data table: cells by the name of their column."""


def build_data_tables(formatter: SheetFormatter, title: str, report: str) -> dict[str, Any]:
    """Return the ``tables`` of a sheet, with the headers of their ``columns`` by name.

    Beside them are ``language``, ``title``, ``mark``, ``author`` and ``last_month``. ``report`` is the id of the sheet
    without its language. The first table has the figures, each other one a breakdown that has categories. Each row maps
    names of ``DATA_COLUMN_BY_NAME`` to cells; the cells that all rows of a table have are in its ``shared``. The
    ``format`` of a row is the unit of its value (people, usd, count, share). A number that is not available has no
    ``value``; ``printed``, ``reason`` and ``shorthand`` say so.
    """
    translate, key_figures = formatter.translate, formatter.key_figures
    text_by_illustrative_state = {True: translate("yes"), False: translate("no"), None: translate("in part")}
    figure_row_dicts = [
        {
            "figure": translate(FIGURES[figure_name].label),
            **_describe_number(formatter, key_figure, key_figure.unit),
            ILLUSTRATIVE_MARK: text_by_illustrative_state[key_figure.illustrative],
            "source": key_figure.source,
            "code": figure_name,
            "id": f"{report}/{figure_name}",
        }
        for figure_name, key_figure in key_figures.figures.items()
    ]
    shared_sheet_cell_dict = _describe_sheet(formatter, key_figures.sector, key_figures.place, key_figures.organisation)
    data_table_dicts = [{"name": "figures", "shared": shared_sheet_cell_dict, "rows": figure_row_dicts}]
    for breakdown_name, sheet_breakdown in key_figures.breakdowns.items():
        breakdown_dimension = breakdown_name.partition("_by_")[2]
        breakdown_row_dicts = [
            {
                **_name_category(formatter, breakdown_dimension, category_figure_value.key),
                **_describe_number(formatter, category_figure_value, sheet_breakdown.unit),
                "id": f"{report}/{breakdown_name}/{category_figure_value.key}",
            }
            for category_figure_value in sheet_breakdown.cells
        ]
        # Money of the plan is of all sectors and the region
        is_plan_money = sheet_breakdown.definition.special == "plan"
        shared_breakdown_cell_dict = {
            **(_describe_sheet(formatter, INTERSECTOR, REGION, "") if is_plan_money else shared_sheet_cell_dict),
            "figure": translate(BREAKDOWNS[breakdown_name].label, level=formatter.level_name()),
            ILLUSTRATIVE_MARK: text_by_illustrative_state[_is_illustrative(key_figures, sheet_breakdown)],
            "source": sheet_breakdown.source,
            "code": breakdown_name,
        }
        if breakdown_row_dicts:
            data_table_dicts.append(
                {"name": breakdown_name, "shared": shared_breakdown_cell_dict, "rows": breakdown_row_dicts}
            )
    masthead_view_dict = cards.build_masthead(formatter, title).view
    csv_columns = [
        csv_column
        for csv_column in DATA_COLUMN_BY_NAME.values()
        if csv_column.name != REPORTER_COLUMN or formatter.organisation
    ]
    return {
        "language": formatter.language,
        "title": masthead_view_dict["document"],
        "mark": masthead_view_dict["mark"],
        "author": masthead_view_dict["author"],
        "last_month": masthead_view_dict["last_month"],
        "columns": {csv_column.name: translate(csv_column.header) for csv_column in csv_columns},
        "tables": data_table_dicts,
    }


def _is_illustrative(figures: KeyFigures, breakdown: Breakdown) -> bool | None:
    """Return whether a breakdown's data are invented; None if in part."""
    invented_source_flags = {
        source_name.lower().startswith(ILLUSTRATIVE_MARK) for source_name in breakdown.source.split("; ")
    }
    if len(invented_source_flags) > 1:
        return None
    total_figure = figures.figures.get(breakdown.definition.figure_definition.name)
    return True in invented_source_flags or bool(total_figure and total_figure.illustrative)


def _describe_sheet(formatter: SheetFormatter, sector: str, place: str, organisation: str) -> Row:
    """Return the cells that all rows share: sector, place and period, and the organisation where there is one."""
    sheet_period = formatter.key_figures.period
    reporter_cell_dict = {REPORTER_COLUMN: organisation} if organisation else {}
    period_cell_dict = _list_days(sheet_period.start, sheet_period.end)
    return {
        "sector": formatter.label(sector),
        **reporter_cell_dict,
        **_describe_place(formatter, place),
        **period_cell_dict,
    }


def _describe_number(formatter: SheetFormatter, figure: Figure | FigureValue, unit: str) -> Row:
    """Return the cells of a figure: value, text, unit, reason and caution.

    ``shorthand`` is the sign in place of a value, of few people their limit, and empty for any other value.
    """
    translate, number_text = formatter.translate, formatter.format_figure_value(figure, unit)
    word_by_unit, word_by_caution = WORDS_BY_KIND["unit"], WORDS_BY_KIND["caution in short"]
    shorthand_sign = number_text if figure.status == FEW else ""
    if figure.value is None:
        # Money may be of no country; people always are in one
        is_regional_money = isinstance(figure, FigureValue) and figure.key == REGIONAL
        shorthand_sign = (
            NOT_APPLICABLE_SIGN if is_regional_money or figure.reason in NOT_APPLICABLE_REASONS else NOT_AVAILABLE_SIGN
        )
    return {
        "value": plain_number(figure.value),
        "printed": number_text,
        "unit": translate(word_by_unit[unit]),
        "reason": formatter.format_reason(figure),
        "caution": translate(word_by_caution[figure.caution]) if figure.caution else "",
        "format": unit,
        "shorthand": shorthand_sign,
    }


def _name_category(formatter: SheetFormatter, dimension: str, category: str) -> Row:
    """Return the cells that name a category, in its dimension's columns.

    A platform has the cells of a place, a country ``part`` and ``countries``, a month ``start`` and ``end``, money
    ``donor`` or also ``organisation``. Any other category has its label in the column of
    ``CATEGORY_COLUMN_BY_DIMENSION``, by default ``part``.
    """
    if dimension == "platform":
        return _describe_place(formatter, category)
    if dimension == "month":
        return _list_days(category, category)
    if dimension == "country":
        return {"part": formatter.place_name(category), "countries": category}
    if dimension in ("donor", "donor_and_organisation"):
        party_keys = category.partition(DONOR_ARROW)[::2]
        party_names = [
            formatter.translate("Not specified") if party_key in ("", NOT_SPECIFIED) else party_key
            for party_key in party_keys
        ]
        return dict(zip(("donor", "organisation") if dimension != "donor" else ("donor",), party_names, strict=False))
    label_by_category = WORDS_BY_KIND["part"] if dimension not in ("admin1", "model") else {}
    category_label = (
        formatter.translate(label_by_category[category])
        if category in label_by_category
        else formatter.category_name(category, dimension)
    )
    return {CATEGORY_COLUMN_BY_DIMENSION.get(dimension, "part"): category_label}


def _describe_place(formatter: SheetFormatter, place: str) -> Row:
    """Return the cells of a place: ``place`` (its name) and ``countries`` (their codes, with a separator between them).

    The region has all countries of the plan; a place that the plan does not list has none (empty).
    """
    if place == REGION:
        return {
            "place": formatter.translate("Region"),
            "countries": COUNTRY_CODE_SEPARATOR.join(sorted(plan_lists().countries)),
        }
    return {
        "place": formatter.place_name(place),
        "countries": COUNTRY_CODE_SEPARATOR.join(plan_lists().places.get(place, ())),
    }


def _list_days(first_month: str, last_month: str) -> Row:
    """Return the cells of a period: the first and the last day of its months (``YYYY-MM``)."""
    return {"start": f"{first_month}-01", "end": last_day(last_month).isoformat()}
