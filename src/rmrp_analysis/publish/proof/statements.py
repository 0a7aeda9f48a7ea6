"""Compare a number, and what its words say, with the table of figures of an edition of a run."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from rmrp_analysis import numbers
from rmrp_analysis.figures import BREAKDOWNS, FIGURES, figure_definition
from rmrp_analysis.locale.languages import Closeness
from rmrp_analysis.method import Method
from rmrp_analysis.packs import pack
from rmrp_analysis.page.typed_numbers import TypedNumber, read_number
from rmrp_analysis.publish.comparison.published import PublishedRun, parse_report_id
from rmrp_analysis.publish.proof.reading import Context
from rmrp_analysis.vocabulary import REGION, plan_lists

Verdict = Literal["borne", "derived", "printed", "earlier", "not borne"]
"""What is said of a number, from supported by a figure to not supported."""

MIN_STEPS_NOT_BY_CHANCE, MIN_NUMBER_NOT_BY_CHANCE = 100, 1000
"""The least steps of its last digit, and size, of a number hardly equal by chance; others need a word for a figure."""
MAX_APPROXIMATION_SHARE = 0.1
"""How far a true number may lie from a rounded one after *almost* or *about*, as a share of the rounded one."""
PLACE_DIMENSION, SECTOR_DIMENSION = "place", "sector"
"""Dimensions of a category's names: place, sector, month."""
NAME_KIND_BY_DIMENSION: Mapping[str, str] = {"platform": PLACE_DIMENSION, "country": PLACE_DIMENSION}
"""What a category is, by its dimension, where it has another name: platforms may be countries."""
SHARE_DENOMINATOR_FIGURES = frozenset(definition.whole for definition in FIGURES.values() if definition.unit == "share")
"""Names of the figures of which another figure is a share."""


