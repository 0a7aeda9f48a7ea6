"""The rules give FTS's own answers to the dollar, from the flows behind them.

Source of every figure: OCHA FTS, plan 832 (2020) through its API, the RMRPs through HDX, copy of 17 April 2026.
"""

from pathlib import Path

import pandas as pd
import pytest

from rmrp_analysis.loaders import load_funding
from rmrp_analysis.metrics import (
    explode_organisations,
    funding_ledger,
    funding_usd_by,
    requirements_usd,
    totals_of_plan,
)
from rmrp_analysis.vocabulary import plan_lists

pytestmark = pytest.mark.real_data

BY_COUNTRY = "RMRP2019-2026_hdx_fts_requirements_funding_by-country_asof-2026-04-17.csv"
FLOWS_2026 = [
    f"RMRP2026_hdx_fts_{boundary}_funding_asof-2026-04-17.csv" for boundary in ("incoming", "internal", "outgoing")
]
PLATFORMS_2021 = {  # requirement, funding
    "Brazil": (98_126_574, 41_078_278),
    "Caribbean": (40_741_929, 11_317_620),
    "Central America & Mexico": (24_145_563, 3_432_416),
    "Chile": (46_066_917, 11_320_001),
    "Colombia": (640_990_540, 313_193_552),
    "Ecuador": (236_466_451, 72_861_613),
    "Peru": (274_663_651, 95_568_938),
    "Southern Cone": (41_687_648, 15_498_141),
}


@pytest.fixture(scope="module")
def fts(shared_data: Path) -> Path:
    return shared_data / "fts"


@pytest.fixture(scope="module")
def flows_832(fts: Path) -> pd.DataFrame:
    pages = [f"api_v1_custom-search_locationid-171_year-2020{page}.json.gz" for page in ("", "-page-2", "-page-3")]
    return load_funding([fts / page for page in pages]).flows.table


@pytest.fixture(scope="module")
def ledger_2026(fts: Path) -> pd.DataFrame:
    return funding_ledger(load_funding([fts / name for name in FLOWS_2026]).flows.table, plan_id=1525)


@pytest.mark.parametrize(("grouping", "split"), [("cluster", "cluster"), ("globalcluster", "global_cluster")])
@pytest.mark.parametrize(("standing", "column"), [("funded", "funding_usd"), ("pledged", "pledges_usd")])
def test_flows_give_every_row_that_fts_itself_answers(
    fts: Path, flows_832: pd.DataFrame, grouping: str, split: str, standing: str, column: str
) -> None:
    totals = load_funding([fts / f"api_v1_custom-search_planid-832_groupby-{grouping}.json"]).totals.table
    rows = totals[totals["grouped_by"] != "plan"].dropna(subset=[column])
    theirs = dict(zip(rows["fts_id"].where(rows["fts_id"] != "", rows["part"]), rows[column], strict=True))
    ledger = funding_ledger(flows_832, plan_id=832, standing=standing)
    ours = funding_usd_by(ledger, split)
    assert ours.to_dict() == {part: dollars for part, dollars in theirs.items() if part in ours.index or dollars}
    assert ledger["amount_usd"].sum() == totals.loc[totals["grouped_by"] == "plan", column].item()


def test_incoming_flows_alone_would_give_other_sectors(fts: Path, flows_832: pd.DataFrame) -> None:
    ledger = funding_ledger(flows_832, plan_id=832)
    net, naive = (funding_usd_by(part, "cluster") for part in (ledger, ledger[ledger["entry"] == "incoming"]))
    assert (net != naive.reindex(net.index)).sum() >= 12


def test_flows_of_a_countrys_answer_stand_on_the_side_of_the_border_that_fts_says(flows_832: pd.DataFrame) -> None:
    assert flows_832["boundary"].value_counts().to_dict() == {"incoming": 338, "internal": 85, "outgoing": 1}


def organisations(ledger: pd.DataFrame, side: str) -> int:
    """How many give or receive."""
    return len({*explode_organisations(ledger, side)["id"]} - {""})


