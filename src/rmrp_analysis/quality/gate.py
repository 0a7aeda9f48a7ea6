"""The gate of a run: conditions of the data as a whole over whose limit nothing is published.

Each condition has a name, a share from 0 to 1, and a limit in the method; the parameters can accept more.
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
"""So many names are listed in a sentence; the others are counted."""

MIN_ACTIVITIES_A_MONTH = 5
"""Where a file has fewer activities a month, a month without one may be as it was."""

MIN_WARNED_ACCEPTED_SHARE = 0.25
"""Whoever accepts a condition of a larger share of the data is warned."""
LARGE_SHARE_WARNING = N_(
    "Accepting {name} means that up to {share} of what the sheets say may be wrong in this way. Better mend the data."
)
"""What is said of a condition of which more than ``MIN_WARNED_ACCEPTED_SHARE`` is, or would be, accepted."""

MIN_SHARE_WITH_DECIMAL = 0.0005
"""A smaller share would be printed as 0.0%."""

ADVICE_BY_CONDITION = {"people_empty": N_("Where an empty cell means 0, add `empty: 0` to `activities` in {sources}.")}
"""What may settle a condition, other than to mend the file."""

SENTENCE_BY_CONDITION = SENTENCES_BY_KIND["condition"]
"""The English sentence of each condition."""
Measure = dict[str, str | float]
"""How much of the data a condition concerns: a ``share`` from 0 to 1, and what fills its sentence in ``words.csv``."""


def conditions(plan: Plan, *, period: Period, method: Method, language: str = SOURCE_LANGUAGE) -> tuple[Condition, ...]:
    """Return the conditions over their limit in a plan whose repairs are made, in the order of ``Limits``.

    The limit is the smaller of the usual one and the method's, so conditions that the method accepts are returned, too.
    What concerns one sector or country alone is left to the gate of its sheets (``quality.sheets``), except where the
    method's limit is below the usual one.
    """
    usual_limits, measures = Limits(), ConditionMeasures(plan, period, method, language)
    elsewhere = shares_elsewhere(plan, period=period, method=method)
    measured_conditions = map(measures.condition, Limits.model_fields)
    exceeded = []
    for condition in measured_conditions:
        usual_limit = getattr(usual_limits, condition.name)
        share = (
            condition.share
            if condition.limit < usual_limit
            else min(condition.share, elsewhere.get(condition.name, 1.0))
        )
        exceeded += [condition] if share > min(usual_limit, condition.limit) else []
    return tuple(exceeded)


def secret_condition(
    plan: Plan, audience: str, method: Method, accepted: Container[str], language: str = SOURCE_LANGUAGE
) -> tuple[Condition, ...]:
    """Return the condition of a public run that has no secret rounding key; empty where none is needed.

    Illustrative data need no secret, nor do numbers that are published without rounding. The condition is accepted
    where ``accepted`` holds ``NO_SECRET_CONDITION``.
    """
    is_open = audience == "public" and any(method.bases) and not plan.secret.own
    if not is_open or plan.is_illustrative("activities"):
        return ()
    facts = {"variable": KEY_VARIABLE, "length": str(MIN_KEY_LENGTH), "file": KEY_FILE}
    sentence = Translator(language)(SENTENCE_BY_CONDITION[NO_SECRET_CONDITION], **facts)
    return (Condition(NO_SECRET_CONDITION, 1.0, float(NO_SECRET_CONDITION in accepted), sentence),)


def accept_line(refused: Sequence[Condition]) -> str:
    """Return the line of a parameter file that accepts these conditions; empty where none can be accepted.

    Shares are in percent, rounded up to one decimal. Conditions with a ``remedy`` are left out.
    """
    acceptable = [condition for condition in refused if not condition.remedy]
    shares = [
        f"{condition.name}: {ceil(round(condition.share * 1000, 6)) / 10:g} %"
        if condition.name != NO_SECRET_CONDITION
        else NO_SECRET_CONDITION
        for condition in acceptable
    ]
    return f"accept: [{', '.join(shares)}]" if acceptable else ""


def after_period(plan: Plan, period: Period) -> dict[str, int]:
    """Count the ``rows`` and ``people`` (new beneficiaries) of months after the period, which no figure counts."""
    later = plan.activities[plan.activities["month"].astype("str") > period.end]
    return {"rows": len(later), "people": round(_people(later))}


def shares_accepted(conditions: Sequence[Condition], language: str = SOURCE_LANGUAGE) -> list[dict[str, str]]:
    """Return ``name`` and ``share`` (as text) of each condition over ``MIN_WARNED_ACCEPTED_SHARE``, for its warning.

    Conditions with a ``remedy``, and a missing secret, are left out.
    """
    large = [
        condition
        for condition in conditions
        if condition.share > MIN_WARNED_ACCEPTED_SHARE
        and not condition.remedy
        and condition.name != NO_SECRET_CONDITION
    ]
    return [{"name": condition.name, "share": numbers.share(condition.share, language)} for condition in large]


def check_trusted(conditions: Sequence[Condition], params_file: object, language: str = SOURCE_LANGUAGE) -> None:
    """Raise ``InputRefused`` where a condition is not accepted; do nothing where all are.

    The message has every such condition, its remedy if it has one, and the line for ``params_file`` that would accept
    the others, with a warning of each large share.
    """
    translate = Translator(language)
    refused = [condition for condition in conditions if not condition.accepted]
    if refused:
        lines = [f"{condition.name}: {condition.sentence}" for condition in refused]
        lines += [condition.remedy for condition in refused if condition.remedy]
        if line := accept_line(refused):
            lines += [
                translate(LARGE_SHARE_WARNING, **accepted_share_fields)
                for accepted_share_fields in shares_accepted(refused, language)
            ]
            advice = translate(
                "Nothing is published. Mend the data, or add this line to {params}:", params=str(params_file)
            )
            lines += [advice, line]
        raise InputRefused("\n".join(lines))


@dataclass(frozen=True)
class ConditionMeasures:
    """The share of each condition in one plan: the method of its name measures it, or ``people_found`` for checks.

    ``docs/data.md`` explains the conditions.
    """

    plan: Plan
    period: Period
    method: Method
    language: str

    def condition(self, name: str) -> Condition:
        """Return a condition with its share, limit and sentence, whether or not it is over the limit.

        Lost joins have a remedy where a sector needs another list of indicators.
        """
        measure: Measure = getattr(self, name, partial(self.people_found, name))()
        share = float(measure["share"])
        sentence_template = SENTENCE_BY_CONDITION["people_found" if "why" in measure else name]
        text = self.translate(sentence_template, **measure | {"share": self._format_share(share)})
        missing_sectors = sectors_not_listed(self.plan) if name == LOST_BY_JOINS_CONDITION else []
        remedy = self.translate(OTHER_LIST_MESSAGE, sectors=", ".join(missing_sectors)) if missing_sectors else ""
        return Condition(name, share, getattr(self.method.limits, name), text, remedy)

    def _format_share(self, share: float) -> str:
        """Format a share as percent with one decimal; below ``MIN_SHARE_WITH_DECIMAL`` as sheets do, ``< 0.1%``."""
        decimal_count = None if share < MIN_SHARE_WITH_DECIMAL else 1
        return numbers.format_value(share, "share", self.language, decimal_count)

    def translate(self, text: str, **values: str | float) -> str:
        """Translate a text and fill in its fields; numbers are written whole, with the separators of the language."""
        fields = {
            name: value if isinstance(value, str) else numbers.count(value, self.language)
            for name, value in values.items()
        }
        return Translator(self.language)(text, **fields)

    def no_usable_rows(self) -> Measure:
        """Measure whether no activity can be used (1, else 0), with the count of refused rows and the reasons."""
        refused = sum(file.rows_refused for file in self.plan.inputs if file.name == "activities")
        return {"share": float(self.plan.activities.empty), "rows": refused, "reasons": self._reasons()}

    def people_refused(self) -> Measure:
        """Measure the people in refused rows, of all people, with the reasons."""
        refused = float(sum_refused_people(self.plan).sum())
        return _share_of(refused, _people(self.plan.activities) + refused) | {"reasons": self._reasons()}

    def people_lost_by_joins(self) -> Measure:
        """Measure the people whose row a join does not match, of all; of several joins the largest share, else 0."""
        audits = join_audits(self.plan, period=self.period, method=self.method)
        losses = [audit for audit in audits if audit.loses_people]
        shares = [audit.people_unmatched / (audit.people_matched + audit.people_unmatched) for audit in losses]
        joins = "; ".join(join_message(audit, self.language) for audit in losses)
        return {"share": max(shares, default=0.0), "joins": joins}

    def people_found(self, condition: str) -> Measure:
        """Measure the people in doubt by the checks of a condition, of all people.

        Of several findings in a row the one with most people counts. People that the method does not count, such as
        people trained, are measured, too. Other fields: the sentences of the checks (``why``), and the finding with
        most people as an example. Without findings, or with so few that they are chance: a ``share`` of 0 and an empty
        ``why`` alone.
        """
        reports = self._reports_of_every_type
        faults = findings_of_condition(reports, condition)
        by_row = faults["people"].groupby(level=0).max()
        if faults.empty or is_chance(condition, len(by_row), by_row.sum()):
            return {"share": 0.0, "why": ""}
        found_check_by_name = {
            check.check: check for check in checks_of(self.plan.year) if check.check in set(faults["check"])
        }
        largest = faults.iloc[0]
        all_people = pd.concat([reports["people"].abs(), by_row]).groupby(level=0).max().sum()
        largest_check = found_check_by_name[largest["check"]]
        return _share_of(by_row.sum(), all_people) | {
            "rows": len(by_row),
            "why": " ".join(
                [
                    *(self.translate(check.sentence) for check in found_check_by_name.values()),
                    *(
                        self.translate(advice_text, sources=SOURCES_FILE)
                        for condition_name, advice_text in ADVICE_BY_CONDITION.items()
                        if condition_name == condition
                    ),
                ]
            ),
            "allowed": self.translate(largest_check.allowed, expected=largest_check.read_expected(largest["allowed"])),
            **{column_name: str(largest[column_name]) for column_name in ("line", "file", "column")},
            "value": str(largest["value"]) or self.translate(N_("empty")),
        }

    @cached_property
    def _reports_of_every_type(self) -> ActivityColumns:
        """The activities with the people of every type of indicator; cached, since all conditions use it."""
        return reports_of_every_type(self.plan, self.period, self.method)

    def period_outside_data(self) -> Measure:
        """Measure whether no month of the data is in the period: 1, else 0; also 0 without data."""
        months, period = self.plan.activities["month"].unique(), self.period
        outside = len(months) > 0 and not any(period.start <= month <= period.end for month in months)
        reported_months = {"first": min(months, default=""), "last": max(months, default="")}
        return {
            "share": float(outside),
            **period.model_dump(),
            **reported_months,
            "people": _people(self.plan.activities),
        }

    def months_missing(self) -> Measure:
        """Measure the months of the period without an activity, of all its months.

        The share is 0 where all are without one: that is ``period_outside_data``. Where activities are fewer than
        ``MIN_ACTIVITIES_A_MONTH`` on average, only months after the last reported one count as missing.
        """
        months, rows = self.period.months, self.plan.activities["month"].value_counts()
        rows_by_month = rows[rows > 0]
        last_month = max(rows_by_month.index, default="") if rows_by_month.mean() < MIN_ACTIVITIES_A_MONTH else ""
        missing_months = [month for month in months if month not in rows_by_month.index and month > last_month]
        share = len(missing_months) / len(months) if len(missing_months) < len(months) else 0.0
        return {"share": share, "months": self._list_names(missing_months), **self.period.model_dump()}

    def other_plan_year(self) -> Measure:
        """Measure the people in months of another year than the plan's, of all people.

        Where nobody is reported, the share is 1 if any row is of another year.
        """
        activities, year = self.plan.activities, str(self.plan.year.year)
        years = activities["month"].astype("str").str[:4]
        is_other_year = years != year
        names = self._list_names(sorted(years[is_other_year].unique()))
        people = _share_of(
            _people(activities[is_other_year]), _people(activities), otherwise=float(is_other_year.any())
        )
        return people | {"rows": int(is_other_year.sum()), "years": names, "year": year}

    def nobody_new(self) -> Measure:
        """Measure the people assisted in rows where nobody is new, of all people assisted in counted rows.

        Such a column was not filled, but set to 0. The share is 0 where the rows are so few that they are chance.
        """
        reports = ActivityColumns(self.plan, self.period, self.method)
        assisted = reports["total"][reports["counted"] & (reports["total"] > 0)]
        assisted_without_new = assisted[reports["new_beneficiaries"] == 0]
        return _share_of(
            0.0
            if is_chance("nobody_new", len(assisted_without_new), assisted_without_new.sum())
            else assisted_without_new.sum(),
            assisted.sum(),
        )

    def people_with_errors(self) -> Measure:
        """Measure the people in rows with a finding of severity *error*, of all people, with the checks."""
        reports = ActivityColumns(self.plan, self.period, self.method)
        in_error, names = find_errors(reports)
        people = reports["people"]
        return _share_of(people[in_error].sum(), people.sum()) | {"checks": self._list_names(names)}

    def _reasons(self) -> str:
        """Describe where rows of activities were refused: file, column, count of rows, and an example.

        At most ``MAX_NAMES_LISTED`` places, most rows first, each after a semicolon; empty without refused rows.
        """
        loader_fault_table = self.plan.faults
        refused = loader_fault_table[
            (loader_fault_table["severity"] == "refused") & (loader_fault_table["input"] == "activities")
        ]
        groups = refused.groupby(["file", "column"], sort=False)
        examples_by_column = (
            groups.first().assign(rows=groups.size()).sort_values("rows", ascending=False, kind="stable")
        )
        examples = examples_by_column.head(MAX_NAMES_LISTED).reset_index().to_dict("records")
        return "".join(
            self.translate(
                N_("; {file}, {column} (rows: {rows}), line {line} is {value}")
                if example_row_dict["value"]
                else N_("; {file}, {column} (rows: {rows}), line {line} is empty"),
                file=example_row_dict["file"],
                column=example_row_dict["column"],
                rows=example_row_dict["rows"],
                line=str(example_row_dict["line"]),
                value=repr(example_row_dict["value"]),
            )
            for example_row_dict in examples
        )

    def _list_names(self, items: Sequence[str]) -> str:
        """Join the first ``MAX_NAMES_LISTED`` names with commas, and count the others."""
        names, unnamed = ", ".join(items[:MAX_NAMES_LISTED]), len(items) - MAX_NAMES_LISTED
        return self.translate("{names} and {count} more", names=names, count=unnamed) if unnamed > 0 else names


def _people(activities: pd.DataFrame) -> float:
    """Sum the new beneficiaries (``new_beneficiaries``) of activities."""
    return float(activities["new_beneficiaries"].sum())


def _share_of(people: float, everybody: float, otherwise: float = 0.0) -> Measure:
    """Return ``people``, ``all`` people and their ``share``, which is ``otherwise`` where there is nobody."""
    share = float(people / everybody if everybody else otherwise)
    return {"share": share, "people": float(people), "all": float(everybody)}
