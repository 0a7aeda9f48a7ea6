"""The index leads to every report of a run, in the words of the run's first language, with or without script."""

import json
import re
from typing import Any

import pytest

from made_reports import MANIFEST, PARAMS, failed, made, stating
from rmrp_analysis import theme
from rmrp_analysis.figures import WORDS_BY_REASON
from rmrp_analysis.params import RunParams
from rmrp_analysis.publish.documents.index import render_index_page
from rmrp_analysis.publish.records.manifest import CautionRecord, FigureRecord
from rmrp_analysis.publish.records.results import ReportResult
from rmrp_analysis.vocabulary import REGION, plan_lists


def asked_for(**changes: Any) -> RunParams:
    return PARAMS.model_copy(update=changes)


HEALTH = asked_for(sectors=("Health",))
(SHEET,) = HEALTH.reports()


def page_of(params: RunParams, *results: ReportResult) -> str:
    return render_index_page(params, MANIFEST, results or [made(report) for report in params.reports()])


def lines_of(page: str, table: int = 0) -> dict[str, list[str]]:
    """What the cells of each line of a table show, by the name of the line."""
    rows = page.split("<tbody>")[1 + table].split("</tbody>")[0].split("<tr")[1:]
    return {
        re.findall(r"<th[^>]*>(.*?)<span", row)[0]: [
            re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)
        ]
        for row in rows
    }


def test_a_number_leads_to_its_sheet_in_each_language_and_choices_are_offered_where_there_are_some() -> None:
    params = asked_for(sectors=("Health", "WASH"), places=(REGION, "Peru"), languages=("en", "es"))
    page = page_of(params)
    in_order = sorted(params.reports(), key=lambda report: list(plan_lists().places).index(report.place))
    links = re.findall(r'<a href="([^"]+)" hreflang="(..)">50%</a>', page)
    assert links == [(f"{report.id}.html", report.language) for report in in_order]
    assert re.findall(r'<select id="by-(\w+)"', page) == ["sector", "place", "language"]
    assert re.findall(r'<select id="by-(\w+)"', page_of(HEALTH)) == []


def test_places_stand_against_sectors_and_countries_follow_their_platform() -> None:
    page = page_of(asked_for(sectors=("Health", "WASH"), places=(REGION, "Peru")))
    assert re.findall(r'<th scope="col"[^>]*>(.+?)</th>', page) == [
        "Place",
        "Partners that have reported for December",
        "Health",
        "WASH",
    ]
    assert list(lines_of(page)) == ["Region", "Peru"]
    assert lines_of(page)["Peru"][1:] == ["50%", "50%"]
    places = ("BOL", "Southern Cone", REGION, "ARG", "Peru", "ABW")
    page = page_of(asked_for(sectors=("Health", "WASH"), places=places))
    part = ' class="part"'
    assert re.findall(r'<th scope="row"(.*?)>(.+?)<span', page) == [
        ("", "Region"),
        ("", "Aruba"),
        ("", "Peru"),
        ("", "Southern Cone"),
        (part, "Argentina"),
        (part, "Bolivia"),
    ]
    assert '<tr data-line="bolivia southern-cone"' in page


def test_words_are_of_the_runs_first_language_and_none_of_its_method() -> None:
    page = page_of(asked_for(sectors=("Health",), languages=("es", "en")))
    assert '<html lang="es">' in page
    assert "Cifras clave al cierre de 2021" in page
    assert "2 fichas" in page
    assert ">Salud</th>" in page
    assert '<option value="en" lang="en">English</option>' in page
    page = page_of(asked_for())
    text = re.sub(r"<[^>]+>", " ", page.split("<main")[1].split("<script")[0])
    assert [word for word in (" run ", "rmrp-analysis", MANIFEST.method, "sha256", "Internal") if word in text] == []
    assert "R4V partners · 31 January 2022 · CC0-1.0" in text


def test_a_search_knows_names_in_all_languages_and_places_inside_a_sheet() -> None:
    page = page_of(asked_for(sectors=("Health",), places=(REGION,), languages=("en", "es", "pt")))
    assert 'data-sought="Health Salud Saúde"' in page
    assert 'data-sought="Region Región Região"' in page
    peru = made(asked_for().report("Health", "Peru"))
    parts = [("Tumbes", 4711), ("Lima", None), ("national", 5), ("not specified", 6)]
    tables = {"people_reached_by_admin1": [{"group": name, "value": people} for name, people in parts]}
    page = page_of(asked_for(), stating(peru, tables=tables))
    assert 'data-inside="Peru|Tumbes|Lima"' in page
    assert "4711" not in page


