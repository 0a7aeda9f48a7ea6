"""Withhold contact details of people in the names that figures are counted and printed by."""

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from rmrp_analysis.plan import Plan
from rmrp_analysis.quality.columns import ORGANISATIONS, has_contact
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
    """Return the plan with no contact of a person in a name; ``names_withheld`` counts the cells that are replaced.

    - A place becomes the whole country, as where no place is named.
    - An organisation becomes a number, so that it still counts as one, whether it appeals or implements. Numbers follow
      the first month of each, so that a later one changes no other. They are no hash: nobody can try addresses.
    - An organisation in a flow of money becomes *not specified*.

    The files, and the findings in them, stay as they are.
    """
    activities, in_activities = _withhold_in_activities(plan.activities)
    planned_places, in_planning = _withhold(plan.planned_places, (*PLACE_NAMES, "pcode"))
    totals, in_totals = (None, 0) if plan.funding_totals is None else _withhold(plan.funding_totals, NAMES_OF_TOTALS)
    flows, in_flows = plan.funding_flows, 0
    if flows is not None:
        for column in NAMES_OF_FLOWS:
            names_with_contact = {name for names in flows[column] for name in names if holds_contact(name)}
            if names_with_contact:
                in_flows += sum(name in names_with_contact for names in flows[column] for name in names)
                redacted_names = [
                    tuple(NOT_SPECIFIED if name in names_with_contact else name for name in names)
                    for names in flows[column]
                ]
                flows = flows.assign(**{column: pd.Series(redacted_names, index=flows.index, dtype="object")})
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


def _withhold_in_activities(activities: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    has_contacts = {
        name: has_contact(activities[name]) for name in (*ORGANISATIONS, *PLACE_NAMES, *OTHER_TEXTS, "indicator")
    }
    has_contacts["indicator"] &= activities["indicator_code"] == ""
    in_places = has_contacts["admin1"] | has_contacts["place"] | has_contacts["place_name"]
    has_contacts |= dict.fromkeys(PLACE_NAMES, in_places)
    replacements: dict[str, str | pd.Series] = dict.fromkeys((*PLACE_NAMES, *OTHER_TEXTS), NATIONAL)
    replacements["indicator"] = WITHHELD_CONTACT
    names_with_contact = pd.concat(
        [
            activities.loc[has_contacts[name], ["month", name]].set_axis(["month", "contact"], axis="columns")
            for name in ORGANISATIONS
        ]
    )
    contacts = names_with_contact.astype("str").sort_values(["month", "contact"])["contact"].unique()
    numbered = {
        contact: WITHHELD_ORGANISATION.format(number=number) for number, contact in enumerate(contacts, start=1)
    }
    replacements |= {name: activities[name].astype("str").map(numbered) for name in ORGANISATIONS}
    changed = {
        name: activities[name].astype("str").mask(is_withheld, replacements[name]).astype("category")
        for name, is_withheld in has_contacts.items()
        if is_withheld.any()
    }
    return activities.assign(**changed), _count(
        [in_places, *(has_contacts[name] for name in has_contacts if name not in PLACE_NAMES)]
    )


def _withhold(table: pd.DataFrame, columns: Iterable[str]) -> tuple[pd.DataFrame, int]:
    has_contacts = {name: has_contact(table[name]) for name in columns}
    changed = {
        name: table[name].astype("str").mask(is_withheld, WITHHELD_CONTACT)
        for name, is_withheld in has_contacts.items()
        if is_withheld.any()
    }
    return table.assign(**changed), _count(has_contacts.values())


def _count(masks: Iterable[pd.Series]) -> int:
    return sum(int(mask.sum()) for mask in masks)
