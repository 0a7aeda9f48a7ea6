"""Figures by a dimension as rows of bars, against what was planned of each category if that is available."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from rmrp_analysis import numbers
from rmrp_analysis.charts.chart_tables import Table
from rmrp_analysis.charts.text_layout import width_of
from rmrp_analysis.figures import (
    BREAKDOWNS,
    DIFFERENCE_FIGURES,
    FEW,
    FIGURES,
    NOT_COUNTED,
    WORDS_BY_REASON,
    FigureValue,
)
from rmrp_analysis.ledger import GROUPS_OF_ASSISTED
from rmrp_analysis.packs import pack
from rmrp_analysis.page.block import PAGE_COLUMN_COUNT, Block, Width, compute_width_mm, count_columns
from rmrp_analysis.page.cautions import format_caution_reasons, format_cautions
from rmrp_analysis.page.formatter import (
    EMPTY_BREAKDOWN_REASONS,
    PLACE_DIMENSIONS,
    SheetFormatter,
    build_bar_entry,
    descending_sort_key,
)
from rmrp_analysis.page.tables import BREAKDOWN_ATTR, read_figure_values
from rmrp_analysis.vocabulary import NATIONAL_LEVEL, NO_PARTNER_PART, NOT_SPECIFIED, REGION, REGIONAL, plan_lists
from rmrp_analysis.words import N_

CATEGORIES_AT_END = (NOT_SPECIFIED, NATIONAL_LEVEL, REGIONAL, NO_PARTNER_PART)
"""Categories that stand last and are never put together with others."""
AGE_GENDER_ORDER = ("women", "men", "girls", "boys", "other_18_and_above", "other_under_18")
"""Age and gender groups in the order of rows on a sheet; every other category follows them."""

LOOKS_WITH_FOLDED_ROWS = ("places", "sectors")
"""Rows by the name of their look of which categories with few people share one row, and so do those with nobody."""
MAX_NAMES_OF_FOLDED_ROW = 2
"""A row of more categories gives their number in place of their names."""

MIN_ROWS_SET_CLOSE = 8
"""From so many rows on, rows under visible headers are lower and stand closer."""
LABEL_WIDTH_MM_BY_SPAN: Mapping[int, float] = {12: 88.0, 8: 54.0, 6: 38.0, 4: 24.0}
"""The printed width of labels by the columns of their block; in another number of columns as in half of the page."""
MAX_LETTERS_OF_SHORT_LABEL, LONG_LABELS_WIDTH_MM = 36, 50.0
"""In half of the page, a label with more letters gives all labels this width."""
MAX_LABELS_MM_BY_MEASURE_COUNT, MAX_FULL_WIDTH_LABELS_MM, MIN_LABELS_MM = {1: 44.0, 2: 44.0}, 64.0, 20.0
"""Under visible headers, labels are as wide as the longest one needs and the bars leave.

The limits: at most by the number of columns of bars, at most in the full width of the page, and at least.
"""
MIN_LONGEST_BAR_MM = 6.0  # the shortest length of the longest bar of a column
LABEL_GAP_MM = 2.5  # the white between the label of a row and its bar
ROW_TEXT_PT = 9.5  # the type size of labels and numbers in rows of bars
BAR_TEXT_GAP_MM = 5.0  # the white between the longest bar and its text, and after the text
SHARE_GAP_MM = 0.9  # the white between a number beside a bar and its share

Order = Literal["value", "share", "table"]
"""The order of rows: falling value; the smallest share of what was planned first; or as in the table."""
KICKER_BY_ROW_ORDER: Mapping[Order, str] = {
    "value": N_("{kicker}; most people first"),
    "share": N_("{kicker}; furthest behind first"),
}
"""The kicker of rows of sectors, and of the places of the region, with the order of the rows."""


class Look(pack.Row):
    """How rows of bars by a dimension look: a row of ``dimensions.csv``.

    ``column`` heads the labels, ``other`` and ``others`` name one category and several that share a row. The rows have
    the name ``name`` and, unless the page asks for another, the width ``width``. Rows that are ``headed`` have visible
    headers, and a share only of what was planned; ``share`` says what other shares are of. ``people``, ``money`` and
    ``both`` are the kicker by the figures of the rows; an empty one is the label of the breakdown. The row without a
    dimension is for any other one.
    """

    dimension: str
    column: str
    other: str
    others: str
    width: Width
    headed: str
    name: str
    share: str
    people: str
    money: str
    both: str


LAYOUT_BY_DIMENSION = {row.dimension: row for row in pack.rows("dimensions.csv", Look, within=Path(__file__).parent)}
"""How rows of bars look by their dimension, and by their figure where it has a look of its own."""
HEADER_BY_FIGURE = {"people_reached": N_("People reached"), "funding_usd": N_("Designated funding")}
"""The header of a column of bars by its figure; other figures have their label of ``figures.csv``."""
KICKER_BY_TARGET_LINES: Mapping[tuple[bool, bool], str] = {
    (True, True): N_("{measure}; % of target and of requirement (lines)"),
    (True, False): N_("{measure}; % of target (line)"),
    (False, True): N_("{measure}; % of requirement (line)"),
}
"""The kicker if lines on the bars mark what was planned: of people, and of money."""


@dataclass(frozen=True)
class Measure:
    """One column of bars: a figure by category, with targets and shares.

    It exists so that every part of a row reads the figure, its target and its share by the category's name, which a
    table of figures and a table of targets with other rows do not give.
    """

    figure: str
    unit: str
    values: Mapping[str, FigureValue]
    planned: Mapping[str, float]
    shares: Mapping[str, FigureValue]
    is_of_assisted: bool = False
    """Whether the values are shares of the people assisted: months of them must not be added up."""

    @classmethod
    def from_tables(cls, formatter: SheetFormatter, table: Table, targets: Table | None = None) -> "Measure":
        """Return the column of bars of a table, with what was planned.

        Both tables have the columns of ``Page.table``. A difference has only the categories above 0. Groups of people
        assisted become shares of their sum, without *not specified* and few people. Where the period does not begin in
        January, targets of people are left out, but not the shares of them.
        """
        figure_name, figure_values = str(table.attrs.get("figure", "")), read_figure_values(table)
        if any(figure_value.caution == GROUPS_OF_ASSISTED for figure_value in figure_values):
            assisted_figure_values = [
                figure_value
                for figure_value in figure_values
                if figure_value.key != NOT_SPECIFIED and figure_value.status != FEW and figure_value.value
            ]
            assisted_total = sum(assisted_figure_value.value or 0.0 for assisted_figure_value in assisted_figure_values)
            share_record_by_group = {
                assisted_figure_value.key: replace(
                    assisted_figure_value, value=(assisted_figure_value.value or 0.0) / assisted_total
                )
                for assisted_figure_value in assisted_figure_values
                if assisted_total
            }
            return cls(figure_name, "share", share_record_by_group, {}, {}, is_of_assisted=True)
        target_figure_values = [] if targets is None else read_figure_values(targets)
        planned_amount_by_category = {
            target_figure_value.key: target_figure_value.value
            for target_figure_value in target_figure_values
            if target_figure_value.value
        }
        has_coverage = figure_name == "people_reached" and planned_amount_by_category
        coverage_figure_values = (
            formatter.breakdown(f"target_coverage_by_{table.index.name}").cells if has_coverage else ()
        )
        if has_coverage and not formatter.is_year_to_date:  # the target of a year is no goal for some months of it
            planned_amount_by_category = {}
        return cls(
            figure_name,
            str(table.attrs.get("unit", "people")),
            {
                figure_value.key: figure_value
                for figure_value in figure_values
                if figure_name not in DIFFERENCE_FIGURES or (figure_value.value or 0) > 0
            },
            planned_amount_by_category,
            {coverage_figure_value.key: coverage_figure_value for coverage_figure_value in coverage_figure_values},
        )

    @property
    def kind(self) -> str:
        """The kind of the bars: ``money`` for US dollars, else ``wanted`` for planned figures, else ``people``.

        A difference, such as people still to reach, counts as planned.
        """
        is_planned_figure = self.figure in DIFFERENCE_FIGURES or (
            self.figure in FIGURES and FIGURES[self.figure].planned
        )
        return "money" if self.unit == "usd" else "wanted" if is_planned_figure else "people"

    def find_value(self, category: str) -> FigureValue:
        """Return the figure of a category; if it has none, one without a value and with the reason ``no_report``."""
        return self.values.get(category) or FigureValue(category, None, "no_report")

    def add_category(self, name: str, categories: Sequence[str]) -> "Measure":
        """Return the measure with one more category, the sum of these; a missing value counts as 0.

        The new category has no target and no share.
        """
        summed_figure_value = FigureValue(name, sum(self.find_value(category).value or 0 for category in categories))
        return replace(self, values={**self.values, name: summed_figure_value})


def build_bars(
    formatter: SheetFormatter,
    tables: Sequence[Table],
    targets: Sequence[Table | None],
    *,
    title: str = "",
    kicker: str = "",
    order: Order = "value",
    max_rows: int | None = None,
    note: str = "",
    width: Width | None = None,
) -> Block | None:
    """Return tables of one dimension as rows with bars; None if there is nothing to show.

    The tables have the columns of ``Page.table``; one without rows has no bars. ``targets`` has a table or None for
    each of them. Several categories beyond ``max_rows`` share a row. The order ``share`` becomes ``value`` if a sector
    with people lacks its share. An empty ``kicker`` is drafted, an empty ``title`` is not.
    """
    dimension, breakdown_name = str(tables[0].index.name or ""), str(tables[0].attrs.get(BREAKDOWN_ATTR, ""))
    figure_name = str(tables[0].attrs.get("figure", ""))
    row_look = LAYOUT_BY_DIMENSION.get(figure_name) or find_look(dimension)
    bar_measures = [
        Measure.from_tables(formatter, figure_table, target_table)
        for figure_table, target_table in zip(tables, targets, strict=True)
    ]
    bar_measures = [bar_measure for bar_measure in bar_measures if bar_measure.values] or bar_measures[:1]
    if not _has_rows_to_show(formatter, tables[0], row_look, bar_measures):
        return None
    row_builder = _RowBuilder(formatter, dimension, row_look, bar_measures)
    if order == "share" and not row_builder.has_all_shares:
        order = "value"
    shown_categories = row_builder.list_categories(order)
    bar_row_dicts = row_builder.build_rows(shown_categories, max_rows)
    drafted_kicker = row_builder.build_kicker(bar_row_dicts)
    is_order_in_kicker = bar_measures[0].unit == "people" and order in KICKER_BY_ROW_ORDER
    if is_order_in_kicker and (row_look.name == "sectors" or (row_look.name == "places" and formatter.is_region_sheet)):
        drafted_kicker = formatter.translate(KICKER_BY_ROW_ORDER[order], kicker=drafted_kicker)
    note_texts = [
        note_text
        for note_text in (row_builder.build_note(shown_categories), formatter.complete_sentence(note))
        if note_text
    ]
    return build_bar_block(
        count_columns(width or row_look.width),
        uid=(row_look.name if figure_name in (*HEADER_BY_FIGURE, row_look.dimension) else "")
        or breakdown_name
        or f"{figure_name}_by_{dimension}",
        headed=bool(row_look.headed),
        measures=tuple(bar_measure.kind for bar_measure in bar_measures),
        kicker=kicker or drafted_kicker,
        finding=title,
        columns=[name_column(formatter, dimension), *map(row_builder.build_header, bar_measures)],
        rows=bar_row_dicts,
        caution="" if row_look.headed else format_cautions(formatter, breakdown_name),
        note=formatter.join_texts(note_texts, " "),
    )


def _has_rows_to_show(formatter: SheetFormatter, table: Table, look: Look, measures: Sequence[Measure]) -> bool:
    """Return whether measures of one dimension make rows of bars; ``table`` is that of the first.

    They do not if no value is of a single category, if the first breakdown is not known as a whole, or if its rows
    have no visible headers and a reader is told why there is no breakdown.
    """
    figure_values = [figure_value for measure in measures for figure_value in measure.values.values()]
    valued_categories = {category for measure in measures for category in measure.values}
    has_present_value = any(figure_value.present for figure_value in figure_values)
    is_breakdown_unknown = not has_present_value and any(
        figure_value.reason in EMPTY_BREAKDOWN_REASONS for figure_value in measures[0].values.values()
    )
    if valued_categories <= {NATIONAL_LEVEL, NOT_SPECIFIED} or is_breakdown_unknown:
        return False
    return bool(look.headed) or not explain_no_breakdown(formatter, table)


def find_look(dimension: str) -> Look:
    """Return how rows of bars by a dimension look; a dimension without a look of its own has the general one."""
    return LAYOUT_BY_DIMENSION.get(dimension) or LAYOUT_BY_DIMENSION[""].model_copy(update={"dimension": dimension})


def name_column(formatter: SheetFormatter, dimension: str) -> str:
    """Return the header of a dimension; admin1 has the country's own word."""
    return (
        formatter.level_name().capitalize()
        if dimension == "admin1"
        else formatter.translate(find_look(dimension).column)
    )


