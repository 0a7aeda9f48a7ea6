"""An analyst asks in the ways of pandas, and is answered by a table or by a sentence."""

import sys
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import rmrp_analysis as rmrp
from conftest import activities, plan, planning
from rmrp_analysis.arguments import Period
from rmrp_analysis.errors import InputRefused, RequestError
from rmrp_analysis.method import Method
from rmrp_analysis.plan import Plan, Selection

ROOT = Path(__file__).parents[1]


TWO_PLACES = plan(
    activities(
        sector=["Health", "WASH", "Health", "Health"],
        country=["PER", "PER", "PER", "COL"],
        place=["tumbes", "tumbes", "lima", "cauca"],
        place_name=["Tumbes", "Tumbes", "Lima", "Cauca"],
        month=["2021-01", "2021-02", "2021-03", "2021-03"],
        new_beneficiaries=[100, 70, 20, 5],
        women=[60, 0, 20, 5],
    ),
    planning(("Health", "Peru", "all", "target", 400)),
)
"""Health and WASH in Tumbes, Lima and Colombia."""


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2021", "2021-01", "2021-12"), (2021, "2021-01", "2021-12"), ("2021Q1", "2021-01", "2021-03"),
        ("T2 2021", "2021-04", "2021-06"), ("2021-S2", "2021-07", "2021-12"), ("2021-03", "2021-03", "2021-03"),
        ("03/2021", "2021-03", "2021-03"), ("enero 2021", "2021-01", "2021-01"),
        ("março de 2021", "2021-03", "2021-03"), ("January–March 2021", "2021-01", "2021-03"),
        ("diciembre de 2020 a febrero de 2021", "2020-12", "2021-02"), ("2021-01/2021-06", "2021-01", "2021-06"),
        (("2021-01", "2021Q2"), "2021-01", "2021-06"), (pd.Period("2021-03"), "2021-03", "2021-03"),
        (pd.Period("2021Q1"), "2021-01", "2021-03"), (pd.Timestamp("2021-03-15"), "2021-03", "2021-03"),
    ],
)  # fmt: skip
def test_a_period_is_read_as_people_write_it(written: Any, first: str, last: str) -> None:
    assert Period.parse(written) == Period(start=first, end=last)


@pytest.mark.parametrize("written", ["2021-13", "2021Q5", "2021H3", "enero", "soon", None, 3.5, ["2021"]])
def test_what_is_no_period_is_told_how_one_is_written(written: Any) -> None:
    with pytest.raises(RequestError, match="write it like 2021, 2021Q1, 2021-03"):
        Period.parse(written)


def test_a_parameter_file_takes_a_period_as_people_write_it(tmp_path: Path) -> None:
    params = (ROOT / "params" / "2021-end-of-year.yml").read_text(encoding="utf-8")
    own = params.replace("period: {start: 2021-01, end: 2021-12}", "period: enero a marzo de 2021")
    assert own != params
    for folder in ("data", "notebooks"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "narratives").symlink_to(ROOT / "params" / "narratives")
    (tmp_path / "params" / "own.yml").write_text(own, encoding="utf-8")
    selected = rmrp.load_plan(tmp_path / "params" / "own.yml").select("Health")
    assert selected.period == Period.parse("2021Q1")


def test_several_sectors_and_places_are_told_apart_and_never_added_up() -> None:
    both = TWO_PLACES.select(["Salud", "WASH"], place=["Perú", "COL"])
    reached = both.people_reached()
    people = reached.by()
    assert people.index.names == ["sector", "place"]
    assert people["Health"].to_dict() == {"Peru": 100 + 20, "Colombia": 5}
    assert reached.by("month")["WASH", "Peru", "2021-02"] == 70
    assert reached.by("sector", "month").index.names == ["place", "sector", "month"]
    with pytest.raises(RequestError, match=r"must not be added up: take \.by\(\)"):
        _ = reached.total
    assert both.figures().loc[("Health", "Colombia", "people_reached"), "value"] == 5
    traced = both.trace("people_reached")
    assert traced.groupby(["sector", "place"])["contribution"].sum()["Health", "Peru"] == 100 + 20
    assert both.models()["Peru", "sum"] == 100 + 70 + 20
    assert len(both.activities) == 4


def test_a_plan_says_what_it_holds_and_one_function_selects_for_all() -> None:
    for selection in (TWO_PLACES.select(["Health", "WASH"]), TWO_PLACES.select("Health", admin1="Lima")):
        with pytest.raises(RequestError, match="a sheet is of one sector in the region, a platform or a country"):
            rmrp.Page(selection)
    assert TWO_PLACES.sectors == ("Health", "WASH")
    assert TWO_PLACES.places == ("Colombia", "Peru")
    assert TWO_PLACES.months == ("2021-01", "2021-02", "2021-03")
    assert len(TWO_PLACES.organisations) == 1
    table = TWO_PLACES.figures(["Health", "WASH"], places=["Peru"], admin1="tumbes", period=pd.Period("2021Q1"))
    reached = table[table["figure"] == "people_reached"].set_index("sector")["value"]
    assert reached.to_dict() == {"Health": 100, "WASH": 70}


