"""The figures of one organisation's reports: what they are parts of, and what nobody states by organisation."""

from math import isnan
from typing import Any

import pandas as pd
import pytest

from conftest import activities, drawn, flow, flows, plan, planning
from rmrp_analysis.figures import WORDS_BY_REASON
from rmrp_analysis.method import Method
from rmrp_analysis.plan import Plan

IOM, UNHCR, CARE = "International Organization for Migration (IOM)", "UN Refugee Agency (UNHCR)", "CARE"
ADDED_UP = [
    *("people_reached", "people_reached_by_platform", "people_reached_by_month", "people_reached_by_age_gender"),
    "activities",
]


@pytest.mark.parametrize("rows", [1, 4, 12, 90])
def test_sheets_of_organisations_add_up_to_those_of_sectors(rows: int) -> None:
    columns = drawn(
        *(rows, rows),
        appealing_organisation=(IOM, UNHCR, CARE),
        sector=("Health", "WASH"),
        country=("PER", "CHL", "ARG"),
        month=("2021-01", "2021-02"),
        new_beneficiaries=(0.0, 1.0, 37.5, 500.0),
        women=(0.0, 20.0, 100.0),
    )
    tables: Plan = plan(activities(**columns))
    sheets = tables.figures(
        ["Health", "Intersector"], organisations=["", *tables.organisations], method=Method(intersector_model="sum")
    )
    exceeds = sheets["reason"] == WORDS_BY_REASON["groups_exceed"]
    hidden = pd.MultiIndex.from_frame(sheets.loc[exceeds, ["sector", "figure", "part"]])
    is_hidden = pd.MultiIndex.from_frame(sheets[["sector", "figure", "part"]]).isin(hidden)
    stated = sheets[sheets["figure"].isin(ADDED_UP) & ~is_hidden].fillna({"value": 0.0})
    of_one = stated["organisation"] != ""
    whole, parts = (of.groupby(["sector", "figure", "part"])["value"].sum() for of in (stated[~of_one], stated[of_one]))
    pd.testing.assert_series_equal(parts.reindex(whole.index, fill_value=0.0), whole)
    assert set(whole.index.get_level_values("figure")) == {*ADDED_UP}


def test_a_model_compares_what_an_organisation_itself_reported() -> None:
    tables: Plan = plan(
        activities(
            appealing_organisation=[IOM, IOM, CARE],
            sector=["Health", "WASH", "WASH"],
            new_beneficiaries=[100.0, 40.0, 300.0],
        )
    )
    of_iom = tables.select("Intersector", organisation="IOM", method=Method(intersector_model="max_sector"))
    assert of_iom.people_reached().total == max(100, 40)
    assert dict(of_iom.models()[["sum", "max_sector"]]) == {"sum": 100 + 40, "max_sector": 100}


def test_plan_and_totals_state_nothing_of_an_organisation() -> None:
    planned = planning(*(("Health", "region", "all", name, 900) for name in ("people_in_need", "target")))
    tables: Plan = plan(activities(appealing_organisation=IOM, sector="Health"), planned)
    figures = tables.select("Health", organisation="IOM").key_figures()
    for name in ("people_in_need", "target", "requirement_usd"):
        assert (figures.value(name), figures.figures[name].reason) == (None, "not_by_organisation")
    assert [name for name in figures.breakdowns if name.startswith(("target", "requirement"))] == []
    tables: Plan = plan(activities(appealing_organisation=IOM, sector="Health"), funding_by_sector={"Health": 7.0})
    figure = tables.select("Health", organisation="IOM").key_figures().figures["funding_usd"]
    assert (figure.value, figure.reason) == (None, "no_organisations")


HEALTH = {"destination_sectors": ("Health",)}


def received(money: pd.DataFrame, organisation: str = "IOM") -> tuple[float | None, str]:
    tables: Plan = plan(activities(appealing_organisation=[IOM, CARE], sector="Health"), flows=money)
    figure = tables.select("Health", organisation=organisation).key_figures().figures["funding_usd"]
    return figure.value, figure.reason


def to(name: str, identifier: str) -> dict[str, Any]:
    return {"destination_organisations": (identifier,), "destination_organisation_names": (name,)}


def test_money_names_it_as_its_only_recipient() -> None:
    both = {"destination_organisations": ("1", "2"), "destination_organisation_names": ("x", "CARE")}
    money = flows(
        flow(70, **HEALTH, **to("INTERNATIONAL Organization for Migration", "1")),
        flow(30, **HEALTH, **to("CARE", "2")),
        flow(5, **HEALTH, **both),
    )
    assert received(money) == (70, "")
    assert received(money, "CARE") == (30, "")


