"""What is made for an internal audience says so everywhere, and never stands among public reports."""

import json
import re
from pathlib import Path

import nbformat
import openpyxl
import pytest
from nbformat.v4 import new_code_cell, new_output
from pypdf import PdfReader

import rmrp_analysis as rmrp
from made_reports import PARAMS
from notebook_page import showing
from published_run import SHIPPED
from published_run import rmrp as rmrp_command
from rmrp_analysis.errors import ReportFailed
from rmrp_analysis.params import ReportParams
from rmrp_analysis.publish.documents.exporters import SheetHTMLExporter, SheetPDFExporter
from rmrp_analysis.publish.documents.feed import FEED_FILE
from rmrp_analysis.publish.documents.outputs import NOT_PUBLIC_REASON
from rmrp_analysis.publish.engine.privacy import find_visible_paths
from rmrp_analysis.publish.records.crate import CRATE_FILE
from rmrp_analysis.publish.run import report
from rmrp_analysis.publish.run.report import Rendering, Report, make_report

MARKS = {"en": "Internal: not for publication", "es": "Uso interno: no publicar", "pt": "Uso interno: não publicar"}
SUFFIXES = ("html", "pdf", "xlsx", "csv", "ipynb", "json")
STEM = "human-trafficking-and-smuggling.{}.internal"


def rmrp_run(*arguments: str | Path) -> int:
    """The exit code of ``rmrp run`` on the sheet of the sector with small counts."""
    return rmrp_command("run", SHIPPED, "--only", "Human Trafficking & Smuggling", *arguments)


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("reports")
    assert rmrp_run("--audience", "internal", "--languages", *MARKS, "--out", out) == 0
    return out / PARAMS.run


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_files_links_and_the_page_on_the_data_have_internal_in_their_names(run_folder: Path) -> None:
    reports = {f"{STEM.format(language)}.{suffix}" for language in MARKS for suffix in SUFFIXES}
    of_run = {"index.html", "run.json", "figures.csv", "places.csv", "datapackage.json", CRATE_FILE, FEED_FILE}
    of_data = {"data_quality.html", "quality.csv", "refused.csv", "repairs.csv"}
    assert {path.name for path in run_folder.iterdir()} == reports | of_run | of_data
    sheet = f"{STEM.format('en')}.html"
    pages = {name: (run_folder / name).read_text("utf-8") for name in (sheet, "index.html", "data_quality.html")}
    links = {name: re.findall(r'href="(?!data:|https:)([^"#]+)"', page) for name, page in pages.items()}
    assert [link for leads_to in links.values() for link in leads_to if not (run_folder / link).is_file()] == []
    assert "data_quality.html" in links[sheet]
    assert {f"{STEM.format(language)}.html" for language in MARKS} <= set(links["index.html"])
    tables = [link for link in links["data_quality.html"] if link.endswith(".csv")]
    assert tables == ["quality.csv", "refused.csv", "repairs.csv"]


@pytest.mark.parametrize("language", MARKS)
def test_it_is_said_on_each_page_and_worksheet_and_in_titles(run_folder: Path, language: str) -> None:
    stem, mark = run_folder / STEM.format(language), MARKS[language]
    pdf = PdfReader(f"{stem}.pdf")
    assert {plain(page.extract_text()).count(mark) for page in pdf.pages} == {2}
    assert pdf.metadata.title.startswith(f"{mark} · ")
    index = (run_folder / "index.html").read_text("utf-8")
    assert f"<title>{MARKS['en']} · " in index
    assert f"<strong>{MARKS['en']}.</strong>" in index
    page = Path(f"{stem}.html").read_text("utf-8")
    assert f"<title>{mark} · " in page
    assert f'<p class="mark">{mark}</p>' in page
    assert [part.count(f'content: "{mark} · ') for part in re.split("@bottom-left", page)] == [1, 1]
    book = openpyxl.load_workbook(f"{stem}.xlsx")
    assert {sheet["A2"].value for sheet in book} == {mark}
    assert book.properties.title.startswith(mark)
    assert book.properties.contentStatus == mark