def test_an_admin1_has_its_own_figures_that_add_up_to_its_country(bundled: Plan) -> None:
    tumbes = TWO_PLACES.select("Health", admin1="Tumbes")
    figures = tumbes.figures()
    assert repr(tumbes).startswith("Health, Peru, Tumbes, 2021-01 to 2021-12: 1 activities")
    assert figures.loc["people_reached", "value"] == tumbes.people_reached().total == 100
    assert isnan(figures.loc["target", "value"])  # that of Peru is not its own
    assert TWO_PLACES.select("Health", place="Peru", admin1=["Tumbes", "Lima"]).people_reached().total == 100 + 20
    assert TWO_PLACES.select("All sectors", admin1="Tumbes").people_reached().total == 100 + 70  # by month
    for sector in ("Health", "All sectors"):
        by_admin1 = bundled.select(sector, place="Peru").people_reached().by("admin1")
        names = ["Lima", "Tumbes", "Piura", "Tacna"]
        own = {name: bundled.select(sector, place="Peru", admin1=name).people_reached().total for name in names}
        assert own == by_admin1[names].to_dict()


@pytest.mark.parametrize("dimensions", [("month",), ("organisation", "month")])
def test_a_figure_goes_through_few_functions_of_few_modules(dimensions: tuple[str, ...]) -> None:
    fresh_plan, functions = rmrp.load_plan(ROOT / "data/rmrp-2021"), set[tuple[str, str]]()

    def note_call(frame: Any, event: str, _: Any) -> None:
        path, name = frame.f_code.co_filename, frame.f_code.co_qualname
        if event == "call" and path.startswith(str(ROOT / "src")) and not name.endswith(">"):
            functions.add((path, name))

    try:
        sys.setprofile(note_call)
        fresh_plan.select("Health").people_reached().by(*dimensions)
    finally:
        sys.setprofile(None)
    assert len(functions) <= 51  # six of them are the bounds
    assert len({path for path, _ in functions}) <= 12


