"""A sheet's numbers as tables for data files, in finished words.

Countries are ISO 3166 alpha-3 codes, several in one cell parted by ``|``; dates are ISO 8601.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rmrp_analysis.figures import BREAKDOWNS, FEW, FIGURES, FROM_TO, ILLUSTRATIVE, Figure, FigureValue, plain_number
from rmrp_analysis.method import last_day
from rmrp_analysis.packs import pack
from rmrp_analysis.page import cards
from rmrp_analysis.page.formatter import WORDS_OF, SheetFormatter
from rmrp_analysis.vocabulary import COUNTRIES, INTERSECTOR, NOT_SPECIFIED, PLACES, REGION, REGIONAL

REPORTED_BY = "reported_by"
NOT_AVAILABLE, NOT_APPLICABLE = WORDS_OF["sign"]
"""What stands in a cell of a worksheet that has no value, after the conventions of official statistics."""
NO_NUMBER_BY_NATURE = frozenset({"no_need_defined", "no_people"})  # reasons for which there can be no number
PART_COLUMNS: Mapping[str, str] = {"population_group": "group", "age_gender": "group", "sector": "sector"}
"""The columns that name the parts of some breakdowns; those of others stand under ``part``."""

LIST = "|"


DATA_COLUMNS = {row.name: row for row in pack.rows("columns.csv", pack.CsvColumn, within=Path(__file__).parent)}
"""The columns of every table and of the CSV file, in its order. The files of an organisation alone say who reported."""

Row = dict[str, Any]


def data_tables(formatter: SheetFormatter, title: str, report: str) -> dict[str, Any]:
    """The tables of a sheet (``report``: its id without language), with the names of their columns.

    Each row maps columns to cells, beside those in ``shared`` that all rows of its table have; its ``format`` is the
    unit of its value (people, usd, count, share). What is unknown has no ``value``; ``printed``, ``reason`` and
    ``shorthand`` say so.
    """
    translate, figures = formatter.translate, formatter.key_figures
    illustrative = {True: translate("yes"), False: translate("no"), None: translate("in part")}
    of_figures = [
        {
            "figure": translate(FIGURES[name].label),
            **_number(formatter, figure, figure.unit),
            ILLUSTRATIVE: illustrative[figure.illustrative],
            "source": figure.source,
            "code": name,
            "id": f"{report}/{name}",
        }
        for name, figure in figures.figures.items()
    ]
    masthead = cards.build_masthead(formatter, title).view
    shown = [column for column in DATA_COLUMNS.values() if column.name != REPORTED_BY or formatter.organisation]
    columns = {column.name: translate(column.header) for column in shown}
    context = _context(formatter, figures.sector, figures.place, figures.organisation)
    tables = [{"name": "figures", "shared": context, "rows": of_figures}]
    for name, breakdown in figures.breakdowns.items():
        split, rows = name.partition("_by_")[2], []
        for cell in breakdown.cells:
            names, number = _part_names(formatter, split, cell.key), _number(formatter, cell, breakdown.unit)
            rows.append({**names, **number, "id": f"{report}/{name}/{cell.key}"})
        of_sources = {source.lower().startswith(ILLUSTRATIVE) for source in breakdown.source.split("; ")}
        whole = figures.figures.get(breakdown.definition.figure_definition.name)
        is_illustrative = True in of_sources or bool(whole and whole.illustrative)
        of_plan = breakdown.definition.special == "plan"  # money of the whole plan is of all sectors and the region
        shared = {
            **(_context(formatter, INTERSECTOR, REGION, "") if of_plan else context),
            "figure": translate(BREAKDOWNS[name].label, level=formatter.level_name()),
            ILLUSTRATIVE: illustrative[is_illustrative if len(of_sources) == 1 else None],
            "source": breakdown.source,
            "code": name,
        }
        if rows:
            tables.append({"name": name, "shared": shared, "rows": rows})
    return {
        "language": formatter.language,
        "title": masthead["document"],
        "mark": masthead["mark"],
        "author": masthead["author"],
        "last_month": masthead["last_month"],
        "columns": columns,
        "tables": tables,
    }


def _context(formatter: SheetFormatter, sector: str, place: str, organisation: str) -> Row:
    """What all rows of a sheet share: sector, place, period, and an organisation."""
    period, reported_by = formatter.key_figures.period, {REPORTED_BY: organisation} if organisation else {}
    days = _days(period.start, period.end)
    return {"sector": formatter.label(sector), **reported_by, **_place(formatter, place), **days}


def _number(formatter: SheetFormatter, stated: Figure | FigureValue, unit: str) -> Row:
    """A figure or a part: its value, what stands for it in print and in a worksheet, and why there is none."""
    translate, text = formatter.translate, formatter.format_figure_value(stated, unit)
    units, cautions = WORDS_OF["unit"], WORDS_OF["caution in short"]
    sign = text if stated.status == FEW else ""
    if stated.value is None:
        of_no_place = (
            isinstance(stated, FigureValue) and stated.key == REGIONAL
        )  # money of no country; people are in one
        sign = NOT_APPLICABLE if of_no_place or stated.reason in NO_NUMBER_BY_NATURE else NOT_AVAILABLE
    return {
        "value": plain_number(stated.value),
        "printed": text,
        "unit": translate(units[unit]),
        "reason": formatter.format_reason(stated),
        "caution": translate(cautions[stated.caution]) if stated.caution else "",
        "format": unit,
        "shorthand": sign,
    }


def _part_names(formatter: SheetFormatter, split: str, key: str) -> Row:
    """How one part of a breakdown is named, by what it is split by; other parts go by their label."""
    if split == "platform":
        return _place(formatter, key)
    if split == "month":
        return _days(key, key)
    if split == "country":
        return {"part": formatter.place_name(key), "countries": key}
    if split in ("donor", "donor_and_organisation"):
        ends = key.partition(FROM_TO)[::2]
        names = [formatter.translate("Not specified") if end in ("", NOT_SPECIFIED) else end for end in ends]
        return dict(zip(("donor", "organisation") if split != "donor" else ("donor",), names, strict=False))
    named = WORDS_OF["part"] if split not in ("admin1", "model") else {}
    name = formatter.translate(named[key]) if key in named else formatter.category_name(key, split)
    return {PART_COLUMNS.get(split, "part"): name}


def _place(formatter: SheetFormatter, place: str) -> Row:
    """The region, a platform or a country, with its countries."""
    if place == REGION:
        return {"place": formatter.translate("Region"), "countries": LIST.join(sorted(COUNTRIES))}
    return {"place": formatter.place_name(place), "countries": LIST.join(PLACES.get(place, ()))}


def _days(first_month: str, last_month: str) -> Row:
    """The first and the last day of these months."""
    return {"start": f"{first_month}-01", "end": last_day(last_month).isoformat()}
