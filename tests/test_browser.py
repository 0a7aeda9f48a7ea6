"""A reader in a real browser: the index leads to sheets, and each sheet has its blocks."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from rmrp_analysis.cli import main

ROOT = Path(__file__).parents[1]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a run's index, with sheets of every kind."""
    out = tmp_path_factory.mktemp("reports")
    sectors = (
        "Intersector",
        "Human Trafficking & Smuggling",
        "Multipurpose Cash Assistance",
        "Humanitarian Transportation",
    )
    given = ["rmrp", "run", str(ROOT / "params" / "2021-end-of-year.yml"), "--out", str(out), "--only", *sectors]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", [*given, "Common Services"])
        with pytest.raises(SystemExit):
            main()
    return (out / "2021-end-of-year" / "index.html").as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own for each test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def test_index_leads_to_a_sheet_with_all_its_blocks(page: Page, index: str) -> None:
    page.goto(index)
    page.get_by_role("link", name="Human Trafficking & Smuggling: Page").click()
    assert page.locator("h1").inner_text() == "Human Trafficking & Smuggling"
    said = page.locator("main").inner_text().replace("\u202f", " ")
    blocks = (
        "504 K",
        "14.3 K",
        "4.91 K",
        "Reporting partners",
        "$1.47 M",
        "$17.2 M",
        "Number of organizations",
        "Designated funding",
        "People newly reached, by month",
        "Host communities",
        "Women",
        "Donor A (sample)",
        "Situation",
        "Response",
        "Lessons learned",
        "How these figures were counted",
        "Sources",
        "Financial Tracking Service",
    )
    assert [block for block in blocks if block not in said] == []


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_scrolls_sideways(page: Page, index: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for name in ("index", "human-trafficking-and-smuggling.en", "common-services.en", "intersector.en"):
        page.goto(index.replace("index", name))
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.skipif(not AXE.is_file(), reason="needs axe-core (npm install --no-save axe-core)")
@pytest.mark.parametrize(
    "name",
    [
        "index",
        "human-trafficking-and-smuggling.en",
        "multipurpose-cash-assistance.en",
        "humanitarian-transportation.en",
        "common-services.en",
        "intersector.en",
    ],
)
def test_axe_finds_no_violation(page: Page, index: str, name: str) -> None:
    page.goto(index.replace("index", name))
    page.add_script_tag(path=AXE)
    result = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']})")
    assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in result["violations"]] == []