def test_money_is_not_known_of_an_admin1(bundled: Plan) -> None:
    selection = bundled.select("Health", admin1="Tumbes")
    assert selection.figures().loc["funding_usd", "reason"] == (
        "the source does not give money by first administrative level"
    )
    assert selection.funding().by("donor").empty


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"sector": 3}, "sector: write a name or a list of names, not 3"),
        ({"sector": "Health", "country": "Peru"}, "select() has no 'country'; allowed: sector, place"),
        ({"sector": "Health", "places": "Peru"}, "select() has no 'places'; did you mean 'place'?"),
        ({}, "select() cannot be called so: missing a required argument: 'sector'"),
        ({"sector": "Health", "admin1": "Tumbez"}, "of an admin1 'Tumbez'; did you mean 'Tumbes'?"),
        ({"sector": "Health", "method": {"rounding": 3}}, "Method: rounding: '3' is no base of rounding"),
        ({"sector": "Health", "period": "2021-06/2021-01"}, "Period: the period ends (2021-01) before it starts"),
    ],
)
def test_a_wrong_argument_is_answered_by_a_sentence(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(RequestError) as problem:
        TWO_PLACES.select(**arguments)
    assert said in str(problem.value)


def test_what_a_page_or_a_check_does_not_take_is_answered_by_a_sentence() -> None:
    selection = TWO_PLACES.select("Health", place="Peru")
    with pytest.raises(RequestError, match="there is no figure 'funding'; did you mean 'funding_usd'"):
        rmrp.Page(selection, provisional=["funding"])
    with pytest.raises(RequestError, match="draws tables; give one"):
        rmrp.Page(selection).bars()
    with pytest.raises(RequestError, match="has the period and method of the selection"):
        rmrp.check(selection, period="2021Q1")


def test_an_unknown_choice_of_a_method_is_answered_by_a_sentence() -> None:
    with pytest.raises(RequestError, match="Method: rouding: there is no such choice; did you mean 'rounding'"):
        Method(rouding=5)  # type: ignore[call-arg]


def test_a_figure_goes_to_excel(tmp_path: Path) -> None:
    reached = TWO_PLACES.select("Health").people_reached()
    by_admin1 = pd.read_excel(reached.to_excel(tmp_path / "admin1.xlsx", "admin1"), engine="calamine")
    assert dict(by_admin1.to_numpy()) == {"Cauca": 5, "Lima": 20, "Tumbes": 100}
    rows = pd.read_excel(reached.to_excel(tmp_path / "rows.xlsx"), engine="calamine")
    assert rows["contribution"].to_list() == [100, 20, 5]


def test_what_is_not_known_is_a_number_that_is_none_with_its_reason() -> None:
    nothing = plan(activities(sector="WASH", new_beneficiaries=[5])).select("Health")
    reached = nothing.people_reached()
    assert isnan(reached.total)
    assert (reached.reason, reached.by("admin1").attrs["reason"]) == ("no report", "no report")
    assert nothing.figures()["value"].dtype == nothing.people_reached().by("month").dtype == "float64"
    columns = ["value", "low", "high", "unit", "status", "caution"]
    assert nothing.figures().columns[:6].to_list() == columns
    assert list(nothing.funding().by("donor", "organisation").nlargest(5)) == []


def test_plans_and_selections_show_themselves_in_a_line(bundled: Plan) -> None:
    health = bundled.select("Health", place="Peru")
    for shown in (bundled, health, health.people_reached(), bundled.select("all").people_reached()):
        assert len(repr(shown).splitlines()) == 1
        assert len(repr(shown)) < 400
        assert "<p>" in shown._repr_html_()
    assert len([name for name in dir(health) if not name.startswith("_")]) <= 12


def test_two_tables_of_figures_are_held_against_each_other(tmp_path: Path) -> None:
    head = "report,figure,platform,group,month,value,unit\n"
    for name, people in (("before", 40), ("after", 50)):
        (tmp_path / f"{name}.csv").write_text(f"{head}health,people_reached,,,,{people},people\n", encoding="utf-8")
    (change,) = rmrp.diff(tmp_path / "before.csv", tmp_path / "after.csv").to_dict("records")
    assert (change["figure"], change["difference"], change["not_split"]) == ("people_reached", 50 - 40, 50 - 40)


def test_a_table_or_a_workbook_is_a_plan(bundled: Plan, tmp_path: Path) -> None:
    rows = bundled.activities.query("country == 'PER'").head(300)
    expected = rows.loc[rows["sector"] == "Health", "new_beneficiaries"].sum()
    method = Method(counted_indicator_types=("people in need", "people", "other"))
    rows.to_excel(tmp_path / "export 2021.xlsx", index=False)
    for source in (rows, tmp_path / "export 2021.xlsx"):
        made = rmrp.load_plan(source)
        assert made.select("Health", method=method).people_reached().total == pytest.approx(expected)
    with pytest.raises(
        InputRefused, match=r"^the DataFrame: nothing in it has the headers of an activity report \(5W\)"
    ):
        rmrp.load_plan(pd.DataFrame({"a": [1]}))
    endless = rows.assign(new_beneficiaries=rows["new_beneficiaries"].mask(rows.index == rows.index[0], float("inf")))
    assert rmrp.load_plan(endless).refused["activities"]["line"].to_list() == [1]
    with pytest.raises(InputRefused, match=r"^the DataFrame: two columns are named 'month'"):
        rmrp.load_plan(rows.rename(columns={"admin1": "month"}))
    with pytest.raises(RequestError, match="from a folder, a parameter file, a workbook or a DataFrame, not 3"):
        rmrp.load_plan(3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ('plan.select("He', ["Health"]),
        ("x = 1  # it's\nplan.select(\"Child Pro", ["Child Protection"]),
        ('plan.figures(["Health", "WA', ["WASH"]),
        ('plan.select("Health", place="Pe', ["Peru"]),
        ('plan.select(\n    "Health",\n    admin1="Tumb', ["Tumbes"]),
        ('plan.select("Health").people_reached().by("month", "age', ["age_gender"]),
        ('reached.where(admin1="Tumb', ["Tumbes"]),
        ('health["people_r', ["people_reached"]),
        ('health.trace("target_c', ["target_coverage"]),
        ('print("Hea', []),
    ],
)
def test_tab_completes_names_within_quotes(shell: Any, code: str, names: list[str]) -> None:
    from IPython.core.completer import provisionalcompleter

    with provisionalcompleter():
        found = [completion.text for completion in shell.Completer.completions(code, len(code))]
    assert found[: len(names) or None] == names


@pytest.fixture(scope="module")
def shell(bundled: Plan) -> Any:
    """A shell as a kernel has it, with a plan in it."""
    from IPython.core.interactiveshell import InteractiveShell

    own = InteractiveShell()
    own.extension_manager.load_extension("rmrp_analysis.completion")
    health: Selection = bundled.select("Health", place="Peru")
    own.user_ns |= {"plan": bundled, "health": health, "reached": health.people_reached()}
    return own


def test_charts_take_rates_and_percentages(bundled: Plan) -> None:
    rates = pd.Series({"PER": 12.345, "ECU": 3.2})
    texts = {
        (unit, decimals, language): [
            text.get_text() for text in rmrp.charts.bars(rates, unit=unit, decimals=decimals, language=language).texts
        ]
        for unit, decimals, language in (("per 1,000", None, "en"), ("%", 1, "es"), ("people", 2, "en"))
    }
    assert [*texts.values()] == [["12.35", "3.2"], ["12,3\u202f%", "3,2\u202f%"], ["12.35", "3.20"]]
    axes = rmrp.charts.bars(pd.Series({"PER": 50, "ECU": 40}), targets=pd.Series({"PER": 100, "ECU": 30}))
    assert [text.get_text() for text in axes.texts] == ["50 · 50%", "40 · 133%"]


@pytest.mark.parametrize(
    ("table", "said"),
    [([1, 2], "a chart draws a Series or a DataFrame"), (pd.Series({"PER": "a"}), "'a' is no number")],
)
def test_what_is_no_table_of_numbers_is_not_drawn(table: Any, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        rmrp.charts.bars(table)
