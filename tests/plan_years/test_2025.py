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
NOBODY: Row = {NEW: "", DESTINATION: "", GIRLS: "", WOMEN: ""}
ADULTS: Row = {GIRLS: "", WOMEN: 10}
ZERO: Row = {NEW: 0, DESTINATION: 0, GIRLS: 0, WOMEN: 0}
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


OUTPUT, TOTAL_MONTHLY, NEW_OF_MONTH = "QA_output", "QA_TotalMonthlyBeneficiaries", "QA_NewBeneficiariesMonth"
POPULATION, AGE_GENDER = "QA_check_population_disaggregation", "QA_check_AGD"
EDUCATION, CHILD, CVA, ADMIN, INDICATOR = (
    *("QA_Education", "QA_ChildProtection", "QA_valid_cva"),
    *("QA_admin", "QA_indicator"),
)
FOUND: list[tuple[Row, set[str]]] = [
    ({}, set()),
    # QA_output: any type but direct assistance, and a quantity of 0; an empty one passes
    ({QUANTITY: 0}, set()),
    (of("Capacity Building") | {QUANTITY: 0}, {OUTPUT}),
    (of("Infrastructure") | NOBODY | {QUANTITY: 0}, {OUTPUT}),
    (of("Infrastructure") | NOBODY, set()),
    (of("Campaign") | NOBODY | {QUANTITY: 0}, {OUTPUT}),
    (of("Other") | NOBODY | {QUANTITY: 3}, set()),
    # QA_TotalMonthlyBeneficiaries: people assisted or trained, or a campaign, with a total that is empty or 0
    ({TOTAL: ""}, {TOTAL_MONTHLY}),
    ({TOTAL: 0}, {TOTAL_MONTHLY}),
    (of("Capacity Building") | {TOTAL: ""}, {TOTAL_MONTHLY}),
    (of("Campaign") | NOBODY | {TOTAL: ""}, {TOTAL_MONTHLY}),
    (of("Campaign") | NOBODY | {TOTAL: 0}, {TOTAL_MONTHLY}),
    (of("Infrastructure") | NOBODY | {TOTAL: ""}, set()),
    (of("Mechanism/Advocacy") | NOBODY | {TOTAL: 0}, set()),
    (of("Other") | NOBODY | {TOTAL: 0}, set()),
    # QA_NewBeneficiariesMonth: assisted: empty, 0 or below; trained: empty or below 0; others: any
    (NOBODY, {NEW_OF_MONTH}),
    (ZERO, {NEW_OF_MONTH}),
    ({NEW: -1, DESTINATION: -1, GIRLS: -1, WOMEN: ""}, {NEW_OF_MONTH}),
    (of("Capacity Building") | NOBODY, {NEW_OF_MONTH}),
    (of("Capacity Building") | {NEW: -1}, {NEW_OF_MONTH}),
    (of("Capacity Building") | ZERO, set()),
    (of("Infrastructure") | {NEW: 5}, {NEW_OF_MONTH}),
    (of("Campaign") | {NEW: 0}, {NEW_OF_MONTH}),
    (of("Other") | {NEW: ""}, set()),
    # QA_check_population_disaggregation and QA_check_AGD: direct assistance whose sum is not the new; empty passes
    ({DESTINATION: 9}, {POPULATION}),
    ({DESTINATION: ""}, {POPULATION}),
    ({GIRLS: 5}, {AGE_GENDER}),
    ({NEW: 11}, {POPULATION, AGE_GENDER}),
    ({NEW: ""}, {NEW_OF_MONTH}),
    (of("Capacity Building") | {DESTINATION: 9, GIRLS: 5}, set()),
    # New above the total is no check of 2025
    ({TOTAL: 9}, set()),
    # QA_Education and QA_ChildProtection: direct assistance with nobody under 18, whatever is new
    (of("Direct Assistance", "Education") | ADULTS, {EDUCATION}),
    (of("Direct Assistance", "Education") | ZERO, {EDUCATION, NEW_OF_MONTH}),
    (of("Direct Assistance", "Education") | NOBODY, {EDUCATION, NEW_OF_MONTH}),
    (of("Direct Assistance", "Education"), set()),
    (of("Direct Assistance", "Education") | {GIRLS: "", "Other under 18": 6}, set()),
    (of("Capacity Building", "Education") | ADULTS, set()),
    (of("Direct Assistance", SECTORS[2]) | ADULTS, {CHILD}),
    (of("Direct Assistance", SECTORS[2]) | ZERO, {CHILD, NEW_OF_MONTH}),
    (of("Direct Assistance", SECTORS[2]), set()),
    # QA_valid_cva: CVA without a value above 0, or by a mechanism that is not of the list
    (CASH, set()),
    (CASH | {"Value (in USD)": ""}, {CVA}),
    (CASH | {"Value (in USD)": 0}, {CVA}),
    (CASH | {"Value (in USD)": -3}, {CVA}),
    (CASH | {"Delivery mechanism": ""}, {CVA}),
    (CASH | {"Delivery mechanism": "Bank transfer"}, {CVA}),
    ({"Delivery mechanism": "Bank transfer", "Value (in USD)": 5}, set()),
    # QA_admin: country and admin1 together are in no list
    ({"Admin1": "Antioquia"}, {ADMIN}),
    ({"Admin1": "Atlantis"}, {ADMIN}),
    ({"Admin1": ""}, {ADMIN}),
    ({"Admin1": "Peru"}, {ADMIN}),
    ({"Country": "Aruba", "Admin1": "Aruba", "Platform": "Caribbean"}, set()),
    # QA_indicator: sector and text together are in no list; the row itself says what type it is of
    ({"Indicator": "a new text"}, {INDICATOR}),
    ({"Indicator Sector": "WASH"}, {INDICATOR}),
    ({"Indicator": ""}, {INDICATOR}),
    ({"Indicator": "a new text", TOTAL: "", NEW: 11}, {INDICATOR, TOTAL_MONTHLY, POPULATION, AGE_GENDER}),
    ({"Indicator": "a new text", "Indicator Type": "Campaign", NEW: "", TOTAL: 0}, {INDICATOR, TOTAL_MONTHLY}),
]


def test_r4vs_checks_find_the_rows_that_they_should_and_no_other(tmp_path: Path) -> None:
    plan = load_plan(write_2025(tmp_path, *(row for row, _ in FOUND)))
    assert plan.refused == {}
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
