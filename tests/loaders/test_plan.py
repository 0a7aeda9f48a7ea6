"""A data folder is read whole, and activities meet their indicators without a row lost or doubled."""

import hashlib
import json
from pathlib import Path

import pandas as pd
import pytest

from data_folders import ACTIVITY, Input, data_folder
from rmrp_analysis.errors import InputRefused, RequestError
from rmrp_analysis.loaders.plan import load_plan
from rmrp_analysis.plan import keep_plan

NOT_ASKED = ["COVID 19 situation", "Support Space activity"]
NEW, MONTHLY = "New beneficiaries of the month", "Total monthly beneficiaries"
MONTH, DESTINATION = "Reporting Month", "Refugees and Migrants IN DESTINATION"
FTS_HEADERS = "year,plan_name,Cluster,Current requirements US$,Funding US$,Pledges US$"
FTS_NAME = "Refugee and Migrant Response Plan for Venezuela 2021 (RMRP)"


def reports(*cells: dict[str, str]) -> pd.DataFrame:
    """Reports with these cells, without two columns that not every file has."""
    return pd.DataFrame([ACTIVITY | {"Indicator": "People cared for"} | each for each in cells]).drop(columns=NOT_ASKED)


def write_folder(folder: Path, year: int = 2021, **inputs: Input) -> Path:
    usual: dict[str, Input] = {
        "activities": reports({}),
        "indicators": "CODE,Sector,Indicator,Indicator_Type\nRE-HLTH01,Health,people  CARED for,Pin",
        "planning": "sector,scope,population_group,measure,value,source\nHealth,region,all,target,10,R4V",
        "funding": f"{FTS_HEADERS}\n2021,{FTS_NAME},Health,5,1,0\n2020,Another plan,Coordination,9,9,0",
    }
    return data_folder(folder, year, **usual | inputs)


def test_a_folder_gives_activities_with_types_money_with_its_plan_and_checksums(tmp_path: Path) -> None:
    places = "sector,scope,population_group,measure,value,source,pcode\nHealth,PER,all,target,4,R4V,PE15"
    plan = load_plan(write_folder(tmp_path, planning=f"{places}\nHealth,region,all,target,10,R4V,"))
    assert [table["value"].to_list() for table in (plan.planning, plan.planned_places)] == [[10], [4]]
    assert plan.activities["indicator_type"].to_list() == ["people in need"]
    assert plan.funding_totals[["plan_id", "funding_usd"]].to_numpy().tolist() == [["1021", 1], ["", 9]]
    assert plan.funding_flows is None
    assert plan.faults[["line", "column", "check"]].to_numpy().tolist() == [
        [1, "covid19", "absent_column"],
        [1, "support_space", "absent_column"],
    ]
    assert len(plan.activities) == 1
    assert [file.sha256 for file in plan.inputs] == [
        hashlib.sha256(file.path.read_bytes()).hexdigest() for file in plan.inputs
    ]


def test_two_spellings_of_one_indicator_are_one_line_of_a_breakdown(tmp_path: Path) -> None:
    table = reports({NEW: "3"}, {NEW: "4", "Indicator": "PEOPLE  Cared For"})
    reached = load_plan(write_folder(tmp_path, activities=table)).select("Health").people_reached()
    assert reached.by("indicator").to_dict() == {"people  CARED for": 7}


def test_a_row_that_cannot_be_used_is_kept_apart_and_counted(tmp_path: Path) -> None:
    table = reports({}, {"Country": "Atlantis"}, {NEW: "n/a"})
    plan = load_plan(write_folder(tmp_path, activities=table))
    assert plan.refused["activities"]["line"].to_list() == [3, 4]
    refused = plan.faults[plan.faults["severity"] == "refused"]
    assert refused["column"].to_list() == ["country", "new_beneficiaries"]
    assert next((file.name, file.rows, file.rows_refused) for file in plan.inputs) == ("activities", 1, 2)


def test_a_refused_row_leaves_out_the_people_it_may_have_had_and_a_total_or_header_nobody(tmp_path: Path) -> None:
    keys = name, indicator, _, sector, _ = "Appealing Organization Name", "Indicator", MONTH, "Sector", "Country"
    many, total = {NEW: "many", MONTHLY: "0"}, dict.fromkeys(keys, "") | {NEW: "50", "Admin1": "Gran total"}
    refused = [
        (many | {MONTHLY: "9", DESTINATION: "4"}, 9), (many | {DESTINATION: "4"}, 4), (many | {DESTINATION: "0"}, 10),
        (many | {indicator: "None"}, 15), (total, 0), (total | {indicator: "Subtotal", name: "- Grand total"}, 0),
        (total | {"Admin1": ""}, 50), (total | {name: "IOM"}, 50), (total | {sector: "Health"}, 50),
        (dict(zip(ACTIVITY, ACTIVITY, strict=True)) | {MONTHLY: ""}, 0),
    ]  # fmt: skip
    for used, expected in ([{NEW: "10"}, {NEW: "20", indicator: "People fed"}], refused), ([], [(many, 0)]):
        plan = load_plan(write_folder(tmp_path, activities=reports(*used, *(cells for cells, _ in expected))))
        assert plan.refused_activities["people_left_out"].to_list() == [people for _, people in expected]


def test_a_table_split_in_two_or_beside_another_gives_the_same_rows(tmp_path: Path) -> None:
    flow = {"id": "1", "amountUSD": 7, "status": "paid", "sourceObjects": [], "destinationObjects": []}
    answer = json.dumps({"status": "ok", "data": {"flows": [flow]}})
    (tmp_path / "a.json").write_text(answer, encoding="utf-8")
    write_folder(tmp_path)
    plan = load_plan(write_folder(tmp_path, funding="{files: [a.json, funding.csv], producer: OCHA}"))
    assert plan.funding_flows is not None
    assert plan.funding_totals is not None
    assert [file.rows for file in plan.inputs if file.name == "funding"] == [1, 2]
    table = reports(*({NEW: str(number)} for number in range(6)))
    whole = load_plan(write_folder(tmp_path, activities=table))
    for at in (0, 3):
        table.iloc[at : at + 3].to_csv(tmp_path / f"{at}.csv", index=False)
    parts = load_plan(
        write_folder(tmp_path, activities="{files: [0.csv, 3.csv], producer: R4V, replaces: {3.csv: []}}")
    )
    reported = [name for name in whole.activities.columns if not name.startswith("source_")]
    pd.testing.assert_frame_equal(whole.activities[reported], parts.activities[reported])
    assert [(file.rows, file.rows_refused) for file in parts.inputs if file.name == "activities"] == [(3, 0), (3, 0)]


def test_money_of_other_plans_and_a_plan_year_that_is_not_known_are_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, funding=f"{FTS_HEADERS}\n2020,Another plan,Coordination,9,9,0")
    with pytest.raises(InputRefused, match=r"no row of FTS plan 1021; the plans there are: Another plan"):
        load_plan(folder)
    with pytest.raises(RequestError, match="plan 1999 is not known; known plan years: 2021"):
        load_plan(write_folder(tmp_path, 1999))


def test_a_folder_whose_plan_is_kept_is_not_read_again_until_one_of_its_files_changes(tmp_path: Path) -> None:
    folder = write_folder(tmp_path)
    first = load_plan(folder)
    keep_plan(folder, first)
    assert load_plan(folder) is first
    reports({}, {NEW: "7"}).to_csv(folder / "activities.csv", index=False)
    assert list(load_plan(folder).activities["new_beneficiaries"]) == [3, 7]
