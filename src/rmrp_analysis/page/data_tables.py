"""A sheet's numbers as tables for data files, in finished words.

Countries are ISO 3166 alpha-3 codes, several in one cell parted by ``|``; dates are ISO 8601.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
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
from rmrp_analysis.labels import GROUP_NAMES, MODEL_NAMES, label
from rmrp_analysis.page import account, cards, findings
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
LIST = "|"

Row = dict[str, Any]


def data_tables(printed: Printed, title: str, report: str) -> dict[str, Any]:
    """The tables of a sheet (``report``: its id without language), and what their reader must know about them.

    Each row maps columns to cells, beside those in ``shared`` that all rows of its table have; its ``format`` is the
    unit of its value (people, usd, count, share). What is withheld or unknown has no ``value``, and ``printed`` and
    ``reason`` say so.
    """
    words = printed.words
    shown = [breakdown for breakdown in printed.key_figures.breakdowns.values() if breakdown.cells]
    return {
        "language": printed.language,
        "title": theme.document_title(cards.masthead(printed, title, (), report).view),
        "columns": {name: words(header) for name, header in COLUMN_NAMES.items()},
        "tables": [_figures(printed, report), *(_breakdown(printed, breakdown, report) for breakdown in shown)],
        "about": {"tab": words("About"), "rows": [list(line) for line in _about(printed, title)]},
    }


def _figures(printed: Printed, report: str) -> dict[str, Any]:
    words, value = printed.words, COLUMN_NAMES["value"]
    rows = [
        {
            "figure": words(FIGURES[name].label),
            **_number(printed, figure, figure.unit, printed.of(figure)),
            ILLUSTRATIVE: words("yes") if figure.illustrative else words("no"),
            "source": figure.source,
            "code": name,
            "id": f"{report}/{name}",
        }
        for name, figure in printed.key_figures.figures.items()
    ]
    return _table("figures", words("Figures"), words(value), _context(printed), rows)


def _breakdown(printed: Printed, breakdown: Breakdown, report: str) -> dict[str, Any]:
    words, whole, name = printed.words, _whole(breakdown), breakdown.name
    name_part = PARTS.get(name.partition("_by_")[2], _labelled)
    rows = [
        {
            **name_part(printed, cell.key),
            **_number(printed, cell, breakdown.unit, printed.part(cell, breakdown)),
            "id": f"{report}/{name}/{cell.key}",
        }
        for cell in breakdown.cells
    ]
    shared = {
        **_context(printed, whole_plan=whole.startswith("plan_")),
        "figure": words(BREAKDOWNS[name].label),
        ILLUSTRATIVE: _illustrative(printed, breakdown),
        "source": breakdown.source,
        "code": name,
    }
    value = words(breakdown.definition.figure_definition.label)
    return _table(name, words(BREAKDOWNS[name].tab), value, shared, rows)


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


def _context(printed: Printed, *, whole_plan: bool = False) -> Row:
    """What all rows of a sheet share; money of the whole plan is of all sectors and the region."""
    figures = printed.key_figures
    sector, platform = (INTERSECTOR, REGION) if whole_plan else (figures.sector, figures.platform)
    return {
        "sector": printed.label(sector),
        **_place(printed, platform),
        "start": _first_day(figures.period.start),
        "end": _last_day(figures.period.end),
    }


def _number(printed: Printed, of: Figure | Cell, unit: str, text: str) -> Row:
    words = printed.words
    reason = words(REASONS.get(of.reason, ""))
    value = plain_number(of.value)
    return {"value": value, "printed": text, "unit": words(UNIT_NAMES[unit]), "reason": reason, "format": unit}


def _place(printed: Printed, platform: str) -> Row:
    if platform == REGION:
        return {"platform": printed.words("Region"), "countries": LIST.join(sorted(COUNTRIES))}
    return {"platform": printed.place(platform), "countries": LIST.join(PLATFORMS.get(platform, ()))}


def _group(printed: Printed, group: str) -> Row:
    return {"group": printed.words(GROUP_NAMES.get(group, group))}


def _model(printed: Printed, model: str) -> Row:
    name = printed.words(MODEL_NAMES[model])
    used = model == printed.key_figures.method.intersector_model
    return {"part": printed.words("{model} (used)", model=name) if used else name}


def _donor(printed: Printed, donor: str) -> Row:
    return {"donor": printed.words("Not specified") if donor == NOT_SPECIFIED else donor}


def _donor_and_organisation(printed: Printed, pair: str) -> Row:
    donor, _, organisation = pair.partition(FROM_TO)
    return {**_donor(printed, donor), "organisation": _donor(printed, organisation or NOT_SPECIFIED)["donor"]}


def _named(printed: Printed, part: str) -> Row:
    return {"part": printed.words(NAMED_PARTS[part])}


def _labelled(printed: Printed, part: str) -> Row:
    return {"part": label(part, printed.language)}


PARTS: Mapping[str, Callable[[Printed, str], Row]] = {
    "platform": _place,
    "country": lambda printed, country: {"part": printed.place(country), "countries": country},
    "admin1": lambda printed, admin1: {"part": printed.place(admin1)},
    "month": lambda _, month: {"start": _first_day(month), "end": _last_day(month)},
    "population_group": _group,
    "age_gender": _group,
    "sector": lambda printed, sector: {"sector": printed.label(sector)},
    "model": _model,
    "donor": _donor,
    "donor_and_organisation": _donor_and_organisation,
    "sector_named": _named,
    "country_named": _named,
}
"""How one part of a breakdown is named, by what it is split by; other parts go by their label."""


def _whole(breakdown: Breakdown) -> str:
    return breakdown.name.partition("_by_")[0]


def _illustrative(printed: Printed, breakdown: Breakdown) -> str:
    """Whether a breakdown is invented: as its whole is, or as far as its sources say so."""
    words, whole = printed.words, printed.key_figures.figures.get(_whole(breakdown).removeprefix("plan_"))
    said = {source.lower().startswith(ILLUSTRATIVE) for source in breakdown.source.split("; ")}
    if said == {True, False}:
        return words("in part")
    return words("yes") if True in said or (whole and whole.illustrative) else words("no")


def _about(printed: Printed, title: str) -> Iterator[tuple[str, str]]:
    """What the tables are about, as pairs of a heading and a text."""
    words, figures = printed.words, printed.key_figures
    yield words("Sheet"), f"{printed.sector()} · {words(title)}"
    yield words("Plan"), words(plan_year(figures.plan_year).name)
    yield words("Scope"), printed.scope()
    yield words("Period"), printed.period()
    if figures.illustrative or figures.lost_people:
        notice = cards.notice(printed).view
        yield notice["lead"].removesuffix("."), notice["text"]
    yield words("In one sentence"), findings.headline(printed)
    counted = account.counted(printed).view
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


def _first_day(month: str) -> str:
    return f"{month}-01"


def _last_day(month: str) -> str:
    return f"{month}-{monthrange(int(month[:4]), int(month[5:]))[1]}"
