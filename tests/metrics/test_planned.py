"""A planned figure is what the plan gives for a scope, or the sum of all of its countries, or unknown."""

import pandas as pd
import pytest

from conftest import Build
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import AMOUNT, planned_admin1, planned_groups, planned_rows
from rmrp_analysis.vocabulary import COUNTRIES, NATIONAL

WITH_TRANSIT = Method(in_transit_in_denominators=True)
GROUPS = {"in_destination": 10, "in_transit": 1, "host_communities": 20, "pendular": 30, "colombian_returnees": 40}


def planned(planning: pd.DataFrame) -> pd.DataFrame:
    """Planning figures as metrics take them: those of whole scopes have no place."""
    return planning.rename(columns={"value": AMOUNT}).assign(place=planning.get("place", NATIONAL))


def total(planning: pd.DataFrame, measure: str, sector: str, *, scope: str = "region", method: Method) -> float | None:
    """What the plan gives; None where it gives nothing."""
    rows = planned_rows(planned(planning), measure, method)
    own = rows.loc[(rows["sector"] == sector) & (rows["in_place"] == scope), AMOUNT]
    return float(own.sum()) if len(own) else None


def test_a_scopes_own_row_comes_first(planning: Build) -> None:
    table = planning(
        ("Health", "Brazil", "all", "target", 100),
        ("Health", "BRA", "all", "target", 90),
        ("WASH", "Brazil", "all", "target", 7),
    )
    assert total(table, "target", "Health", scope="Brazil", method=Method()) == 100


def test_a_platform_without_a_row_is_the_sum_of_its_countries(planning: Build) -> None:
    table = planning(
        *(("Health", country, "all", "target", people) for country, people in [("CRI", 1), ("MEX", 20), ("PAN", 300)])
    )
    assert total(table, "target", "Health", scope="Central America & Mexico", method=Method()) == 1 + 20 + 300


def test_a_platform_that_lacks_one_country_has_no_figure(planning: Build) -> None:
    table = planning(("Health", "CRI", "all", "target", 1), ("Health", "MEX", "all", "target", 20))
    assert total(table, "target", "Health", scope="Central America & Mexico", method=Method()) is None


def test_the_region_without_a_row_is_the_sum_of_all_seventeen_countries(planning: Build) -> None:
    table = planning(*(("Health", country, "all", "target", 2) for country in COUNTRIES))
    assert total(table, "target", "Health", method=Method()) == 17 * 2


def test_people_in_transit_are_in_no_total(planning: Build) -> None:
    table = planning(("Health", "region", "all", "target", 100), ("Health", "region", "in_transit", "target", 5))
    assert total(table, "target", "Health", method=Method()) == 100


def test_people_in_transit_are_added_when_the_method_says_so(planning: Build) -> None:
    table = planning(("Health", "region", "all", "target", 100), ("Health", "region", "in_transit", "target", 5))
    assert total(table, "target", "Health", method=WITH_TRANSIT) == 100 + 5


def test_without_people_in_transit_in_the_plan_a_total_with_them_is_unknown(planning: Build) -> None:
    table = planning(("Health", "region", "all", "target", 100))
    assert total(table, "target", "Health", method=WITH_TRANSIT) is None


@pytest.mark.parametrize(("method", "people"), [(Method(), 10 + 20 + 30 + 40), (WITH_TRANSIT, 10 + 1 + 20 + 30 + 40)])
def test_without_a_total_row_all_groups_make_the_total(planning: Build, method: Method, people: int) -> None:
    table = planning(*(("Health", "region", group, "target", number) for group, number in GROUPS.items()))
    assert total(table, "target", "Health", method=method) == people


def test_without_a_total_row_four_of_five_groups_make_no_total(planning: Build) -> None:
    some = [(group, number) for group, number in GROUPS.items() if group != "pendular"]
    table = planning(*(("Health", "region", group, "target", number) for group, number in some))
    assert total(table, "target", "Health", method=Method()) is None


def test_a_requirement_knows_no_transit(planning: Build) -> None:
    table = planning(("Health", "region", "all", "requirement_usd", 212_514_148))
    assert total(table, "requirement_usd", "Health", method=WITH_TRANSIT) == 212_514_148


def test_nothing_planned_is_unknown_and_a_planned_zero_is_zero(planning: Build) -> None:
    table = planning(("Health", "region", "all", "target", 0))
    assert total(table, "target", "Health", method=Method()) == 0
    assert total(table, "people_in_need", "Health", method=Method()) is None


def test_nothing_is_derived_from_another_sector(planning: Build) -> None:
    table = planning(("all", "region", "all", "target", 9), ("WASH", "region", "all", "target", 5))
    assert total(table, "target", "Health", method=Method()) is None


def test_groups_the_plan_does_not_give_are_missing_not_zero(planning: Build) -> None:
    table = planning(
        ("Health", "region", "in_destination", "target", 7),
        ("Health", "PER", "pendular", "target", 3),
        ("Health", "region", "all", "target", 9),
    )
    rows = planned_groups(planned(table), "target")
    by_group = rows[rows["in_place"] == "region"].set_index("population_group")[AMOUNT]
    assert by_group.to_dict() == {"in_destination": 7, "all": 9}


@pytest.mark.parametrize("method", [Method(), WITH_TRANSIT])
def test_a_country_needs_every_group_as_other_scopes_do(planning: Build, method: Method) -> None:
    groups = [(group, number) for group, number in GROUPS.items() if group != "pendular"]
    some = planning(*(("Health", "BOL", group, "target", number) for group, number in groups))
    every = planning(*(("Health", "BOL", group, "target", number) for group, number in GROUPS.items()))
    assert total(some, "target", "Health", scope="BOL", method=method) is None
    expected = sum(GROUPS.values()) - (0 if method.in_transit_in_denominators else GROUPS["in_transit"])
    assert total(every, "target", "Health", scope="BOL", method=method) == expected


def test_admin1_have_figures_of_their_own_with_every_group_or_a_total(planned_places: Build) -> None:
    table = planned_places(
        *(("Health", "BOL", "La Paz", group, "target", number) for group, number in GROUPS.items()),
        ("Health", "BOL", "Oruro", "all", "target", 7),
        ("Health", "BOL", "Oruro", "in_destination", "target", 5),
        ("Health", "BOL", "Potosí", "in_destination", "target", 3),
        ("WASH", "BOL", "La Paz", "all", "target", 9),
        ("Health", "PER", "La Paz", "all", "target", 9),
    )

    def by_admin1(measure: str, method: Method) -> dict[str, float]:
        rows = planned_admin1(planned(table), measure, method)
        own = rows[(rows["sector"] == "Health") & (rows["scope"] == "BOL")]
        sums: dict[str, float] = own.groupby("admin1")[AMOUNT].sum().to_dict()
        return sums

    assert by_admin1("target", Method()) == {"La Paz": 10 + 20 + 30 + 40, "Oruro": 7}
    assert by_admin1("target", WITH_TRANSIT) == {"La Paz": sum(GROUPS.values())}
    assert by_admin1("people_in_need", Method()) == {}
