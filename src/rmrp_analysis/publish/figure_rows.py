"""The figures of reports as tidy rows, one a number: the content of ``figures.csv``."""

from collections.abc import Iterator, Mapping
from typing import Any

from rmrp_analysis.disclosure import withhold_small_counts
from rmrp_analysis.figures import KeyFigures, key_figures
from rmrp_analysis.params import ReportParams, RunParams
from rmrp_analysis.plan import Plan

FIGURE_COLUMNS = ("report", "figure", "platform", "group", "month", "value", "unit", "method", "source")


def rows_of_run(plan: Plan, params: RunParams) -> Iterator[dict[str, Any]]:
    """The rows of every report of a run, each report once whatever its languages."""
    for report in {report.report: report for report in params.reports()}.values():
        yield from figure_rows(report.report, published_figures(plan, report).as_records())


def published_figures(plan: Plan, report: ReportParams) -> KeyFigures:
    """The figures of one report as its audience may see them."""
    exact = key_figures(
        plan.select(report.sector, platform=report.platform, period=report.period, method=report.method)
    )
    return exact if report.audience == "internal" else withhold_small_counts(exact)


def figure_rows(report: str, records: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of one report (its id without language) from the content of its ``<id>.json``; unknown is empty."""
    for figure in records["figures"]:
        yield {
            "report": report,
            "figure": figure["name"],
            "value": _cell(figure["value"]),
            "unit": figure["unit"],
            "method": figure["method"],
            "source": figure["source"],
        }
    for name, parts in records["tables"].items():
        for part in parts:
            keys = {key: part[key] for key in ("platform", "group", "month") if key in part}
            measured = {"value": _cell(part["value"]), "unit": part["unit"], "source": part["source"]}
            yield {"report": report, "figure": name, **keys, **measured, "method": records["method"]}


def _cell(value: float | None) -> float | str:
    return "" if value is None else value
