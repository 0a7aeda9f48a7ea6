"""What heat maps draw, the darker the more, and waterfalls, where a total becomes another step by step."""

from math import nan

import numpy as np
import pandas as pd
import pytest
from legible import cut, overlapping
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from seaborn.utils import relative_luminance

from rmrp_analysis import charts
from rmrp_analysis.errors import RequestError

TABLE = pd.DataFrame({"PER": [4_000.0, 0], "COL": [300_000, 20]}, index=["UNHCR", "IOM"])


def shades(axes: Axes) -> list[float]:
    """The luminance of the cells that have a value, row by row."""
    mesh = axes.collections[0]
    mesh.update_scalarmappable()
    drawn = ~np.ma.getmaskarray(mesh.get_array()).ravel()
    return [relative_luminance(colour) for colour, shown in zip(mesh.get_facecolors(), drawn, strict=True) if shown]


def table() -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples([("UNHCR", "PER"), ("UNHCR", "COL"), ("IOM", "PER")])
    return pd.DataFrame({"value": [500.0, 0.0, 0.0], "status": ["known", "few", "known"]}, index=index)


def test_every_value_is_readable_on_its_shade() -> None:
    axes = charts.heatmap(pd.DataFrame([np.geomspace(1, 1e6, 12)], index=["a"], columns=[f"c{n}" for n in range(12)]))
    texts = [relative_luminance(text.get_color()) for text in axes.texts]
    pairs = [sorted(pair) for pair in zip(texts, shades(axes), strict=True)]
    assert min((light + 0.05) / (dark + 0.05) for dark, light in pairs) >= 4.5
    assert {*texts} == {0, 1}


@pytest.mark.parametrize(("rows", "columns", "language"), [(1, 1, "en"), (60, 8, "es"), (5, 40, "pt")])
def test_texts_neither_overlap_nor_are_cut(rows: int, columns: int, language: str) -> None:
    name = "Organisation for the very long names of things that never end"
    values = [[10.0 ** ((row + column) % 9) for column in range(columns)] for row in range(rows)]
    long = pd.DataFrame(
        values, index=[f"{name} {n}" for n in range(rows)], columns=[f"{name} {n}" for n in range(columns)]
    )
    long.iloc[0, 0] = nan
    axes = charts.heatmap(long, title=name * 3, language=language)
    assert overlapping(axes) == cut(axes) == []


@pytest.mark.parametrize("nothing", [pd.DataFrame({"a": [nan, 0]}), pd.DataFrame({"a": []})])
def test_a_table_without_values_is_drawn(nothing: pd.DataFrame) -> None:
    assert charts.svg(charts.heatmap(nothing)).startswith("<svg")


def test_one_dimension_is_refused_and_existing_axes_are_drawn_in() -> None:
    with pytest.raises(RequestError, match="tables of 2 dimensions, and this table has 1"):
        charts.heatmap(pd.Series({"a": 1}))
    axes = Figure(figsize=(6, 4)).subplots()
    assert charts.heatmap(TABLE, ax=axes) is axes
    assert overlapping(axes) == cut(axes) == []


# ---- Waterfalls ----


def test_no_text_of_a_waterfall_overlaps_and_nothing_is_an_empty_total() -> None:
    steps = {
        "A very long name of a step that has no room in one line of the drawing, alas": 987_654_321,
        "b": -9_876_543,
    }
    axes = charts.waterfall(pd.Series(steps), total="left")
    assert overlapping(axes) == cut(axes) == []
    assert charts.drawing_of(charts.waterfall(pd.Series(dtype=float), total="left")).parts == [("left", "0")]
