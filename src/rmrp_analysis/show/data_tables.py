"""A sheet's numbers as tables for data files: finished words, and HXL tags that say what each column holds.

Tags follow the HXL standard 1.1. A column of words carries the attribute of their language (``+i_es``); countries are
ISO 3166 alpha-3 codes, several in one cell parted by ``|``; dates are ISO 8601.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rmrp_analysis.key_figures import FROM_TO, ILLUSTRATIVE, REASONS, SINGLE, Breakdown, Cell, Figure, plain_number
from rmrp_analysis.labels import GROUP_NAMES, MODEL_NAMES
from rmrp_analysis.show import account, cards, findings
from rmrp_analysis.show.printed import Printed
from rmrp_analysis.vocabulary import COUNTRIES, INTERSECTOR, NOT_SPECIFIED, PLATFORMS, REGION, SHARED, plan_year

COLUMN_NAMES: Mapping[str, str] = {
    "figure": "Figure",
    "sector": "Sector",
    "platform": "Platform",
    "countries": "Countries (ISO codes)",
    "start": "From",
    "end": "To",
    "group": "Group of people",
    "donor": "Donor",
    "organisation": "Funded organization",
    "part": "Part",
    "value": "Value",
    "printed": "As printed",
    "unit": "Unit",
    "reason": "Why there is no value",
    ILLUSTRATIVE: "Illustrative",
    "source": "Source",
    "code": "Name of the figure in all files",
    "id": "Identifier of the row",
}
"""The columns of every table and of the CSV file, in its order."""

TAGS: Mapping[str, str] = {
    "figure": "#indicator+name",
    "sector": "#sector+name",
    "platform": "#region+name",
    "countries": "#country+code+v_iso3+list",
    "start": "#date+start",
    "end": "#date+end",
    "group": "#beneficiary+name",
    "donor": "#org+funder+name",
    "organisation": "#org+impl+name",
    "part": "#meta+part",
    "value": "#indicator+value+num",
    "printed": "#meta+printed",
    "unit": "#indicator+unit",
    "reason": "#meta+reason",
    ILLUSTRATIVE: "#meta+illustrative",
    "source": "#meta+source",
    "code": "#indicator+code",
    "id": "#meta+id",
}
IN_WORDS = frozenset({"figure", "sector", "platform", "group", "part", "printed", "unit", "reason", ILLUSTRATIVE})
"""Columns whose cells are in the reader's language."""

VALUE_TAGS: Mapping[str, str] = {
    "people_reached": "#reached+ind",
    "target": "#targeted+ind",
    "funding_usd": "#value+funding+usd",
    "plan_funding_usd": "#value+funding+usd",
}
"""What a breakdown's values are, by the figure it splits; a table of several figures has the general tag."""

FIGURE_NAMES: Mapping[str, str] = {
    "people_in_need": "People in need",
    "target": "People targeted",
    "people_reached": "People reached",
    "target_coverage": "People reached, of people targeted",
    "need_coverage": "People reached, of people in need",
    "reporting_partners": "Reporting partners",
    "implementing_partners": "Implementing partners",
    "activities": "Reported activities",
    "requirement_usd": "Funding required",
    "funding_usd": "Funding",
    "unmet_usd": "Unmet",
    "funding_coverage": "Funding, of funding required",
    "donors": "Donors",
    "funded_organisations": "Funded organizations",
}
BREAKDOWN_NAMES: Mapping[str, str] = {
    "people_reached_by_platform": "People reached, by platform",
    "people_reached_by_country": "People reached, by country",
    "people_reached_by_admin1": "People reached, by first administrative level",
    "people_reached_by_month": "People newly reached, by month",
    "people_reached_by_population_group": "People reached, by population group",
    "people_reached_by_age_gender": "People reached, by age and gender",
    "people_reached_by_sector": "People reached, by sector (some by several)",
    "people_reached_by_model": "People reached, by consolidation model",
    "target_by_population_group": "People targeted, by population group",
    "target_by_sector": "People targeted, by sector",
    "funding_usd_by_platform": "Funding, by platform",
    "funding_usd_by_country": "Funding, by country",
    "funding_usd_by_donor": "Funding, by donor",
    "funding_usd_by_donor_and_organisation": "Funding, from donor to organization",
    "plan_funding_usd_by_sector_named": "Funding of the plan, by how many sectors it names",
    "plan_funding_usd_by_country_named": "Funding of the plan, by how many countries it names",
}
TAB_NAMES: Mapping[str, str] = {
    "people_reached_by_platform": "Reached by platform",
    "people_reached_by_country": "Reached by country",
    "people_reached_by_admin1": "Reached by admin1",
    "people_reached_by_month": "Reached by month",
    "people_reached_by_population_group": "Reached by population group",
    "people_reached_by_age_gender": "Reached by age and gender",
    "people_reached_by_sector": "Reached by sector",
    "people_reached_by_model": "Reached by model",
    "target_by_population_group": "Target by population group",
    "target_by_sector": "Target by sector",
    "funding_usd_by_platform": "Funding by platform",
    "funding_usd_by_country": "Funding by country",
    "funding_usd_by_donor": "Funding by donor",
    "funding_usd_by_donor_and_organisation": "Donors to organizations",
    "plan_funding_usd_by_sector_named": "Plan funding, sectors named",
    "plan_funding_usd_by_country_named": "Plan funding, countries named",
}
"""Names of a workbook's sheets, which take 31 characters at most in every language."""

NAMED_PARTS: Mapping[str, str] = {SINGLE: "One alone", SHARED: "Several", NOT_SPECIFIED: "Not specified"}
UNIT_NAMES: Mapping[str, str] = {"people": "people", "usd": "US dollars", "count": "count", "share": "share (0–1)"}
LIST = "|"

