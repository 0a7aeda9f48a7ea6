"""Forms of ActivityInfo are fetched whole or not at all, from a server that answers badly in every way."""

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from json_server import Answers, JsonServer, answering, cut, cut_without_length, failing

from rmrp_analysis.tables import Activities

TOKEN = "4f1c-not-a-real-token-9d"  # noqa: S105 - of the tests
FORM, INDICATORS = "cov6wkemnorsfs62i", "cindic0000list"
ACTIVITIES_AT = f"/resources/query/v43/form/{FORM}"
INDICATORS_AT = f"/resources/query/v43/form/{INDICATORS}"
Serve = Callable[[Answers], JsonServer]
Fetch = Callable[..., int]


def activity(record: str, **changes: Any) -> dict[str, Any]:
    """A record with a field for each column that the activities of 2024 have, flat."""
    fields = {about.headers[0]: None for about in Activities.source_columns.values() if not about.optional}
    stated = {"Appealing Organization Name": "IOM", "Country": "Peru", "Reporting Month": "2024-03"}
    return {"_id": record, "_lastEditTime": 1711929600, **fields, **stated, **changes}


def indicator(record: str) -> dict[str, Any]:
    return {"_id": record, "CODE": record, "Sector": "Health", "Indicator": "text", "Indicator_Type": "PiN"}


@pytest.fixture
def server(serve: Serve) -> JsonServer:
    """Serves four activities and one indicator."""
    return serve({ACTIVITIES_AT: [activity(f"c{number}") for number in range(4)], INDICATORS_AT: [indicator("i1")]})


@pytest.fixture
def fetch(fetch_from: Fetch, monkeypatch: pytest.MonkeyPatch) -> Fetch:
    """Runs ``rmrp fetch activityinfo`` with a token in the environment, and gives its exit code."""
    monkeypatch.setenv("ACTIVITYINFO_TOKEN", TOKEN)
    monkeypatch.delenv("ACTIVITYINFOTOKEN", raising=False)
    return partial(fetch_from, "activityinfo")


def entry(folder: Path, name: str = "activities") -> dict[str, Any]:
    return yaml.safe_load((folder / "sources.yml").read_text(encoding="utf-8"))[name]


def records(folder: Path, name: str = "activities") -> list[dict[str, Any]]:
    return json.loads((folder / entry(folder, name)["file"]).read_bytes())


