"""The page that leads to every sheet of a run: places against sectors, where each number is the link.

It is whole without script, and its choices by sector, place, organisation and language are style rules alone. Search,
sorting and the choices in the page's address need a few lines of script (``theme/index.js``).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from rmrp_analysis import numbers, theme
from rmrp_analysis.figures import FEW, NOT_COUNTED, REASONS
from rmrp_analysis.locale.languages import declared
from rmrp_analysis.page.cards import of_their_own
from rmrp_analysis.params import ReportParams, RunParams
from rmrp_analysis.publish.documents.navigation import named
from rmrp_analysis.publish.records.data_set import data_set
from rmrp_analysis.publish.records.manifest import CORRECTED, LINES, WITHOUT_SHEET, Manifest, StatedSheet
from rmrp_analysis.publish.records.results import ReportResult, counted
from rmrp_analysis.vocabulary import (
    COUNTRIES,
    INTERSECTOR,
    NATIONAL_LEVEL,
    NOT_SPECIFIED,
    PLACES,
    PLATFORM_OF,
    PLATFORMS,
    REGION,
    ZERO_NAMES,
    plan_year,
    short_name,
    slug,
)
from rmrp_analysis.vocabulary.labels import label, place, sheet_name
from rmrp_analysis.words import INTERNAL_MARK, N_, Translator

OVERALL: Mapping[str, str] = {
    "people_in_need": N_("People in need"),
    "target": N_("People targeted"),
    "people_reached": N_("People reached"),
    "funding_usd": N_("Funding"),
    "funding_coverage": N_("Funded, of requirement"),
}
"""The figures of all sectors together that stand above the table."""
SHOWN = ("target_coverage", "people_reached", "funding_usd")
"""What stands in the table for a sheet: the first of these that is known."""
ZEROS = {REASONS[reason]: name for reason, name in ZERO_NAMES.items()}
"""What stands for a 0, by its reason as files have it."""
SHADES = (0.1, 0.25, 0.5, 0.75, 1)
"""The shares of a target at which the next shade begins."""
REASONS_FOR_NO_SHEET: Mapping[str, str] = {
    "few": N_("Fewer than {few} people reached, no target and no funding"),
    "nobody": N_("Nobody reached, no target and no funding"),
    "empty": N_("Nothing reported"),
}
"""What is said of reports without a sheet, by their status."""
COMPLETENESS = ("partners_last_month", "reporting_partners", "months_reported")
"""How many partners reported for the last month and in the period, and in how many months."""
PLACES_INSIDE = "people_reached_by_admin1"
"""The breakdown whose parts are the places of a sheet that a search finds."""
INDENT = "\u2003"
"""Before a country in the choice of places, where it follows its platform."""
FAILED_SHOWN = 8
"""How many sheets that could not be made are named at the top; the table has all."""


Line = dict[str, Any]
"""A place or organisation in its table, see ``_line``."""


@dataclass(frozen=True)
class _Grid:
    """The sheets of a run in tables: a line for each place, and for each organisation, a column for each sector.

    ``columns`` are the sectors, ``tables`` the lines of each kind; ``reports`` are the results of each report, one for
    each language, those of which nothing is known among them.
    """

    reports: Sequence[Sequence[ReportResult]]
    columns: Sequence[Mapping[str, Any]]
    tables: Mapping[str, Sequence[Line]]
    languages: Sequence[str]

    @classmethod
    def of_results(cls, translate: Translator, results: Sequence[ReportResult]) -> "_Grid":
        """Put the results of each report, in all its languages, where its place or organisation meets its sector."""
        reports = defaultdict[str, list[ReportResult]](list)
        for result in results:
            reports[result.params.report].append(result)
        lines = {kind: defaultdict[str, dict[str, Sequence[ReportResult]]](dict) for kind in ("place", "organisation")}
        for sheets in reports.values():
            if all(sheet.status == "empty" for sheet in sheets):
                continue
            at = sheets[0].params
            kind, name = ("organisation", at.organisation) if at.organisation else ("place", at.place)
            lines[kind][name][at.sector] = sheets
        sectors = list(dict.fromkeys(result.params.sector for result in results if result.status != "empty"))
        languages = list(dict.fromkeys((translate.language, *(result.params.language for result in results))))
        places = {name: lines["place"][name] for name in PLACES if name in lines["place"]}
        return cls(
            reports=list(reports.values()),
            columns=[_column(sector, languages) for sector in sectors],
            tables={
                "place": [_line(translate, by_sector, sectors, places, languages) for by_sector in places.values()],
                "organisation": [
                    _line(translate, by_sector, sectors, (), languages) for by_sector in lines["organisation"].values()
                ],
            },
            languages=languages,
        )

    @property
    def marks(self) -> dict[str, bool]:
        """The marks that a cell bears, of which alone the legend speaks."""
        cells = [cell for line in chain(*self.tables.values()) for cell in line["cells"] if cell]
        return {mark: any(cell[mark] for cell in cells) for mark in ("shade", "in_doubt", "few")}

    @property
    def choices(self) -> dict[str, dict[str, str]]:
        """The options of each choice above the tables; none where there is nothing to choose from."""
        options = {"sector": {column["slug"]: column["name"] for column in self.columns}}
        for kind, lines in self.tables.items():
            options[kind] = {line["slugs"][0]: INDENT * line["is_part"] + line["short"] for line in lines}
        options["language"] = {code: declared(code).name for code in self.languages}
        return {name: texts for name, texts in options.items() if len(texts) > 1}


def index_page(
    params: RunParams, manifest: Manifest, results: Sequence[ReportResult], *, quality_page: str = ""
) -> str:
    """The index in the run's first language; ``quality_page`` is the name of the page on its data, if it has one.

    From the top: what the run is, what of it is missing or invented, all sectors together, the tables of its sheets,
    and what is folded below them.
    """
    translate = Translator(params.languages[0])
    grid = _Grid.of_results(translate, results)
    together = _figures([each for each in results if _is_together(each.params)])
    least, *shares = (numbers.share(share, translate.language) for share in SHADES)
    return theme.render(
        "index.html.j2",
        css=theme.index_style_sheet(),
        script=theme.index_script(),
        translate=translate,
        language=translate.language,
        date=lambda day: numbers.date(day, translate.language),
        **_facts_of_run(translate, params, manifest, results),
        data_set=_described(translate, params, manifest, grid, together),
        quality_page=quality_page,
        **_faults_of_run(translate, results),
        together=together,
        overall=OVERALL,
        care=_cautions(together, (*OVERALL, *SHOWN)),
        choices=grid.choices,
        columns=grid.columns,
        tables=grid.tables,
        marks=grid.marks,
        shades=[f"<{numbers.NARROW_SPACE}{least}", f"{least}+", *(f"{share}+" for share in shares)],
        notes=_notes(translate, grid, manifest.period.count),
        sources=manifest.sources.values(),
    )


def _is_together(report: ReportParams) -> bool:
    """Whether a report is that of all sectors and organisations in the whole region."""
    return (report.sector, report.place, report.organisation) == (INTERSECTOR, REGION, "")


def _facts_of_run(
    translate: Translator, params: RunParams, manifest: Manifest, results: Sequence[ReportResult]
) -> dict[str, Any]:
    """What the run is called, of which plan and months, who publishes it for whom, and how many sheets it has."""
    end = manifest.period.end
    periods = [result.figures.period_printed for result in results if result.figures is not None]
    made = sum(result.status not in WITHOUT_SHEET for result in results)
    return {
        "title": translate(params.title_in(translate.language)),
        "mark": translate(INTERNAL_MARK) if params.audience == "internal" else "",
        "plan": " · ".join((plan_year(params.plan).named(translate.language), *periods[:1])),
        "publisher": params.issued_by,
        "counted": counted(translate, made, results),
        "month": numbers.month_name(end, translate.language) if end else "",
    }


def _faults_of_run(translate: Translator, results: Sequence[ReportResult]) -> dict[str, Any]:
    """Which sheets failed, which are being corrected, and of each that was made whether it holds invented figures."""
    return {
        "failures": _names(translate, results, ("failed",)),
        "corrections": _names(translate, results, CORRECTED),
        "illustrative": [bool(result.figures.illustrative) for result in results if result.figures is not None],
    }


def _described(
    translate: Translator, params: RunParams, manifest: Manifest, grid: _Grid, together: StatedSheet
) -> dict[str, Any]:
    """The run as a data set, for machines that read the page."""
    return data_set(
        translate(params.title_in(translate.language)),
        together.headline or ", ".join(column["name"] for column in grid.columns),
        language=translate.language,
        place=REGION,
        period=manifest.period,
        sources=manifest.sources.values(),
        publisher=params.issued_by,
        files=("figures.csv", "places.csv", "datapackage.json"),
    )


def _text_of(translate: Translator, sheet: ReportResult, number: str) -> str:
    """What stands for a sheet: its number, or that it is being corrected, or the office is to mend it.

    Empty where it could not be made.
    """
    if sheet.status in CORRECTED:
        return translate("being corrected")
    if sheet.figures and sheet.figures.to_mend:
        return translate("to mend")
    return "" if sheet.status == "failed" else number or translate("sheet")


def _names(translate: Translator, results: Sequence[ReportResult], statuses: Sequence[str]) -> list[str]:
    """The names of the first sheets of these statuses, and how many more there are."""
    reports = [result.params for result in results if result.status in statuses]
    names = [f"{_name(translate, report)} ({declared(report.language).name})" for report in reports[:FAILED_SHOWN]]
    more = len(reports) - len(names)
    return [*names, translate.plural("{count} more", "{count} more", more).format(count=more)] if more else names


def _figures(sheets: Sequence[ReportResult]) -> StatedSheet:
    """The figures of a sheet, from the first of its languages that was made; without any, none."""
    return next((sheet.figures for sheet in sheets if sheet.figures is not None), StatedSheet())


def _cautions(figures: StatedSheet, names: Iterable[str]) -> list[str]:
    """Why figures of these names are in doubt, each reason once."""
    return list(dict.fromkeys(caution.text for caution in figures.cautions if caution.of in names))


def _column(sector: str, languages: Sequence[str]) -> dict[str, Any]:
    """A sector in the tables: its name in the run's first language, and in all of them, by which it is found."""
    names = [label(sector, code) for code in languages]
    sought = " ".join(dict.fromkeys(names))
    return {"slug": slug(sector), "name": names[0], "sought": sought, "is_together": sector == INTERSECTOR}


