"""A planned figure is what the plan gives for a scope, or the sum of all of its countries, or unknown."""

import pandas as pd
import pytest

from conftest import planned_places, planning
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import select_planned_admin1, select_planned_groups, select_planned_rows
from rmrp_analysis.vocabulary import NATIONAL_PLACE_KEY, plan_lists

WITH_TRANSIT = Method(in_transit_in_denominators=True)
Row = tuple[str, str, str, str, float]
GROUPS = {"in_destination": 10, "in_transit": 1, "host_communities": 20, "pendular": 30, "colombian_returnees": 40}


def planned(planning: pd.DataFrame) -> pd.DataFrame:
    """Planning figures as metrics take them: those of whole scopes have no place."""
    return planning.rename(columns={"value": "amount"}).assign(place=planning.get("place", NATIONAL_PLACE_KEY))


def of(scope: str, group: str, number: float, sector: str = "Health", measure: str = "target") -> Row:
    return sector, scope, group, measure, number


CENTRE = "Central America & Mexico"
COSTA_RICA, MEXICO, PANAMA = of("CRI", "all", 1), of("MEX", "all", 20), of("PAN", "all", 300)
ALL, IN_TRANSIT = of("region", "all", 100), of("region", "in_transit", 5)
OF_REGION, OF_BOLIVIA = ({group: of(scope, group, n) for group, n in GROUPS.items()} for scope in ("region", "BOL"))
WITHOUT_PENDULAR = [row for group, row in OF_BOLIVIA.items() if group != "pendular"]
PLANNED: dict[str, tuple[list[Row], str, Method, float | None]] = {
    "a scope's own row comes first": ([of("Brazil", "all", 100), of("BRA", "all", 90)], "Brazil", Method(), 100),
    "a platform is the sum of its countries": ([COSTA_RICA, MEXICO, PANAMA], CENTRE, Method(), 1 + 20 + 300),
    "a platform that lacks one country has no figure": ([COSTA_RICA, MEXICO], CENTRE, Method(), None),
    "the region is the sum of all countries": (
        [of(one, "all", 2) for one in plan_lists().countries],
        "region",
        Method(),
        17 * 2,
    ),
    "people in transit are in no total": ([ALL, IN_TRANSIT], "region", Method(), 100),
    "people in transit are added when the method says so": ([ALL, IN_TRANSIT], "region", WITH_TRANSIT, 100 + 5),
    "a total with people in transit of whom nothing is said is unknown": ([ALL], "region", WITH_TRANSIT, None),
    "all groups make the total": ([*OF_REGION.values()], "region", Method(), 10 + 20 + 30 + 40),
    "all groups make the total with transit": ([*OF_REGION.values()], "region", WITH_TRANSIT, 10 + 1 + 20 + 30 + 40),
    "four of five groups make no total": ([*OF_REGION.values()][:-1], "region", Method(), None),
    "all groups make the total of a country": ([*OF_BOLIVIA.values()], "BOL", Method(), 10 + 20 + 30 + 40),
    "all groups make that of a country with transit": ([*OF_BOLIVIA.values()], "BOL", WITH_TRANSIT, 101),
    "a country needs every group": (WITHOUT_PENDULAR, "BOL", Method(), None),
    "a country needs every group with transit": (WITHOUT_PENDULAR, "BOL", WITH_TRANSIT, None),
    "a planned zero is zero": ([of("region", "all", 0)], "region", Method(), 0),
    "nothing planned is unknown": ([of("region", "all", 9, measure="people_in_need")], "region", Method(), None),
    "nothing is derived from other sectors": (
        [of("region", "all", 9, "all"), of("region", "all", 5, "WASH")],
        *("region", Method(), None),
    ),
}


@pytest.mark.parametrize(("rows", "scope", "method", "people"), PLANNED.values(), ids=PLANNED)
def test_a_planned_figure_is_what_the_plan_gives_or_a_sum_of_all_or_unknown(
    rows: list[Row], scope: str, method: Method, people: float | None
) -> None:
    assert total(planning(*rows), "target", scope, method) == people


def test_what_the_plan_does_not_give_is_missing_and_a_requirement_knows_no_transit() -> None:
    table = planning(of("region", "all", 212_514_148, measure="requirement_usd"))
    assert total(table, "requirement_usd", "region", WITH_TRANSIT) == 212_514_148
    table = planning(
        ("Health", "region", "in_destination", "target", 7),
        ("Health", "PER", "pendular", "target", 3),
        ("Health", "region", "all", "target", 9),
    )
    rows = select_planned_groups(planned(table), "target")
    by_group = rows[rows["sheet_place"] == "region"].set_index("population_group")["amount"]
    assert by_group.to_dict() == {"in_destination": 7, "all": 9}


def test_a_sector_that_states_no_people_in_need_has_its_target_alone() -> None:
    both = ("people_in_need", "target")
    rows = planned(planning(*(of("region", "all", 60, "Multipurpose Cash Assistance", measure) for measure in both)))
    assert [select_planned_rows(rows, measure, Method())["amount"].to_list() for measure in both] == [[], [60]]


def total(planning: pd.DataFrame, measure: str, scope: str, method: Method) -> float | None:
    """What the plan gives for Health; None where it gives nothing."""
    rows = select_planned_rows(planned(planning), measure, method)
    own = rows.loc[(rows["sector"] == "Health") & (rows["sheet_place"] == scope), "amount"]
    return float(own.sum()) if len(own) else None


def test_admin1_have_figures_of_their_own_with_every_group_or_a_total() -> None:
    table = planned_places(
        *(("Health", "BOL", "La Paz", group, "target", number) for group, number in GROUPS.items()),
        ("Health", "BOL", "Oruro", "all", "target", 7),
        ("Health", "BOL", "Oruro", "in_destination", "target", 5),
        ("Health", "BOL", "Potosí", "in_destination", "target", 3),
        ("WASH", "BOL", "La Paz", "all", "target", 9),
        ("Health", "PER", "La Paz", "all", "target", 9),
    )

    def by_admin1(measure: str, method: Method) -> dict[str, float]:
        rows = select_planned_admin1(planned(table), measure, method)
        own = rows[(rows["sector"] == "Health") & (rows["scope"] == "BOL")]
        return own.groupby("admin1")["amount"].sum().to_dict()

    assert by_admin1("target", Method()) == {"La Paz": 10 + 20 + 30 + 40, "Oruro": 7}
    assert by_admin1("target", WITH_TRANSIT) == {"La Paz": sum(GROUPS.values())}
    assert by_admin1("people_in_need", Method()) == {}
