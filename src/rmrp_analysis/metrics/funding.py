"""Money for a plan as FTS counts it: net of internal flows, with shared and unspecified money and pledges apart.

A flow into the plan adds its amount on the destination side. A flow inside the plan also takes its amount away on the
source side, since that money came in earlier. Each side is one part (sector, country …), ``not specified`` if it names
no part, ``shared`` if it names several. So every split adds up to the plan's total. Source: the FTS glossary and the
answers of FTS, which these rules give to the dollar.
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
"""The list of a flow that gives the parts of a split. Our sectors are global clusters of FTS. Some are joined."""

_OVERLAP_MARK_BY_SPLIT: Mapping[str, str] = {
    **LIST_BY_SPLIT,
    "sector": "global_clusters",
    "country": "locations",
    "platform": "locations",
}
"""How a flow names a split in which FTS counts its amount in full in several parts."""
INCOMING_ENTRY, PASSED_ON_TO_ENTRY, PASSED_ON_FROM_ENTRY = "incoming", "passed on to", "passed on from"
"""The kinds of entries of the ledger: money from outside the plan, and the two sides of money inside it."""
PASSED_ON_NAME = "passed on within the plan"
"""The donor and the organisation of entries that are not incoming."""
LEDGER_COLUMNS = (
    *("flow_id", "amount_usd", "entry", "date", *LIST_BY_SPLIT),
    *("donor_ids", "donors", "recipient_ids", "recipients"),
)
"""The columns of ``funding_ledger``."""


def funding_ledger(flows: pd.DataFrame, *, plan_id: int, standing: Standing = "funded") -> pd.DataFrame:
    """Return the signed entries of a plan's flows: ``LEDGER_COLUMNS``, ``amount_usd`` in USD, one or two rows a flow.

    ``entry`` is ``incoming`` for money from outside the plan. Money inside the plan is ``passed on to`` and, with a
    minus, ``passed on from``. An amount that FTS counts in full in each of several parts has a row for each part, and a
    negative row ``counted more than once``. ``standing``: ``funded`` is paid and committed money, ``pledged`` is the
    rest. Never add the two.
    """
    is_pledge = flows["status"] == "pledge"
    is_into = flows["destination_plans"].map(lambda plans: str(plan_id) in plans).astype("bool")
    into = flows[(is_pledge if standing == "pledged" else ~is_pledge) & is_into]
    entries: list[dict[str, Any]] = []
    for flow in into.to_dict("records"):
        is_internal = str(plan_id) in flow["source_plans"]
        entries += _entries(flow, "destination", PASSED_ON_TO_ENTRY if is_internal else INCOMING_ENTRY)
        entries += _entries(flow, "source", PASSED_ON_FROM_ENTRY) if is_internal else []
    ledger = pd.DataFrame(entries, columns=list(LEDGER_COLUMNS))
    texts = ["flow_id", "entry", "date", *LIST_BY_SPLIT]
    return ledger.astype(dict.fromkeys(texts, "str") | {"amount_usd": "float64"})


def funding_usd_by(ledger: pd.DataFrame, split: Split) -> pd.Series:
    """Return USD by the parts of a split (index), sorted by their names. A part may be below 0.

    ``not specified``, ``shared`` and ``counted more than once`` are parts of their own. The rows add up to the ledger's
    total. Parts of ``sector``, ``country`` (ISO 3166 alpha-3) and ``platform`` have our names. Parts of
    ``global_cluster``, ``cluster``, ``location`` and ``organisation`` are FTS ids.
    """
    return ledger.groupby(split)["amount_usd"].sum().sort_index()


def name_entries(ledger: pd.DataFrame) -> pd.DataFrame:
    """Add ``donor`` and ``recipient_id`` to entries, and replace ids in ``organisation`` by names.

    A ``platform`` that the plan does not have becomes Regional. An id is one organisation, even if FTS gives it other
    names in other flows. If a flow names no organisation or several, it is ``not specified``. Money passed on inside
    the plan came in earlier, so its donor and organisation are ``PASSED_ON_NAME``.
    """
    is_incoming, columns = ledger["entry"] == INCOMING_ENTRY, {}
    for column, side in (("donor", "donor"), ("organisation", "recipient")):
        ids, names = (
            ledger[name].map(lambda listed: listed[0] if len(listed) == 1 else "").astype("str")
            for name in (f"{side}_ids", f"{side}s")
        )
        labels = dict(zip(ids[is_incoming], names[is_incoming], strict=True)) | {"": NOT_SPECIFIED}
        columns[column] = ids.map(labels).where(is_incoming, PASSED_ON_NAME)
    platform = ledger["platform"].where(ledger["platform"].isin(plan_lists().platforms), REGIONAL)
    return ledger.assign(**columns, platform=platform, recipient_id=ledger["recipient_ids"].map("; ".join))


def explode_organisations(entries: pd.DataFrame, side: Literal["donor", "recipient"]) -> pd.DataFrame:
    """Repeat each entry for every organisation (``id``) that gives or receives, or with an empty ``id`` if none counts.

    Organisations count only in incoming money above 0. This rule is ours: FTS publishes no rule.
    """
    is_counted = (entries["entry"] == INCOMING_ENTRY) & (entries["amount_usd"] > 0)
    ids = entries[f"{side}_ids"].where(is_counted).map(lambda listed: listed or ("",), na_action="ignore")
    return entries.assign(id=ids).explode("id").fillna({"id": ""})


def _entries(flow: Mapping[Any, Any], side: str, entry: str) -> Iterator[dict[str, Any]]:
    """Yield the entry of one side of a flow, or several if FTS counts the amount in full in several parts.

    The amounts of several entries add up to the amount of the flow.
    """
    sign = -1 if entry == PASSED_ON_FROM_ENTRY else 1
    facts = {
        "flow_id": flow["flow_id"],
        "entry": entry,
        "date": flow["date"],
        "donor_ids": flow["source_organisations"],
        "donors": flow["source_organisation_names"],
        "recipient_ids": flow["destination_organisations"],
        "recipients": flow["destination_organisation_names"],
    }
    choices = []
    for split, column in LIST_BY_SPLIT.items():
        listed = flow[f"{side}_{column}"]
        if split == "platform":
            listed = [plan_lists().platform_of.get(code, code) for code in listed]
        if len(listed) > 1 and _OVERLAP_MARK_BY_SPLIT[split] in flow[f"{side}_overlaps"]:
            # FTS counts the amount in each of several parts: every part, and the amount that is subtracted again
            parts = dict.fromkeys(listed)
            choices.append([*((part, 1) for part in parts), (OVERLAP_PART, 1 - len(parts))])
        else:
            choices.append([(NOT_SPECIFIED if not listed else listed[0] if len(listed) == 1 else SHARED_PART, 1)])
    for choice in itertools.product(*choices):
        names = dict(zip(LIST_BY_SPLIT, (part for part, _ in choice), strict=True))
        product = math.prod(factor for _, factor in choice)
        yield {**facts, **names, "amount_usd": product * sign * flow["amount_usd"]}
