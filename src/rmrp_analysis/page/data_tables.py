"""A sheet's numbers as tables for data files, in finished words.

Countries are ISO 3166 alpha-3 codes, several in one cell parted by ``|``; dates are ISO 8601.
"""

from calendar import monthrange
from collections.abc import Mapping
from typing import Any

from rmrp_analysis import theme
from rmrp_analysis.figures import (
    BREAKDOWNS,
    FEW,
    FIGURES,
    FROM_TO,
    ILLUSTRATIVE,
    SINGLE,
    Breakdown,
    Cell,
    Figure,
    plain_number,
)
from rmrp_analysis.files import CsvColumn
from rmrp_analysis.page import cards
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.page.shorthand import shorthand
from rmrp_analysis.vocabulary import COUNTRIES, INTERSECTOR, NOT_SPECIFIED, PLACES, REGION, SHARED
from rmrp_analysis.words import N_

REPORTED_BY = "reported_by"
COLUMNS: Mapping[str, tuple[str, CsvColumn]] = {
    "figure": (N_("Figure"), CsvColumn("The figure or the breakdown, in words", required=True)),
    "sector": (N_("Sector"), CsvColumn("The sector, in words")),
    REPORTED_BY: (N_("Reporting organization"), CsvColumn("On an organisation's sheet, who reported")),
    "place": (N_("Place"), CsvColumn("The region, platform or country, in words")),
    "countries": (N_("Countries (ISO codes)"), CsvColumn("Countries (ISO 3166 alpha-3), parted by |")),
    "start": (N_("From"), CsvColumn("First day", "date")),
    "end": (N_("To"), CsvColumn("Last day", "date")),
    "group": (N_("Group of people"), CsvColumn("The group of people, in words")),
    "donor": (N_("Donor"), CsvColumn("The organisation that gives the money")),
    "organisation": (N_("Funded organization"), CsvColumn("The organisation that gets the money")),
    "part": (N_("Part"), CsvColumn("The part of a breakdown by anything else, in words")),
    "value": (
        N_("Value"),
        CsvColumn("The number; shares are 0-1. 0 may be few people: see printed", "number"),
    ),
    "printed": (N_("As printed"), CsvColumn("What the sheet prints for it")),
    "unit": (N_("Unit"), CsvColumn("What the number counts, in words")),
    "reason": (N_("Why there is no value"), CsvColumn("Why there is no number, in words")),
    ILLUSTRATIVE: (N_("Illustrative"), CsvColumn("Whether the data behind it are invented for illustration, in words")),
    "source": (N_("Source"), CsvColumn("Where the data behind it come from")),
    "code": (N_("Name of the figure in all files"), CsvColumn("The figure or breakdown, as figures.csv names it")),
    "id": (
        N_("Identifier of the row"),
        CsvColumn("Report, figure and part: the same in every language", required=True),
    ),
}
"""The columns of every table and of the CSV file, in its order: the header in words, and what stands below it.

The files of an organisation alone say who reported.
"""

NAMED_PARTS: Mapping[str, str] = {SINGLE: N_("One alone"), SHARED: N_("Several"), NOT_SPECIFIED: N_("Not specified")}
UNIT_NAMES: Mapping[str, str] = {
    "people": N_("people"),
    "usd": N_("US dollars"),
    "count": N_("count"),
    "share": N_("share (0–1)"),
}
PART_COLUMNS: Mapping[str, str] = {"population_group": "group", "age_gender": "group", "sector": "sector"}
"""The columns that name the parts of some breakdowns; those of others stand under ``part``."""

LIST = "|"

Row = dict[str, Any]


