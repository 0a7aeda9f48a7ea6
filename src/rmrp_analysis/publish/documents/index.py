"""The page that leads to every sheet of a run: places against sectors, where each number is the link.

It is whole without script, and its choices by sector, place, organisation and language are style rules alone. Search,
sorting and the choices in the page's address need a few lines of script (``theme/index.js``).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from rmrp_analysis import numbers, theme
from rmrp_analysis.figures import FEW, NOT_COUNTED, REASONS
from rmrp_analysis.locale.languages import declared
from rmrp_analysis.packs import pack
from rmrp_analysis.page.cards import of_their_own
from rmrp_analysis.params import ReportParams, RunParams
from rmrp_analysis.publish.documents.navigation import named
from rmrp_analysis.publish.records.data_set import data_set
from rmrp_analysis.publish.records.manifest import CORRECTED, LINES, NOT_MADE, WITHOUT_SHEET, Manifest, StatedSheet
from rmrp_analysis.publish.records.results import ReportResult, counted
from rmrp_analysis.vocabulary import (
    COUNTRIES,
    INTERSECTOR,
    NATIONAL_LEVEL,
    NOT_SPECIFIED,
    PLACES,
    PLATFORM_OF,
    PLATFORMS,
    REGION,
    ZERO_NAMES,
    plan_year,
    short_name,
    slug,
)
from rmrp_analysis.vocabulary.labels import label, place, sheet_name
from rmrp_analysis.words import INTERNAL_MARK, N_, Words

OVERALL: Mapping[str, str] = {
    "people_in_need": N_("People in need"),
    "target": N_("People targeted"),
    "people_reached": N_("People reached"),
    "funding_usd": N_("Funding"),
    "funding_coverage": N_("Funded, of requirement"),
}
"""The figures of all sectors together that stand above the table."""
SHOWN = ("target_coverage", "people_reached", "funding_usd")
"""What stands in the table for a sheet: the first of these that is known."""
ZEROS = {REASONS[reason]: name for reason, name in ZERO_NAMES.items()}
"""What stands for a 0, by its reason as files have it."""
SHADES = (0.1, 0.25, 0.5, 0.75, 1)
"""The shares of a target at which the next shade begins."""
REASONS_FOR_NO_SHEET: Mapping[str, str] = {
    "few": N_("Fewer than {few} people reached, no target and no funding"),
    "nobody": N_("Nobody reached, no target and no funding"),
    "empty": N_("Nothing reported"),
}
"""What is said of reports without a sheet, by their status."""
COMPLETENESS = ("partners_last_month", "reporting_partners", "months_reported")
"""How many partners reported for the last month and in the period, and in how many months."""
PLACES_INSIDE = "people_reached_by_admin1"
"""The breakdown whose parts are the places of a sheet that a search finds."""
INDENT = "\u2003"
"""Before a country in the choice of places, where it follows its platform."""
FAILED_SHOWN = 8
"""How many sheets that could not be made are named at the top; the table has all."""


def index_page(
    params: RunParams, manifest: Manifest, results: Sequence[ReportResult], *, quality_page: str = ""
) -> str:
    """The index in the run's first language; ``quality_page`` is the name of the page on its data, if it has one."""
    words, publisher = Words(params.languages[0]), params.publisher or pack.about().publisher
    reports = defaultdict[str, list[ReportResult]](list)
    for result in results:
        reports[result.params.report].append(result)
    made = [result for result in results if result.status not in WITHOUT_SHEET]
    not_made = [result for result in made if result.status in NOT_MADE]
    sectors = list(dict.fromkeys(result.params.sector for result in results if result.status != "empty"))
    languages = list(dict.fromkeys((words.language, *(result.params.language for result in results))))
    by_place, by_organisation = (defaultdict[str, dict[str, Sequence[ReportResult]]](dict) for _ in range(2))
    for sheets in reports.values():
        if any(sheet.status != "empty" for sheet in sheets):
            at = sheets[0].params
            lines, name = (by_organisation, at.organisation) if at.organisation else (by_place, at.place)
            lines[name][at.sector] = sheets
    tables = {
        "place": [_line(words, by_place[name], sectors, by_place, languages) for name in PLACES if name in by_place],
        "organisation": [_line(words, sheets, sectors, (), languages) for sheets in by_organisation.values()],
    }
    cells = [cell for line in chain(*tables.values()) for cell in line["cells"] if cell]
    sought = {sector: dict.fromkeys(label(sector, code) for code in languages) for sector in sectors}
    columns = [
        {"slug": slug(sector), "name": label(sector, words.language), "sought": " ".join(names)}
        for sector, names in sought.items()
    ]
    together = _figures(by_place.get(REGION, {}).get(INTERSECTOR, ()))
    stated = [result.figures for result in results if result.figures is not None]
    failures, corrections = (_names(words, not_made, statuses) for statuses in (("failed",), CORRECTED))
    least, *shares = (numbers.share(share, words.language) for share in SHADES)
    end, sources = manifest.period.end, manifest.sources.values()
    return theme.render(
        "index.html.j2",
        css=theme.index_style_sheet(),
        script=theme.index_script(),
        language=words.language,
        title=words(params.title_in(words.language)),
        mark=words(INTERNAL_MARK) if params.audience == "internal" else "",
        plan=" · ".join((plan_year(params.plan).named(words.language), *(each.period_printed for each in stated[:1]))),
        publisher=publisher,
        counted=counted(words, len(made), results),
        quality_page=quality_page,
        failures=failures,
        corrections=corrections,
        illustrative=[bool(figures.illustrative) for figures in stated],
        together=together,
        overall=OVERALL,
        care=_cautions(together, (*OVERALL, *SHOWN)),
        choices=_choices(columns, tables, languages),
        columns=columns,
        tables=tables,
        month=numbers.month_name(end, words.language) if end else "",
        marks={mark: any(cell[mark] for cell in cells) for mark in ("shade", "in_doubt", "few")},
        shades=[f"<{numbers.NARROW_SPACE}{least}", f"{least}+", *(f"{share}+" for share in shares)],
        notes=_notes(words, reports.values(), tables["place"], manifest.period.count),
        sources=sources,
        date=lambda day: numbers.date(day, words.language),
        data_set=data_set(
            words(params.title_in(words.language)),
            together.headline or ", ".join(column["name"] for column in columns),
            language=words.language,
            place=REGION,
            period=manifest.period,
            sources=sources,
            publisher=publisher,
            files=("figures.csv", "places.csv", "datapackage.json"),
        ),
        words=words,
    )


