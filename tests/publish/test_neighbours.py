"""The bar of a page leads to what its run makes, and to nothing else."""

import base64
import hashlib
import re
from itertools import product
from typing import Any

import pytest
from nbformat.v4 import new_markdown_cell

from conftest import scripts_of
from made_reports import PARAMS
from notebook_page import showing
from rmrp_analysis import charts, theme
from rmrp_analysis.page import Page
from rmrp_analysis.plan import Plan
from rmrp_analysis.publish.documents.html import make_anchor_namer, render_html_page
from rmrp_analysis.publish.documents.navigation import adapt_last_good_page, make_navigation_bar
from rmrp_analysis.publish.documents.outputs import read_document


def reports(*ids: str) -> list[Any]:
    return [PARAMS.report_named(name) for name in ids]


def test_each_menu_leads_to_reports_that_differ_in_one_thing_or_is_left_out() -> None:
    names = [
        f"{sector}{place}.{code}" for sector, place, code in product(("health", "wash"), ("", ".peru"), ("en", "es"))
    ]
    bar = make_navigation_bar(PARAMS.report_named("health.peru.es"), reports(*names), ("html", "pdf"))
    assert {menu["heading"]: [link["href"] for link in menu["links"]] for menu in bar["menus"]} == {
        "Idioma": ["health.peru.en.html", "health.peru.es.html"],
        "Sector": ["health.peru.es.html", "wash.peru.es.html"],
        "Lugar": ["health.es.html", "health.peru.es.html"],
    }
    current = [link["href"] for menu in bar["menus"] for link in menu["links"] if link["current"]]
    assert current == ["health.peru.es.html"] * 3
    assert bar["menus"][2]["current"] == "Perú"
    (health,) = made = reports("health.en")
    assert make_navigation_bar(health, made, ("html", "pdf"))["menus"] == []
    assert [file["text"] for file in make_navigation_bar(health, made, ("html",))["files"]] == ["Excel", "CSV"]


def test_places_follow_their_platform_in_the_menu_and_organisations_all_of_them() -> None:
    names = ("health.bolivia.en", "health.southern-cone.en", "health.en", "health.aruba.en")
    (menu,) = make_navigation_bar(PARAMS.report_named("health.bolivia.en"), reports(*names), ("html",))["menus"]
    assert [link["text"] for link in menu["links"]] == ["Region", "Aruba", "Southern Cone", "Bolivia"]
    assert [link["text"] for link in menu["links"] if link["is_part"]] == ["Bolivia"]
    assert menu["current"] == "Bolivia"
    params = PARAMS.model_copy(update={"organisations": ("World Vision", "CARE")})
    made = [params.report_named(name) for name in ("health.en", "health.by-world-vision.en", "health.by-care.en")]
    (menu,) = make_navigation_bar(made[1], made, ("html",))["menus"]
    assert (menu["heading"], menu["current"]) == ("Organization", "World Vision")
    assert [link["text"] for link in menu["links"]] == ["All organizations", "CARE", "World Vision"]


@pytest.fixture(scope="module")
def health(bundled: Plan) -> Page:
    """A page with everything that has a menu."""
    page = Page(bundled.select("Health"), title="Key figures")
    page.opening()
    page.headline("Help <b>for</b> “all”.")
    page.bars(page.table("people_reached", "platform"))
    page.chart(charts.map(page.table("people_reached", "platform")))
    page.bars(page.table("people_reached", "age_gender"))
    page.narrative("Response")
    page.account()
    return page


def html_of(page: Page, bar: dict[str, Any] | None = None, data_set: dict[str, Any] | None = None) -> str:
    notebook = showing(page)
    notebook.cells.append(new_markdown_cell("## Map"))
    return render_html_page(read_document(notebook), bar, data_set)


def test_a_page_alone_leads_nowhere_and_one_of_a_run_to_its_neighbours(health: Page) -> None:
    alone = html_of(health)
    assert re.findall(r'<a [^>]*href="([^"]+)"', alone) == ["https://fts.unocha.org"]
    assert "<nav" not in alone
    made = reports("health.en", "wash.en")
    in_run = html_of(health, bar=make_navigation_bar(made[0], made, ("html", "pdf")))
    links = re.findall(r'<a [^>]*href="([^"]+)"', in_run)
    assert links[1:] == [
        "index.html",
        *(f"health.en.{kind}" for kind in ("pdf", "xlsx", "csv", "html")),
        "wash.en.html",
        "https://fts.unocha.org",
    ]


def test_a_sheet_that_is_set_aside_leads_to_the_pdf_that_is_kept_with_it(health: Page) -> None:
    (made,) = reports("health.en")
    bar = make_navigation_bar(made, [made], ("html", "pdf"))
    page = html_of(health, bar, {"@type": "Dataset", "name": "a </script>"})
    assert '<script type="application/ld+json">{"@type": "Dataset", "name": "a \\u003c/script\\u003e"}</script>' in page
    kept = adapt_last_good_page(page, made, "health.en.last-good")
    assert re.findall(r'<li><a href="([^"]+)"', kept) == ["index.html", "health.en.last-good.pdf"]
    assert "Dataset" not in kept


def test_a_page_is_announced_by_its_headline(health: Page) -> None:
    page = html_of(health)
    assert (
        '<meta property="og:title" content="Health · Key figures · Region · 17 countries · Partly illustrative">'
        in page
    )
    assert page.count('content="Help &lt;b&gt;for&lt;/b&gt; “all”."') == 2


def test_every_heading_has_a_place_of_its_own_that_a_link_may_lead_to(health: Page) -> None:
    ids = re.findall(r'<(?:section|div|header|h2|main)[^>]* id="([^"]+)"', html_of(health))
    assert ids == [
        *("content", "masthead", "headline", "places", "map", "people-reached-by-age-gender"),
        *("method", "sources", "map-2"),
    ]
    anchor = make_anchor_namer()
    assert [*map(anchor, ("Who?", "Who", "", "¿Quién?", "Content"))] == ["who", "who-2", "", "quien", "content-2"]


def test_only_our_script_may_run_on_a_page_and_none_in_a_notebook(health: Page) -> None:
    page = html_of(health)
    (script,) = scripts_of(page)
    assert script == theme.script()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; script-src 'sha256-{digest}';" in page.replace("&#39;", "'")
    assert "http" not in script
    assert len(script.encode()) < 10_000
    shown = health._repr_mimebundle_()["text/html"]
    assert scripts_of(shown) == []
    assert re.findall(r'<(?:section|div|header|h2)[^>]* id="', shown) == []


def test_a_drawing_follows_the_colours_of_the_page() -> None:
    assert theme.in_page_colours('<path style="fill: #00787b; stroke: #ffffff"/><use href="#132a3e"/>') == (
        '<path style="fill: var(--people, #00787b); stroke: var(--paper, #ffffff)"/><use href="#132a3e"/>'
    )
