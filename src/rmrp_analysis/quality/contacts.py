"""Keeps contact details of people out of the names that figures are counted and printed by."""

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from rmrp_analysis.plan import Plan
from rmrp_analysis.quality.columns import ORGANISATIONS, holding_contacts
from rmrp_analysis.vocabulary import NATIONAL, NOT_SPECIFIED, WITHHELD_CONTACT, holds_contact

PLACE_NAMES = ("admin1", "place", "place_name")
OTHER_TEXTS = ("admin2", "delivery_mechanism")
NAMES_OF_FLOWS = tuple(
    f"{side}_{names}"
    for side in ("source", "destination")
    for names in ("organisation_names", "location_names", "cluster_names", "global_cluster_names")
)
WITHHELD_ORGANISATION = "Organisation {number}, contact details withheld"
"""Without brackets at its end, in which an acronym would stand: it is the name of the organisation's own sheets."""
NAMES_OF_TOTALS = ("plan_name", "part", "fts_name")


def without_contacts(plan: Plan) -> Plan:
    """The plan with no contact of a person in a name; ``names_withheld`` counts the cells that lost theirs.

    What is reported for such a place is the whole country's, as where no place is named. Such organisations are
    numbered, so that they are counted as before, and each is one whether it appeals or implements. Numbers follow the
    first month of each, so that one that comes later changes no other; nothing of a contact is in them that somebody
    could try addresses against. Organisations in flows of money are not specified. The files, and what the checks find
    in them, stay as they are.
    """
    activities, in_activities = _activities(plan.activities)
    planned_places, in_planning = _withheld(plan.planned_places, (*PLACE_NAMES, "pcode"))
    totals, in_totals = (None, 0) if plan.funding_totals is None else _withheld(plan.funding_totals, NAMES_OF_TOTALS)
    flows, in_flows = plan.funding_flows, 0
    if flows is not None:
        for column in NAMES_OF_FLOWS:
            held = {name for names in flows[column] for name in names if holds_contact(name)}
            if held:
                in_flows += sum(name in held for names in flows[column] for name in names)
                named = [tuple(NOT_SPECIFIED if name in held else name for name in names) for names in flows[column]]
                flows = flows.assign(**{column: pd.Series(named, index=flows.index, dtype="object")})
    joins = []
    for join in plan.joins:
        keys = tuple(WITHHELD_CONTACT if holds_contact(key) else key for key in join.unmatched_keys)
        joins.append(replace(join, unmatched_keys=keys))
    withheld = in_activities + in_planning + in_flows + in_totals
    if tuple(joins) != plan.joins:
        plan = replace(plan, joins=tuple(joins))
    if not withheld:
        return plan
    plan = replace(plan, activities=activities, planned_places=planned_places, names_withheld=withheld)
    return replace(plan, funding_flows=flows, funding_totals=totals)


def _activities(activities: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    held = {
        name: holding_contacts(activities[name]) for name in (*ORGANISATIONS, *PLACE_NAMES, *OTHER_TEXTS, "indicator")
    }
    held["indicator"] &= activities["indicator_code"] == ""
    in_places = held["admin1"] | held["place"] | held["place_name"]
    held |= dict.fromkeys(PLACE_NAMES, in_places)
    instead: dict[str, str | pd.Series] = dict.fromkeys((*PLACE_NAMES, *OTHER_TEXTS), NATIONAL)
    instead["indicator"] = WITHHELD_CONTACT
    named = pd.concat(
        [
            activities.loc[held[name], ["month", name]].set_axis(["month", "contact"], axis="columns")
            for name in ORGANISATIONS
        ]
    )
    contacts = named.astype("str").sort_values(["month", "contact"])["contact"].unique()
    numbered = {
        contact: WITHHELD_ORGANISATION.format(number=number) for number, contact in enumerate(contacts, start=1)
    }
    instead |= {name: activities[name].astype("str").map(numbered) for name in ORGANISATIONS}
    changed = {
        name: activities[name].astype("str").mask(rows, instead[name]).astype("category")
        for name, rows in held.items()
        if rows.any()
    }
    return activities.assign(**changed), _count([in_places, *(held[name] for name in held if name not in PLACE_NAMES)])


def _withheld(table: pd.DataFrame, columns: Iterable[str]) -> tuple[pd.DataFrame, int]:
    held = {name: holding_contacts(table[name]) for name in columns}
    changed = {
        name: table[name].astype("str").mask(rows, WITHHELD_CONTACT) for name, rows in held.items() if rows.any()
    }
    return table.assign(**changed), _count(held.values())


def _count(held: Iterable[pd.Series]) -> int:
    return sum(int(rows.sum()) for rows in held)
