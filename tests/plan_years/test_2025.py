"""The plan of 2025: what its form gives under labels or as R writes them, and what R4V's checks find."""

from pathlib import Path

import pandas as pd
import pytest

from activityinfo_2026 import as_r_writes, labelled
from data_folders import data_folder
from form_2026 import ADULTS, CASH, CASH_AS_READ, GOOD, INDICATORS, PLACES, Record, of
from recomputed_2026 import flat
from rmrp_analysis.arguments import Period
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.method import Method
from rmrp_analysis.quality import review_plan

YEAR = Period(start="2025-01", end="2025-12")
TEXT, KIND, TOTAL = "indicator.indicator_simplified", "kind", "total_monthly_beneficiaries"
IN_2025 = GOOD | {"month": "2025-03", "kind": "Direct Assistance", "new": 10}


def table_of(*reports: Record) -> pd.DataFrame:
    """Reports by their labels of 2025; each has what it does not say from ``IN_2025``."""
    rows = [flat(IN_2025 | {"_id": f"r{number}"} | report) for number, report in enumerate(reports, start=1)]
    return pd.DataFrame(map(labelled, rows), dtype="object")


def write_2025(folder: Path, activities: pd.DataFrame) -> Path:
    return data_folder(folder, 2025, activities=activities, indicators=INDICATORS, admin1=PLACES)


@pytest.mark.parametrize("dotted", [False, True])
def test_the_form_is_read_under_its_labels_and_as_r_writes_them(tmp_path: Path, dotted: bool) -> None:
    table = table_of(CASH).rename(columns=as_r_writes if dotted else {})
    plan = load_plan(write_2025(tmp_path, table))
    (activity,) = plan.activities.to_dict("records")
    read = CASH_AS_READ | {"stated_indicator_type": "Direct Assistance"}
    assert {name: activity[name] for name in read} == read
    assert plan.faults.empty


def test_new_beneficiaries_are_those_reported(tmp_path: Path) -> None:
    plan = load_plan(write_2025(tmp_path, table_of({"new_indestination": 3}, {"new": None})))
    assert plan.activities["new_beneficiaries"].fillna(-1).to_list() == [10, -1]
    assert plan.select("Health").people_reached().total == 10


INDICATOR, TOTAL_MONTHLY = "QA_indicator", "QA_TotalMonthlyBeneficiaries"
POPULATION, AGE_GENDER = "QA_check_population_disaggregation", "QA_check_AGD"
FOUND: list[tuple[Record, set[str]]] = [
    ({}, set()),
    (of("Capacity Building", "Education") | ADULTS | {KIND: "Capacity Building"}, set()),
    ({TEXT: None}, {INDICATOR}),
    ({TEXT: "a new text"}, {INDICATOR}),
    ({"indicator.sector": "WASH"}, {INDICATOR}),
    ({TEXT: "a new text", TOTAL: None, "new": 11}, {INDICATOR, TOTAL_MONTHLY, POPULATION, AGE_GENDER}),
    ({TEXT: "a new text", KIND: "Campaign", "new": None, TOTAL: 0}, {INDICATOR, TOTAL_MONTHLY}),
    ({TEXT: "a new text", KIND: None, TOTAL: None}, {INDICATOR, TOTAL_MONTHLY}),
]
"""Mostly sector and text are in no list, and the row says what type it is of; the back-test of 2026 has the rest."""


def test_r4vs_checks_find_the_rows_of_an_indicator_in_no_list(tmp_path: Path) -> None:
    plan = load_plan(write_2025(tmp_path, table_of(*(report for report, _ in FOUND))))
    found = review_plan(plan, period=YEAR, method=Method()).findings
    by_line = {line: set(names) - {""} for line, names in found.groupby("line")["r4v_check"]}
    assert [by_line.get(line, set()) for line in range(2, 2 + len(FOUND))] == [checks for _, checks in FOUND]


def test_an_indicator_of_another_type_than_in_the_list_is_found_and_the_list_decides(tmp_path: Path) -> None:
    plan = load_plan(write_2025(tmp_path, table_of({KIND: "Campaign"}, {KIND: "Asistencia directa"})))
    found = review_plan(plan, period=YEAR, method=Method()).findings.query("check == 'indicator_type_unlike_list'")
    assert found[["line", "value", "allowed"]].to_numpy().tolist() == [
        [2, "Campaign", "as in the list of indicators: Direct Assistance"]
    ]
    assert plan.select("Health").people_reached().total == 20


def test_people_of_an_indicator_in_no_list_are_not_counted_though_the_row_says_its_type(tmp_path: Path) -> None:
    plan = load_plan(write_2025(tmp_path, table_of({TEXT: "a new text"}, {})))
    assert plan.activities["indicator_type"].to_list() == ["unknown", "people in need"]
    assert plan.select("Health").people_reached().total == 10


@pytest.mark.parametrize(
    ("word", "ours"),
    [
        ("Asistencia directa", "people in need"),
        ("Assistência Direta", "people in need"),
        ("Fortalecimiento de capacidades", "people"),
        ("Fortalecimento de capacidades", "people"),
        ("Infraestrutura", "other"),
        ("Campaña", "other"),
        ("Mecanismo/Incidencia", "other"),
        ("Outro", "other"),
    ],
)
def test_types_of_indicators_may_be_in_spanish_or_portuguese(tmp_path: Path, word: str, ours: str) -> None:
    indicators = f"CODE,Sector,Indicator,Indicator_Type\nA,Health,x,{word}"
    reports = table_of({TEXT: "x", KIND: word})
    plan = load_plan(data_folder(tmp_path, 2025, activities=reports, indicators=indicators, admin1=PLACES))
    assert plan.activities["indicator_type"].to_list() == [ours]
    assert plan.activities["r4v_indicator_type"].to_list() != [""]


def test_a_template_without_the_columns_of_activityinfo_lacks_nothing(tmp_path: Path) -> None:
    of_activityinfo = ["Record ID", "Platform", "Indicator Type", "country ISO", "Admin1 ISO code"]
    plan = load_plan(write_2025(tmp_path, table_of({}).drop(columns=of_activityinfo)))
    assert (plan.faults.empty, plan.select("Health").people_reached().total) == (True, 10)
