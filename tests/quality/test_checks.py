"""Checks name the rows that look wrong, most people in doubt first, and change none."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from conftest import YEAR, activities, plan
from data_folders import ACTIVITY, data_folder
from rmrp_analysis.arguments import Period
from rmrp_analysis.errors import RequestError
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.method import Method
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality import CHECK_BY_NAME, findings, not_run, review_plan
from rmrp_analysis.quality.columns import ActivityColumns
from rmrp_analysis.quality.columns.base import COLUMNS_BY_METHOD, DERIVATION_BY_COLUMN
from rmrp_analysis.quality.columns.comparison import sums_of_neighbours
from rmrp_analysis.tables import Indicators
from rmrp_analysis.vocabulary import plan_years

GOOD = {
    "activity_name": "Consultations", "admin1": "Antioquia", "covid19": "No", "cva": "No", "new_beneficiaries": 10,
    "total_monthly_beneficiaries": 10, "in_destination": 10, "girls": 1, "boys": 2, "women": 3, "men": 4,
}  # fmt: skip
TRAINED = {"indicator_type": "people", "in_destination": None}
NOBODY = dict.fromkeys(("new_beneficiaries", "girls", "boys", "women", "men"))
OUTPUT = {"indicator_type": "other", "quantity": 3, **NOBODY}
CASH = {"cva": "Yes", "transfer_value_usd": 25, "delivery_mechanism": "ATM"}


def r4v_names(found: pd.DataFrame) -> dict[str, list[int]]:
    """The lines that each of R4V's own checks finds, by its name."""
    of_r4v = found[found["r4v_check"] != ""].drop_duplicates(["line", "r4v_check"])
    return {str(name): sorted(lines) for name, lines in of_r4v.groupby("r4v_check")["line"]}


def found(year: int = 2021, references: dict[str, pd.DataFrame] | None = None, **columns: Any) -> pd.DataFrame:
    """What is found in a table of activities; what is not said of its columns is as in ``GOOD``."""
    return findings(plan(activities(**(GOOD | columns)), year=year, references=references), period=YEAR)


def check_names(*of: Any, **columns: Any) -> list[str]:
    """The names of the checks that a table of activities breaks, in the order of the findings."""
    return found(*of, **columns)["check"].to_list()


COMPARED = {
    "full_duplicate",
    "near_double",
    "report_twice",
    "same_numbers",
    "same_as_another_month",
    "shared_key",
    "outlier",
}
"""What depends on the other rows of a table."""


def findings_of_rows(rows: list[dict[str, Any]], year: int = 2021) -> pd.DataFrame:
    """What is found in rows of an organisation each; what a row does not say is as in ``GOOD``."""
    usual = activities(**GOOD).iloc[0]
    own = [{"appealing_organisation": f"Organisation {number}"} | row for number, row in enumerate(rows)]
    columns = {name: [row.get(name, usual[name]) for row in own] for row in own for name in row}
    return found(year, **columns)


