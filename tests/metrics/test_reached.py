"""People reached are new beneficiaries of indicators of people in need; partners are distinct, activities rows."""

from math import isnan
from typing import Any

import pandas as pd
import pytest

from conftest import activities, plan
from rmrp_analysis.errors import RequestError
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import Contributions
from rmrp_analysis.plan import Selection


def selected(reports: pd.DataFrame, sector: str = "Health", **choices: object) -> Selection:
    return plan(reports).select(sector, **choices)


def reached(reports: pd.DataFrame, **choices: object) -> Contributions:
    return selected(reports, **choices).people_reached()


def test_people_reached_are_new_ones_by_the_listed_type_within_each_sector() -> None:
    table = activities(sector=["Health", "WASH", "Health"], new_beneficiaries=[100, 70, 20])
    totals = {sector: reached(table, sector=sector).total for sector in ("Health", "WASH", "Shelter")}
    assert isnan(totals.pop("Shelter"))
    assert totals == {"Health": 100 + 20, "WASH": 70}
    listed = pd.DataFrame({"name": ["Cruz Roja", "IOM"], "organisation_type": ["Red Cross", "UN"]})
    reports = activities(appealing_organisation=["CRUZ  ROJA", "IOM", "NRC"], new_beneficiaries=[1, 20, 300])
    health = plan(reports, references={"appealing_organisations": listed}).select("Health")
    by_type = health.people_reached().by("organisation_type").to_dict()
    assert by_type == {"Red Cross": 1, "UN": 20, "not specified": 300}


TYPES = ["people in need", "people", "other", "unknown"]
MORE_TYPES = Method(counted_indicator_types=("people in need", "people"))


@pytest.mark.parametrize(
    ("columns", "method", "people"),
    [
        # monthly totals are never added
        ({"new_beneficiaries": [10, 0, 2], "total_monthly_beneficiaries": [10, 10, 12]}, Method(), 10 + 0 + 2),
        ({"new_beneficiaries": [40, 20, 300, 4], "indicator_type": TYPES}, Method(), 40),
        ({"new_beneficiaries": [40, 20, 300, 4], "indicator_type": TYPES}, MORE_TYPES, 40 + 20),
        ({"new_beneficiaries": [5, 5], "appealing_organisation": ["IOM", "IOM"]}, Method(), 5 + 5),
        ({"new_beneficiaries": [None, 7]}, Method(), 7),  # a missing count reaches nobody and hides nobody
        ({"new_beneficiaries": [0.1, 0.2, 0.3]}, Method(), 0.6),  # in whatever order fractions are added
        ({"new_beneficiaries": [0.3, 0.2, 0.1]}, Method(), 0.6),
        (
            {"new_beneficiaries": [1, 2, 4], "rmrp_activity": ["Yes", "No", None]},
            *(Method(rmrp_activities_only=True), 1),
        ),
    ],
)
def test_new_beneficiaries_are_added_up(columns: dict[str, list[Any]], method: Method, people: float) -> None:
    assert reached(activities(**columns), method=method).total == people


def test_a_period_holds_both_its_ends_and_a_platform_its_countries() -> None:
    table = activities(month=["2020-12", "2021-01", "2021-05", "2021-06"])
    selection = selected(table, period="2021-01/2021-05")
    assert selection.activities["month"].to_list() == ["2021-01", "2021-05"]
    table = activities(country=["ARG", "BOL", "PER", "URY", "Regional"])
    selection = selected(table, platform="Southern Cone")
    assert selection.activities["country"].to_list() == ["ARG", "BOL", "URY"]


def test_platforms_come_in_order_and_without_people_are_0() -> None:
    table = activities(country=["PER", "CHL", "Regional"], new_beneficiaries=[5, 0, 2])
    by_platform = reached(table).by("platform")
    assert list(by_platform.index) == [
        "Brazil", "Caribbean", "Central America & Mexico", "Chile", "Colombia", "Ecuador", "Peru", "Southern Cone",
        "Regional",
    ]  # fmt: skip
    assert by_platform.dropna().to_dict() == {"Chile": 0, "Peru": 5, "Regional": 2}
    table = activities(country=["PER"], indicator_type="other", new_beneficiaries=[9])
    assert reached(table).by("platform")["Peru"] == 0


