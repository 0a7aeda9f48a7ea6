"""Sets figures by their parts as rows of bars, against what was planned of each part where that is known."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from rmrp_analysis import numbers
from rmrp_analysis.charts.measures import width_of
from rmrp_analysis.charts.parts import Table
from rmrp_analysis.figures import BREAKDOWNS, DIFFERENCES, FEW, FIGURES, NOT_COUNTED, REASONS, FigureValue
from rmrp_analysis.ledger import GROUPS_OF_ASSISTED
from rmrp_analysis.packs import pack
from rmrp_analysis.page.block import Block, Width, columns_of, width_in_mm
from rmrp_analysis.page.cautions import format_caution_reasons, format_cautions
from rmrp_analysis.page.formatter import WHOLE_BREAKDOWN_REASONS, SheetFormatter, build_bar_entry, descending_sort_key
from rmrp_analysis.page.tables import BREAKDOWN, cells_of
from rmrp_analysis.vocabulary import DIRECTLY, NATIONAL_LEVEL, NOT_SPECIFIED, REGION, REGIONAL, SECTORS, WITHOUT_PEOPLE
from rmrp_analysis.words import N_

UNNAMED = (NOT_SPECIFIED, NATIONAL_LEVEL, REGIONAL, DIRECTLY)
"""Parts that stand last and are never put together with others."""
AGE_GENDER = ("women", "men", "girls", "boys", "other_18_and_above", "other_under_18")
PLACES = ("platform", "country", "admin1")

FOLDED, NAMED_TOGETHER = ("places", "sectors"), 2
"""Rows by their name of which those of few people, and those of nobody, are one row where there are several.

So many of them are named.
"""

CLOSE_FROM = 8
"""From so many rows on, rows under visible headers are lower and stand closer."""
LABELS_MM: Mapping[int, float] = {12: 88.0, 8: 54.0, 6: 38.0, 4: 24.0}
"""How wide labels are in print in a block of so many columns of twelve; in any other as in half of the page."""
LONG_LABEL, LONG_LABELS_MM = 36, 50.0
"""A label of more letters gets this width in a block of half the page."""
MAX_HEADED_LABELS_MM, MAX_FULL_LABELS_MM, MIN_HEADED_LABELS_MM = {1: 44.0, 2: 44.0}, 64.0, 20.0
"""Under visible headers labels take what the longest one needs and the bars leave, up to this: beside so many columns
of bars; in the full width; and at least."""
MIN_BAR_MM = 6.0  # so long the longest bar of a column is at least
LABEL_GAP_MM = 2.5  # between a label and its bar
TEXT_PT, BESIDE_MM = 9.5, 5.0  # the type of rows; the white between the longest bar and its text, and after that
SHARE_GAP_MM = 0.9  # between a number and its share

Order = Literal["value", "share", "table"]
"""Rows by falling value; the smallest share of what was planned first; or as the table has them."""
KICKERS_WITH_ORDER: Mapping[Order, str] = {
    "value": N_("{kicker}; most people first"),
    "share": N_("{kicker}; furthest behind first"),
}
"""What rows of sectors, and of the places of the region, are called with the rule by which they are sorted."""


class Look(pack.Row):
    """How rows of bars by a dimension look: a row of ``dimensions.csv``, the last of which is for any other dimension.

    ``column`` names its parts, ``other`` and ``others`` what have no row of their own. The rows have this ``width`` if
    nothing else is asked for, and this ``name``. Those that are ``headed`` have visible headers, and a
    share only where it is of what was planned; ``share`` says what other shares are of. ``people``, ``money`` and
    ``both`` are what the rows are called, by what they state; else they have the label of the breakdown.
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


LOOKS = {row.dimension: row for row in pack.rows("dimensions.csv", Look, within=Path(__file__).parent)}
MEASURES = {"people_reached": N_("People reached"), "funding_usd": N_("Designated funding")}
KICKERS_WITH_SHARES: Mapping[tuple[bool, bool], str] = {
    (True, True): N_("{measure}; % of target and of requirement (lines)"),
    (True, False): N_("{measure}; % of target (line)"),
    (False, True): N_("{measure}; % of requirement (line)"),
}
"""The same where ticks say what was planned of people, and of money."""


