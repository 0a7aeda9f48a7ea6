"""Charts of seaborn get the names, months, numbers and highlights of the sheet, and keep their data."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
import seaborn as sns
from matplotlib import pyplot, rc_context
from matplotlib.colors import to_hex
from matplotlib.text import Text

from rmrp_analysis import charts
from rmrp_analysis.charts.matplotlib_style import hex_of
from rmrp_analysis.errors import RequestError

MONTHS = pd.period_range("2021-01", "2021-12", freq="M").strftime("%Y-%m")
PEOPLE = pd.DataFrame(
    [
        (month, name, 20_000 * (place + 1) + 900 * number)
        for number, month in enumerate(MONTHS)
        for place, name in enumerate(("PER", "ECU", "COL"))
    ],
    columns=["month", "country", "value"],
)
PLACES = PEOPLE[PEOPLE["month"] == "2021-12"]


@pytest.fixture(autouse=True)
def our_style() -> Iterator[None]:
    with rc_context():
        charts.use_style()
        yield
        pyplot.close("all")


def names(labels: list[Text]) -> list[str]:
    return [label.get_text() for label in labels]


def test_dates_are_months_and_january_has_its_year() -> None:
    dated = PEOPLE.assign(month=pd.to_datetime(PEOPLE["month"]))
    axes = charts.style_axes(sns.lineplot(dated, x="month", y="value", hue="country"), unit="people")
    axes.figure.draw_without_rendering()
    assert names(axes.get_xticklabels())[0] == "Jan\n2021"
    assert axes.get_xlabel() == ""


def test_a_highlighted_line_keeps_the_colour_of_its_place_in_the_cycle_which_is_never_pale() -> None:
    for name in ("PER", "ECU", "COL"):
        pyplot.figure()
        axes = charts.style_axes(sns.lineplot(PEOPLE, x="month", y="value", hue="country"), highlight=name)
        colours = [to_hex(line.get_color()) for line in axes.lines[:3]]
        assert colours.count(hex_of("land")) == 2


def test_a_name_that_a_chart_has_not_is_refused() -> None:
    with pytest.raises(RequestError, match="highlight: the chart has no 'Equador'; did you mean 'Ecuador'"):
        charts.style_axes(sns.barplot(PLACES, x="country", y="value"), highlight="Equador")
    with pytest.raises(RequestError, match=r"style_axes\(\) has no 'colour'; did you mean 'color'"):
        charts.style_axes(sns.barplot(PLACES, x="country", y="value"), colour="people")


@pytest.mark.parametrize("language", ["en", "es", "pt"])
@pytest.mark.parametrize("kind", ["line", "bar", "wide names", "heat", "panels"])
def test_no_text_covers_another_or_is_cut_in_any_form(kind: str, language: str) -> None:
    groups = PEOPLE.assign(
        country=PEOPLE["country"].replace({"PER": "Central America & Mexico", "ECU": "Multipurpose Cash"})
    )
    forms: dict[str, Any] = {
        "line": lambda: sns.lineplot(groups, x="month", y="value", hue="country"),
        "bar": lambda: sns.barplot(PLACES, y="country", x="value"),
        "wide names": lambda: sns.barplot(groups[groups["month"] == "2021-01"], x="country", y="value"),
        "heat": lambda: sns.heatmap(groups.pivot(index="country", columns="month", values="value")),
        "panels": lambda: sns.relplot(groups, x="month", y="value", col="country", kind="line", height=2),
    }
    drawn = charts.style_axes(forms[kind](), unit="people", language=language, title="A finding", width_mm=120)
    figure = drawn.figure
    figure.draw_without_rendering()
    assert figure.get_size_inches()[0] * 25.4 == pytest.approx(120)
    ticks = [label for axes in figure.axes for label in (*axes.get_xticklabels(), *axes.get_yticklabels())]
    within = [axes.bbox.padded(2) for axes in figure.axes]
    shown = [
        text
        for text in figure.findobj(Text)
        if text.get_text() and text.get_visible() and (text not in ticks or _is_drawn(text, within))
    ]
    boxes = [
        (text.get_text(), text.get_window_extent().padded(-0.16 * text.get_fontsize() / 72 * figure.dpi))
        for text in shown
    ]
    assert [(one, other) for (one, a), (other, b) in combinations(boxes, 2) if a.overlaps(b)] == []
    paper = figure.bbox.padded(1)
    assert [
        words
        for words, box in boxes
        if box.x0 < paper.x0 or box.y0 < paper.y0 or box.y1 > paper.y1 or box.x1 > paper.x1
    ] == []


def _is_drawn(text: Text, within: list[Any]) -> bool:
    """Whether a tick is within the limits of its axis: Matplotlib keeps labels beyond them and does not draw them."""
    box = text.get_window_extent()
    middle = np.array([(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2])
    return any(axes.x0 <= middle[0] <= axes.x1 or axes.y0 <= middle[1] <= axes.y1 for axes in within)


def test_a_logarithmic_axis_has_numbers_of_the_unit_at_its_powers_alone() -> None:
    axes = charts.style_axes(sns.stripplot(PEOPLE, x="month", y="value", log_scale=True), unit="people")
    axes.set_ylim(9, 200_000)
    axes.figure.draw_without_rendering()
    assert {"10", "100", "1\u202fK", "10\u202fK", "100\u202fK"} <= {*names(axes.get_yticklabels())}
    assert {*names(axes.yaxis.get_ticklabels(minor=True))} <= {""}


def test_numbers_along_an_axis_are_as_many_as_have_room() -> None:
    totals = PEOPLE.groupby("month")["value"].sum() * 10
    axes = charts.style_axes(sns.ecdfplot(x=totals), title="Most months have fewer")
    axes.figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in axes.get_xticklabels() if label.get_text()]
    assert [one for one, other in combinations(boxes, 2) if one.overlaps(other)] == []
    assert len(boxes) >= 3


def test_a_long_title_has_lines_and_all_above_the_axes_begins_at_the_left_edge() -> None:
    title = "A finding that takes more words than one line of a column of a sheet has room for"
    axes = charts.style_axes(sns.lineplot(PEOPLE, x="month", y="value", hue="country"), unit="people", title=title)
    figure = axes.figure
    figure.draw_without_rendering()
    assert axes.get_title(loc="left").split() == title.split()
    above = [axes._left_title, axes.yaxis.label, axes.get_legend()]
    boxes = [artist.get_window_extent() for artist in above]
    assert [round(box.x0 / figure.dpi * 25.4, 1) for box in boxes] == [0, 0, 0]
    assert max(box.x1 for box in boxes) <= figure.bbox.x1
    assert max(box.y1 for box in boxes) <= figure.bbox.y1


def test_a_key_of_two_lines_has_equal_columns() -> None:
    four = pd.concat([PEOPLE, PEOPLE.assign(country="PAN", value=1_000)])
    axes = charts.style_axes(sns.lineplot(four, x="month", y="value", hue="country"), unit="people")
    axes.figure.draw_without_rendering()
    texts = axes.get_legend().get_texts()
    lines = {round(text.get_window_extent().y0) for text in texts}
    columns = {round(text.get_window_extent().x0) for text in texts}
    assert (len(lines), len(columns)) == (2, 2)


def test_the_value_of_a_target_stands_beyond_the_end_of_its_line() -> None:
    axes = charts.style_axes(sns.lineplot(PEOPLE, x="month", y="value", hue="country"), unit="people", target=41_000)
    axes.figure.draw_without_rendering()
    (text,) = axes.texts
    assert axes.bbox.x1 <= text.get_window_extent().x0
    assert text.get_window_extent().x1 <= axes.figure.bbox.x1 + 1


def test_lines_of_seaborn_are_as_thick_in_a_block_as_in_a_notebook_with_the_style() -> None:
    thick = sns.lineplot(PEOPLE, x="month", y="value").lines[0].get_linewidth()
    with rc_context(), charts.sheet_style():
        pyplot.figure()
        assert sns.lineplot(PEOPLE, x="month", y="value").lines[0].get_linewidth() == thick == 1.5
