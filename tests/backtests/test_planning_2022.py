"""Need and target of 2022 from R4V's real sheets: region, platforms, countries and admin1, against sums by hand."""

from collections import defaultdict
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from data_folders import data_folder
from recomputed_2026 import SECTORS as OURS
from rmrp_analysis import figures
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.method import Method
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality.planning import planning_findings
from rmrp_analysis.vocabulary import INTERSECTOR, REGION, plan_lists

SHEETS = {"people_in_need": ("pin.csv", "PiN"), "target": ("target.csv", "Target")}
PUBLISHED = {
    # people in need, without people in transit; target, likewise
    "Education": (4507350, 4481554, 808413, 805649),
    "Food Security": (7307957, 6901573, 2407126, 2108853),
    "Health": (7115301, 6813167, 2851060, 2720899),
    "Humanitarian Transportation": (1331382, 994094, 145419, 102764),
    "Integration": (7597167, 7554662, 951325, 950380),
    "Multipurpose Cash Assistance": (None, None, 1002313, 901651),
    "Nutrition": (2953480, 2825069, 193420, 188477),
    "Child Protection": (2667034, 2518986, 322697, 306191),
    "Gender-Based Violence": (1910880, 1819997, 536657, 510151),
    "Protection (General)": (7272936, 6837578, 1487650, 1288552),
    "Human Trafficking & Smuggling": (1577572, 1462855, 43397, 42169),
    "Shelter": (5881264, 5468638, 731411, 580366),
    "WASH": (5218726, 4873250, 1242267, 1092983),
    INTERSECTOR: (8856165, 8398318, 4163480, 3815047),
}
"""The regional totals of R4V's planning sheets of 2022."""

SECTORS = {ours: theirs for theirs, ours in OURS.items() if ours in PUBLISHED} | {INTERSECTOR: "Intersector"}
"""R4V's names of the sectors that have such a total."""

COUNTRY_LEVEL = "Country level"
METHODS = (Method(), Method(in_transit_in_denominators=True))


