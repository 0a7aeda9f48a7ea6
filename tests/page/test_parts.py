"""A part of a page is a line of the notebook: a table, its chart and its words, which an analyst changes alone."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib import rc_context

import rmrp_analysis as rmrp
from conftest import activities, plan
from notebook_page import parts_of_the_sheet
from rmrp_analysis import charts
from rmrp_analysis.errors import RequestError
from rmrp_analysis.page import Page
from rmrp_analysis.plan import Selection

SOURCE = "\n".join(parts_of_the_sheet())


@pytest.fixture(scope="module")
def health() -> Selection:
    return rmrp.load_plan(rmrp.bundled_plan()).select("Health")


def blocks_of(selection: Selection, source: str) -> dict[str, str]:
    """Each part of a page as HTML, by its name; this is what the exporters carry to PDF, too."""
    page = Page(selection)
    exec(source, {"page": page, "charts": charts})  # noqa: S102 - our own notebook
    return {block.name: block.html for block in page.blocks}


@pytest.mark.parametrize(
    ("line", "changed", "parts"),
    [
        ("most=10 if page.is_region else 5 if", "most=3 if page.is_region else 5 if", {"places"}),
        ("values=3", "values=1", {"map"}),
        ("height_mm=34", "height_mm=30", {"months"}),
        ('"reporting_partners", "implementing_partners"', '"reporting_partners"', {"partners"}),
        ("page.bars(groups, targets=target,", "page.bars(groups,", {"people_reached_by_population_group"}),
        ('order="table", title=page.finding("age_and_gender")', 'title="Ours"', {"people_reached_by_age_gender"}),
    ],
)
def test_one_changed_line_changes_exactly_its_part(health: Selection, line: str, changed: str, parts: set[str]) -> None:
    assert SOURCE.count(line) == 1
    before, after = blocks_of(health, SOURCE), blocks_of(health, SOURCE.replace(line, changed))
    assert {name for name in {*before, *after} if before.get(name) != after.get(name)} == parts


def test_a_notebook_without_its_last_cells_is_a_page(health: Selection, tmp_path: Path) -> None:
    page = Page(health)
    exec("\n".join(parts_of_the_sheet()[:2]), {"page": page, "charts": charts})  # noqa: S102 - our own notebook
    assert page.save(tmp_path / "short.pdf").read_bytes().startswith(b"%PDF")


def test_cards_take_any_figures_and_know_no_other(health: Selection) -> None:
    page = Page(health)
    page.cards("people_reached", "activities", "target_coverage", "funding_usd")
    assert [block.name for block in page.blocks] == ["people", "partners", "funding"]
    assert [card["label"] for card in page.blocks[1].view["cards"]] == [
        "Reported activities",
        "People reached, of people targeted",
    ]
    with pytest.raises(RequestError, match="there is no figure 'people_reachd'; did you mean 'people_reached'"):
        page.cards("people_reachd")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_table_of_ones_own_is_told_in_the_language_of_the_page(language: str) -> None:
    page = Page(plan(activities(country=["PER", "COL"])).select("Health"), language=language)
    own = pd.DataFrame({"Activities": [1200, 4], "Outputs": [0.5, None]}, pd.Index(["PER", "COL"], name="country"))
    page.add(own, caption="Rows with something to review", unit="count")
    texts = re.sub("<[^>]+>", "|", page.blocks[0].html)
    shown = {"en": ("Country", "Peru", "1,200", "—"), "es": ("País", "Perú", "1200", "Actividades", "Filas con algo")}
    assert [text for text in shown[language] if text not in texts] == []
    assert not page.blocks[0].view.get("unchecked")
    page.add(own["Activities"].rename("value"))
    assert "1200" in page.blocks[1].html.replace(",", "")


def test_a_table_without_parts_or_below_nobody_says_why(health: Selection) -> None:
    shares, money = (Page(health).table(name, "country") for name in ("target_coverage", "requirement_usd"))
    assert (shares.empty, shares.attrs["reason"]) == (True, "no source gives it by these parts")
    assert (money.empty, money.attrs["reason"]) == (True, "no source gives it by these parts")
    assert Page(health).table("people_reached", "sector").attrs["reason"] == "the page is of one sector"
    unknown = Page(health.plan.select("Common Services"), language="es").table("target", "country")
    assert (unknown.empty, unknown.attrs["reason"]) == (True, "este sector no alcanza a personas directamente")
    reports = activities(country="PER", new_beneficiaries=50.0, women=80.0)
    table: Any = Page(plan(reports).select("Health")).table("people_reached", "platform", "age_gender")
    assert table.loc[("Peru", "not specified"), "status"] == "not_known"
    assert (table["value"].dropna() >= 0).all()


def test_a_chart_of_seaborn_has_the_look_and_the_width_of_ours() -> None:
    with rc_context():
        charts.use_style()
        axes = sns.barplot(x=["Colombia", "Peru"], y=[742_000, 296_000])
        page_chart = rmrp.page.drawings.build_foreign_chart_block(axes, alt="Two bars.")
        ours = charts.bars(pd.Series({"COL": 742_000, "PER": 296_000}))
        assert plt.rcParams["font.family"] == ["Source Sans 3"]
        assert axes.patches[0].get_facecolor()[:3] == pytest.approx(ours.patches[0].get_facecolor()[:3], abs=0.1)
    assert page_chart.view["span"] == 6
    assert page_chart.view["width_mm"] <= 88


def done_on(selection: Selection, language: str = "en") -> list[dict[str, Any]]:
    """The rows on what was done; none where the sheet does without them."""
    page = Page(selection, language=language)
    exec(SOURCE, {"page": page, "charts": charts})  # noqa: S102 - our own notebook
    return [row for block in page.blocks if block.uid == "activities_by_indicator" for row in block.view["rows"]]


def test_what_was_done_has_six_rows_and_one_for_the_rest_in_the_language_of_the_sheet() -> None:
    services = rmrp.load_plan(rmrp.bundled_plan()).select("Common Services")
    in_spanish, in_english = (done_on(services, code) for code in ("es", "en"))
    assert in_english[0]["label"] == "Multilateral meetings to coordinate the response"
    assert in_spanish[0]["label"] == "Reuniones multilaterales para coordinar la respuesta"
    assert len(in_english) == len(in_spanish) == 7
    assert in_english[-1]["label"].endswith(" others")
    shares = [int(row["people"]["text"].replace(",", "")) for row in in_english]
    assert sum(shares) == services.key_figures().value("activities")


def test_what_was_done_is_told_of_services_and_left_out_where_people_tell_more(health: Selection) -> None:
    violence = rmrp.load_plan(rmrp.bundled_plan()).select("Gender-Based Violence", place="Colombia")
    assert done_on(violence)
    assert not done_on(health)


def test_an_indicator_without_a_label_is_cut_at_a_word() -> None:
    text = "# of " + "refugees and migrants from various countries who took part in a workshop " * 2
    made = plan(activities(sector="Common Services", indicator=["cash", text], indicator_type="other"))
    cut, short = (row["label"] for row in done_on(made.select("Common Services")))
    assert short == "Cash"
    assert cut.endswith(" …")
    assert len(cut) <= 90
    assert text.startswith(cut.removesuffix(" …"))
    assert text[len(cut.removesuffix(" …"))] == " "
