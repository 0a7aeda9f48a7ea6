"""A sheet's numbers as tables for data files, in the language of the sheet.

Countries are ISO 3166 alpha-3 codes, several in one cell separated by ``|``; dates are ISO 8601.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rmrp_analysis.arguments import last_day
from rmrp_analysis.figures import (
    BREAKDOWNS,
    FEW,
    FIGURES,
    FROM_TO,
    ILLUSTRATIVE,
    Breakdown,
    Figure,
    FigureValue,
    KeyFigures,
    plain_number,
)
from rmrp_analysis.packs import pack
from rmrp_analysis.page import cards
from rmrp_analysis.page.formatter import WORDS_OF, SheetFormatter
from rmrp_analysis.vocabulary import INTERSECTOR, NOT_SPECIFIED, REGION, REGIONAL, plan_lists

REPORTED_BY = "reported_by"
NOT_AVAILABLE, NOT_APPLICABLE = WORDS_OF["sign"]
"""The signs in a cell of a worksheet without a value, after the conventions of official statistics."""
NOT_APPLICABLE_REASONS = frozenset({"no_need_defined", "no_people"})
"""Reasons for which a figure can never have a number."""
CATEGORY_COLUMNS: Mapping[str, str] = {"population_group": "group", "age_gender": "group", "sector": "sector"}
"""The column that names the categories of a dimension; those of other dimensions stand in ``part``."""

LIST_SEPARATOR = "|"


DATA_COLUMNS = {row.name: row for row in pack.rows("columns.csv", pack.CsvColumn, within=Path(__file__).parent)}
"""The columns of every table and of the CSV file, in its order; only files of an organisation have ``reported_by``."""

Row = dict[str, Any]


def build_data_tables(formatter: SheetFormatter, title: str, report: str) -> dict[str, Any]:
    """Return the tables of a sheet, with the names of their columns.

    ``report`` is the id of the sheet without its language. Each row maps ``DATA_COLUMNS`` to cells; the cells that all
    rows of a table have are in its ``shared``. The ``format`` of a row is the unit of its value (people, usd, count,
    share). A number that is not available has no ``value``; ``printed``, ``reason`` and ``shorthand`` say so.
    """
    translate, figures = formatter.translate, formatter.key_figures
    illustrative_texts = {True: translate("yes"), False: translate("no"), None: translate("in part")}
    figure_rows = [
        {
            "figure": translate(FIGURES[name].label),
            **_describe_number(formatter, figure, figure.unit),
            ILLUSTRATIVE: illustrative_texts[figure.illustrative],
            "source": figure.source,
            "code": name,
            "id": f"{report}/{name}",
        }
        for name, figure in figures.figures.items()
    ]
    context = _describe_sheet(formatter, figures.sector, figures.place, figures.organisation)
    tables = [{"name": "figures", "shared": context, "rows": figure_rows}]
    for name, breakdown in figures.breakdowns.items():
        dimension = name.partition("_by_")[2]
        rows = [
            {
                **_name_category(formatter, dimension, cell.key),
                **_describe_number(formatter, cell, breakdown.unit),
                "id": f"{report}/{name}/{cell.key}",
            }
            for cell in breakdown.cells
        ]
        is_of_plan = breakdown.definition.special == "plan"  # money of the plan is of all sectors and the region
        shared = {
            **(_describe_sheet(formatter, INTERSECTOR, REGION, "") if is_of_plan else context),
            "figure": translate(BREAKDOWNS[name].label, level=formatter.level_name()),
            ILLUSTRATIVE: illustrative_texts[_is_illustrative(figures, breakdown)],
            "source": breakdown.source,
            "code": name,
        }
        if rows:
            tables.append({"name": name, "shared": shared, "rows": rows})
    masthead = cards.build_masthead(formatter, title).view
    columns = [column for column in DATA_COLUMNS.values() if column.name != REPORTED_BY or formatter.organisation]
    return {
        "language": formatter.language,
        "title": masthead["document"],
        "mark": masthead["mark"],
        "author": masthead["author"],
        "last_month": masthead["last_month"],
        "columns": {column.name: translate(column.header) for column in columns},
        "tables": tables,
    }


def _is_illustrative(figures: KeyFigures, breakdown: Breakdown) -> bool | None:
    """Return whether a breakdown's data are invented; None if in part."""
    states = {source.lower().startswith(ILLUSTRATIVE) for source in breakdown.source.split("; ")}
    if len(states) > 1:
        return None
    total = figures.figures.get(breakdown.definition.figure_definition.name)
    return True in states or bool(total and total.illustrative)


def _describe_sheet(formatter: SheetFormatter, sector: str, place: str, organisation: str) -> Row:
    """Return the cells that all rows share: sector, place and period."""
    period, reported_by = formatter.key_figures.period, {REPORTED_BY: organisation} if organisation else {}
    days = _list_days(period.start, period.end)
    return {"sector": formatter.label(sector), **reported_by, **_describe_place(formatter, place), **days}


def _describe_number(formatter: SheetFormatter, figure: Figure | FigureValue, unit: str) -> Row:
    """Return the cells of a figure: value, text, unit, reason and caution."""
    translate, text = formatter.translate, formatter.format_figure_value(figure, unit)
    units, cautions = WORDS_OF["unit"], WORDS_OF["caution in short"]
    sign = text if figure.status == FEW else ""
    if figure.value is None:
        # Money may be of no country; people always are in one
        is_regional = isinstance(figure, FigureValue) and figure.key == REGIONAL
        sign = NOT_APPLICABLE if is_regional or figure.reason in NOT_APPLICABLE_REASONS else NOT_AVAILABLE
    return {
        "value": plain_number(figure.value),
        "printed": text,
        "unit": translate(units[unit]),
        "reason": formatter.format_reason(figure),
        "caution": translate(cautions[figure.caution]) if figure.caution else "",
        "format": unit,
        "shorthand": sign,
    }


def _name_category(formatter: SheetFormatter, dimension: str, key: str) -> Row:
    """Return the cells that name a category, in its dimension's columns."""
    if dimension == "platform":
        return _describe_place(formatter, key)
    if dimension == "month":
        return _list_days(key, key)
    if dimension == "country":
        return {"part": formatter.place_name(key), "countries": key}
    if dimension in ("donor", "donor_and_organisation"):
        ends = key.partition(FROM_TO)[::2]
        names = [formatter.translate("Not specified") if end in ("", NOT_SPECIFIED) else end for end in ends]
        return dict(zip(("donor", "organisation") if dimension != "donor" else ("donor",), names, strict=False))
    labels = WORDS_OF["part"] if dimension not in ("admin1", "model") else {}
    label = formatter.translate(labels[key]) if key in labels else formatter.category_name(key, dimension)
    return {CATEGORY_COLUMNS.get(dimension, "part"): label}


def _describe_place(formatter: SheetFormatter, place: str) -> Row:
    """Return the cells of a place: its name and the codes of its countries."""
    if place == REGION:
        return {
            "place": formatter.translate("Region"),
            "countries": LIST_SEPARATOR.join(sorted(plan_lists().countries)),
        }
    return {"place": formatter.place_name(place), "countries": LIST_SEPARATOR.join(plan_lists().places.get(place, ()))}


def _list_days(first_month: str, last_month: str) -> Row:
    """Return the first and the last day of these months (``YYYY-MM``)."""
    return {"start": f"{first_month}-01", "end": last_day(last_month).isoformat()}
