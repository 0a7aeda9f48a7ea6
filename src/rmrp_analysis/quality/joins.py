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
"""What becomes of the people whom a join does not match."""


def join_audits(plan: Plan, *, period: Period, method: Method) -> tuple[JoinAudit, ...]:
    """Return the audits of every join: of the loaded tables, of planning by admin1, of age-gender proportions.

    Planning has two: admin1 of the plan in the list of places, and admin1 of reports in the plan. An audit with nothing
    to look up is left out.
    """
    computed_audits = (
        _planning_in_list(plan),
        _places_in_planning(plan, period, method),
        _audit_proportions(plan, period, method),
    )
    return (*plan.joins, *filter(None, computed_audits))


def _planning_in_list(plan: Plan) -> JoinAudit | None:
    """Audit the admin1 of the plan against the list of places, each with its largest planned figure.

    That is one measure of one sector. None without a list or planned places.
    """
    listed_admin1_table, planned_place_table = plan.references.get("admin1"), plan.planned_places
    if listed_admin1_table is None or planned_place_table.empty:
        return None
    listed_place_keys = set(zip(listed_admin1_table["country"], listed_admin1_table["pcode"], strict=True))
    planned_people_series = planned_place_table.groupby(["scope", "place", "place_name", "measure", "sector"])[
        "value"
    ].sum()
    people_by_place = planned_people_series.groupby(["scope", "place", "place_name"]).max()
    return _audit(
        "planning",
        planned_place_table.groupby(["scope", "place", "place_name"]).size(),
        people_by_place,
        listed_place_keys,
    )


def _places_in_planning(plan: Plan, period: Period, method: Method) -> JoinAudit | None:
    """Audit the admin1 of counted reports against those of the plan, in countries where the plan has some.

    Only reports of the period that name an admin1; people are their new beneficiaries. None without such reports.
    """
    planned_place_table, activities = plan.planned_places, plan.activities
    is_counted_activity = activities["indicator_type"].isin(method.counted_indicator_types)
    is_counted_activity &= activities["month"].isin(period.months)
    if method.rmrp_activities_only:
        is_counted_activity &= activities["rmrp_activity"] == "Yes"
    counted_activity_table = activities[
        is_counted_activity
        & activities["country"].isin(planned_place_table["scope"])
        & (activities["place"] != NATIONAL_PLACE_KEY)
    ]
    if counted_activity_table.empty:
        return None
    planned_place_keys = set(zip(planned_place_table["scope"], planned_place_table["place"], strict=True))
    place_key_columns = [
        counted_activity_table[column_name].astype("str") for column_name in ("country", "place", "place_name")
    ]
    people_grouped_by_place = counted_activity_table["new_beneficiaries"].groupby(place_key_columns)
    return _audit("planned_places", people_grouped_by_place.size(), people_grouped_by_place.sum(), planned_place_keys)


def _audit(name: str, rows: pd.Series, people: pd.Series, known_places: Collection[tuple[str, ...]]) -> JoinAudit:
    """Return the audit of places that are looked for in ``known_places`` (country, place code).

    ``rows`` and ``people`` have the same index: country, place code, name of the place.
    """
    audited_place_table = pd.DataFrame(
        {"rows": rows.to_numpy(), "people": people.to_numpy(), "lost": people.to_numpy()}
    )
    place_key_triples: list[tuple[str, str, str]] = [*people.index]
    audited_place_table["known"] = pd.Series(
        [place_key_triple[:2] in known_places for place_key_triple in place_key_triples], dtype="bool"
    )
    place_people_pairs = zip(place_key_triples, people, strict=True)
    place_texts = [
        f"{country}: {place_name or place_code} ({people_count:,.0f})"
        for (country, place_code, place_name), people_count in place_people_pairs
    ]
    audited_place_table["key"] = pd.Categorical(place_texts, categories=list(dict.fromkeys(place_texts)))
    return JoinAudit.of(name, audited_place_table)


def _audit_proportions(plan: Plan, period: Period, method: Method) -> JoinAudit | None:
    """Audit the people whom the model cannot count without age-gender proportions.

    A row is a place, month and sector. Without any proportions it loses nobody, since the figure is not known. None
    where the model needs none, or nobody is new in the period.
    """
    uncounted_people_series = people_outside_model(plan, method, ())
    uncounted_people_series = uncounted_people_series[
        uncounted_people_series.index.get_level_values("month").isin(period.months)
    ]
    if uncounted_people_series.empty:
        return None
    new_people_table = count_new_by_sector(plan, method, ())
    proportion_table = plan.proportions.get(method.age_gender_proportions)
    proportion_key_series = (
        uncounted_people_series.index.to_frame()[["country", "place", "sector"]]
        .astype("str")
        .agg(": ".join, axis="columns")
    )
    audited_rows = pd.DataFrame(
        {
            "key": proportion_key_series,
            "people": new_people_table.loc[uncounted_people_series.index, "new_beneficiaries"],
            "lost": uncounted_people_series,
        }
    )
    repeated_proportion_count = (
        0 if proportion_table is None else int(proportion_table.duplicated(["country", "place", "sector"]).sum())
    )
    # Without them the figure is not known, and says so: it loses nobody
    are_proportions_given = proportion_table is not None
    return JoinAudit.of(
        "proportions",
        audited_rows.assign(rows=1, known=uncounted_people_series == 0),
        duplicated=repeated_proportion_count,
        loses=are_proportions_given,
    )


def join_message(audit: JoinAudit, language: str = SOURCE_LANGUAGE) -> str:
    """Return an audit as one sentence, for a terminal or a log, with at most three unmatched keys as examples."""
    translate, example_keys_text = Translator(language), "; ".join(audit.unmatched_keys[:3])
    rows_text, people_text = (
        numbers.count(audit_amount, language) for audit_amount in (audit.rows_unmatched, audit.people_unmatched)
    )
    row_count = audit.rows_matched + audit.rows_unmatched
    audit_message = translate.plural(
        "join with {list}: {rows} of {all} row, {people} people {lost}",
        "join with {list}: {rows} of {all} rows, {people} people {lost}",
        row_count,
        list=audit.name,
        rows=rows_text,
        all=numbers.count(row_count, language),
        people=people_text,
        lost=translate(LOSS_SENTENCE_BY_JOIN[audit.name]),
    )
    return audit_message + (f" ({example_keys_text})" if example_keys_text else "")


def join_findings(audits: Sequence[JoinAudit]) -> pd.DataFrame:
    """Return one row a join with unmatched rows: ``FAULT_COLUMNS`` and ``people``.

    ``people``: those without a partner, who are not counted where the severity is *error*; ``file`` is empty, ``line``
    0.
    """
    finding_dicts = [
        {
            "file": "",
            "line": 0,
            "column": join_audit.name,
            "check": f"join_{join_audit.name}",
            "severity": "error" if join_audit.loses_people else "warning",
            "value": "; ".join(join_audit.unmatched_keys),
            "allowed": LOSS_SENTENCE_BY_JOIN[join_audit.name],
            "people": join_audit.people_unmatched,
        }
        for join_audit in audits
        if join_audit.rows_unmatched
    ]
    return pd.DataFrame(finding_dicts, columns=[*FAULT_COLUMNS, "people"])
