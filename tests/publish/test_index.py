"""The index leads to every report of a run, in the words of the run's first language, with or without script."""

import re
from typing import Any

import pytest

from made_reports import MANIFEST, PARAMS, failed, made, stating
from rmrp_analysis import theme
from rmrp_analysis.params import RunParams
from rmrp_analysis.publish.documents.index import index_page
from rmrp_analysis.publish.records.manifest import StatedCaution, StatedInput
from rmrp_analysis.publish.records.results import ReportResult, output_names
from rmrp_analysis.vocabulary import PLATFORMS, REGION


def asked_for(**changes: Any) -> RunParams:
    """The parameters of the bundled run with these changes."""
    return PARAMS.model_copy(update=changes)


def page_of(params: RunParams, *results: ReportResult) -> str:
    """The index of these results, or of all reports made."""
    return index_page(params, MANIFEST, results or [made(report) for report in params.reports()])


def test_every_file_of_every_report_is_a_link() -> None:
    params = asked_for(sectors=("Health", "WASH"), places=(REGION, "Peru"), languages=("en", "es"))
    links = set(re.findall(r'href="([^"]+)"', page_of(params)))
    files = {name for report in params.reports() for name in output_names(report, params.formats)}
    assert links == files | {"figures.csv", "run.json"}


def test_a_sector_and_scope_is_one_row_whatever_its_languages() -> None:
    params = asked_for(sectors=("Health", "WASH"), places=(REGION, "Peru"), languages=("en", "es", "pt"))
    assert page_of(params).count('<tr role="row"') - 1 == 2 * 2


def test_the_words_are_those_of_the_runs_first_language() -> None:
    page = page_of(asked_for(sectors=("Health",), languages=("es", "en")))
    assert '<html lang="es">' in page
    assert "Cifras clave al cierre de 2021" in page
    assert "2 hojas" in page
    assert '<th role="rowheader" scope="row">Salud</th>' in page
    assert '<option value="">Todos</option>' in page
    assert "20\u202f000" in page


def test_the_method_of_the_run_is_named() -> None:
    assert f'<dd lang="en">{MANIFEST.method}</dd>' in page_of(asked_for(sectors=("Health",)))


def test_a_search_knows_the_names_of_all_languages() -> None:
    page = page_of(asked_for(sectors=("Health",), places=(REGION,), languages=("en", "es", "pt")))
    assert 'data-sought="Health Region Salud Región Saúde Região"' in page


def test_choices_are_offered_where_there_is_something_to_choose() -> None:
    one = page_of(asked_for(sectors=("Health",), languages=("en",)))
    assert re.findall(r'<select id="by-(\w+)"', one) == []
    params = asked_for(sectors=("Health", "WASH"), places=(REGION, "Peru"), languages=("en", "es"))
    first, *others = params.reports()
    several = page_of(params, failed(first), *map(made, others))
    assert re.findall(r'<select id="by-(\w+)"', several) == ["sector", "platform", "language", "status"]


def test_a_failed_report_is_named_in_plain_words_without_error_or_notebook() -> None:
    english, spanish = asked_for(sectors=("Health",), languages=("en", "es")).reports()
    page = page_of(asked_for(languages=("en", "es")), failed(english), made(spanish))
    assert "<strong>Could not be made:</strong> Health, Region (English)." in page
    assert "Please ask the people who made this run" in page
    assert "English: could not be made" in page
    assert "health.en.last-good.html" in page
    assert [word for word in ("NameError", "&lt;defined", "health.en.ipynb") if word in page] == []
    assert '<td role="cell" class="number" data-label="People reached" data-sort="0.5">50%</td>' in page
    assert "2 sheets, 1 could not be made" in page


def test_many_failed_reports_are_named_up_to_a_limit() -> None:
    params = asked_for(languages=("en",))
    page = page_of(params, *map(failed, params.reports()))
    assert f"; {15 - 8} more. The other sheets" in page


def test_a_row_without_any_sheet_says_so() -> None:
    (english,) = asked_for(sectors=("Health",), languages=("en",)).reports()
    page = page_of(asked_for(languages=("en",)), failed(english))
    assert "This sheet could not be made." in page
    assert 'data-status="failed"' in page


def test_a_place_of_which_nothing_is_reported_has_no_link_and_is_no_sheet() -> None:
    params = asked_for(sectors=("Health",), places=(REGION, "Peru"), languages=("en", "es"))
    region, *peru = (params.report("Health", *at) for at in ((REGION, "en"), ("Peru", "en"), ("Peru", "es")))
    page = page_of(params, made(region), *(ReportResult(report, "empty", 0.0) for report in peru))
    assert '<span class="nothing" data-status="empty">nothing reported</span>' in page
    assert "health.peru.en" not in page
    assert "1 sheet " in page


