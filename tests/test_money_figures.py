"""A sheet's money follows from flows or from totals, counted as its method says."""

from dataclasses import replace
from math import isnan

import pandas as pd
import pytest

from conftest import Build, sheet_of
from rmrp_analysis.figures import KeyFigures
from rmrp_analysis.method import Method, Period
from rmrp_analysis.plan import Plan

HEALTH = {"destination_sectors": ("Health",)}


def health(plan: Plan, platform: str = "region", method: Method | None = None) -> KeyFigures:
    period = Period(start="2021-01", end="2021-12")
    return sheet_of(plan, "Health", platform=platform, period=period, method=method)


def reason(figures: KeyFigures, name: str) -> tuple[float | None, str]:
    return figures.value(name), figures.figures[name].reason


def test_a_requirement_that_the_plan_does_not_give_is_the_one_of_fts(plan: Build) -> None:
    tables = plan(funding_by_sector={"Health": 7.0})
    totals = tables.funding_totals.assign(requirement_usd=[None], original_requirement_usd=[20.0])
    figures = health(replace(tables, funding_totals=totals))
    assert (figures.value("requirement_usd"), figures.value("unmet_usd")) == (20, 20 - 7)
    assert figures.figures["requirement_usd"].source == "OCHA FTS, 2021-12-31"


def test_a_requirement_that_the_plan_gives_comes_before_that_of_fts(plan: Build, planning: Build) -> None:
    planned = planning(("Health", "region", "all", "requirement_usd", 30))
    tables = plan(planning=planned, funding_by_sector={"Health": 7.0})
    totals = tables.funding_totals.assign(requirement_usd=[20.0])
    assert health(replace(tables, funding_totals=totals)).value("requirement_usd") == 30


def test_money_by_country_alone_tells_nothing_of_a_sector(plan: Build) -> None:
    tables = plan(funding_by_sector={"COL": 7.0})
    totals = tables.funding_totals.assign(grouped_by="country")
    assert reason(health(replace(tables, funding_totals=totals)), "funding_usd") == (None, "no_funding_by_sector")


def test_rows_of_other_plans_are_not_this_plans_money(plan: Build) -> None:
    tables = plan(funding_by_sector={"Health": 7.0})
    other = tables.funding_totals.assign(plan_id="944", funding_usd=100.0)
    both = replace(tables, funding_totals=pd.concat([tables.funding_totals, other], ignore_index=True))
    assert health(both).value("funding_usd") == 7


def test_every_sheet_says_what_of_the_plans_money_names_one_sector_several_or_none(
    plan: Build, flow: Build, flows: Build
) -> None:
    money = flows(
        flow(10, destination_sectors=("WASH",), destination_countries=("COL",)),
        flow(5, destination_sectors=("Health", "WASH")),
        flow(3, destination_countries=("COL", "PER")),
    )
    breakdowns = health(plan(flows=money)).breakdowns
    by_sector = breakdowns["plan_funding_usd_by_sector_named"].values()
    by_country = breakdowns["plan_funding_usd_by_country_named"].values()
    assert by_sector == {"single": 10, "shared": 5, "not specified": 3}
    assert by_country == {"single": 10, "shared": 3, "not specified": 5}


def test_pairs_of_donor_and_organisation_make_the_funding(plan: Build, flow: Build, flows: Build) -> None:
    usa = {"source_organisations": ("1",), "source_organisation_names": ("USA",)}
    unhcr = {"destination_organisations": ("2",), "destination_organisation_names": ("UNHCR",)}
    inside = flow(4, source_plans=("1021",), **HEALTH, **unhcr)
    figures = health(plan(flows=flows(flow(10, **usa, **unhcr, **HEALTH), flow(3, **unhcr, **HEALTH), inside)))
    assert figures.breakdowns["funding_usd_by_donor_and_organisation"].values() == {
        "USA → UNHCR": 10,
        "not specified → UNHCR": 3,
        "not specified": 4,
    }


def test_places_get_money_that_names_them_alone(plan: Build, activities: Build, flow: Build, flows: Build) -> None:
    money = flows(
        flow(5, **HEALTH, destination_countries=("BOL",)),
        flow(8, **HEALTH, destination_countries=("ARG", "BOL")),
        flow(3, **HEALTH, destination_countries=("ARG",)),
        flow(100, **HEALTH, destination_countries=("BOL", "PER")),
    )
    tables = plan(activities(country="BOL"), flows=money)
    cone, bolivia = (health(tables, platform=place) for place in ("Southern Cone", "Bolivia"))
    assert (cone.value("funding_usd"), bolivia.value("funding_usd")) == (5 + 3, 5)
    by_country = cone.breakdowns["funding_usd_by_country"].values()
    assert by_country == {"ARG": 3, "BOL": 5, "PRY": 0, "URY": 0}
    assert "funding_usd_by_country" not in bolivia.breakdowns
    assert "people_reached_by_admin1" in bolivia.breakdowns


def test_organisations_count_that_give_or_get_money_from_outside_for_the_sector_alone(
    plan: Build, flow: Build, flows: Build
) -> None:
    ends = [{"source_organisations": (f"d{n}",), "destination_organisations": (f"o{n}",)} for n in range(3)]
    money = flows(
        flow(10, **HEALTH, **ends[0]),
        flow(8, destination_sectors=("Health", "WASH"), **ends[1]),
        flow(5, source_plans=("1021",), **HEALTH, **ends[2]),
    )
    figures = health(plan(flows=money))
    assert (figures.value("donors"), figures.value("funded_organisations")) == (1, 1)
    assert figures.value("funding_usd") == 10 + 5


@pytest.mark.parametrize(
    ("place", "money", "reason_said"),
    [
        ("region", "none", "no file on funding in this data folder"),
        ("region", "totals", "the source gives totals without organizations"),
        ("Peru", "totals", "funding by sector is published for the region only"),
    ],
)
def test_money_that_is_not_known_is_an_empty_table_with_its_reason(
    place: str, money: str, reason_said: str, plan: Build
) -> None:
    tables = plan(funding_by_sector={"Health": 7.0})
    if money == "none":
        tables = replace(tables, sources={"activities": tables.sources["activities"]}, funding_totals=None)
    found = tables.select("Health", place=place).funding()
    assert isnan(found.total)
    assert (found.reason, len(found.entries), len(found.rows)) == (reason_said, 0, 0)
    assert repr(found) == f"funding_usd: not known; {reason_said}"
    for dimensions in (["donor"], ["platform"], ["country"], ["donor", "organisation"]):
        by_part = found.by(*dimensions)
        assert (len(by_part), by_part.index.names, by_part.attrs["reason"]) == (0, dimensions, reason_said)


def test_money_that_is_known_has_no_reason(plan: Build, flow: Build, flows: Build) -> None:
    found = plan(flows=flows(flow(10, **HEALTH))).select("Health").funding()
    assert (found.total, found.reason) == (10, "")
