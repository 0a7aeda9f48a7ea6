"""Render the index of a run: a table of places by sectors, in which each number links to its sheet.

It can be read without script, and its choices by sector, place, organisation and language are style rules alone.
Search, sorting and the choices in the page's address need a few lines of script (``theme/index.js``).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from rmrp_analysis import numbers, theme
from rmrp_analysis.figures import FEW, NOT_COUNTED, WORDS_BY_REASON
from rmrp_analysis.locale.languages import declared
from rmrp_analysis.page.cards import join_main_labels
from rmrp_analysis.params import ReportParams, RunParams
from rmrp_analysis.publish.documents.navigation import label_choice, name_sheet
from rmrp_analysis.publish.records.data_set import describe_data_set
from rmrp_analysis.publish.records.manifest import CORRECTION_OUTCOMES, INDEX_LINE_OUTCOMES, Manifest, SheetRecord
from rmrp_analysis.publish.records.results import ReportResult, count_in_words
from rmrp_analysis.vocabulary import (
    INTERSECTOR,
    NATIONAL_LEVEL,
    NOT_SPECIFIED,
    REGION,
    ZERO_NAME_BY_REASON,
    plan_lists,
    plan_year,
    short_name,
    slug,
)
from rmrp_analysis.vocabulary.labels import label, place
from rmrp_analysis.words import INTERNAL_MARK, N_, Translator

OVERALL_FIGURE_LABELS: Mapping[str, str] = {
    "people_in_need": N_("People in need"),
    "target": N_("People targeted"),
    "people_reached": N_("People reached"),
    "funding_usd": N_("Funding"),
    "funding_coverage": N_("Funded, of requirement"),
}
"""The label of each figure of all sectors together that stands above the table, by its name."""
CELL_FIGURES = ("target_coverage", "people_reached", "funding_usd")
"""The figures that can stand in the table for a sheet: the first of these that has a value."""
ZERO_LABEL_BY_REASON = {WORDS_BY_REASON[reason]: name for reason, name in ZERO_NAME_BY_REASON.items()}
"""The word that stands for a 0, by the reason as files have it."""
SHADE_SHARES_OF_TARGET = (0.1, 0.25, 0.5, 0.75, 1)
"""The shares of the target from which a cell has the next darker shade."""
NO_SHEET_HEADING_BY_STATUS: Mapping[str, str] = {
    "few": N_("Fewer than {few} people reached, no target and no funding"),
    "nobody": N_("Nobody reached, no target and no funding"),
    "empty": N_("Nothing reported"),
}
"""The headings above the list of reports without a sheet, by their status."""
COMPLETENESS_FIGURES = ("partners_last_month", "reporting_partners", "months_reported")
"""The figures on reporting: partners of the last month and of the period, months with reports."""
ADMIN1_BREAKDOWN = "people_reached_by_admin1"
"""The breakdown whose categories are the places inside a sheet, by which a search finds it."""
COUNTRY_INDENT = "\u2003"
"""The space before a country in the choice of places, where it follows its platform."""
MAX_FAULTY_SHEET_NAMES = 8
"""The most sheets named at the top as failed, and as being corrected; the table has all."""


Line = dict[str, Any]
"""A row of the table of places or organisations, see ``_make_line``."""


@dataclass(frozen=True)
class _Grid:
    """The sheets of a run in tables: a line for each place, and for each organisation, a column for each sector.

    ``columns`` are the sectors, ``tables`` the lines of each kind; ``reports`` are the results of each report, one for
    each language, also those without a sheet.
    """

    reports: Sequence[Sequence[ReportResult]]
    columns: Sequence[Mapping[str, Any]]
    tables: Mapping[str, Sequence[Line]]
    languages: Sequence[str]

    @classmethod
    def of_results(cls, translate: Translator, results: Sequence[ReportResult]) -> "_Grid":
        """Put the results of each report, in all its languages, where its place or organisation meets its sector.

        Reports of which nothing is reported are only in ``reports``. Places are in the order of the plan.
        """
        result_lists_by_report = defaultdict[str, list[ReportResult]](list)
        for result in results:
            result_lists_by_report[result.params.report].append(result)
        nested_results_by_line_kind = {
            line_kind: defaultdict[str, dict[str, Sequence[ReportResult]]](dict)
            for line_kind in ("place", "organisation")
        }
        for report_results in result_lists_by_report.values():
            if all(report_result.status == "empty" for report_result in report_results):
                continue
            report_params = report_results[0].params
            line_kind, line_name = (
                ("organisation", report_params.organisation)
                if report_params.organisation
                else ("place", report_params.place)
            )
            nested_results_by_line_kind[line_kind][line_name][report_params.sector] = report_results
        column_sectors = list(dict.fromkeys(result.params.sector for result in results if result.status != "empty"))
        languages = list(dict.fromkeys((translate.language, *(result.params.language for result in results))))
        sector_result_dicts_by_place = {
            line_name: nested_results_by_line_kind["place"][line_name]
            for line_name in plan_lists().places
            if line_name in nested_results_by_line_kind["place"]
        }
        return cls(
            reports=list(result_lists_by_report.values()),
            columns=[_make_column(sector, languages) for sector in column_sectors],
            tables={
                "place": [
                    _make_line(
                        translate, result_lists_by_sector, column_sectors, sector_result_dicts_by_place, languages
                    )
                    for result_lists_by_sector in sector_result_dicts_by_place.values()
                ],
                "organisation": [
                    _make_line(translate, result_lists_by_sector, column_sectors, (), languages)
                    for result_lists_by_sector in nested_results_by_line_kind["organisation"].values()
                ],
            },
            languages=languages,
        )

    @property
    def marks(self) -> dict[str, bool]:
        """Whether any cell has the mark ``shade``, ``in_doubt`` or ``few``, since the legend explains only these."""
        sheet_cell_dicts = [
            sheet_cell_dict
            for table_line_dict in chain(*self.tables.values())
            for sheet_cell_dict in table_line_dict["cells"]
            if sheet_cell_dict
        ]
        return {
            mark_name: any(sheet_cell_dict[mark_name] for sheet_cell_dict in sheet_cell_dicts)
            for mark_name in ("shade", "in_doubt", "few")
        }

    @property
    def choices(self) -> dict[str, dict[str, str]]:
        """The options of each choice above the tables, as label by slug; a choice with fewer than two is left out."""
        label_by_slug_per_choice = {
            "sector": {sector_column_dict["slug"]: sector_column_dict["name"] for sector_column_dict in self.columns}
        }
        for line_kind, table_line_dicts in self.tables.items():
            label_by_slug_per_choice[line_kind] = {
                table_line_dict["slugs"][0]: COUNTRY_INDENT * table_line_dict["is_part"] + table_line_dict["short"]
                for table_line_dict in table_line_dicts
            }
        label_by_slug_per_choice["language"] = {language: declared(language).name for language in self.languages}
        return {
            choice_name: label_by_slug
            for choice_name, label_by_slug in label_by_slug_per_choice.items()
            if len(label_by_slug) > 1
        }


def render_index_page(
    params: RunParams, manifest: Manifest, results: Sequence[ReportResult], *, quality_page: str = ""
) -> str:
    """Render the index in the run's first language; ``quality_page`` names the page on its data, if there is one.

    From the top: the facts of the run, what is missing or invented, all sectors together, the tables of the sheets, and
    notes that are folded below them.
    """
    translate = Translator(params.languages[0])
    sheet_grid = _Grid.of_results(translate, results)
    regional_sheet_record = _first_figures(
        [report_result for report_result in results if _is_of_region(report_result.params)]
    )
    smallest_share_text, *share_texts = (
        numbers.share(threshold_share, translate.language) for threshold_share in SHADE_SHARES_OF_TARGET
    )
    return theme.render(
        "index.html.j2",
        css=theme.index_style_sheet(),
        script=theme.index_script(),
        translate=translate,
        language=translate.language,
        date=lambda day: numbers.date(day, translate.language),
        **_describe_run(translate, params, manifest, results),
        data_set=_describe_data(translate, params, manifest, sheet_grid, regional_sheet_record),
        quality_page=quality_page,
        **_describe_faults(translate, results),
        together=regional_sheet_record,
        overall=OVERALL_FIGURE_LABELS,
        care=_list_cautions(regional_sheet_record, (*OVERALL_FIGURE_LABELS, *CELL_FIGURES)),
        choices=sheet_grid.choices,
        columns=sheet_grid.columns,
        tables=sheet_grid.tables,
        marks=sheet_grid.marks,
        shades=[
            f"<{numbers.NARROW_SPACE}{smallest_share_text}",
            f"{smallest_share_text}+",
            *(f"{threshold_share}+" for threshold_share in share_texts),
        ],
        notes=_list_notes(translate, sheet_grid, manifest.period.count),
        sources=manifest.sources.values(),
    )


def _is_of_region(report: ReportParams) -> bool:
    """Whether a report is that of all sectors and organisations in the whole region."""
    return (report.sector, report.place, report.organisation) == (INTERSECTOR, REGION, "")


def _describe_run(
    translate: Translator, params: RunParams, manifest: Manifest, results: Sequence[ReportResult]
) -> dict[str, Any]:
    """Return title, mark if internal, plan with months, publisher, count of sheets and last month, for the template."""
    last_month_text = manifest.period.end
    period_texts = [
        report_result.figures.period_printed for report_result in results if report_result.figures is not None
    ]
    return {
        "title": translate(params.title_in(translate.language)),
        "mark": translate(INTERNAL_MARK) if params.audience == "internal" else "",
        "plan": " · ".join((plan_year(params.plan).name_for(translate.language), *period_texts[:1])),
        "publisher": params.issued_by,
        "counted": count_in_words(translate, results),
        "month": numbers.month_name(last_month_text, translate.language) if last_month_text else "",
    }


def _describe_faults(translate: Translator, results: Sequence[ReportResult]) -> dict[str, Any]:
    """Name the sheets that failed or are being corrected; say of each sheet made whether it holds invented figures."""
    return {
        "failures": _name_sheets(translate, results, ("failed",)),
        "corrections": _name_sheets(translate, results, CORRECTION_OUTCOMES),
        "illustrative": [
            bool(report_result.figures.illustrative) for report_result in results if report_result.figures is not None
        ],
    }


def _describe_data(
    translate: Translator, params: RunParams, manifest: Manifest, grid: _Grid, together: SheetRecord
) -> dict[str, Any]:
    """Describe the run as a data set, for machines that read the page."""
    return describe_data_set(
        translate(params.title_in(translate.language)),
        together.headline or ", ".join(sector_column_dict["name"] for sector_column_dict in grid.columns),
        language=translate.language,
        place=REGION,
        period=manifest.period,
        sources=manifest.sources.values(),
        publisher=params.issued_by,
        files=("figures.csv", "places.csv", "datapackage.json"),
    )


def _print_cell(translate: Translator, sheet: ReportResult, number: str) -> str:
    """Return the text of a link: the number of the sheet, or that it is being corrected, or has to be mended.

    It is empty where the sheet failed, and the word *sheet* where there is no ``number``.
    """
    if sheet.status in CORRECTION_OUTCOMES:
        return translate("being corrected")
    if sheet.figures and sheet.figures.to_mend:
        return translate("to mend")
    return "" if sheet.status == "failed" else number or translate("sheet")


def _name_sheets(translate: Translator, results: Sequence[ReportResult], statuses: Sequence[str]) -> list[str]:
    """Name the first ``MAX_FAULTY_SHEET_NAMES`` sheets with these statuses; a last text says how many are not named."""
    reports_to_name = [report_result.params for report_result in results if report_result.status in statuses]
    sheet_names = [
        f"{name_sheet(report_params, translate)} ({declared(report_params.language).name})"
        for report_params in reports_to_name[:MAX_FAULTY_SHEET_NAMES]
    ]
    unnamed_sheet_count = len(reports_to_name) - len(sheet_names)
    return (
        [
            *sheet_names,
            translate.plural("{count} more", "{count} more", unnamed_sheet_count).format(count=unnamed_sheet_count),
        ]
        if unnamed_sheet_count
        else sheet_names
    )


def _first_figures(sheets: Sequence[ReportResult]) -> SheetRecord:
    """Return the figures of a sheet in the first language in which it was made; empty where it was in none."""
    return next((sheet_result.figures for sheet_result in sheets if sheet_result.figures is not None), SheetRecord())


def _list_cautions(figures: SheetRecord, names: Iterable[str]) -> list[str]:
    """List the reasons for which figures of these names are in doubt, each once."""
    return list(dict.fromkeys(caution.text for caution in figures.cautions if caution.of in names))


def _make_column(sector: str, languages: Sequence[str]) -> dict[str, Any]:
    """Make the column of a sector: its name in the run's first language, and in all languages for the search."""
    sector_labels = [label(sector, language) for language in languages]
    search_text = " ".join(dict.fromkeys(sector_labels))
    return {"slug": slug(sector), "name": sector_labels[0], "sought": search_text, "is_together": sector == INTERSECTOR}