def checks_of_rows(rows: list[dict[str, Any]], year: int = 2021) -> list[set[str]]:
    by_line = findings_of_rows(rows, year).groupby("line")["check"].agg(set).to_dict()
    return [by_line.get(line, set()) - COMPARED for line in range(2, 2 + len(rows))]


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"appealing_organisation": ""}, "missing_appealing_organisation"),
    ({"implementation_setup": None}, "missing_implementation_setup"),
    ({"implementation_setup": "Yes"}, "missing_implementing_partner"),
    ({"implementing_partner": "Aldeas"}, "implementing_partner_of_direct_activity"),
    ({"indicator_type": "unknown", "indicator": ""}, "missing_indicator"),
    ({"indicator_type": "unknown"}, "indicator_not_listed"), ({"covid19": None}, "missing_covid19"),
    ({"rmrp_activity": None}, "missing_rmrp_activity"), ({"cva": None}, "missing_cva"),
    ({"admin1": ""}, "missing_admin1"), (CASH | {"transfer_value_usd": None}, "cva_without_value"),
    (CASH | {"delivery_mechanism": ""}, "cva_without_mechanism"), (CASH | {"cva": "No"}, "transfer_without_cva"),
    (CASH | {"cva": "No", "transfer_value_usd": 0}, "transfer_without_cva"),
    ({"sector": "Multipurpose Cash Assistance"}, "multipurpose_cash_without_cva"),
    ({"total_monthly_beneficiaries": 9}, "new_above_total"), (OUTPUT | {"quantity": 0}, "no_output"),
    (OUTPUT | {"new_beneficiaries": 10}, "new_of_other_indicators"),
    ({"in_transit": 1}, "population_groups_unlike_new"), ({"girls": None}, "age_gender_unlike_new"),
    (TRAINED | {"girls": 2}, "age_gender_unlike_new_trained"),
    ({"in_destination": 9.5, "in_transit": 0.5}, "not_whole"), ({"transfer_value_usd": -5}, "negative_amount"),
    ({"month": "2022-01"}, "outside_period"), ({"activity_description": "ask ana@example.org"}, "contact_details"),
    ({"activity_description": "llamar al +57 301 555 0101"}, "contact_details"),
    ({"activity_name": "Cel: 301 5550101"}, "contact_details"), ({"admin1": "Nuevo LeÃ³n"}, "mis_decoded_text"),
]  # fmt: skip
ALLOWED: list[tuple[dict[str, Any], int]] = [
    ({"implementation_setup": "Yes", "implementing_partner": "Aldeas"}, 2021),
    ({"total_monthly_beneficiaries": None}, 2021),
    ({"delivery_mechanism": "ATM"}, 2021),  # a mechanism alone, in 2021
    (CASH | {"transfer_value_usd": 0}, 2021),
    (TRAINED | {"girls": 2}, 2022),
    ({"covid19": None}, 2022),
    ({"in_destination": 88.27, "in_transit": 2.73, "new_beneficiaries": 91, "women": 84}, 2021),
    ({"month": "2021-12"}, 2021),
    ({"activity_description": "2021-01-15, 1.500.000 COP, 12 000 kits"}, 2021),
]
RULES_OF_2022: list[tuple[dict[str, Any], str]] = [
    (CASH | {"transfer_value_usd": 0}, "cva_worth_nothing"),
    ({"delivery_mechanism": "ATM"}, "value_or_mechanism_without_cva"),
    ({"transfer_value_usd": 5}, "value_or_mechanism_without_cva"),
    (TRAINED | {"total_monthly_beneficiaries": 0, "new_beneficiaries": 10}, "no_total_of_people_trained"),
    ({"girls": 0, "other_under_18": 2}, "age_gender_unlike_new"),
]


@pytest.mark.parametrize("year", [2021, 2022, 2024])
def test_a_good_row_has_no_finding(year: int) -> None:
    assert checks_of_rows([{}, TRAINED, OUTPUT, CASH], year) == [set()] * 4


def test_a_fault_is_found_by_its_check() -> None:
    assert checks_of_rows([fault for fault, _ in FAULTS]) == [{check} for _, check in FAULTS]


@pytest.mark.parametrize("year", [2021, 2022])
def test_what_is_allowed_is_not_found(year: int) -> None:
    rows = [row for row, of in ALLOWED if of == year]
    noticed = {"not_whole", "new_above_total"}
    assert [found - noticed for found in checks_of_rows(rows, year)] == [set() for _ in rows]


@pytest.mark.parametrize("year", [2021, 2022, 2024])
def test_rules_of_2022_hold_from_2022_on(year: int) -> None:
    found = checks_of_rows([fault for fault, _ in RULES_OF_2022], year)
    for names, (_, check) in zip(found, RULES_OF_2022, strict=True):
        assert (check in names) == (year > 2021 or check in plan_years()[2021].checks), check


def test_a_report_of_nobody_one_without_new_people_and_negatives_are_found() -> None:
    nothing = dict.fromkeys(("new_beneficiaries", "total_monthly_beneficiaries", "in_destination"), 0)
    empty = nothing | dict.fromkeys(("girls", "boys", "women", "men"), 0)
    assert check_names(**empty) == ["no_number", "nobody_assisted"]
    assert check_names(**empty, indicator_type="people") == ["no_number", "nobody_trained"]
    assert "population_groups_unlike_new" in check_names(new_beneficiaries=None)
    assert check_names(girls=-1, boys=-2, women=13, men=0).count("negative") == 2


def test_a_partner_in_no_list_is_found_if_there_is_a_list() -> None:
    listed = {"implementing_partners": pd.DataFrame({"name": ["Fundación Aldeas"]})}
    through = {"implementation_setup": "Yes", "implementing_partner": ["fundacion aldeas", "Aldea"]}
    names = check_names(references=listed, month=["2021-01", "2021-02"], **through)
    assert names.count("implementing_partner_not_listed") == 1
    reasons = not_run(plan(activities(**(GOOD | {"activity_name": ""}))))
    assert reasons["appealing_organisation_not_listed"] == "sources.yml names no appealing_organisations"
    assert reasons["missing_activity_name"] == reasons["shared_key"] == "the files hold no activity_name"
    assert "admin2_not_listed" not in reasons  # no rule of 2021


