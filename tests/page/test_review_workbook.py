"""The workbook for an organisation: its rows as it sent them, the faults in its language, and no formula."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from approved import lines_of
from data_folders import ACTIVITY, data_folder
from rmrp_analysis.arguments import Period
from rmrp_analysis.files import file_names, without_formulas
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.method import Method
from rmrp_analysis.page.review_workbook import build_review_workbook
from rmrp_analysis.page.workbook import Origin
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality import review_plan
from rmrp_analysis.quality.feedback import Doubt, RowsToReview, SentRow, rows_to_review

NEW, MONTH, CASH = "New beneficiaries of the month", "Reporting Month", "Multipurpose CBI"


def sent(organisation: str, country: str, *, month: str = "2021-01", new: int = 9, total: int = 9) -> dict[str, object]:
    """A row of a file; its sector is spelled as partners spell it."""
    whose = {"Appealing Organization Name": organisation, "Country": country, MONTH: month, "Sector": CASH}
    cash = {"CVA": "Yes", "Value of Transfer (in USD)": 5, "Delivery Mechanism": "ATM"}
    people = dict.fromkeys((NEW, "Refugees and Migrants IN DESTINATION", "Women above 18"), new)
    return ACTIVITY | whose | cash | people | {"Total monthly beneficiaries": total}


@pytest.fixture
def to_review(tmp_path: Path) -> list[RowsToReview]:
    rows = [
        sent("Cáritas", "Peru", new=9, total=8),
        sent("CARITAS", "Peru", month="May 2021x"),
        sent("=HYPERLINK(1)", "Brazil", new=5, total=4),
        sent("Fine", "Peru"),
        sent("Half and half", "Peru", new=5, total=4),
        sent("Half and half", "Brazil"),
    ]
    indicators = f"CODE,Sector,Indicator,Indicator_Type\nM1,{CASH},# of people,Pin\n"
    folder = data_folder(tmp_path, 2021, activities=pd.DataFrame(rows), indicators=indicators)
    year = Period(start="2021-01", end="2021-12")
    return list(rows_to_review(review_plan(load_plan(folder), period=year, method=Method())))


def opened(to_review: RowsToReview, language: str) -> Any:
    return openpyxl.load_workbook(io.BytesIO(build_review_workbook(to_review, language=language, origin=Origin())))


def test_organisations_with_rows_in_doubt_get_a_workbook_in_their_language_or_another(
    to_review: list[RowsToReview], snapshot: SnapshotAssertion
) -> None:
    assert [(one.organisation, one.language, len(one.rows)) for one in to_review] == [
        ("=HYPERLINK(1)", "pt", 1),
        ("CARITAS", "es", 2),
        ("Half and half", "en", 1),
    ]
    assert opened(to_review[1], "en").sheetnames == ["Rows to review", "Summary", "Your reports"]
    assert opened(to_review[1], "es").sheetnames == ["Filas por revisar", "Resumen", "Sus reportes"]
    books = [opened(each, language) for each in to_review for language in ("en", "es", "pt")]
    cells = [
        [[*sheet.iter_rows(values_only=True)], sheet.freeze_panes, sheet.auto_filter.ref]
        for book in books
        for sheet in book
    ]
    assert lines_of(cells) == snapshot


def test_the_workbook_has_the_reports_of_the_organisation_and_marks_what_it_should_answer(tmp_path: Path) -> None:
    rows = [
        sent("Cáritas", "Peru", new=9, total=9),
        sent("Cáritas", "Peru", month="2021-02", new=0, total=12),
        sent("Fine", "Peru"),
        sent("Fine", "Peru", month="2021-02", new=2, total=3),
    ]
    indicators = f"CODE,Sector,Indicator,Indicator_Type\nM1,{CASH},# of people,Pin\n"
    folder = data_folder(tmp_path, 2021, activities=pd.DataFrame(rows), indicators=indicators)
    period = Period(start="2021-01", end="2021-03")
    (caritas,) = [
        each
        for each in rows_to_review(review_plan(load_plan(folder), period=period, method=Method()))
        if each.organisation == "Cáritas"
    ]
    sheet = opened(caritas, "en")["Your reports"]
    lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert [(line[0], line[3], line[4], str(line[7])[:25]) for line in lines] == [
        ("2021-03", 0, 0, "No report from this count"),
        ("2021-02", 12, 0, "People were assisted, and"),
        ("2021-01", 9, 9, "People are counted."),
    ]
    assert [row[7].fill.fgColor.rgb == "FFFFF3CC" for row in sheet.iter_rows(min_row=2)] == [False, True, False]


def test_the_workbook_says_which_reports_are_late_corrected_or_gone_since_the_last_run(tmp_path: Path) -> None:
    def data(name: str, *rows: dict[str, object]) -> Plan:
        (tmp_path / name).mkdir()
        indicators = f"CODE,Sector,Indicator,Indicator_Type\nM1,{CASH},# of people,Pin\n"
        return load_plan(data_folder(tmp_path / name, 2021, activities=pd.DataFrame(list(rows)), indicators=indicators))

    february = {"month": "2021-02"}
    before = data("a", sent("A", "Peru"), sent("A", "Chile"), sent("A", "Peru", **february), sent("B", "Peru"))
    after = data(
        "b",
        sent("A", "Peru", new=7),  # corrected; that of Chile is gone
        sent("A", "Peru", **february),
        sent("A", "Brazil", **february),  # late
        sent("A", "Peru", month="2021-03"),  # a month that the last run could not have
    )
    review = review_plan(after, period=Period(start="2021-01", end="2021-03"), method=Method())
    each_partner = {each.organisation: each for each in rows_to_review(review, before)}
    rows = opened(each_partner["A"], "en")["Your reports"].iter_rows(min_row=2, values_only=True)
    assert [(row[0], row[1], row[8]) for row in rows if row[8]] == [
        ("2021-02", "Brazil", "late"),
        ("2021-01", "Chile", "taken back: 9 new people before"),
        ("2021-01", "Peru", "corrected: 9 new people before"),
    ]
    (gone,) = opened(each_partner["B"], "en")["Your reports"].iter_rows(min_row=2)
    assert [gone[at].value for at in (0, 3, 8)] == ["2021-01", 0, "taken back: 9 new people before"]
    assert gone[8].fill.fgColor.rgb == "FFFFF3CC"


def test_a_row_stands_as_it_was_sent_with_its_doubtful_cells_marked(to_review: list[RowsToReview]) -> None:
    sheet = opened(to_review[1], "es").worksheets[0]
    headers = [cell.value for cell in sheet[4]]
    rows = [dict(zip(headers, [cell.value for cell in row], strict=True)) for row in sheet.iter_rows(min_row=5)]
    of_line = {row["Línea"]: row for row in rows}
    assert headers[5:] == [*ACTIVITY]
    assert of_line[2]["Qué revisar"] == "• Más beneficiarios nuevos que beneficiarios totales del mes."
    assert of_line[2]["Qué sería correcto"] == f"• {NEW}: como máximo el total de beneficiarios del mes: 8"
    assert of_line[2]["Sector"] == "Multipurpose CBI"
    assert "“May 2021x” no se puede usar" in of_line[3]["Qué revisar"]
    marked = {sheet.cell(4, cell.column).value for cell in sheet[5] if cell.fill.fgColor.rgb == "FFFFF3CC"}
    assert marked in ({NEW}, {MONTH})
    for language in ("en", "es"):  # as many rows each: in the order of the alphabet
        (_, *problems), *_ = opened(to_review[1], language)["Summary" if language == "en" else "Resumen"].columns
        assert [cell.value for cell in problems] == sorted(cell.value for cell in problems)


def test_no_cell_can_run_as_a_formula() -> None:
    codes = {"code": "007", "phone": "1234567890123456", "rate": "1.12345678901", "array": "{=1+1}"}  # kept as texts
    row = SentRow(
        "a.csv",
        2,
        {"=h": "=1+1", "n": "-5", **codes},
        (Doubt("", "n", "=x", "a number", ""), Doubt("", "m", "", "a month", "")),
    )
    book = opened(RowsToReview("=org", "en", (row,)), "en")
    cells = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell for cell in cells if str(cell).startswith(("=", "-"))] == [-5]  # a number, and kept as one
    assert {*codes.values()} < {*cells}
    assert "m is empty, so the row cannot be counted." in str(cells)


@given(text=st.text(max_size=20))
def test_any_text_can_stand_in_a_workbook(text: str) -> None:
    row = SentRow("a.csv", 2, {"h": text}, (Doubt("no_output", "h", text, "{expected}", text),))
    assert opened(RowsToReview(text, "es", (row,)), "es").worksheets[0].max_row == 5


def test_files_have_names_that_every_system_takes() -> None:
    names = ["Cáritas (Peru) / Ñ", "caritas peru n", "CON", "!!!", "a" * 300]
    assert file_names(names) == ["caritas-peru-n", "caritas-peru-n-2", "con-1", "unnamed", "a" * 80]


def test_a_csv_runs_no_formula_and_keeps_its_numbers() -> None:
    table = pd.DataFrame({"value": ["=1+1", "-5", "@x", "a", "+57 301"], "people": [1.0, 2.0, 3.0, 4.0, 5.0]})
    safe = without_formulas(table)
    assert safe["value"].to_list() == ["'=1+1", "-5", "'@x", "a", "'+57 301"]
    assert safe["people"].to_list() == [1, 2, 3, 4, 5]
