"""Answers of the FTS API: pages of flows, totals grouped by one thing, overviews of a year's plans."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rmrp_analysis import vocabulary
from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.fts.rows import FTS_KEY_BY_FLOW_COLUMN, Record, Rows, identifier, name
from rmrp_analysis.loaders.read import no_number

Item = Mapping[str, Any]
"""An object of an answer of the FTS API."""
OBJECT_TYPES: Mapping[str, tuple[str, str]] = {
    "Plan": ("plans", "plan"),
    "Cluster": ("clusters", "cluster"),
    "GlobalCluster": ("global_clusters", "sector"),
    "Location": ("locations", "country"),
    "Organization": ("organisations", "organisation"),
}
"""By the type of an object of FTS: the column in which our flows list its ids, and the grouping of our totals."""

SEVERAL_PLANS_NAME = "all plans of the answer"
"""The plan name of money of no single plan, in an answer that is grouped by plan."""
WRONG_SHAPE_ERRORS = (AttributeError, KeyError, TypeError, ValueError)
"""Errors of reading an answer with other fields than FTS gives."""


def read_answer(path: Path, content: bytes) -> Rows:
    """Return the rows of an answer. Raises ``InputRefused`` when it is damaged, a failure, or of an unknown shape."""
    try:
        answer = json.loads(content.decode("utf-8-sig"), parse_constant=no_number)
    except (ValueError, RecursionError) as problem:
        raise InputRefused(f"{path}: cannot be read as an FTS API answer ({problem})") from None
    if not isinstance(answer, dict) or answer.get("status") != "ok":
        raise InputRefused(f"{path}: is no successful answer of the FTS API (its status is not 'ok')")
    body = answer["data"] if isinstance(answer.get("data"), dict) else {}
    shapes = {"flows": _flows, "report3": _read_groups, "plans": _plans}
    shape = next((shape for shape in shapes if body.get(shape) is not None), None)
    if shape is None:
        raise InputRefused(
            f"{path}: holds nothing that is read; expected an answer of the FTS API: flows ('data.flows'), totals "
            "grouped by one thing ('data.report3'), or a plan overview ('data.plans')"
        )
    records: list[Record] = []
    try:
        for place, record in enumerate(shapes[shape](body), start=1):
            records.append({"source_file": path.name, "source_line": place, **record})
    except WRONG_SHAPE_ERRORS as problem:
        fault = (
            f"flow {len(records) + 1} is not as FTS gives flows" if shape == "flows" else "is not as FTS gives totals"
        )
        raise InputRefused(f"{path}: {fault} ({type(problem).__name__}: {problem})") from None
    return Rows("flows" if shape == "flows" else "totals", records)


def _flows(body: Item) -> Iterator[Record]:
    """Yield each flow of an answer. Raises ``ValueError`` for a missing amount or an unknown status."""
    for flow in body["flows"]:
        if flow["status"] not in vocabulary.FUNDING_STATUSES:
            raise ValueError(f"status '{flow['status']}'; allowed: {', '.join(vocabulary.FUNDING_STATUSES)}")
        if flow["amountUSD"] is None:
            raise ValueError("it states no amount")
        yield {
            "flow_id": str(flow["id"]),
            "amount_usd": _dollars(flow["amountUSD"]),
            "status": flow["status"],
            **{column: name(flow.get(key) or "") for column, key in FTS_KEY_BY_FLOW_COLUMN.items()},
            "date": name(flow.get("date") or "")[:10],
            **_side("source", flow["sourceObjects"]),
            **_side("destination", flow["destinationObjects"]),
        }


def _dollars(amount: Any) -> float:
    """Return an amount as FTS states it, NaN for None. Raises ``ValueError`` if it is no number."""
    try:
        dollars = math.nan if amount is None else float(amount)
    except (OverflowError, TypeError, ValueError):
        dollars = math.inf
    if math.isinf(dollars):
        raise ValueError(f"{str(amount)[:40]!r} is no amount")
    return dollars


def _side(side: str, objects: Iterable[Item]) -> Record:
    """Return the columns of one side (``source_…``), tuples: ids and names by type, our sectors and countries once.

    ``…_overlaps`` names the types that have several objects, each with the whole amount.
    """
    groups: dict[str, list[Item]] = {kind: [] for kind in OBJECT_TYPES}
    for item in objects:
        groups.get(item["type"], []).append(item)
    lists: dict[str, Iterable[str]] = {
        "sectors": dict.fromkeys(_our_name(item, "sector") for item in groups["GlobalCluster"]),
        "countries": dict.fromkeys(_our_name(item, "country") for item in groups["Location"]),
        "overlaps": [
            OBJECT_TYPES[kind][0]
            for kind, items in groups.items()
            if len(items) > 1 and all(item.get("behavior") == "overlap" for item in items)
        ],
    }
    for kind, items in groups.items():
        plural = OBJECT_TYPES[kind][0]
        lists[plural] = [identifier(item.get("id")) for item in items]
        lists[f"{plural.removesuffix('s')}_names"] = [name(item.get("name")) for item in items]
    return {f"{side}_{column}": tuple(names) for column, names in lists.items()}


def _our_name(item: Item, grouped_by: str) -> str:
    """Return our name for an object of FTS by its id, otherwise FTS's own name. So no money is lost."""
    number = identifier(item.get("id"))
    lists = vocabulary.plan_lists()
    ours = {"sector": lists.sector_of_global_cluster, "country": lists.country_of_fts_location}
    label = ours.get(grouped_by, {}).get(int(number)) if number.isdecimal() else None
    return label or name(item.get("name"))


