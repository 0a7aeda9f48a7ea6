"""Need and target of 2022 from R4V's real sheets: region, platforms, countries and admin1, against sums by hand."""

from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from rmrp_analysis.figures import Unknown
from rmrp_analysis.figures.counted import planned
from rmrp_analysis.figures.parts import NEEDS, TARGETS, amounts_of
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.method import Method
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality.planning import planning_findings
from rmrp_analysis.vocabulary import COUNTRIES, INTERSECTOR, PLACES, PLATFORMS, REGION

SHEETS = {"people_in_need": ("pin.csv", "PiN"), "target": ("target.csv", "Target")}
SECTORS = {
    "Education": "Education",
    "Food Security": "Food Security",
    "Health": "Health",
    "Humanitarian Transportation": "Humanitarian Transportation",
    "Integration": "Integration",
    "Multipurpose Cash Assistance": "Multipurpose Cash Assistance (MPC)",
    "Nutrition": "Nutrition",
    "Protection (General)": "Protection (General)",
    "Child Protection": "Protection (Child Protection)",
    "Gender-Based Violence": "Protection (GBV)",
    "Human Trafficking & Smuggling": "Protection (Human Trafficking and Smuggling)",
    "Shelter": "Shelter",
    "WASH": "WASH",
    INTERSECTOR: "Intersector",
}
COUNTRY_LEVEL = "Country level"
METHODS = (Method(), Method(in_transit_in_denominators=True))


@pytest.fixture(scope="module")
def plan(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The plan of 2022 with R4V's two sheets and the reports of Costa Rica."""
    folder = tmp_path_factory.mktemp("planning-2022")
    for name, _ in SHEETS.values():
        (folder / name).write_bytes((shared_data / "r4v-2022" / name).read_bytes())
    golden = shared_data / "golden" / "costa_rica_2022-01_02_activities.notext.csv"
    (folder / "activities.csv").write_bytes(golden.read_bytes())
    indicators = "Code,Subsector,Indicator,Indicatortype\nA,Health,a,PiN\n"
    (folder / "indicators.csv").write_text(indicators, encoding="utf-8")
    (folder / "sources.yml").write_text(
        "title: Planning of 2022\nplan: 2022\n"
        "activities: {file: activities.csv, producer: R4V, as_of: 2022-03-01}\n"
        "indicators: {file: indicators.csv, producer: R4V, as_of: 2022-03-01}\n"
        "planning: {files: [pin.csv, target.csv], producer: R4V, as_of: 2022-01-01}\n",
        encoding="utf-8",
    )
    return load_plan(folder)


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


@pytest.mark.parametrize("method", METHODS, ids=column)
def test_figures_of_region_platforms_and_countries_are_the_sums_of_the_country_rows(
    plan: Plan, raw: dict[str, pd.DataFrame], method: Method
) -> None:
    different = []
    for (sector, theirs), place, measure in product(SECTORS.items(), PLACES, SHEETS):
        sheet = raw[measure]
        countries = COUNTRIES if place == REGION else PLACES[place]
        names = [COUNTRIES[country] for country in countries]
        rows = sheet[(sheet["admin1"] == COUNTRY_LEVEL) & (sheet["sector"] == theirs) & sheet["country"].isin(names)]
        found = planned(measure)(plan.select(sector, place=place, method=method))
        people = None if isinstance(found, Unknown) else found.total
        expected = None if (measure, sector) == ("people_in_need", "Multipurpose Cash Assistance") else 0.0
        if people != (expected if expected is None else rows[column(method)].sum()):
            different.append((sector, place, measure, people, rows[column(method)].sum()))
    assert different == []


@pytest.mark.parametrize("method", METHODS, ids=column)
def test_breakdowns_by_country_and_by_admin1_are_the_rows_of_the_sheets(
    plan: Plan, raw: dict[str, pd.DataFrame], method: Method
) -> None:
    places, compared = [place for place in PLACES if place != REGION], 0
    for (sector, theirs), place in product(SECTORS.items(), places):
        selection = plan.select(sector, place=place, method=method)
        by = "country" if len(selection.countries) > 1 else "admin1"
        for measure, parts in (("people_in_need", NEEDS), ("target", TARGETS)):
            if (measure, sector) == ("people_in_need", "Multipurpose Cash Assistance"):
                continue
            sheet = raw[measure]
            rows = sheet[(sheet["sector"] == theirs) & (sheet["filled"] | (by == "country"))]
            rows = rows[rows["country"].isin([COUNTRIES[country] for country in selection.countries])]
            rows = rows[(rows["admin1"] == COUNTRY_LEVEL) == (by == "country")]
            expected = dict(zip(rows[by], rows[column(method)], strict=True))
            if by == "country":
                expected = {country: expected.get(COUNTRIES[country], 0.0) for country in selection.countries}
            amounts = dict(amounts_of(parts[by])(selection).amounts)
            amounts.pop("not specified", None)
            assert amounts == expected, (sector, place, measure)
            compared += len(expected)
    assert compared > 3000


def test_admin1_with_their_rest_make_the_country(plan: Plan) -> None:
    for sector, platform in product(SECTORS, PLATFORMS):
        selection = plan.select(sector, place=platform)
        targets = amounts_of(TARGETS["admin1"])(selection).amounts
        if targets:
            whole = planned("target")(selection)
            assert not isinstance(whole, Unknown)
            assert sum(targets.values()) == pytest.approx(whole.total)


def test_countries_whose_admin1_do_not_make_them_are_findings_with_the_people_at_stake(plan: Plan) -> None:
    findings = planning_findings(plan)
    said = {(line.split(":")[0]): people for line, people in zip(findings["value"], findings["people"], strict=True)}
    assert said["BOL, Health"] == 6646  # of host communities, in need in the country alone
    warned = findings[(findings["severity"] == "warning") & (findings["column"] == "target")]
    assert ("target.csv", 1507, 281123.0) in list(warned[["file", "line", "people"]].itertuples(index=False, name=None))
    assert (len(findings), len(warned)) == (98, 10)
