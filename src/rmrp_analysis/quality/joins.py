"""Every join that the figures of a run depend on, with the rows and people it matched, lost or doubled."""

from collections.abc import Collection, Sequence

import pandas as pd

from rmrp_analysis import numbers
from rmrp_analysis.arguments import Period
from rmrp_analysis.loaders.table import FAULT_COLUMNS
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import count_new_by_sector, people_outside_model
from rmrp_analysis.plan import JoinAudit, Plan
from rmrp_analysis.quality.checks import SENTENCES_BY_KIND
from rmrp_analysis.vocabulary import NATIONAL_PLACE_KEY
from rmrp_analysis.words import SOURCE_LANGUAGE, Translator

LOSS_SENTENCE_BY_JOIN = SENTENCES_BY_KIND["lost"]
"""The sentence on the people whom a join does not match."""


def join_audits(plan: Plan, *, period: Period, method: Method) -> tuple[JoinAudit, ...]:
    """Return the audits of every join: of the loaded tables, of planning by admin1, of age-gender proportions.

    Planning has two: admin1 of the plan in the list of places, and admin1 of reports in the plan. An audit with nothing
    to look up is left out.
    """
    planning = (_planning_in_list(plan), _places_in_planning(plan, period, method))
    return (*plan.joins, *filter(None, (*planning, _audit_proportions(plan, period, method))))


def _planning_in_list(plan: Plan) -> JoinAudit | None:
    """Audit the admin1 of the plan against the list of places. None without a list or planned places.

    The people of an admin1 are its largest planned figure: one measure of one sector.
    """
    listed, planned = plan.references.get("admin1"), plan.planned_places
    if listed is None or planned.empty:
        return None
    places = set(zip(listed["country"], listed["pcode"], strict=True))
    sums = planned.groupby(["scope", "place", "place_name", "measure", "sector"])["value"].sum()
    people = sums.groupby(["scope", "place", "place_name"]).max()
    return _audit("planning", planned.groupby(["scope", "place", "place_name"]).size(), people, places)


def _places_in_planning(plan: Plan, period: Period, method: Method) -> JoinAudit | None:
    """Audit the admin1 of counted reports against the plan's, in countries where the plan has admin1.

    Only reports of the period that name an admin1 are read, with their new beneficiaries. None without such reports.
    """
    planned, rows = plan.planned_places, plan.activities
    rows = rows[rows["indicator_type"].isin(method.counted_indicator_types) & rows["month"].isin(period.months)]
    if method.rmrp_activities_only:
        rows = rows[rows["rmrp_activity"] == "Yes"]
    rows = rows[rows["country"].isin(planned["scope"]) & (rows["place"] != NATIONAL_PLACE_KEY)]
    if rows.empty:
        return None
    places = set(zip(planned["scope"], planned["place"], strict=True))
    keys = [rows[name].astype("str") for name in ("country", "place", "place_name")]
    people = rows["new_beneficiaries"].groupby(keys)
    return _audit("planned_places", people.size(), people.sum(), places)


def _audit(name: str, rows: pd.Series, people: pd.Series, known_places: Collection[tuple[str, ...]]) -> JoinAudit:
    """Audit places against ``known_places`` (country, place code).

    ``rows`` and ``people`` have the same index: country, place code, name of the place.
    """
    joined = pd.DataFrame({"rows": rows.to_numpy(), "people": people.to_numpy(), "lost": people.to_numpy()})
    places: list[tuple[str, str, str]] = [*people.index]
    joined["known"] = pd.Series([place[:2] in known_places for place in places], dtype="bool")
    pairs = zip(places, people, strict=True)
    keys = [f"{country}: {label or place} ({count:,.0f})" for (country, place, label), count in pairs]
    joined["key"] = pd.Categorical(keys, categories=list(dict.fromkeys(keys)))
    return JoinAudit.of(name, joined)


def _audit_proportions(plan: Plan, period: Period, method: Method) -> JoinAudit | None:
    """Audit the people whom the model cannot count without age-gender proportions.

    A row is a place, month and sector. None if the model needs no proportions, or nobody is new in the period.
    """
    unseen = people_outside_model(plan, method, ())
    unseen = unseen[unseen.index.get_level_values("month").isin(period.months)]
    if unseen.empty:
        return None
    new = count_new_by_sector(plan, method, ())
    shares = plan.proportions.get(method.age_gender_proportions)
    keys = unseen.index.to_frame()[["country", "place", "sector"]].astype("str").agg(": ".join, axis="columns")
    rows = pd.DataFrame({"key": keys, "people": new.loc[unseen.index, "new_beneficiaries"], "lost": unseen})
    duplicates = 0 if shares is None else int(shares.duplicated(["country", "place", "sector"]).sum())
    rows = rows.assign(rows=1, known=unseen == 0)
    # Without any proportions the figure is not known, and says so: it loses nobody
    return JoinAudit.of("proportions", rows, duplicated=duplicates, loses=shares is not None)


def join_message(audit: JoinAudit, language: str = SOURCE_LANGUAGE) -> str:
    """Return an audit as one sentence, for a terminal or a log, with at most three unmatched keys as examples."""
    translate, examples = Translator(language), "; ".join(audit.unmatched_keys[:3])
    rows, people = (numbers.count(amount, language) for amount in (audit.rows_unmatched, audit.people_unmatched))
    total = audit.rows_matched + audit.rows_unmatched
    message = translate.plural(
        "join with {list}: {rows} of {all} row, {people} people {lost}",
        "join with {list}: {rows} of {all} rows, {people} people {lost}",
        total,
        list=audit.name,
        rows=rows,
        all=numbers.count(total, language),
        people=people,
        lost=translate(LOSS_SENTENCE_BY_JOIN[audit.name]),
    )
    return message + (f" ({examples})" if examples else "")


def join_findings(audits: Sequence[JoinAudit]) -> pd.DataFrame:
    """Return one row a join with unmatched rows: ``FAULT_COLUMNS`` and ``people``.

    ``people`` have no partner, and are not counted if the severity is *error*. ``file`` is empty, ``line`` is 0.
    """
    rows = [
        {
            "file": "",
            "line": 0,
            "column": audit.name,
            "check": f"join_{audit.name}",
            "severity": "error" if audit.loses_people else "warning",
            "value": "; ".join(audit.unmatched_keys),
            "allowed": LOSS_SENTENCE_BY_JOIN[audit.name],
            "people": audit.people_unmatched,
        }
        for audit in audits
        if audit.rows_unmatched
    ]
    return pd.DataFrame(rows, columns=[*FAULT_COLUMNS, "people"])
