"""A reader in a real browser: the index leads to sheets, and each sheet has its blocks."""

import os
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from playwright.sync_api import Browser, Page, sync_playwright
from pypdf import PdfReader

from rmrp_analysis import inline
from rmrp_analysis.cli import main
from rmrp_analysis.publish.exporters import SheetHTMLExporter

ROOT = Path(__file__).parents[1]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PARAMS_FILE = ROOT / "params" / "2021-end-of-year.yml"
SECTORS = (
    "All sectors",
    "Human Trafficking & Smuggling",
    "Multipurpose Cash Assistance",
    "Humanitarian Transportation",
    "Common Services",
)
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
needs_axe = pytest.mark.skipif(not AXE.is_file(), reason="needs axe-core (npm install --no-save axe-core)")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a run's index, with sheets of every kind as pages."""
    out = tmp_path_factory.mktemp("reports")
    text = PARAMS_FILE.read_text("utf-8").replace("formats: [html, pdf]", "formats: [html]")
    (out / "params.yml").write_text(
        text.replace("../", f"{ROOT.as_posix()}/").replace(
            "narratives/", f"{PARAMS_FILE.parent.as_posix()}/narratives/"
        ),
        encoding="utf-8",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["rmrp", "run", str(out / "params.yml"), "--out", str(out), "--only", *SECTORS])
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


def violations(page: Page) -> list[tuple[str, str]]:
    """What axe finds, with the first element that has it."""
    page.add_script_tag(path=AXE)
    found = page.evaluate(
        """axe.run({
            runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'],
            resultTypes: ['violations'],
        }).then(result => result.violations)"""
    )
    return [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in found]


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


@pytest.mark.parametrize("name", ["human-trafficking-and-smuggling.en", "intersector.en"])
def test_a_page_is_printed_on_two_sheets_of_paper(page: Page, index: str, name: str) -> None:
    page.goto(index.replace("index", name))
    assert len(PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages) == 2


def test_wider_spacing_of_text_hides_none_of_it(page: Page, index: str) -> None:
    page.goto(index.replace("index", "human-trafficking-and-smuggling.en"))
    spacing = "line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important;"
    page.add_style_tag(content=f".rmrp * {{ {spacing} }} .rmrp p {{ margin-bottom: 2em !important; }}")
    for width in (320, 768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        bar, label = (page.locator(at).first.bounding_box() for at in (".strip.need", ".enlarged p"))
        assert bar is not None
        assert label is not None
        assert label["y"] >= bar["y"] + bar["height"] - 1


@needs_axe
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
    assert violations(page) == []


def test_a_sheet_leads_to_its_data(page: Page, index: str) -> None:
    page.goto(index.replace("index", "common-services.en"))
    for name, kind in {"Excel": "xlsx", "CSV": "csv"}.items():
        address = page.get_by_role("link", name=name, exact=True).evaluate("link => link.href")
        assert address == index.replace("index.html", f"common-services.en.{kind}")
        assert Path(address.removeprefix("file://")).is_file()


@pytest.fixture(scope="module")
def own_notebook(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a notebook with no block of ours: Markdown, tables narrow and wide, text, a chart."""
    places = pd.DataFrame({"place": ["Peru", "Chile"], "people": [1234, 58]})
    levels = pd.MultiIndex.from_product([["women", "men"], ["adults", "children"]])
    sexes = pd.DataFrame(
        np.ones((2, 4)), columns=levels, index=pd.MultiIndex.from_product([["Peru"], ["Health", "WASH"]])
    )
    wide = pd.DataFrame(np.ones((3, 40)), columns=[f"a column {number}" for number in range(40)])
    axes = Figure(figsize=(12, 3)).subplots()
    axes.bar(places["place"], places["people"])
    styled = places.style.set_caption("Coloured").background_gradient(subset=["people"])
    with pd.option_context("display.max_columns", None):
        tables = [frame._repr_html_() for frame in (places, sexes, wide, styled)]
    bundles = [{"text/html": table} for table in tables]
    bundles += [inline.figure_bundle(axes.figure)[0], {"text/plain": "a   1\n" + "bb  2" * 60}]
    outputs = [new_output("display_data", bundle) for bundle in bundles]
    outputs[4].metadata["rmrp"] = {"alt": "Bars of two places"}
    text = (
        "# My page\n\n#### Deep\n\nA [link](https://www.r4v.info), `code`.\n\n- one\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    )
    notebook = new_notebook(cells=[new_markdown_cell(text), new_code_cell(outputs=outputs)])
    path = tmp_path_factory.mktemp("own") / "own.html"
    path.write_text(SheetHTMLExporter().from_notebook_node(notebook)[0], encoding="utf-8")
    return path.as_uri()


@pytest.mark.skipif(not AXE.is_file(), reason="needs axe-core (npm install --no-save axe-core)")
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_a_notebook_of_ones_own_fits_and_axe_finds_no_violation(page: Page, own_notebook: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(own_notebook)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.add_script_tag(path=AXE)
    result = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']})")
    assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in result["violations"]] == []
