"""Whatever a notebook shows is in its HTML and PDF; what cannot be carried is named with its cell."""

import json
import re
import subprocess
import sys
from base64 import b64decode
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
import yaml
from bs4 import BeautifulSoup, Tag
from nbconvert.exporters import get_exporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from papermill.exceptions import PapermillExecutionError
from pypdf import PdfReader

from conftest import scripts_of, structure
from notebook_page import showing
from published_run import rmrp, shipped_params
from rmrp_analysis import theme
from rmrp_analysis.page.block import Block
from rmrp_analysis.publish.documents.exporters import SheetHTMLExporter, SheetPDFExporter
from rmrp_analysis.publish.documents.outputs import Document, read_document
from rmrp_analysis.theme.tables import table

ROOT = Path(__file__).parents[2]
HTS = "human-trafficking-and-smuggling.en"
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGP4z8CAB+GTG8HSALfKY52fTcuYAAAAAElFTkSuQmCC"  # red dots
CODE = Path(__file__).with_suffix(".yml").read_text("utf-8").replace("PNG", PNG)
RAISES = "1 / 0"
MARKDOWN = """
## What I *found*

See [R4V](https://www.r4v.info/en) and [this](javascript:alert(1)). <b onclick="alert(2)">Raw</b>
![The same square](data:image/png;base64,PNG) ![A file](nowhere.png)

1. one
2. two

> Quoted

| Place | People |
|---|---|
| Peru | 1,234 |
"""


@dataclass
class Report:
    """A notebook in both formats, and what was said of it."""

    html: str
    pdf: bytes
    said: str

    @cached_property
    def page(self) -> BeautifulSoup:
        return BeautifulSoup(self.html, "html.parser")

    @cached_property
    def pages(self) -> list[str]:
        """The text of each page of the PDF, spaces made plain."""
        return [re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(BytesIO(self.pdf)).pages]

    @property
    def text(self) -> str:
        return " ".join(self.pages)

    def table(self, words: str) -> Tag:
        return next(table for table in self.page("table") if words in table.get_text(" "))


def analyst_notebook(folder: Path) -> Path:
    """The notebook of a sector, with what an analyst added after its charts."""
    notebook = nbformat.read(ROOT / "notebooks" / "sector_key_figures.ipynb", as_version=4)
    code = yaml.safe_load(CODE)
    cells = [new_code_cell(source) for source in code]
    cells[code.index(RAISES)].metadata["tags"] = ["raises-exception"]
    at = next(place for place, cell in enumerate(notebook.cells) if "charts.months" in cell.source) + 1
    notebook.cells[at:at] = [new_markdown_cell(MARKDOWN.replace("PNG", PNG)), *cells]
    for cell in notebook.cells:
        cell.source = cell.source.replace('"../', f'"{ROOT.as_posix()}/')
    nbformat.write(nbformat.v4.upgrade(notebook, from_minor=4), folder / "analyst.ipynb")
    return folder / "analyst.ipynb"


def by_the_command(folder: Path) -> Report:
    params = shipped_params(folder, notebook=str(analyst_notebook(folder)))
    arguments = ("run", params, "--only", "Human Trafficking & Smuggling", "--out", folder)
    for _ in range(2):  # a report that is unchanged is still told of
        assert rmrp(*arguments) == 0
    out = folder / "2021-end-of-year"
    (report,) = json.loads((out / "run.json").read_text("utf-8"))["reports"]
    assert report["status"] == "unchanged"
    said = "\n".join(report["warnings"])
    return Report((out / f"{HTS}.html").read_text("utf-8"), (out / f"{HTS}.pdf").read_bytes(), said)


