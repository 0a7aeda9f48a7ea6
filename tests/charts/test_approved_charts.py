"""What charts of tricky tables show is what was approved; tables and options stand in ``test_approved_charts.yml``."""

import warnings
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import seaborn
import yaml
from matplotlib import pyplot
from matplotlib.colors import to_hex, to_rgba_array
from syrupy.assertion import SnapshotAssertion

from approved import hash_of
from rmrp_analysis import charts
from rmrp_analysis.errors import RequestError

APPROVED = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
PLACES = {"Rectangle": "x y width height", "Circle": "center radius", "Line2D": "xydata", "LineCollection": "segments"}
LOOKS = "zorder linestyle linewidth markersize markerfacecolor edgecolor alpha gid size weight style ha va rotation"


def table_of(table: dict[str, Any]) -> Any:
    if keys := table.get("index"):
        index = pd.Index([tuple(key) if isinstance(key, list) else key for key in keys])
        return pd.DataFrame({name: cells for name, cells in table.items() if name != "index"}).set_axis(index)
    by_row = any(isinstance(cells, dict) for cells in table.values())
    return pd.DataFrame.from_dict(table, "index") if by_row else pd.Series(table, dtype=None if table else float)


def draw(*, kind: str, table: Any, names: Any = (), attrs: Any = (), figure: Any = None, **options: Any) -> Any:
    made = table_of(table)
    made.index.names, made.attrs = names or made.index.names, dict(attrs)
    given = {"ax": pyplot.figure(**figure).subplots()} if figure else {}
    given |= {"targets": table_of(options.pop("targets"))} if "targets" in options else {}
    if "plot" not in options:
        return getattr(charts, kind)(made, **given, **options)
    drawn = charts.sheet_style()(getattr(seaborn, kind))(made, **given, **options.pop("plot"))
    return charts.style_axes(drawn, **options)


def rounded(numbers: Any) -> str:
    return " ".join(f"{number:.4g}" for number in np.ravel(np.asarray(numbers, float)).round(5) + 0)


def got(artist: Any, names: str) -> list[Any]:
    return [getattr(artist, f"get_{name}")() for name in names.split() if hasattr(artist, f"get_{name}")]


def look_of(artist: Any) -> str:
    getattr(artist, "update_scalarmappable", int)()
    colours = [to_hex(one, keep_alpha=True) for one in to_rgba_array([*got(artist, "color facecolor"), ()][0])]
    names = [colour.removesuffix("ff") for colour in dict.fromkeys(colours)]
    return " ".join([type(artist).__name__, *names, *["hatched"] * any(got(artist, "hatch"))])


def place_of(text: Any) -> str:
    mm = text.get_transform().transform(text.get_position()) / text.get_figure(root=True).dpi * 25.4
    return rounded(text.xy if hasattr(text, "xyann") else mm.round(1))


def facts_of(axes: Any) -> dict[str, Any]:
    """Return the texts of axes, with a hash of where they and the marks are and how all of them look."""
    legend, both, marks = axes.get_legend(), (axes.xaxis, axes.yaxis), [*axes.patches, *axes.lines, *axes.collections]
    handles, names = (legend.legend_handles, legend.get_texts()) if legend else ([], [])
    texts = [*axes.texts, axes.title, axes._left_title, *(axis.label for axis in both)]
    ticks = [text for axis in both for text in axis.get_ticklabels() if text.get_text()]
    looks = [axes.axison, legend and (legend._ncols, rounded(legend.get_bbox_to_anchor().p0.round()))]
    for artist in (*marks, *texts, *ticks, *axes.spines.values(), *handles):
        looks += [look_of(artist), any(got(artist, "bbox_patch")), *got(artist, LOOKS)]
    looks += [rounded(text.xyann) for text in axes.texts]
    looks += [(axis.get_tick_params(), rounded(axis.get_ticklocs())) for axis in both]
    looks += [rounded(np.divide(axes.bbox.bounds, axes.figure.dpi / 25.4).round(1)), rounded(axes.viewLim)]
    looks += [" ".join(map(rounded, got(mark, PLACES.get(type(mark).__name__, "")))) for mark in marks]
    texts = [text for text in texts if text.get_text()]
    return {
        "ticks, key": [text.get_text() for text in (*ticks, *names) if text.get_visible()],
        "texts": [f"{text.get_text()}{' left out' * (not text.get_visible())}" for text in texts],
        "shapes": hash_of([looks, *map(place_of, texts)]),
    }


def shown(drawn: Any) -> dict[str, Any]:
    """Return what a chart says and shows: of a sketch its SVG, else the facts of its axes."""
    drawing = charts.drawing_of(drawn)
    facts = {**vars(drawing), "table": "", "parts": [": ".join(part) for part in drawing.parts]} if drawing else {}
    if facts.pop("sketch", None):
        return facts | {"size_mm": " × ".join(map(str, drawing.size_mm)), "svg": drawing.svg("chart")}
    facts |= {"size_mm": "", "svg": charts.svg(drawn) if facts.get("unit") == "%" else ""}
    return facts | {"axes": [facts_of(one) for axes in drawn.figure.axes for one in (axes, *axes.child_axes)]}


def told_by(name: str) -> dict[str, Any]:
    """What a chart, or the calls of a function, come to; with the warnings that they give."""
    calls = APPROVED[name] if "." in name else ()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        function = attrgetter(name)(charts) if calls else None
        try:
            facts = {"gives": [np.asarray(function(*row, **more), object).tolist() for *row, more in calls]}
            facts = facts if calls else shown(draw(**APPROVED[name]))
        except RequestError as refused:
            facts = {"refused": refused}
    pyplot.close("all")
    return facts | {"told": [each.message for each in told if each.category is UserWarning]}


KINDS = {name: name.split(".")[0] if "." in name else APPROVED[name]["kind"] for name in APPROVED}


@pytest.mark.parametrize("kind", sorted({*KINDS.values()}))
def test_charts_show_what_was_approved(kind: str, snapshot: SnapshotAssertion) -> None:
    assert {name: told_by(name) for name, of in KINDS.items() if of == kind} == snapshot