def test_what_another_sector_or_country_lists_is_told_from_what_none_does() -> None:
    row = {"indicator_code": "W1", "sector": "WASH", "indicator": "# of kits", "indicator_es": "N° de kits"}
    of_file = {"source_file": "i.csv", "source_line": 2, "indicator_type": "other", "r4v_indicator_type": "Other"}
    lists = {"indicators": Indicators.set_types(pd.DataFrame([row | of_file]))}
    unknown = {"indicator_type": "unknown", "indicator": ["n° de Kits", "# of cats"], "month": ["2021-01", "2021-02"]}
    assert set(check_names(references=lists, **unknown)) == {"indicator_of_another_sector", "indicator_not_listed"}
    listed = pd.DataFrame({"country": ["COL", "ECU"], "pcode": ["CO05", "EC09"], "admin1": ["Antioquia", "Guayas"]})
    places = {"admin1": ["Antioquia", "Guayas", "Narnia"], "place": ["CO05", "guayas", "narnia"]}
    names = check_names(references={"admin1": listed}, month=["2021-01", "2021-02", "2021-04"], **places)
    assert sorted(set(names)) == ["admin1_not_listed", "admin1_of_another_country"]
    listed = {"admin2": pd.DataFrame({"admin1": ["Antioquia"], "admin2": ["Medellín"]})}
    assert check_names(2022, listed, admin2="medellin") == []
    assert check_names(2022, listed, admin2="Quito") == ["admin2_not_listed"]


LISTED = pd.DataFrame(
    [["COL", "CO11", "Bogotá D.C."], ["COL", "CO11", ""], ["CHL", "CL08", "Biobio (VIII)"]],
    columns=["country", "pcode", "admin1"],
)
PLACES = {
    "country": ["COL", "COL", "COL", "COL", "CHL", "COL"],
    "admin1": ["Bogotá D.C.", "BOGOTA d.c.", "CO11", "Colombia", "Biobío", ""],
    "place": ["CO11", "CO11", "CO11", "", "CL08", ""],
}


def test_an_admin1_is_spelled_as_the_list_or_else_most_rows_spell_it() -> None:
    noted = found(references={"admin1": LISTED}, **PLACES).query("check == 'admin1_spelled_otherwise'")
    assert noted[["line", "severity", "value", "allowed", "people"]].to_numpy().tolist() == [
        [3, "note", "BOGOTA d.c.", "Bogotá D.C.", 0],
        [6, "note", "Biobío", "Biobio (VIII)", 0],
    ]
    places = {"admin1": ["Lima", "LIMA", "LIMA", "Lima", "Lima", "Ica", "ICA"], "place": [*["lima"] * 5, "ica", "ica"]}
    noted = found(**places).query("check == 'admin1_spelled_otherwise'")
    assert noted[["line", "allowed"]].to_numpy().tolist() == [[3, "Lima"], [4, "Lima"], [7, "ICA"]]


def test_a_row_repeated_in_full_is_found_after_the_first_and_a_key_in_every_row() -> None:
    assert sorted(check_names(source_line=[2, 3, 4])) == ["full_duplicate"] * 2 + ["shared_key"] * 3
    assert sorted(check_names(quantity=[1, 2])) == ["report_twice", *["shared_key"] * 2]


@pytest.mark.parametrize(("people", "is_version"), [(98, False), (99, True), (100, True)])
def test_two_versions_of_a_report_differ_by_one_percent_of_the_larger_at_most(people: int, *, is_version: bool) -> None:
    both = found(new_beneficiaries=[100, people], total_monthly_beneficiaries=100, quantity=[1, 2])
    assert both.query("check == 'report_twice'")["line"].to_list() == (
        [3 if people == 100 else 2] if is_version else []
    )


# Compared with the other reports


@pytest.mark.parametrize(("others", "is_enough"), [(8, False), (9, True), (10, True)])
def test_ten_reports_are_enough_to_know_what_is_usual(others: int, *, is_enough: bool) -> None:
    assert ("outlier" in check_names(new_beneficiaries=[*[10] * others, 127_938])) == is_enough


