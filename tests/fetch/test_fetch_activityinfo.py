"""Forms of ActivityInfo are fetched whole or not at all, from a server that answers badly in every way."""

import json
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from fetching import Fetching, Serve
from json_server import JsonServer, answering, failing

from rmrp_analysis.tables import Activities

TOKEN = "4f1c-not-a-real-token-9d"  # noqa: S105 - of the tests
FORM, INDICATORS = "cov6wkemnorsfs62i", "cindic0000list"
AT, INDICATORS_AT = (f"/resources/query/v43/form/{form}" for form in (FORM, INDICATORS))
SECOND = f"{AT}?page=2"


def activity(record: str, **changes: Any) -> dict[str, Any]:
    """A record with a field for each column that the activities of 2024 have, flat."""
    fields = {about.headers[0]: None for about in Activities.source_columns.values() if not about.optional}
    stated = {"Appealing Organization Name": "IOM", "Country": "Peru", "Reporting Month": "2024-03"}
    return {"_id": record, "_lastEditTime": 1711929600, **fields, **stated, **changes}


@pytest.fixture
def server(serve: Serve) -> JsonServer:
    """Serves four activities and one indicator."""
    indicator = {"_id": "i1", "CODE": "i1", "Sector": "Health", "Indicator": "text", "Indicator_Type": "PiN"}
    return serve({AT: [activity(f"c{number}") for number in range(4)], INDICATORS_AT: [indicator]})


@pytest.fixture
def fetch(server: JsonServer, fetching: Callable[..., Fetching], monkeypatch: pytest.MonkeyPatch) -> Fetching:
    """Fetches with a token in the environment."""
    monkeypatch.setenv("ACTIVITYINFO_TOKEN", TOKEN)
    monkeypatch.delenv("ACTIVITYINFOTOKEN", raising=False)
    return fetching(server, "activityinfo")


def records(fetch: Fetching) -> list[dict[str, Any]]:
    return json.loads(fetch.files[fetch.sources["activities"]["file"]])


def test_a_folder_gets_the_records_as_they_came_and_an_entry_an_input(server: JsonServer, fetch: Fetching) -> None:
    assert fetch("--form", FORM, "--indicators", INDICATORS) == 0
    about = fetch.sources["activities"]
    assert fetch.files[about["file"]] == json.dumps(server.answers[AT]).encode()
    assert about["file"].startswith(f"activityinfo-{FORM}-20")
    assert (about["form"], about["records"], about["url"]) == (FORM, 4, server.address + AT)
    assert (fetch.sources["indicators"]["records"], fetch.sources["plan"]) == (1, 2024)
    assert "activities: 4 records of the form" in fetch.told
    assert "last edited 2024-04-01 00:00" in fetch.told
    assert "history" not in fetch.told
    assert fetch.shown.strip().endswith("sources.yml")


def test_the_token_goes_to_the_server_and_is_nowhere_else(server: JsonServer, fetch: Fetching) -> None:
    fetch("--form", FORM)
    told = fetch.shown + fetch.told
    server.faults[AT] = [failing(401)]
    fetch()
    assert {token for _, token in server.asked} == {f"Bearer {TOKEN}"}
    assert TOKEN not in told + fetch.shown + fetch.told
    assert not any(TOKEN.encode() in content for content in fetch.files.values())


def test_another_server_never_gets_the_token(server: JsonServer, serve: Serve, fetch: Fetching) -> None:
    other = serve(dict(server.answers))
    server.faults[AT] = [failing(302, Location=other.address + AT)]
    fetch.refusal("--form", FORM)
    server.answers[AT] = {"records": [activity("c1")], "next": other.address + AT}
    assert "the next page is on another server" in fetch.refusal("--form", FORM)
    assert other.asked == []


def test_a_proxy_never_gets_the_token_in_plain(serve: Serve, fetch: Fetching, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve({})
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.address)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert fetch("--form", FORM) == 0
    assert proxy.asked == []


def test_a_folder_that_names_another_server_does_not_get_the_token_sent_there(serve: Serve, fetch: Fetching) -> None:
    fetch("--form", FORM)
    other = serve({})
    assert fetch(address=other.address) == 2
    assert "name its server by --base-address" in fetch.told
    assert other.asked == []


@pytest.mark.parametrize("base", ["http://activityinfo.example.org", "https://user:secret@example.org"])
def test_an_address_where_others_could_read_the_token_is_refused(fetch: Fetching, base: str) -> None:
    assert fetch("--form", FORM, address=base) == 2
    assert "secret" not in fetch.told