def _make_line(
    translate: Translator,
    by_sector: Mapping[str, Sequence[ReportResult]],
    sectors: Sequence[str],
    other_places: Collection[str],
    languages: Sequence[str],
) -> Line:
    """Make the row of a place or organisation: its names for the search, its partners, a cell for each sector.

    ``folded`` says how many sheets a narrow page folds away; empty for one or none. A cell is None where nothing
    is reported. A country follows its platform (``is_part``) where that is one of ``other_places``. ``partners``, of
    the last month and of the period, and ``months`` are of all sectors together, or of the only sector; 0 without.
    """
    report_params = next(iter(by_sector.values()))[0].params
    place_labels = (label_choice(report_params, "place", Translator(language)) for language in languages)
    line_labels = (
        [label(report_params.organisation, language) for language in languages]
        if report_params.organisation
        else list(place_labels)
    )
    platform_key = plan_lists().platform_of.get(report_params.place, "")
    admin1_rows = chain.from_iterable(
        _first_figures(sector_results).tables.get(ADMIN1_BREAKDOWN, ()) for sector_results in by_sector.values()
    )
    inner_place_keys = [
        *plan_lists().platforms.get(report_params.place, ()),
        *(admin1_row_dict["group"] for admin1_row_dict in admin1_rows),
    ]
    inner_place_keys = [
        place_key for place_key in dict.fromkeys(inner_place_keys) if place_key not in (NATIONAL_LEVEL, NOT_SPECIFIED)
    ]
    total_sheet_record = _first_figures(by_sector.get(sectors[0] if len(sectors) == 1 else INTERSECTOR, ()))
    value_by_figure = {figure.name: figure.value for figure in total_sheet_record.figures}
    last_month_partner_count, partner_count, month_count = (
        int(value_by_figure.get(figure_name) or 0) for figure_name in COMPLETENESS_FIGURES
    )
    sheet_cell_dicts = [_make_cell(translate, by_sector[sector]) if sector in by_sector else None for sector in sectors]
    sheet_count = sum(bool(sheet_cell_dict and sheet_cell_dict["links"]) for sheet_cell_dict in sheet_cell_dicts)
    return {
        "name": line_labels[0],
        "short": short_name(line_labels[0]) if report_params.organisation else line_labels[0],
        "slugs": [
            slug(report_params.organisation or plan_lists().countries.get(report_params.place, report_params.place)),
            slug(platform_key),
        ],
        "is_part": platform_key in other_places,
        "sought": " ".join(dict.fromkeys(line_labels)),
        "inside": "|".join(
            dict.fromkeys(place(place_key, language) for place_key in inner_place_keys for language in languages)
        ),
        "partners": (last_month_partner_count, partner_count),
        "months": month_count,
        "cells": sheet_cell_dicts,
        "folded": translate.plural("{count} sheet", "{count} sheets", sheet_count).format(count=sheet_count)
        if sheet_count > 1
        else "",
    }


