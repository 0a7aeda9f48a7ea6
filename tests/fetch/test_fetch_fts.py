"""Money is fetched whole or not at all, from a server that answers badly in every way that was seen."""

import gzip
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from fts_server import JsonObject, five_flows, servers, without_one_row, without_rows, without_rows_or_total
from json_server import JsonServer, answering, cut, cut_without_length, failing

from rmrp_analysis.commands.cli import main
from rmrp_analysis.errors import HalfAnswer, RequestError
from rmrp_analysis.fetch.api import Api
from rmrp_analysis.fetch.fts import Fetched, fetch_plan_funding
from rmrp_analysis.loaders import load_funding
from rmrp_analysis.loaders.fts import load_plan_funding

Serve = Callable[[dict[str, JsonObject]], JsonServer]
BRIEF = {"pause": 0.0, "first_wait": 0.001, "attempts": 3}


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server with these answers; it ends with the test."""
    with servers() as start:
        yield start


@pytest.fixture
def answers() -> dict[str, JsonObject]:
    return five_flows()


@pytest.fixture
def server(serve: Serve, answers: dict[str, JsonObject]) -> JsonServer:
    return serve(answers)


@pytest.fixture
def api() -> Iterator[Api]:
    with Api(**BRIEF) as one:
        yield one


def fetched_from(server: JsonServer, api: Api, plan_id: int = 1021) -> Fetched:
    return fetch_plan_funding(api, plan_id=plan_id, base_address=server.address)


def refusal(server: JsonServer, api: Api) -> str:
    with pytest.raises(HalfAnswer) as refused:
        fetched_from(server, api)
    assert "nothing was written" in str(refused.value)
    return str(refused.value)


def test_pages_and_groupings_are_fetched_from_the_server_that_was_named(server: JsonServer, api: Api) -> None:
    fetched = fetched_from(server, api)
    assert server.requests == ["1", "2", "globalcluster", "cluster", "location"]
    assert (fetched.flows, fetched.funding_usd, fetched.pledges_usd) == (5, 10 + 20 + 8, 9)
    assert (fetched.differences, fetched.left_out) == ((), ())
    assert "api.example.org" in server.answers["1"]["meta"]["nextLink"]
    assert len(fetched_from(server, api).pages) == 2


def test_a_link_within_the_server_is_followed_and_an_address_may_name_the_version(server: JsonServer, api: Api) -> None:
    server.answers["last"] = server.answers.pop("2")
    server.answers["1"]["meta"]["nextLink"] = f"{server.address}/elsewhere?page=last"
    assert fetched_from(server, api).flows == 5
    named = fetch_plan_funding(api, plan_id=1021, base_address=f"{server.address}/v1/public/")
    assert named.address == f"{server.address}/v1/public/fts/flow?planid=1021"


@pytest.mark.parametrize("base", ["127.0.0.1:80", "ftp://example.org", ""])
def test_what_is_no_address_is_told_before_anything_is_asked(api: Api, base: str) -> None:
    with pytest.raises(RequestError, match="is no address; write it with http://"):
        fetch_plan_funding(api, plan_id=1021, base_address=base)


@pytest.mark.parametrize("fault", [failing(429, Retry_After="0"), failing(500), failing(503), cut, cut_without_length])
@pytest.mark.parametrize("where", ["1", "2", "globalcluster"])
def test_a_failure_that_passes_is_asked_again(server: JsonServer, api: Api, fault: Any, where: str) -> None:
    server.faults[where] = [fault, fault]
    assert fetched_from(server, api).funding_usd == 38
    assert server.requests.count(where) == 3


@pytest.mark.parametrize("fault", [failing(429), failing(500), cut, cut_without_length])
@pytest.mark.parametrize("where", ["2", "cluster"])
def test_a_failure_that_stays_is_an_error(server: JsonServer, api: Api, fault: Any, where: str) -> None:
    server.faults[where] = [fault] * 100
    refusal(server, api)


@pytest.mark.parametrize("fault", [without_rows, without_rows_or_total, without_one_row])
@pytest.mark.parametrize("where", ["globalcluster", "location"])
def test_a_good_answer_without_rows_is_asked_again(server: JsonServer, api: Api, fault: Any, where: str) -> None:
    server.faults[where] = [fault]
    assert fetched_from(server, api).funding_usd == 38


@pytest.mark.parametrize(
    ("fault", "message"),
    [(without_rows, "rows are missing"), (without_rows_or_total, "no row for"), (without_one_row, "no row for")],
)
def test_an_answer_that_stays_without_rows_is_an_error(server: JsonServer, api: Api, fault: Any, message: str) -> None:
    server.faults["globalcluster"] = [fault] * 100
    assert message in refusal(server, api)


def test_no_countries_are_told_of_and_a_sector_without_money_is_no_gap(server: JsonServer, api: Api) -> None:
    rows = server.answers["globalcluster"]["data"]["requirements"]["objects"]
    assert "Education" in {row["name"] for row in rows}
    assert fetched_from(server, api).flows == 5
    del server.answers["location"]
    assert fetched_from(server, api).left_out == ("location",)


def test_pages_that_moved_while_they_were_read_are_read_anew(server: JsonServer, api: Api) -> None:
    last, second = server.answers["1"]["data"]["flows"][2], server.answers["2"]
    flows = [last, *second["data"]["flows"][1:]]
    server.faults["2"] = [answering({**second, "data": {**second["data"], "flows": flows}})]
    assert fetched_from(server, api).flows == 5
    assert server.requests[:4] == ["1", "2", "1", "2"]


SECOND = "/v1/public/fts/flow?planid=1021&limit=1000&page=2"
WRONG: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a page is not there": (lambda answers: answers.pop("2"), "the server answered 404"),
    "nobody points to a page": (
        lambda answers: answers["1"]["meta"].pop("nextLink"),
        "the pages hold 3 flows and 0 repetitions, FTS counts 5",
    ),
    "pages go round in a circle": (
        lambda answers: [answers[number]["meta"].update(nextLink=SECOND) for number in "12"],
        "go round in a circle",
    ),
    "another count of internal flows": (
        lambda answers: answers["1"]["data"]["internal"].update(flowCount=2),
        "1 internal flows, FTS counts 2",
    ),
    "no count": (lambda answers: answers.update({"1": {"status": "error", "data": {}}}), "meta.count"),
    "totals": (
        lambda answers: answers.update({"1": {"status": "ok", "meta": {"count": 0}, "data": {"plans": []}}}),
        "holds totals instead of flows",
    ),
    "a list": (lambda answers: answers.update({"1": [1]}), "no JSON object"),
    "no sectors": (lambda answers: answers.pop("globalcluster"), "the server answered 404"),
    "no clusters": (lambda answers: answers.pop("cluster"), "the server answered 404"),
}


@pytest.mark.parametrize(("change", "message"), WRONG.values(), ids=WRONG)
def test_answers_that_do_not_fit_are_an_error(
    server: JsonServer, api: Api, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    change(server.answers)
    assert message in refusal(server, api)


def test_totals_that_are_not_the_sum_of_flows_are_told(server: JsonServer, api: Api) -> None:
    group = server.answers["location"]["data"]["report3"]["fundingTotals"]["objects"][0]
    group["objectsBreakdown"] = [{"id": "49", "name": "Colombia", "totalFunding": 10}, group["objectsBreakdown"][1]]
    group["totalBreakdown"]["sharedFunding"] = 13
    assert fetched_from(server, api).differences == (
        "by location, 49: FTS states -5 US$ against the sum of its flows",
        "by location, shared: FTS states +5 US$ against the sum of its flows",
    )


def test_an_answer_too_large_too_slow_from_elsewhere_or_none_is_an_error(server: JsonServer, api: Api) -> None:
    for limit, message in (({"most_bytes": 100}, "holds more than 100 bytes"), ({"longest": -1}, "takes longer than")):
        with Api(**BRIEF, **limit) as limited:
            assert message in refusal(server, limited)
    server.faults["1"] = [failing(302, Location="http://example.org/pages")]
    assert "the server sends to http://example.org" in refusal(server, api)
    address = server.address
    server.shutdown()
    server.server_close()
    with pytest.raises(HalfAnswer, match="the connection failed"):
        fetch_plan_funding(api, plan_id=1021, base_address=address)


def test_requests_keep_their_distance(server: JsonServer, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("rmrp_analysis.fetch.api.time.sleep", slept.append)
    with Api(pause=30.0, first_wait=0.001) as api:
        fetched_from(server, api)
    assert slept[0] == 0
    assert all(25 < seconds <= 30 for seconds in slept[1:])


def test_the_server_may_ask_to_wait_longer(server: JsonServer, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waited.append)
    later = (datetime.now(UTC) + timedelta(seconds=50)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    server.faults["1"] = [
        failing(429, Retry_After="7"),
        failing(429, Retry_After=later),
        failing(429, Retry_After="9999"),
    ]
    with Api(pause=0, first_wait=0.5) as api:
        fetched_from(server, api)
    whole_seconds = [round(seconds) for seconds in waited if seconds]
    assert whole_seconds[0] == 7
    assert 45 <= whole_seconds[1] <= 50
    assert whole_seconds[2] == 120


@pytest.mark.parametrize("answer", ["kept", "old", "damaged"])
def test_an_answer_is_asked_for_again_that_is_old_or_damaged(server: JsonServer, tmp_path: Path, answer: str) -> None:
    times, age = [], {"max_age": timedelta(0)} if answer == "old" else {}
    for _ in range(2):
        with Api(cache=tmp_path, **age, **BRIEF) as api:
            times.append(fetched_from(server, api).fetched)
        for kept in tmp_path.iterdir() if answer == "damaged" else ():
            kept.write_text("{", encoding="utf-8")
    assert len(server.requests) == (5 if answer == "kept" else 10)
    assert answer != "kept" or times[0] == times[1]


def test_a_fetch_that_broke_off_goes_on_where_it_was(server: JsonServer, tmp_path: Path) -> None:
    server.faults["cluster"] = [failing(500)] * 6
    with Api(cache=tmp_path, **BRIEF) as api:
        refusal(server, api)
    server.faults.clear()
    server.asked.clear()
    with Api(cache=tmp_path, **BRIEF) as api:
        assert fetched_from(server, api).funding_usd == 38


@pytest.mark.real_data
def test_the_real_pages_of_plan_832_are_fetched_to_the_dollar(serve: Serve, api: Api, shared_data: Path) -> None:
    named = {"1": "", "2": "-page-2", "3": "-page-3"}
    opening = "api_v1_custom-search"
    real = {
        number: json.loads(
            gzip.decompress((shared_data / "fts" / f"{opening}_locationid-171_year-2020{page}.json.gz").read_bytes())
        )
        for number, page in named.items()
    } | {
        grouping: json.loads((shared_data / "fts" / f"{opening}_planid-832_groupby-{grouping}.json").read_text("utf-8"))
        for grouping in ("cluster", "globalcluster")
    }
    server = serve(real)
    server.faults = {"2": [failing(429, Retry_After="0"), cut], "cluster": [failing(500), without_rows]}
    fetched = fetched_from(server, api, plan_id=832)
    assert (fetched.flows, fetched.funding_usd, fetched.pledges_usd) == (424, 295_077_912, 29_621)
    assert (fetched.differences, fetched.left_out) == ((), ("location",))


# ---- The folder ----


Fetch = Callable[..., int]
OTHERS = "# what lies here\ntitle: a plan\nplan: 2021\nactivities: {file: a.csv, producer: R4V, as_of: 2021}\n"


@pytest.fixture
def fetch(fetch_from: Fetch, tmp_path: Path) -> Fetch:
    options = ("--plan", "1021", "--cache", str(tmp_path / "cache"))
    return lambda server, out, *more: fetch_from("fts", server, out, *options, *more)


def test_a_folder_gets_the_answers_and_their_entry(
    server: JsonServer, fetch: Fetch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "rmrp-2021"
    assert fetch(server, out) == 0
    described = yaml.safe_load((out / "sources.yml").read_text(encoding="utf-8"))
    entry = described["funding"]
    assert described["plan"] == 2021
    assert sorted(entry["files"]) == sorted(path.name for path in out.glob("*.json"))
    assert len(entry["files"]) == len(entry["sha256"]) == 5
    assert str(entry["fetched"]).startswith(str(entry["as_of"]))
    funding = load_plan_funding([out / name for name in entry["files"]], plan_id=1021)
    assert funding.flows is not None
    assert funding.totals is not None
    output = capsys.readouterr()
    assert "5 flows, US$ 38 funded, US$ 9 pledged" in output.err
    assert output.out.strip().endswith("sources.yml")


@pytest.mark.parametrize(
    ("where", "fault"), [("2", failing(500)), ("globalcluster", without_rows_or_total), ("1", failing(404))]
)
def test_after_half_an_answer_nothing_is_written(
    server: JsonServer, fetch: Fetch, tmp_path: Path, where: str, fault: object
) -> None:
    server.faults[where] = [fault] * 100  # type: ignore[list-item]
    assert fetch(server, tmp_path / "out") == 3
    assert not (tmp_path / "out").exists()


def test_after_half_an_answer_what_was_there_stays(server: JsonServer, fetch: Fetch, tmp_path: Path) -> None:
    out = tmp_path / "out"
    fetch(server, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    server.faults["2"] = [failing(500)] * 100
    assert fetch(server, out, "--max-age", "0") == 3
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_a_folder_keeps_its_other_entries_and_comments(server: JsonServer, fetch: Fetch, tmp_path: Path) -> None:
    (tmp_path / "sources.yml").write_text(f"{OTHERS}funding: {{file: old.json, producer: x}}\n", encoding="utf-8")
    assert fetch(server, tmp_path) == 0
    text = (tmp_path / "sources.yml").read_text(encoding="utf-8")
    assert text.startswith(OTHERS)
    assert "old.json" not in text
    assert load_funding([tmp_path / name for name in yaml.safe_load(text)["funding"]["files"]]).flows is not None


def test_fetching_again_within_the_hour_asks_nobody(server: JsonServer, fetch: Fetch, tmp_path: Path) -> None:
    for _ in range(2):
        fetch(server, tmp_path / "out")
    assert len(server.requests) == 5
    fetch(server, tmp_path / "another")
    assert len(server.requests) == 10


@pytest.mark.parametrize(
    "command",
    [["fts", "--plan", "1021"], ["activityinfo"], ["hdx", "rmrp-2021-activity-repository"]],
    ids=lambda command: command[0],
)
@pytest.mark.parametrize("library", ["httpx2", "tenacity"])
def test_without_the_libraries_of_fetching_the_command_says_how_to_install_them(
    command: list[str],
    library: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for module in [name for name in sys.modules if name.startswith("rmrp_analysis.fetch.")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.setattr(sys, "argv", ["rmrp", "fetch", *command, "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as ended:
        main()
    sentence = f'fetching needs {library}, which is not installed: pip install "rmrp-analysis[fetch]"'
    assert (ended.value.code, capsys.readouterr().err.strip().removeprefix("rmrp: ")) == (2, sentence)
    assert not (tmp_path / "out").exists()