def explain_left_out(formatter: SheetFormatter, table: Table) -> str:
    """Return why a sheet leaves out a table; empty if it shows the table.

    The table has the columns of ``Page.table``. A sheet leaves out donors without funding or of all sectors
    together, people still to reach that are in doubt, and what an organisation did not report.
    """
    breakdown_name, key_figures = str(table.attrs.get(BREAKDOWN_ATTR, "")), formatter.key_figures
    translate = formatter.translate
    if table.index.names[0] == "donor" and not formatter.has_money:
        return translate("No funding is known here.")
    if table.index.names[0] == "donor" and key_figures.is_intersector:
        return translate("Donors are shown by sector.")
    if table.attrs.get("figure") in DIFFERENCE_FIGURES and key_figures.in_doubt("people_reached"):
        return translate("The people still to reach are not known while the number of people reached is in doubt.")
    figure_values = [
        figure_value for figure_value in formatter.breakdown(breakdown_name).cells if figure_value.key != NOT_SPECIFIED
    ]
    if breakdown_name and key_figures.organisation and not any(figure_value.present for figure_value in figure_values):
        return translate("This organization reported nothing by these parts.")
    return ""


def rank_age_gender(category: str) -> int:
    """Return the position of an age and gender group on a sheet.

    Every other category has the same position, the last.
    """
    return AGE_GENDER_ORDER.index(category) if category in AGE_GENDER_ORDER else len(AGE_GENDER_ORDER)


