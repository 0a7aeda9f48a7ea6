"""The plan of 2026: what ActivityInfo's form gives, what new beneficiaries follow from, what R4V's checks find."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from conftest import as_printed, sheet_of
from form_2026 import ADULTS, CASH, CASH_AS_READ, DIFFER, MANY, NOBODY, TEN, ZERO, Record, at, of, write_2026
from rmrp_analysis.arguments import Period
from rmrp_analysis.figures import for_audience
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.loaders.table import batches
from rmrp_analysis.method import Method
from rmrp_analysis.page import cards
from rmrp_analysis.page.account import SENTENCE_BY_NEW_PEOPLE_RULE, build_account
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality import repair_plan, review_plan
from rmrp_analysis.quality.feedback import rows_to_review
from rmrp_analysis.tables import Activities
from rmrp_analysis.words import Translator

YEAR = Period(start="2026-01", end="2026-12")


def health(plan: Plan) -> Any:
    """The sheet of Health of the whole year, exact."""
    return sheet_of(plan, "Health")


def test_a_record_is_read_by_the_field_codes_of_the_form(tmp_path: Path) -> None:
    plan = load_plan(write_2026(tmp_path, CASH | {"calc_new_pop_type": 10, "calc_new_agd": 10}))
    (activity,) = plan.activities.to_dict("records")
    read = CASH_AS_READ | {
        "admin1": "Lima",
        "appealing_organisation": "IOM",
        "implementation_setup": "No",
        "implementing_partner": "",
        "month": "2026-03",
        "r4v_indicator_type": "Direct Assistance",
        "activity_name": "Visits",
        "rmrp_activity": "Yes",
        "cva": "Yes",
        "host_communities": 2,
        "calculated_population_groups": 10,
        "calculated_age_gender": 10,
    }
    assert {name: activity[name] for name in read} == read
    assert plan.faults.empty


def test_a_number_of_json_reads_in_one_way(tmp_path: Path) -> None:
    plan = load_plan(write_2026(tmp_path, CASH | {"cva_value": 1.234}))
    assert (plan.activities["transfer_value_usd"].to_list(), plan.faults.empty) == ([1.234], True)


def test_a_list_made_over_joins_by_sector_and_text_and_never_by_id(tmp_path: Path) -> None:
    other_id = {**of("Direct Assistance"), "indicator": "an id that is in no list"}
    other_text = {"indicator": "i0Direct Assistance", "indicator.indicator_simplified": "a text that is in no list"}
    plan = load_plan(write_2026(tmp_path, other_id, other_text))
    assert plan.activities["indicator_type"].to_list() == ["people in need", "unknown"]


def test_a_number_of_new_beneficiaries_that_the_form_does_not_ask_for_is_not_read_and_told(tmp_path: Path) -> None:
    plan = load_plan(write_2026(tmp_path, {"New_beneficiaries": 999}))
    assert plan.activities["new_beneficiaries"].to_list() == [10]
    assert plan.faults[["column", "check", "value"]].to_numpy().tolist() == [
        ["new_beneficiaries", "column_not_read", "New_beneficiaries"]
    ]
    records = json.loads((tmp_path / "activities.json").read_text("utf-8"))
    pd.json_normalize(records * 30).to_csv(tmp_path / "activities.csv", index=False)
    in_parts = [*batches(tmp_path / "activities.csv", Activities, year=2026, rows=10)]
    assert [(len(part.table) > 0, len(part.faults)) for part in in_parts] == [(True, 1), (True, 0), (True, 0)]


def test_new_beneficiaries_are_the_sum_on_which_both_breakdowns_agree(tmp_path: Path) -> None:
    reports: list[tuple[Record, float | None, float]] = [
        (TEN, 10, 0),
        (ZERO, 0, 0),
        ({"new_indestination": 0, "new_women_above18": None}, 0, 0),
        (NOBODY | {"new_intransit": 3, "new_other_above18": 3}, 3, 0),
        (DIFFER, None, 11),
        (NOBODY | {"new_women_above18": 7}, None, 7),
        (NOBODY | {"new_pendulars": 7}, None, 7),
        (NOBODY, 0, 0),
        (MANY, 40, 0),
    ]
    plan = load_plan(write_2026(tmp_path, *(NOBODY | cells for cells, *_ in reports)))
    derived = plan.activities["new_beneficiaries"]
    assert [None if pd.isna(new) else new for new in derived] == [new for _, new, _ in reports]
    assert plan.activities["people_not_known"].to_list() == [most for *_, most in reports]
    sheet = health(plan)
    assert sheet.value("people_reached") == 10 + 3 + 40
    assert sheet.lost_people == {"new_not_known": 11 + 7 + 7}
    assert "new beneficiaries: groups_that_agree; " in sheet.rules


def test_groups_of_a_report_whose_sums_differ_are_in_no_breakdown(tmp_path: Path) -> None:
    sheet = health(load_plan(write_2026(tmp_path, DIFFER, ADULTS, ADULTS)))
    groups = sheet.breakdowns["people_reached_by_population_group"].values()
    assert (groups["in_destination"], groups["host_communities"]) == (10 + 10, 0)


def test_people_of_whom_nothing_else_is_known_are_not_zero(tmp_path: Path) -> None:
    plan = load_plan(
        write_2026(tmp_path, DIFFER, ADULTS | at("Colombia", "Antioquia") | of("Direct Assistance", "Education"))
    )
    figure = health(plan).figures["people_reached"]
    assert (figure.value, figure.reason) == (None, "new_not_known")
    both = load_plan(write_2026(tmp_path, DIFFER, ADULTS | at("Colombia", "Antioquia")))
    cells = {cell.key: cell for cell in health(both).breakdowns["people_reached_by_platform"].cells}
    assert (cells["Peru"].value, cells["Peru"].reason, cells["Colombia"].value) == (None, "new_not_known", 10)


def test_all_sectors_leave_out_what_each_sector_leaves_out(tmp_path: Path) -> None:
    plan = load_plan(write_2026(tmp_path, DIFFER, DIFFER | of("Direct Assistance", "Education"), MANY))
    by_sum = Method(intersector_model="sum")
    sheet = sheet_of(plan, "Intersector", method=by_sum)
    assert (sheet.value("people_reached"), sheet.lost_people) == (40, {"new_not_known": 11 + 11})
    (caution,) = [each for each in sheet.cautions if each.of == "people_reached"]
    assert (caution.rule, caution.share, caution.people) == ("left_out", (11 + 11) / (11 + 11 + 40), 11 + 11)


def test_few_people_who_are_left_out_are_rounded_in_public(tmp_path: Path) -> None:
    few = NOBODY | {"new_pendulars": 7, "new_women_above18": 5}
    sheet = health(load_plan(write_2026(tmp_path, few, *[ADULTS] * 3)))
    assert sheet.lost_people == {"new_not_known": 7}
    assert for_audience(sheet, "public").lost_people.get("new_not_known", 0) in (0, 10)


def test_the_sheet_says_how_many_people_are_left_out_and_by_which_rule(tmp_path: Path) -> None:
    sheet = for_audience(health(load_plan(write_2026(tmp_path, DIFFER, *[ADULTS] * 3))), "public")
    told = sheet.lost_people["new_not_known"]
    assert told in (10, 20)  # of 11
    for language, sentence in (("en", "leave out up to {} people"), ("es", "no incluyen a hasta {}")):
        printed = as_printed(sheet, language)
        assert sentence.format(f"{told:.0f}") in cards.format_notice(printed)[1]
        rules = [line["rule"] for line in build_account(printed, "Key figures", {}).view["method"]["lines"]]
        assert Translator(language)(SENTENCE_BY_NEW_PEOPLE_RULE["groups_that_agree"]) in rules[0]


def test_people_trained_have_no_new_beneficiaries_and_are_at_no_stake(tmp_path: Path) -> None:
    plan = load_plan(write_2026(tmp_path, TEN | of("Capacity Building"), DIFFER | of("Capacity Building"), TEN))
    assert plan.activities["new_beneficiaries"].isna().to_list() == [True, True, False]
    assert health(plan).lost_people == {}


def test_people_of_an_indicator_in_no_list_are_derived_and_told_as_lost(tmp_path: Path) -> None:
    plan = load_plan(write_2026(tmp_path, {"indicator.indicator_simplified": "a new text"}, TEN))
    assert (health(plan).value("people_reached"), health(plan).lost_people) == (10, {"unknown_indicator": 10})
    assert plan.joins[0].people_unmatched == 10
    plan = load_plan(write_2026(tmp_path, DIFFER | {"indicator.indicator_simplified": "a new text"}, TEN))
    assert health(plan).lost_people == {"unknown_indicator": plan.activities["people_not_known"].sum()}


@pytest.mark.parametrize(
    ("repairs", "new"),
    [
        (["new_from_population_groups"], [11, 5, None]),
        (["new_from_age_gender"], [10, None, 7]),
        (["new_from_population_groups", "new_from_age_gender"], [11, 5, 7]),
    ],
)
def test_a_declared_repair_chooses_one_of_the_sums(tmp_path: Path, repairs: list[str], new: list[float | None]) -> None:
    one_side = [NOBODY | {"new_pendulars": 5}, NOBODY | {"new_men_above18": 7}]
    plan = load_plan(write_2026(tmp_path, DIFFER, *one_side, NOBODY, TEN))
    after = repair_plan(plan, repairs)
    derived = [None if pd.isna(cell) else cell for cell in after.activities["new_beneficiaries"]]
    assert derived == [*new, 0, 10]
    changed = after.changes[["line", "column", "before", "after", "rule"]].to_numpy().tolist()
    assert len(changed) == sum(cell is not None for cell in new)
    assert changed[0][1:3] == ["new_beneficiaries", ""]
    assert health(after).value("people_reached") == 10 + sum(cell or 0 for cell in new)
    assert after.activities["people_not_known"].sum() == sum(
        most for most, cell in zip((11, 5, 7), new, strict=True) if cell is None
    )


def test_new_beneficiaries_follow_a_correction_of_a_group(tmp_path: Path) -> None:
    header = "file,line,column,old_value,new_value,reason,by,date\n"
    lines = [
        "activities.json,1,in_destination,9,8,typed wrong,A,2026-05-01",
        "activities.json,2,new_beneficiaries,10,3,x,A,2026-05-01",
    ]
    folder = write_2026(tmp_path, DIFFER, TEN)
    (folder / "corrections.csv").write_text(header + "\n".join(lines), encoding="utf-8")
    with (folder / "sources.yml").open("a", encoding="utf-8") as sources:
        sources.write("\ncorrections: {file: corrections.csv, producer: R4V}")
    after = repair_plan(load_plan(folder))
    assert after.activities["new_beneficiaries"].to_list() == [10, 3]
    assert after.activities["people_not_known"].to_list() == [0, 0]


def test_a_refused_record_has_the_people_of_its_population_groups(tmp_path: Path) -> None:
    review = review_plan(load_plan(write_2026(tmp_path, at("Spain", "Lima"), TEN)), period=YEAR, method=Method())
    faults = review.faults().query("severity == 'refused'")
    assert faults[["line", "column", "people", "r4v_check"]].to_numpy().tolist() == [[1, "country", 10, "QA_admin"]]


def test_the_first_record_goes_back_to_the_organisation_that_sent_it(tmp_path: Path) -> None:
    plan = load_plan(write_2026(tmp_path, DIFFER | {"New_beneficiaries": 999}))
    (to_review,) = rows_to_review(review_plan(plan, period=YEAR, method=Method()))
    (row,) = to_review.rows
    assert (to_review.organisation, row.line, row.cells["_id"]) == ("IOM", 1, "r1")
    assert "new_beneficiaries_missing" in {doubt.check for doubt in row.doubts}


def test_the_id_of_a_record_is_kept_to_the_trace(tmp_path: Path) -> None:
    rows = load_plan(write_2026(tmp_path, TEN, ADULTS)).select("Health").trace("people_reached")
    assert rows[["line", "record_id", "contribution"]].to_numpy().tolist() == [[1, "r1", 10], [2, "r2", 10]]


NEW, INDICATOR, TEXT = "QA_NewBeneficiariesMonth", "QA_indicator", "indicator.indicator_simplified"
FOUND: list[tuple[Record, set[str]]] = [
    ({}, set()),
    (NOBODY | {"new_indestination": -5, "new_women_above18": -5}, {NEW}),
    (of("Capacity Building") | DIFFER, {NEW}),
    (of("Other") | DIFFER, set()),
    ({TEXT: None}, {INDICATOR}),
    ({TEXT: "DIRECT ASSISTANCE IN HEALTH"}, {INDICATOR}),  # the row counts all the same
]
"""Records, and the checks of R4V's that find each; the back-test of 2026 has the rest."""


