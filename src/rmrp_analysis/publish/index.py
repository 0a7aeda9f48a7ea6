"""The page that leads to every report of a run: one row for a sector and scope, its languages as links.

It is whole without script, and its choices by sector, platform, language and status are style rules alone. The search
box needs a few lines of script, so it shows only where scripts run.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, groupby
from typing import Any

from babel.numbers import format_decimal

from rmrp_analysis import theme
from rmrp_analysis.labels import label, sheet_name
from rmrp_analysis.params import RunParams
from rmrp_analysis.publish.report import LAST_GOOD, ReportResult
from rmrp_analysis.vocabulary import INTERSECTOR, REGION, plan_year, slug
from rmrp_analysis.words import LANGUAGE_NAMES, N_, Words

FILES: Mapping[str, str] = {"pdf": "PDF", "xlsx": "Excel", "csv": "CSV", "json": "JSON"}
FIGURES: Mapping[str, str] = {
    "people_in_need": N_("People in need"),
    "target": N_("People targeted"),
    "people_reached": N_("People reached"),
    "target_coverage": N_("Reached, of target"),
    "requirement_usd": N_("Funding required"),
    "funding_coverage": N_("Funded"),
}
"""The figures that stand in the list."""
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
    languages = dict.fromkeys(result.params.language for result in results)
    statuses: Counter[str] = Counter(result.status for result in results)
    unchanged, failed = statuses["unchanged"], statuses["failed"]
    sheets = len(results) - statuses["empty"]
    counted = [words.plural("{count} sheet", "{count} sheets", sheets).format(count=sheets)]
    if unchanged:
        counted.append(words.plural("{count} unchanged", "{count} unchanged", unchanged).format(count=unchanged))
    if failed:
        counted.append(words.plural("{count} failed", "{count} failed", failed).format(count=failed))
    return theme.render(
        "index.html.j2",
        css=theme.index_style_sheet(),
        language=words.language,
        title=words(params.title),
        plan=" · ".join((words(plan_year(params.plan).name), *periods[:1])),
        counted=", ".join(counted),
        illustrative=[bool(result.figures["illustrative"]) for result in results if result.figures is not None],
        overall=together and {"headline": together["headline"], "figures": _figures(together)},
        filters=_filters(words, rows, languages, statuses),
        figures={name: words(text) for name, text in FIGURES.items()},
        sectors=[list(of_sector) for _, of_sector in groupby(rows, key=lambda row: row["sector_slug"])],
        several_platforms=several_platforms,
        summary=summary,
        number=lambda count: format_decimal(count, format="#,##0", locale=words.language),
        words=words,
    )


def _row(words: Words, reports: Sequence[ReportResult], *, several_platforms: bool) -> dict[str, Any]:
    """What the index says of one sector and scope, with the figures of the first of its languages that was made."""
    params = reports[0].params
    (sector, platform), *names = (
        (label(params.sector, each.language), each(N_("Region") if params.platform == REGION else params.platform))
        for each in (words, *(Words(report.params.language) for report in reports))
    )
    figures = next((report.figures for report in reports if report.figures is not None), None)
    kinds = {"html": words("Page"), **FILES, "ipynb": words("Notebook")}
    last_good = words("Last good sheet")
    kinds |= {f"{LAST_GOOD}.{kind}": f"{last_good} ({kinds[kind]})" for kind in ("html", "pdf")}
    outputs = [{name.removeprefix(f"{report.params.id}."): name for name in report.outputs} for report in reports]
    return {
        "name": f"{sector}, {platform}"
        if several_platforms and params.platform == REGION
        else sheet_name(params.sector, params.platform, words.language),
        "sector": sector,
        "sector_slug": slug(params.sector),
        "platform": platform,
        "platform_slug": slug(params.platform),
        "sought": " ".join(dict.fromkeys(chain(*names))),
        "statuses": sorted({report.status for report in reports}),
        "figures": _figures(figures) if figures else [],
        "languages": [
            {
                "code": report.params.language,
                "name": LANGUAGE_NAMES[report.params.language],
                "error": report.error,
                "files": [{"label": kinds[kind], "href": files[kind]} for kind in kinds if kind in files],
            }
            for report, files in zip(reports, outputs, strict=True)
        ],
    }


def _figures(stated: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The figures of a row as they are printed, from the content of a report's ``<id>.json``."""
    by_name = {figure["name"]: figure for figure in stated["figures"]}
    return [
        {
            "name": name,
            "text": stated["printed"][name],
            "state": "withheld" if by_name[name]["suppressed"] else "none" if value is None else "value",
            "bar": min(max(value, 0), 1) if name in COVERAGES and value is not None else None,
        }
        for name, value in ((name, by_name[name]["value"]) for name in FIGURES)
    ]


def _filters(
    words: Words, rows: Sequence[Mapping[str, Any]], codes: Iterable[str], statuses: Mapping[str, int]
) -> list[dict[str, Any]]:
    """The choices above the list; where there is nothing to choose from, none but the status."""
    labels = {
        "ok": words("Made in this run"),
        "unchanged": words("Unchanged"),
        "failed": words("Failed"),
        "empty": words("Without a sheet"),
    }
    choices = {
        "sector": (words("Sector"), {row["sector_slug"]: row["sector"] for row in rows}),
        "platform": (words("Platform"), {row["platform_slug"]: row["platform"] for row in rows}),
        "language": (words("Language"), {code: LANGUAGE_NAMES[code] for code in codes}),
        "status": (words("Status"), {key: f"{name} ({statuses[key]})" for key, name in labels.items()}),
    }
    return [
        {"name": name, "label": heading, "options": options}
        for name, (heading, options) in choices.items()
        if len(options) > 1
    ]
