"""What the month columns draw, and what their SVG holds."""

import re
import subprocess
import sys
from itertools import combinations
from xml.etree import ElementTree

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from rmrp_analysis.page.charts import Column, month_columns, svg

MONTHS = "JFMAMJJASOND"
WITHHELD = Column("J", None, "<\u202f10", "withheld")
NO_REPORT = Column("A", None, "no report", "no_report")
ZERO = Column("J", 0, "0", "zero")


def value(people: float, label: str = "M") -> Column:
    return Column(label, people, f"{people:,}", "value")


FEW = [WITHHELD, WITHHELD, *map(value, [78, 38, 212, 498, 871, 640, 1105, 947, 388, 118])]
STATES = [WITHHELD, WITHHELD, value(78), NO_REPORT, NO_REPORT, value(212), ZERO, *map(value, [498, 871, 640, 388, 118])]
WIDE = list(map(value, [1105, 1104, 1103, 1105, 1100, 1099, 1105, 1000, 1105, 1105, 1105, 1105]))
GAPS = [
    value(4100),
    NO_REPORT,
    value(4000),
    NO_REPORT,
    NO_REPORT,
    value(3999),
    WITHHELD,
    NO_REPORT,
    ZERO,
    *[NO_REPORT] * 3,
]


def texts(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_a_column_is_as_high_as_its_people() -> None:
    assert [bar.get_height() for bar in month_columns([value(78), value(38)]).patches] == [78, 38]


def test_the_highest_month_alone_is_bold() -> None:
    bold = [text.get_text() for text in month_columns(FEW).texts if text.get_fontweight() == 700]
    assert bold == ["1,105"]


def test_a_withheld_month_is_a_hatched_stub_as_high_as_ten_people() -> None:
    stub = next(bar for bar in month_columns([WITHHELD, value(40)]).patches if bar.get_hatch())
    assert stub.get_height() == 10


def test_neighbouring_months_without_a_report_share_one_text() -> None:
    assert texts(month_columns(STATES)).count("no report") == 1


def test_a_zero_is_printed_and_has_no_column() -> None:
    axes = month_columns([ZERO, value(40)])
    assert "0" in texts(axes)
    assert len(axes.patches) == 1


@pytest.mark.parametrize("columns", [FEW, STATES, WIDE, GAPS], ids=["few", "states", "wide", "gaps"])
def test_texts_neither_overlap_nor_leave_the_drawing(columns: list[Column]) -> None:
    axes = month_columns(columns)
    boxes = [text.get_window_extent() for text in axes.texts]
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    assert all(box.x0 >= 0 and box.x1 <= axes.figure.bbox.x1 for box in boxes)


@pytest.mark.parametrize("months", range(1, 13))
def test_a_column_is_never_wider_than_eight_millimetres(months: int) -> None:
    axes = month_columns([value(40)] * months)
    (left, _), (right, _) = axes.transData.transform([(0, 0), (axes.patches[0].get_width(), 0)])
    assert 5 < (right - left) / axes.figure.dpi * 25.4 < 8


@pytest.mark.parametrize("column", [WITHHELD, ZERO, NO_REPORT, value(0)], ids=["withheld", "zero", "missing", "0"])
def test_a_year_without_people_is_drawn(column: Column) -> None:
    assert svg(month_columns([column] * 12), prefix="m").startswith("<svg")


def test_no_months_is_an_empty_axis() -> None:
    assert texts(month_columns([])) == []


def test_the_svg_is_one_small_element_in_millimetres() -> None:
    drawing = svg(month_columns(STATES), prefix="m")
    root = ElementTree.fromstring(drawing)  # noqa: S314 (our own text)
    assert (root.get("width"), root.get("height")) == ("88mm", "44mm")
    assert root.get("viewBox")
    assert len(drawing.encode()) < 12_000
    assert not re.search(r"<\?xml|<!DOCTYPE|metadata|<style|\d{4}-\d\d-\d\d", drawing)


def test_text_stays_text_in_the_fonts_of_pdf_and_page() -> None:
    drawing = svg(month_columns([value(1105), WITHHELD]), prefix="m")
    assert ">1,105</text>" in drawing
    assert ">&lt;\u202f10</text>" in drawing
    assert "font-family=\"'Source Sans 3', 'RMRP Sans', sans-serif\"" in drawing


def test_a_number_with_three_decimals_stays_whole_in_the_svg() -> None:
    assert ">1.105</text>" in svg(month_columns([Column("E", 1105, "1.105", "value")]), prefix="m")


def test_a_dollar_sign_is_no_formula() -> None:
    assert ">$1$</text>" in svg(month_columns([Column("E", 1105, "$1$", "value")]), prefix="m")


def test_every_id_and_reference_carries_the_prefix() -> None:
    drawing = svg(month_columns(STATES), prefix="months")
    named = re.findall(r' id="([^"]*)"', drawing)
    meant = re.findall(r'url\(#([^)]*)\)|href="#([^"]*)"', drawing)
    assert all(name.startswith("months-") for name in named)
    assert {url or href for url, href in meant} <= set(named)


def test_the_svg_is_the_same_every_time() -> None:
    axes = month_columns(STATES)
    assert svg(axes, prefix="m") == svg(axes, prefix="m") == svg(month_columns(STATES), prefix="m")


def test_the_svg_is_the_same_in_another_process() -> None:
    script = (
        "import sys; from rmrp_analysis.page.charts import *;"
        "columns = [Column('J', None, '<10', 'withheld'), Column('F', 40, '40', 'value')];"
        "sys.stdout.write(svg(month_columns(columns), prefix='m'))"
    )
    elsewhere = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, encoding="utf-8")
    columns = [Column("J", None, "<10", "withheld"), Column("F", 40, "40", "value")]
    assert elsewhere.stdout == svg(month_columns(columns), prefix="m")


def test_drawing_leaves_no_style_and_no_figure_behind() -> None:
    before = dict(mpl.rcParams)
    svg(month_columns(FEW), prefix="m")
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == []
