"""The page that leads to every report of a run: places against sectors, then a row for each sheet.

It is whole without script, and its choices by sector, place, language and status are style rules alone. Search,
sorting and the choices in the page's address need a few lines of script (``theme/index.js``); what belongs to them
shows only where scripts run.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from rmrp_analysis import numbers, theme
from rmrp_analysis.figures import FEW
from rmrp_analysis.figures import FIGURES as REGISTRY
from rmrp_analysis.locale.languages import declared
from rmrp_analysis.params import ReportParams, RunParams
from rmrp_analysis.publish.documents.navigation import FILES, named
from rmrp_analysis.publish.records.manifest import Manifest, StatedSheet
from rmrp_analysis.publish.records.results import LAST_GOOD, ReportResult
from rmrp_analysis.vocabulary import (
    COUNTRIES,
    INTERSECTOR,
    NATIONAL_LEVEL,
    NOT_SPECIFIED,
    PLACES,
    PLATFORM_OF,
    PLATFORMS,
    REGION,
    plan_year,
    short_name,
    slug,
)
from rmrp_analysis.vocabulary.labels import label, place, sheet_name
from rmrp_analysis.words import INTERNAL_MARK, N_, Words

FIGURES: Mapping[str, str] = {
    "people_in_need": N_("People in need"),
    "target": N_("People targeted"),
    "people_reached": N_("People reached"),
    "target_coverage": N_("Reached, of target"),
    "funding_usd": N_("Funding"),
    "funding_coverage": N_("Funded, of requirement"),
}
"""The figures that stand in the list."""
MAIN = ("people_reached", "funding_usd")
"""What stands in the grid: people, or money where no people are counted."""
COVERAGES = ("target_coverage", "funding_coverage")
PLACES_INSIDE = "people_reached_by_admin1"
"""The breakdown whose parts are the places of a sheet that a search finds."""
INDENT = "\u2003"
"""Before a country in the list of places, where it follows its platform."""
FAILED_SHOWN = 8
"""How many sheets that could not be made are named at the top; the list has all."""


def index_page(
    params: RunParams, manifest: Manifest, results: Sequence[ReportResult], *, quality_page: str = ""
) -> str:
    """The index in the run's first language; ``quality_page`` is the name of the page on its data, if it has one."""
    words = Words(params.languages[0])
    sectors, order = list(dict.fromkeys(result.params.sector for result in results)), list(PLACES)
    of_places = sorted(  # a sector together: the region, then each platform with its countries after it
        (result for result in results if not result.params.organisation),
        key=lambda result: (sectors.index(result.params.sector), order.index(result.params.place)),
    )
    places = {result.params.place for result in of_places}
    rows = [_row(words, reports, places) for reports in _by_report(of_places)]
    organisations = _organisations(words, [result for result in results if result.params.organisation])
    stated = {
        (result.params.sector, result.params.place): result.figures
        for result in of_places
        if result.figures is not None and result.params.language == words.language
    }
    together = stated.get((INTERSECTOR, REGION))
    periods = [figures.period_printed for figures in stated.values()]
    languages = dict.fromkeys(result.params.language for result in results)
    statuses: Counter[str] = Counter(_status(result) for result in results)
    failed = statuses["failed"]
    made = len(results) - statuses["empty"]
    counted = [words.plural("{count} sheet", "{count} sheets", made).format(count=made)]
    if failed:
        could_not = words.plural("{count} could not be made", "{count} could not be made", failed)
        counted.append(could_not.format(count=failed))
    return theme.render(
        "index.html.j2",
        css=theme.index_style_sheet(),
        script=theme.index_script(),
        language=words.language,
        title=words(params.title),
        mark=words(INTERNAL_MARK) if params.audience == "internal" else "",
        plan=" · ".join((plan_year(params.plan).named(words.language), *periods[:1])),
        counted=", ".join(counted),
        quality_page=quality_page,
        failed=_failed(words, [result.params for result in results if result.status == "failed"]),
        illustrative=[bool(result.figures.illustrative) for result in results if result.figures is not None],
        overall=together and {"headline": together.headline, "figures": _figures(words, together)},
        filters=_filters(words, rows, organisations, languages, statuses),
        figures={name: words(text) for name, text in FIGURES.items()},
        rows=rows,
        grids=_grids(rows) if len(places) > 1 else [],
        organisations=organisations,
        manifest=manifest,
        number=lambda count: numbers.count(count, words.language),
        words=words,
    )


