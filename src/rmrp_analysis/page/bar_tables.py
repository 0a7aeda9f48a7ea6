"""Figures by a dimension as rows of bars, next to the planned figure of each category if it is available."""

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
"""Categories that stand last and never share a row with others."""
AGE_GENDER_ORDER = ("women", "men", "girls", "boys", "other_18_and_above", "other_under_18")
"""Age and gender groups in the order of rows on a sheet. Every other category follows."""

LOOKS_WITH_FOLDED_ROWS = ("places", "sectors")
"""Names of looks in which categories with few people share one row, and categories without people another."""
MAX_NAMES_OF_FOLDED_ROW = 2
"""A row of more categories gives their number in place of their names."""

MIN_ROWS_SET_CLOSE = 8
"""From so many rows on, rows under visible headers are lower and stand closer."""
LABEL_WIDTH_MM_BY_SPAN: Mapping[int, float] = {12: 88.0, 8: 54.0, 6: 38.0, 4: 24.0}
"""The printed width of labels by the columns of their block. Other blocks have the width for half of the page."""
MAX_LETTERS_OF_SHORT_LABEL, LONG_LABELS_WIDTH_MM = 36, 50.0
"""In half of the page, a label with more letters gives all labels this width."""
MAX_LABELS_MM_BY_MEASURE_COUNT, MAX_FULL_WIDTH_LABELS_MM, MIN_LABELS_MM = {1: 44.0, 2: 44.0}, 64.0, 20.0
"""Limits for the labels under visible headers, which are as wide as the longest one needs and the bars allow.

They are the most by the number of columns of bars, the most in the full width of the page, and the least.
"""
MIN_LONGEST_BAR_MM = 6.0  # the shortest length of the longest bar of a column
LABEL_GAP_MM = 2.5  # the white between the label of a row and its bar
ROW_TEXT_PT = 9.5  # the type size of labels and numbers in rows of bars
BAR_TEXT_GAP_MM = 5.0  # the white between the longest bar and its text, and after the text
SHARE_GAP_MM = 0.9  # the white between a number beside a bar and its share

Order = Literal["value", "share", "table"]
"""The order of rows: falling value, rising share of the plan, or as in the table."""
KICKER_BY_ROW_ORDER: Mapping[Order, str] = {
    "value": N_("{kicker}; most people first"),
    "share": N_("{kicker}; furthest behind first"),
}
"""The kicker of rows of sectors, and of the places of the region, with the order of the rows."""