def test_a_folder_gets_the_records_as_they_came_and_an_entry_an_input(
    server: JsonServer, fetch: Fetch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetch(server, tmp_path, "--form", FORM, "--indicators", INDICATORS) == 0
    about = entry(tmp_path)
    assert (tmp_path / about["file"]).read_bytes() == json.dumps(server.answers[ACTIVITIES_AT]).encode()
    assert about["file"].startswith(f"activityinfo-{FORM}-20")
    assert (about["form"], about["records"], about["url"]) == (FORM, 4, server.address + ACTIVITIES_AT)
    assert (entry(tmp_path, "indicators")["records"], entry(tmp_path, "plan")) == (1, 2024)
    output = capsys.readouterr()
    assert "activities: 4 records of the form" in output.err
    assert "last edited 2024-04-01 00:00" in output.err
    assert output.out.strip().endswith("sources.yml")


def test_the_token_goes_to_the_server_and_is_nowhere_else(
    server: JsonServer, fetch: Fetch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch(server, tmp_path, "--form", FORM)
    server.faults[ACTIVITIES_AT] = [failing(401)]
    fetch(server, tmp_path)
    assert {token for _, token in server.asked} == {f"Bearer {TOKEN}"}
    output = capsys.readouterr()
    assert TOKEN not in output.out + output.err
    assert not any(TOKEN.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_another_server_never_gets_the_token(
    server: JsonServer, serve: Serve, fetch: Fetch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = serve(dict(server.answers))
    server.faults[ACTIVITIES_AT] = [failing(302, Location=other.address + ACTIVITIES_AT)]
    assert fetch(server, tmp_path, "--form", FORM) == 3
    server.answers[ACTIVITIES_AT] = {"records": [activity("c1")], "next": other.address + ACTIVITIES_AT}
    assert fetch(server, tmp_path, "--form", FORM) == 3
    assert other.asked == []
    assert "the next page is on another server" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_proxy_never_gets_the_token_unencrypted(
    server: JsonServer, serve: Serve, fetch: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve({})
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.address)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert fetch(server, tmp_path, "--form", FORM) == 0
    assert proxy.asked == []


def test_a_folder_that_names_another_server_does_not_get_the_token_sent_there(
    server: JsonServer, serve: Serve, fetch: Fetch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch(server, tmp_path, "--form", FORM)
    other = serve({})
    assert fetch(other, tmp_path) == 2
    assert "name its server by --base-address" in capsys.readouterr().err
    assert other.asked == []


@pytest.mark.parametrize("base", ["http://activityinfo.example.org", "https://user:secret@example.org"])
def test_an_address_where_others_could_read_the_token_is_refused(
    fetch: Fetch, tmp_path: Path, capsys: pytest.CaptureFixture[str], base: str
) -> None:
    assert fetch(SimpleNamespace(address=base), tmp_path, "--form", FORM) == 2
    assert "secret" not in capsys.readouterr().err


def test_without_a_token_both_ways_are_told_and_one_that_cannot_be_is_not_shown(
    server: JsonServer,
    fetch: Fetch,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ACTIVITYINFO_TOKEN", " ")
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert fetch(server, tmp_path, "--form", FORM) == 2
    message = capsys.readouterr().err
    assert "there is no token" in message
    assert "environment variable ACTIVITYINFO_TOKEN" in message
    assert "keyring set rmrp-analysis activityinfo" in message
    assert server.asked == []
    monkeypatch.setenv("ACTIVITYINFO_TOKEN", "two\nlines")
    assert fetch(server, tmp_path, "--form", FORM) == 2
    assert "two" not in capsys.readouterr().err


def test_the_token_may_be_under_another_name_or_in_the_keyring(
    server: JsonServer, fetch: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ACTIVITYINFO_TOKEN")
    kept = {("rmrp-analysis", "activityinfo"): "of-the-keyring"}
    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_password=lambda *of: kept[of]))
    assert fetch(server, tmp_path, "--form", FORM) == 0
    monkeypatch.setenv("ACTIVITYINFOTOKEN", "of-r4v")
    assert fetch(server, tmp_path, "--form", FORM) == 0
    assert server.asked == [(ACTIVITIES_AT, "Bearer of-the-keyring"), (ACTIVITIES_AT, "Bearer of-r4v")]


@pytest.mark.parametrize("fault", [failing(429, Retry_After="0"), failing(500), failing(503), cut, cut_without_length])
def test_a_failure_that_passes_is_asked_again(server: JsonServer, fetch: Fetch, tmp_path: Path, fault: Any) -> None:
    server.faults[ACTIVITIES_AT] = [fault, fault]
    assert fetch(server, tmp_path, "--form", FORM) == 0
    assert len(server.asked) == 3


REFUSED = {
    "401": (failing(401), "wrong, expired or revoked; make a new one"),
    "403": (failing(403), "the owner of the token may not read this form"),
    "404": (failing(404), "there is no form of this id"),
    "410": (failing(410), "the form was deleted"),
    "429": (failing(429), "the server answered 429 (5 attempts)"),
    "500": (failing(500), "the server answered 500 (5 attempts)"),
    "cut": (cut, "5 attempts"),
    "cut, no length": (cut_without_length, "may have been cut"),
    "web page": (answering(b"<!DOCTYPE html><html><body>Sign in</body></html>"), "a web page (HTML) instead of JSON"),
    "no list": (answering({"code": "ERROR"}), "holds no list of records (code)"),
    "no records": (answering([1]), "something that is no record"),
    "text": (answering("records"), "no JSON list or object"),
    "no id": (answering([activity("c1"), activity("")]), "1 records have no id"),
    "no ids": (answering([activity("")]), "the records have no id"),
    "twice": (answering([activity("c1"), activity("c1")]), "the record c1 came more than once"),
    "none": (answering([]), "the form has no records"),
    "half, by the head": (answering([activity("c1")], X_Total_Count="2"), "1 records came, the server counts 2"),
    "half, by the body": (answering({"rows": [activity("c1")], "totalRows": 2}), "1 records came, the server counts 2"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_is_no_whole_form_is_told_and_nothing_is_written(
    server: JsonServer, fetch: Fetch, tmp_path: Path, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    answer, message = REFUSED[fault]
    server.faults[ACTIVITIES_AT] = [answer] * 100
    out = tmp_path / "out"
    assert fetch(server, out, "--form", FORM, "--indicators", INDICATORS) == 3
    told = capsys.readouterr().err
    assert message in told
    assert "nothing was written" in told
    assert "Traceback" not in told
    assert not out.exists()


def test_a_renamed_field_is_named_with_a_suggestion_and_what_was_there_stays(
    server: JsonServer, fetch: Fetch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch(server, tmp_path, "--form", FORM)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for record in server.answers[ACTIVITIES_AT]:
        record["Reporting Mnth"] = record.pop("Reporting Month")
    assert fetch(server, tmp_path, "--form", FORM) == 3
    message = capsys.readouterr().err
    assert "the column is missing: `Reporting Month`" in message
    assert "`Reporting Mnth`: did you mean `Reporting Month`?" in message
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_nested_records_are_known_by_dotted_names(server: JsonServer, fetch: Fetch, tmp_path: Path) -> None:
    nested = [activity(f"c{number}") for number in range(2)]
    for record in nested:
        record["Country"] = {"Admin1": record.pop("Admin1")}
        record["País"] = "Peru"
    server.answers[ACTIVITIES_AT] = nested
    assert fetch(server, tmp_path, "--form", FORM) == 0
    assert records(tmp_path) == nested


def test_pages_named_in_body_or_head_become_one_list(server: JsonServer, fetch: Fetch, tmp_path: Path) -> None:
    every = [activity(f"c{number}") for number in range(5)]
    server.answers = {
        ACTIVITIES_AT: {"records": every[:2], "total": 5, "next": f"{ACTIVITIES_AT}?offset=2"},
        f"{ACTIVITIES_AT}?offset=2": {"records": every[2:4], "total": 5, "next": f"{ACTIVITIES_AT}?offset=4"},
        f"{ACTIVITIES_AT}?offset=4": {"records": every[4:], "total": 5, "next": None},
    }
    assert fetch(server, tmp_path, "--form", FORM) == 0
    assert records(tmp_path) == every
    every = [activity(f"c{number}") for number in range(3)]
    server.answers = {ACTIVITIES_AT: every[:2], f"{ACTIVITIES_AT}?page=2": every[2:]}
    server.heads[ACTIVITIES_AT] = {"Link": f'<{ACTIVITIES_AT}?page=2>; rel="next"', "X-Total-Count": "3"}
    assert fetch(server, tmp_path, "--form", FORM) == 0
    assert records(tmp_path) == every


def test_a_page_that_is_missing_leaves_nothing(
    server: JsonServer, fetch: Fetch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = {"records": [activity("c1")], "total": 2, "next": f"{ACTIVITIES_AT}?page=2"}
    for second in (None, {"records": [activity("c1")], "total": 2}, {"records": [], "total": 2}, first):
        server.answers = {ACTIVITIES_AT: first} | ({f"{ACTIVITIES_AT}?page=2": second} if second else {})
        assert fetch(server, tmp_path, "--form", FORM) == 3
    told = capsys.readouterr().err
    assert "go round in a circle" in told
    assert list(tmp_path.iterdir()) == []


def test_pages_that_moved_while_they_were_read_are_read_anew(server: JsonServer, fetch: Fetch, tmp_path: Path) -> None:
    second = f"{ACTIVITIES_AT}?page=2"
    server.answers = {
        ACTIVITIES_AT: {"records": [activity("c1")], "total": 2, "next": second},
        second: {"records": [activity("c2")], "total": 2},
    }
    server.faults[second] = [answering({"records": [activity("c1")], "total": 2})]
    assert fetch(server, tmp_path, "--form", FORM) == 0
    assert [address for address, _ in server.asked] == [ACTIVITIES_AT, second] * 2


def test_half_of_the_last_fetch_is_refused_unless_it_is_accepted(
    server: JsonServer, fetch: Fetch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch(server, tmp_path, "--form", FORM)
    server.answers[ACTIVITIES_AT] = [activity("c0")]
    assert fetch(server, tmp_path) == 3
    assert "holds 1 records, and held 4 at the last fetch" in capsys.readouterr().err
    assert entry(tmp_path)["records"] == 4
    assert fetch(server, tmp_path, "--accept-fewer") == 0
    assert entry(tmp_path)["records"] == 1


def test_without_ids_the_forms_of_the_folder_are_fetched_anew_and_the_changes_counted(
    server: JsonServer, fetch: Fetch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch(server, tmp_path, "--form", FORM, "--indicators", INDICATORS)
    text = (tmp_path / "sources.yml").read_text("utf-8").replace("producer: ActivityInfo", "producer: R4V partners")
    (tmp_path / "sources.yml").write_text(f"{text}planning: {{file: planning.csv, producer: R4V}}\n", "utf-8")
    (tmp_path / entry(tmp_path)["file"]).rename(tmp_path / "first.json")
    text = (tmp_path / "sources.yml").read_text("utf-8").replace(entry(tmp_path)["file"], "first.json")
    (tmp_path / "sources.yml").write_text(text, "utf-8")
    server.answers[ACTIVITIES_AT] = [activity("c1"), activity("c2", Country="Brazil"), activity("c9")]
    server.asked.clear()
    assert fetch(server, tmp_path) == 0
    assert [address for address, _ in server.asked] == [ACTIVITIES_AT, INDICATORS_AT]
    assert "since the last fetch 1 new, 1 changed, 2 gone" in capsys.readouterr().err
    assert entry(tmp_path)["producer"] == "R4V partners"
    assert entry(tmp_path, "planning") == {"file": "planning.csv", "producer": "R4V"}
    assert len(records(tmp_path)) == 3


def test_a_form_is_named_by_its_id(
    server: JsonServer, fetch: Fetch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetch(server, tmp_path) == 2
    assert "name one: --activities ID" in capsys.readouterr().err
    assert fetch(server, tmp_path, "--form", f"https://www.activityinfo.org/app#form/{FORM}/table") == 2
    assert f"did you mean '{FORM}'?" in capsys.readouterr().err
    assert fetch(server, tmp_path, "--form", "../../etc") == 2
    assert server.asked == []


def test_names_and_addresses_of_users_are_never_kept(
    server: JsonServer, fetch: Fetch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    user = {"name": "Ana Perez", "email": "ana@example.org"}
    server.answers[ACTIVITIES_AT] = [activity("c1", lastEditedBy=user, user="Ana Perez", meta={"email": "a@b.c"})]
    assert fetch(server, tmp_path, "--form", FORM) == 0
    assert records(tmp_path) == [activity("c1", meta={})]
    assert not any(b"Ana" in path.read_bytes() or b"@" in path.read_bytes() for path in tmp_path.glob("*.json"))
    assert "fields about users are left out: lastEditedBy.email, lastEditedBy.name, meta.email, user" in (
        capsys.readouterr().err
    )


def test_history_is_kept_without_its_users(server: JsonServer, fetch: Fetch, tmp_path: Path) -> None:
    fetch(server, tmp_path, "--form", FORM)
    (tmp_path / entry(tmp_path)["file"]).rename(tmp_path / "first.json")
    text = (tmp_path / "sources.yml").read_text("utf-8").replace(entry(tmp_path)["file"], "first.json")
    (tmp_path / "sources.yml").write_text(text, "utf-8")
    server.answers[ACTIVITIES_AT][2] = activity("c2", Country="Brazil")
    change = {"fieldId": "f1", "fieldLabel": "Country", "oldValueLabel": "Peru", "newValueLabel": "Brazil"}
    told = {"formId": FORM, "recordId": "c2", "version": 2, "time": 1711929600, "changeType": "updated"}
    user = {"id": "u1", "name": "Ana Perez", "email": "ana@example.org"}
    server.answers[f"/resources/form/{FORM}/record/c2/history"] = {
        "entries": [{**told, "user": user, "values": [change]}]
    }
    assert fetch(server, tmp_path, "--history") == 0
    kept = json.loads((tmp_path / entry(tmp_path)["history"]).read_bytes())
    assert kept == [{key: text for key, text in told.items() if key != "formId"} | {"values": [change]}]
