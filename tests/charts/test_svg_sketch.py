"""What a sheet shows is written without Matplotlib, and shows the same as the axes that an analyst gets."""

import re
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st
from legible import counted
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from rmrp_analysis import charts
from rmrp_analysis.charts.matplotlib_style import sheet_style
from rmrp_analysis.charts.svg_sketch import Label, Line, Look, Sketch
from rmrp_analysis.charts.text_layout import width_of
from rmrp_analysis.theme import pictures
from rmrp_analysis.vocabulary import REGION, plan_lists

MONTHS = counted({f"2021-{at:02d}": people for at, people in enumerate([5e4, "few", 0, 9.9e6, 3, None, None], 1)})
MONTHS.attrs["pace"] = 4e6
PLACES = counted({"Colombia": 742e3, "Peru": 296e3, "Caribbean": "few", "Chile": 0, "Brazil": None})
MONEY = pd.Series({(f'"{donor}" & <co>', taker): 1e6 / donor for donor in range(1, 9) for taker in ("IOM", "UNHCR")})
DRAWN = {"months": (charts.months, MONTHS), "map": (charts.circles_map, PLACES), "flows": (charts.flows, MONEY)}


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def tips(svg: str) -> list[str]:
    return [
        element.get("data-tip", "") for element in ElementTree.fromstring(svg).iter() if "data-tip" in element.attrib
    ]


def drawn(name: str, **options: Any) -> Axes:
    draw, table = DRAWN[name]
    return draw(table, **({"axis_label": ""} if name == "months" else {}), **options)


def by_matplotlib(axes: Axes, prefix: str = "chart") -> str:
    """The drawing as Matplotlib writes it, as it does of axes that an analyst restyled."""
    axes.figure.stale = True
    return charts.svg(axes, prefix=prefix)


@pytest.mark.parametrize("language", ["en", "es", "pt"])
@pytest.mark.parametrize("name", DRAWN)
def test_a_sketch_written_as_it_stands_shows_what_its_axes_show(name: str, language: str) -> None:
    axes = drawn(name, language=language)
    written, theirs = charts.svg(axes, prefix="c"), by_matplotlib(axes, "c")
    assert written != theirs
    assert sorted(texts(written)) == sorted(texts(theirs))
    assert sorted(tips(written)) == sorted(tips(theirs))
    sizes = [re.search(r'width="([\d.]+)mm" height="([\d.]+)mm"', svg) for svg in (written, theirs)]
    assert [float(size) for size in sizes[0].groups()] == pytest.approx([float(size) for size in sizes[1].groups()])


@pytest.mark.parametrize("name", DRAWN)
def test_its_texts_stand_where_matplotlib_puts_them(name: str) -> None:
    axes = drawn(name)
    written, theirs = places(charts.svg(axes)), places(by_matplotlib(axes))
    assert len(written) > 10
    for (words, *ours), (same, *others) in zip(written, theirs, strict=True):
        assert words == same
        assert ours == pytest.approx(others, abs=0.8), words  # points


def places(svg: str) -> list[tuple[str, float, float]]:
    found = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    return sorted((text.text or "", float(text.get("x", 0)), float(text.get("y", 0))) for text in found)


@pytest.mark.parametrize("name", DRAWN)
def test_it_is_safe_in_a_page_and_carries_its_prefix(name: str) -> None:
    written = charts.svg(drawn(name), prefix="here")
    assert all(found.startswith("here-") for found in re.findall(r' id="([^"]*)"', written))
    clean = pictures.safe_svg(written).svg
    assert texts(clean) == texts(written)
    assert len(tips(clean)) == len(tips(written))


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("shown_before", [False, True])
def test_what_an_analyst_changes_is_seen_wherever_the_chart_is_shown(name: str, shown_before: bool) -> None:
    axes = drawn(name)
    if shown_before:
        axes._repr_svg_()
        axes.figure.canvas.draw()
    axes.texts[0].set_text("an analyst's own words")
    assert "an analyst's own words" in texts(charts.svg(axes))
    assert charts.drawing_of(axes).sketch is None


def test_a_chart_is_drawn_anew_in_any_size_and_leaves_no_style_and_no_figure_behind() -> None:
    with mpl.rc_context():
        mpl.rcdefaults()  # whatever an earlier drawing left
        before = dict(mpl.rcParams), plt.get_fignums()
        assert 'width="57mm" height="28mm"' in charts.drawing_of(drawn("months")).svg("m", size_mm=(57, 28))
        for axes in (*map(drawn, DRAWN), charts.bars(pd.Series({"IOM": 5}), labels={})):
            charts.svg(axes)
        assert (dict(mpl.rcParams), plt.get_fignums()) == before


@given(words=st.text(st.characters(codec="latin-1", categories=["L", "N", "P", "Zs"]), min_size=1, max_size=40))
def test_a_text_is_about_as_wide_as_matplotlib_finds_it(words: str) -> None:
    with sheet_style():
        figure = Figure()
        FigureCanvasAgg(figure)
        found = figure.text(0, 0, words, size=8.4).get_window_extent().width / figure.dpi * 25.4
    assert width_of(words) == pytest.approx(found, rel=0.08, abs=0.6)


def test_texts_that_run_into_one_before_them_are_left_out_with_a_warning() -> None:
    sketch = Sketch(40, 10)
    sketch.add(Line(np.array([(0.0, 0.0), (1.0, 9.0)]), Look(edge="#000000", width=1)))
    sketch.add(Label(1, 1, "first", "#000000"), Label(2, 1, "second", "#000000"), Label(30, 1, "third", "#000000"))
    with pytest.warns(UserWarning, match="1 text of this chart has no room in axes of 40 × 10 mm and is left out"):
        sketch.leave_out_overlapping()
    assert texts(sketch.svg()) == ["first", "third"]


def test_lines_lie_over_areas_or_behind_them_and_texts_over_all() -> None:
    axes = charts.months(MONTHS)
    pace = next(line for line in axes.lines if line.get_linestyle() == "--")
    assert pace.get_zorder() < axes.patches[0].get_zorder()
    sketch = Sketch(9, 9)
    look = Look(edge="#000000", width=1)
    sketch.add(Label(0, 0, "a", "#000000"), Line([(0, 0), (1, 1)], look), Line([(2, 0), (1, 1)], look, is_behind=True))
    order: list[Callable[[str], int]] = [sketch.svg().index(part) for part in ("M5.67", "M0 25.51", "<text")]
    assert order == sorted(order)


@pytest.mark.parametrize(
    "place", [place for place in (REGION, *plan_lists().platforms, *plan_lists().countries) if charts.has_map_of(place)]
)
def test_the_ground_of_every_map_is_drawn_as_it_is_on_axes(place: str) -> None:
    nothing = pd.Series(dtype=float)
    axes = charts.circles_map(nothing, within=place)
    paths = ElementTree.fromstring(charts.svg(axes)).findall(".//{http://www.w3.org/2000/svg}path")
    assert len(paths) == len(axes.patches)
    assert all(re.fullmatch(r"M[-\d. lzMC]+", path.get("d") or "") for path in paths)
