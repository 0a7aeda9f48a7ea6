"""The plan of 2025: what its form gives under labels or as R writes them, and what R4V's checks find."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from rmrp_analysis.loaders import load_plan
from rmrp_analysis.method import Method, Period
from rmrp_analysis.quality import reviewed

YEAR = Period(start="2025-01", end="2025-12")
Row = Mapping[str, object]
HEADERS = {  # of the form, and as R writes them
    "Record ID": "Record.ID",
    "Country": "Country.Country",
    "Admin1": "Country.Admin1",
    "Admin2": "Admin2",
    "Appealing organisation Name": "Appealing.organisation.Name",
    "Implementation Set up": "Implementation.Set.up",
    "Implementing partner Name": "Implementing.partner.Name",
    "Month": "Month",
    "Indicator Sector": "Indicator.Sector",
    "Indicator": "Indicator.Indicator",
    "Activity Name": "Activity.Name",
    "Activity Description": "Activity.Description",
    "RMRP Activity": "RMRP.Activity",
    "CVA": "CVA",
    "Value (in USD)": "Value..in.USD.",
    "Delivery mechanism": "Delivery.mechanism",
    "Quantity of output": "Quantity.of.output",
    "Total monthly beneficiaries": "Total.monthly.beneficiaries",
    "New beneficiaries of the month": "New.beneficiaries.of.the.month",
    "Refugees and Migrants IN DESTINATION": "Refugees.and.Migrants.IN.DESTINATION",
    "Refugees and Migrants IN TRANSIT": "Refugees.and.Migrants.IN.TRANSIT",
    "Host Communities Beneficiaries": "Host.Communities.Beneficiaries",
    "Refugees and Migrants PENDULARS": "Refugees.and.Migrants.PENDULARS",
    "Colombian Returnees": "Colombian.Returnees",
    "Women under 18": "Women.under.18",
    "Men under 18": "Men.under.18",
    "Women above 18": "Women.above.18",
    "Men above 18": "Men.above.18",
    "Other under 18": "Other.under.18",
    "Other above 18": "Other.above.18",
    "Platform": "Platform",
    "Indicator Type": "Indicator.Indicator.Type",
    "Country ISO": "Country.Country.ISO",
    "Admin1 ISO code": "Country.Admin1.ISO.code",
}
TYPES = ("Direct Assistance", "Capacity Building", "Infrastructure", "Campaign", "Mechanism/Advocacy", "Other")
SECTORS = ("Health", "Education", "Protection (Child Protection)")
TOTAL, NEW, QUANTITY, DESTINATION, WOMEN, GIRLS = (
    "Total monthly beneficiaries",
    "New beneficiaries of the month",
    "Quantity of output",
    "Refugees and Migrants IN DESTINATION",
    "Women above 18",
    "Women under 18",
)


def of(kind: str, sector: str = "Health") -> Row:
    """The cells of a row that say which indicator it is of."""
    return {"Indicator Sector": sector, "Indicator": f"{kind} in {sector}", "Indicator Type": kind}


GOOD: Row = {
    "Country": "Peru",
    "Admin1": "Lima",
    "Appealing organisation Name": "IOM",
    "Implementation Set up": "No",
    "Month": "2025-03",
    **of("Direct Assistance"),
    "Activity Name": "Visits",
    "RMRP Activity": "Yes",
    "CVA": "No",
    TOTAL: 12,
    NEW: 10,
    DESTINATION: 10,
    GIRLS: 6,
    WOMEN: 4,
    "Platform": "Peru",
}
CASH: Row = {"CVA": "Yes", "Value (in USD)": 25, "Delivery mechanism": "Mobile Money"}


def table(headers: list[str], rows: list[Row]) -> str:
    """Rows as a CSV file; of each what it does not say is as in ``GOOD``."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(headers)
    for number, row in enumerate(rows, start=1):
        cells = {**GOOD, "Record ID": f"r{number}", **row}
        writer.writerow([cells.get(header, "") for header in HEADERS])
    return text.getvalue()


def write_2025(folder: Path, *rows: Row, dotted: bool = False) -> Path:
    """A data folder of 2025 with these rows."""
    indicators = [
        f"{number}{kind[0]},{sector},{kind} in {sector},{kind}"
        for number, sector in enumerate(SECTORS)
        for kind in TYPES
    ]
    files = {
        "activities": table(list(HEADERS.values() if dotted else HEADERS), list(rows)),
        "indicators": "\n".join(("CODE,Sector,Indicator,Indicator_Type", *indicators)),
        "admin1": "Country,Admin1,PCODE\nPeru,Lima,PE15\nColombia,Antioquia,CO05\nAruba,Aruba,AW01",
    }
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    described = [f"{name}: {{file: {name}.csv, producer: R4V, as_of: 2025-04-01}}" for name in files]
    (folder / "sources.yml").write_text("\n".join(["title: x", "plan: 2025", *described]), encoding="utf-8")
    return folder