def test_r4vs_checks_find_the_records_that_they_should_and_no_other(tmp_path: Path) -> None:
    plan = load_plan(write_2026(tmp_path, *(record for record, _ in FOUND)))
    found = review_plan(plan, period=YEAR, method=Method()).findings
    by_line = {line: set(names) - {""} for line, names in found.groupby("line")["r4v_check"]}
    assert [by_line.get(line, set()) for line in range(1, 1 + len(FOUND))] == [checks for _, checks in FOUND]


def test_findings_of_unlike_sums_state_both_and_the_people_at_stake(tmp_path: Path) -> None:
    found = review_plan(load_plan(write_2026(tmp_path, DIFFER)), period=YEAR, method=Method()).findings
    stated = found.set_index("check")[["allowed", "people"]].to_dict("index")
    assert stated["population_groups_unlike_age_gender"] == {
        "allowed": "population groups that add up to the same as the age and gender groups: 11 ≠ 10",
        "people": 11,
    }
    assert stated["new_beneficiaries_missing"]["people"] == 11


def test_what_contradicts_a_record_is_found_and_moves_no_figure(tmp_path: Path) -> None:
    """The platform of the country may be spelled in any way."""
    of_country, of_groups = "the area of the country: Peru", "the sum of its groups: 10"
    wrong = [
        ({"platform": "Chile"}, "platform_of_another_country", of_country),
        ({"platform": "Atlantis"}, "platform_of_another_country", of_country),
        ({"calc_new_pop_type": 11}, "calculated_sum_unlike_groups", of_groups),
        ({"calc_new_agd": 0}, "calculated_sum_unlike_groups", of_groups),
    ]
    right = [{"platform": platform} for platform in ("Peru", "Perú", "Peru (GTRM)", "PER", None)]
    records = [*(record for record, *_ in wrong), *right]
    by_month = [record | {"month": f"2026-{month:02d}"} for month, record in enumerate(records, start=1)]
    plan = load_plan(write_2026(tmp_path, *by_month))
    found = review_plan(plan, period=YEAR, method=Method()).findings.sort_values("line")
    assert found[["line", "check", "allowed", "people"]].to_numpy().tolist() == [
        [line, check, allowed, 0] for line, (_, check, allowed) in enumerate(wrong, start=1)
    ]
    assert plan.select("Health", platform="Peru").people_reached().total == 10 * len(records)


def test_records_that_are_alike_but_for_their_id_are_repeated(tmp_path: Path) -> None:
    found = review_plan(load_plan(write_2026(tmp_path, {}, {})), period=YEAR, method=Method()).findings
    assert "full_duplicate" in set(found["check"])


def test_flows_of_the_plan_as_published_are_its_money(shared_data: Path, tmp_path: Path) -> None:
    folder = write_2026(tmp_path, {})
    files = sorted(map(str, (shared_data / "fts").glob("RMRP2026_hdx_fts_*_funding_*.csv")))
    with (folder / "sources.yml").open("a", encoding="utf-8") as sources:
        sources.write(f"\nfunding: {{files: {json.dumps(files)}, producer: OCHA FTS, as_of: 2026-04-17}}")
    plan = load_plan(folder)
    assert plan.funding_flows is not None
    incoming = pd.read_csv(next(file for file in files if "incoming" in file))
    paid = incoming[incoming["status"].isin(["paid", "commitment"])].drop_duplicates("id")
    assert plan.ledger["amount_usd"].sum() == pytest.approx(paid["amountUSD"].sum())