def _line(
    translate: Translator,
    by_sector: Mapping[str, Sequence[ReportResult]],
    sectors: Sequence[str],
    listed: Collection[str],
    languages: Sequence[str],
) -> Line:
    """A place or organisation in its table: what it is found by, its partners, a cell for each sector.

    ``folded`` says how many sheets a narrow page folds away; empty where there is one.
    A cell is None where there is no sheet. A country follows its platform, where that is ``listed``, too. Partners are
    those of all sectors together, since nobody can add them up over sectors.
    """
    params = next(iter(by_sector.values()))[0].params
    places = (named(params, "place", Translator(code)) for code in languages)
    names = [label(params.organisation, code) for code in languages] if params.organisation else list(places)
    platform = PLATFORM_OF.get(params.place, "")
    parts = chain.from_iterable(_figures(each).tables.get(PLACES_INSIDE, ()) for each in by_sector.values())
    inside = [*PLATFORMS.get(params.place, ()), *(part["group"] for part in parts)]
    inside = [key for key in dict.fromkeys(inside) if key not in (NATIONAL_LEVEL, NOT_SPECIFIED)]
    together = _figures(by_sector.get(sectors[0] if len(sectors) == 1 else INTERSECTOR, ()))
    counts = {figure.name: figure.value for figure in together.figures}
    reported, partners, months = (int(counts.get(name) or 0) for name in COMPLETENESS)
    cells = [_cell(translate, by_sector[sector]) if sector in by_sector else None for sector in sectors]
    with_sheet = sum(bool(cell and cell["links"]) for cell in cells)
    return {
        "name": names[0],
        "short": short_name(names[0]) if params.organisation else names[0],
        "slugs": [slug(params.organisation or COUNTRIES.get(params.place, params.place)), slug(platform)],
        "is_part": platform in listed,
        "sought": " ".join(dict.fromkeys(names)),
        "inside": "|".join(dict.fromkeys(place(key, code) for key in inside for code in languages)),
        "partners": (reported, partners),
        "months": months,
        "cells": cells,
        "folded": translate.plural("{count} sheet", "{count} sheets", with_sheet).format(count=with_sheet)
        if with_sheet > 1
        else "",
    }


