"""Whatever stands where a producer's answer has something else, a fetch ends in a sentence, never in a traceback."""

import json
import random
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fts_server import five_flows
from test_fetch_hdx import PLACES

from rmrp_analysis.errors import HalfAnswer, RmrpError
from rmrp_analysis.fetch.activityinfo import fetch_forms
from rmrp_analysis.fetch.api import Answer, Api
from rmrp_analysis.fetch.fts import fetch_plan_funding
from rmrp_analysis.fetch.hdx import fetch_dataset
from rmrp_analysis.publish.records.results import utc_now

BASE = "http://127.0.0.1:9"
GONE = object()
VALUES = (
    *(None, [], [None], {}, {"a": 1}, "", "x", "\ud800", 0, -1, 1.5, 10**400, 1e308, float("nan"), True, [[]], ["x"]),
    *(GONE, "2021-13-45", "http://[::1", "9" * 5000, {"type": "x"}, [{}]),
)
Read = Callable[[Api, Path], object]


class Recorded(Api):
    """Gives recorded answers by the last part of their addresses, as a server gives them."""

    answers: dict[str, Any]

    def file(self, url: str, *, missing: Callable[[Answer], str] = lambda _: "", home: str = "") -> Answer:  # noqa: ARG002
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        name = query.get("groupby", query.get("page", [parts.path.rpartition("/")[2]]))[0]
        if name not in self.answers:
            raise HalfAnswer(f"{url}: the server answered 404")
        content = self.answers[name]
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        answer = Answer(url, body, datetime.fromisoformat(utc_now()))
        if fault := missing(answer):
            raise HalfAnswer(f"{url}: {fault}")
        return answer


def fts() -> tuple[dict[str, Any], Read]:
    answers = five_flows()
    answers["flow"] = answers.pop("1")
    return answers, lambda api, _: fetch_plan_funding(api, plan_id=1021, base_address=BASE).fetching()


def hdx() -> tuple[dict[str, Any], Read]:
    places = {"id": "r1", "name": "Places", "format": "CSV", "url": f"{BASE}/a.csv", "hash": "", "size": len(PLACES)}
    about = {"name": "lists", "title": "Lists", "organization": {"title": "R4V"}, "num_resources": 1}
    shown = {"success": True, "result": {**about, "resources": [{**places, "download_url": ""}]}}
    answers = {"package_show": shown, "a.csv": PLACES}
    return answers, lambda api, folder: fetch_dataset(api, "lists", folder, base_address=BASE).fetching()


def activityinfo() -> tuple[dict[str, Any], Read]:
    records = [
        {"_id": "a1", "_lastEditTime": 1.6e9, "Country": "Peru", "Admin1": "Lima", "PCODE": "PE15", "u": {"x": "y"}},
        {"_id": "a2", "_lastEditTime": 1.6e9, "Country": "Peru", "Admin1": "Ica", "PCODE": "PE11", "u": {"x": "y"}},
    ]

    def read(api: Api, folder: Path) -> object:
        forms = fetch_forms(api, {"admin1": "places"}, folder, base_address=BASE)
        return forms.fetching(), [form.last_edit for form in forms.by_input.values()]

    return {"places": {"records": records, "total": 2, "next": None}}, read


def places_in(content: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    inside = (
        content.items() if isinstance(content, dict) else enumerate(content[:2]) if isinstance(content, list) else ()
    )
    for key, part in inside:
        yield from places_in(part, (*place, key))


def with_change(answers: dict[str, Any], place: tuple[Any, ...], text: Any) -> dict[str, Any]:
    changed = deepcopy(answers)
    holder: Any = changed
    for key in place[:-1]:
        holder = holder[key]
    if text is GONE:
        del holder[place[-1]]
    else:
        holder[place[-1]] = text
    return changed


@pytest.mark.parametrize(("producer", "sampled"), [(fts, 60), (hdx, 100), (activityinfo, 100)])
def test_an_answer_of_any_other_shape_ends_in_a_sentence(
    producer: Callable[[], tuple[dict[str, Any], Read]], sampled: int, tmp_path: Path
) -> None:
    answers, read = producer()
    inside = [place for place in places_in(answers) if len(place) > 1]
    every = [(place, text) for place in inside for text in VALUES]
    refusals = []
    for place, text in random.Random(7).sample(every, sampled):  # noqa: S311 - all of them take minutes
        with Recorded(pause=0) as api:
            api.answers = with_change(answers, place, text)
            try:
                read(api, tmp_path)
            except RmrpError as problem:
                refusals.append(str(problem))
    assert len(refusals) > sampled / 10
    assert [text for text in refusals if "\n" in text] == []


TOTALS = ("globalcluster", "data", "report3", "fundingTotals")


@pytest.mark.parametrize(
    ("place", "text", "message"),
    [
        (("flow", "data", "incoming"), [None], "the answer is not as this server describes its answers"),
        (("flow", "data", "incoming", "flowCount"), "4", "a count of flows is no number"),
        (("flow", "meta"), [None], "the page does not say how many flows there are"),
        (("flow", "data", "flows", 0, "amountUSD"), 10**400, "flow 1 is not as FTS gives flows"),
        (("flow", "data", "flows", 0, "sourceObjects"), None, "flow 1 is not as FTS gives flows"),
        (("flow", "data", "flows", 0, "id"), "\ud800", "the answer is no JSON"),
        (("flow", "data", "flows"), [], "the pages hold 2 flows"),
        ((*TOTALS, "total"), [], "'[]' is no amount"),
        (("globalcluster", "data", "requirements", "totalRevisedReqs"), {}, "'{}' is no amount"),
    ],
)
def test_what_is_wrong_is_named(place: tuple[Any, ...], text: Any, message: str, tmp_path: Path) -> None:
    answers, read = fts()
    with Recorded(pause=0) as api:
        api.answers = with_change(answers, place, text)
        with pytest.raises(HalfAnswer, match=re.escape(message)):
            read(api, tmp_path)
