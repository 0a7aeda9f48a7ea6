"""Compares a number and the words around it with the table of figures of an edition of a run."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import nan
from typing import Literal

from rmrp_analysis import numbers
from rmrp_analysis.figures import BREAKDOWNS, FIGURES, figure_definition
from rmrp_analysis.locale.languages import Closeness
from rmrp_analysis.method import Method
from rmrp_analysis.packs import pack
from rmrp_analysis.page.typed_numbers import TypedNumber, read_number
from rmrp_analysis.publish.comparison.published import PublishedRun, parse_report_id
from rmrp_analysis.publish.proof.reading import Context
from rmrp_analysis.ranges import is_sure
from rmrp_analysis.vocabulary import REGION, plan_lists

Verdict = Literal["borne", "derived", "printed", "earlier", "not borne"]
"""The verdict on a number, from supported by a figure to not supported."""

MIN_STEPS_NOT_BY_CHANCE, MIN_NUMBER_NOT_BY_CHANCE = 100, 1000
"""A number with at least so many steps of its last digit, and at least this size, is hardly equal by chance.

Other numbers need a word for a figure.
"""
MAX_APPROXIMATION_SHARE = 0.1
"""The largest distance of a true number from a rounded one after *almost* or *about*, as a share of the latter."""
PLACE_DIMENSION, SECTOR_DIMENSION = "place", "sector"
NAME_KIND_BY_DIMENSION: Mapping[str, str] = {"platform": PLACE_DIMENSION, "country": PLACE_DIMENSION}
"""The kind of a category, by its dimension, if it has another name: platforms may be countries."""
SHARE_DENOMINATOR_FIGURES = frozenset(definition.whole for definition in FIGURES.values() if definition.unit == "share")
"""The figures by which shares are divided."""


@dataclass(frozen=True)
class Statement:
    """A number that a run supports: a figure, a category of a breakdown, or a sum or share of categories.

    ``edition`` is the day of an earlier edition. ``why`` is the cause of the change since. ``step`` is the unit of the
    last digit of a printed number. ``low`` and ``high`` are the bounds of a number that is not sure, otherwise NaN.
    """

    report: str
    figure: str
    part: str
    value: float
    unit: str
    sector: str
    place: str
    organisation: str
    few: bool = False
    verdict: Verdict = "borne"
    edition: str = ""
    why: str = ""
    step: float = 0.0
    low: float = nan
    high: float = nan

    def has_within(self, number: TypedNumber) -> bool:
        """Whether the statement is a range, and a number is within it, ends included."""
        return self.low <= number.number <= self.high or number.matches(self.low) or number.matches(self.high)

    @property
    def parts(self) -> list[str]:
        """The names in the category, such as both ends of a flow of money."""
        return self.part.split(" → ") if self.part else []

    @property
    def base(self) -> str:
        """The figure that the breakdown divides, or the figure itself."""
        return BREAKDOWNS[self.figure].figure if self.figure in BREAKDOWNS else self.figure

    @property
    def dimensions(self) -> list[str]:
        """The kind of each of its ``parts``, in their order, such as place, month or donor. Empty for a figure."""
        names = BREAKDOWNS[self.figure].by if self.figure in BREAKDOWNS else ()
        return [NAME_KIND_BY_DIMENSION.get(dimension, dimension) for dimension in names]

    @cached_property
    def about(self) -> frozenset[str]:
        """The figures of the statement. A share also has the two figures that it compares."""
        definition = figure_definition(self.figure)
        compared = {definition.part, definition.whole} if definition.unit == "share" else set()
        return frozenset({definition.name, self.base, *compared} - {""})


@dataclass(frozen=True, eq=False)
class Statements:
    """The statements of an edition of a run, indexed once for the many numbers of a document."""

    run: PublishedRun

    @cached_property
    def reports(self) -> dict[str, tuple[str, str, str]]:
        """Sector, place and organisation of each report."""
        organisations = self.run.manifest.rows_by_organisation
        return {report: parse_report_id(report, organisations) for report in sorted(self.run.sheets)}

    @cached_property
    def by_report(self) -> dict[str, list[Statement]]:
        """The statements of each report, by its id, without missing values and figures that are not declared now."""
        table = self.run.numbers.reindex(columns=["value", "low", "high"])
        rows = self.run.rows.assign(**table).reset_index().dropna(subset="value")
        rows = rows[rows["figure"].isin([*FIGURES, *BREAKDOWNS])]
        columns = ["report", "figure", "platform", "group", "month", "value", "unit", "status", "low", "high"]
        statements: dict[str, list[Statement]] = {report: [] for report in rows["report"].unique()}
        for report, figure, place, group, month, value, unit, status, *bounds in rows[columns].itertuples(index=False):
            fields = (report, figure, place + group + month, value, unit, *self.reports[report])
            low, high = (nan, nan) if is_sure(value, bounds[0], bounds[1], max(self._bases, default=0)) else bounds
            statements[report].append(Statement(*fields, few=status == "few", low=low, high=high))
        return statements

    @cached_property
    def parts(self) -> frozenset[str]:
        """The names of all categories of breakdowns, and of both ends of flows of money."""
        keys = self.run.rows.index
        parts = {part for level in ("platform", "group", "month") for part in keys.unique(level)}
        return frozenset({name for part in parts for name in part.split(" → ")} - {""})

    @cached_property
    def dimensions(self) -> dict[str, frozenset[str]]:
        """The kinds of each name, such as place, sector, month or donor. A name can have several kinds."""
        kinds: dict[str, set[str]] = {place: {PLACE_DIMENSION} for place in set(plan_lists().places) - {REGION}}
        for sector, *_ in self.reports.values():
            kinds.setdefault(sector, set()).add(SECTOR_DIMENSION)
        for statement in self._all:
            for part, dimension in zip(statement.parts, statement.dimensions, strict=False):
                kinds.setdefault(part, set()).add(dimension)
        return {key: frozenset(dimensions) for key, dimensions in kinds.items()}

    @cached_property
    def by_key(self) -> dict[tuple[str, str, str], Statement]:
        """The statements by report, figure and part."""
        return {(statement.report, statement.figure, statement.part): statement for statement in self._all}

    @cached_property
    def _all(self) -> list[Statement]:
        """All statements of the edition."""
        return [statement for statements in self.by_report.values() for statement in statements]

    @cached_property
    def _names_with_number(self) -> set[tuple[str, str]]:
        """Pairs of a figure and a sector, place, month or group for which the run has a number of the figure."""
        parts = {(statement.base, part) for statement in self._all for part in statement.parts}
        reports = {(statement.base, key) for statement in self._all for key in (statement.sector, statement.place)}
        return parts | reports

    @cached_property
    def _bases(self) -> set[int]:
        """The bases of rounding. Below its base, the run prints a number only as *fewer than*."""
        return set(Method(rounding=self.run.manifest.choices.get("rounding", 0)).bases)

    def list_in_scope(self, context: Context) -> Iterator[Statement]:
        """Yield the statements of the sectors and places that a number may be about."""
        for report, statements in self.by_report.items():
            sector, place, _ = self.reports[report]
            if sector in context.sectors and place in context.places:
                yield from statements

    def list_fitting(self, number: TypedNumber, context: Context) -> list[Statement]:
        """List the statements that fit the unit of a number and the names around it."""
        return [statement for statement in self.list_in_scope(context) if self._fits(number, statement, context)]

    def _fits(self, number: TypedNumber, statement: Statement, context: Context) -> bool:
        """Whether a statement has the unit of a number and the names around it."""
        return (
            number.is_of_unit(statement.unit)
            and not (context.of_people and statement.unit in ("count", "usd"))
            and statement.organisation in ("", *context.names)
            and (self._has_named_parts(statement, context) or statement.figure in context.names)
            and not self._is_of_another(statement, context)
        )

    def find_supporting(self, number: TypedNumber, context: Context) -> Statement | None:
        """Return the statement that has this number and fits its words, or None.

        Of several, return the nearest in value, and of equally near ones a figure before a category.
        """

        def rank(statement: Statement) -> tuple[float, bool]:
            """Return the distance in value, and whether it is a category."""
            return abs(statement.value - number.number), bool(statement.part)

        candidates = (
            statement
            for statement in self.list_in_scope(context)
            if number.is_of_unit(statement.unit)
            and self._states(number, statement, context)
            and self._fits(number, statement, context)
            and self._is_meant(number, statement, context)
        )
        return min(candidates, key=rank, default=None)

    def find_nearest(self, number: TypedNumber, context: Context) -> Statement | None:
        """Return the statement nearest in value to a number that its words may mean, or None.

        Nearest is the smallest difference as a share of the statement's value. Statements on the figures that the words
        name come first. Counts of few people and zeros are left out.
        """

        def distance(statement: Statement) -> float:
            """Return the difference to the number as a share of the statement's value."""
            return abs(statement.value - number.number) / abs(statement.value)

        figures = context.nearest_figures or context.figures
        fitting = [item for item in self.list_fitting(number, context) if not item.few and item.value]
        likely = [statement for statement in fitting if statement.about & figures] or fitting
        return min(likely, key=distance, default=None)

    @staticmethod
    def _has_named_parts(statement: Statement, context: Context) -> bool:
        """Whether each name of a statement's category is the nearest name of its dimension to the number.

        If the sentence has no name of the dimension, names around the sentence count. A category with several names,
        such as a flow, may have them anywhere in the sentence. True without a category.
        """
        return all(
            part in context.nearest.get(dimension, context.names)
            or (len(statement.parts) > 1 and part in context.in_sentence)
            for part, dimension in zip(statement.parts, statement.dimensions, strict=False)
        )

    def _is_of_another(self, statement: Statement, context: Context) -> bool:
        """Whether words next to a number name another sector, place, month or group with a number in the run."""
        keys = {statement.sector, statement.place, *statement.parts}
        return any(
            not names & keys and any((statement.base, key) in self._names_with_number for key in names)
            for dimension, names in context.nearest.items()
            if dimension in context.strict and dimension not in statement.dimensions
        )

    def _states(self, number: TypedNumber, statement: Statement, context: Context) -> bool:
        """Whether a statement is this number, to its digits or to the closeness (*almost*, *about*) in the text.

        So is a number within its range. A number with a bound, such as *fewer than 50*, matches only
        counts of few people.
        """
        if number.bound:
            return statement.few and number.number in self._bases
        if statement.few:
            return False
        if (
            statement.has_within(number)
            or number.matches(statement.value)
            or is_close(number, statement.value, context.closeness)
        ):
            return True
        number_text = _read_printed(statement.value, statement.unit, context.language)
        # 251 K may be written in full, 251,000: its zeros count nothing
        return bool(number_text and number_text.number == number.number and number.step <= number_text.step)

    def _is_meant(self, number: TypedNumber, statement: Statement, context: Context) -> bool:
        """Whether the words fit the figure. They must name it if the number may be equal by chance."""
        if context.nearest_figures and not statement.about & context.nearest_figures:
            return False
        if statement.unit == "share" and context.nearest and not (context.nearest_figures or statement.part):
            return False  # next to a name alone, as in a table, stands a share of this name
        wholes = context.total_figures & SHARE_DENOMINATOR_FIGURES
        if statement.unit == "share" and wholes and not statement.about & wholes:
            return False
        is_equal = not statement.has_within(number)
        is_large = is_equal and number.number >= max(MIN_STEPS_NOT_BY_CHANCE * number.step, MIN_NUMBER_NOT_BY_CHANCE)
        if is_large and statement.unit in ("people", "usd"):
            return number.kind == "usd" or statement.unit != "usd" or bool(statement.about & context.figures)
        if statement.figure == "partners_last_month" and self.run.manifest.period.end not in context.names:
            return False
        figures = context.nearest_figures or context.figures
        has_name = statement.figure in context.names or set(statement.parts) <= context.in_sentence
        is_people = statement.unit == "people" and (not figures or (statement.part and not context.nearest_figures))
        return has_name and bool(statement.about & figures or is_people)

    def list_derived(self, number: TypedNumber, context: Context) -> Iterator[Statement]:
        """Yield statements of any value that follow from several numbers of the run named in the text.

        For a share: categories and their sums as shares of their figure, categories as shares of the compared figure,
        and figures as shares of their total. For another number: sums of the categories on one side of the number.
        Counts of few people are left out.
        """
        if number.kind == "share":
            yield from self._list_remaining_shares(context)
        breakdowns: dict[tuple[str, str], list[Statement]] = {}
        for part in self.list_in_scope(context):
            is_named = part.figure in BREAKDOWNS and set(part.parts) <= context.in_sentence
            if is_named and not part.few and part.unit in ("people", "usd"):
                breakdowns.setdefault((part.report, part.figure), []).append(part)
        for (report, breakdown), parts in breakdowns.items():
            figure = BREAKDOWNS[breakdown].figure
            nearest = [part for part in parts if self._has_named_parts(part, context)]
            if number.kind == "share":
                yield from self._list_compared_shares(nearest, breakdowns)
            total_people = next(
                (statement.value for statement in self.by_report[report] if statement.figure == figure), 0
            )
            if not self._may_divide(figure, number, context):
                continue
            sides = ([part for part in parts if set(part.parts) <= side] for side in context.names_on_sides)
            for group in [*sides, *([part] for part in nearest)]:
                total = sum(part.value for part in group)
                names = " + ".join(part.part for part in group)
                if number.kind == "share" and total_people and group:
                    yield replace(group[0], part=names, value=total / total_people, unit="share", verdict="derived")
                elif number.kind != "share" and len(group) > 1:
                    yield replace(group[0], part=names, value=total, verdict="derived")

    @staticmethod
    def _may_divide(figure: str, number: TypedNumber, context: Context) -> bool:
        """Whether the words allow the figure of a breakdown: "of the people in need" is no share of people reached."""
        wholes = context.total_figures & SHARE_DENOMINATOR_FIGURES if number.kind == "share" else frozenset()
        return all(not names or figure in names for names in (context.figures, wholes))

    def _list_remaining_shares(self, context: Context) -> Iterator[Statement]:
        """Yield the named figures as shares of their total, such as the unmet share of the requirement."""
        for statement in self.list_in_scope(context):
            definition = FIGURES.get(statement.figure)
            if definition and definition.whole and statement.unit != "share" and statement.figure in context.figures:
                total = self.by_key.get((statement.report, definition.whole, ""))
                if total and total.value:
                    yield replace(statement, value=statement.value / total.value, unit="share", verdict="derived")

    @staticmethod
    def _list_compared_shares(
        categories: Iterable[Statement], categories_by_breakdown: Mapping[tuple[str, str], list[Statement]]
    ) -> Iterator[Statement]:
        """Yield each category as a share of the same category of the compared figure, such as its target.

        The figure of the result is the figure of the share. A category is left out if the compared one is not in
        ``categories_by_breakdown``, or is 0.
        """
        for part in categories:
            figure, dimension = part.figure.split("_by_")
            for share in FIGURES.values():
                if share.unit == "share" and share.part == figure:
                    compared = categories_by_breakdown.get((part.report, f"{share.whole}_by_{dimension}"), [])
                    wholes = {statement.part: statement.value for statement in compared}
                    if wholes.get(part.part):
                        value = part.value / wholes[part.part]
                        yield replace(part, figure=share.name, value=value, unit="share", verdict="derived")


@pack.cached_by_pack
def _read_printed(value: float, unit: str, language: str) -> TypedNumber | None:
    """Format a value in a language and read the text as a number. Return None if it is no number."""
    return read_number(numbers.format_value(value, unit, language), language)


def is_close(number: TypedNumber, value: float, closeness: Closeness | None) -> bool:
    """Tell whether *almost*, *over* or *about* this number is true for a value. False without such a word.

    The value must round to the digits of the number before its last zeros: up for *almost*, down for *over*, to the
    nearest for *about*. It must not be farther away than ``MAX_APPROXIMATION_SHARE``.
    """
    if closeness is None or not number.step:
        return False
    digits = str(round(number.number / number.step))
    step = number.step * 10 ** (len(digits) - len(digits.rstrip("0")))
    gap = value - number.number
    limit = min(step, MAX_APPROXIMATION_SHARE * number.number)
    return {"almost": -limit < gap < 0, "over": 0 < gap < limit, "about": abs(gap) <= min(limit, step / 2)}[closeness]
