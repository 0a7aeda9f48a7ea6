"""Links a sheet's page to its own files and to the other sheets of its run."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from rmrp_analysis.locale.languages import declared
from rmrp_analysis.params import QUALITY_PAGE_FILE, ReportParams
from rmrp_analysis.vocabulary import REGION, fold, plan_lists, short_name
from rmrp_analysis.vocabulary.labels import label, sheet_name
from rmrp_analysis.words import N_, Translator

LABEL_BY_FILE_SUFFIX = {"pdf": "PDF", "xlsx": "Excel", "csv": "CSV"}
"""The names of the files beside the page that a reader may want, by suffix."""


def make_navigation_bar(
    report: ReportParams, reports: Iterable[ReportParams], formats: Sequence[str]
) -> dict[str, Any]:
    """Make the bar at the top of a report's page: links to its ``files``, and ``menus`` that lead to other reports.

    ``reports`` are all reports of the run, ``formats`` their formats. Each menu leads to the reports that differ in one
    thing: language, sector, place or organisation. A menu without a choice is left out. An internal page also links to
    the page on data quality.
    """
    translate = Translator(report.language)
    sectors, places = plan_lists().report_sectors, list(plan_lists().places)

    def rank_report(sheet: ReportParams) -> tuple[int, int, str, str]:
        organisation = fold(short_name(sheet.organisation))
        return sectors.index(sheet.sector), places.index(sheet.place), organisation, sheet.language

    order = sorted(reports, key=rank_report)
    headings = {
        "language": translate("Language"),
        "sector": translate("Sector"),
        "place": translate("Place"),
        "organisation": translate("Organization"),
    }
    listed = {sheet.place for sheet in order}
    menus = []
    for name, heading in headings.items():
        shared = {key: getattr(report, key) for key in headings if key != name}
        links = [
            {
                "text": label_choice(sheet, name, translate),
                "href": f"{sheet.stem}.html",
                "lang": sheet.language if name == "language" else "",
                "current": sheet.id == report.id,
                # A country follows its platform
                "is_part": name == "place" and plan_lists().platform_of.get(sheet.place) in listed,
            }
            for sheet in order
            if all(getattr(sheet, key) == value for key, value in shared.items())
        ]
        if len(links) > 1:
            menus.append({"heading": heading, "current": label_choice(report, name, translate), "links": links})
    suffixes = [suffix for suffix in LABEL_BY_FILE_SUFFIX if suffix != "pdf" or suffix in formats]
    files = [{"text": LABEL_BY_FILE_SUFFIX[suffix], "href": f"{report.stem}.{suffix}"} for suffix in suffixes]
    if report.audience == "internal":
        files.append({"text": translate("Data quality"), "href": QUALITY_PAGE_FILE})
    return {"files": files, "menus": menus}


def adapt_last_good_page(page: str, report: ReportParams, name: str) -> str:
    """Adapt the HTML of a last good sheet to its ``name``, without data files and description for search engines."""
    page = re.sub(r'<script type="application/ld\+json">.*?</script>\n', "", page)
    page = re.sub(rf'<li><a href="{re.escape(report.stem)}\.(?:xlsx|csv)">.*?</li>\n', "", page)
    return page.replace(f'"{report.stem}.pdf"', f'"{name}.pdf"')


def label_choice(report: ReportParams, name: str, translate: Translator) -> str:
    """Return the label of a report in the menu ``language``, ``sector``, ``organisation`` or ``place``.

    Without an organisation it is *All organizations*. The name of a language is in that language.
    """
    if name == "language":
        return declared(report.language).name
    if name == "sector":
        return label(report.sector, translate.language)
    if name == "organisation":
        return short_name(label(report.organisation, translate.language)) or translate(N_("All organizations"))
    return translate(N_("Region")) if report.place == REGION else label(report.place, translate.language)


def name_sheet(report: ReportParams, translate: Translator) -> str:
    """Return the name of a report's sheet in a list. The name of a regional sheet ends with *Region*."""
    title = sheet_name(report.sector, report.place, translate.language, report.organisation)
    is_regional = report.place == REGION and not report.organisation
    return f"{title}, {translate('Region')}" if is_regional else title