def test_an_outlier_is_far_above_its_indicator_or_sector() -> None:
    usual = [8, 9, 10, 10, 10, 10, 11, 12, 10, 9]
    table = found(new_beneficiaries=[*usual, 127_938], source_line=list(range(2, 13)))
    outliers = table.query("check == 'outlier'")
    limit = round(10 * 1.5**3)
    assert outliers[["line", "allowed"]].to_numpy().tolist() == [[12, f"usually at most {limit}"]]
    rare = {"indicator": [*["# of others"] * 10, "# of rare ones"], "new_beneficiaries": [*[10] * 10, 127_938]}
    assert found(**rare).query("check == 'outlier'")["line"].to_list() == [12]


MONTHS = ["2021-01", "2021-02", "2021-03", "2021-04", "2021-05"]


SERIES: list[tuple[list[int], list[int], str, list[int]]] = [
    ([30, 20, 20], [30, 20, 20], "new_is_total_every_month", [1, 2]),
    ([30, 20], [30, 20], "", []),
    ([30, 20, 20], [30, 21, 20], "", []),
    ([10, 20, 30, 40], [900] * 4, "new_rises_every_month", [1, 2, 3]),
    ([10, 20, 30], [900] * 3, "", []),
]
"""New beneficiaries and totals of one organisation month by month, and what is found in which of its months."""


def test_months_that_look_like_a_total_or_a_sum_are_found_after_the_first() -> None:
    rows, expected = [], []
    for number, (new, totals, check, months) in enumerate(SERIES):
        for at, (people, total) in enumerate(zip(new, totals, strict=True)):
            counts = {"new_beneficiaries": people, "total_monthly_beneficiaries": total}
            rows.append({"appealing_organisation": f"Organisation {number}", "month": MONTHS[at], **counts})
            expected.append({check} if at in months else set())
    breakdowns = {"population_groups_unlike_new", "age_gender_unlike_new"}
    assert [found - breakdowns for found in checks_of_rows(rows)] == expected


def test_a_sum_that_falls_is_found_and_names_are_told_the_usual_one() -> None:
    columns = {"month": MONTHS, "new_beneficiaries": [10, 20, 30, 25, 50], "total_monthly_beneficiaries": 900}
    falls = found(**columns).query("check == 'cumulated_new_falls'")
    assert falls["line"].to_list() == [5]
    names = {"appealing_organisation": ["Cáritas", "Cáritas", "CARITAS"], "month": MONTHS[:3]}
    (finding,) = found(**names).query("check == 'spelled_otherwise'").to_dict("records")
    assert (finding["value"], finding["allowed"]) == ("CARITAS", "Cáritas")
    listed = {"appealing_organisations": pd.DataFrame({"name": ["CARITAS"]})}
    by_list = found(references=listed, **names).query("check == 'spelled_otherwise'")
    assert by_list["allowed"].to_list() == ["CARITAS", "CARITAS"]


# What a finding says


def test_a_finding_says_where_what_and_what_is_allowed() -> None:
    (finding,) = found(total_monthly_beneficiaries=9).to_dict("records")
    assert finding == {
        "file": "activities.csv",
        "line": 2,
        "column": "new_beneficiaries",
        "check": "new_above_total",
        "severity": "error",
        "value": "10",
        "allowed": "at most the total monthly beneficiaries: 9",
        "people": 1,
        "family": "consistency",
        "r4v_check": "New.beneficiaries.superior.to.total",
    }


def test_the_year_has_r4vs_names_and_rules_of_one_check_count_a_row_once() -> None:
    names = [r4v_names(found(year, girls=0)) for year in (2021, 2023)]
    assert names == [{"Pin.Beneficiaries.vs.AGbreakdown": [2]}, {"AGDBreakdown": [2]}]
    nothing_paid = found(**CASH | {"transfer_value_usd": None, "delivery_mechanism": ""})
    assert r4v_names(nothing_paid)["CVA.Indicator.with.Missing.Value"] == [2]


@pytest.mark.parametrize(("year", "name"), [(2021, "Missing.Appealing.org.name"), (2022, "miss_appeal_org")])
def test_r4v_misses_an_empty_or_unlisted_organisation(year: int, name: str) -> None:
    reports = {"appealing_organisation": ["", "IOM"], "month": ["2021-01", "2021-02"]}
    listed = {"appealing_organisations": pd.DataFrame({"name": ["UNHCR"]})}
    without_list = found(year, **reports)
    assert without_list[["line", "check", "r4v_check"]].to_numpy().tolist() == [
        [2, "missing_appealing_organisation", name]
    ]
    assert r4v_names(found(year, listed, **reports))[name] == [2, 3]


