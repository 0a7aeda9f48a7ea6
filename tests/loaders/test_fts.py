"""Funding is read as FTS gives it: flows of the API, or a plan page's table by sector."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.fts import is_api_answer, load_funding_by_sector, load_funding_flows, of_plan
from rmrp_analysis.vocabulary import plan_year

PLAN = plan_year(2021).fts_plan_names[0]
HEADER = "year,plan_name,Cluster,Current requirements US$,Funding US$,Pledges US$"


def thing(kind: str, number: int | str, name: str = "") -> dict[str, Any]:
    return {"type": kind, "id": number, "name": name, "behavior": "single"}


def api_flow(flow_id: str = "1", **changes: Any) -> dict[str, Any]:
    flow = {"id": flow_id, "amountUSD": 10, "status": "paid", "sourceObjects": [], "destinationObjects": []}
    return flow | changes


def page(folder: Path, *flows: dict[str, Any], name: str = "page.json") -> Path:
    path = folder / name
    path.write_text(json.dumps({"status": "ok", "data": {"flows": list(flows)}}), encoding="utf-8")
    return path


def by_sector(folder: Path, *lines: str) -> Path:
    path = folder / "fts.csv"
    path.write_text("\n".join((HEADER, *lines)), encoding="utf-8")
    return path


def refusal(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputRefused) as refused:
        load_funding_flows([path])
    return str(refused.value)


def test_an_api_answer_is_told_from_a_table_by_its_name() -> None:
    assert [is_api_answer(Path(name)) for name in ("a.json", "a.JSON.gz", "a.csv")] == [True, True, False]


def test_each_side_of_a_flow_keeps_its_plans_sectors_countries_and_organisations(tmp_path: Path) -> None:
    source = [thing("Organization", "4306", "Germany, Government of"), thing("Location", "83", "Germany")]
    destination = [
        thing("Plan", 1021, "RMRP"),
        thing("GlobalCluster", 7, "Health"),
        thing("Location", "49", "Colombia"),
        thing("Organization", 2915, "UNHCR"),
    ]
    table = load_funding_flows([page(tmp_path, api_flow(sourceObjects=source, destinationObjects=destination))]).table
    (row,) = table.to_dict("records")
    assert (row["source_plans"], row["source_countries"], row["source_names"]) == (
        (),
        ("Germany",),
        ("Germany, Government of",),
    )
    assert (row["destination_plans"], row["destination_sectors"]) == (("1021",), ("Health",))
    assert (row["destination_countries"], row["destination_organisations"]) == (("COL",), ("2915",))


@pytest.mark.parametrize("name", ["Gender Based Violence", "Protection - Gender-Based Violence"])
def test_a_cluster_is_known_by_its_id_whatever_its_name(tmp_path: Path, name: str) -> None:
    flow = api_flow(destinationObjects=[thing("GlobalCluster", "13", name)])
    assert load_funding_flows([page(tmp_path, flow)]).table["destination_sectors"].item() == ("Gender-Based Violence",)


def test_a_cluster_without_a_sector_keeps_its_name_so_that_no_money_is_lost(tmp_path: Path) -> None:
    flow = api_flow(destinationObjects=[thing("GlobalCluster", 26513, "COVID-19")])
    assert load_funding_flows([page(tmp_path, flow)]).table["destination_sectors"].item() == ("COVID-19",)


def test_a_flow_on_two_pages_is_one_flow(tmp_path: Path) -> None:
    pages = [
        page(tmp_path, api_flow("1"), api_flow("2"), name="a.json"),
        page(tmp_path, api_flow("2"), api_flow("3"), name="b.json"),
    ]
    assert load_funding_flows(pages).table["flow_id"].to_list() == ["1", "2", "3"]


def test_a_flow_knows_its_page_and_its_place_there(tmp_path: Path) -> None:
    table = load_funding_flows([page(tmp_path, api_flow("1"), api_flow("2"))]).table
    assert table[["source_file", "source_line"]].to_numpy().tolist() == [["page.json", 1], ["page.json", 2]]


def test_a_packed_page_is_read(tmp_path: Path) -> None:
    packed = tmp_path / "page.json.gz"
    packed.write_bytes(gzip.compress(page(tmp_path, api_flow("7")).read_bytes()))
    assert load_funding_flows([packed]).table["flow_id"].to_list() == ["7"]


def test_pledges_are_kept_here_and_told_apart_by_status(tmp_path: Path) -> None:
    assert load_funding_flows([page(tmp_path, api_flow(status="pledge"))]).table["status"].to_list() == ["pledge"]


def test_an_answer_that_says_it_failed_is_refused(tmp_path: Path) -> None:
    assert "its status is not 'ok'" in refusal(tmp_path / "p.json", '{"status": "error", "data": {"flows": []}}')


def test_totals_instead_of_flows_are_refused_with_what_to_ask(tmp_path: Path) -> None:
    message = refusal(tmp_path / "p.json", '{"status": "ok", "data": {"report1": {}}}')
    assert message.endswith("holds no flows; ask the FTS API without 'groupby'")


def test_a_page_that_is_no_json_is_refused(tmp_path: Path) -> None:
    assert "cannot be read as an FTS API answer" in refusal(tmp_path / "p.json", "<html>")


def test_a_page_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match=r"gone\.json: there is no such file"):
        load_funding_flows([tmp_path / "gone.json"])


@pytest.mark.parametrize("changes", [{"amountUSD": None}, {"amountUSD": "much"}, {"sourceObjects": None}])
def test_a_flow_of_another_shape_is_named_by_its_place(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(InputRefused, match="flow 2 is not as FTS gives flows"):
        load_funding_flows([page(tmp_path, api_flow("1"), api_flow("2", **changes))])


def test_clusters_of_a_plan_page_become_sectors(tmp_path: Path) -> None:
    lines = [
        f"2021,{PLAN},Early Recovery,5,1,0",
        f"2021,{PLAN},Not reported,,2,0",
        f"2021,{PLAN},Multiple Sectors (shared),,3,0",
    ]
    table = load_funding_by_sector(by_sector(tmp_path, *lines), plan_year=plan_year(2021)).table
    assert table["sector"].to_list() == ["Integration", "not specified", "shared"]
    assert table["funding_usd"].sum() == 1 + 2 + 3


def test_rows_of_other_plans_may_stand_in_the_same_file(tmp_path: Path) -> None:
    lines = ["2019,Venezuela 2019,Coordination,9,9,0", f"2021,{PLAN},Health,5,1,0"]
    table = load_funding_by_sector(by_sector(tmp_path, *lines), plan_year=plan_year(2021)).table
    assert table["sector"].to_list() == ["Coordination", "Health"]
    assert of_plan(table, plan_year(2021)).to_list() == [False, True]


def test_a_file_that_names_no_plan_holds_one_plan_alone(tmp_path: Path) -> None:
    table = load_funding_by_sector(by_sector(tmp_path, ",,Health,5,1,0"), plan_year=plan_year(2021)).table
    assert of_plan(table, plan_year(2021)).all()


def test_a_file_without_this_plan_is_refused(tmp_path: Path) -> None:
    path = by_sector(tmp_path, "2019,Venezuela 2019,Health,9,9,0")
    with pytest.raises(InputRefused, match=r"no row of plan 1021 \('Refugee and Migrant Response Plan"):
        load_funding_by_sector(path, plan_year=plan_year(2021))


def test_money_of_this_plan_in_an_unknown_sector_is_refused_with_its_line(tmp_path: Path) -> None:
    path = by_sector(tmp_path, f"2021,{PLAN},Health,5,1,0", f"2021,{PLAN},Mine Action,5,1,0")
    with pytest.raises(InputRefused, match=r"sectors that are not known \(line 3: 'Mine Action'\)"):
        load_funding_by_sector(path, plan_year=plan_year(2021))


def test_a_page_without_flows_is_a_plan_without_money_yet(tmp_path: Path) -> None:
    assert len(load_funding_flows([page(tmp_path)]).table) == 0


def test_an_unknown_status_is_told_with_those_that_are_known(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match=r"flow 1 is not as FTS gives flows .*'promised'; allowed: paid, commitment"):
        load_funding_flows([page(tmp_path, api_flow(status="promised"))])


def test_an_answer_without_content_is_refused(tmp_path: Path) -> None:
    assert "holds no flows" in refusal(tmp_path / "page.json", '{"status": "ok", "data": null}')
