"""Render the index of a run: a table of places by sectors, in which each number links to its sheet.

The page and its choices by sector, place, organisation and language work without script, by style rules. Search,
sorting and choices in the page's address need a few lines of script (``theme/index.js``).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from rmrp_analysis import numbers, theme
from rmrp_analysis.figures import FEW, NOT_COUNTED, WORDS_BY_REASON
from rmrp_analysis.locale.languages import declared
from rmrp_analysis.page.cards import join_main_labels
from rmrp_analysis.params import RunParams
from rmrp_analysis.publish.documents.navigation import label_choice, name_sheet
from rmrp_analysis.publish.records.data_set import describe_data_set
from rmrp_analysis.publish.records.manifest import INDEX_LINE_OUTCOMES, WITHHELD_OUTCOMES, Manifest, SheetRecord
from rmrp_analysis.publish.records.results import ReportResult, count_in_words
from rmrp_analysis.vocabulary import (
    INTERSECTOR,
    NATIONAL_LEVEL,
    NOT_SPECIFIED,
    REGION,
    ZERO_NAME_BY_REASON,
    plan_lists,
    plan_year,
    report_id,
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
"""The figures of all sectors together above the table, with their labels."""
CELL_FIGURES = ("target_coverage", "people_reached", "funding_usd")
"""The figures that can stand for a sheet in the table: the first one that has a value."""
ZERO_LABEL_BY_REASON = {WORDS_BY_REASON[reason]: name for reason, name in ZERO_NAME_BY_REASON.items()}
"""The word that stands for a 0, by the reason as it is written in files."""
SHADE_SHARES_OF_TARGET = (0.1, 0.25, 0.5, 0.75, 1)
"""The shares of the target at which a cell gets the next darker shade."""
NO_SHEET_HEADING_BY_STATUS: Mapping[str, str] = {
    "few": N_("Fewer than {few} people reached, no target and no funding"),
    "nobody": N_("Nobody reached, no target and no funding"),
    "empty": N_("Nothing reported"),
}
"""The headings above the list of reports without a sheet, by their status."""
COMPLETENESS_FIGURES = ("partners_last_month", "reporting_partners", "months_reported")
"""The figures on reporting: partners of the last month and of the period, months with reports."""
ADMIN1_BREAKDOWN = "people_reached_by_admin1"
"""Its categories are the places inside a sheet, by which a search finds the sheet."""
COUNTRY_INDENT = "\u2003"
"""The space before a country that follows its platform in the choice of places."""
MAX_FAULTY_SHEET_NAMES = 8
"""The most sheets named at the top as failed, and as being corrected. The table has all sheets."""


Line = dict[str, Any]
"""A row of the table of places or organisations, see ``_make_line``."""


@dataclass(frozen=True)
class _Grid:
    """The sheets of a run in tables: a line for each place or organisation, a column for each sector.

    ``columns`` are the sectors, ``tables`` the lines of each kind. ``reports`` are the results of each report, one for
    each language, also without a sheet.
    """

    reports: Sequence[Sequence[ReportResult]]
    columns: Sequence[Mapping[str, Any]]
    tables: Mapping[str, Sequence[Line]]
    languages: Sequence[str]

    @classmethod
    def of_results(cls, translate: Translator, results: Sequence[ReportResult]) -> "_Grid":
        """Put the results of each report, in all its languages, into the cell of its place or organisation and sector.

        Reports with the status ``empty`` are only in ``reports``. Places are in the order of the plan.
        """
        reports = defaultdict[str, list[ReportResult]](list)
        for result in results:
            reports[result.params.report].append(result)
        lines = {kind: defaultdict[str, dict[str, Sequence[ReportResult]]](dict) for kind in ("place", "organisation")}
        for sheets in reports.values():
            if all(sheet.status == "empty" for sheet in sheets):
                continue
            params = sheets[0].params
            kind, name = ("organisation", params.organisation) if params.organisation else ("place", params.place)
            lines[kind][name][params.sector] = sheets
        sectors = list(dict.fromkeys(result.params.sector for result in results if result.status != "empty"))
        languages = list(dict.fromkeys((translate.language, *(result.params.language for result in results))))
        places = {name: lines["place"][name] for name in plan_lists().places if name in lines["place"]}
        columns = [_make_column(sector, languages) for sector in sectors]
        tables = {
            "place": [_make_line(translate, sheets, sectors, places, languages) for sheets in places.values()],
            "organisation": [
                _make_line(translate, sheets, sectors, (), languages) for sheets in lines["organisation"].values()
            ],
        }
        return cls(list(reports.values()), columns, tables, languages)

    @property
    def marks(self) -> dict[str, bool]:
        """Whether any cell has the mark ``shade``, ``in_doubt`` or ``few``. The legend explains only marks in use."""
        cells = [cell for line in chain(*self.tables.values()) for cell in line["cells"] if cell]
        return {mark: any(cell[mark] for cell in cells) for mark in ("shade", "in_doubt", "few")}

    @property
    def choices(self) -> dict[str, dict[str, str]]:
        """The options of each choice above the tables, as label by slug, if there are at least two."""
        options = {"sector": {column["slug"]: column["name"] for column in self.columns}}
        for kind, lines in self.tables.items():
            options[kind] = {line["slugs"][0]: COUNTRY_INDENT * line["is_part"] + line["short"] for line in lines}
        options["language"] = {code: declared(code).name for code in self.languages}
        return {name: texts for name, texts in options.items() if len(texts) > 1}


def render_index_page(
    params: RunParams, manifest: Manifest, results: Sequence[ReportResult], *, quality_page: str = ""
) -> str:
    """Render the index page of a run in its first language.

    From the top it has the facts of the run, failures and invented data, all sectors together, the tables of the
    sheets, and folded notes. ``quality_page`` names the page on the quality of the run's data, or is empty.
    """
    translate = Translator(params.languages[0])
    title = translate(params.title_in(translate.language))
    grid = _Grid.of_results(translate, results)
    regional = report_id(INTERSECTOR, REGION)
    region = _first_figures([result for result in results if result.params.report == regional])
    sheets = [result.figures for result in results if result.figures is not None]
    months = [sheet.period_printed for sheet in sheets[:1]]
    lowest, *shares = (numbers.share(share, translate.language) for share in SHADE_SHARES_OF_TARGET)
    data_set = describe_data_set(
        title,
        region.headline or ", ".join(column["name"] for column in grid.columns),
        language=translate.language,
        place=REGION,
        period=manifest.period,
        sources=manifest.sources.values(),
        publisher=params.issued_by,
        files=("figures.csv", "places.csv", "datapackage.json"),
    )
    return theme.render(
        "index.html.j2",
        css=theme.index_style_sheet(),
        script=theme.index_script(),
        translate=translate,
        language=translate.language,
        date=lambda day: numbers.date(day, translate.language),
        title=title,
        mark=translate(INTERNAL_MARK) if params.audience == "internal" else "",
        plan=" · ".join((plan_year(params.plan).name_for(translate.language), *months)),
        publisher=params.issued_by,
        counted=count_in_words(translate, results),
        month=numbers.month_name(manifest.period.end, translate.language) if manifest.period.end else "",
        data_set=data_set,
        quality_page=quality_page,
        failures=_name_sheets(translate, results, ("failed",)),
        corrections=_name_sheets(translate, results, WITHHELD_OUTCOMES),
        illustrative=[bool(sheet.illustrative) for sheet in sheets],
        together=region,
        overall=OVERALL_FIGURE_LABELS,
        doubt=region.doubt,
        choices=grid.choices,
        columns=grid.columns,
        tables=grid.tables,
        marks=grid.marks,
        shades=[f"<{numbers.NARROW_SPACE}{lowest}", f"{lowest}+", *(f"{share}+" for share in shares)],
        notes=_list_notes(translate, grid, manifest.period.count),
        sources=manifest.sources.values(),
    )


def _print_cell(translate: Translator, sheet: ReportResult, number: str) -> str:
    """Return the text of the link to a sheet: its number or its state, or nothing if it failed."""
    if sheet.status in WITHHELD_OUTCOMES:
        return translate("being corrected")
    if sheet.figures and sheet.figures.to_mend:
        return translate("to mend")
    return "" if sheet.status == "failed" else number or translate("sheet")


def _name_sheets(translate: Translator, results: Sequence[ReportResult], statuses: Sequence[str]) -> list[str]:
    """Name the first ``MAX_FAULTY_SHEET_NAMES`` sheets with these statuses, and count the rest."""
    reports = [result.params for result in results if result.status in statuses]
    names = [f"{name_sheet(report, translate)} ({declared(report.language).name})" for report in reports]
    names, rest = names[:MAX_FAULTY_SHEET_NAMES], len(names[MAX_FAULTY_SHEET_NAMES:])
    return [*names, translate.plural("{count} more", "{count} more", rest).format(count=rest)] if rest else names


def _first_figures(sheets: Sequence[ReportResult]) -> SheetRecord:
    """Return the figures of the first sheet that was made, or an empty record."""
    return next((sheet.figures for sheet in sheets if sheet.figures is not None), SheetRecord())


def _make_column(sector: str, languages: Sequence[str]) -> dict[str, Any]:
    """Make the column of a sector: its name in the first language, and in all languages for the search."""
    names = [label(sector, code) for code in languages]
    sought = " ".join(dict.fromkeys(names))
    return {"slug": slug(sector), "name": names[0], "sought": sought, "is_together": sector == INTERSECTOR}


def _make_line(
    translate: Translator,
    by_sector: Mapping[str, Sequence[ReportResult]],
    sectors: Sequence[str],
    other_places: Collection[str],
    languages: Sequence[str],
) -> Line:
    """Make the row of a place or organisation: its names for the search, its partners, a cell for each sector.

    ``folded`` says how many sheets a narrow page folds away. It is empty for fewer than two sheets. A cell is None if
    nothing is reported. A country follows its platform (``is_part``) if that is one of ``other_places``. ``partners``
    (of the last month, and of the period) and ``months`` come from the sheet of all sectors, or of the only sector.
    They are 0 without this sheet.
    """
    params = next(iter(by_sector.values()))[0].params
    places = (label_choice(params, "place", Translator(code)) for code in languages)
    names = [label(params.organisation, code) for code in languages] if params.organisation else list(places)
    platform = plan_lists().platform_of.get(params.place, "")
    tables = [_first_figures(sheets).tables.get(ADMIN1_BREAKDOWN, ()) for sheets in by_sector.values()]
    inside = [*plan_lists().platforms.get(params.place, ()), *(row["group"] for table in tables for row in table)]
    inside = [key for key in dict.fromkeys(inside) if key not in (NATIONAL_LEVEL, NOT_SPECIFIED)]
    total = _first_figures(by_sector.get(sectors[0] if len(sectors) == 1 else INTERSECTOR, ()))
    counts = {figure.name: figure.value for figure in total.figures}
    reported, partners, months = (int(counts.get(name) or 0) for name in COMPLETENESS_FIGURES)
    cells = [_make_cell(translate, by_sector[sector]) if sector in by_sector else None for sector in sectors]
    linked = sum(bool(cell and cell["links"]) for cell in cells)
    folded = translate.plural("{count} sheet", "{count} sheets", linked).format(count=linked) if linked > 1 else ""
    return {
        "name": names[0],
        "short": short_name(names[0]) if params.organisation else names[0],
        "slugs": [slug(params.organisation or plan_lists().countries.get(params.place, params.place)), slug(platform)],
        "is_part": platform in other_places,
        "sought": " ".join(dict.fromkeys(names)),
        "inside": "|".join(dict.fromkeys(place(key, code) for key in inside for code in languages)),
        "partners": (reported, partners),
        "months": months,
        "cells": cells,
        "folded": folded,
    }


def _make_cell(translate: Translator, sheets: Sequence[ReportResult]) -> dict[str, Any]:
    """Make the cell of a sheet: its number with its marks, and a link to the sheet in each language.

    The number is the first of ``CELL_FIGURES`` with a value. A sheet to mend shows no number. A word replaces a 0 that
    has a reason. If the people were not counted, *not counted* replaces people and money. A report with the status
    ``few`` or ``nobody`` is a 0 without a link.
    """
    status, report = sheets[0].status, sheets[0].params
    if status in INDEX_LINE_OUTCOMES:
        spoken = f"<{numbers.NARROW_SPACE}{report.method.base(report.sector)}" if status == "few" else ""
        spoken = numbers.to_spoken(spoken, translate.language)
        blank = {"money": False, "shade": "", "in_doubt": False, "to_mend": False, "links": []}
        return {**blank, "few": spoken, "sorted_by": 0, "text": "0"}
    figures = _first_figures(sheets)
    records = {figure.name: figure for figure in figures.figures if figure.value is not None}
    main = next((records[name] for name in CELL_FIGURES if name in records), None)
    name, value = (main.name, main.value) if main and not figures.to_mend else ("", None)
    text = figures.printed.get(name, "")
    if main and main.reason in ZERO_LABEL_BY_REASON:
        text = translate(ZERO_LABEL_BY_REASON[main.reason])
    reached = next((figure for figure in figures.figures if figure.name == "people_reached"), None)
    if reached and reached.status == NOT_COUNTED and name != "target_coverage":  # money would hide it
        name, value = "people_reached", None
        text = translate("not counted")
    shade = ""
    if name == "target_coverage" and value is not None:
        shade = f"h{bisect_right(SHADE_SHARES_OF_TARGET, value)}"
    return {
        "few": numbers.to_spoken(text, translate.language) if main and main.status == FEW else "",
        "money": name == "funding_usd",
        "shade": shade,
        "sorted_by": "" if value is None else value,
        "in_doubt": bool(figures.doubt) and not figures.to_mend,
        "to_mend": figures.to_mend,
        "text": translate("not made"),
        "links": [
            {"language": sheet.params.language, "href": sheet.outputs[0], "text": _print_cell(translate, sheet, text)}
            for sheet in sheets
            if sheet.outputs
        ],
    }


def _list_notes(translate: Translator, grid: _Grid, months: int) -> dict[str, dict[str, list[str]]]:
    """List the folded notes: the names of the sheets or places concerned, by heading and text.

    They list doubts, places without reports in some of the ``months``, provisional figures, and reports without a
    sheet, which are by sector and without organisations. A heading without a note is left out.
    """
    care, change, late = (defaultdict[str, list[str]](list) for _ in range(3))
    places: dict[str, dict[str, list[str]]] = {}
    for sheets in grid.reports:
        params, figures = sheets[0].params, _first_figures(sheets)
        if figures.doubt:
            care[figures.doubt].append(name_sheet(params, translate))
        if figures.provisional:
            change[join_main_labels(figures.provisional, translate)].append(name_sheet(params, translate))
        if sheets[0].status in NO_SHEET_HEADING_BY_STATUS and not params.organisation:
            base = str(params.method.base(params.sector))
            heading = translate(NO_SHEET_HEADING_BY_STATUS[sheets[0].status], few=base)
            sectors = places.setdefault(heading, defaultdict(list))
            sectors[label(params.sector, translate.language)].append(label_choice(params, "place", translate))
    for line in sorted(grid.tables["place"], key=lambda line: int(line["months"])):
        if 0 < line["months"] < months:
            missing = months - line["months"]
            text = translate.plural("{count} month", "{count} months", missing).format(count=missing)
            late[text].append(line["name"])
    notes = {
        translate("Not sure"): care,
        translate("Months without any report"): late,
        translate("May still change"): change,
        **dict(sorted(places.items())),
    }
    return {heading: lines for heading, lines in notes.items() if lines}
