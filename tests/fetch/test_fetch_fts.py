"""Money is fetched whole or not at all, from a server that answers badly in every way that was seen."""

import gzip
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fetching import Fetching, Serve
from fts_server import five_flows, flow, page, servers, without_one_row, without_rows, without_rows_or_total
from json_server import JsonServer, answering, cut, cut_without_length, failing

from rmrp_analysis.commands.cli import main
from rmrp_analysis.errors import HalfAnswer, RequestError
from rmrp_analysis.fetch.api import Api
from rmrp_analysis.fetch.fts import Fetched, fetch_plan_funding
from rmrp_analysis.files import write_whole
from rmrp_analysis.loaders import load_funding
from rmrp_analysis.loaders.fts import load_plan_funding

BRIEF = {"pause": 0.0, "first_wait": 0.001, "attempts": 3}
Ask = Callable[..., Fetched]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server with these answers; it ends with the test."""
    with servers() as start:
        yield start


@pytest.fixture
def server(serve: Serve) -> JsonServer:
    return serve(five_flows())


def asked_of(server: JsonServer, plan_id: int = 1021, **options: Any) -> Fetched:
    """The money of a plan, asked for with these options of an ``Api``."""
    with Api(**BRIEF | options) as api:
        return fetch_plan_funding(api, plan_id=plan_id, base_address=server.address)


@pytest.fixture
def ask(server: JsonServer) -> Ask:
    """Asks the server for the five flows, with these options of an ``Api``."""
    return partial(asked_of, server)


def refusal(ask: Ask, **options: Any) -> str:
    with pytest.raises(HalfAnswer, match="nothing was written") as refused:
        ask(**options)
    return str(refused.value)


def test_pages_and_groupings_are_fetched_from_the_server_that_was_named(server: JsonServer, ask: Ask) -> None:
    fetched = ask()
    assert server.requests == ["1", "2", "globalcluster", "cluster", "location"]
    assert (fetched.flows, fetched.funding_usd, fetched.pledges_usd) == (5, 10 + 20 + 8, 9)
    assert (fetched.differences, fetched.left_out) == ((), ())
    assert "api.hpc.tools" in server.answers["1"]["meta"]["nextLink"]
    assert len(fetched.pages) == 2


def test_a_link_within_the_server_is_followed_and_an_address_may_name_the_version(server: JsonServer) -> None:
    server.answers["last"] = server.answers.pop("2")
    server.answers["1"]["meta"]["nextLink"] = f"{server.address}/elsewhere?page=last"
    with Api(**BRIEF) as api:
        named = fetch_plan_funding(api, plan_id=1021, base_address=f"{server.address}/v1/public/")
    assert (named.address, named.flows) == (f"{server.address}/v1/public/fts/flow?planid=1021", 5)


@pytest.mark.parametrize("base", ["127.0.0.1:80", "ftp://example.org", ""])
def test_what_is_no_address_is_told_before_anything_is_asked(base: str) -> None:
    with Api(**BRIEF) as api, pytest.raises(RequestError, match="is no address of the web; write it whole"):
        fetch_plan_funding(api, plan_id=1021, base_address=base)


@pytest.mark.parametrize("fault", [failing(429, Retry_After="0"), failing(500), failing(503), cut, cut_without_length])
@pytest.mark.parametrize("where", ["1", "2", "globalcluster"])
def test_a_failure_that_passes_is_asked_again(server: JsonServer, ask: Ask, fault: Any, where: str) -> None:
    server.faults[where] = [fault, fault]
    assert ask().funding_usd == 38
    assert server.requests.count(where) == 3


@pytest.mark.parametrize("fault", [without_rows, without_rows_or_total, without_one_row])
@pytest.mark.parametrize("where", ["globalcluster", "location"])
def test_a_good_answer_without_rows_is_asked_again(server: JsonServer, ask: Ask, fault: Any, where: str) -> None:
    server.faults[where] = [fault]
    assert ask().funding_usd == 38


def test_no_countries_are_told_of_and_a_sector_without_money_is_no_gap(
    server: JsonServer, ask: Ask, fetch: Fetching
) -> None:
    rows = server.answers["globalcluster"]["data"]["requirements"]["objects"]
    assert "Education" in {row["name"] for row in rows}
    assert ask().flows == 5
    del server.answers["location"]
    assert ask().left_out == ("location",)
    assert fetch() == 0
    assert "the server does not group by location" in fetch.told


def test_pages_that_moved_while_they_were_read_are_read_anew(server: JsonServer, ask: Ask) -> None:
    last, second = server.answers["1"]["data"]["flows"][2], server.answers["2"]
    flows = [last, *second["data"]["flows"][1:]]
    server.faults["2"] = [answering({**second, "data": {**second["data"], "flows": flows}})]
    assert ask().flows == 5
    assert server.requests[:4] == ["1", "2", "1", "2"]


SECOND = "/v1/public/fts/flow?planid=1021&limit=1000&page=2"
WRONG: dict[str, tuple[Callable[[JsonServer], object], str]] = {
    "a page is not there": (lambda server: server.answers.pop("2"), "the server answered 404"),
    "nobody points to a page": (
        lambda server: server.answers["1"]["meta"].pop("nextLink"),
        "the pages hold 3 flows and 0 repetitions, FTS counts 5",
    ),
    "pages go round in a circle": (
        lambda server: [server.answers[number]["meta"].update(nextLink=SECOND) for number in "12"],
        "go round in a circle",
    ),
    "pages that never end": (
        lambda server: server.answers.update(
            {str(n): page([flow(n, 1, [], [])], link=f"?page={n + 1}") for n in range(1, 20)}
        ),
        "the pages hold more flows than FTS counts",
    ),
    "a page on another server": (
        lambda server: server.answers["1"]["meta"].update(nextLink="https://api.example.org/?page=2"),
        "the next page is on another server, api.example.org",
    ),
    "a link that is none": (
        lambda server: server.answers["1"]["meta"].update(nextLink="http://[::1"),
        "the link to the next page is no address",
    ),
    "another count of internal flows": (
        lambda server: server.answers["1"]["data"]["internal"].update(flowCount=2),
        "1 internal flows, FTS counts 2",
    ),
    "no count": (lambda server: server.answers.update({"1": {"status": "error", "data": {}}}), "meta.count"),
    "totals": (
        lambda server: server.answers.update({"1": {"status": "ok", "meta": {"count": 0}, "data": {"plans": []}}}),
        "holds totals instead of flows",
    ),
    "a list": (lambda server: server.answers.update({"1": [1]}), "the answer is no JSON as this server gives it"),
    "no sectors": (lambda server: server.answers.pop("globalcluster"), "the server answered 404"),
    "no clusters": (lambda server: server.answers.pop("cluster"), "the server answered 404"),
    "no rows": (lambda server: server.faults.update(globalcluster=[without_rows] * 9), "rows are missing"),
    "no rows and no total": (
        lambda server: server.faults.update(globalcluster=[without_rows_or_total] * 9),
        "no row for",
    ),
    "one row less": (lambda server: server.faults.update(globalcluster=[without_one_row] * 9), "no row for"),
}


@pytest.mark.parametrize(("change", "message"), WRONG.values(), ids=WRONG)
def test_answers_that_do_not_fit_are_an_error(
    server: JsonServer, ask: Ask, change: Callable[[JsonServer], object], message: str
) -> None:
    change(server)
    assert message in refusal(ask)


def test_totals_that_are_not_the_sum_of_flows_are_told(server: JsonServer, ask: Ask) -> None:
    group = server.answers["location"]["data"]["report3"]["fundingTotals"]["objects"][0]
    group["objectsBreakdown"] = [{"id": "49", "name": "Colombia", "totalFunding": 10}, group["objectsBreakdown"][1]]
    group["totalBreakdown"]["sharedFunding"] = 13
    assert ask().differences == (
        "by location, 49: FTS states -5 US$ against the sum of its flows",
        "by location, shared: FTS states +5 US$ against the sum of its flows",
    )


def test_requests_keep_their_distance(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("rmrp_analysis.fetch.api.time.sleep", slept.append)
    ask(pause=30.0)
    assert slept[0] == 0
    assert all(25 < seconds <= 30 for seconds in slept[1:])


def test_the_server_may_ask_to_wait_longer(server: JsonServer, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waited.append)
    later = (datetime.now(UTC) + timedelta(seconds=50)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    server.faults["1"] = [failing(429, Retry_After=after) for after in ("7", later, "9999")]
    ask(first_wait=0.5, attempts=5)
    at_once, in_a_minute, too_long = (round(seconds) for seconds in waited if seconds)
    assert (at_once, 45 <= in_a_minute <= 50, too_long) == (7, True, 120)


@pytest.mark.parametrize("answer", ["kept", "old", "damaged"])
def test_an_answer_is_asked_for_again_that_is_old_or_damaged(
    server: JsonServer, ask: Ask, tmp_path: Path, answer: str
) -> None:
    times, age = [], {"max_age": timedelta(0)} if answer == "old" else {}
    for _ in range(2):
        times.append(ask(cache=tmp_path, **age).fetched)
        for kept in tmp_path.iterdir() if answer == "damaged" else ():
            kept.write_text("{", encoding="utf-8")
    assert len(server.requests) == (5 if answer == "kept" else 10)
    assert answer != "kept" or times[0] == times[1]


def test_a_fetch_that_broke_off_goes_on_where_it_was(server: JsonServer, ask: Ask, tmp_path: Path) -> None:
    server.faults["cluster"] = [failing(500)] * 6
    refusal(ask, cache=tmp_path)
    server.faults.clear()
    assert ask(cache=tmp_path).funding_usd == 38


@pytest.mark.real_data
def test_the_real_pages_of_plan_832_are_fetched_to_the_dollar(serve: Serve, shared_data: Path) -> None:
    opening = str(shared_data / "fts" / "api_v1_custom-search")
    real = {
        number: json.loads(gzip.decompress(Path(f"{opening}_locationid-171_year-2020{page}.json.gz").read_bytes()))
        for number, page in {"1": "", "2": "-page-2", "3": "-page-3"}.items()
    } | {
        grouping: json.loads(Path(f"{opening}_planid-832_groupby-{grouping}.json").read_text("utf-8"))
        for grouping in ("cluster", "globalcluster")
    }
    for number in (2, 3):  # these pages were recorded with links to where they were kept
        link = f"https://api.hpc.tools/v1/public/fts/flow?planid=832&page={number}"
        real[str(number - 1)]["meta"]["nextLink"] = link
    server = serve(real)
    server.faults = {"2": [failing(429, Retry_After="0"), cut], "cluster": [failing(500), without_rows]}
    fetched = asked_of(server, plan_id=832)
    assert (fetched.flows, fetched.funding_usd, fetched.pledges_usd) == (424, 295_077_912, 29_621)
    assert (fetched.differences, fetched.left_out) == ((), ("location",))


OTHERS = "# what lies here\ntitle: a plan\nplan: 2021\nactivities: {file: a.csv, producer: R4V, as_of: 2021}\n"


@pytest.fixture
def fetch(server: JsonServer, fetching: Callable[..., Fetching], tmp_path: Path) -> Fetching:
    return fetching(server, "fts", "--plan", "1021", "--cache", tmp_path / "cache")


def test_a_folder_gets_the_answers_and_their_entry(fetch: Fetching) -> None:
    assert fetch() == 0
    entry = fetch.sources["funding"]
    assert fetch.sources["plan"] == 2021
    assert {*entry["files"], "sources.yml"} == set(fetch.files)
    assert len(entry["files"]) == len(entry["sha256"]) == 5
    assert str(entry["fetched"]).startswith(str(entry["as_of"]))
    funding = load_plan_funding([fetch.folder / name for name in entry["files"]], plan_id=1021)
    assert None not in (funding.flows, funding.totals)
    assert "5 flows, US$ 38 funded, US$ 9 pledged" in fetch.told
    assert fetch.shown.strip().endswith("sources.yml")


@pytest.mark.parametrize(
    ("where", "fault"),
    [
        *(("2", failing(500)), ("1", failing(404)), ("cluster", cut_without_length)),
        ("globalcluster", without_rows_or_total),
    ],
)
def test_after_half_an_answer_nothing_is_written_and_what_was_there_stays(
    server: JsonServer, fetch: Fetching, where: str, fault: Any
) -> None:
    server.faults[where] = [fault] * 100
    fetch.refusal()
    server.faults.clear()
    assert fetch() == 0
    server.faults[where] = [fault] * 100
    fetch.refusal("--max-age", "0")


def test_what_was_written_is_removed_where_the_rest_cannot_be(fetch: Fetching, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: Any) -> Path:
        if path.suffix == ".yml":
            raise OSError(28, "No space left on device", str(path))
        return write_whole(path, content)

    fetch.describe(OTHERS)
    monkeypatch.setattr("rmrp_analysis.fetch.entry.write_whole", full)
    assert fetch() != 0
    assert fetch.files == {"sources.yml": OTHERS.encode()}


def test_a_folder_keeps_its_other_entries_and_comments(fetch: Fetching) -> None:
    fetch.describe(f"{OTHERS}funding: {{file: old.json, producer: x}}\n")
    assert fetch() == 0
    text = fetch.files["sources.yml"].decode()
    assert text.startswith(OTHERS)
    assert "old.json" not in text
    assert load_funding([fetch.folder / name for name in fetch.sources["funding"]["files"]]).flows is not None


def test_fetching_again_within_the_hour_asks_nobody(server: JsonServer, fetch: Fetching) -> None:
    for _ in range(2):
        fetch()
    assert len(server.requests) == 5
    fetch.folder = fetch.folder.with_name("another")
    fetch()
    assert len(server.requests) == 10


@pytest.mark.parametrize(
    "command",
    [["fts", "--plan", "1021"], ["activityinfo"], ["hdx", "rmrp-2021-activity-repository"]],
    ids=lambda command: command[0],
)
def test_without_the_library_of_fetching_the_command_says_how_to_install_it(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in [name for name in sys.modules if name.startswith("rmrp_analysis.fetch.")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "httpx2", None)
    monkeypatch.setattr(sys, "argv", ["rmrp", "fetch", *command, "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as ended:
        main()
    sentence = "fetching needs httpx2, which is not installed: pip install httpx2"
    assert (ended.value.code, capsys.readouterr().err.strip().removeprefix("rmrp: ")) == (2, sentence)
    assert not (tmp_path / "out").exists()
