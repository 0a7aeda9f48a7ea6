"""A reader in a real browser: the index leads to sheets, and each sheet has its blocks."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

import rmrp_analysis as rmrp
from conftest import CHROMIUM, contrast
from made_reports import MANIFEST, PARAMS, made
from published_run import rmrp as command
from published_run import shipped_params
from rmrp_analysis import theme
from rmrp_analysis.publish.comparison.published import read_run
from rmrp_analysis.publish.documents.exporters import SheetHTMLExporter
from rmrp_analysis.publish.documents.index import render_index_page
from rmrp_analysis.publish.proof.documents import read_passages, read_text
from rmrp_analysis.publish.proof.proof import Proof
from rmrp_analysis.theme import inline

ROOT = Path(__file__).parents[1]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SECTORS = (
    "All sectors", "Human Trafficking & Smuggling", "Multipurpose Cash Assistance", "Humanitarian Transportation",
    "Common Services",
)  # fmt: skip
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
WIDTHS = (320, 768, 1280)
SHEET = "human-trafficking-and-smuggling.en"
NU = ROOT / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
needs_nu = pytest.mark.skipif(
    not (NU.is_file() and shutil.which("java")),
    reason="needs Java and the Nu checker (npm install --no-save --ignore-scripts vnu-jar)",
)
UNKNOWN_TO_NU = (
    "CSS: Unrecognized at-rule “@container”",
    "CSS: “container-type”: Property “container-type” doesn't exist.",
)
"""Container queries, which browsers have known since 2023: the checker's part for style sheets does not."""
WITHOUT_AXE = "needs axe-core (npm install --no-save axe-core)"
needs_axe = pytest.mark.skipif(not AXE.is_file(), reason=WITHOUT_AXE)
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a run's index, with sheets of every kind as pages."""
    out = tmp_path_factory.mktemp("reports")
    params = shipped_params(out, formats=["html"])
    assert command("run", params, "--out", out, "--only", *SECTORS) == 0
    return (out / "2021-end-of-year" / "index.html").as_uri()


@pytest.fixture
def sheet(page: Page, index: str) -> Page:
    """A browser that shows a sheet with every block."""
    page.goto(index.replace("index", SHEET))
    return page


def violations(page: Page) -> list[tuple[str, str]]:
    """What axe finds, with the first element that has it."""
    page.evaluate(AXE.read_text("utf-8"))  # a page lets no script in but its own
    found = page.evaluate(
        """axe.run({
            runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'],
            resultTypes: ['violations'],
        }).then(result => result.violations)"""
    )
    return [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in found]


def test_index_leads_to_a_sheet_with_all_its_blocks(page: Page, index: str) -> None:
    page.goto(index)
    page.locator("[href='human-trafficking-and-smuggling.en.html']").click()
    assert page.locator("h1").inner_text() == "Human Trafficking & Smuggling"
    said = page.locator("main").inner_text().replace("\u202f", " ")
    blocks = (
        "504 K|14.3 K|4.91 K|Reporting partners|$1.47 M|$17.2 M|Number of organizations|Designated funding|"
        "People newly reached, by month|Host communities|Women|Donor A (sample)|Situation|Response|"
        "Lessons learned|How these figures were counted|Sources|Financial Tracking Service"
    )
    assert [block for block in blocks.split("|") if block not in said] == []