def by_papermill_and_nbconvert(folder: Path) -> Report:
    done = folder / "done.ipynb"
    with pytest.raises(PapermillExecutionError):  # it does not ask for the tag raises-exception, but runs on
        papermill.execute_notebook(analyst_notebook(folder), done, progress_bar=False)
    html, _ = get_exporter("rmrp-html")().from_filename(str(done))
    command = [sys.executable, "-m", "nbconvert", "--to", "rmrp-pdf", str(done)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    return Report(html, done.with_suffix(".pdf").read_bytes(), said)


@pytest.fixture(scope="module", params=[by_the_command, by_papermill_and_nbconvert], ids=["rmrp", "nbconvert"])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The analyst's notebook, made in one of two ways."""
    return request.param(tmp_path_factory.mktemp("report"))


def test_markdown_text_and_errors_are_in_both_under_headings_in_order(report: Report) -> None:
    words = [
        "What I found",
        "Raw",
        "Quoted",
        "Hello",
        "A finding",
        "4.9 K",
        "Printed by the analyst",
        "division by zero",
    ]
    shown = re.sub(r"\s+", " ", report.page.find("main").get_text())
    assert [said for said in words if said not in shown] == []
    assert [said for said in words if said not in report.text] == []
    assert "(https://www.r4v.info/en)" in report.text
    assert "Key figures of a sector" not in report.text  # it is for the analyst alone
    levels = [int(heading.name[1]) for heading in report.page(re.compile("h[1-6]"))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    assert report.page.find("h3").get_text() == "A finding"


def test_nothing_foreign_runs_or_leads_astray(report: Report) -> None:
    assert [script for script in scripts_of(report.html) if '"@context"' not in script] == [theme.script()]
    assert [name for element in report.page(True) for name in element.attrs if name.startswith("on")] == []
    links = {link["href"] for link in report.page.find("main")("a", href=re.compile(":"))}
    assert links == {"https://www.r4v.info/en", "https://fts.unocha.org"}
    assert re.findall(r"<(?:img|iframe|object)\b", report.html) == []
    assert [link["href"][:18] for link in report.page("link")] == ["data:image/svg+xml"]


def test_tables_of_pandas_keep_headers_spans_formats_and_colours(report: Report) -> None:
    head, *rows = report.table("1234")("tr")
    assert [cell.name for cell in head(["td", "th"])] == ["td", "th", "th"]
    assert [cell.get("scope") for cell in head("th")] == ["col", "col"]
    assert [cell.get("class") for cell in rows[0](["td", "th"])] == [None, None, ["number"]]
    assert rows[0].find("th")["scope"] == "row"
    table = report.table("A styled table")
    assert table.find("caption").get_text() == "A styled table"
    assert "background: #08306b; color: #ffffff" in table.find("td", string="1,234")["style"]
    assert "A styled table place people Peru 1,234" in report.text
    table = report.table("women")
    assert [(cell.get_text(), cell["colspan"]) for cell in table("th", colspan=True)] == [("women", "2"), ("men", "2")]
    assert [(cell.get_text(), cell["rowspan"]) for cell in table("th", rowspan=True)] == [("Peru", "2"), ("Chile", "2")]
    assert [cell.get_text() for cell in table("tr")[1]("th")][:2] == ["place", "sector"]


def test_the_pdf_is_tagged_with_headers_and_alternative_texts(report: Report) -> None:
    alternatives = [figure.get("/Alt") for figure in structure(report.pdf, "/Figure")]
    assert None not in alternatives
    assert "A line from 3 up to 4." in alternatives
    assert "A red square" in alternatives
    headers = {cell["/ID"]: cell for cell in structure(report.pdf, "/TH")}
    rows = [[cell.get_object() for cell in row["/K"]] for row in structure(report.pdf, "/TR")]
    cells = [(row, cell) for row in rows for cell in row if cell["/S"] == "/TD"]
    assert len(cells) > 700
    for _, cell in cells:
        scopes = [headers[name]["/A"][0]["/Scope"] for name in cell["/A"][0]["/Headers"]]
        assert "/Row" in scopes
        assert "/Column" in scopes
    levels = [cell["/A"][0]["/Headers"] for row, cell in cells if len(row) == 5 or len(row) == 6]
    assert max(map(len, levels)) == 4  # adults of women in Health of Peru


def test_a_chart_is_svg_with_text_and_an_alternative_text_and_is_shown_once(report: Report) -> None:
    drawn = {figure["aria-label"]: figure.find("svg") for figure in report.page("figure", role="img")}
    bars = next(alt for alt in drawn if alt.startswith("People by place"))
    assert bars == (
        "People by place. Horizontal axis: place (Peru, Chile, and Ecuador). Vertical axis: people. "
        "Lowest: 58 (Chile). Highest: 1,234 (Peru)."
    )
    assert "Ecuador" in [text.get_text() for text in drawn[bars]("text")]
    assert next(alt for alt in drawn if alt.startswith("Two months")).endswith("Highest: 7 (February).")
    assert "Two months" in report.text
    assert "Ecuador" in report.text
    ids = [element["id"] for svg in drawn.values() for element in svg(id=True)]
    assert len(ids) == len(set(ids))
    labels = [figure["aria-label"] for figure in report.page("figure", role="img")]
    assert len(labels) == len(set(labels))
    assert "<Axes" not in report.text
    assert "Text(" not in report.text
    assert "Text(" not in report.page.get_text()


def test_a_wide_table_is_set_in_parts_and_a_long_one_runs_on_under_its_header(report: Report) -> None:
    assert "/ 40 column" in report.text
    for number in range(40):
        assert f"column {number}" in report.text
    for number in range(300):
        assert f"row no. {number} {number}" in report.text
    assert all("row people" in page for page in report.pages if "row no." in page)
    scrolling = report.table("column 39").parent
    assert scrolling["tabindex"] == "0"
    assert scrolling["aria-label"].startswith("column 0, column 1")


def test_what_cannot_be_carried_is_named_with_its_cell(report: Report) -> None:
    named = (
        "cell: a picture (nowhere.png) is left out",
        "cell: an ipywidget (IntSlider(value=0)) is left out",
        "cell: JavaScript is left out",
        "cell: HTML that is not a table is carried as its words alone",
        "cell: text on stderr (careful) is left out",
        "cell: an image without alternative text is left out; give one with",
        "cell: the alternative text of its chart is drafted: “People by place.",
    )
    anywhere = re.sub(r"cell \d+", "cell", report.said)
    assert [sentence for sentence in named if sentence not in anywhere] == []


def exported(*cells: nbformat.NotebookNode, **file: str) -> tuple[str, bytes, Document]:
    resources = {"metadata": {"name": "my_notes", **file}}
    html, found = SheetHTMLExporter().from_notebook_node(new_notebook(cells=list(cells)), dict(resources))
    pdf, _ = SheetPDFExporter().from_notebook_node(new_notebook(cells=list(cells)), dict(resources))
    return html, pdf, found["rmrp"]


def output(**bundle: Any) -> nbformat.NotebookNode:
    """A code cell with one output; underscores of a name stand for the slash and plus of a type."""
    data = {
        {"svg": "image/svg+xml", "html": "text/html", "plain": "text/plain"}[kind]: it for kind, it in bundle.items()
    }
    return new_code_cell(outputs=[new_output("display_data", data)])


def test_a_heading_below_a_finding_goes_one_level_deeper() -> None:
    notebook = showing(Block("table", {**table(["Part"], [["1"]]), "finding": "A finding"}))
    notebook.cells.append(new_markdown_cell("#### Deeper"))
    assert [block["view"]["nodes"][0]["level"] for block in read_document(notebook).sheets[0][2:]] == [2 + 1]
    nodes = [{"kind": "heading", "level": 4, "runs": []}]
    notebook = showing(Block("text", {"span": 12, "look": "prose", "nodes": nodes}))
    before = nbformat.writes(notebook)
    read_document(notebook)
    assert nbformat.writes(notebook) == before


def test_a_notebook_without_blocks_has_the_title_of_its_first_heading_else_its_name() -> None:
    html, pdf, _ = exported(new_markdown_cell("# My title\n\nText.\n\n# Again\n\n#### Deep"))
    headings = BeautifulSoup(html, "html.parser")(re.compile("h[1-6]"))
    assert [heading.name + heading.get_text() for heading in headings] == ["h1My title", "h2Again", "h3Deep"]
    assert html.count("My title") == 5  # in the title of the page, in what is shared of it, on it and its printed edges
    assert PdfReader(BytesIO(pdf)).metadata.title == "My title"
    assert PdfReader(BytesIO(exported(new_markdown_cell("Text."))[1])).metadata.title == "my_notes"
    assert exported()[2].masthead["title"] == "my_notes"
    assert len(exported(new_markdown_cell("# Alone"))[2].sheets[0]) == 1  # nothing is left of the text


def test_cells_for_the_notebook_alone_and_parameters_are_not_exported() -> None:
    hidden = output(plain="for me")
    hidden.metadata["tags"] = ["lab-only"]
    injected = new_code_cell(metadata={"tags": ["injected-parameters"]})
    html, _, found = exported(injected, hidden, new_markdown_cell("Secret", metadata={"tags": ["lab-only"]}))
    assert "for me" not in html
    assert "Secret" not in html
    assert found.warnings == []


def test_a_foreign_drawing_loses_what_runs_loads_or_styles_the_page() -> None:
    svg = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" style="position:fixed"
        viewBox="0 0 10 10" onload="alert(1)"><title>A square</title><style>body { display: none }</style>
        <script>alert(2)</script><foreignObject><p>x</p></foreignObject><a xlink:href="https://example.org"><g/></a>
        <image href="https://example.org/x.png"/><use xlink:href="#mark"/>
        <g id="mark" class="hidden" onclick="alert(3)">
        <rect width="10" height="10" fill="url(https://example.org/y.svg#z)" clip-path="url(#mark)"/></g></svg>"""
    html, pdf, _ = exported(output(svg=svg))
    drawn = str(BeautifulSoup(html, "html.parser").find("svg"))
    for part in ("alert", "example.org", "fixed", "<style", "script", "foreign", "onload", "class="):
        assert part not in drawn
    assert 'href="#cell-1-0-mark"' in drawn
    assert 'clip-path="url(#cell-1-0-mark)"' in drawn
    assert structure(pdf, "/Figure")[0]["/Alt"] == "A square"


def test_a_table_with_impossible_spans_is_still_a_table() -> None:
    html = """<table><tr><th rowspan=999>a</th><th colspan=99999>b</th></tr>
        <tr><td rowspan=0>1</td><td colspan=x>2</td><td>3</td></tr><tr><td>4</td></tr></table>"""
    page, pdf, _ = exported(output(html=html))
    assert BeautifulSoup(page, "html.parser").find("table").get_text(" ", strip=True) == "a b 1 2 3 4"
    assert len(structure(pdf, "/TR")) == 3


def test_pictures_of_markdown_are_attached_or_lie_beside_the_notebook(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "secret.png").write_bytes(b64decode(PNG))
    (tmp_path / "notes" / "red square.png").write_bytes(b64decode(PNG))
    text = "![Attached](attachment:a.png) ![Beside](red%20square.png) ![Outside](../secret.png) ![](red%20square.png)"
    cell = new_markdown_cell(text, attachments={"a.png": {"image/png": PNG}})
    html, _, found = exported(cell, path=str(tmp_path / "notes"))
    drawn = BeautifulSoup(html, "html.parser")("figure", role="img")
    assert [figure["aria-label"] for figure in drawn] == ["Attached", "Beside"]
    assert found.warnings == [
        "cell 1: a picture (../secret.png) is left out",
        "cell 1: a picture (red%20square.png, without alternative text) is left out",
    ]


def test_unreadable_pictures_shortened_tables_and_objects_are_named() -> None:
    _, _, found = exported(output(svg="<svg"), output(plain="<Thing at 0x7f>"), output(plain=f"<{'o' * 60}"))
    assert found.warnings[0].startswith("cell 1: a picture (this is no SVG")
    assert found.warnings[1] == "cell 2: an object without a text (<Thing at 0x7f>) is left out"
    assert f"(<{'o' * 58}…)" in found.warnings[2]
    html = "<div><table><tbody><tr><th>0</th><td>NaN</td></tr></tbody></table><p>300 rows × 2 columns</p></div>"
    page, _, found = exported(output(html=html))
    assert found.warnings == [
        "cell 1: pandas shows only a part of its table (300 rows × 2 columns); see `display.max_rows`"
    ]
    assert [cell.get_text() for cell in BeautifulSoup(page, "html.parser")("td")] == ["—"]
    assert "300 rows × 2 columns" in page


def test_text_in_columns_keeps_them_and_colours_of_a_terminal_go() -> None:
    page, _, _ = exported(output(plain="a   1\nbb  2\x1b[0m"), output(plain="Plain\x1b[31m words"))
    assert BeautifulSoup(page, "html.parser").find("pre").get_text() == "a   1\nbb  2"
    assert "<p>Plain words</p>" in page