def test_organisations_of_plan_832(flows_832: pd.DataFrame) -> None:
    ledger = funding_ledger(flows_832, plan_id=832)
    assert organisations(ledger, "recipient") == 38
    assert organisations(ledger[ledger["cluster"] == "4905"], "donor") == 18


def test_flows_of_2026_give_each_country_its_row_of_the_requirements_file(fts: Path, ledger_2026: pd.DataFrame) -> None:
    own = totals_of_plan(load_funding([fts / BY_COUNTRY]).totals.table, 1525)
    theirs = own.dropna(subset=["funding_usd"]).set_index("part")["funding_usd"].sort_index()
    assert funding_usd_by(ledger_2026, "country").to_dict() == theirs.to_dict()
    assert (len(theirs), theirs["COL"], theirs["PER"], theirs.sum()) == (11, 23_852_005, 9_275_997, 67_880_713)


def test_every_row_of_the_2026_files_is_used_or_refused(fts: Path) -> None:
    loaded = [load_funding([fts / name]).flows for name in FLOWS_2026]
    assert [len(one.table) + len(one.refused) for one in loaded] == [239, 1, 23]
    assert [len(one.table) for one in loaded] == [223, 1, 23]


def test_the_one_pledge_of_2026_counts_once_of_its_seventeen_copies(fts: Path) -> None:
    flows = load_funding([fts / FLOWS_2026[0]]).flows.table
    assert funding_ledger(flows, plan_id=1525, standing="pledged")["amount_usd"].sum() == 31_335_988


def test_platforms_of_2021(fts: Path) -> None:
    own = totals_of_plan(load_funding([fts / BY_COUNTRY]).totals.table, 1021)
    numbers = own.assign(requirement_usd=requirements_usd(own))[["requirement_usd", "funding_usd"]]
    rows = numbers.groupby(own["part"].map(plan_lists().platform_of)).sum().loc[list(PLATFORMS_2021)]
    assert {name: (row["requirement_usd"], row["funding_usd"]) for name, row in rows.iterrows()} == PLATFORMS_2021
    shares = [round(100 * funded / required, 1) for required, funded in PLATFORMS_2021.values()]
    assert shares == [41.9, 27.8, 14.2, 24.6, 48.9, 30.8, 34.8, 37.2]
    assert 1_439_234_410 - rows["requirement_usd"].sum() == 36_345_137


def test_requirements_that_were_revised_to_zero_stay_zero(fts: Path) -> None:
    plans = load_funding([fts / "api_v2_plan-overview-progress_2020_6plans.json"]).totals.table.set_index("plan_id")
    assert requirements_usd(plans)["952"] == 0
    assert plans.loc["952", "funding_usd"] == 418_503_286
    assert plans.loc["832", "funding_usd"] == 295_077_912


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("hdx_HXLrow_fts_incoming_funding_jor_first40.csv", 39),
        ("hdx_HXLrow_fts_internal_funding_jor.csv", 38),
        ("hdx_HXLrow_fts_outgoing_funding_pse.csv", 1),
        ("hdx_noHXL_fts_outgoing_funding_pse.csv", 1),
        ("hdx_fts_incoming_negative_and_duplicated_ids_asof-2026-04-17.csv", 79),
    ],
)
def test_every_flow_of_an_hdx_file_is_used_or_refused(fts: Path, name: str, rows: int) -> None:
    flows = load_funding([fts / name]).flows
    assert len(flows.table) + len(flows.refused) == rows


def test_the_same_file_with_and_without_tags_gives_the_same_rows(fts: Path) -> None:
    with_tags, without = (
        load_funding([fts / f"hdx_{tags}_fts_requirements_funding_cluster_pse.csv"]).totals.table
        for tags in ("HXLrow", "noHXL")
    )
    columns = ["plan_id", "part", "fts_id", "requirement_usd", "funding_usd"]
    pd.testing.assert_frame_equal(with_tags[columns], without[columns])
    assert without["funding_usd"].sum() == 295_077_912