def _make_cell(translate: Translator, sheets: Sequence[ReportResult]) -> dict[str, Any]:
    """Make the cell of a sheet: its number with its marks, and a link to the sheet in each language.

    The number is the first of ``CELL_FIGURES`` that has a value; a sheet to mend shows none, and a 0 that has a reason
    is a word. *Not counted* stands in place of people and money where the people were not counted. A report with the
    status ``few`` or ``nobody`` is a 0 without a link.
    """
    report_status, report_params = sheets[0].status, sheets[0].params
    if report_status in INDEX_LINE_OUTCOMES:
        few_people_text = (
            f"<{numbers.NARROW_SPACE}{report_params.method.base(report_params.sector)}"
            if report_status == "few"
            else ""
        )
        few_people_text = numbers.to_spoken(few_people_text, translate.language)
        blank_cell_fields = {"money": False, "shade": "", "in_doubt": False, "to_mend": False, "links": []}
        return {**blank_cell_fields, "few": few_people_text, "sorted_by": 0, "text": "0"}
    sheet_record = _first_figures(sheets)
    figure_record_by_name = {figure.name: figure for figure in sheet_record.figures if figure.value is not None}
    main_figure = next(
        (figure_record_by_name[figure_name] for figure_name in CELL_FIGURES if figure_name in figure_record_by_name),
        None,
    )
    figure_name, figure_value = (
        (main_figure.name, main_figure.value) if main_figure and not sheet_record.to_mend else ("", None)
    )
    number_text = sheet_record.printed.get(figure_name, "")
    if main_figure and main_figure.reason in ZERO_LABEL_BY_REASON:
        number_text = translate(ZERO_LABEL_BY_REASON[main_figure.reason])
    reached_figure = next((figure for figure in sheet_record.figures if figure.name == "people_reached"), None)
    # Money would stand for nobody counted
    if reached_figure and reached_figure.status == NOT_COUNTED and figure_name != "target_coverage":
        figure_name, figure_value, number_text = "people_reached", None, translate("not counted")
    return {
        "few": numbers.to_spoken(number_text, translate.language) if main_figure and main_figure.status == FEW else "",
        "money": figure_name == "funding_usd",
        "shade": f"h{bisect_right(SHADE_SHARES_OF_TARGET, figure_value)}"
        if figure_name == "target_coverage" and figure_value is not None
        else "",
        "sorted_by": "" if figure_value is None else figure_value,
        "in_doubt": bool(_list_cautions(sheet_record, CELL_FIGURES)) and not sheet_record.to_mend,
        "to_mend": sheet_record.to_mend,
        "text": translate("not made"),
        "links": [
            {
                "language": sheet_result.params.language,
                "href": sheet_result.outputs[0],
                "text": _print_cell(translate, sheet_result, number_text),
            }
            for sheet_result in sheets
            if sheet_result.outputs
        ],
    }


