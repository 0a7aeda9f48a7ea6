"""Periods cover whole months; no two methods share a name."""

from itertools import product

import pytest

from rmrp_analysis.method import CautionLimits, Limits, Method, Period

CHOICES: dict[str, tuple[object, ...]] = {
    "counted_indicator_types": (("people in need",), ("people in need", "people")),
    "rmrp_activities_only": (False, True),
    "intersector_model": ("sum", "max_sector", "max_age_gender", "southern_cone"),
    "intersector_level": ("admin1", "country"),
    "age_gender_proportions": ("people_in_need", "target"),
    "without_proportions": ("leave_sector_out", "country_proportions"),
    "in_transit_in_denominators": (False, True),
    "small_count_threshold": (0, 10),
    "small_counts": ("withhold",),  # rounded ones are named by their base alone
    "small_count_thresholds": ({}, {"human-trafficking-and-smuggling": 20}),
    "money_of_several_countries": ("apart", "own_platform"),
    "organisations_also_in": ((), ("shared",), ("internal",)),
    "limits": (Limits(), Limits(people_refused=0.04)),
    "cautions": (CautionLimits(), CautionLimits(one_report=0.6)),
}


def test_no_two_methods_or_plan_years_share_a_name() -> None:
    assert set(CHOICES) == set(Method.model_fields)
    methods = [Method.model_validate(dict(zip(CHOICES, choice, strict=True))) for choice in product(*CHOICES.values())]
    names = {method.named_for(year) for method in methods for year in (2021, 2022)}
    assert len(names) == 2 * len(methods)


@pytest.mark.parametrize(("by_sector", "base"), [({}, 5), ({"health": 20}, 20)])
def test_rounding_is_named_by_the_largest_threshold(by_sector: dict[str, int], base: int) -> None:
    chosen = {"small_counts": "round", "small_count_threshold": 5, "small_count_thresholds": by_sector}
    method = Method.model_validate(chosen)
    assert method.rounded_to == base
    assert f"counts of people rounded to multiples of {base}" in method.named_for(2021)


def test_a_period_has_every_month_from_start_to_end() -> None:
    assert Period(start="2021-11", end="2022-02").months == ("2021-11", "2021-12", "2022-01", "2022-02")


def test_a_period_that_ends_before_it_starts_is_none() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        Period(start="2021-02", end="2021-01")
