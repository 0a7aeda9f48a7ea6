"""Adds to a sheet the note on its changes to the sheet that it replaces, and on the causes."""

from collections.abc import Callable, Collection, Sequence
from functools import partial

import pandas as pd

from rmrp_analysis import numbers
from rmrp_analysis.figures import KeyFigures
from rmrp_analysis.ledger import changes_by_partner
from rmrp_analysis.method import MovedReport, Movement, Revision
from rmrp_analysis.metrics import countries_by_place
from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.params import ReportParams
from rmrp_analysis.publish.comparison.account import Account
from rmrp_analysis.publish.records.manifest import Months, SheetRecord
from rmrp_analysis.publish.records.publication import Publication
from rmrp_analysis.vocabulary import INTERSECTOR
from rmrp_analysis.words import Translator

NOTED_FIGURES = ("people_reached", "target", "people_in_need", "funding_usd", "requirement_usd")
"""The figures that a note names first. It names others only if these did not move."""
MAX_OTHER_NOTED_FIGURES = 3


def keep_revision_note(report: ReportParams, published: Publication) -> ReportParams:
    """Return the report with the note of its published sheet of the same period, or unchanged."""
    sheet = published.read_sheet(report.stem)
    note = sheet.revision if sheet and _has_same_period(report, sheet) else None
    return report.model_copy(update={"revision": Revision.model_validate(note)}) if note else report


def is_continuation(report: ReportParams, published_sheet: SheetRecord | None) -> bool:
    """Return whether a report continues a published sheet: same months, or same first month and a later end.

    False without a sheet, and for a sheet without printed numbers.
    """
    if published_sheet is None or not published_sheet.printed:
        return False
    if _has_same_period(report, published_sheet):
        return True
    period = published_sheet.period
    return period.start == report.period.start and period.end < report.period.end


def add_revision_note(
    report: ReportParams, published: Publication, figures: Callable[[], KeyFigures], account: Account
) -> ReportParams:
    """Return the report with a note on its changes to its published sheet.

    The report stays as it is if it does not continue that sheet, or has the same months and prints the same numbers.
    ``figures`` gives the figures that the new sheet will print. The note has the ``NOTED_FIGURES`` that changed in
    print and are not missing now. Without such figures, if the months are the same, it has up to
    ``MAX_OTHER_NOTED_FIGURES`` others, or a change of breakdowns if no figure changed.
    """
    sheet = published.read_sheet(report.stem)
    if sheet is None or not is_continuation(report, sheet):
        return report
    formatter = SheetFormatter(figures(), Translator(report.language))
    values = {figure.name: figure.value for figure in sheet.figures}
    changes = {
        name: Movement(
            before="" if values.get(name) is None else sheet.printed.get(name, ""),
            parts=account.amounts_by_kind(report.report, name),
        )
        for name, figure in formatter.key_figures.figures.items()
        if figure.value is not None
        and values.get(name) != figure.value
        and sheet.printed.get(name, "") != formatter.format_figure(name)
    }
    until = "" if _has_same_period(report, sheet) else sheet.period.end
    names = [name for name in NOTED_FIGURES if name in changes]
    if not names and not until:
        names = [*changes][:MAX_OTHER_NOTED_FIGURES]
    has_tables = not changes and not until and _tables_differ(formatter, sheet)
    if not names and not has_tables and not until:
        return report
    reports: list[MovedReport] = []
    if "people_reached" in names:
        reports = select_changed_reports(account.reports, report, changes["people_reached"].parts)
    revision = Revision(
        until=until,
        figures={name: changes[name] for name in names},
        reports=tuple(reports),
        tables=account.kinds_of_tables if has_tables else (),
    )
    return report.model_copy(update={"revision": revision})


def select_changed_reports(changes: pd.DataFrame, report: ReportParams, kinds: Collection[str]) -> list[MovedReport]:
    """Select the reports with these kinds of change and changed people that a sheet counts, most people first.

    A public sheet names neither their organisations nor their people, and has each change, country and month once, in
    this order. ``changes`` come from ``ledger.report_changes``.
    """
    level = changes.index.get_level_values
    is_counted = level("country").isin(countries_by_place().query("place == @report.place")["country"])
    if report.sector != INTERSECTOR:
        is_counted &= level("sector") == report.sector
    if report.organisation:
        is_counted &= level("organisation") == report.organisation
    partners = changes_by_partner(changes[is_counted & changes["change"].isin(kinds).to_numpy("bool")])
    partners = partners[partners["people"] != partners["people_before"]]
    columns = ["change", "country", "month"]
    if report.audience == "public":
        partners = partners[columns].drop_duplicates().sort_values(columns)
    else:
        columns += ["organisation", "people_before", "people"]
    rows = partners[columns].to_dict("records")
    return [MovedReport(**{str(name): value for name, value in row.items()}) for row in rows]


def _tables_differ(formatter: SheetFormatter, published_sheet: SheetRecord) -> bool:
    """Return whether any breakdown of the new sheet prints other numbers or categories than the published sheet."""
    for name, breakdown in formatter.key_figures.breakdowns.items():
        write = partial(numbers.format_value, unit=breakdown.unit, language=formatter.language)
        rows = published_sheet.tables.get(name, ())
        published = {row[breakdown.dimension]: write(row["value"]) for row in rows}
        if {cell.key: write(cell.value) for cell in breakdown.cells} != published:
            return True
    return False


def _has_same_period(report: ReportParams, published: SheetRecord) -> bool:
    """Return whether a published sheet has the same period as the report."""
    return published.period == Months(**report.period.model_dump())


def list_selections(reports: Sequence[ReportParams]) -> list[tuple[str, str, str]]:
    """List sector, place and organisation of these reports, in their order, each once for all languages."""
    return [*dict.fromkeys((report.sector, report.place, report.organisation) for report in reports)]
