"""Reports as a run leaves them, without running one."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from published_run import SHIPPED
from rmrp_analysis.params import ReportParams, load_run_params
from rmrp_analysis.publish.engine.runners import Batch
from rmrp_analysis.publish.records.manifest import Manifest, SheetRecord
from rmrp_analysis.publish.records.results import ReportResult, list_output_names
from rmrp_analysis.publish.run.report import Report

PARAMS = load_run_params(SHIPPED)
MANIFEST = Manifest(
    package_version="0.1.0",
    method="RMRP 2021 rules; all activities",
    period={"start": "2021-01", "end": "2021-12"},
    sources={
        "activities": {"producer": "R4V partners", "as_of": "2022-01-31", "licence": "CC0-1.0"},
        "funding": {"producer": "OCHA FTS", "as_of": "2022-01-10"},
    },
)
COUNTS = {"reporting_partners": 54, "partners_last_month": 38, "months_reported": 10}
FIGURES = ("people_in_need", "target", "people_reached", "target_coverage", "funding_usd", "funding_coverage")


def made(params: ReportParams, **printed: str) -> ReportResult:
    """A report that was made; its figures are printed as given."""
    texts = dict.fromkeys(FIGURES, "50%") | printed
    records = {
        "illustrative": ["people_reached"],
        "headline": f"A headline in {params.language}.",
        "period_printed": "a period",
        "printed": texts,
        "figures": [
            {
                "name": name,
                "value": 0.5 if text == "50%" else 0 if text.startswith("<") else None,
                "status": "few" if text.startswith("<") else "known",
            }
            for name, text in texts.items()
        ]
        + [{"name": name, "value": count, "status": "known"} for name, count in COUNTS.items()],
    }
    return ReportResult(params, "ok", 1.0, list_output_names(params, PARAMS.formats), figures=SheetRecord(**records))


def unrun(params: ReportParams, text: str = "", **stated: Any) -> Report:
    """A report before it is written, without its notebook: its files hold this text, its sheet states this."""
    figures = {
        **stated, "illustrative": [], "headline": "a headline", "period_printed": "a period",
        "printed": dict.fromkeys(FIGURES, "5"),
        "figures": [{"name": name, "value": 5, "status": "known"} for name in FIGURES],
    }  # fmt: skip
    contents = dict.fromkeys(("html", "pdf", "xlsx", "csv", "ipynb"), text) | {"json": json.dumps(figures)}
    return Report(params, 1.0, contents, figures=SheetRecord(**figures))


def without_notebooks(work: Batch) -> Iterator[tuple[ReportParams, Report]]:
    """A way to make reports: their fingerprints are all that they say."""
    fingerprints = work.make.keywords["rendering"].fingerprints
    for report in work.tasks:
        identity = {"id": report.id, "audience": report.audience}
        yield report, unrun(report, **identity, fingerprint=fingerprints[report.id], warnings=[])


def stating(result: ReportResult, **facts: Any) -> ReportResult:
    """A report whose sheet states this instead."""
    assert result.figures
    return replace(result, figures=result.figures.model_copy(update=facts))


def failed(params: ReportParams) -> ReportResult:
    names = tuple(f"{params.id}.{suffix}" for suffix in ("html", "last-good.html", "ipynb"))
    return ReportResult(params, "failed", 1.0, names, error="NameError: name 'x' is not <defined>")