def test_a_row_is_compared_with_the_sums_of_the_rows_above_below_and_both() -> None:
    sums = sums_of_neighbours(pd.Series([5, 60, 20, 40]), pd.Series([0] * 4))
    assert [each.to_list() for each in sums] == [[0, 5, 65, 85], [120, 60, 40, 0], [120, 65, 105, 85]]


@pytest.mark.parametrize("year", [2021, 2022, 2024])
def test_r4v_compares_new_with_total_for_people_in_need_alone(year: int) -> None:
    kinds = [TRAINED, {"indicator_type": "unknown"}, {}]
    found = findings_of_rows([{"total_monthly_beneficiaries": 9} | kind for kind in kinds], year)
    above = found.query("check == 'new_above_total'").sort_values("line")
    assert (above["r4v_check"] != "").to_list() == [False, False, True]


@pytest.mark.parametrize("year", [2022, 2024])
def test_an_empty_cell_is_missing_and_in_no_list_for_r4v(year: int) -> None:
    found = findings_of_rows([{"admin1": "", "place": ""}, {"indicator": "", "indicator_type": "unknown"}], year)
    lines = {"missingcountry": 2, "countryadmincheck": 2, "missing_what": 3, "wrongsectindicator": 3}
    assert r4v_names(found) == {name: [line] for name, line in lines.items()}
    assert len(found.drop_duplicates(["check", "line"])) == 2


@pytest.mark.parametrize(("year", "compared"), [(2021, True), (2022, False), (2024, False)])
def test_r4v_compared_an_empty_number_in_2021(year: int, *, compared: bool) -> None:
    unlike = found(year, new_beneficiaries=None).query("check.str.endswith('_unlike_new')")
    assert len(unlike) == 2
    assert (unlike["r4v_check"] != "").to_list() == [compared] * 2


def sent(folder: Path, year: int, *reports: dict[str, str]) -> Plan:
    """A plan of reports with these texts, and with lists of Health and of Peru."""
    named = [{NAMES.get(name, name): text for name, text in report.items()} for report in reports]
    rows = pd.DataFrame([ACTIVITY | {MONTH: f"{year}-01"} | report for report in named])
    indicators = f"CODE,Sector,Indicator,Indicator_Type\nH1,Health,# of people,{'Pin' if year == 2021 else 'Other'}\n"
    places = "Country,Admin1,PCODE\nPeru,Lima,PE15\n"
    return load_plan(data_folder(folder, year, activities=rows, indicators=indicators, admin1=places))


MONTH = "Reporting Month"
NAMES = {"sector": "Sector", "country": "Country", "month": MONTH}
NAMES_OF_TEXTS = {
    *("Missing.CountryAdmin1", "missingcountry", "countryadmincheck", "QA_admin"),
    *("Missing.Sector", "missing_what", "wrongsectindicator", "QA_indicator", "miss_month"),
}
COMPARED_BY_R4V: dict[int, list[tuple[dict[str, str], set[str]]]] = {
    2021: [
        ({"sector": "Helth"}, {"Missing.Sector"}), ({"sector": " "}, {"Missing.Sector"}),
        ({"sector": "Salud"}, {"Missing.Sector"}), ({"country": "Perú"}, {"Missing.CountryAdmin1"}), ({}, set()),
    ],
    2022: [
        ({"sector": "Helth"}, {"wrongsectindicator"}), ({"sector": " "}, {"missing_what", "wrongsectindicator"}),
        ({"sector": "HEALTH"}, {"wrongsectindicator"}), ({"month": ""}, {"miss_month"}), ({"month": "Tuesday"}, set()),
    ],
    2023: [({"country": "Spain"}, {"countryadmincheck"}), ({"country": " "}, {"missingcountry", "countryadmincheck"})],
    2024: [({"country": "Perú"}, {"countryadmincheck"}), ({}, set())],
    2025: [
        ({"sector": "Helth"}, {"QA_indicator"}),
        ({"sector": "Salud"}, {"QA_indicator"}),
        ({"country": "Perú"}, {"QA_admin"}),
    ],
    2026: [({"country": "Perú"}, {"QA_admin"}), ({}, set())],
}  # fmt: skip


