"""Need, target and coverage by country and by admin1, where the plan gives them."""

from dataclasses import replace

import pandas as pd

from conftest import activities, count_at_once, plan, planned_places, planning, sheet_of
from rmrp_analysis.method import Method
from rmrp_analysis.plan import Plan

OF_PLACES = ("people_in_need_by", "target_by", "target_coverage_by")


PERU = plan(
    activities(
        country="PER",
        place=["cusco", "puno", ""],
        admin1=["CUSCO", "Puno", "Peru"],
        new_beneficiaries=[60.0, 30.0, 10.0],
        in_transit=[20.0, 0.0, 0.0],
    ),
    planning(("Health", "PER", "all", "target", 300), ("Health", "PER", "all", "people_in_need", 900)),
    planned_places=planned_places(
        ("Health", "PER", "Cusco", "all", "target", 160),
        ("Health", "PER", "Ica", "all", "target", 80),
        ("Health", "PER", "Cusco", "all", "people_in_need", 500),
    ).assign(place=["cusco", "ica", "cusco"]),
)
"""Cusco is reported under another spelling than the plan's; Ica has no report, Puno no target."""


def parts(plan: Plan, name: str, place: str, sector: str = "Health", method: Method | None = None) -> dict[str, float]:
    """The parts of a breakdown that have a value; a sheet without it has none."""
    shown = sheet_of(plan, sector, platform=place, method=method).breakdowns
    return shown[name].values() if name in shown else {}


def test_admin1_have_their_targets_and_coverage_with_the_rest_not_specified() -> None:
    sheet = sheet_of(PERU, "Health", platform="Peru")
    targets = {"CUSCO": 160, "Ica": 80, "not specified": 300 - 160 - 80}  # a country is never the sum of its admin1
    assert (sheet.value("target"), sheet.breakdowns["target_by_admin1"].values()) == (300, targets)
    in_need = {"CUSCO": 500, "not specified": 900 - 500}
    assert (sheet.value("people_in_need"), sheet.breakdowns["people_in_need_by_admin1"].values()) == (900, in_need)
    assert parts(PERU, "target_coverage_by_admin1", "Peru") == {"CUSCO": (60 - 20) / 160}
    counting_all = Method(in_transit_in_denominators=True)
    assert parts(PERU, "target_coverage_by_admin1", "Peru", method=counting_all) == {}  # targets in transit: unknown
    rows = PERU.select("Health", place="Peru").trace("target_by_admin1")
    assert rows.groupby("part")["contribution"].sum().to_dict() == {"CUSCO": 160, "Ica": 80, "not specified": 60}
    shares = PERU.select("Health", place="Peru").trace("target_coverage_by_admin1")
    assert shares.groupby("part")["contribution"].sum().to_dict() == {"CUSCO": 0.25}


def test_admin1_may_exceed_their_country_and_two_spellings_are_one_place() -> None:
    less = replace(PERU, planning=planning(("Health", "PER", "all", "target", 200)))
    assert parts(less, "target_by_admin1", "Peru")["not specified"] == 200 - 160 - 80
    twice = pd.concat([PERU.planned_places, PERU.planned_places.assign(place_name="Qosqo")])
    both = replace(PERU, planned_places=twice)
    assert parts(both, "target_by_admin1", "Peru")["CUSCO"] == 160 + 160


def test_sheets_without_planned_admin1_have_no_such_breakdown() -> None:
    rows = PERU.figures(["WASH", "Health", "Common Services"], ["region", "Peru", "Colombia"])
    by_admin1 = rows[rows["figure"].str.endswith("_by_admin1") & rows["figure"].str.startswith(OF_PLACES)]
    assert set(zip(by_admin1["sector"], by_admin1["place"], strict=True)) == {("Health", "Peru")}


def test_a_model_of_countries_is_held_against_no_admin1() -> None:
    places = planned_places(("all", "PER", "Cusco", "all", "target", 160))
    of_all = plan(
        activities(country="PER", place="Cusco", admin1="Cusco", new_beneficiaries=40.0), planned_places=places
    )
    of_countries, of_admin1 = (Method(intersector_level=level) for level in ("country", "admin1"))
    name = "target_coverage_by_admin1"
    assert parts(of_all, name, "Peru", "Intersector", of_admin1) == {"Cusco": 40 / 160}
    assert parts(of_all, name, "Peru", "Intersector", of_countries) == {}


def test_a_platform_of_several_countries_has_those_of_each() -> None:
    targets = {"ARG": 200, "BOL": 0, "PRY": 8, "URY": 1}
    planned = [("Health", country, "all", "target", people) for country, people in targets.items()]
    planned.append(("Health", "BOL", "all", "people_in_need", 70))
    small = plan(activities(country=["ARG", "BOL"], new_beneficiaries=[50.0, 30.0]), planning(*planned))
    count_at_once([small.select("Health", place=place) for place in ("region", "Southern Cone", "BOL")])
    assert parts(small, "target_by_country", "Southern Cone") == targets
    assert parts(small, "people_in_need_by_country", "Southern Cone") == {"BOL": 70}
    assert parts(small, "target_coverage_by_country", "Southern Cone") == {"ARG": 50 / 200}
    assert sheet_of(small, "Health", platform="Southern Cone").value("target") == 200 + 0 + 8 + 1
    assert sheet_of(small, "Health", platform="BOL").value("people_in_need") == 70
    assert parts(small, "target_by_country", "region") == {}
