"""Two runs held against each other, from the numbers of their files alone: what is told of them, and in which order."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from conftest import activities, plan
from rmrp_analysis.errors import RequestError
from rmrp_analysis.figures import BREAKDOWNS
from rmrp_analysis.ledger import report_changes
from rmrp_analysis.loaders.editions import keep_edition
from rmrp_analysis.method import Method
from rmrp_analysis.publish.comparison.account import make_account
from rmrp_analysis.publish.comparison.difference import (
    Difference,
    DifferenceView,
    compare_runs,
    describe_edition_changes,
    render_difference_page,
)
from rmrp_analysis.publish.comparison.published import (
    PublishedRun,
    join_runs,
    parse_report_id,
    read_run,
    selections_by_id,
)
from rmrp_analysis.publish.records.figures import ROW_KEY
from rmrp_analysis.publish.records.manifest import Code, Manifest, Months, ReportRecord
from rmrp_analysis.words import Translator

Number = tuple[str, str, str]
Amounts = Mapping[Number, float]
PEOPLE: Number = ("health", "people_reached", "")
IN_PERU: Number = ("health.peru", "people_reached", "")
TARGET: Number = ("health", "target", "")
SHARE: Number = ("health", "target_coverage", "")
PARTNERS: Number = ("health", "reporting_partners", "")
FUNDING: Number = ("health", "funding_usd", "")
OF_PERU: Number = ("health", "people_reached_by_platform", "Peru")
OF_MARCH: Number = ("health", "people_reached_by_month", "2021-03")
NO_REPORTS = report_changes(plan(), plan(), Method(), ())


def run(
    values: Amounts, *, months: str = "2021-01/2021-06", audience: str = "public", base: int = 0, name: str = "a"
) -> PublishedRun:
    """A run whose ``figures.csv`` has these numbers; a number that is NaN stands there as an empty text."""
    rows = pd.DataFrame(
        [
            dict.fromkeys(ROW_KEY, "")
            | {"report": report, "figure": figure, "unit": "people", "value": "" if value != value else f"{value}"}
            | ({BREAKDOWNS[figure].key: part} if part else {})
            for (report, figure, part), value in values.items()
        ],
        columns=[*ROW_KEY, "unit", "value"],
    )
    start, _, end = months.partition("/")
    stated = Manifest(
        run=name,
        audience=audience,
        period=Months(start=start, end=end),
        params={"method": {"rounding": base}, "organisations": ["CARE", "Save the Children"]},
    )
    return PublishedRun(Path(name), stated, rows.set_index(ROW_KEY))


def held(
    before: Amounts, moved: Mapping[str, Amounts] | None = None, *, lost: tuple[Number, ...] = (), **of_runs: Any
) -> Difference:
    """Two runs: the numbers of the first one, by kind what moved them, and the numbers that the second one lacks.

    ``of_runs`` are choices of ``run`` for both, or of the second one alone where they begin with ``new_``.
    """
    numbers = pd.Series(dict(before), dtype="float64")
    steps = []
    for kind, amounts in (moved or {}).items():
        numbers = numbers.add(pd.Series(dict(amounts), dtype="float64"), fill_value=0)
        steps.append((kind, numbers))
    after = numbers.drop([*lost])
    first = {name: choice for name, choice in of_runs.items() if not name.startswith("new_")}
    second = first | {name.removeprefix("new_"): choice for name, choice in of_runs.items() if name.startswith("new_")}
    runs = run(before, **first), run(after.to_dict(), **second)
    account = make_account(pd.Series(dict(before), dtype="float64"), after, steps or [("code", after)], NO_REPORTS)
    return Difference(*runs, account, is_split=True)


def view(found: Difference) -> DifferenceView:
    return DifferenceView(found, Translator("en"))


# ---- What changed ----


def test_people_come_before_counts_then_money_and_shares_each_with_most_news_first() -> None:
    before = {FUNDING: 9e6, SHARE: 0.5, PARTNERS: 4.0, PEOPLE: 100.0, IN_PERU: 100.0}
    moved = {"late": {FUNDING: 7e6, SHARE: 0.2, PARTNERS: 1.0, PEOPLE: 5.0, IN_PERU: 6.0}}
    figures = held(before, moved).changes[["report", "figure"]].to_numpy().tolist()
    assert figures == [[*number[:2]] for number in (IN_PERU, PEOPLE, PARTNERS, FUNDING, SHARE)]


def test_new_months_are_no_news_and_a_figure_comes_before_its_parts() -> None:
    moved = {"new_months": {PEOPLE: 90.0, OF_MARCH: 90.0}, "late": {IN_PERU: 2.0, OF_PERU: 8.0}}
    changes = held({PEOPLE: 100.0, OF_MARCH: 100.0, IN_PERU: 100.0, OF_PERU: 100.0}, moved).changes
    assert changes[["report", "figure", "part", "news", "difference"]].to_numpy().tolist() == [
        [*OF_PERU, 8, 8],
        [*IN_PERU, 2, 2],
        [*PEOPLE, 0, 90],
        [*OF_MARCH, 0, 90],
    ]


def test_parts_that_take_away_from_each_other_are_all_news() -> None:
    (change,) = held({PEOPLE: 100.0}, {"late": {PEOPLE: 8.0}, "gone": {PEOPLE: -5.0}}).changes.to_dict("records")
    assert (change["news"], change["difference"], change["late"], change["gone"]) == (8 + 5, 8 - 5, 8, -5)


def test_a_number_that_only_one_run_has_is_new_or_gone() -> None:
    changes = held({PEOPLE: 100.0, TARGET: 7.0}, {"late": {PEOPLE: 1.0, OF_PERU: 5.0}}, lost=(TARGET,)).changes
    kinds = changes.set_index(["report", "figure", "part"])["kind"].to_dict()
    assert kinds == {PEOPLE: "changed", OF_PERU: "new", TARGET: "gone"}


def test_sheets_of_one_run_alone_are_named_in_order_and_their_numbers_are_not_compared() -> None:
    both, first, second = {PEOPLE: 1.0}, ("wash", "target", ""), ("shelter", "target", "")
    found = compare_runs(run(both | {first: 3.0}), run(both | {second: 3.0, IN_PERU: 2.0}, name="b"))
    assert (found.new_sheets, found.gone_sheets) == (["health.peru", "shelter"], ["wash"])
    assert (found.changes.empty, found.is_split) == (True, False)


@pytest.mark.parametrize(
    ("audiences", "internal"),
    [(("public", "public"), False), (("internal", "public"), True), (("public", "internal"), True)],
)
def test_a_difference_that_holds_an_internal_run_is_internal(audiences: tuple[str, str], internal: bool) -> None:
    found = held({PEOPLE: 1.0}, {"late": {PEOPLE: 1.0}}, audience=audiences[0], new_audience=audiences[1])
    assert (found.is_internal, found.to_records()["audience"]) == (internal, "internal" if internal else "public")


# ---- Over a limit ----


@pytest.mark.parametrize(("people", "is_over"), [(119.0, False), (120.0, False), (121.0, True), (79.0, True)])
def test_a_figure_is_over_a_limit_that_it_passes_up_or_down(people: float, is_over: bool) -> None:
    found = held({PEOPLE: 100.0}, {"late": {PEOPLE: people - 100}})
    assert len(found.select_large_changes(0.2)) == is_over


def test_what_is_gone_is_over_any_limit_and_parts_are_over_none() -> None:
    found = held({PEOPLE: 100.0, OF_PERU: 1.0}, {"late": {OF_PERU: 99.0}}, lost=(PEOPLE,))
    assert found.select_large_changes(9.0)["figure"].to_list() == ["people_reached"]


@pytest.mark.parametrize(("step", "is_over"), [(9.0, False), (10.0, False), (11.0, True), (-10.0, False)])
def test_up_to_a_base_people_may_have_moved_by_rounding(step: float, is_over: bool) -> None:
    assert len(held({PEOPLE: 20.0}, {"late": {PEOPLE: step}}, base=10).select_large_changes(0.0)) == is_over


def test_exact_people_and_those_of_an_internal_run_moved_by_each_of_them() -> None:
    one_more = {"late": {PEOPLE: 1.0}}
    assert len(held({PEOPLE: 20.0}, one_more).select_large_changes(0.0)) == 1
    assert len(held({PEOPLE: 20.0}, one_more, base=10, audience="internal").select_large_changes(0.0)) == 1
    was_rounded = held({PEOPLE: 20.0}, one_more, base=10, new_audience="internal")
    assert len(was_rounded.select_large_changes(0.0)) == 0


def test_what_is_not_rounded_moved_however_little_it_did() -> None:
    found = held({TARGET: 20.0, SHARE: 0.1, PARTNERS: 2.0}, {"late": {TARGET: 3.0, SHARE: 0.1, PARTNERS: 1.0}}, base=10)
    assert {*found.select_large_changes(0.0)["figure"]} == {"target", "target_coverage", "reporting_partners"}


# ---- For readers ----


def test_a_sheet_has_a_cell_each_figure_and_each_reason_once() -> None:
    moved: dict[str, Amounts] = {"new_months": {PEOPLE: 100.0}, "late": {PEOPLE: 20.0, SHARE: 0.02}}
    found = held(
        {PEOPLE: 500.0, SHARE: 0.5, PARTNERS: 4.0}, moved, months="2021-01/2021-03", new_months="2021-01/2021-05"
    )
    (sheet,) = view(found).sheets
    assert (sheet["name"], sheet["report"]) == ("Health", "health")
    assert sheet["cells"] == [
        {"before": "500", "after": "620", "moved": "+120"},
        {"before": "50%", "after": "52%", "moved": "+2 points"},
        {"before": "", "after": "4", "moved": ""},
        {"before": "", "after": "—", "moved": ""},
    ]
    assert sheet["why"] == "April–May 2021 +100, late reports +20"


def test_a_sheet_whose_printed_figures_are_the_same_or_are_others_is_left_out() -> None:
    found = held({PEOPLE: 5_000_000.0, TARGET: 9.0, OF_PERU: 3.0}, {"late": {PEOPLE: 3.0, TARGET: 4.0, OF_PERU: 5.0}})
    assert view(found).sheets == []


def test_the_sheet_with_most_news_stands_first() -> None:
    found = held({PEOPLE: 100.0, IN_PERU: 100.0}, {"new_months": {PEOPLE: 70.0}, "late": {IN_PERU: 5.0}})
    assert [sheet["name"] for sheet in view(found).sheets] == ["Health in Peru", "Health"]


def test_a_figure_that_is_gone_has_no_difference_and_is_told() -> None:
    found = held({PEOPLE: 100.0, PARTNERS: 3.0}, {"late": {PARTNERS: 1.0}}, lost=(PEOPLE,))
    (sheet,) = view(found).sheets
    assert sheet["cells"][0] == {"before": "100", "after": "—", "moved": ""}
    assert sheet["why"] == "late reports +1, no longer known"


def test_parts_are_told_of_their_news_alone() -> None:
    moved = {"new_months": {OF_PERU: 50.0, OF_MARCH: 9.0}, "late": {OF_PERU: 7.0, PEOPLE: 7.0}, "gone": {OF_PERU: -2.0}}
    found = held({OF_PERU: 10.0, OF_MARCH: 10.0, PEOPLE: 10.0}, moved)
    assert view(found).parts == ["Health: People reached, by platform: Peru: late reports +7, reports taken back −2"]
    assert view(found).expected == 1  # that of March


def test_a_number_that_is_new_or_gone_is_not_one_that_new_months_moved() -> None:
    found = held({PEOPLE: 10.0, TARGET: 4.0}, {"new_months": {PEOPLE: 5.0, IN_PERU: 5.0}}, lost=(TARGET,))
    assert (len(found.changes), view(found).expected) == (3, 1)


@pytest.mark.parametrize(
    ("before", "after", "months"),
    [
        ("2021-01/2021-03", "2021-01/2021-04", "April"),
        ("2021-01/2021-03", "2021-01/2021-03", ""),
        ("2021-01/2021-04", "2021-01/2021-03", ""),
        ("2021-02/2021-03", "2021-01/2021-04", ""),
        ("2021-01/2021-12", "2021-01/2022-02", "January–February 2022"),
    ],
)
def test_new_months_are_those_after_the_end_of_a_run_with_the_same_start(before: str, after: str, months: str) -> None:
    assert view(held({PEOPLE: 1.0}, months=before, new_months=after)).months == months


def test_whose_reports_changed_is_told_with_their_people() -> None:
    sides = [
        plan(activities(appealing_organisation=["A", "B"], month=["2021-01", "2021-02"], new_beneficiaries=people))
        for people in ([5.0, 7.0], [5.0, 9.0])
    ]
    lines = describe_edition_changes(*sides, method=Method(), months=("2021-01", "2021-02"), language="en")
    assert lines == ["corrected: B, February 2021, Colombia 7 → 9 (Health)"]
    assert describe_edition_changes(*sides, method=Method(), months=("2021-01",), language="en") == []
    account = make_account(
        pd.Series({PEOPLE: 12.0}),
        pd.Series({PEOPLE: 14.0}),
        [("corrected", pd.Series({PEOPLE: 14.0}))],
        report_changes(*sides, Method(), ("2021-01", "2021-02")),
    )
    found = Difference(run({PEOPLE: 12.0}), run({PEOPLE: 14.0}), account, is_split=True)
    assert (view(found).reports, found.is_internal) == (lines, True)


def test_json_has_plain_values_with_the_parts_of_each_number() -> None:
    moved = {"late": {PEOPLE: 5.0, IN_PERU: 2.0}, "gone": {PEOPLE: -2.0}}
    records = held({PEOPLE: 100.0, TARGET: 7.0}, moved, lost=(TARGET,)).to_records()
    assert records["counts"] == {"changed": 1, "new": 1, "gone": 1}
    by_number = {(each["report"], each["figure"], each["part"]): each for each in records["changes"]}
    assert by_number[PEOPLE]["parts"] == {"late": 5, "gone": -2}
    assert (by_number[IN_PERU]["before"], by_number[IN_PERU]["after"], by_number[IN_PERU]["parts"]) == (None, 2, {})
    assert (by_number[TARGET]["after"], by_number[TARGET]["difference"]) == (None, None)
    assert records["after"]["period"] == {"start": "2021-01", "end": "2021-06"}
    assert not {"late", "gone"} & {*by_number[PEOPLE]}


def test_a_page_links_the_sheet_in_its_language_or_another_and_shows_the_first_parts(tmp_path: Path) -> None:
    months = {("health", "people_reached_by_month", f"{2017 + at // 12}-{at % 12 + 1:02d}"): 1.0 for at in range(42)}
    moved = {"late": {PEOPLE: 5.0, IN_PERU: 7.0, ("wash", "people_reached", ""): 6.0} | months}
    found = held({PEOPLE: 100.0, IN_PERU: 100.0, ("wash", "people_reached", ""): 100.0} | months, moved)
    made = [
        ReportRecord(id=name, outputs=(f"{name}.pdf", f"{name}.html"))
        for name in ("health.peru.pt", "health.peru.es", "health.en", "health.pt")
    ]
    stated = found.after.manifest.model_copy(update={"reports": tuple(made)})
    found = replace(found, after=PublishedRun(tmp_path / "run", stated, found.after.rows))
    page = render_difference_page(found, "es", tmp_path)
    assert re.findall(r'href="([^"]+)"', page) == ["run/health.peru.es.html", "run/health.en.html"]
    assert len(re.findall("reportes tardíos \\+1<", page)) == 40
    assert "<li>2 más</li>" in page
    few = render_difference_page(held({OF_PERU: 1.0}, {"late": {OF_PERU: 2.0}}), "en", tmp_path)
    assert (few.count("<li>"), "Internal" in few) == (1, False)


def test_a_page_shows_the_first_sheets_and_says_how_many_more_there_are(tmp_path: Path) -> None:
    reports = [name for name in selections_by_id() if name.startswith(("health", "wash", "shelter", "education"))][:62]
    people = {(name, "people_reached", ""): 100.0 for name in reports}
    pages = [
        render_difference_page(held(some, {"late": dict.fromkeys(some, 9.0)}), "en", tmp_path)
        for some in (people, dict([*people.items()][:60]))
    ]
    assert [page.count("late reports +9") for page in pages] == [60, 60]
    assert ["2 more" in page for page in pages] == [True, False]


# ---- A run by its file ----


def test_numbers_of_a_file_are_named_by_report_figure_and_part() -> None:
    made = run({PEOPLE: 5.0, OF_PERU: 3.0, OF_MARCH: float("nan"), IN_PERU: 2.0})
    assert made.values_by_number.dropna().to_dict() == {PEOPLE: 5, OF_PERU: 3, IN_PERU: 2}
    assert OF_MARCH in made.values_by_number.index
    assert made.select_values({"health.peru"}).to_dict() == {IN_PERU: 2}
    assert made.sheets == {"health", "health.peru"}


@pytest.mark.parametrize(
    ("report", "about"),
    [
        ("health", ("Health", "region", "")),
        ("health.peru", ("Health", "Peru", "")),
        ("health.by-care", ("Health", "region", "CARE")),
        ("health.peru.by-unheard-of", ("Health", "Peru", "unheard-of")),
        ("of-another-plan", ("Intersector", "region", "")),
    ],
)
def test_the_id_of_a_report_says_what_it_is_about(report: str, about: tuple[str, str, str]) -> None:
    assert parse_report_id(report, ["Save the Children", "CARE"]) == about


def test_a_sheet_of_an_organisation_is_called_after_it() -> None:
    assert view(held({PEOPLE: 1.0})).name_sheet("health.peru.by-care") == "CARE: Health in Peru"


def test_a_folder_is_read_as_a_run_with_both_its_files(tmp_path: Path) -> None:
    rows = pd.DataFrame({name: ["health"] for name in ROW_KEY} | {"value": ["5"], "unit": ["people"], "other": ["x"]})
    rows.to_csv(tmp_path / "figures.csv", index=False)
    with pytest.raises(RequestError, match="is not the folder of a run"):
        read_run(tmp_path)
    (tmp_path / "run.json").write_text(Manifest(run="a", audience="public").text, encoding="utf-8")
    made = read_run(tmp_path)
    assert (made.manifest.run, made.folder, made.rows["value"].to_list()) == ("a", tmp_path, ["5"])
    (tmp_path / "figures.csv").unlink()
    with pytest.raises(RequestError, match="is not the folder of a run"):
        read_run(tmp_path)
    (tmp_path / "run.json").write_text(Manifest(pack=Code(name="another")).text, encoding="utf-8")
    with pytest.raises(RequestError, match="is of the plan pack 'another'"):
        read_run(tmp_path)


def test_rows_of_two_runs_stand_side_by_side() -> None:
    first, second = run({PEOPLE: 5.0, TARGET: 7.0}).numbers, run({PEOPLE: 6.0, IN_PERU: 8.0}).numbers
    rows = join_runs(first, second)[["value_before", "value_after"]].droplevel(["platform", "group", "month"])
    assert rows.fillna(0).T.to_dict("list") == {PEOPLE[:2]: [5, 6], TARGET[:2]: [7, 0], IN_PERU[:2]: [0, 8]}


# ---- With the tables of both runs ----


def test_runs_with_kept_tables_are_split_into_what_moved_each_number(tmp_path: Path) -> None:
    """From 5 people in Colombia to 9, of whom 3 are in a late report."""
    (tmp_path / "data").mkdir()
    sides = [{"A": 5.0}, {"A": 6.0, "B": 3.0}]
    plans = [plan(activities(appealing_organisation=[*side], new_beneficiaries=[*side.values()])) for side in sides]
    kept = [keep_edition(each, tmp_path / "data") for each in plans]
    runs = [run({PEOPLE: sum(side.values())}, audience="internal") for side in sides]
    runs = [
        replace(each, manifest=each.manifest.model_copy(update={"ledger": name, "params": {"data": "data"}}))
        for each, name in zip(runs, kept, strict=True)
    ]
    params = (tmp_path / "params.yml", tmp_path / "params.yml")
    found = compare_runs(*runs, params=params)
    assert (found.is_split, found.account.amounts_by_kind(*PEOPLE)) == (True, {"corrected": 1, "late": 3})
    assert found.partners["organisation"].to_list() == ["B", "A"]
    gone = replace(runs[0], manifest=runs[0].manifest.model_copy(update={"ledger": "lost"}))
    for pair in ((gone, runs[1]), (runs[1], gone)):
        assert not compare_runs(*pair, params=params).is_split
    elsewhere = replace(runs[1], rows=run({IN_PERU: 9.0}).rows)
    assert not compare_runs(runs[0], elsewhere, params=params).is_split  # no sheet is in both
