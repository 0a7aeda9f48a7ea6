"""A reader of the gallery of charts, in light and in dark, on a desktop and on a phone."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from conftest import CHROMIUM, contrast

ROOT = Path(__file__).parents[1]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
OURS, PLAIN = ".drawing:not(.plain)", ".drawing.plain"
LEAST_CONTRAST = 4.5
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")]


@pytest.fixture(scope="module")
def gallery(site: Path) -> str:
    """The address of the gallery, which the documentation's own build has drawn."""
    return (site / "gallery.html").as_uri()


@pytest.fixture(params=THEMES)
def theme(request: pytest.FixtureRequest) -> Theme:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def errors() -> list[str]:
    """What the browser's console complains of."""
    return []


@pytest.fixture(params=[1280, 1093, 375])
def themed(
    request: pytest.FixtureRequest, browser: Browser, gallery: str, theme: Theme, errors: list[str]
) -> Iterator[Page]:
    """The gallery in a theme, on a screen of this width."""
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    context.add_init_script(f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}')")
    page = context.new_page()
    page.on("console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(gallery)
    assert page.locator("html").get_attribute("data-theme") == theme
    yield page
    context.close()


ATTRIBUTE_FAULTS = """() => [...document.querySelectorAll('svg :is(path, rect, circle, use, text)')].filter(mark =>
    ['d', 'x', 'y', 'width', 'height', 'r', 'cx', 'cy'].some(name => /nan|inf|undefined/i.test(mark.getAttribute(name)))
).map(mark => mark.outerHTML)"""
REPEATED_IDS = """() => {
    const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
    return ids.filter((id, place) => ids.indexOf(id) !== place);
}"""
UNRESOLVED = """() => [...document.querySelectorAll('main svg *')].flatMap(mark => [...mark.attributes]).flatMap(
    attribute => [...attribute.value.matchAll(/url\\(["']?#([^)"']+)/g), ...(attribute.name === 'href'
        ? attribute.value.matchAll(/^#(.+)/g) : [])]
).map(match => match[1]).filter(id => !document.getElementById(id))"""


@pytest.mark.parametrize("theme", ["light"], indirect=True)
def test_the_page_is_sound(themed: Page, errors: list[str]) -> None:
    assert errors == []
    assert themed.evaluate(ATTRIBUTE_FAULTS) == []
    assert themed.evaluate(REPEATED_IDS) == []
    assert themed.evaluate(UNRESOLVED) == []
    assert themed.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("themed", "theme"), [(1280, "light"), (1280, "dark"), (375, "light")], indirect=True)
def test_axe_finds_no_violation(themed: Page) -> None:
    if not AXE.is_file():
        pytest.skip("needs axe-core (npm install --no-save axe-core)")
    themed.evaluate(AXE.read_text("utf-8"))
    rules = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
    violations = themed.evaluate(
        "rules => axe.run('article', {runOnly: rules}).then(result => result.violations)", rules
    )
    assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in violations] == []


COLOURS = Path(__file__).with_suffix(".js").read_text("utf-8")


def unreadable(drawings: Locator) -> list[tuple[str, float]]:
    """The texts of drawings that stand out too little from what is under their middle."""
    texts: list[Any] = [text for drawing in drawings.all() for text in drawing.evaluate(COLOURS)]
    assert len(texts) > 100
    ratios = [(words, round(contrast(colour, ground), 2)) for words, colour, ground in texts]
    return [(words, ratio) for words, ratio in ratios if ratio < LEAST_CONTRAST]


@pytest.mark.parametrize("themed", [1280], indirect=True)
@pytest.mark.parametrize("kind", [OURS, PLAIN])
def test_every_text_of_a_chart_is_readable_in_either_theme(themed: Page, kind: str) -> None:
    assert unreadable(themed.locator(kind)) == []


@pytest.mark.parametrize("themed", [1280], indirect=True)
def test_charts_of_ours_follow_the_theme_and_those_of_plain_seaborn_do_not(themed: Page, theme: Theme) -> None:
    ground = "drawing => getComputedStyle(drawing).backgroundColor"
    title = themed.locator(f"{OURS} text", has_text="Peru is third")
    ink = title.evaluate("text => getComputedStyle(text).fill")
    assert ink == {"light": "rgb(19, 42, 62)", "dark": "rgb(230, 238, 244)"}[theme]
    assert themed.locator(PLAIN).first.evaluate(ground) == "rgb(255, 255, 255)"
    assert themed.locator(OURS).first.evaluate(ground) == "rgba(0, 0, 0, 0)"


@pytest.mark.parametrize("theme", ["light"], indirect=True)
def test_a_small_picture_of_each_kind_of_chart_leads_to_it(themed: Page) -> None:
    links = themed.locator(".thumbnails a")
    kinds = links.locator("strong").all_inner_texts()
    headings = themed.locator("article h2:has(code)")
    assert kinds == headings.locator("code").all_inner_texts()
    assert len(kinds) == 14
    for link in links.all():
        section = themed.locator(link.get_attribute("href"))
        assert link.inner_text().endswith(section.locator("p").first.inner_text())
        assert section.locator("a[href*='#rmrp_analysis.charts.']").count() > 0
        with Image.open(BytesIO(link.locator("svg").screenshot())) as picture:
            assert len(picture.convert("RGB").getcolors(1 << 16)) > 10  # something is drawn
    links.last.click()
    assert themed.url.endswith(links.last.get_attribute("href"))
    assert 0 <= headings.last.bounding_box()["y"] < 300


@pytest.mark.parametrize("theme", ["light"], indirect=True)
def test_each_chart_stands_above_its_code_and_beside_that_of_plain_seaborn(themed: Page) -> None:
    cells = themed.locator(".cell:has(.drawing)")
    assert cells.count() == 29
    for cell in cells.all():
        drawing, code = (cell.locator(part).bounding_box() for part in (".drawing", ".cell_input"))
        assert drawing["y"] + drawing["height"] <= code["y"]
        assert drawing["x"] + drawing["width"] <= themed.viewport_size["width"]
    ours, plain = (
        themed.locator(".beside").first.locator(kind).bounding_box() for kind in (".drawing:not(.plain)", ".plain")
    )
    if themed.viewport_size["width"] > 1000:
        assert (ours["y"], ours["x"] < plain["x"]) == (plain["y"], True)
    else:
        assert ours["y"] < plain["y"]
    assert themed.locator(".cell_output .text_html, .cell_output .stderr").count() == 0
