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
"""By the type of an object of FTS: the column in which our flows list its ids, and what our totals are grouped by."""

SEVERAL_PLANS_NAME = "all plans of the answer"
"""The plan name of what is of no single plan, where an answer is grouped by plan."""
WRONG_SHAPE_ERRORS = (AttributeError, KeyError, TypeError, ValueError)
"""What reading an answer raises whose fields are not as FTS gives them."""


def read_answer(path: Path, content: bytes) -> Rows:
    """Return the rows of an answer. Raises ``InputRefused`` when it is damaged, a failure, or of an unknown shape."""
    try:
        decoded_answer = json.loads(content.decode("utf-8-sig"), parse_constant=no_number)
    except (ValueError, RecursionError) as problem:
        raise InputRefused(f"{path}: cannot be read as an FTS API answer ({problem})") from None
    if not isinstance(decoded_answer, dict) or decoded_answer.get("status") != "ok":
        raise InputRefused(f"{path}: is no successful answer of the FTS API (its status is not 'ok')")
    answer_body_json = decoded_answer["data"] if isinstance(decoded_answer.get("data"), dict) else {}
    reader_by_shape = {"flows": _flows, "report3": _read_groups, "plans": _plans}
    answer_shape = next(
        (answer_shape for answer_shape in reader_by_shape if answer_body_json.get(answer_shape) is not None), None
    )
    if answer_shape is None:
        raise InputRefused(
            f"{path}: holds nothing that is read; expected an answer of the FTS API: flows ('data.flows'), totals "
            "grouped by one thing ('data.report3'), or a plan overview ('data.plans')"
        )
    records: list[Record] = []
    try:
        for record_number, answer_record in enumerate(reader_by_shape[answer_shape](answer_body_json), start=1):
            records.append({"source_file": path.name, "source_line": record_number, **answer_record})
    except WRONG_SHAPE_ERRORS as problem:
        fault = (
            f"flow {len(records) + 1} is not as FTS gives flows"
            if answer_shape == "flows"
            else "is not as FTS gives totals"
        )
        raise InputRefused(f"{path}: {fault} ({type(problem).__name__}: {problem})") from None
    return Rows("flows" if answer_shape == "flows" else "totals", records)


def _flows(body: Item) -> Iterator[Record]:
    """Yield each flow of an answer; raise ``ValueError`` for one without an amount, or with an unknown status."""
    for flow in body["flows"]:
        if flow["status"] not in vocabulary.FUNDING_STATUSES:
            raise ValueError(f"status '{flow['status']}'; allowed: {', '.join(vocabulary.FUNDING_STATUSES)}")
        if flow["amountUSD"] is None:
            raise ValueError("it states no amount")
        yield {
            "flow_id": str(flow["id"]),
            "amount_usd": _dollars(flow["amountUSD"]),
            "status": flow["status"],
            **{column_name: name(flow.get(fts_key) or "") for column_name, fts_key in FTS_KEY_BY_FLOW_COLUMN.items()},
            "date": name(flow.get("date") or "")[:10],
            **_side("source", flow["sourceObjects"]),
            **_side("destination", flow["destinationObjects"]),
        }


def _dollars(amount: Any) -> float:
    """Return an amount as FTS states it; NaN where it states none. Raises ``ValueError`` for what is no number."""
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
    fts_objects_by_type: dict[str, list[Item]] = {object_type: [] for object_type in OBJECT_TYPES}
    for fts_object in objects:
        fts_objects_by_type.get(fts_object["type"], []).append(fts_object)
    text_lists_by_column: dict[str, Iterable[str]] = {
        "sectors": dict.fromkeys(
            _our_name(fts_object, "sector") for fts_object in fts_objects_by_type["GlobalCluster"]
        ),
        "countries": dict.fromkeys(_our_name(fts_object, "country") for fts_object in fts_objects_by_type["Location"]),
        "overlaps": [
            OBJECT_TYPES[object_type][0]
            for object_type, objects_of_type in fts_objects_by_type.items()
            if len(objects_of_type) > 1
            and all(fts_object.get("behavior") == "overlap" for fts_object in objects_of_type)
        ],
    }
    for object_type, objects_of_type in fts_objects_by_type.items():
        type_plural = OBJECT_TYPES[object_type][0]
        text_lists_by_column[type_plural] = [identifier(fts_object.get("id")) for fts_object in objects_of_type]
        text_lists_by_column[f"{type_plural.removesuffix('s')}_names"] = [
            name(fts_object.get("name")) for fts_object in objects_of_type
        ]
    return {f"{side}_{column_name}": tuple(column_texts) for column_name, column_texts in text_lists_by_column.items()}


def _our_name(item: Item, grouped_by: str) -> str:
    """Return our name for an object of FTS by its id, else the name that FTS gives, so that no money is lost."""
    fts_id_text = identifier(item.get("id"))
    active_lists = vocabulary.plan_lists()
    name_dicts_by_grouping = {
        "sector": active_lists.sector_of_global_cluster,
        "country": active_lists.country_of_fts_location,
    }
    our_name = name_dicts_by_grouping.get(grouped_by, {}).get(int(fts_id_text)) if fts_id_text.isdecimal() else None
    return our_name or name(item.get("name"))


