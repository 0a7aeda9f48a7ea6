"""Withhold contact details of people in the names that figures are counted and printed by."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from rmrp_analysis.plan import Plan
from rmrp_analysis.quality.columns import ORGANISATION_COLUMNS, has_contact
from rmrp_analysis.vocabulary import NATIONAL_PLACE_KEY, NOT_SPECIFIED, WITHHELD_CONTACT_TEXT, holds_contact

PLACE_NAME_COLUMNS = ("admin1", "place", "place_name")
"""Columns of activities that name the admin1; they are withheld together."""
OTHER_TEXT_COLUMNS = ("admin2", "delivery_mechanism")
"""Columns of activities with other short texts that may hold a contact."""
FUNDING_FLOW_NAME_COLUMNS = tuple(
    f"{side}_{names}"
    for side in ("source", "destination")
    for names in (
        *("organisations", "organisation_names", "locations", "location_names", "countries"),
        *("cluster_names", "global_clusters", "global_cluster_names", "sectors"),
    )
)
"""Columns of flows with tuples of names; a country or sector that no list has stands there by the name of FTS.

HDX has no ids: there a name is the id, too.
"""
FLOW_ORGANISATION_ID_COLUMNS = ("source_organisations", "destination_organisations")
"""Those of them with ids of organisations, by which donors and recipients are counted."""
WITHHELD_ORGANISATION_TEMPLATE = "Organisation {number}, contact details withheld"
"""Without brackets at its end, in which an acronym would stand: it is the name of the organisation's own sheets."""
FUNDING_TOTAL_NAME_COLUMNS = ("plan_name", "part", "fts_name")
"""Columns of totals with a name."""


def without_contacts(plan: Plan) -> Plan:
    """Return the plan with no contact of a person in a name; ``names_withheld`` counts the cells that are replaced.

    - Of activities, used or refused, a place becomes the whole country, as where no place is named. An organisation
      becomes a number, so that it still counts as one, whether it appeals or implements. Numbers follow the first month
      of each, so that a later one changes no other. An indicator without a code becomes ``WITHHELD_CONTACT_TEXT``,
      other short texts (``OTHER_TEXT_COLUMNS``) become empty.
    - Of planned places, totals of money and keys of joins (not counted), the text becomes ``WITHHELD_CONTACT_TEXT``.
    - Of flows of money, any name becomes *not specified*, and the id of an organisation a number.

    The files, and the findings in them, stay as they are.
    """
    refused_table = plan.refused_activities if len(plan.refused_activities) else plan.activities.iloc[:0]
    name_by_contact = _number_organisations(plan.activities, refused_table)
    redacted_activity_table, withheld_activity_count = _withhold_in_activities(plan.activities, name_by_contact)
    redacted_refused_table, withheld_refused_count = _withhold_in_activities(refused_table, name_by_contact)
    planned_places, in_planning = _withhold(plan.planned_places, (*PLACE_NAME_COLUMNS, "pcode"))
    totals, in_totals = (
        (None, 0) if plan.funding_totals is None else _withhold(plan.funding_totals, FUNDING_TOTAL_NAME_COLUMNS)
    )
    flows, withheld_flow_count = (None, 0) if plan.funding_flows is None else _withhold_in_flows(plan.funding_flows)
    joins = []
    for join in plan.joins:
        keys = tuple(WITHHELD_CONTACT_TEXT if holds_contact(key) else key for key in join.unmatched_keys)
        joins.append(replace(join, unmatched_keys=keys))
    withheld = withheld_activity_count + withheld_refused_count + in_planning + withheld_flow_count + in_totals
    if tuple(joins) != plan.joins:
        plan = replace(plan, joins=tuple(joins))
    if not withheld:
        return plan
    plan = replace(
        plan,
        activities=redacted_activity_table,
        refused_activities=redacted_refused_table if withheld_refused_count else plan.refused_activities,
        planned_places=planned_places,
        names_withheld=withheld,
    )
    return replace(plan, funding_flows=flows, funding_totals=totals)


