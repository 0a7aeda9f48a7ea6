"""The attack finds what can be known and no more; on small plans at random, a run tells it nothing."""

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Build
from disclosure_attack import Attack, Equation, Program, Quantity, exact_counts, findings, report, wrong_equations
from rmrp_analysis.disclosure import decided, for_audience
from rmrp_analysis.figures import key_figures
from rmrp_analysis.method import Method, Period

METHOD = "RMRP 2021 rules; intersector: max_sector by admin1; in transit not in denominators; counts below 10 withheld"
NEUTRAL = "withheld: of few people, or it would reveal a number of few people"
A, B, C = (Quantity("Health", place) for place in ("Peru", "Chile", "Brazil"))


def cell(people: float | str) -> dict[str, Any]:
    """A cell with a number, or withheld with a reason."""
    withheld = isinstance(people, str)
    return {"value": None if withheld else people, "suppressed": withheld, "reason": people if withheld else ""}


def sheet(
    people: float | str,
    tables: Mapping[str, Mapping[str, float | str]] | None = None,
    *,
    sector: str = "Health",
    scope: str = "Peru",
    method: str = METHOD,
    **more: Any,
) -> dict[str, Any]:
    """The JSON of a sheet, as far as an attacker reads it; ``tables`` by the dimension of the people reached."""
    return {
        "sector": sector,
        "scope": scope,
        "method": method,
        "lost_people": {},
        "figures": [{"name": "people_reached", **cell(people)}, *more.pop("figures", ())],
        "tables": {
            f"people_reached_by_{dimension}": [
                {("month" if dimension == "month" else "group"): part, **cell(number)} for part, number in parts.items()
            ]
            for dimension, parts in (tables or {}).items()
        },
        **more,
    }


def ranges(*sheets: Mapping[str, Any], exact: Mapping[Quantity, float] | None = None) -> dict[str, tuple[float, float]]:
    """Between which values an attacker knows each withheld count to lie, by its part (or its sheet)."""
    found = findings(Attack(sheets, exact or {}, threshold=10**9, zeros_printed=False))
    return {each.quantity.part or each.quantity.place: (round(each.low, 2), round(each.high, 2)) for each in found}


def test_a_single_withheld_part_is_what_the_others_leave_of_the_whole() -> None:
    assert ranges(sheet(100, {"month": {"2021-01": 60, "2021-02": NEUTRAL}})) == {"2021-02": (40, 40)}


def test_two_parts_for_a_neutral_reason_share_what_is_left() -> None:
    parts = {"2021-01": 60, "2021-02": NEUTRAL, "2021-03": NEUTRAL}
    assert ranges(sheet(100, {"month": parts})) == {"2021-02": (0, 40), "2021-03": (0, 40)}


def test_where_groups_exceed_the_whole_it_does_not_bound_them() -> None:
    told = sheet(100, {"age_gender": {"women": NEUTRAL, "girls": 90, "not specified": NEUTRAL}})
    rest = Quantity("Health", "Peru", "age_gender", "not specified")
    assert ranges(told, exact={rest: 4}) == {"women": (0, 10), "not specified": (0, 10)}
    assert ranges(told, exact={rest: -4}) == {"women": (0, math.inf), "not specified": (-math.inf, 10)}


def test_a_range_is_a_bound() -> None:
    told = sheet(100, {"month": {"2021-01": NEUTRAL, "2021-02": 20, "2021-03": NEUTRAL}})
    told["tables"]["people_reached_by_month"][0]["range"] = [70, 90]
    assert ranges(told) == {"2021-01": (70, 80), "2021-03": (0, 10)}


def test_a_rounded_count_is_less_than_a_base_away() -> None:
    told = sheet(100, {"month": {"2021-01": 90, "2021-02": NEUTRAL}}, rounded_to=10)
    assert ranges(told) == {"2021-02": (0, 30)}


def test_a_platform_follows_from_the_region_and_the_others_month_by_month() -> None:
    region = sheet(50, {"platform": {"Peru": 30, "Chile": 20, "Regional": 0}, "month": {"2021-01": 45, "2021-02": 5}})
    region["scope"] = "region"
    peru = sheet(30, {"month": {"2021-01": NEUTRAL, "2021-02": NEUTRAL}})
    chile = sheet(20, {"month": {"2021-01": 18, "2021-02": 2}}, scope="Chile")
    assert ranges(region, peru, chile) == {"2021-01": (27, 27), "2021-02": (3, 3)}


def test_all_sectors_are_no_fewer_than_each_sector_and_no_more_than_their_sum() -> None:
    both = sheet(NEUTRAL, {"sector": {"Health": 30, "WASH": 12}}, sector="Intersector")
    assert ranges(both, sheet(30), sheet(12, sector="WASH")) == {"Peru": (30, 42)}
    added = {**both, "method": METHOD.replace("max_sector", "sum")}
    assert ranges(added, sheet(30), sheet(12, sector="WASH")) == {"Peru": (42, 42)}


def test_a_share_of_the_target_tells_who_is_in_transit_as_closely_as_it_is_printed() -> None:
    groups = {"population_group": {"in_destination": 996, "in_transit": NEUTRAL, "not specified": NEUTRAL}}
    beyond = {Quantity("Health", "Peru", "population_group", "not specified"): -1}
    target = {"name": "target", "value": 3000.0}
    exact = sheet(1000, groups, figures=[target, {"name": "target_coverage", "value": 997 / 3000}])
    assert ranges(exact, exact=beyond)["in_transit"] == (3, 3)
    rounded = sheet(1000, groups, figures=[target, {"name": "target_coverage", "value": 0.33}])
    rounded["instead"] = {"target_coverage": 0.33}
    assert ranges(rounded, exact=beyond)["in_transit"] == (0, 25)  # 0.325 of 3,000 are 975


