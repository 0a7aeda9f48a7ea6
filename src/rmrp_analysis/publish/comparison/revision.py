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
    published_revision_dict = (
        published_sheet.revision if published_sheet and _has_same_period(report, published_sheet) else None
    )
    return (
        report.model_copy(update={"revision": Revision.model_validate(published_revision_dict)})
        if published_revision_dict
        else report
    )


def is_continuation(report: ReportParams, published_sheet: SheetRecord | None) -> bool:
    """Whether a report continues a published sheet: it has the same months, or the same first month and a later end.

    False without a sheet, and for a sheet without printed numbers.
    """
    if published_sheet is None or not published_sheet.printed:
        return False
    return _has_same_period(report, published_sheet) or (
        published_sheet.period.start,
        published_sheet.period.end < report.period.end,
    ) == (
        report.period.start,
        True,
    )


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
    sheet_formatter = SheetFormatter(figures(), Translator(report.language))
    published_value_by_figure = {figure.name: figure.value for figure in published_sheet.figures}
    movement_by_figure = {
        figure_name: Movement(
            before=""
            if published_value_by_figure.get(figure_name) is None
            else published_sheet.printed.get(figure_name, ""),
            parts=account.amounts_by_kind(report.report, figure_name),
        )
        for figure_name, figure in sheet_formatter.key_figures.figures.items()
        if figure.value is not None
        and published_value_by_figure.get(figure_name) != figure.value
        and published_sheet.printed.get(figure_name, "") != sheet_formatter.format_figure(figure_name)
    }
    previous_end_month_text = "" if _has_same_period(report, published_sheet) else published_sheet.period.end
    noted_figure_names = [figure_name for figure_name in NOTED_FIGURES if figure_name in movement_by_figure] or (
        [] if previous_end_month_text else [*movement_by_figure][:MAX_OTHER_NOTED_FIGURES]
    )
    differs_in_tables_only = (
        not movement_by_figure and not previous_end_month_text and _tables_differ(sheet_formatter, published_sheet)
    )
    if not noted_figure_names and not differs_in_tables_only and not previous_end_month_text:
        return report
    revision_note = Revision(
        until=previous_end_month_text,
        figures={figure_name: movement_by_figure[figure_name] for figure_name in noted_figure_names},
        reports=tuple(select_changed_reports(account.reports, report, movement_by_figure["people_reached"].parts))
        if "people_reached" in noted_figure_names
        else (),
        tables=account.kinds_of_tables if differs_in_tables_only else (),
    )
    return report.model_copy(update={"revision": revision_note})


def select_changed_reports(changes: pd.DataFrame, report: ReportParams, kinds: Collection[str]) -> list[MovedReport]:
    """Select the reports with these kinds of change that a sheet counts and whose people changed, most people first.

    A public sheet names neither their organisations nor their people, and has each change, country and month once, in
    this order. ``changes`` are those of ``ledger.report_changes``.
    """
    change_sector_index, change_country_index, change_organisation_index = (
        changes.index.get_level_values(column_name) for column_name in ("sector", "country", "organisation")
    )
    is_change_of_sheet = change_country_index.isin(countries_by_place().query("place == @report.place")["country"])
    if report.sector != INTERSECTOR:
        is_change_of_sheet &= change_sector_index == report.sector
    if report.organisation:
        is_change_of_sheet &= change_organisation_index == report.organisation
    partner_change_table = changes_by_partner(
        changes[is_change_of_sheet & changes["change"].isin(kinds).to_numpy("bool")]
    )
    partner_change_table = partner_change_table[partner_change_table["people"] != partner_change_table["people_before"]]
    report_column_names = ["change", "country", "month"]
    if report.audience == "public":
        partner_change_table = (
            partner_change_table[report_column_names].drop_duplicates().sort_values(report_column_names)
        )
    else:
        report_column_names += ["organisation", "people_before", "people"]
    return [
        MovedReport(**{str(column_name): field_value for column_name, field_value in partner_change_record.items()})
        for partner_change_record in partner_change_table[report_column_names].to_dict("records")
    ]


def _tables_differ(formatter: SheetFormatter, published_sheet: SheetRecord) -> bool:
    """Whether any breakdown of the new sheet prints other numbers or categories than the published sheet."""
    language_code = formatter.language
    return any(
        {
            category_figure_value.key: numbers.format_value(category_figure_value.value, breakdown.unit, language_code)
            for category_figure_value in breakdown.cells
        }
        != {
            published_row_dict[breakdown.dimension]: numbers.format_value(
                published_row_dict["value"], breakdown.unit, language_code
            )
            for published_row_dict in published_sheet.tables.get(breakdown_name, ())
        }
        for breakdown_name, breakdown in formatter.key_figures.breakdowns.items()
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