def _cell(translate: Translator, sheets: Sequence[ReportResult]) -> dict[str, Any]:
    """What stands for a sheet in the table: its number, which leads to it in each language."""
    status, report = sheets[0].status, sheets[0].params
    if status in LINES:
        few = f"<{numbers.NARROW_SPACE}{report.method.base(report.sector)}" if status == "few" else ""
        few = numbers.aloud(few, translate.language)
        blank = {"money": False, "shade": "", "in_doubt": False, "to_mend": False, "links": []}
        return {**blank, "few": few, "sorted_by": 0, "text": "0"}
    figures = _figures(sheets)
    known = {figure.name: figure for figure in figures.figures if figure.value is not None}
    shown = next((known[name] for name in SHOWN if name in known), None)
    name, value = (shown.name, shown.value) if shown and not figures.to_mend else ("", None)
    text = figures.printed.get(name, "")
    if shown and shown.reason in ZEROS:
        text = translate(ZEROS[shown.reason])
    reached = next((figure for figure in figures.figures if figure.name == "people_reached"), None)
    if reached and reached.status == NOT_COUNTED and name != "target_coverage":  # money would stand for nobody counted
        name, value, text = "people_reached", None, translate("not counted")
    return {
        "few": numbers.aloud(text, translate.language) if shown and shown.status == FEW else "",
        "money": name == "funding_usd",
        "shade": f"h{bisect_right(SHADES, value)}" if name == "target_coverage" and value is not None else "",
        "sorted_by": "" if value is None else value,
        "in_doubt": bool(_cautions(figures, SHOWN)) and not figures.to_mend,
        "to_mend": figures.to_mend,
        "text": translate("not made"),
        "links": [
            {
                "language": sheet.params.language,
                "href": sheet.outputs[0],
                "text": _text_of(translate, sheet, text),
            }
            for sheet in sheets
            if sheet.outputs
        ],
    }