class Look(pack.Row):
    """The look of rows of bars by a dimension: a row of ``dimensions.csv``.

    ``column`` heads the labels, ``other`` and ``others`` name one category and several that share a row. The rows have
    the name ``name`` and, unless the page asks for another, the width ``width``. Rows that are ``headed`` have visible
    headers, and a share only of planned figures. ``share`` is the header of a column with other shares. ``people``,
    ``money`` and ``both`` are the kicker by the figures of the rows. An empty kicker means the label of the breakdown.
    The row without a dimension is for any other dimension.
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
"""The look of rows of bars by their dimension, or by their figure if it has its own look."""
HEADER_BY_FIGURE = {"people_reached": N_("People reached"), "funding_usd": N_("Designated funding")}
"""The header of a column of bars by its figure. Other figures have their label in ``figures.csv``."""
KICKER_BY_TARGET_LINES: Mapping[tuple[bool, bool], str] = {
    (True, True): N_("{measure}; % of target and of requirement (lines)"),
    (True, False): N_("{measure}; % of target (line)"),
    (False, True): N_("{measure}; % of requirement (line)"),
}
"""The kicker if lines on the bars mark planned people, and planned money."""


@dataclass(frozen=True)
class Measure:
    """One column of bars: a figure by category, with targets and shares.

    It exists so that every part of a row reads the figure, its target and its share by the category's name. A table of
    figures and a table of targets do not give this, because they may have other rows.
    """

    figure: str
    unit: str
    values: Mapping[str, FigureValue]
    planned: Mapping[str, float]
    shares: Mapping[str, FigureValue]
    is_of_assisted: bool = False
    """Whether the values are shares of the people assisted. Their months must not be added up."""

    @classmethod
    def from_tables(cls, formatter: SheetFormatter, table: Table, targets: Table | None = None) -> "Measure":
        """Return the column of bars of a table, with its planned figures.

        Both tables have the columns of ``Page.table``. A difference has only the categories above 0. Groups of people
        assisted become shares of their sum, without *not specified* and few people. If the period does not begin in
        January, the targets of people are left out, but their shares are not.
        """
        figure, cells = str(table.attrs.get("figure", "")), read_figure_values(table)
        if any(cell.caution == GROUPS_OF_ASSISTED for cell in cells):
            groups = [cell for cell in cells if cell.key != NOT_SPECIFIED and cell.status != FEW and cell.value]
            total = sum(cell.value or 0.0 for cell in groups)
            parts = {
                cell.key: replace(cell, value=(cell.value or 0.0) / total, low=None, high=None)
                for cell in groups
                if total
            }
            return cls(figure, "share", parts, {}, {}, is_of_assisted=True)
        goals = [] if targets is None else read_figure_values(targets)
        planned = {goal.key: goal.value for goal in goals if goal.value}
        has_shares = figure == "people_reached" and planned
        shares = formatter.breakdown(f"target_coverage_by_{table.index.name}").cells if has_shares else ()
        if has_shares and not formatter.is_year_to_date:  # the target of a year is no goal for some of its months
            planned = {}
        return cls(
            figure,
            str(table.attrs.get("unit", "people")),
            {cell.key: cell for cell in cells if figure not in DIFFERENCE_FIGURES or (cell.value or 0) > 0},
            planned,
            {cell.key: cell for cell in shares},
        )

    @property
    def kind(self) -> str:
        """The kind of the bars: ``money`` for US dollars, ``wanted`` for planned figures, or ``people``.

        A difference, such as people still to reach, counts as planned.
        """
        is_planned = self.figure in DIFFERENCE_FIGURES or (self.figure in FIGURES and FIGURES[self.figure].planned)
        return "money" if self.unit == "usd" else "wanted" if is_planned else "people"

    def find_value(self, category: str) -> FigureValue:
        """Return the figure of a category, by default a value of None with the reason ``no_report``."""
        return self.values.get(category) or FigureValue(category, None, "no_report")

    def add_category(self, name: str, categories: Sequence[str]) -> "Measure":
        """Return the measure with one more category: the sum of these, where a missing value counts as 0.

        The new category has no target and no share.
        """
        total = FigureValue(name, sum(self.find_value(part).value or 0 for part in categories))
        return replace(self, values={**self.values, name: total})


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
    """Return tables of one dimension as rows with bars, or None if there is nothing to show.

    The tables have the columns of ``Page.table``. A table without rows has no bars. ``targets`` has a table or None for
    each table. Several categories beyond ``max_rows`` share a row. The order ``share`` becomes ``value`` if a sector
    with people lacks its share. An empty ``kicker`` is drafted, an empty ``title`` is not.
    """
    dimension, breakdown = str(tables[0].index.name or ""), str(tables[0].attrs.get(BREAKDOWN_ATTR, ""))
    figure = str(tables[0].attrs.get("figure", ""))
    look = LAYOUT_BY_DIMENSION.get(figure) or find_look(dimension)
    measures = [Measure.from_tables(formatter, table, goals) for table, goals in zip(tables, targets, strict=True)]
    measures = [measure for measure in measures if measure.values] or measures[:1]
    if not _has_rows_to_show(formatter, tables[0], look, measures):
        return None
    builder = _RowBuilder(formatter, dimension, look, measures)
    if order == "share" and not builder.has_all_shares:
        order = "value"
    categories = builder.list_categories(order)
    rows = builder.build_rows(categories, max_rows)
    draft = builder.build_kicker(rows)
    is_sorted = measures[0].unit == "people" and order in KICKER_BY_ROW_ORDER
    if is_sorted and (look.name == "sectors" or (look.name == "places" and formatter.is_region_sheet)):
        draft = formatter.translate(KICKER_BY_ROW_ORDER[order], kicker=draft)
    notes = [text for text in (builder.build_note(categories), formatter.complete_sentence(note)) if text]
    name = look.name if figure in (*HEADER_BY_FIGURE, look.dimension) else ""
    return build_bar_block(
        count_columns(width or look.width),
        uid=name or breakdown or f"{figure}_by_{dimension}",
        headed=bool(look.headed),
        measures=tuple(measure.kind for measure in measures),
        kicker=kicker or draft,
        finding=title,
        columns=[name_column(formatter, dimension), *map(builder.build_header, measures)],
        rows=rows,
        caution="" if look.headed else format_cautions(formatter, breakdown),
        note=formatter.join_texts(notes, " "),
    )


def _has_rows_to_show(formatter: SheetFormatter, table: Table, look: Look, measures: Sequence[Measure]) -> bool:
    """Return whether measures of one dimension make rows of bars.

    The first measure is of ``table``. There are no rows if all values are of ``NATIONAL_LEVEL`` or ``NOT_SPECIFIED``,
    or if the first breakdown is not known as a whole. Rows without visible headers are left out, too, if the sheet says
    why there is no breakdown.
    """
    cells = [cell for measure in measures for cell in measure.values.values()]
    categories = {category for measure in measures for category in measure.values}
    has_value = any(cell.present for cell in cells)
    is_unknown = not has_value and any(cell.reason in EMPTY_BREAKDOWN_REASONS for cell in measures[0].values.values())
    if categories <= {NATIONAL_LEVEL, NOT_SPECIFIED} or is_unknown:
        return False
    return bool(look.headed) or not explain_no_breakdown(formatter, table)


def find_look(dimension: str) -> Look:
    """Return the look of rows of bars by a dimension, by default the general look."""
    return LAYOUT_BY_DIMENSION.get(dimension) or LAYOUT_BY_DIMENSION[""].model_copy(update={"dimension": dimension})


def name_column(formatter: SheetFormatter, dimension: str) -> str:
    """Return the header of a dimension. Admin1 has the country's own word."""
    if dimension == "admin1":
        return formatter.level_name().capitalize()
    return formatter.translate(find_look(dimension).column)


