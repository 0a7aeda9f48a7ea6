"""A sheet whose rows cannot be right is refused alone; one with few such rows says so; the others are published."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import activities, plan
from data_folders import ACTIVITY, data_folder
from published_run import SHIPPED, rmrp, written_params
from published_run import rows_of as read_rows
from rmrp_analysis import load_plan, numbers
from rmrp_analysis.arguments import Period
from rmrp_analysis.method import Limits, Method
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality import conditions, explain_refused_sheets
from rmrp_analysis.quality.sheets import sectors_not_listed, sheet_conditions
from rmrp_analysis.vocabulary import plan_lists

YEAR = Period(start="2021-01", end="2021-05")
NEW, MONTHLY = "New beneficiaries of the month", "Total monthly beneficiaries"
LISTED = "CODE,Sector,Indicator,Indicator_Type\nH1,Health,# of people,Pin\nW1,WASH,# of people,Pin\n"


def rows_of(country: str, count: int, unreadable: int = 0, sector: str = "Health") -> list[dict[str, str]]:
    """Reports of a hundred people each; so many of them say how many families there are."""
    about = {"Country": country, "Admin1": "", "Sector": sector, NEW: "100", MONTHLY: "100"}
    each = [ACTIVITY | about | {"Appealing Organization Name": f"{country} {number}"} for number in range(count)]
    return [row | {NEW: "312 familias"} if number < unreadable else row for number, row in enumerate(each)]


def plan_of(folder: Path, *parts: list[dict[str, str]], listed: str = LISTED) -> Plan:
    """A plan of these reports."""
    rows = pd.DataFrame([row for part in parts for row in part])
    rows["Reporting Month"] = [f"2021-0{1 + number % 5}" for number in range(len(rows))]
    return load_plan(data_folder(folder, 2021, activities=rows, indicators=listed))


def shares(plan: Plan, *places: str, **limits: float) -> dict[tuple[str, str], tuple[int, int, float, str]]:
    """Rows, people, share and state of each condition of the sheets of Health in these places."""
    sheets = [("Health", place, "") for place in places]
    found = sheet_conditions(plan, sheets, period=YEAR, method=Method(limits=limits))
    columns = ["rows", "people", "share", "state"]
    return {
        (row["report"], row["condition"]): tuple(
            round(row[name], 4) if name == "share" else row[name] for name in columns
        )
        for row in found.to_dict("records")
    }


def test_a_refused_row_counts_as_the_people_it_would_have_had_and_its_sheet_is_refused_alone(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, rows_of("Colombia", 10, 4), rows_of("Peru", 90, 1), rows_of("Chile", 100))
    refused = "people_refused"
    assert shares(plan, "region", "Colombia", "Peru", "CHL") == {
        ("health.colombia", refused): (4, 400, 0.4, "refused"),
        ("health", refused): (5, 500, 0.025, "below"),
        ("health.peru", refused): (1, 100, 0.0111, "below"),
    }
    assert conditions(plan, period=YEAR, method=Method()) == ()
    sheets = [("Health", place, "") for place in plan_lists().places]
    told = explain_refused_sheets(plan, sheets, period=YEAR, method=Method(), language="es")
    assert told == {"health.colombia": "people_refused: 400 personas en 4 filas, 40\u202f%"}


def test_what_is_in_many_places_or_in_most_of_a_plan_is_a_fault_of_the_file(tmp_path: Path) -> None:
    spread = plan_of(tmp_path, *(rows_of(country, 50, 2) for country in ("Bolivia", "Peru", "Chile")))
    (found,) = conditions(spread, period=YEAR, method=Method())
    assert (found.name, round(found.share, 4)) == ("people_refused", 0.04)
    mostly = plan_of(tmp_path, rows_of("Bolivia", 10, 1), rows_of("Peru", 90, 45))
    (found,) = conditions(mostly, period=YEAR, method=Method())
    assert (found.name, round(found.share, 4)) == ("people_refused", 0.46)


def test_what_is_accepted_is_said_of_the_sheets_that_it_concerns(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, rows_of("Bolivia", 10, 4), rows_of("Peru", 90, 1))
    states = shares(plan, "BOL", "Peru", people_refused=0.4)
    assert {name: state for (name, _), (*_, state) in states.items()} == {
        "health.bolivia": "accepted",
        "health.peru": "below",
    }
    assert shares(plan, "BOL", people_refused=0.39)["health.bolivia", "people_refused"][-1] == "refused"


def test_a_sector_that_is_in_no_list_needs_another_list_and_is_never_accepted(tmp_path: Path) -> None:
    listed = LISTED.replace("Health,# of people", "Health,# of patients")
    plan = plan_of(tmp_path, rows_of("Bolivia", 5), rows_of("Peru", 60, sector="WASH"), listed=listed)
    assert sectors_not_listed(plan) == ["Health"]
    accepting = shares(plan, "region", people_lost_by_joins=1.0)
    assert accepting["health", "people_lost_by_joins"] == (5, 500, 1.0, "refused")
    most = plan_of(tmp_path, rows_of("Bolivia", 60), rows_of("Peru", 5, sector="WASH"), listed=listed)
    method = Method(limits={"people_lost_by_joins": 1.0, "people_with_errors": 1.0})
    (found,) = (each for each in conditions(most, period=YEAR, method=method) if not each.accepted)
    assert found.name == "people_lost_by_joins"
    assert "another list" in found.remedy


@given(
    st.lists(
        st.tuples(st.sampled_from(["PER", "COL", "BOL"]), st.sampled_from(["Health", "WASH"]), st.integers(-5, 400)),
        min_size=1,
        max_size=12,
    )
)
@settings(max_examples=30, deadline=None)
def test_what_sheets_of_places_hold_adds_up_to_what_the_region_holds(drawn: list[tuple[str, str, int]]) -> None:
    countries, sectors, people = (list(column) for column in zip(*drawn, strict=True))
    rows = activities(
        country=countries, sector=sectors, new_beneficiaries=people, total_monthly_beneficiaries=[200] * len(people)
    )
    of_plan = plan(rows.assign(activity_name=[f"a{number}" for number in range(len(rows))]))
    sheets = [(sector, place, "") for sector in plan_lists().sectors for place in ("region", "Peru", "Colombia", "BOL")]
    found = sheet_conditions(of_plan, sheets, period=YEAR, method=Method())
    is_region = ~found["report"].str.contains(".", regex=False)
    sums = found.assign(sector=found["report"].str.replace(r"\..*", "", regex=True), is_region=is_region)
    table = sums.groupby(["sector", "condition", "is_region"])[["rows", "people"]].sum().reset_index()
    of_region, of_places = (table[table["is_region"] == is_one].drop(columns="is_region") for is_one in (True, False))
    assert of_region.to_numpy().tolist() == of_places.to_numpy().tolist()
    above = sum(number > 200 for number in people)
    assert found.query("condition == 'new_above_total' and report in ['health', 'wash']")["rows"].sum() == above


def asked_of(folder: Path, audience: str) -> Path:
    """The parameters of a run of Health in Bolivia and Peru."""
    notebook = str(SHIPPED.parent.parent / "notebooks" / "sector_key_figures.ipynb")
    asked = {"notebook": notebook, "sectors": ["Health"], "places": ["Bolivia", "Peru"], "formats": ["html"]}
    return written_params(folder, audience=audience, period={"start": "2021-01", "end": "2021-05"}, **asked)


def stated_in(out: Path) -> tuple[Path, dict[str, dict[str, Any]]]:
    """The folder of a run, and what its run.json says of each report."""
    (folder,) = (path.parent for path in out.glob("*/run.json"))
    stated = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return folder, {report["id"]: report for report in stated["reports"]}


def test_a_public_run_leaves_the_last_good_sheet_in_the_place_of_one_that_is_refused(tmp_path: Path) -> None:
    (data := tmp_path / "data").mkdir()
    few = (
        [row | {MONTHLY: "150"} for row in rows_of("Bolivia", 10)],
        [row | {MONTHLY: "150"} for row in rows_of("Peru", 90)],
    )
    plan_of(data, *few)
    params, out = asked_of(tmp_path, "public"), tmp_path / "reports"
    assert rmrp("run", params, "--out", out) == 0
    plan_of(data, rows_of("Bolivia", 10, 4), few[1])
    assert rmrp("run", params, "--out", out) == 1
    folder, reports = stated_in(out)
    assert {name: report["status"] for name, report in reports.items()} == {
        "health.bolivia.en": "refused",
        "health.peru.en": "ok",
    }
    page = (folder / "health.bolivia.en.html").read_text(encoding="utf-8")
    since = reports["health.bolivia.en"]["since"]
    assert "How many people were reached is being corrected." in page
    assert f"It has been so since {numbers.date(since[:10], 'en')}." in page
    assert "health.bolivia.en.last-good.html" in page
    assert (folder / "health.bolivia.en.last-good.html").is_file()
    assert "health.bolivia" not in (folder / "figures.csv").read_text(encoding="utf-8")
    assert rmrp("figures", params, "--out", tmp_path / "figures.csv") == 1
    assert {*pd.read_csv(tmp_path / "figures.csv")["report"]} == {"health.peru"}

    stated = (folder / "run.json").read_text(encoding="utf-8")
    stated = stated.replace(f'"since": "{since}"', '"since": "2021-06-03T08:00:00+00:00"')
    (folder / "run.json").write_text(stated, encoding="utf-8")
    assert rmrp("run", params, "--out", out, "--force") == 1
    assert "since 3 June 2021." in (folder / "health.bolivia.en.html").read_text(encoding="utf-8")


def test_a_public_run_prints_a_number_that_is_not_sure_as_its_range_on_every_sheet(tmp_path: Path) -> None:
    (data := tmp_path / "data").mkdir()
    again = [
        row | {"Appealing Organization Name": f"P{number // 5}"} for number, row in enumerate(rows_of("Bolivia", 20))
    ]
    plan_of(data, again, [row | {MONTHLY: "150"} for row in rows_of("Peru", 90)])
    params, out = asked_of(tmp_path, "public"), tmp_path / "reports"
    assert rmrp("run", params, "--out", out) == 0  # four partners of Bolivia give everybody as new in five months
    folder, reports = stated_in(out)
    assert [report["status"] for report in reports.values()] == ["ok", "ok"]
    (row,) = [row for row in read_rows(folder / "figures.csv") if row["report"] == "health.bolivia" and is_reached(row)]
    assert [int(row[name]) for name in ("low", "value", "high")] == [4 * 100, 20 * 100, 20 * 100]
    page = BeautifulSoup((folder / "health.bolivia.en.html").read_text(encoding="utf-8"), "html.parser").get_text(" ")
    index = BeautifulSoup((folder / "index.html").read_text(encoding="utf-8"), "html.parser").get_text(" ")
    assert "400 to 2.00\u202fK" in page
    assert "400 to 2.00\u202fK" in index
    assert rmrp("figures", params, "--out", tmp_path / "figures.csv") == 0
    assert (folder / "figures.csv").read_bytes() == (tmp_path / "figures.csv").read_bytes()


def test_a_person_holds_a_sheet_or_publishes_a_refused_one_with_a_reason_that_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data := tmp_path / "data").mkdir()
    plan_of(data, rows_of("Bolivia", 10, 4), [row | {MONTHLY: "150"} for row in rows_of("Peru", 90)])
    params, out = asked_of(tmp_path, "public"), tmp_path / "reports"
    with params.open("a", encoding="utf-8") as file:
        file.write("hold: {Salud.peru: the partners send it again}\npublish: {health.bolivia: it is well known}\n")
    assert rmrp("check", params, "--out", tmp_path / "check") == 0
    told = capsys.readouterr().err
    assert "health.peru is held: the partners send it again" in told
    assert "health.bolivia is published by decision: it is well known" in told
    assert rmrp("run", params, "--out", out) == 0
    folder, reports = stated_in(out)
    assert [report["status"] for report in reports.values()] == ["ok", "held"]
    held, published = (
        BeautifulSoup((folder / f"health.{place}.en.html").read_text(encoding="utf-8"), "html.parser").get_text(" ")
        for place in ("peru", "bolivia")
    )
    assert "It is held: the partners send it again." in held
    assert "Reporting partners 90" in " ".join(held.split())
    assert "Excel" not in held
    assert "9.00\u202fK" not in held
    assert "it is well known" in published
    assert "health.peru" not in (folder / "figures.csv").read_text(encoding="utf-8")
    assert rmrp("run", params, "--places", "Peru", "--out", tmp_path / "nothing") == 1  # no sheet of those asked


def is_reached(row: Mapping[str, str]) -> bool:
    return row["figure"] == "people_reached"


def test_commands_name_a_sheet_to_mend_with_its_cause_and_people_before_a_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data := tmp_path / "data").mkdir()
    plan_of(data, rows_of("Bolivia", 20), [row | {MONTHLY: "150"} for row in rows_of("Peru", 90)])
    params = asked_of(tmp_path, "internal")
    cause = "all 20 reports of January to May give everybody assisted as new; people concerned: "
    people = numbers.people(20 * 100, "en")
    in_short = f"to mend: everybody assisted is told as new (Health in Bolivia, people concerned: {people})\n"
    out, csv = tmp_path / "out", tmp_path / "figures.csv"
    assert rmrp("check", params, "--out", out) == 0
    told = capsys.readouterr().err
    assert told.count("Bolivia") == 1
    assert f"rmrp: {in_short}" in told
    assert "Peru" not in told
    assert rmrp("figures", params, "--out", csv) == 0
    assert f"rmrp: {in_short}" in capsys.readouterr().err
    assert rmrp("run", params, "--out", out, "--dry-run") == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"  health.bolivia.en (to mend: {cause}{people})" in lines
    assert "  health.peru.en" in lines


def test_an_internal_run_makes_a_page_to_mend_of_a_refused_and_of_an_unusable_sheet(tmp_path: Path) -> None:
    (data := tmp_path / "data").mkdir()
    plan_of(data, [row | {MONTHLY: "150"} for row in rows_of("Bolivia", 80, 6)], rows_of("Peru", 90))
    out = tmp_path / "reports"
    assert rmrp("run", asked_of(tmp_path, "internal"), "--out", out) == 0
    folder, reports = stated_in(out)
    assert [report["status"] for report in reports.values()] == ["ok", "ok"]
    for place, what in (
        ("bolivia", "People in rows that cannot be used"),
        ("peru", "Everybody assisted is given as new"),
    ):
        page = (folder / f"health.{place}.en.internal.html").read_text(encoding="utf-8")
        stated = json.loads((folder / f"health.{place}.en.internal.json").read_text(encoding="utf-8"))
        assert stated["to_mend"]
        assert "To be mended before publication" in page
        assert what in page
        assert 'href="review/"' in page
    assert len([*(folder / "review").glob("*.xlsx")]) > 10
    assert rmrp("figures", asked_of(tmp_path, "internal"), "--out", tmp_path / "figures.csv") == 0
    assert (tmp_path / "figures.csv").read_bytes() == (folder / "figures.csv").read_bytes()
    assert "to mend" in (folder / "index.html").read_text(encoding="utf-8")
    assert rmrp("run", asked_of(tmp_path, "internal"), "--out", out) == 0  # what is unchanged keeps its workbooks
    assert "to mend" in (folder / "index.html").read_text(encoding="utf-8")
    assert len([*(folder / "review").glob("*.xlsx")]) > 10


@pytest.mark.real_data
def test_bolivias_health_in_families_is_refused_alone(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "r4v-2021"
    rows = pd.read_csv(source / "activities_jan-may_2021.csv.gz", dtype="str", keep_default_na=False)
    new = "New.beneficiaries.of.the.month"
    here = rows[(rows["Country"] == "Bolivia") & (rows["Sector...Subsector...WG"] == "Health")]
    most = pd.to_numeric(here[new]).nlargest(17).index
    rows.loc[most, new] = "312 familias"
    lists = {name: source / f"{name}.csv" for name in ("indicators", "admin1")}
    of_plan = load_plan(data_folder(tmp_path, 2021, activities=rows, **lists))
    sheets = [(sector, place, "") for sector in ("Health", "WASH") for place in plan_lists().places]
    assert [*explain_refused_sheets(of_plan, sheets, period=YEAR, method=Method(), language="en")] == [
        "health.bolivia",
        "health.southern-cone",
    ]
    found = conditions(of_plan, period=YEAR, method=Method(limits=Limits(people_with_errors=1)))
    assert [each.name for each in found if not each.accepted] == []