def _name(translate: Translator, report: ReportParams) -> str:
    name = sheet_name(report.sector, report.place, translate.language, report.organisation)
    return f"{name}, {translate('Region')}" if report.place == REGION and not report.organisation else name


def _notes(translate: Translator, grid: _Grid, months: int) -> dict[str, dict[str, list[str]]]:
    """What is folded below the table, by heading: texts, each with the names of what it is said of."""
    care, change, late = (defaultdict[str, list[str]](list) for _ in range(3))
    without: dict[str, dict[str, list[str]]] = {}
    for sheets in grid.reports:
        params, figures = sheets[0].params, _figures(sheets)
        for reason in _cautions(figures, SHOWN):
            care[reason].append(_name(translate, params))
        if figures.provisional:
            change[of_their_own(figures.provisional, translate)].append(_name(translate, params))
        if sheets[0].status in REASONS_FOR_NO_SHEET and not params.organisation:
            heading = translate(REASONS_FOR_NO_SHEET[sheets[0].status], few=str(params.method.base(params.sector)))
            sectors = without.setdefault(heading, defaultdict(list))
            sectors[label(params.sector, translate.language)].append(named(params, "place", translate))
    for line in sorted(grid.tables["place"], key=lambda line: int(line["months"])):  # most months without first
        if 0 < line["months"] < months:
            missing = months - line["months"]
            text = translate.plural("{count} month", "{count} months", missing).format(count=missing)
            late[text].append(line["name"])
    headed = {
        translate("Read with care"): care,
        translate("Months without any report"): late,
        translate("May still change"): change,
        **dict(sorted(without.items())),
    }
    return {heading: lines for heading, lines in headed.items() if lines}
