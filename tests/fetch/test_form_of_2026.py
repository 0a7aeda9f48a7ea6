"""The form of 2026 is fetched anew: whose records changed is told, and a field under another name is named."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from fetching import Fetching, Serve
from json_server import Answers

from form_2026 import GOOD, INDICATORS, PLACES
from rmrp_analysis.ledger import report_changes
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.method import Method

FORMS = {"form": "cform0000000001", "indicators": "cindi0000000001", "places": "cplac0000000001"}
BY_ID = [part for option, form in FORMS.items() for part in (f"--{option}", form)]


def record(number: int, organisation: str, place: Mapping[str, str], girls: int) -> dict[str, Any]:
    """A record as the default query gives it: flat, with the fields of every reference that are keys."""
    flat = {name: content for name, content in GOOD.items() if name not in ("country", "appealing_org")}
    people = {"new_indestination": girls, "new_women_under18": girls, "new_hostcomm": 0, "new_women_above18": 0}
    where = {"country.Country": place["Country"], "country.Admin1": place["Admin1"], "platform": place["Country"]}
    named = {"_id": f"c{number:015d}", "_lastEditTime": 1780000000 + number, "appealing_org.Name": organisation}
    return {**flat, **people, "implementing_org.Name": None, **where, **named}


RECORDS = [record(1, "IOM", PLACES[0], 30), record(2, "UNHCR", PLACES[1], 300), record(3, "UNHCR", PLACES[0], 7)]


def answers(records: list[dict[str, Any]]) -> Answers:
    lists = {FORMS["form"]: records, FORMS["indicators"]: INDICATORS, FORMS["places"]: PLACES}
    return {f"/resources/query/v43/form/{form}": each for form, each in lists.items()}


@pytest.fixture
def fetch(serve: Serve, fetching: Callable[..., Fetching], monkeypatch: pytest.MonkeyPatch) -> Fetching:
    """Fetches forms of a server by their ids, or those of the folder."""
    monkeypatch.setenv("ACTIVITYINFO_TOKEN", "of-the-test")
    return fetching(serve(answers(RECORDS)), "activityinfo")


def files_of_lists(fetch: Fetching) -> set[str]:
    return {name for name in fetch.files if FORMS["form"] not in name}


def test_a_later_fetch_tells_whose_record_changed(fetch: Fetching) -> None:
    fetch(*BY_ID)
    before, lists = load_plan(fetch.folder), files_of_lists(fetch)
    fetch.server.answers = answers([RECORDS[2], record(2, "UNHCR", PLACES[1], 310), RECORDS[0]])
    fetch()
    assert files_of_lists(fetch) == lists
    after = load_plan(fetch.folder)
    table = report_changes(before, after, Method(), after.months).reset_index()
    assert table[["change", "organisation"]].to_numpy().tolist() == [["corrected", "UNHCR"]]
    assert table["new"].to_list() == [table["new_before"][0] + 10]


@pytest.mark.parametrize(
    "field",
    [
        *("month", "new_indestination", "new_other_under18"),
        *("indicator.indicator_simplified", "country.Country", "appealing_org.Name"),
    ],
)
def test_a_renamed_field_of_the_form_is_named(fetch: Fetching, field: str) -> None:
    other = field.replace(".", ".x_") if "." in field else f"x_{field}"
    renamed = [{(other if name == field else name): each[name] for name in each} for each in RECORDS]
    fetch.server.answers = answers(renamed)
    assert f"`{other}`" in fetch.refusal(*BY_ID)


def test_a_field_that_nobody_filled_in_may_be_absent(fetch: Fetching) -> None:
    without = [{name: each[name] for name in each if not name.startswith("new_other")} for each in RECORDS]
    fetch.server.answers = answers([{**each, "intro_review": "x"} for each in without])
    assert fetch(*BY_ID) == 0
    people = load_plan(fetch.folder).select("Health", period="2026-01/2026-12").people_reached()
    assert people.total == 30 + 300 + 7
