"""The form of 2026 from a server on loopback to figures: every number is arithmetic on the records."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from json_server import Answers, JsonServer, json_servers

from rmrp_analysis.commands.cli import main
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.publish.compare.rows import row_changes

FORMS = {"form": "cform0000000001", "indicators": "cindi0000000001", "places": "cplac0000000001"}
PARTNERS = {"partners": "cpart0000000001", "implementing-partners": "cimpl0000000001"}
INDICATORS = [
    {
        "_id": "i1",
        "sector": "Health",
        "indicator_simplified": "People cared for",
        "indictatortype": "Direct Assistance",
    },
    {"_id": "i2", "sector": "Health", "indicator_simplified": "Staff trained", "indictatortype": "Capacity Building"},
]
PLACES = [
    {"_id": "p1", "Country": "Peru", "Admin1": "Lima", "Admin1ISOCode": "PE15", "countryISO": "PER"},
    {"_id": "p2", "Country": "Bolivia", "Admin1": "La Paz", "Admin1ISOCode": "BO02", "countryISO": "BOL"},
]
ORGANISATIONS = [{"_id": "o1", "Name": "IOM"}, {"_id": "o2", "Name": "UNHCR"}]
GROUPS = ("indestination", "intransit", "hostcomm", "pendulars", "col_returnees")
CELLS = ("women_under18", "men_under18", "women_above18", "men_above18", "other_under18", "other_above18")


def record(number: int, organisation: str, place: dict[str, str], indicator: int, people: list[int]) -> dict[str, Any]:
    """A record as the default query gives it: references with their ids, and every field of them that is a key."""
    listed = INDICATORS[indicator]
    in_groups = dict.fromkeys((f"new_{name}" for name in GROUPS), 0) | {"new_indestination": sum(people)}
    in_cells = {f"new_{name}": of_cell for name, of_cell in zip(CELLS, [*people, 0, 0, 0, 0], strict=False)}
    return {
        "_id": f"c{number:015d}",
        "_lastEditTime": 1780000000 + number,
        "_recordStatus": "SUBMITTED",
        "country": "p1",
        "country.Country": place["Country"],
        "country.Admin1": place["Admin1"],
        "appealing_org": "o1",
        "appealing_org.Name": organisation,
        "implementation_setup": "No",
        "implementing_org": None,
        "implementing_org.Name": None,
        "month": "2026-03",
        "indicator": listed["_id"],
        "indicator.sector": listed["sector"],
        "indicator.indicator_simplified": listed["indicator_simplified"],
        "activity": "a",
        "activity_description": "d",
        "rmrp_activity": "Yes",
        "cva": "No",
        "cva_value": None,
        "cva_mechanism": None,
        "output": None,
        "total_monthly_beneficiaries": 500,
        **in_groups,
        **in_cells,
        "platform": place["Country"],
        "calc_new_pop_type": sum(people),
        "calc_new_agd": sum(people),
    }


def nested(flat: dict[str, Any]) -> dict[str, Any]:
    """The same record with the forms that it refers to within it."""
    whole: dict[str, Any] = {}
    for name, content in flat.items():
        form, _, inner = name.partition(".")
        if inner:
            whole[form] = (whole[form] if isinstance(whole.get(form), dict) else {}) | {inner: content}
        else:
            whole.setdefault(name, content)
    return whole


RECORDS = [
    record(1, "IOM", PLACES[0], 0, [10, 20]),
    record(2, "UNHCR", PLACES[1], 0, [300]),
    record(3, "UNHCR", PLACES[0], 1, [7]),
]


@pytest.fixture
def serve() -> Iterator[Callable[[Answers], JsonServer]]:
    """Starts a server with these answers; it ends with the test."""
    with json_servers() as start:
        yield start


def answers(records: list[dict[str, Any]]) -> Answers:
    lists = {FORMS["form"]: records, FORMS["indicators"]: INDICATORS, FORMS["places"]: PLACES}
    lists |= dict.fromkeys(PARTNERS.values(), ORGANISATIONS)
    return {f"/resources/query/v43/form/{form}": each for form, each in lists.items()}


def fetch(patch: pytest.MonkeyPatch, server: JsonServer, out: Path, ids: dict[str, str]) -> int:
    patch.setenv("ACTIVITYINFO_TOKEN", "of-the-test")
    where = ["--base-address", server.address, "--out", str(out), "--pause", "0"]
    named = [part for option, form in ids.items() for part in (f"--{option}", form)]
    patch.setattr(sys, "argv", ["rmrp", "fetch", "activityinfo", *where, *named])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize("shape", ["flat", "nested"])
def test_records_become_figures(
    serve: Callable[[Answers], JsonServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shape: str
) -> None:
    records = RECORDS if shape == "flat" else [nested(each) for each in RECORDS]
    assert fetch(monkeypatch, serve(answers(records)), tmp_path, FORMS | PARTNERS) == 0
    plan = load_plan(tmp_path)
    assert (plan.year.year, len(plan.activities), sum(map(len, plan.refused.values()))) == (2026, 3, 0)
    assert list(plan.activities["record_id"]) == [each["_id"] for each in RECORDS]
    reached = {
        place: plan.select("Health", place=place, period="2026-01/2026-12").people_reached().total
        for place in ("region", "Peru", "BOL")
    }
    assert reached == {"region": 10 + 20 + 300, "Peru": 10 + 20, "BOL": 300}
    assert list(plan.activities["place"]) == ["PE15", "BO02", "PE15"]


def test_a_later_fetch_tells_whose_record_changed(
    serve: Callable[[Answers], JsonServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(answers(RECORDS))
    fetch(monkeypatch, server, tmp_path / "data", FORMS)
    before = load_plan(tmp_path / "data")
    edited = [RECORDS[2], record(2, "UNHCR", PLACES[1], 0, [310]), RECORDS[0]]
    server.answers = answers(edited)
    lists = sorted(path.name for path in (tmp_path / "data").glob("activityinfo-c[ip]*.json"))
    fetch(monkeypatch, server, tmp_path / "data", {})
    assert sorted(path.name for path in (tmp_path / "data").glob("activityinfo-c[ip]*.json")) == lists
    table = row_changes(before, load_plan(tmp_path / "data"))
    assert table[["change", "organisation", "people"]].to_numpy().tolist() == [["changed", "UNHCR", 10.0]]


@pytest.mark.parametrize(
    "field",
    [
        *("month", "new_indestination", "new_other_under18"),
        *("indicator.indicator_simplified", "country.Country", "appealing_org.Name"),
    ],
)
def test_a_renamed_field_of_the_form_is_named(
    serve: Callable[[Answers], JsonServer],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    field: str,
) -> None:
    other = field.replace(".", ".x_") if "." in field else f"x_{field}"
    renamed = [{(other if name == field else name): each[name] for name in each} for each in RECORDS]
    assert fetch(monkeypatch, serve(answers(renamed)), tmp_path / "out", FORMS) == 3
    told = capsys.readouterr().err
    assert f"`{other}`" in told
    assert "nothing was written" in told
    assert not (tmp_path / "out").exists()


def test_a_field_that_nobody_filled_in_may_be_absent(
    serve: Callable[[Answers], JsonServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = [{name: each[name] for name in each if not name.startswith("new_other")} for each in RECORDS]
    assert fetch(monkeypatch, serve(answers([{**each, "intro_review": "x"} for each in without])), tmp_path, FORMS) == 0
    assert load_plan(tmp_path).select("Health", period="2026-01/2026-12").people_reached().total == 330


def test_the_files_hold_the_records_as_they_came(
    serve: Callable[[Answers], JsonServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch(monkeypatch, serve(answers(RECORDS)), tmp_path, FORMS)
    (path,) = tmp_path.glob(f"activityinfo-{FORMS['form']}-*.json")
    assert json.loads(path.read_bytes()) == RECORDS
