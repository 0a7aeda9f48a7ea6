"""A small plan in which nearly everything happens that a figure can meet, and the sheets that are made of it.

Each report is there for a reason: a tie of sectors, a fraction of a person, two spellings of a partner, a report that
makes most of its country, one that tells nobody as new, one that was refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from conftest import activities, flow, flows, plan, planned_places, planning
from rmrp_analysis.method import Method
from rmrp_analysis.plan import Plan
from rmrp_analysis.vocabulary import AGE_GENDER_GROUPS, POPULATION_GROUPS

PLANNED = (
    *(("Health", place, "all", "target", people) for place, people in (("region", 4_000), ("Peru", 90), ("COL", 900))),
    *(("Health", place, "in_transit", "target", 25) for place in ("region", "Peru")),
    *(("Health", place, "all", "people_in_need", 9_000) for place in ("region", "Peru", "ARG", "BOL", "PRY", "URY")),
    *(("WASH", "region", group, "target", 10) for group in POPULATION_GROUPS),
    *(("Health", place, "all", "target", 70) for place in ("ARG", "BOL", "PRY", "URY")),
    ("WASH", "region", "all", "requirement_usd", 0),
    ("Health", "region", "all", "requirement_usd", 900),
    ("Health", "Peru", "all", "requirement_usd", 100),
    ("Shelter", "region", "all", "people_in_need", 60),
    ("Multipurpose Cash Assistance", "region", "all", "people_in_need", 60),
    ("all", "region", "all", "target", 5_000),
    ("all", "region", "all", "people_in_need", 30_000),
)
PLACES = (
    ("Health", "PER", "lima", "all", "target", 50),
    ("Health", "PER", "tumbes", "all", "target", 30),
    ("Health", "PER", "cusco", "all", "people_in_need", 20),
)
USA = {"source_organisations": ("1",), "source_organisation_names": ("USA",)}
TWO_DONORS = {"source_organisations": ("1", "2"), "source_organisation_names": ("USA", "Canada")}
IOM = {"destination_organisations": ("3",), "destination_organisation_names": ("IOM",)}
NRC = {"destination_organisations": ("4",), "destination_organisation_names": ("NRC",)}
GAVE_AND_TOOK_BACK = {"source_organisations": ("5",), "source_organisation_names": ("Nil",)}
HEALTH = {"destination_sectors": ("Health",)}
FLOWS = (
    flow(500, **HEALTH, **USA, **IOM, destination_countries=("PER",)),
    flow(70, **HEALTH, **TWO_DONORS, **IOM, destination_countries=("ARG", "BOL")),
    flow(30, **HEALTH, **USA, destination_countries=("ARG",)),
    flow(20, destination_sectors=("Health", "WASH"), **USA, **NRC),
    flow(10, destination_sectors=("WASH",), source_plans=("1021",), destination_countries=("COL",), **NRC),
    flow(6, destination_countries=("COL", "PER"), destination_overlaps=("locations",), destination_sectors=("WASH",)),
    flow(0, **HEALTH, source_organisations=("9",), source_organisation_names=("Nobody",), **NRC),
    flow(4, status="pledge", **HEALTH, **USA, **IOM),
    flow(15, **HEALTH, **USA, **NRC, destination_countries=("BOL",)),
    *(flow(usd, **HEALTH, **GAVE_AND_TOOK_BACK, **NRC) for usd in (0.1, 0.2, -0.3)),
    flow(3),
)


@dataclass(frozen=True)
class Case:
    """Sheets (sector, place, organisation) of a plan, counted in a period by a method."""

    plan: Plan
    sheets: Sequence[tuple[str, str, str]]
    period: str
    method: Method


def table_of(name: str) -> pd.DataFrame:
    """Activities from lines of a CSV text; what it does not say has the defaults of ``activities``."""
    rows = pd.read_csv(Path(__file__).with_name(name), dtype="str", keep_default_na=False).rename(
        columns={"new": "new_beneficiaries", "total": "total_monthly_beneficiaries"}
    )
    texts = [*rows.columns[: rows.columns.get_loc("new_beneficiaries")]]
    numbers = rows.drop(columns=texts).apply(pd.to_numeric)
    columns: dict[str, Any] = rows[texts].join(numbers).to_dict("list")
    columns |= {name: numbers[name].fillna(0.0).to_list() for name in ("people_not_known",) if name in numbers}
    made = activities(**{name: cells for name, cells in columns.items() if name != "people_left_out"})
    return made.assign(people_left_out=numbers["people_left_out"]) if "people_left_out" in numbers else made


def small_plan(year: int = 2021, **options: Any) -> Plan:
    """The plan under the rules of a year; with proportions for the models that need them."""
    types = {"name": ["IOM", "NRC", "CARITAS"], "organisation_type": ["UN", "INGO", "Faith Based Organizations"]}
    money = {} if "funding_by_sector" in options else {"flows": flows(*FLOWS)}
    made = plan(
        table_of("small_plan_reports.csv"),
        planning(*PLANNED),
        planned_places=planned_places(*PLACES),
        year=year,
        references={"appealing_organisations": pd.DataFrame(types)},
        **money,
        **options,
    )
    proportions = {"people_in_need": age_gender_shares()} if year > 2021 else {}
    return replace(made, refused_activities=table_of("small_plan_refused.csv"), proportions=proportions)


def age_gender_shares() -> pd.DataFrame:
    """Proportions of some sectors and places: people in transit of Lima have none, and nobody of Argentina has any."""
    listed = (
        *(
            (country, "", sector)
            for country in ("PER", "COL", "CHL", "BOL")
            for sector in ("Health", "WASH", "Shelter")
        ),
        *(("PER", "lima", "Health"), ("PER", "lima", "Health"), ("CHL", "", "Gender-Based Violence")),
    )
    rows = []
    for number, (country, place, sector) in enumerate(listed):
        girls = (1 + number % 4) / 10
        shares = dict(zip(AGE_GENDER_GROUPS, (girls, 0.3 - girls / 2, 0.5 - girls / 2, 0.2), strict=True))
        groups = ("in_destination", "host_communities") if place else POPULATION_GROUPS
        pairs = {f"{group}_{part}": shares[part] * (group in groups) for group in POPULATION_GROUPS for part in shares}
        rows.append({"country": country, "place": place, "sector": sector} | pairs)
    return pd.DataFrame(rows)


def cases() -> Mapping[str, Case]:
    """The sheets of the plan under the rules of two years, and with money of each kind."""
    of_all = "Intersector"
    sheets = [
        *((sector, "region", "") for sector in ("Health", "WASH", "Common Services", "Shelter", of_all)),
        *((sector, place, "") for sector in ("Health", of_all) for place in ("Southern Cone", "Peru", "BOL")),
        *(("Multipurpose Cash Assistance", "region", ""), ("Gender-Based Violence", "Chile", "")),
        *(("Health", "region", "IOM"), ("Health", "ARG", "NRC"), (of_all, "region", "CARE")),
    ]
    few = [("Health", "region", ""), ("WASH", "Peru", ""), (of_all, "Peru", ""), (of_all, "region", "NRC")]
    by_country = Method(
        intersector_model="max_age_gender",
        intersector_level="country",
        in_transit_in_denominators=True,
        rmrp_activities_only=True,
    )
    cone = Method(intersector_model="southern_cone", without_proportions="leave_sector_out")
    totals = {"Health": 700.0, "WASH": 50.0, "shared": 40.0, "not specified": 5.0}
    of_2022 = small_plan(2022)
    return {
        "2021": Case(small_plan(), sheets, "2021-01/2021-03", Method()),
        "two months by country": Case(small_plan(), few, "2021-02/2021-03", by_country),
        "money in totals": Case(small_plan(funding_by_sector=totals), few, "2021-01/2021-12", Method()),
        "2022": Case(of_2022, [*few, (of_all, "region", "")], "2021-01/2021-03", Method()),
        "2022 southern cone": Case(of_2022, few[2:], "2021-01/2021-03", cone),
    }
