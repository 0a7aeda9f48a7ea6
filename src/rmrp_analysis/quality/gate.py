"""The gate of a run: conditions of the whole data, with limits above which nothing is published.

Each condition has a name, a share from 0 to 1, and a limit in the method. The parameters can accept more.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from math import ceil

import pandas as pd

from rmrp_analysis import numbers
from rmrp_analysis.arguments import Period
from rmrp_analysis.errors import InputRefused
from rmrp_analysis.method import NO_SECRET_CONDITION, Limits, Method
from rmrp_analysis.metrics.rounding_key import KEY_FILE, KEY_VARIABLE, MIN_KEY_LENGTH
from rmrp_analysis.plan import Condition, Plan
from rmrp_analysis.quality.checks import SENTENCES_BY_KIND, checks_of, find_errors
from rmrp_analysis.quality.columns import ActivityColumns
from rmrp_analysis.quality.joins import join_audits, join_message
from rmrp_analysis.quality.review import sum_refused_people
from rmrp_analysis.quality.sheets import (
    LOST_BY_JOINS_CONDITION,
    OTHER_LIST_MESSAGE,
    findings_of_condition,
    is_chance,
    reports_of_every_type,
    sectors_not_listed,
    shares_elsewhere,
)
from rmrp_analysis.sources import SOURCES_FILE
from rmrp_analysis.words import N_, SOURCE_LANGUAGE, Translator

MAX_NAMES_LISTED = 5
"""How many names a sentence lists. It counts the others."""

MIN_ACTIVITIES_A_MONTH = 5
"""With fewer activities a month on average, a month without any may be right."""

MIN_WARNED_ACCEPTED_SHARE = 0.25
"""A person who accepts a condition of a larger share of the data is warned."""
LARGE_SHARE_WARNING = N_(
    "Accepting {name} means that up to {share} of what the sheets say may be wrong in this way. Better mend the data."
)
"""The warning when more than ``MIN_WARNED_ACCEPTED_SHARE`` of a condition is, or would be, accepted."""

MIN_SHARE_WITH_DECIMAL = 0.0005
"""A smaller share would be printed as 0.0%."""

ADVICE_BY_CONDITION = {"people_empty": N_("Where an empty cell means 0, add `empty: 0` to `activities` in {sources}.")}
"""Advice that may settle a condition without a change of the file."""

SENTENCE_BY_CONDITION = SENTENCES_BY_KIND["condition"]
Measure = dict[str, str | float]
"""How much of the data a condition concerns: a ``share`` (0 to 1) and the values of its sentence in ``words.csv``."""


def conditions(plan: Plan, *, period: Period, method: Method, language: str = SOURCE_LANGUAGE) -> tuple[Condition, ...]:
    """Return the conditions over their limit in a repaired plan, in the order of ``Limits``.

    The limit is the smaller of the usual one and the method's, so conditions that the method accepts are returned, too.
    A condition of only one sector or country is left to the gate of its sheets (``quality.sheets``), unless the
    method's limit is below the usual one.
    """
    usual, measures = Limits(), ConditionMeasures(plan, period, method, language)
    elsewhere = shares_elsewhere(plan, period=period, method=method)
    exceeded = []
    for condition in map(measures.condition, Limits.model_fields):
        limit, share = getattr(usual, condition.name), condition.share
        if condition.limit >= limit:
            share = min(share, elsewhere.get(condition.name, 1.0))
        if share > min(limit, condition.limit):
            exceeded.append(condition)
    return tuple(exceeded)


def secret_condition(
    plan: Plan, audience: str, method: Method, accepted: Container[str], language: str = SOURCE_LANGUAGE
) -> tuple[Condition, ...]:
    """Return the condition of a public run without a secret rounding key. Empty when no secret is needed.

    Illustrative data need no secret, nor do numbers that are not rounded. The condition is accepted when ``accepted``
    holds ``NO_SECRET_CONDITION``.
    """
    is_open = audience == "public" and any(method.bases) and not plan.secret.own
    if not is_open or plan.is_illustrative("activities"):
        return ()
    facts = {"variable": KEY_VARIABLE, "length": str(MIN_KEY_LENGTH), "file": KEY_FILE}
    sentence = Translator(language)(SENTENCE_BY_CONDITION[NO_SECRET_CONDITION], **facts)
    return (Condition(NO_SECRET_CONDITION, 1.0, float(NO_SECRET_CONDITION in accepted), sentence),)


def accept_line(refused: Sequence[Condition]) -> str:
    """Return the line of a parameter file that accepts these conditions. Empty when no condition can be accepted.

    Shares are in percent, rounded up to one decimal. Conditions with a ``remedy`` are left out.
    """
    items = []
    for name, share in ((condition.name, condition.share) for condition in refused if not condition.remedy):
        percent = f"{ceil(round(share * 1000, 6)) / 10:g} %"
        items.append(name if name == NO_SECRET_CONDITION else f"{name}: {percent}")
    return f"accept: [{', '.join(items)}]" if items else ""


def after_period(plan: Plan, period: Period) -> dict[str, int]:
    """Count the ``rows`` and ``people`` (new beneficiaries) in months after the period, which no figure counts."""
    later = plan.activities[plan.activities["month"].astype("str") > period.end]
    return {"rows": len(later), "people": round(_people(later))}


def shares_accepted(conditions: Sequence[Condition], language: str = SOURCE_LANGUAGE) -> list[dict[str, str]]:
    """Return ``name`` and ``share`` (as text) of each condition over ``MIN_WARNED_ACCEPTED_SHARE``, for its warning.

    Conditions with a ``remedy``, and a missing secret, are left out.
    """
    large = [condition for condition in conditions if condition.share > MIN_WARNED_ACCEPTED_SHARE]
    return [
        {"name": condition.name, "share": numbers.share(condition.share, language)}
        for condition in large
        if not condition.remedy and condition.name != NO_SECRET_CONDITION
    ]


def check_trusted(conditions: Sequence[Condition], params_file: object, language: str = SOURCE_LANGUAGE) -> None:
    """Raise ``InputRefused`` when a condition is not accepted.

    The message has every such condition, its remedy if it has one, and the line for ``params_file`` that would accept
    the others, with a warning of each large share.
    """
    translate = Translator(language)
    refused = [condition for condition in conditions if not condition.accepted]
    if not refused:
        return
    lines = [f"{condition.name}: {condition.sentence}" for condition in refused]
    lines += [condition.remedy for condition in refused if condition.remedy]
    if line := accept_line(refused):
        lines += [translate(LARGE_SHARE_WARNING, **fields) for fields in shares_accepted(refused, language)]
        params = str(params_file)
        lines += [translate("Nothing is published. Mend the data, or add this line to {params}:", params=params), line]
    raise InputRefused("\n".join(lines))


@dataclass(frozen=True)
class ConditionMeasures:
    """The share of each condition in one plan.

    The method with a condition's name measures it. Without such a method, ``people_found`` measures its checks.
    ``docs/data.md`` explains the conditions.
    """

    plan: Plan
    period: Period
    method: Method
    language: str

    def condition(self, name: str) -> Condition:
        """Return a condition with its share, limit and sentence, whether or not it is over the limit.

        Lost joins have a remedy when a sector needs another list of indicators.
        """
        measure: Measure = getattr(self, name, partial(self.people_found, name))()
        share = float(measure["share"])
        sentence = SENTENCE_BY_CONDITION["people_found" if "why" in measure else name]
        decimals = None if share < MIN_SHARE_WITH_DECIMAL else 1  # sheets print < 0.1%
        percent = numbers.format_value(share, "share", self.language, decimals)
        text = self.translate(sentence, **measure | {"share": percent})
        unlisted = sectors_not_listed(self.plan) if name == LOST_BY_JOINS_CONDITION else []
        remedy = self.translate(OTHER_LIST_MESSAGE, sectors=", ".join(unlisted)) if unlisted else ""
        return Condition(name, share, getattr(self.method.limits, name), text, remedy)

    def translate(self, text: str, **values: str | float) -> str:
        """Translate a text and fill in its fields. Numbers are written whole, with the separators of the language."""
        fields = {
            name: value if isinstance(value, str) else numbers.count(value, self.language)
            for name, value in values.items()
        }
        return Translator(self.language)(text, **fields)

    def no_usable_rows(self) -> Measure:
        """Measure whether no activity can be used (1 or 0), with the count of refused rows and the reasons."""
        refused = sum(file.rows_refused for file in self.plan.inputs if file.name == "activities")
        return {"share": float(self.plan.activities.empty), "rows": refused, "reasons": self._reasons()}

    def people_refused(self) -> Measure:
        """Measure the people in refused rows, of all people, with the reasons."""
        refused = float(sum_refused_people(self.plan).sum())
        return _share_of(refused, _people(self.plan.activities) + refused) | {"reasons": self._reasons()}

    def people_lost_by_joins(self) -> Measure:
        """Measure the people in rows that a join does not match, of all people. The largest share of several joins."""
        audits = join_audits(self.plan, period=self.period, method=self.method)
        losses = [audit for audit in audits if audit.loses_people]
        shares = [audit.people_unmatched / (audit.people_matched + audit.people_unmatched) for audit in losses]
        joins = "; ".join(join_message(audit, self.language) for audit in losses)
        return {"share": max(shares, default=0.0), "joins": joins}

    def people_found(self, condition: str) -> Measure:
        """Measure the people in doubt by the checks of a condition, of all people.

        If a row has several findings, the one with most people counts. People that the method does not count, such as
        people trained, are measured, too. Other fields are the sentences of the checks (``why``), and the finding with
        most people as an example. Without findings, or with so few that they are chance, the fields are only a
        ``share`` of 0 and an empty ``why``.
        """
        reports = self._reports_of_every_type
        faults = findings_of_condition(reports, condition)
        by_row = faults["people"].groupby(level=0).max()
        if faults.empty or is_chance(condition, len(by_row), by_row.sum()):
            return {"share": 0.0, "why": ""}
        checks = {check.check: check for check in checks_of(self.plan.year) if check.check in set(faults["check"])}
        largest = faults.iloc[0]
        total = pd.concat([reports["people"].abs(), by_row]).groupby(level=0).max().sum()
        reasons = [self.translate(check.sentence) for check in checks.values()]
        if condition in ADVICE_BY_CONDITION:
            reasons.append(self.translate(ADVICE_BY_CONDITION[condition], sources=SOURCES_FILE))
        check = checks[largest["check"]]
        return _share_of(by_row.sum(), total) | {
            "rows": len(by_row),
            "why": " ".join(reasons),
            "allowed": self.translate(check.allowed, expected=check.read_expected(largest["allowed"])),
            **{name: str(largest[name]) for name in ("line", "file", "column")},
            "value": str(largest["value"]) or self.translate(N_("empty")),
        }

    @cached_property
    def _reports_of_every_type(self) -> ActivityColumns:
        """The activities with the people of every type of indicator. Cached, since all conditions use it."""
        return reports_of_every_type(self.plan, self.period, self.method)

    def period_outside_data(self) -> Measure:
        """Measure whether no month of the data is in the period (1 or 0). 0 without data."""
        months, period = self.plan.activities["month"].unique(), self.period
        outside = len(months) > 0 and not any(period.start <= month <= period.end for month in months)
        ends = {"first": min(months, default=""), "last": max(months, default="")}
        return {"share": float(outside), **period.model_dump(), **ends, "people": _people(self.plan.activities)}

    def months_missing(self) -> Measure:
        """Measure the months of the period without an activity, of all its months.

        The share is 0 when no month has an activity, which is ``period_outside_data``. With fewer activities a month
        than ``MIN_ACTIVITIES_A_MONTH`` on average, only months after the last reported one count as missing.
        """
        months, rows = self.period.months, self.plan.activities["month"].value_counts()
        rows = rows[rows > 0]
        end = max(rows.index, default="") if rows.mean() < MIN_ACTIVITIES_A_MONTH else ""
        missing = [month for month in months if month not in rows.index and month > end]
        share = len(missing) / len(months) if len(missing) < len(months) else 0.0
        return {"share": share, "months": self._list_names(missing), **self.period.model_dump()}

    def other_plan_year(self) -> Measure:
        """Measure the people in months of another year than the plan's, of all people.

        When nobody is reported, the share is 1 if any row is of another year.
        """
        rows, year = self.plan.activities, str(self.plan.year.year)
        years = rows["month"].astype("str").str[:4]
        is_other = years != year
        names = self._list_names(sorted(years[is_other].unique()))
        people = _share_of(_people(rows[is_other]), _people(rows), otherwise=float(is_other.any()))
        return people | {"rows": int(is_other.sum()), "years": names, "year": year}

    def nobody_new(self) -> Measure:
        """Measure the people assisted in rows without anybody new, of all people assisted in counted rows.

        Such a column was set to 0 and never filled. The share is 0 when the rows are so few that they are chance.
        """
        reports = ActivityColumns(self.plan, self.period, self.method)
        assisted = reports["total"][reports["counted"] & (reports["total"] > 0)]
        not_new = assisted[reports["new_beneficiaries"] == 0]
        people = 0.0 if is_chance("nobody_new", len(not_new), not_new.sum()) else not_new.sum()
        return _share_of(people, assisted.sum())

    def people_with_errors(self) -> Measure:
        """Measure the people in rows with a finding of severity *error*, of all people, with the checks."""
        reports = ActivityColumns(self.plan, self.period, self.method)
        in_error, names = find_errors(reports)
        people = reports["people"]
        return _share_of(people[in_error].sum(), people.sum()) | {"checks": self._list_names(names)}

    def _reasons(self) -> str:
        """Describe where rows of activities were refused: file, column, count of rows, and an example.

        At most ``MAX_NAMES_LISTED`` places, most rows first, each after a semicolon. Empty without refused rows.
        """
        faults = self.plan.faults
        refused = faults[(faults["severity"] == "refused") & (faults["input"] == "activities")]
        groups = refused.groupby(["file", "column"], sort=False)
        places = groups.first().assign(rows=groups.size()).sort_values("rows", ascending=False, kind="stable")
        filled = N_("; {file}, {column} (rows: {rows}), line {line} is {value}")
        empty = N_("; {file}, {column} (rows: {rows}), line {line} is empty")
        texts = []
        for row in places.head(MAX_NAMES_LISTED).reset_index().to_dict("records"):
            fields = {"file": row["file"], "column": row["column"], "rows": row["rows"], "line": str(row["line"])}
            template = filled if row["value"] else empty
            texts.append(self.translate(template, **fields, value=repr(row["value"])))
        return "".join(texts)

    def _list_names(self, items: Sequence[str]) -> str:
        """Join the first ``MAX_NAMES_LISTED`` names with commas, and count the others."""
        names, unnamed = ", ".join(items[:MAX_NAMES_LISTED]), len(items) - MAX_NAMES_LISTED
        return self.translate("{names} and {count} more", names=names, count=unnamed) if unnamed > 0 else names


def _people(activities: pd.DataFrame) -> float:
    """Sum the new beneficiaries (``new_beneficiaries``) of activities."""
    return float(activities["new_beneficiaries"].sum())


def _share_of(people: float, everybody: float, otherwise: float = 0.0) -> Measure:
    """Return ``people``, ``all`` people and their ``share``, which is ``otherwise`` without anybody."""
    share = float(people / everybody if everybody else otherwise)
    return {"share": share, "people": float(people), "all": float(everybody)}
