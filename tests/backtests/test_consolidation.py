"""Consolidated figures against R4V's own outputs, to the unit."""

from pathlib import Path

import pandas as pd
import pytest

from data_folders import data_folder
from rmrp_analysis import metrics
from rmrp_analysis.arguments import Period
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import MONTHLY_TOTAL_COLUMN, NEW_BENEFICIARIES, PEOPLE_COLUMNS
from rmrp_analysis.plan import Plan
from rmrp_analysis.vocabulary import INTERSECTOR, fold, plan_lists, plan_year

COLUMNS = {
    "monthly_total": "Monthly Total Beneficiaries",
    "monthly_total_with_cva": "Monthly CVA Beneficiaries",
    "new_beneficiaries": "Consolidated Total",
    "in_destination": "Consolidated In Destination",
    "in_transit": "Consolidated In Transit",
    "host_communities": "Consolidated Host Communities",
    "pendular": "Consolidated Pendular",
    "colombian_returnees": "Consolidated Returnees",
    "girls": "Consolidated Girls",
    "boys": "Consolidated Boys",
    "women": "Consolidated Women",
    "men": "Consolidated Men",
    "other_under_18": "Consolidated Other under 18",
    "other_18_and_above": "Consolidated Other above 18",
    "new_with_cva": "Consolidated CVA Beneficiaries",
}
COUNTED_NO_PEOPLE = "# of food assistance facilities supported"
ECUADOR_CELLS = {
    "new_beneficiaries": "Consolidated Beneficiaries Total",
    "in_destination": "Consolidated RyM In Destination",
    "in_transit": "Consolidated RyM In Transit",
    "host_communities": "Consolidated Host Community",
    "pendular": "Consolidated Pendulars",
    "colombian_returnees": "Consolidated Colombian Returnees",
    "girls": "Consolidated Girls",
    "boys": "Consolidated Boys",
    "women": "Consolidated Women",
    "men": "Consolidated Men",
    "new_with_cva": "Consolidated CVA",
}


def sector_of(name: str) -> str:
    """Our name for a sector of an official output."""
    return INTERSECTOR if name in ("Intersector", "All") else plan_lists().sector_spellings[fold(name)]