@pytest.mark.parametrize("dotted", [False, True])
def test_the_form_is_read_under_its_labels_and_as_r_writes_them(tmp_path: Path, dotted: bool) -> None:
    plan = load_plan(write_2025(tmp_path, CASH, dotted=dotted))
    (activity,) = plan.activities.to_dict("records")
    read = {
        "record_id": "r1",
        "country": "PER",
        "place": "PE15",
        "sector": "Health",
        "indicator": "Direct Assistance in Health",
        "indicator_code": "0D",
        "indicator_type": "people in need",
        "stated_indicator_type": "Direct Assistance",
        "platform_as_reported": "Peru",
        "transfer_value_usd": 25,
        "delivery_mechanism": "Mobile Money",
        "total_monthly_beneficiaries": 12,
        "new_beneficiaries": 10,
        "in_destination": 10,
        "girls": 6,
        "women": 4,
        "people_not_known": 0,
    }
    assert {name: activity[name] for name in read} == read
    assert plan.faults.empty


def test_new_beneficiaries_are_those_reported(tmp_path: Path) -> None:
    plan = load_plan(write_2025(tmp_path, {DESTINATION: 3}, {NEW: ""}))
    assert plan.activities["new_beneficiaries"].fillna(-1).to_list() == [10, -1]
    assert plan.select("Health").people_reached().total == 10


INDICATOR, TOTAL_MONTHLY = "QA_indicator", "QA_TotalMonthlyBeneficiaries"
POPULATION, AGE_GENDER = "QA_check_population_disaggregation", "QA_check_AGD"
FOUND: list[tuple[Row, set[str]]] = [
    ({}, set()),
    ({"Indicator": ""}, {INDICATOR}),
    ({"Indicator": "a new text"}, {INDICATOR}),
    ({"Indicator Sector": "WASH"}, {INDICATOR}),
    ({"Indicator": "a new text", TOTAL: "", NEW: 11}, {INDICATOR, TOTAL_MONTHLY, POPULATION, AGE_GENDER}),
    ({"Indicator": "a new text", "Indicator Type": "Campaign", NEW: "", TOTAL: 0}, {INDICATOR, TOTAL_MONTHLY}),
    ({"Indicator": "a new text", "Indicator Type": "", TOTAL: ""}, {INDICATOR, TOTAL_MONTHLY}),
]
"""Sector and text are in no list, and the row itself says what type it is of; the back-test of 2026 has the rest."""


def test_r4vs_checks_find_the_rows_of_an_indicator_in_no_list(tmp_path: Path) -> None:
    plan = load_plan(write_2025(tmp_path, *(row for row, _ in FOUND)))
    found = reviewed(plan, period=YEAR, method=Method()).findings
    by_line = {line: set(names) - {""} for line, names in found.groupby("line")["r4v_check"]}
    assert [by_line.get(line, set()) for line in range(2, 2 + len(FOUND))] == [checks for _, checks in FOUND]


def test_an_indicator_of_another_type_than_in_the_list_is_found_and_the_list_decides(tmp_path: Path) -> None:
    plan = load_plan(write_2025(tmp_path, {"Indicator Type": "Campaign"}, {"Indicator Type": "Asistencia directa"}))
    found = reviewed(plan, period=YEAR, method=Method()).findings.query("check == 'indicator_type_unlike_list'")
    assert found[["line", "value", "allowed"]].to_numpy().tolist() == [
        [2, "Campaign", "as in the list of indicators: Direct Assistance"]
    ]
    assert plan.select("Health").people_reached().total == 20


def test_people_of_an_indicator_in_no_list_are_not_counted_though_the_row_says_its_type(tmp_path: Path) -> None:
    plan = load_plan(write_2025(tmp_path, {"Indicator": "a new text"}, {}))
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
    folder = write_2025(tmp_path, {"Indicator": "x", "Indicator Type": word})
    (folder / "indicators.csv").write_text(f"CODE,Sector,Indicator,Indicator_Type\nA,Health,x,{word}", encoding="utf-8")
    plan = load_plan(folder)
    assert plan.activities["indicator_type"].to_list() == [ours]
    assert plan.activities["r4v_indicator_type"].to_list() != [""]


def test_a_template_without_the_columns_of_activityinfo_lacks_nothing(tmp_path: Path) -> None:
    folder = write_2025(tmp_path, {})
    cells = pd.read_csv(folder / "activities.csv", dtype="str", keep_default_na=False)
    template = cells.drop(columns=["Record ID", "Platform", "Indicator Type", "Country ISO", "Admin1 ISO code"])
    template.to_csv(folder / "activities.csv", index=False)
    plan = load_plan(folder)
    assert (plan.faults.empty, plan.select("Health").people_reached().total) == (True, 10)
