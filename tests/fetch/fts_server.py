"""Answers as the FTS API gives them, from a server on loopback that knows each by its page number or grouping."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from copy import deepcopy
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from json_server import Answers, Fault, JsonServer, json_servers, send

JsonObject = dict[str, Any]


def servers() -> AbstractContextManager[Callable[[Answers], JsonServer]]:
    """Starts servers, each with its answers; all end with the block."""
    return json_servers(_page_or_grouping)


def _page_or_grouping(address: str) -> str:
    query = parse_qs(urlsplit(address).query)
    return query.get("groupby", query.get("page", ["1"]))[0]


def _changed(change: Callable[[JsonObject], object]) -> Fault:
    """Gives a good answer with other totals of its money."""

    def fault(handler: BaseHTTPRequestHandler, answer: JsonObject) -> None:
        other = deepcopy(answer)
        change(other["data"]["report3"]["fundingTotals"])
        send(handler, 200, json.dumps(other).encode())

    return fault


def _leave_one_out(totals: JsonObject) -> None:
    rows = totals["objects"][0]["objectsBreakdown"]
    gone = rows.pop(next(place for place, row in enumerate(rows) if row.get("id") and row["totalFunding"]))
    totals["total"] -= gone["totalFunding"]


without_rows = _changed(lambda totals: totals.update(objects=[]))
"""A good answer with its total, but none of its parts."""

without_rows_or_total = _changed(lambda totals: totals.update(total=0, objects=[]))
"""An answer that looks like that of a plan without money."""

without_one_row = _changed(_leave_one_out)
"""One part left out, and its money with it: everything that is there adds up."""


def five_flows() -> dict[str, JsonObject]:
    """The five flows of the worked example, on two pages, with the totals that FTS would give."""
    flows = [
        flow(1, 10, [org(1, "USA")], [org(2, "UNHCR"), HEALTH, COLOMBIA]),
        flow(2, 20, [org(3, "CAN")], [org(4, "HumFund")]),
        flow(3, 5, [PLAN, org(4, "HumFund")], [org(5, "NGO"), WASH, COLOMBIA], boundary="internal"),
        flow(4, 8, [org(6, "EU")], [org(7, "IOM"), HEALTH, WASH, COLOMBIA, PERU], status="commitment"),
        flow(5, 9, [org(8, "ESP")], [org(9, "WFP"), HEALTH], status="pledge"),
    ]
    sectors = [part(7, "Health", 10), part(11, "Water Sanitation Hygiene", 5), part(None, "Not specified", 15)]
    places = [part(49, "Colombia", 15), part(None, "Not specified", 15)]
    requirements = [{"id": 7, "name": "Health", "revisedRequirements": 40}, {"id": 3, "name": "Education"}]
    return {
        "1": page(flows[:3], link="https://api.hpc.tools/v1/public/fts/flow?planid=1021&page=2"),
        "2": page(flows[3:]),
        "globalcluster": totals("GlobalCluster", sectors, part(7, "Health", 9), requirements),
        "cluster": totals("Cluster", [part(None, "Not specified", 38)], part(None, "Not specified", 9), [], shared=0),
        "location": totals("Location", places, part(None, "Not specified", 9), []),
    }


def thing(kind: str, number: int, name: str) -> JsonObject:
    return {"type": kind, "id": str(number), "name": name, "behavior": "single"}


def org(number: int, name: str) -> JsonObject:
    return thing("Organization", number, name)


PLAN = thing("Plan", 1021, "RMRP 2021")
HEALTH, WASH = thing("GlobalCluster", 7, "Health"), thing("GlobalCluster", 11, "Water Sanitation Hygiene")
COLOMBIA, PERU = thing("Location", 49, "Colombia"), thing("Location", 175, "Peru")


def flow(number: int, amount: int, source: list[JsonObject], to: list[JsonObject], **changes: Any) -> JsonObject:
    standard = {"id": str(number), "amountUSD": amount, "status": "paid", "boundary": "incoming"}
    return {**standard, "sourceObjects": source, "destinationObjects": [PLAN, *to], **changes}


def page(flows: list[JsonObject], link: str | None = None) -> JsonObject:
    counts = {"incoming": {"flowCount": 4}, "outgoing": {"flowCount": 0}, "internal": {"flowCount": 1}}
    meta = {"language": "en", "count": 5} | ({"nextLink": link} if link else {})
    return {"status": "ok", "data": {**counts, "flows": flows}, "meta": meta}


def part(number: int | None, name: str, funding: int) -> JsonObject:
    """A row of a breakdown: without an id where nothing is specified."""
    return ({} if number is None else {"id": str(number)}) | {"name": name, "totalFunding": funding}


def totals(
    kind: str, parts: list[JsonObject], pledged: JsonObject, requirements: list[JsonObject], shared: int = 8
) -> JsonObject:
    group = {"type": kind, "objectsBreakdown": parts, "totalBreakdown": {"sharedFunding": shared}}
    pledges = {"type": kind, "objectsBreakdown": [pledged], "totalBreakdown": {"sharedFunding": 0}}
    report = {"fundingTotals": {"total": 38, "objects": [group]}, "pledgeTotals": {"total": 9, "objects": [pledges]}}
    stated = {
        "totalRevisedReqs": 40,
        "totalOrigReqs": 0,
        "objects": [{"objectType": kind, **row} for row in requirements],
    }
    return {"status": "ok", "data": {"requirements": stated, "report3": report}, "meta": {"language": "en"}}
