"""Every join that the figures of a run depend on, with the rows and people it matched, lost or doubled."""

from collections.abc import Collection, Sequence

import pandas as pd

from rmrp_analysis import numbers
from rmrp_analysis.loaders.table import FAULT_COLUMNS
from rmrp_analysis.method import Method, Period
from rmrp_analysis.plan import JoinAudit, Plan
from rmrp_analysis.quality.checks import WORDS_OF
from rmrp_analysis.vocabulary import NATIONAL
from rmrp_analysis.words import N_, SOURCE_LANGUAGE, Words

LOST = WORDS_OF["lost"]
"""What becomes of the people whom a join does not match."""


def join_audits(plan: Plan, *, period: Period, method: Method) -> tuple[JoinAudit, ...]:
    """The audits of the loaded tables, of planning by admin1, and of age-gender proportions where the model needs them.

    Admin1 of the plan are looked for in the list of places, and those that reports name among the admin1 of the plan.
    """
    audits = (_planning_in_list(plan), _places_in_planning(plan, period, method), _proportions(plan, period, method))
    return (*plan.joins, *filter(None, audits))


def _planning_in_list(plan: Plan) -> JoinAudit | None:
    """The admin1 of the plan in the list of places, each with the most people that the plan gives it of any sector."""
    listed, planned = plan.references.get("admin1"), plan.planned_places
    if listed is None or planned.empty:
        return None
    known = set(zip(listed["country"], listed["pcode"], strict=True))
    sums = planned.groupby(["scope", "place", "place_name", "measure", "sector"])["value"].sum()
    people = sums.groupby(["scope", "place", "place_name"]).max()
    return _audit("planning", planned.groupby(["scope", "place", "place_name"]).size(), people, known)


def _places_in_planning(plan: Plan, period: Period, method: Method) -> JoinAudit | None:
    """The admin1 that counted reports name among those of the plan, in countries of which it has some."""
    planned, activities = plan.planned_places, plan.activities
    counted = activities["indicator_type"].isin(method.counted_indicator_types)
    counted &= activities["month"].isin(period.months)
    if method.rmrp_activities_only:
        counted &= activities["rmrp_activity"] == "Yes"
    rows = activities[counted & activities["country"].isin(planned["scope"]) & (activities["place"] != NATIONAL)]
    if rows.empty:
        return None
    known = set(zip(planned["scope"], planned["place"], strict=True))
    keys = [rows[name].astype("str") for name in ("country", "place", "place_name")]
    people = rows["new_beneficiaries"].groupby(keys)
    return _audit("planned_places", people.size(), people.sum(), known)


def _audit(name: str, rows: pd.Series, people: pd.Series, known: Collection[tuple[str, ...]]) -> JoinAudit:
    """An audit of places, by country, place and its name; those that are not ``known`` are named with their people."""
    joined = pd.DataFrame({"rows": rows.to_numpy(), "people": people.to_numpy(), "lost": people.to_numpy()})
    places: list[tuple[str, str, str]] = [*people.index]
    joined["known"] = pd.Series([place[:2] in known for place in places], dtype="bool")
    with_people = zip(places, people, strict=True)
    keys = [f"{country}: {label or place} ({count:,.0f})" for (country, place, label), count in with_people]
    joined["key"] = pd.Categorical(keys, categories=list(dict.fromkeys(keys)))
    return JoinAudit.of(name, joined)


def _proportions(plan: Plan, period: Period, method: Method) -> JoinAudit | None:
    """The people in the age-gender proportions, where the year's rule for the model needs them."""
    unseen = plan.people_unseen(method, ())
    unseen = unseen[unseen.index.get_level_values("month").isin(period.months)]
    if unseen.empty:
        return None
    new, proportions = plan.new_by_sector(method, ()), plan.proportions.get(method.age_gender_proportions)
    key = unseen.index.to_frame()[["country", "place", "sector"]].astype("str").agg(": ".join, axis="columns")
    rows = pd.DataFrame({"key": key, "people": new.loc[unseen.index, "new_beneficiaries"], "lost": unseen})
    twice = 0 if proportions is None else int(proportions.duplicated(["country", "place", "sector"]).sum())
    listed = proportions is not None  # else the figure is not known, and says so: it loses nobody
    return JoinAudit.of("proportions", rows.assign(rows=1, known=unseen == 0), duplicated=twice, loses=listed)


def join_message(audit: JoinAudit, language: str = SOURCE_LANGUAGE) -> str:
    """An audit as one sentence, for a terminal or a log."""
    words, examples = Words(language), "; ".join(audit.unmatched_keys[:3])
    rows, people = (numbers.count(amount, language) for amount in (audit.rows_unmatched, audit.people_unmatched))
    of_all = numbers.count(audit.rows_matched + audit.rows_unmatched, language)
    text = N_("join with {list}: {rows} of {all} rows, {people} people {lost}")
    message = words(text, list=audit.name, rows=rows, all=of_all, people=people, lost=words(LOST[audit.name]))
    return message + (f" ({examples})" if examples else "")


def join_findings(audits: Sequence[JoinAudit]) -> pd.DataFrame:
    """One row a join with unmatched rows, in the columns of the loaders' faults; ``people`` are all that it lost."""
    rows = [
        {
            "file": "",
            "line": 0,
            "column": audit.name,
            "check": f"join_{audit.name}",
            "severity": "error" if audit.loses_people else "warning",
            "value": "; ".join(audit.unmatched_keys),
            "allowed": LOST[audit.name],
            "people": audit.people_unmatched,
        }
        for audit in audits
        if audit.rows_unmatched
    ]
    return pd.DataFrame(rows, columns=[*FAULT_COLUMNS, "people"])