def _number_organisations(*activity_tables: pd.DataFrame) -> dict[str, str]:
    """Return the numbered name of each organisation whose name holds a contact.

    Numbers follow the first month of each name. Names of the first table are numbered first, so that those of another
    one change no number.
    """
    distinct_names_with_contact: dict[str, None] = {}
    for activity_table in activity_tables:
        contacts_with_month = pd.concat(
            [
                activity_table.loc[has_contact(activity_table[column_name]), ["month", column_name]].set_axis(
                    ["month", "contact"], axis="columns"
                )
                for column_name in ORGANISATION_COLUMNS
            ]
        )
        distinct_names_with_contact |= dict.fromkeys(
            contacts_with_month.astype("str").sort_values(["month", "contact"])["contact"]
        )
    return {
        name_with_contact: WITHHELD_ORGANISATION_TEMPLATE.format(number=organisation_number)
        for organisation_number, name_with_contact in enumerate(distinct_names_with_contact, start=1)
    }


def _withhold_in_activities(activities: pd.DataFrame, names: Mapping[str, str]) -> tuple[pd.DataFrame, int]:
    """Return activities without contacts in their columns of names and texts, and how many cells were withheld.

    Organisations get their numbered name of ``names``, an indicator without a code ``WITHHELD_CONTACT_TEXT``; other
    texts become empty. The three columns of a place are withheld together, and count as one cell.
    """
    has_contacts = {
        name: has_contact(activities[name])
        for name in (*ORGANISATION_COLUMNS, *PLACE_NAME_COLUMNS, *OTHER_TEXT_COLUMNS, "indicator")
    }
    has_contacts["indicator"] &= activities["indicator_code"] == ""
    in_places = has_contacts["admin1"] | has_contacts["place"] | has_contacts["place_name"]
    has_contacts |= dict.fromkeys(PLACE_NAME_COLUMNS, in_places)
    replacements: dict[str, str | pd.Series] = dict.fromkeys(
        (*PLACE_NAME_COLUMNS, *OTHER_TEXT_COLUMNS), NATIONAL_PLACE_KEY
    )
    replacements["indicator"] = WITHHELD_CONTACT_TEXT
    replacements |= {name: activities[name].astype("str").map(names) for name in ORGANISATION_COLUMNS}
    changed = {
        name: activities[name].astype("str").mask(is_withheld, replacements[name]).astype("category")
        for name, is_withheld in has_contacts.items()
        if is_withheld.any()
    }
    return activities.assign(**changed), _count(
        [in_places, *(has_contacts[name] for name in has_contacts if name not in PLACE_NAME_COLUMNS)]
    )


def _withhold_in_flows(flows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return flows of money without contacts in names and ids, and how many were withheld.

    Columns changed: ``FUNDING_FLOW_NAME_COLUMNS``. Organisations stay as many as they were: each id has a number.
    """
    organisation_ids = (
        pd.concat([flows[column_name] for column_name in FLOW_ORGANISATION_ID_COLUMNS]).explode().dropna()
    )
    numbered_id_by_contact = {
        id_with_contact: WITHHELD_ORGANISATION_TEMPLATE.format(number=organisation_number)
        for organisation_number, id_with_contact in enumerate(filter(holds_contact, organisation_ids.unique()), start=1)
    }
    redacted_column_by_name, withheld_name_count = {}, 0
    for column_name in FUNDING_FLOW_NAME_COLUMNS:
        names_in_flows = flows[column_name].explode().dropna()
        text_by_contact = dict.fromkeys(filter(holds_contact, names_in_flows.unique()), NOT_SPECIFIED)
        if text_by_contact:
            text_by_contact |= numbered_id_by_contact if column_name in FLOW_ORGANISATION_ID_COLUMNS else {}
            withheld_name_count += int(names_in_flows.isin(list(text_by_contact)).sum())
            redacted_column_by_name[column_name] = pd.Series(
                [tuple(text_by_contact.get(name, name) for name in names) for names in flows[column_name]],
                index=flows.index,
                dtype="object",
            )
    return flows.assign(**redacted_column_by_name), withheld_name_count


def _withhold(table: pd.DataFrame, columns: Iterable[str]) -> tuple[pd.DataFrame, int]:
    """Return a table with ``WITHHELD_CONTACT_TEXT`` for each contact in these columns, and how many there were."""
    has_contacts = {name: has_contact(table[name]) for name in columns}
    changed = {
        name: table[name].astype("str").mask(is_withheld, WITHHELD_CONTACT_TEXT)
        for name, is_withheld in has_contacts.items()
        if is_withheld.any()
    }
    return table.assign(**changed), _count(has_contacts.values())


def _count(masks: Iterable[pd.Series]) -> int:
    """Count the rows of all masks that are true."""
    return sum(int(mask.sum()) for mask in masks)
