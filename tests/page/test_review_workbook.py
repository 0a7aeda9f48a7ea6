"""The workbook for an organisation: its rows as it sent them, the faults in its language, and no formula."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rmrp_analysis.files import file_names, without_formulas
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.method import Method, Period
from rmrp_analysis.page.review_workbook import review_workbook
from rmrp_analysis.quality import RowsToReview, reviewed, rows_to_review
from rmrp_analysis.quality.feedback import Doubt, SentRow

HEADERS = (
    "Appealing_org,Implementation,Implementing_partner,Month,Sector,Indicator,RMRPActivity,Support Space activity,"
    "COVID19,CVA,Value,Delivery_mechanism,Country,Admin1,Quantity_output,Total_monthly,New_beneficiaries,"
    "IN_DESTINATION,IN_TRANSIT,Host_Communities,PENDULARS,Returnees,Girls,Boys,Women,Men"
)
SOURCES = """title: small
plan: 2021
activities: {file: a.csv, producer: R4V, as_of: 2021-06-01}
indicators: {file: i.csv, producer: R4V, as_of: 2021-06-01}
"""


def sent(organisation: str, country: str, *, month: str = "2021-01", new: int = 9, total: int = 9) -> str:
    """A row of a file; its sector is spelled as partners spell it."""
    start = f"{organisation},No,,{month},Multipurpose CBI,# assisted,Yes,No,No,Yes,5,ATM,{country},Lima,,"
    return start + f"{total},{new},{new},0,0,0,0,0,0,{new},0"


@pytest.fixture
def to_review(tmp_path: Path) -> list[RowsToReview]:
    lines = [
        sent("Cáritas", "Peru", new=9, total=8),
        sent("Cáritas", "Peru", month="May 2021x"),
        sent("=HYPERLINK(1)", "Brazil", new=5, total=4),
        sent("Fine", "Peru"),
    ]
    (tmp_path / "a.csv").write_text("\n".join([HEADERS, *lines]), encoding="utf-8")
    indicators = "CODE,Sector,Indicator,Indicator_Type\nM1,Multipurpose CBI,# assisted,Pin\n"
    (tmp_path / "i.csv").write_text(indicators, encoding="utf-8")
    (tmp_path / "sources.yml").write_text(SOURCES, encoding="utf-8")
    year = Period(start="2021-01", end="2021-12")
    return list(rows_to_review(reviewed(load_plan(tmp_path), period=year, method=Method())))


def opened(to_review: RowsToReview, language: str) -> Any:
    return openpyxl.load_workbook(io.BytesIO(review_workbook(to_review, language=language)))


def test_organisations_with_rows_in_doubt_get_a_workbook_in_their_language_or_another(
    to_review: list[RowsToReview],
) -> None:
    assert [(one.organisation, one.language, len(one.rows)) for one in to_review] == [
        ("=HYPERLINK(1)", "pt", 1),
        ("Cáritas", "es", 2),
    ]
    assert opened(to_review[1], "en").sheetnames == ["Rows to review", "Summary"]
    assert opened(to_review[1], "es").sheetnames == ["Filas por revisar", "Resumen"]


def test_a_row_stands_as_it_was_sent_with_its_doubtful_cells_marked(to_review: list[RowsToReview]) -> None:
    sheet = opened(to_review[1], "es").worksheets[0]
    headers = [cell.value for cell in sheet[4]]
    rows = [dict(zip(headers, [cell.value for cell in row], strict=True)) for row in sheet.iter_rows(min_row=5)]
    of_line = {row["Línea"]: row for row in rows}
    assert headers[5:] == HEADERS.split(",")
    assert of_line[2]["Qué revisar"] == "• Más beneficiarios nuevos que beneficiarios totales del mes."
    assert of_line[2]["Qué sería correcto"] == "• New_beneficiaries: como máximo el total de beneficiarios del mes: 8"
    assert of_line[2]["Sector"] == "Multipurpose CBI"
    assert "“May 2021x” no se puede usar" in of_line[3]["Qué revisar"]
    marked = {sheet.cell(4, cell.column).value for cell in sheet[5] if cell.fill.fgColor.rgb == "FFFFF3CC"}
    assert marked in ({"New_beneficiaries"}, {"Month"})


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "=cmd|'/c calc'!A1"])
def test_no_cell_can_run_as_a_formula(start: str) -> None:
    row = SentRow("a.csv", 2, {f"{start}h": f"{start}1+1", "n": "-5"}, (Doubt("", "n", f"{start}x", "a number", ""),))
    book = opened(RowsToReview(f"{start}org", "en", (row,)), "en")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    risky = [cell.value for cell in cells if str(cell.value).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
    assert risky == [-5]  # a number, and kept as one


@given(text=st.text(max_size=20))
def test_any_text_can_stand_in_a_workbook(text: str) -> None:
    row = SentRow("a.csv", 2, {"h": text}, (Doubt("no_output", "h", text, "{expected}", text),))
    assert opened(RowsToReview(text, "es", (row,)), "es").worksheets[0].max_row == 5


def test_files_have_names_that_every_system_takes() -> None:
    names = ["Cáritas (Peru) / Ñ", "caritas peru n", "CON", "!!!", "a" * 300]
    assert file_names(names) == ["caritas-peru-n", "caritas-peru-n-2", "con-1", "unnamed", "a" * 80]


def test_a_csv_runs_no_formula_and_keeps_its_numbers() -> None:
    import pandas as pd

    table = pd.DataFrame({"value": ["=1+1", "-5", "@x", "a", "+57 301"], "people": [1.0, 2.0, 3.0, 4.0, 5.0]})
    safe = without_formulas(table)
    assert safe["value"].to_list() == ["'=1+1", "-5", "'@x", "a", "'+57 301"]
    assert safe["people"].to_list() == [1, 2, 3, 4, 5]