def _read_groups(body: Item) -> Iterator[Record]:
    """Yield requirement, funding and pledges of each part of a grouped answer, and at the end the whole.

    Shared money and the overlap (negative) come before the whole, if they are not 0. Raises ``ValueError`` for parts of
    several types, or of an unknown type.
    """
    required, report = body.get("requirements") or {}, body["report3"]
    money = {"funding_usd": report["fundingTotals"], "pledges_usd": report.get("pledgeTotals") or {}}
    groups = {measure: list(totals.get("objects") or ()) for measure, totals in money.items()}
    kinds = {group["type"] for members in groups.values() for group in members}
    listed = list(required.get("objects") or ())
    if kinds and "Plan" not in kinds:  # money by country: the requirement of the plan is the whole's
        listed = [item for item in listed if item["objectType"] != "Plan"]
    kinds |= {item["objectType"] for item in listed}
    if len(kinds) > 1 or not kinds <= set(OBJECT_TYPES):
        raise ValueError(f"grouped by {', '.join(sorted(kinds))}; allowed: one of {', '.join(OBJECT_TYPES)}")
    grouped_by = OBJECT_TYPES[kinds.pop()][1] if kinds else "plan"

    parts: dict[str, Record] = {}
    for measure, members in groups.items():
        for item in (item for group in members for item in group.get("objectsBreakdown") or ()):
            parts.setdefault(_key(item), _part(item, grouped_by))[measure] = _dollars(item["totalFunding"])
    for item in listed:
        part = parts.setdefault(_key(item), _part(item, grouped_by))
        part["requirement_usd"] = _dollars(item.get("revisedRequirements"))
        part["original_requirement_usd"] = _dollars(item.get("origRequirements"))
    yield from parts.values()

    several = {"plan_name": SEVERAL_PLANS_NAME if parts and grouped_by == "plan" else ""}
    for label, fts_name, key, sign in (
        (vocabulary.SHARED_PART, "shared", "sharedFunding", 1),
        (vocabulary.OVERLAP_PART, "overlap", "overlapCorrection", -1),
    ):
        dollars = {
            measure: sign * sum(_dollars((group.get("totalBreakdown") or {}).get(key, 0)) for group in members)
            for measure, members in groups.items()
        }
        if any(dollars.values()):
            yield {**several, "grouped_by": grouped_by, "part": label, "fts_name": fts_name, **dollars}
    yield {
        **several,
        "grouped_by": "plan",
        "part": vocabulary.ALL,
        "requirement_usd": _dollars(required.get("totalRevisedReqs")),
        "original_requirement_usd": _dollars(required.get("totalOrigReqs")),
        "funding_usd": _dollars(money["funding_usd"]["total"]),
        "pledges_usd": _dollars(money["pledges_usd"].get("total")),
    }


def _key(item: Item) -> str:
    """Return the key that joins a part's requirement and funding: the id as text, or the name."""
    return identifier(item.get("id")) or vocabulary.fold(name(item["name"]))


def _part(item: Item, grouped_by: str) -> Record:
    """Return a part with our name and FTS's, without amounts. A plan's own cluster keeps its name.

    A part that has no id and is no sector is *not specified*.
    """
    fts_id, fts_name = identifier(item.get("id")), name(item["name"])
    if grouped_by == "plan":
        names = {"plan_id": fts_id, "plan_name": fts_name, "part": vocabulary.ALL}
    elif fts_id:
        names = {"part": _our_name(item, grouped_by)}
    else:
        spellings = vocabulary.plan_lists().fts_sector_spellings
        names = {"part": spellings.get(vocabulary.fold(fts_name), vocabulary.NOT_SPECIFIED)}
    return {"grouped_by": grouped_by, "fts_id": fts_id, "fts_name": fts_name, **names}


def _plans(body: Item) -> Iterator[Record]:
    """Yield one row for each plan. A missing amount is NaN, and ``plan_year`` is empty for several years."""
    for plan in body["plans"]:
        required, funded = plan.get("requirements") or {}, plan.get("funding") or {}
        version = plan.get("planVersion") or plan
        years = [str(year["year"]) for year in plan.get("usageYears") or plan.get("years") or ()]
        yield {
            "plan_id": identifier(plan["id"]),
            "plan_name": name(version.get("name")),
            "plan_year": years[0] if len(years) == 1 else "",
            "grouped_by": "plan",
            "part": vocabulary.ALL,
            "requirement_usd": _dollars(required.get("revisedRequirements", plan.get("revisedRequirements"))),
            "original_requirement_usd": _dollars(required.get("origRequirements", plan.get("origRequirements"))),
            "funding_usd": _dollars(funded.get("totalFunding")),
        }
