"""The page that leads to every report of a run: one row for a sector and scope, its languages as links.

It is whole without script, and its choices by sector, platform, language and status are style rules alone. The search
box needs a few lines of script, so it shows only where scripts run.
"""

from collections.abc import Mapping, Sequence
from itertools import chain, groupby
from typing import Any

from babel.numbers import format_decimal

from rmrp_analysis import theme
from rmrp_analysis.labels import label
from rmrp_analysis.params import RunParams
from rmrp_analysis.publish.report import ReportResult
from rmrp_analysis.vocabulary import INTERSECTOR, REGION, plan_year, slug
from rmrp_analysis.words import LANGUAGE_NAMES, Words

FILES: Mapping[str, str] = {"pdf": "PDF", "xlsx": "Excel", "csv": "CSV", "json": "JSON"}
COVERAGES = ("target_coverage", "funding_coverage")


def index_page(params: RunParams, summary: Mapping[str, Any], results: Sequence[ReportResult]) -> str:
    """The index in the run's first language; ``summary`` is the content of ``run.json``."""
    words = Words(params.languages[0])
    several_platforms = len({result.params.platform for result in results}) > 1
    by_report: dict[str, list[ReportResult]] = {}
    for result in results:
        by_report.setdefault(result.params.report, []).append(result)
    rows = [_row(words, reports, several_platforms=several_platforms) for reports in by_report.values()]
    stated = {
        (result.params.sector, result.params.platform): result.figures
        for result in results
        if result.figures is not None and result.params.language == words.language
    }
    together = stated.get((INTERSECTOR, REGION))
    periods = [figures["period_printed"] for figures in stated.values()]
    return theme.render(
        "index.html.j2",
        css=theme.index_style_sheet(),
        language=words.language,
        title=words(params.title),
        plan=" · ".join((words(plan_year(params.plan).name), *periods[:1])),
        counted=_counts(words, results),
        illustrative=[bool(result.figures["illustrative"]) for result in results if result.figures is not None],
        overall=together and {"headline": together["headline"], "figures": _figures(words, together)},
        filters=_filters(words, rows, results),
        figures=_labels(words),
        sectors=[list(of_sector) for _, of_sector in groupby(rows, key=lambda row: row["sector_slug"])],
        several_platforms=several_platforms,
        summary=summary,
        number=lambda count: format_decimal(count, format="#,##0", locale=words.language),
        words=words,
    )


def _row(words: Words, reports: Sequence[ReportResult], *, several_platforms: bool) -> dict[str, Any]:
    """What the index says of one sector and scope, with the figures of the first of its languages that was made."""
    params = reports[0].params
    languages = [words, *(Words(report.params.language) for report in reports)]
    (sector, platform), *names = (
        (label(params.sector, language.language), _platform(language, params.platform)) for language in languages
    )
    figures = next((report.figures for report in reports if report.figures is not None), None)
    return {
        "name": f"{sector}, {platform}" if several_platforms else sector,
        "sector": sector,
        "sector_slug": slug(params.sector),
        "platform": platform,
        "platform_slug": slug(params.platform),
        "sought": " ".join(dict.fromkeys(chain(*names))),
        "statuses": sorted({report.status for report in reports}),
        "figures": _figures(words, figures) if figures else [],
        "languages": [_language(words, report) for report in reports],
    }


def _platform(words: Words, platform: str) -> str:
    return words("Region") if platform == REGION else words(platform)


def _figures(words: Words, stated: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The figures of a row as they are printed, from the content of a report's ``<id>.json``."""
    by_name = {figure["name"]: figure for figure in stated["figures"]}
    return [
        {
            "name": name,
            "text": stated["printed"][name],
            "state": "withheld" if figure["suppressed"] else "none" if figure["value"] is None else "value",
            "bar": min(max(figure["value"], 0), 1) if name in COVERAGES and figure["value"] is not None else None,
        }
        for name, figure in ((name, by_name[name]) for name in _labels(words))
    ]


def _language(words: Words, report: ReportResult) -> dict[str, Any]:
    outputs = {name.rpartition(".")[2]: name for name in report.outputs}
    kinds = {"html": words("Page"), **FILES, "ipynb": words("Notebook")}
    return {
        "code": report.params.language,
        "name": LANGUAGE_NAMES[report.params.language],
        "error": report.error,
        "files": [{"label": label, "href": outputs[kind]} for kind, label in kinds.items() if kind in outputs],
    }


def _labels(words: Words) -> dict[str, str]:
    """The figures that stand in the list."""
    return {
        "people_in_need": words("People in need"),
        "target": words("People targeted"),
        "people_reached": words("People reached"),
        "target_coverage": words("Reached, of target"),
        "requirement_usd": words("Funding required"),
        "funding_coverage": words("Funded"),
    }


def _counts(words: Words, results: Sequence[ReportResult]) -> str:
    """How many sheets there are, and what became of them."""
    statuses: list[str] = [result.status for result in results]
    unchanged, failed = statuses.count("unchanged"), statuses.count("failed")
    parts = [words.plural("{count} sheet", "{count} sheets", len(results)).format(count=len(results))]
    if unchanged:
        parts.append(words.plural("{count} unchanged", "{count} unchanged", unchanged).format(count=unchanged))
    if failed:
        parts.append(words.plural("{count} failed", "{count} failed", failed).format(count=failed))
    return ", ".join(parts)


def _filters(words: Words, rows: Sequence[Mapping[str, Any]], results: Sequence[ReportResult]) -> list[dict[str, Any]]:
    """The choices above the list; where there is nothing to choose from, none but the status."""
    statuses: list[str] = [result.status for result in results]
    labels = {"ok": words("Made in this run"), "unchanged": words("Unchanged"), "failed": words("Failed")}
    codes = dict.fromkeys(result.params.language for result in results)
    choices = {
        "sector": (words("Sector"), {row["sector_slug"]: row["sector"] for row in rows}),
        "platform": (words("Platform"), {row["platform_slug"]: row["platform"] for row in rows}),
        "language": (words("Language"), {code: LANGUAGE_NAMES[code] for code in codes}),
        "status": (words("Status"), {key: f"{label} ({statuses.count(key)})" for key, label in labels.items()}),
    }
    return [
        {"name": name, "label": label, "options": options}
        for name, (label, options) in choices.items()
        if len(options) > 1
    ]
