"""An analyst's own charts on a public page: exact counts of people are refused, unknown numbers told of."""

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from nbformat.v4 import new_code_cell, new_notebook, new_output

import rmrp_analysis as rmrp
from conftest import activities, plan
from rmrp_analysis.errors import RequestError
from rmrp_analysis.method import Method
from rmrp_analysis.page.page import Page
from rmrp_analysis.publish.documents.outputs import read_document
from rmrp_analysis.theme.inline import load_ipython_extension

charts = rmrp.charts


def page(audience: str = "public") -> Page:
    rows = activities(
        country=["CHL", "PER", "PER", "ECU"], organisation="IOM", new_beneficiaries=[4.0, 300.0, 200.0, 5000.0]
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
    made.add(made.selection.activities.groupby("country", observed=True)["new_beneficiaries"].sum())
    assert [block.view.get("unchecked", False) for block in made.blocks] == [audience == "public"] * 2


def test_a_notebook_keeps_for_whom_a_table_is(request: pytest.FixtureRequest) -> None:
    made = page()
    shell = InteractiveShell.instance()
    request.addfinalizer(InteractiveShell.clear_instance)
    load_ipython_extension(shell)
    for shown, known in ((made.table("people_reached", "platform"), True), (made.selection.activities, False)):
        data, facts = shell.display_formatter.format(shown)
        assert ("text/html" in data, facts == {"rmrp": {"audience": "public"}}) == (True, known)
        output = new_output("execute_result", data, metadata=facts)
        notebook = new_notebook(cells=[new_code_cell(outputs=[output])])
        notebook.metadata["papermill"] = {"parameters": {"audience": "public"}}
        told = [warning for warning in read_document(notebook).warnings if "numbers of its own" in warning]
        assert bool(told) is not known