def test_without_a_token_both_ways_are_told_and_one_that_cannot_be_is_not_shown(
    server: JsonServer, fetch: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACTIVITYINFO_TOKEN", " ")
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert fetch("--form", FORM) == 2
    assert "there is no token" in fetch.told
    assert "environment variable ACTIVITYINFO_TOKEN" in fetch.told
    assert "keyring set rmrp-analysis activityinfo" in fetch.told
    assert server.asked == []
    monkeypatch.setenv("ACTIVITYINFO_TOKEN", "two\nlines")
    assert fetch("--form", FORM) == 2
    assert "two" not in fetch.told


def test_the_token_may_be_under_another_name_or_in_the_keyring(
    server: JsonServer, fetch: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ACTIVITYINFO_TOKEN")
    kept = {("rmrp-analysis", "activityinfo"): "of-the-keyring"}
    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_password=lambda *of: kept[of]))
    assert fetch("--form", FORM) == 0
    monkeypatch.setenv("ACTIVITYINFOTOKEN", "of-r4v")
    assert fetch("--form", FORM) == 0
    assert server.asked == [(AT, "Bearer of-the-keyring"), (AT, "Bearer of-r4v")]


REFUSED = {
    "401": (failing(401), "wrong, expired or revoked; make a new one"),
    "403": (failing(403), "the owner of the token may not read this form"),
    "404": (failing(404), "there is no form of this id"),
    "410": (failing(410), "the form was deleted"),
    "500": (failing(500), "the server answered 500: it is busy or out of order; try again in an hour (5 attempts)"),
    "web page": (answering(b"<!DOCTYPE html><html><body>Sign in</body></html>"), "a web page (HTML) instead of JSON"),
    "no list": (answering({"code": "ERROR"}), "holds no list of records (code)"),
    "no records": (answering([1]), "something that is no record"),
    "text": (answering("records"), "no JSON as this server gives it ([…], {…})"),
    "no id": (answering([activity("c1"), activity("")]), "1 records have no id"),
    "no ids": (answering([activity("")]), "the records have no id"),
    "twice": (answering([activity("c1"), activity("c1")]), "the record c1 came more than once"),
    "none": (answering([]), "the form has no records"),
    "half, by the head": (answering([activity("c1")], X_Total_Count="2"), "1 records came, the server counts 2"),
    "half, by the body": (answering({"rows": [activity("c1")], "totalRows": 2}), "1 records came, the server counts 2"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_is_no_whole_form_is_told_and_nothing_is_written(server: JsonServer, fetch: Fetching, fault: str) -> None:
    answer, message = REFUSED[fault]
    server.faults[AT] = [answer] * 100
    assert message in fetch.refusal("--form", FORM, "--indicators", INDICATORS)


def test_a_renamed_field_is_named_with_a_suggestion_and_the_file_stays(server: JsonServer, fetch: Fetching) -> None:
    fetch("--form", FORM)
    for record in server.answers[AT]:
        record["Reporting Mnth"] = record.pop("Reporting Month")
    assert "the column is missing: `Reporting Month`" in fetch.refusal("--form", FORM)
    assert "`Reporting Mnth`: did you mean `Reporting Month`?" in fetch.told


def test_nested_records_are_known_by_dotted_names(server: JsonServer, fetch: Fetching) -> None:
    for record in server.answers[AT]:
        record["Country"] = {"Admin1": record.pop("Admin1")}
        record["País"] = "Peru"
    assert fetch("--form", FORM) == 0
    assert records(fetch) == server.answers[AT]


NAMES = [
    ("data", "totalRecords", "nextLink"), ("results", "totalCount", "nextPage"),
    ("value", "totalRows", "@odata.nextLink"), ("records", "total", "next"),
]  # fmt: skip
"""How servers call the records of a page, their number in all, and the address of the next page."""


def test_pages_named_in_body_or_head_become_one_list(server: JsonServer, fetch: Fetching) -> None:
    every, pages = server.answers[AT], [AT, SECOND, f"{AT}?page=3", f"{AT}?page=4"]
    server.answers = {
        page: {listed: [record], total: 4, following: after}
        for page, after, record, (listed, total, following) in zip(pages, [*pages[1:], None], every, NAMES, strict=True)
    }
    assert fetch("--form", FORM) == 0
    assert records(fetch) == every
    server.answers = {AT: every[:2], SECOND: every[2:]}
    server.heads[AT] = {"Link": f'<{SECOND}>; rel="next"', "X-Total-Count": "4"}
    assert fetch("--form", FORM) == 0
    assert records(fetch) == every


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ({"records": [activity("c1")]}, "the record c1 came more than once"),
        ({"records": []}, "1 records came, the server counts 2"),
        ({"records": [activity("c2")], "total": 3}, "the form changed while it was read"),
        (None, "the server answered 404"),
    ],
)
def test_a_page_that_is_missing_leaves_nothing(
    server: JsonServer, fetch: Fetching, second: dict[str, Any] | None, message: str
) -> None:
    server.answers = {AT: {"records": [activity("c1")], "total": 2, "next": SECOND}}
    if second is not None:
        server.answers[SECOND] = {"total": 2, **second}
    assert message in fetch.refusal("--form", FORM)


