"""A sheet's figures follow from the plan's rows and say why where there is none; money from flows or from totals."""

import json
from dataclasses import replace
from math import isnan

import pandas as pd
import pytest

from conftest import FUNDING_SOURCE, activities, flow, flows, plan, planning, sheet_of
from rmrp_analysis.errors import RequestError
from rmrp_analysis.figures import KeyFigures, figures_by_name
from rmrp_analysis.method import Method
from rmrp_analysis.page import Page
from rmrp_analysis.plan import Plan

HEALTH = {"destination_sectors": ("Health",)}


def health(plan: Plan, platform: str = "region", method: Method | None = None) -> KeyFigures:
    return sheet_of(plan, "Health", platform=platform, method=method)


def reason(figures: KeyFigures, name: str) -> tuple[float | None, str]:
    return figures.value(name), figures.figures[name].reason


def test_coverage_is_reached_by_planned_or_unknown() -> None:
    planned = planning(("Health", "region", "all", "people_in_need", 400), ("Health", "region", "all", "target", 80))
    figures = health(plan(activities(new_beneficiaries=[60, 40]), planned))
    assert figures.value("target_coverage") == (60 + 40) / 80
    assert figures.value("need_coverage") == (60 + 40) / 400
    planned = planning(("Health", "region", "all", "target", 80))
    figures = health(plan(activities(new_beneficiaries=[10], in_transit=[30]), planned))
    assert reason(figures, "target_coverage") == (None, "in_transit_not_known")
    figures = health(plan(activities(new_beneficiaries=[5]), planning(("Health", "region", "all", "target", 0))))
    assert figures.value("target") == 0
    assert reason(figures, "target_coverage") == (None, "no_denominator")


@pytest.mark.parametrize(("in_both", "share"), [(False, (100 - 30) / 80), (True, 100 / (80 + 45))])
def test_people_in_transit_are_on_both_sides_of_a_share_or_on_neither(in_both: bool, share: float) -> None:
    planned = planning(("Health", "region", "all", "target", 80), ("Health", "region", "in_transit", "target", 45))
    reports = activities(new_beneficiaries=[60, 40], in_transit=[30, 0])
    figures = health(plan(reports, planned), method=Method(in_transit_in_denominators=in_both))
    assert figures.value("people_reached") == 60 + 40
    assert figures.value("target_coverage") == share


def test_unmet_is_what_funding_leaves_also_below_zero() -> None:
    planned = planning(("Health", "region", "all", "requirement_usd", 1000))
    figures = health(plan(planning=planned, flows=flows(flow(300, **HEALTH), flow(50, **HEALTH))))
    assert figures.value("funding_usd") == 300 + 50
    assert figures.value("unmet_usd") == 1000 - (300 + 50)
    assert figures.value("funding_coverage") == (300 + 50) / 1000
    planned = planning(("Health", "region", "all", "requirement_usd", 100))
    figures = health(plan(planning=planned, flows=flows(flow(250, **HEALTH))))
    assert (figures.value("unmet_usd"), figures.value("funding_coverage")) == (100 - 250, 250 / 100)


def test_nothing_planned_or_reported_is_not_known_and_says_why() -> None:
    figures = health(plan(activities(new_beneficiaries=[5])))
    assert figures.value("people_reached") == 5
    assert reason(figures, "target") == (None, "no_planning")
    assert reason(figures, "unmet_usd") == (None, "no_denominator")
    figures = health(plan(activities(sector="WASH", new_beneficiaries=[5])))
    assert [figures.value(name) for name in ("people_reached", "reporting_partners", "activities")] == [None, 0, 0]
    assert figures.figures["people_reached"].reason == "no_report"


def test_cash_has_nobody_in_need_and_common_services_nobody() -> None:
    sector = "Multipurpose Cash Assistance"
    figures = sheet_of(plan(planning=planning((sector, "region", "all", "target", 9))), sector)
    assert figures.value("target") == 9
    assert reason(figures, "people_in_need") == (None, "no_need_defined")
    common = plan(activities(sector="Common Services", new_beneficiaries=[5]))
    figures = sheet_of(common, "Common Services")
    assert reason(figures, "people_reached") == (None, "no_people")
    assert reason(figures, "people_in_need") == (None, "no_people")
    assert not [name for name in figures.breakdowns if name.startswith("people_reached")]
    assert figures.value("activities") == 1


