"""A whole run through the command, on the bundled plan."""

import json
import re
from pathlib import Path

import pikepdf
import pytest
from pypdf import PdfReader

from conftest import scripts_of
from published_run import SHIPPED, rmrp, rows_of
from rmrp_analysis import theme
from rmrp_analysis.publish.records.crate import CRATE_FILE

RUN = "2021-end-of-year"
HTS = "human-trafficking-and-smuggling.en"


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("reports")
    assert rmrp("run", SHIPPED, "--only", "Human Trafficking & Smuggling", "wash", "intersector", "--out", out) == 0
    return out / RUN


def text_of(pdf: Path) -> str:
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in PdfReader(pdf).pages))


def test_run_leaves_every_file_of_the_contract_and_tells_its_inputs_and_reports(run_folder: Path) -> None:
    reports = {
        f"{sector}.{kind}"
        for sector in (HTS, "wash.en", "intersector.en")
        for kind in ("html", "pdf", "xlsx", "csv", "ipynb", "json")
    }
    of_run = {"index.html", "run.json", "figures.csv", "places.csv", "datapackage.json", CRATE_FILE, "feed.xml"}
    assert {path.name for path in run_folder.iterdir()} == reports | of_run
    manifest = json.loads((run_folder / "run.json").read_text("utf-8"))
    assert [report["status"] for report in manifest["reports"]] == ["ok"] * 3
    activities = manifest["inputs"][0]
    assert (activities["rows"], activities["rows_refused"]) == (20_000, 20)
    assert [(join["name"], join["rows_unmatched"]) for join in manifest["joins"]] == [("indicators", 0), ("admin1", 0)]
    assert manifest["method"].startswith("RMRP 2021 rules; ")


def test_report_json_states_the_sheet_and_every_model(run_folder: Path) -> None:
    stated = json.loads((run_folder / f"{HTS}.json").read_text("utf-8"))
    values = {figure["name"]: figure["value"] for figure in stated["figures"]}
    assert values["people_reached"] == 4_910
    people = {part["platform"]: part["value"] for part in stated["tables"]["people_reached_by_platform"]}
    exact = {"Brazil": 16, "Chile": 4, "Southern Cone": 3, "Colombia": 127}
    assert all(abs(people[place] - number) < 10 and people[place] % 10 == 0 for place, number in exact.items())
    assert "people_reached" in stated["illustrative"]
    stated = json.loads((run_folder / "intersector.en.json").read_text("utf-8"))
    reached = next(figure["value"] for figure in stated["figures"] if figure["name"] == "people_reached")
    models = {part["group"]: part["value"] for part in stated["tables"]["people_reached_by_model"]}
    months = [part["value"] for part in stated["tables"]["people_reached_by_month"]]
    assert models["max_sector"] == reached == pytest.approx(sum(months), abs=10 * (len(months) + 1))  # each is rounded
    assert models["lower_bound"] < models["max_sector"] < models["southern_cone"] < models["sum"]
    said = text_of(run_folder / "intersector.en.pdf")
    assert (
        "The total is between 2.04 M and 6.59 M, depending on how people helped by several sectors are counted" in said
    )
    assert "Human Trafficking & Smuggling" in said


def test_figures_csv_equals_rmrp_figures(run_folder: Path, tmp_path: Path) -> None:
    assert rmrp("figures", SHIPPED, "--out", tmp_path / "figures.csv") == 0
    ours = rows_of(run_folder / "figures.csv")
    reports = {row["report"] for row in ours}
    assert ours == [row for row in rows_of(tmp_path / "figures.csv") if row["report"] in reports]


FTS = "https://fts.unocha.org"


def test_html_is_one_file_with_our_script_alone_and_its_links_lead_into_the_run(run_folder: Path) -> None:
    page = (run_folder / f"{HTS}.html").read_text("utf-8")
    described, script = scripts_of(page)
    assert json.loads(described)["@type"] == "Dataset"  # data, which no browser runs
    assert script == theme.script()
    assert set(re.findall(r"(?:src|href)=\"(?!#|data:)([^\"]*//[^\"]*)", page)) == {FTS}  # a link, which loads nothing
    assert len(page.encode()) <= 250_000
    for path in run_folder.glob("*.html"):
        page = path.read_text("utf-8")
        links = [link for link in re.findall(r' href="([^"]+)"', page) if not link.startswith("data:")]
        beside = [link for link in links if link[0] != "#" and link != FTS]
        assert [link for link in beside if not (run_folder / link).is_file()] == []
        assert [link for link in links if link[0] == "#" and f'id="{link[1:]}"' not in page] == []


def test_pdf_is_tagged_a4_states_both_standards_and_says_each_number_after_its_label(run_folder: Path) -> None:
    pdf = PdfReader(run_folder / f"{HTS}.pdf")
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert pdf.trailer["/Root"]["/Lang"] == "en"
    assert pdf.metadata.title.startswith("Human Trafficking & Smuggling")
    assert pdf.metadata.author == "Example of a publisher"
    assert {str(date.date()) for date in (pdf.metadata.creation_date, pdf.metadata.modification_date)} == {"2021-12-31"}
    assert [round(float(side)) for side in pdf.pages[0].mediabox[2:]] == [595, 842]
    assert len(pdf.pages) == 2
    with pikepdf.open(run_folder / f"{HTS}.pdf") as document, document.open_metadata() as stated:
        assert (stated["pdfuaid:part"], stated["pdfaid:part"], stated["pdfaid:conformance"]) == ("1", "2", "A")
    text = text_of(run_folder / f"{HTS}.pdf")
    for said in ("People in need 504 K", "People targeted 14.3 K", "People reached 4.91 K", "Reporting partners 7"):
        assert said in text
    assert "Peru 4.66 K $360 K" in text
