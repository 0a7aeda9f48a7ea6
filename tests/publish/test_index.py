"""The index leads to every report of a run, in the words of the run's first language, with or without script."""

import re
from typing import Any

import pytest

from made_reports import PARAMS, SUMMARY, failed, made
from rmrp_analysis.params import RunParams
from rmrp_analysis.publish.index import index_page
from rmrp_analysis.publish.report import ReportResult, output_names
from rmrp_analysis.vocabulary import PLATFORMS, REGION


def asked_for(**changes: Any) -> RunParams:
    """The parameters of the bundled run with these changes."""
    return PARAMS.model_copy(update=changes)


def page_of(params: RunParams, *results: ReportResult) -> str:
    """The index of these results, or of all reports made."""
    return index_page(params, SUMMARY, results or [made(report) for report in params.reports()])


def test_every_file_of_every_report_is_a_link() -> None:
    params = asked_for(sectors=("Health", "WASH"), platforms=(REGION, "Peru"), languages=("en", "es"))
    links = set(re.findall(r'href="([^"]+)"', page_of(params)))
    files = {name for report in params.reports() for name in output_names(report, params.formats)}
    assert links == files | {"figures.csv", "run.json"}


def test_a_sector_and_scope_is_one_row_whatever_its_languages() -> None:
    params = asked_for(sectors=("Health", "WASH"), platforms=(REGION, "Peru"), languages=("en", "es", "pt"))
    assert page_of(params).count('<tr role="row" data-sector=') == 2 * 2


def test_the_words_are_those_of_the_runs_first_language() -> None:
    page = page_of(asked_for(sectors=("Health",), languages=("es", "en")))
    assert '<html lang="es">' in page
    assert "Cifras clave al cierre de 2021" in page
    assert "2 hojas" in page
    assert '<th role="rowheader" scope="row">Salud</th>' in page
    assert "20.000" in page


def test_the_method_of_the_run_is_named() -> None:
    assert f'<dd lang="en">{SUMMARY["method"]}</dd>' in page_of(asked_for(sectors=("Health",)))


def test_a_search_knows_the_names_of_all_languages() -> None:
    page = page_of(asked_for(sectors=("Health",), platforms=(REGION,), languages=("en", "es", "pt")))
    assert 'data-sought="Health Region Salud Región Saúde Região"' in page


def test_choices_are_offered_where_there_is_something_to_choose() -> None:
    one = page_of(asked_for(sectors=("Health",), languages=("en",)))
    assert re.findall(r'<select id="by-(\w+)"', one) == ["status"]
    several = page_of(asked_for(sectors=("Health", "WASH"), platforms=(REGION, "Peru"), languages=("en", "es")))
    assert re.findall(r'<select id="by-(\w+)"', several) == ["sector", "platform", "language", "status"]


def test_a_failed_report_stands_there_with_its_error_and_without_links() -> None:
    english, spanish = asked_for(sectors=("Health",), languages=("en", "es")).reports()
    page = page_of(asked_for(languages=("en", "es")), failed(english), made(spanish))
    assert "English: failed" in page
    assert "is not &lt;defined&gt;" in page
    assert "health.en." not in page
    assert '<td role="cell" class="number" data-label="People reached">50%</td>' in page
    assert "2 sheets, 1 failed" in page


def test_a_row_without_any_sheet_says_so() -> None:
    (english,) = asked_for(sectors=("Health",), languages=("en",)).reports()
    page = page_of(asked_for(languages=("en",)), failed(english))
    assert "No figures: the sheet failed." in page
    assert 'data-status="failed"' in page


def test_withheld_and_unknown_figures_have_no_bar() -> None:
    (english,) = asked_for(sectors=("Health",), languages=("en",)).reports()
    page = page_of(asked_for(), made(english, target_coverage="<\u202f10", funding_coverage="—"))
    assert '<span class="chip">&lt;\u202f10</span>' in page
    assert '<span class="none" aria-hidden="true">—</span><span class="hidden">not known</span>' in page
    assert 'class="gauge' not in page


def test_all_sectors_together_open_the_page_where_the_run_has_them() -> None:
    assert "A headline in en." in page_of(asked_for(sectors=("Intersector", "Health"), languages=("en",)))
    assert "A headline in en." not in page_of(asked_for(sectors=("Health",), languages=("en",)))


@pytest.mark.parametrize("count", [1, 2])
def test_the_notice_tells_how_many_sheets_are_illustrative(count: int) -> None:
    params = asked_for(sectors=("Health", "WASH"), languages=("en",))
    results = [made(report) for report in params.reports()]
    if count == 1:
        results[0].figures["illustrative"].clear()  # type: ignore[index]
    notices = {1: "1 of 2 sheets of this run hold", 2: "Every sheet of this run holds"}
    assert notices[count] in page_of(params, *results)


def test_the_index_of_every_platform_and_language_is_a_light_page() -> None:
    page = page_of(asked_for(platforms=(REGION, *PLATFORMS), languages=("en", "es", "pt")))
    assert page.count('<tr role="row" data-sector=') == 15 * 9
    assert len(page.encode()) < 500_000


def test_the_same_run_gives_the_same_page() -> None:
    params = asked_for(sectors=("Health", "WASH"), languages=("en", "es"))
    assert page_of(params) == page_of(params)


def test_links_to_a_platforms_own_sheet_are_named_after_its_place() -> None:
    page = page_of(asked_for(sectors=("Health",), platforms=(REGION, "Peru"), languages=("pt",)))
    assert "Saúde no Peru" in page
    assert "Saúde, Região" in page