@pytest.fixture(scope="module")
def costa_rica(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Costa Rica, January and February 2022, with the indicators that its activities name."""
    source = shared_data / "golden" / "costa_rica_2022-01_02_activities.notext.csv"
    named = pd.read_csv(source)[["Subsector", "Indicator"]].drop_duplicates()
    counted = named["Indicator"].ne(COUNTED_NO_PEOPLE).map({True: "PiN", False: "Infrastructure"})
    indicators = named.assign(Code=[f"I{number}" for number in range(len(named))], Indicatortype=counted)
    folder = data_folder(tmp_path_factory.mktemp("costa-rica"), 2022, activities=source, indicators=indicators)
    return load_plan(folder)


def consolidated(plan: Plan, sector: str, period: str) -> pd.DataFrame:
    """R4V's report of a sector by month: people attended in it, and people reached until then, of every group."""
    reached = plan.select(sector, period=period, method=Method(intersector_model="sum")).people_reached()
    new = reached.entries.groupby(["month", "part"], observed=True)["amount"].sum().unstack(fill_value=0)
    reported = reached.rows[["month", "cva"]].join(plan.activities[MONTHLY_TOTAL_COLUMN])
    months = pd.Index(Period.parse(period).months, name="month")
    until = new.reindex(index=months, columns=list(PEOPLE_COLUMNS), fill_value=0).cumsum()
    monthly = {"monthly_total": reported, "monthly_total_with_cva": reported[reported["cva"] == "Yes"]}
    sums = {name: rows.groupby("month", observed=True)[MONTHLY_TOTAL_COLUMN].sum() for name, rows in monthly.items()}
    return until.assign(**{name: of_month.reindex(months, fill_value=0) for name, of_month in sums.items()})


def test_every_cell_of_costa_rica_2022_is_as_published(shared_data: Path, costa_rica: Plan) -> None:
    published = pd.read_csv(shared_data / "golden" / "costa_rica_2022-01_02_consolidated.csv")
    expected = published.assign(sector=published["Subsector"].map(sector_of)).set_index(["sector", "Month"])
    sectors = expected.index.unique("sector")
    report = pd.concat({sector: consolidated(costa_rica, sector, "2022-01/2022-02") for sector in sectors})
    ours = report.loc[expected.index, list(COLUMNS)]
    assert len(expected) == 28
    assert ours.to_numpy().tolist() == expected[list(COLUMNS.values())].to_numpy().tolist()
    assert ours.loc[INTERSECTOR, NEW_BENEFICIARIES].to_dict() == {"2022-01": 291, "2022-02": 937}


def test_ecuador_2021_follows_from_its_sectors_by_the_southern_cone_model_for_the_whole_country(
    shared_data: Path,
) -> None:
    published = pd.read_csv(shared_data / "golden" / "ecuador_2021-01_04_consolidated.csv")
    of_sectors = published[~published["Subsector"].isin(["All", "Multisector", "Common Services"])]
    cumulated = of_sectors.assign(sector=of_sectors["Subsector"].map(sector_of)).sort_values(["sector", "Month"])
    carried = cumulated.set_index(["sector", "Month"])[list(ECUADOR_CELLS.values())].groupby(level="sector").ffill()
    new = carried.fillna(0).groupby(level="sector").diff().fillna(carried.fillna(0))
    new = new.rename(columns={theirs: ours for ours, theirs in ECUADOR_CELLS.items()})
    people = new.rename_axis(["sector", "month"]).rename_axis(columns="part").stack().rename("amount").reset_index()
    people = people.assign(sheet_organisation="", country="ECU", place="", key=0)
    method, rule = Method(intersector_level="country"), plan_year(2021).rule_of("southern_cone")
    fractions = metrics.fractions(metrics.new_by_sector(people, "country"), rule=rule, method=method)
    assert fractions is not None
    kept = (
        metrics.apply_fractions(people, fractions, "country")
        .groupby(["month", "part"])["amount"]
        .sum()
        .unstack(fill_value=0)
    )
    together = kept.cumsum()[list(ECUADOR_CELLS)]
    everything = published[published["Subsector"] == "All"].set_index("Month")
    assert together[NEW_BENEFICIARIES].to_list() == [62924, 123463, 165090, 229201]
    assert together.to_numpy().tolist() == everything[list(ECUADOR_CELLS.values())].to_numpy().tolist()


JANUARY_TO_MAY = Period(start="2021-01", end="2021-05")


def test_every_model_on_january_to_may_2021(real: Plan) -> None:
    people = real.select(INTERSECTOR, period=JANUARY_TO_MAY).models()
    assert people.to_dict() == {
        "sum": 3149943,
        "max_sector": 1546287,
        "max_age_gender": 1484573,
        "southern_cone": 2493743,
        "lower_bound": 1421352,
    }


def test_sum_and_largest_sector_of_every_country_in_january_to_may_2021(real: Plan) -> None:
    published = (
        "ARG 10575/5045; ABW 2007/889; BOL 7008/3343; BRA 374542/247928; CHL 46399/32507; COL 1799190/765920; "
        "CRI 5135/2157; CUW 3425/2557; DOM 9847/8341; ECU 673041/288151; GUY 12093/7190; MEX 2203/1444; "
        "PAN 2646/1054; PRY 1148/621; PER 188286/172234; TTO 10079/5787; URY 2319/1119"
    )
    expected = {entry.split()[0]: tuple(map(int, entry.split()[1].split("/"))) for entry in published.split("; ")}
    sums, largest = (
        real.select(INTERSECTOR, period=JANUARY_TO_MAY, method=Method.model_validate({"intersector_model": model}))
        .people_reached()
        .by("country")
        .drop("Regional", errors="ignore")
        for model in ("sum", "max_sector")
    )
    assert {country: (sums[country], largest[country]) for country in sums.index} == expected


def test_largest_sector_of_activities_of_the_plan_alone(real: Plan) -> None:
    method = Method(rmrp_activities_only=True)
    people = real.select(INTERSECTOR, period=JANUARY_TO_MAY, method=method).models()
    assert people["max_sector"] == 382823


@pytest.mark.parametrize(("platform", "in_destination"), [("region", 493244.71), ("Peru", 28267)])
def test_whole_countries_break_ties_in_the_documented_order_and_empty_sectors_give_no_groups(
    real: Plan, platform: str, in_destination: float
) -> None:
    """In the documented order alone it would be 496,640 and 31,662: that of sectors with no new people is 3,395."""
    method = Method(intersector_level="country")
    everybody = real.select(INTERSECTOR, platform=platform, period=JANUARY_TO_MAY, method=method)
    assert everybody.people_reached().by("population_group")["in_destination"] == in_destination