@dataclass(frozen=True)
class Measure:
    """One column of bars: a figure by its parts, what was planned of each, and each one's share of that."""

    figure: str
    unit: str
    cells: Mapping[str, FigureValue]
    planned: Mapping[str, float]
    shares: Mapping[str, FigureValue]
    is_of_assisted: bool = False
    """Whether these are groups of the people assisted: their parts are shares, since months must not be added up."""

    @classmethod
    def of(cls, formatter: SheetFormatter, table: Table, targets: Table | None = None) -> "Measure":
        """The column of a table; of a difference, the parts in which something is left."""
        figure, cells = str(table.attrs.get("figure", "")), cells_of(table)
        if any(cell.caution == GROUPS_OF_ASSISTED for cell in cells):
            groups = [cell for cell in cells if cell.key != NOT_SPECIFIED and cell.status != FEW and cell.value]
            total = sum(cell.value or 0.0 for cell in groups)
            parts = {cell.key: replace(cell, value=(cell.value or 0.0) / total) for cell in groups if total}
            return cls(figure, "share", parts, {}, {}, is_of_assisted=True)
        planned = {} if targets is None else {cell.key: cell.value for cell in cells_of(targets) if cell.value}
        has_shares = figure == "people_reached" and planned
        shares = formatter.breakdown(f"target_coverage_by_{table.index.name}").cells if has_shares else ()
        if (
            has_shares and not formatter.is_year_to_date
        ):  # a volume of some months is not held against the year's target
            planned = {}
        return cls(
            figure,
            str(table.attrs.get("unit", "people")),
            {cell.key: cell for cell in cells if figure not in DIFFERENCES or (cell.value or 0) > 0},
            planned,
            {cell.key: cell for cell in shares},
        )

    @property
    def kind(self) -> str:
        """How its bars look: as people, as money, or as what is wanted."""
        wanted = self.figure in DIFFERENCES or (self.figure in FIGURES and FIGURES[self.figure].planned)
        return "money" if self.unit == "usd" else "wanted" if wanted else "people"

    def cell(self, part: str) -> FigureValue:
        """A part; one without a report where the figure does not have it."""
        return self.cells.get(part) or FigureValue(part, None, "no_report")

    def with_others(self, name: str, parts: Sequence[str]) -> "Measure":
        """The same with one more part, which these come to."""
        together = FigureValue(name, sum(self.cell(part).value or 0 for part in parts))
        return replace(self, cells={**self.cells, name: together})


def bars(
    formatter: SheetFormatter,
    tables: Sequence[Table],
    targets: Sequence[Table | None],
    *,
    title: str = "",
    kicker: str = "",
    order: Order = "value",
    most: int | None = None,
    note: str = "",
    width: Width | None = None,
) -> Block | None:
    """Give tables of one dimension as rows of bars; None where none of them has a part to show."""
    dimension, stated = str(tables[0].index.name or ""), str(tables[0].attrs.get(BREAKDOWN, ""))
    figure = str(tables[0].attrs.get("figure", ""))
    look = LOOKS.get(figure) or look_of(dimension)
    measures = [Measure.of(formatter, table, goals) for table, goals in zip(tables, targets, strict=True)]
    measures = [measure for measure in measures if measure.cells] or measures[:1]
    named_parts = {part for measure in measures for part in measure.cells} - {NATIONAL_LEVEL, NOT_SPECIFIED}
    has_any = any(cell.present for measure in measures for cell in measure.cells.values())
    is_unknown = not has_any and any(cell.reason in WHOLE_BREAKDOWN_REASONS for cell in measures[0].cells.values())
    if not named_parts or is_unknown or (not look.headed and why_not_shown(formatter, tables[0])):
        return None
    shown = _Bars(formatter, dimension, look, measures)
    if order == "share" and not shown.has_all_shares:
        order = "value"
    parts = shown.parts(order)
    rows = shown.rows(parts, most)
    called = shown.kicker(rows)
    is_sorted = measures[0].unit == "people" and order in KICKERS_WITH_ORDER
    if is_sorted and (look.name == "sectors" or (look.name == "places" and formatter.is_region_sheet)):
        called = formatter.translate(KICKERS_WITH_ORDER[order], kicker=called)
    return bar_table(
        columns_of(width or look.width),
        uid=(look.name if figure in (*MEASURES, look.dimension) else "") or stated or f"{figure}_by_{dimension}",
        headed=bool(look.headed),
        measures=tuple(measure.kind for measure in measures),
        kicker=kicker or called,
        finding=title,
        columns=[column_of(formatter, dimension), *map(shown.header, measures)],
        rows=rows,
        caution="" if look.headed else format_cautions(formatter, stated),
        note=formatter.join_texts(
            [text for text in (shown.note(parts), formatter.complete_sentence(note)) if text], " "
        ),
    )