def data_tables(printed: Printed, title: str, report: str) -> dict[str, Any]:
    """The tables of a sheet (``report``: its id without language), with the names of their columns.

    Each row maps columns to cells, beside those in ``shared`` that all rows of its table have; its ``format`` is the
    unit of its value (people, usd, count, share). What is unknown has no ``value``; ``printed``, ``reason`` and
    ``shorthand`` say so.
    """
    words, figures = printed.words, printed.key_figures
    illustrative = {True: words("yes"), False: words("no"), None: words("in part")}
    of_figures = [
        {
            "figure": words(FIGURES[name].label),
            **_number(printed, figure, figure.unit),
            ILLUSTRATIVE: illustrative[figure.illustrative],
            "source": figure.source,
            "code": name,
            "id": f"{report}/{name}",
        }
        for name, figure in figures.figures.items()
    ]
    masthead = cards.masthead(printed, title).view
    shown = {name: header for name, (header, _) in COLUMNS.items() if name != REPORTED_BY or printed.organisation}
    columns = {name: words(header) for name, header in shown.items()}
    context = _context(printed, figures.sector, figures.place, figures.organisation)
    tables = [{"name": "figures", "shared": context, "rows": of_figures}]
    for name, breakdown in figures.breakdowns.items():
        rows = [
            {
                **part_names(printed, name.partition("_by_")[2], cell.key),
                **_number(printed, cell, breakdown.unit),
                "id": f"{report}/{name}/{cell.key}",
            }
            for cell in breakdown.cells
        ]
        of_plan = name.startswith("plan_")  # money of the whole plan is of all sectors and the region
        shared = {
            **(_context(printed, INTERSECTOR, REGION, "") if of_plan else context),
            "figure": words(BREAKDOWNS[name].label),
            ILLUSTRATIVE: illustrative[_is_illustrative(printed, breakdown)],
            "source": breakdown.source,
            "code": name,
        }
        if rows:
            tables.append({"name": name, "shared": shared, "rows": rows})
    return {
        "language": printed.language,
        "title": theme.document_title(masthead),
        "mark": masthead["mark"],
        "columns": columns,
        "tables": tables,
    }


def _context(printed: Printed, sector: str, place: str, organisation: str) -> Row:
    """What all rows of a sheet share: sector, place, period, and an organisation."""
    start, end = printed.key_figures.period.start, printed.key_figures.period.end
    reported_by = {REPORTED_BY: organisation} if organisation else {}
    return {"sector": printed.label(sector), **reported_by, **_place(printed, place), **_days(start, end)}


def _number(printed: Printed, stated: Figure | Cell, unit: str) -> Row:
    """A figure or a part: its value, what stands for it in print, and why there is none."""
    words, text = printed.words, printed.number(stated, unit)
    value, reason = plain_number(stated.value), printed.reason(stated)
    unit_name, sign = words(UNIT_NAMES[unit]), text if stated.status == FEW else shorthand(stated)
    return {"value": value, "printed": text, "unit": unit_name, "reason": reason, "format": unit, "shorthand": sign}


def part_names(printed: Printed, split: str, key: str) -> Row:
    """How one part of a breakdown is named, by what it is split by; other parts go by their label."""
    if split == "platform":
        return _place(printed, key)
    if split == "month":
        return _days(key, key)
    if split == "country":
        return {"part": printed.place(key), "countries": key}
    if split in ("donor", "donor_and_organisation"):
        ends = key.partition(FROM_TO)[::2]
        names = [printed.words("Not specified") if end in ("", NOT_SPECIFIED) else end for end in ends]
        return dict(zip(("donor", "organisation") if split != "donor" else ("donor",), names, strict=False))
    if split == "admin1":
        name = printed.place(key)
    elif split == "model":
        name = printed.model(key)
    else:
        name = printed.words(NAMED_PARTS[key]) if key in NAMED_PARTS else printed.label(key)
    return {PART_COLUMNS.get(split, "part"): name}


def _place(printed: Printed, place: str) -> Row:
    """The region, a platform or a country, with its countries."""
    if place == REGION:
        return {"place": printed.words("Region"), "countries": LIST.join(sorted(COUNTRIES))}
    return {"place": printed.place(place), "countries": LIST.join(PLACES.get(place, ()))}


def _days(first_month: str, last_month: str) -> Row:
    """The first and the last day of these months."""
    days = monthrange(int(last_month[:4]), int(last_month[5:]))[1]
    return {"start": f"{first_month}-01", "end": f"{last_month}-{days}"}


def _is_illustrative(printed: Printed, breakdown: Breakdown) -> bool | None:
    """Whether a breakdown is invented: as its whole is, or as far as its sources say so; None: in part."""
    whole = breakdown.name.partition("_by_")[0].removeprefix("plan_")
    of_sources = {source.lower().startswith(ILLUSTRATIVE) for source in breakdown.source.split("; ")}
    if len(of_sources) > 1:
        return None
    figure = printed.key_figures.figures.get(whole)
    return True in of_sources or bool(figure and figure.illustrative)