def _read_groups(body: Item) -> Iterator[Record]:
    """Yield requirement, funding and pledges of each part that FTS grouped by, and, last, of the whole.

    Before it come shared money and the overlap (negative), where they are not 0. Raises ``ValueError`` for parts of
    several types, or of an unknown one.
    """
    requirement_report, funding_report = body.get("requirements") or {}, body["report3"]
    fts_total_dicts_by_measure = {
        "funding_usd": funding_report["fundingTotals"],
        "pledges_usd": funding_report.get("pledgeTotals") or {},
    }
    fts_groups_by_measure = {
        money_measure: list(fts_totals.get("objects") or ())
        for money_measure, fts_totals in fts_total_dicts_by_measure.items()
    }
    kinds = {fts_group["type"] for fts_groups in fts_groups_by_measure.values() for fts_group in fts_groups}
    fts_requirement_items = list(requirement_report.get("objects") or ())
    if kinds and "Plan" not in kinds:  # money by country beside the requirement of the plan, which is the whole's
        fts_requirement_items = [fts_item for fts_item in fts_requirement_items if fts_item["objectType"] != "Plan"]
    kinds |= {fts_item["objectType"] for fts_item in fts_requirement_items}
    if len(kinds) > 1 or not kinds <= set(OBJECT_TYPES):
        raise ValueError(f"grouped by {', '.join(sorted(kinds))}; allowed: one of {', '.join(OBJECT_TYPES)}")
    grouped_by = OBJECT_TYPES[kinds.pop()][1] if kinds else "plan"

    record_by_part: dict[str, Record] = {}
    for money_measure, fts_groups in fts_groups_by_measure.items():
        for fts_item in (fts_item for fts_group in fts_groups for fts_item in fts_group.get("objectsBreakdown") or ()):
            record_by_part.setdefault(_key(fts_item), _part(fts_item, grouped_by))[money_measure] = _dollars(
                fts_item["totalFunding"]
            )
    for fts_item in fts_requirement_items:
        part_record = record_by_part.setdefault(_key(fts_item), _part(fts_item, grouped_by))
        part_record["requirement_usd"] = _dollars(fts_item.get("revisedRequirements"))
        part_record["original_requirement_usd"] = _dollars(fts_item.get("origRequirements"))
    yield from record_by_part.values()

    plan_name_dict = {"plan_name": SEVERAL_PLANS_NAME if record_by_part and grouped_by == "plan" else ""}
    for part_name, fts_name, fts_key, amount_sign in (
        (vocabulary.SHARED_PART, "shared", "sharedFunding", 1),
        (vocabulary.OVERLAP_PART, "overlap", "overlapCorrection", -1),
    ):
        dollars_by_measure = {
            money_measure: amount_sign
            * sum(_dollars((fts_group.get("totalBreakdown") or {}).get(fts_key, 0)) for fts_group in fts_groups)
            for money_measure, fts_groups in fts_groups_by_measure.items()
        }
        if any(dollars_by_measure.values()):
            yield {
                **plan_name_dict,
                "grouped_by": grouped_by,
                "part": part_name,
                "fts_name": fts_name,
                **dollars_by_measure,
            }
    yield {
        **plan_name_dict,
        "grouped_by": "plan",
        "part": vocabulary.ALL,
        "requirement_usd": _dollars(requirement_report.get("totalRevisedReqs")),
        "original_requirement_usd": _dollars(requirement_report.get("totalOrigReqs")),
        "funding_usd": _dollars(fts_total_dicts_by_measure["funding_usd"]["total"]),
        "pledges_usd": _dollars(fts_total_dicts_by_measure["pledges_usd"].get("total")),
    }


def _key(item: Item) -> str:
    """Return what joins a part's requirement with its funding: the id, a number here and a text there, or the name."""
    return identifier(item.get("id")) or vocabulary.fold(name(item["name"]))


def _part(item: Item, grouped_by: str) -> Record:
    """Return a part by our name and FTS's, without amounts; a plan's own cluster keeps its name.

    A part without an id that is no sector is *not specified*.
    """
    fts_id_text, fts_name = identifier(item.get("id")), name(item["name"])
    if grouped_by == "plan":
        name_by_column = {"plan_id": fts_id_text, "plan_name": fts_name, "part": vocabulary.ALL}
    elif fts_id_text:
        name_by_column = {"part": _our_name(item, grouped_by)}
    else:
        sector_by_spelling = vocabulary.plan_lists().fts_sector_spellings
        name_by_column = {"part": sector_by_spelling.get(vocabulary.fold(fts_name), vocabulary.NOT_SPECIFIED)}
    return {"grouped_by": grouped_by, "fts_id": fts_id_text, "fts_name": fts_name, **name_by_column}


def _plans(body: Item) -> Iterator[Record]:
    """Yield one row a plan; NaN for an amount that is not stated, ``plan_year`` empty where there are several."""
    for fts_plan in body["plans"]:
        plan_requirements, plan_funding = fts_plan.get("requirements") or {}, fts_plan.get("funding") or {}
        plan_version_facts = fts_plan.get("planVersion") or fts_plan
        usage_years = [
            str(usage_year_fields["year"])
            for usage_year_fields in fts_plan.get("usageYears") or fts_plan.get("years") or ()
        ]
        yield {
            "plan_id": identifier(fts_plan["id"]),
            "plan_name": name(plan_version_facts.get("name")),
            "plan_year": usage_years[0] if len(usage_years) == 1 else "",
            "grouped_by": "plan",
            "part": vocabulary.ALL,
            "requirement_usd": _dollars(
                plan_requirements.get("revisedRequirements", fts_plan.get("revisedRequirements"))
            ),
            "original_requirement_usd": _dollars(
                plan_requirements.get("origRequirements", fts_plan.get("origRequirements"))
            ),
            "funding_usd": _dollars(plan_funding.get("totalFunding")),
        }