@pytest.mark.parametrize("year", COMPARED_BY_R4V)
def test_r4v_compares_sector_and_country_with_its_lists_letter_by_letter(tmp_path: Path, year: int) -> None:
    """A month it misses where that is empty, and no other."""
    reports, expected = zip(*COMPARED_BY_R4V[year], strict=True)
    faults = review_plan(sent(tmp_path, year, *reports), period=YEAR, method=Method()).faults()
    by_line = faults.groupby("line")["r4v_check"].agg(set)
    assert tuple(by_line.get(line, set()) & NAMES_OF_TEXTS for line in range(2, 2 + len(reports))) == expected


def test_a_country_with_an_accent_is_told_as_it_was_sent(tmp_path: Path) -> None:
    plan = sent(tmp_path, 2026, {"country": "Perú"})
    (finding,) = findings(plan, period=YEAR).query("column == 'country'").to_dict("records")
    assert (finding["value"], finding["severity"], finding["people"]) == ("Perú", "note", 0)
    assert plan.activities["country"].to_list() == ["PER"]


def test_free_text_is_never_quoted() -> None:
    table = found(activity_name="LeÃ³n: ana@example.org")
    assert sorted(table["check"]) == ["contact_details", "mis_decoded_text"]
    assert not table.map(lambda cell: "example" in str(cell) or "León" in str(cell)).any(axis=None)


def test_a_month_outside_is_told_and_others_are_in_no_doubt() -> None:
    (allowed,) = found(month="2022-01")["allowed"]
    assert allowed == "2021-01 – 2021-12; not counted"
    assert found(**TRAINED, implementing_partner="Aldeas")["people"].to_list() == [0]


def test_most_people_come_first_and_checking_changes_no_row() -> None:
    unknown = {"indicator_type": "unknown", "new_beneficiaries": [5, 900, None, 5], "month": MONTHS[:4]}
    ranked = found(**unknown, source_file=[*["b.csv"] * 3, "a.csv"], total_monthly_beneficiaries=950)
    ranked = ranked.query("check == 'indicator_not_listed'")
    assert ranked[["line", "people"]].to_numpy().tolist() == [[3, 900], [5, 5], [2, 5], [4, 0]]
    nothing = plan(activities(**GOOD).iloc[:0])
    assert (findings(nothing, period=YEAR).empty, "shared_key" in not_run(nothing)) == (True, False)
    table = activities(indicator_type="unknown", new_beneficiaries=[5, None])
    before = table.copy(deep=True)
    findings(plan(table), period=YEAR)
    pd.testing.assert_frame_equal(table, before)


def test_every_check_is_said_in_a_sentence_and_holds_in_some_year() -> None:
    named = {name for year in plan_years().values() for name in year.checks}
    for rule in CHECK_BY_NAME.values():
        assert rule.sentence.endswith(".")
        assert rule.check in named or rule.years == "all"
        assert rule.allowed.count("{expected}") == bool(rule.expected)
        assert rule.family in ("completeness", "consistency", "accuracy", "plausibility", "protection")


def test_a_year_that_names_no_check_is_refused() -> None:
    one = plan(activities(**GOOD))
    year = one.year.model_copy(update={"checks": {"missing_admin": "NoPlace"}})
    with pytest.raises(RequestError, match=r"2021\.yml: checks: there is no check 'missing_admin'; did you mean"):
        findings(replace(one, year=year), period=YEAR)


def test_what_columns_share_follows_from_no_method_and_no_period() -> None:
    """Columns that ``derives`` does not declare ``by_method`` are computed once a plan, whoever asks."""
    rows = activities(
        month=["2021-01", "2021-02", "2021-02"], new_beneficiaries=[1.5, 40, 3], indicator_type=["people", "other", ""]
    )
    period, every_type = Period(start="2021-02", end="2021-03"), Method(counted_indicator_types=("people", "other"))
    names = [name for name in DERIVATION_BY_COLUMN if not name.startswith(("admin2", "split_", "can_be_split"))]
    of_all, of_some = ActivityColumns(plan(rows)), ActivityColumns(plan(rows), period, every_type)
    differing = {name for name in names if not of_all[name].equals(of_some[name])}
    assert {"in_period", "people", "people_if_whole"} <= differing <= COLUMNS_BY_METHOD
    shared = plan(rows)
    masks = [ActivityColumns(shared, period, method).meets("people > 0") for method in (every_type, Method())]
    assert [mask.to_list() for mask in masks] == [[True, True, False], [False, False, False]]
