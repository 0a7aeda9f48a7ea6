"""A sheet's numbers as tables for data files, in finished words.

Countries are ISO 3166 alpha-3 codes, several in one cell parted by ``|``; dates are ISO 8601.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from typing import Any

from rmrp_analysis import theme
from rmrp_analysis.figures import (
    BREAKDOWNS,
    FIGURES,
    FROM_TO,
    ILLUSTRATIVE,
    REASONS,
    SINGLE,
    Breakdown,
    Cell,
    Figure,
    plain_number,
)
from rmrp_analysis.page import cards, findings
from rmrp_analysis.page.account import account
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.vocabulary import COUNTRIES, INTERSECTOR, NOT_SPECIFIED, PLATFORMS, REGION, SHARED, plan_year
from rmrp_analysis.words import N_

COLUMN_NAMES: Mapping[str, str] = {
    "figure": N_("Figure"),
    "sector": N_("Sector"),
    "platform": N_("Platform"),
    "countries": N_("Countries (ISO codes)"),
    "start": N_("From"),
    "end": N_("To"),
    "group": N_("Group of people"),
    "donor": N_("Donor"),
    "organisation": N_("Funded organization"),
    "part": N_("Part"),
    "value": N_("Value"),
    "printed": N_("As printed"),
    "unit": N_("Unit"),
    "reason": N_("Why there is no value"),
    ILLUSTRATIVE: N_("Illustrative"),
    "source": N_("Source"),
    "code": N_("Name of the figure in all files"),
    "id": N_("Identifier of the row"),
}
"""The columns of every table and of the CSV file, in its order."""

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
    """The tables of a sheet (``report``: its id without language), and what their reader must know about them.

    Each row maps columns to cells, beside those in ``shared`` that all rows of its table have; its ``format`` is the
    unit of its value (people, usd, count, share). What is withheld or unknown has no ``value``, and ``printed`` and
    ``reason`` say so.
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
    columns = {name: words(header) for name, header in COLUMN_NAMES.items()}
    context = _context(printed, figures.sector, figures.platform)
    tables = [_table("figures", words("Figures"), columns["value"], context, of_figures)]
    for name, breakdown in figures.breakdowns.items():
        rows = [
            {
                **_part(printed, breakdown, cell.key),
                **_number(printed, cell, breakdown.unit),
                "id": f"{report}/{name}/{cell.key}",
            }
            for cell in breakdown.cells
        ]
        of_plan = name.startswith("plan_")  # money of the whole plan is of all sectors and the region
        shared = {
            **(_context(printed, INTERSECTOR, REGION) if of_plan else context),
            "figure": words(BREAKDOWNS[name].label),
            ILLUSTRATIVE: illustrative[_is_illustrative(printed, breakdown)],
            "source": breakdown.source,
            "code": name,
        }
        value = words(breakdown.definition.figure_definition.label)
        if rows:
            tables.append(_table(name, words(BREAKDOWNS[name].tab), value, shared, rows))
    return {
        "language": printed.language,
        "title": theme.document_title(cards.masthead(printed, title, (), report).view),
        "columns": columns,
        "tables": tables,
        "about": {"tab": words("About"), "rows": [list(line) for line in _about(printed, title, report)]},
    }


def _table(name: str, tab: str, value: str, shared: Row, rows: list[Row]) -> dict[str, Any]:
    """A table, with ``value`` as the header of its values.

    The columns that tell the rows apart come first, those that place the table among others last. No row without a
    value, no column that says why.
    """
    apart = [column for column in rows[0] if column in COLUMN_NAMES and column != "id"]
    if not any(row["reason"] for row in rows):
        apart.remove("reason")
    beside = [column for column in (ILLUSTRATIVE, "source") if column not in apart]
    last = [
        column
        for column in COLUMN_NAMES
        if column in {**shared, **rows[0]} and column not in {*apart, *beside, "reason"}
    ]
    columns = [*apart, *beside, *last]
    return {"name": name, "tab": tab, "columns": columns, "value": value, "shared": shared, "rows": rows}


def _context(printed: Printed, sector: str, platform: str) -> Row:
    """What all rows of a sheet share: sector, platform and period."""
    start, end = printed.key_figures.period.start, printed.key_figures.period.end
    return {"sector": printed.label(sector), **_platform(printed, platform), **_days(start, end)}


def _number(printed: Printed, stated: Figure | Cell, unit: str) -> Row:
    """A figure or a part: its value, what stands for it in print, and why there is none."""
    words, text = printed.words, printed.number(stated, unit)
    reason = words(REASONS.get(stated.reason, ""))
    value = plain_number(stated.value)
    return {"value": value, "printed": text, "unit": words(UNIT_NAMES[unit]), "reason": reason, "format": unit}


def _part(printed: Printed, breakdown: Breakdown, key: str) -> Row:
    """How one part of a breakdown is named, by what it is split by; other parts go by their label."""
    split = breakdown.name.partition("_by_")[2]
    if split == "platform":
        return _platform(printed, key)
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


def _platform(printed: Printed, platform: str) -> Row:
    if platform == REGION:
        return {"platform": printed.words("Region"), "countries": LIST.join(sorted(COUNTRIES))}
    return {"platform": printed.place(platform), "countries": LIST.join(PLATFORMS.get(platform, ()))}


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


def _about(printed: Printed, title: str, report: str) -> Iterator[tuple[str, str]]:
    """What the tables are about, as pairs of a heading and a text."""
    words, figures = printed.words, printed.key_figures
    yield words("Sheet"), f"{printed.sheet()} · {words(title)}"
    yield words("Plan"), words(plan_year(figures.plan_year).name)
    yield words("Scope"), printed.scope()
    yield words("Period"), printed.period()
    if figures.illustrative or figures.lost_people:
        notice = cards.notice(printed).view
        yield notice["lead"].removesuffix("."), notice["text"]
    yield words("In one sentence"), findings.headline(printed)
    counted = account(printed, title, report).view
    yield counted["method"]["heading"], ""
    for line in counted["method"]["lines"]:
        yield line["name"], line["rule"]
    for number, paragraph in enumerate(counted["sources"]["paragraphs"]):
        yield "" if number else counted["sources"]["heading"], paragraph
    yield (
        words("Reading the tables"),
        words(
            "A cell without a value is unknown or withheld; its row says why. Values are exact; the sheet prints them "
            "rounded. Shares are of 1."
        ),
    )