@dataclass(frozen=True)
class _RowBuilder:
    """Builds the rows of bars of one block: their choice, their order and their texts.

    It exists since each of these needs the look and all measures of the block; the methods change nothing.
    """

    formatter: SheetFormatter
    dimension: str
    look: Look
    measures: Sequence[Measure]

    @property
    def has_all_shares(self) -> bool:
        """Whether every sector with people reached has a share of its target.

        It is False without such a sector.
        """
        target_share_by_sector = self.formatter.key_figures.comparisons.coverage_by_sector
        reached_sectors = {sector for sector, figure_value in self.measures[0].values.items() if figure_value.present}
        return bool(reached_sectors) and reached_sectors <= {*target_share_by_sector}

    def list_categories(self, order: Order) -> list[str]:
        """List the categories that have a row, in this order.

        ``table`` puts age and gender groups first, in the order of a sheet, and leaves the others as they are.
        """
        planned_categories = [category for category in self.measures[0].planned if category != NOT_SPECIFIED]
        distinct_category_names = dict.fromkeys(
            [
                *(category_name for bar_measure in self.measures for category_name in bar_measure.values),
                *planned_categories,
            ]
        )
        coverage_by_category = self.formatter.key_figures.comparisons.coverage_by_sector

        def rank_by_value(category: str) -> tuple[Any, ...]:
            """Return the sort key by falling values, of the first measure, then of the others, then of its target."""
            first_measure_figure_value, *other_measure_figure_values = (
                bar_measure.find_value(category) for bar_measure in self.measures
            )
            negative_amounts = [-(figure_value.value or 0) for figure_value in other_measure_figure_values]
            return (
                *descending_sort_key(first_measure_figure_value)[:3],
                *negative_amounts,
                -self.measures[0].planned.get(category, 0),
                category,
            )

        def rank_by_share(category: str) -> tuple[Any, ...]:
            """Return the sort key by rising share of the target; categories without one come last."""
            target_share = coverage_by_category.get(category, 0)
            return (
                category not in coverage_by_category,
                target_share,
                category in plan_lists().without_people,
                rank_by_value(category),
            )

        rank_function_by_order: Mapping[Order, Callable[[str], Any]] = {
            "table": rank_age_gender,
            "value": rank_by_value,
            "share": rank_by_share,
        }
        return sorted(filter(self.has_row, distinct_category_names), key=rank_function_by_order[order])

    def has_row(self, category: str) -> bool:
        """Return whether a category has a row of bars: it has a value, or the lack of one is to be seen.

        Without a value, a category has a row where the plan has a number for it, and else, too, except *not specified*,
        *regional*, and a group that is only in another place or in none. On an organisation's sheet, a place or sector
        has a row only where it reported. Among sectors, money of several sectors or of none never has one.
        """
        category_figure_values = [bar_measure.find_value(category) for bar_measure in self.measures]
        if self.dimension == "sector" and category not in plan_lists().sectors:  # money of several sectors, or of none
            return False
        if any(category_figure_value.present for category_figure_value in category_figure_values):
            return True
        if self.dimension in (*PLACE_DIMENSIONS, "sector") and self.formatter.organisation:  # it works in some of them
            return category not in CATEGORIES_AT_END and any(
                category_figure_value.reason != "no_report" for category_figure_value in category_figure_values
            )
        only_place_of_category = pack.about().only_in.get(category)
        is_category_in_place = only_place_of_category is None or (
            only_place_of_category != "" and self.formatter.key_figures.place in (REGION, only_place_of_category)
        )
        return category in self.measures[0].planned or (
            is_category_in_place and category not in (NOT_SPECIFIED, REGIONAL)
        )

    def build_rows(self, categories: Sequence[str], max_rows: int | None) -> list[dict[str, Any]]:
        """Return the rows of bars; categories beyond ``max_rows``, if there are several, share one.

        Under visible headers, the row of the categories beyond ``max_rows`` has their sum and no bar. Places and
        sectors with few people or nobody share rows, too. ``CATEGORIES_AT_END`` have the last rows.
        """
        folded_group_pairs = self.fold_categories(categories) if self.look.name in LOOKS_WITH_FOLDED_ROWS else []
        folded_categories = {
            category for folded_group_categories, _ in folded_group_pairs for category in folded_group_categories
        }
        unfolded_categories = [category for category in categories if category not in folded_categories]
        ranked_categories = [category for category in unfolded_categories if category not in CATEGORIES_AT_END]
        categories_at_end = [category for category in unfolded_categories if category in CATEGORIES_AT_END]
        remaining_categories = (
            ranked_categories[max_rows:] if max_rows is not None and len(ranked_categories) > max_rows + 1 else []
        )
        remaining_row_label, row_builder = self.name_rest(len(remaining_categories)), self
        if remaining_categories and not self.look.headed:
            row_builder = replace(
                self,
                measures=[
                    bar_measure.add_category(remaining_row_label, remaining_categories) for bar_measure in self.measures
                ],
            )
            categories_at_end = [remaining_row_label, *categories_at_end]
        bar_row_dicts = [
            row_builder.build_row(category) for category in ranked_categories if category not in remaining_categories
        ]
        if remaining_categories and self.look.headed:
            sum_bar_by_measure = {
                bar_measure.kind: self.add_up(remaining_categories, bar_measure) for bar_measure in self.measures
            }
            bar_row_dicts.append({"label": remaining_row_label, **sum_bar_by_measure})
        for folded_group_categories, bar_dict_by_measure in folded_group_pairs:
            row_label = "; ".join(
                self.formatter.category_name(category, self.dimension) for category in folded_group_categories
            )
            folded_category_count = len(folded_group_categories)
            if folded_category_count > MAX_NAMES_OF_FOLDED_ROW:
                row_label = self.name_rest(folded_category_count)
                if remaining_categories and self.dimension == "admin1":
                    # "11 other departments" are those of the row above
                    folded_count_text = self.formatter.format_count(folded_category_count)
                    row_label = f"{folded_count_text} {self.formatter.level_name(folded_category_count)}"
            bar_row_dicts.append({"label": row_label, **bar_dict_by_measure})
        return bar_row_dicts + [row_builder.build_row(category) for category in categories_at_end]

    def name_rest(self, count: int) -> str:
        """Return the label of so many categories that share a row: ``14 other provinces``."""
        dimension_look = find_look(self.dimension)
        translate = self.formatter.translate
        category_count_text = self.formatter.format_count(count)
        if self.dimension == "admin1":
            return translate("{count} other {level}", count=category_count_text, level=self.formatter.level_name(count))
        return translate.plural(dimension_look.other, dimension_look.others, count).format(count=category_count_text)

    def fold_categories(self, categories: Sequence[str]) -> list[tuple[list[str], dict[str, Any]]]:
        """Return the categories that share a row, as lists with their bars.

        Several with few people share a row, and so do several with nobody. Categories with a target or
        with a value of another measure, ``CATEGORIES_AT_END`` and sectors without people never do.
        """
        folded_pair_by_texts: dict[tuple[str, ...], tuple[list[str], dict[str, Any]]] = {}
        for category in categories:
            category_figure_values = [bar_measure.find_value(category) for bar_measure in self.measures]
            has_few_people = self.measures[0].unit == "people" and category_figure_values[0].status == FEW
            has_target = any(category in bar_measure.planned for bar_measure in self.measures)
            has_value = any(
                category_figure_value.present for category_figure_value in category_figure_values[has_few_people:]
            )
            if category in (*CATEGORIES_AT_END, *plan_lists().without_people) or has_target or has_value:
                continue
            bar_dict_by_measure = {
                bar_measure.kind: self.formatter.format_bar_entry(bar_measure.find_value(category), bar_measure.unit)
                for bar_measure in self.measures
            }
            if has_few_people:
                rounding_base_text = self.formatter.format_count(
                    self.formatter.rounding_base(category_figure_values[0])
                )
                few_people_text = self.formatter.translate("fewer than {count} each", count=rounding_base_text)
                bar_dict_by_measure[self.measures[0].kind] = build_bar_entry("not_applicable", few_people_text)
            bar_texts = tuple(bar_dict["text"] for bar_dict in bar_dict_by_measure.values())
            folded_pair_by_texts.setdefault(bar_texts, ([], bar_dict_by_measure))[0].append(category)
        return [
            (group_categories, bar_dict_by_measure)
            for group_categories, bar_dict_by_measure in folded_pair_by_texts.values()
            if len(group_categories) > 1
        ]

    def build_row(self, category: str) -> dict[str, Any]:
        """Return the row of a category: its label, and its bar of each measure by the measure's kind."""
        translate = self.formatter.translate
        category_label = self.formatter.category_name(category, self.dimension)
        if category == NOT_SPECIFIED and self.dimension == "donor":
            category_label = translate("Passed on within the plan")
        return {
            "label": category_label,
            **{bar_measure.kind: self.build_bar(category, bar_measure) for bar_measure in self.measures},
        }

    def build_bar(self, category: str, measure: Measure) -> dict[str, Any]:
        """Return the bar of a category: its lengths, its text and its share.

        Lengths are shares (0 to 1) of the longest bar or target of the measure, whichever is longer. A category without
        a number has only a text.
        """
        if measure.unit == "people" and category in plan_lists().without_people:
            return build_bar_entry(
                "not_applicable", numbers.NO_NUMBER_TEXT, spoken=self.formatter.translate("does not apply")
            )
        category_figure_value, category_target = measure.find_value(category), measure.planned.get(category)
        planned_amounts = [
            planned_amount
            for planned_category, planned_amount in measure.planned.items()
            if planned_category != NOT_SPECIFIED
        ]
        longest_amount = max(self.formatter.max_bar_length(measure.values.values()), *planned_amounts, 0.0)
        bar_amount = self.formatter.bar_length(category_figure_value)
        bar_entry_dict = self.formatter.format_bar_entry(category_figure_value, measure.unit)
        if bar_entry_dict["state"] != "value" or bar_amount <= 0 or longest_amount <= 0:
            return bar_entry_dict
        target_length = category_target / longest_amount if category_target else None
        doubt_share = category_figure_value.doubt if measure.unit == "people" else 0.0
        category_share_text = self.format_share(category_figure_value, measure)
        return bar_entry_dict | {
            "bar": bar_amount / longest_amount,
            "doubt": doubt_share,
            "target": target_length,
            "share": category_share_text,
        }

    def format_share(self, value: FigureValue, measure: Measure) -> str:
        """Format a category's share of its target, in a measure without targets of the total; empty if there is none.

        Under visible headers there are no shares of the total, and doubtful people have *read with care* in place of a
        share. Nor are there shares of a total of too few people.
        """
        formatter = self.formatter
        is_value_doubtful = value.caution or value.key in formatter.key_figures.comparisons.sectors_in_doubt
        if is_value_doubtful and measure.unit == "people" and self.look.headed:
            return formatter.translate("read with care")
        if measure.shares:
            coverage_figure_value = measure.shares.get(value.key)
            return (
                formatter.format_figure_value(coverage_figure_value, "share")
                if coverage_figure_value and coverage_figure_value.value is not None
                else ""
            )
        if measure.is_of_assisted:
            return ""
        if measure.planned or self.look.headed:
            return formatter.format_share(value.value, measure.planned.get(value.key)) if value.value else ""
        figure_total = formatter.key_figures.value(measure.figure) if measure.figure in FIGURES else None
        if measure.unit == "people" and formatter.is_too_few_for_shares(figure_total):
            return ""
        # One category may be rounded up, and all of them down; a model may see more people than the one used
        is_part_of_total = value.value is not None and (
            value.value <= (figure_total or 0) or self.look.dimension == "model"
        )
        return formatter.format_share(value.value, figure_total) if value.value and is_part_of_total else ""

    def add_up(self, categories: Sequence[str], measure: Measure) -> dict[str, Any]:
        """Return the sum of categories without a row of their own, as a bar without a length.

        A missing value counts as 0. If all are missing, the sum is not known; of few people alone it is a limit.
        """
        category_figure_values = [measure.find_value(category) for category in categories]
        summed_amount = sum(category_figure_value.value or 0 for category_figure_value in category_figure_values)
        few_people_count = sum(category_figure_value.status == FEW for category_figure_value in category_figure_values)
        if few_people_count and not summed_amount:
            people_limit = few_people_count * self.formatter.key_figures.base
            return build_bar_entry("not_applicable", numbers.less_than(people_limit, "people", self.formatter.language))
        is_sum_unknown = all(category_figure_value.value is None for category_figure_value in category_figure_values)
        summed_figure_value = FigureValue("", None if is_sum_unknown else summed_amount)
        return build_bar_entry(
            "not_applicable", self.formatter.format_bar_entry(summed_figure_value, measure.unit)["text"]
        )

    def build_header(self, measure: Measure) -> str:
        """Return the header of a column of bars; where it is not visible, it says what the shares are of."""
        if measure.is_of_assisted:
            return self.formatter.translate("Share of the people assisted")
        if measure.planned and not self.look.headed:
            return self.formatter.translate("People reached, and share of target")
        if measure.figure == "activities":
            return self.formatter.translate("Reported activities, and share of all")
        figure_label = FIGURES[measure.figure].label if measure.figure in FIGURES else ""
        header_label = HEADER_BY_FIGURE.get(measure.figure) or figure_label
        return self.formatter.translate(header_label if self.look.headed else self.look.share)

    def build_kicker(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """Return the kicker of the rows, and what its lines and shares are of."""
        figure_name, dimension_look, formatter = self.measures[0].figure, self.look, self.formatter
        figure_definition = BREAKDOWNS.get(f"{figure_name}_by_{dimension_look.dimension}") or FIGURES.get(figure_name)
        kicker_of_look = {"people_reached": dimension_look.people, "funding_usd": dimension_look.money}.get(figure_name)
        english_kicker = (dimension_look.both if len(self.measures) > 1 else kicker_of_look) or (
            figure_definition.label if figure_definition else ""
        )
        if self.measures[0].is_of_assisted:
            column_header = formatter.translate(dimension_look.column)
            return formatter.translate("People assisted, in percent: {breakdown}", breakdown=column_header)
        kicker_text = formatter.translate(
            english_kicker, as_of=formatter.format_source_date("funding"), level=formatter.level_name()
        )
        has_people_target, has_money_target = (
            any(bar_row_dict[measure_kind]["target"] for bar_row_dict in rows if measure_kind in bar_row_dict)
            for measure_kind in ("people", "money")
        )
        target_kicker = KICKER_BY_TARGET_LINES.get((has_people_target, has_money_target))
        if self.measures[0].shares and not formatter.is_year_to_date:
            last_month_name = formatter.month_name(formatter.key_figures.period.end)
            return formatter.translate(
                "{measure}; % of the year's target by {month}", measure=kicker_text, month=last_month_name
            )
        return formatter.translate(target_kicker, measure=kicker_text) if target_kicker else kicker_text

    def build_note(self, categories: Sequence[str]) -> str:
        """Return the notes on *regional*, and on why rows by platform have no funding; empty without either."""
        translate = self.formatter.translate
        has_money_bars = any(bar_measure.unit == "usd" for bar_measure in self.measures)
        has_funding_figure = self.formatter.key_figures.value("funding_usd") is not None
        note_sentences = []
        if REGIONAL in categories:
            note_sentences.append(translate("Regional: not assigned to a single country."))
        if self.dimension == "platform" and has_funding_figure and not has_money_bars:
            note_sentences.append(translate("Funding by sector is published for the region only."))
        return " ".join(note_sentences)


def explain_no_breakdown(formatter: SheetFormatter, table: Table) -> str:
    """Return why a sheet has no breakdown of a figure; empty if it has one.

    The table has the columns of ``Page.table``. There is none if no category, other than *not specified*, has a number
    or people that are not counted; for the public, also if the breakdown is in doubt.
    """
    breakdown_name, bar_measure = str(table.attrs.get(BREAKDOWN_ATTR, "")), Measure.from_tables(formatter, table)
    if bar_measure.is_of_assisted and bar_measure.values:
        return ""
    figure_values = [figure_value for figure_value in bar_measure.values.values() if figure_value.key != NOT_SPECIFIED]
    if any(figure_value.present or figure_value.status == NOT_COUNTED for figure_value in figure_values):
        return "" if formatter.is_internal else format_caution_reasons(formatter, breakdown_name)
    reason_codes = {figure_value.reason for figure_value in bar_measure.values.values()} & EMPTY_BREAKDOWN_REASONS
    return formatter.translate(WORDS_BY_REASON[reason_codes.pop()] if reason_codes else N_("no partner reported it"))


def build_bar_block(span: int, *, uid: str, measures: tuple[str, ...] = ("people",), **view: Any) -> Block:
    """Return a block of rows with bars, laid out for HTML and PDF.

    ``view`` has ``rows``, each with a label and a bar for each measure (people, money). Where ``headed``, the columns
    have visible headers. ``empty`` (``title`` and ``reason``) stands in place of rows and finding.
    """
    default_bars_view_dict = {"measures": list(measures), "empty": None, "caution": "", "headed": False, "note": ""}
    has_doubtful_bar = any(
        bar_row_dict[measure_kind]["doubt"]
        for bar_row_dict in view.get("rows", [])
        for measure_kind in measures
        if measure_kind in bar_row_dict
    )
    view_dict_without_rows = {"finding": "", "rows": []} if view.get("empty") else {}
    bars_view_dict = {**default_bars_view_dict, "hatched": has_doubtful_bar, **view, **view_dict_without_rows}
    return Block.build("bars", span, uid=uid, **lay_out_bars({**bars_view_dict, "span": span}))


def lay_out_bars(view: Mapping[str, Any]) -> dict[str, Any]:
    """Return the view of a block of rows with the layout that HTML and PDF share.

    The view must have ``headed``, ``rows``, ``measures`` and ``span``. ``label_share`` of the width is for the labels;
    rows that are ``close`` are lower; ``beside_em`` is, by measure, the room that the longest bar leaves for the
    longest text beside a bar, in sizes of its type.
    """
    has_headers, bar_row_dicts, measure_kinds, column_span = (
        view["headed"],
        view["rows"],
        view["measures"],
        view["span"],
    )
    room_em_by_measure = {measure_kind: measure_room_em(bar_row_dicts, measure_kind) for measure_kind in measure_kinds}
    label_width_mm = LABEL_WIDTH_MM_BY_SPAN.get(column_span, LABEL_WIDTH_MM_BY_SPAN[6])
    if has_headers:
        needed_label_width_mm = (
            max((width_of(str(bar_row_dict["label"]), size=ROW_TEXT_PT) for bar_row_dict in bar_row_dicts), default=0.0)
            + LABEL_GAP_MM
        )
        max_label_width_mm = (
            MAX_FULL_WIDTH_LABELS_MM
            if column_span == PAGE_COLUMN_COUNT
            else MAX_LABELS_MM_BY_MEASURE_COUNT[len(measure_kinds)]
        )
        widest_room_em = max((room_em_by_measure[measure_kind] for measure_kind in measure_kinds), default=0.0)
        bars_width_mm = len(measure_kinds) * (MIN_LONGEST_BAR_MM + widest_room_em * ROW_TEXT_PT / 72 * 25.4)
        remaining_label_width_mm = compute_width_mm(column_span) - bars_width_mm
        label_width_mm = max(MIN_LABELS_MM, min(needed_label_width_mm, max_label_width_mm, remaining_label_width_mm))
    elif (
        label_width_mm == LABEL_WIDTH_MM_BY_SPAN[6]
        and max((len(bar_row_dict["label"]) for bar_row_dict in bar_row_dicts), default=0) > MAX_LETTERS_OF_SHORT_LABEL
    ):
        label_width_mm = LONG_LABELS_WIDTH_MM
    label_layout_dict = {
        "label_share": label_width_mm / compute_width_mm(column_span),
        "close": bool(has_headers) and len(bar_row_dicts) >= MIN_ROWS_SET_CLOSE,
    }
    return {**view, **label_layout_dict, "beside_em": room_em_by_measure}


def measure_room_em(rows: Sequence[Mapping[str, Any]], measure: str, size: float = ROW_TEXT_PT) -> float:
    """Return the room for the widest text beside a bar, in sizes of its type.

    It includes the white around the text; ``size`` is the type in pt.
    """

    def measure_text_mm(bar: Mapping[str, Any]) -> float:
        """Return the printed width of the text and the share beside a bar."""
        bar_share_text = f" {bar['share']}" if bar["share"] else ""
        bar_share_width_mm = width_of(bar_share_text, size=size) + SHARE_GAP_MM if bar_share_text else 0
        return width_of(bar["text"], weight=600, size=size) + bar_share_width_mm

    measure_bar_dicts = [bar_row_dict[measure] for bar_row_dict in rows if measure in bar_row_dict]
    widest_text_mm = max((measure_text_mm(bar) for bar in measure_bar_dicts if bar["state"] == "value"), default=0.0)
    return (widest_text_mm + BAR_TEXT_GAP_MM) / (size / 72 * 25.4)