def test_failed_reports_are_named_up_to_a_limit_without_error_or_notebook() -> None:
    english, spanish = asked_for(sectors=("Health",), languages=("en", "es")).reports()
    page = page_of(asked_for(languages=("en", "es")), failed(english), made(spanish))
    assert "<strong>Could not be made:</strong> Health, Region (English)." in page
    assert "Please ask those who publish these sheets" in page
    assert '<a href="health.en.html" hreflang="en">not made</a><a href="health.es.html" hreflang="es">50%</a>' in page
    assert [word for word in ("NameError", "&lt;defined", "health.en.ipynb") if word in page] == []
    assert "1 sheet, 1 could not be made" in page
    *_, by_iom = asked_for(places=(REGION,), sectors=("WASH",), organisations=ORGANISATIONS[:1]).reports()
    assert f"</strong> {ORGANISATIONS[0]}: WASH (English)." in page_of(asked_for(), failed(by_iom))
    params = asked_for()
    page = page_of(params, *map(failed, params.reports()))
    assert f"; {15 - 8} more. Every sheet that was made is whole" in page


def test_a_place_of_which_nothing_is_reported_is_folded_away_and_is_no_sheet() -> None:
    params = asked_for(sectors=("Health", "WASH"), places=(REGION, "Peru", "Chile"), languages=("en", "es"))
    empty = {"health.peru", "health.chile", "wash.chile"}
    results = [
        ReportResult(report, "empty", 0.0) if report.report in empty else made(report) for report in params.reports()
    ]
    page = page_of(params, *results)
    assert lines_of(page)["Peru"][1:] == ["", "50%50%"]
    assert "Chile" not in lines_of(page)
    assert "<summary>Nothing reported</summary>" in page
    assert "<dt>Health</dt><dd>Peru, Chile</dd>" in page
    assert "health.peru.en" not in page
    assert "6 sheets" in page


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ({"target_coverage": "50%"}, 'class="h3" data-label="Health" data-sort="0.5"><a'),
        ({"target_coverage": "—", "people_reached": "50%"}, 'class="" data-label="Health" data-sort="0.5"><a'),
        ({"target_coverage": "—", "people_reached": "—"}, 'class="money" data-label="Health" data-sort="0.5"><a'),
        (dict.fromkeys(("target_coverage", "people_reached", "funding_usd"), "—"), ">sheet</a>"),
    ],
)
def test_the_share_of_the_target_stands_for_a_sheet_else_people_else_money(printed: dict[str, str], shown: str) -> None:
    assert shown in page_of(HEALTH, made(SHEET, **printed))


@pytest.mark.parametrize(
    ("reached", "shown"),
    [
        ({"value": 0.0, "status": "known", "reason": WORDS_BY_REASON["services_only"]}, "services only"),
        ({"value": 0.0, "status": "known", "reason": WORDS_BY_REASON["nobody_new"]}, "nobody new"),
        ({"value": 0.0, "status": "known"}, "0"),
        ({"value": None, "status": "not_counted", "reason": WORDS_BY_REASON["not_counted"]}, "not counted"),
    ],
)
def test_a_zero_is_told_as_what_it_is(reached: dict[str, Any], shown: str) -> None:
    sheet = stating(
        made(SHEET), figures=[FigureRecord(name="people_reached", **reached)], printed={"people_reached": "0"}
    )
    assert lines_of(page_of(HEALTH, sheet))["Region"][-1] == shown


def test_few_people_are_a_dot_that_can_be_heard() -> None:
    page = page_of(HEALTH, made(SHEET, people_reached="<\u202f10", target_coverage="<\u202f2%"))
    assert '<span aria-hidden="true">•</span><span class="hidden">less than 2%</span></a>' in page


def test_a_number_in_doubt_is_hatched_and_its_reason_is_told_once() -> None:
    params = asked_for(sectors=("Health",), places=(REGION, "Peru"))
    region, peru = map(made, params.reports())
    reason = "one report makes 84% of this number"
    of_region = [CautionRecord(of="people_reached_by_age_gender", text="many are in no group")]
    page = page_of(params, stating(region, cautions=of_region), stating(peru, doubt=reason))
    assert f"<dt>{reason}</dt><dd>Health in Peru</dd>" in page
    assert page.count(reason) == page.count('class="h3 doubt"') == 1
    assert "many are in no group" not in page
    page = page_of(params, region, stating(peru, doubt=reason, to_mend=True))
    assert re.findall(r'<td class="([^"]*)"[^>]*><a[^>]*>to mend</a>', page) == ["mend"]


