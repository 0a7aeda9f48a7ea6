"""What a run weighs before it publishes: how much of what was sent it could read, and whether that is what it names.

Each condition has a name, a share from 0 to 1, and a limit in the method; over the limit nothing is published, unless
the parameters accept it.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from math import ceil

import pandas as pd

from rmrp_analysis import numbers
from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.table import FAULT_COLUMNS
from rmrp_analysis.method import NO_SECRET, Limits, Method, Period
from rmrp_analysis.metrics.rounding_key import KEY_FILE, KEY_VARIABLE, LEAST_LENGTH
from rmrp_analysis.plan import Condition, Plan
from rmrp_analysis.quality.checks import WORDS_OF, checks_of, errors
from rmrp_analysis.quality.columns import Reports
from rmrp_analysis.quality.joins import join_audits, join_message
from rmrp_analysis.quality.review import refused_people
from rmrp_analysis.quality.sheets import (
    LOST_BY_JOINS,
    OTHER_LIST,
    findings_of_condition,
    is_chance,
    reports_of_every_type,
    sectors_not_listed,
    shares_elsewhere,
)
from rmrp_analysis.sources import SOURCES_FILE
from rmrp_analysis.words import N_, SOURCE_LANGUAGE, Words

MOST_NAMED = 5

FEWEST_ROWS_A_MONTH = 5
"""Where a file has fewer activities a month, a month without one may be as it was."""

MUCH = 0.25
MUCH_ACCEPTED = N_(
    "Accepting {name} means that up to {share} of what the sheets say may be wrong in this way. Better mend the data."
)
"""What is said of a condition of which more than ``MUCH`` is, or would be, accepted."""

ADVICE = {"people_empty": N_("Where an empty cell means 0, add `empty: 0` to `activities` in {sources}.")}
"""What may settle a condition, other than to mend the file."""

SENTENCES = WORDS_OF["condition"]
Measure = dict[str, str | float]
"""How much of the data a condition concerns: a ``share`` from 0 to 1, and what fills its sentence in ``words.csv``."""


def conditions(plan: Plan, *, period: Period, method: Method, language: str = SOURCE_LANGUAGE) -> tuple[Condition, ...]:
    """What is over its usual limit, or the method's, in a plan whose repairs are made; in the order of ``Limits``.

    What is in one sector or country alone is a matter of its sheets (see ``quality.sheets``), but where the method has
    less than the usual limit.
    """
    usual, weighing = Limits(), Weighing(plan, period, method, language)
    elsewhere = shares_elsewhere(plan, period=period, method=method)
    weighed = map(weighing.condition, Limits.model_fields)
    found = []
    for each in weighed:
        usual_limit = getattr(usual, each.name)
        share = each.share if each.limit < usual_limit else min(each.share, elsewhere.get(each.name, 1.0))
        found += [each] if share > min(usual_limit, each.limit) else []
    return tuple(found)


def secret_condition(
    plan: Plan, audience: str, method: Method, accepted: Container[str], language: str = SOURCE_LANGUAGE
) -> tuple[Condition, ...]:
    """What a public run meets whose counts of people are rounded by what everybody knows.

    Made-up data need no secret, nor do numbers that are published as they are.
    """
    is_open = audience == "public" and any(method.bases) and not plan.secret.own
    if not is_open or plan.is_illustrative("activities"):
        return ()
    facts = {"variable": KEY_VARIABLE, "length": str(LEAST_LENGTH), "file": KEY_FILE}
    sentence = Words(language)(SENTENCES[NO_SECRET], **facts)
    return (Condition(NO_SECRET, 1.0, float(NO_SECRET in accepted), sentence),)


def accept_line(refused: Sequence[Condition]) -> str:
    """The line of a parameter file that accepts these conditions; empty where none can be accepted."""
    can_be = [condition for condition in refused if not condition.remedy]
    shares = [
        f"{each.name}: {ceil(round(each.share * 1000, 6)) / 10:g} %" if each.name != NO_SECRET else NO_SECRET
        for each in can_be
    ]
    return f"accept: [{', '.join(shares)}]" if can_be else ""


def after_period(plan: Plan, period: Period) -> dict[str, int]:
    """How many rows and people are of months after the period: nobody asked for them, and no figure counts them."""
    later = plan.activities[plan.activities["month"].astype("str") > period.end]
    return {"rows": len(later), "people": round(_people(later))}


def shares_accepted(found: Sequence[Condition]) -> list[dict[str, str]]:
    """Name and share of each condition of more than ``MUCH``, to be filled into ``MUCH_ACCEPTED``."""
    much = [each for each in found if each.share > MUCH and not each.remedy and each.name != NO_SECRET]
    return [{"name": each.name, "share": f"{each.share:.0%}"} for each in much]


def check_trusted(found: Sequence[Condition], params_file: object, language: str = SOURCE_LANGUAGE) -> None:
    """Raise ``InputRefused`` with every condition that is not accepted, and the line that would accept it."""
    words, refused = Words(language), [condition for condition in found if not condition.accepted]
    if refused:
        lines = [f"{condition.name}: {condition.sentence}" for condition in refused]
        lines += [condition.remedy for condition in refused if condition.remedy]
        if line := accept_line(refused):
            lines += [words(MUCH_ACCEPTED, **share) for share in shares_accepted(refused)]
            advice = words(
                "Nothing is published. Mend the data, or add this line to {params}:", params=str(params_file)
            )
            lines += [advice, line]
        raise InputRefused("\n".join(lines))


@dataclass(frozen=True)
class Weighing:
    """Measures each condition by the method of its name (see ``docs/data.md``), those of checks by ``people_found``."""

    plan: Plan
    period: Period
    method: Method
    language: str

    def condition(self, name: str) -> Condition:
        """Give a condition with its share, whether or not that is over a limit, and its sentence."""
        measure: Measure = getattr(self, name, partial(self.people_found, name))()
        share, sentence = float(measure["share"]), SENTENCES["people_found" if "why" in measure else name]
        said = self.words(sentence, **measure | {"share": numbers.printed(share, "share", self.language, 1)})
        missing = sectors_not_listed(self.plan) if name == LOST_BY_JOINS else []
        remedy = self.words(OTHER_LIST, sectors=", ".join(missing)) if missing else ""
        return Condition(name, share, getattr(self.method.limits, name), said, remedy)

    def words(self, text: str, **values: str | float) -> str:
        """Say a text in the language, with whole numbers as it writes them."""
        written = {
            name: value if isinstance(value, str) else numbers.count(value, self.language)
            for name, value in values.items()
        }
        return Words(self.language)(text, **written)

    def no_usable_rows(self) -> Measure:
        refused = sum(file.rows_refused for file in self.plan.inputs if file.name == "activities")
        return {"share": float(self.plan.activities.empty), "rows": refused, "reasons": self._reasons()}

    def people_refused(self) -> Measure:
        refused = float(refused_people(self.plan).sum())
        return _of_all(refused, _people(self.plan.activities) + refused) | {"reasons": self._reasons()}

    def people_lost_by_joins(self) -> Measure:
        """The people whom a join does not find, of all; of several joins the largest share."""
        audits = join_audits(self.plan, period=self.period, method=self.method)
        losses = [audit for audit in audits if audit.loses_people]
        shares = [audit.people_unmatched / (audit.people_matched + audit.people_unmatched) for audit in losses]
        joins = "; ".join(join_message(audit, self.language) for audit in losses)
        return {"share": max(shares, default=0.0), "joins": joins}

    def people_found(self, condition: str) -> Measure:
        """The people in rows with findings of the checks that are of a condition, of all people.

        Those that the method does not count, such as people trained, are weighed, too: they have figures of their own.
        """
        reports = self._reports_of_every_type
        faults = findings_of_condition(reports, condition)
        by_row = faults["people"].groupby(level=0).max()
        if faults.empty or is_chance(condition, len(by_row), by_row.sum()):
            return {"share": 0.0, "why": ""}
        made = {check.check: check for check in checks_of(self.plan.year) if check.check in set(faults["check"])}
        most = faults.iloc[0]
        everybody = pd.concat([reports["people"].abs(), by_row]).groupby(level=0).max().sum()
        of_most = made[most["check"]]
        return _of_all(by_row.sum(), everybody) | {
            "rows": len(by_row),
            "why": " ".join(
                [
                    *(self.words(check.sentence) for check in made.values()),
                    *(self.words(text, sources=SOURCES_FILE) for name, text in ADVICE.items() if name == condition),
                ]
            ),
            "allowed": self.words(of_most.allowed, expected=of_most.expected_in(most["allowed"])),
            **{name: str(most[name]) for name in ("line", "file", "column", "value")},
        }

    @cached_property
    def _reports_of_every_type(self) -> Reports:
        """The reports with the people of every type of indicator, for all conditions: columns are made once."""
        return reports_of_every_type(self.plan, self.period, self.method)

    def period_outside_data(self) -> Measure:
        months, period = self.plan.activities["month"].unique(), self.period
        outside = len(months) > 0 and not any(period.start <= month <= period.end for month in months)
        there = {"first": min(months, default=""), "last": max(months, default="")}
        return {"share": float(outside), **period.model_dump(), **there, "people": _people(self.plan.activities)}

    def months_missing(self) -> Measure:
        """The months of the period without an activity; see ``period_outside_data`` where all are.

        Of a file with few activities a month only those after its last one.
        """
        months, rows = self.period.months, self.plan.activities["month"].value_counts()
        there = rows[rows > 0]
        last = max(there.index, default="") if there.mean() < FEWEST_ROWS_A_MONTH else ""
        missing = [month for month in months if month not in there.index and month > last]
        share = len(missing) / len(months) if len(missing) < len(months) else 0.0
        return {"share": share, "months": self._named(missing), **self.period.model_dump()}

    def other_plan_year(self) -> Measure:
        activities, year = self.plan.activities, str(self.plan.year.year)
        years = activities["month"].astype("str").str[:4]
        other = years != year
        named = self._named(sorted(years[other].unique()))
        people = _of_all(_people(activities[other]), _people(activities), otherwise=float(other.any()))
        return people | {"rows": int(other.sum()), "years": named, "year": year}

    def nobody_new(self) -> Measure:
        """People assisted in a month where nobody is new: an empty column reads as 0 once somebody filled it down."""
        reports = Reports(self.plan, self.period, self.method)
        assisted = reports["total"][reports["counted"] & (reports["total"] > 0)]
        nobody = assisted[reports["new_beneficiaries"] == 0]
        return _of_all(0.0 if is_chance("nobody_new", len(nobody), nobody.sum()) else nobody.sum(), assisted.sum())

    def people_with_errors(self) -> Measure:
        reports = Reports(self.plan, self.period, self.method)
        in_error, names = errors(reports)
        people = reports["people"]
        return _of_all(people[in_error].sum(), people.sum()) | {"checks": self._named(names)}

    def _reasons(self) -> str:
        """Where rows of activities were refused: file, column, rows, and an example."""
        names = {file.path.name for file in self.plan.inputs if file.name == "activities"}
        faults = self.plan.faults.reindex(columns=list(FAULT_COLUMNS))
        refused = faults[(faults["severity"] == "refused") & faults["file"].isin(names)]
        groups = refused.groupby(["file", "column"], sort=False)
        first = groups.first().assign(rows=groups.size()).sort_values("rows", ascending=False, kind="stable")
        examples = first.head(MOST_NAMED).reset_index().to_dict("records")
        return "".join(
            self.words(
                "; {file}, {column}: {rows} rows, line {line} is {value}",
                file=cell["file"],
                column=cell["column"],
                rows=cell["rows"],
                line=str(cell["line"]),
                value=repr(cell["value"]) if cell["value"] else self.words("empty"),
            )
            for cell in examples
        )

    def _named(self, items: Sequence[str]) -> str:
        listed, more = ", ".join(items[:MOST_NAMED]), len(items) - MOST_NAMED
        return self.words("{names} and {count} more", names=listed, count=more) if more > 0 else listed


def _people(activities: pd.DataFrame) -> float:
    return float(activities["new_beneficiaries"].sum())


def _of_all(people: float, everybody: float, otherwise: float = 0.0) -> Measure:
    """Some of all people, with their share; ``otherwise`` where there is nobody."""
    share = float(people / everybody if everybody else otherwise)
    return {"share": share, "people": float(people), "all": float(everybody)}