def test_every_month_of_the_period_is_there_and_one_without_report_is_missing() -> None:
    table = activities(month=["2021-03", "2021-01", "2021-03"], new_beneficiaries=[4, 0, 5])
    by_month = reached(table, period="2021-01/2021-03").by("month")
    assert list(by_month.index) == ["2021-01", "2021-02", "2021-03"]
    assert by_month.dropna().to_dict() == {"2021-01": 0, "2021-03": 4 + 5}


def test_what_no_group_names_is_not_specified_also_below_zero() -> None:
    table = activities(new_beneficiaries=[10, 5], in_destination=[6, None], host_communities=[1, 2])
    assert reached(table).by("population_group").to_dict() == {
        "in_destination": 6, "in_transit": 0, "host_communities": 1 + 2, "pendular": 0, "colombian_returnees": 0,
        "not specified": (10 + 5) - (6 + 1 + 2),
    }  # fmt: skip
    by_age = reached(activities(new_beneficiaries=[5], women=[4], girls=[3])).by("age_gender")
    assert by_age["not specified"] == 5 - (4 + 3)
    table = activities(indicator_type=["people", "people in need"], new_beneficiaries=[9, 2], women=[9, 1])
    by_age = reached(table).by("age_gender")
    assert by_age.to_dict() == {"girls": 0, "boys": 0, "women": 1, "men": 0, "not specified": 2 - 1}


def test_a_figure_has_any_breakdown_that_its_rows_have() -> None:
    table = activities(
        appealing_organisation=["IOM", "Cáritas", "CARITAS"], cva=["Yes", "No", "No"], new_beneficiaries=[1, 20, 300]
    )
    people = reached(table)
    assert sorted(people.by("organisation").to_list()) == [1, 20 + 300]
    assert people.by("cva", "month").to_dict() == {("Yes", "2021-01"): 1, ("No", "2021-01"): 20 + 300}
    with pytest.raises(RequestError, match="people_reached has no 'organization'; did you mean 'organisation'"):
        people.by("organization")


def count(figure: str, reports: pd.DataFrame) -> float | None:
    return plan(reports).select("Health")[figure].total


SPELLINGS = ["Cáritas Perú", "CARITAS PERU", "Caritas  Peru ", "Caritas Chile"]


@pytest.mark.parametrize(
    ("figure", "columns", "number"),
    [
        ("reporting_partners", {"appealing_organisation": ["IOM", "IOM", "UNHCR"]}, 2),
        ("reporting_partners", {"appealing_organisation": SPELLINGS}, 2),  # accents, case and blanks tell nobody apart
        ("implementing_partners", {"implementing_partner": ["", "Aldeas", " "]}, 1),  # none is nobody
        (
            "implementing_partners",  # whatever the set-up says
            {"implementation_setup": ["No", None], "implementing_partner": ["Aldeas", "Cáritas"]},
            2,
        ),
        ("activities", {"month": ["2021-01", "2021-01", "2021-02"]}, 3),  # rows, also where two are alike
    ],
)
def test_partners_are_distinct_organisations_and_activities_are_rows(
    figure: str, columns: dict[str, list[str | None]], number: int
) -> None:
    assert count(figure, activities(**columns)) == number


def test_partners_count_in_each_of_their_roles_and_countries() -> None:
    table = activities(appealing_organisation=["IOM", "NRC"], implementing_partner=["NRC", ""])
    assert (count("reporting_partners", table), count("implementing_partners", table)) == (2, 1)
    table = activities(appealing_organisation=["IOM", "IOM", "NRC"], country=["PER", "COL", "COL"])
    by_country = plan(table).select("Health")["reporting_partners"].by("country")
    assert by_country.to_dict() == {"COL": 2, "PER": 1}
    figures = plan(activities().iloc[:0]).select("Health").figures()
    names = ["reporting_partners", "implementing_partners", "activities"]
    assert figures.loc[names, "value"].to_list() == [0, 0, 0]