def test_data_files_and_sheets_say_that_counts_are_exact(run_folder: Path) -> None:
    stated = json.loads((run_folder / f"{STEM.format('es')}.json").read_text("utf-8"))
    manifest = json.loads((run_folder / "run.json").read_text("utf-8"))
    assert (stated["audience"], manifest["audience"]) == ("internal", "internal")
    for method in (manifest["method"], stated["method"]):
        assert "counts of people exact (internal: not for publication)" in method
    rows = (run_folder / "figures.csv").read_text("utf-8").splitlines()[1:]
    assert [row for row in rows if "not for publication" not in row] == []
    page = (run_folder / f"{STEM.format('en')}.html").read_text("utf-8")
    text = plain(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL))
    assert "Counts of people are exact: they are not for publication." in text
    assert "rounded" not in text


@pytest.mark.parametrize(("first", "then"), [("public", "internal"), ("internal", "public")])
def test_public_and_internal_reports_never_share_a_folder(
    first: str, then: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / PARAMS.run
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps({"audience": first}), encoding="utf-8")
    assert rmrp_run("--audience", then, "--out", tmp_path) == 2
    said = plain(capsys.readouterr().err)
    assert f"holds reports for the audience '{first}', and this run is for '{then}'; choose another folder" in said
    assert [path.name for path in folder.iterdir()] == ["run.json"]


def page_of(audience: str, language: str = "pt") -> rmrp.Page:
    sector = rmrp.load_plan(rmrp.bundled_plan()).select("Human Trafficking & Smuggling")
    return rmrp.Page(sector, language=language, audience=audience)


def test_a_notebook_that_shows_one_block_of_an_internal_page_is_internal_as_a_whole() -> None:
    public, internal = page_of("public", "en"), page_of("internal", "en")
    public.opening()
    internal.cards("activities")
    html, resources = SheetHTMLExporter().from_notebook_node(showing(public, internal), {"metadata": {"name": "mine"}})
    assert f'<p class="mark">{MARKS["en"]}</p>' in html
    assert resources["output_extension"] == ".internal.html"
    html, resources = SheetHTMLExporter().from_notebook_node(showing(public), {"metadata": {"name": "mine"}})
    assert MARKS["en"] not in html
    assert resources["output_extension"] == ".html"


def test_a_saved_page_says_so_on_each_of_its_pages(tmp_path: Path) -> None:
    page = page_of("internal")
    page.opening()
    page.text("One paragraph.\n\n" * 80)
    pages = PdfReader(page.save(tmp_path / "mine.pdf")).pages
    assert len(pages) > 1
    assert {plain(each.extract_text()).count(MARKS["pt"]) for each in pages} == {2}


def test_a_notebook_that_was_run_for_an_internal_audience_is_internal_whatever_it_shows(tmp_path: Path) -> None:
    notebook = showing(page_of("public"))
    notebook.cells.append(new_code_cell(outputs=[new_output("stream", name="stdout", text="3 people")]))
    notebook.metadata["papermill"] = {"parameters": {"audience": "internal"}}
    pdf, resources = SheetPDFExporter().from_notebook_node(notebook, {"metadata": {"name": "wash.en.internal"}})
    (tmp_path / "mine.pdf").write_bytes(pdf)
    assert MARKS["en"] in plain(PdfReader(tmp_path / "mine.pdf").pages[0].extract_text())
    assert resources["output_extension"] == ".pdf"  # the name says so already


def made_by_notebook(monkeypatch: pytest.MonkeyPatch, audience: str, params: ReportParams) -> Report:
    """The report of these parameters whose notebook shows a page of WASH for an audience, and its figures."""
    page = page_of(audience)
    page.opening()
    notebook = showing(page, page.figures())
    monkeypatch.setattr(report, "run_notebook", lambda *_: nbformat.from_dict(notebook))
    return make_report(params, Rendering(SHIPPED, ("html",), find_visible_paths(params, SHIPPED.parent)))


def test_a_public_report_that_makes_an_internal_page_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = made_by_notebook(monkeypatch, "internal", PARAMS.report("WASH", "region"))
    assert isinstance(failed.problem, ReportFailed)
    assert (failed.problem.reason, dict(failed.contents)) == (NOT_PUBLIC_REASON, {})
    internal = PARAMS.change(audience="internal").report("WASH", "region")
    assert made_by_notebook(monkeypatch, "internal", internal).problem is None
