"""Keeps contact details of people out of the names that figures are counted and printed by."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from rmrp_analysis.coded import CodedTable, Codes, Column
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality.check import ORGANISATIONS
from rmrp_analysis.vocabulary import NATIONAL, NOT_SPECIFIED, WITHHELD_CONTACT, holds_contact

PLACES = ("admin1", "place", "place_name")
OTHER_TEXTS = ("admin2", "delivery_mechanism")
NAMES_OF_FLOWS = tuple(
    f"{side}_{names}"
    for side in ("source", "destination")
    for names in ("organisation_names", "location_names", "cluster_names", "global_cluster_names")
)
NAMES_OF_TOTALS = ("plan_name", "part", "fts_name")


def without_contacts(plan: Plan) -> Plan:
    """The plan with no contact of a person in a name; ``names_withheld`` counts the cells that lost theirs.

    What is reported for such a place is the whole country's, as where no place is named. Such organisations are
    numbered, so that they are counted as before; those in flows of money are not specified. The files, and what the
    checks find in them, stay as they are.
    """
    reported, withheld = _reported(plan.reported)
    flows, totals = plan.funding_flows, plan.funding_totals
    if flows is not None:
        flows, in_flows = _flows(flows)
        withheld += in_flows
    if totals is not None:
        found = {column: holding_contacts(totals[column]) for column in NAMES_OF_TOTALS}
        totals = totals.assign(**{name: totals[name].mask(held, WITHHELD_CONTACT) for name, held in found.items()})
        withheld += _count(found.values())
    planned = {column: holding_contacts(plan.planned_places[column]) for column in (*PLACES, "pcode")}
    planned_places = plan.planned_places.assign(
        **{name: plan.planned_places[name].mask(held, WITHHELD_CONTACT) for name, held in planned.items()}
    )
    withheld += _count(planned.values())
    joins = tuple(
        replace(
            join, unmatched_keys=tuple(WITHHELD_CONTACT if holds_contact(key) else key for key in join.unmatched_keys)
        )
        for join in plan.joins
    )
    if not withheld:
        return replace(plan, joins=joins) if joins != plan.joins else plan
    return replace(
        plan.with_reported(reported),
        planned_places=planned_places,
        funding_flows=flows,
        funding_totals=totals,
        joins=joins,
        names_withheld=withheld,
    )


def holding_contacts(texts: pd.Series) -> pd.Series:
    """Which texts hold a contact; each different one is looked at once."""
    return texts.map({text: holds_contact(text) for text in texts.dropna().unique()}).fillna(value=False).astype(bool)


def _reported(activities: CodedTable) -> tuple[CodedTable, int]:
    changed: dict[str, Column] = {}
    columns, found = activities.columns, []
    for name in ORGANISATIONS:
        found.append(columns[name].where(_holds))
        named = sorted(activities[name][found[-1]].unique()) if found[-1].any() else []
        numbered = {text: f"Organisation {number} {WITHHELD_CONTACT}" for number, text in enumerate(named, start=1)}
        changed[name] = columns[name].mapped(partial(_changed, numbered), "string[pyarrow]")
    of_places = np.logical_or.reduce([columns[name].where(_holds) for name in PLACES])
    found.append(of_places)
    if of_places.any():
        changed |= {name: Column.of(activities[name].mask(of_places, NATIONAL)) for name in PLACES}
    for name in OTHER_TEXTS:
        found.append(columns[name].where(_holds))
        changed[name] = columns[name].mapped(lambda text: "" if _holds(text) else text, "string[pyarrow]")
    found.append(columns["indicator"].where(_holds) & columns["indicator_code"].where(lambda code: code == ""))
    if found[-1].any():
        changed["indicator"] = Column.of(activities["indicator"].mask(found[-1], WITHHELD_CONTACT))
    return activities.assign(**changed), _count(found)


def _changed(known: Mapping[str, str], text: str) -> str:
    return known.get(text, text)


def _holds(text: object) -> bool:
    return isinstance(text, str) and holds_contact(text)


def _flows(flows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    changed, count = {}, 0
    for column in NAMES_OF_FLOWS:
        held = {name for names in flows[column] for name in names if holds_contact(name)}
        if held:
            named = [tuple(NOT_SPECIFIED if name in held else name for name in names) for names in flows[column]]
            changed[column] = pd.Series(named, index=flows.index, dtype="object")
            count += sum(name in held for names in flows[column] for name in names)
    return flows.assign(**changed), count


def _count(found: Iterable[pd.Series | Codes]) -> int:
    return sum(int(held.sum()) for held in found)
