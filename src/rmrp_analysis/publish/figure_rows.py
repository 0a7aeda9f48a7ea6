"""The table of figures of a whole run, as its audience may see it, and its rows as they stand in ``figures.csv``."""

from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from rmrp_analysis.disclosure import for_audience
from rmrp_analysis.figures import KeyFigures, key_figures
from rmrp_analysis.params import ReportParams
from rmrp_analysis.plan import Plan

FIGURE_COLUMNS = ("report", "figure", "platform", "group", "month", "value", "unit", "method", "source")


def published_figures(plan: Plan, report: ReportParams) -> KeyFigures:
    """The figures of one report as its audience may see them."""
    selection = plan.select(report.sector, platform=report.platform, period=report.period, method=report.method)
    return for_audience(key_figures(selection), report.audience)


def table_of_run(plan: Plan, reports: Iterable[ReportParams]) -> pd.DataFrame:
    """Every figure of these reports, each report once whatever its languages: the table of figures, with ``method``."""
    by_report = {report.report: report for report in reports}
    published = (published_figures(plan, report) for report in by_report.values())
    return pd.concat([figures.rows.assign(method=figures.rules) for figures in published], ignore_index=True)


def figure_rows(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The rows of ``figures.csv`` (``FIGURE_COLUMNS``): a part stands under its dimension, what is unknown is empty."""
    for row in table.to_dict("records"):
        part = {row["dimension"]: row["part"]} if row["dimension"] else {}
        value = row["value"]
        number: Any = "" if pd.isna(value) else int(value) if float(value).is_integer() else value
        same = {column: row[column] for column in ("report", "figure", "unit", "method", "source")}
        yield {**same, **part, "value": number}
