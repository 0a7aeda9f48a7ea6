"""Answers of the FTS API: pages of flows, totals grouped by one thing, overviews of a year's plans."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.fts.names import identifier, name
from rmrp_analysis.loaders.fts.valid import Rows
from rmrp_analysis.tables import STATUSES
from rmrp_analysis.vocabulary import (
    ALL,
    COUNTRY_OF_FTS_LOCATION,
    FTS_SECTOR_SPELLINGS,
    NOT_SPECIFIED,
    OVERLAP,
    SECTOR_OF_GLOBAL_CLUSTER,
    SHARED,
    fold,
)

Item = Mapping[str, Any]
OBJECT_TYPES: Mapping[str, str] = {
    "Plan": "plans",
    "Cluster": "clusters",
    "GlobalCluster": "global_clusters",
    "Location": "locations",
    "Organization": "organisations",
}
GROUPINGS: Mapping[str, str] = {
    "Plan": "plan",
    "Cluster": "cluster",
    "GlobalCluster": "sector",
    "Location": "country",
    "Organization": "organisation",
}
NOTHING_KNOWN = dict.fromkeys(("plan_id", "plan_name", "plan_year", "fts_id", "fts_name"), "") | dict.fromkeys(
    ("requirement_usd", "original_requirement_usd", "funding_usd", "pledges_usd")
)
SEVERAL_PLANS = "all plans of the answer"
EXPECTED = (
    "expected an answer of the FTS API: flows ('data.flows'), totals asked for with 'groupby' ('data.report3'), "
    "or a plan overview ('data.plans')"
)


def is_answer(content: bytes) -> bool:
    """Whether the content is JSON rather than a table."""
    return content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def read_answer(path: Path, content: bytes) -> Rows:
    """The rows of any answer; ``InputRefused`` when it is damaged, tells of a failure, or is of an unknown shape."""
    try:
        answer = json.loads(content.decode("utf-8-sig"))
    except ValueError as problem:
        raise InputRefused(f"{path}: cannot be read as an FTS API answer ({problem})") from None
    if not isinstance(answer, dict) or answer.get("status") != "ok":
        raise InputRefused(f"{path}: is no successful answer of the FTS API (its status is not 'ok')")
    told = answer.get("data")
    shapes = {"flows": _flows, "report3": _grouped, "plans": _plans}
    shape = next((key for key in shapes if isinstance(told, dict) and told.get(key) is not None), None)
    if shape is None or not isinstance(told, dict):
        raise InputRefused(f"{path}: holds nothing that is read; {EXPECTED}")
    return shapes[shape](path, told)


def _flows(path: Path, told: Item) -> Rows:
    return Rows("flows", [_flow(path, place, flow) for place, flow in enumerate(told["flows"], start=1)])


def _flow(path: Path, place: int, flow: Item) -> dict[str, Any]:
    try:
        return {
            "source_file": path.name,
            "source_line": place,
            "flow_id": str(flow["id"]),
            "amount_usd": float(flow["amountUSD"]),
            "status": _status(flow["status"]),
            "date": str(flow.get("date") or "")[:10],
            "flow_type": str(flow.get("flowType") or ""),
            "contribution_type": str(flow.get("contributionType") or ""),
            "boundary": str(flow.get("boundary") or ""),
            "on_boundary": str(flow.get("onBoundary") or ""),
            **_side("source", flow["sourceObjects"]),
            **_side("destination", flow["destinationObjects"]),
        }
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise InputRefused(
            f"{path}: flow {place} is not as FTS gives flows ({type(problem).__name__}: {problem})"
        ) from None


def _status(status: str) -> str:
    if status not in STATUSES:
        raise ValueError(f"status '{status}'; allowed: {', '.join(STATUSES)}")
    return status


def _side(side: str, objects: Iterable[Item]) -> dict[str, tuple[str, ...]]:
    """One side's objects by type: their ids and names, and our sectors and countries."""
    by_type: dict[str, list[Item]] = {plural: [] for plural in OBJECT_TYPES.values()}
    for item in objects:
        if item["type"] in OBJECT_TYPES:
            by_type[OBJECT_TYPES[item["type"]]].append(item)
    lists = {kind: tuple(identifier(item.get("id")) for item in items) for kind, items in by_type.items()}
    names = {
        f"{kind.removesuffix('s')}_names": tuple(name(item.get("name")) for item in items)
        for kind, items in by_type.items()
        if kind != "plans"
    }
    ours = {
        "sectors": _ours(by_type["global_clusters"], SECTOR_OF_GLOBAL_CLUSTER),
        "countries": _ours(by_type["locations"], COUNTRY_OF_FTS_LOCATION),
        "overlaps": tuple(kind for kind, items in by_type.items() if _overlap(items)),
    }
    return {f"{side}_{kind}": values for kind, values in (lists | names | ours).items()}


def _overlap(items: list[Item]) -> bool:
    return len(items) > 1 and all(item.get("behavior") == "overlap" for item in items)


def _ours(items: Iterable[Item], names: Mapping[int, str]) -> tuple[str, ...]:
    """Our name for each object, by id, each name once; one that we have none for keeps its own, so no money is lost."""
    return tuple(dict.fromkeys(_our_name(item, names) for item in items))


def _our_name(item: Item, names: Mapping[int, str]) -> str:
    number = identifier(item.get("id"))
    known = names.get(int(number)) if number.isdecimal() else None
    return known or name(item.get("name"))


def _grouped(path: Path, told: Item) -> Rows:
    """Requirement, funding and pledges of each part that FTS grouped by, and of the whole."""
    try:
        records = list(_grouped_records(told))
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise InputRefused(
            f"{path}: is not as FTS gives grouped totals ({type(problem).__name__}: {problem})"
        ) from None
    return Rows("totals", _placed(path, records))