@pytest.fixture(scope="module")
def plan(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The plan of 2022 with R4V's two sheets and the reports of Costa Rica."""
    folder = tmp_path_factory.mktemp("planning-2022")
    for name, _ in SHEETS.values():
        (folder / name).write_bytes((shared_data / "r4v-2022" / name).read_bytes())
    golden = shared_data / "golden" / "costa_rica_2022-01_02_activities.notext.csv"
    indicators = "Code,Subsector,Indicator,Indicatortype\nA,Health,a,PiN\n"
    planning = "{files: [pin.csv, target.csv], producer: R4V}"
    return load_plan(data_folder(folder, 2022, activities=golden, indicators=indicators, planning=planning))


@pytest.fixture(scope="module")
def raw(shared_data: Path) -> dict[str, pd.DataFrame]:
    """The sheets as they lie there: ``country``, ``admin1``, ``sector``, people without and with those in transit."""
    sheets = {}
    for measure, (name, word) in SHEETS.items():
        sheet = pd.read_csv(shared_data / "r4v-2022" / name)
        groups = sheet[[f"{word} {group} Total" for group in ("Dest", "HC", "Pendular", "Returnees")]].fillna(0)
        transit = sheet[f"{word} Transit Total"].fillna(0)
        without, filled = groups.sum(axis="columns"), sheet[f"{word} Dest Total"].notna()
        columns = {"country": f"{word} Country", "admin1": f"{word} Admin1", "sector": "Subsector"}
        named = pd.DataFrame({ours: sheet[theirs] for ours, theirs in columns.items()})
        sheets[measure] = named.assign(without=without, with_transit=without + transit, filled=filled)
    return sheets


def column(method: Method) -> str:
    return "with_transit" if method.in_transit_in_denominators else "without"


Stated = dict[tuple[str, str, str], dict[str, float]]
"""The known parts of each figure or breakdown, by sector, place and name."""


@pytest.fixture(scope="module", params=METHODS, ids=column)
def stated(plan: Plan, request: pytest.FixtureRequest) -> tuple[str, Stated]:
    """Every number of the sheets of these sectors in all places, with what it counts of those in transit."""
    sheets = [(*each, "") for each in product(SECTORS, plan_lists().places)]
    rows = figures.table(plan.sheets(sheets, period=plan.whole_year, method=request.param)).dropna(subset="value")
    parts: Stated = defaultdict(dict)
    for sector, place, name, part, value in rows[["sector", "place", "figure", "part", "value"]].itertuples(
        index=False
    ):
        parts[sector, place, name][part] = value
    return column(request.param), parts


def test_figures_of_region_platforms_and_countries_are_the_sums_of_the_country_rows(
    stated: tuple[str, Stated], raw: dict[str, pd.DataFrame]
) -> None:
    people, parts = stated
    different = []
    for (sector, theirs), place, measure in product(SECTORS.items(), plan_lists().places, SHEETS):
        sheet = raw[measure]
        names = [
            plan_lists().countries[country]
            for country in (plan_lists().countries if place == REGION else plan_lists().places[place])
        ]
        rows = sheet[(sheet["admin1"] == COUNTRY_LEVEL) & (sheet["sector"] == theirs) & sheet["country"].isin(names)]
        defined = (measure, sector) != ("people_in_need", "Multipurpose Cash Assistance")
        expected = {"": rows[people].sum()} if defined else {}
        if (found := parts[sector, place, measure]) != expected:
            different.append((sector, place, measure, found, expected))
    assert different == []


def test_breakdowns_by_country_and_by_admin1_are_the_rows_of_the_sheets(
    stated: tuple[str, Stated], raw: dict[str, pd.DataFrame]
) -> None:
    people, parts = stated
    places, compared = [place for place in plan_lists().places if place != REGION], 0
    for (sector, theirs), place, measure in product(SECTORS.items(), places, SHEETS):
        if (measure, sector) == ("people_in_need", "Multipurpose Cash Assistance"):
            continue
        by = "country" if len(plan_lists().places[place]) > 1 else "admin1"
        sheet = raw[measure]
        rows = sheet[(sheet["sector"] == theirs) & (sheet["filled"] | (by == "country"))]
        rows = rows[rows["country"].isin([plan_lists().countries[country] for country in plan_lists().places[place]])]
        rows = rows[(rows["admin1"] == COUNTRY_LEVEL) == (by == "country")]
        expected = dict(zip(rows[by], rows[people], strict=True))
        if by == "country":
            expected = {
                country: expected.get(plan_lists().countries[country], 0.0) for country in plan_lists().places[place]
            }
        found = {**parts[sector, place, f"{measure}_by_{by}"]}
        found.pop("not specified", None)
        assert found == expected, (sector, place, measure)
        compared += len(expected)
    assert compared > 3000


def test_admin1_with_their_rest_make_the_country(stated: tuple[str, Stated]) -> None:
    _, parts = stated
    compared = 0
    for sector, platform in product(SECTORS, plan_lists().platforms):
        if targets := parts[sector, platform, "target_by_admin1"]:
            assert sum(targets.values()) == pytest.approx(parts[sector, platform, "target"][""])
            compared += 1
    assert compared > 50


def test_countries_whose_admin1_do_not_make_them_are_findings_with_the_people_at_stake(plan: Plan) -> None:
    findings = planning_findings(plan)
    said = {(line.split(":")[0]): people for line, people in zip(findings["value"], findings["people"], strict=True)}
    assert said["BOL, Health"] == 6646  # of host communities, in need in the country alone
    warned = findings[(findings["severity"] == "warning") & (findings["column"] == "target")]
    assert ("target.csv", 1507, 281123.0) in list(warned[["file", "line", "people"]].itertuples(index=False, name=None))
    assert (len(findings), len(warned)) == (98, 10)


def test_planning_sheets_add_up_to_the_published_regional_totals(plan: Plan) -> None:
    stated = {
        sector: tuple(
            plan.select(sector, method=Method(in_transit_in_denominators=in_transit))[measure].total
            for measure in SHEETS
            for in_transit in (True, False)
        )
        for sector in PUBLISHED
    }
    pd.testing.assert_frame_equal(pd.DataFrame(stated), pd.DataFrame(PUBLISHED), check_dtype=False, check_exact=True)