def _by_report(results: Iterable[ReportResult]) -> Iterable[list[ReportResult]]:
    """The results of each report, one a language."""
    by_report: dict[str, list[ReportResult]] = {}
    for result in results:
        by_report.setdefault(result.params.report, []).append(result)
    return by_report.values()


def _organisations(words: Words, results: Iterable[ReportResult]) -> list[dict[str, Any]]:
    """What the index says of each organisation: its sheets with their people (else money), and nothing of empty ones.

    An organisation has a sheet a sector: a line with a link for each stays small where a row for each would not.
    """
    lines: dict[str, dict[str, Any]] = {}
    for reports in _by_report(results):
        row, params = _row(words, reports), reports[0].params
        name = params.organisation
        line = lines.setdefault(
            name,
            {
                "name": label(name, words.language),
                "short": short_name(label(name, words.language)),
                "slug": slug(name),
                "sheets": [],
            },
        )
        if not row["empty"]:
            line["sheets"].append(row)
    return [line for line in lines.values() if line["sheets"]]


def _row(words: Words, reports: Sequence[ReportResult], places: Collection[str] = ()) -> dict[str, Any]:
    """What the index says of one sector and scope, with the figures of the first of its languages that was made."""
    params = reports[0].params
    spoken = dict.fromkeys((words.language, *(report.params.language for report in reports)))
    names = [(label(params.sector, code), _scope(params, Words(code))) for code in spoken]
    sector, place_name = names[0]
    is_country, place_slug = params.place not in (REGION, *PLATFORMS), slug(COUNTRIES.get(params.place, params.place))
    figures = next((report.figures for report in reports if report.figures is not None), StatedSheet())
    printed = _figures(words, figures) if figures.figures else []
    provisional = figures.provisional  # of figures that follow from others, the others are named
    provisional = tuple(name for name in provisional if not REGISTRY[name].part) or provisional
    named = [part["group"] for part in figures.tables.get(PLACES_INSIDE, ())]
    inside = [*PLATFORMS.get(params.place, ()), *(key for key in named if key not in (NATIONAL_LEVEL, NOT_SPECIFIED))]
    kinds = {"html": words("Page"), **FILES, "json": "JSON", "ipynb": words("Notebook")}
    last_good = words("Last good sheet")
    kept = {f"{LAST_GOOD}.{kind}": f"{last_good} ({kinds[kind]})" for kind in ("html", "pdf")}
    after_failure = {"html": words("What to do"), **kept}  # its notebook is for the analyst, who finds it in the folder
    return {
        "report": params.report,
        "name": f"{sector}, {place_name}"
        if len(places) > 1 and params.place == REGION
        else sheet_name(params.sector, params.place, words.language, params.organisation),
        "sector": sector,
        "sector_slug": slug(params.sector),
        "place": place_name,
        "place_slug": place_slug,
        "chosen_by": f"{place_slug} {slug(PLATFORM_OF[params.place])}" if is_country else place_slug,
        "is_country": is_country,
        "is_part": is_country and PLATFORM_OF[params.place] in places,  # it follows its platform
        "sought": " ".join(dict.fromkeys(chain(*names))),
        "places": "|".join(dict.fromkeys(place(key, code) for key in inside for code in spoken)),
        "statuses": sorted({_status(report) for report in reports}),
        "empty": all(report.status == "empty" for report in reports),
        "cautions": list(dict.fromkeys(caution.text for caution in figures.cautions)),
        "provisional": numbers.listed([words(REGISTRY[name].label) for name in provisional], words.language),
        "in_doubt": any(caution.of in FIGURES for caution in figures.cautions),
        "figures": printed,
        "main": next((figure for figure in printed if figure["name"] in MAIN and figure["state"] != "none"), None),
        "share": next((each for each in printed if each["name"] == COVERAGES[0] and each["state"] == "value"), None),
        "languages": [
            {
                "code": report.params.language,
                "name": declared(report.params.language).name,
                "failed": report.status == "failed",
                "files": [
                    {"label": text, "href": name}
                    for kind, text in (after_failure if report.status == "failed" else kinds).items()
                    if (name := f"{report.params.stem}.{kind}") in report.outputs
                ],
            }
            for report in reports
            if report.status != "empty"
        ],
    }


