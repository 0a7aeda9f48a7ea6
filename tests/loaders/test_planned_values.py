"""Planned figures that cannot be right are refused: they are not known, and nothing takes their place."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_folders import ACTIVITY, data_folder
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.loaders.planned_values import FIGURE_COLUMNS, refuse_impossible, unknown_figures
from rmrp_analysis.loaders.table import Loaded
from rmrp_analysis.plan import Plan
from rmrp_analysis.tables import Planning
from rmrp_analysis.vocabulary import POPULATION_GROUPS, plan_lists

Figure = tuple[str, str, str, str, float]
"""Sector, scope, population group, measure, value."""
NEED, TARGET, MONEY = "people_in_need", "target", "requirement_usd"
REFUSED = "the figure in the planning file cannot be used"
SOUND: list[Figure] = [
    ("Health", "PER", "all", NEED, 1000),
    ("Health", "PER", "all", TARGET, 600),
    ("Health", "PER", "all", MONEY, 60_000),
    ("all", "PER", "all", TARGET, 900),
]


def planned(figures: Sequence[Figure]) -> Loaded:
    columns = ["sector", "scope", "population_group", "measure", "value"]
    rows = pd.DataFrame(figures, columns=columns).assign(admin1="", pcode="", source="R4V", source_file="planning.csv")
    rows["source_line"] = range(2, len(rows) + 2)
    return Loaded(Planning.set_types(rows), pd.DataFrame(), pd.DataFrame(), Planning.empty())


def checks_of(figures: Sequence[Figure]) -> dict[int, str]:
    """The check that each line meets."""
    faults = refuse_impossible(planned(figures)).faults
    return dict(zip(faults["line"], faults["check"], strict=True)) if len(faults) else {}


def sums_of(scale: float) -> list[Figure]:
    return [("WASH", country, "all", TARGET, scale) for country in plan_lists().countries]


def groups_of(*groups: str) -> list[Figure]:
    return [("WASH", "PER", group, NEED, 9) for group in groups]


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        (SOUND, {}),
        ([("WASH", "PER", "all", NEED, -1)], {2: "planned_negative"}),
        ([("WASH", "PER", "all", NEED, 0.62)], {2: "planned_decimals"}),
        ([("WASH", "PER", "all", NEED, 5 + 1e-9)], {}),
        ([("WASH", "PER", "all", NEED, 5), ("WASH", "PER", "all", NEED, 6)], {2: "second_value", 3: "second_value"}),
        ([("WASH", "PER", "all", NEED, 5), ("WASH", "PER", "all", NEED, 5)], {3: "repeated"}),
        (
            [("WASH", "PER", "all", NEED, 5), ("WASH", "PER", "all", TARGET, 6)],
            {2: "target_above_need", 3: "target_above_need"},
        ),
        ([("WASH", "PER", "all", NEED, 0), ("WASH", "PER", "all", TARGET, 6)], {}),
        ([("WASH", "PER", "all", NEED, 5000), ("WASH", "PER", "all", TARGET, 4)], {3: "target_too_small"}),
        ([("WASH", "PER", "all", NEED, 5000), ("WASH", "PER", "all", TARGET, 25)], {}),
        ([("WASH", "PER", "in_transit", NEED, 5000), ("WASH", "PER", "in_transit", TARGET, 4)], {}),
        ([*sums_of(100), ("WASH", "region", "all", TARGET, 17)], {19: "unlike_countries"}),
        ([*sums_of(100), ("WASH", "region", "all", TARGET, 1500)], {}),
        ([*sums_of(100)[1:], ("WASH", "region", "all", TARGET, 17)], {}),
        (groups_of("in_destination", "host_communities", "all"), {}),
        ([*groups_of("in_destination"), ("WASH", "PER", "all", NEED, 4)], {3: "unlike_groups"}),
        ([*groups_of("in_destination"), ("WASH", "PER", "all", NEED, 9000)], {}),  # other groups are not listed
        ([*groups_of(*POPULATION_GROUPS), ("WASH", "PER", "all", NEED, 9000)], {7: "unlike_groups"}),
        ([*groups_of("in_transit"), ("WASH", "PER", "all", NEED, 2)], {}),  # a total without people in transit
        (
            [*sums_of(100), *sums_of(100), ("WASH", "region", "all", TARGET, 1700)],
            dict.fromkeys(range(19, 36), "repeated"),
        ),
        ([*SOUND, ("WASH", "PER", "all", TARGET, 946)], {6: "above_all_sectors"}),
        (
            [*SOUND, ("WASH", "PER", "all", TARGET, 946), ("Shelter", "PER", "all", TARGET, 990)],
            {5: "below_sectors"},
        ),
        ([("WASH", "PER", "all", TARGET, 946), ("all", "PER", "all", TARGET, 0)], {}),
        ([("WASH", "PER", "all", TARGET, 900_000), ("WASH", "PER", "all", MONEY, 98)], {3: "unlike_target"}),
        ([("WASH", "PER", "all", TARGET, 9), ("WASH", "PER", "all", MONEY, 500_000)], {3: "unlike_target"}),
        ([("WASH", "PER", "all", MONEY, 98)], {}),
    ],
)
def test_each_check_refuses_its_fault_and_nothing_else(figures: list[Figure], expected: dict[int, str]) -> None:
    assert checks_of(figures) == expected


UNSOUND: list[Figure] = [("WASH", "region", "all", TARGET, 17), ("Health", "CHL", "all", NEED, 0.5)]


@given(st.permutations([*SOUND, *sums_of(100), *UNSOUND]))
def test_the_order_of_rows_does_not_matter(figures: list[Figure]) -> None:
    loaded = planned(figures)
    kept, refused = (
        {tuple(row) for row in rows[FIGURE_COLUMNS].to_numpy()}
        for rows in (refuse_impossible(loaded).table, unknown_figures(refuse_impossible(loaded)))
    )
    assert {(key[0], key[3]) for key in refused} == {("region", "WASH"), ("CHL", "Health")}
    assert not kept & refused
    assert len(kept) + len(refused) == len(figures)


def plan_of(folder: Path, planning: str) -> Plan:
    report = (ACTIVITY | {"Indicator": "People cared for"}).values()
    return load_plan(
        data_folder(
            folder,
            2021,
            indicators="CODE,Sector,Indicator,Indicator_Type\nA1,Health,People cared for,Pin",
            activities="\n".join((",".join(ACTIVITY), ",".join(report))),
            planning=planning,
        )
    )


def test_a_refused_figure_is_not_known_and_has_no_other_in_its_place(tmp_path: Path) -> None:
    lines = [f"Health,{country},all,target,100,R4V" for country in plan_lists().countries]
    header = "sector,scope,population_group,measure,value,source"
    plan = plan_of(tmp_path, "\n".join([header, "Health,region,all,target,17,R4V", *lines]))
    target = plan.figures("Health").query("figure == 'target' and part == ''").iloc[0]
    assert (target["status"], target["reason"]) == ("not_known", REFUSED)
    assert pd.isna(target["value"])
    chile = plan.figures("Health", "Chile").query("figure == 'target' and part == ''").iloc[0]
    assert chile["value"] == 100
    assert plan.refused["planning"]["line"].to_list() == [2]


@pytest.mark.parametrize("text", ["many", "-60", "0.6"])
def test_a_refused_row_of_a_wide_sheet_makes_its_country_unknown(tmp_path: Path, text: str) -> None:
    sheet = (
        "Subsector,PiN Country,PiN Admin1,PiN Dest Total,PiN Transit Total,PiN HC Total,PiN Pendular Total,"
        "PiN Returnees Total\n"
        f"Health,Peru,Country level,{text},,30,10,0\nHealth,Chile,Country level,60,,30,10,0"
    )
    plan = plan_of(tmp_path, sheet)
    need = {
        place: plan.figures("Health", place).query("figure == 'people_in_need' and part == ''").iloc[0]
        for place in ("Peru", "Chile", "region")
    }
    assert {place: row["reason"] for place, row in need.items()} == {
        "Peru": REFUSED,
        "Chile": "",
        "region": REFUSED,
    }
    assert need["Chile"]["value"] == 100
    assert [(file.rows, file.rows_refused) for file in plan.inputs if file.name == "planning"] == [(1, 1)]


def test_the_bundled_and_the_real_plans_meet_no_check(bundled: Plan, real: Plan) -> None:
    for plan in (bundled, real):
        assert "planning" not in plan.refused
        assert not plan.planning["value"].isna().any()