def test_all_sectors_together_open_the_page_and_say_what_is_sure() -> None:
    (together,) = asked_for(sectors=("Intersector",)).reports()
    page = page_of(asked_for(), stating(made(together), doubt="a reason."))
    assert '<p class="caution">a reason.</p>' in page
    assert "A headline in en." in page
    assert "A headline in en." not in page_of(HEALTH)


def test_completeness_stands_beside_each_place_and_months_without_reports_are_folded() -> None:
    params = asked_for(sectors=("Intersector", "Health"), places=(REGION, "Peru"))
    results = [made(report) for report in params.reports()]
    later = [FigureRecord(name="months_reported", value=1, status="known")]
    page = page_of(params, *(stating(each, figures=later) if each.params.place == "Peru" else each for each in results))
    assert [cells[0] for cells in lines_of(page).values()] == ["38 of 54", ""]
    text = re.sub(r"\s+", "", page.split("<summary>Months without any report</summary>")[1])
    assert text.index(f"<dt>{12 - 1}months</dt><dd>Peru</dd>") < text.index(f"<dt>{12 - 10}months</dt><dd>Region</dd>")
    without_all_together = page_of(asked_for(sectors=("Health", "WASH")))
    assert lines_of(without_all_together)["Region"][0] == ""  # partners are not added up over sectors


def test_search_engines_find_the_figures_and_a_small_script_asks_for_nothing() -> None:
    page = page_of(asked_for(sectors=("Intersector", "Health")))
    described = json.loads(page.split('<script type="application/ld+json">')[1].split("</script>")[0])
    assert (described["@context"], described["@type"]) == ("https://schema.org", "Dataset")
    assert described["description"] == "A headline in en."
    assert described["temporalCoverage"] == "2021-01/2021-12"
    assert described["dateModified"] == "2022-01-31"
    assert "Peru" in described["spatialCoverage"]
    assert [each["creator"]["name"] for each in described["isBasedOn"]] == ["R4V partners", "OCHA FTS"]
    assert [each["contentUrl"] for each in described["distribution"]][:1] == ["figures.csv"]
    script = theme.index_script()
    assert len(script.encode()) < 6_000
    assert [word for word in ("http", "fetch", "import", "</script") if word in script] == []


@pytest.mark.parametrize("count", [1, 2])
def test_the_notice_tells_how_many_sheets_are_illustrative(count: int) -> None:
    params = asked_for(sectors=("Health", "WASH"))
    results = [made(report) for report in params.reports()]
    if count == 1:
        results[0] = stating(results[0], illustrative=())
    notices = {1: "1 of 2 sheets hold", 2: "Every sheet holds"}
    assert notices[count] in page_of(params, *results)


def test_the_index_of_many_sheets_and_organisations_is_a_light_page() -> None:
    page = page_of(asked_for(places=tuple(plan_lists().places)[:17], languages=("en", "es", "pt")))
    assert len(re.findall(r'<a href="[^"]+" hreflang', page)) == 765
    assert len(page.encode()) < 300_000
    organisations = tuple(f"Organisation {at} (O{at})" for at in range(31))
    few, many = (len(page_of(asked_for(organisations=organisations[:count]))) for count in (1, 31))
    assert (many - few) / 30 < 8_000


ORGANISATIONS = ("CARE", "International Organization for Migration (IOM)")


def test_an_organisation_is_a_line_with_a_link_for_each_sheet_that_is_known() -> None:
    params = asked_for(
        sectors=("Health", "WASH"), places=(REGION,), languages=("en", "es"), organisations=ORGANISATIONS
    )
    page = page_of(params)
    assert list(lines_of(page, 1)) == list(ORGANISATIONS)
    links = re.findall(r'<a href="([^"]+)"', page[page.index('<details class="organisations"') :])
    of_iom = [f"{sector}.by-iom.{code}.html" for sector in ("health", "wash") for code in ("en", "es")]
    assert [link for link in links if ".by-iom." in link] == of_iom
    assert re.findall(r'<option value="(care|international-organization[^"]*)">([^<]+)</option>', page) == [
        ("care", "CARE"),
        ("international-organization-for-migration-iom", "IOM"),
    ]
    assert list(lines_of(page)) == ["Region"]
    assert '<details class="organisations"' not in page_of(HEALTH)
    params = asked_for(sectors=("Health", "WASH"), places=(REGION,), organisations=ORGANISATIONS)
    nothing = {"health.by-care", "wash.by-care", "wash.by-iom"}
    results = [
        ReportResult(report, "empty", 0) if report.report in nothing else made(report) for report in params.reports()
    ]
    page = page_of(params, *results)
    assert "by-care" not in page
    assert set(re.findall(r'href="([^"]+by-iom[^"]+)"', page)) == {"health.by-iom.en.html"}
