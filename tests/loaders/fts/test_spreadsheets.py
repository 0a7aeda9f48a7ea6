"""Tables about money are known by their headers, and each trap of their cells is stepped over."""

from pathlib import Path

import pandas as pd
import pytest

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders import load_funding
from rmrp_analysis.loaders.fts.rows import amount

FLOWS = (
    "id,date,description,amountUSD,status,srcOrganization,srcLocations,destPlanId,destOrganization,"
    "destGlobalClusters,destLocations,boundary,refCode"
)
FLOW_TAGS = ",".join(f"#tag+{name.lower()}" for name in FLOWS.split(","))
COUNTRIES = "countryCode,id,name,code,typeId,typeName,startDate,endDate,year,requirements,funding,percentFunded"
COUNTRY_TAGS = ",".join(f"#tag+{name.lower()}" for name in COUNTRIES.split(","))
CLUSTERS = "countryCode,id,name,code,startDate,endDate,year,clusterCode,cluster,requirements,funding,percentFunded"
PLAN_PAGE = "Cluster/Sector,Original requirements US$,Current requirements US$,Funding US$,Pledges US$,Coverage %"
RMRP = "Venezuela Regional Refugee and Migrant Response Plan (RMRP) 2021"


def table(folder: Path, *lines: str, name: str = "table.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding=encoding, newline="")
    return path


def flow_line(number: str = "1", amount: str = "10", clusters: str = "", places: str = "COL", **cells: str) -> str:
    texts = {"text": "x", "status": "paid", "boundary": "incoming", "code": "", "giver": '"Germany, Government of"'}
    texts |= cells
    return (
        f'{number},2026-01-01,{texts["text"]},{amount},{texts["status"]},{texts["giver"]},DEU,1525,UNHCR,"{clusters}",'
        f'"{places}",{texts["boundary"]},{texts["code"]}'
    )


def country_line(code: str = "COL", requirement: str = "9", funding: str = "3", plan: str = "1021") -> str:
    name = RMRP if plan else "Not specified"
    return f"{code},{plan},{name},RREG21,111,R,2021-01-01,2021-12-31,2021,{requirement},{funding},"


@pytest.mark.parametrize("tags", [[], [FLOW_TAGS]])
def test_flows_are_all_read_with_and_without_a_row_of_tags(tmp_path: Path, tags: list[str]) -> None:
    loaded = load_funding([table(tmp_path, FLOWS, *tags, flow_line("1"), flow_line("2"))]).flows
    assert loaded.table["flow_id"].to_list() == ["1", "2"]
    assert loaded.table["source_line"].to_list() == [2 + len(tags), 3 + len(tags)]


def test_tags_in_one_of_several_files_are_left_out_there_alone(tmp_path: Path) -> None:
    old = table(tmp_path, COUNTRIES, COUNTRY_TAGS, country_line("COL"), name="old.csv")
    new = table(tmp_path, COUNTRIES, country_line("PER"), name="new.csv")
    assert load_funding([old, new]).totals.table["part"].to_list() == ["COL", "PER"]


def test_names_with_commas_and_several_names_are_read_as_they_are_meant(tmp_path: Path) -> None:
    loaded = load_funding([table(tmp_path, FLOWS, flow_line(code="#12 of 2026"), flow_line("2"))]).flows
    assert len(loaded.table) == 2
    clusters = "Health,Protection - Housing, Land and Property,Protection,Something new"
    row = load_funding([table(tmp_path, FLOWS, flow_line(clusters=clusters))]).flows.table.iloc[0]
    assert row["destination_global_clusters"] == ("7", "14", "10", "Something new")
    assert row["destination_sectors"] == (
        "Health",
        "Protection - Housing, Land and Property",
        "Protection (General)",
        "Something new",
    )
    row = load_funding([table(tmp_path, FLOWS, flow_line())]).flows.table.iloc[0]
    assert row["source_organisation_names"] == ("Germany, Government of",)
    row = load_funding([table(tmp_path, FLOWS, flow_line(places="COL,PER"))]).flows.table.iloc[0]
    assert row["destination_countries"] == ("COL", "PER")
    row = load_funding([table(tmp_path, FLOWS, flow_line(giver="Multiple"))]).flows.table.iloc[0]
    assert len(row["source_organisations"]) == 2
    row = load_funding([table(tmp_path, FLOWS, flow_line(boundary="internal"))]).flows.table.iloc[0]
    assert (row["source_plans"], row["destination_plans"]) == (("1525",), ("1525",))


def test_the_same_shared_flow_in_each_countrys_file_is_used_once(tmp_path: Path) -> None:
    files = [table(tmp_path, FLOWS, flow_line("7", places="COL,PER"), name=f"{code}.csv") for code in ("col", "per")]
    loaded = load_funding(files).flows
    assert loaded.table["amount_usd"].sum() == 10
    assert len(loaded.table) + len(loaded.refused) == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (flow_line(amount="much"), "amountUSD is 'much'; allowed: a number"),
        (flow_line(amount=""), "amountUSD is empty; allowed: not empty"),
        (flow_line(status="promised"), "status is 'promised'; allowed: paid, commitment, pledge"),
        (flow_line() + ",one,more", "row is 'one | more'; allowed: 13 cells, as in the header"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_alone(tmp_path: Path, line: str, reason: str) -> None:
    loaded = load_funding([table(tmp_path, FLOWS, line, flow_line("2"))]).flows
    assert loaded.table["flow_id"].to_list() == ["2"]
    assert loaded.refused[["line", "reason"]].to_numpy().tolist() == [[2, reason]]


def test_a_blank_requirement_is_unknown_and_an_amount_below_zero_stays(tmp_path: Path) -> None:
    lines = [country_line("COL", requirement=""), country_line("PER", requirement="0", funding="")]
    rows = load_funding([table(tmp_path, COUNTRIES, *lines)]).totals.table
    assert rows["requirement_usd"].isna().to_list() == [True, False]
    assert rows["funding_usd"].isna().to_list() == [False, True]
    path = table(tmp_path, COUNTRIES, country_line(funding="-349234272", plan=""))
    assert load_funding([path]).totals.table["funding_usd"].to_list() == [-349_234_272]


def test_a_plan_is_in_the_rows_of_each_country_and_other_money_of_none(tmp_path: Path) -> None:
    lines = [country_line("COL", "640", "313"), country_line("PER", "274", "95")]
    rows = load_funding([table(tmp_path, COUNTRIES, *lines)]).totals.table
    assert rows[["plan_id", "grouped_by", "part", "funding_usd"]].to_numpy().tolist() == [
        ["1021", "country", "COL", 313],
        ["1021", "country", "PER", 95],
    ]
    rows = load_funding([table(tmp_path, COUNTRIES, country_line(), country_line(plan=""))]).totals.table
    assert rows["plan_id"].to_list() == ["1021", ""]
    assert rows["plan_name"].to_list()[1] == "Not specified"


@pytest.mark.parametrize(("code", "grouping"), [("7", "sector"), ("4903", "cluster")])
def test_clusters_are_global_when_fts_knows_their_ids_as_global(tmp_path: Path, code: str, grouping: str) -> None:
    lines = [f"JOR,1010,Jordan,OJOR20,,,2020,{code},Health,5,1,", "JOR,1010,Jordan,OJOR20,,,2020,,Not specified,,2,"]
    rows = load_funding([table(tmp_path, CLUSTERS, *lines, "JOR,1010,Jordan,OJOR20,,,2020,,Total,5,3,")]).totals.table
    assert rows["grouped_by"].to_list() == [grouping, grouping, "plan"]
    assert rows["part"].to_list() == ["Health", "not specified", "all"]


@pytest.mark.parametrize("preamble", [0, 2, 3])
def test_the_table_of_a_plans_page_may_have_lines_above_its_header(tmp_path: Path, preamble: int) -> None:
    above = [f"As of 9 August 2021, line {number}" for number in range(preamble)]
    lines = [
        'Early Recovery,0,"264,700,258","9,800,887",0,3.7',
        "Not reported,0,0,185029545,1392868,",
        "Multiple Sectors (shared),,,32665867,,",
    ]
    rows = load_funding([table(tmp_path, *above, PLAN_PAGE, *lines)]).totals.table
    assert rows["part"].to_list() == ["Integration", "not specified", "shared"]
    assert rows["requirement_usd"].iloc[0] == 264_700_258
    assert rows["funding_usd"].sum() == 9_800_887 + 185_029_545 + 32_665_867
    assert rows["source_line"].iloc[0] == preamble + 2


def test_a_plan_page_is_read_from_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "export.xlsx"
    blank = [""] * 5
    rows_of_money = [["Health", 0, 100, 40, 0, 0.4], ["Total", 0, 100, 40, 0, 0.4]]
    cells = [["Exported", *blank], ["", *blank], PLAN_PAGE.split(","), *rows_of_money]
    pd.DataFrame(cells).to_excel(path, header=False, index=False)
    rows = load_funding([path]).totals.table
    assert rows[["grouped_by", "part", "funding_usd"]].to_numpy().tolist() == [
        ["sector", "Health", 40],
        ["plan", "all", 40],
    ]


@pytest.mark.parametrize(
    "name", ["Not specified", "Not reported", "CLUSTER NOT YET SPECIFIED", "SECTOR NOT YET SPECIFIED "]
)
def test_money_of_no_sector_goes_by_many_names(tmp_path: Path, name: str) -> None:
    rows = load_funding([table(tmp_path, PLAN_PAGE, f"{name},,,5,,")]).totals.table
    assert rows["part"].to_list() == ["not specified"]


@pytest.mark.parametrize(
    "name",
    [RMRP, "Refugee and Migrant Response Plan for Venezuela 2021 (RMRP)", RMRP.replace("Refugee", "réfugee").upper()],
)
def test_a_plan_is_known_by_any_of_its_names(tmp_path: Path, name: str) -> None:
    path = table(tmp_path, f"plan_name,{PLAN_PAGE}", f"{name},Health,,,5,,")
    assert load_funding([path]).totals.table["plan_id"].to_list() == ["1021"]


def test_a_name_that_lost_its_bracket_and_the_plans_own_id_are_known(tmp_path: Path) -> None:
    name = "Refugee and Migrant Response Plan 2020 for Refugees and Migrants from Venezuela (RMRP"
    path = table(tmp_path, f"plan_name,{PLAN_PAGE}", f"{name},Health,,,5,,")
    assert load_funding([path]).totals.table["plan_id"].to_list() == ["944"]
    header = (
        "code,internalId,startDate,endDate,planVersion,categories,locations,years,origRequirements,revisedRequirements"
    )
    line = f"RREG21,5877,2021-01-01,2021-12-31,{RMRP},x,BRA | GUY,2021,0,1439234410"
    rows = load_funding([table(tmp_path, header, line)]).totals.table
    assert rows[["plan_id", "plan_year", "requirement_usd"]].to_numpy().tolist() == [["1021", "2021", 1_439_234_410]]


def test_a_row_that_hapi_calls_wrong_and_an_unknown_table_are_refused(tmp_path: Path) -> None:
    header = "location_code,has_hrp,appeal_code,appeal_name,requirements_usd,funding_usd,reference_period_start,error"
    lines = [f"COL,N,RREG21,{RMRP},9,3,2021-01-01,", f"PER,N,RREG21,{RMRP},9,-3,2021-01-01,Negative funding value"]
    loaded = load_funding([table(tmp_path, header, *lines)]).totals
    assert loaded.table[["plan_id", "part", "funding_usd"]].to_numpy().tolist() == [["1021", "COL", 3]]
    assert loaded.refused["line"].to_list() == [3]
    with pytest.raises(
        InputRefused, match=r"begins with: a, b\); expected an answer of the FTS API as JSON, or one of"
    ):
        load_funding([table(tmp_path, "a,b", "1,2")])


@pytest.mark.parametrize("content", [b"", b"  \n", b"PK\x03\x04 no workbook", b'a,"b\n', b"caf\xe9,1\n"])
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with pytest.raises(InputRefused, match=r"file\.csv: (is empty|cannot be read as \.|is no table)"):
        load_funding([path])


def test_flows_and_totals_are_told_apart_by_content(tmp_path: Path) -> None:
    flows = table(tmp_path, FLOWS, flow_line(), name="one.txt")
    totals = table(tmp_path, COUNTRIES, country_line(), name="two.json")
    funding = load_funding([flows, totals])
    assert funding.flows is not None
    assert funding.totals is not None
    assert len(funding.rows.table) == 2


@pytest.mark.parametrize(
    ("text", "dollars"),
    [("1,234", 1234), ("$4,875,679", 4_875_679), (" 1,234 ", 1234), ("4e+07", 40_000_000), ("-1,204,193", -1_204_193)],
)
def test_an_amount_is_read_as_it_is_written(text: str, dollars: float) -> None:
    assert amount(text) == dollars


@pytest.mark.parametrize("text", ["", "(Blank)", " -   ", "NULL"])
def test_an_amount_that_is_not_given_is_unknown(text: str) -> None:
    assert pd.isna(amount(text))


@pytest.mark.parametrize("text", ["Inf", "nan", "12 euros", "1.5E+08"])
def test_what_is_no_amount_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"could not convert|is no amount"):
        amount(text)