def test_places_stand_against_sectors_with_people_their_share_and_links() -> None:
    params = asked_for(sectors=("Health", "WASH"), places=(REGION, "Peru"), languages=("en", "es"))
    grid = page_of(params).split('<table class="grid">')[1].split("</table>")[0]
    assert re.findall(r"<th scope=\"row\">(.+)</th>", grid) == ["Health", "WASH"]
    assert grid.count('<b class="people_reached">50%</b> <small>50%</small>') == 2 * 2
    assert set(re.findall(r'href="(.+?)"', grid)) == {f"{report.id}.html" for report in params.reports()}


def test_countries_have_a_table_of_their_own_and_follow_their_platform_in_the_list() -> None:
    places = ("BOL", "Southern Cone", REGION, "ARG", "Peru", "ABW")
    page = page_of(asked_for(sectors=("Health", "WASH"), places=places, languages=("en",)))
    grids = [grid.split("</table>")[0] for grid in page.split('<table class="grid">')[1:]]
    heads = [re.findall(r'<th scope="col" class="number"[^>]*>(.+?)</th>', grid) for grid in grids]
    assert heads == [["Region", "Peru", "Southern Cone"], ["Aruba", "Argentina", "Bolivia"]]
    listed = re.findall(r'class="(platform(?: part)?)">(.+?)</th>', page)
    own, part = "platform", "platform part"
    without_platform = [(own, "Region"), (own, "Aruba"), (own, "Peru")]
    assert listed == 2 * [*without_platform, (own, "Southern Cone"), (part, "Argentina"), (part, "Bolivia")]
    assert 'data-report="health.bolivia" data-sector="health" data-platform="bolivia southern-cone"' in page
    assert 'aria-label="Health in Bolivia: English"' in page


def test_money_stands_where_no_people_are_counted() -> None:
    params = asked_for(sectors=("Health",), places=(REGION, "Peru"), languages=("en",))
    page = page_of(params, *(made(report, people_reached="—", target_coverage="—") for report in params.reports()))
    assert page.count('<b class="funding_usd">50%</b></span>') == 2


def test_one_place_needs_no_grid() -> None:
    assert 'class="grid"' not in page_of(asked_for(sectors=("Health", "WASH")))


def test_a_search_knows_the_places_inside_a_sheet_and_no_number_of_them() -> None:
    peru = made(asked_for().report("Health", "Peru"))
    parts = [("Tumbes", 4711), ("Lima", None), ("national", 5), ("not specified", 6)]
    tables = {"people_reached_by_admin1": [{"group": name, "value": people} for name, people in parts]}
    peru = stating(peru, tables=tables)
    page = page_of(asked_for(), peru)
    assert 'data-places="Peru|Tumbes|Lima"' in page
    assert "4711" not in page


def test_a_sheet_that_is_being_checked_says_so_where_it_is_listed() -> None:
    params = asked_for(sectors=("Health",), places=(REGION, "Peru"), languages=("en",))
    region, peru = map(made, params.reports())
    reason = "one report makes 84% of this number"
    of_peru = [StatedCaution(of=figure, text=reason) for figure in ("people_reached", "target_coverage")]
    of_region = [StatedCaution(of="people_reached_by_age_gender", text="many are in no group")]
    peru, region = stating(peru, cautions=of_peru), stating(region, cautions=of_region)
    page = page_of(params, region, peru)
    assert page.count(reason) == page.count("many are in no group") == 1
    assert page.count(">being checked</small>") == 1


def test_the_page_on_the_data_is_linked_where_the_run_has_one() -> None:
    params = asked_for(sectors=("Health",))
    results = [made(report) for report in params.reports()]
    assert 'href="data_quality.html"' in index_page(params, MANIFEST, results, quality_page="data_quality.html")
    assert "data_quality" not in index_page(params, MANIFEST, results)


def test_the_files_that_were_read_are_named_without_their_folders() -> None:
    inputs = [StatedInput(path=f"../data{slash}activities.csv.gz", rows=1) for slash in "/\\"]
    (health,) = asked_for(sectors=("Health",), languages=("en",)).reports()
    page = index_page(asked_for(), MANIFEST.model_copy(update={"inputs": inputs}), [made(health)])
    assert page.count('<th scope="row">activities.csv.gz</th>') == 2