def explain_left_out(formatter: SheetFormatter, table: Table) -> str:
    """Return why a sheet leaves out a table, or an empty text if it shows the table.

    The table has the columns of ``Page.table``. A sheet leaves out donors if it has no funding or all sectors, people
    still to reach if they are in doubt, and breakdowns that an organisation did not report.
    """
    breakdown, figures = str(table.attrs.get(BREAKDOWN_ATTR, "")), formatter.key_figures
    translate = formatter.translate
    if table.index.names[0] == "donor" and not formatter.has_money:
        return translate("No funding is known here.")
    if table.index.names[0] == "donor" and figures.is_intersector:
        return translate("Donors are shown by sector.")
    cells = [cell for cell in formatter.breakdown(breakdown).cells if cell.key != NOT_SPECIFIED]
    if breakdown and figures.organisation and not any(cell.present for cell in cells):
        return translate("This organization reported nothing by these parts.")
    return ""


def rank_age_gender(category: str) -> int:
    """Return the position of an age and gender group on a sheet. Every other category has the last position."""
    return AGE_GENDER_ORDER.index(category) if category in AGE_GENDER_ORDER else len(AGE_GENDER_ORDER)


@dataclass(frozen=True)
class _RowBuilder:
    """Builds the rows of bars of one block: their choice, their order and their texts.

    It exists because each of these needs the look and all measures of the block. The methods change nothing.
    """

    formatter: SheetFormatter
    dimension: str
    look: Look
    measures: Sequence[Measure]

    @property
    def has_all_shares(self) -> bool:
        """Whether every sector with people reached has a share of its target. False without such a sector."""
        shares = self.formatter.key_figures.comparisons.coverage_by_sector
        reached = {part for part, cell in self.measures[0].values.items() if cell.present}
        return bool(reached) and reached <= {*shares}

    def list_categories(self, order: Order) -> list[str]:
        """List the categories that have a row, in this order.

        ``table`` puts age and gender groups first, in the order of a sheet, and does not move the others.
        """
        planned = [category for category in self.measures[0].planned if category != NOT_SPECIFIED]
        categories = dict.fromkeys([*(part for measure in self.measures for part in measure.values), *planned])
        shares = self.formatter.key_figures.comparisons.coverage_by_sector

        def rank_by_value(category: str) -> tuple[Any, ...]:
            """Return the key that sorts by falling values: of the first measure, of the others, of the target."""
            main, *rest = (measure.find_value(category) for measure in self.measures)
            amounts = [-(cell.value or 0) for cell in rest]
            return (*descending_sort_key(main)[:3], *amounts, -self.measures[0].planned.get(category, 0), category)

        def rank_by_share(category: str) -> tuple[Any, ...]:
            """Return the key that sorts by rising share of the target. Categories without a share come last."""
            share, is_without_people = shares.get(category, 0), category in plan_lists().without_people
            return category not in shares, share, is_without_people, rank_by_value(category)

        ranks: dict[Order, Callable[[str], Any]]
        ranks = {"table": rank_age_gender, "value": rank_by_value, "share": rank_by_share}
        return sorted(filter(self.has_row, categories), key=ranks[order])

    def has_row(self, category: str) -> bool:
        """Return whether a category has a row: it has a value, or a reader should see that the value is missing.

        Without a value, *not specified*, *regional* and a group that is never in this place have a row only if the plan
        has a number for them. Every other category has a row. On an organisation's sheet, a place or sector has a row
        only if the organisation reported for it.
        """
        cells = [measure.find_value(category) for measure in self.measures]
        if self.dimension == "sector" and category not in plan_lists().sectors:  # money of several sectors or no sector
            return False
        if any(cell.present for cell in cells):
            return True
        if self.dimension in (*PLACE_DIMENSIONS, "sector") and self.formatter.organisation:  # it works only in some
            return category not in CATEGORIES_AT_END and any(cell.reason != "no_report" for cell in cells)
        home = pack.about().only_in.get(category)
        is_possible = home is None or (home != "" and self.formatter.key_figures.place in (REGION, home))
        return category in self.measures[0].planned or (is_possible and category not in (NOT_SPECIFIED, REGIONAL))

    def build_rows(self, categories: Sequence[str], max_rows: int | None) -> list[dict[str, Any]]:
        """Return the rows of bars. Several categories beyond ``max_rows`` share one row.

        Under visible headers, this row has their sum and no bar. Places and sectors with few people or without people
        share rows, too. ``CATEGORIES_AT_END`` have the last rows.
        """
        folded = self.fold_categories(categories) if self.look.name in LOOKS_WITH_FOLDED_ROWS else []
        joined = {part for group, _ in folded for part in group}
        single = [part for part in categories if part not in joined]
        ranked = [part for part in single if part not in CATEGORIES_AT_END]
        tail = [part for part in single if part in CATEGORIES_AT_END]
        rest = ranked[max_rows:] if max_rows is not None and len(ranked) > max_rows + 1 else []
        label, builder = self.name_rest(len(rest)), self
        if rest and not self.look.headed:
            builder = replace(self, measures=[measure.add_category(label, rest) for measure in self.measures])
            tail = [label, *tail]
        rows = [builder.build_row(part) for part in ranked if part not in rest]
        if rest and self.look.headed:
            sums = {measure.kind: self.add_up(rest, measure) for measure in self.measures}
            rows.append({"label": label, **sums})
        for group, bars in folded:
            names = "; ".join(self.formatter.category_name(part, self.dimension) for part in group)
            count = len(group)
            if count > MAX_NAMES_OF_FOLDED_ROW:
                names = self.name_rest(count)
                if rest and self.dimension == "admin1":
                    # The row above is called "11 other departments"
                    names = f"{self.formatter.format_count(count)} {self.formatter.level_name(count)}"
            rows.append({"label": names, **bars})
        return rows + [builder.build_row(part) for part in tail]

    def name_rest(self, count: int) -> str:
        """Return the label of so many categories that share a row: ``14 other provinces``."""
        look, translate = find_look(self.dimension), self.formatter.translate
        number = self.formatter.format_count(count)
        if self.dimension == "admin1":
            return translate("{count} other {level}", count=number, level=self.formatter.level_name(count))
        return translate.plural(look.other, look.others, count).format(count=number)

    def fold_categories(self, categories: Sequence[str]) -> list[tuple[list[str], dict[str, Any]]]:
        """Return the categories that share a row, as lists with their bars.

        Categories with few people share one row, and categories without people another. A category with a target or a
        value of another measure never shares a row, nor do ``CATEGORIES_AT_END`` and sectors without people.
        """
        folded: dict[tuple[str, ...], tuple[list[str], dict[str, Any]]] = {}
        for part in categories:
            cells = [measure.find_value(part) for measure in self.measures]
            is_small = self.measures[0].unit == "people" and cells[0].status == FEW
            is_planned = any(part in measure.planned for measure in self.measures)
            has_value = any(cell.present for cell in cells[is_small:])
            if part in (*CATEGORIES_AT_END, *plan_lists().without_people) or is_planned or has_value:
                continue
            pairs = zip(self.measures, cells, strict=True)
            bars = {measure.kind: self.formatter.format_bar_entry(cell, measure.unit) for measure, cell in pairs}
            if is_small:
                base = self.formatter.format_count(self.formatter.rounding_base(cells[0]))
                text = self.formatter.translate("fewer than {count} each", count=base)
                bars[self.measures[0].kind] = build_bar_entry("not_applicable", text)
            texts = tuple(bar["text"] for bar in bars.values())
            folded.setdefault(texts, ([], bars))[0].append(part)
        return [(group, bars) for group, bars in folded.values() if len(group) > 1]

    def build_row(self, category: str) -> dict[str, Any]:
        """Return the row of a category: its label, and its bar of each measure by the measure's kind."""
        name = self.formatter.category_name(category, self.dimension)
        if category == NOT_SPECIFIED and self.dimension == "donor":
            name = self.formatter.translate("Passed on within the plan")
        return {"label": name, **{measure.kind: self.build_bar(category, measure) for measure in self.measures}}

    def build_bar(self, category: str, measure: Measure) -> dict[str, Any]:
        """Return the bar of a category: its lengths, its text and its share.

        Lengths are shares (0 to 1) of the longest bar or target of the measure, whichever is longer. A category without
        a number has only a text.
        """
        if measure.unit == "people" and category in plan_lists().without_people:
            spoken = self.formatter.translate("does not apply")
            return build_bar_entry("not_applicable", numbers.NO_NUMBER_TEXT, spoken=spoken)
        cell, goal = measure.find_value(category), measure.planned.get(category)
        goals = [amount for key, amount in measure.planned.items() if key != NOT_SPECIFIED]
        longest = max(self.formatter.max_bar_length(measure.values.values()), *goals, 0.0)
        length = self.formatter.bar_length(cell)
        entry = self.formatter.format_bar_entry(cell, measure.unit)
        if entry["state"] != "value" or length <= 0 or longest <= 0:
            return entry
        target = goal / longest if goal else None
        doubt = cell.doubt if measure.unit == "people" else 0.0
        share = self.format_share(cell, measure)
        return entry | {"bar": length / longest, "doubt": doubt, "target": target, "share": share}

    def format_share(self, value: FigureValue, measure: Measure) -> str:
        """Return a category's share of its target, or of the total without targets, as text. It may be empty.

        Under visible headers, a measure without targets has no shares. A number that is not sure, and a total of too
        few people, have none.
        """
        formatter = self.formatter
        if not value.is_sure:
            return ""
        if measure.shares:
            share = measure.shares.get(value.key)
            return formatter.format_figure_value(share, "share") if share and share.value is not None else ""
        if measure.is_of_assisted:
            return ""
        if measure.planned or self.look.headed:
            return formatter.format_share(value.value, measure.planned.get(value.key)) if value.value else ""
        total = formatter.key_figures.value(measure.figure) if measure.figure in FIGURES else None
        if measure.unit == "people" and formatter.is_too_few_for_shares(total):
            return ""
        # One category may be rounded up, and the total down. A model may see more people than the one used
        is_part = value.value is not None and (value.value <= (total or 0) or self.look.dimension == "model")
        return formatter.format_share(value.value, total) if value.value and is_part else ""

    def add_up(self, categories: Sequence[str], measure: Measure) -> dict[str, Any]:
        """Return the sum of categories without a row of their own, as a bar without a length.

        A missing value counts as 0, but without any value the sum is not known. The sum of few people is a limit.
        """
        cells = [measure.find_value(category) for category in categories]
        total = sum(cell.value or 0 for cell in cells)
        few_count = sum(cell.status == FEW for cell in cells)
        if few_count and not total:
            limit = few_count * self.formatter.key_figures.base
            return build_bar_entry("not_applicable", numbers.less_than(limit, "people", self.formatter.language))
        is_unknown = all(cell.value is None for cell in cells)
        low, high = (sum(cell.bounds[end] for cell in cells) for end in (0, 1))
        figure = FigureValue("", None if is_unknown else total, low=low, high=high)
        return build_bar_entry("not_applicable", self.formatter.format_bar_entry(figure, measure.unit)["text"])

    def build_header(self, measure: Measure) -> str:
        """Return the header of a column of bars. A header that is not visible names the whole of the shares."""
        if measure.is_of_assisted:
            return self.formatter.translate("Share of the people assisted")
        if measure.planned and not self.look.headed:
            return self.formatter.translate("People reached, and share of target")
        if measure.figure == "activities":
            return self.formatter.translate("Reported activities, and share of all")
        default = FIGURES[measure.figure].label if measure.figure in FIGURES else ""
        label = HEADER_BY_FIGURE.get(measure.figure) or default
        return self.formatter.translate(label if self.look.headed else self.look.share)

    def build_kicker(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """Return the kicker of the rows, with the reference of their lines and shares."""
        figure, look, formatter = self.measures[0].figure, self.look, self.formatter
        declared = BREAKDOWNS.get(f"{figure}_by_{look.dimension}") or FIGURES.get(figure)
        single = {"people_reached": look.people, "funding_usd": look.money}.get(figure)
        kicker = (look.both if len(self.measures) > 1 else single) or (declared.label if declared else "")
        if self.measures[0].is_of_assisted:
            header = formatter.translate(look.column)
            return formatter.translate("People assisted, in percent: {breakdown}", breakdown=header)
        text = formatter.translate(kicker, as_of=formatter.format_source_date("funding"), level=formatter.level_name())
        people, money = (any(row[kind]["target"] for row in rows if kind in row) for kind in ("people", "money"))
        template = KICKER_BY_TARGET_LINES.get((people, money))
        if self.measures[0].shares and not formatter.is_year_to_date:
            month = formatter.month_name(formatter.key_figures.period.end)
            return formatter.translate("{measure}; % of the year's target by {month}", measure=text, month=month)
        return formatter.translate(template, measure=text) if template else text

    def build_note(self, categories: Sequence[str]) -> str:
        """Return the notes on *regional* and on platforms without funding, or an empty text if neither applies."""
        translate, notes = self.formatter.translate, []
        if REGIONAL in categories:
            notes.append(translate("Regional: not assigned to a single country."))
        has_money = any(measure.unit == "usd" for measure in self.measures)
        has_funding = self.formatter.key_figures.value("funding_usd") is not None
        if self.dimension == "platform" and has_funding and not has_money:
            notes.append(translate("Funding by sector is published for the region only."))
        return " ".join(notes)


def explain_no_breakdown(formatter: SheetFormatter, table: Table) -> str:
    """Return why a sheet has no breakdown of a figure, or an empty text if it has a breakdown.

    The table has the columns of ``Page.table``. A sheet has no breakdown if no category but *not specified* has a
    number or people that are not counted. A public sheet also has no breakdown that is in doubt.
    """
    breakdown, measure = str(table.attrs.get(BREAKDOWN_ATTR, "")), Measure.from_tables(formatter, table)
    if measure.is_of_assisted and measure.values:
        return ""
    cells = [cell for cell in measure.values.values() if cell.key != NOT_SPECIFIED]
    if any(cell.present or cell.status == NOT_COUNTED for cell in cells):
        return "" if formatter.is_internal else format_caution_reasons(formatter, breakdown)
    reasons = {cell.reason for cell in measure.values.values()} & EMPTY_BREAKDOWN_REASONS
    return formatter.translate(WORDS_BY_REASON[reasons.pop()] if reasons else N_("no partner reported it"))


def build_bar_block(span: int, *, uid: str, measures: tuple[str, ...] = ("people",), **view: Any) -> Block:
    """Return a block of rows with bars, laid out for HTML and PDF.

    ``view`` has ``rows``, each with a label and a bar for each measure (people, money). If ``headed`` is true, the
    columns have visible headers. ``empty`` (``title`` and ``reason``) replaces rows and finding.
    """
    defaults = {"measures": list(measures), "empty": None, "caution": "", "headed": False, "note": ""}
    is_hatched = any(row[kind]["doubt"] for row in view.get("rows", []) for kind in measures if kind in row)
    blank = {"finding": "", "rows": []} if view.get("empty") else {}
    texts = {**defaults, "hatched": is_hatched, **view, **blank}
    return Block.build("bars", span, uid=uid, **lay_out_bars({**texts, "span": span}))


def lay_out_bars(view: Mapping[str, Any]) -> dict[str, Any]:
    """Return the view of a block of rows with the layout that HTML and PDF share.

    The view must have ``headed``, ``rows``, ``measures`` and ``span``. ``label_share`` is the share of the width for
    the labels. Rows that are ``close`` are lower. ``beside_em`` is the room for the longest text next to the longest
    bar, by measure, in sizes of its type.
    """
    headed, rows, measures, span = (view[key] for key in ("headed", "rows", "measures", "span"))
    beside_em = {measure: measure_room_em(rows, measure) for measure in measures}
    labels_mm = LABEL_WIDTH_MM_BY_SPAN.get(span, LABEL_WIDTH_MM_BY_SPAN[6])
    if headed:
        needed_mm = max((width_of(str(row["label"]), size=ROW_TEXT_PT) for row in rows), default=0.0) + LABEL_GAP_MM
        is_full = span == PAGE_COLUMN_COUNT
        limit_mm = MAX_FULL_WIDTH_LABELS_MM if is_full else MAX_LABELS_MM_BY_MEASURE_COUNT[len(measures)]
        widest_em = max((beside_em[measure] for measure in measures), default=0.0)
        bars_mm = len(measures) * (MIN_LONGEST_BAR_MM + widest_em * ROW_TEXT_PT / 72 * 25.4)
        room_mm = compute_width_mm(span) - bars_mm
        labels_mm = max(MIN_LABELS_MM, min(needed_mm, limit_mm, room_mm))
    elif labels_mm == LABEL_WIDTH_MM_BY_SPAN[6] and any(len(row["label"]) > MAX_LETTERS_OF_SHORT_LABEL for row in rows):
        labels_mm = LONG_LABELS_WIDTH_MM
    is_close = bool(headed) and len(rows) >= MIN_ROWS_SET_CLOSE
    return {**view, "label_share": labels_mm / compute_width_mm(span), "close": is_close, "beside_em": beside_em}


def measure_room_em(rows: Sequence[Mapping[str, Any]], measure: str, size: float = ROW_TEXT_PT) -> float:
    """Return the room for the widest text beside a bar, in sizes of its type.

    It includes the white around the text. ``size`` is the type in pt.
    """

    def measure_text_mm(bar: Mapping[str, Any]) -> float:
        """Return the printed width of the text and the share beside a bar."""
        share_mm = width_of(f" {bar['share']}", size=size) + SHARE_GAP_MM if bar["share"] else 0
        return width_of(bar["text"], weight=600, size=size) + share_mm

    bars = [row[measure] for row in rows if measure in row]
    widest = max((measure_text_mm(bar) for bar in bars if bar["state"] == "value"), default=0.0)
    return (widest + BAR_TEXT_GAP_MM) / (size / 72 * 25.4)