def _text_of(words: Words, sheet: ReportResult, number: str) -> str:
    """What stands for a sheet: its number, or that it is being corrected, or the office is to mend it.

    Empty where it could not be made.
    """
    if sheet.status in CORRECTED:
        return words("being corrected")
    if sheet.figures and sheet.figures.to_mend:
        return words("to mend")
    return "" if sheet.status == "failed" else number or words("sheet")


def _names(words: Words, not_made: Sequence[ReportResult], statuses: Sequence[str]) -> list[str]:
    """The names of the first sheets of these statuses, and how many more there are."""
    reports = [result.params for result in not_made if result.status in statuses]
    names = [f"{_name(words, report)} ({declared(report.language).name})" for report in reports[:FAILED_SHOWN]]
    more = len(reports) - len(names)
    return [*names, words.plural("{count} more", "{count} more", more).format(count=more)] if more else names


def _figures(sheets: Sequence[ReportResult]) -> StatedSheet:
    """The figures of a sheet, from the first of its languages that was made; without any, none."""
    return next((sheet.figures for sheet in sheets if sheet.figures is not None), StatedSheet())


def _cautions(figures: StatedSheet, names: Iterable[str]) -> list[str]:
    """Why figures of these names are in doubt, each reason once."""
    return list(dict.fromkeys(caution.text for caution in figures.cautions if caution.of in names))


def _line(
    words: Words,
    by_sector: Mapping[str, Sequence[ReportResult]],
    sectors: Sequence[str],
    listed: Collection[str],
    languages: Sequence[str],
) -> dict[str, Any]:
    """A place or organisation in its table: what it is found by, its partners, a cell for each sector.

    A cell is None where there is no sheet. A country follows its platform, where that is ``listed``, too. Partners are
    those of all sectors together, since nobody can add them up over sectors.
    """
    params = next(iter(by_sector.values()))[0].params
    places = (named(params, "place", Words(code)) for code in languages)
    names = [label(params.organisation, code) for code in languages] if params.organisation else list(places)
    platform = PLATFORM_OF.get(params.place, "")
    parts = chain.from_iterable(_figures(each).tables.get(PLACES_INSIDE, ()) for each in by_sector.values())
    inside = [*PLATFORMS.get(params.place, ()), *(part["group"] for part in parts)]
    inside = [key for key in dict.fromkeys(inside) if key not in (NATIONAL_LEVEL, NOT_SPECIFIED)]
    together = _figures(by_sector.get(sectors[0] if len(sectors) == 1 else INTERSECTOR, ()))
    counts = {figure.name: figure.value for figure in together.figures}
    reported, partners, months = (int(counts.get(name) or 0) for name in COMPLETENESS)
    return {
        "name": names[0],
        "short": short_name(names[0]) if params.organisation else names[0],
        "slugs": [slug(params.organisation or COUNTRIES.get(params.place, params.place)), slug(platform)],
        "is_part": platform in listed,
        "sought": " ".join(dict.fromkeys(names)),
        "inside": "|".join(dict.fromkeys(place(key, code) for key in inside for code in languages)),
        "partners": (reported, partners),
        "months": months,
        "cells": [_cell(words, by_sector[sector]) if sector in by_sector else None for sector in sectors],
    }


