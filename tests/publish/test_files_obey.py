"""Every file of a public run obeys its decision: no table, chart, text or hidden value has what the run withholds."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pypdf
import pytest
from babel.dates import get_month_names
from bs4 import BeautifulSoup, Tag

from published_run import rmrp
from rmrp_analysis import load_plan
from rmrp_analysis.disclosure import cell_name
from rmrp_analysis.params import load_run_params, shipped_folder
from rmrp_analysis.publish.figure_rows import exact_figures
from rmrp_analysis.sample import BUNDLED_PLAN

PARAMS = f"""\
run: obey
title: End of year 2021 key figures
plan: 2021
period: {{start: 2021-01, end: 2021-12}}
data: {shipped_folder(BUNDLED_PLAN)}
sectors: [Human Trafficking & Smuggling, Intersector]
platforms: [region, Brazil]
languages: [en, es]
"""
TRAFFICKING, IN_BRAZIL = "human-trafficking-and-smuggling", "human-trafficking-and-smuggling.brazil"
REACHED = "people_reached"
NUMBER = r"\d+(?:[.,\u00a0\u202f]\d+)*"
TABLES = "application/vnd.rmrp.tables+json"


@dataclass(frozen=True)
class Withheld:
    """A cell that a sheet withholds: its exact number, its range (empty: none), and what it is called there."""

    name: str
    exact: float
    ends: tuple[float, ...]
    label: str

    def is_told_by(self, number: str) -> bool:
        """Whether a printed number is another one than an end of the range, or a year."""
        return float(re.sub(r"\D", "", number)) not in (*self.ends, 2021)


@dataclass(frozen=True)
class Sheet:
    """The files of one report in one language."""

    folder: Path
    report: str
    language: str
    exact: dict[str, float]
    """By the name of the cell."""

    def path(self, end: str) -> Path:
        """One of the files."""
        return self.folder / f"{self.report}.{self.language}.{end}"

    @cached_property
    def json(self) -> dict[str, Any]:
        """The JSON file."""
        return json.loads(self.path("json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]

    @cached_property
    def notebook(self) -> dict[str, Any]:
        """The notebook."""
        return json.loads(self.path("ipynb").read_text(encoding="utf-8"))  # type: ignore[no-any-return]

    @cached_property
    def tables(self) -> dict[str, Any]:
        """The tables that the notebook leaves for the data files."""
        outputs = [each["data"] for cell in self.notebook["cells"] for each in cell.get("outputs", ())]
        (tables,) = [each[TABLES] for each in outputs if TABLES in each]
        return tables  # type: ignore[no-any-return]

    @cached_property
    def withheld(self) -> list[Withheld]:
        """The cells that this sheet withholds."""
        labels = {
            _name(row["id"]): self._label(row)
            for table in self.tables["tables"]
            for row in table["rows"]
            if "id" in row
        }
        return [
            Withheld(name, self.exact[name], tuple(ends or ()), labels[name])
            for name, ends in self.json["instead"].items()
            if name.startswith(REACHED)
        ]

    def _label(self, row: dict[str, Any]) -> str:
        named = (row.get(key) for key in ("part", "group", "place", "sector"))
        if _name(row["id"]) == REACHED:
            return str(row["figure"])
        month = get_month_names("wide", locale=self.language)[int(row.get("start", "2021-01")[5:7])]
        return str(next(filter(None, named), month))

    @cached_property
    def html(self) -> BeautifulSoup:
        """The HTML file."""
        return BeautifulSoup(self.path("html").read_text(encoding="utf-8"), "html.parser")

    @cached_property
    def texts(self) -> list[str]:
        """What stands in HTML, also unseen, in PDF, and in the notebook."""
        attributes = [
            value
            for tag in self.html.find_all(True)
            if isinstance(tag, Tag)
            for key, value in tag.attrs.items()
            if isinstance(value, str) and (key.startswith(("data-", "aria-")) or key in ("alt", "title", "content"))
        ]
        pages = [page.extract_text() for page in pypdf.PdfReader(self.path("pdf")).pages]
        return [self.html.get_text("\n"), *attributes, *pages, *map(str, self._notebook_texts(self.notebook))]

    def _notebook_texts(self, content: Any) -> Iterator[str]:
        if isinstance(content, dict):
            for value in content.values():
                yield from self._notebook_texts(value)
        elif isinstance(content, list):
            for value in content:
                yield from self._notebook_texts(value)
        elif isinstance(content, str):
            yield BeautifulSoup(content, "html.parser").get_text("\n") if content.startswith("<") else content


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> list[Sheet]:
    """The sheets of a public run, with the exact numbers behind them."""
    project = tmp_path_factory.mktemp("obey")
    (project / "params.yml").write_text(PARAMS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        assert rmrp(patch, "run", project / "params.yml", "--out", project / "reports") == 0
    run = load_run_params(project / "params.yml")
    plan = load_plan(run.data)
    made = []
    for report in run.reports():
        rows = exact_figures(plan, report).rows
        names = map(cell_name, rows["figure"], rows["part"])
        exact = dict(zip(names, rows["value"], strict=True))
        made.append(Sheet(project / "reports" / "obey", report.report, report.language, exact))
    return made


def _name(identifier: str) -> str:
    """The name of a cell from the identifier of its row: ``report/figure/part``."""
    _, figure, part = (*identifier.split("/", 2), "")[:3]
    return cell_name(figure, part)


def test_the_run_withholds_totals_parts_and_companions_and_has_ranges(sheets: list[Sheet]) -> None:
    by_report = {sheet.report: {cell.name: cell for cell in sheet.withheld} for sheet in sheets}
    assert by_report["intersector"] == {}
    assert f"{REACHED}_by_sector[Human Trafficking & Smuggling]" in by_report["intersector.brazil"]
    assert by_report[TRAFFICKING][f"{REACHED}_by_platform[Brazil]"].ends
    assert len(by_report[IN_BRAZIL]) > 15
    for cell in by_report[IN_BRAZIL].values():
        assert not cell.ends or (cell.ends[0] <= cell.exact <= cell.ends[1] and cell.ends[1] - cell.ends[0] >= 10)


def test_json_and_figures_csv_have_no_value(sheets: list[Sheet]) -> None:
    lines = list(csv.DictReader(io.StringIO((sheets[0].folder / "figures.csv").read_text(encoding="utf-8-sig"))))
    for sheet in sheets:
        parts = {
            cell_name(name, row.get("group") or row.get("month") or row.get("platform", "")): row
            for name, rows in sheet.json["tables"].items()
            for row in rows
        }
        values = parts | {row["name"]: row for row in sheet.json["figures"]}
        written = {
            cell_name(line["figure"], line["platform"] or line["group"] or line["month"]): line["value"]
            for line in lines
            if line["report"] == sheet.report
        }
        for cell in sheet.withheld:
            assert (values[cell.name]["value"], values[cell.name]["suppressed"]) == (None, True)
            assert tuple(values[cell.name].get("range", ())) == cell.ends
            assert written[cell.name] == ""


def test_the_csv_of_a_sheet_has_no_value_and_prints_nothing_but_the_range(sheets: list[Sheet]) -> None:
    for sheet in sheets:
        lines = csv.DictReader(io.StringIO(sheet.path("csv").read_text(encoding="utf-8-sig")))
        header = sheet.tables["columns"]
        by_name = {_name(line[header["id"]]): line for line in lines if line[header["id"]]}
        for cell in sheet.withheld:
            line = by_name[cell.name]
            assert line[header["value"]] == ""
            assert not [each for each in re.findall(NUMBER, line[header["printed"]]) if cell.is_told_by(each)]


def test_no_worksheet_has_a_number_of_people_beside_a_withheld_label(sheets: list[Sheet]) -> None:
    for sheet in sheets:
        figures = sheet.tables["tables"][0]
        place = figures["shared"]["place"]
        people = next(row for row in figures["rows"] if row["code"] == REACHED)
        found = set()
        for worksheet in openpyxl.load_workbook(sheet.path("xlsx")):
            column = None
            for row in worksheet.iter_rows(values_only=True):
                texts = [f"{each:%Y-%m}" if isinstance(each, datetime) else each for each in row]
                if column is None and people["figure"] in texts[1:]:
                    column = texts.index(people["figure"])
                for cell in sheet.withheld:
                    if cell.name == REACHED and REACHED in texts:
                        assert not [each for each in texts if isinstance(each, (int, float))]
                    part = cell.name.partition("[")[2].rstrip("]")
                    if column is not None and ({cell.label, part} if part else {place}) & {*texts}:
                        found.add(cell.name)
                        assert str(texts[column]).startswith("[c]")
                        assert not [each for each in re.findall(NUMBER, str(texts[column])) if cell.is_told_by(each)]
        assert found == {cell.name for cell in sheet.withheld}


def test_no_text_has_another_number_than_the_range_beside_a_withheld_label(sheets: list[Sheet]) -> None:
    for sheet in sheets:
        for cell in sheet.withheld:
            beside = re.compile(rf"(?<!\w){re.escape(cell.label)}[^\w%$]{{0,4}}({NUMBER})")
            told = [each for text in sheet.texts for each in beside.findall(text) if cell.is_told_by(each)]
            assert (sheet.report, cell.name, told) == (sheet.report, cell.name, [])


def test_html_and_pdf_print_ranges(sheets: list[Sheet]) -> None:
    region = next(sheet for sheet in sheets if (sheet.report, sheet.language) == (TRAFFICKING, "en"))
    html, *_ = region.texts
    assert re.search(r"Brazil\s+0–50\s", html)
    assert any(re.search(r"^Brazil 0–50 none designated$", text, re.MULTILINE) for text in region.texts)
    assert any("Brazil: between 0 and 50" in text for text in region.texts)


def test_no_sentence_tells_the_share_of_a_withheld_part(sheets: list[Sheet]) -> None:
    for sheet in sheets:
        sentences = {each for text in sheet.texts for each in re.split(r"[.;:·]\s|\n", text)}
        shares = [each for each in sentences if re.search(r"\d\s?%", each)]
        for cell in sheet.withheld:
            if "[" in cell.name and "by_sector" not in cell.name:  # a sector stands in the title of its sheet
                word = re.compile(rf"(?<!\w){re.escape(cell.label)}(?!\w)", re.IGNORECASE)
                assert [each for each in shares if word.search(each)] == []


def test_no_row_of_a_withheld_part_has_a_bar(sheets: list[Sheet]) -> None:
    for sheet in sheets:
        labels = {cell.label for cell in sheet.withheld if "[" in cell.name}
        rows = [row for row in sheet.html.select("main tr") if row.th and row.th.get_text(strip=True) in labels]
        assert all(row.td and not row.td.select("[style]") for row in rows)
        assert bool(rows) == bool(labels)


def test_the_index_prints_nothing_but_ranges_of_withheld_totals(sheets: list[Sheet]) -> None:
    index = BeautifulSoup((sheets[0].folder / "index.html").read_text(encoding="utf-8"), "html.parser")
    rows = [row.get_text("|", strip=True).split("|") for row in index.select("tr")]
    (of_sheet,) = [row for row in rows if row[:2] == ["Human Trafficking & Smuggling", "Brazil"]]
    reached = next(sheet for sheet in sheets if sheet.report == IN_BRAZIL).withheld[0]
    assert reached.name == REACHED
    assert "0–50" in of_sheet
    assert f"{reached.exact:.0f}" not in of_sheet


def test_no_file_has_the_digits_of_a_large_withheld_number(sheets: list[Sheet]) -> None:
    large = {f"{cell.exact:.0f}" for sheet in sheets for cell in sheet.withheld if cell.exact >= 1000}
    assert large
    digits = re.compile(r"(?<![\d.])(?:" + "|".join(r"[.,\s]?".join(number) for number in large) + r")(?!\d)")
    contents = {path.name: path.read_text("utf-8", "ignore") for path in sheets[0].folder.iterdir()}
    for sheet in sheets:
        contents[sheet.path("pdf").name] = "\n".join(
            page.extract_text() for page in pypdf.PdfReader(sheet.path("pdf")).pages
        )
        with ZipFile(sheet.path("xlsx")) as archive:
            contents[sheet.path("xlsx").name] = "\n".join(archive.read(name).decode() for name in archive.namelist())
    assert [name for name, content in contents.items() if digits.search(content)] == []


def test_run_json_counts_cells_and_tells_none(sheets: list[Sheet]) -> None:
    text = (sheets[0].folder / "run.json").read_text(encoding="utf-8")
    run = json.loads(text)
    assert {type(number) for number in run["audit"].values()} <= {int, float}
    assert run["audit"]["too_narrow"] == 0
    assert [cell.name for sheet in sheets for cell in sheet.withheld if "[" in cell.name and cell.name in text] == []
