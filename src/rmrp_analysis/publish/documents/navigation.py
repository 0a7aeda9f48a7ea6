"""Link a sheet's page to the folder of its run: to the list of sheets, its own files, the other sheets."""

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

    ``reports`` are those of the run, ``formats`` the formats in which it makes them. Each menu leads to the reports
    that differ in one thing alone: language, sector, place or organisation. A menu without a choice is left out. An
    internal page also links to the page on data quality.
    """
    translate = Translator(report.language)
    ordered_place_keys = list(plan_lists().places)

    def rank_report(candidate: ReportParams) -> tuple[int, int, str, str]:
        """Return where a report stands in its menu: by sector, place, organisation, language."""
        folded_organisation_name = fold(short_name(candidate.organisation))
        return (
            plan_lists().report_sectors.index(candidate.sector),
            ordered_place_keys.index(candidate.place),
            folded_organisation_name,
            candidate.language,
        )

    order = sorted(reports, key=rank_report)
    headings = {
        "language": translate("Language"),
        "sector": translate("Sector"),
        "place": translate("Place"),
        "organisation": translate("Organization"),
    }
    listed, menus = {linked_report.place for linked_report in order}, []
    for name, heading in headings.items():
        same = {key: getattr(report, key) for key in headings if key != name}
        links = [
            {
                "text": label_choice(linked_report, name, translate),
                "href": f"{linked_report.stem}.html",
                "lang": linked_report.language if name == "language" else "",
                "current": linked_report.id == report.id,
                "is_part": name == "place"
                and plan_lists().platform_of.get(linked_report.place) in listed,  # it follows its platform
            }
            for linked_report in order
            if all(getattr(linked_report, key) == shared_value for key, shared_value in same.items())
        ]
        if len(links) > 1:
            menus.append({"heading": heading, "current": label_choice(report, name, translate), "links": links})
    file_suffixes = [suffix for suffix in LABEL_BY_FILE_SUFFIX if suffix != "pdf" or suffix in formats]
    files = [{"text": LABEL_BY_FILE_SUFFIX[suffix], "href": f"{report.stem}.{suffix}"} for suffix in file_suffixes]
    if report.audience == "internal":
        files.append({"text": translate("Data quality"), "href": QUALITY_PAGE_FILE})
    return {"files": files, "menus": menus}


def adapt_last_good_page(page: str, report: ReportParams, name: str) -> str:
    """Adapt the HTML of a last good sheet to its new name: it links to its PDF, and no longer to data files.

    The description for search engines is taken out, too.
    """
    page = re.sub(r'<script type="application/ld\+json">.*?</script>\n', "", page)
    page = re.sub(rf'<li><a href="{re.escape(report.stem)}\.(?:xlsx|csv)">.*?</li>\n', "", page)
    return page.replace(f'"{report.stem}.pdf"', f'"{name}.pdf"')


def label_choice(report: ReportParams, name: str, translate: Translator) -> str:
    """Return the label of a report in the menu of this ``name``: language, sector, organisation, or else place.

    Without an organisation it is *All organizations*. A language has its own name for itself.
    """
    if name == "language":
        return declared(report.language).name
    if name == "sector":
        return label(report.sector, translate.language)
    if name == "organisation":
        return short_name(label(report.organisation, translate.language)) or translate(N_("All organizations"))
    return translate(N_("Region")) if report.place == REGION else label(report.place, translate.language)


def name_sheet(report: ReportParams, translate: Translator) -> str:
    """Return the name of a report's sheet as it stands among others: that of the region says *Region*."""
    sheet_title = sheet_name(report.sector, report.place, translate.language, report.organisation)
    is_region_sheet = report.place == REGION and not report.organisation
    return f"{sheet_title}, {translate('Region')}" if is_region_sheet else sheet_title
