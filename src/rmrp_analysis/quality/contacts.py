"""Withhold contact details of people in the names that figures are counted and printed by."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from rmrp_analysis.plan import Plan
from rmrp_analysis.quality.columns import ORGANISATION_COLUMNS, has_contact
from rmrp_analysis.vocabulary import NATIONAL_PLACE_KEY, NOT_SPECIFIED, WITHHELD_CONTACT_TEXT, holds_contact

PLACE_NAME_COLUMNS = ("admin1", "place", "place_name")
"""Columns of activities that name the admin1. They are withheld together."""
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
"""Columns of flows with tuples of names. A country or sector that no list has stands there with its name in FTS.

HDX has no ids: there a name is the id, too.
"""
FLOW_ORGANISATION_ID_COLUMNS = ("source_organisations", "destination_organisations")
"""The flow columns with ids of organisations, by which donors and recipients are counted."""
WITHHELD_ORGANISATION_TEMPLATE = "Organisation {number}, contact details withheld"
"""It has no brackets at its end, where an acronym would stand: the organisation's own sheets have this name."""
FUNDING_TOTAL_NAME_COLUMNS = ("plan_name", "part", "fts_name")
"""Columns of totals with a name."""


def without_contacts(plan: Plan) -> Plan:
    """Return the plan without contacts of people in names. ``names_withheld`` counts the cells that are replaced.

    - In activities, used or refused, a place becomes the whole country, as if no place were named. An organisation
      becomes a number, and still counts as one, whether it appeals or implements. Numbers follow the first month of
      each organisation, so a later one changes no other number. An indicator without a code becomes
      ``WITHHELD_CONTACT_TEXT``. Other short texts (``OTHER_TEXT_COLUMNS``) become empty.
    - In planned places, totals of money and keys of joins (not counted), the text becomes ``WITHHELD_CONTACT_TEXT``.
    - In flows of money, any name becomes *not specified*, and the id of an organisation becomes a number.

    The files, and the findings in them, stay as they are.
    """
    refused = plan.refused_activities if len(plan.refused_activities) else plan.activities.iloc[:0]
    names = _number_organisations(plan.activities, refused)
    activities, in_used = _withhold_in_activities(plan.activities, names)
    redacted, in_refused = _withhold_in_activities(refused, names)
    places, in_places = _withhold(plan.planned_places, (*PLACE_NAME_COLUMNS, "pcode"))
    totals, in_totals = (
        (None, 0) if plan.funding_totals is None else _withhold(plan.funding_totals, FUNDING_TOTAL_NAME_COLUMNS)
    )
    flows, in_flows = (None, 0) if plan.funding_flows is None else _withhold_in_flows(plan.funding_flows)
    joins = []
    for join in plan.joins:
        keys = tuple(WITHHELD_CONTACT_TEXT if holds_contact(key) else key for key in join.unmatched_keys)
        joins.append(replace(join, unmatched_keys=keys))
    withheld = in_used + in_refused + in_places + in_flows + in_totals
    if tuple(joins) != plan.joins:
        plan = replace(plan, joins=tuple(joins))
    if not withheld:
        return plan
    plan = replace(
        plan,
        activities=activities,
        refused_activities=redacted if in_refused else plan.refused_activities,
        planned_places=places,
        names_withheld=withheld,
    )
    return replace(plan, funding_flows=flows, funding_totals=totals)


def _number_organisations(*activity_tables: pd.DataFrame) -> dict[str, str]:
    """Return a numbered name for each name with a contact: by table, then by first month of the name."""
    names: dict[str, None] = {}
    for rows in activity_tables:
        contacts = pd.concat(
            [
                rows.loc[has_contact(rows[column]), ["month", column]].set_axis(["month", "contact"], axis="columns")
                for column in ORGANISATION_COLUMNS
            ]
        )
        names |= dict.fromkeys(contacts.astype("str").sort_values(["month", "contact"])["contact"])
    return {name: WITHHELD_ORGANISATION_TEMPLATE.format(number=number) for number, name in enumerate(names, start=1)}


def _withhold_in_activities(activities: pd.DataFrame, names: Mapping[str, str]) -> tuple[pd.DataFrame, int]:
    """Return activities without contacts in names and texts, and how many cells were withheld.

    Organisations get their numbered name from ``names``. An indicator without a code gets ``WITHHELD_CONTACT_TEXT``.
    Other texts become empty. The three columns of a place are withheld together, and count as one cell.
    """
    masks = {
        name: has_contact(activities[name])
        for name in (*ORGANISATION_COLUMNS, *PLACE_NAME_COLUMNS, *OTHER_TEXT_COLUMNS, "indicator")
    }
    masks["indicator"] &= activities["indicator_code"] == ""
    in_places = masks["admin1"] | masks["place"] | masks["place_name"]
    masks |= dict.fromkeys(PLACE_NAME_COLUMNS, in_places)
    texts: dict[str, str | pd.Series] = dict.fromkeys((*PLACE_NAME_COLUMNS, *OTHER_TEXT_COLUMNS), NATIONAL_PLACE_KEY)
    texts["indicator"] = WITHHELD_CONTACT_TEXT
    texts |= {name: activities[name].astype("str").map(names) for name in ORGANISATION_COLUMNS}
    changed = {
        name: activities[name].astype("str").mask(is_withheld, texts[name]).astype("category")
        for name, is_withheld in masks.items()
        if is_withheld.any()
    }
    single = [mask for name, mask in masks.items() if name not in PLACE_NAME_COLUMNS]
    return activities.assign(**changed), _count([in_places, *single])


def _withhold_in_flows(flows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return flows of money without contacts in names and ids, and how many were withheld.

    Columns changed: ``FUNDING_FLOW_NAME_COLUMNS``. Organisations stay as many as they were: each id has a number.
    """
    ids = pd.concat([flows[column] for column in FLOW_ORGANISATION_ID_COLUMNS]).explode().dropna()
    numbered = {
        name: WITHHELD_ORGANISATION_TEMPLATE.format(number=number)
        for number, name in enumerate(filter(holds_contact, ids.unique()), start=1)
    }
    columns, count = {}, 0
    for column in FUNDING_FLOW_NAME_COLUMNS:
        cells = flows[column].explode().dropna()
        texts = dict.fromkeys(filter(holds_contact, cells.unique()), NOT_SPECIFIED)
        if texts:
            texts |= numbered if column in FLOW_ORGANISATION_ID_COLUMNS else {}
            count += int(cells.isin(list(texts)).sum())
            redacted = [tuple(texts.get(name, name) for name in names) for names in flows[column]]
            columns[column] = pd.Series(redacted, index=flows.index, dtype="object")
    return flows.assign(**columns), count


def _withhold(table: pd.DataFrame, columns: Iterable[str]) -> tuple[pd.DataFrame, int]:
    """Return a table with ``WITHHELD_CONTACT_TEXT`` for each contact in ``columns``, and their count."""
    masks = {name: has_contact(table[name]) for name in columns}
    changed = {
        name: table[name].astype("str").mask(is_withheld, WITHHELD_CONTACT_TEXT)
        for name, is_withheld in masks.items()
        if is_withheld.any()
    }
    return table.assign(**changed), _count(masks.values())


def _count(masks: Iterable[pd.Series]) -> int:
    """Count the rows of all masks that are true."""
    return sum(int(mask.sum()) for mask in masks)
