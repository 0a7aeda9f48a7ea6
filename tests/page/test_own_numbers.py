"""An analyst's own charts on a public page: exact counts of people are refused, unknown numbers told of."""

import pandas as pd
import pytest
import seaborn as sns
from matplotlib.figure import Figure

import rmrp_analysis as rmrp
from conftest import activities, plan
from rmrp_analysis.errors import RequestError
from rmrp_analysis.method import Method
from rmrp_analysis.page.page import Page

charts = rmrp.charts


def page(audience: str = "public") -> Page:
    rows = activities(
        country=["CHL", "PER", "PER", "ECU", "ECU"],
        organisation="IOM",
        new_beneficiaries=[4.0, 300.0, 200.0, 450.0, 450.0],
    )
    return rmrp.Page(plan(rows).select("Health"), audience=audience)


def test_exact_numbers_of_a_chart_stay_internal_and_its_table_is_named() -> None:
    made = page()
    exact = made.selection.people_reached().by("platform").dropna()
    for add in (made.add, made.bars, lambda table: made.chart(charts.bars(table))):
        with pytest.raises(
            RequestError, match=r'exact counts of people; take page.table\("people_reached", "platform"\)'
        ):
            add(exact)
    assert made.blocks == []
    made = page("internal")
    made.chart(charts.bars(made.selection.people_reached().by("platform").dropna()))
    assert "Chile: 4" in made.blocks[0].view["alt"]


def test_a_table_of_the_page_is_rounded_as_its_sheet_by_the_base_of_each_sector() -> None:
    made = page()
    table = made.table("people_reached", "platform")
    of_sheet = {cell.key: cell for cell in made.key_figures.breakdowns["people_reached_by_platform"].cells}
    assert {place: (row["value"], row["status"]) for place, row in table.dropna(subset="value").iterrows()} == {
        place: (of_sheet[place].value, of_sheet[place].status) for place in ("Chile", "Ecuador", "Peru")
    }
    made.chart(charts.bars(table.dropna(subset="value")))
    assert "unchecked" not in made.blocks[0].view
    assert "Chile: 4" not in made.blocks[0].view["alt"]
    rows = activities(sector=["Health", "WASH"], new_beneficiaries=[33.0, 33.0])
    method = Method.model_validate({"rounding": {"default": 5, "wash": 20}})
    table = rmrp.Page(plan(rows).select("Intersector", method=method)).table("people_reached", "sector")
    assert table["value"]["Health"] in (30, 35)
    assert table["value"]["WASH"] in (0, 20, 40)


@pytest.mark.parametrize("audience", ["public", "internal"])
def test_numbers_that_count_nobody_knows_what_are_told_of(audience: str) -> None:
    made = page(audience)
    made.chart(charts.bars(pd.Series({"here": 3, "there": 200})))
    made.add(made.selection.activities.groupby("country", observed=True).size())
    assert [block.view.get("unchecked", False) for block in made.blocks] == [audience == "public"] * 2


def test_an_own_chart_is_known_by_its_bars_or_by_the_table_that_it_draws() -> None:
    made = page()
    table = made.table("people_reached", "platform").dropna(subset="value").reset_index()
    made.chart(sns.barplot(table, x="platform", y="value", ax=Figure().subplots()))
    made.chart(sns.kdeplot(table, x="value", ax=Figure().subplots()), of=table)
    assert [block.view.get("unchecked", False) for block in made.blocks] == [False, False]
    exact = made.selection.people_reached().by("platform").dropna().reset_index()
    with pytest.raises(RequestError, match=r'page.table\("people_reached"'):
        made.chart(sns.barplot(exact, x="platform", y="people_reached", ax=Figure().subplots()))
    made.add(made.selection.people_reached().by("platform").dropna() / 7)  # a rate
    assert "unchecked" not in made.blocks[-1].view