@dataclass(frozen=True)
class Statement:
    """A number that a run supports: a figure, a category of a breakdown, or a sum or share of categories.

    ``edition`` is the day of an earlier edition, ``why`` what moved the number since; ``step`` is what the last digit
    counts of a number as a page has it.
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

    @property
    def parts(self) -> list[str]:
        """The names in its category, such as both ends of a flow of money."""
        return self.part.split(" → ") if self.part else []

    @property
    def base(self) -> str:
        """The figure that its breakdown divides, or the figure itself."""
        return BREAKDOWNS[self.figure].figure if self.figure in BREAKDOWNS else self.figure

    @property
    def dimensions(self) -> list[str]:
        """What each of its ``parts`` is, in their order: a place, a month, a donor; empty for a figure."""
        breakdown_dimensions = BREAKDOWNS[self.figure].by if self.figure in BREAKDOWNS else ()
        return [NAME_KIND_BY_DIMENSION.get(dimension, dimension) for dimension in breakdown_dimensions]

    @cached_property
    def about(self) -> frozenset[str]:
        """The figures that it is about: for a share also the two that it compares."""
        declared_figure_definition = figure_definition(self.figure)
        compared_figure_names = (
            {declared_figure_definition.part, declared_figure_definition.whole}
            if declared_figure_definition.unit == "share"
            else set()
        )
        return frozenset({declared_figure_definition.name, self.base, *compared_figure_names} - {""})


@dataclass(frozen=True, eq=False)
class Statements:
    """The statements of an edition of a run, indexed once for the many numbers of a document."""

    run: PublishedRun

    @cached_property
    def reports(self) -> dict[str, tuple[str, str, str]]:
        """Sector, place and organisation of each report."""
        row_count_by_organisation = self.run.manifest.rows_by_organisation
        return {
            report_name: parse_report_id(report_name, row_count_by_organisation)
            for report_name in sorted(self.run.sheets)
        }

    @cached_property
    def by_report(self) -> dict[str, list[Statement]]:
        """The statements of each report, by its id; missing values, and figures not declared now, are left out."""
        figure_table = (
            self.run.rows.reset_index().assign(value=self.run.numbers["value"].to_numpy()).dropna(subset="value")
        )
        figure_table = figure_table[figure_table["figure"].isin([*FIGURES, *BREAKDOWNS])]
        statement_column_names = ["report", "figure", "platform", "group", "month", "value", "unit", "status"]
        statement_lists_by_report: dict[str, list[Statement]] = {
            report_name: [] for report_name in figure_table["report"].unique()
        }
        for (
            report_name,
            figure_name,
            place_key,
            group_key,
            month_key,
            figure_value,
            figure_unit,
            figure_status,
        ) in figure_table[statement_column_names].itertuples(index=False):
            statement_arguments = (
                report_name,
                figure_name,
                place_key + group_key + month_key,
                figure_value,
                figure_unit,
                *self.reports[report_name],
            )
            statement_lists_by_report[report_name].append(Statement(*statement_arguments, few=figure_status == "few"))
        return statement_lists_by_report

    @cached_property
    def parts(self) -> frozenset[str]:
        """The names of all categories of breakdowns; of a flow of money, both ends."""
        row_multi_index = self.run.rows.index
        category_texts = {
            category_text
            for index_level_name in ("platform", "group", "month")
            for category_text in row_multi_index.unique(index_level_name)
        }
        return frozenset(
            {category_name for category_text in category_texts for category_name in category_text.split(" → ")} - {""}
        )

    @cached_property
    def dimensions(self) -> dict[str, frozenset[str]]:
        """The kinds of each name: place, sector, month, donor; a name can be of several."""
        dimension_sets_by_name_key: dict[str, set[str]] = {
            place_key: {PLACE_DIMENSION} for place_key in set(plan_lists().places) - {REGION}
        }
        for sector, *_ in self.reports.values():
            dimension_sets_by_name_key.setdefault(sector, set()).add(SECTOR_DIMENSION)
        for statement in self._all:
            for category_name, dimension in zip(statement.parts, statement.dimensions, strict=False):
                dimension_sets_by_name_key.setdefault(category_name, set()).add(dimension)
        return {name_key: frozenset(key_dimensions) for name_key, key_dimensions in dimension_sets_by_name_key.items()}

    @cached_property
    def by_key(self) -> dict[tuple[str, str, str], Statement]:
        """The statements by report, figure and part."""
        return {(statement.report, statement.figure, statement.part): statement for statement in self._all}

    @cached_property
    def _all(self) -> list[Statement]:
        """All statements of the edition."""
        return [statement for report_statements in self.by_report.values() for statement in report_statements]

    @cached_property
    def _names_with_number(self) -> set[tuple[str, str]]:
        """Pairs of a figure and a sector, place, month or group for which the run has its number."""
        figure_category_pairs = {
            (statement.base, category_name) for statement in self._all for category_name in statement.parts
        }
        figure_selection_pairs = {
            (statement.base, sector_or_place)
            for statement in self._all
            for sector_or_place in (statement.sector, statement.place)
        }
        return figure_category_pairs | figure_selection_pairs

    @cached_property
    def _bases(self) -> set[int]:
        """The bases of rounding: the numbers below which the run prints only *fewer than*."""
        return set(Method(rounding=self.run.manifest.choices.get("rounding", 0)).bases)

    def list_in_scope(self, context: Context) -> Iterator[Statement]:
        """Yield the statements of the sectors and places that a number may be about."""
        for report_name, report_statements in self.by_report.items():
            sector, place_key, _ = self.reports[report_name]
            if sector in context.sectors and place_key in context.places:
                yield from report_statements

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
        """Find the statement that supports a number: it fits its words, and is this number; None without one.

        Of several, the nearest in value; of these a figure before a category.
        """
        matching_statements = [
            statement
            for statement in self.list_in_scope(context)
            if number.is_of_unit(statement.unit)
            and self._states(number, statement, context)
            and self._fits(number, statement, context)
            and self._is_meant(number, statement, context)
        ]
        return min(
            matching_statements,
            key=lambda statement: (abs(statement.value - number.number), bool(statement.part)),
            default=None,
        )

    def find_nearest(self, number: TypedNumber, context: Context) -> Statement | None:
        """Find the statement that the words may mean whose value is nearest to a number; None without one.

        Nearest is the smallest difference as a share of the statement's value. Statements on the figures that the words
        name come first. Counts of few people and zeros are left out.
        """
        fitting_statements = [
            statement for statement in self.list_fitting(number, context) if not statement.few and statement.value
        ]
        likely_statements = [
            statement
            for statement in fitting_statements
            if statement.about & (context.nearest_figures or context.figures)
        ] or fitting_statements
        return min(
            likely_statements,
            key=lambda statement: abs(statement.value - number.number) / abs(statement.value),
            default=None,
        )

    @staticmethod
    def _has_named_parts(statement: Statement, context: Context) -> bool:
        """Whether each name of a statement's category is nearest to the number, among names of its dimension.

        Where the sentence names none of the dimension, names around the sentence count. Of a category with several
        names, such as a flow, each may stand anywhere in the sentence. True without a category.
        """
        return all(
            category_name in context.nearest.get(dimension, context.names)
            or (len(statement.parts) > 1 and category_name in context.in_sentence)
            for category_name, dimension in zip(statement.parts, statement.dimensions, strict=False)
        )

    def _is_of_another(self, statement: Statement, context: Context) -> bool:
        """Whether the words next to a number name another sector, place, month or group that has its own number."""
        statement_names = {statement.sector, statement.place, *statement.parts}
        return any(
            not named_keys & statement_names
            and any((statement.base, named_key) in self._names_with_number for named_key in named_keys)
            for dimension, named_keys in context.nearest.items()
            if dimension in context.strict and dimension not in statement.dimensions
        )

    def _states(self, number: TypedNumber, statement: Statement, context: Context) -> bool:
        """Whether a statement is this number, to the digits or the closeness (*almost*, *about*) that the text gives.

        A number with a bound, as *fewer than 50*, matches only counts of few people.
        """
        if number.bound:
            return statement.few and number.number in self._bases
        if statement.few:
            return False
        if number.matches(statement.value) or is_close(number, statement.value, context.closeness):
            return True
        printed_number = _read_printed(statement.value, statement.unit, context.language)
        # 251 K may be written in full, 251,000: its zeros count nothing
        return bool(printed_number and printed_number.number == number.number and number.step <= printed_number.step)

    def _is_meant(self, number: TypedNumber, statement: Statement, context: Context) -> bool:
        """Whether words name the figure and no other, and name it at all where the number may be met by chance."""
        if context.nearest_figures and not statement.about & context.nearest_figures:
            return False
        if statement.unit == "share" and context.nearest and not (context.nearest_figures or statement.part):
            return False  # beside a name alone, as in a table, stands a share of its own
        named_total_figure_names = context.total_figures & SHARE_DENOMINATOR_FIGURES
        if statement.unit == "share" and named_total_figure_names and not statement.about & named_total_figure_names:
            return False
        if number.number >= max(MIN_STEPS_NOT_BY_CHANCE * number.step, MIN_NUMBER_NOT_BY_CHANCE) and statement.unit in (
            "people",
            "usd",
        ):
            return number.kind == "usd" or statement.unit != "usd" or bool(statement.about & context.figures)
        if statement.figure == "partners_last_month" and self.run.manifest.period.end not in context.names:
            return False
        named_figure_names = context.nearest_figures or context.figures
        has_named_category = statement.figure in context.names or set(statement.parts) <= context.in_sentence
        is_of_unnamed_people = statement.unit == "people" and (
            not named_figure_names or (statement.part and not context.nearest_figures)
        )
        return has_named_category and bool(statement.about & named_figure_names or is_of_unnamed_people)

    def list_derived(self, number: TypedNumber, context: Context) -> Iterator[Statement]:
        """Yield statements that follow from several numbers of the run that the text names, of any value.

        For a share: categories and their sums as shares of their figure, categories as shares of the compared figure,
        and figures as shares of their total. For another number: sums of categories, those on one side of it. Counts of
        few people are left out.
        """
        if number.kind == "share":
            yield from self._list_remaining_shares(context)
        statement_lists_by_breakdown: dict[tuple[str, str], list[Statement]] = {}
        for category_statement in self.list_in_scope(context):
            is_category_named = (
                category_statement.figure in BREAKDOWNS and set(category_statement.parts) <= context.in_sentence
            )
            if is_category_named and not category_statement.few and category_statement.unit in ("people", "usd"):
                statement_lists_by_breakdown.setdefault(
                    (category_statement.report, category_statement.figure), []
                ).append(category_statement)
        for (report_name, breakdown_name), named_category_statements in statement_lists_by_breakdown.items():
            divided_figure_name = BREAKDOWNS[breakdown_name].figure
            nearest_category_statements = [
                category_statement
                for category_statement in named_category_statements
                if self._has_named_parts(category_statement, context)
            ]
            if number.kind == "share":
                yield from self._list_compared_shares(nearest_category_statements, statement_lists_by_breakdown)
            figure_total_value = next(
                (
                    statement.value
                    for statement in self.by_report[report_name]
                    if statement.figure == divided_figure_name
                ),
                0,
            )
            if context.figures and divided_figure_name not in context.figures:
                continue
            category_statements_by_side = (
                [
                    category_statement
                    for category_statement in named_category_statements
                    if set(category_statement.parts) <= side_names
                ]
                for side_names in context.names_on_sides
            )
            for chosen_category_statements in [
                *category_statements_by_side,
                *([category_statement] for category_statement in nearest_category_statements),
            ]:
                category_sum = sum(category_statement.value for category_statement in chosen_category_statements)
                joined_category_names = " + ".join(
                    category_statement.part for category_statement in chosen_category_statements
                )
                if number.kind == "share" and figure_total_value and chosen_category_statements:
                    yield replace(
                        chosen_category_statements[0],
                        part=joined_category_names,
                        value=category_sum / figure_total_value,
                        unit="share",
                        verdict="derived",
                    )
                elif number.kind != "share" and len(chosen_category_statements) > 1:
                    yield replace(
                        chosen_category_statements[0], part=joined_category_names, value=category_sum, verdict="derived"
                    )

    def _list_remaining_shares(self, context: Context) -> Iterator[Statement]:
        """Yield the named figures as shares of their total, such as the unmet share of the requirement."""
        for statement in self.list_in_scope(context):
            declared_figure_definition = FIGURES.get(statement.figure)
            if (
                declared_figure_definition
                and declared_figure_definition.whole
                and statement.unit != "share"
                and statement.figure in context.figures
            ):
                total_statement = self.by_key.get((statement.report, declared_figure_definition.whole, ""))
                if total_statement and total_statement.value:
                    yield replace(
                        statement, value=statement.value / total_statement.value, unit="share", verdict="derived"
                    )

    @staticmethod
    def _list_compared_shares(
        categories: Iterable[Statement], categories_by_breakdown: Mapping[tuple[str, str], list[Statement]]
    ) -> Iterator[Statement]:
        """Yield each category as a share of the same category of the compared figure, such as its target.

        Its figure is then that of the share. A category is left out where the compared one is not in
        ``categories_by_breakdown``, or is 0.
        """
        for category_statement in categories:
            figure_name, dimension_name = category_statement.figure.split("_by_")
            for share_definition in FIGURES.values():
                if share_definition.unit == "share" and share_definition.part == figure_name:
                    total_statements = categories_by_breakdown.get(
                        (category_statement.report, f"{share_definition.whole}_by_{dimension_name}"), []
                    )
                    total_value_by_category = {
                        total_statement.part: total_statement.value for total_statement in total_statements
                    }
                    if total_value_by_category.get(category_statement.part):
                        share_value = category_statement.value / total_value_by_category[category_statement.part]
                        yield replace(
                            category_statement,
                            figure=share_definition.name,
                            value=share_value,
                            unit="share",
                            verdict="derived",
                        )


@pack.cached_by_pack
def _read_printed(value: float, unit: str, language: str) -> TypedNumber | None:
    """Format a value in a language and read it as a number of a text; None where the text is no number."""
    return read_number(numbers.format_value(value, unit, language), language)


def is_close(number: TypedNumber, value: float, closeness: Closeness | None) -> bool:
    """Whether *almost*, *over* or *about* this number is true of a value; False without such a word.

    The value must round to the digits of the number before its last zeros: up for *almost*, down for *over*, to the
    nearest for *about*; and lie no farther away than ``MAX_APPROXIMATION_SHARE``.
    """
    if closeness is None or not number.step:
        return False
    number_digit_text = str(round(number.number / number.step))
    step_of_last_nonzero_digit = number.step * 10 ** (len(number_digit_text) - len(number_digit_text.rstrip("0")))
    value_distance = value - number.number
    max_rounding_distance = min(step_of_last_nonzero_digit, MAX_APPROXIMATION_SHARE * number.number)
    return {
        "almost": -max_rounding_distance < value_distance < 0,
        "over": 0 < value_distance < max_rounding_distance,
        "about": abs(value_distance) <= min(max_rounding_distance, step_of_last_nonzero_digit / 2),
    }[closeness]
