"""Real reports and real money of 2021 give the counts that were verified from the same files by other means."""

from pathlib import Path

import pytest

from conftest import sheet_of
from rmrp_analysis.loaders import load_funding
from rmrp_analysis.metrics import totals_of_plan
from rmrp_analysis.params import RunParams, load_run_params
from rmrp_analysis.plan import Plan
from rmrp_analysis.vocabulary import plan_lists

pytestmark = pytest.mark.real_data

VERIFIED = {  # activities, reporting partners, implementing partners, people reached
    "Education": (982, 34, 45, 116_669),
    "Food Security": (1_430, 43, 78, 848_014),
    "Health": (3_818, 54, 133, 453_759),
    "Humanitarian Transportation": (317, 10, 20, 31_460),
    "Integration": (2_363, 47, 88, 59_458),
    "Multipurpose Cash Assistance": (1_972, 30, 35, 269_147),
    "Nutrition": (338, 13, 15, 18_788),
    "Child Protection": (1_208, 26, 35, 65_312),
    "Gender-Based Violence": (704, 28, 39, 32_707),
    "Protection (General)": (5_351, 61, 92, 578_636),
    "Human Trafficking & Smuggling": (123, 4, 7, 129_030),
    "Shelter": (1_541, 31, 62, 170_341),
    "WASH": (1_253, 40, 40, 376_622),
}
FTS_TABLE = "fts/RMRP2019-2021_fts-website_global-clusters_asof-2021-08-09.csv"


@pytest.fixture(scope="module")
def params(shared_data: Path) -> RunParams:
    return load_run_params(shared_data / "r4v-2021" / "params.yml")


def test_every_row_is_used_and_none_refused(real: Plan) -> None:
    assert [(file.rows, file.rows_refused) for file in real.inputs if file.name == "activities"] == [(22_496, 0)]
    assert real.refused == {}


@pytest.mark.parametrize("sector", VERIFIED)
def test_each_sector_counts_what_was_verified(real: Plan, params: RunParams, sector: str) -> None:
    figures = sheet_of(real, sector, period=params.period, method=params.method)
    names = ("activities", "reporting_partners", "implementing_partners", "people_reached")
    # Partners report some fractions of people; the verified table gives whole people.
    assert tuple(round(figures.value(name) or 0) for name in names) == VERIFIED[sector]


def test_the_money_of_nine_august_2021_is_in_the_table_once(shared_data: Path) -> None:
    own = totals_of_plan(load_funding([shared_data / FTS_TABLE]).totals.table, 1021)
    assert own["funding_usd"].sum() == 395_839_879
    without_sector = own.loc[own["part"].isin(["not specified", "shared"]), "funding_usd"].sum()
    assert without_sector == 185_029_545 + 32_665_867
    assert round(without_sector / 395_839_879, 2) == 0.55


def test_each_sheet_states_how_much_of_the_plans_money_names_no_sector(real: Plan, params: RunParams) -> None:
    figures = sheet_of(real, "Health", period=params.period)
    assert figures.breakdowns["plan_funding_usd_by_sector_named"].values() == {
        "single": 395_839_879 - 185_029_545 - 32_665_867,
        "shared": 32_665_867,
        "not specified": 185_029_545,
    }


def test_the_requirements_of_the_fourteen_sectors_are_the_plans(real: Plan, params: RunParams) -> None:
    requirements = [
        sheet_of(real, sector, period=params.period).value("requirement_usd") for sector in plan_lists().sectors
    ]
    assert len(requirements) == 14
    assert sum(requirement or 0 for requirement in requirements) == 1_439_234_410