def _list_notes(translate: Translator, grid: _Grid, months: int) -> dict[str, dict[str, list[str]]]:
    """List the notes folded below the table: by heading and text, the names of the sheets or places concerned.

    They are on doubts, places without reports in some of the ``months``, provisional figures, and reports without a
    sheet: by sector, not those of organisations. A heading without a note is left out.
    """
    sheet_names_by_caution, sheets_by_provisional_figures, place_names_by_missing_months = (
        defaultdict[str, list[str]](list) for _ in range(3)
    )
    place_dicts_by_heading: dict[str, dict[str, list[str]]] = {}
    for report_results in grid.reports:
        report_params, sheet_record = report_results[0].params, _first_figures(report_results)
        for caution_text in _list_cautions(sheet_record, CELL_FIGURES):
            sheet_names_by_caution[caution_text].append(name_sheet(report_params, translate))
        if sheet_record.provisional:
            sheets_by_provisional_figures[join_main_labels(sheet_record.provisional, translate)].append(
                name_sheet(report_params, translate)
            )
        if report_results[0].status in NO_SHEET_HEADING_BY_STATUS and not report_params.organisation:
            heading = translate(
                NO_SHEET_HEADING_BY_STATUS[report_results[0].status],
                few=str(report_params.method.base(report_params.sector)),
            )
            place_labels_by_sector = place_dicts_by_heading.setdefault(heading, defaultdict(list))
            place_labels_by_sector[label(report_params.sector, translate.language)].append(
                label_choice(report_params, "place", translate)
            )
    # Most months without first
    for table_line in sorted(grid.tables["place"], key=lambda table_line: int(table_line["months"])):
        if 0 < table_line["months"] < months:
            missing_month_count = months - table_line["months"]
            missing_months_text = translate.plural("{count} month", "{count} months", missing_month_count).format(
                count=missing_month_count
            )
            place_names_by_missing_months[missing_months_text].append(table_line["name"])
    name_dicts_by_heading = {
        translate("Read with care"): sheet_names_by_caution,
        translate("Months without any report"): place_names_by_missing_months,
        translate("May still change"): sheets_by_provisional_figures,
        **dict(sorted(place_dicts_by_heading.items())),
    }
    return {heading: names_by_text for heading, names_by_text in name_dicts_by_heading.items() if names_by_text}