def test_money_by_sector_has_no_organisations_and_is_unknown_for_a_platform() -> None:
    figures = health(plan(funding_by_sector={"Health": 7.0, "shared": 100.0}))
    assert figures.value("funding_usd") == 7
    assert reason(figures, "donors") == (None, "no_organisations")
    assert "funding_usd_by_donor" not in figures.breakdowns
    figures = health(plan(funding_by_sector={"Health": 7.0}), platform="Peru")
    assert reason(figures, "funding_usd") == (None, "no_funding_by_platform")


def test_a_platforms_sheet_counts_its_countries_alone() -> None:
    money = flows(
        flow(5, **HEALTH, destination_countries=("BOL",)),
        flow(70, **HEALTH, destination_countries=("PER",)),
        flow(900, **HEALTH, destination_countries=("BOL", "PER")),
    )
    reports = activities(country=["BOL", "ARG", "PER"], new_beneficiaries=[1, 20, 300])
    planned = planning(("Health", "Southern Cone", "all", "target", 42), ("Health", "region", "all", "target", 999))
    figures = health(plan(reports, planned, money), platform="Southern Cone")
    assert (figures.value("people_reached"), figures.value("target"), figures.value("funding_usd")) == (1 + 20, 42, 5)
    assert "people_reached_by_platform" not in figures.breakdowns


def test_money_of_no_country_is_regional_and_of_no_donor_unspecified() -> None:
    money = flows(
        flow(1, **HEALTH, destination_countries=("PER",)),
        flow(20, **HEALTH),
        flow(300, **HEALTH, destination_countries=("PER", "COL")),
        flow(4000, **HEALTH, destination_countries=("Venezuela, Bolivarian Republic of",)),
    )
    by_platform = health(plan(flows=money)).breakdowns["funding_usd_by_platform"].values()
    assert (by_platform["Peru"], by_platform["Regional"], by_platform["Chile"]) == (1, 20 + 300 + 4000, 0)
    usa = {"source_organisations": ("1",), "source_organisation_names": ("USA",)}
    passed_on = flow(5, source_plans=("1021",), **HEALTH)
    money = flows(flow(10, **usa, **HEALTH), flow(3, **HEALTH), passed_on)
    assert health(plan(flows=money)).breakdowns["funding_usd_by_donor"].values() == {"USA": 10, "not specified": 3 + 5}


def test_every_figure_names_its_source_and_rows_and_says_if_illustrative() -> None:
    reports = activities(indicator_type=["people in need", "other"], new_beneficiaries=[5, 1])
    figures = health(plan(reports, flows=flows(flow(10, **HEALTH)))).figures
    assert [figures[name].rows for name in ("people_reached", "activities", "funding_usd")] == [1, 2, 1]
    assert figures["people_reached"].source == "R4V, 2021-12-31"
    assert figures["funding_usd"].source == f"{FUNDING_SOURCE}, 2021-12-31"
    planned = planning(("Health", "region", "all", "target", 10), source="illustrative: no figure was found")
    figures = health(plan(activities(new_beneficiaries=[5]), planned))
    assert {"target", "target_coverage"} <= set(figures.illustrative)
    assert "people_reached" not in figures.illustrative
    figures = health(plan(activities(new_beneficiaries=[5]), illustrative=True))
    assert {"people_reached", "reporting_partners", "implementing_partners", "activities"} <= set(figures.illustrative)
    assert not {"target", "requirement_usd", "funding_usd"} & set(figures.illustrative)


def test_a_missing_figure_says_why_in_words_and_an_unknown_sheet_is_refused() -> None:
    table = figures_by_name(health(plan()).rows)
    assert table.loc["target", "reason"] == "no planning file in this data folder"
    assert table.loc["activities", "reason"] == ""
    with pytest.raises(RequestError, match="unknown sector 'Helth'; did you mean 'Health'\\?"):
        sheet_of(plan(), "Helth")
    with pytest.raises(RequestError, match="unknown place 'Carribean'; did you mean 'Caribbean'\\?"):
        health(plan(), platform="Carribean")


