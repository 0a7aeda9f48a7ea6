"""The page that leads to every report of a run: one row for a sector and scope, its languages as links.

It is whole without script, and its choices by sector, platform, language and status are style rules alone. The search
box needs a few lines of script, so it shows only where scripts run.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from babel.numbers import format_decimal

from rmrp_analysis import theme
from rmrp_analysis.params import ReportParams, RunParams
from rmrp_analysis.publish.report import ReportResult
from rmrp_analysis.vocabulary import INTERSECTOR, REGION, plan_year, slug
from rmrp_analysis.words import LANGUAGE_NAMES, Words

COVERAGES = ("target_coverage", "funding_coverage")
FILES: Mapping[str, str] = {"pdf": "PDF", "xlsx": "Excel", "csv": "CSV", "json": "JSON"}


def index_page(params: RunParams, summary: Mapping[str, Any], results: Sequence[ReportResult]) -> str:
    """The index in the run's first language; ``summary`` is the content of ``run.json``."""
    words = Words(params.languages[0])
    several_platforms = len({result.params.platform for result in results}) > 1
    rows = [_row(words, reports, several_platforms=several_platforms) for reports in _by_report(results)]
    return theme.render(
        "index.html.j2",
        css=theme.index_style_sheet(),
        language=words.language,
        title=words(params.title),
        plan=_plan(words, params, results),
        counted=_counts(words, results),
        notice=_notice(words, results),
        overall=_overall(words, results),
        filters=_filters(words, rows, results),
        figures=_labels(words),
        sectors=[list(of_sector) for _, of_sector in groupby(rows, key=lambda row: row["sector_slug"])],
        several_platforms=several_platforms,
        run=_run(words, summary),
        words=_page_words(words),
    )


def _by_report(results: Sequence[ReportResult]) -> list[list[ReportResult]]:
    """The languages of each report, in the run's order of sectors, platforms and languages."""
    by_report: dict[str, list[ReportResult]] = {}
    for result in results:
        by_report.setdefault(result.params.report, []).append(result)
    return list(by_report.values())


def _row(words: Words, reports: Sequence[ReportResult], *, several_platforms: bool) -> dict[str, Any]:
    """What the index tells of one sector and scope, with the figures of the first of its languages that was made."""
    params = reports[0].params
    stated = next((report.figures for report in reports if report.figures is not None), {})
    return {
        "name": _name(words, params, several_platforms=several_platforms),
        "sector": words(params.sector),
        "sector_slug": slug(params.sector),
        "platform": _platform(words, params.platform),
        "platform_slug": slug(params.platform),
        "sought": _sought(params.sector, params.platform, reports),
        "statuses": sorted({report.status for report in reports}),
        "figures": [_figure(stated, name) for name in _labels(words)] if stated else [],
        "languages": [_language(words, report) for report in reports],
    }


def _name(words: Words, params: ReportParams, *, several_platforms: bool) -> str:
    sector = words(params.sector)
    return f"{sector}, {_platform(words, params.platform)}" if several_platforms else sector


def _platform(words: Words, platform: str) -> str:
    return words("Region") if platform == REGION else words(platform)


def _sought(sector: str, platform: str, reports: Sequence[ReportResult]) -> str:
    """What a search finds: the sector and platform by their names in every language of the run."""
    languages = [Words(report.params.language) for report in reports]
    names = (name for words in languages for name in (words(sector), _platform(words, platform)))
    return " ".join(dict.fromkeys(names))


def _figure(stated: Mapping[str, Any], name: str) -> dict[str, Any]:
    figure = next(figure for figure in stated["figures"] if figure["name"] == name)
    value = figure["value"]
    return {
        "name": name,
        "text": stated["printed"][name],
        "state": "withheld" if figure["suppressed"] else "none" if value is None else "value",
        "bar": min(max(value, 0), 1) if name in COVERAGES and value is not None else None,
    }


