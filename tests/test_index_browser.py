"""A reader of a run's index and of its page on the data in a real browser."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from conftest import CHROMIUM
from made_reports import MANIFEST, PARAMS, failed, made, stating
from notebook_page import showing
from page.test_quality_page import PARTS, YEAR
from rmrp_analysis.errors import ReportFailed
from rmrp_analysis.method import Method
from rmrp_analysis.page import QualityPage
from rmrp_analysis.params import ReportParams
from rmrp_analysis.plan import Plan
from rmrp_analysis.publish.documents.exporters import SheetHTMLExporter
from rmrp_analysis.publish.documents.index import render_index_page
from rmrp_analysis.publish.engine.execution import CELL_FAILED_REASON
from rmrp_analysis.publish.records.publication import Publication
from rmrp_analysis.publish.records.results import ReportResult
from rmrp_analysis.publish.run.report import Report, write_report
from rmrp_analysis.quality import review_plan
from rmrp_analysis.vocabulary import REGION, plan_lists
from test_browser import SCHEMES, assert_readable, needs_axe, violations

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")]
FAILED, EMPTY, CHECKED = {"health.peru.es", "wash.en"}, {"nutrition.chile"}, {"shelter.peru"}
INSIDE = ("Tumbes", "Norte de Santander", "Áncash")
SEARCH = "Search sectors and places"


def result_of(report: ReportParams) -> ReportResult:
    """A report of every kind: made, failed, with nothing reported, being checked; Peru has places inside."""
    if report.id in FAILED:
        return failed(report)
    if report.report in EMPTY:
        return ReportResult(report, "empty", 0.0)
    result = made(report)
    if report.place == "Peru":
        result = stating(result, tables={"people_reached_by_admin1": [{"group": name} for name in INSIDE]})
    if report.report in CHECKED:
        result = stating(result, doubt="one report makes most of it")
    value = {"target_coverage": len(report.place) if report.sector != "WASH" else None}
    figures = result.figures.figures if result.figures else ()
    changed = [figure.model_copy(update={"value": value.get(figure.name, figure.value)}) for figure in figures]
    return stating(result, figures=changed)


def written_index(folder: Path, *platforms: str) -> str:
    """The address of the index of a run of every sector and language."""
    params = PARAMS.model_copy(update={"places": (REGION, *platforms), "languages": ("en", "es", "pt")})
    page = render_index_page(params, MANIFEST, list(map(result_of, params.reports())), quality_page="data_quality.html")
    (folder / "index.html").write_text(page, encoding="utf-8")
    return (folder / "index.html").as_uri()


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written_index(tmp_path_factory.mktemp("index"), "Peru", "Chile")


def lines_shown(page: Page) -> list[str]:
    return page.locator(".grid tbody tr:visible th").all_inner_texts()


def columns_shown(page: Page) -> list[str]:
    return page.locator(".grid thead th:visible").all_inner_texts()[2:]


def sheets_shown(page: Page) -> list[str | None]:
    return [link.get_attribute("href") for link in page.locator(".grid a:visible").all()]


def test_choices_work_without_script(plain_page: Page, index: str) -> None:
    (page := plain_page).goto(index)
    assert len(sheets_shown(page)) == 15 * 3 - 1
    assert not page.get_by_label(SEARCH).is_visible()
    page.get_by_label("Place", exact=True).select_option("peru")
    assert (lines_shown(page), len(sheets_shown(page))) == (["Peru"], 15)
    page.get_by_label("Sector", exact=True).select_option("health")
    assert columns_shown(page) == ["Health"]
    assert sheets_shown(page) == ["health.peru.en.html"]
    page.get_by_label("Language").select_option("es")
    assert sheets_shown(page) == ["health.peru.es.html"]
    assert page.locator(".grid a:visible").inner_text() == "not made"
    page.get_by_role("button", name="Show all").click()
    assert len(sheets_shown(page)) == 15 * 3 - 1


def test_whoever_chooses_a_platform_sees_its_countries(plain_page: Page, tmp_path: Path) -> None:
    (page := plain_page).goto(written_index(tmp_path, "Peru", "Southern Cone", "ARG", "BOL", "ABW"))
    page.get_by_label("Place", exact=True).select_option("southern-cone")
    assert lines_shown(page) == ["Southern Cone", "Argentina", "Bolivia"]
    page.get_by_label("Place", exact=True).select_option("bolivia")
    assert lines_shown(page) == ["Bolivia"]


def test_a_search_finds_names_of_any_language_and_no_similar_ones(page: Page, index: str) -> None:
    page.goto(index)
    page.get_by_label(SEARCH).fill("saude peru")
    assert (lines_shown(page), columns_shown(page)) == (["Peru"], ["Health"])
    assert page.get_by_role("status").inner_text() == "Shown: 1 of 44"
    page.get_by_label(SEARCH).fill("nothing of the kind")
    assert page.get_by_role("status").inner_text() == "No sheet matches"
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_role("status")).to_have_text("Shown: 44 of 44")
    page.goto(index)
    page.get_by_label(SEARCH).fill("chile")
    assert lines_shown(page) == ["Chile"]
    assert page.get_by_role("status").inner_text() == "Shown: 14 of 44"


def test_few_people_without_a_sheet_are_found_and_not_counted(page: Page, tmp_path: Path) -> None:
    params = PARAMS.model_copy(update={"sectors": ("Health", "WASH"), "places": (REGION, "Peru")})
    few = {"wash.peru": "few", "health.peru": "nobody"}
    results = [
        ReportResult(report, few[report.report], 0.0) if report.report in few else result_of(report)
        for report in params.reports()
    ]
    (tmp_path / "index.html").write_text(render_index_page(params, MANIFEST, results), encoding="utf-8")
    page.goto((tmp_path / "index.html").as_uri())
    assert page.get_by_role("status").inner_text() == "Shown: 2 of 2"
    assert page.locator(".grid tbody tr").last.locator("td").all_inner_texts()[1:] == ["0", "•\nfewer than 10"]
    assert "• few people" in page.locator(".legend").inner_text()
    page.get_by_label(SEARCH).fill("wash peru")
    assert (lines_shown(page), columns_shown(page)) == (["Peru"], ["WASH"])
    assert page.get_by_role("status").inner_text() == "No sheet matches"


@pytest.mark.parametrize(
    ("sought", "place"),
    [("tumbes", "Tumbes"), ("Tubmes", "Tumbes"), ("ancsh", "Áncash"), ("norte de santandr", "Norte de Santander")],
)
def test_a_search_finds_places_inside_and_forgives_a_slip(page: Page, index: str, sought: str, place: str) -> None:
    page.goto(index)
    page.get_by_label(SEARCH).fill(f"shelter {sought}")
    assert [name.replace("\n", " ") for name in lines_shown(page)] == [f"Peru {place}"]
    assert columns_shown(page) == ["Shelter"]


def test_a_column_sorts_largest_first_and_then_smallest_and_what_is_unknown_stays_last(page: Page, index: str) -> None:
    page.goto(index)
    head = page.locator(".grid thead").get_by_role("button", name="Nutrition")
    for direction, places in {"descending": ["Region", "Peru"], "ascending": ["Peru", "Region"]}.items():
        head.click()
        assert page.locator(".grid th[aria-sort]").get_attribute("aria-sort") == direction
        assert lines_shown(page) == [*places, "Chile"]


def test_the_address_keeps_every_choice_and_gives_it_back(page: Page, index: str) -> None:
    page.goto(index)
    page.get_by_label("Place", exact=True).select_option("peru")
    page.get_by_label("Language").select_option("pt")
    page.get_by_label(SEARCH).fill("protection")
    page.locator(".grid thead").get_by_role("button", name="Protection (General)").click()
    assert page.url.split("#")[1] == "search=protection&place=peru&language=pt&sort=-protection-general"
    address, sheets = page.url, sheets_shown(page)
    page.goto("about:blank")
    page.goto(address)
    assert sheets_shown(page) == sheets == ["protection-general.peru.pt.html", "child-protection.peru.pt.html"]
    page.goto(f"{index}#place=nowhere&sort=nothing")
    expect(page.get_by_role("status")).to_have_text("Shown: 44 of 44")


def test_the_desktop_has_two_screens_and_a_phone_four(page: Page, tmp_path: Path) -> None:
    page.goto(written_index(tmp_path, *list(plan_lists().places)[1:17]))
    page.set_viewport_size({"width": 1280, "height": 800})
    assert page.evaluate("document.documentElement.scrollHeight") <= 2 * 800
    page.set_viewport_size({"width": 375, "height": 844})
    assert page.evaluate("document.documentElement.scrollHeight") <= 4 * 844
    heights = [line.bounding_box() for line in page.locator(".grid tbody tr").all()]
    assert all(box and box["height"] <= 80 for box in heights)


def test_a_phone_shows_all_sectors_of_a_place_and_unfolds_the_others(page: Page, index: str) -> None:
    page.set_viewport_size({"width": 375, "height": 844})
    page.goto(index)
    peru = page.locator("tr[data-line~=peru]")
    cells, shown = peru.locator("td:has(a)"), peru.locator("td:has(a):visible")
    expect(shown).to_have_count(1)
    assert shown.get_attribute("data-label") == "All sectors"
    peru.locator("summary").focus()
    page.keyboard.press("Enter")
    assert cells.count() > 5
    expect(shown).to_have_count(cells.count())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('tr[data-line~=peru] a')")


@pytest.mark.parametrize("has_script", [True, False])
@pytest.mark.parametrize(("choice", "value", "sectors"), [("sector", "health", {"health"}), ("place", "peru", None)])
def test_a_phone_shows_what_is_chosen_without_unfolding(
    page: Page, plain_page: Page, index: str, choice: str, value: str, sectors: set[str] | None, has_script: bool
) -> None:
    reader = page if has_script else plain_page
    reader.set_viewport_size({"width": 375, "height": 844})
    reader.goto(index)
    reader.locator(f"#by-{choice}").select_option(value)
    peru = reader.locator("tr[data-line~=peru]")
    assert not peru.locator("summary").is_visible()
    shown = {link.get_attribute("href").partition(".")[0] for link in peru.locator("a:visible").all()}
    every = {link.get_attribute("href").partition(".")[0] for link in peru.locator("a").all()}
    assert shown == (sectors or every)


def test_a_phone_shows_what_a_search_finds_without_unfolding(page: Page, index: str) -> None:
    page.set_viewport_size({"width": 375, "height": 844})
    page.goto(index)
    page.get_by_label(SEARCH).fill("health")
    shown = page.locator("tr[data-line~=peru] a:visible")
    assert {link.get_attribute("href").partition(".")[0] for link in shown.all()} == {"health"}


@needs_axe
@pytest.mark.parametrize("chosen", ["", "sector=health"])
def test_axe_finds_no_violation_on_a_phone(page: Page, index: str, chosen: str) -> None:
    page.set_viewport_size({"width": 375, "height": 844})
    page.goto(f"{index}#{chosen}")
    if not chosen:
        page.locator("tr[data-line~=peru] summary").click()
    assert violations(page) == []


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_a_tablet_has_the_table_and_a_phone_the_list(page: Page, tmp_path: Path, language: str) -> None:
    params = PARAMS.model_copy(update={"places": tuple(plan_lists().places)[:17], "languages": (language,)})
    html = render_index_page(params, MANIFEST, list(map(result_of, params.reports())))
    (tmp_path / "index.html").write_text(html, encoding="utf-8")
    page.goto((tmp_path / "index.html").as_uri())
    table = page.locator(".grid").first
    for width in (700, 900, 1024, 1280, 1600):
        page.set_viewport_size({"width": width, "height": 800})
        assert table.evaluate("table => getComputedStyle(table).display") == "table"
        assert page.evaluate("document.documentElement.scrollHeight") < 2500
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        table.evaluate("table => table.parentElement.scrollLeft = 9999")
        assert page.locator(".grid tbody th").first.bounding_box()["x"] >= 0
    page.set_viewport_size({"width": 360, "height": 800})
    assert table.evaluate("table => getComputedStyle(table).display") == "block"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_table_is_as_wide_as_its_words_and_its_legend_has_the_marks_in_it(page: Page, tmp_path: Path) -> None:
    params = PARAMS.model_copy(update={"sectors": ("Health",)})
    unknown = [made(report, target_coverage="—") for report in params.reports()]
    few = [made(report, target_coverage="—", people_reached="< 10") for report in params.reports()]
    doubted = [stating(each, doubt="a doubt") for each in unknown]
    share = [result_of(report) for report in params.reports()]
    legends = []
    for results in (unknown, few, doubted, share):
        (tmp_path / "index.html").write_text(render_index_page(params, MANIFEST, results), encoding="utf-8")
        page.goto((tmp_path / "index.html").as_uri())
        assert page.locator(".grid").bounding_box()["width"] < 500
        legend = page.locator(".legend")
        legends.append(legend.inner_text() if legend.count() else "")
    assert legends[:3] == ["", "• few people", "not sure"]
    assert legends[3].startswith("Reached, of the people targeted:")


def test_who_skips_to_the_table_comes_to_its_first_name(page: Page, index: str) -> None:
    page.goto(index)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "To the table"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.grid thead') && document.activeElement.innerText") == "Place"


def test_a_number_in_doubt_shows_the_focus_and_forced_colours_keep_its_dashes(page: Page, index: str) -> None:
    page.goto(index)
    doubted = page.locator(".grid .doubt a:visible").first
    style = "element => { const style = getComputedStyle(element); return NAMES.map(name => style[name]) }"
    outline = style.replace("NAMES", "['outlineStyle', 'outlineWidth']")
    assert doubted.evaluate(outline)[0] == "none"
    page.get_by_role("button", name="Show all").focus()
    for _ in range(200):
        page.keyboard.press("Tab")
        if doubted.evaluate("link => link === document.activeElement"):
            break
    assert doubted.evaluate(outline) == ["solid", "3px"]
    page.emulate_media(forced_colors="active")
    assert doubted.evaluate(style.replace("NAMES", "['borderTopStyle', 'backgroundImage']")) == ["dashed", "none"]
    assert page.locator(".legend .doubt").is_visible()
    assert not page.locator(".legend .scale").is_visible()


def test_an_index_of_every_place_is_printed_across_the_paper(page: Page, tmp_path: Path) -> None:
    page.goto(written_index(tmp_path, *list(plan_lists().places)[1:]))
    printed = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    assert {(round(sheet.mediabox.width), round(sheet.mediabox.height)) for sheet in printed.pages} == {(842, 595)}
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 1009, "height": 700})  # 267 mm
    assert page.locator(".grid").bounding_box()["width"] <= 1009


def test_an_index_of_every_platform_fits_any_width_and_its_header_stays(page: Page, index: str, tmp_path: Path) -> None:
    page.goto(index)
    page.set_viewport_size({"width": 1280, "height": 300})
    page.locator(".grid tbody tr").last.scroll_into_view_if_needed()
    box = page.locator(".grid thead th").first.bounding_box()
    assert 0 <= box["y"] < 100
    page.goto(written_index(tmp_path, *plan_lists().platforms))
    page.locator("summary:visible").first.click()
    for width in (320, 360, 768, 1024, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_keyboard_reaches_choices_and_sheets_in_reading_order(page: Page, index: str) -> None:
    page.goto(index)
    reached = []
    for _ in range(10):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.innerText"))
    controls = ["search", "by-sector", "by-place", "by-language", "Show all"]
    assert reached == [
        "To the table", "All figures (CSV)", "Data quality", *controls, "Place",
        "Partners that have reported for December",
    ]  # fmt: skip
    page.locator(".grid thead button").last.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "intersector.en.html"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"


@pytest.mark.parametrize("chosen", ["search=tumbes", "sort=-health"])
def test_axe_finds_no_violation_and_all_fits(page: Page, index: str, chosen: str) -> None:
    page.goto(f"{index}#{chosen}")
    page.locator("summary").first.evaluate("summary => summary.parentElement.open = true")
    assert_readable(page, page.url, *SCHEMES)


@needs_axe
def test_axe_finds_no_violation_in_the_page_as_it_comes_without_its_script(page: Page, index: str) -> None:
    html = re.sub("<script>.*</script>", "", Path(index.removeprefix("file://")).read_text("utf-8"), flags=re.DOTALL)
    page.set_content(html)
    assert not page.get_by_label(SEARCH).is_visible()
    assert violations(page) == []


@needs_axe
def test_axe_finds_no_violation_in_the_page_of_a_report_that_failed(page: Page, tmp_path: Path) -> None:
    report = PARAMS.report("WASH", "Peru", "es")
    write_report(
        Report(report, 1.0, {}, problem=ReportFailed(CELL_FAILED_REASON, detail="NameError in /home/ana")),
        tmp_path,
        Publication(tmp_path),
    )
    page.emulate_media(color_scheme="dark")
    page.goto((tmp_path / "wash.peru.es.html").as_uri())
    assert page.locator("h1").inner_text() == "Agua, Saneamiento e Higiene en Perú"
    assert "Pida a quienes elaboraron estas fichas" in page.locator(".notice").inner_text()
    assert violations(page) == []


@pytest.fixture(scope="module")
def address(bundled: Plan, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the page on the bundled plan, in Spanish."""
    page = QualityPage(review_plan(bundled, period=YEAR, method=Method()), title="Key figures", language="es")
    blocks = [block for part in PARTS for block in getattr(page, part)()]
    path = tmp_path_factory.mktemp("quality") / "data_quality.html"
    html, _ = SheetHTMLExporter().from_notebook_node(showing(*blocks))
    path.write_text(html, encoding="utf-8")
    return path.as_uri()


def test_the_page_on_the_data_never_scrolls_sideways_and_axe_finds_no_violation(page: Page, address: str) -> None:
    assert_readable(page, address, "light")