def test_pages_that_moved_while_they_were_read_are_read_anew(server: JsonServer, fetch: Fetching) -> None:
    first, second = ({"records": [activity(record)], "total": 2} for record in ("c1", "c2"))
    server.answers = {AT: first | {"next": SECOND}, SECOND: second}
    server.faults[SECOND] = [answering(first)]
    assert fetch("--form", FORM) == 0
    assert server.requests == [AT, SECOND] * 2


def test_half_of_the_last_fetch_is_refused_unless_it_is_accepted(server: JsonServer, fetch: Fetching) -> None:
    fetch("--form", FORM)
    server.answers[AT] = [activity("c0")]
    assert "holds 1 records, and held 4 at the last fetch" in fetch.refusal()
    assert fetch("--accept-fewer") == 0
    assert fetch.sources["activities"]["records"] == 1
    (fetch.folder / fetch.sources["activities"]["file"]).unlink()
    assert fetch() == 0  # there is nothing to compare it with


def test_without_ids_the_forms_of_the_folder_are_fetched_anew_and_the_changes_counted(
    server: JsonServer, fetch: Fetching
) -> None:
    fetch("--form", FORM, "--indicators", INDICATORS)
    text = (
        fetch.files["sources.yml"].decode().replace("producer: ActivityInfo", "producer: R4V partners\n  licence: ours")
    )
    fetch.describe(f"{text}planning: {{file: planning.csv, producer: R4V}}\n")
    fetch.rename(fetch.sources["activities"]["file"], "first.json")
    server.answers[AT] = [activity("c1"), activity("c2", Country="Brazil"), activity("c9")]
    server.asked.clear()
    assert fetch() == 0
    assert server.requests == [AT, INDICATORS_AT]
    assert "since the last fetch 1 new, 1 changed, 2 gone" in fetch.told
    about = fetch.sources["activities"]
    assert (about["producer"], about["licence"]) == ("R4V partners", "ours")
    assert fetch.sources["planning"] == {"file": "planning.csv", "producer": "R4V"}
    assert len(records(fetch)) == 3


def test_a_form_is_named_by_its_id(server: JsonServer, fetch: Fetching) -> None:
    assert fetch() == 2
    assert "name one: --activities ID" in fetch.told
    assert fetch("--form", f"https://www.activityinfo.org/app#form/{FORM}/table") == 2
    assert f"did you mean '{FORM}'?" in fetch.told
    assert fetch("--form", "../../etc") == 2
    assert server.asked == []


def test_names_and_addresses_of_users_are_never_kept(server: JsonServer, fetch: Fetching) -> None:
    user = {"name": "Ana Perez", "email": "ana@example.org"}
    server.answers[AT] = [activity("c1", lastEditedBy=user, user="Ana Perez", meta={"email": "a@b.c"})]
    assert fetch("--form", FORM) == 0
    assert records(fetch) == [activity("c1", meta={})]
    left_out = "lastEditedBy.email, lastEditedBy.name, meta.email, user"
    assert f"fields about users are left out: {left_out}" in fetch.told


def test_history_is_kept_without_its_users(server: JsonServer, fetch: Fetching) -> None:
    fetch("--form", FORM, "--history")
    assert "without an earlier file of this form there is no history to fetch" in fetch.told
    fetch.rename(fetch.sources["activities"]["file"], "first.json")
    server.answers[AT][2] = activity("c2", Country="Brazil")
    change = {"fieldId": "f1", "fieldLabel": "Country", "oldValueLabel": "Peru", "newValueLabel": "Brazil"}
    told = {"recordId": "c2", "version": 2, "time": 1711929600, "changeType": "updated", "values": [change]}
    of_users = {"fieldLabel": "Email", "newValueLabel": "ana@example.org"}
    by = {"formId": FORM, "user": {"id": "u1", "name": "Ana Perez"}, "values": [change, of_users]}
    at = f"/resources/form/{FORM}/record/c2/history"
    for entries in (None, [None], [{"values": 5}], [{"values": [None]}], [{"values": "text"}]):
        server.answers[at] = {"entries": entries}
        assert at in fetch.refusal("--history")
    server.answers[at] = {"entries": [told | by]}
    assert fetch("--history") == 0
    assert json.loads(fetch.files[fetch.sources["activities"]["history"]]) == [told]
