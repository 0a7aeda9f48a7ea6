"""The account of change: for any two issues, parts that add up to the difference of each number."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conftest import activities, flow, flows, plan, planned_places, planning
from rmrp_analysis.arguments import Period
from rmrp_analysis.ledger import report_changes
from rmrp_analysis.method import Method
from rmrp_analysis.plan import Plan
from rmrp_analysis.publish.comparison.account import (
    EMPTY_CHANGED_REPORTS,
    Account,
    Issue,
    compare_issues,
    list_issue_steps,
    make_account,
    read_issue,
    take_reports,
)
from rmrp_analysis.publish.records.manifest import Manifest, Months

NEW = "new_beneficiaries"
SHEETS = [("Health", "region", ""), ("Health", "Peru", ""), ("Intersector", "region", "")]
HALF = Period(start="2021-01", end="2021-03")
LONGER = Period(start="2021-01", end="2021-04")
MONTHS = ("2021-01", "2021-02", "2021-03", "2021-04")
Report = tuple[str, str, str, int]


def of_reports(reports: Mapping[tuple[str, str, str], int], target: float = 900.0) -> Plan:
    """A plan with a row of Health or WASH in Peru for each organisation, month and sector, with these people."""
    names = ["appealing_organisation", "month", "sector"]
    columns: dict[str, Any] = {name: list(cells) for name, cells in zip(names, zip(*reports, strict=True), strict=True)}
    people = [float(number) for number in reports.values()]
    columns |= {NEW: people, "total_monthly_beneficiaries": people, "women": people, "country": "PER"}
    return plan(activities(**columns), planning(("Health", "region", "all", "target", target)))


def account(before: Plan, after: Plan, **choices: Any) -> Account:
    """The account of two issues of the first quarter; a choice named ``new_…`` is of the later one alone."""
    usual = {"period": HALF, "method": Method(), "audience": "internal", "only_figures": False}
    sides = [
        Issue(each, **{name: choices.get(f"{prefix}{name}", choices.get(name, value)) for name, value in usual.items()})
        for each, prefix in ((before, ""), (after, "new_"))
    ]
    return compare_issues(sides[0].count_values(SHEETS), *sides, SHEETS)


FIRST = {("A", "2021-01", "Health"): 50, ("B", "2021-02", "Health"): 70, ("A", "2021-02", "WASH"): 30}


@pytest.mark.parametrize(
    ("later", "choices", "kinds", "people"),
    [
        ({}, {}, [], {}),
        ({("C", "2021-02", "Health"): 8}, {}, ["late"], {"late": 8}),
        ({("B", "2021-02", "Health"): 75}, {}, ["corrected"], {"corrected": 5}),
        ({("B", "2021-02", "Health"): None}, {}, ["gone"], {"gone": -70}),
        ({("B", "2021-04", "Health"): 9}, {"new_period": LONGER}, ["new_months"], {"new_months": 9}),
        ({("B", "2021-04", "Health"): 9}, {}, [], {}),  # a month that neither issue is of
        ({}, {"new_method": Method(intersector_model="sum")}, ["method"], {}),
        (
            {("C", "2021-02", "Health"): 8, ("A", "2021-01", "Health"): 40, ("B", "2021-04", "Health"): 9},
            {"new_period": LONGER},
            ["new_months", "late", "corrected"],
            {"new_months": 9, "late": 8, "corrected": -10},
        ),
    ],
)
def test_each_change_has_its_part(
    later: dict[Any, int | None], choices: dict[str, Any], kinds: list[str], people: dict[str, float]
) -> None:
    second = {report: number for report, number in {**FIRST, **later}.items() if number is not None}
    found = account(of_reports(FIRST), of_reports(second), only_figures=True, **choices)
    assert found.kinds == kinds
    assert found.amounts_by_kind("health", "people_reached") == people
    assert found.amounts_by_kind("health.peru", "people_reached") == people


def test_another_target_moves_the_share_and_not_the_people() -> None:
    found = account(of_reports(FIRST), of_reports(FIRST, target=1_200.0), only_figures=True)
    assert found.amounts_by_kind("health", "people_reached") == {}
    assert found.amounts_by_kind("health", "target") == {"target": 300}
    assert found.amounts_by_kind("health", "target_coverage") == {"target": pytest.approx(120 / 1_200 - 120 / 900)}


def test_a_list_that_counts_other_indicators_is_told_apart_from_its_reports() -> None:
    first = of_reports(FIRST)
    other = first.activities.assign(indicator_type=pd.Categorical(["other", "people in need", "people in need"]))
    found = account(first, replace(first, activities=other), only_figures=True)
    assert found.kinds == ["lists"]
    assert found.amounts_by_kind("health", "people_reached") == {"lists": -50}
    assert found.reports.empty


def test_another_key_is_rounded_anew_and_another_number_is_of_the_code() -> None:
    issue = Issue(of_reports(FIRST), HALF, Method(), "public", only_figures=True)
    numbers = issue.count_values(SHEETS)
    people = numbers.index.get_level_values("figure") == "people_reached"
    for moved, kind in ((10.0, "rounding"), (20.0, "code")):
        published = numbers.mask(people, numbers + moved)
        found = compare_issues(published, issue, issue, SHEETS)
        assert found.amounts_by_kind("health", "people_reached") == {kind: -moved}
        later = compare_issues(numbers, issue, issue, SHEETS, published)
        assert later.amounts_by_kind("health", "people_reached") == {kind: moved}


def test_a_number_that_was_not_known_has_no_parts() -> None:
    index = pd.MultiIndex.from_tuples([("health", name, "") for name in ("a", "b", "c")])
    steps = [("late", pd.Series([1.0, None, 4.0], index)), ("target", pd.Series([2.0, 3.0, 9.0], index))]
    found = make_account(pd.Series([None, 1.0, 4.0], index), pd.Series([2.0, 3.0, None], index), steps)
    assert found.amounts_by_kind("health", "a") == found.amounts_by_kind("health", "c") == {}
    assert found.amounts_by_kind("health", "b") == {"target": 2}  # not known after the first step: the next one has it
    assert found.numbers["difference"].isna().to_list() == [True, False, True]


REPORTS = st.dictionaries(
    st.tuples(st.sampled_from("ABC"), st.sampled_from(MONTHS), st.sampled_from(["Health", "WASH"])),
    st.integers(0, 60),
    min_size=1,
    max_size=6,
)


@settings(max_examples=3, deadline=None)
@example(  # a report is gone, one is corrected, one late, and all else that can change does
    before=FIRST,
    after={("C", "2021-02", "Health"): 8, ("A", "2021-01", "Health"): 40, ("B", "2021-04", "Health"): 9},
    audience="public",
    target=1_000.0,
    model="sum",
    period=LONGER,
)
@given(
    before=REPORTS,
    after=REPORTS,
    audience=st.sampled_from(["internal", "public"]),
    target=st.sampled_from([900.0, 1_000.0]),
    model=st.sampled_from(["max_sector", "sum"]),
    period=st.sampled_from([HALF, LONGER]),
)
def test_the_parts_of_any_two_issues_add_up_and_nothing_that_stayed_is_told(
    before: dict[Any, int], after: dict[Any, int], audience: str, target: float, model: str, period: Period
) -> None:
    first, second = of_reports(before), of_reports(after, target)
    method = Method(intersector_model=model)
    found = account(first, second, audience=audience, new_method=method, new_period=period)
    numbers = found.numbers
    known = numbers.dropna(subset="difference")
    parts = known[found.kinds].sum(axis="columns")
    assert (parts - known["difference"]).abs().max() < 1e-9 or known.empty
    assert numbers["before"].ne(numbers["after"]).all()
    changed = {
        report for report in {*before, *after} if before.get(report) != after.get(report) and report[1] <= HALF.end
    }
    assert (
        set(found.reports.reset_index()[["organisation", "month", "sector"]].itertuples(index=False, name=None))
        == changed
    )


# ---- The steps between two issues ----


def steps(before: Issue, after: Issue) -> list[str]:
    """The kinds of change on the way from one issue to the next."""
    changes = report_changes(before.dataset, after.dataset, after.method, before.period.months)
    return [kind for kind, _ in list_issue_steps(before, after, changes)]


def test_steps_are_gone_in_their_order_and_those_that_change_nothing_are_left_out() -> None:
    first, second = of_reports(FIRST), of_reports({**FIRST, ("C", "2021-02", "Health"): 8}, target=1_000.0)
    gone = of_reports({report: number for report, number in FIRST.items() if report[0] != "B"})
    before = Issue(first, HALF, Method(), "public")
    assert steps(before, before) == ["rounding"]
    assert steps(before, replace(before, dataset=second)) == ["rounding", "late", "target"]
    assert steps(replace(before, dataset=second), replace(before, dataset=gone)) == ["rounding", "gone", "target"]
    assert steps(before, replace(before, method=Method(intersector_model="sum"))) == ["rounding", "method"]
    every = of_reports({("A", "2021-01", "Health"): 51, ("C", "2021-02", "Health"): 8, ("A", "2021-02", "WASH"): 30})
    assert steps(before, replace(before, dataset=every)) == ["rounding", "gone", "corrected", "late"]
    money = replace(first, sources={}, funding_flows=flows(flow(70)))
    assert steps(before, replace(before, dataset=money)) == ["rounding", "money"]


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        ("planned_places", "target"),
        ("proportions", "target"),
        ("funding_totals", "money"),
        ("references", "lists"),
        ("refused_activities", "lists"),
    ],
)
def test_each_table_is_of_one_kind_of_change(table: str, kind: str) -> None:
    rows = {
        "planned_places": planned_places(("Health", "PER", "lima", "all", "target", 5)),
        "proportions": {"target": pd.DataFrame({"country": ["PER"], "girls": [0.5]})},
        "funding_totals": plan(funding_by_sector={"Health": 7.0}).funding_totals,
        "references": {"admin1": pd.DataFrame({"name": ["Lima"]})},
        "refused_activities": activities(month="2021-09").assign(people_left_out=[3.0]),
    }
    before = Issue(of_reports(FIRST), HALF, Method(), "internal")
    after = replace(before, dataset=replace(before.dataset, **{table: rows[table]}))
    assert steps(before, after) == ["rounding", kind]


def test_another_base_is_a_step_of_rounding_and_of_the_new_audience() -> None:
    before = Issue(of_reports(FIRST), HALF, Method(rounding=10, intersector_model="sum"), "internal")
    after = replace(before, method=Method(rounding=20, intersector_model="max_sector"), audience="public")
    found = dict(list_issue_steps(before, after, EMPTY_CHANGED_REPORTS))
    assert found["rounding"].method == Method(rounding=20, intersector_model="sum")
    assert (found["rounding"].audience, found["method"].method) == ("public", after.method)


def test_reports_are_taken_from_another_edition_or_away() -> None:
    first, second = of_reports(FIRST), of_reports({("A", "2021-01", "Health"): 9, ("C", "2021-02", "Health"): 8})
    names = ["organisation", "country", "sector", "month"]
    reports = [("A", "PER", "Health", "2021-01"), ("B", "PER", "Health", "2021-02")]
    mixed = take_reports(first, second, pd.MultiIndex.from_tuples(reports, names=names))
    people = mixed.activities.set_index(["appealing_organisation", "month", "sector"])[NEW].to_dict()
    assert people == {("A", "2021-01", "Health"): 9, ("A", "2021-02", "WASH"): 30}


INDEX = pd.MultiIndex.from_tuples(
    [("health", name, "") for name in ("people_reached", "target", "target_coverage", "reporting_partners")],
    names=["report", "figure", "part"],
)


@pytest.mark.parametrize(
    ("moved", "kind"),
    [
        ([0.0, 0.0, 0.0, 0.0], "rounding"),
        ([10.0, 0.0, 0.0, 0.0], "rounding"),
        ([-10.0, 0.0, 0.3, 0.0], "rounding"),
        ([11.0, 0.0, 0.0, 0.0], "code"),
        ([0.0, 1.0, 0.0, 0.0], "code"),
        ([0.0, 0.0, 0.0, 1.0], "code"),
    ],
)
def test_what_another_key_cannot_move_is_of_the_code(moved: list[float], kind: str) -> None:
    issue = Issue(plan(), HALF, Method(rounding=10), "public", numbers=pd.Series(100.0, INDEX))
    published = pd.Series(100.0, INDEX) - moved
    found = compare_issues(published, issue, issue, [])
    assert found.steps == (kind,)
    assert found.amounts_by_kind("health", "people_reached") == ({kind: moved[0]} if moved[0] else {})


def test_months_are_new_where_the_period_goes_on_and_others_where_it_does_not() -> None:
    issue = Issue(plan(), HALF, Method(), "internal", numbers=pd.Series(100.0, INDEX))
    kinds = {
        "2021-01/2021-04": ("rounding", "new_months"),
        "2021-01/2021-02": ("rounding", "other_months"),
        "2021-02/2021-04": ("rounding", "other_months"),
        "2021-01/2021-03": ("rounding",),
    }
    for months, expected in kinds.items():
        later = replace(issue, period=Period.parse(months))
        assert compare_issues(issue.count_values([]), issue, later, []).steps == expected


def test_tables_alone_move_by_the_steps_after_rounding_unless_it_is_alone() -> None:
    empty = pd.Series(dtype="float64", index=INDEX[:0])
    for names, expected in ((["rounding"], ("rounding",)), (["rounding", "late", "target"], ("late", "target"))):
        assert make_account(empty, empty, [(name, empty) for name in names]).kinds_of_tables == expected


def test_sums_of_floats_in_another_order_moved_nothing_and_small_numbers_did() -> None:
    before = pd.Series([0.1 + 0.2, 1e-12, 5.0, 1e12], INDEX)
    after = pd.Series([0.3, 2e-12, 5.0, 1e12 + 1], INDEX)
    found = make_account(before, after, [("late", after)])
    assert found.amounts_by_kind("health", "target") == {"late": pytest.approx(1e-12)}
    assert [*found.numbers.index.get_level_values("figure")] == ["target"]


def test_two_steps_of_one_kind_are_one_part() -> None:
    numbers = pd.Series(100.0, INDEX)
    sides = [("rounding", numbers + 10), ("late", numbers + 15), ("rounding", numbers + 12)]
    found = make_account(numbers, numbers + 12, sides)
    assert (found.kinds, found.numbers["difference"].to_list()) == (["late", "rounding"], [12] * len(INDEX))
    assert found.amounts_by_kind("health", "target") == {"late": 5, "rounding": 10 - 3}


def test_a_run_whose_tables_are_not_kept_has_no_issue(tmp_path: Path) -> None:
    stated = Manifest(params={"data": "data"}, ledger="ab12", period=Months(start="2021-01", end="2021-03"))
    for manifest in (stated, stated.model_copy(update={"ledger": ""}), stated.model_copy(update={"params": {}})):
        assert read_issue(manifest, tmp_path, tmp_path / "params.yml") is None