def test_the_script_is_small_and_asks_for_nothing_from_outside() -> None:
    script = theme.index_script()
    assert len(script.encode()) < 6_000
    assert [word for word in ("http", "fetch", "import", "</script") if word in script] == []


def test_few_people_are_told_to_eye_and_ear_and_unknown_figures_have_no_bar() -> None:
    (english,) = asked_for(sectors=("Health",), languages=("en",)).reports()
    page = page_of(
        asked_for(), made(english, people_reached="<\u202f10", target_coverage="<\u202f2%", funding_coverage="—")
    )
    for few in ("10", "2%"):
        assert f'<span aria-hidden="true">&lt;\u202f{few}</span><span class="hidden">less than {few}</span>' in page
    assert '<span class="none" aria-hidden="true">—</span><span class="hidden">not known</span>' in page


def test_all_sectors_together_open_the_page_where_the_run_has_them() -> None:
    assert "A headline in en." in page_of(asked_for(sectors=("Intersector", "Health"), languages=("en",)))
    assert "A headline in en." not in page_of(asked_for(sectors=("Health",), languages=("en",)))


@pytest.mark.parametrize("count", [1, 2])
def test_the_notice_tells_how_many_sheets_are_illustrative(count: int) -> None:
    params = asked_for(sectors=("Health", "WASH"), languages=("en",))
    results = [made(report) for report in params.reports()]
    if count == 1:
        results[0] = stating(results[0], illustrative=())
    notices = {1: "1 of 2 sheets of this run hold", 2: "Every sheet of this run holds"}
    assert notices[count] in page_of(params, *results)


def test_the_index_of_every_platform_and_language_is_a_light_page() -> None:
    page = page_of(asked_for(places=(REGION, *PLATFORMS), languages=("en", "es", "pt")))
    assert page.count('<tr role="row"') - 1 == 15 * 9
    assert len(page.encode()) < 700_000


def test_the_same_run_gives_the_same_page() -> None:
    params = asked_for(sectors=("Health", "WASH"), languages=("en", "es"))
    assert page_of(params) == page_of(params)


def test_links_to_a_platforms_own_sheet_are_named_after_its_place() -> None:
    page = page_of(asked_for(sectors=("Health",), places=(REGION, "Peru"), languages=("pt",)))
    assert "Saúde no Peru" in page
    assert "Saúde, Região" in page


ORGANISATIONS = ("CARE", "International Organization for Migration (IOM)")


def test_each_organisation_is_a_line_with_a_link_for_each_sheet() -> None:
    params = asked_for(
        sectors=("Health", "WASH"), places=(REGION,), languages=("en", "es"), organisations=ORGANISATIONS
    )
    page = page_of(params)
    table = page[page.index('<table class="organisations"') : page.index('<section class="run">')]
    assert re.findall(r'<th scope="row">([^<]+)</th>', table) == list(ORGANISATIONS)
    links = re.findall(r'<a href="([^"]+)"', table)
    of_iom = [f"{sector}.by-iom.{code}.html" for sector in ("health", "wash") for code in ("en", "es")]
    assert [link for link in links if ".by-iom." in link] == of_iom
    assert re.findall(r'<option value="(care|international-organization[^"]*)">([^<]+)</option>', page) == [
        ("care", "CARE"),
        ("international-organization-for-migration-iom", "IOM"),
    ]
    assert page.count('<tr role="row"') - 1 == 2  # the list is of places


def test_an_organisation_has_no_link_to_a_sheet_of_which_nothing_is_known() -> None:
    params = asked_for(sectors=("Health", "WASH"), places=(REGION,), languages=("en",), organisations=ORGANISATIONS)
    nothing = {"health.by-care", "wash.by-care", "wash.by-iom"}
    results = [
        ReportResult(report, "empty", 0) if report.report in nothing else made(report) for report in params.reports()
    ]
    page = page_of(params, *results)
    assert "by-care" not in page
    assert set(re.findall(r'href="([^"]+by-iom[^"]+)"', page)) == {"health.by-iom.en.html"}


def test_a_run_without_organisations_has_no_table_of_them() -> None:
    page = page_of(asked_for(sectors=("Health",), languages=("en",)))
    assert '<table class="organisations"' not in page


def test_many_organisations_make_no_large_index() -> None:
    few, many = (
        len(
            page_of(
                asked_for(languages=("en",), organisations=tuple(f"Organisation {at} (O{at})" for at in range(count)))
            )
        )
        for count in (1, 31)
    )
    assert (many - few) / 30 < 8_000
