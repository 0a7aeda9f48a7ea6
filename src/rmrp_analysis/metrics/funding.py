"""Money for a plan as FTS counts it: net of internal flows, shared and unspecified money apart, pledges apart.

A flow into the plan adds its amount on the destination side; a flow inside the plan also takes its amount away on the
source side, since that money came in before. Each side is one part (sector, country …), ``not specified`` when it
names none, ``shared`` when it names several. So every split adds up to the plan's total. Source: the FTS glossary and
FTS's own answers, which these rules give to the dollar.
"""

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import pandas as pd

from rmrp_analysis.vocabulary import NOT_SPECIFIED, OVERLAP_PART, REGIONAL, SHARED_PART, plan_lists

Standing = Literal["funded", "pledged"]
Split = Literal["sector", "global_cluster", "cluster", "country", "location", "platform", "organisation"]

LIST_BY_SPLIT: Mapping[str, str] = {
    "sector": "sectors",
    "global_cluster": "global_clusters",
    "cluster": "clusters",
    "country": "countries",
    "location": "locations",
    "platform": "countries",
    "organisation": "organisations",
}
"""The list of a flow that each split goes by. Sectors are global clusters, some of them joined: ours, not FTS's."""

_OVERLAP_MARK_BY_SPLIT: Mapping[str, str] = {
    **LIST_BY_SPLIT,
    "sector": "global_clusters",
    "country": "locations",
    "platform": "locations",
}
"""How a flow names each split of which several parts count its amount in full."""
INCOMING_ENTRY, PASSED_ON_TO_ENTRY, PASSED_ON_FROM_ENTRY = "incoming", "passed on to", "passed on from"
"""What an entry of the ledger is: money from outside the plan, and the two sides of money inside it."""
PASSED_ON_NAME = "passed on within the plan"
"""The donor and the organisation of entries that are not incoming."""
LEDGER_COLUMNS = (
    *("flow_id", "amount_usd", "entry", "date", *LIST_BY_SPLIT),
    *("donor_ids", "donors", "recipient_ids", "recipients"),
)
"""The columns of ``funding_ledger``."""


def funding_ledger(flows: pd.DataFrame, *, plan_id: int, standing: Standing = "funded") -> pd.DataFrame:
    """Return the signed entries of a plan's flows: ``LEDGER_COLUMNS``, ``amount_usd`` in USD, one or two rows a flow.

    ``entry`` tells money from outside the plan (``incoming``) from money inside it: ``passed on to`` and, negative,
    ``passed on from``. An amount that FTS counts in full in each of several parts has a row for each, and a negative
    one ``counted more than once``. ``funded`` is paid and committed money, ``pledged`` the rest; the two are never
    added.
    """
    is_pledge = flows["status"] == "pledge"
    is_into_plan = flows["destination_plans"].map(lambda plans: str(plan_id) in plans).astype("bool")
    into = flows[(is_pledge if standing == "pledged" else ~is_pledge) & is_into_plan]
    entries: list[dict[str, Any]] = []
    for flow in into.to_dict("records"):
        is_internal = str(plan_id) in flow["source_plans"]
        entries += _entries(flow, "destination", PASSED_ON_TO_ENTRY if is_internal else INCOMING_ENTRY)
        entries += _entries(flow, "source", PASSED_ON_FROM_ENTRY) if is_internal else []
    ledger = pd.DataFrame(entries, columns=list(LEDGER_COLUMNS))
    texts = ["flow_id", "entry", "date", *LIST_BY_SPLIT]
    return ledger.astype(dict.fromkeys(texts, "str") | {"amount_usd": "float64"})


def funding_usd_by(ledger: pd.DataFrame, split: Split) -> pd.Series:
    """Return USD by the parts of a split (index), in the order of their names. A part may be below 0.

    ``not specified``, ``shared`` and ``counted more than once`` are parts of their own. The rows add up to the ledger's
    total. Parts are our names for ``sector``, ``country`` (ISO 3166 alpha-3) and ``platform``, and FTS ids for
    ``global_cluster``, ``cluster``, ``location`` and ``organisation``.
    """
    return ledger.groupby(split)["amount_usd"].sum().sort_index()


def name_entries(ledger: pd.DataFrame) -> pd.DataFrame:
    """Add ``donor`` and ``recipient_id`` to entries; replace ids in ``organisation`` by names.

    Each ``platform`` that the plan does not have becomes Regional. Organisations are told apart by id, whatever FTS
    calls them in a flow. Where a flow names none or several, it is ``not specified``; money passed on inside the plan
    came in before and has neither (``PASSED_ON_NAME``).
    """
    is_incoming, columns = ledger["entry"] == INCOMING_ENTRY, {}
    for column, side in (("donor", "donor"), ("organisation", "recipient")):
        ids, names = (
            ledger[column_name].map(lambda listed_ids: listed_ids[0] if len(listed_ids) == 1 else "").astype("str")
            for column_name in (f"{side}_ids", f"{side}s")
        )
        last_names = dict(zip(ids[is_incoming], names[is_incoming], strict=True)) | {"": NOT_SPECIFIED}
        columns[column] = ids.map(last_names).where(is_incoming, PASSED_ON_NAME)
    platform = ledger["platform"].where(ledger["platform"].isin(plan_lists().platforms), REGIONAL)
    return ledger.assign(**columns, platform=platform, recipient_id=ledger["recipient_ids"].map("; ".join))


def explode_organisations(entries: pd.DataFrame, side: Literal["donor", "recipient"]) -> pd.DataFrame:
    """Repeat each entry for every organisation (``id``) that gives or receives; ``id`` is empty where none counts.

    Those of incoming money above 0 count (our rule; FTS publishes none).
    """
    is_counted = (entries["entry"] == INCOMING_ENTRY) & (entries["amount_usd"] > 0)
    ids = entries[f"{side}_ids"].where(is_counted).map(lambda listed: listed or ("",), na_action="ignore")
    return entries.assign(id=ids).explode("id").fillna({"id": ""})


def _entries(flow: Mapping[Any, Any], side: str, entry: str) -> Iterator[dict[str, Any]]:
    """Yield the entry of one side of a flow; several that add up to it where FTS counts it in full in several parts."""
    sign = -1 if entry == PASSED_ON_FROM_ENTRY else 1
    shared_columns = {
        "flow_id": flow["flow_id"],
        "entry": entry,
        "date": flow["date"],
        "donor_ids": flow["source_organisations"],
        "donors": flow["source_organisation_names"],
        "recipient_ids": flow["destination_organisations"],
        "recipients": flow["destination_organisation_names"],
    }
    choices = []
    for split, list_name in LIST_BY_SPLIT.items():
        parts_of_flow = flow[f"{side}_{list_name}"]
        names = (
            [plan_lists().platform_of.get(country_code, country_code) for country_code in parts_of_flow]
            if split == "platform"
            else parts_of_flow
        )
        if len(names) > 1 and _OVERLAP_MARK_BY_SPLIT[split] in flow[f"{side}_overlaps"]:
            # FTS counts the amount in each of several parts: all of them, and what comes off again
            parts = dict.fromkeys(names)
            choices.append([*((part, 1) for part in parts), (OVERLAP_PART, 1 - len(parts))])
        else:
            choices.append([(NOT_SPECIFIED if not names else names[0] if len(names) == 1 else SHARED_PART, 1)])
    for combination in itertools.product(*choices):
        amount_factor = math.prod(factor for _, factor in combination)
        yield (
            shared_columns
            | dict(zip(LIST_BY_SPLIT, (part for part, _ in combination), strict=True))
            | {"amount_usd": amount_factor * sign * flow["amount_usd"]}
        )
