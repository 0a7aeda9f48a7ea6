"""A drawing prints as small SVG that is the same to the byte every time."""

import re
import subprocess
import sys
from xml.etree import ElementTree

import pandas as pd
from legible import counted

from rmrp_analysis import charts
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


def test_marks_say_what_they_stand_for_in_their_order_and_few_people_no_number() -> None:
    table = counted({"2021-01": 1951, "2021-02": "few", "2021-03": 10_400})
    months = charts.svg(charts.months(table))
    assert re.findall('data-tip="([^"]*)"', months) == [
        "January 2021: 1,951",
        "February 2021: &lt;\u202f10",
        "March 2021: 10,400",
    ]
    circles = charts.svg(charts.circles_map(pd.Series({"Peru": 296_000, "Brazil": 121_000})))
    assert re.findall('data-tip="([^"]*)"', circles) == ["Peru: 296\u202fK", "Brazil: 121\u202fK"]