def at_widths(page: Page, address: str) -> Iterator[int]:
    """Opens a page on a phone, and gives the width there, on a tablet and on a desktop, as the page has it."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if page.url != address:
            page.goto(address)
        yield width


def assert_readable(page: Page, address: str, *schemes: Scheme, axe_at: tuple[int, ...] = WIDTHS) -> None:
    """Nothing scrolls sideways on any screen, and axe finds no violation on screens of these widths."""
    for width in at_widths(page, address):
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
        for scheme in schemes if AXE.is_file() and width in axe_at else ():
            page.emulate_media(color_scheme=scheme)
            assert violations(page) == [], (address, width, scheme)
    if not AXE.is_file():
        pytest.skip(WITHOUT_AXE)


def test_every_page_fits_and_axe_finds_no_violation(page: Page, index: str) -> None:
    pages = list(Path(index.removeprefix("file://")).parent.glob("*.html"))
    assert len(pages) == 1 + len(SECTORS)
    for path in pages:
        assert_readable(page, path.as_uri(), *SCHEMES, axe_at=WIDTHS[-1:])


@pytest.mark.parametrize("name", [SHEET, "intersector.en"])
def test_a_page_is_printed_on_two_sheets_of_paper(page: Page, index: str, name: str) -> None:
    page.goto(index.replace("index", name))
    assert len(PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages) == 2


@pytest.mark.parametrize("name", [SHEET, "intersector.en"])
def test_a_printed_page_has_above_and_below_its_text_what_the_pdf_has(page: Page, index: str, name: str) -> None:
    page.goto(index.replace("index", name))
    first, second = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages
    footer, title = " ".join(page.locator("title").all_inner_texts()), page.locator("h1").inner_text()
    said = [" ".join(each.extract_text().split()) for each in (first, second)]
    assert [text.count("Page 1 / 2") + text.count("Page 2 / 2") for text in said] == [1, 1]
    assert said[0].count(title) == 2  # its heading, and in its foot
    for text in said:
        assert footer in text
        assert re.search(r"Edition [0-9a-f]{8}", text)
    assert f"{page.locator('.period').inner_text()} · Region" in said[1]


def test_no_text_ends_the_style_sheet_of_the_margins() -> None:
    assert theme.css_text('a "b" </style>\\') == r'"a \22 b\22  \3c /style\3e \5c "'
    assert theme.css_text("{page} of {pages}") == '"" counter(page) " of " counter(pages) ""'


def test_wider_spacing_of_text_hides_none_of_it(sheet: Page) -> None:
    spacing = "line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important;"
    sheet.add_style_tag(content=f".rmrp * {{ {spacing} }} .rmrp p {{ margin-bottom: 2em !important; }}")
    for width in WIDTHS:
        sheet.set_viewport_size({"width": width, "height": 900})
        assert sheet.evaluate("document.documentElement.scrollWidth") <= width
        bar, label = (sheet.locator(at).first.bounding_box() for at in (".strip.need", ".enlarged p"))
        assert label["y"] >= bar["y"] + bar["height"] - 1


@needs_nu
def test_the_nu_checker_finds_no_error_in_any_page(index: str) -> None:
    pages = sorted(Path(index.removeprefix("file://")).parent.glob("*.html"))
    checked = subprocess.run(
        ["java", "-jar", NU, "--format", "json", "--errors-only", *pages],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    messages = {(each["url"], each["message"]) for each in json.loads(checked.stderr)["messages"]}
    assert [message for message in messages if message[1] not in UNKNOWN_TO_NU] == []
    assert len(pages) > 3


@needs_axe
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_no_violation_in_what_is_open(sheet: Page, width: int) -> None:
    sheet.set_viewport_size({"width": width, "height": 900})
    sheet.emulate_media(color_scheme="dark")
    sheet.locator("#months summary").last.click()
    sheet.get_by_role("button", name="Month").click()
    sheet.locator("#months .rmrp-menu summary").click()
    sheet.locator("#months [data-tip]").first.hover()
    assert sheet.locator(".rmrp-tip").is_visible()
    assert violations(sheet) == []


@needs_axe
def test_axe_finds_no_violation_in_a_page_without_script(page: Page, index: str, tmp_path: Path) -> None:
    sheet = Path(index.removeprefix("file://")).with_name(f"{SHEET}.html").read_text("utf-8")
    (tmp_path / "sheet.html").write_text(sheet.replace(theme.script(), ""), encoding="utf-8")
    for colours in SCHEMES:
        page.emulate_media(color_scheme=colours)
        page.goto((tmp_path / "sheet.html").as_uri())
        assert page.get_by_role("button").count() == 0
        assert violations(page) == []


def test_without_script_the_bar_leads_on_and_nothing_promises_more(plain_page: Page, index: str) -> None:
    (page := plain_page).goto(index.replace("index", SHEET))
    assert page.get_by_role("button").count() == 0
    assert page.locator(".rmrp-menu, .rmrp-tip, [aria-sort]").count() == 0
    page.get_by_text("Sector: Human").click()
    page.get_by_role("link", name="Common Services").click()
    assert page.locator("h1").inner_text().startswith("Common Services")
    page.get_by_role("link", name="All sheets").click()
    assert page.get_by_role("heading", name="Choose a number to open its sheet").is_visible()


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.innerText || document.activeElement.textContent")).strip()


def test_a_keyboard_walks_the_bar_and_the_menus(sheet: Page) -> None:
    reached = []
    for _ in range(5):
        sheet.keyboard.press("Tab")
        reached.append(focused(sheet))
    sector = "Sector: Human Trafficking & Smuggling"
    assert reached == ["To the content", "All sheets", "Excel", "CSV", sector]
    assert sheet.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
    sheet.keyboard.press("Enter")
    sheet.keyboard.press("Tab")
    assert focused(sheet) == "All sectors"
    sheet.keyboard.press("Escape")
    assert focused(sheet) == sector
    assert sheet.locator(".rmrp-bar [open]").count() == 0
    sheet.keyboard.press("Tab")
    assert focused(sheet) == "fts.unocha.org"
    sheet.keyboard.press("Tab")  # the menu of the first table
    assert focused(sheet).startswith("Share or save: ")
    sheet.keyboard.press("Enter")
    acts = []
    for _ in range(2):
        sheet.keyboard.press("Tab")
        acts.append(focused(sheet))
    assert acts == ["Copy link", "Save table (CSV)"]
    sheet.keyboard.press("Tab")  # on to what follows, and the menu closes
    assert focused(sheet) == "Platform"
    assert sheet.locator(".rmrp-menu[open]").count() == 0


NARROW_BETWEEN_DIGITS = r"(?<=\d)\u202f(?=\d)"


def test_a_menu_gives_the_link_the_picture_and_the_table_of_its_block(sheet: Page, tmp_path: Path) -> None:
    months = sheet.locator("#months")
    months.locator(".rmrp-menu summary").click()
    files = {}
    for kind in ("PNG", "SVG", "CSV"):
        with sheet.expect_download() as saved:
            months.get_by_role("button", name=kind).click()
        files[kind] = tmp_path / saved.value.suggested_filename
        saved.value.save_as(files[kind])
    assert [path.name for path in files.values()] == [f"{SHEET}.months.{kind}" for kind in ("png", "svg", "csv")]
    with Image.open(files["PNG"]) as picture:
        assert picture.width > 1000
        assert len(set(picture.convert("RGB").resize((40, 30)).get_flattened_data())) > 10  # something is drawn
    drawing = files["SVG"].read_text("utf-8")
    assert "var(" not in drawing
    assert "Partly illustrative" in drawing
    rows = files["CSV"].read_text("utf-8-sig").splitlines()
    month, people = months.locator("[data-tip]").first.get_attribute("data-tip").split(": ")
    assert rows[:2] == [
        '"Month","People newly reached"',
        f'"{month}","{re.sub(NARROW_BETWEEN_DIGITS, "", people)}"'.replace("\u202f", " "),
    ]
    assert "Partly illustrative" in rows[-1]
    months.get_by_role("button", name="Copy link").click()
    expect(months.get_by_role("status")).not_to_be_empty()
    assert sheet.url.endswith(f"{SHEET}.html#months")


COPY = """selector => {
    const range = document.createRange(), clipboardData = new DataTransfer();
    range.selectNodeContents(document.querySelector(selector));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    const event = new ClipboardEvent('copy', { clipboardData, bubbles: true, cancelable: true });
    document.querySelector(selector).dispatchEvent(event);
    return ['text/plain', 'text/html'].map(type => clipboardData.getData(type));
}"""


def test_a_copied_number_takes_along_what_it_is_and_proof_reads_it_back(sheet: Page, index: str) -> None:
    plain, html = sheet.evaluate(COPY, "#people-reached .number")
    number, line = plain.split("\n")
    label = sheet.locator("#people-reached dt").inner_text()
    assert line.startswith(f"{label}: {number} · January–December 2021 · Human Trafficking & Smuggling")
    assert re.search(r"Edition [0-9a-f]{8} · Example\. Real:", line)
    assert line.endswith(f" · {SHEET}.html#people-reached")  # a page on a disk does not say where it lies
    assert "<p>" in html
    run = read_run(Path(index.removeprefix("file://")).parent)
    for copied, name in ((plain, "a.txt"), (html, "a.html")):
        found = Proof(run).of(read_passages(copied.encode(), name))
        assert set(found["verdict"][:2]) == {"borne"}
        assert set(found["figure"][:2]) == {"people_reached"}
        assert "not borne" not in set(found["verdict"]), found.to_string()
    digit = next(digit for digit in number if digit in "12345678")
    wrong = plain.replace(number, number.replace(digit, str(int(digit) + 1), 1))
    assert set(Proof(run).of(list(read_text(wrong)))["verdict"][:2]) == {"not borne"}


def test_copied_rows_and_sentences_say_what_they_are_and_other_text_stays_as_it_is(sheet: Page) -> None:
    plain, _ = sheet.evaluate(COPY, "#places tbody tr:first-child td.people")
    row, head = (sheet.locator(f"#places {cell}").first.inner_text() for cell in ("tbody th", "thead th.people"))
    assert plain.split("\n")[1].startswith(f"{row}, {head}: ")
    assert plain.endswith("#places")
    plain, _ = sheet.evaluate(COPY, "#headline")
    assert re.search(r" · Edition [0-9a-f]{8} · .*#headline$", plain)
    assert sheet.evaluate(COPY, "#people-reached dt") == ["", ""]  # the browser copies it
    assert sheet.evaluate(COPY, "h1") == ["", ""]


def test_a_table_sorts_by_a_header_and_what_is_not_known_stays_last(sheet: Page) -> None:
    names, heads = sheet.locator("#places tbody th"), sheet.locator("#places thead th")
    printed = names.all_inner_texts()
    sheet.get_by_role("button", name="People reached").focus()
    sheet.keyboard.press("Enter")
    assert heads.evaluate_all("heads => heads.map(head => head.ariaSort)") == [None, "descending", None]
    people = sheet.locator("#places td.people")
    known = people.locator(".figures").count()
    falling = people.all_inner_texts()
    sheet.keyboard.press("Enter")
    rising = people.all_inner_texts()
    assert falling[:known] == rising[:known][::-1]
    assert falling[known:] == rising[known:]
    sheet.keyboard.press("Shift+Tab")
    sheet.keyboard.press("Space")
    assert heads.evaluate_all("heads => heads.map(head => head.ariaSort)") == ["ascending", None, None]
    assert names.all_inner_texts() == sorted(printed)


def test_a_mark_says_its_value_until_it_is_dismissed(sheet: Page) -> None:
    tip, marks = sheet.locator(".rmrp-tip"), sheet.locator("#months [data-tip]")
    sheet.clock.install()
    marks.first.hover()
    expect(tip).to_have_text(marks.first.get_attribute("data-tip"))
    tip.hover()  # the pointer may rest on it
    sheet.clock.run_for(500)
    assert tip.is_visible()
    sheet.keyboard.press("Escape")
    assert not tip.is_visible()
    sheet.locator("h1").hover()
    sheet.locator("#months [data-tip]").nth(1).hover()
    assert tip.is_visible()
    sheet.locator("h1").hover()
    expect(tip).to_be_hidden()
    sheet.locator("#places .bar").first.hover()
    assert tip.inner_text().startswith(sheet.locator("#places tbody th").first.inner_text())


def test_arrow_keys_and_a_finger_reach_the_values_too(browser: Browser, index: str) -> None:
    context = browser.new_context(has_touch=True, viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.goto(index.replace("index", SHEET))
    tip = page.locator(".rmrp-tip")
    page.locator("#months [data-tip]").nth(2).tap()
    expect(tip).to_have_text(re.compile("^March 2021: "))
    page.locator("#map .rmrp-menu summary").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "FIGURE"
    first = tip.inner_text()
    page.keyboard.press("ArrowRight")
    assert tip.inner_text() != first
    page.keyboard.press("ArrowLeft")
    assert tip.inner_text() == first
    assert tip.get_attribute("aria-hidden") == "true"
    page.keyboard.press("Tab")
    assert not tip.is_visible()
    context.close()


def test_no_type_of_a_drawing_is_smaller_than_11_pixels(page: Page, index: str) -> None:
    sizes = """[...document.querySelectorAll("figure svg text")].map(text => {
        const svg = text.ownerSVGElement, scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
        return scale * parseFloat(getComputedStyle(text).fontSize);
    })"""
    for name in (SHEET, "intersector.en"):
        page.goto(index.replace("index", name))
        for width in (*range(320, 400, 10), 719, 720, 899, 900, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert min(page.evaluate(sizes)) >= 11, width


def test_a_narrow_page_has_long_bars_and_a_tablet_partners_beside_funding(sheet: Page) -> None:
    sheet.set_viewport_size({"width": 360, "height": 900})
    longest = (
        "blocks => blocks.map(block => Math.max(...[...block.querySelectorAll('.bar')].map(bar => bar.offsetWidth)))"
    )
    assert min(sheet.locator(".rmrp-places, .rmrp-bars").evaluate_all(longest)) >= 120
    sheet.set_viewport_size({"width": 768, "height": 900})
    partners, funding = (sheet.locator(f"#{name}").bounding_box() for name in ("partners", "funding"))
    assert partners["y"] == funding["y"]


FLAT = """() => {
    document.querySelectorAll("details").forEach(details => details.open = true);
    const bars = [...document.querySelectorAll(":is(.strip, .track, .bar, .gauge), :is(.track, .bar, .gauge) > *")];
    return [bars.length, bars.filter(bar => bar.getBoundingClientRect().height < 4).map(bar => bar.outerHTML)];
}"""
"""How many bars, and parts of bars, a page has, and those that nobody sees."""


def test_every_bar_has_a_height(page: Page, index: str) -> None:
    for address in (path.as_uri() for path in Path(index.removeprefix("file://")).parent.glob("*.en.html")):
        for width in at_widths(page, address):
            bars, flat = page.evaluate(FLAT)
            assert (bars > 0, flat) == (True, []), (address, width)
    page.goto(index.replace("index", SHEET))
    for kind in ("need", "wanted", "money"):
        assert page.locator(f".strip.{kind}").count() == 1


def test_print_stays_light(sheet: Page) -> None:
    sheet.emulate_media(color_scheme="dark", media="print")
    assert sheet.evaluate("getComputedStyle(document.body).color") == "rgb(19, 42, 62)"
    assert sheet.locator(".rmrp-bar, .rmrp-menu, .rmrp-tip, .rmrp-footer").filter(visible=True).count() == 0


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_with_forced_colours_a_drawing_stands_on_its_own_ground(sheet: Page, colours: Any) -> None:
    sheet.emulate_media(forced_colors="active", color_scheme=colours)
    ground = sheet.locator("#months figure > div").evaluate("ground => getComputedStyle(ground).backgroundColor")
    ink = sheet.locator("#months text").last.evaluate("text => getComputedStyle(text).fill")
    assert (ground, ink) == {
        "light": ("rgb(255, 255, 255)", "rgb(19, 42, 62)"),
        "dark": ("rgb(16, 28, 39)", "rgb(230, 238, 244)"),
    }[colours]


COLOUR = "name => getComputedStyle(document.body).getPropertyValue(name).trim()"
TEXTS = {
    "--ink": ("--paper", "--wash", "--people-tint", "--notice-tint", "--land", "--money-tint"),
    "--muted": ("--paper", "--wash", "--land"),
    "--people": ("--paper", "--people-pale"),
    "--money": ("--paper",),
}
SHAPES = {"--people": ("--paper", "--wash", "--land"), "--money": ("--paper", "--money-tint")}


def test_texts_and_shapes_stand_out(sheet: Page) -> None:
    for colours, (pairs, least) in product(SCHEMES, ((TEXTS, 4.5), (SHAPES, 3.0))):
        sheet.emulate_media(color_scheme=colours)
        for front, backs in pairs.items():
            ratios = {back: contrast(*(sheet.evaluate(COLOUR, name) for name in (front, back))) for back in backs}
            assert min(ratios.values()) >= least, (colours, front, ratios)


COLOURS = "mark => [getComputedStyle(mark).color, getComputedStyle(mark).backgroundColor]"


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_that_a_run_is_internal_stands_out(page: Page, tmp_path: Path, colours: Any) -> None:
    page.emulate_media(color_scheme=colours)
    internal = PARAMS.change(audience="internal")
    page.set_content(render_index_page(internal, MANIFEST, [made(internal.report("WASH", "region"))]))
    assert contrast(*page.locator(".notice.internal").evaluate(COLOURS)) >= 4.5
    sheet = rmrp.Page(rmrp.load_plan(rmrp.bundled_plan()).select("WASH"), audience="internal")
    sheet.opening()
    page.goto(sheet.save(tmp_path / "wash.internal.html").as_uri())
    assert contrast(*page.locator(".rmrp-masthead .mark").evaluate(COLOURS)) >= 4.5


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


def test_a_notebook_of_ones_own_fits_and_axe_finds_no_violation(page: Page, own_notebook: str) -> None:
    assert_readable(page, own_notebook, "light")
