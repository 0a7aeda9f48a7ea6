"""What ``rmrp check`` leaves: tables, the page, a workbook for each organisation, faults of narratives."""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from rmrp_analysis.errors import RequestError
from rmrp_analysis.files import file_names, write_table, write_whole
from rmrp_analysis.params import QUALITY_PAGE, ReportParams, RunParams
from rmrp_analysis.plan import Plan
from rmrp_analysis.publish.columns import COLUMNS

if TYPE_CHECKING:
    from rmrp_analysis.figures import KeyFigures
    from rmrp_analysis.page.narrative import Fault
    from rmrp_analysis.publish.processes import Way
    from rmrp_analysis.quality import Review

TABLES = ("quality.csv", "refused.csv", "repairs.csv")
"""The tables on the data of a run."""
QUALITY_FILES = (QUALITY_PAGE, *TABLES)
"""What ``write_quality`` leaves."""


def write_tables(review: "Review", folder: Path) -> list[Path]:
    """Write what looks wrong, what was refused, and what was changed; returns the three paths."""
    refused = [table.assign(input=name) for name, table in review.plan.refused.items()]
    all_refused = pd.concat(refused or [pd.DataFrame(columns=list(COLUMNS["refused.csv"]))], ignore_index=True)
    tables = zip(TABLES, (review.faults(), all_refused, review.changes()), strict=True)
    return [write_table(folder / name, table) for name, table in tables]


def write_quality(params: RunParams, folder: Path, way: "Way") -> Path:
    """Write the page on the quality of a run's data with the tables that it leads to; returns the page.

    Raises ``ReportFailed`` when its notebook fails.
    """
    from rmrp_analysis.loaders import load_plan
    from rmrp_analysis.publish.quality_page import render_quality_page
    from rmrp_analysis.quality import reviewed

    plan = load_plan(params.data)
    write_tables(reviewed(plan, period=params.period, method=params.method, repairs=params.repairs), folder)
    return render_quality_page(params.quality_page(), folder, way)


def write_workbooks(review: "Review", folder: Path, language: str) -> Path:
    """Write a workbook for each organisation with rows to review, in its own language unless one is named."""
    from rmrp_analysis.page.review_workbook import review_workbook
    from rmrp_analysis.quality import rows_to_review

    organisations = list(rows_to_review(review))
    names = file_names([rows.organisation for rows in organisations])
    for rows, name in zip(organisations, names, strict=True):
        write_whole(folder / f"{name}.xlsx", review_workbook(rows, language=language or rows.language))
    return folder


def cautions(params: RunParams, plan: Plan) -> list[str]:
    """What on the sheets of a run is in doubt: report, figure or breakdown, reason."""
    from rmrp_analysis.page.printed import Printed
    from rmrp_analysis.publish.figure_rows import count_figures, published_figures
    from rmrp_analysis.words import Words

    found, reports = [], {report.report: report for report in params.reports()}
    count_figures(plan, reports.values())
    for report in reports.values():
        printed = Printed(published_figures(plan, report), Words("en"))
        found += [
            f"{report.report}: {caution.of}: {printed.caution(caution)}" for caution in printed.key_figures.cautions
        ]
    return found


def traced(params: RunParams, plan: Plan, report: ReportParams, figure: str) -> tuple[pd.DataFrame, bool]:
    """The rows behind a figure, and whether they tell how many people they reached.

    Rows are exact: raises ``RequestError`` where they tell of people, and a public run rounds such numbers.
    """
    rows = plan.select(**report.selected).trace(figure)
    of_people = "new_beneficiaries" in rows
    if of_people and params.audience == "public" and any(params.method.bases):
        raise RequestError(
            f"the rows behind {figure} tell exact counts of people, which this run rounds; --audience internal shows "
            "them"
        )
    return rows, of_people


def narrative_faults(params: RunParams, plan: Plan) -> tuple[list["Fault"], list["Fault"]]:
    """What would fail a sheet in the run's narratives, and numbers to look at, against the repaired plan's figures."""
    if not params.narratives:
        return [], []
    from rmrp_analysis.page.proofread import proofread
    from rmrp_analysis.publish.figure_rows import published_figures

    reports = {report.report: report for report in (*params.possible_reports(), *params.reports())}

    def figures_of(report: str) -> "KeyFigures | None":
        return published_figures(plan, reports[report]) if reports[report].sector in params.sectors else None

    return proofread(params.narratives, reports, figures_of)