Row = dict[str, Any]


def data_tables(printed: Printed, title: str, report: str) -> dict[str, Any]:
    """The tables of a sheet (``report``: its id without language), and what their reader must know about them.

    Each row maps columns to cells, beside those in ``shared`` that all rows of its table have; its ``format`` is the
    unit of its value (people, usd, count, share). What is withheld or unknown has no ``value``, and ``printed`` and
    ``reason`` say so.
    """
    words, language = printed.words, printed.language
    columns = {
        name: {"header": words(header), "tag": TAGS[name] + (f"+i_{language}" if name in IN_WORDS else "")}
        for name, header in COLUMN_NAMES.items()
    }
    shown = [breakdown for breakdown in printed.key_figures.breakdowns.values() if breakdown.cells]
    return {
        "language": language,
        "title": cards.masthead(printed, title, (), report).document["title"],
        "columns": columns,
        "tables": [_figures(printed, report), *(_breakdown(printed, breakdown, report) for breakdown in shown)],
        "about": {"tab": words("About"), "rows": [list(line) for line in _about(printed, title)]},
    }


def _figures(printed: Printed, report: str) -> dict[str, Any]:
    words = printed.words
    rows = [
        {
            "figure": words(FIGURE_NAMES[name]),
            **_number(printed, figure, figure.unit, printed.of(figure)),
            ILLUSTRATIVE: words("yes") if figure.illustrative else words("no"),
            "source": figure.source,
            "code": name,
            "id": f"{report}/{name}",
        }
        for name, figure in printed.key_figures.figures.items()
    ]
    value = {"header": words(COLUMN_NAMES["value"]), "tag": TAGS["value"]}
    return {**_table("figures", words("Figures"), _context(printed), rows), "value": value}


def _breakdown(printed: Printed, breakdown: Breakdown, report: str) -> dict[str, Any]:
    words, whole, name = printed.words, _whole(breakdown), breakdown.name
    rows = [
        {
            **_part(printed, breakdown, cell),
            **_number(printed, cell, breakdown.unit, printed.part(cell, breakdown)),
            "id": f"{report}/{name}/{cell.key}",
        }
        for cell in breakdown.cells
    ]
    shared = {
        **_context(printed, whole_plan=whole.startswith("plan_")),
        "figure": words(BREAKDOWN_NAMES[name]),
        ILLUSTRATIVE: _illustrative(printed, breakdown),
        "source": breakdown.source,
        "code": name,
    }
    value = {"header": words(FIGURE_NAMES[whole.removeprefix("plan_")]), "tag": VALUE_TAGS[whole]}
    return {**_table(name, words(TAB_NAMES[name]), shared, rows), "value": value}


def _table(name: str, tab: str, shared: Row, rows: list[Row]) -> dict[str, Any]:
    """The columns that tell the rows apart come first, those that place the table among others last.

    No row without a value, no column that says why.
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
    return {"name": name, "tab": tab, "columns": [*apart, *beside, *last], "shared": shared, "rows": rows}


def _context(printed: Printed, *, whole_plan: bool = False) -> Row:
    """What all rows of a sheet share; money of the whole plan is of all sectors and the region."""
    figures = printed.key_figures
    sector, platform = (INTERSECTOR, REGION) if whole_plan else (figures.sector, figures.platform)
    return {
        "sector": printed.words(sector),
        **_place(printed, platform),
        "start": _first_day(figures.period.start),
        "end": _last_day(figures.period.end),
    }


def _number(printed: Printed, of: Figure | Cell, unit: str, text: str) -> Row:
    words = printed.words
    reason = words(REASONS.get(of.reason, ""))
    value = plain_number(of.value)
    return {"value": value, "printed": text, "unit": words(UNIT_NAMES[unit]), "reason": reason, "format": unit}


def _part(printed: Printed, breakdown: Breakdown, cell: Cell) -> Row:
    """The cells that name one part of a breakdown."""
    return PARTS[breakdown.name.partition("_by_")[2]](printed, cell.key)


def _place(printed: Printed, platform: str) -> Row:
    if platform == REGION:
        return {"platform": printed.words("Region"), "countries": LIST.join(sorted(COUNTRIES))}
    return {"platform": printed.place(platform), "countries": LIST.join(PLATFORMS.get(platform, ()))}


def _country(printed: Printed, country: str) -> Row:
    return {"part": printed.place(country), "countries": country}


def _admin1(printed: Printed, admin1: str) -> Row:
    return {"part": printed.place(admin1)}


def _month(_: Printed, month: str) -> Row:
    return {"start": _first_day(month), "end": _last_day(month)}


def _group(printed: Printed, group: str) -> Row:
    return {"group": printed.words(GROUP_NAMES.get(group, group))}


def _sector(printed: Printed, sector: str) -> Row:
    return {"sector": printed.words(sector)}


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


PARTS: Mapping[str, Callable[[Printed, str], Row]] = {
    "platform": _place,
    "country": _country,
    "admin1": _admin1,
    "month": _month,
    "population_group": _group,
    "age_gender": _group,
    "sector": _sector,
    "model": _model,
    "donor": _donor,
    "donor_and_organisation": _donor_and_organisation,
    "sector_named": _named,
    "country_named": _named,
}
"""How the parts of a breakdown are named, by what it is split by."""


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
            "The second row of every table holds HXL tags. A cell without a value is unknown or withheld; its row says "
            "why. Values are exact; the sheet prints them rounded. Shares are of 1."
        ),
    )


def _first_day(month: str) -> str:
    return f"{month}-01"


def _last_day(month: str) -> str:
    return f"{month}-{monthrange(int(month[:4]), int(month[5:]))[1]}"