def look_of(dimension: str) -> Look:
    """Give how rows of bars by a dimension look."""
    return LOOKS.get(dimension, LOOKS[""])


def column_of(formatter: SheetFormatter, dimension: str) -> str:
    """Give the name of the parts of a dimension; first administrative levels have the country's own word."""
    return (
        formatter.level_name().capitalize() if dimension == "admin1" else formatter.translate(look_of(dimension).column)
    )


def why_left_out(formatter: SheetFormatter, table: Table) -> str:
    """Say why a sheet does without a table: donors of all sectors, what people in doubt leave, nobody of a partner's.

    Empty where the sheet has it.
    """
    stated, figures, translate = str(table.attrs.get(BREAKDOWN, "")), formatter.key_figures, formatter.translate
    if table.index.names[0] == "donor" and not formatter.has_money:
        return translate("No funding is known here.")
    if table.index.names[0] == "donor" and figures.is_intersector:
        return translate("Donors are shown by sector.")
    if table.attrs.get("figure") in DIFFERENCES and figures.in_doubt("people_reached"):
        return translate("The people still to reach are not known while the number of people reached is in doubt.")
    cells = [cell for cell in formatter.breakdown(stated).cells if cell.key != NOT_SPECIFIED]
    if stated and figures.organisation and not any(cell.present for cell in cells):
        return translate("This organization reported nothing by these parts.")
    return ""


def in_usual_order(part: str) -> int:
    """Give the place of a group by age and gender as sheets print it; other parts keep theirs."""
    return AGE_GENDER.index(part) if part in AGE_GENDER else len(AGE_GENDER)


