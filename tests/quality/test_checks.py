"""Checks name the rows that look wrong, most people first, and change none."""

import pandas as pd
import pytest

from conftest import Build
from rmrp_analysis.counting import Period
from rmrp_analysis.quality import findings

YEAR = Period(start="2021-01", end="2021-12")
GOOD = {
    "new_beneficiaries": 10,
    "total_monthly_beneficiaries": 10,
    "in_destination": 10,
    "in_transit": 0,
    "host_communities": 0,
    "pendular": 0,
    "colombian_returnees": 0,
    "girls": 1,
    "boys": 2,
    "women": 3,
    "men": 4,
}


def found(activities: pd.DataFrame) -> list[str]:
    return findings(activities, period=YEAR)["check"].to_list()


def test_a_good_row_has_no_finding(activities: Build) -> None:
    assert found(activities(**GOOD)) == []


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ({"indicator_type": "unknown"}, "unknown_indicator"),
        ({"implementation_setup": "Yes", "implementing_partner": ""}, "missing_implementing_partner"),
        ({"total_monthly_beneficiaries": 9}, "new_above_total"),
        ({"in_transit": 1}, "population_groups_unlike_new"),
        ({"girls": None}, "age_gender_unlike_new"),
        ({"month": "2022-01"}, "outside_period"),
    ],
)
def test_a_fault_is_found_by_its_check_alone(activities: Build, fault: dict[str, object], check: str) -> None:
    assert found(activities(**(GOOD | fault))) == [check]


@pytest.mark.parametrize(
    "allowed",
    [
        {"implementation_setup": "Yes", "implementing_partner": "Aldeas"},
        {"implementation_setup": None, "implementing_partner": ""},
        {"total_monthly_beneficiaries": None},
        {"indicator_type": "other", "girls": 0},
        {"girls": 1.0000001},
        {"month": "2021-12"},
    ],
)
def test_what_is_allowed_is_not_found(activities: Build, allowed: dict[str, object]) -> None:
    assert found(activities(**(GOOD | allowed))) == []


def test_a_finding_says_where_what_and_what_is_allowed(activities: Build) -> None:
    (finding,) = findings(activities(**(GOOD | {"total_monthly_beneficiaries": 9})), period=YEAR).to_dict("records")
    assert finding == {
        "file": "activities.csv",
        "line": 2,
        "column": "new_beneficiaries",
        "check": "new_above_total",
        "severity": "warning",
        "value": "10.0",
        "allowed": "at most the total monthly beneficiaries",
        "people": 10,
    }


def test_a_month_outside_the_period_is_told_with_the_period(activities: Build) -> None:
    (allowed,) = findings(activities(**(GOOD | {"month": "2022-01"})), period=YEAR)["allowed"]
    assert allowed == "2021-01 to 2021-12; not counted"


def test_most_people_come_first_and_then_the_order_of_lines(activities: Build) -> None:
    table = activities(indicator_type="unknown", new_beneficiaries=[5, 900, None, 5])
    ranked = findings(table, period=YEAR)
    assert ranked[["line", "people"]].to_numpy().tolist() == [[3, 900], [2, 5], [5, 5], [4, 0]]


def test_a_row_with_two_faults_is_found_twice(activities: Build) -> None:
    assert found(activities(**(GOOD | {"total_monthly_beneficiaries": 9, "month": "2022-01"}))) == [
        "new_above_total",
        "outside_period",
    ]


def test_no_rows_have_no_findings(activities: Build) -> None:
    assert found(activities(**GOOD).iloc[:0]) == []


def test_checking_changes_no_row(activities: Build) -> None:
    table = activities(indicator_type="unknown", new_beneficiaries=[5, None])
    before = table.copy(deep=True)
    findings(table, period=YEAR)
    pd.testing.assert_frame_equal(table, before)
