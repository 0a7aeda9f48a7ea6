"""How few and how many people a report can stand for: one rule, five rows."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import activities, plan, sheet_of
from rmrp_analysis.method import Method
from rmrp_analysis.plan import Plan

MONTHS = ["2021-01", "2021-02", "2021-03"]
SUM = Method.model_validate({"intersector_model": "sum"})


def reported(**columns: Any) -> Plan:
    """A plan of these reports, with people assisted as many as the new ones unless said."""
    columns = {"total_monthly_beneficiaries": columns["new_beneficiaries"]} | columns
    return plan(activities(**columns))


def bounds_of(some: Plan, sector: str = "Health", **choices: Any) -> tuple[float, float | None, float]:
    """How few, how many told, how many at most of a sector of the region."""
    figure = sheet_of(some, sector, **choices).figures["people_reached"]
    return figure.low, figure.value, figure.high


def test_a_number_that_nothing_speaks_against_is_its_own_bounds() -> None:
    some = reported(month=MONTHS, new_beneficiaries=[100, 20, 30], total_monthly_beneficiaries=[100, 60, 70])
    assert bounds_of(some) == (150, 150, 150)


def everybody(countries: list[str], told: list[float]) -> Plan:
    """Everybody told as new each month in Peru; in Colombia as ``told`` of 1,000 assisted in each of two months."""
    return reported(
        country=["PER"] * 3 + countries,
        month=[*MONTHS, "2021-01", "2021-02"],
        new_beneficiaries=[900, 1_000, 700, *told],
        total_monthly_beneficiaries=[900, 1_000, 700, 1_000, 1_000],
    )


def test_of_people_told_as_new_month_after_month_only_the_largest_month_is_sure() -> None:
    assert bounds_of(everybody(["COL"] * 2, [1_000, 100]), platform="Peru") == (1_000, 2_600, 2_600)


def test_everybody_new_is_no_doubt_where_the_sector_tells_it_so_everywhere() -> None:
    assert bounds_of(everybody(["COL"] * 2, [950, 900]), platform="Peru") == (2_600, 2_600, 2_600)


def test_of_a_report_without_new_people_at_most_those_beyond_all_told_before_are_new() -> None:
    some = reported(
        month=MONTHS, new_beneficiaries=[100, 50, 0], total_monthly_beneficiaries=[100, 90, 400], admin1=["A", "B", "A"]
    )
    assert bounds_of(some) == (150, 150, 150 + (400 - 150))


def test_a_partner_that_fills_in_one_row_of_two_lacks_people_once() -> None:
    some = reported(
        month=["2021-01", "2021-01", "2021-02", "2021-02"],
        new_beneficiaries=[100, 0, 10, 0],
        total_monthly_beneficiaries=[100, 300, 60, 350],
    )
    # 400 assisted in January of whom 100 are new: 300 beyond; 410 in February: 410 - 110 = 300 again, the same people
    assert bounds_of(some) == (110, 110, 110 + 300)


def one_row(partner: list[str], groups: float = 5_000) -> Plan:
    return reported(
        appealing_organisation=["IOM", "IOM", *partner],
        month=["2021-01", "2021-02", "2021-01", "2021-02"],
        new_beneficiaries=[5_000, 100, 200, 100],
        total_monthly_beneficiaries=[5_000, 300, 200, 250],
        in_destination=[groups, 100, 200, 100],
    )


@pytest.mark.parametrize(
    ("partner", "low"), [(["CARE", "CARE"], 400), (["IOM", "IOM"], 5_400)], ids=["others report", "it is alone"]
)
def test_a_row_that_makes_its_place_and_is_many_times_its_other_months_is_not_sure_where_others_report(
    partner: list[str], low: float
) -> None:
    assert bounds_of(one_row(partner)) == (low, 5_400, 5_400)


@pytest.mark.parametrize(
    ("second", "groups", "low"), [(1_001, 5_000, 6_301), (1_001, 2_000, 1_301), (1_000, 5_000, 1_300)]
)
def test_such_a_row_fails_by_groups_unlike_its_number_or_from_five_times_its_other_months_on(
    second: float, groups: float, low: float
) -> None:
    some = reported(
        appealing_organisation=["IOM", "IOM", "CARE", "CARE"],
        month=["2021-01", "2021-02", "2021-01", "2021-02"],
        new_beneficiaries=[5_000, second, 200, 100],
        total_monthly_beneficiaries=[5_000, second + 1, 200, 250],
        in_destination=[groups, second, 200, 100],
    )
    assert bounds_of(some) == (low, 5_300 + second, 5_300 + second)


def test_people_left_out_are_on_top() -> None:
    some = reported(
        month=MONTHS,
        new_beneficiaries=[100, 20, 30],
        indicator_type=["people in need", "people in need", "unknown"],
        total_monthly_beneficiaries=[100, 100, 100],
    )
    assert bounds_of(some) == (120, 120, 150)


def test_a_model_keeps_the_bounds_of_what_it_keeps_and_a_sector_may_only_gain_what_brings_it_above() -> None:
    some = reported(
        sector=["Health", "WASH", "Health", "WASH"],
        month=["2021-01", "2021-01", "2021-02", "2021-02"],
        new_beneficiaries=[100, 70, 40, 0],
        total_monthly_beneficiaries=[100, 70, 40, 170],
    )
    # of February WASH may have 170 - 70 = 100 new people, 60 more than the 40 of Health that the model keeps
    assert bounds_of(some, "WASH") == (70, 70, 170)
    assert bounds_of(some, "Intersector") == (140, 140, 200)
    assert bounds_of(some, "Intersector", method=SUM) == (210, 210, 310)


COUNTS = st.integers(0, 300)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["IOM", "CARE"]), st.sampled_from(["Health", "WASH"]), st.sampled_from(["PER", "COL"]),
        st.sampled_from(MONTHS), COUNTS, COUNTS, COUNTS,
    ),
    min_size=1, max_size=12,
)  # fmt: skip


def plan_of(rows: list[Any]) -> Plan:
    """A plan of the rows of ``ROWS``."""
    names = ["appealing_organisation", "sector", "country", "month", "new_beneficiaries"]
    names += ["total_monthly_beneficiaries", "in_destination"]
    return plan(activities(**dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))))


@settings(max_examples=8)
@given(ROWS, st.randoms())
def test_low_and_high_embrace_every_number_and_the_order_of_rows_does_not_matter(rows: list[Any], chance: Any) -> None:
    def figures(rows: list[Any]) -> pd.DataFrame:
        table = plan_of(rows).figures(["Health", "WASH", "Intersector"], ["region", "Peru"], period="2021Q1")
        return table[table["unit"] == "people"]

    table = figures(rows)
    known = table[table["value"].notna()]
    assert (known["low"] <= known["value"]).all()
    assert (known["value"] <= known["high"]).all()
    chance.shuffle(rows)
    shuffled = figures(rows)
    columns = ["sector", "place", "figure", "part", "low", "value", "high"]
    pd.testing.assert_frame_equal(table[columns].reset_index(drop=True), shuffled[columns].reset_index(drop=True))


@settings(max_examples=8)
@given(ROWS)
def test_months_and_sectors_add_up_to_the_bounds_of_the_whole(rows: list[Any]) -> None:
    some = plan_of(rows)
    reports = some.reports(period="2021Q1")
    for sector, sums in reports.groupby("sector", observed=True)[["low", "high"]].sum().iterrows():
        low, _, high = bounds_of(some, str(sector))
        assert (low or 0, high or 0) == pytest.approx((sums["low"], sums["high"]), abs=1)