def _language(words: Words, report: ReportResult) -> dict[str, Any]:
    outputs = {name.rpartition(".")[2]: name for name in report.outputs}
    labels = {"html": words("Page"), **FILES, "ipynb": words("Notebook")}
    return {
        "code": report.params.language,
        "name": LANGUAGE_NAMES[report.params.language],
        "error": report.error,
        "files": [{"label": labels[kind], "href": outputs[kind]} for kind in labels if kind in outputs],
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


def _plan(words: Words, params: RunParams, results: Sequence[ReportResult]) -> str:
    periods = (result.figures["period_printed"] for result in _made(words, results))
    return " · ".join((words(plan_year(params.plan).name), *list(periods)[:1]))


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


def _notice(words: Words, results: Sequence[ReportResult]) -> dict[str, str] | None:
    """How many sheets hold invented figures; nothing when none does."""
    invented = sum(bool(result.figures and result.figures["illustrative"]) for result in results)
    if not invented:
        return None
    made = sum(result.figures is not None for result in results)
    text = (
        words("Every sheet of this run holds invented figures and says which.")
        if invented == made
        else words(
            "{count} of {made} sheets of this run hold invented figures and say which.",
            count=str(invented),
            made=str(made),
        )
    )
    return {"lead": words("Illustrative data"), "text": text}


def _overall(words: Words, results: Sequence[ReportResult]) -> dict[str, Any] | None:
    """The headline and figures of all sectors together in the region, where the run has that sheet."""
    wanted = (INTERSECTOR, REGION)
    for result in _made(words, results):
        if (result.params.sector, result.params.platform) == wanted:
            figures = [_figure(result.figures, name) for name in _labels(words)]
            return {"headline": result.figures["headline"], "figures": figures}
    return None


def _made(words: Words, results: Sequence[ReportResult]) -> list[Any]:
    """The reports in the index's own language that were made."""
    return [result for result in results if result.figures is not None and result.params.language == words.language]


def _filters(words: Words, rows: Sequence[Mapping[str, Any]], results: Sequence[ReportResult]) -> list[dict[str, Any]]:
    """The choices above the list; where there is nothing to choose from, none but the status."""
    statuses: list[str] = [result.status for result in results]
    told = {"ok": words("Made in this run"), "unchanged": words("Unchanged"), "failed": words("Failed")}
    choices = {
        "sector": (words("Sector"), {row["sector_slug"]: row["sector"] for row in rows}),
        "platform": (words("Platform"), {row["platform_slug"]: row["platform"] for row in rows}),
        "language": (words("Language"), {code: LANGUAGE_NAMES[code] for code in _codes(results)}),
        "status": (words("Status"), {status: f"{name} ({statuses.count(status)})" for status, name in told.items()}),
    }
    return [
        {"name": name, "label": label, "options": options}
        for name, (label, options) in choices.items()
        if len(options) > 1
    ]


def _codes(results: Sequence[ReportResult]) -> Iterator[str]:
    yield from dict.fromkeys(result.params.language for result in results)


def _run(words: Words, summary: Mapping[str, Any]) -> dict[str, Any]:
    """What was read and counted, and by which version."""
    inputs = [_input(words, file) for file in summary["inputs"]]
    return {
        "inputs": inputs,
        "method": {"label": words("Method"), "line": summary["method"]},
        "facts": {
            words("Counted"): words("Every sheet says how its figures were counted, and from which sources."),
            words("Made by"): f"rmrp-analysis {summary['package_version']}",
        },
    }


def _input(words: Words, file: Mapping[str, Any]) -> dict[str, str]:
    return {
        "name": file["path"],
        "rows": _count(words, file["rows"]),
        "refused": _count(words, file["rows_refused"]),
    }


def _count(words: Words, number: int) -> str:
    return str(format_decimal(number, format="#,##0", locale=words.language))


def _page_words(words: Words) -> dict[str, str]:
    """The other words of the page."""
    return {
        "all": words("All"),
        "all_figures": words("All figures (CSV)"),
        "this_run": words("This run (JSON)"),
        "search": words("Search"),
        "find": words("Find sheets"),
        "show_all": words("Show all"),
        "shown": words("Shown: {shown} of {all}", shown="{shown}", all="{all}"),
        "nothing": words("No sheet matches"),
        "sheets": words("Sheets of this run"),
        "together": words("All sectors together"),
        "sector": words("Sector"),
        "platform": words("Platform"),
        "links": words("Sheet"),
        "files": words("PDF and data"),
        "failed": words("failed"),
        "not_known": words("not known"),
        "not_made": words("No figures: the sheet failed."),
        "about": words("About this run"),
        "files_read": words("Files read"),
        "file": words("File"),
        "rows": words("Rows"),
        "refused": words("Refused"),
    }