def _grouped_records(told: Item) -> Iterator[dict[str, Any]]:
    asked, report = told.get("requirements") or {}, told["report3"]
    funded, pledged = report["fundingTotals"], report.get("pledgeTotals") or {}
    requirements = {_key(item): item for item in asked.get("objects") or ()}
    parts: dict[str, dict[str, Item]] = {}
    for measure, totals in (("funding_usd", funded), ("pledges_usd", pledged)):
        for item in _breakdown(totals):
            parts.setdefault(_key(item), {})[measure] = item
    for key, item in requirements.items():
        parts.setdefault(key, {})["requirement"] = item
    grouped_by = _grouped_by(funded, pledged, requirements)
    for found in parts.values():
        yield _part(found, grouped_by)
    of_several = {"plan_name": SEVERAL_PLANS} if parts and grouped_by == "plan" else {}
    for between in _between(grouped_by, funded, pledged):
        yield between | of_several
    yield (
        NOTHING_KNOWN
        | of_several
        | {
            "grouped_by": "plan",
            "part": ALL,
            "requirement_usd": asked.get("totalRevisedReqs"),
            "original_requirement_usd": asked.get("totalOrigReqs"),
            "funding_usd": funded["total"],
            "pledges_usd": pledged.get("total"),
        }
    )


def _key(item: Item) -> str:
    """What joins a part's requirement with its funding: the id, a number here and a text there, or the name."""
    return identifier(item.get("id")) or fold(name(item["name"]))


def _breakdown(totals: Item) -> list[Item]:
    return [item for group in totals.get("objects") or () for item in group.get("objectsBreakdown") or ()]


def _grouped_by(funded: Item, pledged: Item, requirements: Mapping[str, Item]) -> str:
    groups = [*(funded.get("objects") or ()), *(pledged.get("objects") or ())]
    kinds = {group["type"] for group in groups} | {item["objectType"] for item in requirements.values()}
    if len(kinds) > 1 or not kinds <= set(GROUPINGS):
        raise ValueError(f"grouped by {', '.join(sorted(kinds))}; allowed: one of {', '.join(GROUPINGS)}")
    return GROUPINGS[kinds.pop()] if kinds else "plan"


def _part(found: Mapping[str, Item], grouped_by: str) -> dict[str, Any]:
    item = next(iter(found.values()))
    asked = found.get("requirement", {})
    plan = {"plan_id": identifier(item.get("id")), "plan_name": name(item["name"])} if grouped_by == "plan" else {}
    return (
        NOTHING_KNOWN
        | plan
        | {
            "grouped_by": grouped_by,
            "part": _part_name(item, grouped_by),
            "fts_id": identifier(item.get("id")),
            "fts_name": name(item["name"]),
            "requirement_usd": asked.get("revisedRequirements"),
            "original_requirement_usd": asked.get("origRequirements"),
            **{
                measure: found[measure]["totalFunding"]
                for measure in ("funding_usd", "pledges_usd")
                if measure in found
            },
        }
    )


def _part_name(item: Item, grouped_by: str) -> str:
    """Our name: by id for sectors and countries; a plan's own cluster keeps its name."""
    if grouped_by == "plan":
        return ALL
    if not identifier(item.get("id")):
        return FTS_SECTOR_SPELLINGS.get(fold(name(item["name"])), NOT_SPECIFIED)
    names = {"sector": SECTOR_OF_GLOBAL_CLUSTER, "country": COUNTRY_OF_FTS_LOCATION}
    return _our_name(item, names.get(grouped_by, {}))


def _between(grouped_by: str, funded: Item, pledged: Item) -> Iterator[dict[str, Any]]:
    """Money of several parts at once, and what comes off again for amounts counted in several."""
    shared = {"funding_usd": _sum_of(funded, "sharedFunding"), "pledges_usd": _sum_of(pledged, "sharedFunding")}
    if any(shared.values()):
        yield NOTHING_KNOWN | {"grouped_by": grouped_by, "part": SHARED, "fts_name": "shared", **shared}
    overlap = {name: -_sum_of(told, "overlapCorrection") for name, told in zip(shared, (funded, pledged), strict=True)}
    if any(overlap.values()):
        yield NOTHING_KNOWN | {"grouped_by": grouped_by, "part": OVERLAP, "fts_name": "overlap", **overlap}


def _sum_of(totals: Item, what: str) -> float:
    return float(sum((group.get("totalBreakdown") or {}).get(what, 0) for group in totals.get("objects") or ()))


def _plans(path: Path, told: Item) -> Rows:
    """One row a plan; a plan for which nothing is reported has no ``funding``, and then none here."""
    records = [_plan(plan) for plan in told["plans"]]
    return Rows("totals", _placed(path, records))


def _plan(plan: Item) -> dict[str, Any]:
    asked, funded = plan.get("requirements") or {}, plan.get("funding") or {}
    version = plan.get("planVersion") or plan
    years = [str(year["year"]) for year in plan.get("usageYears") or plan.get("years") or ()]
    return NOTHING_KNOWN | {
        "plan_id": identifier(plan["id"]),
        "plan_name": name(version.get("name")),
        "plan_year": "" if len(years) != 1 else years[0],
        "grouped_by": "plan",
        "part": ALL,
        "requirement_usd": asked.get("revisedRequirements", plan.get("revisedRequirements")),
        "original_requirement_usd": asked.get("origRequirements", plan.get("origRequirements")),
        "funding_usd": funded.get("totalFunding"),
    }


def _placed(path: Path, records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"source_file": path.name, "source_line": place, **record} for place, record in enumerate(records, start=1)]
