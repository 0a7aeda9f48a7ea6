"""Every count rounded to a multiple of a base, so that totals add up and no small count is told."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from publications import BY_GROUP, BY_MONTH, BY_PLATFORM, PEOPLE, sheet

from conftest import Build
from disclosure_attack import Attack, Program, exact_counts, wrong_equations
from rmrp_analysis import load_plan
from rmrp_analysis.disclosure import Rounding, Sheet, for_audience, system_of
from rmrp_analysis.disclosure.rounding import rounded
from rmrp_analysis.method import Method
from rmrp_analysis.params import load_run_params
from rmrp_analysis.publish.figure_rows import exact_figures, published_figures, with_decision

BUNDLED = Path(__file__).parents[2] / "params" / "2021-end-of-year.yml"
ROUND = Method(small_counts="round")
PLACES = ("Chile", "Peru", "Brazil")
MONTHS = ("2021-01", "2021-02", "2021-03")


def rounding(*sheets: Sheet, base: int = 10) -> Rounding:
    """The sheets together, rounded; every equation between their cells holds."""
    found = rounded(system_of(sheets), base)
    for equation in found.system.equations:
        if not equation.at_least:
            terms = zip(equation.cells, equation.coefficients, strict=True)
            assert sum(coefficient * found.rounded[cell] for cell, coefficient in terms) == pytest.approx(0)
    return found


def test_parts_and_total_are_multiples_that_add_up() -> None:
    found = rounding(sheet(543, {BY_MONTH: {"2021-01": 3, "2021-02": 500, "2021-03": 40}}))
    printed = found.instead()["health"]
    assert printed == {PEOPLE: 540, f"{BY_MONTH}[2021-01]": 0, f"{BY_MONTH}[2021-02]": 500, f"{BY_MONTH}[2021-03]": 40}


def test_a_multiple_of_the_base_stays_and_zero_is_zero() -> None:
    printed = rounding(sheet(60, {BY_GROUP: {"in_transit": 0, "pendular": 20, "in_destination": 40}})).instead()
    assert list(printed["health"].values()) == [60, 0, 20, 40]


@given(st.lists(st.lists(st.integers(0, 60), min_size=3, max_size=3), min_size=3, max_size=3))
def test_months_and_places_add_up_on_every_sheet_and_no_small_count_is_told(people: list[list[int]]) -> None:
    by_place = dict(zip(PLACES, people, strict=True))
    by_month = [sum(months) for months in zip(*people, strict=True)]

    def table(months: list[int]) -> Mapping[str, float]:
        return dict(zip(MONTHS, map(float, months), strict=True))

    whole = {BY_PLATFORM: {place: float(sum(months)) for place, months in by_place.items()}, BY_MONTH: table(by_month)}
    of_places = [sheet(sum(months), {BY_MONTH: table(months)}, platform=place) for place, months in by_place.items()]
    found = rounding(sheet(sum(map(sum, people)), whole), *of_places)
    exact = found.system.people
    assert all(number % 10 == 0 and abs(number - exact[cell]) < 20 for cell, number in found.rounded.items())
    assert found.failed == []


def test_a_sheet_prints_rounded_numbers_and_shares_of_them_and_withholds_nothing(sheet: Build) -> None:
    exact = sheet(
        {BY_MONTH: {"2021-01": 4, "2021-02": 96}}, people_reached=100, target=400, target_coverage=0.25, method=ROUND
    )
    printed = for_audience(exact, "public")
    assert printed.breakdowns[BY_MONTH].values() == {"2021-01": 0, "2021-02": 100}
    assert not any(figure.suppressed for figure in printed.figures.values())
    assert printed.as_records()["rounded_to"] == 10
    assert for_audience(exact, "internal").breakdowns[BY_MONTH].values() == {"2021-01": 4, "2021-02": 96}


def test_an_attacker_with_every_rounded_sheet_learns_no_count_of_few_people() -> None:
    params = load_run_params(BUNDLED)
    method = params.method.model_copy(update={"small_counts": "round"})
    sectors, plan = ["Human Trafficking & Smuggling"], load_plan(params.data)
    reports = params.changed(
        audience="public", sectors=sectors, places=["region", "platforms"], method=method
    ).reports()
    sheets = [published_figures(plan, report).as_records() for report in with_decision(plan, reports).reports]
    attack = Attack(sheets, exact_counts(exact_figures(plan, report).as_records() for report in reports))
    assert wrong_equations(attack) == []
    printed = {quantity: (least + most) / 2 for quantity, (least, most) in attack.known.items()}
    assert {number % 10 for number in printed.values()} == {0}
    for equation in attack.equations():  # each is of parts and their total
        assert sum(factor * printed.get(quantity, 0.0) for quantity, factor in equation.terms.items()) == 0
    program = Program(attack.equations(), attack.bounds)
    small = [quantity for quantity in attack.known if 0 < attack.true(quantity) < 10]
    ranges = [program.range({quantity: 1.0}) for quantity in small]
    assert len(small) > 20
    assert min(most - least for least, most, _ in ranges) >= 10


def test_the_method_says_so() -> None:
    method = Method.model_validate({"small_counts": "round", "small_count_thresholds": {"GBV": 20}})
    assert method.rounded_to == 20
    assert "counts of people rounded to multiples of 20" in method.named_for(2021)
    assert "rounded" not in method.named_for(2021, audience="internal")
