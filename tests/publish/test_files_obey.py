"""Every file of a public run has the same rounded numbers: no table, chart, text or hidden value has an exact count."""

import csv
import json
import re
import shutil
from functools import cache
from pathlib import Path

import openpyxl
import pypdf
import pytest
from bs4 import BeautifulSoup

from published_run import rmrp, rows_of, written_params
from rmrp_analysis import load_plan
from rmrp_analysis.figures import BREAKDOWNS, FIGURES, figure_definition
from rmrp_analysis.metrics import rounding_key
from rmrp_analysis.params import BUNDLED_PLAN, find_shipped_folder, load_run_params

BASE = 10
DELIMITERS = {"en": ",", "es": ";"}
ASKED = {
    "run": "obey", "sectors": ["Human Trafficking & Smuggling", "Intersector"], "languages": ["en", "es"],
    "platforms": ["region", "Brazil", "Southern Cone"], "method": {"rounding": BASE},
}  # fmt: skip
SECRET = "tell-nobody-of-this-0123456789"  # noqa: S105 - of these tests alone
FEW = f"<\u202f{BASE}"
SECTORS = ("human-trafficking-and-smuggling", "intersector")
REPORTS = [f"{sector}{place}" for sector in SECTORS for place in ("", ".brazil")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a public run that has a rounding key of its own."""
    project = tmp_path_factory.mktemp("obey")
    shutil.copytree(find_shipped_folder(BUNDLED_PLAN), project / "data")
    (project / rounding_key.KEY_FILE).write_text(SECRET, encoding="utf-8")
    assert rmrp("run", written_params(project, **ASKED), "--out", project / "reports") == 0
    return project / "reports" / "obey"


@cache
def exact_counts(params: Path) -> dict[tuple[str, str, str], float]:
    """The exact counts of people reached that are no multiple of the base, by report, figure and part."""
    run = load_run_params(params)
    plan, counts = load_plan(run.data), {}
    for report in run.reports():
        rows = plan.select(**report.selected).table()
        for figure, part, value in zip(rows["figure"], rows["part"], rows["value"], strict=True):
            if figure in (*FIGURES, *BREAKDOWNS) and figure_definition(figure).protected and value % BASE > 0:
                counts[report.report, figure, part] = value
    return counts


def key_of(row: dict[str, str]) -> tuple[str, str, str]:
    """What names a row of ``figures.csv``."""
    return row["report"], row["figure"], row["platform"] or row["group"] or row["month"]


def in_csv(folder: Path) -> dict[tuple[str, str, str], tuple[float, str]]:
    """The counts of people in ``figures.csv`` with their status."""
    return {
        key_of(row): (float(row["value"]), row["status"])
        for row in rows_of(folder / "figures.csv")
        if figure_definition(row["figure"]).protected and row["value"]
    }


def test_counts_of_people_are_multiples_of_the_base_within_it_of_the_exact_ones(folder: Path) -> None:
    printed = in_csv(folder)
    exact = exact_counts(folder.parents[1] / "params.yml")
    assert len(exact) > 150
    assert {value % BASE for value, _ in printed.values()} == {0}
    people = [row for row in rows_of(folder / "figures.csv") if row["unit"] == "people" and key_of(row) in printed]
    bounds = [(float(row["low"]), float(row["value"]), float(row["high"])) for row in people if row["value"]]
    assert {bound % BASE for low, _, high in bounds for bound in (low, high)} == {0}
    assert all(low <= value <= high for low, value, high in bounds)
    told = {key: value for key, value in exact.items() if key in printed}
    assert all(abs(printed[key][0] - value) < BASE for key, value in told.items())
    statuses = {row["status"] for row in rows_of(folder / "figures.csv") if key_of(row) in exact.keys() - told.keys()}
    assert statuses == {"not_known"}  # so few people are not divided
    assert {key for key, (_, status) in printed.items() if status == "few"} == {
        key for key, value in told.items() if printed[key][0] == 0 and value
    }


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_all_files_of_a_sheet_have_the_numbers_of_figures_csv(folder: Path, report: str, language: str) -> None:
    rounded = {key[1:]: value for key, value in in_csv(folder).items() if key[0] == report}
    stated = json.loads((folder / f"{report}.{language}.json").read_text(encoding="utf-8"))
    in_json = {(figure["name"], ""): figure for figure in stated["figures"]} | {
        (name, str(next(iter(part.values())))): part for name, parts in stated["tables"].items() for part in parts
    }
    assert {key: (in_json[key]["value"], in_json[key]["status"]) for key in rounded} == rounded
    with (folder / f"{report}.{language}.csv").open(encoding="utf-8-sig", newline="") as file:
        by_id = {
            tuple((*row[-1].split("/", 2), "")[1:3]): row
            for row in list(csv.reader(file, delimiter=DELIMITERS[language]))[1:]
        }
    assert {key for key, (value, _) in rounded.items() if f"{value:.0f}" not in by_id[key]} == set()
    assert {key for key, (_, status) in rounded.items() if (FEW in by_id[key]) != (status == "few")} == set()


def texts_of(folder: Path, report: str, language: str) -> list[str]:
    """What stands in HTML, also unseen, in PDF, in Excel and in the notebook."""
    stem = folder / f"{report}.{language}"
    html = BeautifulSoup(Path(f"{stem}.html").read_text(encoding="utf-8"), "html.parser")
    attributes = [
        str(value)
        for tag in html.find_all(True)
        for name, value in tag.attrs.items()
        if name.startswith(("data-", "aria-")) or name in ("alt", "title", "content")
    ]
    pages = [page.extract_text() for page in pypdf.PdfReader(f"{stem}.pdf").pages]
    book = openpyxl.load_workbook(f"{stem}.xlsx", read_only=True)
    cells = [str(cell.value) for sheet in book for row in sheet.rows for cell in row if cell.value is not None]
    return [html.get_text("\n"), *attributes, *pages, *cells]


@pytest.mark.parametrize("report", [SECTORS[0], *REPORTS[2:]])
@pytest.mark.parametrize("language", ["en", "es"])
def test_no_exact_count_of_people_stands_in_a_text(folder: Path, report: str, language: str) -> None:
    counts = exact_counts(folder.parents[1] / "params.yml")
    exact = {f"{value:.0f}" for (of_report, *_), value in counts.items() if of_report == report and value > 100}
    separators, checksums = r"(?<=\d)[.,\u202f](?=\d{3}\b)", r"\b(?=\d*[a-f])[0-9a-f]{7,}\b"
    texts = re.sub(f"{separators}|{checksums}", "", "\n".join(texts_of(folder, report, language)))
    figures = json.loads((folder / f"{report}.en.json").read_text(encoding="utf-8"))["figures"]
    others = {str(figure["value"]) for figure in figures if not FIGURES[figure["name"]].tells_of_people}
    assert exact
    assert exact & set(re.findall(r"\d+", texts)) <= others | {"2021"}


def test_few_people_are_told_on_the_page_to_eye_and_ear(folder: Path) -> None:
    few = {key for key, (_, status) in in_csv(folder).items() if status == "few"}
    (report, *_) = next(key for key in few if key[1] == "people_reached_by_platform")
    page = (folder / f"{report}.en.html").read_text(encoding="utf-8")
    assert f'<span aria-hidden="true">&lt;\u202f{BASE}</span><span class="hidden">fewer than {BASE}</span>' in page
    text = BeautifulSoup(page, "html.parser").get_text()
    assert "multiples of 10 to protect individuals; parts may not add up to the total." in text


def test_no_file_holds_the_secret(folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 70
    assert [path.name for path in files if SECRET.encode() in path.read_bytes()] == []