@pytest.mark.parametrize(
    ("rule", "numbers", "rest"),
    [
        ("groups_exceed_total", {"share": None, "people": 104}, (-4, -4)),
        ("not_specified", {"share": 0.061234, "people": None}, (6.12, 6.12)),
    ],
)
def test_a_caution_tells_how_many_people_are_in_no_group(
    rule: str, numbers: Mapping[str, float | None], rest: tuple[float, float]
) -> None:
    doubt = {"rule": rule, "of": "people_reached_by_age_gender", "month": "", **numbers}
    parts = {"age_gender": {"women": NEUTRAL, "not specified": NEUTRAL}}
    exact = {Quantity("Health", "Peru", "age_gender", "not specified"): rest[0]}
    assert ranges(sheet(100, parts, cautions=[doubt]), exact=exact)["not specified"] == rest


def test_a_count_that_stands_in_two_places_is_known_if_one_prints_it() -> None:
    region = sheet(50, {"platform": {"Peru": 46, "Chile": 4}}, scope="region")
    assert ranges(region, sheet(46), sheet(NEUTRAL, scope="Chile")) == {"Chile": (4, 4)}


def test_a_sum_over_blocks_that_share_nothing_is_bounded_by_each() -> None:
    equations = [Equation("a and c", {A: 1, C: 1}, 5, 5)]
    program = Program(equations, lambda quantity: (0.0, 7.0 if quantity == B else math.inf))
    low, high, chain = program.range({A: 1.0, B: -1.0})
    assert (low, high, chain) == (-7, 5, ("a and c",))


def test_a_run_that_contradicts_itself_is_told() -> None:
    parts = {"2021-01": NEUTRAL, "2021-02": 101, "2021-03": NEUTRAL}
    with pytest.raises(AssertionError, match="contradicts itself"):
        ranges(sheet(100, {"month": parts}))


def test_what_the_chain_names_is_what_bounds_the_count() -> None:
    told = [sheet(100, {"month": {"2021-01": 97, "2021-02": NEUTRAL}, "age_gender": {"women": 60, "men": 40}})]
    (found,) = findings(Attack(told, exact_counts(told)))
    assert (found.chain, found.verdict(10)) == (("Health, Peru: by month",), "recovered")


SECTORS = ("Health", "WASH", "Shelter", "Education")
PLACES = (("PER", "Lima"), ("PER", "Cusco"), ("CHL", "Arica"), ("CHL", "Maule"), ("ARG", "Salta"), ("URY", "Rivera"))
PLATFORMS = ("region", "Peru", "Chile", "Southern Cone")
PERIOD = Period(start="2021-01", end="2021-03")
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "sector": st.sampled_from(SECTORS),
            "place": st.sampled_from([*PLACES, ("Regional", "")]),
            "month": st.sampled_from(PERIOD.months),
            "people": st.integers(0, 40) | st.integers(0, 400) | st.sampled_from([0.25, 3.5, 17.3]),
            "in_transit": st.floats(0, 1),
            "women": st.floats(0, 1.1),  # of some rows more than there are people
        }
    ),
    min_size=3,
    max_size=20,
)
METHODS = st.fixed_dictionaries(
    {
        "intersector_model": st.sampled_from(["max_sector", "sum", "max_age_gender", "southern_cone"]),
        "intersector_level": st.sampled_from(["admin1", "country"]),
        "in_transit_in_denominators": st.booleans(),
        "small_count_thresholds": st.sampled_from([{}, {"Health": 20}]),
    }
)


@settings(max_examples=8)
@given(
    rows=ROWS,
    method=METHODS,
    places=st.sets(st.sampled_from(PLATFORMS[1:])),
    target=st.sampled_from([None, 50, 3000]),
)
def test_a_run_of_a_small_plan_tells_no_count_of_few_people(
    plan: Build,
    activities: Build,
    planning: Build,
    rows: list[dict[str, Any]],
    method: dict[str, Any],
    places: set[str],
    target: int | None,
) -> None:
    people = [row["people"] for row in rows]
    table = activities(
        new_beneficiaries=people,
        in_transit=[float(int(row["people"] * row["in_transit"])) for row in rows],
        in_destination=[float(int(row["people"] * (1 - row["in_transit"]))) for row in rows],
        women=[float(int(row["people"] * row["women"])) for row in rows],
        country=[row["place"][0] for row in rows],
        admin1=[row["place"][1] for row in rows],
        month=[row["month"] for row in rows],
        sector=[row["sector"] for row in rows],
    )
    planned = [(sector, place, "all", "target", target) for sector in SECTORS for place in PLATFORMS if target]
    small_plan, rules = plan(table, planning(*planned)), Method(**method)
    sectors = ["Intersector", *dict.fromkeys(row["sector"] for row in rows)]
    selections = [
        small_plan.select(sector, platform=place, period=PERIOD, method=rules)
        for sector in sectors
        for place in ("region", *sorted(places))
    ]
    exact = [key_figures(selection) for selection in selections]
    decision = decided(exact)
    assert decision.failed == []
    instead = decision.instead()
    sheets = []
    for key_figures_of_sheet in exact:
        printed = instead.get(key_figures_of_sheet.report, {})
        told = for_audience(key_figures_of_sheet, "public", printed)
        sheets.append({**told.as_records(), "cautions": [*map(asdict, told.cautions)], "instead": printed})
    truth = exact_counts(each.as_records() for each in exact)
    attack = Attack(sheets, truth, threshold=max(map(rules.threshold, sectors)))
    assert wrong_equations(attack) == []
    narrow = [found for found in findings(attack) if found.verdict(rules.threshold(found.quantity.sector)) != "safe"]
    assert report(narrow) == ""
