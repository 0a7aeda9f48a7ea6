"""Money is fetched whole or not at all, from a server that answers badly in every way that was seen."""

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fts_server import JsonObject, five_flows, servers, without_one_row, without_rows, without_rows_or_total
from json_server import JsonServer, answering, cut, cut_without_length, failing

from rmrp_analysis.errors import HalfAnswer, RequestError
from rmrp_analysis.fetch.api import Api
from rmrp_analysis.fetch.fts import Fetched, fetch_plan_funding

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
def test_a_good_answer_that_stays_without_rows_is_an_error(
    server: JsonServer, api: Api, fault: Any, message: str
) -> None:
    server.faults["globalcluster"] = [fault] * 100
    assert message in refusal(server, api)


def test_a_sector_that_was_asked_for_money_and_got_none_is_no_gap(server: JsonServer, api: Api) -> None:
    rows = server.answers["globalcluster"]["data"]["requirements"]["objects"]
    assert "Education" in {row["name"] for row in rows}
    assert fetched_from(server, api).flows == 5


def test_a_page_that_is_not_there_is_an_error(server: JsonServer, api: Api) -> None:
    del server.answers["2"]
    assert "the server answered 404" in refusal(server, api)


def test_a_page_that_nobody_points_to_is_missed(server: JsonServer, api: Api) -> None:
    del server.answers["1"]["meta"]["nextLink"]
    assert "the pages hold 3 flows and 0 repetitions, FTS counts 5" in refusal(server, api)


def test_pages_that_moved_while_they_were_read_are_read_anew(server: JsonServer, api: Api) -> None:
    last, second = server.answers["1"]["data"]["flows"][2], server.answers["2"]
    flows = [last, *second["data"]["flows"][1:]]
    server.faults["2"] = [answering({**second, "data": {**second["data"], "flows": flows}})]
    assert fetched_from(server, api).flows == 5
    assert server.requests[:4] == ["1", "2", "1", "2"]


def test_pages_that_go_round_in_a_circle_end(server: JsonServer, api: Api) -> None:
    server.answers["2"]["meta"]["nextLink"] = f"{server.address}/v1/public/fts/flow?planid=1021&limit=1000&page=2"
    server.answers["1"]["meta"]["nextLink"] = server.answers["2"]["meta"]["nextLink"]
    assert "go round in a circle" in refusal(server, api)


def test_a_count_of_internal_flows_that_does_not_fit_is_an_error(server: JsonServer, api: Api) -> None:
    server.answers["1"]["data"]["internal"]["flowCount"] = 2
    assert "1 internal flows, FTS counts 2" in refusal(server, api)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"status": "error", "data": {}}, "meta.count"),
        ({"status": "ok", "meta": {"count": 0}, "data": {"plans": []}}, "holds totals instead of flows"),
        ([1], "no JSON object"),
    ],
)
def test_an_answer_of_another_shape_is_an_error(server: JsonServer, api: Api, answer: Any, message: str) -> None:
    server.answers["1"] = answer
    assert message in refusal(server, api)


def test_a_server_that_does_not_group_by_country_is_told_of(server: JsonServer, api: Api) -> None:
    del server.answers["location"]
    assert fetched_from(server, api).left_out == ("location",)


@pytest.mark.parametrize("grouping", ["globalcluster", "cluster"])
def test_a_server_that_does_not_group_by_sector_is_an_error(server: JsonServer, api: Api, grouping: str) -> None:
    del server.answers[grouping]
    assert "the server answered 404" in refusal(server, api)


def test_totals_that_are_not_the_sum_of_flows_are_told(server: JsonServer, api: Api) -> None:
    group = server.answers["location"]["data"]["report3"]["fundingTotals"]["objects"][0]
    group["objectsBreakdown"] = [{"id": "49", "name": "Colombia", "totalFunding": 10}, group["objectsBreakdown"][1]]
    group["totalBreakdown"]["sharedFunding"] = 13
    assert fetched_from(server, api).differences == (
        "by location, 49: FTS states -5 US$ against the sum of its flows",
        "by location, shared: FTS states +5 US$ against the sum of its flows",
    )


def test_a_server_that_is_not_there_is_an_error(server: JsonServer, api: Api) -> None:
    address = server.address
    server.shutdown()
    server.server_close()
    with pytest.raises(HalfAnswer, match="the connection failed"):
        fetch_plan_funding(api, plan_id=1021, base_address=address)


def test_an_answer_that_would_fill_the_memory_is_refused(server: JsonServer) -> None:
    with Api(**BRIEF, most_bytes=100) as api:
        assert "holds more than 100 bytes" in refusal(server, api)


def test_an_answer_that_takes_too_long_is_an_error(server: JsonServer) -> None:
    with Api(**BRIEF, longest=-1) as api:
        assert "takes longer than" in refusal(server, api)


def test_another_server_is_never_asked(server: JsonServer, api: Api) -> None:
    server.faults["1"] = [failing(302, Location="http://example.org/pages")]
    assert "the server sends to http://example.org" in refusal(server, api)


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


def test_a_kept_answer_is_not_asked_for_again_and_keeps_its_time(server: JsonServer, tmp_path: Path) -> None:
    times = []
    for _ in range(2):
        with Api(cache=tmp_path, **BRIEF) as api:
            times.append(fetched_from(server, api).fetched)
    assert len(server.requests) == 5
    assert times[0] == times[1]


def test_an_old_answer_is_asked_for_again(server: JsonServer, tmp_path: Path) -> None:
    for _ in range(2):
        with Api(cache=tmp_path, max_age=timedelta(0), **BRIEF) as api:
            fetched_from(server, api)
    assert len(server.requests) == 10


def test_a_fetch_that_broke_off_goes_on_where_it_was(server: JsonServer, tmp_path: Path) -> None:
    server.faults["cluster"] = [failing(500)] * 6
    with Api(cache=tmp_path, **BRIEF) as api:
        refusal(server, api)
    server.faults.clear()
    server.asked.clear()
    with Api(cache=tmp_path, **BRIEF) as api:
        assert fetched_from(server, api).funding_usd == 38


def test_a_damaged_answer_in_the_cache_is_asked_for_again(server: JsonServer, tmp_path: Path) -> None:
    with Api(cache=tmp_path, **BRIEF) as api:
        fetched_from(server, api)
    for kept in tmp_path.iterdir():
        kept.write_text("{", encoding="utf-8")
    with Api(cache=tmp_path, **BRIEF) as api:
        fetched_from(server, api)
    assert len(server.requests) == 10


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
