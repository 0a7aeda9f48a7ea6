"""Add to a sheet the note on what it changes of the sheet that it replaces, and what moved the figures."""

from collections.abc import Callable, Collection, Sequence

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
"""The figures that a note names first; others only where none of these moved."""
MAX_OTHER_NOTED_FIGURES = 3
"""How many other figures a note names."""


def keep_revision_note(report: ReportParams, published: Publication) -> ReportParams:
    """Return the report with the note of its published sheet of the same period; unchanged where there is none."""
    published_sheet = published.read_sheet(report.stem)
    noted = published_sheet.revision if published_sheet and _has_same_period(report, published_sheet) else None
    return report.model_copy(update={"revision": Revision.model_validate(noted)}) if noted else report


def is_continuation(report: ReportParams, published_sheet: SheetRecord | None) -> bool:
    """Whether a report continues a published sheet: it has the same months, or the same first month and a later end.

    False without a sheet, and for a sheet without printed numbers.
    """
    if published_sheet is None or not published_sheet.printed:
        return False
    return _has_same_period(report, published_sheet) or (
        published_sheet.period.start,
        published_sheet.period.end < report.period.end,
    ) == (report.period.start, True)


def add_revision_note(
    report: ReportParams, published: Publication, figures: Callable[[], KeyFigures], account: Account
) -> ReportParams:
    """Return the report with a note on what it changes of its published sheet.

    The report stays as it is where it does not continue that sheet, or has the same months and prints the same numbers.
    ``figures`` gives the figures that the new sheet will print. Noted are those of ``NOTED_FIGURES`` that changed in
    print and are not missing now. Where there are none and the months are the same: up to ``MAX_OTHER_NOTED_FIGURES``
    others, or a change of breakdowns if no figure changed.
    """
    published_sheet = published.read_sheet(report.stem)
    if published_sheet is None or not is_continuation(report, published_sheet):
        return report
    formatter = SheetFormatter(figures(), Translator(report.language))
    published_value_by_figure = {figure.name: figure.value for figure in published_sheet.figures}
    moved = {
        name: Movement(
            before="" if published_value_by_figure.get(name) is None else published_sheet.printed.get(name, ""),
            parts=account.amounts_by_kind(report.report, name),
        )
        for name, figure in formatter.key_figures.figures.items()
        if figure.value is not None
        and published_value_by_figure.get(name) != figure.value
        and published_sheet.printed.get(name, "") != formatter.format_figure(name)
    }
    until = "" if _has_same_period(report, published_sheet) else published_sheet.period.end
    noted_figure_names = [name for name in NOTED_FIGURES if name in moved] or (
        [] if until else [*moved][:MAX_OTHER_NOTED_FIGURES]
    )
    tables = not moved and not until and _tables_differ(formatter, published_sheet)
    if not noted_figure_names and not tables and not until:
        return report
    revision = Revision(
        until=until,
        figures={name: moved[name] for name in noted_figure_names},
        reports=tuple(select_changed_reports(account.reports, report, moved["people_reached"].parts))
        if "people_reached" in noted_figure_names
        else (),
        tables=account.kinds_of_tables if tables else (),
    )
    return report.model_copy(update={"revision": revision})


def select_changed_reports(changes: pd.DataFrame, report: ReportParams, kinds: Collection[str]) -> list[MovedReport]:
    """Select the reports with these kinds of change that a sheet counts and whose people changed, most people first.

    A public sheet names neither their organisations nor their people, and has each change, country and month once, in
    this order. ``changes`` are those of ``ledger.report_changes``.
    """
    sectors, countries, organisations = (
        changes.index.get_level_values(name) for name in ("sector", "country", "organisation")
    )
    is_here = countries.isin(countries_by_place().query("place == @report.place")["country"])
    if report.sector != INTERSECTOR:
        is_here &= sectors == report.sector
    if report.organisation:
        is_here &= organisations == report.organisation
    partners = changes_by_partner(changes[is_here & changes["change"].isin(kinds).to_numpy("bool")])
    partners = partners[partners["people"] != partners["people_before"]]
    names = ["change", "country", "month"]
    if report.audience == "public":
        partners = partners[names].drop_duplicates().sort_values(names)
    else:
        names += ["organisation", "people_before", "people"]
    return [
        MovedReport(**{str(name): value for name, value in row.items()}) for row in partners[names].to_dict("records")
    ]


def _tables_differ(formatter: SheetFormatter, published_sheet: SheetRecord) -> bool:
    """Whether any breakdown of the new sheet prints other numbers or categories than the published sheet."""
    language = formatter.language
    return any(
        {cell.key: numbers.format_value(cell.value, breakdown.unit, language) for cell in breakdown.cells}
        != {
            row[breakdown.dimension]: numbers.format_value(row["value"], breakdown.unit, language)
            for row in published_sheet.tables.get(name, ())
        }
        for name, breakdown in formatter.key_figures.breakdowns.items()
    )


def _has_same_period(report: ReportParams, published: SheetRecord) -> bool:
    """Whether a published sheet has the same period as the report."""
    return published.period == Months(**report.period.model_dump())


def list_selections(reports: Sequence[ReportParams]) -> list[tuple[str, str, str]]:
    """List sector, place and organisation of these reports, in their order, each once for all languages."""
    return [
        *dict.fromkeys(
            (report_params.sector, report_params.place, report_params.organisation) for report_params in reports
        )
    ]
