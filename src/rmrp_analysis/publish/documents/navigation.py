"""What a sheet's page leads to in the folder of its run: the list of sheets, its own files, the other sheets."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from rmrp_analysis.locale.languages import declared
from rmrp_analysis.params import QUALITY_PAGE, REPORT_SECTORS, ReportParams
from rmrp_analysis.vocabulary import PLACES, PLATFORM_OF, REGION, fold, short_name
from rmrp_analysis.vocabulary.labels import label
from rmrp_analysis.words import N_, Words

FILES = {"pdf": "PDF", "xlsx": "Excel", "csv": "CSV"}
"""Files beside the page that a reader may want, by suffix."""


def neighbours(report: ReportParams, made: Iterable[ReportParams], formats: Sequence[str]) -> dict[str, Any]:
    """The bar at the top of the page of a report: its texts and links.

    ``made`` are the reports of the run, ``formats`` those it makes them in. Each menu leads to the reports that differ
    in one thing alone: language, sector, place or organisation. A menu with nothing to choose from is left out.
    """
    words = Words(report.language)
    places = list(PLACES)
    order = sorted(
        made,
        key=lambda each: (
            REPORT_SECTORS.index(each.sector),
            places.index(each.place),
            fold(short_name(each.organisation)),
            each.language,
        ),
    )
    here = {name: getattr(report, name) for name in ("language", "sector", "place", "organisation")}
    listed, menus = {each.place for each in order}, []
    for heading, name in (
        (words("Language"), "language"),
        (words("Sector"), "sector"),
        (words("Place"), "place"),
        (words("Organization"), "organisation"),
    ):
        same = {key: value for key, value in here.items() if key != name}
        links = [
            {
                "text": named(each, name, words),
                "href": f"{each.stem}.html",
                "lang": each.language if name == "language" else "",
                "current": each.id == report.id,
                "is_part": name == "place" and PLATFORM_OF.get(each.place) in listed,  # it follows its platform
            }
            for each in order
            if all(getattr(each, key) == value for key, value in same.items())
        ]
        if len(links) > 1:
            menus.append({"heading": heading, "current": named(report, name, words), "links": links})
    return {
        "label": words("All sheets"),
        "home": words("All sheets"),
        "files": [
            {"text": text, "href": f"{report.stem}.{suffix}"}
            for suffix, text in FILES.items()
            if suffix != "pdf" or suffix in formats
        ]
        + ([{"text": words("Data quality"), "href": QUALITY_PAGE}] if report.audience == "internal" else []),
        "menus": menus,
    }


def set_aside(page: str, report: ReportParams, name: str) -> str:
    """The page of a sheet that is kept under another name: its PDF is kept, too, and its data are gone."""
    page = re.sub(r'<script type="application/ld\+json">.*?</script>\n', "", page)
    page = re.sub(rf'<li><a href="{re.escape(report.stem)}\.(?:xlsx|csv)">.*?</li>\n', "", page)
    return page.replace(f'"{report.stem}.pdf"', f'"{name}.pdf"')


def named(report: ReportParams, name: str, words: Words) -> str:
    """What tells a report from others in this respect."""
    if name == "language":
        return declared(report.language).name
    if name == "sector":
        return label(report.sector, words.language)
    if name == "organisation":
        return short_name(label(report.organisation, words.language)) or words(N_("All organizations"))
    return words(N_("Region")) if report.place == REGION else label(report.place, words.language)
