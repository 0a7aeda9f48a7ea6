"""Periods cover whole months; no two methods share a name."""

from itertools import product

import pytest

from rmrp_analysis.arguments import Period
from rmrp_analysis.method import CautionLimits, Limits, Method

CHOICES: dict[str, tuple[object, ...]] = {
    "counted_indicator_types": (("people in need",), ("people in need", "people")),
    "rmrp_activities_only": (False, True),
    "intersector_model": ("sum", "max_sector", "max_age_gender", "southern_cone"),
    "intersector_level": ("admin1", "country"), "age_gender_proportions": ("people_in_need", "target"),
    "without_proportions": ("leave_sector_out", "country_proportions"), "in_transit_in_denominators": (False, True),
    "rounding": (0, 10, {"human-trafficking-and-smuggling": 20}), "limits": (Limits(), Limits(people_refused=0.04)),
    "cautions": (CautionLimits(), CautionLimits(one_report=0.6)),
}  # fmt: skip


def test_no_two_methods_share_a_name_and_periods_have_all_their_months() -> None:
    assert set(CHOICES) == set(Method.model_fields)
    methods = [Method.model_validate(dict(zip(CHOICES, choice, strict=True))) for choice in product(*CHOICES.values())]
    names = {method.describe_for(year) for method in methods for year in (2021, 2022)}
    assert len(names) == 2 * len(methods)
    assert Period(start="2021-11", end="2022-02").months == ("2021-11", "2021-12", "2022-01", "2022-02")
    with pytest.raises(ValueError, match="before it starts"):
        Period(start="2021-02", end="2021-01")


def test_counts_are_rounded_to_a_base_that_sectors_have_and_by_another_word() -> None:
    assert Method().base("Health") == 10
    method = Method.model_validate({"rounding": {"default": 5, "trata y tráfico": 20, "WASH": 0}})
    assert [method.base(sector) for sector in ("Health", "Human Trafficking & Smuggling", "WASH")] == [5, 20, 0]
    assert "counts of people rounded to 5 (Human Trafficking & Smuggling: 20, WASH: exact)" in method.describe_for(2021)
    assert "counts of people exact" in Method(rounding=0).describe_for(2021)
    assert Method.model_validate(method.model_dump(mode="json")) == method
    assert Method.model_validate({"small_count_threshold": "15"}) == Method(rounding=15)
    with pytest.raises(ValueError, match="unknown sector 'helth'; did you mean 'Health'"):
        Method.model_validate({"rounding": {"helth": 10}})


@pytest.mark.parametrize("base", [1, 4, 21, -5, 7.5, True, "x", None, {"default": 3}, {"health": 100}])
def test_a_base_from_5_to_20_or_0_is_accepted_and_no_other(base: object) -> None:
    with pytest.raises(ValueError, match="write a whole number from 5 to 20, or 0 to publish exact counts"):
        Method.model_validate({"rounding": base})