def _scope(params: ReportParams, words: Words) -> str:
    return named(params, "organisation" if params.organisation else "place", words)


def _failed(words: Words, reports: Sequence[ReportParams]) -> str:
    """Which sheets could not be made, in one sentence; empty where all could."""
    names = [
        f"{label(report.sector, words.language)}, {_scope(report, words)} ({declared(report.language).name})"
        for report in reports[:FAILED_SHOWN]
    ]
    if more := len(reports) - len(names):
        names.append(words.plural("{count} more", "{count} more", more).format(count=more))
    return "; ".join(names)


def _grids(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Sectors against places: of the region and platforms, and of countries in another table, since they are many.

    A table has a line of cells for each sector, None where the run has no such report.
    """
    sectors = {row["sector_slug"]: row["sector"] for row in rows}
    at = {(row["sector_slug"], row["place_slug"]): row for row in rows}
    grids = []
    for of_countries in (False, True):
        places = {row["place_slug"]: row for row in rows if row["is_country"] == of_countries}
        lines = [
            {"slug": key, "name": name, "cells": [at.get((key, each)) for each in places]}
            for key, name in sectors.items()
        ]
        if places:
            chosen_by = dict.fromkeys(" ".join(row["chosen_by"] for row in places.values()).split())
            grids.append({"places": places, "lines": lines, "chosen_by": " ".join(chosen_by)})
    return grids


def _figures(words: Words, stated: StatedSheet) -> list[dict[str, Any]]:
    """The figures of a row as they are printed, from the content of a report's ``<id>.json``."""
    by_name = {figure.name: figure for figure in stated.figures}
    return [
        {
            "name": name,
            "text": stated.printed[name],
            "spoken": numbers.aloud(stated.printed[name], words.language) if by_name[name].status == FEW else "",
            "state": "none" if value is None else "value",
            "value": value,
            "bar": min(max(value, 0), 1) if name in COVERAGES and value is not None else None,
        }
        for name, value in ((name, by_name[name].value) for name in FIGURES)
    ]


def _status(result: ReportResult) -> str:
    """What readers are told of a report; when a sheet was made is nothing to them."""
    return "ok" if result.status == "unchanged" else result.status


def _filters(
    words: Words,
    rows: Sequence[Mapping[str, Any]],
    organisations: Sequence[Mapping[str, Any]],
    codes: Iterable[str],
    statuses: Mapping[str, int],
) -> list[dict[str, Any]]:
    """The choices above the list; none where there is nothing to choose from."""
    labels = {"ok": words("Made"), "failed": words("Could not be made"), "empty": words("Nothing reported")}
    choices = {
        "sector": (
            words("Sector"),
            {row["sector_slug"]: row["sector"] for row in chain(rows, *(line["sheets"] for line in organisations))},
        ),
        "platform": (
            words("Place"),
            {row["place_slug"]: f"{INDENT}{row['place']}" if row["is_part"] else row["place"] for row in rows},
        ),
        "organisation": (words("Organization"), {line["slug"]: line["short"] for line in organisations}),
        "language": (words("Language"), {code: declared(code).name for code in codes}),
        "status": (
            words("Status"),
            {key: f"{name} ({statuses[key]})" for key, name in labels.items() if statuses[key]},
        ),
    }
    return [
        {"name": name, "label": heading, "options": options}
        for name, (heading, options) in choices.items()
        if len(options) > 1
    ]
