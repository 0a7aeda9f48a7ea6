"""Answers of the FTS API are read as FTS gives them: flows, grouped totals, overviews of plans."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fts_server import part

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders import load_funding
from rmrp_analysis.metrics import totals_of_plan


def thing(kind: str, number: int | str | None, name: str = "", behavior: str = "single") -> dict[str, Any]:
    return {"type": kind, "id": number, "name": name, "behavior": behavior}


def api_flow(flow_id: str = "1", **changes: Any) -> dict[str, Any]:
    flow = {"id": flow_id, "amountUSD": 10, "status": "paid", "sourceObjects": [], "destinationObjects": []}
    return flow | changes


def answer(folder: Path, name: str = "page.json", **content: Any) -> Path:
    path = folder / name
    path.write_text(json.dumps({"status": "ok", "data": content}), encoding="utf-8")
    return path


def page(folder: Path, *flows: dict[str, Any], name: str = "page.json") -> Path:
    return answer(folder, name, flows=list(flows))


CLUSTER = "GlobalCluster"
SECTORS_TO, CLUSTERS_TO, OVERLAPS = "destination_sectors", "destination_global_clusters", "destination_overlaps"


@pytest.mark.parametrize(
    ("to", "changes", "read"),
    [
        ([], {}, {"date": "", "flow_type": "", "boundary": ""}),  # FTS leaves keys out
        ([thing(CLUSTER, "13", "Gender Based Violence")], {}, {SECTORS_TO: ("Gender-Based Violence",)}),
        ([thing(CLUSTER, "13", "Protection - GBV")], {}, {SECTORS_TO: ("Gender-Based Violence",)}),  # known by its id
        ([thing(CLUSTER, 26513, "COVID-19")], {}, {SECTORS_TO: ("COVID-19",)}),  # so that no money is lost
        (
            [thing(CLUSTER, 16, "Multipurpose Cash"), thing(CLUSTER, 26479, "x")],  # two clusters of one sector
            {},
            {SECTORS_TO: ("Multipurpose Cash Assistance",), CLUSTERS_TO: ("16", "26479")},
        ),
        ([thing(CLUSTER, None, "Elsewhere")], {}, {CLUSTERS_TO: ("",), SECTORS_TO: ("Elsewhere",)}),
        ([thing(CLUSTER, "undefined", "Elsewhere")], {}, {CLUSTERS_TO: ("",), SECTORS_TO: ("Elsewhere",)}),
        (
            [thing("Organization", 1, "Madagascar&#039;s fund")],
            {},
            {"destination_organisation_names": ("Madagascar's fund",)},
        ),
        ([thing("Location", number, "x", "overlap") for number in (49, 175)], {}, {OVERLAPS: ("locations",)}),
        ([], {"status": "pledge"}, {"status": "pledge"}),
        ([], {"amountUSD": 0, "flowType": "Parked"}, {"amount_usd": 0, "flow_type": "Parked"}),
        ([], {"amountUSD": -7_195_148}, {"amount_usd": -7_195_148, "source_file": "page.json", "source_line": 1}),
    ],
)
def test_a_flow_is_read_as_fts_means_it(
    tmp_path: Path, to: list[dict[str, Any]], changes: dict[str, Any], read: dict[str, Any]
) -> None:
    flows = load_funding([page(tmp_path, api_flow(destinationObjects=to, **changes))]).flows.table
    (row,) = flows.to_dict("records")
    assert {name: row[name] for name in read} == read


NO_ANSWER = "expected an answer of the FTS API: flows ('data.flows'), totals"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"status": "error", "data": {"flows": []}}', "its status is not 'ok'"),
        ('{"status": "ok", "data": {"report1": {}}}', NO_ANSWER),
        ('{"status": "ok", "data": null}', NO_ANSWER),
        ('{"status": "ok", "data": []}', NO_ANSWER),
        ('{"status": "ok", "data": {"flows": null}}', NO_ANSWER),
        ('{"status": "ok", "da', "cannot be read as an FTS API answer"),
        ('{"a":' + "[" * 100_000, "cannot be read as an FTS API answer"),
    ],
)
def test_what_is_no_answer_is_refused_in_words(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "p.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputRefused, match=re.escape(said)):
        load_funding([path])


def grouped(folder: Path, *parts: dict[str, Any], kind: str = "GlobalCluster", **content: Any) -> pd.DataFrame:
    group = {"type": kind, "objectsBreakdown": list(parts), "totalBreakdown": content.pop("breakdown", {})}
    report = {"fundingTotals": {"total": content.pop("total", 0), "objects": [group]}}
    return load_funding([answer(folder, report3=report, **content)]).totals.table


def test_each_side_of_a_flow_keeps_its_plans_sectors_countries_and_organisations(tmp_path: Path) -> None:
    source = [thing("Organization", "4306", "Germany, Government of"), thing("Location", "83", "Germany")]
    to = [
        thing("Plan", 1021, "RMRP"),
        thing("GlobalCluster", 7, "Health"),
        thing("Cluster", 5520, "Health and Nutrition"),
        thing("Location", "49", "Colombia"),
        thing("Organization", 2915, "UNHCR"),
    ]
    table = load_funding([page(tmp_path, api_flow(sourceObjects=source, destinationObjects=to))]).flows.table
    (row,) = table.to_dict("records")
    assert (row["source_plans"], row["source_locations"], row["source_countries"]) == ((), ("83",), ("Germany",))
    assert (row["source_organisations"], row["source_organisation_names"]) == (("4306",), ("Germany, Government of",))
    assert (row["destination_plans"], row["destination_sectors"]) == (("1021",), ("Health",))
    assert (row["destination_global_clusters"], row["destination_clusters"]) == (("7",), ("5520",))
    assert (row["destination_countries"], row["destination_organisations"]) == (("COL",), ("2915",))


def test_a_repeated_flow_is_used_once_and_told_apart_where_it_differs(tmp_path: Path) -> None:
    pages = [
        page(tmp_path, api_flow("1"), api_flow("2"), name="a.json"),
        page(tmp_path, api_flow("2"), api_flow("3"), name="b.json"),
    ]
    loaded = load_funding(pages).flows
    assert loaded.table["flow_id"].to_list() == ["1", "2", "3"]
    assert loaded.refused[["file", "line"]].to_numpy().tolist() == [["b.json", 1]]
    assert len(loaded.table) + len(loaded.refused) == 4
    assert "already read from a.json, line 2" in loaded.refused["reason"].item()
    loaded = load_funding([page(tmp_path, api_flow("1"), api_flow("1", amountUSD=11))]).flows
    assert loaded.faults["check"].to_list() == ["repeated_flow_differs"]
    assert loaded.refused["reason"].item().endswith("with another amount or status")


def test_a_packed_page_is_read_whatever_its_name_and_refused_where_it_was_cut(tmp_path: Path) -> None:
    packed = tmp_path / "page.txt"
    packed.write_bytes(gzip.compress(page(tmp_path, api_flow("7")).read_bytes()))
    assert load_funding([packed]).flows.table["flow_id"].to_list() == ["7"]
    packed = tmp_path / "page.json.gz"
    packed.write_bytes(gzip.compress(page(tmp_path, api_flow("7")).read_bytes())[:-12])
    with pytest.raises(InputRefused, match="it is damaged"):
        load_funding([packed])


def test_a_plan_without_money_yet_is_no_error_and_not_zero(tmp_path: Path) -> None:
    assert len(load_funding([page(tmp_path)]).flows.table) == 0
    report = {"fundingTotals": {"total": 0, "objects": []}, "pledgeTotals": {"total": 0, "objects": []}}
    table = load_funding([answer(tmp_path, report3=report, requirements=None)]).totals.table
    assert table[["grouped_by", "funding_usd"]].to_numpy().tolist() == [["plan", 0]]
    plans = [
        {"id": 832, "name": "A", "usageYears": [{"year": "2020"}], "requirements": {"revisedRequirements": 9}},
        {"id": 952, "name": "B", "requirements": {"revisedRequirements": 0}, "funding": {"totalFunding": 7}},
    ]
    table = load_funding([answer(tmp_path, plans=plans)]).totals.table
    assert table[["plan_id", "plan_year"]].to_numpy().tolist() == [["832", "2020"], ["952", ""]]
    assert table["requirement_usd"].to_list() == [9, 0]
    assert pd.isna(table["funding_usd"].iloc[0])
    assert table["funding_usd"].iloc[1] == 7


@pytest.mark.parametrize(
    "changes", [{"amountUSD": None}, {"amountUSD": "much"}, {"sourceObjects": None}, {"destinationObjects": [7]}]
)
def test_a_flow_of_another_shape_is_named_by_its_place(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(InputRefused, match="flow 2 is not as FTS gives flows"):
        load_funding([page(tmp_path, api_flow("1"), api_flow("2", **changes))])


def test_a_status_or_a_total_of_another_shape_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match=r"flow 1 is not as FTS gives flows .*'promised'; allowed: paid, commitment"):
        load_funding([page(tmp_path, api_flow(status="promised"))])
    requirements = {"objects": [{"id": 7, "name": "Health", "objectType": "GlobalCluster", "revisedRequirements": 50}]}
    with pytest.raises(InputRefused, match="grouped by GlobalCluster, Location; allowed: one of Plan"):
        grouped(tmp_path, part("49", "Colombia", 20), kind="Location", requirements=requirements)
    with pytest.raises(InputRefused, match="is not as FTS gives totals"):
        load_funding([answer(tmp_path, plans=[{"name": "without an id"}])])
    with pytest.raises(InputRefused, match="is not as FTS gives totals"):
        load_funding([answer(tmp_path, report3={"fundingTotals": {"objects": [{"type": "Weather"}]}})])


def test_a_part_has_its_requirement_or_none_and_the_whole_that_of_the_plan(tmp_path: Path) -> None:
    requirements = {"objects": [{"id": 7, "name": "Health", "objectType": "GlobalCluster", "revisedRequirements": 50}]}
    table = grouped(tmp_path, part("7", "Health", 20), requirements=requirements)
    assert table[["part", "requirement_usd", "funding_usd"]].to_numpy().tolist()[0] == ["Health", 50, 20]
    of_plan = {"id": 1021, "name": "RMRP 2021", "objectType": "Plan", "revisedRequirements": 50}
    requirements = {"totalRevisedReqs": 50, "totalOrigReqs": 40, "objects": [of_plan]}
    table = grouped(tmp_path, part("49", "Colombia", 20), kind="Location", requirements=requirements, total=20)
    columns = ["grouped_by", "part", "requirement_usd", "original_requirement_usd", "funding_usd"]
    country, whole = table[columns].to_numpy().tolist()
    assert country[:2] == ["country", "COL"]
    assert pd.isna(country[2:4]).all()
    assert whole == ["plan", "all", 50, 40, 20]
    requirements = {"objects": [{"id": 3, "name": "Education", "objectType": "GlobalCluster", "origRequirements": 5}]}
    table = grouped(tmp_path, part("7", "Health", 20), requirements=requirements).set_index("part")
    assert pd.isna(table.loc["Health", "requirement_usd"])
    assert pd.isna(table.loc["Education", "requirement_usd"])
    assert pd.isna(table.loc["Education", "funding_usd"])
    assert table.loc["Education", "original_requirement_usd"] == 5


def test_money_of_no_part_of_several_and_counted_twice_has_rows_of_its_own(tmp_path: Path) -> None:
    content = {"breakdown": {"sharedFunding": 4, "overlapCorrection": 0}, "total": 20 + 3 + 4}
    table = grouped(tmp_path, part("7", "Health", 20), part(None, "Not specified", 3), **content)
    assert dict(zip(table["part"], table["funding_usd"], strict=True)) == {
        "Health": 20,
        "not specified": 3,
        "shared": 4,
        "all": 27,
    }
    content = {"breakdown": {"sharedFunding": 0, "overlapCorrection": 10}, "total": 10}
    table = grouped(tmp_path, part("49", "Colombia", 10), part("175", "Peru", 10), kind="Location", **content)
    rows = table[table["grouped_by"] == "country"]
    assert dict(zip(rows["part"], rows["funding_usd"], strict=True)) == {
        "COL": 10,
        "PER": 10,
        "counted more than once": -10,
    }


@pytest.mark.parametrize(
    ("kind", "number", "name", "grouping"),
    [("Cluster", "5001", "Health | Salud", "cluster"), ("Organization", "2915", "UNHCR", "organisation")],
)
def test_parts_of_totals_keep_their_ids_and_names(
    tmp_path: Path, kind: str, number: str, name: str, grouping: str
) -> None:
    table = grouped(tmp_path, part(number, name, 20), kind=kind)
    assert table[["grouped_by", "part", "fts_id"]].to_numpy().tolist()[0] == [grouping, name, number]


def test_totals_by_plan_name_each_plan_and_are_no_plans_alone(tmp_path: Path) -> None:
    content = {"breakdown": {"sharedFunding": 4}, "total": 20 + 3 + 4}
    table = grouped(tmp_path, part("1021", "RMRP 2021", 20), part("944", "RMRP 2020", 3), kind="Plan", **content)
    assert table[["plan_id", "part", "funding_usd"]].to_numpy().tolist() == [
        ["1021", "all", 20],
        ["944", "all", 3],
        ["", "shared", 4],
        ["", "all", 27],
    ]
    assert totals_of_plan(table, 1021)["funding_usd"].to_list() == [20]