def test_the_records_are_plain_json_where_an_absent_month_is_no_zero() -> None:
    records = health(plan(activities(new_beneficiaries=[5.0]))).as_records()
    assert json.loads(json.dumps(records)) == records
    reached = next(figure for figure in records["figures"] if figure["name"] == "people_reached")
    assert repr(reached["value"]) == "5"
    assert records["tables"]["people_reached_by_month"][0] == {
        "month": "2021-01", "value": 5, "low": 5, "high": 5, "unit": "people", "source": "R4V, 2021-12-31",
        "status": "known", "caution": "", "reason": "",
    }  # fmt: skip
    february = health(plan(activities(new_beneficiaries=[5]))).breakdowns["people_reached_by_month"].cells[1]
    assert (february.key, february.value, february.reason) == ("2021-02", None, "no_report")


def test_a_requirement_of_the_plan_comes_before_that_of_fts() -> None:
    tables = plan(funding_by_sector={"Health": 7.0})
    totals = tables.funding_totals.assign(requirement_usd=[None], original_requirement_usd=[20.0])
    figures = health(replace(tables, funding_totals=totals))
    assert (figures.value("requirement_usd"), figures.value("unmet_usd")) == (20, 20 - 7)
    assert figures.figures["requirement_usd"].source == "OCHA FTS, 2021-12-31"
    planned = planning(("Health", "region", "all", "requirement_usd", 30))
    tables = plan(planning=planned, funding_by_sector={"Health": 7.0})
    totals = tables.funding_totals.assign(requirement_usd=[20.0])
    assert health(replace(tables, funding_totals=totals)).value("requirement_usd") == 30


def test_totals_tell_only_of_this_plans_money_by_sector() -> None:
    tables = plan(funding_by_sector={"COL": 7.0})
    totals = tables.funding_totals.assign(grouped_by="country")
    assert reason(health(replace(tables, funding_totals=totals)), "funding_usd") == (None, "no_funding_by_sector")
    tables = plan(funding_by_sector={"Health": 7.0})
    other = tables.funding_totals.assign(plan_id="944", funding_usd=100.0)
    both = replace(tables, funding_totals=pd.concat([tables.funding_totals, other], ignore_index=True))
    assert health(both).value("funding_usd") == 7


def test_a_sheet_says_what_money_names_one_sector_several_or_none() -> None:
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


def test_pairs_of_donor_and_organisation_make_the_funding() -> None:
    usa = {"source_organisations": ("1",), "source_organisation_names": ("USA",)}
    unhcr = {"destination_organisations": ("2",), "destination_organisation_names": ("UNHCR",)}
    inside = flow(4, source_plans=("1021",), **HEALTH, **unhcr)
    figures = health(plan(flows=flows(flow(10, **usa, **unhcr, **HEALTH), flow(3, **unhcr, **HEALTH), inside)))
    assert figures.breakdowns["funding_usd_by_donor_and_organisation"].values() == {
        "USA → UNHCR": 10,
        "not specified → UNHCR": 3,
        "not specified": 4,
    }


def test_places_get_money_that_names_them_alone() -> None:
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


def test_organisations_count_with_money_from_outside_for_the_sector() -> None:
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
def test_unknown_money_is_an_empty_table_with_its_reason(place: str, money: str, reason_said: str) -> None:
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


def test_exact_figures_say_that_they_are_internal_and_public_ones_that_they_are_rounded() -> None:
    selection = plan(activities(new_beneficiaries=[123.0], women=[80.0])).select("Health")
    exact, public = selection.key_figures(), selection.key_figures("public")
    assert (exact.audience, exact.base, exact.as_records()["rounding"]) == ("internal", 0, 0)
    assert (public.audience, public.base, public.as_records()["rounding"]) == ("public", 10, 10)
    values = selection.figures()["value"]
    assert exact.value("people_reached") == values["people_reached"] == 123
    assert public.value("people_reached") in (120, 130)
    known = {name: figure.value for name, figure in exact.figures.items() if figure.value is not None}
    assert known == values.dropna().to_dict()
    assert Page(selection).key_figures.audience == "public"