def _cell(words: Words, sheets: Sequence[ReportResult]) -> dict[str, Any]:
    """What stands for a sheet in the table: its number, which leads to it in each language."""
    status, report = sheets[0].status, sheets[0].params
    if status in LINES:
        few = f"<{numbers.NARROW_SPACE}{report.method.base(report.sector)}" if status == "few" else ""
        few = numbers.aloud(few, words.language)
        blank = {"money": False, "shade": "", "in_doubt": False, "links": []}
        return {**blank, "few": few, "sorted_by": 0, "text": "0"}
    figures = _figures(sheets)
    known = {figure.name: figure for figure in figures.figures if figure.value is not None}
    shown = next((known[name] for name in SHOWN if name in known), None)
    name, value = (shown.name, shown.value) if shown and not figures.to_mend else ("", None)
    text = figures.printed.get(name, "")
    if shown and shown.reason in ZEROS:
        text = words(ZEROS[shown.reason])
    reached = next((figure for figure in figures.figures if figure.name == "people_reached"), None)
    if reached and reached.status == NOT_COUNTED and name != "target_coverage":  # money would stand for nobody counted
        name, value, text = "people_reached", None, words("not counted")
    return {
        "few": numbers.aloud(text, words.language) if shown and shown.status == FEW else "",
        "money": name == "funding_usd",
        "shade": f"h{bisect_right(SHADES, value)}" if name == "target_coverage" and value is not None else "",
        "sorted_by": "" if value is None else value,
        "in_doubt": bool(_cautions(figures, SHOWN)),
        "text": words("not made"),
        "links": [
            {
                "language": sheet.params.language,
                "href": sheet.outputs[0],
                "text": _text_of(words, sheet, text),
            }
            for sheet in sheets
            if sheet.outputs
        ],
    }


def _name(words: Words, report: ReportParams) -> str:
    name = sheet_name(report.sector, report.place, words.language, report.organisation)
    return f"{name}, {words('Region')}" if report.place == REGION and not report.organisation else name


def _notes(
    words: Words, reports: Iterable[Sequence[ReportResult]], places: Iterable[Mapping[str, Any]], months: int
) -> dict[str, dict[str, list[str]]]:
    """What is folded below the table, by heading: texts, each with the names of what it is said of."""
    care, change, late = (defaultdict[str, list[str]](list) for _ in range(3))
    without: dict[str, dict[str, list[str]]] = {}
    for sheets in reports:
        params, figures = sheets[0].params, _figures(sheets)
        for reason in _cautions(figures, SHOWN):
            care[reason].append(_name(words, params))
        if figures.provisional:
            change[of_their_own(figures.provisional, words)].append(_name(words, params))
        if sheets[0].status in REASONS_FOR_NO_SHEET and not params.organisation:
            heading = words(REASONS_FOR_NO_SHEET[sheets[0].status], few=str(params.method.base(params.sector)))
            sectors = without.setdefault(heading, defaultdict(list))
            sectors[label(params.sector, words.language)].append(named(params, "place", words))
    for line in places:
        if 0 < line["months"] < months:
            missing = months - line["months"]
            text = words.plural("{count} month", "{count} months", missing).format(count=missing)
            late[text].append(line["name"])
    headed = {
        words("Read with care"): care,
        words("Months without any report"): dict(sorted(late.items(), reverse=True)),
        words("May still change"): change,
        **dict(sorted(without.items())),
    }
    return {heading: lines for heading, lines in headed.items() if lines}


def _choices(
    columns: Sequence[Mapping[str, str]], tables: Mapping[str, Any], languages: Iterable[str]
) -> dict[str, dict[str, str]]:
    """The options of each choice above the table; none where there is nothing to choose from."""
    options = {"sector": {column["slug"]: column["name"] for column in columns}}
    for name, lines in tables.items():
        options[name] = {line["slugs"][0]: INDENT * line["is_part"] + line["short"] for line in lines}
    options["language"] = {code: declared(code).name for code in languages}
    return {name: named for name, named in options.items() if len(named) > 1}