@dataclass(frozen=True)
class _Bars:
    """Rows of bars by one dimension, in the words of a sheet."""

    formatter: SheetFormatter
    dimension: str
    look: Look
    measures: Sequence[Measure]

    @property
    def has_all_shares(self) -> bool:
        """Whether of each sector with people, of which there are some, the share of its target reached is known."""
        shares = self.formatter.key_figures.comparisons.coverage_by_sector
        reached = {part for part, cell in self.measures[0].cells.items() if cell.present}
        return bool(reached) and reached <= {*shares}

    def parts(self, order: Order) -> list[str]:
        """The parts that are shown, in their order; what was planned for others of the first measure, too."""
        planned = [part for part in self.measures[0].planned if part != NOT_SPECIFIED]
        every = dict.fromkeys([*(part for measure in self.measures for part in measure.cells), *planned])
        shown = [part for part in every if self.is_shown(part)]
        compared = self.formatter.key_figures.comparisons.coverage_by_sector

        def by_value(part: str) -> tuple[Any, ...]:
            first, *more = (measure.cell(part) for measure in self.measures)
            others = [-(cell.value or 0) for cell in more]
            return *descending_sort_key(first)[:3], *others, -self.measures[0].planned.get(part, 0), part

        def by_share(part: str) -> tuple[Any, ...]:
            return part not in compared, compared.get(part, 0), part in WITHOUT_PEOPLE, by_value(part)

        rank: Mapping[Order, Callable[[str], Any]] = {"table": in_usual_order, "value": by_value, "share": by_share}
        return sorted(shown, key=rank[order])

    def is_shown(self, part: str) -> bool:
        """Whether a part has a row: one with something, or one that may have, so that the sheet says so."""
        cells = [measure.cell(part) for measure in self.measures]
        if self.dimension == "sector" and part not in SECTORS:  # money of several sectors, or of none
            return False
        if any(cell.present for cell in cells):
            return True
        if self.dimension in (*PLACES, "sector") and self.formatter.organisation:  # it works in some of them
            return part not in UNNAMED and any(cell.reason != "no_report" for cell in cells)
        only_in = pack.about().only_in.get(part)
        somewhere = only_in is None or (only_in != "" and self.formatter.key_figures.place in (REGION, only_in))
        return part in self.measures[0].planned or (somewhere and part not in (NOT_SPECIFIED, REGIONAL))

    def rows(self, parts: Sequence[str], most: int | None) -> list[dict[str, Any]]:
        """A row for each part, but of more than ``most`` one for the others, and one for parts that have the same."""
        folded = self.folded(parts) if self.look.name in FOLDED else []
        alone = [part for part in parts if not any(part in some for some, _ in folded)]
        named, unnamed = ([part for part in alone if (part in UNNAMED) is last] for last in (False, True))
        others = named[most:] if most is not None and len(named) > most + 1 else []
        together, shown, last = self.together(len(others)), self, unnamed
        if others and not self.look.headed:
            shown = replace(self, measures=[measure.with_others(together, others) for measure in self.measures])
            last = [together, *unnamed]
        rows = [shown.row(part) for part in named if part not in others]
        if others and self.look.headed:
            rows.append(
                {"label": together, **{measure.kind: self.sum_of(others, measure) for measure in self.measures}}
            )
        for some, each in folded:
            names = "; ".join(self.formatter.category_name(part, self.dimension) for part in some)
            more = self.together(len(some))
            if others and self.dimension == "admin1":  # "11 other departments" are those of the row above
                more = f"{self.formatter.format_count(len(some))} {self.formatter.level_name(len(some))}"
            rows.append({"label": names if len(some) <= NAMED_TOGETHER else more, **each})
        return rows + [shown.row(part) for part in last]

    def together(self, count: int) -> str:
        """What parts are called that have no row of their own: 14 other provinces."""
        look, translate, number = look_of(self.dimension), self.formatter.translate, self.formatter.format_count(count)
        if self.dimension == "admin1":
            return translate("{count} other {level}", count=number, level=self.formatter.level_name(count))
        return translate.plural(look.other, look.others, count).format(count=number)

    def folded(self, parts: Sequence[str]) -> list[tuple[list[str], dict[str, Any]]]:
        """The parts of few people, and those of nobody, where there are several: which, and what each of them has."""
        folded: dict[tuple[str, ...], tuple[list[str], dict[str, Any]]] = {}
        for part in parts:
            cells = [measure.cell(part) for measure in self.measures]
            is_few = self.measures[0].unit == "people" and cells[0].status == FEW
            is_wanted = any(part in measure.planned for measure in self.measures)
            if part in (*UNNAMED, *WITHOUT_PEOPLE) or is_wanted or any(cell.present for cell in cells[is_few:]):
                continue
            each = {
                measure.kind: self.formatter.format_bar_entry(measure.cell(part), measure.unit)
                for measure in self.measures
            }
            if is_few:
                base = self.formatter.format_count(self.formatter.rounding_base(cells[0]))
                few = self.formatter.translate("fewer than {count} each", count=base)
                each[self.measures[0].kind] = build_bar_entry("not_applicable", few)
            folded.setdefault(tuple(shown["text"] for shown in each.values()), ([], each))[0].append(part)
        return [(some, each) for some, each in folded.values() if len(some) > 1]

    def row(self, part: str) -> dict[str, Any]:
        """A part under its name, with its bar of each figure."""
        translate = self.formatter.translate
        name = self.formatter.category_name(part, self.dimension)
        if part == NOT_SPECIFIED and self.dimension == "donor":
            name = translate("Passed on within the plan")
        return {"label": name, **{measure.kind: self.bar(part, measure) for measure in self.measures}}

    def bar(self, part: str, measure: Measure) -> dict[str, Any]:
        """A part as a bar on the scale of its figure and of what was planned, with its share."""
        if measure.unit == "people" and part in WITHOUT_PEOPLE:
            return build_bar_entry("not_applicable", numbers.NOTHING, spoken=self.formatter.translate("does not apply"))
        cell, goal = measure.cell(part), measure.planned.get(part)
        goals = [amount for key, amount in measure.planned.items() if key != NOT_SPECIFIED]
        longest = max(self.formatter.max_bar_length(measure.cells.values()), *goals, 0.0)
        length, shown = self.formatter.bar_length(cell), self.formatter.format_bar_entry(cell, measure.unit)
        if shown["state"] != "value" or length <= 0 or longest <= 0:
            return shown
        target = goal / longest if goal else None
        doubt = cell.doubt if measure.unit == "people" else 0.0
        return shown | {"bar": length / longest, "doubt": doubt, "target": target, "share": self.share(cell, measure)}

    def share(self, cell: FigureValue, measure: Measure) -> str:
        """Which part of what was planned for it a part is, else of all; nothing where that is not known."""
        formatter = self.formatter
        is_doubtful = cell.caution or cell.key in formatter.key_figures.comparisons.sectors_in_doubt
        if is_doubtful and measure.unit == "people" and self.look.headed:
            return formatter.translate("read with care")
        if measure.shares:
            share = measure.shares.get(cell.key)
            return formatter.format_figure_value(share, "share") if share and share.value is not None else ""
        if measure.is_of_assisted:
            return ""
        if measure.planned or self.look.headed:
            return formatter.format_share(cell.value, measure.planned.get(cell.key)) if cell.value else ""
        total = formatter.key_figures.value(measure.figure) if measure.figure in FIGURES else None
        if measure.unit == "people" and formatter.is_too_few_for_shares(total):
            return ""
        # One part may be rounded up, and all of them down; a model may see more people than the one used
        is_part = cell.value is not None and (cell.value <= (total or 0) or self.look.dimension == "model")
        return formatter.format_share(cell.value, total) if cell.value and is_part else ""

    def sum_of(self, parts: Sequence[str], measure: Measure) -> dict[str, Any]:
        """What places come to that have no row of their own. It has no bar, since it is no place."""
        cells = [measure.cell(part) for part in parts]
        known, few = sum(cell.value or 0 for cell in cells), sum(cell.status == FEW for cell in cells)
        if few and not known:
            most = numbers.less_than(few * self.formatter.key_figures.base, "people", self.formatter.language)
            return build_bar_entry("not_applicable", most)
        nothing = all(cell.value is None for cell in cells)
        return build_bar_entry(
            "not_applicable",
            self.formatter.format_bar_entry(FigureValue("", None if nothing else known), measure.unit)["text"],
        )

    def header(self, measure: Measure) -> str:
        """What stands above a column of bars."""
        if measure.is_of_assisted:
            return self.formatter.translate("Share of the people assisted")
        if measure.planned and not self.look.headed:
            return self.formatter.translate("People reached, and share of target")
        if measure.figure == "activities":
            return self.formatter.translate("Reported activities, and share of all")
        label = MEASURES.get(measure.figure) or (FIGURES[measure.figure].label if measure.figure in FIGURES else "")
        return self.formatter.translate(label if self.look.headed else self.look.share)

    def kicker(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """What the rows are called; where a plan gives what is wanted of them, what ticks and shares are of."""
        figure, look, formatter = self.measures[0].figure, self.look, self.formatter
        stated = BREAKDOWNS.get(f"{figure}_by_{look.dimension}") or FIGURES.get(figure)
        of_one = {"people_reached": look.people, "funding_usd": look.money}.get(figure)
        named = (look.both if len(self.measures) > 1 else of_one) or (stated.label if stated else "")
        if self.measures[0].is_of_assisted:
            return formatter.translate(
                "People assisted, in percent: {breakdown}", breakdown=formatter.translate(look.column)
            )
        measured = formatter.translate(
            named, as_of=formatter.format_source_date("funding"), level=formatter.level_name()
        )
        people, money = (any(row[kind]["target"] for row in rows if kind in row) for kind in ("people", "money"))
        with_ticks = KICKERS_WITH_SHARES.get((people, money))
        if self.measures[0].shares and not formatter.is_year_to_date:
            month = formatter.month_name(formatter.key_figures.period.end)
            return formatter.translate("{measure}; % of the year's target by {month}", measure=measured, month=month)
        return formatter.translate(with_ticks, measure=measured) if with_ticks else measured

    def note(self, parts: Sequence[str]) -> str:
        """What a reader must know of these parts."""
        translate, has_money = self.formatter.translate, any(measure.unit == "usd" for measure in self.measures)
        notes = [translate("Regional: not assigned to a single country.")] * (REGIONAL in parts)
        if (
            self.dimension == "platform"
            and not has_money
            and self.formatter.key_figures.value("funding_usd") is not None
        ):
            notes.append(translate("Funding by sector is published for the region only."))
        return " ".join(notes)


def why_not_shown(formatter: SheetFormatter, table: Table) -> str:
    """Why a sheet does without the parts of a figure: none is known, or all are in doubt; empty where it has them."""
    stated, measure = str(table.attrs.get(BREAKDOWN, "")), Measure.of(formatter, table)
    if measure.is_of_assisted and measure.cells:
        return ""
    if any(cell.present or cell.status == NOT_COUNTED for cell in measure.cells.values() if cell.key != NOT_SPECIFIED):
        return "" if formatter.is_internal else format_caution_reasons(formatter, stated)
    reasons = {cell.reason for cell in measure.cells.values()} & WHOLE_BREAKDOWN_REASONS
    return formatter.translate(REASONS[reasons.pop()] if reasons else N_("no partner reported it"))


def bar_table(span: int, *, uid: str, measures: tuple[str, ...] = ("people",), **view: Any) -> Block:
    """A block of rows with bars: a label, and for each measure (people, money) a part.

    Where ``headed``, the columns have visible headers.
    """
    looks = {"caution": "", "headed": False, "note": ""}
    blank = {"finding": "", "rows": []} if view.get("empty") else {}
    looks["hatched"] = any(row[kind]["doubt"] for row in view.get("rows", []) for kind in measures if kind in row)
    texts = {"measures": list(measures), "empty": None, **looks, **view, **blank}
    return Block.of("bars", span, uid=uid, **lay_out_rows({**texts, "span": span}))


def lay_out_rows(view: Mapping[str, Any]) -> dict[str, Any]:
    """Return the view of a block of rows with what HTML and PDF lay out alike.

    ``label_share`` of the width is for the labels; rows that are ``close`` are lower; ``beside_em`` is, by measure, the
    room that the longest bar leaves for the longest text beside a bar, in sizes of its type.
    """
    headed, rows, measures, span = view["headed"], view["rows"], view["measures"], view["span"]
    beside_em = {measure: room_beside(rows, measure) for measure in measures}
    labels_mm = LABELS_MM.get(span, LABELS_MM[6])
    if headed:
        needed_mm = max((width_of(str(row["label"]), size=TEXT_PT) for row in rows), default=0.0) + LABEL_GAP_MM
        most_mm = MAX_FULL_LABELS_MM if span == columns_of("full") else MAX_HEADED_LABELS_MM[len(measures)]
        widest_em = max((beside_em[measure] for measure in measures), default=0.0)
        left_mm = width_in_mm(span) - len(measures) * (MIN_BAR_MM + widest_em * TEXT_PT / 72 * 25.4)
        labels_mm = max(MIN_HEADED_LABELS_MM, min(needed_mm, most_mm, left_mm))
    elif labels_mm == LABELS_MM[6] and max((len(row["label"]) for row in rows), default=0) > LONG_LABEL:
        labels_mm = LONG_LABELS_MM
    layout = {"label_share": labels_mm / width_in_mm(span), "close": bool(headed) and len(rows) >= CLOSE_FROM}
    return {**view, **layout, "beside_em": beside_em}


def room_beside(rows: Sequence[Mapping[str, Any]], measure: str, size: float = TEXT_PT) -> float:
    """Give the room for the widest text beside a bar of a measure, with the white around it.

    It is in sizes of its type, which is of ``size`` pt.
    """

    def width_mm(part: Mapping[str, Any]) -> float:
        share = f" {part['share']}" if part["share"] else ""
        return width_of(part["text"], weight=600, size=size) + (
            width_of(share, size=size) + SHARE_GAP_MM if share else 0
        )

    parts = [row[measure] for row in rows if measure in row]
    widest = max((width_mm(part) for part in parts if part["state"] == "value"), default=0.0)
    return (widest + BESIDE_MM) / (size / 72 * 25.4)
