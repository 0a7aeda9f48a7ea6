"""The page on data quality in a real browser: its links lead somewhere, it fits any width, axe finds nothing."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from playwright.sync_api import Page

from conftest import CHROMIUM
from page.test_quality_page import PARTS, YEAR
from rmrp_analysis.method import Method
from rmrp_analysis.page import QualityPage
from rmrp_analysis.plan import Plan
from rmrp_analysis.publish.documents.exporters import SheetHTMLExporter
from rmrp_analysis.quality import reviewed
from test_browser import at_widths, needs_axe, violations

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")]


@pytest.fixture(scope="module")
def address(bundled: Plan, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the page on the bundled plan, in Spanish."""
    page = QualityPage(reviewed(bundled, period=YEAR, method=Method()), title="Key figures", language="es")
    blocks = [block for part in PARTS for block in getattr(page, part)()]
    outputs = [new_output("display_data", block._repr_mimebundle_()) for block in blocks]
    path = tmp_path_factory.mktemp("quality") / "data_quality.html"
    html, _ = SheetHTMLExporter().from_notebook_node(new_notebook(cells=[new_code_cell(outputs=outputs)]))
    path.write_text(html, encoding="utf-8")
    return path.as_uri()


def test_a_finding_leads_to_its_first_rows(page: Page, address: str) -> None:
    page.goto(address)
    links = page.locator("a[href^='#rows-']")
    assert links.count() > 10
    assert links.evaluate_all("links => links.filter(link => !document.querySelector(link.hash)).length") == 0
    links.last.click()
    box = page.locator(links.last.get_attribute("href") or "").bounding_box()
    assert 0 <= box["y"] < 900


def test_nothing_scrolls_sideways(page: Page, address: str) -> None:
    for width in at_widths(page, address):
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@needs_axe
def test_axe_finds_no_violation(page: Page, address: str) -> None:
    for width in at_widths(page, address):
        assert violations(page) == [], width
