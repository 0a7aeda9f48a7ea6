"""A drawing prints as small SVG that is the same to the byte every time."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from legible import counted
from matplotlib import pyplot
from matplotlib.patches import Circle
from PIL import Image

from rmrp_analysis import charts
from rmrp_analysis.errors import RequestError
from rmrp_analysis.theme import pictures

TABLE = counted({"2021-01": "few", "2021-02": 1105, "2021-03": 40})


def test_the_svg_is_one_element_with_whole_texts_in_the_fonts_of_the_page() -> None:
    drawing = charts.svg(charts.months(TABLE, axis_label=""), prefix="m")
    root = ElementTree.fromstring(drawing)  # noqa: S314 (our own text)
    assert (root.get("width"), root.get("height")) == ("88mm", "44mm")
    assert root.get("viewBox")
    assert not re.search(r"<\?xml|<!DOCTYPE|metadata|<style|\d{4}-\d\d-\d\d", drawing)
    drawing = charts.svg(charts.months(TABLE), prefix="m")
    assert ">1,105</text>" in drawing
    assert ">&lt;\u202f10</text>" in drawing
    assert "font-family=\"'Source Sans 3', 'RMRP Sans', sans-serif\"" in drawing
    assert ">1.105</text>" in charts.svg(charts.months(TABLE, title="1.105"), prefix="m")
    drawing = charts.svg(charts.bars(pd.Series({"a $1$ b": 5}), title="$2$", labels={}), prefix="m")
    assert ">a $1$ b</text>" in drawing
    assert ">$2$</text>" in drawing


def test_every_id_has_the_prefix_and_a_name_in_a_mark_stays_a_text() -> None:
    drawing = charts.svg(charts.months(TABLE), prefix="months")
    named = re.findall(r' id="([^"]*)"', drawing)
    meant = re.findall(r'url\(#([^)]*)\)|href="#([^"]*)"', drawing)
    assert all(name.startswith("months-") for name in named)
    assert {url or href for url, href in meant} <= set(named)
    drawn = charts.svg(charts.bars(pd.Series({'"><script>': 3})))
    assert "<script" not in drawn
    assert pictures.safe_svg(drawn).svg.count("data-tip=") == 1


def test_the_svg_is_the_same_every_time_and_in_another_process() -> None:
    axes = charts.months(TABLE)
    assert axes._repr_svg_() == axes.figure._repr_svg_() == charts.svg(axes)
    assert charts.svg(axes, prefix="m") == charts.svg(axes, prefix="m") == charts.svg(charts.months(TABLE), prefix="m")
    script = (
        "import sys, pandas as pd; from rmrp_analysis import charts;"
        "sys.stdout.write(charts.svg(charts.months(pd.Series({'2021-01': 40, '2021-02': 7}))))"
    )
    elsewhere = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, encoding="utf-8")
    assert elsewhere.stdout == charts.svg(charts.months(pd.Series({"2021-01": 40, "2021-02": 7})))


def straight_after_curves(svg: str) -> list[str]:
    """The commands of paths after whose curves straight lines have lost their letter: three points make a curve."""
    curves = [found for path in re.findall(r' d="([^"]*)"', svg) for found in re.findall(r"([CQ])([^A-Za-z]*)", path)]
    return [command for command, numbers in curves if len(numbers.split()) != {"C": 6, "Q": 4}[command]]


def test_a_line_after_a_curve_stays_a_line_in_a_note_a_pie_and_a_band() -> None:
    axes = charts.months(TABLE, title="A note")
    axes.annotate("here", (1, 1105), (1.5, 700), bbox={"boxstyle": "round"}, arrowprops={"arrowstyle": "->"})
    with charts.sheet_style():
        figure, pie = pyplot.subplots()
    pie.pie([1, 2, 3])
    pyplot.close(figure)
    flows = charts.flows(pd.DataFrame({"UNHCR": [30, 10], "IOM": [0, 60]}, index=["EU", "USA"]), title="Money")
    for drawn in (axes, pie, flows):
        svg = charts.svg(drawn)
        assert re.search(r' d="[^"]*[CQ][^"]*L ?[\d.]', svg)
        assert straight_after_curves(svg) == []


def test_a_saved_png_is_white_and_its_svg_has_no_ground(tmp_path: Path) -> None:
    axes = charts.bars(pd.Series({"PER": 3, "ECU": 2}), title="Opaque")
    axes.figure.savefig(tmp_path / "chart.png")
    with Image.open(tmp_path / "chart.png") as image:
        assert image.convert("RGBA").getpixel((image.width - 1, image.height - 1)) == (255, 255, 255, 255)
    assert "fill: #ffffff" not in charts.svg(axes)


def test_people_below_nobody_are_not_known_and_differences_have_a_unit_of_their_own() -> None:
    people = pd.Series({"PER": -5, "ECU": 30})
    with pytest.warns(UserWarning, match="people below 0 are drawn as not known: PER; give a difference a unit"):
        assert charts.drawing_of(charts.bars(people)).parts == [("Ecuador", "30"), ("Peru", "—")]
    assert charts.drawing_of(charts.bars(people, unit="more people")).parts[1] == ("Peru", "−5")
    steps = charts.drawing_of(charts.waterfall(pd.Series({"Sent": 9, "Refused": -5}), total="Counted")).parts
    assert steps == [("Sent", "9"), ("Refused", "−5"), ("Counted", "4")]


@pytest.mark.parametrize("name", ["bars", "grouped_bars", "map", "circles_map", "months", "heatmap", "waterfall"])
def test_a_wrong_argument_is_refused_in_the_name_of_the_function_that_was_called(name: str) -> None:
    with pytest.raises(RequestError, match=rf"^{name}\(\) has no 'titel'; did you mean 'title'"):
        getattr(charts, name)(TABLE, titel="A finding")


DOUBTFUL = pd.DataFrame(
    {
        "value": [1000.0, 400.0, 300.0, 200.0],
        "low": [400.0, 360.0, 0.0, 195.0],
        "high": [1000.0, 400.0, 300.0, 205.0],
    }
)


def test_a_month_shows_how_much_of_it_is_in_doubt_and_a_circle_what_is_not() -> None:
    columns = charts.months(DOUBTFUL.set_axis(["2021-01", "2021-02", "2021-03", "2021-04"])).patches
    heights = [(round(column.get_height()), bool(column.get_hatch())) for column in columns]
    assert heights == [(1000, True), (400, False), (400, True), (360, False), (300, True), (200, False)]
    discs = charts.circles_map(DOUBTFUL.set_axis(["PER", "COL", "ECU", "BRA"])).patches
    areas = [disc.radius**2 for disc in discs if isinstance(disc, Circle)][:2]
    assert areas[1] == pytest.approx(0.4 * areas[0])


@pytest.mark.parametrize("extent", ["0 0 0 0", "0 0 0 5", "1e2"])
def test_a_drawing_that_says_no_extent_has_the_usual_size(extent: str) -> None:
    drawn = pictures.safe_svg(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{extent}"/>')
    assert (drawn.width_mm, drawn.height_mm) == (100, 100)
