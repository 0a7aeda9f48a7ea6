"""A sheet's numbers as tables for data files, in the language of the sheet.

Countries are ISO 3166 alpha-3 codes, several in one cell separated by ``|``. Dates are ISO 8601.
"""

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
"""Reasons why a figure can never have a number."""
CATEGORY_COLUMN_BY_DIMENSION = {"population_group": "group", "age_gender": "group", "sector": "sector"}
"""The column that names the categories of a dimension. Other dimensions have ``part``."""
COUNTRY_CODE_SEPARATOR = "|"

DATA_COLUMN_BY_NAME = {row.name: row for row in pack.rows("columns.csv", pack.CsvColumn, within=Path(__file__).parent)}
"""The columns of every table and of the CSV file, in order. Only files of an organisation have ``reported_by``."""

Row = dict[str, Any]
"""A row of a data table: cells by the name of their column."""


def build_data_tables(formatter: SheetFormatter, title: str, report: str) -> dict[str, Any]:
    """Return the ``tables`` of a sheet, with the headers of their ``columns`` by name.

    Other keys are ``language``, ``title``, ``mark``, ``author`` and ``last_month``. ``report`` is the id of the sheet
    without its language. The first table has the figures, and each other table a breakdown that has categories. Each
    row maps names of ``DATA_COLUMN_BY_NAME`` to cells. ``shared`` has the cells that are the same in all rows of a
    table. The ``format`` of a row is the unit of its value (people, usd, count, share). A number that is not available
    has no ``value``, and ``printed``, ``reason`` and ``shorthand`` say so.
    """
    translate, figures = formatter.translate, formatter.key_figures
    answers = {True: translate("yes"), False: translate("no"), None: translate("in part")}
    figure_rows = [
        {
            "figure": translate(FIGURES[name].label),
            **_describe_number(formatter, figure, figure.unit),
            ILLUSTRATIVE_MARK: answers[figure.illustrative],
            "source": figure.source,
            "code": name,
            "id": f"{report}/{name}",
        }
        for name, figure in figures.figures.items()
    ]
    context = _describe_sheet(formatter, figures.sector, figures.place, figures.organisation)
    tables = [{"name": "figures", "shared": context, "rows": figure_rows}]
    for name, breakdown in figures.breakdowns.items():
        if not breakdown.cells:
            continue
        dimension = name.partition("_by_")[2]
        rows = [
            {
                **_name_category(formatter, dimension, cell.key),
                **_describe_number(formatter, cell, breakdown.unit),
                "id": f"{report}/{name}/{cell.key}",
            }
            for cell in breakdown.cells
        ]
        # Money of the plan is of all sectors and the region
        is_plan = breakdown.definition.special == "plan"
        shared = {
            **(_describe_sheet(formatter, INTERSECTOR, REGION, "") if is_plan else context),
            "figure": translate(BREAKDOWNS[name].label, level=formatter.level_name()),
            ILLUSTRATIVE_MARK: answers[_is_illustrative(figures, breakdown)],
            "source": breakdown.source,
            "code": name,
        }
        tables.append({"name": name, "shared": shared, "rows": rows})
    masthead = cards.build_masthead(formatter, title).view
    columns = {name: translate(column.header) for name, column in DATA_COLUMN_BY_NAME.items()}
    if not formatter.organisation:
        del columns[REPORTER_COLUMN]
    return {
        "language": formatter.language,
        "title": masthead["document"],
        "mark": masthead["mark"],
        "author": masthead["author"],
        "last_month": masthead["last_month"],
        "columns": columns,
        "tables": tables,
    }


def _is_illustrative(figures: KeyFigures, breakdown: Breakdown) -> bool | None:
    """Return whether a breakdown's data are invented, or None if in part."""
    flags = {source.lower().startswith(ILLUSTRATIVE_MARK) for source in breakdown.source.split("; ")}
    if len(flags) > 1:
        return None
    total = figures.figures.get(breakdown.definition.figure_definition.name)
    return True in flags or bool(total and total.illustrative)


def _describe_sheet(formatter: SheetFormatter, sector: str, place: str, organisation: str) -> Row:
    """Return the cells that all rows share: sector, place and period, and the organisation if there is one."""
    period = formatter.key_figures.period
    reporter = {REPORTER_COLUMN: organisation} if organisation else {}
    days = _list_days(period.start, period.end)
    return {"sector": formatter.label(sector), **reporter, **_describe_place(formatter, place), **days}


def _describe_number(formatter: SheetFormatter, figure: Figure | FigureValue, unit: str) -> Row:
    """Return the cells of a figure: value, text, unit, reason and caution.

    ``shorthand`` is the sign in place of a value, the limit of few people, and empty for any other value.
    """
    translate, text = formatter.translate, formatter.format_figure_value(figure, unit)
    units, cautions = WORDS_BY_KIND["unit"], WORDS_BY_KIND["caution in short"]
    sign = text if figure.status == FEW else ""
    if figure.value is None:
        # Money may have no country. People always have one
        is_regional = isinstance(figure, FigureValue) and figure.key == REGIONAL
        sign = NOT_APPLICABLE_SIGN if is_regional or figure.reason in NOT_APPLICABLE_REASONS else NOT_AVAILABLE_SIGN
    return {
        "value": plain_number(figure.value),
        "printed": text,
        "unit": translate(units[unit]),
        "reason": formatter.format_reason(figure),
        "caution": translate(cautions[figure.caution]) if figure.caution else "",
        "format": unit,
        "shorthand": sign,
    }


def _name_category(formatter: SheetFormatter, dimension: str, category: str) -> Row:
    """Return the cells that name a category, in the columns of its dimension.

    A platform has the cells of a place. A country has ``part`` and ``countries``, a month ``start`` and ``end``, and
    money ``donor`` or also ``organisation``. Any other category has its label in the column of
    ``CATEGORY_COLUMN_BY_DIMENSION``, by default ``part``.
    """
    if dimension == "platform":
        return _describe_place(formatter, category)
    if dimension == "month":
        return _list_days(category, category)
    if dimension == "country":
        return {"part": formatter.place_name(category), "countries": category}
    if dimension in ("donor", "donor_and_organisation"):
        ends = category.partition(DONOR_ARROW)[::2]
        names = [formatter.translate("Not specified") if end in ("", NOT_SPECIFIED) else end for end in ends]
        return {"donor": names[0]} if dimension == "donor" else {"donor": names[0], "organisation": names[1]}
    words = WORDS_BY_KIND["part"] if dimension not in ("admin1", "model") else {}
    name = formatter.translate(words[category]) if category in words else formatter.category_name(category, dimension)
    return {CATEGORY_COLUMN_BY_DIMENSION.get(dimension, "part"): name}


def _describe_place(formatter: SheetFormatter, place: str) -> Row:
    """Return the cells of a place: its name as ``place``, and the codes of its ``countries``."""
    is_region = place == REGION
    name = formatter.translate("Region") if is_region else formatter.place_name(place)
    countries = sorted(plan_lists().countries) if is_region else plan_lists().places.get(place, ())
    return {"place": name, "countries": COUNTRY_CODE_SEPARATOR.join(countries)}


def _list_days(first_month: str, last_month: str) -> Row:
    """Return the cells of a period: the first and the last day of its months (``YYYY-MM``)."""
    return {"start": f"{first_month}-01", "end": last_day(last_month).isoformat()}