def test_money_of_whom_fts_does_not_name_is_unknown() -> None:
    money = flows(flow(30, **HEALTH, **to("CARE", "2")))
    assert received(money) == (None, "not_at_source")
    made = plan(activities(appealing_organisation=[IOM, CARE], sector="Health"), flows=money)
    selection = made.select("Health", organisation="IOM")
    assert isnan(selection.funding().total)
    assert selection.funding().reason == WORDS_BY_REASON["not_at_source"]
    assert selection.funding().by("platform").empty


def test_activities_and_people_are_told_by_partner_and_indicator() -> None:
    partners = ["Local B", "Local A", "Local B", ""]
    tables: Plan = plan(activities(appealing_organisation=IOM, sector="Health", implementing_partner=partners))
    selection = tables.select("Health", organisation="IOM")
    by_partner = selection.key_figures().breakdowns["activities_by_implementing_partner"].values()
    assert list(by_partner.items()) == [("Local B", 2), ("Local A", 1), ("directly", 1)]
    traced = selection.trace("activities_by_implementing_partner")
    assert traced.groupby("part")["contribution"].sum().to_dict() == by_partner
    assert "activities_by_implementing_partner" not in tables.select("Health").key_figures().breakdowns
    tables: Plan = plan(
        activities(
            appealing_organisation=IOM,
            sector="Health",
            indicator=["consultations", "vaccinations", "centres supported"],
            indicator_type=["people in need", "people in need", "other"],
            new_beneficiaries=[20.0, 50.0, 7.0],
        )
    )
    selection = tables.select("Health", organisation="IOM")
    by_indicator = selection.key_figures().breakdowns["people_reached_by_indicator"].values()
    assert list(by_indicator.items()) == [("vaccinations", 50), ("consultations", 20)]
    assert selection.trace("people_reached_by_indicator")["contribution"].sum() == 50 + 20


def test_activities_by_indicator_add_up_to_all_and_those_without_one_stand_last() -> None:
    texts = ["", "vaccinations", "vaccinations", "", "", "consultations"]
    made: Plan = plan(activities(sector="Health", indicator=texts, country=["PER"] * 5 + ["COL"]))
    by_indicator = made.select("Health").key_figures().breakdowns["activities_by_indicator"].values()
    assert list(by_indicator.items()) == [("vaccinations", 2), ("consultations", 1), ("not specified", 3)]
    assert sum(by_indicator.values()) == made.select("Health").key_figures().value("activities")
    peru = made.select("Health", place="Peru")
    assert peru.key_figures("public").breakdowns["activities_by_indicator"].values() == {
        "vaccinations": 2,
        "not specified": 3,
    }
    assert peru.trace("activities_by_indicator")["contribution"].sum() == 5


@pytest.mark.parametrize(
    ("types", "organisation", "is_told"),
    [
        (["other", "other", "people in need"], "", True),
        (["other", "people in need", "people in need"], "", False),
        (["other", "people in need", "people in need"], "IOM", True),
    ],
)
def test_a_sheet_is_about_services_where_most_activities_count_nobody_or_it_is_of_one_organisation(
    types: list[str], organisation: str, is_told: bool
) -> None:
    made: Plan = plan(activities(appealing_organisation=IOM, sector="Health", indicator_type=types))
    assert made.select("Health", organisation=organisation).key_figures().is_about_services is is_told


@pytest.mark.parametrize(
    ("countries", "shown"), [(["PER", "ARG"], True), (["PER", "ARG", "CHL", "BRA", "COL", "ECU"], False)]
)
def test_an_organisation_in_few_countries_has_its_people_by_country(countries: list[str], shown: bool) -> None:
    sectors = ["Health", *["WASH"] * (len(countries) - 1)]
    tables: Plan = plan(activities(appealing_organisation=IOM, country=countries, sector=sectors))
    stated = tables.figures(["Health", "WASH", "Intersector"], organisations="IOM")
    by_country = stated[stated["figure"] == "people_reached_by_country"]
    assert set(by_country["sector"]) == ({"Health", "WASH", "Intersector"} if shown else set())  # all its sheets alike


def test_an_organisation_is_held_against_its_sector_and_not_against_all() -> None:
    tables: Plan = plan(activities(appealing_organisation=["A", "B"], new_beneficiaries=[300.0, 400.0]))
    compared = tables.select("Health", organisation="A").key_figures().comparisons
    assert (compared.region_people, compared.largest_partner) == (300 + 400, None)
    names = ["A", "B", "C", "D"]
    tables: Plan = plan(activities(appealing_organisation=names, new_beneficiaries=[300.0, 900.0, 20.0, 10.0]))
    compared = tables.select("Intersector", organisation="A").key_figures().comparisons
    assert (compared.region_people, compared.largest_partner) == (None, None)
