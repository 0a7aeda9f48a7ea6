"""A figure in a notebook is SVG with text, and has an alternative text in words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import seaborn as sns
from IPython.core.interactiveshell import InteractiveShell
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from rmrp_analysis import theme
from rmrp_analysis.page import chart
from rmrp_analysis.theme import inline, prose
from rmrp_analysis.words import Translator

PEOPLE = pd.DataFrame({"place": ["Peru", "Chile"], "people": [1234, 58]})


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """A shell of IPython in which the extension is loaded."""
    shell = InteractiveShell.instance()
    inline.load_ipython_extension(shell)
    yield shell
    plt.close("all")
    InteractiveShell.clear_instance()


def said(figure: Figure, language: str = "en") -> str:
    inline.figure_svg(figure)
    return inline.alternative_text(figure, Translator(language))


def bars() -> Any:
    axes = Figure().subplots()
    return sns.barplot(PEOPLE, x="place", y="people", ax=axes)


def test_an_alternative_text_says_axes_groups_and_extremes_of_any_chart() -> None:
    assert said(bars().figure) == (
        "Horizontal axis: place (Peru and Chile). Vertical axis: people. Lowest: 58 (Chile). Highest: 1,234 (Peru)."
    )
    axes = Figure().subplots()
    axes.barh(["Peru", "Chile"], [3, 5])
    assert said(axes.figure) == "Vertical axis: Peru and Chile. Lowest: 3 (Peru). Highest: 5 (Chile)."
    figure = Figure()
    figure.suptitle("Two panels")
    for axes in figure.subplots(1, 2):
        axes.plot([1, 2], [3, 4], label="reached")
        axes.set_xlabel("month")
    figure.legend()
    assert said(figure) == "Two panels. Horizontal axis: month. Lowest: 3. Highest: 4. Groups: reached."
    axes = Figure().subplots()
    sns.heatmap(np.arange(6).reshape(2, 3), ax=axes)
    axes.set_title("Fields of $10^{2}$")
    assert said(axes.figure) == "Fields of 10^2. Lowest: 0. Highest: 5."
    assert said(Figure()) == "Chart."


def test_alternative_text_is_in_the_language_of_the_notebook(shell: InteractiveShell) -> None:
    shell.user_ns["language"] = "es"
    bundle, _ = inline.figure_bundle(bars().figure)
    assert bundle["text/plain"].startswith("Eje horizontal: place (Peru y Chile). Eje vertical: people.")
    shell.user_ns["language"] = "Klingon"
    assert inline.notebook_language() == "en"


def test_text_in_the_drawing_stays_text_in_the_font_of_the_sheet() -> None:
    drawn = inline.figure_svg(bars().figure)
    assert ">Chile</text>" in drawn
    assert "Source Sans 3" in drawn
    assert drawn == inline.figure_svg(bars().figure)


def test_a_figure_is_shown_as_svg_alone_and_axes_unless_pyplot_shows_them(shell: InteractiveShell) -> None:
    data, metadata = shell.display_formatter.format(bars().figure)
    assert set(data) == {"image/svg+xml", "text/plain"}
    assert metadata["rmrp"] == {"alt": data["text/plain"], "alt_drafted": True}
    assert "image/svg+xml" in shell.display_formatter.format(bars())[0]
    _, axes = plt.subplots()
    assert "image/svg+xml" not in shell.display_formatter.format(axes)[0]


def test_a_chart_of_your_own_is_a_block_with_a_title(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    _, axes = plt.subplots(figsize=(3, 2))
    chart(axes, title="It grows", kicker="People", alt="A line.")
    _, wide = plt.subplots(figsize=(7, 4))
    chart(sns.barplot(PEOPLE, x="place", y="people", ax=wide))
    (own,), (drafted,) = (block._repr_mimebundle_()[theme.BLOCKS_MIME] for block in shown)
    assert (own["kind"], own["view"]["finding"], own["view"]["alt"]) == ("chart", "It grows", "A line.")
    assert (own["view"]["span"], drafted["view"]["span"]) == (6, 12)
    assert (own["view"]["alt_drafted"], drafted["view"]["alt_drafted"]) == (False, True)
    assert plt.get_fignums() == []


def test_a_series_is_a_table_without_its_type_and_a_path_is_its_text(shell: InteractiveShell) -> None:
    series = pd.Series([9_800_000.0, 0.5], index=pd.Index(["A", "B"], name="donor"), name="funding_usd")
    bundle, _ = shell.display_formatter.format(series)
    nodes, _ = prose.html_nodes(bundle["text/html"], lambda *_: None)
    assert [node["kind"] for node in nodes] == ["table"]
    cells = [cell["text"] for row in (*nodes[0]["view"]["head"], *nodes[0]["view"]["rows"]) for cell in row]
    assert cells == ["donor", "funding_usd", "A", "9800000", "B", "0.5"]
    assert shell.display_formatter.format(Path("reports") / "health.pdf")[0] == {"text/plain": "reports/health.pdf"}


def test_whole_numbers_of_a_frame_lose_their_zeros_and_those_of_a_styler_do_not() -> None:
    frame = pd.DataFrame({"value": [296110.0, 0.92], "text": ["1.0", "x"]}, index=["a", "b"])
    styled = frame.style.format({"value": "{:.2f}"})
    for shown, expected in ((frame._repr_html_(), ["296110", "0.92"]), (styled.to_html(), ["296110.00", "0.92"])):
        nodes, _ = prose.html_nodes(shown, lambda *_: None)
        table = next(node["view"] for node in nodes if node["kind"] == "table")
        assert [row[1]["text"] for row in table["rows"]] == expected
