"""The built site: made without a word, found by search, read on a phone and by a voice."""

import re
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from PIL import Image
from sphinx.errors import ExtensionError

import steps
from chart_kinds import chart_kinds
from conftest import CHROMIUM
from search_words import IdentifierSearch
from steps import Reader

ROOT = Path(__file__).parents[1]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PHONE = 375
AXE_RUN = """axe.run({
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'],
}).then(result => result.violations.map(fault => fault.id + ': ' + fault.nodes[0].html.slice(0, 200)))"""
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")
needs_axe = pytest.mark.skipif(not AXE.is_file(), reason="needs axe-core (npm install --no-save axe-core)")


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, str]:
    """The HTML of every page of the guide by its address; sheets are no pages of the guide."""
    return {
        path.relative_to(site).as_posix(): path.read_text("utf-8")
        for path in sorted(site.rglob("*.html"))
        if path.relative_to(site).parts[0] not in ("sheets", "_static")
    }


def test_the_site_loads_nothing_from_elsewhere(pages: dict[str, str]) -> None:
    loaded = r'<(?:script|img|iframe)[^>]* src="(?:https?:)?//|<link[^>]* rel="stylesheet"[^>]* href="(?:https?:)?//'
    assert {name: re.findall(loaded, page) for name, page in pages.items() if re.search(loaded, page)} == {}


def test_every_drawing_of_the_gallery_has_words_for_a_voice(pages: dict[str, str]) -> None:
    drawings = BeautifulSoup(pages["gallery.html"], "html.parser").select("[role=img]")
    assert len(drawings) >= 25
    assert [drawing for drawing in drawings if not drawing.get("aria-label")] == []


def test_every_page_has_its_language_and_description_and_leads_to_four_tabs(pages: dict[str, str]) -> None:
    made_by_sphinx = {"search.html", "genindex.html", "py-modindex.html"}
    for name in pages.keys() - made_by_sphinx:
        if name.startswith("_modules/"):  # source code
            continue
        page = BeautifulSoup(pages[name], "html.parser")
        assert page.html["lang"] == ("es" if name.startswith("es/") else "en"), name
        assert len(page.find("meta", attrs={"name": "description"})["content"]) > 15, name
        tabs = [link.get_text(strip=True) for link in page.select(".bd-header .bd-navbar-elements a")]
        assert tabs[:5] == ["Begin", "How to", "Method", "Reference", "Español"], name
    assert BeautifulSoup(pages["es/tutorial.html"], "html.parser").select_one(".twin")["href"] == "../tutorial.html"


def test_the_front_page_leads_to_every_sheet_of_the_run_with_its_numbers(site: Path, pages: dict[str, str]) -> None:
    table = BeautifulSoup(pages["index.html"], "html.parser").select_one("table.sheets")
    made = {
        path.name for path in (site / "sheets" / "2021-end-of-year").glob("*.en.*") if path.suffix in (".html", ".pdf")
    }
    linked = [link["href"] for link in table.select("a")]
    assert {Path(link).name for link in linked} == made
    assert len(made) == 30
    assert [link for link in linked if not (site / link).is_file()] == []
    health = next(row for row in table.select("tbody tr") if row.th.get_text() == "Health")
    sheet = (site / "sheets" / "2021-end-of-year" / "health.en.html").read_text("utf-8")
    numbers = [cell.get_text() for cell in health.select("td")[:3]]
    text = BeautifulSoup(sheet, "html.parser").get_text()
    assert [number for number in numbers if number not in text] == []


def test_the_cell_of_the_front_page_runs() -> None:
    cell = re.search(r"```python\n(.*?)```", (ROOT / "docs" / "index.md").read_text("utf-8"), re.DOTALL)[1]
    names: dict[str, Any] = {}
    exec(cell, names)  # noqa: S102 - what the page has a reader type
    assert names["health"].people_reached().total > 0


def test_the_index_of_the_search_holds_parts_of_identifiers_and_words_without_accents() -> None:
    words = IdentifierSearch({}).split("people_reached InputRefused población")
    assert words[:3] == ["people_reached", "InputRefused", "población"]
    assert words[3:] == ["people", "reached", "Input", "Refused", "poblacion"]


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    (tmp_path / "home").mkdir()
    reader = Reader(tmp_path / "home", "en", tmp_path / "pictures")
    reader.page = ROOT / "docs" / "tutorial.md"
    return reader


def test_a_command_that_fails_stops_the_build(reader: Reader) -> None:
    with pytest.raises(ExtensionError, match=r"'rmrp check none.yml' of .*tutorial.md ends with exit code 2"):
        reader.type("rmrp check none.yml")


def test_a_page_that_edits_what_is_not_in_the_file_stops_the_build(reader: Reader, tmp_path: Path) -> None:
    (reader.folder / "params.yml").write_text("places: [region]\n", "utf-8")
    page = tmp_path / "page.md"
    page.write_text("Write `places: [Peru]` in place of `places: [region]`.", "utf-8")
    reader.follow(page)
    assert (reader.folder / "params.yml").read_text("utf-8") == "places: [Peru]\n"
    with pytest.raises(ExtensionError, match=r"params\.yml holds no"):
        reader.follow(page)


