"""The table of figures of a whole run, as its audience may see it, and its rows as they stand in ``figures.csv``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any, get_args

import pandas as pd

from rmrp_analysis.disclosure import Decision, Rounding, Sheet, decided, for_audience
from rmrp_analysis.errors import NotSafe
from rmrp_analysis.figures import KeyFigures, Unit, key_figures
from rmrp_analysis.files import CsvColumn
from rmrp_analysis.params import ReportParams
from rmrp_analysis.plan import Plan

FIGURE_FIELDS: Mapping[str, CsvColumn] = {
    "report": CsvColumn("The sheet that states the figure, by its id without a language", required=True),
    "figure": CsvColumn("The figure, or the breakdown of one", required=True),
    "platform": CsvColumn("The platform, where the breakdown is by platform; Regional: no single country"),
    "group": CsvColumn(
        "The part, where the breakdown is by anything else: a country by its code (ISO 3166 alpha-3), a first "
        "administrative level by its key, a group of people, an organisation; national: a country as a whole"
    ),
    "month": CsvColumn("The month, where the breakdown is by month", "yearmonth"),
    "value": CsvColumn("The number, in its unit; shares are 0-1. Empty where it is not known or withheld", "number"),
    "unit": CsvColumn("What the number counts; usd are US dollars", allowed=get_args(Unit), required=True),
    "method": CsvColumn("The rules by which it is counted"),
    "source": CsvColumn("Where the data behind it come from"),
}
"""The columns of ``figures.csv``; a row is known by the first five."""
FIGURE_COLUMNS = tuple(FIGURE_FIELDS)


def exact_figures(plan: Plan, report: ReportParams) -> KeyFigures:
    """The exact figures of one report, counted once for each plan."""
    return key_figures(plan.select(**report.selected))


def with_decision(plan: Plan, reports: Sequence[ReportParams], earlier: Sequence[Sheet] = ()) -> "Decided":
    """These reports with what they print in place of exact numbers, by one decision on all of them.

    ``earlier`` are sheets that were published before. For an internal run there is nothing to decide.
    """
    if all(report.audience == "internal" for report in reports):
        return Decided(tuple(reports))
    by_report = {report.report: report for report in reports}
    decision = decided((exact_figures(plan, report) for report in by_report.values()), earlier)
    instead = decision.instead()
    return Decided(
        tuple(report.model_copy(update={"instead": instead.get(report.report, {})}) for report in reports), decision
    )


def check_audit(decision: Decision | Rounding | None) -> None:
    """Raise ``NotSafe`` where a reader could work out a number that a publication withholds."""
    if decision and decision.failed:
        cells = "\n".join(f"  {decision.system.named(cell)}" for cell in decision.failed)
        raise NotSafe(
            f"nothing is published: a reader of all files could work out numbers of few people:\n{cells}\n"
            "publish fewer sheets (`places:`, `organisations:`, `sectors:`), or make the run for internal use"
        )


@dataclass(frozen=True)
class Decided:
    """Reports that know what they print in place of exact numbers, and the decision (None: they are internal)."""

    reports: tuple[ReportParams, ...]
    decision: Decision | Rounding | None = None


def published_figures(plan: Plan, report: ReportParams) -> KeyFigures:
    """The figures of one report as its audience may see them."""
    return for_audience(exact_figures(plan, report), report.audience, report.instead)


def table_of_run(plan: Plan, reports: Iterable[ReportParams]) -> pd.DataFrame:
    """Every figure of these reports, each report once whatever its languages: the table of figures, with ``method``."""
    by_report = {report.report: report for report in reports}
    published = (published_figures(plan, report) for report in by_report.values())
    return pd.concat([figures.rows.assign(method=figures.rules) for figures in published], ignore_index=True)


def figure_rows(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The rows of ``figures.csv`` (``FIGURE_COLUMNS``): a part stands under its dimension, what is unknown is empty."""
    same = ("report", "figure", "unit", "method", "source")
    columns = (table[column].to_list() for column in (*same, "dimension", "part", "value"))
    for *contents, dimension, part, value in zip(*columns, strict=True):
        number: Any = "" if isnan(value) else int(value) if value.is_integer() else value
        yield {**dict(zip(same, contents, strict=True)), **({dimension: part} if dimension else {}), "value": number}