def test_without_a_browser_a_picture_is_of_the_pdf_and_where_there_is_none_there_is_no_picture(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "CHROMIUM", None)
    for name in ("index.html", "health.html"):
        (reader.folder / name).write_text("<p>1</p>", "utf-8")
    (reader.folder / "health.pdf").write_bytes(steps.typst.compile(b"#set page(width: 3in, height: 2in)\nHealth"))
    assert reader.picture(reader.folder / "index.html", alt="An index") == ""
    assert ":alt: A sheet" in reader.picture(reader.folder / "health.html", alt="A sheet")
    (picture,) = reader.pictures.iterdir()
    with Image.open(picture) as drawn:
        assert drawn.size == (3 * steps.PIXELS_PER_INCH, 2 * steps.PIXELS_PER_INCH)


def test_rows_of_a_file_become_a_table_whose_cells_hold_bars_and_are_short(reader: Reader) -> None:
    path = reader.folder / "quality.csv"
    path.write_text(f"a;b;c\n1|2;x;{'y' * 90}\n3;x;4\n", "utf-8-sig")
    lines = reader.rows(path, columns="c a", count=1).splitlines()
    assert lines == ["| c | a |", "| --- | --- |", f"| {'y' * (steps.MAX_CELL_LETTERS - 1)}… | 1\\|2 |"]


class QuietHandler(SimpleHTTPRequestHandler):
    """A server of files that prints nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the library names it
        """Print nothing."""


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The address at which the site is served: search needs a server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(site))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def screen(browser: Any) -> Iterator[Any]:
    """A page of a browser whose colours change at once."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


TEMPLATES = ("index", "tutorial", "commands", "messages", "glossary", "api/plan", "_modules/rmrp_analysis/plan")
"""A page of each kind: the front page, a guide, tables of the reference, terms, declarations, source code."""


@pytest.mark.browser
@needs_chromium
@needs_axe
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_page_of_each_kind(screen: Any, address: str, scheme: str) -> None:
    screen.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    faults = []
    for name in (*TEMPLATES, "search", "genindex", "es/index"):
        screen.goto(f"{address}/{name}.html")
        screen.wait_for_function("scheme => document.documentElement.dataset.theme === scheme", arg=scheme)
        screen.evaluate(AXE.read_text("utf-8"))
        faults += [(name, fault) for fault in screen.evaluate(AXE_RUN)]
    assert faults == []


@pytest.mark.browser
@needs_chromium
def test_no_page_says_an_error_or_scrolls_sideways_on_a_phone(screen: Any, address: str, pages: dict[str, str]) -> None:
    messages, faults = [], []
    screen.on("console", lambda message: message.type == "log" or messages.append((screen.url, message.text)))
    screen.on("pageerror", lambda error: messages.append((screen.url, str(error))))
    screen.set_viewport_size({"width": PHONE, "height": 780})
    for name in pages:
        screen.goto(f"{address}/{name}")
        if (width := screen.evaluate("document.documentElement.scrollWidth")) > PHONE:
            faults.append((name, width))
    assert faults == []
    assert messages == []


@pytest.mark.browser
@needs_chromium
def test_on_a_phone_no_table_with_headers_is_wider_than_the_screen(screen: Any, address: str) -> None:
    screen.set_viewport_size({"width": PHONE, "height": 780})
    for name in ("columns", "commands", "index"):
        screen.goto(f"{address}/{name}.html")
        assert screen.evaluate(
            "[...document.querySelectorAll('article table')].every(table => table.scrollWidth <= innerWidth)"
        ), name
    cell = screen.locator("table.sheets td").first
    label = cell.evaluate("cell => getComputedStyle(cell, '::before').content")
    assert "People in need" in label


@pytest.mark.browser
@needs_chromium
@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("reached", "tutorial.html"),
        ("people_reached", "tutorial.html"),
        ("numero", "es/tutorial.html"),  # número
        ("número", "es/tutorial.html"),
        ("ejecucion", "es/tutorial.html"),  # ejecución
    ],
)
def test_search_finds_parts_of_identifiers_and_words_with_and_without_accents(
    screen: Any, address: str, words: str, page: str
) -> None:
    screen.goto(f"{address}/search.html?q={quote(words)}")
    screen.locator(f"#search-results a[href^='{page}']").first.wait_for(timeout=20_000)


def test_the_reference_has_types_defaults_and_source(pages: dict[str, str]) -> None:
    reference = {Path(name).stem: page for name, page in pages.items() if name.startswith("api/")}
    assert {*reference} == {"plan", "selection", "contributions", "page", "charts", "params", "tables"}
    arguments = re.findall(r'<em class="sig-param">(.*?)</em>', "".join(reference.values()), re.DOTALL)
    texts = {re.sub("<[^>]+>", "", argument) for argument in arguments}
    assert len(texts) > 50
    assert {text for text in texts if ": " not in text} == {"*", "table", "**options"}  # of another name of a chart
    assert [text for text in texts if len(text) > 90 or re.search("factory| object at |~", text)] == []
    assert reference["charts"].count('<div class="drawing">') == len(chart_kinds()) - 2  # those with another name
    assert all("[source]" in reference[name] for name in ("plan", "selection", "contributions", "page", "charts"))
    assert reference["params"].count("<td") > 4 * 50
